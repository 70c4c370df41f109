package api

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
	"github.com/go-jose/go-jose/v4"
)

// Our own tokens: what a token of Maskinporten's is exchanged for. They are like
// Altinn's, signed with the node's key, and taken by every process on its store.

const openidPath = "/authentication/api/v1/openid/"

// ownTokenTime is how long our own tokens are good, as Altinn's are.
const ownTokenTime = 30 * time.Minute

// kindOwn is the kind of our own issuer, with claims as Altinn's.
const kindOwn = "own"

type ownIssuer struct {
	issuer   string
	audience string
	signer   jose.Signer
	public   jose.JSONWebKey
}

// addOwn makes our own issuer one of those whose tokens are taken. There is none
// while authentication is off.
func (a *authenticator) addOwn(cfg Config, n *node.Node) (*ownIssuer, error) {
	if cfg.Authentication.Off {
		return nil, nil
	}
	private, err := n.SigningKey()
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "the key of our own tokens: %w", err)
	}
	public := jose.JSONWebKey{Key: private.Public(), Algorithm: string(jose.ES256), Use: "sig"}
	print, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "the key of our own tokens: %w", err)
	}
	public.KeyID = base64.RawURLEncoding.EncodeToString(print)
	key := jose.JSONWebKey{Key: private, KeyID: public.KeyID, Algorithm: string(jose.ES256), Use: "sig"}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "the key of our own tokens: %w", err)
	}
	base := strings.TrimSuffix(cfg.PublicURL, "/")
	own := &ownIssuer{issuer: base + openidPath, audience: base, signer: signer, public: public}
	if a.issuers[own.issuer] != nil {
		return nil, configError("authentication.issuers: %s is our own issuer", own.issuer)
	}
	a.issuers[own.issuer] = &issuer{
		cfg:    IssuerConfig{Name: "fullmakt", Issuer: own.issuer, Kind: kindOwn, Audiences: []string{own.audience}},
		algs:   []jose.SignatureAlgorithm{jose.ES256},
		keys:   &keySet{issuer: own.issuer, fixed: true, keys: []jose.JSONWebKey{public}},
		claims: claimsOf["altinn"],
	}
	a.allow(jose.ES256)
	return own, nil
}

// sign makes a token of claims, with those that every one of ours has.
func (o *ownIssuer) sign(claims map[string]any, id string, now time.Time) (string, error) {
	claims["iss"], claims["aud"], claims["jti"], claims["token_type"] = o.issuer, o.audience, id, "Bearer"
	claims["iat"], claims["nbf"], claims["exp"] = now.Unix(), now.Unix(), now.Add(ownTokenTime).Unix()
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInternal, "write the claims: %w", err)
	}
	signed, err := o.signer.Sign(body)
	if err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInternal, "sign the claims: %w", err)
	}
	return signed.CompactSerialize()
}

// errNoOwn is the answer while authentication is off.
var errNoOwn = statusf(http.StatusNotFound, "this server issues no tokens: authentication is off")

// openidConfiguration tells others how to verify our tokens.
func (s *Server) openidConfiguration(c *call) error {
	if s.own == nil {
		return errNoOwn
	}
	return c.writeJSON(http.StatusOK, map[string]any{
		"issuer": s.own.issuer, "jwks_uri": s.own.issuer + ".well-known/openid-configuration/jwks",
		"id_token_signing_alg_values_supported": []string{string(jose.ES256)},
		"response_types_supported":              []string{"token"}, "subject_types_supported": []string{"public"},
	})
}

func (s *Server) openidKeys(c *call) error {
	if s.own == nil {
		return errNoOwn
	}
	return c.writeJSON(http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{s.own.public}})
}
