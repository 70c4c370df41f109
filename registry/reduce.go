package registry

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/xacml"
)

// Reduced is a policy that names nothing but roles and packages, brought down to
// sets: who may do each action on the policy's own resource. What it decides is
// what evaluating the policy decides, for a subject with the attributes that
// Enrich gives and a request that names the resource and one action.
type Reduced struct {
	exact    map[string]*holders // of actions that are compared to the letter
	folded   map[string]*holders // of actions that are compared in any letter case
	every    holders             // of rules for every action
	anything bool                // whether there is a rule for every action
	// What comes with a Permit.
	obligations, advice []xacml.Directive
}

// holders are those that rules let through.
type holders struct {
	everybody bool
	packages  catalogue.PackageSet
	roles     []catalogue.RoleID
}

// hold reports whether the holders let a subject through, and by which of its
// packages or roles; by none where they let everybody.
func (h *holders) hold(held *pdp.Holdings) (by Held, ok bool) {
	by.Package = catalogue.NoPackage
	if h.everybody {
		return by, true
	}
	for p := range h.packages.Intersect(held.Packages).All() {
		by.Package = p
		return by, true
	}
	for _, r := range h.roles {
		if held.Roles.Has(r) {
			by.Role = r
			return by, true
		}
	}
	return by, false
}

// Decide answers Permit or NotApplicable. For an action in lower case it does not
// allocate.
func (r *Reduced) Decide(action string, held *pdp.Holdings) xacml.Decision {
	if _, ok := r.permits(action, held); ok {
		return xacml.Permit
	}
	return xacml.NotApplicable
}

// permits reports whether the policy permits an action, and by which package or
// role.
func (r *Reduced) permits(action string, held *pdp.Holdings) (by Held, ok bool) {
	if r.anything {
		if by, ok := r.every.hold(held); ok {
			return by, true
		}
	}
	if h := r.exact[action]; h != nil {
		if by, ok := h.hold(held); ok {
			return by, true
		}
	}
	if len(r.folded) > 0 {
		if h := r.folded[strings.ToLower(action)]; h != nil {
			return h.hold(held)
		}
	}
	return Held{Package: catalogue.NoPackage}, false
}

// permitting are the combining algorithms that permit as soon as one of rules that
// only ever permit does, and are not applicable when none does.
var permitting = []string{"deny-overrides", "permit-overrides", "ordered-deny-overrides", "ordered-permit-overrides", "first-applicable"}

// Reduce reduces the policy; false when it says more than roles and packages do: a
// Deny rule, a condition, a policy set, another attribute, a role that the
// catalogue does not know, obligations that are computed or come with a single
// rule.
func (p *Policy) Reduce(c *catalogue.Catalogue) (*Reduced, bool) {
	known := p.reduction.Load()
	if known == nil || known.catalogue != c {
		known = &reduction{catalogue: c, reduced: p.reduce(c)}
		p.reduction.Store(known)
	}
	return known.reduced, known.reduced != nil
}

// reduction is what a policy is under a catalogue, kept with it; reduced is nil
// where it cannot be reduced.
type reduction struct {
	catalogue *catalogue.Catalogue
	reduced   *Reduced
}

func (p *Policy) reduce(c *catalogue.Catalogue) *Reduced {
	policy := p.Compiled
	algorithm := policy.CombiningAlgorithm()
	if policy.IsSet() || !slices.Contains(permitting, algorithm[strings.LastIndexByte(algorithm, ':')+1:]) || !constant(policy.Obligations(), policy.Advice()) {
		return nil
	}
	r := &Reduced{exact: map[string]*holders{}, folded: map[string]*holders{}}
	r.obligations, r.advice = permitted(policy.Obligations()), permitted(policy.Advice())
	for _, rule := range policy.Rules() {
		if rule.Effect != xacml.Permit || rule.HasCondition || len(rule.Obligations)+len(rule.Advice) > 0 || !r.add(p, c, policy.Target(), &rule.Target) {
			return nil
		}
	}
	return r
}

// constant reports whether the values of obligations and advice are written out, so
// that they cannot fail.
func constant(lists ...[]xacml.DirectiveExpression) bool {
	for _, list := range lists {
		for _, d := range list {
			if slices.ContainsFunc(d.Assignments, func(a xacml.AssignmentExpression) bool { return a.Constant == nil }) {
				return false
			}
		}
	}
	return true
}

