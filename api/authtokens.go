package api

import (
	"container/list"
	"crypto/sha256"
	"sync"
	"time"
)

// tokens remembers who stands behind verified tokens: the least recently used are
// forgotten first. The key is the hash of the whole token, so that no two tokens
// can be taken for one.
type tokens struct {
	mu    sync.Mutex
	most  int
	known map[[sha256.Size]byte]*list.Element
	order list.List // of remembered, most recently used first
}

type remembered struct {
	hash [sha256.Size]byte
	who  *caller
}

func newTokens(most int) *tokens {
	return &tokens{most: most, known: map[[sha256.Size]byte]*list.Element{}}
}

// find returns the caller of a token that has been verified and has not expired.
func (t *tokens) find(hash [sha256.Size]byte, now time.Time) *caller {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.known[hash]
	if e == nil {
		return nil
	}
	who := e.Value.(remembered).who
	if !now.Before(who.expires) {
		t.drop(e)
		return nil
	}
	t.order.MoveToFront(e)
	return who
}

// keep remembers a verified token.
func (t *tokens) keep(hash [sha256.Size]byte, who *caller) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.known[hash]; e != nil {
		t.drop(e)
	}
	t.known[hash] = t.order.PushFront(remembered{hash, who})
	if t.order.Len() > t.most {
		t.drop(t.order.Back())
	}
}

func (t *tokens) drop(e *list.Element) {
	delete(t.known, t.order.Remove(e).(remembered).hash)
}
