package enhetsregisteret

import (
	"strings"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
)

// joined appends the texts of a list, with blanks between them.
func (d *decoder) joined(dst []byte, path string) []byte {
	d.open('[')
	from := len(dst)
	for first := true; d.item(&first); {
		if s, ok := d.str(path); ok {
			dst = appendPart(dst, from, s)
		}
	}
	return dst
}

// coded reads an object of which only kode counts.
func (d *decoder) coded(path string) (code []byte, ok bool) {
	switch d.peek() {
	case 'n':
		d.literal()
		return nil, false
	case '"': // older data write the bare code
		return d.str(path)
	case '{':
		d.at++
	default:
		d.refuse(d.at, path, "want an object, got %s", d.kindOf())
		d.skip()
		return nil, false
	}
	for first := true; ; {
		key, more := d.key(&first)
		if !more {
			return code, len(code) > 0
		}
		if string(key) == "kode" {
			code, _ = d.str(path)
			if len(d.plain) > 0 && len(code) > 0 && &code[0] == &d.plain[0] {
				code = append([]byte(nil), code...)
			}
			continue
		}
		d.skip()
	}
}

// null passes over a null.
func (d *decoder) null() bool {
	if d.peek() != 'n' {
		return false
	}
	d.literal()
	return true
}

// str reads a text, or a number as its digits. A null is no text and no trouble.
func (d *decoder) str(path string) (s []byte, ok bool) {
	switch b := d.peek(); {
	case b == '"':
		raw, escaped := d.raw()
		if escaped {
			d.plain = unescape(d.plain[:0], raw)
			raw = d.plain
		}
		return raw, d.state == sound
	case b == 'n':
		d.literal()
		return nil, false
	case b >= '0' && b <= '9':
		return d.literal(), d.state == sound
	default:
		d.refuse(d.at, path, "want text, got %s", d.kindOf())
		d.skip()
		return nil, false
	}
}

// truth reads true or false; null is false.
func (d *decoder) truth(path string) bool {
	switch b := d.peek(); b {
	case 't', 'f', 'n':
		d.literal()
		return b == 't'
	default:
		d.refuse(d.at, path, "want true or false, got %s", d.kindOf())
		d.skip()
		return false
	}
}

// flag reads true or false into a state of the unit.
func (d *decoder) flag(path string, state fullmakt.OrgState) {
	if d.truth(path) {
		d.change.State |= state
	}
}

func (d *decoder) orgNumber(path string) fullmakt.OrgNumber {
	at := d.at
	s, ok := d.str(path)
	if !ok || len(s) == 0 {
		return 0
	}
	org, err := parseOrg(s)
	if err != nil {
		d.refuse(at, path, "%v", err)
	}
	return org
}

func (d *decoder) date(s []byte, path string) fullmakt.Date {
	date, ok := parseDate(s)
	if !ok {
		d.refuse(d.at, path, "date %q: want year-month-day", clip(s))
	}
	return date
}

// maxInterned bounds the tables of codes, which a damaged feed could fill.
const maxInterned = 4096

func (d *decoder) form(s []byte) fullmakt.OrgForm {
	f, ok := d.forms[string(s)]
	if !ok {
		f = fullmakt.OrgForm(s)
		if len(d.forms) < maxInterned {
			d.forms[string(f)] = f
		}
	}
	return f
}

func (d *decoder) code(s []byte) fullmakt.RoleCode {
	c, ok := d.codes[string(s)]
	if !ok {
		c = fullmakt.RoleCode(s)
		if len(d.codes) < maxInterned {
			d.codes[string(c)] = c
		}
	}
	return c
}

// parseOrg reads an organisation number, fast when it is nine digits.
func parseOrg(s []byte) (fullmakt.OrgNumber, error) {
	if len(s) == 9 {
		var n uint32
		for _, b := range s {
			if b < '0' || b > '9' {
				return fullmakt.ParseOrgNumber(string(s))
			}
			n = n*10 + uint32(b-'0')
		}
		if org := fullmakt.OrgNumber(n); org.Valid() {
			return org, nil
		}
	}
	return fullmakt.ParseOrgNumber(string(s))
}

// parseDate reads year-month-day with or without a time behind it, fast in the
// usual case. An empty text is no date.
func parseDate(s []byte) (fullmakt.Date, bool) {
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		y, ok1 := digits(s[:4])
		m, ok2 := digits(s[5:7])
		d, ok3 := digits(s[8:])
		if ok1 && ok2 && ok3 && m >= 1 && m <= 12 && d >= 1 && d <= 28 {
			return fullmakt.NewDate(y, m, d), true
		}
	}
	date, err := fullmakt.ParseDate(string(s))
	return date, err == nil
}

func digits(s []byte) (n int, ok bool) {
	for _, b := range s {
		if b < '0' || b > '9' {
			return 0, false
		}
		n = n*10 + int(b-'0')
	}
	return n, true
}

// appendName appends a name of the feed without blanks at its ends, and with
// U+FFFD in place of what is not UTF-8.
func appendName(dst, s []byte) []byte {
	for len(s) > 0 && s[0] <= ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	if utf8.Valid(s) {
		return append(dst, s...)
	}
	return append(dst, strings.ToValidUTF8(string(s), "\uFFFD")...)
}

// appendPart appends a part of the name that starts at from, with a blank
// before it when it is not the first. A blank part adds nothing.
func appendPart(dst []byte, from int, s []byte) []byte {
	before := len(dst)
	if before > from {
		dst = append(dst, ' ')
	}
	start := len(dst)
	if dst = appendName(dst, s); len(dst) == start {
		return dst[:before]
	}
	return dst
}
