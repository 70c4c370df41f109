package delegation_test

import (
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

const modelScheme = "ordning"

// modelSchemePackages are the packages that open modelScheme: one that every form of
// organisation has, and one for a NUF alone.
var modelSchemePackages = []string{"delegerbare-maskinporten-scopes", "delegerbare-maskinporten-scopes-NUF"}

// looksAfterScopes is who, by SCOPE-1, stands where GIVE-1 has the access manager.
func (m *model) looksAfterScopes(s, o fullmakt.PartyNo) bool {
	return s == 0 || m.uses(s, o, "maskinporten-administrator") || m.uses(s, o, "hovedadministrator")
}

// givesScopes is SCOPE-1.
func (m *model) givesScopes(s, from, to fullmakt.PartyNo) bool {
	for _, end := range []fullmakt.PartyNo{from, to} {
		if m.kind[end] != fullmakt.KindOrganisation || !m.alive(end) {
			return false
		}
	}
	if from == to || !m.mayAct(s) {
		return false
	}
	for _, pkg := range modelSchemePackages {
		if m.mayGiveAs(s, from, pkg, m.looksAfterScopes(s, from)) {
			return true
		}
	}
	return false
}

// scoping are the commands about Maskinporten scopes.
func (m *modelRun) scoping() map[string]func(*rapid.T) {
	ends := func(rt *rapid.T) (from, to fullmakt.PartyNo) {
		if rapid.IntRange(0, 3).Draw(rt, "any ends") == 0 {
			return m.party(rt, "from"), m.party(rt, "to")
		}
		return m.one(rt, "consumer", modelOrganisations...), m.one(rt, "supplier", "B AS", "F AS")
	}
	// end is a command that ends scopes, often ones that are given, by who looks after
	// those of one end: 0 is who gives, 1 the supplier.
	end := func(what string, command func(*delegation.Acting, delegation.RevokeScopes) (*delegation.Outcome, error), side int) func(*rapid.T) {
		return func(rt *rapid.T) {
			from, to := ends(rt)
			if rapid.IntRange(0, 3).Draw(rt, "given ones") > 0 {
				if len(m.scopes) == 0 {
					from, to = m.names["A AS"], m.names["F AS"]
					out, err := m.by(0).GiveScopes(delegation.GiveScopes{From: from, To: to, Schemes: []delegation.Scheme{m.schemeOf(modelScheme)}})
					m.check(rt, "give scopes", m.givesScopes(0, from, to), out, err)
				} else {
					given := slices.SortedFunc(maps.Keys(m.scopes), byNumbers)
					one := rapid.SampledFrom(given).Draw(rt, "given")
					from, to = one[0], one[1]
				}
			}
			a := m.often(rt)
			c := delegation.RevokeScopes{From: from, To: to, All: rapid.Bool().Draw(rt, "all"), Cascade: rapid.Bool().Draw(rt, "cascade")}
			if !c.All {
				c.Schemes = []string{modelScheme}
			}
			_, there := m.scopes[[2]fullmakt.PartyNo{from, to}]
			want := m.mayAct(a.Actor) && (!c.All || c.Cascade || !there) && m.looksAfterScopes(a.Actor, []fullmakt.PartyNo{from, to}[side])
			out, err := command(a, c)
			m.check(rt, what, want, out, err)
		}
	}
	return map[string]func(*rapid.T){
		"give scopes": func(rt *rapid.T) {
			a := m.actor(rt)
			from, to := ends(rt)
			if who, ok := m.caretaker(rt); ok && rapid.Bool().Draw(rt, "by a caretaker") {
				a, from = m.by(who), m.names["A AS"]
			}
			out, err := a.GiveScopes(delegation.GiveScopes{From: from, To: to, Schemes: []delegation.Scheme{m.schemeOf(modelScheme)}, Valid: m.valid(rt)})
			m.check(rt, "give scopes", m.givesScopes(a.Actor, from, to), out, err)
		},
		"revoke scopes":   end("revoke scopes", (*delegation.Acting).RevokeScopes, 0),
		"renounce scopes": end("renounce scopes", (*delegation.Acting).RenounceScopes, 1),
	}
}
