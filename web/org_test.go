package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// TestOrganisationTellsTheSeedsExamples reads the first example of the rules off
// the page: Kari may act through Trondheim AS, the enterprise user likewise, and
// Ola is stopped.
func TestOrganisationTellsTheSeedsExamples(t *testing.T) {
	s := demoSite(t)
	wants(t, s.get("/org/310000019", http.StatusOK),
		"Bergen AS AS Aksjeselskap 310 000 019", "Hvem kan handle på vegne av Bergen AS?",
		"Kari Nordmann født 12.01.70", "daglig leder → Trondheim AS daglig leder → Bergen AS",
		"Ola Hansen", "mer enn ett ledd NEST-3",
	)
}

// TestOrganisationFilters narrows the list by package, role, rule and the party in
// between, and says what cannot be understood.
func TestOrganisationFilters(t *testing.T) {
	s := demoSite(t)
	for path, want := range map[string]string{
		"?rule=DIRECT":                     "virksomheten: 1 Hvem",
		"?rule=nest":                       "virksomheten: 3 Hvem",
		"?rule=CLIENT":                     "Ingen kan handle på vegne av Bergen AS på denne måten.",
		"?via=310000027":                   "virksomheten: 3 Hvem",
		"?role=DAGL":                       "virksomheten: 4 Hvem",
		"?package=maskinlesbare-hendelser": "Kari Nordmann født 12.01.70 ✔ ja ✔ ja",
		"?package=regnskapsforer-lonn":     "Ingen kan handle på vegne av Bergen AS på denne måten.",
		"?package=urn:altinn:accesspackage:delegerbare-maskinporten-scopes": "Delegerbare Maskinporten scopes",
	} {
		wants(t, s.get("/org/310000019"+path, http.StatusOK), want)
	}
	if page := s.get("/org/310000019?refused=off", http.StatusOK); strings.Contains(page, "Ola Hansen") {
		t.Error("those who are stopped are shown though they are to be hidden")
	}
	for path, status := range map[string]int{
		"/org/310000019?package=tull": http.StatusBadRequest, "/org/310000019?role=tull": http.StatusBadRequest, "/org/310000019?rule=tull": http.StatusBadRequest,
		"/org/310000019?via=123": http.StatusNotFound, "/org/123": http.StatusNotFound, "/org/310000019/history?after=tull": http.StatusBadRequest,
	} {
		s.get(path, status)
	}
	wants(t, s.get("/org/310000051?package=delegerbare-maskinporten-scopes-NUF", http.StatusOK), "Liv Berg", "kontaktperson NUF, avledet")
}

// TestOrganisationHolds reads whom the accountant may act for, and searches there.
func TestOrganisationHolds(t *testing.T) {
	s := demoSite(t)
	all := s.get("/org/310000078/holds", http.StatusOK)
	wants(t, all, "Hvem kan Regnskap AS handle på vegne av?", "regnskapsfører (3)", "Fjellheim AS", "Havblikk AS", "Blomster Nina", "Nina Dahl", "handle på vegne av: 4")
	for asked, want := range map[string]string{"fjell": "på vegne av: 1", "310000116": "Havblikk AS", "310 000 116": "Havblikk AS", "nina": "på vegne av: 2", "xyz": "Ingen av de 4"} {
		wants(t, s.get("/org/310000078/holds?"+url.Values{"q": {asked}}.Encode(), http.StatusOK), want)
	}
	wants(t, s.get("/org/310000019/units", http.StatusOK), "Fisketorget Utsalg", "Underenheter: 1")
	if page := s.get("/org/310000027", http.StatusOK); strings.Contains(page, "/units") {
		t.Error("an organisation without sub-units has a link to them")
	}
}

