package node

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// TestEnterpriseUser runs the operator's commands on an enterprise user through a
// node, from creation to the end.
func TestEnterpriseUser(t *testing.T) {
	r := newRegister(t)
	r.imports(r.file("e.json", unit(bergen, "AS", "BERGEN AS", "")))
	ctx := t.Context()
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{store: r.db, catalogue: cat}
	const name = "Bergen-Integrasjon"
	// do runs a command and tells how many changes it made.
	do := func(name string, f func(*delegation.Acting, delegation.User) (*delegation.Outcome, error)) (changes int) {
		t.Helper()
		_, err := n.Do(ctx, noon, "test", func(s *index.Snapshot) ([]fullmakt.Change, error) {
			u, err := n.EnterpriseUser(ctx, s, bergen, name)
			if err != nil {
				return nil, err
			}
			out, err := f(&delegation.Acting{Snapshot: s, At: noon.Unix()}, u)
			if err != nil {
				return nil, err
			}
			changes = len(out.Changes)
			return out.Changes, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return changes
	}
	valid := fullmakt.Interval{To: fullmakt.Through(fullmakt.NewDate(2027, 1, 1), time.UTC)}
	eckey := []delegation.Item{{ECKEY: true}}
	give := func(by *delegation.Acting, u delegation.User) (*delegation.Outcome, error) {
		return by.Give(delegation.Give{From: u.Owner, To: u.No, Items: eckey, Valid: valid})
	}
	revoke := func(by *delegation.Acting, u delegation.User) (*delegation.Outcome, error) {
		return by.Revoke(delegation.Revoke{From: u.Owner, To: u.No, Items: eckey})
	}
	for _, step := range []struct {
		what string
		name string
		do   func(*delegation.Acting, delegation.User) (*delegation.Outcome, error)
		want int
	}{
		{"add", name, (*delegation.Acting).AddEnterpriseUser, 2},
		{"add again", " bergen-INTEGRASJON ", (*delegation.Acting).AddEnterpriseUser, 0},
		{"give", "BERGEN-integrasjon", give, 1},
		{"give again", name, give, 0},
		{"revoke", name, revoke, 1},
		{"revoke again", name, revoke, 0},
		{"give anew", name, give, 1},
		{"end", name, (*delegation.Acting).EndEnterpriseUser, 2},
		{"end again", name, (*delegation.Acting).EndEnterpriseUser, 0},
	} {
		if got := do(step.name, step.do); got != step.want {
			t.Errorf("%s: %d changes, want %d", step.what, got, step.want)
		}
	}
	got := state(t, r.db)
	delete(got, "feed bulk")
	want := map[string]string{
		"310000019":                    "BERGEN AS (AS) active, open-data",
		"310000019/bergen-integrasjon": "user of 310000019, ended true",
		"310000019 to 310000019/bergen-integrasjon ECKEYROLE": "{0 1798848000} ended true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}
