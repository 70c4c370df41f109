package main

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// private applies rule PRIV-1: the list of what a real person holds needs a
// purpose, and only purposes on the operator's list cover organisations that do
// no business.
func (c *listCmd) private(a *app, l *listing) (businessOnly bool, err error) {
	id := l.party.ID
	if !l.forward || id.Kind != fullmakt.KindPerson || id.Person != 0 && id.Person.Synthetic() {
		return false, nil
	}
	purpose := strings.TrimSpace(c.Purpose)
	if purpose == "" {
		rule, _ := a.texts.Rule("PRIV-1")
		return false, fullmakt.Errorf(fullmakt.CodeForbidden, "PRIV-1: %s (%s)", rule.Sentence, rule.Source).
			WithHint("say why with --purpose TEXT; the purpose is logged")
	}
	businessOnly = !slices.ContainsFunc(c.Purposes, func(p string) bool { return strings.EqualFold(strings.TrimSpace(p), purpose) })
	a.log.Info("a person's authority listed", "party", l.party.No, "purpose", purpose, "business_only", businessOnly)
	return businessOnly, nil
}

// business reports whether a party may stand in a list by person for others.
func (l *listing) business(p fullmakt.PartyNo) bool {
	n := l.s.Node(p)
	if n.Kind != fullmakt.KindOrganisation {
		return true
	}
	form := l.s.Catalogue().Form(n.Form)
	return n.Form != 0 && form != nil && form.Business
}
