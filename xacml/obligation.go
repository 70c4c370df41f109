package xacml

// DirectiveExpression is an ObligationExpression or an AdviceExpression (sections
// 5.39 and 5.40): an obligation or advice of a rule or policy, with the
// expressions of its values.
type DirectiveExpression struct {
	ID string
	// On is the decision that it comes with (FulfillOn, AppliesTo).
	On          Decision
	Assignments []AssignmentExpression
}

// AssignmentExpression is an AttributeAssignmentExpression (section 5.41).
type AssignmentExpression struct {
	AttributeID, Category, Issuer string // the latter two may be ""
	// Constant is the value when it is the same for all requests, and nil otherwise.
	Constant Value

	expr expression
}

// directives are the obligations and advice of a rule or policy.
type directives struct {
	obligations, advice []DirectiveExpression
}

// give evaluates the expressions of those that come with a decision. When one
// fails, so does the rule or policy (section 7.18).
func (d *directives) give(ev *evaluation, effect Decision, more *duties) (*duties, error) {
	obligations, err := ev.directives(d.obligations, effect)
	if err != nil {
		return nil, err
	}
	advice, err := ev.directives(d.advice, effect)
	if err != nil {
		return nil, err
	}
	if obligations == nil && advice == nil {
		return more, nil
	}
	return more.add(&duties{obligations, advice}), nil
}

func (ev *evaluation) directives(of []DirectiveExpression, effect Decision) ([]Directive, error) {
	var given []Directive
	for i := range of {
		d := &of[i]
		if d.On != effect {
			continue
		}
		assignments, err := ev.assignments(d.Assignments)
		if err != nil {
			return nil, err
		}
		given = append(given, Directive{d.ID, assignments})
	}
	return given, nil
}

// assignments makes one assignment for each value, so none for an empty bag.
func (ev *evaluation) assignments(of []AssignmentExpression) ([]Assignment, error) {
	var made []Assignment
	for i := range of {
		a := &of[i]
		got, err := a.expr.eval(ev)
		if err != nil {
			return nil, err
		}
		if !got.isBag {
			made = append(made, Assignment{a.AttributeID, a.Category, a.Issuer, got.value})
		}
		for _, v := range got.bag {
			made = append(made, Assignment{a.AttributeID, a.Category, a.Issuer, v})
		}
	}
	return made, nil
}

// directives reads the ObligationExpressions and AdviceExpressions that rules,
// policies and policy sets end with.
func (r *policyReader) directives(in *children) directives {
	var d directives
	if e := in.take("ObligationExpressions"); e != nil {
		d.obligations = r.directiveList(e, "ObligationExpression", "ObligationId", "FulfillOn")
	}
	if e := in.take("AdviceExpressions"); e != nil {
		d.advice = r.directiveList(e, "AdviceExpression", "AdviceId", "AppliesTo")
	}
	return d
}

func (r *policyReader) directiveList(e *xmlNode, name, id, on string) []DirectiveExpression {
	r.attributes(e)
	in := r.inside(e)
	var list []DirectiveExpression
	for c := in.need(e, name); c != nil; c = in.take(name) {
		r.attributes(c, id, on)
		d := DirectiveExpression{ID: r.required(c, id), On: r.effect(c, on)}
		values := r.inside(c)
		for v := values.take("AttributeAssignmentExpression"); v != nil; v = values.take("AttributeAssignmentExpression") {
			d.Assignments = append(d.Assignments, r.assignment(v))
		}
		values.end(c)
		list = append(list, d)
	}
	in.end(e)
	return list
}

func (r *policyReader) assignment(e *xmlNode) AssignmentExpression {
	r.attributes(e, "AttributeId", "Category", "Issuer")
	a := AssignmentExpression{AttributeID: r.required(e, "AttributeId"), Category: r.optional(e, "Category"), Issuer: r.optional(e, "Issuer")}
	a.expr = r.onlyExpression(e)
	if a.expr.exprType().Func != nil {
		r.refuseType(e, "the value of an assignment is a function; it must be a value or a bag")
	}
	if c, ok := a.expr.(constant); ok {
		a.Constant = c.value
	}
	return a
}
