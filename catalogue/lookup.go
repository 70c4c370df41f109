package catalogue

import (
	"strings"

	"github.com/fullmakt/fullmakt"
)

// The prefixes of URNs, in lower case.
const (
	packageURN = "urn:altinn:accesspackage:"
	areaURN    = "accesspackage:area:"
	legacyURN  = "urn:altinn:rolecode:"
)

// FindPackage returns the package that a name means: its code, its URN, Altinn's
// code or URN, an alias with or without the URN's prefix, or its UUID, in any
// letter case (RULES, "Names that mean the same"). It returns the latest version.
func (c *Catalogue) FindPackage(name string) (Package, bool) {
	id, ok := c.PackageID(name)
	if !ok {
		return Package{}, false
	}
	return c.packages[id], true
}

// PackageID returns the number of the package that FindPackage finds, or NoPackage
// and false. A name spelled as the catalogue spells it costs no allocation.
func (c *Catalogue) PackageID(name string) (PackageID, bool) {
	if id, ok := c.packageNames[name]; ok {
		return id, true
	}
	if id, ok := c.packageNames[strings.TrimPrefix(fold(name), packageURN)]; ok {
		return id, true
	}
	return NoPackage, false
}

// FindRole returns the role that a name means: the register's code (DAGL), Altinn's
// code (daglig-leder), either URN, an alias, or its UUID, in any letter case.
func (c *Catalogue) FindRole(name string) (Role, bool) {
	id := c.RoleID(fullmakt.RoleCode(name))
	if id == 0 {
		return Role{}, false
	}
	return c.roles[id-1], true
}

// RoleID returns the number of the role that a name means, as FindRole, or 0. A
// name spelled as the catalogue spells it costs no allocation.
func (c *Catalogue) RoleID(code fullmakt.RoleCode) RoleID {
	if id, ok := c.roleNames[string(code)]; ok {
		return id
	}
	return c.roleNames[fold(string(code))]
}

// FindArea returns the area that a name means: its code, its URN with or without
// "urn:altinn:" before it, or its UUID, in any letter case.
func (c *Catalogue) FindArea(name string) (Area, bool) {
	i, ok := c.areaNames[strings.TrimPrefix(strings.TrimPrefix(fold(name), "urn:altinn:"), areaURN)]
	if !ok {
		return Area{}, false
	}
	return c.areas[i], true
}

// FormID returns the number of an organisation form by its code, as the register
// writes it or in any other letter case, or 0.
func (c *Catalogue) FormID(code fullmakt.OrgForm) FormID {
	if id, ok := c.formCodes[code]; ok {
		return id
	}
	return c.formCodes[fullmakt.OrgForm(fold(string(code)))]
}
