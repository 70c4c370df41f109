package api

import (
	"context"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// TestSystemUserDecisions: a system user is asked about by its UUID, in AuthZEN and
// among authorized parties.
func TestSystemUserDecisions(t *testing.T) {
	n := demoNode(t)
	a := serveAPI(t, n, openConfig())
	user := newUUID()
	_, err := n.Do(context.Background(), testNow, "a system user", func(s *index.Snapshot) ([]fullmakt.Change, error) {
		owner, no := s.Organisation(310000027), s.Last()+1
		return []fullmakt.Change{
			fullmakt.Party{No: no, UUID: user, ID: fullmakt.SystemUserID(310000027, "310000043_payroll", "310000027"), Name: "310000043_payroll/310000027"},
			fullmakt.SystemUser{Party: no, Owner: owner},
			fullmakt.Grant{From: owner, To: no, Package: "skatt-naering"},
		}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Decision bool }
	for org, want := range map[string]bool{"310000027": true, "310000019": false} { // it does not nest
		a.json(a.do("POST", "/access/v1/evaluation", evaluation(obj{"type": "urn:altinn:systemuser:uuid", "id": user.String()}, "skatt-naering",
			obj{"type": "urn:altinn:organization:identifier-no", "id": org})), 200, &got)
		if got.Decision != want {
			t.Errorf("%s: %t, want %t", org, got.Decision, want)
		}
	}
	parties := a.do("POST", "/accessmanagement/api/v1/resourceowner/authorizedparties?includeAccessPackages=true", obj{"type": "urn:altinn:systemuser:uuid", "value": user.String()})
	if parties.StatusCode != 200 || !strings.Contains(string(parties.body), `"Trondheim AS"`) || !strings.Contains(string(parties.body), "skatt-naering") || strings.Contains(string(parties.body), "Bergen AS") {
		t.Errorf("authorized parties: %d %s", parties.StatusCode, parties.body)
	}
}
