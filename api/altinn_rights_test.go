package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/pdp"
)

// newDemoGiving asks on the demo world, which has a registry.
func newDemoGiving(t *testing.T) *givingTest {
	n := demoNode(t)
	return &givingTest{t, n, serveAPI(t, n, openConfig()).server}
}

type checkAnswer struct {
	Rights []struct {
		Right       rightJSON
		Result      bool
		ReasonCodes []string
	}
}

// rights returns the delegation check's answer about a resource, by action.
func (g *givingTest) rights(who, party, resource string) (keys map[string]string, causes map[string][]string) {
	g.Helper()
	var answer checkAnswer
	got := g.ask(who, "GET", connectionsPath+"/resources/delegationcheck?party=@"+party+"&resource="+resource, "", 200, "")
	if err := json.Unmarshal([]byte(got), &answer); err != nil {
		g.Fatal(err)
	}
	keys, causes = map[string]string{}, map[string][]string{}
	for _, r := range answer.Rights {
		keys[r.Right.Name], causes[r.Right.Name] = r.Right.Key, r.ReasonCodes
		if slices.ContainsFunc(r.ReasonCodes, func(c string) bool { return !strings.HasSuffix(c, "Access") || strings.HasPrefix(c, "Missing") }) == r.Result {
			g.Errorf("%s of %s: %t with %v", r.Right.Name, resource, r.Result, r.ReasonCodes)
		}
	}
	return keys, causes
}

func (g *givingTest) holdsRight(who, resource, key, object string) bool {
	g.Helper()
	q := pdp.Ask(g.no(who), g.no(object), testNow.Unix())
	if q.Right = g.n.Current().Right(resource, key); q.Right == 0 {
		return false
	}
	return pdp.Decide(g.n.Current(), q).Allowed
}

func rightKeys(keys ...string) string {
	b, _ := json.Marshal(map[string][]string{"directRightKeys": keys})
	return string(b)
}

// TestConnectionRights: which rights may be given and why not, and that they are
// given, replaced, shown and taken back.
func TestConnectionRights(t *testing.T) {
	const resource, to = "demo-skattemelding", "310000078"
	g := newDemoGiving(t)
	keys, causes := g.rights(kari, bergen, resource)
	if len(keys) != 3 || !slices.Contains(causes["read"], "PackageAccess") {
		t.Fatalf("%v %v", keys, causes)
	}
	scheme, causes := g.rights(kari, bergen, "demo-kontroll-api")
	if !slices.Equal(causes["ScopeAccess"], []string{"ResourceIsMaskinPortenSchema"}) {
		t.Errorf("a scheme: %v", causes)
	}
	if _, causes = g.rights(kari, bergen, "demo-tilskudd"); !slices.Contains(causes["read"], "RoleAccess") || !slices.Equal(causes["write"], []string{"AccessListValidationFail"}) {
		t.Errorf("with an access list that lets read: %v", causes)
	}
	branch, causes := g.rights(kari, bergen, "demo-filialregister")
	if !slices.Contains(causes["write"], "MissingPackageAccess") {
		t.Errorf("not held: %v", causes)
	}
	g.ask(kari, "GET", connectionsPath+"/resources/delegationcheck?party=@310000019&resource=nothing", "", 400, amUnknownResource)
	g.ask(ola, "GET", connectionsPath+"/resources/delegationcheck?party=@310000108&resource="+resource, "", 403, "")

	path := connectionsPath + "/resources/rights?party=@310000019&to=@" + to + "&resource="
	g.ask(kari, "POST", path+resource, rightKeys(keys["read"]), 400, vldNoConnection)
	g.ask(kari, "POST", connectionsPath+"?party=@310000019&to=@"+to, "", 200, "")
	for _, c := range []struct{ resource, body, code string }{
		{resource, rightKeys(), amNoRightKeys}, {resource, rightKeys("01ab"), amUnknownRight}, {"nothing", rightKeys(keys["read"]), amUnknownResource},
		{"demo-kontroll-api", rightKeys(scheme["ScopeAccess"]), amNotDelegable}, {"demo-filialregister", rightKeys(branch["write"]), amRightNotGiven},
	} {
		g.ask(kari, "POST", path+c.resource, c.body, 400, c.code)
	}
	has := func(want ...string) {
		t.Helper()
		for action, key := range keys {
			if got := g.holdsRight(to, resource, key, bergen); got != slices.Contains(want, action) {
				t.Errorf("%s: %t", action, got)
			}
		}
	}
	has()
	for range 2 {
		g.ask(kari, "POST", path+resource, rightKeys(keys["read"]), 201, "")
		has("read")
	}
	g.ask(kari, "POST", path+resource, rightKeys(keys["sign"]), 201, "")
	has("read", "sign")
	g.ask(kari, "PUT", path+resource, rightKeys(keys["write"], keys["sign"]), 200, "")
	has("write", "sign")
	pair := "party=@310000019&from=@310000019&to=@" + to
	g.ask(kari, "GET", connectionsPath+"/resources?"+pair, "", 200, `"refId":"`+resource+`"`)
	g.ask(kari, "GET", connectionsPath+"?includeResources=true&"+pair, "", 200, `"refId":"`+resource+`"`)
	var held struct{ DirectRights, IndirectRights []heldRightJSON }
	if err := json.Unmarshal([]byte(g.ask(kari, "GET", connectionsPath+"/resources/rights?resource="+resource+"&"+pair, "", 200, "")), &held); err != nil || len(held.DirectRights) != 2 || len(held.IndirectRights) != 0 {
		t.Errorf("%v %+v", err, held)
	}
	g.ask(kari, "DELETE", connectionsPath+"/resources?resource="+resource+"&"+pair, "", 204, "")
	has()
	g.ask(kari, "DELETE", connectionsPath+"/resources?resource="+resource+"&"+pair, "", 204, "")
	g.ask(kari, "DELETE", connectionsPath+"/resources?resource=nothing&"+pair, "", 400, amUnknownResource)
}

