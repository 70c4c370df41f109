package pdp

import (
	"math"

	"github.com/fullmakt/fullmakt"
)

// rank is a path's place in the order in which the first names the reason of a
// yes: SELF, DIRECT over a role, DIRECT over a grant, NEST, CLIENT, each without
// an extension before with SUB before with ENK.
type rank uint8

const (
	rankSelf   rank = 0
	rankRole   rank = 3
	rankGrant  rank = 6
	rankNest   rank = 9
	rankClient rank = 12

	noPath rank = math.MaxUint8
)

func (r rank) base() fullmakt.Rule {
	switch {
	case r < rankRole:
		return fullmakt.RuleSelf
	case r < rankNest:
		return fullmakt.RuleDirect
	case r < rankClient:
		return fullmakt.RuleNest
	}
	return fullmakt.RuleClient
}

func (x extension) rule() fullmakt.Rule {
	switch x {
	case sub:
		return fullmakt.RuleSub
	case enk:
		return fullmakt.RuleENK
	}
	return ""
}

// reasonOf returns the reason that a path of this rank gives.
func reasonOf(r rank) fullmakt.Reason {
	switch extension(r % 3) {
	case sub:
		return fullmakt.ReasonMainUnit
	case enk:
		return fullmakt.ReasonSoleProprietor
	}
	switch r {
	case rankSelf:
		return fullmakt.ReasonSelf
	case rankRole:
		return fullmakt.ReasonRole
	case rankGrant:
		return fullmakt.ReasonGrant
	case rankNest:
		return fullmakt.ReasonNesting
	}
	return fullmakt.ReasonClient
}
