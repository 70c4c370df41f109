package catalogue

import (
	"slices"

	"github.com/fullmakt/fullmakt"
)

// View is the catalogue as it holds from one instant to another, with what
// decisions need worked out. It is immutable, and nothing in it allocates. What
// its methods return by pointer or slice must not be changed.
type View struct {
	From, To int64 // Unix seconds, To excluded; 0 is open

	day      fullmakt.Date // a day in the view; 0 where nothing is dated
	forms    int           // number of forms and one: the length of a row of tables by form
	packages []*Package
	roles    []*Role // by RoleID; nil where the role does not hold
	areas    []*Area
	allForms []*Form // by FormID

	valid, assignable, delegable, organisations, persons PackageSet

	conferrals []Conferral // 0 is the empty one
	confer     []uint16    // by role and form: index in conferrals
	derived    []RoleID    // by role and form
	mapped     [][]RoleID  // by role
	mainAdmin  []PackageSet
	bound      [][]FormID // by package; nil where the package is not bound

	boundElsewhere []PackageSet // by form
}

// Conferral is what a role gives at an organisation with a given form.
type Conferral struct {
	Use       PackageSet // may use
	Give      PackageSet // may use and may give
	OtherForm PackageSet // would use, had the organisation another form (FORM-2); shares nothing with Use
}

// Conferral returns what role r gives where the organisation's form is f; f = 0 is
// an unknown form. It is never nil: an unknown role gives nothing.
func (v *View) Conferral(r RoleID, f FormID) *Conferral {
	if int(f) >= v.forms {
		f = 0
	}
	if i := int(r)*v.forms + int(f); i < len(v.confer) {
		return &v.conferrals[v.confer[i]]
	}
	return &v.conferrals[0]
}

// Key reports whether r is a key role (rule NEST).
func (v *View) Key(r RoleID) bool {
	return int(r) < len(v.roles) && v.roles[r] != nil && v.roles[r].Key
}

// Derived returns the role that follows from r where the organisation's form is f
// (rule FORM-1), or 0.
func (v *View) Derived(r RoleID, f FormID) RoleID {
	if int(f) >= v.forms {
		return 0
	}
	if i := int(r)*v.forms + int(f); i < len(v.derived) {
		return v.derived[i]
	}
	return 0
}

// Mapped returns the roles one step of the role map from r (rule ROLE).
func (v *View) Mapped(r RoleID) []RoleID {
	if int(r) < len(v.mapped) {
		return v.mapped[r]
	}
	return nil
}

// MainAdmin returns what a main administrator of an organisation with form f may
// give (GIVE-2).
func (v *View) MainAdmin(f FormID) *PackageSet {
	if int(f) >= len(v.mainAdmin) {
		f = 0
	}
	return &v.mainAdmin[f]
}

// Valid returns the packages that there are.
func (v *View) Valid() *PackageSet { return &v.valid }

// Assignable returns the packages that may be given to another party.
func (v *View) Assignable() *PackageSet { return &v.assignable }

// Delegable returns the packages open to client delegation.
func (v *View) Delegable() *PackageSet { return &v.delegable }

// ForOrganisations returns the packages on behalf of organisations.
func (v *View) ForOrganisations() *PackageSet { return &v.organisations }

// ForPersons returns the packages on behalf of persons.
func (v *View) ForPersons() *PackageSet { return &v.persons }

// FormBound returns the forms that package p is bound to, in rising order: those
// of its mappings, when every one carries a form (FORM-2). Otherwise it is not
// bound, and neither is a package without mappings.
func (v *View) FormBound(p PackageID) (forms []FormID, bound bool) {
	if int(p) >= len(v.bound) {
		return nil, false
	}
	return v.bound[p], v.bound[p] != nil
}

// BoundElsewhere returns the packages all of whose mappings carry forms, none of
// them f: they cannot be given on behalf of an organisation with that form (rule
// FORM-2).
func (v *View) BoundElsewhere(f FormID) *PackageSet {
	if int(f) >= len(v.boundElsewhere) {
		f = 0
	}
	return &v.boundElsewhere[f]
}

// Package returns the version of a package that holds, or nil where none does.
func (v *View) Package(p PackageID) *Package {
	if int(p) >= len(v.packages) {
		return nil
	}
	return v.packages[p]
}

// Role returns the version of a role that holds, or nil where none does.
func (v *View) Role(r RoleID) *Role {
	if int(r) >= len(v.roles) {
		return nil
	}
	return v.roles[r]
}

// Areas returns the areas that hold, in the order of the data.
func (v *View) Areas() []*Area { return v.areas }

