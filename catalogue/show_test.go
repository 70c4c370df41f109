package catalogue

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/google/go-cmp/cmp"
)

// show returns the document of a page that must be there.
func show(t *testing.T, c *Catalogue, name, lang string) Document {
	t.Helper()
	page, err := c.Show(name, 0)
	if err != nil {
		t.Fatal(err)
	}
	return page.Document(lang)
}

// The area Integrasjoner has the tables that Altinn's page of it has: three
// packages with their URNs, eight key roles or the contact person of a NUF, and
// "Ja" under Delegerbar.
func TestShowIntegrasjoner(t *testing.T) {
	d := show(t, embedded(t), "integrasjoner", "nb")
	if d.Title != "Integrasjoner" || d.Text == "" {
		t.Errorf("title %q, text %q", d.Title, d.Text)
	}
	var names [][]string
	for _, row := range d.Tables[0].Rows {
		names = append(names, row[:2])
		if row[2] == "" {
			t.Errorf("package %s is not described", row[0])
		}
	}
	if diff := cmp.Diff([][]string{
		{"Delegerbare Maskinporten scopes", "urn:altinn:accesspackage:delegerbare-maskinporten-scopes"},
		{"Delegerbare Maskinporten scopes - NUF", "urn:altinn:accesspackage:delegerbare-maskinporten-scopes-NUF"},
		{"Maskinlesbare hendelser", "urn:altinn:accesspackage:maskinlesbare-hendelser"},
	}, names); diff != "" {
		t.Errorf("the packages differ (-want +got):\n%s", diff)
	}
	const keys = "Daglig leder, Styrets leder, Innehaver, Deltaker fullt ansvar, Deltaker delt ansvar, Komplementar, Bestyrende reder, Bostyrer"
	if diff := cmp.Diff(Table{
		Title:   "Roller som gir tilgangspakken",
		Columns: []string{"Tilgangspakke", "Enhetsregisterroller", "Delegerbar"},
		Rows: [][]string{
			{"Delegerbare Maskinporten scopes", keys, "Ja"},
			{"Delegerbare Maskinporten scopes - NUF", "Kontaktperson NUF", "Ja"},
			{"Maskinlesbare hendelser", keys, "Ja"},
		},
	}, d.Tables[1]); diff != "" {
		t.Errorf("the roles differ (-want +got):\n%s", diff)
	}
	// Use, give, assignable, client delegation and form stand apart.
	if diff := cmp.Diff([][]string{
		{"Delegerbare Maskinporten scopes", keys, keys + ", Hovedadministrator", "Ja", "Nei", ""},
		{"Delegerbare Maskinporten scopes - NUF", "Kontaktperson NUF", "Kontaktperson NUF, Hovedadministrator (bare NUF)", "Ja", "Nei", "NUF"},
		{"Maskinlesbare hendelser", keys, keys + ", Hovedadministrator", "Ja", "Nei", ""},
	}, d.Tables[2].Rows); diff != "" {
		t.Errorf("use and give differ (-want +got):\n%s", diff)
	}
}

func TestShowAreaInEveryLanguage(t *testing.T) {
	c := embedded(t)
	if d := show(t, c, "integrasjoner", "nn"); d.Title != "Integrasjonar" || !strings.HasPrefix(d.Tables[1].Rows[0][1], "Dagleg leiar, Styrets leiar, Innehavar") {
		t.Errorf("in nn: %q, %q", d.Title, d.Tables[1].Rows[0][1])
	}
	if d := show(t, c, "integrasjoner", "en"); d.Title != "Integrations" || d.Tables[1].Columns[2] != "Delegable" || d.Tables[1].Rows[0][2] != "Yes" {
		t.Errorf("in en: %q, %v", d.Title, d.Tables[1])
	}
	for _, a := range c.Areas() {
		for _, lang := range []string{"nb", "nn", "en"} {
			if d := show(t, c, a.URN, lang); d.Title == "" || d.Text == "" {
				t.Errorf("area %s in %s: %q, %q", a.Code, lang, d.Title, d.Text)
			}
		}
	}
}

