package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Revision is one atomic change to the store.
type Revision struct {
	Seq  fullmakt.Seq
	At   time.Time // when it was made, in UTC; never earlier than the revision before
	Note string    // what made it, such as the command; no personal data
	// NextParty is the number that the next new party will get.
	NextParty fullmakt.PartyNo
}

// The tables that a revision has rows in (revision.kinds).
const (
	wroteParty = 1 << iota // party_change; new parties show in next_party
	wroteOrg
	wrotePerson
	wroteUser
	wroteGrant
	wroteFeed
	wroteCatalogue
	wroteSystemUser
	wroteAgent
	wroteDelegation
	wroteScope
	wroteDocument
)

const revisionColumns = "seq, at, note, next_party FROM revision"

func revisionOf(row []driver.Value) Revision {
	if row == nil {
		return Revision{NextParty: 1}
	}
	return Revision{
		Seq:       fullmakt.Seq(asInt(row[0])),
		At:        time.Unix(0, asInt(row[1])).UTC(),
		Note:      asString(row[2]),
		NextParty: fullmakt.PartyNo(asInt(row[3])),
	}
}

// Head returns the latest revision; in an empty store one with Seq 0.
func (db *DB) Head(ctx context.Context) (rev Revision, err error) {
	err = db.read(ctx, func(s *session) error {
		rev, err = s.head(ctx)
		return err
	})
	return rev, err
}

func (s *session) head(ctx context.Context) (Revision, error) {
	row, err := s.one(ctx, "SELECT "+revisionColumns+" ORDER BY seq DESC LIMIT 1")
	return revisionOf(row), err
}

// reached returns an error with code CodeStale when revision seq is not there yet.
func (s *session) reached(ctx context.Context, seq fullmakt.Seq) error {
	head, err := s.head(ctx)
	if err == nil && seq > head.Seq {
		err = fullmakt.Errorf(fullmakt.CodeStale, "revision %d is not here yet; the store is at %d", seq, head.Seq)
	}
	return err
}

// RevisionAt returns the last revision made at or before t. It reports false
// when t lies before the first.
func (db *DB) RevisionAt(ctx context.Context, t time.Time) (rev Revision, ok bool, err error) {
	err = db.read(ctx, func(s *session) error {
		row, err := s.one(ctx, "SELECT "+revisionColumns+" WHERE at <= ? ORDER BY at DESC, seq DESC LIMIT 1", t.UnixNano())
		rev, ok = revisionOf(row), row != nil
		return err
	})
	return rev, ok, err
}
