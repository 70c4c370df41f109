package web

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// catalogueAreaPage is an area: the tables that Altinn's own page of it has, and
// the matrix of roles and packages.
type catalogueAreaPage struct {
	*catalogue.AreaPage
	Standing standing
	// Packages are those of the area with what is said of each.
	Packages []areaPackage
	Register bool // every role that may use is one of Enhetsregisteret
	Matrix   matrix
}

// areaPackage is a package of an area.
type areaPackage struct {
	catalogue.AreaPackage
	AltinnURN string            // where it is another than the URN
	Use       []catalogue.Giver // the roles that may use it
	GiveOn    bool              // "Delegerbar": some role that may use it may give it too
}

func catalogueArea(v *view) error {
	id := v.r.PathValue("id")
	area, ok := v.node.Catalogue().FindArea(id)
	if !ok {
		return unknownEntry(id)
	}
	s := v.standing(area.Valid)
	shown, err := entryPage[*catalogue.AreaPage](v, area.URN, s)
	if err != nil {
		return err
	}
	body := catalogueAreaPage{AreaPage: shown, Standing: s, Packages: v.areaPackages(shown), Register: true, Matrix: matrixOf(shown.Packages)}
	for _, p := range body.Packages {
		for _, g := range p.Use {
			body.Register = body.Register && g.Register
		}
	}
	return v.show("catalogue-area", &page{
		Title: shown.Names.In(string(v.lang)), Menu: menuCatalogue, Crumbs: []crumb{v.crumbCatalogue()}, Body: body,
	})
}

// areaPackages adds to the packages of an area what its tables tell of them.
func (v *view) areaPackages(area *catalogue.AreaPage) (list []areaPackage) {
	for _, p := range area.Packages {
		row := areaPackage{AreaPackage: p, GiveOn: p.MayGiveOn()}
		for _, g := range p.Givers {
			if g.Use {
				row.Use = append(row.Use, g)
			}
		}
		if entry, ok := v.node.Catalogue().FindPackage(p.URN); ok && entry.AltinnURN != entry.URN {
			row.AltinnURN = entry.AltinnURN
		}
		list = append(list, row)
	}
	return list
}

// matrix shows who may use and give what: packages down, roles across.
type matrix struct {
	Roles []catalogue.RoleRef
	Rows  []matrixRow
}

// matrixRow is a package with a cell for each role.
type matrixRow struct {
	catalogue.PackageRef
	Cells [][]matrixPart
}

// matrixPart tells what a role may do with a package: at any organisation form, or
// at some alone.
type matrixPart struct {
	Use, Give bool
	Forms     []string
}

// matrixOf lays packages and the roles that give them out. Roles come in the order
// in which the packages name them, which is the catalogue's own.
func matrixOf(packages []catalogue.AreaPackage) (m matrix) {
	for _, p := range packages {
		for _, g := range p.Givers {
			if !slices.Contains(m.Roles, g.Role) {
				m.Roles = append(m.Roles, g.Role)
			}
		}
	}
	for _, p := range packages {
		row := matrixRow{PackageRef: p.PackageRef, Cells: make([][]matrixPart, len(m.Roles))}
		for _, g := range p.Givers {
			cell := &row.Cells[slices.Index(m.Roles, g.Role)]
			anyForm := g.Form == "" || g.Derived // the name of a derived role says its form
			i := slices.IndexFunc(*cell, func(part matrixPart) bool {
				return part.Use == g.Use && part.Give == g.Give && !anyForm && len(part.Forms) > 0
			})
			if i < 0 {
				*cell = append(*cell, matrixPart{Use: g.Use, Give: g.Give})
				i = len(*cell) - 1
			}
			if !anyForm {
				(*cell)[i].Forms = append((*cell)[i].Forms, string(g.Form))
			}
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// catalogueListPage is the whole catalogue on one page, to print.
type catalogueListPage struct {
	Areas []listedArea
	Day   fullmakt.Date
}

// listedArea is an area with its packages.
type listedArea struct {
	Code     string
	Names    catalogue.Names
	Packages []catalogue.PackageRow
}

func catalogueList(v *view) error {
	list, err := v.node.Catalogue().ListPackages(catalogue.Filter{}, v.at())
	if err != nil {
		return err
	}
	body := catalogueListPage{Day: v.today()}
	for _, a := range v.node.Catalogue().ListAreas(v.at()).Areas {
		area := listedArea{Code: a.Code, Names: a.Names}
		for _, p := range list.Packages {
			if p.Area == a.Code {
				area.Packages = append(area.Packages, p)
			}
		}
		if len(area.Packages) > 0 {
			body.Areas = append(body.Areas, area)
		}
	}
	return v.show("catalogue-list", &page{
		Title: v.say("web.catalogue.list.title"), Menu: menuCatalogue, Crumbs: []crumb{v.crumbCatalogue()}, Body: body,
	})
}
