package xacml

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// individuals writes each individual request on a line: category or id, and the
// first attribute's value; or its fault.
func individuals(t *testing.T, src string) []string {
	t.Helper()
	req, _, err := ParseRequestJSON([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	requests, err := req.individual()
	if err != nil {
		return []string{"all: " + err.Error()}
	}
	var out []string
	for _, r := range requests {
		if r.References != nil {
			t.Error("an individual request refers to others")
		}
		if r.fault != nil {
			out = append(out, "fault: "+r.fault.Message)
			continue
		}
		var parts []string
		for _, c := range r.Categories {
			part := c.ID
			for _, a := range c.Attributes {
				part += fmt.Sprintf("(%s %s)", a.ID[strings.LastIndex(a.ID, ":")+1:], a.Values[0])
			}
			parts = append(parts, part)
		}
		out = append(out, strings.Join(parts, " "))
	}
	return out
}

func TestIndividualRequests(t *testing.T) {
	const selector = `{"AttributeId":"urn:oasis:names:tc:xacml:3.0:profile:multiple:content-selector","IncludeInResult":true,
		"Value":{"XPathCategory":"Resource","Namespaces":[{"Prefix":"m","Namespace":"urn:m"}],"XPath":"%s"}}`
	const content = `"Content":"<m:a xmlns:m='urn:m'><b>1</b><b x='2'/></m:a>"`
	inContent := func(path string) string {
		return `{"Request":{"AccessSubject":[{"Id":"s"}],"Resource":[{"Id":"r",` + content + `,"Attribute":[{"AttributeId":"a","Value":"v"},` + fmt.Sprintf(selector, path) + `]}]}}`
	}
	for _, test := range []struct {
		name, src string
		want      []string
	}{
		{"one", `{"Request":{"AccessSubject":{"Id":"s"},"Resource":{"Id":"r"}}}`, []string{"s r"}},
		{"none", `{"Request":{}}`, []string{""}},
		{"references, in their order", `{"Request":{"AccessSubject":{"Id":"s"},"Resource":[{"Id":"r1"},{"Id":"r2"}],
			"MultiRequests":{"RequestReference":[{"ReferenceId":["r2","s"]},{"ReferenceId":["s","r1"]}]}}}`, []string{"r2 s", "s r1"}},
		{"one reference that leads nowhere", `{"Request":{"AccessSubject":{"Id":"s"},"Resource":[{"Id":"r1"},{}],
			"MultiRequests":{"RequestReference":[{"ReferenceId":["s","r3"]},{"ReferenceId":["s","r1"]},{"ReferenceId":[]}]}}}`,
			[]string{"fault: the reference 1 names an Id that no category has", "s r1", "fault: the reference 3 names no category"}},
		{"two categories of one Id", `{"Request":{"Resource":[{"Id":"r1"},{"Id":"r1"}],"MultiRequests":{"RequestReference":[{"ReferenceId":["r1"]}]}}}`,
			[]string{"all: two categories have the same Id"}},
		{"repeated categories", `{"Request":{"AccessSubject":[{"Id":"s1"},{"Id":"s2"}],"Resource":[{"Id":"r1"},{"Id":"r2"}],"Action":{"Id":"a"}}}`,
			[]string{"s1 r1 a", "s1 r2 a", "s2 r1 a", "s2 r2 a"}},
		{"a reference to repeated categories", `{"Request":{"AccessSubject":{"Id":"s"},"Resource":[{"Id":"r1"},{"Id":"r2"},{"Id":"r3"}],
			"MultiRequests":{"RequestReference":[{"ReferenceId":["s","r1","r3"]},{"ReferenceId":["s","r2"]}]}}}`, []string{"s r1", "s r3", "s r2"}},
		{"nodes of content", inContent("m:a/b"), []string{
			"s r(a v)(content-selector /ns1:a[1]/b[1])", "s r(a v)(content-selector /ns1:a[1]/b[2])"}},
		{"an attribute of content", inContent("//@x"), []string{"s r(a v)(content-selector /ns1:a[1]/b[2]/@x)"}},
		{"no node of content", inContent("c"), []string{"fault: a multiple content selector gives no node"}},
		{"a selector without content", `{"Request":{"Resource":{"Attribute":` + fmt.Sprintf(selector, "a") + `}}}`, []string{"fault: a category has a multiple content selector and no Content"}},
		{"a selector of another category", `{"Request":{"Action":{` + content + `,"Attribute":` + fmt.Sprintf(selector, "a") + `}}}`, []string{"fault: a multiple content selector is about another category than its own"}},
		{"a selector that is a string", `{"Request":{"Resource":{` + content + `,"Attribute":{"AttributeId":"urn:oasis:names:tc:xacml:3.0:profile:multiple:content-selector","Value":"a"}}}}`,
			[]string{"fault: a multiple content selector is not an xpathExpression"}},
		{"the resource alone", `{"Request":{"Resource":{"Id":"r","Attribute":{"AttributeId":"urn:oasis:names:tc:xacml:2.0:resource:scope","Value":"Immediate"}}}}`, []string{"r(scope Immediate)"}},
		{"what is below a resource", `{"Request":{"Resource":{"Attribute":{"AttributeId":"urn:oasis:names:tc:xacml:2.0:resource:scope","Value":"Descendants"}}}}`,
			[]string{"fault: the scope of a resource is not supported; ask for each resource"}},
		{"too many combinations", `{"Request":{"AccessSubject":[` + strings.Repeat("{},", 100) + `{}],"Resource":[` + strings.Repeat("{},", 100) + `{}]}}`,
			[]string{"all: the request asks for more than 10000 decisions"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, individuals(t, test.src)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The individual requests of a content selector say which node they are about, in
// the place of the selector and as it asked to have it back.
func TestContentSelectorIsSentBack(t *testing.T) {
	req, err := ParseRequestXML([]byte(inRequest(`<Attributes Category="` + CategoryResource + `"><Content><m:a xmlns:m="urn:m"><m:b>x</m:b><m:b>y</m:b></m:a></Content>
		<Attribute AttributeId="` + attributeMultipleContentSelector + `" IncludeInResult="true"><AttributeValue xmlns:k="urn:m" XPathCategory="` + CategoryResource + `" DataType="` + string(TypeXPathExpression) + `">k:a/k:b</AttributeValue></Attribute></Attributes>`)))
	if err != nil {
		t.Fatal(err)
	}
	requests, err := req.individual()
	if err != nil || len(requests) != 2 {
		t.Fatalf("%d requests, %v", len(requests), err)
	}
	for i, r := range requests {
		back := includeInResult(r)
		if len(back) != 1 || len(back[0].Attributes) != 1 || back[0].Content != nil || back[0].Attributes[0].ID != attributeContentSelector {
			t.Fatalf("sent back: %+v", back)
		}
		values, err := ample().selectNodes(r.Categories[0].Content, back[0].Attributes[0].Values[0].(*xpathValue).path, nil, TypeString)
		if err != nil || len(values) != 1 || values[0].String() != []string{"x", "y"}[i] {
			t.Errorf("request %d is about %v, %v", i, values, err)
		}
	}
	if req.Categories[0].Attributes[0].ID != attributeMultipleContentSelector {
		t.Error("the request itself was changed")
	}
}

func TestIncludeInResult(t *testing.T) {
	one := []Value{String("x")}
	req := &Request{Categories: []Category{
		{Category: "c1", ID: "i", Content: &Content{}, Attributes: []Attribute{{ID: "a", Values: one}, {ID: "b", IncludeInResult: true, Issuer: "x", Values: one}}},
		{Category: "c2", Attributes: []Attribute{{ID: "a", Values: one}, {ID: "none", IncludeInResult: true}}},
	}}
	want := []Category{{Category: "c1", ID: "i", Attributes: []Attribute{{ID: "b", IncludeInResult: true, Issuer: "x", Values: one}}}}
	if diff := cmp.Diff(want, includeInResult(req)); diff != "" {
		t.Error(diff)
	}
}

func TestCombinedDecision(t *testing.T) {
	permit, deny := Result{Decision: Permit, Policies: []PolicyRef{{ID: "p"}}}, Result{Decision: Deny}
	dutiful := Result{Decision: Permit, Obligations: []Directive{{ID: "o"}}}
	advised := Result{Decision: Permit, Advice: []Directive{{ID: "a"}}}
	for _, test := range []struct {
		name    string
		results []Result
		want    Decision
		code    StatusCode
	}{
		{"all permit", []Result{permit, permit}, Permit, StatusOK},
		{"all deny", []Result{deny, deny}, Deny, StatusOK},
		{"none applies", []Result{{}, {}}, NotApplicable, StatusOK},
		{"they differ", []Result{permit, deny}, Indeterminate, StatusProcessingError},
		{"one does not apply", []Result{permit, {}}, Indeterminate, StatusProcessingError},
		{"one is indeterminate", []Result{{Decision: Indeterminate}, {Decision: Indeterminate}}, Indeterminate, StatusProcessingError},
		{"an obligation", []Result{permit, dutiful}, Indeterminate, StatusProcessingError},
		{"advice", []Result{advised, permit}, Indeterminate, StatusProcessingError},
		{"nothing", nil, Indeterminate, StatusProcessingError},
	} {
		got := combineResults(test.results)
		if got.Decision != test.want || got.Status.Code != test.code || got.Obligations != nil || got.Advice != nil || got.Policies != nil {
			t.Errorf("%s: got %+v", test.name, got)
		}
	}
}

func TestSelectNodes(t *testing.T) {
	content, err := parseContent(`<m:a xmlns:m="urn:m"><b n="1"><c>10</c></b><b n="2"><c>20</c><c>x</c></b></m:a>`)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"k": "urn:m"}
	compile := func(text string) *xpath {
		x, err := compileXPath(text, names)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	context := func(text string) *xpathValue { return mustXPath(t, "c", text, names).(*xpathValue) }
	for _, test := range []struct {
		name    string
		content *Content
		path    string
		context *xpathValue
		typ     Type
		want    string
		code    StatusCode
	}{
		{"no content", nil, "k:a", nil, TypeString, "", ""},
		{"no node", content, "k:a/x", nil, TypeInteger, "", ""},
		{"from the document", content, "k:a/b/@n", nil, TypeInteger, "1 2", ""},
		{"the text of an element", content, "k:a/b[1]", nil, TypeString, "10", ""},
		{"from the context", content, "c", context("k:a/b[1]"), TypeInteger, "10", ""},
		{"absolutely in spite of the context", content, "/k:a/b/@n", context("k:a/b[1]"), TypeInteger, "1 2", ""},
		{"a context of no node", content, "c", context("k:a/x"), TypeInteger, "", StatusSyntaxError},
		{"a context of two nodes", content, "c", context("k:a/b"), TypeInteger, "", StatusSyntaxError},
		{"a node of another type", content, "//c", nil, TypeInteger, "", StatusProcessingError},
		{"the document itself", content, "/", nil, TypeString, "", StatusSyntaxError},
		{"expressions", content, "//c", nil, TypeXPathExpression, "", StatusProcessingError},
	} {
		t.Run(test.name, func(t *testing.T) {
			values, err := ample().selectNodes(test.content, compile(test.path), test.context, test.typ)
			var got []string
			for _, v := range values {
				got = append(got, v.String())
			}
			var e *Error
			errors.As(err, &e)
			switch {
			case test.code == "" && err != nil, test.code != "" && (e == nil || e.Code != test.code):
				t.Errorf("error %v, want %q", err, test.code)
			case test.code == "" && strings.Join(got, " ") != test.want:
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestContextSelector(t *testing.T) {
	of := func(category string, values ...Value) *Category {
		return &Category{Category: category, Attributes: []Attribute{{ID: "other"}, {ID: "id", Values: values}}}
	}
	one := mustXPath(t, "c", "a", nil)
	if x, err := of("c", String("a"), one).contextSelector("id"); err != nil || x != one {
		t.Errorf("got %v, %v", x, err)
	}
	for name, c := range map[string]*Category{"none": of("c"), "another type": of("c", String("a")), "two": of("c", one, one), "another category": of("d", one)} {
		if _, err := c.contextSelector("id"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestXPathFunctions(t *testing.T) {
	content, err := parseContent(`<m:a xmlns:m="urn:m"><b n="1"><c>text</c></b><b/></m:a>`)
	if err != nil {
		t.Fatal(err)
	}
	ev := &evaluation{steps: 10_000, request: &Request{Categories: []Category{{Category: "r", Content: content}, {Category: "none"}}}}
	names := map[string]string{"m": "urn:m"}
	call := func(name string, paths ...string) string {
		t.Helper()
		var args []result
		var types []exprType
		for _, p := range paths {
			category, path, _ := strings.Cut(p, " ")
			args = append(args, result{value: mustXPath(t, category, path, names)})
			types = append(types, single(TypeXPathExpression))
		}
		f := lookupFunction(function3 + name)
		if _, err := f.check(types); err != nil {
			t.Fatal(err)
		}
		got, err := f.call(ev, args)
		if err != nil {
			t.Fatal(err)
		}
		return got.value.String()
	}
	for _, test := range []struct {
		name  string
		paths []string
		want  string
	}{
		{"xpath-node-count", []string{"r //b"}, "2"},
		{"xpath-node-count", []string{"r //x"}, "0"},
		{"xpath-node-count", []string{"none //b"}, "0"},
		{"xpath-node-count", []string{"absent //b"}, "0"},
		{"xpath-node-equal", []string{"r //b", "r m:a/b[2]"}, "true"},
		{"xpath-node-equal", []string{"r //b[1]", "r //b[2]"}, "false"},
		{"xpath-node-equal", []string{"r m:a", "r //b"}, "false"},
		{"xpath-node-equal", []string{"none /", "none /"}, "false"},
		{"xpath-node-match", []string{"r m:a", "r //b"}, "true"},
		{"xpath-node-match", []string{"r m:a", "r //@n"}, "true"},
		{"xpath-node-match", []string{"r //b", "r m:a"}, "false"},
		{"xpath-node-match", []string{"r //b[2]", "r //c"}, "false"},
		{"xpath-node-match", []string{"r m:a", "r //text()"}, "false"},
		{"xpath-node-match", []string{"r //text()", "r //text()"}, "true"},
	} {
		if got := call(test.name, test.paths...); got != test.want {
			t.Errorf("%s of %q is %s, want %s", test.name, test.paths, got, test.want)
		}
	}
	if _, err := lookupFunction(function3 + "xpath-node-count").check([]exprType{single(TypeString)}); err == nil {
		t.Error("a string is taken for an expression")
	}
}

// Each decision of a request may take what one may, and all together ten times as
// much: those after that are Indeterminate, and those before are not touched.
func TestManyDecisionsAreBounded(t *testing.T) {
	p := mustPolicy(t, policyOf(ruleAlgorithm3+"deny-unless-permit", "", ruleOf("r", Permit)))
	decide := func(steps, n int) []Result {
		req := &Request{Categories: []Category{{ID: "s", Category: CategoryAccessSubject}}}
		for range n {
			req.References = append(req.References, []string{"s"})
		}
		return NewEngine(Options{Roots: []*Policy{p}, Limits: Limits{Steps: steps}}).Evaluate(req, testNow).Results
	}
	least := 1
	for decide(least, 1)[0].Decision != Permit {
		least++
	}
	for i, r := range decide(least, 12) {
		want, code := Permit, StatusCode("")
		if i >= 10 {
			want, code = Indeterminate, StatusProcessingError
		}
		if r.Decision != want || r.Status.Code != code {
			t.Errorf("decision %d is %s, %+v", i+1, r.Decision, r.Status)
		}
	}
}

// A request in XML with everything that belongs to notations and profiles is
// decided by a policy that looks at the selected node, and answered in JSON.
func TestContentIsDecided(t *testing.T) {
	p := mustPolicy(t, `<Policy xmlns="`+namespaceXACML+`" xmlns:k="urn:m" PolicyId="p" Version="1.0" RuleCombiningAlgId="`+ruleAlgorithm3+`deny-unless-permit"><Target/>
		<Rule RuleId="open" Effect="Permit"><Condition><Apply FunctionId="`+function3+`xpath-node-match">
			<AttributeValue DataType="`+string(TypeXPathExpression)+`" XPathCategory="`+CategoryResource+`">k:a/k:open</AttributeValue>
			<Apply FunctionId="`+function3+`xpathExpression-one-and-only">
				<AttributeDesignator Category="`+CategoryResource+`" AttributeId="`+attributeContentSelector+`" DataType="`+string(TypeXPathExpression)+`" MustBePresent="true"/></Apply>
		</Apply></Condition></Rule></Policy>`)
	req, err := ParseRequestXML([]byte(inRequest(`<Attributes Category="` + CategoryResource + `"><Content><a xmlns="urn:m"><open><b/></open><shut><b/></shut></a></Content>
		<Attribute AttributeId="` + attributeMultipleContentSelector + `" IncludeInResult="true"><AttributeValue xmlns:m="urn:m" XPathCategory="` + CategoryResource + `" DataType="` + string(TypeXPathExpression) + `">//m:b</AttributeValue></Attribute></Attributes>`)))
	if err != nil {
		t.Fatal(err)
	}
	response := NewEngine(Options{Roots: []*Policy{p}}).Evaluate(req, testNow)
	var got []string
	for _, r := range response.Results {
		got = append(got, r.Decision.String()+" "+r.Categories[0].Attributes[0].Values[0].String())
	}
	want := []string{"Permit /ns1:a[1]/ns2:open[1]/ns3:b[1]", "Deny /ns1:a[1]/ns2:shut[1]/ns3:b[1]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if again, err := ParseResponseJSON(response.JSON(DialectProfile)); err != nil || len(again.Results) != 2 {
		t.Errorf("the answer is %v, %v", again, err)
	}
}