// TestOrganisationHistory lets a role end and begin, and reads that off the timeline.
func TestOrganisationHistory(t *testing.T) {
	s := demoSite(t)
	wants(t, s.get("/org/310000027/history", http.StatusOK), "Historikk finnes fra", "Kari Nordmann sto som daglig leder i Trondheim AS.",
		"Trondheim AS ga trondheim-rapport fullmakt: Maskinlesbare hendelser.", "Kari Nordmann hadde fullmakt: å bruke 133 pakker; å gi videre 134 pakker.")
	_, err := s.node.Do(t.Context(), demoTime, "test", func(snap *index.Snapshot) ([]fullmakt.Change, error) {
		party := func(n fullmakt.OrgNumber) fullmakt.PartyNo { return snap.Organisation(n) }
		return []fullmakt.Change{fullmakt.Organisation{
			Party: party(310000027), Form: "AS", State: fullmakt.Bankrupt, Source: fullmakt.SourceWorld,
			Roles: []fullmakt.Role{{Code: "DAGL", Holder: party(310000035)}},
		}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, s.get("/org/310000027/history", http.StatusOK), "Trondheim AS står i registeret som Aksjeselskap, konkurs.",
		"Kari Nordmann er ikke lenger daglig leder i Trondheim AS.", "Kari Nordmann mistet fullmakt: å bruke 133 pakker; å gi videre 134 pakker.")
}

func TestOrganisationInABrowser(t *testing.T) {
	s := demoSite(t)
	ctx := browser(t)
	for name, path := range map[string]string{
		"bergen": "/org/310000019", "sub-unit": "/org/310000086", "iks": "/org/310000132", "bankrupt": "/org/310000116",
		"package": "/org/310000051?package=delegerbare-maskinporten-scopes-NUF", "holds": "/org/310000078/holds",
		"units": "/org/310000019/units", "history": "/org/310000027/history",
	} {
		looksRight(t, ctx, "org-"+name, s.URL+path)
	}
}

// TestOrganisationWithMany draws one, sixty, sixty-one, five hundred and more who
// may act, one by one, in groups or in sum, and the table has them all on its pages.
func TestOrganisationWithMany(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes large registers")
	}
	for _, c := range []struct {
		persons, each int
		nodes         int // in the drawing, besides the object
		wants         string
	}{
		{0, 1, 0, "Ingen kan handle på vegne av Stor AS"},
		{58, 29, 60, "virksomheten: 60"}, // with the two between
		{59, 30, 4, "29 personer"},       // two groups and the two between
		{498, 249, 4, "249 personer"},
		{500, 100, 10, "100 personer"},
		{13_000, 500, 25, "til i 15 grupper"},
	} {
		t.Run(fmt.Sprint(c.persons), func(t *testing.T) {
			s := siteOf(t, fanOut(c.persons, c.each))
			path := "/org/" + orgNumber(0).String()
			page := s.get(path, http.StatusOK)
			wants(t, page, c.wants)
			if c.persons == 0 {
				return
			}
			links := 0
			for _, e := range wellFormed(t, s.get(path+"/graph.svg", http.StatusOK)) {
				if e.Name.Local == "a" {
					links++
				}
			}
			if links != c.nodes+1 {
				t.Errorf("%d nodes are links, want %d and the object", links, c.nodes)
			}
			last := s.get(path+"?page=9999", http.StatusOK)
			wants(t, last, fmt.Sprintf("Person %05d", c.persons-1))
			if len(page) > 400_000 {
				t.Errorf("the page weighs %d bytes", len(page))
			}
		})
	}
}

// TestHostileNames opens the pages of organisations whose names would like to be
// HTML, scripts, format strings and turned text: nothing of it takes effect in any
// format.
func TestHostileNames(t *testing.T) {
	hostile := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'); DROP TABLE--`, `]]>--><!--`, `n0["x"]; click n0 "javascript:alert(1)"`,
		`" -> evil [URL="javascript:alert(1)"]; "`, `{{.}} %s %d \N \l`, "a\u202Eb\u2066c\u200Fd", strings.Repeat("Lang", 50), "end\n  n9[x]", `&lt;b&gt; &#106;`,
	}
	var register strings.Builder
	fmt.Fprintf(&register, "organisation %s AS %q\n", orgNumber(0), "Mål AS")
	for i, name := range hostile {
		name = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(name)
		fmt.Fprintf(&register, "organisation %s AS \"%s\"\nrole DAGL at %s holder %[1]s\n", orgNumber(i+1), name, orgNumber(0))
	}
	s := siteOf(t, register.String())
	path := "/org/" + orgNumber(0).String()
	page := s.get(path, http.StatusOK)
	for _, bad := range []string{"<script>alert", "<img", "\u202E", "\u2066", "\u200F", `href="javascript:`} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q in it", bad)
		}
	}
	wants(t, page, `<script>alert(1)</script>`, "abcd")
	for _, e := range wellFormed(t, s.get(path+"/graph.svg", http.StatusOK)) {
		switch e.Name.Local {
		case "svg", "title", "desc", "rect", "defs", "marker", "path", "text", "a", "g":
		default:
			t.Errorf("the drawing has an element %q", e.Name.Local)
		}
		for _, a := range e.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && !strings.HasPrefix(a.Value, "/") {
				t.Errorf("the drawing has %s=%q", a.Name.Local, a.Value)
			}
		}
	}
	statement := regexp.MustCompile(`^(---|title: "[^"]*"|flowchart LR|  n\d+\["[^"\[\]<>&]*(<br>[^"\[\]<>&]*)*"\]:::\w+|  n\d+ (-->|-\.->)\|"[^"|<>&]*"\| n\d+|  classDef .*)$`)
	for line := range strings.Lines(s.get(path+"/graph.mmd", http.StatusOK)) {
		if !statement.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("Mermaid: %s", line)
		}
	}
	text := `"(?:[^"\\]|\\.)*"`
	statement = regexp.MustCompile(`^(digraph fullmakt \{|  (label=` + text + `|rankdir=LR|node \[.*\]);|  n\d+ \[label=` + text + `(, (style="rounded,dashed"|penwidth=3))?\];|  n\d+ -> n\d+ \[label=` + text + `(, style=dashed)?\];|\})$`)
	for line := range strings.Lines(s.get(path+"/graph.dot", http.StatusOK)) {
		if !statement.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("DOT: %s", line)
		}
	}
	for i := range hostile {
		for _, part := range []string{"", "/holds", "/history"} {
			s.get("/org/"+orgNumber(i+1).String()+part, http.StatusOK)
		}
	}
}

