package api

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
)

// clientWorld is an accountant, led by Kari, with a client administrator, an agent,
// somebody else who works there, and four clients: two by role, one by a grant, one
// by both. Borte AS has another accountant.
const clientWorld = `
organisation 310000078 AS "Regnskap AS"
organisation 310000019 AS "Bakeri AS"
organisation 310000027 AS "Smie AS"
organisation 310000035 AS "Kafe AS"
organisation 310000043 AS "Borte AS"
person 12817010065 "Kari Nordmann"
person 03918510094 "Ola Hansen"
person 22845910018 "Jonas Vik"
person 01896210099 "Nina Berg"
role DAGL at 310000078 holder 12817010065
role REGN at 310000019 holder 310000078
role REGN at 310000027 holder 310000078
role REVI at 310000027 holder 310000078
grant skatt-naering from 310000035 to 310000078 from 2025-01-01
grant jordbruk from 310000019 to 310000078 from 2025-01-01
grant klientadministrator from 310000078 to 01896210099 from 2025-01-01
system-user okonomi/en of 310000078 agent
system-user okonomi/to of 310000078
agent 03918510094 of 310000078
delegate regnskapsforer-lonn for 310000019 from 310000078 to 03918510094 over REGN
`

const (
	regnskapAS = "310000078"
	bakeriAS   = "310000019"
	smieAS     = "310000027"
	kafeAS     = "310000035"
	kariID     = "12817010065"
	olaID      = "03918510094"
	jonasID    = "22845910018"
	ninaID     = "01896210099"

	payroll      = "regnskapsforer-lonn"
	unsigned     = "regnskapsforer-uten-signeringsrettighet"
	lastYearsTax = "skatt-naering"
)

// clientTest asks a server about clients, in one version of the endpoints.
type clientTest struct {
	*testing.T
	n  *node.Node
	s  *Server
	v2 bool
}

func (c *clientTest) id(name string) string {
	switch name {
	case "agent-system":
		return c.system("okonomi/en")
	case "standard-system":
		return c.system("okonomi/to")
	case "nobody":
		return "11111111-1111-4111-8111-111111111111"
	}
	return uuidOf(c, c.n, name)
}

// system returns the UUID of a system user by its reference.
func (c *clientTest) system(reference string) string {
	snap := c.n.Current()
	for p := snap.Last(); p > 0; p-- {
		if snap.Kind(p) == fullmakt.KindSystemUser && strings.HasSuffix(snap.Name(p), reference) {
			ids, err := c.s.uuidsOf(c.Context(), p)
			if err != nil {
				c.Fatal(err)
			}
			return ids[0]
		}
	}
	c.Fatalf("no system user %s", reference)
	return ""
}

// ask asks as somebody. Parameters are written as the first version has them.
func (c *clientTest) ask(who, method, path string, params map[string]string, body any) *httptest.ResponseRecorder {
	c.Helper()
	values := url.Values{}
	base := clientDelegations
	if c.v2 {
		base = clientDelegationsV2
		if method == "DELETE" && body != nil {
			method, path = "POST", path+"/delete"
		}
	}
	for name, value := range params {
		switch name {
		case "party", "from", "to", "provider":
			value = c.id(value)
			if c.v2 {
				name = map[string]string{"party": "provider", "from": "client", "to": "agent", "provider": "provider"}[name]
			}
		}
		values.Set(name, value)
	}
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			c.Fatal(err)
		}
	}
	return callAs(c, c.s, userOf(c, c.n, who), method, base+path+"?"+values.Encode(), string(sent))
}

// want checks a status, and for an answer that is refused, codes and paths.
func (c *clientTest) want(got *httptest.ResponseRecorder, status int, problems ...string) {
	c.Helper()
	var p altinnProblem
	if got.Code >= 400 {
		if err := json.Unmarshal(got.Body.Bytes(), &p); err != nil {
			c.Fatalf("%v in %s", err, got.Body)
		}
	}
	var have []string
	for _, f := range p.Fields {
		have = append(have, f.Code+" "+strings.Join(f.Paths, " "))
	}
	if len(have) == 0 && p.Code != nil {
		have = append(have, *p.Code)
	}
	if got.Code != status || !cmp.Equal(have, problems) {
		c.Errorf("%d %q, want %d %q: %s", got.Code, have, status, problems, got.Body)
	}
}