// TestConnectionUsers: who acts for a party, by name alone.
func TestConnectionUsers(t *testing.T) {
	g := newGivingTest(t, givingWorld)
	got := g.ask(kari, "GET", connectionsPath+"/users?party=@310000019", "", 200, "Regnskap AS")
	if strings.Contains(got, "dateOfBirth") || !strings.Contains(got, "Kari Nordmann") {
		t.Errorf("%s", got)
	}
	g.ask(jonas, "GET", connectionsPath+"/users?party=@310000019", "", 403, "")
}

// TestConnectionRoles: a role ends where it is registered, and one that follows
// from another with that.
func TestConnectionRoles(t *testing.T) {
	g := newGivingTest(t, givingWorld)
	pair := "party=@310000019&from=@310000019&to=@12817010065&rolecode="
	for role, code := range map[string]string{"nothing": amUnknownRole, "dagl": amRoleStays, "utinn": amRoleStays} {
		g.ask(kari, "DELETE", connectionsPath+"/roles?"+pair+role, "", 400, code)
	}
	g.ask(kari, "DELETE", connectionsPath+"/roles?party=@310000019&from=@310000019&to=@310000027&rolecode=utinn", "", 204, "")
	var roles []checkedRoleJSON
	if err := json.Unmarshal([]byte(g.ask(kari, "GET", connectionsPath+"/roles/delegationcheck?party=@310000019", "", 200, "")), &roles); err != nil {
		t.Fatal(err)
	}
	results := map[string]bool{}
	for _, r := range roles {
		results[r.Role.Code] = r.Result
		if len(r.Reasons) == 0 {
			t.Errorf("no reason for %s", r.Role.Code)
		}
	}
	if !results["daglig-leder"] || results["regnskapsforer"] {
		t.Errorf("%v", results)
	}
	g.ask(jonas, "GET", connectionsPath+"/roles/delegationcheck?party=@310000019", "", 403, "")
}

