package enhetsregisteret

import (
	"math"
	"slices"
)

// pool is a set of units that hold a role for many clients; cum are the
// cumulated shares.
type pool struct {
	units []uint32
	cum   []float64
}

// newPool gives units shares by the law of Zipf and Mandelbrot, 1/(rank+2.7)^s,
// with the head raised to what the register's largest holders have.
func newPool(units []uint32, s float64) pool {
	head := [...]float64{1.29, 1.19, 1.12, 1.08, 1.06}
	p := pool{units: units, cum: make([]float64, len(units))}
	sum := 0.0
	for r := range units {
		share := math.Pow(float64(r+1)+2.7, -s)
		if r < len(head) {
			share *= head[r]
		}
		sum += share
		p.cum[r] = sum
	}
	for r := range p.cum {
		p.cum[r] /= sum
	}
	return p
}

// setLast changes the share of the last unit, at the others' cost.
func (p *pool) setLast(share float64) {
	last := len(p.cum) - 1
	rest := p.cum[last-1]
	for r := range last {
		p.cum[r] *= (1 - share) / rest
	}
}

func (p *pool) draw(d *dice) uint32 {
	r, _ := slices.BinarySearch(p.cum, d.unit())
	return p.units[min(r, len(p.units)-1)]
}
