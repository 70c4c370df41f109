package xacml

import (
	"maps"
	"slices"
	"strings"
)

// XML writes the response as a Response element (section 5.47).
func (r *Response) XML() []byte {
	e := newElement("Response", "xmlns", namespaceXACML)
	for _, result := range r.Results {
		e.add(result.element())
	}
	return []byte(e.String())
}

func (r Result) element() *xmlOutput {
	e := newElement("Result").add(newElement("Decision").containing(r.Decision.String()), r.Status.element())
	if len(r.Obligations) > 0 {
		e.add(directiveElements("Obligations", "Obligation", "ObligationId", r.Obligations))
	}
	if len(r.Advice) > 0 {
		e.add(directiveElements("AssociatedAdvice", "Advice", "AdviceId", r.Advice))
	}
	for _, c := range r.Categories {
		e.add(c.element())
	}
	if len(r.Policies) > 0 {
		list := newElement("PolicyIdentifierList")
		for _, p := range r.Policies {
			name := "PolicyIdReference"
			if p.Set {
				name = "PolicySetIdReference"
			}
			list.add(newElement(name).with("Version", p.Version).containing(p.ID))
		}
		e.add(list)
	}
	return e
}

func (s Status) element() *xmlOutput {
	var code *xmlOutput // the innermost is made first
	for _, c := range slices.Backward(s.codes()) {
		outer := newElement("StatusCode", "Value", string(c))
		if code != nil {
			outer.add(code)
		}
		code = outer
	}
	e := newElement("Status").add(code)
	if s.Message != "" {
		e.add(newElement("StatusMessage").containing(s.Message))
	}
	if len(s.Missing) > 0 {
		detail := newElement("StatusDetail")
		for _, m := range s.Missing {
			detail.add(m.element())
		}
		e.add(detail)
	}
	return e
}

func (m MissingAttribute) element() *xmlOutput {
	e := newElement("MissingAttributeDetail", "Category", m.Category, "AttributeId", m.ID, "DataType", string(m.Type)).with("Issuer", m.Issuer)
	for _, v := range m.Values {
		e.add(valueElement("AttributeValue", v))
	}
	return e
}

func directiveElements(list, one, id string, directives []Directive) *xmlOutput {
	e := newElement(list)
	for _, d := range directives {
		directive := newElement(one, id, d.ID)
		for _, a := range d.Assignments {
			assignment := valueElement("AttributeAssignment", a.Value)
			assignment.attributes = append([]string{"AttributeId", a.AttributeID}, assignment.attributes...)
			directive.add(assignment.with("Category", a.Category).with("Issuer", a.Issuer))
		}
		e.add(directive)
	}
	return e
}

func (c Category) element() *xmlOutput {
	e := newElement("Attributes", "Category", c.Category).with("xml:id", c.ID)
	if c.Content != nil {
		content := newElement("Content")
		content.raw = c.Content.String()
		e.add(content)
	}
	for _, a := range c.Attributes {
		attribute := newElement("Attribute", "AttributeId", a.ID).with("Issuer", a.Issuer).with("IncludeInResult", boolText(a.IncludeInResult))
		for _, v := range a.Values {
			attribute.add(valueElement("AttributeValue", v))
		}
		e.add(attribute)
	}
	return e
}

// valueElement writes a value; an xpathExpression brings the namespaces of its
// prefixes.
func valueElement(name string, v Value) *xmlOutput {
	e := newElement(name, "DataType", string(v.Type())).containing(v.String())
	if x, ok := v.(*xpathValue); ok {
		e.with("XPathCategory", x.category)
		for _, prefix := range slices.Sorted(maps.Keys(x.namespaces)) {
			if prefix != "" { // never used in XPath
				e.with("xmlns:"+prefix, x.namespaces[prefix])
			}
		}
	}
	return e
}

// ParseResponseXML reads a Response element, for clients and tests. What
// StatusDetail holds besides missing attributes is passed over.
func ParseResponseXML(src []byte) (*Response, error) {
	document, err := parseXML(src, sentXML)
	if err != nil {
		return nil, err
	}
	root := document.root()
	if root.space != namespaceXACML || root.local != "Response" {
		return nil, syntaxError("the document's element is %s, and must be Response of the namespace %s", root.name(), namespaceXACML)
	}
	in, err := root.elements("Result")
	if err != nil {
		return nil, err
	}
	results, err := readEach(in["Result"], readResultXML)
	return &Response{Results: results}, err
}

