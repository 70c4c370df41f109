package enhetsregisteret

import (
	"math"
	"slices"

	"github.com/fullmakt/fullmakt"
)

// genWorld is the synthetic register in compact arrays: what must be agreed on
// between units (numbers, parents, who holds which place on a board) is stored,
// all else is drawn anew from the unit's own dice whenever the unit is written.
// It is read only once built, so that workers share it.
type genWorld struct {
	seed  uint64
	scale float64
	base  fullmakt.Date // the date of day 0
	day   int
	today fullmakt.Date

	form   []uint8 // main units, ascending by number: index into formShapes
	number []fullmakt.OrgNumber
	nBase  uint32           // units of day 0; later ones follow
	newOn  []int            // day of each later unit
	gone   map[uint32]int   // units that vanished, and the day
	turns  map[uint32][]int // days on which a unit's roles changed
	subOff []uint32         // a unit's sub-units are subOff[i] up to subOff[i+1]
	subNo  []fullmakt.OrgNumber
	parent []uint32 // of each sub-unit

	byForm   [len(formShapes)][]uint32
	stock    []uint32 // limited companies in an order of chance: special parts first
	special  int      // how many of stock play a special part
	accounts pool     // accountants, by falling number of clients
	audits   pool
	managers pool
	partners []uint32          // corporate partners and holders
	chiefs   map[uint32]holder // organisations as daglig leder
	estates  map[uint32]uint32 // bankrupt company of each estate
	broke    map[uint32]bool   // bankrupt companies
	odd      map[uint32]bool   // units with a role of an unknown code
	partOf   map[uint32]string // the word for the part, in the unit's name
	ghosts   []fullmakt.OrgNumber
	chain    [3]uint32
	cycle    [2]uint32
	merged   uint32 // an accountant that merges into the biggest on day 1

	slotOff []uint32 // a unit's persons are slots[slotOff[i]:slotOff[i+1]]
	slots   []uint32 // persons
	lawyers [2]uint32
	people  people
	places  places
	words   upperWords
	dates   dateTexts
}

// upperWords are words as unit names have them.
type upperWords struct{ adjectives []string }

// scaled returns n at this world's scale, at least least.
func (w *genWorld) scaled(n, least int) int {
	return max(least, int(math.Round(float64(n)*w.scale)))
}

// newWorld builds the world of opts, which are valid. Each step is reported.
func newWorld(opts GenerateOptions) *genWorld {
	step, report := 0, opts.Progress
	done := func() {
		if step++; report != nil {
			report("world", step, 5)
		}
	}
	w := &genWorld{
		seed: opts.Seed, scale: opts.Scale, base: opts.Date, day: opts.Day, today: opts.Date + fullmakt.Date(opts.Day),
		gone: map[uint32]int{}, turns: map[uint32][]int{}, chiefs: map[uint32]holder{},
		estates: map[uint32]uint32{}, broke: map[uint32]bool{}, odd: map[uint32]bool{}, partOf: map[uint32]string{},
		words: upperWords{adjectives: upperAdjectives()}, dates: newDateTexts(),
	}
	w.places = newPlaces(w.seed)
	done()
	w.drawForms()
	w.assignParts()
	done()
	w.addDays()
	w.drawSubUnits()
	done()
	w.number, w.subNo, w.ghosts = w.drawNumbers()
	done()
	w.drawPeople()
	done()
	return w
}

// drawForms fixes the number of units of each form and shuffles them.
func (w *genWorld) drawForms() {
	for f := range formShapes {
		for range w.scaled(formShapes[f].count, formShapes[f].least) {
			w.form = append(w.form, uint8(f))
		}
	}
	shuffle(w.form, roll(w.seed, "forms", 0))
	for i, f := range w.form {
		w.byForm[f] = append(w.byForm[f], uint32(i))
	}
	w.nBase = uint32(len(w.form))
}

