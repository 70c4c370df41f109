package delegation

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
)

// RightCause is one thing that lets a right be given or that stands in the way, by
// Altinn's names.
type RightCause string

// The causes.
const (
	RightByRole     RightCause = "RoleAccess"
	RightByPackage  RightCause = "PackageAccess"
	RightByGrant    RightCause = "DelegationAccess"
	RightNoRole     RightCause = "MissingRoleAccess"
	RightNoPackage  RightCause = "MissingPackageAccess"
	RightNoGrant    RightCause = "MissingDelegationAccess"
	RightNotListed  RightCause = "AccessListValidationFail"
	RightNotGivable RightCause = "ResourceNotDelegable"
	RightOfScheme   RightCause = "ResourceIsMaskinPortenSchema"
)

// CheckedRight is the delegation check's answer about one right to a resource.
type CheckedRight struct {
	registry.Right
	RightAnswer
	Causes []RightCause // never empty
}

// Registry returns the check of single rights against the resources and policies
// of a registry, for Acting.Rights.
func Registry(v *registry.View) RightCheck {
	return func(s *index.Snapshot, q RightQuestion) RightAnswer {
		a := Acting{Snapshot: s, Actor: q.Actor, At: q.At}
		rights, err := a.CheckRights(v, q.From, q.Resource)
		if err != nil {
			return RightAnswer{Reason: fullmakt.ReasonNoResource}
		}
		for _, r := range rights {
			if r.Key == q.Right {
				return r.RightAnswer
			}
		}
		return RightAnswer{Reason: fullmakt.ReasonNoResource}
	}
}

// RightsTo returns the rights to resources by the policies of a registry, for
// Acting.RightsTo. A resource without a policy, or with one that does not compile, is
// as one that is not there.
func RightsTo(v *registry.View) func(resource string) (id string, rights []registry.Right) {
	return func(resource string) (string, []registry.Right) {
		r, ok := v.Resource(resource)
		if !ok {
			return "", nil
		}
		p, err := v.Policy(r.Identifier)
		if err != nil {
			return "", nil
		}
		return r.Identifier, p.Rights()
	}
}

// CheckRights tells of every right to a resource, by its policy, whether the actor
// may give it on behalf of from. By rule GIVE-1 read for rights: somebody who
// administers from gives a right that it holds by a grant of that right, or by a
// role or a package that the policy lets in by itself and that may be given on; a
// package that may be given by rule GIVE-2 counts too. An error is CodeNotFound:
// there is no such resource, or it has no policy.
func (a *Acting) CheckRights(v *registry.View, from fullmakt.PartyNo, resource string) ([]CheckedRight, error) {
	r, ok := v.Resource(resource)
	if !ok {
		return nil, fullmakt.Errorf(fullmakt.CodeNotFound, "there is no resource %q", clip(resource))
	}
	p, err := v.Policy(r.Identifier)
	if err != nil {
		return nil, err
	}
	g := a.givingRights(from)
	checked := []CheckedRight{}
	for _, right := range p.Rights() {
		c := CheckedRight{Right: right}
		switch {
		case r.ResourceType == registry.TypeMaskinportenSchema:
			c.no(RightOfScheme, fullmakt.RuleScope1, fullmakt.ReasonNotDelegable)
		case !r.Delegable:
			c.no(RightNotGivable, fullmakt.RuleGive1, fullmakt.ReasonNotDelegable)
		case r.AccessListMode == registry.AccessListsOn && !v.Listed(r.Identifier, from, right.Action.Value):
			c.no(RightNotListed, "", fullmakt.ReasonNotDelegable)
		default:
			g.check(&c, r.Identifier)
		}
		checked = append(checked, c)
	}
	return checked, nil
}

func (c *CheckedRight) no(cause RightCause, rule fullmakt.Rule, reason fullmakt.Reason) {
	c.Causes, c.RightAnswer = []RightCause{cause}, RightAnswer{Rule: rule, Reason: reason}
}

// givingRights is what the actor may give rights by, on behalf of one party.
type givingRights struct {
	a        *Acting
	from     fullmakt.PartyNo
	refused  fullmakt.Reason // why from gives nothing at all
	standing pdp.Standing
	roles    []catalogue.RoleID // that count, with their ways
	reasons  map[catalogue.RoleID]fullmakt.Reason
}

