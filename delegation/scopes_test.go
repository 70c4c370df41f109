package delegation_test

import (
	"slices"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/pdp"
)

func TestSCOPE1(t *testing.T) {
	w := bergen(t)
	scheme := delegation.Scheme{ID: "skatt-skjema", Packages: w.set("delegerbare-maskinporten-scopes"), Delegable: true, Scopes: []string{"skatt:les"}}
	closed := scheme
	closed.ID, closed.Delegable = "lukket", false
	give := func(to string, schemes ...delegation.Scheme) delegation.GiveScopes {
		return delegation.GiveScopes{From: w.no("Bergen AS"), To: w.no(to), Schemes: schemes}
	}
	out := w.do(w.by("Kari Lie").GiveScopes(give("Trondheim AS", scheme)))
	if g := out.Changes[0].(fullmakt.ScopeGrant); g.Basis != "GIVE-1" || g.GivenBy != w.no("Kari Lie") || g.Since != noon {
		t.Errorf("given as %+v", g)
	}
	if out := w.do(w.by("Kari Lie").GiveScopes(give("Trondheim AS", scheme))); len(out.Changes) != 0 {
		t.Errorf("given again: %+v", out)
	}
	w.refused(w.by("Kari Lie").GiveScopes(give("Trondheim AS", scheme, closed)))("/schemes/1 not_delegable SCOPE-1")
	w.refused(w.by("Kari Lie").GiveScopes(give("Bergen AS", scheme)))("/to to_itself SCOPE-1")
	w.refused(w.by("Kari Lie").GiveScopes(give("Ola Dal", scheme)))("/to receiver_not_allowed SCOPE-1")
	w.refused(w.by("Kari Lie").GiveScopes(give("Trondheim AS")))("/schemes incomplete_command")
	w.refused(w.by("Ola Dal").GiveScopes(give("Trondheim AS", scheme)))("/schemes/0 package_not_held SCOPE-1")

	// maskinporten-administrator stands in the place of tilgangsstyrer; it must hold the package too.
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Ola Dal", "maskinporten-administrator")))
	w.refused(w.by("Ola Dal").GiveScopes(give("Oslo AS", scheme)))("/schemes/0 package_not_held SCOPE-1")
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Ola Dal", "delegerbare-maskinporten-scopes")))
	w.do(w.by("Ola Dal").GiveScopes(give("Oslo AS", scheme)))
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Nina Vik", "tilgangsstyrer", "delegerbare-maskinporten-scopes")))
	w.refused(w.by("Nina Vik").GiveScopes(give("Oslo AS", scheme)))("/schemes/0 not_administrator SCOPE-1")
	// GIVE-2: a main administrator needs to hold nothing else.
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Nina Vik", "hovedadministrator")))
	w.do(w.by("Kari Lie").Revoke(delegation.Revoke{From: w.no("Bergen AS"), To: w.no("Nina Vik"), Items: items("delegerbare-maskinporten-scopes")}))
	second := scheme
	second.ID = "toll"
	out = w.do(w.by("Nina Vik").GiveScopes(give("Oslo AS", second)))
	if g := out.Changes[0].(fullmakt.ScopeGrant); g.Basis != "GIVE-2" {
		t.Errorf("basis %q", g.Basis)
	}

	// The scopes are the supplier's alone, and no authority.
	if d := pdp.Decide(w.s, pdp.Ask(w.no("Trondheim AS"), w.no("Bergen AS"), noon)); d.Allowed || d.Reason != fullmakt.ReasonNoRelation {
		t.Errorf("a supplier is answered %+v", d)
	}
	if _, ok := delegation.HoldsScopes(w.s, w.no("Bergen AS"), w.no("Trondheim AS"), "skatt-skjema", noon); !ok {
		t.Error("the supplier does not hold the scopes")
	}
	w.role("Nina Vik DAGL Trondheim AS")
	if _, ok := delegation.HoldsScopes(w.s, w.no("Bergen AS"), w.no("Nina Vik"), "skatt-skjema", noon); ok {
		t.Error("the supplier's director holds the scopes")
	}
	// By either side it ends.
	all := delegation.RevokeScopes{From: w.no("Bergen AS"), To: w.no("Trondheim AS"), All: true}
	w.refused(w.by("Ola Dal").RenounceScopes(all))("not_administrator GIVE-5")
	w.refused(w.by("Kari Lie").RevokeScopes(all))("things_rest_on_it GIVE-4")
	all.Cascade = true
	w.do(w.by("Nina Vik").RenounceScopes(all))
	if g := w.last[0].(fullmakt.ScopeGrant); g.Cause != fullmakt.CauseRenounced {
		t.Errorf("ended as %+v", g)
	}
	one := delegation.RevokeScopes{From: w.no("Bergen AS"), To: w.no("Oslo AS"), Schemes: []string{"toll"}}
	for i := range 2 {
		if out := w.do(w.by("Ola Dal").RevokeScopes(one)); len(out.Changes) != 1-i {
			t.Errorf("revoked, time %d: %+v", i+1, out)
		}
	}
	if list := slices.Collect(w.s.ScopeGrants(w.no("Bergen AS"))); len(list) != 1 || list[0].Scheme != "skatt-skjema" {
		t.Errorf("left: %+v", list)
	}
	// A deleted giver confers nothing (LIFE-1).
	o := w.orgs[w.no("Bergen AS")]
	o.State = fullmakt.Deleted
	w.store(o)
	if _, ok := delegation.HoldsScopes(w.s, w.no("Bergen AS"), w.no("Oslo AS"), "skatt-skjema", noon); ok {
		t.Error("scopes of a deleted organisation are held")
	}
}

