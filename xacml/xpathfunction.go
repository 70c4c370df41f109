package xacml

// xpathFunctions are the functions of appendix A.3.15. Those of version 1.0, which
// took strings as paths into the request document, are deprecated in A.4 and have
// no meaning for a request that need not be XML: they are left out.
func xpathFunctions() []*function {
	return []*function{
		unaryXPath(function3+"xpath-node-count", func(nodes []*xmlNode) Value { return Integer(len(nodes)) }, TypeInteger),
		binaryXPath(function3+"xpath-node-equal", func(a, b []*xmlNode) bool { return anyCommon(a, b) }),
		binaryXPath(function3+"xpath-node-match", func(a, b []*xmlNode) bool { return anyWithin(a, b) }),
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

func unaryXPath(id string, apply func([]*xmlNode) Value, returns Type) *function {
	f := &function{id: id, call: func(ev *evaluation, args []result) (result, error) {
		nodes, err := ev.contentNodes(args[0].value)
		if err != nil {
			return result{}, err
		}
		return result{value: apply(nodes)}, nil
	}}
	f.check = takes(f.name(), single(returns), single(TypeXPathExpression))
	return f
}

func binaryXPath(id string, apply func(a, b []*xmlNode) bool) *function {
	f := &function{id: id, call: func(ev *evaluation, args []result) (result, error) {
		a, err := ev.contentNodes(args[0].value)
		if err != nil {
			return result{}, err
		}
		b, err := ev.contentNodes(args[1].value)
		if err != nil {
			return result{}, err
		}
		return result{value: Boolean(apply(a, b))}, nil
	}}
	f.check = takes(f.name(), single(TypeBoolean), single(TypeXPathExpression), single(TypeXPathExpression))
	return f
}

// anyCommon tells whether a node is in both sets.
func anyCommon(a, b []*xmlNode) bool {
	in := make(map[*xmlNode]bool, len(a))
	for _, n := range a {
		in[n] = true
	}
	for _, n := range b {
		if in[n] {
			return true
		}
	}
	return false
}

// anyWithin tells whether a node of b is a node of a, or an element or attribute
// below one.
func anyWithin(a, b []*xmlNode) bool {
	in := make(map[*xmlNode]bool, len(a))
	for _, n := range a {
		in[n] = true
	}
	for _, n := range b {
		if in[n] {
			return true
		}
		if n.kind != xmlElement && n.kind != xmlAttribute {
			continue
		}
		for up := n.parent; up != nil; up = up.parent {
			if in[up] {
				return true
			}
		}
	}
	return false
}
