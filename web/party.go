package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
)

// Parties have addresses without identity numbers: an organisation its number,
// any other its permanent party number.

// partyPath returns the address of a party's page.
func partyPath(p text.Party) string {
	if p.Kind == fullmakt.KindOrganisation {
		return "/org/" + p.ID
	}
	return "/party/" + strconv.FormatUint(uint64(p.No), 10)
}

// partyRef returns how a query names a party: by organisation number, or by the
// letter p and its party number.
func partyRef(p text.Party) string {
	switch {
	case p.No == 0:
		return ""
	case p.Kind == fullmakt.KindOrganisation:
		return p.ID
	}
	return "p" + strconv.FormatUint(uint64(p.No), 10)
}

// byRef returns the party that a query names; 0 for none that is known.
func (v *view) byRef(ref string) fullmakt.PartyNo {
	if number, ok := strings.CutPrefix(ref, "p"); ok {
		return v.byNumber(number)
	}
	org, err := fullmakt.ParseOrgNumber(strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' {
			return -1
		}
		return r
	}, ref))
	if err != nil {
		return 0
	}
	return v.snap.Organisation(org)
}

// byNumber returns the party of a party number in decimal digits; 0 for none.
func (v *view) byNumber(digits string) fullmakt.PartyNo {
	n, err := strconv.ParseUint(digits, 10, 32)
	no := fullmakt.PartyNo(n)
	if err != nil || no > v.snap.Last() || v.snap.Kind(no) == fullmakt.KindUnknown {
		return 0
	}
	return no
}

// organisation returns the organisation that the address names.
func (v *view) organisation() (fullmakt.PartyNo, error) {
	number := v.r.PathValue("number")
	org, err := fullmakt.ParseOrgNumber(number)
	if err != nil {
		return 0, problem(http.StatusNotFound, "no-number", "number", number)
	}
	no := v.snap.Organisation(org)
	if no == 0 {
		return 0, problem(http.StatusNotFound, "no-organisation", "number", org.Grouped())
	}
	return no, nil
}

// grouped writes an organisation's number in groups of three; other ids as they are.
func grouped(p text.Party) string {
	if n, err := strconv.ParseUint(p.ID, 10, 32); err == nil && p.Kind == fullmakt.KindOrganisation {
		return fullmakt.OrgNumber(n).Grouped()
	}
	return p.ID
}

// label names a party in a line: by name, and where there is none by number.
func label(t *text.Texts, p text.Party) string {
	switch {
	case p.Name != "":
		return p.Name
	case p.Kind == fullmakt.KindOrganisation:
		return grouped(p)
	}
	return t.Say("web.party.nameless", "kind", t.Kind(p.Kind))
}
