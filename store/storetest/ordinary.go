package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

func testEmpty(t *testing.T, open Opener) {
	db := mustOpen(t, open, t.TempDir())
	head, err := db.Head(t.Context())
	if err != nil || head.Seq != 0 || head.NextParty != 1 {
		t.Errorf("head of an empty store: %+v, %v", head, err)
	}
	if _, ok, err := db.RevisionAt(t.Context(), moment(0)); ok || err != nil {
		t.Errorf("an empty store has a revision: %v", err)
	}
	same(t, "state", state(t, db), []fullmakt.Change(nil))
	same(t, "log", collect(t, db.Changes(t.Context(), 0)), []sqlite.Entry(nil))
	if seq := mustAppend(t, db, 0); seq != 0 {
		t.Errorf("no changes made revision %d", seq)
	}
	clean(t, db)
}

// small is a world of a few parties, and the changes that make it.
func small() []fullmakt.Change {
	return []fullmakt.Change{
		org(1), org(2), person(3), openPerson(4), user(5, org(2)),
		fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceCCR, Roles: []fullmakt.Role{{Code: fullmakt.DAGL, Holder: 2, Since: 45_000}}},
		fullmakt.Organisation{Party: 2, Form: "AS", Source: fullmakt.SourceCCR, Roles: []fullmakt.Role{{Code: fullmakt.DAGL, Holder: 3}, {Code: "MEDL", Holder: 4, Ended: true}}},
		fullmakt.EnterpriseUser{Party: 5, Owner: 2},
		fullmakt.Grant{From: 2, To: 5, Role: fullmakt.ECKEY},
		fullmakt.Grant{From: 1, To: 3, Resource: "skjema", Right: "read", GivenBy: 3, Basis: "GIVE-1 held_via_role"},
		fullmakt.Document{Kind: fullmakt.DocumentResource, ID: "skjema", Body: []byte("{}")},
		fullmakt.Feed{Name: "ccr", Cursor: "baj00001"},
		fullmakt.CatalogueUse{Digest: "d1"},
	}
}

func testOrdinary(t *testing.T, open Opener) {
	db, m := mustOpen(t, open, t.TempDir()), newModel()
	m.append(small())
	if seq := mustAppend(t, db, 0, small()...); seq != 1 {
		t.Fatalf("the first revision is %d", seq)
	}
	same(t, "state", state(t, db), m.state())
	head, err := db.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "head", head, sqlite.Revision{Seq: 1, At: moment(1), Note: "test", NextParty: 6})

	ended := fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceCCR}
	mustAppend(t, db, 1, ended)
	for _, test := range []struct {
		nos  []fullmakt.PartyNo
		want []fullmakt.PartyNo
	}{{[]fullmakt.PartyNo{2}, []fullmakt.PartyNo{1}}, {[]fullmakt.PartyNo{3, 4}, []fullmakt.PartyNo{1, 2}}, {[]fullmakt.PartyNo{5}, []fullmakt.PartyNo{2}}, {[]fullmakt.PartyNo{1}, nil}} {
		got, err := db.EverRelated(t.Context(), test.nos)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("ever related to %v, one of them in the past", test.nos), got, test.want)
	}
	for at, want := range map[time.Time]fullmakt.Seq{moment(1): 1, moment(2).Add(-1): 1, moment(2): 2, moment(9): 2} {
		if rev, ok, err := db.RevisionAt(t.Context(), at); err != nil || !ok || rev.Seq != want {
			t.Errorf("revision at %v: %d, %v, %v; want %d", at, rev.Seq, ok, err, want)
		}
	}
	if _, ok, err := db.RevisionAt(t.Context(), moment(1).Add(-1)); ok || err != nil {
		t.Errorf("a revision before the first: %v, %v", ok, err)
	}
	if _, err := db.FactsAt(t.Context(), 3, []fullmakt.PartyNo{1}); fullmakt.ErrorCode(err) != fullmakt.CodeStale {
		t.Errorf("facts at a revision to come: %v, want code stale", err)
	}
	// Time never runs backwards along the log.
	seq, err := db.Append(t.Context(), 2, moment(0), "", of(fullmakt.Person{Party: 3, Dead: true}))
	if err != nil {
		t.Fatal(err)
	}
	if rev, _, err := db.RevisionAt(t.Context(), moment(2)); err != nil || rev.Seq != seq {
		t.Errorf("a revision with an earlier time is not raised to the one before: %+v, %v", rev, err)
	}
	clean(t, db)
}

