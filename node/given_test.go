package node_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// accountant is party 2, which keeps the books of party 1 and of party 4, a
// sole proprietorship of person 5; person 3 and system user 6 are its agents.
func accountant() []fullmakt.Change {
	books := fullmakt.Role{Code: fullmakt.REGN, Holder: 2}
	agent := fullmakt.SystemUserID(310000027, "fagsystem", "regnskap")
	return []fullmakt.Change{
		fullmakt.Party{No: 1, ID: fullmakt.OrganisationID(310000019), Name: "Bergen AS"},
		fullmakt.Party{No: 2, ID: fullmakt.OrganisationID(310000027), Name: "Trondheim Regnskap AS"},
		fullmakt.Party{No: 3, ID: fullmakt.PersonID(12817010065), Name: "Kari Nordmann"},
		fullmakt.Party{No: 4, ID: fullmakt.OrganisationID(310000035), Name: "Ola Nordmann ENK"},
		fullmakt.Party{No: 5, ID: fullmakt.OpenPersonID(30_000, "Ola Nordmann"), Name: "Ola Nordmann"},
		fullmakt.Party{No: 6, ID: agent, Name: agent.Name},
		fullmakt.Party{No: 7, ID: fullmakt.OrganisationID(310000043), Name: "Bergen AS avd. Voss"},
		fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceCCR, Roles: []fullmakt.Role{books}},
		fullmakt.Organisation{Party: 2, Form: "AS", Source: fullmakt.SourceCCR},
		fullmakt.Organisation{Party: 4, Form: "ENK", Source: fullmakt.SourceCCR, Roles: []fullmakt.Role{books, {Code: fullmakt.INNH, Holder: 5}}},
		fullmakt.Organisation{Party: 7, Form: "BEDR", Parent: 1, Source: fullmakt.SourceCCR},
		fullmakt.SystemUser{Party: 6, Owner: 2, Agent: true},
		fullmakt.Agent{Provider: 2, Agent: 3, Since: morning.Unix()},
		fullmakt.Agent{Provider: 2, Agent: 6, Since: morning.Unix()},
	}
}

func delegation(client, agent fullmakt.PartyNo) fullmakt.ClientDelegation {
	return fullmakt.ClientDelegation{Provider: 2, Client: client, Agent: agent, Package: "regnskapsforer-lonn", Role: fullmakt.REGN, GivenBy: 3}
}

// TestAroundSeesWhatWasGiven: the few parties around a question have, at the head
// and at every earlier revision, all that was given between them and the
// documents of the time, as the whole register has.
func TestAroundSeesWhatWasGiven(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "store")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	n := openStore(t, dir)
	ended := delegation(1, 3)
	ended.Ended, ended.Cause = true, fullmakt.CauseRegister
	document := func(body string) fullmakt.Document {
		return fullmakt.Document{Kind: fullmakt.DocumentResource, ID: "skjema", Parties: []fullmakt.PartyNo{4}, Body: []byte(body)}
	}
	var whole []*index.Snapshot
	for i, changes := range [][]fullmakt.Change{
		append(accountant(), document("first")),
		{delegation(1, 3), delegation(4, 3), delegation(4, 6), delegation(1, 6)},
		{fullmakt.Grant{From: 1, To: 3, Resource: "skjema", Right: "read", GivenBy: 3, Basis: "GIVE-1 held_via_role"}, document("second")},
		{ended, fullmakt.SystemUser{Party: 6, Owner: 2, Agent: true, Ended: true}},
	} {
		do(t, n, morning.Add(time.Duration(i)*time.Hour), changes...)
		whole = append(whole, snapshot(t, n))
	}
	for i, want := range whole {
		at := morning.Add(time.Duration(i)*time.Hour + time.Minute)
		for _, subject := range []fullmakt.PartyNo{3, 6} {
			for _, object := range []fullmakt.PartyNo{1, 4, 5, 7} {
				around, err := n.Around(ctx, at, subject, object)
				if err != nil {
					t.Fatal(err)
				}
				if g, w := between(around, subject, object), between(want, subject, object); g != w {
					t.Errorf("around %d and %d in hour %d:\n%s\nwant:\n%s", subject, object, i, g, w)
				}
			}
			reach, err := n.Reach(ctx, at, subject)
			if err != nil {
				t.Fatal(err)
			}
			for _, client := range []fullmakt.PartyNo{1, 4, 7} {
				if g, w := between(reach, subject, client), between(want, subject, client); g != w {
					t.Errorf("within reach of %d in hour %d:\n%s\nwant:\n%s", subject, i, g, w)
				}
			}
		}
	}
	if len(whole[1].Delegations(1, 3)) != 1 || len(whole[3].Delegations(1, 3)) != 0 {
		t.Error("the delegation did not come and go, so that this test finds nothing")
	}
}

