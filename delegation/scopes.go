package delegation

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// Scheme is what the registry says of a scheme of Maskinporten scopes.
type Scheme struct {
	ID        string           // its resource id
	Owner     fullmakt.PartyNo // who offers the scopes; 0 when the owner is no party
	Package   catalogue.PackageID
	Delegable bool
	Scopes    []string
}

// packageScopeAdministrator stands, in rule SCOPE-1, in the place of the access
// manager.
const packageScopeAdministrator = "maskinporten-administrator"

// scope1 is rule SCOPE-1: an organisation's scopes are given by who may give the
// package that the scheme names, by GIVE-1 with maskinporten-administrator in place
// of tilgangsstyrer, or by GIVE-2. It returns the rule, or why not.
func (a *Acting) scope1(from fullmakt.PartyNo, p catalogue.PackageID) (fullmakt.Rule, fullmakt.Reason) {
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
	rule, reason = a.scope1(from, scheme.Package)
	if reason != "" {
		rule = ""
	}
	return rule, reason
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
	for i, p := range []fullmakt.PartyNo{c.From, c.To} {
		path := []string{"/from", "/to"}[i]
		if a.sound(&rs, path, p) && a.Snapshot.Kind(p) != fullmakt.KindOrganisation {
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonReceiver, Rule: fullmakt.RuleScope1, Party: p}, "scopes go from an organisation to an organisation")
		}
	}
	if c.From == c.To {
		rs.add(Refusal{Path: "/to", Reason: fullmakt.ReasonToItself, Rule: fullmakt.RuleScope1, Party: c.To}, "nobody gives to itself")
	}
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

func (a *Acting) endScopes(c RevokeScopes, side fullmakt.PartyNo, rule fullmakt.Rule, cause fullmakt.Cause) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) && a.Actor != Operator {
		st := pdp.Stand(a.Snapshot, a.Actor, side, a.At)
		if !a.scopeAdministrator(&st) {
			rs.add(Refusal{Reason: fullmakt.ReasonNotAdmin, Rule: rule, Party: side},
				"the actor is neither scope administrator (maskinporten-administrator) nor main administrator there")
		}
	}
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

// HoldsScopes reports whether an organisation may use the scopes of a scheme on
// behalf of another at an instant: given, in force, and both alive (rules SCOPE-1
// and LIFE-1). There is no other path.
func HoldsScopes(s *index.Snapshot, from, to fullmakt.PartyNo, scheme string, at int64) (fullmakt.ScopeGrant, bool) {
	g, there := s.ScopeGrant(from, to, scheme)
	alive := (s.State(from)|s.State(to))&fullmakt.Deleted == 0
	return g, there && alive && g.Valid.Contains(at)
}
