package maskinporten

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	bergen    fullmakt.OrgNumber = 310000019
	trondheim fullmakt.OrgNumber = 310000027
	oslo      fullmakt.OrgNumber = 310000035

	scope      = "fullmakt:evaluate"
	otherScope = "altinn:accessmanagement/authorizedparties.resourceowner"
)

var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// mock is a running mock with one client of Trondheim's.
type mock struct {
	t      *testing.T
	server *Server
	http   *httptest.Server
	client Client
	key    jose.JSONWebKey
	now    time.Time
}

var systemUserID, _ = fullmakt.ParseUUID("1ed8a4e3-6d2b-4cf0-9d8e-bf2f5c5e6f0a")

func newMock(t *testing.T) *mock {
	t.Helper()
	m := &mock{t: t, now: start}
	m.http = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.server.ServeHTTP(w, r) }))
	var err error
	m.server, err = New(Options{
		Issuer:  "http://" + m.http.Listener.Addr().String() + "/maskinporten/",
		Clients: t.TempDir(), Now: func() time.Time { return m.now },
		Delegation: func(_ context.Context, consumer, supplier fullmakt.OrgNumber, s string) (Delegation, bool, error) {
			return Delegation{Source: "http://localhost/delegations"}, consumer == bergen && supplier == trondheim && s == scope, nil
		},
		SystemUser: func(_ context.Context, client string, provider, owner fullmakt.OrgNumber, ref string) (SystemUser, bool, error) {
			return SystemUser{ID: systemUserID, SystemID: "lonn"}, client == m.client.ID && provider == trondheim && owner == bergen && ref == "avd1", nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	m.http.Start()
	t.Cleanup(func() {
		m.http.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	if m.client, m.key, err = NewClient(trondheim, []string{scope, otherScope}); err != nil {
		t.Fatal(err)
	}
	if err := m.server.RegisterClient(m.client); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *mock) grant() Grant {
	return Grant{Client: m.client.ID, Issuer: m.server.Issuer(), Scopes: []string{scope}, Resource: "http://localhost:8080"}
}

// exchange signs and exchanges a grant, and returns the verified claims.
func (m *mock) exchange(g Grant) (map[string]any, error) {
	m.t.Helper()
	assertion, err := g.Sign(m.key, m.now)
	if err != nil {
		m.t.Fatal(err)
	}
	endpoint, err := Discover(m.t.Context(), http.DefaultClient, m.server.Issuer())
	if err != nil {
		m.t.Fatal(err)
	}
	token, err := Exchange(m.t.Context(), http.DefaultClient, endpoint, assertion)
	if err != nil {
		return nil, err
	}
	if token.TokenType != "Bearer" || token.ExpiresIn != 120 || token.Scope != strings.Join(g.Scopes, " ") {
		m.t.Errorf("token %+v", token)
	}
	return m.claims(token.AccessToken), nil
}

// claims verifies a token with the keys that the mock publishes.
func (m *mock) claims(token string) map[string]any {
	m.t.Helper()
	var keys jose.JSONWebKeySet
	m.get("jwk", &keys)
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		m.t.Fatal(err)
	}
	found := keys.Key(jws.Signatures[0].Protected.KeyID)
	if len(found) != 1 || !found[0].IsPublic() {
		m.t.Fatalf("keys %+v", keys)
	}
	payload, err := jws.Verify(found[0])
	if err != nil {
		m.t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		m.t.Fatal(err)
	}
	return claims
}

func (m *mock) get(path string, v any) {
	m.t.Helper()
	answer, err := http.Get(m.server.Issuer() + path)
	if err != nil {
		m.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		m.t.Fatalf("%s answers %d", path, answer.StatusCode)
	}
	if err := json.NewDecoder(answer.Body).Decode(v); err != nil {
		m.t.Fatal(err)
	}
}

func org(n string) map[string]any {
	return map[string]any{"authority": "iso6523-actorid-upis", "ID": "0192:" + n}
}

func TestToken(t *testing.T) {
	m := newMock(t)
	claims, err := m.exchange(m.grant())
	if err != nil {
		t.Fatal(err)
	}
	if id, ok := claims["jti"].(string); !ok || id == "" {
		t.Error("the token has no jti")
	}
	delete(claims, "jti")
	want := map[string]any{
		"aud": "http://localhost:8080", "scope": scope, "iss": m.server.Issuer(), "client_amr": "private_key_jwt", "token_type": "Bearer",
		"iat": float64(start.Unix()), "exp": float64(start.Unix() + 120), "client_id": m.client.ID, "consumer": org("310000027"),
	}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Error(diff)
	}
	g := m.grant()
	g.Resource = ""
	if claims, err = m.exchange(g); err != nil || claims["aud"] != "unspecified" {
		t.Errorf("without resource: %v, %v", claims["aud"], err)
	}
}

func TestDelegatedToken(t *testing.T) {
	m := newMock(t)
	g := m.grant()
	g.Consumer = bergen
	claims, err := m.exchange(g)
	if err != nil {
		t.Fatal(err)
	}
	for claim, want := range map[string]any{
		"consumer": org("310000019"), "supplier": org("310000027"), "delegation_source": "http://localhost/delegations",
	} {
		if diff := cmp.Diff(want, claims[claim]); diff != "" {
			t.Errorf("%s: %s", claim, diff)
		}
	}
	for _, g := range []Grant{
		{Client: g.Client, Issuer: g.Issuer, Scopes: []string{scope}, Consumer: oslo},
		{Client: g.Client, Issuer: g.Issuer, Scopes: []string{scope, otherScope}, Consumer: bergen},
	} {
		if _, err := m.exchange(g); fullmakt.ErrorCode(err) != fullmakt.CodeForbidden || !strings.Contains(err.Error(), "invalid_grant") || !strings.Contains(err.Error(), "MP-120") {
			t.Errorf("%+v: %v", g, err)
		}
	}
	m.server.o.Delegation = nil
	if _, err := m.exchange(g); fullmakt.ErrorCode(err) != fullmakt.CodeForbidden {
		t.Errorf("without look-up: %v", err)
	}
}

func TestSystemUserToken(t *testing.T) {
	m := newMock(t)
	g := m.grant()
	g.SystemUserOf, g.ExternalRef = bergen, "avd1"
	claims, err := m.exchange(g)
	if err != nil {
		t.Fatal(err)
	}
	want := []any{map[string]any{
		"type": "urn:altinn:systemuser", "systemuser_id": []any{systemUserID.String()}, "systemuser_org": org("310000019"), "system_id": "lonn",
	}}
	if diff := cmp.Diff(want, claims["authorization_details"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(org("310000027"), claims["consumer"]); diff != "" {
		t.Error(diff)
	}
	g.ExternalRef = "avd2"
	if _, err := m.exchange(g); fullmakt.ErrorCode(err) != fullmakt.CodeForbidden || !strings.Contains(err.Error(), "MP-121") {
		t.Errorf("no such system user: %v", err)
	}
}

// TestRefusedGrants breaks a good grant in one way at a time.
func TestRefusedGrants(t *testing.T) {
	m := newMock(t)
	stranger, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	at := start.Unix()
	base := func() map[string]any {
		return map[string]any{"aud": m.server.Issuer(), "iss": m.client.ID, "scope": scope, "iat": at, "exp": at + 120, "jti": rand.Text()}
	}
	type set = map[string]any
	tests := []struct {
		name   string
		change set // claims to set; nil removes one
		key    jose.JSONWebKey
		alg    jose.SignatureAlgorithm
		kind   string // the error
		code   string
	}{
		{name: "sound"},
		{name: "RS384", alg: jose.RS384},
		{name: "RS512", alg: jose.RS512},
		{name: "iat 10 s ago", change: set{"iat": at - 10, "exp": at + 110}},
		{name: "iat in 10 s", change: set{"iat": at + 10, "exp": at + 130}},
		{name: "scope twice", change: set{"scope": scope + " " + scope}},
		{name: "PS256", alg: jose.PS256, kind: "invalid_grant", code: "MP-100"},
		{name: "aud without slash", change: set{"aud": strings.TrimSuffix(m.server.Issuer(), "/")}, kind: "invalid_grant", code: "MP-100"},
		{name: "aud a list", change: set{"aud": []string{m.server.Issuer()}}, kind: "invalid_grant", code: "MP-100"},
		{name: "no aud", change: set{"aud": nil}, kind: "invalid_grant", code: "MP-100"},
		{name: "iat 11 s ago", change: set{"iat": at - 11, "exp": at + 100}, kind: "invalid_grant", code: "MP-100"},
		{name: "iat in 11 s", change: set{"iat": at + 11, "exp": at + 100}, kind: "invalid_grant", code: "MP-100"},
		{name: "no iat", change: set{"iat": nil}, kind: "invalid_grant", code: "MP-100"},
		{name: "iat a text", change: set{"iat": "now"}, kind: "invalid_grant", code: "MP-100"},
		{name: "121 s", change: set{"exp": at + 121}, kind: "invalid_grant", code: "MP-100"},
		{name: "expired", change: set{"iat": at - 9, "exp": at}, kind: "invalid_grant", code: "MP-100"},
		{name: "no exp", change: set{"exp": nil}, kind: "invalid_grant", code: "MP-100"},
		{name: "no jti", change: set{"jti": nil}, kind: "invalid_grant", code: "MP-100"},
		{name: "long jti", change: set{"jti": strings.Repeat("x", 257)}, kind: "invalid_grant", code: "MP-100"},
		{name: "unknown claim", change: set{"pid": "x"}, kind: "invalid_grant", code: "MP-100"},
		{name: "no scope", change: set{"scope": nil}, kind: "invalid_scope", code: "MP-100"},
		{name: "scope of others", change: set{"scope": "fullmakt:admin"}, kind: "invalid_scope", code: "MP-120"},
		{name: "one scope of others", change: set{"scope": scope + " fullmakt:admin"}, kind: "invalid_scope", code: "MP-120"},
		{name: "unknown client", change: set{"iss": "x"}, kind: "invalid_client", code: "MP-110"},
		{name: "another's key", key: stranger, kind: "invalid_client", code: "MP-110"},
		{name: "another's key under the kid", key: jose.JSONWebKey{Key: stranger.Key, KeyID: m.key.KeyID}, kind: "invalid_client", code: "MP-110"},
		{name: "no kid", key: jose.JSONWebKey{Key: m.key.Key}, kind: "invalid_grant", code: "MP-100"},
		{name: "consumer not a number", change: set{"consumer_org": "Bergen AS"}, kind: "invalid_grant", code: "MP-100"},
		{name: "consumer not synthetic", change: set{"consumer_org": "910503294"}, kind: "invalid_grant", code: "MP-100"},
		{name: "consumer with prefix", change: set{"consumer_org": "0192:310000019"}, kind: "invalid_grant", code: "MP-100"},
		{name: "details of another type", change: set{"authorization_details": []set{{"type": "x", "systemuser_org": org("310000019")}}}, kind: "invalid_authorization_details", code: "MP-121"},
		{name: "two details", change: set{"authorization_details": []set{{"type": systemUserType, "systemuser_org": org("310000019")}, {"type": systemUserType, "systemuser_org": org("310000019")}}}, kind: "invalid_authorization_details", code: "MP-121"},
		{name: "details with id in small letters", change: set{"authorization_details": []set{{"type": systemUserType, "systemuser_org": set{"authority": authority, "id": "0192:310000019"}, "externalRef": "avd1"}}}},
		{name: "details without prefix", change: set{"authorization_details": []set{{"type": systemUserType, "systemuser_org": set{"authority": authority, "ID": "310000019"}}}}, kind: "invalid_authorization_details", code: "MP-121"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			claims := base()
			for k, v := range tt.change {
				if claims[k] = v; v == nil {
					delete(claims, k)
				}
			}
			key, alg := m.key, jose.RS256
			if tt.key.Key != nil {
				key = tt.key
			}
			if tt.alg != "" {
				alg = tt.alg
			}
			key.Algorithm = ""
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
			if err != nil {
				t.Fatal(err)
			}
			assertion, err := signJWT(signer, claims)
			if err != nil {
				t.Fatal(err)
			}
			m.want(t, assertion, tt.kind, tt.code)
		})
	}
}

// want posts an assertion and wants an error, or with kind "" a token.
func (m *mock) want(t *testing.T, assertion, kind, code string) {
	t.Helper()
	status, answer := post(t, m.server.Issuer()+"token", "application/x-www-form-urlencoded", url.Values{"grant_type": {GrantType}, "assertion": {assertion}}.Encode())
	if kind == "" {
		if status != http.StatusOK || answer["access_token"] == nil {
			t.Errorf("status %d: %v", status, answer)
		}
		return
	}
	description, _ := answer["error_description"].(string)
	if status != http.StatusBadRequest || answer["error"] != kind || !strings.HasSuffix(description, "("+code+")") || answer["error_uri"] != m.server.Issuer()+"errors#"+code || len(answer) != 3 {
		t.Errorf("status %d: %v, want %s, %s", status, answer, kind, code)
	}
}

func post(t *testing.T, address, contentType, body string) (int, map[string]any) {
	t.Helper()
	answer, err := http.Post(address, contentType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return answer.StatusCode, v
}

func TestRefusedRequests(t *testing.T) {
	m := newMock(t)
	assertion, err := m.grant().Sign(m.key, m.now)
	if err != nil {
		t.Fatal(err)
	}
	const form = "application/x-www-form-urlencoded"
	good := url.Values{"grant_type": {GrantType}, "assertion": {assertion}}
	for _, tt := range []struct{ name, contentType, body, kind string }{
		{"JSON", "application/json", `{}`, "invalid_request"},
		{"no assertion", form, url.Values{"grant_type": {GrantType}}.Encode(), "invalid_request"},
		{"two assertions", form, good.Encode() + "&assertion=x", "invalid_request"},
		{"another grant", form, url.Values{"grant_type": {"client_credentials"}, "assertion": {assertion}}.Encode(), "unsupported_grant_type"},
		{"not a JWT", form, url.Values{"grant_type": {GrantType}, "assertion": {"x"}}.Encode(), "invalid_grant"},
		{"too long", form, good.Encode() + "&x=" + strings.Repeat("x", maxBody), "invalid_request"},
	} {
		status, answer := post(t, m.server.Issuer()+"token", tt.contentType, tt.body)
		if status != http.StatusBadRequest || answer["error"] != tt.kind || answer["error_description"] == "" || answer["error_uri"] == "" {
			t.Errorf("%s: %d, %v", tt.name, status, answer)
		}
	}
	// The query is not the form.
	if status, _ := post(t, m.server.Issuer()+"token?"+good.Encode(), form, ""); status != http.StatusBadRequest {
		t.Errorf("parameters in the query: %d", status)
	}
	// Each grant is good for once, and the mock remembers until it is too old.
	m.want(t, assertion, "", "")
	m.want(t, assertion, "invalid_grant", codeRequest)
	m.now = m.now.Add(10 * time.Second)
	m.want(t, assertion, "invalid_grant", codeRequest)
	m.now = start.Add(200 * time.Second)
	if _, err := m.exchange(m.grant()); err != nil {
		t.Fatal(err)
	}
	if len(m.server.used) != 1 {
		t.Errorf("%d used grants are remembered", len(m.server.used))
	}
}

// TestX5C: a grant may name its key by a certificate of it.
func TestX5C(t *testing.T) {
	m := newMock(t)
	for _, tt := range []struct {
		name string
		key  any
		kind string
	}{{"the client's", m.key.Key, ""}, {"another's", m.server.key.Key, "invalid_client"}} {
		private := tt.key.(*rsa.PrivateKey)
		template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: start, NotAfter: start.AddDate(1, 0, 0)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
		if err != nil {
			t.Fatal(err)
		}
		opts := (&jose.SignerOptions{}).WithHeader("x5c", []string{base64.StdEncoding.EncodeToString(der)})
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: private}, opts)
		if err != nil {
			t.Fatal(err)
		}
		claims := map[string]any{"aud": m.server.Issuer(), "iss": m.client.ID, "scope": scope, "iat": start.Unix(), "exp": start.Unix() + 60, "jti": tt.name}
		assertion, err := signJWT(signer, claims)
		if err != nil {
			t.Fatal(err)
		}
		m.want(t, assertion, tt.kind, codeClient)
	}
}

func TestMetadata(t *testing.T) {
	m := newMock(t)
	for _, path := range []string{".well-known/oauth-authorization-server", ".well-known/openid-configuration"} {
		var v map[string]any
		m.get(path, &v)
		if v["issuer"] != m.server.Issuer() || v["token_endpoint"] != m.server.Issuer()+"token" || v["jwks_uri"] != m.server.Issuer()+"jwk" {
			t.Errorf("%s: %v", path, v)
		}
	}
	for method, want := range map[string]int{http.MethodGet: http.StatusMethodNotAllowed, http.MethodPut: http.StatusMethodNotAllowed} {
		r, err := http.NewRequestWithContext(t.Context(), method, m.server.Issuer()+"token", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s token: %d", method, answer.StatusCode)
		}
	}
	answer, err := http.Get(m.server.Issuer() + "errors")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	for _, code := range []string{codeRequest, codeClient, codeScope, codeDetails} {
		if err != nil || !bytes.Contains(page, []byte("id="+code)) {
			t.Errorf("no %s on the page of errors: %v", code, err)
		}
	}
}

// TestLoopbackOnly: another host name, which a page elsewhere could point here, is
// refused, and the mock cannot be set up under one.
func TestLoopbackOnly(t *testing.T) {
	m := newMock(t)
	for host, want := range map[string]int{
		"localhost:8080": http.StatusOK, "127.0.0.1": http.StatusOK, "[::1]:80": http.StatusOK,
		"maskinporten.no": http.StatusForbidden, "localhost.example.com:8080": http.StatusForbidden, "10.0.0.1": http.StatusForbidden, "": http.StatusForbidden,
	} {
		r := httptest.NewRequest(http.MethodGet, "/maskinporten/jwk", nil)
		r.Host = host
		w := httptest.NewRecorder()
		m.server.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("host %q: %d, want %d", host, w.Code, want)
		}
	}
	for _, issuer := range []string{"", "http://example.com/", "https://maskinporten.no/", "http://localhost", "http://localhost/x", "ftp://localhost/", "http://localhost/?x", "http://a@localhost/"} {
		if _, err := New(Options{Issuer: issuer}); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("issuer %q: %v", issuer, err)
		}
	}
}

