package enhetsregisteret

import (
	"strconv"

	"github.com/fullmakt/fullmakt"
)

// The element texts below are laid out as the register's own files: an
// indenting JSON writer with two blanks a level and a blank on either side of
// the colon.

// appendUnit appends main unit i as an element of the file of units.
func (w *genWorld) appendUnit(b []byte, i uint32) []byte {
	shape := &formShapes[w.form[i]]
	d := roll(w.seed, "unit", uint64(i))
	since := w.registered(i)
	f := fields{w: w, b: b, d: &d}
	f.b = append(f.b, "{\n  \"organisasjonsnummer\" : \""...)
	f.b = appendOrg(f.b, w.number[i])
	f.b = append(f.b, "\",\n  \"navn\" : \""...)
	f.b = w.appendName(f.b, i)
	f.b = append(f.b, '"')
	f.form(shape.code, shape.name)
	if d.chance(.08) {
		f.text("hjemmeside", "www."+domain(&d)+".example")
	}
	if d.chance(.3) {
		f.address("postadresse", w.address(&d))
	}
	f.date("registreringsdatoEnhetsregisteret", since)
	vat := shape.business && d.chance(.55) || shape.code == "ENK" && d.chance(.35)
	f.flag("registrertIMvaregisteret", vat)
	if vat && d.chance(.02) {
		f.b = append(f.b, ",\n  \"frivilligMvaRegistrertBeskrivelser\" : [ \"Utleier av bygg eller anlegg\" ]"...)
		f.date("registreringsdatoFrivilligMerverdiavgiftsregisteret", f.later(since, 3000))
	}
	f.industries(shape.code)
	employees := shape.subs > .3 && d.chance(.32)
	f.employees(employees, since)
	if over, ok := w.above(i); ok {
		f.org("overordnetEnhet", w.number[over])
	}
	if vat {
		f.date("registreringsdatoMerverdiavgiftsregisteret", f.later(since, 300))
		f.date("registreringsdatoMerverdiavgiftsregisteretEnhetsregisteret", f.later(since, 330))
	}
	f.contacts(1)
	f.address("forretningsadresse", w.home(i))
	founded := since - fullmakt.Date(d.below(90))
	f.date("stiftelsesdato", founded)
	f.coded("institusjonellSektorkode", shape.sector, sectors[shape.sector])
	f.flag("registrertIForetaksregisteret", shape.business)
	f.flag("registrertIStiftelsesregisteret", shape.code == "STI")
	f.flag("registrertIFrivillighetsregisteret", shape.code == "FLI" && d.chance(.55))
	if shape.business && d.chance(.8) {
		f.text("sisteInnsendteAarsregnskap", strconv.Itoa(2025-d.below(2)))
	}
	f.states(i)
	if d.chance(.9) {
		f.text("maalform", "Bokmål")
	} else {
		f.text("maalform", "Nynorsk")
	}
	f.purpose(shape, since)
	if shape.business {
		f.date("registreringsdatoForetaksregisteret", f.later(since, 20))
	}
	f.flag("registrertIPartiregisteret", shape.code == "FLI" && d.chance(.01))
	f.notes(i)
	f.flag("erIKonsern", shape.code == "AS" && d.chance(.18) || shape.code == "ASA")
	f.capital(i, shape, founded)
	f.formerNames(i, shape, since)
	f.b = append(f.b, ",\n  \"links\" : [ ],\n  \"respons_klasse\" : \"Enhet\"\n}"...)
	return f.b
}

