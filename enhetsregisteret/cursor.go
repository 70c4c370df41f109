package enhetsregisteret

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxNesting bounds how deep JSON may nest. The register nests eight deep.
const maxNesting = 64

// condition tells whether a cursor can go on.
type condition uint8

const (
	sound condition = iota
	short           // the text ended inside a value; more of it may help
	bad             // the text is not JSON
)

// cursor walks over JSON text that is held in memory as a whole or in part. It
// checks the structure of what it reads and of what it skips (brackets, quotes,
// the order of keys and values of the objects it enters), not the spelling of
// numbers. After the first trouble it stands still, so that callers need to look
// at state only where it matters.
type cursor struct {
	text  []byte
	at    int
	state condition
	why   string // of bad
}

func (c *cursor) short() {
	if c.state == sound {
		c.state = short
	}
}

func (c *cursor) bad(why string) {
	if c.state == sound {
		c.state, c.why = bad, why
	}
}

// peek skips blanks and returns the byte that follows them, or 0 when there is
// none or the cursor is stuck.
func (c *cursor) peek() byte {
	if c.state != sound {
		return 0
	}
	t, i := c.text, c.at
	for i < len(t) {
		if t[i] > ' ' {
			c.at = i
			return t[i]
		}
		i++
		// Pretty-printed text is a third blanks, so they are passed eight at a time.
		for i+8 <= len(t) && binary.LittleEndian.Uint64(t[i:]) == eightBlanks {
			i += 8
		}
	}
	c.at = i
	c.short()
	return 0
}

// open enters an object or a list.
func (c *cursor) open(bracket byte) bool {
	if c.peek() != bracket {
		if c.state == sound {
			c.bad("want " + string(rune(bracket)))
		}
		return false
	}
	c.at++
	return true
}

// key goes to the next member of the object that was opened and returns its
// key, with the cursor before the value; false at the object's end. first must
// be true at first.
func (c *cursor) key(first *bool) ([]byte, bool) {
	b := c.peek()
	if b == '}' {
		c.at++
		return nil, false
	}
	if !*first {
		if b != ',' {
			c.bad("want , or } after a member")
			return nil, false
		}
		c.at++
		b = c.peek()
	}
	*first = false
	if b != '"' {
		c.bad("want a key in quotes")
		return nil, false
	}
	key, escaped := c.raw()
	if escaped {
		key = unescape(nil, key)
	}
	if c.peek() != ':' {
		c.bad("want : after a key")
		return nil, false
	}
	c.at++
	return key, c.state == sound
}

// item goes to the next element of the list that was opened; false at its end.
func (c *cursor) item(first *bool) bool {
	b := c.peek()
	if b == ']' {
		c.at++
		return false
	}
	if !*first {
		if b != ',' {
			c.bad("want , or ] after an element")
			return false
		}
		c.at++
		if c.peek() == ']' {
			c.bad("want an element after ,")
			return false
		}
	}
	*first = false
	return c.state == sound
}

// Words of eight equal bytes, for looking at eight bytes at a time.
const (
	ones        = 0x0101010101010101
	highs       = 0x80 * ones
	eightBlanks = ' ' * ones
	eightQuotes = '"' * ones
	eightSlants = '\\' * ones
)

// raw reads the string at the cursor and returns what stands between its
// quotes, a part of the text. escaped tells whether unescape must see it.
func (c *cursor) raw() (text []byte, escaped bool) {
	t, start := c.text, c.at+1
	for i := start; i < len(t); {
		if i+8 <= len(t) {
			// A byte of quotes or slants is 0 where the text has one; the
			// lowest high bit of the sum marks the first such place exactly.
			word := binary.LittleEndian.Uint64(t[i:])
			quotes, slants := word^eightQuotes, word^eightSlants
			found := ((quotes-ones)&^quotes | (slants-ones)&^slants) & highs
			if found == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(found) >> 3
		}
		switch t[i] {
		case '"':
			c.at = i + 1
			return t[start:i], escaped
		case '\\':
			escaped = true
			i++ // whatever is escaped does not end the string
		}
		i++
	}
	c.short()
	return nil, false
}

