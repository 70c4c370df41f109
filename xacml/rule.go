package xacml

// Rule is a rule of a policy (section 5.21). It is shared and not to be changed.
type Rule struct {
	ID           string
	Description  string
	Line         int // in the policy's file, where the rule starts
	Effect       Decision
	Target       Target // of no AnyOf when the rule has none
	HasCondition bool
	// Obligations and Advice come with the rule's effect; those for the other
	// decision never do.
	Obligations, Advice []DirectiveExpression

	condition  expression // nil when there is none
	directives directives
}

func (r *Rule) applies(ev *evaluation) (matching, *Error) { return r.Target.match(ev) }

// decide evaluates a rule by table 5 (section 7.11).
func (r *Rule) decide(ev *evaluation) outcome {
	around := ev.begin(r, nil)
	o := r.evaluate(ev)
	ev.finish(around, o)
	return o
}

func (r *Rule) evaluate(ev *evaluation) outcome {
	if err := ev.spend(1); err != nil {
		return indeterminateFor(r.Effect, asError(err))
	}
	m, failed := r.Target.match(ev)
	if ev.trace != nil {
		ev.trace.target(ev, &r.Target, m)
	}
	switch m {
	case noMatch:
		return outcome{}
	case matchFailed:
		return indeterminateFor(r.Effect, failed)
	}
	if r.condition != nil {
		got, err := r.condition.eval(ev)
		if ev.trace != nil {
			ev.trace.condition(got, err)
		}
		if err != nil {
			return indeterminateFor(r.Effect, asError(err))
		}
		if !isTrue(got.value) {
			return outcome{}
		}
	}
	duties, err := r.directives.give(ev, r.Effect, nil)
	if err != nil {
		return indeterminateFor(r.Effect, asError(err))
	}
	if r.Effect == Permit {
		return outcome{extended: permit, duties: duties}
	}
	return outcome{extended: deny, duties: duties}
}

func (r *policyReader) rule(e *xmlNode) *Rule {
	r.attributes(e, "RuleId", "Effect")
	rule := &Rule{ID: r.required(e, "RuleId"), Effect: r.effect(e, "Effect"), Line: e.line}
	in := r.inside(e)
	rule.Description = r.description(in)
	if t := in.take("Target"); t != nil {
		rule.Target = r.target(t)
	}
	if c := in.take("Condition"); c != nil {
		rule.condition, rule.HasCondition = r.condition(c), true
	}
	rule.directives = r.directives(in)
	rule.Obligations, rule.Advice = rule.directives.obligations, rule.directives.advice
	in.end(e)
	return rule
}

// condition reads a Condition, whose expression gives a boolean (section 5.26).
func (r *policyReader) condition(e *xmlNode) expression {
	r.attributes(e)
	expr := r.onlyExpression(e)
	if t := expr.exprType(); t.Type != TypeBoolean || t.Bag || t.Func != nil {
		r.refuseType(e, "the condition gives %s; it must give a boolean", t)
	}
	return expr
}

// onlyExpression compiles the one expression that an element holds.
func (r *policyReader) onlyExpression(e *xmlNode) expression {
	in := r.inside(e)
	c := in.take(expressionNames...)
	if c == nil {
		r.refuse(e, "%s holds no expression", e.local)
	}
	expr := r.expression(c, 1)
	in.end(e)
	return expr
}
