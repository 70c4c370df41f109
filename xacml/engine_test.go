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
	return text[:end] + ` xmlns="` + namespaceXACML + `"` + text[end:]
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

// TestMissingAttribute: MustBePresent makes an absent attribute Indeterminate, with
// each attribute that is missing in the status (sections 7.3.5 and 7.19.3).
func TestMissingAttribute(t *testing.T) {
	must := func(id string) string {
		return matchOf(function1+"string-equal", CategoryResource, id, "x", true)
	}
	p := mustPolicy(t, policyOf(ruleAlgorithm3+"permit-overrides", "",
		ruleOf("r1", Permit, "<Target>"+anyOf(must("a"), must("b"))+anyOf(must("a"))+"</Target>"),
		ruleOf("r2", Permit, "<Target>"+anyOf(must("c"))+"</Target>"),
		ruleOf("r3", Permit, "<Target>"+anyOf(must("d"))+anyOf(stringMatch("s", "no"))+"</Target>")))
	got := decideOne(t, requestWith("s", "yes"), p)
	if got.Decision != Indeterminate || got.Status.Code != StatusMissingAttribute {
		t.Fatalf("got %+v", got)
	}
	var missing []string
	for _, m := range got.Status.Missing {
		if m.Category != CategoryResource || m.Type != TypeString {
			t.Errorf("missing %+v", m)
		}
		missing = append(missing, m.ID)
	}
	if want := "a b c"; strings.Join(missing, " ") != want {
		t.Errorf("missing %v, want %s", missing, want)
	}
	issued := mustPolicy(t, policyOf(ruleAlgorithm3+"permit-overrides", "", conditionIsIn("x",
		`<AttributeDesignator Category="c" AttributeId="a" Issuer="i" DataType="`+string(TypeString)+`" MustBePresent="true"/>`)))
	got = decideOne(t, &Request{Categories: []Category{{Category: "c", Attributes: []Attribute{{ID: "a", Values: []Value{String("x")}}}}}}, issued)
	if got.Status.Code != StatusMissingAttribute || got.Status.Missing[0].Issuer != "i" {
		t.Errorf("another issuer's attribute: %+v", got)
	}
}

// conditionIsIn is a rule that permits where a value is in a bag.
func conditionIsIn(value, bag string) string {
	return ruleOf("r", Permit, `<Condition><Apply FunctionId="`+function1+`string-is-in"><AttributeValue DataType="`+string(TypeString)+`">`+value+`</AttributeValue>`+bag+`</Apply></Condition>`)
}

// TestAttributeBag: which values a designator finds (section 7.3.4).
func TestAttributeBag(t *testing.T) {
	req := &Request{Categories: []Category{
		{Category: "c", Attributes: []Attribute{
			{ID: "a", Values: []Value{String("plain"), Integer(7), String("after the integer")}},
			{ID: "a", Issuer: "i", Values: []Value{String("issued")}},
			{ID: "b", Values: []Value{String("other id")}},
			{ID: "a", Values: []Value{AnyURI("uri")}},
		}},
		{Category: "d", Attributes: []Attribute{{ID: "a", Values: []Value{String("other category")}}}},
		{Category: "c", Attributes: []Attribute{{ID: "a", Values: []Value{String("same category again")}}}},
	}}
	for _, c := range []struct {
		issuer string
		want   []string
	}{
		{"", []string{"plain", "after the integer", "issued", "same category again"}},
		{"i", []string{"issued"}},
		{"j", nil},
	} {
		var got []string
		for _, v := range req.values(&source{category: "c", id: "a", issuer: c.issuer, typ: TypeString}) {
			got = append(got, v.String())
		}
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("issuer %q: got %q, want %q", c.issuer, got, c.want)
		}
	}
	if got := req.Categories[0].Attributes[0].Values; len(got) != 3 || got[1] != Integer(7) {
		t.Errorf("the request was changed: %v", got)
	}
}

