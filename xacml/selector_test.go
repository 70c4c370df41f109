package xacml

import (
	"fmt"
	"strings"
	"testing"
)

// TestAttributeSelector: what selectors in policies find in Content, with the
// namespaces of the policy, and what is missing or wrong (section 7.3.7).
func TestAttributeSelector(t *testing.T) {
	content, err := parseContent(`<m:record xmlns:m="urn:medical"><m:patient id="7"><m:name>Kari</m:name></m:patient><m:patient id="eight"><m:name>Ola</m:name></m:patient></m:record>`)
	if err != nil {
		t.Fatal(err)
	}
	context := func(path string) Attribute {
		v, err := newXPathValue(CategoryResource, path, map[string]string{"q": "urn:medical"})
		if err != nil {
			t.Fatal(err)
		}
		return Attribute{ID: "where", Values: []Value{v}}
	}
	for _, c := range []struct {
		name, selector string
		attribute      Attribute
		content        *Content
		want           Decision
		code           StatusCode
	}{
		{"a name", `Path="/r:record/r:patient/r:name/text()"`, Attribute{}, content, Permit, ""},
		{"another", `Path="/r:record/r:patient[1]/@id"`, Attribute{}, content, Deny, ""},
		{"no such node", `Path="/r:record/r:doctor"`, Attribute{}, content, Deny, ""},
		{"no such node, and needed", `Path="/r:record/r:doctor" MustBePresent="true"`, Attribute{}, content, Indeterminate, StatusMissingAttribute},
		{"no content", `Path="/r:record/r:patient/r:name"`, Attribute{}, nil, Deny, ""},
		{"no content, and needed", `Path="/r:record/r:patient/r:name" MustBePresent="true"`, Attribute{}, nil, Indeterminate, StatusMissingAttribute},
		{"a context", `Path="r:name" ContextSelectorId="where"`, context("/q:record/q:patient[2]"), content, Permit, ""},
		{"another context", `Path="r:name" ContextSelectorId="where"`, context("/q:record/q:patient[1]"), content, Deny, ""},
		{"a context of several", `Path="r:name" ContextSelectorId="where"`, context("//q:patient"), content, Indeterminate, StatusSyntaxError},
		{"no context", `Path="r:name" ContextSelectorId="where"`, Attribute{}, content, Indeterminate, StatusSyntaxError},
	} {
		if !strings.Contains(c.selector, "MustBePresent") {
			c.selector += ` MustBePresent="false"`
		}
		rule := conditionIsIn("Ola", fmt.Sprintf(`<AttributeSelector Category="%s" DataType="%s" %s/>`, CategoryResource, TypeString, c.selector))
		// Deny where the condition is false, so that errors show as Indeterminate.
		p := mustPolicy(t, `<Policy xmlns="`+namespaceXACML+`" xmlns:r="urn:medical" PolicyId="p" Version="1.0" RuleCombiningAlgId="`+ruleAlgorithm1+`first-applicable"><Target/>`+
			rule+ruleOf("otherwise", Deny)+`</Policy>`)
		req := &Request{Categories: []Category{{Category: CategoryResource, Content: c.content, Attributes: []Attribute{c.attribute}}}}
		if got := decideOne(t, req, p); got.Decision != c.want || got.Status.Code != c.code {
			t.Errorf("%s: got %s, %+v, want %s, %s", c.name, got.Decision, got.Status, c.want, c.code)
		}
	}
	// A value that is not of the selector's data-type.
	p := mustPolicy(t, policyOf(ruleAlgorithm3+"permit-overrides", "", ruleOf("r", Permit, `<Target><AnyOf><AllOf><Match MatchId="`+function1+`integer-equal"><AttributeValue DataType="`+string(TypeInteger)+`">7</AttributeValue>`+
		fmt.Sprintf(`<AttributeSelector Category="%s" DataType="%s" Path="//@id" MustBePresent="false"/>`, CategoryResource, TypeInteger)+`</Match></AllOf></AnyOf></Target>`)))
	if got := decideOne(t, &Request{Categories: []Category{{Category: CategoryResource, Content: content}}}, p); got.Decision != Indeterminate || got.Status.Code != StatusProcessingError {
		t.Errorf("a node that is no integer: %+v", got)
	}
	if m := p.Rules()[0].Target.AnyOf[0].AllOf[0].Match[0]; m.Path != "//@id" || m.AttributeID != "" {
		t.Errorf("the view of the selector is %+v", m)
	}
}

