package world_test

import (
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/world"
)

func mustCatalogue(tb testing.TB) *catalogue.Catalogue {
	tb.Helper()
	c, err := catalogue.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestDemoHoldsTheExamplesParties(t *testing.T) {
	w, err := world.Demo(mustCatalogue(t))
	if err != nil {
		t.Fatalf("%v", err)
	}
	for text, want := range map[string]fullmakt.PartyID{
		"Bergen AS":             fullmakt.OrganisationID(310000019),
		"bergen":                fullmakt.OrganisationID(310000019),
		"Trondheim AS":          fullmakt.OrganisationID(310000027),
		"Oslo AS":               fullmakt.OrganisationID(310000035),
		"Datahuset AS":          fullmakt.OrganisationID(310000043),
		"Fjord Ltd NUF":         fullmakt.OrganisationID(310000051),
		"Regnskap AS":           fullmakt.OrganisationID(310000078),
		"kari":                  fullmakt.PersonID(12817010065),
		"Ola":                   fullmakt.PersonID(3918510094),
		"Liv Berg":              fullmakt.PersonID(21887810084),
		"trondheim-integrasjon": fullmakt.EnterpriseUserID(310000027, "trondheim-integrasjon"),
	} {
		if got, err := w.Find(text); err != nil || got != want {
			t.Errorf("Find(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	if len(w.Questions) < 30 {
		t.Errorf("%d questions", len(w.Questions))
	}
}
