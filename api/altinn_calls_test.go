package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
)

const ownerParties = accessManagement + "/resourceowner/authorizedparties"

// TestAltinnErrors: what is wrong with a request is told in the shape that the
// client of the endpoint reads.
func TestAltinnErrors(t *testing.T) {
	n := demoNode(t)
	a := serveAPI(t, n, openConfig())
	bergen := uuidOf(t, n, "310000019")
	links := accessManagement + "/enduser/connections"
	const kari = `{"type":"urn:altinn:person:identifier-no","value":"12817010065"}`
	for _, c := range []struct {
		what, method, target string
		body                 any
		status               int
		has                  string
	}{
		{"no body", "POST", ownerParties, "", 400, `"errors":{"$":`},
		{"not JSON", "POST", ownerParties, "{", 400, `"errors":{"$":`},
		{"more than one object", "POST", ownerParties, kari + kari, 400, `"errors":{"$":`},
		{"a number for a value", "POST", ownerParties, `{"type":"urn:altinn:partyid","value":1}`, 400, `"errors":{"$.value":`},
		{"no type", "POST", ownerParties, `{"value":"310000019"}`, 400, `"errors":{"Type":["The Type field is required."]}`},
		{"null", "POST", ownerParties, `{"type":"urn:altinn:partyid","value":null}`, 400, `"errors":{"Value":`},
		{"another type", "POST", ownerParties, `{"type":"urn:altinn:nothing","value":"1"}`, 400, `"errors":{"Type":`},
		{"a type without its prefix", "POST", ownerParties, `{"type":"person","value":"12817010065"}`, 400, `"errors":{"Type":`},
		{"a wrong check digit", "POST", ownerParties, `{"type":"urn:altinn:person:identifier-no","value":"12817010066"}`, 400, `"errors":{"Value":`},
		{"a number in Arabic digits", "POST", ownerParties, `{"type":"urn:altinn:organization:identifier-no","value":"٣١٠٠٠٠٠١٩"}`, 400, `"errors":{"Value":`},
		{"a party id with a zero before it", "POST", ownerParties, `{"type":"urn:altinn:partyid","value":"01"}`, 400, `"errors":{"Value":`},
		{"a filter of another type", "POST", ownerParties, `{"type":"urn:altinn:partyid","value":"1","partyFilter":[{"type":"x","value":"1"}]}`, 400, `"errors":{"PartyFilter[0].Type":`},
		{"a filter without end", "POST", ownerParties, `{"type":"urn:altinn:partyid","value":"1","partyFilter":[` + strings.Repeat("{},", 1000) + `{}]}`, 400, `"errors":{"PartyFilter":`},
		{"a flag that is none", "POST", ownerParties + "?includeRoles=perhaps", kari, 400, `"errors":{"includeRoles":`},
		{"a choice that is none", "POST", ownerParties + "?includeSubParties=2", kari, 400, `"errors":{"includeSubParties":`},
		{"a broken query", "POST", ownerParties + "?includeRoles=%zz", kari, 400, "query"},
		{"another media type", "POST", ownerParties, kari, 415, "application/json"},
		{"user ids", "POST", ownerParties, `{"type":"urn:altinn:userid","value":"1"}`, 501, "AUTHZ-00000"},
		{"another method", "GET", ownerParties, nil, 405, "POST"},
		{"another path", "GET", accessManagement + "/nothing/here", nil, 404, "nothing"},
		{"no party id", "GET", accessManagement + "/authorizedparty/x", nil, 400, `"errors":{"partyId":`},
		{"no UUID", "GET", accessManagement + "/policyinformation/accesspackages?from=1&to=2", nil, 400, `"errors":{"from":`},
		{"no party", "GET", links + "?from=" + bergen, nil, 400, `{"code":"AM.VLD-00009","detail":"party is required","description":"party is required","paths":["QUERY/party"]}`},
		{"a party that is neither end", "GET", links + "?party=" + bergen, nil, 400, `"paths":["QUERY/from","QUERY/to"]`},
		{"a party that is no UUID", "GET", links + "?party=bergen", nil, 400, `"code":"STD-00000"`},
		{"nobody's UUID", "GET", links + "?party=11111111-1111-4111-8111-111111111111&from=11111111-1111-4111-8111-111111111111", nil, 400, `"code":"AM-00023"`},
	} {
		headers := []string{}
		if c.status == 415 {
			headers = []string{"Content-Type", "text/plain"}
		}
		got := a.do(c.method, c.target, c.body, headers...)
		if got.StatusCode != c.status || got.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(string(got.body), c.has) {
			t.Errorf("%s: %d %s, want %d with %s", c.what, got.StatusCode, got.body, c.status, c.has)
		}
		var p struct {
			Title, TraceID string
			Status         int
		}
		if err := json.Unmarshal(got.body, &p); err != nil || p.Title == "" || p.Status != c.status || p.TraceID == "" {
			t.Errorf("%s: %s", c.what, got.body)
		}
		if strings.Contains(string(got.body), "12817010065") {
			t.Errorf("%s: the problem holds an identity number", c.what)
		}
	}
}

