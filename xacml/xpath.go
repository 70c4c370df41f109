package xacml

// xpath is a compiled XPath 1.0 expression. It is XPath's whole core without two
// things: there are no variables, and no namespace axis. Of XPath 2.0, besides what is
// the same in both, there are "*:name", eq, ne, lt, le, gt and ge, and the functions
// ends-with, upper-case, lower-case, exists, empty and abs.
type xpath struct {
	text string
	expr xpathExpr
}

// The limits of an XPath expression.
const (
	maxXPathText  = 4096      // bytes
	maxXPathDepth = 50        // of parentheses, predicates and arguments inside each other
	maxXPathSteps = 1_000_000 // nodes visited and pieces of text read, in one evaluation
)

// xpathType is the type of an expression, which in XPath 1.0 without variables is
// known when an expression is compiled.
type xpathType uint8

const (
	xpathNodes xpathType = iota
	xpathString
	xpathNumber
	xpathBoolean
)

var xpathTypeNames = [...]string{"a node-set", "a string", "a number", "a boolean"}

func (t xpathType) String() string { return xpathTypeNames[t] }

// xpathExpr is an expression of a known type.
type xpathExpr interface {
	xpathType() xpathType
	eval(c *xpathContext) xpathResult
}

// xpathResult is what an expression gives; its type says which field.
type xpathResult struct {
	typ     xpathType
	nodes   []*xmlNode // in document order, without repetition
	text    string
	number  float64
	boolean bool
}

// xpathContext is where an expression is evaluated.
type xpathContext struct {
	node           *xmlNode
	position, size int
	run            *xpathRun
}

// xpathRun is one evaluation of a whole expression. Once its steps are used up
// everything gives nothing, and the evaluation fails.
type xpathRun struct {
	steps    int
	depleted bool
}

// spend takes n steps and tells whether there were so many.
func (r *xpathRun) spend(n int) bool {
	if r.steps -= n; r.steps < 0 {
		r.depleted = true
	}
	return !r.depleted
}

// xpathStepsPerStep is how many steps of XPath count as one of an evaluation.
const xpathStepsPerStep = 8

// nodes evaluates the expression from a context node, at the evaluation's expense.
func (x *xpath) nodes(ev *evaluation, from *xmlNode) ([]*xmlNode, error) {
	run := &xpathRun{steps: maxXPathSteps}
	got := x.expr.eval(&xpathContext{node: from, position: 1, size: 1, run: run})
	if err := ev.spend(1 + (maxXPathSteps-run.steps)/xpathStepsPerStep); err != nil {
		return nil, err
	}
	if run.depleted {
		return nil, processingError("the XPath expression %q takes more steps than it may", x.text)
	}
	return got.nodes, nil
}

// compileXPath compiles an expression. Prefixes stand for the namespaces given;
// names without prefix have no namespace. Only an expression that gives nodes is
// of use in a policy or request, and others are refused.
func compileXPath(text string, namespaces map[string]string) (*xpath, error) {
	if len(text) > maxXPathText {
		return nil, syntaxError("the XPath expression is %d bytes, and may be %d", len(text), maxXPathText)
	}
	p := xpathParser{text: text, namespaces: namespaces}
	var err error
	if p.tokens, err = scanXPath(text); err != nil {
		return nil, err
	}
	e, err := p.parse()
	if err != nil {
		return nil, err
	}
	if e.xpathType() != xpathNodes {
		return nil, syntaxError("the XPath expression %q gives %s, and must give nodes", text, e.xpathType())
	}
	return &xpath{text, e}, nil
}
