package enhetsregisteret

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
)

// generated is a small world written to disk and read back.
type generated struct {
	sum   Summary
	texts [4][]byte // units, sub-units, roles, CCR
}

func generate(t *testing.T, opts GenerateOptions) generated {
	t.Helper()
	var g generated
	var err error
	if g.sum, err = Generate(context.Background(), t.TempDir(), opts); err != nil {
		t.Fatal(err)
	}
	if len(g.sum.Files) != 4 {
		t.Fatalf("%d files, want 4", len(g.sum.Files))
	}
	for k, f := range g.sum.Files {
		g.texts[k] = readFile(t, f.Path)
		if int64(len(g.texts[k])) != f.Text && k < 3 {
			t.Errorf("%s: %d bytes of text, the summary says %d", f.Path, len(g.texts[k]), f.Text)
		}
	}
	return g
}

// readFile reads a file, through the standard library's gzip where it is one.
func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(path, ".gz") {
		return b
	}
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	r.Multistream(false) // one member, as the real file
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const smallScale = 0.001

func TestGenerateIsDeterministic(t *testing.T) {
	a := generate(t, GenerateOptions{Seed: 7, Scale: smallScale})
	before := runtime.GOMAXPROCS(3) // another number of workers
	b := generate(t, GenerateOptions{Seed: 7, Scale: smallScale})
	runtime.GOMAXPROCS(before)
	other := generate(t, GenerateOptions{Seed: 8, Scale: smallScale})
	for k := range a.texts {
		if !bytes.Equal(a.texts[k], b.texts[k]) {
			t.Errorf("file %d differs between two runs", k)
		}
		if bytes.Equal(a.texts[k], other.texts[k]) {
			t.Errorf("file %d is the same for another seed", k)
		}
	}
	for k, f := range a.sum.Files {
		one, err1 := os.ReadFile(f.Path)
		two, err2 := os.ReadFile(b.sum.Files[k].Path)
		if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
			t.Errorf("%s: compressed bytes differ between two runs (%v, %v)", f.Path, err1, err2)
		}
	}
	a.sum.Files, b.sum.Files = nil, nil
	if diff := cmp.Diff(a.sum, b.sum, cmp.Comparer(func(x, y fullmakt.NationalID) bool { return x == y })); diff != "" {
		t.Error(diff)
	}
}

func TestGenerateIsWellFormed(t *testing.T) {
	g := generate(t, GenerateOptions{Seed: 7, Scale: smallScale})
	want := [3]int{g.sum.Units, g.sum.SubUnits, g.sum.WithRoles}
	for k := range 3 {
		var elements []map[string]any
		if err := json.Unmarshal(g.texts[k], &elements); err != nil {
			t.Fatalf("file %d: %v", k, err)
		}
		if len(elements) != want[k] {
			t.Errorf("file %d: %d elements, the summary says %d", k, len(elements), want[k])
		}
		if !bytes.HasPrefix(g.texts[k], []byte("[ {\n  \"")) {
			t.Errorf("file %d starts with %q", k, g.texts[k][:20])
		}
		last := ""
		for _, e := range elements {
			n, _ := e["organisasjonsnummer"].(string)
			if n <= last {
				t.Fatalf("file %d: %s after %s", k, n, last)
			}
			last = n
			org, err := fullmakt.ParseOrgNumber(n)
			if err != nil || !org.Synthetic() {
				t.Fatalf("file %d: %s: %v, synthetic %v", k, n, err, org.Synthetic())
			}
		}
	}
	checkPrinting(t, g)
}

// checkPrinting holds the files to the layout of an indenting writer: two blanks
// a level.
func checkPrinting(t *testing.T, g generated) {
	t.Helper()
	for k := range 3 {
		depth := 0
		for n, line := range strings.Split(string(g.texts[k]), "\n") {
			trimmed := strings.TrimLeft(line, " ")
			closes := 0
			if strings.HasPrefix(trimmed, "}") {
				closes = 1
			}
			if indent := len(line) - len(trimmed); n > 0 && indent != 2*(depth-closes) {
				t.Fatalf("file %d, line %d: indented by %d at depth %d: %q", k, n+1, indent, depth, line)
			}
			bare := quoted.ReplaceAllString(line, "")
			depth += strings.Count(bare, "{") - strings.Count(bare, "}")
		}
		if depth != 0 {
			t.Errorf("file %d ends at depth %d", k, depth)
		}
	}
}

var quoted = regexp.MustCompile(`"[^"]*"`)

