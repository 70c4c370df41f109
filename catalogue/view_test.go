package catalogue

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fullmakt/fullmakt"
)

// The numbers of packages that roles confer, from the published constants.
func TestConferralNumbers(t *testing.T) {
	c := embedded(t)
	v := c.At(0)
	for _, x := range []struct {
		role string
		form fullmakt.OrgForm
		use  int
		give int
	}{
		{"daglig-leder", "AS", 133, -1}, {"DTSO", "ANS", 133, -1}, {"DTPR", "DA", 133, -1}, {"LEDE", "AS", 132, -1},
		{"INNH", "ENK", 131, -1}, {"KOMP", "KS", 131, -1}, {"BOBE", "KBO", 126, -1}, {"BEST", "PRE", 115, -1},
		{"priv", "", 35, 35}, {"KNUF", "NUF", 13, 13}, {"KNUF", "AS", 12, 12}, {"REPR", "NUF", 10, 10},
		{"FFØR", "NUF", 10, 10}, {"FFØR", "ESEK", 1, 0}, {"FFØR", "BRL", 1, 0}, {"FFØR", "AS", 0, 0},
		{"REGN", "AS", 3, 0}, {"REVI", "AS", 2, 0}, {"hovedadministrator", "AS", 0, 0}, {"KONT", "NUF", 0, 0}, {"ECKEY", "AS", 0, 0},
	} {
		r, ok := c.FindRole(x.role)
		if !ok {
			t.Fatalf("no role %s", x.role)
		}
		got := v.Conferral(r.ID, c.FormID(x.form))
		if got.Use.Len() != x.use {
			t.Errorf("%s at %s uses %d packages, want %d", x.role, x.form, got.Use.Len(), x.use)
		}
		if x.give >= 0 && got.Give.Len() != x.give {
			t.Errorf("%s at %s gives %d packages, want %d", x.role, x.form, got.Give.Len(), x.give)
		}
	}
}

// Conferral is what the mappings say, for every role and form.
func TestConferralIsTheMappings(t *testing.T) {
	c := embedded(t)
	v := c.At(0)
	for _, r := range c.Roles() {
		for f := range len(c.Forms()) + 1 {
			var want Conferral
			for _, m := range c.Mappings() {
				if m.Role != r.ID || !m.Access {
					continue
				}
				if m.Form == 0 || int(m.Form) == f {
					want.Use = want.Use.With(m.Package)
					if m.Delegate {
						want.Give = want.Give.With(m.Package)
					}
				}
			}
			for _, m := range c.Mappings() {
				if m.Role == r.ID && m.Access && !want.Use.Has(m.Package) {
					want.OtherForm = want.OtherForm.With(m.Package)
				}
			}
			got := *v.Conferral(r.ID, FormID(f))
			if got != want {
				t.Fatalf("%s at form %d: %v, want %v", r.Code, f, got, want)
			}
			if !got.OtherForm.Intersect(got.Use).IsEmpty() {
				t.Errorf("%s at form %d: OtherForm overlaps Use", r.Code, f)
			}
		}
	}
	nobody := Conferral{}
	for _, r := range []RoleID{0, RoleID(len(c.Roles()) + 1), 65535} {
		for _, f := range []FormID{0, 1, 255} {
			if got := v.Conferral(r, f); got == nil || *got != nobody {
				t.Errorf("the unknown role %d at form %d confers %v", r, f, got)
			}
		}
	}
	if got, want := v.Conferral(1, 255), v.Conferral(1, 0); got != want {
		t.Error("an unknown form differs from form 0")
	}
}

func TestFORM1(t *testing.T) {
	c := embedded(t)
	v := c.At(0)
	kont := c.RoleID(fullmakt.KONT)
	for form, want := range map[fullmakt.OrgForm]fullmakt.RoleCode{
		"NUF": "KNUF", "KOMM": "KOMK", "FYLK": "KOMK", "ADOS": "KEMN", "REV": "SREVA", "AS": "", "ENK": "",
	} {
		got := v.Derived(kont, c.FormID(form))
		if got != c.RoleID(want) {
			t.Errorf("KONT at %s becomes role %d, want %q", form, got, want)
		}
	}
	if got := v.Derived(c.RoleID(fullmakt.DAGL), c.FormID("NUF")); got != 0 {
		t.Errorf("DAGL at NUF becomes role %d", got)
	}
	if v.Derived(65535, 1) != 0 || v.Derived(kont, 255) != 0 || v.Derived(kont, 0) != 0 {
		t.Error("something unknown derives a role")
	}
}

func TestFORM2Bound(t *testing.T) {
	c := embedded(t)
	v := c.At(0)
	bound := map[string]string{}
	for _, p := range c.Packages() {
		if forms, ok := v.FormBound(p.ID); ok {
			bound[p.Code] = strings.Join(c.codes(forms), " ")
		}
	}
	want := map[string]string{
		"delegerbare-maskinporten-scopes-NUF": "NUF", "ffor-tilgangsstyrer-nuf": "NUF", "forretningsforer-eiendom": "BRL ESEK",
	}
	if len(bound) != len(want) {
		t.Errorf("bound packages %v, want %v", bound, want)
	}
	for code, forms := range want {
		if bound[code] != forms {
			t.Errorf("%s is bound to %q, want %q", code, bound[code], forms)
		}
	}
	if _, ok := v.FormBound(NoPackage); ok {
		t.Error("NoPackage is bound to forms")
	}
}

