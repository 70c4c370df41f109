package delegation_test

import (
	"slices"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

func TestGIVE1(t *testing.T) {
	w := bergen(t)
	w.role("Trondheim AS LEDE Oslo AS", "Ola Dal DAGL Trondheim AS", "Nina Vik REGN Bergen AS")
	// By a role, directly and one hop on.
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Trondheim AS", "skatt-naering")))
	w.do(w.by("Ola Dal").Give(w.give("Oslo AS", "Nina Vik", "skatt-naering")))
	w.want("Bergen AS gives Trondheim AS skatt-naering", "Oslo AS gives Nina Vik skatt-naering")
	g := w.last[0].(fullmakt.Grant)
	if g.GivenBy != w.no("Ola Dal") || g.Basis != "GIVE-1 held_via_nesting" {
		t.Errorf("given by %d on basis %q", g.GivenBy, g.Basis)
	}
	// (c) holding is not enough: Trondheim AS's director holds it at Bergen AS, and administers nothing there.
	w.refused(w.by("Ola Dal").Give(w.give("Bergen AS", "Nina Vik", "skatt-naering")))("/items/0 not_administrator GIVE-1")
	// (b) not assignable, and for another kind of party.
	w.refused(w.by("Kari Lie").Give(w.give("Bergen AS", "Ola Dal", "regnskapsforer-lonn", "innbygger-kjoretoy")))(
		"/items/0 not_assignable GIVE-1", "/items/1 wrong_party_type GIVE-1")
	// (a) an access manager gives what it holds by a grant, and no more.
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Trondheim AS", "tilgangsstyrer")))
	w.do(w.by("Ola Dal").Give(w.give("Bergen AS", "Nina Vik", "skatt-naering")))
	w.refused(w.by("Ola Dal").Give(w.give("Bergen AS", "Nina Vik", "jordbruk")))("/items/0 package_not_held GIVE-1")
	// The organisation itself gives nothing: an organisation has no authority over itself.
	w.refused(w.by("Bergen AS").Give(w.give("Bergen AS", "Nina Vik", "skatt-naering")))("/items/0 no_relation GIVE-1")
	// A living person gives what it has for itself.
	w.do(w.by("Nina Vik").Give(w.give("Nina Vik", "Ola Dal", "innbygger-kjoretoy")))
	w.store(fullmakt.Person{Party: w.no("Nina Vik"), Dead: true})
	w.refused(w.by("Nina Vik").Give(w.give("Nina Vik", "Ola Dal", "innbygger-kjoretoy")))("holder_deceased LIFE-1")
}

func TestGIVE2(t *testing.T) {
	w := bergen(t)
	post := "post-til-virksomheten-med-taushetsbelagt-innhold"
	// A managing director is main administrator, and gives what nobody holds.
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Ola Dal", post)))
	if g := w.last[0].(fullmakt.Grant); g.Basis != "GIVE-2 held_via_role" {
		t.Errorf("basis %q", g.Basis)
	}
	// A granted main administrator gives the set, which lacks hovedadministrator itself.
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Nina Vik", "hovedadministrator")))
	w.do(w.by("Nina Vik").Give(w.give("Bergen AS", "Ola Dal", "skatt-naering")))
	w.refused(w.by("Nina Vik").Give(w.give("Bergen AS", "Ola Dal", "hovedadministrator")))("/items/0 package_not_held GIVE-1")
	// An access manager has no set.
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Oslo AS", "tilgangsstyrer")))
	w.role("Ola Dal DAGL Oslo AS")
	w.refused(w.by("Ola Dal").Give(w.give("Bergen AS", "Trondheim AS", "jordbruk")))("/items/0 package_not_held GIVE-1")
}

func TestGIVE2ForANUF(t *testing.T) {
	w := newTown(t)
	w.org("NUF", "Malmö NUF")
	w.org("AS", "Bergen AS", "Oslo AS")
	w.person("Kari Lie")
	w.role("Kari Lie DAGL Malmö NUF", "Kari Lie DAGL Bergen AS")
	nuf := "delegerbare-maskinporten-scopes-NUF"
	w.do(w.by("Kari Lie").Give(w.give("Malmö NUF", "Oslo AS", nuf)))
	c := w.by("Kari Lie").CheckPackages(w.no("Malmö NUF"), 0, w.pkg(nuf))[0]
	if !c.Give || c.Rule != fullmakt.RuleGive2 || len(c.Paths) != 1 {
		t.Errorf("check: %+v", c)
	}
	q := pdp.Ask(w.no("Kari Lie"), w.no("Malmö NUF"), noon)
	q.Package = c.Package
	if pdp.Decide(w.s, q).Allowed {
		t.Error("the director of a NUF uses the package, want that it only gives it")
	}
	// FORM-2: an AS cannot give it, not even the operator for it.
	w.refused(w.by("Kari Lie").Give(w.give("Bergen AS", "Malmö NUF", nuf)))("/items/0 package_not_held GIVE-1")
	w.refused(w.by("").Give(w.give("Bergen AS", "Malmö NUF", nuf)))("/items/0 org_form FORM-2")
}

func TestGIVE3(t *testing.T) {
	w := bergen(t)
	w.user("Oslo AS", "oslo-bruker")
	w.system("Bergen AS", "bergen-agent", true)
	open := w.new("Åpen Person", fullmakt.OpenPersonID(fullmakt.NewDate(1970, 1, 1), "Åpen Person"))
	w.store(fullmakt.Person{Party: open})
	p := "skatt-naering"
	kari := w.by("Kari Lie")
	w.do(kari.Give(w.give("Bergen AS", "bergen-bruker", p)))
	w.do(kari.Give(w.give("Bergen AS", "bergen-system", p)))
	w.refused(kari.Give(w.give("Bergen AS", "Bergen AS", p)))("/to to_itself GIVE-3")
	w.refused(kari.Give(w.give("Bergen AS", "oslo-bruker", p)))("/to receiver_not_allowed GIVE-3")
	w.refused(kari.Give(w.give("Bergen AS", "bergen-agent", p)))("/to receiver_not_allowed GIVE-3")
	w.refused(kari.Give(w.give("bergen-bruker", "Bergen AS", p)))("/from wrong_party_type GIVE-3")
	w.refused(kari.Give(w.give("Bergen AS", "Åpen Person", p)))("/to uncertain_identity OPEN-1")
	w.refused(w.by("Åpen Person").Give(w.give("Bergen AS", "Oslo AS", p)))("uncertain_identity OPEN-1")
	w.refused(kari.Give(w.give("Bergen AS", "Oslo AS", "hovedadministrator", "virksomhetens-representant-skjemaoppgaver")))(
		"/items/0 receiver_not_allowed GIVE-3", "/items/1 receiver_not_allowed GIVE-3")
	w.refused(kari.Give(w.give("Bergen AS", "bergen-system", "virksomhetens-representant-skjemaoppgaver")))("/items/0 receiver_not_allowed GIVE-3")
	w.refused(kari.Give(delegation.Give{From: w.no("Bergen AS"), To: 999, Items: items(p)}))("/to unknown_party")

	// A person new to the giver is named by identity number and last name.
	stranger := w.give("Bergen AS", "Ola Dal", p)
	stranger.Identified = false
	w.refused(kari.Give(stranger))("/to identity_required GIVE-3")
	w.role("Ola Dal MEDL Bergen AS")
	w.do(w.by("Kari Lie").Give(stranger))
	w.refused(w.by("Kari Lie").Give(w.give("Bergen AS", "Nina Vik")))("/items incomplete_command")
}

func TestLastNameFits(t *testing.T) {
	for _, test := range []struct {
		name, last string
		want       bool
	}{
		{"KARI LIE", "lie", true}, {"Kari Anne Lie Dal", "Lie Dal", true}, {"Kari Lie", " Lie ", true}, {"Åse Ås", "ås", true},
		{"Kari Lie", "ie", false}, {"Kari Lie", "", false}, {"Kari Lie", "Kari", false}, {"", "", false},
	} {
		if got := delegation.LastNameFits(test.name, test.last); got != test.want {
			t.Errorf("LastNameFits(%q, %q) = %t", test.name, test.last, got)
		}
	}
}

func TestGIVE4(t *testing.T) {
	w := bergen(t)
	kari := func() *delegation.Acting { return w.by("Kari Lie") }
	day := fullmakt.Interval{To: noon + 1000}
	c := w.give("Bergen AS", "Oslo AS", "skatt-naering")
	// Idempotent: the same again, by whatever name, changes nothing and answers the same.
	first := w.do(kari().Give(c))
	again := c
	again.Items = items("urn:altinn:accesspackage:SKATT-naering")
	second := w.do(w.by("").Give(again))
	if len(second.Changes) != 0 || second.Items[0].Changed || second.Items[0].Change != first.Items[0].Change {
		t.Errorf("given again: %+v", second)
	}
	twice := w.do(kari().Give(w.give("Bergen AS", "Nina Vik", "jordbruk", "jordbruk")))
	if len(twice.Changes) != 1 || twice.Items[1].Changed {
		t.Errorf("named twice: %+v", twice)
	}
	// Another interval replaces it.
	c.Valid = day
	if out := w.do(kari().Give(c)); len(out.Changes) != 1 {
		t.Errorf("with an end: %+v", out)
	}
	c.Valid = fullmakt.Interval{From: noon + 5, To: noon + 5}
	w.refused(kari().Give(c))("/valid invalid_interval TIME-1")
	c.Valid = fullmakt.Interval{To: noon}
	w.refused(kari().Give(c))("/valid invalid_interval TIME-1")

	// All or nothing: one wrong item and nothing is given.
	w.refused(kari().Give(w.give("Bergen AS", "Oslo AS", "jordbruk", "finnes-ikke", "regnskapsforer-lonn")))(
		"/items/1 unknown_package", "/items/2 not_assignable GIVE-1")

	// One item goes by itself; a relation needs the cascade.
	w.do(kari().Give(w.give("Bergen AS", "Oslo AS", "jordbruk")))
	all := delegation.Revoke{From: w.no("Bergen AS"), To: w.no("Oslo AS"), All: true}
	_, err := kari().Revoke(all)
	w.refused(nil, err)("things_rest_on_it GIVE-4")
	if rests := delegation.Refusals(err)[0].Rests; len(rests) != 2 {
		t.Errorf("rests: %+v, want the two packages", rests)
	}
	one := delegation.Revoke{From: w.no("Bergen AS"), To: w.no("Oslo AS"), Items: items("jordbruk")}
	for i := range 2 {
		if out := w.do(kari().Revoke(one)); out.Items[0].Changed != (i == 0) || len(out.Changes) != 1-i {
			t.Errorf("revoked, time %d: %+v", i+1, out)
		}
	}
	all.Cascade = true
	w.do(kari().Revoke(all))
	w.want("Bergen AS gives Nina Vik jordbruk")
	if g := w.last[0].(fullmakt.Grant); g.Cause != fullmakt.CauseRevoked || g.Valid != day {
		t.Errorf("ended as %+v", g)
	}
	w.do(kari().Revoke(all)) // nothing is left: no refusal
	w.refused(w.by("Ola Dal").Revoke(one))("not_administrator GIVE-4")
	w.refused(kari().Revoke(delegation.Revoke{From: w.no("Bergen AS"), To: w.no("Oslo AS")}))("/items incomplete_command")
}

func TestGIVE5(t *testing.T) {
	w := bergen(t)
	w.role("Ola Dal DAGL Oslo AS")
	p := "skatt-naering"
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Oslo AS", p)))
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Nina Vik", p, "jordbruk")))
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "bergen-system", p)))
	up := func(to string) delegation.Revoke {
		return delegation.Revoke{From: w.no("Bergen AS"), To: w.no(to), Items: items(p)}
	}
	w.refused(w.by("Nina Vik").Renounce(up("Oslo AS")))("not_administrator GIVE-5")
	w.refused(w.by("Kari Lie").Renounce(up("Nina Vik")))("not_administrator GIVE-5")
	w.do(w.by("Ola Dal").Renounce(up("Oslo AS")))
	w.do(w.by("Nina Vik").Renounce(up("Nina Vik")))
	w.do(w.by("Kari Lie").Renounce(up("bergen-system")))
	w.want("Bergen AS gives Nina Vik jordbruk")
	if g := w.last[0].(fullmakt.Grant); g.Cause != fullmakt.CauseRenounced {
		t.Errorf("cause %s", g.Cause)
	}
	// What Enhetsregisteret gives is not taken back here.
	_, err := w.by("").Revoke(delegation.Revoke{From: w.no("Bergen AS"), To: w.no("Kari Lie"), Items: items(p)})
	w.refused(nil, err)("/items/0 from_register GIVE-5")
	if r := delegation.Refusals(err)[0]; r.Source != fullmakt.SourceCCR || fullmakt.ErrorHint(err) == "" {
		t.Errorf("refusal %+v", r)
	}
	w.refused(w.by("").Revoke(delegation.Revoke{From: w.no("Bergen AS"), To: w.no("Kari Lie"), All: true}))("from_register GIVE-5")
	// A package held by both: the grant goes, and the answer says that it is still held.
	w.do(w.by("").Give(w.give("Bergen AS", "Kari Lie", p)))
	if out := w.do(w.by("").Revoke(up("Kari Lie"))); !out.Items[0].Changed || !out.Items[0].StillHeld {
		t.Errorf("revoked beside a role: %+v", out.Items)
	}
}

