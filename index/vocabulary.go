package index

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// vocabulary turns codes into ids: the catalogue's, or numbers of its own for
// rights, and for role codes and forms that the catalogue lacks. Such a code is kept, shown, and
// confers nothing.
type vocabulary struct {
	catalogue  *catalogue.Catalogue
	roles      map[fullmakt.RoleCode]catalogue.RoleID
	extraRoles []fullmakt.RoleCode
	extraForms []fullmakt.OrgForm
	rights     rights
	kont       []catalogue.Derivation
}

func newVocabulary(c *catalogue.Catalogue, extraRoles []fullmakt.RoleCode, extraForms []fullmakt.OrgForm, rights rights) *vocabulary {
	v := &vocabulary{
		catalogue:  c,
		roles:      map[fullmakt.RoleCode]catalogue.RoleID{},
		extraRoles: slices.Clone(extraRoles),
		extraForms: slices.Clone(extraForms),
		rights:     rights,
		kont:       c.Derivations(),
	}
	for i, code := range extraRoles {
		v.roles[code] = catalogue.RoleID(len(c.Roles()) + 1 + i)
	}
	return v
}

func (v *vocabulary) role(code fullmakt.RoleCode) catalogue.RoleID {
	id, ok := v.roles[code]
	if ok {
		return id
	}
	id = v.catalogue.RoleID(code)
	if id == 0 {
		v.extraRoles = append(v.extraRoles, code)
		id = catalogue.RoleID(len(v.catalogue.Roles()) + len(v.extraRoles))
		if id > maxRole {
			// 8187 codes: a feed this broken was rejected long before.
			id = maxRole
		}
	}
	v.roles[code] = id
	return id
}

// form returns the form's id, or 0 and its place among the extra forms.
func (v *vocabulary) form(code fullmakt.OrgForm) (id catalogue.FormID, extra uint8) {
	if code == "" {
		return 0, 0
	}
	if id := v.catalogue.FormID(code); id != 0 {
		return id, 0
	}
	i := slices.Index(v.extraForms, code)
	if i < 0 {
		if i = len(v.extraForms); i == 255 {
			return 0, 255
		}
		v.extraForms = append(v.extraForms, code)
	}
	return 0, uint8(i + 1)
}

func (v *vocabulary) subUnit(f catalogue.FormID) bool {
	return f != 0 && v.catalogue.Form(f).SubUnit
}

// edge turns a registered role into the edge among the holders.
func (v *vocabulary) edge(r fullmakt.Role) Edge {
	e := Edge{Party: r.Holder, bits: uint16(v.role(r.Code))}
	if r.Ended {
		e.bits |= edgeEnded
	}
	if r.Since > 0 && r.Since < 1<<16 {
		e.since = uint16(r.Since)
	}
	return e
}

// derive appends to edges, for each that is derived from by the unit's form, the
// derived role beside it (rule FORM-1).
func (v *vocabulary) derive(edges []Edge, form catalogue.FormID) []Edge {
	for _, d := range v.kont {
		if d.Form != form {
			continue
		}
		for _, e := range edges {
			if e.Role() == d.From && !e.Derived() {
				e.bits = e.bits&^edgeRole | uint16(d.To) | edgeDerived
				edges = append(edges, e)
			}
		}
	}
	return edges
}