// TestAttributeFinder: the context handler is asked once for what the request
// lacks, and never for what it has.
func TestAttributeFinder(t *testing.T) {
	p := mustPolicy(t, policyOf(ruleAlgorithm3+"deny-unless-permit", "",
		ruleOf("no", Permit, "<Target>"+anyOf(stringMatch("role", "other"))+"</Target>"),
		ruleOf("yes", Permit, "<Target>"+anyOf(stringMatch("role", "dagl"))+"</Target>")))
	overrides := mustPolicy(t, strings.Replace(policyOf(ruleAlgorithm3+"permit-overrides", "",
		ruleOf("yes", Permit, "<Target>"+anyOf(stringMatch("role", "dagl"))+"</Target>")), `"p"`, `"q"`, 1))
	for _, c := range []struct {
		name    string
		request *Request
		values  []Value
		err     error
		policy  *Policy
		want    Decision
		asked   int
	}{
		{"in the request", requestWith("role", "dagl"), nil, nil, p, Permit, 0},
		{"found", requestWith(), []Value{String("x"), String("dagl")}, nil, p, Permit, 1},
		{"not found", requestWith(), nil, nil, p, Deny, 1},
		{"failed", requestWith(), nil, fmt.Errorf("register is down"), overrides, Indeterminate, 1},
		{"of another type", requestWith(), []Value{AnyURI("dagl")}, nil, overrides, Indeterminate, 1},
	} {
		asked := 0
		e := NewEngine(Options{Roots: []*Policy{c.policy}, Attributes: func(q AttributeQuery) ([]Value, error) {
			asked++
			if q.Request != c.request || q.Category != CategoryAccessSubject || q.ID != "role" || q.Type != TypeString || q.Issuer != "" {
				t.Errorf("%s: asked for %+v", c.name, q)
			}
			return c.values, c.err
		}})
		got := e.Evaluate(c.request, testNow).Results[0]
		if got.Decision != c.want || asked != c.asked {
			t.Errorf("%s: got %s (%s) after %d questions, want %s after %d", c.name, got.Decision, got.Status.Message, asked, c.want, c.asked)
		}
		if c.err != nil && !strings.Contains(got.Status.Message, c.err.Error()) {
			t.Errorf("%s: the status says %q", c.name, got.Status.Message)
		}
	}
}

// TestCurrentTime: the engine supplies the time where the request has none (section
// 10.2.5).
func TestCurrentTime(t *testing.T) {
	now := time.Date(2026, 3, 1, 23, 30, 15, 0, time.FixedZone("", 3600))
	for _, c := range []struct {
		id    string
		typ   Type
		equal string
		value string
	}{
		{attributeCurrentTime, TypeTime, "time-equal", "22:30:15Z"},
		{attributeCurrentDate, TypeDate, "date-equal", "2026-03-01+01:00"},
		{attributeCurrentDateTime, TypeDateTime, "dateTime-equal", "2026-03-01T22:30:15Z"},
	} {
		p := mustPolicy(t, policyOf(ruleAlgorithm3+"deny-unless-permit", "", ruleOf("r", Permit,
			`<Target><AnyOf><AllOf><Match MatchId="`+function1+c.equal+`"><AttributeValue DataType="`+string(c.typ)+`">`+c.value+`</AttributeValue>`+
				designatorOf(CategoryEnvironment, c.id, c.typ, true)+`</Match></AllOf></AnyOf></Target>`)))
		e := NewEngine(Options{Roots: []*Policy{p}})
		if got := e.Evaluate(requestWith(), now).Results[0]; got.Decision != Permit {
			t.Errorf("%s: got %s (%s)", c.id, got.Decision, got.Status.Message)
		}
		other, err := ParseValue(c.typ, strings.Replace(strings.Replace(c.value, "22:30", "22:31", 1), "2026", "2027", 1))
		if err != nil {
			t.Fatal(err)
		}
		req := &Request{Categories: []Category{{Category: CategoryEnvironment, Attributes: []Attribute{{ID: c.id, Values: []Value{other}}}}}}
		if got := e.Evaluate(req, now).Results[0]; got.Decision != Deny {
			t.Errorf("%s of the request is not used: %s", c.id, got.Decision)
		}
	}
}

