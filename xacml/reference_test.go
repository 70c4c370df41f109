package xacml

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// setOf is a policy set with an algorithm for policies and whatever is inside.
func setOf(id, algorithm string, inside ...string) string {
	return fmt.Sprintf(`<PolicySet PolicySetId="%s" Version="1.0" PolicyCombiningAlgId="%s"><Target/>%s</PolicySet>`, id, algorithm, strings.Join(inside, ""))
}

// always is a policy of one rule with no target.
func always(id, version string, effect Decision) string {
	return fmt.Sprintf(`<Policy PolicyId="%s" Version="%s" RuleCombiningAlgId="%sdeny-overrides"><Target/>%s</Policy>`, id, version, ruleAlgorithm3, ruleOf("r", effect))
}

// TestVersionPatterns: section 5.13, with its own examples: 1.* and 1.+.
func TestVersionPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, version string
		want             bool
	}{
		{"1.2.3", "1.2.3", true},
		{"1.2.3", "1.2.4", false},
		{"1.2", "1.2.3", false},
		{"1.2.3", "1.2", false},
		{"01.2", "1.02", true},
		{"1.*.3", "1.2.3", true},
		{"1.*", "1.2.3", false},
		{"1.*", "1.2", true},
		{"1.+", "1.2.3", true},
		{"1.+", "1.2", true},
		{"1.+", "1", false},
		{"1.+", "2.1", false},
		{"+", "7", true},
		{"*", "7.1", false},
		{"99999999999999999999", "99999999999999999999", true},
	} {
		if got := versionMatches(c.pattern, c.version); got != c.want {
			t.Errorf("%s of %s: got %t", c.pattern, c.version, got)
		}
	}
	ascending := []string{"0", "0.1", "0.2", "0.10", "1", "1.0", "1.0.0", "1.2", "2", "10", "99999999999999999999"}
	for i, a := range ascending {
		for j, b := range ascending {
			got := compareVersions(a, b)
			if (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s and %s compare as %d", a, b, got)
			}
		}
	}
	for s, want := range map[string]bool{"1": true, "1.0": true, "": false, ".": false, "1.": false, ".1": false, "1..0": false, "-1": false, "1.+": false, "1.*": false, "v1": false} {
		if validVersion(s) != want {
			t.Errorf("%q is a version: %t", s, !want)
		}
	}
	for s, want := range map[string]bool{"1": true, "*": true, "+": true, "1.*.2": true, "1.+": true, "+.1": false, "1.+.2": false, "": false, "1.**": false} {
		if validVersionPattern(s) != want {
			t.Errorf("%q is a pattern: %t", s, !want)
		}
	}
}

// TestReferenceChoose: the latest version among those that match is meant.
func TestReferenceChoose(t *testing.T) {
	var policies []*Policy
	for _, version := range []string{"1.0", "2.1", "1.10", "1.9", "3.0"} {
		policies = append(policies, mustPolicy(t, always("p", version, Permit)))
	}
	policies = append(policies, mustPolicy(t, setOf("p", policyAlgorithm3+"deny-overrides")), mustPolicy(t, always("q", "9", Permit)))
	for _, c := range []struct {
		ref  Reference
		want string // "" for none
	}{
		{Reference{ID: "p"}, "3.0"},
		{Reference{ID: "p", Version: "1.*"}, "1.10"},
		{Reference{ID: "p", Version: "1.9"}, "1.9"},
		{Reference{ID: "p", Version: "1"}, ""},
		{Reference{ID: "p", LatestVersion: "2.1"}, "2.1"},
		{Reference{ID: "p", LatestVersion: "2.0"}, "1.10"},
		{Reference{ID: "p", LatestVersion: "1.+"}, "1.10"},
		{Reference{ID: "p", EarliestVersion: "3.0"}, "3.0"},
		{Reference{ID: "p", EarliestVersion: "3.1"}, ""},
		{Reference{ID: "p", EarliestVersion: "1.9", LatestVersion: "1.9"}, "1.9"},
		{Reference{ID: "p", Version: "1.+", EarliestVersion: "2.0"}, ""},
		{Reference{ID: "P"}, ""},
		{Reference{ID: "p", Set: true}, "1.0"},
	} {
		got := c.ref.Choose(policies)
		if (got == nil) != (c.want == "") || got != nil && (got.Version() != c.want || got.IsSet() != c.ref.Set) {
			t.Errorf("%s: got %+v, want %q", c.ref, got, c.want)
		}
	}
}

