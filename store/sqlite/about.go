package sqlite

import (
	"context"
	"database/sql/driver"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Turn is one fact that changed in a revision: what held before it, nil for
// nothing, and what holds since.
type Turn struct {
	Before, Now fullmakt.Change
}

// ownFacts are the facts about what an organisation has and gives, with the
// columns by which they are its own: those that Turns tells of.
var ownFacts = []struct {
	fact *fact
	of   []string
}{
	{&userFact, []string{"owner"}},
	{&systemUserFact, []string{"owner"}},
	{&grantFact, []string{"giver", "receiver"}},
	{&scopeFact, []string{"giver", "receiver"}},
	{&agentFact, []string{"provider"}},
	{&delegationFact, []string{"client", "provider"}},
}

// authorityFacts are the facts on which authority over somebody rests, with the
// column by which they are found from the parties around it.
var authorityFacts = []struct {
	table, of string
}{
	{"org_now", "party"}, {"org_past", "party"}, {"person_version", "party"}, {"user_version", "party"}, {"system_user_version", "party"},
	{"grant_version", "giver"}, {"agent_version", "provider"}, {"delegation_version", "client"},
}

// turnedDocuments are the kinds of document that Turns tells of.
const turnedDocuments = "('request', 'system-user')"

// NextAbout returns the first revision after one in which something is said of an
// organisation or of the whole register (a feed, the catalogue), or by which
// authority over it may change: a fact of the parties around it, among which it is
// itself. The latter is what authority tells. Seq is 0 when there is none yet.
func (db *DB) NextAbout(ctx context.Context, after fullmakt.Seq, org fullmakt.PartyNo, around []fullmakt.PartyNo) (rev Revision, authority bool, err error) {
	err = db.read(ctx, func(s *session) error {
		var own, deciding int64 // 0 for none
		first := func(least *int64, table, where string, args ...value) error {
			// The plus keeps SQLite from going by revision, where an import has millions.
			seq, err := s.integer(ctx, "SELECT coalesce(min(from_seq), 0) FROM "+table+" WHERE +from_seq > ? AND "+where, append([]value{int64(after)}, args...)...)
			if err == nil && seq != 0 && (*least == 0 || seq < *least) {
				*least = seq
			}
			return err
		}
		list := numberList(around)
		for _, f := range authorityFacts {
			if err := first(&deciding, f.table, f.of+among, list); err != nil {
				return err
			}
		}
		for _, f := range ownFacts {
			for _, column := range f.of {
				if err := first(&own, f.fact.table, column+" = ?", number(org)); err != nil {
					return err
				}
			}
		}
		if err := first(&own, "document_party", "party = ? AND kind IN "+turnedDocuments, number(org)); err != nil {
			return err
		}
		for _, table := range []string{"feed_version", "catalogue_version"} {
			seq, err := s.integer(ctx, "SELECT coalesce(min(from_seq), 0) FROM "+table+" WHERE from_seq > ?", int64(after))
			if err != nil {
				return err
			}
			if seq != 0 && (own == 0 || seq < own) {
				own = seq
			}
		}
		seq := deciding
		if seq == 0 || own != 0 && own < seq {
			seq = own
		}
		if seq == 0 {
			return nil
		}
		authority = seq == deciding
		row, err := s.one(ctx, "SELECT "+revisionColumns+" WHERE seq = ?", seq)
		rev = revisionOf(row)
		return err
	})
	return rev, authority, err
}

// FirstSince returns the first revision made at or after an instant; Seq is 0
// when there is none yet.
func (db *DB) FirstSince(ctx context.Context, at time.Time) (rev Revision, err error) {
	err = db.read(ctx, func(s *session) error {
		row, err := s.one(ctx, "SELECT "+revisionColumns+" WHERE at >= ? ORDER BY at, seq LIMIT 1", at.UnixNano())
		rev = revisionOf(row)
		return err
	})
	return rev, err
}

// Revision returns a revision by its number; Seq is 0 when there is none.
func (db *DB) Revision(ctx context.Context, seq fullmakt.Seq) (rev Revision, err error) {
	err = db.read(ctx, func(s *session) error {
		row, err := s.one(ctx, "SELECT "+revisionColumns+" WHERE seq = ?", int64(seq))
		rev = revisionOf(row)
		return err
	})
	return rev, err
}

// Turns returns what one revision says of an organisation, of what it gives and is
// given, and of the whole register: each fact with what held before. For
// organisation 0 that is all of it, but organisations only where there are at most
// limit of them; wholly tells whether they are there.
func (db *DB) Turns(ctx context.Context, seq fullmakt.Seq, org fullmakt.PartyNo, limit int) (turns []Turn, wholly bool, err error) {
	err = db.read(ctx, func(s *session) error {
		facts := func(f *fact, which string, args ...value) error {
			var rows [][]driver.Value
			err := s.each(ctx, f.selected()+" WHERE "+which+" ORDER BY "+strings.Join(f.key, ", "), args, func(row []value) error {
				rows = append(rows, append([]value{}, row...))
				return nil
			})
			if err != nil {
				return err
			}
			for _, row := range rows {
				turn := Turn{Now: f.change(row)}
				before, err := s.one(ctx, f.selected()+" WHERE "+f.where()+" AND to_seq = ?", append(row[:len(f.key):len(f.key)], int64(seq))...)
				if err != nil {
					return err
				}
				if before != nil {
					turn.Before = f.change(before)
				}
				turns = append(turns, turn)
			}
			return nil
		}
		if err := facts(&feedFact, "from_seq = ?", int64(seq)); err != nil {
			return err
		}
		if err := facts(&catalogueFact, "from_seq = ?", int64(seq)); err != nil {
			return err
		}
		var err error
		if wholly, err = db.organisationTurns(ctx, s, seq, org, limit, &turns); err != nil {
			return err
		}
		for _, f := range ownFacts {
			which, args := "from_seq = ?", []value{int64(seq)}
			if org != 0 {
				which = "+from_seq = ? AND (" + strings.Join(f.of, " = ? OR ") + " = ?)"
				for range f.of {
					args = append(args, number(org))
				}
			}
			if err := facts(f.fact, which, args...); err != nil {
				return err
			}
		}
		if org == 0 {
			return facts(&documentFact, "from_seq = ? AND kind IN "+turnedDocuments, int64(seq))
		}
		return facts(&documentFact, "(kind, id, from_seq) IN (SELECT kind, id, from_seq FROM document_party WHERE party = ? AND from_seq = ? AND kind IN "+turnedDocuments+")",
			number(org), int64(seq))
	})
	return turns, wholly, err
}

// organisationTurns adds the organisations of Turns.
func (db *DB) organisationTurns(ctx context.Context, s *session, seq fullmakt.Seq, org fullmakt.PartyNo, limit int, turns *[]Turn) (wholly bool, err error) {
	codes, err := db.codes.current(ctx, s)
	if err != nil {
		return false, err
	}
	which, args := "from_seq = ?", []value{int64(seq)}
	if org != 0 {
		which, args = "party = ? AND +from_seq = ?", []value{number(org), int64(seq)}
	}
	var found []Turn
	for _, table := range []string{"org_past", "org_now"} {
		err := s.each(ctx, "SELECT party, body FROM "+table+" WHERE "+which+" LIMIT ?", append(args[:len(args):len(args)], int64(limit+1)), func(row []value) error {
			o, err := parseRow(row, codes)
			found = append(found, Turn{Now: o})
			return err
		})
		if err != nil {
			return false, err
		}
	}
	if len(found) > limit {
		return false, nil
	}
	for i := range found {
		row, err := s.one(ctx, "SELECT party, body FROM org_past WHERE party = ? AND to_seq = ?", number(found[i].Now.(fullmakt.Organisation).Party), int64(seq))
		if err != nil {
			return false, err
		}
		if row != nil {
			if found[i].Before, err = parseRow(row, codes); err != nil {
				return false, err
			}
		}
	}
	*turns = append(*turns, found...)
	return true, nil
}
