package api

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
)

// Hostile input on every route of the table. What each test looks for is the same:
// no panic, no status of 500 and more but for what is documented, and no identity
// number where nobody asked for it.

// planted are the identity numbers that the requests of these tests hold and that
// may stand in no log line, no header and no error: one of the demo register and
// one of nobody's.
func planted(t testing.TB) []string {
	t.Helper()
	list := []string{kari}
	for n := 0; len(list) < 2; n++ {
		if id, ok := fullmakt.SyntheticNationalID(17, 5, 83, n); ok {
			list = append(list, id.Reveal())
		}
	}
	return list
}

// watched is a server whose log is kept, at its most talkative.
type watched struct {
	*testing.T
	server  *Server
	handler http.Handler
	log     *bytes.Buffer
	lookups *audit.Log
	mu      sync.Mutex
	numbers []string
	// echoes is set while request ids, which every answer repeats, hold numbers.
	echoes bool
}

type lockedWriter struct {
	mu *sync.Mutex
	to io.Writer
}

func (w lockedWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(b)
}

func watch(t *testing.T, cfg Config) *watched {
	t.Helper()
	w := &watched{T: t, log: &bytes.Buffer{}, numbers: planted(t)}
	log := slog.New(slog.NewTextHandler(lockedWriter{&w.mu, w.log}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.lookups = openLookups(t, LookupsConfig{})
	s, err := New(demoNode(t), cfg, WithLog(log), WithLookups(w.lookups), WithClock(func() time.Time { return testNow }))
	if err != nil {
		t.Fatal(err)
	}
	w.server, w.handler = s, s.Handler()
	return w
}

// send sends a request straight to the handler and looks at the answer.
func (w *watched) send(what, method, target string, body string, headers ...string) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:8080/", strings.NewReader(body))
	u, err := url.Parse("http://127.0.0.1:8080" + target)
	if err != nil {
		w.Fatalf("%s: %v", what, err)
	}
	r.URL, r.RequestURI = u, u.RequestURI()
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	w.look(what, rec)
	return rec
}

// look checks what is true of every answer.
func (w *watched) look(what string, rec *httptest.ResponseRecorder) {
	w.Helper()
	switch {
	case rec.Code >= 500 && rec.Code != http.StatusNotImplemented && rec.Code != http.StatusServiceUnavailable:
		w.Errorf("%s: status %d: %s", what, rec.Code, rec.Body)
	case rec.Header().Get(headerRequestID) == "" && rec.Code >= 400:
		w.Errorf("%s: an answer %d without a request id", what, rec.Code)
	}
	for _, number := range w.numbers {
		if w.echoes {
			break
		}
		if (rec.Code >= 400 || strings.Contains(what, supportPath)) && strings.Contains(rec.Body.String(), number) {
			w.Errorf("%s: the answer repeats an identity number: %s", what, rec.Body)
		}
		for name, values := range rec.Header() {
			if strings.Contains(strings.Join(values, " "), number) {
				w.Errorf("%s: the header %s repeats an identity number", what, name)
			}
		}
	}
}

// noNumbersLogged looks for the planted numbers in all that was logged: the
// server's log, and every file of the log of look-ups.
func (w *watched) noNumbersLogged() {
	w.Helper()
	if err := w.lookups.Sync(w.Context()); err != nil {
		w.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(w.lookups.Dir(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files += min(len(data), 1)
		for line := range bytes.Lines(data) {
			for _, number := range w.numbers {
				if bytes.Contains(line, []byte(number)) {
					w.Errorf("an identity number stands among the look-ups: %.500s", line)
				}
			}
		}
		return err
	})
	if err != nil || files == 0 {
		w.Errorf("the log of look-ups has %d files with something in them (%v)", files, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.log.Len() == 0 {
		w.Fatal("nothing was logged; the test looks at nothing")
	}
	for line := range strings.Lines(w.log.String()) {
		for _, number := range w.numbers {
			if strings.Contains(line, number) {
				w.Errorf("an identity number was logged: %s", line)
			}
		}
		if strings.Contains(line, "panicked") {
			w.Errorf("a handler panicked: %s", line)
		}
	}
}

// asked is a whole AuthZEN request, with %s for the subject's id.
const hostileAsked = `{"subject":{"type":"urn:altinn:person:identifier-no","id":"%s"},"action":{"name":"` + seed + `"},"resource":{"type":"urn:altinn:organization:identifier-no","id":"310000019"}}`

// hostileBodies are bodies that no honest client sends, by what is wrong with
// them. Each holds a planted number where it can.
func hostileBodies(number string) map[string]string {
	whole := fmt.Sprintf(hostileAsked, number)
	swap := func(from, to string) string {
		return strings.Replace(whole, from, to, 1)
	}
	bodies := map[string]string{
		"empty":                  "",
		"null":                   "null",
		"a number":               number,
		"a string":               `"` + number + `"`,
		"an array":               "[" + number + "]",
		"an empty object":        "{}",
		"cut short":              whole[:len(whole)/2],
		"an open brace":          "{",
		"more after it":          whole + whole,
		"a byte order mark":      "\ufeff" + whole,
		"not UTF-8":              swap(number, number+"\xff\xfe"),
		"a NUL":                  swap(number, number+"\x00"),
		"an escaped NUL":         swap(number, number+`\u0000`),
		"an unpaired surrogate":  swap(number, number+`\ud800`),
		"a surrogate turned":     swap(number, number+`\udc00\ud800`),
		"an unknown escape":      swap(number, number+`\x`),
		"the same member twice":  swap(`"id"`, `"id":"1","id"`),
		"the subject twice":      swap(`{"subject"`, `{"subject":{},"subject"`),
		"escaped twins":          swap(`"id"`, `"id":"1","\u0069d"`),
		"an id that is a number": swap(`"`+number+`"`, number),
		"an id that is an array": swap(`"`+number+`"`, `["`+number+`"]`),
		"an id that is null":     swap(`"`+number+`"`, `null`),
		"a type that is a list":  swap(`"urn:altinn:person:identifier-no"`, `["`+number+`"]`),
		"a type of our own":      swap(`urn:altinn:person:identifier-no`, `urn:altinn:ssn:`+number),
		"an action as a number":  swap(`{"name":"`+seed+`"}`, number),
		"an action of a number":  swap(seed, number),
		"an action of a person":  swap(seed, "urn:altinn:person:identifier-no:"+number),
		"a number without bound": swap(`"`+number+`"`, `1e999999`),
		"a member of a number":   swap(`{"subject"`, `{"`+number+`":1,"`+number+`":2,"subject"`),
		"a time of a number":     swap(`{"subject"`, `{"context":{"time":"`+number+`"},"subject"`),
		"a far time":             swap(`{"subject"`, `{"context":{"time":"9999-12-31T23:59:59Z"},"subject"`),
		"a time of old":          swap(`{"subject"`, `{"context":{"time":"0001-01-01T00:00:00+23:59"},"subject"`),
		"a made-up revision":     swap(`{"subject"`, `{"context":{"at_least_as_fresh":"`+number+`"},"subject"`),
		"the last revision":      swap(`{"subject"`, `{"context":{"at_least_as_fresh":"Af__________"},"subject"`),
		"a purpose of a number":  swap(`{"subject"`, `{"context":{"purpose":"`+number+`"},"subject"`),
		"a page of a number":     swap(`{"subject"`, `{"page":{"token":"`+number+`"},"subject"`),
		"a page of nothing":      swap(`{"subject"`, `{"page":{"limit":-1},"subject"`),
		"a page without end":     swap(`{"subject"`, `{"page":{"limit":1e300},"subject"`),
		"a batch of junk":        swap(`{"subject"`, `{"evaluations":[1,"`+number+`",null,[],{},{"subject":`+number+`}],"subject"`),
		"a batch in a batch":     swap(`{"subject"`, `{"evaluations":[{"evaluations":[`+whole+`]}],"subject"`),
		"a batch too long":       `{"evaluations":[` + strings.Repeat(`{},`, 1100) + `{}]}`,
		"a batch of an object":   swap(`{"subject"`, `{"evaluations":{},"subject"`),
		"an unknown semantic":    swap(`{"subject"`, `{"options":{"evaluations_semantic":"`+number+`"},"evaluations":[{}],"subject"`),
		"deep arrays":            swap(`{"subject"`, `{"deep":`+strings.Repeat("[", 50_000)+strings.Repeat("]", 50_000)+`,"subject"`),
		"deep objects":           swap(`{"subject"`, `{"context":`+strings.Repeat(`{"a":`, 20_000)+"1"+strings.Repeat("}", 20_000)+`,"subject"`),
		"many members":           swap(`{"subject"`, `{`+manyMembers(3000)+`"subject"`),
		"a long string":          swap(number, number+strings.Repeat("0", 200_000)),
		"too long":               whole + strings.Repeat(" ", 1<<20),
		// Altinn's shape.
		"a party":                  `{"type":"urn:altinn:person:identifier-no","value":"` + number + `"}`,
		"a party's value a number": `{"type":"urn:altinn:person:identifier-no","value":` + number + `}`,
		"a party's value a lot":    `{"type":"urn:altinn:person:identifier-no","value":{"` + number + `":["` + number + `"]}}`,
		"a party of two values":    `{"type":"urn:altinn:person:identifier-no","value":"1","VALUE":"` + number + `"}`,
		"a party of a wrong type":  `{"type":"` + number + `","value":"` + number + `"}`,
		"a party of a wrong kind":  `{"type":"urn:altinn:organization:identifier-no","value":"` + number + `"}`,
		"a filter of junk":         `{"type":"urn:altinn:person:identifier-no","value":"` + number + `","partyFilter":[null,{},{"type":"` + number + `"}]}`,
		"a filter of a number":     `{"type":"urn:altinn:person:identifier-no","value":"` + number + `","partyFilter":` + number + `}`,
		"a user name of a number":  `{"type":"urn:altinn:enterpriseuser:username","value":"` + number + `"}`,
		// A support desk's.
		"a support question":       `{"party":{"type":"urn:altinn:person:identifier-no","id":"` + number + `"},"purpose":"` + number + ` asked"}`,
		"a support question 2":     `{"party":{"type":"urn:altinn:organization:identifier-no","id":"310000019"},"purpose":"asked","direction":"acted_for_by"}`,
		"a support direction":      `{"party":{"type":"urn:altinn:person:identifier-no","id":"` + number + `"},"purpose":"asked","direction":"` + number + `"}`,
		"a support time":           `{"party":{"type":"urn:altinn:person:identifier-no","id":"` + number + `"},"purpose":"asked","time":"` + number + `"}`,
		"a support page":           `{"party":{"type":"urn:altinn:person:identifier-no","id":"` + number + `"},"purpose":"asked","page":{"token":"` + number + `","limit":` + number + `}}`,
		"a support other":          `{"party":{"type":"urn:altinn:person:identifier-no","id":"` + number + `"},"purpose":"asked","other":{"type":"` + number + `","id":` + number + `}}`,
		"a support member":         `{"party":{"type":"urn:altinn:person:identifier-no","id":"` + number + `"},"purpose":"asked","` + number + `":1}`,
		"a support party alone":    `{"party":{"type":"urn:altinn:person:identifier-no","id":"` + number + `"}}`,
		"a party with a surrogate": `{"type":"urn:altinn:person:identifier-no","value":"` + number + `\ud800"}`,
	}
	return bodies
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"m%d":0,`, i)
	}
	return b.String()
}

// hostileQueries are query strings, as hostileBodies.
func hostileQueries(number string) map[string]string {
	every := url.Values{}
	for _, name := range []string{
		"party", "from", "to", "partyFilter", "package", "packageId", "role", "language", "term", "resourceProviderCode", "includeRoles",
		"includeAccessPackages", "includeSubParties", "includePartiesViaKeyRoles", "searchInResources", "variant", "includeClientDelegations", "id", "count", "after", "limit",
	} {
		every.Set(name, number)
	}
	all := map[string]string{
		"a number":             number,
		"a broken escape":      "party=%zz" + number,
		"a semicolon":          "party=1;from=" + number,
		"every parameter":      every.Encode(),
		"two of a kind":        "party=" + number + "&PARTY=" + number + "&party=",
		"not UTF-8":            "party=%ff%fe&language=%ff&term=%c3%28",
		"NULs":                 "party=%00&language=%00&term=%00",
		"a long term":          "term=" + strings.Repeat("a", 20_000),
		"many parameters":      strings.Repeat("party=1&", 4000),
		"a resource":           "anyOfResourceIds=" + number + "&orgCode=" + number,
		"wildcards":            "term=%25%25&party=*&language=..%2F..%2Fetc",
		"a UUID of nobody's":   "party=00000000-0000-0000-0000-000000000000&from=00000000-0000-0000-0000-000000000000&to=00000000-0000-0000-0000-000000000000",
		"a fullwidth number":   "party=" + url.QueryEscape(fullwidth(number)),
		"a number in a UUID":   "from=" + number + "-0000-0000-0000-000000000000&to=" + number,
		"a number as a name":   number + "=" + number,
		"a head of a number":   "head=" + number + ":" + strings.Repeat("0", 64),
		"look-ups of a party":  "subject=" + number + "&organisation=" + number + "&client=" + number + "&outcome=" + number + "&until=" + number,
		"a client of a number": "client=" + number,
		"includes of nothing":  "includeRoles=&includeAccessPackages=&partyFilter=&partyFilter=" + number,
	}
	return all
}

// hostileSegments stand in the place of a pattern's wildcards.
func hostileSegments(number string) []string {
	return []string{
		number, "urn:altinn:person:identifier-no:" + number, "%00", "%2e%2e%2f", "%ff%fe", url.PathEscape(fullwidth(number)),
		strings.Repeat("9", 5000), "-1", "18446744073709551616", "%25", "*", "null", "00000000-0000-0000-0000-000000000000",
	}
}

// fullwidth writes digits as the fullwidth forms that look like them.
func fullwidth(digits string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, digits)
}

// filled puts a segment in the place of every wildcard of a pattern.
func filled(pattern, segment string) string {
	var out strings.Builder
	for pattern != "" {
		before, rest, found := strings.Cut(pattern, "{")
		out.WriteString(before)
		if !found {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		if name != "$" {
			out.WriteString(segment)
		}
		pattern = after
	}
	return out.String()
}

// TestHostileInput sends everything to every route.
func TestHostileInput(t *testing.T) {
	w := watch(t, openConfig())
	sent := 0
	for k, rt := range w.server.routes {
		if testing.Short() && rt.family == "altinn_unanswered" && k%8 != 0 {
			continue // they share one handler
		}
		for i, number := range w.numbers {
			if i > 0 && testing.Short() {
				break
			}
			where := rt.method + " " + rt.pattern
			segment := "1"
			if rt.method != "GET" {
				for what, body := range hostileBodies(number) {
					w.send(where+", body: "+what, rt.method, filled(rt.pattern, segment), body)
					sent++
				}
				for _, media := range []string{"text/plain", "application/json; charset=utf-16", "application/json;" + number, number, "multipart/form-data; boundary=a"} {
					w.send(where+", type: "+media, rt.method, filled(rt.pattern, segment), fmt.Sprintf(hostileAsked, number), "Content-Type", media)
					sent++
				}
			}
			for what, query := range hostileQueries(number) {
				w.send(where+", query: "+what, rt.method, filled(rt.pattern, segment)+"?"+query, fmt.Sprintf(hostileAsked, number))
				sent++
			}
			if strings.Contains(rt.pattern, "{") {
				for _, segment := range hostileSegments(number) {
					w.send(where+", segment: "+segment[:min(len(segment), 40)], rt.method, filled(rt.pattern, segment), fmt.Sprintf(hostileAsked, number))
					sent++
				}
			}
			for name, value := range map[string]string{
				"Accept-Language": number, "Traceparent": "00-" + strings.Repeat("0", 21) + number + "-00f067aa0ba902b7-01", "Accept": number,
				"User-Agent": number, "Authorization": "Bearer " + number, "Cookie": number, "X-Forwarded-For": number, "Forwarded": "for=" + number,
				"Origin": "http://" + number, "Referer": "http://a/" + number, "Host": number, "If-None-Match": number, "Range": "bytes=" + number,
				"Content-Encoding": number, "Tracestate": "a=" + number,
			} {
				w.send(where+", header: "+name, rt.method, filled(rt.pattern, segment), fmt.Sprintf(hostileAsked, number), name, value)
				sent++
			}
		}
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "HEAD", "BREW"} {
			w.send(method+" "+rt.pattern, method, filled(rt.pattern, w.numbers[0]), "{}")
			sent++
		}
	}
	if sent < 1000 {
		t.Errorf("only %d requests were sent", sent)
	}
	t.Logf("%d requests to %d routes", sent, len(w.server.routes))
	w.noNumbersLogged()
}

// TestHostileRequestIDs: every answer repeats its request's id, the log does not
// where it might be a person's number.
func TestHostileRequestIDs(t *testing.T) {
	w := watch(t, openConfig())
	w.echoes = true
	for _, number := range w.numbers {
		spaced := number[:6] + " " + number[6:]
		for _, id := range []string{number, "a-" + number + "-b", spaced, number + strings.Repeat("a", 8000), "\x7f" + number} {
			rec := w.send("request id", "POST", evaluationPath, fmt.Sprintf(hostileAsked, number), headerRequestID, id)
			if rec.Header().Get(headerRequestID) != id {
				t.Errorf("the request id %q comes back as %q", id, rec.Header().Get(headerRequestID))
			}
		}
		w.numbers = append(w.numbers, spaced)
	}
	w.noNumbersLogged()
	own := w.send("no request id", "GET", metadataPath, "").Header().Get(headerRequestID)
	if own == "" || !strings.Contains(w.log.String(), "request_id="+own) {
		t.Errorf("the log does not have the id %q that the server gave", own)
	}
}

// TestHostileBodiesAreRefused: what is no I-JSON or too much is refused by every
// AuthZEN endpoint, not guessed at.
func TestHostileBodiesAreRefused(t *testing.T) {
	w := watch(t, openConfig())
	bodies := hostileBodies(kari)
	for _, path := range []string{evaluationPath, evaluationsPath, subjectPath, resourcePath, actionPath} {
		for what, status := range map[string]int{
			"empty": 400, "null": 400, "a number": 400, "an array": 400, "cut short": 400, "more after it": 400, "a byte order mark": 400, "not UTF-8": 400,
			"a NUL": 400, "an unpaired surrogate": 400, "a surrogate turned": 400, "an unknown escape": 400, "the same member twice": 400,
			"the subject twice": 400, "escaped twins": 400, "a number without bound": 400, "a member of a number": 400, "deep arrays": 400, "deep objects": 400,
			"a batch of an object": 400, "a batch too long": 413, "too long": 413,
		} {
			body, ok := bodies[what]
			if !ok {
				t.Fatalf("there is no body %q", what)
			}
			if rec := w.send(path+": "+what, "POST", path, body); rec.Code != status {
				t.Errorf("%s: %s: %d, want %d: %s", path, what, rec.Code, status, rec.Body)
			}
		}
	}
}

// lookAlikes are what looks like a number to people.
func lookAlikes(number string) map[string]string {
	return map[string]string{
		"fullwidth digits":      fullwidth(number),
		"one fullwidth digit":   fullwidth(number[:1]) + number[1:],
		"Arabic-Indic digits":   strings.Map(func(r rune) rune { return r - '0' + '\u0660' }, number),
		"mathematical digits":   strings.Map(func(r rune) rune { return r - '0' + '\U0001D7CE' }, number),
		"a zero-width space":    number[:4] + "\u200b" + number[4:],
		"a zero-width joiner":   number + "\u200d",
		"a right-to-left mark":  "\u200f" + number,
		"a soft hyphen":         number[:6] + "\u00ad" + number[6:],
		"a byte order mark":     "\ufeff" + number,
		"a combining mark":      number + "\u0301",
		"the letter O for zero": strings.ReplaceAll(number, "0", "O"),
		"a leading zero":        "0" + number,
		"a blank within":        number[:6] + " " + number[6:],
		"a hyphen within":       number[:6] + "-" + number[6:],
		"a NUL behind":          number + "\x00",
		"a line break behind":   number + "\n",
		"a sign":                "+" + number,
		"a point":               number + ".0",
		"its URN":               personURN + ":" + number,
	}
}

// TestLookAlikes: what merely looks like an identifier names nobody.
func TestLookAlikes(t *testing.T) {
	a := serveAPI(t, demoNode(t), openConfig())
	if yes := a.evaluate(evaluation(person(kari), seed, org(bergen))); !*yes.Decision {
		t.Fatal("the true identifiers are refused")
	}
	for what, id := range lookAlikes(kari) {
		if no := a.evaluate(evaluation(person(id), seed, org(bergen))); *no.Decision || no.Context.Reason != fullmakt.ReasonUnknownParty {
			t.Errorf("subject with %s: %s", what, no)
		}
		var l listed
		a.json(a.do("POST", resourcePath, evaluation(person(id), seed, obj{"type": orgURN})), 200, &l)
		if len(l.Results) != 0 {
			t.Errorf("search by a subject with %s: %v", what, l.Results)
		}
		if what == "a line break behind" {
			continue // Altinn's values are trimmed
		}
		got := a.do("POST", accessManagement+"/resourceowner/authorizedparties", obj{"type": personURN, "value": id})
		if got.StatusCode != 400 {
			t.Errorf("authorized parties of %s: %d %s", what, got.StatusCode, got.body)
		}
	}
	for what, id := range lookAlikes(bergen) {
		if no := a.evaluate(evaluation(person(kari), seed, org(id))); *no.Decision || no.Context.Reason != fullmakt.ReasonUnknownParty {
			t.Errorf("resource with %s: %s", what, no)
		}
	}
	for what, typ := range map[string]string{
		"another letter case": strings.ToUpper(personURN), "a blank behind": personURN + " ", "a Cyrillic letter": strings.Replace(personURN, "e", "\u0435", 1),
		"a zero-width space": "urn:\u200baltinn:person:identifier-no", "its long form": "urn:altinn:person:identifier-no:" + kari,
	} {
		if no := a.evaluate(evaluation(obj{"type": typ, "id": kari}, seed, org(bergen))); *no.Decision {
			t.Errorf("a type with %s: %s", what, no)
		}
	}
	for what, name := range map[string]string{
		"a Cyrillic letter": strings.Replace(seed, "e", "\u0435", 1), "a zero-width space": seed + "\u200b", "a NUL": seed + "\x00", "a fullwidth letter": strings.Replace(seed, "d", "ｄ", 1),
	} {
		if no := a.evaluate(evaluation(person(kari), name, org(bergen))); *no.Decision || no.Context.Reason != fullmakt.ReasonUnknownPackage {
			t.Errorf("an action with %s: %s", what, no)
		}
	}
}

// TestSameIDsOtherProperties: what a request says about a party is not what the
// register knows, and one part of a batch does not colour another.
func TestSameIDsOtherProperties(t *testing.T) {
	a := serveAPI(t, demoNode(t), openConfig())
	said := []obj{
		nil, {"dead": true}, {"dead": false, "roles": []string{"DAGL"}}, {"type": orgURN, "id": bergen}, {"access_packages": []string{seed}},
		{"authenticationLevel": 4, "admin": true}, {"id": ola, "properties": obj{"id": ola}},
	}
	var items []obj
	var want []string
	for _, p := range said {
		for _, who := range []struct {
			id, told string
		}{{kari, "true held_via_nesting"}, {ola, "false nesting_limit"}} {
			subject, resource := person(who.id), org(bergen)
			if p != nil {
				subject["properties"], resource["properties"] = p, p
			}
			items = append(items, evaluation(subject, seed, resource))
			want = append(want, who.told)
		}
	}
	if got := a.evaluateMany(obj{"evaluations": items}); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	slices.Reverse(items)
	slices.Reverse(want)
	if got := a.evaluateMany(obj{"evaluations": items}); !slices.Equal(got, want) {
		t.Errorf("turned round: %q, want %q", got, want)
	}
}

// TestForgedPageTokens: a token with any character changed, cut, lengthened,
// written otherwise or given by another server is refused, by each search.
func TestForgedPageTokens(t *testing.T) {
	n := demoNode(t)
	a, other := serveAPI(t, n, openConfig()), serveAPI(t, n, openConfig())
	for path, request := range map[string]obj{
		subjectPath:  evaluation(obj{"type": "urn:altinn:party:uuid"}, seed, org(bergen)),
		resourcePath: evaluation(person(kari), seed, obj{"type": orgURN}),
		actionPath:   {"subject": person(kari), "resource": org(bergen)},
	} {
		var first, elsewhere listed
		a.json(a.do("POST", path, with(request, "page", obj{"limit": 1})), 200, &first)
		other.json(other.do("POST", path, with(request, "page", obj{"limit": 1})), 200, &elsewhere)
		if first.Page.Next == nil || *first.Page.Next == "" {
			t.Fatalf("%s has one page only", path)
		}
		token := *first.Page.Next
		if got := a.do("POST", path, with(request, "page", obj{"token": token})); got.StatusCode != 200 {
			t.Fatalf("%s: the true token: %d %s", path, got.StatusCode, got.body)
		}
		forged := []string{
			token[:len(token)-1], token + "A", token + "=", " " + token, token + "\n", "A", strings.Repeat("A", len(token)), strings.ToUpper(token),
			strings.Repeat("A", 500_000), *elsewhere.Page.Next, fullwidth("0") + token, token + token,
		}
		for i := range token {
			c := byte('A')
			if token[i] == c {
				c = 'B'
			}
			forged = append(forged, token[:i]+string(c)+token[i+1:])
		}
		for _, f := range forged {
			if got := a.do("POST", path, with(request, "page", obj{"token": f})); got.StatusCode != 400 {
				t.Errorf("%s: the forged token %.100q: %d %s", path, f, got.StatusCode, got.body)
			}
		}
	}
}

// TestPanicIsNotTold: neither the answer nor the log has what a defect held.
func TestPanicIsNotTold(t *testing.T) {
	w := watch(t, openConfig())
	for _, fail := range []func(*call, error){nil, authzenFail, failAltinn} {
		rec := httptest.NewRecorder()
		w.server.serve(route{method: "GET", pattern: "/p", handle: func(*Server, *call) error { panic("no party " + kari) }, fail: fail}).
			ServeHTTP(rec, httptest.NewRequest("GET", "http://localhost/p", nil))
		if rec.Code != 500 || strings.Contains(rec.Body.String(), kari) || strings.Contains(rec.Body.String(), "party") {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
		rec = httptest.NewRecorder()
		w.server.serve(route{method: "GET", pattern: "/p", fail: fail, handle: func(*Server, *call) error {
			return fullmakt.Errorf(fullmakt.CodeInternal, "a defect")
		}}).ServeHTTP(rec, httptest.NewRequest("GET", "http://localhost/p", nil))
		if rec.Code != 500 || strings.Contains(rec.Body.String(), "defect") {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	}
	logged := w.log.String()
	if strings.Count(logged, "request panicked") != 3 || strings.Contains(logged, kari) {
		t.Errorf("logged: %s", logged)
	}
}

// TestHostileTokens: identity numbers in tokens, good and bad, are told to nobody.
func TestHostileTokens(t *testing.T) {
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	cfg := Config{PublicURL: "https://fullmakt.example", Authentication: Authentication{Issuers: []IssuerConfig{is.config()}}, Limits: Limits{RequestsPerSecond: -1}}
	w := watch(t, cfg)
	for _, number := range w.numbers {
		for what, text := range map[string]string{
			"no token":         number,
			"a bad token":      "e30." + number + ".e30",
			"an issuer":        is.token("iss", "https://"+number+"/"),
			"an audience":      is.token("aud", number),
			"a client":         is.token("client_id", number),
			"a subject":        is.token("client_id", nil, "sub", number),
			"a person":         is.token("pid", number, "sub", number, "client_id", nil),
			"scopes":           is.token("scope", number),
			"a consumer":       is.token("consumer", map[string]string{"authority": "iso6523-actorid-upis", "ID": "0192:" + number}),
			"claims of a type": is.token("consumer", number, "authorization_details", number),
			"a key id":         is.sign(is.key, is.alg, number, is.claims()),
		} {
			for _, path := range []string{evaluationPath, accessManagement + "/resourceowner/authorizedparties"} {
				w.send(what, "POST", path, fmt.Sprintf(hostileAsked, number), "Authorization", "Bearer "+text)
			}
			w.send(what, "GET", accessManagement+"/enduser/authorizedparties", "", "Authorization", "Bearer "+text)
		}
	}
	w.noNumbersLogged()
	is.server.CloseClientConnections()
}

// TestConcurrentCallers: 32 callers at once get the answers that one gets.
func TestConcurrentCallers(t *testing.T) {
	a, _ := recorded(t, demoNode(t))
	pool := &http.Transport{MaxIdleConnsPerHost: 32}
	a.http.Client().Transport = pool
	defer pool.CloseIdleConnections()
	type request struct{ method, path, body string }
	requests := []request{
		{"POST", evaluationPath, fmt.Sprintf(hostileAsked, kari)},
		{"POST", evaluationPath, fmt.Sprintf(hostileAsked, ola)},
		{"POST", evaluationsPath, `{"evaluations":[` + fmt.Sprintf(hostileAsked, kari) + `,` + fmt.Sprintf(hostileAsked, ola) + `,{}]}`},
		{"POST", evaluationPath, strings.Replace(fmt.Sprintf(hostileAsked, kari), `{"subject"`, `{"context":{"time":"2025-01-01T00:00:00Z"},"subject"`, 1)},
		{"POST", resourcePath, fmt.Sprintf(hostileAsked, kari)},
		{"POST", subjectPath, fmt.Sprintf(hostileAsked, kari)},
		{"POST", accessManagement + "/resourceowner/authorizedparties?includeAccessPackages=true", `{"type":"` + personURN + `","value":"` + kari + `"}`},
		{"POST", evaluationPath, `{"subject":`},
		{"GET", metadataPath, ""},
	}
	// What differs from one answer to the next is cut out: the id of an evaluation.
	ask := func(r request) (string, error) {
		resp, err := a.http.Client().Post(a.http.URL+r.path, "application/json", strings.NewReader(r.body))
		if r.method == "GET" {
			if err == nil {
				resp.Body.Close()
			}
			resp, err = a.http.Client().Get(a.http.URL + r.path)
		}
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		text := string(body)
		for {
			before, rest, found := strings.Cut(text, `,"evaluation_id":"`)
			if !found {
				return fmt.Sprint(resp.StatusCode, " ", text), err
			}
			_, after, _ := strings.Cut(rest, `"`)
			text = before + after
		}
	}
	want := make([]string, len(requests))
	for i, r := range requests {
		var err error
		if want[i], err = ask(r); err != nil {
			t.Fatal(err)
		}
	}
	if len(slices.Compact(slices.Sorted(slices.Values(want)))) < 6 {
		t.Fatalf("the answers hardly differ: %q", want)
	}
	const callers, each = 32, 2
	wrong := make(chan string, callers*each*len(requests))
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each * len(requests) {
				k := (i + c) % len(requests)
				got, err := ask(requests[k])
				if err != nil || got != want[k] {
					wrong <- fmt.Sprintf("%s: %v: %.200s, want %.200s", requests[k].path, err, got, want[k])
				}
			}
		})
	}
	wg.Wait()
	close(wrong)
	told := map[string]bool{}
	for w := range wrong {
		told[w] = true
	}
	for _, w := range slices.Sorted(maps.Keys(told)) {
		t.Error(w)
	}
}

// TestSlowClients: a client that sends the half of its body and waits, and one
// that does not read its answer, hold a request no longer than the timeouts of
// their connection, and nothing is left of them.
func TestSlowClients(t *testing.T) {
	s, err := New(demoNode(t), openConfig(), WithClock(func() time.Time { return testNow }))
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewUnstartedServer(s.Handler())
	web.Config.ReadTimeout = 200 * time.Millisecond
	web.Config.WriteTimeout = 500 * time.Millisecond
	closed := make(chan string, 16)
	web.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- c.RemoteAddr().String()
		}
	}
	web.Start()
	defer web.Close()
	for _, head := range []string{
		"POST " + evaluationPath + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"subject\"",
		"POST " + evaluationPath + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"sub",
		"POST " + accessManagement + "/resourceowner/authorizedparties HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
	} {
		conn, err := net.Dial("tcp", web.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, head); err != nil {
			t.Fatal(err)
		}
		// The far bound is for a busy machine; a server without bounds hangs.
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		told, err := io.ReadAll(conn)
		if err != nil {
			t.Errorf("the server waits on for a slow client: %v", err)
		}
		if !bytes.HasPrefix(told, []byte("HTTP/1.1 400 ")) || !bytes.Contains(told, []byte("did not arrive whole")) {
			t.Errorf("a slow client is told %.300s", told)
		}
		conn.Close()
	}
	conn, err := net.Dial("tcp", web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// It asks for far more than the connection buffers, and reads none of it.
	if _, err := io.WriteString(conn, strings.Repeat("GET "+accessManagement+"/meta/info/accesspackages/export HTTP/1.1\r\nHost: localhost\r\n\r\n", 200)); err != nil {
		t.Fatal(err)
	}
	for patience := time.After(20 * time.Second); ; {
		select {
		case who := <-closed:
			if who == conn.LocalAddr().String() {
				return
			}
		case <-patience:
			t.Fatal("the server waits on for a client that does not read")
		}
	}
}
