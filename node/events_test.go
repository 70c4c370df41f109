package node_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

// history is a register with a random past, every revision of which is kept.
type history struct {
	n    *node.Node
	past []*index.Snapshot // by revision, the empty one first
	at   time.Time
}

// The parties of a history: organisations (the last three sub-units), persons,
// enterprise users of the first organisations and system users of theirs.
const (
	someOrgs, somePersons, someUsers, someSystems = 9, 7, 2, 2
	allParties                                    = someOrgs + somePersons + someUsers + someSystems
)

func newHistory(t *testing.T, random *rand.Rand, revisions int) *history {
	t.Helper()
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(context.Background(), node.Options{Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	h := &history{n: n, at: morning, past: []*index.Snapshot{index.NewBuilder(cat).Build(0, time.Time{})}}
	h.append(t, h.beginning(random))
	for len(h.past) <= revisions {
		h.at = h.at.Add(time.Duration(random.IntN(3*3600)) * time.Second)
		var changes []fullmakt.Change
		for range 1 + random.IntN(2) {
			changes = append(changes, h.anything(random))
		}
		h.append(t, changes)
	}
	return h
}

func (h *history) append(t *testing.T, changes []fullmakt.Change) {
	t.Helper()
	t.Helper()
	seq, err := h.n.Do(context.Background(), h.at, "test", func(*index.Snapshot) ([]fullmakt.Change, error) { return changes, nil })
	if err != nil {
		t.Fatal(err)
	}
	if s := h.n.Current(); int(seq) == len(h.past) {
		h.past = append(h.past, s)
	}
}

func (h *history) beginning(random *rand.Rand) (all []fullmakt.Change) {
	org := fullmakt.NextOrgNumber(31_000_000)
	owner := org
	for i := range allParties {
		p := fullmakt.Party{No: fullmakt.PartyNo(i + 1), Name: fmt.Sprint("part ", i)}
		switch {
		case i < someOrgs:
			p.ID = fullmakt.OrganisationID(org)
			org = fullmakt.NextOrgNumber(31_000_000 + uint32(len(all)+1)*10)
		case i < someOrgs+somePersons-1:
			id, _ := fullmakt.SyntheticNationalID(1+i, 1+i%12, 70+i, 100+i)
			for individual := 100; id == 0; individual++ {
				id, _ = fullmakt.SyntheticNationalID(1+i, 1+i%12, 70+i, individual)
			}
			p.ID = fullmakt.PersonID(id)
		case i < someOrgs+somePersons:
			p.ID = fullmakt.OpenPersonID(30_000, p.Name)
		case i < someOrgs+somePersons+someUsers:
			p.ID = fullmakt.EnterpriseUserID(owner, p.Name)
		default:
			p.ID = fullmakt.SystemUserID(owner, "system", p.Name)
		}
		all = append(all, p)
	}
	for i := range someOrgs {
		all = append(all, h.organisation(random, fullmakt.PartyNo(i+1)))
	}
	for i := range someUsers {
		all = append(all, fullmakt.EnterpriseUser{Party: fullmakt.PartyNo(someOrgs + somePersons + i + 1), Owner: fullmakt.PartyNo(1 + i)})
	}
	for i := range someSystems {
		all = append(all, fullmakt.SystemUser{Party: fullmakt.PartyNo(someOrgs + somePersons + someUsers + i + 1), Owner: fullmakt.PartyNo(1 + i), Agent: i == 0})
	}
	return all
}

func (h *history) organisation(random *rand.Rand, no fullmakt.PartyNo) fullmakt.Organisation {
	forms := []fullmakt.OrgForm{"AS", "AS", "ENK", "NUF", "IKS"}
	codes := []fullmakt.RoleCode{"DAGL", "LEDE", "REGN", "REVI", "STYR", "INNH", "DTPR", "KONT"}
	o := fullmakt.Organisation{Party: no, Form: forms[random.IntN(len(forms))], Source: fullmakt.SourceCCR}
	if no > someOrgs-3 {
		o.Form, o.Parent = "BEDR", fullmakt.PartyNo(1+random.IntN(2))
	}
	if random.IntN(12) == 0 {
		o.State = fullmakt.Deleted
	}
	for range random.IntN(4) {
		o.Roles = append(o.Roles, fullmakt.Role{
			Code: codes[random.IntN(len(codes))], Holder: fullmakt.PartyNo(1 + random.IntN(someOrgs+somePersons)), Ended: random.IntN(8) == 0,
		})
	}
	o.Roles = fullmakt.SortRoles(o.Roles)
	return o
}

// anything returns one random change.
func (h *history) anything(random *rand.Rand) fullmakt.Change {
	org := func() fullmakt.PartyNo { return fullmakt.PartyNo(1 + random.IntN(someOrgs)) }
	two := func() (a, b fullmakt.PartyNo) {
		for a == b {
			a, b = org(), org()
		}
		return a, b
	}
	packages := []string{"regnskapsforer-lonn", "regnskapsforer-med-signeringsrettighet", node.EventsPackage, "tilgangsstyrer", "hovedadministrator", "skatt-naering"}
	valid := func() (v fullmakt.Interval) {
		if random.IntN(3) == 0 {
			v.From = h.at.Unix() + int64(random.IntN(8*3600)) - 3600
		}
		if random.IntN(3) == 0 {
			v.To = max(v.From, h.at.Unix()) + 1 + int64(random.IntN(8*3600))
		}
		return v
	}
	switch random.IntN(10) {
	case 0, 1, 2:
		return h.organisation(random, org())
	case 3:
		return fullmakt.Person{Party: fullmakt.PartyNo(someOrgs + 1 + random.IntN(somePersons)), Dead: random.IntN(3) == 0}
	case 4:
		owner := fullmakt.PartyNo(1 + random.IntN(someUsers))
		return fullmakt.Grant{From: owner, To: someOrgs + somePersons + owner, Role: fullmakt.ECKEY, Valid: valid(), Ended: random.IntN(3) == 0}
	case 5:
		from, to := two()
		return fullmakt.Grant{From: from, To: to, Resource: "skjema", Right: []string{"read", "write"}[random.IntN(2)], Valid: valid(), Ended: random.IntN(3) == 0}
	case 6:
		return fullmakt.Agent{Provider: org(), Agent: fullmakt.PartyNo(someOrgs + 1 + random.IntN(somePersons)), Since: 1, Ended: random.IntN(3) == 0}
	case 7:
		provider, client := two()
		return fullmakt.ClientDelegation{
			Provider: provider, Client: client, Agent: fullmakt.PartyNo(someOrgs + 1 + random.IntN(somePersons)),
			Package: packages[random.IntN(2)], Role: []fullmakt.RoleCode{"REGN", "REVI", ""}[random.IntN(3)], Ended: random.IntN(3) == 0,
		}
	default:
		from, to := two()
		if random.IntN(2) == 0 {
			to = fullmakt.PartyNo(someOrgs + 1 + random.IntN(somePersons))
		}
		return fullmakt.Grant{From: from, To: to, Package: packages[random.IntN(len(packages))], Valid: valid(), Ended: random.IntN(3) == 0}
	}
}

// who writes down who acts for an organisation at a revision, as the list says.
func (h *history) who(s *index.Snapshot, org fullmakt.PartyNo) (lines []string) {
	for after, more := fullmakt.PartyNo(0), true; more; more = after != 0 {
		var pairs []pdp.Pair
		pairs, after = pdp.WhoActsFor(s, org, s.At().Unix(), pdp.All, after, 100)
		for _, p := range pairs {
			line := func(what string) { lines = append(lines, fmt.Sprint(p.Subject, " ", what)) }
			for id := range p.Use.All() {
				line("use " + s.Catalogue().Package(id).URN)
			}
			for id := range p.Give.All() {
				line("give " + s.Catalogue().Package(id).URN)
			}
			if p.GiveRights {
				line("give rights")
			}
			for _, right := range []string{"read", "write"} {
				q := pdp.Ask(p.Subject, p.For, s.At().Unix())
				if q.Right = s.Right("skjema", right); q.Right != 0 && pdp.Decide(s, q).Allowed {
					line("right skjema " + right)
				}
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// apply lets the events of authority work on what is known.
func (h *history) apply(t *testing.T, known map[string]bool, e node.Event) {
	t.Helper()
	if e.Type != node.EventAuthorityGained && e.Type != node.EventAuthorityLost {
		return
	}
	party, ok, err := h.n.Store().PartyByUUID(context.Background(), e.Data.Party.UUID)
	if err != nil || !ok {
		t.Fatalf("%v %v: %+v", ok, err, e)
	}
	set := func(what string) {
		line := fmt.Sprint(party.No, " ", what)
		if gained := e.Type == node.EventAuthorityGained; known[line] == gained {
			t.Errorf("%s at %s, and it was so before: %s", e.Type, e.Position, line)
		} else if gained {
			known[line] = true
		} else {
			delete(known, line)
		}
	}
	for _, p := range e.Data.Use {
		set("use " + p)
	}
	for _, p := range e.Data.Give {
		set("give " + p)
	}
	for _, r := range e.Data.Rights {
		set("right " + r.Resource + " " + r.Right)
	}
	if e.Data.GiveRights {
		set("give rights")
	}
}

// feed reads all of a feed in pages.
func (h *history) feed(t *testing.T, q node.EventsQuery) (events []node.Event) {
	t.Helper()
	for {
		page, err := h.n.Events(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		if page.Next.Compare(q.After) < 0 || page.More && page.Next.Compare(q.After) == 0 {
			t.Fatalf("from %s the feed goes on at %s", q.After, page.Next)
		}
		events = append(events, page.Events...)
		if q.After = page.Next; !page.More {
			return events
		}
	}
}

// histories returns how many random histories a test goes through.
func histories(whole uint64) uint64 {
	if testing.Short() {
		return 1
	}
	return whole
}

// TestEventsTellTheList: over a random history, what was gained and lost from the
// beginning up to a revision is exactly the list of who acts for the organisation
// at that revision. Nothing is told twice.
func TestEventsTellTheList(t *testing.T) {
	for seed := range histories(6) {
		random := rand.New(rand.NewPCG(seed, 7))
		h := newHistory(t, random, 50)
		for org := fullmakt.PartyNo(1); org <= someOrgs; org++ {
			events := h.feed(t, node.EventsQuery{Organisation: org, Limit: 1000})
			known := map[string]bool{}
			for seq := 1; seq < len(h.past); seq++ {
				for len(events) > 0 && events[0].Position.Seq == fullmakt.Seq(seq) {
					h.apply(t, known, events[0])
					events = events[1:]
				}
				var got []string
				for line := range known {
					got = append(got, line)
				}
				slices.Sort(got)
				if want := h.who(h.past[seq], org); !slices.Equal(got, want) {
					t.Fatalf("seed %d, organisation %d, revision %d: the events tell\n%s\nthe list is\n%s", seed, org, seq, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		}
	}
}

// TestEventsResumeAnywhere: from every position the rest of the feed is the rest of
// the whole feed, whatever the size of the pages.
func TestEventsResumeAnywhere(t *testing.T) {
	h := newHistory(t, rand.New(rand.NewPCG(3, 3)), 30)
	for _, org := range []fullmakt.PartyNo{0, 1, someOrgs} {
		whole := h.feed(t, node.EventsQuery{Organisation: org, Limit: 10_000})
		if len(whole) < 15 {
			t.Fatalf("a feed of %d events", len(whole))
		}
		for i := 0; i < len(whole); i += 1 + len(whole)/40 {
			read, err := node.ParsePosition(whole[i].Position.String())
			if err != nil || read != whole[i].Position {
				t.Fatalf("%v: %v %v", whole[i].Position, read, err)
			}
			if i > 0 && whole[i].Position.Compare(whole[i-1].Position) <= 0 {
				t.Errorf("%s stands after %s", whole[i].Position, whole[i-1].Position)
			}
			rest := h.feed(t, node.EventsQuery{Organisation: org, Limit: 1 + i%7, After: read})
			if got, want := fmt.Sprint(positions(rest)), fmt.Sprint(positions(whole[i+1:])); got != want {
				t.Fatalf("organisation %d after %s:\n%s\nwant\n%s", org, read, got, want)
			}
		}
		for seq := range len(h.past) {
			after := node.Position{Seq: fullmakt.Seq(seq)}
			rest := h.feed(t, node.EventsQuery{Organisation: org, Limit: 3, After: after})
			var want []node.Event
			for _, e := range whole {
				if e.Position.Seq > after.Seq {
					want = append(want, e)
				}
			}
			if got, want := fmt.Sprint(positions(rest)), fmt.Sprint(positions(want)); got != want {
				t.Fatalf("organisation %d after revision %d:\n%s\nwant\n%s", org, seq, got, want)
			}
		}
	}
}

func positions(events []node.Event) (out []string) {
	for _, e := range events {
		out = append(out, e.Type+" "+e.Position.String())
	}
	return out
}

// TestEventsAreForWhoHoldsThePackage: a reader is told of exactly the revisions
// after which it could use the package for the organisation.
func TestEventsAreForWhoHoldsThePackage(t *testing.T) {
	told, kept := 0, 0
	for seed := range histories(3) {
		random := rand.New(rand.NewPCG(seed, 9))
		h := newHistory(t, random, 40)
		pkg, _ := h.n.Catalogue().PackageID(node.EventsPackage)
		for org := fullmakt.PartyNo(1); org <= 3; org++ {
			whole := h.feed(t, node.EventsQuery{Organisation: org, Limit: 1000})
			for reader := fullmakt.PartyNo(1); reader <= allParties; reader += 1 + fullmakt.PartyNo(random.IntN(3)) {
				var want []node.Event
				for _, e := range whole {
					s := h.past[e.Position.Seq]
					q := pdp.Ask(reader, org, s.At().Unix())
					q.Package = pkg
					if d := pdp.Decide(s, q); reader != org && d.Allowed && !d.Uncertain {
						want = append(want, e)
					}
				}
				told, kept = told+len(want), kept+len(whole)-len(want)
				got := h.feed(t, node.EventsQuery{Organisation: org, Reader: reader, Limit: 5})
				if fmt.Sprint(positions(got)) != fmt.Sprint(positions(want)) {
					t.Fatalf("seed %d: reader %d of organisation %d is told\n%s\nwant\n%s", seed, reader, org, positions(got), positions(want))
				}
			}
		}
	}
	if told < 20 || kept < 100 {
		t.Errorf("%d events were told and %d kept: too few to show anything", told, kept)
	}
}
