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

// systemUserTest is a vendor, its system, and the organisation that it asks:
// Trondheim AS, for whom Oslo AS answers.
type systemUserTest struct {
	*enterprise
	vendor, owner string // tokens
	party         string // the organisation, as paths name it
}

const (
	vendorNo, ownerNo = "310000043", "310000027"
	theSystem         = vendorNo + "_lonn"
)

func vendorSystem(id string) obj {
	return obj{"id": id, "vendor": obj{"authority": "iso6523-actorid-upis", "ID": "0192:" + vendorNo}, "name": obj{"nb": "Lønn"}, "clientId": []string{"c-" + id},
		"accessPackages": urns("skatt-naering", "regnskapsforer-lonn", "maskinlesbare-hendelser", "jordbruk"), "rights": []obj{resourceRight("demo-skattemelding", "")},
		"allowedRedirectUrls": []string{"https://vendor.example/"}}
}

func urns(packages ...string) []obj {
	list := []obj{}
	for _, p := range packages {
		list = append(list, obj{"urn": "urn:altinn:accesspackage:" + p})
	}
	return list
}

func resourceRight(resource, action string) obj {
	r := obj{"resource": []obj{{"id": "urn:altinn:resource", "value": resource}}}
	if action != "" {
		r["action"] = action
	}
	return r
}

func newSystemUserTest(t *testing.T) *systemUserTest {
	e := openEnterprise(t, demoNode(t))
	s, err := e.server.node.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	st := &systemUserTest{
		enterprise: e, party: "/" + strconv.Itoa(int(s.Organisation(310000027))),
		vendor: e.of(vendorNo, "altinn:authentication/systemregister.write altinn:authentication/systemuser.request.write"),
		owner:  e.of("310000035", "altinn:authentication/systemuser.write"), // Oslo AS leads Trondheim AS
	}
	st.post("/systemregister/vendor", vendorSystem(theSystem), st.vendor, 200, &systemJSON{})
	return st
}

func (e *systemUserTest) post(path string, body any, token string, want int, into any) {
	e.Helper()
	e.json(e.do("POST", authentication+path, body, "Authorization", token), want, into)
}

func (e *systemUserTest) get(path, token string, into any) {
	e.Helper()
	e.json(e.do("GET", authentication+path, nil, "Authorization", token), 200, into)
}

// askedUser is a request as its answer tells it.
type askedUser struct {
	ID, Status, ExternalRef, SystemID, SystemUserID, ConfirmURL string
	AccessPackages, RequiredAccessPackages                      []packageURNJSON
	UnwantedAccessPackages                                      []packageURNJSON
	Rights, RequiredRights, UnwantedRights                      []systemRightJSON
}

func (e *systemUserTest) wanted(packages ...string) obj {
	return obj{"systemId": theSystem, "partyOrgNo": ownerNo, "accessPackages": urns(packages...), "redirectUrl": "https://vendor.example/"}
}

// may asks a decision on behalf of the organisation.
func (e *systemUserTest) mayUse(user string, resource obj, action string, want bool) {
	e.Helper()
	var got struct{ Decision bool }
	e.json(e.do("POST", "/access/v1/evaluation", obj{"subject": obj{"type": "urn:altinn:systemuser:uuid", "id": user}, "action": obj{"name": action}, "resource": resource},
		"Authorization", e.of(vendorNo, scopeEvaluate)), 200, &got)
	if got.Decision != want {
		e.Errorf("%v: decision %t, want %t", resource, got.Decision, want)
	}
}

