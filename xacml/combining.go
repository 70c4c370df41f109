package xacml

import "strings"

// combiner is a combining algorithm (appendix C): it evaluates as many of the
// children as it needs, in order, and makes one decision of theirs.
type combiner func(*evaluation, []decider) outcome

// algorithm is a combining algorithm for rules and for policies. Most are the same
// for both.
type algorithm struct {
	rules, policies combiner
}

// algorithms are the combining algorithms of appendix C by the version and name in
// their identifiers. Children are always evaluated in order, so each ordered
// algorithm is the same as the one without order.
var algorithms = map[string]algorithm{
	"3.0:deny-overrides":           {denyOverrides, denyOverrides},
	"3.0:ordered-deny-overrides":   {denyOverrides, denyOverrides},
	"3.0:permit-overrides":         {permitOverrides, permitOverrides},
	"3.0:ordered-permit-overrides": {permitOverrides, permitOverrides},
	"3.0:deny-unless-permit":       {denyUnlessPermit, denyUnlessPermit},
	"3.0:permit-unless-deny":       {permitUnlessDeny, permitUnlessDeny},
	"1.0:first-applicable":         {firstApplicable, firstApplicable},
	"1.0:only-one-applicable":      {nil, onlyOneApplicable},
	"1.0:deny-overrides":           {legacyDenyOverridesRules, legacyDenyOverridesPolicies},
	"1.1:ordered-deny-overrides":   {legacyDenyOverridesRules, legacyDenyOverridesPolicies},
	"1.0:permit-overrides":         {legacyPermitOverridesRules, legacyPermitOverridesPolicies},
	"1.1:ordered-permit-overrides": {legacyPermitOverridesRules, legacyPermitOverridesPolicies},
}

// lookupAlgorithm finds a combining algorithm by its identifier. Where a policy
// names the one for policies in place of the one for rules, or the other way
// round, as many in use do, the right one is meant.
func lookupAlgorithm(id string, forRules bool) combiner {
	version, name, ok := strings.Cut(strings.TrimPrefix(id, "urn:oasis:names:tc:xacml:"), ":rule-combining-algorithm:")
	if !ok {
		version, name, ok = strings.Cut(strings.TrimPrefix(id, "urn:oasis:names:tc:xacml:"), ":policy-combining-algorithm:")
	}
	if !ok || !strings.HasPrefix(id, "urn:oasis:names:tc:xacml:") {
		return nil
	}
	a := algorithms[version+":"+name]
	if forRules {
		return a.rules
	}
	return a.policies
}

// tally remembers what the children of a policy gave.
type tally struct {
	seen         [indeterminateDP + 1]bool
	permit, deny *duties
	err          *Error
}

// add evaluates a child and remembers the outcome.
func (t *tally) add(ev *evaluation, child decider) extended {
	o := child.decide(ev)
	t.seen[o.extended] = true
	switch o.extended {
	case permit:
		t.permit = t.permit.add(o.duties)
	case deny:
		t.deny = t.deny.add(o.duties)
	case notApplicable:
	default:
		t.err = merge(t.err, o.err)
	}
	return o.extended
}

// failed tells whether a child was Indeterminate.
func (t *tally) failed() bool {
	return t.seen[indeterminateP] || t.seen[indeterminateD] || t.seen[indeterminateDP]
}

// give makes an outcome of a decision, with the duties of the children that made
// the same decision (section 7.18) or the error of those that failed.
func (t *tally) give(x extended) outcome {
	switch x {
	case permit:
		return outcome{extended: x, duties: t.permit}
	case deny:
		return outcome{extended: x, duties: t.deny}
	case notApplicable:
		return outcome{}
	default:
		return outcome{extended: x, err: t.err}
	}
}

// denyOverrides is deny-overrides of sections C.2 and C.3: a Deny wins, then
// whatever could have been a Deny.
func denyOverrides(ev *evaluation, children []decider) outcome {
	var t tally
	for _, c := range children {
		if t.add(ev, c) == deny {
			return t.give(deny)
		}
	}
	switch {
	case t.seen[indeterminateDP]:
		return t.give(indeterminateDP)
	case t.seen[indeterminateD] && (t.seen[indeterminateP] || t.seen[permit]):
		return t.give(indeterminateDP)
	case t.seen[indeterminateD]:
		return t.give(indeterminateD)
	case t.seen[permit]:
		return t.give(permit)
	case t.seen[indeterminateP]:
		return t.give(indeterminateP)
	}
	return t.give(notApplicable)
}

