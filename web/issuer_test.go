package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/maskinporten"
	"github.com/go-jose/go-jose/v4"
)

// foe is an issuer that answers as a test tells it to.
type foe struct {
	t        *testing.T
	url      string
	key      jose.JSONWebKey
	metadata map[string]any                        // over the usual; nil removes
	claims   map[string]any                        // over the usual; nil removes
	sign     func(payload []byte) string           // in place of the key
	token    func(http.ResponseWriter) (done bool) // in place of a token
	nonce    string                                // of the sign-in under way
	log      bytes.Buffer
	lookups  string
	now      time.Time
}

// foeSite serves the demo register with an issuer that obeys the test.
func foeSite(t *testing.T, change ...func(*Options)) (*site, *foe) {
	t.Helper()
	f := &foe{t: t, now: demoTime, lookups: t.TempDir()}
	var err error
	if f.key, err = maskinporten.NewKey(); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	lookups, err := audit.Open(f.lookups, audit.Options{Level: audit.LevelAll}, demoTime)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lookups.Close() })
	return demoSite(t, append([]func(*Options){func(o *Options) {
		o.SignIn = &SignInConfig{Issuer: f.url, ClientID: "fullmakt", Secret: "a-secret", CaseWorkers: ClaimValue{"groups", "saksbehandler"}, Operators: ClaimValue{"role", "drift"}}
		o.Now, o.Lookups = func() time.Time { return f.now }, lookups
		o.Log = slog.New(slog.NewTextHandler(&f.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}}, change...)...), f
}

// changedBy returns a map with another's entries over its own; nil removes one.
func changedBy(m, over map[string]any) map[string]any {
	maps.Copy(m, over)
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == nil })
	return m
}

func (f *foe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(v); err != nil {
			f.t.Error(err)
		}
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		answer(changedBy(map[string]any{
			"issuer": f.url, "authorization_endpoint": f.url + "/authorize", "token_endpoint": f.url + "/token", "jwks_uri": f.url + "/jwk",
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}, "authorization_response_iss_parameter_supported": true,
		}, f.metadata))
	case "/jwk":
		answer(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{f.key.Public()}})
	case "/token":
		if id, secret, ok := r.BasicAuth(); !ok || id != "fullmakt" || secret != "a-secret" {
			f.t.Error("the client does not prove itself")
		}
		if f.token != nil && f.token(w) {
			return
		}
		answer(map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": f.idToken()})
	default:
		http.NotFound(w, r)
	}
}

func (f *foe) idToken() string {
	payload, err := json.Marshal(changedBy(map[string]any{
		"iss": f.url, "sub": "subject", "aud": "fullmakt", "iat": f.now.Unix(), "exp": f.now.Unix() + 120, "nonce": f.nonce, "acr": "idporten-loa-high", "sid": "session", "pid": "12817010065",
	}, f.claims))
	if err != nil {
		f.t.Fatal(err)
	}
	if f.sign != nil {
		return f.sign(payload)
	}
	return f.signed(payload, jose.RS256, f.key)
}

func (f *foe) signed(payload []byte, algorithm jose.SignatureAlgorithm, key any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		f.t.Fatal(err)
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		f.t.Fatal(err)
	}
	return text
}

