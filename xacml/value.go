package xacml

import (
	"strings"
	"unicode/utf8"
)

// Type is the URI of a data-type (appendix B.3).
type Type string

// The data-types of the standard.
const (
	TypeString            Type = "http://www.w3.org/2001/XMLSchema#string"
	TypeBoolean           Type = "http://www.w3.org/2001/XMLSchema#boolean"
	TypeInteger           Type = "http://www.w3.org/2001/XMLSchema#integer"
	TypeDouble            Type = "http://www.w3.org/2001/XMLSchema#double"
	TypeTime              Type = "http://www.w3.org/2001/XMLSchema#time"
	TypeDate              Type = "http://www.w3.org/2001/XMLSchema#date"
	TypeDateTime          Type = "http://www.w3.org/2001/XMLSchema#dateTime"
	TypeDayTimeDuration   Type = "http://www.w3.org/2001/XMLSchema#dayTimeDuration"
	TypeYearMonthDuration Type = "http://www.w3.org/2001/XMLSchema#yearMonthDuration"
	TypeAnyURI            Type = "http://www.w3.org/2001/XMLSchema#anyURI"
	TypeHexBinary         Type = "http://www.w3.org/2001/XMLSchema#hexBinary"
	TypeBase64Binary      Type = "http://www.w3.org/2001/XMLSchema#base64Binary"
	TypeRFC822Name        Type = "urn:oasis:names:tc:xacml:1.0:data-type:rfc822Name"
	TypeX500Name          Type = "urn:oasis:names:tc:xacml:1.0:data-type:x500Name"
	TypeXPathExpression   Type = "urn:oasis:names:tc:xacml:3.0:data-type:xpathExpression"
	TypeIPAddress         Type = "urn:oasis:names:tc:xacml:2.0:data-type:ipAddress"
	TypeDNSName           Type = "urn:oasis:names:tc:xacml:2.0:data-type:dnsName"
)

// primitiveTypes are all data-types, in the order of the standard's tables.
var primitiveTypes = [...]Type{
	TypeString, TypeBoolean, TypeInteger, TypeDouble, TypeTime, TypeDate, TypeDateTime,
	TypeAnyURI, TypeHexBinary, TypeBase64Binary, TypeDayTimeDuration, TypeYearMonthDuration,
	TypeX500Name, TypeRFC822Name, TypeIPAddress, TypeDNSName, TypeXPathExpression,
}

// name returns what the standard calls the type in the names of functions: the
// part of the URI after the last "#" or ":".
func (t Type) name() string {
	return string(t[strings.LastIndexAny(string(t), "#:")+1:])
}

// knownType returns the data-type that a URI names, and whether the standard knows
// it. The URIs that earlier versions had for the durations name the types that
// replaced them (appendix A.4).
func knownType(t Type) (Type, bool) {
	switch t {
	case "http://www.w3.org/TR/2002/WD-xquery-operators-20020816#dayTimeDuration",
		"urn:oasis:names:tc:xacml:2.0:data-type:dayTimeDuration":
		return TypeDayTimeDuration, true
	case "http://www.w3.org/TR/2002/WD-xquery-operators-20020816#yearMonthDuration",
		"urn:oasis:names:tc:xacml:2.0:data-type:yearMonthDuration":
		return TypeYearMonthDuration, true
	}
	for _, known := range primitiveTypes {
		if t == known {
			return t, true
		}
	}
	return t, false
}

// Value is one value of a data-type. Whether two are equal is for the equality
// function of their type to say, not for ==.
type Value interface {
	// Type returns the data-type.
	Type() Type
	// String returns the value as XML and JSON write it.
	String() string
}

// ParseValue reads a value of a data-type from its lexical form, as it stands in
// an AttributeValue element. White space around it is of no account, except in a
// string. An xpathExpression is not read here: it needs the XPathCategory that
// stands beside it.
func ParseValue(t Type, lexical string) (Value, error) {
	known, ok := knownType(t)
	if !ok {
		return nil, syntaxError("%q is no data-type of XACML 3.0; see appendix B.3 of the standard for those that are", string(t))
	}
	if !utf8.ValidString(lexical) {
		return nil, syntaxError("the %s is not valid UTF-8", known.name())
	}
	if known == TypeString {
		return String(lexical), nil
	}
	v, err := parseCollapsed(known, strings.Trim(lexical, xmlSpace))
	if err != nil {
		return nil, syntaxError("%s is not a valid %s: %s", quoteShort(lexical), known.name(), err.Error())
	}
	return v, nil
}

// parseCollapsed reads the lexical form of a type that is not string, stripped of
// the white space around it. Its errors are reasons, for a sentence to end with.
func parseCollapsed(t Type, s string) (Value, error) {
	switch t {
	case TypeBoolean:
		return parseBoolean(s)
	case TypeInteger:
		return parseInteger(s)
	case TypeDouble:
		return parseDouble(s)
	case TypeTime:
		return parseTime(s)
	case TypeDate:
		return parseDate(s)
	case TypeDateTime:
		return parseDateTime(s)
	case TypeDayTimeDuration:
		return parseDayTimeDuration(s)
	case TypeYearMonthDuration:
		return parseYearMonthDuration(s)
	case TypeAnyURI:
		return parseAnyURI(s)
	case TypeHexBinary:
		return parseHexBinary(s)
	case TypeBase64Binary:
		return parseBase64Binary(s)
	case TypeRFC822Name:
		return parseRFC822Name(s)
	case TypeX500Name:
		return parseX500Name(s)
	case TypeIPAddress:
		return parseIPAddress(s)
	case TypeDNSName:
		return parseDNSName(s)
	}
	return nil, syntaxError("it needs an XPathCategory beside it")
}

// equal tells whether two values of one data-type are equal, as the type's equality
// function has it (appendix A.3.1). The types that the standard gives no equality
// function are equal when they are written alike.
func equal(ev *evaluation, a, b Value) bool {
	switch a := a.(type) {
	case String:
		b, ok := b.(String)
		return ok && a == b
	case Boolean:
		b, ok := b.(Boolean)
		return ok && a == b
	case Integer:
		b, ok := b.(Integer)
		return ok && a == b
	case Double:
		b, ok := b.(Double)
		return ok && a == b // IEEE 754: NaN equals nothing, and zero minus zero
	case AnyURI:
		b, ok := b.(AnyURI)
		return ok && a == b
	case HexBinary:
		b, ok := b.(HexBinary)
		return ok && a == b
	case Base64Binary:
		b, ok := b.(Base64Binary)
		return ok && a == b
	case DayTimeDuration:
		b, ok := b.(DayTimeDuration)
		return ok && a == b
	case YearMonthDuration:
		b, ok := b.(YearMonthDuration)
		return ok && a == b
	case DateTime:
		b, ok := b.(DateTime)
		return ok && a.compare(ev, b.moment) == 0
	case Date:
		b, ok := b.(Date)
		return ok && a.compare(ev, b.moment) == 0
	case Time:
		b, ok := b.(Time)
		return ok && a.compare(ev, b.moment) == 0
	case RFC822Name:
		b, ok := b.(RFC822Name)
		return ok && a.local == b.local && a.domain == b.domain
	case X500Name:
		b, ok := b.(X500Name)
		return ok && a.normal == b.normal
	}
	return a.Type() == b.Type() && a.String() == b.String()
}

// quoteShort quotes what was written for an error message, cut when it is long.
func quoteShort(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return `"` + s + `"`
}
