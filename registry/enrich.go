package registry

import (
	"maps"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
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
		case a.ID == AttributePackage:
			packages = append(packages, a.Value)
		}
	}
	slices.Sort(roles)
	slices.Sort(packages)
	return slices.Compact(roles), slices.Compact(packages)
}

// holds reports whether holdings have the role or package that an attribute names.
func holds(s *index.Snapshot, held *pdp.Holdings, a Attribute) bool {
	h, ok := Meaning(s.Catalogue(), a)
	return ok && h.in(held)
}

// roleNames returns the codes of a role, by which policies call it.
func roleNames(s *index.Snapshot, id catalogue.RoleID) []string {
	return namesOfRole(s.Catalogue(), string(s.RoleCode(id)))
}

func namesOfRole(c *catalogue.Catalogue, code string) []string {
	names := []string{code, strings.ToLower(code)}
	if r, ok := c.FindRole(code); ok {
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
	resource := xacml.Category{Category: xacml.CategoryResource}
	for _, a := range (&Resource{Identifier: p.Resource}).Attributes() {
		resource.Attributes = appendStrings(resource.Attributes, a.ID, a.Value)
	}
	return &xacml.Request{Categories: []xacml.Category{
		{Category: xacml.CategoryAccessSubject, Attributes: p.enrich(nil, s, held)}, resource,
		{Category: xacml.CategoryAction, Attributes: appendStrings(nil, AttributeAction, action)},
	}}
}

// enrich appends what a subject holds as attributes: of All, as much as the policy
// can tell apart.
func (p *Policy) enrich(list []xacml.Attribute, s *index.Snapshot, held *pdp.Holdings) []xacml.Attribute {
	if known := p.spokenIn(s.Catalogue()); !known.examined {
		return known.attributes(list, s, held, p)
	}
	return append(list, p.All(s, held)...)
}

// All returns all that a subject holds as attributes: roles and packages as Enrich
// names them, and roles by the attributes that their URNs are of too.
func (p *Policy) All(s *index.Snapshot, held *pdp.Holdings) (list []xacml.Attribute) {
	roles, packages := p.Enrich(s, held)
	list = appendStrings(list, AttributeRole, roles...)
	list = appendStrings(list, AttributePackage, packages...)
	c := s.Catalogue()
	byID := map[string][]string{}
	for id := range held.Roles.All() {
		r := c.Role(id)
		if r == nil {
			continue // a code that the catalogue lacks has no URN
		}
		if id, value, ok := attributeOf(r.URN); ok {
			byID[id] = append(byID[id], value)
		}
	}
	for _, a := range p.outline.named {
		if a.ID == AttributeRole || !strings.HasPrefix(a.ID, rolePrefix) && !strings.HasPrefix(a.ID, externalRolePrefix) {
			continue
		}
		if holds(s, held, a) && !slices.Contains(byID[a.ID], a.Value) {
			byID[a.ID] = append(byID[a.ID], a.Value)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		list = appendStrings(list, id, byID[id]...)
	}
	return list
}

// Attributes of subjects that the URNs of roles are of begin with one of these:
// urn:altinn:role with the value rettighetshaver, urn:altinn:external-role:ccr with
// the value daglig-leder.
const (
	rolePrefix         = "urn:altinn:role"
	externalRolePrefix = "urn:altinn:external-role:"
)

// ours reports whether an attribute of a subject is for the registers alone to
// say. What a request says of it is dropped.
func ours(id string) bool {
	id = strings.ToLower(id)
	switch id {
	case AttributePackage, AttributePartyType, AttributeAccessList, "urn:digitaltdodsbo:rolecode":
		return true
	}
	return strings.HasPrefix(id, rolePrefix) || strings.HasPrefix(id, externalRolePrefix)
}

// Held is something that a subject may hold on behalf of a party: a package, a role
// or a single right; the other two are NoPackage and 0.
type Held struct {
	Package catalogue.PackageID
	Role    catalogue.RoleID
	Right   index.RightID
}

func (h Held) in(held *pdp.Holdings) bool {
	switch {
	case h.Right != 0:
		return slices.Contains(held.Rights, h.Right)
	case h.Role != 0:
		return held.Roles.Has(h.Role)
	}
	return h.Package != catalogue.NoPackage && held.Packages.Has(h.Package)
}

// Query returns the question whether a subject holds it.
func (h Held) Query(subject, onBehalfOf fullmakt.PartyNo, at int64) pdp.Query {
	q := pdp.Ask(subject, onBehalfOf, at)
	q.Package, q.Role, q.Right = h.Package, h.Role, h.Right
	return q
}

// appendStrings appends an attribute with values that are strings.
func appendStrings(list []xacml.Attribute, id string, values ...string) []xacml.Attribute {
	a := xacml.Attribute{ID: id, Values: make([]xacml.Value, len(values))}
	for i, s := range values {
		a.Values[i] = xacml.String(s)
	}
	return append(list, a)
}
