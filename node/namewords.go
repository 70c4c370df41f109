package node

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// nameText is a name, or what is typed to find one, in the form in which names are
// compared: words of lower-case letters and digits, in which letters that are
// written for one another are one (æ, ä and ae; ø, ö and oe; å and aa) and other
// accents are gone.
type nameText struct {
	words []string
	// joined are the words that punctuation ties together, as one: of Nord-Norge
	// also nordnorge.
	joined []string
	core   int // how many of words are left without the trailing form (AS, ANS, …)
}

// coreWords are the words without the trailing form of organisation.
func (t nameText) coreWords() []string { return t.words[:t.core] }

// whole is the name without its form as one word, so that neither blanks nor
// hyphens tell names apart.
func (t nameText) whole() string { return strings.Join(t.coreWords(), "") }

// formWords are the words at the end of a name that tell the form of organisation.
// They weigh nothing when names are compared. Norwegian forms are those that names
// carry by law or use; foreign ones stand in the names of branches (NUF).
var formWords = []string{
	"as", "asa", "ans", "da", "nuf", "enk", "ba", "sa", "ks", "iks", "se", "sti", "fli", "hf", "rhf", "kf", "fkf", "brl", "bbl",
	"ab", "aps", "oy", "oyj", "ltd", "limited", "plc", "inc", "llc", "gmbh", "bv",
}

// longestJoined bounds a joined word, which is of use for names such as
// Nord-Norge and not for a list with slashes between.
const longestJoined = 40

// foldName brings a name to the form in which names are compared.
func foldName(name string) (t nameText) {
	if strings.ContainsFunc(name, combining) {
		name = norm.NFC.String(name)
	}
	var word []byte
	group := 0 // index in words of the first word since the last blank
	endWord := func() {
		if len(word) > 0 {
			t.words = append(t.words, string(word))
			word = word[:0]
		}
	}
	lone := false // an ampersand stands alone so far
	endGroup := func() {
		endWord()
		switch tied := t.words[group:]; {
		case len(tied) == 0 && lone:
			t.words = append(t.words, "og")
		case len(tied) > 1:
			joined := strings.Join(tied, "")
			if len(joined) == len(tied) { // an abbreviation: A/S, H.M.
				t.words = append(t.words[:group], joined)
			} else if len(joined) <= longestJoined {
				t.joined = append(t.joined, joined)
			}
		}
		group, lone = len(t.words), false
	}
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			word = append(word, byte(r))
		case r >= 'A' && r <= 'Z':
			word = append(word, byte(r-'A'+'a'))
		case r == '\'' || r == '’' || r == '‘' || r == '`' || r == '´':
		case unicode.IsSpace(r):
			endGroup()
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			word = appendFolded(word, r)
		default:
			lone = lone || r == '&'
			endWord()
		}
	}
	endGroup()
	t.core = len(t.words)
	for t.core > 1 && slices.Contains(formWords, t.words[t.core-1]) {
		t.core--
	}
	return t
}

func combining(r rune) bool { return r >= 0x300 && r <= 0x36f }

// appendFolded appends a letter beyond ASCII as names are compared.
func appendFolded(b []byte, r rune) []byte {
	switch r = unicode.ToLower(r); r {
	case 'æ', 'ä':
		return append(b, "ae"...)
	case 'ø', 'ö', 'œ':
		return append(b, "oe"...)
	case 'å':
		return append(b, "aa"...)
	case 'đ', 'ð':
		return append(b, 'd')
	case 'þ':
		return append(b, "th"...)
	case 'ß':
		return append(b, "ss"...)
	case 'ŧ':
		return append(b, 't')
	case 'ŋ':
		return append(b, 'n')
	case 'ł':
		return append(b, 'l')
	case 'ı':
		return append(b, 'i')
	}
	for _, d := range norm.NFD.String(string(r)) {
		if !unicode.Is(unicode.Mn, d) {
			b = append(b, string(d)...)
		}
	}
	return b
}