// TestSystemUsers: a vendor registers a system, asks, is approved, and the user may
// act until it is deleted.
func TestSystemUsers(t *testing.T) {
	e := newSystemUserTest(t)
	const register, user = authentication + "/systemregister", authentication + "/systemuser"
	e.json(e.do("PUT", register+"/vendor/"+theSystem, vendorSystem(theSystem), "Authorization", e.vendor), 200, &systemJSON{})
	ask := e.wanted
	var k, again askedUser
	e.post("/systemuser/request/vendor", ask("skatt-naering"), e.vendor, 201, &k)
	if k.Status != "New" || k.ExternalRef != ownerNo || !strings.HasPrefix(k.ConfirmURL, audience+"/") {
		t.Errorf("%+v", k)
	}
	if e.post("/systemuser/request/vendor", ask("skatt-naering"), e.vendor, 200, &again); again.ID != k.ID {
		t.Errorf("the same request again is %s, not %s", again.ID, k.ID)
	}
	byID := user + "/byExternalId?clientId=c-" + theSystem + "&systemProviderOrgNo=" + vendorNo + "&systemUserOwnerOrgNo=" + ownerNo
	byQuery := user + "/vendor/byquery?system-id=" + theSystem + "&orgno=" + ownerNo
	byRef := user + "/request/vendor/byexternalref/" + theSystem + "/" + ownerNo + "/"
	maskinporten := e.of(vendorNo, "altinn:maskinporten/systemuser.read")
	stranger := e.of("310000019", "altinn:authentication/systemregister.write altinn:authentication/systemuser.request.write altinn:authentication/systemuser.write")
	vendor, owner, party := e.vendor, e.owner, e.party
	for _, c := range []struct {
		name, method, path string
		body               any
		token              string
		want               int
	}{
		{"the system again", "POST", register + "/vendor", vendorSystem(theSystem), vendor, 409},
		{"another's system", "POST", register + "/vendor", vendorSystem(vendorNo + "_to"), stranger, 403},
		{"a wrong id", "POST", register + "/vendor", vendorSystem("lonn"), vendor, 400},
		{"a right to nothing", "PUT", register + "/vendor/" + theSystem, with(vendorSystem(theSystem), "rights", []obj{resourceRight("finnes-ikke", "")}), vendor, 404},
		{"a right of another shape", "PUT", register + "/vendor/" + theSystem, with(vendorSystem(theSystem), "rights", []obj{{"resource": []obj{}}}), vendor, 400},
		{"a package that the system does not have", "POST", user + "/request/vendor", ask("plansak"), vendor, 400},
		{"nothing", "POST", user + "/request/vendor", ask(), vendor, 400},
		{"an agent with a package that is not open to clients", "POST", user + "/request/vendor/agent", ask("maskinlesbare-hendelser"), vendor, 400},
		{"asked by another", "POST", user + "/request/vendor", ask("skatt-naering"), stranger, 403},
		{"looked at by another", "GET", user + "/request/vendor/" + k.ID, nil, stranger, 404},
		{"listed by another", "GET", user + "/request/vendor/bysystem/" + theSystem, nil, stranger, 403},
		{"withdrawn by another", "DELETE", user + "/request/vendor/" + k.ID, nil, stranger, 404},
		{"approved by another", "POST", user + "/request" + party + "/" + k.ID + "/approve", nil, stranger, 404},
		{"approved by the vendor", "POST", user + "/request" + party + "/" + k.ID + "/approve", nil, e.of(vendorNo, "altinn:authentication/systemuser.write"), 403},
		{"approved as a change", "POST", user + "/changerequest" + party + "/" + k.ID + "/approve", nil, owner, 404},
		{"a strange answer", "POST", user + "/request" + party + "/" + k.ID + "/perhaps", nil, owner, 404},
		{"not approved yet", "GET", byID, nil, maskinporten, 404},
		{"nor to the vendor", "GET", byQuery, nil, vendor, 404},
		{"escalated", "POST", user + "/request" + party + "/" + k.ID + "/escalate", nil, owner, 200},
		{"the vendor's", "GET", user + "/request/vendor/" + k.ID, nil, vendor, 200},
		{"by reference", "GET", byRef + ownerNo, nil, vendor, 200},
		{"by another reference", "GET", byRef + "annen", nil, vendor, 404},
		{"the owner's", "GET", user + "/request" + party + "/" + k.ID, nil, owner, 200},
		{"approved", "POST", user + "/request" + party + "/" + k.ID + "/approve", nil, owner, 200},
		{"approved again", "POST", user + "/request" + party + "/" + k.ID + "/approve", nil, owner, 409},
		{"withdrawn after that", "DELETE", user + "/request/vendor/" + k.ID, nil, vendor, 409},
		{"the system with a user", "DELETE", register + "/vendor/" + theSystem, nil, vendor, 409},
		{"all systems", "GET", register, nil, owner, 200},
		{"one system", "GET", register + "/" + theSystem, nil, owner, 200},
	} {
		if got := e.do(c.method, c.path, c.body, "Authorization", c.token); got.StatusCode != c.want {
			t.Errorf("%s: %d, want %d: %s", c.name, got.StatusCode, c.want, got.body)
		}
	}
	var u, same systemUserJSON
	e.json(e.do("GET", byID, nil, "Authorization", maskinporten), 200, &u)
	trondheim := obj{"type": "urn:altinn:organization:identifier-no", "id": ownerNo}
	e.mayUse(u.ID, trondheim, "skatt-naering", true)
	var list []systemUserJSON
	e.get("/systemuser"+party, owner, &list)
	if len(list) != 1 || list[0].ID != u.ID || list[0].UserType != "standard" || len(list[0].Packages) != 1 {
		t.Errorf("%+v", list)
	}
	if e.get("/systemuser"+party+"/"+u.ID, owner, &same); same.ID != u.ID || same.Vendor != vendorNo {
		t.Errorf("%+v", same)
	}
	e.json(e.do("GET", byQuery, nil, "Authorization", vendor), 200, &same)
	if got := e.do("GET", user+party+"/"+u.ID, nil, "Authorization", stranger); got.StatusCode != 403 {
		t.Errorf("seen by another: %d", got.StatusCode)
	}
	for _, want := range []int{204, 404} {
		if got := e.do("DELETE", user+party+"/"+u.ID, nil, "Authorization", owner); got.StatusCode != want {
			t.Errorf("delete: %d %s", got.StatusCode, got.body)
		}
	}
	e.mayUse(u.ID, trondheim, "skatt-naering", false)
	for _, gone := range [][2]string{{byID, maskinporten}, {byQuery, vendor}, {user + party + "/" + u.ID, owner}} {
		if got := e.do("GET", gone[0], nil, "Authorization", gone[1]); got.StatusCode != 404 {
			t.Errorf("%s after the end: %d", gone[0], got.StatusCode)
		}
	}
	// A reference that has been used is not used again, asked for or made.
	e.post("/systemuser/request/vendor", ask("skatt-naering"), vendor, 409, &struct{}{})
	e.post("/systemuser"+party, ask("skatt-naering"), owner, 409, &struct{}{})
	// An agent gets no grants; it is made by request, or by the organisation itself.
	agent := with(ask("regnskapsforer-lonn"), "externalRef", "agenten")
	e.post("/systemuser/request/vendor/agent", agent, vendor, 201, &k)
	e.post("/systemuser/request"+party+"/"+k.ID+"/approve", nil, owner, 200, &k)
	e.post("/systemuser/agent"+party, with(agent, "externalRef", "egen"), owner, 201, &u)
	if u.UserType != "agent" || len(u.Packages) != 1 {
		t.Errorf("%+v", u)
	}
	e.post("/systemuser/request/vendor/agent", with(agent, "externalRef", "tredje"), vendor, 201, &k)
	e.post("/systemuser/request"+party+"/"+k.ID+"/reject", nil, owner, 200, &k)
	e.post("/systemuser/request/vendor/agent", with(agent, "externalRef", "fjerde"), vendor, 201, &k)
	if got := e.do("DELETE", user+"/request/vendor/"+k.ID, nil, "Authorization", vendor); got.StatusCode != 204 {
		t.Errorf("withdrawn: %d %s", got.StatusCode, got.body)
	}
	var asks []askedUser
	if e.get("/systemuser/request"+party, owner, &asks); len(asks) != 3 {
		t.Errorf("%d requests to the organisation", len(asks))
	}
	// What a vendor has asked, and who came of it, page by page.
	for path, want := range map[string]int{"/request/vendor/bysystem/": 3, "/vendor/bysystem/": 2, "/changerequest/vendor/bysystem/": 0} {
		seen := map[string]bool{}
		for next := user + path + theSystem + "?pageSize=1"; next != ""; {
			var page struct {
				Links struct{ Next *string }
				Data  []struct{ ID string }
			}
			e.json(e.do("GET", strings.TrimPrefix(next, audience), nil, "Authorization", vendor), 200, &page)
			for _, one := range page.Data {
				seen[one.ID] = true
			}
			if next = ""; page.Links.Next != nil {
				next = *page.Links.Next
			}
			if len(page.Data) > 1 {
				t.Errorf("%s: %d in a page of one", path, len(page.Data))
			}
		}
		if len(seen) != want {
			t.Errorf("%s: %d, want %d", path, len(seen), want)
		}
	}
}

