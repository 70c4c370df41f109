package node

import (
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// Registry returns the resources, policies and access lists that a snapshot of
// this node holds.
func (n *Node) Registry(s *index.Snapshot) *registry.View { return n.library.At(s) }
