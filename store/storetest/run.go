package storetest

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Opener opens the store that lies in a folder, making it when there is none. It
// is called again for the same folder: while the store is open, and after.
type Opener func(ctx context.Context, dir string) (*sqlite.DB, error)

// Run runs the suite.
func Run(t *testing.T, open Opener) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Opener)
	}{
		{"Empty", testEmpty},
		{"Ordinary", testOrdinary},
		{"Idempotent", testIdempotent},
		{"Conflict", testConflict},
		{"Rollback", testRollback},
		{"Validation", testValidation},
		{"Identities", testIdentities},
		{"Names", testNames},
		{"UUIDs", testUUIDs},
		{"TwoHandles", testTwoHandles},
		{"Contention", testContention},
		{"ConsistentReading", testConsistentReading},
		{"Reopen", testReopen},
		{"Purge", testPurge},
		{"PurgeGiven", testPurgeGiven},
		{"Bulk", testBulk},
		{"History", testHistory},
		{"Crash", testCrash},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}

func mustOpen(t testing.TB, open Opener, dir string) *sqlite.DB {
	t.Helper()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// fataler is what *testing.T and *rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

func of(changes ...fullmakt.Change) iter.Seq2[fullmakt.Change, error] {
	return func(yield func(fullmakt.Change, error) bool) {
		for _, c := range changes {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// moment is the time of the n-th revision of a test.
func moment(n int) time.Time { return time.Unix(1_800_000_000+60*int64(n), 0).UTC() }

func mustAppend(t fataler, db *sqlite.DB, after fullmakt.Seq, changes ...fullmakt.Change) fullmakt.Seq {
	t.Helper()
	seq, err := db.Append(context.Background(), after, moment(int(after)+1), "test", of(changes...))
	if err != nil {
		t.Fatalf("append after %d: %v", after, err)
	}
	return seq
}

func collect[T any](t fataler, all iter.Seq2[T, error]) []T {
	t.Helper()
	var list []T
	for v, err := range all {
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		list = append(list, v)
	}
	return list
}

// state reads the state without the UUIDs that the store gave.
func state(t fataler, db *sqlite.DB) []fullmakt.Change {
	t.Helper()
	return withoutUUIDs(collect(t, db.State(context.Background())))
}

func withoutUUIDs(changes []fullmakt.Change) []fullmakt.Change {
	for i, c := range changes {
		if p, ok := c.(fullmakt.Party); ok {
			p.UUID = fullmakt.UUID{}
			changes[i] = p
		}
	}
	return changes
}

func same(t fataler, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (- want, + got):\n%s", what, diff)
	}
}

func wantCode(t fataler, what string, err error, code fullmakt.Code) {
	t.Helper()
	if got := fullmakt.ErrorCode(err); got != code {
		t.Errorf("%s: error %v with code %q, want code %q", what, err, got, code)
	}
}

// clean checks that the store finds nothing wrong with itself.
func clean(t fataler, db *sqlite.DB) {
	t.Helper()
	findings, err := db.Check(context.Background(), nil)
	if err != nil {
		t.Fatalf("check: %v", err)
	}
	for _, f := range findings {
		t.Errorf("check: %s (%s)", f.What, f.Hint)
	}
}

// org, person and openPerson make parties with synthetic identities.
func org(no fullmakt.PartyNo) fullmakt.Party {
	return fullmakt.Party{No: no, ID: fullmakt.OrganisationID(fullmakt.NextOrgNumber(31_000_000 + 10*uint32(no))), Name: fmt.Sprintf("Selskap %d AS", no)}
}

func openPerson(no fullmakt.PartyNo) fullmakt.Party {
	name := fmt.Sprintf("Ærlig Person%d", no)
	return fullmakt.Party{No: no, ID: fullmakt.OpenPersonID(fullmakt.NewDate(1980, 1, 1+int(no)%28), name), Name: name}
}

func person(no fullmakt.PartyNo) fullmakt.Party {
	return fullmakt.Party{No: no, ID: fullmakt.PersonID(syntheticID(int(no))), Name: fmt.Sprintf("Kari Nr%d", no)}
}

func user(no fullmakt.PartyNo, owner fullmakt.Party) fullmakt.Party {
	name := fmt.Sprintf("bruker%d", no)
	return fullmakt.Party{No: no, ID: fullmakt.EnterpriseUserID(owner.ID.Org, name), Name: name}
}

func system(no fullmakt.PartyNo, owner fullmakt.Party) fullmakt.Party {
	id := fullmakt.SystemUserID(owner.ID.Org, "fagsystem", fmt.Sprint(no))
	return fullmakt.Party{No: no, ID: id, Name: id.Name}
}

// syntheticID returns the n-th of the identity numbers with birth month + 80.
func syntheticID(n int) fullmakt.NationalID {
	for serial := 0; ; serial++ {
		day, month, year, individual := 1+n%28, 81+n/28%12, 60+n/336%40, 100+serial
		for check := range 100 {
			id := fullmakt.NationalID(day)*1e9 + fullmakt.NationalID(month)*1e7 + fullmakt.NationalID(year)*1e5 + fullmakt.NationalID(individual)*100 + fullmakt.NationalID(check)
			if id.Valid() {
				return id
			}
		}
	}
}
