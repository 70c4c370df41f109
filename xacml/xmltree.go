package xacml

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

const (
	namespaceXACML = "urn:oasis:names:tc:xacml:3.0:core:schema:wd-17"
	namespaceXML   = "http://www.w3.org/XML/1998/namespace"
)

// xmlLimits bound a document.
type xmlLimits struct {
	bytes int
	nodes int // attributes among them
	depth int // of elements inside each other
}

// The limits of what someone sends with a request, and of policies, which whoever
// runs the decision point has chosen.
var (
	sentXML   = xmlLimits{bytes: maxDocument, nodes: 400_000, depth: 200}
	policyXML = xmlLimits{bytes: 32 << 20, nodes: 2_000_000, depth: 500}
)

type xmlKind uint8

const (
	xmlDocument xmlKind = iota
	xmlElement
	xmlAttribute
	xmlText
	xmlComment
	xmlInstruction
)

// xmlNode is a node of an XML document in XPath's data model: no two text nodes
// stand side by side, and namespace declarations are not attributes. Nodes of one
// document are numbered in document order.
type xmlNode struct {
	kind       xmlKind
	space      string // the namespace's URI, of elements and attributes
	local      string // name without prefix; target of an instruction
	prefix     string
	text       string // of all but documents and elements
	parent     *xmlNode
	children   []*xmlNode
	attributes []*xmlNode
	declared   map[string]string // prefix to URI, of the declarations on this element
	order      int
	line       int
}

// parseXML reads an XML document with namespaces. It refuses a document type
// declaration and with it every entity but XML's own five, prefixes that nothing
// declares, and what goes past the limits.
func parseXML(src []byte, limits xmlLimits) (*xmlNode, error) {
	if len(src) > limits.bytes {
		return nil, syntaxError("the document is %d bytes, and may be %d", len(src), limits.bytes)
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff")) // a byte order mark
	b := treeBuilder{decoder: xml.NewDecoder(bytes.NewReader(src)), limits: limits, document: new(xmlNode)}
	b.decoder.CharsetReader = readCharset
	b.current = b.document
	for {
		b.line, _ = b.decoder.InputPos()
		t, err := b.decoder.RawToken()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = b.add(t)
		}
		if err != nil {
			return nil, b.fault(err)
		}
	}
	if b.current != b.document {
		return nil, b.fault(syntaxError("the element %s is not closed", b.current.name()))
	}
	if b.document.root() == nil {
		return nil, syntaxError("the document has no element")
	}
	return b.document, nil
}

// readCharset reads a document that says it is in another encoding than UTF-8: in
// one of those of a byte to each character that policies are still written in.
func readCharset(name string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "us-ascii", "ascii", "iso-8859-1", "latin1":
		return charmap.ISO8859_1.NewDecoder().Reader(in), nil
	case "windows-1252":
		return charmap.Windows1252.NewDecoder().Reader(in), nil
	}
	return nil, syntaxError("the encoding %s is not supported; write the document in UTF-8", name)
}

type treeBuilder struct {
	decoder  *xml.Decoder
	limits   xmlLimits
	document *xmlNode
	current  *xmlNode // the innermost open element, or the document
	line     int      // where the token starts that is being read
	depth    int
	nodes    int
}

// fault makes an error tell the line.
func (b *treeBuilder) fault(err error) error {
	fault := &xmlFault{b.line, err.Error()}
	if s, ok := err.(*xml.SyntaxError); ok {
		fault = &xmlFault{s.Line, s.Msg}
	}
	return &Error{Code: StatusSyntaxError, Message: fault.Error(), Err: fault}
}

// xmlFault says what is wrong with an XML document, and where.
type xmlFault struct {
	line   int
	reason string
}

func (f *xmlFault) Error() string { return fmt.Sprintf("line %d of the XML: %s", f.line, f.reason) }

func (b *treeBuilder) add(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return b.open(t)
	case xml.EndElement:
		if b.current == b.document || b.current.name() != rawName(t.Name) {
			return syntaxError("</%s> closes no open element", rawName(t.Name))
		}
		b.current, b.depth = b.current.parent, b.depth-1
		return nil
	case xml.CharData:
		return b.addText(string(t))
	case xml.Comment:
		_, err := b.append(&xmlNode{kind: xmlComment, text: string(t)})
		return err
	case xml.ProcInst:
		if t.Target == "xml" {
			return nil
		}
		_, err := b.append(&xmlNode{kind: xmlInstruction, local: t.Target, text: string(t.Inst)})
		return err
	default:
		return syntaxError("a document type declaration is not allowed")
	}
}

func rawName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

func (n *xmlNode) name() string { return rawName(xml.Name{Space: n.prefix, Local: n.local}) }

func (b *treeBuilder) addText(text string) error {
	if b.current == b.document {
		if strings.Trim(text, " \t\r\n") != "" {
			return syntaxError("text stands outside of the document's element")
		}
		return nil
	}
	if n := len(b.current.children); n > 0 && b.current.children[n-1].kind == xmlText {
		b.current.children[n-1].text += text
		return nil
	}
	if text == "" {
		return nil
	}
	n, err := b.append(&xmlNode{kind: xmlText, text: text})
	if err != nil {
		return err
	}
	words := strings.TrimLeftFunc(text, isXMLSpace)
	n.line += strings.Count(text[:len(text)-len(words)], "\n")
	return nil
}

