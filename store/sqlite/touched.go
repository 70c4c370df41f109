package sqlite

import (
	"context"
	"slices"

	"github.com/fullmakt/fullmakt"
)

// touchedTables tell which parties a revision wrote something about. What an
// organisation said before is not among them: the revision that ended it wrote
// about it again.
var touchedTables = []struct{ number, table, seq string }{
	{"no", "party_change", "seq"},
	{"party", "org_now", "from_seq"},
	{"party", "person_version", "from_seq"},
	{"party", "user_version", "from_seq"},
	{"party", "system_user_version", "from_seq"},
}

// touchedRevisions bounds how many revisions one call of Touched goes through.
const touchedRevisions = 500

// Touched returns which parties the revisions after one, and up to another, named
// anew, purged, or wrote about themselves (not what they give), ordered by number
// within a revision; of the revision next to after only parties above within. New
// parties are among them. It stops when it has at least most numbers, and returns
// where to go on: after the revision seq and, in the next one, the party no.
func (db *DB) Touched(ctx context.Context, after fullmakt.Seq, within fullmakt.PartyNo, through fullmakt.Seq, most int) (nos []fullmakt.PartyNo, seq fullmakt.Seq, no fullmakt.PartyNo, err error) {
	seq, no = after, within
	through = min(through, after+touchedRevisions)
	err = db.read(ctx, func(s *session) error {
		for seq < through && len(nos) < most {
			var of []fullmakt.PartyNo
			for _, t := range touchedTables {
				err := s.each(ctx, "SELECT "+t.number+" FROM "+t.table+" WHERE "+t.seq+" = ? AND "+t.number+" > ? ORDER BY "+t.number+" LIMIT ?",
					[]value{int64(seq + 1), int64(no), int64(most)}, func(row []value) error {
						of = append(of, partyNo(row[0]))
						return nil
					})
				if err != nil {
					return err
				}
			}
			slices.Sort(of)
			of = slices.Compact(of)
			if len(of) >= most { // beyond, a table may have been cut short
				of = of[:most]
				no = of[most-1]
			} else {
				seq, no = seq+1, 0
			}
			nos = append(nos, of...)
		}
		return nil
	})
	return nos, seq, no, err
}

// NumberedFrom returns the organisations, at most limit, whose numbers lie in
// [from, to], ordered by number.
func (db *DB) NumberedFrom(ctx context.Context, from, to fullmakt.OrgNumber, limit int) (nos []fullmakt.PartyNo, err error) {
	err = db.read(ctx, func(s *session) error {
		return s.each(ctx, "SELECT no FROM party WHERE kind = 1 AND org BETWEEN ? AND ? ORDER BY org LIMIT ?",
			[]value{int64(from), int64(to), int64(limit)}, func(row []value) error {
				nos = append(nos, partyNo(row[0]))
				return nil
			})
	})
	return nos, err
}
