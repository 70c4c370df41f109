package pdp_test

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt"
)

// What the random worlds have of agents, client delegations, system users and
// scope grants.

func (g *maker) systemUser(no fullmakt.PartyNo) fullmakt.SystemUser {
	return fullmakt.SystemUser{Party: no, Owner: g.owner[no], Agent: !oneIn(g.t, 4, "standard"), Ended: oneIn(g.t, 6, "system user ended")}
}

// delegate makes a client delegation. Mostly all that it needs is there or is
// made: the client is one of the provider's, by a role or a grant, the package is
// one that accountants have, and the agent is the provider's.
func (g *maker) delegate() {
	f, t := replay(g.log), g.t
	var agents []fullmakt.PartyNo
	agents = append(agents, g.folk...)
	agents = append(agents, g.systems...)
	if oneIn(t, 8, "any agent") {
		agents = slices.Concat(g.orgs, g.folk, g.users, g.systems)
	}
	if len(agents) == 0 {
		return
	}
	d := fullmakt.ClientDelegation{
		Agent:   pick(t, "agent", agents...),
		Package: pick(t, "delegated", clientPackages...),
	}
	type base struct {
		client, provider fullmakt.PartyNo
		role             fullmakt.RoleCode
		pkg              string
	}
	var bases []base
	for _, o := range f.orgs {
		for _, role := range o.Roles {
			if f.party(role.Holder).ID.Kind == fullmakt.KindOrganisation {
				bases = append(bases, base{o.Party, role.Holder, role.Code, ""})
			}
		}
	}
	for _, grant := range f.grants {
		if grant.Package != "" && f.party(grant.To).ID.Kind == fullmakt.KindOrganisation {
			bases = append(bases, base{grant.From, grant.To, "", grant.Package})
		}
	}
	switch {
	case len(bases) == 0 || oneIn(t, 6, "any basis"):
		d.Client, d.Provider = pick(t, "client", slices.Concat(g.orgs, g.folk)...), pick(t, "provider", g.orgs...)
		d.Role = pick[fullmakt.RoleCode](t, "rests on", "REGN", "", "DAGL", "REVI", "KNUF", "SREVA")
		if d.Client == d.Provider {
			return
		}
	default:
		b := pick(t, "basis", bases...)
		d.Client, d.Provider, d.Role = b.client, b.provider, b.role
		if b.pkg != "" && !oneIn(t, 5, "another package") {
			d.Package = b.pkg
		}
		if b.client == b.provider {
			return
		}
	}
	if d.Agent == d.Provider || d.Agent == d.Client {
		return // the store takes no such facts
	}
	d.GivenBy, d.Ended = d.Provider, oneIn(t, 7, "delegation ended")
	g.log = append(g.log, d)
	if !oneIn(t, 5, "no agent") {
		g.log = append(g.log, fullmakt.Agent{Provider: d.Provider, Agent: d.Agent, Since: noon - 5000, Ended: oneIn(t, 6, "agent ended")})
	}
	if rapid.Bool().Draw(t, "and for another client") && d.Role != "" {
		again := d
		again.Package = pick(t, "delegated too", clientPackages...)
		g.log = append(g.log, again)
	}
}

// clientPackages are what is delegated: what the roles of the worlds have, open to
// client delegation or not.
var clientPackages = []string{"skatt-naering", "regnskapsforer-lonn", "jordbruk", "tilgangsstyrer", "forretningsforer-eiendom",
	"delegerbare-maskinporten-scopes-NUF", "hovedadministrator", "innbygger-kjoretoy", unknownPackage}

func (g *maker) scopeGrant() fullmakt.ScopeGrant {
	from := rapid.IntRange(0, len(g.orgs)-2).Draw(g.t, "from")
	to := rapid.IntRange(from+1, len(g.orgs)-1).Draw(g.t, "to")
	return fullmakt.ScopeGrant{From: g.orgs[from], To: g.orgs[to], Scheme: "ordningen", Since: noon,
		Valid: pick(g.t, "valid", worldIntervals...), Ended: oneIn(g.t, 5, "scopes ended")}
}
