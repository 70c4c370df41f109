package api

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// testIssuer is an issuer of real tokens.
type testIssuer struct {
	*testing.T
	url     string // what iss says
	id      string // of its key
	key     any
	alg     jose.SignatureAlgorithm
	fetched atomic.Int32 // how often its keys were asked for
	server  *httptest.Server
}

const audience = "https://fullmakt.example"

// rsaKey is made once, since that takes a while.
var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// newIssuerServer starts an issuer whose metadata lie at a well-known path.
func newTestIssuer(t *testing.T, wellKnown string) *testIssuer {
	t.Helper()
	key, err := rsaKey()
	if err != nil {
		t.Fatal(err)
	}
	is := &testIssuer{T: t, id: "key-1", key: key, alg: jose.RS256}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wellKnown, func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"issuer": is.url, "jwks_uri": is.server.URL + "/jwk"})
	})
	mux.HandleFunc("GET /jwk", func(w http.ResponseWriter, r *http.Request) {
		is.fetched.Add(1)
		w.Write(is.jwks())
	})
	is.server = httptest.NewServer(mux)
	t.Cleanup(is.server.Close)
	is.url = is.server.URL + "/"
	return is
}

func (is *testIssuer) jwks() []byte {
	var public any
	switch key := is.key.(type) {
	case *rsa.PrivateKey:
		public = key.Public()
	case *ecdsa.PrivateKey:
		public = key.Public()
	}
	out, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: is.id, Use: "sig"}}})
	if err != nil {
		is.Fatal(err)
	}
	return out
}

func (is *testIssuer) config() IssuerConfig {
	return IssuerConfig{Name: "test", Issuer: is.url, Audiences: []string{audience}, Kind: "maskinporten"}
}

// claims are those of a good token, with changes; nil takes one away.
func (is *testIssuer) claims(changes ...any) map[string]any {
	c := map[string]any{
		"iss": is.url, "aud": audience, "exp": testNow.Add(time.Minute).Unix(), "iat": testNow.Unix(),
		"client_id": "client-1", "scope": scopeEvaluate, "jti": rand.Text(),
		"consumer": map[string]string{"authority": "iso6523-actorid-upis", "ID": "0192:310000043"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == nil {
			delete(c, changes[i].(string))
		} else {
			c[changes[i].(string)] = changes[i+1]
		}
	}
	return c
}

// token signs claims with the issuer's own key.
func (is *testIssuer) token(changes ...any) string {
	is.Helper()
	return is.sign(is.key, is.alg, is.id, is.claims(changes...))
}

func (is *testIssuer) sign(key any, alg jose.SignatureAlgorithm, id string, claims any) string {
	is.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		is.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		is.Fatal(err)
	}
	return text
}

// guarded serves the demo world to those with a token of the issuers.
func guarded(t *testing.T, change func(*Config), issuers ...IssuerConfig) *apitest {
	t.Helper()
	cfg := Config{PublicURL: "https://fullmakt.example", Authentication: Authentication{Issuers: issuers}, Limits: Limits{RequestsPerSecond: -1}}
	if change != nil {
		change(&cfg)
	}
	return serveAPI(t, demoNode(t), cfg)
}

var question1 = evaluation(person(kari), seed, org(bergen))

