package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/registry"
)

// catalogueRoutes lists the pages about areas, packages, roles and services. They
// tell nothing about anybody.
func catalogueRoutes() []route {
	return []route{
		{method: "GET", pattern: "/catalogue", handle: catalogueFront, free: true},
		{method: "GET", pattern: "/catalogue/list", handle: catalogueList, free: true},
		{method: "GET", pattern: "/catalogue/area/{id}", handle: catalogueArea, free: true},
		{method: "GET", pattern: "/catalogue/package/{code}", handle: cataloguePackage, free: true},
		{method: "GET", pattern: "/catalogue/roles", handle: catalogueRoles, free: true},
		{method: "GET", pattern: "/catalogue/role/{code}", handle: catalogueRole, free: true},
		{method: "GET", pattern: "/catalogue/compare", handle: catalogueCompare, free: true},
		{method: "GET", pattern: "/catalogue/services", handle: services, free: true},
		{method: "GET", pattern: "/catalogue/service/{id}", handle: service, free: true},
	}
}

// menuCatalogue is the path of the menu's item that these pages belong to.
const menuCatalogue = "/catalogue"

func packagePath(code string) string { return "/catalogue/package/" + url.PathEscape(code) }
func rolePath(code fullmakt.RoleCode) string {
	return "/catalogue/role/" + url.PathEscape(string(code))
}
func areaPath(code string) string  { return "/catalogue/area/" + url.PathEscape(code) }
func servicePath(id string) string { return "/catalogue/service/" + url.PathEscape(id) }

// crumbCatalogue leads back to the catalogue's front page.
func (v *view) crumbCatalogue() crumb { return crumb{"/catalogue", v.say("web.menu.catalogue")} }

// today is the day of the request in Oslo, which is what validity is told in.
func (v *view) today() fullmakt.Date { return fullmakt.DateOf(v.now.In(v.oslo)) }

// catalogueGroup is a group of areas with those that have something to show.
type catalogueGroup struct {
	Names catalogue.Names
	Areas []catalogue.AreaRow
}

// catalogueFrontPage is the catalogue's front page: the areas by group, or what a
// search found.
type catalogueFrontPage struct {
	Query    string
	For      string // "", organisation or person
	Searched bool
	Groups   []catalogueGroup
	Found    catalogueFound
	Counts   catalogueCounts
	Sources  []catalogue.Source
	Digest   string
	Services bool // there are some
}

// catalogueCounts tell how much there is.
type catalogueCounts struct{ Areas, Packages, Roles int }

func catalogueFront(v *view) error {
	q := v.r.URL.Query()
	cat := v.node.Catalogue()
	body := catalogueFrontPage{Query: strings.TrimSpace(q.Get("q")), For: q.Get("for"), Sources: cat.Sources(), Digest: cat.Digest()}
	kind, ok := kindOf(body.For)
	if !ok {
		return problem(http.StatusBadRequest, "invalid")
	}
	areas := cat.ListAreas(v.at()).Areas
	body.Counts = catalogueCounts{Areas: len(areas), Packages: cat.At(v.at()).Valid().Len(), Roles: len(cat.ListRoles(v.at()).Roles)}
	body.Searched = body.Query != ""
	if body.Searched {
		body.Found = v.searchCatalogue(body.Query, kind)
	} else {
		body.Groups = grouping(areas, kind)
	}
	if v.snap != nil {
		for range v.node.Registry(v.snap).Resources() {
			body.Services = true
			break
		}
	}
	return v.show("catalogue", &page{Title: v.say("web.catalogue.title"), Menu: menuCatalogue, Body: body})
}

// kindOf reads which kind of party a filter asks for.
func kindOf(s string) (kind fullmakt.PartyKind, ok bool) {
	switch s {
	case "":
		return fullmakt.KindUnknown, true
	case "organisation":
		return fullmakt.KindOrganisation, true
	case "person":
		return fullmakt.KindPerson, true
	}
	return fullmakt.KindUnknown, false
}

// grouping puts areas that pass the filter under their groups, in their order.
func grouping(areas []catalogue.AreaRow, kind fullmakt.PartyKind) (groups []catalogueGroup) {
	for _, a := range areas {
		if kind != fullmakt.KindUnknown && a.EntityType != kind {
			continue
		}
		i := slices.IndexFunc(groups, func(g catalogueGroup) bool { return g.Names == a.Group })
		if i < 0 {
			groups = append(groups, catalogueGroup{Names: a.Group})
			i = len(groups) - 1
		}
		groups[i].Areas = append(groups[i].Areas, a)
	}
	return groups
}

// standing tells when an entry holds, and whether it does today.
type standing struct {
	Valid  catalogue.Validity
	Ended  bool // it held earlier
	Future bool // it will hold
}

func (v *view) standing(valid catalogue.Validity) standing {
	today := v.today()
	return standing{Valid: valid, Ended: valid.To != 0 && valid.To < today, Future: valid.From != 0 && valid.From > today}
}

// entryPage returns the page of an entry of the catalogue: as it holds now, or
// where it has ended or not begun, as it held last or will hold first.
func entryPage[P catalogue.Page](v *view, urn string, s standing) (none P, err error) {
	at := v.at()
	switch {
	case s.Ended:
		at = s.Valid.To.Time(v.oslo).Unix()
	case s.Future:
		at = s.Valid.From.Time(v.oslo).Unix()
	}
	shown, err := v.node.Catalogue().Show(urn, at)
	if err != nil {
		return none, err
	}
	if p, ok := shown.(P); ok {
		return p, nil
	}
	return none, fullmakt.Errorf(fullmakt.CodeInternal, "%s is not what its URN says", urn)
}

// unknownEntry is the answer to a code that the catalogue does not have.
func unknownEntry(code string) error {
	return problem(http.StatusNotFound, "no-entry", "code", code)
}

// registry returns the services of the page's snapshot; nil while the register is
// loading.
func (v *view) registry() *registry.View {
	if v.snap == nil {
		return nil
	}
	return v.node.Registry(v.snap)
}
