package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/node"
)

// The parties of the demo world, and its scheme.
const (
	datahuset = "310000043"
	fjordNUF  = "310000051"
	silje     = "08865310065"
	liv       = "21887810084"
	petter    = "15915610150"
	jonas     = "22845910018"
	scheme    = "demo-kontroll-api"
	read      = "demo:kontroll.read"

	suppliersPath = accessManagement + "/enduser/maskinportensuppliers"
	consumersPath = accessManagement + "/enduser/maskinportenconsumers"
)

// scopesTest is the demo world behind two issuers: one of end users' tokens, one of
// organisations'.
type scopesTest struct {
	*apitest
	n           *node.Node
	users, orgs *testIssuer
}

func newScopesTest(t *testing.T) *scopesTest {
	t.Helper()
	x := &scopesTest{n: demoNode(t), users: newTestIssuer(t, "/.well-known/openid-configuration"), orgs: newTestIssuer(t, "/.well-known/oauth-authorization-server")}
	users := x.users.config()
	users.Kind = "altinn"
	x.apitest = guardedNode(t, x.n, users, x.orgs.config())
	return x
}

// as returns the header of an end user.
func (x *scopesTest) as(person string) string {
	return "Bearer " + x.users.token("scope", scopePortal, "urn:altinn:party:uuid", uuidOf(x, x.n, person), "consumer", nil)
}

// of returns the header of an organisation's own token.
func (x *scopesTest) of(organisation, scopes string, more ...any) string {
	claims := append([]any{"scope", scopes, "consumer", obj{"authority": "iso6523-actorid-upis", "ID": "0192:" + organisation}}, more...)
	return "Bearer " + x.orgs.token(claims...)
}

// try asks, and wants a status and something in the answer.
func (x *scopesTest) try(token, method, path string, status int, says string) answer {
	x.Helper()
	got := x.do(method, path, nil, "Authorization", token)
	if got.StatusCode != status || !strings.Contains(string(got.body), says) {
		x.Errorf("%s %s: %d %s\nwant %d with %q", method, path, got.StatusCode, got.body, status, says)
	}
	return got
}

// check asks whether Datahuset may use the scope for Bergen AS.
func (x *scopesTest) check() (a scopeCheckJSON) {
	x.Helper()
	got := x.do("GET", scopeCheckPath+"?consumer="+bergen+"&supplier="+datahuset+"&scope="+read, nil, "Authorization", x.of("310000167", scopeScopeCheck))
	x.json(got, 200, &a)
	return a
}

