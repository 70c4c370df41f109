package enhetsregisteret

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
)

// decoder turns one JSON element at a time into a RegisterChange. It reads the
// fields that authority rests on and passes over all others, at any depth,
// without looking into them. Its scratch space is reused, so that an element
// costs one allocation for its texts and one for its roles.
type decoder struct {
	cursor
	change fullmakt.RegisterChange
	orphan bool // a live sub-unit without a main unit

	trouble   bool // the element is unusable; the first reason stands
	troubleAt int
	path      string
	reason    string

	plain []byte // scratch of one unescaped text
	names []byte // scratch of the names of an element, one after the other
	spans []span // of names, one per role
	roles []fullmakt.RegisterRole

	forms map[string]fullmakt.OrgForm
	codes map[string]fullmakt.RoleCode
}

type span struct{ from, to int }

func newDecoder() *decoder {
	return &decoder{forms: map[string]fullmakt.OrgForm{}, codes: map[string]fullmakt.RoleCode{}}
}

func (d *decoder) reset() {
	d.change = fullmakt.RegisterChange{Source: fullmakt.SourceOpenData}
	d.orphan, d.trouble, d.path, d.reason = false, false, "", ""
	d.names, d.spans, d.roles = d.names[:0], d.spans[:0], d.roles[:0]
}

// refuse marks the element as unusable; the first reason stands.
func (d *decoder) refuse(at int, path, format string, args ...any) {
	if !d.trouble && d.state == sound {
		d.trouble, d.troubleAt, d.path, d.reason = true, at, path, fmt.Sprintf(format, args...)
	}
}

// decode reads the element at the cursor as one of kind. After it, the cursor
// stands behind the element, or state tells why not.
func (d *decoder) decode(kind Kind) {
	d.reset()
	if b := d.peek(); b != '{' {
		if d.state == sound {
			d.refuse(d.at, "", "want an object, got %s", d.kindOf())
			d.skip()
		}
		return
	}
	start := d.at
	if kind == KindRoles {
		d.roleOverview()
	} else {
		d.unit(kind == KindSubUnits)
	}
	if d.change.Org == 0 {
		d.refuse(start, "organisasjonsnummer", "missing")
	}
}

// unit reads an enhet or underenhet.
func (d *decoder) unit(sub bool) {
	ch := &d.change
	deleted, hasParent := false, false
	d.open('{')
	for first := true; ; {
		key, more := d.key(&first)
		if !more {
			break
		}
		switch string(key) {
		case "organisasjonsnummer":
			ch.Org = d.orgNumber("organisasjonsnummer")
		case "navn":
			if d.peek() == '[' {
				d.names = d.joined(d.names[:0], "navn")
			} else if s, ok := d.str("navn"); ok {
				d.names = appendName(d.names[:0], s)
			}
		case "organisasjonsform":
			if s, ok := d.coded("organisasjonsform"); ok {
				ch.Form = d.form(s)
				ch.Has |= fullmakt.HasForm
			}
		case "overordnetEnhet":
			if parent := d.orgNumber("overordnetEnhet"); parent != 0 {
				ch.Parent, hasParent = parent, true
			}
		case "konkurs":
			d.flag("konkurs", fullmakt.Bankrupt)
		case "underAvvikling":
			d.flag("underAvvikling", fullmakt.WindingUp)
		case "underTvangsavviklingEllerTvangsopplosning":
			d.flag("underTvangsavviklingEllerTvangsopplosning", fullmakt.ForcedWindingUp)
		case "slettedato":
			if s, ok := d.str("slettedato"); ok && len(s) > 0 {
				ch.DeletedOn, deleted = d.date(s, "slettedato"), true
			}
		case "respons_klasse":
			if s, ok := d.str("respons_klasse"); ok && strings.HasPrefix(string(s), "Slettet") {
				deleted = true
			}
		default:
			d.skip()
		}
	}
	if d.state != sound {
		return
	}
	if len(d.names) > 0 {
		ch.Name = string(d.names)
		ch.Has |= fullmakt.HasName
	}
	ch.Has |= fullmakt.HasState
	switch {
	case deleted:
		ch.State |= fullmakt.Deleted // and the rest of the answer says little: what is not there stays
		if hasParent {
			ch.Has |= fullmakt.HasParent
		}
	case hasParent || !sub:
		ch.Has |= fullmakt.HasParent
	default:
		d.orphan = true // a sub-unit keeps its last known main unit
	}
}

