package xacml

import "fmt"

// ParseResponseJSON reads a response of the JSON Profile 1.1 or of Altinn's
// dialect, for clients and tests. What StatusDetail holds besides missing
// attributes is passed over.
func ParseResponseJSON(src []byte) (*Response, error) {
	document, err := readJSON(src)
	if err != nil {
		return nil, err
	}
	body := document.member("Response")
	if body.kind != jsonArray && body.kind != jsonObject {
		return nil, syntaxError("the document has no Response; a response is {\"Response\": [...]}")
	}
	r := new(Response)
	r.Results, err = readList(document, "Response", readResultJSON)
	return r, err
}

// readList reads each value of a member that is an array, or one value in place
// of an array of one. Nulls are passed over.
func readList[T any](n jsonNode, name string, read func(jsonNode) (T, error)) ([]T, error) {
	var out []T
	for i, item := range n.list(name) {
		if item.kind == jsonNull {
			continue
		}
		var v T
		err := item.need(jsonObject)
		if err == nil {
			v, err = read(item)
		}
		if err != nil {
			return nil, inside(fmt.Sprintf("%s[%d]", name, i), err)
		}
		out = append(out, v)
	}
	return out, nil
}

func readResultJSON(n jsonNode) (Result, error) {
	var r Result
	decision, err := n.textOf("Decision")
	if err != nil {
		return r, err
	}
	if r.Decision, err = decisionNamed(decision); err != nil {
		return r, inside("Decision", err)
	}
	if r.Status, err = readStatusJSON(n.member("Status")); err != nil {
		return r, inside("Status", err)
	}
	if r.Obligations, err = readList(n, "Obligations", readDirectiveJSON); err != nil {
		return r, err
	}
	for _, name := range []string{"AssociatedAdvice", "AssociateAdvice"} {
		advice, err := readList(n, name, readDirectiveJSON)
		if err != nil {
			return r, err
		}
		r.Advice = append(r.Advice, advice...)
	}
	r.Categories, err = readList(n, "Category", func(n jsonNode) (Category, error) { return readCategoryJSON(n, "") })
	if err != nil {
		return r, err
	}
	r.Policies, err = readPoliciesJSON(n.member("PolicyIdentifierList"))
	return r, err
}

func decisionNamed(name string) (Decision, error) {
	for d, known := range decisionNames {
		if name == known {
			return Decision(d), nil
		}
	}
	return Indeterminate, syntaxError("is none of Permit, Deny, NotApplicable and Indeterminate")
}

func readStatusJSON(n jsonNode) (Status, error) {
	s := Status{Code: StatusOK}
	if n.kind == jsonNull {
		return s, nil
	}
	if err := n.need(jsonObject); err != nil {
		return s, err
	}
	var err error
	if s.Message, err = n.textOf("StatusMessage"); err != nil {
		return s, err
	}
	for code, outer := n.member("StatusCode"), true; code.kind != jsonNull; code, outer = code.member("StatusCode"), false {
		value, err := code.textOf("Value")
		if err != nil {
			return s, err
		}
		switch {
		case value == "": // stands for ok
		case outer:
			s.Code = StatusCode(value)
		default:
			s.Minor = append(s.Minor, StatusCode(value))
		}
	}
	s.Missing, err = readList(n.member("StatusDetail"), "MissingAttributeDetail", readMissingJSON)
	return s, err
}

func readMissingJSON(n jsonNode) (MissingAttribute, error) {
	var m MissingAttribute
	var err error
	if m.ID, err = n.textOf("AttributeId"); err != nil {
		return m, err
	}
	if m.Category, err = n.textOf("Category"); err != nil {
		return m, err
	}
	if m.Issuer, err = n.textOf("Issuer"); err != nil {
		return m, err
	}
	t, err := n.textOf("DataType")
	if err != nil {
		return m, err
	}
	m.Type = typeNamed(t)
	m.Values, err = readValuesJSON(n)
	return m, err
}

func readDirectiveJSON(n jsonNode) (Directive, error) {
	var d Directive
	var err error
	if d.ID, err = n.textOf("Id"); err != nil {
		return d, err
	}
	d.Assignments, err = readList(n, "AttributeAssignment", readAssignmentJSON)
	return d, err
}

func readAssignmentJSON(n jsonNode) (Assignment, error) {
	var a Assignment
	var err error
	if a.AttributeID, err = n.textOf("AttributeId"); err != nil {
		return a, err
	}
	if a.Category, err = n.textOf("Category"); err != nil {
		return a, err
	}
	if a.Issuer, err = n.textOf("Issuer"); err != nil {
		return a, err
	}
	values, err := readValuesJSON(n)
	if err != nil {
		return a, err
	}
	if len(values) != 1 {
		return a, syntaxError("Value: must be one value")
	}
	a.Value = values[0]
	return a, nil
}

func readPoliciesJSON(n jsonNode) ([]PolicyRef, error) {
	var out []PolicyRef
	for _, kind := range []struct {
		name string
		set  bool
	}{{"PolicyIdReference", false}, {"PolicySetIdReference", true}} {
		refs, err := readList(n, kind.name, func(n jsonNode) (PolicyRef, error) {
			id, err := n.textOf("Id")
			if err != nil {
				return PolicyRef{}, err
			}
			version, err := n.textOf("Version")
			return PolicyRef{ID: id, Version: version, Set: kind.set}, err
		})
		if err != nil {
			return nil, inside("PolicyIdentifierList", err)
		}
		out = append(out, refs...)
	}
	return out, nil
}
