package api

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
)

// scanner reads one JSON text as I-JSON (RFC 7493) wants it: UTF-8, no unpaired
// surrogates, no two members of the same name, numbers that a double can hold. It
// reads a value at a time and builds nothing, so that the hot path pays for what
// it uses, and it checks what it skips as well.
type scanner struct {
	data  []byte
	pos   int
	depth int // how much deeper values may nest
}

// syntax makes an error that tells where it is, and nothing of what is there.
func (s *scanner) syntax(what string) error {
	return fullmakt.Errorf(fullmakt.CodeInvalid, "the body is not I-JSON: %s at byte %d", what, s.pos)
}

// next skips blanks and returns the byte that the next value or mark begins with;
// 0 at the end.
func (s *scanner) next() byte {
	for s.pos < len(s.data) {
		switch b := s.data[s.pos]; b {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return b
		}
	}
	return 0
}

// end reads the end of the text.
func (s *scanner) end() error {
	if s.next(); s.pos < len(s.data) {
		return s.syntax("more after the first value")
	}
	return nil
}

// names are the member names of one object so far.
type names struct {
	few  [8][]byte
	n    int
	many map[string]bool
}

// add reports whether the name is new.
func (m *names) add(name []byte) bool {
	if m.many != nil {
		if m.many[string(name)] {
			return false
		}
		m.many[string(name)] = true
		return true
	}
	for _, seen := range m.few[:m.n] {
		if string(seen) == string(name) {
			return false
		}
	}
	if m.n < len(m.few) {
		m.few[m.n] = name
		m.n++
		return true
	}
	m.many = make(map[string]bool, 4*m.n)
	for _, seen := range m.few[:m.n] {
		m.many[string(seen)] = true
	}
	m.many[string(name)] = true
	return true
}

// object reads an object and calls member for each of its members, which must
// read the value. The name is good until then.
func (s *scanner) object(member func(name []byte) error) error {
	if s.next() != '{' {
		return s.syntax("an object is wanted")
	}
	if s.depth--; s.depth < 0 {
		return s.syntax("nested too deep")
	}
	s.pos++
	var seen names
	if s.next() == '}' {
		s.pos++
		s.depth++
		return nil
	}
	for {
		if s.next() != '"' {
			return s.syntax("a member name is wanted")
		}
		name, err := s.text()
		if err != nil {
			return err
		}
		if !seen.add(name) {
			return s.syntax("two members of the same name")
		}
		if s.next() != ':' {
			return s.syntax("a colon is wanted")
		}
		s.pos++
		if err := member(name); err != nil {
			return err
		}
		switch s.next() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			s.depth++
			return nil
		default:
			return s.syntax("a comma or the end of the object is wanted")
		}
	}
}

// array reads an array and calls element for each of its elements, which must
// read the value.
func (s *scanner) array(element func() error) error {
	if s.next() != '[' {
		return s.syntax("an array is wanted")
	}
	if s.depth--; s.depth < 0 {
		return s.syntax("nested too deep")
	}
	s.pos++
	if s.next() == ']' {
		s.pos++
		s.depth++
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		switch s.next() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			s.depth++
			return nil
		default:
			return s.syntax("a comma or the end of the array is wanted")
		}
	}
}

// skip reads a value of any kind.
func (s *scanner) skip() error {
	switch b := s.next(); {
	case b == '{':
		return s.object(func([]byte) error { return s.skip() })
	case b == '[':
		return s.array(s.skip)
	case b == '"':
		_, err := s.text()
		return err
	case b == 't':
		return s.word("true")
	case b == 'f':
		return s.word("false")
	case b == 'n':
		return s.word("null")
	case b == '-' || b >= '0' && b <= '9':
		_, err := s.number()
		return err
	}
	return s.syntax("a value is wanted")
}

// word reads one of the words true, false and null.
func (s *scanner) word(word string) error {
	if len(s.data)-s.pos < len(word) || string(s.data[s.pos:s.pos+len(word)]) != word {
		return s.syntax("a value is wanted")
	}
	s.pos += len(word)
	return nil
}