// A package that may not be given on says so, and one for citizens names roles
// that are not the register's.
func TestShowAreaSpecials(t *testing.T) {
	c := embedded(t)
	d := show(t, c, "fullmakter_for_regnskapsforer", "nb")
	for _, row := range d.Tables[1].Rows {
		if row[1] != "Regnskapsfører" || row[2] != "Nei" {
			t.Errorf("accountant package %v, want Regnskapsfører and Nei", row)
		}
	}
	for _, row := range d.Tables[2].Rows {
		if row[2] != "–" || row[3] != "Nei" || row[4] != "Ja" {
			t.Errorf("accountant package %v: nobody gives it, and it is open to client delegation", row)
		}
	}
	d = show(t, c, "familie_og_fritid", "nb")
	if d.Tables[1].Columns[1] != "Roller" || d.Tables[1].Rows[0][1] != "Privatperson" {
		t.Errorf("an area for citizens: %v", d.Tables[1])
	}
	d = show(t, c, "fullmakter_for_forretningsforer", "nb")
	if got := d.Tables[1].Rows[0][1]; !strings.Contains(got, "Forretningsfører (bare BRL)") || !strings.Contains(got, "Forretningsfører (bare ESEK)") {
		t.Errorf("the business manager's package is used by %q", got)
	}
}

func TestShowPackage(t *testing.T) {
	c := embedded(t)
	page, err := c.Show("maskinporten-scopes-nuf", 0)
	if err != nil {
		t.Fatal(err)
	}
	p := page.(*PackagePage)
	want := []Giver{
		{Role: p.Givers[0].Role, Register: true, Form: "NUF", Use: true, Give: true, Derived: true, Source: "altinn-docs-integrasjoner"},
		{Role: p.Givers[1].Role, Form: "NUF", Give: true, Source: "altinn-docs-integrasjoner"},
	}
	if diff := cmp.Diff(want, p.Givers); diff != "" || p.Givers[0].Role.Code != "KNUF" || p.Givers[1].Role.Code != fullmakt.MainAdministrator {
		t.Errorf("the roles differ (-want +got):\n%s", diff)
	}
	facts := map[string]string{}
	for _, f := range p.Document("en").Facts {
		facts[f.Name] = f.Value
	}
	for name, value := range map[string]string{
		"URN":               "urn:altinn:accesspackage:delegerbare-maskinporten-scopes-NUF",
		"URN in Altinn":     "urn:altinn:accesspackage:maskinporten-scopes-nuf",
		"Can be given":      "Yes",
		"Client delegation": "No",
		"Only for":          "NUF",
		"Area":              "Integrations",
		"Holds":             "always",
	} {
		if facts[name] != value {
			t.Errorf("%s is %q, want %q", name, facts[name], value)
		}
	}
	if !strings.Contains(facts["Source"], "Digitaliseringsdirektoratet") {
		t.Errorf("the source is %q", facts["Source"])
	}
}

func TestShowRole(t *testing.T) {
	c := embedded(t)
	page, err := c.Show("urn:altinn:rolecode:DAGL", 0)
	if err != nil {
		t.Fatal(err)
	}
	r := page.(*RolePage)
	if r.Code != "DAGL" || !r.Key || len(r.Packages) != 133 || len(r.Gets) != 23 || r.LegacyURN != "urn:altinn:rolecode:dagl" || r.AltinnCode != "daglig-leder" {
		t.Errorf("DAGL is %+v", r)
	}
	page, err = c.Show("KNUF", 0)
	if err != nil {
		t.Fatal(err)
	}
	r = page.(*RolePage)
	if len(r.Derivations) != 1 || r.Derivations[0].From.Code != "KONT" || r.Derivations[0].Form != "NUF" || r.Key {
		t.Errorf("KNUF is %+v", r)
	}
	page, err = c.Show("admai", 0)
	if err != nil {
		t.Fatal(err)
	}
	if r = page.(*RolePage); len(r.From) == 0 || len(r.Packages) != 0 {
		t.Errorf("admai is %+v", r)
	}
	if d := page.Document("nb"); len(d.Tables) != 0 {
		t.Error("a role without packages shows an empty table")
	}
}

