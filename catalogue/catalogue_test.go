package catalogue

import (
	"strings"
	"testing"
	"unicode"

	"github.com/fullmakt/fullmakt"
)

// embedded returns the embedded catalogue.
func embedded(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Embedded()
	if err != nil {
		t.Fatalf("the embedded data does not load: %v", err)
	}
	return c
}

func TestEmbeddedCounts(t *testing.T) {
	c := embedded(t)
	want := Counts{Areas: 49, Packages: 223, Roles: 149, Mappings: 1285, RoleMaps: 304, Forms: 58, Derivations: 5, Views: 1}
	if got := c.Counts(); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	if n := len(c.Groups()); n != 5 {
		t.Errorf("%d groups, want 5", n)
	}
	kinds := map[fullmakt.PartyKind]int{}
	flags := map[[3]bool]int{}
	for _, p := range c.Packages() {
		kinds[p.EntityType]++
		flags[[3]bool{p.Delegable, p.Assignable, p.ServiceOwner}]++
	}
	if kinds[fullmakt.KindOrganisation] != 147 || kinds[fullmakt.KindPerson] != 76 {
		t.Errorf("packages by kind %v, want 147 for organisations and 76 for persons", kinds)
	}
	const T, F = true, false
	for pattern, n := range map[[3]bool]int{{T, T, T}: 163, {F, F, T}: 42, {F, T, F}: 8, {T, F, T}: 6, {F, T, T}: 3, {T, T, F}: 1} {
		if flags[pattern] != n {
			t.Errorf("%d packages with delegable, assignable, service owner %v, want %d", flags[pattern], pattern, n)
		}
	}
	providers := map[string]int{}
	for _, r := range c.Roles() {
		providers[r.Provider]++
	}
	for provider, n := range map[string]int{"sys-ccr": 61, "sys-cra": 42, "sys-altinn2": 39, "sys-altinn3": 7} {
		if providers[provider] != n {
			t.Errorf("%d roles of %s, want %d", providers[provider], provider, n)
		}
	}
}

// Every entry carries a source that is known, and its numbers are its places.
func TestEmbeddedEntries(t *testing.T) {
	c := embedded(t)
	sources := map[string]bool{}
	for _, s := range c.Sources() {
		sources[s.ID] = true
	}
	for i, p := range c.Packages() {
		if int(p.ID) != i || c.Package(p.ID).Code != p.Code {
			t.Errorf("package %s has number %d at place %d", p.Code, p.ID, i)
		}
		if !sources[p.Source] {
			t.Errorf("package %s has the unknown source %q", p.Code, p.Source)
		}
		if !p.Valid.Open() {
			t.Errorf("package %s holds %v; no source dates any", p.Code, p.Valid)
		}
	}
	for i, r := range c.Roles() {
		if int(r.ID) != i+1 || c.Role(r.ID).Code != r.Code || c.RoleID(r.Code) != r.ID {
			t.Errorf("role %s has number %d at place %d", r.Code, r.ID, i)
		}
		if !sources[r.Source] {
			t.Errorf("role %s has the unknown source %q", r.Code, r.Source)
		}
	}
	for i, f := range c.Forms() {
		if int(f.ID) != i+1 || c.Form(f.ID).Code != f.Code || c.FormID(f.Code) != f.ID {
			t.Errorf("form %s has number %d at place %d", f.Code, f.ID, i)
		}
		if f.SubUnit != f.Code.SubUnit() {
			t.Errorf("form %s: sub-unit %v differs from the domain's", f.Code, f.SubUnit)
		}
	}
	if c.Package(NoPackage) != nil || c.Role(0) != nil || c.Role(9999) != nil || c.Form(0) != nil || c.Form(255) != nil {
		t.Error("an unknown number led to an entry")
	}
	for _, m := range c.Mappings() {
		if !sources[m.Source] {
			t.Errorf("a mapping of package %d has the unknown source %q", m.Package, m.Source)
		}
	}
}

