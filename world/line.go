package world

import (
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// line is one statement being read from left to right.
type line struct {
	no    int
	words []word
	next  int
}

// done reports whether all words are read.
func (l *line) done() bool { return l.next >= len(l.words) }

// keyword reads the next word if it is the given keyword.
func (l *line) keyword(keyword string) bool {
	if l.done() || !l.words[l.next].bare(keyword) {
		return false
	}
	l.next++
	return true
}

// colon reads the colon that ends what is asked.
func (l *line) colon() bool {
	if l.done() || !l.words[l.next].colon {
		return false
	}
	l.next++
	return true
}

// value reads the next word, which is what.
func (l *line) value(what string) (string, error) {
	if l.done() || l.words[l.next].colon {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "%s is missing at the end", what).
			WithHint("write %s after %s", what, l.before())
	}
	l.next++
	return l.words[l.next-1].text, nil
}

// before shows the words read so far, for hints.
func (l *line) before() string {
	var words []string
	for _, w := range l.words[:l.next] {
		words = append(words, w.text)
	}
	return show(strings.Join(words, " "))
}

// written is the whole line as a person would write it, without its comment.
func (l *line) written() string {
	var b strings.Builder
	for i, w := range l.words {
		if i > 0 && !w.colon {
			b.WriteByte(' ')
		}
		if w.quoted {
			b.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w.text) + `"`)
		} else {
			b.WriteString(w.text)
		}
	}
	return b.String()
}

// expect reads a keyword that must stand here.
func (l *line) expect(keyword string) error {
	if l.keyword(keyword) {
		return nil
	}
	if l.done() {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the word %q is missing at the end", keyword).
			WithHint("write %s after %s", keyword, l.before())
	}
	return fullmakt.Errorf(fullmakt.CodeInvalid, "%s stands where the word %q should", show(l.words[l.next].text), keyword).
		WithHint("write %s before it, and put a name of several words in quotes", keyword)
}

// after reads the keyword and the value after it.
func (l *line) after(keyword, what string) (string, error) {
	if err := l.expect(keyword); err != nil {
		return "", err
	}
	return l.value(what)
}

// unknown complains about the next word.
func (l *line) unknown(want string) error {
	return fullmakt.Errorf(fullmakt.CodeInvalid, "%s is not understood here", show(l.words[l.next].text)).
		WithHint("what may follow is %s", want)
}

// clauses reads keywords, each at most once, until the line ends or a colon
// stands next. A keyword's function reads what belongs to it.
func (l *line) clauses(want string, known map[string]func() error) error {
	seen := make(map[string]bool)
	for !l.done() && !l.words[l.next].colon {
		w := l.words[l.next]
		read := known[w.text]
		if w.quoted || read == nil {
			return l.unknown(want)
		}
		if seen[w.text] {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "%q stands twice", w.text).WithHint("remove one of the two")
		}
		seen[w.text] = true
		l.next++
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

// isDate reports whether the next word looks like a date.
func (l *line) isDate() bool {
	if l.done() || l.words[l.next].quoted {
		return false
	}
	_, err := time.Parse(time.DateOnly, l.words[l.next].text)
	return err == nil
}

// date reads a day.
func (l *line) date(what string) (fullmakt.Date, error) {
	text, err := l.value(what)
	if err != nil {
		return 0, err
	}
	return parseDay(text)
}

func parseDay(text string) (fullmakt.Date, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 1900 {
		return 0, fullmakt.Errorf(fullmakt.CodeInvalid, "%s is not a date", show(text)).
			WithHint("write year, month and day as 2026-03-03, from 1900 on")
	}
	return fullmakt.DateOf(day), nil
}

// instant reads a time: a day, which means its beginning in Norway, or a time of
// day with its zone.
func (l *line) instant() (int64, error) {
	text, err := l.value("a time")
	if err != nil {
		return 0, err
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil && t.Year() >= 1900 {
		return t.Unix(), nil
	}
	day, err := parseDay(text)
	if err != nil {
		return 0, fullmakt.Errorf(fullmakt.CodeInvalid, "%s is not a time", show(text)).
			WithHint("write a day as 2026-03-03, or a time as 2026-03-03T12:00:00+01:00")
	}
	return day.Time(fullmakt.Oslo()).Unix(), nil
}
