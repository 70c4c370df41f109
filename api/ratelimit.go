package api

import (
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rates gives every client its share of the server. Clients that have been
// silent long enough for their share to be whole again are forgotten.
type rates struct {
	limit rate.Limit
	burst int
	idle  time.Duration

	mu      sync.Mutex
	clients map[string]*client
	swept   time.Time
}

type client struct {
	bucket *rate.Limiter
	seen   time.Time
}

// mostClients bounds the clients that are kept apart; beyond it the map is swept
// at once, and if that does not help, anew.
const mostClients = 100_000

func newRates(l Limits) *rates {
	r := &rates{limit: rate.Limit(l.RequestsPerSecond), burst: l.Burst, clients: map[string]*client{}}
	if l.RequestsPerSecond < 0 {
		r.limit = rate.Inf
		return r
	}
	r.idle = time.Minute + time.Duration(float64(l.Burst)/l.RequestsPerSecond*float64(time.Second))
	return r
}

// take takes one request from a client's share, or refuses it.
func (r *rates) take(key string, now time.Time) error {
	if r.limit == rate.Inf {
		return nil
	}
	r.mu.Lock()
	if now.Sub(r.swept) > r.idle || len(r.clients) >= mostClients {
		r.sweep(now)
	}
	c := r.clients[key]
	if c == nil {
		c = &client{bucket: rate.NewLimiter(r.limit, r.burst)}
		r.clients[key] = c
	}
	c.seen = now
	r.mu.Unlock()
	if !c.bucket.AllowN(now, 1) {
		return statusf(http.StatusTooManyRequests, "more than %g requests a second", float64(r.limit))
	}
	return nil
}

func (r *rates) sweep(now time.Time) {
	r.swept = now
	for key, c := range r.clients {
		if now.Sub(c.seen) > r.idle {
			delete(r.clients, key)
		}
	}
	if len(r.clients) >= mostClients {
		clear(r.clients)
	}
}

// remote returns the address a request came from, without the port.
func remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
