package xacml_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt/xacml"
)

// corpusClock is the time that every case is decided at.
var corpusClock = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// TestConformance runs the cases of testdata/xacml, which were written from the
// text of the standard. testdata/xacml/README.md describes their form.
func TestConformance(t *testing.T) {
	files, err := filepath.Glob("../testdata/xacml/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	cases := 0
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(file), "../testdata/xacml/"), ".txtar")
		t.Run(name, func(t *testing.T) {
			suite := corpusSuite(t, file)
			if suite.Comment == "" {
				t.Error("the file does not say what it shows")
			}
			for _, outcome := range suite.Run(corpusClock) {
				cases++
				if len(outcome.Differences) > 0 {
					t.Errorf("%s:%d: %s (%s)\n  %s%s", filepath.Base(file), outcome.Case.Line, outcome.Case.Name, outcome.Request,
						strings.Join(outcome.Differences, "\n  "), statusMessage(outcome.Response))
				}
			}
			cases += runTables(t, file, suite)
		})
	}
	if cases < 300 {
		t.Errorf("%d cases, want at least 300", cases)
	}
	t.Logf("%d cases in %d files", cases, len(files))
}

func corpusSuite(t *testing.T, file string) *xacml.Suite {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := xacml.ParseSuite(file, src, func(path string) ([]byte, error) {
		return os.ReadFile(filepath.Join(filepath.Dir(file), path))
	})
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

func statusMessage(r *xacml.Response) string {
	if len(r.Results) == 0 || r.Results[0].Status.Message == "" {
		return ""
	}
	return "\n  status message: " + r.Results[0].Status.Message
}

// runTables runs the tables of expressions and of combining algorithms: each row
// is made a policy of its own and a suite of one case.
func runTables(t *testing.T, file string, suite *xacml.Suite) (cases int) {
	t.Helper()
	content := ""
	for _, section := range suite.Sections {
		if section.Name == "content" {
			content = string(section.Text)
		}
	}
	for _, section := range suite.Sections {
		var policy func(row string) (text string, err error)
		switch section.Name {
		case "content":
			continue
		case "expressions":
			policy = func(row string) (string, error) { return expressionSuite(row, content) }
		case "combining":
			policy = combiningSuite
		default:
			t.Errorf("%s: section %q is none that a suite has", file, section.Name)
			continue
		}
		for _, row := range section.Rows() {
			cases++
			where := fmt.Sprintf("%s:%d: %s", filepath.Base(file), row.Line, row.Text)
			text, err := policy(row.Text)
			if err != nil {
				t.Errorf("%s: %v", where, err)
				continue
			}
			one, err := xacml.ParseSuite(file, []byte(text), nil)
			if err != nil {
				t.Errorf("%s: %v\n%s", where, err, text)
				continue
			}
			for _, outcome := range one.Run(corpusClock) {
				if len(outcome.Differences) > 0 {
					t.Errorf("%s\n  %s%s", where, strings.Join(outcome.Differences, "\n  "), statusMessage(outcome.Response))
				}
				if refused := outcome.Trace == nil; refused != strings.HasSuffix(row.Text, "=> refused") && section.Name == "expressions" {
					t.Errorf("%s: refused when it was read: %t", where, refused)
				}
			}
		}
	}
	return cases
}

// expressionSuite makes a row "EXPRESSION => VALUES" a suite: a policy that gives
// the expression's values in an obligation.
func expressionSuite(row, content string) (string, error) {
	expression, expected, ok := strings.Cut(row, " => ")
	if !ok {
		return "", fmt.Errorf("write EXPRESSION => VALUES")
	}
	p := &exprParser{text: expression}
	element, err := p.expression()
	if err != nil {
		return "", err
	}
	if p.skip(); p.at < len(p.text) {
		return "", fmt.Errorf("%q is left over", p.text[p.at:])
	}
	want, err := expectedAnswer(expected)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `-- root.xml --
<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" xmlns:md="urn:example:record" PolicyId="p" Version="1.0" RuleCombiningAlgId="rule:deny-overrides">
<PolicyDefaults><XPathVersion>http://www.w3.org/TR/1999/REC-xpath-19991116</XPathVersion></PolicyDefaults>
<Target/><Rule RuleId="r" Effect="Permit"/>
<ObligationExpressions><ObligationExpression ObligationId="o" FulfillOn="Permit">
<AttributeAssignmentExpression AttributeId="v">%s</AttributeAssignmentExpression>
</ObligationExpression></ObligationExpressions></Policy>
`, element)
	if content != "" {
		fmt.Fprintf(&b, `-- request.xml --
<Request xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" ReturnPolicyIdList="false" CombinedDecision="false">
<Attributes Category="cat:resource"><Content>%s</Content></Attributes></Request>
-- response.json --
%s`, content, want.json())
		return b.String(), nil
	}
	fmt.Fprintf(&b, "-- decisions --\nrow: => %s\n", want.short())
	return b.String(), nil
}