// TestT6Credentials: 401 with a challenge for what is no good token, 403 for one
// without the scope.
func TestT6Credentials(t *testing.T) {
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	a := guarded(t, nil, is.config())
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := is.token()
	parts := strings.Split(good, ".")
	secret := append([]byte("a secret of 32 bytes and some mo"), "re"...)
	for what, header := range map[string]string{
		"no token":         "",
		"another scheme":   "Basic a2FyaTpub3JkbWFubg==",
		"no token text":    "Bearer ",
		"not a JWT":        "Bearer abc",
		"too long":         "Bearer " + strings.Repeat("a", longestToken+1),
		"another key":      "Bearer " + is.sign(other, jose.RS256, is.id, is.claims()),
		"an unknown key":   "Bearer " + is.sign(other, jose.RS256, "key-2", is.claims()),
		"a secret":         "Bearer " + is.sign(secret, jose.HS256, is.id, is.claims()),
		"another alg":      "Bearer " + is.sign(is.key, jose.PS256, is.id, is.claims()),
		"changed claims":   "Bearer " + parts[0] + "." + parts[1][:len(parts[1])-4] + "AAAA." + parts[2],
		"no signature":     "Bearer " + parts[0] + "." + parts[1] + ".",
		"alg none":         "Bearer eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"expired":          "Bearer " + is.token("exp", testNow.Add(-time.Minute).Unix()),
		"never expires":    "Bearer " + is.token("exp", nil),
		"not yet":          "Bearer " + is.token("nbf", testNow.Add(time.Minute).Unix()),
		"from the future":  "Bearer " + is.token("iat", testNow.Add(time.Minute).Unix()),
		"another audience": "Bearer " + is.token("aud", "https://elsewhere.example"),
		"no audience":      "Bearer " + is.token("aud", nil),
		"empty audience":   "Bearer " + is.token("aud", ""),
		"another issuer":   "Bearer " + is.token("iss", "https://elsewhere.example"),
		"no issuer":        "Bearer " + is.token("iss", nil),
		"a bare consumer":  "Bearer " + is.token("consumer", "310000043"),
		"a wrong consumer": "Bearer " + is.token("consumer", map[string]string{"authority": "iso6523-actorid-upis", "ID": "0192:310000044"}),
		"a wrong scope":    "Bearer " + is.token("scope", 5),
	} {
		got := a.do("POST", evaluationPath, question1, "Authorization", header)
		challenge := got.Header.Get("WWW-Authenticate")
		if got.StatusCode != 401 || !strings.HasPrefix(challenge, "Bearer ") {
			t.Errorf("%s: %d, %q", what, got.StatusCode, challenge)
		}
		if invalid := strings.Contains(challenge, `error="invalid_token"`); invalid != (header != "") {
			t.Errorf("%s: %q", what, challenge)
		}
		if len(header) > 30 && strings.Contains(string(got.body)+challenge, header[20:30]) {
			t.Errorf("%s: the answer holds the token: %s", what, got.body)
		}
	}
	got := a.do("POST", evaluationPath, question1, "Authorization", "Bearer "+is.token("scope", "altinn:something fullmakt:evaluat"))
	if got.StatusCode != 403 || !strings.Contains(got.Header.Get("WWW-Authenticate"), `error="insufficient_scope"`) {
		t.Errorf("without the scope: %d %q", got.StatusCode, got.Header.Get("WWW-Authenticate"))
	}
	for _, header := range []string{"Bearer " + good, "bearer " + good, "Bearer " + is.token("aud", []string{"x", audience}), "Bearer " + is.token("scope", []string{"x", scopeEvaluate})} {
		if got := a.do("POST", evaluationPath, question1, "Authorization", header); got.StatusCode != 200 {
			t.Errorf("a good token: %d %s", got.StatusCode, got.body)
		}
	}
	// To explain takes a scope of its own; in a batch it is its item's failure.
	asking := with(question1, "context", obj{"explain": true})
	if got := a.do("POST", evaluationPath, asking, "Authorization", "Bearer "+good); got.StatusCode != 403 {
		t.Errorf("explain without its scope: %d", got.StatusCode)
	}
	if got := a.do("POST", evaluationPath, asking, "Authorization", "Bearer "+is.token("scope", scopeEvaluate+" "+scopeExplain)); got.StatusCode != 200 {
		t.Errorf("explain with its scope: %d", got.StatusCode)
	}
	a.header.Set("Authorization", "Bearer "+good)
	got = a.do("POST", evaluationsPath, obj{"evaluations": []obj{asking, question1}})
	if got.StatusCode != 200 || !strings.Contains(string(got.body), `"status":403`) || !strings.Contains(string(got.body), `"decision":true`) {
		t.Errorf("a batch with explain: %d %s", got.StatusCode, got.body)
	}
}

