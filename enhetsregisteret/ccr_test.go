package enhetsregisteret

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
)

// Synthetic persons: their birth months are 80 too high.
const (
	kari = "12817010065"
	ola  = "03918510094"
	finn = "21887810084"
)

func person(t testing.TB, id string) fullmakt.PartyID {
	t.Helper()
	n, err := fullmakt.ParseNationalID(id)
	if err != nil {
		t.Fatal(err)
	}
	return fullmakt.PersonID(n)
}

// ccrRow lays fields out in columns, counted from 1.
func ccrRow(fields map[int]string) string {
	var row []rune
	for at, text := range fields {
		for i, c := range []rune(text) {
			for len(row) < at+i {
				row = append(row, ' ')
			}
			row[at+i-1] = c
		}
	}
	return strings.TrimRight(string(row), " ")
}

func ccrUnitRow(n fullmakt.OrgNumber, form, hoved, under, first, survivor string) string {
	return ccrRow(map[int]string{1: "ENH", 5: n.String(), 14: form, 18: hoved, 19: under, 23: "20210312", 31: "20260428", 39: first, 40: survivor})
}

func ccrPerson(code, change, id, resigned, first, middle, last, status string) string {
	return ccrRow(map[int]string{1: code, 5: change, 6: "SSY", 9: "RD", 41: resigned, 46: "001", 49: id, 60: first, 110: middle, 160: last, 210: "0301", 219: "Storgata 1", 324: "NO", 327: status})
}

func ccrLink(code, change string, n fullmakt.OrgNumber, resigned string) string {
	return ccrRow(map[int]string{1: code, 5: change, 6: "SSY", 9: "KD", 11: "1/3", 41: resigned, 42: n.String(), 55: "001", 58: "000000000"})
}

func ccrStatus(code, change string) string {
	return ccrRow(map[int]string{1: code, 5: change, 6: "KR"})
}

// ccrFile puts head and trailer around rows, in UTF-8.
func ccrFile(run int, rows ...string) string {
	units, data := 0, 0
	for _, r := range rows {
		if strings.HasPrefix(r, "ENH ") {
			units++
		} else {
			data++
		}
	}
	return fmt.Sprintf("HEADER 20260428%05dALTA\n%s\nTRAIER %07d%09d\n", run, strings.Join(rows, "\n"), units, data)
}

// latin9Bytes encodes text as the batch files do.
func latin9Bytes(t testing.TB, text string) []byte {
	t.Helper()
	var b []byte
	for _, r := range text {
		code := r
		for to, from := range latin9 {
			if from == r {
				code = rune(to)
			}
		}
		if code > 0xff {
			t.Fatalf("%q is not in ISO-8859-15", r)
		}
		b = append(b, byte(code))
	}
	return b
}

type ccrResult struct {
	header  CCRHeader
	changes []fullmakt.RegisterChange
	rejects []*Reject
	err     error
	stats   CCRStats
}

func readCCR(t testing.TB, content []byte, opts CCROptions) ccrResult {
	t.Helper()
	f, err := OpenCCR(bytes.NewReader(content), opts)
	if err != nil {
		return ccrResult{err: err}
	}
	res := ccrResult{header: f.Header}
	for ch, err := range f.Units() {
		if r, ok := err.(*Reject); ok {
			res.rejects = append(res.rejects, r)
		} else if err != nil {
			res.err = err
		} else {
			res.changes = append(res.changes, ch)
		}
	}
	res.stats = f.Stats()
	return res
}

