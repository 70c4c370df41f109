package node

import "github.com/fullmakt/fullmakt/enhetsregisteret"

// The names of the feeds whose state the store keeps (fullmakt.Feed).
const (
	FeedBulk           = "bulk"
	FeedCCR            = "ccr"
	FeedUnitUpdates    = enhetsregisteret.FeedUnits
	FeedSubUnitUpdates = enhetsregisteret.FeedSubUnits
	FeedRoleUpdates    = enhetsregisteret.FeedRoles
)
