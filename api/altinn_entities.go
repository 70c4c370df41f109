package api

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// entityJSON is a party in the answers about connections (Entity). Identity
// numbers are the person's own business: they are written for the caller alone,
// for others the birth date.
type entityJSON struct {
	ID                     string         `json:"id"`
	Name                   string         `json:"name"`
	Type                   string         `json:"type"`
	Variant                string         `json:"variant"`
	Parent                 *entityJSON    `json:"parent"`
	Children               *[]entityJSON  `json:"children"`
	PartyID                uint32         `json:"partyid"`
	UserID                 *int           `json:"userId"`
	Username               *string        `json:"username"`
	OrganizationIdentifier *string        `json:"organizationIdentifier"`
	PersonIdentifier       *string        `json:"personIdentifier"`
	DateOfBirth            *fullmakt.Date `json:"dateOfBirth"`
	DateOfDeath            *fullmakt.Date `json:"dateOfDeath"`
	IsDeleted              bool           `json:"isDeleted"`
	DeletedAt              *string        `json:"deletedAt"`
}

// altinnEntities are the parties of one answer.
type altinnEntities struct {
	s     *index.Snapshot
	own   fullmakt.PartyNo
	uuids map[fullmakt.PartyNo]fullmakt.UUID
}

// altinnEntities looks up the names of every party that relations mention.
func (s *Server) altinnEntities(c *call, q *connectionQuery, list []relation) (*altinnEntities, error) {
	c.lookup.Count = len(list)
	own, err := s.actor(c, q.snap)
	if err != nil {
		own = 0 // nobody's own number is written
	}
	wanted := map[fullmakt.PartyNo]bool{q.party: true}
	for _, r := range list {
		wanted[r.other] = true
		wanted[q.snap.Node(r.other).Parent] = true
		for _, g := range r.grounds {
			wanted[g.Unit], wanted[g.Between] = true, true
		}
	}
	delete(wanted, 0)
	nos := make([]fullmakt.PartyNo, 0, len(wanted))
	for p := range wanted {
		nos = append(nos, p)
	}
	e := &altinnEntities{s: q.snap, own: own}
	if e.uuids, err = s.node.Store().UUIDs(c.r.Context(), nos); err == nil && len(e.uuids) < len(nos) {
		err = fullmakt.Errorf(fullmakt.CodeUnavailable, "the register changed meanwhile").WithHint("ask again")
	}
	return e, err
}

// of returns a party with its main unit, nil for none.
func (e *altinnEntities) of(p fullmakt.PartyNo) *entityJSON {
	out := e.alone(p)
	if out != nil && e.s.Kind(p) == fullmakt.KindOrganisation {
		out.Parent = e.alone(e.s.Node(p).Parent)
	}
	return out
}

func (e *altinnEntities) alone(p fullmakt.PartyNo) *entityJSON {
	u, known := e.uuids[p]
	if !known {
		return nil
	}
	n, id := e.s.Node(p), e.s.ID(p)
	out := &entityJSON{ID: u.String(), Name: e.s.Name(p), Type: entityName(n.Kind), Variant: variantOf(e.s, p),
		PartyID: uint32(p), IsDeleted: n.State&fullmakt.Deleted != 0}
	switch n.Kind {
	case fullmakt.KindOrganisation:
		out.OrganizationIdentifier = orNull(id.Org.String())
		if on := e.s.DeletedOn(p); on != 0 {
			out.DeletedAt = orNull(on.Time(fullmakt.Oslo()).Format("2006-01-02T15:04:05Z07:00"))
		}
	case fullmakt.KindPerson:
		if born := id.BirthDate(); born != 0 {
			out.DateOfBirth = &born
		}
		if p == e.own && id.Person != 0 {
			out.PersonIdentifier = orNull(id.Person.Reveal())
		}
	case fullmakt.KindEnterpriseUser, fullmakt.KindSystemUser:
		out.Username = orNull(e.s.Name(p))
	}
	return out
}
