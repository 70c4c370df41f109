package xacml

import "fmt"

// ParseRequestXML reads a Request element of XACML 3.0 (section 5.42), of at most
// 8 MiB. An *Error tells the line and why the request cannot be used, and never
// repeats a value.
func ParseRequestXML(src []byte) (*Request, error) {
	document, err := parseXML(src, sentXML)
	if err != nil {
		return nil, err
	}
	root := document.root()
	if root.space != namespaceXACML || root.local != "Request" {
		return nil, syntaxError("the document's element is %s, and must be Request of the namespace %s", root.name(), namespaceXACML)
	}
	return readRequestXML(root)
}

func readRequestXML(e *xmlNode) (*Request, error) {
	req := new(Request)
	var err error
	if req.ReturnPolicyIDList, err = e.flag("ReturnPolicyIdList"); err != nil {
		return nil, err
	}
	if req.CombinedDecision, err = e.flag("CombinedDecision"); err != nil {
		return nil, err
	}
	in, err := e.elements("RequestDefaults", "Attributes", "MultiRequests")
	if err != nil {
		return nil, err
	}
	for _, defaults := range in["RequestDefaults"] {
		versions, err := defaults.elements("XPathVersion")
		if err != nil {
			return nil, err
		}
		for _, v := range versions["XPathVersion"] {
			req.XPathVersion = trimXML(v.stringValue())
		}
	}
	if req.Categories, err = readEach(in["Attributes"], readCategoryXML); err != nil {
		return nil, err
	}
	for _, multi := range in["MultiRequests"] {
		if req.References, err = readReferencesXML(multi); err != nil {
			return nil, err
		}
	}
	return req, nil
}

// readEach reads each of some elements.
func readEach[T any](elements []*xmlNode, read func(*xmlNode) (T, error)) ([]T, error) {
	var out []T
	for _, e := range elements {
		v, err := read(e)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func readCategoryXML(e *xmlNode) (Category, error) {
	c := Category{}
	var err error
	if c.Category, err = e.required("Category"); err != nil {
		return c, err
	}
	c.ID, _ = e.attributeNS(namespaceXML, "id")
	in, err := e.elements("Content", "Attribute")
	if err != nil {
		return c, err
	}
	for i, content := range in["Content"] {
		if i > 0 {
			return c, content.fault("there is a second Content")
		}
		if c.Content, err = newContent(content); err != nil {
			return c, err
		}
	}
	c.Attributes, err = readEach(in["Attribute"], readAttributeXML)
	return c, err
}

func readAttributeXML(e *xmlNode) (Attribute, error) {
	a := Attribute{}
	var err error
	if a.ID, err = e.required("AttributeId"); err != nil {
		return a, err
	}
	a.Issuer, _ = e.attribute("Issuer")
	if a.IncludeInResult, err = e.flag("IncludeInResult"); err != nil {
		return a, err
	}
	in, err := e.elements("AttributeValue")
	if err != nil {
		return a, err
	}
	if len(in["AttributeValue"]) == 0 {
		return a, e.fault("%s has no AttributeValue; it has at least one", a.ID)
	}
	a.Values, err = readEach(in["AttributeValue"], readValueXML)
	return a, err
}

// readValueXML reads an element that holds a value of the data-type it names.
func readValueXML(e *xmlNode) (Value, error) {
	dataType, err := e.required("DataType")
	if err != nil {
		return nil, err
	}
	for _, c := range e.children {
		if c.kind == xmlElement {
			return nil, e.fault("%s has elements in it, which no data-type of the standard has", e.local)
		}
	}
	if Type(dataType) == TypeXPathExpression {
		return readXPathXML(e)
	}
	v, err := parseSent(Type(dataType), e.stringValue())
	if err != nil {
		return nil, e.fault("%s %s", e.local, err)
	}
	return v, nil
}

func readXPathXML(e *xmlNode) (Value, error) {
	// Some write the attribute with the namespace of XACML.
	category, ok := e.attributeNS(namespaceXACML, "XPathCategory")
	if !ok {
		var err error
		if category, err = e.required("XPathCategory"); err != nil {
			return nil, err
		}
	}
	v, err := newXPathValue(category, trimXML(e.stringValue()), e.namespaces())
	if err != nil {
		return nil, e.fault("%s", err)
	}
	return v, nil
}

func readReferencesXML(e *xmlNode) ([][]string, error) {
	in, err := e.elements("RequestReference")
	if err != nil {
		return nil, err
	}
	return readEach(in["RequestReference"], func(e *xmlNode) ([]string, error) {
		in, err := e.elements("AttributesReference")
		if err != nil {
			return nil, err
		}
		ids, err := readEach(in["AttributesReference"], func(e *xmlNode) (string, error) { return e.required("ReferenceId") })
		if ids == nil {
			ids = []string{}
		}
		return ids, err
	})
}

// fault says what is wrong with an element.
func (n *xmlNode) fault(format string, args ...any) *Error {
	return syntaxError("line %d of the XML: %s", n.line, fmt.Sprintf(format, args...))
}

// elements returns the child elements by name, and refuses any that has another
// name or namespace, and text.
func (n *xmlNode) elements(names ...string) (map[string][]*xmlNode, error) {
	in := map[string][]*xmlNode{}
	for _, name := range names {
		in[name] = nil
	}
	for _, c := range n.children {
		switch c.kind {
		case xmlText:
			if trimXML(c.text) != "" {
				return nil, c.fault("there is text in %s", n.local)
			}
		case xmlElement:
			_, expected := in[c.local]
			if !expected || c.space != namespaceXACML {
				return nil, c.fault("the element %s has no place in %s", c.name(), n.local)
			}
			in[c.local] = append(in[c.local], c)
		}
	}
	return in, nil
}

// required returns an attribute that must be there.
func (n *xmlNode) required(name string) (string, error) {
	v, ok := n.attribute(name)
	if !ok {
		return "", n.fault("%s has no %s", n.local, name)
	}
	return trimXML(v), nil
}

// flag returns a boolean attribute. The schema wants it to be there; a client that
// leaves it out means false.
func (n *xmlNode) flag(name string) (bool, error) {
	v, ok := n.attribute(name)
	if !ok {
		return false, nil
	}
	b, err := parseBoolean(trimXML(v))
	if err != nil {
		return false, n.fault("%s of %s is neither true nor false", name, n.local)
	}
	return bool(b), nil
}