// TestSCOPE1NUF: at a foreign enterprise it is the contact person who gives, with
// the package for foreign enterprises, which opens nothing anywhere else.
func TestSCOPE1NUF(t *testing.T) {
	w := bergen(t)
	w.org("NUF", "Fjord NUF")
	w.role("Ola Dal KONT Fjord NUF", "Nina Vik DAGL Fjord NUF")
	scheme := func(packages ...string) []delegation.Scheme {
		return []delegation.Scheme{{ID: "toll", Packages: w.set(packages...), Delegable: true}}
	}
	const ordinary, nuf = "delegerbare-maskinporten-scopes", "delegerbare-maskinporten-scopes-NUF"
	for _, c := range []struct {
		actor, from string
		schemes     []delegation.Scheme
		want        string // the basis, or the refusal
	}{
		{"Ola Dal", "Fjord NUF", scheme(nuf), "GIVE-1"},
		{"Ola Dal", "Fjord NUF", scheme(ordinary, nuf), "GIVE-1"},
		{"Ola Dal", "Fjord NUF", scheme(ordinary), "/schemes/0 package_not_held SCOPE-1"},
		// The director of one gives the package for foreign enterprises without using it (GIVE-2).
		{"Nina Vik", "Fjord NUF", scheme(nuf), "GIVE-2"},
		{"Kari Lie", "Bergen AS", scheme(nuf), "/schemes/0 package_not_held SCOPE-1"},
		{"Kari Lie", "Bergen AS", scheme(ordinary, nuf), "GIVE-1"},
		{"", "Bergen AS", scheme(nuf), "/schemes/0 org_form SCOPE-1"},
		{"", "Fjord NUF", scheme(nuf), "operator"},
		{"", "Bergen AS", scheme(), "/schemes/0 not_assignable SCOPE-1"},
	} {
		out, err := w.by(c.actor).GiveScopes(delegation.GiveScopes{From: w.no(c.from), To: w.no("Trondheim AS"), Schemes: c.schemes})
		if err != nil {
			w.refused(out, err)(c.want)
		} else if g := out.Changes[0].(fullmakt.ScopeGrant); g.Basis != c.want {
			t.Errorf("%s gives for %s by %s, want %s", c.actor, c.from, g.Basis, c.want)
		}
	}
}

