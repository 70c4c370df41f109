package api

import (
	"math"
	"time"
)

// question is one evaluation as a request states it, or a search, which leaves one
// part open. What is wrong with a part is kept beside it and not an error at once:
// in a batch it concerns only the items that use the part.
type question struct {
	subject  entity
	resource entity
	action   action
	context  circumstances
	fault    string // of an item that is no object
}

// entity is a subject or a resource. Nothing that its properties say of a party
// changes what the registers know of it.
type entity struct {
	given   bool
	hasType bool
	hasID   bool
	kind    idKind
	typ, id []byte
	// properties are the JSON of an object, or nil.
	properties []byte
	fault      string
}

type action struct {
	given   bool
	hasName bool
	name    []byte
	// properties are the JSON of an object, or nil.
	properties []byte
	fault      string
}

// circumstances are what we understand of a request's context.
type circumstances struct {
	given   bool
	dated   bool // time is given
	time    time.Time
	fresh   []byte // at_least_as_fresh
	explain bool
	purpose []byte
	fault   string
}

// paging is what a search says of its page.
type paging struct {
	given    bool
	hasLimit bool
	limit    int
	token    []byte
}

// asked is a whole request.
type asked struct {
	question
	items    []question
	semantic semantic
	page     paging
	limits   Limits
}

type semantic uint8

const (
	executeAll semantic = iota
	denyOnFirstDeny
	permitOnFirstPermit
)

// readAsked reads a request. Members that it does not know are ignored wherever
// they stand; an error means that the body is no JSON object, or that a member
// which concerns the whole request is of the wrong type.
func readAsked(body []byte, l Limits) (*asked, error) {
	s := &scanner{data: body, depth: l.Depth}
	a := &asked{limits: l}
	if s.next() != '{' {
		if s.next() == 0 {
			return nil, s.syntax("the body is empty")
		}
		return nil, s.syntax("an object is wanted")
	}
	err := s.object(func(name []byte) error {
		switch string(name) {
		case "evaluations":
			return s.evaluations(a)
		case "options":
			return s.options(a)
		case "page":
			return s.paging(&a.page)
		}
		return s.part(&a.question, name)
	})
	if err != nil {
		return nil, err
	}
	return a, s.end()
}

// part reads one member of a question.
func (s *scanner) part(q *question, name []byte) error {
	switch string(name) {
	case "subject":
		return s.entity(&q.subject, "subject")
	case "resource":
		return s.entity(&q.resource, "resource")
	case "action":
		return s.action(&q.action)
	case "context":
		return s.circumstances(&q.context)
	}
	return s.skip()
}

// evaluations reads the items of a batch.
func (s *scanner) evaluations(a *asked) error {
	switch s.next() {
	case 'n':
		return s.word("null")
	case '[':
	default:
		return s.syntax("evaluations must be an array")
	}
	const shortest = 64 // bytes of most items
	a.items = make([]question, 0, min(a.limits.Batch, (len(s.data)-s.pos)/shortest+1))
	return s.array(func() error {
		if len(a.items) == a.limits.Batch {
			return statusf(413, "more than %d evaluations in one request", a.limits.Batch)
		}
		a.items = append(a.items, question{})
		item := &a.items[len(a.items)-1]
		if s.next() != '{' {
			item.fault = "an evaluation must be an object"
			return s.skip()
		}
		return s.object(func(name []byte) error { return s.part(item, name) })
	})
}

func (s *scanner) options(a *asked) error {
	switch s.next() {
	case 'n':
		return s.word("null")
	case '{':
	default:
		return s.syntax("options must be an object")
	}
	return s.object(func(name []byte) error {
		if string(name) != "evaluations_semantic" || s.next() == 'n' {
			return s.skip()
		}
		if s.next() != '"' {
			return s.syntax("evaluations_semantic must be a string")
		}
		text, err := s.text()
		switch string(text) {
		case "execute_all":
			a.semantic = executeAll
		case "deny_on_first_deny":
			a.semantic = denyOnFirstDeny
		case "permit_on_first_permit":
			a.semantic = permitOnFirstPermit
		default:
			if err == nil {
				err = s.syntax("evaluations_semantic must be execute_all, deny_on_first_deny or permit_on_first_permit")
			}
		}
		return err
	})
}

// opens reports whether an object stands next, and passes what stands there
// instead: null counts as left out, anything else is a fault of what.
func (s *scanner) opens(what string, given *bool, fault *string) (bool, error) {
	switch s.next() {
	case 'n':
		return false, s.word("null")
	case '{':
		*given = true
		return true, nil
	}
	*given, *fault = true, what+" must be an object"
	return false, s.skip()
}

