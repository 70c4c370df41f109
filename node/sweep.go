package node

import (
	"context"
	"encoding/json"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// Sweep records that dates have passed by an instant: what was given until then
// ends, with what rested on it, and where a grant begins or the catalogue changes
// by a date, the clock goes on. Either is a revision like any other, so that who
// follows the events is told; where nothing passed there is none. Decisions read
// the dates themselves and do not wait for it.
func (n *Node) Sweep(ctx context.Context, at time.Time) (fullmakt.Seq, error) {
	return n.Do(ctx, at, "dates passed", func(s *index.Snapshot) ([]fullmakt.Change, error) {
		now, last := at.Unix(), s.At().Unix()
		if changes := delegation.Expire(s, now); len(changes) > 0 || now <= last {
			return changes, nil
		}
		if next := n.nextView(last); !s.GrantBegins(last, now) && (next == 0 || next > now) {
			return nil, nil
		}
		body, err := json.Marshal(struct {
			Through int64 `json:"through"` // Unix seconds
		}{now})
		if err != nil {
			return nil, fullmakt.Errorf(fullmakt.CodeInternal, "clock: %w", err)
		}
		return []fullmakt.Change{fullmakt.Document{Kind: fullmakt.DocumentClock, ID: "dates", Body: body}}, nil
	})
}
