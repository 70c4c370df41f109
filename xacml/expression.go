package xacml

import "slices"

// constant is an AttributeValue (section 5.31).
type constant struct{ value Value }

func (c constant) exprType() exprType               { return exprType{Type: c.value.Type()} }
func (c constant) eval(*evaluation) (result, error) { return result{value: c.value}, nil }

// functionReference is a Function element (section 5.28): an argument that a
// higher-order function applies.
type functionReference struct{ fn *function }

func (f functionReference) exprType() exprType               { return exprType{Func: f.fn} }
func (f functionReference) eval(*evaluation) (result, error) { return result{fn: f.fn}, nil }

// apply is an Apply element (section 5.27).
type apply struct {
	fn     *function
	args   []expression
	typ    exprType
	height int // how deep its expressions are nested, through variables
}

func (a *apply) exprType() exprType { return a.typ }

func (a *apply) eval(ev *evaluation) (result, error) {
	if err := ev.spend(1); err != nil {
		return result{}, err
	}
	if a.fn.lazy != nil {
		return a.fn.lazy(ev, a.args)
	}
	first := len(ev.args)
	defer func() {
		clear(ev.args[first:])
		ev.args = ev.args[:first]
	}()
	for _, arg := range a.args {
		got, err := arg.eval(ev)
		if err != nil {
			return result{}, err
		}
		ev.args = append(ev.args, got)
	}
	return a.fn.call(ev, slices.Clip(ev.args[first:]))
}

// variable is a VariableDefinition (section 5.25). It is evaluated when it is
// first needed.
type variable struct {
	id       string
	at       *xmlNode
	index    int // in the frame
	expr     expression
	compiled bool
	reading  bool
}

func (v *variable) exprType() exprType { return v.expr.exprType() }

func (v *variable) eval(ev *evaluation) (result, error) {
	if m := &ev.frame.variables[v.index]; m.known {
		return m.got, m.err
	}
	got, err := v.expr.eval(ev)
	ev.frame.variables[v.index] = memo{true, got, err}
	return got, err
}

// maxExpressionDepth bounds how deep expressions are nested through variables, and
// so the recursion of their evaluation.
const maxExpressionDepth = 1000

// height tells how deep an expression is nested.
func height(e expression) int {
	switch e := e.(type) {
	case *apply:
		return e.height
	case *variable:
		return 1 + height(e.expr)
	default:
		return 1
	}
}

// expressionNames are the names of the elements that stand for one (section 5.26).
var expressionNames = []string{"Apply", "AttributeSelector", "AttributeValue", "Function", "VariableReference", "AttributeDesignator"}

// expression compiles an expression element. depth is how deep it lies already.
func (r *policyReader) expression(e *xmlNode, depth int) expression {
	if depth > maxExpressionDepth {
		r.refuse(e, "expressions are nested more than %d deep, counted through variables", maxExpressionDepth)
	}
	switch e.local {
	case "AttributeValue":
		return constant{r.literal(e)}
	case "AttributeDesignator":
		a := r.designator(e)
		a.examined = true
		return a
	case "AttributeSelector":
		return r.selector(e)
	case "Function":
		r.attributes(e, "FunctionId")
		r.inside(e).end(e)
		return functionReference{r.function(e, "FunctionId")}
	case "VariableReference":
		return r.variableReference(e, depth)
	default:
		return r.apply(e, depth)
	}
}

func (r *policyReader) apply(e *xmlNode, depth int) *apply {
	r.attributes(e, "FunctionId")
	a := &apply{fn: r.function(e, "FunctionId")}
	in := r.inside(e)
	r.description(in)
	var types []exprType
	for c := in.take(expressionNames...); c != nil; c = in.take(expressionNames...) {
		arg := r.expression(c, depth+1)
		a.args = append(a.args, arg)
		types = append(types, arg.exprType())
		a.height = max(a.height, height(arg))
	}
	if a.height++; a.height > maxExpressionDepth {
		r.refuse(e, "expressions are nested more than %d deep, counted through variables", maxExpressionDepth)
	}
	in.end(e)
	typ, err := a.fn.check(types)
	if err != nil {
		r.refuseType(e, "%s: %s", a.fn.id, err)
	}
	a.typ = typ
	if len(a.args) > 0 {
		if first, ok := a.args[0].(constant); ok && a.fn.bind != nil {
			a.fn = a.fn.bind(first.value)
		}
	}
	return a
}

func (r *policyReader) variableReference(e *xmlNode, depth int) expression {
	r.attributes(e, "VariableId")
	r.inside(e).end(e)
	id := r.required(e, "VariableId")
	var v *variable
	if r.rules != nil {
		v = r.rules.variables[id]
	}
	if v == nil {
		r.refuse(e, "this policy defines no variable %q", id)
	}
	r.compileVariable(v, depth+1)
	return v
}

// compileVariable compiles a variable's expression unless that is done. Variables
// may be used before they are defined, but not to define themselves.
func (r *policyReader) compileVariable(v *variable, depth int) {
	if v.reading {
		r.refuse(v.at, "the variable %q is defined by itself", v.id)
	}
	if v.compiled {
		return
	}
	v.reading = true
	defer func() { v.reading = false }()
	in := r.inside(v.at)
	e := in.take(expressionNames...)
	if e == nil {
		r.refuse(v.at, "the variable %q has no expression", v.id)
	}
	v.expr = r.expression(e, depth)
	in.end(v.at)
	v.compiled = true
}

// function returns the function that an attribute names.
func (r *policyReader) function(e *xmlNode, attr string) *function {
	id := r.required(e, attr)
	fn := lookupFunction(id)
	if fn == nil {
		r.refuseType(e, "no function has the identifier %q", id)
	}
	return fn
}

// dataType returns the data-type that an element names.
func (r *policyReader) dataType(e *xmlNode) Type {
	id := r.required(e, "DataType")
	t, known := knownType(Type(id))
	if !known {
		r.refuse(e, "no data-type has the identifier %q", id)
	}
	return t
}

// literal returns the value of an AttributeValue.
func (r *policyReader) literal(e *xmlNode) Value {
	t := r.dataType(e)
	// The schema lets an AttributeValue have any attributes.
	if t == TypeXPathExpression {
		r.text(e)
		v, err := readXPathXML(e)
		if err != nil {
			r.refuse(e, "%s", err)
		}
		return v
	}
	v, err := ParseValue(t, r.text(e))
	if err != nil {
		r.refuse(e, "%s", err)
	}
	return v
}
