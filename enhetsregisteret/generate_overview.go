package enhetsregisteret

import (
	"strconv"

	"github.com/fullmakt/fullmakt"
)

// apiRoot is where the register's links lead. The files carry it as the real
// ones do; nothing here calls it.
const apiRoot = "https://data.brreg.no/enhetsregisteret/api/"

// overview writes elements of the file of roles (totalbestand). It holds the
// texts that every role of a type repeats, made once.
type overview struct {
	w     *genWorld
	roles map[fullmakt.RoleCode]string // the "type" field of a role
	group map[string]string            // the "type" field of a group
	forms [len(formShapes)]string      // the "organisasjonsform" field of a holder
}

func newOverview(w *genWorld) *overview {
	o := &overview{w: w, roles: map[fullmakt.RoleCode]string{}, group: map[string]string{}}
	for _, t := range RoleTypes() {
		o.roles[t.Code] = typeText("      ", "rolletyper", string(t.Code), t.Name)
	}
	for _, g := range RoleGroups() {
		o.group[g.Code] = typeText("    ", "rollegruppetyper", g.Code, g.Name)
	}
	o.roles[unknownRole] = typeText("      ", "rolletyper", unknownRole, "Ny rolletype")
	o.group[unknownRole] = typeText("    ", "rollegruppetyper", unknownRole, "Ny rolletype")
	for i := range formShapes {
		s := &formShapes[i]
		o.forms[i] = "        \"organisasjonsform\" : {\n          \"kode\" : \"" + s.code + "\",\n          \"beskrivelse\" : \"" + s.name +
			"\",\n          \"_links\" : {\n            \"self\" : {\n              \"href\" : \"" + apiRoot + "organisasjonsformer/" + s.code +
			"\"\n            }\n          }\n        },\n"
	}
	return o
}

// typeText is a "type" field with its link.
func typeText(indent, list, code, name string) string {
	return indent + "\"type\" : {\n" +
		indent + "  \"kode\" : \"" + code + "\",\n" +
		indent + "  \"beskrivelse\" : \"" + name + "\",\n" +
		indent + "  \"_links\" : {\n" +
		indent + "    \"self\" : {\n" +
		indent + "      \"href\" : \"" + apiRoot + "roller/" + list + "/" + code + "\"\n" +
		indent + "    }\n" + indent + "  }\n" + indent + "},\n"
}

// appendElement appends the roles of unit i, which has some.
func (o *overview) appendElement(b []byte, i uint32, roles []genRole) []byte {
	w := o.w
	b = append(b, "{\n  \"_links\" : {\n    \"self\" : {\n      \"href\" : \""+apiRoot+"enheter/"...)
	b = appendOrg(b, w.number[i])
	b = append(b, "/roller\"\n    },\n    \"enhet\" : {\n      \"href\" : \""+apiRoot+"enheter/"...)
	b = appendOrg(b, w.number[i])
	b = append(b, "\"\n    }\n  },\n  \"organisasjonsnummer\" : \""...)
	b = appendOrg(b, w.number[i])
	b = append(b, "\",\n  \"rollegrupper\" : [ "...)
	for from := 0; from < len(roles); {
		to := from + 1
		for to < len(roles) && roles[to].group == roles[from].group {
			to++
		}
		if from > 0 {
			b = append(b, ", "...)
		}
		b = o.appendGroup(b, i, roles[from:to])
		from = to
	}
	return append(b, " ]\n}"...)
}

func (o *overview) appendGroup(b []byte, i uint32, roles []genRole) []byte {
	b = append(append(b, "{\n"...), o.group[roles[0].group]...)
	b = append(b, "    \"sistEndret\" : \""...)
	b = o.w.dates.of(b, o.w.changed(i, roles))
	b = append(b, "\",\n    \"roller\" : [ "...)
	for k := range roles {
		if k > 0 {
			b = append(b, ", "...)
		}
		b = o.appendRole(b, &roles[k], k)
	}
	return append(b, " ]\n  }"...)
}

