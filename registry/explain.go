package registry

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/xacml"
)

// Explanation is an answer with what it rests on, on the side of the policy. What
// the subject holds, and what it lacks, are for pdp to explain further: Held.Query
// asks.
type Explanation struct {
	Answer
	// Rule is the rule that permitted or denied, or where none did, the one that came
	// nearest; nil where there is none such.
	Rule *xacml.Rule
	// Held are the packages and roles that the rule asks for and the subject holds.
	Held []Held
	// Missing are those of which one more would have made the policy permit; none
	// where that would not be enough.
	Missing []Held
	// Actions are those that the policy names, where no rule is for the one that was
	// asked about.
	Actions []string
	Reason  fullmakt.Reason
}

// Explain decides as Decide does, and tells why.
func (d *Decider) Explain(q *Question) Explanation {
	var trace xacml.Trace
	x := Explanation{Answer: d.decide(q, &trace)}
	if x.Policy != nil && len(trace.Requests) == 1 {
		switch x.Decision {
		case xacml.NotApplicable:
			x.nearest(d, trace.Requests[0])
		default:
			x.deciding(d, trace.Requests[0], nil)
		}
	}
	x.Reason = d.reason(q, &x.Answer, x.Missing)
	return x
}

// DecideReason decides as Decide does, and tells the reason that an answer without
// an explanation gives.
func (d *Decider) DecideReason(q *Question) (Answer, fullmakt.Reason) {
	r, ok := d.View.Resource(q.Resource)
	if ok {
		if p, err := d.View.Policy(r.Identifier); err == nil {
			if reduced, simple := p.Reduce(d.Snapshot.Catalogue()); simple {
				a := d.Decide(q)
				var missing []Held
				if a.Decision == xacml.NotApplicable {
					missing = reduced.wanted(q.Action)
				}
				return a, d.reason(q, &a, missing)
			}
		}
	}
	x := d.Explain(q)
	return x.Answer, x.Reason
}

// wanted returns the packages and roles that would permit an action.
func (r *Reduced) wanted(action string) (list []Held) {
	for _, h := range []*holders{&r.every, r.exact[action], r.folded[strings.ToLower(action)]} {
		if h == nil {
			continue
		}
		for p := range h.packages.All() {
			list = append(list, Held{Package: p})
		}
		for _, role := range h.roles {
			list = append(list, Held{Package: catalogue.NoPackage, Role: role})
		}
	}
	return list
}

// reason returns the reason of an answer. A yes gives that of what it rests on; a
// no the first, in the order of reasons, of what would have turned it.
func (d *Decider) reason(q *Question, a *Answer, missing []Held) fullmakt.Reason {
	switch {
	case a.Policy == nil:
		return fullmakt.ReasonNoResource
	case a.Basis == ByAccessList:
		return fullmakt.ReasonNotListed
	case a.Decision == xacml.Deny:
		return fullmakt.ReasonDenied
	case a.Decision == xacml.Indeterminate:
		return fullmakt.ReasonIndeterminate
	case a.Decision == xacml.Permit && a.By == Held{Package: catalogue.NoPackage}:
		return fullmakt.ReasonPolicy
	case a.Decision == xacml.Permit:
		return pdp.Decide(d.Snapshot, a.By.Query(q.Subject, q.For, q.At.Unix())).Reason
	case a.Refused != "":
		return a.Refused
	case a.Uncertain && !d.AllowUncertain:
		return fullmakt.ReasonUncertain
	case len(missing) == 0 || q.For == 0:
		return fullmakt.ReasonNoRule
	}
	first := fullmakt.ReasonNoRelation
	for _, m := range missing {
		if r := pdp.Decide(d.Snapshot, m.Query(q.Subject, q.For, q.At.Unix())).Reason; fullmakt.DenialRank(r) < fullmakt.DenialRank(first) {
			first = r
		}
	}
	return first
}

// deciding finds the rule with the decision, and what it asks for that the subject
// holds: itself, or by a policy around it.
func (x *Explanation) deciding(d *Decider, steps []*xacml.Step, around []*xacml.Target) bool {
	for _, s := range steps {
		if s.Policy != nil && x.deciding(d, s.Steps, append(slices.Clip(around), s.Policy.Target())) {
			return true
		}
		if s.Rule == nil || s.Decision != x.Decision {
			continue
		}
		x.Rule = s.Rule
		for _, t := range append(slices.Clip(around), &s.Rule.Target) {
			for i := range t.AnyOf {
				x.Held = append(x.Held, d.subjects(&t.AnyOf[i], true)...)
			}
		}
		if x.Decision == xacml.Permit && x.Basis == ByPolicy && len(x.Held) > 0 {
			x.By = x.Held[0]
		}
		return true
	}
	return false
}

// subjects returns the packages and roles among the alternatives of an AnyOf that
// are held, or those that are not.
func (d *Decider) subjects(anyOf *xacml.AnyOf, held bool) (list []Held) {
	for _, allOf := range anyOf.AllOf {
		for _, m := range allOf.Match {
			if m.Category != xacml.CategoryAccessSubject {
				continue
			}
			if h, ok := Meaning(d.Snapshot.Catalogue(), Attribute{m.AttributeID, m.Value.String()}); ok && h.in(&d.held) == held && !slices.Contains(list, h) {
				list = append(list, h)
			}
		}
	}
	return list
}

// nearest finds the Permit rule that came nearest: for which only the subject lacks
// something, else one of those with the fewest parts of the target that do not hold.
func (x *Explanation) nearest(d *Decider, steps []*xacml.Step) {
	best, otherAction := 0, false
	var look func(steps []*xacml.Step)
	look = func(steps []*xacml.Step) {
		for _, s := range steps {
			look(s.Steps)
			if s.Rule == nil || s.Rule.Effect != xacml.Permit || s.Decision != xacml.NotApplicable {
				continue
			}
			const other = 1000 // a part that no role or package could make hold
			distance := 0
			action := false
			var missing []Held
			for i, f := range s.AnyOf {
				if f == xacml.Holds {
					continue
				}
				distance++
				lacks := d.subjects(&s.Rule.Target.AnyOf[i], false)
				if len(lacks) == 0 {
					distance += other
				}
				missing = append(missing, lacks...)
				action = action || ofActions(&s.Rule.Target.AnyOf[i])
			}
			if s.Condition != xacml.NotEvaluated {
				distance += other
			}
			switch {
			case x.Rule == nil || distance < best:
				x.Rule, best, otherAction = s.Rule, distance, action
				x.Missing = nil
				if distance == 1 {
					x.Missing = missing
				}
			case distance == best && distance == 1:
				for _, m := range missing {
					if !slices.Contains(x.Missing, m) {
						x.Missing = append(x.Missing, m)
					}
				}
			}
		}
	}
	look(steps)
	if otherAction && len(x.Missing) == 0 {
		x.Actions = x.Policy.Actions()
	}
}

func ofActions(anyOf *xacml.AnyOf) bool {
	for _, allOf := range anyOf.AllOf {
		for _, m := range allOf.Match {
			if m.Category == xacml.CategoryAction {
				return true
			}
		}
	}
	return false
}
