package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/world"
)

// closed turns authentication on.
func closed(o *Options) { o.Open = false }

// filled puts the parties of the demo into the places of a pattern: Bergen AS, and
// Kari as a party by number.
func (s *site) filled(pattern string) string {
	s.t.Helper()
	kari, err := s.node.Find(context.Background(), "kari")
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.NewReplacer("{number}", "310000019", "{no}", fmt.Sprint(kari.No), "{$}", "", "{id}", "1", "{code}", "DAGL", "{n}", "1").Replace(pattern)
}

// TestEveryRouteForEveryVisitor walks all pages and forms, also those that are
// written later, as visitors who may not see Bergen AS and Kari, and as those who may.
func TestEveryRouteForEveryVisitor(t *testing.T) {
	s, _ := foeSite(t, closed)
	// Trygve has to do with Vikdal kommune alone.
	visitors := []string{"", "trygve", aCaseWorker, anOperator, "kari"}
	for _, visitor := range visitors {
		for _, rt := range routes() {
			paths := []string{s.filled(rt.pattern)}
			for _, e := range examples[rt.pattern] {
				paths = append(paths, e.path)
			}
			for _, path := range paths {
				one := s.enter(visitor)
				var answer *http.Response
				var page string
				if rt.method == http.MethodPost {
					form := url.Values{"to": {"kari"}, "package": {"urn:altinn:accesspackage:skatt-naering"}}
					if one != nil {
						form.Set("csrf", one.csrf)
					}
					answer, page = s.step("POST", path, form)
				} else {
					answer, page = s.step("GET", path, nil)
				}
				who := fmt.Sprintf("%q at %s %s", visitor, rt.method, path)
				if answer.StatusCode >= http.StatusInternalServerError {
					t.Errorf("%s: status %d", who, answer.StatusCode)
				}
				status, leads := answer.StatusCode, answer.Header.Get("Location")
				// Anybody may ask Bergen AS for authority; that page tells no more than its name.
				aboutBergen := strings.HasPrefix(rt.pattern, "/org/{number}") && rt.pattern != "/org/{number}/requests/new" || strings.HasPrefix(rt.pattern, "/party/{no}")
				switch {
				case visitor == "kari":
					if (path == "/org/310000019" || path == s.filled("/party/{no}")) && status != http.StatusOK {
						t.Errorf("%s: who may act for both is kept out", who)
					}
					continue
				case visitor == anOperator && strings.HasPrefix(rt.pattern, "/operations"): // sees what was asked
				case strings.Contains(page, "Kari Nordmann"):
					t.Errorf("%s: the page tells of Kari", who)
				}
				switch {
				case rt.free:
				case visitor == "" && rt.method == http.MethodGet:
					if status != http.StatusSeeOther || !strings.HasPrefix(leads, "/sign-in?to=") {
						t.Errorf("%s: status %d to %q, want the sign-in", who, status, leads)
					}
				case visitor == "":
					if status != http.StatusForbidden {
						t.Errorf("%s: status %d", who, status)
					}
				case visitor == aCaseWorker && aboutBergen && !rt.signedIn && status == http.StatusSeeOther:
					if !strings.HasPrefix(leads, "/purpose?to=") {
						t.Errorf("%s: led to %q", who, leads)
					}
				case aboutBergen, strings.HasPrefix(rt.pattern, "/operations") && visitor != anOperator:
					if status < http.StatusBadRequest {
						t.Errorf("%s: status %d", who, status)
					}
				}
			}
		}
	}
}

// enter makes the client somebody new, as signIn names them; "" for nobody.
func (s *site) enter(visitor string) *session {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.client.Jar = jar
	if visitor == "" {
		return nil
	}
	return s.signIn(visitor)
}