// TestDrawingAsked sends the drawing to who asks the page's address for it.
func TestDrawingAsked(t *testing.T) {
	s := demoSite(t)
	for kind, want := range map[string]string{"image/svg+xml": "<svg ", "text/vnd.mermaid": "flowchart LR", "text/vnd.graphviz": "digraph ", "text/html,application/xhtml+xml,image/svg+xml": "<!DOCTYPE html>"} {
		request, err := http.NewRequest("GET", s.URL+"/org/310000019", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", kind)
		answer, err := s.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if body := s.read(answer, kind, http.StatusOK); !strings.Contains(body, want) || !strings.Contains(body, "Ola Hansen") {
			t.Errorf("%s: %.200s", kind, body)
		}
	}
}

// TestFiltersSwapThePage narrows the list in a browser with scripts: only the result
// changes, the address follows, and what is found is said.
func TestFiltersSwapThePage(t *testing.T) {
	s := demoSite(t)
	ctx := browser(t)
	do(t, ctx, viewport(1280, 800, "light"), chromedp.Navigate(s.URL+"/org/310000019"))
	evaluate[any](t, ctx, `window.same = true; document.getElementById("rule").value = "NEST"; document.querySelector(".filter button").click(); null`)
	do(t, ctx, chromedp.WaitVisible(`.narrowed`))
	if !evaluate[bool](t, ctx, `window.same === true && location.search.includes("rule=NEST")`) {
		t.Error("the whole page was loaded, or the address does not follow")
	}
	if got := evaluate[string](t, ctx, `document.querySelector("#list caption").textContent + "|" + document.getElementById("status").textContent`); got != "Kan handle på vegne av virksomheten: 3|3 treff" {
		t.Errorf("after the swap: %q", got)
	}
	if n := evaluate[int](t, ctx, `document.querySelectorAll("svg.graph a").length`); n != 8 {
		t.Errorf("%d nodes of the drawing are links, want 8", n)
	}
}

func TestSortKey(t *testing.T) {
	want := []string{"Alf AS", "andré AS", "ANDREA AS", "Zoo AS", "Ærlig AS", "ØRE AS", "Østby AS", "Å AS"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b string) int { return strings.Compare(sortKey(a), sortKey(b)) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestManyInABrowser looks at the drawings in groups and in sum.
func TestManyInABrowser(t *testing.T) {
	ctx := browser(t)
	for _, c := range []struct{ persons, each int }{{58, 20}, {130, 9}, {1200, 37}} {
		s := siteOf(t, fanOut(c.persons, c.each))
		looksRight(t, ctx, fmt.Sprintf("org-many-%d", c.persons), s.URL+"/org/"+orgNumber(0).String())
	}
}
