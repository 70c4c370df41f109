package xacml

import (
	"fmt"
	"slices"
	"strings"
)

// The naive evaluator: policies as plain trees, evaluated straight from the
// standard's prose with no thought of speed. Every part is evaluated, also those
// that can change nothing.

// naiveMatch is the truth of a match whatever the request: matches, does not, or
// cannot be evaluated.
type naiveMatch byte

const (
	yes  naiveMatch = 'y'
	no   naiveMatch = 'n'
	fail naiveMatch = 'f'
)

// naiveTarget is a list of AnyOf, each a list of AllOf, each a word of matches.
type naiveTarget [][]string

// naiveNode is a rule, a policy or a policy set.
type naiveNode struct {
	id        string
	kind      string // rule, policy, set
	effect    extended
	target    naiveTarget
	condition naiveMatch // of a rule; 0 when there is none
	algorithm string     // its identifier without the part that all share
	children  []*naiveNode
	duty      naiveMatch // of its obligation: none, or one whose value can, or cannot, be evaluated
}

// match is section 7.7: tables 2, 3 and 4.
func (t naiveTarget) match() naiveMatch {
	allOf := func(matches string) naiveMatch {
		switch {
		case strings.Count(matches, "y") == len(matches): // "all True"
			return yes
		case strings.Contains(matches, "n"): // "at least one False"
			return no
		}
		return fail
	}
	anyOf := func(alternatives []string) naiveMatch {
		var values string
		for _, a := range alternatives {
			values += string(allOf(a))
		}
		switch {
		case strings.Contains(values, "y"): // "at least one Match"
			return yes
		case strings.Contains(values, "f"): // "none matches and at least one Indeterminate"
			return fail
		}
		return no
	}
	var values string
	for _, a := range t {
		values += string(anyOf(a))
	}
	switch {
	case strings.Contains(values, "n"): // "at least one No match"
		return no
	case strings.Contains(values, "f"):
		return fail
	}
	return yes
}

// evaluate is sections 7.11 to 7.14.
func (n *naiveNode) evaluate() extended {
	if n.kind == "rule" {
		var got extended
		switch match := n.target.match(); {
		case match == no:
			return notApplicable
		case match == fail:
			return potential(n.effect)
		case n.condition == no:
			return notApplicable
		case n.condition == fail:
			return potential(n.effect)
		default:
			got = n.effect
		}
		if n.duty == fail {
			return potential(got)
		}
		return got
	}
	match := n.target.match()
	if match == no {
		return notApplicable
	}
	var children []naiveChild
	for _, c := range n.children {
		children = append(children, naiveChild{c.evaluate(), c.target.match(), c.effect})
	}
	got := naiveCombine(n.algorithm, n.kind == "policy", children)
	if match == fail {
		return map[extended]extended{ // table 7
			notApplicable: notApplicable, permit: indeterminateP, deny: indeterminateD,
			indeterminateDP: indeterminateDP, indeterminateP: indeterminateP, indeterminateD: indeterminateD,
		}[got]
	}
	if n.duty == fail && (got == permit || got == deny) {
		return potential(got)
	}
	return got
}

func potential(effect extended) extended {
	if effect == permit {
		return indeterminateP
	}
	return indeterminateD
}

// naiveChild is what a combining algorithm sees of a rule or policy.
type naiveChild struct {
	decision extended
	target   naiveMatch
	effect   extended // of a rule
}

// naiveCombine is appendix C.
func naiveCombine(algorithm string, rules bool, children []naiveChild) extended {
	any := func(of ...extended) bool {
		return slices.ContainsFunc(children, func(c naiveChild) bool { return slices.Contains(of, c.decision) })
	}
	anyIndeterminate := any(indeterminateP, indeterminateD, indeterminateDP)
	// "If any decision is D …; otherwise, if any is Indeterminate{DP} …"
	overrides := func(d, p, indD, indP extended) extended {
		switch {
		case any(d):
			return d
		case any(indeterminateDP):
			return indeterminateDP
		case any(indD) && any(indP, p):
			return indeterminateDP
		case any(indD):
			return indD
		case any(p):
			return p
		case any(indP):
			return indP
		}
		return notApplicable
	}
	switch algorithm {
	case "3.0:deny-overrides", "3.0:ordered-deny-overrides":
		return overrides(deny, permit, indeterminateD, indeterminateP)
	case "3.0:permit-overrides", "3.0:ordered-permit-overrides":
		return overrides(permit, deny, indeterminateP, indeterminateD)
	case "3.0:deny-unless-permit":
		if any(permit) {
			return permit
		}
		return deny
	case "3.0:permit-unless-deny":
		if any(deny) {
			return deny
		}
		return permit
	case "1.0:first-applicable":
		for _, c := range children {
			switch c.decision {
			case permit, deny:
				return c.decision
			case indeterminateP, indeterminateD, indeterminateDP:
				return indeterminateDP
			}
		}
		return notApplicable
	case "1.0:only-one-applicable":
		applicable := -1
		for i, c := range children {
			if c.target == fail {
				return indeterminateDP
			}
			if c.target == yes {
				if applicable >= 0 {
					return indeterminateDP
				}
				applicable = i
			}
		}
		if applicable < 0 {
			return notApplicable
		}
		switch c := children[applicable].decision; c {
		case indeterminateP, indeterminateD: // which one is for algorithms that say so
			return indeterminateDP
		default:
			return c
		}
	}
	// The pseudo-code of the algorithms of XACML 1.0, statement by statement.
	name, first, second := "deny", deny, permit
	if strings.HasSuffix(algorithm, "permit-overrides") {
		name, first, second = "permit", permit, deny
	}
	atLeastOneError, potentialFirst, atLeastOneSecond := false, false, false
	for _, c := range children {
		switch c.decision {
		case first:
			return first
		case second:
			atLeastOneSecond = true
		case notApplicable:
		default:
			if !rules && name == "deny" {
				return deny
			}
			atLeastOneError = true
			potentialFirst = potentialFirst || rules && c.effect == first
		}
	}
	switch {
	case rules && potentialFirst:
		return indeterminateDP
	case atLeastOneSecond:
		return second
	case rules && atLeastOneError, anyIndeterminate:
		return indeterminateDP
	}
	return notApplicable
}

