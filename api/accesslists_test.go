package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt/registry"
)

const listBase = resourceRegistry + "/access-lists"

type pageOfAny[T any] struct{ Data []T }

// TestAccessLists: a list from its making to its end, with versions honoured.
func TestAccessLists(t *testing.T) {
	a := openDemo(t)
	path := listBase + "/demo/ny-liste"
	made := a.do("PUT", path, obj{"name": "Ny liste", "description": "d"})
	var l accessListJSON
	a.json(made, 200, &l)
	if l.URN != "urn:altinn:access-list:demo:ny-liste" || l.Name != "Ny liste" || l.CreatedAt != "2026-03-03T12:00:00Z" {
		t.Errorf("%+v", l)
	}
	first := made.Header.Get("ETag")
	members := a.do("POST", path+"/members", obj{"data": []string{"urn:altinn:organization:identifier-no:310000019", "urn:altinn:organization:identifier-no:310000027"}}, "If-Match", first)
	var list pageOfAny[listMemberJSON]
	a.json(members, 200, &list)
	if len(list.Data) != 2 || list.Data[0].Identifiers["urn:altinn:organization:identifier-no"] != "310000019" {
		t.Errorf("%+v", list)
	}
	second := members.Header.Get("ETag")
	for _, c := range []struct {
		name, method, path string
		body               any
		header, value      string
		want               int
	}{
		{"an old version", "PUT", "", obj{"name": "x"}, "If-Match", first, 412},
		{"an old version of the members", "PUT", "/members", obj{"data": []string{}}, "If-Match", first, 412},
		{"only when there is none", "PUT", "", obj{"name": "x"}, "If-None-Match", "*", 412},
		{"changed since", "PATCH", "", obj{"name": "x"}, "If-Unmodified-Since", testNow.Add(-time.Hour).Format(http.TimeFormat), 412},
		{"not changed since", "PATCH", "", obj{"description": "e"}, "If-Unmodified-Since", testNow.Format(http.TimeFormat), 200},
		{"a person", "POST", "/members", obj{"data": []string{"urn:altinn:person:identifier-no:12817010065"}}, "If-Match", "*", 400},
		{"nobody", "POST", "/members", obj{"data": []string{"urn:altinn:organization:identifier-no:310000248"}}, "If-Match", "*", 400},
		{"an unknown resource", "PUT", "/resource-connections/no-such", obj{}, "If-Match", "*", 404},
		{"an action without a name", "PUT", "/resource-connections/demo-hendelser", obj{"actionFilters": []string{" "}}, "If-Match", "*", 400},
		{"a list that is not there", "PATCH", "x", obj{"name": "x"}, "Accept", "*/*", 404},
	} {
		if got := a.do(c.method, path+c.path, c.body, c.header, c.value); got.StatusCode != c.want {
			t.Errorf("%s: %d %s", c.name, got.StatusCode, got.body)
		}
	}
	if got := a.do("GET", path+"/members", nil, "If-None-Match", second); got.StatusCode != 200 {
		t.Errorf("the description changed, and yet: %d", got.StatusCode)
	}
	got := a.do("GET", path, nil)
	a.json(got, 200, &l)
	if l.Name != "Ny liste" || l.Description != "e" || l.ResourceConnections != nil {
		t.Errorf("%+v", l)
	}
	if got := a.do("GET", path, nil, "If-None-Match", got.Header.Get("ETag")); got.StatusCode != 304 {
		t.Errorf("the same version: %d", got.StatusCode)
	}
	var connection listConnectionJSON
	a.json(a.do("PUT", path+"/resource-connections/demo-hendelser", obj{"actionFilters": []string{"Subscribe", "subscribe", "read"}}), 200, &connection)
	if strings.Join(connection.ActionFilters, " ") != "read subscribe" {
		t.Errorf("%+v", connection)
	}
	a.json(a.do("GET", path+"?include=resource-connections", nil), 200, &l)
	if l.ResourceConnections == nil || len(*l.ResourceConnections) != 1 {
		t.Errorf("%+v", l)
	}
	a.json(a.do("DELETE", path+"/members", obj{"data": []string{"urn:altinn:organization:identifier-no:310000019"}}), 200, &list)
	if len(list.Data) != 1 {
		t.Errorf("after one was removed: %+v", list)
	}
	a.json(a.do("PUT", path+"/members", obj{"data": []string{list.Data[0].ID, "urn:altinn:organization:identifier-no:310000043"}}), 200, &list)
	if len(list.Data) != 2 || list.Data[1].Identifiers["urn:altinn:organization:identifier-no"] != "310000043" {
		t.Errorf("after they were replaced: %+v", list)
	}
	var lists pageOfAny[accessListJSON]
	a.json(a.do("GET", listBase+"/demo", nil), 200, &lists)
	if len(lists.Data) != 2 {
		t.Errorf("%+v", lists)
	}
	if got := a.do("DELETE", path+"/resource-connections/demo-hendelser", nil); got.StatusCode != 204 && got.StatusCode != 200 {
		t.Errorf("disconnect: %d", got.StatusCode)
	}
	var connections pageOfAny[listConnectionJSON]
	a.json(a.do("GET", path+"/resource-connections", nil), 200, &connections)
	if len(connections.Data) != 0 {
		t.Errorf("%+v", connections)
	}
	if got := a.do("DELETE", path, nil); got.StatusCode != 204 {
		t.Errorf("delete: %d", got.StatusCode)
	}
	if got := a.do("GET", path, nil); got.StatusCode != 404 {
		t.Errorf("a deleted list: %d", got.StatusCode)
	}
	// Who made it anew would not find the old members.
	a.json(a.do("PUT", path, obj{"name": "Igjen"}), 200, &l)
	a.json(a.do("GET", path+"/members", nil), 200, &list)
	if len(list.Data) != 0 {
		t.Errorf("members came back: %+v", list)
	}
}

