package web

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/world"
	"golang.org/x/net/html"
)

func init() {
	maps.Copy(examples, map[string][]example{
		"/catalogue":                {{path: "/catalogue"}, {path: "/catalogue?q=tilgangsgruppe+skatt"}, {path: "/catalogue?q=xyzzy"}},
		"/catalogue/list":           {{path: "/catalogue/list"}},
		"/catalogue/area/{id}":      {{path: "/catalogue/area/integrasjoner"}, {path: "/catalogue/area/fullmakter_for_forretningsforer"}},
		"/catalogue/package/{code}": {{path: "/catalogue/package/delegerbare-maskinporten-scopes"}, {path: "/catalogue/package/maskinporten-scopes-nuf"}},
		"/catalogue/roles":          {{path: "/catalogue/roles"}},
		"/catalogue/role/{code}":    {{path: "/catalogue/role/KNUF"}, {path: "/catalogue/role/ECKEYROLE"}},
		"/catalogue/compare":        {{path: "/catalogue/compare?from=2026-01-01&to=2026-11-01"}},
		"/catalogue/services":       {{path: "/catalogue/services"}},
		"/catalogue/service/{id}":   {{path: "/catalogue/service/demo-skattemelding"}, {path: "/catalogue/service/demo-tilskudd"}},
	})
}

