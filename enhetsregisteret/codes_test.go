package enhetsregisteret

import (
	"slices"
	"testing"

	"github.com/fullmakt/fullmakt"
)

// TestCodes checks that the tables agree: every role type is a member of the
// group it names and of no other, and no code stands twice.
func TestCodes(t *testing.T) {
	seen := map[fullmakt.RoleCode]string{}
	for _, g := range RoleGroups() {
		for _, m := range g.Members {
			if other, twice := seen[m]; twice {
				t.Errorf("%s is in %s and in %s", m, other, g.Code)
			}
			seen[m] = g.Code
		}
	}
	types := RoleTypes()
	for i, r := range types {
		if seen[r.Code] != r.Family {
			t.Errorf("%s says family %s, the groups say %q", r.Code, r.Family, seen[r.Code])
		}
		if r.Name == "" || r.Holders == 0 {
			t.Errorf("%s lacks a name or a kind of holder", r.Code)
		}
		if slices.ContainsFunc(types[:i], func(o RoleType) bool { return o.Code == r.Code }) {
			t.Errorf("%s stands twice", r.Code)
		}
		if r.Feed == InOpenData && Family(r.Code).Name == "" {
			t.Errorf("group %s of the open data has no name", r.Family)
		}
	}
	if len(types) != len(seen) {
		t.Errorf("%d role types, %d members of groups", len(types), len(seen))
	}
	for i, f := range Forms() {
		if f.Name == "" || f.SubUnit != f.Code.SubUnit() {
			t.Errorf("form %+v", f)
		}
		if slices.ContainsFunc(Forms()[:i], func(o Form) bool { return o.Code == f.Code }) {
			t.Errorf("form %s stands twice", f.Code)
		}
	}
}

func TestFamily(t *testing.T) {
	if got := Family("VARA"); got.Code != "STYR" || !slices.Equal(got.Members, []fullmakt.RoleCode{"LEDE", "NEST", "MEDL", "VARA", "OBS"}) {
		t.Errorf("Family(VARA) = %+v", got)
	}
	if got := Family("NYKO"); got.Code != "NYKO" || !slices.Equal(got.Members, []fullmakt.RoleCode{"NYKO"}) {
		t.Errorf("Family of an unknown code = %+v, want one of its own", got)
	}
}
