package text

import "strings"

// Lang is a language the product speaks.
type Lang string

// The languages: Norwegian bokmål, Norwegian nynorsk and English.
const (
	NB Lang = "nb"
	NN Lang = "nn"
	EN Lang = "en"
)

// Langs lists the languages in the order in which a page offers them.
func Langs() []Lang { return []Lang{NB, NN, EN} }

// ParseLang reads a language code, such as "nb", or a locale, such as
// "nn_NO.UTF-8", in any letter case. "no" is bokmål. It reports false for any
// other language, which includes the locales "C" and "POSIX".
func ParseLang(s string) (Lang, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if end := strings.IndexAny(s, "_-.@"); end >= 0 {
		s = s[:end]
	}
	switch s {
	case "nb", "no":
		return NB, true
	case "nn":
		return NN, true
	case "en":
		return EN, true
	}
	return "", false
}

// FromEnvironment returns the language the environment asks for: FULLMAKT_LANG,
// else the first of LC_ALL, LC_MESSAGES and LANG that is set, else English. A
// locale in another language gives English.
func FromEnvironment(getenv func(string) string) Lang {
	if lang, ok := ParseLang(getenv("FULLMAKT_LANG")); ok {
		return lang
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := getenv(name); locale != "" {
			if lang, ok := ParseLang(locale); ok {
				return lang
			}
			break
		}
	}
	return EN
}
