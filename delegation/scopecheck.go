package delegation

import (
	"iter"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// HoldsScopes reports whether an organisation may use the scopes of a scheme on
// behalf of another at an instant: given, in force, and both alive (rules SCOPE-1
// and LIFE-1). There is no other path.
func HoldsScopes(s *index.Snapshot, from, to fullmakt.PartyNo, scheme string, at int64) (fullmakt.ScopeGrant, bool) {
	g, there := s.ScopeGrant(from, to, scheme)
	return g, there && scopeReason(s, g, at) == fullmakt.ReasonGrant
}

// scopeReason tells whether a scope grant holds at an instant (held_via_grant), or
// why not.
func scopeReason(s *index.Snapshot, g fullmakt.ScopeGrant, at int64) fullmakt.Reason {
	switch {
	case (s.State(g.From)|s.State(g.To))&fullmakt.Deleted != 0:
		return fullmakt.ReasonPartyDeleted
	case !g.Valid.Started(at):
		return fullmakt.ReasonNotYetValid
	case g.Valid.Over(at):
		return fullmakt.ReasonExpired
	}
	return fullmakt.ReasonGrant
}

// ScopeAnswer tells whether a supplier may use a scope on behalf of a consumer.
type ScopeAnswer struct {
	Allowed bool
	Reason  fullmakt.Reason     // held_via_grant, or why not
	Scheme  string              // that covers the scope, and that was given if one was; "" for none
	Grant   fullmakt.ScopeGrant // of the scheme; the zero value when none was given
}

// CheckScope answers whether the supplier may use a scope on behalf of the consumer
// at an instant (rule SCOPE-1). Party 0 is one that is not known. The view is that
// of the registry at the snapshot. A scheme that may not be delegated any more
// stops no grant that was made before.
func CheckScope(s *index.Snapshot, v *registry.View, consumer, supplier fullmakt.PartyNo, scope string, at int64) ScopeAnswer {
	if s.Kind(consumer) != fullmakt.KindOrganisation || s.Kind(supplier) != fullmakt.KindOrganisation {
		return ScopeAnswer{Reason: fullmakt.ReasonUnknownParty}
	}
	answer := ScopeAnswer{Reason: fullmakt.ReasonNoResource}
	for _, scheme := range v.SchemesFor(scope) {
		g, there := s.ScopeGrant(consumer, supplier, scheme.ID)
		switch reason := scopeReason(s, g, at); {
		case there && reason == fullmakt.ReasonGrant:
			return ScopeAnswer{Allowed: true, Reason: reason, Scheme: scheme.ID, Grant: g}
		case there:
			answer = ScopeAnswer{Reason: reason, Scheme: scheme.ID, Grant: g}
		case answer.Scheme == "":
			answer = ScopeAnswer{Reason: fullmakt.ReasonNoRelation, Scheme: scheme.ID}
		}
	}
	return answer
}

// ScopesInForce yields the scope grants that hold at an instant: with a consumer
// only those that it gave, with a supplier only those that it received. 0 is
// anybody, and anybody on both sides walks over every scope grant there is.
func ScopesInForce(s *index.Snapshot, consumer, supplier fullmakt.PartyNo, at int64) iter.Seq[fullmakt.ScopeGrant] {
	grants := s.AllScopeGrants()
	switch {
	case consumer != 0:
		grants = s.ScopeGrants(consumer)
	case supplier != 0:
		grants = s.ScopeGrantsTo(supplier)
	}
	return func(yield func(fullmakt.ScopeGrant) bool) {
		for g := range grants {
			if (supplier == 0 || g.To == supplier) && scopeReason(s, g, at) == fullmakt.ReasonGrant && !yield(g) {
				return
			}
		}
	}
}
