package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// digest returns the fingerprint of the exported content.
func (b *book) digest() string {
	text, err := json.Marshal(b.content())
	if err != nil {
		return "" // strings and flags alone; Marshal has nothing to refuse
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
