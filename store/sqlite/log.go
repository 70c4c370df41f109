package sqlite

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Entry is one change of the log.
type Entry struct {
	Seq    fullmakt.Seq
	At     time.Time // of its revision
	Change fullmakt.Change
}

// errDone ends a reading whose consumer wants no more.
var errDone = errors.New("the consumer is done")

// Changes reads the log back: every change of the revisions after a given one,
// ordered by revision, and within it parties before the facts. A party comes
// with the revision that first saw it and with each that renamed it, always as
// it is known now; a purged party comes as a Purge at those places, and nothing
// that rested on it comes at all. Applied in any batches, in this order, to the
// state at after, the changes give the state at the head.
//
// All of it is one consistent reading, which others' writing does not disturb.
// An error is the last thing yielded.
func (db *DB) Changes(ctx context.Context, after fullmakt.Seq) iter.Seq2[Entry, error] {
	return stream(db, ctx, func(s *session, yield func(Entry) error) error {
		codes, err := db.codes.current(ctx, s)
		if err != nil {
			return err
		}
		next, err := s.integer(ctx, "SELECT next_party FROM revision WHERE seq = ?", int64(after))
		if err != nil {
			return err
		}
		next = max(next, 1)
		type revision struct{ seq, at, next, kinds int64 }
		// Batches of revisions, so that no statement is kept open around the others.
		for last := int64(after); ; {
			var revisions []revision
			err := s.each(ctx, "SELECT seq, at, next_party, kinds FROM revision WHERE seq > ? ORDER BY seq LIMIT 1000", []value{last}, func(row []value) error {
				revisions = append(revisions, revision{asInt(row[0]), asInt(row[1]), asInt(row[2]), asInt(row[3])})
				return nil
			})
			if err != nil || len(revisions) == 0 {
				return err
			}
			for _, rev := range revisions {
				entry := Entry{Seq: fullmakt.Seq(rev.seq), At: time.Unix(0, rev.at).UTC()}
				out := func(c fullmakt.Change) error { entry.Change = c; return yield(entry) }
				if err := db.revisionChanges(ctx, s, codes, rev.seq, next, rev.next, int(rev.kinds), out); err != nil {
					return err
				}
				next, last = rev.next, rev.seq
			}
		}
	})
}

// revisionChanges reads the changes of one revision, which first saw the parties
// from first up to next.
func (db *DB) revisionChanges(ctx context.Context, s *session, codes []string, seq, first, next int64, kinds int, yield func(fullmakt.Change) error) error {
	if next > first {
		if err := db.parties(ctx, s, "WHERE no >= ? AND no < ? ORDER BY no", []value{first, next}, yield); err != nil {
			return err
		}
	}
	if kinds&wroteParty != 0 {
		err := db.parties(ctx, s, "WHERE no IN (SELECT no FROM party_change WHERE seq = ?) ORDER BY no", []value{seq}, yield)
		if err != nil {
			return err
		}
	}
	for _, f := range []struct {
		kind int
		fact *fact
	}{{wrotePerson, &personFact}, {wroteUser, &userFact}, {wroteSystemUser, &systemUserFact}, {wroteOrg, nil}, {wroteGrant, &grantFact},
		{wroteAgent, &agentFact}, {wroteDelegation, &delegationFact}, {wroteScope, &scopeFact}, {wroteDocument, &documentFact},
		{wroteFeed, &feedFact}, {wroteCatalogue, &catalogueFact}} {
		var err error
		switch {
		case kinds&f.kind == 0:
		case f.fact != nil:
			err = s.each(ctx, f.fact.selected()+" WHERE from_seq = ? ORDER BY "+strings.Join(f.fact.key, ", "), []value{seq},
				func(row []value) error { return yield(f.fact.change(row)) })
		default:
			for _, table := range []string{"org_past", "org_now"} {
				err = s.each(ctx, "SELECT party, body FROM "+table+" WHERE from_seq = ? ORDER BY party", []value{seq}, func(row []value) error {
					o, err := parseRow(row, codes)
					if err != nil {
						return err
					}
					return yield(o)
				})
				if err != nil {
					return err
				}
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// State reads the current state whole: every party by number (a Purge stands for
// one that was purged), then by number the persons known to be dead, the
// enterprise and system users, the organisations, what they gave (grants, agent
// relations, client delegations, scope grants), the documents, then the feeds and
// the catalogue in use. Versions that say "ended" are part of it.
// As with Changes, it is one consistent reading and an error comes last.
func (db *DB) State(ctx context.Context) iter.Seq2[fullmakt.Change, error] {
	return stream(db, ctx, func(s *session, yield func(fullmakt.Change) error) error {
		codes, err := db.codes.current(ctx, s)
		if err != nil {
			return err
		}
		if err := db.parties(ctx, s, "ORDER BY no", nil, yield); err != nil {
			return err
		}
		current := func(f *fact) error {
			return s.each(ctx, f.selected()+" WHERE to_seq IS NULL"+f.worth+" ORDER BY "+strings.Join(f.key, ", "), nil,
				func(row []value) error { return yield(f.change(row)) })
		}
		for _, f := range []*fact{&personFact, &userFact, &systemUserFact} {
			if err := current(f); err != nil {
				return err
			}
		}
		err = s.each(ctx, "SELECT party, body FROM org_now ORDER BY party", nil, func(row []value) error {
			o, err := parseRow(row, codes)
			if err != nil {
				return err
			}
			return yield(o)
		})
		if err != nil {
			return err
		}
		for _, f := range []*fact{&grantFact, &agentFact, &delegationFact, &scopeFact, &documentFact, &feedFact, &catalogueFact} {
			if err := current(f); err != nil {
				return err
			}
		}
		return nil
	})
}

// stream turns a reading into an iterator. In memory it is collected before
// anything is handed out, since the only connection must be free again.
func stream[T any](db *DB, ctx context.Context, readAll func(s *session, yield func(T) error) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var collected []T
		err := db.read(ctx, func(s *session) error {
			return readAll(s, func(v T) error {
				if db.inMemory() {
					collected = append(collected, v)
				} else if !yield(v, nil) {
					return errDone
				}
				return nil
			})
		})
		if errors.Is(err, errDone) {
			return
		}
		for _, v := range collected {
			if !yield(v, nil) {
				return
			}
		}
		if err != nil {
			var zero T
			yield(zero, err)
		}
	}
}
