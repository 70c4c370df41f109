package catalogue

import (
	"iter"
	"math/bits"
)

// PackageID numbers the packages of one catalogue densely from 0, in the order of
// the data. It means nothing beside another catalogue (see Digest).
type PackageID uint16

// NoPackage is no package.
const NoPackage PackageID = 0xFFFF

// MaxPackages is the most packages a catalogue can hold.
const MaxPackages = 512

// PackageSet is a set of packages in one cache line. The zero value is empty. Its
// methods do not allocate.
type PackageSet [MaxPackages / 64]uint64

// Has reports whether p is in the set. NoPackage is in none.
func (s PackageSet) Has(p PackageID) bool {
	return p < MaxPackages && s[p>>6]&(1<<(p&63)) != 0
}

// Add puts p into the set. NoPackage is ignored.
func (s *PackageSet) Add(p PackageID) {
	if p < MaxPackages {
		s[p>>6] |= 1 << (p & 63)
	}
}

// With returns the set with p in it.
func (s PackageSet) With(p PackageID) PackageSet {
	s.Add(p)
	return s
}

// Union returns what is in either set.
func (s PackageSet) Union(t PackageSet) PackageSet {
	for i := range s {
		s[i] |= t[i]
	}
	return s
}

// Intersect returns what is in both sets.
func (s PackageSet) Intersect(t PackageSet) PackageSet {
	for i := range s {
		s[i] &= t[i]
	}
	return s
}

// Minus returns what is in s but not in t.
func (s PackageSet) Minus(t PackageSet) PackageSet {
	for i := range s {
		s[i] &^= t[i]
	}
	return s
}

// IsEmpty reports whether nothing is in the set.
func (s PackageSet) IsEmpty() bool { return s == PackageSet{} }

// Len returns the number of packages in the set.
func (s PackageSet) Len() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// All yields the packages in rising order.
func (s PackageSet) All() iter.Seq[PackageID] {
	return func(yield func(PackageID) bool) {
		for i, w := range s {
			for ; w != 0; w &= w - 1 {
				if !yield(PackageID(i*64 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}
