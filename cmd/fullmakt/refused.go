package main

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// mostRefused bounds how many parties are looked at for near misses.
const mostRefused = 200_000

// findRefused asks the question of every party within reach of a near miss: up
// to three links away, and one step more to a sub-unit or a proprietor.
func (l *listing) findRefused() error {
	seen := map[fullmakt.PartyNo]bool{}
	edge := []fullmakt.PartyNo{l.party.No}
	for range 4 {
		var next []fullmakt.PartyNo
		for _, p := range edge {
			for _, q := range l.around(p) {
				if !seen[q] && q != 0 {
					seen[q] = true
					next = append(next, q)
				}
			}
			if len(seen) > mostRefused {
				return fullmakt.Errorf(fullmakt.CodeUnavailable, "more than %d parties are near; their near misses are not listed", mostRefused).
					WithHint("leave out --refused, or ask about one party with explain")
			}
		}
		edge = next
	}
	var parties []fullmakt.PartyNo
	for p := range seen {
		parties = append(parties, p)
	}
	slices.Sort(parties)
	for _, p := range parties {
		pair := pdp.Pair{Subject: p, For: l.party.No}
		if l.forward {
			pair = pdp.Pair{Subject: l.party.No, For: p}
		}
		if pair.Subject == pair.For || l.filter.BusinessOnly && !l.business(p) {
			continue
		}
		if answer := l.explain(pair); !answer.Allowed && len(answer.NearMisses) > 0 {
			l.refused = append(l.refused, answer)
		}
	}
	return nil
}

// around returns the parties one link from p, away from where the list is asked.
func (l *listing) around(p fullmakt.PartyNo) []fullmakt.PartyNo {
	n, holders, held := l.s.Look(p)
	var list []fullmakt.PartyNo
	add := func(edges []index.Edge) {
		for _, e := range edges {
			list = append(list, e.Party)
		}
	}
	if l.forward {
		add(held)
		if n.Form != 0 && n.Form == l.s.Catalogue().FormID(fullmakt.FormENK) {
			add(holders) // the proprietor
		}
		return list
	}
	add(holders)
	if n.Kind == fullmakt.KindPerson && p == l.party.No {
		add(held) // its sole proprietorships
	}
	if n.Kind == fullmakt.KindOrganisation {
		list = append(list, n.Parent)
	}
	return list
}

// printRefused prints the near misses, one a party.
func (l *listing) printRefused() {
	if len(l.refused) == 0 {
		return
	}
	texts := l.a.texts
	l.a.printf("\n%s\n", l.a.paint(bold, texts.Say("list.refused")))
	column := "col.who"
	if l.forward {
		column = "col.for"
	}
	t := table{head: []string{texts.Say(column), texts.Say("col.number"), texts.Say("col.reason"), texts.Say("col.rule"), texts.Say("col.path")}, long: 4}
	for _, answer := range l.refused {
		other, miss := l.other(answer), answer.NearMisses[0]
		t.add(other.Label(), other.ID, texts.Why(miss.Reason), string(miss.Rule), texts.Line(miss, answer.Subject, answer.For))
	}
	t.print(l.a)
}
