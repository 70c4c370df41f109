package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// TestMetrics asks a server questions, and reads its metrics: how many, of which
// API, with what outcome, and nothing about whom.
func TestMetrics(t *testing.T) {
	s := start(t, "--demo", "--admin-addr", "127.0.0.1:0")
	match := regexp.MustCompile(`Måltall +(http://127\.0\.0\.1:\d+)/metrics\n`).FindStringSubmatch(s.banner)
	if match == nil {
		t.Fatalf("no address of metrics in %q", s.banner)
	}
	s.ready(t)
	const question = `{"subject":{"type":"person","id":"12817010065"},"action":{"name":"use"},"resource":{"type":"organisation","id":"310000019"}}`
	for _, body := range []string{question, "{"} {
		response, err := http.Post(s.url+"/access/v1/evaluation?about=12817010065", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	s.get(t, "/accessmanagement/api/v1/meta/info/roles")
	s.get(t, "/accessmanagement/api/v1/authorizedparty/310000019")
	s.get(t, "/12817010065")

	admin := &started{url: match[1]}
	response, text := admin.get(t, "/metrics")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("metrics: %s", response.Status)
	}
	for _, want := range []string{
		`fullmakt_request_duration_seconds_count{api="authzen",outcome="invalid"} `,
		`fullmakt_request_duration_seconds_count{api="altinn_meta",outcome="answered"} 1`,
		`fullmakt_request_duration_seconds_count{api="altinn_parties",outcome=`,
		`fullmakt_request_duration_seconds_count{api="other",outcome="invalid"} 1`,
		"\nfullmakt_ready 1\n", "\nfullmakt_revision 1\n", "\nfullmakt_store_revision 1\n", "\nfullmakt_register_age_seconds ",
		`fullmakt_build_info{version="`, "\ngo_goroutines ", "\nprocess_resident_memory_bytes ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %q", want)
		}
	}
	for line := range strings.Lines(text) {
		name, _, _ := strings.Cut(line, "}")
		if strings.Contains(line, "{") && regexp.MustCompile(`\d{9}`).MatchString(name) {
			t.Errorf("a label may hold an identifier: %s", line)
		}
	}
	for path, want := range map[string]int{"/debug/pprof/": http.StatusOK, "/debug/pprof/heap?debug=1": http.StatusOK, "/": http.StatusNotFound} {
		if response, _ := admin.get(t, path); response.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, response.Status, want)
		}
	}
	// Not at the address that clients use, and not for a page in a browser.
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if response, _ := s.get(t, path); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s at the public address: %s", path, response.Status)
		}
	}
	r, err := http.NewRequest("GET", admin.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "rebound.example.com"
	response, err = http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode < 400 {
		t.Errorf("metrics under a foreign name: %s", response.Status)
	}
	http.DefaultClient.CloseIdleConnections()
	s.interrupt(t)
}

