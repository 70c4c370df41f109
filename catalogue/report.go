package catalogue

import (
	"errors"
	"fmt"
	"io/fs"
)

// Report is the outcome of checking the embedded data and an overlay.
type Report struct {
	Kind     string    `json:"kind"` // "check"
	OK       bool      `json:"ok"`
	Digest   string    `json:"digest,omitempty"`
	Counts   Counts    `json:"counts"`
	Problems []Problem `json:"problems"`
	// Notes are not wrong, but worth knowing: an area without packages, a package
	// that no role uses, or one that outlasts its area.
	Notes []Problem `json:"notes"`
}

// Counts is how much a catalogue holds, over all times.
type Counts struct {
	Areas       int `json:"areas"`
	Packages    int `json:"packages"`
	Roles       int `json:"roles"`
	Mappings    int `json:"mappings"`
	RoleMaps    int `json:"role_maps"`
	Forms       int `json:"forms"`
	Derivations int `json:"derivations"`
	Views       int `json:"views"` // one more than the days on which something changes
}

// Counts returns how much the catalogue holds.
func (c *Catalogue) Counts() Counts {
	return Counts{
		Areas: len(c.areas), Packages: len(c.packages), Roles: len(c.roles), Mappings: len(c.mappings),
		RoleMaps: len(c.roleMaps), Forms: len(c.forms), Derivations: len(c.derivations), Views: len(c.views),
	}
}

// Check loads the embedded data with an overlay (nil is none) and reports what it
// finds. A file that cannot be read at all is a problem without an entry.
func Check(overlay fs.FS) *Report {
	report := &Report{Kind: "check", Problems: []Problem{}, Notes: []Problem{}}
	c, err := Load(overlay)
	if err != nil {
		var problems Problems
		if errors.As(err, &problems) {
			report.Problems = problems
		} else {
			report.Problems = append(report.Problems, Problem{File: "catalogue", Text: err.Error()})
		}
		return report
	}
	report.OK, report.Digest, report.Counts = true, c.Digest(), c.Counts()
	report.Notes = append(report.Notes, c.notes()...)
	return report
}

// notes returns what is worth knowing of a catalogue that holds together.
func (c *Catalogue) notes() []Problem {
	var notes []Problem
	inArea, used := map[string]bool{}, PackageSet{}
	for i := range c.packageVersions {
		inArea[c.packageVersions[i].Area] = true
	}
	for _, m := range c.mappings {
		if m.Access {
			used.Add(m.Package)
		}
	}
	for i := range c.book.areas {
		if a := &c.book.areas[i]; !inArea[a.Code] {
			notes = append(notes, Problem{a.file, a.label(), "has no packages"})
		}
	}
	for i := range c.packages {
		p := &c.packages[i]
		a := &c.areas[c.areaNames[fold(p.Area)]]
		if a.Valid.To != 0 && (p.Valid.To == 0 || p.Valid.To > a.Valid.To) {
			notes = append(notes, Problem{"catalogue", fmt.Sprintf("package %q", p.Code), fmt.Sprintf("outlasts its area %q, which ends on %v", p.Area, a.Valid.To)})
		}
	}
	for i := range c.book.packages {
		if p := &c.book.packages[i]; !used.Has(c.packageNames[p.Code]) {
			notes = append(notes, Problem{p.file, p.label(), "no role may use it; it reaches a party by a grant alone"})
		}
	}
	return notes
}

// Document lays the report out.
func (r *Report) Document(lang string) Document {
	d := Document{Title: "OK"}
	if !r.OK {
		d.Title = fmt.Sprintf("%s: %d", wordProblem.In(lang), len(r.Problems))
	} else {
		d.Facts = []Fact{
			{wordAreas.In(lang), number(r.Counts.Areas)},
			{wordPackages.In(lang), number(r.Counts.Packages)},
			{wordRoles.In(lang), number(r.Counts.Roles)},
			{wordMappings.In(lang), number(r.Counts.Mappings)},
			{wordRoleMap.In(lang), number(r.Counts.RoleMaps)},
			{wordForm.In(lang), number(r.Counts.Forms)},
			{"SHA-256", r.Digest},
		}
	}
	add := func(title Names, problems []Problem) {
		t := Table{Columns: []string{wordFile.In(lang), wordEntry.In(lang), title.In(lang)}}
		for _, p := range problems {
			t.Rows = append(t.Rows, []string{p.File, p.Entry, p.Text})
		}
		if len(t.Rows) > 0 {
			d.Tables = append(d.Tables, t)
		}
	}
	add(wordProblem, r.Problems)
	add(wordNote, r.Notes)
	return d
}

// Err returns the error that the problems amount to, or nil.
func (r *Report) Err() error {
	if r.OK {
		return nil
	}
	return Problems(r.Problems).err()
}
