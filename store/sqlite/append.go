package sqlite

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Append adds changes to the log as one revision, in one transaction, and
// returns its number. Either all of them are stored or none.
//
// The head must be at after: if it has moved, in this process or another, the
// error has code CodeConflict. A change that says what is already in force
// writes nothing, and when none writes anything there is no new revision:
// Append returns after.
//
// Parties get their numbers from the caller, who counts on from the head's
// NextParty (or lets Identities do so) and leaves no gap; the order of parties
// and facts among the changes is free, but each party that a fact names must be
// stored already or come in the same call, else the error has code CodeInvalid
// and names it. A new party without a UUID gets one. Later changes of the same
// thing in one call win.
//
// changes is read once, inside the transaction, in bounded memory whatever its
// length; other writers wait meanwhile, so it must not itself write to the
// store. An error it yields ends the call and is returned. at is raised to the
// head's time if it lies before. note must hold no personal data.
func (db *DB) Append(ctx context.Context, after fullmakt.Seq, at time.Time, note string, changes iter.Seq2[fullmakt.Change, error]) (fullmakt.Seq, error) {
	if db.inMemory() {
		// One connection for all: what changes reads from the store must be read first.
		var all []fullmakt.Change
		for c, err := range changes {
			if err != nil {
				return 0, err
			}
			all = append(all, c)
		}
		changes = func(yield func(fullmakt.Change, error) bool) {
			for _, c := range all {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
	seq := after
	var large, purged bool
	err := db.write(ctx, func(s *session) (bool, error) {
		head, err := s.head(ctx)
		if err != nil {
			return false, err
		}
		if head.Seq != after {
			return false, fullmakt.Errorf(fullmakt.CodeConflict, "the store is at revision %d, not %d", head.Seq, after).
				WithHint("something else wrote meanwhile; read the store again and repeat")
		}
		if err := db.keyStands(ctx, s); err != nil {
			return false, err
		}
		a, err := newAppender(ctx, db, s, head, at)
		if err != nil {
			return false, err
		}
		n := 0
		for c, err := range changes {
			if err != nil {
				return false, err
			}
			if n++; n%1024 == 0 && ctx.Err() != nil {
				return false, storeError("append", ctx.Err())
			}
			if err := a.put(c); err != nil {
				return false, err
			}
		}
		if err := a.finish(note); err != nil {
			return false, err
		}
		if a.wrote != 0 || a.next != head.NextParty {
			seq = a.seq
		}
		large, purged = a.written > bulkRows, a.purged
		return seq != after, nil
	})
	if err != nil {
		return 0, err
	}
	if large || purged { // purged: the erased identities must leave the write-ahead log too
		db.checkpoint(ctx)
	}
	return seq, nil
}

// bulkRows is the number of rows after which loading an empty store drops the
// indexes that are cheaper to make afterwards.
const bulkRows = 10_000

// appender is the state of one Append.
type appender struct {
	ctx  context.Context // for reading; the writing statements run to their end
	calm context.Context
	db   *DB
	s    *session
	seq  fullmakt.Seq
	head Revision
	at   time.Time
	next fullmakt.PartyNo // after the highest number seen

	wrote   int // bit set of wrote…
	written int // rows
	purged  bool

	seen    seen
	codes   *coder
	parties partyWriter
	orgs    orgWriter
	pairs   pairWriter

	deferred []index // dropped for the load, to be made again
}

func newAppender(ctx context.Context, db *DB, s *session, head Revision, at time.Time) (*appender, error) {
	if at.Before(head.At) && head.Seq > 0 {
		at = head.At
	}
	a := &appender{
		ctx: ctx, calm: context.WithoutCancel(ctx), db: db, s: s,
		seq: head.Seq + 1, head: head, at: at, next: head.NextParty,
		seen: seen{first: head.NextParty},
	}
	texts, err := db.codes.current(ctx, s)
	if err != nil {
		return nil, err
	}
	a.codes = newCoder(texts)
	a.parties.init(a)
	return a, a.orgs.init(a)
}

// put takes one change. Parties and organisations are gathered and written many
// at a time; the rest is rare and written at once.
func (a *appender) put(c fullmakt.Change) error {
	switch c := c.(type) {
	case fullmakt.Party:
		return a.parties.put(c)
	case fullmakt.Organisation:
		return a.orgs.put(c)
	case fullmakt.Person:
		return a.putPerson(c)
	case fullmakt.EnterpriseUser:
		return a.putUser(c)
	case fullmakt.SystemUser:
		return a.putSystemUser(c)
	case fullmakt.Grant:
		return a.putGrant(c)
	case fullmakt.Agent:
		return a.putAgent(c)
	case fullmakt.ClientDelegation:
		return a.putDelegation(c)
	case fullmakt.ScopeGrant:
		return a.putScopeGrant(c)
	case fullmakt.Document:
		return a.putDocument(c)
	case fullmakt.Purge:
		return a.purge(c.Party)
	case fullmakt.Feed:
		if c.Name == "" {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "a feed needs a name")
		}
		return a.putFact(&feedFact, wroteFeed, []value{text(c.Name)}, []value{text(c.Cursor), text(c.Stale)})
	case fullmakt.CatalogueUse:
		return a.putFact(&catalogueFact, wroteCatalogue, []value{text("catalogue")}, []value{text(c.Digest)})
	}
	return fullmakt.Errorf(fullmakt.CodeInternal, "unknown change %T", c)
}

// finish writes what is gathered, checks that what the changes rest on is there,
// and adds the revision.
func (a *appender) finish(note string) error {
	if err := a.parties.flush(); err != nil {
		return err
	}
	if err := a.orgs.flush(); err != nil {
		return err
	}
	if err := a.seen.verify(a.next); err != nil {
		return err
	}
	if err := a.pairs.flush(a); err != nil {
		return err
	}
	if err := a.codes.store(a.calm, a.s); err != nil {
		return err
	}
	for _, ix := range a.deferred {
		if err := a.s.exec(a.ctx, ix.make); err != nil {
			if isConstraint(err) {
				return a.parties.duplicate(err)
			}
			return err
		}
	}
	if a.wrote == 0 && a.next == a.head.NextParty {
		return nil
	}
	return a.s.exec(a.calm, "INSERT INTO revision VALUES (?, ?, ?, ?, ?)",
		int64(a.seq), a.at.UnixNano(), note, int64(a.next), int64(a.wrote))
}

// index is one that a load into an empty store makes at the end.
type index struct{ name, make string }

var (
	partyIndexes = []index{
		{"party_org", "CREATE UNIQUE INDEX party_org ON party (org) WHERE kind = 1"},
		{"party_ident", "CREATE UNIQUE INDEX party_ident ON party (ident) WHERE ident IS NOT NULL"},
	}
	orgIndexes = []index{{"org_now_seq", "CREATE INDEX org_now_seq ON org_now (from_seq)"}}
)

// postpone drops indexes of a table that was empty at the start.
func (a *appender) postpone(indexes []index) error {
	for _, ix := range indexes {
		if err := a.s.exec(a.calm, "DROP INDEX "+ix.name); err != nil {
			return err
		}
	}
	a.deferred = append(a.deferred, indexes...)
	return nil
}

// seen keeps what is known of the numbers from first on, which had not been
// given out before this Append.
type seen struct {
	first fullmakt.PartyNo
	state []uint16
}

// The bits of seen.state: the low ones are the kind.
const (
	seenKind   = 0x07
	seenGiven  = 0x08  // the party came
	wantAny    = 0x10  // a fact names it
	wantOrg    = 0x20  // a fact is about it as an organisation,
	wantHuman  = 0x40  // as a person,
	wantUser   = 0x80  // as an enterprise user,
	wantSystem = 0x100 // as a system user,
	wantActor  = 0x200 // as an agent: a person or a system user,
	wantClient = 0x400 // as a client: an organisation or a person
)

// kindsFor lists the kinds of party that will do for each of the bits want….
var kindsFor = []struct {
	want  uint16
	kinds []fullmakt.PartyKind
}{
	{wantOrg, []fullmakt.PartyKind{fullmakt.KindOrganisation}},
	{wantHuman, []fullmakt.PartyKind{fullmakt.KindPerson}},
	{wantUser, []fullmakt.PartyKind{fullmakt.KindEnterpriseUser}},
	{wantSystem, []fullmakt.PartyKind{fullmakt.KindSystemUser}},
	{wantActor, []fullmakt.PartyKind{fullmakt.KindPerson, fullmakt.KindSystemUser}},
	{wantClient, []fullmakt.PartyKind{fullmakt.KindOrganisation, fullmakt.KindPerson}},
}

// wrongKind returns the kinds that a party would have to be of for the bits want,
// or nil when the one it is will do for all of them.
func wrongKind(is fullmakt.PartyKind, want uint16) []fullmakt.PartyKind {
	for _, f := range kindsFor {
		if want&f.want != 0 && !slices.Contains(f.kinds, is) {
			return f.kinds
		}
	}
	return nil
}

// mostNew bounds how far ahead of the head a number may lie, so that a wrong one
// does not exhaust memory.
const mostNew = 1 << 27

// at returns the state of a number, or nil when it had been given out before.
func (k *seen) at(no fullmakt.PartyNo) (*uint16, error) {
	if no < k.first {
		if no == 0 {
			return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "party 0 stands for nobody and can carry nothing")
		}
		return nil, nil
	}
	i := int(no - k.first)
	if i >= mostNew {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "party %d is not known: numbers go on from %d without a gap", no, k.first)
	}
	if i >= len(k.state) {
		k.state = append(k.state, make([]uint16, i+1-len(k.state))...)
	}
	return &k.state[i], nil
}

// want notes that a fact needs party no.
func (k *seen) want(no fullmakt.PartyNo, bits uint16) error {
	state, err := k.at(no)
	if state != nil {
		*state |= bits
	}
	return err
}

// verify checks that every number before next was given, and that facts are
// about parties of the right kind.
func (k *seen) verify(next fullmakt.PartyNo) error {
	var unknown, gap, kind []string
	for i, state := range k.state {
		name := fmt.Sprint // only called for the few that are wrong
		no := k.first + fullmakt.PartyNo(i)
		is := fullmakt.PartyKind(state & seenKind)
		switch {
		case state&seenGiven == 0 && state >= wantAny:
			unknown = append(unknown, name(no))
		case state&seenGiven == 0 && no < next:
			gap = append(gap, name(no))
		case wrongKind(is, state) != nil:
			kind = append(kind, name(no))
		}
		if len(unknown)+len(gap)+len(kind) > 20 {
			break
		}
	}
	switch {
	case unknown != nil:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "facts name parties that are not known: %s", strings.Join(unknown, ", "))
	case gap != nil:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "party numbers go on without a gap; missing: %s", strings.Join(gap, ", "))
	case kind != nil:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "facts are about parties of another kind: %s", strings.Join(kind, ", "))
	}
	return nil
}
