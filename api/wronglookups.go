package api

import (
	"sync"
	"time"
)

// wrongLookups counts who has named persons wrongly, so that nobody finds out by
// trying which identity number is whose. It forgets when the process ends.
type wrongLookups struct {
	mu sync.Mutex
	by map[string]wrongCount
}

type wrongCount struct {
	times int
	since time.Time
}

// How many wrong look-ups block further ones, and for how long from the first.
const (
	mostWrongLookups = 5
	wrongLookupsLast = time.Hour
	mostWrongCallers = 10_000 // kept at a time
)

// blocked reports whether a caller must wait.
func (w *wrongLookups) blocked(key string, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.by[key]
	return n.times >= mostWrongLookups && now.Sub(n.since) < wrongLookupsLast
}

// add counts a wrong look-up.
func (w *wrongLookups) add(key string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[string]wrongCount{}
	}
	if len(w.by) >= mostWrongCallers {
		for k, n := range w.by {
			if now.Sub(n.since) >= wrongLookupsLast {
				delete(w.by, k)
			}
		}
	}
	n := w.by[key]
	if now.Sub(n.since) >= wrongLookupsLast {
		n = wrongCount{since: now}
	}
	n.times++
	w.by[key] = n
}