// TestSCOPE1SupplierAlone: the scopes are the supplier's own. Its key holders do not
// get them, nor do sub-units on either side, and no list of authority has them.
func TestSCOPE1SupplierAlone(t *testing.T) {
	w := bergen(t)
	o := w.orgs[w.no("Bergen lager")]
	o.Parent = w.no("Bergen AS")
	w.store(o)
	w.org("AS", "Datahuset AS", "Eier AS")
	w.org("BEDR", "Datahuset drift")
	o = w.orgs[w.no("Datahuset drift")]
	o.Parent = w.no("Datahuset AS")
	w.store(o)
	w.role("Nina Vik DAGL Datahuset AS", "Eier AS DAGL Datahuset AS")
	w.scheme("kontroll", []string{"demo:les"}, "delegerbare-maskinporten-scopes")
	before := pdp.Decide(w.s, pdp.Ask(w.no("Nina Vik"), w.no("Bergen AS"), noon))
	w.do(w.by("Kari Lie").GiveScopes(delegation.GiveScopes{From: w.no("Bergen AS"), To: w.no("Datahuset AS"), Schemes: []delegation.Scheme{w.schemeOf("kontroll")}}))
	may := func(supplier, consumer string) bool {
		return delegation.CheckScope(w.s, w.registry(), w.no(consumer), w.no(supplier), "demo:les", noon).Allowed
	}
	if !may("Datahuset AS", "Bergen AS") {
		t.Error("the supplier may not use the scope")
	}
	for _, pair := range [][2]string{
		{"Nina Vik", "Bergen AS"}, {"Eier AS", "Bergen AS"}, {"Datahuset drift", "Bergen AS"}, {"Datahuset AS", "Bergen lager"},
		{"Bergen AS", "Datahuset AS"}, {"Bergen AS", "Bergen AS"}, {"Trondheim AS", "Bergen AS"},
	} {
		if may(pair[0], pair[1]) {
			t.Errorf("%s may use the scope for %s", pair[0], pair[1])
		}
	}
	if after := pdp.Decide(w.s, pdp.Ask(w.no("Nina Vik"), w.no("Bergen AS"), noon)); after.Allowed || after.Reason != before.Reason {
		t.Errorf("a scope changed a decision: %+v", after)
	}
	for _, name := range []string{"Datahuset AS", "Nina Vik"} {
		for other := range pdp.GroundsOf(w.s, w.no(name), noon) {
			if other == w.no("Bergen AS") {
				t.Errorf("Bergen AS stands in the list of %s", name)
			}
		}
	}
}

// TestCheckScope: every answer there is.
func TestCheckScope(t *testing.T) {
	w := bergen(t)
	w.scheme("kontroll", []string{"demo:les", "demo:skriv"}, "delegerbare-maskinporten-scopes")
	w.scheme("alle", []string{"demo:les"}, "delegerbare-maskinporten-scopes")
	check := func(scope string, at int64) delegation.ScopeAnswer {
		return delegation.CheckScope(w.s, w.registry(), w.no("Bergen AS"), w.no("Oslo AS"), scope, at)
	}
	want := func(scope string, at int64, reason fullmakt.Reason, scheme string) {
		t.Helper()
		if got := check(scope, at); got.Reason != reason || got.Scheme != scheme || got.Allowed != (reason == fullmakt.ReasonGrant) || got.Allowed && got.Grant.Scheme != scheme {
			t.Errorf("%s: %+v, want %s %s", scope, got, reason, scheme)
		}
	}
	want("demo:les", noon, fullmakt.ReasonNoRelation, "alle")
	want("demo:annet", noon, fullmakt.ReasonNoResource, "")
	give := delegation.GiveScopes{From: w.no("Bergen AS"), To: w.no("Oslo AS"), Schemes: []delegation.Scheme{w.schemeOf("kontroll")}, Valid: fullmakt.Interval{From: noon + 10, To: noon + 20}}
	w.do(w.by("Kari Lie").GiveScopes(give))
	want("demo:les", noon, fullmakt.ReasonNotYetValid, "kontroll")
	want("demo:les", noon+10, fullmakt.ReasonGrant, "kontroll")
	want("demo:skriv", noon+19, fullmakt.ReasonGrant, "kontroll")
	want("demo:les", noon+20, fullmakt.ReasonExpired, "kontroll")
	give.Schemes[0], give.Valid = w.schemeOf("alle"), fullmakt.Interval{}
	w.do(w.by("Kari Lie").GiveScopes(give))
	want("demo:les", noon, fullmakt.ReasonGrant, "alle")
	want("demo:skriv", noon, fullmakt.ReasonNotYetValid, "kontroll")
	for at, n := range map[int64]int{noon: 1, noon + 10: 2} {
		for _, ends := range [][2]string{{"Bergen AS", "Oslo AS"}, {"Bergen AS", ""}, {"", "Oslo AS"}, {"", ""}} {
			if got := slices.Collect(delegation.ScopesInForce(w.s, w.no(ends[0]), w.no(ends[1]), at)); len(got) != n {
				t.Errorf("%v: %d in force, want %d", ends, len(got), n)
			}
		}
	}
	if got := slices.Collect(delegation.ScopesInForce(w.s, w.no("Bergen AS"), w.no("Trondheim AS"), noon)); len(got) != 0 {
		t.Errorf("in force for another: %+v", got)
	}
	o := w.orgs[w.no("Oslo AS")]
	o.State = fullmakt.Deleted
	w.store(o)
	want("demo:les", noon, fullmakt.ReasonPartyDeleted, "kontroll")
	if got := delegation.CheckScope(w.s, w.registry(), 0, w.no("Oslo AS"), "demo:les", noon); got.Reason != fullmakt.ReasonUnknownParty {
		t.Errorf("nobody's: %+v", got)
	}
}

