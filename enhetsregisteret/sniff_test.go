package enhetsregisteret

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"go.uber.org/goleak"

	"github.com/fullmakt/fullmakt"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func gzipped(t testing.TB, texts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, text := range texts {
		w := gzip.NewWriter(&b)
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func zipped(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if _, err := w.Create("mappe/"); err != nil {
		t.Fatal(err)
	}
	f, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSniff(t *testing.T) {
	units := listJSON(unitJSON(1, "AS", ""), unitJSON(2, "AS", ""))
	subUnits := listJSON(subUnitJSON(1, ""))
	roles := listJSON(rolesJSON(1, groupJSON("DAGL", "2020-01-01", personRoleJSON("DAGL", "1980-01-01", "KARI", "NORDMANN", ""))))
	ccr := ccrFile(7, "ENH 310000019AS  ENY  2021031220210312N")
	links := `"_links":{"self":{"href":"x"}}`
	tests := []struct {
		name string
		text string
		want Kind
	}{
		{"units", units, KindUnits},
		{"sub-units", subUnits, KindSubUnits},
		{"roles", roles, KindRoles},
		{"links first", `[{` + links + `,"organisasjonsnummer":"310000019","rollegrupper":[`, KindRoles},
		{"batch file", ccr, KindCCR},
		{"one unit", unitJSON(1, "AS", ""), KindUnits},
		{"one sub-unit", subUnitJSON(1, ""), KindSubUnits},
		{"a deleted unit", `{"organisasjonsnummer":"310000019","navn":"X","slettedato":"2020-01-01"}`, KindUnits},
		{"roles of a unit", `{"rollegrupper":[],` + links + `}`, KindRoles},
		{"search page", `{"_embedded":{"enheter":` + units + `},` + links + `,"page":{}}`, KindUnits},
		{"search page of sub-units", `{"_embedded":{"underenheter":` + subUnits + `},` + links + `,"page":{}}`, KindSubUnits},
		{"empty search page", `{` + links + `,"page":{"size":20,"totalElements":0}}`, KindEmptyPage},
		{"update page", `{"_embedded":{"oppdaterteEnheter":[{"oppdateringsid":1}]},` + links + `,"page":{}}`, KindUnitUpdates},
		{"update page of sub-units", `{"_embedded":{"oppdaterteUnderenheter":[]}}`, KindUnitUpdates},
		{"role events", `[{"specversion":"1.0","id":"500","source":"x","type":"y","time":"z","data":{"organisasjonsnummer":"310000019"}}]`, KindRoleUpdates},
		{"reverse roles", `{"organisasjonsnummer":"310000019","erSlettet":false,"enheter":[{"organisasjonsnummer":"310000027","navn":"X","roller":[]}]}`, KindLegalRoles},
		{"XML", "\uFEFF<?xml version=\"1.0\"?>\n<batchAjourholdXML xmlns:xsi=\"x\"><head/></batchAjourholdXML>", KindCCRXML},
		{"other XML", "<html></html>", KindUnknown},
		{"CSV", "organisasjonsnummer,navn,organisasjonsform.kode\n310000019,X,AS\n", KindTable},
		{"text", "hello", KindUnknown},
		{"other JSON", `{"hello":1}`, KindUnknown},
		{"empty list", `[]`, KindUnknown},
		{"nothing", ``, KindUnknown},
	}
	for _, tt := range tests {
		forms := map[string][]byte{
			"plain": []byte(tt.text), "gzip": gzipped(t, tt.text), "gzip in two members": gzipped(t, tt.text[:len(tt.text)/2], tt.text[len(tt.text)/2:]),
			"zip": zipped(t, "fil.json", []byte(tt.text)), "gzip in zip": zipped(t, "fil.json.gz", gzipped(t, tt.text)),
		}
		for form, content := range forms {
			t.Run(tt.name+"/"+form, func(t *testing.T) {
				got, err := Sniff(bytes.NewReader(content), int64(len(content)))
				if got != tt.want {
					t.Errorf("Sniff = %v (%v), want %v", got, err, tt.want)
				}
				if (err == nil) != tt.want.Readable() {
					t.Errorf("err = %v for %v", err, got)
				}
				if err != nil && (fullmakt.ErrorCode(err) != fullmakt.CodeInvalid || fullmakt.ErrorHint(err) == "") {
					t.Errorf("err = %v without code or hint", err)
				}
			})
		}
	}
}

func TestOpen(t *testing.T) {
	text := listJSON(unitJSON(1, "AS", ""), unitJSON(2, "AS", ""))
	forms := map[string][]byte{
		"enheter.json": []byte(text), "enheter.json.gz": gzipped(t, text[:1000], text[1000:]), "enheter.zip": zipped(t, "enheter.json", []byte(text)),
	}
	for name, content := range forms {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if f.Kind != KindUnits || f.Partial || f.Modified.IsZero() {
				t.Errorf("Kind %v, Partial %v, Modified %v", f.Kind, f.Partial, f.Modified)
			}
			got, err := io.ReadAll(f)
			if err != nil || string(got) != text {
				t.Errorf("%d bytes, err = %v; want %d", len(got), err, len(text))
			}
			if done, size := f.Progress(); size != int64(len(content)) || done == 0 || done > size {
				t.Errorf("Progress = %d of %d, file has %d", done, size, len(content))
			}
			if kind, err := SniffFile(path); kind != KindUnits || err != nil {
				t.Errorf("SniffFile = %v, %v", kind, err)
			}
		})
	}
}

func TestOpenTellsAPart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enhet.json")
	if err := os.WriteFile(path, []byte(unitJSON(1, "AS", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !f.Partial {
		t.Error("one unit passes for the whole register")
	}
}

// TestOpenDamaged opens files that are missing, refused, or cut off, and one that
// is closed before it was read.
func TestOpenDamaged(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if _, err := Open(filepath.Join(dir, "none")); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		t.Errorf("missing: %v", err)
	}
	if _, err := Open(write("x.xml", []byte("<batchAjourholdXML/>"))); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("XML: %v", err)
	}
	if _, err := Open(write("x.zip", []byte("PK\x03\x04 and nothing"))); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("a broken zip: %v", err)
	}
	if _, err := Open(write("x.gz", []byte("\x1f\x8b and nothing"))); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("a broken gzip: %v", err)
	}
	big := gzipped(t, string(bulkFile(KindUnits, 3<<20)))
	f, err := Open(write("cut.gz", big[:len(big)*3/4]))
	if err != nil {
		t.Fatal(err)
	}
	got := readBulk(t, f, f.Kind, 0)
	if len(got.changes) == 0 || fullmakt.ErrorCode(got.err) != fullmakt.CodeInvalid || !strings.Contains(fullmakt.ErrorHint(got.err), "again") {
		t.Errorf("a cut file: %d changes, err = %v", len(got.changes), got.err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	f, err = Open(write("unread.gz", big))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
