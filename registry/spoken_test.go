package registry_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/xacml"
)

// TestSpokenNamesDecideAlike: a policy decides the same by the names that it can
// tell apart as by every name of everything held, whatever it does with them:
// comparisons with and without letter case, attributes that must be there, other
// functions, conditions over whole bags, obligations that repeat them.
func TestSpokenNamesDecideAlike(t *testing.T) {
	s := demoSnapshot(t)
	rnd := rand.New(rand.NewPCG(8, 2026))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	designator := func(id string) string {
		return fmt.Sprintf(`<AttributeDesignator Category="%s" AttributeId="%s" DataType="%s" MustBePresent="%s"/>`,
			xacml.CategoryAccessSubject, id, xacml.TypeString, pick("false", "false", "true"))
	}
	subject := func() (id, value string) {
		switch rnd.IntN(4) {
		case 0:
			return "urn:altinn:external-role:ccr", pick("daglig-leder", "styreleder", "regnskapsforer", "finnes-ikke")
		case 1:
			return registry.AttributePackage, pick("skatt-naering", "Skatt-Naering", "delegerbare-maskinporten-scopes", "maskinporten-scopes", "finnes-ikke")
		case 2:
			return "urn:altinn:noe-annet", "dagl"
		}
		return registry.AttributeRole, pick("dagl", "DAGL", "Daglig-Leder", "utinn", "lede", "regn", "finnes-ikke")
	}
	match := func() string {
		id, value := subject()
		function := pick("1.0:function:string-equal", "1.0:function:string-equal", "3.0:function:string-equal-ignore-case", "3.0:function:string-starts-with")
		return fmt.Sprintf(`<Match MatchId="urn:oasis:names:tc:xacml:%s"><AttributeValue DataType="%s">%s</AttributeValue>%s</Match>`, function, xacml.TypeString, value, designator(id))
	}
	condition := func() string {
		id, value := subject()
		text := fmt.Sprintf(`<AttributeValue DataType="%s">%s</AttributeValue>`, xacml.TypeString, value)
		return pick(
			`<Condition><Apply FunctionId="urn:oasis:names:tc:xacml:1.0:function:string-is-in">`+text+designator(id)+`</Apply></Condition>`,
			`<Condition><Apply FunctionId="urn:oasis:names:tc:xacml:1.0:function:integer-greater-than"><Apply FunctionId="urn:oasis:names:tc:xacml:1.0:function:string-bag-size">`+
				designator(id)+fmt.Sprintf(`</Apply><AttributeValue DataType="%s">%d</AttributeValue></Apply></Condition>`, xacml.TypeInteger, rnd.IntN(300)))
	}
	counts, filtered := map[xacml.Decision]int{}, 0
	for range 300 {
		var rules strings.Builder
		for i := range 1 + rnd.IntN(3) {
			fmt.Fprintf(&rules, `<Rule RuleId="r%d" Effect="%s"><Target><AnyOf>`, i, pick("Permit", "Permit", "Deny"))
			for range 1 + rnd.IntN(2) {
				rules.WriteString("<AllOf>")
				for range 1 + rnd.IntN(2) {
					rules.WriteString(match())
				}
				rules.WriteString("</AllOf>")
			}
			rules.WriteString("</AnyOf></Target>")
			if rnd.IntN(8) == 0 {
				rules.WriteString(condition())
			}
			if rnd.IntN(8) == 0 {
				id, _ := subject()
				fmt.Fprintf(&rules, `<ObligationExpressions><ObligationExpression ObligationId="o" FulfillOn="Permit"><AttributeAssignmentExpression AttributeId="a">%s</AttributeAssignmentExpression></ObligationExpression></ObligationExpressions>`, designator(id))
			}
			rules.WriteString("</Rule>")
		}
		algorithm := pick("3.0:rule-combining-algorithm:deny-overrides", "3.0:rule-combining-algorithm:deny-unless-permit", "1.0:rule-combining-algorithm:first-applicable")
		p := mustPolicy(t, "demo-x", `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" RuleCombiningAlgId="urn:oasis:names:tc:xacml:`+algorithm+`"><Target/>`+rules.String()+`</Policy>`)
		engine := xacml.NewEngine(xacml.Options{Roots: []*xacml.Policy{p.Compiled}})
		for range 20 {
			var held pdp.Holdings
			pdp.Hold(s, fullmakt.PartyNo(1+rnd.IntN(int(s.Last()))), fullmakt.PartyNo(1+rnd.IntN(int(s.Last()))), testTime.Unix(), &held)
			if rnd.IntN(2) == 0 {
				pdp.Hold(s, s.Person(12817010065), s.Organisation(310000019), testTime.Unix(), &held)
			}
			request := p.Request(s, &held, "read")
			whole := &xacml.Request{Categories: slices.Clone(request.Categories)}
			whole.Categories[0].Attributes = p.All(s, &held)
			got, want := engine.Evaluate(request, testTime), engine.Evaluate(whole, testTime)
			if diff := cmp.Diff(string(want.JSON(xacml.DialectProfile)), string(got.JSON(xacml.DialectProfile))); diff != "" {
				t.Fatalf("%s\nwith all names -, with those that count +:\n%s", p.Source, diff)
			}
			counts[got.Results[0].Decision]++
			if valuesIn(request) < valuesIn(whole) {
				filtered++
			}
		}
	}
	if counts[xacml.Permit] < 100 || counts[xacml.Deny] < 100 || counts[xacml.NotApplicable] < 100 || counts[xacml.Indeterminate] < 100 || filtered < 500 {
		t.Errorf("decisions %v, %d of them by fewer names", counts, filtered)
	}
}

// valuesIn counts the values of a request's subject.
func valuesIn(r *xacml.Request) (n int) {
	for _, a := range r.Categories[0].Attributes {
		n += len(a.Values)
	}
	return n
}
