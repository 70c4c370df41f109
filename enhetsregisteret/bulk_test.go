package enhetsregisteret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
)

var comparePartyIDs = cmp.Comparer(func(a, b fullmakt.PartyID) bool { return a == b })

// result is what reading a bulk text gave.
type result struct {
	changes []fullmakt.RegisterChange
	rejects []*Reject
	err     error
	stats   BulkStats
}

func readBulk(t testing.TB, r io.Reader, kind Kind, skip int) result {
	t.Helper()
	var res result
	for ch, err := range ReadBulk(t.Context(), r, kind, BulkOptions{SkipElements: skip, Stats: &res.stats}) {
		reject, isReject := err.(*Reject)
		switch {
		case res.err != nil:
			t.Fatalf("something came after the error %v", res.err)
		case isReject:
			res.rejects = append(res.rejects, reject)
		case err != nil:
			res.err = err
		default:
			res.changes = append(res.changes, ch)
		}
	}
	return res
}

func readText(t testing.TB, text string, kind Kind) result {
	t.Helper()
	return readBulk(t, strings.NewReader(text), kind, 0)
}

func TestReadUnits(t *testing.T) {
	all := fullmakt.HasName | fullmakt.HasForm | fullmakt.HasState | fullmakt.HasParent
	open := fullmakt.SourceOpenData
	text := listJSON(
		unitJSON(1, "AS", `"konkurs" : false,`),
		unitJSON(2, "SÆR", `"konkurs" : true, "underAvvikling" : true, "underTvangsavviklingEllerTvangsopplosning" : true,`),
		unitJSON(3, "ORGL", fmt.Sprintf(`"overordnetEnhet" : "%s",`, org(1))),
		`{"organisasjonsnummer":`+org(4).String()+`,"navn":null,"organisasjonsform":null,"overordnetEnhet":"","konkurs":null,"ukjent":[[{"navn":"X","organisasjonsnummer":"1"}]]}`,
		fmt.Sprintf(`{"organisasjonsnummer":"%s","navn":"GAMMEL","organisasjonsform":{"kode":"UTBG","utgaatt":"2017-07-17"},"slettedato":"2017-10-20"}`, org(5)),
		fmt.Sprintf(`{"organisasjonsnummer":"%s","navn":"BLÅ \u00d8YNE \ud83d\ude00","respons_klasse":"SlettetEnhet","slettedato":""}`, org(6)),
	)
	want := []fullmakt.RegisterChange{
		{Source: open, Org: org(1), Has: all, Name: `FØRST OG "FREMST" 1 AS`, Form: "AS", Where: "element 1"},
		{Source: open, Org: org(2), Has: all, Name: `FØRST OG "FREMST" 2 AS`, Form: "SÆR", Where: "element 2",
			State: fullmakt.Bankrupt | fullmakt.WindingUp | fullmakt.ForcedWindingUp},
		{Source: open, Org: org(3), Has: all, Name: `FØRST OG "FREMST" 3 AS`, Form: "ORGL", Parent: org(1), Where: "element 3"},
		{Source: open, Org: org(4), Has: fullmakt.HasState | fullmakt.HasParent, Where: "element 4"},
		{Source: open, Org: org(5), Has: all &^ fullmakt.HasParent, Name: "GAMMEL", Form: "UTBG", State: fullmakt.Deleted,
			DeletedOn: fullmakt.NewDate(2017, 10, 20), Where: "element 5"},
		{Source: open, Org: org(6), Has: fullmakt.HasName | fullmakt.HasState, Name: "BLÅ ØYNE 😀", State: fullmakt.Deleted, Where: "element 6"},
	}
	got := readText(t, text, KindUnits)
	if got.err != nil || len(got.rejects) != 0 {
		t.Fatalf("err = %v, rejects = %v", got.err, got.rejects)
	}
	if diff := cmp.Diff(want, got.changes, comparePartyIDs); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestReadSubUnits(t *testing.T) {
	text := listJSON(
		subUnitJSON(1, fmt.Sprintf(`"overordnetEnhet" : "%s",`, org(9))),
		subUnitJSON(2, ``),
		fmt.Sprintf(`{"organisasjonsnummer":"%s","organisasjonsform":{"kode":"AAFY"},"slettedato":"2017-10-20","nedleggelsesdato":"2017-10-05"}`, org(3)),
	)
	got := readText(t, text, KindSubUnits)
	if got.err != nil || len(got.changes) != 3 {
		t.Fatalf("err = %v, %d changes", got.err, len(got.changes))
	}
	if c := got.changes[0]; c.Parent != org(9) || c.Has&fullmakt.HasParent == 0 || c.Form != fullmakt.FormBEDR {
		t.Errorf("first: %+v", c)
	}
	if c := got.changes[1]; c.Has&fullmakt.HasParent != 0 {
		t.Errorf("a sub-unit without a main unit must keep its last known: %+v", c)
	}
	if c := got.changes[2]; c.Has&fullmakt.HasParent != 0 || c.State != fullmakt.Deleted {
		t.Errorf("deleted: %+v", c)
	}
	if got.stats != (BulkStats{Elements: 3, Orphans: 1}) {
		t.Errorf("stats = %+v, want 3 elements and 1 orphan", got.stats)
	}
}

func TestReadRoles(t *testing.T) {
	text := listJSON(
		rolesJSON(1,
			groupJSON("DAGL", "2020-01-01", personRoleJSON("DAGL", "1980-02-03", "KARI", "NORDMANN", `"ansvarsandel" : null,`)),
			groupJSON("STYR", "2021-06-07",
				personRoleJSON("LEDE", "1980-02-03", `ÅSE \"ÅSA\"`, "NORD MANN", `"valgtAv" : { "kode" : "A-AK", "beskrivelse" : "x" },`),
				strings.Replace(personRoleJSON("MEDL", "1975-05-05", "OLA", "NORDMANN", ""), `"avregistrert" : false`, `"avregistrert" : true`, 1),
				strings.Replace(personRoleJSON("NEST", "1975-05-05", "PER", "NORDMANN", `"fratraadt" : true,`), `"erDoed" : false`, `"erDoed" : true`, 1),
				strings.Replace(personRoleJSON("VARA", "1975-05-05", "PÅL", "NORDMANN", ""), `"fornavn"`, `"mellomnavn" : "MIDT", "fornavn"`, 1)),
			groupJSON("REGN", "", orgRoleJSON("REGN", org(7), `"erSlettet" : true,`)),
			groupJSON("NYTT", "2026-01-01", orgRoleJSON("NYKO", org(8), ``)),
		),
		rolesJSON(2),
		fmt.Sprintf(`{"rollegrupper":null,"organisasjonsnummer":"%s"}`, org(3)),
	)
	person := func(y, m, d int, name string) fullmakt.PartyID {
		return fullmakt.OpenPersonID(fullmakt.NewDate(y, m, d), name)
	}
	want := []fullmakt.RegisterRole{
		{Code: "DAGL", Holder: person(1980, 2, 3, "KARI NORDMANN"), HolderName: "KARI NORDMANN", Since: fullmakt.NewDate(2020, 1, 1)},
		{Code: "LEDE", Holder: person(1980, 2, 3, `ÅSE "ÅSA" NORD MANN`), HolderName: `ÅSE "ÅSA" NORD MANN`, Since: fullmakt.NewDate(2021, 6, 7)},
		{Code: "MEDL", Holder: person(1975, 5, 5, "OLA NORDMANN"), HolderName: "OLA NORDMANN", Since: fullmakt.NewDate(2021, 6, 7), Ended: true},
		{Code: "NEST", Holder: person(1975, 5, 5, "PER NORDMANN"), HolderName: "PER NORDMANN", Since: fullmakt.NewDate(2021, 6, 7), Ended: true, HolderDead: true},
		{Code: "VARA", Holder: person(1975, 5, 5, "PÅL MIDT NORDMANN"), HolderName: "PÅL MIDT NORDMANN", Since: fullmakt.NewDate(2021, 6, 7)},
		{Code: "REGN", Holder: fullmakt.OrganisationID(org(7)), HolderName: "HOLDER " + org(7).String() + " AS", HolderDeleted: true},
		{Code: "NYKO", Holder: fullmakt.OrganisationID(org(8)), HolderName: "HOLDER " + org(8).String() + " AS", Since: fullmakt.NewDate(2026, 1, 1)},
	}
	got := readText(t, text, KindRoles)
	if got.err != nil || len(got.rejects) != 0 || len(got.changes) != 3 {
		t.Fatalf("err = %v, rejects = %v, %d changes", got.err, got.rejects, len(got.changes))
	}
	if diff := cmp.Diff(want, got.changes[0].Roles, comparePartyIDs); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	for i, c := range got.changes {
		if c.Has != fullmakt.HasRoles || c.Org != org(i+1) {
			t.Errorf("change %d: %+v, want the roles of %v", i, c, org(i+1))
		}
	}
}

// TestRejects reads one bad element between two good ones: it is rejected whole,
// with the place of the trouble, and the others are read.
func TestRejects(t *testing.T) {
	person := personRoleJSON("DAGL", "1980-01-01", "KARI", "NORDMANN", "")
	good := func(n int) string { return rolesJSON(n, groupJSON("DAGL", "2020-01-01", person)) }
	unit := func(n int) string { return unitJSON(n, "AS", "") }
	role := func(old, new string) string {
		return rolesJSON(2, groupJSON("DAGL", "2020-01-01", person, strings.Replace(person, old, new, 1)))
	}
	tests := []struct {
		name string
		kind Kind
		bad  string
		path string
	}{
		{"no number", KindUnits, `{"navn":"X"}`, "organisasjonsnummer"},
		{"wrong check digit", KindUnits, `{"organisasjonsnummer":"310000010"}`, "organisasjonsnummer"},
		{"number is a list", KindUnits, `{"organisasjonsnummer":[1]}`, "organisasjonsnummer"},
		{"name is an object", KindUnits, fmt.Sprintf(`{"organisasjonsnummer":"%s","navn":{}}`, org(2)), "navn"},
		{"konkurs is a text", KindUnits, fmt.Sprintf(`{"organisasjonsnummer":"%s","konkurs":"nei"}`, org(2)), "konkurs"},
		{"wrong parent", KindUnits, fmt.Sprintf(`{"organisasjonsnummer":"%s","overordnetEnhet":"12"}`, org(2)), "overordnetEnhet"},
		{"wrong deletion date", KindUnits, fmt.Sprintf(`{"organisasjonsnummer":"%s","slettedato":"20. mai"}`, org(2)), "slettedato"},
		{"not an object", KindUnits, `"hei"`, ""},
		{"a number", KindUnits, `-17.5`, ""},
		{"no groups", KindRoles, fmt.Sprintf(`{"organisasjonsnummer":"%s"}`, org(2)), "rollegrupper"},
		{"groups are a text", KindRoles, fmt.Sprintf(`{"organisasjonsnummer":"%s","rollegrupper":"x"}`, org(2)), "rollegrupper"},
		{"group is a number", KindRoles, fmt.Sprintf(`{"organisasjonsnummer":"%s","rollegrupper":[1]}`, org(2)), "rollegrupper[0]"},
		{"wrong group date", KindRoles, strings.Replace(good(2), "2020-01-01", "2020-13-01", 1), "rollegrupper[0].sistEndret"},
		{"held by nobody", KindRoles, role(`"person" : {`, `"noen" : {`), "rollegrupper[0].roller[1]"},
		{"person is null", KindRoles, rolesJSON(2, groupJSON("DAGL", "", `{"person":null,"enhet":null,"type":{"kode":"DAGL"}}`)), "rollegrupper[0].roller[0]"},
		{"held by two", KindRoles, role(`"person" : {`, `"enhet":{"organisasjonsnummer":"`+org(7).String()+`"},"person" : {`), "rollegrupper[0].roller[1]"},
		{"no birth date", KindRoles, role(`"fodselsdato" : "1980-01-01"`, `"fodselsdato" : ""`), "rollegrupper[0].roller[1].person.fodselsdato"},
		{"wrong birth date", KindRoles, role(`1980-01-01`, `1980-02-31`), "rollegrupper[0].roller[1].person.fodselsdato"},
		{"no name", KindRoles, role(`"navn" : {`, `"namn" : {`), "rollegrupper[0].roller[1].person.navn"},
		{"blank name", KindRoles, strings.NewReplacer(`"NORDMANN"`, `" "`, `"KARI"`, `""`).Replace(good(2)), "rollegrupper[0].roller[0].person.navn"},
		{"no role type", KindRoles, role(`"kode" : "DAGL"`, `"kode" : null`), "rollegrupper[0].roller[1].type.kode"},
		{"holder's number is wrong", KindRoles, rolesJSON(2, groupJSON("REGN", "", orgRoleJSON("REGN", 310000010, ""))), "rollegrupper[0].roller[0].enhet.organisasjonsnummer"},
		{"holder without a number", KindRoles, rolesJSON(2, groupJSON("REGN", "", `{"enhet":{"navn":["X"]},"type":{"kode":"REGN"}}`)), "rollegrupper[0].roller[0].enhet.organisasjonsnummer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, after := unit(1), unit(3)
			if tt.kind == KindRoles {
				before, after = good(1), good(3)
			}
			text := listJSON(before, tt.bad, after)
			got := readText(t, text, tt.kind)
			if got.err != nil || len(got.changes) != 2 || got.changes[0].Org != org(1) || got.changes[1].Org != org(3) {
				t.Fatalf("err = %v, changes = %+v, want those around the bad one", got.err, got.changes)
			}
			if len(got.rejects) != 1 {
				t.Fatalf("rejects = %v, want one", got.rejects)
			}
			r := got.rejects[0]
			if r.Record != 2 || r.Path != tt.path || r.Reason == "" {
				t.Errorf("reject = %+v, want record 2, path %q", r, tt.path)
			}
			from, to := strings.Index(text, tt.bad), strings.Index(text, tt.bad)+len(tt.bad)
			if r.Offset < int64(from) || r.Offset > int64(to) {
				t.Errorf("offset %d is outside the element, %d to %d", r.Offset, from, to)
			}
			if line := strings.Count(text[:r.Offset], "\n") + 1; r.Line != line {
				t.Errorf("line %d, want %d", r.Line, line)
			}
			var e *fullmakt.Error
			if !errors.As(error(r), &e) || e.Code != fullmakt.CodeInvalid {
				t.Errorf("the reject does not unwrap to an invalid error")
			}
			if got.stats.Elements != 3 || got.stats.Rejected != 1 {
				t.Errorf("stats = %+v", got.stats)
			}
		})
	}
}

