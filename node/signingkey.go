package node

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"github.com/fullmakt/fullmakt/store/sqlite"
)

// SigningKey returns the key (P-256) by which this node's own tokens are signed. It
// is derived from the store's key, so that every process on a store has the same
// and a change of the store's key is a change of this one; a store in memory has
// one of its own.
func (n *Node) SigningKey() (*ecdsa.PrivateKey, error) {
	if n.tokenSecret == nil {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	// Nearly every string of 32 bytes is a key of this curve; where one is not, the
	// next is taken.
	for i := 0; ; i++ {
		secret, err := hkdf.Key(sha256.New, n.tokenSecret, nil, fmt.Sprintf("signature %d", i), 32)
		if err != nil {
			return nil, err
		}
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret); err == nil {
			return key, nil
		}
	}
}

// tokenSecret derives what SigningKey is derived from.
func tokenSecret(key sqlite.Key) ([]byte, error) {
	return hkdf.Key(sha256.New, key[:], nil, "fullmakt tokens", 32)
}
