package delegation

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
)

// Scheme is what the registry says of a scheme of Maskinporten scopes.
type Scheme struct {
	ID        string               // its resource id
	Owner     fullmakt.PartyNo     // who offers the scopes; 0 when the owner is no party
	Packages  catalogue.PackageSet // whoever may give one of them may give the scopes
	Delegable bool
	Scopes    []string
}

// SchemeOf returns a scheme of the registry as the commands want it.
func SchemeOf(s *index.Snapshot, r *registry.Scheme) Scheme {
	scheme := Scheme{ID: r.ID, Packages: r.PackageSet(s.Catalogue()), Delegable: r.Delegable, Scopes: r.Scopes}
	if n, err := fullmakt.ParseOrgNumber(r.Owner.Organization); err == nil {
		scheme.Owner = s.Organisation(n)
	}
	return scheme
}

// packageScopeAdministrator stands, in rule SCOPE-1, in the place of the access
// manager.
const packageScopeAdministrator = "maskinporten-administrator"

// scope1 is rule SCOPE-1: an organisation's scopes are given by who may give a
// package that the scheme names, by GIVE-1 with maskinporten-administrator in place
// of tilgangsstyrer, or by GIVE-2. It returns the rule, or of the packages' reasons
// why not the one that is nearest to a yes.
func (a *Acting) scope1(from fullmakt.PartyNo, packages catalogue.PackageSet) (fullmakt.Rule, fullmakt.Reason) {
	nearest := len(scopeReasons)
	for p := range packages.All() {
		rule, reason := a.scope1By(from, p)
		if reason == "" {
			return rule, ""
		}
		if i := slices.Index(scopeReasons, reason); i >= 0 {
			nearest = min(nearest, i)
		}
	}
	if nearest == len(scopeReasons) {
		return "", fullmakt.ReasonNotAssignable // a scheme that no package opens
	}
	return "", scopeReasons[nearest]
}

// scopeReasons are the reasons why a package does not let somebody give scopes,
// the nearest to a yes first.
var scopeReasons = []fullmakt.Reason{
	fullmakt.ReasonNotAdmin, fullmakt.ReasonOrgForm, fullmakt.ReasonPackageNotHeld, fullmakt.ReasonWrongPartyType, fullmakt.ReasonNotAssignable,
}

// scope1By is scope1 for one package.
func (a *Acting) scope1By(from fullmakt.PartyNo, p catalogue.PackageID) (fullmakt.Rule, fullmakt.Reason) {
	if a.Actor == Operator {
		c := a.operatorMayGive(from, p)
		return c.Rule, c.Reason
	}
	v, form := a.view(), a.Snapshot.Node(from).Form
	standing := pdp.Stand(a.Snapshot, a.Actor, from, a.At)
	switch {
	case !v.Assignable().Has(p):
		return "", fullmakt.ReasonNotAssignable
	case !v.ForOrganisations().Has(p):
		return "", fullmakt.ReasonWrongPartyType
	case standing.Held.Has(p) && a.scopeAdministrator(&standing) && !v.BoundElsewhere(form).Has(p):
		return fullmakt.RuleGive1, ""
	case standing.MainAdministrator && v.MainAdmin(form).Has(p):
		return fullmakt.RuleGive2, ""
	case standing.Held.Has(p) && v.BoundElsewhere(form).Has(p):
		return "", fullmakt.ReasonOrgForm
	case standing.Held.Has(p):
		return "", fullmakt.ReasonNotAdmin
	}
	return "", fullmakt.ReasonPackageNotHeld
}

// scopeAdministrator is condition (c) of rule GIVE-1 as rule SCOPE-1 reads it.
func (a *Acting) scopeAdministrator(st *pdp.Standing) bool {
	p, ok := a.Snapshot.Catalogue().PackageID(packageScopeAdministrator)
	return ok && st.Own.Has(p) || st.MainAdministrator
}

// CheckScheme tells whether the actor may give the scopes of a scheme on behalf of
// an organisation: the rule by which it may, or why not.
func (a *Acting) CheckScheme(from fullmakt.PartyNo, scheme Scheme) (rule fullmakt.Rule, reason fullmakt.Reason) {
	if reason := a.giver(from); reason != "" {
		return "", reason
	}
	if a.Snapshot.Kind(from) != fullmakt.KindOrganisation {
		return "", fullmakt.ReasonWrongPartyType
	}
	if !scheme.Delegable {
		return "", fullmakt.ReasonNotDelegable
	}
	return a.scope1(from, scheme.Packages)
}

