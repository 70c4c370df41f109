package api

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
)

// wireEvent is an event as a client reads it.
type wireEvent struct {
	ID, Type, Subject, Source, SpecVersion string
	Data                                   struct {
		Revision        int
		Party, From, To struct{ Type, Organisation, UUID string }
		Use, Give       []string
		Package, Cause  string
		Role, Change    string
	}
}

// batch asks for events.
func (a *apitest) batch(query string, headers ...string) (events []wireEvent, next string, more bool) {
	a.Helper()
	got := a.do("GET", eventsPath+query, nil, headers...)
	a.json(got, 200, &events)
	if got.Header.Get("Content-Type") != typeBatch || !strings.Contains(got.Header.Get("Link"), `rel="next"`) {
		a.Errorf("%s", got.Header)
	}
	return events, got.Header.Get(headerAt), got.Header.Get(headerMore) == "true"
}

// change makes a revision of a node.
func change(t *testing.T, n *node.Node, at time.Time, make func(*index.Snapshot) []fullmakt.Change) {
	t.Helper()
	_, err := n.Do(context.Background(), at, "test", func(s *index.Snapshot) ([]fullmakt.Change, error) { return make(s), nil })
	if err != nil {
		t.Fatal(err)
	}
}

// grantTo gives a package from one organisation to another, or ends that.
func grantTo(t *testing.T, n *node.Node, from, to, pkg string, ended bool) {
	t.Helper()
	change(t, n, testNow, func(s *index.Snapshot) []fullmakt.Change {
		g := fullmakt.Grant{From: s.Organisation(orgNumber(t, from)), To: s.Organisation(orgNumber(t, to)), Package: pkg, Ended: ended}
		if ended {
			g.Cause = fullmakt.CauseRevoked
		}
		return []fullmakt.Change{g}
	})
}