// changed returns the day on which a group of unit i last changed.
func (w *genWorld) changed(i uint32, roles []genRole) fullmakt.Date {
	on := w.registered(i)
	purpose := roles[0].group
	if d := roll(w.seed, "together", uint64(i)<<8|uint64(purpose[0])); d.chance(.7) {
		purpose = "unit changed" // most groups change on the same occasions
	}
	if d := roll(w.seed, purpose, uint64(i)); d.chance(.4) && on < w.base {
		on += fullmakt.Date(d.below(int(w.base - on)))
	}
	for k := range roles {
		on = max(on, roles[k].since)
	}
	return on
}

func (o *overview) appendRole(b []byte, r *genRole, place int) []byte {
	b = append(append(b, "{\n"...), o.roles[r.code]...)
	if r.by.kind == byPerson {
		b = o.appendPerson(b, r.by.who)
	} else {
		b = o.appendHolder(b, r)
	}
	if r.share != "" {
		b = append(append(append(b, "      \"ansvarsandel\" : \""...), r.share...), "\",\n"...)
	}
	if r.elected != "" {
		b = append(append(b, "      \"valgtAv\" : {\n        \"kode\" : \""...), r.elected...)
		b = append(append(b, "\",\n        \"beskrivelse\" : \""...), electors[r.elected]...)
		b = append(append(b, "\",\n        \"_links\" : {\n          \"self\" : {\n            \"href\" : \""+apiRoot+"roller/representanter/"...), r.elected...)
		b = append(b, "\"\n          }\n        }\n      },\n"...)
	}
	b = strconv.AppendBool(append(b, "      \"avregistrert\" : "...), r.ended)
	b = strconv.AppendInt(append(b, ",\n      \"rekkefolge\" : "...), int64(place), 10)
	return append(b, "\n    }"...)
}

var electors = map[string]string{
	"A-AK": "Representant for A-aksjonærene", "B-AK": "Representant for B-aksjonærene",
	"C-AK": "Representant for C-aksjonærene", "AREP": "Representant for de ansatte",
}

func (o *overview) appendPerson(b []byte, person uint32) []byte {
	p := &o.w.people
	n := p.name(person)
	b = append(b, "      \"person\" : {\n        \"fodselsdato\" : \""...)
	b = o.w.dates.of(b, p.born(person))
	b = append(append(b, "\",\n        \"navn\" : {\n          \"fornavn\" : \""...), n.first...)
	if n.middle != "" {
		b = append(append(b, "\",\n          \"mellomnavn\" : \""...), n.middle...)
	}
	b = append(append(b, "\",\n          \"etternavn\" : \""...), n.last...)
	b = strconv.AppendBool(append(b, "\"\n        },\n        \"erDoed\" : "...), p.dead(person))
	return append(b, "\n      },\n"...)
}

func (o *overview) appendHolder(b []byte, r *genRole) []byte {
	w := o.w
	number, form, deleted := w.holderUnit(r.by)
	b = append(b, "      \"enhet\" : {\n        \"organisasjonsnummer\" : \""...)
	b = append(appendOrg(b, number), "\",\n"...)
	b = append(append(b, o.forms[form]...), "        \"navn\" : [ \""...)
	b = w.appendHolderName(b, r.by)
	b = strconv.AppendBool(append(b, "\" ],\n        \"erSlettet\" : "...), deleted)
	if r.code == fullmakt.REGN || r.code == fullmakt.REVI {
		b = append(b, ",\n        \"godkjenningsstatus\" : \"Godkjent\""...)
	}
	b = append(b, ",\n        \"_links\" : {\n          \"self\" : {\n            \"href\" : \""+apiRoot+"enheter/"...)
	b = appendOrg(b, number)
	return append(b, "\"\n          }\n        }\n      },\n"...)
}

// holderUnit returns what the register shows of an organisation that holds a role.
func (w *genWorld) holderUnit(by holder) (number fullmakt.OrgNumber, form uint8, deleted bool) {
	if by.kind == byGhost {
		return w.ghosts[by.who], shapeAS, true
	}
	return w.number[by.who], w.form[by.who], !w.alive(by.who)
}

func (w *genWorld) appendHolderName(b []byte, by holder) []byte {
	if by.kind == byGhost {
		d := roll(w.seed, "ghost", uint64(by.who))
		return append(w.appendFanciful(b, &d), " AS"...)
	}
	return w.appendName(b, by.who)
}
