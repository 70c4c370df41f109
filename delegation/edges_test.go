package delegation_test

import (
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
)

// What the random commands rarely or never come to: each of these was found by a
// wrong rule planted by hand that no other test saw.

func TestWhoIsKnownByNameGivesAndReceivesNothing(t *testing.T) { // OPEN-1
	w := bergen(t)
	w.new("Per Open", fullmakt.OpenPersonID(fullmakt.NewDate(1970, 1, 12), "per open"))
	w.role("Bergen AS REGN Oslo AS")
	w.refused(w.by("").Give(w.give("Per Open", "Oslo AS", "innbygger-kjoretoy")))("/from uncertain_identity GIVE-3")
	w.refused(w.by("").Give(w.give("Bergen AS", "Per Open", "skatt-naering")))("/to uncertain_identity OPEN-1")
	w.refused(w.by("").AddAgent(delegation.AddAgent{Provider: w.no("Bergen AS"), Agent: w.no("Per Open"), Identified: true}))("/agent uncertain_identity OPEN-1")
}

func TestTheOperatorIsBoundByPartyType(t *testing.T) { // GIVE-1 (b)
	w := bergen(t)
	w.refused(w.by("").Give(w.give("Bergen AS", "Ola Dal", "innbygger-kjoretoy")))("/items/0 wrong_party_type GIVE-1")
	w.refused(w.by("").Give(w.give("Ola Dal", "Bergen AS", "skatt-naering")))("/items/0 wrong_party_type GIVE-1")
}

func TestAnItemIsOneWholeThing(t *testing.T) {
	w := bergen(t)
	give := w.give("Bergen AS", "Ola Dal")
	give.Items = []delegation.Item{{Resource: "skjema"}, {Right: "read"}, {Package: "skatt-naering", ECKEY: true}, {}}
	w.refused(w.by("").Give(give))("/items/0 incomplete_command", "/items/1 incomplete_command", "/items/2 incomplete_command", "/items/3 incomplete_command")
}

// TestCheckNamesPathsThatGive: what only may be used is no ground of a yes.
func TestCheckNamesPathsThatGive(t *testing.T) {
	w := bergen(t)
	w.role("Ola Dal MEDL Bergen AS", "Ola Dal DAGL Bergen AS")
	a := w.by("Ola Dal")
	seen := false
	for _, c := range a.CheckPackages(w.no("Bergen AS"), 0) {
		for _, path := range c.Paths {
			if c.Rule == fullmakt.RuleGive1 && !path.Give {
				t.Errorf("%s: a path over which nothing is given on: %+v", a.Snapshot.Catalogue().Package(c.Package).Code, path)
			}
			seen = seen || c.Rule == fullmakt.RuleGive1
		}
	}
	if !seen {
		t.Error("nothing may be given by GIVE-1")
	}
}

// accountant is Bergen AS with Oslo AS as its client over REGN, and Ola its agent.
func accountant(t *testing.T) *town {
	w := bergen(t)
	w.role("Bergen AS REGN Oslo AS")
	w.system("Bergen AS", "fagsystem", true)
	w.do(w.by("").AddAgent(delegation.AddAgent{Provider: w.no("Bergen AS"), Agent: w.no("Ola Dal"), Identified: true}))
	w.do(w.by("").AddAgent(delegation.AddAgent{Provider: w.no("Bergen AS"), Agent: w.no("fagsystem")}))
	return w
}

func (w *town) delegate(agent, role string, packages ...string) delegation.DelegateClients {
	return delegation.DelegateClients{Provider: w.no("Bergen AS"), Clients: []fullmakt.PartyNo{w.no("Oslo AS")}, Agents: []fullmakt.PartyNo{w.no(agent)},
		Values: []delegation.Delegable{{Role: role, Packages: packages}}}
}

func TestASystemUserThatEndsIsNoAgent(t *testing.T) { // LIFE-3
	w := accountant(t)
	w.do(w.by("").DelegateClients(w.delegate("fagsystem", "REGN", lonn)))
	w.store(fullmakt.SystemUser{Party: w.no("fagsystem"), Owner: w.no("Bergen AS"), Agent: true, Ended: true})
	w.want("Bergen AS has agent Ola Dal")
}

