package xacml

import (
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
)

// A short case is one line: NAME: REQUEST => ANSWER. The request is a list of
// attributes, CATEGORY.ATTRIBUTE=VALUE; the answer is the decision and what comes
// with it.
//
//	a doctor reads: subject.role=doctor action.id:action-id=read
//	  => Permit obligation:log(why="read")

// suiteRequest is the request of a short case.
type suiteRequest struct {
	returnPolicies bool
	attributes     []suiteAttribute
}

type suiteAttribute struct {
	category, id, issuer string
	dataType, value      string
	include              bool
}

// parseDecisions reads the section of short cases.
func parseDecisions(file string, section Section) ([]Case, error) {
	var cases []Case
	for _, row := range section.Rows() {
		name, rest, ok := strings.Cut(row.Text, ": ")
		request, answer, arrow := strings.Cut(rest, "=>")
		if !ok || !arrow {
			return nil, syntaxError("%s:%d: %q is no case: write NAME: REQUEST => ANSWER", file, row.Line, row.Text)
		}
		c := Case{Name: name, Line: row.Line}
		r, err := parseShortRequest(request)
		if err != nil {
			return nil, syntaxError("%s:%d: %v", file, row.Line, err)
		}
		c.Requests = []Source{{Name: "request.xml", Text: r.xml()}, {Name: "request.json", Text: r.json()}}
		lines, err := parseShortAnswer(answer)
		if err != nil {
			return nil, syntaxError("%s:%d: %v", file, row.Line, err)
		}
		c.want = [][]string{lines}
		cases = append(cases, c)
	}
	return cases, nil
}

// words splits a line at white space outside quotes and parentheses.
func words(line string) (list []string) {
	var word strings.Builder
	quoted, depth := false, 0
	flush := func() {
		if word.Len() > 0 {
			list = append(list, word.String())
			word.Reset()
		}
	}
	for _, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && r == '(':
			depth++
		case !quoted && r == ')':
			depth--
		case !quoted && depth == 0 && (r == ' ' || r == '\t'):
			flush()
			continue
		}
		word.WriteRune(r)
	}
	flush()
	return list
}

func parseShortRequest(line string) (*suiteRequest, error) {
	r := &suiteRequest{}
	for _, word := range words(line) {
		if word == "return-policy-ids" {
			r.returnPolicies = true
			continue
		}
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			return nil, syntaxError("%q is no attribute: write CATEGORY.ATTRIBUTE=VALUE", word)
		}
		var a suiteAttribute
		name, a.include = strings.CutPrefix(name, "+")
		var err error
		if a.category, a.id, a.issuer, err = shortName(name); err != nil {
			return nil, err
		}
		a.dataType, a.value = shortValue(value)
		r.attributes = append(r.attributes, a)
	}
	return r, nil
}

// shortName reads CATEGORY.ATTRIBUTE[ISSUER].
func shortName(name string) (category, id, issuer string, err error) {
	category, id, ok := strings.Cut(name, ".")
	long, known := namedShorthands["cat:"+category]
	if !ok || !known {
		return "", "", "", syntaxError("%q names no attribute: write CATEGORY.ATTRIBUTE, with one of the categories "+
			"subject, resource, action, environment, recipient, intermediary, codebase and machine", name)
	}
	if open := strings.LastIndex(id, "["); open >= 0 && strings.HasSuffix(id, "]") {
		id, issuer = id[:open], id[open+1:len(id)-1]
	}
	return long, longhand(id), issuer, nil
}

// shortValue reads VALUE, "VALUE" or (TYPE)VALUE.
func shortValue(s string) (dataType, value string) {
	dataType = string(TypeString)
	if rest, ok := strings.CutPrefix(s, "("); ok {
		if t, v, ok := strings.Cut(rest, ")"); ok {
			dataType, s = longhand(t), v
		}
	}
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	return dataType, s
}

var decisionWords = map[string]bool{"Permit": true, "Deny": true, "NotApplicable": true, "Indeterminate": true}

// parseShortAnswer reads an answer: the decision, for Indeterminate the status
// code, then what comes with it, as lines like those of responseLines.
func parseShortAnswer(line string) ([]string, error) {
	list := words(line)
	if len(list) == 0 || !decisionWords[list[0]] {
		return nil, syntaxError("%q is no answer: begin it with Permit, Deny, NotApplicable or Indeterminate", strings.TrimSpace(line))
	}
	lines := []string{"decision " + list[0]}
	if list[0] != "Indeterminate" {
		lines = append(lines, "status ok")
	}
	for _, word := range list[1:] {
		kind, rest, ok := strings.Cut(word, ":")
		switch {
		case ok && (kind == "obligation" || kind == "advice"):
			directive, err := shortDirective(rest)
			if err != nil {
				return nil, err
			}
			lines = append(lines, kind+" "+directive)
		case ok && (kind == "policy" || kind == "policyset"):
			if !strings.Contains(rest, "@") {
				return nil, syntaxError("%q: write the version too, as in policy:%s@1.0", word, rest)
			}
			lines = append(lines, kind+" "+rest)
		case ok && kind == "missing":
			category, id, _, err := shortName(rest)
			if err != nil {
				return nil, err
			}
			lines = append(lines, missingLine(category, id))
		case ok && kind == "attribute":
			r, err := parseShortRequest(rest)
			if err != nil || len(r.attributes) != 1 {
				return nil, syntaxError("%q is no attribute: write attribute:CATEGORY.ATTRIBUTE=VALUE", word)
			}
			a := r.attributes[0]
			lines = append(lines, "attribute "+a.category+" "+a.id+issuerOf(a.issuer)+" = ("+shortType(a.dataType)+")"+comparableForm(shortType(a.dataType), a.value))
		case !ok && list[0] == "Indeterminate" && (word == "missing-attribute" || word == "syntax-error" || word == "processing-error" || word == "ok"):
			lines = append(lines, "status "+word)
		default:
			return nil, syntaxError("%q belongs in no answer: write a status code after Indeterminate, or obligation:, advice:, attribute:, policy:, policyset: or missing:", word)
		}
	}
	if list[0] == "Indeterminate" && !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "status ") }) {
		lines = append(lines, anyStatus)
	}
	slices.Sort(lines[1:])
	return lines, nil
}

