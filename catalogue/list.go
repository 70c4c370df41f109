package catalogue

import (
	"slices"

	"github.com/fullmakt/fullmakt"
)

// AreaList is the areas with their numbers of packages.
type AreaList struct {
	Kind  string    `json:"kind"` // "areas"
	Areas []AreaRow `json:"areas"`
}

// AreaRow is one area of an AreaList.
type AreaRow struct {
	Code       string             `json:"code"`
	URN        string             `json:"urn"`
	Names      Names              `json:"names"`
	Group      Names              `json:"group"`
	EntityType fullmakt.PartyKind `json:"on_behalf_of"`
	Packages   int                `json:"packages"`
}

// ListAreas returns the areas at an instant, in the order of the data.
func (c *Catalogue) ListAreas(at int64) *AreaList {
	v := c.At(at)
	count := map[string]int{}
	for p := range v.valid.All() {
		count[v.packages[p].Area]++
	}
	out := &AreaList{Kind: "areas", Areas: make([]AreaRow, 0, len(v.areas))}
	for _, a := range v.areas {
		out.Areas = append(out.Areas, AreaRow{a.Code, a.URN, a.Names, c.group(a.Group).Names, a.EntityType, count[a.Code]})
	}
	return out
}

// Document lays the areas out.
func (l *AreaList) Document(lang string) Document {
	t := Table{Columns: []string{wordArea.In(lang), wordCode.In(lang), wordGroup.In(lang), wordOnBehalfOf.In(lang), wordPackages.In(lang)}}
	for _, a := range l.Areas {
		t.Rows = append(t.Rows, []string{a.Names.In(lang), a.Code, a.Group.In(lang), onBehalfOf(a.EntityType, lang), number(a.Packages)})
	}
	return Document{Title: wordAreas.In(lang), Tables: []Table{t}}
}

// Filter narrows a list of packages. Zero fields let everything through.
type Filter struct {
	Area       string             // an area, by any of its names
	Role       string             // a role that uses or gives the package, by any of its names
	EntityType fullmakt.PartyKind // KindOrganisation or KindPerson
}

// PackageList is the packages that pass a filter.
type PackageList struct {
	Kind     string       `json:"kind"` // "packages"
	Packages []PackageRow `json:"packages"`
}

// PackageRow is one package of a PackageList.
type PackageRow struct {
	PackageRef
	Area       string             `json:"area"`
	EntityType fullmakt.PartyKind `json:"on_behalf_of"`
	Assignable bool               `json:"assignable"`
	Delegable  bool               `json:"delegable"`
	Givers     []Giver            `json:"roles"` // of the filter's role alone, when it names one
}

// ListPackages returns the packages at an instant that pass the filter, in the
// order of the data. An area or role that is not known is CodeNotFound.
func (c *Catalogue) ListPackages(f Filter, at int64) (*PackageList, error) {
	v := c.At(at)
	var area Area
	if f.Area != "" {
		var ok bool
		if area, ok = c.FindArea(f.Area); !ok {
			return nil, fullmakt.Errorf(fullmakt.CodeNotFound, "no area is called %q", f.Area).
				WithHint("\"fullmakt catalogue list\" shows the areas")
		}
	}
	var role Role
	if f.Role != "" {
		var ok bool
		if role, ok = c.FindRole(f.Role); !ok {
			return nil, fullmakt.Errorf(fullmakt.CodeNotFound, "no role is called %q", f.Role).
				WithHint("give a code such as DAGL or daglig-leder")
		}
	}
	out := &PackageList{Kind: "packages", Packages: []PackageRow{}}
	for _, p := range v.packages {
		if p == nil || f.Area != "" && p.Area != area.Code || f.EntityType != fullmakt.KindUnknown && p.EntityType != f.EntityType {
			continue
		}
		givers := c.givers(v, p)
		if f.Role != "" {
			givers = slices.DeleteFunc(givers, func(g Giver) bool { return g.Role.Code != role.Code })
			if len(givers) == 0 {
				continue
			}
		}
		out.Packages = append(out.Packages, PackageRow{p.ref(), p.Area, p.EntityType, p.Assignable, p.Delegable, givers})
	}
	return out, nil
}

// Document lays the packages out.
func (l *PackageList) Document(lang string) Document {
	t := Table{Columns: []string{
		wordPackage.In(lang), "URN", wordArea.In(lang), wordAssignable.In(lang), wordClient.In(lang), wordMayUse.In(lang), wordMayGive.In(lang),
	}}
	for _, p := range l.Packages {
		t.Rows = append(t.Rows, []string{
			p.Names.In(lang), p.URN, p.Area, yes(p.Assignable, lang), yes(p.Delegable, lang),
			codesOf(p.Givers, mayUse), codesOf(p.Givers, mayGive),
		})
	}
	return Document{Title: wordPackages.In(lang), Tables: []Table{t}}
}

// RoleList is the roles.
type RoleList struct {
	Kind  string    `json:"kind"` // "roles"
	Roles []RoleRow `json:"roles"`
}

// RoleRow is one role of a RoleList.
type RoleRow struct {
	RoleRef
	Provider string `json:"provider"`
	Key      bool   `json:"key_role"`
	Use      int    `json:"may_use"`  // packages that it uses at some form
	Give     int    `json:"may_give"` // packages that it gives at some form
}

// ListRoles returns the roles at an instant, key roles of the register first.
func (c *Catalogue) ListRoles(at int64) *RoleList {
	v := c.At(at)
	use, give := make([]PackageSet, len(v.roles)), make([]PackageSet, len(v.roles))
	for _, m := range c.mappings {
		p := v.Package(m.Package)
		if !v.holds(m.Valid) || p == nil {
			continue
		}
		if m.Access {
			use[m.Role].Add(m.Package)
		}
		if m.Delegate && p.Assignable {
			give[m.Role].Add(m.Package)
		}
	}
	out := &RoleList{Kind: "roles", Roles: []RoleRow{}}
	for _, r := range v.roles {
		if r != nil {
			out.Roles = append(out.Roles, RoleRow{r.ref(), r.Provider, r.Key, use[r.ID].Len(), give[r.ID].Len()})
		}
	}
	return out
}

// Document lays the roles out.
func (l *RoleList) Document(lang string) Document {
	t := Table{Columns: []string{wordRole.In(lang), wordCode.In(lang), "URN", wordKey.In(lang), wordMayUse.In(lang), wordMayGive.In(lang)}}
	for _, r := range l.Roles {
		t.Rows = append(t.Rows, []string{r.Names.In(lang), string(r.Code), r.URN, yes(r.Key, lang), number(r.Use), number(r.Give)})
	}
	return Document{Title: wordRoles.In(lang), Tables: []Table{t}}
}