func TestKeyRoles(t *testing.T) {
	c := embedded(t)
	v := c.At(0)
	var keys []string
	for _, r := range c.Roles() {
		if v.Key(r.ID) {
			keys = append(keys, string(r.Code))
		}
	}
	if got, want := strings.Join(keys, " "), "DAGL LEDE INNH DTSO DTPR KOMP BEST BOBE ECKEYROLE"; got != want {
		t.Errorf("key roles %q, want %q", got, want)
	}
	eckey, ok := c.FindRole("eckey")
	if !ok || eckey.Code != fullmakt.ECKEY || eckey.Provider != "sys-altinn2" || eckey.Names.NB != "Fullmakt for leverandør" {
		t.Errorf("ECKEY is %+v", eckey)
	}
	if n := v.Conferral(eckey.ID, 0).Use.Len(); n != 0 {
		t.Errorf("ECKEY confers %d packages, want none", n)
	}
	if v.Key(0) || v.Key(9999) {
		t.Error("an unknown role is a key role")
	}
}

// RULES, "Names that mean the same".
func TestFindPackage(t *testing.T) {
	c := embedded(t)
	const scopes, nuf = "delegerbare-maskinporten-scopes", "delegerbare-maskinporten-scopes-NUF"
	cases := map[string]string{
		"urn:altinn:accesspackage:delegerbare-maskinporten-scopes":     scopes,
		"urn:altinn:accesspackage:delegerbare-maskinporten-scopes-NUF": nuf,
		"urn:altinn:accesspackage:maskinporten-scopes":                 scopes,
		"urn:altinn:accesspackage:maskinporten-scopes-nuf":             nuf,
		"delegerbare-maskinporten-scopes":                              scopes,
		"delegerbare-maskinporten-scopes-NUF":                          nuf,
		"maskinporten-scopes":                                          scopes,
		"maskinporten-scopes-nuf":                                      nuf,
		"skatt-naering":                                                "skatt-naering",
		"klientadminstrator":                                           "klientadministrator",
		"tilgangsstyring":                                              "tilgangsstyrer",
		"urn:altinn:accesspackage:ansvarligrevisor":                    "ansvarlig-revisor",
		"konkursbolesetilgang":                                         "konkursbo-lesetilgang",
		"politi-domstol":                                               "politi-og-domstol",
		"aordnig":                                                      "a-ordning",
		"helfo-searlig-kategori":                                       "helfo-saerlig-kategori",
		"reviorattesterer":                                             "revisorattesterer",
		"konkursbotilgangsstyring":                                     "konkursbo-tilgangsstyrer",
		"starte-drive-endre-avikle-":                                   "starte-drive-endre-avvikle-virksomhet",
		"urn:altinn:accesspackage:namsmannen-tvangsfullbyrdelse-forliksradet":          "vergemal-namsmannen-tvangsfullbyrdelse-forliksradet",
		"urn:altinn:accesspackage:vergemal-namsmannen-tvangsfullbyrdelse-forliksradet": "vergemal-namsmannen-tvangsfullbyrdelse-forliksradet",
		"c5bbbc3f-605a-4dcb-a587-32124d7bb76d":                                         "jordbruk",
	}
	for name, want := range cases {
		for _, spelled := range spellings(name) {
			if p, ok := c.FindPackage(spelled); !ok || p.Code != want {
				t.Errorf("%q is package %q (%v), want %q", spelled, p.Code, ok, want)
			}
		}
	}
	for _, name := range []string{"", "urn:altinn:accesspackage:", "skatt", "dagl", "urn:altinn:role:skatt-naering"} {
		if p, ok := c.FindPackage(name); ok {
			t.Errorf("%q is package %q, want none", name, p.Code)
		}
	}
	p, _ := c.FindPackage(nuf)
	if p.URN != "urn:altinn:accesspackage:delegerbare-maskinporten-scopes-NUF" || p.AltinnURN != "urn:altinn:accesspackage:maskinporten-scopes-nuf" {
		t.Errorf("URNs %q and %q: we write the seeds' names, and keep Altinn's", p.URN, p.AltinnURN)
	}
}