// TestXPathLiteral: an xpathExpression in a policy takes the policy's namespaces.
func TestXPathLiteral(t *testing.T) {
	content, err := parseContent(`<record xmlns="urn:medical"><patient/><patient/></record>`)
	if err != nil {
		t.Fatal(err)
	}
	for _, attribute := range []string{"XPathCategory", "x:XPathCategory"} {
		p := mustPolicy(t, `<x:Policy xmlns:x="`+namespaceXACML+`" xmlns:r="urn:medical" PolicyId="p" Version="1.0" RuleCombiningAlgId="`+ruleAlgorithm3+`deny-unless-permit"><x:Target/>
		<x:Rule RuleId="r" Effect="Permit"><x:Condition><x:Apply FunctionId="`+function1+`integer-equal">
			<x:Apply FunctionId="`+function3+`xpath-node-count"><x:AttributeValue DataType="`+string(TypeXPathExpression)+`" `+attribute+`="`+CategoryResource+`"> //r:patient </x:AttributeValue></x:Apply>
			<x:AttributeValue DataType="`+string(TypeInteger)+`">2</x:AttributeValue></x:Apply></x:Condition></x:Rule></x:Policy>`)
		if got := decideOne(t, &Request{Categories: []Category{{Category: CategoryResource, Content: content}}}, p); got.Decision != Permit {
			t.Errorf("%s: got %+v", attribute, got)
		}
	}
	for _, wrong := range []string{
		`<AttributeValue DataType="` + string(TypeXPathExpression) + `">//a</AttributeValue>`,
		`<AttributeValue DataType="` + string(TypeXPathExpression) + `" XPathCategory="c">//a[</AttributeValue>`,
		`<AttributeValue DataType="` + string(TypeXPathExpression) + `" XPathCategory="c">//undeclared:a</AttributeValue>`,
		`<AttributeSelector Category="c" DataType="` + string(TypeString) + `" Path="count(//a)" MustBePresent="false"/>`,
	} {
		if _, err := ParsePolicy("p.xml", []byte(conditionOf(`<Apply FunctionId="`+function3+`xpath-node-count">`+wrong+`</Apply>`))); err == nil {
			t.Errorf("taken: %s", wrong)
		}
	}
}

// TestSeveralDecisions: each individual request has its result, and one that fails
// does not touch the others.
func TestSeveralDecisions(t *testing.T) {
	p := mustPolicy(t, policyOf(ruleAlgorithm3+"deny-unless-permit", "", ruleOf("r", Permit, "<Target>"+anyOf(stringMatch("name", "kari"))+"</Target>")))
	e := NewEngine(Options{Roots: []*Policy{p}})
	req := &Request{Categories: append(requestWith("name", "kari").Categories, requestWith("name", "ola").Categories...)}
	req.Categories[0].ID, req.Categories[1].ID = "k", "o"
	decisions := func() string {
		var s []string
		for _, r := range e.Evaluate(req, testNow).Results {
			s = append(s, r.Decision.String())
		}
		_, trace := e.Explain(req, testNow)
		if !req.CombinedDecision && len(trace.Requests) != len(s) {
			t.Errorf("%d results and %d traces", len(s), len(trace.Requests))
		}
		return strings.Join(s, " ")
	}
	if got := decisions(); got != "Permit Deny" {
		t.Errorf("two subjects: %s", got)
	}
	req.References = [][]string{{"o"}, {"nobody"}, {"k"}, {"k"}}
	if got := decisions(); got != "Deny Indeterminate Permit Permit" {
		t.Errorf("references: %s", got)
	}
	req.CombinedDecision = true
	if got := decisions(); got != "Indeterminate" {
		t.Errorf("combined: %s", got)
	}
	req.References = [][]string{{"k"}, {"k"}}
	if got := decisions(); got != "Permit" {
		t.Errorf("combined of like ones: %s", got)
	}
}
