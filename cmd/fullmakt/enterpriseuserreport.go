package main

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/node"
)

type userReportCmd struct{ userArgs }

// wireReach is whom an enterprise user reaches.
type wireReach struct {
	For    wireParty       `json:"for"`
	Reason fullmakt.Reason `json:"reason"`
	Needs  []string        `json:"system_user_needs"`
	Lost   []string        `json:"no_system_user_gets"`
	need   catalogue.PackageSet
	lost   catalogue.PackageSet
}

// Run prints the report.
func (c *userReportCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	n, err := a.open()
	if err != nil {
		return err
	}
	defer n.Close()
	org, err := a.findOrg(n, c.Org)
	if err != nil {
		return err
	}
	s, err := n.Snapshot(a.ctx)
	if err != nil {
		return err
	}
	user, err := n.EnterpriseUser(a.ctx, s, org.ID.Org, c.User)
	if err != nil {
		return err
	}
	if user.No == 0 {
		return fullmakt.Errorf(fullmakt.CodeNotFound, "%s has no enterprise user %q", org.ID.Org, c.User)
	}
	t := a.teller(s, node.RegisterStatus{})
	reach := []wireReach{}
	for _, r := range (&delegation.Acting{Snapshot: s, At: a.now.Unix()}).ReachOf(user.No) {
		reach = append(reach, wireReach{For: a.wireParty(t.Party(r.For)), Reason: r.Reason, Needs: s.Catalogue().Codes(r.Need), Lost: s.Catalogue().Codes(r.Lost), need: r.Need, lost: r.Lost})
	}
	if a.globals.wantsJSON() {
		return a.printJSON(map[string]any{"user": a.wireParty(t.Party(user.No)), "reach": reach})
	}
	if len(reach) == 0 {
		a.tell("user.nobody", "user", c.User, "org", org.Name)
		return nil
	}
	for i := range reach {
		if i > 0 {
			a.printf("\n")
		}
		a.printReach(s.Catalogue(), &reach[i])
	}
	return nil
}

// printReach tells whom an enterprise user reaches, and with what.
func (a *app) printReach(c *catalogue.Catalogue, r *wireReach) {
	a.printf("%s: %s\n", a.paint(bold, r.For.Name+" ("+r.For.ID+")"), a.texts.Why(r.Reason))
	switch n := len(r.Needs); n {
	case 0:
	case 1:
		a.printf("  %s\n", a.texts.Say("user.needs.one"))
	default:
		a.printf("  %s\n", a.texts.Say("user.needs", "n", n))
	}
	a.printPackages(c, r.need)
	if len(r.Lost) > 0 {
		a.printf("  %s\n", a.texts.Say("user.lost"))
		a.printPackages(c, r.lost)
	}
}

// printPackages prints packages by area, in lines that fit the terminal.
func (a *app) printPackages(c *catalogue.Catalogue, set catalogue.PackageSet) {
	const indent = "      "
	for _, area := range c.Areas() {
		var codes []string
		for p := range set.All() {
			if one := c.Package(p); one.Area == area.Code {
				codes = append(codes, one.Code)
			}
		}
		if len(codes) > 0 {
			a.printf("    %s\n%s%s\n", a.paint(faint, area.Names.In(string(a.texts.Lang))), indent, a.wrapped(codes, indent))
		}
	}
}