// rowAnswer is the expected answer of a row: values, or a status code.
type rowAnswer struct {
	failed bool
	code   string // "" for any
	values []literal
}

type literal struct{ dataType, lexical string }

func (a rowAnswer) short() string {
	if a.failed {
		return "Indeterminate " + strings.TrimSuffix(a.code, "any")
	}
	var list []string
	for _, v := range a.values {
		list = append(list, "v=("+v.dataType+")\""+v.lexical+"\"")
	}
	return "Permit obligation:o(" + strings.Join(list, "; ") + ")"
}

func (a rowAnswer) json() string {
	if a.failed {
		return `{"Response":[{"Decision":"Indeterminate","Status":{"StatusCode":{"Value":"status:` + a.code + `"}}}]}`
	}
	var list []string
	for _, v := range a.values {
		list = append(list, fmt.Sprintf(`{"AttributeId":"v","DataType":%q,"Value":%q}`, v.dataType, v.lexical))
	}
	return `{"Response":[{"Decision":"Permit","Obligations":[{"Id":"o","AttributeAssignment":[` + strings.Join(list, ",") + `]}]}]}`
}

// expectedAnswer reads what stands after the arrow: values, "empty", "error" with
// a status code if it is not processing-error, or "refused".
func expectedAnswer(s string) (rowAnswer, error) {
	switch word, code, _ := strings.Cut(s, " "); word {
	case "refused":
		return rowAnswer{failed: true, code: "any"}, nil
	case "error":
		if code == "" {
			code = "processing-error"
		}
		return rowAnswer{failed: true, code: code}, nil
	case "empty":
		return rowAnswer{}, nil
	}
	var a rowAnswer
	p := &exprParser{text: s}
	for {
		v, ok, err := p.literal()
		if err != nil || !ok {
			return a, fmt.Errorf("%q is no list of values (%v)", s, err)
		}
		a.values = append(a.values, v)
		if p.skip(); p.at == len(p.text) {
			return a, nil
		}
		if p.text[p.at] != ',' {
			return a, fmt.Errorf("a comma is missing before %q", p.text[p.at:])
		}
		p.at++
	}
}

// exprParser reads the short form of expressions and writes them as XACML does.
//
//	expression = function "(" [ argument { "," argument } ] ")" | literal
//	argument   = expression | "&" function
//	function   = [ version ":" ] name            version 1.0 when left out
//	literal    = "..." | 12 | 1.5 | true | false | type'lexical'
type exprParser struct {
	text string
	at   int
}

func (p *exprParser) skip() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

func (p *exprParser) word() string {
	start := p.at
	for p.at < len(p.text) && (p.text[p.at] == '-' || p.text[p.at] == '.' || p.text[p.at] == ':' ||
		p.text[p.at] >= '0' && p.text[p.at] <= '9' || p.text[p.at] >= 'a' && p.text[p.at] <= 'z' || p.text[p.at] >= 'A' && p.text[p.at] <= 'Z') {
		p.at++
	}
	return p.text[start:p.at]
}

func (p *exprParser) expression() (string, error) {
	p.skip()
	if p.at < len(p.text) && p.text[p.at] == '&' {
		p.at++
		return `<Function FunctionId="` + functionID(p.word()) + `"/>`, nil
	}
	start := p.at
	if name := p.word(); name != "" && p.at < len(p.text) && p.text[p.at] == '(' {
		p.at++
		out := `<Apply FunctionId="` + functionID(name) + `">`
		for {
			p.skip()
			if p.at < len(p.text) && p.text[p.at] == ')' {
				p.at++
				return out + "</Apply>", nil
			}
			argument, err := p.expression()
			if err != nil {
				return "", err
			}
			out += argument
			p.skip()
			if p.at < len(p.text) && p.text[p.at] == ',' {
				p.at++
			} else if p.at >= len(p.text) || p.text[p.at] != ')' {
				return "", fmt.Errorf("a ) is missing at %q", p.text[p.at:])
			}
		}
	}
	p.at = start
	v, ok, err := p.literal()
	if err != nil || !ok {
		return "", fmt.Errorf("%q is no expression (%v)", p.text[start:], err)
	}
	category := ""
	if v.dataType == "type:xpathExpression" {
		category = ` XPathCategory="cat:resource"`
	}
	return `<AttributeValue DataType="` + v.dataType + `"` + category + `>` + xmlText(v.lexical) + `</AttributeValue>`, nil
}

func xmlText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func functionID(name string) string {
	if version, rest, ok := strings.Cut(name, ":"); ok {
		return "urn:oasis:names:tc:xacml:" + version + ":function:" + rest
	}
	return "urn:oasis:names:tc:xacml:1.0:function:" + name
}

