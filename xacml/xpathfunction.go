package xacml

import "slices"

// xpathFunctions are the functions of appendix A.3.15. Those of version 1.0, which
// took strings as paths into the request document, are deprecated in A.4 and have
// no meaning for a request that need not be XML: they are left out.
func xpathFunctions() []*function {
	return []*function{
		countNodes(function3 + "xpath-node-count"),
		compareNodes(function3+"xpath-node-equal", anyCommon),
		compareNodes(function3+"xpath-node-match", anyWithin),
	}
}

// contentNodes returns the nodes that an xpathExpression gives in the Content of
// its category, none when that has no Content.
func (ev *evaluation) contentNodes(v Value) ([]*xmlNode, error) {
	x, ok := v.(*xpathValue)
	if !ok {
		return nil, processingError("the argument is not an xpathExpression")
	}
	for i := range ev.request.Categories {
		c := &ev.request.Categories[i]
		if c.Category == x.category && c.Content != nil {
			return x.path.nodes(ev, c.Content.document)
		}
	}
	return nil, nil
}

func countNodes(id string) *function {
	f := &function{id: id, call: func(ev *evaluation, args []result) (result, error) {
		nodes, err := ev.contentNodes(args[0].value)
		if err != nil {
			return result{}, err
		}
		return result{value: Integer(len(nodes))}, nil
	}}
	f.check = takes(f.name(), single(TypeInteger), single(TypeXPathExpression))
	return f
}

func compareNodes(id string, holds func(a, b []*xmlNode) bool) *function {
	f := &function{id: id, call: func(ev *evaluation, args []result) (result, error) {
		a, err := ev.contentNodes(args[0].value)
		if err != nil {
			return result{}, err
		}
		b, err := ev.contentNodes(args[1].value)
		if err != nil {
			return result{}, err
		}
		return result{value: Boolean(holds(a, b))}, nil
	}}
	f.check = takes(f.name(), single(TypeBoolean), single(TypeXPathExpression), single(TypeXPathExpression))
	return f
}

// anyCommon tells whether a node is in both sets.
func anyCommon(a, b []*xmlNode) bool {
	in := setOfNodes(a)
	return slices.ContainsFunc(b, func(n *xmlNode) bool { return in[n] })
}

// anyWithin tells whether a node of b is a node of a, or an element or attribute
// below one.
func anyWithin(a, b []*xmlNode) bool {
	in := setOfNodes(a)
	return slices.ContainsFunc(b, func(n *xmlNode) bool {
		if n.kind != xmlElement && n.kind != xmlAttribute {
			return in[n]
		}
		for ; n != nil; n = n.parent {
			if in[n] {
				return true
			}
		}
		return false
	})
}

func setOfNodes(nodes []*xmlNode) map[*xmlNode]bool {
	in := make(map[*xmlNode]bool, len(nodes))
	for _, n := range nodes {
		in[n] = true
	}
	return in
}