// TestMayLook tells who may look at whom.
func TestMayLook(t *testing.T) {
	s, _ := foeSite(t, closed)
	find := func(name string) fullmakt.PartyNo {
		if name == "" {
			return 0
		}
		p, err := s.node.Find(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		return p.No
	}
	for _, tt := range []struct {
		visitor, party string
		want           bool
	}{
		{"", "310000019", false}, {"", "kari", false},
		{"kari", "kari", true}, {"kari", "310000027", true}, {"kari", "310000019", true}, // by one hop
		{"kari", "ola", false}, {"kari", "310000035", false},
		{"ola", "310000035", true}, {"ola", "310000027", true}, {"ola", "310000019", false}, // two hops
		{"ola", "kari", false},
		{"kari", "trondheim-integrasjon", true}, {"trygve", "trondheim-integrasjon", false}, // an enterprise user of Trondheim AS
		{anOperator, "310000019", false}, {aCaseWorker, "310000019", false}, {aCaseWorker + " with a purpose", "310000019", true}, {aCaseWorker + " with a purpose", "kari", true},
	} {
		v := &view{Server: s.pages, now: demoTime, snap: s.node.Current()}
		name, purposed := strings.CutSuffix(tt.visitor, " with a purpose")
		if v.session = s.enter(name); purposed {
			v.session.state(purpose{"sak 1", demoTime.Add(time.Hour)})
		}
		if got := v.mayLook(find(tt.party)); got != tt.want {
			t.Errorf("%q at %s: %t", tt.visitor, tt.party, got)
		}
		v.Server = &Server{Options: Options{Open: true}}
		if !v.mayLook(find(tt.party)) {
			t.Errorf("with authentication off %q may not look at %s", tt.visitor, tt.party)
		}
	}
}

// TestPurpose asks a case worker why before it sees others, and writes it into every
// look-up, whatever the level of the log.
func TestPurpose(t *testing.T) {
	dir := t.TempDir()
	lookups, err := audit.Open(dir, audit.Options{Level: audit.LevelOff}, demoTime)
	if err != nil {
		t.Fatal(err)
	}
	s, f := foeSite(t, closed, func(o *Options) { o.Lookups = lookups })
	one := s.enter(aCaseWorker)
	answer, _ := s.step("GET", "/org/310000019?role=DAGL", nil)
	if got, want := answer.Header.Get("Location"), "/purpose?to=%2Forg%2F310000019%3Frole%3DDAGL"; got != want {
		t.Fatalf("led to %q, want %q", got, want)
	}
	page := s.get(answer.Header.Get("Location"), http.StatusOK)
	fields := hiddenFields(t, page[strings.Index(page, "<main"):])
	for given, says := range map[string]string{"": "minst fem tegn", "sak": "minst fem tegn", strings.Repeat("sak ", 60): "for langt", "om 12817010065": "fødselsnummer", "om 128170 10065": "fødselsnummer"} {
		_, page := s.post(one, "/purpose", url.Values{"to": fields["to"], "purpose": {given}}, http.StatusUnprocessableEntity)
		if wants(t, page, says); strings.Contains(page, "10065") {
			t.Error("the number is repeated")
		}
	}
	answer, _ = s.post(one, "/purpose", url.Values{"to": fields["to"], "purpose": {" sak  2026/17 "}}, http.StatusSeeOther)
	if got := answer.Header.Get("Location"); got != "/org/310000019?role=DAGL" {
		t.Fatalf("the form leads to %q", got)
	}
	wants(t, s.get("/org/310000019?role=DAGL", http.StatusOK), "Bergen AS", "Formål: sak 2026/17 (til 2026-03-03 14:00)")
	f.now = f.now.Add(29 * time.Minute)
	s.get("/", http.StatusOK)
	f.now = f.now.Add(29 * time.Minute)
	s.get("/org/310000019", http.StatusOK)
	f.now = f.now.Add(3 * time.Minute)
	if answer, _ := s.step("GET", "/org/310000019", nil); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("after an hour: %d", answer.StatusCode)
	}
	s.post(one, "/purpose", url.Values{"to": {"//elsewhere.example"}, "purpose": {"sak 2026/18"}}, http.StatusSeeOther)
	if answer, _ := s.post(one, "/purpose", url.Values{"end": {"on"}}, http.StatusSeeOther); answer.Header.Get("Location") != "/me" {
		t.Errorf("ending leads to %q", answer.Header.Get("Location"))
	}
	if answer, _ := s.step("GET", "/org/310000019", nil); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("after the end: %d", answer.StatusCode)
	}
	if err := lookups.Close(); err != nil {
		t.Fatal(err)
	}
	var entries []string
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if strings.Contains(line, `"operation":"org/{number}"`) {
				entries = append(entries, line)
			}
		}
	}
	if len(entries) != 2 || slices.ContainsFunc(entries, func(e string) bool { return !strings.Contains(e, `"purpose":"sak 2026/17"`) }) {
		t.Errorf("%d look-ups are recorded: %s", len(entries), entries)
	}
	kari := s.enter("kari")
	s.post(kari, "/purpose", url.Values{"purpose": {"sak 2026/17"}}, http.StatusForbidden)
	s.get("/purpose", http.StatusForbidden)
}

