package catalogue

import (
	"slices"
	"sort"
	"sync"

	"github.com/fullmakt/fullmakt"
)

// Catalogue is everything that is known of areas, packages, roles, mappings and
// organisation forms, at all times. It is immutable; its slices and what its
// pointers lead to must not be changed.
type Catalogue struct {
	book *book

	sources     []Source
	groups      []Group
	areas       []Area
	packages    []Package // by PackageID: the latest version
	roles       []Role    // by RoleID-1: the latest version
	forms       []Form    // by FormID-1: the latest version
	mappings    []Mapping
	roleMaps    []RoleMap
	derivations []Derivation

	areaVersions    []Area
	packageVersions []Package
	roleVersions    []Role
	formVersions    []Form

	areaNames    map[string]int // index in areas
	packageNames map[string]PackageID
	roleNames    map[string]RoleID
	formCodes    map[fullmakt.OrgForm]FormID

	views []View // in the order of time, without a gap

	digest func() string
}

// Sources returns where the facts come from.
func (c *Catalogue) Sources() []Source { return c.sources }

// Groups returns the groups of areas.
func (c *Catalogue) Groups() []Group { return c.groups }

// Areas returns the areas, each in its latest version.
func (c *Catalogue) Areas() []Area { return c.areas }

// Packages returns the packages, each in its latest version, at the index that is
// its PackageID.
func (c *Catalogue) Packages() []Package { return c.packages }

// Roles returns the roles, each in its latest version, in the order of RoleID from 1.
func (c *Catalogue) Roles() []Role { return c.roles }

// Forms returns the organisation forms and other variants, each in its latest
// version, in the order of FormID from 1.
func (c *Catalogue) Forms() []Form { return c.forms }

// Mappings returns every mapping of a role to a package, of all times.
func (c *Catalogue) Mappings() []Mapping { return c.mappings }

// RoleMaps returns every step of the role map, of all times.
func (c *Catalogue) RoleMaps() []RoleMap { return c.roleMaps }

// Derivations returns every derived role, of all times.
func (c *Catalogue) Derivations() []Derivation { return c.derivations }

// Codes returns the codes of a set of packages, sorted; never nil.
func (c *Catalogue) Codes(set PackageSet) []string {
	codes := make([]string, 0, set.Len())
	for p := range set.All() {
		codes = append(codes, c.packages[p].Code)
	}
	slices.Sort(codes)
	return codes
}

// Package returns a package in its latest version, or nil for an unknown number.
func (c *Catalogue) Package(id PackageID) *Package {
	if int(id) >= len(c.packages) {
		return nil
	}
	return &c.packages[id]
}

// Role returns a role in its latest version, or nil for an unknown number.
func (c *Catalogue) Role(id RoleID) *Role {
	if id == 0 || int(id) > len(c.roles) {
		return nil
	}
	return &c.roles[id-1]
}

// Form returns a form in its latest version, or nil for an unknown number.
func (c *Catalogue) Form(id FormID) *Form {
	if id == 0 || int(id) > len(c.forms) {
		return nil
	}
	return &c.forms[id-1]
}

// Digest returns a hexadecimal fingerprint of the whole content. It is the same
// for the same content and overlay, and another one when anything differs, the
// order of entries included, since the numbers follow from it.
func (c *Catalogue) Digest() string { return c.digest() }

// At returns the catalogue as it holds at an instant in Unix seconds. It does not
// allocate; the same instant gives the same View.
func (c *Catalogue) At(unix int64) *View {
	views := c.views
	if len(views) == 1 {
		return &views[0]
	}
	i := sort.Search(len(views), func(i int) bool { return views[i].To == 0 || unix < views[i].To })
	return &views[i]
}

// Views returns every view in the order of time. The first is open towards the
// past, the last towards the future, and each begins where the one before ends.
func (c *Catalogue) Views() []View { return c.views }

// once makes f's result be computed at its first use.
func once(f func() string) func() string { return sync.OnceValue(f) }
