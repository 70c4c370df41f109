package delegation_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

// accountants is a town with Regnskap AS, accountant of two companies, its
// director Kari, and Ola and Nina who work there.
func accountants(t testing.TB) *town {
	w := newTown(t)
	w.org("AS", "Regnskap AS", "Bakeri AS", "Smie AS", "Kafé AS")
	w.person("Kari Lie", "Ola Dal", "Nina Vik", "Per Bakke")
	w.system("Regnskap AS", "agent-system", true)
	w.system("Regnskap AS", "vanlig-system", false)
	w.system("Smie AS", "fremmed-agent", true)
	w.role("Kari Lie DAGL Regnskap AS", "Regnskap AS REGN Bakeri AS", "Regnskap AS REGN Smie AS", "Regnskap AS REVI Smie AS", "Per Bakke DAGL Bakeri AS", "Per Bakke DAGL Kafé AS")
	return w
}

func (w *town) agents(names ...string) {
	w.t.Helper()
	for _, name := range names {
		w.do(w.by("Kari Lie").AddAgent(delegation.AddAgent{Provider: w.no("Regnskap AS"), Agent: w.no(name), Identified: true}))
	}
}

func (w *town) nos(names ...string) (list []fullmakt.PartyNo) {
	for _, name := range names {
		list = append(list, w.no(name))
	}
	return list
}

// delegates lets an agent use a package for a client.
func (w *town) delegates(client, agent, role string, packages ...string) delegation.DelegateClients {
	return delegation.DelegateClients{
		Provider: w.no("Regnskap AS"), Clients: w.nos(client), Agents: w.nos(agent), Values: []delegation.Delegable{{Role: role, Packages: packages}},
	}
}

const lonn = "regnskapsforer-lonn"

func TestCLIENT1(t *testing.T) {
	w := accountants(t)
	add := func(agent string) delegation.AddAgent {
		return delegation.AddAgent{Provider: w.no("Regnskap AS"), Agent: w.no(agent), Identified: true}
	}
	w.refused(w.by("Ola Dal").AddAgent(add("Ola Dal")))("/provider not_administrator CLIENT-1")
	// The client administrator need not hold what it delegates.
	w.do(w.by("Kari Lie").Give(w.give("Regnskap AS", "Nina Vik", "klientadministrator")))
	w.do(w.by("Nina Vik").AddAgent(add("Ola Dal")))
	w.do(w.by("Nina Vik").DelegateClients(w.delegates("Bakeri AS", "Ola Dal", "REGN", lonn)))
	w.want("Regnskap AS gives Nina Vik klientadministrator", "Regnskap AS has agent Ola Dal",
		"Regnskap AS lets Ola Dal use regnskapsforer-lonn for Bakeri AS over REGN")
	// The access manager may not.
	w.do(w.by("Kari Lie").Give(w.give("Regnskap AS", "Per Bakke", "tilgangsstyrer")))
	w.refused(w.by("Per Bakke").AddAgent(add("Per Bakke")))("/provider not_administrator CLIENT-1")
	w.refused(w.by("Per Bakke").DelegateClients(w.delegates("Bakeri AS", "Ola Dal", "REGN", lonn)))("/provider not_administrator CLIENT-1")
	// Nor the client's own director.
	w.refused(w.by("Per Bakke").UndelegateClients(delegation.UndelegateClients{Provider: w.no("Regnskap AS"), Clients: w.nos("Bakeri AS"), Agents: w.nos("Ola Dal")}))(
		"/provider not_administrator CLIENT-1")
	if out := w.do(w.by("Nina Vik").AddAgent(add("Ola Dal"))); len(out.Changes) != 0 {
		t.Errorf("added again: %+v", out)
	}
	stranger := add("Per Bakke")
	stranger.Agent, stranger.Identified = w.new("Liv Li", fullmakt.PersonID(mustPerson(t, 7))), false
	w.refused(w.by("Kari Lie").AddAgent(stranger))("/agent identity_required GIVE-3")

	for agent, want := range map[string]string{
		"Bakeri AS": "/agent not_agent CLIENT", "vanlig-system": "/agent not_agent CLIENT", "fremmed-agent": "/agent not_agent CLIENT",
	} {
		w.refused(w.by("Kari Lie").AddAgent(add(agent)))(want)
	}
}

func mustPerson(t testing.TB, n int) fullmakt.NationalID {
	id, ok := fullmakt.SyntheticNationalID(3, 3, 80, 500+n)
	for ; !ok; n++ {
		id, ok = fullmakt.SyntheticNationalID(3, 3, 80, 500+n)
	}
	return id
}

