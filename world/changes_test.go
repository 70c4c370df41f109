package world_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
)

const small = `-- register --
organisation 310000019 AS "Bergen AS" deleted 2025-01-02
organisation 310000027 BEDR "Torget" parent 310000019
person 12817010065 "Kari Nordmann"
person born 1989-03-12 "Ola Åpen" dead
enterprise-user Robot of "Bergen AS" ended
role LEDE at "Bergen AS" holder ola since 2024-01-10 deregistered
role DAGL at "Bergen AS" holder kari
grant skatt-naering from "Bergen AS" to "Torget" by kari revoked
eckey from "Bergen AS" to robot
`

var showNumbers = cmp.Options{
	cmp.Transformer("id", func(n fullmakt.NationalID) string { return n.Reveal() }),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".UUID" }, cmp.Ignore()),
}

func TestFactsNumbersPartiesFromOne(t *testing.T) {
	bergen, torget := fullmakt.OrganisationID(310000019), fullmakt.OrganisationID(310000027)
	want := []fullmakt.Change{
		fullmakt.Party{No: 1, ID: bergen, Name: "Bergen AS"},
		fullmakt.Party{No: 2, ID: torget, Name: "Torget"},
		fullmakt.Party{No: 3, ID: fullmakt.PersonID(12817010065), Name: "Kari Nordmann"},
		fullmakt.Party{No: 4, ID: fullmakt.OpenPersonID(fullmakt.NewDate(1989, 3, 12), "Ola Åpen"), Name: "Ola Åpen"},
		fullmakt.Party{No: 5, ID: fullmakt.EnterpriseUserID(310000019, "robot"), Name: "Robot"},
		fullmakt.Person{Party: 4, Dead: true},
		fullmakt.EnterpriseUser{Party: 5, Owner: 1, Ended: true},
		fullmakt.Organisation{
			Party: 1, Form: "AS", State: fullmakt.Deleted, DeletedOn: fullmakt.NewDate(2025, 1, 2), Source: fullmakt.SourceWorld,
			Roles: []fullmakt.Role{
				{Code: fullmakt.DAGL, Holder: 3},
				{Code: fullmakt.LEDE, Holder: 4, Ended: true, Since: fullmakt.NewDate(2024, 1, 10)},
			},
		},
		fullmakt.Organisation{Party: 2, Form: "BEDR", Parent: 1, Source: fullmakt.SourceWorld},
		fullmakt.Grant{From: 1, To: 2, Package: "skatt-naering", GivenBy: 3, Ended: true},
		fullmakt.Grant{From: 1, To: 5, Role: fullmakt.ECKEY},
	}
	if diff := cmp.Diff(want, mustParse(t, small).Facts(), showNumbers); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestChangesUsesTheNumbersGiven(t *testing.T) {
	known := fullmakt.PersonID(12817010065)
	next := fullmakt.PartyNo(100)
	changes := mustParse(t, small).Changes(func(id fullmakt.PartyID) (fullmakt.PartyNo, bool) {
		if id == known {
			return 7, false
		}
		next++
		return next, true
	})
	var named []fullmakt.PartyNo
	for _, change := range changes {
		switch c := change.(type) {
		case fullmakt.Party:
			named = append(named, c.No)
		case fullmakt.Organisation:
			if c.Party == 101 && c.Roles[0].Holder != 7 {
				t.Errorf("roles %v", c.Roles)
			}
		}
	}
	if diff := cmp.Diff([]fullmakt.PartyNo{101, 102, 103, 104}, named); diff != "" {
		t.Errorf("new parties: %s", diff)
	}
}

func TestPartiesKeepTheirUUIDs(t *testing.T) {
	seen := make(map[fullmakt.UUID]fullmakt.PartyNo)
	again := mustParse(t, small).Facts()
	for i, change := range mustParse(t, small).Facts() {
		p, ok := change.(fullmakt.Party)
		if !ok {
			continue
		}
		if p.UUID != again[i].(fullmakt.Party).UUID {
			t.Errorf("party %d has UUID %s one time and another the next", p.No, p.UUID)
		}
		if other := seen[p.UUID]; other != 0 || p.UUID == (fullmakt.UUID{}) || p.UUID.String()[14] != '8' {
			t.Errorf("party %d: UUID %s, of party %d too", p.No, p.UUID, other)
		}
		seen[p.UUID] = p.No
	}
}
