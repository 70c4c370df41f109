package main

import (
	"fmt"
	"strings"

	"github.com/fullmakt/fullmakt/xacml"
)

// traceLines tells what was evaluated, one line a policy or rule, those inside
// another set in.
func traceLines(steps []*xacml.Step, indent string) []string {
	var lines []string
	for _, s := range steps {
		lines = append(lines, indent+stepLine(s))
		lines = append(lines, traceLines(s.Steps, indent+"  ")...)
	}
	return lines
}

// stepLine tells how one policy or rule fared, and why.
func stepLine(s *xacml.Step) string {
	var b strings.Builder
	var target *xacml.Target
	switch {
	case s.Rule != nil:
		fmt.Fprintf(&b, "rule %s (line %d, %s): %s", s.Rule.ID, s.Rule.Line, s.Rule.Effect, s.Decision)
		target = &s.Rule.Target
	case s.Policy.IsSet():
		fmt.Fprintf(&b, "policy set %s, version %s: %s", s.Policy.ID(), s.Policy.Version(), s.Decision)
		target = s.Policy.Target()
	default:
		fmt.Fprintf(&b, "policy %s, version %s: %s", s.Policy.ID(), s.Policy.Version(), s.Decision)
		target = s.Policy.Target()
	}
	switch {
	case s.Error != nil:
		fmt.Fprintf(&b, "; %s", s.Error)
	case s.Target == xacml.HoldsNot:
		b.WriteString("; the target does not match")
		for i, f := range s.AnyOf {
			if f != xacml.Holds && i < len(target.AnyOf) {
				fmt.Fprintf(&b, ", it wants %s", anyOfText(target.AnyOf[i]))
			}
		}
	case s.Condition == xacml.HoldsNot:
		b.WriteString("; the condition is false")
	}
	return b.String()
}

// mostAlternatives is how many alternatives of a target are told before the rest
// is only counted.
const mostAlternatives = 4

// anyOfText writes what an AnyOf wants.
func anyOfText(any xacml.AnyOf) string {
	var alternatives []string
	for i, all := range any.AllOf {
		if i == mostAlternatives {
			alternatives = append(alternatives, fmt.Sprintf("one of %d more", len(any.AllOf)-i))
			break
		}
		var matches []string
		for _, m := range all.Match {
			matches = append(matches, matchText(m))
		}
		alternatives = append(alternatives, strings.Join(matches, " and "))
	}
	return strings.Join(alternatives, " or ")
}

// matchText writes what a Match wants: "action-id = read".
func matchText(m xacml.Match) string {
	name := m.AttributeID
	if m.Path != "" {
		name = m.Path
	}
	function := m.Function[strings.LastIndex(m.Function, ":")+1:]
	if strings.HasSuffix(function, "-equal") {
		return fmt.Sprintf("%s = %q", name, m.Value)
	}
	return fmt.Sprintf("%s(%q, %s)", function, m.Value, name)
}