func TestCLIENTDelegating(t *testing.T) {
	w := accountants(t)
	kari := func() *delegation.Acting { return w.by("Kari Lie") }
	w.refused(kari().DelegateClients(w.delegates("Bakeri AS", "Ola Dal", "REGN", lonn)))("/agents/0 not_agent CLIENT-1")
	w.agents("Ola Dal")
	// An agent system user becomes an agent with the first delegation.
	w.do(kari().DelegateClients(w.delegates("Bakeri AS", "agent-system", "regnskapsforer", lonn)))
	w.want("Regnskap AS has agent Ola Dal", "Regnskap AS has agent agent-system", "Regnskap AS lets agent-system use regnskapsforer-lonn for Bakeri AS over REGN")

	w.refused(kari().DelegateClients(w.delegates("Bakeri AS", "Ola Dal", "REVI", "ansvarlig-revisor")))("/clients/0 package_not_held CLIENT")
	w.refused(kari().DelegateClients(w.delegates("Kafé AS", "Ola Dal", "", lonn)))("/clients/0 package_not_held CLIENT")
	w.refused(kari().DelegateClients(w.delegates("Bakeri AS", "Ola Dal", "REGN", "hovedadministrator", "x", lonn)))(
		"/values/0/packages/0 not_delegable CLIENT", "/values/0/packages/1 unknown_package")
	w.refused(kari().DelegateClients(w.delegates("Bakeri AS", "Ola Dal", "finnes-ikke", lonn)))("/values/0/role incomplete_command")
	w.refused(kari().DelegateClients(w.delegates("Bakeri AS", "Ola Dal", "REGN")))("/values/0/packages incomplete_command")

	// A batch is all of it or nothing.
	batch := w.delegates("Bakeri AS", "Ola Dal", "REGN", lonn)
	batch.Clients = w.nos("Bakeri AS", "Kafé AS", "Smie AS")
	w.refused(kari().DelegateClients(batch))("/clients/1 package_not_held CLIENT")
	// All clients are those that give it; what is there already stays.
	batch.Clients, batch.AllClients, batch.Agents = nil, true, w.nos("Ola Dal", "agent-system", "Ola Dal")
	if out := w.do(kari().DelegateClients(batch)); len(out.Changes) != 3 {
		t.Errorf("all clients: %d changes, want 3: %+v", len(out.Changes), out.Changes)
	}
	if out := w.do(kari().DelegateClients(batch)); len(out.Changes) != 0 {
		t.Errorf("all clients again: %+v", out.Changes)
	}

	// Over a grant.
	w.do(w.by("Per Bakke").Give(w.give("Kafé AS", "Regnskap AS", "skatt-naering")))
	w.do(kari().DelegateClients(w.delegates("Kafé AS", "Ola Dal", delegation.OverGrant, "skatt-naering")))
	if d := w.last[0].(fullmakt.ClientDelegation); d.Role != "" || d.GivenBy != w.no("Kari Lie") {
		t.Errorf("over a grant: %+v", d)
	}
	un := delegation.UndelegateClients{Provider: w.no("Regnskap AS"), AllClients: true, Agents: w.nos("Ola Dal"),
		Values: []delegation.Delegable{{Role: "REGN", Packages: []string{lonn}}}}
	if out := w.do(kari().UndelegateClients(un)); len(out.Changes) != 2 {
		t.Errorf("undelegated %+v", out.Changes)
	}
	// The agent gives up its own, and only its own.
	un.Values, un.Agents = nil, w.nos("agent-system")
	w.refused(w.by("Ola Dal").UndelegateClients(un))("/provider not_administrator CLIENT-1")
	un.Agents = w.nos("Ola Dal")
	w.do(w.by("Ola Dal").UndelegateClients(un))
	if d := w.last[0].(fullmakt.ClientDelegation); d.Cause != fullmakt.CauseRenounced {
		t.Errorf("renounced as %+v", d)
	}

	// An agent goes with what it was delegated, with the cascade.
	gone := delegation.RemoveAgent{Provider: w.no("Regnskap AS"), Agent: w.no("agent-system")}
	_, err := kari().RemoveAgent(gone)
	w.refused(nil, err)("things_rest_on_it GIVE-4")
	if n := len(delegation.Refusals(err)[0].Rests); n != 2 {
		t.Errorf("%d things rest on it, want 2", n)
	}
	gone.Cascade = true
	if out := w.do(kari().RemoveAgent(gone)); len(out.Ended) != 2 {
		t.Errorf("removed: %+v", out)
	}
	w.want("Regnskap AS has agent Ola Dal", "Kafé AS gives Regnskap AS skatt-naering")
	if out := w.do(kari().RemoveAgent(gone)); len(out.Changes) != 0 {
		t.Errorf("removed again: %+v", out)
	}
	w.do(w.by("Ola Dal").RemoveAgent(delegation.RemoveAgent{Provider: gone.Provider, Agent: w.no("Ola Dal")}))
}