// TestSuppliers: an organisation adds a supplier, gives it scopes, sees it, and
// takes them back.
func TestSuppliers(t *testing.T) {
	x := newScopesTest(t)
	party := "?party=" + uuidOf(t, x.n, bergen)
	to := "&supplier=" + datahuset
	res := "&resource=" + scheme
	karis := x.as(kari)
	if a := x.check(); a.Allowed || a.Reason != fullmakt.ReasonNoRelation || a.Scheme != scheme || a.Since != "" {
		t.Errorf("before: %+v", a)
	}
	if got := x.try(karis, "GET", suppliersPath+party, 200, ""); string(got.body) != "[]" {
		t.Errorf("suppliers before: %s", got.body)
	}
	var added, again assignmentJSON
	x.json(x.try(karis, "POST", suppliersPath+party+to, 200, ""), 200, &added)
	x.json(x.try(karis, "POST", suppliersPath+party+"&supplier=urn:altinn:organization:identifier-no:"+datahuset, 200, ""), 200, &again)
	if added != again || added.FromID != uuidOf(t, x.n, bergen) || added.ToID != uuidOf(t, x.n, datahuset) || added.ID == noUUID || added.RoleID == noUUID {
		t.Errorf("added %+v and %+v", added, again)
	}
	var list []scopeConnectionJSON
	x.json(x.try(karis, "GET", suppliersPath+party, 200, ""), 200, &list)
	if len(list) != 1 || list[0].Party.Name != "Datahuset AS" || list[0].Roles[0].Code != "supplier" || len(list[0].Resources) != 0 {
		t.Errorf("suppliers: %+v", list)
	}
	x.try(karis, "GET", suppliersPath+"/resources/delegationcheck"+party+res, 200, `"result":true,"reasonCodes":["PackageAccess"]`)

	// The scopes, until the end of a day, and then without an end.
	if got := x.try(karis, "POST", suppliersPath+"/resources"+party+to+res+"&validTo=2026-12-31", 200, ""); string(got.body) != "true" {
		t.Errorf("given: %s", got.body)
	}
	if a := x.check(); !a.Allowed || a.Reason != fullmakt.ReasonGrant || a.Scheme != scheme || a.Since != "2026-03-03T12:00:00Z" || a.Until != "2026-12-31T23:00:00Z" || a.Revision == "" || a.Why == "" {
		t.Errorf("given: %+v", a)
	}
	x.try(karis, "POST", suppliersPath+"/resources"+party+to+res, 200, "true")
	if a := x.check(); a.Until != "" {
		t.Errorf("given without an end: %+v", a)
	}
	x.json(x.try(karis, "GET", suppliersPath+party+to, 200, ""), 200, &list)
	if len(list) != 1 || len(list[0].Resources) != 1 || list[0].Resources[0].RefID != scheme {
		t.Errorf("suppliers: %+v", list)
	}
	var permissions []scopePermissionJSON
	x.json(x.try(karis, "GET", suppliersPath+"/resources"+party+"&language=en", 200, ""), 200, &permissions)
	if len(permissions) != 1 || permissions[0].Resource.Name != "Control API" || permissions[0].Permissions[0].From.Name != "Bergen AS" || permissions[0].Permissions[0].To.Name != "Datahuset AS" || permissions[0].Permissions[0].Reason.Items[0].Name != "direct" {
		t.Errorf("%+v", permissions)
	}
	for _, none := range []string{"&supplier=" + trondheim, "&supplier=310001007", "&resource=demo-skattemelding"} {
		if got := x.try(karis, "GET", suppliersPath+"/resources"+party+none, 200, ""); string(got.body) != "[]" {
			t.Errorf("%s: %s", none, got.body)
		}
	}

	// What is given is taken back; a supplier that has something is not removed unasked.
	x.try(karis, "DELETE", suppliersPath+party+to, 400, "AM.VLD-00010")
	for range 2 {
		x.try(karis, "DELETE", suppliersPath+"/resources"+party+to+res, 204, "")
	}
	if a := x.check(); a.Allowed || a.Reason != fullmakt.ReasonNoRelation {
		t.Errorf("taken back: %+v", a)
	}
	x.json(x.try(karis, "GET", suppliersPath+party, 200, ""), 200, &list)
	if len(list) != 1 {
		t.Errorf("a supplier stays one without scopes: %+v", list)
	}
	x.try(karis, "POST", suppliersPath+"/resources"+party+to+res, 200, "true")
	x.try(karis, "DELETE", suppliersPath+party+to+"&cascade=true", 204, "")
	if got := x.try(karis, "GET", suppliersPath+party, 200, ""); string(got.body) != "[]" || x.check().Allowed {
		t.Errorf("suppliers after: %s", got.body)
	}
}

// TestConsumers: the supplier sees whom it supplies, and gives scopes up.
func TestConsumers(t *testing.T) {
	x := newScopesTest(t)
	give := func() {
		t.Helper()
		x.try(x.as(kari), "POST", suppliersPath+"/resources?party="+uuidOf(t, x.n, bergen)+"&supplier="+datahuset+"&resource="+scheme, 200, "true")
	}
	give()
	party, siljes := "?party="+uuidOf(t, x.n, datahuset), x.as(silje)
	x.try(siljes, "GET", consumersPath+party, 200, `"Bergen AS"`)
	x.try(siljes, "GET", consumersPath+"/resources"+party+"&consumer="+bergen, 200, scheme)
	// The director of the supplier looks after its own side alone, and nobody else's.
	x.try(siljes, "GET", suppliersPath+"?party="+uuidOf(t, x.n, bergen), 403, "maskinporten-administrator")
	x.try(x.as(petter), "GET", consumersPath+party, 403, "maskinporten-administrator")
	x.try(x.as(kari), "DELETE", consumersPath+"/resources"+party+"&consumer="+bergen+"&resource="+scheme, 403, "maskinporten-administrator")
	x.try(siljes, "DELETE", consumersPath+"/resources"+party+"&consumer="+bergen+"&resource="+scheme, 204, "")
	if x.check().Allowed {
		t.Error("renounced, and still allowed")
	}
	give()
	x.try(siljes, "DELETE", consumersPath+party+"&consumer="+bergen, 400, "AM.VLD-00010")
	x.try(siljes, "DELETE", consumersPath+party+"&consumer="+bergen+"&cascade=true", 204, "")
	if got := x.try(siljes, "GET", consumersPath+party, 200, ""); string(got.body) != "[]" || x.check().Allowed {
		t.Errorf("after: %s", got.body)
	}
}

