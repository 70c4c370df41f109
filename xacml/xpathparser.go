package xacml

import (
	"slices"
	"strconv"
	"strings"
)

// xpathParser reads tokens by the grammar of XPath 1.0, a function for each level
// of precedence.
type xpathParser struct {
	text       string
	namespaces map[string]string
	tokens     []xpathToken
	next       int
	depth      int
}

func (p *xpathParser) peek() xpathToken { return p.tokens[p.next] }

func (p *xpathParser) take() xpathToken {
	t := p.tokens[p.next]
	if t.kind != xpathEnd {
		p.next++
	}
	return t
}

// is tells whether the next token is one of these symbols or operators.
func (p *xpathParser) is(texts ...string) bool {
	t := p.peek()
	return (t.kind == xpathSymbol || t.kind == xpathOperator) && slices.Contains(texts, t.text)
}

// accept takes the next token if it is this symbol or operator.
func (p *xpathParser) accept(text string) bool {
	if !p.is(text) {
		return false
	}
	p.take()
	return true
}

func (p *xpathParser) expect(text string) error {
	if !p.accept(text) {
		return p.fault("there should be %s", text)
	}
	return nil
}

func (p *xpathParser) fault(format string, args ...any) error {
	return xpathFault(p.text, p.peek().at, syntaxError(format, args...).Message)
}

func (p *xpathParser) parse() (xpathExpr, error) {
	e, err := p.expression()
	if err == nil && p.peek().kind != xpathEnd {
		err = p.fault("the expression should end")
	}
	return e, err
}

// The binary operators, from the one that binds least.
var xpathPrecedence = [...][]string{{"or"}, {"and"}, {"=", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "div", "mod"}}

func (p *xpathParser) expression() (xpathExpr, error) {
	if p.depth++; p.depth > maxXPathDepth {
		return nil, p.fault("expressions lie more than %d deep in each other", maxXPathDepth)
	}
	defer func() { p.depth-- }()
	return p.binary(0)
}

func (p *xpathParser) binary(level int) (xpathExpr, error) {
	if level == len(xpathPrecedence) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil && p.is(xpathPrecedence[level]...) {
		operator := p.take().text
		var right xpathExpr
		right, err = p.binary(level + 1)
		left = &xpathBinary{operator, left, right}
	}
	return left, err
}

func (p *xpathParser) unary() (xpathExpr, error) {
	minus, negative := false, false
	for p.accept("-") {
		minus, negative = true, !negative
	}
	e, err := p.union()
	if err == nil && minus {
		e = &xpathNegation{e, negative}
	}
	return e, err
}

func (p *xpathParser) union() (xpathExpr, error) {
	left, err := p.path()
	for err == nil && p.is("|") {
		if err = p.wantNodes(left); err != nil {
			break
		}
		p.take()
		var right xpathExpr
		if right, err = p.path(); err == nil {
			err = p.wantNodes(right)
		}
		left = &xpathUnion{left, right}
	}
	return left, err
}

func (p *xpathParser) wantNodes(e xpathExpr) error {
	if e.xpathType() != xpathNodes {
		return p.fault("there should be nodes, and there is %s", e.xpathType())
	}
	return nil
}

var xpathNodeTypes = [...]string{"comment", "text", "processing-instruction", "node"}

// path reads a location path, or another expression with what follows it.
func (p *xpathParser) path() (xpathExpr, error) {
	t := p.peek()
	isCall := t.kind == xpathCall && !slices.Contains(xpathNodeTypes[:], t.text)
	if !isCall && t.kind != xpathLiteral && t.kind != xpathNumeral && !p.is("(") {
		return p.location()
	}
	e, err := p.primary()
	if err != nil {
		return nil, err
	}
	if p.is("[") {
		if err := p.wantNodes(e); err != nil {
			return nil, err
		}
		predicates, err := p.predicates()
		if err != nil {
			return nil, err
		}
		e = &xpathFilter{e, predicates}
	}
	if !p.is("/", "//") {
		return e, nil
	}
	if err := p.wantNodes(e); err != nil {
		return nil, err
	}
	l := &xpathPath{start: e}
	return l, p.steps(l)
}

func (p *xpathParser) primary() (xpathExpr, error) {
	switch t := p.take(); t.kind {
	case xpathLiteral:
		return &xpathConstant{xpathResult{typ: xpathString, text: t.text}}, nil
	case xpathNumeral:
		n, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, xpathFault(p.text, t.at, "the number is too large")
		}
		return &xpathConstant{xpathResult{typ: xpathNumber, number: n}}, nil
	case xpathCall:
		return p.call(t)
	}
	e, err := p.expression() // after "("
	if err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