// TestNothingUnrecordedForCaseWorkers closes others' pages where there is no log.
func TestNothingUnrecordedForCaseWorkers(t *testing.T) {
	s, _ := foeSite(t, closed, func(o *Options) { o.Lookups = nil })
	one := s.enter(aCaseWorker)
	s.post(one, "/purpose", url.Values{"purpose": {"sak 2026/17"}}, http.StatusServiceUnavailable)
	s.get("/purpose", http.StatusServiceUnavailable)
}

// TestForgedForms are refused, and change nothing.
func TestForgedForms(t *testing.T) {
	s, _ := foeSite(t, closed)
	one := s.enter("kari")
	send := func(form url.Values, header ...string) int {
		t.Helper()
		request, err := http.NewRequest("POST", s.URL+"/sign-out", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i+1 < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		answer, err := s.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	good := url.Values{"csrf": {one.csrf}}
	for name, got := range map[string]int{
		"without a token":     send(nil),
		"with another token":  send(url.Values{"csrf": {"x"}}),
		"token in the query":  func() int { a, _ := s.step("POST", "/sign-out?csrf="+one.csrf, url.Values{}); return a.StatusCode }(),
		"from another site":   send(good, "Sec-Fetch-Site", "cross-site"),
		"from a sister site":  send(good, "Sec-Fetch-Site", "same-site"),
		"from another origin": send(good, "Origin", "https://elsewhere.example"),
	} {
		if got != http.StatusForbidden {
			t.Errorf("%s: status %d", name, got)
		}
	}
	if got := send(url.Values{"csrf": {one.csrf}, "x": {strings.Repeat("x", mostForm)}}); got != http.StatusBadRequest {
		t.Errorf("a huge form: status %d", got)
	}
	s.get("/me", http.StatusOK)
	stale := one.csrf
	two := s.enter("kari")
	if got := send(url.Values{"csrf": {stale}}); got != http.StatusForbidden {
		t.Errorf("a form of an earlier session: status %d", got)
	}
	if got := send(url.Values{"csrf": {two.csrf}}, "Sec-Fetch-Site", "same-origin"); got != http.StatusSeeOther {
		t.Errorf("a good form: status %d", got)
	}
}

// TestSessionsEndWithThePerson signs in somebody who dies.
func TestSessionsEndWithThePerson(t *testing.T) {
	s, _ := foeSite(t, closed)
	s.enter("kari")
	s.get("/me", http.StatusOK)
	kari, err := s.node.Find(context.Background(), "kari")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.node.Do(context.Background(), demoTime, "she dies", func(*index.Snapshot) ([]fullmakt.Change, error) {
		return []fullmakt.Change{fullmakt.Person{Party: kari.No, Dead: true}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if answer, _ := s.step("GET", "/me", nil); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("the session of somebody who died: %d", answer.StatusCode)
	}
}

// TestLocalPath goes on to paths of ours alone.
func TestLocalPath(t *testing.T) {
	for to, want := range map[string]string{
		"/org/310000019?role=DAGL#x": "/org/310000019?role=DAGL#x", "/en/": "/en/", "": "/", "org": "/", "//elsewhere.example": "/", "///elsewhere.example": "/",
		`/\elsewhere.example`: "/", "https://elsewhere.example": "/", "javascript:alert(1)": "/", "/x\r\nSet-Cookie: a=b": "/", "/\t/elsewhere.example": "/", "/%zz": "/",
		"/" + strings.Repeat("x", longestPath): "/",
	} {
		if got := localPath(to); got != want {
			t.Errorf("%q: got %q, want %q", to, got, want)
		}
	}
}

// TestOthersByTheirNumbers asks about Kari in every way that takes a party's number,
// as somebody who has nothing to do with her.
func TestOthersByTheirNumbers(t *testing.T) {
	s, _ := foeSite(t, closed)
	s.enter("trygve")
	kari, err := s.node.Find(context.Background(), "kari")
	if err != nil {
		t.Fatal(err)
	}
	ref := fmt.Sprint("p", kari.No)
	for _, path := range []string{
		"/check?subject=" + ref + "&for=310000159", "/check?subject=310000159&for=" + ref, "/check?subject=" + ref + "&for=310000019", "/check?subject=" + ref,
		"/check?subject=" + ref + "&for=310000159&package=skatt-naering", "/search?q=kari", "/search?q=kari+nordmann", "/org/310000159?via=" + ref, "/org/310000159/holds?q=kari",
		fmt.Sprint("/party/", kari.No), fmt.Sprint("/org/310000159/users/", kari.No), fmt.Sprint("/org/310000159/agents/", kari.No), fmt.Sprint("/me?as=", ref), fmt.Sprint("/me?person=", kari.No),
	} {
		for _, lang := range []string{"", "/en"} {
			answer, page := s.step("GET", lang+path, nil)
			if strings.Contains(page, "Kari") && !strings.Contains(path, "kari") || strings.Contains(page, "Nordmann") && !strings.Contains(path, "nordmann") || strings.Contains(page, "12.01.70") {
				t.Errorf("%s tells of Kari: status %d\n%s", path, answer.StatusCode, shown(page))
			}
		}
	}
}

// TestBusinessOnly applies rule PRIV-1 to persons who may be real.
func TestBusinessOnly(t *testing.T) {
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Parse("real", []byte(`
-- register --
organisation 310000019 BRL "Bergen Borettslag"
person 12817010065 "Kari Nordmann"
person born 1985-11-03 "Ola Hansen"
role DAGL at "Bergen Borettslag" holder kari
role LEDE at "Bergen Borettslag" holder ola
`), cat)
	if err != nil {
		t.Fatal(err)
	}
	s := worldSite(t, w, cat, closed, func(o *Options) { o.Purposes = []string{"Tilsyn"} })
	v := &view{Server: s.pages, now: demoTime, snap: s.node.Current()}
	find := func(name string) fullmakt.PartyNo {
		p, err := s.node.Find(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		return p.No
	}
	ola, kari := find("ola"), find("kari")
	for _, tt := range []struct {
		visitor, purpose string
		party            fullmakt.PartyNo
		want             bool
	}{
		{aCaseWorker, "sak 1", ola, true}, {aCaseWorker, "tilsyn", ola, false}, {aCaseWorker, "", ola, true}, {"kari", "", ola, true}, {"", "", ola, true},
		{"ola", "", ola, false}, {aCaseWorker, "sak 1", kari, false}, {aCaseWorker, "sak 1", find("310000019"), false},
	} {
		if v.session = s.enter(tt.visitor); v.session != nil && tt.purpose != "" {
			v.session.state(purpose{tt.purpose, demoTime.Add(time.Hour)})
		}
		if got := v.businessOnly(tt.party); got != tt.want {
			t.Errorf("%q with purpose %q: %t", tt.visitor, tt.purpose, got)
		}
	}
}
