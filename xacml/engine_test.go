package xacml

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// testNow is the time of every evaluation of the tests.
var testNow = time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)

// mustPolicy compiles a policy, or fails the test. The text need not declare the
// namespace of its outermost element.
func mustPolicy(t testing.TB, text string) *Policy {
	t.Helper()
	p, err := ParsePolicy("policy.xml", []byte(withNamespace(text)))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

// withNamespace declares the namespace of XACML on the outermost element.
func withNamespace(text string) string {
	text = strings.TrimSpace(text)
	end := strings.IndexAny(text, " />")
	if end < 0 || strings.Contains(text, "xmlns") {
		return text
	}
	return text[:end] + ` xmlns="` + Namespace + `"` + text[end:]
}

// policyOf is a policy with a target and rules.
func policyOf(algorithm, target string, inside ...string) string {
	return fmt.Sprintf(`<Policy PolicyId="p" Version="1.0" RuleCombiningAlgId="%s"><Target>%s</Target>%s</Policy>`,
		algorithm, target, strings.Join(inside, "\n"))
}

// ruleOf is a rule with whatever is inside it.
func ruleOf(id string, effect Decision, inside ...string) string {
	return fmt.Sprintf(`<Rule RuleId="%s" Effect="%s">%s</Rule>`, id, effect, strings.Join(inside, ""))
}

// anyOf is an AnyOf of alternatives that are one match each.
func anyOf(matches ...string) string {
	return "<AnyOf><AllOf>" + strings.Join(matches, "</AllOf><AllOf>") + "</AllOf></AnyOf>"
}

// stringMatch compares an attribute of the subject with a string.
func stringMatch(id, value string) string {
	return matchOf("urn:oasis:names:tc:xacml:1.0:function:string-equal", CategoryAccessSubject, id, value, false)
}

func matchOf(function, category, id, value string, mustBePresent bool) string {
	return fmt.Sprintf(`<Match MatchId="%s"><AttributeValue DataType="%s">%s</AttributeValue>%s</Match>`,
		function, TypeString, value, designatorOf(category, id, TypeString, mustBePresent))
}

func designatorOf(category, id string, t Type, mustBePresent bool) string {
	return fmt.Sprintf(`<AttributeDesignator Category="%s" AttributeId="%s" DataType="%s" MustBePresent="%t"/>`, category, id, t, mustBePresent)
}

// with returns a request with attributes of the subject, given as id, value, id,
// value. All are strings.
func requestWith(pairs ...string) *Request {
	subject := Category{Category: CategoryAccessSubject}
	for i := 0; i < len(pairs); i += 2 {
		subject.Attributes = append(subject.Attributes, Attribute{ID: pairs[i], Values: []Value{String(pairs[i+1])}})
	}
	return &Request{Categories: []Category{subject}}
}

// decideOne evaluates a request against roots and returns its one result.
func decideOne(t testing.TB, req *Request, roots ...*Policy) Result {
	t.Helper()
	resp := NewEngine(Options{Roots: roots}).Evaluate(req, testNow)
	if len(resp.Results) != 1 {
		t.Fatalf("%d results", len(resp.Results))
	}
	return resp.Results[0]
}

const (
	ruleAlgorithm3   = "urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:"
	ruleAlgorithm1   = "urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:"
	policyAlgorithm3 = "urn:oasis:names:tc:xacml:3.0:policy-combining-algorithm:"
	policyAlgorithm1 = "urn:oasis:names:tc:xacml:1.0:policy-combining-algorithm:"
)

func TestEvaluateSimplePolicy(t *testing.T) {
	p := mustPolicy(t, policyOf(ruleAlgorithm3+"deny-overrides", "",
		ruleOf("permit-kari", Permit, "<Target>"+anyOf(stringMatch("name", "kari"), stringMatch("name", "ola"))+anyOf(stringMatch("action", "read"))+"</Target>"),
		ruleOf("deny-closed", Deny, `<Condition><Apply FunctionId="urn:oasis:names:tc:xacml:1.0:function:string-is-in"><AttributeValue DataType="`+string(TypeString)+`">closed</AttributeValue>`+
			designatorOf(CategoryAccessSubject, "state", TypeString, false)+`</Apply></Condition>`)))
	for _, c := range []struct {
		request *Request
		want    Decision
	}{
		{requestWith("name", "kari", "action", "read"), Permit},
		{requestWith("name", "ola", "action", "read"), Permit},
		{requestWith("name", "per", "action", "read"), NotApplicable},
		{requestWith("name", "per", "name", "ola", "action", "read"), Permit},
		{requestWith("name", "kari", "action", "write"), NotApplicable},
		{requestWith("name", "kari", "action", "read", "state", "closed"), Deny},
		{requestWith(), NotApplicable},
	} {
		if got := decideOne(t, c.request, p); got.Decision != c.want {
			t.Errorf("%v: got %s, want %s (%s)", c.request.Categories, got.Decision, c.want, got.Status.Message)
		}
	}
}
