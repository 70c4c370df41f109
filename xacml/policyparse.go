package xacml

import (
	"slices"
)

// ParsePolicy reads and compiles a Policy or PolicySet of XACML 3.0. file names it
// in errors, which are *PolicyError: a policy is wholly right or refused.
//
// The elements must be in the order that the schema has them. A document is at most
// 32 MiB, has at most 2 000 000 nodes, elements at most 500 deep, and no document type
// declaration.
func ParsePolicy(file string, src []byte) (policy *Policy, err error) {
	document, err := parseXML(src, policyXML)
	if err != nil {
		return nil, refusedXML(file, err)
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
	return r.document(document.root()), nil
}

// document reads the root element.
func (r *policyReader) document(root *xmlNode) *Policy {
	if root.space != namespaceXACML {
		r.refuse(root, "%s is of the namespace %q; only XACML 3.0 policies are taken, of %s", root.local, root.space, namespaceXACML)
	}
	switch root.local {
	case "Policy":
		return r.policy(root, "")
	case "PolicySet":
		return r.policySet(root, "")
	}
	r.refuse(root, "the root element is %s; it must be Policy or PolicySet", root.local)
	return nil
}

// policy reads a Policy. xpathVersion is that of the policy sets around it.
func (r *policyReader) policy(e *xmlNode, xpathVersion string) *Policy {
	r.attributes(e, "PolicyId", "Version", "RuleCombiningAlgId", "MaxDelegationDepth")
	p := r.policyHead(e, "PolicyId", "RuleCombiningAlgId")
	in := r.inside(e)
	r.policyPreamble(p, in, e, "PolicyDefaults", xpathVersion)
	r.rules = r.variableDefinitions(in.left)
	defer func() { r.rules = nil }()
	var about []*xmlNode
	const rule, variable, whole, one = "Rule", "VariableDefinition", "CombinerParameters", "RuleCombinerParameters"
	for c := in.take(rule, variable, whole, one); c != nil; c = in.take(rule, variable, whole, one) {
		switch c.local {
		case rule:
			r.attempt(func() { p.addRule(r.rule(c)) })
		case variable:
			r.attempt(func() { r.compileVariable(r.rules.variables[r.required(c, "VariableId")], 1) })
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
func (r *policyReader) policySet(e *xmlNode, xpathVersion string) *Policy {
	r.attributes(e, "PolicySetId", "Version", "PolicyCombiningAlgId", "MaxDelegationDepth")
	p := r.policyHead(e, "PolicySetId", "PolicyCombiningAlgId")
	p.set = true
	in := r.inside(e)
	r.policyPreamble(p, in, e, "PolicySetDefaults", xpathVersion)
	var about []*xmlNode
	names := []string{"PolicySet", "Policy", "PolicySetIdReference", "PolicyIdReference", "CombinerParameters", "PolicyCombinerParameters", "PolicySetCombinerParameters"}
	for c := in.take(names...); c != nil; c = in.take(names...) {
		switch c.local {
		case "Policy":
			r.attempt(func() { p.addPolicy(r.policy(c, p.xpathVersion)) })
		case "PolicySet":
			r.attempt(func() { p.addPolicy(r.policySet(c, p.xpathVersion)) })
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
		if c.local == "PolicySetCombinerParameters" {
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

func (p *Policy) addRule(rule *Rule) {
	p.rules = append(p.rules, rule)
	p.children = append(p.children, rule)
}

func (p *Policy) addPolicy(child *Policy) {
	p.policies = append(p.policies, PolicyChild{Policy: child})
	p.children = append(p.children, child)
}

// policyHead reads the attributes of a policy or policy set.
func (r *policyReader) policyHead(e *xmlNode, id, algorithm string) *Policy {
	p := &Policy{id: r.required(e, id), version: r.required(e, "Version"), combining: r.required(e, algorithm), line: e.line, program: r.program}
	if !validVersion(p.version) {
		r.refuse(e, "the version %q is not numbers with dots between them", p.version)
	}
	if depth := r.optional(e, "MaxDelegationDepth"); depth != "" && !isNumber(depth) {
		r.refuse(e, "MaxDelegationDepth is %q; it is a number", depth)
	}
	p.combine = lookupAlgorithm(p.combining, e.local == "Policy")
	if p.combine == nil {
		r.refuse(e, "no combining algorithm of a %s has the identifier %q", e.local, p.combining)
	}
	return p
}

// policyPreamble reads what comes before the rules or policies.
func (r *policyReader) policyPreamble(p *Policy, in *children, e *xmlNode, defaults, xpathVersion string) {
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
		p.xpathVersion = trimXML(r.text(v))
		inside.end(d)
	}
	target := in.need(e, "Target")
	r.attempt(func() { p.target = r.target(target) })
}

// variableDefinitions finds the variables of a policy before anything that may use
// them is read.
func (r *policyReader) variableDefinitions(of []*xmlNode) *ruleScope {
	scope := &ruleScope{map[string]*variable{}}
	for _, e := range of {
		if e.local != "VariableDefinition" {
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
func (r *policyReader) combinerParameters(p *Policy, e *xmlNode, about string, found bool) {
	var id string
	if e.local == "CombinerParameters" {
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
