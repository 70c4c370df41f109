package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// Two handles on one store stand for two processes: SQLite locks between them alike.
func testTwoHandles(t *testing.T, open Opener) {
	dir := t.TempDir()
	a, b := mustOpen(t, open, dir), mustOpen(t, open, dir)
	mustAppend(t, a, 0, small()...)
	same(t, "what the other sees", state(t, b), state(t, a))
	_, err := b.Append(t.Context(), 0, moment(2), "", of(org(1)))
	wantCode(t, "append at an old head", err, fullmakt.CodeConflict)
	// Codes that the one introduced, the other reads and goes on from.
	seq := mustAppend(t, b, 1, org(6), fullmakt.Organisation{Party: 6, Form: "B-FORM"})
	seq = mustAppend(t, a, seq, org(7), fullmakt.Organisation{Party: 7, Form: "A-FORM"}, fullmakt.Organisation{Party: 6, Form: "A-FORM"})
	seq = mustAppend(t, b, seq, fullmakt.Organisation{Party: 7, Form: "B-FORM"})
	same(t, "state", state(t, a), state(t, b))
	same(t, "log", collect(t, a.Changes(t.Context(), 1)), collect(t, b.Changes(t.Context(), 1)))
	same(t, "head", headSeq(t, a), seq)
	clean(t, a)
}

// testContention lets writers on two handles add parties, each retrying when
// another came first.
func testContention(t *testing.T, open Opener) {
	dir := t.TempDir()
	handles := []*sqlite.DB{mustOpen(t, open, dir), mustOpen(t, open, dir)}
	const each = 10
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			db := handles[w%2]
			for n := 0; n < each; {
				head, err := db.Head(context.Background())
				if err != nil {
					t.Errorf("head: %v", err)
					return
				}
				p := org(head.NextParty)
				_, err = db.Append(context.Background(), head.Seq, moment(1), "", of(p, fullmakt.Organisation{Party: p.No, Form: "AS"}))
				switch {
				case err == nil:
					n++
				case fullmakt.ErrorCode(err) != fullmakt.CodeConflict:
					t.Errorf("append: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	head, err := handles[0].Head(t.Context())
	if err != nil || head.Seq != 4*each || head.NextParty != 4*each+1 {
		t.Errorf("head %+v, %v", head, err)
	}
	clean(t, handles[1])
}

// testConsistentReading writes, purges included, while a reading is under way.
func testConsistentReading(t *testing.T, open Opener) {
	dir := t.TempDir()
	a, b := mustOpen(t, open, dir), mustOpen(t, open, dir)
	mustAppend(t, a, 0, small()...)
	want := state(t, a)
	var got []fullmakt.Change
	for c, err := range a.State(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, c); len(got) == 1 {
			seq := mustAppend(t, b, 1, fullmakt.Purge{Party: 2})
			mustAppend(t, a, seq, fullmakt.Organisation{Party: 1, Form: "DA"})
			// A reading inside the reading sees the new head.
			same(t, "head", headSeq(t, a), fullmakt.Seq(3))
		}
	}
	same(t, "the reading that began before", withoutUUIDs(got), want)
	for range a.State(t.Context()) {
		break // a consumer may leave
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var last error
	for _, err := range a.State(ctx) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a cancelled reading ends with %v", last)
	}
	clean(t, a)
}

func testReopen(t *testing.T, open Opener) {
	dir := t.TempDir()
	m := newModel()
	for n := range 5 {
		db, err := open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		changes := []fullmakt.Change{org(m.next())}
		changes = append(changes, fullmakt.Organisation{Party: m.next(), Form: fullmakt.OrgForm(fmt.Sprint("F", n))}, fullmakt.Organisation{Party: 1, Form: fullmakt.OrgForm(fmt.Sprint("G", n))})
		m.append(changes)
		mustAppend(t, db, fullmakt.Seq(n), changes...)
		same(t, "state", state(t, db), m.state())
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	db := mustOpen(t, open, dir)
	same(t, "state", state(t, db), m.state())
	clean(t, db)
}

func testPurge(t *testing.T, open Opener) {
	db := mustOpen(t, open, t.TempDir())
	mustAppend(t, db, 0, small()...)
	mustAppend(t, db, 1, fullmakt.Organisation{Party: 2, Form: "ASA"})
	seq := mustAppend(t, db, 2, fullmakt.Purge{Party: 2})
	if again := mustAppend(t, db, seq, fullmakt.Purge{Party: 2}); again != seq {
		t.Errorf("purging again made revision %d", again)
	}
	same(t, "state", state(t, db), []fullmakt.Change{
		org(1), fullmakt.Purge{Party: 2}, person(3), openPerson(4), fullmakt.Purge{Party: 5},
		fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceCCR, Roles: []fullmakt.Role{{Code: fullmakt.DAGL, Holder: 2, Since: 45_000}}},
		fullmakt.Grant{From: 1, To: 3, Resource: "skjema", Right: "read", GivenBy: 3, Basis: "GIVE-1 held_via_role"},
		fullmakt.Document{Kind: fullmakt.DocumentResource, ID: "skjema", Body: []byte("{}")},
		fullmakt.Feed{Name: "ccr", Cursor: "baj00001"}, fullmakt.CatalogueUse{Digest: "d1"},
	})
	for old := range seq + 1 {
		facts, err := db.FactsAt(t.Context(), old, []fullmakt.PartyNo{2, 5})
		if err != nil || len(facts) != 0 {
			t.Errorf("facts at %d of what was purged: %v, %v", old, facts, err)
		}
	}
	if no, ok, err := db.Identify(t.Context(), org(2).ID); ok || err != nil {
		t.Errorf("the purged identity is party %d, %v", no, err)
	}
	if found, err := db.PartiesNamed(t.Context(), org(2).Name, 9); len(found) != 0 || err != nil {
		t.Errorf("the purged name: %v, %v", found, err)
	}
	if parties, err := db.Parties(t.Context(), []fullmakt.PartyNo{2}); len(parties) != 0 || err != nil {
		t.Errorf("the purged number: %v, %v", parties, err)
	}
	same(t, "the log after the purge", len(collect(t, db.Changes(t.Context(), 2))), 2)
	if uuids, err := db.UUIDs(t.Context(), []fullmakt.PartyNo{2}); len(uuids) != 0 || err != nil {
		t.Errorf("the purged number's UUID: %v, %v", uuids, err)
	}
	// The same organisation, should it come again, is another party.
	back := org(2)
	back.No = 6
	mustAppend(t, db, seq, back)
	clean(t, db)
}
