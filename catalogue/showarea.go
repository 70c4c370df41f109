package catalogue

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// AreaPage is an area with its packages and the roles that give them.
type AreaPage struct {
	Kind       string             `json:"kind"` // "area"
	Code       string             `json:"code"`
	URN        string             `json:"urn"`
	UUID       string             `json:"uuid"`
	Group      Names              `json:"group"`
	EntityType fullmakt.PartyKind `json:"on_behalf_of"`
	Names      Names              `json:"names"`
	Texts      Names              `json:"texts"`
	Valid      Validity           `json:"valid,omitzero"`
	Source     *Source            `json:"source"`
	Packages   []AreaPackage      `json:"packages"`
}

// AreaPackage is one package of an area.
type AreaPackage struct {
	PackageRef
	Texts      Names    `json:"texts"`
	Assignable bool     `json:"assignable"` // may be given to another party
	Delegable  bool     `json:"delegable"`  // open to client delegation
	Forms      []string `json:"forms"`      // the forms it is bound to; empty = any
	Givers     []Giver  `json:"roles"`
}

func (c *Catalogue) areaPage(v *View, code string) *AreaPage {
	at := slices.IndexFunc(v.areas, func(a *Area) bool { return a.Code == code })
	if at < 0 {
		return nil
	}
	a := v.areas[at]
	page := &AreaPage{
		Kind: "area", Code: a.Code, URN: a.URN, UUID: a.UUID, Group: c.group(a.Group).Names, EntityType: a.EntityType,
		Names: a.Names, Texts: a.Texts, Valid: a.Valid, Source: c.source(a.Source), Packages: []AreaPackage{},
	}
	for _, p := range v.packages {
		if p == nil || p.Area != code {
			continue
		}
		forms, _ := v.FormBound(p.ID)
		page.Packages = append(page.Packages, AreaPackage{
			PackageRef: p.ref(), Texts: p.Texts, Assignable: p.Assignable, Delegable: p.Delegable,
			Forms: c.codes(forms), Givers: c.givers(v, p),
		})
	}
	return page
}

func (c *Catalogue) group(code string) Group {
	for _, g := range c.groups {
		if g.Code == code {
			return g
		}
	}
	return Group{Code: code}
}

// MayGiveOn tells what the seeds' column "Delegerbar" tells: some role that may
// use the package may also give it.
func (p *AreaPackage) MayGiveOn() bool {
	return slices.ContainsFunc(p.Givers, func(g Giver) bool { return g.Use && g.Give })
}

// Document lays the area out as Altinn's page of it: a table of the packages, and
// a table of the roles that give each with the column "Delegerbar". A third table
// tells apart who may use, who may give, and client delegation.
func (a *AreaPage) Document(lang string) Document {
	packages := Table{Columns: []string{wordPackagesHere.In(lang), "URN", wordDescription.In(lang)}}
	register := true
	roles := Table{Title: wordWhoHas.In(lang)}
	use := Table{
		Title: wordUseAndGive.In(lang),
		Columns: []string{
			wordPackage.In(lang), wordMayUse.In(lang), wordMayGive.In(lang),
			wordAssignable.In(lang), wordClient.In(lang), wordForms.In(lang),
		},
	}
	for i := range a.Packages {
		p := &a.Packages[i]
		name := p.Names.In(lang)
		packages.Rows = append(packages.Rows, []string{name, p.URN, p.Texts.In(lang)})
		roles.Rows = append(roles.Rows, []string{name, list(p.Givers, lang, mayUse), yes(p.MayGiveOn(), lang)})
		use.Rows = append(use.Rows, []string{
			name, list(p.Givers, lang, mayUse), list(p.Givers, lang, mayGive),
			yes(p.Assignable, lang), yes(p.Delegable, lang), strings.Join(p.Forms, ", "),
		})
		for _, g := range p.Givers {
			register = register && (g.Register || !g.Use)
		}
	}
	column := wordRegisterRoles
	if !register {
		column = wordRoles
	}
	roles.Columns = []string{wordPackage.In(lang), column.In(lang), wordMayGiveOn.In(lang)}
	return Document{
		Title: a.Names.In(lang),
		Text:  a.Texts.In(lang),
		Facts: []Fact{
			{"URN", a.URN},
			{wordGroup.In(lang), a.Group.In(lang)},
			{wordOnBehalfOf.In(lang), onBehalfOf(a.EntityType, lang)},
			{wordValid.In(lang), a.Valid.in(lang)},
			{wordSource.In(lang), a.Source.String()},
		},
		Tables: []Table{packages, roles, use},
	}
}