// between writes down what a snapshot knows that a client delegation to subject
// on behalf of object may rest on.
func between(s *index.Snapshot, subject, object fullmakt.PartyNo) (out string) {
	clients := []fullmakt.PartyNo{object, s.Node(object).Parent}
	_, _, held := s.Look(object)
	for _, e := range held {
		if s.RoleCode(e.Role()) == fullmakt.INNH {
			clients = append(clients, e.Party)
		}
	}
	for _, client := range clients {
		if client == 0 {
			continue
		}
		out += fmt.Sprint(client, s.State(client), s.Form(client), s.Delegations(client, subject), s.Grants(client, subject), s.Grants(client, 2), "\n")
		_, holders, _ := s.Look(client)
		for _, e := range holders {
			out += fmt.Sprint(e.Party, s.RoleCode(e.Role()), e.Grant(), e.Client(), e.Ended(), " ")
		}
	}
	if s.Kind(2) != fullmakt.KindUnknown {
		a, ok := s.Agent(2, subject)
		out += fmt.Sprint(a, ok, s.State(2), s.State(subject), s.Node(subject).Flags, s.Node(subject).Parent, "\n")
	}
	for d := range s.Documents(fullmakt.DocumentResource) {
		out += fmt.Sprint(d.ID, string(d.Body), d.Since, "\n")
	}
	return out
}

// TestDocumentsKeepTheirRevision: the index knows of each document which revision
// it is from, whether it followed the log, was built from the store, or was read
// from the snapshot file.
func TestDocumentsKeepTheirRevision(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	n := openStore(t, dir)
	policy := func(id, body string, ended bool) fullmakt.Document {
		return fullmakt.Document{Kind: fullmakt.DocumentPolicy, ID: id, Body: []byte(body), Ended: ended}
	}
	do(t, n, morning, append(accountant(), policy("a", "1", false), policy("b", "1", false), policy("c", "1", false))...)
	do(t, n, morning.Add(time.Hour), policy("b", "2", false))
	do(t, n, morning.Add(2*time.Hour), policy("c", "1", true))
	do(t, n, morning.Add(3*time.Hour), fullmakt.Person{Party: 5, Dead: true})
	check := func(how string, s *index.Snapshot) {
		t.Helper()
		var got []string
		for d := range s.Documents(fullmakt.DocumentPolicy) {
			got = append(got, fmt.Sprint(d.ID, string(d.Body), "@", d.Since))
		}
		if want := []string{"a1@1", "b2@2"}; !slices.Equal(got, want) || s.DocumentsSeq(fullmakt.DocumentPolicy) != 3 {
			t.Errorf("%s: %v, the latest change of any in %d; want %v and 3", how, got, s.DocumentsSeq(fullmakt.DocumentPolicy), want)
		}
	}
	check("after the log", snapshot(t, n))
	check("built from the store", snapshot(t, openStore(t, dir)))
	if err := n.SaveSnapshot(context.Background()); err != nil {
		t.Fatal(err)
	}
	check("read from the file", snapshot(t, openStore(t, dir)))
}