// TestBrokenStreams cuts and spoils a file: what stands before the damage is
// read, and an error that is no Reject ends the sequence.
func TestBrokenStreams(t *testing.T) {
	whole := listJSON(unitJSON(1, "AS", ""), unitJSON(2, "AS", ""))
	second := strings.Index(whole, org(2).String())
	tests := []struct {
		name string
		r    io.Reader
		n    int
		code fullmakt.Code
	}{
		{"empty", strings.NewReader(""), 0, fullmakt.CodeInvalid},
		{"blank", strings.NewReader(" \n"), 0, fullmakt.CodeInvalid},
		{"not JSON", strings.NewReader("hello"), 0, fullmakt.CodeInvalid},
		{"cut in an element", strings.NewReader(whole[:second+200]), 1, fullmakt.CodeInvalid},
		{"cut after an element", strings.NewReader(strings.TrimSuffix(whole, "\n]\n")), 2, fullmakt.CodeInvalid},
		{"text behind the list", strings.NewReader(whole + "x"), 2, fullmakt.CodeInvalid},
		{"no comma", strings.NewReader(strings.Replace(whole, "},\n  {", "}\n  {", 1)), 1, fullmakt.CodeInvalid},
		{"comma at the end", strings.NewReader(strings.Replace(whole, "\n]\n", ",]", 1)), 2, fullmakt.CodeInvalid},
		{"brackets that do not match", strings.NewReader(strings.Replace(whole, `"links" : [ ]`, `"links" : [ }`, 1)), 0, fullmakt.CodeInvalid},
		{"a lost quote", strings.NewReader(strings.Replace(whole, `"navn" :`, `"navn :`, 1)), 0, fullmakt.CodeInvalid},
		{"a cut download", io.MultiReader(strings.NewReader(whole[:second+200]), iotest.ErrReader(io.ErrUnexpectedEOF)), 1, fullmakt.CodeInvalid},
		{"a read error", io.MultiReader(strings.NewReader(whole[:second+200]), iotest.ErrReader(errors.New("disk"))), 1, fullmakt.CodeUnavailable},
		{"too deep", strings.NewReader(`[{"x":` + strings.Repeat("[", 100)), 0, fullmakt.CodeInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := readBulk(t, tt.r, KindUnits, 0)
			if fullmakt.ErrorCode(got.err) != tt.code || len(got.changes) != tt.n || len(got.rejects) != 0 {
				t.Errorf("%d changes, %d rejects, err = %v; want %d, none, %v", len(got.changes), len(got.rejects), got.err, tt.n, tt.code)
			}
		})
	}
}

