package pdp_test

import (
	"slices"

	"github.com/fullmakt/fullmakt"
)

// Rule CLIENT of the reference evaluator.

// delegated is a client delegation as a step: the agent holds the package at the
// provider, for the client.
func delegated(d fullmakt.ClientDelegation) step {
	return step{kind: "client", at: d.Provider, holder: d.Agent, pkg: d.Package}
}

// restingOn lists the client delegations to s that rest on a basis: the client is
// where the basis is held, the provider is who holds it there, and the basis is
// the role that the delegation names, or with none a grant of its package. The
// provider is an organisation; s is a person or an agent system user.
func (r *reference) restingOn(basis step, s fullmakt.PartyNo) (list []fullmakt.ClientDelegation) {
	for _, d := range r.delegations {
		rests := d.Role != "" && basis.registered() && basis.role == d.Role ||
			d.Role == "" && basis.kind == "grant" && basis.pkg != "" && basis.pkg == d.Package
		if r.wrong.anyBasis {
			rests = basis.kind != "eckey"
		}
		if !d.Ended && d.Agent == s && d.Client == basis.at && d.Provider == basis.holder && rests &&
			r.party(d.Provider).ID.Kind == fullmakt.KindOrganisation && r.mayBeAgent(s) {
			list = append(list, d)
		}
	}
	return list
}

func (r *reference) mayBeAgent(s fullmakt.PartyNo) bool {
	return r.party(s).ID.Kind == fullmakt.KindPerson || r.wrong.anyAgent ||
		slices.ContainsFunc(r.systemUsers, func(u fullmakt.SystemUser) bool { return u.Party == s && u.Agent })
}

// clientViolations lists what is against a delegation beside its basis and its
// agent: the provider's own life, a package that is not open to client delegation,
// and an agent who is the provider's agent no more.
func (r *reference) clientViolations(d fullmakt.ClientDelegation) []fullmakt.Reason {
	delegable := false
	for _, p := range r.packages {
		delegable = delegable || p.Code == d.Package && p.Delegable
	}
	agent := slices.ContainsFunc(r.agents, func(a fullmakt.Agent) bool {
		return a.Provider == d.Provider && a.Agent == d.Agent && !a.Ended
	})
	return slices.Concat(
		r.standing(d.Provider),
		against(fullmakt.ReasonNotDelegable, !delegable && !r.wrong.anyPackage),
		against(fullmakt.ReasonNoRelation, !agent && !r.wrong.endedAgent))
}

// only is what a delegation of one package takes of what its basis confers. CLIENT
// gives nothing on, and no single right.
func (r *reference) only(c *conferral, code string) *conferral {
	one := &conferral{}
	for _, p := range r.packages {
		if p.Code == code {
			one.use[p.ID], one.otherForm[p.ID] = c.use[p.ID], c.otherForm[p.ID]
			one.give[p.ID] = c.use[p.ID] && r.wrong.clientGives
		}
	}
	return one
}
