package maskinporten

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
)

// Login is somebody that the mock ID-porten signs in. Nobody needs a password.
type Login struct {
	// Ref tells logins apart in the form of the login page. It is no identity number.
	Ref string
	// Name is shown to choose by, and Detail beside it, such as a birth date.
	Name, Detail string
	// Person becomes the claim pid; 0 for somebody who is no person of the register.
	Person fullmakt.NationalID
	// Groups become the claim groups, as an employer's own issuer gives them.
	Groups []string
}

// RelyingParty is a client that signs people in.
type RelyingParty struct {
	ID string
	// Redirects and LogoutRedirects are where people may be sent back to, whole
	// addresses that are compared to the letter.
	Redirects, LogoutRedirects []string
	Keys                       jose.JSONWebKeySet // public, to prove itself with
}

// IDPortenOptions are the settings of a mock ID-porten.
type IDPortenOptions struct {
	// Issuer is the claim iss of its tokens and the address it is reached at,
	// without a slash at the end. Its host is a loopback name or address.
	Issuer  string
	Clients []RelyingParty
	// Logins lists who may be chosen, in the order of the page. Persons whose
	// number is not synthetic are left out.
	Logins func(context.Context) ([]Login, error)
	// Now tells the time; default the machine's.
	Now func() time.Time
}

// IDPorten is a mock of ID-porten, the sign-in of persons at public services in
// Norway: OpenID Connect's authorization code flow with what ID-porten demands of
// its clients (PKCE, state, nonce, private_key_jwt). Its login page lists made-up
// persons to choose from. It is an http.Handler for the paths below the issuer's.
type IDPorten struct {
	o       IDPortenOptions
	clients map[string]RelyingParty
	mux     *http.ServeMux
	guarded http.Handler
	key     jose.JSONWebKey
	signer  jose.Signer
	salt    string // of the claim sub

	mu    sync.Mutex
	codes map[string]signedIn
	used  map[string]int64 // ids of client assertions, until they are too old anyway
}

// NewIDPorten makes a mock with a fresh key. It returns an error with code
// CodeInvalid when the issuer is not a loopback address.
func NewIDPorten(o IDPortenOptions) (*IDPorten, error) {
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !loopbackName(u.Hostname()) || u.Path == "" || strings.HasSuffix(u.Path, "/") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "the mock ID-porten cannot be %q", o.Issuer).
			WithHint("its issuer is an address of this machine without a slash at the end, as http://localhost:8080/idporten")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	key, signer, err := newSigner()
	if err != nil {
		return nil, err
	}
	p := &IDPorten{o: o, clients: map[string]RelyingParty{}, mux: http.NewServeMux(), key: key, signer: signer, salt: rand.Text(), codes: map[string]signedIn{}, used: map[string]int64{}}
	for _, c := range o.Clients {
		p.clients[c.ID] = c
	}
	for path, handle := range map[string]http.HandlerFunc{
		"GET /.well-known/openid-configuration": p.metadata,
		"GET /jwk":                              p.keys,
		"GET /authorize":                        p.authorize,
		"POST /authorize":                       p.authorize,
		"POST /token":                           p.token,
		"GET /logout":                           p.logout,
		"GET /style.css":                        loginStyle,
	} {
		method, path, _ := strings.Cut(path, " ")
		p.mux.HandleFunc(method+" "+u.Path+path, handle)
	}
	p.guarded = http.NewCrossOriginProtection().Handler(p.mux)
	return p, nil
}

// Issuer returns the issuer's address.
func (p *IDPorten) Issuer() string { return p.o.Issuer }

// ServeHTTP answers requests to loopback names; others are refused, whatever
// address they came in by (DNS rebinding), and so are forms of other origins.
func (p *IDPorten) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !toLoopback(r) {
		http.Error(w, "this is a mock of ID-porten, which answers on this machine only", http.StatusForbidden)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	p.guarded.ServeHTTP(w, r)
}

// The levels of authentication that can be asked for, lowest first. Everybody has
// what is asked for.
var levels = []string{"idporten-loa-substantial", "idporten-loa-high"}

// metadata answers with OpenID Connect's discovery document.
func (p *IDPorten) metadata(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                           p.o.Issuer,
		"authorization_endpoint":                           p.o.Issuer + "/authorize",
		"token_endpoint":                                   p.o.Issuer + "/token",
		"jwks_uri":                                         p.o.Issuer + "/jwk",
		"end_session_endpoint":                             p.o.Issuer + "/logout",
		"scopes_supported":                                 []string{"openid", "profile"},
		"response_types_supported":                         []string{"code"},
		"response_modes_supported":                         []string{"query"},
		"grant_types_supported":                            []string{"authorization_code"},
		"subject_types_supported":                          []string{"pairwise"},
		"acr_values_supported":                             levels,
		"ui_locales_supported":                             []string{"nb", "nn", "en"},
		"code_challenge_methods_supported":                 []string{"S256"},
		"token_endpoint_auth_methods_supported":            []string{"private_key_jwt"},
		"token_endpoint_auth_signing_alg_values_supported": grantAlgorithms,
		"id_token_signing_alg_values_supported":            []string{string(jose.RS256)},
		"authorization_response_iss_parameter_supported":   true,
	})
}

func (p *IDPorten) keys(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{p.key.Public()}})
}

// logout sends people back to where a client has said. The mock remembers nobody
// from one sign-in to the next, so there is nothing to end.
func (p *IDPorten) logout(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	client, back := p.clients[q.Get("client_id")], q.Get("post_logout_redirect_uri")
	for _, known := range client.LogoutRedirects {
		if back == known {
			http.Redirect(w, r, withQuery(back, "state", q.Get("state")), http.StatusSeeOther)
			return
		}
	}
	p.problem(w, r, "post_logout_redirect_uri")
}

// withQuery adds names and values to an address; empty values are left out.
func withQuery(address string, pairs ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if len(query) == 0 {
		return address
	}
	if strings.Contains(address, "?") {
		return address + "&" + query.Encode()
	}
	return address + "?" + query.Encode()
}
