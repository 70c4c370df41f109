package xacml

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type xpathTokenKind uint8

const (
	xpathEnd      xpathTokenKind = iota
	xpathSymbol                  // an operator that is no name, a bracket, an abbreviation
	xpathOperator                // and, or, div, mod, and * that multiplies
	xpathLiteral
	xpathNumeral
	xpathName     // a name test: name, prefix:name, prefix:*, *
	xpathAxisName // before ::
	xpathCall     // a function name or node type, before (
)

// xpathToken is a token of an expression, with its place in bytes.
type xpathToken struct {
	kind xpathTokenKind
	text string // of a literal without its quotes
	at   int
}

// scanXPath makes tokens of an expression, telling names that are operators,
// axes and functions from others by what stands around them (XPath 1.0, section
// 3.7).
func scanXPath(text string) ([]xpathToken, error) {
	var tokens []xpathToken
	for i := skipXPathSpace(text, 0); i < len(text); i = skipXPathSpace(text, i) {
		t, after, err := scanXPathToken(text, i, operatorMayFollow(tokens))
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		i = after
	}
	return append(tokens, xpathToken{kind: xpathEnd, at: len(text)}), nil
}

func skipXPathSpace(text string, i int) int {
	for i < len(text) && isXMLSpace(rune(text[i])) {
		i++
	}
	return i
}

// operatorMayFollow tells whether a name or * after these tokens is an operator:
// when there is a token before it, and that is no operator and opens nothing.
func operatorMayFollow(tokens []xpathToken) bool {
	if len(tokens) == 0 {
		return false
	}
	switch last := tokens[len(tokens)-1]; last.kind {
	case xpathOperator, xpathAxisName, xpathCall:
		return false
	case xpathSymbol:
		return last.text == ")" || last.text == "]" || last.text == "." || last.text == ".."
	default:
		return true
	}
}

// xpathComparisons are the names that XPath 2.0 has for comparing one value with one
// other.
var xpathComparisons = map[string]string{"eq": "=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}

var xpathSymbols = [...]string{"//", "::", "..", "!=", "<=", ">=", "/", "(", ")", "[", "]", ".", "@", ",", "|", "+", "-", "=", "<", ">"}

func scanXPathToken(text string, i int, operator bool) (xpathToken, int, error) {
	switch c := text[i]; {
	case c == '"' || c == '\'':
		n := strings.IndexByte(text[i+1:], c)
		if n < 0 {
			return xpathToken{}, 0, xpathFault(text, i, "a quote is not closed")
		}
		return xpathToken{xpathLiteral, text[i+1 : i+1+n], i}, i + n + 2, nil
	case isDigit(c), c == '.' && i+1 < len(text) && isDigit(text[i+1]):
		end := i
		for dots := 0; end < len(text) && (isDigit(text[end]) || text[end] == '.' && dots == 0); end++ {
			if text[end] == '.' {
				dots++
			}
		}
		return xpathToken{xpathNumeral, text[i:end], i}, end, nil
	case c == '$':
		return xpathToken{}, 0, xpathFault(text, i, "there are no variables")
	case c == '*':
		if operator {
			return xpathToken{xpathOperator, "*", i}, i + 1, nil
		}
		if end := i + 2; strings.HasPrefix(text[i:], "*:") && endOfName(text, end) > end {
			end = endOfName(text, end)
			return xpathToken{xpathName, text[i:end], i}, end, nil
		}
		return xpathToken{xpathName, "*", i}, i + 1, nil
	}
	for _, s := range xpathSymbols {
		if strings.HasPrefix(text[i:], s) {
			return xpathToken{xpathSymbol, s, i}, i + len(s), nil
		}
	}
	return scanXPathName(text, i, operator)
}

func scanXPathName(text string, i int, operator bool) (xpathToken, int, error) {
	end := endOfName(text, i)
	if end == i {
		return xpathToken{}, 0, xpathFault(text, i, "a character has no meaning here")
	}
	name := text[i:end]
	if operator {
		switch name {
		case "and", "or", "div", "mod":
			return xpathToken{xpathOperator, name, i}, end, nil
		}
		if symbol, ok := xpathComparisons[name]; ok {
			return xpathToken{xpathOperator, symbol, i}, end, nil
		}
		return xpathToken{}, 0, xpathFault(text, i, "an operator is missing")
	}
	if strings.HasPrefix(text[end:], ":") && !strings.HasPrefix(text[end:], "::") {
		after := end + 1
		if local := endOfName(text, after); local > after {
			name, end = text[i:local], local
		} else if strings.HasPrefix(text[after:], "*") {
			return xpathToken{xpathName, text[i : after+1], i}, after + 1, nil
		} else {
			return xpathToken{}, 0, xpathFault(text, i, "a prefix stands without a name")
		}
	}
	next := skipXPathSpace(text, end)
	switch {
	case strings.HasPrefix(text[next:], "("):
		return xpathToken{xpathCall, name, i}, end, nil
	case strings.HasPrefix(text[next:], "::"):
		return xpathToken{xpathAxisName, name, i}, end, nil
	default:
		return xpathToken{xpathName, name, i}, end, nil
	}
}

// endOfName returns where the name without colon that begins at i ends, i when
// there is none.
func endOfName(text string, i int) int {
	for n := i; n < len(text); {
		r, size := utf8.DecodeRuneInString(text[n:])
		begins := r == '_' || unicode.IsLetter(r)
		within := begins || r == '-' || r == '.' || r == '\u00b7' || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
		if r == utf8.RuneError || n == i && !begins || !within {
			return n
		}
		n += size
	}
	return len(text)
}

// xpathFault says what is wrong at a place of an expression.
func xpathFault(text string, at int, what string) *Error {
	return syntaxError("the XPath expression %q cannot be read at character %d: %s", text, 1+utf8.RuneCountInString(text[:at]), what)
}
