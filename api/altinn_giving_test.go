package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

// givingWorld has a company with a managing director and an auditor, somebody new
// to it, and a supplier.
const givingWorld = `
organisation 310000019 AS "Giver AS"
organisation 310000027 AS "Mottaker AS"
organisation 310000078 AS "Regnskap AS"
person 12817010065 "Kari Nordmann"
person 03918510094 "Ola Hansen"
person 22845910018 "Jonas Vik"
role DAGL at 310000019 holder 12817010065
role REGN at 310000019 holder 310000078
role DAGL at 310000078 holder 22845910018
role DAGL at 310000027 holder 03918510094
`

const (
	giver, receiver, accountant = "310000019", "310000027", "310000078"
	connectionsPath             = accessManagement + "/enduser/connections"
)

// givingTest asks as several users on one node.
type givingTest struct {
	*testing.T
	n *node.Node
	s *Server
}

func newGivingTest(t *testing.T, world string) *givingTest {
	n := worldNode(t, world)
	return &givingTest{t, n, serveAPI(t, n, openConfig()).server}
}

// ask sends a request as a user, whose parties stand in the path as @NUMBER, and
// checks status and, unless it is empty, a word in the answer.
func (g *givingTest) ask(who, method, path, body string, status int, word string) string {
	g.Helper()
	return g.askAs(userOf(g, g.n, who), method, path, body, status, word)
}

func (g *givingTest) askAs(who *caller, method, path, body string, status int, word string) string {
	g.Helper()
	for _, part := range strings.Split(path, "@")[1:] {
		number := part[:strings.IndexFunc(part+"&", func(r rune) bool { return r < '0' || r > '9' })]
		path = strings.Replace(path, "@"+number, uuidOf(g, g.n, number), 1)
	}
	got := callAs(g, g.s, who, method, path, body)
	if got.Code != status || !strings.Contains(got.Body.String(), word) {
		g.Errorf("%s %s %s: %d %s, want %d with %s", method, path, body, got.Code, got.Body, status, word)
	}
	return got.Body.String()
}

func (g *givingTest) no(id string) fullmakt.PartyNo {
	g.Helper()
	p, err := g.n.Find(g.Context(), id)
	if err != nil {
		g.Fatal(err)
	}
	return p.No
}

// holds reports whether somebody may use a package now.
func (g *givingTest) holds(who, pkg, object string) bool {
	g.Helper()
	p, ok := g.n.Catalogue().PackageID(pkg)
	if !ok {
		g.Fatal(pkg)
	}
	q := pdp.Ask(g.no(who), g.no(object), testNow.Unix())
	q.Package = p
	return pdp.Decide(g.n.Current(), q).Allowed
}

func personBody(id, last string) string {
	b, _ := json.Marshal(map[string]string{"personIdentifier": id, "lastName": last})
	return string(b)
}

// TestConnectionsAdd: a right holder is named, which confers nothing, twice is as
// good as once, and it stands among the connections.
func TestConnectionsAdd(t *testing.T) {
	g := newGivingTest(t, givingWorld)
	add := connectionsPath + "?party=@310000019&to=@310000027"
	first := g.ask(kari, "POST", add, "", 200, `"roleId":"`)
	seq := g.n.Current().Seq()
	if again := g.ask(kari, "POST", add, "", 200, ""); again != first || g.n.Current().Seq() != seq {
		t.Errorf("%s, then %s", first, again)
	}
	if g.holds(ola, "skatt-naering", giver) || g.holds(receiver, "skatt-naering", giver) {
		t.Error("a right holder may use a package")
	}
	for _, ask := range []struct{ who, path string }{
		{kari, connectionsPath + "?party=@310000019&from=@310000019"},
		{kari, connectionsPath + "?party=@310000019&from=@310000019&to=@310000027"},
		{ola, connectionsPath + "?party=@310000027&to=@310000027"},
	} {
		g.ask(ask.who, "GET", ask.path, "", 200, `"code":"rettighetshaver"`)
	}
	for _, c := range []struct {
		what, who, path string
		status          int
		word            string
	}{
		{"a stranger", ola, add, 403, ""},
		{"the accountant", jonas, add, 403, ""},
		{"to nobody that is known", kari, connectionsPath + "?party=@310000019&to=11111111-1111-4111-8111-111111111111", 400, vldUnknownParty},
		{"to nobody", kari, connectionsPath + "?party=@310000019", 400, vldInvalidQuery},
		{"without party", kari, connectionsPath + "?to=@310000027", 400, vldInvalidQuery},
		{"to itself", kari, connectionsPath + "?party=@310000019&to=@310000019", 400, vldInvalidQuery},
		{"no UUID", kari, connectionsPath + "?party=@310000019&to=310000027", 400, vldInvalidQuery},
	} {
		t.Run(c.what, func(t *testing.T) { (&givingTest{t, g.n, g.s}).ask(c.who, "POST", c.path, "", c.status, c.word) })
	}
	for scope, want := range map[string]int{scopeToOthersWrite: 200, scopeToOthersRead: 403, scopeFromOthersWrite: 403} {
		g.askAs(userOf(t, g.n, kari, scope), "POST", add, "", want, "")
	}
}

