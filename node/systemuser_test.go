package node

import (
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// TestNewSystemUser: the name of a system user is used once, in any letter case,
// also after its end, which a snapshot alone does not tell.
func TestNewSystemUser(t *testing.T) {
	r := newRegister(t)
	r.imports(r.file("e.json", unit(bergen, "AS", "BERGEN AS", "")))
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{store: r.db, catalogue: cat}
	uuid := fullmakt.UUID{15: 7}
	ask := delegation.SystemAsk{System: bergen.String() + "_lonn", Packages: []string{"skatt-naering"}}
	var made delegation.NewSystemUser
	do := func(command func(*delegation.Acting) (*delegation.Outcome, error)) error {
		t.Helper()
		_, err := n.Do(t.Context(), noon, "test", func(s *index.Snapshot) (_ []fullmakt.Change, err error) {
			ask.Owner = s.Organisation(bergen)
			if made, err = n.NewSystemUser(t.Context(), s, ask, uuid); err != nil {
				return nil, err
			}
			out, err := command(&delegation.Acting{Snapshot: s, At: noon.Unix()})
			if err != nil {
				return nil, err
			}
			return out.Changes, nil
		})
		return err
	}
	create := func(by *delegation.Acting) (*delegation.Outcome, error) { return by.CreateSystemUser(ask, made) }
	for _, step := range []struct {
		what      string
		reference string
		do        func(*delegation.Acting) (*delegation.Outcome, error)
		used      bool
		want      fullmakt.Code // "" for success
	}{
		{"the system", "Kasse", func(by *delegation.Acting) (*delegation.Outcome, error) {
			return by.PutSystem(delegation.System{ID: ask.System, Vendor: ask.Owner, Packages: ask.Packages})
		}, false, ""},
		{"made", "Kasse", create, false, ""},
		{"made again", "kasse", create, true, fullmakt.CodeConflict},
		{"ended", "Kasse", func(by *delegation.Acting) (*delegation.Outcome, error) {
			return by.EndSystemUser(uuid.String(), ask.Owner)
		}, true, ""},
		{"made after its end", "kasse", create, true, fullmakt.CodeConflict},
		{"another made", "kasse 2", create, false, ""},
	} {
		ask.Reference = step.reference
		if err := do(step.do); err == nil != (step.want == "") || err != nil && fullmakt.ErrorCode(err) != step.want || made.Used != step.used {
			t.Errorf("%s: %v, used %t", step.what, err, made.Used)
		}
		if step.what == "ended" {
			uuid[15]++
		}
	}
}
