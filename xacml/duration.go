package xacml

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// The numbers in a duration are bounded so that their sum fits, and a date can be
// moved by it: a dayTimeDuration's to some billion years in days, a
// yearMonthDuration's to the years that dates have.
const (
	maxDayTimeDigits   = 12
	maxYearMonthDigits = 9
)

// DayTimeDuration is a value of xs:dayTimeDuration, to the nanosecond. Two are
// equal when they are equally long, however they were written.
type DayTimeDuration struct {
	seconds     int64
	nanoseconds int32 // of the same sign
}

// Type returns TypeDayTimeDuration.
func (DayTimeDuration) Type() Type { return TypeDayTimeDuration }

// String returns the canonical form of XPath 2.0, such as "P1DT2H" or "PT0S".
func (d DayTimeDuration) String() string {
	if d == (DayTimeDuration{}) {
		return "PT0S"
	}
	var b strings.Builder
	if d.seconds < 0 || d.nanoseconds < 0 {
		b.WriteByte('-')
		d = d.negated()
	}
	b.WriteByte('P')
	if days := d.seconds / secondsPerDay; days > 0 {
		fmt.Fprintf(&b, "%dD", days)
	}
	rest := d.seconds % secondsPerDay
	if rest == 0 && d.nanoseconds == 0 {
		return b.String()
	}
	b.WriteByte('T')
	if hours := rest / 3600; hours > 0 {
		fmt.Fprintf(&b, "%dH", hours)
	}
	if minutes := rest / 60 % 60; minutes > 0 {
		fmt.Fprintf(&b, "%dM", minutes)
	}
	if seconds := rest % 60; seconds > 0 || d.nanoseconds > 0 {
		b.WriteString(strconv.FormatInt(seconds, 10))
		if d.nanoseconds > 0 {
			b.WriteString(strings.TrimRight(fmt.Sprintf(".%09d", d.nanoseconds), "0"))
		}
		b.WriteByte('S')
	}
	return b.String()
}

func (d DayTimeDuration) negated() DayTimeDuration {
	return DayTimeDuration{-d.seconds, -d.nanoseconds}
}

// addTo returns t moved by the duration.
func (d DayTimeDuration) addTo(t time.Time) time.Time {
	return t.AddDate(0, 0, int(d.seconds/secondsPerDay)).
		Add(time.Duration(d.seconds%secondsPerDay)*time.Second + time.Duration(d.nanoseconds))
}

func parseDayTimeDuration(s string) (DayTimeDuration, error) {
	bad := errors.New("it must be days, hours, minutes and seconds, such as P1DT2H30M or -PT1.5S")
	body, negative := strings.CutPrefix(s, "-")
	body, ok := strings.CutPrefix(body, "P")
	if !ok {
		return DayTimeDuration{}, bad
	}
	dayPart, timePart, hasTime := strings.Cut(body, "T")
	if dayPart == "" && !hasTime || hasTime && timePart == "" {
		return DayTimeDuration{}, bad
	}
	var d DayTimeDuration
	var fraction string
	var hasFraction bool
	if i := strings.IndexByte(timePart, '.'); i >= 0 {
		if fraction, hasFraction = strings.CutSuffix(timePart[i+1:], "S"); !hasFraction {
			return DayTimeDuration{}, bad
		}
		timePart = timePart[:i] + "S"
	}
	for _, unit := range []struct {
		part    *string
		letter  string
		seconds int64
	}{{&dayPart, "D", secondsPerDay}, {&timePart, "H", 3600}, {&timePart, "M", 60}, {&timePart, "S", 1}} {
		n, err := cutUnit(unit.part, unit.letter, maxDayTimeDigits)
		if err != nil {
			return DayTimeDuration{}, err
		}
		d.seconds += n * unit.seconds
	}
	if dayPart != "" || timePart != "" {
		return DayTimeDuration{}, bad
	}
	if hasFraction {
		nanoseconds, err := parseFraction(fraction)
		if err != nil {
			return DayTimeDuration{}, err
		}
		d.nanoseconds = int32(nanoseconds)
	}
	if negative {
		d = d.negated()
	}
	return d, nil
}

// cutUnit takes a number and the letter of its unit from the front of *s; 0 when
// the unit does not come next.
func cutUnit(s *string, letter string, maxDigits int) (int64, error) {
	digits, rest, ok := strings.Cut(*s, letter)
	if !ok || !isDigits(digits) {
		return 0, nil
	}
	if len(digits) > maxDigits {
		return 0, fmt.Errorf("numbers of more than %d digits are not supported", maxDigits)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	*s = rest
	return n, err
}

// YearMonthDuration is a value of xs:yearMonthDuration, in months.
type YearMonthDuration int64

// Type returns TypeYearMonthDuration.
func (YearMonthDuration) Type() Type { return TypeYearMonthDuration }

// String returns the canonical form of XPath 2.0, such as "P1Y2M" or "P0M".
func (d YearMonthDuration) String() string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	years, months := int64(d/12), int64(d%12)
	switch {
	case years == 0:
		return fmt.Sprintf("%sP%dM", sign, months)
	case months == 0:
		return fmt.Sprintf("%sP%dY", sign, years)
	}
	return fmt.Sprintf("%sP%dY%dM", sign, years, months)
}

// addTo returns t moved by the duration. Where the month that it comes to is too
// short for the day, it is the month's last day (XML Schema part 2, appendix E).
func (d YearMonthDuration) addTo(t time.Time) time.Time {
	year, month, day := t.Date()
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).AddDate(0, int(d), 0)
	lastDay := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day, lastDay)-1).Add(sinceMidnight(t))
}

func parseYearMonthDuration(s string) (YearMonthDuration, error) {
	bad := errors.New("it must be years and months, such as P1Y6M or -P3M")
	body, negative := strings.CutPrefix(s, "-")
	body, ok := strings.CutPrefix(body, "P")
	if !ok || body == "" {
		return 0, bad
	}
	years, err := cutUnit(&body, "Y", maxYearMonthDigits)
	if err != nil {
		return 0, err
	}
	months, err := cutUnit(&body, "M", maxYearMonthDigits)
	if err != nil {
		return 0, err
	}
	if body != "" {
		return 0, bad
	}
	d := YearMonthDuration(years*12 + months)
	if negative {
		d = -d
	}
	return d, nil
}