// TestConnectionsPersonInput: a person who is new to the giver is named by identity
// number and last name; five wrong ones and the caller must wait (rule GIVE-3).
func TestConnectionsPersonInput(t *testing.T) {
	g := newGivingTest(t, givingWorld)
	g.ask(kari, "POST", connectionsPath+"?party=@310000019&to=@03918510094", "", 400, amNamePerson)
	g.ask(kari, "POST", connectionsPath+"?party=@310000019", personBody(ola, "Hansen"), 200, uuidOf(t, g.n, ola))
	g.ask(kari, "POST", connectionsPath+"/accesspackages?package=skatt-naering&party=@310000019&to=@03918510094", "", 200, "")
	if !g.holds(ola, "skatt-naering", giver) {
		t.Error("a right holder was not given the package")
	}
	g.ask(kari, "POST", connectionsPath+"?party=@310000019&to=@22845910018", personBody(ola, "Hansen"), 400, vldInvalidQuery)
	g.ask(kari, "POST", connectionsPath+"?party=@310000019", `{"personIdentifier":"`+jonas+`"}`, 400, amNoSuchPerson)
	g.ask(kari, "POST", connectionsPath+"?party=@310000019", `[1]`, 400, "$")
	for range mostWrongLookups {
		g.ask(kari, "POST", connectionsPath+"?party=@310000019", personBody(jonas, "Hansen"), 400, amNoSuchPerson)
	}
	g.ask(kari, "POST", connectionsPath+"?party=@310000019", personBody(jonas, "Vik"), 429, amManyLookups)
	// That is hers alone.
	g.ask(jonas, "POST", connectionsPath+"?party=@310000078", personBody(ola, "Hansen"), 200, "")
}

// TestConnectionsRemove: with packages only by the cascade, from both sides, and
// what the register says stays.
func TestConnectionsRemove(t *testing.T) {
	g := newGivingTest(t, givingWorld)
	pair := "from=@310000019&to=@310000027"
	g.ask(kari, "DELETE", connectionsPath+"?party=@310000019&"+pair, "", 204, "")
	for _, side := range []struct{ who, party string }{{kari, giver}, {ola, receiver}} {
		g.ask(kari, "POST", connectionsPath+"?party=@310000019&to=@310000027", "", 200, "")
		g.ask(kari, "POST", connectionsPath+"/accesspackages?package=skatt-naering&party=@310000019&to=@310000027", "", 200, "")
		path := connectionsPath + "?party=@" + side.party + "&" + pair
		g.ask(side.who, "DELETE", path, "", 400, vldRestsOnIt)
		g.ask(side.who, "DELETE", path+"&cascade=true", "", 204, "")
		if g.holds(receiver, "skatt-naering", giver) || delegation.IsRightHolder(g.n.Current(), g.no(giver), g.no(receiver)) {
			t.Errorf("after the end by %s something is left", side.who)
		}
		g.ask(side.who, "DELETE", path, "", 204, "")
	}
	seq := g.n.Current().Seq()
	g.ask(kari, "DELETE", connectionsPath+"?cascade=true&party=@310000019&from=@310000019&to=@310000078", "", 204, "")
	if g.n.Current().Seq() != seq || !g.holds(accountant, "regnskapsforer-lonn", giver) {
		t.Error("the accountant's role in the register ended")
	}
	g.ask(kari, "POST", connectionsPath+"?party=@310000019&to=@310000078", "", 200, "")
	g.ask(kari, "DELETE", connectionsPath+"?party=@310000019&from=@310000019&to=@310000078", "", 204, "")
	if delegation.IsRightHolder(g.n.Current(), g.no(giver), g.no(accountant)) {
		t.Error("it is a right holder still")
	}
	g.ask(jonas, "DELETE", connectionsPath+"?party=@310000019&"+pair, "", 403, "")
	g.ask(kari, "DELETE", connectionsPath+"?party=@310000078&"+pair, "", 400, vldInvalidQuery)
	g.ask(kari, "DELETE", connectionsPath+"?party=@310000019&from=@310000019", "", 400, vldInvalidQuery)
	g.askAs(userOf(t, g.n, kari, scopeFromOthersWrite), "DELETE", connectionsPath+"?party=@310000019&"+pair, "", 403, "")
	g.askAs(userOf(t, g.n, ola, scopeFromOthersWrite), "DELETE", connectionsPath+"?party=@310000027&"+pair, "", 204, "")
}

