package xacml

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Boolean is a value of xs:boolean.
type Boolean bool

// Type returns TypeBoolean.
func (Boolean) Type() Type { return TypeBoolean }

// String returns "true" or "false".
func (b Boolean) String() string { return strconv.FormatBool(bool(b)) }

func parseBoolean(s string) (Boolean, error) {
	switch s {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, errors.New("it must be true, false, 1 or 0")
}

// Integer is a value of xs:integer, of 64 bits: what does not fit is an error and
// is never cut.
type Integer int64

// Type returns TypeInteger.
func (Integer) Type() Type { return TypeInteger }

// String returns the number in decimal digits.
func (i Integer) String() string { return strconv.FormatInt(int64(i), 10) }

func parseInteger(s string) (Integer, error) {
	if digits := strings.TrimLeft(s, "+-"); len(s)-len(digits) > 1 || !isDigits(digits) {
		return 0, errors.New("it must be decimal digits, with or without a sign")
	}
	i, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, errors.New("integers of more than 64 bits are not supported")
	}
	return Integer(i), nil
}

// isDigits tells whether s is one decimal digit or more.
func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// Double is a value of xs:double.
type Double float64

// Type returns TypeDouble.
func (Double) Type() Type { return TypeDouble }

// String returns the canonical form of XML Schema, such as "1.05E1", "INF" or
// "NaN".
func (d Double) String() string {
	switch f := float64(d); {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "INF"
	case math.IsInf(f, -1):
		return "-INF"
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(float64(d), 'E', -1, 64), "E")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	n, _ := strconv.Atoi(exponent) // "+00" is 0: Go pads the exponent, XML Schema does not
	return mantissa + "E" + strconv.Itoa(n)
}

func parseDouble(s string) (Double, error) {
	switch s {
	case "INF":
		return Double(math.Inf(1)), nil
	case "-INF":
		return Double(math.Inf(-1)), nil
	case "NaN":
		return Double(math.NaN()), nil
	}
	if !isDecimal(s) {
		return 0, errors.New(`it must be a decimal number, with an exponent or without, or INF, -INF or NaN`)
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range it is the infinity that XML Schema rounds to
	return Double(f), nil
}

// isDecimal tells whether s is a mantissa of digits, with a decimal point or
// without, and perhaps an exponent.
func isDecimal(s string) bool {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if !isDigits(trimSign(s[i+1:])) {
			return false
		}
		s = s[:i]
	}
	whole, fraction, _ := strings.Cut(trimSign(s), ".")
	return isDigits(whole + fraction)
}

func trimSign(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:]
	}
	return s
}
