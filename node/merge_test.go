package node

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
)

const (
	bergen    fullmakt.OrgNumber = 310000019
	trondheim fullmakt.OrgNumber = 310000027
	oslo      fullmakt.OrgNumber = 310000035
)

// numbering is a directory over a plain map, as a store would give numbers out.
type numbering struct {
	numbers map[fullmakt.PartyID]fullmakt.PartyNo
	ids     []fullmakt.PartyID
}

func newNumbering(ids ...fullmakt.PartyID) *numbering {
	n := &numbering{numbers: map[fullmakt.PartyID]fullmakt.PartyNo{}}
	for _, id := range ids {
		n.assign(id, "", false)
	}
	return n
}

func (n *numbering) assign(id fullmakt.PartyID, _ string, _ bool) fullmakt.PartyNo {
	if no, ok := n.numbers[id]; ok {
		return no
	}
	n.ids = append(n.ids, id)
	n.numbers[id] = fullmakt.PartyNo(len(n.ids))
	return n.numbers[id]
}

func (n *numbering) directory() directory {
	return directory{
		assign: n.assign,
		lookup: func(id fullmakt.PartyID) fullmakt.PartyNo { return n.numbers[id] },
		class:  func(no fullmakt.PartyNo) holderClass { return classOf(n.ids[no-1]) },
	}
}

func person(t *testing.T, individual int) fullmakt.PartyID {
	t.Helper()
	for ; individual < 1000; individual++ {
		if id, ok := fullmakt.SyntheticNationalID(12, 1, 70, individual); ok {
			return fullmakt.PersonID(id)
		}
	}
	t.Fatal("no synthetic identity number left")
	return fullmakt.PartyID{}
}

func held(code fullmakt.RoleCode, by fullmakt.PartyID) fullmakt.RegisterRole {
	return fullmakt.RegisterRole{Code: code, Holder: by}
}

