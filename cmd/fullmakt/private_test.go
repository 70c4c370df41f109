package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
)

// privateWorld has a person known only from open data, who therefore counts as a
// real one, with a business and an association, and a synthetic person with the
// same.
const privateWorld = `-- register --
organisation 310000019 AS "Bergen AS"
organisation 310000027 FLI "Bergen Idrettslag"
person born 1970-01-28 "Kari Nordmann"
person 03918510094 "Ola Hansen"
role DAGL at 310000019 holder "Kari Nordmann"
role LEDE at 310000027 holder "Kari Nordmann"
role LEDE at 310000019 holder "Ola Hansen"
role DAGL at 310000027 holder "Ola Hansen"
`

// TestPRIV1: listing what a real person holds needs a purpose, which is logged,
// and leaves out organisations that do no business unless the purpose is on the
// operator's list. Synthetic persons, and lists for an organisation, are exempt.
func TestPRIV1(t *testing.T) {
	file := filepath.Join(t.TempDir(), "world.txtar")
	if err := os.WriteFile(file, []byte(privateWorld), 0o600); err != nil {
		t.Fatal(err)
	}
	const business, association = "Bergen AS ", "Bergen Idrettslag "
	tests := []struct {
		name    string
		args    []string
		env     string // FULLMAKT_PURPOSES
		code    int
		lists   []string
		lacks   []string
		wantErr string
	}{
		{"no purpose", []string{"--by", "Kari Nordmann"}, "", exitForbidden, nil, []string{business, association}, "§ 22"},
		{"blank purpose", []string{"--by", "Kari Nordmann", "--purpose", " "}, "", exitForbidden, nil, []string{business, association}, "--purpose"},
		{"a purpose", []string{"--by", "Kari Nordmann", "--purpose", "credit check"}, "", exitOK, []string{business, "PRIV-1"}, []string{association}, `purpose="credit check" business_only=true`},
		{"a purpose on the list", []string{"--by", "Kari Nordmann", "--purpose", "Audit"}, "audit,inspection", exitOK, []string{business, association}, nil, `purpose=Audit business_only=false`},
		{"another than on the list", []string{"--by", "Kari Nordmann", "--purpose", "Aud"}, "audit,inspection", exitOK, []string{business}, []string{association}, "business_only=true"},
		{"near misses too", []string{"--by", "Kari Nordmann", "--purpose", "x", "--refused"}, "", exitOK, []string{business}, []string{association}, "business_only=true"},
		{"a synthetic person", []string{"--by", "Ola Hansen"}, "", exitOK, []string{business, association}, nil, ""},
		{"for an organisation", []string{"--for", "310000027"}, "", exitOK, []string{"Kari Nordmann", "Ola Hansen"}, nil, ""},
		{"by an organisation", []string{"--by", "310000027"}, "", exitOK, nil, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("FULLMAKT_PURPOSES", tt.env)
			code, out, errs := ask(t, append([]string{"--world", file, "--lang", "en", "list"}, tt.args...)...)
			if code != tt.code {
				t.Errorf("exit status %d, want %d: %s", code, tt.code, errs)
			}
			for _, want := range tt.lists {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			for _, not := range tt.lacks {
				if strings.Contains(out, not) {
					t.Errorf("%q in\n%s", not, out)
				}
			}
			if !strings.Contains(errs, tt.wantErr) || tt.wantErr == "" && errs != "" {
				t.Errorf("standard error %q, want %q in it", errs, tt.wantErr)
			}
			if strings.Contains(errs, "Nordmann") && code == exitOK {
				t.Errorf("the log names the person: %s", errs)
			}
		})
	}
}

// TestIdentityNumbersAreMasked uses a number of the shape of a real person's (no
// month is raised), of a day that no one can have been born on.
func TestIdentityNumbersAreMasked(t *testing.T) {
	a := newApp(t.Context(), testNow, &globals{}, nil, nil)
	const id fullmakt.NationalID = 30020000000 // 30 February: nobody's, and no test series
	kari := fullmakt.Party{No: 1, ID: fullmakt.PersonID(id), Name: "Kari Nordmann"}
	party := a.storedParty(kari)
	if strings.Contains(party.ID, id.Reveal()[6:]) || !strings.HasPrefix(party.ID, id.Reveal()[:6]) {
		t.Errorf("masked as %q", party.ID)
	}
	if party = newApp(t.Context(), testNow, &globals{Reveal: true}, nil, nil).storedParty(kari); party.ID != id.Reveal() {
		t.Errorf("revealed as %q", party.ID)
	}
}