// inBothVersions runs a test against both versions of the endpoints.
func inBothVersions(t *testing.T, test func(c *clientTest)) {
	for _, v2 := range []bool{false, true} {
		t.Run(map[bool]string{false: "v1", true: "v2"}[v2], func(t *testing.T) {
			n := worldNode(t, clientWorld)
			test(&clientTest{T: t, n: n, s: serveAPI(t, n, openConfig()).server, v2: v2})
		})
	}
}

// path writes a parameter as the version of a test calls it.
func (c *clientTest) path(name string) string {
	if c.v2 {
		name = map[string]string{"party": "provider", "from": "client", "to": "agent"}[name]
	}
	return "QUERY/" + name
}

func batch(values ...obj) obj { return obj{"values": values} }

func over(role string, packages ...string) obj { return obj{"role": role, "packages": packages} }

// access writes a list of clients or agents as text: names, with packages by role.
func (c *clientTest) access(got *httptest.ResponseRecorder) (out []string) {
	c.Helper()
	if got.Code != 200 {
		c.Fatalf("%d %s", got.Code, got.Body)
	}
	var page struct {
		Data []struct {
			Client, Agent *entityJSON
			Access        []clientAccessJSON
		}
	}
	if err := json.Unmarshal(got.Body.Bytes(), &page); err != nil {
		c.Fatal(err)
	}
	for _, one := range page.Data {
		e := one.Client
		if e == nil {
			e = one.Agent
		}
		line := e.Name
		for _, a := range one.Access {
			line += " " + a.Role.Code + ":"
			for i, p := range a.Packages {
				if i > 0 {
					line += ","
				}
				line += strings.TrimPrefix(p.URN, "urn:altinn:accesspackage:")
			}
		}
		out = append(out, line)
	}
	return out
}

