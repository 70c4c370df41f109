package xacml

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// around puts something into a policy of which it is line 3.
func around(inside string) string {
	return `<Policy xmlns="` + namespaceXACML + `" PolicyId="p" Version="1.0" RuleCombiningAlgId="` + ruleAlgorithm3 + `deny-overrides">
<Target/>
` + inside + `
</Policy>`
}

func conditionOf(inside string) string {
	return around(`<Rule RuleId="r" Effect="Permit"><Condition>` + inside + `</Condition></Rule>`)
}

const stringType = ` DataType="http://www.w3.org/2001/XMLSchema#string"`

// TestParsePolicyRefuses: what is wrong is told with its line.
func TestParsePolicyRefuses(t *testing.T) {
	head := `<Policy xmlns="` + namespaceXACML + `" PolicyId="p" Version="1.0" RuleCombiningAlgId="` + ruleAlgorithm3 + `deny-overrides"`
	for _, c := range []struct {
		name, policy string
		line         int
		reason       string // part of it
	}{
		{"nothing", "", 0, "no element"},
		{"not XML", "{}", 1, "text stands outside"},
		{"unclosed", head + ">\n<Target/>", 2, "XML: "},
		{"entity", around(`<Rule RuleId="&amp;&lol;" Effect="Permit"/>`), 3, "entity"},
		{"document type", "<!DOCTYPE Policy [<!ENTITY lol 'lol'>]>\n" + around(""), 1, "document type"},
		{"two roots", around("") + "\n<Policy/>", 5, "second element"},
		{"text between", around("loose"), 3, "text where"},
		{"other root", `<Request xmlns="` + namespaceXACML + `"/>`, 1, "must be Policy or PolicySet"},
		{"XACML 2.0", `<Policy xmlns="urn:oasis:names:tc:xacml:2.0:policy:schema:os"/>`, 1, "only XACML 3.0"},
		{"no namespace", `<Policy/>`, 1, "namespace"},
		{"foreign element", around("\n<x xmlns='urn:x'/>"), 4, "namespace"},
		{"no id", `<Policy xmlns="` + namespaceXACML + `" Version="1.0"/>`, 1, "lacks its PolicyId"},
		{"no version", `<Policy xmlns="` + namespaceXACML + `" PolicyId="p" RuleCombiningAlgId="x"/>`, 1, "lacks its Version"},
		{"bad version", strings.Replace(around(""), `"1.0"`, `"1.a"`, 1), 1, "1.a"},
		{"unknown attribute", strings.Replace(around(""), `Version`, `Colour="red" Version`, 1), 1, "no attribute Colour"},
		{"attribute twice", strings.Replace(around(""), `Version`, `PolicyId="q" Version`, 1), 1, "twice"},
		{"unknown algorithm", strings.Replace(around(""), `deny-overrides`, `nobody-overrides`, 1), 1, "combining algorithm"},
		{"only-one-applicable rules", strings.Replace(around(""), ruleAlgorithm3+"deny-overrides", policyAlgorithm1+"only-one-applicable", 1), 1, "combining algorithm of a Policy"},
		{"delegation depth", strings.Replace(around(""), `Version`, `MaxDelegationDepth="deep" Version`, 1), 1, "MaxDelegationDepth"},
		{"no target", head + ">\n</Policy>", 1, "lacks its Target"},
		{"rule before target", head + ">\n<Rule RuleId='r' Effect='Permit'/><Target/></Policy>", 2, "needs Target here, not Rule"},
		{"two targets", around("<Target/>"), 3, "Target does not belong here"},
		{"issuer", head + ">\n<PolicyIssuer/><Target/></Policy>", 2, "Administration and Delegation"},
		{"no rule id", around(`<Rule Effect="Permit"/>`), 3, "lacks its RuleId"},
		{"no effect", around(`<Rule RuleId="r"/>`), 3, "lacks its Effect"},
		{"bad effect", around(`<Rule RuleId="r" Effect="permit"/>`), 3, "either Permit or Deny"},
		{"condition before target", around(`<Rule RuleId="r" Effect="Permit"><Condition><AttributeValue DataType="` + string(TypeBoolean) + `">true</AttributeValue></Condition><Target/></Rule>`), 3, "Target does not belong here in Rule"},
		{"empty AnyOf", around(`<Rule RuleId="r" Effect="Permit"><Target><AnyOf/></Target></Rule>`), 3, "lacks its AllOf"},
		{"empty AllOf", around(`<Rule RuleId="r" Effect="Permit"><Target><AnyOf><AllOf/></AnyOf></Target></Rule>`), 3, "lacks its Match"},
		{"match without attribute", around(`<Rule RuleId="r" Effect="Permit"><Target><AnyOf><AllOf><Match MatchId="` + function1 + `string-equal"><AttributeValue` + stringType + `>x</AttributeValue></Match></AllOf></AnyOf></Target></Rule>`), 3, "lacks its AttributeDesignator"},
		{"match of unknown function", around(`<Rule RuleId="r" Effect="Permit"><Target>` + anyOf(matchOf("string-equal", "c", "a", "x", false)) + `</Target></Rule>`), 3, "no function"},
		{"match that gives no boolean", around(`<Rule RuleId="r" Effect="Permit"><Target>` + anyOf(matchOf("urn:oasis:names:tc:xacml:2.0:function:string-concatenate", "c", "a", "x", false)) + `</Target></Rule>`), 3, "the function of a Match"},
		{"match of wrong types", around(`<Rule RuleId="r" Effect="Permit"><Target>` + anyOf(matchOf(function1+"integer-equal", "c", "a", "x", false)) + `</Target></Rule>`), 3, "integer-equal"},
		{"no MustBePresent", conditionOf(`<AttributeDesignator Category="c" AttributeId="a"` + stringType + `/>`), 3, "MustBePresent"},
		{"bad MustBePresent", conditionOf(`<AttributeDesignator Category="c" AttributeId="a"` + stringType + ` MustBePresent="yes"/>`), 3, "either true or false"},
		{"unknown data-type", conditionOf(`<AttributeDesignator Category="c" AttributeId="a" DataType="string" MustBePresent="true"/>`), 3, "data-type"},
		{"bad value", conditionOf(`<AttributeValue DataType="` + string(TypeInteger) + `">one</AttributeValue>`), 3, "integer"},
		{"element in a value", conditionOf(`<AttributeValue` + stringType + `><b/></AttributeValue>`), 3, "text only"},
		{"condition of a string", conditionOf(`<AttributeValue` + stringType + `>true</AttributeValue>`), 3, "must give a boolean"},
		{"condition of a bag", conditionOf(designatorOf("c", "a", TypeBoolean, false)), 3, "must give a boolean"},
		{"condition of a function", conditionOf(`<Function FunctionId="` + function1 + `not"/>`), 3, "must give a boolean"},
		{"empty condition", conditionOf(``), 3, "no expression"},
		{"two conditions", conditionOf(strings.Repeat(`<AttributeValue DataType="`+string(TypeBoolean)+`">true</AttributeValue>`, 2)), 3, "does not belong here"},
		{"wrong argument", conditionOf(`<Apply FunctionId="` + function1 + `not"><AttributeValue` + stringType + `>x</AttributeValue></Apply>`), 3, "not"},
		{"too few arguments", conditionOf(`<Apply FunctionId="` + function1 + `not"/>`), 3, "not"},
		{"unknown variable", conditionOf(`<VariableReference VariableId="v"/>`), 3, "no variable"},
		{"variable of itself", around(`<VariableDefinition VariableId="v"><VariableReference VariableId="v"/></VariableDefinition>`), 3, "defined by itself"},
		{"variables of each other", around(`<VariableDefinition VariableId="v"><VariableReference VariableId="w"/></VariableDefinition>` + "\n" +
			`<VariableDefinition VariableId="w"><VariableReference VariableId="v"/></VariableDefinition>`), 3, "defined by itself"},
		{"variable twice", around(strings.Repeat(`<VariableDefinition VariableId="v"><AttributeValue`+stringType+`/></VariableDefinition>`, 2)), 3, "twice"},
		{"variable without expression", around(`<VariableDefinition VariableId="v"/>`), 3, "no expression"},
		{"variable of a set", `<PolicySet xmlns="` + namespaceXACML + `" PolicySetId="p" Version="1.0" PolicyCombiningAlgId="` + policyAlgorithm3 + `deny-overrides"><Target/>` + "\n<VariableDefinition VariableId='v'/></PolicySet>", 2, "does not belong here"},
		{"assignment of a function", around(`<ObligationExpressions><ObligationExpression ObligationId="o" FulfillOn="Permit"><AttributeAssignmentExpression AttributeId="a"><Function FunctionId="` + function1 + `not"/></AttributeAssignmentExpression></ObligationExpression></ObligationExpressions>`), 3, "is a function"},
		{"no obligations", around(`<ObligationExpressions/>`), 3, "lacks its ObligationExpression"},
		{"parameters of nothing", around(`<RuleCombinerParameters RuleIdRef="r"/>`), 3, "not here"},
		{"empty reference", `<PolicySet xmlns="` + namespaceXACML + `" PolicySetId="p" Version="1.0" PolicyCombiningAlgId="` + policyAlgorithm3 + `deny-overrides"><Target/>` + "\n<PolicyIdReference> </PolicyIdReference></PolicySet>", 2, "names no policy"},
		{"bad version pattern", `<PolicySet xmlns="` + namespaceXACML + `" PolicySetId="p" Version="1.0" PolicyCombiningAlgId="` + policyAlgorithm3 + `deny-overrides"><Target/>` + "\n<PolicyIdReference Version='+.1'>q</PolicyIdReference></PolicySet>", 2, "no version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParsePolicy("p.xml", []byte(c.policy))
			var refused *PolicyError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want a PolicyError", err)
			}
			if refused.File != "p.xml" || refused.Line != c.line || !strings.Contains(refused.Reason, c.reason) {
				t.Errorf("got %v, want line %d and %q", err, c.line, c.reason)
			}
			want := StatusSyntaxError
			if invalidTypes[c.name] {
				want = StatusProcessingError
			}
			var status *Error
			if !errors.As(err, &status) || status.Code != want {
				t.Errorf("the status is %v, want the code %s", status, want)
			}
		})
	}
}

