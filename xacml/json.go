package xacml

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// The limits of a document that someone sends: of its bytes in either notation, and
// of JSON. sentXML has those of XML.
const (
	maxDocument = 8 << 20 // bytes
	maxDepth    = 64      // of JSON values inside each other
	maxMembers  = 100     // of a JSON object; the profile has objects of less than twenty
)

type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

var jsonKindNames = [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}

func (k jsonKind) String() string { return jsonKindNames[k] }

// jsonNode is a JSON value as it was written: a number keeps its spelling, since
// that decides between integer and double, and an object the order of its
// members. The zero jsonNode is null.
type jsonNode struct {
	kind  jsonKind
	text  string     // of a string, a number or a boolean
	names []string   // of an object's members
	items []jsonNode // of an array, or the members' values in the order of names
}

// readJSON reads one JSON value that fills src. It refuses what encoding/json lets
// through and what two readers may understand differently: names that differ at
// most in case within one object, and text that is not UTF-8.
func readJSON(src []byte) (jsonNode, error) {
	if len(src) > maxDocument {
		return jsonNode{}, syntaxError("the document is %d bytes, and may be %d", len(src), maxDocument)
	}
	if !utf8.Valid(src) {
		return jsonNode{}, syntaxError("the document is not UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(src, &whole); err != nil {
		var s *json.SyntaxError
		if errors.As(err, &s) {
			return jsonNode{}, syntaxError("line %d is not JSON: %s", 1+bytes.Count(src[:min(int(s.Offset), len(src))], []byte("\n")), s)
		}
		return jsonNode{}, syntaxError("the document is not JSON: %s", err)
	}
	r := jsonReader{src: src}
	return r.value(0)
}

// jsonReader makes nodes of JSON whose syntax is known to be right.
type jsonReader struct {
	src []byte
	at  int
}

// next skips white space and returns the byte after it, which is not yet read.
func (r *jsonReader) next() byte {
	for isXMLSpace(rune(r.src[r.at])) { // JSON has the same white space
		r.at++
	}
	return r.src[r.at]
}

func (r *jsonReader) value(depth int) (jsonNode, error) {
	if depth > maxDepth {
		return jsonNode{}, syntaxError("JSON values lie more than %d deep in each other", maxDepth)
	}
	switch c := r.next(); c {
	case '{', '[':
		return r.items(c == '{', depth)
	case '"':
		return jsonNode{kind: jsonString, text: r.text()}, nil
	}
	from := r.at
	for r.at < len(r.src) && !strings.ContainsRune(",]} \t\r\n", rune(r.src[r.at])) {
		r.at++
	}
	switch word := string(r.src[from:r.at]); word {
	case "null":
		return jsonNode{}, nil
	case "true", "false":
		return jsonNode{kind: jsonBool, text: word}, nil
	default:
		return jsonNode{kind: jsonNumber, text: word}, nil
	}
}

// text reads a string.
func (r *jsonReader) text() string {
	from, escaped := r.at, false
	for r.at++; r.src[r.at] != '"'; r.at++ {
		if r.src[r.at] == '\\' {
			escaped = true
			r.at++
		}
	}
	r.at++
	if !escaped {
		return string(r.src[from+1 : r.at-1])
	}
	var text string
	_ = json.Unmarshal(r.src[from:r.at], &text) // the syntax is right
	return text
}

// items reads the elements of an array or the members of an object.
func (r *jsonReader) items(object bool, depth int) (jsonNode, error) {
	n, closing := jsonNode{kind: jsonArray}, byte(']')
	if object {
		n.kind, closing = jsonObject, '}'
	}
	for r.at++; r.next() != closing; {
		if r.src[r.at] == ',' {
			r.at++
			r.next()
		}
		if object {
			name := r.text()
			if err := n.admit(name); err != nil {
				return n, err
			}
			n.names = append(n.names, name)
			r.next()
			r.at++ // the colon
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.items = append(n.items, item)
	}
	r.at++
	return n, nil
}

// admit says whether an object may have a member of this name besides those it has.
func (n *jsonNode) admit(name string) error {
	if len(n.names) == maxMembers {
		return syntaxError("a JSON object has more than %d members", maxMembers)
	}
	for _, other := range n.names {
		if strings.EqualFold(name, other) {
			return syntaxError("a JSON object has the member %q twice; names that differ only in case count as the same", other)
		}
	}
	return nil
}

// member returns the member of an object, whatever the case of its name, or null
// when there is none.
func (n jsonNode) member(name string) jsonNode {
	for i, other := range n.names {
		if strings.EqualFold(name, other) {
			return n.items[i]
		}
	}
	return jsonNode{}
}

// list returns the values of a member that is an array, or the one value where
// the single value stands for an array of one. Null is an empty list. What the
// list holds may be null.
func (n jsonNode) list(name string) []jsonNode {
	switch m := n.member(name); m.kind {
	case jsonNull:
		return nil
	case jsonArray:
		return m.items
	default:
		return []jsonNode{m}
	}
}

// textOf returns a member that is a string; absent and null give "".
func (n jsonNode) textOf(name string) (string, error) {
	m := n.member(name)
	if m.kind != jsonNull && m.kind != jsonString {
		return "", syntaxError("%s: is %s, and must be a string", name, m.kind)
	}
	return m.text, nil
}

// flag returns a member that is a boolean; absent and null give false.
func (n jsonNode) flag(name string) (bool, error) {
	m := n.member(name)
	if m.kind != jsonNull && m.kind != jsonBool {
		return false, syntaxError("%s: is %s, and must be true or false", name, m.kind)
	}
	return m.text == "true", nil
}

// need refuses a value of another kind.
func (n jsonNode) need(k jsonKind) error {
	if n.kind != k {
		return syntaxError("is %s, and must be %s", n.kind, k)
	}
	return nil
}

// inside puts the place in front of an error's message, so that it grows to a
// path while it is handed upwards: "Request.Resource[0].Attribute[1]: ...".
func inside(place string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	in := *e
	switch first, _, isPath := strings.Cut(e.Message, ":"); {
	case isPath && !strings.ContainsRune(first, ' '):
		in.Message = place + "." + e.Message
	default:
		in.Message = place + ": " + e.Message
	}
	return &in
}

// appendJSON writes the value. Member names are given in the profile's spelling;
// camel makes their first letter small.
func (n jsonNode) appendJSON(b []byte, camel bool) []byte {
	switch n.kind {
	case jsonNull:
		return append(b, "null"...)
	case jsonBool, jsonNumber:
		return append(b, n.text...)
	case jsonString:
		return appendJSONString(b, n.text)
	}
	opening, closing := byte('['), byte(']')
	if n.kind == jsonObject {
		opening, closing = '{', '}'
	}
	b = append(b, opening)
	for i, item := range n.items {
		if i > 0 {
			b = append(b, ',')
		}
		if n.kind == jsonObject {
			name := n.names[i]
			if camel {
				name = strings.ToLower(name[:1]) + name[1:]
			}
			b = append(appendJSONString(b, name), ':')
		}
		b = item.appendJSON(b, camel)
	}
	return append(b, closing)
}

func appendJSONString(b []byte, s string) []byte {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) < 0 {
		return append(append(append(b, '"'), s...), '"')
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be written
	return append(b, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

// set adds a member to an object.
func (n *jsonNode) set(name string, value jsonNode) {
	n.kind = jsonObject
	n.names, n.items = append(n.names, name), append(n.items, value)
}

func jsonText(s string) jsonNode { return jsonNode{kind: jsonString, text: s} }

// jsonList makes an array of what write makes of each.
func jsonList[T any](of []T, write func(T) jsonNode) jsonNode {
	n := jsonNode{kind: jsonArray, items: make([]jsonNode, len(of))}
	for i, v := range of {
		n.items[i] = write(v)
	}
	return n
}
