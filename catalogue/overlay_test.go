package catalogue

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fullmakt/fullmakt"
)

// load loads an overlay that is right.
func load(t *testing.T, text string) *Catalogue {
	t.Helper()
	c, err := Load(overlay(text))
	if err != nil {
		var problems Problems
		errors.As(err, &problems)
		t.Fatalf("%v\n%v", err, problems)
	}
	if c.Digest() == embedded(t).Digest() {
		t.Error("the overlay does not change the digest")
	}
	return c
}

// noon is noon UTC of a day.
func noon(t *testing.T, day string) int64 {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return at.Add(12 * time.Hour).Unix()
}

func TestOverlayAdds(t *testing.T) {
	c := load(t, add(`
		"groups": [{"code": "ours", "entity": "organisation", `+okNames+`}],
		"areas": [{"code": "prove-omraade", "group": "ours", `+okNames+`, `+okTexts+`}],
		"packages": [{"code": "prove", "aliases": ["test-pakke"], `+strings.Replace(okPackage, "integrasjoner", "prove-omraade", 1)+`}],
		"roles": [{"code": "PROV", "altinn_code": "prover", "key": true, `+okRole+`}],
		"forms": [{"code": "PRØV", "entity": "organisation", "business": true, `+okNames+`}],
		"mappings": [{"package": "prove", "use_and_give": ["DAGL", "PROV@PRØV"], "use_only": ["REGN"], "give_only": ["hovedadministrator"], "assign": ["REGN"]}],
		"rolemap": [{"has": "PROV", "gets": ["admai"]}],
		"derivations": [{"role": "KONT", "form": "PRØV", "gives": "PROV"}]`))
	p, ok := c.FindPackage("urn:altinn:accesspackage:TEST-PAKKE")
	if !ok || p.ID != 223 || p.URN != "urn:altinn:accesspackage:prove" || p.AltinnURN != p.URN || p.Source != "test" {
		t.Fatalf("the new package is %+v", p)
	}
	v := c.At(0)
	role, form := c.RoleID("prover"), c.FormID("PRØV")
	if !v.Key(role) || v.Derived(c.RoleID("KONT"), form) != role || len(v.Mapped(role)) != 1 {
		t.Error("the new role is not a key role, not derived, or maps to nothing")
	}
	if !v.Conferral(role, form).Give.Has(p.ID) || v.Conferral(role, 0).Use.Has(p.ID) || !v.Conferral(role, 0).OtherForm.Has(p.ID) {
		t.Error("the new role does not give the package at the new form alone")
	}
	if regn := v.Conferral(c.RoleID("REGN"), 0); !regn.Use.Has(p.ID) || regn.Give.Has(p.ID) {
		t.Error("REGN must use the package and not give it")
	}
	if !v.MainAdmin(form).Has(p.ID) || !v.Assignable().Has(p.ID) || !v.ForOrganisations().Has(p.ID) {
		t.Error("the new package is missing in a set")
	}
	if a, ok := c.FindArea("prove-omraade"); !ok || a.EntityType != fullmakt.KindOrganisation || a.URN != "accesspackage:area:prove-omraade" {
		t.Errorf("the new area is %+v", a)
	}
}

