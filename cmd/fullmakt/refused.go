package main

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/pdp"
)

// mostRefused bounds how many parties are looked at for near misses.
const mostRefused = 200_000

// findRefused asks the question of every party within reach of a near miss.
func (l *listing) findRefused() error {
	parties, whole := pdp.Near(l.s, l.party.No, l.forward, mostRefused)
	if !whole {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "more than %d parties are near; their near misses are not listed", mostRefused).
			WithHint("leave out --refused, or ask about one party with explain")
	}
	for _, p := range parties {
		pair := pdp.Pair{Subject: p, For: l.party.No}
		if l.forward {
			pair = pdp.Pair{Subject: l.party.No, For: p}
		}
		if l.filter.BusinessOnly && !l.business(p) {
			continue
		}
		if answer := l.explain(pair); !answer.Allowed && len(answer.NearMisses) > 0 {
			l.refused = append(l.refused, answer)
		}
	}
	return nil
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
