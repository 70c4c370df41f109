package xacml

// Target says which requests a rule, policy or policy set is for (section 5.6):
// those that match every AnyOf. One without AnyOf is for all requests. Its parts
// are shared and not to be changed.
type Target struct {
	AnyOf []AnyOf
}

// AnyOf matches where one of its alternatives does (section 5.7).
type AnyOf struct {
	AllOf []AllOf

	groups []groupTest // alternatives that compare an attribute with constants
	others []*AllOf    // the other alternatives
}

// AllOf matches where all of its matches do (section 5.8).
type AllOf struct {
	Match []Match
}

// Match compares a constant with the values of an attribute (section 5.9): it
// matches when the function is true of the constant and one of the values.
type Match struct {
	Function string
	Value    Value
	// Category and AttributeID name the attribute, and Issuer where it is not "".
	Category, AttributeID, Issuer string
	// Path is the XPath of a selector, which has no AttributeID; "" of a designator.
	Path string
	// Type is the data-type of the attribute's values.
	Type          Type
	MustBePresent bool

	fn    *function
	from  *attribute
	group *groupTest // answers the match where it stands among others; may be nil
}

// matching is how a request fares against a target or a part of one.
type matching uint8

const (
	noMatch matching = iota
	matched
	matchFailed // Indeterminate
)

// match evaluates a target by table 4: no match where one AnyOf does not match,
// otherwise Indeterminate where one is.
func (t *Target) match(ev *evaluation) (matching, *Error) {
	var failed *Error
	for i := range t.AnyOf {
		m, err := t.AnyOf[i].match(ev)
		switch m {
		case noMatch:
			return noMatch, nil
		case matchFailed:
			failed = merge(failed, err)
		}
	}
	if failed != nil {
		return matchFailed, failed
	}
	return matched, nil
}

// match evaluates an AnyOf by table 2: a match where one alternative matches,
// otherwise Indeterminate where one is.
func (a *AnyOf) match(ev *evaluation) (matching, *Error) {
	var failed *Error
	for i := range a.groups {
		m, err := a.groups[i].match(ev)
		if m == matched {
			return matched, nil
		}
		failed = merge(failed, err)
	}
	for _, all := range a.others {
		m, err := all.match(ev)
		if m == matched {
			return matched, nil
		}
		failed = merge(failed, err)
	}
	if failed != nil {
		return matchFailed, failed
	}
	return noMatch, nil
}

// match evaluates an AllOf by table 3: no match where one of its matches is false,
// otherwise Indeterminate where one is.
func (a *AllOf) match(ev *evaluation) (matching, *Error) {
	var failed *Error
	for i := range a.Match {
		m, err := a.Match[i].match(ev)
		switch m {
		case noMatch:
			return noMatch, nil
		case matchFailed:
			failed = merge(failed, err)
		}
	}
	if failed != nil {
		return matchFailed, failed
	}
	return matched, nil
}

// match evaluates a Match by section 7.6.
func (m *Match) match(ev *evaluation) (matching, *Error) {
	if m.group != nil {
		return m.group.match(ev)
	}
	return m.compare(ev)
}

// compare applies the function to the constant and each value in turn: true for
// one is a match, otherwise an error for one is Indeterminate.
func (m *Match) compare(ev *evaluation) (matching, *Error) {
	values, err := m.from.values(ev)
	if err != nil {
		return matchFailed, asError(err)
	}
	var failed *Error
	for _, v := range values {
		is, err := ev.holds(m.fn, m.Value, v)
		if err != nil {
			failed = merge(failed, asError(err))
		} else if is {
			return matched, nil
		}
	}
	if failed != nil {
		return matchFailed, failed
	}
	return noMatch, nil
}

// holds applies a function of two values that gives a boolean.
func (ev *evaluation) holds(fn *function, a, b Value) (bool, error) {
	if err := ev.spend(1); err != nil {
		return false, err
	}
	var got result
	var err error
	if fn.lazy != nil {
		got, err = fn.lazy(ev, []expression{constant{a}, constant{b}})
	} else {
		got, err = fn.call(ev, []result{{value: a}, {value: b}})
	}
	return err == nil && isTrue(got.value), err
}

func isTrue(v Value) bool { return v == Boolean(true) }

// merge joins the errors of several expressions into the one that the status
// tells: the first, with the attributes that the others miss if it misses one
// itself.
func merge(first, next *Error) *Error {
	if first == nil {
		return next
	}
	if next == nil || first.Code != StatusMissingAttribute || next.Code != StatusMissingAttribute {
		return first
	}
	both := *first
	both.Missing = append([]MissingAttribute(nil), first.Missing...)
add:
	for _, m := range next.Missing {
		for _, known := range both.Missing {
			if known.Category == m.Category && known.ID == m.ID && known.Issuer == m.Issuer && known.Type == m.Type {
				continue add
			}
		}
		both.Missing = append(both.Missing, m)
	}
	return &both
}

func (r *policyReader) target(e *xmlNode) Target {
	var t Target
	r.attributes(e)
	in := r.inside(e)
	for c := in.take("AnyOf"); c != nil; c = in.take("AnyOf") {
		t.AnyOf = append(t.AnyOf, r.anyOf(c))
	}
	in.end(e)
	for i := range t.AnyOf {
		r.program.compileEquality(&t.AnyOf[i])
	}
	return t
}

func (r *policyReader) anyOf(e *xmlNode) AnyOf {
	var a AnyOf
	r.attributes(e)
	in := r.inside(e)
	for c := in.need(e, "AllOf"); c != nil; c = in.take("AllOf") {
		a.AllOf = append(a.AllOf, r.allOf(c))
	}
	in.end(e)
	return a
}

func (r *policyReader) allOf(e *xmlNode) AllOf {
	var a AllOf
	r.attributes(e)
	in := r.inside(e)
	for c := in.need(e, "Match"); c != nil; c = in.take("Match") {
		a.Match = append(a.Match, r.match(c))
	}
	in.end(e)
	return a
}

func (r *policyReader) match(e *xmlNode) Match {
	r.attributes(e, "MatchId")
	m := Match{fn: r.function(e, "MatchId")}
	m.Function = m.fn.id
	in := r.inside(e)
	m.Value = r.literal(in.need(e, "AttributeValue"))
	switch c := in.take("AttributeDesignator", "AttributeSelector"); {
	case c == nil:
		in.need(e, "AttributeDesignator")
	case c.local == "AttributeDesignator":
		m.from = r.designator(c)
	default:
		m.from = r.selector(c)
	}
	in.end(e)
	got, err := m.fn.check([]exprType{{Type: m.Value.Type()}, {Type: m.from.typ}})
	if err != nil {
		r.refuseType(e, "%s: %s", m.fn.id, err)
	}
	if got.Type != TypeBoolean || got.Bag || got.Func != nil {
		r.refuseType(e, "%s gives %s; the function of a Match gives a boolean", m.fn.id, got)
	}
	if m.fn.bind != nil {
		m.fn = m.fn.bind(m.Value)
	}
	m.Category, m.AttributeID, m.Issuer = m.from.category, m.from.id, m.from.issuer
	if m.from.selects() {
		m.Path = m.from.path.text
	}
	m.Type, m.MustBePresent = m.from.typ, m.from.mustBePresent
	m.from.examined = m.from.examined || !m.compares()
	return m
}