// appendSubUnit appends sub-unit j as an element of the file of sub-units.
func (w *genWorld) appendSubUnit(b []byte, j uint32) []byte {
	i := w.parent[j]
	d := roll(w.seed, "sub unit", uint64(j))
	since := w.subRegistered(j)
	f := fields{w: w, b: b, d: &d}
	f.b = append(f.b, "{\n  \"organisasjonsnummer\" : \""...)
	f.b = appendOrg(f.b, w.subNo[j])
	f.b = append(f.b, "\",\n  \"navn\" : \""...)
	f.b = w.appendSubName(f.b, j, i, int(j-w.subOff[i]))
	f.b = append(f.b, '"')
	if form := w.subForm(j); form == "AAFY" {
		f.form("AAFY", aafyName)
	} else {
		f.form("BEDR", bedrName)
	}
	if d.chance(.05) {
		f.text("hjemmeside", "www."+domain(&d)+".example")
	}
	if d.chance(.17) {
		f.address("postadresse", w.address(&d))
	}
	f.date("registreringsdatoEnhetsregisteret", since)
	f.flag("registrertIMvaregisteret", d.chance(.4))
	f.industries(formShapes[w.form[i]].code)
	f.employees(d.chance(.3), since)
	if j%9000 != 77 { // a few have lost their main unit
		f.org("overordnetEnhet", w.number[i])
	}
	f.contacts(.4)
	f.date("oppstartsdato", since-fullmakt.Date(d.below(60)))
	switch u := d.unit(); {
	case u < .05:
		f.date("datoEierskifte", f.later(since, 2000))
	case u < .053:
		f.text("datoEierskifte", "")
	}
	f.address("beliggenhetsadresse", w.subHome(j))
	f.b = append(f.b, ",\n  \"links\" : [ ],\n  \"respons_klasse\" : \"Underenhet\"\n}"...)
	return f.b
}

// subRegistered returns the day sub-unit j came into the register.
func (w *genWorld) subRegistered(j uint32) fullmakt.Date {
	i := w.parent[j]
	since := w.registered(i)
	d := roll(w.seed, "sub registered", uint64(j))
	if i < w.nBase && (j > w.subOff[i] || d.chance(.2)) {
		since = min(w.base, since+fullmakt.Date(d.below(4000)))
	}
	return since
}

// subForm returns the form of sub-unit j: AAFY below those that do no business.
func (w *genWorld) subForm(j uint32) string {
	switch formShapes[w.form[w.parent[j]]].code {
	case "FLI", "ESEK", "SAM", "ANNA", "KIRK", "BRL", "STI":
		return "AAFY"
	case "ENK":
		if d := roll(w.seed, "sub form", uint64(j)); d.chance(.19) {
			return "AAFY"
		}
	}
	return "BEDR"
}

// home returns the business address of unit i.
func (w *genWorld) home(i uint32) address {
	d := roll(w.seed, "home", uint64(i))
	return w.address(&d)
}

// subHome returns the place of sub-unit j: most often its main unit's.
func (w *genWorld) subHome(j uint32) address {
	d := roll(w.seed, "sub home", uint64(j))
	if d.chance(.6) {
		return w.home(w.parent[j])
	}
	return w.address(&d)
}

// fields appends the fields of one element.
type fields struct {
	w *genWorld
	b []byte
	d *dice
}

func appendOrg(b []byte, n fullmakt.OrgNumber) []byte { return strconv.AppendUint(b, uint64(n), 10) }

func (f *fields) key(key string) {
	f.b = append(append(append(f.b, ",\n  \""...), key...), "\" : "...)
}

func (f *fields) text(key, value string) {
	f.key(key)
	f.b = append(append(append(f.b, '"'), value...), '"')
}

func (f *fields) flag(key string, value bool) {
	f.key(key)
	f.b = strconv.AppendBool(f.b, value)
}

func (f *fields) date(key string, value fullmakt.Date) {
	f.key(key)
	f.b = append(f.w.dates.of(append(f.b, '"'), value), '"')
}

func (f *fields) org(key string, value fullmakt.OrgNumber) {
	f.key(key)
	f.b = append(appendOrg(append(f.b, '"'), value), '"')
}

func (f *fields) coded(key, code, name string) {
	f.key(key)
	f.b = append(append(f.b, "{\n    \"kode\" : \""...), code...)
	f.b = append(append(f.b, "\",\n    \"beskrivelse\" : \""...), name...)
	f.b = append(f.b, "\"\n  }"...)
}