func TestECKEY(t *testing.T) {
	w := bergen(t)
	c := w.give("Bergen AS", "bergen-bruker", "ECKEY")
	w.refused(w.by("Ola Dal").Give(c))("/items/0 not_administrator GIVE-1")
	w.refused(w.by("Kari Lie").Give(w.give("Bergen AS", "Ola Dal", "ECKEY")))("/items/0 receiver_not_allowed NEST-2")
	w.do(w.by("Kari Lie").Give(c))
	w.want("Bergen AS gives bergen-bruker ECKEY")
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "bergen-bruker", "jordbruk")))
	u := delegation.User{Owner: w.no("Bergen AS"), Name: "bergen-bruker", No: w.no("bergen-bruker")}
	out := w.do(w.by("Kari Lie").EndEnterpriseUser(u))
	if len(out.Changes) != 3 || len(out.Ended) != 2 {
		t.Errorf("ended: %+v", out)
	}
	w.want()
	if out := w.do(w.by("Kari Lie").EndEnterpriseUser(u)); len(out.Changes) != 0 {
		t.Errorf("ended again: %+v", out)
	}
	w.refused(w.by("Kari Lie").Give(c))("/to has_ended LIFE-1")
	w.refused(w.by("Kari Lie").AddEnterpriseUser(u))("/name has_ended")
}

