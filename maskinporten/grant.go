package maskinporten

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
)

// grantAlgorithms are the signatures a grant may have.
var grantAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512}

// The limits of a grant's times, in seconds.
const (
	maxSkew     = 10
	maxLifetime = 120
)

// systemUserType is the type of the authorization details there are.
const systemUserType = "urn:altinn:systemuser"

// grant is what a verified grant asks for.
type grant struct {
	id           string
	expires      int64
	scopes       []string
	resource     string
	consumer     fullmakt.OrgNumber // 0: the client's own
	systemUserOf fullmakt.OrgNumber // 0: no system user
	externalRef  string
	viaX5C       bool
}

// wireGrant is the payload of a grant. There are no other claims.
type wireGrant struct {
	Audience    string          `json:"aud"`
	Issuer      string          `json:"iss"`
	Scope       string          `json:"scope"`
	Issued      *int64          `json:"iat"`
	Expires     *int64          `json:"exp"`
	ID          string          `json:"jti"`
	Resource    string          `json:"resource,omitempty"`
	ConsumerOrg string          `json:"consumer_org,omitempty"`
	Details     []requestDetail `json:"authorization_details,omitempty"`
}

// requestDetail asks for a system user. The organisation's id is read as ID and
// as id, since both are in use.
type requestDetail struct {
	Type        string  `json:"type"`
	Org         wireOrg `json:"systemuser_org"`
	ExternalRef string  `json:"externalRef,omitempty"`
}

// wireHeader is what goes for the key in a grant's header.
type wireHeader struct {
	KeyID string   `json:"kid"`
	X5C   []string `json:"x5c"`
}

// verify checks the signature and the claims of a grant.
func (s *Server) verify(assertion string, now time.Time) (*grant, Client, *refusal) {
	jws, err := jose.ParseSignedCompact(assertion, grantAlgorithms)
	if err != nil {
		return nil, Client{}, refused(codeRequest, "invalid_grant", "the assertion is not a JWT signed with RS256, RS384 or RS512")
	}
	w, no := readGrant(jws.UnsafePayloadWithoutVerification())
	if no != nil {
		return nil, Client{}, no
	}
	client, ok := s.client(w.Issuer)
	if !ok {
		return nil, Client{}, refused(codeClient, "invalid_client", "there is no client with the id that iss gives")
	}
	key, viaX5C, no := signingKey(assertion, client)
	if no != nil {
		return nil, Client{}, no
	}
	if _, err := jws.Verify(key); err != nil {
		return nil, Client{}, refused(codeClient, "invalid_client", "the grant is not signed with the key that it names")
	}
	g, no := s.check(w, now)
	if no != nil {
		return nil, Client{}, no
	}
	g.viaX5C = viaX5C
	return g, client, nil
}

// readGrant reads the claims of a grant, and refuses those that are not known.
func readGrant(payload []byte) (*wireGrant, *refusal) {
	var w wireGrant
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil || dec.More() {
		return nil, refused(codeRequest, "invalid_grant", "the claims are not those of a grant: aud, iss, scope, iat, exp, jti, and if need be resource, consumer_org, authorization_details")
	}
	return &w, nil
}

// signingKey finds the registered key that a grant says it is signed with: by its
// id, or as that of the first certificate of x5c. The chain of certificates is not
// checked: there are no synthetic certificate authorities.
func signingKey(assertion string, client Client) (key any, viaX5C bool, no *refusal) {
	var h wireHeader
	head, _, _ := strings.Cut(assertion, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	if err == nil {
		err = json.Unmarshal(text, &h)
	}
	switch {
	case err != nil || h.KeyID == "" && len(h.X5C) == 0:
		return nil, false, refused(codeRequest, "invalid_grant", "the grant's header must have kid or x5c")
	case h.KeyID != "":
		for _, k := range client.Keys.Key(h.KeyID) {
			return k.Key, false, nil
		}
		return nil, false, refused(codeClient, "invalid_client", "the client has no key with the kid of the grant")
	}
	der, err := base64.StdEncoding.DecodeString(h.X5C[0])
	if err == nil {
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(der); err == nil {
			for _, k := range client.Keys.Keys {
				if public, ok := k.Key.(*rsa.PublicKey); ok && public.Equal(certificate.PublicKey) {
					return public, true, nil
				}
			}
		}
	}
	return nil, false, refused(codeClient, "invalid_client", "the certificate of the grant does not hold a key of the client's")
}

// check checks the claims of a grant whose signature holds.
func (s *Server) check(w *wireGrant, now time.Time) (*grant, *refusal) {
	bad := func(format string, args ...any) (*grant, *refusal) {
		return nil, refused(codeRequest, "invalid_grant", format, args...)
	}
	switch at := now.Unix(); {
	case w.Audience != s.o.Issuer:
		return bad("aud must be %s", s.o.Issuer)
	case w.Issued == nil || w.Expires == nil:
		return bad("iat and exp are required")
	case *w.Issued < at-maxSkew || *w.Issued > at+maxSkew:
		return bad("iat must be within %d seconds of now", maxSkew)
	case *w.Expires <= at:
		return bad("the grant has expired")
	case *w.Expires-*w.Issued > maxLifetime:
		return bad("exp may be %d seconds after iat at most", maxLifetime)
	case w.ID == "" || len(w.ID) > 256:
		return bad("jti is required, up to 256 bytes")
	}
	g := &grant{id: w.ID, expires: *w.Expires, resource: w.Resource, scopes: strings.Fields(w.Scope)}
	if len(g.scopes) == 0 {
		return nil, refused(codeRequest, "invalid_scope", "scope is required")
	}
	slices.Sort(g.scopes)
	g.scopes = slices.Compact(g.scopes)
	if w.ConsumerOrg != "" {
		var ok bool
		if g.consumer, ok = syntheticOrg(w.ConsumerOrg); !ok {
			return bad("consumer_org must be a synthetic organisation number, which begins with 2 or 3")
		}
	}
	if len(w.Details) == 0 {
		return g, nil
	}
	d := w.Details[0]
	id, prefixed := strings.CutPrefix(d.Org.ID, "0192:")
	owner, ok := syntheticOrg(id)
	if len(w.Details) > 1 || d.Type != systemUserType || d.Org.Authority != authority || !prefixed || !ok {
		return nil, refused(codeDetails, "invalid_authorization_details", "authorization_details must be one %s with the systemuser_org of a synthetic organisation", systemUserType)
	}
	g.systemUserOf, g.externalRef = owner, d.ExternalRef
	return g, nil
}

// syntheticOrg reads the nine digits of a synthetic organisation.
func syntheticOrg(s string) (fullmakt.OrgNumber, bool) {
	n, err := fullmakt.ParseOrgNumber(s)
	return n, err == nil && n.Synthetic() && n.String() == s
}
