package delegation

import (
	"cmp"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// Tracker works out what ends with a revision from the stream of its changes and
// the few facts that they touch, so that a bulk import needs no snapshot. Use it
// in this order: See every change, tell Before the facts about Parties, Ends.
type Tracker struct {
	// Keep, if set, tells which organisations matter: those that are clients in
	// some delegation. An import sees a million others.
	Keep func(client fullmakt.PartyNo) bool

	catalogue *catalogue.Catalogue
	orgs      map[fullmakt.PartyNo]fullmakt.Organisation // the last version seen
	dead      map[fullmakt.PartyNo]bool                  // persons who died
	gone      map[fullmakt.PartyNo]bool                  // users that ended
	purged    map[fullmakt.PartyNo]bool
	facts     map[identity]fullmakt.Change // grants, agents and delegations after the revision
	seen      map[identity]bool            // of these, what the revision speaks of
}

// identity is the identity of a grant, an agent relation or a delegation.
type identity struct {
	kind                byte
	client, from, agent fullmakt.PartyNo // from: of a grant its receiver, else the provider
	pkg, resource, key  string
	role                fullmakt.RoleCode
}

func grantIdentity(client, from fullmakt.PartyNo, pkg string) identity {
	return identity{kind: 'g', client: client, from: from, pkg: pkg}
}

func agentIdentity(provider, agent fullmakt.PartyNo) identity {
	return identity{kind: 'a', from: provider, agent: agent}
}

func identify(ch fullmakt.Change) (id identity, ended, ok bool) {
	switch c := ch.(type) {
	case fullmakt.Grant:
		id = grantIdentity(c.From, c.To, c.Package)
		id.role, id.resource, id.key = c.Role, c.Resource, c.Right
		return id, c.Ended, true
	case fullmakt.Agent:
		return agentIdentity(c.Provider, c.Agent), c.Ended, true
	case fullmakt.ClientDelegation:
		return identity{kind: 'd', client: c.Client, from: c.Provider, agent: c.Agent, pkg: c.Package, role: c.Role}, c.Ended, true
	}
	return identity{}, false, false
}

// NewTracker returns a tracker that has seen nothing.
func NewTracker(c *catalogue.Catalogue) *Tracker {
	return &Tracker{
		catalogue: c,
		orgs:      map[fullmakt.PartyNo]fullmakt.Organisation{},
		dead:      map[fullmakt.PartyNo]bool{},
		gone:      map[fullmakt.PartyNo]bool{},
		purged:    map[fullmakt.PartyNo]bool{},
		facts:     map[identity]fullmakt.Change{},
		seen:      map[identity]bool{},
	}
}

// See takes one change of the revision. A later one of the same thing replaces it.
func (t *Tracker) See(ch fullmakt.Change) {
	switch c := ch.(type) {
	case fullmakt.Organisation:
		if t.Keep == nil || t.Keep(c.Party) {
			t.orgs[c.Party] = c
		}
	case fullmakt.Person:
		mark(t.dead, c.Party, c.Dead)
	case fullmakt.EnterpriseUser:
		mark(t.gone, c.Party, c.Ended)
	case fullmakt.SystemUser:
		mark(t.gone, c.Party, c.Ended)
	case fullmakt.Purge:
		t.purged[c.Party] = true
	default:
		if id, _, ok := identify(ch); ok {
			t.facts[id], t.seen[id] = ch, true
		}
	}
}

func mark(set map[fullmakt.PartyNo]bool, p fullmakt.PartyNo, in bool) {
	if in {
		set[p] = true
	} else {
		delete(set, p)
	}
}

// Parties returns the parties of which Before is to be told what they gave and
// received, in rising order. isClient tells which parties are clients in some
// delegation.
func (t *Tracker) Parties(isClient func(fullmakt.PartyNo) bool) []fullmakt.PartyNo {
	var parties []fullmakt.PartyNo
	for p := range t.orgs {
		if isClient(p) {
			parties = append(parties, p)
		}
	}
	for p := range t.dead {
		parties = append(parties, p)
	}
	for p := range t.gone {
		parties = append(parties, p)
	}
	for _, ch := range t.facts {
		switch c := ch.(type) {
		case fullmakt.Grant: // may be the basis of delegations
			if c.Ended && c.Package != "" && isClient(c.From) {
				parties = append(parties, c.From)
			}
		case fullmakt.Agent:
			if c.Ended {
				parties = append(parties, c.Agent)
			}
		}
	}
	slices.Sort(parties)
	return slices.DeleteFunc(slices.Compact(parties), func(p fullmakt.PartyNo) bool { return t.purged[p] })
}

// Before takes a fact that was in force before the revision. Facts that end with
// nothing are no matter.
func (t *Tracker) Before(fact fullmakt.Change) {
	if id, ended, ok := identify(fact); ok && !ended && !t.seen[id] {
		t.facts[id] = fact
	}
}

// Ends returns what ends and is not said by the revision itself to end: grants,
// then agent relations, then delegations, each by parties.
func (t *Tracker) Ends() []fullmakt.Change {
	var ends []fullmakt.Change
	// Each kind may rest on the one before.
	for _, why := range []func(fullmakt.Change) fullmakt.Cause{t.grantEnds, t.agentEnds, t.give6} {
		from := len(ends)
		for id, fact := range t.facts {
			if cause := why(fact); cause != fullmakt.CauseNone {
				fact = withEnd(fact, cause)
				t.facts[id] = fact
				ends = append(ends, fact)
			}
		}
		slices.SortFunc(ends[from:], compareEnds)
	}
	return slices.DeleteFunc(ends, t.namesPurged)
}

// grantEnds is the part of rule LIFE-1 that says that grants from a person who
// died end, and that what a user was given ends with it.
func (t *Tracker) grantEnds(fact fullmakt.Change) fullmakt.Cause {
	g, ok := fact.(fullmakt.Grant)
	switch {
	case !ok || g.Ended:
	case t.dead[g.From]:
		return fullmakt.CauseRegister
	case t.gone[g.To]:
		return fullmakt.CauseCascade
	}
	return fullmakt.CauseNone
}

// agentEnds ends the agent relations of a person who died or a user that ended.
func (t *Tracker) agentEnds(fact fullmakt.Change) fullmakt.Cause {
	a, ok := fact.(fullmakt.Agent)
	switch {
	case !ok || a.Ended:
	case t.dead[a.Agent]:
		return fullmakt.CauseRegister
	case t.gone[a.Agent]:
		return fullmakt.CauseCascade
	}
	return fullmakt.CauseNone
}

// give6 is rule GIVE-6: a client delegation ends when the provider no longer holds
// its basis, and with the agent relation. A role set replaced by one that still
// holds the provider ends nothing.
func (t *Tracker) give6(fact fullmakt.Change) fullmakt.Cause {
	d, ok := fact.(fullmakt.ClientDelegation)
	if !ok || d.Ended {
		return fullmakt.CauseNone
	}
	if agent, ok := t.facts[agentIdentity(d.Provider, d.Agent)].(fullmakt.Agent); ok && agent.Ended {
		return caused(agent.Cause)
	}
	if d.Role == "" {
		if g, ok := t.facts[grantIdentity(d.Client, d.Provider, d.Package)].(fullmakt.Grant); ok && g.Ended {
			return caused(g.Cause)
		}
		return fullmakt.CauseNone
	}
	if client, changed := t.orgs[d.Client]; changed && !t.holds(client, d.Provider, d.Role) {
		return fullmakt.CauseRegister
	}
	return fullmakt.CauseNone
}

// caused is the cause of an end that another end brings: the register's, or that
// the last day passed, goes on; what somebody did is a cascade.
func caused(by fullmakt.Cause) fullmakt.Cause {
	if by == fullmakt.CauseRegister || by == fullmakt.CauseExpired {
		return by
	}
	return fullmakt.CauseCascade
}

// holds reports whether a party holds a role at an organisation, registered or
// derived from one (rule FORM-1), and not deregistered.
func (t *Tracker) holds(at fullmakt.Organisation, holder fullmakt.PartyNo, role fullmakt.RoleCode) bool {
	return slices.ContainsFunc(at.Roles, func(r fullmakt.Role) bool {
		return r.Holder == holder && !r.Ended && (t.sameRole(r.Code, role) || t.derives(r.Code, at.Form, role))
	})
}

// sameRole reports whether two codes mean one role: feeds may spell a code in
// another letter case than the catalogue.
func (t *Tracker) sameRole(a, b fullmakt.RoleCode) bool {
	id := t.catalogue.RoleID(a)
	return a == b || id != 0 && id == t.catalogue.RoleID(b)
}

func (t *Tracker) derives(from fullmakt.RoleCode, form fullmakt.OrgForm, to fullmakt.RoleCode) bool {
	c := t.catalogue
	return slices.ContainsFunc(c.Derivations(), func(d catalogue.Derivation) bool {
		return c.RoleID(from) == d.From && c.FormID(form) == d.Form && c.RoleID(to) == d.To
	})
}

func withEnd(fact fullmakt.Change, cause fullmakt.Cause) fullmakt.Change {
	switch c := fact.(type) {
	case fullmakt.Grant:
		c.Ended, c.Cause = true, cause
		return c
	case fullmakt.Agent:
		c.Ended, c.Cause = true, cause
		return c
	case fullmakt.ClientDelegation:
		c.Ended, c.Cause = true, cause
		return c
	}
	return fact
}

// namesPurged reports whether a fact goes with a party that the revision purges,
// so that nothing can be said of it any more (rule LIFE-2).
func (t *Tracker) namesPurged(fact fullmakt.Change) bool {
	id, _, _ := identify(fact)
	return t.purged[id.client] || t.purged[id.from] || t.purged[id.agent]
}

func compareEnds(a, b fullmakt.Change) int {
	x, _, _ := identify(a)
	y, _, _ := identify(b)
	return cmp.Or(cmp.Compare(x.client, y.client), cmp.Compare(x.from, y.from), cmp.Compare(x.agent, y.agent),
		cmp.Compare(x.pkg, y.pkg), cmp.Compare(x.role, y.role), cmp.Compare(x.resource, y.resource), cmp.Compare(x.key, y.key))
}
