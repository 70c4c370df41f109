package xacml

import (
	"math"
	"strconv"
	"strings"
)

// xpathConstant is a literal or a number.
type xpathConstant struct{ value xpathResult }

func (e *xpathConstant) xpathType() xpathType           { return e.value.typ }
func (e *xpathConstant) eval(*xpathContext) xpathResult { return e.value }

// xpathPath is a location path: from the context node, from the root, or from
// each node that start gives.
type xpathPath struct {
	absolute bool
	start    xpathExpr
	steps    []xpathStep
}

type xpathStep struct {
	axis       xpathAxis
	test       nodeTest
	predicates []xpathExpr
}

// nodeTest is what a step wants of the nodes on its axis.
type nodeTest struct {
	any      bool
	kind     xmlKind
	anySpace bool
	space    string
	local    string // "" for any
}

func (t *nodeTest) accepts(n *xmlNode) bool {
	return t.any || n.kind == t.kind && (t.anySpace || n.space == t.space) && (t.local == "" || n.local == t.local)
}

func (*xpathPath) xpathType() xpathType { return xpathNodes }

func (e *xpathPath) eval(c *xpathContext) xpathResult {
	if !c.run.spend(1) {
		return xpathResult{}
	}
	nodes := []*xmlNode{c.node}
	switch {
	case e.absolute:
		for nodes[0].parent != nil {
			nodes[0] = nodes[0].parent
		}
	case e.start != nil:
		nodes = e.start.eval(c).nodes
	}
	for i := range e.steps {
		nodes = e.steps[i].from(nodes, c.run)
	}
	return xpathResult{nodes: nodes}
}

// from takes the step from each of the nodes.
func (s *xpathStep) from(nodes []*xmlNode, run *xpathRun) []*xmlNode {
	var all []*xmlNode
	for _, n := range nodes {
		var found []*xmlNode
		s.axis.walk(n, func(n *xmlNode) bool {
			if s.test.accepts(n) {
				found = append(found, n)
			}
			return run.spend(1)
		})
		if !run.spend(1) {
			return nil
		}
		all = append(all, filterNodes(found, s.predicates, run)...)
	}
	return inDocumentOrder(all)
}

// filterNodes keeps the nodes for which every predicate holds; the order given is
// the one that positions count in (XPath 1.0, section 2.4).
func filterNodes(nodes []*xmlNode, predicates []xpathExpr, run *xpathRun) []*xmlNode {
	for _, p := range predicates {
		var kept []*xmlNode
		for i, n := range nodes {
			if !run.spend(1) {
				return nil
			}
			c := &xpathContext{node: n, position: i + 1, size: len(nodes), run: run}
			v := p.eval(c)
			if v.typ == xpathNumber && v.number == float64(c.position) || v.typ != xpathNumber && v.toBoolean() {
				kept = append(kept, n)
			}
		}
		nodes = kept
	}
	return nodes
}

// xpathFilter is an expression with predicates, whose positions count in document
// order.
type xpathFilter struct {
	of         xpathExpr
	predicates []xpathExpr
}

func (*xpathFilter) xpathType() xpathType { return xpathNodes }

func (e *xpathFilter) eval(c *xpathContext) xpathResult {
	return xpathResult{nodes: filterNodes(e.of.eval(c).nodes, e.predicates, c.run)}
}

type xpathUnion struct{ left, right xpathExpr }

func (*xpathUnion) xpathType() xpathType { return xpathNodes }

func (e *xpathUnion) eval(c *xpathContext) xpathResult {
	left, right := e.left.eval(c).nodes, e.right.eval(c).nodes
	if !c.run.spend(len(left) + len(right)) {
		return xpathResult{}
	}
	return xpathResult{nodes: inDocumentOrder(append(append([]*xmlNode(nil), left...), right...))}
}

type xpathNegation struct {
	of       xpathExpr
	negative bool
}

func (*xpathNegation) xpathType() xpathType { return xpathNumber }

func (e *xpathNegation) eval(c *xpathContext) xpathResult {
	n := e.of.eval(c).toNumber(c.run)
	if e.negative {
		n = -n
	}
	return xpathResult{typ: xpathNumber, number: n}
}

type xpathBinary struct {
	operator    string
	left, right xpathExpr
}

