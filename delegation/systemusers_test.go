package delegation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/pdp"
)

// vendors is a town with a vendor's system, which may ask for packages and for the
// resource "skjema": Kari Lie directs Bergen AS, Ola Dal is its access manager and
// holds jordbruk alone.
func vendors(t testing.TB) *town {
	w := bergen(t)
	w.resource("skjema", "GenericAccessResource", nil, opens{"read", []string{"skatt-naering", "jordbruk"}}, opens{"write", []string{"skatt-naering"}},
		opens{"complete", []string{"urn:altinn:org=demo"}})
	w.resource("lukket", "GenericAccessResource", nil, opens{"read", []string{"urn:altinn:org=demo"}})
	w.scheme("ordning", []string{"demo:les"}, "jordbruk")
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Ola Dal", "tilgangsstyrer", "jordbruk")))
	w.do(w.asks("Oslo AS").PutSystem(delegation.System{
		ID: w.systemID("lonn"), Vendor: w.no("Oslo AS"), Redirects: []string{"https://oslo.example/"}, Clients: []string{"klient"},
		Packages: []string{"skatt-naering", "jordbruk", "regnskapsforer-lonn", "virksomhetens-representant-skjemaoppgaver", "maskinlesbare-hendelser"},
		Rights:   []delegation.SystemRight{{Resource: "skjema"}},
	}))
	return w
}

// systemID returns the id of a system of Oslo AS.
func (w *town) systemID(name string) string {
	return w.s.ID(w.no("Oslo AS")).Org.String() + "_" + name
}

// asks returns who acts, with the town's registry.
func (w *town) asks(name string) *delegation.Acting {
	a := w.by(name)
	a.Rights, a.RightsTo = delegation.Registry(w.registry()), delegation.RightsTo(w.registry())
	return a
}

func right(text string) []delegation.SystemRight {
	r, err := delegation.ParseSystemRight(text)
	if err != nil {
		panic(err)
	}
	return []delegation.SystemRight{r}
}

// next returns what a new system user gets.
func (w *town) next(reference string) delegation.NewSystemUser {
	no := fullmakt.PartyNo(len(w.names) + 1)
	w.names[reference] = no
	return delegation.NewSystemUser{No: no, UUID: fullmakt.UUID{0: 1, 15: byte(no)}}
}

// sent checks that a request is stored, or with none that nothing is, and returns
// its id.
func (w *town) sent(stored bool) func(delegation.SystemAsk, *delegation.Outcome, error) string {
	w.t.Helper()
	return func(k delegation.SystemAsk, out *delegation.Outcome, err error) string {
		w.t.Helper()
		w.do(out, err)
		if (len(out.Changes) > 0) != stored {
			w.t.Errorf("%d changes", len(out.Changes))
		}
		return k.ID
	}
}

func (w *town) notSent(_ delegation.SystemAsk, out *delegation.Outcome, err error) func(want ...string) {
	w.t.Helper()
	return w.refused(out, err)
}

func TestSystems(t *testing.T) {
	w := vendors(t)
	for _, id := range []string{"lonn", w.systemID("a/b"), w.systemID("å"), w.systemID(strings.Repeat("x", 100))} {
		w.refused(w.asks("Oslo AS").PutSystem(delegation.System{ID: id, Vendor: w.no("Oslo AS")}))("/id incomplete_command")
	}
	sys, _ := delegation.FindSystem(w.s, w.systemID("lonn"))
	sys.Rights = append(sys.Rights, right("finnes-ikke")[0], right("skjema:slett")[0])
	sys.Packages = []string{"x"}
	w.refused(w.asks("Trondheim AS").PutSystem(sys))("/vendor not_administrator", "/vendor not_administrator",
		"/accessPackages/0 unknown_package", "/rights/1 unknown_resource", "/rights/2 not_delegable GIVE-1")
	w.refused(w.asks("Oslo AS").PutSystem(delegation.System{ID: w.systemID("to"), Vendor: w.no("Oslo AS"), Clients: []string{"klient"}}))("/clientId/0 changed_since")
	w.refused(w.asks("Trondheim AS").EndSystem(sys.ID))("/vendor not_administrator")
	w.do(w.asks("Kari Lie").CreateSystemUser(delegation.SystemAsk{System: sys.ID, Owner: w.no("Bergen AS"), Packages: []string{"jordbruk"}}, w.next("bruker")))
	w.refused(w.asks("Oslo AS").EndSystem(sys.ID))("/id things_rest_on_it")
}

