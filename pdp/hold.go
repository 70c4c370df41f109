package pdp

import (
	"iter"
	"math/bits"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// Holdings is everything that a subject has on behalf of a party at an instant.
// It may be used for many pairs one after the other; filling it allocates only
// where there are more single rights than it has had room for before.
type Holdings struct {
	// Roles are those that the subject has (rule ROLE): the register roles of its
	// DIRECT, NEST, SUB and ENK paths, privatperson by SELF, and what one step
	// of the role map makes of each.
	Roles RoleSet
	// Packages are those that the subject may use by any path.
	Packages catalogue.PackageSet
	// Rights are the single rights that grants give it, in no order; one that
	// comes over several paths may stand there more than once.
	Rights []index.RightID
	// Refused is why no path was looked for: an unknown party, or one that nobody
	// acts for. Otherwise "".
	Refused fullmakt.Reason
	// Uncertain tells that a party is known only by birth date and name (rule
	// OPEN-1).
	Uncertain bool
}

// maxRoles is the number of role ids that a snapshot can tell apart.
const maxRoles = 1 << 13

// RoleSet is a set of roles, as a snapshot numbers them. The zero value is empty.
type RoleSet [maxRoles / 64]uint64

// Has reports whether r is in the set.
func (s *RoleSet) Has(r catalogue.RoleID) bool {
	return int(r) < maxRoles && s[r>>6]&(1<<(r&63)) != 0
}

func (s *RoleSet) add(r catalogue.RoleID) {
	if int(r) < maxRoles {
		s[r>>6] |= 1 << (r & 63)
	}
}

// All yields the roles in rising order of their ids.
func (s *RoleSet) All() iter.Seq[catalogue.RoleID] {
	return func(yield func(catalogue.RoleID) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(catalogue.RoleID(i<<6 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

// Hold fills h with everything that the subject has on behalf of a party at an
// instant (Unix seconds), in place of what h held before. A package is in it
// exactly where Decide answers a question about it with yes; roles and single
// rights likewise.
func Hold(s *index.Snapshot, subject, onBehalfOf fullmakt.PartyNo, at int64, h *Holdings) {
	*h = Holdings{Rights: h.Rights[:0]}
	var w walk
	w.start(s, Ask(subject, onBehalfOf, at), nil)
	w.hold = h
	w.run()
	h.Packages = w.use
	h.Refused = w.refused
	h.Uncertain = (w.subject.Flags|w.object.Flags)&index.Uncertain != 0
}

// holding adds the role or the single right that a sound candidate gives.
func (w *walk) holding(c *candidate) {
	switch {
	case c.delegation != nil:
	case c.basis.grant != nil:
		if r := c.basis.grant.Right; r != 0 {
			w.hold.Rights = append(w.hold.Rights, r)
		}
	default:
		role := c.basis.edge.Role()
		w.hold.Roles.add(role)
		for _, r := range w.v.Mapped(role) {
			w.hold.Roles.add(r)
		}
	}
}
