package xacml

import (
	"maps"
	"slices"
	"strings"
)

// AttributeQuery says which attribute a policy needs that the request lacks.
type AttributeQuery struct {
	Request *Request // must not be changed
	// Category and ID name the attribute; Issuer does too unless it is "".
	Category, ID, Issuer string
	Type                 Type
}

// source is where an attribute designator (section 5.29) or selector (section
// 5.30) takes its values from. The expressions of a document that take the same
// values share one source, so that each evaluation looks once.
type source struct {
	category, id, issuer string
	typ                  Type
	// Of a selector:
	path            *xpath
	names           map[string]string // namespaces of its prefixes
	contextSelector string            // the ContextSelectorId; "" when there is none
	compared        constants         // what matches compare the values with
	examined        bool              // something else looks at the values too
}

// attribute is an attribute designator or selector in an expression: a source, and
// whether it must give a value.
type attribute struct {
	*source
	slot          int // of the source in the program
	mustBePresent bool
}

func (a *attribute) exprType() exprType { return exprType{Type: a.typ, Bag: true} }

func (a *attribute) eval(ev *evaluation) (result, error) {
	values, err := a.values(ev)
	return result{bag: values, isBag: true}, err
}

// values returns the bag of the attribute. An empty one is an error where
// MustBePresent says so (section 7.3.5).
func (a *attribute) values(ev *evaluation) ([]Value, error) {
	b := &ev.frame.bags[a.slot]
	if !b.known {
		ev.fill(a.slot, b)
	}
	if b.err == nil && len(b.values) == 0 && a.mustBePresent {
		return nil, a.missing()
	}
	return b.values, b.err
}

func (a *attribute) missing() *Error {
	e := &Error{Code: StatusMissingAttribute}
	if a.selects() {
		e.Message = "the content of " + a.category + " has nothing at " + a.path.text
		return e
	}
	e.Message = "the attribute " + a.id + " of " + a.category + " is missing"
	e.Missing = []MissingAttribute{{Category: a.category, ID: a.id, Issuer: a.issuer, Type: a.typ}}
	return e
}

// fill finds the values of a source and the groups of constants that they satisfy.
// The bag stays unknown when there are no steps left for it: the trace, which has
// steps of its own, may be the one that ran out.
func (ev *evaluation) fill(slot int, b *bag) {
	s := ev.frame.program.sources[slot]
	if b.err = ev.spend(1); b.err != nil {
		return
	}
	var values []Value
	var err error
	if s.selects() {
		values, err = ev.selected(s)
	} else {
		values, err = ev.designated(s)
	}
	if b.err = ev.spend(len(values)); b.err != nil {
		return
	}
	*b = bag{true, values, err}
	if err == nil {
		s.compared.mark(values, ev.frame.hits)
	}
}

// selects tells a selector from a designator.
func (s *source) selects() bool { return s.path != nil }

// selected returns the values of the nodes in the Content of the selector's
// category.
func (ev *evaluation) selected(s *source) ([]Value, error) {
	for i := range ev.request.Categories {
		c := &ev.request.Categories[i]
		if c.Category != s.category || c.Content == nil {
			continue
		}
		var context *xpathValue
		if s.contextSelector != "" {
			var err error
			if context, err = c.contextSelector(s.contextSelector); err != nil {
				return nil, err
			}
		}
		return ev.selectNodes(c.Content, s.path, context, s.typ)
	}
	return nil, nil
}

// designated returns the values of the request's attribute, or what the context
// handler knows when the request has none.
func (ev *evaluation) designated(s *source) ([]Value, error) {
	values := ev.request.values(s)
	if len(values) > 0 {
		return values, nil
	}
	if now := ev.current(s); now != nil {
		return now, nil
	}
	if ev.engine == nil || ev.engine.options.Attributes == nil {
		return nil, nil
	}
	values, err := ev.engine.options.Attributes(AttributeQuery{ev.request, s.category, s.id, s.issuer, s.typ})
	if err != nil {
		return nil, asError(err)
	}
	for _, v := range values {
		if v.Type() != s.typ {
			return nil, processingError("the attribute %s was found with the data-type %s in place of %s", s.id, v.Type(), s.typ)
		}
	}
	return values, nil
}