// begin goes to the issuer, and returns the good answer that it would send back.
func (f *foe) begin(s *site, to string) url.Values {
	f.t.Helper()
	answer, _ := s.step("GET", "/sign-in?to="+url.QueryEscape(to), nil)
	there, err := answer.Location()
	if err != nil {
		f.t.Fatalf("signing in answers %d", answer.StatusCode)
	}
	query := there.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "fullmakt", "redirect_uri": s.URL + "/sign-in/callback", "scope": "openid profile", "acr_values": "idporten-loa-high", "ui_locales": "nb", "code_challenge_method": "S256",
	} {
		if got := query.Get(name); got != want {
			f.t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if len(query.Get("state")) < 26 || len(query.Get("nonce")) < 26 || len(query.Get("code_challenge")) != 43 {
		f.t.Errorf("state, nonce and challenge of the request: %v", query)
	}
	f.nonce = query.Get("nonce")
	return url.Values{"code": {"a-code"}, "state": {query.Get("state")}, "iss": {f.url}}
}

// TestHostileIssuers breaks a good sign-in in one way at a time.
func TestHostileIssuers(t *testing.T) {
	s, f := foeSite(t)
	other, err := maskinporten.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	other.KeyID = f.key.KeyID
	type set = map[string]any
	public, err := json.Marshal(f.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		claims   set
		metadata set
		sign     func([]byte) string
		token    func(http.ResponseWriter) bool
		back     map[string]string // over what the issuer sends back; "" removes
		wait     time.Duration     // until the browser comes back
		want     int
		says     string
	}{
		{name: "sound", want: 303},
		{name: "several audiences and us as the party", claims: set{"aud": []string{"fullmakt", "x"}, "azp": "fullmakt"}, want: 303},
		{name: "a group that is nobody's", claims: set{"groups": []string{"x"}}, want: 303},
		{name: "no iss where none is promised", metadata: set{"authorization_response_iss_parameter_supported": nil}, back: map[string]string{"iss": ""}, want: 303},

		{name: "another nonce", claims: set{"nonce": "x"}, want: 403, says: "ikke godtatt"},
		{name: "no nonce", claims: set{"nonce": nil}, want: 403, says: "ikke godtatt"},
		{name: "another issuer", claims: set{"iss": "https://idporten.example.no"}, want: 403, says: "ikke godtatt"},
		{name: "another audience", claims: set{"aud": "x"}, want: 403, says: "ikke godtatt"},
		{name: "no audience", claims: set{"aud": nil}, want: 403, says: "ikke godtatt"},
		{name: "several audiences", claims: set{"aud": []string{"fullmakt", "x"}}, want: 403, says: "ikke godtatt"},
		{name: "another party", claims: set{"azp": "x"}, want: 403, says: "ikke godtatt"},
		{name: "a party that is no text", claims: set{"azp": 1}, want: 403, says: "ikke godtatt"},
		{name: "expired", claims: set{"exp": demoTime.Unix() - 1}, want: 403, says: "ikke godtatt"},
		{name: "never expires", claims: set{"exp": nil}, want: 403, says: "ikke godtatt"},
		{name: "from the future", claims: set{"iat": demoTime.Unix() + 60}, want: 403, says: "ikke godtatt"},
		{name: "from no time", claims: set{"iat": nil}, want: 403, says: "ikke godtatt"},
		{name: "not valid yet", claims: set{"nbf": demoTime.Unix() + 3600}, want: 403, says: "ikke godtatt"},
		{name: "another access token", claims: set{"at_hash": "x"}, want: 403, says: "ikke godtatt"},
		{name: "an identity number that is none", claims: set{"pid": "12817010066"}, want: 403, says: "ikke godtatt"},
		{name: "a lower level", claims: set{"acr": "idporten-loa-substantial"}, want: 403, says: "nivå"},
		{name: "an unknown level", claims: set{"acr": "x"}, want: 403, says: "nivå"},
		{name: "no level", claims: set{"acr": nil}, want: 403, says: "nivå"},
		{name: "a stranger", claims: set{"pid": "15890310068"}, want: 403, says: "ikke i registeret"},
		{name: "nobody", claims: set{"pid": nil}, want: 403, says: "ikke i registeret"},

		{name: "another's key", sign: func(p []byte) string { return f.signed(p, jose.RS256, other) }, want: 403, says: "ikke godtatt"},
		{name: "no signature", sign: func(p []byte) string {
			return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(p) + "."
		}, want: 403, says: "ikke godtatt"},
		{name: "signed with the client's secret", sign: func(p []byte) string { return f.signed(p, jose.HS256, []byte(strings.Repeat("a-secret", 4))) }, want: 403, says: "ikke godtatt"},
		{name: "signed with the public key as a secret", sign: func(p []byte) string { return f.signed(p, jose.HS256, public) }, want: 403, says: "ikke godtatt"},
		{name: "no JWT", sign: func([]byte) string { return "x" }, want: 403, says: "ikke godtatt"},
		{name: "no ID token", token: func(w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", "application/json")
			_, err := w.Write([]byte(`{"access_token":"access","token_type":"Bearer"}`))
			return err == nil
		}, want: 403, says: "ikke godtatt"},
		{name: "the code is refused", token: func(w http.ResponseWriter) bool {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return true
		}, want: 403, says: "ikke godtatt"},
		{name: "the issuer fails", token: func(w http.ResponseWriter) bool {
			http.Error(w, "12817010065", http.StatusInternalServerError)
			return true
		}, want: 503, says: "svarer ikke"},

		{name: "another state", back: map[string]string{"state": "x"}, want: 400, says: "gjelder ikke lenger"},
		{name: "no state", back: map[string]string{"state": ""}, want: 400, says: "gjelder ikke lenger"},
		{name: "the answer of another issuer", back: map[string]string{"iss": "https://idporten.example.no"}, want: 403, says: "ikke godtatt"},
		{name: "the answer of no issuer", back: map[string]string{"iss": ""}, want: 403, says: "ikke godtatt"},
		{name: "no code", back: map[string]string{"code": ""}, want: 403, says: "ikke godtatt"},
		{name: "cancelled", back: map[string]string{"code": "", "error": "access_denied"}, want: 403, says: "avbrutt"},
		{name: "refused", back: map[string]string{"code": "", "error": "invalid_request", "error_description": "<script>"}, want: 403, says: "ikke godtatt"},
		{name: "too late", wait: attemptLife, want: 400, says: "gjelder ikke lenger"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.t, f.t = t, t
			f.claims, f.metadata, f.sign, f.token, f.now = tt.claims, tt.metadata, tt.sign, tt.token, demoTime
			s.pages.issuer.found = nil
			s.client.Jar, err = cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			query := f.begin(s, "/org/310000019?role=DAGL")
			for name, value := range tt.back {
				if query.Set(name, value); value == "" {
					query.Del(name)
				}
			}
			f.now = demoTime.Add(tt.wait)
			answer, page := s.step("GET", "/sign-in/callback?"+query.Encode(), nil)
			if answer.StatusCode != tt.want || !strings.Contains(shown(page), tt.says) {
				t.Fatalf("status %d, want %d with %q:\n%s", answer.StatusCode, tt.want, tt.says, shown(page))
			}
			if strings.Contains(page, "12817010065") || strings.Contains(page, "<script>") {
				t.Error("the page repeats what the issuer sent")
			}
			signedIn := s.has(sessionCookie)
			if signedIn != (tt.want == 303) {
				t.Errorf("a session: %t", signedIn)
			}
			if tt.want == 303 && answer.Header.Get("Location") != "/org/310000019?role=DAGL" {
				t.Errorf("leads to %q", answer.Header.Get("Location"))
			}
		})
	}
	if strings.Contains(f.log.String(), "12817010065") || strings.Contains(f.log.String(), "15890310068") || !strings.Contains(f.log.String(), "sign-in refused") {
		t.Errorf("the log: %s", f.log.String())
	}
}

