package maskinporten

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-jose/go-jose/v4/jwt"
)

// The lives of a code and of an ID token, in seconds.
const (
	codeLife    = 60
	idTokenLife = 120
)

// mostCodes bounds the codes that nobody has fetched a token for.
const mostCodes = 10_000

// newCode keeps what was chosen until the client fetches it.
func (p *IDPorten) newCode(s signedIn) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for code, other := range p.codes {
		if s.at-other.at > codeLife || len(p.codes) >= mostCodes {
			delete(p.codes, code)
		}
	}
	code := rand.Text()
	p.codes[code] = s
	return code
}

// takeCode returns what a code stands for, once.
func (p *IDPorten) takeCode(code string, now int64) (signedIn, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.codes[code]
	delete(p.codes, code)
	return s, ok && now-s.at <= codeLife
}

// clientAssertionType names the proof of a client: a JWT signed with its key (RFC 7523).
const clientAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// idClaims are the claims of an ID token.
type idClaims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience string   `json:"aud"`
	Expires  int64    `json:"exp"`
	Issued   int64    `json:"iat"`
	AuthTime int64    `json:"auth_time"`
	ID       string   `json:"jti"`
	Session  string   `json:"sid"`
	Nonce    string   `json:"nonce"`
	Level    string   `json:"acr"`
	Methods  []string `json:"amr"`
	Access   string   `json:"at_hash"`
	Locale   string   `json:"locale"`
	Person   string   `json:"pid,omitempty"`
	Name     string   `json:"name,omitempty"`
	Groups   []string `json:"groups,omitempty"`
}

// wireTokens is the answer to a code.
type wireTokens struct {
	AccessToken string `json:"access_token"`
	IDToken     string `json:"id_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	Scope       string `json:"scope"`
}

// token exchanges a code for an ID token.
func (p *IDPorten) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, kind, description string) {
		writeJSON(w, status, wireRefusal{Error: kind, Description: description})
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		refuse(http.StatusBadRequest, "invalid_request", "the form cannot be read")
		return
	}
	f, now := r.PostForm, p.o.Now()
	client, ok := p.client(f)
	if !ok {
		refuse(http.StatusUnauthorized, "invalid_client", "the client must prove itself by private_key_jwt")
		return
	}
	if f.Get("grant_type") != "authorization_code" {
		refuse(http.StatusBadRequest, "unsupported_grant_type", "the grant type must be authorization_code")
		return
	}
	s, ok := p.takeCode(f.Get("code"), now.Unix())
	verifier := sha256.Sum256([]byte(f.Get("code_verifier")))
	switch challenge := base64.RawURLEncoding.EncodeToString(verifier[:]); {
	case !ok:
		refuse(http.StatusBadRequest, "invalid_grant", "there is no such code, or it is too old or was used")
		return
	case s.client.ID != client.ID || s.redirect != f.Get("redirect_uri"):
		refuse(http.StatusBadRequest, "invalid_grant", "the code was made for another client or redirect_uri")
		return
	case subtle.ConstantTimeCompare([]byte(challenge), []byte(s.challenge)) != 1:
		refuse(http.StatusBadRequest, "invalid_grant", "the code_verifier is not that of the code_challenge")
		return
	}
	access := rand.Text()
	hash := sha256.Sum256([]byte(access))
	claims := idClaims{
		Issuer: p.o.Issuer, Subject: p.subject(s.client.ID, s.login.Ref), Audience: client.ID, Issued: now.Unix(), Expires: now.Unix() + idTokenLife, AuthTime: s.at,
		ID: rand.Text(), Session: s.session, Nonce: s.nonce, Level: s.level, Methods: []string{"Demo"}, Access: base64.RawURLEncoding.EncodeToString(hash[:len(hash)/2]), Locale: s.lang,
		Groups: s.login.Groups,
	}
	if s.login.Person != 0 {
		claims.Person = s.login.Person.Reveal()
	} else {
		claims.Name = s.login.Name
	}
	token, err := signJWT(p.signer, claims)
	if err != nil {
		refuse(http.StatusInternalServerError, "server_error", "the token could not be signed")
		return
	}
	writeJSON(w, http.StatusOK, wireTokens{AccessToken: access, IDToken: token, TokenType: "Bearer", ExpiresIn: idTokenLife, Scope: "openid"})
}

// subject makes the claim sub, which differs from client to client.
func (p *IDPorten) subject(client, ref string) string {
	h := hmac.New(sha256.New, []byte(p.salt))
	h.Write([]byte(client + "\x00" + ref))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// client returns the client that a request proves to come from.
func (p *IDPorten) client(f url.Values) (RelyingParty, bool) {
	if f.Get("client_assertion_type") != clientAssertionType {
		return RelyingParty{}, false
	}
	token, err := jwt.ParseSigned(f.Get("client_assertion"), grantAlgorithms)
	if err != nil || len(token.Headers) != 1 {
		return RelyingParty{}, false
	}
	var claims jwt.Claims
	if err := token.UnsafeClaimsWithoutVerification(&claims); err != nil {
		return RelyingParty{}, false
	}
	client, ok := p.clients[claims.Issuer]
	keys := client.Keys.Key(token.Headers[0].KeyID)
	if !ok || len(keys) != 1 || token.Claims(keys[0].Key, &claims) != nil {
		return RelyingParty{}, false
	}
	now := p.o.Now()
	if claims.Subject != client.ID || !slices.Equal(claims.Audience, []string{p.o.Issuer}) || claims.Expiry == nil || claims.IssuedAt == nil || claims.ID == "" || len(claims.ID) > 256 ||
		claims.Expiry.Time().Sub(claims.IssuedAt.Time()).Seconds() > maxLifetime || claims.ValidateWithLeeway(jwt.Expected{Time: now}, 0) != nil {
		return RelyingParty{}, false
	}
	return client, p.firstUse(client.ID+"\x00"+claims.ID, int64(*claims.Expiry), now.Unix())
}

// firstUse notes the use of a client assertion, and reports whether it was the first.
func (p *IDPorten) firstUse(key string, expires, now int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return noteUse(p.used, key, expires, now)
}
