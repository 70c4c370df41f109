package storetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
	"pgregory.net/rapid"
)

// testHistory makes random histories and reads them in every way.
func testHistory(t *testing.T, open Opener) {
	dir, n := t.TempDir(), 0
	fresh := func(t *rapid.T) *sqlite.DB {
		n++
		sub := filepath.Join(dir, fmt.Sprint(n))
		if err := os.Mkdir(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		db, err := open(context.Background(), sub)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close(); _ = os.RemoveAll(sub) })
		return db
	}
	rapid.Check(t, func(t *rapid.T) {
		db, m := fresh(t), newModel()
		for range rapid.IntRange(1, 8).Draw(t, "revisions") {
			changes := drawChanges(t, m)
			changed := m.append(changes)
			before := m.head()
			if changed {
				before--
			}
			seq, err := db.Append(context.Background(), before, moment(int(before)+1), "test", of(changes...))
			if err != nil {
				t.Fatalf("append %v: %v", changes, err)
			}
			if seq != m.head() {
				t.Fatalf("append %v: revision %d, want %d", changes, seq, m.head())
			}
		}
		compare(t, "written", db, m)
		replay(t, fresh(t), db, m)
	})
}

// compare reads all of db in every way and compares with the model.
func compare(t *rapid.T, what string, db *sqlite.DB, m *model) {
	t.Helper()
	same(t, what+": state", state(t, db), m.state())
	var all []fullmakt.PartyNo
	for no := fullmakt.PartyNo(1); no < m.next(); no++ {
		all = append(all, no)
	}
	for seq := range m.head() + 1 {
		some := rapid.SliceOf(rapid.SampledFrom(append(all, 0))).Draw(t, "some")
		for _, nos := range [][]fullmakt.PartyNo{all, some} {
			got, err := db.FactsAt(context.Background(), seq, nos)
			if err != nil {
				t.Fatalf("facts at %d: %v", seq, err)
			}
			same(t, fmt.Sprintf("%s: facts at %d of %v", what, seq, nos), got, m.factsAt(seq, nos))
		}
	}
	for seq := range m.head() + 1 {
		for _, kinds := range [][]fullmakt.DocumentKind{nil, {fullmakt.DocumentPolicy}} {
			var got []fullmakt.Change
			for _, e := range collect(t, db.Documents(context.Background(), seq, kinds...)) {
				got = append(got, e.Change)
				if before := m.documents(e.Seq-1, kinds...); e.Seq > seq || !e.At.Equal(moment(int(e.Seq))) || slices.ContainsFunc(before, func(c fullmakt.Change) bool { return equal(c, e.Change) }) {
					t.Errorf("%s: %v at %d is said to be of revision %d, at %v", what, e.Change, seq, e.Seq, e.At)
				}
			}
			same(t, fmt.Sprintf("%s: documents at %d of %v", what, seq, kinds), got, m.documents(seq, kinds...))
		}
	}
	for _, no := range all {
		got, err := db.EverRelated(context.Background(), []fullmakt.PartyNo{no})
		if err != nil {
			t.Fatalf("ever related: %v", err)
		}
		for _, want := range m.everRelated([]fullmakt.PartyNo{no}) {
			if !slices.Contains(got, want) {
				t.Errorf("%s: party %d was ever related to %v, want %d too", what, no, got, want)
			}
		}
		for _, other := range got {
			if _, ok := m.parties[other].(fullmakt.Party); !ok {
				t.Errorf("%s: party %d was ever related to %d, which is no party", what, no, other)
			}
		}
	}
	clean(t, db)
}

// replay writes the log of db into an empty store, in random batches that may
// join revisions and end within one, and into another revision by revision.
func replay(t *rapid.T, into, db *sqlite.DB, m *model) {
	t.Helper()
	entries := collect(t, db.Changes(context.Background(), 0))
	after := rapid.Uint64Range(0, uint64(m.head())).Draw(t, "after")
	var tail []sqlite.Entry
	var last fullmakt.Seq
	for _, e := range entries {
		if e.Seq < last || e.Seq > m.head() {
			t.Fatalf("the log has revision %d after %d", e.Seq, last)
		}
		if last = e.Seq; e.Seq > fullmakt.Seq(after) {
			tail = append(tail, e)
		}
		if want := moment(int(e.Seq)); !e.At.Equal(want) {
			t.Errorf("revision %d was made at %v, want %v", e.Seq, e.At, want)
		}
	}
	same(t, "the log's tail", collect(t, db.Changes(context.Background(), fullmakt.Seq(after))), tail)
	var seq fullmakt.Seq
	for len(entries) > 0 {
		n := rapid.IntRange(1, len(entries)).Draw(t, "batch")
		var batch []fullmakt.Change
		for _, e := range entries[:n] {
			batch = append(batch, e.Change)
		}
		// A batch of what is in force already adds nothing.
		seq = mustAppend(t, into, seq, batch...)
		if again := mustAppend(t, into, seq, batch[len(batch)-1]); again != seq {
			t.Errorf("the same change again made revision %d", again)
		}
		entries = entries[n:]
	}
	same(t, "replayed state, UUIDs included", collect(t, into.State(context.Background())), collect(t, db.State(context.Background())))
	clean(t, into)
}

