package xacml

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// Dialect is the JSON that a caller speaks. Requests of every dialect are read
// the same way; answers differ.
type Dialect uint8

const (
	// DialectProfile is the JSON Profile 1.1 as it stands.
	DialectProfile Dialect = iota
	// DialectAltinn is that of Altinn's own clients: camelCase names, absent
	// members written as null, every value a string, and associateAdvice for
	// AssociatedAdvice.
	DialectAltinn
)

// The categories that have a member of their own in a JSON request (JSON Profile
// 1.1, section 4.2.1). Their names also stand for the URI in CategoryId.
var categoryMembers = [...]struct{ name, category string }{
	{"AccessSubject", CategoryAccessSubject},
	{"RecipientSubject", CategoryRecipientSubject},
	{"IntermediarySubject", CategoryIntermediarySubject},
	{"Codebase", CategoryCodebase},
	{"RequestingMachine", CategoryRequestingMachine},
	{"Resource", CategoryResource},
	{"Action", CategoryAction},
	{"Environment", CategoryEnvironment},
}

func categoryNamed(name string) string {
	for _, m := range categoryMembers {
		if m.name == name {
			return m.category
		}
	}
	return name
}

// ParseRequestJSON reads a request of the JSON Profile 1.1, of at most 8 MiB.
// Names of members may have any case, null is the same as absent, a single object
// stands for an array of one, and members that the profile does not know are
// passed over. The dialect is what the answer should have; it is right also when
// an *Error tells why the request cannot be used, by the path of the member at
// fault and never by its value.
func ParseRequestJSON(src []byte) (*Request, Dialect, error) {
	document, err := readJSON(src)
	if err != nil {
		return nil, DialectProfile, err
	}
	dialect := DialectProfile
	for _, name := range document.names {
		if name == "request" {
			dialect = DialectAltinn
		}
	}
	body := document.member("Request")
	if body.kind != jsonObject {
		return nil, dialect, syntaxError("the document has no object Request; a request is {\"Request\": {...}}")
	}
	req, err := readRequestJSON(body)
	if err != nil {
		return nil, dialect, inside("Request", err)
	}
	return req, dialect, nil
}

func readRequestJSON(body jsonNode) (*Request, error) {
	req := new(Request)
	var err error
	if req.ReturnPolicyIDList, err = body.flag("ReturnPolicyIdList"); err != nil {
		return nil, err
	}
	if req.CombinedDecision, err = body.flag("CombinedDecision"); err != nil {
		return nil, err
	}
	if req.XPathVersion, err = body.textOf("XPathVersion"); err != nil {
		return nil, err
	}
	if err := req.readCategoriesJSON(body, "Category", ""); err != nil {
		return nil, err
	}
	for _, m := range categoryMembers {
		if err := req.readCategoriesJSON(body, m.name, m.category); err != nil {
			return nil, err
		}
	}
	req.References, err = readReferencesJSON(body)
	return req, err
}

// readCategoriesJSON reads a member that holds categories: the general Category,
// or that of one category, where it need not be named.
func (req *Request) readCategoriesJSON(body jsonNode, member, category string) error {
	for i, n := range body.list(member) {
		if n.kind == jsonNull {
			continue
		}
		c, err := readCategoryJSON(n, category)
		if err == nil {
			err = refuseSpecialNumbers(c)
		}
		if err != nil {
			return inside(fmt.Sprintf("%s[%d]", member, i), err)
		}
		req.Categories = append(req.Categories, c)
	}
	return nil
}

func readCategoryJSON(n jsonNode, category string) (Category, error) {
	c := Category{Category: category}
	if err := n.need(jsonObject); err != nil {
		return c, err
	}
	named, err := n.textOf("CategoryId")
	if err != nil {
		return c, err
	}
	named = categoryNamed(named)
	switch {
	case category == "" && named == "":
		return c, syntaxError("CategoryId: is missing")
	case category == "":
		c.Category = named
	case named != "" && named != category:
		return c, syntaxError("CategoryId: names another category than the member it stands in; put it under Category")
	}
	if c.ID, err = n.textOf("Id"); err != nil {
		return c, err
	}
	content, err := n.textOf("Content")
	if err != nil {
		return c, err
	}
	if content != "" {
		if c.Content, err = parseContentJSON(content); err != nil {
			return c, inside("Content", err)
		}
	}
	for i, a := range n.list("Attribute") {
		if a.kind == jsonNull {
			continue
		}
		attribute, err := readAttributeJSON(a)
		if err != nil {
			return c, inside(fmt.Sprintf("Attribute[%d]", i), err)
		}
		c.Attributes = append(c.Attributes, attribute)
	}
	return c, nil
}

// refuseSpecialNumbers refuses the doubles that a request may not hold (JSON
// Profile 1.1, section 3.3.2).
func refuseSpecialNumbers(c Category) error {
	for i, a := range c.Attributes {
		if slices.ContainsFunc(a.Values, isSpecialNumber) {
			return syntaxError("Attribute[%d].Value: is a special number (NaN, an infinity or negative zero), which the JSON profile does not allow", i)
		}
	}
	return nil
}

// parseContentJSON reads Content, which is XML or the Base64 of XML. Only XML
// begins with "<" (JSON Profile 1.1, section 4.2.3).
func parseContentJSON(text string) (*Content, error) {
	if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "<") {
		return parseContent(text)
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, syntaxError("is neither XML nor the Base64 of XML")
	}
	return parseContent(string(decoded))
}

func readAttributeJSON(n jsonNode) (Attribute, error) {
	var a Attribute
	if err := n.need(jsonObject); err != nil {
		return a, err
	}
	var err error
	if a.ID, err = n.textOf("AttributeId"); err != nil {
		return a, err
	}
	if a.ID == "" {
		return a, syntaxError("AttributeId: is missing")
	}
	if a.Issuer, err = n.textOf("Issuer"); err != nil {
		return a, err
	}
	if a.IncludeInResult, err = n.flag("IncludeInResult"); err != nil {
		return a, err
	}
	a.Values, err = readValuesJSON(n)
	return a, err
}

// readReferencesJSON reads MultiRequests.
func readReferencesJSON(body jsonNode) ([][]string, error) {
	multi := body.member("MultiRequests")
	if multi.kind == jsonNull {
		return nil, nil
	}
	if err := multi.need(jsonObject); err != nil {
		return nil, inside("MultiRequests", err)
	}
	var references [][]string
	for i, r := range multi.list("RequestReference") {
		if r.kind == jsonNull {
			continue
		}
		place := fmt.Sprintf("MultiRequests.RequestReference[%d]", i)
		if err := r.need(jsonObject); err != nil {
			return nil, inside(place, err)
		}
		ids := []string{}
		for j, id := range r.list("ReferenceId") {
			if err := id.need(jsonString); err != nil {
				return nil, inside(fmt.Sprintf("%s.ReferenceId[%d]", place, j), err)
			}
			ids = append(ids, id.text)
		}
		references = append(references, ids)
	}
	return references, nil
}