// values returns the values of the attributes that a designator names (section
// 7.3.4): of its category, id and data-type, and of its issuer if it has one. The
// result may be part of the request.
func (r *Request) values(s *source) []Value {
	var found []Value
	for i := range r.Categories {
		if r.Categories[i].Category != s.category {
			continue
		}
		attributes := r.Categories[i].Attributes
		for j := range attributes {
			a := &attributes[j]
			if a.ID != s.id || s.issuer != "" && a.Issuer != s.issuer {
				continue
			}
			of := ofType(a.Values, s.typ)
			if found == nil {
				found = of
			} else {
				found = append(found[:len(found):len(found)], of...)
			}
		}
	}
	return found
}

// ofType returns the values of one data-type: the slice itself where all are.
func ofType(values []Value, t Type) []Value {
	for i, v := range values {
		if v.Type() == t {
			continue
		}
		found := append([]Value(nil), values[:i]...)
		for _, v := range values[i+1:] {
			if v.Type() == t {
				found = append(found, v)
			}
		}
		return found
	}
	return values
}

// The attributes that the context handler supplies when the request lacks them
// (section 10.2.5).
const (
	attributeCurrentTime     = "urn:oasis:names:tc:xacml:1.0:environment:current-time"
	attributeCurrentDate     = "urn:oasis:names:tc:xacml:1.0:environment:current-date"
	attributeCurrentDateTime = "urn:oasis:names:tc:xacml:1.0:environment:current-dateTime"
)

func (ev *evaluation) current(s *source) []Value {
	if s.category != CategoryEnvironment || s.issuer != "" {
		return nil
	}
	switch {
	case s.id == attributeCurrentTime && s.typ == TypeTime:
		return []Value{NewTime(ev.now)}
	case s.id == attributeCurrentDate && s.typ == TypeDate:
		return []Value{NewDate(ev.now)}
	case s.id == attributeCurrentDateTime && s.typ == TypeDateTime:
		return []Value{NewDateTime(ev.now)}
	}
	return nil
}

// sourceFor returns the place of the program's source of these values, adding it
// when it is new.
func (p *program) sourceFor(s source) (int, *source) {
	key := s.key()
	slot, known := p.slots[key]
	if !known {
		slot = len(p.sources)
		p.slots[key] = slot
		p.sources = append(p.sources, &s)
	}
	return slot, p.sources[slot]
}

// key is the same for sources of the same values.
func (s *source) key() string {
	parts := []string{s.category, s.id, s.issuer, string(s.typ)}
	if s.selects() {
		parts = append(parts, s.path.text, s.contextSelector)
	}
	for _, prefix := range slices.Sorted(maps.Keys(s.names)) {
		parts = append(parts, prefix, s.names[prefix])
	}
	return strings.Join(parts, "\x00")
}

func (r *policyReader) designator(e *xmlNode) *attribute {
	r.attributes(e, "Category", "AttributeId", "DataType", "Issuer", "MustBePresent")
	r.inside(e).end(e)
	return r.attribute(e, source{category: r.required(e, "Category"), id: r.required(e, "AttributeId"), issuer: r.optional(e, "Issuer"), typ: r.dataType(e)})
}

func (r *policyReader) selector(e *xmlNode) *attribute {
	r.attributes(e, "Category", "ContextSelectorId", "Path", "DataType", "MustBePresent")
	r.inside(e).end(e)
	s := source{
		category: r.required(e, "Category"), typ: r.dataType(e),
		contextSelector: r.optional(e, "ContextSelectorId"), names: e.namespaces(),
	}
	var err error
	if s.path, err = compileXPath(r.required(e, "Path"), s.names); err != nil {
		r.refuse(e, "%s", err)
	}
	return r.attribute(e, s)
}

func (r *policyReader) attribute(e *xmlNode, s source) *attribute {
	a := &attribute{}
	a.slot, a.source = r.program.sourceFor(s)
	switch v := r.required(e, "MustBePresent"); v {
	case "true", "1":
		a.mustBePresent = true
	case "false", "0":
	default:
		r.refuse(e, "MustBePresent is %q; it is either true or false", v)
	}
	return a
}
