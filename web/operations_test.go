package web

import (
	"bufio"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/world"
)

func init() {
	maps.Copy(examples, map[string][]example{
		"/operations":          {{path: "/operations"}},
		"/operations/calls":    {{path: "/operations/calls"}, {path: "/operations/calls?outcome=deny&client=nobody"}},
		"/operations/call/{n}": {{path: "/operations/call/3"}},
	})
}

// asked puts look-ups into a site's log, as the APIs do.
func (s *site) asked(records ...audit.Record) {
	s.t.Helper()
	for _, r := range records {
		if err := s.pages.Lookups.Add(context.Background(), r); err != nil {
			s.t.Fatal(err)
		}
	}
}

// number returns the party number of one that a line of a world names.
func (s *site) number(name string) fullmakt.PartyNo {
	s.t.Helper()
	p, err := s.node.Find(context.Background(), name)
	if err != nil {
		s.t.Fatal(err)
	}
	return p.No
}

// oneOfEach are look-ups of every kind, the first of them a yes.
func (s *site) oneOfEach() []audit.Record {
	kari, ola, bergen := s.number("kari"), s.number("ola"), s.number("Bergen AS")
	at := func(second int) time.Time { return demoTime.Add(time.Duration(second) * time.Second) }
	return []audit.Record{
		{Time: at(1), Client: "datahuset", Organisation: 310000043, API: "authzen", Operation: "evaluation", Subject: kari, Object: bergen, What: "delegerbare-maskinporten-scopes", Outcome: audit.Permit, Reason: fullmakt.ReasonNesting, Revision: 1, Request: "r1"},
		{Time: at(2), Client: "datahuset", Organisation: 310000043, API: "authzen", Operation: "evaluation", Subject: ola, Object: bergen, Outcome: audit.Deny, Reason: fullmakt.ReasonNestingLimit, Revision: 1, AskedAt: demoTime.Unix(), Purpose: "sak 7"},
		{Time: at(3), Client: "vinter", API: "altinn", Operation: "authorize", Subject: kari, Object: bergen, What: "demo-skattemelding:write", Outcome: audit.Permit, Reason: fullmakt.ReasonNesting, Revision: 1},
		{Time: at(4), Client: "vinter", Supplier: 310000043, Organisation: 310000019, API: "authzen", Operation: "evaluations", Outcome: audit.Mixed, Count: 2, Revision: 1, Items: []audit.Item{
			{Subject: kari, Object: bergen, What: "DAGL", Outcome: audit.Permit, Reason: fullmakt.ReasonNesting},
			{Subject: ola, Object: bergen, Outcome: audit.Deny, Reason: fullmakt.ReasonNestingLimit},
		}},
		{Time: at(5), API: "authzen", Operation: "search/resource", Subject: kari, Outcome: audit.Listed, Count: 3, Revision: 1},
		{Time: at(6), Client: "<b>x</b>", API: "authzen", Operation: "evaluation", Outcome: audit.Failed},
		{Time: at(7), Client: "page", API: "page", Operation: "org/{number}", Object: bergen, Outcome: audit.Listed},
	}
}

func TestIncomingCalls(t *testing.T) {
	s := demoSite(t)
	wants(t, s.get("/operations/calls", http.StatusOK), "Ingen har spurt gjennom API-ene ennå")
	s.asked(s.oneOfEach()...)
	page := s.get("/operations/calls", http.StatusOK)
	wants(t, page, "Viser 6", "2026-03-03 13:00:01", "datahuset Datahuset AS", "Kari Nordmann → på vegne av Bergen AS Delegerbare Maskinporten scopes", "✔ Ja",
		"✖ Nei Fullmakter går bare ett ledd videre", "demo-skattemelding write", "Både ja og nei", "gjennom Datahuset AS", "Liste", "Kunne ikke besvares", "<b>x</b>")
	if strings.Contains(shown(page), "org/{number}") {
		t.Error("a page is among the calls of the APIs")
	}
	if strings.Index(page, "13:00:06") > strings.Index(page, "13:00:01") {
		t.Error("the newest call is not first")
	}
	for _, want := range []string{
		`/check?for=310000019&amp;package=delegerbare-maskinporten-scopes&amp;subject=p`,
		`/check?action=write&amp;for=310000019&amp;resource=demo-skattemelding&amp;subject=p`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks the link %s", want)
		}
	}
	if regexp.MustCompile(`\d{11}`).MatchString(page) {
		t.Error("the page may hold an identity number")
	}
	wants(t, s.get("/operations/calls?outcome=deny", http.StatusOK), "Viser 2", "ett ledd", "Både ja og nei")
	wants(t, s.get("/operations/calls?client=vinter", http.StatusOK), "Viser 2", "authorize")
	wants(t, s.get("/operations/calls?client=nobody&outcome=permit", http.StatusOK), "Ingen av de siste oppslagene passer")
	s.get("/operations/calls?outcome=maybe", http.StatusBadRequest)
}

