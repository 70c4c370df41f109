package node

import (
	"os"
	"path/filepath"
	"time"

	"github.com/fullmakt/fullmakt"
)

// SnapshotState is the file that makes the next start quick.
type SnapshotState struct {
	Bytes   int64
	Written time.Time
	// Revision is the one that the file is known to hold; 0 when this process has
	// neither read nor written it.
	Revision fullmakt.Seq
}

// SnapshotState tells of the snapshot file; ok is false when there is none, as for a
// store in memory.
func (n *Node) SnapshotState() (state SnapshotState, ok bool) {
	if n.dir == "" {
		return state, false
	}
	info, err := os.Stat(filepath.Join(n.dir, SnapshotFile))
	if err != nil {
		return state, false
	}
	return SnapshotState{Bytes: info.Size(), Written: info.ModTime(), Revision: fullmakt.Seq(n.inFile.Load())}, true
}
