package xacml

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPattern bounds the length of a regular expression, and maxTranslated what it
// becomes with its classes of characters written out, both in bytes: a "\w" is some
// 15,000 of them.
const (
	maxPattern    = 4096
	maxTranslated = 1 << 19
)

// compileRegexp compiles a regular expression of fn:matches (XQuery 1.0 and XPath
// 2.0 Functions and Operators, section 7.6.1): that of XML Schema part 2, appendix
// F, with "^" and "$", reluctant quantifiers and no anchoring of its own. Go's
// engine runs it in time linear in the text, so that no pattern holds the
// evaluation up; the price is that back-references are refused.
func compileRegexp(pattern string) (*regexp.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, processingError("a regular expression of more than %d bytes is not supported", maxPattern)
	}
	if !utf8.ValidString(pattern) {
		return nil, processingError("a regular expression is not valid UTF-8")
	}
	t := regexpTranslator{rest: pattern}
	if err := t.expression(); err != nil {
		return nil, processingError("the regular expression %s is wrong: %s", quoteShort(pattern), err.Error())
	}
	compiled, err := regexp.Compile(t.out.String())
	if err != nil {
		reason := err.Error()
		if syntax, ok := err.(interface{ Unwrap() error }); ok {
			reason = syntax.Unwrap().Error()
		}
		return nil, processingError("the regular expression %s is wrong: %s", quoteShort(pattern), reason)
	}
	return compiled, nil
}

// regexpTranslator writes a regular expression of XPath as one of Go.
type regexpTranslator struct {
	rest string // what is left of the pattern
	out  strings.Builder
}

type regexpError string

func (e regexpError) Error() string { return string(e) }

// next takes the next character; 0 at the end.
func (t *regexpTranslator) next() rune {
	if t.rest == "" {
		return 0
	}
	r, n := utf8.DecodeRuneInString(t.rest)
	t.rest = t.rest[n:]
	return r
}