// has reports whether the client holds a cookie.
func (s *site) has(name string) bool { return s.held(name) != "" }

func (s *site) held(name string) string {
	s.t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range s.client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// hold gives the client a cookie.
func (s *site) hold(name, value string) {
	s.t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	s.client.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

// TestMetadataThatLeaveADoorOpen are not used.
func TestMetadataThatLeaveADoorOpen(t *testing.T) {
	s, f := foeSite(t)
	for name, value := range map[string]any{
		"issuer": "https://idporten.example.no", "authorization_endpoint": "http://idporten.example.no/authorize", "token_endpoint": "http://idporten.example.no/token", "jwks_uri": nil,
	} {
		f.metadata, f.now = map[string]any{name: value}, f.now.Add(time.Minute)
		if answer, page := s.step("GET", "/sign-in", nil); answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(shown(page), "Du kan ikke logge inn nå") {
			t.Errorf("%s: status %d", name, answer.StatusCode)
		}
	}
	f.metadata = nil
	if answer, _ := s.step("GET", "/sign-in", nil); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("an issuer that just failed is asked again at once: %d", answer.StatusCode)
	}
	f.now = f.now.Add(issuerRest)
	if answer, _ := s.step("GET", "/sign-in", nil); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("an issuer that is well again: %d", answer.StatusCode)
	}
	f.metadata, f.now = map[string]any{"issuer": "x"}, f.now.Add(2*discoveredLife)
	if answer, _ := s.step("GET", "/sign-in", nil); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("an issuer that was well an hour ago: %d", answer.StatusCode)
	}
}