// shuffle brings list into an order of chance.
func shuffle[T any](list []T, d dice) {
	for i := len(list) - 1; i > 0; i-- {
		j := d.below(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}

// assignParts gives limited companies the parts that others refer to:
// accountants, auditors, housing managers, partners, bankrupt companies, and
// chains and cycles of organisations as daglig leder.
func (w *genWorld) assignParts() {
	w.stock = slices.Clone(w.byForm[shapeAS])
	shuffle(w.stock, roll(w.seed, "stock", 0))
	take := func(n int) []uint32 {
		n = min(n, len(w.stock)-w.special)
		part := w.stock[w.special : w.special+n]
		w.special += n
		return part
	}
	w.accounts = newPool(take(w.scaled(3300, 5)), 0.85)
	w.audits = newPool(take(w.scaled(450, 3)), 1.15)
	w.managers = newPool(take(w.scaled(900, 3)), 1.1)
	w.partners = take(w.scaled(6000, 6))
	for word, units := range map[string][]uint32{"REGNSKAP": w.accounts.units, "REVISJON": w.audits.units, "BOFORVALTNING": w.managers.units, "HOLDING": w.partners} {
		for _, unit := range units {
			w.partOf[unit] = word
		}
	}
	w.merged = w.accounts.units[len(w.accounts.units)-1]
	w.accounts.setLast(max(5, 31*w.scale) / (452_000 * w.scale)) // few clients at any scale: the merger changes them all
	for _, estate := range w.byForm[shapeKBO] {
		debtor := take(1)
		if len(debtor) == 0 {
			break
		}
		w.estates[estate], w.broke[debtor[0]] = debtor[0], true
	}
	for k := range w.scaled(40, 2) { // A is led by B, B by C, C by a person
		if c := take(3); len(c) == 3 {
			w.chiefs[c[0]], w.chiefs[c[1]] = holder{kind: byUnit, who: c[1]}, holder{kind: byUnit, who: c[2]}
			if k == 0 {
				w.chain = [3]uint32(c)
			}
		}
	}
	for k := range w.scaled(10, 1) { // A is led by B and B by A
		if c := take(2); len(c) == 2 {
			w.chiefs[c[0]], w.chiefs[c[1]] = holder{kind: byUnit, who: c[1]}, holder{kind: byUnit, who: c[0]}
			if k == 0 {
				w.cycle = [2]uint32(c)
			}
		}
	}
	broke := uint32(math.MaxUint32)
	for unit := range w.broke {
		broke = min(broke, unit) // one of them, whichever the map gives first
	}
	d := roll(w.seed, "chiefs", 0)
	for k, unit := range take(w.scaled(740, 6)) {
		switch {
		case k%12 == 0:
			w.chiefs[unit] = holder{kind: byGhost, who: uint32(d.below(w.ghostCount()))}
		case k%12 == 1:
			w.chiefs[unit] = holder{kind: byUnit, who: broke}
		case k%12 == 2:
			w.chiefs[unit] = holder{kind: byUnit, who: pick(&d, w.byForm[shapeENK])}
		default:
			w.chiefs[unit] = holder{kind: byUnit, who: pick(&d, w.partners)}
		}
	}
	for _, unit := range take(w.scaled(25, 1)) {
		w.odd[unit] = true
	}
}

// ghostCount is the number of deleted units that the files still name.
func (w *genWorld) ghostCount() int { return w.scaled(600, 6) }

// drawSubUnits gives each unit its sub-units.
func (w *genWorld) drawSubUnits() {
	w.subOff = make([]uint32, len(w.form)+1)
	for i := range w.form {
		w.subOff[i] = uint32(len(w.parent))
		shape := &formShapes[w.form[i]]
		d := roll(w.seed, "subs", uint64(i))
		if d.chance(shape.subs) {
			for range 1 + d.about(shape.more) {
				w.parent = append(w.parent, uint32(i))
			}
		}
	}
	w.subOff[len(w.form)] = uint32(len(w.parent))
}

// registered returns the day unit i came into the register, never after today.
func (w *genWorld) registered(i uint32) fullmakt.Date {
	if i >= w.nBase {
		return w.base + fullmakt.Date(w.newOn[i-w.nBase])
	}
	first := fullmakt.NewDate(1995, 2, 20) // the register's beginning, with what it took over
	share := float64(i)/float64(w.nBase)*1.12 - .12
	if share < 0 {
		return first
	}
	d := roll(w.seed, "registered", uint64(i))
	span := float64(w.base - first - 40)
	return first + fullmakt.Date(span*math.Pow(share, .85)) + fullmakt.Date(d.below(30))
}

// ordinal returns the place of unit i among the units of its form.
func (w *genWorld) ordinal(i uint32) int {
	n, _ := slices.BinarySearch(w.byForm[w.form[i]], i)
	return n
}

// above returns the unit that i lies under in the public sector.
func (w *genWorld) above(i uint32) (uint32, bool) {
	f := int(w.form[i])
	d := roll(w.seed, "above", uint64(i))
	of := func(shape int) (uint32, bool) { return pick(&d, w.byForm[shape]), true }
	switch f {
	case shapeORGL:
		own := w.ordinal(i)
		switch k := d.below(20); {
		case k < 5 && own > 3: // a department of an earlier one, so that there is no cycle
			return w.byForm[f][d.below(own)], true
		case k < 14:
			return of(shapeKOMM)
		case k < 17:
			return of(shapeFYLK)
		default:
			return of(shapeSTAT)
		}
	case shapeKF, shapeADOS:
		return of(shapeKOMM)
	case shapeFKF:
		return of(shapeFYLK)
	}
	return 0, false
}

// The numbers of the forms that code here names; shapeNumber checks them.
var (
	shapeENK, shapeAS, shapeFLI     = shapeNumber("ENK"), shapeNumber("AS"), shapeNumber("FLI")
	shapeUTLA, shapeORGL, shapeKBO  = int(shapeNumber("UTLA")), int(shapeNumber("ORGL")), int(shapeNumber("KBO"))
	shapeKOMM, shapeFYLK, shapeSTAT = int(shapeNumber("KOMM")), int(shapeNumber("FYLK")), int(shapeNumber("STAT"))
	shapeKF, shapeADOS, shapeFKF    = int(shapeNumber("KF")), int(shapeNumber("ADOS")), int(shapeNumber("FKF"))
)

func shapeNumber(code string) uint8 {
	return uint8(slices.IndexFunc(formShapes[:], func(s formShape) bool { return s.code == code }))
}