func TestSystemUserRequests(t *testing.T) {
	w := vendors(t)
	ask := delegation.SystemAsk{ID: uuid(1), System: w.systemID("lonn"), Owner: w.no("Bergen AS"), Reference: "anlegg", Packages: []string{"skatt-naering"}, Rights: right("skjema")}
	none := delegation.NewSystemUser{}
	with := func(change func(*delegation.SystemAsk)) delegation.SystemAsk {
		k := ask
		k.Packages, k.Rights = slices.Clone(k.Packages), slices.Clone(k.Rights)
		change(&k)
		return k
	}
	for _, c := range []struct {
		name   string
		by     string
		ask    delegation.SystemAsk
		refuse []string
	}{
		{"by another vendor", "Trondheim AS", ask, []string{"/vendor not_administrator"}},
		{"no system", "Oslo AS", with(func(k *delegation.SystemAsk) { k.System = "x" }), []string{"/systemId incomplete_command"}},
		{"nobody", "Oslo AS", with(func(k *delegation.SystemAsk) { k.Owner = 99 }), []string{"/partyOrgNo unknown_party"}},
		{"nothing", "Oslo AS", with(func(k *delegation.SystemAsk) { k.Packages, k.Rights = nil, nil }), []string{"/accessPackages incomplete_command"}},
		{"a strange address", "Oslo AS", with(func(k *delegation.SystemAsk) { k.Redirect = "https://elsewhere.example/" }), []string{"/redirectUrl receiver_not_allowed"}},
		{"a long reference", "Oslo AS", with(func(k *delegation.SystemAsk) { k.Reference = strings.Repeat("x", 256) }), []string{"/externalRef incomplete_command"}},
		{"packages", "Oslo AS", with(func(k *delegation.SystemAsk) {
			k.Packages = []string{"plansak", "x", "regnskapsforer-lonn", "virksomhetens-representant-skjemaoppgaver", "urn:altinn:accesspackage:JORDBRUK"}
		}), []string{"/accessPackages/0 receiver_not_allowed", "/accessPackages/1 unknown_package", "/accessPackages/2 not_assignable GIVE-1", "/accessPackages/3 receiver_not_allowed GIVE-3"}},
		{"rights", "Oslo AS", with(func(k *delegation.SystemAsk) {
			k.Rights = []delegation.SystemRight{{Resource: "x"}, {Resource: "lukket"}, {Resource: "ordning"}, {Resource: "skjema", Action: "complete"}, {Resource: "Skjema", Action: "READ"}}
		}), []string{"/rights/0 unknown_resource", "/rights/1 not_delegable GIVE-1", "/rights/2 not_delegable SCOPE-1", "/rights/3 not_delegable GIVE-1"}},
		{"an agent", "Oslo AS", with(func(k *delegation.SystemAsk) {
			k.Agent, k.Packages = true, []string{"maskinlesbare-hendelser", "jordbruk"}
		}), []string{"/accessPackages/0 not_delegable CLIENT", "/rights/0 not_delegable CLIENT"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			w.notSent(w.asks(c.by).AskForSystemUser(c.ask, none))(c.refuse...)
		})
	}
	w.t = t
	w.notSent(w.asks("Oslo AS").AskForSystemUser(ask, delegation.NewSystemUser{Used: true}))("/externalRef has_ended")

	w.sent(true)(w.asks("Oslo AS").AskForSystemUser(ask, none))
	if id := w.sent(false)(w.asks("Oslo AS").AskForSystemUser(with(func(k *delegation.SystemAsk) { k.ID = uuid(2) }), none)); id != uuid(1) {
		t.Errorf("the same again is %s", id)
	}
	for who, want := range map[string]bool{"Oslo AS": true, "Kari Lie": true, "Ola Dal": true, "Nina Vik": false, "Trondheim AS": false, "": true} {
		if _, err := w.by(who).SystemAsk(uuid(1)); (err == nil) != want || err != nil && fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
			t.Errorf("%q finds it: %v, want %t", who, err, want)
		}
	}
	owner := w.no("Bergen AS")
	for _, who := range []string{"Nina Vik", "Kari Lie"} {
		id := map[string]string{"Nina Vik": uuid(1), "Kari Lie": uuid(9)}[who] // hidden from the one, not there for the other
		for _, answer := range []func(string) (*delegation.Outcome, error){w.asks(who).EscalateSystemAsk, w.asks(who).RejectSystemAsk} {
			if out, err := answer(id); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound || out != nil {
				t.Errorf("%s answers %s: %v", who, id, err)
			}
		}
	}
	w.refused(w.asks("Oslo AS").RejectSystemAsk(uuid(1)))("not_administrator GIVE-1")
	w.refused(w.asks("Oslo AS").EscalateSystemAsk(uuid(1)))("not_administrator GIVE-1")
	w.next("anlegg")

	// Ola Dal may give what he holds and no more: every part that he may not is named,
	// to him who looks as to him who tries.
	made := delegation.NewSystemUser{No: w.no("anlegg"), UUID: fullmakt.UUID{0: 1, 15: 1}}
	w.refused(w.asks("Ola Dal").ApproveSystemAsk(uuid(1), made))("/accessPackages/0 package_not_held GIVE-1", "/rights/0 no_relation GIVE-1")
	items, err := w.asks("Ola Dal").CheckSystemAsk(uuid(1), made)
	if err != nil || len(items) != 2 || len(items[0].Refusals) != 1 || len(items[1].Refusals) != 1 || !strings.Contains(items[1].Refusals[0].Message, `"write"`) {
		t.Errorf("%v, %+v", err, items)
	}
	if items, err := w.asks("Oslo AS").CheckSystemAsk(uuid(1), made); len(items) != 2 || len(delegation.Refusals(err)) != 1 {
		t.Errorf("who may not answer: %v", err)
	}
	if items, err := w.asks("Nina Vik").CheckSystemAsk(uuid(1), made); items != nil || fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		t.Errorf("who may not see: %v", err)
	}
	w.do(w.asks("Ola Dal").EscalateSystemAsk(uuid(1)))
	if items, err := w.asks("Kari Lie").CheckSystemAsk(uuid(1), made); err != nil || len(items[0].Refusals)+len(items[1].Refusals) != 0 {
		t.Errorf("%v, %+v", err, items)
	}
	w.do(w.asks("Kari Lie").ApproveSystemAsk(uuid(1), made))
	w.refused(w.asks("Kari Lie").ApproveSystemAsk(uuid(1), made))("request_state")
	u, ok := delegation.SystemUserByReference(w.s, w.systemID("lonn"), owner, "anlegg")
	packages, rights := u.Has(w.s, noon)
	if !ok || !slices.Equal(packages, []string{"skatt-naering"}) || len(rights) != 2 {
		t.Errorf("%+v %v %v", u, packages, rights)
	}
	may := func(action string, want bool) {
		t.Helper()
		_, all := delegation.RightsTo(w.registry())("skjema")
		q := pdp.Ask(u.Party, owner, noon)
		for _, r := range all {
			if r.Action.Value == action {
				q.Right = w.s.Right("skjema", r.Key)
			}
		}
		if got := pdp.Decide(w.s, q).Allowed && q.Right != 0; got != want {
			t.Errorf("%s: %t, want %t", action, got, want)
		}
	}
	may("read", true)
	may("write", true)
	may("complete", false)
	w.notSent(w.asks("Oslo AS").AskForSystemUser(ask, none))("/externalRef changed_since")

	// A no, a withdrawal, and the passing of time.
	for i, end := range []func(id string){
		func(id string) { w.do(w.asks("Ola Dal").RejectSystemAsk(id)) },
		func(id string) {
			w.refused(w.asks("Kari Lie").WithdrawSystemAsk(id))("/vendor not_administrator")
			w.do(w.asks("Oslo AS").WithdrawSystemAsk(id))
		},
	} {
		id := uuid(byte(10 + i))
		w.sent(true)(w.asks("Oslo AS").AskForSystemUser(with(func(k *delegation.SystemAsk) { k.ID, k.Reference = id, id }), none))
		end(id)
		if out, err := w.asks("Kari Lie").ApproveSystemAsk(id, made); err == nil {
			t.Errorf("approved after its end: %+v", out)
		}
	}
	w.sent(true)(w.asks("Oslo AS").AskForSystemUser(with(func(k *delegation.SystemAsk) { k.ID, k.Reference = uuid(20), "sen" }), none))
	late := w.asks("Kari Lie")
	late.At += 10 * 24 * 3600
	w.refused(late.ApproveSystemAsk(uuid(20), made))("request_state")
	count := 0
	for k := range delegation.SystemAsks(w.s, w.systemID("lonn"), uuid(1), noon) {
		if count++; k.ID <= uuid(1) {
			t.Errorf("%s is not after the first", k.ID)
		}
	}
	if latest, ok := delegation.LatestSystemAsk(w.s, w.systemID("lonn"), owner, "anlegg", false, noon); !ok || latest.ID != uuid(1) || count != 2 {
		t.Errorf("%+v, %d after the first", latest, count)
	}

	// The owner makes one without a request.
	w.refused(w.asks("Ola Dal").CreateSystemUser(ask, made))("/externalRef changed_since")
	own := with(func(k *delegation.SystemAsk) {
		k.Reference, k.Packages, k.Rights = "egen", []string{"jordbruk"}, right("skjema:read")
	})
	w.refused(w.asks("Nina Vik").CreateSystemUser(own, w.next("egen")))("/owner not_administrator GIVE-1")
	w.do(w.asks("Ola Dal").CreateSystemUser(own, delegation.NewSystemUser{No: w.no("egen"), UUID: fullmakt.UUID{0: 1, 15: 2}}))
	u, _ = delegation.SystemUserByReference(w.s, w.systemID("lonn"), owner, "egen")
	may("read", true)
	may("write", false)
}