// TestClientLists: clients with what may be delegated for each, filters, pages of
// one revision, agents, and what was delegated from both sides.
func TestClientLists(t *testing.T) {
	inBothVersions(t, func(c *clientTest) {
		party := map[string]string{"party": regnskapAS}
		all := c.access(c.ask(kariID, "GET", "/clients", party, nil))
		if len(all) != 3 || !strings.HasPrefix(all[0], "Bakeri AS regnskapsforer:") || !strings.HasSuffix(all[0], " rettighetshaver:jordbruk") ||
			!strings.Contains(all[1], " revisor:") || all[2] != "Kafe AS rettighetshaver:skatt-naering" {
			t.Errorf("%q", all)
		}
		for _, f := range []struct {
			params map[string]string
			want   []string
		}{
			{map[string]string{"roles": "rettighetshaver"}, []string{"Bakeri AS rettighetshaver:jordbruk", "Kafe AS rettighetshaver:skatt-naering"}},
			{map[string]string{"roles": "REGN", "packages": payroll}, []string{"Bakeri AS regnskapsforer:" + payroll, "Smie AS regnskapsforer:" + payroll}},
			{map[string]string{"packages": "urn:altinn:accesspackage:skatt-naering"}, []string{"Kafe AS rettighetshaver:skatt-naering"}},
			{map[string]string{"roles": "DAGL"}, nil},
		} {
			f.params["party"] = regnskapAS
			if got := c.access(c.ask(kariID, "GET", "/clients", f.params, nil)); !cmp.Equal(got, f.want) {
				t.Errorf("%v: %q", f.params, got)
			}
		}
		c.want(c.ask(kariID, "GET", "/clients", map[string]string{"party": regnskapAS, "roles": "x"}, nil), 400, "AM.VLD-00007 QUERY/roles")
		c.want(c.ask(kariID, "GET", "/clients", map[string]string{"party": regnskapAS, "packages": "x"}, nil), 400, "AM.VLD-00011 QUERY/packages")
		c.want(c.ask(kariID, "GET", "/clients", map[string]string{"party": regnskapAS, "pageSize": "0"}, nil), 400, "AM.VLD-00009 QUERY/pageSize")

		// Page by page, of one revision though the register moves on.
		target := clientDelegations + "/clients?party=" + c.id(regnskapAS) + "&pageSize=1"
		if c.v2 {
			target = clientDelegationsV2 + "/clients?provider=" + c.id(regnskapAS) + "&pageSize=1"
		}
		var paged []string
		for pages := 0; target != "" && pages < 9; pages++ {
			got := callAs(c, c.s, userOf(c, c.n, kariID), "GET", target, "")
			paged = append(paged, c.access(got)...)
			var page altinnPage[json.RawMessage]
			if err := json.Unmarshal(got.Body.Bytes(), &page); err != nil {
				t.Fatal(err)
			}
			if target = ""; page.Links.Next != nil {
				target = *page.Links.Next
			}
			if pages > 0 {
				continue
			}
			c.want(c.ask(kariID, "POST", "/agents/accesspackages", map[string]string{"party": regnskapAS, "from": bakeriAS, "to": olaID}, batch(over("REGN", payroll))), 200)
			c.want(c.ask(kariID, "DELETE", "/agents", map[string]string{"party": regnskapAS, "to": olaID, "cascade": "true"}, nil), 204)
			c.want(c.ask(kariID, "POST", "/agents", map[string]string{"party": regnskapAS, "to": "agent-system"}, nil), 200)
		}
		if !cmp.Equal(paged, all) {
			t.Errorf("by pages %q", paged)
		}
		gone := map[string]string{"party": regnskapAS, "pageSize": "1", "after": "1", "revision": "99999"}
		if got := c.ask(kariID, "GET", "/clients", gone, nil); got.Code != 410 {
			t.Errorf("a revision that is gone: %d", got.Code)
		}
	})
	inBothVersions(t, func(c *clientTest) {
		party := map[string]string{"party": regnskapAS}
		if got := c.access(c.ask(ninaID, "GET", "/agents", party, nil)); !cmp.Equal(got, []string{"Ola Hansen"}) {
			t.Errorf("agents %q", got)
		}
		if got := c.access(c.ask(ninaID, "GET", "/agents/accesspackages", map[string]string{"party": regnskapAS, "to": olaID}, nil)); !cmp.Equal(got, []string{"Bakeri AS regnskapsforer:" + payroll}) {
			t.Errorf("of the agent %q", got)
		}
		if got := c.access(c.ask(ninaID, "GET", "/clients/accesspackages", map[string]string{"party": regnskapAS, "from": bakeriAS}, nil)); !cmp.Equal(got, []string{"Ola Hansen regnskapsforer:" + payroll}) {
			t.Errorf("for the client %q", got)
		}
		c.want(c.ask(ninaID, "GET", "/agents/accesspackages", party, nil), 400, "AM.VLD-00009 "+c.path("to"))
		c.want(c.ask(ninaID, "GET", "/clients/accesspackages", map[string]string{"party": regnskapAS, "from": "nobody"}, nil), 400, "AM.VLD-00006 "+c.path("from"))
		c.want(c.ask(ninaID, "GET", "/clients", nil, nil), 400, "AM.VLD-00009 "+c.path("party"))
		// The agent, and whoever else, does not see them.
		for _, who := range []string{olaID, jonasID} {
			for _, path := range []string{"/clients", "/agents"} {
				c.want(c.ask(who, "GET", path, party, nil), 403)
			}
		}
		for _, scope := range []string{clientsWrite[0], myClientsRead[0]} {
			target := clientDelegations + "/clients?party=" + c.id(regnskapAS)
			if got := callAs(c, c.s, userOf(c, c.n, kariID, scope), "GET", target, ""); got.Code != 403 {
				t.Errorf("with %s: %d", scope, got.Code)
			}
		}
	})
}

