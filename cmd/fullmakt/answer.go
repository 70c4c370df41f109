package main

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

// teller tells what the engine found to the person at the terminal.
type teller struct {
	text.Teller
	a        *app
	s        *index.Snapshot
	register node.RegisterStatus
}

func (a *app) teller(s *index.Snapshot, register node.RegisterStatus) *teller {
	return &teller{a: a, s: s, register: register, Teller: text.Teller{Snapshot: s, Zone: a.oslo, PersonID: a.personID}}
}

// personID prints the identity numbers of synthetic persons; those of others are
// masked unless --reveal is given.
func (a *app) personID(id fullmakt.NationalID) string {
	if id.Synthetic() || a.globals.Reveal {
		return id.Reveal()
	}
	return id.String()
}

// answer resolves an explanation.
func (t *teller) answer(q pdp.Query, e pdp.Explanation) *text.Answer {
	answer := t.Answer(q, e)
	t.a.stamp(answer, t.register)
	for i := range answer.Remedies {
		if r := &answer.Remedies[i]; r.Kind == text.RemedyECKEY && r.To.Kind == fullmakt.KindEnterpriseUser {
			r.Command = "fullmakt --data " + t.a.dataWord() + " enterprise-user eckey grant " + quoted(r.To.Name) + " --org " + r.From.ID
		}
	}
	return answer
}

// stamp tells how old the register is.
func (a *app) stamp(answer *text.Answer, register node.RegisterStatus) {
	answer.Stale, answer.Catalogue = register.Stale, register.Catalogue
	if !register.ImportedAt.IsZero() {
		answer.ImportedAt = register.ImportedAt.In(a.oslo)
	}
}

// dataWord is the store's directory as a command to copy names it. The demo and
// world files cannot be changed; there it stands for a store of one's own.
func (a *app) dataWord() string {
	if dir := a.dataDir(); dir != "" {
		return quoted(dir)
	}
	return "DIR"
}

// storedParty shows a party of which only the name and identifier were looked up.
func (a *app) storedParty(p fullmakt.Party) text.Party {
	t := text.Teller{PersonID: a.personID}
	return t.Named(p)
}