func summarised(t *testing.T, w *genWorld) Summary {
	t.Helper()
	s, err := w.summarise(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestGenerateCounts compares a small world with the volumes of the real
// register, scaled.
func TestGenerateCounts(t *testing.T) {
	const scale = 0.01
	w := newWorld(GenerateOptions{Seed: 3, Scale: scale, Date: defaultDate})
	s := summarised(t, w)
	near := func(what string, got int, want, tolerance float64) {
		t.Helper()
		if math.Abs(float64(got)-want) > tolerance*want {
			t.Errorf("%s: %d, want %.0f within %.0f %%", what, got, want, tolerance*100)
		}
	}
	near("units", s.Units, 1_170_637*scale, .02)
	near("sub-units", s.SubUnits, 854_499*scale, .08) // small worlds keep a few large municipalities
	near("roles", s.Roles, 3_400_000*scale, .06)
	near("persons", s.Persons, 1_300_000*scale, .1)
	near("roles held by organisations", s.HeldByUnits, .195*float64(s.Roles), .05)
	near("accountants' clients", s.RolesOf[fullmakt.REGN], 452_000*scale, .06)
	near("auditors' clients", s.RolesOf[fullmakt.REVI], 151_000*scale, .08)
	near("business managers' clients", s.RolesOf["FFØR"], 50_000*scale, .12)
	near("companies with chair and daglig leder in one", s.SameChiefChair, .55*418_000*scale, .05)
	near("units with more than 15 roles", s.OverFifteen, float64(s.Units)/500, .5)
	if s.Clients < 100 || s.Clients < s.RolesOf[fullmakt.REGN]/50 {
		t.Errorf("the biggest accountant has %d clients", s.Clients)
	}
	if s.Estates < 5 {
		t.Errorf("the busiest lawyer has %d estates", s.Estates)
	}
	degrees := map[uint32]int{}
	for _, person := range w.slots {
		degrees[person]++
	}
	var of [4]int
	for _, n := range degrees {
		of[min(n, 4)-1]++
	}
	for k, want := range []float64{.68, .18, .07, .07} {
		near(fmt.Sprintf("persons with %d places", k+1), of[k], want*float64(len(degrees)), .2)
	}
}

// TestGenerateEdges asks for every notable case, in worlds of several sizes.
func TestGenerateEdges(t *testing.T) {
	for _, scale := range []float64{0.0001, 0.002, 0.01} {
		s := summarised(t, newWorld(GenerateOptions{Seed: 5, Scale: scale, Date: defaultDate}))
		for name, n := range map[string]fullmakt.OrgNumber{
			"accountant": s.BiggestAccountant, "chain": s.Chain[0], "cycle": s.Cycle[1], "deleted holder": s.DeletedHolder,
			"bankrupt holder": s.BankruptHolder, "ENK holder": s.ENKHolder, "IKS": s.IKS, "KBO": s.KBO, "many roles": s.ManyRoles,
			"municipality": s.Municipality, "merging": s.Merging,
		} {
			if !n.Valid() || !n.Synthetic() {
				t.Errorf("scale %g: %s is %v", scale, name, n)
			}
		}
		if scale > .001 && (!s.KS.Valid() || !s.NUF.Valid() || s.MostRoles <= 15 || !s.EndedRole.Valid() || !s.DeadHolder.Valid()) {
			t.Errorf("scale %g: KS %v, NUF %v, most roles %d, ended %v, dead %v", scale, s.KS, s.NUF, s.MostRoles, s.EndedRole, s.DeadHolder)
		}
		if id := s.KeyHolder.ID; !id.Valid() || !id.Synthetic() || s.KeyHolder.Name == "" {
			t.Errorf("scale %g: the accountant's key holder is %+v", scale, s.KeyHolder)
		}
	}
}

func TestGeneratePersons(t *testing.T) {
	p := newPeople(1, 40_000, defaultDate)
	seen := map[fullmakt.NationalID]bool{}
	foreign := 0
	for i, id := range p.ids {
		if !id.Valid() || !id.Synthetic() || seen[id] {
			t.Fatalf("person %d: number %s is invalid, not synthetic, or given twice", i, id)
		}
		seen[id] = true
		if id.DNumber() {
			foreign++
		}
		digits := id.Reveal()
		born := p.born(uint32(i)).String()
		if born[2:4] != digits[4:6] {
			t.Fatalf("person %d: born %s, number %s", i, born, id)
		}
		if age := (defaultDate - p.born(uint32(i))) / 365; age < 17 || age > 100 {
			t.Fatalf("person %d: born %s", i, born)
		}
	}
	if foreign < 600 || foreign > 2400 {
		t.Errorf("%d of 40000 have D-numbers", foreign)
	}
	if diff := cmp.Diff(newPeople(1, 100, defaultDate).ids, p.ids[:100], cmp.Comparer(func(a, b fullmakt.NationalID) bool { return a == b })); diff != "" {
		t.Errorf("more persons change the numbers of the first: %s", diff)
	}
}

func TestGenerateRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, opts := range map[string]GenerateOptions{
		"no scale":       {},
		"negative scale": {Scale: -1},
		"huge scale":     {Scale: 3},
		"no number":      {Scale: math.NaN()},
		"negative day":   {Scale: smallScale, Day: -1},
		"far day":        {Scale: smallScale, Day: 1000},
		"early date":     {Scale: smallScale, Date: fullmakt.NewDate(1980, 1, 1)},
	} {
		if _, err := Generate(context.Background(), dir, opts); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Generate(context.Background(), filepath.Join(dir, "missing"), GenerateOptions{Scale: smallScale}); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("missing directory: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Generate(ctx, dir, GenerateOptions{Scale: smallScale}); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
		t.Errorf("cancelled: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
		t.Errorf("a refused or cancelled run left %v", left)
	}
}

// TestGenerateQuirks looks for what makes the real files hard to read.
func TestGenerateQuirks(t *testing.T) {
	g := generate(t, GenerateOptions{Seed: 9, Scale: 0.003})
	units, subs, roles := string(g.texts[0]), string(g.texts[1]), string(g.texts[2])
	for name, ok := range map[string]bool{
		"null address line":         strings.Contains(units, `", null, null, "" ]`),
		"empty date":                strings.Contains(units, `"konkursdato" : ""`) && strings.Contains(subs, `"datoEierskifte" : ""`),
		"sub-unit without parent":   strings.Count(subs, `"overordnetEnhet"`) < g.sum.SubUnits && strings.Count(subs, `"overordnetEnhet"`) > g.sum.SubUnits*99/100,
		"year as text":              regexp.MustCompile(`"sisteInnsendteAarsregnskap" : "20\d\d"`).MatchString(units),
		"more shares than int32":    regexp.MustCompile(`"antallAksjer" : [2-4]\d{9},`).MatchString(units),
		"local time without a zone": regexp.MustCompile(`"tilDato" : "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+"`).MatchString(units),
		"links without underscore":  strings.Contains(units, `"links" : [ ]`) && !strings.Contains(units, `_links`),
		"remark":                    strings.Contains(units, `"infotype" : "`),
		"bankrupt":                  strings.Contains(units, `"konkurs" : true`),
		"winding up":                strings.Contains(units, `"underAvvikling" : true`),
		"forced winding up":         strings.Contains(units, `"underTvangsavviklingEllerTvangsopplosning" : true`),
		"three industries":          strings.Contains(units, `"naeringskode3"`),
		"public hierarchy":          strings.Contains(units, `"overordnetEnhet"`),
		"former names":              strings.Contains(units, `"historiskeNavn" : [ {`),
		"letters":                   strings.Contains(units, "Ø") && strings.Contains(units, `"SÆR"`),
		"deleted holder":            strings.Contains(roles, `"erSlettet" : true`),
		"deceased holder":           strings.Contains(roles, `"erDoed" : true`),
		"deregistered role":         strings.Contains(roles, `"avregistrert" : true`),
		"unknown role code":         strings.Contains(roles, `"kode" : "`+unknownRole+`"`),
		"employees' representative": strings.Contains(roles, `"kode" : "AREP"`),
		"share":                     strings.Contains(roles, `"ansvarsandel" : "50%"`) && strings.Contains(roles, `"ansvarsandel" : "1/3"`),
		"middle name":               strings.Contains(roles, `"mellomnavn" : "`),
		"no fratraadt":              !strings.Contains(roles, "fratraadt"),
		"FFØR":                      strings.Contains(roles, `"kode" : "FFØR"`),
	} {
		if !ok {
			t.Errorf("not found: %s", name)
		}
	}
	bulk, batch := g.readAll(t)
	iks := bulk[g.sum.IKS]
	owners, partners := 0, 0
	for _, r := range iks.Roles {
		switch r.Code {
		case "EIKM":
			owners++
		case fullmakt.DTPR:
			partners++
			if o := bulk[r.Holder.Org]; o == nil || o.Form != "KOMM" {
				t.Errorf("the IKS %v has the partner %+v", g.sum.IKS, o)
			}
		}
	}
	if owners < 3 || owners != partners {
		t.Errorf("the IKS has %d owners and %d partners", owners, partners)
	}
	for k := range 2 { // both links of the chain, both ways of the cycle
		if r := bulk[g.sum.Chain[k]].Roles[0]; r.Code != fullmakt.DAGL || r.Holder.Org != g.sum.Chain[k+1] {
			t.Errorf("chain link %d: %+v", k, r)
		}
		own := bulk[g.sum.Cycle[k]].Roles
		if own[0].Code != fullmakt.DAGL || own[0].Holder.Org != g.sum.Cycle[1-k] {
			t.Errorf("cycle %d: %+v", k, own)
		}
	}
	kinds := map[string]bool{}
	for org, c := range batch {
		switch {
		case c.ReplacedBy != 0:
			kinds["replaced"] = true
		case c.StateSet&fullmakt.Deleted != 0:
			kinds["deleted"] = true
		case c.Has&fullmakt.HasRoles != 0 && bulk[org] != nil:
			kinds["first"] = true
		}
		for _, fam := range c.Families {
			kinds["family"] = kinds["family"] || fam.Replace && len(fam.Roles) > 0
		}
	}
	for _, kind := range []string{"replaced", "deleted", "first", "family"} {
		if !kinds[kind] {
			t.Errorf("the batch has no case of: %s", kind)
		}
	}
}
