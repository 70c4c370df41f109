package catalogue

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// builder makes a Catalogue of a book, and notes in the book what is wrong.
type builder struct {
	*book
	c       *Catalogue
	sources map[string]bool
	groups  map[string]int // index in c.groups
	byRole  map[fullmakt.RoleCode]RoleID
	byPkg   map[string]PackageID
	byForm  map[fullmakt.OrgForm]FormID
	byArea  map[string]int // index in c.areas
}

// build makes the Catalogue. It is whole only if the book then has no problems.
func build(b *book) *Catalogue {
	w := &builder{
		book: b, c: &Catalogue{book: b},
		sources: map[string]bool{}, groups: map[string]int{},
		byRole: map[fullmakt.RoleCode]RoleID{}, byPkg: map[string]PackageID{},
		byForm: map[fullmakt.OrgForm]FormID{}, byArea: map[string]int{},
	}
	w.buildSources()
	w.buildGroups()
	w.buildAreas()
	w.buildPackages()
	w.buildRoles()
	w.buildForms()
	w.buildMappings()
	w.buildRoleMap()
	w.buildDerivations()
	w.c.digest = once(b.digest)
	if len(b.problems) == 0 {
		w.buildViews()
	}
	return w.c
}

// stamped checks what every entry carries and returns its validity.
func (w *builder) stamped(e entry) Validity {
	s := e.stampOf()
	if s.Source == "" {
		w.report(e, "no source, and none for the whole file")
	} else if !w.sources[s.Source] {
		w.report(e, "unknown source %q", s.Source)
	}
	if s.From == "" && s.To == "" {
		return Validity{}
	}
	from, _ := w.date(e, s.From)
	to, _ := w.date(e, s.To)
	if to != 0 && from > to {
		w.report(e, "ends on %v, before it begins on %v", to, from)
	}
	return Validity{From: from, To: to}
}

// version is one entry of a kind by its key, for telling overlaps.
type version struct {
	entry entry
	valid Validity
}

// versions keeps the versions of every entry of one kind. Nearly all have one.
type versions[K comparable] struct {
	w     *builder
	first map[K]version
	more  map[K][]version
}

func versionsOf[K comparable](w *builder, size int) *versions[K] {
	return &versions[K]{w: w, first: make(map[K]version, size), more: map[K][]version{}}
}

// add notes a version, and reports an overlap with one before. It tells whether
// the version is the latest so far.
func (v *versions[K]) add(k K, e entry, valid Validity) (latest bool) {
	first, again := v.first[k]
	if !again {
		v.first[k] = version{e, valid}
		return true
	}
	latest = true
	for _, old := range append([]version{first}, v.more[k]...) {
		if old.valid.overlaps(valid) {
			v.w.report(e, "holds %v, but another entry (in %s) with the same key holds %v", valid, old.entry.stampOf().file, old.valid)
			return false
		}
		latest = latest && old.valid.before(valid)
	}
	v.more[k] = append(v.more[k], version{e, valid})
	return latest
}

func (w *builder) buildSources() {
	for i := range w.book.sources {
		s := w.book.sources[i]
		entry := "source \"" + s.ID + "\""
		file := cmp.Or(s.file, "sources")
		switch {
		case !plain(s.ID):
			w.problems = append(w.problems, Problem{file, entry, "the id must be one word"})
		case w.sources[s.ID]:
			w.problems = append(w.problems, Problem{file, entry, "there are two with this id"})
		case strings.TrimSpace(s.Title) == "" || strings.TrimSpace(s.Publisher) == "":
			w.problems = append(w.problems, Problem{file, entry, "title or publisher is empty"})
		case !someDate(s.Date):
			w.problems = append(w.problems, Problem{file, entry, "the date is not a year, month or day, as 2026-08"})
		}
		w.sources[s.ID] = true
		w.c.sources = append(w.c.sources, s)
	}
}

// someDate reports whether s is a year, a month or a day.
func someDate(s string) bool {
	const day = "2006-01-02"
	if len(s) != 4 && len(s) != 7 && len(s) != 10 {
		return false
	}
	_, err := time.Parse(day[:len(s)], s)
	return err == nil
}

