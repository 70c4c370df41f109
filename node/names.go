package node

import (
	"context"
	"math/bits"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// NamesFile is the name of the name index in a node's directory. It may be removed
// while no process uses it, and is made anew.
const NamesFile = "names.db"

// names is a node's name index, which is opened when it is first of use. Searches
// hold the lock for reading; it is taken whole to open, replace or close the index.
type names struct {
	sync.RWMutex
	db      *sqlite.Names
	settled bool // the index is known to be of this store and its history
	closed  bool // the node is
}

// NamesProgress tells how far the name index has come.
type NamesProgress struct {
	Indexed int          // parties that may be found
	Parties int          // parties that there are
	Through fullmakt.Seq // new names up to this revision are in
}

// Complete reports whether all parties may be found.
func (p NamesProgress) Complete() bool { return p.Indexed >= p.Parties }

// Percent is how much of the register may be found, rounded down.
func (p NamesProgress) Percent() int {
	if p.Complete() {
		return 100
	}
	return p.Indexed * 100 / p.Parties
}

// The steps in which the index is filled.
const (
	namesBatch   = 4_000  // new parties a step
	namesFollow  = 1_000  // parties that revisions changed, a step
	namesUnmerge = 50_000 // parties taken in since the tables were last merged that are worth another merge
)

// KeepNames fills the name index and then follows the log, looking every interval,
// until ctx ends. It works in small steps and rests between them for half as long
// as they take, so that a server answers while it works; wherever it is stopped or
// killed, the next one goes on. Failures are logged and tried again.
func (n *Node) KeepNames(ctx context.Context, interval time.Duration) {
	rest := time.NewTimer(0)
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-rest.C:
		}
		began := time.Now()
		more, err := n.advanceNames(ctx)
		if err != nil && ctx.Err() == nil {
			n.log.Error("keep the name index", "error", err)
		}
		if more && err == nil {
			rest.Reset(time.Since(began) / 2)
		} else {
			rest.Reset(interval)
		}
	}
}

// FillNames brings the name index to the head of the log, and tells of the way, if
// progress is not nil.
func (n *Node) FillNames(ctx context.Context, progress func(NamesProgress)) error {
	for {
		more, err := n.advanceNames(ctx)
		if err != nil {
			return err
		}
		if progress != nil {
			p, err := n.NamesProgress(ctx)
			if err != nil {
				return err
			}
			progress(p)
		}
		if !more {
			return nil
		}
	}
}

// NamesProgress tells how far the name index has come, in this process or another.
func (n *Node) NamesProgress(ctx context.Context) (p NamesProgress, err error) {
	s, err := n.Snapshot(ctx)
	if err != nil {
		return p, err
	}
	err = n.withNames(ctx, func(db *sqlite.Names) error {
		pos, err := db.Position(ctx)
		p = progressOf(pos, s)
		return err
	})
	return p, err
}

func progressOf(pos sqlite.NamesPosition, s *index.Snapshot) NamesProgress {
	last := int(s.Last())
	return NamesProgress{Indexed: min(int(pos.Next)-1, last), Parties: last, Through: pos.Seq}
}

// advanceNames makes one step, and reports whether there is more to do.
func (n *Node) advanceNames(ctx context.Context) (more bool, err error) {
	err = n.withNames(ctx, func(db *sqlite.Names) error {
		var merged bool
		err := db.Update(ctx, func(pos *sqlite.NamesPosition) ([]sqlite.NameDoc, []fullmakt.PartyNo, error) {
			s, err := n.Snapshot(ctx)
			if err != nil {
				return nil, nil, err
			}
			put, drop, err := n.nextNames(ctx, pos, s)
			merged = pos.Merged
			more = err == nil && (pos.Next <= s.Last() || pos.Seq < s.Seq())
			return put, drop, err
		})
		if err != nil || more || merged {
			return err
		}
		more, err = db.Merge(ctx)
		return err
	})
	return more, err
}

// nextNames finds what the index is to take in next: first the parties that it has
// not seen, then what revisions changed about the others. A new index begins at the
// head, since the parties' names are read as they are now.
func (n *Node) nextNames(ctx context.Context, pos *sqlite.NamesPosition, s *index.Snapshot) (put []sqlite.NameDoc, drop []fullmakt.PartyNo, err error) {
	take := func(no fullmakt.PartyNo) {
		if d, ok := nameDoc(s, no); ok {
			put = append(put, d)
		} else {
			drop = append(drop, no)
		}
	}
	if pos.Next == 1 && pos.Seq == 0 {
		pos.Seq, pos.At, pos.Merged = s.Seq(), s.At(), true
	}
	if first := pos.Next; first <= s.Last() {
		for ; pos.Next <= s.Last() && pos.Next-first < namesBatch; pos.Next++ {
			take(pos.Next)
		}
		if pos.Next/namesUnmerge != first/namesUnmerge {
			pos.Merged = false
		}
		return put, drop, nil
	}
	if pos.Seq >= s.Seq() {
		return nil, nil, nil
	}
	nos, seq, within, err := n.store.Touched(ctx, pos.Seq, pos.Within, s.Seq(), namesFollow)
	if err != nil {
		return nil, nil, err
	}
	if seq != pos.Seq {
		rev, err := n.store.Revision(ctx, seq)
		if err != nil {
			return nil, nil, err
		}
		pos.At = rev.At
	}
	pos.Seq, pos.Within = seq, within
	slices.Sort(nos)
	for _, no := range slices.Compact(nos) {
		if no < pos.Next {
			take(no)
		}
	}
	return put, drop, nil
}