// number reads a number.
func (s *scanner) number() (float64, error) {
	start := s.pos
	if s.data[s.pos] == '-' {
		s.pos++
	}
	switch whole := s.digits(); {
	case whole == 0, whole > 1 && s.data[s.pos-whole] == '0':
		return 0, s.syntax("not a number")
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		if s.digits() == 0 {
			return 0, s.syntax("not a number")
		}
	}
	if s.pos < len(s.data) && s.data[s.pos]|0x20 == 'e' {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		if s.digits() == 0 {
			return 0, s.syntax("not a number")
		}
	}
	n, err := strconv.ParseFloat(string(s.data[start:s.pos]), 64)
	if err != nil {
		return 0, s.syntax("a number beyond a double")
	}
	return n, nil
}

func (s *scanner) digits() (n int) {
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
		n++
	}
	return n
}

// text reads a string. What it returns is part of the text where that holds no
// escapes, and must not be changed.
func (s *scanner) text() ([]byte, error) {
	s.pos++ // the quote, which the caller has seen
	start := s.pos
	ascii := true
	for i := start; i < len(s.data); i++ {
		switch b := s.data[i]; {
		case b == '"':
			out := s.data[start:i]
			if !ascii && !utf8.Valid(out) {
				return nil, s.syntax("not UTF-8")
			}
			s.pos = i + 1
			return out, nil
		case b == '\\':
			return s.escaped(start, i)
		case b < ' ':
			s.pos = i
			return nil, s.syntax("a control character in a string")
		case b >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, s.syntax("a string without end")
}

// escaped reads on a string that begins at start and has its first escape at i.
func (s *scanner) escaped(start, i int) ([]byte, error) {
	out := append(make([]byte, 0, 2*(i-start)+16), s.data[start:i]...)
	for i < len(s.data) {
		b := s.data[i]
		switch {
		case b == '"':
			if !utf8.Valid(out) {
				return nil, s.syntax("not UTF-8")
			}
			s.pos = i + 1
			return out, nil
		case b < ' ':
			s.pos = i
			return nil, s.syntax("a control character in a string")
		case b != '\\':
			out = append(out, b)
			i++
			continue
		}
		s.pos = i
		if i+1 >= len(s.data) {
			break
		}
		switch e := s.data[i+1]; e {
		case '"', '\\', '/':
			out = append(out, e)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := s.hex(i + 2)
			if !ok {
				return nil, s.syntax("not an escape")
			}
			if utf16.IsSurrogate(r) {
				low, ok := rune(-1), false
				if i+7 < len(s.data) && s.data[i+6] == '\\' && s.data[i+7] == 'u' {
					low, ok = s.hex(i + 8)
				}
				if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
					return nil, s.syntax("an unpaired surrogate")
				}
				i += 6
			}
			out = utf8.AppendRune(out, r)
			i += 4
		default:
			return nil, s.syntax("not an escape")
		}
		i += 2
	}
	return nil, s.syntax("a string without end")
}

// hex reads four hexadecimal digits.
func (s *scanner) hex(i int) (r rune, ok bool) {
	if i+4 > len(s.data) {
		return 0, false
	}
	for _, b := range s.data[i : i+4] {
		switch {
		case b >= '0' && b <= '9':
			b -= '0'
		case b|0x20 >= 'a' && b|0x20 <= 'f':
			b = b | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(b)
	}
	return r, true
}

// appendText writes a string as JSON. It writes what every reader understands:
// nothing of it can end a script or be read as a line break.
func appendText(out []byte, s string) []byte {
	out = append(out, '"')
	for i := 0; i < len(s); {
		b := s[i]
		switch {
		case b == '"' || b == '\\':
			out = append(out, '\\', b)
			i++
			continue
		case b >= ' ' && b < utf8.RuneSelf && b != '<' && b != '>' && b != '&':
			out = append(out, b)
			i++
			continue
		case b < utf8.RuneSelf:
			out = fmt.Appendf(out, `\u%04x`, b)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == '\u2028' || r == '\u2029' {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
		i += n
	}
	return append(out, '"')
}
