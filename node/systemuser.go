package node

import (
	"context"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// NewSystemUser returns what the system user of a request would get, and whether its
// name has been used: a snapshot does not tell, since it knows no user by name. It is
// for a command run by Do, on the snapshot that Do hands over, with the UUID that the
// user is to have.
func (n *Node) NewSystemUser(ctx context.Context, s *index.Snapshot, k delegation.SystemAsk, uuid fullmakt.UUID) (delegation.NewSystemUser, error) {
	made := delegation.NewSystemUser{UUID: uuid}
	head, err := n.store.Head(ctx)
	if err != nil {
		return made, err
	}
	made.No = head.NextParty
	_, made.Used, err = n.store.Identify(ctx, k.Identity(s))
	return made, err
}