func TestShowRefuses(t *testing.T) {
	c := embedded(t)
	_, err := c.Show("hovedadministrator", 0)
	if fullmakt.ErrorCode(err) != fullmakt.CodeAmbiguous || !strings.Contains(fullmakt.ErrorHint(err), "urn:altinn:accesspackage:hovedadministrator, urn:altinn:role:hovedadministrator") {
		t.Errorf("a name of two things: %v, hint %q", err, fullmakt.ErrorHint(err))
	}
	_, err = c.Show("skatt", 0)
	if fullmakt.ErrorCode(err) != fullmakt.CodeNotFound || !strings.Contains(fullmakt.ErrorHint(err), "skatt-naering") {
		t.Errorf("a part of a name: %v, hint %q", err, fullmakt.ErrorHint(err))
	}
	_, err = c.Show("xyzzy", 0)
	if fullmakt.ErrorCode(err) != fullmakt.CodeNotFound || fullmakt.ErrorHint(err) == "" {
		t.Errorf("no name: %v", err)
	}
	ended := load(t, `{"end": {"roles": [{"code": "ECKEYROLE", "to": "2026-06-19"}], "packages": [{"code": "toll", "to": "2026-06-19"}], "areas": [{"code": "integrasjoner", "to": "2026-06-19"}]}}`)
	for _, name := range []string{"ECKEYROLE", "toll", "integrasjoner"} {
		if _, err := ended.Show(name, noon(t, "2026-06-19")); err != nil {
			t.Errorf("%s on its last day: %v", name, err)
		}
		if _, err := ended.Show(name, noon(t, "2026-06-20")); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
			t.Errorf("%s the day after: %v", name, err)
		}
	}
}

// Every page of every entry can be written in every way.
func TestShowEverything(t *testing.T) {
	c := embedded(t)
	var urns []string
	for _, a := range c.Areas() {
		urns = append(urns, a.URN)
	}
	for _, p := range c.Packages() {
		urns = append(urns, p.URN)
	}
	for _, r := range c.Roles() {
		urns = append(urns, r.URN)
	}
	for _, urn := range urns {
		page, err := c.Show(urn, 0)
		if err != nil {
			t.Errorf("%s: %v", urn, err)
			continue
		}
		var text, markdown, program bytes.Buffer
		d := page.Document("nn")
		if err := d.WriteText(&text, 100); err != nil {
			t.Fatal(err)
		}
		if err := d.WriteMarkdown(&markdown); err != nil {
			t.Fatal(err)
		}
		if err := WriteJSON(&program, page); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(text.String(), d.Title+"\n") || !strings.HasPrefix(markdown.String(), "# ") || !json.Valid(program.Bytes()) {
			t.Errorf("%s is written badly", urn)
		}
		for _, table := range d.Tables {
			for _, row := range table.Rows {
				if len(row) != len(table.Columns) {
					t.Errorf("%s: a row of %d cells under %d columns", urn, len(row), len(table.Columns))
				}
			}
		}
	}
}