func readResultXML(e *xmlNode) (Result, error) {
	r := Result{Status: Status{Code: StatusOK}}
	in, err := e.elements("Decision", "Status", "Obligations", "AssociatedAdvice", "Attributes", "PolicyIdentifierList")
	if err != nil {
		return r, err
	}
	if len(in["Decision"]) != 1 {
		return r, e.fault("Result has %d Decision elements, and must have one", len(in["Decision"]))
	}
	if r.Decision, err = decisionNamed(trimXML(in["Decision"][0].stringValue())); err != nil {
		return r, e.fault("Decision %s", err)
	}
	for _, s := range in["Status"] {
		if r.Status, err = readStatusXML(s); err != nil {
			return r, err
		}
	}
	for _, list := range in["Obligations"] {
		if r.Obligations, err = readDirectivesXML(list, "Obligation", "ObligationId"); err != nil {
			return r, err
		}
	}
	for _, list := range in["AssociatedAdvice"] {
		if r.Advice, err = readDirectivesXML(list, "Advice", "AdviceId"); err != nil {
			return r, err
		}
	}
	if r.Categories, err = readEach(in["Attributes"], readCategoryXML); err != nil {
		return r, err
	}
	for _, list := range in["PolicyIdentifierList"] {
		for _, p := range list.children {
			if p.kind == xmlElement {
				version, _ := p.attribute("Version")
				r.Policies = append(r.Policies, PolicyRef{ID: trimXML(p.stringValue()), Version: version, Set: p.local == "PolicySetIdReference"})
			}
		}
	}
	return r, nil
}

func readStatusXML(e *xmlNode) (Status, error) {
	var s Status
	in, err := e.elements("StatusCode", "StatusMessage", "StatusDetail")
	if err != nil {
		return s, err
	}
	for codes := in["StatusCode"]; len(codes) > 0; {
		value, err := codes[0].required("Value")
		if err != nil {
			return s, err
		}
		if s.Code == "" {
			s.Code = StatusCode(value)
		} else {
			s.Minor = append(s.Minor, StatusCode(value))
		}
		inner, err := codes[0].elements("StatusCode")
		if err != nil {
			return s, err
		}
		codes = inner["StatusCode"]
	}
	for _, m := range in["StatusMessage"] {
		s.Message = m.stringValue()
	}
	for _, detail := range in["StatusDetail"] {
		for _, c := range detail.children {
			if c.kind != xmlElement || c.space != namespaceXACML || c.local != "MissingAttributeDetail" {
				continue
			}
			m, err := readMissingXML(c)
			if err != nil {
				return s, err
			}
			s.Missing = append(s.Missing, m)
		}
	}
	return s, nil
}

func readMissingXML(e *xmlNode) (MissingAttribute, error) {
	var m MissingAttribute
	m.Category, _ = e.attribute("Category")
	m.ID, _ = e.attribute("AttributeId")
	m.Issuer, _ = e.attribute("Issuer")
	t, _ := e.attribute("DataType")
	m.Type = Type(t)
	in, err := e.elements("AttributeValue")
	if err != nil {
		return m, err
	}
	m.Values, err = readEach(in["AttributeValue"], readValueXML)
	return m, err
}

func readDirectivesXML(list *xmlNode, one, id string) ([]Directive, error) {
	in, err := list.elements(one)
	if err != nil {
		return nil, err
	}
	return readEach(in[one], func(e *xmlNode) (Directive, error) {
		d := Directive{}
		var err error
		if d.ID, err = e.required(id); err != nil {
			return d, err
		}
		in, err := e.elements("AttributeAssignment")
		if err != nil {
			return d, err
		}
		d.Assignments, err = readEach(in["AttributeAssignment"], func(e *xmlNode) (Assignment, error) {
			a := Assignment{}
			a.AttributeID, _ = e.attribute("AttributeId")
			a.Category, _ = e.attribute("Category")
			a.Issuer, _ = e.attribute("Issuer")
			var err error
			a.Value, err = readValueXML(e)
			return a, err
		})
		return d, err
	})
}

func trimXML(s string) string { return strings.TrimFunc(s, isXMLSpace) }