func issuerOf(issuer string) string {
	if issuer == "" {
		return ""
	}
	return " issuer=" + issuer
}

// shortDirective reads ID(ATTRIBUTE=VALUE; …).
func shortDirective(s string) (string, error) {
	id, inside, ok := strings.Cut(s, "(")
	inside, closed := strings.CutSuffix(inside, ")")
	if !ok || !closed {
		return "", syntaxError("%q: write the values too, as in %s(reason=\"x\"), or %s()", s, s, s)
	}
	var list []string
	for part := range strings.SplitSeq(inside, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return "", syntaxError("%q is no value of %s: write NAME=VALUE", part, id)
		}
		dataType, lexical := shortValue(value)
		line := "(" + shortType(dataType) + ")" + comparableForm(shortType(dataType), lexical)
		list = append(list, longhand(name)+"="+line)
	}
	slices.Sort(list)
	return longhand(id) + "(" + strings.Join(list, "; ") + ")", nil
}

// byCategory returns the attributes of each category, in the order in which they
// first stand.
func (r *suiteRequest) byCategory() (categories []string, attributes map[string][]suiteAttribute) {
	attributes = map[string][]suiteAttribute{}
	for _, a := range r.attributes {
		if attributes[a.category] == nil {
			categories = append(categories, a.category)
		}
		attributes[a.category] = append(attributes[a.category], a)
	}
	return categories, attributes
}

// xml writes the request in the standard's own notation.
func (r *suiteRequest) xml() []byte {
	type value struct {
		DataType string `xml:"DataType,attr"`
		Text     string `xml:",chardata"`
	}
	type attribute struct {
		ID      string `xml:"AttributeId,attr"`
		Issuer  string `xml:"Issuer,attr,omitempty"`
		Include bool   `xml:"IncludeInResult,attr"`
		Value   value  `xml:"AttributeValue"`
	}
	type category struct {
		Category  string      `xml:"Category,attr"`
		Attribute []attribute `xml:"Attribute"`
	}
	var document struct {
		XMLName        xml.Name   `xml:"urn:oasis:names:tc:xacml:3.0:core:schema:wd-17 Request"`
		Combined       bool       `xml:"CombinedDecision,attr"`
		ReturnPolicies bool       `xml:"ReturnPolicyIdList,attr"`
		Attributes     []category `xml:"Attributes"`
	}
	document.ReturnPolicies = r.returnPolicies
	names, attributes := r.byCategory()
	for _, name := range names {
		c := category{Category: name}
		for _, a := range attributes[name] {
			c.Attribute = append(c.Attribute, attribute{ID: a.id, Issuer: a.issuer, Include: a.include, Value: value{DataType: a.dataType, Text: a.value}})
		}
		document.Attributes = append(document.Attributes, c)
	}
	out, err := xml.Marshal(document)
	if err != nil {
		panic("xacml: a struct of strings cannot be written as XML: " + err.Error())
	}
	return out
}

// json writes the request in the JSON Profile's notation.
func (r *suiteRequest) json() []byte {
	type attribute struct {
		AttributeID     string `json:"AttributeId"`
		Issuer          string `json:",omitempty"`
		DataType        string
		Value           string
		IncludeInResult bool `json:",omitempty"`
	}
	type category struct {
		CategoryID string `json:"CategoryId"`
		Attribute  []attribute
	}
	var document struct {
		Request struct {
			ReturnPolicyIDList bool `json:"ReturnPolicyIdList"`
			Category           []category
		}
	}
	document.Request.ReturnPolicyIDList = r.returnPolicies
	document.Request.Category = []category{}
	names, attributes := r.byCategory()
	for _, name := range names {
		c := category{CategoryID: name}
		for _, a := range attributes[name] {
			c.Attribute = append(c.Attribute, attribute{AttributeID: a.id, Issuer: a.issuer, DataType: a.dataType, Value: a.value, IncludeInResult: a.include})
		}
		document.Request.Category = append(document.Request.Category, c)
	}
	out, err := json.Marshal(document)
	if err != nil {
		panic("xacml: a struct of strings cannot be written as JSON: " + err.Error())
	}
	return out
}
