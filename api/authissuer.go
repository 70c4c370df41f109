package api

import (
	"log/slog"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// issuer is one issuer of tokens, ready to read them.
type issuer struct {
	cfg    IssuerConfig
	algs   []jose.SignatureAlgorithm
	keys   *keySet
	claims map[string]string // what we want to know → the claim that tells it
}

// What we want to know of a caller. Each kind of issuer tells some of it, and a
// claim of another kind's is not listened to.
const (
	claimScope        = "scope"
	claimClient       = "client"
	claimConsumer     = "consumer"
	claimSupplier     = "supplier"
	claimOrganisation = "organisation"
	claimOwnerCode    = "organisation_code"
	claimPerson       = "person"
	claimACR          = "acr"
	claimPartyID      = "party_id"
	claimPartyUUID    = "party_uuid"
	claimAuthLevel    = "auth_level"
	claimSystemUser   = "system_user"
	claimPrefixes     = "prefixes"
)

// claimsOf are the places of claims by kind of issuer.
var claimsOf = map[string]map[string]string{
	"oauth": {claimScope: "scope", claimClient: "client_id"},
	"maskinporten": {
		claimScope: "scope", claimClient: "client_id", claimConsumer: "consumer", claimSupplier: "supplier",
		claimSystemUser: "authorization_details", claimPrefixes: "consumer_prefix",
	},
	"idporten": {claimScope: "scope", claimClient: "client_id", claimPerson: "pid", claimACR: "acr"},
	"altinn": {
		claimScope: "scope", claimClient: "client_id", claimConsumer: "consumer", claimSupplier: "supplier",
		claimOrganisation: "urn:altinn:orgNumber", claimOwnerCode: "urn:altinn:org",
		claimPartyID: "urn:altinn:partyid", claimPartyUUID: "urn:altinn:party:uuid", claimAuthLevel: "urn:altinn:authlevel",
		claimSystemUser: "authorization_details", claimPrefixes: "consumer_prefix",
	},
}

// signatures are the algorithms that an issuer may be configured with: those where
// who verifies cannot also sign.
var signatures = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

func newIssuer(cfg IssuerConfig, log *slog.Logger) (*issuer, error) {
	bad := func(format string, args ...any) (*issuer, error) {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, format, args...)
	}
	if cfg.Issuer == "" {
		return bad("issuer is missing")
	}
	if cfg.Name == "" {
		cfg.Name = cfg.Issuer
	}
	if len(cfg.Audiences) == 0 || slices.Contains(cfg.Audiences, "") {
		return bad("audiences is missing: a token made for somebody else would be taken for one of ours")
	}
	is := &issuer{cfg: cfg}
	if len(cfg.Algorithms) == 0 {
		cfg.Algorithms = []string{string(jose.RS256)}
	}
	for _, alg := range cfg.Algorithms {
		if !slices.Contains(signatures, jose.SignatureAlgorithm(alg)) {
			return bad("algorithm %q is not one of %v", alg, signatures)
		}
		is.algs = append(is.algs, jose.SignatureAlgorithm(alg))
	}
	kind := cfg.Kind
	if kind == "" {
		kind = "oauth"
	}
	if claimsOf[kind] == nil {
		return bad("kind %q is not one of %v", cfg.Kind, slices.Sorted(maps.Keys(claimsOf)))
	}
	is.claims = maps.Clone(claimsOf[kind])
	for what, claim := range cfg.Claims {
		known := false
		for _, of := range claimsOf {
			_, has := of[what]
			known = known || has
		}
		if !known {
			return bad("claims: %q is nothing that we want to know", what)
		}
		is.claims[what] = claim
	}
	var err error
	is.keys, err = newKeySet(cfg, log)
	return is, err
}

func (is *issuer) allows(alg string) bool {
	return slices.Contains(is.algs, jose.SignatureAlgorithm(alg))
}

// isFor reports whether an audience is one of ours.
func (is *issuer) isFor(audience jwt.Audience) bool {
	return slices.ContainsFunc(audience, func(a string) bool { return slices.Contains(is.cfg.Audiences, a) })
}