// TestScopeGivers: who may give, by the rule SCOPE-1: what is held through a hop,
// the contact person of a foreign enterprise, an organisation's own token.
func TestScopeGivers(t *testing.T) {
	x := newScopesTest(t)
	write := supplierWrite + " " + supplierRead
	for _, c := range []struct {
		name, token, party string
		status             int
		says               string
	}{
		{"one hop away", x.as(kari), bergen, 200, "true"},
		{"two hops away", x.as(ola), bergen, 403, "maskinporten-administrator"},
		{"a board member", x.as(jonas), trondheim, 403, "maskinporten-administrator"},
		{"the contact person of a foreign enterprise", x.as(liv), fjordNUF, 200, "true"},
		{"the director company, by its own token", x.of(trondheim, write), bergen, 200, "true"},
		{"the company itself, on whose behalf nobody acts by being it", x.of(bergen, write), bergen, 403, "maskinporten-administrator"},
		{"a stranger company", x.of("310000078", write), bergen, 403, "maskinporten-administrator"},
		{"a company that the register does not know", x.of("310001007", write), bergen, 403, "whom the register knows"},
		{"a delegated token", x.of(trondheim, write, "supplier", obj{"authority": "iso6523-actorid-upis", "ID": "0192:310000078"}), bergen, 403, "nobody who could act"},
		{"without the scope", x.of(trondheim, supplierRead), bergen, 403, supplierWrite},
		{"no token", "", bergen, 401, "bearer token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			y := *x
			y.apitest = &apitest{T: t, server: x.server, http: x.http, header: http.Header{}}
			y.try(c.token, "POST", suppliersPath+"/resources?party="+c.party+"&supplier="+datahuset+"&resource="+scheme, c.status, c.says)
		})
	}
}