func TestOverlayEnds(t *testing.T) {
	c := load(t, `{"end": {
		"roles":    [{"code": "ECKEYROLE", "to": "2026-06-19"}],
		"packages": [{"code": "toll", "to": "2026-07-31"}],
		"areas":    [{"code": "vergemal", "to": "2026-06-19"}],
		"mappings": [{"package": "jordbruk", "roles": ["DAGL"], "to": "2026-06-19"},
		             {"package": "forretningsforer-eiendom", "roles": ["FFØR@BRL"], "to": "2026-06-19"},
		             {"package": "fiske", "to": "2026-06-19"}],
		"rolemap":  [{"has": "DAGL", "gets": ["admai"], "to": "2026-06-19"}],
		"derivations": [{"role": "KONT", "form": "NUF", "gives": "KNUF", "to": "2026-06-19"}]
	}}`)
	if n := len(c.Views()); n != 3 {
		t.Errorf("%d views, want 3", n)
	}
	before, between, after := c.At(noon(t, "2026-06-19")), c.At(noon(t, "2026-06-20")), c.At(noon(t, "2026-08-01"))
	eckey, dagl, lede, ffor := c.RoleID("ECKEYROLE"), c.RoleID("DAGL"), c.RoleID("LEDE"), c.RoleID("FFØR")
	pkg := func(code string) PackageID {
		id, ok := c.PackageID(code)
		if !ok {
			t.Fatalf("no package %s", code)
		}
		return id
	}
	toll, jordbruk, fiske, eiendom := pkg("toll"), pkg("jordbruk"), pkg("fiske"), pkg("forretningsforer-eiendom")
	for _, x := range []struct {
		what     string
		is, want bool
	}{
		{"ECKEY is a key role", before.Key(eckey), true},
		{"ECKEY is a key role the day after", between.Key(eckey), false},
		{"DAGL uses jordbruk", before.Conferral(dagl, 0).Use.Has(jordbruk), true},
		{"DAGL uses jordbruk the day after", between.Conferral(dagl, 0).Use.Has(jordbruk), false},
		{"LEDE uses jordbruk the day after", between.Conferral(lede, 0).Use.Has(jordbruk), true},
		{"LEDE uses fiske the day after", between.Conferral(lede, 0).Use.Has(fiske), false},
		{"the main administrator gives fiske the day after", between.MainAdmin(0).Has(fiske), false},
		{"FFØR uses eiendom at BRL the day after", between.Conferral(ffor, c.FormID("BRL")).Use.Has(eiendom), false},
		{"FFØR uses eiendom at ESEK the day after", between.Conferral(ffor, c.FormID("ESEK")).Use.Has(eiendom), true},
		{"DAGL uses toll in July", between.Conferral(dagl, 0).Use.Has(toll), true},
		{"DAGL uses toll in August", after.Conferral(dagl, 0).Use.Has(toll), false},
		{"toll is valid in August", after.Valid().Has(toll) || after.Package(toll) != nil || after.Assignable().Has(toll), false},
		{"KONT becomes KNUF", before.Derived(c.RoleID("KONT"), c.FormID("NUF")) != 0, true},
		{"KONT becomes KNUF the day after", between.Derived(c.RoleID("KONT"), c.FormID("NUF")) != 0, false},
	} {
		if x.is != x.want {
			t.Errorf("%s: %v, want %v", x.what, x.is, x.want)
		}
	}
	if a, b := len(before.Mapped(dagl)), len(between.Mapped(dagl)); a != b+1 {
		t.Errorf("DAGL leads to %d roles before and %d after", a, b)
	}
	if a, b := len(before.Areas()), len(between.Areas()); a != 49 || b != 48 {
		t.Errorf("%d areas before and %d after", a, b)
	}
	if _, ok := c.FindPackage("toll"); !ok {
		t.Error("an ended package is not found by its name any more")
	}
}

func TestOverlayReplaces(t *testing.T) {
	c := load(t, `{`+okSource+`, "replace": {
		"mappings": [{"package": "toll", "use_only": ["DAGL"]}, {"package": "fiske", "give_only": ["DAGL"], "from": "2026-06-20"}],
		"roles": [{"code": "REPR", "key": true, "from": "2026-06-20", `+okRole+`}],
		"packages": [{"code": "jordbruk", "area": "integrasjoner", "entity": "organisation", "assignable": false, "delegable": true, "service_owner": true, "from": "2026-06-20", `+okNames+`, `+okTexts+`}],
		"forms": [{"code": "STI", "entity": "organisation", "business": true, `+okNames+`}]
	}}`)
	before, after := c.At(noon(t, "2026-06-19")), c.At(noon(t, "2026-06-20"))
	toll, _ := c.PackageID("toll")
	fiske, _ := c.PackageID("fiske")
	jordbruk, _ := c.PackageID("jordbruk")
	dagl, lede, repr := c.RoleID("DAGL"), c.RoleID("LEDE"), c.RoleID("REPR")
	if len(c.Packages()) != 223 || len(c.Roles()) != 149 || len(c.Mappings()) != 1286 {
		t.Errorf("counts %+v: replacing must not add packages or roles, and one mapping has two versions", c.Counts())
	}
	if got := before.Conferral(dagl, 0); !got.Use.Has(toll) || got.Give.Has(toll) {
		t.Error("DAGL must use toll and no longer give it, at all times")
	}
	if !before.Conferral(lede, 0).Give.Has(toll) {
		t.Error("replacing DAGL's mapping changed LEDE's")
	}
	if !before.Conferral(dagl, 0).Use.Has(fiske) || after.Conferral(dagl, 0).Use.Has(fiske) {
		t.Error("DAGL must use fiske until 19 June only")
	}
	if before.Key(repr) || !after.Key(repr) {
		t.Error("REPR must be a key role from 20 June")
	}
	if c.Role(repr).URN != "urn:ours:role:prove" || before.Role(repr).URN == c.Role(repr).URN {
		t.Error("the catalogue must show the latest version of REPR, the view its own")
	}
	if !before.Assignable().Has(jordbruk) || after.Assignable().Has(jordbruk) {
		t.Error("jordbruk must be assignable until 19 June only")
	}
	if p := before.Package(jordbruk); p == nil || p.Names.NB != "Jordbruk" || p.Valid.String() != "to 2026-06-19" {
		t.Errorf("before, jordbruk is %+v", p)
	}
	if p := after.Package(jordbruk); p == nil || p.Names.NB != "Prøve" || p.Valid.String() != "from 2026-06-20" || p.ID != jordbruk {
		t.Errorf("after, jordbruk is %+v", p)
	}
	if id, ok := c.PackageID("c5bbbc3f-605a-4dcb-a587-32124d7bb76d"); !ok || id != jordbruk {
		t.Error("jordbruk is not found any more by a name that its older version has")
	}
	if !c.Form(c.FormID("STI")).Business {
		t.Error("form STI is not replaced")
	}
}

