package pdp_test

import (
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	worldfile "github.com/fullmakt/fullmakt/world"
)

// demoSnapshot is the demo world without a store.
func demoSnapshot(tb testing.TB) *index.Snapshot {
	tb.Helper()
	c, err := catalogue.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	w, err := worldfile.Demo(c)
	if err != nil {
		tb.Fatal(err)
	}
	b := index.NewBuilder(c)
	for _, ch := range w.Facts() {
		b.Add(ch)
	}
	return b.Build(1, time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
}

// TestDecideDoesNotAllocate asks every question of the demo world, yes and no,
// near and far, with and without a package, and counts allocations, the look-up of
// public numbers included.
func TestDecideDoesNotAllocate(t *testing.T) {
	s := demoSnapshot(t)
	now := s.At().Unix()
	pkg, ok := s.Catalogue().PackageID("skatt-naering")
	if !ok {
		t.Fatal("no package skatt-naering")
	}
	reasons := map[fullmakt.Reason]int{}
	for subject := fullmakt.PartyNo(1); subject <= s.Last(); subject++ {
		for object := fullmakt.PartyNo(1); object <= s.Last(); object++ {
			from, to := s.ID(subject), s.ID(object)
			for _, p := range []catalogue.PackageID{pkg, catalogue.NoPackage} {
				q := pdp.Ask(subject, object, now)
				q.Package = p
				reasons[pdp.Decide(s, q).Reason]++
				if n := testing.AllocsPerRun(1, func() {
					s.Lookup(from)
					s.Lookup(to)
					pdp.Decide(s, q)
				}); n != 0 {
					t.Fatalf("%d for %d: %v allocations", subject, object, n)
				}
			}
		}
	}
	if len(reasons) < 10 {
		t.Errorf("the demo gives only the reasons %v", reasons)
	}
}

// BenchmarkDecide asks the seed's first question.
func BenchmarkDecide(b *testing.B) {
	s := demoSnapshot(b)
	pkg, _ := s.Catalogue().PackageID("delegerbare-maskinporten-scopes")
	kari, bergen := s.Person(12817010065), s.Organisation(310000019)
	for name, q := range map[string]pdp.Query{
		"nested":     {Subject: kari, For: bergen, Package: pkg, At: s.At().Unix()},
		"two-hops":   {Subject: s.Person(3918510094), For: bergen, Package: pkg, At: s.At().Unix()},
		"stranger":   {Subject: s.Person(21887810084), For: bergen, Package: pkg, At: s.At().Unix()},
		"direct":     {Subject: s.Organisation(310000027), For: bergen, Package: pkg, At: s.At().Unix()},
		"any-nested": pdp.Ask(kari, bergen, s.At().Unix()),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				pdp.Decide(s, q)
			}
		})
	}
}
