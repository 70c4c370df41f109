package world

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
)

// word is one word of a statement. Only a bare one can be a keyword, so that a
// party named "for" can be written in quotes.
type word struct {
	text   string
	quoted bool
	colon  bool // the colon that ends what a question asks
}

// bare reports whether w is the given keyword.
func (w word) bare(keyword string) bool { return !w.quoted && !w.colon && w.text == keyword }

// splitWords cuts a line into words and drops its comment.
func splitWords(line string) ([]word, error) {
	var words []word
	for {
		line = strings.TrimLeftFunc(line, unicode.IsSpace)
		switch {
		case line == "" || line[0] == '#':
			return words, nil
		case line[0] == '"':
			text, rest, err := quotedWord(line[1:])
			if err != nil {
				return nil, err
			}
			words = append(words, word{text: text, quoted: true})
			colon := false
			if line, colon = endOfWord(rest); colon {
				words = append(words, word{text: ":", colon: true})
			}
			if r, _ := utf8.DecodeRuneInString(line); line != "" && !unicode.IsSpace(r) {
				return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "text follows the closing quote of %s", show(text)).
					WithHint("put a blank after the quote, or write \\\" for a quote inside the name")
			}
		default:
			end := strings.IndexFunc(line, unicode.IsSpace)
			if end < 0 {
				end = len(line)
			}
			text := line[:end]
			line = line[end:]
			if strings.ContainsRune(text, '"') {
				return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "a quote stands inside the word %s", show(text)).
					WithHint("put the whole name in quotes, as \"Bergen AS\"")
			}
			text, colon := strings.CutSuffix(strings.TrimRight(text, ","), ":")
			text = strings.TrimRight(text, ",")
			if text != "" {
				words = append(words, word{text: text})
			}
			if colon {
				words = append(words, word{text: ":", colon: true})
			}
		}
	}
}

// quotedWord reads up to the closing quote of a word whose opening quote has
// been read.
func quotedWord(line string) (text, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case '"':
			return b.String(), line[i+1:], nil
		case '\\':
			i++
			if i == len(line) || line[i] != '"' && line[i] != '\\' {
				return "", "", fullmakt.Errorf(fullmakt.CodeInvalid, "a backslash in quotes stands before neither a quote nor a backslash").
					WithHint("write \\\\ for a backslash")
			}
			b.WriteByte(line[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", fullmakt.Errorf(fullmakt.CodeInvalid, "the quote before %s is not closed", show(line)).
		WithHint("end the name with a quote on the same line")
}

// endOfWord drops the punctuation after a closing quote.
func endOfWord(line string) (rest string, colon bool) {
	rest, colon = strings.CutPrefix(strings.TrimLeft(line, ","), ":")
	return strings.TrimLeft(rest, ","), colon
}

// show quotes input in a message: shortened, and with every run of eleven digits
// masked, since it may be a real person's identity number.
func show(s string) string {
	const most = 40
	digits := 0
	runes := []rune(s)
	for i, r := range runes {
		if r < '0' || r > '9' {
			if r != ' ' {
				digits = 0
			}
			continue
		}
		if digits++; digits >= 7 && longRun(runes, i, digits) {
			runes[i] = '*'
		}
	}
	if len(runes) > most {
		return `"` + string(runes[:most]) + `…"`
	}
	return `"` + string(runes) + `"`
}

// longRun reports whether the digit at i, the n-th of its run, stands in a run of
// at least eleven digits, blanks between them not counted.
func longRun(runes []rune, i, n int) bool {
	for i++; i < len(runes) && n < 11; i++ {
		switch r := runes[i]; {
		case r >= '0' && r <= '9':
			n++
		case r != ' ':
			return false
		}
	}
	return n >= 11
}
