package catalogue

import "github.com/fullmakt/fullmakt"

// Validity is the days on which an entry holds. Both bounds belong to it: From is
// the first day, To the last ("til og med"). A zero bound is open.
type Validity struct {
	From fullmakt.Date
	To   fullmakt.Date
}

// Contains reports whether the entry holds on the day d.
func (v Validity) Contains(d fullmakt.Date) bool {
	return (v.From == 0 || d >= v.From) && (v.To == 0 || d <= v.To)
}

// Open reports whether both bounds are open.
func (v Validity) Open() bool { return v.From == 0 && v.To == 0 }

// String returns "always", "from 2026-01-01", "to 2026-06-19" or
// "2026-01-01 to 2026-06-19".
func (v Validity) String() string {
	switch {
	case v.Open():
		return "always"
	case v.To == 0:
		return "from " + v.From.String()
	case v.From == 0:
		return "to " + v.To.String()
	}
	return v.From.String() + " to " + v.To.String()
}

// overlaps reports whether some day lies in both v and w.
func (v Validity) overlaps(w Validity) bool {
	return (v.To == 0 || w.From == 0 || v.To >= w.From) && (w.To == 0 || v.From == 0 || w.To >= v.From)
}

// before orders validities of one entry that do not overlap.
func (v Validity) before(w Validity) bool {
	return w.From != 0 && v.From < w.From
}
