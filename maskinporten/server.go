package maskinporten

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/go-jose/go-jose/v4"
)

// Delegation is an organisation's permission to another to use a scope on its
// behalf.
type Delegation struct {
	Source string // the claim delegation_source: the address of the system that knows it
}

// SystemUser is a system user of an organisation.
type SystemUser struct {
	ID       fullmakt.UUID
	SystemID string // of the vendor's system that it uses
}

// Options are the settings of a mock.
type Options struct {
	// Issuer is the claim iss of its tokens and the address it is reached at, with
	// a slash at the end. Its host is a loopback name or address.
	Issuer string
	// Clients is a directory of client files as WriteClient writes them; "" for
	// none. It is read again when a client is not known, so that one made while the
	// mock runs works at once.
	Clients string
	// Lifetime is how long a token is good; default 120 s.
	Lifetime time.Duration
	// Now tells the time; default the machine's.
	Now func() time.Time

	// Source is the address of the server that knows what is delegated and which
	// system users there are, such as http://localhost:8080. The mock asks it over
	// HTTP, as Maskinporten asks Altinn, with a token that it gives itself. It may
	// be in another process, and need not run before somebody wants a token.
	Source string

	// Delegation tells whether the consumer has delegated a scope to the supplier,
	// and SystemUser finds the system user that the owner has for a client of the
	// provider; externalRef may be "". An error is that it cannot be told now. By
	// default Source is asked; without one there are none.
	Delegation func(ctx context.Context, consumer, supplier fullmakt.OrgNumber, scope string) (Delegation, bool, error)
	SystemUser func(ctx context.Context, client string, provider, owner fullmakt.OrgNumber, externalRef string) (SystemUser, bool, error)
}

// Server is a mock Maskinporten. It is an http.Handler for the paths below the
// issuer's.
type Server struct {
	o      Options
	base   string // the issuer's path, with a slash at the end
	mux    *http.ServeMux
	key    jose.JSONWebKey
	signer jose.Signer

	mu      sync.Mutex
	clients map[string]Client
	used    map[string]int64 // ids of grants, until they are too old anyway
}

// keyBits is the size of RSA keys: what Maskinporten asks of its clients.
const keyBits = 2048

// New makes a mock with a fresh key. It returns an error with code CodeInvalid
// when the issuer is not a loopback address, or a client file is not one.
func New(o Options) (*Server, error) {
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !loopbackName(u.Hostname()) || !strings.HasSuffix(u.Path, "/") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "the mock Maskinporten cannot be %q", o.Issuer).
			WithHint("its issuer is an address of this machine with a slash at the end, as http://localhost:8080/maskinporten/")
	}
	if o.Lifetime == 0 {
		o.Lifetime = 120 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	key, signer, err := newSigner()
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, base: u.Path, key: key, signer: signer, clients: map[string]Client{}, used: map[string]int64{}, mux: http.NewServeMux()}
	if o.Source != "" {
		source := &source{mock: s, url: strings.TrimSuffix(o.Source, "/")}
		if o.Delegation == nil {
			s.o.Delegation = source.delegation
		}
		if o.SystemUser == nil {
			s.o.SystemUser = source.systemUser
		}
	}
	if o.Clients != "" {
		if err := s.readClients(); err != nil {
			return nil, err
		}
	}
	s.mux.HandleFunc("GET "+s.base+".well-known/oauth-authorization-server", s.metadata)
	s.mux.HandleFunc("GET "+s.base+".well-known/openid-configuration", s.metadata)
	s.mux.HandleFunc("GET "+s.base+"jwk", s.keys)
	s.mux.HandleFunc("POST "+s.base+"token", s.token)
	s.mux.HandleFunc("GET "+s.base+"errors", errorPage)
	return s, nil
}

// Issuer returns the issuer's address.
func (s *Server) Issuer() string { return s.o.Issuer }

// Keys returns the public keys that tokens are signed with.
func (s *Server) Keys() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{s.key.Public()}}
}

// ServeHTTP answers requests to loopback names; others are refused, whatever
// address they came in by (DNS rebinding).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !toLoopback(r) {
		s.refuse(w, http.StatusForbidden, refused(codeRequest, "invalid_request", "this is a mock of Maskinporten, which answers on this machine only"))
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	s.mux.ServeHTTP(w, r)
}

// toLoopback reports whether a request is to a name that always means this machine.
func toLoopback(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return loopbackName(host)
}

// loopbackName reports whether a host name or address, without port, always means
// this machine.
func loopbackName(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// metadata answers with RFC 8414's document.
func (s *Server) metadata(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                           s.o.Issuer,
		"token_endpoint":                                   s.o.Issuer + "token",
		"jwks_uri":                                         s.o.Issuer + "jwk",
		"grant_types_supported":                            []string{GrantType},
		"response_types_supported":                         []string{},
		"subject_types_supported":                          []string{"public"},
		"scopes_supported":                                 []string{},
		"authorization_details_types_supported":            []string{systemUserType},
		"token_endpoint_auth_methods_supported":            []string{"private_key_jwt"},
		"token_endpoint_auth_signing_alg_values_supported": grantAlgorithms,
		"id_token_signing_alg_values_supported":            []string{string(jose.RS256)},
	})
}

func (s *Server) keys(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.Keys()) }

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that has gone away is no error of ours
}
