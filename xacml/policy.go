package xacml

// Policy is a compiled policy or policy set (sections 5.14 and 5.1). It does not
// change, so that any number of evaluations may use it at once.
//
// MaxDelegationDepth is read and means nothing, and a policy with a PolicyIssuer is
// refused: both belong to the Administration and Delegation Profile, without which
// no policy but a trusted one may decide.
type Policy struct {
	id, version, description string
	set                      bool
	line                     int
	xpathVersion             string
	combining                string
	combine                  combiner
	parameters               []CombinerParameter
	target                   Target
	rules                    []*Rule
	policies                 []PolicyChild
	children                 []decider // the rules, or the policies
	directives               directives
	program                  *program
}

// PolicyChild is what a policy set combines: a policy that stands in it, or a
// reference. One of the two is nil.
type PolicyChild struct {
	Policy    *Policy
	Reference *Reference
}

// CombinerParameter is a parameter of a combining algorithm (sections 5.15 to
// 5.19). No algorithm of the standard has any.
type CombinerParameter struct {
	Name  string
	Value Value
	// For names the rule, policy or policy set that it is about; "" when it is about
	// the whole.
	For string
}

// ID returns the PolicyId or PolicySetId.
func (p *Policy) ID() string { return p.id }

// Version returns the version, as it is written.
func (p *Policy) Version() string { return p.version }

// IsSet tells a policy set from a policy.
func (p *Policy) IsSet() bool { return p.set }

// Description returns the description, without white space around it.
func (p *Policy) Description() string { return p.description }

// Line returns the line of its file where the policy starts.
func (p *Policy) Line() int { return p.line }

// XPathVersion returns what PolicyDefaults or PolicySetDefaults say, the nearest
// ones if policies are nested; "" when nothing.
func (p *Policy) XPathVersion() string { return p.xpathVersion }

// CombiningAlgorithm returns the identifier of the combining algorithm as it is
// written.
func (p *Policy) CombiningAlgorithm() string { return p.combining }

// CombinerParameters returns the parameters of the combining algorithm.
func (p *Policy) CombinerParameters() []CombinerParameter { return p.parameters }

// Target returns the target.
func (p *Policy) Target() *Target { return &p.target }

// Rules returns the rules of a policy in order; none of a policy set.
func (p *Policy) Rules() []*Rule { return p.rules }

// Policies returns what a policy set combines, in order; nothing of a policy.
func (p *Policy) Policies() []PolicyChild { return p.policies }

// Obligations returns the obligation expressions of the policy itself.
func (p *Policy) Obligations() []DirectiveExpression { return p.directives.obligations }

// Advice returns the advice expressions of the policy itself.
func (p *Policy) Advice() []DirectiveExpression { return p.directives.advice }

// Ref returns the name and version that a response gives of the policy.
func (p *Policy) Ref() PolicyRef { return PolicyRef{ID: p.id, Version: p.version, Set: p.set} }

func (p *Policy) applies(ev *evaluation) (matching, *Error) { return p.target.match(ev) }

// decide evaluates a policy or policy set (sections 7.12 and 7.13).
func (p *Policy) decide(ev *evaluation) outcome {
	around := ev.begin(nil, p)
	o := p.evaluate(ev)
	ev.finish(around, o)
	return o
}

func (p *Policy) evaluate(ev *evaluation) outcome {
	if err := ev.spend(1); err != nil {
		return indeterminate(asError(err))
	}
	if len(ev.open) >= ev.depth {
		return indeterminate(processingError("policies refer to each other more than %d deep", ev.depth))
	}
	ev.open = append(ev.open, p)
	o := p.combined(ev)
	ev.open = ev.open[:len(ev.open)-1]
	if ev.request.ReturnPolicyIDList && (o.extended == permit || o.extended == deny) {
		ev.applicable = append(ev.applicable, p.Ref())
	}
	return o
}

// combined combines the children of a policy whose target matches, or could not be
// evaluated, and adds the policy's own obligations and advice.
func (p *Policy) combined(ev *evaluation) outcome {
	m, failed := p.target.match(ev)
	if ev.trace != nil {
		ev.trace.target(ev, &p.target, m)
	}
	if m == noMatch {
		return outcome{}
	}
	o := p.combine(ev, p.children)
	if m == matchFailed && o.extended != notApplicable {
		return outcome{extended: withIndeterminateTarget(o.extended), err: failed}
	}
	if o.extended != permit && o.extended != deny {
		return o
	}
	duties, err := p.directives.give(ev, o.decision(), o.duties)
	if err != nil {
		return indeterminateFor(o.decision(), asError(err))
	}
	o.duties = duties
	return o
}

// withIndeterminateTarget is table 7 (section 7.14): what a policy whose target is
// Indeterminate gives when its children gave this.
func withIndeterminateTarget(combined extended) extended {
	switch combined {
	case permit:
		return indeterminateP
	case deny:
		return indeterminateD
	default:
		return combined
	}
}