func TestSuppliers(t *testing.T) {
	w := bergen(t)
	bergen, oslo, trondheim := w.no("Bergen AS"), w.no("Oslo AS"), w.no("Trondheim AS")
	lists := func(suppliers, consumers []fullmakt.PartyNo) {
		t.Helper()
		if got := delegation.Suppliers(w.s, bergen); !slices.Equal(got, suppliers) {
			t.Errorf("suppliers of Bergen AS: %v, want %v", got, suppliers)
		}
		if got := delegation.Consumers(w.s, oslo); !slices.Equal(got, consumers) {
			t.Errorf("whom Oslo AS supplies: %v, want %v", got, consumers)
		}
	}
	lists(nil, nil)
	add := delegation.AddSupplier{From: bergen, To: oslo}
	w.refused(w.by("Ola Dal").AddSupplier(add))("not_administrator SCOPE-1")
	w.refused(w.by("Kari Lie").AddSupplier(delegation.AddSupplier{From: bergen, To: bergen}))("/to to_itself SCOPE-1")
	w.refused(w.by("Kari Lie").AddSupplier(delegation.AddSupplier{From: bergen, To: w.no("Ola Dal")}))("/to receiver_not_allowed SCOPE-1")
	for i := range 2 {
		if out := w.do(w.by("Kari Lie").AddSupplier(add)); len(out.Changes) != 1-i {
			t.Errorf("added, time %d: %+v", i+1, out)
		}
	}
	lists([]fullmakt.PartyNo{oslo}, []fullmakt.PartyNo{bergen})
	scheme := delegation.Scheme{ID: "toll", Packages: w.set("delegerbare-maskinporten-scopes"), Delegable: true}
	for _, to := range []fullmakt.PartyNo{oslo, trondheim} {
		w.do(w.by("Kari Lie").GiveScopes(delegation.GiveScopes{From: bergen, To: to, Schemes: []delegation.Scheme{scheme}}))
	}
	lists([]fullmakt.PartyNo{trondheim, oslo}, []fullmakt.PartyNo{bergen})
	remove := delegation.RemoveSupplier{From: bergen, To: oslo}
	w.refused(w.by("Ola Dal").RemoveSupplier(remove))("not_administrator GIVE-4")
	w.refused(w.by("Kari Lie").RemoveSupplier(remove))("things_rest_on_it GIVE-4")
	remove.Cascade, remove.BySupplier = true, true
	w.refused(w.by("Kari Lie").RemoveSupplier(remove))("not_administrator GIVE-5")
	w.role("Ola Dal DAGL Oslo AS")
	if out := w.do(w.by("Ola Dal").RemoveSupplier(remove)); len(out.Changes) != 2 || len(out.Ended) != 1 || out.Ended[0].(fullmakt.ScopeGrant).Cause != fullmakt.CauseRenounced {
		t.Errorf("removed: %+v", out)
	}
	lists([]fullmakt.PartyNo{trondheim}, nil)
	if out := w.do(w.by("Ola Dal").RemoveSupplier(remove)); len(out.Changes) != 0 {
		t.Errorf("removed again: %+v", out)
	}
}

