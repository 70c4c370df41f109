package xacml

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// settled is a child of a combining algorithm whose outcome is given.
type settled struct {
	extended
	target matching
}

func (s settled) decide(*evaluation) outcome {
	o := outcome{extended: s.extended}
	switch s.extended {
	case indeterminateP, indeterminateD, indeterminateDP:
		o.err = processingError("given")
	}
	return o
}

func (s settled) applies(*evaluation) (matching, *Error) { return s.target, nil }

// TestCombinePolicies puts every sequence of up to four outcomes of policies
// through every algorithm.
func TestCombinePolicies(t *testing.T) {
	forEverySequence(4, indeterminateDP+1, func(sequence []extended) {
		var children []decider
		var naive []naiveChild
		for _, x := range sequence {
			c := settled{x, matched}
			n := naiveChild{decision: x, target: yes}
			switch x {
			case notApplicable:
				c.target, n.target = noMatch, no
			case indeterminateDP: // let it come of the target
				c.target, n.target = matchFailed, fail
			}
			children, naive = append(children, c), append(naive, n)
		}
		for id, algorithm := range algorithms {
			got, want := algorithm.policies(&evaluation{}, children), naiveCombine(id, false, naive)
			if got.extended != want {
				t.Errorf("%s of %v: got %d, want %d", id, sequence, got.extended, want)
			}
			if failed := got.decision() == Indeterminate; failed && got.err == nil && !(id == "1.0:only-one-applicable") {
				t.Errorf("%s of %v: Indeterminate without an error", id, sequence)
			}
		}
	})
}

// TestCombineRules does the same with rules, which are Indeterminate in the
// direction of their effect only.
func TestCombineRules(t *testing.T) {
	forEverySequence(5, indeterminateD+1, func(sequence []extended) {
		var children []decider
		var naive []naiveChild
		for _, x := range sequence {
			effect := permit
			if x == deny || x == indeterminateD {
				effect = deny
			}
			children, naive = append(children, settled{x, matched}), append(naive, naiveChild{decision: x, effect: effect})
		}
		for id, algorithm := range algorithms {
			if algorithm.rules == nil {
				continue
			}
			if got, want := algorithm.rules(&evaluation{}, children).extended, naiveCombine(id, true, naive); got != want {
				t.Errorf("%s of %v: got %d, want %d", id, sequence, got, want)
			}
		}
	})
}

func forEverySequence(longest int, kinds extended, do func([]extended)) {
	sequences := [][]extended{nil}
	for range longest + 1 {
		var longer [][]extended
		for _, s := range sequences {
			do(s)
			for x := range kinds {
				longer = append(longer, append(slices.Clone(s), x))
			}
		}
		sequences = longer
	}
}

// TestEvaluateLikeNaive: whole trees of policies, written as XML and compiled, are
// decided as the naive evaluator decides them, with their obligations, traced or
// not.
func TestEvaluateLikeNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawNode(t, rapid.IntRange(0, 3).Draw(t, "depth"), "n")
		p, err := ParsePolicy("drawn.xml", []byte(withNamespace(n.xml())))
		if err != nil {
			t.Fatalf("%v\n%s", err, n.xml())
		}
		req := naiveRequest()
		engine := NewEngine(Options{Roots: []*Policy{p}})
		got := engine.Evaluate(req, testNow).Results[0]
		explained, trace := engine.Explain(req, testNow)
		want := n.evaluate()
		if got.Decision != want.decision() || explained.Results[0].Decision != got.Decision {
			t.Fatalf("got %s, explained %s, want %s\n%s", got.Decision, explained.Results[0].Decision, want.decision(), n.xml())
		}
		if trace.Requests[0][0].Decision != got.Decision {
			t.Fatalf("the trace says %s, the result %s", trace.Requests[0][0].Decision, got.Decision)
		}
		if (got.Decision == Indeterminate) != (got.Status.Code != "") {
			t.Fatalf("%s with the status %q", got.Decision, got.Status.Code)
		}
		var ids []string
		for _, o := range got.Obligations {
			ids = append(ids, o.ID)
			if want := []Assignment{{AttributeID: "value", Value: String("yes")}}; !slices.Equal(o.Assignments, want) {
				t.Fatalf("obligation %s has %v", o.ID, o.Assignments)
			}
		}
		may := n.duties(want)
		for _, id := range ids {
			if !slices.Contains(may, id) {
				t.Fatalf("the obligation %s may not come with %s\n%s", id, got.Decision, n.xml())
			}
		}
		if (want == permit || want == deny) && n.duty == yes && !slices.Contains(ids, n.id) {
			t.Fatalf("the root's own obligation is missing\n%s", n.xml())
		}
	})
}

func drawNode(t *rapid.T, depth int, id string) *naiveNode {
	n := &naiveNode{id: id, target: drawTarget(t)}
	n.duty = rapid.SampledFrom([]naiveMatch{0, 0, yes, yes, fail}).Draw(t, "duty")
	n.kind = "policy"
	if depth > 0 {
		n.kind = "set"
	}
	for {
		n.algorithm = rapid.SampledFrom(slices.Sorted(maps.Keys(algorithms))).Draw(t, "algorithm")
		if n.kind == "set" || n.algorithm != "1.0:only-one-applicable" {
			break
		}
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "children") {
		id := fmt.Sprintf("%s-%d", id, i)
		if n.kind == "set" {
			n.children = append(n.children, drawNode(t, depth-1, id))
			continue
		}
		n.children = append(n.children, &naiveNode{
			id: id, kind: "rule", target: drawTarget(t),
			effect:    rapid.SampledFrom([]extended{permit, deny}).Draw(t, "effect"),
			condition: rapid.SampledFrom([]naiveMatch{0, yes, no, fail}).Draw(t, "condition"),
			duty:      rapid.SampledFrom([]naiveMatch{0, 0, yes, fail}).Draw(t, "duty"),
		})
	}
	return n
}

func drawTarget(t *rapid.T) naiveTarget {
	var target naiveTarget
	for range rapid.IntRange(0, 2).Draw(t, "anyOf") {
		anyOf := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("yynf")), 1, 2, -1), 1, 3).Draw(t, "allOf")
		target = append(target, anyOf)
	}
	return target
}

// TestLookupAlgorithm: the standard's identifiers are known, the one for the other
// kind is taken for the right one, and nothing else is known.
func TestLookupAlgorithm(t *testing.T) {
	for id := range algorithms {
		version, name := id[:3], id[4:]
		for _, kind := range []string{"rule", "policy"} {
			urn := "urn:oasis:names:tc:xacml:" + version + ":" + kind + "-combining-algorithm:" + name
			if lookupAlgorithm(urn, false) == nil {
				t.Errorf("%s is not known for policies", urn)
			}
			if got, want := lookupAlgorithm(urn, true) != nil, name != "only-one-applicable"; got != want {
				t.Errorf("%s is known for rules: %t, want %t", urn, got, want)
			}
		}
	}
	for _, id := range []string{
		"", "deny-overrides", "3.0:rule-combining-algorithm:deny-overrides", ruleAlgorithm3, ruleAlgorithm3 + "first-applicable",
		"urn:oasis:names:tc:xacml:2.0:rule-combining-algorithm:deny-overrides", ruleAlgorithm3 + "deny-overrides ",
	} {
		if lookupAlgorithm(id, true) != nil || lookupAlgorithm(id, false) != nil {
			t.Errorf("%q is known", id)
		}
	}
}
