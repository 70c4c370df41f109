package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"strconv"
	"time"
	"unicode/utf8"
)

// Kind tells what an entry of the chain is.
type Kind string

// The kinds of entries. All but KindLookup are the log's own notes.
const (
	KindLookup     Kind = "lookup"
	KindSegment    Kind = "segment"    // the first entry of every segment
	KindStart      Kind = "start"      // a server began to write, with these settings
	KindStop       Kind = "stop"       // it ended in good order
	KindDropped    Kind = "dropped"    // look-ups that found the queue full
	KindTorn       Kind = "torn"       // the end of a line that a crash cut short was removed
	KindLost       Kind = "lost"       // entries were written before a crash and are not there after it
	KindCheckpoint Kind = "checkpoint" // segments were dropped because they were old
)

// Head names an entry of the chain: its number, the first is 1, and its hash in
// hexadecimal digits. The zero value is the beginning, before any entry.
type Head struct {
	N    uint64 `json:"n"`
	Hash string `json:"hash"`
}

// Note is what the log says about itself.
type Note struct {
	Segment  uint64 `json:"segment,omitempty"`  // KindSegment: the segment's number
	Previous *Head  `json:"previous,omitempty"` // KindSegment: the entry before it
	Level    Level  `json:"level,omitempty"`    // KindStart
	Sample   int    `json:"sample,omitempty"`   // KindStart: one look-up in so many
	Overflow string `json:"overflow,omitempty"` // KindStart
	Count    uint64 `json:"count,omitempty"`    // KindDropped: how many
	Bytes    int64  `json:"bytes,omitempty"`    // KindTorn: how many were removed
	Digest   string `json:"digest,omitempty"`   // KindTorn: their SHA-256
	// Last is, for KindLost, the entry that had been written last, and for
	// KindCheckpoint the last entry of the dropped segments.
	Last *Head  `json:"last,omitempty"`
	From uint64 `json:"from,omitempty"` // KindCheckpoint: the first dropped segment
	To   uint64 `json:"to,omitempty"`   // KindCheckpoint: the last dropped segment
}

// Entry is one entry of the chain. Record holds the look-up of a KindLookup; of
// the other kinds it holds the time alone, and Note the rest.
type Entry struct {
	N    uint64 `json:"n"`
	Kind Kind   `json:"kind"`
	Record
	Note *Note `json:"note,omitempty"`
}

// The fixed parts of a line.
const (
	lineStart  = `{"hash":"`
	lineMiddle = `","entry":`
	lineEnd    = "}\n"
	hashStart  = len(lineStart)
	hashEnd    = hashStart + 2*sha256.Size
	entryStart = hashEnd + len(lineMiddle)
)

// chain is the end of a chain, on which entries are put.
type chain struct {
	n      uint64
	hash   [sha256.Size]byte
	hasher hash.Hash
	digest [sha256.Size]byte // where hasher puts its sum, so that it need not be allocated
}

func (c *chain) head() Head {
	if c.n == 0 {
		return Head{}
	}
	return Head{N: c.n, Hash: hex.EncodeToString(c.hash[:])}
}

// resume sets the end of the chain.
func (c *chain) resume(n uint64, hash [sha256.Size]byte) { c.n, c.hash = n, hash }

// sum returns the hash of an entry that follows the end of the chain.
func (c *chain) sum(entry []byte) [sha256.Size]byte {
	if c.hasher == nil {
		c.hasher = sha256.New()
	}
	c.hasher.Reset()
	c.hasher.Write(c.hash[:])
	c.hasher.Write(entry)
	c.hasher.Sum(c.digest[:0])
	return c.digest
}

const noHash = "0000000000000000000000000000000000000000000000000000000000000000"

// lookup puts a look-up on the chain and its line on b.
func (c *chain) lookup(b []byte, r *Record) []byte {
	start := len(b)
	b = append(b, lineStart+noHash+lineMiddle...)
	b = appendRecord(b, c.n+1, r)
	return c.seal(b, start)
}

