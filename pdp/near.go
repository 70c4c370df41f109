package pdp

import (
	"iter"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// nearSteps is how far a near miss reaches: up to three links away, and one step
// more to a sub-unit or a proprietor.
const nearSteps = 4

// Near returns the parties among which every near miss of a list is found, by
// number: with whom the list WhoActsFor or, forward, ActsFor of a party almost
// goes on. Whole is false, and nothing found, when there are more than most.
func Near(s *index.Snapshot, party fullmakt.PartyNo, forward bool, most int) (parties []fullmakt.PartyNo, whole bool) {
	seen := map[fullmakt.PartyNo]bool{}
	edge := []fullmakt.PartyNo{party}
	for range nearSteps {
		var next []fullmakt.PartyNo
		for _, p := range edge {
			for q := range neighbours(s, p, forward, p == party) {
				if q != 0 && !seen[q] {
					seen[q] = true
					next = append(next, q)
				}
			}
			if len(seen) > most {
				return nil, false
			}
		}
		edge = next
	}
	delete(seen, party)
	for p := range seen {
		parties = append(parties, p)
	}
	slices.Sort(parties)
	return parties, true
}

// neighbours yields the parties one link from p, away from where the list is asked.
func neighbours(s *index.Snapshot, p fullmakt.PartyNo, forward, asked bool) iter.Seq[fullmakt.PartyNo] {
	return func(yield func(fullmakt.PartyNo) bool) {
		n, holders, held := s.Look(p)
		along := [2][]index.Edge{holders}
		switch {
		case forward:
			along[0] = held
			if n.Form != 0 && n.Form == s.Terms().ENK {
				along[1] = holders // the proprietor
			}
		case asked && n.Kind == fullmakt.KindPerson:
			along[1] = held // its sole proprietorships
		}
		for _, edges := range along {
			for _, e := range edges {
				if !yield(e.Party) {
					return
				}
			}
		}
		if !forward && n.Kind == fullmakt.KindOrganisation {
			yield(n.Parent)
		}
	}
}