// roleOverview reads an element of roller/totalbestand, or the answer of
// /enheter/{orgnr}/roller, which lacks the number.
func (d *decoder) roleOverview() {
	ch := &d.change
	start, has := d.at, false
	d.open('{')
	for first := true; ; {
		key, more := d.key(&first)
		if !more {
			break
		}
		switch string(key) {
		case "organisasjonsnummer":
			ch.Org = d.orgNumber("organisasjonsnummer")
		case "rollegrupper":
			has = true
			d.roles, d.spans, d.names = d.roles[:0], d.spans[:0], d.names[:0]
			d.roleGroups()
		default:
			d.skip()
		}
	}
	if d.state != sound {
		return
	}
	if !has {
		// Not the same as a unit without roles: a field that was renamed must
		// not end every role of the country.
		d.refuse(start, "rollegrupper", "missing")
	}
	ch.Has = fullmakt.HasRoles
	if len(d.roles) == 0 || d.trouble {
		return
	}
	ch.Roles = make([]fullmakt.RegisterRole, len(d.roles))
	copy(ch.Roles, d.roles)
	names := string(d.names)
	for i, s := range d.spans {
		r := &ch.Roles[i]
		r.HolderName = names[s.from:s.to]
		if r.Holder.Kind == fullmakt.KindPerson {
			r.Holder = fullmakt.OpenPersonID(r.Holder.Born, r.HolderName)
		}
	}
}

func (d *decoder) roleGroups() {
	switch d.peek() {
	case 'n':
		d.literal()
		return
	case '[':
		d.at++
	default:
		d.refuse(d.at, "rollegrupper", "want a list, got %s", d.kindOf())
		d.skip()
		return
	}
	first := true
	for g := 0; d.item(&first); g++ {
		d.roleGroup(g)
	}
}

func (d *decoder) roleGroup(g int) {
	if d.peek() != '{' {
		d.refuse(d.at, fmt.Sprintf("rollegrupper[%d]", g), "want an object, got %s", d.kindOf())
		d.skip()
		return
	}
	d.at++
	from := len(d.roles)
	var since fullmakt.Date
	for first := true; ; {
		key, more := d.key(&first)
		if !more {
			break
		}
		switch string(key) {
		case "sistEndret":
			if s, ok := d.str("sistEndret"); ok {
				var good bool
				if since, good = parseDate(s); !good {
					d.refuse(d.at, fmt.Sprintf("rollegrupper[%d].sistEndret", g), "date %q: want year-month-day", clip(s))
				}
			}
		case "roller":
			switch d.peek() {
			case 'n':
				d.literal()
			case '[':
				d.at++
				firstRole := true
				for r := 0; d.item(&firstRole); r++ {
					d.role(g, r)
				}
			default:
				d.refuse(d.at, fmt.Sprintf("rollegrupper[%d].roller", g), "want a list, got %s", d.kindOf())
				d.skip()
			}
		default:
			d.skip()
		}
	}
	for i := from; i < len(d.roles); i++ {
		d.roles[i].Since = since
	}
}

// role reads one role. Its person or organisation may stand before or after its
// type, so it is judged at its end.
func (d *decoder) role(g, r int) {
	start := d.at
	bad := func(path, format string, args ...any) {
		d.refuse(start, fmt.Sprintf("rollegrupper[%d].roller[%d]%s", g, r, path), format, args...)
	}
	if d.peek() != '{' {
		bad("", "want an object, got %s", d.kindOf())
		d.skip()
		return
	}
	start = d.at
	d.at++
	var (
		role     fullmakt.RegisterRole
		born     fullmakt.Date
		names    = span{len(d.names), len(d.names)}
		persons  bool
		orgs     bool
		badField string
	)
	for first := true; ; {
		key, more := d.key(&first)
		if !more {
			break
		}
		switch string(key) {
		case "type":
			if s, ok := d.coded("type"); ok {
				role.Code = d.code(s)
			}
		case "person":
			if d.peek() == '{' {
				persons = true
				d.at++
				d.names = d.names[:names.from]
				born, badField = d.person(&role)
				names.to = len(d.names)
			} else if !d.null() {
				bad(".person", "want an object, got %s", d.kindOf())
				d.skip()
			}
		case "enhet":
			if d.peek() == '{' {
				orgs = true
				d.at++
				d.names = d.names[:names.from]
				d.holder(&role, bad)
				names.to = len(d.names)
			} else if !d.null() {
				bad(".enhet", "want an object, got %s", d.kindOf())
				d.skip()
			}
		case "avregistrert", "fratraadt":
			if d.truth("avregistrert") {
				role.Ended = true
			}
		default:
			d.skip()
		}
	}
	if d.state != sound {
		return
	}
	switch {
	case role.Code == "":
		bad(".type.kode", "missing")
	case persons && orgs:
		bad("", "held by a person and by an organisation at once")
	case persons && badField != "":
		bad(".person."+badField, "missing or wrong")
	case persons:
		role.Holder = fullmakt.PartyID{Kind: fullmakt.KindPerson, Born: born}
	case orgs && role.Holder.Org == 0:
		bad(".enhet.organisasjonsnummer", "missing")
	case !orgs:
		bad("", "held by nobody: neither person nor enhet is there")
	}
	d.roles = append(d.roles, role)
	d.spans = append(d.spans, names)
}

