package enhetsregisteret

import (
	"bytes"

	"github.com/fullmakt/fullmakt"
)

// shape is what the start of a JSON text shows of its kind.
type shape struct {
	kind   Kind
	page   bool               // a page of search results
	list   int                // offset of the page's list in the text; -1 for none
	linked fullmakt.OrgNumber // the unit that the object's own links name
}

// examine looks at the start of a JSON text: at the first element of a list, or
// at an object. The text may end anywhere.
func examine(text []byte) shape {
	c := cursor{text: text}
	s := shape{list: -1}
	if c.peek() == '[' {
		c.at++
		first := true
		if c.item(&first) && c.peek() == '{' {
			s.object(&c, false)
		}
		return s
	}
	s.object(&c, true)
	return s
}

// object reads the keys of one object until they tell the kind. Keys that several
// kinds share decide only when no other has.
func (s *shape) object(c *cursor, outermost bool) {
	var org, name, form, links, page, specversion, data bool
	c.open('{')
	for first := true; ; {
		key, more := c.key(&first)
		if !more {
			break
		}
		switch string(key) {
		case "organisasjonsnummer":
			org = true
		case "navn":
			name = true
		case "page":
			page = true
		case "specversion":
			specversion = true
		case "data":
			data = true
		case "rollegrupper":
			s.decide(KindRoles)
		case "enheter":
			s.decide(KindLegalRoles)
		case "organisasjonsform":
			form = true
			from := c.at
			c.skip()
			if kode := kodeOf(c.text[from:c.at]); fullmakt.OrgForm(kode).SubUnit() {
				s.decide(KindSubUnits)
			}
			continue
		case "_links", "links":
			links = true
			from := c.at
			c.skip()
			if outermost {
				s.linked = linkedUnit(c.text[from:c.at])
			}
			if bytes.Contains(c.text[from:c.at], []byte("/underenheter/")) {
				s.decide(KindSubUnits)
			}
			continue
		case "_embedded":
			if outermost && c.peek() == '{' {
				s.embedded(c)
				continue
			}
		}
		c.skip()
	}
	switch {
	case specversion && data:
		s.decide(KindRoleUpdates)
	case org && (name || form):
		s.decide(KindUnits)
	case outermost && page && links && !s.page:
		s.page = true
		s.decide(KindEmptyPage)
	}
}

// decide sets the kind, unless it is decided already.
func (s *shape) decide(kind Kind) {
	if s.kind == KindUnknown {
		s.kind = kind
	}
}

// embedded reads the member of a HAL page that holds its list.
func (s *shape) embedded(c *cursor) {
	c.at++
	for first := true; ; {
		key, more := c.key(&first)
		if !more {
			return
		}
		c.peek()
		from := c.at
		switch string(key) {
		case "enheter":
			s.page, s.list = true, from
			s.decide(KindUnits)
		case "underenheter":
			s.page, s.list = true, from
			s.decide(KindSubUnits)
		case "oppdaterteEnheter", "oppdaterteUnderenheter":
			s.page = true
			s.decide(KindUnitUpdates)
		}
		c.skip()
	}
}

// kodeOf returns the code in an object like {"kode":"AS","beskrivelse":…}.
func kodeOf(text []byte) string {
	c := cursor{text: text}
	if c.peek() != '{' {
		return ""
	}
	c.at++
	for first := true; ; {
		key, more := c.key(&first)
		if !more {
			return ""
		}
		if string(key) == "kode" && c.peek() == '"' {
			raw, _ := c.raw()
			return string(raw)
		}
		c.skip()
	}
}

// linkedUnit finds the unit in links such as ".../enheter/310000019/roller".
func linkedUnit(links []byte) fullmakt.OrgNumber {
	_, rest, ok := bytes.Cut(links, []byte("/enheter/"))
	if !ok || len(rest) < 9 {
		return 0
	}
	org, err := parseOrg(rest[:9])
	if err != nil {
		return 0
	}
	return org
}
