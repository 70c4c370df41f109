package web

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/registry"
)

// catalogueRolePage is a role with the packages it gives and the roles it leads to.
type catalogueRolePage struct {
	*catalogue.RolePage
	Standing standing
	ByArea   []rolesArea
	// From are the roles that this one follows from at a form, To those that follow
	// from it (rule FORM-1).
	From, To []catalogue.RoleDerivation
	Services []serviceRow
	Loading  bool // the register is not there to tell of services
}

// rolesArea is an area with the packages in it that a role gives.
type rolesArea struct {
	Code     string
	Names    catalogue.Names
	Packages []catalogue.RolePackage
}

func catalogueRole(v *view) error {
	code := v.r.PathValue("code")
	cat := v.node.Catalogue()
	entry, ok := cat.FindRole(code)
	if !ok {
		return unknownEntry(code)
	}
	s := v.standing(entry.Valid)
	shown, err := entryPage[*catalogue.RolePage](v, entry.URN, s)
	if err != nil {
		return err
	}
	body := catalogueRolePage{RolePage: shown, Standing: s, Loading: v.snap == nil, Services: v.servicesOpenedBy(registry.RoleSubjects(&entry))}
	for _, d := range shown.Derivations {
		if d.To.Code == shown.Code {
			body.From = append(body.From, d)
		} else {
			body.To = append(body.To, d)
		}
	}
	for _, a := range cat.Areas() {
		area := rolesArea{Code: a.Code, Names: a.Names}
		for _, p := range shown.Packages {
			if p.Area == a.Code {
				area.Packages = append(area.Packages, p)
			}
		}
		if len(area.Packages) > 0 {
			body.ByArea = append(body.ByArea, area)
		}
	}
	return v.show("catalogue-role", &page{
		Title: shown.Names.In(string(v.lang)), Menu: menuCatalogue,
		Crumbs: []crumb{v.crumbCatalogue(), {"/catalogue/roles", v.say("web.catalogue.roles.title")}}, Body: body,
	})
}

// catalogueRolesPage is the roles, those of Enhetsregisteret that are key roles
// first.
type catalogueRolesPage struct {
	Kinds []roleKind
	Other []otherRole // that do not hold today
}

// roleKind is the roles from one place. Its name is the message
// web.catalogue.provider.PROVIDER.
type roleKind struct {
	Provider string
	Roles    []catalogue.RoleRow
}

// otherRole is a role that has ended, or has not begun.
type otherRole struct {
	Code     fullmakt.RoleCode
	Names    catalogue.Names
	Standing standing
}

func catalogueRoles(v *view) error {
	var body catalogueRolesPage
	for _, r := range v.node.Catalogue().ListRoles(v.at()).Roles {
		i := slices.IndexFunc(body.Kinds, func(k roleKind) bool { return k.Provider == r.Provider })
		if i < 0 {
			body.Kinds = append(body.Kinds, roleKind{Provider: r.Provider})
			i = len(body.Kinds) - 1
		}
		body.Kinds[i].Roles = append(body.Kinds[i].Roles, r)
	}
	for _, r := range v.node.Catalogue().Roles() {
		if s := v.standing(r.Valid); s.Ended || s.Future {
			body.Other = append(body.Other, otherRole{r.Code, r.Names, s})
		}
	}
	return v.show("catalogue-roles", &page{
		Title: v.say("web.catalogue.roles.title"), Menu: menuCatalogue, Crumbs: []crumb{v.crumbCatalogue()}, Body: body,
	})
}
