package text

import (
	"strings"
	"time"
	"unicode"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// Teller turns what the engine found, which is in numbers, into what is told:
// parties with their names, packages and roles with their entries.
type Teller struct {
	Snapshot *index.Snapshot
	Zone     *time.Location
	// PersonID writes a person's identity number, whole or masked as the one who
	// is told may see it.
	PersonID func(fullmakt.NationalID) string
	// Veiled are parties that the one who is told may not know: they are told by
	// these names, without an identifier.
	Veiled map[fullmakt.PartyNo]string
}

// Answer resolves an explanation. How old the register is, and the commands of
// remedies, are the caller's to add.
func (t *Teller) Answer(q pdp.Query, e pdp.Explanation) *Answer {
	answer := &Answer{
		Subject: t.Party(q.Subject), For: t.Party(q.For),
		Package: t.Package(q.Package),
		Allowed: e.Allowed, MayGive: e.MayGive, Uncertain: e.Uncertain,
		Reason: e.Reason, GiveRule: e.GiveRule, GiveReason: e.GiveReason,
		At: time.Unix(q.At, 0).In(t.Zone), Revision: e.Revision,
	}
	if q.Right != 0 {
		answer.Right = t.Right(q.Right)
	}
	if q.Role != 0 {
		answer.Role = t.Role(q.Role)
	}
	for _, p := range e.Paths {
		answer.Paths = append(answer.Paths, t.Path(p))
	}
	for _, m := range e.NearMisses {
		answer.NearMisses = append(answer.NearMisses, t.NearMiss(m))
	}
	for _, r := range pdp.Remedies(t.Snapshot, q, e) {
		answer.Remedies = append(answer.Remedies, t.remedy(r))
	}
	return answer
}

// Path resolves a path that permits.
func (t *Teller) Path(p pdp.Path) Path {
	return Path{Rule: p.Rule, Base: p.Rule, Extension: p.Extension, Via: t.Party(p.Via), Steps: t.steps(p.Steps), Give: p.Give}
}

// NearMiss resolves a near miss.
func (t *Teller) NearMiss(m pdp.NearMiss) Path {
	return Path{Rule: m.Rule, Base: m.Base, Extension: m.Extension, Via: t.Party(m.Via), Steps: t.steps(m.Steps), Reason: m.Reason}
}

func (t *Teller) steps(steps []pdp.Step) []Step {
	list := make([]Step, 0, len(steps))
	for _, s := range steps {
		step := Step{
			Kind: string(s.Kind), At: t.Party(s.At), Holder: t.Party(s.Holder), Derived: s.Derived,
			Since: s.Since, Source: s.Source, Valid: s.Valid,
		}
		switch step.Kind {
		case string(pdp.StepSelf): // rule SELF is the role privatperson, had by everyone
			step.Kind, step.Role = StepRole, t.named(fullmakt.PrivatePerson)
		case StepRole, StepECKEY:
			step.Role = t.Role(s.Role)
		case StepGrant, StepClient:
			step.Package, step.Right = t.Package(s.Package), t.Right(s.Right)
		}
		list = append(list, step)
	}
	return list
}

func (t *Teller) remedy(r pdp.Remedy) Remedy {
	remedy := Remedy{Kind: string(r.Kind), From: t.Party(r.From), To: t.Party(r.To), Client: t.Party(r.Client)}
	for _, role := range r.Roles {
		remedy.Roles = append(remedy.Roles, t.Role(role))
	}
	for _, p := range r.By {
		remedy.By = append(remedy.By, t.Party(p))
	}
	return remedy
}

// Package returns a package's entry; nil for catalogue.NoPackage.
func (t *Teller) Package(id catalogue.PackageID) *catalogue.Package {
	if id == catalogue.NoPackage {
		return nil
	}
	return t.Snapshot.Catalogue().Package(id)
}

// Right returns a single right; the zero value for 0.
func (t *Teller) Right(id index.RightID) (r Right) {
	r.Resource, r.Right = t.Snapshot.RightName(id)
	return r
}

// Role returns a role as the snapshot numbers it.
func (t *Teller) Role(id catalogue.RoleID) *Role {
	role := &Role{Code: t.Snapshot.RoleCode(id)}
	if r := t.Snapshot.Catalogue().Role(id); r != nil {
		role.Names = r.Names
	}
	return role
}

func (t *Teller) named(code fullmakt.RoleCode) *Role {
	if id := t.Snapshot.RoleID(code); id != 0 {
		return t.Role(id)
	}
	return &Role{Code: code}
}

// Party returns a party of the snapshot; the zero value for 0.
func (t *Teller) Party(p fullmakt.PartyNo) Party {
	if p == 0 {
		return Party{}
	}
	if name, veiled := t.Veiled[p]; veiled {
		return Party{No: p, Kind: t.Snapshot.Kind(p), Name: name}
	}
	party := t.Named(fullmakt.Party{No: p, ID: t.Snapshot.ID(p), Name: t.Snapshot.Name(p)})
	party.Form, party.State = t.Snapshot.Form(p), t.Snapshot.State(p)
	return party
}

// Named returns a party of which no more is known than its name and identifier.
func (t *Teller) Named(p fullmakt.Party) Party {
	party := Party{No: p.No, Kind: p.ID.Kind, Name: Printable(p.Name), Uncertain: p.ID.Uncertain()}
	switch {
	case p.ID.Kind == fullmakt.KindOrganisation:
		party.ID = p.ID.Org.String()
	case party.Uncertain:
		party.ID = p.ID.Born.String()
	case p.ID.Kind == fullmakt.KindPerson:
		party.ID = t.PersonID(p.ID.Person)
	default:
		party.ID = p.ID.Name + "@" + p.ID.Org.String()
		if party.Name == "" {
			party.Name = p.ID.Name
		}
	}
	return party
}

// Printable leaves out of a name the control characters, which a terminal would
// obey, and those that turn the direction of the text around them.
func Printable(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
}