func TestExpire(t *testing.T) {
	w := accountants(t)
	w.agents("Ola Dal")
	c := w.give("Kafé AS", "Regnskap AS", "skatt-naering")
	c.Valid.To = noon + 10
	w.do(w.by("Per Bakke").Give(c))
	w.do(w.by("Per Bakke").Give(w.give("Kafé AS", "Regnskap AS", "jordbruk")))
	w.do(w.by("Kari Lie").DelegateClients(w.delegates("Kafé AS", "Ola Dal", "", "skatt-naering")))
	scheme := delegation.Scheme{ID: "toll", Packages: w.set("delegerbare-maskinporten-scopes"), Delegable: true}
	w.do(w.by("Per Bakke").GiveScopes(delegation.GiveScopes{From: w.no("Kafé AS"), To: w.no("Smie AS"), Schemes: []delegation.Scheme{scheme}, Valid: c.Valid}))
	if changes := delegation.Expire(w.s, noon+9); len(changes) != 0 {
		t.Errorf("before the end: %+v", changes)
	}
	changes := delegation.Expire(w.s, noon+10)
	if len(changes) != 3 || changes[2].(fullmakt.ClientDelegation).Cause != fullmakt.CauseExpired {
		t.Errorf("at the end: %+v", changes)
	}
	w.store(changes...)
	w.want("Kafé AS gives Regnskap AS jordbruk", "Regnskap AS has agent Ola Dal")
	if changes := delegation.Expire(w.s, noon+10); len(changes) != 0 {
		t.Errorf("a second time: %+v", changes)
	}
	// A no still says that a date passed.
	q := pdp.Ask(w.no("Regnskap AS"), w.no("Kafé AS"), noon+11)
	q.Package = w.pkg("skatt-naering")
	if d := pdp.Decide(w.s, q); d.Allowed || d.Reason != fullmakt.ReasonExpired {
		t.Errorf("afterwards: %+v", d)
	}
}

func TestUndo(t *testing.T) {
	w := accountants(t)
	w.agents("Ola Dal")
	w.do(w.by("Per Bakke").Give(w.give("Kafé AS", "Regnskap AS", "skatt-naering", "jordbruk")))
	w.do(w.by("Kari Lie").DelegateClients(w.delegates("Kafé AS", "Ola Dal", "", "skatt-naering")))
	stood := w.in()
	grants := []fullmakt.Change{}
	for _, p := range []string{"skatt-naering", "jordbruk"} {
		grants = append(grants, fullmakt.Grant{From: w.no("Kafé AS"), To: w.no("Regnskap AS"), Package: p})
	}
	w.do(w.by("Per Bakke").Revoke(delegation.Revoke{From: w.no("Kafé AS"), To: w.no("Regnskap AS"), All: true, Cascade: true}))
	did := w.last
	// The client's director puts the grants back, and may not delegate for the provider.
	w.refused(w.by("Per Bakke").Undo(delegation.Undo{Did: did, Was: grants}))("/changes/2 not_administrator CLIENT-1")
	w.do(w.by("").Undo(delegation.Undo{Did: did, Was: grants}))
	w.want(stood...)
	// Undone already: it has been changed since.
	w.refused(w.by("").Undo(delegation.Undo{Did: did, Was: grants}))("/changes/0 changed_since", "/changes/1 changed_since", "/changes/2 changed_since")

	// What was given is revoked; a replaced interval comes back.
	day := w.give("Kafé AS", "Regnskap AS", "jordbruk", "skatt-naering")
	day.Valid.To = noon + 100
	day.Items = append(day.Items, items("klientadministrator")...)
	w.do(w.by("Per Bakke").Give(day))
	w.do(w.by("Per Bakke").Undo(delegation.Undo{Did: w.last, Was: grants}))
	w.want(stood...)
	if g := w.s.Grants(w.no("Kafé AS"), w.no("Regnskap AS")); g[0].Valid != (fullmakt.Interval{}) {
		t.Errorf("the interval stands as %+v", g[0].Valid)
	}
	// Agents and their delegations.
	w.do(w.by("Kari Lie").RemoveAgent(delegation.RemoveAgent{Provider: w.no("Regnskap AS"), Agent: w.no("Ola Dal"), Cascade: true}))
	w.do(w.by("Kari Lie").Undo(delegation.Undo{Did: w.last}))
	w.want(stood...)
	w.agents("Nina Vik")
	w.do(w.by("Kari Lie").Undo(delegation.Undo{Did: w.last}))
	w.want(stood...)
	w.role("Nina Vik MEDL Kafé AS")
	w.refused(w.by("").Undo(delegation.Undo{Did: w.last}))("incomplete_command")
}
