package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
	"golang.org/x/oauth2"
)

// signInRoutes lists the routes of signing in and out. The address for the issuer's
// answer is the same in every language: issuers know it by the letter.
func signInRoutes() []route {
	return []route{
		{method: "GET", pattern: "/sign-in", handle: beginSignIn, free: true},
		{method: "GET", pattern: "/sign-in/callback", handle: endSignIn, free: true},
		{method: "POST", pattern: "/sign-out", handle: signOut, free: true},
		{method: "GET", pattern: "/signed-out", handle: signedOut, free: true},
		{method: "GET", pattern: "/sign-out/issuer", handle: issuerSignsOut, free: true},
	}
}

// attempts keeps the sign-ins under way, which browsers hold sealed, from being
// read, changed, or used twice.
type attempts struct {
	seal cipher.AEAD

	mu   sync.Mutex
	used map[string]time.Time // states that have led to a session, and when
}

func newAttempts() (*attempts, error) {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "key of the sign-ins under way: %w", err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	return &attempts{seal: seal, used: map[string]time.Time{}}, err
}

const (
	attemptCookie = "fullmakt-sign-in"
	attemptLife   = 10 * time.Minute // from the link to the issuer's answer
)

// keep hands an attempt to the browser that begins it, so that no other can end it.
func (v *view) keep(a attempt) error {
	plain, err := json.Marshal(a)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "the sign-in: %w", err)
	}
	v.cookie(attemptCookie, base64.RawURLEncoding.EncodeToString(v.attempts.seal.Seal(nil, nil, plain, []byte(attemptCookie))), attemptLife)
	return nil
}

// attempt takes the attempt that this browser began and the issuer's answer
// belongs to.
func (v *view) attempt() (a attempt, ok bool) {
	cookie, err := v.r.Cookie(v.cookieName(attemptCookie))
	if err != nil {
		return a, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return a, false
	}
	plain, err := v.attempts.seal.Open(nil, nil, sealed, []byte(attemptCookie))
	if err != nil || json.Unmarshal(plain, &a) != nil {
		return attempt{}, false
	}
	if subtle.ConstantTimeCompare([]byte(v.r.URL.Query().Get("state")), []byte(a.State)) != 1 {
		return a, false // a link elsewhere may lead here; it ends nothing that is under way
	}
	v.cookie(attemptCookie, "", 0)
	return a, v.now.Sub(a.Began) < attemptLife
}

// first notes that an attempt has led to a session, and reports whether it had not
// before: a copy of its cookie is worth nothing then.
func (t *attempts) first(a attempt, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for state, at := range t.used {
		if now.Sub(at) > attemptLife {
			delete(t.used, state)
		}
	}
	_, seen := t.used[a.State]
	t.used[a.State] = now
	return !seen
}

// beginSignIn sends a visitor to the issuer. It is a link and no form, since the
// policy of the pages lets forms lead to this origin alone.
func beginSignIn(v *view) error {
	if v.issuer == nil {
		return problem(http.StatusNotFound, "no-sign-in")
	}
	to := localPath(v.r.URL.Query().Get("to"))
	if to == "/" {
		to = address(v.lang, "/")
	}
	// The issuer sends the visitor back to the one address that it knows, and the
	// cookie must be there: on one's own machine there are several.
	if public, err := url.Parse(v.PublicURL); err == nil && public.Host != v.r.Host && loopbackName(public.Hostname()) && loopbackName(hostname(v.r.Host)) {
		return v.redirectTo(v.PublicURL + v.url("/sign-in", "to", to))
	}
	found, err := v.issuer.discover(v.r.Context())
	if err != nil {
		v.log.Error("sign-in", "error", err)
		return problem(http.StatusServiceUnavailable, "sign-in-unavailable")
	}
	a := attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: to, Lang: v.lang, Began: v.now}
	if err := v.keep(a); err != nil {
		return err
	}
	return v.redirectTo(v.issuer.address(found, a))
}

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// endSignIn takes the issuer's answer.
func endSignIn(v *view) error {
	if v.issuer == nil {
		return problem(http.StatusNotFound, "no-sign-in")
	}
	a, ok := v.attempt()
	if !ok {
		return problem(http.StatusBadRequest, "sign-in-stale")
	}
	v.speak(a.Lang)
	found, err := v.issuer.discover(v.r.Context())
	if err != nil {
		v.log.Error("sign-in", "error", err)
		return problem(http.StatusServiceUnavailable, "sign-in-unavailable")
	}
	query := v.r.URL.Query()
	switch iss := query.Get("iss"); {
	case iss != v.issuer.Issuer && (iss != "" || found.namesSelf):
		v.log.Warn("sign-in refused", "why", "the answer is from another issuer")
		return problem(http.StatusForbidden, "sign-in-refused")
	case query.Get("error") == "access_denied":
		return problem(http.StatusForbidden, "sign-in-cancelled")
	case query.Get("code") == "":
		v.log.Warn("sign-in refused", "why", "the issuer refused the request")
		return problem(http.StatusForbidden, "sign-in-refused")
	}
	who, err := v.issuer.exchange(v.r.Context(), found, query.Get("code"), a)
	if err == nil && !v.attempts.first(a, v.now) {
		err = errNonce
	}
	switch {
	case fullmakt.ErrorCode(err) == fullmakt.CodeUnavailable:
		v.log.Error("sign-in", "error", err)
		return problem(http.StatusServiceUnavailable, "sign-in-unavailable")
	case errors.Is(err, errLevel):
		return problem(http.StatusForbidden, "sign-in-level")
	case err != nil:
		v.log.Warn("sign-in refused", "why", err.Error())
		return problem(http.StatusForbidden, "sign-in-refused")
	}
	return v.welcome(who, a)
}

// welcome begins the session of somebody that the issuer vouches for. A person must
// be in the register and live; others must be case workers or operators.
func (v *view) welcome(who identity, a attempt) error {
	snap := v.node.Current()
	if snap == nil {
		return problem(http.StatusServiceUnavailable, "loading")
	}
	person := fullmakt.PartyNo(0)
	if who.number != 0 {
		person = snap.Person(who.number)
	}
	if person != 0 && !living(snap, person) {
		person = 0
	}
	if person == 0 && !who.caseWorker && !who.operator {
		return problem(http.StatusForbidden, "sign-in-unknown")
	}
	v.begin(person, who)
	return v.redirectTo(a.To)
}

// speak goes on in another language than that of the address.
func (v *view) speak(lang text.Lang) {
	if texts, ok := v.Server.texts[lang]; ok {
		v.lang, v.texts = lang, texts
	}
}

// signOut ends the session here and sends the visitor on to the issuer, whose own
// session would let the next one at this browser in again. The ID token, which could
// spare a question there, has the identity number in it and goes into no address.
func signOut(v *view) error {
	known := v.session != nil
	v.end()
	if v.issuer == nil || !known {
		return v.redirect("/signed-out")
	}
	found, err := v.issuer.discover(v.r.Context())
	if err != nil || found.logout == "" {
		return v.redirect("/signed-out")
	}
	there, err := url.Parse(found.logout)
	if err != nil {
		return v.redirect("/signed-out")
	}
	query := there.Query()
	query.Set("client_id", v.issuer.ClientID)
	query.Set("post_logout_redirect_uri", v.PublicURL+"/signed-out")
	query.Set("state", string(v.lang))
	query.Set("ui_locales", string(v.lang))
	there.RawQuery = query.Encode()
	// Not a redirect: the pages' policy lets a form lead to this origin alone.
	v.w.Header().Set("Refresh", "0; url="+there.String())
	return v.show("signed-out", &page{Title: v.say("web.signed-out.title"), Body: there.String()})
}

// signedOut is where the issuer sends visitors whose session it has ended. state
// brings their language back.
func signedOut(v *view) error {
	if lang, ok := text.ParseLang(v.r.URL.Query().Get("state")); ok && lang != v.lang {
		return v.redirectTo(address(lang, "/signed-out"))
	}
	return v.show("signed-out", &page{Title: v.say("web.signed-out.title"), Body: ""})
}

// issuerSignsOut ends the sessions that came of one at the issuer, which asks for it
// in a frame of its own page (OpenID Connect Front-Channel Logout).
func issuerSignsOut(v *view) error {
	query := v.r.URL.Query()
	if sid := query.Get("sid"); sid != "" && v.issuer != nil && query.Get("iss") == v.issuer.Issuer {
		v.sessions.drop(func(s *session) bool { return s.sid == sid })
	}
	v.w.WriteHeader(http.StatusOK)
	return nil
}

// toSignIn tells a visitor to sign in first, and where the way leads afterwards.
func (v *view) toSignIn() error {
	switch {
	case v.r.Method != http.MethodGet:
		return problem(http.StatusForbidden, "stale-form")
	case v.session != nil:
		return problem(http.StatusForbidden, "forbidden")
	case v.issuer == nil:
		return problem(http.StatusForbidden, "no-sign-in")
	}
	return v.goTo(v.url("/sign-in", "to", v.here()))
}

// longestPath bounds the path that is gone on to after the sign-in: it travels in a
// cookie.
const longestPath = 1000

// localPath returns where to go on after the sign-in: a path of ours, with no
// identity number in it, or else the front page.
func localPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || len(to) > longestPath || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	if plain, err := url.QueryUnescape(to); err != nil || holdsNationalID(plain) {
		return "/"
	}
	return to
}
