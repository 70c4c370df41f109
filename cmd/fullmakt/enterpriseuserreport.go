package main

import (
	"strings"

	"github.com/fullmakt/fullmakt"
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
		reach = append(reach, wireReach{For: a.wireParty(t.Party(r.For)), Reason: r.Reason, Needs: s.Catalogue().Codes(r.Need), Lost: s.Catalogue().Codes(r.Lost)})
	}
	if a.globals.wantsJSON() {
		return a.printJSON(map[string]any{"user": a.wireParty(t.Party(user.No)), "reach": reach})
	}
	if len(reach) == 0 {
		a.printf("%s of %s reaches nobody\n", c.User, org.Name)
		return nil
	}
	for _, r := range reach {
		a.printf("%s (%s): %s\n  a system user needs %d packages: %s\n", r.For.Name, r.For.ID, a.texts.Why(r.Reason), len(r.Needs), strings.Join(r.Needs, " "))
		if len(r.Lost) > 0 {
			a.printf("  and no system user gets: %s\n", strings.Join(r.Lost, " "))
		}
	}
	return nil
}