func TestCCRUnits(t *testing.T) {
	a, b, c := org(1), org(2), org(3)
	day := fullmakt.NewDate(2026, 4, 28)
	name := func(parts ...string) string {
		row := map[int]string{1: "NAVN", 5: "N", 6: "SSY"}
		for i, p := range parts {
			row[9+35*i] = p
		}
		return ccrRow(row)
	}
	role := func(code fullmakt.RoleCode, holder fullmakt.PartyID, name string, since fullmakt.Date) fullmakt.RegisterRole {
		return fullmakt.RegisterRole{Code: code, Holder: holder, HolderName: name, Since: since}
	}
	key := func(code fullmakt.RoleCode, holder fullmakt.PartyID) fullmakt.RegisterRole {
		return fullmakt.RegisterRole{Code: code, Holder: holder}
	}
	karl, olav, truls := person(t, kari), person(t, ola), person(t, finn)
	board := []fullmakt.RoleCode{"LEDE", "NEST", "MEDL", "VARA", "OBS"}
	hasForm := fullmakt.HasForm
	tests := []struct {
		name string
		rows []string
		want fullmakt.RegisterChange // Source, Org and Where are filled in
	}{
		{"a name in lines", []string{ccrUnitRow(a, "AS", "E", "EN", "N", ""), name("SÆRE ØRNER", "OG ÅLER AS")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasName, Form: "AS", Name: "SÆRE ØRNER OG ÅLER AS"}},
		{"a shortened name alone", []string{ccrUnitRow(a, "AS", "E", "EN", "N", ""), ccrRow(map[int]string{1: "NAVN", 5: "N", 6: "SSY", 184: "SÆRE ØRNER"})},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasName, Form: "AS", Name: "SÆRE ØRNER"}},
		{"the family is sent whole", []string{ccrUnitRow(a, "AS", "E", "EN", "N", ""),
			ccrPerson("LEDE", "N", kari, "N", "KARI", "MIDT", "NORDMANN", "L"),
			ccrPerson("LEDE", "U", ola, "", "", "", "", ""),
			ccrPerson("MEDL", "K", ola, "N", "OLA", "", "NORDMANN", "D"),
			ccrPerson("VARA", "N", finn, "F", "FINN", "", "NORDMANN", "L")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasFamilies, Form: "AS", Families: []fullmakt.RegisterFamily{{
				Code: "STYR", Members: board, Replace: true,
				Roles: []fullmakt.RegisterRole{role("LEDE", karl, "KARI MIDT NORDMANN", day), {Code: "MEDL", Holder: olav, HolderName: "OLA NORDMANN", Since: day, HolderDead: true}},
			}}}},
		{"only removals", []string{ccrUnitRow(a, "AS", "E", "EN", "N", ""),
			ccrPerson("DAGL", "U", kari, "", "", "", "", ""), ccrPerson("MEDL", "N", finn, "F", "FINN", "", "NORDMANN", "L"), ccrLink("REGN", "U", b, "")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasFamilies, Form: "AS", Families: []fullmakt.RegisterFamily{
				{Code: "DAGL", Members: []fullmakt.RoleCode{"DAGL"}, Removed: []fullmakt.RegisterRole{key("DAGL", karl)}},
				{Code: "STYR", Members: board, Removed: []fullmakt.RegisterRole{key("MEDL", truls)}},
				{Code: "REGN", Members: []fullmakt.RoleCode{"REGN", "RFAD"}, Removed: []fullmakt.RegisterRole{key("REGN", fullmakt.OrganisationID(b))}},
			}}},
		{"a family ends, and is made anew", []string{ccrUnitRow(a, "NUF", "E", "EN", "N", ""),
			"SAMUFFØR", ccrLink("FFØR", "U", b, ""), "SAMUREVI", ccrLink("REVI", "U", b, ""), ccrLink("REVI", "N", c, "N")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasFamilies, Form: "NUF", Families: []fullmakt.RegisterFamily{
				{Code: "FFØR", Members: []fullmakt.RoleCode{"FFØR"}, Replace: true},
				{Code: "REVI", Members: []fullmakt.RoleCode{"REVI", "READ"}, Replace: true, Roles: []fullmakt.RegisterRole{role("REVI", fullmakt.OrganisationID(c), "", day)}},
			}}},
		{"free text says nothing", []string{ccrUnitRow(a, "AS", "E", "EN", "N", ""), "SIGNU   ST", "SIGNNSSYSTHStyrets leder alene.", "SAMUSIGN"},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasFamilies, Form: "AS", Families: []fullmakt.RegisterFamily{
				{Code: "SIGN", Members: []fullmakt.RoleCode{"SIGN", "SIFE", "SIHV"}, Replace: true}}}},
		{"a first transfer", []string{ccrUnitRow(a, "AS", "N", "NY", "J", ""),
			ccrPerson("DAGL", "N", kari, "N", "KARI", "", "NORDMANN", "L"), ccrLink("REGN", "K", b, "N"), ccrPerson("MEDL", "N", finn, "F", "", "", "", ""), ccrStatus("KONK", "N")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasRoles | fullmakt.HasState, Form: "AS", State: fullmakt.Bankrupt,
				Roles: []fullmakt.RegisterRole{role("DAGL", karl, "KARI NORDMANN", 0), role("REGN", fullmakt.OrganisationID(b), "", 0)}}},
		{"a first transfer without roles", []string{ccrUnitRow(a, "AS", "E", "EN", "J", "")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasRoles | fullmakt.HasState, Form: "AS"}},
		{"a new sub-unit", []string{ccrUnitRow(a, "BEDR", "N", "NY", "N", ""), ccrLink("BEDR", "N", b, "N"), ccrLink("BEDR", "U", c, "")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasParent | fullmakt.HasStateBits, Form: "BEDR", Parent: b, StateClear: fullmakt.Deleted}},
		{"a sub-unit loses its main unit", []string{ccrUnitRow(a, "AAFY", "E", "EN", "N", ""), ccrLink("AAFY", "U", c, "")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasParent, Form: "AAFY"}},
		{"the same with a family's end", []string{ccrUnitRow(a, "BEDR", "E", "EN", "N", ""), "SAMUBEDR"},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasParent, Form: "BEDR"}},
		{"deleted keeps its roles", []string{ccrUnitRow(a, "ENK", "S", "SLET", "N", ""), ccrPerson("INNH", "U", kari, "", "", "", "", ""), "SAMUREGN"},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasStateBits, Form: "ENK", StateSet: fullmakt.Deleted, DeletedOn: day}},
		{"deleted as a duplicate", []string{ccrUnitRow(a, "AS", "S", "DUBL", "N", b.String())},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasStateBits, Form: "AS", StateSet: fullmakt.Deleted, DeletedOn: day, ReplacedBy: b}},
		{"merged, survivor not told", []string{ccrUnitRow(a, "AS", "S", "SMSL", "N", "000000000")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasStateBits, Form: "AS", StateSet: fullmakt.Deleted, DeletedOn: day}},
		{"deleted, another number there", []string{ccrUnitRow(a, "AS", "S", "SLET", "N", b.String())},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasStateBits, Form: "AS", StateSet: fullmakt.Deleted, DeletedOn: day}},
		{"revived", []string{ccrUnitRow(a, "AS", "L", "", "N", "")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasStateBits, Form: "AS", StateClear: fullmakt.Deleted}},
		{"states begin and end", []string{ccrUnitRow(a, "AS", "E", "EN", "N", ""), ccrStatus("KONK", "U"), ccrStatus("OPPL", "N"), ccrStatus("TVOP", "N"), ccrStatus("REFO", "N")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasStateBits, Form: "AS", StateSet: fullmakt.WindingUp | fullmakt.ForcedWindingUp, StateClear: fullmakt.Bankrupt}},
		{"an unknown role is kept", []string{ccrUnitRow(a, "AS", "E", "EN", "N", ""), ccrPerson("NYRO", "N", kari, "N", "KARI", "", "", "")},
			fullmakt.RegisterChange{Has: hasForm | fullmakt.HasFamilies, Form: "AS", Families: []fullmakt.RegisterFamily{
				{Code: "NYRO", Members: []fullmakt.RoleCode{"NYRO"}, Replace: true, Roles: []fullmakt.RegisterRole{role("NYRO", karl, "KARI", day)}}}}},
		{"what carries no authority", []string{ccrUnitRow(a, "AS", "E", "EN", "N", ""), "EPOSNSSYpost@eksempel.example", "MÅL NSSYN", "SN25NSSY00.00020260401", "R-FRNSSY", "FMVAUSSY",
			ccrRow(map[int]string{1: "FADR", 5: "N", 6: "SSY", 9: "0301", 18: "NO", 65: "Storgata 1"})},
			fullmakt.RegisterChange{Has: hasForm, Form: "AS"}},
	}
	opt := cmp.Comparer(func(a, b fullmakt.PartyID) bool { return a == b })
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := readCCR(t, latin9Bytes(t, ccrFile(5780, tt.rows...)), CCROptions{})
			if got.err != nil || len(got.rejects) != 0 || len(got.changes) != 1 {
				t.Fatalf("%d changes, rejects %v, err = %v", len(got.changes), got.rejects, got.err)
			}
			want := tt.want
			want.Source, want.Org, want.Where = fullmakt.SourceCCR, a, "run 05780, line 2"
			if diff := cmp.Diff(want, got.changes[0], opt); diff != "" {
				t.Errorf("change (-want +got):\n%s", diff)
			}
			again := readCCR(t, []byte(ccrFile(5780, tt.rows...)), CCROptions{})
			if diff := cmp.Diff(got.changes, again.changes, opt); diff != "" {
				t.Errorf("re-encoded to UTF-8 it reads otherwise:\n%s", diff)
			}
			if len(got.stats.Unknown) > 0 != strings.Contains(tt.name, "unknown") {
				t.Errorf("unknown types: %v", got.stats.Unknown)
			}
		})
	}
}

