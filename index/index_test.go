package index_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"pgregory.net/rapid"
)

func mustCatalogue(tb testing.TB) *catalogue.Catalogue {
	tb.Helper()
	c, err := catalogue.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

var epoch = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// apart returns the number of the i-th party, from 1: spread over pages with empty
// ones before and between them.
func apart(i int) fullmakt.PartyNo { return fullmakt.PartyNo(600 + 61*i + 1024*(i/7)) }

// randomLog draws a log of changes over a few parties: every kind of change, in
// an order that a store could have written.
func randomLog(t *rapid.T) []fullmakt.Change {
	n := rapid.IntRange(1, 12).Draw(t, "parties")
	var log []fullmakt.Change
	kinds := map[fullmakt.PartyNo]fullmakt.PartyKind{}
	for i := 1; i <= n; i++ {
		no := apart(i)
		p := fullmakt.Party{No: no, Name: rapid.StringMatching(`[A-ZÆØÅ]{0,5}`).Draw(t, "name")}
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			p.ID = fullmakt.PersonID(fullmakt.NationalID(10_000_000_000 + i))
		case 1:
			p.ID = fullmakt.OpenPersonID(fullmakt.Date(30000+i), p.Name)
		case 2:
			p.ID = fullmakt.EnterpriseUserID(fullmakt.OrgNumber(310_000_000), fmt.Sprint("user", i))
		case 3:
			p.ID = fullmakt.SystemUserID(fullmakt.OrgNumber(310_000_000), "system", fmt.Sprint("ref", i))
			p.Name = p.ID.Name
		default:
			p.ID = fullmakt.OrganisationID(fullmakt.OrgNumber(310_000_000 + i))
		}
		kinds[no] = p.ID.Kind
		log = append(log, p)
	}
	party := rapid.Custom(func(t *rapid.T) fullmakt.PartyNo {
		return apart(rapid.IntRange(1, n).Draw(t, "i"))
	})
	purged := map[fullmakt.PartyNo]bool{}
	for range rapid.IntRange(0, 30).Draw(t, "changes") {
		p := party.Draw(t, "party")
		switch k := kinds[p]; {
		case purged[p]:
		case rapid.IntRange(0, 15).Draw(t, "purge") == 0:
			purged[p] = true
			log = append(log, fullmakt.Purge{Party: p})
		case k == fullmakt.KindOrganisation && rapid.Bool().Draw(t, "register"):
			o := fullmakt.Organisation{
				Party: p, Form: rapid.SampledFrom([]fullmakt.OrgForm{"AS", "ENK", "NUF", "BEDR", "AAFY", "KOMM", "XYZ", ""}).Draw(t, "form"),
				State: fullmakt.OrgState(rapid.IntRange(0, 15).Draw(t, "state")), Source: fullmakt.SourceCCR,
				DeletedOn: fullmakt.Date(rapid.IntRange(0, 50000).Draw(t, "deleted")),
			}
			if rapid.Bool().Draw(t, "has parent") {
				o.Parent = party.Draw(t, "parent")
			}
			for range rapid.IntRange(0, 5).Draw(t, "roles") {
				o.Roles = append(o.Roles, fullmakt.Role{
					Code:   rapid.SampledFrom([]fullmakt.RoleCode{"DAGL", "LEDE", "REGN", "KONT", "INNH", "QQQQ", "ZZZZ"}).Draw(t, "code"),
					Holder: party.Draw(t, "holder"), Ended: rapid.IntRange(0, 4).Draw(t, "ended") == 0,
					Since: fullmakt.Date(rapid.IntRange(0, 50000).Draw(t, "since")),
				})
			}
			o.Roles = fullmakt.SortRoles(o.Roles)
			log = append(log, o)
		case k == fullmakt.KindPerson && rapid.Bool().Draw(t, "life"):
			log = append(log, fullmakt.Person{Party: p, Dead: rapid.Bool().Draw(t, "dead")})
		case k == fullmakt.KindEnterpriseUser && rapid.Bool().Draw(t, "user"):
			log = append(log, fullmakt.EnterpriseUser{Party: p, Owner: party.Draw(t, "owner"), Ended: rapid.Bool().Draw(t, "ended")})
		case k == fullmakt.KindSystemUser && rapid.Bool().Draw(t, "user"):
			log = append(log, fullmakt.SystemUser{Party: p, Owner: party.Draw(t, "owner"), Agent: rapid.Bool().Draw(t, "agent"), Ended: rapid.Bool().Draw(t, "ended")})
		default:
			log = append(log, randomGiven(t, p, party))
		}
	}
	return log
}

