package maskinporten

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
)

// GrantType is the only grant there is: a signed JWT (RFC 7523).
const GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// maxBody bounds a token request, in bytes.
const maxBody = 64 << 10

// authority names Maskinporten's scheme of organisation identifiers, ISO 6523
// with the register's own code before the number.
const authority = "iso6523-actorid-upis"

// wireOrg is an organisation as tokens name it.
type wireOrg struct {
	Authority string `json:"authority"`
	ID        string `json:"ID"`
}

func orgClaim(n fullmakt.OrgNumber) *wireOrg {
	return &wireOrg{Authority: authority, ID: "0192:" + n.String()}
}

// accessClaims are the claims of a token.
type accessClaims struct {
	Audience         string         `json:"aud"`
	Scope            string         `json:"scope"`
	Issuer           string         `json:"iss"`
	AMR              string         `json:"client_amr"`
	TokenType        string         `json:"token_type"`
	Expires          int64          `json:"exp"`
	Issued           int64          `json:"iat"`
	ClientID         string         `json:"client_id"`
	ID               string         `json:"jti"`
	Consumer         *wireOrg       `json:"consumer"`
	Supplier         *wireOrg       `json:"supplier,omitempty"`
	DelegationSource string         `json:"delegation_source,omitempty"`
	Details          []accessDetail `json:"authorization_details,omitempty"`
	Prefixes         []string       `json:"consumer_prefix,omitempty"`
}

// accessDetail names a system user in a token.
type accessDetail struct {
	Type     string   `json:"type"`
	IDs      []string `json:"systemuser_id"`
	Org      *wireOrg `json:"systemuser_org"`
	SystemID string   `json:"system_id"`
}

// Token is the answer to a grant.
type Token struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	Scope       string `json:"scope"`
}

// token is the endpoint.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	assertion, no := assertionOf(w, r)
	if no != nil {
		s.refuse(w, http.StatusBadRequest, no)
		return
	}
	claims, no := s.accept(r, assertion)
	if no != nil {
		status := http.StatusBadRequest
		if no.kind == unavailable {
			status = http.StatusServiceUnavailable
		}
		s.refuse(w, status, no)
		return
	}
	signed, err := s.sign(claims)
	if err != nil {
		s.refuse(w, http.StatusInternalServerError, refused(codeRequest, "server_error", "the token could not be signed"))
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, Token{AccessToken: signed, TokenType: "Bearer", ExpiresIn: int(claims.Expires - claims.Issued), Scope: claims.Scope})
}

// assertionOf reads the form of a token request.
func assertionOf(w http.ResponseWriter, r *http.Request) (string, *refusal) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return "", refused(codeRequest, "invalid_request", "the request is not a form (application/x-www-form-urlencoded)")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return "", refused(codeRequest, "invalid_request", "the form cannot be read")
	}
	for _, name := range []string{"grant_type", "assertion"} {
		if len(r.PostForm[name]) != 1 || r.PostForm[name][0] == "" {
			return "", refused(codeRequest, "invalid_request", "the form must have one %s", name)
		}
	}
	if r.PostForm["grant_type"][0] != GrantType {
		return "", refused(codeRequest, "unsupported_grant_type", "the grant type must be %s", GrantType)
	}
	return r.PostForm["assertion"][0], nil
}

// accept decides on a grant.
func (s *Server) accept(r *http.Request, assertion string) (*accessClaims, *refusal) {
	now := s.o.Now()
	g, client, no := s.verify(assertion, now)
	if no != nil {
		return nil, no
	}
	claims := &accessClaims{
		Audience: g.resource, Scope: strings.Join(g.scopes, " "), Issuer: s.o.Issuer, AMR: "private_key_jwt", TokenType: "Bearer",
		Issued: now.Unix(), Expires: now.Add(s.o.Lifetime).Unix(), ClientID: client.ID, ID: uuid.NewString(),
		Consumer: orgClaim(client.Organisation), Prefixes: client.Prefixes,
	}
	if g.viaX5C {
		claims.AMR = "virksomhetssertifikat"
	}
	if claims.Audience == "" {
		claims.Audience = "unspecified"
	}
	for _, scope := range g.scopes {
		if !client.has(scope) {
			return nil, refused(codeScope, "invalid_scope", "the client does not have the scope %s", scope)
		}
		if g.consumer == 0 {
			continue
		}
		d, no := s.delegation(r.Context(), g.consumer, client.Organisation, scope)
		if no != nil {
			return nil, no
		}
		claims.Consumer, claims.Supplier, claims.DelegationSource = orgClaim(g.consumer), orgClaim(client.Organisation), d.Source
	}
	if g.systemUserOf != 0 {
		u, no := s.systemUser(r.Context(), client, g)
		if no != nil {
			return nil, no
		}
		claims.Details = []accessDetail{{Type: systemUserType, IDs: []string{u.ID.String()}, Org: orgClaim(g.systemUserOf), SystemID: u.SystemID}}
	}
	// Last, so that a grant that was refused can be mended and sent again.
	if !s.firstUse(client.ID, g.id, g.expires, now.Unix()) {
		return nil, refused(codeRequest, "invalid_grant", "the grant has been used before: its jti must be new")
	}
	return claims, nil
}

// delegation looks up what a delegated token rests on.
func (s *Server) delegation(ctx context.Context, consumer, supplier fullmakt.OrgNumber, scope string) (d Delegation, no *refusal) {
	ok := false
	if s.o.Delegation != nil {
		var err error
		if d, ok, err = s.o.Delegation(ctx, consumer, supplier, scope); err != nil {
			return d, refused(codeScope, unavailable, "it cannot be told now what is delegated: %v", err)
		}
	}
	if !ok {
		return d, refused(codeScope, "invalid_grant", "consumer 0192:%s has not delegated the scope %s to supplier 0192:%s", consumer, scope, supplier)
	}
	return d, nil
}

// systemUser looks up the system user that a grant asks for.
func (s *Server) systemUser(ctx context.Context, client Client, g *grant) (u SystemUser, no *refusal) {
	ok := false
	if s.o.SystemUser != nil {
		var err error
		if u, ok, err = s.o.SystemUser(ctx, client.ID, client.Organisation, g.systemUserOf, g.externalRef); err != nil {
			return u, refused(codeDetails, unavailable, "it cannot be told now which system users there are: %v", err)
		}
	}
	if !ok {
		return u, refused(codeDetails, "invalid_grant", "there is no such system user of 0192:%s", g.systemUserOf)
	}
	return u, nil
}

// firstUse notes the use of a grant, and reports whether it was the first.
func (s *Server) firstUse(client, id string, expires, now int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return noteUse(s.used, client+"\x00"+id, expires, now)
}

// noteUse notes the use of something until it expires, and reports whether it was
// the first. It forgets what has expired.
func noteUse(used map[string]int64, key string, expires, now int64) bool {
	for other, until := range used {
		if until < now {
			delete(used, other)
		}
	}
	if _, seen := used[key]; seen {
		return false
	}
	used[key] = expires
	return true
}

func (s *Server) sign(claims *accessClaims) (string, error) { return signJWT(s.signer, claims) }

// signJWT signs claims.
func signJWT(signer jose.Signer, claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInternal, "write the claims: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInternal, "sign the claims: %w", err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInternal, "write the signature: %w", err)
	}
	return text, nil
}
