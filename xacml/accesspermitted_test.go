package xacml

import (
	"fmt"
	"strings"
	"testing"
)

// TestAccessPermitted asks policies in which one rule permits Kari to read, and
// another whoever may do what is named by access-permitted.
func TestAccessPermitted(t *testing.T) {
	const category = CategoryAction
	inquiry := func(content string) string {
		return fmt.Sprintf(`<Condition><Apply FunctionId="%saccess-permitted"><AttributeValue DataType="%s">%s</AttributeValue><AttributeValue DataType="%s">%s</AttributeValue></Apply></Condition>`,
			function3, TypeAnyURI, category, TypeString, strings.NewReplacer("<", "&lt;", "&", "&amp;").Replace(content))
	}
	attribute := func(value string) string {
		return fmt.Sprintf(`<Attribute AttributeId="do" IncludeInResult="false"><AttributeValue DataType="%s">%s</AttributeValue></Attribute>`, TypeString, value)
	}
	is := func(category, id, value string) string {
		return "<AnyOf><AllOf>" + matchOf(function1+"string-equal", category, id, value, false) + "</AllOf></AnyOf>"
	}
	policy := func(condition string) string {
		return policyOf("urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-unless-permit", "",
			ruleOf("read", Permit, "<Target>", is(CategoryAccessSubject, "name", "Kari"), is(category, "do", "read"), "</Target>"),
			ruleOf("print", Permit, "<Target>", is(category, "do", "print"), "</Target>", condition))
	}
	request := func(name string) *Request {
		return &Request{Categories: []Category{
			{Category: CategoryAccessSubject, Attributes: []Attribute{{ID: "name", Values: []Value{String(name)}}}},
			{Category: category, Attributes: []Attribute{{ID: "do", Values: []Value{String("print")}}}},
		}}
	}
	for _, test := range []struct {
		name, content, subject string
		want                   Decision
		status                 StatusCode
	}{
		{"permitted", attribute("read"), "Kari", Permit, ""},
		{"another subject is not", attribute("read"), "Ola", Deny, ""},
		{"nothing of the category is left", "", "Kari", Deny, ""},
		{"not XML", "<", "Kari", Deny, StatusSyntaxError},
		{"two elements", `</Attributes><Attributes Category="">`, "Kari", Deny, StatusSyntaxError},
		{"in a circle", attribute("print"), "Kari", Deny, StatusProcessingError},
	} {
		t.Run(test.name, func(t *testing.T) {
			engine := NewEngine(Options{Roots: []*Policy{mustPolicy(t, policy(inquiry(test.content)))}})
			got := engine.Evaluate(request(test.subject), testNow).Results[0]
			if got.Decision != test.want {
				t.Errorf("got %s, %s", got.Decision, got.Status.Message)
			}
			// What deny-unless-permit hides, a policy that is the rule alone shows.
			if test.status == "" {
				return
			}
			alone := policyOf("urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides", "", ruleOf("print", Permit, inquiry(test.content)))
			got = NewEngine(Options{Roots: []*Policy{mustPolicy(t, alone)}}).Evaluate(request(test.subject), testNow).Results[0]
			if got.Decision != Indeterminate || got.Status.Code != test.status {
				t.Errorf("alone: got %s, %+v", got.Decision, got.Status)
			}
		})
	}
	// A circle never permits, even where the answer is turned round.
	turned := strings.NewReplacer("<Condition>", `<Condition><Apply FunctionId="`+function1+`not">`, "</Condition>", "</Apply></Condition>").Replace(inquiry(attribute("print")))
	got := NewEngine(Options{Roots: []*Policy{mustPolicy(t, policy(turned))}}).Evaluate(request("Kari"), testNow).Results[0]
	if got.Decision == Permit {
		t.Error("a circle that denies itself permits")
	}
}
