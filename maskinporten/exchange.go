package maskinporten

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
)

// Grant is what a client asks a Maskinporten for.
type Grant struct {
	Client   string   // its id
	Issuer   string   // Maskinporten's, to the letter
	Scopes   []string // one at least
	Resource string   // whom the token is for: its audience; "" for nobody in particular

	// Consumer asks for a token on behalf of an organisation that has delegated the
	// scopes to the client's; 0 for the client's own.
	Consumer fullmakt.OrgNumber
	// SystemUserOf asks for a token of the system user that an organisation has for
	// the client; 0 for none. ExternalRef tells several apart.
	SystemUserOf fullmakt.OrgNumber
	ExternalRef  string
}

// Sign makes the assertion of a grant at a time, with the client's private key.
func (g Grant) Sign(key jose.JSONWebKey, now time.Time) (string, error) {
	issued, expires := now.Unix(), now.Unix()+maxLifetime
	w := wireGrant{
		Audience: g.Issuer, Issuer: g.Client, Scope: strings.Join(g.Scopes, " "), Issued: &issued, Expires: &expires,
		ID: uuid.NewString(), Resource: g.Resource,
	}
	if g.Consumer != 0 {
		w.ConsumerOrg = g.Consumer.String()
	}
	if g.SystemUserOf != 0 {
		w.Details = []requestDetail{{Type: systemUserType, Org: *orgClaim(g.SystemUserOf), ExternalRef: g.ExternalRef}}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "the client's key cannot sign: %w", err)
	}
	return signJWT(signer, w)
}

// Discover reads where an issuer takes grants. It returns an error with code
// CodeUnavailable when there is none at that address, and CodeInvalid when the one
// there goes by another name.
func Discover(ctx context.Context, client *http.Client, issuer string) (tokenEndpoint string, err error) {
	address := strings.TrimSuffix(issuer, "/") + "/.well-known/oauth-authorization-server"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "the issuer's address: %w", err)
	}
	var found struct {
		Issuer   string `json:"issuer"`
		Endpoint string `json:"token_endpoint"`
	}
	status, err := send(client, r, &found)
	switch {
	case err != nil:
		return "", err
	case status != http.StatusOK || found.Endpoint == "":
		return "", fullmakt.Errorf(fullmakt.CodeUnavailable, "there is no issuer of tokens at %s", address).
			WithHint("start the mock with: fullmakt serve --demo")
	case found.Issuer != issuer:
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "the issuer at %s is called %s, not %s", address, found.Issuer, issuer)
	}
	return found.Endpoint, nil
}

// Exchange gives an assertion for a token. It returns an error with code
// CodeForbidden and Maskinporten's own words when the grant is refused, and
// CodeUnavailable when there is no answer.
func Exchange(ctx context.Context, client *http.Client, tokenEndpoint, assertion string) (Token, error) {
	form := url.Values{"grant_type": {GrantType}, "assertion": {assertion}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, tokenEndpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return Token{}, fullmakt.Errorf(fullmakt.CodeInvalid, "the token endpoint's address: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token
		wireRefusal
	}
	status, err := send(client, r, &answer)
	switch {
	case err != nil:
		return Token{}, err
	case status == http.StatusOK && answer.AccessToken != "":
		return answer.Token, nil
	case answer.Error != "":
		return Token{}, fullmakt.Errorf(fullmakt.CodeForbidden, "no token: %s: %s", answer.Error, answer.Description).WithHint("see %s", answer.URI)
	}
	return Token{}, fullmakt.Errorf(fullmakt.CodeUnavailable, "the issuer of tokens answered with status %d", status)
}

// send sends a request to the issuer of tokens, as sendTo does.
func send(client *http.Client, r *http.Request, v any) (status int, err error) {
	status, err = sendTo("the issuer of tokens", client, r, v)
	if err != nil {
		return 0, fullmakt.Errorf(fullmakt.CodeUnavailable, "%w", err).WithHint("start the mock with: fullmakt serve --demo")
	}
	return status, nil
}

// sendTo sends a request and reads the JSON of the answer into v, whatever its
// status. An answer that is not JSON leaves v as it was. Errors say whom it went
// to, and have code CodeUnavailable.
func sendTo(whom string, client *http.Client, r *http.Request, v any) (status int, err error) {
	answer, err := client.Do(r)
	if err != nil {
		return 0, fullmakt.Errorf(fullmakt.CodeUnavailable, "reach %s: %w", whom, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return 0, fullmakt.Errorf(fullmakt.CodeUnavailable, "read the answer of %s: %w", whom, err)
	}
	_ = json.Unmarshal(text, v)
	return answer.StatusCode, nil
}
