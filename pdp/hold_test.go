package pdp_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// TestHoldAgrees: over random worlds, what a subject holds is exactly what the
// questions about each package, role and right are answered yes for.
func TestHoldAgrees(t *testing.T) {
	setRapid(t, "rapid.seed", "5")
	setRapid(t, "rapid.checks", "200")
	setRapid(t, "rapid.nofailfile", "true")
	gen, cats := worlds(), catalogues()
	packages, roles, rights := 0, 0, 0
	var h pdp.Holdings // used again for every pair
	rapid.Check(t, func(rt *rapid.T) {
		w := gen.Draw(rt, "world")
		c := cats.of(w)
		s := build(c, w.log)
		at := w.times[0]
		for _, subject := range everybody(w) {
			for _, object := range everybody(w) {
				pdp.Hold(s, subject, object, at, &h)
				for _, code := range slices.Concat(worldPackages[:len(worldPackages)-1], clientPackages[:len(clientPackages)-1]) {
					q := pdp.Ask(subject, object, at)
					q.Package = packageID(c, code)
					if got, want := h.Packages.Has(q.Package), pdp.Decide(s, q).Allowed; got != want {
						rt.Fatalf("%d holds %s for %d: %t, decision %t, in the world\n%s", subject, code, object, got, want, w)
					} else if want {
						packages++
					}
				}
				for id := catalogue.RoleID(1); s.RoleCode(id) != ""; id++ {
					q := pdp.Ask(subject, object, at)
					q.Role = id
					if got, want := h.Roles.Has(id), pdp.Decide(s, q).Allowed; got != want {
						rt.Fatalf("%d holds %s for %d: %t, decision %t, in the world\n%s", subject, s.RoleCode(id), object, got, want, w)
					} else if want {
						roles++
					}
				}
				for _, r := range worldRights {
					q := pdp.Ask(subject, object, at)
					if q.Right = s.Right(r.resource, r.right); q.Right == 0 {
						continue
					}
					if got, want := slices.Contains(h.Rights, q.Right), pdp.Decide(s, q).Allowed; got != want {
						rt.Fatalf("%d holds %v for %d: %t, decision %t, in the world\n%s", subject, r, object, got, want, w)
					} else if want {
						rights++
					}
				}
				d := pdp.Decide(s, pdp.Ask(subject, object, at))
				if h.Uncertain != d.Uncertain || h.Refused != "" && h.Refused != d.Reason {
					rt.Fatalf("%d for %d: uncertain %t, refused %q, decision %+v", subject, object, h.Uncertain, h.Refused, d)
				}
			}
		}
	})
	if packages < 100 || roles < 100 || rights < 10 {
		t.Errorf("%d packages, %d roles and %d rights held: too few to say anything", packages, roles, rights)
	}
}

func TestRoleSetYieldsWhatItHas(t *testing.T) {
	s := tell(t)
	s.org("Bergen AS", "AS", "DAGL", "Kari", "NYTT", "Kari")
	snapshot := s.snapshot()
	var h pdp.Holdings
	pdp.Hold(snapshot, s.no("Kari"), s.no("Bergen AS"), s.at, &h)
	var got []fullmakt.RoleCode
	for r := range h.Roles.All() {
		if !h.Roles.Has(r) {
			t.Errorf("yields %s, which it does not have", snapshot.RoleCode(r))
		}
		got = append(got, snapshot.RoleCode(r))
	}
	if len(got) < 3 || !slices.Contains(got, fullmakt.DAGL) || !slices.Contains(got, "NYTT") || !slices.Contains(got, "a0212") {
		t.Errorf("roles %q, want DAGL, what it maps to, and the one that no catalogue has", got)
	}
	pdp.Hold(snapshot, s.no("Stine"), s.no("Bergen AS"), s.at, &h)
	for r := range h.Roles.All() {
		t.Errorf("a stranger has %s", snapshot.RoleCode(r))
	}
}