func (w *builder) buildGroups() {
	vs := versionsOf[string](w, len(w.book.groups))
	for i := range w.book.groups {
		e := &w.book.groups[i]
		valid := w.stamped(e)
		if !plain(e.Code) {
			w.report(e, "the code must be one word")
		}
		if !valid.Open() {
			w.report(e, "a group of areas cannot begin or end; its areas can")
		}
		w.checkNames(e, "names", e.Names)
		g := Group{Code: e.Code, UUID: e.UUID, EntityType: w.partyKind(e, e.Entity), Names: e.Names, Source: e.Source}
		vs.add(e.Code, e, valid)
		if _, known := w.groups[e.Code]; !known {
			w.groups[e.Code] = len(w.c.groups)
			w.c.groups = append(w.c.groups, g)
		}
	}
}

func (w *builder) buildAreas() {
	vs := versionsOf[string](w, len(w.book.areas))
	names := newIndex[int](w, len(w.book.areas))
	for i := range w.book.areas {
		e := &w.book.areas[i]
		a := Area{
			Code: e.Code, URN: cmp.Or(e.URN, areaURN+e.Code), UUID: e.UUID, Group: e.Group,
			Names: e.Names, Texts: e.Texts, Valid: w.stamped(e), Source: e.Source,
		}
		if !plain(e.Code) {
			w.report(e, "the code must be one word")
		}
		w.checkNames(e, "names", e.Names)
		w.checkNames(e, "texts", e.Texts)
		if g, ok := w.groups[e.Group]; ok {
			a.EntityType = w.c.groups[g].EntityType
		} else {
			w.report(e, "unknown group %q", e.Group)
		}
		latest := vs.add(e.Code, e, a.Valid)
		at, known := w.byArea[e.Code]
		if !known {
			at = len(w.c.areas)
			w.byArea[e.Code] = at
			w.c.areas = append(w.c.areas, a)
		} else if latest {
			w.c.areas[at] = a
		}
		w.c.areaVersions = append(w.c.areaVersions, a)
		names.add(e, at, e.Code, strings.TrimPrefix(strings.TrimPrefix(fold(a.URN), "urn:altinn:"), areaURN), e.UUID)
	}
	w.c.areaNames = names.ids
}

func (w *builder) buildPackages() {
	vs := versionsOf[string](w, len(w.book.packages))
	names := newIndex[PackageID](w, 8*len(w.book.packages))
	for i := range w.book.packages {
		e := &w.book.packages[i]
		p := Package{
			Code: e.Code, URN: cmp.Or(e.URN, packageURN+e.Code), Aliases: e.Aliases, UUID: e.UUID,
			Area: e.Area, EntityType: w.partyKind(e, e.Entity), Provider: e.Provider,
			Assignable: e.Assignable, Delegable: e.Delegable, ServiceOwner: e.ServiceOwner,
			Names: e.Names, Texts: e.Texts, Valid: w.stamped(e), Source: e.Source,
		}
		p.AltinnURN = cmp.Or(e.AltinnURN, p.URN)
		if !plain(e.Code) {
			w.report(e, "the code must be one word")
		}
		w.checkNames(e, "names", e.Names)
		w.checkNames(e, "texts", e.Texts)
		if a, ok := w.byArea[e.Area]; !ok {
			w.report(e, "unknown area %q", e.Area)
		} else if kind := w.c.areas[a].EntityType; kind != p.EntityType && kind != 0 && p.EntityType != 0 {
			w.report(e, "is for a %v, but its area %q for a %v", p.EntityType, e.Area, kind)
		}
		latest := vs.add(e.Code, e, p.Valid)
		id, known := w.byPkg[e.Code]
		if known {
			p.ID = id
			if latest {
				w.c.packages[id] = p
			}
		} else {
			if len(w.c.packages) == MaxPackages {
				w.report(e, "is package number %d; a catalogue holds at most %d", MaxPackages+1, MaxPackages)
				break
			}
			p.ID = PackageID(len(w.c.packages))
			w.byPkg[e.Code] = p.ID
			w.c.packages = append(w.c.packages, p)
		}
		w.c.packageVersions = append(w.c.packageVersions, p)
		names.add(e, p.ID, e.Code, p.URN, p.AltinnURN, e.UUID, bare(p.URN, packageURN), bare(p.AltinnURN, packageURN))
		for _, alias := range e.Aliases {
			names.add(e, p.ID, bare(alias, packageURN))
			if !plain(alias) {
				w.report(e, "alias %q must be one word", alias)
			}
		}
	}
	w.c.packageNames = names.ids
}

