package api

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/node"
)

// Server answers HTTP requests from one node.
type Server struct {
	node   *node.Node
	cfg    Config
	log    *slog.Logger
	now    func() time.Time
	auth   *authenticator
	rates  *rates
	own    *ownIssuer // nil with authentication off
	tries  *wrongTries
	routes []route
	mux    *http.ServeMux
	// observe is told of every answered request; nil for nobody.
	observe func(Observation)

	lookups *audit.Log // nil when none is kept
	pages   bool       // for people, beside the APIs

	wrong   wrongLookups       // of persons, by callers
	tenants map[string]*tenant // by name

	reasons reasonMembers
	pinned  *pinned
	streams *streams
	sender  *sender
	pageKey []byte // authenticates page tokens; of this process alone

	idPrefix string // of the ids that this process gives
	ids      atomic.Uint64
}

// Option changes what New makes.
type Option func(*Server)

// WithLog sends the server's log somewhere; without it there is none.
func WithLog(log *slog.Logger) Option { return func(s *Server) { s.log = log } }

// WithClock gives the server another clock than the machine's.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.now = now } }

// New makes a server on an open node. The register need not be loaded yet: until
// it is, questions are answered 503. Errors are CodeInvalid: the configuration
// would leave a door open, or contradicts itself.
func New(n *node.Node, cfg Config, opts ...Option) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Server{node: n, cfg: cfg, log: slog.New(slog.DiscardHandler), now: time.Now}
	for _, o := range opts {
		o(s)
	}
	if err := checkServiceOwners(cfg.ServiceOwners, n.Catalogue()); err != nil {
		return nil, err
	}
	var err error
	if s.auth, err = newAuthenticator(cfg, n.Catalogue(), s.log); err != nil {
		return nil, err
	}
	if s.own, err = s.auth.addOwn(cfg, n); err != nil {
		return nil, err
	}
	if s.tenants, err = newTenants(cfg.Tenants); err != nil {
		return nil, err
	}
	if s.reasons, err = newReasonMembers(); err != nil {
		return nil, err
	}
	s.streams, s.sender = newStreams(), newSender(s)
	s.rates, s.pinned, s.tries = newRates(cfg.Limits), newPinned(), newWrongTries()
	var random [38]byte
	rand.Read(random[:])
	s.pageKey, s.idPrefix = random[:32], hex.EncodeToString(random[32:])
	s.routes = named(
		family{"authzen", append(authzenRoutes(), tenantRoutes()...)},
		family{"operations", operationsRoutes()},
		family{"altinn_parties", altinnPartiesRoutes()},
		family{"altinn_meta", altinnMetaRoutes()},
		family{"altinn_connections", altinnConnectionsRoutes()},
		family{"scopes", append(altinnScopesRoutes(), scopeCheckRoutes()...)},
		family{"altinn_clients", append(altinnClientRoutes(), systemUserClientRoutes()...)},
		family{"altinn_rights", altinnRightsRoutes()},
		family{"altinn_users", altinnUsersRoutes()},
		family{"altinn_requests", altinnRequestsRoutes()},
		family{"altinn_registry", registryRoutes()},
		family{"altinn_access_lists", accessListRoutes()},
		family{"altinn_decisions", decisionRoutes()},
		family{"altinn_policy_information", policyInformationRoutes()},
		family{"altinn_unanswered", altinnLaterRoutes()},
		family{"altinn_authentication", append(exchangeRoutes(), systemUserRoutes()...)},
		family{"enterprise_users", enterpriseUserRoutes()},
		family{"support", supportRoutes()},
		family{"audit", auditRoutes()},
		family{"events", append(eventsRoutes(), subscriptionRoutes()...)},
	)
	s.mux = s.mount(s.routes)
	return s, nil
}

// Handler returns the handler of every path that the server knows; for others it
// answers 404.
//
// When the public URL has a path, the handler answers with that path before its
// own and without, so that it does not matter whether a proxy takes it off.
func (s *Server) Handler() http.Handler {
	public, err := url.Parse(s.cfg.PublicURL)
	if err != nil || public.Path == "" {
		return s.mux
	}
	tenant := http.StripPrefix(public.Path, s.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, public.Path+"/") {
			tenant.ServeHTTP(w, r)
			return
		}
		s.mux.ServeHTTP(w, r)
	})
}

// Open reports whether authentication is off.
func (s *Server) Open() bool { return s.cfg.Authentication.Off }

// newID returns an id that no other answer has.
func (s *Server) newID() string { return string(s.appendID(make([]byte, 0, 24))) }

func (s *Server) appendID(out []byte) []byte {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], s.ids.Add(1))
	return hex.AppendEncode(append(out, s.idPrefix...), b[2:])
}

const headerRequestID = "X-Request-Id"

// serve is what every request passes on its way to the handler of its route.
func (s *Server) serve(rt route) http.Handler {
	timeout := s.cfg.Limits.timeout()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{server: s, route: &rt, w: w, now: s.now(), caller: nobody}
		if c.requestID = r.Header.Get(headerRequestID); c.requestID == "" {
			c.requestID, c.ownID = s.newID(), true
		}
		h := w.Header()
		h.Set(headerRequestID, c.requestID)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		c.r = r
		if !rt.streams || !accepts(r, typeStream) {
			ctx, cancel := context.WithTimeout(r.Context(), timeout)
			defer cancel()
			c.r = r.WithContext(ctx)
		}
		if s.lookups != nil {
			c.w = &recorder{ResponseWriter: w, c: c}
		}
		defer s.done(c)
		defer c.recover()
		if err := s.admit(c); err != nil {
			c.fail(err)
			return
		}
		if err := rt.handle(s, c); err != nil {
			c.fail(err)
		}
	})
}

// admit lets a request through to its handler, or says why not.
func (s *Server) admit(c *call) error {
	if s.cfg.Authentication.Off {
		if err := guardLoopback(c.r); err != nil {
			return err
		}
	}
	if c.route.anonymous {
		return s.rates.take(remote(c.r), c.now)
	}
	var err error
	if c.caller, err = s.auth.caller(c, s.rates); err != nil {
		c.caller = nobody
		return err
	}
	if err := s.rates.take(c.caller.key(), c.now); err != nil {
		return err
	}
	return c.require(c.route.scopes...)
}

// require refuses a caller that has none of the scopes.
func (c *call) require(scopes ...string) error {
	if len(scopes) == 0 || c.caller.may(scopes...) {
		return nil
	}
	c.w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="`+scopes[0]+`"`)
	return statusf(http.StatusForbidden, "the token lacks the scope %s", scopes[0])
}

// recover turns a defect into an answer. The connection of an answer that had
// begun is cut.
func (c *call) recover() {
	defect := recover()
	if defect == nil {
		return
	}
	if defect == http.ErrAbortHandler {
		panic(defect)
	}
	// The value of a panic may hold what the client sent; the stack does not.
	c.log().Error("request panicked", "stack", string(debug.Stack()))
	if c.status != 0 {
		panic(http.ErrAbortHandler)
	}
	c.fail(statusf(http.StatusInternalServerError, "panic"))
}

// done is called when a request is answered.
func (s *Server) done(c *call) {
	s.observed(c)
	if s.log.Enabled(c.r.Context(), slog.LevelDebug) {
		c.log().Debug("request", "status", c.status, "client", unlessNationalID(c.caller.client), "took", s.now().Sub(c.now))
	}
}