func TestFindRole(t *testing.T) {
	c := embedded(t)
	cases := map[string]fullmakt.RoleCode{
		"DAGL":         fullmakt.DAGL,
		"daglig-leder": fullmakt.DAGL,
		"urn:altinn:external-role:ccr:daglig-leder": fullmakt.DAGL,
		"urn:altinn:rolecode:dagl":                  fullmakt.DAGL,
		"FFØR":                                      "FFØR",
		"forretningsforer":                          "FFØR",
		"urn:altinn:rolecode:ffør":                  "FFØR",
		"ECKEYROLE":                                 fullmakt.ECKEY,
		"urn:altinn:rolecode:ECKEYROLE":             fullmakt.ECKEY,
		"priv":                                      fullmakt.PrivatePerson,
		"urn:altinn:role:privatperson":              fullmakt.PrivatePerson,
		"hovedadministrator":                        fullmakt.MainAdministrator,
		"urn:altinn:rolecode:hadm":                  "hadm",
		"55bd7d4d-08dd-46ee-ac8e-3a44d800d752":      fullmakt.DAGL,
	}
	for name, want := range cases {
		for _, spelled := range spellings(name) {
			if r, ok := c.FindRole(spelled); !ok || r.Code != want {
				t.Errorf("%q is role %q (%v), want %q", spelled, r.Code, ok, want)
			}
		}
	}
	for _, name := range []string{"", "XYZZ", "daglig leder", "urn:altinn:rolecode:"} {
		if r, ok := c.FindRole(name); ok {
			t.Errorf("%q is role %q, want none", name, r.Code)
		}
	}
}

func TestFindArea(t *testing.T) {
	c := embedded(t)
	for _, name := range []string{"integrasjoner", "accesspackage:area:integrasjoner", "urn:altinn:accesspackage:area:integrasjoner"} {
		for _, spelled := range spellings(name) {
			if a, ok := c.FindArea(spelled); !ok || a.Code != "integrasjoner" {
				t.Errorf("%q is area %q (%v), want integrasjoner", spelled, a.Code, ok)
			}
		}
	}
	if a, ok := c.FindArea("integrasjon"); ok {
		t.Errorf("\"integrasjon\" is area %q, want none", a.Code)
	}
}

// spellings returns name as it is, in both letter cases, and with blanks around.
func spellings(name string) []string {
	return []string{name, strings.ToUpper(name), strings.ToLower(name), swapCase(name), "  " + name + "\t"}
}

// swapCase turns every second letter to upper case.
func swapCase(name string) string {
	out := []rune(name)
	for i := 0; i < len(out); i += 2 {
		out[i] = unicode.ToUpper(out[i])
	}
	return string(out)
}

func TestForms(t *testing.T) {
	c := embedded(t)
	for code, business := range map[fullmakt.OrgForm]bool{
		"AS": true, "ENK": true, "NUF": true, "KS": true, "BEDR": true, "IKS": true,
		"FLI": false, "KIRK": false, "ESEK": false, "PERS": false, "VPFO": false, "AAFY": false, "STI": false, "BRL": false, "KOMM": false, "KBO": false, "BO": false,
	} {
		if f := c.Form(c.FormID(code)); f == nil || f.Business != business {
			t.Errorf("form %s: %+v, want business %v", code, f, business)
		}
	}
	if c.FormID("sær") != c.FormID("SÆR") || c.FormID("SÆR") == 0 {
		t.Error("a form is not found in lower case")
	}
	if id := c.FormID("NOPE"); id != 0 {
		t.Errorf("form NOPE has number %d", id)
	}
}

func TestNamesIn(t *testing.T) {
	n := Names{NB: "b", NN: "n", EN: "e"}
	for lang, want := range map[string]string{"nb": "b", "nn": "n", "en": "e", "": "e", "se": "e"} {
		if got := n.In(lang); got != want {
			t.Errorf("In(%q) = %q, want %q", lang, got, want)
		}
	}
}

func TestDigest(t *testing.T) {
	a, b := embedded(t), embedded(t)
	if a.Digest() != b.Digest() || len(a.Digest()) != 64 {
		t.Errorf("digests %q and %q of the same content", a.Digest(), b.Digest())
	}
}

func BenchmarkEmbedded(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Embedded(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDigest(b *testing.B) {
	c := embedded(b)
	for b.Loop() {
		c.book.digest()
	}
}
