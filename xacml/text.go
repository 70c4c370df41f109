package xacml

import (
	"errors"
	"strings"
)

// xmlSpace are the characters that XML calls white space (production 3 of XML).
const xmlSpace = " \t\r\n"

// String is a value of xs:string: any text.
type String string

// Type returns TypeString.
func (String) Type() Type { return TypeString }

// String returns the text.
func (s String) String() string { return string(s) }

// AnyURI is a value of xs:anyURI, as it was written. Two that are written
// differently are different, even where they lead to the same place.
type AnyURI string

// Type returns TypeAnyURI.
func (AnyURI) Type() Type { return TypeAnyURI }

// String returns the URI as it was written.
func (u AnyURI) String() string { return string(u) }

// parseAnyURI reads an xs:anyURI: a text that is a URI reference of RFC 2396 once
// the characters that a URI cannot hold are escaped. Little is refused, then: what
// escaping does not mend.
func parseAnyURI(s string) (AnyURI, error) {
	s = strings.Join(strings.FieldsFunc(s, isXMLSpace), " ")
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && (i+2 >= len(s) || !isHexDigit(s[i+1]) || !isHexDigit(s[i+2])) {
			return "", errors.New(`a "%" must be followed by two hexadecimal digits`)
		}
	}
	if strings.Count(s, "#") > 1 {
		return "", errors.New(`it may have one "#" only`)
	}
	if i := strings.IndexAny(s, ":/?#"); i >= 0 && s[i] == ':' && !isScheme(s[:i]) {
		return "", errors.New(`a scheme, before the first ":", is a letter and then letters, digits, "+", "-" and "."`)
	}
	return AnyURI(s), nil
}

func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isLetter(c) && (i == 0 || !isDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

func isXMLSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }
func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isLetter(c byte) bool   { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
