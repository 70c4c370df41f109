package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/fullmakt/fullmakt"
)

// Why a server is not ready.
const (
	notLoaded   = "the register is being loaded"
	noStore     = "the store cannot be used; the log says why"
	keyChanged  = "the store's key was changed; start the server again"
	registerOld = "the register is older than --max-register-age"
)

// wireReady is the answer of /readyz.
type wireReady struct {
	Ready    bool         `json:"ready"`
	Reason   string       `json:"reason,omitempty"`
	Revision fullmakt.Seq `json:"revision"`
	// RegisterAge is in seconds; null when nothing was ever imported.
	RegisterAge *int64 `json:"register_age_seconds"`
}

// readiness tells whether the server should get questions. Unlike /healthz it
// also wants a register that is fresh enough, where an age is set: starting the
// server again would not help that.
func (s *server) readiness(ctx context.Context) (answer wireReady) {
	register, err := s.n.Register(ctx)
	if err != nil {
		s.a.log.Error("readiness", "error", err)
		return wireReady{Reason: noStore}
	}
	answer.Revision = register.Revision
	age, ok := s.age(register)
	if ok {
		seconds := int64(age.Seconds())
		answer.RegisterAge = &seconds
	}
	key := s.n.Store().KeyStands(ctx)
	switch {
	case !s.ready.Load():
		answer.Reason = notLoaded
	case fullmakt.ErrorCode(key) == fullmakt.CodeForbidden:
		answer.Reason = keyChanged
	case key != nil:
		s.a.log.Error("readiness", "error", key)
		answer.Reason = noStore
	case s.maxAge > 0 && (!ok || age > s.maxAge):
		answer.Reason = registerOld
	}
	answer.Ready = answer.Reason == ""
	return answer
}

// readyz answers whether the server should get questions: 200 or 503.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	answer := s.readiness(r.Context())
	body, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if !answer.Ready {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // a client that has gone needs no answer
}
