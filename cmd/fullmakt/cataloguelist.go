package main

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

type catalogueListCmd struct {
	What   string `arg:"" optional:"" default:"packages" enum:"areas,packages,roles" help:"What to list: areas, packages or roles."`
	Area   string `placeholder:"AREA" help:"Only the packages of this area."`
	Role   string `placeholder:"ROLE" help:"Only the packages that this role uses or gives."`
	Entity string `placeholder:"KIND" help:"Only the packages on behalf of: organisation or person."`
}

// Help is shown by catalogue list --help.
func (catalogueListCmd) Help() string {
	return `Examples:
  fullmakt catalogue list areas --lang nb
  fullmakt catalogue list --area integrasjoner
  fullmakt catalogue list --role REGN -o json`
}

// Run lists entries.
func (c *catalogueListCmd) Run(a *app) error {
	at, err := a.when()
	if err != nil {
		return err
	}
	cat, err := a.catalogue()
	if err != nil {
		return err
	}
	filter := catalogue.Filter{Area: c.Area, Role: c.Role}
	switch c.Entity {
	case "":
	case "organisation":
		filter.EntityType = fullmakt.KindOrganisation
	case "person":
		filter.EntityType = fullmakt.KindPerson
	default:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--entity %q: want organisation or person", c.Entity)
	}
	if c.What != "packages" && filter != (catalogue.Filter{}) {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--area, --role and --entity narrow a list of packages only")
	}
	switch c.What {
	case "areas":
		return a.printPage(cat.ListAreas(at))
	case "roles":
		return a.printPage(cat.ListRoles(at))
	}
	list, err := cat.ListPackages(filter, at)
	if err != nil {
		return err
	}
	return a.printPage(list)
}
