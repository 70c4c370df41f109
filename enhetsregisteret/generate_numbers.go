package enhetsregisteret

import "github.com/fullmakt/fullmakt"

// The ranges of the first eight digits. All numbers start with 2 or 3, the
// synthetic series; the numbers of the demo world, at demoPrefix, are left out.
const (
	firstPrefix = 20_000_000
	demoPrefix  = 31_000_000
	newPrefix   = 38_950_000
	ghostPrefix = 39_900_000
	lastPrefix  = 40_000_000
)

// drawNumbers numbers main and sub-units in one ascending series with gaps, as
// the register's own, then the units of later days, then the deleted ones.
func (w *genWorld) drawNumbers() (units, subs, ghosts []fullmakt.OrgNumber) {
	units = make([]fullmakt.OrgNumber, 0, len(w.form))
	subs = make([]fullmakt.OrgNumber, 0, len(w.parent))
	total := int(w.nBase) + int(w.subOff[w.nBase])
	step := min((newPrefix-firstPrefix-200)/total, 9000)
	d := roll(w.seed, "numbers", 0)
	slot := 0
	next := func() fullmakt.OrgNumber {
		// Of two prefixes in a row at least one has a check digit, so a jitter
		// that leaves two free keeps the numbers apart.
		prefix := firstPrefix + slot*step + d.below(max(1, step-1))
		if prefix >= demoPrefix {
			prefix += 100
		}
		slot++
		return fullmakt.NextOrgNumber(uint32(prefix))
	}
	for i := range w.nBase {
		units = append(units, next())
		for range w.subOff[i+1] - w.subOff[i] {
			subs = append(subs, next())
		}
	}
	late := uint32(newPrefix)
	nextLate := func() fullmakt.OrgNumber {
		late += 4
		return fullmakt.NextOrgNumber(late)
	}
	for i := w.nBase; i < uint32(len(w.form)); i++ {
		units = append(units, nextLate())
		for range w.subOff[i+1] - w.subOff[i] {
			subs = append(subs, nextLate())
		}
	}
	for g := range w.ghostCount() {
		ghosts = append(ghosts, fullmakt.NextOrgNumber(uint32(ghostPrefix+7*g)))
	}
	return units, subs, ghosts
}
