package api

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/node"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// openLookups opens a log for a test.
func openLookups(t *testing.T, c LookupsConfig) *audit.Log {
	t.Helper()
	c.Dir = t.TempDir()
	log, err := c.Open(testNow)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

// recorded serves a node with a log of look-ups.
func recorded(t *testing.T, n *node.Node) (*apitest, *audit.Log) {
	t.Helper()
	log := openLookups(t, LookupsConfig{})
	return serveAPI(t, n, openConfig(), WithLookups(log)), log
}

// lookups returns the look-ups that the log holds.
func lookups(t *testing.T, log *audit.Log) []audit.Record {
	t.Helper()
	if err := log.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	page, err := audit.Query(t.Context(), log.Dir(), audit.Filter{Limit: audit.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	list := []audit.Record{}
	for _, e := range page.Entries {
		list = append(list, e.Record)
	}
	return list
}

func (a *apitest) no(ref string) fullmakt.PartyNo {
	a.Helper()
	p, err := a.server.node.Find(a.Context(), ref)
	if err != nil {
		a.Fatal(err)
	}
	return p.No
}

// TestEveryCallIsRecorded asks by every API, and wants one record of each.
func TestEveryCallIsRecorded(t *testing.T) {
	a, log := recorded(t, demoNode(t))
	uuid := func(ref string) string {
		p, err := a.server.node.Find(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		return p.UUID.String()
	}
	karis, bergens := a.no(kari), a.no(bergen)
	const code = "delegerbare-maskinporten-scopes"
	at := time.Date(2019, 12, 31, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name         string
		method, path string
		body         any
		status       int
		want         audit.Record
	}{
		{"a yes", "POST", evaluationPath, evaluation(person(kari), seed, org(bergen)), 200, audit.Record{
			API: "authzen", Operation: "evaluation", Subject: karis, Object: bergens, What: code, Outcome: audit.Permit, Reason: fullmakt.ReasonNesting, Revision: 1}},
		{"a no, with purpose", "POST", evaluationPath, with(evaluation(person(ola), seed, org(bergen)), "context", obj{"purpose": "case 7 of 12817010065"}), 200, audit.Record{
			API: "authzen", Operation: "evaluation", Subject: a.no(ola), Object: bergens, What: code, Purpose: "case 7 of ***********", Outcome: audit.Deny, Reason: fullmakt.ReasonNestingLimit, Revision: 1}},
		{"a role", "POST", evaluationPath, evaluation(person(kari), "DAGL", org(trondheim)), 200, audit.Record{
			API: "authzen", Operation: "evaluation", Subject: karis, Object: a.no(trondheim), What: "DAGL", Outcome: audit.Permit, Reason: fullmakt.ReasonRole, Revision: 1}},
		{"somebody unknown", "POST", evaluationPath, evaluation(person("21887810085"), seed, org(bergen)), 200, audit.Record{
			API: "authzen", Operation: "evaluation", Object: bergens, What: code, Outcome: audit.Deny, Reason: fullmakt.ReasonUnknownParty, Revision: 1}},
		{"another time", "POST", evaluationPath, with(evaluation(person(kari), seed, org(bergen)), "context", obj{"time": at.Format(time.RFC3339)}), 200, audit.Record{
			API: "authzen", Operation: "evaluation", Subject: karis, Object: bergens, What: code, AskedAt: at.Unix(), Outcome: audit.Deny, Reason: fullmakt.ReasonBeforeHistory, Revision: 1}},
		{"a bad request", "POST", evaluationPath, "{}", 400, audit.Record{
			API: "authzen", Operation: "evaluation", Outcome: audit.Failed, Reason: fullmakt.ReasonIndeterminate, Revision: 1}},
		{"a batch", "POST", evaluationsPath, obj{"action": obj{"name": seed}, "resource": org(bergen), "evaluations": []obj{{"subject": person(kari)}, {"subject": person(ola)}, {"subject": obj{}}}}, 200, audit.Record{
			API: "authzen", Operation: "evaluations", Outcome: audit.Mixed, Count: 3, Revision: 1, Items: []audit.Item{
				{Subject: karis, Object: bergens, What: code, Outcome: audit.Permit, Reason: fullmakt.ReasonNesting},
				{Subject: a.no(ola), Object: bergens, What: code, Outcome: audit.Deny, Reason: fullmakt.ReasonNestingLimit},
				{Outcome: audit.Failed, Reason: fullmakt.ReasonIndeterminate},
			}}},
		{"who", "POST", subjectPath, obj{"subject": obj{"type": personURN}, "action": obj{"name": seed}, "resource": org(bergen)}, 200, audit.Record{
			API: "authzen", Operation: "search/subject", Object: bergens, What: code, Outcome: audit.Listed, Count: 1, Revision: 1}},
		{"for whom", "POST", resourcePath, obj{"subject": person(kari), "action": obj{"name": seed}, "resource": obj{"type": orgURN}}, 200, audit.Record{
			API: "authzen", Operation: "search/resource", Subject: karis, What: code, Outcome: audit.Listed, Count: 3, Revision: 1}},
		{"what", "POST", actionPath, obj{"subject": person(kari), "resource": org(bergen)}, 200, audit.Record{
			API: "authzen", Operation: "search/action", Subject: karis, Object: bergens, Outcome: audit.Listed, Revision: 1}},
		{"parties", "POST", accessManagement + "/resourceowner/authorizedparties", obj{"type": "urn:altinn:person:identifier-no", "value": kari}, 200, audit.Record{
			API: "altinn", Operation: "resourceowner/authorizedparties", Subject: karis, Outcome: audit.Listed, Revision: 1}},
		{"packages", "GET", accessManagement + "/policyinformation/accesspackages?from=" + uuid(bergen) + "&to=" + uuid(kari), nil, 200, audit.Record{
			API: "altinn", Operation: "policyinformation/accesspackages", Subject: karis, Object: bergens, Outcome: audit.Listed, Revision: 1}},
		{"connections", "GET", accessManagement + "/enduser/connections?party=" + uuid(bergen) + "&from=" + uuid(bergen) + "&to=" + uuid(kari), nil, 200, audit.Record{
			API: "altinn", Operation: "enduser/connections", Subject: karis, Object: bergens, Outcome: audit.Listed, Count: 1, Revision: 1}},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := "request-" + strconv.Itoa(i)
			got := a.do(tt.method, tt.path, tt.body, "X-Request-ID", id)
			if got.StatusCode != tt.status {
				t.Fatalf("status %d: %s", got.StatusCode, got.body)
			}
			all := lookups(t, log)
			if len(all) != i+1 {
				t.Fatalf("%d look-ups after %d calls", len(all), i+1)
			}
			want := tt.want
			want.Time, want.Request, want.Client = testNow, id, "loopback"
			ignore := cmpopts.IgnoreFields(audit.Record{}, "Time")
			if strings.HasPrefix(tt.want.Operation, "resourceowner") || tt.want.Operation == "search/action" || tt.want.Operation == "search/resource" {
				// How many there are is for the tests of these to say; none would be wrong.
				if all[i].Count == 0 {
					t.Error("the count is not told")
				}
				want.Count = all[i].Count
			}
			if diff := cmp.Diff(want, all[i], ignore); diff != "" || !all[i].Time.Equal(testNow) {
				t.Error(diff)
			}
		})
	}
	for _, path := range []string{metadataPath, accessManagement + "/meta/info/roles", "/nowhere"} {
		a.do("GET", path, nil)
	}
	if all := lookups(t, log); len(all) != len(tests) {
		t.Errorf("metadata were recorded as look-ups: %+v", all[len(tests):])
	}
	text, err := os.ReadFile(filepath.Join(log.Dir(), "lookups-00000001.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, planted := range []string{kari, ola, "Nordmann", "Bergen"} {
		if strings.Contains(string(text), planted) {
			t.Errorf("the log holds %s", planted)
		}
	}
}

// TestCallersAreRecorded: who asked, as the token tells, and for what purpose; a
// caller without the scope is recorded, one without a token is nobody.
func TestCallersAreRecorded(t *testing.T) {
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	log := openLookups(t, LookupsConfig{})
	cfg := Config{PublicURL: "https://fullmakt.example", Authentication: Authentication{
		Issuers: []IssuerConfig{is.config()}, Consumers: []ConsumerConfig{{Client: "client-1", Purpose: "payroll"}},
	}, Limits: Limits{RequestsPerSecond: -1}}
	a := serveAPI(t, demoNode(t), cfg, WithLookups(log))
	supplier := map[string]string{"authority": "iso6523-actorid-upis", "ID": "0192:310000027"}
	for _, tt := range []struct {
		token  string
		status int
	}{
		{is.token("supplier", supplier), 200}, {is.token("scope", "x"), 403}, {"x", 401},
	} {
		if got := a.do("POST", evaluationPath, question1, "Authorization", "Bearer "+tt.token); got.StatusCode != tt.status {
			t.Fatalf("status %d, want %d", got.StatusCode, tt.status)
		}
	}
	all := lookups(t, log)
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	r := all[0]
	if r.Client != "client-1" || r.Organisation != 310000043 || r.Supplier != 310000027 || r.Purpose != "payroll" || r.Outcome != audit.Permit {
		t.Errorf("%+v", r)
	}
	if r = all[1]; r.Client != "client-1" || r.Outcome != audit.Failed || r.Subject != 0 {
		t.Errorf("%+v", r)
	}
}

// TestNoAnswerWithoutARecord: when the log is closed, an answer that could not be
// recorded is not given.
func TestNoAnswerWithoutARecord(t *testing.T) {
	a, log := recorded(t, demoNode(t))
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	uuid := func(ref string) string {
		p, err := a.server.node.Find(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		return p.UUID.String()
	}
	ends := "?party=" + uuid(bergen) + "&from=" + uuid(bergen)
	for _, tt := range []struct {
		method, path string
		body         any
	}{
		{"POST", evaluationPath, evaluation(person(kari), seed, org(bergen))},
		{"POST", evaluationsPath, with(evaluation(person(kari), seed, org(bergen)), "evaluations", []obj{{}})},
		{"POST", subjectPath, obj{"subject": obj{"type": personURN}, "action": obj{"name": seed}, "resource": org(bergen)}},
		{"POST", accessManagement + "/resourceowner/authorizedparties", obj{"type": "urn:altinn:person:identifier-no", "value": kari}},
		{"GET", accessManagement + "/enduser/connections" + ends, nil},
		{"GET", accessManagement + "/enduser/connections/roles" + ends, nil},
		{"GET", accessManagement + "/enduser/connections/accesspackages" + ends, nil},
		{"GET", accessManagement + "/policyinformation/accesspackages?from=" + uuid(bergen) + "&to=" + uuid(kari), nil},
		{"POST", supportPath, obj{"party": person(kari), "purpose": "x"}},
	} {
		got := a.do(tt.method, tt.path, tt.body)
		if got.StatusCode != http.StatusServiceUnavailable || len(got.body) > 300 || strings.Contains(string(got.body), bergen) || strings.Contains(string(got.body), "decision") {
			t.Errorf("%s: %d: %.300s", tt.path, got.StatusCode, got.body)
		}
	}
}

// TestLevelsOfLookups: at level denials, permits are not recorded, but what must be
// is.
func TestLevelsOfLookups(t *testing.T) {
	log := openLookups(t, LookupsConfig{Level: "denials"})
	a := serveAPI(t, demoNode(t), openConfig(), WithLookups(log))
	a.evaluate(evaluation(person(kari), seed, org(bergen)))
	a.evaluate(evaluation(person(ola), seed, org(bergen)))
	a.do("POST", supportPath, obj{"party": person(kari), "purpose": "x"})
	var got []string
	for _, r := range lookups(t, log) {
		got = append(got, r.Operation+" "+string(r.Outcome))
	}
	if diff := cmp.Diff([]string{"evaluation deny", "support/lookup listed"}, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []LookupsConfig{{Dir: t.TempDir(), Level: "x"}, {Dir: t.TempDir(), Overflow: "x"}} {
		if _, err := bad.Open(testNow); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if log, err := (LookupsConfig{}).Open(testNow); log != nil || err != nil {
		t.Errorf("no directory: %v, %v", log, err)
	}
}

// TestReadLookups reads the log as an auditor does: the answers asked before, by
// conditions and in pages, and the reading itself recorded.
func TestReadLookups(t *testing.T) {
	a, log := recorded(t, demoNode(t))
	a.evaluate(evaluation(person(kari), seed, org(bergen)), "X-Request-ID", "first")
	a.evaluate(evaluation(person(ola), seed, org(bergen)), "X-Request-ID", "second")
	a.evaluate(evaluation(person(kari), "DAGL", org(trondheim)), "X-Request-ID", "third")
	read := func(query string) wireLookupPage {
		t.Helper()
		var p wireLookupPage
		a.json(a.do("GET", lookupsPath+"?"+query, nil), http.StatusOK, &p)
		return p
	}
	ids := func(p wireLookupPage) (list []string) {
		for _, l := range p.Items {
			if l.Operation != "lookups" {
				list = append(list, l.Request)
			}
		}
		return list
	}
	karis := strconv.Itoa(int(a.no(kari)))
	for _, tt := range []struct {
		query string
		want  []string
	}{
		{"", []string{"first", "second", "third"}},
		{"party=" + karis, []string{"first", "third"}},
		{"subject=" + karis + "&for=" + url.QueryEscape(orgURN+":"+bergen), []string{"first"}},
		{"outcome=deny", []string{"second"}},
		{"request=third&client=loopback&api=authzen&operation=evaluation", []string{"third"}},
		{"from=" + url.QueryEscape(testNow.Add(time.Second).Format(time.RFC3339)), nil},
		{"to=" + url.QueryEscape(testNow.Format(time.RFC3339)), nil},
		{"organisation=" + bergen, nil},
	} {
		if diff := cmp.Diff(tt.want, ids(read(tt.query))); diff != "" {
			t.Errorf("%s: %s", tt.query, diff)
		}
	}
	first := read("limit=1&api=authzen")
	if len(first.Items) != 1 || first.Next == 0 {
		t.Fatalf("%+v", first)
	}
	want := wireLookup{
		N: first.Items[0].N, Time: "2026-03-03T12:00:00Z", Request: "first", Client: "loopback", API: "authzen", Operation: "evaluation",
		Subject: a.no(kari), For: a.no(bergen), What: "delegerbare-maskinporten-scopes", Outcome: audit.Permit, Reason: fullmakt.ReasonNesting, Revision: revisionToken(1),
	}
	if diff := cmp.Diff(want, first.Items[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"second", "third"}, ids(read("api=authzen&after="+strconv.FormatUint(first.Next, 10)))); diff != "" {
		t.Error(diff)
	}
	read0 := len(lookups(t, log))
	read("")
	if now := lookups(t, log); len(now) != read0+1 || now[read0].Operation != "lookups" {
		t.Error("reading the log is not recorded")
	}
	for query, status := range map[string]int{
		"limit=0": 400, "limit=1001": 400, "limit=x": 400, "from=x": 400, "outcome=x": 400, "organisation=310000018": 400, "x=1": 400,
		"from=": 400, "from=a&from=b": 400, "party=" + url.QueryEscape(personURN+":"+kari): 400, "party=x": 400,
		"party=" + url.QueryEscape(orgURN+":310000205"): 404,
	} {
		got := a.do("GET", lookupsPath+"?"+query, nil)
		if got.StatusCode != status || strings.Contains(string(got.body), kari) {
			t.Errorf("%s: %d: %s", query, got.StatusCode, got.body)
		}
	}
}

func TestVerifyLookups(t *testing.T) {
	a, log := recorded(t, demoNode(t))
	a.evaluate(evaluation(person(kari), seed, org(bergen)))
	var v wireVerification
	a.json(a.do("GET", lookupsPath+"/verification", nil), http.StatusOK, &v)
	if !v.Sound || v.Broken != nil || v.Lookups != 1 || v.Segments != 1 || v.Head == "" {
		t.Errorf("%+v", v)
	}
	a.json(a.do("GET", lookupsPath+"/verification?head="+url.QueryEscape(v.Head), nil), http.StatusOK, &v)
	if !v.Sound {
		t.Errorf("%+v", v)
	}
	if got := a.do("GET", lookupsPath+"/verification?head=1", nil); got.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", got.StatusCode)
	}
	file := filepath.Join(log.Dir(), "lookups-00000001.jsonl")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), `"permit"`, `"deny"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	v = wireVerification{}
	a.json(a.do("GET", lookupsPath+"/verification", nil), http.StatusOK, &v)
	if v.Sound || v.Broken == nil || v.Broken.Line != 3 {
		t.Errorf("%+v", v)
	}
	bare := openDemo(t)
	for _, path := range []string{lookupsPath, lookupsPath + "/verification"} {
		if got := bare.do("GET", path, nil); got.StatusCode != http.StatusNotFound {
			t.Errorf("without a log, %s: %d", path, got.StatusCode)
		}
	}
}
