package index_test

import (
	"fmt"
	"path/filepath"
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

// randomLog draws a log of changes over a few parties: every kind of change, in
// an order that a store could have written.
func randomLog(t *rapid.T) []fullmakt.Change {
	n := rapid.IntRange(1, 12).Draw(t, "parties")
	var log []fullmakt.Change
	kinds := map[fullmakt.PartyNo]fullmakt.PartyKind{}
	for i := 1; i <= n; i++ {
		// Numbers spread over two pages.
		no := fullmakt.PartyNo(i * 61)
		p := fullmakt.Party{No: no, Name: rapid.StringMatching(`[A-ZÆØÅ]{0,5}`).Draw(t, "name")}
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			p.ID = fullmakt.PersonID(fullmakt.NationalID(10_000_000_000 + i))
		case 1:
			p.ID = fullmakt.OpenPersonID(fullmakt.Date(30000+i), p.Name)
		case 2:
			p.ID = fullmakt.EnterpriseUserID(fullmakt.OrgNumber(310_000_000), fmt.Sprint("user", i))
		default:
			p.ID = fullmakt.OrganisationID(fullmakt.OrgNumber(310_000_000 + i))
		}
		kinds[no] = p.ID.Kind
		log = append(log, p)
	}
	party := rapid.Custom(func(t *rapid.T) fullmakt.PartyNo {
		return fullmakt.PartyNo(61 * rapid.IntRange(1, n).Draw(t, "i"))
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
		default:
			g := fullmakt.Grant{From: p, To: party.Draw(t, "to"), Ended: rapid.Bool().Draw(t, "ended")}
			if rapid.Bool().Draw(t, "eckey") {
				g.Role = fullmakt.ECKEY
			} else {
				g.Package = rapid.SampledFrom([]string{"skatt-naering", "tilgangsstyrer", "unheard-of"}).Draw(t, "package")
			}
			log = append(log, g)
		}
	}
	return log
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
	}
}

func sameEdges(t *rapid.T, what string, got, want *index.Snapshot, g, w []index.Edge) {
	t.Helper()
	count := map[string]int{}
	key := func(s *index.Snapshot, e index.Edge) string {
		return fmt.Sprint(e.Party, s.RoleCode(e.Role()), e.Ended(), e.HolderIsOrganisation(), e.Derived(), e.Grant(), e.SubUnit(), e.Since())
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