// TestAccessListOwners: the scope alone opens nobody else's lists.
func TestAccessListOwners(t *testing.T) {
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	cfg := is.config()
	cfg.Kind = "altinn"
	a := guarded(t, nil, cfg)
	for _, c := range []struct {
		name   string
		claims []any
		want   int
	}{
		{"the owner", []any{"scope", "altinn:resourceregistry/accesslist.read", "urn:altinn:org", "demo"}, 200},
		{"by its number", []any{"scope", "altinn:resourceregistry/accesslist.read", "consumer", obj{"authority": "iso6523-actorid-upis", "ID": "0192:310000167"}}, 200},
		{"another", []any{"scope", "altinn:resourceregistry/accesslist.read", "urn:altinn:org", "annen"}, 403},
		{"another by its number", []any{"scope", "altinn:resourceregistry/accesslist.read"}, 403},
		{"the operator", []any{"scope", scopeRegistryAdmin}, 200},
	} {
		for _, path := range []string{"/demo", "/demo/tilskudd", "/demo/tilskudd/members", "/demo/tilskudd/resource-connections"} {
			if got := a.do("GET", listBase+path, nil, "Authorization", "Bearer "+is.token(c.claims...)); got.StatusCode != c.want {
				t.Errorf("%s %s: %d %s", c.name, path, got.StatusCode, got.body)
			}
		}
	}
	reader := "Bearer " + is.token("scope", "altinn:resourceregistry/accesslist.read", "urn:altinn:org", "demo")
	if got := a.do("PUT", listBase+"/demo/tilskudd", obj{"name": "x"}, "Authorization", reader); got.StatusCode != 403 {
		t.Errorf("a reader writes: %d", got.StatusCode)
	}
}

// TestAccessListQuestions: who is on a list, and what it lets them do.
func TestAccessListQuestions(t *testing.T) {
	a := openDemo(t)
	const bergenURN, osloURN = "urn:altinn:organization:identifier-no:310000019", "urn:altinn:organization:identifier-no:310000035"
	var found pageOfAny[membershipJSON]
	a.json(a.do("GET", listBase+"/memberships?party="+bergenURN, nil), 200, &found)
	if len(found.Data) != 1 || found.Data[0].Resource != "urn:altinn:resource:demo-tilskudd" || found.Data[0].ActionFilters[0] != "read" || found.Data[0].Party != bergenURN {
		t.Errorf("%+v", found)
	}
	a.json(a.do("GET", listBase+"/memberships?party="+bergenURN+"&resource=urn:altinn:resource:demo-hendelser", nil), 200, &found)
	if len(found.Data) != 0 {
		t.Errorf("%+v", found)
	}
	for _, query := range []string{"", "?party=" + bergenURN + "&party=" + osloURN, "?party=310000019", "?party=urn:altinn:person:identifier-no:x", "?party=" + bergenURN + "&resource=x"} {
		if got := a.do("GET", listBase+"/memberships"+query, nil); got.StatusCode != 400 {
			t.Errorf("%s: %d", query, got.StatusCode)
		}
	}
	var lists pageOfAny[accessListJSON]
	a.json(a.do("GET", listBase+"/get-by-member?party="+bergenURN, nil), 200, &lists)
	if len(lists.Data) != 1 || lists.Data[0].Identifier != "tilskudd" || len(*lists.Data[0].ResourceConnections) != 1 {
		t.Errorf("%+v", lists)
	}
	ask := func(number, resource string, action any) obj {
		return obj{"subject": obj{"type": "urn:altinn:organization:identifier-no", "value": number}, "resource": obj{"type": registry.AttributeResource, "value": resource}, "action": action}
	}
	read, write := obj{"type": registry.AttributeAction, "value": "read"}, obj{"type": registry.AttributeAction, "value": "write"}
	for _, c := range []struct {
		question obj
		want     string
	}{
		{ask("310000019", "demo-tilskudd", read), "Authorized"},
		{ask("310000019", "demo-tilskudd", write), "NotAuthorized"},
		{ask("310000019", "demo-tilskudd", nil), "NotAuthorized"},
		{ask("310000035", "demo-tilskudd", read), "NotAuthorized"},
		{ask("310000019", "no-such", read), "NotDetermined"},
		{ask("310000248", "demo-tilskudd", read), "NotDetermined"},
	} {
		var got listAuthorizationJSON
		a.json(a.do("POST", "/authorization/api/v1/accesslist/accessmanagement/authorization", c.question), 200, &got)
		if got.Result != c.want {
			t.Errorf("%v: %s, want %s", c.question, got.Result, c.want)
		}
	}
}
