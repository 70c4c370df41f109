package delegation_test

import (
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

// has tells whether a party may use, by a grant of another's, what an item names: a
// package or RESOURCE#RIGHT.
func (m *model) has(from, to fullmakt.PartyNo, item string) bool {
	g := fullmakt.Grant{From: from, To: to, Package: item}
	if resource, key, isRight := strings.Cut(item, "#"); isRight {
		g.Package, g.Resource, g.Right = "", resource, key
	}
	g, there := m.grants[grantKey(g)]
	return there && g.Valid.Contains(m.at)
}

// changing are the change requests of a vendor about the standard system user, and
// the answers to them.
func (m *modelRun) changing() map[string]func(*rapid.T) {
	change := func(rt *rapid.T) {
		owner, user := m.names["A AS"], m.names["system"]
		names := rapid.SliceOfNDistinct(rapid.SampledFrom(modelPackages), 0, 4, rapid.ID).Draw(rt, "packages")
		if rapid.IntRange(0, 3).Draw(rt, "usual") < 3 { // of what the user, and whoever answers, may have
			names = []string{"skatt-naering", "jordbruk", modelResource + "#" + m.rights["read"], modelResource + "#" + m.rights["write"]}
			names = rapid.Permutation(names).Draw(rt, "usual packages")[:rapid.IntRange(1, 4).Draw(rt, "so many")]
			to, pkg := m.one(rt, "prepared", "system", "Ola O", "Ola O"), rapid.SampledFrom([]string{"tilgangsstyrer", "jordbruk"}).Draw(rt, "with")
			if to == user {
				pkg = "skatt-naering"
			}
			out, err := m.by(0).Give(delegation.Give{From: owner, To: to, Identified: true, Items: items(pkg)})
			m.check(rt, "give", m.gives(0, owner, to, pkg), out, err)
		}
		cut := rapid.IntRange(0, len(names)).Draw(rt, "required")
		required, unwanted := names[:cut], names[cut:]
		ask := delegation.SystemAsk{ID: uuid(byte(1 + m.done["ask for change"]%250)), User: m.systemUser()}
		ask.Packages, ask.Rights = m.named(required)
		ask.UnwantedPackages, ask.UnwantedRights = m.named(unwanted)
		refused := func(by fullmakt.PartyNo) func(string) bool {
			return func(item string) bool { return !m.gives(by, owner, user, item) }
		}
		needed := slices.DeleteFunc(slices.Clone(required), func(item string) bool { return m.has(owner, user, item) })
		want := m.alive(owner) && len(names) > 0 && !slices.ContainsFunc(required, refused(0))
		by := m.by(0)
		by.RightsTo = delegation.RightsTo(m.library.At(m.s))
		k, out, err := by.AskForChange(ask)
		m.check(rt, "ask for change", want, out, err)
		if err != nil {
			return
		}
		if len(out.Changes) == 0 && k.ID == ask.ID { // and no earlier request like it waits
			if len(needed) > 0 || slices.ContainsFunc(unwanted, func(item string) bool { return m.has(owner, user, item) }) {
				rt.Fatalf("a change is needed and was not sent: %v, %v", required, unwanted)
			}
			return
		}
		a := m.actor(rt)
		if rapid.Bool().Draw(rt, "Ola answers") {
			a = m.by(m.names["Ola O"])
		}
		a.Snapshot, a.RightsTo = m.s, by.RightsTo
		want = m.mayAct(a.Actor) && m.administers(a.Actor, owner) && !slices.ContainsFunc(needed, refused(a.Actor))
		out, err = a.ApproveSystemAsk(k.ID, delegation.NewSystemUser{})
		m.check(rt, "change", want, out, err)
		for i, item := range names {
			if err == nil && m.has(owner, user, item) != (i < cut) {
				rt.Fatalf("%s after the change: required %v, unwanted %v", item, required, unwanted)
			}
		}
	}
	return map[string]func(*rapid.T){"change": change}
}

// named returns items as requests name them, the rights by action.
func (m *model) named(items []string) (packages []string, rights []delegation.SystemRight) {
	for _, item := range items {
		resource, key, isRight := strings.Cut(item, "#")
		if !isRight {
			packages = append(packages, item)
			continue
		}
		for action, k := range m.rights {
			if k == key {
				rights = append(rights, delegation.SystemRight{Resource: resource, Action: action})
			}
		}
	}
	return packages, rights
}
