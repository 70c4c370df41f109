package node

// The names of the feeds whose state the store keeps (fullmakt.Feed).
const (
	FeedBulk           = "bulk"
	FeedCCR            = "ccr"
	FeedUnitUpdates    = "updates/enheter"
	FeedSubUnitUpdates = "updates/underenheter"
	FeedRoleUpdates    = "updates/roller"
)
