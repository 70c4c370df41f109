package api

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/world"
)

// enterprise is a server that knows a Maskinporten, and tokens of organisations.
type enterprise struct {
	*apitest
	is  *testIssuer
	now time.Time
}

func openEnterprise(t *testing.T, n *node.Node) *enterprise {
	t.Helper()
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	cfg := Config{PublicURL: audience, Authentication: Authentication{Issuers: []IssuerConfig{is.config()}}, Limits: Limits{RequestsPerSecond: -1}}
	e := &enterprise{is: is, now: testNow}
	e.apitest = serveAPI(t, n, cfg, WithClock(func() time.Time { return e.now }))
	return e
}

// of makes a token of an organisation's own client.
func (e *enterprise) of(org, scope string, more ...any) string {
	claims := append([]any{"scope", scope, "consumer", obj{"authority": "iso6523-actorid-upis", "ID": "0192:" + org},
		"iat", e.now.Unix(), "exp", e.now.Add(time.Minute).Unix()}, more...)
	return "Bearer " + e.is.token(claims...)
}

// as exchanges a token of Trondheim AS with a name and a password.
func (e *enterprise) as(name, password, scope string) answer {
	return e.do("GET", "/authentication/api/v1/exchange/maskinporten", nil, "Authorization", e.of("310000027", scope),
		enterpriseUserHeader, base64.StdEncoding.EncodeToString([]byte(name+":"+password)))
}

// may asks on a token whether an enterprise user may act for Bergen AS.
func (e *enterprise) may(token, uuid string) (decision bool, reason string) {
	e.Helper()
	var got struct {
		Decision bool
		Context  struct{ Reason string }
	}
	e.json(e.do("POST", "/access/v1/evaluation", obj{
		"subject": obj{"type": "urn:altinn:enterpriseuser:uuid", "id": uuid}, "action": obj{"name": "delegerbare-maskinporten-scopes"},
		"resource": obj{"type": "urn:altinn:organization:identifier-no", "id": "310000019"},
	}, "Authorization", token), 200, &got)
	return got.Decision, got.Context.Reason
}

// TestEnterpriseUserExample: seed example 2, from creation to a decision for Bergen
// AS, and to a no.
func TestEnterpriseUserExample(t *testing.T) {
	e := openEnterprise(t, demoNode(t))
	admin := e.of("310000035", scopeEnterpriseUsers) // Oslo AS is managing director of Trondheim AS
	var user enterpriseUserJSON
	e.json(e.do("POST", enterpriseUsersPath, obj{"organisation": "310000027", "user": "Integrasjon"}, "Authorization", admin), 201, &user)
	if user.Password == "" || user.ECKEY != nil || user.Organisation != "310000027" {
		t.Fatalf("%+v", user)
	}
	one := enterpriseUsersPath + "/310000027/integrasjon"
	got := e.as("integrasjon", user.Password, scopeEvaluate+" altinn:accessmanagement/authorizedparties")
	if got.StatusCode != 200 || strings.Count(string(got.body), ".") != 2 {
		t.Fatalf("exchange: %d %s", got.StatusCode, got.body)
	}
	token := "Bearer " + string(got.body)
	if yes, reason := e.may(token, user.UUID); yes {
		t.Errorf("without ECKEY it may: %s", reason)
	}
	var given enterpriseUserJSON
	e.json(e.do("PUT", one+"/eckey", nil, "Authorization", admin), 200, &given)
	if given.ECKEY == nil || given.Password != "" || given.UUID != user.UUID || given.User != "Integrasjon" {
		t.Errorf("%+v", given)
	}
	if yes, reason := e.may(token, user.UUID); !yes || reason != "held_via_nesting" {
		t.Errorf("with ECKEY: %t %s", yes, reason)
	}
	mine := e.do("GET", "/accessmanagement/api/v1/authorizedparties", nil, "Authorization", token)
	if mine.StatusCode != 200 || !strings.Contains(string(mine.body), "Bergen AS") {
		t.Errorf("its own parties: %d %s", mine.StatusCode, mine.body)
	}
	var report struct{ Reach []reachJSON }
	e.json(e.do("GET", one+"/report", nil, "Authorization", admin), 200, &report)
	if len(report.Reach) < 1 || report.Reach[0].Organisation != "310000019" || len(report.Reach[0].Packages) < 50 || report.Reach[0].Reason != "held_via_nesting" {
		t.Errorf("report: %+v", report)
	}
	e.json(e.do("DELETE", one+"/eckey", nil, "Authorization", admin), 200, &given)
	if yes, reason := e.may(token, user.UUID); yes || given.ECKEY != nil {
		t.Errorf("after ECKEY is revoked: %t %s", yes, reason)
	}
	var list struct{ Items []enterpriseUserJSON }
	e.json(e.do("GET", enterpriseUsersPath+"/310000027", nil, "Authorization", admin), 200, &list)
	if len(list.Items) != 3 {
		t.Errorf("%d users", len(list.Items))
	}
	e.json(e.do("DELETE", one, nil, "Authorization", admin), 200, &given)
	if got := e.as("integrasjon", user.Password, scopeEvaluate); got.StatusCode != 401 || !given.Ended {
		t.Errorf("the password of an ended user: %d", got.StatusCode)
	}
	for _, body := range [][]byte{got.body, mine.body} {
		if strings.Contains(string(body), user.Password) {
			t.Error("the password is in another answer")
		}
	}
}

