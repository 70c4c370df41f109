package delegation

import (
	"strings"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
)

// LastNameFits reports whether last is the last name in a person's full name: its
// last word or words, in any letter case. An empty last name fits nothing.
func LastNameFits(name, last string) bool {
	name, last = fullmakt.FoldName(name), fullmakt.FoldName(last)
	return last != "" && (name == last || strings.HasSuffix(name, " "+last))
}

// clip shortens input that is quoted in a message.
func clip(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