// person reads the person that holds a role, and appends the name to d.names.
// The name of what is missing comes back in lacks.
func (d *decoder) person(role *fullmakt.RegisterRole) (born fullmakt.Date, lacks string) {
	from := len(d.names)
	for first := true; ; {
		key, more := d.key(&first)
		if !more {
			break
		}
		switch string(key) {
		case "fodselsdato":
			if s, ok := d.str("person.fodselsdato"); ok {
				born, _ = parseDate(s)
			}
		case "navn":
			d.names = d.names[:from]
			d.personName()
		case "erDoed":
			role.HolderDead = d.truth("person.erDoed")
		default:
			d.skip()
		}
	}
	switch {
	case len(d.names) == from:
		return born, "navn"
	case born == 0:
		return born, "fodselsdato"
	}
	return born, ""
}

// personName reads a name in parts, in whatever order they come, and appends
// it: first, middle, last.
func (d *decoder) personName() {
	if d.peek() != '{' {
		if s, ok := d.str("person.navn"); ok {
			d.names = appendName(d.names, s)
		}
		return
	}
	d.at++
	var parts [3][]byte
	for first := true; ; {
		key, more := d.key(&first)
		if !more {
			break
		}
		part := 0
		switch string(key) {
		case "fornavn":
		case "mellomnavn":
			part = 1
		case "etternavn":
			part = 2
		default:
			d.skip()
			continue
		}
		s, _ := d.str("person.navn")
		if len(d.plain) > 0 && len(s) > 0 && &s[0] == &d.plain[0] {
			s = append([]byte(nil), s...) // the scratch is used again by the next part
		}
		parts[part] = s
	}
	from := len(d.names)
	for _, part := range parts {
		d.names = appendPart(d.names, from, part)
	}
}

// holder reads the organisation that holds a role.
func (d *decoder) holder(role *fullmakt.RegisterRole, bad func(path, format string, args ...any)) {
	for first := true; ; {
		key, more := d.key(&first)
		if !more {
			break
		}
		switch string(key) {
		case "organisasjonsnummer":
			s, ok := d.str("enhet.organisasjonsnummer")
			if !ok {
				continue
			}
			org, err := parseOrg(s)
			if err != nil {
				bad(".enhet.organisasjonsnummer", "%v", err)
			}
			role.Holder = fullmakt.OrganisationID(org)
		case "navn":
			if d.peek() == '[' {
				d.names = d.joined(d.names, "enhet.navn")
			} else if s, ok := d.str("enhet.navn"); ok {
				d.names = appendName(d.names, s)
			}
		case "erSlettet":
			role.HolderDeleted = d.truth("enhet.erSlettet")
		default:
			d.skip()
		}
	}
}

// joined appends the texts of a list, with blanks between them.
func (d *decoder) joined(dst []byte, path string) []byte {
	d.open('[')
	from := len(dst)
	for first := true; d.item(&first); {
		if s, ok := d.str(path); ok {
			dst = appendPart(dst, from, s)
		}
	}
	return dst
}

// coded reads an object of which only kode counts.
func (d *decoder) coded(path string) (code []byte, ok bool) {
	switch d.peek() {
	case 'n':
		d.literal()
		return nil, false
	case '"': // older data write the bare code
		return d.str(path)
	case '{':
		d.at++
	default:
		d.refuse(d.at, path, "want an object, got %s", d.kindOf())
		d.skip()
		return nil, false
	}
	for first := true; ; {
		key, more := d.key(&first)
		if !more {
			return code, len(code) > 0
		}
		if string(key) == "kode" {
			code, _ = d.str(path)
			if len(d.plain) > 0 && len(code) > 0 && &code[0] == &d.plain[0] {
				code = append([]byte(nil), code...)
			}
			continue
		}
		d.skip()
	}
}

