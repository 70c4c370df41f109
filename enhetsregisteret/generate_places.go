package enhetsregisteret

import (
	"fmt"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// places are the invented municipalities and postal places.
type places struct {
	municipalities []municipality
	posts          []post
}

type municipality struct{ name, number string }

type post struct {
	code, name string
	place      int // its municipality
}

// newPlaces draws 357 municipalities in 15 counties and 3 300 postal codes.
func newPlaces(seed uint64) (p places) {
	counties := [...]int{3, 11, 15, 18, 31, 32, 33, 34, 39, 40, 42, 46, 50, 55, 56}
	d := roll(seed, "places", 0)
	used := map[string]bool{}
	name := func() string {
		for {
			n := strings.ToUpper(pick(&d, wordPlaceStarts) + pick(&d, wordPlaceEnds))
			if !used[n] {
				used[n] = true
				return n
			}
		}
	}
	for i := range 357 {
		number := fmt.Sprintf("%02d%02d", counties[i%len(counties)], 1+i/len(counties))
		p.municipalities = append(p.municipalities, municipality{name(), number})
	}
	code := 150
	for i := range 3300 {
		code += 1 + d.below(4)
		at := post{code: fmt.Sprintf("%04d", code), place: i * 357 / 3300}
		at.name = p.municipalities[at.place].name
		if d.chance(.5) && len(used) < 5000 {
			at.name = name()
		}
		p.posts = append(p.posts, at)
	}
	return p
}

// address is where a unit or person is found.
type address struct {
	post   *post
	place  *municipality
	street string
	care   string // a first line such as "c/o", or empty
}

// address draws an address from d.
func (w *genWorld) address(d *dice) address {
	u := d.unit()
	at := &w.places.posts[int(u*u*float64(len(w.places.posts)))]
	a := address{post: at, place: &w.places.municipalities[at.place]}
	if d.chance(.16) {
		a.street = fmt.Sprintf("Postboks %d", 1+d.below(3200))
	} else {
		a.street = fmt.Sprintf("%s%s %d", pick(d, wordPlaceStarts), pick(d, wordStreetEnds), 1+d.below(180))
		if d.chance(.18) {
			a.street += string(rune('A' + d.below(8)))
		}
	}
	if d.chance(.09) {
		a.care = "c/o " + pick(d, wordAdjectives) + " " + pick(d, wordSurnameStarts) + pick(d, wordSurnameEnds)
	}
	return a
}

// dateTexts are the days from 1900 to 2050 in writing.
type dateTexts [][10]byte

func newDateTexts() dateTexts {
	texts := make(dateTexts, fullmakt.NewDate(2051, 1, 1))
	for i := range texts {
		copy(texts[i][:], time.Date(1899, 12, 31+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	return texts
}

// of appends a date as the open data writes it.
func (t dateTexts) of(b []byte, d fullmakt.Date) []byte {
	if d <= 0 || int(d) >= len(t) {
		return append(b, d.String()...)
	}
	return append(b, t[d][:]...)
}

// compact appends a date as CCR writes it.
func (t dateTexts) compact(b []byte, d fullmakt.Date) []byte {
	x := &t[max(1, min(int(d), len(t)-1))]
	b = append(b, x[:4]...)
	b = append(b, x[5:7]...)
	return append(b, x[8:]...)
}
