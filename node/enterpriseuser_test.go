package node

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
)

func TestEnterpriseUser(t *testing.T) {
	r := newRegister(t)
	r.imports(
		r.file("e.json", unit(bergen, "AS", "BERGEN AS", ""), unit(trondheim, "AS", "TRONDHEIM AS", `, "slettedato" : "2026-01-01"`)),
	)
	ctx, db := t.Context(), r.db
	// apply stores what a command returns and tells how much that was.
	apply := func(changes []fullmakt.Change, err error) int {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		head, err := db.Head(ctx)
		if err == nil {
			_, err = db.Append(ctx, head.Seq, noon, "test", one(changes...))
		}
		if err != nil {
			t.Fatal(err)
		}
		return len(changes)
	}
	fails := func(want fullmakt.Code) func([]fullmakt.Change, error) {
		return func(changes []fullmakt.Change, err error) {
			t.Helper()
			if fullmakt.ErrorCode(err) != want || len(changes) > 0 {
				t.Errorf("%d changes, error %v, want %s", len(changes), err, want)
			}
		}
	}
	const name = "Bergen-Integrasjon"
	user := fullmakt.EnterpriseUserID(bergen, name)
	valid := fullmakt.Interval{To: fullmakt.Through(fullmakt.NewDate(2027, 1, 1), time.UTC)}
	pkg := "skatt-naering"

	fails(fullmakt.CodeNotFound)(GrantECKey(ctx, db, bergen, name, valid))
	fails(fullmakt.CodeNotFound)(AddEnterpriseUser(ctx, db, oslo, name))
	fails(fullmakt.CodeInvalid)(AddEnterpriseUser(ctx, db, bergen, " "))
	fails(fullmakt.CodeConflict)(AddEnterpriseUser(ctx, db, trondheim, name))
	for i, want := range []int{2, 0} { // a second time changes nothing
		if got := apply(AddEnterpriseUser(ctx, db, bergen, name)); got != want {
			t.Errorf("add, time %d: %d changes, want %d", i+1, got, want)
		}
	}
	for i, want := range []int{1, 0} {
		if got := apply(GrantECKey(ctx, db, bergen, " bergen-INTEGRASJON ", valid)); got != want {
			t.Errorf("grant ECKEY, time %d: %d changes, want %d", i+1, got, want)
		}
		if got := apply(GrantPackage(ctx, db, fullmakt.OrganisationID(bergen), user, pkg, fullmakt.Interval{})); got != want {
			t.Errorf("grant a package, time %d: %d changes, want %d", i+1, got, want)
		}
	}
	fails(fullmakt.CodeInvalid)(GrantPackage(ctx, db, fullmakt.OrganisationID(bergen), fullmakt.OrganisationID(bergen), pkg, valid))
	fails(fullmakt.CodeConflict)(GrantPackage(ctx, db, fullmakt.OrganisationID(trondheim), fullmakt.OrganisationID(bergen), pkg, valid))
	fails(fullmakt.CodeInvalid)(GrantPackage(ctx, db, user, fullmakt.OrganisationID(bergen), pkg, valid))
	fails(fullmakt.CodeNotFound)(GrantPackage(ctx, db, fullmakt.OrganisationID(bergen), person(t, 1), pkg, valid))
	fails(fullmakt.CodeInvalid)(GrantECKey(ctx, db, bergen, name, fullmakt.Interval{From: 2, To: 1}))

	for i, want := range []int{1, 0} {
		if got := apply(RevokeECKey(ctx, db, bergen, name)); got != want {
			t.Errorf("revoke ECKEY, time %d: %d changes, want %d", i+1, got, want)
		}
	}
	apply(GrantECKey(ctx, db, bergen, name, fullmakt.Interval{}))
	for i, want := range []int{3, 0} { // the user, ECKEY and the package
		if got := apply(EndEnterpriseUser(ctx, db, bergen, name)); got != want {
			t.Errorf("end, time %d: %d changes, want %d", i+1, got, want)
		}
	}
	fails(fullmakt.CodeConflict)(AddEnterpriseUser(ctx, db, bergen, name))
	fails(fullmakt.CodeConflict)(GrantECKey(ctx, db, bergen, name, valid))
	fails(fullmakt.CodeConflict)(GrantPackage(ctx, db, fullmakt.OrganisationID(bergen), user, pkg, valid))
	if got := apply(RevokePackage(ctx, db, fullmakt.OrganisationID(bergen), user, pkg)); got != 0 {
		t.Errorf("revoke an ended grant: %d changes", got)
	}

	got := state(t, db)
	delete(got, "feed bulk")
	want := map[string]string{
		"310000019":                    "BERGEN AS (AS) active, open-data",
		"310000027":                    "TRONDHEIM AS (AS) deleted 2026-01-01, open-data",
		"310000019/bergen-integrasjon": "user of 310000019, ended true",
		"310000019 to 310000019/bergen-integrasjon ECKEYROLE":     "{0 0} ended true",
		"310000019 to 310000019/bergen-integrasjon skatt-naering": "{0 0} ended true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}