// randomGiven draws something that p gives: a grant, an agent relation, a client
// delegation, a scope grant or a document about it.
func randomGiven(t *rapid.T, p fullmakt.PartyNo, party *rapid.Generator[fullmakt.PartyNo]) fullmakt.Change {
	pkg := rapid.SampledFrom([]string{"skatt-naering", "tilgangsstyrer", "unheard-of"})
	to, ended := party.Draw(t, "to"), rapid.IntRange(0, 2).Draw(t, "ended") == 0
	givenBy := party.Draw(t, "given by")
	switch rapid.IntRange(0, 6).Draw(t, "given") {
	case 0:
		return fullmakt.Grant{From: p, To: to, Role: fullmakt.ECKEY, Ended: ended}
	case 1:
		return fullmakt.Grant{From: p, To: to, Package: pkg.Draw(t, "package"), Basis: rapid.SampledFrom([]string{"", "GIVE-1 held_via_role"}).Draw(t, "basis"), Ended: ended}
	case 2:
		right := rapid.SampledFrom([]string{"read", "write", "sign"}).Draw(t, "right")
		return fullmakt.Grant{From: p, To: to, Resource: rapid.SampledFrom([]string{"skjema", "post"}).Draw(t, "resource"), Right: right, Ended: ended}
	case 3:
		return fullmakt.Agent{Provider: p, Agent: to, GivenBy: givenBy, Since: rapid.Int64Range(-5, 5).Draw(t, "since"), Ended: ended}
	case 4:
		return fullmakt.ClientDelegation{Provider: p, Client: to, Agent: party.Draw(t, "agent"), Package: pkg.Draw(t, "package"),
			Role: rapid.SampledFrom([]fullmakt.RoleCode{"", "REGN", "QQQQ"}).Draw(t, "role"), GivenBy: givenBy, Ended: ended}
	case 5:
		return fullmakt.ScopeGrant{From: p, To: to, Scheme: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "scheme"), GivenBy: givenBy,
			Valid: fullmakt.Interval{To: rapid.Int64Range(0, 9).Draw(t, "until")}, Ended: ended}
	}
	d := fullmakt.Document{
		Kind: rapid.SampledFrom([]fullmakt.DocumentKind{fullmakt.DocumentPolicy, fullmakt.DocumentRequest}).Draw(t, "document"),
		ID:   rapid.SampledFrom([]string{"x", "y"}).Draw(t, "id"), Body: []byte(rapid.StringN(0, 3, -1).Draw(t, "body")), Ended: ended,
	}
	if rapid.Bool().Draw(t, "about") {
		d.Parties = []fullmakt.PartyNo{p, to}
	}
	return d
}

func build(c *catalogue.Catalogue, log []fullmakt.Change) *index.Snapshot {
	b := index.NewBuilder(c)
	for _, ch := range log {
		b.Add(ch)
	}
	return b.Build(fullmakt.Seq(len(log)), epoch)
}

// TestReplayInAnyBatching: a log applied in random batches, on top of any prefix
// built at once, and read back from a snapshot file, gives the same facts.
func TestReplayInAnyBatching(t *testing.T) {
	c := mustCatalogue(t)
	dir := t.TempDir()
	key := [32]byte{1}
	rapid.Check(t, func(t *rapid.T) {
		log := randomLog(t)
		want := build(c, log)
		at := rapid.IntRange(0, len(log)).Draw(t, "prefix")
		s := build(c, log[:at])
		for at < len(log) {
			n := rapid.IntRange(1, len(log)-at).Draw(t, "batch")
			s = s.Apply(fullmakt.Seq(at+n), epoch, log[at:at+n])
			at += n
		}
		same(t, "applied", s, want)
		path := filepath.Join(dir, "snapshot")
		if err := s.WriteFile(path, key); err != nil {
			t.Fatal(err)
		}
		back, err := index.ReadFile(path, key, c)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "read back", back, want)
		if back.Seq() != s.Seq() || !back.At().Equal(s.At()) {
			t.Fatalf("read back at revision %d (%v), want %d (%v)", back.Seq(), back.At(), s.Seq(), s.At())
		}
	})
}