// TestWindow reads a file of several windows, and one whose elements are bigger
// than a window, in pieces of odd sizes: the result does not depend on where
// windows end.
func TestWindow(t *testing.T) {
	var elements []string
	for n := range 1000 {
		elements = append(elements, unitJSON(n, "AS", ""))
		if n == 300 {
			elements[n] = strings.Replace(elements[n], `"Eksempler."`, `"`+strings.Repeat(`Ei \"lang\" tekst {[. `, windowSize/12)+`"`, 1)
		}
	}
	text := listJSON(elements...)
	if len(text) < 3*windowSize {
		t.Fatalf("the text has %d bytes: too small to mean anything", len(text))
	}
	for _, r := range []io.Reader{strings.NewReader(text), iotest.HalfReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
		got := readBulk(t, r, KindUnits, 0)
		if got.err != nil || len(got.changes) != len(elements) {
			t.Fatalf("%d changes, err = %v; want %d", len(got.changes), got.err, len(elements))
		}
		for n, c := range got.changes {
			if c.Org != org(n) || c.Where != fmt.Sprintf("element %d", n+1) {
				t.Fatalf("change %d is %v, %s; want %v", n, c.Org, c.Where, org(n))
			}
		}
	}
}

func TestSkipElements(t *testing.T) {
	var elements []string
	for n := range 40 {
		elements = append(elements, unitJSON(n, "AS", ""))
	}
	elements[3] = `{"organisasjonsnummer":"ugyldig"}`
	text := listJSON(elements...)
	for _, skip := range []int{0, 1, 7, 39, 40, 41, 1000} {
		got := readBulk(t, strings.NewReader(text), KindUnits, skip)
		skipped := min(skip, 40)
		want := 40 - skipped
		if skip <= 3 {
			want--
		}
		if got.err != nil || len(got.changes) != want {
			t.Errorf("skip %d: %d changes, err = %v; want %d", skip, len(got.changes), got.err, want)
		}
		if len(got.changes) > 0 && got.changes[len(got.changes)-1].Where != "element 40" {
			t.Errorf("skip %d: the last is %q", skip, got.changes[len(got.changes)-1].Where)
		}
		if got.stats.Elements != 40 || got.stats.Skipped != skipped {
			t.Errorf("skip %d: stats = %+v", skip, got.stats)
		}
	}
}

