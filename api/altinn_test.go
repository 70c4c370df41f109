package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
)

var updateAltinn = flag.Bool("update-altinn", false, "write the golden answers of Altinn's endpoints anew")

// golden compares an answer with the file testdata/altinn/NAME.json, keys in their
// order.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", " "); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	got.WriteByte('\n')
	file := filepath.Join("testdata", "altinn", name+".json")
	if *updateAltinn {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// callAs asks a server as a caller whose token was verified, and checks the
// exchange against openapi.yaml.
func callAs(t testing.TB, s *Server, who *caller, method, target, body string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	for _, rt := range s.routes {
		mux.HandleFunc(rt.method+" "+rt.pattern, func(w http.ResponseWriter, r *http.Request) {
			c := &call{server: s, route: &rt, w: w, r: r, caller: who, now: s.now(), requestID: "test"}
			err := c.require(rt.scopes...)
			if err == nil {
				err = rt.handle(s, c)
			}
			if err != nil {
				c.fail(err)
			}
		})
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	mux.ServeHTTP(w, r)
	conforms(t, r, []byte(body), answer{w.Result(), w.Body.Bytes()})
	return w
}

// altinnWorld has what the demo has not: a sub-unit with a key of its own, a
// deleted company, someone known by birth date alone.
const altinnWorld = `
organisation 310000019 AS "Moderskip AS"
organisation 310000086 BEDR "Moderskip Avdeling" parent 310000019
organisation 310000027 BEDR "Moderskip Kai" parent 310000019
organisation 310000035 AS "Borte AS" deleted 2025-05-05
organisation 310000043 FLI "Korpset"
organisation 310000051 ENK "Fisker Født"
organisation 310000078 AS "Regnskap AS"
person 12817010065 "Kari Nordmann"
person 03918510094 "Ola Hansen"
person 22845910018 "Jonas Vik"
person born 1961-02-03 "Fisker Født"
role DAGL at 310000019 holder 12817010065
role DAGL at 310000035 holder 12817010065
role LEDE at 310000043 holder 12817010065
role MEDL at 310000019 holder 22845910018
role INNH at 310000051 holder "Fisker Født born 1961-02-03"
role REGN at 310000051 holder 310000078
role DAGL at 310000078 holder 22845910018
grant skatt-naering from 310000086 to 03918510094 from 2025-01-01
grant lonn from 310000019 to 22845910018 from 2025-01-01
`

// uuidOf returns the UUID of the party with an organisation or identity number.
func uuidOf(t testing.TB, n *node.Node, number string) string {
	t.Helper()
	p, err := n.Find(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	return p.UUID.String()
}

// userOf returns an end user with Altinn's portal token.
func userOf(t testing.TB, n *node.Node, number string, scopes ...string) *caller {
	t.Helper()
	p, err := n.Find(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	if scopes == nil {
		scopes = []string{scopePortal}
	}
	return &caller{client: "test", partyUUID: p.UUID, scopes: scopes}
}

// TestAltinnGolden: whole answers, byte for byte but for indentation.
func TestAltinnGolden(t *testing.T) {
	world, demo := worldNode(t, altinnWorld), demoNode(t)
	inWorld, inDemo := serveAPI(t, world, openConfig()), serveAPI(t, demo, openConfig())
	w := func(number string) string { return uuidOf(t, world, number) }
	d := func(number string) string { return uuidOf(t, demo, number) }
	const (
		parties = accessManagement + "/resourceowner/authorizedparties"
		pip     = accessManagement + "/policyinformation"
		links   = accessManagement + "/enduser/connections"
		none    = "?includeRoles=false"
		kari    = "12817010065"
		ola     = "03918510094"
		jonas   = "22845910018"
	)
	person := func(id string) string {
		return `{"type":"urn:altinn:person:identifier-no","value":"` + id + `"}`
	}
	for _, c := range []struct {
		name           string
		a              *apitest
		method, target string
		body           any
	}{
		{"parties-roles", inWorld, "POST", parties, person(kari)},
		{"parties-role-alone", inDemo, "POST", parties + "?includeAccessPackages=true", person(jonas)},
		{"parties-below-main-unit", inWorld, "POST", parties + "?includeAccessPackages=true", person(ola)},
		{"parties-accountant", inWorld, "POST", parties + "?includeAccessPackages=true", `{"Type":"urn:altinn:organization:identifier-no","VALUE":"310000078"}`},
		{"parties-active", inWorld, "POST", parties + none + "&INCLUDEINACTIVEPARTIES=FALSE&includeSubParties=false", person(kari)},
		{"parties-no-keyroles", inDemo, "POST", parties + none + "&includePartiesViaKeyRoles=false", person(kari)},
		{"parties-filter", inWorld, "POST", parties + none, `{"type":"urn:altinn:party:uuid","value":"` + w(kari) + `","partyFilter":[{"type":"urn:altinn:organization:identifier-no","value":"310000086"},{"type":"urn:altinn:organization:identifier-no","value":"310000043"}]}`},
		{"parties-filter-main-unit", inWorld, "POST", parties + none, `{"type":"urn:altinn:party:uuid","value":"` + w(kari) + `","partyFilter":[{"type":"urn:altinn:organization:identifier-no","value":"310000019"}]}`},
		{"parties-unknown", inWorld, "POST", parties, person("15876810031")},
		{"parties-enterprise-user", inDemo, "POST", parties + none, `{"type":"urn:altinn:enterpriseuser:username","value":"trondheim-integrasjon"}`},

		{"pip", inDemo, "GET", pip + "/roles-and-accesspackages?from=" + d("310000108") + "&to=" + d("01896210099"), nil},
		{"pip-packages", inDemo, "GET", pip + "/accesspackages?from=" + d("310000108") + "&to=" + d("310000078"), nil},
		{"pip-grant", inWorld, "GET", pip + "/roles-and-accesspackages?from=" + w("310000086") + "&to=" + w(ola), nil},
		{"pip-none", inDemo, "GET", pip + "/roles-and-accesspackages?from=" + d("310000108") + "&to=" + d("310000019"), nil},
		{"pip-unknown", inDemo, "GET", pip + "/roles-and-accesspackages?from=" + d("310000108") + "&to=11111111-1111-4111-8111-111111111111", nil},

		{"connections-to-others", inDemo, "GET", links + "?party=" + d("310000019") + "&from=" + d("310000019"), nil},
		{"connections-from-others", inWorld, "GET", links + "?party=" + w(jonas) + "&to=" + w(jonas) + "&includeAccessPackages=true&from=" + w("310000019"), nil},
		{"connections-main-unit", inWorld, "GET", links + "?party=" + w("310000078") + "&to=" + w("310000078"), nil},
		{"connection-packages", inDemo, "GET", links + "/accesspackages?party=" + d("310000078") + "&to=" + d("310000078") + "&from=" + d("310000108"), nil},
		{"connection-roles", inDemo, "GET", links + "/roles?language=en&party=" + d("310000094") + "&from=" + d("310000094") + "&to=" + d("01896210099"), nil},

		{"group", inDemo, "GET", metaInfo + "/accesspackages/group/", nil},
		{"group-one", inDemo, "GET", metaInfo + "/accesspackages/group/3757643a-316d-4d0e-a52b-4dc7cdebc0b4?language=no_nn", nil},
		{"package", inDemo, "GET", metaInfo + "/accesspackages/package/urn/maskinporten-scopes", nil},
		{"package-of-the-seeds", inDemo, "GET", metaInfo + "/accesspackages/package/urn/urn:altinn:accesspackage:Delegerbare-Maskinporten-Scopes-NUF?language=en", nil},
		{"role", inDemo, "GET", metaInfo + "/roles/55bd7d4d-08dd-46ee-ac8e-3a44d800d752", nil},
		{"role-packages", inDemo, "GET", metaInfo + "/roles/packages?role=FFØR&variant=brl", nil},
		{"search", inDemo, "GET", metaInfo + "/accesspackages/search?term=maskinlesbare+hendelser&typeName=Organisasjon", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.a.do(c.method, c.target, c.body)
			if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("%d %s %s", got.StatusCode, got.Header.Get("Content-Type"), got.body)
			}
			golden(t, c.name, got.body)
		})
	}
	kariUser := userOf(t, world, kari)
	olaUser := userOf(t, world, ola)
	for _, c := range []struct {
		name, target string
		n            *node.Node
		who          *caller
	}{
		{"enduser", accessManagement + "/enduser/authorizedparties", world, kariUser},
		{"enduser-filter", accessManagement + "/enduser/authorizedparties?includeRoles=true&partyFilter=" + w("310000043"), world, kariUser},
		{"older", accessManagement + "/authorizedparties?includeAltinn2=true", world, olaUser},
		{"older-one", accessManagement + "/authorizedparty/2", world, olaUser},
		{"older-of-party", accessManagement + "/1/authorizedparties", world, kariUser},
		{"delegationcheck", links + "/accesspackages/delegationcheck?packages=maskinporten-scopes&packages=maskinporten-scopes-nuf&packages=regnskapsforer-lonn&packages=post-til-virksomheten-med-taushetsbelagt-innhold&party=" + w("310000086"), world, kariUser},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serveAPI(t, c.n, openConfig()).server
			got := callAs(t, s, c.who, "GET", c.target, "")
			if got.Code != http.StatusOK {
				t.Fatalf("%d %s", got.Code, got.Body)
			}
			golden(t, c.name, got.Body.Bytes())
		})
	}
}