// nameDoc is what the index holds of a party; nothing of one that is not known,
// was purged or has no name.
func nameDoc(s *index.Snapshot, no fullmakt.PartyNo) (d sqlite.NameDoc, ok bool) {
	area, ok := areaOf(s.Kind(no))
	if !ok {
		return d, false
	}
	text := foldName(s.Name(no))
	if len(text.words) == 0 {
		return d, false
	}
	words := strings.Join(append(text.words, text.joined...), " ")
	return sqlite.NameDoc{No: no, Area: area, Rank: nameRank(score(s, no, 0)), Whole: hashOf(text.whole()), Words: words}, true
}

func areaOf(k fullmakt.PartyKind) (sqlite.NameArea, bool) {
	switch k {
	case fullmakt.KindOrganisation:
		return sqlite.OrganisationNames, true
	case fullmakt.KindPerson:
		return sqlite.PersonNames, true
	case fullmakt.KindEnterpriseUser, fullmakt.KindSystemUser:
		return sqlite.UserNames, true
	}
	return 0, false
}

// nameRank is what stands of a party's place among others in the index: whether it
// is gone or a sub-unit, and roughly how many roles it has. It follows the party's
// own versions; compareScored orders by the roles as they are when one asks.
func nameRank(h scored) uint8 {
	rank := 63 - min(63, 4*bits.Len(uint(h.size)))
	if h.sub {
		rank |= 64
	}
	if h.gone {
		rank |= 128
	}
	return uint8(rank)
}

// withNames calls f with the index, opening it first if need be. An index that
// turns out to be damaged, or of another store or history, is made anew, once.
func (n *Node) withNames(ctx context.Context, f func(*sqlite.Names) error) error {
	for try := 0; ; try++ {
		if err := n.openNames(ctx); err != nil {
			return err
		}
		err := n.readNames(f)
		if !sqlite.IsDamage(err) || n.dir == "" || try > 0 {
			return err
		}
		n.log.Warn("the name index is damaged and made anew", "reason", err)
		if err := n.removeNames(); err != nil {
			return err
		}
	}
}

func (n *Node) readNames(f func(*sqlite.Names) error) error {
	n.names.RLock()
	defer n.names.RUnlock()
	if n.names.db == nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "the name index is being replaced").WithHint("try again")
	}
	return f(n.names.db)
}

// openNames opens the index and settles that it is of this store and history: a
// store restored from a backup may have another revision of the same number.
func (n *Node) openNames(ctx context.Context) (err error) {
	n.names.Lock()
	defer n.names.Unlock()
	switch {
	case n.names.closed:
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "the name index is closed")
	case n.names.settled:
		return nil
	}
	if n.dir == "" {
		n.names.db, err = sqlite.OpenNamesMemory(ctx, spell)
		n.names.settled = err == nil
		return err
	}
	path := filepath.Join(n.dir, NamesFile)
	if n.names.db, err = sqlite.OpenNames(ctx, path, spell); err != nil {
		return err
	}
	pos, err := n.names.db.Position(ctx)
	if err != nil && !sqlite.IsDamage(err) {
		return err
	}
	ours := err == nil
	if ours && pos.Seq > 0 {
		rev, err := n.store.Revision(ctx, pos.Seq)
		if err != nil {
			return err
		}
		ours = rev.Seq == pos.Seq && rev.At.Equal(pos.At)
	}
	if !ours {
		n.log.Warn("the name index is not of this store's history and made anew")
		if err := n.dropNames(); err != nil {
			return err
		}
		if n.names.db, err = sqlite.OpenNames(ctx, path, spell); err != nil {
			return err
		}
	}
	n.names.settled = true
	return nil
}

// removeNames closes the index and removes its file.
func (n *Node) removeNames() error {
	n.names.Lock()
	defer n.names.Unlock()
	return n.dropNames()
}

func (n *Node) dropNames() error {
	if err := n.closeNames(); err != nil {
		return err
	}
	return sqlite.RemoveNames(filepath.Join(n.dir, NamesFile))
}

func (n *Node) closeNames() error {
	if n.names.db == nil {
		return nil
	}
	err := n.names.db.Close()
	n.names.db, n.names.settled = nil, false
	return err
}
