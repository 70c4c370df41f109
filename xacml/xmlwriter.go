package xacml

import (
	"maps"
	"slices"
	"strings"
)

// xmlOutput is an element to write, with attributes in the order given.
type xmlOutput struct {
	name       string
	attributes []string // name, value, name, value, ...
	children   []*xmlOutput
	text       string // XML-escaped when written
	raw        string // well-formed XML, written as it is
}

func newElement(name string, attributes ...string) *xmlOutput {
	return &xmlOutput{name: name, attributes: attributes}
}

// add puts children last.
func (e *xmlOutput) add(children ...*xmlOutput) *xmlOutput {
	e.children = append(e.children, children...)
	return e
}

// with adds an attribute unless its value is "".
func (e *xmlOutput) with(name, value string) *xmlOutput {
	if value != "" {
		e.attributes = append(e.attributes, name, value)
	}
	return e
}

// containing sets the text.
func (e *xmlOutput) containing(text string) *xmlOutput {
	e.text = text
	return e
}

func (e *xmlOutput) String() string {
	var b strings.Builder
	e.write(&b)
	return b.String()
}

func (e *xmlOutput) write(b *strings.Builder) {
	b.WriteString("<" + e.name)
	for i := 0; i < len(e.attributes); i += 2 {
		b.WriteString(" " + e.attributes[i] + `="` + escapeXML(e.attributes[i+1]) + `"`)
	}
	if e.text == "" && e.raw == "" && len(e.children) == 0 {
		b.WriteString("/>")
		return
	}
	b.WriteString(">" + escapeXML(e.text) + e.raw)
	for _, c := range e.children {
		c.write(b)
	}
	b.WriteString("</" + e.name + ">")
}

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "\t", "&#9;", "\n", "&#10;", "\r", "&#13;")

// escapeXML makes text fit for content and attribute values. What XML cannot hold
// at all becomes U+FFFD.
func escapeXML(s string) string {
	return xmlEscaper.Replace(strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return 0xFFFD
		}
		return r
	}, s))
}

// serialize writes the node as XML that stands alone: the outermost element
// declares every namespace that is bound where it stands.
func (n *xmlNode) serialize() string {
	var b strings.Builder
	n.writeXML(&b, true)
	return b.String()
}

func (n *xmlNode) writeXML(b *strings.Builder, outermost bool) {
	switch n.kind {
	case xmlDocument:
		for _, c := range n.children {
			c.writeXML(b, true)
		}
		return
	case xmlComment:
		b.WriteString("<!--" + n.text + "-->")
		return
	case xmlInstruction:
		b.WriteString("<?" + n.local + " " + n.text + "?>")
		return
	case xmlElement:
	default:
		b.WriteString(escapeXML(n.text))
		return
	}
	declared := n.declared
	if outermost {
		declared = n.namespaces()
	}
	b.WriteString("<" + n.name())
	for _, prefix := range slices.Sorted(maps.Keys(declared)) {
		name := "xmlns"
		if prefix != "" {
			name += ":" + prefix
		}
		b.WriteString(" " + name + `="` + escapeXML(declared[prefix]) + `"`)
	}
	for _, a := range n.attributes {
		b.WriteString(" " + a.name() + `="` + escapeXML(a.text) + `"`)
	}
	if len(n.children) == 0 {
		b.WriteString("/>")
		return
	}
	b.WriteString(">")
	for _, c := range n.children {
		c.writeXML(b, false)
	}
	b.WriteString("</" + n.name() + ">")
}