func (f *fields) form(code, name string) {
	f.key("organisasjonsform")
	f.b = append(append(f.b, "{\n    \"kode\" : \""...), code...)
	f.b = append(append(f.b, "\",\n    \"beskrivelse\" : \""...), name...)
	f.b = append(f.b, "\",\n    \"links\" : [ ]\n  }"...)
}

// address writes an address; its lines may hold null and empty texts.
func (f *fields) address(key string, a address) {
	f.key(key)
	f.b = append(f.b, "{\n    \"land\" : \"Norge\",\n    \"landkode\" : \"NO\",\n    \"postnummer\" : \""...)
	f.b = append(append(f.b, a.post.code...), "\",\n    \"poststed\" : \""...)
	f.b = append(append(f.b, a.post.name...), "\",\n    \"adresse\" : [ "...)
	if a.care != "" {
		f.b = append(append(append(f.b, '"'), a.care...), "\", "...)
	}
	f.b = append(append(append(f.b, '"'), a.street...), '"')
	switch u := f.d.unit(); {
	case u < .004:
		f.b = append(f.b, ", null, null, \"\""...)
	case u < .012:
		f.b = append(f.b, ", \"\""...)
	case u < .016:
		f.b = append(f.b, ", null"...)
	}
	f.b = append(append(f.b, " ],\n    \"kommune\" : \""...), a.place.name...)
	f.b = append(append(f.b, "\",\n    \"kommunenummer\" : \""...), a.place.number...)
	f.b = append(f.b, "\"\n  }"...)
}

// industries writes up to three industry codes.
func (f *fields) industries(form string) {
	n := 1
	switch u := f.d.unit(); {
	case u < .02:
		n = 3
	case u < .10:
		n = 2
	case u > .96:
		return
	}
	for k := range n {
		one := pick(f.d, industries[:])
		if k == 0 && form == "BRL" {
			one = industry{"68.201", "Borettslag"}
		}
		f.coded("naeringskode"+itoa(k+1), one.code, one.name)
	}
}

// employees writes the count, which the register leaves out below five at some
// units and gives at others.
func (f *fields) employees(some bool, since fullmakt.Date) {
	if some {
		u := f.d.unit()
		f.key("antallAnsatte")
		f.b = strconv.AppendInt(f.b, int64(1+int(4/(u+.004))), 10)
	}
	f.flag("harRegistrertAntallAnsatte", some)
	if some {
		on := f.later(since, 9000)
		f.date("registreringsdatoAntallAnsatteEnhetsregisteret", on)
		f.date("registreringsdatoAntallAnsatteNAVAaregisteret", on-2)
	}
}

func domain(d *dice) string {
	return asciiLower(pick(d, wordPlaceStarts)) + asciiLower(pick(d, wordAnimals)) + itoa(d.below(90))
}

// asciiLower returns s in lower case with the Norwegian letters left out.
func asciiLower(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		if c := s[i] | 0x20; s[i] < 0x80 && c >= 'a' && c <= 'z' {
			b = append(b, c)
		}
	}
	return string(b)
}

// contacts writes mail and telephones at some units; share lessens how many.
func (f *fields) contacts(share float64) {
	if f.d.chance(.22 * share) {
		f.text("epostadresse", pick(f.d, wordDomains)+"@"+domain(f.d)+".example")
	}
	if f.d.chance(.12 * share) {
		f.text("telefon", f.phone())
	}
	if f.d.chance(.2 * share) {
		f.text("mobil", f.phone())
	}
}

// phone makes a number that no exchange gives out.
func (f *fields) phone() string {
	s := itoa(1_000_000 + f.d.below(1_000_000))[1:]
	return "00 " + s[:2] + " " + s[2:4] + " " + s[4:]
}

// later returns a day up to so many days after, at most the world's first day.
func (f *fields) later(since fullmakt.Date, days int) fullmakt.Date {
	return max(since, min(f.w.base, since+fullmakt.Date(f.d.below(days))))
}