// TestReplays sends what was good once again.
func TestReplays(t *testing.T) {
	s, f := foeSite(t)
	query := f.begin(s, "/me")
	sealed := s.held(attemptCookie)
	finish := func() int {
		answer, _ := s.step("GET", "/sign-in/callback?"+query.Encode(), nil)
		return answer.StatusCode
	}
	for i := range sealed { // any changed letter
		if i%37 == 0 {
			s.hold(attemptCookie, sealed[:i]+string(rune('A'+(sealed[i]+1)%26))+sealed[i+1:])
			if got := finish(); got != http.StatusBadRequest {
				t.Errorf("a changed cookie: %d", got)
			}
		}
	}
	s.hold(attemptCookie, sealed)
	if answer, _ := s.step("GET", "/sign-in/callback?code=x&state=x", nil); answer.StatusCode != http.StatusBadRequest || s.held(attemptCookie) != sealed {
		t.Errorf("a link from elsewhere ends the sign-in: %d", answer.StatusCode)
	}
	if got := finish(); got != http.StatusSeeOther {
		t.Fatalf("the first time: %d", got)
	}
	first := s.held(sessionCookie)
	if got := finish(); got != http.StatusBadRequest {
		t.Errorf("the second time: %d", got)
	}
	s.hold(attemptCookie, sealed)
	if got := finish(); got != http.StatusForbidden {
		t.Errorf("with a copy of the cookie: %d", got)
	}
	if s.held(sessionCookie) != first {
		t.Error("a replay touches the session")
	}
	// What another browser began ends in its own session or none: login CSRF.
	theirs := f.begin(s, "/me")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.client.Jar = jar
	if answer, _ := s.step("GET", "/sign-in/callback?"+theirs.Encode(), nil); answer.StatusCode != http.StatusBadRequest || s.has(sessionCookie) {
		t.Errorf("another browser: %d", answer.StatusCode)
	}
}

// TestSessionsChangeHands plants a session, as an attacker would, and signs in.
func TestSessionsChangeHands(t *testing.T) {
	s, f := foeSite(t)
	enter := func() {
		t.Helper()
		query := f.begin(s, "/me")
		if answer, _ := s.step("GET", "/sign-in/callback?"+query.Encode(), nil); answer.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d", answer.StatusCode)
		}
	}
	s.hold(sessionCookie, "planted")
	enter()
	first := s.held(sessionCookie)
	if first == "planted" || len(first) != 52 {
		t.Errorf("the session's id is %q", first)
	}
	enter()
	second := s.held(sessionCookie)
	if second == first {
		t.Error("the second sign-in keeps the id of the first")
	}
	s.hold(sessionCookie, first)
	if answer, _ := s.step("GET", "/me", nil); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("the session before lives on: %d", answer.StatusCode)
	}
	s.hold(sessionCookie, second)
	f.now = f.now.Add(sessionIdle)
	s.get("/me", http.StatusOK)
	f.now = f.now.Add(sessionIdle + time.Second)
	if answer, _ := s.step("GET", "/me", nil); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("after half an hour of nothing: %d", answer.StatusCode)
	}
	enter()
	for began := f.now; f.now.Sub(began) <= sessionMost; f.now = f.now.Add(sessionIdle) {
		s.get("/me", http.StatusOK)
	}
	if answer, _ := s.step("GET", "/me", nil); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("after a day's work: %d", answer.StatusCode)
	}
	// The issuer ends what it began, and nothing else.
	enter()
	for query, want := range map[string]int{"iss=x&sid=session": 200, "iss=" + url.QueryEscape(f.url) + "&sid=x": 200, "sid=session": 200} {
		s.step("GET", "/sign-out/issuer?"+query, nil)
		s.get("/me", want)
	}
	s.step("GET", "/sign-out/issuer?sid=session&iss="+url.QueryEscape(f.url), nil)
	if answer, _ := s.step("GET", "/me", nil); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("after the issuer signed out: %d", answer.StatusCode)
	}
}

// TestCookies wants them out of reach, and more so behind https.
func TestCookies(t *testing.T) {
	for _, public := range []string{"", "https://fullmakt.example.no"} {
		s, f := foeSite(t, func(o *Options) {
			if public != "" {
				o.PublicURL = public
			}
		})
		prefix := map[bool]string{true: "__Host-"}[public != ""]
		answer, _ := s.step("GET", "/sign-in?to=/me", nil)
		there, err := answer.Location()
		if err != nil {
			t.Fatal(err)
		}
		f.nonce = there.Query().Get("nonce")
		request, err := http.NewRequest("GET", s.URL+"/sign-in/callback?code=x&state="+there.Query().Get("state")+"&iss="+url.QueryEscape(f.url), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range answer.Cookies() {
			request.AddCookie(c)
		}
		s.client.Jar = nil
		last, err := s.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		s.read(last, "callback", http.StatusSeeOther)
		names := map[string]bool{}
		for _, c := range append(answer.Cookies(), last.Cookies()...) {
			names[c.Name] = true
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != (public != "") {
				t.Errorf("cookie %s", c.String())
			}
		}
		if !names[prefix+sessionCookie] || !names[prefix+attemptCookie] || len(names) != 2 {
			t.Errorf("cookies %v", names)
		}
	}
}

// TestNoIdentityNumberIsKept searches what a sign-in leaves behind.
func TestNoIdentityNumberIsKept(t *testing.T) {
	s, f := foeSite(t)
	query := f.begin(s, "/me")
	if plain, err := base64.RawURLEncoding.DecodeString(s.held(attemptCookie)); err != nil || bytes.Contains(plain, []byte("state")) {
		t.Errorf("the attempt's cookie can be read: %v", err)
	}
	s.step("GET", "/sign-in/callback?"+query.Encode(), nil)
	if page := s.get("/me", http.StatusOK); strings.Contains(page, "12817010065") {
		t.Error("/me shows it")
	}
	for path, status := range map[string]int{"/me?q=12817010065": http.StatusOK, "/me?q=128170+10065": http.StatusOK, "/me?x=%31281701%30065": http.StatusOK, "/org/12817010065": http.StatusNotFound, "/org/310000019?via=12817010065": http.StatusNotFound, "/org/310000019?role=12817010065": http.StatusBadRequest, "/org/310000019?package=12817010065": http.StatusBadRequest} {
		if page := s.get(path, status); strings.Contains(page, "10065") {
			t.Errorf("%s repeats it", path)
		}
		if got := localPath(path); got != "/" {
			t.Errorf("where to go on after the sign-in has it: %q", got)
		}
	}
	found := 0
	err := filepath.WalkDir(f.lookups, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if found += bytes.Count(data, []byte(`"operation":"me"`)); bytes.Contains(data, []byte("12817010065")) || bytes.Contains(data, []byte("Kari")) {
			t.Errorf("%s has it", path)
		}
		return err
	})
	if err != nil || found == 0 {
		t.Errorf("%d look-ups, %v", found, err)
	}
	if strings.Contains(f.log.String(), "12817010065") {
		t.Error("the log has it")
	}
	for _, one := range s.pages.sessions.byID {
		if one.subject != "subject" || one.name != "" {
			t.Errorf("the session holds %q, %q", one.subject, one.name)
		}
	}
}