// read reads a caller from verified claims. A claim that is there and cannot be
// understood refuses the token: half a caller is none.
func (is *issuer) read(claims map[string]any) (*caller, error) {
	c := &caller{issuer: is.cfg.Name, kind: is.cfg.Kind, scopes: slices.Clone(is.cfg.Scopes)}
	for what, claim := range is.claims {
		value, has := claims[claim]
		if !has || value == nil || claim == "" {
			continue
		}
		if !c.learn(what, value) {
			return nil, unauthorised("its claim %s is not as it should be", claim)
		}
	}
	return c, nil
}

// learn takes in one thing about a caller, and reports whether it understood it.
func (c *caller) learn(what string, value any) (ok bool) {
	text, isText := value.(string)
	var err error
	switch what {
	case claimScope:
		return learnWords(&c.scopes, value)
	case claimPrefixes:
		return learnWords(&c.prefixes, value)
	case claimConsumer:
		c.organisation, ok = organisationClaim(value)
		return ok
	case claimSupplier:
		c.supplier, ok = organisationClaim(value)
		return ok
	case claimSystemUser:
		return c.learnSystemUser(value)
	case claimPartyID, claimAuthLevel:
		n, ok := whole(value)
		if what == claimPartyID {
			c.partyID = fullmakt.PartyNo(n)
		} else {
			c.authLevel = int(n)
		}
		return ok
	}
	if !isText {
		return false
	}
	switch what {
	case claimClient:
		c.client = text
	case claimOwnerCode:
		c.ownerCode = text
	case claimACR:
		c.acr = text
	case claimOrganisation:
		var n fullmakt.OrgNumber
		if n, err = fullmakt.ParseOrgNumber(text); err == nil && (c.organisation == 0 || c.organisation == n) {
			c.organisation = n
		} else {
			return false
		}
	case claimPerson:
		c.person, err = fullmakt.ParseNationalID(text)
	case claimPartyUUID:
		c.partyUUID, err = fullmakt.ParseUUID(text)
	}
	return err == nil
}

// learnWords reads words that issuers write as one string or as a list.
func learnWords(to *[]string, value any) bool {
	switch v := value.(type) {
	case string:
		*to = append(*to, strings.Fields(v)...)
		return true
	case []any:
		for _, s := range v {
			text, ok := s.(string)
			if !ok {
				return false
			}
			*to = append(*to, text)
		}
		return true
	}
	return false
}

// organisationClaim reads an organisation as Maskinporten names it: ISO 6523 with the code of
// Enhetsregisteret.
func organisationClaim(value any) (fullmakt.OrgNumber, bool) {
	m, ok := value.(map[string]any)
	if !ok || m["authority"] != "iso6523-actorid-upis" {
		return 0, false
	}
	id, ok := m["ID"].(string)
	digits, found := strings.CutPrefix(id, "0192:")
	if !ok || !found {
		return 0, false
	}
	n, err := fullmakt.ParseOrgNumber(digits)
	return n, err == nil
}

// learnSystemUser reads the system user among authorization_details (RFC 9396).
func (c *caller) learnSystemUser(value any) bool {
	details, ok := value.([]any)
	if !ok {
		return false
	}
	for _, d := range details {
		m, ok := d.(map[string]any)
		if !ok {
			return false
		}
		if m["type"] != "urn:altinn:systemuser" {
			continue
		}
		ids, ok := m["systemuser_id"].([]any)
		if !ok || len(ids) != 1 || c.systemUser != (fullmakt.UUID{}) {
			return false
		}
		text, _ := ids[0].(string)
		id, err := fullmakt.ParseUUID(text)
		if err != nil {
			return false
		}
		c.systemUser = id
		if c.systemUserOrg, ok = organisationClaim(m["systemuser_org"]); !ok {
			return false
		}
	}
	return true
}

// whole reads a number that issuers write as a number or as a string.
func whole(value any) (uint32, bool) {
	switch v := value.(type) {
	case float64:
		if v != math.Trunc(v) || v < 0 || v > math.MaxUint32 {
			return 0, false
		}
		return uint32(v), true
	case string:
		n, err := strconv.ParseUint(v, 10, 32)
		return uint32(n), err == nil
	}
	return 0, false
}
