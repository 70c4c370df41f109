package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/fullmakt/fullmakt"
)

// pageToken says where the next page of a list begins. It is bound to the question
// and its caller, to the revision and to the time that the first page was asked
// at, so that the pages together are one complete list; and it is authenticated
// with a key of this process, so that nobody makes one up.
type pageToken struct {
	Question   [16]byte // a digest of the question and who asks it
	Seq        fullmakt.Seq
	RevisionAt int64 // when the revision was made, Unix seconds
	At         int64 // the time asked about
	After      uint32
	Limit      uint32
}

const (
	pageVersion  = 1
	pageMAC      = 16
	pageTextSize = 1 + 16 + 8 + 8 + 8 + 4 + 4 + pageMAC
)

// seal writes a token.
func (t pageToken) seal(key []byte) string {
	b := make([]byte, 0, pageTextSize)
	b = append(b, pageVersion)
	b = append(b, t.Question[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(t.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(t.RevisionAt))
	b = binary.BigEndian.AppendUint64(b, uint64(t.At))
	b = binary.BigEndian.AppendUint32(b, t.After)
	b = binary.BigEndian.AppendUint32(b, t.Limit)
	return base64.RawURLEncoding.EncodeToString(append(b, pageCode(key, b)...))
}

func pageCode(key, b []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(b)
	return mac.Sum(nil)[:pageMAC]
}

// openPage reads a token that seal wrote with the same key.
func openPage(key, text []byte) (t pageToken, ok bool) {
	if base64.RawURLEncoding.DecodedLen(len(text)) != pageTextSize {
		return t, false
	}
	b := make([]byte, pageTextSize)
	if n, err := base64.RawURLEncoding.Strict().Decode(b, text); err != nil || n != pageTextSize || b[0] != pageVersion {
		return t, false
	}
	signed := b[:pageTextSize-pageMAC]
	if !hmac.Equal(pageCode(key, signed), b[len(signed):]) {
		return t, false
	}
	copy(t.Question[:], b[1:])
	t.Seq = fullmakt.Seq(binary.BigEndian.Uint64(b[17:]))
	t.RevisionAt = int64(binary.BigEndian.Uint64(b[25:]))
	t.At = int64(binary.BigEndian.Uint64(b[33:]))
	t.After = binary.BigEndian.Uint32(b[41:])
	t.Limit = binary.BigEndian.Uint32(b[45:])
	return t, true
}
