package storetest

import (
	"bytes"
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
	case fullmakt.SystemUser:
		return fmt.Sprintf("3 %010d", c.Party)
	case fullmakt.Organisation:
		return fmt.Sprintf("4 %010d", c.Party)
	case fullmakt.Grant:
		return fmt.Sprintf("5 %010d %010d %s %s %s %s", c.From, c.To, c.Package, c.Role, c.Resource, c.Right)
	case fullmakt.Agent:
		return fmt.Sprintf("6 %010d %010d", c.Provider, c.Agent)
	case fullmakt.ClientDelegation:
		return fmt.Sprintf("7 %010d %010d %010d %s %s", c.Client, c.Agent, c.Provider, c.Package, c.Role)
	case fullmakt.ScopeGrant:
		return fmt.Sprintf("8 %010d %010d %s", c.From, c.To, c.Scheme)
	case fullmakt.Document:
		return fmt.Sprintf("9 %s %s", c.Kind, c.ID)
	case fullmakt.Feed:
		return "a " + c.Name
	case fullmakt.CatalogueUse:
		return "b"
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
	switch a := a.(type) {
	case fullmakt.Organisation:
		return a.Same(b.(fullmakt.Organisation))
	case fullmakt.Document:
		b := b.(fullmakt.Document)
		return a.Kind == b.Kind && a.ID == b.ID && a.Ended == b.Ended && slices.Equal(a.Parties, b.Parties) && bytes.Equal(a.Body, b.Body)
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
	case fullmakt.SystemUser:
		return c.Party == no
	case fullmakt.Grant:
		return c.From == no || c.To == no
	case fullmakt.Agent:
		return c.Provider == no || c.Agent == no
	case fullmakt.ClientDelegation:
		return c.Provider == no || c.Client == no || c.Agent == no
	case fullmakt.ScopeGrant:
		return c.From == no || c.To == no
	case fullmakt.Document:
		return slices.Contains(c.Parties, no)
	}
	return false
}

// ofParties reports whether FactsAt finds a fact by a party: a client delegation
// by its client alone, a document not at all.
func ofParties(c fullmakt.Change, no fullmakt.PartyNo) bool {
	switch c := c.(type) {
	case fullmakt.ClientDelegation:
		return c.Client == no
	case fullmakt.Document:
		return false
	}
	return rests(c, no)
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
	now := maps.Clone(m.states[len(m.states)-1])
	for _, facts := range m.states {
		for k, c := range facts {
			if u, ok := c.(fullmakt.EnterpriseUser); ok && u.Owner == no {
				owned = append(owned, u.Party)
			}
			if u, ok := c.(fullmakt.SystemUser); ok && u.Owner == no {
				owned = append(owned, u.Party)
			}
			_, document := c.(fullmakt.Document)
			// A document about the party goes with its whole history.
			if rests(c, no) || document && now[k] != nil && rests(now[k], no) {
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
		if !alive(c) && slices.ContainsFunc(nos, func(no fullmakt.PartyNo) bool { return ofParties(c, no) }) {
			facts = append(facts, c)
		}
	}
	return facts
}

// documents is what Documents should read.
func (m *model) documents(seq fullmakt.Seq, kinds ...fullmakt.DocumentKind) []fullmakt.Change {
	var all []fullmakt.Change
	for _, k := range slices.Sorted(maps.Keys(m.states[seq])) {
		d, ok := m.states[seq][k].(fullmakt.Document)
		if ok && (len(kinds) == 0 || slices.Contains(kinds, d.Kind)) {
			all = append(all, d)
		}
	}
	return all
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
			case fullmakt.Agent:
				if slices.Contains(nos, c.Agent) {
					found[c.Provider] = true
				}
			case fullmakt.ClientDelegation:
				if slices.Contains(nos, c.Agent) {
					found[c.Client] = true
				}
			}
		}
	}
	return slices.SortedFunc(maps.Keys(found), cmp.Compare[fullmakt.PartyNo])
}
