package xacml

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// moment is a time on someone's clock and calendar: local time, and the time zone
// when it was given.
type moment struct {
	local time.Time // what clock and calendar show, kept as if it were UTC
	zone  int16     // minutes east of UTC
	zoned bool      // whether a zone was given
}

// at returns the moment in UTC, a moment without a zone being in the implicit one.
func (m moment) at(ev *evaluation) time.Time {
	zone := int(m.zone)
	if !m.zoned {
		zone = ev.implicitZone()
	}
	return m.local.Add(-time.Duration(zone) * time.Minute)
}

// compare orders two moments, as cmp.Compare does.
func (m moment) compare(ev *evaluation, other moment) int {
	if m.zoned == other.zoned && m.zone == other.zone {
		return m.local.Compare(other.local)
	}
	return m.at(ev).Compare(other.at(ev))
}

// implicitZone returns the zone of dates and times that have none, in minutes east
// of UTC: that of the clock which the evaluation was given.
func (ev *evaluation) implicitZone() int {
	_, seconds := ev.now.Zone()
	return seconds / 60
}

// momentOf returns what clock and calendar show at t in its own location.
func momentOf(t time.Time) moment {
	_, seconds := t.Zone()
	minutes := seconds / 60
	return moment{local: t.UTC().Add(time.Duration(minutes) * time.Minute), zone: int16(minutes), zoned: true}
}

// inUTC returns a moment that has a zone as it is in UTC: the form that XML Schema
// calls canonical. One without stays as it is.
func (m moment) inUTC() moment {
	if !m.zoned {
		return m
	}
	return moment{local: m.local.Add(-time.Duration(m.zone) * time.Minute), zoned: true}
}

// DateTime is a value of xs:dateTime, to the nanosecond.
type DateTime struct{ moment }

// NewDateTime returns the dateTime of t in t's own time zone.
func NewDateTime(t time.Time) DateTime { return DateTime{momentOf(t)} }

// Type returns TypeDateTime.
func (DateTime) Type() Type { return TypeDateTime }

// String returns the form of XML Schema, in the time zone it was given in.
func (d DateTime) String() string { return d.dateString() + "T" + d.timeString() + d.zoneString() }

// Date is a value of xs:date.
type Date struct{ moment } // its first instant

// NewDate returns the date of t in t's own time zone.
func NewDate(t time.Time) Date {
	m := momentOf(t)
	m.local = m.local.Add(-sinceMidnight(m.local))
	return Date{m}
}

// Type returns TypeDate.
func (Date) Type() Type { return TypeDate }

// String returns the form of XML Schema, in the time zone it was given in.
func (d Date) String() string { return d.dateString() + d.zoneString() }

// Time is a value of xs:time, to the nanosecond.
type Time struct{ moment } // on the reference day

// NewTime returns the time of day of t in t's own time zone.
func NewTime(t time.Time) Time {
	m := momentOf(t)
	m.local = referenceDay.Add(sinceMidnight(m.local))
	return Time{m}
}

// Type returns TypeTime.
func (Time) Type() Type { return TypeTime }

// String returns the form of XML Schema, in the time zone it was given in.
func (t Time) String() string { return t.timeString() + t.zoneString() }

// referenceDay is the day on which times are compared (XQuery 1.0 and XPath 2.0
// Functions and Operators, section 10.4).
var referenceDay = time.Date(1972, time.December, 31, 0, 0, 0, 0, time.UTC)

func sinceMidnight(t time.Time) time.Duration {
	hour, minute, second := t.Clock()
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
		time.Duration(second)*time.Second + time.Duration(t.Nanosecond())
}

// maxYear bounds the years on either side: XML Schema leaves the bound to us.
const maxYear = 999_999_999

// inRange tells whether the year is one that this package supports, and stays so in
// any time zone.
func inRange(t time.Time) bool {
	return -maxYear < t.AddDate(0, 0, -1).Year() && t.AddDate(0, 0, 1).Year() <= maxYear
}

func (m moment) dateString() string {
	year, month, day := m.local.Date()
	if year <= 0 {
		return fmt.Sprintf("-%04d-%02d-%02d", 1-year, month, day)
	}
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
}

func (m moment) timeString() string {
	return m.local.Format("15:04:05.999999999")
}

func (m moment) zoneString() string {
	switch {
	case !m.zoned:
		return ""
	case m.zone == 0:
		return "Z"
	case m.zone < 0:
		return fmt.Sprintf("-%02d:%02d", -m.zone/60, -m.zone%60)
	}
	return fmt.Sprintf("+%02d:%02d", m.zone/60, m.zone%60)
}

