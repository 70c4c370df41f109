package fullmakt_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
)

func TestParseOrgNumber(t *testing.T) {
	for _, c := range []struct {
		in   string
		want string // "" for an error
	}{
		{"310000019", "310000019"},
		{" 310 000 019 ", "310000019"},
		{"310\u00a0000\u00a0019", "310000019"},
		{"310.000.019", "310000019"},
		{"NO310000019MVA", "310000019"},
		{"no 310 000 019 mva", "310000019"},
		{"310000018", ""}, // wrong check digit
		{"31000001", ""},
		{"3100000190", ""},
		{"010000019", ""},
		{"31000001x", ""},
		{"", ""},
		{"NOMVA", ""},
		{strings.Repeat("3", 1000), ""},
	} {
		got, err := fullmakt.ParseOrgNumber(c.in)
		switch {
		case c.want == "" && err == nil:
			t.Errorf("%q was accepted as %s", c.in, got)
		case c.want == "" && (fullmakt.ErrorCode(err) != fullmakt.CodeInvalid || fullmakt.ErrorHint(err) == ""):
			t.Errorf("%q: error %v lacks its code or hint", c.in, err)
		case c.want != "" && (err != nil || got.String() != c.want):
			t.Errorf("%q gives %s, %v, want %s", c.in, got, err, c.want)
		}
	}
	if got := fullmakt.OrgNumber(310000019).Grouped(); got != "310 000 019" {
		t.Errorf("grouped %q", got)
	}
	// Check digits computed by hand from the weights 3 2 7 6 5 4 3 2, numbers of
	// the synthetic series and the fictive ones of Altinn's test files.
	for _, n := range []fullmakt.OrgNumber{310000019, 310000027, 310000035, 310000043, 310000051, 310000078, 316289576, 216289552, 310279323, 910503294} {
		if !n.Valid() {
			t.Errorf("%s is not valid", n)
		}
	}
	if !fullmakt.OrgNumber(310000019).Synthetic() || fullmakt.OrgNumber(910503294).Synthetic() {
		t.Error("the synthetic series is that of numbers starting with 2 or 3")
	}
}

func TestNextOrgNumber(t *testing.T) {
	for prefix := uint32(20_000_000); prefix < 20_000_200; prefix++ {
		n := fullmakt.NextOrgNumber(prefix)
		if !n.Valid() || uint32(n)/10 < prefix || uint32(n)/10 > prefix+2 {
			t.Fatalf("after %d comes %s", prefix, n)
		}
	}
}

func TestParseNationalID(t *testing.T) {
	for _, c := range []struct {
		in        string
		ok        bool
		synthetic bool
		dnumber   bool
	}{
		{"12817010065", true, true, false}, // the seeds' Kari
		{"03918510094", true, true, false},
		{"21887810084", true, true, false},
		{"12838999466", true, true, false}, // Tenor: 12 March 1989, month + 80
		{"60833200189", true, true, true},  // D-number and synthetic
		{"128170 10065", true, true, false},
		{"30108299939", true, false, false}, // fails the check digits until 2032, passes those after
		{"12817010066", false, false, false},
		{"1281701006", false, false, false},
		{"128170100650", false, false, false},
		{"00817010065", false, false, false},
		{"12997010065", false, false, false},
		{"32817010065", false, false, false},
		{"31827010065", false, false, false}, // 31 February
		{"1281701006x", false, false, false},
	} {
		id, err := fullmakt.ParseNationalID(c.in)
		if (err == nil) != c.ok {
			t.Errorf("%s: accepted %v, want %v (%v)", c.in, err == nil, c.ok, err)
		}
		if err != nil {
			if strings.Contains(err.Error(), c.in) {
				t.Errorf("the error repeats the number: %v", err)
			}
			continue
		}
		if id.Synthetic() != c.synthetic || id.DNumber() != c.dnumber {
			t.Errorf("%s: synthetic %v, D-number %v", c.in, id.Synthetic(), id.DNumber())
		}
		if got := id.Reveal(); got != strings.ReplaceAll(c.in, " ", "") {
			t.Errorf("%s comes back as %s", c.in, got)
		}
	}
}

// TestNationalIDHidesItself: no way of printing a number by accident shows it.
func TestNationalIDHidesItself(t *testing.T) {
	id, err := fullmakt.ParseNationalID("12817010065")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "id", id, "in", fullmakt.PersonID(id))
	text, err := json.Marshal(map[string]any{"id": id, "party": fullmakt.PersonID(id)})
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{
		id.String(), fmt.Sprint(id), fmt.Sprintf("%d %v %+v %#v %s %x", id, id, id, id, id, id), fmt.Sprintf("%v", fullmakt.PersonID(id)),
		log.String(), string(text), fmt.Sprint(fullmakt.Errorf(fullmakt.CodeInternal, "about %v", id)),
	} {
		if strings.Contains(out, "10065") || strings.Contains(out, "2fb") {
			t.Errorf("shows the number: %s", out)
		}
	}
}

func TestSyntheticNationalID(t *testing.T) {
	made := 0
	for individual := range 1000 {
		id, ok := fullmakt.SyntheticNationalID(12, 3, 89, individual)
		if !ok {
			continue
		}
		made++
		if !id.Valid() || !id.Synthetic() || !strings.HasPrefix(id.Reveal(), "128389") {
			t.Fatalf("made %s", id.Reveal())
		}
	}
	if made < 700 {
		t.Errorf("only %d of 1000 individual numbers have check digits", made)
	}
}