// permitted returns those of a policy's own obligations or advice that come with a
// Permit, as far as their values are written out.
func permitted(list []xacml.DirectiveExpression) (out []xacml.Directive) {
	for _, d := range list {
		if d.On != xacml.Permit {
			continue
		}
		given := xacml.Directive{ID: d.ID}
		for _, a := range d.Assignments {
			if a.Constant != nil {
				given.Assignments = append(given.Assignments, xacml.Assignment{AttributeID: a.AttributeID, Category: a.Category, Issuer: a.Issuer, Value: a.Constant})
			}
		}
		out = append(out, given)
	}
	return out
}

// add adds a rule, and reports whether its targets say no more than the sets can.
func (r *Reduced) add(p *Policy, c *catalogue.Catalogue, targets ...*xacml.Target) bool {
	who := holders{everybody: true}
	var actions []*xacml.Match
	ours := true
	for _, t := range targets {
		for i := range t.AnyOf {
			matches, category := single(&t.AnyOf[i])
			switch category {
			case xacml.CategoryAccessSubject:
				if !who.everybody || !who.among(c, matches) { // a second list of subjects would be needed besides
					return false
				}
			case xacml.CategoryResource:
				is, ok := p.isOurs(matches)
				if !ok {
					return false
				}
				ours = ours && is
			case xacml.CategoryAction:
				if actions != nil || slices.ContainsFunc(matches, func(m *xacml.Match) bool { return m.AttributeID != AttributeAction }) {
					return false
				}
				actions = matches
			default:
				return false
			}
		}
	}
	if !ours {
		return true // a rule for another resource
	}
	if actions == nil {
		r.anything = true
		r.every.join(&who)
	}
	for _, m := range actions {
		table, action := r.exact, m.Value.String()
		if ignoresCase(m.Function) {
			table, action = r.folded, strings.ToLower(action)
		}
		if table[action] == nil {
			table[action] = &holders{}
		}
		table[action].join(&who)
	}
	return true
}

func (h *holders) join(other *holders) {
	h.everybody = h.everybody || other.everybody
	h.packages = h.packages.Union(other.packages)
	h.roles = append(h.roles, other.roles...)
}

// single returns the matches of an AnyOf whose alternatives are single comparisons
// of strings for equality, all of one category; "" for any other AnyOf.
func single(a *xacml.AnyOf) (matches []*xacml.Match, category string) {
	for i := range a.AllOf {
		if len(a.AllOf[i].Match) != 1 {
			return nil, ""
		}
		m := &a.AllOf[i].Match[0]
		plain := m.Path == "" && m.Issuer == "" && m.Type == xacml.TypeString && (ignoresCase(m.Function) || strings.HasSuffix(m.Function, ":function:string-equal"))
		// A subject need not have any role or package, and then this would not be a no.
		if !plain || m.MustBePresent && m.Category == xacml.CategoryAccessSubject || i > 0 && m.Category != category {
			return nil, ""
		}
		category = m.Category
		matches = append(matches, m)
	}
	return matches, category
}

func ignoresCase(function string) bool {
	return strings.HasSuffix(function, ":string-equal-ignore-case")
}

// among takes in the roles and packages that the alternatives name.
func (h *holders) among(c *catalogue.Catalogue, matches []*xacml.Match) bool {
	h.everybody = false
	for _, m := range matches {
		what, ok := Meaning(c, Attribute{m.AttributeID, m.Value.String()})
		switch {
		case what.Role != 0:
			h.roles = append(h.roles, what.Role)
		case ok:
			h.packages.Add(what.Package)
		case m.AttributeID != AttributePackage: // nobody holds a package that is not known
			return false
		}
	}
	return true
}

// isOurs reports whether one of the alternatives names the policy's own resource;
// ok is false where one names a part of a resource.
func (p *Policy) isOurs(matches []*xacml.Match) (is, ok bool) {
	own := (&Resource{Identifier: p.Resource}).Attributes()
	for _, m := range matches {
		i := slices.IndexFunc(own, func(a Attribute) bool { return a.ID == m.AttributeID })
		if i < 0 {
			return false, false
		}
		value := m.Value.String()
		is = is || value == own[i].Value || ignoresCase(m.Function) && strings.EqualFold(value, own[i].Value)
	}
	return is, true
}
