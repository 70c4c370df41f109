package registry

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt/xacml"
)

// mostAlternatives bounds the combinations that a policy may be taken apart into.
const mostAlternatives = 50_000

// outline is a policy taken apart: every combination of subject, resource and
// action that one of its Permit rules lets through by its target and those of the
// policies around it. Conditions and combining algorithms are no part of it, as
// they are no part of Altinn's lists.
type outline struct {
	all []alternative
	// named are all attributes of subjects that any target names, as they are
	// spelled there, those of Deny rules too.
	named []Attribute
}

// alternative is one combination.
type alternative struct {
	rule     string      // id of the rule
	subject  []Attribute // all of these together
	resource []Attribute
	action   []Attribute
	// partial tells that it also compares attributes that are none of these, or
	// in another way than for equality, so that it lets through less than it says.
	partial bool
}

// outlineOf takes a policy apart.
func outlineOf(p *xacml.Policy) (*outline, error) {
	o := &outline{}
	return o, o.add(p, nil)
}

// add takes a policy apart that stands within others, with these targets.
func (o *outline) add(p *xacml.Policy, around []*xacml.Target) error {
	around = append(slices.Clip(around), p.Target())
	o.name(p.Target())
	for _, r := range p.Rules() {
		o.name(&r.Target)
		if r.Effect != xacml.Permit {
			continue
		}
		found, err := alternatives(append(slices.Clip(around), &r.Target))
		if err != nil || len(o.all)+len(found) > mostAlternatives {
			return cmp.Or(err, errTooMany)
		}
		for _, a := range found {
			a.rule = r.ID
			o.all = append(o.all, a)
		}
	}
	for _, child := range p.Policies() {
		if child.Policy == nil {
			return errReference
		}
		if err := o.add(child.Policy, around); err != nil {
			return err
		}
	}
	return nil
}

// name notes the subjects that a target names.
func (o *outline) name(t *xacml.Target) {
	for _, anyOf := range t.AnyOf {
		for _, allOf := range anyOf.AllOf {
			for _, m := range allOf.Match {
				a := Attribute{m.AttributeID, m.Value.String()}
				if m.Category == xacml.CategoryAccessSubject && !slices.Contains(o.named, a) {
					o.named = append(o.named, a)
				}
			}
		}
	}
}

var errReference = errors.New("it refers to another policy; the policy of a resource stands alone, so put the other one into it")

var errTooMany = errors.New("the targets of the policy combine in too many ways; split it, or name fewer subjects, resources and actions together")

// alternatives multiplies targets out, each of which must match: one alternative
// for each choice of an AllOf in every AnyOf.
func alternatives(targets []*xacml.Target) ([]alternative, error) {
	out := []alternative{{}}
	for _, t := range targets {
		for i := range t.AnyOf {
			var next []alternative
			for _, before := range out {
				for j := range t.AnyOf[i].AllOf {
					next = append(next, before.with(t.AnyOf[i].AllOf[j].Match))
				}
				if len(next) > mostAlternatives {
					return nil, errTooMany
				}
			}
			out = next
		}
	}
	return out, nil
}

// with returns the alternative with the matches of an AllOf besides its own.
func (a alternative) with(matches []xacml.Match) alternative {
	a.subject, a.resource, a.action = slices.Clip(a.subject), slices.Clip(a.resource), slices.Clip(a.action)
	for i := range matches {
		m := &matches[i]
		var list *[]Attribute
		switch m.Category {
		case xacml.CategoryAccessSubject:
			list = &a.subject
		case xacml.CategoryResource:
			list = &a.resource
		case xacml.CategoryAction:
			list = &a.action
		}
		if list == nil || m.Path != "" || !equality(m.Function) {
			a.partial = true
			continue
		}
		if got := (Attribute{m.AttributeID, m.Value.String()}); !slices.Contains(*list, got) {
			*list = append(*list, got)
		}
	}
	return a
}

// equality reports whether a function compares two values for equality.
func equality(function string) bool {
	name := function[strings.LastIndexByte(function, ':')+1:]
	return strings.HasSuffix(name, "-equal") || name == "string-equal-ignore-case"
}