func TestOneCall(t *testing.T) {
	s := demoSite(t)
	s.asked(s.oneOfEach()...)
	entry := func(operation string) string {
		page := s.get("/operations/calls", http.StatusOK)
		for _, row := range strings.Split(page, "<tr>") {
			if strings.Contains(row, "<code>"+operation+"</code>") {
				return regexp.MustCompile(`/operations/call/\d+`).FindString(row)
			}
		}
		t.Fatalf("no call of %s", operation)
		return ""
	}
	wants(t, s.get(entry("evaluations"), http.StatusOK), "Både ja og nei", "1 Kari Nordmann → på vegne av Bergen AS Daglig leder ✔ Ja", "2 Ola Hansen → på vegne av Bergen AS ✖ Nei", "Forklar")
	wants(t, s.get("/nn"+entry("authorize"), http.StatusOK), "demo-skattemelding write", "Forklar dette svaret")
	wants(t, s.get("/operations/calls?outcome=deny", http.StatusOK), "Ola Hansen")
	s.get("/operations/call/999", http.StatusNotFound)
	s.get("/operations/call/1", http.StatusNotFound) // a note of the log's own
	s.get("/operations/call/x", http.StatusNotFound)
}

// Reading what others asked is itself recorded.
func TestReadingCallsIsRecorded(t *testing.T) {
	s := demoSite(t)
	s.get("/operations/calls", http.StatusOK)
	if err := s.pages.Lookups.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := audit.Query(t.Context(), s.pages.Lookups.Dir(), audit.Filter{Operation: "operations/calls"})
	if err != nil || len(found.Entries) != 1 {
		t.Errorf("%d records of the reading, %v", len(found.Entries), err)
	}
}

// Calls are shown while they are written.
func TestCallsWhileTheyCome(t *testing.T) {
	s := demoSite(t)
	record := s.oneOfEach()[0]
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 3000 {
			if s.pages.Lookups.Add(context.Background(), record) != nil {
				t.Error("a look-up is not taken")
				return
			}
		}
	}()
	for range 5 {
		s.get("/operations/calls", http.StatusOK)
	}
	<-done
	wants(t, s.get("/operations/calls", http.StatusOK), "Viser 200", "Eldre oppslag i loggen er ikke lest")
}

func TestOperationsOfTheDemo(t *testing.T) {
	s := demoSite(t, func(o *Options) {
		o.Traffic = func(time.Time) Traffic {
			return Traffic{Span: time.Minute, Rows: []TrafficRow{{Family: "authzen", Requests: 1200, Refused: 3, Failed: 1, PerSecond: 20, Median: 250 * time.Microsecond, P99: 2500 * time.Microsecond}}}
		}
	})
	wants(t, s.get("/operations", http.StatusOK), "Demoregisteret ligger i minnet", "Registeret begynner 2020-01-01", "Ingen: alle rollekoder", "authzen 1 200 20,00 3 1 ≤ 250µs ≤ 2,5ms", "linje", "Kontroller kjeden")
	wants(t, s.get("/en/operations", http.StatusOK), "20.00", "2.5ms", "The log of look-ups")
}

func TestOperationsAreForOperators(t *testing.T) {
	s := demoSite(t, func(o *Options) { o.Open = false })
	s.signIn("kari")
	for _, path := range []string{"/operations", "/operations/calls", "/operations/call/2", "/operations/live"} {
		wants(t, s.get(path, http.StatusForbidden), "for dem som driver tjenesten")
	}
}