func TestCCRHeader(t *testing.T) {
	got := readCCR(t, []byte("HEADER 2026042805780ALTA\r\nTRAIER 0000000000000000\r\n"), CCROptions{})
	want := CCRHeader{Sender: "ER", Date: fullmakt.NewDate(2026, 4, 28), Run: 5780, Recipient: "ALT", Type: "A"}
	if got.err != nil || got.header != want {
		t.Errorf("header = %+v, %v; want %+v", got.header, got.err, want)
	}
	for _, text := range []string{"", "\n \n", "ENH 310000019", "HEADER 20260428xxxxxALTA", "HEADER 2026xx2805780ALTA", strings.Repeat("x", 100_000)} {
		if _, err := OpenCCR(strings.NewReader(text), CCROptions{}); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("OpenCCR(%.20q): %v, want invalid", text, err)
		}
	}
}

// TestCCRRejects reads a spoiled unit between two good ones.
func TestCCRRejects(t *testing.T) {
	unit := func(n int) string { return ccrUnitRow(org(n), "AS", "E", "EN", "N", "") }
	tests := []struct {
		name string
		rows []string
		line int
		path string
		org  fullmakt.OrgNumber
	}{
		{"wrong number", []string{strings.Replace(unit(2), org(2).String(), "310000010", 1), ccrStatus("KONK", "N")}, 3, "ENH", 0},
		{"wrong case", []string{ccrUnitRow(org(2), "AS", "X", "EN", "N", "")}, 3, "ENH", org(2)},
		{"wrong date", []string{strings.Replace(unit(2), "20260428", "20269928", 1)}, 3, "ENH", org(2)},
		{"wrong first transfer", []string{ccrUnitRow(org(2), "AS", "E", "EN", "X", "")}, 3, "ENH", org(2)},
		{"wrong survivor", []string{ccrUnitRow(org(2), "AS", "S", "DUBL", "N", "310000010")}, 3, "ENH", org(2)},
		{"old layout of a role", []string{unit(2), ccrStatus("KONK", "N"), "DAGLNSSY" + kari}, 5, "DAGL", org(2)},
		{"wrong identity number", []string{unit(2), ccrPerson("DAGL", "N", "12817010066", "N", "", "", "", "")}, 4, "DAGL", org(2)},
		{"no identity number", []string{unit(2), ccrPerson("DAGL", "N", "", "N", "KARI", "", "", "")}, 4, "DAGL", org(2)},
		{"wrong holder", []string{unit(2), ccrLink("REGN", "N", 310000010, "N")}, 4, "REGN", org(2)},
		{"wrong change type", []string{unit(2), ccrPerson("DAGL", "O", kari, "N", "", "", "", "")}, 4, "DAGL", org(2)},
		{"neither person nor organisation", []string{unit(2), ccrRow(map[int]string{1: "DAGL", 5: "N", 9: "XD"})}, 4, "DAGL", org(2)},
		{"wrong status change", []string{unit(2), ccrStatus("KONK", "X")}, 4, "KONK", org(2)},
		{"family without a name", []string{unit(2), "SAMU"}, 4, "SAMU", org(2)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows := append([]string{unit(1)}, tt.rows...)
			rows = append(rows, unit(3))
			got := readCCR(t, latin9Bytes(t, ccrFile(1, rows...)), CCROptions{})
			if got.err != nil || len(got.changes) != 2 || got.changes[0].Org != org(1) || got.changes[1].Org != org(3) {
				t.Fatalf("changes %+v, err = %v; want those around the bad one", got.changes, got.err)
			}
			if len(got.rejects) != 1 {
				t.Fatalf("rejects = %v, want one", got.rejects)
			}
			r := got.rejects[0]
			if r.Record != 2 || r.Line != tt.line || r.Path != tt.path || r.Org != tt.org {
				t.Errorf("reject = %+v; want record 2, line %d, path %s, unit %v", r, tt.line, tt.path, tt.org)
			}
			if strings.Contains(r.Error(), kari[:6]) || strings.Contains(r.Error(), "1281701") {
				t.Errorf("the reject shows an identity number: %v", r)
			}
		})
	}
}