func (a *Acting) givingRights(from fullmakt.PartyNo) *givingRights {
	g := &givingRights{a: a, from: from, refused: a.giver(from), reasons: map[catalogue.RoleID]fullmakt.Reason{}}
	if a.Actor == Operator || g.refused != "" {
		return g
	}
	g.standing = pdp.Stand(a.Snapshot, a.Actor, from, a.At)
	v := a.view()
	has := func(role catalogue.RoleID, reason fullmakt.Reason) {
		for _, id := range append([]catalogue.RoleID{role}, v.Mapped(role)...) {
			if !slices.Contains(g.roles, id) {
				g.roles, g.reasons[id] = append(g.roles, id), reason
			}
		}
	}
	for _, ground := range pdp.Grounds(a.Snapshot, a.Actor, from, a.At) {
		if ground.Role != 0 && ground.Extension != fullmakt.RuleENK { // as in GIVE-1, ENK does not count
			has(ground.Role, reasonOfRole(ground))
		}
	}
	if g.standing.MainAdministrator { // gives what the role of that name follows to
		for _, id := range v.Mapped(a.Snapshot.RoleID(roleMainAdministrator)) {
			has(id, fullmakt.ReasonRole)
		}
	}
	return g
}

// roleMainAdministrator is the role whose role map rule GIVE-2 gives by.
const roleMainAdministrator fullmakt.RoleCode = "hovedadministrator"

func reasonOfRole(g pdp.Ground) fullmakt.Reason {
	switch {
	case g.Extension == fullmakt.RuleSub:
		return fullmakt.ReasonMainUnit
	case g.Rule == fullmakt.RuleNest:
		return fullmakt.ReasonNesting
	case g.Rule == fullmakt.RuleSelf:
		return fullmakt.ReasonSelf
	}
	return fullmakt.ReasonRole
}

// check answers for one right to a resource that may be given.
func (g *givingRights) check(c *CheckedRight, resource string) {
	if g.refused != "" {
		c.no(RightNoGrant, fullmakt.RuleGive3, g.refused)
		return
	}
	c.Rule = fullmakt.RuleGive1
	if g.a.Actor == Operator {
		c.Give, c.Causes = true, []RightCause{RightByGrant}
		return
	}
	yes := func(cause RightCause, reason fullmakt.Reason) {
		if !slices.Contains(c.Causes, cause) {
			c.Causes = append(c.Causes, cause)
		}
		if c.Reason == "" {
			c.Reason = reason
		}
	}
	var missing []RightCause
	for _, subject := range c.Subjects {
		if len(subject) != 1 { // several together: none of them lets in alone
			continue
		}
		p, role := g.a.subject(subject[0])
		switch {
		case p != catalogue.NoPackage && g.standing.Give.Has(p):
			yes(RightByPackage, fullmakt.ReasonGrant)
		case p != catalogue.NoPackage:
			missing = append(missing, RightNoPackage)
		case role != 0 && slices.Contains(g.roles, role):
			yes(RightByRole, g.reasons[role])
		case role != 0:
			missing = append(missing, RightNoRole)
		}
	}
	if id := g.a.Snapshot.Right(resource, c.Key); id != 0 {
		q := pdp.Ask(g.a.Actor, g.from, g.a.At)
		q.Right = id
		if d := pdp.Decide(g.a.Snapshot, q); d.Allowed {
			yes(RightByGrant, d.Reason)
		}
	}
	switch {
	case len(c.Causes) > 0 && g.standing.Administers:
		c.Give = true
	case len(c.Causes) > 0: // holds it, and is no administrator
		c.Causes, c.Reason = []RightCause{RightNoGrant}, fullmakt.ReasonNotAdmin
	default:
		c.Causes, c.Reason = append(missing, RightNoGrant), fullmakt.ReasonNoRelation
		slices.Sort(c.Causes)
		c.Causes = slices.Compact(c.Causes)
	}
}

// subject returns the package or the role that a subject of a policy is.
func (a *Acting) subject(s registry.Attribute) (catalogue.PackageID, catalogue.RoleID) {
	if strings.EqualFold(s.ID, registry.AttributePackage) {
		if p, ok := a.Snapshot.Catalogue().PackageID(s.Value); ok {
			return p, 0
		}
		return catalogue.NoPackage, 0
	}
	return catalogue.NoPackage, a.Snapshot.RoleID(fullmakt.RoleCode(s.URN()))
}

// RolesToGiveBy returns the roles that let the actor give rights on behalf of a
// party, and how it holds each; none for the operator, who needs none.
func (a *Acting) RolesToGiveBy(from fullmakt.PartyNo) map[catalogue.RoleID]fullmakt.Reason {
	g := a.givingRights(from)
	if !g.standing.Administers {
		return nil
	}
	return g.reasons
}
