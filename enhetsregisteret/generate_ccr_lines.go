package enhetsregisteret

import (
	"bytes"

	"github.com/fullmakt/fullmakt"
)

// lines writes the fixed-column lines of a CCR batch in ISO-8859-15: one byte a
// letter, trailing blanks cut, a line feed after each.
type lines struct {
	w     *genWorld
	b     []byte
	roles []genRole
}

// latin appends s in ISO-8859-15, which has the letters used here where
// ISO-8859-1 has them, cut at width letters (0: not cut).
func (l *lines) latin(s string, width int) {
	n := 0
	for _, r := range s {
		if width > 0 && n == width {
			return
		}
		if r > 0xff {
			r = '?'
		}
		l.b = append(l.b, byte(r))
		n++
	}
}

// pad appends blanks up to column col (1-based) of the current line.
func (l *lines) pad(col int) {
	start := bytes.LastIndexByte(l.b, '\n') + 1
	for len(l.b)-start < col-1 {
		l.b = append(l.b, ' ')
	}
}

// column writes s from column col on; col 0 is where the line has come to.
func (l *lines) column(col int, s string) {
	if col > 0 {
		l.pad(col)
	}
	l.latin(s, 0)
}

// end cuts trailing blanks and ends the line.
func (l *lines) end() {
	l.b = append(bytes.TrimRight(l.b, " "), '\n')
}

// unit writes the ENH line. what is the main case and the sub case together.
func (l *lines) unit(n fullmakt.OrgNumber, form, what string, born fullmakt.Date, first byte, survivor fullmakt.OrgNumber) {
	l.b = appendOrg(append(l.b, "ENH "...), n)
	l.column(14, form)
	l.column(18, what)
	l.pad(23)
	l.b = l.w.dates.compact(l.b, born)
	l.b = l.w.dates.compact(l.b, l.w.today)
	l.b = append(l.b, first)
	if survivor != 0 {
		l.b = appendOrg(l.b, survivor)
	}
	l.b = append(l.b, '\n')
}

// plain writes a data record: the type with its kind of change, who changed it,
// and the content.
func (l *lines) plain(kind, by, content string) {
	l.column(0, kind)
	l.column(6, by)
	l.column(9, content)
	l.end()
}

// name writes NAVN: the name broken at blanks into lines of 35, and whole as the
// edited name.
func (l *lines) name(name []byte) {
	l.column(0, "NAVNNSSY")
	rest := []rune(string(name))
	for k := 0; k < 5 && len(rest) > 0; k++ {
		l.pad(9 + 35*k)
		cut := min(35, len(rest))
		if cut < len(rest) {
			for c := cut; c > 0; c-- {
				if rest[c] == ' ' {
					cut = c
					break
				}
			}
		}
		l.latin(string(rest[:cut]), 0)
		if rest = rest[cut:]; len(rest) > 0 && rest[0] == ' ' {
			rest = rest[1:]
		}
	}
	l.pad(184)
	l.latin(string(name), 36)
	l.end()
}

func (l *lines) address(a address) {
	l.column(0, "FADRNSSY")
	l.column(9, a.post.code)
	l.column(18, "NO")
	l.column(21, a.place.number)
	l.column(30, a.post.name)
	col := 65
	if a.care != "" {
		l.pad(col)
		l.latin(a.care, 35)
		col += 35
	}
	l.pad(col)
	l.latin(a.street, 35)
	l.end()
}

// role writes a role record, of a person or of an organisation, new (N) or
// expired (U).
func (l *lines) role(r genRole, change byte) {
	if r.by.kind != byPerson {
		l.link(string(r.code), r, change)
		return
	}
	l.column(0, string(r.code))
	l.pad(5)
	l.b = append(l.b, change)
	if change == 'N' {
		l.b = append(l.b, "SSY"...)
	}
	l.column(9, "RD")
	person := r.by.who
	people := &l.w.people
	if change == 'N' {
		l.column(11, r.share)
		l.pad(41)
		l.b = append(l.b, ended(r.ended))
		l.column(42, r.elected)
		l.column(46, "000")
	}
	l.column(49, people.ids[person].Reveal())
	if change == 'N' {
		n := people.name(person)
		l.column(60, n.first)
		l.column(110, n.middle)
		l.column(160, n.last)
		d := roll(l.w.seed, "lives", uint64(person))
		a := l.w.address(&d)
		l.column(210, a.post.code)
		l.pad(219)
		l.latin(a.street, 35)
		l.column(324, "NO")
		l.pad(327)
		if people.dead(person) {
			l.b = append(l.b, 'D')
		} else {
			l.b = append(l.b, 'L')
		}
	}
	l.end()
}

// link writes a role or other tie (knytning) whose other end is an organisation.
func (l *lines) link(code string, r genRole, change byte) {
	l.column(0, code)
	l.pad(5)
	l.b = append(l.b, change)
	if change == 'N' {
		l.b = append(l.b, "SSY"...)
	}
	l.column(9, "KD")
	if change == 'N' {
		l.column(11, r.share)
		l.pad(41)
		l.b = append(l.b, ended(r.ended))
	}
	l.pad(42)
	number, _, _ := l.w.holderUnit(r.by)
	l.b = appendOrg(l.b, number)
	if change == 'N' {
		l.column(51, r.elected)
		l.column(55, "000")
	}
	l.end()
}

// ended writes fratrådt.
func ended(is bool) byte {
	if is {
		return 'F'
	}
	return 'N'
}