// note puts a note on the chain and its line on b.
func (c *chain) note(b []byte, at time.Time, kind Kind, note Note) []byte {
	start := len(b)
	b = append(b, lineStart+noHash+lineMiddle...)
	b = append(b, `{"n":`...)
	b = strconv.AppendUint(b, c.n+1, 10)
	b = appendTime(append(b, `,"t":"`...), at)
	b = appendText(append(b, `","kind":`...), string(kind))
	if text, err := json.Marshal(note); err == nil { // a struct of numbers and strings has no errors
		b = append(append(b, `,"note":`...), text...)
	}
	b = append(b, '}')
	return c.seal(b, start)
}

// seal ends the line that begins at start and moves the end of the chain to it.
func (c *chain) seal(b []byte, start int) []byte {
	c.hash = c.sum(b[start+entryStart:])
	c.n++
	hex.Encode(b[start+hashStart:start+hashEnd], c.hash[:])
	return append(b, lineEnd...)
}

// appendRecord writes a look-up. It is the hot path of the writer, hence by
// hand; entry_test.go holds it against encoding/json.
func appendRecord(b []byte, n uint64, r *Record) []byte {
	b = append(b, `{"n":`...)
	b = strconv.AppendUint(b, n, 10)
	b = appendTime(append(b, `,"t":"`...), r.Time)
	b = append(b, `","kind":"lookup"`...)
	b = appendField(b, `,"request":`, cleaned(r.Request))
	b = appendField(b, `,"client":`, cleaned(r.Client))
	b = appendNumber(b, `,"organisation":`, uint64(r.Organisation))
	b = appendNumber(b, `,"supplier":`, uint64(r.Supplier))
	b = appendNumber(b, `,"user":`, uint64(r.User))
	b = appendField(b, `,"api":`, r.API)
	b = appendField(b, `,"operation":`, r.Operation)
	b = appendNumber(b, `,"subject":`, uint64(r.Subject))
	b = appendNumber(b, `,"object":`, uint64(r.Object))
	b = appendField(b, `,"what":`, cleaned(r.What))
	if r.AskedAt != 0 {
		b = strconv.AppendInt(append(b, `,"asked_at":`...), r.AskedAt, 10)
	}
	b = appendField(b, `,"purpose":`, cleaned(r.Purpose))
	b = appendField(b, `,"outcome":`, string(r.Outcome))
	b = appendField(b, `,"reason":`, string(r.Reason))
	b = appendNumber(b, `,"revision":`, uint64(r.Revision))
	if r.Count != 0 {
		b = strconv.AppendInt(append(b, `,"count":`...), int64(r.Count), 10)
	}
	if len(r.Items) > 0 {
		b = append(b, `,"items":[`...)
		for i := range r.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendItem(b, &r.Items[i])
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendItem(b []byte, i *Item) []byte {
	open := len(b)
	b = appendNumber(b, `,"subject":`, uint64(i.Subject))
	b = appendNumber(b, `,"object":`, uint64(i.Object))
	b = appendField(b, `,"what":`, cleaned(i.What))
	b = appendField(b, `,"outcome":`, string(i.Outcome))
	b = appendField(b, `,"reason":`, string(i.Reason))
	if len(b) == open {
		return append(b, "{}"...)
	}
	b[open] = '{' // in place of the first comma
	return append(b, '}')
}

// appendTime writes a time in UTC with its nanoseconds.
func appendTime(b []byte, t time.Time) []byte { return t.UTC().AppendFormat(b, time.RFC3339Nano) }

func appendNumber(b []byte, key string, v uint64) []byte {
	if v == 0 {
		return b
	}
	return strconv.AppendUint(append(b, key...), v, 10)
}

func appendField(b []byte, key, s string) []byte {
	if s == "" {
		return b
	}
	return appendText(append(b, key...), s)
}

// appendText writes a JSON string. What is not UTF-8 becomes the replacement
// character, so that a line is always JSON.
func appendText(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20 || c == 0x7f:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		case c < utf8.RuneSelf:
			b = append(b, c)
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += size
			continue
		}
		i++
	}
	return append(b, '"')
}