// invalidTypes are the cases of TestParsePolicyRefuses with invalid data-types or an
// unknown function, which are processing errors (sections 7.19.1 and 7.19.2).
var invalidTypes = map[string]bool{
	"match of unknown function": true, "match that gives no boolean": true, "match of wrong types": true,
	"condition of a string": true, "condition of a bag": true, "condition of a function": true,
	"wrong argument": true, "too few arguments": true, "assignment of a function": true,
}

// TestParsePolicyLimits: documents that would cost much are refused.
func TestParsePolicyLimits(t *testing.T) {
	deep := strings.Repeat(`<Apply FunctionId="`+function1+`not">`, policyXML.depth) + strings.Repeat(`</Apply>`, policyXML.depth)
	var chain strings.Builder
	// Each variable is as deep as a document may be and refers to the one before it,
	// which is compiled already.
	chain.WriteString(`<VariableDefinition VariableId="v0"><AttributeValue DataType="` + string(TypeBoolean) + `">true</AttributeValue></VariableDefinition>`)
	for i := range 20 {
		const nots = 55
		chain.WriteString(`<VariableDefinition VariableId="v` + string(rune('a'+i)) + `">` + strings.Repeat(`<Apply FunctionId="`+function1+`not">`, nots))
		before := "v0"
		if i > 0 {
			before = "v" + string(rune('a'+i-1))
		}
		chain.WriteString(`<VariableReference VariableId="` + before + `"/>` + strings.Repeat(`</Apply>`, nots) + `</VariableDefinition>`)
	}
	var backwards strings.Builder
	for i := range 2 * maxExpressionDepth {
		backwards.WriteString(`<VariableDefinition VariableId="v` + strings.Repeat("i", i) + `"><VariableReference VariableId="v` + strings.Repeat("i", i+1) + `"/></VariableDefinition>`)
	}
	for _, c := range []struct{ name, policy, reason string }{
		{"deep elements", conditionOf(deep), "500 deep"},
		{"deep through variables", around(chain.String()), "counted through variables"},
		{"deep through later variables", around(backwards.String()), "counted through variables"},
		{"large", around(strings.Repeat(" ", policyXML.bytes)), "may be 33554432"},
	} {
		_, err := ParsePolicy("p.xml", []byte(c.policy))
		if err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.reason)
		}
	}
}