func orgNumber(t *testing.T, text string) fullmakt.OrgNumber {
	t.Helper()
	n, err := fullmakt.ParseOrgNumber(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const (
	fjord    = "310000051"
	datahus  = "310000043" // whose token testIssuer makes
	bergenAS = "310000019"
)

func types(events []wireEvent) (out []string) {
	for _, e := range events {
		out = append(out, e.Type)
	}
	return out
}

// TestEventsBatch: a batch is CloudEvents, and goes on where the one before ended.
func TestEventsBatch(t *testing.T) {
	n := demoNode(t)
	a := serveAPI(t, n, openConfig())
	grantTo(t, n, bergenAS, datahus, "skatt-naering", false)
	grantTo(t, n, bergenAS, datahus, "skatt-naering", true)

	whole, end, more := a.batch("?organisation=" + bergenAS)
	if more || end != "3" || whole[0].SpecVersion != "1.0" || !strings.HasSuffix(whole[0].Source, eventsPath) {
		t.Errorf("%v %s %+v", more, end, whole)
	}
	for _, want := range []string{"role.changed", "grant.given", "grant.revoked", "authority.gained", "authority.lost"} {
		if !slices.Contains(types(whole), want) {
			t.Errorf("no %s among %v", want, types(whole))
		}
	}
	// One by one, from the beginning.
	var one []wireEvent
	for after := "0"; ; {
		events, next, more := a.batch("?organisation=" + bergenAS + "&limit=1&after=" + after)
		one = append(one, events...)
		if len(events) > 1 || next == after && more {
			t.Fatalf("after %s: %d events, on at %s", after, len(events), next)
		}
		if after = next; !more {
			break
		}
	}
	if !slices.Equal(types(one), types(whole)) || one[len(one)-1].ID != whole[len(whole)-1].ID {
		t.Errorf("one by one %v, at once %v", types(one), types(whole))
	}
	lost, _, _ := a.batch("?types=authority&organisation=" + bergenAS + "&after=2")
	if len(lost) != 2 { // Datahuset and its director
		t.Fatalf("%+v", lost)
	}
	for _, e := range lost {
		if e.Type != "authority.lost" || !slices.Equal(e.Data.Use, []string{"urn:altinn:accesspackage:skatt-naering"}) || e.Subject != "urn:altinn:organization:identifier-no:"+bergenAS {
			t.Errorf("%+v", e)
		}
	}
	if events, next, _ := a.batch("?organisation=" + bergenAS + "&after=latest"); len(events) != 0 || next != "3" {
		t.Errorf("%v %s", events, next)
	}
	everything, _, _ := a.batch("?limit=1000")
	if !slices.Contains(types(everything), "grant.given") || slices.Contains(types(everything), "authority.gained") {
		t.Errorf("everybody's events: %v", types(everything))
	}
	for _, query := range []string{"?organisation=12", "?after=x", "?after=4", "?after=1.3.x", "?limit=0", "?limit=1001", "?after=1.9.aaaaaaaaaaaaaaaa", "?after=01"} {
		if got := a.do("GET", eventsPath+query, nil); got.StatusCode != 400 {
			t.Errorf("%s: %d %s", query, got.StatusCode, got.body)
		}
	}
	if got := a.do("GET", eventsPath+"?organisation=310000167", nil); got.StatusCode != 404 {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

// TestEventsTellNoNames: nothing in a feed tells who a person is.
func TestEventsTellNoNames(t *testing.T) {
	a := openDemo(t)
	for _, query := range []string{"?limit=1000", "?limit=1000&organisation=" + bergenAS, "?limit=1000&organisation=310000078"} {
		got := a.do("GET", eventsPath+query, nil)
		for _, secret := range []string{kari, "Kari", "Nordmann", "Anne", "Bergen AS"} {
			if strings.Contains(string(got.body), secret) {
				t.Errorf("%s holds %q", query, secret)
			}
		}
		if holdsNationalID(string(got.body)) {
			t.Errorf("%s holds what could be an identity number", query)
		}
	}
}

// TestEventsReaders: an organisation reads its own events, others only with the
// package and from when they had it, the operator with its scope.
func TestEventsReaders(t *testing.T) {
	n := demoNode(t)
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	a := serveAPI(t, n, Config{PublicURL: "https://fullmakt.example", Authentication: Authentication{Issuers: []IssuerConfig{is.config()}}, Limits: Limits{RequestsPerSecond: -1}})
	as := func(scope string) []string { return []string{"Authorization", "Bearer " + is.token("scope", scope)} }
	of := func(org string) string { return "?organisation=" + org }
	status := func(query string, header []string, want int) {
		t.Helper()
		if got := a.do("GET", eventsPath+query, nil, header...); got.StatusCode != want {
			t.Errorf("%s: %d, want %d: %s", query, got.StatusCode, want, got.body)
		}
	}
	reader := as(scopeEvents)
	status("", nil, 401)
	status("", as(scopeEvaluate), 403)
	status("", reader, 200) // its own
	status(of(datahus), reader, 200)
	status(of(bergenAS), reader, 403)
	status(of("310000167"), reader, 403) // nobody has this number, which it is not told
	status(of(bergenAS), as(scopeEventsAll), 200)
	status(of("310000167"), as(scopeEventsAll), 404)

	own, _, _ := a.batch("", reader...)
	if !slices.Contains(types(own), "authority.gained") {
		t.Errorf("its own events: %v", types(own))
	}
	grantTo(t, n, bergenAS, datahus, "skatt-naering", false) // 2
	status(of(bergenAS), reader, 403)
	grantTo(t, n, bergenAS, datahus, node.EventsPackage, false) // 3
	grantTo(t, n, bergenAS, fjord, "skatt-naering", false)      // 4
	grantTo(t, n, bergenAS, datahus, node.EventsPackage, true)  // 5: no reader after this
	grantTo(t, n, bergenAS, fjord, "skatt-naering", true)       // 6
	status(of(bergenAS), reader, 403)
	grantTo(t, n, bergenAS, datahus, node.EventsPackage, false) // 7
	seen := map[int]bool{}
	events, _, _ := a.batch(of(bergenAS)+"&limit=1000", reader...)
	for _, e := range events {
		seen[e.Data.Revision] = true
	}
	for revision, want := range []bool{3: true, 4: true, 7: true} {
		if seen[revision] != want {
			t.Errorf("events of revision %d are there: %t", revision, !want)
		}
	}
	all, _, _ := a.batch(of(bergenAS)+"&limit=1000", as(scopeEventsAll)...)
	if len(all) <= len(events) {
		t.Errorf("the operator reads %d, the reader %d", len(all), len(events))
	}
}

// stream is an open stream of events.
type stream struct {
	t      *testing.T
	lines  *bufio.Scanner
	id     string
	header http.Header
	close  func()
}

// listen opens a stream.
func (a *apitest) listen(query string, headers ...string) *stream {
	a.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, "GET", a.http.URL+eventsPath+query, nil)
	if err != nil {
		a.Fatal(err)
	}
	r.Header.Set("Accept", typeStream)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := a.http.Client().Do(r)
	if err != nil {
		a.Fatal(err)
	}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != typeStream {
		a.Fatalf("%d %s", resp.StatusCode, resp.Header)
	}
	s := &stream{t: a.T, lines: bufio.NewScanner(resp.Body), header: resp.Header}
	s.close = func() { cancel(); resp.Body.Close() }
	a.Cleanup(s.close)
	return s
}

// next returns the next event; ended when the stream says so or is over.
func (s *stream) next() (e wireEvent, ended bool) {
	s.t.Helper()
	for s.lines.Scan() {
		line := s.lines.Text()
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			s.id = id
		}
		if line == "event: end" {
			return e, true
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				s.t.Fatalf("%v: %s", err, data)
			}
			return e, false
		}
	}
	return e, true
}

// TestEventsStream: a stream has what the batches have, goes on as things happen,
// and a client that connects again misses nothing and is told nothing twice.
func TestEventsStream(t *testing.T) {
	n := demoNode(t)
	a := serveAPI(t, n, openConfig())
	whole, _, _ := a.batch("?organisation=" + bergenAS)
	for cut := range len(whole) {
		first := a.listen("?organisation=" + bergenAS)
		for range cut {
			first.next()
		}
		first.close()
		again := a.listen("?organisation="+bergenAS+"&after=0", "Last-Event-ID", first.id)
		for i := cut; i < len(whole); i++ {
			if e, _ := again.next(); e.ID != whole[i].ID {
				t.Fatalf("after %d events and %q: %s, want %s", cut, first.id, e.ID, whole[i].ID)
			}
		}
		again.close()
	}
	live := a.listen("?types=grant&after=latest&organisation=" + bergenAS)
	grantTo(t, n, bergenAS, datahus, "skatt-naering", false)
	if e, ended := live.next(); ended || e.Type != "grant.given" || e.Data.To.Organisation != datahus {
		t.Errorf("%t %+v", ended, e)
	}
	a.server.Stop()
	if _, ended := live.next(); !ended {
		t.Error("the stream outlives the server")
	}
}

// TestEventsStreamEnds: when the reader's authority ends, so does its stream.
func TestEventsStreamEnds(t *testing.T) {
	n := demoNode(t)
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	a := serveAPI(t, n, Config{PublicURL: "https://fullmakt.example", Authentication: Authentication{Issuers: []IssuerConfig{is.config()}}, Limits: Limits{RequestsPerSecond: -1}})
	grantTo(t, n, bergenAS, datahus, node.EventsPackage, false)
	live := a.listen("?types=grant&organisation="+bergenAS, "Authorization", "Bearer "+is.token("scope", scopeEvents))
	if e, ended := live.next(); ended || e.Type != "grant.given" {
		t.Errorf("%t %+v", ended, e)
	}
	grantTo(t, n, bergenAS, datahus, node.EventsPackage, true)
	if e, ended := live.next(); !ended {
		t.Errorf("the stream goes on with %+v", e)
	}
}
