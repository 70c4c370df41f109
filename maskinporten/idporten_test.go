package maskinporten

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"
)

// idMock is a running mock ID-porten with one client.
type idMock struct {
	t      *testing.T
	idp    *IDPorten
	http   *http.Client
	key    jose.JSONWebKey
	now    time.Time
	logins []Login
	failed error
}

const (
	callback = "http://127.0.0.1:9/sign-in/callback"
	verifier = "a-verifier-of-forty-three-characters-or-more"
	kari     = fullmakt.NationalID(12817010065)
)

func newIDMock(t *testing.T) *idMock {
	t.Helper()
	m := &idMock{t: t, now: start, logins: []Login{
		{Ref: "14", Name: "Kari <b>Nordmann</b>", Detail: "12.01.70", Person: kari},
		{Ref: "15", Name: "Real Person", Person: 1},
		{Ref: "case", Name: "Case Worker", Groups: []string{"saksbehandler"}},
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.idp.ServeHTTP(w, r) }))
	m.http = &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		m.http.CloseIdleConnections()
		server.Close()
	})
	var err error
	if m.key, err = NewKey(); err != nil {
		t.Fatal(err)
	}
	m.idp, err = NewIDPorten(IDPortenOptions{
		Issuer: server.URL + "/idporten", Now: func() time.Time { return m.now },
		Clients: []RelyingParty{{
			ID: "page", Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{m.key.Public()}},
			Redirects: []string{callback}, LogoutRedirects: []string{"http://127.0.0.1:9/signed-out"},
		}},
		Logins: func(context.Context) ([]Login, error) { return m.logins, m.failed },
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// request returns the parameters of a good request, changed.
func (m *idMock) request(change map[string]string) url.Values {
	challenge := sha256.Sum256([]byte(verifier))
	return changed(url.Values{
		"client_id": {"page"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid profile"}, "state": {"a state"}, "nonce": {"a nonce"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"}, "acr_values": {"idporten-loa-high"}, "ui_locales": {"nn"},
	}, change)
}

func changed(f url.Values, change map[string]string) url.Values {
	for name, value := range change {
		if f.Set(name, value); value == "" {
			f.Del(name)
		}
	}
	return f
}

func (m *idMock) do(method, path string, form url.Values, header ...string) (*http.Response, string) {
	m.t.Helper()
	r, err := http.NewRequest(method, m.idp.Issuer()+path, strings.NewReader(form.Encode()))
	if err != nil {
		m.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	answer, err := m.http.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return answer, string(body)
}

// choose signs somebody in and returns what the client is sent back with.
func (m *idMock) choose(login string, change map[string]string) url.Values {
	m.t.Helper()
	form := m.request(change)
	form.Set("login", login)
	answer, body := m.do("POST", "/authorize", form)
	back, err := answer.Location()
	if err != nil || !strings.HasPrefix(back.String(), callback+"?") {
		m.t.Fatalf("the choice answers %d: %s", answer.StatusCode, body)
	}
	return back.Query()
}

// fetch exchanges a code with claims of the client's proof and form fields changed.
func (m *idMock) fetch(code string, key jose.JSONWebKey, claims map[string]any, change map[string]string) (int, map[string]any) {
	m.t.Helper()
	proof := map[string]any{"iss": "page", "sub": "page", "aud": m.idp.Issuer(), "iat": m.now.Unix(), "exp": m.now.Unix() + 60, "jti": code}
	for name, value := range claims {
		if proof[name] = value; value == nil {
			delete(proof, name)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	assertion, err := signJWT(signer, proof)
	if err != nil {
		m.t.Fatal(err)
	}
	answer, body := m.do("POST", "/token", changed(url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier},
		"client_assertion_type": {clientAssertionType}, "client_assertion": {assertion},
	}, change))
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		m.t.Fatal(err)
	}
	return answer.StatusCode, got
}

func TestIDPortenSignsIn(t *testing.T) {
	m := newIDMock(t)
	_, page := m.do("GET", "/authorize?"+m.request(nil).Encode(), nil)
	for _, want := range []string{`lang="nn"`, "ikkje ID-porten", "Logg inn som Kari &lt;b&gt;Nordmann&lt;/b&gt;", `value="14"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the login page lacks %q", want)
		}
	}
	if strings.Contains(page, kari.Reveal()) || strings.Contains(page, "Real Person") {
		t.Error("the login page has an identity number, or a person who is real")
	}
	back := m.choose("14", nil)
	if back.Get("state") != "a state" || back.Get("iss") != m.idp.Issuer() {
		t.Errorf("sent back with %v", back)
	}
	status, got := m.fetch(back.Get("code"), m.key, nil, nil)
	if status != http.StatusOK {
		t.Fatalf("%d %v", status, got)
	}
	token, err := jwt.ParseSigned(got["id_token"].(string), []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{}
	if err := token.Claims(m.idp.key.Public(), &claims); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sub", "jti", "sid", "at_hash"} {
		if s, ok := claims[name].(string); !ok || s == "" {
			t.Errorf("no %s", name)
		}
		delete(claims, name)
	}
	want := map[string]any{
		"iss": m.idp.Issuer(), "aud": "page", "iat": float64(start.Unix()), "exp": float64(start.Unix() + 120), "auth_time": float64(start.Unix()),
		"nonce": "a nonce", "acr": "idporten-loa-high", "amr": []any{"Demo"}, "locale": "nn", "pid": kari.Reveal(),
	}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Error(diff)
	}
	if status, _ := m.fetch(back.Get("code"), m.key, map[string]any{"jti": "again"}, nil); status != http.StatusBadRequest {
		t.Errorf("the same code again: %d", status)
	}
}

// TestIDPortenRefuses breaks a good request in one way at a time.
func TestIDPortenRefuses(t *testing.T) {
	m := newIDMock(t)
	for name, value := range map[string]string{"client_id": "x", "redirect_uri": callback + "/other"} {
		if answer, _ := m.do("GET", "/authorize?"+m.request(map[string]string{name: value}).Encode(), nil); answer.StatusCode != http.StatusBadRequest {
			t.Errorf("another %s: %d", name, answer.StatusCode)
		}
	}
	for _, tt := range []struct{ name, value, want string }{
		{"response_type", "token", "unsupported_response_type"}, {"scope", "profile", "invalid_scope"}, {"state", "", "invalid_request"}, {"nonce", "", "invalid_request"},
		{"code_challenge", "", "invalid_request"}, {"code_challenge", "c2hvcnQ", "invalid_request"}, {"code_challenge_method", "plain", "invalid_request"}, {"acr_values", "x", "invalid_request"},
	} {
		if got := m.choose("14", map[string]string{tt.name: tt.value}); got.Get("error") != tt.want || got.Get("code") != "" {
			t.Errorf("%s %q: %v", tt.name, tt.value, got)
		}
	}
	for _, login := range []string{"", "15", "16"} { // nobody, a real person, nobody there is
		if got := m.choose(login, nil); got.Get("error") != "access_denied" || got.Get("code") != "" {
			t.Errorf("login %q: %v", login, got)
		}
	}
	m.failed = errors.New("no")
	if got := m.choose("14", nil); got.Get("error") != unavailable {
		t.Errorf("without a list: %v", got)
	}
	m.failed = nil
	if answer, _ := m.do("POST", "/authorize", m.request(nil), "Sec-Fetch-Site", "cross-site"); answer.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: %d", answer.StatusCode)
	}
	if answer, _ := m.do("GET", "/jwk", nil, "Host", "idporten.example.no"); answer.StatusCode != http.StatusForbidden {
		t.Errorf("another host: %d", answer.StatusCode)
	}
	if _, err := NewIDPorten(IDPortenOptions{Issuer: "https://idporten.example.no/x"}); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("an issuer elsewhere: %v", err)
	}
}

// TestIDPortenWantsProof breaks the exchange of a good code in one way at a time.
func TestIDPortenWantsProof(t *testing.T) {
	m := newIDMock(t)
	other, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	other.KeyID = m.key.KeyID
	for _, tt := range []struct {
		name   string
		key    jose.JSONWebKey
		claims map[string]any
		change map[string]string
		wait   time.Duration
		want   int
	}{
		{name: "sound", want: 200},
		{name: "another's key", key: other, want: 401},
		{name: "no proof", change: map[string]string{"client_assertion": ""}, want: 401},
		{name: "another type of proof", change: map[string]string{"client_assertion_type": "x"}, want: 401},
		{name: "proof for others", claims: map[string]any{"aud": "x"}, want: 401},
		{name: "proof of another client", claims: map[string]any{"iss": "x"}, want: 401},
		{name: "proof about another", claims: map[string]any{"sub": "x"}, want: 401},
		{name: "no jti", claims: map[string]any{"jti": nil}, want: 401},
		{name: "no exp", claims: map[string]any{"exp": nil}, want: 401},
		{name: "long proof", claims: map[string]any{"exp": start.Unix() + 121}, want: 401},
		{name: "old proof", claims: map[string]any{"iat": start.Unix() - 100, "exp": start.Unix() - 1}, want: 401},
		{name: "another grant", change: map[string]string{"grant_type": "password"}, want: 400},
		{name: "another code", change: map[string]string{"code": "x"}, want: 400},
		{name: "another address", change: map[string]string{"redirect_uri": "x"}, want: 400},
		{name: "another verifier", change: map[string]string{"code_verifier": "x"}, want: 400},
		{name: "no verifier", change: map[string]string{"code_verifier": ""}, want: 400},
		{name: "old code", wait: 61 * time.Second, want: 400},
	} {
		m.now = start
		code := m.choose("case", nil).Get("code")
		m.now = start.Add(tt.wait)
		key := m.key
		if tt.key.Key != nil {
			key = tt.key
		}
		status, got := m.fetch(code, key, tt.claims, tt.change)
		if status != tt.want || (got["id_token"] != nil) != (tt.want == 200) {
			t.Errorf("%s: %d %v", tt.name, status, got)
		}
	}
}

func TestIDPortenFindsAndSignsOut(t *testing.T) {
	m := newIDMock(t)
	for i := range mostLogins {
		m.logins = append(m.logins, Login{Ref: "n" + string(rune('a'+i)), Name: "Nobody"})
	}
	query := m.request(nil)
	if _, page := m.do("GET", "/authorize?"+query.Encode(), nil); !strings.Contains(page, `type="search"`) || strings.Count(page, "<li>") != mostLogins {
		t.Errorf("%d persons on a page", strings.Count(page, "<li>"))
	}
	query.Set("find", "case")
	if _, page := m.do("GET", "/authorize?"+query.Encode(), nil); strings.Count(page, "<li>") != 1 || !strings.Contains(page, "Case Worker") {
		t.Error("the search finds others")
	}
	answer, _ := m.do("GET", "/logout?client_id=page&state=nn&post_logout_redirect_uri="+url.QueryEscape("http://127.0.0.1:9/signed-out"), nil)
	if got := answer.Header.Get("Location"); got != "http://127.0.0.1:9/signed-out?state=nn" {
		t.Errorf("signing out leads to %q", got)
	}
	if answer, _ := m.do("GET", "/logout?client_id=page&post_logout_redirect_uri=http://elsewhere.example/", nil); answer.StatusCode != http.StatusBadRequest {
		t.Errorf("signing out to elsewhere: %d", answer.StatusCode)
	}
	if _, ok := loginTexts["nb"]; !ok || len(loginTexts) != 3 {
		t.Error("the login page has three languages")
	}
	for lang, texts := range loginTexts {
		for key := range loginTexts["nb"] {
			if texts[key] == "" {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
	}
}
