package sqlite

import (
	"context"

	"github.com/fullmakt/fullmakt"
)

// Handle is what a party is called where no name and no identity number may
// stand.
type Handle struct {
	Kind fullmakt.PartyKind
	Org  fullmakt.OrgNumber // of an organisation
	UUID fullmakt.UUID
}

// Handles returns the handles of parties by their numbers. It opens nothing
// encrypted. Unknown and purged numbers are left out.
func (db *DB) Handles(ctx context.Context, nos []fullmakt.PartyNo) (map[fullmakt.PartyNo]Handle, error) {
	found := make(map[fullmakt.PartyNo]Handle, len(nos))
	err := db.read(ctx, func(s *session) error {
		return s.each(ctx, "SELECT no, kind, org, uuid FROM party WHERE kind <> 0 AND no"+among, []value{numberList(nos)}, func(row []value) error {
			h := Handle{Kind: fullmakt.PartyKind(asInt(row[1]))}
			if h.Kind == fullmakt.KindOrganisation {
				h.Org = fullmakt.OrgNumber(asInt(row[2]))
			}
			copy(h.UUID[:], asBytes(row[3]))
			found[partyNo(row[0])] = h
			return nil
		})
	})
	return found, err
}
