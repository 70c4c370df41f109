package world

import (
	"crypto/sha256"
	"fmt"

	"github.com/fullmakt/fullmakt"
)

// Changes turns the world into log changes: the parties first, then deaths,
// enterprise and system users, organisations, grants, agents, client delegations
// and scope grants. assign gives the permanent number
// of a party and tells whether it is new; a new one gets a Party change. Parties
// are assigned in the file's order: organisations, persons, enterprise users,
// system users.
// What open data states is not among the changes.
func (w *World) Changes(assign func(fullmakt.PartyID) (no fullmakt.PartyNo, isNew bool)) []fullmakt.Change {
	var changes []fullmakt.Change
	number := make(map[fullmakt.PartyID]fullmakt.PartyNo)
	party := func(id fullmakt.PartyID, name string) {
		no, isNew := assign(id)
		number[id] = no
		if isNew {
			changes = append(changes, fullmakt.Party{No: no, ID: id, UUID: uuidOf(id), Name: name})
		}
	}
	for i := range w.Register {
		party(fullmakt.OrganisationID(w.Register[i].Org), w.Register[i].Name)
	}
	for _, p := range w.Persons {
		party(p.ID, p.Name)
	}
	for _, u := range w.EnterpriseUsers {
		party(u.ID, u.Name)
	}
	for _, u := range w.SystemUsers {
		party(u.ID, u.Name)
	}
	for _, p := range w.Persons {
		if p.Dead {
			changes = append(changes, fullmakt.Person{Party: number[p.ID], Dead: true})
		}
	}
	for _, u := range w.EnterpriseUsers {
		changes = append(changes, fullmakt.EnterpriseUser{
			Party: number[u.ID],
			Owner: number[fullmakt.OrganisationID(u.ID.Org)],
			Ended: u.Ended,
		})
	}
	for _, u := range w.SystemUsers {
		changes = append(changes, fullmakt.SystemUser{
			Party: number[u.ID],
			Owner: number[fullmakt.OrganisationID(u.ID.Org)],
			Agent: u.Agent,
			Ended: u.Ended,
		})
	}
	for i := range w.Register {
		changes = append(changes, organisation(&w.Register[i], number))
	}
	for _, g := range w.Grants {
		changes = append(changes, fullmakt.Grant{
			From:     number[g.From],
			To:       number[g.To],
			Package:  g.Package,
			Role:     g.Role,
			Resource: g.Resource,
			Right:    g.Right,
			Valid:    g.Valid,
			GivenBy:  number[g.GivenBy], // 0 when the file does not say
			Ended:    g.Revoked,
		})
	}
	return append(changes, w.delegations(number)...)
}

// organisation makes the unit's first version.
func organisation(c *fullmakt.RegisterChange, number map[fullmakt.PartyID]fullmakt.PartyNo) fullmakt.Organisation {
	org := fullmakt.Organisation{
		Party:     number[fullmakt.OrganisationID(c.Org)],
		Form:      c.Form,
		State:     c.State,
		DeletedOn: c.DeletedOn,
		Source:    c.Source,
	}
	if c.Parent != 0 {
		org.Parent = number[fullmakt.OrganisationID(c.Parent)]
	}
	for _, r := range c.Roles {
		org.Roles = append(org.Roles, fullmakt.Role{Code: r.Code, Holder: number[r.Holder], Ended: r.Ended, Since: r.Since})
	}
	org.Roles = fullmakt.SortRoles(org.Roles)
	return org
}

// Facts returns the changes with the parties numbered from 1, for use without a
// store.
func (w *World) Facts() []fullmakt.Change {
	last := fullmakt.PartyNo(0)
	return w.Changes(func(fullmakt.PartyID) (fullmakt.PartyNo, bool) {
		last++
		return last, true
	})
}

// uuidOf derives the party's UUID from what identifies it, so that a world's
// parties keep theirs from run to run (RFC 9562, version 8). It would give away
// the identity number of a real person; a world holds none.
func uuidOf(id fullmakt.PartyID) fullmakt.UUID {
	sum := sha256.Sum256(fmt.Appendf(nil, "fullmakt world\n%d\n%d\n%d\n%d\n%s", id.Kind, id.Org, uint64(id.Person), id.Born, id.Name))
	var u fullmakt.UUID
	copy(u[:], sum[:])
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return u
}