// TestConfigurationsThatLeaveADoorOpen are refused.
func TestConfigurationsThatLeaveADoorOpen(t *testing.T) {
	dir := t.TempDir()
	key, err := maskinporten.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, v any) {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("key.jwk", key)
	write("public.jwk", key.Public())
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const good = `"issuer":"https://test.idporten.no","client_id":"x"`
	for _, tt := range []struct{ config, wrong string }{
		{`null`, ""}, {``, ""},
		{`{` + good + `,"key_file":"key.jwk"}`, ""},
		{`{"issuer":"http://127.0.0.1:9/idporten","client_id":"x","key_file":"key.jwk","acr":"any"}`, ""},
		{`{"issuer":"http://idporten.example.no","client_id":"x","key_file":"key.jwk"}`, "https"},
		{`{"issuer":"https://a@idporten.example.no","client_id":"x","key_file":"key.jwk"}`, "https"},
		{`{"client_id":"x","key_file":"key.jwk"}`, "issuer"},
		{`{"issuer":"https://test.idporten.no","key_file":"key.jwk"}`, "client_id"},
		{`{` + good + `}`, "key_file or secret_file"},
		{`{` + good + `,"key_file":"key.jwk","secret_file":"secret"}`, "key_file or secret_file"},
		{`{` + good + `,"key_file":"missing.jwk"}`, "missing.jwk"},
		{`{` + good + `,"key_file":"secret"}`, "no private key"},
		{`{` + good + `,"key_file":"public.jwk"}`, "no private key"},
		{`{` + good + `,"secret_file":"secret"}`, "empty"},
		{`{` + good + `,"key_file":"key.jwk","ac":"x"}`, "unknown field"},
		{`{` + good + `,"key_file":"key.jwk","operators":{"claim":"groups"}}`, "operators"},
		{`{` + good + `,"key_file":"key.jwk","case_workers":{"value":"x"}}`, "case_workers"},
	} {
		c, err := ReadSignInConfig([]byte(tt.config), dir)
		switch {
		case tt.wrong == "" && (err != nil || (c != nil) != (len(tt.config) > 4)):
			t.Errorf("%s: %v", tt.config, err)
		case tt.wrong != "" && (fullmakt.ErrorCode(err) != fullmakt.CodeInvalid || !strings.Contains(err.Error(), tt.wrong)):
			t.Errorf("%s: got %v, want %q", tt.config, err, tt.wrong)
		}
	}
	c, err := ReadSignInConfig([]byte(`{`+good+`,"key_file":"key.jwk"}`), dir)
	if err != nil || c.Level != "idporten-loa-high" || c.PersonClaim != "pid" {
		t.Errorf("defaults: %+v, %v", c, err)
	}
	if _, err := New(Options{SignIn: c, PublicURL: "http://fullmakt.example.no"}); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("browsers without https: %v", err)
	}
}

// TestLevels has an order for ID-porten's own and for no others.
func TestLevels(t *testing.T) {
	for _, tt := range []struct {
		wanted, got string
		want        bool
	}{
		{"idporten-loa-substantial", "idporten-loa-substantial", true}, {"idporten-loa-substantial", "idporten-loa-high", true},
		{"idporten-loa-high", "idporten-loa-substantial", false}, {"idporten-loa-substantial", "idporten-loa-low", false},
		{"idporten-loa-substantial", "x", false}, {"idporten-loa-substantial", "", false},
		{"urn:x:2", "urn:x:2", true}, {"urn:x:2", "urn:x:3", false}, {"urn:x:2", "idporten-loa-high", false}, {AnyLevel, "", true},
	} {
		c := SignInConfig{Level: tt.wanted}
		if got := c.reaches(tt.got); got != tt.want {
			t.Errorf("%s where %s is wanted: %t", tt.got, tt.wanted, got)
		}
	}
}