// TestClientDelegations: agents come and go, and are let use packages for clients,
// all of a body or none, with a pointer to each thing that is wrong.
func TestClientDelegations(t *testing.T) {
	inBothVersions(t, func(c *clientTest) {
		to := func(agent string, more ...string) map[string]string {
			m := map[string]string{"party": regnskapAS, "to": agent}
			for i := 0; i+1 < len(more); i += 2 {
				m[more[i]] = more[i+1]
			}
			return m
		}
		// A person who is new is named by number and last name.
		c.want(c.ask(ninaID, "POST", "/agents", to(jonasID), nil), 400, "AM-00024")
		party := map[string]string{"party": regnskapAS}
		c.want(c.ask(ninaID, "POST", "/agents", party, obj{"personIdentifier": jonasID, "lastName": "Hansen"}), 400, "AM-00004")
		c.want(c.ask(ninaID, "POST", "/agents", to(olaID), obj{"personIdentifier": jonasID, "lastName": "Vik"}), 400, "AM.VLD-00009 "+c.path("to"))
		added := c.ask(ninaID, "POST", "/agents", party, obj{"personIdentifier": jonasID, "lastName": "Vik"})
		c.want(added, 200)
		var relation assignmentJSON
		if err := json.Unmarshal(added.Body.Bytes(), &relation); err != nil || relation.FromID != c.id(regnskapAS) || relation.ToID != c.id(jonasID) {
			t.Errorf("%v %+v", err, relation)
		}
		if again := c.ask(ninaID, "POST", "/agents", to(jonasID), nil); again.Body.String() != added.Body.String() {
			t.Errorf("added again: %s", again.Body)
		}
		c.want(c.ask(ninaID, "POST", "/agents", party, nil), 400, "AM.VLD-00009 "+c.path("to"))
		c.want(c.ask(ninaID, "POST", "/agents", to("nobody"), nil), 400, "AM.VLD-00006 "+c.path("to"))
		c.want(c.ask(ninaID, "POST", "/agents", to(bakeriAS), nil), 400, "AM.VLD-00008 "+c.path("to"))
		c.want(c.ask(ninaID, "POST", "/agents", to("standard-system"), nil), 400, "AM.VLD-00008 "+c.path("to"))
		c.want(c.ask(olaID, "POST", "/agents", to(jonasID), nil), 403)

		// A batch is all of it or nothing.
		both := func(client, agent string) map[string]string { return to(agent, "from", client) }
		wrong := batch(over("REGN", payroll, "hovedadministrator"), over("REVI", "ansvarlig-revisor"), over("DAGL", "jordbruk"))
		c.want(c.ask(ninaID, "POST", "/agents/accesspackages", both(bakeriAS, jonasID), wrong), 400, "AM.VLD-00032 /values/1/role", "AM.VLD-00032 /values/2/role")
		c.want(c.ask(ninaID, "POST", "/agents/accesspackages", both(bakeriAS, jonasID), batch(over("REGN", payroll, "hovedadministrator"))), 400, "AM.VLD-00033 /values/0/packages/1")
		c.want(c.ask(ninaID, "POST", "/agents/accesspackages", both(bakeriAS, jonasID), batch(over("REGN", payroll, lastYearsTax))), 400, "AM.VLD-00026 /values/0/packages/1")
		c.want(c.ask(ninaID, "POST", "/agents/accesspackages", both(bakeriAS, jonasID), batch(over("x", payroll), over("REGN", payroll, "y"), over("REGN"))), 400,
			"AM.VLD-00007 /values/0/role", "AM.VLD-00011 /values/1/packages/1", "AM.VLD-00009 /values/2/packages")
		c.want(c.ask(ninaID, "POST", "/agents/accesspackages", both(bakeriAS, jonasID), obj{}), 400, "AM.VLD-00009 /values")
		c.want(c.ask(ninaID, "POST", "/agents/accesspackages", both(kafeAS, jonasID), batch(over("REGN", payroll))), 400, "AM.VLD-00032 /values/0/role")
		c.want(c.ask(ninaID, "POST", "/agents/accesspackages", both(bakeriAS, ninaID), batch(over("REGN", payroll))), 400, "AM.VLD-00032 "+c.path("to"))
		c.want(c.ask(ninaID, "POST", "/agents/accesspackages", both("nobody", jonasID), batch(over("REGN", payroll))), 400, "AM.VLD-00006 "+c.path("from"))
		c.want(c.ask(olaID, "POST", "/agents/accesspackages", both(bakeriAS, jonasID), batch(over("REGN", payroll))), 403)
		if got := c.access(c.ask(ninaID, "GET", "/agents/accesspackages", to(jonasID), nil)); got != nil {
			t.Errorf("after refusals: %q", got)
		}

		// Names in any form, said twice, one of them there already.
		rows := func(got *httptest.ResponseRecorder) string {
			var list []clientDelegationJSON
			if err := json.Unmarshal(got.Body.Bytes(), &list); err != nil || got.Code != 200 {
				t.Fatalf("%v %d %s", err, got.Code, got.Body)
			}
			var out []string
			for _, d := range list {
				if d.ViaID != c.id(regnskapAS) || d.ToID == "" || d.FromID == "" {
					t.Errorf("%+v", d)
				}
				p, _ := c.n.Catalogue().FindPackage(d.PackageID)
				out = append(out, fmt.Sprint(p.Code, " ", d.Changed))
			}
			return strings.Join(out, ", ")
		}
		for want, body := range map[string]obj{
			payroll + " false, " + unsigned + " true": batch(over("urn:altinn:external-role:ccr:regnskapsforer", "urn:altinn:accesspackage:"+payroll, unsigned), over("REGN", payroll)),
			"jordbruk true": batch(over("urn:altinn:role:rettighetshaver", "jordbruk")),
		} {
			if got := rows(c.ask(ninaID, "POST", "/agents/accesspackages", both(bakeriAS, olaID), body)); got != want {
				t.Errorf("delegated %s, want %s", got, want)
			}
		}
		// An agent system user becomes an agent with its first client.
		if got := rows(c.ask(ninaID, "POST", "/agents/accesspackages", both(kafeAS, "agent-system"), batch(over("rettighetshaver", lastYearsTax)))); got != lastYearsTax+" true" {
			t.Errorf("to a system user: %s", got)
		}
		if got := c.access(c.ask(ninaID, "GET", "/agents", map[string]string{"party": regnskapAS}, nil)); len(got) != 3 {
			t.Errorf("agents %q", got)
		}

		// Taking back.
		if got := rows(c.ask(ninaID, "DELETE", "/agents/accesspackages", both(bakeriAS, olaID), batch(over("REGN", unsigned, payroll), over("rettighetshaver", lastYearsTax)))); got != unsigned+" true, "+payroll+" true, "+lastYearsTax+" false" {
			t.Errorf("taken back: %s", got)
		}
		c.want(c.ask(ninaID, "DELETE", "/agents/clients", both(bakeriAS, olaID), nil), 400, "AM.VLD-00031 QUERY/cascade")
		withCascade := both(bakeriAS, olaID)
		withCascade["cascade"] = "true"
		c.want(c.ask(ninaID, "DELETE", "/agents/clients", withCascade, nil), 204)
		c.want(c.ask(ninaID, "DELETE", "/agents/clients", both(bakeriAS, olaID), nil), 204)
		c.want(c.ask(ninaID, "DELETE", "/agents", to("agent-system"), nil), 400, "AM.VLD-00031 QUERY/cascade")
		c.want(c.ask(olaID, "DELETE", "/agents", to("agent-system"), nil), 403)
		c.want(c.ask(ninaID, "DELETE", "/agents", to("agent-system", "cascade", "true"), nil), 204)
		c.want(c.ask(ninaID, "DELETE", "/agents", to("agent-system"), nil), 204)
	})
}