// TestReferences: references are followed lazily and once, and what cannot be
// resolved is Indeterminate (section 7.15).
func TestReferences(t *testing.T) {
	library := []*Policy{mustPolicy(t, always("permits", "1.0", Permit)), mustPolicy(t, always("denies", "1.0", Deny)),
		mustPolicy(t, setOf("nested", policyAlgorithm3+"deny-overrides", `<PolicyIdReference>permits</PolicyIdReference>`)),
		mustPolicy(t, setOf("loop", policyAlgorithm3+"deny-overrides", `<PolicySetIdReference>pool</PolicySetIdReference>`)),
		mustPolicy(t, setOf("pool", policyAlgorithm3+"deny-overrides", `<PolicySetIdReference>loop</PolicySetIdReference>`)),
	}
	for _, c := range []struct {
		name, inside string
		want         Decision
		message      string
	}{
		{"a policy", `<PolicyIdReference> permits </PolicyIdReference>`, Permit, ""},
		{"two", `<PolicyIdReference>permits</PolicyIdReference><PolicyIdReference>denies</PolicyIdReference>`, Deny, ""},
		{"a set", `<PolicySetIdReference>nested</PolicySetIdReference>`, Permit, ""},
		{"a policy by the reference of a set", `<PolicySetIdReference>permits</PolicySetIdReference>`, Indeterminate, "not among the policies"},
		{"nothing", `<PolicyIdReference>none</PolicyIdReference>`, Indeterminate, "policy none is not among the policies"},
		{"another version", `<PolicyIdReference Version="2.*">permits</PolicyIdReference>`, Indeterminate, "version 2.*"},
		{"what fails to load", `<PolicyIdReference>broken</PolicyIdReference>`, Indeterminate, "broken.xml:3"},
		{"the wrong one", `<PolicyIdReference>wrong</PolicyIdReference>`, Indeterminate, "was looked for"},
		{"itself", `<PolicySetIdReference>root</PolicySetIdReference>`, Indeterminate, "refers to itself"},
		{"a circle", `<PolicySetIdReference>loop</PolicySetIdReference>`, Indeterminate, "refers to itself"},
	} {
		for _, algorithm := range []string{policyAlgorithm3 + "deny-overrides", policyAlgorithm1 + "only-one-applicable"} {
			if c.name == "two" && strings.HasSuffix(algorithm, "only-one-applicable") {
				continue
			}
			var asked []string
			engine := NewEngine(Options{Roots: []*Policy{mustPolicy(t, setOf("root", algorithm, c.inside))}, Find: func(ref Reference) (*Policy, error) {
				asked = append(asked, ref.ID)
				switch ref.ID {
				case "broken":
					return nil, &PolicyError{File: "broken.xml", Line: 3, Reason: "nonsense"}
				case "wrong":
					return library[0], nil
				}
				return ref.Choose(library), nil
			}})
			if len(asked) > 0 {
				t.Fatalf("%s: %v looked for before it was needed", c.name, asked)
			}
			got := engine.Evaluate(requestWith(), testNow).Results[0]
			if got.Decision != c.want || !strings.Contains(got.Status.Message, c.message) {
				t.Errorf("%s, %s: got %s (%s), want %s (%s)", c.name, algorithm, got.Decision, got.Status.Message, c.want, c.message)
			}
			if c.want == Indeterminate && got.Status.Code != StatusProcessingError {
				t.Errorf("%s: the status is %s", c.name, got.Status.Code)
			}
			if before := len(asked); c.want != Indeterminate {
				if engine.Evaluate(requestWith(), testNow); len(asked) != before {
					t.Errorf("%s: looked for again: %v", c.name, asked)
				}
			}
		}
	}
}