func (p *xpathParser) call(name xpathToken) (xpathExpr, error) {
	f, ok := xpathLibrary[strings.TrimPrefix(name.text, "fn:")] // XPath 2.0 has the prefix
	if !ok {
		return nil, xpathFault(p.text, name.at, "there is no function "+name.text)
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	call := &xpathFunctionCall{function: f}
	for !p.is(")") {
		if len(call.args) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		arg, err := p.expression()
		if err != nil {
			return nil, err
		}
		call.args = append(call.args, arg)
	}
	p.take()
	if n := len(call.args); n < f.least || f.most >= 0 && n > f.most {
		return nil, xpathFault(p.text, name.at, "the function "+name.text+" does not take so many arguments")
	}
	if f.nodes && len(call.args) > 0 && call.args[0].xpathType() != xpathNodes {
		return nil, xpathFault(p.text, name.at, "the function "+name.text+" takes nodes")
	}
	return call, nil
}

// location reads a location path.
func (p *xpathParser) location() (xpathExpr, error) {
	l := new(xpathPath)
	switch {
	case p.is("//"):
		l.absolute = true
		return l, p.steps(l)
	case p.is("/"):
		l.absolute = true
		switch t := p.tokens[p.next+1]; {
		case t.kind == xpathName, t.kind == xpathAxisName, t.kind == xpathCall, t.kind == xpathSymbol && (t.text == "." || t.text == ".." || t.text == "@"):
			return l, p.steps(l)
		}
		p.take()
		return l, nil
	}
	s, err := p.step()
	if err != nil {
		return nil, err
	}
	l.steps = append(l.steps, s)
	return l, p.steps(l)
}

// steps reads steps that each begin with / or //.
func (p *xpathParser) steps(l *xpathPath) error {
	for {
		switch {
		case p.accept("//"):
			l.steps = append(l.steps, xpathStep{axis: xpathAxes["descendant-or-self"], test: nodeTest{any: true}})
		case !p.accept("/"):
			return nil
		}
		s, err := p.step()
		if err != nil {
			return err
		}
		l.steps = append(l.steps, s)
	}
}

func (p *xpathParser) step() (xpathStep, error) {
	switch {
	case p.accept("."):
		return xpathStep{axis: xpathAxes["self"], test: nodeTest{any: true}}, nil
	case p.accept(".."):
		return xpathStep{axis: xpathAxes["parent"], test: nodeTest{any: true}}, nil
	}
	s := xpathStep{axis: xpathAxes["child"]}
	if p.accept("@") {
		s.axis = xpathAxes["attribute"]
	} else if t := p.peek(); t.kind == xpathAxisName {
		var ok bool
		if s.axis, ok = xpathAxes[t.text]; !ok {
			return s, p.fault("there is no axis %s", t.text)
		}
		p.take()
		if err := p.expect("::"); err != nil {
			return s, err
		}
	}
	principal := xmlElement
	if s.axis.attributes {
		principal = xmlAttribute
	}
	var err error
	if s.test, err = p.nodeTest(principal); err != nil {
		return s, err
	}
	s.predicates, err = p.predicates()
	return s, err
}

// nodeTest reads a test; one by name wants nodes of the axis's principal kind.
func (p *xpathParser) nodeTest(principal xmlKind) (nodeTest, error) {
	switch p.peek().kind {
	case xpathName:
		test, err := p.nameTest(p.take())
		test.kind = principal
		return test, err
	case xpathCall:
		return p.typeTest(p.take())
	}
	return nodeTest{}, p.fault("there should be the name of an element or attribute")
}

func (p *xpathParser) nameTest(t xpathToken) (nodeTest, error) {
	prefix, local, prefixed := strings.Cut(t.text, ":")
	if !prefixed {
		prefix, local = "", t.text
	}
	test := nodeTest{anySpace: t.text == "*" || prefix == "*"} // "*:name" is of XPath 2.0
	if local != "*" {
		test.local = local
	}
	switch prefix {
	case "", "*": // without prefix there is no namespace
	case "xml":
		test.space = namespaceXML
	default:
		var ok bool
		if test.space, ok = p.namespaces[prefix]; !ok {
			return test, xpathFault(p.text, t.at, "nothing declares the prefix "+prefix)
		}
	}
	return test, nil
}

func (p *xpathParser) typeTest(t xpathToken) (nodeTest, error) {
	if err := p.expect("("); err != nil {
		return nodeTest{}, err
	}
	var test nodeTest
	switch t.text {
	case "node":
		test.any = true
	case "text":
		test.kind = xmlText
	case "comment":
		test.kind = xmlComment
	case "processing-instruction":
		test.kind = xmlInstruction
		if p.peek().kind == xpathLiteral {
			test.local = p.take().text
		}
	default:
		return test, xpathFault(p.text, t.at, "a function cannot be a step")
	}
	return test, p.expect(")")
}

func (p *xpathParser) predicates() ([]xpathExpr, error) {
	var out []xpathExpr
	for p.accept("[") {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		if err := p.expect("]"); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}
