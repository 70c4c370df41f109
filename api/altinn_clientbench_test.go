package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
)

// BenchmarkClientLists asks over HTTP for the first page of the clients of a
// provider with 13,000 of them, and for first pages and whole lists of the 104,000
// client delegations to its 50 agents.
func BenchmarkClientLists(b *testing.B) {
	n := accountantNode(b, 13_000)
	agent, client := delegateAll(b, n, 50, 8)
	s, err := New(n, openConfig(), WithClock(func() time.Time { return testNow }))
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(s.Handler())
	b.Cleanup(server.Close)
	const page = "&pageSize=100"
	provider := "?party=" + uuidOf(b, n, "310000027")
	for _, list := range []struct {
		name, path string
		rows       int
	}{
		{"clients", "/clients" + provider + page, 100},
		{"all clients", "/clients" + provider, 13_000},
		{"agents", "/agents" + provider + page, 50},
		{"delegations to an agent", "/agents/accesspackages" + provider + "&to=" + agent + page, 100},
		{"all delegations to an agent", "/agents/accesspackages" + provider + "&to=" + agent, 2_080},
		{"delegations for a client", "/clients/accesspackages" + provider + "&from=" + client + page, 8},
	} {
		b.Run(list.name, func(b *testing.B) {
			var body []byte
			for b.Loop() {
				answer, err := server.Client().Get(server.URL + clientDelegations + list.path)
				if err != nil {
					b.Fatal(err)
				}
				if body, err = io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
					b.Fatalf("%d %v %s", answer.StatusCode, err, body)
				}
				answer.Body.Close()
			}
			if rows := strings.Count(string(body), `"access":[`); rows != list.rows {
				b.Fatalf("%d rows, want %d", rows, list.rows)
			}
			b.ReportMetric(float64(len(body)), "bytes")
		})
	}
}

// delegateAll gives the accountant of accountantNode agents, and delegates every
// client to as many of them. It returns the UUIDs of an agent and of a client.
func delegateAll(b *testing.B, n *node.Node, agents, each int) (agent, client string) {
	b.Helper()
	var people, clients []fullmakt.PartyNo
	_, err := n.Do(b.Context(), testNow, "agents and clients", func(s *index.Snapshot) (changes []fullmakt.Change, err error) {
		provider := s.Organisation(310000027)
		for i := 0; len(people) < agents; i++ {
			id, ok := fullmakt.SyntheticNationalID(1+i%28, 1+i%12, 30+i%10, i%400)
			if no := s.Last() + 1 + fullmakt.PartyNo(len(people)); ok {
				people = append(people, no)
				changes = append(changes, fullmakt.Party{No: no, ID: fullmakt.PersonID(id), Name: "Ansatt"},
					fullmakt.Agent{Provider: provider, Agent: no, Since: testNow.Unix()})
			}
		}
		for c := range delegation.Clients(s, provider, testNow.Unix(), 0) {
			for i := range each {
				changes = append(changes, fullmakt.ClientDelegation{Provider: provider, Client: c.Party, Agent: people[(len(clients)+i)%agents],
					Package: "regnskapsforer-lonn", Role: fullmakt.REGN})
			}
			clients = append(clients, c.Party)
		}
		return changes, nil
	})
	if err != nil {
		b.Fatal(err)
	}
	uuids, err := n.Store().UUIDs(b.Context(), slices.Concat(people[:1], clients[:1]))
	if err != nil {
		b.Fatal(err)
	}
	return uuids[people[0]].String(), uuids[clients[0]].String()
}
