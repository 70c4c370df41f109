package enhetsregisteret

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
)

func TestDecodeUpdates(t *testing.T) {
	const links = `"_links":{"self":{"href":"x"}},"page":{"size":20,"totalElements":0}`
	at := time.Date(2026, 8, 5, 13, 14, 0, 613_000_000, time.UTC)
	tests := []struct {
		name    string
		body    string
		want    []UpdateEvent
		last    int64
		rejects int
	}{
		{"units", `{"_embedded":{"oppdaterteEnheter":[
			{"oppdateringsid":25017143,"dato":"2026-08-05T13:14:00.613Z","organisasjonsnummer":"310000019","endringstype":"Endring",
			 "endringer":[{"op":"replace","path":"/antallAnsatte","value":42},{"op":"remove","path":"/hjemmeside"}],"_links":{"enhet":{"href":"x"}}},
			{"oppdateringsid":25017149,"dato":"2026-08-05T15:14:00.613+0200","organisasjonsnummer":"310000027","endringstype":"Fjernet"}]},` + links + `}`,
			[]UpdateEvent{{25017143, 310000019, at, "Endring"}, {25017149, 310000027, at, "Fjernet"}}, 25017149, 0},
		{"sub-units, out of order, one spoiled", `{"_embedded":{"oppdaterteUnderenheter":[
			{"oppdateringsid":9,"dato":"","organisasjonsnummer":"9876543","endringstype":"Ukjent"},
			{"oppdateringsid":"7","organisasjonsnummer":310000019,"endringstype":null}]}}`,
			[]UpdateEvent{{7, 310000019, time.Time{}, ""}}, 9, 1},
		{"roles", `[{"specversion":"1.0","id":"500","source":"x","type":"y","time":"2026-08-05T13:14:00.613Z","data":{"organisasjonsnummer":"310000019"}}]`,
			[]UpdateEvent{{500, 310000019, at, ""}}, 500, 0},
		{"no units", `{` + links + `}`, nil, 0, 0},
		{"no roles", `[]`, nil, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := DecodeUpdates([]byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Events); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if got.Last != tt.last || len(got.Rejects) != tt.rejects || got.Entries != len(tt.want)+tt.rejects {
				t.Errorf("last %d, %d rejects, %d entries; want %d, %d, %d", got.Last, len(got.Rejects), got.Entries, tt.last, tt.rejects, len(tt.want)+tt.rejects)
			}
		})
	}
	for _, body := range []string{"", "x", "7", `{"_embedded":`, `{"hello":1}`, `[{"data":{"organisasjonsnummer":"310000019"}}]`, `[{"id":"-3"}]`, `[{"id":"a1"}]`} {
		if _, err := DecodeUpdates([]byte(body)); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("DecodeUpdates(%q): %v, want invalid", body, err)
		}
	}
}

func TestDecodeAnswers(t *testing.T) {
	unit, err := DecodeUnit(KindUnits, []byte(unitJSON(1, "AS", `"konkurs" : true,`)))
	if err != nil || unit.Org != org(1) || unit.State != fullmakt.Bankrupt {
		t.Errorf("DecodeUnit = %+v, %v", unit, err)
	}
	roles := `{"rollegrupper":[` + groupJSON("DAGL", "2020-01-01", personRoleJSON("DAGL", "1980-01-01", "KARI", "NORDMANN", "")) + `],"_links":{}}`
	got, err := DecodeRoles(org(1), []byte(roles))
	if err != nil || got.Org != org(1) || len(got.Roles) != 1 || got.Has != fullmakt.HasRoles {
		t.Errorf("DecodeRoles = %+v, %v", got, err)
	}
	other := `{"organisasjonsnummer":"` + org(2).String() + `","rollegrupper":[]}`
	if got, err := DecodeRoles(org(1), []byte(other)); err != nil || got.Org != org(2) {
		t.Errorf("DecodeRoles of an answer about another unit = %+v, %v; it must say which", got, err)
	}
	if _, err := DecodeRoles(org(1), []byte(`{"_links":{}}`)); err == nil {
		t.Error("an answer without rollegrupper passes for no roles")
	} else if r, ok := asReject(err); !ok || r.Path != "rollegrupper" {
		t.Errorf("err = %v, want a reject at rollegrupper", err)
	}
	for _, body := range []string{"", " ", "<html>", `{"navn":`, `{} x`, `[`} {
		_, err := DecodeUnit(KindUnits, []byte(body))
		if _, isReject := asReject(err); err == nil || isReject || fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("DecodeUnit(%q): %v, want an error that is no reject", body, err)
		}
	}
	if _, err := DecodeUnit(KindCCR, nil); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("DecodeUnit of a batch file: %v", err)
	}
}

func TestCursors(t *testing.T) {
	c := Cursors{}.With(FeedUnits, 1).With(FeedSubUnits, 2).With(FeedRoles, 3)
	if c != (Cursors{Units: 1, SubUnits: 2, Roles: 3}) || c.Of(FeedRoles) != 3 || c.Of("other") != 0 {
		t.Errorf("cursors = %+v", c)
	}
}

// FuzzUpdates reads any text as an update page and as answers.
func FuzzUpdates(f *testing.F) {
	f.Add([]byte(`{"_embedded":{"oppdaterteEnheter":[{"oppdateringsid":7,"organisasjonsnummer":"310000019"}]},"page":{}}`))
	f.Add([]byte(`[{"id":"500","time":"2026-05-27T12:30:00Z","data":{"organisasjonsnummer":"310000019"}}]`))
	f.Add([]byte(`{"organisasjonsnummer":"310000019","rollegrupper":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := DecodeUpdates(body)
		if err == nil && page.Entries != len(page.Events)+len(page.Rejects) {
			t.Errorf("%d entries, %d events, %d rejects", page.Entries, len(page.Events), len(page.Rejects))
		}
		for _, e := range page.Events {
			if !e.Org.Valid() || e.ID <= 0 || e.ID > page.Last {
				t.Errorf("event %+v, last %d", e, page.Last)
			}
		}
		for _, kind := range []Kind{KindUnits, KindSubUnits} {
			if ch, err := DecodeUnit(kind, body); err == nil && !ch.Org.Valid() {
				t.Errorf("a change about %v", ch.Org)
			}
		}
		if ch, err := DecodeRoles(310000019, body); err == nil && !ch.Org.Valid() {
			t.Errorf("roles of %v", ch.Org)
		}
	})
}
