package node

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
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
		s = n.readSnapshotFile(head.Seq)
	}
	if s != nil && s.Seq() < head.Seq {
		if s, err = n.advance(ctx, s); err != nil {
			return nil, err
		}
	}
	if s == nil {
		if s, err = n.build(ctx); err != nil {
			return nil, err
		}
	}
	n.head.Store(s)
	return s, nil
}

// readSnapshotFile returns the snapshot of the file, or nil when there is none
// that is of use.
func (n *Node) readSnapshotFile(head fullmakt.Seq) *index.Snapshot {
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
	}
	return s
}

func (n *Node) snapshotPath() string { return filepath.Join(n.dir, SnapshotFile) }

// advance applies the log after a snapshot, revision by revision. It returns nil
// when there is so much of it that building anew is cheaper.
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
		if batch = append(batch, entry.Change); len(batch) > rebuildFrom {
			return nil, nil
		}
		seq, at = entry.Seq, entry.At
	}
	return s.Apply(seq, at, batch), nil
}

// build makes the snapshot from the current state.
func (n *Node) build(ctx context.Context) (*index.Snapshot, error) {
	for {
		before, err := n.store.Head(ctx)
		if err != nil {
			return nil, err
		}
		b := index.NewBuilder(n.catalogue)
		for ch, err := range n.store.State(ctx) {
			if err != nil {
				return nil, err
			}
			b.Add(ch)
		}
		// State is one consistent reading, but does not say of which revision;
		// it is the head's when the head did not move meanwhile.
		after, err := n.store.Head(ctx)
		if err != nil {
			return nil, err
		}
		if after.Seq == before.Seq {
			return b.Build(after.Seq, after.At), nil
		}
	}
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
	return s.WriteFile(n.snapshotPath(), n.fileKey)
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
	if s.Seq() > head.Seq {
		return fullmakt.Errorf(fullmakt.CodeConflict, "the snapshot file is of revision %d, the store only at %d", s.Seq(), head.Seq).
			WithHint("was the store restored from a backup? remove %s; it is made anew", n.snapshotPath())
	}
	if s.Seq() < head.Seq {
		if s, err = n.advance(ctx, s); err != nil || s == nil {
			return err
		}
	}
	built, err := n.build(ctx)
	if err != nil {
		return err
	}
	if built.Digest() != s.Digest() {
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
