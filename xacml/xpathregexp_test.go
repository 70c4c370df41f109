package xacml

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

func TestRegexp(t *testing.T) {
	for _, test := range []struct{ pattern, matches, others string }{
		// the examples of fn:matches that have no flags
		{`bra`, "abracadabra", "rab"},
		{`^a.*a$`, "abracadabra", "abracadabr"},
		{`^bra`, "brav", "abracadabra"},
		// quantifiers
		{`^a?b*c+$`, "c abc bbcc", "a ab aabc"},
		{`^a{2}b{1,}c{0,1}$`, "aab aabbc", "ab aac aabcc"},
		{`^a+?b??$`, "a ab aa", "abb b"},
		{`^(a|bc)+$`, "a bc abca", "b abac_"},
		{`^(ab){1,2}$`, "ab abab", "ababab"},
		// escapes of single characters
		{`^\\\|\.\?\*\+\(\)\{\}\-\[\]\^\$$`, `\|.?*+(){}-[]^$`, `\\`},
		{`^a\nb\tc\rd$`, "a\nb\tc\rd", "anbtcrd"},
		{`^/"#&~$`, `/"#&~`, `/`},
		// any character but a line's end
		{`^a.b$`, "axb aåb a\rb", "a\nb ab"},
		{`^a$`, "a", "a\n b\na"},
		// classes
		{`^[abc]$`, "a b c", "d ab -"},
		{`^[^abc]$`, "d - å", "a b c"},
		{`^[a-cx-z]$`, "b y", "d -"},
		{`^[-a]$`, "- a", "b"},
		{`^[a-]$`, "- a", "b"},
		{`^[a\-c]$`, "- a c", "b"},
		{`^[a^]$`, "a ^", "b"},
		{`^[.$(*+?]$`, ". $ ( * + ?", "a"},
		{`^[\d\-]$`, "1 -", "a"},
		{`^[\D]$`, "a", "1"},
		{`^[a-z-[aeiou]]$`, "b z", "a u -"},
		{`^[^a-z-[0-9]]$`, "A -", "a 1"},
		{`^[a-z-[b-y-[m]]]$`, "a m z", "b n y"},
		{`^[a-z-[^aeiou]]$`, "a u", "b z"},
		{`^[\p{L}-[æøå]]$`, "a Æ", "æ 1"},
		// sets
		{`^\s$`, "\t \n \r", "a \u00a0 \v"},
		{`^\S$`, "a \u00a0", "\t \n"},
		{`^\d$`, "0 9 ٣", "a Ⅷ"},
		{`^\D$`, "a Ⅷ", "0 ٣"},
		{`^\w$`, "a 1 å ٣ + $", "- _ . \u00a0 \u0378"},
		{`^\W$`, "- _ .", "a +"},
		{`^\i\c*$`, "a:b-1 _x øy", "1a -a .a"},
		{`^\I$`, "1 - .", "a : _"},
		{`^\C$`, "+ /", "a - 1"},
		{`^\p{Lu}\p{Ll}$`, "Aa Øå", "aA AA"},
		{`^\P{L}$`, "1 -", "a"},
		{`^\p{Nd}$`, "1", "a"},
		{`^\p{Cn}$`, "\u0378", "a"},
		{`^\p{C}$`, "\u0378 \u0000 \ue000", "a"},
		{`^\p{IsBasicLatin}$`, "a ~", "å"},
		{`^\p{IsLatin-1Supplement}$`, "å", "a"},
		{`^\P{IsBasicLatin}$`, "å", "a"},
		{`^\p{IsGreek}$`, "α", "a"},
	} {
		compiled, err := compileRegexp(test.pattern)
		if err != nil {
			t.Errorf("%s: %s", test.pattern, err)
			continue
		}
		for _, want := range []bool{true, false} {
			texts := test.matches
			if !want {
				texts = test.others
			}
			for _, text := range strings.Split(texts, " ") {
				if got := compiled.MatchString(text); got != want {
					t.Errorf("%s on %q: got %t", test.pattern, text, got)
				}
			}
		}
	}
}

func TestRegexpRefused(t *testing.T) {
	for _, pattern := range []string{
		`(`, `)`, `a)`, `[`, `[a`, `[]`, `[^]`, `]`, `}`, `{`, `a{`, `a{,2}`, `a{x}`, `a{2,1}`, `a{1001}`, `*`, `+a`, `a**`, `(?i)a`, `(?:a)`,
		`\`, `\1`, `(a)\1`, `\y`, `\å`, `\b`, `\z`, `\p`, `\pL`, `\p{`, `\p{Xx}`, `\p{}`, `\p{ }`, `\p{L Lu}`, `\p{IsNowhere}`, `\p{Greek}`,
		`[b-a]`, `[a-\d]`, `[a-c-e]`, `[[a]]`, `[a-[b]c]`, `[\d-z]`, "\xff", strings.Repeat("a", maxPattern+1),
		strings.Repeat(`\w`, maxPattern/2), strings.Repeat("[a-", 20) + "[a]" + strings.Repeat("]", 20),
	} {
		_, err := compileRegexp(pattern)
		var failure *Error
		if !errors.As(err, &failure) || failure.Code != StatusProcessingError {
			t.Errorf("%.60s: got %v", pattern, err)
		}
	}
}

// TestRegexpSpends holds that long texts and patterns take an evaluation's steps,
// whether the pattern is known when the policy is loaded or not.
func TestRegexpSpends(t *testing.T) {
	f := lookupFunction(function1 + "string-regexp-match")
	pattern, text := String("a+b"), String(strings.Repeat("a", 1<<20))
	for name, f := range map[string]*function{"known when evaluated": f, "known when loaded": f.bind(pattern)} {
		_, err := f.call(&evaluation{steps: 1000}, []result{{value: pattern}, {value: text}})
		if err != errTooManySteps {
			t.Errorf("%s, a long text: got %v", name, err)
		}
	}
	_, err := f.call(&evaluation{steps: 1000}, []result{{value: String(strings.Repeat(`\w`, 10))}, {value: String("a")}})
	if err != errTooManySteps {
		t.Errorf("a pattern of many classes: got %v", err)
	}
}

// FuzzRegexp holds that no pattern brings the translation down, and that whatever
// stands in a pattern, a text of letters and digits only matches itself.
func FuzzRegexp(f *testing.F) {
	for _, pattern := range []string{`^a.*a$`, `[a-z-[aeiou]]{2,3}`, `\p{IsGreek}|\P{Lu}`, `\i\c*`, `(a|b)??`, `[^\w-[x]]`, `a{,2}`} {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		compiled, err := compileRegexp(pattern)
		if regexp.MustCompile(`^[a-zA-Z0-9]+$`).MatchString(pattern) {
			if err != nil && len(pattern) <= maxPattern || err == nil && !compiled.MatchString(pattern) {
				t.Errorf("a word does not match itself: %v", err)
			}
		}
	})
}