func TestChangeRequests(t *testing.T) {
	w := vendors(t)
	owner := w.no("Bergen AS")
	w.do(w.asks("Kari Lie").CreateSystemUser(delegation.SystemAsk{System: w.systemID("lonn"), Owner: owner, Packages: []string{"skatt-naering"}, Rights: right("skjema:write")}, w.next("bruker")))
	u, _ := delegation.SystemUserByReference(w.s, w.systemID("lonn"), owner, "")
	change := delegation.SystemAsk{ID: uuid(1), User: u.UUID, Packages: []string{"jordbruk", "skatt-naering", "maskinlesbare-hendelser"}, UnwantedPackages: []string{"plansak"}, UnwantedRights: right("skjema")}
	vendor := func() *delegation.Acting { return w.asks("Oslo AS") }

	bad := change
	bad.User = uuid(99)
	w.notSent(vendor().AskForChange(bad))("/systemUserId incomplete_command")
	w.notSent(w.asks("Kari Lie").AskForChange(change))("/vendor not_administrator")
	w.notSent(vendor().AskForChange(delegation.SystemAsk{User: u.UUID}))("/requiredAccessPackages incomplete_command")
	bad = delegation.SystemAsk{User: u.UUID, Packages: []string{"plansak", "jordbruk"}, Rights: right("skjema:read"), UnwantedPackages: []string{"x", "jordbruk"}, UnwantedRights: right("skjema")}
	w.notSent(vendor().AskForChange(bad))("/requiredAccessPackages/0 receiver_not_allowed",
		"/unwantedAccessPackages/0 unknown_package", "/unwantedAccessPackages/1 incomplete_command", "/unwantedRights/0 incomplete_command")

	// What is so already need not be asked for, by any name of the user.
	byName := delegation.SystemAsk{System: w.systemID("lonn"), Owner: owner, Packages: change.Packages, UnwantedPackages: change.UnwantedPackages, UnwantedRights: change.UnwantedRights}
	needed, err := vendor().ChangeNeeded(byName)
	if err != nil || needed.User != u.UUID || !slices.Equal(needed.Packages, []string{"jordbruk", "maskinlesbare-hendelser"}) || needed.UnwantedPackages != nil || len(needed.UnwantedRights) != 1 {
		t.Errorf("%v: %+v", err, needed)
	}
	w.sent(false)(vendor().AskForChange(delegation.SystemAsk{ID: uuid(2), User: u.UUID, Packages: []string{"skatt-naering"}, Rights: right("skjema:write"), UnwantedRights: right("skjema:read")}))

	w.sent(true)(vendor().AskForChange(change))
	if id := w.sent(false)(vendor().AskForChange(func() delegation.SystemAsk { k := change; k.ID = uuid(3); return k }())); id != uuid(1) {
		t.Errorf("the same again is %s", id)
	}
	before := w.in()
	// Rule GIVE-1: an administrator who holds jordbruk gives that and takes back
	// anything; what is not his to give stops all of it.
	w.refused(w.asks("Ola Dal").ApproveSystemAsk(uuid(1), delegation.NewSystemUser{}))("/requiredAccessPackages/2 package_not_held GIVE-1")
	w.want(before...)
	items, err := w.asks("Ola Dal").CheckSystemAsk(uuid(1), delegation.NewSystemUser{})
	var told []string
	for _, item := range items {
		told = append(told, fmt.Sprint(item.Path, " ", item.Already, item.Unwanted, len(item.Refusals)))
	}
	if want := []string{"/requiredAccessPackages/0 false false 0", "/requiredAccessPackages/1 true false 0", "/requiredAccessPackages/2 false false 1",
		"/unwantedAccessPackages/0 true true 0", "/unwantedRights/0 false true 0"}; err != nil || !slices.Equal(told, want) {
		t.Errorf("%v: %q", err, told)
	}
	w.do(w.asks("Kari Lie").ApproveSystemAsk(uuid(1), delegation.NewSystemUser{}))
	w.want("Bergen AS gives Ola Dal tilgangsstyrer", "Bergen AS gives Ola Dal jordbruk", "Bergen AS gives bruker skatt-naering", "Bergen AS gives bruker jordbruk", "Bergen AS gives bruker maskinlesbare-hendelser")
	if k, ok := delegation.FindSystemAsk(w.s, uuid(1), noon); !ok || k.State != delegation.SystemAskAccepted || k.By != w.no("Kari Lie") {
		t.Errorf("%+v", k)
	}
	w.refused(w.asks("Kari Lie").RejectSystemAsk(uuid(1)))("request_state")

	// A change that waits when the user ends is answered; one that is asked of a user
	// that has ended is not taken.
	w.sent(true)(vendor().AskForChange(delegation.SystemAsk{ID: uuid(4), User: u.UUID, UnwantedPackages: []string{"jordbruk"}}))
	w.do(w.asks("Ola Dal").EndSystemUser(u.UUID, owner))
	if k, _ := delegation.FindSystemAsk(w.s, uuid(4), noon); k.State != delegation.SystemAskRejected {
		t.Errorf("after the end it is %s", k.State)
	}
	w.want("Bergen AS gives Ola Dal tilgangsstyrer", "Bergen AS gives Ola Dal jordbruk")
	w.notSent(vendor().AskForChange(change))("/systemUserId incomplete_command")
}