func TestADerivedBasisEndsWithItsForm(t *testing.T) { // FORM-1, GIVE-6
	w := accountant(t)
	c := w.s.Catalogue()
	for _, d := range c.Derivations() {
		from, to, form := c.Role(d.From).Code, c.Role(d.To).Code, c.Form(d.Form).Code
		client := w.orgs[w.no("Trondheim AS")]
		client.Form, client.Roles = form, []fullmakt.Role{{Code: from, Holder: w.no("Bergen AS")}}
		w.store(client)
		given := fullmakt.ClientDelegation{Provider: w.no("Bergen AS"), Client: client.Party, Agent: w.no("Ola Dal"), Package: lonn, Role: to}
		w.store(given)
		w.store(client) // delivered again as it was
		if n := len(w.s.Delegations(client.Party, given.Agent)); n != 1 {
			t.Errorf("%s over %s at %s: %d delegations after a delivery of the same, want 1", to, from, form, n)
		}
		client.Roles = nil
		w.store(client)
		if n := len(w.s.Delegations(client.Party, given.Agent)); n != 0 {
			t.Errorf("%s over %s at %s: %d delegations without the role, want 0", to, from, form, n)
		}
	}
	if len(c.Derivations()) == 0 {
		t.Error("the catalogue derives nothing")
	}
}

func TestAMainAdministratorAdministersClients(t *testing.T) { // CLIENT-1
	w := accountant(t)
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Nina Vik", "hovedadministrator")))
	w.do(w.by("Nina Vik").DelegateClients(w.delegate("Ola Dal", "REGN", lonn)))
	w.refused(w.by("Ola Dal").DelegateClients(w.delegate("Ola Dal", "REGN", lonn)))("/provider not_administrator CLIENT-1")
}

func TestAPersonHasNoAgents(t *testing.T) {
	w := accountant(t)
	w.refused(w.by("").AddAgent(delegation.AddAgent{Provider: w.no("Nina Vik"), Agent: w.no("Ola Dal"), Identified: true}))("/provider wrong_party_type CLIENT-1")
}

func TestADeletedClientIsNotDelegated(t *testing.T) { // LIFE-1
	w := accountant(t)
	client := w.orgs[w.no("Oslo AS")]
	client.State = fullmakt.Deleted
	w.store(client)
	w.refused(w.by("").DelegateClients(w.delegate("Ola Dal", "REGN", lonn)))("/clients/0 party_deleted LIFE-1")
}

func TestAnEndedRoleIsNoBasis(t *testing.T) {
	w := accountant(t)
	client := w.orgs[w.no("Oslo AS")]
	client.Roles = []fullmakt.Role{{Code: "REGN", Holder: w.no("Bergen AS"), Ended: true}}
	w.store(client)
	for _, role := range []string{"REGN", ""} { // "": over whatever basis there is
		w.refused(w.by("").DelegateClients(w.delegate("Ola Dal", role, lonn)))("/clients/0 package_not_held CLIENT")
	}
}

func TestUndelegateGoesByTheBasis(t *testing.T) {
	w := accountant(t)
	c := w.delegate("Ola Dal", "REGN", lonn)
	d := fullmakt.ClientDelegation{Provider: c.Provider, Client: c.Clients[0], Agent: c.Agents[0], Package: lonn, Role: "REGN"}
	overGrant := d
	overGrant.Role = ""
	w.store(fullmakt.Grant{From: d.Client, To: d.Provider, Package: lonn}, d, overGrant)
	over := w.delegate("Ola Dal", delegation.OverGrant, lonn)
	out := w.do(w.by("").UndelegateClients(delegation.UndelegateClients{Provider: c.Provider, Clients: c.Clients, Agents: c.Agents, Values: over.Values}))
	if len(out.Changes) != 1 || out.Changes[0].(fullmakt.ClientDelegation).Role != "" {
		t.Errorf("ended: %+v, want that over the grant alone", out.Changes)
	}
}

