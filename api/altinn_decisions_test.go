package api

import (
	"encoding/json"
	"strings"
	"testing"
)

// pepRequest is a request as the library of Altinn's policy enforcement points
// writes it: every member present, most of them null, claims of the user's token
// for attributes, and a context of its own for each.
func pepRequest(subject, resource, party, action string) string {
	return `{"request":{"returnPolicyIdList":false,"combinedDecision":false,"xPathVersion":null,"category":null,
"resource":[{"categoryId":null,"id":null,"content":null,"attribute":[
 {"attributeId":"urn:altinn:resource","value":"` + resource + `","issuer":"Altinn","dataType":"string","includeInResult":false},
 {"attributeId":"urn:altinn:organizationnumber","value":"` + party + `","issuer":null,"dataType":"string","includeInResult":true}]}],
"action":[{"categoryId":null,"id":null,"content":null,"attribute":[
 {"attributeId":"urn:oasis:names:tc:xacml:1.0:action:action-id","value":"` + action + `","issuer":"Altinn","dataType":"string","includeInResult":false}]}],
"accessSubject":[{"categoryId":null,"id":null,"content":null,"attribute":[
 {"attributeId":"urn:altinn:authlevel","value":"3","issuer":"LOCAL AUTHORITY","dataType":"string","includeInResult":false},
 {"attributeId":"urn:scope","value":"altinn:portal/enduser","issuer":"LOCAL AUTHORITY","dataType":"string","includeInResult":false},
 {"attributeId":"urn:altinn:sessionid","value":"5f2b","issuer":"LOCAL AUTHORITY","dataType":"string","includeInResult":false},
 {"attributeId":"urn:altinn:person:uuid","value":"` + subject + `","issuer":"LOCAL AUTHORITY","dataType":"string","includeInResult":false}]}],
"recipientSubject":null,"intermediarySubject":null,"requestingMachine":null,"multiRequests":null}}`
}

type pepResponse struct {
	Response []struct {
		Decision string
		Status   struct {
			StatusMessage *string
			StatusCode    struct{ Value string }
		}
		Obligations []struct {
			ID                  string
			AttributeAssignment []struct {
				AttributeID, Category, DataType string
				Value                           any
			}
		}
		Category []struct {
			CategoryID string
			Attribute  []struct{ AttributeID, Value string }
		}
	}
}

const (
	authorizePath = authorization + "/authorize"
	decisionPath  = authorization + "/decision"
	skatt         = "demo-skattemelding"
)

// TestPEPRequest: a recorded request of the enforcement points' library gets one
// result that the library can use.
func TestPEPRequest(t *testing.T) {
	n := demoNode(t)
	a := serveAPI(t, n, openConfig())
	for _, path := range []string{authorizePath, decisionPath} {
		got := a.do("POST", path, pepRequest(uuidOf(t, n, kari), skatt, bergen, "sign"), "Ocp-Apim-Subscription-Key", "x", "X-Forwarded-For", "192.0.2.1")
		var r pepResponse
		a.json(got, 200, &r)
		if len(r.Response) != 1 || r.Response[0].Decision != "Permit" || r.Response[0].Status.StatusCode.Value != "urn:oasis:names:tc:xacml:1.0:status:ok" {
			t.Fatalf("%s", got.body)
		}
		one := r.Response[0]
		if len(one.Obligations) != 1 || one.Obligations[0].AttributeAssignment[0].Category != "urn:altinn:minimum-authenticationlevel" || one.Obligations[0].AttributeAssignment[0].Value != "3" {
			t.Errorf("obligations %s", got.body)
		}
		if len(one.Category) != 1 || one.Category[0].Attribute[0].Value != bergen {
			t.Errorf("what is to be in the result %s", got.body)
		}
		for _, want := range []string{`{"response":[{"decision":"Permit"`, `"associateAdvice":null`, `"policyIdentifierList":null`, `"statusMessage":null`} {
			if !strings.Contains(string(got.body), want) {
				t.Errorf("no %s in %s", want, got.body)
			}
		}
		if got.Header.Get(headerPolicy) != skatt+";version=1" || got.Header.Get(headerRevision) == "" {
			t.Errorf("headers %v", got.Header)
		}
	}
	for _, c := range []struct{ resource, party, action, want string }{
		{skatt, bergen, "slett", "NotApplicable"},
		{"finnes-ikke", bergen, "read", "Indeterminate"},
		{skatt, "310000000", "read", "Indeterminate"},
		{"demo-tilskudd", bergen, "read", "Permit"},
		{"demo-tilskudd", bergen, "write", "Deny"}, // the access list lets read alone
	} {
		var r pepResponse
		a.json(a.do("POST", authorizePath, pepRequest(uuidOf(t, n, kari), c.resource, c.party, c.action)), 200, &r)
		if len(r.Response) != 1 || r.Response[0].Decision != c.want {
			t.Errorf("%+v: %+v", c, r)
		}
	}
}

