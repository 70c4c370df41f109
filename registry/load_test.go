package registry_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/world"
)

var testTime = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// demoSnapshot is the demo world with its registry.
func demoSnapshot(t testing.TB) *index.Snapshot {
	t.Helper()
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Demo(cat)
	if err != nil {
		t.Fatal(err)
	}
	b := index.NewBuilder(cat)
	for _, ch := range w.Facts() {
		b.Add(ch)
	}
	s := b.Build(1, testTime)
	var sources []registry.Source
	for _, f := range w.Files {
		sources = append(sources, registry.Source{Path: f.Path, Where: w.Name, Line: f.Line, Data: f.Data})
	}
	changes, problems := registry.Load(s, sources, testTime)
	for _, p := range problems {
		t.Error(p)
	}
	return s.Apply(2, testTime, changes)
}

// after is the snapshot with changes in it.
func after(s *index.Snapshot, changes []fullmakt.Change) *index.Snapshot {
	return s.Apply(s.Seq()+1, testTime, changes)
}

func viewOf(s *index.Snapshot) *registry.View {
	var l registry.Library
	return l.At(s)
}

// TestDemoRegistry: what the demo world ships is whole.
func TestDemoRegistry(t *testing.T) {
	s := demoSnapshot(t)
	v := viewOf(s)
	if len(v.Problems()) > 0 {
		t.Fatal(v.Problems())
	}
	var ids []string
	for r := range v.Resources() {
		ids = append(ids, r.Identifier)
		p, err := v.Policy(r.Identifier)
		if err != nil {
			t.Error(err)
		} else if p.Revision != 2 || len(p.Rules()) == 0 {
			t.Errorf("%s: revision %d, %d rules", r.Identifier, p.Revision, len(p.Rules()))
		}
	}
	if got, want := strings.Join(ids, " "), "demo-filialregister demo-hendelser demo-kontroll-api demo-skattemelding demo-tilskudd"; got != want {
		t.Errorf("resources %s, want %s", got, want)
	}
	l, ok := v.AccessList("demo", "tilskudd")
	if !ok || len(l.Members) != 2 || len(l.Connections) != 1 {
		t.Fatalf("access list %+v", l)
	}
	bergen, trondheim := s.Organisation(310000019), s.Organisation(310000027)
	for _, c := range []struct {
		party  fullmakt.PartyNo
		action string
		want   bool
	}{{bergen, "read", true}, {bergen, "READ", true}, {bergen, "write", false}, {bergen, "", false}, {trondheim, "read", false}} {
		if got := v.Listed("demo-tilskudd", c.party, c.action); got != c.want {
			t.Errorf("Listed(%d, %q) = %t", c.party, c.action, got)
		}
	}
}

// TestScheme: the demo scheme, and the packages that open it by any name.
func TestScheme(t *testing.T) {
	s := demoSnapshot(t)
	v := viewOf(s)
	schemes := v.SchemesFor("demo:kontroll.read")
	if len(schemes) != 1 || schemes[0].ID != "demo-kontroll-api" || !schemes[0].Delegable {
		t.Fatalf("%+v", schemes)
	}
	set := schemes[0].PackageSet(s.Catalogue())
	for _, name := range []string{"delegerbare-maskinporten-scopes", "maskinporten-scopes-nuf"} {
		if id, ok := s.Catalogue().PackageID(name); !ok || !set.Has(id) {
			t.Errorf("%s does not open the scheme", name)
		}
	}
	if set.Len() != 2 {
		t.Errorf("%d packages open the scheme", set.Len())
	}
	if _, ok := v.Scheme("demo-tilskudd"); ok {
		t.Error("a service is a scheme")
	}
	if len(v.SchemesFor("demo:annet")) != 0 {
		t.Error("a scope that no scheme names has one")
	}
}

// TestLoadTellsEveryProblem: the place and the reason of each, and the sound ones are in.
func TestLoadTellsEveryProblem(t *testing.T) {
	s := demoSnapshot(t)
	changes, problems := registry.Load(s, []registry.Source{
		{Path: "resource/demo-x.json", Where: "w", Line: 10, Data: []byte(`{"title": 3}`)},
		{Path: "policy/demo-hendelser.xml", Where: "w", Line: 20, Data: []byte("<Policy>\n")},
		{Path: "policy/demo-none.xml", Where: "w", Line: 30, Data: []byte("<Policy/>\n")},
		{Path: "access-list/demo/tom.json", Where: "w", Line: 40, Data: []byte(`{"name":"Tom","members":["310000019","399999999"]}`)},
		{Path: "access-list/demo/ny.json", Where: "w", Line: 50, Data: []byte(`{"name":"Ny","members":["310000019"]}`)},
		{Path: "other/x", Where: "w", Line: 60},
	}, testTime)
	var text strings.Builder
	for _, p := range problems {
		text.WriteString(p.Error() + "\n")
		if fullmakt.ErrorCode(p) != fullmakt.CodeInvalid {
			t.Errorf("%v has code %s", p, fullmakt.ErrorCode(p))
		}
	}
	for _, want := range []string{
		"w:10: resource/demo-x.json: ", "w:21: policy/demo-hendelser.xml: the policy is refused: ", `w:30: policy/demo-none.xml: there is no resource "demo-none"`,
		"w:40: access-list/demo/tom.json: ", "w:60: other/x: ",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no problem begins with %q:\n%s", want, text.String())
		}
	}
	if len(problems) != 5 {
		t.Errorf("%d problems", len(problems))
	}
	v := viewOf(after(s, changes))
	if l, ok := v.AccessList("demo", "ny"); !ok || len(l.Members) != 1 {
		t.Error("the sound list is not in")
	}
	if _, ok := v.AccessList("demo", "tom"); ok {
		t.Error("half of a list is in")
	}
	if _, err := v.Policy("demo-hendelser"); err != nil {
		t.Errorf("the old policy is gone: %v", err)
	}
}