// drawChanges draws changes that are valid after what m holds: new parties,
// versions with random content, repetitions, renamings and purges.
func drawChanges(t *rapid.T, m *model) []fullmakt.Change {
	var changes []fullmakt.Change
	parties := map[fullmakt.PartyNo]fullmakt.Party{}
	var orgs, people, users, systems, all []fullmakt.PartyNo
	add := func(p fullmakt.Party) {
		parties[p.No] = p
		all = append(all, p.No)
		switch p.ID.Kind {
		case fullmakt.KindOrganisation:
			orgs = append(orgs, p.No)
		case fullmakt.KindPerson:
			people = append(people, p.No)
		case fullmakt.KindSystemUser:
			systems = append(systems, p.No)
		default:
			users = append(users, p.No)
		}
	}
	for no := fullmakt.PartyNo(1); no < m.next(); no++ {
		if p, ok := m.parties[no].(fullmakt.Party); ok {
			add(p)
		}
	}
	next := m.next()
	for range rapid.IntRange(0, 4).Draw(t, "new") {
		p := org(next)
		switch kind := rapid.IntRange(0, 5).Draw(t, "kind"); {
		case kind == 0:
			p = person(next)
		case kind == 1:
			p = openPerson(next)
		case kind == 2 && len(orgs) > 0:
			p = user(next, parties[rapid.SampledFrom(orgs).Draw(t, "owner")])
		case kind == 3 && len(orgs) > 0:
			p = system(next, parties[rapid.SampledFrom(orgs).Draw(t, "owner")])
		}
		next++
		add(p)
		changes = append(changes, p)
	}
	pick := func(from []fullmakt.PartyNo, what string) fullmakt.PartyNo {
		return rapid.SampledFrom(from).Draw(t, what)
	}
	for range rapid.IntRange(0, 8).Draw(t, "facts") {
		switch op := rapid.IntRange(0, 12).Draw(t, "op"); {
		case op <= 3 && len(orgs) > 0:
			changes = append(changes, drawOrganisation(t, pick(orgs, "organisation"), all))
		case op == 4 && len(people) > 0:
			changes = append(changes, fullmakt.Person{Party: pick(people, "person"), Dead: rapid.Bool().Draw(t, "dead")})
		case op == 5 && len(users) > 0 && len(orgs) > 0:
			changes = append(changes, fullmakt.EnterpriseUser{Party: pick(users, "user"), Owner: pick(orgs, "owner"), Ended: rapid.Bool().Draw(t, "ended")})
		case op == 6 && len(all) > 0:
			g := fullmakt.Grant{From: pick(all, "from"), To: pick(all, "to"), Package: "skatt-naering", Ended: rapid.Bool().Draw(t, "ended")}
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				g.Package, g.Role = "", fullmakt.ECKEY
			case 1:
				g.Package, g.Resource, g.Right = "", "skjema", rapid.SampledFrom([]string{"read", "write"}).Draw(t, "right")
			}
			g.Basis = rapid.SampledFrom([]string{"", "GIVE-1 held_via_role"}).Draw(t, "basis")
			if g.Ended {
				g.Cause = drawCause(t)
			}
			if rapid.Bool().Draw(t, "limited") {
				g.Valid, g.GivenBy = fullmakt.Interval{From: 5, To: 7}, pick(all, "given by")
			}
			changes = append(changes, g)
		case op == 7:
			changes = append(changes, fullmakt.Feed{Name: rapid.SampledFrom([]string{"bulk", "ccr"}).Draw(t, "feed"), Cursor: rapid.SampledFrom([]string{"1", "2"}).Draw(t, "cursor")},
				fullmakt.CatalogueUse{Digest: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "digest")})
		case op == 8 && len(all) > 0:
			p := parties[pick(all, "renamed")]
			p.Name = rapid.SampledFrom([]string{"", "Nytt navn", "Enda et"}).Draw(t, "name")
			parties[p.No] = p
			changes = append(changes, p)
		case op == 9 && len(all) > 0 && rapid.IntRange(0, 2).Draw(t, "really") == 0:
			// Facts about what is purged may not follow, so it comes last.
			return append(changes, fullmakt.Purge{Party: pick(all, "purged")})
		case op == 10 && len(systems) > 0 && len(orgs) > 0:
			changes = append(changes, fullmakt.SystemUser{Party: pick(systems, "system user"), Owner: pick(orgs, "owner"),
				Agent: rapid.Bool().Draw(t, "agent"), Ended: rapid.Bool().Draw(t, "ended")})
		case op == 11 && len(orgs) > 0:
			if g := drawGiven(t, orgs, slices.Concat(people, systems), slices.Concat(people, orgs)); g != nil {
				changes = append(changes, g)
			}
		case op == 12:
			changes = append(changes, drawDocument(t, all))
		}
	}
	return changes
}

