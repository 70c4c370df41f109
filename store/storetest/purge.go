package storetest

import (
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// testPurgeGiven: what was given goes with any party that it names, and a
// document with a party that it is about, but not for one that it was about.
func testPurgeGiven(t *testing.T, open Opener) {
	db := mustOpen(t, open, t.TempDir())
	agent := system(6, org(2))
	about := func(id, body string, parties ...fullmakt.PartyNo) fullmakt.Document {
		return fullmakt.Document{Kind: fullmakt.DocumentAccessList, ID: id, Parties: parties, Body: []byte(body)}
	}
	kept := []fullmakt.Change{
		fullmakt.Agent{Provider: 2, Agent: 3, Since: 5},
		fullmakt.ClientDelegation{Provider: 2, Client: 1, Agent: 3, Package: "lonn", Role: fullmakt.REGN},
		fullmakt.ScopeGrant{From: 1, To: 2, Scheme: "s"},
		about("was", "2", 2),
	}
	mustAppend(t, db, 0, append(kept[:3:3], org(1), org(2), person(3), org(4), person(5), agent,
		fullmakt.SystemUser{Party: 6, Owner: 4, Agent: true},
		fullmakt.Agent{Provider: 4, Agent: 3}, fullmakt.Agent{Provider: 2, Agent: 6},
		fullmakt.ClientDelegation{Provider: 4, Client: 1, Agent: 3, Package: "lonn"},
		fullmakt.ClientDelegation{Provider: 2, Client: 4, Agent: 3, Package: "lonn"},
		fullmakt.ClientDelegation{Provider: 2, Client: 1, Agent: 6, Package: "lonn"},
		fullmakt.ScopeGrant{From: 4, To: 2, Scheme: "s"}, fullmakt.ScopeGrant{From: 1, To: 4, Scheme: "s"},
		about("was", "1", 4), about("is", "1"),
	)...)
	mustAppend(t, db, 1, kept[3], about("is", "2", 2, 4))
	mustAppend(t, db, 2, fullmakt.Purge{Party: 4}) // and with it its system user 6
	same(t, "state", state(t, db), append([]fullmakt.Change{
		org(1), org(2), person(3), fullmakt.Purge{Party: 4}, person(5), fullmakt.Purge{Party: 6},
	}, kept...))
	same(t, "documents before the purge", collect(t, db.Documents(t.Context(), 1)), []sqlite.Entry(nil))
	same(t, "documents", collect(t, db.Documents(t.Context(), 3)), []sqlite.Entry{{Seq: 2, At: moment(2), Change: kept[3]}})
	for e, err := range db.Documents(t.Context(), 4) {
		wantCode(t, "documents at a revision to come", err, fullmakt.CodeStale)
		same(t, "with it", e, sqlite.Entry{})
	}
	clean(t, db)
}
