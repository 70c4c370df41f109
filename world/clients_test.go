package world_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
)

// TestFactsOfDelegations reads what stands beside the register: system users,
// rights, agents, client delegations and scope grants.
func TestFactsOfDelegations(t *testing.T) {
	w := mustParse(t, `-- register --
organisation 310000019 AS "Bergen AS"
organisation 310000027 AS "Regnskap AS"
person 12817010065 "Kari Nordmann"
system-user Program/En of "Regnskap AS" agent
system-user program/to of "Regnskap AS" ended
grant-right read of skattemelding from "Bergen AS" to program/to
agent program/en of "Regnskap AS" by kari
agent kari of 310000027 ended
delegate regnskapsforer-lonn for "Bergen AS" from "Regnskap AS" to program/en@310000027 over REGN by kari
delegate skatt-naering for "Bergen AS" from "Regnskap AS" to kari over grant ended
scopes ordningen from "Bergen AS" to "Regnskap AS" by kari revoked
`)
	want := []fullmakt.Change{
		fullmakt.SystemUser{Party: 4, Owner: 2, Agent: true},
		fullmakt.SystemUser{Party: 5, Owner: 2, Ended: true},
		fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceWorld},
		fullmakt.Organisation{Party: 2, Form: "AS", Source: fullmakt.SourceWorld},
		fullmakt.Grant{From: 1, To: 5, Resource: "skattemelding", Right: "read"},
		fullmakt.Agent{Provider: 2, Agent: 4, GivenBy: 3},
		fullmakt.Agent{Provider: 2, Agent: 3, Ended: true},
		fullmakt.ClientDelegation{Provider: 2, Client: 1, Agent: 4, Package: "regnskapsforer-lonn", Role: fullmakt.REGN, GivenBy: 3},
		fullmakt.ClientDelegation{Provider: 2, Client: 1, Agent: 3, Package: "skatt-naering", Ended: true},
		fullmakt.ScopeGrant{From: 1, To: 2, Scheme: "ordningen", GivenBy: 3, Ended: true},
	}
	facts := w.Facts()
	if diff := cmp.Diff(want, facts[len(facts)-len(want):], showNumbers); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	user := fullmakt.SystemUserID(310000027, "program", "en")
	if got := facts[3].(fullmakt.Party); got.ID != user || got.Name != "Program/En" {
		t.Errorf("the system user is %+v", got)
	}
	for _, name := range []string{"program/en", "PROGRAM/EN@310000027"} {
		if id, err := w.Find(name); err != nil || id != user {
			t.Errorf("%s is %+v, %v", name, id, err)
		}
	}
}
