package node

import (
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// delegated makes Kari an agent of Trondheim AS and lets her use a package for
// Bergen AS, whose accountant it is.
func (r *register) delegated(n *Node, agent fullmakt.PartyID) {
	r.t.Helper()
	_, err := n.Do(r.t.Context(), noon, "test", func(s *index.Snapshot) ([]fullmakt.Change, error) {
		by := &delegation.Acting{Snapshot: s, At: noon.Unix()}
		provider, who := s.Organisation(trondheim), s.Person(agent.Person)
		added, err := by.AddAgent(delegation.AddAgent{Provider: provider, Agent: who})
		if err != nil {
			return nil, err
		}
		by.Snapshot = s.Apply(s.Seq(), s.At(), added.Changes)
		given, err := by.DelegateClients(delegation.DelegateClients{
			Provider: provider, AllClients: true, Agents: []fullmakt.PartyNo{who},
			Values: []delegation.Delegable{{Role: "REGN", Packages: []string{"regnskapsforer-lonn"}}},
		})
		if err != nil {
			return nil, err
		}
		return append(added.Changes, given.Changes...), nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// since returns what the revisions after one say of grants, agents and delegations.
// Each such revision must hold the register change that brought it as well.
func (r *register) since(before fullmakt.Seq) (ends []fullmakt.Change, seq fullmakt.Seq) {
	r.t.Helper()
	said, register := map[fullmakt.Seq]bool{}, map[fullmakt.Seq]bool{}
	for entry, err := range r.db.Changes(r.t.Context(), before) {
		if err != nil {
			r.t.Fatal(err)
		}
		seq = entry.Seq
		switch entry.Change.(type) {
		case fullmakt.Agent, fullmakt.ClientDelegation, fullmakt.Grant:
			ends, said[seq] = append(ends, entry.Change), true
		case fullmakt.Organisation, fullmakt.Person:
			register[seq] = true
		}
	}
	for seq := range said {
		if !register[seq] {
			r.t.Errorf("revision %d ends something, and what brought it is in another", seq)
		}
	}
	return ends, seq
}

// endsTown is a register of CCR files in which Trondheim AS is accountant of
// Bergen AS and Oslo AS, and Kari Trondheim AS's agent for both.
func endsTown(t *testing.T) (*register, *Node, fullmakt.PartyID) {
	r := newRegister(t)
	kari := person(t, 100)
	r.imports(r.batch(100, 0,
		enh(bergen, "AS", "N", "J"), ccrLink("REGN", "N", trondheim), ccrPerson("DAGL", "N", kari, "NORDMANN"),
		enh(oslo, "AS", "N", "J"), ccrLink("REGN", "N", trondheim),
		enh(trondheim, "AS", "N", "J"), ccrPerson("DAGL", "N", kari, "NORDMANN"),
	))
	c, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{store: r.db, catalogue: c}
	r.delegated(n, kari)
	return r, n, kari
}

func head(t *testing.T, r *register) fullmakt.Seq {
	t.Helper()
	rev, err := r.db.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rev.Seq
}

// A delegation ends in the very revision of an import that takes its basis away,
// and stays ended when the accountant returns (rule GIVE-6).
func TestGIVE6Import(t *testing.T) {
	r, n, _ := endsTown(t)
	before := head(t, r)
	// A role set that is sent again and holds the accountant still ends nothing.
	r.imports(r.batch(101, 0, enh(bergen, "AS", "E", "N"), ccrLink("REGN", "N", trondheim), ccrLink("REVI", "N", trondheim)))
	ends, before := r.since(before)
	if len(ends) != 0 {
		t.Errorf("a role more ended %+v", ends)
	}
	r.imports(r.batch(102, 0, enh(bergen, "AS", "E", "N"), "SAMUREGN", ccrLink("REGN", "N", oslo)))
	ends, before = r.since(before)
	s, err := n.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b, tr := s.Organisation(bergen), s.Organisation(trondheim)
	if len(ends) != 1 {
		t.Fatalf("ended: %+v, want the delegation for Bergen AS", ends)
	}
	d, ok := ends[0].(fullmakt.ClientDelegation)
	if !ok || d.Client != b || d.Provider != tr || !d.Ended || d.Cause != fullmakt.CauseRegister {
		t.Fatalf("ended: %+v", ends)
	}
	r.imports(r.batch(103, 0, enh(bergen, "AS", "E", "N"), ccrLink("REGN", "N", trondheim)))
	if ends, _ := r.since(before); len(ends) != 0 {
		t.Errorf("the accountant's return says %+v", ends)
	}
	if s, err = n.Snapshot(t.Context()); err != nil || len(s.Delegations(b, d.Agent)) != 0 || len(s.Delegations(s.Organisation(oslo), d.Agent)) != 1 {
		t.Errorf("%v: %d delegations for Bergen AS and %d for Oslo AS, want 0 and 1", err, len(s.Delegations(b, d.Agent)), len(s.Delegations(s.Organisation(oslo), d.Agent)))
	}
}

// The same by a bulk import and by the update feeds.
func TestGIVE6OpenData(t *testing.T) {
	for _, road := range []string{"bulk", "feed"} {
		t.Run(road, func(t *testing.T) {
			r := newRegister(t)
			units := []string{unit(bergen, "AS", "BERGEN AS", ""), unit(trondheim, "AS", "TRONDHEIM AS", ""), unit(oslo, "AS", "OSLO AS", "")}
			r.imports(r.file("e.json", units...), r.file("r.json", roleSet(bergen, byOrg("REGN", trondheim, "TRONDHEIM AS")), roleSet(oslo, byOrg("REGN", trondheim, "TRONDHEIM AS"))))
			kari := person(t, 100)
			c, err := catalogue.Embedded()
			if err != nil {
				t.Fatal(err)
			}
			n := &Node{store: r.db, catalogue: c}
			rev, err := r.db.Head(t.Context())
			if err == nil {
				_, err = r.db.Append(t.Context(), rev.Seq, noon, "test", one(fullmakt.Party{No: rev.NextParty, ID: kari, Name: "KARI"}))
			}
			if err != nil {
				t.Fatal(err)
			}
			r.delegated(n, kari)
			before := head(t, r)
			gone := roleSet(bergen, byPerson("DAGL", "1970-01-01", "OLA", "NORDMANN"))
			if road == "bulk" {
				r.imports(r.file("e.json", units...), r.file("r.json", gone, roleSet(oslo, byOrg("REGN", trondheim, "TRONDHEIM AS"))))
			} else {
				feeds := newFeedServer()
				server := httptest.NewServer(feeds)
				defer server.Close()
				feeds.change("enheter", bergen, "Endring", unit(bergen, "ASA", "BERGEN ASA", ""))
				feeds.change("underenheter", sub, "Ny", subUnit(sub, "BERGEN LAGER", bergen))
				feeds.change("roller", bergen, "", gone)
				if err := r.follow(server, nil); err != nil {
					t.Fatal(err)
				}
			}
			ends, _ := r.since(before)
			if len(ends) != 1 || !slices.ContainsFunc(ends, func(ch fullmakt.Change) bool {
				d, ok := ch.(fullmakt.ClientDelegation)
				return ok && d.Ended && d.Cause == fullmakt.CauseRegister
			}) {
				t.Errorf("ended: %+v", ends)
			}
		})
	}
}

// What a person was an agent of ends with the death that a feed tells (rule LIFE-1).
func TestLIFE1Import(t *testing.T) {
	r, _, kari := endsTown(t)
	before := head(t, r)
	dead := []rune(ccrPerson("DAGL", "N", kari, "NORDMANN"))
	dead[326] = 'D'
	r.imports(r.batch(101, 0, enh(oslo, "AS", "E", "N"), string(dead)))
	ends, _ := r.since(before)
	if len(ends) != 3 {
		t.Fatalf("ended: %+v, want the agent relation and two delegations", ends)
	}
	for _, ch := range ends {
		if _, ended, cause := endOf(ch); !ended || cause != fullmakt.CauseRegister {
			t.Errorf("%+v", ch)
		}
	}
}

func endOf(ch fullmakt.Change) (what string, ended bool, cause fullmakt.Cause) {
	switch c := ch.(type) {
	case fullmakt.Agent:
		return "agent", c.Ended, c.Cause
	case fullmakt.ClientDelegation:
		return "delegation", c.Ended, c.Cause
	}
	return "", false, 0
}
