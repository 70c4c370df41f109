package node

import "github.com/fullmakt/fullmakt/index"

// Current returns the snapshot that was loaded last, without looking whether the
// head has moved since, or nil before the first is loaded. While Watch runs it is
// at most its interval behind.
func (n *Node) Current() *index.Snapshot { return n.head.Load() }