func TestGIVE6(t *testing.T) {
	w := accountants(t)
	w.agents("Ola Dal", "Nina Vik")
	w.do(w.by("Per Bakke").Give(w.give("Kafé AS", "Regnskap AS", "skatt-naering")))
	w.do(w.by("Kari Lie").DelegateClients(w.delegates("Bakeri AS", "Ola Dal", "REGN", lonn)))
	w.do(w.by("Kari Lie").DelegateClients(w.delegates("Smie AS", "Nina Vik", "REGN", lonn)))
	w.do(w.by("Kari Lie").DelegateClients(w.delegates("Smie AS", "Nina Vik", "REVI", "ansvarlig-revisor")))
	w.do(w.by("Kari Lie").DelegateClients(w.delegates("Kafé AS", "Ola Dal", "", "skatt-naering")))
	rest := []string{"Regnskap AS has agent Ola Dal", "Regnskap AS has agent Nina Vik", "Kafé AS gives Regnskap AS skatt-naering",
		"Regnskap AS lets Ola Dal use skatt-naering for Kafé AS over a grant"}
	bakery := "Regnskap AS lets Ola Dal use regnskapsforer-lonn for Bakeri AS over REGN"
	audit := "Regnskap AS lets Nina Vik use ansvarlig-revisor for Smie AS over REVI"

	// A role set replaced by one that still holds the provider ends nothing.
	w.role("Kari Lie MEDL Bakeri AS")
	// One role of two: what rested on the other stays.
	w.unrole("Regnskap AS REGN Smie AS")
	w.want(append(rest, bakery, audit)...)
	// The client changes accountant, in one revision; the register's cause.
	o := w.orgs[w.no("Bakeri AS")]
	o.Roles = slices.Clone(o.Roles)
	for i := range o.Roles {
		if o.Roles[i].Code == "REGN" {
			o.Roles[i].Holder = w.no("Smie AS")
		}
	}
	w.store(o)
	w.want(append(rest, audit)...)
	if d := w.last[1].(fullmakt.ClientDelegation); d.Cause != fullmakt.CauseRegister {
		t.Errorf("ended as %+v", d)
	}
	// The accountant returns: the relation is given anew or not at all.
	w.role("Regnskap AS REGN Bakeri AS")
	w.want(append(rest, audit)...)
	// A role that is deregistered is not held.
	o = w.orgs[w.no("Smie AS")]
	o.Roles = slices.Clone(o.Roles)
	o.Roles[0].Ended = true
	w.store(o)
	w.want(rest...)

	// A grant that goes takes what rested on it, if asked to.
	revoke := delegation.Revoke{From: w.no("Kafé AS"), To: w.no("Regnskap AS"), Items: items("skatt-naering")}
	_, err := w.by("Per Bakke").Revoke(revoke)
	w.refused(nil, err)("/items/0 things_rest_on_it GIVE-4")
	revoke.Cascade = true
	out := w.do(w.by("Per Bakke").Revoke(revoke))
	if len(out.Ended) != 1 || out.Ended[0].(fullmakt.ClientDelegation).Cause != fullmakt.CauseCascade {
		t.Errorf("taken along: %+v", out.Ended)
	}
	w.want("Regnskap AS has agent Ola Dal", "Regnskap AS has agent Nina Vik")
}

func TestGIVE6AfterAnEndThatPassed(t *testing.T) {
	w := accountants(t)
	w.agents("Ola Dal")
	c := w.give("Kafé AS", "Regnskap AS", "skatt-naering")
	c.Valid.To = noon + 10
	w.do(w.by("Per Bakke").Give(c))
	w.do(w.by("Kari Lie").DelegateClients(w.delegates("Kafé AS", "Ola Dal", "", "skatt-naering")))
	// The grant runs out, and is given anew before anybody has recorded it.
	later := w.by("Per Bakke")
	later.At = noon + 20
	kari := w.by("Kari Lie")
	kari.At = later.At
	w.refused(kari.DelegateClients(w.delegates("Kafé AS", "Ola Dal", "", "skatt-naering")))("/clients/0 package_not_held CLIENT")
	c.Valid.To = 0
	out := w.do(later.Give(c))
	if len(out.Ended) != 1 || out.Ended[0].(fullmakt.ClientDelegation).Cause != fullmakt.CauseExpired {
		t.Errorf("ended: %+v", out.Ended)
	}
	w.want("Regnskap AS has agent Ola Dal", "Kafé AS gives Regnskap AS skatt-naering")
}

