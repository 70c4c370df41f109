package text

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// Line draws a path on one line, from the subject to the party acted for:
// "Kari Nordmann ─daglig leder→ Trondheim AS ─daglig leder→ Bergen AS".
func (t *Texts) Line(p Path, subject, onBehalfOf Party) string {
	if p.Base == fullmakt.RuleSelf {
		return t.Say("step.self", "subject", subject.Label())
	}
	var b strings.Builder
	b.WriteString(subject.Label())
	for _, hop := range t.Hops(p, onBehalfOf) {
		before, after := " ─", "→ "
		if hop.Back {
			before, after = " ←", "─ "
		}
		b.WriteString(before + hop.What + after + hop.To.Label())
	}
	return b.String()
}

// Hop is one step of a path in words: From is What at To.
type Hop struct {
	From Party
	What string
	To   Party
	Back bool // it is To that is What at From: the proprietor of rule ENK
}

// Hops returns the steps of a path in words, from the subject to the party acted
// for; none for one who acts for itself (rule SELF).
func (t *Texts) Hops(p Path, onBehalfOf Party) (hops []Hop) {
	if p.Base == fullmakt.RuleSelf {
		return nil
	}
	for _, step := range slices.Backward(p.Steps) {
		hops = append(hops, Hop{From: step.Holder, What: t.Step(step), To: step.At})
	}
	switch p.Extension {
	case fullmakt.RuleSub:
		hops = append(hops, Hop{From: p.Via, What: t.Say("step.sub"), To: onBehalfOf})
	case fullmakt.RuleENK:
		hops = append(hops, Hop{From: p.Via, What: t.Say("step.proprietor"), To: onBehalfOf, Back: true})
	}
	return hops
}

// Step names what a step rests on: a role, "gitt Skatt næring", "agent".
func (t *Texts) Step(s Step) string {
	switch s.Kind {
	case StepECKEY:
		return t.Say("step.eckey")
	case StepClient:
		return t.Say("step.client", "package", t.PackageName(s.Package))
	case StepAgent:
		return t.Say("step.agent")
	case StepGrant:
		if s.Right != (Right{}) {
			return t.Say("step.grant.right", "right", s.Right.Right, "resource", s.Right.Resource)
		}
		return t.Say("step.grant", "package", t.PackageName(s.Package))
	}
	name := t.RoleName(s.Role)
	if s.Derived {
		return t.Say("step.derived", "role", name)
	}
	return name
}

// PackageName returns a package's name; "" for one that the catalogue lacks.
func (t *Texts) PackageName(p *catalogue.Package) string {
	if p == nil {
		return ""
	}
	return p.Names.In(string(t.Lang))
}

// RoleName returns a role's name as it stands inside a sentence: in Norwegian it
// begins in lower case unless with an abbreviation; the English names are titles.
func (t *Texts) RoleName(r *Role) string {
	if r == nil {
		return ""
	}
	name := r.Names.In(string(t.Lang))
	if name == "" {
		return string(r.Code)
	}
	if t.Lang == EN {
		return name
	}
	first, n := utf8.DecodeRuneInString(name)
	second, _ := utf8.DecodeRuneInString(name[n:])
	if unicode.IsLower(second) {
		return string(unicode.ToLower(first)) + name[n:]
	}
	return name
}

// Label returns the party's name, or its number where the name is not known.
func (p Party) Label() string {
	if p.Name != "" {
		return p.Name
	}
	return p.ID
}

// Stop returns which step of a near miss fails, as its index in p.Steps, at the
// time asked about. It reports false where the steps do not tell: a role that has
// ended looks like any other.
func (p Path) Stop(at time.Time) (step int, ok bool) {
	last := len(p.Steps) - 1
	switch p.Reason {
	case fullmakt.ReasonNestingLimit, fullmakt.ReasonNotKeyRole:
		return last, true // the hop too many, and the role that opens none
	case fullmakt.ReasonOrgForm:
		return 0, true // where the role sits
	case fullmakt.ReasonNotYetValid, fullmakt.ReasonExpired:
		for i, s := range p.Steps {
			if !s.Valid.Contains(at.Unix()) {
				return i, true
			}
		}
	case fullmakt.ReasonNotDelegable, fullmakt.ReasonNoRelation:
		for i, s := range p.Steps {
			if s.Kind == StepClient || s.Kind == StepAgent {
				return i, true
			}
		}
	case fullmakt.ReasonPartyDeleted:
		for i, s := range p.Steps {
			if s.Holder.State&fullmakt.Deleted != 0 {
				return i, true
			}
		}
	}
	return last, last == 0 && p.Extension == ""
}