// TestEnterpriseUserRefusals: who may not, and what is wrong.
func TestEnterpriseUserRefusals(t *testing.T) {
	e := openEnterprise(t, demoNode(t))
	admin, other := e.of("310000035", scopeEnterpriseUsers), e.of("310000043", scopeEnterpriseUsers)
	made := obj{"organisation": "310000027", "user": "robot"}
	e.json(e.do("POST", enterpriseUsersPath, made, "Authorization", admin), 201, &enterpriseUserJSON{})
	one := enterpriseUsersPath + "/310000027/robot"
	for _, c := range []struct {
		name, method, path string
		body               any
		token              string
		want               int
	}{
		{"made by another", "POST", enterpriseUsersPath, obj{"organisation": "310000027", "user": "x"}, other, 403},
		{"made again", "POST", enterpriseUsersPath, made, admin, 409},
		{"without a name", "POST", enterpriseUsersPath, obj{"organisation": "310000027"}, admin, 400},
		{"of nobody", "POST", enterpriseUsersPath, obj{"organisation": "310000205", "user": "x"}, admin, 404},
		{"seen by another", "GET", one, nil, other, 403},
		{"listed by another", "GET", enterpriseUsersPath + "/310000027", nil, other, 403},
		{"reported to another", "GET", one + "/report", nil, other, 403},
		{"ECKEY by another", "PUT", one + "/eckey", nil, other, 403},
		{"ECKEY taken by another", "DELETE", one + "/eckey", nil, other, 403},
		{"password by another", "POST", one + "/password", nil, other, 403},
		{"ended by another", "DELETE", one, nil, other, 403},
		{"unknown", "GET", enterpriseUsersPath + "/310000027/nobody", nil, admin, 404},
		{"password of an unknown", "POST", enterpriseUsersPath + "/310000027/nobody/password", nil, admin, 404},
		{"without the scope", "GET", one, nil, e.of("310000035", scopeEvaluate), 403},
		{"an interval that ends first", "PUT", one + "/eckey", obj{"valid_from": "2026-05-01T00:00:00Z", "valid_to": "2026-04-01T00:00:00Z"}, admin, 400},
	} {
		if got := e.do(c.method, c.path, c.body, "Authorization", c.token); got.StatusCode != c.want {
			t.Errorf("%s: %d, want %d: %s", c.name, got.StatusCode, c.want, got.body)
		}
	}
}

