package enhetsregisteret

import (
	"time"

	"github.com/fullmakt/fullmakt"
)

// people are the persons of the synthetic Norway, by their identity numbers;
// names and the rest are drawn from the person's own dice.
type people struct {
	seed uint64
	ids  []fullmakt.NationalID
}

// drawPeople finds out how many persons the units need, draws how many
// organisations each serves, and seats them.
func (w *genWorld) drawPeople() {
	w.slotOff = make([]uint32, len(w.form)+1)
	var buf []genRole
	total := uint32(0)
	var seats int
	for i := range uint32(len(w.form)) {
		w.slotOff[i] = total
		buf, seats = w.plan(i, buf[:0])
		total += uint32(seats)
	}
	w.slotOff[len(w.form)] = total
	w.slots = make([]uint32, total)
	baseTotal := w.slotOff[w.nBase]

	// Every sole proprietorship has an owner of its own; whatever else an owner
	// does is drawn like everybody's.
	owners := uint32(len(w.byForm[shapeENK]))
	general := int(baseTotal) - int(owners)
	stubs := make([]uint32, 0, general+300)
	d := roll(w.seed, "degrees", 0)
	next := uint32(0)
	for ; len(stubs) < general || next < owners; next++ {
		n := drawDegree(&d, int(w.nBase)/20)
		if next < owners {
			n--
		}
		for range n {
			stubs = append(stubs, next)
		}
	}
	shuffle(stubs, roll(w.seed, "stubs", 0))
	owner, stub := uint32(0), 0
	for i := range w.nBase {
		for s := w.slotOff[i]; s < w.slotOff[i+1]; s++ {
			if w.form[i] == shapeENK && s == w.slotOff[i] {
				w.slots[s] = owner
				owner++
				continue
			}
			w.slots[s] = stubs[stub]
			stub++
		}
	}
	settled := next
	w.lawyers = [2]uint32{next, next + uint32(w.scaled(320, 3))}
	next = w.lawyers[1]
	for s := baseTotal; s < total; s++ { // the units of later days
		if d := roll(w.seed, "newcomer", uint64(s-baseTotal)); d.chance(.3) {
			w.slots[s] = uint32(d.below(int(settled)))
		} else {
			w.slots[s] = next
			next++
		}
	}
	w.people = newPeople(w.seed, int(next), w.base)
}

// drawDegree draws how many organisations a person serves.
func drawDegree(d *dice, most int) int {
	n := 1
	switch u := d.unit(); {
	case u < .68:
	case u < .86:
		n = 2
	case u < .93:
		n = 3
	case u < .9895:
		n = 4 + d.below(7)
	case u < .9999:
		n = 11 + d.below(40)
	default:
		n = 51 + int(250*d.unit()*d.unit())
	}
	return max(1, min(n, most))
}

// newPeople gives n persons identity numbers of the tax authority's synthetic
// series (month + 80), all different. Who comes later does not change the
// numbers of those before.
func newPeople(seed uint64, n int, base fullmakt.Date) people {
	p := people{seed: seed, ids: make([]fullmakt.NationalID, n)}
	taken := map[fullmakt.Date]uint16{}
	for i := range p.ids {
		d := roll(seed, "born", uint64(i))
		// Ages 18 to 88, most in the middle.
		age := 18 + 70*(d.unit()+d.unit())/2
		born := base - fullmakt.Date(age*365.25) - 1
		foreign := d.chance(.03)
		for p.ids[i] == 0 {
			p.ids[i] = nextID(born, foreign, taken)
			born-- // the day is full: the day before
		}
	}
	return p
}

// nextID returns the next free identity number of a day, or 0.
func nextID(born fullmakt.Date, foreign bool, taken map[fullmakt.Date]uint16) fullmakt.NationalID {
	t := born.Time(time.UTC)
	day := t.Day()
	if foreign {
		day += 40
	}
	for taken[born] < 500 {
		k := taken[born]
		taken[born]++
		individual := (int(k)*211 + int(born)*37) % 500 // 211 and 500 have no common factor
		if t.Year() >= 2000 {
			individual += 500
		}
		if id, ok := fullmakt.SyntheticNationalID(day, int(t.Month()), t.Year()%100, individual); ok {
			return id
		}
	}
	return 0
}

// born returns the birth date of person p, as the number tells it.
func (p *people) born(i uint32) fullmakt.Date {
	id := uint64(p.ids[i])
	day, month, year := int(id/1e9), int(id/1e7%100)-80, int(id/1e5%100)
	if day > 40 {
		day -= 40
	}
	if id/100%1000 >= 500 {
		year += 100
	}
	return fullmakt.NewDate(1900+year, month, day)
}

// dead reports whether person i has died; the register keeps such roles until
// somebody reports them.
func (p *people) dead(i uint32) bool {
	d := roll(p.seed, "dead", uint64(i))
	return d.chance(.003)
}

// personName is a name in its three parts; the middle part may be empty.
type personName struct{ first, middle, last string }

// name returns the name of person i. Some names are commoner than others, so
// that two persons of one name and birth date do occur.
func (p *people) name(i uint32) (n personName) {
	d := roll(p.seed, "name", uint64(i))
	n.first = common(&d, wordAdjectives)
	if d.chance(.14) {
		n.middle = common(&d, wordPlaceStarts) + common(&d, wordPlaceEnds)
	}
	n.last = common(&d, wordSurnameStarts) + common(&d, wordSurnameEnds)
	return n
}

// common picks from list, the first words more often than the last.
func common(d *dice, list []string) string {
	u := d.unit()
	return list[int(u*u*u*float64(len(list)))]
}