// AdministersScopes reports whether the actor looks after the scopes of an
// organisation: it may use maskinporten-administrator or hovedadministrator there,
// by DIRECT, NEST or SUB.
func (a *Acting) AdministersScopes(p fullmakt.PartyNo) bool {
	if a.Actor == Operator {
		return true
	}
	st := pdp.Stand(a.Snapshot, a.Actor, p, a.At)
	return a.scopeAdministrator(&st)
}

// GiveScopes lets organisation To use the scopes of schemes on behalf of From.
type GiveScopes struct {
	From, To fullmakt.PartyNo
	Schemes  []Scheme
	Valid    fullmakt.Interval
}

// GiveScopes returns the changes that give every scheme, or none of them; what is
// given already for the same interval changes nothing.
func (a *Acting) GiveScopes(c GiveScopes) (*Outcome, error) {
	var rs refusals
	a.soundActor(&rs)
	a.interval(&rs, c.Valid)
	a.soundEnds(&rs, c.From, c.To)
	if len(c.Schemes) == 0 {
		rs.add(Refusal{Path: "/schemes", Reason: fullmakt.ReasonIncomplete}, "no scheme is named")
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	out := &Outcome{}
	for i, scheme := range c.Schemes {
		rule, reason := a.CheckScheme(c.From, scheme)
		if reason != "" {
			rs.add(Refusal{Path: where("", "schemes", i), Reason: reason, Rule: fullmakt.RuleScope1, Party: c.From}, "the scopes of %q may not be given: %s", clip(scheme.ID), reason)
			continue
		}
		g := fullmakt.ScopeGrant{From: c.From, To: c.To, Scheme: scheme.ID, Since: a.At, Valid: c.Valid, GivenBy: a.Actor, Basis: a.basis(rule, "")}
		if have, there := a.Snapshot.ScopeGrant(c.From, c.To, scheme.ID); there && have.Valid == g.Valid || slices.Contains(out.Changes, fullmakt.Change(g)) {
			continue
		}
		out.Changes = append(out.Changes, g)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	return out, nil
}

// soundEnds checks that scopes go from a living organisation to another.
func (a *Acting) soundEnds(rs *refusals, from, to fullmakt.PartyNo) {
	for i, p := range []fullmakt.PartyNo{from, to} {
		path := []string{"/from", "/to"}[i]
		if a.sound(rs, path, p) && a.Snapshot.Kind(p) != fullmakt.KindOrganisation {
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonReceiver, Rule: fullmakt.RuleScope1, Party: p}, "scopes go from an organisation to an organisation")
		}
	}
	if from == to {
		rs.add(Refusal{Path: "/to", Reason: fullmakt.ReasonToItself, Rule: fullmakt.RuleScope1, Party: to}, "nobody gives to itself")
	}
}

// RevokeScopes ends the scopes of schemes, named by id, or with All every one that
// From gave To. It goes by scheme, so nothing rests on one; the whole relation
// needs the cascade.
type RevokeScopes struct {
	From, To fullmakt.PartyNo
	Schemes  []string
	All      bool
	Cascade  bool
}

// RevokeScopes takes back on the giver's side.
func (a *Acting) RevokeScopes(c RevokeScopes) (*Outcome, error) {
	return a.endScopes(c, c.From, fullmakt.RuleGive4, fullmakt.CauseRevoked)
}

// RenounceScopes gives up on the supplier's side.
func (a *Acting) RenounceScopes(c RevokeScopes) (*Outcome, error) {
	return a.endScopes(c, c.To, fullmakt.RuleGive5, fullmakt.CauseRenounced)
}

// soundScopeActor checks that the actor looks after the scopes of one side.
func (a *Acting) soundScopeActor(rs *refusals, side fullmakt.PartyNo, rule fullmakt.Rule) {
	if a.soundActor(rs) && !a.AdministersScopes(side) {
		rs.add(Refusal{Reason: fullmakt.ReasonNotAdmin, Rule: rule, Party: side},
			"the actor is neither scope administrator (maskinporten-administrator) nor main administrator there")
	}
}

func (a *Acting) endScopes(c RevokeScopes, side fullmakt.PartyNo, rule fullmakt.Rule, cause fullmakt.Cause) (*Outcome, error) {
	var rs refusals
	a.soundScopeActor(&rs, side, rule)
	if (len(c.Schemes) == 0) != c.All {
		rs.add(Refusal{Path: "/schemes", Reason: fullmakt.ReasonIncomplete}, "name what is to end, or all of it, and not both")
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	out := &Outcome{}
	for g := range a.Snapshot.ScopeGrants(c.From) {
		if g.To == c.To && (c.All || slices.Contains(c.Schemes, g.Scheme)) {
			g.Ended, g.Cause = true, cause
			out.Changes = append(out.Changes, g)
		}
	}
	if c.All && !c.Cascade {
		rs.rests("", out.Changes)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	return out, nil
}