func TestLIFE1(t *testing.T) {
	w := accountants(t)
	w.agents("Ola Dal", "Nina Vik")
	w.do(w.by("Kari Lie").DelegateClients(w.delegates("Bakeri AS", "Ola Dal", "REGN", lonn)))
	w.do(w.by("Ola Dal").Give(w.give("Ola Dal", "Regnskap AS", "innbygger-skatteforhold-privatpersoner")))
	w.do(w.by("Per Bakke").Give(w.give("Bakeri AS", "Ola Dal", "jordbruk")))
	w.store(fullmakt.Person{Party: w.no("Ola Dal"), Dead: true})
	// What the person gave ends, and being an agent; what was given to the person
	// confers nothing, and is the giver's to take back.
	w.want("Regnskap AS has agent Nina Vik", "Bakeri AS gives Ola Dal jordbruk")
	if g := w.last[1].(fullmakt.Grant); g.Cause != fullmakt.CauseRegister {
		t.Errorf("the grant ended as %+v", g)
	}
	// A purge says it all by itself.
	before := len(delegation.Ends(w.s, []fullmakt.Change{fullmakt.Person{Party: w.no("Nina Vik"), Dead: true}, fullmakt.Purge{Party: w.no("Nina Vik")}}))
	if before != 0 {
		t.Errorf("%d ends of a purged party", before)
	}
}

func TestClientLists(t *testing.T) {
	w := accountants(t)
	w.agents("Ola Dal", "Nina Vik")
	w.do(w.by("Per Bakke").Give(w.give("Kafé AS", "Regnskap AS", "skatt-naering", "tilgangsstyrer")))
	w.do(w.by("Per Bakke").Give(w.give("Bakeri AS", "Regnskap AS", "jordbruk")))
	w.do(w.by("Kari Lie").DelegateClients(delegation.DelegateClients{Provider: w.no("Regnskap AS"), AllClients: true, Agents: w.nos("Ola Dal"),
		Values: []delegation.Delegable{{Role: "REGN", Packages: []string{lonn, "regnskapsforer-uten-signeringsrettighet"}}}}))
	provider := w.no("Regnskap AS")
	var got []string
	for after := fullmakt.PartyNo(0); ; {
		page, more := delegation.Page(delegation.Clients(w.s, provider, noon, after), 2)
		for _, c := range page {
			line := w.s.Name(c.Party)
			for _, a := range c.Access {
				line += fmt.Sprintf(" %s:%d", w.s.RoleCode(a.Role), a.Packages.Len())
			}
			got = append(got, line)
			after = c.Party
		}
		if !more {
			break
		}
	}
	want := []string{"Bakeri AS REGN:3 :1", "Smie AS REGN:3 REVI:2", "Kafé AS :1"}
	if !slices.Equal(got, want) {
		t.Errorf("clients %q, want %q", got, want)
	}
	got = nil
	for a := range delegation.Agents(w.s, provider, 0) {
		got = append(got, fmt.Sprint(w.s.Name(a.Agent.Agent), " ", a.Clients, " ", a.Since == noon))
	}
	if want := []string{"Ola Dal 2 true", "Nina Vik 0 true"}; !slices.Equal(got, want) {
		t.Errorf("agents %q, want %q", got, want)
	}
	for _, list := range [][]delegation.Delegated{
		slices.Collect(delegation.DelegatedTo(w.s, provider, w.no("Ola Dal"), 0)),
		append(slices.Collect(delegation.DelegatedFor(w.s, provider, w.no("Bakeri AS"), 0)), slices.Collect(delegation.DelegatedFor(w.s, provider, w.no("Smie AS"), 0))...),
	} {
		if len(list) != 2 || list[0].Client != w.no("Bakeri AS") || list[1].Agent != w.no("Ola Dal") || list[0].Packages.Len() != 2 {
			t.Errorf("delegated: %+v", list)
		}
	}
	if n := len(slices.Collect(delegation.DelegatedTo(w.s, w.no("Smie AS"), w.no("Ola Dal"), 0))); n != 0 {
		t.Errorf("another provider has %d delegations", n)
	}
	o := w.orgs[provider]
	o.State = fullmakt.Deleted
	w.store(o)
	if n := len(slices.Collect(delegation.Clients(w.s, provider, noon, 0))); n != 0 {
		t.Errorf("a deleted provider has %d clients", n)
	}
}
