package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// authenticator tells who makes a request, from its bearer token.
type authenticator struct {
	open      bool
	issuers   map[string]*issuer // by the value of iss
	algs      []jose.SignatureAlgorithm
	tokens    *tokens
	consumers map[string]*consumer // by consumerByClient and consumerByOrganisation
}

type consumer struct {
	limit   *consumerLimit
	purpose string
}

func consumerByClient(id string) string                  { return "client " + id }
func consumerByOrganisation(n fullmakt.OrgNumber) string { return "organisation " + n.String() }

// unauthorized is why a token is not taken. It never holds any of the token.
type unauthorized struct{ why string }

func (e *unauthorized) Error() string { return e.why }

func unauthorised(format string, args ...any) *unauthorized {
	return &unauthorized{why: fmt.Sprintf(format, args...)}
}

// leeway is by how much clocks may differ.
const leeway = 10 * time.Second

// longestToken bounds what is hashed and parsed of an Authorization header.
const longestToken = 16 << 10

func newAuthenticator(cfg Config, cat *catalogue.Catalogue, log *slog.Logger) (*authenticator, error) {
	a := &authenticator{
		open: cfg.Authentication.Off, issuers: map[string]*issuer{}, tokens: newTokens(10_000), consumers: map[string]*consumer{},
	}
	for i, ic := range cfg.Authentication.Issuers {
		is, err := newIssuer(ic, log)
		if err != nil {
			return nil, configError("authentication.issuers[%d]: %w", i, err)
		}
		if a.issuers[ic.Issuer] != nil {
			return nil, configError("authentication.issuers[%d]: %s is there twice", i, ic.Issuer)
		}
		a.issuers[ic.Issuer] = is
		a.allow(is.algs...)
	}
	for i, cc := range cfg.Authentication.Consumers {
		if err := a.addConsumer(cc, cat); err != nil {
			return nil, configError("authentication.consumers[%d]: %w", i, err)
		}
	}
	return a, nil
}

// allow lets tokens be signed with algorithms.
func (a *authenticator) allow(algs ...jose.SignatureAlgorithm) {
	for _, alg := range algs {
		if !slices.Contains(a.algs, alg) {
			a.algs = append(a.algs, alg)
		}
	}
}

func (a *authenticator) addConsumer(cfg ConsumerConfig, cat *catalogue.Catalogue) error {
	limit, err := newConsumerLimit(cfg, cat)
	if err != nil {
		return err
	}
	var key string
	switch {
	case (cfg.Client == "") == (cfg.Organisation == ""):
		return fullmakt.Errorf(fullmakt.CodeInvalid, "name either client or organisation")
	case cfg.Client != "":
		key = consumerByClient(cfg.Client)
	default:
		n, err := fullmakt.ParseOrgNumber(cfg.Organisation)
		if err != nil {
			return err
		}
		key = consumerByOrganisation(n)
	}
	if a.consumers[key] != nil {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s is there twice", key)
	}
	a.consumers[key] = &consumer{limit: limit, purpose: strings.TrimSpace(cfg.Purpose)}
	return nil
}

// caller returns who makes a request. A token is verified once and remembered, by
// the hash of its whole text, until it expires.
func (a *authenticator) caller(c *call, r *rates) (*caller, error) {
	if a.open {
		return everybody, nil
	}
	text, err := bearer(c.r)
	if err != nil {
		return nil, c.challenge(err)
	}
	hash := sha256.Sum256([]byte(text))
	if known := a.tokens.find(hash, c.now); known != nil {
		return known, nil
	}
	// Verifying costs a thousand times what remembering does.
	if err := r.take("verify\x00"+remote(c.r), c.now); err != nil {
		return nil, err
	}
	who, err := a.verify(c.r.Context(), text, c.now)
	if err != nil {
		return nil, c.challenge(err)
	}
	a.tokens.keep(hash, who)
	return who, nil
}

// bearer returns the token of a request.
func bearer(r *http.Request) (string, error) {
	headers := r.Header["Authorization"]
	if len(headers) == 0 {
		return "", unauthorised("")
	}
	scheme, text, _ := strings.Cut(headers[0], " ")
	text = strings.TrimSpace(text)
	switch {
	case len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") || text == "":
		return "", unauthorised("the Authorization header is not one bearer token")
	case len(text) > longestToken:
		return "", unauthorised("the token is too long")
	}
	return text, nil
}

// challenge turns a refused token into the answer that RFC 6750 wants. Other
// errors pass.
func (c *call) challenge(err error) error {
	var refused *unauthorized
	if !errors.As(err, &refused) {
		return err
	}
	header := `Bearer realm="fullmakt"`
	if refused.why == "" {
		c.w.Header().Set("WWW-Authenticate", header)
		return statusf(http.StatusUnauthorized, "a bearer token is needed")
	}
	c.w.Header().Set("WWW-Authenticate", header+`, error="invalid_token", error_description="`+refused.why+`"`)
	return statusf(http.StatusUnauthorized, "the token is not taken: %s", refused.why)
}

// verify reads a token of one of the issuers.
func (a *authenticator) verify(ctx context.Context, text string, now time.Time) (*caller, error) {
	token, err := jwt.ParseSigned(text, a.algs)
	if err != nil || len(token.Headers) != 1 {
		return nil, unauthorised("it is no signed JWT with an algorithm that is allowed")
	}
	var who struct {
		Issuer string `json:"iss"`
	}
	if err := token.UnsafeClaimsWithoutVerification(&who); err != nil {
		return nil, unauthorised("its claims are no JSON object")
	}
	is := a.issuers[who.Issuer]
	if is == nil {
		return nil, unauthorised("its issuer is not one of ours")
	}
	header := token.Headers[0]
	if !is.allows(header.Algorithm) {
		return nil, unauthorised("its algorithm is not allowed for its issuer")
	}
	key, err := is.keys.find(ctx, header.KeyID, header.Algorithm, now)
	if err != nil {
		return nil, err
	}
	var standard jwt.Claims
	claims := map[string]any{}
	if err := token.Claims(key, &standard, &claims); err != nil {
		return nil, unauthorised("its signature is wrong")
	}
	switch {
	case standard.Issuer != is.cfg.Issuer:
		return nil, unauthorised("its issuer is not one of ours")
	case standard.Expiry == nil:
		return nil, unauthorised("it never expires")
	case now.After(standard.Expiry.Time().Add(leeway)):
		return nil, unauthorised("it has expired")
	case standard.NotBefore != nil && now.Add(leeway).Before(standard.NotBefore.Time()),
		standard.IssuedAt != nil && now.Add(leeway).Before(standard.IssuedAt.Time()):
		return nil, unauthorised("it is not valid yet")
	case !is.isFor(standard.Audience):
		return nil, unauthorised("it was made for somebody else")
	}
	c, err := is.read(claims)
	if err != nil {
		return nil, err
	}
	c.expires = standard.Expiry.Time()
	if c.client == "" {
		c.client = standard.Subject
	}
	known := a.consumers[consumerByClient(c.client)]
	if known == nil && c.organisation != 0 {
		known = a.consumers[consumerByOrganisation(c.organisation)]
	}
	if known != nil {
		c.limit, c.purpose = known.limit, known.purpose
	}
	return c, nil
}