// TestPolicyView: a caller sees all of a policy that it needs to reduce it.
func TestPolicyView(t *testing.T) {
	p := mustPolicy(t, `<PolicySet PolicySetId="set" Version="2.1" PolicyCombiningAlgId="`+policyAlgorithm1+`first-applicable" MaxDelegationDepth="3">
		<Description> A set </Description>
		<PolicySetDefaults><XPathVersion>http://www.w3.org/TR/1999/REC-xpath-19991116</XPathVersion></PolicySetDefaults>
		<Target/>
		<PolicyIdReference Version="1.*" EarliestVersion="1.2" LatestVersion="1.+">other</PolicyIdReference>
		`+policyOf(ruleAlgorithm3+"permit-overrides", "", `<CombinerParameters><CombinerParameter ParameterName="weight"><AttributeValue DataType="`+string(TypeInteger)+`">7</AttributeValue></CombinerParameter></CombinerParameters>`,
		ruleOf("r1", Permit, "<Description>first</Description><Target>"+anyOf(stringMatch("role", "a"), stringMatch("role", "b"))+"</Target>"),
		ruleOf("r2", Deny, `<Condition><AttributeValue DataType="`+string(TypeBoolean)+`">true</AttributeValue></Condition>`),
		`<RuleCombinerParameters RuleIdRef="r2"><CombinerParameter ParameterName="weight"><AttributeValue DataType="`+string(TypeInteger)+`">9</AttributeValue></CombinerParameter></RuleCombinerParameters>`,
		`<ObligationExpressions><ObligationExpression ObligationId="o" FulfillOn="Deny"><AttributeAssignmentExpression AttributeId="a" Category="c" Issuer="i"><AttributeValue DataType="`+string(TypeInteger)+`">3</AttributeValue></AttributeAssignmentExpression></ObligationExpression></ObligationExpressions>`,
		`<AdviceExpressions><AdviceExpression AdviceId="d" AppliesTo="Permit"><AttributeAssignmentExpression AttributeId="a">`+designatorOf("c", "x", TypeString, false)+`</AttributeAssignmentExpression></AdviceExpression></AdviceExpressions>`)+
		`</PolicySet>`)
	if p.ID() != "set" || p.Version() != "2.1" || !p.IsSet() || p.Description() != "A set" || p.CombiningAlgorithm() != policyAlgorithm1+"first-applicable" || p.Line() != 1 {
		t.Errorf("the set is %+v", p)
	}
	children := p.Policies()
	if len(children) != 2 || *children[0].Reference != (Reference{ID: "other", Version: "1.*", EarliestVersion: "1.2", LatestVersion: "1.+"}) {
		t.Fatalf("the children are %+v", children)
	}
	inner := children[1].Policy
	if inner.XPathVersion() != p.XPathVersion() || p.XPathVersion() != "http://www.w3.org/TR/1999/REC-xpath-19991116" {
		t.Errorf("XPath versions %q and %q", p.XPathVersion(), inner.XPathVersion())
	}
	rules := inner.Rules()
	if len(rules) != 2 || rules[0].ID != "r1" || rules[0].Description != "first" || rules[0].Effect != Permit || rules[0].HasCondition || !rules[1].HasCondition || rules[1].Effect != Deny {
		t.Fatalf("the rules are %+v", rules)
	}
	m := rules[0].Target.AnyOf[0].AllOf[1].Match[0]
	if m.Function != function1+"string-equal" || m.Value != String("b") || m.Category != CategoryAccessSubject || m.AttributeID != "role" || m.Type != TypeString || m.MustBePresent {
		t.Errorf("the match is %+v", m)
	}
	if o := inner.Obligations(); len(o) != 1 || o[0].ID != "o" || o[0].On != Deny || o[0].Assignments[0].AttributeID != "a" || o[0].Assignments[0].Category != "c" ||
		o[0].Assignments[0].Issuer != "i" || o[0].Assignments[0].Constant.String() != "3" {
		t.Errorf("the obligations are %+v", o)
	}
	if a := inner.Advice(); len(a) != 1 || a[0].ID != "d" || a[0].On != Permit || a[0].Assignments[0].Constant != nil {
		t.Errorf("the advice is %+v", a)
	}
	if c := inner.CombinerParameters(); len(c) != 2 || c[0].Name != "weight" || c[0].Value.String() != "7" || c[0].For != "" || c[1].For != "r2" {
		t.Errorf("the parameters are %+v", c)
	}
	if inner.Ref() != (PolicyRef{ID: "p", Version: "1.0"}) {
		t.Errorf("the reference is %+v", inner.Ref())
	}
}

