package web

import (
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/registry"
)

// cataloguePackagePage is a package with everything known of it.
type cataloguePackagePage struct {
	*catalogue.PackagePage
	Standing standing
	Kinds    []packageKind
	OneForm  bool // some role gives it at one organisation form alone
	Services []serviceRow
	Loading  bool // the register is not there to tell of services
}

// packageKind is one of the ways in which a package may be handed on, with what
// Altinn calls it. Its words are the messages web.catalogue.kind.KEY.name and .yes
// or .no.
type packageKind struct {
	Key, Altinn string
	Is          bool
}

func cataloguePackage(v *view) error {
	code := v.r.PathValue("code")
	cat := v.node.Catalogue()
	entry, ok := cat.FindPackage(code)
	if !ok {
		return unknownEntry(code)
	}
	s := v.standing(entry.Valid)
	shown, err := entryPage[*catalogue.PackagePage](v, entry.URN, s)
	if err != nil {
		return err
	}
	body := cataloguePackagePage{
		PackagePage: shown, Standing: s, Loading: v.snap == nil,
		Kinds: []packageKind{
			{"assignable", "isAssignable", shown.Assignable},
			{"delegable", "isDelegable", shown.Delegable},
			{"service-owner", "isResourcePolicyAvailable", shown.ServiceOwner},
		},
		Services: v.servicesOpenedBy(registry.PackageSubjects(&entry)),
	}
	for _, g := range shown.Givers {
		body.OneForm = body.OneForm || g.Form != ""
	}
	return v.show("catalogue-package", &page{
		Title: shown.Names.In(string(v.lang)), Menu: menuCatalogue,
		Crumbs: []crumb{v.crumbCatalogue(), {areaPath(shown.Area), shown.AreaNames.In(string(v.lang))}}, Body: body,
	})
}