func drawCause(t *rapid.T) fullmakt.Cause {
	return rapid.SampledFrom([]fullmakt.Cause{fullmakt.CauseNone, fullmakt.CauseRevoked, fullmakt.CauseRegister}).Draw(t, "cause")
}

// drawGiven draws an agent relation, a client delegation or a scope grant, or nil
// when there is nobody for it.
func drawGiven(t *rapid.T, orgs, agents, clients []fullmakt.PartyNo) fullmakt.Change {
	from, givenBy := rapid.SampledFrom(orgs).Draw(t, "from"), rapid.SampledFrom(slices.Concat(orgs, []fullmakt.PartyNo{0})).Draw(t, "given by")
	ended, cause := rapid.Bool().Draw(t, "ended"), fullmakt.CauseNone
	if ended {
		cause = drawCause(t)
	}
	since := rapid.Int64Range(0, 1).Draw(t, "since")
	switch kind := rapid.IntRange(0, 2).Draw(t, "given"); {
	case kind == 0 && len(agents) > 0:
		return fullmakt.Agent{Provider: from, Agent: rapid.SampledFrom(agents).Draw(t, "agent"), Since: since, GivenBy: givenBy, Ended: ended, Cause: cause}
	case kind == 1 && len(agents) > 0:
		d := fullmakt.ClientDelegation{
			Provider: from, Client: rapid.SampledFrom(clients).Draw(t, "client"), Agent: rapid.SampledFrom(agents).Draw(t, "agent"),
			Package: rapid.SampledFrom([]string{"lonn", "skatt-naering"}).Draw(t, "package"), Role: rapid.SampledFrom([]fullmakt.RoleCode{"", fullmakt.REGN}).Draw(t, "role"),
			GivenBy: givenBy, Ended: ended, Cause: cause,
		}
		if d.Provider != d.Client {
			return d
		}
	case kind == 2:
		g := fullmakt.ScopeGrant{
			From: from, To: rapid.SampledFrom(orgs).Draw(t, "to"), Scheme: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "scheme"),
			Since: since, Valid: fullmakt.Interval{To: since * 5}, GivenBy: givenBy, Basis: "GIVE-2 held_via_role", Ended: ended, Cause: cause,
		}
		if g.From != g.To {
			return g
		}
	}
	return nil
}

func drawDocument(t *rapid.T, all []fullmakt.PartyNo) fullmakt.Document {
	d := fullmakt.Document{
		Kind: rapid.SampledFrom([]fullmakt.DocumentKind{fullmakt.DocumentPolicy, fullmakt.DocumentRequest}).Draw(t, "document"),
		ID:   rapid.SampledFrom([]string{"x", "y"}).Draw(t, "id"),
		Body: []byte(rapid.SampledFrom([]string{"", "{}", "\x00\xff"}).Draw(t, "body")), Ended: rapid.IntRange(0, 3).Draw(t, "ended") == 0,
	}
	if len(all) > 0 {
		d.Parties = rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 2, rapid.ID[fullmakt.PartyNo]).Draw(t, "about")
	}
	return d
}

func drawOrganisation(t *rapid.T, no fullmakt.PartyNo, all []fullmakt.PartyNo) fullmakt.Organisation {
	o := fullmakt.Organisation{
		Party:  no,
		Form:   rapid.SampledFrom([]fullmakt.OrgForm{"", "AS", "SÆR"}).Draw(t, "form"),
		State:  fullmakt.OrgState(rapid.IntRange(0, 31).Draw(t, "state")),
		Source: fullmakt.Source(rapid.IntRange(0, 3).Draw(t, "source")),
	}
	if o.State&fullmakt.Deleted != 0 {
		o.DeletedOn = fullmakt.Date(rapid.IntRange(-400, 46_000).Draw(t, "deleted on"))
	}
	if parent := rapid.SampledFrom(all).Draw(t, "parent"); parent != no && rapid.Bool().Draw(t, "has parent") {
		o.Parent = parent
	}
	for range rapid.IntRange(0, 4).Draw(t, "roles") {
		o.Roles = append(o.Roles, fullmakt.Role{
			Holder: rapid.SampledFrom(all).Draw(t, "holder"),
			Code:   rapid.SampledFrom([]fullmakt.RoleCode{"DAGL", "FFØR", "ukjent"}).Draw(t, "code"),
			Ended:  rapid.Bool().Draw(t, "ended"),
			Since:  fullmakt.Date(rapid.IntRange(-1, 1).Draw(t, "since") * 40_000),
		})
	}
	o.Roles = fullmakt.SortRoles(o.Roles)
	return o
}
