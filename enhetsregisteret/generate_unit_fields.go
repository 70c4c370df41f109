package enhetsregisteret

import (
	"strconv"

	"github.com/fullmakt/fullmakt"
)

// unitState is what a unit goes through; one thing at a time.
type unitState uint8

const (
	stateActive unitState = iota
	stateBroke
	stateWinding
	stateForced
)

// state returns the state of unit i and since when.
func (w *genWorld) state(i uint32) (unitState, fullmakt.Date) {
	d := roll(w.seed, "state", uint64(i))
	on := max(w.registered(i), w.base-fullmakt.Date(1+d.below(900)))
	switch u := d.unit(); {
	case w.broke[i]:
		return stateBroke, on
	case !formShapes[w.form[i]].business:
	case u < .012:
		return stateWinding, on
	case u < .016:
		return stateForced, on
	}
	return stateActive, 0
}

// states writes bankruptcy, winding up and forced winding up.
func (f *fields) states(i uint32) {
	state, on := f.w.state(i)
	f.flag("konkurs", state == stateBroke)
	if state == stateBroke {
		f.date("konkursdato", on)
	} else if f.d.chance(.0005) {
		f.text("konkursdato", "")
	}
	f.flag("underAvvikling", state == stateWinding)
	if state == stateWinding {
		f.date("underAvviklingDato", on)
	}
	f.flag("underTvangsavviklingEllerTvangsopplosning", state == stateForced)
	if state == stateForced {
		f.date(pick(f.d, []string{"tvangsopplostPgaManglendeDagligLederDato", "tvangsopplostPgaManglendeRevisorDato",
			"tvangsopplostPgaManglendeRegnskapDato", "tvangsopplostPgaMangelfulltStyreDato", "tvangsavvikletPgaManglendeSlettingDato"}), on)
	}
}

// purpose writes the date of the statutes, their purpose and the activity.
func (f *fields) purpose(shape *formShape, since fullmakt.Date) {
	if shape.code != "ENK" && f.d.chance(.75) {
		f.date("vedtektsdato", f.later(since, 6000))
		f.lines("vedtektsfestetFormaal", 1+f.d.below(2))
	} else if f.d.chance(.002) {
		f.b = append(f.b, ",\n  \"vedtektsfestetFormaal\" : [ \"\" ]"...)
	}
	switch u := f.d.unit(); {
	case u < .82:
		f.lines("aktivitet", 1)
	case u < .83:
		f.b = append(f.b, ",\n  \"aktivitet\" : [ ]"...)
	}
}

// lines writes sentences, broken into lines of at most 70 letters.
func (f *fields) lines(key string, sentences int) {
	var text []byte
	for range sentences {
		if len(text) > 0 {
			text = append(text, ' ')
		}
		text = append(append(text, pick(f.d, wordPurposes)...), ' ')
		text = append(append(text, pick(f.d, wordTrades)...), ", "...)
		text = append(append(text, pick(f.d, wordTrades)...), " og "...)
		text = append(append(text, pick(f.d, wordTrades)...), ' ')
		text = append(append(text, pick(f.d, wordPurposeTails)...), '.')
	}
	f.key(key)
	f.b = append(f.b, "[ \""...)
	for len(text) > 70 {
		cut := 70
		for cut > 0 && text[cut] != ' ' {
			cut--
		}
		if cut == 0 {
			break
		}
		f.b = append(append(f.b, text[:cut]...), "\", \""...)
		text = text[cut+1:]
	}
	f.b = append(append(f.b, text...), "\" ]"...)
}

// notes writes the register's remarks (påtegninger) on a few units.
func (f *fields) notes(i uint32) {
	if !f.d.chance(.0024) {
		f.b = append(f.b, ",\n  \"paategninger\" : [ ]"...)
		return
	}
	kind := pick(f.d, []string{"DAGL", "KONT", "FFØR", "REPR", "FADR", "REVI"})
	f.b = append(f.b, ",\n  \"paategninger\" : [ {\n    \"infotype\" : \""...)
	f.b = append(append(f.b, kind...), "\",\n    \"tekst\" : \"Registeret mangler gyldige opplysninger om "...)
	f.b = append(append(f.b, kind...), "\",\n    \"innfoertDato\" : \""...)
	f.b = f.w.dates.of(f.b, f.later(f.w.registered(i), 8000))
	f.b = append(f.b, "\"\n  } ]"...)
}

// capital writes the share capital; some have more shares than 32 bits hold.
func (f *fields) capital(i uint32, shape *formShape, founded fullmakt.Date) {
	if shape.code != "AS" && shape.code != "ASA" && shape.code != "SE" {
		return
	}
	sum, shares := int64(30_000), int64(pick(f.d, []int{30, 100, 100, 300, 1000, 3000, 30_000}))
	switch u := f.d.unit(); {
	case u < .35:
		sum = int64(30+f.d.below(970)) * 1000
	case u < .4:
		sum = int64(1000+f.d.below(90_000)) * 1000
		shares = sum / int64(pick(f.d, []int{1, 10, 100}))
	}
	if shape.code == "ASA" || f.d.chance(.0002) {
		sum, shares = 6_000_000_000+int64(f.d.below(500_000_000)), 2_150_000_000+int64(f.d.below(2_000_000_000))
	}
	f.key("kapital")
	f.b = append(f.b, "{\n    \"belop\" : "...)
	f.b = strconv.AppendInt(f.b, sum, 10)
	f.b = append(f.b, ".0,\n    \"antallAksjer\" : "...)
	f.b = strconv.AppendInt(f.b, shares, 10)
	f.b = append(f.b, ",\n    \"type\" : \"Aksjekapital\",\n    \"valuta\" : \"NOK\",\n    \"innfortDato\" : \""...)
	f.b = f.w.dates.of(f.b, f.later(founded, 3000))
	f.b = append(f.b, "\"\n  }"...)
}

// formerNames writes earlier names with local times that name no zone.
func (f *fields) formerNames(i uint32, shape *formShape, since fullmakt.Date) {
	if !f.d.chance(.187) {
		return
	}
	f.b = append(f.b, ",\n  \"historiskeNavn\" : [ "...)
	from := since
	for k := range 1 + f.d.about(.25) {
		if k > 0 {
			f.b = append(f.b, ", "...)
		}
		to := f.later(from+1, 3000)
		f.b = append(f.b, "{\n    \"navn\" : [ \""...)
		f.b = f.w.appendFanciful(f.b, f.d)
		if shape.suffix != "" {
			f.b = append(append(f.b, ' '), shape.suffix...)
		}
		f.b = append(f.b, "\" ],\n    \"fraDato\" : \""...)
		f.b = f.w.dates.of(f.b, from)
		f.b = append(f.b, "T00:00:00\",\n    \"tilDato\" : \""...)
		f.b = f.w.dates.of(f.b, to)
		f.b = append(f.b, "T0"...)
		f.b = append(append(f.b, itoa(5+f.d.below(4))...), ":1"...)
		f.b = append(append(f.b, itoa(f.d.below(10))...), ":33.1"...)
		f.b = append(append(f.b, itoa(f.d.below(10))...), "\"\n  }"...)
		from = to
	}
	f.b = append(f.b, " ]"...)
}
