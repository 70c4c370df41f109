package xacml

import (
	"fmt"
	"strings"
	"testing"
)

// altinnPolicy is a policy as Altinn's resources have them: ten rules, each with
// subjects (roles and access packages), the resource and actions, and the minimum
// level of authentication as an obligation.
func altinnPolicy(t testing.TB) *Policy {
	const equal, ignoreCase = function1 + "string-equal", function3 + "string-equal-ignore-case"
	const actionID = "urn:oasis:names:tc:xacml:1.0:action:action-id"
	subjects := func(rule int) string {
		return anyOf(
			matchOf(ignoreCase, CategoryAccessSubject, "urn:altinn:rolecode", fmt.Sprintf("role%d", rule), false),
			matchOf(ignoreCase, CategoryAccessSubject, "urn:altinn:rolecode", fmt.Sprintf("role%d", rule+1), false),
			matchOf(equal, CategoryAccessSubject, "urn:altinn:accesspackage", fmt.Sprintf("package-number-%d", rule), false),
			matchOf(equal, CategoryAccessSubject, "urn:altinn:accesspackage", fmt.Sprintf("package-number-%d", rule+100), false),
		)
	}
	resource := anyOf(matchOf(equal, CategoryResource, "urn:altinn:resource", "ske-mva-melding", false))
	actions := anyOf(matchOf(equal, CategoryAction, actionID, "read", false), matchOf(equal, CategoryAction, actionID, "write", false))
	var rules []string
	for i := range 10 {
		rules = append(rules, ruleOf(fmt.Sprintf("urn:altinn:example:ruleid:%d", i), Permit, "<Target>"+subjects(i)+resource+actions+"</Target>"))
	}
	rules = append(rules, `<ObligationExpressions><ObligationExpression ObligationId="urn:altinn:obligation:authenticationLevel1" FulfillOn="Permit">`+
		`<AttributeAssignmentExpression AttributeId="urn:altinn:obligation1-assignment1" Category="urn:altinn:minimum-authenticationlevel"><AttributeValue DataType="`+string(TypeInteger)+`">3</AttributeValue></AttributeAssignmentExpression></ObligationExpression></ObligationExpressions>`)
	return mustPolicy(t, policyOf(ruleAlgorithm3+"deny-overrides", "", rules...))
}

// altinnRequest is a request whose subject holds some roles and packages.
func altinnRequest(roles, packages int, action string) *Request {
	held := func(format string, n int) (values []Value) {
		for i := range n {
			values = append(values, String(fmt.Sprintf(format, 9+i)))
		}
		return values
	}
	return &Request{Categories: []Category{
		{Category: CategoryAccessSubject, Attributes: []Attribute{
			{ID: "urn:altinn:userid", Values: []Value{String("20000095")}},
			{ID: "urn:altinn:rolecode", Values: held("ROLE%d", roles)},
			{ID: "urn:altinn:accesspackage", Values: held("package-number-%d", packages)},
		}},
		{Category: CategoryAction, Attributes: []Attribute{{ID: "urn:oasis:names:tc:xacml:1.0:action:action-id", Values: []Value{String(action)}}}},
		{Category: CategoryResource, Attributes: []Attribute{{ID: "urn:altinn:resource", Values: []Value{String("ske-mva-melding")}}}},
	}}
}

func BenchmarkEvaluateAltinnPolicy(b *testing.B) {
	engine := NewEngine(Options{Roots: []*Policy{altinnPolicy(b)}})
	for _, c := range []struct {
		name    string
		request *Request
		want    Decision
	}{
		{"permit", altinnRequest(10, 30, "read"), Permit},
		{"permit of 150 packages", altinnRequest(10, 150, "read"), Permit},
		{"no such action", altinnRequest(10, 30, "delete"), NotApplicable},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got := engine.Evaluate(c.request, testNow).Results[0].Decision; got != c.want {
					b.Fatal(got)
				}
			}
		})
	}
}

func BenchmarkParseAltinnPolicy(b *testing.B) {
	altinnPolicy(b) // outside the time
	var text string
	func() {
		var s strings.Builder
		for i := range 10 {
			s.WriteString(ruleOf(fmt.Sprint(i), Permit, "<Target>"+anyOf(stringMatch("role", fmt.Sprint(i)))+"</Target>"))
		}
		text = around(s.String())
	}()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParsePolicy("p.xml", []byte(text)); err != nil {
			b.Fatal(err)
		}
	}
}

// TestEvaluateAllocations: deciding by constants allocates the response and little
// more, however many values the subject has.
func TestEvaluateAllocations(t *testing.T) {
	engine := NewEngine(Options{Roots: []*Policy{altinnPolicy(t)}})
	for _, c := range []struct {
		request *Request
		want    Decision
		most    float64
	}{
		{altinnRequest(10, 150, "delete"), NotApplicable, 6},
		{altinnRequest(0, 150, "read"), Permit, 12}, // with its obligation
	} {
		if got := engine.Evaluate(c.request, testNow).Results[0].Decision; got != c.want {
			t.Fatalf("got %s, want %s", got, c.want)
		}
		if got := testing.AllocsPerRun(100, func() { engine.Evaluate(c.request, testNow) }); got > c.most {
			t.Errorf("%s takes %.0f allocations, and may take %.0f", c.want, got, c.most)
		}
	}
}
