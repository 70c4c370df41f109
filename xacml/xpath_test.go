package xacml

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const xpathSample = `<m:record xmlns:m="urn:m" xmlns="urn:d" xml:lang="nb-NO">` +
	`<m:patient id="p1"><m:name>Ola</m:name><m:dob>1980-01-02</m:dob></m:patient>` +
	`<m:patient id="p2" xml:id="two"><m:name>Kari</m:name><m:dob>1990-01-02</m:dob></m:patient>` +
	`<note n="3">a<!--c--><b>b</b>c<?pi data?></note>` +
	`<x xmlns=""><y>1</y><y>2</y><y>10</y></x>` +
	`</m:record>`

// ample is an evaluation that has only its steps.
func ample() *evaluation { return &evaluation{steps: 1_000_000} }

// found writes what an expression gives: the paths of the nodes.
func found(t *testing.T, text string) string {
	t.Helper()
	c, err := parseContent(xpathSample)
	if err != nil {
		t.Fatal(err)
	}
	x, err := compileXPath(text, map[string]string{"m": "urn:m", "d": "urn:d"})
	if err != nil {
		t.Fatal(err)
	}
	nodes, err := x.nodes(ample(), c.document)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, n := range nodes {
		steps := []string{}
		for ; n.parent != nil; n = n.parent {
			steps = append([]string{n.stepTo()}, steps...)
		}
		paths = append(paths, strings.NewReplacer("ns1:", "", "ns2:", "", "ns3:", "", "[1]", "").Replace("/"+strings.Join(steps, "/")))
	}
	return strings.Join(paths, " ")
}

