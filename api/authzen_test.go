package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/google/go-cmp/cmp"
)

// The checklist of AuthZEN's demands has numbers: T for transport, E for
// evaluation, B for batches, R for searches, M for metadata. Each is a test here.

const (
	orgURN    = "urn:altinn:organization:identifier-no"
	personURN = "urn:altinn:person:identifier-no"
	seed      = "urn:altinn:accesspackage:delegerbare-maskinporten-scopes"

	bergen    = "310000019"
	trondheim = "310000027"
	oslo      = "310000035"
	kari      = "12817010065"
	ola       = "03918510094"
)

type obj = map[string]any

func org(id string) obj    { return obj{"type": orgURN, "id": id} }
func person(id string) obj { return obj{"type": personURN, "id": id} }

func evaluation(subject obj, action string, resource obj) obj {
	return obj{"subject": subject, "action": obj{"name": action}, "resource": resource}
}

// with adds members to a copy of a request.
func with(request obj, pairs ...any) obj {
	out := obj{}
	for k, v := range request {
		out[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

// told is the answer to an evaluation as a client reads it.
type told struct {
	Decision *bool `json:"decision"`
	Context  struct {
		Reason       fullmakt.Reason   `json:"reason"`
		ReasonUser   map[string]string `json:"reason_user"`
		MayGive      bool              `json:"may_give"`
		Uncertain    bool              `json:"uncertain"`
		State        string            `json:"state"`
		Time         string            `json:"time"`
		Revision     string            `json:"revision"`
		EvaluatedAt  string            `json:"evaluated_at"`
		EvaluationID string            `json:"evaluation_id"`
		Error        *struct {
			Status  int    `json:"status"`
			Message string `json:"message"`
		} `json:"error"`
		Authority  []wirePath `json:"authority"`
		NearMisses []wirePath `json:"near_misses"`
	} `json:"context"`
}

func (x told) String() string {
	if x.Decision == nil {
		return "no decision"
	}
	return fmt.Sprintf("%t %s", *x.Decision, x.Context.Reason)
}

// evaluate asks one question and returns what is told.
func (a *apitest) evaluate(body any, headers ...string) told {
	a.Helper()
	var x told
	a.json(a.do("POST", evaluationPath, body, headers...), http.StatusOK, &x)
	return x
}

// evaluateMany asks a batch and returns the answers in words.
func (a *apitest) evaluateMany(body any) []string {
	a.Helper()
	var x struct{ Evaluations []told }
	a.json(a.do("POST", evaluationsPath, body), http.StatusOK, &x)
	list := make([]string, len(x.Evaluations))
	for i, e := range x.Evaluations {
		list[i] = e.String()
	}
	return list
}

type listed struct {
	Page struct {
		Next  *string `json:"next_token"`
		Count int     `json:"count"`
	} `json:"page"`
	Results []map[string]string `json:"results"`
	Context struct {
		Revision     string `json:"revision"`
		BusinessOnly bool   `json:"business_only"`
	} `json:"context"`
}

// ids returns what a search found, in order.
func (l listed) ids() []string {
	list := []string{}
	for _, r := range l.Results {
		list = append(list, r["id"]+r["name"])
	}
	return list
}

func (a *apitest) search(path string, body any) listed {
	a.Helper()
	var l listed
	a.json(a.do("POST", path, body), http.StatusOK, &l)
	if l.Page.Next == nil || l.Results == nil || l.Page.Count != len(l.Results) {
		a.Errorf("page %+v with %d results", l.Page, len(l.Results))
	}
	return l
}

func openDemo(t *testing.T) *apitest {
	t.Helper()
	return serveAPI(t, demoNode(t), openConfig())
}

// TestSeedExamples asks the examples of Altinn's page about nested authority.
func TestSeedExamples(t *testing.T) {
	a := openDemo(t)
	for _, test := range []struct {
		subject obj
		forWhom string
		want    string
	}{
		{person(kari), bergen, "true held_via_nesting"},
		{org(trondheim), bergen, "true held_via_role"},
		{person(kari), trondheim, "true held_via_role"},
		{person(ola), bergen, "false nesting_limit"},
		{person(ola), trondheim, "true held_via_nesting"},
		{org(oslo), bergen, "true held_via_nesting"},
		{person(kari), oslo, "false no_relation"},
	} {
		if got := a.evaluate(evaluation(test.subject, seed, org(test.forWhom))).String(); got != test.want {
			t.Errorf("%v for %s: %s, want %s", test.subject["id"], test.forWhom, got, test.want)
		}
	}
}

// TestNamesThatMeanTheSame: short types and every name of a package or role.
func TestNamesThatMeanTheSame(t *testing.T) {
	a := openDemo(t)
	for _, subject := range []obj{person(kari), {"type": "person", "id": kari}, {"type": "urn:altinn:ssn", "id": kari}} {
		for _, action := range []string{
			seed, "delegerbare-maskinporten-scopes", "maskinporten-scopes", "urn:altinn:accesspackage:MASKINPORTEN-SCOPES",
			"DAGL", "daglig-leder", "urn:altinn:rolecode:dagl", "urn:altinn:external-role:ccr:daglig-leder",
		} {
			for _, typ := range []string{orgURN, "org", "organization", "urn:altinn:organizationnumber"} {
				if got := a.evaluate(evaluation(subject, action, obj{"type": typ, "id": bergen})); got.String() != "true held_via_nesting" {
					t.Errorf("%v %s %s: %s", subject, action, typ, got)
				}
			}
		}
	}
	// Every party has a UUID and a number besides.
	uuids := a.search(subjectPath, evaluation(obj{"type": "urn:altinn:person:uuid"}, seed, org(bergen))).ids()
	numbers := a.search(subjectPath, evaluation(obj{"type": "urn:altinn:partyid"}, seed, org(bergen))).ids()
	if len(uuids) == 0 || len(numbers) == 0 {
		t.Fatalf("found %v and %v", uuids, numbers)
	}
	for _, subject := range []obj{
		{"type": "urn:altinn:person:uuid", "id": uuids[0]}, {"type": "urn:altinn:party:uuid", "id": uuids[0]},
		{"type": "urn:altinn:party:uuid", "id": strings.ToUpper(uuids[0])}, {"type": "urn:altinn:partyid", "id": numbers[0]},
	} {
		if got := a.evaluate(evaluation(subject, seed, org(bergen))); !*got.Decision {
			t.Errorf("%v: %s", subject, got)
		}
	}
}

// TestUnknown: what is not known is a no with a reason, never an error. Services
// are not known here at all.
func TestUnknown(t *testing.T) {
	a := openDemo(t)
	for _, test := range []struct {
		request obj
		want    string
	}{
		{evaluation(person("01810100000"), seed, org(bergen)), "false unknown_party"},
		{evaluation(person(""), seed, org(bergen)), "false unknown_party"},
		{evaluation(person(kari), seed, org("310000020")), "false unknown_party"}, // wrong check digit
		{evaluation(obj{"type": "user", "id": kari}, seed, org(bergen)), "false unknown_party"},
		{evaluation(obj{"type": "urn:altinn:userid", "id": "1"}, seed, org(bergen)), "false unknown_party"},
		{evaluation(obj{"type": "urn:altinn:systemuser:uuid", "id": "8d1ea1b8-1ec4-44f5-a1f9-7d6b3f3a0a11"}, seed, org(bergen)), "false unknown_party"},
		{evaluation(person(kari), "urn:altinn:accesspackage:nope", org(bergen)), "false unknown_package"},
		// Actions on services look like roles of the register, READ and SIGN.
		{evaluation(person(kari), "read", org(bergen)), "false unknown_package"},
		{evaluation(person(kari), "sign", org(bergen)), "false unknown_package"},
		{evaluation(person(kari), "dagl", org(bergen)), "false unknown_package"},
		{evaluation(person(kari), seed, obj{"type": "urn:altinn:resource", "id": "skd-mva", "properties": obj{"party": org(bergen)}}), "false unknown_resource"},
		// Kinds that do not match their ids.
		{evaluation(org(kari), seed, org(bergen)), "false unknown_party"},
		{evaluation(obj{"type": "urn:altinn:partyid", "id": "0"}, seed, org(bergen)), "false unknown_party"},
		{evaluation(obj{"type": "urn:altinn:partyid", "id": "4294967297"}, seed, org(bergen)), "false unknown_party"},
		// Look-alikes: one party has one spelling.
		{evaluation(person(kari), seed, org("310 000 019")), "false unknown_party"},
		{evaluation(person(kari), seed, org("310000019 ")), "false unknown_party"},
		{evaluation(person(kari), seed, org("0310000019")), "false unknown_party"},
		{evaluation(person(kari), seed, org("+310000019")), "false unknown_party"},
		{evaluation(person("0"+kari), seed, org(bergen)), "false unknown_party"},
		{evaluation(obj{"type": partyURN, "id": "01"}, seed, org(bergen)), "false unknown_party"},
		{evaluation(person(kari), seed, org("３１００００１９")), "false unknown_party"},
		{evaluation(person(kari), seed, org("31000001９")), "false unknown_party"},
		{evaluation(person(kari), seed, org("NO310000019MVA")), "false unknown_party"},
		{evaluation(person(kari), seed, org("310000019\u200b")), "false unknown_party"},
		{evaluation(person(kari), seed, org("310000019\x00")), "false unknown_party"},
		{evaluation(obj{"type": strings.ToUpper(personURN), "id": kari}, seed, org(bergen)), "false unknown_party"},
	} {
		if got := a.evaluate(test.request).String(); got != test.want {
			t.Errorf("%v: %s, want %s", test.request, got, test.want)
		}
	}
}

// TestT1PostOnly: every call is a POST at its path.
func TestT1PostOnly(t *testing.T) {
	a := openDemo(t)
	for _, path := range []string{evaluationPath, evaluationsPath, subjectPath, resourcePath, actionPath} {
		for _, method := range []string{"GET", "PUT", "DELETE", "PATCH"} {
			got := a.do(method, path, nil)
			if got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "POST" {
				t.Errorf("%s %s: %d, Allow %q", method, path, got.StatusCode, got.Header.Get("Allow"))
			}
		}
	}
	if got := a.do("POST", "/access/v1/nothing", "{}"); got.StatusCode != http.StatusNotFound {
		t.Errorf("a path that is not there: %d", got.StatusCode)
	}
}

// TestT2ContentType: another content type is 400, not 415.
func TestT2ContentType(t *testing.T) {
	a := openDemo(t)
	body := evaluation(person(kari), seed, org(bergen))
	for contentType, want := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "Application/JSON;charset=\"UTF-8\"": 200,
		"text/plain": 400, "application/xml": 400, "application/x-www-form-urlencoded": 400, "": 400,
		"application/json; charset=utf-16": 400, "application/jsonx": 400, "application/problem+json": 400, ";;": 400,
	} {
		for _, path := range []string{evaluationPath, evaluationsPath, subjectPath, resourcePath, actionPath} {
			if got := a.do("POST", path, body, "Content-Type", contentType); got.StatusCode != want {
				t.Errorf("%s with %q: %d, want %d", path, contentType, got.StatusCode, want)
			}
		}
	}
}

// TestT3SuccessIsJSON: 200, application/json, an object.
func TestT3SuccessIsJSON(t *testing.T) {
	a := openDemo(t)
	for _, path := range []string{evaluationPath, evaluationsPath, subjectPath, resourcePath, actionPath} {
		got := a.do("POST", path, evaluation(person(kari), seed, org(bergen)))
		if got.StatusCode != 200 || got.Header.Get("Content-Type") != "application/json" || got.body[0] != '{' || !json.Valid(got.body) {
			t.Errorf("%s: %d %s %s", path, got.StatusCode, got.Header.Get("Content-Type"), got.body)
		}
		if got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be stored", path)
		}
	}
}

// TestT4DenyIsAnAnswer: a no is 200.
func TestT4DenyIsAnAnswer(t *testing.T) {
	got := openDemo(t).do("POST", evaluationPath, evaluation(person(ola), seed, org(bergen)))
	if got.StatusCode != 200 || !bytes.HasPrefix(got.body, []byte(`{"decision":false,`)) {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

// TestT5BadRequests: missing and mistyped members, bodies that are no JSON.
func TestT5BadRequests(t *testing.T) {
	a := openDemo(t)
	good := evaluation(person(kari), seed, org(bergen))
	bad := []any{
		"", " ", "null", "[]", `"x"`, "1", "{", "{}", "{]", `{"subject"`, "\xef\xbb\xbf{}", "{} {}", `{"a":1,}`, "{'a':1}", `{a:1}`,
		`{"a":01}`, `{"a":1.}`, `{"a":+1}`, `{"a":.5}`, `{"a":NaN}`, `{"a":tru}`, "{\"a\":\"\n\"}", `{"a":"\x"}`, `{"a":"\u12"}`,
		with(good, "subject", nil), with(good, "action", nil), with(good, "resource", nil),
		with(good, "subject", 1), with(good, "action", "read"), with(good, "resource", []any{}), with(good, "context", "x"),
		with(good, "subject", obj{"type": orgURN}), with(good, "subject", obj{"id": bergen}), with(good, "subject", obj{"type": 1, "id": bergen}),
		with(good, "subject", obj{"type": orgURN, "id": 310000019}), with(good, "subject", obj{"type": orgURN, "id": nil}),
		with(good, "subject", obj{"type": orgURN, "id": bergen, "properties": 5}),
		with(good, "action", obj{}), with(good, "action", obj{"name": true}), with(good, "action", obj{"name": "x", "properties": "y"}),
		with(good, "resource", obj{"type": []any{}, "id": bergen}),
		with(good, "context", obj{"time": "yesterday"}), with(good, "context", obj{"time": 5}), with(good, "context", obj{"explain": "yes"}),
		with(good, "context", obj{"at_least_as_fresh": "12"}), with(good, "context", obj{"at_least_as_fresh": 12}),
	}
	for _, body := range bad {
		for _, path := range []string{evaluationPath, evaluationsPath} {
			got := a.do("POST", path, body)
			var message string
			if got.StatusCode != 400 || json.Unmarshal(got.body, &message) != nil || message == "" {
				t.Errorf("%s %v: %d %s", path, body, got.StatusCode, got.body)
			}
		}
	}
	for _, options := range []any{5, "x", obj{"evaluations_semantic": 1}} {
		if got := a.do("POST", evaluationsPath, with(good, "options", options)); got.StatusCode != 400 {
			t.Errorf("options %v: %d", options, got.StatusCode)
		}
	}
	for _, items := range []any{5, "x", obj{}} {
		if got := a.do("POST", evaluationsPath, with(good, "evaluations", items)); got.StatusCode != 400 {
			t.Errorf("evaluations %v: %d", items, got.StatusCode)
		}
	}
}

// TestT7UnknownMembers: ignored at every level, in any order.
func TestT7UnknownMembers(t *testing.T) {
	a := openDemo(t)
	body := `{"zzz":{"a":[1,2,{"b":null}]},"context":{"foo":1,"time":null},"page":{"limit":0},"resource":{"x":false,"id":"` + bergen + `","type":"` + orgURN + `","properties":{"deep":{"er":1e3}}},
		"action":{"properties":{},"also":[],"name":"` + seed + `"},"evaluations":null,"options":null,"subject":{"id":"` + kari + `","properties":null,"more":"\ud83d\ude00","type":"` + personURN + `"}}`
	for _, path := range []string{evaluationPath, evaluationsPath} {
		var x told
		a.json(a.do("POST", path, body), 200, &x)
		if x.String() != "true held_via_nesting" {
			t.Errorf("%s: %s", path, x)
		}
	}
	// Names are compared to the letter: another case is another, unknown member.
	if got := a.do("POST", evaluationPath, strings.Replace(body, `"subject"`, `"Subject"`, 1)); got.StatusCode != 400 {
		t.Errorf("Subject was taken for subject: %d", got.StatusCode)
	}
}

// TestT8IJSON: duplicate names, surrogates alone, bytes that are no UTF-8 and
// numbers beyond a double are refused, also where the member is unknown.
func TestT8IJSON(t *testing.T) {
	a := openDemo(t)
	good := `"subject":{"type":"` + personURN + `","id":"` + kari + `"},"action":{"name":"` + seed + `"},"resource":{"type":"` + orgURN + `","id":"` + bergen + `"}`
	if got := a.evaluate("{" + good + "}"); !*got.Decision {
		t.Fatal(got)
	}
	for _, extra := range []string{
		`"subject":{"type":"` + personURN + `","id":"` + ola + `"}`,
		`"x":1,"x":1`, `"x":{"y":1,"y":2}`, `"x":1,"\u0078":1`, `"context":{"explain":true,"explain":false}`,
		`"x":[{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0,"a":0}]`,
		`"x":"\ud800"`, `"x":"\udc00"`, `"x":"\ud800\ud800"`, `"x":"\ud800x"`, `"\ud800":1`, `"x":"\udc00\ud800"`,
		"\"x\":\"\xff\"", "\"x\":\"\xed\xa0\x80\"", "\"x\":\"\xc0\xaf\"", "\"\xff\":1", "\"x\":\"\\n\xff\"",
		`"x":1e400`, `"x":-1e400`, `"x":` + strings.Repeat("9", 400),
	} {
		for _, path := range []string{evaluationPath, evaluationsPath, actionPath} {
			if got := a.do("POST", path, "{"+good+","+extra+"}"); got.StatusCode != 400 {
				t.Errorf("%s %q: %d", path, extra, got.StatusCode)
			}
		}
		if got := a.do("POST", evaluationsPath, `{"evaluations":[{`+good+","+extra+"}]}"); got.StatusCode != 400 {
			t.Errorf("item %q: %d", extra, got.StatusCode)
		}
	}
	for _, extra := range []string{`"x":"\ud83d\ude00"`, `"x":1.7976931348623157e308`, `"x":1e-400`, `"X":1,"x":1`, `"x":"\/\b\f\n\r\t\"\\"`} {
		if got := a.do("POST", evaluationPath, "{"+good+","+extra+"}"); got.StatusCode != 200 {
			t.Errorf("%q: %d %s", extra, got.StatusCode, got.body)
		}
	}
}

// TestT9RequestID: the same value comes back, on errors too, at every path.
func TestT9RequestID(t *testing.T) {
	a := openDemo(t)
	for _, route := range a.server.routes {
		path := strings.NewReplacer("{tenant...}", "x").Replace(route.pattern)
		for _, body := range []string{"{}", "{"} {
			const id = "0b6f3e0e; a strange-one/42"
			if got := a.do(route.method, path, body, "X-Request-ID", id).Header.Get("X-Request-ID"); got != id {
				t.Errorf("%s %s: X-Request-ID %q", route.method, path, got)
			}
		}
	}
	for _, path := range []string{"/nowhere", evaluationPath} {
		first, second := a.do("GET", path, nil).Header.Get("X-Request-ID"), a.do("GET", path, nil).Header.Get("X-Request-ID")
		if first == "" || first == second {
			t.Errorf("%s: without an id in the request the answers carry %q and %q", path, first, second)
		}
	}
	if got := a.do("POST", evaluationPath, evaluation(person(kari), seed, org(bergen)), "X-Request-ID", "abc"); got.StatusCode != 200 || got.Header.Get("X-Request-ID") != "abc" {
		t.Errorf("%d %q", got.StatusCode, got.Header.Get("X-Request-ID"))
	}
}

// TestT11Limits: bodies, nesting and batches are bounded.
func TestT11Limits(t *testing.T) {
	cfg := openConfig()
	cfg.Limits.BodyBytes, cfg.Limits.Depth, cfg.Limits.Batch = 4096, 10, 3
	a := serveAPI(t, demoNode(t), cfg)
	good := evaluation(person(kari), seed, org(bergen))
	deep := func(n int) any { return json.RawMessage(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	for _, test := range []struct {
		path string
		body any
		want int
	}{
		{evaluationPath, with(good, "x", strings.Repeat("x", 4096)), 413},
		{evaluationPath, with(good, "x", strings.Repeat("x", 3000)), 200},
		{evaluationPath, with(good, "x", deep(9)), 200},
		{evaluationPath, with(good, "x", deep(10)), 400},
		{evaluationPath, with(good, "x", deep(1000)), 400},
		{evaluationsPath, with(good, "evaluations", []obj{{}, {}, {}}), 200},
		{evaluationsPath, with(good, "evaluations", []obj{{}, {}, {}, {}}), 413},
	} {
		if got := a.do("POST", test.path, test.body); got.StatusCode != test.want {
			t.Errorf("%s: %d %s, want %d", test.path, got.StatusCode, got.body, test.want)
		}
	}
	// A body of unknown length is bounded as well.
	r, err := http.NewRequest("POST", a.http.URL+evaluationPath, struct{ *strings.Reader }{strings.NewReader(`{"x":"` + strings.Repeat("x", 1<<20) + `"}`)})
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := a.http.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("a long body of unknown length: %d", resp.StatusCode)
	}
}

// TestE2Context: what an answer tells besides the decision.
func TestE2Context(t *testing.T) {
	a := openDemo(t)
	x := a.evaluate(evaluation(person(kari), seed, org(bergen)))
	c := x.Context
	if !c.MayGive || c.State != "active" || c.EvaluatedAt != testNow.Format(time.RFC3339) || c.Revision == "" || c.EvaluationID == "" || c.Time != "" {
		t.Errorf("%+v", c)
	}
	want := map[string]string{
		"en": "The authority passes on one hop, through an organisation where the party has a key role.",
	}
	if c.ReasonUser["en"] != want["en"] || c.ReasonUser["nb"] == "" || c.ReasonUser["nn"] == "" || len(c.ReasonUser) != 3 {
		t.Errorf("reason_user %v", c.ReasonUser)
	}
	if len(c.Authority) != 0 {
		t.Errorf("the chain is told without being asked for: %+v", c.Authority)
	}
	if got := a.evaluate(evaluation(org("310000078"), "regnskapsforer-med-signeringsrettighet", org("310000116"))); got.Context.State != "bankrupt" {
		t.Errorf("an organisation in bankruptcy is answered with state %q", got.Context.State)
	}
}

// TestE3Properties: what a request says of a party decides nothing.
func TestE3Properties(t *testing.T) {
	a := openDemo(t)
	claims := obj{"role": "admin", "roles": []string{"DAGL"}, "urn:altinn:rolecode": "dagl", "party": org(bergen)}
	request := evaluation(person(ola), seed, org(bergen))
	request["subject"] = with(person(ola), "properties", claims)
	request["resource"] = with(org(bergen), "properties", claims)
	request["action"] = obj{"name": seed, "properties": claims}
	if got := a.evaluate(request); got.String() != "false nesting_limit" {
		t.Errorf("%s", got)
	}
}

// TestE4Idempotent: the same request has the same answer but for its id.
func TestE4Idempotent(t *testing.T) {
	a := openDemo(t)
	request := with(evaluation(person(kari), seed, org(bergen)), "context", obj{"explain": true})
	first, second := a.evaluate(request), a.evaluate(request)
	if first.Context.EvaluationID == second.Context.EvaluationID {
		t.Error("two evaluations have one id")
	}
	first.Context.EvaluationID, second.Context.EvaluationID = "", ""
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
}

// TestExplain: the chain for a yes, the near misses for a no, and nobody's
// identity number or name in either.
func TestExplain(t *testing.T) {
	a := openDemo(t)
	got := a.do("POST", evaluationPath, with(evaluation(person(kari), seed, org(bergen)), "context", obj{"explain": true}))
	var x told
	a.json(got, 200, &x)
	if len(x.Context.Authority) != 1 {
		t.Fatalf("%s", got.body)
	}
	path := x.Context.Authority[0]
	kariUUID := path.Steps[1].To
	if kariUUID.Type != "urn:altinn:person:uuid" || len(kariUUID.ID) != 36 {
		t.Errorf("Kari is told as %+v", kariUUID)
	}
	want := wirePath{
		Rule: "NEST", Grants: seed, MayGive: true, Steps: []wireStep{
			{From: wireEntity{orgURN, bergen}, To: wireEntity{orgURN, trondheim}, By: "role:daglig-leder", KeyRole: true, Source: "world", Since: "2024-01-10"},
			{From: wireEntity{orgURN, trondheim}, To: kariUUID, By: "role:daglig-leder", KeyRole: true, Source: "world", Since: "2023-05-02"},
		},
	}
	if diff := cmp.Diff(want, path); diff != "" {
		t.Error(diff)
	}
	no := a.do("POST", evaluationPath, with(evaluation(person(ola), seed, org(bergen)), "context", obj{"explain": true}))
	x = told{}
	a.json(no, 200, &x)
	if len(x.Context.Authority) != 0 || len(x.Context.NearMisses) == 0 || x.Context.NearMisses[0].StoppedBy != "NEST-3" {
		t.Errorf("%s", no.body)
	}
	for _, body := range [][]byte{got.body, no.body} {
		for _, secret := range []string{kari, ola, "Kari", "Ola"} {
			if bytes.Contains(body, []byte(secret)) {
				t.Errorf("the chain holds %s: %s", secret, body)
			}
		}
	}
}

// TestTime: another time is answered as of then, and one before the first
// revision with before_history.
func TestTime(t *testing.T) {
	a := openDemo(t)
	user := a.search(subjectPath, evaluation(obj{"type": "urn:altinn:enterpriseuser:uuid"}, seed, org(bergen))).ids()
	if len(user) != 1 {
		t.Fatalf("enterprise users: %v", user)
	}
	request := evaluation(obj{"type": "urn:altinn:enterpriseuser:uuid", "id": user[0]}, seed, org(bergen))
	for at, want := range map[string]string{
		"2025-01-31T12:00:00Z": "false not_yet_valid", "2025-02-01T12:00:00+01:00": "true held_via_nesting",
		"2030-01-01T00:00:00Z": "true held_via_nesting", "2019-12-31T00:00:00Z": "false before_history",
	} {
		got := a.evaluate(with(request, "context", obj{"time": at}))
		asked, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != want || got.Context.Time != asked.UTC().Format(time.RFC3339) || got.Context.EvaluatedAt != testNow.Format(time.RFC3339) {
			t.Errorf("%s: %s at %s, want %s", at, got, got.Context.Time, want)
		}
	}
}

// TestB1EmptyIsSingle: without items, a batch is a single evaluation.
func TestB1EmptyIsSingle(t *testing.T) {
	a := openDemo(t)
	request := evaluation(person(kari), seed, org(bergen))
	for _, body := range []obj{request, with(request, "evaluations", []obj{}), with(request, "evaluations", nil)} {
		got := a.do("POST", evaluationsPath, body)
		if got.StatusCode != 200 || !bytes.HasPrefix(got.body, []byte(`{"decision":true,`)) || bytes.Contains(got.body, []byte("evaluations")) {
			t.Errorf("%d %s", got.StatusCode, got.body)
		}
	}
}

// TestB2Defaults: an item's entity stands in the place of the whole default.
func TestB2Defaults(t *testing.T) {
	a := openDemo(t)
	got := a.evaluateMany(obj{
		"subject": person(kari), "action": obj{"name": seed}, "resource": org(bergen), "context": obj{"time": "2019-01-01T00:00:00Z"},
		"evaluations": []obj{
			{},
			{"context": obj{}},
			{"context": obj{}, "resource": org(oslo)},
			{"context": obj{}, "subject": person(ola)},
			{"context": obj{}, "action": obj{"name": "nope"}},
			{"context": obj{}, "subject": obj{"id": ola}},      // the default's type is not taken over
			{"context": obj{}, "resource": obj{"type": "org"}}, // nor is its id
		},
	})
	want := []string{
		"false before_history", "true held_via_nesting", "false no_relation", "false nesting_limit", "false unknown_package",
		"false indeterminate", "false indeterminate",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestB3Order: as many answers as items, in their order.
func TestB3Order(t *testing.T) {
	a := openDemo(t)
	var items []obj
	var want []string
	for i := range 300 {
		switch i % 3 {
		case 0:
			items, want = append(items, obj{"subject": person(kari)}), append(want, "true held_via_nesting")
		case 1:
			items, want = append(items, obj{"subject": person(ola)}), append(want, "false nesting_limit")
		case 2:
			items, want = append(items, obj{"subject": org(trondheim)}), append(want, "true held_via_role")
		}
	}
	request := obj{"evaluations": items, "action": obj{"name": seed}, "resource": org(bergen)}
	for _, options := range []any{nil, obj{}, obj{"evaluations_semantic": "execute_all"}, obj{"other": 1}} {
		if diff := cmp.Diff(want, a.evaluateMany(with(request, "options", options))); diff != "" {
			t.Errorf("options %v: %s", options, diff)
		}
	}
}

// TestB4Semantics: a short answer holds what was evaluated, the deciding one last.
// An item that fails counts as a no.
func TestB4Semantics(t *testing.T) {
	a := openDemo(t)
	yes, no, broken := obj{"subject": person(kari)}, obj{"subject": person(ola)}, obj{"subject": 5}
	const y, n, b = "true held_via_nesting", "false nesting_limit", "false indeterminate"
	for _, test := range []struct {
		semantic string
		items    []obj
		want     []string
	}{
		{"deny_on_first_deny", []obj{yes, yes, no, yes}, []string{y, y, n}},
		{"deny_on_first_deny", []obj{yes, broken, no}, []string{y, b}},
		{"deny_on_first_deny", []obj{yes, yes}, []string{y, y}},
		{"permit_on_first_permit", []obj{no, broken, yes, no}, []string{n, b, y}},
		{"permit_on_first_permit", []obj{no, no}, []string{n, n}},
		{"execute_all", []obj{no, yes, no}, []string{n, y, n}},
	} {
		got := a.evaluateMany(obj{
			"evaluations": test.items, "action": obj{"name": seed}, "resource": org(bergen),
			"options": obj{"evaluations_semantic": test.semantic},
		})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.semantic, diff)
		}
	}
}

// TestB5ItemFailure: an item that is wrong is a no with its error, and spoils no
// other; a payload that is wrong is 400.
func TestB5ItemFailure(t *testing.T) {
	a := openDemo(t)
	good := evaluation(person(kari), seed, org(bergen))
	var x struct{ Evaluations []told }
	items := []any{
		good, 5, nil, "x", []any{}, obj{}, with(good, "subject", 1), with(good, "action", obj{}),
		with(good, "context", obj{"time": "x"}), with(good, "context", obj{"at_least_as_fresh": "x"}), good,
	}
	a.json(a.do("POST", evaluationsPath, obj{"evaluations": items}), 200, &x)
	if len(x.Evaluations) != len(items) {
		t.Fatalf("%d answers to %d items", len(x.Evaluations), len(items))
	}
	for i, e := range x.Evaluations {
		if i == 0 || i == len(items)-1 {
			if e.String() != "true held_via_nesting" || e.Context.Error != nil {
				t.Errorf("item %d: %s %+v", i, e, e.Context.Error)
			}
			continue
		}
		if e.String() != "false indeterminate" || e.Context.Error == nil || e.Context.Error.Status != 400 || e.Context.Error.Message == "" {
			t.Errorf("item %d: %s %+v", i, e, e.Context.Error)
		}
	}
	for _, body := range []any{
		obj{"evaluations": []obj{good}, "subject": 5}, obj{"evaluations": []obj{good}, "context": []any{}}, `{"evaluations":[{}],}`,
	} {
		if got := a.do("POST", evaluationsPath, body); got.StatusCode != 400 {
			t.Errorf("%v: %d", body, got.StatusCode)
		}
	}
}

// TestB5NoCrossTalk: the same ids with other properties in one batch do not touch
// each other.
func TestB5NoCrossTalk(t *testing.T) {
	a := openDemo(t)
	var items []obj
	var want []string
	for i := range 50 {
		subject := with(person(kari), "properties", obj{"n": i})
		item := obj{"subject": subject, "action": obj{"name": seed}, "resource": org(bergen)}
		w := "true held_via_nesting"
		switch i % 4 {
		case 1:
			item["context"], w = obj{"time": "2019-01-01T00:00:00Z"}, "false before_history"
		case 2:
			item["resource"], w = obj{"type": "person", "id": bergen}, "false unknown_party"
		case 3:
			item["subject"], w = with(subject, "type", orgURN), "false unknown_party"
		}
		items, want = append(items, item), append(want, w)
	}
	if diff := cmp.Diff(want, a.evaluateMany(obj{"evaluations": items})); diff != "" {
		t.Error(diff)
	}
}

// TestB6UnknownSemantic: one that is not of the three is 400.
func TestB6UnknownSemantic(t *testing.T) {
	a := openDemo(t)
	for _, semantic := range []string{"", "Execute_All", "execute_some"} {
		body := obj{"evaluations": []obj{evaluation(person(kari), seed, org(bergen))}, "options": obj{"evaluations_semantic": semantic}}
		if got := a.do("POST", evaluationsPath, body); got.StatusCode != 400 {
			t.Errorf("%q: %d", semantic, got.StatusCode)
		}
	}
}

// TestMetadata: M: what the well-known address tells comes from configuration.
func TestMetadata(t *testing.T) {
	cfg := openConfig()
	cfg.PublicURL = "https://fullmakt.example/tenant/one"
	a := serveAPI(t, demoNode(t), cfg)
	got := a.do("GET", metadataPath+"/tenant/one", nil)
	want := map[string]string{
		"policy_decision_point":       "https://fullmakt.example/tenant/one",
		"access_evaluation_endpoint":  "https://fullmakt.example/tenant/one/access/v1/evaluation",
		"access_evaluations_endpoint": "https://fullmakt.example/tenant/one/access/v1/evaluations",
		"search_subject_endpoint":     "https://fullmakt.example/tenant/one/access/v1/search/subject",
		"search_resource_endpoint":    "https://fullmakt.example/tenant/one/access/v1/search/resource",
		"search_action_endpoint":      "https://fullmakt.example/tenant/one/access/v1/search/action",
	}
	var meta map[string]string
	a.json(got, 200, &meta)
	if diff := cmp.Diff(want, meta); diff != "" {
		t.Error(diff)
	}
	if h := got.Header; h.Get("Content-Type") != "application/json" || !strings.Contains(h.Get("Cache-Control"), "max-age=") {
		t.Errorf("headers %v", h)
	}
	// A Host header, a forwarding header: nothing that a request says.
	poisoned := a.do("GET", metadataPath+"/tenant/one", nil, "Host", "localhost:666", "X-Forwarded-Host", "evil.example")
	if !bytes.Equal(poisoned.body, got.body) {
		t.Errorf("a request changed the metadata: %s", poisoned.body)
	}
	for _, path := range []string{metadataPath, metadataPath + "/tenant", metadataPath + "/tenant/two"} {
		if got := a.do("GET", path, nil); got.StatusCode != 404 {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	// The endpoints answer with and without the tenant's path.
	for _, path := range []string{"/tenant/one" + evaluationPath, evaluationPath} {
		if got := a.do("POST", path, evaluation(person(kari), seed, org(bergen))); got.StatusCode != 200 {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	plain := openDemo(t)
	plain.json(plain.do("GET", metadataPath, nil), 200, &meta)
	if meta["policy_decision_point"] != "http://127.0.0.1:8080" {
		t.Errorf("%v", meta)
	}
}

// TestEveryReasonHasMembers: no answer is left without its reason in words.
func TestEveryReasonHasMembers(t *testing.T) {
	all, err := newReasonMembers()
	if err != nil {
		t.Fatal(err)
	}
	for reason, members := range all {
		if !json.Valid([]byte("{"+members+"}")) || strings.Contains(members, `"reason.`) {
			t.Errorf("%s: %s", reason, members)
		}
	}
	var distinct []fullmakt.Reason
	for _, r := range everyReason {
		if !slices.Contains(distinct, r) {
			distinct = append(distinct, r)
		}
	}
	if len(distinct) != len(everyReason) {
		t.Error("a reason is listed twice")
	}
}
