package api

import (
	"sync"
	"time"
)

// wrongTries counts the passwords that are tried in vain, by user. A try is counted
// before it is checked, so that many at once are no way around.
type wrongTries struct {
	mu    sync.Mutex
	users map[string]*tries
}

type tries struct {
	n     int
	until time.Time // when they are forgotten
}

const (
	// mostTries wrong passwords within lockTime lock a user for lockTime.
	mostTries = 5
	lockTime  = 15 * time.Minute
	// mostTried bounds the users that are counted for.
	mostTried = 10_000
)

func newWrongTries() *wrongTries { return &wrongTries{users: map[string]*tries{}} }

// take counts a try and returns which one it is, and whether it may be made.
func (w *wrongTries) take(user string, now time.Time) (n int, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.users[user]
	if t == nil || now.After(t.until) {
		if t == nil && len(w.users) >= mostTried {
			for name, old := range w.users {
				if now.After(old.until) {
					delete(w.users, name)
				}
			}
			if len(w.users) >= mostTried {
				return 0, false
			}
		}
		t = &tries{until: now.Add(lockTime)}
		w.users[user] = t
	}
	if t.n >= mostTries {
		return t.n, false
	}
	if t.n++; t.n == mostTries {
		t.until = now.Add(lockTime)
	}
	return t.n, true
}

// forget drops what was counted for a user.
func (w *wrongTries) forget(user string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.users, user)
}