// TestEveryRouteIsGuarded walks the table: without credentials 401, with a token
// that lacks the scope 403.
func TestEveryRouteIsGuarded(t *testing.T) {
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	a := guarded(t, nil, is.config())
	bare := "Bearer " + is.token("scope", "nothing:of.ours")
	guardedRoutes := 0
	for _, rt := range a.server.routes {
		if rt.anonymous {
			if len(rt.scopes) > 0 {
				t.Errorf("%s %s is open and has scopes", rt.method, rt.pattern)
			}
			continue
		}
		guardedRoutes++
		path := fillPattern(rt.pattern)
		if got := a.do(rt.method, path, "{}"); got.StatusCode != 401 || got.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s without credentials: %d", rt.method, rt.pattern, got.StatusCode)
		}
		if got := a.do(rt.method, path, "{}", "Authorization", "Bearer x.y.z"); got.StatusCode != 401 {
			t.Errorf("%s %s with a bad token: %d", rt.method, rt.pattern, got.StatusCode)
		}
		if len(rt.scopes) == 0 {
			continue
		}
		if got := a.do(rt.method, path, "{}", "Authorization", bare); got.StatusCode != 403 {
			t.Errorf("%s %s without a scope: %d %s", rt.method, rt.pattern, got.StatusCode, got.body)
		}
		for _, scope := range rt.scopes {
			if got := a.do(rt.method, path, "{}", "Authorization", "Bearer "+is.token("scope", scope)); got.StatusCode == 401 {
				t.Errorf("%s %s with %s: 401 %s", rt.method, rt.pattern, scope, got.body)
			}
		}
	}
	if guardedRoutes < 5 {
		t.Errorf("only %d routes are guarded", guardedRoutes)
	}
}