// FuzzParsePolicy: whatever is read, the reader neither panics nor takes what it
// cannot evaluate.
func FuzzParsePolicy(f *testing.F) {
	for _, seed := range []string{
		"", "<Policy/>", around(""), around(ruleOf("r", Permit, "<Target>"+anyOf(stringMatch("a", "b"))+"</Target>")),
		conditionOf(`<Apply FunctionId="` + function1 + `not"><VariableReference VariableId="v"/></Apply>`),
		around(`<VariableDefinition VariableId="v">` + designatorOf("c", "a", TypeInteger, true) + `</VariableDefinition>`),
		withNamespace((&naiveNode{id: "n", kind: "set", algorithm: "1.0:only-one-applicable", duty: yes, children: []*naiveNode{
			{id: "m", kind: "policy", algorithm: "3.0:deny-overrides", target: naiveTarget{{"ynf", "f"}}, children: []*naiveNode{
				{id: "r", kind: "rule", effect: permit, condition: fail, duty: fail}}}}}).xml()),
	} {
		f.Add([]byte(seed))
	}
	files, _ := filepath.Glob("testdata/policy/*.xml")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := ParsePolicy("fuzz.xml", src)
		if err != nil {
			var refused *PolicyError
			if !errors.As(err, &refused) {
				t.Fatalf("%v is no PolicyError", err)
			}
			return
		}
		engine := NewEngine(Options{Roots: []*Policy{p}, Limits: Limits{Steps: 10_000}})
		got := engine.Evaluate(naiveRequest(), testNow).Results[0]
		explained, _ := engine.Explain(naiveRequest(), testNow)
		if explained.Results[0].Decision != got.Decision {
			t.Fatalf("decided %s, explained %s", got.Decision, explained.Results[0].Decision)
		}
	})
}
