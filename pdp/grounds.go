package pdp

import (
	"iter"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// Ground is one sound way by which something that a party holds reaches the
// subject, whether it confers a package or a single right, or is a role alone: a
// board member has the role (rule ROLE) and no package. Nothing stands in its way.
type Ground struct {
	Rule      fullmakt.Rule    // SELF, DIRECT, NEST or CLIENT
	Extension fullmakt.Rule    // SUB, ENK or ""
	Unit      fullmakt.PartyNo // where the basis lies: the object, its main unit, or the sole proprietorship

	// Between is the organisation that holds the basis in a NEST or a CLIENT, else
	// 0. Key, of a NEST, is the key role that the subject holds there.
	Between fullmakt.PartyNo
	Key     catalogue.RoleID

	// Role is the role that the subject has by this ground (rule ROLE), when the
	// basis is a role; 0 for a CLIENT, whatever its basis is.
	Role    catalogue.RoleID
	Package catalogue.PackageID // of a grant or a client delegation; else NoPackage
	Right   index.RightID       // of a grant of a single right; else 0
	// ClientRole, of a CLIENT, is the role of the provider at the client that the
	// delegation rests on; 0 when that is a grant.
	ClientRole catalogue.RoleID
}

// Use returns the packages that the ground confers, with forms read on its unit
// (rule FORM-2).
func (g Ground) Use(s *index.Snapshot, at int64) catalogue.PackageSet {
	if g.Role == 0 {
		return catalogue.PackageSet{}.With(g.Package)
	}
	return s.Catalogue().At(at).Conferral(g.Role, s.Node(g.Unit).Form).Use
}

// Grounds returns every sound way by which the subject has a package, a single
// right or a role on
// behalf of a party, in no particular order. It allows exactly what Decide does:
// a package is allowed if and only if some ground confers it, a role if and only
// if some ground is that role or maps to it, a single right likewise.
func Grounds(s *index.Snapshot, subject, onBehalfOf fullmakt.PartyNo, at int64) []Ground {
	var found []Ground
	appendGrounds(&found, s, subject, onBehalfOf, at)
	return found
}

func appendGrounds(found *[]Ground, s *index.Snapshot, subject, onBehalfOf fullmakt.PartyNo, at int64) {
	var w walk
	w.start(s, Ask(subject, onBehalfOf, at), nil)
	w.grounds = found
	w.run()
}

// GroundsOf yields every party for which the subject has anything, in the order of party numbers, with the grounds. The slice is used again for the
// next party.
func GroundsOf(s *index.Snapshot, subject fullmakt.PartyNo, at int64) iter.Seq2[fullmakt.PartyNo, []Ground] {
	return eachGrounds(s, at, func(r *reach) { r.from(subject) },
		func(p fullmakt.PartyNo) (subj, obj fullmakt.PartyNo) { return subject, p })
}

// GroundsFor yields every party that has anything on behalf of a party, as
// GroundsOf does.
func GroundsFor(s *index.Snapshot, onBehalfOf fullmakt.PartyNo, at int64) iter.Seq2[fullmakt.PartyNo, []Ground] {
	return eachGrounds(s, at, func(r *reach) { r.to(onBehalfOf) },
		func(p fullmakt.PartyNo) (subj, obj fullmakt.PartyNo) { return p, onBehalfOf })
}

func eachGrounds(s *index.Snapshot, at int64, gather func(*reach), ends func(fullmakt.PartyNo) (subj, obj fullmakt.PartyNo)) iter.Seq2[fullmakt.PartyNo, []Ground] {
	return func(yield func(fullmakt.PartyNo, []Ground) bool) {
		r := newReach(s, at, All)
		gather(r)
		var found []Ground
		for p := range r.found.after(0) {
			found = found[:0]
			subject, object := ends(p)
			appendGrounds(&found, s, subject, object, at)
			if len(found) > 0 && !yield(p, found) {
				return
			}
		}
	}
}

// ground notes a sound candidate.
func (w *walk) ground(c *candidate) {
	g := Ground{Rule: c.base.base(), Extension: c.unit.extension.rule(), Unit: c.unit.no, Package: catalogue.NoPackage}
	if c.hop {
		g.Between = c.basis.edge.Party
		if g.Key = c.link.role(); c.link.grant != nil {
			g.Key = w.terms.ECKEY
		}
	}
	switch {
	case c.delegation != nil:
		g.Between, g.Package, g.ClientRole = c.delegation.Provider, c.delegation.Package, c.delegation.Role
	case c.basis.grant != nil:
		g.Package, g.Right = c.basis.grant.Package, c.basis.grant.Right
	default:
		g.Role = c.basis.edge.Role()
	}
	*w.grounds = append(*w.grounds, g)
}