// unescape appends the text of a JSON string to dst. A wrong escape becomes
// U+FFFD, as does a half surrogate pair.
func unescape(dst, s []byte) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			dst = append(dst, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			dst = append(dst, '\n')
		case 't':
			dst = append(dst, '\t')
		case 'r':
			dst = append(dst, '\r')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case '"', '\\', '/':
			dst = append(dst, s[i])
		case 'u':
			r, ok := hex4(s[i+1:])
			if ok {
				i += 4
			}
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if i+2 < len(s) && s[i+1] == '\\' && s[i+2] == 'u' {
					low, _ = hex4(s[i+3:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = utf8.AppendRune(dst, utf8.RuneError)
		}
	}
	return dst
}

func hex4(s []byte) (r rune, ok bool) {
	if len(s) < 4 {
		return utf8.RuneError, false
	}
	for _, b := range s[:4] {
		switch {
		case b >= '0' && b <= '9':
			b -= '0'
		case b >= 'a' && b <= 'f':
			b -= 'a' - 10
		case b >= 'A' && b <= 'F':
			b -= 'A' - 10
		default:
			return utf8.RuneError, false
		}
		r = r<<4 | rune(b)
	}
	return r, true
}

// literal reads a number, true, false or null, or whatever else stands there up
// to the next blank or structural byte.
func (c *cursor) literal() []byte {
	start := c.at
	for i := start; i < len(c.text); i++ {
		switch b := c.text[i]; b {
		case ',', '}', ']', ' ', '\n', '\r', '\t', ':', '"', '{', '[':
			if i == start {
				c.bad("want a value")
			}
			c.at = i
			return c.text[start:i]
		}
	}
	c.short()
	return nil
}

// wordLike reports whether b may start a number or one of true, false and null.
func wordLike(b byte) bool {
	return b >= '0' && b <= '9' || b == '-' || b == 't' || b == 'f' || b == 'n'
}

// skip passes over one value of any kind without reading it.
func (c *cursor) skip() {
	switch b := c.peek(); {
	case b == 0:
	case b == '"':
		c.raw()
	case b == '{' || b == '[':
		c.skipNested()
	case wordLike(b):
		c.literal()
	default:
		c.bad("want a value")
	}
}

// skipNested passes over an object or a list: only quotes and brackets are
// looked at. kinds holds a bit per open bracket, 1 for an object.
func (c *cursor) skipNested() {
	t, i := c.text, c.at
	var kinds uint64
	depth := 0
	for i < len(t) {
		switch b := t[i]; b {
		case '"':
			c.at = i
			if c.raw(); c.state != sound {
				return
			}
			i = c.at
			continue
		case '{', '[':
			if depth == maxNesting {
				c.at = i
				c.bad("nested too deep")
				return
			}
			kinds <<= 1
			if b == '{' {
				kinds |= 1
			}
			depth++
		case '}', ']':
			if kinds&1 != 0 != (b == '}') {
				c.at = i
				c.bad("brackets do not match")
				return
			}
			kinds >>= 1
			if depth--; depth == 0 {
				c.at = i + 1
				return
			}
		case '\n':
			for i+9 <= len(t) && binary.LittleEndian.Uint64(t[i+1:]) == eightBlanks {
				i += 8
			}
		}
		i++
	}
	c.at = i
	c.short()
}

// kindOf names the kind of the value at the cursor, for messages.
func (c *cursor) kindOf() string {
	switch b := c.peek(); b {
	case '"':
		return "text"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	default:
		if b >= '0' && b <= '9' || b == '-' {
			return "a number"
		}
		return "something else"
	}
}

// clip shortens text of a feed that is quoted in a message.
func clip(s []byte) string {
	const most = 40
	if len(s) <= most {
		return strings.ToValidUTF8(string(s), "\uFFFD")
	}
	return strings.ToValidUTF8(string(s[:most]), "") + "…"
}
