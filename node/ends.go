package node

import (
	"context"
	"iter"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// withEnds passes the changes of a register feed on and adds, after the last, what
// ends by them (rules GIVE-6 and LIFE-1), so that both stand in one revision. It
// needs no snapshot: of a whole register it keeps the units that are somebody's
// clients, and reads the store for these and for who died. head is the revision
// that the changes come after; c gives roles their meaning, nil for the embedded
// catalogue.
func withEnds(ctx context.Context, db *sqlite.DB, c *catalogue.Catalogue, head sqlite.Revision, changes iter.Seq2[fullmakt.Change, error]) iter.Seq2[fullmakt.Change, error] {
	if head.Seq == 0 {
		return changes // nothing has been given yet
	}
	return func(yield func(fullmakt.Change, error) bool) {
		t, clients, err := newTracker(ctx, db, c)
		if err != nil {
			yield(nil, err)
			return
		}
		for ch, err := range changes {
			if err == nil {
				t.See(ch)
			}
			if !yield(ch, err) {
				return
			}
		}
		ends, err := endsOf(ctx, db, head, t, clients.has)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, ch := range ends {
			if !yield(ch, nil) {
				return
			}
		}
	}
}

func newTracker(ctx context.Context, db *sqlite.DB, c *catalogue.Catalogue) (*delegation.Tracker, bitset, error) {
	if c == nil {
		var err error
		if c, err = catalogue.Embedded(); err != nil {
			return nil, nil, err
		}
	}
	nos, err := db.Clients(ctx)
	if err != nil {
		return nil, nil, err
	}
	var clients bitset
	for _, no := range nos {
		clients.set(no)
	}
	t := delegation.NewTracker(c)
	t.Keep = clients.has
	return t, clients, nil
}

func endsOf(ctx context.Context, db *sqlite.DB, head sqlite.Revision, t *delegation.Tracker, isClient func(fullmakt.PartyNo) bool) ([]fullmakt.Change, error) {
	var known []fullmakt.PartyNo
	for _, no := range t.Parties(isClient) {
		if no < head.NextParty {
			known = append(known, no)
		}
	}
	const chunk = 1000
	for len(known) > 0 {
		now := known[:min(chunk, len(known))]
		known = known[len(now):]
		facts, err := db.FactsAt(ctx, head.Seq, now)
		if err != nil {
			return nil, err
		}
		for _, fact := range facts {
			t.Before(fact)
		}
		delegated, err := db.DelegationsTo(ctx, head.Seq, now)
		if err != nil {
			return nil, err
		}
		for _, d := range delegated {
			t.Before(d)
		}
	}
	return t.Ends(), nil
}