var literalTypes = map[string]string{
	"rfc822Name": "type:rfc822Name", "x500Name": "type:x500Name", "ipAddress": "type:ipAddress", "dnsName": "type:dnsName",
	"xpath": "type:xpathExpression", "nosuchtype": "urn:example:nosuchtype",
}

func (p *exprParser) literal() (v literal, ok bool, err error) {
	p.skip()
	rest := p.text[p.at:]
	if strings.HasPrefix(rest, `"`) {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return v, false, err
		}
		p.at += len(quoted)
		s, err := strconv.Unquote(quoted)
		return literal{"xs:string", s}, err == nil, err
	}
	word := p.word()
	switch {
	case word == "":
		return v, false, nil
	case p.at < len(p.text) && p.text[p.at] == '\'':
		lexical, _, closed := strings.Cut(p.text[p.at+1:], "'")
		if !closed {
			return v, false, fmt.Errorf("a ' is missing")
		}
		p.at += len(lexical) + 2
		dataType, ok := literalTypes[word]
		if !ok {
			dataType = "xs:" + word
		}
		return literal{dataType, lexical}, true, nil
	case word == "true" || word == "false":
		return literal{"xs:boolean", word}, true, nil
	}
	if _, err := strconv.ParseFloat(word, 64); err != nil {
		return v, false, err
	}
	if strings.ContainsAny(word, ".e") {
		return literal{"xs:double", word}, true, nil
	}
	return literal{"xs:integer", word}, true, nil
}

// combiningSuite makes a row "ALGORITHM CHILD… => DECISION" a suite.
func combiningSuite(row string) (string, error) {
	left, decision, ok := strings.Cut(row, " => ")
	if !ok {
		return "", fmt.Errorf("write ALGORITHM CHILD… => DECISION")
	}
	fields := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(left))
	return "-- root.xml --\n" + combined(fields[0], fields[1:], "s") + "\n-- decisions --\nrow: => " + decision + "\n", nil
}

const (
	failing     = `<Apply FunctionId="f:boolean-one-and-only"><Apply FunctionId="f:boolean-bag"/></Apply>`
	neverTarget = `<Target><AnyOf><AllOf><Match MatchId="f:string-equal"><AttributeValue DataType="xs:string">x</AttributeValue>` +
		`<AttributeDesignator Category="cat:subject" AttributeId="absent" DataType="xs:string" MustBePresent="false"/></Match></AllOf></AnyOf></Target>`
)

var failingTarget = strings.Replace(neverTarget, `MustBePresent="false"`, `MustBePresent="true"`, 1)

// combined writes a policy, or a policy set, with an algorithm over children.
func combined(algorithm string, children []string, id string) string {
	if strings.HasPrefix(algorithm, "rule") {
		var b strings.Builder
		fmt.Fprintf(&b, `<Policy PolicyId="%s" Version="1.0" RuleCombiningAlgId="%s"><Target/>`, id, algorithm)
		for i, kind := range children {
			b.WriteString(childRule(kind, i))
		}
		return b.String() + "</Policy>"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<PolicySet PolicySetId="%s" Version="1.0" PolicyCombiningAlgId="%s"><Target/>`, id, algorithm)
	for i := 0; i < len(children); i++ {
		child := id + "." + strconv.Itoa(i)
		target := "<Target/>"
		if children[i] == "?" {
			target = failingTarget
			i++
		}
		if children[i] == "(" {
			end := i
			for children[end] != ")" {
				end++
			}
			b.WriteString(strings.Replace(combined(children[i+1], children[i+2:end], child), "<Target/>", target, 1))
			i = end
			continue
		}
		b.WriteString(childPolicy(children[i], child))
	}
	return b.String() + "</PolicySet>"
}

func childRule(kind string, i int) string {
	effect, condition := "Permit", ""
	switch kind {
	case "P":
	case "D":
		effect = "Deny"
	case "N":
		condition = `<Condition><AttributeValue DataType="xs:boolean">false</AttributeValue></Condition>`
	case "IP":
		condition = "<Condition>" + failing + "</Condition>"
	case "ID":
		effect, condition = "Deny", "<Condition>"+failing+"</Condition>"
	default:
		panic("no rule is called " + kind)
	}
	return fmt.Sprintf(`<Rule RuleId="r%d" Effect="%s">%s</Rule>`, i, effect, condition)
}

func childPolicy(kind, id string) string {
	policy := func(rules ...string) string { return combined("rule:deny-overrides", rules, id) }
	switch kind {
	case "N":
		return strings.Replace(policy("P"), "<Target/>", neverTarget, 1)
	case "n":
		return policy("N")
	case "IT":
		return strings.Replace(policy("P"), "<Target/>", failingTarget, 1)
	case "IDP":
		return policy("ID", "P")
	}
	return policy(kind)
}
