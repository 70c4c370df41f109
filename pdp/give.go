package pdp

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// mayGive answers the second half of every question: may the subject give what
// was asked for on? A question without a package is answered for any package; a
// question about a role is answered no, since roles are not given.
func (w *walk) mayGive() bool {
	switch {
	case w.q.Role != 0 || w.refused != "":
		return false
	case w.q.Right != 0:
		return w.mayGiveRight()
	case w.q.Package == catalogue.NoPackage:
		return !w.givable().IsEmpty() || w.right && w.administers()
	}
	return w.giveRule(w.q.Package) != ""
}

// mayGiveRight is rule GIVE-1 for a single right: the subject holds a grant of it
// by DIRECT, NEST or SUB, which are the only ways to hold one, and administers the
// object.
func (w *walk) mayGiveRight() bool { return w.best < noPath && w.administers() }

// giveRule returns the rule by which the subject may give package p on behalf of
// the object, or "".
func (w *walk) giveRule(p catalogue.PackageID) fullmakt.Rule {
	switch {
	case !w.assignable(p):
		return ""
	case w.administers() && w.give.Has(p) && w.formAllows(p):
		return fullmakt.RuleGive1
	case w.mainAdministrator() && w.v.MainAdmin(w.object.Form).Has(p):
		return fullmakt.RuleGive2
	}
	return ""
}

// givable returns every package that the subject may give on behalf of the
// object: giveRule for all of them at once.
func (w *walk) givable() catalogue.PackageSet {
	var set catalogue.PackageSet
	if w.administers() {
		set = w.give.Minus(*w.v.BoundElsewhere(w.object.Form))
	}
	if w.mainAdministrator() {
		set = set.Union(*w.v.MainAdmin(w.object.Form))
	}
	return set.Intersect(*w.v.Assignable()).Intersect(*w.forKind(w.object.Kind))
}

// assignable is condition (b) of rule GIVE-1: the package may be given, and is
// for the object's kind of party.
func (w *walk) assignable(p catalogue.PackageID) bool {
	return w.v.Assignable().Has(p) && w.forKind(w.object.Kind).Has(p)
}

// administers is condition (c) of rule GIVE-1: the subject may use tilgangsstyrer
// or hovedadministrator for the object by DIRECT, NEST or SUB, or is a person
// giving for itself.
func (w *walk) administers() bool {
	return w.selfAdmin || w.own.Has(w.terms.AccessManager) || w.own.Has(w.terms.MainAdministrator)
}

// mainAdministrator is rule GIVE-2: the subject may use hovedadministrator for
// the object, and so give what the role of that name may give, used or not.
func (w *walk) mainAdministrator() bool { return w.own.Has(w.terms.MainAdministrator) }

// formAllows is the last sentence of rule FORM-2: a package all of whose mappings
// carry forms can be given only on behalf of those forms, read on the object
// itself.
func (w *walk) formAllows(p catalogue.PackageID) bool {
	return !w.v.BoundElsewhere(w.object.Form).Has(p)
}

// giveReason tells why the subject, of whom decision d holds, may not give package
// p: it is for the other kind of party, is not assignable, is not held in a way
// that may be given on, or the subject is no administrator.
func (w *walk) giveReason(p catalogue.PackageID, d Decision) fullmakt.Reason {
	switch {
	case w.refused != "":
		return w.refused
	case !w.fitsKind(p):
		return fullmakt.ReasonWrongPartyType
	case !w.v.Assignable().Has(p):
		return fullmakt.ReasonNotAssignable
	case w.give.Has(p) && !w.formAllows(p):
		return fullmakt.ReasonOrgForm
	case w.give.Has(p):
		return fullmakt.ReasonNotAdmin
	case !d.Allowed:
		return d.Reason
	}
	return fullmakt.ReasonPackageNotHeld
}

// giveReasonOfRight tells why the subject, of whom decision d holds, may not give
// the single right of the question.
func (w *walk) giveReasonOfRight(d Decision) fullmakt.Reason {
	if d.Allowed {
		return fullmakt.ReasonNotAdmin
	}
	return d.Reason
}
