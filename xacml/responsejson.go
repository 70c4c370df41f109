package xacml

// JSON writes the response as the JSON Profile 1.1 has it (section 5), in the
// caller's dialect.
func (r *Response) JSON(d Dialect) []byte {
	w := responseWriter{d, d == DialectAltinn}
	var document jsonNode
	document.set("Response", jsonList(r.Results, w.result))
	return document.appendJSON(nil, w.altinn)
}

// responseWriter makes the JSON of a response. Where the profile leaves out what
// is absent, Altinn's dialect writes null.
type responseWriter struct {
	dialect Dialect
	altinn  bool
}

// text sets a member to a string, or leaves it absent when it is "".
func (w responseWriter) text(n *jsonNode, name, value string) {
	if value == "" {
		w.value(n, name, jsonNode{})
		return
	}
	n.set(name, jsonText(value))
}

// value sets a member, or leaves it absent when it is null or an empty array.
func (w responseWriter) value(n *jsonNode, name string, value jsonNode) {
	if value.kind == jsonArray && len(value.items) == 0 {
		value = jsonNode{}
	}
	if value.kind != jsonNull || w.altinn {
		n.set(name, value)
	}
}

func (w responseWriter) result(r Result) jsonNode {
	var n jsonNode
	n.set("Decision", jsonText(r.Decision.String()))
	n.set("Status", w.status(r.Status))
	w.value(&n, "Obligations", jsonList(r.Obligations, w.directive))
	advice := "AssociatedAdvice"
	if w.altinn {
		advice = "AssociateAdvice"
	}
	w.value(&n, advice, jsonList(r.Advice, w.directive))
	w.value(&n, "Category", jsonList(r.Categories, w.category))
	w.value(&n, "PolicyIdentifierList", w.policies(r.Policies))
	return n
}

func (w responseWriter) status(s Status) jsonNode {
	var n jsonNode
	w.text(&n, "StatusMessage", s.Message)
	if w.altinn {
		w.value(&n, "StatusDetails", jsonList(s.Missing, func(m MissingAttribute) jsonNode {
			return jsonText(m.element().String())
		}))
	} else if len(s.Missing) > 0 {
		var detail jsonNode
		detail.set("MissingAttributeDetail", jsonList(s.Missing, w.missing))
		n.set("StatusDetail", detail)
	}
	n.set("StatusCode", w.statusCode(s.codes()))
	return n
}

// statusCode writes the outermost code with the others nested in it.
func (w responseWriter) statusCode(codes []StatusCode) jsonNode {
	var n jsonNode
	n.set("Value", jsonText(string(codes[0])))
	if len(codes) > 1 {
		n.set("StatusCode", w.statusCode(codes[1:]))
	} else {
		w.value(&n, "StatusCode", jsonNode{})
	}
	return n
}

func (w responseWriter) missing(m MissingAttribute) jsonNode {
	var n jsonNode
	n.set("AttributeId", jsonText(m.ID))
	n.set("Category", jsonText(m.Category))
	n.set("DataType", jsonText(string(m.Type)))
	w.text(&n, "Issuer", m.Issuer)
	w.value(&n, "Value", jsonList(m.Values, w.oneValue))
	return n
}

// directive writes an obligation or a piece of advice. Clients exist that want
// AttributeAssignment to be there though it is empty.
func (w responseWriter) directive(d Directive) jsonNode {
	var n jsonNode
	n.set("Id", jsonText(d.ID))
	n.set("AttributeAssignment", jsonList(d.Assignments, w.assignment))
	return n
}

// assignment writes one value. Altinn's clients want its Category to be there.
func (w responseWriter) assignment(a Assignment) jsonNode {
	var n jsonNode
	n.set("AttributeId", jsonText(a.AttributeID))
	n.set("Value", w.oneValue(a.Value))
	if a.Category != "" || w.altinn {
		n.set("Category", jsonText(a.Category))
	}
	n.set("DataType", jsonText(string(a.Value.Type())))
	w.text(&n, "Issuer", a.Issuer)
	return n
}

func (w responseWriter) oneValue(v Value) jsonNode { return valueJSON(v, w.dialect) }

func (w responseWriter) category(c Category) jsonNode {
	var n jsonNode
	n.set("CategoryId", jsonText(c.Category))
	w.text(&n, "Id", c.ID)
	if c.Content != nil {
		n.set("Content", jsonText(c.Content.String()))
	} else {
		w.value(&n, "Content", jsonNode{})
	}
	attributes := jsonNode{kind: jsonArray}
	for _, a := range c.Attributes {
		attributes.items = append(attributes.items, w.attribute(a)...)
	}
	w.value(&n, "Attribute", attributes)
	return n
}

// attribute writes an attribute: several values of one data-type as an array, and
// one Attribute for each data-type. Altinn's clients read one string in Value, so
// that each value gets an Attribute of its own there.
func (w responseWriter) attribute(a Attribute) []jsonNode {
	var out []jsonNode
	for rest := a.Values; len(rest) > 0; {
		n := 1
		for !w.altinn && n < len(rest) && rest[n].Type() == rest[0].Type() {
			n++
		}
		value := jsonList(rest[:n], w.oneValue)
		if n == 1 {
			value = value.items[0]
		}
		var one jsonNode
		one.set("AttributeId", jsonText(a.ID))
		one.set("Value", value)
		one.set("DataType", jsonText(string(rest[0].Type())))
		w.text(&one, "Issuer", a.Issuer)
		one.set("IncludeInResult", jsonNode{kind: jsonBool, text: boolText(a.IncludeInResult)})
		out, rest = append(out, one), rest[n:]
	}
	return out
}

func (w responseWriter) policies(refs []PolicyRef) jsonNode {
	write := func(p PolicyRef) jsonNode {
		var n jsonNode
		n.set("Id", jsonText(p.ID))
		w.text(&n, "Version", p.Version)
		return n
	}
	if len(refs) == 0 {
		return jsonNode{}
	}
	policies, sets := splitRefs(refs)
	var n jsonNode
	w.value(&n, "PolicyIdReference", jsonList(policies, write))
	w.value(&n, "PolicySetIdReference", jsonList(sets, write))
	return n
}

// splitRefs takes policies and policy sets apart, each in the order they had.
func splitRefs(refs []PolicyRef) (policies, sets []PolicyRef) {
	for _, p := range refs {
		if p.Set {
			sets = append(sets, p)
		} else {
			policies = append(policies, p)
		}
	}
	return policies, sets
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// codes returns the status code with those nested in it, outermost first.
func (s Status) codes() []StatusCode {
	if s.Code == "" {
		return []StatusCode{StatusOK}
	}
	return append([]StatusCode{s.Code}, s.Minor...)
}
