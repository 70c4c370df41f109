package catalogue

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fullmakt/fullmakt"
)

// overlayFile is one file of an operator's overlay; Load documents it.
type overlayFile struct {
	Sources []Source `json:"sources,omitempty"`
	Source  string   `json:"source,omitempty"`
	Add     content  `json:"add"`
	Replace content  `json:"replace"`
	End     content  `json:"end"`
}

// lay carries out the operations of one overlay file.
func (b *book) lay(o *overlayFile, file string) {
	for i := range o.Sources {
		o.Sources[i].file = file
	}
	b.sources = append(b.sources, o.Sources...)
	for _, c := range []*content{&o.Add, &o.Replace, &o.End} {
		c.Source = cmp.Or(c.Source, o.Source)
		c.mark(file)
	}
	b.endAll(&o.End)
	b.replaceAll(&o.Replace)
	b.add(&o.Add, file)
}

func (b *book) endAll(c *content) {
	for _, s := range c.Sources {
		b.problems = append(b.problems, Problem{File: s.file, Entry: fmt.Sprintf("source %q", s.ID), Text: "a source cannot end"})
	}
	for i := range c.Groups {
		b.report(&c.Groups[i], "a group of areas cannot end; its areas can")
	}
	end(b, &b.areas, c.Areas)
	end(b, &b.packages, c.Packages)
	end(b, &b.roles, c.Roles)
	end(b, &b.forms, c.Forms)
	end(b, &b.derivations, c.Derivations)
	for i := range c.Mappings {
		m := &c.Mappings[i]
		end(b, &b.mappings, b.named(m))
	}
	for i := range c.RoleMap {
		end(b, &b.roleMap, steps(&c.RoleMap[i]))
	}
}

// named returns the rows that an "end" of mappings names.
func (b *book) named(m *rawMapping) []mappingRow {
	if len(m.UseAndGive)+len(m.UseOnly)+len(m.GiveOnly)+len(m.Assign) > 0 {
		b.reportMapping(m, "to end mappings name them in \"roles\"")
	}
	var rows []mappingRow
	for _, name := range m.Roles {
		role, form := splitRole(name)
		rows = append(rows, mappingRow{pkg: m.Package, role: role, form: form, stamp: m.stamp})
	}
	if len(m.Roles) > 0 {
		return rows
	}
	seen := map[string]bool{}
	for i := range b.mappings {
		row := b.mappings[i]
		if row.pkg == m.Package && !seen[row.key()] {
			seen[row.key()] = true
			row.stamp = m.stamp
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		b.reportMapping(m, "there is none to end")
	}
	return rows
}

func (b *book) replaceAll(c *content) {
	for _, s := range c.Sources {
		b.problems = append(b.problems, Problem{File: s.file, Entry: fmt.Sprintf("source %q", s.ID), Text: "a source cannot be replaced; add one"})
	}
	replace(b, &b.groups, c.Groups)
	replace(b, &b.areas, c.Areas)
	replace(b, &b.packages, c.Packages)
	replace(b, &b.roles, c.Roles)
	replace(b, &b.forms, c.Forms)
	replace(b, &b.derivations, c.Derivations)
	for i := range c.Mappings {
		replace(b, &b.mappings, b.rows(&c.Mappings[i]))
	}
	for i := range c.RoleMap {
		replace(b, &b.roleMap, steps(&c.RoleMap[i]))
	}
}

// entryOf is a pointer to an entry of type E.
type entryOf[E any] interface {
	*E
	entry
}

// end makes ends[i].To the last day of every version of the entry it names.
func end[E any, P entryOf[E]](b *book, list *[]E, ends []E) {
	for i := range ends {
		e := P(&ends[i])
		to, ok := b.date(e, e.stampOf().To)
		if !ok {
			continue
		}
		if to == 0 {
			b.report(e, "no last day in \"to\"")
			continue
		}
		if e.stampOf().From != "" {
			b.report(e, "\"from\" means nothing when an entry ends")
		}
		if !cut[E, P](list, e.key(), to) {
			b.report(e, "there is none to end")
		}
	}
}

// replace puts each of news in the place of the versions of the same entry: of
// all, or with a first day of those from then on.
func replace[E any, P entryOf[E]](b *book, list *[]E, news []E) {
	done := map[string]bool{}
	for i := range news {
		e := P(&news[i])
		from, ok := b.date(e, e.stampOf().From)
		if !ok {
			continue
		}
		at := slices.IndexFunc(*list, func(old E) bool { return P(&old).key() == e.key() })
		if at < 0 {
			b.report(e, "there is none to replace")
			continue
		}
		switch {
		case done[e.key()]: // a further version of one that this file replaces
		case from == 0:
			*list = slices.DeleteFunc(*list, func(old E) bool { return P(&old).key() == e.key() })
		default:
			cut[E, P](list, e.key(), from-1)
		}
		done[e.key()] = true
		*list = slices.Insert(*list, min(at, len(*list)), news[i])
	}
}

// cut makes to the last day of the versions with this key, and drops those that
// begin later. It reports whether there was any.
func cut[E any, P entryOf[E]](list *[]E, key string, to fullmakt.Date) bool {
	found := false
	*list = slices.DeleteFunc(*list, func(old E) bool {
		p := P(&old)
		if p.key() != key {
			return false
		}
		found = true
		from, _ := parseDay(p.stampOf().From)
		return from != 0 && from > to
	})
	for i := range *list {
		p := P(&(*list)[i])
		if p.key() != key {
			continue
		}
		if was, _ := parseDay(p.stampOf().To); was == 0 || was > to {
			p.stampOf().To = to.String()
		}
	}
	return found
}

// firstDay is the earliest day an entry can name: the instants of the views are
// Unix seconds, where zero is an open bound.
var firstDay = fullmakt.NewDate(1971, 1, 1)

// parseDay reads "2026-06-19"; "" is no day.
func parseDay(s string) (fullmakt.Date, error) {
	if s == "" {
		return 0, nil
	}
	d, err := fullmakt.ParseDate(s)
	if err == nil && (len(s) != len("2006-01-02") || d < firstDay) {
		err = fullmakt.Errorf(fullmakt.CodeInvalid, "date %q: want year-month-day from %v on, as 2026-03-03", s, firstDay)
	}
	return d, err
}

// date reads a day of an entry, and reports one that is none.
func (b *book) date(e entry, s string) (fullmakt.Date, bool) {
	d, err := parseDay(s)
	if err != nil {
		b.report(e, "%v", err)
	}
	return d, err == nil
}
