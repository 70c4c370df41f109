package pdp_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// TestGroundsAgree: over random worlds, the grounds of a pair confer the packages
// that the lists show, and name the roles that a question about a role is
// answered yes for, all of them and no others.
func TestGroundsAgree(t *testing.T) {
	setRapid(t, "rapid.seed", "4")
	setRapid(t, "rapid.checks", "1000")
	setRapid(t, "rapid.nofailfile", "true")
	gen, cats := worlds(), catalogues()
	pairs, roleOnly := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := gen.Draw(rt, "world")
		s := build(cats.of(w), w.log)
		at := w.times[0]
		parties := everybody(w)
		for _, subject := range parties {
			use := map[fullmakt.PartyNo]catalogue.PackageSet{}
			listed, next := pdp.ActsFor(s, subject, at, pdp.All, 0, len(parties)+1)
			if next != 0 {
				rt.Fatalf("a list of %d is cut", len(parties)+1)
			}
			for _, p := range listed {
				use[p.For] = p.Use
			}
			of := map[fullmakt.PartyNo]bool{}
			for object, grounds := range pdp.GroundsOf(s, subject, at) {
				of[object] = true
				again := pdp.Grounds(s, subject, object, at)
				if !slices.Equal(grounds, again) {
					rt.Fatalf("%d for %d: listed %v, alone %v", subject, object, grounds, again)
				}
			}
			for _, object := range parties {
				grounds := pdp.Grounds(s, subject, object, at)
				if of[object] != (len(grounds) > 0) {
					rt.Fatalf("%d for %d: listed %t with %d grounds", subject, object, of[object], len(grounds))
				}
				if got := union(s, grounds, at); got != use[object] {
					rt.Fatalf("%d for %d: grounds confer %v, the list says %v", subject, object, got, use[object])
				}
				if len(grounds) > 0 {
					if pairs++; use[object].IsEmpty() {
						roleOnly++
					}
				}
				for _, code := range worldRoles {
					q := pdp.Ask(subject, object, at)
					if q.Role = s.RoleID(code); q.Role == 0 {
						continue
					}
					if got, want := namesRole(s, grounds, q.Role, at), pdp.Decide(s, q).Allowed; got != want {
						rt.Fatalf("%d for %d in role %s: grounds %t, decision %t", subject, object, code, got, want)
					}
				}
			}
			for object := range use {
				found := false
				for who := range pdp.GroundsFor(s, object, at) {
					found = found || who == subject
				}
				if !found {
					rt.Fatalf("%d is not among those who act for %d", subject, object)
				}
			}
		}
	})
	if pairs < 500 || roleOnly < 20 {
		t.Errorf("%d pairs, %d of them roles alone: too few to say anything", pairs, roleOnly)
	}
}

func union(s *index.Snapshot, grounds []pdp.Ground, at int64) (use catalogue.PackageSet) {
	for _, g := range grounds {
		use = use.Union(g.Use(s, at))
	}
	return use
}

func namesRole(s *index.Snapshot, grounds []pdp.Ground, role catalogue.RoleID, at int64) bool {
	return slices.ContainsFunc(grounds, func(g pdp.Ground) bool {
		return g.Role != 0 && (g.Role == role || slices.Contains(s.Catalogue().At(at).Mapped(g.Role), role))
	})
}
