package xacml

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// functionClock is the clock of evaluations in tests: two hours east of UTC.
var functionClock = time.Date(2026, 6, 24, 10, 30, 0, 0, time.FixedZone("", 2*60*60))

func newTestEvaluation() *evaluation {
	return &evaluation{now: functionClock, steps: 1_000_000}
}

// functionCase is a line of a table such as
//
//	integer-add 1 2 = 3
//
// A function is named as in its identifier, with "1.0:" and so on before it where
// the name alone is not enough. Its arguments, and what it gives, are written:
//
//	"text"               a string
//	12  1.5E0  true      an integer, a double (which has a "."), a boolean
//	date:"2026-02-28"    a value of another type
//	date["…" "…"]        a bag
//	@string-equal        a function
//	!boolean             an expression that fails
//	~boolean             an expression that must not be evaluated
//
// In place of a result may stand syntax-error or processing-error, the status code
// of Indeterminate, or "refused" when the arguments are of wrong types.
type functionCase struct {
	line string
	id   string
	args []expression
	want string // an error, or
	give result
}

var caseToken = regexp.MustCompile(`[A-Za-z0-9]+\[|\]|(?:[A-Za-z0-9]+:)?"(?:[^"\\]|\\.)*"|[^\s\]]+`)

func parseFunctionCase(t *testing.T, line string) functionCase {
	t.Helper()
	tokens := caseToken.FindAllString(line, -1)
	c := functionCase{line: line, id: functionNamed(t, tokens[0])}
	tokens = tokens[1:]
	for tokens[0] != "=" {
		var arg expression
		arg, tokens = parseTestArgument(t, line, tokens)
		c.args = append(c.args, arg)
	}
	tokens = tokens[1:]
	switch tokens[0] {
	case "syntax-error", "processing-error", "refused":
		c.want = tokens[0]
		tokens = tokens[1:]
	default:
		var want expression
		want, tokens = parseTestArgument(t, line, tokens)
		c.give, _ = want.eval(nil)
	}
	if len(tokens) > 0 {
		t.Fatalf("%s: %q is left over", line, tokens)
	}
	return c
}

// functionNamed returns the identifier that ends with the name: that of the newest
// version, if the name does not tell.
func functionNamed(t *testing.T, name string) string {
	t.Helper()
	for _, version := range []string{"", "3.0:function:", "2.0:function:", "1.0:function:"} {
		id := "urn:oasis:names:tc:xacml:" + version + strings.Replace(name, ".0:", ".0:function:", 1)
		if lookupFunction(id) != nil {
			return id
		}
	}
	t.Fatalf("there is no function %s", name)
	return ""
}

func parseTestArgument(t *testing.T, line string, tokens []string) (expression, []string) {
	t.Helper()
	token, rest := tokens[0], tokens[1:]
	switch {
	case strings.HasSuffix(token, "["):
		kind := typeNamed(strings.TrimSuffix(token, "["))
		bag := result{isBag: true}
		for rest[0] != "]" {
			bag.bag = append(bag.bag, parseTestValue(t, line, kind, rest[0]))
			rest = rest[1:]
		}
		return testExpression{kind: bagOf(kind), gives: bag}, rest[1:]
	case token[0] == '@':
		f := lookupFunction(functionNamed(t, token[1:]))
		return testExpression{kind: exprType{Func: f}, gives: result{fn: f}}, rest
	case token[0] == '!':
		return testExpression{kind: single(typeNamed(token[1:])), fails: errTest}, rest
	case token[0] == '~':
		return testExpression{kind: single(typeNamed(token[1:])), fails: errors.New("this was not to be evaluated")}, rest
	}
	kind := TypeString
	switch name, lexical, ok := strings.Cut(token, `:"`); {
	case ok && name != "" && name[0] != '"':
		kind, token = typeNamed(name), `"`+lexical
	case token == "true" || token == "false":
		kind = TypeBoolean
	case token[0] == '"':
	case strings.Contains(token, "."):
		kind = TypeDouble
	default:
		kind = TypeInteger
	}
	v := parseTestValue(t, line, kind, token)
	return testExpression{kind: single(v.Type()), gives: result{value: v}}, rest
}

func parseTestValue(t *testing.T, line string, kind Type, token string) Value {
	t.Helper()
	if token[0] == '"' {
		var err error
		if token, err = strconv.Unquote(token); err != nil {
			t.Fatalf("%s: %s", line, err)
		}
	}
	v, err := ParseValue(kind, token)
	if err != nil {
		t.Fatalf("%s: %s", line, err)
	}
	return v
}

var errTest = processingError("this expression fails")

type testExpression struct {
	kind  exprType
	gives result
	fails error
}

func (e testExpression) exprType() exprType               { return e.kind }
func (e testExpression) eval(*evaluation) (result, error) { return e.gives, e.fails }

// evaluateFunction does what an Apply element does.
func evaluateFunction(ev *evaluation, f *function, args []expression) (result, error) {
	if f.lazy != nil {
		return f.lazy(ev, args)
	}
	values := make([]result, len(args))
	for i, arg := range args {
		var err error
		if values[i], err = arg.eval(ev); err != nil {
			return result{}, err
		}
	}
	return f.call(ev, values)
}