func TestCCRTrailer(t *testing.T) {
	unit := func(n int) string { return ccrUnitRow(org(n), "AS", "E", "EN", "N", "") }
	head, info := "HEADER 2026042805780ALTA\n", "EPOSNSSYpost@eksempel.example\n"
	rows := unit(1) + "\n" + info + unit(2) + "\n"
	tests := []struct {
		name     string
		text     string
		mismatch bool
		warnings int // when a mismatch is allowed
	}{
		{"right", head + rows + "TRAIER 0000002000000001\n", false, 0},
		{"records with units", head + rows + "TRAIER 0000002000000003\n", false, 0},
		{"all records", head + rows + "TRAIER 0000002000000005\n", false, 0},
		{"no reading of the records", head + rows + "TRAIER 0000002000000099\n", false, 1},
		{"no line end", head + rows + "TRAIER 0000002000000001", false, 0},
		{"an excerpt", head + rows + "TRAIER 0014798000042357\n", true, 1},
		{"no trailer", head + rows, true, 1},
		{"no number", head + rows + "TRAIER\n", true, 2},
		{"a double head", head + head + rows + "TRAIER 0000002000000001\n", false, 1},
		{"a unit behind the trailer", head + rows + "TRAIER 0000002000000001\n" + unit(3) + "\n", false, 1},
		{"the same, counted", head + rows + "TRAIER 0000003000000001\n" + unit(3) + "\n", false, 1},
		{"a double trailer", head + rows + "TRAIER 0000002000000001\nTRAIER 0000002000000001\n", false, 1},
		{"blank lines", head + "\n" + rows + "   \nTRAIER 0000002000000001\n\n", false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			strict := readCCR(t, []byte(tt.text), CCROptions{})
			if (strict.err != nil) != tt.mismatch || strict.err != nil && fullmakt.ErrorHint(strict.err) == "" {
				t.Errorf("err = %v, want a mismatch: %v", strict.err, tt.mismatch)
			}
			lenient := readCCR(t, []byte(tt.text), CCROptions{AllowTrailerMismatch: true})
			if lenient.err != nil || len(lenient.changes) < 2 {
				t.Errorf("allowed: %d changes, err = %v", len(lenient.changes), lenient.err)
			}
			if len(lenient.stats.Warnings) != tt.warnings {
				t.Errorf("warnings = %q, want %d", lenient.stats.Warnings, tt.warnings)
			}
		})
	}
}

