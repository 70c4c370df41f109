package web

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

// absent says plainly, beside the near misses of a no, which ways to a yes there
// are none of, and what the subject has that gives something else.
func (v *view) absent(q pdp.Query, a *text.Answer) (lines []string) {
	if q.Subject == q.For && a.For.Kind == fullmakt.KindOrganisation {
		return []string{v.say("web.check.absent.self")}
	}
	none := func(key string, list []string, pairs ...any) {
		if pairs = append(pairs, "for", a.For.Label()); len(list) == 0 {
			lines = append(lines, v.say("web.check.absent."+key+".none", pairs...))
			return
		}
		lines = append(lines, v.say("web.check.absent."+key+".other", append(pairs, "list", v.few(list))...))
	}
	near := func(base fullmakt.Rule) bool {
		return slices.ContainsFunc(a.NearMisses, func(m text.Path) bool { return m.Base == base && m.Extension == "" })
	}
	roles, grants := v.heldAt(q.Subject, q.For)
	if !near(fullmakt.RuleDirect) {
		none("role", roles)
		none("grant", grants)
	}
	if !near(fullmakt.RuleNest) {
		lines = append(lines, v.absentHop(q, a)...)
	}
	person := a.Subject.Kind == fullmakt.KindPerson
	if q.Package != catalogue.NoPackage && person && !near(fullmakt.RuleClient) {
		none("client", v.clientPackages(q.For, q.Subject))
	}
	if unit := v.mainUnit(q.For); unit != 0 && !slices.ContainsFunc(a.NearMisses, func(m text.Path) bool { return m.Extension == fullmakt.RuleSub }) {
		lines = append(lines, v.say("web.check.absent.main-unit", "unit", v.party(unit).Label()))
	}
	return lines
}

// heldAt returns the roles that a party has at another, and what it was given there.
func (v *view) heldAt(holder, at fullmakt.PartyNo) (roles, grants []string) {
	t := v.teller()
	_, _, held := v.snap.Look(holder)
	for _, e := range held {
		if e.Party == at && registered(e) {
			roles = append(roles, v.texts.RoleName(t.Role(e.Role())))
		}
	}
	for _, g := range v.snap.Grants(at, holder) {
		switch {
		case g.ECKEY:
			grants = append(grants, v.say("step.eckey"))
		case g.Right != 0:
			right := t.Right(g.Right)
			grants = append(grants, v.say("web.check.right", "right", right.Right, "resource", right.Resource))
		default:
			grants = append(grants, v.texts.PackageName(t.Package(g.Package)))
		}
	}
	slices.Sort(roles)
	slices.Sort(grants)
	return slices.Compact(roles), slices.Compact(grants)
}

// registered reports whether an edge is a role of the register, itself and no
// consequence of another.
func registered(e index.Edge) bool {
	return !e.Grant() && !e.SubUnit() && !e.Client() && !e.Agent() && !e.Derived()
}

// mostBetween is how many organisations in the middle are named.
const mostBetween = 3

// absentHop tells why no hop leads on: the subject has no key role anywhere, or
// those where it has one hold nothing at the party acted for, or something that
// does not give this.
func (v *view) absentHop(q pdp.Query, a *text.Answer) (lines []string) {
	if !v.mayLook(q.Subject) { // what it leads elsewhere is not the visitor's to know
		return []string{v.say("web.check.absent.key.nowhere", "for", a.For.Label())}
	}
	led := v.led(q.Subject, q.At)
	if len(led) == 0 {
		return []string{v.say("web.check.absent.key.none")}
	}
	_, holders, _ := v.snap.Look(q.For)
	var with, without []string
	for _, e := range holders {
		if led[e.Party] && !e.SubUnit() && !e.Client() && !e.Agent() {
			roles, grants := v.heldAt(e.Party, q.For)
			what := append(roles, grants...)
			if name := v.party(e.Party).Label(); len(what) > 0 {
				if line := v.say("web.check.absent.key.other", "between", name, "list", v.few(what), "for", a.For.Label()); !slices.Contains(with, line) && len(with) < mostBetween {
					with = append(with, line)
				}
			}
		}
	}
	if len(with) > 0 {
		return with
	}
	for p := range led {
		without = append(without, v.party(p).Label())
	}
	slices.Sort(without)
	return []string{v.say("web.check.absent.key.nothing", "between", v.few(without), "for", a.For.Label())}
}

// led returns the organisations at which a party holds a key role (rule KEY-1).
func (v *view) led(p fullmakt.PartyNo, at int64) map[fullmakt.PartyNo]bool {
	led := map[fullmakt.PartyNo]bool{}
	now := v.snap.Catalogue().At(at)
	_, _, held := v.snap.Look(p)
	for _, e := range held {
		if registered(e) && !e.Ended() && now.Key(e.Role()) {
			led[e.Party] = true
		}
		if !e.Grant() {
			continue
		}
		for _, g := range v.snap.Grants(e.Party, p) {
			if g.ECKEY && g.Valid.Contains(at) {
				led[e.Party] = true
			}
		}
	}
	return led
}

// clientPackages returns what providers let an agent use for a client.
func (v *view) clientPackages(client, agent fullmakt.PartyNo) (names []string) {
	for _, d := range v.snap.Delegations(client, agent) {
		names = append(names, v.texts.PackageName(v.teller().Package(d.Package)))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// mainUnit returns the main unit of a sub-unit; 0 of any other party.
func (v *view) mainUnit(p fullmakt.PartyNo) fullmakt.PartyNo {
	n := v.snap.Node(p)
	if form := v.snap.Catalogue().Form(n.Form); n.Form == 0 || form == nil || !form.SubUnit {
		return 0
	}
	return n.Parent
}

// few joins names, and counts those beyond a few.
func (v *view) few(list []string) string {
	const most = 4
	if rest := len(list) - most; rest > 1 {
		return v.say("remedy.more", "parties", v.texts.List(list[:most]), "n", rest)
	}
	return v.texts.List(list)
}