// TestScopeErrors: Altinn's codes.
func TestScopeErrors(t *testing.T) {
	x := newScopesTest(t)
	karis, party := x.as(kari), "?party="+bergen
	to, res := "&supplier="+datahuset, "&resource="+scheme
	closed := newResource("demo-lukket")
	closed["resourceType"], closed["delegable"] = registryScheme, false
	closed["resourceReferences"] = []obj{{"referenceType": "MaskinportenScope", "referenceSource": "x", "reference": "demo:lukket"}}
	owner := "Bearer " + x.users.token("scope", "altinn:resourceregistry/resource.write", "urn:altinn:org", "demo")
	if got := x.do("POST", registryBase, closed, "Authorization", owner); got.StatusCode != 201 {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	open := newResource("demo-uten-pakke")
	open["resourceType"], open["resourceReferences"] = registryScheme, []obj{{"referenceType": "MaskinportenScope", "referenceSource": "x", "reference": "demo:aapen"}}
	if got := x.do("POST", registryBase, open, "Authorization", owner); got.StatusCode != 201 {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	for _, c := range []struct {
		method, path string
		status       int
		code, names  string
	}{
		{"GET", suppliersPath, 400, "AM.VLD-00009", "QUERY/party"},
		{"GET", suppliersPath + "?party=310001007", 403, "maskinporten-administrator", ""},
		{"GET", suppliersPath + "?party=" + kari, 403, "", ""},
		{"POST", suppliersPath + party, 400, "AM.VLD-00009", "QUERY/supplier"},
		{"POST", suppliersPath + party + "&supplier=310001007", 400, "AM.VLD-00006", "QUERY/supplier"},
		{"POST", suppliersPath + party + "&supplier=" + bergen, 400, "AM.VLD-00009", "QUERY/supplier"},
		{"POST", suppliersPath + party + "&supplier=" + uuidOf(t, x.n, ola), 400, "AM.VLD-00008", "QUERY/supplier"},
		{"DELETE", suppliersPath + party, 400, "AM.VLD-00009", "QUERY/supplier"},
		{"DELETE", suppliersPath + party + to + "&cascade=perhaps", 400, "cascade", ""},
		{"DELETE", suppliersPath + party + to, 204, "", ""},
		{"POST", suppliersPath + "/resources" + party + res, 400, "AM.VLD-00009", "QUERY/supplier"},
		{"POST", suppliersPath + "/resources" + party + to, 400, "AM.VLD-00009", "QUERY/resource"},
		{"POST", suppliersPath + "/resources" + party + to + "&resource=no-such", 400, "AM.VLD-00012", "QUERY/resource"},
		{"POST", suppliersPath + "/resources" + party + to + "&resource=demo-skattemelding", 400, "AM.VLD-00002", "QUERY/resource"},
		{"POST", suppliersPath + "/resources" + party + to + "&resource=demo-lukket", 400, "AM.VLD-00049", "QUERY/resource"},
		{"POST", suppliersPath + "/resources" + party + to + "&resource=demo-uten-pakke", 400, "AM-00028", ""},
		{"POST", suppliersPath + "/resources" + party + to + res + "&validTo=soon", 400, "AM.VLD-00009", "QUERY/validTo"},
		{"POST", suppliersPath + "/resources" + party + to + res + "&validTo=2020-01-01", 400, "AM.VLD-00009", "QUERY/validTo"},
		{"DELETE", suppliersPath + "/resources" + party + to, 400, "AM.VLD-00009", "QUERY/resource"},
		{"DELETE", suppliersPath + "/resources" + party + to + "&resource=no-such", 400, "AM.VLD-00012", "QUERY/resource"},
		{"GET", suppliersPath + "/resources/delegationcheck" + party, 400, "AM.VLD-00009", "QUERY/resource"},
		{"GET", suppliersPath + "/resources/delegationcheck" + party + "&resource=demo-skattemelding", 400, "AM.VLD-00002", "QUERY/resource"},
		{"GET", consumersPath + "/resources" + "?party=" + bergen + "&consumer=" + datahuset, 200, "[]", ""},
		{"DELETE", consumersPath + "?party=" + bergen, 400, "AM.VLD-00009", "QUERY/consumer"},
	} {
		got := x.try(karis, c.method, c.path, c.status, c.code)
		if !strings.Contains(string(got.body), c.names) {
			t.Errorf("%s %s does not name %s: %s", c.method, c.path, c.names, got.body)
		}
	}
}

const registryScheme = "MaskinportenSchema"

// TestScopeDelegations: what Maskinporten is told, and for which scopes.
func TestScopeDelegations(t *testing.T) {
	x := newScopesTest(t)
	const path = accessManagement + "/maskinporten/delegations"
	for _, c := range []struct{ who, party, supplier string }{{kari, bergen, datahuset}, {kari, bergen, "310000078"}, {liv, fjordNUF, datahuset}} {
		x.try(x.as(c.who), "POST", suppliersPath+"/resources?party="+c.party+"&supplier="+c.supplier+"&resource="+scheme, 200, "true")
	}
	admin := x.of("310000167", scopeSourcesAll)
	want := func(query string, pairs ...string) {
		t.Helper()
		var list []scopeDelegationJSON
		x.json(x.do("GET", path+query, nil, "Authorization", admin), 200, &list)
		var got []string
		for _, d := range list {
			got = append(got, d.Consumer+" "+d.Supplier)
			if d.SchemeID != nil || !slices.Equal(d.Scopes, []string{read, "demo:kontroll.list"}) || d.Created != "2026-03-03T12:00:00Z" || d.Resource != scheme {
				t.Errorf("%s: %+v", query, d)
			}
		}
		slices.Sort(got)
		slices.Sort(pairs)
		if !slices.Equal(got, pairs) {
			t.Errorf("%s: %v, want %v", query, got, pairs)
		}
	}
	const one, two, three = bergen + " " + datahuset, bergen + " 310000078", fjordNUF + " " + datahuset
	want("?supplierOrg="+datahuset+"&consumerOrg="+bergen+"&scope="+read, one)
	want("?SUPPLIERORG="+datahuset+"&consumerorg="+bergen, one)
	want("?consumerOrg="+bergen, one, two)
	want("?supplierOrg="+datahuset, one, three)
	want("?scope="+read, one, two, three)
	want("?scope=demo:annet&consumerOrg=" + bergen)
	want("?consumerOrg=310001007")
	want("?supplierOrg=310001007&scope=" + read)

	// The names on the wire, whole.
	got := x.do("GET", path+"?supplierOrg="+datahuset+"&consumerOrg="+bergen+"&scope="+read, nil, "Authorization", admin)
	const whole = `[{"consumer_org":"310000019","supplier_org":"310000043","delegation_scheme_Id":null,"scopes":["demo:kontroll.read","demo:kontroll.list"],"created":"2026-03-03T12:00:00Z","resourceid":"demo-kontroll-api"}]`
	if string(got.body) != whole {
		t.Errorf("%s", got.body)
	}

	for _, c := range []struct {
		name, token, query string
		status             int
		says               string
	}{
		{"nothing named", admin, "", 400, "at least one"},
		{"no organisation number", admin, "?supplierOrg=310000042", 400, "supplierOrg"},
		{"a token without the scope", x.of("310000167", scopeScopeCheck), "?scope=" + read, 403, scopeSources},
		{"one's own prefix", x.of("310000167", scopeSources, "consumer_prefix", []string{"annet", "demo"}), "?scope=" + read, 200, datahuset},
		{"one's own prefix, as a word", x.of("310000167", scopeSources, "consumer_prefix", "demo"), "?scope=" + read, 200, datahuset},
		{"another's prefix", x.of("310000167", scopeSources, "consumer_prefix", []string{"dem", "demo:kontroll"}), "?scope=" + read, 403, `"title":"Not authorized for lookup of delegations for the scope"`},
		{"no prefix", x.of("310000167", scopeSources), "?scope=" + read, 403, "consumer_prefix"},
		{"no scope with a prefix", x.of("310000167", scopeSources, "consumer_prefix", []string{"demo"}), "?consumerOrg=" + bergen, 403, "consumer_prefix"},
		{"an empty prefix", x.of("310000167", scopeSources, "consumer_prefix", []string{""}), "?scope=:x&consumerOrg=" + bergen, 403, "consumer_prefix"},
		{"a claim that is no prefix", x.of("310000167", scopeSources, "consumer_prefix", 7), "?scope=" + read, 401, "consumer_prefix"},
	} {
		if got := x.do("GET", path+c.query, nil, "Authorization", c.token); got.StatusCode != c.status || !strings.Contains(string(got.body), c.says) {
			t.Errorf("%s: %d %s", c.name, got.StatusCode, got.body)
		}
	}
	// What is over is in no answer, though no job has ended it.
	x.try(x.as(kari), "DELETE", suppliersPath+"/resources?party="+bergen+"&supplier="+datahuset+"&resource="+scheme, 204, "")
	want("?consumerOrg="+bergen, two)
}

// TestScopeCheck: the plain question, and what is recorded of it.
func TestScopeCheck(t *testing.T) {
	a, log := recorded(t, demoNode(t))
	for _, c := range []struct {
		query  string
		status int
		reason fullmakt.Reason
	}{
		{"?consumer=310000019&supplier=310000043&scope=demo:kontroll.read", 200, fullmakt.ReasonNoRelation},
		{"?consumer=310000019&supplier=310000043&scope=demo:12817010065", 200, fullmakt.ReasonNoResource},
		{"?consumer=310001007&supplier=310000043&scope=demo:kontroll.read", 200, fullmakt.ReasonUnknownParty},
		{"?consumer=310000019&supplier=310000019&scope=demo:kontroll.read", 400, ""},
		{"?consumer=310000019&supplier=12817010065&scope=demo:kontroll.read", 400, ""},
		{"?consumer=310000019&supplier=310000043", 400, ""},
		{"?supplier=310000043&scope=demo:kontroll.read", 400, ""},
	} {
		got := a.do("GET", scopeCheckPath+c.query, nil, "Accept-Language", "en")
		var answer scopeCheckJSON
		if err := json.Unmarshal(got.body, &answer); err != nil || got.StatusCode != c.status || answer.Allowed || answer.Reason != c.reason {
			t.Errorf("%s: %d %s", c.query, got.StatusCode, got.body)
		}
		if strings.Contains(string(got.body), kari) {
			t.Errorf("%s: the answer repeats an identity number: %s", c.query, got.body)
		}
	}
	for _, who := range []string{datahuset, "310000078"} {
		if got := a.do("POST", suppliersPath+"/resources?party="+bergen+"&supplier="+who+"&resource="+scheme, nil); got.StatusCode != 200 {
			t.Fatalf("%d %s", got.StatusCode, got.body)
		}
	}
	got := a.do("GET", scopeCheckPath+"?consumer=310000019&supplier=310000043&scope=demo:kontroll.read", nil, "Accept-Language", "nn")
	var answer scopeCheckJSON
	a.json(got, 200, &answer)
	if !answer.Allowed || !strings.Contains(answer.Why, "på vegner av konsumenten") {
		t.Errorf("%+v", answer)
	}
	all := lookups(t, log)
	first, last := all[0], all[len(all)-1]
	if first.API != "fullmakt" || first.Operation != "scope-check" || first.Subject != a.no(datahuset) || first.Object != a.no(bergen) || first.What != scheme || first.Outcome != audit.Deny || first.Reason != fullmakt.ReasonNoRelation {
		t.Errorf("recorded %+v", first)
	}
	if last.Outcome != audit.Permit || last.Reason != fullmakt.ReasonGrant || last.Revision <= first.Revision {
		t.Errorf("recorded %+v", last)
	}
	for _, r := range all {
		if strings.Contains(r.What, kari) {
			t.Errorf("an identity number stands among the look-ups: %+v", r)
		}
	}
}
