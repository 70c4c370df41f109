package catalogue

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiff(t *testing.T) {
	a := embedded(t)
	if got := Diff(a, embedded(t)); len(got.Changes) != 0 {
		t.Errorf("the same catalogue differs: %+v", got)
	}
	if d := Diff(a, a).Document("en"); d.Title != "0 added, 0 removed, 0 changed" || len(d.Tables) != 0 {
		t.Errorf("no difference is shown as %+v", d)
	}
	b := load(t, `{`+okSource+`,
		"add": {"packages": [{"code": "prove", `+okPackage+`}], "mappings": [{"package": "prove", "use_only": ["FFØR@NUF"]}]},
		"replace": {"mappings": [{"package": "toll", "use_only": ["DAGL"], "source": "altinn-constants"}]},
		"end": {"roles": [{"code": "ECKEYROLE", "to": "2026-06-19"}]}}`)
	want := []Change{
		{What: "changed", Entry: "role", Key: "ECKEYROLE", Fields: []FieldChange{{"to", "", "2026-06-19"}}},
		{What: "changed", Entry: "mapping", Key: "toll DAGL", Fields: []FieldChange{{"may_give", "true", "false"}}},
		{What: "added", Entry: "package", Key: "prove"},
		{What: "added", Entry: "mapping", Key: "prove FFØR@NUF"},
	}
	if diff := cmp.Diff(want, Diff(a, b).Changes); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	back := Diff(b, a)
	if n := len(back.Changes); n != 4 || back.Changes[1].What != "removed" && back.Changes[0].What != "removed" {
		t.Errorf("the way back: %+v", back.Changes)
	}
	d := Diff(a, b).Document("nb")
	if d.Title != "2 lagt til, 0 fjernet, 2 endret" || len(d.Tables[0].Rows) != 4 {
		t.Errorf("shown as %+v", d)
	}
	if row := strings.Join(d.Tables[0].Rows[0], "/"); row != "endret/role ECKEYROLE/to//2026-06-19" {
		t.Errorf("the first row is %q", row)
	}
}

// A further version of an entry is told from the first by its first day.
func TestDiffOfVersions(t *testing.T) {
	b := load(t, `{`+okSource+`, "replace": {"mappings": [{"package": "toll", "use_only": ["DAGL"], "from": "2026-06-20"}]}}`)
	want := []Change{
		{What: "changed", Entry: "mapping", Key: "toll DAGL from the beginning", Fields: []FieldChange{{"to", "", "2026-06-19"}}},
		{What: "added", Entry: "mapping", Key: "toll DAGL from 2026-06-20"},
	}
	if diff := cmp.Diff(want, Diff(embedded(t), b).Changes); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}

func TestDiffTimes(t *testing.T) {
	c := load(t, `{`+okSource+`,
		"replace": {"mappings": [{"package": "toll", "use_only": ["DAGL"], "from": "2026-06-20"}]},
		"end": {"packages": [{"code": "maskinlesbare-hendelser", "to": "2026-07-31"}]}}`)
	june, mid, august := noon(t, "2026-06-19"), noon(t, "2026-06-20"), noon(t, "2026-08-01")
	if got := DiffTimes(c, mid, mid+1000); len(got.Changes) != 0 {
		t.Errorf("one view differs from itself: %+v", got.Changes)
	}
	want := []Change{{What: "changed", Entry: "mapping", Key: "toll DAGL", Fields: []FieldChange{{"may_give", "true", "false"}}}}
	if diff := cmp.Diff(want, DiffTimes(c, june, mid).Changes); diff != "" {
		t.Errorf("over 20 June (-want +got):\n%s", diff)
	}
	over := DiffTimes(c, mid, august).Changes
	if len(over) != 10 || over[0].Entry != "package" || over[0].What != "removed" {
		t.Errorf("over the end of July: %+v, want the package and its nine mappings removed", over)
	}
}