// TestAltinnScopes: who may ask whom about.
func TestAltinnScopes(t *testing.T) {
	n := demoNode(t)
	s := serveAPI(t, n, openConfig()).server
	const kari = `{"type":"urn:altinn:person:identifier-no","value":"12817010065"}`
	pip := accessManagement + "/policyinformation/roles-and-accesspackages?from=" + uuidOf(t, n, "310000019") + "&to=" + uuidOf(t, n, "310000027")
	packages := strings.Replace(pip, "roles-and-accesspackages", "accesspackages", 1)
	connections := accessManagement + "/enduser/connections?party=" + uuidOf(t, n, "310000027") + "&"
	toOthers, fromOthers := connections+"from="+uuidOf(t, n, "310000027"), connections+"to="+uuidOf(t, n, "310000027")
	user := func(scopes ...string) *caller { return userOf(t, n, "12817010065", scopes...) }
	for _, c := range []struct {
		what, method, target, body string
		who                        *caller
		want                       int
	}{
		{"a person by another, with the scope", "POST", ownerParties, kari, &caller{scopes: []string{scopePartiesOwner}}, 200},
		{"with the administrator's", "POST", accessManagement + "/serviceowner/authorizedparties", kari, &caller{scopes: []string{scopePartiesAdmin}}, 200},
		{"a person by another, without", "POST", ownerParties, kari, &caller{scopes: []string{scopeParties, scopePortal, "fullmakt:evaluate"}}, 403},
		{"another owner's resources", "POST", ownerParties + "?orgCode=skd", kari, &caller{scopes: []string{scopePartiesOwner}, ownerCode: "nav"}, 403},
		{"the owner's own resources", "POST", ownerParties + "?orgCode=NAV", kari, &caller{scopes: []string{scopePartiesOwner}, ownerCode: "nav"}, 200},
		{"policy information", "GET", pip, "", &caller{scopes: []string{"altinn:authorization/authorize"}}, 200},
		{"policy information, packages", "GET", packages, "", &caller{scopes: []string{"fullmakt:evaluate"}}, 200},
		{"policy information with an end user's token", "GET", pip, "", user(), 403},
		{"to others", "GET", toOthers, "", user(scopeToOthersRead), 200},
		{"to others with the other direction", "GET", toOthers, "", user(scopeFromOthersRead), 403},
		{"from others", "GET", fromOthers, "", user(scopeFromOthersRead), 200},
		{"from others with the other direction", "GET", fromOthers, "", user(scopeToOthersRead), 403},
		{"both from the portal", "GET", fromOthers, "", user(scopePortal), 200},
		{"an organisation's token", "GET", toOthers, "", &caller{scopes: []string{scopePortal}, organisation: 310000027}, 403},
		{"what is not answered yet", "GET", accessManagement + "/enduser/clientdelegations/clients", "", user(scopeToOthersRead), 403},
	} {
		if got := callAs(t, s, c.who, c.method, c.target, c.body); got.Code != c.want {
			t.Errorf("%s: %d %s, want %d", c.what, got.Code, got.Body, c.want)
		}
	}
}

