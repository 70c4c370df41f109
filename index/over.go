package index

import (
	"iter"

	"github.com/fullmakt/fullmakt"
)

// GrantsOver yields the grants that have not been ended and whose last day has
// passed at an instant (Unix seconds), by giver and receiver, unless the log says
// so already. It walks over every
// grant there is, and no party without one.
func (s *Snapshot) GrantsOver(at int64) iter.Seq[*Grant] {
	return func(yield func(*Grant) bool) {
		for _, pg := range s.pages {
			for i := range pg.grants {
				if g := &pg.grants[i]; !g.Recorded && g.Valid.Over(at) && !yield(g) {
					return
				}
			}
		}
	}
}

// ScopeGrantsOver yields scope grants as GrantsOver does grants.
func (s *Snapshot) ScopeGrantsOver(at int64) iter.Seq[fullmakt.ScopeGrant] {
	return func(yield func(fullmakt.ScopeGrant) bool) {
		s.tables.scopes.tree.Scan(func(g fullmakt.ScopeGrant) bool { return !g.Valid.Over(at) || yield(g) })
	}
}

// GrantBegins reports whether a grant that has not been ended begins after one
// instant and no later than another (Unix seconds).
func (s *Snapshot) GrantBegins(after, by int64) bool {
	for _, pg := range s.pages {
		for i := range pg.grants {
			if from := pg.grants[i].Valid.From; from > after && from <= by {
				return true
			}
		}
	}
	return false
}