// TestVariables: a variable is evaluated when it is needed, once, and may be used
// before it is defined.
func TestVariables(t *testing.T) {
	asked := map[string]int{}
	p := mustPolicy(t, policyOf(ruleAlgorithm3+"permit-overrides", "",
		ruleOf("r1", Deny, `<Condition><VariableReference VariableId="is-kari"/></Condition>`),
		ruleOf("r2", Deny, `<Condition><Apply FunctionId="`+function1+`not"><Apply FunctionId="`+function1+`not"><VariableReference VariableId="is-kari"/></Apply></Apply></Condition>`),
		`<VariableDefinition VariableId="is-kari"><Apply FunctionId="`+function1+`string-equal"><VariableReference VariableId="name"/><AttributeValue`+stringType+`>kari</AttributeValue></Apply></VariableDefinition>`,
		`<VariableDefinition VariableId="name"><Apply FunctionId="`+function1+`string-one-and-only">`+designatorOf("c", "name", TypeString, false)+`</Apply></VariableDefinition>`,
		`<VariableDefinition VariableId="unused"><Apply FunctionId="`+function1+`string-one-and-only">`+designatorOf("c", "unused", TypeString, true)+`</Apply></VariableDefinition>`))
	for name, want := range map[string]Decision{"kari": Deny, "ola": NotApplicable, "": Indeterminate} {
		clear(asked)
		e := NewEngine(Options{Roots: []*Policy{p}, Attributes: func(q AttributeQuery) ([]Value, error) {
			if asked[q.ID]++; name == "" {
				return nil, nil
			}
			return []Value{String(name)}, nil
		}})
		if got := e.Evaluate(requestWith(), testNow).Results[0]; got.Decision != want {
			t.Errorf("%q: got %s (%s), want %s", name, got.Decision, got.Status.Message, want)
		}
		if len(asked) != 1 || asked["name"] != 1 {
			t.Errorf("%q: asked for %v", name, asked)
		}
	}
}

// TestDuties: obligations and advice come from what decided, with a value for each
// of a bag, and fail the decision when they fail (section 7.18).
func TestDuties(t *testing.T) {
	duty := func(kind, id, on, value string) string {
		when := map[string]string{"Obligation": "FulfillOn", "Advice": "AppliesTo"}[kind]
		return fmt.Sprintf(`<%[1]sExpressions><%[1]sExpression %[1]sId="%[2]s" %[3]s="%[4]s"><AttributeAssignmentExpression AttributeId="v" Category="k" Issuer="i">%[5]s</AttributeAssignmentExpression></%[1]sExpression></%[1]sExpressions>`, kind, id, when, on, value)
	}
	constant := `<AttributeValue` + stringType + `>c</AttributeValue>`
	roles := designatorOf(CategoryAccessSubject, "role", TypeString, false)
	text := policyOf(ruleAlgorithm3+"deny-overrides", "",
		ruleOf("p1", Permit, duty("Obligation", "rule-permit", "Permit", constant), duty("Advice", "rule-advice", "Permit", roles)),
		ruleOf("p2", Permit, duty("Obligation", "rule-deny", "Deny", constant)),
		ruleOf("d", Deny, "<Target>"+anyOf(stringMatch("bad", "yes"))+"</Target>", duty("Obligation", "denied", "Deny", constant)),
		duty("Obligation", "policy-permit", "Permit", constant), duty("Advice", "policy-advice", "Deny", roles))
	set := mustPolicy(t, setOf("s", policyAlgorithm3+"deny-unless-permit", text, duty("Obligation", "set", "Permit", constant)))
	ids := func(of []Directive) string {
		var s []string
		for _, d := range of {
			s = append(s, fmt.Sprintf("%s%d", d.ID, len(d.Assignments)))
		}
		return strings.Join(s, " ")
	}
	got := decideOne(t, requestWith("role", "a", "role", "b"), set)
	if got.Decision != Permit || ids(got.Obligations) != "rule-permit1 policy-permit1 set1" || ids(got.Advice) != "rule-advice2" {
		t.Errorf("permitted with %s and %s", ids(got.Obligations), ids(got.Advice))
	}
	if a := got.Advice[0].Assignments[1]; a != (Assignment{"v", "k", "i", String("b")}) {
		t.Errorf("the advice has %+v", a)
	}
	if got = decideOne(t, requestWith(), set); ids(got.Advice) != "rule-advice0" {
		t.Errorf("an empty bag gives %s", ids(got.Advice))
	}
	got = decideOne(t, requestWith("bad", "yes", "role", "a"), set)
	if got.Decision != Deny || ids(got.Obligations) != "denied1" || ids(got.Advice) != "policy-advice1" {
		t.Errorf("denied with %s and %s", ids(got.Obligations), ids(got.Advice))
	}
	failing := mustPolicy(t, policyOf(ruleAlgorithm3+"permit-overrides", "", ruleOf("r", Permit),
		duty("Obligation", "o", "Permit", designatorOf(CategoryAccessSubject, "absent", TypeString, true))))
	if got := decideOne(t, requestWith(), failing); got.Decision != Indeterminate || got.Status.Code != StatusMissingAttribute || got.Obligations != nil {
		t.Errorf("a failing obligation gives %+v", got)
	}
	unneeded := mustPolicy(t, policyOf(ruleAlgorithm3+"permit-overrides", "", ruleOf("r", Permit),
		duty("Obligation", "o", "Deny", designatorOf(CategoryAccessSubject, "absent", TypeString, true))))
	if got := decideOne(t, requestWith(), unneeded); got.Decision != Permit {
		t.Errorf("an obligation of the other decision gives %+v", got)
	}
}

