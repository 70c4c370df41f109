package main

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/api"
	"github.com/fullmakt/fullmakt/maskinporten"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/web"
)

// server answers the HTTP requests of serve.
type server struct {
	a     *app
	n     *node.Node
	pages *web.Server
	calls *api.Server
	mock  *maskinporten.Server   // nil for a register that is not made up
	login *maskinporten.IDPorten // nil where visitors do not sign in to a demo
	ready atomic.Bool            // the register is loaded

	public  bool   // the pages alone are served, to everybody
	lookups string // directory of the log of look-ups
	traffic *traffic

	maxAge time.Duration // of the register, for /readyz; 0 for any
	now    func() time.Time
}

func newServer(a *app, n *node.Node) *server {
	return &server{a: a, n: n, now: time.Now, traffic: newTraffic(time.Now())}
}

// stop ends what would outlast a server that is shut down: streams to clients.
func (s *server) stop() {
	s.calls.Stop()
	s.pages.Stop()
}

// load reads the register into memory, trying until it can, and leaves a
// snapshot file for the next start.
func (s *server) load(ctx context.Context) {
	for ctx.Err() == nil {
		if _, err := s.n.Snapshot(ctx); err == nil {
			debug.FreeOSMemory() // what reading it took
			s.ready.Store(true)
			if err := s.n.KeepSnapshot(ctx); err != nil && ctx.Err() == nil {
				s.a.log.Warn("the snapshot file was not written", "error", err)
			}
			return
		} else if ctx.Err() == nil {
			s.a.log.Error("load the register", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(watchInterval):
		}
	}
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.readyz)
	if s.mock != nil {
		mux.Handle(mockPath, s.mock)
	}
	if s.login != nil {
		mux.Handle(loginPath+"/", s.login)
	}
	if s.public {
		mux.Handle("/", s.pages.Handler(http.NotFoundHandler()))
		return secured(mux)
	}
	mux.Handle("/", s.pages.Handler(s.calls.Handler()))
	if s.calls.Open() {
		return secured(api.LoopbackOnly(mux))
	}
	return secured(mux)
}

// secured sets the headers that every answer carries: nothing is loaded from
// elsewhere, framed, guessed at or kept.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// health answers whether questions can be answered.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	answer := struct {
		Status   string       `json:"status"`
		Revision fullmakt.Seq `json:"revision"`
		Stale    bool         `json:"stale"`
	}{Status: "ok"}
	code := http.StatusOK
	register, err := s.n.Register(r.Context())
	switch {
	case err != nil:
		s.a.log.Error("health", "error", err)
		answer.Status, code = "unavailable", http.StatusServiceUnavailable
	case !s.ready.Load():
		answer.Status, code = "starting", http.StatusServiceUnavailable
	}
	answer.Revision, answer.Stale = register.Revision, register.Stale != ""
	body, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(body, '\n')) // a client that has gone needs no answer
}
