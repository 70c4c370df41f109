package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/world"
)

// fragment fetches the suggestions for a text, as htmx does.
func (s *site) fragment(text string, status int) string {
	s.t.Helper()
	request, err := http.NewRequest("GET", s.URL+"/search?"+encoded("q", text), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("HX-Request", "true")
	request.Header.Set("HX-Target", "suggestions")
	answer, err := s.client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.read(answer, "suggestions", status)
}

func encoded(pairs ...string) string {
	_, query, _ := strings.Cut(address("nb", "/search", pairs...), "?")
	return query
}

// lacks fails if a page's text has one of some words.
func lacks(t *testing.T, page string, words ...string) {
	t.Helper()
	read := shown(page)
	for _, w := range words {
		if strings.Contains(read, w) {
			t.Errorf("the page has %q:\n%s", w, read)
		}
	}
}

// leadsTo fetches a page and wants it to send the browser on.
func (s *site) leadsTo(path, to string) {
	s.t.Helper()
	answer, err := s.client.Get(s.URL + path)
	if err != nil {
		s.t.Fatal(err)
	}
	answer.Body.Close()
	if got := answer.Header.Get("Location"); got != to || answer.StatusCode != http.StatusSeeOther {
		s.t.Errorf("%s answers %d and leads to %q, want %q", path, answer.StatusCode, got, to)
	}
}

func TestSearch(t *testing.T) {
	s := demoSite(t)
	page := s.get("/search?q=berg", http.StatusOK)
	wants(t, page, "Søk etter «berg»", "Virksomheter", "Bergen AS 310 000 019 AS", "Personer", "Liv Berg født")
	lacks(t, page, "21887810084", "Oslo AS")
	wants(t, s.get("/search?q=trondheim", http.StatusOK), "Trondheim AS", "Virksomhetsbrukere", "hos Trondheim AS")
	wants(t, s.get("/search?q=fisketorget", http.StatusOK), "Fisketorget Utsalg", "underenhet av Bergen AS")
	wants(t, s.get("/search?q=havblikk", http.StatusOK), "Havblikk AS", "konkurs")
	wants(t, s.get("/search?q=bergn", http.StatusOK), "Ingen heter akkurat det. Dette ligner:", "Bergen AS")
	wants(t, s.get("/search?q=zzzz", http.StatusOK), "Ingen treff på «zzzz»", "ni siffer")
	wants(t, s.get("/search?q=31", http.StatusOK), "Bergen AS", "Oslo AS")
	wants(t, s.get("/nn/search?q=berg", http.StatusOK), "Verksemder", "Personar")
	wants(t, s.get("/en/search?q=berg", http.StatusOK), "Organisations", "Persons")
	page = s.get("/search?q=berg&kind=person", http.StatusOK)
	wants(t, page, "Liv Berg")
	lacks(t, page, "Bergen AS")
	wants(t, s.get("/search", http.StatusOK), "Navn eller organisasjonsnummer")
	wants(t, s.get("/search?q="+strings.Repeat("a", 201), http.StatusBadRequest), "for langt")

	s.leadsTo("/search?q=310000019", "/org/310000019")
	s.leadsTo("/search?q=310+000+019", "/org/310000019")
	s.leadsTo("/en/search?q=bergen+as", "/en/org/310000019")
	s.get("/search?q=bergen+as&all=1", http.StatusOK)
}

// TestSearchKeepsIdentityNumbersOut: an identity number that reaches the server all
// the same is taken out of the address, and the page says why.
func TestSearchKeepsIdentityNumbersOut(t *testing.T) {
	s := demoSite(t)
	for _, typed := range []string{"12817010065", "128170+10065", "Kari+12817010065"} {
		s.leadsTo("/search?q="+typed, "/search?withheld=1")
	}
	page := s.get("/search?withheld=1", http.StatusOK)
	wants(t, page, "hører ikke hjemme i en adresse")
	lacks(t, page, "Kari")
}

func TestSuggestions(t *testing.T) {
	s := demoSite(t)
	part := s.fragment("berg", http.StatusOK)
	wants(t, part, "Bergen AS 310 000 019", "Liv Berg", "Alle treff")
	if strings.Contains(part, "<html") || !strings.Contains(part, `href="/org/310000019"`) || !strings.Contains(part, `data-status="`) {
		t.Errorf("no fragment with links and a status:\n%s", part)
	}
	wants(t, s.fragment("310000019", http.StatusOK), "Bergen AS") // no page, and so sent nowhere
	wants(t, s.fragment("zzzz", http.StatusOK), "Ingen forslag")
	if part := strings.TrimSpace(s.fragment("", http.StatusOK)); part != "" {
		t.Errorf("nothing typed suggests %q", part)
	}
}

// TestSearchShowsPersonsToFew: where authentication is on, one signs in to search;
// persons and users are found by those who may look at them alone (rule PRIV-1).
func TestSearchShowsPersonsToFew(t *testing.T) {
	s := demoSite(t, func(o *Options) { o.Open = false })
	s.get("/search?q=berg", http.StatusForbidden)
	wants(t, s.get("/", http.StatusOK), "Logg inn for å søke")

	s.signIn("kari")
	wants(t, s.get("/search?q=nordmann&all=1", http.StatusOK), "Kari Nordmann")
	wants(t, s.get("/search?q=berg", http.StatusOK), "Bergen AS")
	lacks(t, s.get("/search?q=berg", http.StatusOK), "Liv Berg", "Personer")
	wants(t, s.get("/search?q=hansen", http.StatusOK), "Ingen treff", "kan handle for dem")
	lacks(t, s.fragment("hansen", http.StatusOK), "Ola Hansen")
	lacks(t, s.get("/search?q=berg&kind=person", http.StatusOK), "Liv Berg")
	wants(t, s.get("/search?q=trondheim", http.StatusOK), "trondheim-integrasjon") // of an organisation that she leads
	lacks(t, s.get("/search?q=grete&kind=person", http.StatusOK), "Grete Nes")
}

// TestSearchWhileIndexing: a page says how much of the register could be found.
func TestSearchWhileIndexing(t *testing.T) {
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	n, err := node.Open(t.Context(), node.Options{Data: dir, KeyFile: dir + "/key", CreateKey: true, Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if _, err := n.Do(t.Context(), demoTime, "test", func(*index.Snapshot) ([]fullmakt.Change, error) {
		return []fullmakt.Change{fullmakt.Party{No: 1, ID: fullmakt.OrganisationID(310000019), Name: "Bergen AS"}, fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceCCR}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	s := demoSite(t, func(o *Options) { o.Node = n })
	wants(t, s.get("/search?q=bergen", http.StatusOK), "gjøres klare for søk: 0 %", "Ingen treff")
	wants(t, s.fragment("bergen", http.StatusOK), "gjøres klare for søk: 0 %")
	s.leadsTo("/search?q=310000019", "/org/310000019")
	if err := n.FillNames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	page := s.get("/search?q=bergen", http.StatusOK)
	wants(t, page, "Bergen AS")
	lacks(t, page, "klare for søk")
}

// TestSearchWithManyHits: a page of all kinds has the first of each and leads to
// more, which end where a longer text is better.
func TestSearchWithManyHits(t *testing.T) {
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	number := fullmakt.OrgNumber(310000019)
	for i := range 120 {
		fmt.Fprintf(&lines, "organisation %s AS \"Bergen %03d AS\"\n", number, i)
		number = fullmakt.NextOrgNumber(uint32(number)/10 + 1)
	}
	w, err := world.Parse("many", []byte("-- register --\n"+lines.String()), cat)
	if err != nil {
		t.Fatal(err)
	}
	s := worldSite(t, w, cat)
	page := s.get("/search?q=bergen", http.StatusOK)
	wants(t, page, "Bergen 000 AS", "Bergen 014 AS", "Vis flere virksomheter")
	lacks(t, page, "Bergen 015 AS", "beste treffene")
	page = s.get("/search?q=bergen&kind=organisation", http.StatusOK)
	wants(t, page, "Bergen 099 AS", "De 100 beste treffene")
	lacks(t, page, "Bergen 100 AS", "Vis flere")
	if n := strings.Count(s.fragment("bergen", http.StatusOK), "/org/"); n != suggestionsAll {
		t.Errorf("%d suggestions, want %d", n, suggestionsAll)
	}
}

// TestSearchWithHostileNames: names that hold HTML, quotes or marks of writing
// direction are text and nothing else, also where they are searched for.
func TestSearchWithHostileNames(t *testing.T) {
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Parse("hostile", []byte("-- register --\n"+
		`organisation 310000019 AS "Bergen <script>alert(1)</script> AS"`+"\n"+
		`organisation 310000027 AS "Bergen \" onmouseover=alert(1) x=\""`+"\n"+
		`organisation 310000035 AS "Bergen `+strings.Repeat("lang", 60)+`"`+"\n"), cat)
	if err != nil {
		t.Fatal(err)
	}
	s := worldSite(t, w, cat)
	for _, page := range []string{s.get("/search?q=bergen", http.StatusOK), s.fragment("bergen", http.StatusOK), s.get("/search?"+encoded("q", `"><script>alert(1)</script>`), http.StatusOK)} {
		if strings.Contains(page, "<script>alert") || strings.Contains(page, `" onmouseover`) {
			t.Errorf("a name is more than text:\n%s", page)
		}
	}
}

// TestSearchByKeyboard: the focus is in the field on the front page; suggestions
// come while typing, arrows go through them, escape closes them, enter opens one.
func TestSearchByKeyboard(t *testing.T) {
	s := demoSite(t)
	ctx := browser(t)
	do(t, ctx, viewport(1280, 800, "light"), chromedp.Navigate(s.URL+"/"))
	focus := func(want string) {
		t.Helper()
		if got := evaluate[string](t, ctx, `document.activeElement.id || document.activeElement.textContent.trim().split(/\s{2,}|\n/)[0]`); !strings.HasPrefix(got, want) {
			t.Errorf("the focus is on %q, want %q", got, want)
		}
	}
	keys := func(keys string) { t.Helper(); do(t, ctx, chromedp.KeyEvent(keys)) }
	const suggested = `document.querySelectorAll("#suggestions a").length`
	focus("q")
	keys("Berg")
	do(t, ctx, chromedp.WaitVisible("#suggestions a"))
	if got := evaluate[string](t, ctx, `document.getElementById("status").textContent`); !strings.Contains(got, "forslag") {
		t.Errorf("those who hear the page are told %q", got)
	}
	screenshot(t, ctx, "suggestions-light-1280")
	keys(kb.ArrowDown)
	focus("Bergen AS")
	keys(kb.ArrowDown)
	focus("Liv Berg")
	keys(kb.ArrowUp + kb.ArrowUp)
	focus("q")
	keys(kb.Escape)
	if n := evaluate[int](t, ctx, suggested); n != 0 {
		t.Errorf("after escape there are %d suggestions", n)
	}
	keys("en")
	do(t, ctx, chromedp.WaitVisible("#suggestions a"))
	keys(kb.ArrowDown + kb.Enter)
	do(t, ctx, chromedp.WaitVisible("h1"))
	if got := evaluate[string](t, ctx, `location.pathname`); got != "/org/310000019" {
		t.Errorf("enter leads to %s, want the page of Bergen AS", got)
	}

	// An identity number is not sent, neither for suggestions nor as a search.
	do(t, ctx, chromedp.Navigate(s.URL+"/"))
	keys("Kari 128170 10065" + kb.Enter)
	if evaluate[bool](t, ctx, `document.getElementById("q").validity.valid`) {
		t.Error("a field with an identity number in it is valid")
	}
	if got := evaluate[string](t, ctx, `location.href + " " + performance.getEntriesByType("resource").map(r => r.name).filter(n => n.includes("10065") || n.includes("12817")).join(" ")`); got != s.URL+"/ " {
		t.Errorf("an identity number leads to %s", got)
	}

	// At the width of a telephone and in the dark.
	do(t, ctx, viewport(320, 800, "dark"), chromedp.Navigate(s.URL+"/"))
	keys("31")
	do(t, ctx, chromedp.WaitVisible("#suggestions a"))
	if evaluate[bool](t, ctx, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("at 320 pixels the suggestions are wider than the window")
	}
	screenshot(t, ctx, "suggestions-dark-320")
}