// TestAltinnPRIV1: what a person of the real register holds is listed for a
// purpose; whether organisations that do no business are among it is the
// operator's decision. The person itself may see everything.
func TestAltinnPRIV1(t *testing.T) {
	n := worldNode(t, `
organisation 310000019 AS "Bakeriet AS"
organisation 310000027 FLI "Korpset"
person born 1961-02-03 "Per Berg"
role DAGL at 310000019 holder "Per Berg born 1961-02-03"
role LEDE at 310000027 holder "Per Berg born 1961-02-03"
`)
	per, err := n.Find(t.Context(), "Per Berg")
	if err != nil {
		t.Fatal(err)
	}
	body := `{"type":"urn:altinn:party:uuid","value":"` + per.UUID.String() + `"}`
	cfg := openConfig()
	cfg.AllowUncertain, cfg.Purposes = true, []string{"Audit"}
	s := serveAPI(t, n, cfg).server
	scopes := []string{scopePartiesOwner, scopeParties}
	for _, c := range []struct {
		what        string
		who         *caller
		method      string
		target      string
		want        int
		bakery, fli bool
	}{
		{"no purpose", &caller{scopes: scopes}, "POST", ownerParties, 403, false, false},
		{"a blank purpose", &caller{scopes: scopes, purpose: " "}, "POST", ownerParties, 403, false, false},
		{"a purpose", &caller{scopes: scopes, purpose: "credit check"}, "POST", ownerParties, 200, true, false},
		{"a purpose on the list", &caller{scopes: scopes, purpose: "audit"}, "POST", ownerParties, 200, true, true},
		{"itself", &caller{scopes: scopes, partyUUID: per.UUID}, "GET", accessManagement + "/enduser/authorizedparties", 200, true, true},
	} {
		got := callAs(t, s, c.who, c.method, c.target, body)
		text := got.Body.String()
		if got.Code != c.want || strings.Contains(text, "Bakeriet") != c.bakery || strings.Contains(text, "Korpset") != c.fli {
			t.Errorf("%s: %d %s", c.what, got.Code, text)
		}
	}
}

// TestAltinnUncertain: somebody known only by birth date and name has nothing for
// a policy decision point, and no list, unless the operator allows it (OPEN-1).
func TestAltinnUncertain(t *testing.T) {
	n := worldNode(t, altinnWorld)
	var fisker fullmakt.Party
	named, err := n.Store().PartiesNamed(t.Context(), "Fisker Født", 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range named {
		if p.ID.Kind == fullmakt.KindPerson {
			fisker = p
		}
	}
	pip := accessManagement + "/policyinformation/roles-and-accesspackages?from=" + uuidOf(t, n, "310000051") + "&to=" + fisker.UUID.String()
	for _, allowed := range []bool{false, true} {
		cfg := openConfig()
		cfg.AllowUncertain = allowed
		a := serveAPI(t, n, cfg)
		if got := a.do("GET", pip, nil); strings.Contains(string(got.body), "rolecode:innh") != allowed || got.StatusCode != 200 {
			t.Errorf("allowed %t: %d %s", allowed, got.StatusCode, got.body)
		}
		who := &caller{partyUUID: fisker.UUID}
		if got := callAs(t, a.server, who, "GET", accessManagement+"/authorizedparties", ""); (got.Code == http.StatusOK) != allowed {
			t.Errorf("allowed %t: %d %s", allowed, got.Code, got.Body)
		}
	}
}

// TestAltinnEndUser: who a token is about, and whom it may ask about.
func TestAltinnEndUser(t *testing.T) {
	n := worldNode(t, altinnWorld)
	s := serveAPI(t, n, openConfig()).server
	kari := n.Current().Person(12817010065)
	own := accessManagement + "/authorizedparties"
	enduser := accessManagement + "/enduser/authorizedparties"
	scopes := []string{scopeParties}
	for _, c := range []struct {
		what, target string
		who          *caller
		want         int
		has          string
	}{
		{"by UUID", own, userOf(t, n, "12817010065"), 200, "Korpset"},
		{"by party id", own, &caller{partyID: kari}, 200, "Korpset"},
		{"by identity number", own, &caller{person: 12817010065}, 200, "Korpset"},
		{"of nobody we know", own, &caller{person: 15876810031}, 200, "[]"},
		{"of a number never given", own, &caller{partyID: 999_999}, 200, "[]"},
		{"of an organisation", own, &caller{organisation: 310000078}, 200, "Fisker"},
		{"of a supplier for an organisation", own, &caller{organisation: 310000078, supplier: 310000019}, 403, "nobody who could act"},
		{"of nobody, with authentication off", own, everybody, 403, "authentication off"},
		{"one of them", accessManagement + "/authorizedparty/5", &caller{partyID: kari}, 200, "Korpset"},
		{"one that is not", accessManagement + "/authorizedparty/7", &caller{partyID: kari}, 404, "may not"},
		{"a main unit without access", accessManagement + "/authorizedparty/1", userOf(t, n, "03918510094"), 404, "may not"},
		{"of a party one manages", accessManagement + "/7/authorizedparties?includeAccessPackages=true", userOf(t, n, "22845910018"), 200, "regnskapsforer-lonn"},
		{"of a party one does not manage", accessManagement + "/1/authorizedparties", userOf(t, n, "22845910018"), 403, "manage"},
		{"of oneself", accessManagement + "/8/authorizedparties", &caller{partyID: kari}, 200, "Korpset"},
		{"a page", enduser, &caller{partyID: kari, scopes: scopes}, 200, `{"links":{"next":null},"data":[{`},
		{"a filter that finds nobody", enduser + "?partyFilter=11111111-1111-4111-8111-111111111111", &caller{partyID: kari, scopes: scopes}, 200, `"data":[]}`},
		{"a filter that is no UUID", enduser + "?partyFilter=1", &caller{partyID: kari, scopes: scopes}, 400, "partyFilter"},
		{"roles are shown when asked for", enduser + "?includeRoles=true&includePartiesViaKeyRoles=auto", &caller{partyID: kari, scopes: scopes}, 200, `"DAGL"`},
	} {
		got := callAs(t, s, c.who, "GET", c.target, "")
		if got.Code != c.want || !strings.Contains(got.Body.String(), c.has) {
			t.Errorf("%s: %d %s, want %d with %s", c.what, got.Code, got.Body, c.want, c.has)
		}
	}
	if got := callAs(t, s, &caller{partyID: kari, scopes: scopes}, "GET", enduser, "").Body.String(); strings.Contains(got, "DAGL") {
		t.Errorf("roles are shown unasked: %s", got)
	}
}

// FuzzAuthorizedParties: whatever a body holds, the answer is a list, or says what
// is wrong with the body, and names no identity number.
func FuzzAuthorizedParties(f *testing.F) {
	n := demoNode(f)
	s, err := New(n, openConfig())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		`{"type":"urn:altinn:person:identifier-no","value":"12817010065"}`,
		`{"type":"urn:altinn:partyid","value":"2","partyFilter":[{"type":"urn:altinn:organization:identifier-no","value":"310000019"}]}`,
		`{"TYPE":"urn:altinn:enterpriseuser:username","VALUE":"trondheim-rapport","partyFilter":[]}`,
		`{"type":"\ud800","value":null}`, `[]`, `{"type":{}}`, `null`, "",
	} {
		f.Add(seed)
	}
	who := &caller{scopes: []string{scopePartiesOwner}}
	f.Fuzz(func(t *testing.T, body string) {
		got := callAs(t, s, who, "POST", ownerParties, body)
		switch {
		case got.Code == http.StatusOK:
			var list []struct{ PartyID int }
			if err := json.Unmarshal(got.Body.Bytes(), &list); err != nil {
				t.Errorf("%v in the answer to %q", err, body)
			}
		case got.Code != http.StatusBadRequest && got.Code != http.StatusNotImplemented:
			t.Errorf("%d for %q: %s", got.Code, body, got.Body)
		}
	})
}