// TestMyClients: an agent sees whom it may act for, by provider, and gives it up.
func TestMyClients(t *testing.T) {
	inBothVersions(t, func(c *clientTest) {
		var mine struct {
			Data []struct {
				Provider *entityJSON
				Clients  []clientJSON
			}
		}
		get := func(who string, params map[string]string) {
			t.Helper()
			got := c.ask(who, "GET", "/my/clients", params, nil)
			if err := json.Unmarshal(got.Body.Bytes(), &mine); err != nil || got.Code != 200 {
				t.Fatalf("%v %d %s", err, got.Code, got.Body)
			}
		}
		get(olaID, nil)
		if len(mine.Data) != 1 || mine.Data[0].Provider.Name != "Regnskap AS" || len(mine.Data[0].Clients) != 1 || mine.Data[0].Clients[0].Client.Name != "Bakeri AS" {
			t.Errorf("%+v", mine)
		}
		if get(olaID, map[string]string{"provider": bakeriAS}); len(mine.Data) != 0 {
			t.Errorf("of another provider: %+v", mine)
		}
		if get(jonasID, nil); len(mine.Data) != 0 {
			t.Errorf("of somebody else: %+v", mine)
		}
		if got := c.ask(olaID, "GET", "/my/clientproviders", nil, nil); got.Code != 200 || strings.Count(got.Body.String(), `"Regnskap AS"`) != 1 {
			t.Errorf("%d %s", got.Code, got.Body)
		}
		bakery := map[string]string{"provider": regnskapAS, "from": bakeriAS}
		if !c.v2 {
			c.want(c.ask(olaID, "DELETE", "/my/clients", bakery, nil), 400, "AM.VLD-00031 QUERY/cascade")
		}
		got := c.ask(olaID, "DELETE", "/my/clients", bakery, batch(over("REGN", payroll)))
		if got.Code != 200 || strings.Count(got.Body.String(), `"changed":true`) != 1 {
			t.Errorf("%d %s", got.Code, got.Body)
		}
		if get(olaID, nil); len(mine.Data) != 1 || len(mine.Data[0].Clients) != 0 {
			t.Errorf("after it was given up: %+v", mine)
		}
		provider := map[string]string{"provider": regnskapAS}
		c.want(c.ask(olaID, "DELETE", "/my/clientproviders", provider, nil), 204)
		if get(olaID, nil); len(mine.Data) != 0 {
			t.Errorf("after the provider was left: %+v", mine)
		}
		c.want(c.ask(olaID, "DELETE", "/my/clientproviders", provider, nil), 204)
		c.want(c.ask(olaID, "DELETE", "/my/clientproviders", nil, nil), 400, "AM.VLD-00009 QUERY/provider")
	})
	n := worldNode(t, clientWorld)
	if got := serveAPI(t, n, openConfig()).do("GET", clientDelegations+"/my/clients", nil); got.StatusCode != 403 {
		t.Errorf("nobody's clients: %d", got.StatusCode)
	}
}

