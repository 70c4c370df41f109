package registry

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/xacml"
)

// Enrich returns the values of the attributes urn:altinn:rolecode and
// urn:altinn:accesspackage that a subject with these holdings has for the policy:
// every name that the catalogue has for each role and package, and besides them
// the spelling that the policy itself uses.
func (p *Policy) Enrich(s *index.Snapshot, held *pdp.Holdings) (roles, packages []string) {
	c := s.Catalogue()
	for id := range held.Roles.All() {
		roles = append(roles, roleNames(s, id)...)
	}
	for id := range held.Packages.All() {
		packages = append(packages, packageNames(c, id)...)
	}
	for _, a := range p.outline.named {
		switch {
		case !holds(s, held, a):
		case a.ID == AttributeRole:
			roles = append(roles, a.Value)
		default:
			packages = append(packages, a.Value)
		}
	}
	slices.Sort(roles)
	slices.Sort(packages)
	return slices.Compact(roles), slices.Compact(packages)
}

// holds reports whether holdings have the role or package that an attribute names.
func holds(s *index.Snapshot, held *pdp.Holdings, a Attribute) bool {
	switch a.ID {
	case AttributeRole:
		r, ok := s.Catalogue().FindRole(a.Value)
		return ok && held.Roles.Has(r.ID)
	case AttributePackage:
		id, ok := s.Catalogue().PackageID(a.Value)
		return ok && held.Packages.Has(id)
	}
	return false
}

// roleNames returns the codes of a role, by which policies call it.
func roleNames(s *index.Snapshot, id catalogue.RoleID) []string {
	code := string(s.RoleCode(id))
	names := []string{code, strings.ToLower(code)}
	if r, ok := s.Catalogue().FindRole(code); ok {
		names = append(names, r.AltinnCode, strings.TrimPrefix(r.LegacyURN, AttributeRole+":"))
		names = append(names, r.Aliases...)
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// packageNames returns the codes of a package, by which policies call it.
func packageNames(c *catalogue.Catalogue, id catalogue.PackageID) []string {
	p := c.Package(id)
	names := []string{p.Code, strings.ToLower(p.Code), strings.TrimPrefix(p.AltinnURN, AttributePackage+":")}
	for _, alias := range p.Aliases {
		names = append(names, strings.TrimPrefix(alias, AttributePackage+":"))
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// Request returns the request of a subject with these holdings for one action on
// the policy's resource.
func (p *Policy) Request(s *index.Snapshot, held *pdp.Holdings, action string) *xacml.Request {
	roles, packages := p.Enrich(s, held)
	subject := xacml.Category{Category: xacml.CategoryAccessSubject}
	subject.Attributes = appendStrings(subject.Attributes, AttributeRole, roles)
	subject.Attributes = appendStrings(subject.Attributes, AttributePackage, packages)
	resource := xacml.Category{Category: xacml.CategoryResource}
	for _, a := range (&Resource{Identifier: p.Resource}).Attributes() {
		resource.Attributes = appendStrings(resource.Attributes, a.ID, []string{a.Value})
	}
	return &xacml.Request{Categories: []xacml.Category{subject, resource, {
		Category: xacml.CategoryAction, Attributes: appendStrings(nil, AttributeAction, []string{action}),
	}}}
}

// appendStrings appends an attribute with values that are strings.
func appendStrings(list []xacml.Attribute, id string, values []string) []xacml.Attribute {
	a := xacml.Attribute{ID: id}
	for _, s := range values {
		if v, err := xacml.ParseValue(xacml.TypeString, s); err == nil { // every string is one
			a.Values = append(a.Values, v)
		}
	}
	return append(list, a)
}
