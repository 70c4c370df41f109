package pdp

import (
	"math"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// Query asks whether Subject may act on behalf of For at an instant: with one
// package, with one single right, in one role, or at all: any package or single
// right. At most one of the three is named. Make a query with Ask, which names
// none.
type Query struct {
	Subject, For fullmakt.PartyNo
	Package      catalogue.PackageID // NoPackage when the question names none
	Role         catalogue.RoleID    // a role id of the snapshot; 0 when the question names none
	Right        index.RightID       // a right to a resource, as the snapshot numbers it; 0 when the question names none
	At           int64               // Unix seconds
}

// UnknownRight asks about a right that the snapshot does not know: nobody was ever
// given it.
const UnknownRight index.RightID = math.MaxUint32

// Ask returns the question whether subject may act on behalf of a party at all.
func Ask(subject, onBehalfOf fullmakt.PartyNo, at int64) Query {
	return Query{Subject: subject, For: onBehalfOf, Package: catalogue.NoPackage, At: at}
}

// Decision is the answer to a Query.
type Decision struct {
	Allowed   bool              // may use
	MayGive   bool              // may give on; never for a question about a role
	Uncertain bool              // a party is known only by birth date and name (rule OPEN-1)
	Reason    fullmakt.Reason   // of the yes or the no
	State     fullmakt.OrgState // of the organisation acted for
	Revision  fullmakt.Seq      // at which it was decided
	At        int64             // the instant asked about, Unix seconds
}

// Decide answers the query from the snapshot. An unknown party is answered
// ReasonUnknownParty. It does not allocate.
func Decide(s *index.Snapshot, q Query) Decision {
	var w walk
	w.start(s, q, nil)
	w.run()
	return w.decision()
}

// decision sums up a walk that has run.
func (w *walk) decision() Decision {
	d := Decision{
		Allowed:   w.best < noPath,
		MayGive:   w.mayGive(),
		Uncertain: (w.subject.Flags|w.object.Flags)&index.Uncertain != 0,
		State:     w.object.State,
		Revision:  w.s.Seq(),
		At:        w.q.At,
	}
	switch {
	case w.refused != "":
		d.Reason = w.refused
	case d.Allowed:
		d.Reason = reasonOf(w.best)
	case w.nearest < notAgent:
		d.Reason = w.nearest.reason()
	case w.wrongType():
		d.Reason = fullmakt.ReasonWrongPartyType
	case w.related:
		d.Reason = fullmakt.ReasonPackageNotHeld
	default:
		d.Reason = fullmakt.ReasonNoRelation
	}
	return d
}

// wrongType reports whether the question names a package for the other kind of
// party than the one acted for.
func (w *walk) wrongType() bool {
	return w.q.Package != catalogue.NoPackage && !w.fitsKind(w.q.Package)
}

// fitsKind reports whether a package, valid at the time or not, is for the kind of
// party acted for.
func (w *walk) fitsKind(p catalogue.PackageID) bool {
	return w.s.Catalogue().Package(p).EntityType == w.object.Kind
}

// forKind returns the packages, valid at the time, whose entity type is the given kind of party.
func (w *walk) forKind(k fullmakt.PartyKind) *catalogue.PackageSet {
	switch k {
	case fullmakt.KindOrganisation:
		return w.v.ForOrganisations()
	case fullmakt.KindPerson:
		return w.v.ForPersons()
	}
	return &none
}

var none catalogue.PackageSet
