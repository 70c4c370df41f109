package sqlite

import (
	"context"

	"github.com/fullmakt/fullmakt"
)

// UUIDs returns the UUIDs of parties by their numbers. It reads no name and opens
// nothing encrypted, so that a list of thousands can be named. Unknown and purged
// numbers are left out.
func (db *DB) UUIDs(ctx context.Context, nos []fullmakt.PartyNo) (map[fullmakt.PartyNo]fullmakt.UUID, error) {
	found := make(map[fullmakt.PartyNo]fullmakt.UUID, len(nos))
	err := db.read(ctx, func(s *session) error {
		return s.each(ctx, "SELECT no, uuid FROM party WHERE kind <> 0 AND no IN (SELECT value FROM json_each(?))",
			[]value{numberList(nos)}, func(row []value) error {
				var u fullmakt.UUID
				copy(u[:], asBytes(row[1]))
				found[partyNo(row[0])] = u
				return nil
			})
	})
	return found, err
}