// append puts a node last among the children of the current element.
func (b *treeBuilder) append(n *xmlNode) (*xmlNode, error) {
	if err := b.number(n); err != nil {
		return nil, err
	}
	n.parent = b.current
	b.current.children = append(b.current.children, n)
	return n, nil
}

func (b *treeBuilder) number(n *xmlNode) error {
	if b.nodes++; b.nodes > b.limits.nodes {
		return syntaxError("the document has more than %d nodes", b.limits.nodes)
	}
	n.order = b.nodes
	n.line = b.line
	return nil
}

func (b *treeBuilder) open(t xml.StartElement) error {
	if b.depth++; b.depth > b.limits.depth {
		return syntaxError("elements lie more than %d deep in each other", b.limits.depth)
	}
	if b.current == b.document && b.document.root() != nil {
		return syntaxError("the document has a second element")
	}
	n, err := b.append(&xmlNode{kind: xmlElement, prefix: t.Name.Space, local: t.Name.Local})
	if err != nil {
		return err
	}
	b.current = n
	var plain []xml.Attr
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == "xmlns":
			err = n.declare(a.Name.Local, a.Value)
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			err = n.declare("", a.Value)
		default:
			plain = append(plain, a)
		}
		if err != nil {
			return err
		}
	}
	if n.space, err = n.resolve(n.prefix); err != nil {
		return err
	}
	for _, a := range plain {
		if err := b.addAttribute(n, a); err != nil {
			return err
		}
	}
	return nil
}

func (b *treeBuilder) addAttribute(n *xmlNode, a xml.Attr) error {
	at := &xmlNode{kind: xmlAttribute, prefix: a.Name.Space, local: a.Name.Local, text: a.Value, parent: n}
	if at.prefix != "" { // an attribute without prefix has no namespace
		var err error
		if at.space, err = n.resolve(at.prefix); err != nil {
			return err
		}
	}
	for _, other := range n.attributes {
		if other.local == at.local && other.space == at.space {
			return syntaxError("the element %s has the attribute %s twice", n.name(), at.name())
		}
	}
	n.attributes = append(n.attributes, at)
	return b.number(at)
}

// declare binds a prefix, "" for the default namespace, on an element.
func (n *xmlNode) declare(prefix, uri string) error {
	switch _, twice := n.declared[prefix]; {
	case twice:
		return syntaxError("the element %s declares the prefix %q twice", n.name(), prefix)
	case prefix != "" && uri == "", prefix == "xmlns", (prefix == "xml") != (uri == namespaceXML):
		return syntaxError("the prefix %q cannot be bound to %q", prefix, uri)
	}
	if n.declared == nil {
		n.declared = map[string]string{}
	}
	n.declared[prefix] = uri
	return nil
}

// resolve returns the namespace that a prefix stands for at an element.
func (n *xmlNode) resolve(prefix string) (string, error) {
	if prefix == "xml" {
		return namespaceXML, nil
	}
	for e := n; e != nil; e = e.parent {
		if uri, ok := e.declared[prefix]; ok {
			return uri, nil
		}
	}
	if prefix == "" {
		return "", nil
	}
	return "", syntaxError("nothing declares the prefix %q", prefix)
}

// namespaces returns the prefixes that are bound at an element, without xml.
func (n *xmlNode) namespaces() map[string]string {
	out := map[string]string{}
	for e := n; e != nil; e = e.parent {
		for prefix, uri := range e.declared {
			if _, nearer := out[prefix]; !nearer {
				out[prefix] = uri
			}
		}
	}
	if out[""] == "" {
		delete(out, "")
	}
	return out
}

// root returns the element of a document, nil when there is none.
func (n *xmlNode) root() *xmlNode {
	for _, c := range n.children {
		if c.kind == xmlElement {
			return c
		}
	}
	return nil
}

// attribute returns the value of an attribute without namespace.
func (n *xmlNode) attribute(local string) (string, bool) { return n.attributeNS("", local) }

func (n *xmlNode) attributeNS(space, local string) (string, bool) {
	for _, a := range n.attributes {
		if a.local == local && a.space == space {
			return a.text, true
		}
	}
	return "", false
}

// stringValue returns XPath's string-value: of an element the text in it at any
// depth.
func (n *xmlNode) stringValue() string {
	if n.kind != xmlElement && n.kind != xmlDocument {
		return n.text
	}
	if len(n.children) == 1 && n.children[0].kind == xmlText {
		return n.children[0].text
	}
	var b strings.Builder
	n.appendText(&b)
	return b.String()
}

func (n *xmlNode) appendText(b *strings.Builder) {
	for _, c := range n.children {
		switch c.kind {
		case xmlText:
			b.WriteString(c.text)
		case xmlElement:
			c.appendText(b)
		}
	}
}
