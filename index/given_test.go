package index_test

import (
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// TestGivenStandsThroughChanges applies changes one by one that what was given
// must survive, or not, and wants at the end what building at once gives.
func TestGivenStandsThroughChanges(t *testing.T) {
	delegation := fullmakt.ClientDelegation{Provider: 2, Client: 1, Agent: 3, Package: "lonn", Role: fullmakt.REGN}
	overGrant := delegation
	overGrant.Role = ""
	ended := overGrant
	ended.Ended, ended.Cause = true, fullmakt.CauseRevoked
	log := []fullmakt.Change{
		fullmakt.Party{No: 1, ID: fullmakt.OrganisationID(310000019)},
		fullmakt.Party{No: 2, ID: fullmakt.OrganisationID(310000027)},
		fullmakt.Party{No: 3, ID: fullmakt.PersonID(12817010065)},
		fullmakt.Party{No: 4, ID: fullmakt.OrganisationID(310000035)},
		fullmakt.Agent{Provider: 2, Agent: 3, Since: 7}, delegation, overGrant, ended,
		fullmakt.ScopeGrant{From: 1, To: 4, Scheme: "s"}, fullmakt.ScopeGrant{From: 1, To: 2, Scheme: "s"},
		fullmakt.Document{Kind: fullmakt.DocumentAccessList, ID: "gone", Parties: []fullmakt.PartyNo{2, 4}},
		fullmakt.Document{Kind: fullmakt.DocumentAccessList, ID: "stays", Parties: []fullmakt.PartyNo{4}},
		fullmakt.Document{Kind: fullmakt.DocumentAccessList, ID: "stays", Parties: []fullmakt.PartyNo{2}},
		// New role sets of the client and of the provider leave what was given.
		fullmakt.Organisation{Party: 1, Form: "AS", Roles: []fullmakt.Role{{Code: fullmakt.REGN, Holder: 2}}},
		fullmakt.Organisation{Party: 2, Form: "AS"},
		fullmakt.Purge{Party: 4},
	}
	c := mustCatalogue(t)
	s := build(c, nil)
	for i, change := range log {
		s = s.Apply(fullmakt.Seq(i+1), epoch, []fullmakt.Change{change})
	}
	if want := build(c, log); s.Digest() != want.Digest() {
		t.Error("applied one by one the changes lead to other facts")
	}
	if d := s.Delegations(1, 3); len(d) != 1 || s.RoleCode(d[0].Role) != fullmakt.REGN {
		t.Errorf("delegations %+v, want the one over REGN", d)
	}
	count := func(p fullmakt.PartyNo, is func(index.Edge) bool) (n int) {
		_, holders, held := s.Look(p)
		for _, e := range append(holders[:len(holders):len(holders)], held...) {
			if is(e) {
				n++
			}
		}
		return n
	}
	for p, want := range map[fullmakt.PartyNo][2]int{1: {1, 0}, 2: {0, 1}, 3: {1, 1}} {
		if got := [2]int{count(p, index.Edge.Client), count(p, index.Edge.Agent)}; got != want {
			t.Errorf("party %d has %d client and %d agent edges, want %v", p, got[0], got[1], want)
		}
	}
	if _, there := s.Document(fullmakt.DocumentAccessList, "gone"); there {
		t.Error("a document about a purged party is still there")
	}
	if d, there := s.Document(fullmakt.DocumentAccessList, "stays"); !there || d.Since != 13 {
		t.Errorf("the document that was about a purged party before: %+v, %v", d, there)
	}
	if got := s.DocumentsSeq(fullmakt.DocumentAccessList); got != fullmakt.Seq(len(log)) {
		t.Errorf("the purge of a document shows at revision %d, want %d", got, len(log))
	}
	if _, there := s.ScopeGrant(1, 4, "s"); there {
		t.Error("a scope grant to a purged party is still there")
	}
}

// TestRightsOfTwoFutures: two snapshots made from the same one number their new
// rights apart.
func TestRightsOfTwoFutures(t *testing.T) {
	s := smallRegister(t)
	for _, r := range []string{"a", "b"} { // leaves room behind the list of names
		s = s.Apply(2, epoch, []fullmakt.Change{fullmakt.Grant{From: 1, To: 3, Resource: "skjema", Right: r}})
	}
	grant := func(right string) *index.Snapshot {
		return s.Apply(9, epoch, []fullmakt.Change{fullmakt.Grant{From: 1, To: 3, Resource: "post", Right: right}})
	}
	one, other := grant("one"), grant("other")
	for right, future := range map[string]*index.Snapshot{"one": one, "other": other} {
		if resource, name := future.RightName(future.Right("post", right)); resource != "post" || name != right {
			t.Errorf("the right %q became %q to %q", right, name, resource)
		}
	}
	if one.Right("post", "other") != 0 || s.Right("post", "one") != 0 {
		t.Error("a snapshot knows a right that was first granted in another")
	}
}
