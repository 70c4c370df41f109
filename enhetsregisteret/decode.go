package enhetsregisteret

import (
	"fmt"
	"strings"

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