func (e *xpathBinary) xpathType() xpathType {
	switch e.operator {
	case "+", "-", "*", "div", "mod":
		return xpathNumber
	}
	return xpathBoolean
}

func (e *xpathBinary) eval(c *xpathContext) xpathResult {
	if !c.run.spend(1) {
		return xpathResult{typ: e.xpathType()}
	}
	left := e.left.eval(c)
	switch e.operator {
	case "or":
		return xpathTruth(left.toBoolean() || e.right.eval(c).toBoolean())
	case "and":
		return xpathTruth(left.toBoolean() && e.right.eval(c).toBoolean())
	}
	right := e.right.eval(c)
	if e.xpathType() == xpathBoolean {
		return xpathTruth(compareXPath(e.operator, left, right, c.run))
	}
	a, b := left.toNumber(c.run), right.toNumber(c.run)
	switch e.operator {
	case "+":
		a += b
	case "-":
		a -= b
	case "*":
		a *= b
	case "div":
		a /= b
	case "mod":
		a = math.Mod(a, b)
	}
	return xpathResult{typ: xpathNumber, number: a}
}

func xpathTruth(b bool) xpathResult { return xpathResult{typ: xpathBoolean, boolean: b} }

// compareXPath compares two values (XPath 1.0, section 3.4): nodes by whether any
// of them compares so, and never nodes with a boolean node by node.
func compareXPath(operator string, a, b xpathResult, run *xpathRun) bool {
	switch {
	case a.typ == xpathNodes && b.typ == xpathBoolean:
		a = xpathTruth(a.toBoolean())
	case b.typ == xpathNodes && a.typ == xpathBoolean:
		b = xpathTruth(b.toBoolean())
	}
	if a.typ == xpathNodes {
		for _, n := range a.nodes {
			if compareXPath(operator, xpathResult{typ: xpathString, text: run.textOf(n)}, b, run) {
				return true
			}
		}
		return false
	}
	if b.typ == xpathNodes {
		for _, n := range b.nodes {
			if !run.spend(1) {
				return false
			}
			if compareXPath(operator, a, xpathResult{typ: xpathString, text: run.textOf(n)}, run) {
				return true
			}
		}
		return false
	}
	if operator == "=" || operator == "!=" {
		return xpathEqual(a, b, run) == (operator == "=")
	}
	x, y := a.toNumber(run), b.toNumber(run)
	switch operator {
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	default:
		return x >= y
	}
}

func xpathEqual(a, b xpathResult, run *xpathRun) bool {
	switch {
	case a.typ == xpathBoolean || b.typ == xpathBoolean:
		return a.toBoolean() == b.toBoolean()
	case a.typ == xpathNumber || b.typ == xpathNumber:
		return a.toNumber(run) == b.toNumber(run)
	default:
		return a.text == b.text
	}
}

// textOf returns the string-value of a node, at the price of its length.
func (r *xpathRun) textOf(n *xmlNode) string {
	if r.depleted {
		return ""
	}
	text := n.stringValue()
	r.spend(1 + len(text)/16)
	return text
}

func (v xpathResult) toBoolean() bool {
	switch v.typ {
	case xpathNodes:
		return len(v.nodes) > 0
	case xpathString:
		return v.text != ""
	case xpathNumber:
		return v.number != 0 && !math.IsNaN(v.number)
	default:
		return v.boolean
	}
}

func (v xpathResult) toText(run *xpathRun) string {
	switch v.typ {
	case xpathNodes:
		if len(v.nodes) == 0 {
			return ""
		}
		return run.textOf(v.nodes[0])
	case xpathNumber:
		return xpathNumberText(v.number)
	case xpathBoolean:
		return boolText(v.boolean)
	default:
		return v.text
	}
}

// xpathNumberText writes a number without exponent (XPath 1.0, section 4.2).
func xpathNumberText(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0" // negative zero too
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func (v xpathResult) toNumber(run *xpathRun) float64 {
	switch v.typ {
	case xpathNumber:
		return v.number
	case xpathBoolean:
		if v.boolean {
			return 1
		}
		return 0
	}
	text := strings.TrimFunc(v.toText(run), isXMLSpace)
	// Only a minus sign, digits and a point are a number; ParseFloat knows more.
	if strings.Trim(text, "-.0123456789") != "" {
		return math.NaN()
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return math.NaN()
	}
	return f
}