// TestMerge lays a record over a version. Parties are numbered: 1 Bergen AS,
// 2 Trondheim AS, 3 and 4 identified persons, 5 and 6 open-data persons.
func TestMerge(t *testing.T) {
	kari, ola := person(t, 100), person(t, 300)
	openKari := fullmakt.OpenPersonID(fullmakt.NewDate(1970, 1, 12), "Kari Nordmann")
	openOla := fullmakt.OpenPersonID(fullmakt.NewDate(1970, 1, 12), "Ola Nordmann")
	trd := fullmakt.OrganisationID(trondheim)

	as := func(source fullmakt.Source, roles ...fullmakt.Role) fullmakt.Organisation {
		return fullmakt.Organisation{Party: 1, Form: "AS", Source: source, Roles: roles}
	}
	role := func(code fullmakt.RoleCode, holder fullmakt.PartyNo) fullmakt.Role {
		return fullmakt.Role{Code: code, Holder: holder}
	}
	board := []fullmakt.RoleCode{"LEDE", "NEST", "MEDL", "VARA", "OBS"}
	const (
		open = fullmakt.SourceOpenData
		ccr  = fullmakt.SourceCCR
	)

	for _, c := range []struct {
		name     string
		previous fullmakt.Organisation
		change   fullmakt.RegisterChange
		want     merged
	}{
		{
			"a unit seen for the first time",
			fullmakt.Organisation{Party: 1},
			fullmakt.RegisterChange{Source: open, Has: fullmakt.HasName | fullmakt.HasForm | fullmakt.HasState, Form: "AS", State: fullmakt.Bankrupt},
			merged{Changed: true, Org: fullmakt.Organisation{Party: 1, Form: "AS", State: fullmakt.Bankrupt, Source: open}},
		},
		{
			"a stub is delivered",
			fullmakt.Organisation{Party: 1, State: fullmakt.Stub},
			fullmakt.RegisterChange{Source: open, Has: fullmakt.HasForm | fullmakt.HasState, Form: "AS"},
			merged{Changed: true, Org: as(open)},
		},
		{
			"a stub that gets a name from CCR is no stub",
			fullmakt.Organisation{Party: 1, State: fullmakt.Stub},
			fullmakt.RegisterChange{Source: ccr, Has: fullmakt.HasName},
			merged{Changed: true, Org: fullmakt.Organisation{Party: 1, Source: ccr}},
		},
		{
			"roles alone make a stub",
			fullmakt.Organisation{Party: 1},
			fullmakt.RegisterChange{Source: open, Has: fullmakt.HasRoles, Roles: []fullmakt.RegisterRole{held("DAGL", openKari)}},
			merged{Changed: true, Alive: []fullmakt.PartyNo{5}, Org: fullmakt.Organisation{Party: 1, State: fullmakt.Stub, Source: open, Roles: []fullmakt.Role{role("DAGL", 5)}}},
		},
		{
			"what a feed leaves out stays",
			fullmakt.Organisation{Party: 1, Form: "AS", Parent: 2, State: fullmakt.WindingUp, Source: open, Roles: []fullmakt.Role{role("DAGL", 5)}},
			fullmakt.RegisterChange{Source: open, Has: fullmakt.HasName, Name: "BERGEN AS"},
			merged{Org: fullmakt.Organisation{Party: 1, Form: "AS", Parent: 2, State: fullmakt.WindingUp, Source: open, Roles: []fullmakt.Role{role("DAGL", 5)}}},
		},
		{
			"a role set is replaced whole, sorted, without repetitions",
			as(open, role("REGN", 2), role("LEDE", 5)),
			fullmakt.RegisterChange{Source: open, Has: fullmakt.HasRoles, Roles: []fullmakt.RegisterRole{
				held("LEDE", openOla), held("DAGL", openOla), held("LEDE", openOla), held("REVI", trd)}},
			merged{Changed: true, Alive: []fullmakt.PartyNo{6, 6, 6}, Org: as(open, role("REVI", 2), role("DAGL", 6), role("LEDE", 6))},
		},
		{
			"an empty role set ends every role",
			as(open, role("REGN", 2)),
			fullmakt.RegisterChange{Source: open, Has: fullmakt.HasRoles},
			merged{Changed: true, Org: as(open)},
		},
		{
			"an unknown role code and a deregistered role are kept",
			as(open),
			fullmakt.RegisterChange{Source: open, Has: fullmakt.HasRoles, Roles: []fullmakt.RegisterRole{
				held("XYZZ", trd), {Code: "DAGL", Holder: openKari, Ended: true, Since: 40000}}},
			merged{Changed: true, Alive: []fullmakt.PartyNo{5}, Org: as(open, role("XYZZ", 2), fullmakt.Role{Code: "DAGL", Holder: 5, Ended: true, Since: 40000})},
		},
		{
			"a deceased holder keeps the role and is reported dead",
			as(open),
			fullmakt.RegisterChange{Source: open, Has: fullmakt.HasRoles, Roles: []fullmakt.RegisterRole{{Code: "MEDL", Holder: openKari, HolderDead: true}}},
			merged{Changed: true, Dead: []fullmakt.PartyNo{5}, Org: as(open, role("MEDL", 5))},
		},
		{
			"removed for legal reasons",
			as(open, role("DAGL", 5)),
			fullmakt.RegisterChange{Source: open, Has: fullmakt.HasGone},
			merged{Gone: true, Org: fullmakt.Organisation{Party: 1}},
		},
		{
			"a sub-unit stated without its main unit keeps the last one known",
			fullmakt.Organisation{Party: 1, Form: "BEDR", Parent: 2, Source: open},
			fullmakt.RegisterChange{Source: open, Has: fullmakt.HasParent | fullmakt.HasForm, Form: "BEDR"},
			merged{Org: fullmakt.Organisation{Party: 1, Form: "BEDR", Parent: 2, Source: open}},
		},
		{
			"a main unit may leave its parent",
			fullmakt.Organisation{Party: 1, Form: "ORGL", Parent: 2, Source: open},
			fullmakt.RegisterChange{Source: open, Has: fullmakt.HasParent},
			merged{Changed: true, Org: fullmakt.Organisation{Party: 1, Form: "ORGL", Source: open}},
		},
		{
			"CCR: one state begins, another ends, the rest stay",
			fullmakt.Organisation{Party: 1, Form: "AS", Source: ccr, State: fullmakt.WindingUp | fullmakt.ForcedWindingUp},
			fullmakt.RegisterChange{Source: ccr, Has: fullmakt.HasStateBits, StateSet: fullmakt.Bankrupt, StateClear: fullmakt.WindingUp},
			merged{Changed: true, Org: fullmakt.Organisation{Party: 1, Form: "AS", Source: ccr, State: fullmakt.Bankrupt | fullmakt.ForcedWindingUp}},
		},
		{
			"no unit is above itself",
			as(open),
			fullmakt.RegisterChange{Source: open, Org: bergen, Has: fullmakt.HasParent, Parent: bergen},
			merged{Org: as(open)},
		},
		{
			"CCR: a family is replaced, the others stay",
			as(ccr, role("REGN", 2), role("LEDE", 3), role("MEDL", 4)),
			fullmakt.RegisterChange{Source: ccr, Has: fullmakt.HasFamilies, Families: []fullmakt.RegisterFamily{
				{Code: "STYR", Members: board, Replace: true, Roles: []fullmakt.RegisterRole{held("LEDE", ola)}}}},
			merged{Changed: true, Alive: []fullmakt.PartyNo{4}, Org: as(ccr, role("REGN", 2), role("LEDE", 4))},
		},
		{
			"CCR: a family expires (SAMU)",
			as(ccr, role("REGN", 2), role("LEDE", 3)),
			fullmakt.RegisterChange{Source: ccr, Has: fullmakt.HasFamilies, Families: []fullmakt.RegisterFamily{
				{Code: "STYR", Members: board, Replace: true}}},
			merged{Changed: true, Org: as(ccr, role("REGN", 2))},
		},
		{
			"CCR: one role of a family is removed by its key",
			as(ccr, role("LEDE", 3), role("MEDL", 3), role("MEDL", 4)),
			fullmakt.RegisterChange{Source: ccr, Has: fullmakt.HasFamilies, Families: []fullmakt.RegisterFamily{
				{Code: "STYR", Members: board, Removed: []fullmakt.RegisterRole{held("MEDL", kari)}}}},
			merged{Changed: true, Org: as(ccr, role("LEDE", 3), role("MEDL", 4))},
		},
		{
			"CCR: removing what is not there changes nothing",
			as(ccr, role("LEDE", 3)),
			fullmakt.RegisterChange{Source: ccr, Has: fullmakt.HasFamilies, Families: []fullmakt.RegisterFamily{
				{Code: "STYR", Members: board, Removed: []fullmakt.RegisterRole{held("MEDL", kari), held("LEDE", ola)}}}},
			merged{Org: as(ccr, role("LEDE", 3))},
		},
		{
			"CCR: removal and addition in one family without replacement",
			as(ccr, role("DAGL", 3)),
			fullmakt.RegisterChange{Source: ccr, Has: fullmakt.HasFamilies, Families: []fullmakt.RegisterFamily{
				{Code: "DAGL", Members: []fullmakt.RoleCode{"DAGL"}, Removed: []fullmakt.RegisterRole{held("DAGL", kari)}, Roles: []fullmakt.RegisterRole{held("DAGL", ola)}}}},
			merged{Changed: true, Alive: []fullmakt.PartyNo{4}, Org: as(ccr, role("DAGL", 4))},
		},
		{
			"CCR: a resigned member stays listed as ended",
			as(ccr, role("LEDE", 3)),
			fullmakt.RegisterChange{Source: ccr, Has: fullmakt.HasFamilies, Families: []fullmakt.RegisterFamily{
				{Code: "STYR", Members: board, Replace: true, Roles: []fullmakt.RegisterRole{{Code: "LEDE", Holder: kari, Ended: true}}}}},
			merged{Changed: true, Alive: []fullmakt.PartyNo{3}, Org: as(ccr, fullmakt.Role{Code: "LEDE", Holder: 3, Ended: true})},
		},
		{
			"CCR: two families at once",
			as(ccr, role("REGN", 2), role("DAGL", 3), role("LEDE", 3)),
			fullmakt.RegisterChange{Source: ccr, Has: fullmakt.HasFamilies, Families: []fullmakt.RegisterFamily{
				{Code: "DAGL", Members: []fullmakt.RoleCode{"DAGL"}, Replace: true, Roles: []fullmakt.RegisterRole{held("DAGL", trd)}},
				{Code: "REGN", Members: []fullmakt.RoleCode{"REGN", "RFAD"}, Replace: true}}},
			merged{Changed: true, Org: as(ccr, role("DAGL", 2), role("LEDE", 3))},
		},
		{
			"CCR: the first transfer brings the whole role set",
			as(open, role("REGN", 2), role("LEDE", 5)),
			fullmakt.RegisterChange{Source: ccr, Has: fullmakt.HasRoles, Roles: []fullmakt.RegisterRole{held("LEDE", kari)}},
			merged{Changed: true, Alive: []fullmakt.PartyNo{3}, Org: as(ccr, role("LEDE", 3))},
		},
		{
			"CCR: a removal by identity number ends that code for every open-data person",
			as(open, role("MEDL", 2), role("LEDE", 5), role("MEDL", 5), role("MEDL", 6)),
			fullmakt.RegisterChange{Source: ccr, Has: fullmakt.HasFamilies, Families: []fullmakt.RegisterFamily{
				{Code: "STYR", Members: board, Removed: []fullmakt.RegisterRole{held("MEDL", kari)}}}},
			merged{Changed: true, Org: as(ccr, role("MEDL", 2), role("LEDE", 5))},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := newNumbering(fullmakt.OrganisationID(bergen), trd, kari, ola, openKari, openOla).directory()
			got := mergeUnit(c.previous, &c.change, dir, new(mergeBuffers))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("merged (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSRC1: roles of a feed with identity numbers stand; open data updates the
// rest and is compared.
func TestSRC1(t *testing.T) {
	kari, ola := person(t, 100), person(t, 300)
	openKari := fullmakt.OpenPersonID(fullmakt.NewDate(1970, 1, 12), "Kari Nordmann")
	openOla := fullmakt.OpenPersonID(fullmakt.NewDate(1970, 1, 12), "Ola Nordmann")
	osl := fullmakt.OrganisationID(oslo)
	numbers := newNumbering(fullmakt.OrganisationID(bergen), fullmakt.OrganisationID(trondheim), kari, ola, openOla)
	dir := numbers.directory()
	roles := []fullmakt.Role{{Code: "REGN", Holder: 2}, {Code: "DAGL", Holder: 3}, {Code: "MEDL", Holder: 3, Ended: true}}
	stands := fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceCCR, Roles: roles}

	t.Run("TestSRC1OpenDataDoesNotReplace", func(t *testing.T) {
		got := mergeUnit(stands, &fullmakt.RegisterChange{
			Source: fullmakt.SourceOpenData,
			Has:    fullmakt.HasForm | fullmakt.HasState | fullmakt.HasParent | fullmakt.HasRoles,
			Form:   "ASA", State: fullmakt.WindingUp, Parent: trondheim,
			Roles: []fullmakt.RegisterRole{held("REGN", osl), held("DAGL", openKari), held("LEDE", openOla), held("LEDE", openKari)},
		}, dir, new(mergeBuffers))
		want := merged{
			Changed: true, Compared: true,
			Org: fullmakt.Organisation{Party: 1, Form: "ASA", Parent: 2, State: fullmakt.WindingUp, Source: fullmakt.SourceCCR, Roles: roles},
			Drift: []Drift{
				{Unit: 1, Code: "LEDE", Stored: 0, Stated: 2},
				{Unit: 1, Code: "REGN", Stored: 0, Stated: 1}, // Oslo AS, which the store does not know
				{Unit: 1, Code: "REGN", Holder: 2, Stored: 1, Stated: 0},
			},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("merged (-want +got):\n%s", diff)
		}
		if len(numbers.ids) != 5 {
			t.Errorf("comparing registered %d parties", len(numbers.ids)-5)
		}
	})
	t.Run("TestSRC1SameRolesAreNoDrift", func(t *testing.T) {
		got := mergeUnit(stands, &fullmakt.RegisterChange{
			Source: fullmakt.SourceOpenData, Has: fullmakt.HasRoles,
			Roles: []fullmakt.RegisterRole{held("REGN", fullmakt.OrganisationID(trondheim)), held("DAGL", openKari)},
		}, dir, new(mergeBuffers))
		if diff := cmp.Diff(merged{Compared: true, Org: stands}, got); diff != "" {
			t.Errorf("merged (-want +got):\n%s", diff)
		}
	})
	t.Run("TestSRC1FamilyOverOpenData", func(t *testing.T) {
		open := stands
		open.Source = fullmakt.SourceOpenData
		open.Roles = []fullmakt.Role{{Code: "REGN", Holder: 2}, {Code: "DAGL", Holder: 5}}
		got := mergeUnit(open, &fullmakt.RegisterChange{
			Source: fullmakt.SourceCCR, Has: fullmakt.HasFamilies,
			Families: []fullmakt.RegisterFamily{{Code: "DAGL", Members: []fullmakt.RoleCode{"DAGL"}, Replace: true, Roles: []fullmakt.RegisterRole{held("DAGL", kari)}}},
		}, dir, new(mergeBuffers))
		if diff := cmp.Diff(stands.Roles[:2], got.Org.Roles); diff != "" {
			t.Errorf("roles (-want +got):\n%s", diff)
		}
		if got.Org.Source != fullmakt.SourceCCR {
			t.Errorf("source = %v, want ccr", got.Org.Source)
		}
	})
	t.Run("TestSRC1CCRWithoutRolesTakesNothingOver", func(t *testing.T) {
		open := stands
		open.Source = fullmakt.SourceOpenData
		got := mergeUnit(open, &fullmakt.RegisterChange{Source: fullmakt.SourceCCR, Has: fullmakt.HasState, State: fullmakt.Bankrupt}, dir, new(mergeBuffers))
		if got.Org.Source != fullmakt.SourceOpenData || got.Org.State != fullmakt.Bankrupt {
			t.Errorf("org = %+v, want the open-data roles to stay open data's", got.Org)
		}
	})
}

// TestLIFE2: a deleted unit keeps its last known roles, however it was deleted.
func TestLIFE2(t *testing.T) {
	dir := newNumbering(fullmakt.OrganisationID(bergen), fullmakt.OrganisationID(trondheim)).directory()
	roles := []fullmakt.Role{{Code: "DAGL", Holder: 2}}
	active := fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceOpenData, Roles: roles}
	day := fullmakt.NewDate(2026, 3, 3)
	deleted := active
	deleted.State, deleted.DeletedOn = fullmakt.Deleted, day
	ccrDeleted := deleted
	ccrDeleted.Source = fullmakt.SourceCCR

	for _, c := range []struct {
		name   string
		change fullmakt.RegisterChange
		want   fullmakt.Organisation
	}{
		{"slettedato", fullmakt.RegisterChange{Source: fullmakt.SourceOpenData, Has: fullmakt.HasState, State: fullmakt.Deleted, DeletedOn: day}, deleted},
		{"slettedato and no roles left", fullmakt.RegisterChange{Source: fullmakt.SourceOpenData, Has: fullmakt.HasState | fullmakt.HasRoles, State: fullmakt.Deleted, DeletedOn: day}, deleted},
		{"CCR S with its families expired", fullmakt.RegisterChange{Source: fullmakt.SourceCCR, Has: fullmakt.HasState | fullmakt.HasFamilies, State: fullmakt.Deleted, DeletedOn: day,
			Families: []fullmakt.RegisterFamily{{Code: "DAGL", Members: []fullmakt.RoleCode{"DAGL"}, Replace: true}}}, ccrDeleted},
	} {
		t.Run("TestLIFE2 "+c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, mergeUnit(active, &c.change, dir, new(mergeBuffers)).Org); diff != "" {
				t.Errorf("organisation (-want +got):\n%s", diff)
			}
		})
	}
	if diff := cmp.Diff(deleted, vanish(active, day)); diff != "" {
		t.Errorf("vanished (-want +got):\n%s", diff)
	}
	revived := mergeUnit(deleted, &fullmakt.RegisterChange{Source: fullmakt.SourceOpenData, Has: fullmakt.HasState}, dir, new(mergeBuffers))
	if diff := cmp.Diff(active, revived.Org); diff != "" {
		t.Errorf("revived (-want +got):\n%s", diff)
	}
}