func number(t *testing.T, lookup func(fullmakt.PartyID) fullmakt.PartyNo, text string) fullmakt.PartyNo {
	t.Helper()
	if org, err := fullmakt.ParseOrgNumber(text); err == nil {
		return lookup(fullmakt.OrganisationID(org))
	}
	id, err := fullmakt.ParseNationalID(text)
	if err != nil {
		t.Fatal(err)
	}
	return lookup(fullmakt.PersonID(id))
}

// TestAltinnLimit: a consumer that is limited to some packages and roles sees
// these and no others, in every answer.
func TestAltinnLimit(t *testing.T) {
	n := demoNode(t)
	s := serveAPI(t, n, openConfig()).server
	limit, err := newConsumerLimit(ConsumerConfig{Packages: []string{"regnskapsforer-lonn"}, Roles: []string{"REGN"}}, n.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	who := &caller{scopes: []string{scopePartiesOwner, "fullmakt:evaluate"}, limit: limit}
	got := callAs(t, s, who, "POST", ownerParties+"?includeAccessPackages=true", `{"type":"urn:altinn:person:identifier-no","value":"01896210099"}`).Body.String()
	if strings.Contains(got, "Regnskap AS") || !strings.Contains(got, "Fjellheim AS") || !strings.Contains(got, `["regnskapsforer-lonn"]`) ||
		!strings.Contains(got, `["REGN"]`) || strings.Contains(got, "med-signering") {
		t.Errorf("parties: %s", got)
	}
	pip := accessManagement + "/policyinformation/roles-and-accesspackages?from=" + uuidOf(t, n, "310000108") + "&to=" + uuidOf(t, n, "01896210099")
	got = callAs(t, s, who, "GET", pip, "").Body.String()
	if want := `{"roles":["urn:altinn:external-role:ccr:regnskapsforer","urn:altinn:rolecode:regn"],"accessPackages":["urn:altinn:accesspackage:regnskapsforer-lonn"]}`; got != want {
		t.Errorf("policy information: %s", got)
	}
}