// TestSystemUserRights: a system user is asked for, checked, given and decided by
// single rights to a resource.
func TestSystemUserRights(t *testing.T) {
	e := newSystemUserTest(t)
	ask := obj{"systemId": theSystem, "partyOrgNo": ownerNo, "rights": []obj{resourceRight("demo-skattemelding", "read")}}
	for name, rights := range map[string][]obj{
		"not the system's": {resourceRight("demo-tilskudd", "read")}, "of no action": {resourceRight("demo-skattemelding", "slett")},
		"a scheme": {resourceRight("demo-kontroll-api", "")}, "nameless": {{"resource": []obj{{"id": "urn:altinn:task", "value": "Task_1"}}}},
	} {
		if got := e.do("POST", systemUserPath+"/request/vendor", with(ask, "rights", rights), "Authorization", e.vendor); got.StatusCode != 400 {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.body)
		}
	}
	var k askedUser
	e.post("/systemuser/request/vendor", ask, e.vendor, 201, &k)
	if len(k.Rights) != 1 || k.Rights[0].Resource[0].Value != "demo-skattemelding" || *k.Rights[0].Action != "read" {
		t.Errorf("%+v", k)
	}
	var check systemCheckJSON
	if e.get("/systemuser/request/check"+e.party+"/"+k.ID, e.owner, &check); !check.Approve || len(check.Items) != 1 || !check.Items[0].Result || check.Items[0].Right == nil {
		t.Errorf("%+v", check)
	}
	e.post("/systemuser/request"+e.party+"/"+k.ID+"/approve", nil, e.owner, 200, &k)
	var u systemUserJSON
	e.get("/systemuser/vendor/byquery?system-id="+theSystem+"&orgno="+ownerNo, e.vendor, &u)
	if len(u.Packages) != 0 || len(u.Rights) != 1 || *u.Rights[0].Action != "read" {
		t.Errorf("%+v", u)
	}
	form := service("demo-skattemelding", obj{"type": "urn:altinn:organization:identifier-no", "id": ownerNo})
	e.mayUse(u.ID, form, "read", true)
	e.mayUse(u.ID, form, "write", false)
}

// TestChangeRequests: a vendor asks that a standing system user be changed; nothing
// is asked that is so already, and the answer carries out all of it or nothing.
func TestChangeRequests(t *testing.T) {
	e := newSystemUserTest(t)
	var u systemUserJSON
	e.post("/systemuser"+e.party, with(e.wanted("skatt-naering", "jordbruk"), "redirectUrl", ""), e.owner, 201, &u)
	change := obj{"requiredAccessPackages": urns("skatt-naering", "maskinlesbare-hendelser"), "unwantedAccessPackages": urns("jordbruk"), "requiredRights": []obj{resourceRight("demo-skattemelding", "")}}
	byName := with(change, "systemId", theSystem, "partyOrgNo", ownerNo)
	const vendorPath = "/systemuser/changerequest/vendor"
	byUser := vendorPath + "?system-user-id=" + u.ID

	var k, again askedUser
	e.post(vendorPath+"/verify", byName, e.vendor, 200, &k)
	if k.ID != "" || k.Status != changeNeeded || k.SystemUserID != u.ID || len(k.RequiredAccessPackages) != 1 || len(k.UnwantedAccessPackages) != 1 || len(k.RequiredRights) != 1 {
		t.Errorf("%+v", k)
	}
	none := obj{"requiredAccessPackages": urns("skatt-naering"), "unwantedRights": []obj{resourceRight("demo-skattemelding", "")}}
	for path, want := range map[string]string{byUser: noChangeNeeded, vendorPath + "/verify?system-user-id=" + u.ID: noChangeNeeded} {
		if e.post(path, none, e.vendor, 200, &again); again.Status != want || again.ID != "" {
			t.Errorf("%s: %+v", path, again)
		}
	}
	e.post(byUser, change, e.vendor, 201, &k)
	if k.Status != "New" || !strings.Contains(k.ConfirmURL, "/changerequest?id="+k.ID) || len(k.RequiredAccessPackages) != 2 {
		t.Errorf("%+v", k)
	}
	if e.post(vendorPath, byName, e.vendor, 200, &again); again.ID != k.ID {
		t.Errorf("the same again: %+v", again)
	}
	stranger := e.of("310000019", "altinn:authentication/systemuser.request.write altinn:authentication/systemuser.write")
	answer := systemUserPath + "/changerequest" + e.party + "/" + k.ID
	for _, c := range []struct {
		name, method, path string
		body               any
		token              string
		want               int
	}{
		{"asked by another", "POST", authentication + byUser, change, stranger, 403},
		{"about nobody", "POST", authentication + vendorPath + "?system-user-id=" + newUUID().String(), change, e.vendor, 404},
		{"about nobody named", "POST", authentication + vendorPath, change, e.vendor, 400},
		{"nothing", "POST", authentication + byUser, obj{}, e.vendor, 400},
		{"both ways", "POST", authentication + byUser, obj{"requiredAccessPackages": urns("jordbruk"), "unwantedAccessPackages": urns("jordbruk")}, e.vendor, 400},
		{"the vendor's", "GET", systemUserPath + "/changerequest/vendor/" + k.ID, nil, e.vendor, 200},
		{"by reference", "GET", systemUserPath + "/changerequest/vendor/byexternalref/" + theSystem + "/" + ownerNo + "/" + ownerNo, nil, e.vendor, 200},
		{"as a request for a new one", "GET", systemUserPath + "/request/vendor/" + k.ID, nil, e.vendor, 404},
		{"the owner's", "GET", answer, nil, e.owner, 200},
		{"seen by another", "GET", answer, nil, stranger, 404},
		{"approved by another", "POST", answer + "/approve", nil, stranger, 404},
	} {
		if got := e.do(c.method, c.path, c.body, "Authorization", c.token); got.StatusCode != c.want {
			t.Errorf("%s: %d, want %d: %s", c.name, got.StatusCode, c.want, got.body)
		}
	}
	// Somebody who administers the organisation and may not give all of it is told
	// which part, and nothing is done.
	snap, err := e.server.node.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.server.node.Do(t.Context(), testNow, "an access manager", func(s *index.Snapshot) ([]fullmakt.Change, error) {
		return []fullmakt.Change{fullmakt.Grant{From: s.Organisation(310000027), To: snap.Organisation(310000019), Package: "tilgangsstyrer"}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var check systemCheckJSON
	e.get("/systemuser/changerequest/check"+e.party+"/"+k.ID, stranger, &check)
	if check.Approve || len(check.Items) != 4 || check.Items[0].Result != true || !check.Items[0].Already || check.Items[1].Result || check.Items[1].Reasons[0].Reason != fullmakt.ReasonPackageNotHeld {
		t.Errorf("%+v", check)
	}
	refused := e.do("POST", answer+"/approve", nil, "Authorization", stranger)
	if refused.StatusCode != 403 || !strings.Contains(string(refused.body), `"/requiredAccessPackages/1"`) || !strings.Contains(string(refused.body), `"/requiredRights/0"`) {
		t.Errorf("%d %s", refused.StatusCode, refused.body)
	}
	if e.get("/systemuser"+e.party+"/"+u.ID, e.owner, &u); len(u.Packages) != 2 {
		t.Errorf("after the refusal: %+v", u)
	}
	e.json(e.do("POST", answer+"/approve", nil, "Authorization", e.owner), 200, &k)
	if e.get("/systemuser"+e.party+"/"+u.ID, e.owner, &u); k.Status != "Accepted" || len(u.Packages) != 2 || len(u.Rights) != 3 {
		t.Errorf("%+v %+v", k, u)
	}
	trondheim := obj{"type": "urn:altinn:organization:identifier-no", "id": ownerNo}
	e.mayUse(u.ID, trondheim, "maskinlesbare-hendelser", true)
	e.mayUse(u.ID, trondheim, "jordbruk", false)
	if e.post(byUser, change, e.vendor, 200, &again); again.Status != noChangeNeeded {
		t.Errorf("asked again: %+v", again)
	}
	e.post(byUser, obj{"unwantedAccessPackages": urns("skatt-naering")}, e.vendor, 201, &k)
	e.post("/systemuser/changerequest"+e.party+"/"+k.ID+"/reject", nil, e.owner, 200, &k)
	e.mayUse(u.ID, trondheim, "skatt-naering", true)
	var asks []askedUser
	if e.get("/systemuser/changerequest"+e.party, e.owner, &asks); len(asks) != 2 || k.Status != "Rejected" {
		t.Errorf("%+v", asks)
	}
}
