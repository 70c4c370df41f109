package node

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// rebuildFrom is the number of log changes from which building the snapshot anew
// from the current state is cheaper than applying them.
const rebuildFrom = 100_000

// Snapshot returns the whole register at the head of the log. The first call
// loads it, from the snapshot file and the tail of the log where it can, else
// from the store; later calls only look whether the head has moved.
func (n *Node) Snapshot(ctx context.Context) (*index.Snapshot, error) {
	head, err := n.store.Head(ctx)
	if err != nil {
		return nil, err
	}
	if s := n.head.Load(); s != nil && s.Seq() >= head.Seq {
		return s, nil
	}
	n.loading.Lock()
	defer n.loading.Unlock()
	s := n.head.Load()
	if s == nil {
		s = n.readSnapshotFile(ctx, head.Seq)
	}
	if s != nil {
		if s, err = n.advance(ctx, s); err != nil {
			return nil, err
		}
	}
	for s == nil { // once, unless a hundred thousand changes come meanwhile
		if s, err = n.build(ctx); err != nil {
			return nil, err
		}
	}
	n.head.Store(s)
	return s, nil
}

// readSnapshotFile returns the snapshot of the file, or nil when there is none
// that is of use.
func (n *Node) readSnapshotFile(ctx context.Context, head fullmakt.Seq) *index.Snapshot {
	if n.dir == "" {
		return nil
	}
	s, err := index.ReadFile(n.snapshotPath(), n.fileKey, n.catalogue)
	switch {
	case err != nil:
		n.log.Debug("snapshot file not used", "reason", err)
		return nil
	case s.Seq() > head:
		n.log.Warn("snapshot file is ahead of the store and not used", "file", s.Seq(), "store", head)
		return nil
	case !n.sameHistory(ctx, s):
		n.log.Warn("snapshot file is of another history than the store and not used", "file", s.Seq())
		return nil
	}
	n.inFile.Store(uint64(s.Seq()))
	return s
}

// sameHistory reports whether the store has a snapshot's revision, made at the
// same moment: not so when the store was restored from a backup and went on.
func (n *Node) sameHistory(ctx context.Context, s *index.Snapshot) bool {
	rev, ok, err := n.store.RevisionAt(ctx, s.At())
	return err == nil && ok && rev.Seq >= s.Seq() && rev.At.Equal(s.At())
}

func (n *Node) snapshotPath() string { return filepath.Join(n.dir, SnapshotFile) }

// advance applies the log after a snapshot. It returns nil when there is so much
// of it that building anew is cheaper.
func (n *Node) advance(ctx context.Context, s *index.Snapshot) (*index.Snapshot, error) {
	var (
		batch []fullmakt.Change
		seq   = s.Seq()
		at    = s.At()
	)
	for entry, err := range n.store.Changes(ctx, s.Seq()) {
		if err != nil {
			return nil, err
		}
		if batch = append(batch, dated(entry)); len(batch) > rebuildFrom {
			return nil, nil
		}
		seq, at = entry.Seq, entry.At
	}
	if len(batch) == 0 && seq == s.Seq() {
		return s, nil
	}
	return s.Apply(seq, at, batch), nil
}

// dated is the change of a log entry as the index takes it: a document comes with
// the revision that it is from.
func dated(e sqlite.Entry) fullmakt.Change {
	if d, ok := e.Change.(fullmakt.Document); ok {
		return index.Document{Document: d, Since: e.Seq}
	}
	return e.Change
}

// build makes the snapshot from the current state. The state is one consistent
// reading, of the head noted before or of a later one; applying the log from the
// noted head on leads to the same facts either way, since every change says what
// holds after it.
func (n *Node) build(ctx context.Context) (*index.Snapshot, error) {
	head, err := n.store.Head(ctx)
	if err != nil {
		return nil, err
	}
	b := index.NewBuilder(n.catalogue)
	for ch, err := range n.store.State(ctx) {
		if err != nil {
			return nil, err
		}
		if _, ok := ch.(fullmakt.Document); !ok {
			b.Add(ch)
		}
	}
	for entry, err := range n.store.Documents(ctx, head.Seq) { // which tells how old each is
		if err != nil {
			return nil, err
		}
		b.Add(dated(entry))
	}
	return n.advance(ctx, b.Build(head.Seq, head.At))
}

// SaveSnapshot writes the snapshot file for the next start. A node in memory has
// none.
func (n *Node) SaveSnapshot(ctx context.Context) error {
	if n.dir == "" {
		return nil
	}
	s, err := n.Snapshot(ctx)
	if err != nil {
		return err
	}
	if err := s.WriteFile(n.snapshotPath(), n.fileKey); err != nil {
		return err
	}
	n.inFile.Store(uint64(s.Seq()))
	return nil
}

// KeepSnapshot saves the snapshot unless the file is known to hold it.
func (n *Node) KeepSnapshot(ctx context.Context) error {
	s, err := n.Snapshot(ctx)
	if err != nil || n.inFile.Load() == uint64(s.Seq()) {
		return err
	}
	return n.SaveSnapshot(ctx)
}

// CheckSnapshotFile compares the snapshot file with the store: nil when there is
// none or when it leads, with the tail of the log, to the same facts as the store.
func (n *Node) CheckSnapshotFile(ctx context.Context) error {
	if n.dir == "" {
		return nil
	}
	if _, err := os.Stat(n.snapshotPath()); os.IsNotExist(err) {
		return nil
	}
	s, err := index.ReadFile(n.snapshotPath(), n.fileKey, n.catalogue)
	if err != nil {
		return err
	}
	head, err := n.store.Head(ctx)
	if err != nil {
		return err
	}
	if s.Seq() > head.Seq || !n.sameHistory(ctx, s) {
		return fullmakt.Errorf(fullmakt.CodeConflict, "the snapshot file is of revision %d, which the store, at %d, does not have", s.Seq(), head.Seq).
			WithHint("was the store restored from a backup? remove %s; it is made anew", n.snapshotPath())
	}
	if s, err = n.advance(ctx, s); err != nil || s == nil {
		return err // with very much to apply the file is of no use, and no harm
	}
	built, err := n.build(ctx)
	if err != nil || built == nil {
		return err
	}
	if built.Seq() == s.Seq() && built.Digest() != s.Digest() {
		return fullmakt.Errorf(fullmakt.CodeInternal, "the snapshot file leads to other facts than the store").
			WithHint("remove %s; it is made anew from the store", n.snapshotPath())
	}
	return nil
}

// Watch keeps the snapshot at the head of the log until ctx ends, looking every
// interval, so that revisions of other processes become visible. Failures are
// logged and tried again.
func (n *Node) Watch(ctx context.Context, interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if _, err := n.Snapshot(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("follow the log", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
