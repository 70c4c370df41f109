package delegation

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// Check is the delegation check's answer about one package.
type Check struct {
	Package catalogue.PackageID
	Give    bool
	Rule    fullmakt.Rule   // by which it may be given, or which says no; "" where none does
	Reason  fullmakt.Reason // how the actor holds what it rests on, or why it may not be given
	// Paths are what a yes rests on: the paths over which the package is held and
	// may be given on (GIVE-1), or those to hovedadministrator (GIVE-2). None for
	// the operator.
	Paths []pdp.Path
}

// CheckPackages tells of packages whether the actor may give them on behalf of
// from; with to, also whether to may receive them (rule GIVE-3). Without packages
// it tells of every one that there is for from's kind of party.
func (a *Acting) CheckPackages(from, to fullmakt.PartyNo, packages ...catalogue.PackageID) []Check {
	v := a.view()
	if len(packages) == 0 {
		set := v.ForOrganisations()
		if a.Snapshot.Kind(from) == fullmakt.KindPerson {
			set = v.ForPersons()
		}
		for p := range a.Snapshot.Catalogue().Packages() {
			if set.Has(catalogue.PackageID(p)) {
				packages = append(packages, catalogue.PackageID(p))
			}
		}
	}
	checks := make([]Check, 0, len(packages))
	for _, p := range packages {
		c := a.mayGive(from, p)
		if c.Give && to != 0 {
			if !a.receives(a.Snapshot.Kind(to), p) {
				c = Check{Package: p, Rule: fullmakt.RuleGive3, Reason: fullmakt.ReasonReceiver}
			}
		}
		checks = append(checks, c)
	}
	return checks
}

// mayGive answers for one package: the rules GIVE-1 and GIVE-2.
func (a *Acting) mayGive(from fullmakt.PartyNo, p catalogue.PackageID) Check {
	if reason := a.giver(from); reason != "" {
		return Check{Package: p, Rule: fullmakt.RuleGive3, Reason: reason}
	}
	if a.Actor == Operator {
		return a.operatorMayGive(from, p)
	}
	q := pdp.Ask(a.Actor, from, a.At)
	q.Package = p
	x := pdp.Explain(a.Snapshot, q)
	c := Check{Package: p, Give: x.MayGive, Rule: x.GiveRule, Reason: x.GiveReason}
	switch x.GiveRule {
	case fullmakt.RuleGive1:
		c.give1(&x)
	case fullmakt.RuleGive2:
		c.give2(a, from)
	default:
		c.Rule = fullmakt.RuleGive1
		// Of a package, no_relation is no near miss that a rule stopped.
		if rule := fullmakt.StoppedBy(c.Reason); rule != "" && c.Reason != fullmakt.ReasonNoRelation {
			c.Rule = rule
		}
	}
	return c
}

// give1 is rule GIVE-1: what the actor holds, over what may be given on.
func (c *Check) give1(x *pdp.Explanation) {
	for _, path := range x.Paths {
		if path.Give && path.Counts() {
			c.Paths = append(c.Paths, path)
		}
	}
	if len(c.Paths) > 0 {
		c.Reason = c.Paths[0].Reason()
	}
}

// give2 is rule GIVE-2: the set of the main administrator, over what makes the
// actor one.
func (c *Check) give2(a *Acting, from fullmakt.PartyNo) {
	q := pdp.Ask(a.Actor, from, a.At)
	q.Package = a.Snapshot.Terms().MainAdministrator
	for _, path := range pdp.Explain(a.Snapshot, q).Paths {
		if path.Counts() {
			c.Paths = append(c.Paths, path)
		}
	}
	if len(c.Paths) > 0 {
		c.Reason = c.Paths[0].Reason()
	}
}

// operatorMayGive is what of rules GIVE-1 and FORM-2 holds for anybody: the
// package may be given, is for from's kind of party, and is not bound to other
// forms.
func (a *Acting) operatorMayGive(from fullmakt.PartyNo, p catalogue.PackageID) Check {
	v, n := a.view(), a.Snapshot.Node(from)
	c := Check{Package: p, Rule: fullmakt.RuleGive1}
	switch {
	case a.Snapshot.Catalogue().Package(p).EntityType != n.Kind:
		c.Reason = fullmakt.ReasonWrongPartyType
	case !v.Assignable().Has(p):
		c.Reason = fullmakt.ReasonNotAssignable
	case v.BoundElsewhere(n.Form).Has(p):
		c.Rule, c.Reason = fullmakt.RuleForm, fullmakt.ReasonOrgForm
	default:
		c.Give = true
	}
	return c
}

// giver is what rule GIVE-3 says of who gives: a living organisation or person
// that is surely known. It returns what is wrong, "" for nothing.
func (a *Acting) giver(from fullmakt.PartyNo) fullmakt.Reason {
	n := a.Snapshot.Node(from)
	switch {
	case n.Kind == fullmakt.KindUnknown:
		return fullmakt.ReasonUnknownParty
	case n.Kind != fullmakt.KindOrganisation && n.Kind != fullmakt.KindPerson:
		return fullmakt.ReasonWrongPartyType
	case n.Flags&index.Uncertain != 0:
		return fullmakt.ReasonUncertain
	case n.Flags&index.Dead != 0:
		return fullmakt.ReasonHolderDeceased
	case n.State&fullmakt.Deleted != 0:
		return fullmakt.ReasonPartyDeleted
	}
	return ""
}
