package node

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// Acting returns who acts on a snapshot of this node at an instant (Unix seconds),
// with the rights that its registry knows: for commands run by Do, on the snapshot
// that Do hands over.
func (n *Node) Acting(s *index.Snapshot, actor fullmakt.PartyNo, at int64) *delegation.Acting {
	v := n.Registry(s)
	return &delegation.Acting{Snapshot: s, Actor: actor, At: at, Rights: delegation.Registry(v), RightsTo: delegation.RightsTo(v)}
}