// TestPolicyIDList: the policies found applicable are listed where the request asks
// for them, those with the other decision too.
func TestPolicyIDList(t *testing.T) {
	p := mustPolicy(t, setOf("s", policyAlgorithm3+"permit-overrides",
		always("denies", "1.0", Deny),
		strings.Replace(always("not", "1.0", Permit), "<Target/>", "<Target>"+anyOf(stringMatch("a", "1"))+"</Target>", 1),
		always("permits", "1.3", Permit), always("after", "1.0", Permit)))
	req := requestWith()
	if got := decideOne(t, req, p); got.Policies != nil {
		t.Errorf("not asked for: %v", got.Policies)
	}
	req.ReturnPolicyIDList = true
	want := []PolicyRef{{"denies", "1.0", false}, {"permits", "1.3", false}, {"s", "1.0", true}}
	if got := decideOne(t, req, p); fmt.Sprint(got.Policies) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got.Policies, want)
	}
}

// TestLimits: an evaluation that takes too many steps is Indeterminate, also where
// the algorithm would turn an error into Permit.
func TestLimits(t *testing.T) {
	many := &Category{Category: CategoryAccessSubject, Attributes: []Attribute{{ID: "name"}}}
	for i := range 1000 {
		many.Attributes[0].Values = append(many.Attributes[0].Values, String(fmt.Sprint(i)))
	}
	p := mustPolicy(t, policyOf(ruleAlgorithm3+"permit-unless-deny", "",
		ruleOf("deny", Deny, "<Target>"+anyOf(matchOf("urn:oasis:names:tc:xacml:1.0:function:string-regexp-match", CategoryAccessSubject, "name", "x", false))+"</Target>")))
	req := &Request{Categories: []Category{*many}}
	for steps, want := range map[int]Decision{0: Permit, 5000: Permit, 1500: Indeterminate, 500: Indeterminate, 1: Indeterminate} {
		e := NewEngine(Options{Roots: []*Policy{p}, Limits: Limits{Steps: steps}})
		got := e.Evaluate(req, testNow).Results[0]
		if got.Decision != want || want == Indeterminate && got.Status.Code != StatusProcessingError {
			t.Errorf("%d steps: got %s (%s), want %s", steps, got.Decision, got.Status.Message, want)
		}
	}
}

// TestExplain: the trace tells what held of each rule, and which came nearest.
func TestExplain(t *testing.T) {
	p := mustPolicy(t, policyOf(ruleAlgorithm3+"deny-overrides", "",
		ruleOf("far", Permit, "<Target>"+anyOf(stringMatch("role", "a"))+anyOf(stringMatch("action", "write"))+"</Target>"),
		ruleOf("near", Permit, "<Target>"+anyOf(stringMatch("role", "a"), stringMatch("role", "b"))+anyOf(stringMatch("action", "read"))+"</Target>"),
		ruleOf("as near", Permit, "<Target>"+anyOf(stringMatch("role", "c"))+anyOf(stringMatch("action", "read"))+"</Target>"),
		ruleOf("fails", Deny, "<Target>"+anyOf(matchOf(function1+"string-equal", CategoryResource, "x", "x", true))+anyOf(stringMatch("action", "delete"))+"</Target>"),
		ruleOf("conditional", Permit, "<Target>"+anyOf(stringMatch("action", "sign"))+"</Target>", `<Condition><AttributeValue DataType="`+string(TypeBoolean)+`">false</AttributeValue></Condition>`)))
	e := NewEngine(Options{Roots: []*Policy{p}})
	resp, trace := e.Explain(requestWith("action", "read", "role", "x"), testNow)
	if resp.Results[0].Decision != NotApplicable || len(trace.Requests) != 1 || len(trace.Requests[0]) != 1 {
		t.Fatalf("got %+v, %+v", resp, trace)
	}
	root := trace.Requests[0][0]
	if root.Policy != p || root.Target != Holds || root.Decision != NotApplicable || len(root.Steps) != 5 {
		t.Fatalf("the root is %+v", root)
	}
	for i, want := range []string{"[2 2]", "[2 1]", "[2 1]", "[3 2]", "[2]"} {
		if s := root.Steps[i]; fmt.Sprint(s.AnyOf) != want || s.Target != HoldsNot || s.Condition != NotEvaluated || s.Rule != p.Rules()[i] {
			t.Errorf("rule %d has %v, want %s", i, s.AnyOf, want)
		}
	}
	if near := trace.Nearest(0); near == nil || near.Rule.ID != "near" {
		t.Errorf("nearest is %+v", near)
	}
	_, trace = e.Explain(requestWith("action", "sign", "role", "a"), testNow)
	if near := trace.Nearest(0); near == nil || near.Rule.ID != "conditional" || near.Condition != HoldsNot {
		t.Errorf("nearest is %+v", near)
	}
	if trace.Nearest(1) != nil {
		t.Error("there is no second request")
	}
	_, trace = e.Explain(requestWith("action", "delete"), testNow)
	if s := trace.Requests[0][0].Steps[3]; s.Decision != Indeterminate || s.Target != Failed || s.Error == nil || s.Error.Code != StatusMissingAttribute {
		t.Errorf("the failing rule is %+v", s)
	}
	resp, trace = e.Explain(requestWith("action", "read", "role", "b"), testNow)
	if s := trace.Requests[0][0].Steps[1]; resp.Results[0].Decision != Permit || s.Decision != Permit || s.Target != Holds || fmt.Sprint(s.AnyOf) != "[1 1]" {
		t.Errorf("the rule that permits is %+v", s)
	}
}

