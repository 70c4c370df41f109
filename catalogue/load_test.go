package catalogue

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fullmakt/fullmakt"
)

// overlay makes an overlay of one file.
func overlay(text string) fstest.MapFS { return fstest.MapFS{"o.json": {Data: []byte(text)}} }

// Parts of overlays that are right.
const (
	okSource  = `"sources": [{"id": "test", "title": "A test", "publisher": "fullmakt", "date": "2026-11"}], "source": "test"`
	okNames   = `"names": {"nb": "Prøve", "nn": "Prøve", "en": "Trial"}`
	okTexts   = `"texts": {"nb": "En prøve.", "nn": "Ei prøve.", "en": "A trial."}`
	okPackage = `"area": "integrasjoner", "entity": "organisation", "assignable": true, "delegable": true, "service_owner": false, ` + okNames + `, ` + okTexts
	okRole    = `"urn": "urn:ours:role:prove", "provider": "ours", "entity": "organisation", ` + okNames
)

// add makes an overlay that adds.
func add(sections string) string { return "{" + okSource + `, "add": {` + sections + "}}" }

// Every kind of mistake is an error that names the file and the entry.
func TestLoadRefuses(t *testing.T) {
	manyPackages := func() string {
		var b strings.Builder
		for i := range MaxPackages {
			fmt.Fprintf(&b, `{"code": "prove-%d", %s},`, i, okPackage)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	manyForms := func() string {
		var b strings.Builder
		for i := range maxForms {
			fmt.Fprintf(&b, `{"code": "F%d", "entity": "organisation", %s},`, i, okNames)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	manyRoles := func() string {
		var b strings.Builder
		for i := range maxRoles {
			fmt.Fprintf(&b, `{"code": "R%d", "entity": "organisation", "urn": "urn:r%d", %s},`, i, i, okNames)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	manyDays := func() string {
		var b strings.Builder
		first := fullmakt.NewDate(2020, 1, 1)
		for i := range fullmakt.Date(maxViews) {
			fmt.Fprintf(&b, `{"package": "toll", "use_only": ["REGN"], "from": "%v", "to": "%v"},`, first+2*i, first+2*i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	cases := []struct{ name, overlay, entry, text string }{
		{"dangling role", add(`"mappings": [{"package": "toll", "use_only": ["XYZZ"]}]`), `mapping of package "toll" to role "XYZZ"`, `unknown role "XYZZ"`},
		{"dangling package", add(`"mappings": [{"package": "tull", "use_only": ["REGN"]}]`), `mapping of package "tull" to role "REGN"`, `unknown package "tull"`},
		{"dangling form", add(`"mappings": [{"package": "toll", "use_only": ["REGN@XX"]}]`), `mapping of package "toll" to role "REGN@XX"`, `unknown form "XX"`},
		{"alias instead of code", add(`"mappings": [{"package": "toll", "use_only": ["daglig-leder"]}]`), `role "daglig-leder"`, "unknown role"},
		{"dangling role map", add(`"rolemap": [{"has": "DAGL", "gets": ["nope"]}]`), `role map from "DAGL" to "nope"`, `unknown role "nope"`},
		{"dangling derivation", add(`"derivations": [{"role": "KONT", "form": "XX", "gives": "KNUF"}]`), `derivation from "KONT" at "XX"`, `unknown form "XX"`},
		{"dangling area", add(`"packages": [{"code": "prove", ` + strings.Replace(okPackage, "integrasjoner", "nowhere", 1) + `}]`), `package "prove"`, `unknown area "nowhere"`},
		{"dangling group", add(`"areas": [{"code": "prove", "group": "nope", ` + okNames + `, ` + okTexts + `}]`), `area "prove"`, `unknown group "nope"`},
		{"dangling source", add(`"packages": [{"code": "prove", "source": "nobody", ` + okPackage + `}]`), `package "prove"`, `unknown source "nobody"`},
		{"no source", `{"add": {"packages": [{"code": "prove", ` + okPackage + `}]}}`, `package "prove"`, "no source"},
		{"duplicate package", add(`"packages": [{"code": "toll", ` + okPackage + `}]`), `package "toll"`, "holds always, but another entry (in data/packages.json)"},
		{"duplicate package in another case", add(`"packages": [{"code": "TOLL", ` + okPackage + `}]`), `package "TOLL"`, `answers to "toll"`},
		{"duplicate alias", add(`"packages": [{"code": "prove", "aliases": ["Skatt-Naering"], ` + okPackage + `}]`), `package "prove"`, `answers to "skatt-naering"`},
		{"alias of an Altinn name", add(`"packages": [{"code": "prove", "aliases": ["urn:altinn:accesspackage:maskinporten-scopes"], ` + okPackage + `}]`), `package "prove"`, `answers to "maskinporten-scopes"`},
		{"empty alias", add(`"packages": [{"code": "prove", "aliases": [""], ` + okPackage + `}]`), `package "prove"`, "must be one word"},
		{"duplicate UUID", add(`"packages": [{"code": "prove", "uuid": "C5BBBC3F-605a-4dcb-a587-32124d7bb76d", ` + okPackage + `}]`), `package "prove"`, "answers to"},
		{"duplicate role", add(`"roles": [{"code": "DAGL", ` + okRole + `}]`), `role "DAGL"`, "holds always, but another entry"},
		{"role with another's code", add(`"roles": [{"code": "daglig-leder", ` + okRole + `}]`), `role "daglig-leder"`, `answers to "daglig-leder"`},
		{"role with another's alias", add(`"roles": [{"code": "prove", "aliases": ["Eckey"], ` + okRole + `}]`), `role "prove"`, `answers to "eckey"`},
		{"empty role alias", add(`"roles": [{"code": "prove", "aliases": ["a b"], ` + okRole + `}]`), `role "prove"`, "must be one word"},
		{"role without URN", add(`"roles": [{"code": "prove", "entity": "organisation", ` + okNames + `}]`), `role "prove"`, "no URN"},
		{"duplicate mapping", add(`"mappings": [{"package": "toll", "use_only": ["DAGL"]}]`), `mapping of package "toll" to role "DAGL"`, "holds always, but another entry"},
		{"mapping twice in one entry", add(`"mappings": [{"package": "toll", "use_only": ["REGN"], "give_only": ["REGN"]}]`), `mapping of package "toll" to role "REGN"`, "but another entry (in o.json)"},
		{"duplicate role map", add(`"rolemap": [{"has": "DAGL", "gets": ["admai"]}]`), `role map from "DAGL" to "admai"`, "but another entry"},
		{"role map to itself", add(`"rolemap": [{"has": "DAGL", "gets": ["DAGL"]}]`), `role map from "DAGL" to "DAGL"`, "from a role to itself"},
		{"duplicate derivation", add(`"derivations": [{"role": "KONT", "form": "NUF", "gives": "REPR"}]`), `derivation from "KONT" at "NUF"`, "but another entry"},
		{"duplicate form", add(`"forms": [{"code": "AS", "entity": "organisation", ` + okNames + `}]`), `form "AS"`, "but another entry"},
		{"duplicate form in another case", add(`"forms": [{"code": "as", "entity": "organisation", ` + okNames + `}]`), `form "as"`, "answers to"},
		{"duplicate area", add(`"areas": [{"code": "integrasjoner", "group": "allment", ` + okNames + `, ` + okTexts + `}]`), `area "integrasjoner"`, "but another entry"},
		{"duplicate group", add(`"groups": [{"code": "allment", "entity": "organisation", ` + okNames + `}]`), `group "allment"`, "but another entry"},
		{"overlapping days", add(`"packages": [{"code": "prove", "to": "2026-06-19", ` + okPackage + `}, {"code": "prove", "from": "2026-06-19", ` + okPackage + `}]`), `package "prove"`, "holds from 2026-06-19, but another entry (in o.json) with the same key holds to 2026-06-19"},
		{"empty text", add(`"packages": [{"code": "prove", ` + strings.Replace(okPackage, "Ei prøve.", " ", 1) + `}]`), `package "prove"`, "texts: the text in nn is empty"},
		{"empty name", add(`"roles": [{"code": "prove", ` + strings.Replace(okRole, `"Trial"`, `""`, 1) + `}]`), `role "prove"`, "names: the text in en is empty"},
		{"blank at the end", add(`"roles": [{"code": "prove", ` + strings.Replace(okRole, `"Trial"`, `"Trial "`, 1) + `}]`), `role "prove"`, "begins or ends with a blank"},
		{"letter of another alphabet", add(`"roles": [{"code": "prove", ` + strings.Replace(okRole, `"Trial"`, `"Tri\u0430l"`, 1) + `}]`), `role "prove"`, "U+0430"},
		{"invisible sign", add(`"roles": [{"code": "prove", ` + strings.Replace(okRole, `"Trial"`, `"Tri\u00adal"`, 1) + `}]`), `role "prove"`, "invisible sign U+00AD"},
		{"bad date", add(`"packages": [{"code": "prove", "from": "2026-02-30", ` + okPackage + `}]`), `package "prove"`, "2026-02-30"},
		{"date with a time", add(`"packages": [{"code": "prove", "to": "2026-02-03T12:00", ` + okPackage + `}]`), `package "prove"`, "want year-month-day"},
		{"date before all", add(`"packages": [{"code": "prove", "from": "1899-12-31", ` + okPackage + `}]`), `package "prove"`, "from 1971-01-01 on"},
		{"ends before it begins", add(`"packages": [{"code": "prove", "from": "2026-02-03", "to": "2026-02-02", ` + okPackage + `}]`), `package "prove"`, "before it begins"},
		{"too many packages", add(`"packages": [` + manyPackages() + `]`), `package "prove-289"`, "holds at most 512"},
		{"too many forms", add(`"forms": [` + manyForms() + `]`), `form "F196"`, "holds at most 254"},
		{"too many roles", add(`"roles": [` + manyRoles() + `]`), `role "R3947"`, "holds at most 4096"},
		{"too many days", add(`"mappings": [` + manyDays() + `]`), "", "different days"},
		{"kind of the area", add(`"packages": [{"code": "prove", ` + strings.Replace(okPackage, "organisation", "person", 1) + `}]`), `package "prove"`, "is for a person, but its area"},
		{"unknown kind", add(`"packages": [{"code": "prove", ` + strings.Replace(okPackage, "organisation", "robot", 1) + `}]`), `package "prove"`, `unknown entity "robot"`},
		{"unknown kind of form", add(`"forms": [{"code": "XX", "entity": "robot", ` + okNames + `}]`), `form "XX"`, `unknown entity "robot"`},
		{"blank package code", add(`"packages": [{"code": "", ` + okPackage + `}]`), `package ""`, "must be one word"},
		{"role code with @", add(`"roles": [{"code": "A@B", ` + okRole + `}]`), `role "A@B"`, "must be one word"},
		{"area code with blanks", add(`"areas": [{"code": "a b", "group": "allment", ` + okNames + `, ` + okTexts + `}]`), `area "a b"`, "must be one word"},
		{"group code with blanks", add(`"groups": [{"code": "a b", "entity": "person", ` + okNames + `}]`), `group "a b"`, "must be one word"},
		{"form code with blanks", add(`"forms": [{"code": "A S", "entity": "organisation", ` + okNames + `}]`), `form "A S"`, "must be one word"},
		{"mapping of nobody", add(`"mappings": [{"package": "toll"}]`), `mappings of package "toll"`, "no role in"},
		{"mapping by roles", add(`"mappings": [{"package": "toll", "use_only": ["REGN"], "roles": ["DAGL"]}]`), `mappings of package "toll"`, "for ending"},
		{"assign of nobody", add(`"mappings": [{"package": "toll", "use_only": ["REGN"], "assign": ["REVI"]}]`), `mappings of package "toll"`, `"REVI"`},
		{"role map to nothing", add(`"rolemap": [{"has": "DAGL"}]`), `role map of "DAGL"`, "is empty"},
		{"group with a last day", add(`"groups": [{"code": "prove", "entity": "person", "to": "2026-06-19", ` + okNames + `}]`), `group "prove"`, "cannot begin or end"},
		{"duplicate source", `{"sources": [{"id": "fullmakt", "title": "t", "publisher": "p", "date": "2026"}]}`, `source "fullmakt"`, "two with this id"},
		{"source without title", `{"sources": [{"id": "test", "title": " ", "publisher": "p", "date": "2026"}]}`, `source "test"`, "empty"},
		{"source without date", `{"sources": [{"id": "test", "title": "t", "publisher": "p", "date": "soon"}]}`, `source "test"`, "not a year, month or day"},
		{"source without id", `{"sources": [{"id": "", "title": "t", "publisher": "p", "date": "2026"}]}`, `source ""`, "one word"},
		{"misspelt field", `{"ad": {}}`, "", `unknown field "ad"`},
		{"not JSON", "{\n\n  \"add\": oops}", "", "o.json line 3"},
		{"too short", `{"add": {`, "", "ends too early"},
		{"empty file", ``, "", "ends too early"},
		{"something after", `{} {}`, "", "follows the end"},
		{"wrong type", `{"add": {"packages": [{"code": 7}]}}`, "", "cannot unmarshal number"},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			c, err := Load(overlay(x.overlay))
			if err == nil {
				t.Fatalf("loaded, with digest %s", c.Digest())
			}
			if c != nil {
				t.Error("an error and a catalogue, too")
			}
			if code := fullmakt.ErrorCode(err); code != fullmakt.CodeInvalid {
				t.Errorf("code %q, want invalid", code)
			}
			if fullmakt.ErrorHint(err) == "" {
				t.Error("no hint")
			}
			var problems Problems
			if !errors.As(err, &problems) {
				problems = Problems{{File: "o.json", Text: err.Error()}}
			}
			found := false
			for _, p := range problems {
				file := p.File == "o.json" || x.entry == ""
				found = found || file && strings.Contains(p.Entry, x.entry) && strings.Contains(p.Text, x.text)
			}
			if !found {
				t.Errorf("problems:\n%v\nwant one in o.json, of %s, that says %q", problems, x.entry, x.text)
			}
		})
	}
}

// Every problem is found at once, not only the first.
func TestLoadReportsAll(t *testing.T) {
	_, err := Load(overlay(add(`"mappings": [{"package": "tull", "use_only": ["XYZZ"]}, {"package": "toll", "use_only": ["YZZX"]}]`)))
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 3 {
		t.Fatalf("problems %v, want 3", problems)
	}
	if !strings.HasSuffix(err.Error(), "(and 2 more)") {
		t.Errorf("the message %q does not tell of the others", err)
	}
	if lines := strings.Count(problems.Error(), "\n") + 1; lines != 3 {
		t.Errorf("the problems are written on %d lines, want 3", lines)
	}
}

func TestLoadOverlayDirectory(t *testing.T) {
	dir := t.TempDir()
	c, err := Load(os.DirFS(dir))
	if err != nil {
		t.Fatalf("an empty overlay: %v", err)
	}
	if c.Digest() != embedded(t).Digest() {
		t.Error("an empty overlay changes the digest")
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("not for us"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "old.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(os.DirFS(dir)); err != nil {
		t.Errorf("other files beside the overlay: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "big.json"), make([]byte, MaxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(os.DirFS(dir)); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("a file that is too large: %v", err)
	}
	if _, err := Load(os.DirFS(filepath.Join(dir, "nowhere"))); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
		t.Errorf("no directory: %v", err)
	}
}

// What a catalogue exports can be loaded again and is the same.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{}`))
	f.Add([]byte(add(`"packages": [{"code": "prove", "from": "2026-01-01", ` + okPackage + `}], "mappings": [{"package": "prove", "use_and_give": ["DAGL", "FFØR@NUF"]}]`)))
	f.Add([]byte(`{"end": {"roles": [{"code": "ECKEYROLE", "to": "2026-06-19"}], "mappings": [{"package": "toll", "to": "2026-06-19"}]}}`))
	f.Add([]byte(`{` + okSource + `, "replace": {"mappings": [{"package": "toll", "use_only": ["DAGL"], "from": "2026-06-20"}]}}`))
	f.Add([]byte(`{"replace": {"derivations": [{"role": "KONT", "form": "NUF", "gives": "REPR", "source": "fullmakt"}]}}`))
	f.Add([]byte("{\"add\": {\"roles\": [{\"code\": \"\xff\"}]}}"))
	base, err := readEmbedded()
	if err != nil {
		f.Fatal(err)
	}
	plain := base.digest()
	f.Fuzz(func(t *testing.T, text []byte) {
		// What Load does, without reading the embedded files anew each time.
		b := base.clone()
		var c *Catalogue
		err := b.layAll(fstest.MapFS{"o.json": {Data: text}})
		if err == nil {
			c, err = finish(b)
		}
		if err != nil {
			if c != nil || fullmakt.ErrorCode(err) != fullmakt.CodeInvalid || err.Error() == "" {
				t.Fatalf("error %v with catalogue %v", err, c != nil)
			}
			return
		}
		views := c.Views()
		for i := range views {
			v := &views[i]
			if c.At(v.From) != v && v.From != 0 {
				t.Fatalf("view %d does not begin at %d", i, v.From)
			}
			if i > 0 && views[i-1].To != v.From {
				t.Fatalf("a gap between views %d and %d", i-1, i)
			}
			for r := range len(c.Roles()) + 2 {
				conferral := v.Conferral(RoleID(r), FormID(r%7))
				if !conferral.Use.Intersect(conferral.OtherForm).IsEmpty() || !conferral.Give.Minus(conferral.Use).IsEmpty() {
					t.Fatalf("role %d: %v", r, conferral)
				}
			}
		}
		if c.Digest() == plain {
			return
		}
		again := build(rebook(t, c))
		if again.Digest() != c.Digest() {
			t.Fatal("the export of the catalogue is another catalogue")
		}
	})
}

// clone returns a book that can be changed apart from b.
func (b *book) clone() *book {
	return &book{
		sources: slices.Clone(b.sources), groups: slices.Clone(b.groups), areas: slices.Clone(b.areas),
		packages: slices.Clone(b.packages), roles: slices.Clone(b.roles), mappings: slices.Clone(b.mappings),
		roleMap: slices.Clone(b.roleMap), forms: slices.Clone(b.forms), derivations: slices.Clone(b.derivations),
	}
}

// rebook reads what a catalogue exports.
func rebook(t *testing.T, c *Catalogue) *book {
	t.Helper()
	var text strings.Builder
	if err := c.Export(&text); err != nil {
		t.Fatal(err)
	}
	var whole content
	if err := decode("export.json", []byte(text.String()), &whole); err != nil {
		t.Fatal(err)
	}
	b := new(book)
	b.add(&whole, "export.json")
	return b
}

func TestExportLoadsAgain(t *testing.T) {
	for _, text := range []string{`{}`, add(`"packages": [{"code": "prove", "from": "2026-01-01", ` + okPackage + `}]`)} {
		c, err := Load(overlay(text))
		if err != nil {
			t.Fatal(err)
		}
		b := rebook(t, c)
		again := build(b)
		if len(b.problems) > 0 {
			t.Fatalf("the export has problems: %v", b.problems)
		}
		if again.Digest() != c.Digest() {
			t.Error("the export is another catalogue")
		}
		if again.Counts() != c.Counts() {
			t.Errorf("the export counts %+v, the catalogue %+v", again.Counts(), c.Counts())
		}
	}
}
