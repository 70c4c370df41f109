package node

import (
	"cmp"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// Position is a place in the feed of events: after one event, or with only Seq
// after all of a revision. It stays good for ever: what comes after it is the same
// whoever asks and however often. The zero Position is the beginning.
type Position struct {
	Seq fullmakt.Seq
	// rank and key order the events of a revision: first by kind, then by what they
	// are about. rank is 0 after the whole revision.
	rank uint8
	key  uint64
}

// The order of the events of a revision.
const (
	rankRegister uint8 = iota + 1 // imports, the catalogue
	rankOrganisation
	rankRole
	rankUser
	rankGiven
	rankRequest
	rankLost
	rankGained
)

// positionAlphabet writes the key, so that no row of digits in a position can be
// taken for a number of somebody.
const positionAlphabet = "abcdefghijklmnop"

// String writes the position as ParsePosition reads it.
func (p Position) String() string {
	text := strconv.FormatUint(uint64(p.Seq), 10)
	if p.rank == 0 {
		return text
	}
	var key [16]byte
	for i := range key {
		key[i] = positionAlphabet[p.key>>(60-4*i)&15]
	}
	return text + "." + strconv.Itoa(int(p.rank)) + "." + string(key[:])
}

// ParsePosition reads a position. The empty string is the beginning.
func ParsePosition(text string) (Position, error) {
	wrong := fullmakt.Errorf(fullmakt.CodeInvalid, "that is no position in the feed of events").
		WithHint("give the id of an event or a position that an answer named, or 0 for the beginning")
	if text == "" {
		return Position{}, nil
	}
	seq, rest, within := strings.Cut(text, ".")
	n, err := strconv.ParseUint(seq, 10, 63)
	if err != nil || len(seq) > 1 && seq[0] == '0' {
		return Position{}, wrong
	}
	p := Position{Seq: fullmakt.Seq(n)}
	if !within {
		return p, nil
	}
	rank, key, ok := strings.Cut(rest, ".")
	if !ok || len(rank) != 1 || rank[0] < '0'+rankRegister || rank[0] > '0'+rankGained || len(key) != 16 || n == 0 {
		return Position{}, wrong
	}
	p.rank = rank[0] - '0'
	for i := range len(key) {
		digit := strings.IndexByte(positionAlphabet, key[i])
		if digit < 0 {
			return Position{}, wrong
		}
		p.key = p.key<<4 | uint64(digit)
	}
	return p, nil
}

// Compare orders positions as the feed does. The place after a whole revision
// comes after its events.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.Seq, q.Seq), cmp.Compare(p.rank-1, q.rank-1), cmp.Compare(p.key, q.key)) // 0-1 is the greatest
}

// positionOf returns the position of an event of a revision, by what tells it from
// the revision's others.
func positionOf(seq fullmakt.Seq, rank uint8, identity string) Position {
	h := fnv.New64a()
	h.Write([]byte(identity))
	return Position{Seq: seq, rank: rank, key: h.Sum64()}
}