func (c functionCase) run(t *testing.T, id string) {
	t.Helper()
	f := lookupFunction(id)
	types := make([]exprType, len(c.args))
	for i, arg := range c.args {
		types[i] = arg.exprType()
	}
	returns, err := f.check(types)
	if (err != nil) != (c.want == "refused") {
		t.Errorf("%s: check says %v", c.line, err)
	}
	if err != nil {
		return
	}
	got, err := evaluateFunction(newTestEvaluation(), f, c.args)
	c.compare(t, got, err)
	if err == nil && (got.isBag != returns.Bag || !got.isBag && got.value.Type() != returns.Type) {
		t.Errorf("%s: gives %s, and promised %s", c.line, show(got), returns)
	}
	if f.bind != nil {
		first, _ := c.args[0].eval(nil)
		got, err := evaluateFunction(newTestEvaluation(), f.bind(first.value), c.args)
		c.compare(t, got, err)
	}
}

func (c functionCase) compare(t *testing.T, got result, err error) {
	t.Helper()
	if err != nil {
		var failure *Error
		if !errors.As(err, &failure) || !strings.HasSuffix(string(failure.Code), ":"+c.want) || c.want == "" {
			t.Errorf("%s: fails with %v", c.line, err)
		}
		return
	}
	if c.want != "" || show(got) != show(c.give) {
		t.Errorf("%s: gives %s", c.line, show(got))
	}
}

// show writes a result so that equal ones look alike, whatever order their bags are
// in.
func show(r result) string {
	if !r.isBag {
		return fmt.Sprintf("%s:%q", r.value.Type().name(), r.value)
	}
	members := []string{}
	for _, v := range r.bag {
		members = append(members, fmt.Sprintf("%s:%q", v.Type().name(), v))
	}
	slices.Sort(members)
	return fmt.Sprint(members)
}

// TestFunctions runs the tables, each case under the earlier identifier of its
// function too, and holds that no function is without a case.
func TestFunctions(t *testing.T) {
	replacedBy := map[string]string{}
	for replaced, id := range replacedFunctions() {
		replacedBy[id] = replaced
	}
	tried := map[string]bool{}
	run := func(t *testing.T, line string) {
		c := parseFunctionCase(t, line)
		c.run(t, c.id)
		tried[c.id] = true
		if replaced, ok := replacedBy[c.id]; ok {
			c.run(t, replaced)
			tried[replaced] = true
		}
	}
	for _, family := range functionCases {
		t.Run(family.name, func(t *testing.T) {
			for line := range strings.Lines(family.cases) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
					run(t, line)
				}
			}
		})
	}
	t.Run("bags and sets of each type", func(t *testing.T) {
		for _, sample := range typeSamples {
			for line := range strings.Lines(bagCases) {
				line = strings.TrimSpace(line)
				if line == "" || strings.Contains(line, "same") && sample.same == "" {
					continue
				}
				if operation, _, _ := strings.Cut(line, " "); !hasEquality(typeNamed(sample.name)) && needsEquality[operation] {
					continue
				}
				line = strings.NewReplacer(
					"TYPE", sample.name,
					"same:", sample.name+":"+strconv.Quote(sample.same),
					"same,", strconv.Quote(sample.same),
					"a:", sample.name+":"+strconv.Quote(sample.a),
					"b:", sample.name+":"+strconv.Quote(sample.b),
					"a,", strconv.Quote(sample.a),
					"b,", strconv.Quote(sample.b),
				).Replace(line)
				run(t, line)
			}
		}
	})
	for _, id := range functionIDs() {
		if !tried[id] && !strings.Contains(id, ":xpath") && !strings.HasSuffix(id, ":access-permitted") { // which have tests of their own
			t.Errorf("%s is in no table", id)
		}
	}
}

// needsEquality are the operations that only types with an equality function have.
var needsEquality = map[string]bool{
	"TYPE-is-in": true, "TYPE-intersection": true, "TYPE-at-least-one-member-of": true,
	"TYPE-union": true, "TYPE-subset": true, "TYPE-set-equals": true,
}

func TestBagsOfXPathExpressions(t *testing.T) {
	a, err := newXPathValue(CategoryResource, "//a", nil)
	if err != nil {
		t.Fatal(err)
	}
	one := testExpression{bagOf(TypeXPathExpression), result{isBag: true, bag: []Value{a}}, nil}
	for _, test := range []struct {
		name string
		arg  expression
		want string
	}{
		{"xpathExpression-one-and-only", one, show(result{value: a})},
		{"xpathExpression-bag-size", one, show(result{value: Integer(1)})},
		{"xpathExpression-bag", constant{a}, show(one.gives)},
	} {
		f := lookupFunction(function3 + test.name)
		if _, err := f.check([]exprType{test.arg.exprType()}); err != nil {
			t.Error(err)
		}
		got, err := evaluateFunction(newTestEvaluation(), f, []expression{test.arg})
		if err != nil || show(got) != test.want {
			t.Errorf("%s gives %s, %v", test.name, show(got), err)
		}
	}
}
