package web

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// value returns a field of the form that came, or of the query of a page.
func (v *view) value(name string) string {
	if v.r.Method == http.MethodPost {
		return v.r.PostForm.Get(name)
	}
	return v.r.URL.Query().Get(name)
}

// values returns every value of a field.
func (v *view) values(name string) []string {
	if v.r.Method == http.MethodPost {
		return v.r.PostForm[name]
	}
	return v.r.URL.Query()[name]
}

// has reports whether a field came, be it empty.
func (v *view) has(name string) bool { return len(v.values(name)) > 0 }

// asked is what a visitor typed to find something in a list: nothing where that is
// an identity number, which no page repeats.
func (v *view) asked() string {
	typed := clipped(v.value("q"))
	if holdsNationalID(typed) {
		return ""
	}
	return typed
}

var norwegianDay = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(\d{4})$`)

// until reads the field of a last day: none, or a day through which something
// holds (rule TIME-1), as browsers send it or as people in Norway write it.
func (v *view) until() (*untilField, fullmakt.Interval) {
	f := &untilField{Value: strings.TrimSpace(v.value("until"))}
	if f.Value == "" {
		return f, fullmakt.Interval{}
	}
	text := f.Value
	if m := norwegianDay.FindStringSubmatch(text); m != nil {
		text = m[3] + "-" + twoDigits(m[2]) + "-" + twoDigits(m[1])
	}
	day, err := fullmakt.ParseDate(text)
	if err != nil {
		f.Value, f.Error = clipped(f.Value), v.say("web.until.wrong")
		return f, fullmakt.Interval{}
	}
	valid := fullmakt.Interval{To: fullmakt.Through(day, v.oslo)}
	if f.Value = day.String(); valid.Over(v.at()) {
		f.Error = v.say("web.until.past", "date", v.texts.Day(day))
	}
	return f, valid
}

func twoDigits(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// leaf returns the part of a list that the query's page asks for, with links to
// the part before and the one after.
func leaf[T any](v *view, list []T, most int) ([]T, []menuItem) {
	last := max(1, (len(list)+most-1)/most)
	n, err := strconv.Atoi(v.value("page"))
	if err != nil || n < 1 || n > last {
		n = 1
	}
	var links []menuItem
	link := func(n int, key string) {
		query := v.r.URL.Query()
		query.Set("page", strconv.Itoa(n))
		links = append(links, menuItem{URL: v.r.URL.Path + "?" + query.Encode(), Name: v.say(key, "n", n, "last", last)})
	}
	if n > 1 {
		link(n-1, "web.page.before")
	}
	if n < last {
		link(n+1, "web.page.after")
	}
	return list[(n-1)*most : min(n*most, len(list))], links
}
