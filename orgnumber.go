package fullmakt

import "fmt"

// OrgNumber is an organisation number (organisasjonsnummer): nine digits, the
// last a modulus 11 check digit. The zero value means "no organisation".
// Values come from ParseOrgNumber or from a feed that checked them.
type OrgNumber uint32

// orgWeights are the weights of the first eight digits (Brønnøysundregistrene,
// "Om organisasjonsnummeret").
var orgWeights = [8]uint32{3, 2, 7, 6, 5, 4, 3, 2}

// ParseOrgNumber reads an organisation number leniently: spaces, no-break
// spaces, dots and hyphens between digits, a leading "NO" and a trailing "MVA"
// are accepted in any letter case. It returns an error with code CodeInvalid
// when what remains is not nine digits or the check digit is wrong.
func ParseOrgNumber(s string) (OrgNumber, error) {
	digits, n, ok := orgDigits(s)
	switch {
	case ok && n == 9:
	case manyDigits(s): // maybe an identity number, which no error repeats
		return 0, Errorf(CodeInvalid, "what stands for an organisation number has more than nine digits").
			WithHint("write it as 310000019, 310 000 019 or NO 310 000 019 MVA")
	default:
		return 0, Errorf(CodeInvalid, "organisation number %q: want nine digits", clip(s)).
			WithHint("write it as 310000019, 310 000 019 or NO 310 000 019 MVA")
	}
	number := OrgNumber(digits)
	if !number.Valid() {
		return 0, Errorf(CodeInvalid, "organisation number %q: the check digit is wrong", clip(s)).
			WithHint("the last digit is computed from the first eight; look for a mistyped digit")
	}
	return number, nil
}

// manyDigits reports whether a text has more digits than an organisation number.
func manyDigits(s string) bool {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n > 9
}

// orgDigits collects the digits of s after its lenient trimmings, and reports
// whether nothing else was there.
func orgDigits(s string) (value uint64, n int, ok bool) {
	s = trimFold(s, "NO", "MVA")
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			if n++; n > 9 {
				return 0, n, false
			}
			value = value*10 + uint64(r-'0')
		case r == ' ' || r == '\u00a0' || r == '\u202f' || r == '.' || r == '-':
		default:
			return 0, n, false
		}
	}
	return value, n, true
}

// Valid reports whether n has nine digits (the first is not zero) and the right
// check digit.
func (n OrgNumber) Valid() bool {
	if n < 100_000_000 || n > 999_999_999 {
		return false
	}
	var sum, rest = uint32(0), uint32(n) / 10
	for i := 7; i >= 0; i-- {
		sum += orgWeights[i] * (rest % 10)
		rest /= 10
	}
	check := (11 - sum%11) % 11
	return check != 10 && check == uint32(n)%10
}

// Synthetic reports whether n belongs to the test series (Tenor, Test-Norge),
// whose numbers start with 2 or 3. No real organisation has such a number.
func (n OrgNumber) Synthetic() bool {
	first := uint32(n) / 100_000_000
	return first == 2 || first == 3
}

// String returns the nine digits.
func (n OrgNumber) String() string { return fmt.Sprintf("%09d", uint32(n)) }

// Grouped returns the digits in groups of three, as people read them:
// "310 000 019".
func (n OrgNumber) Grouped() string {
	s := n.String()
	return s[:3] + " " + s[3:6] + " " + s[6:]
}

// NextOrgNumber returns the smallest valid organisation number whose first
// eight digits are at least prefix, for generators of synthetic data.
func NextOrgNumber(prefix uint32) OrgNumber {
	for ; ; prefix++ {
		for check := range uint32(10) {
			if n := OrgNumber(prefix*10 + check); n.Valid() {
				return n
			}
		}
	}
}