// TestStopReading leaves the loop, or ends the context, in the middle of a file
// whose reader would go on for ever.
func TestStopReading(t *testing.T) {
	endless := func() io.Reader {
		return io.MultiReader(strings.NewReader("["), &repeated{text: unitJSON(1, "AS", "") + ","})
	}
	n := 0
	for range ReadBulk(t.Context(), endless(), KindUnits, BulkOptions{}) {
		if n++; n == 1000 {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	n = 0
	for _, err := range ReadBulk(ctx, endless(), KindUnits, BulkOptions{}) {
		if n++; n == 1000 {
			cancel()
		}
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("err = %v, want canceled", last)
	}
}

// repeated is a text without end.
type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		m := copy(p[n:], r.text[r.at:])
		n += m
		r.at = (r.at + m) % len(r.text)
	}
	return n, nil
}

// TestSingleObjects reads the answers of look-ups and searches as files.
func TestSingleObjects(t *testing.T) {
	page := func(name, list string) string {
		return `{"_embedded":{"` + name + `":` + list + `},"_links":{"self":{"href":"x"}},"page":{"size":2,"totalElements":3,"totalPages":2,"number":0}}`
	}
	roles := `{"rollegrupper":[` + groupJSON("DAGL", "2020-01-01", personRoleJSON("DAGL", "1980-01-01", "KARI", "NORDMANN", "")) + `],` +
		`"_links":{"self":{"href":"` + apiHost + `/enheter/` + org(1).String() + `/roller"}}}`
	tests := []struct {
		name string
		kind Kind
		text string
		want int
	}{
		{"one unit", KindUnits, unitJSON(1, "AS", ""), 1},
		{"one sub-unit, with a mark", KindSubUnits, "\uFEFF" + subUnitJSON(1, ""), 1},
		{"a page of units", KindUnits, page("enheter", listJSON(unitJSON(1, "AS", ""), unitJSON(2, "AS", ""))), 2},
		{"a page of sub-units", KindSubUnits, page("underenheter", listJSON(subUnitJSON(1, ""))), 1},
		{"a page without results", KindUnits, `{"_links":{"self":{"href":"x"}},"page":{"size":20,"totalElements":0}}`, 0},
		{"the roles of a unit", KindRoles, roles, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := readText(t, tt.text, tt.kind)
			if got.err != nil || len(got.rejects) != 0 || len(got.changes) != tt.want {
				t.Fatalf("%d changes, rejects %v, err = %v; want %d", len(got.changes), got.rejects, got.err, tt.want)
			}
			for i, c := range got.changes {
				if c.Org != org(i+1) {
					t.Errorf("change %d is about %v, want %v", i, c.Org, org(i+1))
				}
			}
		})
	}
	if got := readText(t, unitJSON(1, "AS", "")+"x", KindUnits); got.err == nil {
		t.Error("text behind the object was accepted")
	}
	for _, text := range []string{
		unitJSON(1, "AS", "")[:300],
		`{"organisasjonsnummer" "310000019"}`,
		`{"_embedded":?"enheter":[]}`,
	} {
		if got := readText(t, text, KindUnits); fullmakt.ErrorCode(got.err) != fullmakt.CodeInvalid || len(got.changes) != 0 {
			t.Errorf("%.40q: %d changes, err = %v; want an error alone", text, len(got.changes), got.err)
		}
	}
}

