package api

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
)

func service(resource string, party obj) obj {
	return obj{"type": serviceType, "id": resource, "properties": obj{"party": party}}
}

// TestServiceEvaluation: an action on a service by AuthZEN, with reason, version and
// obligations, and its explanation.
func TestServiceEvaluation(t *testing.T) {
	a := openDemo(t)
	ask := func(subject obj, resource, action string, context obj) (v struct {
		Decision bool
		Context  struct {
			Reason      fullmakt.Reason
			Policy      struct{ Resource, Version string }
			Obligations []wireObligation
			Explanation *serviceProof
		}
	}) {
		t.Helper()
		a.json(a.do("POST", evaluationPath, obj{"subject": subject, "action": obj{"name": action}, "resource": service(resource, org(bergen)), "context": context}), 200, &v)
		return v
	}
	v := ask(person(kari), skatt, "sign", obj{"explain": true})
	if !v.Decision || v.Context.Reason != fullmakt.ReasonNesting || v.Context.Policy.Version != "1" || len(v.Context.Obligations) != 1 ||
		v.Context.Obligations[0].Properties["acr_value"] != "idporten-loa-substantial" {
		t.Errorf("%+v", v)
	}
	x := v.Context.Explanation
	if x == nil || x.Rule == nil || !strings.HasSuffix(x.Rule.ID, "ruleid:3") || len(x.Held) != 1 || x.Held[0].URN != "urn:altinn:accesspackage:skatt-naering" || len(x.Authority) == 0 || len(x.Authority[0].Steps) != 2 {
		t.Errorf("explanation %+v", x)
	}
	// A no names what is missing, and how near the subject came to it.
	v = ask(person(ola), skatt, "sign", obj{"explain": true})
	x = v.Context.Explanation
	if v.Decision || v.Context.Reason != fullmakt.ReasonNestingLimit || x == nil || x.Rule == nil || !x.Rule.Nearest || len(x.Missing) != 2 || x.Missing[0].Names.NB == "" || len(x.NearMisses) == 0 {
		t.Errorf("%+v %+v", v, x)
	}
	for _, c := range []struct {
		resource, action string
		want             fullmakt.Reason
	}{
		{"finnes-ikke", "read", fullmakt.ReasonNoResource}, {skatt, "slett", fullmakt.ReasonNoRule}, {"demo-tilskudd", "write", fullmakt.ReasonNotListed},
	} {
		if v := ask(person(kari), c.resource, c.action, obj{}); v.Decision || v.Context.Reason != c.want {
			t.Errorf("%+v: %+v", c, v)
		}
	}
	if got := a.do("POST", evaluationPath, obj{"subject": person(kari), "action": obj{"name": "sign"}, "resource": obj{"type": serviceType, "id": skatt, "properties": obj{"party": 7}}}); got.StatusCode != 400 {
		t.Errorf("a party that is a number: %d %s", got.StatusCode, got.body)
	}
}

// TestServiceSearches: each result is one that an evaluation permits, and all are
// there.
func TestServiceSearches(t *testing.T) {
	a := openDemo(t)
	var found struct {
		Results []struct{ Type, ID, Name string }
	}
	list := func(path string, body obj) string {
		t.Helper()
		found.Results = nil
		a.json(a.do("POST", path, body), 200, &found)
		var names []string
		for _, r := range found.Results {
			names = append(names, r.Name+r.ID)
		}
		return strings.Join(names, " ")
	}
	if got := list(actionPath, obj{"subject": person(kari), "resource": service(skatt, org(bergen))}); got != "read sign write" {
		t.Errorf("actions %q", got)
	}
	if got := list(resourcePath, obj{"subject": person(kari), "action": obj{"name": "read"}, "resource": service("", org(bergen))}); !strings.Contains(got, skatt) || !strings.Contains(got, "demo-tilskudd") {
		t.Errorf("resources %q", got)
	}
	if got := list(subjectPath, obj{"subject": obj{"type": kindURNs[personNumberKind]}, "action": obj{"name": "sign"}, "resource": service(skatt, org(bergen))}); !strings.Contains(got, kari) || strings.Contains(got, ola) {
		t.Errorf("subjects %q", got)
	}
}

