package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/fullmakt/fullmakt"
)

// model is a store as simple as can be: the parties as known now, and for each
// revision the whole set of facts in force, by what they are about.
type model struct {
	parties map[fullmakt.PartyNo]fullmakt.Change // Party, or Purge for a tombstone
	states  []map[string]fullmakt.Change         // states[seq]
}

func newModel() *model {
	return &model{parties: map[fullmakt.PartyNo]fullmakt.Change{}, states: []map[string]fullmakt.Change{{}}}
}

func (m *model) head() fullmakt.Seq { return fullmakt.Seq(len(m.states) - 1) }

func (m *model) next() fullmakt.PartyNo { return fullmakt.PartyNo(len(m.parties) + 1) }

// key says what a fact is about.
func key(c fullmakt.Change) string {
	switch c := c.(type) {
	case fullmakt.Person:
		return fmt.Sprintf("1 %010d", c.Party)
	case fullmakt.EnterpriseUser:
		return fmt.Sprintf("2 %010d", c.Party)
	case fullmakt.Organisation:
		return fmt.Sprintf("3 %010d", c.Party)
	case fullmakt.Grant:
		return fmt.Sprintf("4 %010d %010d %s %s", c.From, c.To, c.Package, c.Role)
	case fullmakt.Feed:
		return "5 " + c.Name
	case fullmakt.CatalogueUse:
		return "6"
	}
	return ""
}

// append applies changes as Append should, and tells whether they made a revision.
func (m *model) append(changes []fullmakt.Change) bool {
	now := maps.Clone(m.states[len(m.states)-1])
	before := len(m.states)
	m.states = append(m.states, now)
	changed := false
	for _, c := range changes {
		switch c := c.(type) {
		case fullmakt.Party:
			changed = changed || m.parties[c.No] != fullmakt.Change(c)
			m.parties[c.No] = c
		case fullmakt.Purge:
			changed = m.purge(c.Party) || changed
		default:
			was, known := now[key(c)]
			if p, ok := c.(fullmakt.Person); ok && !p.Dead && !known {
				continue
			}
			if !known || !equal(was, c) {
				now[key(c)] = c
				changed = true
			}
		}
	}
	if !changed {
		m.states = m.states[:before]
	}
	return changed
}

func equal(a, b fullmakt.Change) bool {
	if o, ok := a.(fullmakt.Organisation); ok {
		return o.Same(b.(fullmakt.Organisation))
	}
	return a == b
}

// rests reports whether a fact rests on a party.
func rests(c fullmakt.Change, no fullmakt.PartyNo) bool {
	switch c := c.(type) {
	case fullmakt.Person:
		return c.Party == no
	case fullmakt.EnterpriseUser:
		return c.Party == no
	case fullmakt.Organisation:
		return c.Party == no
	case fullmakt.Grant:
		return c.From == no || c.To == no
	}
	return false
}

func (m *model) purge(no fullmakt.PartyNo) bool {
	p, ok := m.parties[no].(fullmakt.Party)
	if !ok {
		_, tombstone := m.parties[no]
		m.parties[no] = fullmakt.Purge{Party: no}
		return !tombstone
	}
	m.parties[no] = fullmakt.Purge{Party: no}
	var owned []fullmakt.PartyNo
	for _, facts := range m.states {
		for k, c := range facts {
			if u, ok := c.(fullmakt.EnterpriseUser); ok && u.Owner == no {
				owned = append(owned, u.Party)
			}
			if rests(c, no) {
				delete(facts, k)
			}
		}
	}
	for other, c := range m.parties {
		if q, ok := c.(fullmakt.Party); ok && p.ID.Kind == fullmakt.KindOrganisation && q.ID.Kind > fullmakt.KindPerson && q.ID.Org == p.ID.Org {
			owned = append(owned, other)
		}
	}
	for _, other := range owned {
		m.purge(other)
	}
	return true
}

// alive reports whether a fact says that a person lives, which holds anyway.
func alive(c fullmakt.Change) bool {
	p, ok := c.(fullmakt.Person)
	return ok && !p.Dead
}

// state is what State should read.
func (m *model) state() []fullmakt.Change {
	var all []fullmakt.Change
	for _, no := range slices.Sorted(maps.Keys(m.parties)) {
		all = append(all, m.parties[no])
	}
	now := m.states[m.head()]
	for _, k := range slices.Sorted(maps.Keys(now)) {
		if !alive(now[k]) {
			all = append(all, now[k])
		}
	}
	return all
}

// factsAt is what FactsAt should read.
func (m *model) factsAt(seq fullmakt.Seq, nos []fullmakt.PartyNo) []fullmakt.Change {
	var facts []fullmakt.Change
	for _, k := range slices.Sorted(maps.Keys(m.states[seq])) {
		c := m.states[seq][k]
		if !alive(c) && slices.ContainsFunc(nos, func(no fullmakt.PartyNo) bool { return rests(c, no) }) {
			facts = append(facts, c)
		}
	}
	return facts
}

// everRelated is what EverRelated must at least name.
func (m *model) everRelated(nos []fullmakt.PartyNo) []fullmakt.PartyNo {
	found := map[fullmakt.PartyNo]bool{}
	for _, facts := range m.states {
		for _, c := range facts {
			switch c := c.(type) {
			case fullmakt.Organisation:
				if slices.Contains(nos, c.Parent) || slices.ContainsFunc(c.Roles, func(r fullmakt.Role) bool { return slices.Contains(nos, r.Holder) }) {
					found[c.Party] = true
				}
			case fullmakt.Grant:
				if slices.Contains(nos, c.To) {
					found[c.From] = true
				}
			}
		}
	}
	return slices.SortedFunc(maps.Keys(found), cmp.Compare[fullmakt.PartyNo])
}
