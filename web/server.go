package web

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/text"
)

// Options say what pages are made for.
type Options struct {
	Node *node.Node
	// Lookups is the log of look-ups; nil keeps none.
	Lookups *audit.Log
	Log     *slog.Logger
	// Now is the clock; nil is the machine's.
	Now func() time.Time
	// Open tells that authentication is off and only this machine reaches the
	// server: everybody may look at everything.
	Open bool
	// Public tells, of a register that is made up, that the whole world may look at
	// it: then nobody gives, sees operations, or is told of APIs, which are not served.
	Public bool
	// AllowUncertain lets authority count that rests on a person known only by birth
	// date and name, where a service is asked about (rule OPEN-1), as the APIs do.
	AllowUncertain bool
	// Demo tells that the register is the demo, Invented that it is made up.
	Demo, Invented bool
	Version        string
	// RegisterName names the register in words, in the language asked for.
	RegisterName func(*text.Texts) string
	// PublicURL is where browsers reach the server, without a slash at the end. It is
	// required with SignIn.
	PublicURL string
	// SignIn says who signs visitors in; nil when nobody can sign in.
	SignIn *SignInConfig
	// Purposes are those for which lists of what a real person holds also cover
	// organisations that do no business (rule PRIV-1).
	Purposes []string
	// Trial tries what suppliers are given; nil where there is no Maskinporten to
	// try it with.
	Trial Trial
	// Traffic tells what was asked of the APIs lately; nil where nobody counts.
	Traffic func(now time.Time) Traffic
	// CommandLine is how a command names this register: "--demo" or "--data DIR".
	CommandLine string
}

// Server shows the pages of one node.
type Server struct {
	Options
	node       *node.Node
	log        *slog.Logger
	now        func() time.Time
	oslo       *time.Location
	texts      map[text.Lang]*text.Texts
	pages      map[text.Lang]templates
	assets     *assets
	sessions   *sessions
	counts     counts
	wrongNames wrongNames
	issuer     *issuer // nil when nobody can sign in
	attempts   *attempts
	stopped    chan struct{} // closed when the server is shut down
	stop       func()
	verified   verification // of the log of look-ups
	mux        *http.ServeMux
	guard      *http.CrossOriginProtection
}

// New makes the pages of an open node. The register need not be loaded yet: until
// it is, pages that need it say so and try again. Errors are a SignIn that would
// leave a door open (code CodeInvalid), and defects of the templates or texts.
func New(o Options) (*Server, error) {
	s := &Server{
		Options: o, node: o.Node, log: o.Log, now: o.Now, oslo: fullmakt.Oslo(),
		texts: map[text.Lang]*text.Texts{}, pages: map[text.Lang]templates{}, sessions: newSessions(), guard: http.NewCrossOriginProtection(),
	}
	s.stopped = make(chan struct{})
	s.stop = sync.OnceFunc(func() { close(s.stopped) })
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	var err error
	if o.SignIn != nil {
		if s.issuer, err = newIssuer(o.SignIn, o.PublicURL, s.now); err != nil {
			return nil, err
		}
	}
	if s.attempts, err = newAttempts(); err != nil {
		return nil, err
	}
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	for _, lang := range text.Langs() {
		if s.texts[lang], err = text.New(lang); err != nil {
			return nil, err
		}
		if s.pages[lang], err = s.parse(lang); err != nil {
			return nil, err
		}
	}
	s.mux = s.mount()
	return s, nil
}

// Stop ends what lasts: streams to browsers, and a verification of the log of
// look-ups. A server that is shut down need not wait for them.
func (s *Server) Stop() { s.stop() }

// Handler answers with pages, and leaves every address that is none of theirs to
// next, which is the API. A browser that next has nothing for gets a page that
// says so.
func (s *Server) Handler(next http.Handler) http.Handler {
	missing := s.serve(route{method: "GET", handle: nothingHere, free: true}, text.NB)
	pages := s.guard.Handler(s.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := s.mux.Handler(r)
		switch {
		case pattern != "":
			pages.ServeHTTP(w, r)
		case r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html"):
			next.ServeHTTP(&unlessMissing{ResponseWriter: w, r: r, missing: missing}, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// unlessMissing passes an answer on, or shows a page where it is 404.
type unlessMissing struct {
	http.ResponseWriter
	r       *http.Request
	missing http.Handler
	shown   bool
}

// WriteHeader begins the answer, or replaces it.
func (u *unlessMissing) WriteHeader(status int) {
	if status != http.StatusNotFound {
		u.ResponseWriter.WriteHeader(status)
		return
	}
	u.shown = true
	u.ResponseWriter.Header().Del("Content-Length")
	u.missing.ServeHTTP(u.ResponseWriter, u.r)
}

// Write writes a part of an answer that was not replaced.
func (u *unlessMissing) Write(b []byte) (int, error) {
	if u.shown {
		return len(b), nil
	}
	return u.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what it needs.
func (u *unlessMissing) Unwrap() http.ResponseWriter { return u.ResponseWriter }
