package xacml

import (
	"slices"
	"strings"
)

// ParsePolicy reads and compiles a Policy or PolicySet of XACML 3.0. file names it
// in errors, which are *PolicyError: a policy is wholly right or refused.
//
// The elements must be in the order that the schema has them. Documents are at most
// 8 MiB, have at most 250 000 elements, 200 deep, and no document type declaration.
func ParsePolicy(file string, src []byte) (policy *Policy, err error) {
	root, err := readElements(file, src)
	if err != nil {
		return nil, err
	}
	r := &policyReader{file: file, program: &program{slots: map[string]int{}}}
	defer func() {
		switch refused := recover().(type) {
		case nil:
		case *PolicyError:
			policy, err = nil, refused
		default:
			panic(refused)
		}
	}()
	if root.space != Namespace {
		r.refuse(root, "%s is of the namespace %q; only XACML 3.0 policies are taken, of %s", root.name, root.space, Namespace)
	}
	switch root.name {
	case "Policy":
		return r.policy(root, ""), nil
	case "PolicySet":
		return r.policySet(root, ""), nil
	}
	r.refuse(root, "the root element is %s; it must be Policy or PolicySet", root.name)
	return nil, nil
}

// policy reads a Policy. xpathVersion is that of the policy sets around it.
func (r *policyReader) policy(e *policyElement, xpathVersion string) *Policy {
	r.attributes(e, "PolicyId", "Version", "RuleCombiningAlgId", "MaxDelegationDepth")
	p := r.policyHead(e, "PolicyId", "RuleCombiningAlgId")
	in := r.inside(e)
	r.policyPreamble(p, in, e, "PolicyDefaults", xpathVersion)
	r.rules = r.variableDefinitions(in.left)
	defer func() { r.rules = nil }()
	var about []*policyElement
	const rule, variable, whole, one = "Rule", "VariableDefinition", "CombinerParameters", "RuleCombinerParameters"
	for c := in.take(rule, variable, whole, one); c != nil; c = in.take(rule, variable, whole, one) {
		switch c.name {
		case rule:
			rule := r.rule(c)
			p.rules = append(p.rules, rule)
			p.children = append(p.children, rule)
		case variable:
			id, _ := c.attr("VariableId")
			r.compileVariable(r.rules.variables[id], 1)
		default:
			about = append(about, c)
		}
	}
	p.directives = r.directives(in)
	in.end(e)
	for _, c := range about {
		r.combinerParameters(p, c, "RuleIdRef", slices.ContainsFunc(p.rules, func(rule *Rule) bool { return rule.ID == r.optional(c, "RuleIdRef") }))
	}
	return p
}

// policySet reads a PolicySet with the policies in it.
func (r *policyReader) policySet(e *policyElement, xpathVersion string) *Policy {
	r.attributes(e, "PolicySetId", "Version", "PolicyCombiningAlgId", "MaxDelegationDepth")
	p := r.policyHead(e, "PolicySetId", "PolicyCombiningAlgId")
	p.set = true
	in := r.inside(e)
	r.policyPreamble(p, in, e, "PolicySetDefaults", xpathVersion)
	var about []*policyElement
	names := []string{"PolicySet", "Policy", "PolicySetIdReference", "PolicyIdReference", "CombinerParameters", "PolicyCombinerParameters", "PolicySetCombinerParameters"}
	for c := in.take(names...); c != nil; c = in.take(names...) {
		switch c.name {
		case "Policy":
			p.addPolicy(r.policy(c, p.xpathVersion))
		case "PolicySet":
			p.addPolicy(r.policySet(c, p.xpathVersion))
		case "PolicyIdReference", "PolicySetIdReference":
			ref := r.reference(c)
			p.policies = append(p.policies, PolicyChild{Reference: ref})
			p.children = append(p.children, ref)
		default:
			about = append(about, c)
		}
	}
	p.directives = r.directives(in)
	in.end(e)
	for _, c := range about {
		attr, set := "PolicyIdRef", false
		if c.name == "PolicySetCombinerParameters" {
			attr, set = "PolicySetIdRef", true
		}
		id := r.optional(c, attr)
		r.combinerParameters(p, c, attr, slices.ContainsFunc(p.policies, func(child PolicyChild) bool {
			if child.Policy != nil {
				return child.Policy.id == id && child.Policy.set == set
			}
			return child.Reference.ID == id && child.Reference.Set == set
		}))
	}
	return p
}