// expression translates the whole pattern. Whether parentheses and quantifiers are
// where they may be is left for Go's compiler to say: both languages agree.
func (t *regexpTranslator) expression() error {
	for t.rest != "" {
		if t.out.Len() > maxTranslated {
			return regexpError("it has too many classes of characters")
		}
		switch r := t.next(); r {
		case '\\':
			set, single, err := t.escape()
			if err != nil {
				return err
			}
			if set == nil {
				t.out.WriteString(regexp.QuoteMeta(string(single)))
			} else {
				set.write(&t.out)
			}
		case '[':
			set, err := t.class(0)
			if err != nil {
				return err
			}
			set.write(&t.out)
		case '(':
			if strings.HasPrefix(t.rest, "?") {
				return regexpError(`"(?" is not in the language of XPath`)
			}
			t.out.WriteByte('(')
		case '{':
			if err := t.quantity(); err != nil {
				return err
			}
		case '}', ']':
			return regexpError(`"` + string(r) + `" must be escaped with "\"`)
		case '.', '^', '$', '|', ')', '?', '*', '+':
			t.out.WriteRune(r)
		default:
			t.out.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return nil
}

// quantity translates {n}, {n,} or {n,m}, after its brace.
func (t *regexpTranslator) quantity() error {
	inside, rest, ok := strings.Cut(t.rest, "}")
	from, to, isRange := strings.Cut(inside, ",")
	if !ok || !isDigits(from) || isRange && to != "" && !isDigits(to) {
		return regexpError(`a "{" must start a quantity such as {2}, {2,} or {2,4}`)
	}
	t.out.WriteString("{" + inside + "}")
	t.rest = rest
	return nil
}

// escape reads what follows a "\": a set of characters, or else a single one.
func (t *regexpTranslator) escape() (runeSet, rune, error) {
	switch r := t.next(); {
	case r == 'n':
		return nil, '\n', nil
	case r == 'r':
		return nil, '\r', nil
	case r == 't':
		return nil, '\t', nil
	case r != 0 && strings.ContainsRune(`\|.?*+(){}-[]^$`, r):
		return nil, r, nil
	case r == 'p' || r == 'P':
		set, err := t.property()
		if err == nil && r == 'P' {
			set = set.negated()
		}
		return set, 0, err
	case '1' <= r && r <= '9':
		return nil, 0, regexpError("back-references are not supported")
	case r == 0:
		return nil, 0, regexpError(`it ends with a "\"`)
	default:
		set := escapedSet(unicode.ToLower(r))
		if set == nil || r > unicode.MaxASCII {
			return nil, 0, regexpError(`"\` + string(r) + `" has no meaning`)
		}
		if unicode.IsUpper(r) {
			set = set.negated()
		}
		return set, 0, nil
	}
}

// escapedSet returns the set of \s, \i, \c, \d or \w (XML Schema part 2, appendix
// F.1.1); nil for another letter.
func escapedSet(letter rune) runeSet {
	switch letter {
	case 's':
		return runeSet{'\t', '\n', '\r', '\r', ' ', ' '}
	case 'i':
		return nameStart
	case 'c':
		return joined(nameStart, runeSet{'-', '.', '0', '9', 0xB7, 0xB7, 0x300, 0x36F, 0x203F, 0x2040})
	case 'd':
		return category("Nd")
	case 'w':
		return joined(category("P"), category("Z"), category("C")).negated()
	}
	return nil
}

// nameStart are the characters that an XML name may start with (XML 1.0, fifth
// edition, production 4).
var nameStart = runeSet{
	':', ':', 'A', 'Z', '_', '_', 'a', 'z', 0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0x2FF, 0x370, 0x37D, 0x37F, 0x1FFF,
	0x200C, 0x200D, 0x2070, 0x218F, 0x2C00, 0x2FEF, 0x3001, 0xD7FF, 0xF900, 0xFDCF, 0xFDF0, 0xFFFD, 0x10000, 0xEFFFF,
}

// property reads {Lu} or {IsBasicLatin} after \p.
func (t *regexpTranslator) property() (runeSet, error) {
	inside, rest, ok := strings.Cut(t.rest, "}")
	name, braced := strings.CutPrefix(inside, "{")
	if !ok || !braced {
		return nil, regexpError(`"\p" and "\P" must be followed by a property in braces`)
	}
	t.rest = rest
	if block, ok := strings.CutPrefix(name, "Is"); ok {
		if set, ok := unicodeBlocks[block]; ok {
			return set, nil
		}
		return nil, regexpError("there is no block " + quoteShort(block) + " of characters in XML Schema")
	}
	if !slices.Contains(categories, name) {
		return nil, regexpError("there is no category " + quoteShort(name) + " of characters")
	}
	return category(name), nil
}

// categories are the names of the categories that XML Schema knows.
var categories = strings.Fields("L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po Z Zs Zl Zp S Sm Sc Sk So C Cc Cf Co Cn")

// category returns the characters of a general category of Unicode.
func category(name string) runeSet {
	switch name {
	case "Cn": // not assigned: not in a package of tables of what is
		return joined(tableSet(unicode.L), tableSet(unicode.M), tableSet(unicode.N), tableSet(unicode.P), tableSet(unicode.S),
			tableSet(unicode.Z), tableSet(unicode.Cc), tableSet(unicode.Cf), tableSet(unicode.Co), tableSet(unicode.Cs)).negated()
	case "C":
		return joined(category("Cn"), tableSet(unicode.Cc), tableSet(unicode.Cf), tableSet(unicode.Co))
	}
	return tableSet(unicode.Categories[name])
}

// class reads a class of characters after its "[".
func (t *regexpTranslator) class(depth int) (runeSet, error) {
	if depth > 10 {
		return nil, regexpError("subtractions nest too deep")
	}
	var set runeSet
	negated := strings.HasPrefix(t.rest, "^")
	if negated {
		t.next()
	}
	for first := true; ; first = false {
		if strings.HasPrefix(t.rest, "-[") && !first {
			t.rest = t.rest[len("-["):]
			taken, err := t.class(depth + 1)
			if err != nil {
				return nil, err
			}
			if !strings.HasPrefix(t.rest, "]") {
				return nil, regexpError("a subtraction must be the last in its class")
			}
			t.next()
			return set.negatedIf(negated).without(taken), nil
		}
		if strings.HasPrefix(t.rest, "]") && !first {
			t.next()
			return set.negatedIf(negated), nil
		}
		more, err := t.classItem(first)
		if err != nil {
			return nil, err
		}
		set = joined(set, more)
	}
}

// classItem reads a character, a range of them or an escape in a class.
func (t *regexpTranslator) classItem(first bool) (runeSet, error) {
	set, from, err := t.classCharacter()
	if err != nil || set != nil {
		return set, err
	}
	isRange := strings.HasPrefix(t.rest, "-") && !strings.HasPrefix(t.rest, "-]") && !strings.HasPrefix(t.rest, "-[")
	if from == bareHyphen {
		if from = '-'; !first && !strings.HasPrefix(t.rest, "]") {
			return nil, regexpError(`a "-" in a class must be first or last, or be escaped with "\"`)
		}
	}
	if !isRange {
		return runeSet{from, from}, nil
	}
	t.next()
	set, to, err := t.classCharacter()
	if err != nil {
		return nil, err
	}
	if set != nil || to == bareHyphen || to < from {
		return nil, regexpError("a range in a class must go from a character to a later one")
	}
	return runeSet{from, to}, nil
}

// bareHyphen stands for a "-" that is not escaped.
const bareHyphen = -1

func (t *regexpTranslator) classCharacter() (runeSet, rune, error) {
	if t.rest == "" {
		return nil, 0, regexpError(`a "[" lacks its "]"`)
	}
	switch r := t.next(); r {
	case '\\':
		return t.escape()
	case '[', ']':
		return nil, 0, regexpError(`"` + string(r) + `" in a class must be escaped with "\", and a class may not be empty`)
	case '-':
		return nil, bareHyphen, nil
	default:
		return nil, r, nil
	}
}

// runeSet is a set of characters: pairs of first and last, in order and apart.
type runeSet []rune

func tableSet(table *unicode.RangeTable) runeSet {
	var pairs runeSet
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			pairs = append(pairs, lo, hi)
			return
		}
		for r := lo; r <= hi; r += stride {
			pairs = append(pairs, r, r)
		}
	}
	for _, r := range table.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range table.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return joined(pairs)
}

// joined returns the characters that are in any of the sets, whose pairs may be in
// any order.
func joined(sets ...runeSet) runeSet {
	type pair struct{ first, last rune }
	var pairs []pair
	for _, set := range sets {
		for i := 0; i < len(set); i += 2 {
			pairs = append(pairs, pair{set[i], set[i+1]})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return int(a.first - b.first) })
	all := runeSet{}
	for _, p := range pairs {
		if n := len(all); n > 0 && p.first <= all[n-1]+1 {
			all[n-1] = max(all[n-1], p.last)
		} else {
			all = append(all, p.first, p.last)
		}
	}
	return all
}

func (s runeSet) negated() runeSet {
	out := runeSet{}
	var from rune
	for i := 0; i < len(s); i += 2 {
		if s[i] > from {
			out = append(out, from, s[i]-1)
		}
		from = s[i+1] + 1
	}
	if from <= unicode.MaxRune {
		out = append(out, from, unicode.MaxRune)
	}
	return out
}

func (s runeSet) negatedIf(negate bool) runeSet {
	if negate {
		return s.negated()
	}
	return s
}

func (s runeSet) without(taken runeSet) runeSet { return joined(s.negated(), taken).negated() }

// write writes the set as a class of Go's expressions.
func (s runeSet) write(b *strings.Builder) {
	if len(s) == 0 {
		b.WriteString(`[^\x00-\x{10FFFF}]`)
		return
	}
	b.WriteByte('[')
	for i, r := range s {
		if i%2 == 1 {
			b.WriteByte('-')
		}
		b.WriteString(`\x{` + strconv.FormatInt(int64(r), 16) + `}`)
	}
	b.WriteByte(']')
}
