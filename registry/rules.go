package registry

import (
	"cmp"
	"slices"
	"strings"
)

// Rule is one combination that a policy lets through: one subject, which may be
// several attributes together, one action, one resource.
type Rule struct {
	Subject  []Attribute
	Action   Attribute
	Resource []Attribute
}

// Right is what can be done on one resource, or on a part of one, with those who
// may do it.
type Right struct {
	Key      string // see RightKey
	Action   Attribute
	Resource []Attribute
	Subjects [][]Attribute // each one alternative, of attributes that are needed together
}

// SubjectTypes returns the ids of the attributes that the subjects are named by,
// each once.
func (r *Right) SubjectTypes() []string {
	types := []string{}
	for _, s := range r.Subjects {
		for _, a := range s {
			types = append(types, strings.ToLower(a.ID))
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// Rules returns every combination that the Permit rules of the policy name. An
// alternative without a subject or an action is for everybody or everything, and
// no combination.
func (p *Policy) Rules() []Rule {
	var rules []Rule
	for _, a := range p.outline.all {
		if len(a.subject) == 0 || len(a.action) != 1 {
			continue
		}
		rules = append(rules, Rule{Subject: a.subject, Action: a.action[0], Resource: p.resourceOf(a)})
	}
	return rules
}

// Unbound returns what Permit rules let through and Rules leaves out: for everybody,
// where Subject is empty, or for every action, where Action is the zero value. Of an
// alternative that wants several attributes of the action at once, which no list
// tells, it names the first.
func (p *Policy) Unbound() []Rule {
	var rules []Rule
	for _, a := range p.outline.all {
		if len(a.subject) > 0 && len(a.action) == 1 {
			continue
		}
		r := Rule{Subject: a.subject, Resource: p.resourceOf(a)}
		if len(a.action) > 0 {
			r.Action = a.action[0]
		}
		rules = append(rules, r)
	}
	return rules
}

// resourceOf returns the resource of an alternative: the policy's own where the
// targets name none.
func (p *Policy) resourceOf(a alternative) []Attribute {
	if len(a.resource) == 0 {
		return []Attribute{{AttributeResource, p.Resource}}
	}
	return a.resource
}

// Rights returns the rights of the policy, by key, each with its subjects. They are
// shared and must not be changed.
func (p *Policy) Rights() []Right { return p.rights() }

func (p *Policy) makeRights() []Right {
	byKey := map[string]int{}
	var rights []Right
	for _, r := range p.Rules() {
		key := RightKey(r.Resource, r.Action)
		i, known := byKey[key]
		if !known {
			i = len(rights)
			byKey[key] = i
			rights = append(rights, Right{Key: key, Action: r.Action, Resource: r.Resource})
		}
		right := &rights[i]
		if !slices.ContainsFunc(right.Subjects, func(s []Attribute) bool { return slices.Equal(s, r.Subject) }) {
			right.Subjects = append(right.Subjects, r.Subject)
		}
	}
	return rights
}

// Right returns the right with a key.
func (p *Policy) Right(key string) (Right, bool) {
	for _, r := range p.Rights() {
		if r.Key == key {
			return r, true
		}
	}
	return Right{}, false
}

// Subjects returns every attribute that a subject of the policy is named by, in
// lower case and each once: also those of a subject that takes several together.
func (p *Policy) Subjects() []Attribute {
	var subjects []Attribute
	for _, a := range p.outline.all {
		for _, s := range a.subject {
			subjects = append(subjects, s.folded())
		}
	}
	slices.SortFunc(subjects, func(a, b Attribute) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(a.Value, b.Value))
	})
	return slices.Compact(subjects)
}

// Actions returns the values of the actions that the policy names, each once.
func (p *Policy) Actions() []string {
	var actions []string
	for _, a := range p.outline.all {
		for _, action := range a.action {
			actions = append(actions, action.Value)
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// BySubject returns the identifiers of the resources whose policies name a
// subject, sorted.
func (v *View) BySubject(subject Attribute) []string { return v.bySubject()[subject.folded()] }

// indexSubjects finds which resources name which subjects. A policy that does not
// compile names none.
func indexSubjects(policies map[string]*policyVersion) map[Attribute][]string {
	found := map[Attribute][]string{}
	for id, version := range policies {
		p, err := version.compile()
		if err != nil {
			continue
		}
		for _, s := range p.Subjects() {
			found[s] = append(found[s], id)
		}
	}
	for _, ids := range found {
		slices.Sort(ids)
	}
	return found
}
