package enhetsregisteret

import (
	"strings"
	"unicode/utf8"
)

// ccrRecord is one record of a batch file, a character per column.
type ccrRecord []rune

// latin9 holds the characters in which ISO-8859-15 differs from ISO-8859-1.
var latin9 = map[byte]rune{0xa4: '€', 0xa6: 'Š', 0xa8: 'š', 0xb4: 'Ž', 0xb8: 'ž', 0xbc: 'Œ', 0xbd: 'œ', 0xbe: 'Ÿ'}

// decode turns a line into columns, reusing r's space. The line end falls away,
// a byte order mark too. Text that is not ASCII and yet valid UTF-8 was
// re-encoded on its way: no Norwegian name in ISO-8859-15 happens to be.
func (r ccrRecord) decode(line []byte) ccrRecord {
	r = r[:0]
	line = line[len(utf8Mark(line)):]
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	ascii := true
	for _, b := range line {
		ascii = ascii && b < utf8.RuneSelf
	}
	if !ascii && utf8.Valid(line) {
		for len(line) > 0 {
			c, n := utf8.DecodeRune(line)
			r, line = append(r, c), line[n:]
		}
		return r
	}
	for _, b := range line {
		c := rune(b)
		if c >= utf8.RuneSelf {
			if other, ok := latin9[b]; ok {
				c = other
			}
		}
		r = append(r, c)
	}
	return r
}

// column returns the character in a column, counted from 1; a blank where the
// line ends before it, since trailing blanks are cut.
func (r ccrRecord) column(n int) rune {
	if n > len(r) {
		return ' '
	}
	return r[n-1]
}

// field returns the columns from..to, counted from 1 and both included, without
// blanks at its ends.
func (r ccrRecord) field(from, to int) string {
	if from > len(r) {
		return ""
	}
	return strings.TrimSpace(string(r[from-1 : min(to, len(r))]))
}

// joined returns fields of the same width from a column on, one blank between
// those that are not empty.
func (r ccrRecord) joined(from, width, count int) string {
	var parts []string
	for i := range count {
		if s := r.field(from+i*width, from+(i+1)*width-1); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

func (r ccrRecord) blank() bool {
	for _, c := range r {
		if c != ' ' {
			return false
		}
	}
	return true
}
