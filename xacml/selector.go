package xacml

// selectNodes returns the values that an attribute selector finds in a category's
// Content (section 7.3.7): those of the nodes that path gives from the document,
// or from the one node that context gives. No content is an empty bag; context is
// nil for a selector without ContextSelectorId.
func (ev *evaluation) selectNodes(c *Content, path *xpath, context *xpathValue, t Type) ([]Value, error) {
	if c == nil {
		return nil, nil
	}
	from := c.document
	if context != nil {
		nodes, err := context.path.nodes(ev, c.document)
		if err != nil {
			return nil, err
		}
		if len(nodes) != 1 {
			return nil, syntaxError("the context selector %q gives %d nodes, and must give one", context.text, len(nodes))
		}
		from = nodes[0]
	}
	nodes, err := path.nodes(ev, from)
	if err != nil {
		return nil, err
	}
	values := make([]Value, len(nodes))
	for i, n := range nodes {
		if values[i], err = n.value(t); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// value returns the text of a node as a value.
func (n *xmlNode) value(t Type) (Value, error) {
	switch n.kind {
	case xmlText, xmlInstruction, xmlComment, xmlAttribute, xmlElement:
	default:
		return nil, syntaxError("an attribute selector selects the whole document, which is no value")
	}
	v, err := ParseValue(t, n.stringValue())
	if err != nil {
		return nil, &Error{Code: StatusProcessingError, Message: "a node that an attribute selector selects is not a valid " + t.name(), Err: err}
	}
	return v, nil
}

// contextSelector returns the value of the attribute that ContextSelectorId names
// in the selector's category, nil when there is none (section 5.30).
func (c *Category) contextSelector(id string) (*xpathValue, error) {
	var found *xpathValue
	for _, a := range c.Attributes {
		if a.ID != id {
			continue
		}
		for _, v := range a.Values {
			x, ok := v.(*xpathValue)
			switch {
			case !ok:
				continue
			case x.category != c.Category:
				return nil, syntaxError("the context selector %q is about another category than its own", id)
			case found != nil:
				return nil, syntaxError("the context selector %q has several values", id)
			}
			found = x
		}
	}
	if found == nil {
		return nil, syntaxError("the context selector %q is not in the request", id)
	}
	return found, nil
}
