package main

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"

	"github.com/fullmakt/fullmakt"
)

// pageToken says where the next page of a list begins. It is bound to the
// question, to the revision and to the time that the first page was asked at, so
// that the pages together are one complete list.
type pageToken struct {
	Query uint32 // the question's fingerprint
	Seq   fullmakt.Seq
	After fullmakt.PartyNo
	At    int64
}

// tokenSize is the length of a token before it is encoded: version, fingerprint,
// revision, party, time.
const tokenSize = 1 + 4 + 8 + 4 + 8

const tokenVersion = 1

// String writes the token in letters that no shell minds.
func (t pageToken) String() string {
	b := []byte{tokenVersion}
	b = binary.BigEndian.AppendUint32(b, t.Query)
	b = binary.BigEndian.AppendUint64(b, uint64(t.Seq))
	b = binary.BigEndian.AppendUint32(b, uint32(t.After))
	b = binary.BigEndian.AppendUint64(b, uint64(t.At))
	return base64.RawURLEncoding.EncodeToString(b)
}

// parsePageToken reads a token of the question with this fingerprint.
func parsePageToken(s string, query uint32) (pageToken, error) {
	// The text must be as long as it was written: the decoder passes over line breaks.
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(s) != base64.RawURLEncoding.EncodedLen(tokenSize) || len(b) != tokenSize || b[0] != tokenVersion {
		return pageToken{}, fullmakt.Errorf(fullmakt.CodeInvalid, "--page: that is no page token").WithHint("copy it from the end of the page before")
	}
	t := pageToken{
		Query: binary.BigEndian.Uint32(b[1:]),
		Seq:   fullmakt.Seq(binary.BigEndian.Uint64(b[5:])),
		After: fullmakt.PartyNo(binary.BigEndian.Uint32(b[13:])),
		At:    int64(binary.BigEndian.Uint64(b[17:])),
	}
	if t.Query != query {
		return pageToken{}, fullmakt.Errorf(fullmakt.CodeInvalid, "--page: the token belongs to another list").
			WithHint("ask with the same party and filters as for the page before")
	}
	return t, nil
}

// fingerprint hashes the parts of a question.
func fingerprint(parts ...string) uint32 {
	h := fnv.New32a()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return h.Sum32()
}