func TestXPathNodes(t *testing.T) {
	for _, test := range []struct{ path, want string }{
		{"/", "/"},
		{".", "/"},
		{"..", ""},
		{"/m:record", "/record"},
		{"m:record", "/record"},
		{"/record", ""},
		{"/d:record", ""},
		{"//m:patient", "/record/patient /record/patient[2]"},
		{"//m:patient[2]/m:name", "/record/patient[2]/name"},
		{"//m:name[1]", "/record/patient/name /record/patient[2]/name"},
		{"(//m:name)[1]", "/record/patient/name"},
		{"//m:patient[@id='p2']", "/record/patient[2]"},
		{"//m:patient[m:dob > 1985]", ""},
		{"//m:patient[number(substring(m:dob,1,4)) > 1985]/@id", "/record/patient[2]/@id"},
		{"//@id", "/record/patient/@id /record/patient[2]/@id"},
		{"//@*[name()='xml:id']/..", "/record/patient[2]"},
		{"//d:note/text()", "/record/note/text() /record/note/text()[2]"},
		{"//comment()", "/record/note/comment()"},
		{"//processing-instruction('pi')", "/record/note/processing-instruction()"},
		{"//processing-instruction('other')", ""},
		{"//d:note/node()", "/record/note/text() /record/note/comment() /record/note/b /record/note/text()[2] /record/note/processing-instruction()"},
		{"//d:note/node()[last()]", "/record/note/processing-instruction()"},
		{"//y[last()]", "/record/x/y[3]"},
		{"//y[position() != 2]", "/record/x/y /record/x/y[3]"},
		{"//y[. > 1]", "/record/x/y[2] /record/x/y[3]"},
		{"//y[3]/preceding-sibling::y[1]", "/record/x/y[2]"},
		{"(//y[3]/preceding-sibling::y)[1]", "/record/x/y"},
		{"//y[1]/following-sibling::*", "/record/x/y[2] /record/x/y[3]"},
		{"//y/ancestor::*", "/record /record/x"},
		{"//y/..", "/record/x"},
		{"//y[1]/ancestor-or-self::y", "/record/x/y"},
		{"//d:b/following::y[1]", "/record/x/y"},
		{"//d:b/preceding::m:name[1]", "/record/patient[2]/name"},
		{"//d:note/@n/following::d:b", "/record/note/b"},
		{"//d:note/@n/preceding::m:dob", "/record/patient/dob /record/patient[2]/dob"},
		{"//y[2] | //m:patient[1] | //y[2]", "/record/patient /record/x/y[2]"},
		{"/descendant::m:name[2]", "/record/patient[2]/name"},
		{"self::node()/child::m:*", "/record"},
		{"//m:*[self::m:name or self::m:dob][2]", "/record/patient/dob /record/patient[2]/dob"},
		{"id('two none')", "/record/patient[2]"},
		{"//*[lang('nb')][1]", "/record /record/patient /record/patient/name /record/patient[2]/name /record/note/b /record/x/y"},
		{"//*[lang('n')]", ""},
		{"//*[namespace-uri()='' and local-name()='y'][. = 10]", "/record/x/y[3]"},
		{"//y[. = //y[2]]", "/record/x/y[2]"},
		{"//y[. != //y]", "/record/x/y /record/x/y[2] /record/x/y[3]"},
		{"//y[not(. = 1) and . div 2 = 1]", "/record/x/y[2]"},
		{"//x[sum(y) = 13 and count(y) * 2 - 1 = 5 and y mod 2 = 1]", "/record/x"},
		{"//y[-. = -2 and --. = 2]", "/record/x/y[2]"},
		{"//y[starts-with(., '1')][contains(., '0')]", "/record/x/y[3]"},
		{"//m:name[string-length() = 4]", "/record/patient[2]/name"},
		{"/m:record/m:patient [ 1 ] / @id", "/record/patient/@id"},
		{"//*[*]/*[y]", "/record/x"},
	} {
		t.Run(test.path, func(t *testing.T) {
			if diff := cmp.Diff(test.want, found(t, test.path)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Each condition holds by the wording or the examples of XPath 1.0, section 4.
func TestXPathLibrary(t *testing.T) {
	for _, condition := range []string{
		"substring('12345', 2, 3) = '234'",
		"substring('12345', 2) = '2345'",
		"substring('12345', 1.5, 2.6) = '234'",
		"substring('12345', 0, 3) = '12'",
		"substring('12345', 0 div 0, 3) = ''",
		"substring('12345', 1, 0 div 0) = ''",
		"substring('12345', -42, 1 div 0) = '12345'",
		"substring('12345', -1 div 0, 1 div 0) = ''",
		"substring-before('1999/04/01','/') = '1999'",
		"substring-after('1999/04/01','/') = '04/01'",
		"substring-before('abc','x') = ''",
		"substring-after('abc','x') = ''",
		"substring-after('abc','') = 'abc'",
		"translate('bar','abc','ABC') = 'BAr'",
		"translate('--aaa--','abc-','ABC') = 'AAA'",
		"translate('aa','aa','bc') = 'bb'",
		"normalize-space('  a \n b ') = 'a b'",
		"concat('a', 1, true()) = 'a1true'",
		"string(0.10) = '0.1'",
		"string(1 div 0) = 'Infinity'",
		"string(-1 div 0) = '-Infinity'",
		"string(0 div 0) = 'NaN'",
		"string(-0) = '0'",
		"string(100000000000000000000000) = '100000000000000000000000'",
		"string(//none) = ''",
		"string(//y) = '1'",
		"number(' 12 ') = 12",
		"number('-.5') = -0.5",
		"string(number('+1')) = 'NaN'",
		"string(number('1e3')) = 'NaN'",
		"string(number('0x10')) = 'NaN'",
		"number(true()) = 1",
		"boolean('false')",
		"not(boolean(''))",
		"not(boolean(0 div 0))",
		"not(boolean(//none))",
		"floor(-1.5) = -2",
		"ceiling(-1.5) = -1",
		"round(-1.5) = -1",
		"round(2.5) = 3",
		"string(round(0 div 0)) = 'NaN'",
		"5 mod 2 = 1 and 5 mod -2 = 1 and -5 mod 2 = -1 and 1.5 mod 0.5 = 0",
		"'1' < 2 and not('a' < 'b')",
		"true() = 'x'",
		"//none = false()",
		"not(//none = '')",
		"not(//none != '')",
		"//y = '10' and '10' = //y",
		"10 >= //y and //y <= 1",
		"1 < 2 = true()",
		"1 or 0 and 0",
		"name(/*) = 'm:record' and local-name(//@xml:id) = 'id' and namespace-uri(/*) = 'urn:m'",
		"local-name(//comment()) = '' and name(//processing-instruction()) = 'pi'",
		"string(//d:note) = 'abc'",
		"position() = 1 and last() = 1",
		"count(//y | //y) = 3",
		"count(//y/..) = 1",
		"count(//div) = 0 and count(//or) = 0",
	} {
		t.Run(condition, func(t *testing.T) {
			if got := found(t, "/*["+condition+"]"); got != "/record" {
				t.Errorf("does not hold")
			}
		})
	}
}

func TestXPathRefused(t *testing.T) {
	for _, test := range []struct{ path, want string }{
		{"", `cannot be read at character 1: there should be the name of an element or attribute`},
		{"//", `cannot be read at character 3: there should be the name`},
		{"a b", `cannot be read at character 3: an operator is missing`},
		{"a[", `cannot be read at character 3`},
		{"a]", `cannot be read at character 2: the expression should end`},
		{"n:a", `nothing declares the prefix n`},
		{"$x", `there are no variables`},
		{"'a", `a quote is not closed`},
		{"æ/#", `cannot be read at character 3: a character has no meaning here`},
		{"namespace::x", `there is no axis namespace`},
		{"tokenize(a)", `there is no function tokenize`},
		{"count(a, b)", `does not take so many arguments`},
		{"a[count('x')]", `the function count takes nodes`},
		{"count(a)", `gives a number, and must give nodes`},
		{"a = 1", `gives a boolean, and must give nodes`},
		{"'a'/b", `there should be nodes, and there is a string`},
		{"a | 1", `there should be nodes, and there is a number`},
		{"a/count(b)", `a function cannot be a step`},
		{strings.Repeat("(", 60) + "a" + strings.Repeat(")", 60), `lie more than 50 deep`},
		{strings.Repeat("a/", 3000) + "a", `is 6001 bytes, and may be 4096`},
	} {
		t.Run(test.path[:min(len(test.path), 20)], func(t *testing.T) {
			_, err := compileXPath(test.path, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			var e *Error
			if !errors.As(err, &e) || e.Code != StatusSyntaxError {
				t.Errorf("%v is no syntax error", err)
			}
		})
	}
}

// An expression whose work grows with a power of the document's size ends with an
// error, and soon.
func TestXPathIsBounded(t *testing.T) {
	c, err := parseContent("<a>" + strings.Repeat("<b/>", 3000) + "</a>")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"//*[//*[//*[//*]]]", "//b[. = //b[. = //b]]", "//*[count(//*) = count(//*/following::*)]"} {
		x, err := compileXPath(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = x.nodes(ample(), c.document)
		var e *Error
		if !errors.As(err, &e) || e.Code != StatusProcessingError {
			t.Errorf("%s: got %v, want a processing error", path, err)
		}
	}
}

// The path to a node gives that node alone.
func TestPathToNode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, err := parseContent(randomXML(t, 0))
		if err != nil {
			t.Fatal(err)
		}
		walkSubtree(c.document, func(n *xmlNode) bool {
			for _, n := range append([]*xmlNode{n}, n.attributes...) {
				x, err := compileXPath(n.pathTo(), n.pathNamespaces())
				if err != nil {
					t.Fatal(err)
				}
				got, err := x.nodes(ample(), c.document)
				if err != nil || len(got) != 1 || got[0] != n {
					t.Fatalf("%s gives %d nodes, %v", n.pathTo(), len(got), err)
				}
			}
			return true
		})
	})
}

// randomXML writes an element with attributes and children of every kind.
func randomXML(t *rapid.T, depth int) string {
	tags := []string{"a", "b", "p:a", "q:b"}
	name := rapid.SampledFrom(tags).Draw(t, "name")
	var b strings.Builder
	b.WriteString("<" + name + ` xmlns:p="urn:p" xmlns:q="urn:q"`)
	for _, a := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "p:a", "q:a", "xml:lang"}), 0, 3, rapid.ID[string]).Draw(t, "attributes") {
		b.WriteString(" " + a + `="1"`)
	}
	b.WriteString(">")
	for range rapid.IntRange(0, 3-depth).Draw(t, "children") {
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			b.WriteString("text")
		case 1:
			b.WriteString("<!--c-->")
		case 2:
			b.WriteString("<?i x?>")
		default:
			b.WriteString(randomXML(t, depth+1))
		}
	}
	return b.String() + "</" + name + ">"
}

func FuzzXPath(f *testing.F) {
	for _, path := range []string{
		"//m:patient[@id='p2']/m:name", "(//y)[last()] | id('two')", "//y[. > 1 and position() != 2]/ancestor-or-self::*",
		"//*[substring(translate(., 'a', 'b'), 1, 2) = concat('x', -1 div 0)]", "/descendant::node()[count(following::*) mod 2 = 1]",
	} {
		f.Add(path)
	}
	c, err := parseContent(xpathSample)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		x, err := compileXPath(path, map[string]string{"m": "urn:m", "d": "urn:d"})
		if err != nil {
			return
		}
		nodes, err := x.nodes(ample(), c.document)
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%v has no status code", err)
		}
		for i := 1; i < len(nodes); i++ {
			if nodes[i-1].order >= nodes[i].order {
				t.Fatal("the nodes are not in document order, or repeat")
			}
		}
	})
}