// TestReferenceToRoot: a reference may mean another root when Find has nothing, and
// a policy inside which it stands is told apart by its version.
func TestReferenceToRoot(t *testing.T) {
	outer := mustPolicy(t, strings.Replace(setOf("root", policyAlgorithm3+"deny-overrides", `<PolicySetIdReference Version="2.0">root</PolicySetIdReference>`), "<Target/>", "<Target>"+anyOf(stringMatch("a", "1"))+"</Target>", 1))
	inner := mustPolicy(t, strings.NewReplacer(`Version="1.0" PolicyC`, `Version="2.0" PolicyC`, "<Target/>", "<Target>"+anyOf(stringMatch("a", "1"), stringMatch("b", "1"))+"</Target>").Replace(
		setOf("root", policyAlgorithm3+"deny-unless-permit")))
	if got := decideOne(t, requestWith("a", "1"), outer, inner); got.Decision != Indeterminate || !strings.Contains(got.Status.Message, "more than one policy") {
		t.Errorf("two roots apply: %+v", got)
	}
	if got := decideOne(t, requestWith("b", "1"), outer, inner); got.Decision != Deny {
		t.Errorf("the second root applies: %+v", got)
	}
	if got := decideOne(t, requestWith("c", "1"), outer, inner); got.Decision != NotApplicable {
		t.Errorf("no root applies: %+v", got)
	}
	engine := NewEngine(Options{Roots: []*Policy{outer, mustPolicy(t, strings.Replace(always("root", "2.0", Deny), "<Target/>", "<Target>"+anyOf(stringMatch("b", "1"))+"</Target>", 1))}})
	if got := engine.Evaluate(requestWith("a", "1"), testNow).Results[0]; got.Decision != Indeterminate {
		t.Errorf("a policy is not the set that is meant: %+v", got)
	}
	if got := NewEngine(Options{}).Evaluate(requestWith(), testNow).Results[0]; got.Decision != NotApplicable {
		t.Errorf("without policies: %+v", got)
	}
}

// TestReferenceDepth: policies that refer to ever new ones come to an end.
func TestReferenceDepth(t *testing.T) {
	endless := func(ref Reference) (*Policy, error) {
		return ParsePolicy("endless.xml", []byte(withNamespace(setOf(ref.ID, policyAlgorithm3+"permit-overrides", `<PolicySetIdReference>`+ref.ID+`x</PolicySetIdReference>`))))
	}
	start, _ := endless(Reference{ID: "x"})
	got := NewEngine(Options{Roots: []*Policy{start}, Find: endless, Limits: Limits{Depth: 20}}).Evaluate(requestWith(), testNow).Results[0]
	if got.Decision != Indeterminate || !strings.Contains(got.Status.Message, "20 deep") {
		t.Errorf("got %+v", got)
	}
	// Two references in each of 40 sets would be 2^40 policies.
	twice := func(ref Reference) (*Policy, error) {
		if len(ref.ID) > 40 {
			return nil, errors.New("not this deep")
		}
		next := `<PolicySetIdReference>` + ref.ID + `x</PolicySetIdReference>`
		return ParsePolicy("twice.xml", []byte(withNamespace(setOf(ref.ID, policyAlgorithm3+"permit-unless-deny", next, next))))
	}
	start, _ = twice(Reference{ID: "x"})
	got = NewEngine(Options{Roots: []*Policy{start}, Find: twice, Limits: Limits{Steps: 20_000}}).Evaluate(requestWith(), testNow).Results[0]
	if got.Decision != Indeterminate || got.Status.Message != errTooManySteps.Message {
		t.Errorf("got %+v", got)
	}
}
