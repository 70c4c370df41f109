package catalogue

import (
	"strings"

	"github.com/fullmakt/fullmakt"
)

// RolePage is a role with the packages it gives and the roles it leads to.
type RolePage struct {
	Kind string `json:"kind"` // "role"
	RoleRef
	AltinnCode   string             `json:"altinn_code"`
	LegacyURN    string             `json:"legacy_urn,omitempty"`
	Aliases      []string           `json:"aliases"`
	UUID         string             `json:"uuid"`
	Provider     string             `json:"provider"`
	EntityType   fullmakt.PartyKind `json:"at"`
	Key          bool               `json:"key_role"`
	Assignable   bool               `json:"assignable"`
	ServiceOwner bool               `json:"service_owner"`
	Valid        Validity           `json:"valid,omitzero"`
	Source       *Source            `json:"source"`
	Gets         []RoleRef          `json:"also_gives"`   // one step of the role map
	From         []RoleRef          `json:"follows_from"` // one step back
	Derivations  []RoleDerivation   `json:"derivations"`
	Packages     []RolePackage      `json:"packages"`
}

// RoleDerivation is one row of rule FORM-1 that a role takes part in.
type RoleDerivation struct {
	From RoleRef          `json:"from"`
	Form fullmakt.OrgForm `json:"form"`
	To   RoleRef          `json:"to"`
}

// RolePackage is one package that a role gives: a mapping seen from the role.
type RolePackage struct {
	PackageRef
	Area   string           `json:"area"`
	Form   fullmakt.OrgForm `json:"form,omitempty"`
	Use    bool             `json:"may_use"`
	Give   bool             `json:"may_give"` // the mapping has it, and the package is assignable
	Valid  Validity         `json:"valid,omitzero"`
	Source string           `json:"source"`
}

func (c *Catalogue) rolePage(v *View, r *Role) *RolePage {
	page := &RolePage{
		Kind: "role", RoleRef: r.ref(), AltinnCode: r.AltinnCode, LegacyURN: r.LegacyURN, Aliases: append([]string{}, r.Aliases...),
		UUID: r.UUID, Provider: r.Provider, EntityType: r.EntityType, Key: r.Key, Assignable: r.Assignable, ServiceOwner: r.ServiceOwner,
		Valid: r.Valid, Source: c.source(r.Source),
		Gets: []RoleRef{}, From: []RoleRef{}, Derivations: []RoleDerivation{}, Packages: []RolePackage{},
	}
	for _, to := range v.Mapped(r.ID) {
		page.Gets = append(page.Gets, v.roles[to].ref())
	}
	for from, mapped := range v.mapped {
		for _, to := range mapped {
			if to == r.ID {
				page.From = append(page.From, v.roles[from].ref())
			}
		}
	}
	for _, d := range c.derivations {
		from, to := v.Role(d.From), v.Role(d.To)
		if (d.From == r.ID || d.To == r.ID) && v.holds(d.Valid) && from != nil && to != nil {
			page.Derivations = append(page.Derivations, RoleDerivation{from.ref(), c.forms[d.Form-1].Code, to.ref()})
		}
	}
	for _, m := range c.mappings {
		p := v.Package(m.Package)
		if m.Role != r.ID || !v.holds(m.Valid) || p == nil {
			continue
		}
		row := RolePackage{PackageRef: p.ref(), Area: p.Area, Use: m.Access, Give: m.Delegate && p.Assignable, Valid: m.Valid, Source: m.Source}
		if f := c.Form(m.Form); f != nil {
			row.Form = f.Code
		}
		page.Packages = append(page.Packages, row)
	}
	return page
}

// Document lays the role out.
func (r *RolePage) Document(lang string) Document {
	var derived, derives []string
	for _, d := range r.Derivations {
		if d.To.Code == r.Code {
			derived = append(derived, d.From.Names.In(lang)+" ("+string(d.Form)+")")
		} else {
			derives = append(derives, d.To.Names.In(lang)+" ("+string(d.Form)+")")
		}
	}
	packages := Table{
		Title:   wordPackages.In(lang),
		Columns: []string{wordPackage.In(lang), "URN", wordMayUse.In(lang), wordMayGive.In(lang), wordForms.In(lang)},
	}
	for _, p := range r.Packages {
		packages.Rows = append(packages.Rows, []string{p.Names.In(lang), p.URN, yes(p.Use, lang), yes(p.Give, lang), string(p.Form)})
	}
	d := Document{
		Title: r.Names.In(lang),
		Facts: []Fact{
			{wordCode.In(lang), string(r.Code)},
			{wordAltinnCode.In(lang), r.AltinnCode},
			{"URN", r.URN},
			{wordOldURN.In(lang), r.LegacyURN},
			{wordAliases.In(lang), strings.Join(r.Aliases, ", ")},
			{"UUID", r.UUID},
			{wordNames.In(lang), r.Names.NB + " (nb), " + r.Names.NN + " (nn), " + r.Names.EN + " (en)"},
			{wordOnBehalfOf.In(lang), onBehalfOf(r.EntityType, lang)},
			{wordKey.In(lang), yes(r.Key, lang)},
			{wordDerivedFrom.In(lang), strings.Join(derived, ", ")},
			{wordDerives.In(lang), strings.Join(derives, ", ")},
			{wordRoleMapFrom.In(lang), refs(r.Gets, lang)},
			{wordRoleMapTo.In(lang), refs(r.From, lang)},
			{wordProvider.In(lang), r.Provider},
			{wordValid.In(lang), r.Valid.in(lang)},
			{wordSource.In(lang), r.Source.String()},
		},
	}
	if len(packages.Rows) > 0 {
		d.Tables = append(d.Tables, packages)
	}
	return d
}

func refs(roles []RoleRef, lang string) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Names.In(lang) + " (" + string(r.Code) + ")"
	}
	return strings.Join(names, ", ")
}
