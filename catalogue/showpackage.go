package catalogue

import (
	"strings"

	"github.com/fullmakt/fullmakt"
)

// PackagePage is a package with everything known of it.
type PackagePage struct {
	Kind string `json:"kind"` // "package"
	PackageRef
	AltinnURN    string             `json:"altinn_urn"`
	Aliases      []string           `json:"aliases"`
	UUID         string             `json:"uuid"`
	Area         string             `json:"area"`
	AreaNames    Names              `json:"area_names"`
	EntityType   fullmakt.PartyKind `json:"on_behalf_of"`
	Provider     string             `json:"provider"`
	Assignable   bool               `json:"assignable"`
	Delegable    bool               `json:"delegable"`
	ServiceOwner bool               `json:"service_owner"`
	Forms        []string           `json:"forms"`
	Texts        Names              `json:"texts"`
	Valid        Validity           `json:"valid,omitzero"`
	Source       *Source            `json:"source"`
	Givers       []Giver            `json:"roles"`
}

func (c *Catalogue) packagePage(v *View, p *Package) *PackagePage {
	forms, _ := v.FormBound(p.ID)
	area, _ := c.FindArea(p.Area)
	return &PackagePage{
		Kind: "package", PackageRef: p.ref(), AltinnURN: p.AltinnURN, Aliases: append([]string{}, p.Aliases...), UUID: p.UUID,
		Area: p.Area, AreaNames: area.Names, EntityType: p.EntityType, Provider: p.Provider,
		Assignable: p.Assignable, Delegable: p.Delegable, ServiceOwner: p.ServiceOwner,
		Forms: c.codes(forms), Texts: p.Texts, Valid: p.Valid, Source: c.source(p.Source), Givers: c.givers(v, p),
	}
}

// Document lays the package out.
func (p *PackagePage) Document(lang string) Document {
	altinn := ""
	if p.AltinnURN != p.URN {
		altinn = p.AltinnURN
	}
	roles := Table{
		Title: wordWhoHas.In(lang),
		Columns: []string{
			wordRole.In(lang), wordCode.In(lang), wordMayUse.In(lang), wordMayGive.In(lang), wordForms.In(lang), wordValid.In(lang),
		},
	}
	for _, g := range p.Givers {
		roles.Rows = append(roles.Rows, []string{
			g.Role.Names.In(lang), string(g.Role.Code), yes(g.Use, lang), yes(g.Give, lang), string(g.Form), g.Valid.in(lang),
		})
	}
	return Document{
		Title: p.Names.In(lang),
		Text:  p.Texts.In(lang),
		Facts: []Fact{
			{wordCode.In(lang), p.Code},
			{"URN", p.URN},
			{wordAltinnURN.In(lang), altinn},
			{wordAliases.In(lang), strings.Join(p.Aliases, ", ")},
			{"UUID", p.UUID},
			{wordArea.In(lang), p.AreaNames.In(lang)},
			{wordOnBehalfOf.In(lang), onBehalfOf(p.EntityType, lang)},
			{wordAssignable.In(lang), yes(p.Assignable, lang)},
			{wordClient.In(lang), yes(p.Delegable, lang)},
			{wordServiceOwner.In(lang), yes(p.ServiceOwner, lang)},
			{wordForms.In(lang), strings.Join(p.Forms, ", ")},
			{wordProvider.In(lang), p.Provider},
			{wordValid.In(lang), p.Valid.in(lang)},
			{wordSource.In(lang), p.Source.String()},
		},
		Tables: []Table{roles},
	}
}