// tables returns the cells of every table of a page, row by row, as a person reads
// them.
func tables(t *testing.T, page string) (all [][][]string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			switch n.Data {
			case "table":
				all = append(all, nil)
			case "tr":
				all[len(all)-1] = append(all[len(all)-1], nil)
			case "td", "th":
				var cell strings.Builder
				if err := html.Render(&cell, n); err != nil {
					t.Fatal(err)
				}
				rows := all[len(all)-1]
				rows[len(rows)-1] = append(rows[len(rows)-1], strings.ReplaceAll(shown(cell.String()), " ,", ","))
				return
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return all
}

// The area Integrasjoner has the two tables of Altinn's page about it: the same
// rows, columns and facts.
func TestIntegrasjonerAsAltinnHasIt(t *testing.T) {
	s := demoSite(t)
	page := s.get("/catalogue/area/integrasjoner", http.StatusOK)
	const keys = "Daglig leder, Styrets leder, Innehaver, Deltaker fullt ansvar, Deltaker delt ansvar, Komplementar, Bestyrende reder, Bostyrer"
	want := [][][]string{
		{{"Tilgangspakker i kategorien"}, {"Delegerbare Maskinporten scopes"}, {"Delegerbare Maskinporten scopes - NUF"}, {"Maskinlesbare hendelser"}},
		{
			{"Tilgangspakke", "Enhetsregisterroller", "Delegerbar"},
			{"Delegerbare Maskinporten scopes", keys, "✔ Ja"},
			{"Delegerbare Maskinporten scopes - NUF", "Kontaktperson NUF", "✔ Ja"},
			{"Maskinlesbare hendelser", keys, "✔ Ja"},
		},
	}
	got := tables(t, page)
	if len(got) != 3 {
		t.Fatalf("%d tables, want the two of Altinn and the matrix", len(got))
	}
	for i := range want {
		for j, row := range want[i] {
			if j >= len(got[i]) || strings.Join(got[i][j], "|") != strings.Join(row, "|") {
				t.Errorf("table %d row %d differs: %q, want %q", i, j, got[i], row)
			}
		}
		if len(got[i]) != len(want[i]) {
			t.Errorf("table %d has %d rows, want %d", i, len(got[i]), len(want[i]))
		}
	}
	wants(t, page, "urn:altinn:accesspackage:delegerbare-maskinporten-scopes", "urn:altinn:accesspackage:delegerbare-maskinporten-scopes-NUF", "urn:altinn:accesspackage:maskinlesbare-hendelser",
		"I Altinn i dag: urn:altinn:accesspackage:maskinporten-scopes-nuf", "Endres reglene")
	// The matrix tells use and give apart: Hovedadministrator gives what it may not use.
	matrix := got[2]
	row := func(n int) string { return strings.Join(matrix[n][8:], "|") }
	if got := row(0) + "\n" + row(1) + "\n" + row(2); got != "Bostyrer|Hovedadministrator|Kontaktperson NUF\n✔ bruke ✔ gi|✔ gi|– ingenting\n– ingenting|✔ gi (bare NUF)|✔ bruke ✔ gi" {
		t.Errorf("the matrix ends with\n%s", got)
	}
}

func TestCatalogueInEveryLanguage(t *testing.T) {
	s := demoSite(t)
	for prefix, want := range map[string][]string{
		"":    {"Katalog over fullmakter", "Integrasjoner", "Pakker: 3", "Allment"},
		"/nn": {"Katalog over fullmakter", "Integrasjonar", "Pakkar: 3", "Allment"},
		"/en": {"Catalogue of authority", "Integrations", "Packages: 3", "General"},
	} {
		wants(t, s.get(prefix+"/catalogue", http.StatusOK), want...)
	}
	wants(t, s.get("/en/catalogue/role/DAGL", http.StatusOK), "Managing Director", "DAGL", "Daglig leder", "key role", "Access packages that the role gets: 133")
	if page := s.get("/en/catalogue/role/DAGL", http.StatusOK); !strings.Contains(page, `<span lang="nb">Daglig leder</span>`) {
		t.Error("the Norwegian name on the English page carries no language")
	}
}

func TestCatalogueSearch(t *testing.T) {
	s := demoSite(t)
	for query, want := range map[string][]string{
		"maskinporten":             {"Delegerbare Maskinporten scopes"},
		"fullmaktsgruppe+lonn":     {"eldre ord", "Regnskapsfører lønn"},
		"Tilgangsgrupper":          {"eldre ord", "223 treff"},
		"tilgangspakker":           {"223 treff"},
		"dagl":                     {"Daglig leder", "kan bruke 133"},
		"urn:altinn:rolecode:dagl": {"1 treff", "Daglig leder"},
		"urn:altinn:accesspackage:MASKINPORTEN-SCOPES":      {"1 treff", "Delegerbare Maskinporten scopes"},
		"managing+director":                                 {"Daglig leder"},
		"xyzzy":                                             {"0 treff", "Prøv et kortere ord"},
		"%3Cscript%3Ealert(1)%3C/script%3E":                 {"0 treff", "<script>alert(1)</script>"},
		"accesspackage:area:integrasjoner&for=organisation": {"Integrasjoner"},
		"tilgangspakke&for=person":                          {"76 treff"},
	} {
		wants(t, s.get("/catalogue?q="+query, http.StatusOK), want...)
	}
	if page := s.get("/catalogue?q=tilgangspakke", http.StatusOK); strings.Contains(shown(page), "eldre ord") {
		t.Error("today's word is called an older one")
	}
	s.get("/catalogue?for=dogs", http.StatusBadRequest)
	s.get("/catalogue/package/nowhere", http.StatusNotFound)
	s.get("/catalogue/role/XYZZ", http.StatusNotFound)
	s.get("/catalogue/area/nowhere", http.StatusNotFound)
}

// What htmx asks for is the part that it fills.
func TestCatalogueFragment(t *testing.T) {
	s := demoSite(t)
	request, err := http.NewRequest(http.MethodGet, s.URL+"/catalogue?q=skatt", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("HX-Request", "true")
	request.Header.Set("HX-Target", "found")
	answer, err := s.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	part := s.read(answer, "/catalogue", http.StatusOK)
	if strings.Contains(part, "<html") || !strings.Contains(part, "skatt-naering") || !strings.Contains(part, "data-status") {
		t.Errorf("the fragment is %s", part)
	}
}

func TestPackagePages(t *testing.T) {
	s := demoSite(t)
	wants(t, s.get("/catalogue/package/maskinporten-scopes-nuf", http.StatusOK),
		"Delegerbare Maskinporten scopes - NUF", "Kontaktperson NUF KNUF ✔ Ja ✔ Ja NUF", "Hovedadministrator hovedadministrator ✖ Nei ✔ Ja NUF",
		"isAssignable ✔ Ja", "isDelegable ✖ Nei", "Kontroll-API", "Begge navnene godtas", "fullmakt catalogue show urn:altinn:accesspackage:delegerbare-maskinporten-scopes-NUF")
	wants(t, s.get("/catalogue/package/regnskapsforer-lonn", http.StatusOK), "isAssignable ✖ Nei", "isDelegable ✔ Ja", "agenter", "Regnskapsfører REGN ✔ Ja ✖ Nei")
	wants(t, s.get("/catalogue/role/KNUF", http.StatusOK), "Ved organisasjonsformen NUF følger rollen av Kontaktperson", "ikke en nøkkelrolle")
	wants(t, s.get("/catalogue/role/KONT", http.StatusOK), "Ved NUF: Kontaktperson NUF", "Rollen gir ingen tilgangspakker")
	wants(t, s.get("/catalogue/role/hovedadministrator", http.StatusOK), "Tilgangspakker som rollen får: 135")
	wants(t, s.get("/catalogue/role/ECKEY", http.StatusOK), "Fullmakt for leverandør", "19. juni 2026", "nøkkelrolle")
	wants(t, s.get("/catalogue/roles", http.StatusOK), "Daglig leder DAGL ✔ Ja 133", "Altinn 2")
	wants(t, s.get("/catalogue/list", http.StatusOK), "Integrasjoner", "KNUF", "FFØR@BRL")
}

// An operator's overlay ends ECKEYROLE: the page tells so, shows what held, and the
// comparison of two days has it.
func TestEndedRole(t *testing.T) {
	cat, err := catalogue.Load(fstest.MapFS{"end.json": {Data: []byte(`{"end": {"roles": [{"code": "ECKEYROLE", "to": "2026-06-19"}]},
		"replace": {"mappings": [{"package": "regnskapsforer-lonn", "use_and_give": ["REGN"], "from": "2026-02-01"}]}, "source": "fullmakt"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Demo(cat)
	if err != nil {
		t.Fatal(err)
	}
	s := worldSite(t, w, cat)
	wants(t, s.get("/catalogue/role/ECKEYROLE", http.StatusOK), "Til og med 19. juni 2026")
	s.pages.now = func() time.Time { return demoTime.AddDate(0, 8, 0) }
	wants(t, s.get("/catalogue/role/ECKEYROLE", http.StatusOK), "Dette gjelder ikke lenger", "19. juni 2026")
	wants(t, s.get("/catalogue/roles", http.StatusOK), "Gjelder ikke i dag", "Fullmakt for leverandør ECKEYROLE : Til og med 19. juni 2026")
	wants(t, s.get("/catalogue/compare", http.StatusOK), "20. juni 2026", "1. februar 2026")
	wants(t, s.get("/catalogue/compare?from=2026-06-19&to=2026-06-20", http.StatusOK), "Lagt til: 0. Fjernet: 1. Endret: 0.", "Fullmakt for leverandør")
	wants(t, s.get("/catalogue/compare?from=2026-01-01&to=2026-03-01", http.StatusOK), "Endret: 1.", "Regnskapsfører → Regnskapsfører lønn", "may_give")
	wants(t, s.get("/catalogue/compare?from=2026-01-01&to=2026-01-31", http.StatusOK), "Ingenting er ulikt")
	wants(t, s.get("/catalogue/compare?from=2026-06-20&to=2026-06-19", http.StatusOK), "Bytt dem om")
	wants(t, s.get("/catalogue/compare?from=soon&to=2026-06-19", http.StatusOK), "år-måned-dag")
}

func TestServicePages(t *testing.T) {
	s := demoSite(t)
	wants(t, s.get("/catalogue/services", http.StatusOK), "Viser 5 av 5", "Kontroll-API", "Delegerbare Maskinporten scopes", "Daglig leder (rolle)")
	wants(t, s.get("/catalogue/services?q=kontroll.read", http.StatusOK), "Viser 1 av 5")
	wants(t, s.get("/catalogue/service/demo-kontroll-api", http.StatusOK), "Gi scopene ScopeAccess", "pakken Delegerbare Maskinporten scopes", "demo:kontroll.list", "SCOPE-1", "310 000 167")
	wants(t, s.get("/catalogue/service/demo-tilskudd", http.StatusOK), "tilgangslister")
	wants(t, s.get("/nn/catalogue/service/demo-skattemelding", http.StatusOK), "Skattemelding for verksemder", "Lese read")
	s.get("/catalogue/service/nowhere", http.StatusNotFound)
}
