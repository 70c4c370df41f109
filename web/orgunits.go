package web

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
)

// unitsPage shows the sub-units of an organisation.
type unitsPage struct {
	Head  *orgHead
	Units []unitLine
	Pages pages
}

// unitLine is a sub-unit with its state in words, "" for one that is active.
type unitLine struct {
	Party text.Party
	State string
}

func orgUnits(v *view) error {
	no, head, err := v.aboutOrganisation("/units")
	if err != nil {
		return err
	}
	body := &unitsPage{Head: head}
	units := v.units(no)
	body.Pages = v.pagesOf(len(units), linesPerPage)
	for _, u := range units[body.Pages.From:body.Pages.To] {
		line := unitLine{Party: v.party(u)}
		if line.Party.State != 0 {
			line.State = v.texts.State(line.Party.State)
		}
		body.Units = append(body.Units, line)
	}
	slices.SortStableFunc(body.Units, func(a, b unitLine) int { return strings.Compare(a.Party.Name, b.Party.Name) })
	return v.show("units", &page{Title: v.say("web.units.title", "name", label(v.texts, head.Party)), Crumbs: head.crumbs(v), Body: body})
}

// units lists the sub-units of an organisation, which stand last among what it holds.
func (v *view) units(no fullmakt.PartyNo) (list []fullmakt.PartyNo) {
	_, _, held := v.snap.Look(no)
	for _, e := range slices.Backward(held) {
		if !e.SubUnit() {
			break
		}
		list = append(list, e.Party)
	}
	slices.Reverse(list)
	return list
}

// hasUnits reports whether an organisation has sub-units.
func hasUnits(v *view, no fullmakt.PartyNo) bool {
	_, _, held := v.snap.Look(no)
	return len(held) > 0 && held[len(held)-1].SubUnit()
}