// TestDecisionsAreOne: the same question in XACML JSON, XACML XML and AuthZEN has
// the same answer, for random parties, resources and actions, and under random
// policies.
func TestDecisionsAreOne(t *testing.T) {
	n := demoNode(t)
	a := serveAPI(t, n, openConfig())
	rnd := rand.New(rand.NewPCG(4, 2026))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	policy := demoPolicy(a, skatt)
	swap := []string{"skatt-naering", "regnskapsforer-med-signeringsrettighet", "ansvarlig-revisor", "tilskudd-stotte-erstatning", "maskinlesbare-hendelser"}
	answers := map[string]int{}
	for range 12 {
		changed := policy
		for _, name := range swap[:3] {
			changed = strings.ReplaceAll(changed, ">"+name+"<", ">"+pick(swap...)+"<")
		}
		if rnd.IntN(3) == 0 {
			changed = strings.Replace(changed, `ruleid:1" Effect="Permit"`, `ruleid:1" Effect="Deny"`, 1)
		}
		if got := a.do("PUT", resourceRegistry+"/resource/"+skatt+"/policy", changed, "Content-Type", "application/xml"); got.StatusCode >= 300 {
			t.Fatalf("%d %s", got.StatusCode, got.body)
		}
		s := n.Current()
		for range 20 {
			subject := fullmakt.PartyNo(1 + rnd.IntN(int(s.Last())))
			party := fullmakt.PartyNo(1 + rnd.IntN(int(s.Last())))
			resource, action := pick(skatt, skatt, "demo-tilskudd", "demo-hendelser", "finnes-ikke"), pick("read", "write", "sign", "subscribe")
			if rnd.IntN(2) == 0 {
				subject, party = s.Person(12817010065), s.Organisation(310000019)
			}
			from, to := fmt.Sprint(subject), fmt.Sprint(party)
			var j pepResponse
			a.json(a.do("POST", authorizePath, shortRequest("request", category(attribute("urn:altinn:partyid", from)),
				category(attribute("urn:altinn:resource", resource), attribute("urn:altinn:partyid", to)), category(attribute(actionID, action)))), 200, &j)
			got := a.do("POST", decisionPath, requestXML(from, resource, to, action), "Content-Type", "application/xml")
			var x struct {
				Result struct{ Decision string }
			}
			if err := xml.Unmarshal(got.body, &x); err != nil {
				t.Fatalf("%v: %s", err, got.body)
			}
			var z struct{ Decision bool }
			a.json(a.do("POST", evaluationPath, obj{"subject": obj{"type": "urn:altinn:partyid", "id": from}, "action": obj{"name": action},
				"resource": service(resource, obj{"type": "urn:altinn:partyid", "id": to})}), 200, &z)
			want := j.Response[0].Decision
			if x.Result.Decision != want || z.Decision != (want == "Permit") {
				t.Fatalf("%s %s %s %s: JSON %s, XML %s, AuthZEN %t", from, resource, to, action, want, x.Result.Decision, z.Decision)
			}
			answers[want]++
		}
	}
	for _, d := range []string{"Permit", "NotApplicable", "Indeterminate", "Deny"} {
		if answers[d] < 5 {
			t.Errorf("only %d of %v are %s", answers[d], answers, d)
		}
	}
}

func requestXML(subject, resource, party, action string) string {
	part := func(category string, pairs ...string) string {
		out := `<Attributes Category="` + category + `">`
		for i := 0; i < len(pairs); i += 2 {
			out += `<Attribute AttributeId="` + pairs[i] + `" IncludeInResult="false"><AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">` + pairs[i+1] + `</AttributeValue></Attribute>`
		}
		return out + `</Attributes>`
	}
	return `<Request xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" ReturnPolicyIdList="false" CombinedDecision="false">` +
		part("urn:oasis:names:tc:xacml:1.0:subject-category:access-subject", "urn:altinn:partyid", subject) +
		part("urn:oasis:names:tc:xacml:3.0:attribute-category:resource", "urn:altinn:resource", resource, "urn:altinn:partyid", party) +
		part("urn:oasis:names:tc:xacml:3.0:attribute-category:action", actionID, action) + `</Request>`
}

// TestXACMLExplanation: beside the answer and only when asked for, in ASCII.
func TestXACMLExplanation(t *testing.T) {
	a, log := recorded(t, demoNode(t))
	body := shortRequest("request", category(attribute("urn:altinn:ssn", ola)), category(attribute("urn:altinn:resource", skatt), attribute("urn:altinn:organizationnumber", bergen)), category(attribute(actionID, "sign")))
	plain := a.do("POST", authorizePath, body)
	told := a.do("POST", authorizePath, body, headerExplain, "true")
	if string(plain.body) != string(told.body) || plain.Header.Get(headerExplanation) != "" {
		t.Error("the body or the headers of a plain answer are others")
	}
	var x []serviceProof
	if err := json.Unmarshal([]byte(told.Header.Get(headerExplanation)), &x); err != nil || len(x) != 1 || len(x[0].Missing) != 2 || x[0].Missing[0].Names.NB == "" {
		t.Errorf("%v %s", err, told.Header.Get(headerExplanation))
	}
	all := lookups(t, log)
	if len(all) != 2 || all[0].Subject != a.no(ola) || all[0].What != skatt+":sign" || all[0].Reason != fullmakt.ReasonNestingLimit || all[0].Outcome != "deny" {
		t.Errorf("recorded %+v", all)
	}
}
