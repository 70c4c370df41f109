package xacml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Namespace is the XML namespace of XACML 3.0's core schema.
const Namespace = "urn:oasis:names:tc:xacml:3.0:core:schema:wd-17"

// What a policy document may hold. The depth also bounds the recursion of the
// reader and of every expression.
const (
	maxPolicyBytes    = 8 << 20
	maxPolicyElements = 250_000
	maxPolicyDepth    = 200
)

// policyElement is an element of a policy document, with all that is inside it.
type policyElement struct {
	space, name string
	line        int
	attrs       []xml.Attr
	names       *prefixes
	children    []*policyElement
	text        []byte // the text directly inside
}

// prefixes are the namespace prefixes that an element declares, and those of the
// elements around it.
type prefixes struct {
	outer    *prefixes
	declared map[string]string
}

// inScope returns every prefix that can be used at this point with its namespace.
func (p *prefixes) inScope() map[string]string {
	all := map[string]string{}
	for ; p != nil; p = p.outer {
		for prefix, space := range p.declared {
			if _, hidden := all[prefix]; !hidden {
				all[prefix] = space
			}
		}
	}
	return all
}

// readElements parses a whole document into a tree. It expands no entities but
// XML's own five and takes no document type, so a small document stays small.
func readElements(file string, src []byte) (*policyElement, error) {
	refuse := func(line int, reason string) error {
		return &PolicyError{File: file, Line: line, Reason: reason}
	}
	if len(src) > maxPolicyBytes {
		return nil, refuse(0, "the document is larger than 8 MiB")
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	d := xml.NewDecoder(bytes.NewReader(src))
	var root *policyElement
	var open []*policyElement
	count := 0
	for {
		line, _ := d.InputPos()
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		var bad *xml.SyntaxError
		if errors.As(err, &bad) {
			return nil, refuse(bad.Line, "not well-formed XML: "+bad.Msg)
		}
		if err != nil {
			return nil, refuse(line, err.Error())
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, refuse(line, "a document type declaration is not taken; remove it")
		case xml.CharData:
			switch {
			case len(open) > 0:
				top := open[len(open)-1]
				top.text = append(top.text, t...)
			case len(bytes.TrimSpace(t)) > 0:
				return nil, refuse(line, "text outside the root element")
			}
		case xml.StartElement:
			if count++; count > maxPolicyElements {
				return nil, refuse(line, "the document has more than 250 000 elements")
			}
			if len(open) >= maxPolicyDepth {
				return nil, refuse(line, "elements are nested more than 200 deep")
			}
			e := &policyElement{space: t.Name.Space, name: t.Name.Local, line: line}
			if len(open) > 0 {
				outer := open[len(open)-1]
				e.names = outer.names
				outer.children = append(outer.children, e)
			} else if root != nil {
				return nil, refuse(line, "a second root element")
			} else {
				root = e
			}
			if reason := e.setAttributes(t.Attr); reason != "" {
				return nil, refuse(line, reason)
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	if root == nil {
		return nil, refuse(0, "the document is empty")
	}
	return root, nil
}

// setAttributes takes the attributes of no namespace and the declarations of
// prefixes; those of other namespaces (xml:id, xsi:schemaLocation) say nothing
// about a policy. It returns what is wrong with them.
func (e *policyElement) setAttributes(attrs []xml.Attr) string {
	var declared map[string]string
	for _, a := range attrs {
		switch {
		case a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns":
			prefix := a.Name.Local
			if a.Name.Space == "" {
				prefix = ""
			}
			if declared == nil {
				declared = map[string]string{}
			}
			declared[prefix] = a.Value
		case a.Name.Space == "":
			if _, twice := e.attr(a.Name.Local); twice {
				return "the attribute " + a.Name.Local + " stands twice"
			}
			e.attrs = append(e.attrs, a)
		}
	}
	if declared != nil {
		e.names = &prefixes{e.names, declared}
	}
	return ""
}

// attr returns an attribute's value without the white space around it, which no
// attribute of a policy gives a meaning.
func (e *policyElement) attr(name string) (string, bool) {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value), true
		}
	}
	return "", false
}
