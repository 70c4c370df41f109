package catalogue

import "github.com/fullmakt/fullmakt"

// role, pkg and form find what a mapping refers to, and report what is not there.

func (w *builder) role(e entry, code string) RoleID {
	id, ok := w.byRole[fullmakt.RoleCode(code)]
	if !ok {
		w.report(e, "unknown role %q", code)
	}
	return id
}

func (w *builder) pkg(e entry, code string) PackageID {
	id, ok := w.byPkg[code]
	if !ok {
		w.report(e, "unknown package %q", code)
		return NoPackage
	}
	return id
}

func (w *builder) form(e entry, code string) FormID {
	id, ok := w.byForm[fullmakt.OrgForm(code)]
	if !ok {
		w.report(e, "unknown form %q", code)
	}
	return id
}

func (w *builder) buildMappings() {
	type key struct {
		role RoleID
		pkg  PackageID
		form FormID
	}
	vs := versionsOf[key](w, len(w.book.mappings))
	w.c.mappings = make([]Mapping, 0, len(w.book.mappings))
	for i := range w.book.mappings {
		e := &w.book.mappings[i]
		m := Mapping{
			Role: w.role(e, e.role), Package: w.pkg(e, e.pkg),
			Access: e.access, Delegate: e.delegate, Assign: e.assign,
			Valid: w.stamped(e), Source: e.Source,
		}
		if e.form != "" {
			m.Form = w.form(e, e.form)
		}
		vs.add(key{m.Role, m.Package, m.Form}, e, m.Valid)
		w.c.mappings = append(w.c.mappings, m)
	}
}

func (w *builder) buildRoleMap() {
	type key struct{ has, gets RoleID }
	vs := versionsOf[key](w, len(w.book.roleMap))
	for i := range w.book.roleMap {
		e := &w.book.roleMap[i]
		m := RoleMap{Has: w.role(e, e.has), Gets: w.role(e, e.gets), Valid: w.stamped(e), Source: e.Source}
		if m.Has == m.Gets && m.Has != 0 {
			w.report(e, "leads from a role to itself")
		}
		vs.add(key{m.Has, m.Gets}, e, m.Valid)
		w.c.roleMaps = append(w.c.roleMaps, m)
	}
}

func (w *builder) buildDerivations() {
	type key struct {
		from RoleID
		form FormID
	}
	vs := versionsOf[key](w, len(w.book.derivations))
	for i := range w.book.derivations {
		e := &w.book.derivations[i]
		d := Derivation{From: w.role(e, e.Role), Form: w.form(e, e.Form), To: w.role(e, e.Gives), Valid: w.stamped(e), Source: e.Source}
		vs.add(key{d.From, d.Form}, e, d.Valid)
		w.c.derivations = append(w.c.derivations, d)
	}
}