// TestConnectionPackages: a package is given by any of its names, once is as good
// as twice, and it is taken back from both sides (rules GIVE-4 and GIVE-5).
func TestConnectionPackages(t *testing.T) {
	g := newGivingTest(t, givingWorld)
	g.ask(kari, "POST", connectionsPath+"?party=@310000019&to=@310000027", "", 200, "")
	p, _ := g.n.Catalogue().FindPackage("skatt-naering")
	packages := connectionsPath + "/accesspackages"
	for _, name := range []string{"package=skatt-naering", "package=urn:altinn:accesspackage:SKATT-naering", "packageId=" + p.UUID} {
		first := g.ask(kari, "POST", packages+"?party=@310000019&to=@310000027&"+name, "", 200, `"packageId":"`+p.UUID+`"`)
		seq := g.n.Current().Seq()
		if again := g.ask(kari, "POST", packages+"?party=@310000019&to=@310000027&"+name, "", 200, ""); again != first || g.n.Current().Seq() != seq {
			t.Errorf("%s: %s, then %s", name, first, again)
		}
		if !g.holds(receiver, "skatt-naering", giver) || !g.holds(ola, "skatt-naering", giver) {
			t.Errorf("%s: not given to the receiver and its managing director", name)
		}
		g.ask(kari, "GET", packages+"?party=@310000019&from=@310000019&to=@310000027", "", 200, p.UUID)
		who, party := kari, giver
		if name[0:9] == "packageId" {
			who, party = ola, receiver
		}
		end := packages + "?party=@" + party + "&from=@310000019&to=@310000027&" + name
		g.ask(who, "DELETE", end, "", 204, "")
		if g.holds(receiver, "skatt-naering", giver) {
			t.Errorf("%s: not taken back by %s", name, party)
		}
		g.ask(who, "DELETE", end, "", 204, "") // nothing is there
	}
	g.ask(kari, "DELETE", packages+"?party=@310000019&from=@310000019&to=@310000078&package=regnskapsforer-lonn", "", 400, amFromRegister)
	g.ask(kari, "DELETE", packages+"?party=@310000019&from=@310000019&to=11111111-1111-4111-8111-111111111111&package=skatt-naering", "", 204, "")
	g.ask(jonas, "DELETE", packages+"?party=@310000019&from=@310000019&to=@310000027&package=skatt-naering", "", 403, "")
}

