package api

import (
	"net/http"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

// altinnUsersRoutes lists the routes about users and roles between parties.
func altinnUsersRoutes() []route {
	const base = accessManagement + "/enduser/connections"
	return []route{
		altinn("GET", base+"/users", connectionsGive, (*Server).connectionUsers),
		altinn("DELETE", base+"/roles", connectionsWrite, (*Server).removeRole),
		altinn("GET", base+"/roles/delegationcheck", connectionsGive, (*Server).roleDelegationCheck),
	}
}

// userJSON is one who acts for a party, with those who act through it.
type userJSON struct {
	Party       userPartyJSON `json:"party"`
	Connections []userJSON    `json:"connections"`
}

type userPartyJSON struct {
	ID                     string  `json:"id"`
	Name                   string  `json:"name"`
	Type                   string  `json:"type"`
	Variant                string  `json:"variant"`
	OrganizationIdentifier *string `json:"organizationIdentifier"`
	IsDeleted              bool    `json:"isDeleted"`
	DeletedAt              *string `json:"deletedAt"`
}

func userOut(e *entityJSON) userJSON {
	return userJSON{userPartyJSON{e.ID, e.Name, e.Type, e.Variant, e.OrganizationIdentifier, e.IsDeleted, e.DeletedAt}, []userJSON{}}
}

// packageInstances lets its holder share single instances, and so see with whom.
const packageInstances = "tilgangsstyring-enkeltinstanser"

// connectionUsers answers with who acts for a party, for who shares instances of
// its: names alone.
func (s *Server) connectionUsers(c *call) error {
	g, err := s.changing(c)
	if err != nil {
		return err
	}
	if ok, err := s.sharesInstances(c, g.snap, g.party); err != nil || !ok {
		return cmpError(err, errNotManager)
	}
	q := connectionQuery{snap: g.snap, at: c.now.Unix(), party: g.party, toOthers: true, params: g.params, limit: c.caller.limit}
	c.lookup.Object = g.party
	list := q.relations()
	names, err := s.altinnEntities(c, &q, list)
	if err != nil {
		return err
	}
	out := c.streamPage()
	for _, b := range q.tree(list) {
		one := userOut(names.of(b.other))
		for _, r := range b.under {
			one.Connections = append(one.Connections, userOut(names.of(r.other)))
		}
		out.item(one)
	}
	out.close()
	return nil
}

// sharesInstances reports whether the caller may share instances of a party's:
// Altinn's resource altinn_instance_delegation.
func (s *Server) sharesInstances(c *call, snap *index.Snapshot, party fullmakt.PartyNo) (bool, error) {
	if ok, err := s.manages(c, snap, party); err != nil || ok {
		return ok, err
	}
	own, err := s.actor(c, snap)
	pkg, known := snap.Catalogue().PackageID(packageInstances)
	if err != nil || !known {
		return false, err
	}
	q := pdp.Ask(own, party, c.now.Unix())
	q.Package = pkg
	return pdp.Decide(snap, q).Allowed, nil
}

// providerAltinn2 is whose roles Altinn lets one take back. There are none here
// that somebody has given, so there is never anything to end.
const providerAltinn2 = "sys-altinn2"

// removeRole ends a role of Altinn 2. Nobody is given one here: one that follows
// from another role stays, and what is not there is gone already.
func (s *Server) removeRole(c *call) error {
	g, err := s.taking(c)
	if err != nil {
		return err
	}
	role, ok := g.snap.Catalogue().FindRole(g.params.one("rolecode"))
	switch {
	case !ok:
		return badRequest(amUnknownRole, "there is no such role")
	case role.Provider != providerAltinn2:
		return badRequest(amRoleStays, "the role is registered elsewhere, and ends there: in Enhetsregisteret for most")
	}
	q := pdp.Ask(g.to, g.from, c.now.Unix())
	q.Role = role.ID
	if g.from != 0 && g.to != 0 && pdp.Decide(g.snap, q).Allowed {
		return badRequest(amRoleStays, "the role follows from another one, and ends with that")
	}
	c.noContent()
	return nil
}

// checkedRoleJSON tells whether the caller has a role that lets it give rights.
type checkedRoleJSON struct {
	Role    *metaRoleJSON         `json:"role"`
	Result  bool                  `json:"result"`
	Reasons []delegationCauseJSON `json:"reasons"`
}

// roleDelegationCheck answers by which roles the caller may give rights on behalf
// of a party. Roles themselves are given to nobody.
func (s *Server) roleDelegationCheck(c *call) error {
	g, err := s.changing(c)
	if err != nil {
		return err
	}
	if err := s.mayChange(c, g, scopeToOthersWrite); err != nil {
		return err
	}
	c.lookup.Subject, c.lookup.Object = g.actor, g.party
	lang := c.altinnLang(g.params)
	texts, err := text.New(text.Lang(lang))
	if err != nil {
		return err
	}
	m := meta{v: g.snap.Catalogue().At(c.now.Unix()), c: g.snap.Catalogue(), lang: lang}
	acting := s.node.Acting(g.snap, g.actor, c.now.Unix())
	roles := acting.RolesToGiveBy(g.party)
	list := make([]catalogue.RoleID, 0)
	byID := map[catalogue.RoleID]*catalogue.Role{}
	for _, r := range m.roles() {
		list, byID[r.ID] = append(list, r.ID), r
	}
	out := []checkedRoleJSON{}
	for _, id := range c.caller.limit.rolesOf(list) {
		reason, ok := roles[id]
		if !ok {
			reason = fullmakt.ReasonNoRelation
		}
		if g.actor == delegation.Operator {
			ok, reason = true, "" // needs none
		}
		one := checkedRoleJSON{Role: m.role(byID[id]), Result: ok, Reasons: []delegationCauseJSON{}}
		if reason != "" {
			one.Reasons = append(one.Reasons, delegationCauseJSON{Description: texts.Reason(reason)})
		}
		out = append(out, one)
	}
	return c.writeJSON(http.StatusOK, out)
}
