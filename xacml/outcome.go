package xacml

// extended is the decision of a rule, policy or policy set with what an
// Indeterminate one could have been (section 7.10).
type extended uint8

const (
	notApplicable extended = iota
	permit
	deny
	indeterminateP  // could have been Permit, not Deny
	indeterminateD  // could have been Deny, not Permit
	indeterminateDP // could have been either
)

var decisionOf = [...]Decision{NotApplicable, Permit, Deny, Indeterminate, Indeterminate, Indeterminate}

func (x extended) decision() Decision { return decisionOf[x] }

// outcome is what a rule, policy or policy set gave.
type outcome struct {
	extended
	err    *Error  // of an Indeterminate one
	duties *duties // of a Permit or Deny; nil when there are none
}

// duties are the obligations and advice that come with a decision.
type duties struct {
	obligations, advice []Directive
}

// add returns the duties of both.
func (d *duties) add(more *duties) *duties {
	switch {
	case more == nil:
		return d
	case d == nil:
		d = &duties{}
	}
	d.obligations = append(d.obligations, more.obligations...)
	d.advice = append(d.advice, more.advice...)
	return d
}

// indeterminate is the outcome of what failed before it could tell in which
// direction.
func indeterminate(err *Error) outcome { return outcome{extended: indeterminateDP, err: err} }

// indeterminateFor is the outcome of what would have had this effect and failed.
func indeterminateFor(effect Decision, err *Error) outcome {
	if effect == Permit {
		return outcome{extended: indeterminateP, err: err}
	}
	return outcome{extended: indeterminateD, err: err}
}

// decider is a rule, a policy, a policy set or a reference to one: what combining
// algorithms combine.
type decider interface {
	// decide evaluates it.
	decide(*evaluation) outcome
	// applies evaluates its target only.
	applies(*evaluation) (matching, *Error)
}
