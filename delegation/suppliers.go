package delegation

import (
	"fmt"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// AddSupplier makes organisation To a supplier of From's, which opens nothing by
// itself: scopes are given with GiveScopes, to whom is a supplier already or not.
type AddSupplier struct{ From, To fullmakt.PartyNo }

// AddSupplier returns the change that adds the supplier; none when it is one.
func (a *Acting) AddSupplier(c AddSupplier) (*Outcome, error) {
	var rs refusals
	a.soundEnds(&rs, c.From, c.To)
	if len(rs) == 0 {
		a.soundScopeActor(&rs, c.From, fullmakt.RuleScope1)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	out := &Outcome{}
	if d := supplierDocument(c.From, c.To); !hasDocument(a.Snapshot, d) {
		out.Changes = append(out.Changes, d)
	}
	return out, nil
}

// RemoveSupplier ends the relation between a supplier and the organisation that it
// supplies, with the cascade also the scopes that were given.
type RemoveSupplier struct {
	From, To fullmakt.PartyNo
	Cascade  bool
	// BySupplier tells that the supplier renounces; otherwise the giver revokes.
	BySupplier bool
}

// RemoveSupplier returns the changes that end the relation; none when there is
// none.
func (a *Acting) RemoveSupplier(c RemoveSupplier) (*Outcome, error) {
	end := a.RevokeScopes
	if c.BySupplier {
		end = a.RenounceScopes
	}
	out, err := end(RevokeScopes{From: c.From, To: c.To, All: true, Cascade: c.Cascade})
	if err != nil {
		return nil, err
	}
	out.Ended = slices.Clone(out.Changes)
	if d := supplierDocument(c.From, c.To); hasDocument(a.Snapshot, d) {
		d.Ended = true
		out.Changes = append(out.Changes, d)
	}
	return out, nil
}

// Suppliers returns the suppliers of an organisation, in rising order: those that
// were added, and those that it has given scopes, whether these are in force or
// not.
func Suppliers(s *index.Snapshot, from fullmakt.PartyNo) (list []fullmakt.PartyNo) {
	for d := range s.DocumentsOf(fullmakt.DocumentSupplier, from) {
		if d.Parties[0] == from {
			list = append(list, d.Parties[1])
		}
	}
	for g := range s.ScopeGrants(from) {
		list = append(list, g.To)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Consumers returns the organisations that another is a supplier of, as Suppliers
// does.
func Consumers(s *index.Snapshot, to fullmakt.PartyNo) (list []fullmakt.PartyNo) {
	for d := range s.DocumentsOf(fullmakt.DocumentSupplier, to) {
		if d.Parties[1] == to {
			list = append(list, d.Parties[0])
		}
	}
	for g := range s.ScopeGrantsTo(to) {
		list = append(list, g.From)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// supplierDocument is the relation as the log has it: who is supplied, and by
// whom.
func supplierDocument(from, to fullmakt.PartyNo) fullmakt.Document {
	return fullmakt.Document{Kind: fullmakt.DocumentSupplier, ID: fmt.Sprintf("%d/%d", from, to), Parties: []fullmakt.PartyNo{from, to}, Body: []byte("{}")}
}

func hasDocument(s *index.Snapshot, d fullmakt.Document) bool {
	_, there := s.Document(d.Kind, d.ID)
	return there
}