func TestDate(t *testing.T) {
	for in, want := range map[string]string{
		"2026-03-03": "2026-03-03", "": "", "1900-01-01": "1900-01-01", "1899-06-01": "1899-06-01",
		"2026-03-03T10:20:30": "2026-03-03", "2024-02-29": "2024-02-29",
	} {
		d, err := fullmakt.ParseDate(in)
		if err != nil || d.String() != want {
			t.Errorf("%q gives %q, %v", in, d, err)
		}
	}
	for _, in := range []string{"2026-13-01", "2025-02-29", "03.03.2026", "x"} {
		if d, err := fullmakt.ParseDate(in); err == nil {
			t.Errorf("%q was read as %s", in, d)
		}
	}
	if d, err := fullmakt.ParseCompactDate("20260303"); err != nil || d.String() != "2026-03-03" {
		t.Errorf("compact: %s, %v", d, err)
	}
	if d, err := fullmakt.ParseCompactDate("00000000"); err != nil || d != 0 {
		t.Errorf("compact zeros: %s, %v", d, err)
	}
	if fullmakt.NewDate(1900, 1, 1) != 1 {
		t.Errorf("the first day is %d", fullmakt.NewDate(1900, 1, 1))
	}
}

// TestThroughTheWholeDay: "til og med" a day means until midnight in Oslo, in
// summer and winter (rule TIME-1).
func TestThroughTheWholeDay(t *testing.T) {
	for day, end := range map[string]string{
		"2026-03-28": "2026-03-28T23:00:00Z", "2026-03-29": "2026-03-29T22:00:00Z", // the clocks go forward on the 29th
		"2026-10-25": "2026-10-25T23:00:00Z",
	} {
		d, err := fullmakt.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		v := fullmakt.Interval{To: fullmakt.Through(d, fullmakt.Oslo())}
		want, err := time.Parse(time.RFC3339, end)
		if err != nil {
			t.Fatal(err)
		}
		if !v.Contains(want.Unix()-1) || v.Contains(want.Unix()) {
			t.Errorf("through %s ends at %s, want %s", day, time.Unix(v.To, 0).UTC(), want)
		}
	}
}

func TestErrors(t *testing.T) {
	cause := fullmakt.Errorf(fullmakt.CodeNotFound, "party 7").WithHint("look again")
	err := fmt.Errorf("import: %w", fullmakt.Errorf(fullmakt.CodeConflict, "store: %w", cause))
	if fullmakt.ErrorCode(err) != fullmakt.CodeConflict || fullmakt.ErrorHint(err) != "look again" {
		t.Errorf("code %s, hint %q", fullmakt.ErrorCode(err), fullmakt.ErrorHint(err))
	}
	if fullmakt.ErrorCode(nil) != "" || fullmakt.ErrorCode(fmt.Errorf("x")) != fullmakt.CodeInternal {
		t.Error("codes of nil and of a foreign error")
	}
}

func TestUUID(t *testing.T) {
	const s = "1ed8a4e3-6d2b-4cf0-9d8e-bf2f5c5e6f0a"
	u, err := fullmakt.ParseUUID(strings.ToUpper(s))
	if err != nil || u.String() != s {
		t.Errorf("%s, %v", u, err)
	}
	for _, bad := range []string{"", "x", s + "0", strings.Replace(s, "-", "0", 1), strings.Replace(s, "a", "g", 1)} {
		if _, err := fullmakt.ParseUUID(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestFoldName(t *testing.T) {
	if got := fullmakt.FoldName("  BLÅBÆR \u00a0 og  Øl\tAS "); got != "blåbær og øl as" {
		t.Errorf("%q", got)
	}
}

func TestSortRoles(t *testing.T) {
	got := fullmakt.SortRoles([]fullmakt.Role{
		{Code: "LEDE", Holder: 2}, {Code: "DAGL", Holder: 2, Ended: true}, {Code: "DAGL", Holder: 2, Since: 9},
		{Code: "DAGL", Holder: 2, Since: 4}, {Code: "MEDL", Holder: 1},
	})
	want := []fullmakt.Role{{Code: "MEDL", Holder: 1}, {Code: "DAGL", Holder: 2, Since: 4}, {Code: "LEDE", Holder: 2}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
}

// FuzzIdentifiers: what is read is valid, and comes back when written.
func FuzzIdentifiers(f *testing.F) {
	for _, s := range []string{"310000019", "NO 310 000 019 MVA", "12817010065", "30108299939", "", "2026-03-03", "1ed8a4e3-6d2b-4cf0-9d8e-bf2f5c5e6f0a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := fullmakt.ParseOrgNumber(s); err == nil {
			if back, err := fullmakt.ParseOrgNumber(n.Grouped()); !n.Valid() || err != nil || back != n {
				t.Errorf("organisation number %q gives %s", s, n)
			}
		}
		if id, err := fullmakt.ParseNationalID(s); err == nil {
			if back, err := fullmakt.ParseNationalID(id.Reveal()); !id.Valid() || err != nil || back != id {
				t.Errorf("identity number %q does not come back", s)
			}
		}
		if d, err := fullmakt.ParseDate(s); err == nil && d != 0 {
			if back, err := fullmakt.ParseDate(d.String()); err != nil || back != d {
				t.Errorf("date %q gives %s", s, d)
			}
		}
		if u, err := fullmakt.ParseUUID(s); err == nil && !strings.EqualFold(u.String(), s) {
			t.Errorf("UUID %q gives %s", s, u)
		}
		if folded := fullmakt.FoldName(s); fullmakt.FoldName(folded) != folded {
			t.Errorf("folding %q twice changes it", s)
		}
	})
}