// TestEvaluateConcurrently: one engine serves many goroutines (the race detector
// watches when it is on).
func TestEvaluateConcurrently(t *testing.T) {
	library := []*Policy{mustPolicy(t, always("permits", "1.0", Permit))}
	p := mustPolicy(t, setOf("root", policyAlgorithm1+"first-applicable", policyOf(ruleAlgorithm3+"deny-overrides", "",
		ruleOf("r", Deny, "<Target>"+anyOf(stringMatch("role", "a"), stringMatch("role", "b"))+"</Target>")), `<PolicyIdReference>permits</PolicyIdReference>`))
	e := NewEngine(Options{Roots: []*Policy{p}, Find: func(ref Reference) (*Policy, error) { return ref.Choose(library), nil }})
	done := make(chan error)
	for worker := range 8 {
		go func() {
			role, want := "a", Deny
			if worker%2 == 0 {
				role, want = "c", Permit
			}
			for range 200 {
				if got := e.Evaluate(requestWith("role", role), testNow).Results[0].Decision; got != want {
					done <- fmt.Errorf("role %s: got %s, want %s", role, got, want)
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestLargePolicyAndBags: a policy of ten thousand rules and sets of thousands of
// values are within the limits.
func TestLargePolicyAndBags(t *testing.T) {
	const size = 10_000
	var rules strings.Builder
	for i := range size {
		rules.WriteString(ruleOf(fmt.Sprint("r", i), Permit, "<Target>"+anyOf(stringMatch("role", fmt.Sprint(i)))+"</Target>"))
	}
	values := func(from int) (all []Value) {
		for i := range size {
			all = append(all, String(fmt.Sprint(from+i)))
		}
		return all
	}
	subset := `<Apply FunctionId="` + function1 + `string-subset">` + designatorOf(CategoryAccessSubject, "role", TypeString, false) +
		designatorOf(CategoryResource, "role", TypeString, false) + `</Apply>`
	for _, c := range []struct {
		name, policy string
		from         int
		want         Decision
	}{
		{"the last of many rules", around(rules.String()), size - 1, Permit},
		{"none of many rules", around(rules.String()), size, NotApplicable},
		{"the same sets", conditionOf(subset), 0, Permit},
		{"other sets", conditionOf(subset), 1, NotApplicable},
	} {
		req := &Request{Categories: []Category{
			{Category: CategoryAccessSubject, Attributes: []Attribute{{ID: "role", Values: values(c.from)}}},
			{Category: CategoryResource, Attributes: []Attribute{{ID: "role", Values: values(0)}}},
		}}
		got := NewEngine(Options{Roots: []*Policy{mustPolicy(t, c.policy)}}).Evaluate(req, testNow).Results[0]
		if got.Decision != c.want {
			t.Errorf("%s: got %s (%s), want %s", c.name, got.Decision, got.Status.Message, c.want)
		}
	}
}