// TestAltinnAllKeys: what is written by hand has the keys that it must, in order.
func TestAltinnAllKeys(t *testing.T) {
	n := worldNode(t, altinnWorld)
	a := serveAPI(t, n, openConfig())
	got := a.do("POST", accessManagement+"/serviceowner/authorizedparties", `{"type":"urn:altinn:person:identifier-no","value":"12817010065"}`)
	want := []string{"partyUuid", "name", "organizationNumber", "parentId", "personId", "dateOfBirth", "partyId", "emailId", "type", "unitType",
		"isDeleted", "onlyHierarchyElementWithNoAccess", "authorizedAccessPackages", "authorizedResources", "authorizedRoles", "authorizedInstances", "subunits"}
	var parties []json.RawMessage
	if err := json.Unmarshal(got.body, &parties); err != nil {
		t.Fatal(err)
	}
	for _, p := range parties {
		if keys := keysOf(t, p); !cmp.Equal(keys, want) {
			t.Errorf("keys %v", keys)
		}
	}
	if len(parties) != 4 {
		t.Errorf("%d parties, want 4", len(parties))
	}
}

// keysOf returns the keys of a JSON object in their order.
func keysOf(t *testing.T, object []byte) (keys []string) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(object))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(string))
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

// TestAppendJSONString: the quick way writes what encoding/json writes.
func TestAppendJSONString(t *testing.T) {
	for _, s := range []string{"", "Bergen AS", "Ærlig & \"Sønn\" <AS>", "a\x00b\x1f\x7f\\", "\u2028\u2029", "\xff\xfe", "🐟"} {
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendJSONString(nil, s); string(got) != string(want) {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
	if got := appendDigits(nil, 3918510094, 11); string(got) != `"03918510094"` {
		t.Errorf("digits %s", got)
	}
	u := fullmakt.UUID{1, 2, 0xab, 15: 9}
	if got := appendUUID(nil, u); string(got) != `"`+u.String()+`"` {
		t.Errorf("UUID %s, want %s", got, u)
	}
}

// TestAltinnQuery: names in any letter case, the first value of many, and what a
// value may be.
func TestAltinnQuery(t *testing.T) {
	c := &call{r: httptest.NewRequest("GET", "/?FROM=a&FROM=b&Yes=TRUE&no=false&auto=Auto&empty=&both=1&both=2&id=11111111-1111-4111-8111-111111111111", nil)}
	q, err := c.altinnQuery()
	if err != nil {
		t.Fatal(err)
	}
	flag := func(name string) string {
		yes, err := q.flag(name, true)
		if err != nil {
			return "error"
		}
		return map[bool]string{true: "yes", false: "no"}[yes]
	}
	choice := func(name string) string {
		yes, err := q.choice(name)
		if err != nil {
			return "error"
		}
		return map[bool]string{true: "yes", false: "no"}[yes]
	}
	ids, err := q.uuids("ID")
	if err != nil || len(ids) != 1 {
		t.Errorf("UUIDs %v, %v", ids, err)
	}
	if _, err := q.uuids("both"); err == nil {
		t.Error("a number is taken for a UUID")
	}
	for _, c := range []struct{ got, want string }{
		{q.one("From"), "a"}, {q.one("none"), ""}, {strings.Join(q.all("both"), "+"), "1+2"}, {strings.Join(q.all("empty"), "+"), ""},
		{flag("yes"), "yes"}, {flag("NO"), "no"}, {flag("none"), "yes"}, {flag("empty"), "yes"}, {flag("auto"), "error"}, {flag("both"), "error"},
		{choice("auto"), "yes"}, {choice("no"), "no"}, {choice("none"), "yes"}, {choice("both"), "error"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