func TestGIVE2MainAdmin(t *testing.T) {
	c := embedded(t)
	v := c.At(0)
	if n := v.MainAdmin(c.FormID("NUF")).Len(); n != 135 {
		t.Errorf("a main administrator of a NUF gives %d packages, want 135", n)
	}
	nuf, _ := c.PackageID("delegerbare-maskinporten-scopes-NUF")
	for _, f := range []FormID{0, c.FormID("AS"), 255} {
		if set := v.MainAdmin(f); set.Len() != 134 || set.Has(nuf) {
			t.Errorf("a main administrator at form %d gives %d packages, NUF package %v; want 134 without it", f, set.Len(), set.Has(nuf))
		}
	}
	own, _ := c.PackageID("hovedadministrator")
	if v.MainAdmin(c.FormID("AS")).Has(own) {
		t.Error("the set has hovedadministrator itself")
	}
}

func TestRoleMap(t *testing.T) {
	c := embedded(t)
	v := c.At(0)
	n := 0
	for _, r := range c.Roles() {
		n += len(v.Mapped(r.ID))
	}
	if n != 304 {
		t.Errorf("%d steps of the role map, want 304", n)
	}
	if !slices.Contains(v.Mapped(c.RoleID("DAGL")), c.RoleID("admai")) {
		t.Error("DAGL does not lead to admai")
	}
	if v.Mapped(65535) != nil {
		t.Error("an unknown role leads somewhere")
	}
}

func TestViewSets(t *testing.T) {
	c := embedded(t)
	v := c.At(0)
	for _, x := range []struct {
		name string
		set  *PackageSet
		want int
	}{
		{"valid", v.Valid(), 223}, {"assignable", v.Assignable(), 175}, {"delegable", v.Delegable(), 170},
		{"organisations", v.ForOrganisations(), 147}, {"persons", v.ForPersons(), 76},
	} {
		if got := x.set.Len(); got != x.want {
			t.Errorf("%d packages are %s, want %d", got, x.name, x.want)
		}
	}
}

func TestPackageSet(t *testing.T) {
	var s PackageSet
	for _, p := range []PackageID{0, 63, 64, 511, 512, NoPackage} {
		s.Add(p)
	}
	if got := slices.Collect(s.All()); !slices.Equal(got, []PackageID{0, 63, 64, 511}) {
		t.Errorf("the set yields %v", got)
	}
	if s.Has(NoPackage) || s.Has(512) || !s.Has(511) || s.Len() != 4 || s.IsEmpty() {
		t.Errorf("the set %v has the wrong members", s)
	}
	for p := range s.All() {
		if p == 0 {
			break // stopping early must be safe
		}
	}
	a, b := PackageSet{}.With(1).With(100), PackageSet{}.With(100).With(200)
	if a.Union(b).Len() != 3 || a.Intersect(b) != (PackageSet{}).With(100) || a.Minus(b) != (PackageSet{}).With(1) {
		t.Error("union, intersection or difference is wrong")
	}
}

func TestViewsAllocateNothing(t *testing.T) {
	c, err := Load(fstest.MapFS{"o.json": {Data: []byte(`{"end": {"roles": [{"code": "ECKEYROLE", "to": "2026-06-19"}]}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	kont, nuf := c.RoleID(fullmakt.KONT), c.FormID(fullmakt.FormNUF)
	sum := 0
	allocs := testing.AllocsPerRun(100, func() {
		v := c.At(1_800_000_000)
		r := c.RoleID("DAGL")
		p, _ := c.PackageID("urn:altinn:accesspackage:delegerbare-maskinporten-scopes-NUF")
		q, _ := c.PackageID("urn:altinn:accesspackage:maskinporten-scopes")
		conferral := v.Conferral(r, c.FormID("AS"))
		for p := range conferral.Use.Union(conferral.Give).All() {
			sum += int(p)
		}
		forms, _ := v.FormBound(p)
		sum += len(forms) + len(v.Mapped(r)) + int(v.Derived(kont, nuf)) + v.MainAdmin(nuf).Len() + v.Assignable().Len()
		if v.Key(r) && conferral.Use.Has(q) && v.Package(p) != nil && v.Role(r) != nil {
			sum++
		}
		found, _ := c.FindPackage("delegerbare-maskinporten-scopes")
		sum += int(found.ID)
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none (sum %d)", allocs, sum)
	}
}

// Views begin and end at midnight in Oslo, and "to" is the last day.
func TestViewsInTime(t *testing.T) {
	c, err := Load(fstest.MapFS{"o.json": {Data: []byte(`{"end": {"roles": [{"code": "ECKEYROLE", "to": "2026-06-19"}]}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Views()); n != 2 {
		t.Fatalf("%d views, want 2", n)
	}
	first, second := &c.Views()[0], &c.Views()[1]
	border := time.Date(2026, 6, 19, 22, 0, 0, 0, time.UTC).Unix() // midnight in Oslo, in summer
	if first.From != 0 || first.To != border || second.From != border || second.To != 0 {
		t.Errorf("views [%d, %d) and [%d, %d), want the border at %d", first.From, first.To, second.From, second.To, border)
	}
	eckey := c.RoleID(fullmakt.ECKEY)
	for at, want := range map[int64]bool{0: true, border - 1: true, border: false, border + 1<<30: false} {
		if got := c.At(at).Key(eckey); got != want {
			t.Errorf("at %d ECKEY is a key role: %v, want %v", at, got, want)
		}
	}
	if c.At(border-1) != first || c.At(border) != second {
		t.Error("At gives another view than Views")
	}
}

func BenchmarkConferral(b *testing.B) {
	c := embedded(b)
	v := c.At(0)
	dagl, as := c.RoleID("DAGL"), c.FormID("AS")
	n := 0
	for b.Loop() {
		if v.Conferral(dagl, as).Use.Has(7) {
			n++
		}
	}
}
