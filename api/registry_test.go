package api

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt/registry"
)

const registryBase = resourceRegistry + "/resource"

type urnList struct {
	Links map[string]any  `json:"links"`
	Data  []attributeJSON `json:"data"`
}

// TestRegistryReads: what the demo world's registry answers.
func TestRegistryReads(t *testing.T) {
	a := openDemo(t)
	var all, found []resourceJSON
	a.json(a.do("GET", registryBase+"/resourcelist", nil), 200, &all)
	if len(all) != 5 {
		t.Fatalf("%d resources", len(all))
	}
	for query, want := range map[string]string{
		"id=SKATT": "demo-skattemelding", "title=tax": "demo-skattemelding", "keyword=skatt": "demo-skattemelding",
		"resourceType=maskinportenschema": "demo-kontroll-api", "reference=demo:kontroll.list": "demo-kontroll-api",
		"description=pilot&id=demo": "demo-tilskudd",
	} {
		a.json(a.do("GET", registryBase+"/search?"+query, nil), 200, &found)
		if len(found) != 1 || found[0].Identifier != want {
			t.Errorf("search %s: %d found", query, len(found))
		}
	}
	var one resourceJSON
	got := a.do("GET", registryBase+"/demo-skattemelding", nil)
	a.json(got, 200, &one)
	if one.Title["nb"] != "Skattemelding for virksomheter" || !one.Delegable || one.HasCompetentAuthority.Orgcode != "demo" ||
		len(one.AuthorizationReference) != 1 || one.AuthorizationReference[0].Value != "demo-skattemelding" {
		t.Errorf("%+v", one)
	}
	if again := a.do("GET", registryBase+"/demo-skattemelding", nil, "If-None-Match", got.Header.Get("ETag")); again.StatusCode != 304 {
		t.Errorf("the same version: %d", again.StatusCode)
	}
	policy := a.do("GET", registryBase+"/demo-skattemelding/policy", nil)
	if policy.StatusCode != 200 || policy.Header.Get("Content-Type") != "application/xml" || !bytes.Contains(policy.body, []byte("skatt-naering")) {
		t.Errorf("policy: %d %s", policy.StatusCode, policy.Header)
	}
	var subjects urnList
	a.json(a.do("GET", registryBase+"/demo-tilskudd/policy/subjects", nil), 200, &subjects)
	if want := []attributeJSON{
		{"urn:altinn:accesspackage", "tilskudd-stotte-erstatning", "urn:altinn:accesspackage:tilskudd-stotte-erstatning"},
		{"urn:altinn:rolecode", "dagl", "urn:altinn:rolecode:dagl"},
	}; !slices.Equal(subjects.Data, want) || subjects.Links == nil {
		t.Errorf("subjects %+v", subjects)
	}
	var rules []policyRuleJSON
	a.json(a.do("GET", registryBase+"/demo-tilskudd/policy/rules", nil), 200, &rules)
	if len(rules) != 4 || rules[0].Subject[0].Value != "tilskudd-stotte-erstatning" || rules[0].Resource[0].URN != "urn:altinn:resource:demo-tilskudd" {
		t.Errorf("rules %+v", rules)
	}
	var rights []policyRightJSON
	a.json(a.do("GET", registryBase+"/demo-tilskudd/policy/rights", nil), 200, &rights)
	if len(rights) != 2 || len(rights[0].Subjects) != 2 || !slices.Equal(rights[0].SubjectTypes, []string{"urn:altinn:accesspackage", "urn:altinn:rolecode"}) {
		t.Errorf("rights %+v", rights)
	}
	// sha256 of urn:altinn:resource:demo-tilskudd:urn:oasis:names:tc:xacml:1.0:action:action-id:read
	if want := "01b996deb1ab8c96f0130a9514b1131cbd1745cbfd56c48692d1237212847a1175"; rights[0].Action.Value == "read" && rights[0].RightKey != want {
		t.Errorf("right key %s", rights[0].RightKey)
	}
	var by paginatedJSON[subjectResourcesJSON]
	a.json(a.do("POST", registryBase+"/bysubjects/", []string{"urn:altinn:rolecode:DAGL", "urn:altinn:rolecode:regn", "urn:altinn:accesspackage:skatt-naering"}), 200, &by)
	if len(by.Data) != 2 || by.Data[0].Resources[0].Value != "demo-tilskudd" || by.Data[1].Resources[0].Value != "demo-skattemelding" {
		t.Errorf("by subjects %+v", by)
	}
	for _, path := range []string{"/no-such", "/no-such/policy", "/no-such/policy/subjects", "/no-such/policy/rules", "/no-such/policy/rights"} {
		if got := a.do("GET", registryBase+path, nil); got.StatusCode != 404 || got.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
}

// TestNAVRegistry: what NAV's client reads of each service, with its own types.
func TestNAVRegistry(t *testing.T) {
	a := openDemo(t)
	for _, id := range []string{"demo-skattemelding", "demo-kontroll-api"} {
		var resource struct {
			Identifier       string
			Title            map[string]string
			RightDescription map[string]string
		}
		a.json(a.do("GET", registryBase+"/"+id, nil), 200, &resource)
		if resource.Identifier != id || resource.Title["nb"] == "" || resource.RightDescription["nb"] == "" {
			t.Errorf("%+v", resource)
		}
		var subjects urnList
		a.json(a.do("GET", registryBase+"/"+id+"/policy/subjects", nil), 200, &subjects)
		for _, s := range subjects.Data {
			if s.URN != s.Type+":"+s.Value || strings.ToLower(s.URN) != s.URN {
				t.Errorf("%+v", s)
			}
		}
	}
}

// newResource is a resource of the Demo Directorate's.
func newResource(id string) map[string]any {
	texts := obj{"nb": "Tjeneste", "nn": "Teneste", "en": "Service"}
	return map[string]any{"identifier": id, "title": texts, "description": texts, "rightDescription": texts, "status": "completed",
		"resourceType": "genericaccessresource", "hasCompetentAuthority": obj{"organization": "310000167", "orgcode": "DEMO"}}
}

// TestRegistryWrites: a service owner changes what is its own.
func TestRegistryWrites(t *testing.T) {
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	cfg := is.config()
	cfg.Kind = "altinn"
	a := guarded(t, nil, cfg)
	as := func(claims ...any) string {
		return "Bearer " + is.token(append([]any{"scope", "altinn:resourceregistry/resource.write"}, claims...)...)
	}
	owner, byNumber, other := as("urn:altinn:org", "demo"), as("consumer", obj{"authority": "iso6523-actorid-upis", "ID": "0192:310000167"}), as("urn:altinn:org", "annen")
	created := a.do("POST", registryBase, newResource("demo-ny"), "Authorization", owner)
	var r resourceJSON
	a.json(created, 201, &r)
	if r.Status != "Completed" || r.ResourceType != registry.TypeGeneric || r.HasCompetentAuthority.Orgcode != "demo" || !r.Visible || !r.Delegable ||
		created.Header.Get("Location") != registryBase+"/demo-ny" {
		t.Errorf("%+v %s", r, created.Header)
	}
	for _, c := range []struct {
		name, method, path, token string
		body                      any
		want                      int
		says                      string
	}{
		{"again", "POST", "", owner, newResource("demo-ny"), 409, "already"},
		{"another's", "PUT", "/demo-ny", other, newResource("demo-ny"), 403, "only who owns it"},
		{"another's, deleted", "DELETE", "/demo-ny", other, nil, 403, "only who owns it"},
		{"for another", "POST", "", other, newResource("demo-to"), 403, "only who owns it"},
		{"of nobody", "POST", "", as("consumer", nil), newResource("demo-to"), 403, "names no organisation"},
		{"unknown", "PUT", "/demo-to", owner, newResource("demo-to"), 404, "no resource"},
		{"renamed", "PUT", "/demo-ny", owner, newResource("demo-annen"), 400, "identifier"},
		{"no object", "POST", "", owner, "[]", 400, "JSON"},
		{"without texts", "POST", "", owner, obj{"identifier": "demo-to", "hasCompetentAuthority": obj{"orgcode": "demo"}}, 400, "title.nb"},
		{"an app of another", "POST", "", owner, newResource("app_ttd_x"), 400, "another owner"},
		{"by its number", "PUT", "/demo-ny", byNumber, newResource("demo-ny"), 200, "demo-ny"},
		{"deleted while a list is connected", "DELETE", "/demo-tilskudd", owner, nil, 409, "access list"},
	} {
		if got := a.do(c.method, registryBase+c.path, c.body, "Authorization", c.token); got.StatusCode != c.want || !strings.Contains(string(got.body), c.says) {
			t.Errorf("%s: %d %s", c.name, got.StatusCode, got.body)
		}
	}
	changed := newResource("demo-ny")
	changed["delegable"] = false
	first := created.Header.Get("ETag")
	got := a.do("PUT", registryBase+"/demo-ny", changed, "Authorization", owner, "If-Match", first)
	a.json(got, 200, &r)
	if r.Delegable || got.Header.Get("ETag") == first {
		t.Errorf("the new version: %+v", r)
	}
	if got := a.do("PUT", registryBase+"/demo-ny", newResource("demo-ny"), "Authorization", owner, "If-Match", first); got.StatusCode != 412 {
		t.Errorf("a change of an old version: %d", got.StatusCode)
	}
	if got := a.do("DELETE", registryBase+"/demo-ny", nil, "Authorization", owner); got.StatusCode != 204 {
		t.Errorf("delete: %d %s", got.StatusCode, got.body)
	}
	if got := a.do("GET", registryBase+"/demo-ny", nil); got.StatusCode != 404 {
		t.Errorf("a deleted resource: %d", got.StatusCode)
	}
}

// TestRegistryPolicies: a policy that cannot be used is refused with line and
// reason, and the old one stays.
func TestRegistryPolicies(t *testing.T) {
	a := openDemo(t)
	path := registryBase + "/demo-tilskudd/policy"
	before := a.do("GET", path, nil)
	put := func(method, body string) answer {
		return a.do(method, path, body, "Content-Type", "application/xml")
	}
	old := string(before.body)
	for _, c := range []struct{ name, body, says string }{
		{"no XML", "policy", "demo-tilskudd.xml"},
		{"no policy", "<Policy/>", "demo-tilskudd.xml:1"},
		{"an unknown function", strings.Replace(old, "string-equal\"", "string-eqal\"", 1), "demo-tilskudd.xml:"},
		{"another resource", strings.Replace(old, ">demo-tilskudd<", ">demo-hendelser<", 1), "is about the resource demo-hendelser"},
		{"a document type", "<!DOCTYPE x [<!ENTITY y \"z\">]>" + old, "demo-tilskudd.xml"},
	} {
		if got := put("PUT", c.body); got.StatusCode != 400 || !strings.Contains(string(got.body), c.says) {
			t.Errorf("%s: %d %s", c.name, got.StatusCode, got.body)
		}
	}
	if got := a.do("GET", path, nil); !bytes.Equal(got.body, before.body) || got.Header.Get("ETag") != before.Header.Get("ETag") {
		t.Error("the old policy did not stay")
	}
	if got := put("PUT", old); got.StatusCode != 201 || got.Header.Get("ETag") != before.Header.Get("ETag") {
		t.Errorf("the same policy: %d", got.StatusCode)
	}
	next := strings.Replace(old, ">dagl<", ">lede<", 1)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	file, err := w.CreateFormFile("policyFile", "policy.xml")
	if err != nil {
		t.Fatal(err)
	}
	file.Write([]byte(next))
	w.Close()
	got := a.do("POST", path, form.String(), "Content-Type", w.FormDataContentType())
	if got.StatusCode != http.StatusCreated || got.Header.Get("ETag") == before.Header.Get("ETag") {
		t.Errorf("a policy in a form: %d %s", got.StatusCode, got.body)
	}
	var subjects urnList
	a.json(a.do("GET", path+"/subjects", nil), 200, &subjects)
	if !slices.ContainsFunc(subjects.Data, func(s attributeJSON) bool { return s.URN == "urn:altinn:rolecode:lede" }) {
		t.Errorf("the new policy is not in force: %+v", subjects)
	}
	if got := a.do("PUT", path, "{}"); got.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("a policy as JSON: %d", got.StatusCode)
	}
}

