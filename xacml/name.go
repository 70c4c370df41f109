package xacml

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// RFC822Name is an electronic mail address (appendix A.2). Its domain counts in
// any case; what stands before the "@" counts as written.
type RFC822Name struct {
	text   string // as it was written
	local  string
	domain string // in lower case
}

// Type returns TypeRFC822Name.
func (RFC822Name) Type() Type { return TypeRFC822Name }

// String returns the address as it was written.
func (n RFC822Name) String() string { return n.text }

// parseRFC822Name reads an address. A quoted local part may hold an "@" of its own:
// the last one counts.
func parseRFC822Name(s string) (RFC822Name, error) {
	i := strings.LastIndexByte(s, '@')
	if i < 0 {
		return RFC822Name{}, errors.New(`it must have an "@"`)
	}
	local, domain := s[:i], s[i+1:]
	quoted := len(local) > 2 && local[0] == '"' && local[len(local)-1] == '"'
	if local == "" || !quoted && strings.ContainsAny(local, "@\" \t\r\n") {
		return RFC822Name{}, errors.New(`what stands before the "@" must be quoted, or a word without spaces`)
	}
	if domain == "" || strings.ContainsAny(domain, "\" \t\r\n") {
		return RFC822Name{}, errors.New(`what stands after the "@" must be a domain`)
	}
	return RFC822Name{text: s, local: local, domain: lowerCase(domain)}, nil
}

// matches tells whether the address is the one, at the domain or under the domain
// that pattern gives: "a@b", "b" or ".b" (appendix A.3.14, rfc822Name-match).
func (n RFC822Name) matches(pattern string) bool {
	if i := strings.LastIndexByte(pattern, '@'); i >= 0 {
		return pattern[:i] == n.local && lowerCase(pattern[i+1:]) == n.domain
	}
	domain := lowerCase(pattern)
	if strings.HasPrefix(domain, ".") {
		return n.domain == domain[1:] || strings.HasSuffix(n.domain, domain)
	}
	return n.domain == domain
}

// X500Name is a distinguished name (RFC 2253).
type X500Name struct {
	text   string // as it was written
	normal string // its relative names, each normalised and ended by x500End
}

// x500End ends each relative name in the normal form; within one it is escaped.
const x500End = "\x00"

// Type returns TypeX500Name.
func (X500Name) Type() Type { return TypeX500Name }

// String returns the name as it was written.
func (n X500Name) String() string { return n.text }

// isTerminalOf tells whether the relative names of n are the last of other's
// (appendix A.3.14, x500Name-match).
func (n X500Name) isTerminalOf(other X500Name) bool {
	before, ok := strings.CutSuffix(other.normal, n.normal)
	return ok && (before == "" || strings.HasSuffix(before, x500End))
}

// parseX500Name reads a name in the form of RFC 2253, and in the older one of RFC
// 1779 as far as RFC 2253 asks for it: with ";" between relative names, spaces
// around separators and quoted values.
func parseX500Name(s string) (X500Name, error) {
	name := X500Name{text: s}
	if s == "" {
		return name, nil
	}
	p := x500Parser{rest: s}
	var normal strings.Builder
	for {
		var pairs []string
		for {
			pair, err := p.pair()
			if err != nil {
				return X500Name{}, err
			}
			pairs = append(pairs, pair)
			if !p.take("+") {
				break
			}
		}
		slices.Sort(pairs) // a set: its order is of no account
		normal.WriteString(strings.Join(pairs, "+"))
		normal.WriteString(x500End)
		if p.rest == "" {
			name.normal = normal.String()
			return name, nil
		}
		if !p.take(",") && !p.take(";") {
			return X500Name{}, errors.New(`"," or "+" must stand between the parts of the name`)
		}
	}
}

type x500Parser struct{ rest string }

// take takes a separator and the spaces around it from the front of what is left.
func (p *x500Parser) take(separator string) bool {
	after, ok := strings.CutPrefix(strings.TrimLeft(p.rest, xmlSpace), separator)
	if ok {
		p.rest = strings.TrimLeft(after, xmlSpace)
	}
	return ok
}

// pair reads an attribute type, "=" and a value, and returns them normalised.
func (p *x500Parser) pair() (string, error) {
	kind, _, ok := strings.Cut(p.rest, "=")
	if !ok {
		return "", errors.New(`each part of the name must be a type, "=" and a value`)
	}
	p.rest = p.rest[len(kind)+1:]
	kind, err := normalAttributeType(strings.Trim(kind, xmlSpace))
	if err != nil {
		return "", err
	}
	p.rest = strings.TrimLeft(p.rest, xmlSpace)
	var value string
	switch {
	case strings.HasPrefix(p.rest, "#"):
		value, err = p.hexValue()
	case strings.HasPrefix(p.rest, `"`):
		value, err = p.quotedValue()
	default:
		value, err = p.plainValue()
	}
	return kind + "=" + value, err
}