func same(t *rapid.T, what string, got, want *index.Snapshot) {
	t.Helper()
	if got.Digest() != want.Digest() {
		t.Fatalf("%s: digest differs", what)
	}
	users := usersByOwner(want)
	for p := fullmakt.PartyNo(0); p <= max(got.Last(), want.Last())+1; p++ {
		if got.ID(p) != want.ID(p) || got.Name(p) != want.Name(p) || got.Form(p) != want.Form(p) {
			t.Fatalf("%s: party %d is %v %q %q, want %v %q %q", what, p, got.ID(p).Kind, got.Name(p), got.Form(p), want.ID(p).Kind, want.Name(p), want.Form(p))
		}
		if id := want.ID(p); id.Kind == fullmakt.KindOrganisation && got.Lookup(id) != p {
			t.Fatalf("%s: look-up of party %d gives %d", what, p, got.Lookup(id))
		}
		gn, gh, gd := got.Look(p)
		wn, wh, wd := want.Look(p)
		if gn.Kind != wn.Kind || gn.Parent != wn.Parent || gn.State != wn.State || gn.Flags != wn.Flags {
			t.Fatalf("%s: node of %d is %+v, want %+v", what, p, *gn, *wn)
		}
		sameEdges(t, what+": holders", got, want, gh, wh)
		sameEdges(t, what+": held", got, want, gd, wd)
		for _, e := range wh {
			if g, w := given(got, p, e.Party), given(want, p, e.Party); g != w {
				t.Fatalf("%s: from %d to %d is given %s, want %s", what, p, e.Party, g, w)
			}
		}
		if g, w := slices.Collect(got.UsersOf(p)), users[p]; !slices.Equal(g, w) {
			t.Fatalf("%s: users of %d are %d, want %d", what, p, g, w)
		}
		if g, w := about(got, p), about(want, p); g != w {
			t.Fatalf("%s: about %d it says %s, want %s", what, p, g, w)
		}
	}
	if g, w := slices.Collect(got.Users()), slices.Collect(want.Users()); !slices.Equal(g, w) {
		t.Fatalf("%s: users %d, want %d", what, g, w)
	}
	if g, w := documents(got), documents(want); g != w {
		t.Fatalf("%s: documents %s, want %s", what, g, w)
	}
}

// usersByOwner finds the users of every owner by looking at everybody.
func usersByOwner(s *index.Snapshot) map[fullmakt.PartyNo][]fullmakt.PartyNo {
	users := map[fullmakt.PartyNo][]fullmakt.PartyNo{}
	for p := fullmakt.PartyNo(1); p <= s.Last(); p++ {
		n := s.Node(p)
		if owner := n.Parent; owner != 0 && (n.Kind == fullmakt.KindEnterpriseUser || n.Kind == fullmakt.KindSystemUser) {
			users[owner] = append(users[owner], p)
		}
	}
	return users
}

// given writes down what a snapshot says is given from one party to another.
func given(s *index.Snapshot, from, to fullmakt.PartyNo) string {
	var lines []string
	for _, g := range s.Grants(from, to) {
		resource, right := s.RightName(g.Right)
		if s.Right(resource, right) != g.Right {
			lines = append(lines, "a right that is not found by its name")
		}
		lines = append(lines, fmt.Sprint(g.Package, g.Unknown, g.ECKEY, resource, right, g.Valid, g.GivenBy, g.Basis))
	}
	for _, d := range s.Delegations(from, to) {
		lines = append(lines, fmt.Sprint(d.Provider, d.Client, d.Agent, d.Package, d.Unknown, s.RoleCode(d.Role), d.GivenBy))
	}
	slices.Sort(lines)
	a, ok := s.Agent(from, to)
	return fmt.Sprint(lines, a, ok)
}

// about writes down the scope grants and documents that a party is in.
func about(s *index.Snapshot, p fullmakt.PartyNo) string {
	out := fmt.Sprint(slices.Collect(s.ScopeGrants(p)), slices.Collect(s.ScopeGrantsTo(p)))
	for g := range s.ScopeGrants(p) {
		if found, ok := s.ScopeGrant(g.From, g.To, g.Scheme); !ok || found != g {
			out += "a scope grant that is not found"
		}
	}
	for _, kind := range []fullmakt.DocumentKind{fullmakt.DocumentPolicy, fullmakt.DocumentRequest} {
		for d := range s.DocumentsOf(kind, p) {
			out += fmt.Sprint(d.Document)
		}
	}
	return out
}

func documents(s *index.Snapshot) string {
	var out string
	for _, kind := range []fullmakt.DocumentKind{fullmakt.DocumentPolicy, fullmakt.DocumentRequest} {
		for d := range s.Documents(kind) {
			out += fmt.Sprint(d.Document)
			for first := range s.DocumentsFrom(kind, d.ID) {
				if first != d {
					out += "a list that begins with another document"
				}
				break
			}
			for next := range s.DocumentsFrom(kind, d.ID+"\x00") {
				if next.ID <= d.ID || next.Kind != kind {
					out += "a list that goes on with what was before"
				}
				break
			}
			if found, ok := s.Document(kind, d.ID); !ok || found != d || d.Since == 0 || d.Since > s.DocumentsSeq(kind) {
				out += "a document that is not found, or of no revision"
			}
		}
	}
	return out
}

func sameEdges(t *rapid.T, what string, got, want *index.Snapshot, g, w []index.Edge) {
	t.Helper()
	count := map[string]int{}
	key := func(s *index.Snapshot, e index.Edge) string {
		return fmt.Sprint(e.Party, s.RoleCode(e.Role()), e.Ended(), e.HolderIsOrganisation(), e.Derived(), e.Grant(), e.Client(), e.Agent(), e.SubUnit(), e.Since())
	}
	for _, e := range g {
		count[key(got, e)]++
	}
	for _, e := range w {
		count[key(want, e)]--
	}
	for k, n := range count {
		if n != 0 {
			t.Fatalf("%s: %d too many of %s", what, n, k)
		}
	}
}
