package web

import (
	"net/url"

	"github.com/fullmakt/fullmakt"
)

// here is the address of this page, for links that lead back to it: the front page's
// where somebody has written an identity number into it, which is repeated nowhere.
func (v *view) here() string {
	address := v.r.URL.RequestURI()
	if plain, err := url.QueryUnescape(address); err != nil || holdsNationalID(plain) {
		return v.url("/")
	}
	return address
}

// holdsNationalID reports whether a text has an identity number in it, written in
// one or in groups.
func holdsNationalID(s string) bool {
	const digits = 11
	var number []byte
	for i := range len(s) {
		switch b := s[i]; {
		case b >= '0' && b <= '9':
			number = append(number, b)
			if len(number) > digits {
				number = number[1:]
			}
			if _, err := fullmakt.ParseNationalID(string(number)); err == nil {
				return true
			}
		case b != ' ' && b != '.' && b != '-':
			number = number[:0]
		}
	}
	return false
}
