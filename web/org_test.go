package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

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
	wants(t, s.get("/org/310000027/history", http.StatusOK), "Historikk finnes fra", "Kari Nordmann ble daglig leder i Trondheim AS.",
		"Trondheim AS ga trondheim-rapport fullmakt: Maskinlesbare hendelser.", "Kari Nordmann fikk fullmakt: å bruke 133 pakker; å gi videre 134 pakker.")
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