func TestEnterpriseUser(t *testing.T) {
	w := bergen(t)
	u := delegation.User{Owner: w.no("Bergen AS"), Name: " Lønn ", Next: w.s.Last() + 1}
	w.refused(w.by("Ola Dal").AddEnterpriseUser(u))("/owner not_administrator GIVE-1")
	w.do(w.by("Kari Lie").AddEnterpriseUser(u))
	if n := w.s.Node(u.Next); n.Kind != fullmakt.KindEnterpriseUser || n.Parent != u.Owner || w.s.Name(u.Next) != "Lønn" {
		t.Errorf("added %+v", n)
	}
	u.No = u.Next
	if out := w.do(w.by("Kari Lie").AddEnterpriseUser(u)); len(out.Changes) != 0 {
		t.Errorf("added again: %+v", out)
	}
	for _, bad := range []string{"", "  ", "a\nb"} {
		u.Name = bad
		w.refused(w.by("").AddEnterpriseUser(u))("/name incomplete_command")
	}
	o := w.orgs[w.no("Oslo AS")]
	o.State = fullmakt.Deleted
	w.store(o)
	w.refused(w.by("").AddEnterpriseUser(delegation.User{Owner: w.no("Oslo AS"), Name: "x", Next: 99}))("/owner party_deleted LIFE-1")
	w.refused(w.by("").EndEnterpriseUser(delegation.User{Owner: w.no("Bergen AS"), Name: "x"}))("/name unknown_party")
}

