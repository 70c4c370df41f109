package xacml

import (
	"fmt"
	"slices"
)

// policyReader turns the elements of one policy document into compiled policies.
// What is wrong with them it throws as a *PolicyError, which ParsePolicy catches.
type policyReader struct {
	file    string
	program *program
	rules   *ruleScope // of the Policy that is being read; nil outside
	// problems collects what is wrong where all of it is wanted; nil when the first
	// is enough.
	problems *[]*PolicyError
}

// attempt reads one part of a policy. Where all problems are wanted, one that makes
// the part wrong is noted, and reading goes on behind it.
func (r *policyReader) attempt(read func()) {
	if r.problems != nil {
		defer func() {
			switch refused := recover().(type) {
			case nil:
			case *PolicyError:
				*r.problems = append(*r.problems, refused)
			default:
				panic(refused)
			}
		}()
	}
	read()
}

// ruleScope holds what the expressions of one Policy share.
type ruleScope struct {
	variables map[string]*variable
}

func (r *policyReader) refuse(at *xmlNode, format string, args ...any) {
	panic(&PolicyError{File: r.file, Line: at.line, Reason: fmt.Sprintf(format, args...)})
}

// refuseType is refuse where the data-types are not what they must be, or a
// function is not supported.
func (r *policyReader) refuseType(at *xmlNode, format string, args ...any) {
	panic(&PolicyError{File: r.file, Line: at.line, Reason: fmt.Sprintf(format, args...), Code: StatusProcessingError})
}

// children walks the children of an element in the order the schema has them.
type children struct {
	reader *policyReader
	left   []*xmlNode
}

// inside starts a walk over the children of an element that holds elements only.
func (r *policyReader) inside(e *xmlNode) *children {
	in := &children{reader: r}
	for _, c := range e.children {
		switch {
		case c.kind == xmlText && trimXML(c.text) != "":
			r.refuse(c, "%s holds text where it may hold elements only", e.local)
		case c.kind == xmlElement && c.space != namespaceXACML:
			r.refuse(c, "%s is of the namespace %q; a policy is of %s", c.local, c.space, namespaceXACML)
		case c.kind == xmlElement:
			in.left = append(in.left, c)
		}
	}
	return in
}

// take returns the next child if it has one of these names, and nil otherwise.
func (c *children) take(names ...string) *xmlNode {
	if len(c.left) == 0 || !slices.Contains(names, c.left[0].local) {
		return nil
	}
	e := c.left[0]
	c.left = c.left[1:]
	return e
}

// need is take for a child that must be there.
func (c *children) need(in *xmlNode, name string) *xmlNode {
	e := c.take(name)
	if e == nil {
		if len(c.left) > 0 {
			c.reader.refuse(c.left[0], "%s needs %s here, not %s", in.local, name, c.left[0].local)
		}
		c.reader.refuse(in, "%s lacks its %s", in.local, name)
	}
	return e
}

// end refuses what no rule of the schema took.
func (c *children) end(in *xmlNode) {
	if len(c.left) > 0 {
		c.reader.refuse(c.left[0], "%s does not belong here in %s", c.left[0].local, in.local)
	}
}

// text returns the text of an element that holds nothing else.
func (r *policyReader) text(e *xmlNode) string {
	for _, c := range e.children {
		if c.kind == xmlElement {
			r.refuse(c, "%s holds an element where it may hold text only", e.local)
		}
	}
	return e.stringValue()
}

// attributes refuses attributes that the schema does not give the element. Those of
// other namespaces (xml:id, xsi:schemaLocation) say nothing about a policy.
func (r *policyReader) attributes(e *xmlNode, names ...string) {
	for _, a := range e.attributes {
		if a.space == "" && !slices.Contains(names, a.local) {
			r.refuse(e, "%s has no attribute %s", e.local, a.local)
		}
	}
}

// required returns an attribute that must be there and not be empty.
func (r *policyReader) required(e *xmlNode, name string) string {
	v := r.optional(e, name)
	if v == "" {
		r.refuse(e, "%s lacks its %s", e.local, name)
	}
	return v
}

// optional returns an attribute without the white space around it, or "" when it
// is absent.
func (r *policyReader) optional(e *xmlNode, name string) string {
	v, _ := e.attribute(name)
	return trimXML(v)
}

// effect reads an attribute whose value is Permit or Deny.
func (r *policyReader) effect(e *xmlNode, name string) Decision {
	switch v := r.required(e, name); v {
	case "Permit":
		return Permit
	case "Deny":
		return Deny
	default:
		r.refuse(e, "%s is %q; it is either Permit or Deny", name, v)
		return Indeterminate
	}
}

// description reads the Description that several elements start with.
func (r *policyReader) description(in *children) string {
	e := in.take("Description")
	if e == nil {
		return ""
	}
	r.attributes(e)
	return trimXML(r.text(e))
}
