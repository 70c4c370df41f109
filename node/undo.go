package node

import (
	"context"
	"maps"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

// Undo reads what it takes to undo a revision: its changes, and the facts before it
// about every party that they name. An error has CodeNotFound for a revision that
// is not there.
func (n *Node) Undo(ctx context.Context, seq fullmakt.Seq) (delegation.Undo, error) {
	var u delegation.Undo
	head, err := n.store.Head(ctx)
	if err != nil {
		return u, err
	}
	if seq < 1 || seq > head.Seq {
		return u, fullmakt.Errorf(fullmakt.CodeNotFound, "there is no revision %d", seq).WithHint("the last one is %d", head.Seq)
	}
	parties := map[fullmakt.PartyNo]bool{}
	for entry, err := range n.store.Changes(ctx, seq-1) {
		if err != nil {
			return u, err
		}
		if entry.Seq != seq {
			break
		}
		switch c := entry.Change.(type) {
		case fullmakt.Grant:
			parties[c.From], parties[c.To] = true, true
		case fullmakt.ScopeGrant:
			parties[c.From], parties[c.To] = true, true
		case fullmakt.Agent:
			parties[c.Provider], parties[c.Agent] = true, true
		case fullmakt.ClientDelegation:
			parties[c.Provider], parties[c.Client], parties[c.Agent] = true, true, true
		default:
			continue
		}
		u.Did = append(u.Did, entry.Change)
	}
	if seq == 1 || len(parties) == 0 {
		return u, nil
	}
	u.Was, err = n.store.FactsAt(ctx, seq-1, slices.Sorted(maps.Keys(parties)))
	return u, err
}
