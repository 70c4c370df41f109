package delegation

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// Ends returns what ends with the changes of one revision, after those of the
// same revision that say so themselves: rules GIVE-6 (a client delegation whose
// basis is gone), LIFE-1 (the grants of a person who died) and LIFE-3. It costs
// what the changes touch, whatever the register's size.
func Ends(s *index.Snapshot, changes []fullmakt.Change) []fullmakt.Change {
	t := NewTracker(s.Catalogue())
	for _, ch := range changes {
		t.See(ch)
	}
	for _, p := range t.Parties(func(client fullmakt.PartyNo) bool { return hasClientEdge(s, client) }) {
		for _, fact := range factsAbout(s, p) {
			t.Before(fact)
		}
	}
	return t.Ends()
}

func hasClientEdge(s *index.Snapshot, client fullmakt.PartyNo) bool {
	_, holders, _ := s.Look(client)
	return slices.ContainsFunc(holders, index.Edge.Client)
}

// factsAbout returns what a snapshot holds of what a party gave and received.
func factsAbout(s *index.Snapshot, p fullmakt.PartyNo) (facts []fullmakt.Change) {
	_, holders, held := s.Look(p)
	between := func(from, to fullmakt.PartyNo, e index.Edge) {
		switch {
		case e.Grant():
			for _, g := range grantsBetween(s, from, to) {
				facts = append(facts, g)
			}
		case e.Client():
			for _, d := range s.Delegations(from, to) {
				facts = append(facts, delegationOf(s, &d))
			}
		case e.Agent():
			if agent, ok := s.Agent(from, to); ok {
				facts = append(facts, agent)
			}
		}
	}
	for _, e := range holders {
		between(p, e.Party, e)
	}
	for _, e := range held {
		between(e.Party, p, e)
	}
	return facts
}

// delegationOf returns an index delegation as the log writes it.
func delegationOf(s *index.Snapshot, d *index.ClientDelegation) fullmakt.ClientDelegation {
	out := fullmakt.ClientDelegation{
		Provider: d.Provider, Client: d.Client, Agent: d.Agent, Package: d.Unknown, Role: s.RoleCode(d.Role), GivenBy: d.GivenBy,
	}
	if d.Package != catalogue.NoPackage {
		out.Package = s.Catalogue().Package(d.Package).Code
	}
	return out
}