func TestList(t *testing.T) {
	c := embedded(t)
	areas := c.ListAreas(0)
	n, empty := 0, 0
	for _, a := range areas.Areas {
		n += a.Packages
		if a.Packages == 0 {
			empty++
		}
	}
	if len(areas.Areas) != 49 || n != 223 || empty != 3 {
		t.Errorf("%d areas with %d packages, %d of them empty; want 49, 223, 3", len(areas.Areas), n, empty)
	}
	for _, x := range []struct {
		filter Filter
		want   int
	}{
		{Filter{}, 223}, {Filter{Area: "integrasjoner"}, 3}, {Filter{EntityType: fullmakt.KindPerson}, 76},
		{Filter{Role: "REGN"}, 3}, {Filter{Role: "daglig-leder", EntityType: fullmakt.KindPerson}, 0},
		{Filter{Area: "accesspackage:area:integrasjoner", Role: "kontaktperson-nuf"}, 1}, {Filter{Role: "hovedadministrator"}, 135},
	} {
		list, err := c.ListPackages(x.filter, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Packages) != x.want {
			t.Errorf("%+v lists %d packages, want %d", x.filter, len(list.Packages), x.want)
		}
		if d := list.Document("en"); len(d.Tables[0].Rows) != x.want {
			t.Errorf("%+v shows %d packages, want %d", x.filter, len(d.Tables[0].Rows), x.want)
		}
	}
	for _, f := range []Filter{{Area: "nowhere"}, {Role: "XYZZ"}} {
		if _, err := c.ListPackages(f, 0); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
			t.Errorf("%+v: %v, want not found", f, err)
		}
	}
	roles := c.ListRoles(0)
	if len(roles.Roles) != 149 || roles.Roles[0].Code != "DAGL" || roles.Roles[0].Use != 133 || !roles.Roles[0].Key {
		t.Errorf("the first of %d roles is %+v", len(roles.Roles), roles.Roles[0])
	}
	if rows := roles.Document("nb").Tables[0].Rows; len(rows) != 149 {
		t.Errorf("%d roles shown, want 149", len(rows))
	}
	if rows := areas.Document("nn").Tables[0].Rows; rows[5][0] != "Integrasjonar" || rows[5][4] != "3" {
		t.Errorf("area %v, want Integrasjonar with 3 packages", rows[5])
	}
}

func TestCheckReport(t *testing.T) {
	good := Check(nil)
	if !good.OK || good.Err() != nil || good.Counts.Packages != 223 || good.Digest == "" {
		t.Errorf("the embedded data: %+v", good)
	}
	notes := map[string]bool{}
	for _, n := range good.Notes {
		notes[n.Entry] = true
	}
	for _, entry := range []string{`package "konkursbo-tilgangsstyrer"`, `package "eksplisitt"`, `package "post-til-virksomheten-med-taushetsbelagt-innhold"`} {
		if !notes[entry] {
			t.Errorf("no note of %s, which no role may use", entry)
		}
	}
	if len(good.Notes) != 6 { // and three areas without packages
		t.Errorf("notes %v, want 6", good.Notes)
	}
	ended := Check(overlay(`{"end": {"areas": [{"code": "integrasjoner", "to": "2026-06-19"}], "packages": [{"code": "maskinlesbare-hendelser", "to": "2026-06-19"}]}}`))
	if !ended.OK || len(ended.Notes) != 8 {
		t.Errorf("notes %v, want 8: two packages outlast their area", ended.Notes)
	}
	bad := Check(overlay(add(`"mappings": [{"package": "tull", "use_only": ["REGN"]}]`)))
	if bad.OK || len(bad.Problems) != 1 || fullmakt.ErrorCode(bad.Err()) != fullmakt.CodeInvalid {
		t.Errorf("a dangling package: %+v", bad)
	}
	broken := Check(overlay(`{`))
	if broken.OK || len(broken.Problems) != 1 || broken.Err() == nil {
		t.Errorf("a broken file: %+v", broken)
	}
	for _, r := range []*Report{good, bad, broken} {
		for _, lang := range []string{"nb", "en"} {
			if d := r.Document(lang); d.Title == "" || len(d.Tables) == 0 {
				t.Errorf("report %+v is shown as %+v", r, d)
			}
		}
	}
}