// TestConnectionPackageRefusals: each thing that stands in the way by its code.
func TestConnectionPackageRefusals(t *testing.T) {
	g := newGivingTest(t, givingWorld+`
organisation 310000035 AS "Borte AS" deleted 2025-05-05
grant tilgangsstyrer from 310000019 to 22845910018 from 2025-01-01
`)
	g.ask(kari, "POST", connectionsPath+"?party=@310000019&to=@310000027", "", 200, "")
	to := connectionsPath + "/accesspackages?party=@310000019&to=@310000027&"
	for _, c := range []struct {
		what, who, path, body string
		status                int
		code                  string
	}{
		{"no package", kari, to, "", 400, vldInvalidQuery},
		{"a package twice", kari, to + "package=lonn&packageId=27f488d7-d1f6-4aee-ae81-2bb42d62c446", "", 400, vldInvalidQuery},
		{"an unknown package", kari, to + "package=nothing", "", 400, vldPackageUnknown},
		{"an unknown package by id", kari, to + "packageId=27f488d7-d1f6-4aee-ae81-2bb42d62c440", "", 400, vldPackageUnknown},
		{"no UUID of a package", kari, to + "packageId=lonn", "", 400, vldInvalidQuery},
		{"one for persons", kari, to + "package=innbygger-barn-foreldre", "", 400, vldWrongReceiver},
		{"one that an organisation cannot have", kari, to + "package=hovedadministrator", "", 400, vldWrongReceiver},
		{"one that is not given on", kari, to + "package=regnskapsforer-lonn", "", 400, vldNotAssignable},
		{"one that the access manager lacks", jonas, to + "package=skatt-naering", "", 400, amMayNotGive},
		{"without a connection", kari, connectionsPath + "/accesspackages?party=@310000019&to=@03918510094&package=lonn", "", 400, vldNoConnection},
		{"to a deleted company", kari, connectionsPath + "?party=@310000019&to=@310000035", "", 400, vldUnknownParty},
		{"by a stranger", ola, to + "package=lonn", "", 403, ""},
		{"to a person named wrongly", kari, connectionsPath + "/accesspackages?party=@310000019&package=lonn", personBody(ola, "Vik"), 400, amNoSuchPerson},
		{"to a person named rightly", kari, connectionsPath + "/accesspackages?party=@310000019&package=lonn", personBody(ola, "hansen"), 200, ""},
		{"for a party that nobody knows", kari, connectionsPath + "/accesspackages?party=11111111-1111-4111-8111-111111111111&to=@310000027&package=lonn", "", 403, ""},
	} {
		t.Run(c.what, func(t *testing.T) { (&givingTest{t, g.n, g.s}).ask(c.who, "POST", c.path, c.body, c.status, c.code) })
	}
	if g.holds(receiver, "lonn", giver) {
		t.Error("a refused request gave something")
	}
}

// TestConnectionsAgents: an agent stands among its provider's connections, unless
// it is not wanted, and what it was delegated is told as a client delegation.
func TestConnectionsAgents(t *testing.T) {
	g := newGivingTest(t, givingWorld+`
agent 03918510094 of 310000078
delegate regnskapsforer-lonn for 310000019 from 310000078 to 03918510094 over REGN
`)
	agents := connectionsPath + "?party=@310000078&from=@310000078"
	g.ask(jonas, "GET", agents, "", 200, `"code":"agent"`)
	if got := g.ask(jonas, "GET", agents+"&includeAgentConnections=false", "", 200, ""); strings.Contains(got, "Ola Hansen") {
		t.Errorf("agents are listed: %s", got)
	}
	g.ask(ola, "GET", connectionsPath+"?party=@03918510094&to=@03918510094", "", 200, "Regnskap AS")
	held := connectionsPath + "/accesspackages?party=@310000019&from=@310000019&to=@03918510094"
	got := g.ask(kari, "GET", held, "", 200, `"name":"client-delegation"`)
	var answer struct {
		Data []struct {
			Package     packageRefJSON
			Permissions []permissionJSON
		}
	}
	if err := json.Unmarshal([]byte(got), &answer); err != nil || len(answer.Data) != 1 || len(answer.Data[0].Permissions) != 1 {
		t.Fatalf("%v %s", err, got)
	}
	if p := answer.Data[0].Permissions[0]; p.Via.Name != "Regnskap AS" || p.Role.Code != "regnskapsforer" || p.ViaRole.Code != "agent" || p.To.Name != "Ola Hansen" {
		t.Errorf("%s", got)
	}
	if got := g.ask(kari, "GET", connectionsPath+"?party=@310000019&from=@310000019&includeClientDelegations=false", "", http.StatusOK, ""); strings.Contains(got, "Ola Hansen") {
		t.Errorf("client delegations are listed: %s", got)
	}
}