// TestNobodyIsItsOwnClient: who is registered as its own accountant is no client
// of its own, and does not stand in the way of delegating all clients; nor does an
// agent that is a client.
func TestNobodyIsItsOwnClient(t *testing.T) {
	w := accountant(t)
	w.role("Bergen AS REGN Bergen AS")
	c := w.delegate("Ola Dal", "REGN", lonn)
	all := c
	all.Clients, all.AllClients = nil, true
	if out := w.do(w.by("").DelegateClients(all)); len(out.Changes) != 1 {
		t.Errorf("delegated: %+v, want for Oslo AS alone", out.Changes)
	}
	c.Clients = []fullmakt.PartyNo{w.no("Bergen AS")}
	w.refused(w.by("").DelegateClients(c))("/clients/0 to_itself CLIENT")
	w.store(fullmakt.Grant{From: w.no("Ola Dal"), To: w.no("Bergen AS"), Package: lonn})
	c = w.delegate("Ola Dal", delegation.OverGrant, lonn)
	c.Clients = c.Agents
	w.refused(w.by("").DelegateClients(c))("/clients/0 to_itself CLIENT")
	all.Values = c.Values
	if out := w.do(w.by("").DelegateClients(all)); len(out.Changes) != 0 {
		t.Errorf("delegated: %+v, want nothing", out.Changes)
	}
}

func TestScopesGoByFormAndAssignable(t *testing.T) { // SCOPE-1
	w := bergen(t)
	kari, from := w.no("Kari Lie"), w.no("Bergen AS")
	w.store(fullmakt.Grant{From: from, To: kari, Package: "delegerbare-maskinporten-scopes-NUF"}) // no command gives it
	foreign := delegation.Scheme{ID: "ordning", Delegable: true, Packages: w.set("delegerbare-maskinporten-scopes-NUF")}
	if _, reason := w.by("Kari Lie").CheckScheme(from, foreign); reason != fullmakt.ReasonOrgForm {
		t.Errorf("the package of foreign enterprises at an AS: %q", reason)
	}
	for _, p := range w.s.Catalogue().Packages() {
		if p.Assignable || p.EntityType != fullmakt.KindOrganisation {
			continue
		}
		w.store(fullmakt.Grant{From: from, To: kari, Package: p.Code})
		var opens catalogue.PackageSet
		opens.Add(p.ID)
		if _, reason := w.by("Kari Lie").CheckScheme(from, delegation.Scheme{ID: "ordning", Delegable: true, Packages: opens}); reason != fullmakt.ReasonNotAssignable {
			t.Errorf("%s, which is not assignable, opens a scheme: %q", p.Code, reason)
		}
	}
}

func TestAMainAdministratorEndsScopes(t *testing.T) { // SCOPE-1
	w := bergen(t)
	scheme := delegation.Scheme{ID: "ordning", Delegable: true, Packages: w.set("delegerbare-maskinporten-scopes")}
	w.do(w.by("").GiveScopes(delegation.GiveScopes{From: w.no("Bergen AS"), To: w.no("Oslo AS"), Schemes: []delegation.Scheme{scheme}}))
	w.do(w.by("Kari Lie").Give(w.give("Bergen AS", "Nina Vik", "hovedadministrator")))
	c := delegation.RevokeScopes{From: w.no("Bergen AS"), To: w.no("Oslo AS"), Schemes: []string{"ordning"}}
	w.refused(w.by("Ola Dal").RevokeScopes(c))("not_administrator GIVE-4")
	if out := w.do(w.by("Nina Vik").RevokeScopes(c)); len(out.Changes) != 1 {
		t.Errorf("%d changes, want 1", len(out.Changes))
	}
}

// TestWhatTheRegisterEndedStaysEnded: a revision in which a person died is not
// undone, neither the grants nor the agent relations that ended in it.
func TestWhatTheRegisterEndedStaysEnded(t *testing.T) {
	w := accountant(t)
	w.do(w.by("").Give(w.give("Ola Dal", "Nina Vik", "innbygger-kjoretoy")))
	before := []fullmakt.Change{fullmakt.Grant{From: w.no("Ola Dal"), To: w.no("Nina Vik"), Package: "innbygger-kjoretoy"},
		fullmakt.Agent{Provider: w.no("Bergen AS"), Agent: w.no("Ola Dal")}}
	w.store(fullmakt.Person{Party: w.no("Ola Dal"), Dead: true})
	died := w.last
	w.want("Bergen AS has agent fagsystem")
	w.store(fullmakt.Person{Party: w.no("Ola Dal")}) // it was a mistake of the register's
	w.refused(w.by("").Undo(delegation.Undo{Did: died, Was: before}))("incomplete_command")
}