// permitOverrides is permit-overrides of sections C.4 and C.5.
func permitOverrides(ev *evaluation, children []decider) outcome {
	var t tally
	for _, c := range children {
		if t.add(ev, c) == permit {
			return t.give(permit)
		}
	}
	switch {
	case t.seen[indeterminateDP]:
		return t.give(indeterminateDP)
	case t.seen[indeterminateP] && (t.seen[indeterminateD] || t.seen[deny]):
		return t.give(indeterminateDP)
	case t.seen[indeterminateP]:
		return t.give(indeterminateP)
	case t.seen[deny]:
		return t.give(deny)
	case t.seen[indeterminateD]:
		return t.give(indeterminateD)
	}
	return t.give(notApplicable)
}

// denyUnlessPermit is section C.6: a Permit, or Deny whatever happened.
func denyUnlessPermit(ev *evaluation, children []decider) outcome {
	var t tally
	for _, c := range children {
		if t.add(ev, c) == permit {
			return t.give(permit)
		}
	}
	return t.give(deny)
}

// permitUnlessDeny is section C.7: a Deny, or Permit whatever happened. The
// standard warns that errors permit, and so does this comment.
func permitUnlessDeny(ev *evaluation, children []decider) outcome {
	var t tally
	for _, c := range children {
		if t.add(ev, c) == deny {
			return t.give(deny)
		}
	}
	return t.give(permit)
}

// firstApplicable is section C.8: the first child that is not NotApplicable
// decides. When that one is Indeterminate, the later ones could have decided
// either way.
func firstApplicable(ev *evaluation, children []decider) outcome {
	for _, c := range children {
		var t tally
		switch x := t.add(ev, c); x {
		case notApplicable:
		case permit, deny:
			return t.give(x)
		default:
			return t.give(indeterminateDP)
		}
	}
	return outcome{}
}

// onlyOneApplicable is section C.9: the one policy whose target matches decides;
// it is an error that several do.
func onlyOneApplicable(ev *evaluation, policies []decider) outcome {
	var only decider
	for _, p := range policies {
		m, err := p.applies(ev)
		switch {
		case m == matchFailed:
			return indeterminate(err)
		case m == matched && only != nil:
			return indeterminate(processingError("more than one policy is applicable where only one may be"))
		case m == matched:
			only = p
		}
	}
	if only == nil {
		return outcome{}
	}
	o := only.decide(ev)
	if o.decision() == Indeterminate {
		return indeterminate(o.err) // which one is for algorithms that say so (7.10)
	}
	return o
}

// legacyDenyOverridesRules is deny-overrides for rules as XACML 1.0 had it
// (section C.10).
func legacyDenyOverridesRules(ev *evaluation, rules []decider) outcome {
	var t tally
	for _, r := range rules {
		if t.add(ev, r) == deny {
			return t.give(deny)
		}
	}
	switch {
	case t.seen[indeterminateD]: // the effect of the rule that failed
		return t.give(indeterminateDP)
	case t.seen[permit]:
		return t.give(permit)
	case t.failed():
		return t.give(indeterminateDP)
	}
	return t.give(notApplicable)
}

// legacyDenyOverridesPolicies is deny-overrides for policies as XACML 1.0 had it:
// a policy that fails denies.
func legacyDenyOverridesPolicies(ev *evaluation, policies []decider) outcome {
	var t tally
	for _, p := range policies {
		if t.add(ev, p) == deny || t.failed() {
			return t.give(deny)
		}
	}
	if t.seen[permit] {
		return t.give(permit)
	}
	return t.give(notApplicable)
}

// legacyPermitOverridesRules is permit-overrides for rules as XACML 1.0 had it
// (section C.12).
func legacyPermitOverridesRules(ev *evaluation, rules []decider) outcome {
	var t tally
	for _, r := range rules {
		if t.add(ev, r) == permit {
			return t.give(permit)
		}
	}
	switch {
	case t.seen[indeterminateP]: // the effect of the rule that failed
		return t.give(indeterminateDP)
	case t.seen[deny]:
		return t.give(deny)
	case t.failed():
		return t.give(indeterminateDP)
	}
	return t.give(notApplicable)
}

// legacyPermitOverridesPolicies is permit-overrides for policies as XACML 1.0 had
// it: a Deny outweighs a policy that fails.
func legacyPermitOverridesPolicies(ev *evaluation, policies []decider) outcome {
	var t tally
	for _, p := range policies {
		if t.add(ev, p) == permit {
			return t.give(permit)
		}
	}
	switch {
	case t.seen[deny]:
		return t.give(deny)
	case t.failed():
		return t.give(indeterminateDP)
	}
	return t.give(notApplicable)
}