// fillPattern puts something in the place of a pattern's wildcards.
func fillPattern(pattern string) string {
	var out strings.Builder
	for pattern != "" {
		before, rest, found := strings.Cut(pattern, "{")
		out.WriteString(before)
		if !found {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		if name != "$" {
			out.WriteString("1")
		}
		pattern = after
	}
	return out.String()
}

// TestNewRefuses: configurations that would leave a door open.
func TestNewRefuses(t *testing.T) {
	n := demoNode(t)
	issuer := func(change func(*IssuerConfig)) Config {
		ic := IssuerConfig{Issuer: "https://issuer.example", Audiences: []string{audience}}
		change(&ic)
		return Config{PublicURL: "https://fullmakt.example", Authentication: Authentication{Issuers: []IssuerConfig{ic}}}
	}
	with := func(change func(*Config)) Config {
		cfg := issuer(func(*IssuerConfig) {})
		change(&cfg)
		return cfg
	}
	if _, err := New(n, issuer(func(*IssuerConfig) {})); err != nil {
		t.Fatalf("a good configuration: %v", err)
	}
	for what, cfg := range map[string]Config{
		"nothing at all":          {},
		"no audience":             issuer(func(ic *IssuerConfig) { ic.Audiences = nil }),
		"an empty audience":       issuer(func(ic *IssuerConfig) { ic.Audiences = []string{""} }),
		"no issuer":               issuer(func(ic *IssuerConfig) { ic.Issuer = "" }),
		"keys in the clear":       issuer(func(ic *IssuerConfig) { ic.JWKSURL = "http://issuer.example/jwk" }),
		"issuer in the clear":     issuer(func(ic *IssuerConfig) { ic.Issuer = "http://issuer.example" }),
		"two sources of keys":     issuer(func(ic *IssuerConfig) { ic.JWKSURL, ic.JWKSFile = "https://x.example", "y" }),
		"a key file not there":    issuer(func(ic *IssuerConfig) { ic.JWKSFile = "no-such-file" }),
		"a shared secret":         issuer(func(ic *IssuerConfig) { ic.Algorithms = []string{"HS256"} }),
		"no signature":            issuer(func(ic *IssuerConfig) { ic.Algorithms = []string{"none"} }),
		"an unknown kind":         issuer(func(ic *IssuerConfig) { ic.Kind = "maskinport" }),
		"an unknown claim":        issuer(func(ic *IssuerConfig) { ic.Claims = map[string]string{"skope": "scope"} }),
		"no public URL":           with(func(c *Config) { c.PublicURL = "" }),
		"a public URL in clear":   with(func(c *Config) { c.PublicURL = "http://fullmakt.example" }),
		"a public URL with query": with(func(c *Config) { c.PublicURL = "https://fullmakt.example/?a=b" }),
		"off, with issuers":       with(func(c *Config) { c.Authentication.Off, c.Listen = true, "127.0.0.1:1" }),
		"off, everywhere":         {Listen: "0.0.0.0:8080", Authentication: Authentication{Off: true}},
		"off, on all interfaces":  {Listen: ":8080", Authentication: Authentication{Off: true}},
		"off, on a network":       {Listen: "10.0.0.1:8080", Authentication: Authentication{Off: true}},
		"off, by a name":          {Listen: "localhost.example:8080", Authentication: Authentication{Off: true}},
		"an unknown package": with(func(c *Config) {
			c.Authentication.Consumers = []ConsumerConfig{{Client: "x", Packages: []string{"nope"}}}
		}),
		"an unknown role": with(func(c *Config) { c.Authentication.Consumers = []ConsumerConfig{{Client: "x", Roles: []string{"nope"}}} }),
		"a consumer of no name": with(func(c *Config) {
			c.Authentication.Consumers = []ConsumerConfig{{Packages: []string{"tilgangsstyrer"}}}
		}),
		"a consumer twice": with(func(c *Config) { c.Authentication.Consumers = []ConsumerConfig{{Client: "x"}, {Client: "x"}} }),
	} {
		if _, err := New(n, cfg); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	for _, listen := range []string{"127.0.0.1:0", "[::1]:8080", "localhost:8080", "127.9.9.9:1"} {
		if _, err := New(n, Config{Listen: listen, Authentication: Authentication{Off: true}}); err != nil {
			t.Errorf("off on %s: %v", listen, err)
		}
	}
}

// TestDiscovery: keys by the issuer's metadata, by address and by file; new keys
// are found, and not looked for at every token.
func TestDiscovery(t *testing.T) {
	for _, wellKnown := range []string{"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"} {
		is := newTestIssuer(t, wellKnown)
		now := testNow
		cfg := Config{PublicURL: "https://fullmakt.example", Authentication: Authentication{Issuers: []IssuerConfig{is.config()}}}
		a := serveAPI(t, demoNode(t), cfg, WithClock(func() time.Time { return now }))
		ask := func() int {
			return a.do("POST", evaluationPath, question1, "Authorization", "Bearer "+is.token()).StatusCode
		}
		if got := ask(); got != 200 || is.fetched.Load() != 1 {
			t.Errorf("%s: %d after %d fetches", wellKnown, got, is.fetched.Load())
		}
		// A new key is looked for, but not at once again.
		is.id = "key-2"
		for range 20 {
			if got := ask(); got != 401 {
				t.Errorf("within the pause: %d", got)
			}
		}
		if is.fetched.Load() != 1 {
			t.Errorf("%d fetches within the pause", is.fetched.Load())
		}
		now = now.Add(keysPause)
		if got := ask(); got != 200 || is.fetched.Load() != 2 {
			t.Errorf("after the pause: %d after %d fetches", got, is.fetched.Load())
		}
		// An issuer that is away leaves its keys good.
		is.server.Close()
		now = now.Add(30 * time.Second)
		if got := ask(); got != 200 {
			t.Errorf("with the issuer away: %d", got)
		}
	}
	// One that never was there is our trouble, not the token's.
	is := newTestIssuer(t, "/.well-known/other")
	a := guarded(t, nil, is.config())
	for range 2 {
		got := a.do("POST", evaluationPath, question1, "Authorization", "Bearer "+is.token())
		if got.StatusCode != 503 || got.Header.Get("Retry-After") == "" {
			t.Errorf("without keys: %d", got.StatusCode)
		}
	}
	for _, byFile := range []bool{false, true} {
		is := newTestIssuer(t, "/nothing")
		ic := is.config()
		if ic.JWKSURL = is.server.URL + "/jwk"; byFile {
			ic.JWKSURL, ic.JWKSFile = "", filepath.Join(t.TempDir(), "keys.json")
			if err := os.WriteFile(ic.JWKSFile, is.jwks(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		ic.Algorithms = []string{"RS256", "ES256"}
		a := guarded(t, nil, ic)
		if got := a.do("POST", evaluationPath, question1, "Authorization", "Bearer "+is.token()); got.StatusCode != 200 {
			t.Errorf("by file %t: %d %s", byFile, got.StatusCode, got.body)
		}
		// The right key id with a key of another kind is not the right key.
		if got := a.do("POST", evaluationPath, question1, "Authorization", "Bearer "+is.sign(ec, jose.ES256, is.id, is.claims())); got.StatusCode != 401 {
			t.Errorf("by file %t, another kind of key: %d", byFile, got.StatusCode)
		}
	}
}

// TestTokensAreRemembered: once verified, by the whole text, until it expires; the
// least recently used goes first.
func TestTokensAreRemembered(t *testing.T) {
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	now := testNow
	cfg := Config{PublicURL: "https://fullmakt.example", Authentication: Authentication{Issuers: []IssuerConfig{is.config()}}}
	a := serveAPI(t, demoNode(t), cfg, WithClock(func() time.Time { return now }))
	token := is.token()
	ask := func(token string) int {
		return a.do("POST", evaluationPath, question1, "Authorization", "Bearer "+token).StatusCode
	}
	if got := ask(token); got != 200 {
		t.Fatal(got)
	}
	if n := a.server.auth.tokens.order.Len(); n != 1 {
		t.Errorf("%d tokens are remembered", n)
	}
	// Any other text is another token.
	if got := ask(token[:len(token)-3] + "AAA"); got != 401 {
		t.Errorf("another signature: %d", got)
	}
	if n := a.server.auth.tokens.order.Len(); n != 1 {
		t.Errorf("%d tokens are remembered after a bad one", n)
	}
	now = now.Add(59 * time.Second)
	if got := ask(token); got != 200 {
		t.Errorf("before it expires: %d", got)
	}
	now = now.Add(12 * time.Second)
	if got := ask(token); got != 401 {
		t.Errorf("after it expired: %d", got)
	}
	few := newTokens(3)
	for i := range byte(5) {
		few.keep([32]byte{i}, &caller{expires: now.Add(time.Hour)})
		few.find([32]byte{0}, now)
	}
	for i, want := range []bool{true, false, false, true, true} {
		if got := few.find([32]byte{byte(i)}, now) != nil; got != want {
			t.Errorf("token %d remembered: %t", i, got)
		}
	}
}

// TestClaims: what each kind of issuer is believed about.
func TestClaims(t *testing.T) {
	const user, unit = "8d1ea1b8-1ec4-44f5-a1f9-7d6b3f3a0a11", "5f2c3f0e-32f0-4b6c-9e3e-0a0b4f3d1c22"
	all := map[string]any{
		"scope": "a b", "client_id": "c",
		"consumer":              map[string]any{"authority": "iso6523-actorid-upis", "ID": "0192:310000043"},
		"supplier":              map[string]any{"authority": "iso6523-actorid-upis", "ID": "0192:310000078"},
		"pid":                   kari,
		"acr":                   "idporten-loa-high",
		"urn:altinn:org":        "ttd",
		"urn:altinn:orgNumber":  "310000043",
		"urn:altinn:partyid":    "17",
		"urn:altinn:party:uuid": unit,
		"urn:altinn:authlevel":  float64(4),
		"authorization_details": []any{map[string]any{
			"type": "urn:altinn:systemuser", "systemuser_id": []any{user},
			"systemuser_org": map[string]any{"authority": "iso6523-actorid-upis", "ID": "0192:310000027"},
		}},
	}
	type known struct{ consumer, supplier, person, system, altinn bool }
	for kind, want := range map[string]known{
		"":             {},
		"maskinporten": {consumer: true, supplier: true, system: true},
		"idporten":     {person: true},
		"altinn":       {consumer: true, supplier: true, system: true, altinn: true},
	} {
		is, err := newIssuer(IssuerConfig{Name: "x", Issuer: "https://x.example", Audiences: []string{"y"}, Kind: kind}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		c, err := is.read(all)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if c.client != "c" || len(c.scopes) != 2 {
			t.Errorf("%s: %+v", kind, c)
		}
		got := known{
			consumer: c.organisation != 0, supplier: c.supplier != 0, person: c.person != 0 && c.acr == "idporten-loa-high",
			system: c.systemUser.String() == user && c.systemUserOrg.String() == trondheim,
			altinn: c.partyID == 17 && c.authLevel == 4 && c.ownerCode == "ttd" && c.partyUUID.String() == unit,
		}
		if got != want {
			t.Errorf("%q: knows %+v, want %+v", kind, got, want)
		}
	}
	is, err := newIssuer(IssuerConfig{Issuer: "https://x.example", Audiences: []string{"y"}, Claims: map[string]string{"person": "fnr"}, Scopes: []string{"extra"}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c, err := is.read(map[string]any{"fnr": kari, "scope": "a"})
	if err != nil || c.person == 0 || !c.may("extra") || !c.may("a") || c.may("b") {
		t.Errorf("%+v %v", c, err)
	}
}

// TestConsumerLimits: a consumer asks about its own packages and roles only.
func TestConsumerLimits(t *testing.T) {
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	a := guarded(t, func(c *Config) {
		c.Authentication.Consumers = []ConsumerConfig{
			{Organisation: "310000043", Packages: []string{"maskinlesbare-hendelser"}, Roles: []string{"DAGL"}},
			{Client: "client-2", Packages: []string{seed}},
		}
	}, is.config())
	scopes := strings.Join([]string{scopeEvaluate, scopeSearchAction, scopeSearchSubject, scopeSearchResource}, " ")
	for client, may := range map[string]map[string]bool{
		"client-1": {"maskinlesbare-hendelser": true, "DAGL": true, seed: false, "REGN": false, "nope": false},
		"client-2": {seed: true, "maskinporten-scopes": true, "DAGL": false, "maskinlesbare-hendelser": false},
		"client-3": {"maskinlesbare-hendelser": true, seed: false},
	} {
		a.header.Set("Authorization", "Bearer "+is.token("client_id", client, "scope", scopes))
		for action, want := range may {
			for path, body := range map[string]obj{
				evaluationPath: evaluation(person(kari), action, org(bergen)),
				subjectPath:    evaluation(obj{"type": personURN}, action, org(bergen)),
				resourcePath:   evaluation(person(kari), action, obj{"type": orgURN}),
			} {
				if got := a.do("POST", path, body); (got.StatusCode == 200) != want || !want && got.StatusCode != 403 {
					t.Errorf("%s asks %s about %s: %d %s", client, path, action, got.StatusCode, got.body)
				}
			}
		}
	}
	a.header.Set("Authorization", "Bearer "+is.token("client_id", "client-2", "scope", scopes))
	names := a.search(actionPath, obj{"subject": person(kari), "resource": org(bergen)}).ids()
	if len(names) != 1 || names[0] != seed {
		t.Errorf("client-2 is shown %v", names)
	}
	a.header.Set("Authorization", "Bearer "+is.token("consumer", nil, "client_id", "client-9", "scope", scopes))
	if names := a.search(actionPath, obj{"subject": person(kari), "resource": org(bergen)}).ids(); len(names) < 50 {
		t.Errorf("a consumer without limits is shown %d actions", len(names))
	}
}

// TestLoopbackGuard: while authentication is off, a page elsewhere can neither ask
// under a name of its own nor across origins.
func TestLoopbackGuard(t *testing.T) {
	a := openDemo(t)
	host := strings.TrimPrefix(a.http.URL, "http://")
	for _, test := range []struct {
		headers []string
		want    int
	}{
		{nil, 200},
		{[]string{"Host", "localhost:8080"}, 200},
		{[]string{"Host", "LOCALHOST"}, 200},
		{[]string{"Host", "[::1]:8080"}, 200},
		{[]string{"Host", "evil.example"}, 403},
		{[]string{"Host", "evil.example:8080"}, 403},
		{[]string{"Host", "localhost.evil.example"}, 403},
		{[]string{"Host", "127.0.0.1.evil.example"}, 403},
		{[]string{"Host", "192.168.0.10:8080"}, 403},
		{[]string{"Host", "0.0.0.0:8080"}, 403},
		{[]string{"Origin", "http://" + host}, 200},
		{[]string{"Origin", "https://evil.example"}, 403},
		{[]string{"Origin", "null"}, 403},
		{[]string{"Origin", "http://localhost:9999"}, 403},
		{[]string{"Origin", "http://" + host + ".evil.example"}, 403},
		{[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		{[]string{"Sec-Fetch-Site", "same-origin"}, 200},
		{[]string{"Sec-Fetch-Site", "none"}, 200},
	} {
		if got := a.do("POST", evaluationPath, question1, test.headers...); got.StatusCode != test.want {
			t.Errorf("%v: %d, want %d", test.headers, got.StatusCode, test.want)
		}
		if got := a.do("GET", metadataPath, nil, test.headers...); got.StatusCode != test.want {
			t.Errorf("metadata, %v: %d, want %d", test.headers, got.StatusCode, test.want)
		}
	}
	pages := httptest.NewServer(LoopbackOnly(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	defer pages.Close()
	b := &apitest{T: t, http: pages, header: http.Header{}}
	for host, want := range map[string]int{"localhost:1": 200, "evil.example": 403} {
		if got := b.do("GET", "/", nil, "Host", host); got.StatusCode != want {
			t.Errorf("a page asked for as %s: %d", host, got.StatusCode)
		}
	}
	pages.Client().CloseIdleConnections()
	// With authentication on, any name will do: what counts is the token.
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	c := guarded(t, nil, is.config())
	if got := c.do("POST", evaluationPath, question1, "Host", "fullmakt.example", "Origin", "https://app.example", "Authorization", "Bearer "+is.token()); got.StatusCode != 200 {
		t.Errorf("with a token: %d", got.StatusCode)
	}
}

// TestRateLimit: each client has a share of its own, which comes back.
func TestRateLimit(t *testing.T) {
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	now := testNow
	cfg := Config{
		PublicURL: "https://fullmakt.example", Authentication: Authentication{Issuers: []IssuerConfig{is.config()}},
		Limits: Limits{RequestsPerSecond: 1, Burst: 3},
	}
	a := serveAPI(t, demoNode(t), cfg, WithClock(func() time.Time { return now }))
	one, two := "Bearer "+is.token(), "Bearer "+is.token("client_id", "client-2")
	ask := func(token string) answer { return a.do("POST", evaluationPath, question1, "Authorization", token) }
	for i := range 3 {
		if got := ask(one); got.StatusCode != 200 {
			t.Fatalf("request %d: %d %s", i, got.StatusCode, got.body)
		}
	}
	if got := ask(one); got.StatusCode != 429 || got.Header.Get("Retry-After") == "" || got.Header.Get("X-Request-ID") == "" {
		t.Errorf("one too many: %d", got.StatusCode)
	}
	if got := ask(two); got.StatusCode != 200 {
		t.Errorf("another client: %d", got.StatusCode)
	}
	now = now.Add(time.Second)
	if got := ask(one); got.StatusCode != 200 {
		t.Errorf("a second later: %d", got.StatusCode)
	}
	if n := len(a.server.rates.clients); n == 0 {
		t.Error("nobody is counted")
	}
	now = now.Add(time.Hour)
	a.server.rates.take("x", now)
	if n := len(a.server.rates.clients); n != 1 {
		t.Errorf("%d clients are kept after an hour of silence", n)
	}
	// Tokens that have to be verified are counted by where they come from.
	for range 5 {
		ask("Bearer " + is.token("aud", "elsewhere"))
	}
	if got := ask("Bearer " + is.token("aud", "elsewhere")); got.StatusCode != 429 {
		t.Errorf("bad tokens in a row: %d", got.StatusCode)
	}
}

// TestLoadConfig: a file is read whole or refused, with the reason.
func TestLoadConfig(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "config.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cfg, err := LoadConfig(write(`{"public_url":"https://x.example","authentication":{"issuers":[{"issuer":"https://i.example","audiences":["y"]}]},"limits":{"batch":5}}`))
	if err != nil || cfg.Limits.Batch != 5 || cfg.Authentication.Issuers[0].Audiences[0] != "y" {
		t.Errorf("%+v %v", cfg, err)
	}
	for text, want := range map[string]string{
		`{"public_urls":"x"}`:                    "public_urls",
		`{"limits":{"batch":"many"}}`:            "limits.batch",
		`{} {}`:                                  "more after",
		`{`:                                      "EOF",
		`{"authentication":{"issuer":"x"}}`:      "issuer",
		`{"authentication":{"off":true},"a":{}}`: "\"a\"",
	} {
		if _, err := LoadConfig(write(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := LoadConfig(filepath.Join(t.TempDir(), "none.json")); err == nil {
		t.Error("a file that is not there was read")
	}
}

// TestDocumentedConfiguration: the file that docs/authzen.md shows is one.
func TestDocumentedConfiguration(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "authzen.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```json\n{\n  \"public_url\"")
	text, _, _ := strings.Cut(rest, "```")
	if !found {
		t.Fatal("docs/authzen.md shows no configuration")
	}
	dir := t.TempDir()
	is := newTestIssuer(t, "/nothing")
	for name, data := range map[string][]byte{"config.json": []byte(`{"public_url"` + text), "keys.json": is.jwks()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := LoadConfig(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(demoNode(t), cfg); err != nil {
		t.Fatal(err)
	}
	// Every limit stands there with its name.
	for _, name := range []string{"body_bytes", "depth", "batch", "page", "timeout_seconds", "requests_per_second", "burst"} {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/authzen.md does not tell %s", name)
		}
	}
}
