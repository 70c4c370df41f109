package index_test

import (
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// office is an accountant with clients and agents, as party numbers: the
// accountant is 1, the agents follow, then the clients. Each of the delegations
// is of one package for one client to one agent.
type office struct{ agents, clients, delegations int }

func (o office) agent(i int) fullmakt.PartyNo  { return fullmakt.PartyNo(2 + i%o.agents) }
func (o office) client(i int) fullmakt.PartyNo { return fullmakt.PartyNo(2 + o.agents + i%o.clients) }

func (o office) delegation(i int) fullmakt.ClientDelegation {
	packages := [...]string{"regnskapsforer-lonn", "regnskapsforer-med-signeringsrettighet", "regnskapsforer-uten-signeringsrettighet"}
	return fullmakt.ClientDelegation{
		Provider: 1, Client: o.client(i), Agent: o.agent(i/o.clients*7 + i), Package: packages[i/o.clients%3], Role: fullmakt.REGN, GivenBy: 2,
	}
}

func (o office) build(tb testing.TB) *index.Snapshot {
	b := index.NewBuilder(mustCatalogue(tb))
	b.Add(fullmakt.Party{No: 1, ID: fullmakt.OrganisationID(310_000_000)})
	for i := range o.agents {
		b.Add(fullmakt.Party{No: o.agent(i), ID: fullmakt.PersonID(fullmakt.NationalID(10_000_000_000 + i))})
		b.Add(fullmakt.Agent{Provider: 1, Agent: o.agent(i)})
	}
	for i := range o.clients {
		b.Add(fullmakt.Party{No: o.client(i), ID: fullmakt.OrganisationID(fullmakt.OrgNumber(320_000_000 + i))})
		b.Add(fullmakt.Organisation{Party: o.client(i), Form: "AS", Roles: []fullmakt.Role{{Code: fullmakt.REGN, Holder: 1}}})
	}
	for i := range o.delegations {
		b.Add(o.delegation(i))
	}
	return b.Build(1, epoch)
}

// TestDelegationsAreCompact: a client delegation takes no more than a hundred
// bytes with its edges, and looking for the delegations and the agent relation of
// a pair, and for a right, allocates nothing.
func TestDelegationsAreCompact(t *testing.T) {
	o := office{agents: 5, clients: 1300, delegations: 10_000}
	bare := o
	bare.delegations = 0
	with, without := o.build(t).Stats(), bare.build(t).Stats()
	if n := with.Delegations; n != o.delegations {
		t.Fatalf("%d delegations, want %d", n, o.delegations)
	}
	// Lists double as they grow, which Stats counts.
	if each := (with.TotalBytes - without.TotalBytes) / int64(o.delegations); each > 100 {
		t.Errorf("a delegation takes %d bytes", each)
	}
	s := o.build(t).Apply(2, epoch, []fullmakt.Change{fullmakt.Grant{From: o.client(0), To: 1, Resource: "skjema", Right: "read"}})
	d := o.delegation(0)
	allocs := testing.AllocsPerRun(100, func() {
		if len(s.Delegations(d.Client, d.Agent)) == 0 || s.Right("skjema", "read") == 0 {
			t.Fatal("a delegation or right is not found")
		}
		if _, ok := s.Agent(1, d.Agent); !ok {
			t.Fatal("an agent is not found")
		}
	})
	if allocs != 0 {
		t.Errorf("looking allocates %v times", allocs)
	}
}

// TestPurgeTakesDelegations: the delegations that name a party go with it,
// whichever of the three it is, and those of another provider stay.
func TestPurgeTakesDelegations(t *testing.T) {
	o := office{agents: 2, clients: 600, delegations: 1800}
	s := o.build(t)
	other := fullmakt.PartyNo(2 + o.agents + o.clients)
	client := o.client(0)
	s = s.Apply(2, epoch, []fullmakt.Change{
		fullmakt.Party{No: other, ID: fullmakt.OrganisationID(310_000_001)},
		fullmakt.ClientDelegation{Provider: other, Client: client, Agent: 2, Package: "lonn"},
	})
	for _, purged := range []fullmakt.PartyNo{1, 2, client} {
		after := s.Apply(3, epoch, []fullmakt.Change{fullmakt.Purge{Party: purged}})
		for p := fullmakt.PartyNo(1); p <= after.Last(); p++ {
			_, holders, held := after.Look(p)
			for _, e := range append(holders[:len(holders):len(holders)], held...) {
				if e.Party == purged || p == purged {
					t.Fatalf("after the purge of %d, party %d has an edge to %d", purged, p, e.Party)
				}
			}
		}
		for _, agent := range []fullmakt.PartyNo{2, 3} {
			for i := range o.clients {
				for _, d := range after.Delegations(o.client(i), agent) {
					if d.Provider == purged || d.Client == purged || d.Agent == purged {
						t.Fatalf("after the purge of %d: %+v", purged, d)
					}
				}
			}
		}
		if left := len(after.Delegations(client, 2)); left != 0 != (purged == 1) {
			t.Errorf("after the purge of %d the agent has %d delegations for the client", purged, left)
		}
	}
}

// BenchmarkOffice measures the largest office there may be: 100,000 delegations.
func BenchmarkOffice(b *testing.B) {
	o := office{agents: 50, clients: 13_000, delegations: 100_000}
	s := o.build(b)
	bare := o
	bare.delegations = 0
	b.Run("Apply", func(b *testing.B) {
		for i := range b.N {
			d := o.delegation(i % o.delegations)
			d.Package = "lonn"
			s.Apply(2, epoch, []fullmakt.Change{d})
		}
	})
	b.Run("Look", func(b *testing.B) {
		for i := range b.N {
			d := o.delegation(i % o.delegations)
			if len(s.Delegations(d.Client, d.Agent)) == 0 {
				b.Fatal("not found")
			}
		}
	})
	b.Run("Size", func(b *testing.B) {
		for range b.N {
			b.ReportMetric(float64(s.Stats().TotalBytes-bare.build(b).Stats().TotalBytes)/float64(o.delegations), "bytes/delegation")
		}
	})
}
