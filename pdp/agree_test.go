package pdp_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	worldfile "github.com/fullmakt/fullmakt/world"
)

// TestAnswersAgreeInEveryWorld asks about every package and pair of parties of the
// demo and of each world that the rules are told by: the decision, its
// explanation, the list from either end and the delegation check say the same. In a short run it is
// every fifth package of a pair.
func TestAnswersAgreeInEveryWorld(t *testing.T) {
	c := must(embedded())
	worlds := []*worldfile.World{must(worldfile.Demo(c))}
	files, err := filepath.Glob("../testdata/worlds/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no worlds: ", err)
	}
	for _, file := range files {
		w, err := worldfile.Parse(filepath.Base(file), must(os.ReadFile(file)), c)
		if err != nil {
			t.Fatal(err)
		}
		worlds = append(worlds, w)
	}
	asked, held := 0, 0
	for _, w := range worlds {
		n, err := node.Open(t.Context(), node.Options{Catalogue: c, World: w})
		if err != nil {
			t.Fatal(err)
		}
		s, err := n.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var parties []fullmakt.PartyNo
		for no := fullmakt.PartyNo(1); s.Kind(no) != fullmakt.KindUnknown; no++ {
			parties = append(parties, no)
		}
		if len(parties) == 0 {
			t.Fatalf("%s: nobody", w.Name)
		}
		a, h := agree(t, w.Name, s, parties)
		asked, held = asked+a, held+h
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d questions about packages in %d worlds, %d with a yes", asked, len(worlds), held)
}

// agree asks about every package between every two parties.
func agree(t *testing.T, name string, s *index.Snapshot, parties []fullmakt.PartyNo) (asked, held int) {
	t.Helper()
	type two struct{ subject, object fullmakt.PartyNo }
	from, to := map[two]pdp.Pair{}, map[two]pdp.Pair{}
	for _, p := range parties {
		list, _ := pdp.ActsFor(s, p, noon, pdp.All, 0, 10_000)
		for _, pair := range list {
			from[two{pair.Subject, pair.For}] = pair
		}
		list, _ = pdp.WhoActsFor(s, p, noon, pdp.All, 0, 10_000)
		for _, pair := range list {
			to[two{pair.Subject, pair.For}] = pair
		}
	}
	if len(from) != len(to) {
		t.Errorf("%s: %d pairs from the one end, %d from the other", name, len(from), len(to))
	}
	for pair, one := range from {
		if other := to[pair]; one != other {
			t.Errorf("%s: %v is %+v from the one end and %+v from the other", name, pair, one, other)
		}
	}
	var packages []catalogue.PackageID
	for p := range s.Catalogue().Packages() {
		packages = append(packages, catalogue.PackageID(p))
	}
	for _, subject := range parties {
		for _, object := range parties {
			pair := from[two{subject, object}]
			checks := (&delegation.Acting{Snapshot: s, Actor: subject, At: noon}).CheckPackages(object, 0, packages...)
			for i, p := range packages {
				if testing.Short() && (i+int(subject+object))%5 != 0 {
					continue
				}
				q := pdp.Ask(subject, object, noon)
				q.Package = p
				d, x := pdp.Decide(s, q), pdp.Explain(s, q)
				asked++
				if d.Allowed {
					held++
				}
				// A deleted or dead giver holds what it holds and gives nothing (GIVE-3).
				n := s.Node(object)
				gives := d.MayGive && n.State&fullmakt.Deleted == 0 && n.Flags&(index.Dead|index.Uncertain) == 0
				if d != x.Decision || d.Allowed != pair.Use.Has(p) || d.MayGive != pair.Give.Has(p) || d.Allowed != (len(x.Paths) > 0) || gives != checks[i].Give {
					t.Errorf("%s: %s of %d for %d: decision %+v, explanation %+v, listed %+v, delegation check %+v",
						name, s.Catalogue().Package(p).Code, subject, object, d, x, pair, checks[i])
				}
			}
		}
	}
	return asked, held
}