// TestSystemUserClients: the older endpoints for agent system users, and their
// refusals, each told apart, in plain text.
func TestSystemUserClients(t *testing.T) {
	n := worldNode(t, clientWorld)
	c := &clientTest{T: t, n: n, s: serveAPI(t, n, openConfig()).server}
	ask := func(who, method, path, query string, body any) *httptest.ResponseRecorder {
		var sent []byte
		if body != nil {
			sent, _ = json.Marshal(body)
		}
		return callAs(t, c.s, userOf(t, n, who), method, systemUserClients+path+"?party="+c.id(regnskapAS)+query, string(sent))
	}
	var clients []systemClientJSON
	if err := json.Unmarshal(ask(kariID, "GET", "/clients", "&roles=REGN&packages="+payroll, nil).Body.Bytes(), &clients); err != nil {
		t.Fatal(err)
	}
	if len(clients) != 2 || clients[0].Party.Name != "Bakeri AS" || *clients[0].Party.OrganizationNumber != bakeriAS || clients[0].Access[0].Role != "regnskapsforer" || clients[0].Access[0].Packages[0] != payroll {
		t.Errorf("%+v", clients)
	}
	system := c.id("agent-system")
	order := func(client, agent, role, pkg string) obj {
		return obj{"clientId": client, "agentId": agent, "agentName": "x", "agentRole": "agent", "rolePackages": []obj{{"roleIdentifier": role, "packageUrn": pkg}}}
	}
	plain := func(got *httptest.ResponseRecorder, want string) {
		t.Helper()
		if got.Code != 400 || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/plain") || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%d %s %s, want %s", got.Code, got.Header().Get("Content-Type"), got.Body, want)
		}
	}
	bakery := c.id(bakeriAS)
	plain(ask(kariID, "POST", "", "", order(bakery, c.id(olaID), "REGN", payroll)), "no system user")
	plain(ask(kariID, "POST", "", "", order(bakery, c.id("standard-system"), "REGN", payroll)), "agent system user")
	plain(ask(kariID, "POST", "", "", order(c.id("nobody"), system, "REGN", payroll)), "clientId is not known")
	plain(ask(kariID, "POST", "", "", order(bakery, system, "x", payroll)), "no such role")
	plain(ask(kariID, "POST", "", "", order(bakery, system, "REVI", payroll)), "does not have this role")
	plain(ask(kariID, "POST", "", "", order(bakery, system, "REGN", "x")), "package")
	plain(ask(kariID, "POST", "", "", obj{"clientId": bakery, "agentId": system, "agentRole": "DAGL"}), "agentRole")
	plain(ask(kariID, "POST", "", "", obj{"clientId": bakery, "agentId": system, "rolePackages": []obj{}}), "no package")
	if got := ask(jonasID, "POST", "", "", order(bakery, system, "REGN", payroll)); got.Code != 403 {
		t.Errorf("by a stranger: %d", got.Code)
	}
	var made []struct{ DelegationID, FromEntityID string }
	got := ask(kariID, "POST", "", "", order(bakery, system, "urn:altinn:external-role:ccr:regnskapsforer", "urn:altinn:accesspackage:"+payroll))
	if err := json.Unmarshal(got.Body.Bytes(), &made); err != nil || len(made) != 1 || made[0].FromEntityID != bakery {
		t.Fatalf("%v %d %s", err, got.Code, got.Body)
	}
	var list []systemDelegationJSON
	for query, want := range map[string]int{"": 1, "&client=" + bakery: 1, "&client=" + c.id(smieAS): 0} {
		got := ask(kariID, "GET", "", "&systemUser="+system+query, nil)
		if err := json.Unmarshal(got.Body.Bytes(), &list); err != nil || len(list) != want {
			t.Fatalf("%s: %v %d %s", query, err, got.Code, got.Body)
		}
		if want == 1 && (list[0].ID != made[0].DelegationID || list[0].Role.Code != "regnskapsforer" || list[0].To.ID != system || list[0].Facilitator.ID != c.id(regnskapAS)) {
			t.Errorf("%+v", list[0])
		}
	}
	system2 := readBack(t, made[0].DelegationID)
	assignment := agentID(system2.provider, system2.agent)
	plain(ask(kariID, "DELETE", "/deleteassignment", "&assignmentId="+assignment, nil), "cascade")
	plain(ask(kariID, "DELETE", "/deleteassignment", "&assignmentId="+made[0].DelegationID, nil), "names nothing")
	plain(ask(kariID, "DELETE", "/deletedelegation", "&delegationId="+assignment, nil), "names nothing")
	plain(ask(kariID, "DELETE", "/deletedelegation", "&delegationId="+delegationID(system2.provider+1, system2.client, system2.agent, "REGN"), nil), "another party")
	plain(ask(kariID, "DELETE", "/deletedelegation", "&delegationId="+delegationID(system2.provider, system2.client, system2.agent, "REVI"), nil), "names nothing")
	if got := ask(kariID, "DELETE", "/deletedelegation", "&delegationId="+made[0].DelegationID, nil); got.Code != 200 {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	plain(ask(kariID, "DELETE", "/deletedelegation", "&delegationId="+made[0].DelegationID, nil), "names nothing")
	if got := ask(kariID, "DELETE", "/deleteassignment", "&assignmentId="+assignment, nil); got.Code != 200 {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	plain(ask(kariID, "DELETE", "/deleteagentassignment", "&agentId="+system, nil), "no agent")
	ask(kariID, "POST", "", "", order(bakery, system, "REGN", payroll))
	if got := ask(kariID, "DELETE", "/deleteagentassignment", "&cascade=true&agentId="+system, nil); got.Code != 200 {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}

// readBack takes an id of a delegation apart.
func readBack(t *testing.T, id string) (parts struct{ provider, client, agent fullmakt.PartyNo }) {
	t.Helper()
	kind, provider, client, agent, ok := readClientUUID(id)
	if !ok || kind != idOfDelegation {
		t.Fatalf("%s is no delegation's", id)
	}
	parts.provider, parts.client, parts.agent = provider, client, agent
	return parts
}
