package node

import (
	"context"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// EnterpriseUser finds the enterprise user (virksomhetsbruker) of an organisation
// by its user name, in any letter case. It is for a command run by Do, on the
// snapshot that Do hands over: when the store has moved on, Do runs the command
// again. A user that is not known has No 0.
func (n *Node) EnterpriseUser(ctx context.Context, s *index.Snapshot, owner fullmakt.OrgNumber, userName string) (delegation.User, error) {
	u := delegation.User{Owner: s.Organisation(owner), Name: userName}
	head, err := n.store.Head(ctx)
	if err != nil {
		return u, err
	}
	u.Next = head.NextParty
	if no, ok, err := n.store.Identify(ctx, fullmakt.EnterpriseUserID(owner, userName)); err != nil {
		return u, err
	} else if ok {
		u.No = no
		uuids, err := n.store.UUIDs(ctx, []fullmakt.PartyNo{no})
		if err != nil {
			return u, err
		}
		u.UUID = uuids[no]
	}
	return u, nil
}
