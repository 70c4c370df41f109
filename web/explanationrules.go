package web

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
)

// cited returns the rules that an explanation shows: those that its paths and near
// misses name, those that say why these are as they are, and for a no that nothing
// came near, what a yes would take.
func (v *view) cited(answers ...*text.Answer) []text.Rule {
	rules := v.texts.Cited(answers...)
	for _, a := range answers {
		for _, id := range behind(a) {
			if rule, ok := v.texts.Rule(id); ok && !slices.Contains(rules, rule) {
				rules = append(rules, rule)
			}
		}
	}
	return rules
}

// behind lists the rules that no path names, and that say why an answer is as it
// is.
func behind(a *text.Answer) (ids []fullmakt.Rule) {
	for _, p := range a.Paths {
		ids = append(ids, behindPath(p)...)
	}
	if !a.Allowed && len(a.NearMisses) == 0 {
		ids = append(ids, fullmakt.RuleDirect, fullmakt.RuleNest)
	}
	if a.Role != nil {
		ids = append(ids, "ROLE")
	}
	if a.For.State != 0 {
		ids = append(ids, "LIFE-2")
	}
	if a.Uncertain {
		ids = append(ids, "OPEN-1")
	}
	for _, r := range a.Remedies {
		switch r.Kind {
		case text.RemedyGrant:
			ids = append(ids, fullmakt.RuleGive3)
		case text.RemedyClient, text.RemedyAgent:
			ids = append(ids, fullmakt.RuleClient1)
		}
	}
	return ids
}

func behindPath(p text.Path) (ids []fullmakt.Rule) {
	for _, s := range p.Steps {
		if s.Derived {
			ids = append(ids, "FORM-1")
		}
	}
	if p.Base != fullmakt.RuleNest || len(p.Steps) != 2 {
		return ids
	}
	switch basis, link := p.Steps[0], p.Steps[1]; {
	case link.Kind == text.StepECKEY:
		ids = append(ids, "NEST-2")
	case basis.Kind == text.StepGrant:
		ids = append(ids, "NEST-5")
	case link.Holder.Kind == fullmakt.KindOrganisation:
		ids = append(ids, "KEY-1")
	case basis.Role != nil && link.Role != nil && basis.Role.Code == "DAGL" && link.Role.Code == "DAGL":
		ids = append(ids, "NEST-1")
	}
	if p.Extension != "" {
		ids = append(ids, "NEST-8")
	}
	return ids
}