// duties returns the obligations that may come with a decision (section 7.18): of
// what decided so, in all that decided so.
func (n *naiveNode) duties(decision extended) []string {
	if n.evaluate() != decision {
		return nil
	}
	var ids []string
	for _, c := range n.children {
		ids = append(ids, c.duties(decision)...)
	}
	if n.duty == yes {
		ids = append(ids, n.id)
	}
	return ids
}

// xml writes the tree as a policy. Every match compares an attribute with "yes":
// of a request that has the value yes of the attribute y, no of the attribute n,
// and no attribute f.
func (n *naiveNode) xml() string {
	var b strings.Builder
	family := "rule"
	switch n.kind {
	case "rule":
		fmt.Fprintf(&b, `<Rule RuleId="%s" Effect="%s">`, n.id, n.effect.decision())
	case "policy":
		version, name, _ := strings.Cut(n.algorithm, ":")
		fmt.Fprintf(&b, `<Policy PolicyId="%s" Version="1.0" RuleCombiningAlgId="urn:oasis:names:tc:xacml:%s:rule-combining-algorithm:%s">`, n.id, version, name)
	default:
		family = "policy"
		version, name, _ := strings.Cut(n.algorithm, ":")
		fmt.Fprintf(&b, `<PolicySet PolicySetId="%s" Version="1.0" PolicyCombiningAlgId="urn:oasis:names:tc:xacml:%s:%s-combining-algorithm:%s">`, n.id, version, family, name)
	}
	b.WriteString("<Target>")
	for _, anyOf := range n.target {
		b.WriteString("<AnyOf>")
		for _, allOf := range anyOf {
			b.WriteString("<AllOf>")
			for _, m := range []byte(allOf) {
				b.WriteString(naiveMatch(m).xml())
			}
			b.WriteString("</AllOf>")
		}
		b.WriteString("</AnyOf>")
	}
	b.WriteString("</Target>")
	if n.condition != 0 {
		fmt.Fprintf(&b, `<Condition><Apply FunctionId="%sstring-equal"><AttributeValue DataType="%s">yes</AttributeValue>%s</Apply></Condition>`,
			function1, TypeString, n.condition.only())
	}
	for _, c := range n.children {
		b.WriteString(c.xml())
	}
	if n.duty != 0 {
		value := n.duty.only()
		fmt.Fprintf(&b, `<ObligationExpressions><ObligationExpression ObligationId="%[1]s" FulfillOn="Permit">%[2]s</ObligationExpression><ObligationExpression ObligationId="%[1]s" FulfillOn="Deny">%[2]s</ObligationExpression></ObligationExpressions>`,
			n.id, `<AttributeAssignmentExpression AttributeId="value">`+value+`</AttributeAssignmentExpression>`)
	}
	b.WriteString(map[string]string{"rule": "</Rule>", "policy": "</Policy>", "set": "</PolicySet>"}[n.kind])
	return b.String()
}

func (m naiveMatch) xml() string {
	return matchOf(function1+"string-equal", CategoryAccessSubject, string(m), "yes", m == fail)
}

// only is the attribute's one value.
func (m naiveMatch) only() string {
	return fmt.Sprintf(`<Apply FunctionId="%sstring-one-and-only">%s</Apply>`, function1, designatorOf(CategoryAccessSubject, string(m), TypeString, m == fail))
}

// naiveRequest is the request that the matches are true, false or errors of.
func naiveRequest() *Request { return requestWith("y", "yes", "n", "no") }