func parseDateTime(s string) (DateTime, error) {
	date, clock, ok := strings.Cut(s, "T")
	if !ok {
		return DateTime{}, errors.New(`it must be a date, "T" and a time, such as 2026-02-28T13:30:00+01:00`)
	}
	day, rest, err := scanDate(date)
	if err != nil {
		return DateTime{}, err
	}
	if rest != "" {
		return DateTime{}, errors.New(`"T" must follow upon the day`)
	}
	since, rest, err := scanTime(clock)
	if err != nil {
		return DateTime{}, err
	}
	m, err := scanZone(rest)
	if err != nil {
		return DateTime{}, err
	}
	if m.local = day.Add(since); !inRange(m.local) {
		return DateTime{}, errYear
	}
	return DateTime{m}, nil
}

func parseDate(s string) (Date, error) {
	day, rest, err := scanDate(s)
	if err != nil {
		return Date{}, err
	}
	m, err := scanZone(rest)
	if err != nil {
		return Date{}, err
	}
	if m.local = day; !inRange(day) {
		return Date{}, errYear
	}
	return Date{m}, nil
}

func parseTime(s string) (Time, error) {
	since, rest, err := scanTime(s)
	if err != nil {
		return Time{}, err
	}
	m, err := scanZone(rest)
	if err != nil {
		return Time{}, err
	}
	m.local = referenceDay.Add(since % (24 * time.Hour)) // 24:00:00 is another name of 00:00:00
	return Time{m}, nil
}

var errYear = fmt.Errorf("years beyond %d are not supported", maxYear)

// scanDate reads a date from the front of s and returns the rest. There is no year
// 0 in XML Schema 1.0: the year before 1 is -1.
func scanDate(s string) (time.Time, string, error) {
	bad := errors.New("a date is year, month and day, such as 2026-02-28")
	digits := strings.TrimPrefix(s, "-")
	n := 0
	for n < len(digits) && isDigit(digits[n]) {
		n++
	}
	if n < 4 || len(digits) < n+6 || digits[n] != '-' || digits[n+3] != '-' || !isDigits(digits[n+1:n+3]) || !isDigits(digits[n+4:n+6]) {
		return time.Time{}, "", bad
	}
	if n > 4 && digits[0] == '0' {
		return time.Time{}, "", errors.New("a year of more than four digits may not start with 0")
	}
	year, err := strconv.Atoi(digits[:n])
	if err != nil || year > maxYear { // so that the calendar of package time holds it
		return time.Time{}, "", errYear
	}
	if year == 0 {
		return time.Time{}, "", errors.New("there is no year 0000")
	}
	if len(digits) < len(s) {
		year = 1 - year
	}
	month, day := twoDigits(digits[n+1:]), twoDigits(digits[n+4:])
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if int(t.Month()) != month || t.Day() != day {
		return time.Time{}, "", errors.New("there is no such day in the calendar")
	}
	return t, digits[n+6:], nil
}

// scanTime reads a time of day from the front of s and returns the rest. 24:00:00
// is the midnight that ends the day. XML Schema knows no leap seconds.
func scanTime(s string) (time.Duration, string, error) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' || !isDigits(s[:2]) || !isDigits(s[3:5]) || !isDigits(s[6:8]) {
		return 0, "", errors.New("a time is hours, minutes and seconds, such as 13:30:00")
	}
	hour, minute, second := twoDigits(s), twoDigits(s[3:]), twoDigits(s[6:])
	rest := s[8:]
	var nanoseconds time.Duration
	if strings.HasPrefix(rest, ".") {
		n := 1
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		var err error
		if nanoseconds, err = parseFraction(rest[1:n]); err != nil {
			return 0, "", err
		}
		rest = rest[n:]
	}
	if minute > 59 || second > 59 || hour > 24 || hour == 24 && (minute > 0 || second > 0 || nanoseconds > 0) {
		return 0, "", errors.New("there is no such time of day")
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second + nanoseconds, rest, nil
}

// parseFraction reads the decimals of a second.
func parseFraction(digits string) (time.Duration, error) {
	if !isDigits(digits) {
		return 0, errors.New(`digits must follow the "." of the seconds`)
	}
	digits = strings.TrimRight(digits, "0")
	if len(digits) > 9 {
		return 0, errors.New("more than nine decimals of a second are not supported")
	}
	n, _ := strconv.Atoi((digits + "000000000")[:9])
	return time.Duration(n), nil
}

// scanZone reads the time zone that ends a date or time, if there is one.
func scanZone(s string) (moment, error) {
	switch {
	case s == "":
		return moment{}, nil
	case s == "Z":
		return moment{zoned: true}, nil
	case len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' || !isDigits(s[1:3]) || !isDigits(s[4:6]):
		return moment{}, errors.New("a time zone is Z, or hours and minutes such as +01:00")
	}
	zone := twoDigits(s[1:])*60 + twoDigits(s[4:])
	if twoDigits(s[4:]) > 59 || zone > 14*60 {
		return moment{}, errors.New("a time zone is at most 14:00 from UTC")
	}
	if s[0] == '-' {
		zone = -zone
	}
	return moment{zone: int16(zone), zoned: true}, nil
}

// twoDigits returns the number that the first two characters of s write.
func twoDigits(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }
