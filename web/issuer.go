package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/oauth2"
)

// issuer signs visitors in by OpenID Connect's authorization code flow with PKCE.
type issuer struct {
	*SignInConfig
	redirect string // where the issuer sends visitors back to
	now      func() time.Time
	http     *http.Client

	mu     sync.Mutex
	found  *discovered // what the issuer says of itself
	failed time.Time   // when it last could not be asked
}

// discovered is what the issuer's metadata say.
type discovered struct {
	at        time.Time
	provider  *oidc.Provider
	logout    string // end_session_endpoint; "" for none
	namesSelf bool   // its answers carry iss (RFC 9207)
	endpoint  oauth2.Endpoint
}

const (
	discoveredLife = time.Hour        // how long metadata are good
	issuerTime     = 10 * time.Second // how long the issuer may take to answer
	issuerRest     = 5 * time.Second  // how long it is left alone after it did not
	clockLeeway    = 10 * time.Second // by how much clocks may differ
)

func newIssuer(c *SignInConfig, publicURL string, now func() time.Time) (*issuer, error) {
	checked := *c
	if err := checked.check(); err != nil {
		return nil, err
	}
	if !secureAddress(publicURL) {
		return nil, signInError("public_url %q: want the https address that browsers use", publicURL)
	}
	return &issuer{
		SignInConfig: &checked, redirect: publicURL + "/sign-in/callback", now: now,
		http: &http.Client{
			Timeout:       issuerTime,
			Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, IdleConnTimeout: 30 * time.Second},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a proof is for one address
		},
	}, nil
}

// discover returns what the issuer says of itself. What was found stays good while
// the issuer cannot be reached.
func (i *issuer) discover(ctx context.Context) (*discovered, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.now()
	resting := now.Sub(i.failed) < issuerRest
	if i.found != nil && (resting || now.Sub(i.found.at) < discoveredLife) {
		return i.found, nil
	}
	if resting {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "the issuer's metadata could not be read a moment ago")
	}
	found, err := i.read(context.WithoutCancel(ctx)) // others wait for it too
	if err == nil {
		found.at, i.found = now, found
		return found, nil
	}
	if i.failed = now; i.found != nil {
		return i.found, nil
	}
	return nil, err
}

func (i *issuer) read(ctx context.Context) (*discovered, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, i.http), i.Issuer)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "the issuer's metadata: %w", err)
	}
	var m struct {
		JWKS      string   `json:"jwks_uri"`
		Logout    string   `json:"end_session_endpoint"`
		NamesSelf bool     `json:"authorization_response_iss_parameter_supported"`
		Methods   []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := provider.Claims(&m); err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "the issuer's metadata: %w", err)
	}
	f := &discovered{provider: provider, logout: m.Logout, namesSelf: m.NamesSelf, endpoint: provider.Endpoint()}
	for _, address := range []string{f.endpoint.AuthURL, f.endpoint.TokenURL, m.JWKS} {
		if !secureAddress(address) {
			return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "the issuer's metadata name %q, which is no https address", address)
		}
	}
	if !secureAddress(f.logout) {
		f.logout = ""
	}
	f.endpoint.AuthStyle = oauth2.AuthStyleInParams
	if i.Secret != "" && (len(m.Methods) == 0 || slices.Contains(m.Methods, "client_secret_basic")) {
		f.endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	return f, nil
}

func (i *issuer) client(f *discovered) *oauth2.Config {
	return &oauth2.Config{ClientID: i.ClientID, ClientSecret: i.Secret, Endpoint: f.endpoint, RedirectURL: i.redirect, Scopes: []string{oidc.ScopeOpenID, "profile"}}
}

// attempt is a sign-in under way, as the browser that began it keeps it, sealed.
type attempt struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"` // of PKCE
	To       string    `json:"to"`       // where the visitor goes afterwards
	Lang     text.Lang `json:"lang"`
	Began    time.Time `json:"began"`
}

// address is where an attempt goes on, at the issuer.
func (i *issuer) address(f *discovered, a attempt) string {
	options := []oauth2.AuthCodeOption{
		oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier), oauth2.SetAuthURLParam("ui_locales", string(a.Lang)),
	}
	if i.Level != AnyLevel {
		options = append(options, oauth2.SetAuthURLParam("acr_values", i.Level))
	}
	return i.client(f).AuthCodeURL(a.State, options...)
}

// identity is who the issuer says has signed in.
type identity struct {
	number     fullmakt.NationalID // 0 for none; never kept
	subject    string              // the issuer's own name for them
	name       string
	sid        string // of the session at the issuer
	caseWorker bool
	operator   bool
}