func TestClientFiles(t *testing.T) {
	m := newMock(t)
	dir := m.server.o.Clients
	c, key, err := NewClient(bergen, []string{scope})
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteClient(dir, "lønn-1", c, key); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "lønn-1"+keySuffix))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v, %v", info.Mode(), err)
	}
	public, err := os.ReadFile(filepath.Join(dir, "lønn-1"+clientSuffix))
	if err != nil || bytes.Contains(public, []byte(`"d"`)) {
		t.Errorf("what is registered holds the private key: %v", err)
	}
	if err := WriteClient(dir, "lønn-1", c, key); fullmakt.ErrorCode(err) != fullmakt.CodeConflict {
		t.Errorf("a second client of the name: %v", err)
	}
	back, backKey, err := ReadClient(dir, "lønn-1")
	if err != nil || back.ID != c.ID || backKey.KeyID != key.KeyID {
		t.Fatalf("%+v, %v", back, err)
	}
	// The mock that runs already knows it.
	m.client, m.key = back, backKey
	if _, err := m.exchange(m.grant()); err != nil {
		t.Error(err)
	}
	if _, _, err := ReadClient(dir, "nobody"); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound || fullmakt.ErrorHint(err) == "" {
		t.Errorf("no such client: %v", err)
	}
	for _, name := range []string{"", "../x", ".x", "a/b", strings.Repeat("x", 65)} {
		if err := WriteClient(dir, name, c, key); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("name %q: %v", name, err)
		}
	}
	// A file that is no client is told of at the start.
	if err := os.WriteFile(filepath.Join(dir, "bad"+clientSuffix), []byte(`{"client_id":"x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Issuer: "http://localhost/", Clients: dir}); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid || !strings.Contains(err.Error(), "bad.client.json") {
		t.Errorf("%v", err)
	}
}

func TestRefusedClients(t *testing.T) {
	m := newMock(t)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Client){
		"no id":             func(c *Client) { c.ID = "" },
		"not synthetic":     func(c *Client) { c.Organisation = 910503294 },
		"no organisation":   func(c *Client) { c.Organisation = 0 },
		"no scopes":         func(c *Client) { c.Scopes = nil },
		"two scopes in one": func(c *Client) { c.Scopes = []string{"a b"} },
		"no keys":           func(c *Client) { c.Keys.Keys = nil },
		"no kid":            func(c *Client) { c.Keys.Keys[0].KeyID = "" },
		"small key":         func(c *Client) { c.Keys.Keys[0].Key = small.Public() },
		"a secret":          func(c *Client) { c.Keys.Keys[0].Key = []byte("secret") },
	} {
		c := m.client
		c.Keys = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{m.key.Public()}}
		change(&c)
		if err := m.server.RegisterClient(c); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := m.client
	c.ID = "with-private"
	c.Keys = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{m.key}}
	if err := m.server.RegisterClient(c); err != nil {
		t.Fatal(err)
	}
	if kept, _ := m.server.client("with-private"); !kept.Keys.Keys[0].IsPublic() {
		t.Error("the mock keeps a private key")
	}
}

func TestDiscoverErrors(t *testing.T) {
	m := newMock(t)
	for issuer, want := range map[string]fullmakt.Code{
		m.server.Issuer() + "x/": fullmakt.CodeUnavailable,
		strings.Replace(m.server.Issuer(), "127.0.0.1", "localhost", 1): fullmakt.CodeInvalid,
		"http://127.0.0.1:1/": fullmakt.CodeUnavailable,
		"http://%x":           fullmakt.CodeInvalid,
	} {
		if _, err := Discover(t.Context(), http.DefaultClient, issuer); fullmakt.ErrorCode(err) != want {
			t.Errorf("%s: %v, want %s", issuer, err, want)
		}
	}
}

// FuzzToken: no assertion makes the mock fail but by refusing.
func FuzzToken(f *testing.F) {
	server, err := New(Options{Issuer: "http://localhost/"})
	if err != nil {
		f.Fatal(err)
	}
	client, key, err := NewClient(trondheim, []string{scope})
	if err != nil {
		f.Fatal(err)
	}
	if err := server.RegisterClient(client); err != nil {
		f.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"aud":"http://localhost/","iss":"` + client.ID + `","scope":"fullmakt:evaluate","iat":1,"exp":2,"jti":"x"}`))
	f.Add([]byte(`{"iss":"` + client.ID + `","authorization_details":[{}]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		signed, err := signer.Sign(payload)
		if err != nil {
			t.Skip()
		}
		assertion, err := signed.CompactSerialize()
		if err != nil {
			t.Skip()
		}
		for _, text := range []string{assertion, string(payload)} {
			r := httptest.NewRequest(http.MethodPost, "/token", strings.NewReader(url.Values{"grant_type": {GrantType}, "assertion": {text}}.Encode()))
			r.Host = "localhost"
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r)
			var answer wireRefusal
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusBadRequest || answer.Error == "" {
				t.Fatalf("%d, %v: %s", w.Code, err, w.Body)
			}
		}
	})
}

// TestSource: a mock asks another server by the endpoints that Maskinporten asks
// Altinn by, with a token that it gives itself, and believes nothing else than what
// it asked about.
func TestSource(t *testing.T) {
	var m *mock
	var asked []string
	status, body := http.StatusOK, ""
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		claims := m.claims(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		asked = append(asked, claims["scope"].(string)+" for "+claims["aud"].(string))
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	defer source.Close()
	m = newMock(t)
	o := m.server.o
	o.Delegation, o.SystemUser, o.Source = nil, nil, source.URL+"/"
	var err error
	if m.server, err = New(o); err != nil {
		t.Fatal(err)
	}
	if err := m.server.RegisterClient(m.client); err != nil {
		t.Fatal(err)
	}
	delegated := m.grant()
	delegated.Consumer = bergen
	user := m.grant()
	user.SystemUserOf, user.ExternalRef = bergen, "avd1"
	for _, c := range []struct {
		name   string
		grant  Grant
		status int
		body   string
		want   string // a claim, or what the refusal says
	}{
		{"delegated", delegated, 200, `[{"consumer_org":"310000019","supplier_org":"310000027","delegation_scheme_Id":null,"scopes":["x:y","fullmakt:evaluate"]}]`, source.URL + "/"},
		{"nothing", delegated, 200, `[]`, "MP-120"},
		{"another's", delegated, 200, `[{"consumer_org":"310000035","supplier_org":"310000027","scopes":["fullmakt:evaluate"]}]`, "MP-120"},
		{"another supplier", delegated, 200, `[{"consumer_org":"310000019","supplier_org":"310000035","scopes":["fullmakt:evaluate"]}]`, "MP-120"},
		{"another scope", delegated, 200, `[{"consumer_org":"310000019","supplier_org":"310000027","scopes":["fullmakt:explain"]}]`, "MP-120"},
		{"not let in", delegated, 403, `{}`, "temporarily_unavailable"},
		{"not ready", delegated, 503, `{}`, "temporarily_unavailable"},
		{"a system user", user, 200, `{"id":"1ed8a4e3-6d2b-4cf0-9d8e-bf2f5c5e6f0a","systemId":"lonn"}`, "1ed8a4e3-6d2b-4cf0-9d8e-bf2f5c5e6f0a"},
		{"no system user", user, 404, `{}`, "invalid_grant"},
		{"half a system user", user, 200, `{}`, "temporarily_unavailable"},
		{"a broken look-up", user, 500, `{}`, "temporarily_unavailable"},
	} {
		status, body = c.status, c.body
		claims, err := m.exchange(c.grant)
		told := ""
		if err != nil {
			told = err.Error()
		} else if c.grant.Consumer != 0 {
			told = claims["delegation_source"].(string)
		} else {
			told = claims["authorization_details"].([]any)[0].(map[string]any)["systemuser_id"].([]any)[0].(string)
		}
		if !strings.Contains(told, c.want) {
			t.Errorf("%s: %s, want %s", c.name, told, c.want)
		}
	}
	for _, want := range []string{
		"/accessmanagement/api/v1/maskinporten/delegations?consumerOrg=310000019&scope=fullmakt%3Aevaluate&supplierOrg=310000027",
		"altinn:maskinporten/delegations.admin for " + source.URL,
		"/authentication/api/v1/systemuser/byExternalId?clientId=" + m.client.ID + "&externalRef=avd1&systemProviderOrgNo=310000027&systemUserOwnerOrgNo=310000019",
		"altinn:maskinporten/systemuser.read for " + source.URL,
	} {
		if !slices.Contains(asked, want) {
			t.Errorf("the source was not asked %s, but %v", want, asked)
		}
	}
	source.Close()
	if _, err := m.exchange(delegated); err == nil || !strings.Contains(err.Error(), "temporarily_unavailable") {
		t.Errorf("without the source: %v", err)
	}
}

// TestPrefixes: a token tells which scopes belong to the organisation.
func TestPrefixes(t *testing.T) {
	m := newMock(t)
	m.client.Prefixes = []string{"demo"}
	if err := m.server.RegisterClient(m.client); err != nil {
		t.Fatal(err)
	}
	claims, err := m.exchange(m.grant())
	if err != nil || !cmp.Equal(claims["consumer_prefix"], []any{"demo"}) {
		t.Errorf("%v, %v", claims, err)
	}
	if _, _, err := NewClient(bergen, []string{scope}, "demo:x"); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("a prefix that is none: %v", err)
	}
}
