package fullmakt

import (
	"strings"
	"testing"
)

func TestFoldNameOfAnyScript(t *testing.T) {
	long := strings.Repeat("ÆØÅ LANGT ", 20)
	tests := map[string]string{
		"":                         "",
		"  ":                       "",
		"KARI NORDMANN":            "kari nordmann",
		" Åse\t Ødegård\u00a0Æra ": "åse ødegård æra",
		"d'ÀÇİ-ß":                  strings.ToLower("d'ÀÇ") + "i-ß",
		"\xff":                     "\ufffd",
		long:                       strings.TrimSpace(strings.ToLower(long)),
	}
	for name, want := range tests {
		if got := FoldName(name); got != want {
			t.Errorf("FoldName(%q) = %q, want %q", name, got, want)
		}
		if again := FoldName(FoldName(name)); again != want {
			t.Errorf("folding %q twice gives %q", name, again)
		}
	}
}

// TestBirthDate reads the century as the number series are given out.
func TestBirthDate(t *testing.T) {
	for _, c := range []struct {
		year, individual int
		want             int
	}{
		{70, 100, 1970}, {0, 499, 1900}, {0, 500, 2000}, {39, 999, 2039}, {40, 900, 1940}, {99, 950, 1999}, {54, 500, 1854}, {99, 749, 1899},
	} {
		var id NationalID
		for day := 1; id == 0; day++ {
			id, _ = SyntheticNationalID(day, 2, c.year, c.individual)
		}
		got := PersonID(id).BirthDate().Time(Oslo())
		if got.Year() != c.want || got.Month() != 2 {
			t.Errorf("individual number %d of %02d: %s, want %d", c.individual, c.year, got, c.want)
		}
	}
	if got := OpenPersonID(NewDate(1961, 2, 3), "x").BirthDate(); got != NewDate(1961, 2, 3) {
		t.Errorf("a person from open data: %s", got)
	}
	if got := OrganisationID(310000019).BirthDate(); got != 0 {
		t.Errorf("an organisation: %s", got)
	}
}