// Rights are the registry's to judge; what it says is done.
func TestRights(t *testing.T) {
	w := bergen(t)
	c := w.give("Bergen AS", "Oslo AS", "skjema#les", "skjema#skriv")
	w.refused(w.by("Kari Lie").Give(c))("/items/0 unknown_resource", "/items/1 unknown_resource")
	var asked []delegation.RightQuestion
	by := w.by("Kari Lie")
	by.Rights = func(s *index.Snapshot, q delegation.RightQuestion) delegation.RightAnswer {
		asked = append(asked, q)
		if q.Right == "skriv" {
			return delegation.RightAnswer{Rule: fullmakt.RuleGive1, Reason: fullmakt.ReasonPackageNotHeld}
		}
		return delegation.RightAnswer{Give: true, Rule: fullmakt.RuleGive1, Reason: fullmakt.ReasonRole}
	}
	w.refused(by.Give(c))("/items/1 package_not_held GIVE-1")
	want := delegation.RightQuestion{Actor: w.no("Kari Lie"), From: w.no("Bergen AS"), To: w.no("Oslo AS"), Resource: "skjema", Right: "les", At: noon}
	if !slices.Contains(asked, want) {
		t.Errorf("asked %+v", asked)
	}
	c.Items = items("skjema#les")
	w.do(by.Give(c))
	w.want("Bergen AS gives Oslo AS skjema les")
	w.do(w.by("Kari Lie").Revoke(delegation.Revoke{From: c.From, To: c.To, Items: c.Items}))
	w.want()
}

// A path that the caller gives stands in the refusals.
func TestRefusalPaths(t *testing.T) {
	w := bergen(t)
	c := w.give("Bergen AS", "Oslo AS", "x", "y")
	c.Items[1].Path = "/values/3/packages/1"
	w.refused(w.by("").Give(c))("/items/0 unknown_package", "/values/3/packages/1 unknown_package")
}