// TestServeKeepsLookups asks a server that keeps a log of look-ups, and finds the
// question in its metrics and, once it has ended, in the log.
func TestServeKeepsLookups(t *testing.T) {
	dir := t.TempDir()
	log, config := filepath.Join(dir, "lookups"), filepath.Join(dir, "config.json")
	if err := os.WriteFile(config, []byte(`{"authentication":{"off":true},"lookups":{"dir":`+strconv.Quote(log)+`}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, "--demo", "--admin-addr", "127.0.0.1:0", "--config", config)
	s.ready(t)
	const question = `{"subject":{"type":"urn:altinn:person:identifier-no","id":"12817010065"},"action":{"name":"DAGL"},"resource":{"type":"urn:altinn:organization:identifier-no","id":"310000019"}}`
	response, err := http.Post(s.url+"/access/v1/evaluation", "application/json", strings.NewReader(question))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("question: %s", response.Status)
	}
	admin := &started{url: regexp.MustCompile(`Måltall +(http://[^/]+)`).FindStringSubmatch(s.banner)[1]}
	_, text := admin.get(t, "/metrics")
	for _, want := range []string{"\nfullmakt_lookups_queued ", "\nfullmakt_lookups_queue_size 8192\n", "\nfullmakt_lookups_written_total ", "\nfullmakt_lookups_dropped_total 0\n", "\nfullmakt_lookups_failing 0\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %q", want)
		}
	}
	s.interrupt(t)
	if code, out, errs := ask(t, "audit", "verify", log, "-o", "json"); code != 0 || !strings.Contains(out, `"lookups":1,`) {
		t.Errorf("exit status %d: %s%s", code, out, errs)
	}
}

func TestAdminIsForThisMachine(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0", "localhost", ""} {
		listener, err := listenAdmin(addr)
		if err == nil {
			listener.Close()
		}
		if fullmakt.ErrorCode(err) != fullmakt.CodeInvalid || fullmakt.ErrorHint(err) == "" {
			t.Errorf("%q: %v", addr, err)
		}
	}
	if code, _, errs := ask(t, "--demo", "serve", "--addr", "127.0.0.1:0", "--admin-addr", "0.0.0.0:0"); code != exitUsage || !strings.Contains(errs, "loopback") {
		t.Errorf("exit status %d: %s", code, errs)
	}
}

// askReady asks the handler of a server.
func askReady(t *testing.T, s *server) (int, wireReady) {
	t.Helper()
	w := httptest.NewRecorder()
	s.readyz(w, httptest.NewRequestWithContext(t.Context(), "GET", "/readyz", nil))
	var answer wireReady
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if (w.Code == http.StatusOK) != answer.Ready || (w.Header().Get("Retry-After") == "") != answer.Ready {
		t.Errorf("status %d, %v: %s", w.Code, w.Header(), w.Body)
	}
	return w.Code, answer
}

// TestReady follows a server from its start to a register that is too old, and a
// key that is not the store's any more.
func TestReady(t *testing.T) {
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	options := node.Options{Data: dir, KeyFile: filepath.Join(dir, "key"), CreateKey: true, Catalogue: cat}
	n, err := node.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	a := newApp(t.Context(), testNow, &globals{}, t.Output(), t.Output())
	s := newServer(a, n)
	now := testNow
	s.now = func() time.Time { return now }
	want := func(when, reason string) {
		t.Helper()
		if _, got := askReady(t, s); got.Reason != reason {
			t.Errorf("%s: %q, want %q", when, got.Reason, reason)
		}
	}
	want("at the start", notLoaded)
	s.load(t.Context())
	want("loaded", "")
	s.maxAge = time.Hour
	want("with nothing imported", registerOld)
	feed := fullmakt.Feed{Name: "enheter", Cursor: "1"}
	if _, err := n.Store().Append(t.Context(), 0, testNow, "test", func(yield func(fullmakt.Change, error) bool) { yield(feed, nil) }); err != nil {
		t.Fatal(err)
	}
	want("imported", "")
	now = now.Add(time.Hour)
	want("an hour later", "")
	now = now.Add(time.Second)
	want("more than an hour later", registerOld)
	if _, got := askReady(t, s); got.RegisterAge == nil || *got.RegisterAge != 3601 || got.Revision != 1 {
		t.Errorf("answer %+v", got)
	}
	s.maxAge = 0
	want("at any age", "")
	if _, err := sqlite.ChangeKey(t.Context(), filepath.Join(dir, node.StoreFile), options.KeyFile, testNow, nil); err != nil {
		t.Fatal(err)
	}
	want("with another key", keyChanged)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	want("with the store closed", noStore)
}

func TestOutcomes(t *testing.T) {
	for status, want := range map[int]string{
		200: "answered", 204: "answered", 302: "answered", 400: "invalid", 404: "invalid", 401: "refused", 403: "refused",
		429: "limited", 500: "failed", 0: "failed", 501: "not_implemented", 503: "unavailable",
	} {
		if got := outcome(status); got != want {
			t.Errorf("%d is %q, want %q", status, got, want)
		}
	}
}