// hexValue reads a value of the form #0A1B: the octets of its BER encoding, which
// are compared as they are.
func (p *x500Parser) hexValue() (string, error) {
	n := 1
	for n < len(p.rest) && isHexDigit(p.rest[n]) {
		n++
	}
	value := strings.ToLower(p.rest[:n])
	p.rest = strings.TrimLeft(p.rest[n:], xmlSpace)
	if n == 1 || n%2 == 0 {
		return "", errors.New(`an even number of hexadecimal digits must follow a "#"`)
	}
	return value, nil
}

func (p *x500Parser) quotedValue() (string, error) {
	p.rest = p.rest[1:]
	var b strings.Builder
	for p.rest != "" {
		if p.rest[0] == '"' {
			p.rest = strings.TrimLeft(p.rest[1:], xmlSpace)
			return normalAttributeValue(b.String())
		}
		if err := p.character(&b); err != nil {
			return "", err
		}
	}
	return "", errors.New("a quoted value does not end")
}

func (p *x500Parser) plainValue() (string, error) {
	var b strings.Builder
	for p.rest != "" && !strings.ContainsRune(",;+", rune(p.rest[0])) {
		if strings.ContainsRune(`"<>`, rune(p.rest[0])) {
			return "", errors.New(`the characters , + " < > ; must be escaped with "\"`)
		}
		if err := p.character(&b); err != nil {
			return "", err
		}
	}
	return normalAttributeValue(b.String())
}

// character reads one character of a value, escaped or plain.
func (p *x500Parser) character(b *strings.Builder) error {
	if p.rest[0] != '\\' {
		b.WriteByte(p.rest[0])
		p.rest = p.rest[1:]
		return nil
	}
	switch {
	case len(p.rest) > 2 && isHexDigit(p.rest[1]) && isHexDigit(p.rest[2]):
		octet, _ := hex.DecodeString(p.rest[1:3])
		b.Write(octet)
		p.rest = p.rest[3:]
	case len(p.rest) > 1 && strings.ContainsRune(`,=+<>#;\" `, rune(p.rest[1])):
		b.WriteByte(p.rest[1])
		p.rest = p.rest[2:]
	default:
		return errors.New(`a special character or two hexadecimal digits must follow a "\"`)
	}
	return nil
}

// normalAttributeValue returns a value as RFC 3280 section 4.1.2.4 compares it: in
// one case, and with white space around it dropped and within it made one space.
func normalAttributeValue(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", errors.New("an escaped value is not valid UTF-8")
	}
	s = lowerCase(strings.Join(strings.FieldsFunc(s, isXMLSpace), " "))
	return x500Escaper.Replace(s), nil
}

// x500Escaper keeps the characters that separate in the normal form out of values.
var x500Escaper = strings.NewReplacer(`\`, `\\`, x500End, `\0`, "+", `\+`, "#", `\#`)

// attributeTypes are the object identifiers of the names that RFC 2253 section 2.3
// and RFC 4519 give attribute types, and of those that certificates commonly have.
var attributeTypes = map[string]string{
	"cn": "2.5.4.3", "sn": "2.5.4.4", "serialnumber": "2.5.4.5", "c": "2.5.4.6", "l": "2.5.4.7",
	"st": "2.5.4.8", "s": "2.5.4.8", "street": "2.5.4.9", "o": "2.5.4.10", "ou": "2.5.4.11",
	"title": "2.5.4.12", "givenname": "2.5.4.42", "initials": "2.5.4.43", "dnqualifier": "2.5.4.46",
	"organizationidentifier": "2.5.4.97", "uid": "0.9.2342.19200300.100.1.1",
	"dc": "0.9.2342.19200300.100.1.25", "emailaddress": "1.2.840.113549.1.9.1", "e": "1.2.840.113549.1.9.1",
}

// normalAttributeType returns the object identifier of an attribute type, or its
// name in lower case when it is not a common one.
func normalAttributeType(s string) (string, error) {
	s = strings.ToLower(s)
	if oid, ok := strings.CutPrefix(s, "oid."); ok && oid != "" && isDigit(oid[0]) {
		s = oid
	}
	if s == "" {
		return "", errors.New("an attribute type is missing")
	}
	if isDigit(s[0]) {
		for _, arc := range strings.Split(s, ".") {
			if !isDigits(arc) {
				return "", errors.New("an object identifier is numbers with dots between")
			}
		}
		return s, nil
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isLetter(c) && (i == 0 || !isDigit(c) && c != '-') {
			return "", errors.New(`an attribute type is a letter and then letters, digits and "-"`)
		}
	}
	if oid, ok := attributeTypes[s]; ok {
		return oid, nil
	}
	return s, nil
}
