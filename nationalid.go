package fullmakt

import (
	"fmt"
	"log/slog"
)

// NationalID is a national identity number (fødselsnummer) or a D-number
// (D-nummer): eleven digits DDMMYYiiikk, held as an integer. The zero value
// means "none". It is personal data: its String masks all but the birth date,
// and a log line never shows it. Use Reveal where the digits are really needed.
type NationalID uint64

var (
	idWeights1 = [9]uint64{3, 7, 6, 1, 8, 9, 4, 5, 2}
	idWeights2 = [10]uint64{5, 4, 3, 2, 7, 6, 5, 4, 3, 2}
)

// ParseNationalID reads eleven digits, with spaces allowed between them, and
// returns an error with code CodeInvalid (which never repeats the input, since
// it may be a real person's number) when the length, the date part or a check
// digit is wrong.
//
// Both generations of check digits are accepted: until 2032 the first check
// digit completes the weighted sum to a multiple of 11; numbers issued from
// 1 January 2032 may leave a remainder of 0, 1, 2 or 3 (Skatteetaten, "Nytt
// fødselsnummer fra 2032"). The second check digit is the same in both.
func ParseNationalID(s string) (NationalID, error) {
	var value uint64
	n := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			if n++; n > 11 {
				return 0, errNationalID("want eleven digits")
			}
			value = value*10 + uint64(r-'0')
		case r == ' ' || r == '\u00a0' || r == '\u202f':
		default:
			return 0, errNationalID("want digits only")
		}
	}
	if n != 11 {
		return 0, errNationalID("want eleven digits")
	}
	id := NationalID(value)
	if !id.dateValid() {
		return 0, errNationalID("the first six digits are not a date")
	}
	if !id.checksValid() {
		return 0, errNationalID("a check digit is wrong")
	}
	return id, nil
}

func errNationalID(why string) *Error {
	return Errorf(CodeInvalid, "identity number (fødselsnummer or D-number): %s", why)
}

// Valid reports whether id would be accepted by ParseNationalID.
func (id NationalID) Valid() bool {
	return id <= 99_999_999_999 && id.dateValid() && id.checksValid()
}

func (id NationalID) digits() (d [11]uint64) {
	rest := uint64(id)
	for i := 10; i >= 0; i-- {
		d[i] = rest % 10
		rest /= 10
	}
	return d
}

// checksValid tests both check digits, the first by the rule of 2032, of which
// the older rule is the case of remainder zero.
func (id NationalID) checksValid() bool {
	d := id.digits()
	var sum1, sum2 uint64
	for i, w := range idWeights1 {
		sum1 += w * d[i]
	}
	for i, w := range idWeights2 {
		sum2 += w * d[i]
	}
	return (sum1+d[9])%11 <= 3 && (sum2+d[10])%11 == 0
}

// dateParts returns day and month as a calendar has them, without the marks of
// a D-number (day + 40) and of the synthetic series (month + 80 of Skatteetaten,
// month + 40 of NAV).
func (id NationalID) dateParts() (day, month int) {
	d := id.digits()
	day = int(d[0]*10 + d[1])
	month = int(d[2]*10 + d[3])
	if day > 40 {
		day -= 40
	}
	switch {
	case month > 80:
		month -= 80
	case month > 40:
		month -= 40
	}
	return day, month
}

// BirthDate returns the day of birth as dd.mm.yy, the months of synthetic numbers
// and the days of D-numbers brought back to the calendar's. The century is not
// told: from 2032 on numbers do not hold it.
func (id NationalID) BirthDate() string {
	day, month := id.dateParts()
	d := id.digits()
	return fmt.Sprintf("%02d.%02d.%d%d", day, month, d[4], d[5])
}

func (id NationalID) dateValid() bool {
	day, month := id.dateParts()
	if day < 1 || month < 1 || month > 12 {
		return false
	}
	return day <= daysIn[month-1]
}

// daysIn counts February as 29: the century, and so the leap year, cannot be
// told from the number.
var daysIn = [12]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// Synthetic reports whether id belongs to a test series: the month is raised by
// 80 (Skatteetaten's Tenor) or by 40 (NAV's Dolly). A raised day alone is a real
// D-number.
func (id NationalID) Synthetic() bool {
	d := id.digits()
	month := d[2]*10 + d[3]
	return month > 80 && month <= 92 || month > 40 && month <= 52
}

// DNumber reports whether id is a D-number, given to people without a
// fødselsnummer; its day is raised by 40.
func (id NationalID) DNumber() bool { return id.digits()[0] >= 4 }

// Reveal returns the eleven digits.
func (id NationalID) Reveal() string { return fmt.Sprintf("%011d", uint64(id)) }

// String returns the six digits of the birth date and masks the rest.
func (id NationalID) String() string { return id.Reveal()[:6] + "*****" }

// Format makes every fmt verb print the masked form, so that no careless %d or
// %v leaks the number.
func (id NationalID) Format(f fmt.State, _ rune) { fmt.Fprint(f, id.String()) }

// LogValue masks the number in structured logs.
func (id NationalID) LogValue() slog.Value { return slog.StringValue(id.String()) }

// MarshalText masks the number, so that encoding a value which happens to hold
// one cannot leak it; codecs that must send it call Reveal.
func (id NationalID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// SyntheticNationalID builds a number of Skatteetaten's synthetic series from a
// day, a calendar month (1 to 12), the two digits of a year and an individual
// number (0 to 999). It reports false for the combinations (about one in six)
// that have no valid check digits.
func SyntheticNationalID(day, month, year, individual int) (NationalID, bool) {
	base := uint64(day)*10_000_000 + uint64(month+80)*100_000 + uint64(year)*1000 + uint64(individual)
	id := NationalID(base * 100)
	d := id.digits()
	var sum1, sum2 uint64
	for i, w := range idWeights1 {
		sum1 += w * d[i]
	}
	k1 := (11 - sum1%11) % 11
	d[9] = k1
	for i, w := range idWeights2 {
		sum2 += w * d[i]
	}
	k2 := (11 - sum2%11) % 11
	if k1 == 10 || k2 == 10 {
		return 0, false
	}
	id += NationalID(k1*10 + k2)
	return id, id.Valid()
}