// TestHoldDoesNotAllocate: filling holdings that have been used before.
func TestHoldDoesNotAllocate(t *testing.T) {
	s, agent, client := manyClients(10, 10)
	now := s.At().Unix()
	var h pdp.Holdings
	pdp.Hold(s, agent, client, now, &h)
	if h.Packages.Len() == 0 || len(h.Rights) == 0 {
		t.Fatalf("%d packages and %d rights, want some of both", h.Packages.Len(), len(h.Rights))
	}
	if n := testing.AllocsPerRun(10, func() { pdp.Hold(s, agent, client, now, &h) }); n != 0 {
		t.Errorf("Hold allocates %v times", n)
	}
	q := pdp.Ask(agent, client, now)
	q.Package = packageID(s.Catalogue(), payroll)
	if d := pdp.Decide(s, q); d.Reason != fullmakt.ReasonClient {
		t.Fatalf("%+v, want a yes by CLIENT", d)
	}
	if n := testing.AllocsPerRun(10, func() { pdp.Decide(s, q) }); n != 0 {
		t.Errorf("Decide allocates %v times by CLIENT", n)
	}
}

// manyClients is an accountant with clients and agents: every agent has two
// packages and a single right for every client. It returns one pair of them.
func manyClients(clients, agents int) (s *index.Snapshot, agent, client fullmakt.PartyNo) {
	b := index.NewBuilder(must(embedded()))
	const firm = fullmakt.PartyNo(1)
	no := func(i int) fullmakt.PartyNo { return fullmakt.PartyNo(i + 2) }
	org := func(p fullmakt.PartyNo) {
		b.Add(fullmakt.Party{No: p, ID: fullmakt.OrganisationID(fullmakt.NextOrgNumber(31_000_000 + uint32(p)*10)), Name: fmt.Sprint("Org ", p)})
	}
	org(firm)
	b.Add(fullmakt.Organisation{Party: firm, Form: "AS", Source: fullmakt.SourceCCR})
	for i := range clients {
		org(no(i))
		b.Add(fullmakt.Organisation{Party: no(i), Form: "AS", Source: fullmakt.SourceCCR, Roles: []fullmakt.Role{{Code: fullmakt.REGN, Holder: firm}}})
	}
	for i := range agents {
		p := no(clients + i)
		b.Add(fullmakt.Party{No: p, ID: fullmakt.PersonID(syntheticPerson(i)), Name: fmt.Sprint("Agent ", i)})
		b.Add(fullmakt.Agent{Provider: firm, Agent: p})
	}
	for i := range clients {
		for j := range agents {
			p := no(clients + j)
			for _, code := range []string{payroll, "regnskapsforer-med-signeringsrettighet"} {
				b.Add(fullmakt.ClientDelegation{Provider: firm, Client: no(i), Agent: p, Package: code, Role: fullmakt.REGN})
			}
			b.Add(fullmakt.Grant{From: no(i), To: p, Resource: "skattemelding", Right: "read"})
		}
	}
	return b.Build(1, time.Unix(noon, 0)), no(clients + agents/2), no(clients / 2)
}

// BenchmarkHold gathers all that a subject holds, as XACML attributes take it.
func BenchmarkHold(b *testing.B) {
	demo := demoSnapshot(b)
	office, agent, client := manyClients(1000, 20)
	for _, bm := range []struct {
		name            string
		s               *index.Snapshot
		subject, object fullmakt.PartyNo
	}{
		{"nested", demo, demo.Person(12817010065), demo.Organisation(310000019)},
		{"stranger", demo, demo.Person(21887810084), demo.Organisation(310000019)},
		{"client", office, agent, client},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			var h pdp.Holdings
			at := bm.s.At().Unix()
			for b.Loop() {
				pdp.Hold(bm.s, bm.subject, bm.object, at, &h)
			}
		})
	}
}