// bare returns what follows prefix in a URN of any letter case, or all of it.
func bare(urn, prefix string) string {
	if len(urn) > len(prefix) && strings.EqualFold(urn[:len(prefix)], prefix) {
		return urn[len(prefix):]
	}
	return urn
}

func (w *builder) buildRoles() {
	vs := versionsOf[string](w, len(w.book.roles))
	names := newIndex[RoleID](w, 8*len(w.book.roles))
	for i := range w.book.roles {
		e := &w.book.roles[i]
		r := Role{
			Code: fullmakt.RoleCode(e.Code), AltinnCode: cmp.Or(e.AltinnCode, e.Code), URN: e.URN, LegacyURN: e.LegacyURN,
			Aliases: e.Aliases, UUID: e.UUID, Provider: e.Provider, EntityType: w.partyKind(e, e.Entity),
			Key: e.Key, Assignable: e.Assignable, ServiceOwner: e.ServiceOwner,
			Names: e.Names, Valid: w.stamped(e), Source: e.Source,
		}
		if !plain(e.Code) {
			w.report(e, "the code must be one word")
		}
		if e.URN == "" {
			w.report(e, "no URN")
		}
		w.checkNames(e, "names", e.Names)
		latest := vs.add(e.Code, e, r.Valid)
		id, known := w.byRole[r.Code]
		if known {
			r.ID = id
			if latest {
				w.c.roles[id-1] = r
			}
		} else {
			if len(w.c.roles) == maxRoles {
				w.report(e, "is role number %d; a catalogue holds at most %d", maxRoles+1, maxRoles)
				break
			}
			r.ID = RoleID(len(w.c.roles) + 1)
			w.byRole[r.Code] = r.ID
			w.c.roles = append(w.c.roles, r)
		}
		w.c.roleVersions = append(w.c.roleVersions, r)
		names.add(e, r.ID, e.Code, r.AltinnCode, e.URN, e.LegacyURN, e.UUID, bare(e.LegacyURN, legacyURN))
		for _, alias := range e.Aliases {
			names.add(e, r.ID, alias)
			if !plain(alias) {
				w.report(e, "alias %q must be one word", alias)
			}
		}
	}
	w.c.roleNames = names.ids
}

// Bounds on what a catalogue holds beside packages. They keep the tables of a
// View small.
const (
	maxRoles = 4096
	maxForms = 254
)

func (w *builder) buildForms() {
	vs := versionsOf[string](w, len(w.book.forms))
	names := newIndex[FormID](w, 2*len(w.book.forms))
	for i := range w.book.forms {
		e := &w.book.forms[i]
		f := Form{
			Code: fullmakt.OrgForm(e.Code), UUID: e.UUID, Entity: e.Entity, SubUnit: e.SubUnit, Business: e.Business,
			Names: e.Names, Valid: w.stamped(e), Source: e.Source,
		}
		if !plain(e.Code) {
			w.report(e, "the code must be one word")
		}
		if !slices.Contains(formEntities, e.Entity) {
			w.report(e, "unknown entity %q", e.Entity)
		}
		w.checkNames(e, "names", e.Names)
		for _, code := range e.Roles {
			f.Roles = append(f.Roles, fullmakt.RoleCode(code))
			if w.c.RoleID(fullmakt.RoleCode(code)) == 0 {
				w.report(e, "role %s is not in the catalogue", code)
			}
		}
		latest := vs.add(e.Code, e, f.Valid)
		id, known := w.byForm[f.Code]
		if known {
			f.ID = id
			if latest {
				w.c.forms[id-1] = f
			}
		} else {
			if len(w.c.forms) == maxForms {
				w.report(e, "is form number %d; a catalogue holds at most %d", maxForms+1, maxForms)
				break
			}
			f.ID = FormID(len(w.c.forms) + 1)
			w.byForm[f.Code] = f.ID
			w.c.forms = append(w.c.forms, f)
		}
		w.c.formVersions = append(w.c.formVersions, f)
		names.add(e, f.ID, e.Code)
	}
	w.c.formCodes = make(map[fullmakt.OrgForm]FormID, len(names.ids))
	for name, id := range names.ids {
		w.c.formCodes[fullmakt.OrgForm(name)] = id
	}
}

var formEntities = []string{"organisation", "person", "system_user", "enterprise_user", "self_identified", "internal"}
