package enhetsregisteret

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// appendUpper appends s in upper case; s has Latin letters with æ, ø and å.
func appendUpper(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case c >= 0xa0 && c <= 0xbe && i > 0 && s[i-1] == 0xc3: // à to þ in UTF-8
			c -= 0x20
		}
		b = append(b, c)
	}
	return b
}

// appendName appends the name of main unit i in upper case.
func (w *genWorld) appendName(b []byte, i uint32) []byte { return w.appendNameOn(b, i, w.day) }

// appendNameOn appends the name that unit i has on a day. The biggest accountant
// takes another name on day 1.
func (w *genWorld) appendNameOn(b []byte, i uint32, day int) []byte {
	shape := &formShapes[w.form[i]]
	d := roll(w.seed, "unit name", uint64(i))
	switch shape.code {
	case "KOMM":
		return append(append(b, w.municipalityOf(i).name...), " KOMMUNE"...)
	case "STAT":
		return append(b, "DEN SYNTETISKE STAT"...)
	case "KBO":
		if debtor, ok := w.estates[i]; ok {
			return append(w.appendName(b, debtor), " KONKURSBO"...)
		}
	case "ENK":
		if d.chance(.5) { // under the owner's own name, as the law wants
			n := w.people.name(w.slots[w.slotOff[i]])
			b = append(appendUpper(b, n.first), ' ')
			return appendUpper(b, n.last)
		}
		b = append(w.appendFanciful(b, &d), ' ')
		return appendUpper(b, pick(&d, wordTrades))
	case "FLI":
		b = appendUpper(b, pick(&d, wordPlaceStarts))
		b = append(appendUpper(b, pick(&d, wordPlaceEnds)), ' ')
		return append(b, pick(&d, associations[:])...)
	case "ESEK":
		return w.appendFanciful(append(b, "SAMEIET "...), &d)
	case "ORGL":
		b = append(b, pick(&d, departments[:])...)
		if over, ok := w.above(i); ok {
			b = w.appendName(append(b, ' '), over)
		}
		return b
	case "UTLA":
		return append(w.appendFanciful(b, &d), pick(&d, []string{" LTD", " GMBH", " AB", " APS", " BV", " SRL"})...)
	}
	if day > 0 && i == w.accounts.units[0] {
		d = roll(w.seed, "new unit name", uint64(i))
	}
	b = w.appendFanciful(b, &d)
	if part := w.partOf[i]; part != "" {
		b = append(append(b, ' '), part...)
	}
	if shape.suffix != "" {
		b = append(append(b, ' '), shape.suffix...)
	}
	return b
}

// appendFanciful appends two adjectives and an animal.
func (w *genWorld) appendFanciful(b []byte, d *dice) []byte {
	b = append(append(b, pick(d, w.words.adjectives)...), ' ')
	b = append(append(b, pick(d, w.words.adjectives)...), ' ')
	return append(b, pick(d, wordAnimals)...)
}

var (
	associations = [...]string{"IDRETTSLAG", "SANGKOR", "VELFORENING", "SKOLEKORPS", "BYGDEKVINNELAG", "HISTORIELAG", "JEGERFORENING",
		"TURLAG", "BARNETEATER", "SJAKKLUBB", "VANNVERK", "GRENDELAG", "HAGELAG", "KYSTLAG", "SPEIDERGRUPPE", "FRIVILLIGSENTRAL", "BÅTFORENING"}
	departments = [...]string{"OPPVEKST", "HELSE OG OMSORG", "TEKNISK DRIFT", "KULTUR", "BARNEVERN", "PLAN OG BYGG", "EIENDOM", "VIDEREGÅENDE SKOLE",
		"TANNHELSE", "INNKJØP", "ØKONOMI", "BRANN OG REDNING", "VANN OG AVLØP", "LANDBRUK", "TILSYN"}
)

// municipalityOf returns the municipality that unit i, a KOMM, is.
func (w *genWorld) municipalityOf(i uint32) *municipality {
	return &w.places.municipalities[w.ordinal(i)%len(w.places.municipalities)]
}

// appendSubName appends the name of sub-unit j of unit i, its n-th. It keeps the
// first name of its main unit.
func (w *genWorld) appendSubName(b []byte, j, i uint32, n int) []byte {
	b = w.appendNameOn(b, i, 0)
	if n > 0 || w.form[i] == uint8(shapeKOMM) {
		d := roll(w.seed, "sub name", uint64(j))
		b = append(b, " AVD "...)
		b = appendUpper(b, pick(&d, wordPlaceStarts))
		b = appendUpper(b, pick(&d, wordPlaceEnds))
	}
	return b
}

// whole returns the name as the open data is read: first, middle and last.
func (n personName) whole() string {
	return strings.Join(strings.Fields(n.first+" "+n.middle+" "+n.last), " ")
}