// entity reads a subject or a resource. A member that is null counts as left out.
func (s *scanner) entity(e *entity, what string) error {
	if open, err := s.opens(what, &e.given, &e.fault); !open {
		return err
	}
	return s.object(func(name []byte) (err error) {
		switch string(name) {
		case "type":
			if e.typ, e.hasType, err = s.stringMember(&e.fault, what, "type"); e.hasType {
				e.kind = idKindOf(e.typ)
			}
		case "id":
			e.id, e.hasID, err = s.stringMember(&e.fault, what, "id")
		case "properties":
			e.properties, err = s.properties(&e.fault, what)
		default:
			return s.skip()
		}
		return err
	})
}

func (s *scanner) action(a *action) error {
	if open, err := s.opens("action", &a.given, &a.fault); !open {
		return err
	}
	return s.object(func(name []byte) (err error) {
		switch string(name) {
		case "name":
			a.name, a.hasName, err = s.stringMember(&a.fault, "action", "name")
			return err
		case "properties":
			a.properties, err = s.properties(&a.fault, "action")
			return err
		}
		return s.skip()
	})
}

// properties passes over the properties of an entity and returns their JSON; nil
// where there are none.
func (s *scanner) properties(fault *string, what string) ([]byte, error) {
	first := s.next()
	start := s.pos
	err := s.skip()
	switch {
	case err != nil:
		return nil, err
	case first == '{':
		return s.data[start:s.pos], nil
	case first != 'n':
		*fault = what + ".properties must be an object"
	}
	return nil, nil
}

func (s *scanner) circumstances(c *circumstances) error {
	if open, err := s.opens("context", &c.given, &c.fault); !open {
		return err
	}
	return s.object(func(name []byte) (err error) {
		switch string(name) {
		case "time":
			var text []byte
			if text, c.dated, err = s.stringMember(&c.fault, "context", "time"); err != nil || !c.dated {
				return err
			}
			if c.time, err = time.Parse(time.RFC3339, string(text)); err != nil {
				c.fault = "context.time must be as RFC 3339 has it: 2026-03-03T12:00:00Z"
			}
			return nil
		case "at_least_as_fresh":
			c.fresh, _, err = s.stringMember(&c.fault, "context", "at_least_as_fresh")
			return err
		case "purpose":
			c.purpose, _, err = s.stringMember(&c.fault, "context", "purpose")
			return err
		case "explain":
			switch s.next() {
			case 't':
				c.explain = true
			case 'f', 'n':
			default:
				c.fault = "context.explain must be true or false"
			}
		}
		return s.skip()
	})
}

// stringMember reads a member that must be a string; null counts as left out.
func (s *scanner) stringMember(fault *string, what, name string) (text []byte, has bool, err error) {
	switch s.next() {
	case '"':
		text, err = s.text()
		return text, err == nil, err
	case 'n':
		return nil, false, s.word("null")
	}
	*fault = what + "." + name + " must be a string"
	return nil, false, s.skip()
}

func (s *scanner) paging(p *paging) error {
	switch s.next() {
	case 'n':
		return s.word("null")
	case '{':
	default:
		return s.syntax("page must be an object")
	}
	p.given = true
	return s.object(func(name []byte) (err error) {
		switch string(name) {
		case "limit":
			b := s.next()
			if b == 'n' {
				return s.word("null")
			}
			if b < '0' || b > '9' {
				return s.syntax("page.limit must be a whole number from 0 up")
			}
			n, err := s.number()
			if err != nil {
				return err
			}
			if n != math.Trunc(n) {
				return s.syntax("page.limit must be a whole number from 0 up")
			}
			p.hasLimit, p.limit = true, int(min(n, math.MaxInt32))
			return nil
		case "token":
			switch s.next() {
			case '"':
				p.token, err = s.text()
				return err
			case 'n':
				return s.word("null")
			}
			return s.syntax("page.token must be a string")
		}
		return s.skip()
	})
}

// missing returns what is wrong with an entity that must be whole, or "".
func (e *entity) missing(what string) string {
	switch {
	case e.fault != "":
		return e.fault
	case !e.given:
		return what + " is missing"
	case !e.hasType:
		return what + ".type is missing"
	case !e.hasID:
		return what + ".id is missing"
	}
	return ""
}

// missingType returns what is wrong with an entity that is sought, or "".
func (e *entity) missingType(what string) string {
	switch {
	case e.fault != "":
		return e.fault
	case !e.given:
		return what + " is missing"
	case !e.hasType:
		return what + ".type is missing"
	}
	return ""
}

func (a *action) missing() string {
	switch {
	case a.fault != "":
		return a.fault
	case !a.given:
		return "action is missing"
	case !a.hasName:
		return "action.name is missing"
	}
	return ""
}