// TestExchange: a token without the header is Altinn's kind of token, and what is
// no token of Maskinporten's is not exchanged.
func TestExchange(t *testing.T) {
	e := openEnterprise(t, demoNode(t))
	const path = "/authentication/api/v1/exchange/maskinporten"
	got := e.do("GET", path, nil, "Authorization", e.of("310000043", scopeEvaluate))
	token := "Bearer " + string(got.body)
	if got.StatusCode != 200 {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	if got := e.do("POST", "/access/v1/evaluation", question1, "Authorization", token); got.StatusCode != 200 {
		t.Errorf("the exchanged token: %d %s", got.StatusCode, got.body)
	}
	if got := e.do("GET", path, nil, "Authorization", token); got.StatusCode != 401 {
		t.Errorf("exchanged twice: %d", got.StatusCode)
	}
	e.now = e.now.Add(ownTokenTime + 2*leeway)
	if got := e.do("POST", "/access/v1/evaluation", question1, "Authorization", token); got.StatusCode != 401 {
		t.Errorf("an old token: %d", got.StatusCode)
	}
	// Signed by another process's key, of another store.
	stranger := openEnterprise(t, demoNode(t))
	forged := stranger.do("GET", path, nil, "Authorization", stranger.of("310000043", scopeEvaluate))
	if got := e.do("POST", "/access/v1/evaluation", question1, "Authorization", "Bearer "+string(forged.body)); got.StatusCode != 401 {
		t.Errorf("another store's token: %d", got.StatusCode)
	}
	var keys struct{ Keys []map[string]any }
	e.json(e.do("GET", openidPath+".well-known/openid-configuration/jwks", nil), 200, &keys)
	if len(keys.Keys) != 1 || keys.Keys[0]["d"] != nil || keys.Keys[0]["kty"] != "EC" {
		t.Errorf("keys %v", keys)
	}
	e.json(e.do("GET", openidPath+".well-known/openid-configuration", nil), 200, &map[string]any{})
	open := openDemo(t)
	if got := open.do("GET", path, nil); got.StatusCode != 404 {
		t.Errorf("without authentication: %d", got.StatusCode)
	}
}

// TestLockOut: after five wrong passwords not even the right one is tried, in a new
// process either, until time or a new password ends it.
func TestLockOut(t *testing.T) {
	n := demoNode(t)
	e := openEnterprise(t, n)
	admin := e.of("310000035", scopeEnterpriseUsers)
	var user enterpriseUserJSON
	e.json(e.do("POST", enterpriseUsersPath, obj{"organisation": "310000027", "user": "robot"}, "Authorization", admin), 201, &user)
	for _, header := range []string{"%%%", "cm9ib3Q=", "Basic " + base64.StdEncoding.EncodeToString([]byte(":x"))} {
		if got := e.do("GET", "/authentication/api/v1/exchange/maskinporten", nil, "Authorization", e.of("310000027", ""), enterpriseUserHeader, header); got.StatusCode != 400 {
			t.Errorf("header %q: %d", header, got.StatusCode)
		}
	}
	for i := range mostTries {
		if got := e.as("robot", "wrong", ""); got.StatusCode != 401 {
			t.Errorf("try %d: %d %s", i, got.StatusCode, got.body)
		}
	}
	for name, server := range map[string]*enterprise{"this server": e, "another": openEnterprise(t, n)} {
		if got := server.as("ROBOT", user.Password, ""); got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "" {
			t.Errorf("%s: the right password of a locked user: %d", name, got.StatusCode)
		}
	}
	for range mostTries {
		e.as("nobody", "wrong", "")
	}
	if got := e.as("nobody", "wrong", ""); got.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a user that is not there can be told from one that is: %d", got.StatusCode)
	}
	var fresh enterpriseUserJSON
	e.json(e.do("POST", enterpriseUsersPath+"/310000027/robot/password", nil, "Authorization", admin), 200, &fresh)
	if got := e.as("robot", user.Password, ""); got.StatusCode != 401 || fresh.Password == user.Password {
		t.Errorf("the old password: %d", got.StatusCode)
	}
	if got := e.as("robot", fresh.Password, ""); got.StatusCode != 200 {
		t.Errorf("the new password: %d %s", got.StatusCode, got.body)
	}
	for range mostTries {
		e.as("robot", "wrong", "")
	}
	e.now = e.now.Add(lockTime + time.Second)
	if got := e.as("robot", fresh.Password, ""); got.StatusCode != 200 {
		t.Errorf("when the lock is over: %d %s", got.StatusCode, got.body)
	}
}

// TestEnterpriseUsersEnded: once an overlay has ended ECKEYROLE, the exchange
// answers 410 and decisions say expired.
func TestEnterpriseUsersEnded(t *testing.T) {
	cat, err := catalogue.Load(fstest.MapFS{"end.json": {Data: []byte(`{"sources": [{"id": "ours", "title": "The end", "publisher": "Us", "date": "2026-06"}],
		"source": "ours", "end": {"roles": [{"code": "ECKEYROLE", "to": "2026-06-19"}]}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Demo(cat)
	if err != nil {
		t.Fatal(err)
	}
	e := openEnterprise(t, openWorld(t, cat, w))
	admin := e.of("310000035", scopeEnterpriseUsers)
	var user enterpriseUserJSON
	e.json(e.do("POST", enterpriseUsersPath+"/310000027/trondheim-integrasjon/password", nil, "Authorization", admin), 200, &user)
	if got := e.as(user.User, user.Password, scopeEvaluate); got.StatusCode != 200 {
		t.Fatalf("before the end: %d %s", got.StatusCode, got.body)
	}
	if yes, reason := e.may(e.of("310000027", scopeEvaluate), user.UUID); !yes {
		t.Errorf("before the end: %s", reason)
	}
	e.now = time.Date(2026, time.June, 20, 12, 0, 0, 0, time.UTC)
	got := e.as(user.User, user.Password, scopeEvaluate)
	if got.StatusCode != http.StatusGone || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("after the end: %d %s", got.StatusCode, got.body)
	}
	if yes, reason := e.may(e.of("310000027", scopeEvaluate), user.UUID); yes || reason != "expired" {
		t.Errorf("after the end: %t %s", yes, reason)
	}
	if got := e.do("PUT", enterpriseUsersPath+"/310000027/trondheim-rapport/eckey", nil, "Authorization", e.of("310000035", scopeEnterpriseUsers)); got.StatusCode != 409 {
		t.Errorf("ECKEY given after the end: %d", got.StatusCode)
	}
}
