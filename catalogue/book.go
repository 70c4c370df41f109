package catalogue

import (
	"fmt"
	"strings"
)

// book is the whole content, entry by entry, after overlays: the mappings and the
// role map a row each. It is what the Catalogue is built from, exported from and
// compared by.
type book struct {
	sources     []Source
	groups      []rawGroup
	areas       []rawArea
	packages    []rawPackage
	roles       []rawRole
	mappings    []mappingRow
	roleMap     []roleMapRow
	forms       []rawForm
	derivations []rawDerivation

	problems Problems
}

// mappingRow is one mapping by name.
type mappingRow struct {
	pkg, role, form          string
	access, delegate, assign bool
	stamp
}

// roleMapRow is one step of the role map by name.
type roleMapRow struct {
	has, gets string
	stamp
}

// An entry can say which one it is. Entries with the same key are versions of one
// thing; their validities must not overlap.
type entry interface {
	key() string   // its identity among entries of its kind
	label() string // for messages: package "skatt-naering"
	stampOf() *stamp
}

func (e *rawGroup) key() string      { return e.Code }
func (e *rawArea) key() string       { return e.Code }
func (e *rawPackage) key() string    { return e.Code }
func (e *rawRole) key() string       { return e.Code }
func (e *rawForm) key() string       { return e.Code }
func (e *mappingRow) key() string    { return e.pkg + " " + e.roleForm() }
func (e *roleMapRow) key() string    { return e.has + " " + e.gets }
func (e *rawDerivation) key() string { return e.Role + "@" + e.Form }

func (e *rawGroup) label() string   { return fmt.Sprintf("group %q", e.Code) }
func (e *rawArea) label() string    { return fmt.Sprintf("area %q", e.Code) }
func (e *rawPackage) label() string { return fmt.Sprintf("package %q", e.Code) }
func (e *rawRole) label() string    { return fmt.Sprintf("role %q", e.Code) }
func (e *rawForm) label() string    { return fmt.Sprintf("form %q", e.Code) }
func (e *mappingRow) label() string {
	return fmt.Sprintf("mapping of package %q to role %q", e.pkg, e.roleForm())
}
func (e *roleMapRow) label() string { return fmt.Sprintf("role map from %q to %q", e.has, e.gets) }
func (e *rawDerivation) label() string {
	return fmt.Sprintf("derivation from %q at %q", e.Role, e.Form)
}

// roleForm returns "FFØR@NUF", or the role alone.
func (e *mappingRow) roleForm() string {
	if e.form == "" {
		return e.role
	}
	return e.role + "@" + e.form
}

// report notes a problem with an entry.
func (b *book) report(e entry, format string, args ...any) {
	b.problems = append(b.problems, Problem{File: e.stampOf().file, Entry: e.label(), Text: fmt.Sprintf(format, args...)})
}

// rows takes the mappings of one package apart.
func (b *book) rows(m *rawMapping) []mappingRow {
	rows := make([]mappingRow, 0, len(m.UseAndGive)+len(m.UseOnly)+len(m.GiveOnly))
	take := func(names []string, access, delegate bool) {
		for _, name := range names {
			role, form := splitRole(name)
			rows = append(rows, mappingRow{pkg: m.Package, role: role, form: form,
				access: access, delegate: delegate, assign: contains(m.Assign, name), stamp: m.stamp})
		}
	}
	take(m.UseAndGive, true, true)
	take(m.UseOnly, true, false)
	take(m.GiveOnly, false, true)
	for _, name := range m.Assign {
		if !contains(m.UseAndGive, name) && !contains(m.UseOnly, name) && !contains(m.GiveOnly, name) {
			b.reportMapping(m, "\"assign\" names %q, which neither uses nor gives the package", name)
		}
	}
	return rows
}

func (b *book) reportMapping(m *rawMapping, format string, args ...any) {
	b.problems = append(b.problems, Problem{File: m.file, Entry: fmt.Sprintf("mappings of package %q", m.Package), Text: fmt.Sprintf(format, args...)})
}

// steps takes the role map of one role apart.
func steps(m *rawRoleMap) []roleMapRow {
	rows := make([]roleMapRow, len(m.Gets))
	for i, gets := range m.Gets {
		rows[i] = roleMapRow{has: m.Has, gets: gets, stamp: m.stamp}
	}
	return rows
}

// add puts the entries of c, which came from file, into the book.
func (b *book) add(c *content, file string) {
	c.mark(file)
	b.sources = append(b.sources, c.Sources...)
	b.groups = append(b.groups, c.Groups...)
	b.areas = append(b.areas, c.Areas...)
	b.packages = append(b.packages, c.Packages...)
	b.roles = append(b.roles, c.Roles...)
	b.forms = append(b.forms, c.Forms...)
	b.derivations = append(b.derivations, c.Derivations...)
	for i := range c.Mappings {
		m := &c.Mappings[i]
		if len(m.Roles) > 0 {
			b.reportMapping(m, "\"roles\" is for ending mappings; here say use_and_give, use_only or give_only")
		}
		rows := b.rows(m)
		if len(rows) == 0 {
			b.reportMapping(m, "no role in use_and_give, use_only or give_only")
		}
		b.mappings = append(b.mappings, rows...)
	}
	for i := range c.RoleMap {
		m := &c.RoleMap[i]
		if len(m.Gets) == 0 {
			b.problems = append(b.problems, Problem{File: m.file, Entry: fmt.Sprintf("role map of %q", m.Has), Text: "\"gets\" is empty"})
		}
		b.roleMap = append(b.roleMap, steps(m)...)
	}
}

// plain reports whether s can be a code: not empty, and without blanks or the
// signs that separate codes.
func plain(s string) bool { return s != "" && !strings.ContainsAny(s, " \t\r\n@") }