func (p *Policy) addPolicy(child *Policy) {
	p.policies = append(p.policies, PolicyChild{Policy: child})
	p.children = append(p.children, child)
}

// policyHead reads the attributes of a policy or policy set.
func (r *policyReader) policyHead(e *policyElement, id, algorithm string) *Policy {
	p := &Policy{id: r.required(e, id), version: r.required(e, "Version"), combining: r.required(e, algorithm), line: e.line, program: r.program}
	if !validVersion(p.version) {
		r.refuse(e, "the version %q is not numbers with dots between them", p.version)
	}
	if depth := r.optional(e, "MaxDelegationDepth"); depth != "" && !isNumber(depth) {
		r.refuse(e, "MaxDelegationDepth is %q; it is a number", depth)
	}
	p.combine = lookupAlgorithm(p.combining, e.name == "Policy")
	if p.combine == nil {
		r.refuse(e, "no combining algorithm of a %s has the identifier %q", e.name, p.combining)
	}
	return p
}

// policyPreamble reads what comes before the rules or policies.
func (r *policyReader) policyPreamble(p *Policy, in *children, e *policyElement, defaults, xpathVersion string) {
	p.description = r.description(in)
	if issuer := in.take("PolicyIssuer"); issuer != nil {
		r.refuse(issuer, "a policy with a PolicyIssuer needs the Administration and Delegation Profile to be trusted, and that is not supported; remove the issuer if you trust it")
	}
	p.xpathVersion = xpathVersion
	if d := in.take(defaults); d != nil {
		r.attributes(d)
		inside := r.inside(d)
		v := inside.need(d, "XPathVersion")
		r.attributes(v)
		p.xpathVersion = strings.TrimSpace(r.text(v))
		inside.end(d)
	}
	p.target = r.target(in.need(e, "Target"))
}

// variableDefinitions finds the variables of a policy before anything that may use
// them is read.
func (r *policyReader) variableDefinitions(of []*policyElement) *ruleScope {
	scope := &ruleScope{map[string]*variable{}}
	for _, e := range of {
		if e.name != "VariableDefinition" {
			continue
		}
		r.attributes(e, "VariableId")
		id := r.required(e, "VariableId")
		if scope.variables[id] != nil {
			r.refuse(e, "the variable %q is defined twice", id)
		}
		scope.variables[id] = &variable{id: id, at: e, index: r.program.variables}
		r.program.variables++
	}
	return scope
}

// combinerParameters reads the parameters of a combining algorithm. about is the
// attribute that names what they are about, of which found says whether there is
// such a thing.
func (r *policyReader) combinerParameters(p *Policy, e *policyElement, about string, found bool) {
	var id string
	if e.name == "CombinerParameters" {
		r.attributes(e)
	} else {
		r.attributes(e, about)
		if id = r.required(e, about); !found {
			r.refuse(e, "%s names %q, which is not here", about, id)
		}
	}
	in := r.inside(e)
	for c := in.take("CombinerParameter"); c != nil; c = in.take("CombinerParameter") {
		r.attributes(c, "ParameterName")
		name := r.required(c, "ParameterName")
		value := r.inside(c)
		v := r.literal(value.need(c, "AttributeValue"))
		value.end(c)
		p.parameters = append(p.parameters, CombinerParameter{Name: name, Value: v, For: id})
	}
	in.end(e)
}
