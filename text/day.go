package text

import (
	"strconv"

	"github.com/fullmakt/fullmakt"
)

// Day writes a date in words: "3. mars 2026"; "" for none.
func (t *Texts) Day(d fullmakt.Date) string {
	if d == 0 {
		return ""
	}
	year, month, day := d.Time(fullmakt.Oslo()).Date()
	return t.Say("date.day", "day", day, "month", t.Say("date.month."+strconv.Itoa(int(month))), "year", year)
}