func testIdempotent(t *testing.T, open Opener) {
	db := mustOpen(t, open, t.TempDir())
	mustAppend(t, db, 0, small()...)
	if seq := mustAppend(t, db, 1, small()...); seq != 1 {
		t.Errorf("the same changes again made revision %d", seq)
	}
	for _, c := range small() {
		if seq := mustAppend(t, db, 1, c); seq != 1 {
			t.Errorf("%+v again made revision %d", c, seq)
		}
	}
	// One change among repetitions is a revision of that change alone.
	seq := mustAppend(t, db, 1, append(small(), fullmakt.Person{Party: 4, Dead: true})...)
	entries := collect(t, db.Changes(t.Context(), 1))
	same(t, "the log after it", entries, []sqlite.Entry{{Seq: seq, At: moment(2), Change: fullmakt.Person{Party: 4, Dead: true}}})
	// Of two versions in one revision the later stands.
	seq = mustAppend(t, db, seq, fullmakt.Feed{Name: "x", Cursor: "1"}, fullmakt.Feed{Name: "x", Cursor: "2"},
		fullmakt.Organisation{Party: 2, Form: "ANS"}, fullmakt.Organisation{Party: 2, Form: "DA"})
	same(t, "two versions in one revision", len(collect(t, db.Changes(t.Context(), seq-1))), 2)
	clean(t, db)
}

func testConflict(t *testing.T, open Opener) {
	db := mustOpen(t, open, t.TempDir())
	mustAppend(t, db, 0, small()...)
	for _, after := range []fullmakt.Seq{0, 2} {
		_, err := db.Append(t.Context(), after, moment(2), "", of(fullmakt.Person{Party: 3, Dead: true}))
		wantCode(t, fmt.Sprintf("append after %d at head 1", after), err, fullmakt.CodeConflict)
	}
	same(t, "head", headSeq(t, db), fullmakt.Seq(1))
}

func headSeq(t fataler, db *sqlite.DB) fullmakt.Seq {
	t.Helper()
	head, err := db.Head(context.Background())
	if err != nil {
		t.Fatalf("head: %v", err)
	}
	return head.Seq
}

func testRollback(t *testing.T, open Opener) {
	db := mustOpen(t, open, t.TempDir())
	mustAppend(t, db, 0, small()...)
	before := state(t, db)
	broken := errors.New("the file ends here")
	_, err := db.Append(t.Context(), 1, moment(2), "", func(yield func(fullmakt.Change, error) bool) {
		for no := range fullmakt.PartyNo(500) {
			if !yield(org(6+no), nil) || !yield(fullmakt.Organisation{Party: 6 + no, Form: "NYFORM"}, nil) {
				return
			}
		}
		yield(nil, broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("the source's error comes back as %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = db.Append(ctx, 1, moment(2), "", func(yield func(fullmakt.Change, error) bool) {
		for no := range fullmakt.PartyNo(5000) {
			if no == 100 {
				cancel()
			}
			if !yield(org(6+no), nil) {
				return
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled append returns %v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = db.Append(t.Context(), 1, moment(2), "", func(yield func(fullmakt.Change, error) bool) { panic("the source") })
	}()
	same(t, "state", state(t, db), before)
	// What was rolled back leaves nothing that is in the way, codes included.
	if seq := mustAppend(t, db, 1, org(6), fullmakt.Organisation{Party: 6, Form: "ANNENFORM"}); seq != 2 {
		t.Errorf("the next revision is %d", seq)
	}
	facts, err := db.FactsAt(t.Context(), 2, []fullmakt.PartyNo{6})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "facts", facts, []fullmakt.Change{fullmakt.Organisation{Party: 6, Form: "ANNENFORM"}})
	clean(t, db)
}

func testValidation(t *testing.T, open Opener) {
	db := mustOpen(t, open, t.TempDir())
	mustAppend(t, db, 0, small()...)
	seq := mustAppend(t, db, 1, org(6), fullmakt.Purge{Party: 6})
	owned := org(7)
	owned.ID = org(1).ID
	twin := person(7)
	twin.ID = person(3).ID
	other := person(3)
	other.ID = person(8).ID
	for _, test := range []struct {
		name    string
		changes []fullmakt.Change
		code    fullmakt.Code
		names   string // what the message must name
	}{
		{"unknown holder", []fullmakt.Change{fullmakt.Organisation{Party: 1, Roles: []fullmakt.Role{{Code: "DAGL", Holder: 77}}}}, fullmakt.CodeInvalid, "77"},
		{"unknown parent", []fullmakt.Change{fullmakt.Organisation{Party: 1, Parent: 7}}, fullmakt.CodeInvalid, "7"},
		{"unknown organisation", []fullmakt.Change{fullmakt.Organisation{Party: 1 << 31}}, fullmakt.CodeInvalid, "2147483648"},
		{"own parent", []fullmakt.Change{fullmakt.Organisation{Party: 1, Parent: 1}}, fullmakt.CodeInvalid, "1"},
		{"role without a holder", []fullmakt.Change{fullmakt.Organisation{Party: 1, Roles: []fullmakt.Role{{Code: "DAGL"}}}}, fullmakt.CodeInvalid, "1"},
		{"an organisation that is a person", []fullmakt.Change{fullmakt.Organisation{Party: 3}}, fullmakt.CodeInvalid, "3"},
		{"a new organisation that is a person", []fullmakt.Change{fullmakt.Organisation{Party: 7}, person(7)}, fullmakt.CodeInvalid, "7"},
		{"a person that is an organisation", []fullmakt.Change{fullmakt.Person{Party: 1, Dead: true}}, fullmakt.CodeInvalid, "1"},
		{"a user that is a person", []fullmakt.Change{fullmakt.EnterpriseUser{Party: 3, Owner: 1}}, fullmakt.CodeInvalid, "3"},
		{"unknown owner", []fullmakt.Change{fullmakt.EnterpriseUser{Party: 5, Owner: 78}}, fullmakt.CodeInvalid, "78"},
		{"unknown receiver", []fullmakt.Change{fullmakt.Grant{From: 1, To: 79, Package: "p"}}, fullmakt.CodeInvalid, "79"},
		{"grant of nothing", []fullmakt.Change{fullmakt.Grant{From: 1, To: 3}}, fullmakt.CodeInvalid, ""},
		{"grant that ends before it begins", []fullmakt.Change{fullmakt.Grant{From: 1, To: 3, Package: "p", Valid: fullmakt.Interval{From: 9, To: 9}}}, fullmakt.CodeInvalid, ""},
		{"a gap in the numbers", []fullmakt.Change{org(8)}, fullmakt.CodeInvalid, "7"},
		{"party 0", []fullmakt.Change{org(0)}, fullmakt.CodeInvalid, "0"},
		{"a party of no kind", []fullmakt.Change{fullmakt.Party{No: 7}}, fullmakt.CodeInvalid, "7"},
		{"a purged party", []fullmakt.Change{org(6)}, fullmakt.CodeInvalid, "6"},
		{"facts of a purged party", []fullmakt.Change{fullmakt.Organisation{Party: 6, Form: "AS"}}, fullmakt.CodeInvalid, "6"},
		{"a grant to a purged party", []fullmakt.Change{fullmakt.Grant{From: 1, To: 6, Package: "p"}}, fullmakt.CodeInvalid, "6"},
		{"an organisation number twice", []fullmakt.Change{owned}, fullmakt.CodeConflict, "1"},
		{"an identity twice", []fullmakt.Change{twin}, fullmakt.CodeConflict, "3"},
		{"another identity", []fullmakt.Change{other}, fullmakt.CodeInvalid, "3"},
		{"a grant of two things", []fullmakt.Change{fullmakt.Grant{From: 1, To: 3, Package: "p", Resource: "r", Right: "read"}}, fullmakt.CodeInvalid, "of 2"},
		{"a grant of a right to nothing", []fullmakt.Change{fullmakt.Grant{From: 1, To: 3, Right: "read"}}, fullmakt.CodeInvalid, "the resource"},
		{"a grant of a resource without a right", []fullmakt.Change{fullmakt.Grant{From: 1, To: 3, Package: "p", Resource: "r"}}, fullmakt.CodeInvalid, "the resource"},
		{"a cause why a grant in force ended", []fullmakt.Change{fullmakt.Grant{From: 1, To: 3, Package: "p", Cause: fullmakt.CauseRevoked}}, fullmakt.CodeInvalid, "has not ended"},
		{"an unknown cause", []fullmakt.Change{fullmakt.Grant{From: 1, To: 3, Package: "p", Ended: true, Cause: 99}}, fullmakt.CodeInvalid, "99"},
		{"a grant by nobody known", []fullmakt.Change{fullmakt.Grant{From: 1, To: 3, Package: "p", GivenBy: 80}}, fullmakt.CodeInvalid, "80"},
		{"an agent of a person", []fullmakt.Change{fullmakt.Agent{Provider: 3, Agent: 4}}, fullmakt.CodeInvalid, "3"},
		{"an agent that is an organisation", []fullmakt.Change{fullmakt.Agent{Provider: 1, Agent: 2}}, fullmakt.CodeInvalid, "2"},
		{"an agent that is an enterprise user", []fullmakt.Change{fullmakt.Agent{Provider: 1, Agent: 5}}, fullmakt.CodeInvalid, "5"},
		{"a new agent that is an organisation", []fullmakt.Change{org(7), fullmakt.Agent{Provider: 1, Agent: 7}}, fullmakt.CodeInvalid, "7"},
		{"a delegation of nothing", []fullmakt.Change{fullmakt.ClientDelegation{Provider: 1, Client: 2, Agent: 3}}, fullmakt.CodeInvalid, "package"},
		{"a delegation for the provider itself", []fullmakt.Change{fullmakt.ClientDelegation{Provider: 1, Client: 1, Agent: 3, Package: "p"}}, fullmakt.CodeInvalid, "client"},
		{"a delegation by a person", []fullmakt.Change{fullmakt.ClientDelegation{Provider: 3, Client: 1, Agent: 4, Package: "p"}}, fullmakt.CodeInvalid, "3"},
		{"a delegation for a user", []fullmakt.Change{fullmakt.ClientDelegation{Provider: 1, Client: 5, Agent: 4, Package: "p"}}, fullmakt.CodeInvalid, "5"},
		{"a delegation to an organisation", []fullmakt.Change{fullmakt.ClientDelegation{Provider: 1, Client: 3, Agent: 2, Package: "p"}}, fullmakt.CodeInvalid, "2"},
		{"a delegation of a purged party", []fullmakt.Change{fullmakt.ClientDelegation{Provider: 1, Client: 6, Agent: 3, Package: "p"}}, fullmakt.CodeInvalid, "6"},
		{"a scope grant of nothing", []fullmakt.Change{fullmakt.ScopeGrant{From: 1, To: 2}}, fullmakt.CodeInvalid, "scheme"},
		{"a scope grant to itself", []fullmakt.Change{fullmakt.ScopeGrant{From: 1, To: 1, Scheme: "s"}}, fullmakt.CodeInvalid, "itself"},
		{"a scope grant to a person", []fullmakt.Change{fullmakt.ScopeGrant{From: 1, To: 3, Scheme: "s"}}, fullmakt.CodeInvalid, "3"},
		{"a scope grant that ends before it begins", []fullmakt.Change{fullmakt.ScopeGrant{From: 1, To: 2, Scheme: "s", Valid: fullmakt.Interval{From: 9, To: 8}}}, fullmakt.CodeInvalid, "before it begins"},
		{"a system user that is an enterprise user", []fullmakt.Change{fullmakt.SystemUser{Party: 5, Owner: 2}}, fullmakt.CodeInvalid, "5"},
		{"a system user of a person", []fullmakt.Change{system(7, org(1)), fullmakt.SystemUser{Party: 7, Owner: 3}}, fullmakt.CodeInvalid, "3"},
		{"a document without an id", []fullmakt.Change{fullmakt.Document{Kind: fullmakt.DocumentPolicy}}, fullmakt.CodeInvalid, "id"},
		{"a document with a very long id", []fullmakt.Change{fullmakt.Document{Kind: fullmakt.DocumentPolicy, ID: strings.Repeat("x", 1000)}}, fullmakt.CodeInvalid, "512"},
		{"a document about nobody known", []fullmakt.Change{fullmakt.Document{Kind: fullmakt.DocumentPolicy, ID: "x", Parties: []fullmakt.PartyNo{81}}}, fullmakt.CodeInvalid, "81"},
		{"a document about a purged party", []fullmakt.Change{fullmakt.Document{Kind: fullmakt.DocumentPolicy, ID: "x", Parties: []fullmakt.PartyNo{6}}}, fullmakt.CodeInvalid, "6"},
		{"a feed without a name", []fullmakt.Change{fullmakt.Feed{Cursor: "1"}}, fullmakt.CodeInvalid, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := db.Append(t.Context(), seq, moment(3), "", of(test.changes...))
			wantCode(t, test.name, err, test.code)
			if err != nil && !strings.Contains(err.Error(), test.names) {
				t.Errorf("the message %q does not name %s", err, test.names)
			}
			if got := headSeq(t, db); got != seq {
				t.Errorf("the head is %d", got)
			}
		})
	}
	clean(t, db)
}

func testIdentities(t *testing.T, open Opener) {
	db := mustOpen(t, open, t.TempDir())
	mustAppend(t, db, 0, small()...)
	ids, err := db.Identities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []fullmakt.Party{org(1), org(2), person(3), openPerson(4), user(5, org(2))} {
		no, ok, err := db.Identify(t.Context(), p.ID)
		if err != nil || !ok || no != p.No {
			t.Errorf("identify party %d: %d, %v, %v", p.No, no, ok, err)
		}
		if got := ids.Lookup(p.ID); got != p.No {
			t.Errorf("look up party %d: %d", p.No, got)
		}
		if got, isNew := ids.Assign(p.ID); got != p.No || isNew {
			t.Errorf("assign party %d: %d, %v", p.No, got, isNew)
		}
	}
	strangers := []fullmakt.Party{org(6), person(7), openPerson(8), user(9, org(1))}
	for _, p := range append(strangers, fullmakt.Party{}) {
		if no, ok, err := db.Identify(t.Context(), p.ID); ok || err != nil {
			t.Errorf("a stranger is party %d, %v", no, err)
		}
		if no := ids.Lookup(p.ID); no != 0 {
			t.Errorf("a stranger is party %d", no)
		}
	}
	for _, p := range strangers {
		if no, isNew := ids.Assign(p.ID); no != p.No || !isNew {
			t.Errorf("assign new party %d: %d, %v", p.No, no, isNew)
		}
		if no, isNew := ids.Assign(p.ID); no != p.No || isNew {
			t.Errorf("assign party %d again: %d, %v", p.No, no, isNew)
		}
	}
	// Enough of them that the tables grow several times.
	for no := fullmakt.PartyNo(10); no < 1500; no += 2 {
		for _, p := range []fullmakt.Party{org(no), openPersonOf(no + 1)} {
			if got, isNew := ids.Assign(p.ID); got != p.No || !isNew {
				t.Fatalf("assign new party %d: %d, %v", p.No, got, isNew)
			}
		}
	}
	for no := fullmakt.PartyNo(10); no < 1500; no += 2 {
		if a, b := ids.Lookup(org(no).ID), ids.Lookup(openPersonOf(no+1).ID); a != no || b != no+1 {
			t.Fatalf("look up parties %d and %d: %d, %d", no, no+1, a, b)
		}
	}
	if ids.Next() != 1500 {
		t.Errorf("next is %d", ids.Next())
	}
}

func openPersonOf(no fullmakt.PartyNo) fullmakt.Party {
	p := openPerson(no)
	p.ID = fullmakt.OpenPersonID(1, fmt.Sprint("x", no))
	return p
}

func testNames(t *testing.T, open Opener) {
	db := mustOpen(t, open, t.TempDir())
	a, b, c := org(1), openPerson(2), person(3)
	a.Name, b.Name, c.Name = "Ærlig  Hansen", "ærlig hansen", "Ola Nordmann"
	mustAppend(t, db, 0, a, b, c)
	for _, indexed := range []bool{false, true, true} {
		if indexed {
			if err := db.IndexNames(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, test := range []struct {
			name  string
			limit int
			want  []fullmakt.Change
		}{
			{" ÆRLIG hansen ", 9, []fullmakt.Change{a, b}}, {"ærlig hansen", 1, []fullmakt.Change{a}},
			{"Ola Nordmann", 9, []fullmakt.Change{c}}, {"Ola", 9, nil}, {"", 9, nil},
		} {
			found, err := db.PartiesNamed(t.Context(), test.name, test.limit)
			if err != nil {
				t.Fatal(err)
			}
			var got []fullmakt.Change
			for _, p := range found {
				got = append(got, p)
			}
			same(t, fmt.Sprintf("named %q", test.name), withoutUUIDs(got), test.want)
		}
	}
	// A new name replaces the old one, also in the index.
	a.Name = "Nytt Navn"
	mustAppend(t, db, 1, a)
	if found, err := db.PartiesNamed(t.Context(), "nytt navn", 9); err != nil || len(found) != 1 {
		t.Errorf("by the new name: %v, %v", found, err)
	}
	if found, err := db.PartiesNamed(t.Context(), "ærlig hansen", 9); err != nil || len(found) != 1 || found[0].No != 2 {
		t.Errorf("by the old name: %v, %v", found, err)
	}
	entries := collect(t, db.Changes(t.Context(), 1))
	if len(entries) != 1 {
		t.Errorf("the log after a renaming: %v", entries)
	}
}

func testUUIDs(t *testing.T, open Opener) {
	db := mustOpen(t, open, t.TempDir())
	given := org(2)
	given.UUID = fullmakt.UUID{1, 2, 3, 15: 1} // ends in the number of party 1
	mustAppend(t, db, 0, org(1), given, person(3))
	parties, err := db.Parties(t.Context(), []fullmakt.PartyNo{3, 1, 2, 2, 99, 0})
	if err != nil || len(parties) != 3 {
		t.Fatalf("parties: %v, %v", parties, err)
	}
	for _, p := range parties {
		if p.UUID == (fullmakt.UUID{}) {
			t.Errorf("party %d has no UUID", p.No)
		}
		if got, ok, err := db.PartyByUUID(t.Context(), p.UUID); err != nil || !ok || got != p {
			t.Errorf("party %d by UUID: %+v, %v, %v", p.No, got, ok, err)
		}
	}
	uuids, err := db.UUIDs(t.Context(), []fullmakt.PartyNo{3, 1, 2, 2, 99, 0})
	if err != nil || len(uuids) != 3 {
		t.Errorf("UUIDs by number: %v, %v", uuids, err)
	}
	for _, p := range parties {
		if uuids[p.No] != p.UUID {
			t.Errorf("party %d has the UUID %s, alone %s", p.No, p.UUID, uuids[p.No])
		}
	}
	if parties[1].UUID != given.UUID {
		t.Errorf("the given UUID became %s", parties[1].UUID)
	}
	if _, ok, err := db.PartyByUUID(t.Context(), fullmakt.UUID{9}); ok || err != nil {
		t.Errorf("an unknown UUID: %v, %v", ok, err)
	}
	// A party without a UUID keeps the one it has; another moves it.
	if seq := mustAppend(t, db, 1, org(2), org(1)); seq != 1 {
		t.Errorf("parties without a UUID made revision %d", seq)
	}
	moved := given
	moved.UUID = fullmakt.UUID{7}
	mustAppend(t, db, 1, moved)
	if _, ok, err := db.PartyByUUID(t.Context(), given.UUID); ok || err != nil {
		t.Errorf("the old UUID is still there: %v", err)
	}
	if p, ok, err := db.PartyByUUID(t.Context(), moved.UUID); err != nil || !ok || p.No != 2 {
		t.Errorf("the new UUID: %+v, %v, %v", p, ok, err)
	}
	twin := org(4)
	twin.UUID = moved.UUID
	_, err = db.Append(t.Context(), 2, moment(3), "", of(twin))
	wantCode(t, "a UUID twice", err, fullmakt.CodeConflict)
	clean(t, db)
}

func testBulk(t *testing.T, open Opener) {
	db, again := mustOpen(t, open, t.TempDir()), mustOpen(t, open, t.TempDir())
	const n = 12_000 // more than what makes the store postpone its indexes
	all := func(form fullmakt.OrgForm) iter.Seq2[fullmakt.Change, error] {
		return func(yield func(fullmakt.Change, error) bool) {
			for no := fullmakt.PartyNo(1); no <= n; no++ {
				p := fullmakt.Party{No: no, ID: fullmakt.OrganisationID(fullmakt.OrgNumber(300_000_000 + no))}
				if !yield(p, nil) {
					return
				}
			}
			for no := fullmakt.PartyNo(1); no <= n; no++ {
				o := fullmakt.Organisation{Party: no, Form: form, Roles: []fullmakt.Role{{Code: "REGN", Holder: 1 + no%5, Since: fullmakt.Date(no)}}}
				if no%1000 == 0 {
					o.Form = "SA"
				}
				if !yield(o, nil) {
					return
				}
			}
		}
	}
	for _, step := range []struct {
		form fullmakt.OrgForm
		want fullmakt.Seq
	}{{"AS", 1}, {"AS", 1}, {"ASA", 2}} {
		after := headSeq(t, db)
		seq, err := db.Append(t.Context(), after, moment(1), "bulk", all(step.form))
		if err != nil || seq != step.want {
			t.Fatalf("append: %d, %v", seq, err)
		}
	}
	related, err := db.EverRelated(t.Context(), []fullmakt.PartyNo{1})
	if err != nil || len(related) != n/5 {
		t.Errorf("related to party 1: %d, %v", len(related), err)
	}
	if no, ok, err := db.Identify(t.Context(), fullmakt.OrganisationID(300_000_777)); err != nil || !ok || no != 777 {
		t.Errorf("identify: %d, %v, %v", no, ok, err)
	}
	changes := map[fullmakt.Seq]int{}
	for e, err := range db.Changes(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		changes[e.Seq]++
	}
	same(t, "changes in the log", changes, map[fullmakt.Seq]int{1: 2 * n, 2: n - n/1000})
	clean(t, db)

	// A duplicate that shows only when the index is made afterwards.
	_, err = again.Append(t.Context(), 0, moment(1), "bulk", func(yield func(fullmakt.Change, error) bool) {
		for c := range all("AS") {
			if p, ok := c.(fullmakt.Party); ok && p.No == n {
				p.ID = fullmakt.OrganisationID(300_000_042)
				c = p
			}
			if !yield(c, nil) {
				return
			}
		}
	})
	wantCode(t, "a duplicate in a bulk load", err, fullmakt.CodeConflict)
	if err != nil && !(strings.Contains(err.Error(), "42") && strings.Contains(err.Error(), "12000")) {
		t.Errorf("the message %q does not name the two", err)
	}
	same(t, "head", headSeq(t, again), fullmakt.Seq(0))
	mustAppend(t, again, 0, small()...)
	clean(t, again)
}
