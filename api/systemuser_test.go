package api

import (
	"context"
	"strconv"
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

// TestSystemUsers: a vendor registers a system, asks, is approved, and the user may
// act until it is deleted.
func TestSystemUsers(t *testing.T) {
	e := openEnterprise(t, demoNode(t))
	const vendorNo, ownerNo = "310000043", "310000027"
	vendor := e.of(vendorNo, "altinn:authentication/systemregister.write altinn:authentication/systemuser.request.write")
	owner := e.of("310000035", "altinn:authentication/systemuser.write") // Oslo AS leads Trondheim AS
	system := func(id string) obj {
		return obj{"id": id, "vendor": obj{"authority": "iso6523-actorid-upis", "ID": "0192:" + vendorNo}, "name": obj{"nb": "Lønn"}, "clientId": []string{"c-" + id},
			"accessPackages": []obj{{"urn": "urn:altinn:accesspackage:skatt-naering"}, {"urn": "urn:altinn:accesspackage:regnskapsforer-lonn"}, {"urn": "urn:altinn:accesspackage:maskinlesbare-hendelser"}}, "allowedRedirectUrls": []string{"https://vendor.example/"}}
	}
	const register, user = authentication + "/systemregister", authentication + "/systemuser"
	e.json(e.do("POST", register+"/vendor", system(vendorNo+"_lonn"), "Authorization", vendor), 200, &systemJSON{})
	e.json(e.do("PUT", register+"/vendor/"+vendorNo+"_lonn", system(vendorNo+"_lonn"), "Authorization", vendor), 200, &systemJSON{})
	ask := func(packages ...string) obj {
		list := []obj{}
		for _, p := range packages {
			list = append(list, obj{"urn": "urn:altinn:accesspackage:" + p})
		}
		return obj{"systemId": vendorNo + "_lonn", "partyOrgNo": ownerNo, "accessPackages": list, "redirectUrl": "https://vendor.example/"}
	}
	var k systemAskJSON
	e.json(e.do("POST", user+"/request/vendor", ask("skatt-naering"), "Authorization", vendor), 201, &k)
	if k.State != "New" || k.Reference != ownerNo || !strings.HasPrefix(k.Confirm, audience+"/") {
		t.Errorf("%+v", k)
	}
	s, err := e.server.node.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	party := "/" + strconv.Itoa(int(s.Organisation(310000027)))
	byID := user + "/byExternalId?clientId=c-" + vendorNo + "_lonn&systemProviderOrgNo=" + vendorNo + "&systemUserOwnerOrgNo=" + ownerNo
	maskinporten := e.of(vendorNo, "altinn:maskinporten/systemuser.read")
	for _, c := range []struct {
		name, method, path string
		body               any
		token              string
		want               int
	}{
		{"the system again", "POST", register + "/vendor", system(vendorNo + "_lonn"), vendor, 409},
		{"another's system", "POST", register + "/vendor", system(vendorNo + "_to"), e.of("310000019", "altinn:authentication/systemregister.write"), 403},
		{"a wrong id", "POST", register + "/vendor", system("lonn"), vendor, 400},
		{"a package that the system does not have", "POST", user + "/request/vendor", ask("jordbruk"), vendor, 400},
		{"nothing", "POST", user + "/request/vendor", ask(), vendor, 400},
		{"an agent with a package that is not open to clients", "POST", user + "/request/vendor/agent", ask("maskinlesbare-hendelser"), vendor, 400},
		{"asked by another", "POST", user + "/request/vendor", ask("skatt-naering"), e.of("310000019", "altinn:authentication/systemuser.request.write"), 403},
		{"approved by another", "POST", user + "/request" + party + "/" + k.ID + "/approve", nil, e.of(vendorNo, "altinn:authentication/systemuser.write"), 403},
		{"a strange answer", "POST", user + "/request" + party + "/" + k.ID + "/perhaps", nil, owner, 404},
		{"not approved yet", "GET", byID, nil, maskinporten, 404},
		{"escalated", "POST", user + "/request" + party + "/" + k.ID + "/escalate", nil, owner, 200},
		{"the vendor's", "GET", user + "/request/vendor/" + k.ID, nil, vendor, 200},
		{"the owner's", "GET", user + "/request" + party + "/" + k.ID, nil, owner, 200},
		{"approved", "POST", user + "/request" + party + "/" + k.ID + "/approve", nil, owner, 200},
		{"approved again", "POST", user + "/request" + party + "/" + k.ID + "/approve", nil, owner, 409},
		{"the system with a user", "DELETE", register + "/vendor/" + vendorNo + "_lonn", nil, vendor, 409},
		{"all systems", "GET", register, nil, owner, 200},
		{"one system", "GET", register + "/" + vendorNo + "_lonn", nil, owner, 200},
	} {
		if got := e.do(c.method, c.path, c.body, "Authorization", c.token); got.StatusCode != c.want {
			t.Errorf("%s: %d, want %d: %s", c.name, got.StatusCode, c.want, got.body)
		}
	}
	var u systemUserJSON
	e.json(e.do("GET", byID, nil, "Authorization", maskinporten), 200, &u)
	ends := func(want bool) {
		t.Helper()
		var got struct{ Decision bool }
		e.json(e.do("POST", "/access/v1/evaluation", evaluation(obj{"type": "urn:altinn:systemuser:uuid", "id": u.ID}, "skatt-naering",
			obj{"type": "urn:altinn:organization:identifier-no", "id": ownerNo}), "Authorization", e.of(vendorNo, scopeEvaluate)), 200, &got)
		if got.Decision != want {
			t.Errorf("decision %t, want %t", got.Decision, want)
		}
	}
	ends(true)
	var list []systemUserJSON
	e.json(e.do("GET", user+party, nil, "Authorization", owner), 200, &list)
	if len(list) != 1 || list[0].ID != u.ID || list[0].UserType != "standard" {
		t.Errorf("%+v", list)
	}
	if got := e.do("DELETE", user+party+"/"+u.ID, nil, "Authorization", owner); got.StatusCode != 204 {
		t.Errorf("delete: %d %s", got.StatusCode, got.body)
	}
	ends(false)
	if got := e.do("GET", byID, nil, "Authorization", maskinporten); got.StatusCode != 404 {
		t.Errorf("after the end: %d", got.StatusCode)
	}
	// An agent gets no grants; a reference that has been used is not used again.
	agent := ask("regnskapsforer-lonn")
	for _, c := range []struct {
		ref  string
		want int
	}{{"agenten", 200}, {ownerNo, 409}} {
		agent["externalRef"] = c.ref
		e.json(e.do("POST", user+"/request/vendor/agent", agent, "Authorization", vendor), 201, &k)
		if got := e.do("POST", user+"/request"+party+"/"+k.ID+"/approve", nil, "Authorization", owner); got.StatusCode != c.want {
			t.Errorf("agent %s: %d %s", c.ref, got.StatusCode, got.body)
		}
	}
	if got := e.do("POST", user+"/request"+party+"/"+k.ID+"/reject", nil, "Authorization", owner); got.StatusCode != 200 {
		t.Errorf("reject: %d %s", got.StatusCode, got.body)
	}
}
