package xacml

import (
	"fmt"
	"slices"
	"strings"
)

// policyReader turns the elements of one policy document into compiled policies.
// What is wrong with them it throws as a *PolicyError, which ParsePolicy catches.
type policyReader struct {
	file    string
	program *program
	rules   *ruleScope // of the Policy that is being read; nil outside
}

// ruleScope holds what the expressions of one Policy share.
type ruleScope struct {
	variables map[string]*variable
}

func (r *policyReader) refuse(at *policyElement, format string, args ...any) {
	panic(&PolicyError{File: r.file, Line: at.line, Reason: fmt.Sprintf(format, args...)})
}

// children walks the children of an element in the order the schema has them.
type children struct {
	reader *policyReader
	left   []*policyElement
}

// inside starts a walk over the children of an element that holds elements only.
func (r *policyReader) inside(e *policyElement) *children {
	if text := strings.TrimSpace(string(e.text)); text != "" {
		r.refuse(e, "%s holds text where it may hold elements only", e.name)
	}
	for _, c := range e.children {
		if c.space != Namespace {
			r.refuse(c, "%s is of the namespace %q; a policy is of %s", c.name, c.space, Namespace)
		}
	}
	return &children{r, e.children}
}

// take returns the next child if it has one of these names, and nil otherwise.
func (c *children) take(names ...string) *policyElement {
	if len(c.left) == 0 || !slices.Contains(names, c.left[0].name) {
		return nil
	}
	e := c.left[0]
	c.left = c.left[1:]
	return e
}

// need is take for a child that must be there.
func (c *children) need(in *policyElement, name string) *policyElement {
	e := c.take(name)
	if e == nil {
		if len(c.left) > 0 {
			c.reader.refuse(c.left[0], "%s needs %s here, not %s", in.name, name, c.left[0].name)
		}
		c.reader.refuse(in, "%s lacks its %s", in.name, name)
	}
	return e
}

// end refuses what no rule of the schema took.
func (c *children) end(in *policyElement) {
	if len(c.left) > 0 {
		c.reader.refuse(c.left[0], "%s does not belong here in %s", c.left[0].name, in.name)
	}
}

// text returns the text of an element that holds nothing else.
func (r *policyReader) text(e *policyElement) string {
	if len(e.children) > 0 {
		r.refuse(e.children[0], "%s holds an element where it may hold text only", e.name)
	}
	return string(e.text)
}

// attributes refuses attributes that the schema does not give the element.
func (r *policyReader) attributes(e *policyElement, names ...string) {
	for _, a := range e.attrs {
		if !slices.Contains(names, a.Name.Local) {
			r.refuse(e, "%s has no attribute %s", e.name, a.Name.Local)
		}
	}
}

// required returns an attribute that must be there and not be empty.
func (r *policyReader) required(e *policyElement, name string) string {
	v, ok := e.attr(name)
	if !ok || v == "" {
		r.refuse(e, "%s lacks its %s", e.name, name)
	}
	return v
}

// optional returns an attribute, or "" when it is absent.
func (r *policyReader) optional(e *policyElement, name string) string {
	v, _ := e.attr(name)
	return v
}

// effect reads an attribute whose value is Permit or Deny.
func (r *policyReader) effect(e *policyElement, name string) Decision {
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
	return strings.TrimSpace(r.text(e))
}
