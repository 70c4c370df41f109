package api

import (
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// pinned keeps the snapshots that page tokens point at, so that the later pages of
// a list come from the revision of the first while the register moves on. They
// share all but a few pages with the head. It keeps a few and not for long: after
// that the pages are read from the store.
type pinned struct {
	mu    sync.Mutex
	kept  map[fullmakt.Seq]*pin
	most  int
	lasts time.Duration
}

type pin struct {
	snap *index.Snapshot
	used time.Time
}

func newPinned() *pinned {
	return &pinned{kept: map[fullmakt.Seq]*pin{}, most: 8, lasts: 2 * time.Minute}
}

// keep holds on to a snapshot that a token was given for.
func (p *pinned) keep(s *index.Snapshot, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[s.Seq()] = &pin{s, now}
	var oldest fullmakt.Seq
	for seq, k := range p.kept {
		if now.Sub(k.used) > p.lasts {
			delete(p.kept, seq)
		} else if oldest == 0 || k.used.Before(p.kept[oldest].used) {
			oldest = seq
		}
	}
	if len(p.kept) > p.most {
		delete(p.kept, oldest)
	}
}

// find returns the snapshot of a revision, or nil.
func (p *pinned) find(seq fullmakt.Seq, now time.Time) *index.Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.kept[seq]
	if k == nil {
		return nil
	}
	k.used = now
	return k.snap
}