// The reasons why a sign-in is refused. They are for the log, and hold nothing of
// the token.
var (
	errExchange = errors.New("the issuer gave no token for the code")
	errNoToken  = errors.New("the answer has no ID token")
	errToken    = errors.New("the ID token is not good")
	errExpired  = errors.New("the ID token has expired")
	errAudience = errors.New("the ID token is for others too")
	errIssued   = errors.New("the ID token is from the future")
	errNonce    = errors.New("the ID token belongs to another sign-in")
	errLevel    = errors.New("the level of authentication is too low")
	errNumber   = errors.New("the ID token's identity number is not one")
)

// algorithms are the signatures that an ID token may have.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.ES256, oidc.ES384}

// exchange fetches the ID token of a code, and checks it.
func (i *issuer) exchange(ctx context.Context, f *discovered, code string, a attempt) (who identity, err error) {
	ctx = oidc.ClientContext(ctx, i.http)
	options := []oauth2.AuthCodeOption{oauth2.VerifierOption(a.Verifier)}
	if i.Key.Key != nil {
		assertion, err := i.assertion()
		if err != nil {
			return who, err
		}
		options = append(options, oauth2.SetAuthURLParam("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), oauth2.SetAuthURLParam("client_assertion", assertion))
	}
	answer, err := i.client(f).Exchange(ctx, code, options...)
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError:
		return who, errExchange
	case err != nil:
		return who, fullmakt.Errorf(fullmakt.CodeUnavailable, "the issuer of sign-ins did not answer as it should")
	}
	raw, ok := answer.Extra("id_token").(string)
	if !ok {
		return who, errNoToken
	}
	token, err := f.provider.Verifier(&oidc.Config{ClientID: i.ClientID, SupportedSigningAlgs: algorithms, Now: i.now}).Verify(ctx, raw)
	var expired *oidc.TokenExpiredError
	switch {
	case errors.As(err, &expired):
		return who, errExpired
	case err != nil:
		return who, errToken
	}
	return i.identify(token, answer.AccessToken, a)
}

// identify reads who a verified ID token is about, if it was made for this attempt.
func (i *issuer) identify(token *oidc.IDToken, access string, a attempt) (who identity, err error) {
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return who, errToken
	}
	word := func(claim string) string {
		s, _ := claims[claim].(string)
		return s
	}
	switch _, named := claims["azp"]; {
	case len(token.Audience) > 1 && !named, named && word("azp") != i.ClientID:
		return who, errAudience
	case token.Expiry.IsZero():
		return who, errExpired
	case token.IssuedAt.IsZero() || token.IssuedAt.After(i.now().Add(clockLeeway)):
		return who, errIssued
	case token.Nonce == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.Nonce)) != 1:
		return who, errNonce
	case token.AccessTokenHash != "" && token.VerifyAccessToken(access) != nil:
		return who, errToken
	case !i.reaches(word("acr")):
		return who, errLevel
	}
	who = identity{subject: token.Subject, name: word("name"), sid: word("sid"), caseWorker: i.CaseWorkers.in(claims), operator: i.Operators.in(claims)}
	if number := word(i.PersonClaim); number != "" {
		if who.number, err = fullmakt.ParseNationalID(number); err != nil {
			return who, errNumber
		}
	}
	return who, nil
}

// assertions returns what signs the proofs of who this server is.
func (c *SignInConfig) assertions() (jose.Signer, error) {
	algorithm := jose.SignatureAlgorithm(c.Key.Algorithm)
	if _, elliptic := c.Key.Key.(*ecdsa.PrivateKey); algorithm == "" && elliptic {
		algorithm = jose.ES256
	} else if algorithm == "" {
		algorithm = jose.RS256
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: c.Key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, signInError("the key cannot sign with %s", algorithm)
	}
	return signer, nil
}

// assertion proves to the issuer who asks (RFC 7523, private_key_jwt).
func (i *issuer) assertion() (string, error) {
	signer, err := i.assertions()
	if err != nil {
		return "", err
	}
	now := i.now()
	payload, err := json.Marshal(jwt.Claims{
		Issuer: i.ClientID, Subject: i.ClientID, Audience: jwt.Audience{i.Issuer}, ID: rand.Text(),
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(time.Minute)),
	})
	if err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInternal, "the proof of who asks: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInternal, "the proof of who asks: %w", err)
	}
	return signed.CompactSerialize()
}
