package pdp_test

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt/pdp"
)

// TestNearHasEveryNearMiss asks every pair of random worlds: whoever is told of a
// near miss stands among the parties that are near, from either end.
func TestNearHasEveryNearMiss(t *testing.T) {
	gen, cats := worlds(), catalogues()
	setRapid(t, "rapid.seed", "7")
	setRapid(t, "rapid.checks", strconv.Itoa(map[bool]int{true: 20, false: 100}[testing.Short()]))
	setRapid(t, "rapid.nofailfile", "true")
	misses := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := gen.Draw(rt, "world")
		s := build(cats.of(w), w.log)
		all := everybody(w)
		for _, subject := range all {
			reached, _ := pdp.Near(s, subject, true, len(all))
			for _, object := range all {
				x := pdp.Explain(s, pdp.Ask(subject, object, w.times[0]))
				if subject == object || len(x.NearMisses) == 0 {
					continue
				}
				misses++
				near, _ := pdp.Near(s, object, false, len(all))
				if !slices.Contains(near, subject) || !slices.Contains(reached, object) {
					rt.Fatalf("%d for %d: %s, but %v are near the object, %v the subject\n%s", subject, object, x.Reason, near, reached, w)
				}
			}
		}
	})
	if misses == 0 {
		t.Error("no near miss in any world")
	}
	s := build(cats.of(gen.Example(1)), gen.Example(1).log)
	for _, p := range everybody(gen.Example(1)) {
		near, _ := pdp.Near(s, p, false, 1000)
		for most := range len(near) {
			if few, whole := pdp.Near(s, p, false, most); whole || few != nil {
				t.Errorf("%d near %d with at most %d: whole %t", len(few), p, most, whole)
			}
		}
	}
}