func TestCCRStrayRecords(t *testing.T) {
	unit := ccrUnitRow(org(1), "AS", "E", "EN", "N", "")
	got := readCCR(t, []byte("HEADER 2026042805780ALTA\nEPOSNSSYx\n"+unit+"\nZZZZN\nZZZZN\nTRAIER 0000001000000003\n"), CCROptions{})
	if got.err != nil || len(got.changes) != 1 || len(got.rejects) != 1 || got.rejects[0].Line != 2 {
		t.Errorf("changes %v, rejects %v, err = %v; want one of each, at line 2", got.changes, got.rejects, got.err)
	}
	if got.stats.Unknown["ZZZZ"] != 2 || len(got.stats.Warnings) != 1 {
		t.Errorf("unknown = %v, warnings = %q; want ZZZZ twice, told once", got.stats.Unknown, got.stats.Warnings)
	}
	two := readCCR(t, []byte(ccrFile(1, unit)+ccrFile(2, unit)), CCROptions{})
	if fullmakt.ErrorCode(two.err) != fullmakt.CodeInvalid {
		t.Errorf("two runs in a file: %v, want invalid", two.err)
	}
}

// FuzzCCR reads any text as a batch file: it ends, counts what it yields, and
// shows no identity number in an error.
func FuzzCCR(f *testing.F) {
	f.Add(latin9Bytes(f, ccrFile(1, ccrUnitRow(310000019, "AS", "N", "NY", "J", ""), ccrPerson("DAGL", "N", kari, "N", "KARI", "", "NORDMANN", "L"), "SAMUFFØR")))
	f.Add(latin9Bytes(f, ccrFile(2, ccrUnitRow(310000019, "BEDR", "S", "DUBL", "N", "310000027"), ccrLink("BEDR", "U", 310000027, ""), "SIGNU   ST", ccrStatus("KONK", "U"))))
	f.Add([]byte("HEADER 2026042805780ALTA\nEPOS\nTRAIER 0000000000000000\nENH \n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		got := readCCR(t, content, CCROptions{AllowTrailerMismatch: true})
		if len(got.changes)+len(got.rejects) < got.stats.Units && got.err == nil {
			t.Errorf("%d units, %d changes, %d rejects", got.stats.Units, len(got.changes), len(got.rejects))
		}
		for _, ch := range got.changes {
			if !ch.Org.Valid() || ch.Source != fullmakt.SourceCCR {
				t.Errorf("change %+v", ch)
			}
		}
		for _, r := range got.rejects {
			if strings.Contains(r.Error(), kari) {
				t.Errorf("an identity number is shown: %v", r)
			}
		}
	})
}
