package delegation_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// provider makes an accountant with clients, and agents who share delegations
// between them: delegated for each client to as many of the agents.
func provider(b *testing.B, clients, agents, delegated int) (*index.Snapshot, fullmakt.PartyNo) {
	c, err := embedded()
	if err != nil {
		b.Fatal(err)
	}
	build := index.NewBuilder(c)
	party := func(no int, id fullmakt.PartyID) {
		build.Add(fullmakt.Party{No: fullmakt.PartyNo(no), ID: id, Name: "X"})
	}
	org := func(no int, roles ...fullmakt.Role) {
		party(no, fullmakt.OrganisationID(fullmakt.NextOrgNumber(31_000_000+uint32(no)*10)))
		build.Add(fullmakt.Organisation{Party: fullmakt.PartyNo(no), Form: "AS", Roles: roles})
	}
	org(1, fullmakt.Role{Code: fullmakt.DAGL, Holder: 2}) // the first agent is the director too
	for i, individual := 0, 0; i < agents; individual++ {
		if id, ok := fullmakt.SyntheticNationalID(1+individual%28, 1+individual%12, 70+individual%30, individual%1000); ok {
			party(2+i, fullmakt.PersonID(id))
			build.Add(fullmakt.Agent{Provider: 1, Agent: fullmakt.PartyNo(2 + i), Since: noon})
			i++
		}
	}
	for i := range clients {
		no := 2 + agents + i
		org(no, fullmakt.Role{Code: "REGN", Holder: 1})
		for j := range delegated {
			build.Add(fullmakt.ClientDelegation{Provider: 1, Client: fullmakt.PartyNo(no), Agent: fullmakt.PartyNo(2 + (i+j)%agents), Package: lonn, Role: "REGN"})
		}
	}
	return build.Build(1, time.Unix(noon, 0)), 1
}

// The provider of the largest size that is expected: 13,000 clients, 50 agents,
// 104,000 delegations.
func BenchmarkProvider(b *testing.B) {
	s, f := provider(b, 13_000, 50, 8)
	b.Run("clients", func(b *testing.B) {
		for b.Loop() {
			if page, _ := delegation.Page(delegation.Clients(s, f, noon, 0), 100); len(page) != 100 {
				b.Fatal(len(page))
			}
		}
	})
	b.Run("all clients", func(b *testing.B) {
		for b.Loop() {
			if page, _ := delegation.Page(delegation.Clients(s, f, noon, 0), 20_000); len(page) != 13_000 {
				b.Fatal(len(page))
			}
		}
	})
	b.Run("agents", func(b *testing.B) {
		for b.Loop() {
			if page, _ := delegation.Page(delegation.Agents(s, f, 0), 100); len(page) != 50 || page[0].Clients != 2080 {
				b.Fatal(len(page), page[0].Clients)
			}
		}
	})
	b.Run("of an agent", func(b *testing.B) {
		for b.Loop() {
			if page, _ := delegation.Page(delegation.DelegatedTo(s, f, 2, 0), 100); len(page) != 100 {
				b.Fatal(len(page))
			}
		}
	})
	b.Run("random read", randomRead)
	b.Run("decide for an agent", func(b *testing.B) {
		p, _ := s.Catalogue().PackageID(lonn)
		q := pdp.Ask(0, 0, noon)
		q.Package = p
		for i := 0; b.Loop(); i++ { // client and agent with a delegation between them, all over the register
			client := i * 7919 % 13_000
			q.Subject, q.For = fullmakt.PartyNo(2+(client+i%8)%50), fullmakt.PartyNo(52+client)
			if !pdp.Decide(s, q).Allowed {
				b.Fatal(q)
			}
		}
	})
	for name, subject := range map[string]fullmakt.PartyNo{"walk for an agent": 40, "walk for the director": 2} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if n := pdp.CountActsFor(s, subject, noon, pdp.All); n < 2080 {
					b.Fatal(n)
				}
			}
		})
	}
	b.Run("first page for the director", func(b *testing.B) {
		for b.Loop() {
			if page, _ := pdp.ActsFor(s, 2, noon, pdp.All, 0, 100); len(page) != 100 {
				b.Fatal(len(page))
			}
		}
	})
	by := &delegation.Acting{Snapshot: s, At: noon}
	one := delegation.DelegateClients{Provider: f, Clients: []fullmakt.PartyNo{52}, Agents: []fullmakt.PartyNo{40}, Values: []delegation.Delegable{{Role: "REGN", Packages: []string{lonn}}}}
	all := one
	all.Clients, all.AllClients = nil, true
	for name, c := range map[string]delegation.DelegateClients{"delegate one": one, "delegate all to one agent": all} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if out, err := by.DelegateClients(c); err != nil || len(out.Changes) == 0 {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("ends of a client's change", func(b *testing.B) {
		for b.Loop() {
			if ends := delegation.Ends(s, []fullmakt.Change{fullmakt.Organisation{Party: 60, Form: "AS"}}); len(ends) != 8 {
				b.Fatal(len(ends))
			}
		}
	})
}

// randomRead is the unit that figures are held against: a dependent random read, in
// an array about as large as this register's index (docs/benchmarks.md).
func randomRead(b *testing.B) {
	next := make([]uint32, 16<<20)
	for i := range next {
		next[i] = uint32(i)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for i := len(next) - 1; i > 0; i-- { // one cycle, so that no read is foreseen
		j := rng.IntN(i)
		next[i], next[j] = next[j], next[i]
	}
	at := uint32(0)
	for b.Loop() {
		at = next[at]
	}
	if at == 1<<31 {
		b.Log(at)
	}
}