// null passes over a null.
func (d *decoder) null() bool {
	if d.peek() != 'n' {
		return false
	}
	d.literal()
	return true
}

// str reads a text, or a number as its digits. A null is no text and no trouble.
func (d *decoder) str(path string) (s []byte, ok bool) {
	switch b := d.peek(); {
	case b == '"':
		raw, escaped := d.raw()
		if escaped {
			d.plain = unescape(d.plain[:0], raw)
			raw = d.plain
		}
		return raw, d.state == sound
	case b == 'n':
		d.literal()
		return nil, false
	case b >= '0' && b <= '9':
		return d.literal(), d.state == sound
	default:
		d.refuse(d.at, path, "want text, got %s", d.kindOf())
		d.skip()
		return nil, false
	}
}

// truth reads true or false; null is false.
func (d *decoder) truth(path string) bool {
	switch b := d.peek(); b {
	case 't', 'f', 'n':
		d.literal()
		return b == 't'
	default:
		d.refuse(d.at, path, "want true or false, got %s", d.kindOf())
		d.skip()
		return false
	}
}

// flag reads true or false into a state of the unit.
func (d *decoder) flag(path string, state fullmakt.OrgState) {
	if d.truth(path) {
		d.change.State |= state
	}
}

func (d *decoder) orgNumber(path string) fullmakt.OrgNumber {
	at := d.at
	s, ok := d.str(path)
	if !ok || len(s) == 0 {
		return 0
	}
	org, err := parseOrg(s)
	if err != nil {
		d.refuse(at, path, "%v", err)
	}
	return org
}

func (d *decoder) date(s []byte, path string) fullmakt.Date {
	date, ok := parseDate(s)
	if !ok {
		d.refuse(d.at, path, "date %q: want year-month-day", clip(s))
	}
	return date
}

// maxInterned bounds the tables of codes, which a damaged feed could fill.
const maxInterned = 4096

func (d *decoder) form(s []byte) fullmakt.OrgForm {
	f, ok := d.forms[string(s)]
	if !ok {
		f = fullmakt.OrgForm(s)
		if len(d.forms) < maxInterned {
			d.forms[string(f)] = f
		}
	}
	return f
}

func (d *decoder) code(s []byte) fullmakt.RoleCode {
	c, ok := d.codes[string(s)]
	if !ok {
		c = fullmakt.RoleCode(s)
		if len(d.codes) < maxInterned {
			d.codes[string(c)] = c
		}
	}
	return c
}

// parseOrg reads an organisation number, fast when it is nine digits.
func parseOrg(s []byte) (fullmakt.OrgNumber, error) {
	if len(s) == 9 {
		var n uint32
		for _, b := range s {
			if b < '0' || b > '9' {
				return fullmakt.ParseOrgNumber(string(s))
			}
			n = n*10 + uint32(b-'0')
		}
		if org := fullmakt.OrgNumber(n); org.Valid() {
			return org, nil
		}
	}
	return fullmakt.ParseOrgNumber(string(s))
}

// parseDate reads year-month-day with or without a time behind it, fast in the
// usual case. An empty text is no date.
func parseDate(s []byte) (fullmakt.Date, bool) {
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		y, ok1 := digits(s[:4])
		m, ok2 := digits(s[5:7])
		d, ok3 := digits(s[8:])
		if ok1 && ok2 && ok3 && m >= 1 && m <= 12 && d >= 1 && d <= 28 {
			return fullmakt.NewDate(y, m, d), true
		}
	}
	date, err := fullmakt.ParseDate(string(s))
	return date, err == nil
}

func digits(s []byte) (n int, ok bool) {
	for _, b := range s {
		if b < '0' || b > '9' {
			return 0, false
		}
		n = n*10 + int(b-'0')
	}
	return n, true
}

// appendName appends a name of the feed without blanks at its ends, and with
// U+FFFD in place of what is not UTF-8.
func appendName(dst, s []byte) []byte {
	for len(s) > 0 && s[0] <= ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	if utf8.Valid(s) {
		return append(dst, s...)
	}
	return append(dst, strings.ToValidUTF8(string(s), "\uFFFD")...)
}

// appendPart appends a part of the name that starts at from, with a blank
// before it when it is not the first. A blank part adds nothing.
func appendPart(dst []byte, from int, s []byte) []byte {
	before := len(dst)
	if before > from {
		dst = append(dst, ' ')
	}
	start := len(dst)
	if dst = appendName(dst, s); len(dst) == start {
		return dst[:before]
	}
	return dst
}
