package xacml

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// stringFunctions are the string conversions of appendix A.3.3 and those of the
// string functions of A.3.9 that do not turn a string into another type or back.
func stringFunctions() []*function {
	return []*function{
		unary(function1+"string-normalize-space", func(s String) (String, error) {
			return String(strings.Trim(string(s), xmlSpace)), nil
		}),
		unary(function1+"string-normalize-to-lower-case", func(s String) (String, error) {
			return String(lowerCase(string(s))), nil
		}),
		fold(function2+"string-concatenate", func(a, b String) (String, error) { return a + b, nil }),
		uriStringConcatenate(),
		textTest[String]("starts-with", strings.HasPrefix),
		textTest[AnyURI]("starts-with", strings.HasPrefix),
		textTest[String]("ends-with", strings.HasSuffix),
		textTest[AnyURI]("ends-with", strings.HasSuffix),
		textTest[String]("contains", strings.Contains),
		textTest[AnyURI]("contains", strings.Contains),
		textSubstring[String](),
		textSubstring[AnyURI](),
	}
}

// lowerCase converts to lower case as fn:lower-case does: by the full mappings of
// Unicode, for no language in particular.
func lowerCase(s string) string {
	if strings.ContainsAny(s, "İΣ") { // the two whose full mapping is not one character for one
		return cases.Lower(language.Und).String(s)
	}
	return strings.ToLower(s)
}

// textTest returns type-starts-with, type-ends-with or type-contains. What is
// looked for is the first argument, a string; what it is looked for in is the
// second.
func textTest[V Value](name string, test func(s, part string) bool) *function {
	return binary(function3+typeOf[V]().name()+"-"+name, func(_ *evaluation, part String, text V) (Boolean, error) {
		return Boolean(test(text.String(), string(part))), nil
	})
}

// textSubstring returns type-substring, which gives a string for a URI too.
func textSubstring[V Value]() *function {
	return ternary(function3+typeOf[V]().name()+"-substring", func(_ *evaluation, text V, begin, end Integer) (String, error) {
		s, err := substring(text.String(), int64(begin), int64(end))
		return String(s), err
	})
}

// substring returns the characters of s from position begin to before position end.
// The first position is 0; an end of -1 is the end of s.
func substring(s string, begin, end int64) (string, error) {
	length := int64(utf8.RuneCountInString(s))
	if end == -1 {
		end = length
	}
	if begin < 0 || begin > end || end > length {
		return "", processingError("positions %d to %d are out of the bounds of a text of %d characters", begin, end, length)
	}
	return s[byteIndex(s, begin):byteIndex(s, end)], nil
}

// byteIndex returns where the n-th character of s starts.
func byteIndex(s string, n int64) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// uriStringConcatenate is of version 2.0 and discouraged since (appendix A.4): it
// adds one string or more to the end of a URI.
func uriStringConcatenate() *function {
	f := &function{id: function2 + "uri-string-concatenate"}
	f.check = func(args []exprType) (exprType, error) {
		wrong := len(args) < 2
		for i, arg := range args {
			wrong = wrong || i == 0 && arg != single(TypeAnyURI) || i > 0 && arg != single(TypeString)
		}
		if wrong {
			return exprType{}, argumentError(f.name(), "(anyURI, string, …)", args)
		}
		return single(TypeAnyURI), nil
	}
	f.call = func(_ *evaluation, args []result) (result, error) {
		var b strings.Builder
		for _, arg := range args {
			b.WriteString(arg.value.String())
		}
		v, err := ParseValue(TypeAnyURI, b.String())
		return result{value: v}, err
	}
	return f
}