// TestRegistryDryRun: what a new version would change, told without telling of
// anybody, and nothing stored.
func TestRegistryDryRun(t *testing.T) {
	a := openDemo(t)
	path := registryBase + "/demo-tilskudd/policy"
	before := a.do("GET", path, nil)
	try := func(old, now string) (trial policyTrialJSON) {
		t.Helper()
		body := strings.ReplaceAll(string(before.body), old, now)
		a.json(a.do("PUT", path+"?dryRun=true", body, "Content-Type", "application/xml"), 200, &trial)
		return trial
	}
	if same := try("x", "x"); same.Pairs < 20 || len(same.Changes) != 0 || !slices.Equal(same.Actions, []string{"read", "write"}) {
		t.Errorf("the same policy: %+v", same)
	}
	// A managing director has the package too, so both go.
	less := try(">dagl<", ">finnesikke<")
	if len(less.UnknownSubjects) != 1 || less.UnknownSubjects[0].Value != "finnesikke" {
		t.Errorf("%+v", less)
	}
	gone := try(">write<", ">sign<")
	if len(gone.Changes) == 0 || gone.Changes[0].Pairs < 5 {
		t.Fatalf("%+v", gone)
	}
	for _, change := range gone.Changes {
		if change.Action == "write" && (change.Before != "Permit" || change.After != "NotApplicable") || change.Action == "sign" && change.After != "Permit" || len(change.Subjects) == 0 {
			t.Errorf("%+v", change)
		}
	}
	if got := a.do("GET", path, nil); !bytes.Equal(got.body, before.body) {
		t.Error("a dry run stores")
	}
	if got := a.do("PUT", path+"?dryRun=true", "<Policy/>", "Content-Type", "application/xml"); got.StatusCode != 400 {
		t.Errorf("a dry run of no policy: %d", got.StatusCode)
	}
}
