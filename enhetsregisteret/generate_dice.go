package enhetsregisteret

import "math"

// dice is a small deterministic source of chance (splitmix64). Every drawing of
// the generator starts from its own dice, made from the seed and from what is
// drawn, so that units can be written in any order and by any worker, and the
// next day's world differs from today's only where something happened.
type dice uint64

// roll returns the dice for one purpose and one subject.
func roll(seed uint64, purpose string, subject uint64) dice {
	h := seed ^ 0x9e3779b97f4a7c15
	for i := range len(purpose) {
		h = (h ^ uint64(purpose[i])) * 0x100000001b3
	}
	d := dice(h ^ subject*0xd6e8feb86659fd93)
	d.next()
	return d
}

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number from 0 to n-1; n must be at least 1.
func (d *dice) below(n int) int { return int((d.next() >> 33) * uint64(n) >> 31) }

// unit returns a number from 0 up to but not including 1.
func (d *dice) unit() float64 { return float64(d.next()>>11) / (1 << 53) }

// chance is true with probability p.
func (d *dice) chance(p float64) bool { return d.unit() < p }

// about returns a Poisson-distributed count with the given mean (at most about
// 20, above which the method would be slow).
func (d *dice) about(mean float64) int {
	if mean <= 0 {
		return 0
	}
	limit, product, n := math.Exp(-mean), d.unit(), 0
	for product > limit {
		product *= d.unit()
		n++
	}
	return n
}

// pick returns one of list.
func pick[T any](d *dice, list []T) T { return list[d.below(len(list))] }
