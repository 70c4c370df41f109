package delegation

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// Expire returns the changes that record, at an instant (Unix seconds), the grants
// and scope grants whose last day has passed, and what ends with them. Decisions
// never wait for it: they read the dates. It is for the log, and for who follows
// it.
func Expire(s *index.Snapshot, at int64) []fullmakt.Change {
	var changes []fullmakt.Change
	for g := range s.GrantsOver(at) {
		changes = append(changes, withEnd(grantOf(s, g), fullmakt.CauseExpired))
	}
	for g := range s.ScopeGrantsOver(at) {
		g.Ended, g.Cause = true, fullmakt.CauseExpired
		changes = append(changes, g)
	}
	return append(changes, Ends(s, changes)...)
}
