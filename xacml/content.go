package xacml

// Content is the XML about a category (section 5.45): a document of its own, to
// which attribute selectors and XPath functions apply.
type Content struct {
	document *xmlNode
}

// parseContent reads the XML of a Content.
func parseContent(text string) (*Content, error) {
	document, err := parseXML([]byte(text), sentXML)
	if err != nil {
		return nil, err
	}
	return &Content{document}, nil
}

// String returns the XML, with the namespaces it uses.
func (c *Content) String() string { return c.document.serialize() }

// newContent makes the children of a Content element a document that stands
// alone (section 7.3.7): what is bound around it stays bound, and nothing above
// it can be reached.
func newContent(e *xmlNode) (*Content, error) {
	elements := 0
	for _, c := range e.children {
		if c.kind == xmlElement {
			elements++
		}
	}
	if elements != 1 {
		return nil, e.fault("Content has %d child elements, and must have one", elements)
	}
	document := &xmlNode{order: e.order, line: e.line}
	for _, c := range e.children {
		switch c.kind {
		case xmlElement:
			c.declared = c.namespaces()
		case xmlText:
			continue // white space between the tags of Content
		}
		c.parent = document
		document.children = append(document.children, c)
	}
	return &Content{document}, nil
}
