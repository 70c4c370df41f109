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
	scheme := delegation.Scheme{ID: "skatt-skjema", Package: w.pkg("delegerbare-maskinporten-scopes"), Delegable: true, Scopes: []string{"skatt:les"}}
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

func TestExpire(t *testing.T) {
	w := accountants(t)
	w.agents("Ola Dal")
	c := w.give("Kafé AS", "Regnskap AS", "skatt-naering")
	c.Valid.To = noon + 10
	w.do(w.by("Per Bakke").Give(c))
	w.do(w.by("Per Bakke").Give(w.give("Kafé AS", "Regnskap AS", "jordbruk")))
	w.do(w.by("Kari Lie").DelegateClients(w.delegates("Kafé AS", "Ola Dal", "", "skatt-naering")))
	scheme := delegation.Scheme{ID: "toll", Package: w.pkg("delegerbare-maskinporten-scopes"), Delegable: true}
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
