package registry_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/xacml"
)

// withPolicy is a snapshot in which a resource of the demo has another policy.
func withPolicy(s *index.Snapshot, resource, xml string) *index.Snapshot {
	return after(s, []fullmakt.Change{fullmakt.Document{Kind: fullmakt.DocumentPolicy, ID: resource, Body: []byte(xml)}})
}

// TestDecideEqualsExplain: decided from sets and by evaluation in full, random
// policies have the same decision, obligations and basis for random pairs.
func TestDecideEqualsExplain(t *testing.T) {
	s := demoSnapshot(t)
	rnd := rand.New(rand.NewPCG(3, 2026))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	counts := map[xacml.Decision]int{}
	for range 60 {
		var rules []string
		for i := range 1 + rnd.IntN(3) {
			subject := pick(registry.AttributeRole+" dagl", registry.AttributeRole+" lede", "urn:altinn:external-role:ccr daglig-leder",
				registry.AttributePackage+" skatt-naering", registry.AttributePackage+" maskinlesbare-hendelser", registry.AttributePackage+" finnes-ikke")
			rules = append(rules, ruleXML(fmt.Sprint("r", i), pick("Permit", "Permit", "Permit", "Deny"), []string{pick(exact, folded) + subject},
				[]string{exact + registry.AttributeAction + " " + pick("read", "write")}))
		}
		s := withPolicy(s, "demo-tilskudd", policyXML(denyOverrides, rules...))
		d := &registry.Decider{Snapshot: s, View: viewOf(s)}
		for range 60 {
			q := &registry.Question{
				Subject: fullmakt.PartyNo(1 + rnd.IntN(int(s.Last()))), For: fullmakt.PartyNo(1 + rnd.IntN(int(s.Last()))),
				Resource: pick("demo-tilskudd", "DEMO-tilskudd", "demo-skattemelding"), Action: pick("read", "write", "sign"), At: testTime,
			}
			if rnd.IntN(2) == 0 {
				q.Subject, q.For = s.Person(12817010065), s.Organisation(310000019)
			}
			got, x := d.Decide(q), d.Explain(q)
			if got.Decision != x.Decision || got.Basis != x.Basis || len(got.Obligations) != len(x.Obligations) {
				t.Fatalf("%+v: decided %s by %d, explained %s by %d", q, got.Decision, got.Basis, x.Decision, x.Basis)
			}
			if again, reason := d.DecideReason(q); again.Decision != x.Decision || reason != x.Reason {
				t.Fatalf("%+v: %s because of %s, explained %s", q, again.Decision, reason, x.Reason)
			}
			counts[got.Decision]++
		}
	}
	if counts[xacml.Permit] < 100 || counts[xacml.Deny] < 100 || counts[xacml.NotApplicable] < 100 {
		t.Errorf("decisions %v", counts)
	}
}

// TestSingleRights: what the policy does not let through, a right that was given
// does, for its action alone; an access list has the last word.
func TestSingleRights(t *testing.T) {
	s := demoSnapshot(t)
	bergen, ola := s.Organisation(310000019), s.Person(1896210099)
	if ola == 0 {
		t.Fatal("no such person in the demo")
	}
	give := func(resource, action string) {
		key := registry.RightKey([]registry.Attribute{{ID: registry.AttributeResource, Value: resource}}, registry.Attribute{ID: registry.AttributeAction, Value: action})
		s = after(s, []fullmakt.Change{fullmakt.Grant{From: bergen, To: ola, Resource: resource, Right: key}})
	}
	ask := func(resource, action string) registry.Answer {
		d := &registry.Decider{Snapshot: s, View: viewOf(s)}
		return d.Decide(&registry.Question{Subject: ola, For: bergen, Resource: resource, Action: action, At: testTime})
	}
	if a := ask("demo-skattemelding", "sign"); a.Decision != xacml.NotApplicable {
		t.Fatalf("before: %s", a.Decision)
	}
	give("demo-skattemelding", "sign")
	give("demo-tilskudd", "write")
	if a := ask("demo-skattemelding", "sign"); a.Decision != xacml.Permit || a.Basis != registry.ByGrant || len(a.Obligations) != 1 {
		t.Errorf("with the right: %+v", a.Result)
	}
	if a := ask("demo-skattemelding", "read"); a.Decision != xacml.NotApplicable {
		t.Errorf("another action: %s", a.Decision)
	}
	if a := ask("demo-tilskudd", "write"); a.Decision != xacml.Deny || a.Basis != registry.ByAccessList {
		t.Errorf("not on the list: %+v", a.Result)
	}
}

// TestDecideAllocatesNothing on the way that most decisions take.
func TestDecideAllocatesNothing(t *testing.T) {
	s, d, q := tenRules(t)
	if n := testing.AllocsPerRun(100, func() { d.Decide(q) }); n != 0 || d.Decide(q).Decision != xacml.Permit {
		t.Errorf("a decision at revision %d allocates %v times", s.Seq(), n)
	}
}

// tenRules is a decision point with a policy as service owners write them, and a
// question that the last of its rules permits, over one hop.
func tenRules(t testing.TB) (*index.Snapshot, *registry.Decider, *registry.Question) {
	s := demoSnapshot(t)
	var rules []string
	for i := range 9 {
		rules = append(rules, ruleXML(fmt.Sprint("r", i), "Permit", []string{exact + registry.AttributeRole + " komk", folded + registry.AttributePackage + " ansvarlig-revisor"},
			[]string{exact + registry.AttributeResource + " demo-skattemelding"}, []string{exact + registry.AttributeAction + fmt.Sprint(" read", i), exact + registry.AttributeAction + " sign"}))
	}
	rules = append(rules, ruleXML("r9", "Permit", []string{folded + registry.AttributePackage + " skatt-naering", exact + registry.AttributeRole + " regn"},
		[]string{exact + registry.AttributeResource + " demo-skattemelding"}, []string{exact + registry.AttributeAction + " sign"}))
	s = withPolicy(s, "demo-skattemelding", policyXML(denyOverrides, rules...))
	d := &registry.Decider{Snapshot: s, View: viewOf(s)}
	return s, d, &registry.Question{Subject: s.Person(12817010065), For: s.Organisation(310000019), Resource: "demo-skattemelding", Action: "sign", At: testTime}
}

// BenchmarkDecide measures whole decisions: what the subject holds over one hop, a
// policy of ten rules, and no access list. RandomRead is the unit that they are
// compared by: one dependent read in an array larger than the caches.
func BenchmarkDecide(b *testing.B) {
	_, d, q := tenRules(b)
	b.Run("Reduced", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if d.Decide(q).Decision != xacml.Permit {
				b.Fatal("not permitted")
			}
		}
	})
	b.Run("Full", func(b *testing.B) {
		q := *q
		q.Request = &xacml.Request{ReturnPolicyIDList: true}
		b.ReportAllocs()
		for b.Loop() {
			if d.Decide(&q).Decision != xacml.Permit {
				b.Fatal("not permitted")
			}
		}
	})
	b.Run("RandomRead", func(b *testing.B) {
		next := make([]uint32, 1<<24)
		for i, to := range rand.New(rand.NewPCG(1, 2)).Perm(len(next)) {
			next[i] = uint32(to)
		}
		at := uint32(0)
		for b.Loop() {
			at = next[at]
		}
		if at >= uint32(len(next)) {
			b.Fatal("out of the array")
		}
	})
}