// What an agent is to have no longer is taken back for its clients, by who may do
// so (rule CLIENT-1).
func TestChangeOfAnAgent(t *testing.T) {
	w := vendors(t)
	w.role("Bergen AS REGN Trondheim AS")
	w.do(w.asks("Oslo AS").PutSystem(delegation.System{ID: w.systemID("klient"), Vendor: w.no("Oslo AS"), Packages: []string{"regnskapsforer-lonn", "regnskapsforer-uten-signeringsrettighet"}}))
	owner := w.no("Bergen AS")
	w.do(w.asks("Kari Lie").CreateSystemUser(delegation.SystemAsk{System: w.systemID("klient"), Owner: owner, Agent: true, Packages: []string{"regnskapsforer-lonn"}}, w.next("agenten")))
	u, _ := delegation.SystemUserByReference(w.s, w.systemID("klient"), owner, "")
	w.do(w.by("Kari Lie").DelegateClients(delegation.DelegateClients{Provider: owner, AllClients: true, Agents: []fullmakt.PartyNo{u.Party}, Values: []delegation.Delegable{{Packages: u.Packages}}}))
	w.sent(true)(w.asks("Oslo AS").AskForChange(delegation.SystemAsk{ID: uuid(1), User: u.UUID, Packages: []string{"regnskapsforer-uten-signeringsrettighet"}, UnwantedPackages: u.Packages}))
	w.refused(w.asks("Ola Dal").ApproveSystemAsk(uuid(1), delegation.NewSystemUser{}))("/unwantedAccessPackages/0 not_administrator CLIENT-1")
	w.do(w.asks("Kari Lie").ApproveSystemAsk(uuid(1), delegation.NewSystemUser{}))
	w.want("Bergen AS gives Ola Dal tilgangsstyrer", "Bergen AS gives Ola Dal jordbruk", "Bergen AS has agent agenten")
	if u, _ = delegation.FindSystemUser(w.s, u.UUID); !slices.Equal(u.Packages, []string{"regnskapsforer-uten-signeringsrettighet"}) {
		t.Errorf("%v", u.Packages)
	}
}