// Files are laid in the order of their names, and a later one sees the earlier.
func TestOverlayFilesInOrder(t *testing.T) {
	fsys := fstest.MapFS{
		"20-end.json": {Data: []byte(`{"end": {"packages": [{"code": "prove", "to": "2027-01-31"}]}}`)},
		"10-add.json": {Data: []byte(add(`"packages": [{"code": "prove", "from": "2026-01-01", ` + okPackage + `}]`))},
		"readme.md":   {Data: []byte("# ours")},
	}
	c, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := c.FindPackage("prove")
	if p.Valid.String() != "2026-01-01 to 2027-01-31" {
		t.Errorf("prove holds %v", p.Valid)
	}
	for day, want := range map[string]bool{"2025-12-31": false, "2026-01-01": true, "2027-01-31": true, "2027-02-01": false} {
		if got := c.At(noon(t, day)).Valid().Has(p.ID); got != want {
			t.Errorf("prove holds on %s: %v, want %v", day, got, want)
		}
	}
}

// Ending before an entry begins removes it.
func TestOverlayEndsWhatHasNotBegun(t *testing.T) {
	fsys := fstest.MapFS{
		"1.json": {Data: []byte(add(`"mappings": [{"package": "toll", "use_only": ["REGN"], "from": "2026-06-20"}]`))},
		"2.json": {Data: []byte(`{"end": {"mappings": [{"package": "toll", "roles": ["REGN"], "to": "2026-06-01"}]}}`)},
	}
	c, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Mappings()); n != 1285 {
		t.Errorf("%d mappings, want 1285", n)
	}
}

func TestOverlayRefuses(t *testing.T) {
	for _, x := range []struct{ name, overlay, entry, text string }{
		{"end of nothing", `{"end": {"roles": [{"code": "XYZZ", "to": "2026-06-19"}]}}`, `role "XYZZ"`, "none to end"},
		{"end of no mapping", `{"end": {"mappings": [{"package": "toll", "roles": ["REGN"], "to": "2026-06-19"}]}}`, `"toll" to role "REGN"`, "none to end"},
		{"end of no package's mappings", `{"end": {"mappings": [{"package": "tull", "to": "2026-06-19"}]}}`, `mappings of package "tull"`, "none to end"},
		{"end of mappings by use", `{"end": {"mappings": [{"package": "toll", "use_and_give": ["DAGL"], "to": "2026-06-19"}]}}`, `mappings of package "toll"`, `in "roles"`},
		{"end without a day", `{"end": {"roles": [{"code": "ECKEYROLE"}]}}`, `role "ECKEYROLE"`, "no last day"},
		{"end with a first day", `{"end": {"roles": [{"code": "ECKEYROLE", "from": "2026-01-01", "to": "2026-06-19"}]}}`, `role "ECKEYROLE"`, "means nothing"},
		{"end on a bad day", `{"end": {"roles": [{"code": "ECKEYROLE", "to": "19.06.2026"}]}}`, `role "ECKEYROLE"`, "want year-month-day"},
		{"end of a group", `{"end": {"groups": [{"code": "allment", "to": "2026-06-19"}]}}`, `group "allment"`, "cannot end"},
		{"end of a source", `{"end": {"sources": [{"id": "fullmakt"}]}}`, `source "fullmakt"`, "cannot end"},
		{"replace of nothing", `{` + okSource + `, "replace": {"roles": [{"code": "XYZZ", ` + okRole + `}]}}`, `role "XYZZ"`, "none to replace"},
		{"replace of no mapping", `{` + okSource + `, "replace": {"mappings": [{"package": "toll", "use_only": ["REGN"]}]}}`, `"toll" to role "REGN"`, "none to replace"},
		{"replace from a bad day", `{` + okSource + `, "replace": {"roles": [{"code": "REPR", "from": "x", ` + okRole + `}]}}`, `role "REPR"`, "want year-month-day"},
		{"replace of a source", `{"replace": {"sources": [{"id": "fullmakt"}]}}`, `source "fullmakt"`, "cannot be replaced"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := Load(overlay(x.overlay))
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("error %v, want problems", err)
			}
			found := false
			for _, p := range problems {
				found = found || p.File == "o.json" && strings.Contains(p.Entry, x.entry) && strings.Contains(p.Text, x.text)
			}
			if !found {
				t.Errorf("problems:\n%v\nwant one in o.json, of %s, that says %q", problems, x.entry, x.text)
			}
		})
	}
}
