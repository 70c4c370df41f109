package sqlite_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// olderStore unpacks the store that the last program with tables of version 1
// wrote: three organisations and persons, an enterprise user, grants of which one
// has ended, and a purge, in three revisions.
func olderStore(t *testing.T) (path string) {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", "tables-version-1.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOlderStoreKeepsAll opens a store of tables version 1: all that it held is
// there, the past too, and the new kinds of fact can be added.
func TestOlderStoreKeepsAll(t *testing.T) {
	path := olderStore(t)
	db, err := sqlite.Open(t.Context(), path, sqlite.Key{7})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { db.Close() }()
	number := fullmakt.NextOrgNumber(31_000_001)
	ended := fullmakt.Grant{From: 1, To: 3, Package: "skatt-naering", Valid: fullmakt.Interval{From: 5, To: 7}, GivenBy: 3, Ended: true}
	want := []fullmakt.Change{
		fullmakt.Party{No: 1, ID: fullmakt.OrganisationID(number), Name: "Bergen AS"},
		fullmakt.Party{No: 2, ID: fullmakt.OrganisationID(fullmakt.NextOrgNumber(31_000_002)), Name: "Trondheim AS"},
		kari(t, 3),
		fullmakt.Party{No: 4, ID: fullmakt.EnterpriseUserID(number, "bruker"), Name: "bruker"},
		fullmakt.Purge{Party: 5},
		fullmakt.Person{Party: 3, Dead: true},
		fullmakt.EnterpriseUser{Party: 4, Owner: 1},
		fullmakt.Organisation{Party: 1, Form: "ASA", Source: fullmakt.SourceCCR, Roles: []fullmakt.Role{{Code: "REGN", Holder: 2}}},
		fullmakt.Organisation{Party: 2, Form: "AS", Source: fullmakt.SourceCCR},
		ended,
		fullmakt.Grant{From: 1, To: 4, Role: fullmakt.ECKEY},
		fullmakt.Feed{Name: "ccr", Cursor: "2"},
		fullmakt.CatalogueUse{Digest: "d"},
	}
	state := func() (all []fullmakt.Change) {
		t.Helper()
		for c, err := range db.State(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if p, ok := c.(fullmakt.Party); ok {
				p.UUID = fullmakt.UUID{}
				c = p
			}
			all = append(all, c)
		}
		return all
	}
	if diff := cmp.Diff(want, state(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("state (- want, + got):\n%s", diff)
	}
	was := ended
	was.Ended = false
	past, err := db.FactsAt(t.Context(), 1, []fullmakt.PartyNo{3})
	if diff := cmp.Diff([]fullmakt.Change{was}, past); err != nil || diff != "" {
		t.Errorf("facts about party 3 at revision 1: %v (- want, + got):\n%s", err, diff)
	}
	given := []fullmakt.Change{
		fullmakt.Grant{From: 2, To: 4, Resource: "skjema", Right: "read"},
		fullmakt.Agent{Provider: 2, Agent: 3},
		fullmakt.ClientDelegation{Provider: 2, Client: 1, Agent: 3, Package: "lonn", Role: fullmakt.REGN},
		fullmakt.Document{Kind: fullmakt.DocumentResource, ID: "skjema", Parties: []fullmakt.PartyNo{1}, Body: []byte("{}")},
	}
	appendTo(t, db, 3, given...)
	want = append(want[:11:11], append(given, want[11:]...)...)
	if diff := cmp.Diff(want, state(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("state with more (- want, + got):\n%s", diff)
	}
	findings, err := db.Check(t.Context(), nil)
	if err != nil || len(findings) != 0 {
		t.Errorf("check: %v, %v", findings, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = sqlite.Open(t.Context(), path, sqlite.Key{7}); err != nil {
		t.Fatalf("open again: %v", err)
	}
}

// TestOlderBackupIsRestored: a backup from before is as good as one of today.
func TestOlderBackupIsRestored(t *testing.T) {
	to := filepath.Join(t.TempDir(), "restored.db")
	rev, err := sqlite.Restore(t.Context(), olderStore(t), to, sqlite.Key{7}, nil)
	if err != nil || rev.Seq != 3 {
		t.Errorf("restored at revision %d, %v", rev.Seq, err)
	}
}