// TestAltinnRequests: who may receive asks, who may give answers, and nobody else
// sees it.
func TestAltinnRequests(t *testing.T) {
	g := newGivingTest(t, givingWorld)
	const base = accessManagement + "/enduser/request"
	ask := func() string {
		t.Helper()
		var r requestJSON
		got := g.ask(ola, "POST", base+"/package?party=@310000027&to=@310000019&package=skatt-naering", "", 202, `"status":"Pending"`)
		if err := json.Unmarshal([]byte(got), &r); err != nil || r.From.Name != "Giver AS" || r.To.Name != "Mottaker AS" || r.Type != "package" {
			t.Fatalf("%v %s", err, got)
		}
		return r.ID
	}
	first := ask()
	g.ask(kari, "GET", base+"/received/count?party=@310000019", "", 200, "1")
	g.ask(kari, "GET", base+"/received?party=@310000019&status=Approved", "", 200, `"data":[]`)
	g.ask(ola, "GET", base+"/sent?party=@310000027", "", 200, first)
	g.ask(kari, "GET", base+"?party=@310000019&id="+first, "", 200, first)
	g.ask(jonas, "GET", base+"?party=@310000078&id="+first, "", 404, amNoRequest)
	g.ask(jonas, "GET", base+"/received?party=@310000019", "", 403, "")
	g.ask(kari, "GET", base+"/draft?id="+first, "", 404, amNoRequest)
	g.ask(ola, "PUT", base+"/received/approve?party=@310000019&id="+first, "", 400, vldOwnRequest)
	g.ask(ola, "PUT", base+"/received/reject?party=@310000019&id="+first, "", 403, "")
	g.ask(kari, "PUT", base+"/received/approve?party=@310000019&id="+first, `["01ab"]`, 400, amUnknownRight)
	g.ask(kari, "PUT", base+"/received/approve?party=@310000019&id="+first, "", 200, `"status":"Approved"`)
	if !g.holds(receiver, "skatt-naering", giver) {
		t.Error("an approved request gave nothing")
	}
	g.ask(kari, "PUT", base+"/received/reject?party=@310000019&id="+first, "", 400, vldRequestState)
	g.ask(ola, "PUT", base+"/sent/withdraw?party=@310000027&id="+ask(), "", 200, `"status":"Withdrawn"`)
	g.ask(kari, "PUT", base+"/received/reject?party=@310000019&id="+ask(), "", 200, `"status":"Rejected"`)
	for _, c := range []struct{ path, code string }{
		{"/package?party=@310000027&to=@310000027&package=lonn", vldInvalidQuery},
		{"/package?party=@310000027&to=@310000019&package=regnskapsforer-lonn", vldNotAssignable},
		{"/package?party=@310000027&to=@310000019&package=hovedadministrator", vldWrongReceiver},
		{"/package?party=@310000027&to=11111111-1111-4111-8111-111111111111&package=lonn", vldUnknownParty},
		{"/resource?party=@310000027&to=@310000019&resource=nothing", amUnknownResource},
	} {
		g.ask(ola, "POST", base+c.path, "", 400, c.code)
	}
	g.ask(jonas, "POST", base+"/package?party=@310000027&to=@310000019&package=lonn", "", 403, "")
}

// ownerServer serves the demo world with an allow-list for its directorate.
func ownerServer(t *testing.T) (g *givingTest, owner, other *caller) {
	n := demoNode(t)
	cfg := openConfig()
	cfg.ServiceOwners = []ServiceOwnerConfig{{Code: "DEMO", Packages: []string{"skatt-naering", "innbygger-barn-foreldre"}}}
	scopes := slices.Concat(ownerGrants, ownerRequests, ownerRequestsRead)
	owner = &caller{client: "owner", ownerCode: "demo", organisation: 310000043, scopes: scopes}
	other = &caller{client: "other", ownerCode: "other", organisation: 310000078, scopes: scopes}
	return &givingTest{t, n, serveAPI(t, n, cfg).server}, owner, other
}

func between(from, to, member, value string) string {
	const urn = "urn:altinn:organization:identifier-no:"
	b, _ := json.Marshal(map[string]string{"from": urn + from, "to": urn + to, member: value})
	return string(b)
}