// The chain is verified when asked for, and the page tells what came of it.
func TestVerifyOnDemand(t *testing.T) {
	s := demoSite(t)
	s.asked(s.oneOfEach()...)
	if err := s.pages.Lookups.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	verified := func() verificationState {
		s.post(nil, "/operations/verify", nil, http.StatusSeeOther)
		for s.pages.verified.state().Running {
			time.Sleep(time.Millisecond)
		}
		return s.pages.verified.state()
	}
	if state := verified(); !state.Done || state.Failed != "" || state.Report.Broken != nil || state.Read != 1 {
		t.Errorf("verification %+v", state)
	}
	wants(t, s.get("/operations", http.StatusOK), "Kjeden holder")
	name := filepath.Join(s.pages.Lookups.Dir(), "lookups-00000001.jsonl")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), `"outcome":"deny"`, `"outcome":"permit"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if state := verified(); state.Report.Broken == nil {
		t.Error("a changed entry is not found")
	}
	wants(t, s.get("/operations", http.StatusOK), "Kjeden er brutt")
}

// storedSite serves a register in a directory, into which other processes may be
// importing.
func storedSite(t *testing.T) (s *site, dir string) {
	t.Helper()
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	n, err := node.Open(t.Context(), node.Options{Data: dir, KeyFile: filepath.Join(dir, "key"), CreateKey: true, Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	if _, err := n.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	w, err := world.Demo(cat)
	if err != nil {
		t.Fatal(err)
	}
	s = worldSite(t, w, cat, func(o *Options) {
		o.Node, o.Demo, o.Invented = n, false, false
	})
	return s, dir
}

func writeJSON(t *testing.T, path string, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil { // at once, as an import does
		t.Fatal(err)
	}
}

func TestOperationsOfAStore(t *testing.T) {
	s, dir := storedSite(t)
	wants(t, s.get("/operations", http.StatusOK), "Registeret følges ikke", "Ingen import er registrert her", "Det finnes ingen. Neste start", "aldri")
	teller := node.TellImport(dir, []string{"/somewhere/enheter.json.gz"}, func() time.Time { return demoTime })
	teller.Progress(node.Progress{Phase: node.PhaseReading, Of: "enheter", Done: 71, Total: 100, Records: 812345, Elapsed: 20 * time.Second})
	rejects := filepath.Join(dir, "rejects.jsonl")
	writeJSON(t, rejects, node.Reject{File: "enheter", Record: 7, Line: 90, Unit: "310000018", Path: "navn", Reason: "missing"})
	teller.End(node.Report{
		Revision: 4, New: 12, RejectsFile: rejects, UnknownRoles: map[fullmakt.RoleCode]int{"XYZZ": 3},
		Files: []node.FileReport{{File: "enheter.json.gz", Kind: "enheter", Date: "2026-03-02", Read: 1001, Stored: 900, Compared: 100, Rejected: 1}},
	}, fullmakt.Errorf(fullmakt.CodePartial, "records rejected: 1"))
	follow := node.TellFollow(dir, time.Minute, func() time.Time { return demoTime.Add(-time.Minute) })
	follow.Batch(node.FollowReport{Feed: node.FeedRoleUpdates, Entries: 5, Rejected: 2, At: demoTime.Add(-time.Hour)})
	follow.Polled(nil)
	follow.Polled(fullmakt.Errorf(fullmakt.CodeUnavailable, "the register does not answer"))
	page := s.get("/operations", http.StatusOK)
	wants(t, page, "Delvis: noe ble avvist", "revisjon 4", "enheter.json.gz", "1 001 900 100 1", "Avviste poster: 1", "310000018", "missing",
		"✔ Følger nå", "for 1 minutt siden", "1, sist: unavailable", "5 hendelser i 1 porsjoner, 2 avvist", "updates/roller")
	// A follower that is not heard of any more has died; one that ended says so.
	s.pages.now = func() time.Time { return demoTime.Add(time.Hour) }
	wants(t, s.get("/operations", http.StatusOK), "✖ Følger ikke: siste livstegn")
	follow.End()
	wants(t, s.get("/operations", http.StatusOK), "Følger ikke: avsluttet")
}

func TestImportLive(t *testing.T) {
	s, dir := storedSite(t)
	state := node.ImportState{Files: []string{"enheter.json.gz"}, Began: demoTime.Add(-20 * time.Second), At: demoTime, Phase: node.PhaseReading, Of: "enheter", Done: 71, Total: 100, PerSecond: 38000}
	file := filepath.Join(dir, "import-state.json")
	writeJSON(t, file, state)
	wants(t, s.get("/operations", http.StatusOK), "En import pågår", "Leser enheter 71 %", "38 000 poster i sekundet", "omtrent 8 s igjen")

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/en/operations/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/event-stream")
	answer, err := s.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("the stream is %q", kind)
	}
	lines := bufio.NewScanner(answer.Body)
	event := func() string {
		var text []string
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				text = append(text, data)
			} else if len(text) > 0 {
				break
			}
		}
		return strings.Join(text, "\n")
	}
	wants(t, event(), "An import is under way", "Reading enheter 71 %")
	state.Phase, state.Of, state.Done = node.PhaseStoring, "", 5
	writeJSON(t, file, state)
	wants(t, event(), "Storing 5 %")
	// Its process has died: nothing was heard for longer than it keeps silent.
	state.At = demoTime.Add(-6 * time.Second)
	writeJSON(t, file, state)
	if last := shown(event()); last != "" {
		t.Errorf("a dead import is shown: %s", last)
	}
	s.pages.Stop()
	for lines.Scan() {
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream does not end with the server: %v", err)
	}
}
