package registry_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/xacml"
)

// policyXML writes a policy of rules.
func policyXML(algorithm string, rules ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" RuleCombiningAlgId="%s"><Target/>`, algorithm)
	for _, r := range rules {
		b.WriteString(r)
	}
	return b.String() + "</Policy>"
}

const denyOverrides = "urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides"

// ruleXML writes a rule: each list is an AnyOf of alternatives, and each alternative a match "FUNCTION ID VALUE".
func ruleXML(id, effect string, lists ...[]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<Rule RuleId="%s" Effect="%s"><Target>`, id, effect)
	for _, list := range lists {
		b.WriteString("<AnyOf>")
		for _, alternative := range list {
			b.WriteString("<AllOf>")
			for match := range strings.SplitSeq(alternative, " & ") {
				part := strings.Fields(match)
				category := map[string]string{
					registry.AttributeResource: xacml.CategoryResource, "urn:altinn:task": xacml.CategoryResource, registry.AttributeOrg: xacml.CategoryResource,
					registry.AttributeApp: xacml.CategoryResource, registry.AttributeAction: xacml.CategoryAction,
				}[part[1]]
				if category == "" {
					category = xacml.CategoryAccessSubject
				}
				fmt.Fprintf(&b, `<Match MatchId="urn:oasis:names:tc:xacml:%s"><AttributeValue DataType="%s">%s</AttributeValue><AttributeDesignator Category="%s" AttributeId="%s" DataType="%s" MustBePresent="false"/></Match>`,
					part[0], xacml.TypeString, part[2], category, part[1], xacml.TypeString)
			}
			b.WriteString("</AllOf>")
		}
		b.WriteString("</AnyOf>")
	}
	return b.String() + "</Target></Rule>"
}

const (
	exact  = "1.0:function:string-equal "
	folded = "3.0:function:string-equal-ignore-case "
)

func mustPolicy(t testing.TB, resource, xml string) *registry.Policy {
	t.Helper()
	p, err := registry.ParsePolicy(resource, "test.xml", []byte(xml))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestReductionEqualsEvaluation: random policies, random pairs of the demo world,
// random actions; the sets decide what the engine does.
func TestReductionEqualsEvaluation(t *testing.T) {
	s := demoSnapshot(t)
	c := s.Catalogue()
	rnd := rand.New(rand.NewPCG(4, 2026))
	pick := func(list []string) string { return list[rnd.IntN(len(list))] }
	var subjects []string
	for _, name := range []string{"dagl", "DAGL", "Daglig-Leder", "lede", "inNH", "kont", "regn"} {
		subjects = append(subjects, registry.AttributeRole+" "+name)
	}
	for _, name := range []string{"skatt-naering", "Skatt-Naering", "maskinporten-scopes", "delegerbare-maskinporten-scopes", "maskinlesbare-hendelser", "finnes-ikke", "tjenester-nuf", "regnskapsforer-lonn"} {
		subjects = append(subjects, registry.AttributePackage+" "+name)
	}
	resources := []string{registry.AttributeResource + " demo-x", registry.AttributeResource + " DEMO-X", registry.AttributeResource + " demo-y"}
	actions := []string{"read", "Read", "write", "sign"}
	algorithms := []string{denyOverrides, "urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:permit-overrides",
		"urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:first-applicable", "urn:oasis:names:tc:xacml:1.1:rule-combining-algorithm:ordered-deny-overrides"}
	several := func(list []string, before string) (out []string) {
		for range 1 + rnd.IntN(3) {
			out = append(out, pick([]string{exact, folded})+before+pick(list))
		}
		return out
	}
	permits := 0
	for range 400 {
		var rules []string
		for i := range 1 + rnd.IntN(4) {
			var lists [][]string
			if rnd.IntN(20) > 0 {
				lists = append(lists, several(subjects, ""))
			}
			if rnd.IntN(10) > 0 {
				lists = append(lists, several(resources, ""))
			}
			if rnd.IntN(10) > 0 {
				lists = append(lists, several(actions, registry.AttributeAction+" "))
			}
			rules = append(rules, ruleXML(fmt.Sprint("r", i), "Permit", lists...))
		}
		p := mustPolicy(t, "demo-x", policyXML(pick(algorithms), rules...))
		reduced, ok := p.Reduce(c)
		if !ok {
			t.Fatalf("not reduced: %s", p.Source)
		}
		engine := xacml.NewEngine(xacml.Options{Roots: []*xacml.Policy{p.Compiled}})
		for range 40 {
			var held pdp.Holdings
			pdp.Hold(s, fullmakt.PartyNo(1+rnd.IntN(int(s.Last()))), fullmakt.PartyNo(1+rnd.IntN(int(s.Last()))), testTime.Unix(), &held)
			if rnd.IntN(2) == 0 { // the demo world holds few of them, so some are added
				id, _ := c.PackageID(pick([]string{"skatt-naering", "maskinlesbare-hendelser", "tjenester-nuf", "delegerbare-maskinporten-scopes"}))
				held.Packages.Add(id)
			}
			action := pick(actions)
			got := reduced.Decide(action, &held)
			result := engine.Evaluate(p.Request(s, &held, action), testTime).Results[0]
			if got != result.Decision {
				t.Fatalf("%s: reduced %s, evaluated %s %+v\n%s", action, got, result.Decision, result.Status, p.Source)
			}
			if got == xacml.Permit {
				permits++
			}
		}
	}
	if permits < 1000 || permits > 15_000 {
		t.Errorf("%d permits of 16000 try the reduction on one side only", permits)
	}
}

// TestReduceRefuses: policies that say more than sets can.
func TestReduceRefuses(t *testing.T) {
	c := demoSnapshot(t).Catalogue()
	dagl := []string{exact + registry.AttributeRole + " dagl"}
	for name, xml := range map[string]string{
		"a Deny rule":             policyXML(denyOverrides, ruleXML("r", "Permit", dagl), ruleXML("s", "Deny", dagl)),
		"deny unless permit":      policyXML("urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-unless-permit", ruleXML("r", "Permit", dagl)),
		"an unknown role":         policyXML(denyOverrides, ruleXML("r", "Permit", []string{exact + registry.AttributeRole + " finnesikke"})),
		"another attribute":       policyXML(denyOverrides, ruleXML("r", "Permit", []string{exact + "urn:altinn:userid 1"})),
		"two attributes together": policyXML(denyOverrides, ruleXML("r", "Permit", []string{dagl[0] + " & " + exact + registry.AttributePackage + " skatt-naering"})),
		"two lists of subjects":   policyXML(denyOverrides, ruleXML("r", "Permit", dagl, dagl)),
		"a part of a resource":    policyXML(denyOverrides, ruleXML("r", "Permit", dagl, []string{exact + "urn:altinn:task Task_1"})),
		"another comparison":      policyXML(denyOverrides, ruleXML("r", "Permit", []string{"3.0:function:string-starts-with " + registry.AttributeRole + " da"})),
		"a condition": policyXML(denyOverrides, `<Rule RuleId="r" Effect="Permit"><Condition><Apply FunctionId="urn:oasis:names:tc:xacml:1.0:function:boolean-equal">`+
			`<AttributeValue DataType="`+string(xacml.TypeBoolean)+`">true</AttributeValue><AttributeValue DataType="`+string(xacml.TypeBoolean)+`">true</AttributeValue></Apply></Condition></Rule>`),
	} {
		if _, ok := mustPolicy(t, "demo-x", xml).Reduce(c); ok {
			t.Errorf("%s is reduced", name)
		}
	}
	var held pdp.Holdings
	id, _ := c.PackageID("skatt-naering")
	held.Packages = catalogue.PackageSet{}.With(id)
	r, ok := viewPolicy(t, "demo-skattemelding").Reduce(c)
	if !ok || r.Decide("sign", &held) != xacml.Permit || r.Decide("slett", &held) != xacml.NotApplicable {
		t.Error("the demo's tax policy is not reduced")
	}
	if n := testing.AllocsPerRun(100, func() { r.Decide("sign", &held) }); n != 0 {
		t.Errorf("a reduced decision allocates %v times", n)
	}
}

func viewPolicy(t testing.TB, id string) *registry.Policy {
	t.Helper()
	p, err := viewOf(demoSnapshot(t)).Policy(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestRights: keys, the canonical form of an app, and alternatives that multiply.
func TestRights(t *testing.T) {
	app := mustPolicy(t, "app_ttd_min-app", policyXML(denyOverrides, ruleXML("r", "Permit",
		[]string{exact + registry.AttributeRole + " DAGL", exact + registry.AttributeRole + " regna & " + exact + registry.AttributePackage + " x"},
		[]string{exact + registry.AttributeOrg + " TTD & " + exact + registry.AttributeApp + " min-app", exact + "urn:altinn:task Task_1 & " + exact + registry.AttributeResource + " app_ttd_min-app"},
		[]string{exact + registry.AttributeAction + " Read"})))
	rights := app.Rights()
	if len(rights) != 2 || len(rights[0].Subjects) != 2 || len(rights[0].Subjects[1]) != 2 {
		t.Fatalf("%+v", rights)
	}
	action := registry.Attribute{ID: registry.AttributeAction, Value: "read"}
	if want := registry.RightKey([]registry.Attribute{{ID: registry.AttributeResource, Value: "app_ttd_min-app"}}, action); rights[0].Key != want {
		t.Errorf("the key of an app by owner and name is %s, want %s", rights[0].Key, want)
	}
	if rights[1].Key == rights[0].Key {
		t.Error("a task has the key of the whole")
	}
	if _, ok := app.Right(rights[1].Key); !ok {
		t.Error("a right is not found by its key")
	}
	if got := app.Subjects(); len(got) != 3 || got[1].Value != "dagl" || !slices.Equal(app.Actions(), []string{"Read"}) {
		t.Errorf("subjects %v, actions %v", got, app.Actions())
	}
}

// BenchmarkReduced measures a decision with what it rests on: the holdings of a
// pair and the sets.
func BenchmarkReduced(b *testing.B) {
	s := demoSnapshot(b)
	p := viewPolicy(b, "demo-skattemelding")
	kari, bergen := s.Person(12817010065), s.Organisation(310000019)
	var held pdp.Holdings
	for b.Loop() {
		r, _ := p.Reduce(s.Catalogue())
		pdp.Hold(s, kari, bergen, testTime.Unix(), &held)
		if r.Decide("sign", &held) != xacml.Permit {
			b.Fatal("not permitted")
		}
	}
}
