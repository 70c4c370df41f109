package main

import (
	"strings"
	"time"
	"unicode"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

// teller turns what the engine found, which is in numbers, into what is told.
type teller struct {
	a        *app
	s        *index.Snapshot
	register node.RegisterStatus
}

func (a *app) teller(s *index.Snapshot, register node.RegisterStatus) *teller {
	return &teller{a: a, s: s, register: register}
}

// answer resolves an explanation.
func (t *teller) answer(q pdp.Query, e pdp.Explanation) *text.Answer {
	answer := &text.Answer{
		Subject: t.party(q.Subject), For: t.party(q.For),
		Package: t.pkg(q.Package),
		Allowed: e.Allowed, MayGive: e.MayGive, Uncertain: e.Uncertain,
		Reason: e.Reason, GiveRule: e.GiveRule, GiveReason: e.GiveReason,
		At: time.Unix(q.At, 0).In(t.a.oslo), Revision: e.Revision,
	}
	t.a.stamp(answer, t.register)
	if q.Right != 0 {
		answer.Right = t.right(q.Right)
	}
	if q.Role != 0 {
		answer.Role = t.role(q.Role)
	}
	for _, p := range e.Paths {
		answer.Paths = append(answer.Paths, text.Path{
			Rule: p.Rule, Base: p.Rule, Extension: p.Extension, Via: t.party(p.Via), Steps: t.steps(p.Steps), Give: p.Give,
		})
	}
	for _, m := range e.NearMisses {
		answer.NearMisses = append(answer.NearMisses, text.Path{
			Rule: m.Rule, Base: m.Base, Extension: m.Extension, Via: t.party(m.Via), Steps: t.steps(m.Steps), Reason: m.Reason,
		})
	}
	for _, r := range pdp.Remedies(t.s, q, e) {
		answer.Remedies = append(answer.Remedies, t.remedy(r))
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

func (t *teller) steps(steps []pdp.Step) []text.Step {
	list := make([]text.Step, 0, len(steps))
	for _, s := range steps {
		step := text.Step{
			Kind: string(s.Kind), At: t.party(s.At), Holder: t.party(s.Holder), Derived: s.Derived,
			Since: s.Since, Source: s.Source, Valid: s.Valid,
		}
		switch step.Kind {
		case string(pdp.StepSelf): // rule SELF is the role privatperson, had by everyone
			step.Kind, step.Role = text.StepRole, t.named(fullmakt.PrivatePerson)
		case text.StepRole, text.StepECKEY:
			step.Role = t.role(s.Role)
		case text.StepGrant, text.StepClient:
			step.Package, step.Right = t.pkg(s.Package), t.right(s.Right)
		}
		list = append(list, step)
	}
	return list
}

func (t *teller) remedy(r pdp.Remedy) text.Remedy {
	remedy := text.Remedy{Kind: string(r.Kind), From: t.party(r.From), To: t.party(r.To), Client: t.party(r.Client)}
	for _, role := range r.Roles {
		remedy.Roles = append(remedy.Roles, t.role(role))
	}
	for _, p := range r.By {
		remedy.By = append(remedy.By, t.party(p))
	}
	if remedy.Kind == text.RemedyECKEY && remedy.To.Kind == fullmakt.KindEnterpriseUser {
		remedy.Command = "fullmakt --data " + t.a.dataWord() + " enterprise-user eckey grant " + quoted(remedy.To.Name) + " --org " + remedy.From.ID
	}
	return remedy
}

// dataWord is the store's directory as a command to copy names it. The demo and
// world files cannot be changed; there it stands for a store of one's own.
func (a *app) dataWord() string {
	if dir := a.dataDir(); dir != "" {
		return quoted(dir)
	}
	return "DIR"
}

func (t *teller) pkg(id catalogue.PackageID) *catalogue.Package {
	if id == catalogue.NoPackage {
		return nil
	}
	return t.s.Catalogue().Package(id)
}

func (t *teller) right(id index.RightID) (r text.Right) {
	r.Resource, r.Right = t.s.RightName(id)
	return r
}

func (t *teller) role(id catalogue.RoleID) *text.Role {
	role := &text.Role{Code: t.s.RoleCode(id)}
	if r := t.s.Catalogue().Role(id); r != nil {
		role.Names = r.Names
	}
	return role
}

func (t *teller) named(code fullmakt.RoleCode) *text.Role {
	if id := t.s.RoleID(code); id != 0 {
		return t.role(id)
	}
	return &text.Role{Code: code}
}

func (t *teller) party(p fullmakt.PartyNo) text.Party {
	if p == 0 {
		return text.Party{}
	}
	party := t.a.storedParty(fullmakt.Party{No: p, ID: t.s.ID(p), Name: t.s.Name(p)})
	party.Form, party.State = t.s.Form(p), t.s.State(p)
	return party
}

// storedParty shows a party. The identity numbers of synthetic persons are
// printed; those of others are masked unless --reveal is given.
func (a *app) storedParty(p fullmakt.Party) text.Party {
	party := text.Party{No: p.No, Kind: p.ID.Kind, Name: printable(p.Name), Uncertain: p.ID.Uncertain()}
	switch {
	case p.ID.Kind == fullmakt.KindOrganisation:
		party.ID = p.ID.Org.String()
	case party.Uncertain:
		party.ID = p.ID.Born.String()
	case p.ID.Kind == fullmakt.KindPerson && (p.ID.Person.Synthetic() || a.globals.Reveal):
		party.ID = p.ID.Person.Reveal()
	case p.ID.Kind == fullmakt.KindPerson:
		party.ID = p.ID.Person.String()
	default:
		party.ID = p.ID.Name + "@" + p.ID.Org.String()
		if party.Name == "" {
			party.Name = p.ID.Name
		}
	}
	return party
}

// printable leaves control characters out of a name: a terminal would obey them.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, name)
}
