package enhetsregisteret

import (
	"fmt"

	"github.com/fullmakt/fullmakt"
)

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
