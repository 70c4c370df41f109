package main

import (
	"fmt"
	"strings"

	"github.com/fullmakt/fullmakt/xacml"
)

// traceLines tells what was evaluated, one line a policy or rule, those inside
// another set in.
func (a *app) traceLines(steps []*xacml.Step, indent string) []string {
	var lines []string
	for _, s := range steps {
		lines = append(lines, indent+a.stepLine(s))
		lines = append(lines, a.traceLines(s.Steps, indent+"  ")...)
	}
	return lines
}

// stepLine tells how one policy or rule fared, and why.
func (a *app) stepLine(s *xacml.Step) string {
	var line string
	var target *xacml.Target
	if s.Rule != nil {
		line = a.texts.Say("trace.rule", "id", s.Rule.ID, "line", s.Rule.Line, "effect", s.Rule.Effect, "decision", s.Decision)
		target = &s.Rule.Target
	} else {
		key := "trace.policy"
		if s.Policy.IsSet() {
			key = "trace.set"
		}
		line = a.texts.Say(key, "id", s.Policy.ID(), "version", s.Policy.Version(), "decision", s.Decision)
		target = s.Policy.Target()
	}
	switch {
	case s.Error != nil:
		line += "; " + s.Error.Error()
	case s.Target == xacml.HoldsNot:
		line += "; " + a.texts.Say("trace.target")
		for i, f := range s.AnyOf {
			if f != xacml.Holds && i < len(target.AnyOf) {
				line += ", " + a.texts.Say("trace.wants", "what", a.anyOfText(target.AnyOf[i]))
			}
		}
	case s.Condition == xacml.HoldsNot:
		line += "; " + a.texts.Say("trace.condition")
	}
	return line
}

// mostAlternatives is how many alternatives of a target are told before the rest
// is only counted.
const mostAlternatives = 4

// anyOfText writes what an AnyOf wants.
func (a *app) anyOfText(any xacml.AnyOf) string {
	var alternatives []string
	for i, all := range any.AllOf {
		if i == mostAlternatives {
			alternatives = append(alternatives, a.texts.Say("trace.more", "n", len(any.AllOf)-i))
			break
		}
		var matches []string
		for _, m := range all.Match {
			matches = append(matches, matchText(m))
		}
		alternatives = append(alternatives, strings.Join(matches, " "+a.texts.Say("word.and")+" "))
	}
	return strings.Join(alternatives, " "+a.texts.Say("word.or")+" ")
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
