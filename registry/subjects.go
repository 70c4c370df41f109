package registry

import (
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// The prefixes of the URNs that policies call packages and roles by.
const (
	packagePrefix = AttributePackage + ":"
	legacyPrefix  = AttributeRole + ":"
)

// PackageSubjects returns the names by which policies call a package, each as
// View.BySubject takes it.
func PackageSubjects(p *catalogue.Package) (subjects []Attribute) {
	for _, name := range append([]string{p.Code, p.AltinnURN}, p.Aliases...) {
		subjects = append(subjects, Attribute{AttributePackage, strings.TrimPrefix(strings.ToLower(name), packagePrefix)})
	}
	return subjects
}

// RoleSubjects returns the names by which policies call a role, each as
// View.BySubject takes it.
func RoleSubjects(r *catalogue.Role) (subjects []Attribute) {
	for _, urn := range []string{r.URN, r.LegacyURN, legacyPrefix + string(r.Code)} {
		if s, ok := ParseSubject(urn); ok {
			subjects = append(subjects, s)
		}
	}
	return subjects
}

// Meaning returns the package or role that an attribute of a policy's subject
// stands for; false for any other attribute, and for names that the catalogue does
// not know. The package of a role is catalogue.NoPackage.
func Meaning(c *catalogue.Catalogue, a Attribute) (Held, bool) {
	switch {
	case a.ID == AttributePackage:
		if id, ok := c.PackageID(a.Value); ok {
			return Held{Package: id}, true
		}
	case a.ID == AttributeRole:
		if id := c.RoleID(fullmakt.RoleCode(a.Value)); id != 0 {
			return Held{Package: catalogue.NoPackage, Role: id}, true
		}
	case strings.HasPrefix(a.ID, rolePrefix), strings.HasPrefix(a.ID, externalRolePrefix):
		urn := a.ID + ":" + a.Value
		if r, ok := c.FindRole(urn); ok && strings.EqualFold(r.URN, urn) {
			return Held{Package: catalogue.NoPackage, Role: r.ID}, true
		}
	}
	return Held{Package: catalogue.NoPackage}, false
}