func TestReadBulkRefusesOtherKinds(t *testing.T) {
	for _, kind := range []Kind{KindUnknown, KindCCR, KindTable} {
		if got := readText(t, "[]", kind); fullmakt.ErrorCode(got.err) != fullmakt.CodeInvalid {
			t.Errorf("%v: err = %v", kind, got.err)
		}
	}
}

// readInStep reads a bulk text without a goroutine, through windows that start
// at the given size.
func readInStep(r io.Reader, kind Kind, size int) (res result) {
	var records []record
	b := &bulk{decoder: newDecoder(), kind: kind, batch: make([]record, 0, batchSize), take: func(batch []record) []record {
		records = append(records, batch...)
		return batch[:0]
	}}
	b.win.r, b.win.buf = r, make([]byte, size)
	res.err = b.run()
	b.flush()
	for _, rec := range records {
		if reject, ok := rec.err.(*Reject); ok {
			res.rejects = append(res.rejects, reject)
		} else if rec.elements > rec.skipped {
			res.changes = append(res.changes, rec.change)
		}
	}
	return res
}

// FuzzBulk reads any text as a bulk file: it ends, and what it gives does not
// depend on where the windows end.
func FuzzBulk(f *testing.F) {
	// Small seeds: the fuzzer shortens what it finds, which takes it long for big ones.
	f.Add([]byte(`[{"organisasjonsnummer":"310000019","navn":"A","organisasjonsform":{"kode":"AS"},"konkurs":true},{}]`), uint8(0))
	f.Add([]byte(`[{"organisasjonsnummer":310000027,"overordnetEnhet":"310000019","slettedato":"2020-01-01"}]`), uint8(1))
	f.Add([]byte(`[{"rollegrupper":[{"roller":[{"person":{"fodselsdato":"1980-01-01","navn":{"etternavn":"A"}},"type":{"kode":"DAGL"}},`+
		`{"enhet":{"organisasjonsnummer":"310000027","navn":["B"]},"type":{"kode":"REGN"}}]}],"organisasjonsnummer":"310000019"}]`), uint8(2))
	f.Add([]byte(`{"_embedded":{"enheter":[{"organisasjonsnummer":"310000019"}]}}`), uint8(0))
	f.Add([]byte(`[{"\u006eavn":"\ud800\"","x":[{}]}]`), uint8(0))
	f.Fuzz(func(t *testing.T, text []byte, kind uint8) {
		k := KindUnits + Kind(kind%3)
		whole := readInStep(bytes.NewReader(text), k, 64<<10)
		pieces := readInStep(iotest.OneByteReader(bytes.NewReader(text)), k, 16)
		if len(whole.changes) != len(pieces.changes) || len(whole.rejects) != len(pieces.rejects) || (whole.err == nil) != (pieces.err == nil) {
			t.Errorf("%d changes, %d rejects, %v in one window; %d, %d, %v in small ones", len(whole.changes), len(whole.rejects), whole.err,
				len(pieces.changes), len(pieces.rejects), pieces.err)
		}
		for i, c := range whole.changes {
			if !c.Org.Valid() || c.Org != pieces.changes[i].Org || c.Name != pieces.changes[i].Name || len(c.Roles) != len(pieces.changes[i].Roles) {
				t.Errorf("a change about %v %q, in small windows %v %q", c.Org, c.Name, pieces.changes[i].Org, pieces.changes[i].Name)
			}
		}
		_, _ = sniffText(text)
	})
}