// TestServiceOwnerGives: a service owner gives and takes back the packages on its
// list, and no others.
func TestServiceOwnerGives(t *testing.T) {
	g, owner, other := ownerServer(t)
	const path, to = accessManagement + "/serviceowner/connections/accesspackages", "310000078"
	urn := "urn:altinn:accesspackage:skatt-naering"
	first := g.askAs(owner, "POST", path, between(bergen, to, "packageUrn", urn), 200, "assignmentId")
	if again := g.askAs(owner, "POST", path, between(bergen, to, "packageUrn", urn), 200, ""); again != first || !g.holds(to, "skatt-naering", bergen) {
		t.Errorf("%s, then %s", first, again)
	}
	grants := g.n.Current().Grants(g.no(bergen), g.no(to))
	if len(grants) != 1 || grants[0].GivenBy != g.no("310000043") || grants[0].Basis != "service-owner" {
		t.Errorf("%+v", grants)
	}
	for _, c := range []struct {
		who    *caller
		body   string
		status int
		code   string
	}{
		{other, between(bergen, to, "packageUrn", urn), 403, amNotAllowed},
		{owner, between(bergen, to, "packageUrn", "lonn"), 403, amNotAllowed},
		{owner, between(bergen, to, "packageUrn", "nothing"), 400, amUnknownPackage},
		{owner, between(bergen, "310000396", "packageUrn", urn), 400, amUnknownParties},
		{owner, between(bergen, to, "packageUrn", "innbygger-barn-foreldre"), 400, amWrongEntity},
		{owner, between(bergen, bergen, "packageUrn", urn), 400, amWrongEntity},
	} {
		g.askAs(c.who, "POST", path, c.body, c.status, c.code)
	}
	g.askAs(other, "POST", path+"/revoke", between(bergen, to, "packageUrn", urn), 403, amNotAllowed)
	for range 2 {
		g.askAs(owner, "POST", path+"/revoke", between(bergen, to, "packageUrn", urn), 204, "")
	}
	if g.holds(to, "skatt-naering", bergen) {
		t.Error("not taken back")
	}
	cfg := openConfig()
	cfg.ServiceOwners = []ServiceOwnerConfig{{Code: "demo", Packages: []string{"nothing"}}}
	if _, err := New(g.n, cfg); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("an allow-list with an unknown package: %v", err)
	}
}

// TestServiceOwnerAsks: a service owner writes a request for the receiver to
// confirm, about its own resources, and is the only one that follows it.
func TestServiceOwnerAsks(t *testing.T) {
	g, owner, other := ownerServer(t)
	const path, to = accessManagement + "/serviceowner/delegationrequests", "310000078"
	var r requestJSON
	got := g.askAs(owner, "POST", path+"/resource", between(bergen, to, "resource", "demo-skattemelding"), 202, `"status":"Draft"`)
	if err := json.Unmarshal([]byte(got), &r); err != nil || len(r.RightKeys) != 3 {
		t.Fatalf("%v %s", err, got)
	}
	g.askAs(owner, "GET", path+"/"+r.ID+"/status", "", 200, `"Draft"`)
	g.askAs(other, "GET", path+"/"+r.ID+"/status", "", 404, amNoRequest)
	g.askAs(other, "PUT", path+"/"+r.ID+"/withdraw", "", 404, amNoRequest)
	g.ask(kari, "GET", accessManagement+"/enduser/request?party=@310000019&id="+r.ID, "", 404, amNoRequest)
	g.askAs(owner, "PUT", path+"/"+r.ID+"/withdraw", "", 200, `"status":"Withdrawn"`)
	g.askAs(owner, "POST", path+"/package", between(bergen, to, "package", "skatt-naering"), 202, `"type":"package"`)
	g.askAs(owner, "POST", path+"/package", between(bergen, to, "package", "lonn"), 403, amNotAllowed)
	g.askAs(other, "POST", path+"/resource", between(bergen, to, "resource", "demo-skattemelding"), 400, amRightNotGiven)
	g.askAs(owner, "POST", path+"/resource", between(bergen, to, "resource", "nothing"), 400, amUnknownResource)
	g.askAs(owner, "POST", path, between(bergen, to, "rightKeys2", ""), 400, amUnknownResource)
}
