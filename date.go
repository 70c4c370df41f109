package fullmakt

import "time"

// Date is a calendar day, as the register writes it: days since 31 December
// 1899, so that 1 is 1 January 1900. The zero value means "no date"; earlier
// days are negative.
type Date int32

var dateEpoch = time.Date(1899, time.December, 31, 0, 0, 0, 0, time.UTC)

// NewDate returns the date of a year, month (1 to 12) and day.
func NewDate(year, month, day int) Date {
	return DateOf(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the calendar day of t in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(dateEpoch) / (24 * time.Hour))
}

// ParseDate reads "2006-01-02", tolerating a time of day after it, as the open
// data has both. An empty string is no date and no error.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return 0, nil
	}
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		s = s[:10]
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, Errorf(CodeInvalid, "date %q: want year-month-day, as 2026-03-03", clip(s))
	}
	return DateOf(t), nil
}

// ParseCompactDate reads "20060102", as the CCR batch files write dates. Blanks
// and zeros mean no date.
func ParseCompactDate(s string) (Date, error) {
	if s == "" || s == "        " || s == "00000000" {
		return 0, nil
	}
	t, err := time.Parse("20060102", s)
	if err != nil {
		return 0, Errorf(CodeInvalid, "date %q: want year, month and day as 20260303", clip(s))
	}
	return DateOf(t), nil
}

// Time returns midnight at the start of the day, in loc.
func (d Date) Time(loc *time.Location) time.Time {
	t := dateEpoch.AddDate(0, 0, int(d))
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, loc)
}

// String returns "2006-01-02", or "" for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.Time(time.UTC).Format(time.DateOnly)
}

// MarshalText writes the date as String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDate reads.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}