// shortRequest is a request with the members that matter, in a dialect.
func shortRequest(root, subject, resource, action string) string {
	return `{"` + root + `":{"AccessSubject":` + subject + `,"Resource":` + resource + `,"Action":` + action + `}}`
}

func attribute(id string, value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return `{"AttributeId":"` + id + `","Value":` + string(text) + `}`
}

func category(attributes ...string) string {
	return `[{"Attribute":[` + strings.Join(attributes, ",") + `]}]`
}

const actionID = "urn:oasis:names:tc:xacml:1.0:action:action-id"

// TestDecisionErrors: what is wrong with a request is a result, and one.
func TestDecisionErrors(t *testing.T) {
	n := demoNode(t)
	a := serveAPI(t, n, openConfig())
	karis := uuidOf(t, n, kari)
	person := func(id string, value any) string { return category(attribute(id, value)) }
	bergens := category(attribute("urn:altinn:resource", skatt), attribute("urn:altinn:organization:identifier-no", bergen))
	sign := category(attribute(actionID, "sign"))
	for _, c := range []struct{ what, path, subject, resource, action, want string }{
		{"identity number", authorizePath, person("urn:altinn:person:identifier-no", kari), bergens, sign, "Permit"},
		{"identity number on the other", decisionPath, person("urn:altinn:person:identifier-no", kari), bergens, sign, "Indeterminate"},
		{"party id as a number", authorizePath, person("urn:altinn:partyid", a.no(kari)), bergens, sign, "Permit"},
		{"no subject", authorizePath, person("urn:scope", "x"), bergens, sign, "Indeterminate"},
		{"empty subject", authorizePath, `[]`, bergens, sign, "Indeterminate"},
		{"null subject", authorizePath, `null`, bergens, sign, "Indeterminate"},
		{"user id alone", authorizePath, person("urn:altinn:userid", "20000001"), bergens, sign, "Indeterminate"},
		{"user id beside", authorizePath, category(attribute("urn:altinn:userid", "20000001"), attribute("urn:altinn:person:uuid", karis)), bergens, sign, "Permit"},
		{"user id and number", authorizePath, category(attribute("urn:altinn:userid", "20000001"), attribute("urn:altinn:ssn", kari)), bergens, sign, "Indeterminate"},
		{"two people", authorizePath, category(attribute("urn:altinn:ssn", ola), attribute("urn:altinn:person:uuid", karis)), bergens, sign, "Indeterminate"},
		{"a role of one's own", authorizePath, category(attribute("urn:altinn:ssn", ola), attribute("urn:altinn:rolecode", "dagl"), attribute("urn:altinn:accesspackage", "skatt-naering")), bergens, sign, "NotApplicable"},
		{"unknown resource", authorizePath, person("urn:altinn:ssn", kari), category(attribute("urn:altinn:resource", "x"), attribute("urn:altinn:partyid", "1")), sign, "Indeterminate"},
		{"no resource", authorizePath, person("urn:altinn:ssn", kari), category(attribute("urn:altinn:partyid", a.no(bergen))), sign, "Indeterminate"},
		{"another case", authorizePath, person("urn:altinn:ssn", kari), category(attribute("urn:altinn:resource", "DEMO-Skattemelding"), attribute("urn:altinn:partyid", a.no(bergen))), sign, "Permit"},
		{"an instance", authorizePath, person("urn:altinn:ssn", kari), category(attribute("urn:altinn:resource", skatt), attribute("urn:altinn:instance-id", partyText(a.no(bergen))+"/c2d5")), sign, "Permit"},
		{"two parties", authorizePath, person("urn:altinn:ssn", kari), category(attribute("urn:altinn:resource", skatt), attribute("urn:altinn:partyid", a.no(bergen)), attribute("urn:altinn:organizationnumber", trondheim)), sign, "Indeterminate"},
		{"no party", authorizePath, person("urn:altinn:ssn", kari), category(attribute("urn:altinn:resource", skatt)), sign, "NotApplicable"},
		{"no action", authorizePath, person("urn:altinn:ssn", kari), bergens, `null`, "Indeterminate"},
		{"two actions", authorizePath, person("urn:altinn:ssn", kari), bergens, category(attribute(actionID, []string{"sign", "read"})), "Indeterminate"},
	} {
		for _, root := range []string{"Request", "request"} {
			got := a.do("POST", c.path, shortRequest(root, c.subject, c.resource, c.action))
			var r pepResponse
			a.json(got, 200, &r)
			if len(r.Response) != 1 || r.Response[0].Decision != c.want {
				t.Errorf("%s, %s: %s", c.what, root, got.body)
			}
			if strings.Contains(string(got.body), `"Response"`) != (root == "Request") {
				t.Errorf("%s to %s", got.body, root)
			}
			if strings.Contains(string(got.body), kari) {
				t.Errorf("%s: an identity number in %s", c.what, got.body)
			}
		}
	}
	for _, body := range []string{`{`, `[]`, ``, `{"request":null}`, `{"request":{}}`, `{"request":{"resource":7}}`} {
		var r pepResponse
		if got := a.do("POST", authorizePath, body); body != "" {
			a.json(got, 200, &r)
			if len(r.Response) != 1 || r.Response[0].Decision != "Indeterminate" {
				t.Errorf("%q: %s", body, got.body)
			}
		}
	}
}

// TestMultiRequests: several in one, of which one that fails touches no other.
func TestMultiRequests(t *testing.T) {
	a := openDemo(t)
	body := `{"request":{
"accessSubject":[{"id":"s1","attribute":[` + attribute("urn:altinn:ssn", kari) + `]},{"id":"s2","attribute":[` + attribute("urn:altinn:ssn", ola) + `]},{"id":"s3","attribute":[` + attribute("urn:altinn:ssn", "00000000000") + `]}],
"action":[{"id":"a1","attribute":[` + attribute(actionID, "sign") + `]},{"id":"a2","attribute":[` + attribute(actionID, "subscribe") + `]}],
"resource":[{"id":"r1","attribute":[` + attribute("urn:altinn:resource", skatt) + "," + attribute("urn:altinn:organizationnumber", bergen) + `]},{"id":"r2","attribute":[` + attribute("urn:altinn:resource", "demo-hendelser") + "," + attribute("urn:altinn:organizationnumber", bergen) + `]}],
"multiRequests":{"requestReference":[{"referenceId":["s1","a1","r1"]},{"referenceId":["s2","a1","r1"]},{"referenceId":["s3","a1","r1"]},{"referenceId":["s1","a2","r2"]},{"referenceId":["s1","a9","r2"]}]}}}`
	got := a.do("POST", authorizePath, body)
	var r pepResponse
	a.json(got, 200, &r)
	var decisions []string
	for _, one := range r.Response {
		decisions = append(decisions, one.Decision)
	}
	if text := strings.Join(decisions, " "); text != "Permit NotApplicable Indeterminate Permit Indeterminate" {
		t.Errorf("%s\n%s", text, got.body)
	}
	if want := skatt + ";version=1, " + skatt + ";version=1, none, demo-hendelser;version=1, none"; got.Header.Get(headerPolicy) != want {
		t.Errorf("policies %q", got.Header.Get(headerPolicy))
	}
}

// TestRolesWithAccess: of an app by owner and name.
func TestRolesWithAccess(t *testing.T) {
	a := openDemo(t)
	app := strings.ReplaceAll(demoPolicy(a, "demo-tilskudd"), "demo-tilskudd", "app_demo_minapp")
	resource := `{"identifier":"app_demo_minapp","resourceType":"AltinnApp","title":{"nb":"A","nn":"A","en":"A"},"description":{"nb":"A","nn":"A","en":"A"},"rightDescription":{"nb":"A","nn":"A","en":"A"},"status":"Completed","hasCompetentAuthority":{"name":{"nb":"D","nn":"D","en":"D"},"organization":"310000167","orgcode":"demo"},"contactPoints":[{"category":"support","email":"demo@example.com","telephone":"","contactPage":""}]}`
	if got := a.do("POST", resourceRegistry+"/resource", resource); got.StatusCode != 201 {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	if got := a.do("PUT", resourceRegistry+"/resource/app_demo_minapp/policy", app, "Content-Type", "application/xml"); got.StatusCode >= 300 {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	var roles []string
	a.json(a.do("GET", authorization+"/policies/roleswithaccess/demo/minapp", nil), 200, &roles)
	if len(roles) != 1 || roles[0] != "dagl" {
		t.Errorf("roles %v", roles)
	}
	if got := a.do("GET", authorization+"/policies/roleswithaccess/demo/ingen", nil); got.StatusCode != 404 {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	// The app is asked about by owner and name, as app enforcement points do.
	got := a.do("POST", authorizePath, shortRequest("request", category(attribute("urn:altinn:ssn", kari)),
		category(attribute("urn:altinn:org", "demo"), attribute("urn:altinn:app", "minapp"), attribute("urn:altinn:partyid", a.no(trondheim))), category(attribute(actionID, "read"))))
	if !strings.Contains(string(got.body), `"Permit"`) || !strings.HasPrefix(got.Header.Get(headerPolicy), "app_demo_minapp;") {
		t.Errorf("%s %v", got.body, got.Header)
	}
}

func demoPolicy(a *apitest, id string) string {
	return string(a.do("GET", resourceRegistry+"/resource/"+id+"/policy", nil).body)
}

func partyText(p any) string {
	text, _ := json.Marshal(p)
	return string(text)
}