// Form returns the version of a form that holds, or nil where none does.
func (v *View) Form(f FormID) *Form {
	if int(f) >= len(v.allForms) {
		return nil
	}
	return v.allForms[f]
}

// holds reports whether an entry with this validity is part of the view.
func (v *View) holds(valid Validity) bool { return valid.Contains(v.day) }

// maxViews bounds how many times the catalogue may change.
const maxViews = 512

// buildViews works out the view of every interval between two days on which some
// entry begins or ends.
func (w *builder) buildViews() {
	c := w.c
	var spans []Validity
	note := func(v Validity) {
		if !v.Open() {
			spans = append(spans, v)
		}
	}
	for i := range c.areaVersions {
		note(c.areaVersions[i].Valid)
	}
	for i := range c.packageVersions {
		note(c.packageVersions[i].Valid)
	}
	for i := range c.roleVersions {
		note(c.roleVersions[i].Valid)
	}
	for i := range c.formVersions {
		note(c.formVersions[i].Valid)
	}
	for i := range c.mappings {
		note(c.mappings[i].Valid)
	}
	for i := range c.roleMaps {
		note(c.roleMaps[i].Valid)
	}
	for i := range c.derivations {
		note(c.derivations[i].Valid)
	}
	var days []fullmakt.Date // the first day of each view but the first
	for _, v := range spans {
		if v.From != 0 {
			days = append(days, v.From)
		}
		if v.To != 0 {
			days = append(days, v.To+1)
		}
	}
	slices.Sort(days)
	days = slices.Compact(days)
	if len(days) >= maxViews {
		w.problems = append(w.problems, Problem{File: "catalogue", Text: "entries begin and end on more than 500 different days"})
		return
	}
	c.views = make([]View, len(days)+1)
	for i := range c.views {
		v := &c.views[i]
		day := fullmakt.Date(0)
		if i > 0 {
			day = days[i-1]
			v.From = day.Time(fullmakt.Oslo()).Unix()
		}
		if i < len(days) {
			v.To = days[i].Time(fullmakt.Oslo()).Unix()
			if i == 0 {
				day = days[0] - 1
			}
		}
		c.fill(v, day)
	}
}

// fill works out the view of the days like day; 0 is any day, where nothing is dated.
func (c *Catalogue) fill(v *View, day fullmakt.Date) {
	v.day = day
	v.forms = len(c.forms) + 1
	v.packages = make([]*Package, len(c.packages))
	for i := range c.packageVersions {
		if p := &c.packageVersions[i]; p.Valid.Contains(day) {
			v.packages[p.ID] = p
			v.valid.Add(p.ID)
			v.include(p)
		}
	}
	v.roles = make([]*Role, len(c.roles)+1)
	for i := range c.roleVersions {
		if r := &c.roleVersions[i]; r.Valid.Contains(day) {
			v.roles[r.ID] = r
		}
	}
	for i := range c.areaVersions {
		if a := &c.areaVersions[i]; a.Valid.Contains(day) {
			v.areas = append(v.areas, a)
		}
	}
	v.allForms = make([]*Form, v.forms)
	for i := range c.formVersions {
		if f := &c.formVersions[i]; f.Valid.Contains(day) {
			v.allForms[f.ID] = f
		}
	}
	v.mapped = make([][]RoleID, len(v.roles))
	for _, m := range c.roleMaps {
		if m.Valid.Contains(day) && v.roles[m.Has] != nil && v.roles[m.Gets] != nil {
			v.mapped[m.Has] = append(v.mapped[m.Has], m.Gets)
		}
	}
	v.derived = make([]RoleID, len(v.roles)*v.forms)
	for _, d := range c.derivations {
		if d.Valid.Contains(day) && v.roles[d.From] != nil && v.roles[d.To] != nil {
			v.derived[int(d.From)*v.forms+int(d.Form)] = d.To
		}
	}
	var rows []Mapping
	for _, m := range c.mappings {
		if m.Valid.Contains(day) && v.roles[m.Role] != nil && v.packages[m.Package] != nil {
			rows = append(rows, m)
		}
	}
	v.fillConferrals(rows)
	v.fillMainAdmin(rows, c.RoleID(fullmakt.MainAdministrator))
	v.fillBound(rows)
}

// include enters a package in the sets of its flags and kind.
func (v *View) include(p *Package) {
	if p.Assignable {
		v.assignable.Add(p.ID)
	}
	if p.Delegable {
		v.delegable.Add(p.ID)
	}
	switch p.EntityType {
	case fullmakt.KindOrganisation:
		v.organisations.Add(p.ID)
	case fullmakt.KindPerson:
		v.persons.Add(p.ID)
	}
}
