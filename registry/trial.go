package registry

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/xacml"
)

// Trial tells what a new version of a policy would change.
type Trial struct {
	Pairs   int      // of subject and party that were tried
	Actions []string // that either version names
	Changes []TrialChange
	// Unknown are the roles and packages that the new version names and the
	// catalogue does not know, so that nobody has them.
	Unknown []Attribute
}

// TrialChange is one kind of decision that changes. It tells of roles and
// packages, and not of who has them.
type TrialChange struct {
	Action        string
	Before, After xacml.Decision
	Subjects      []Attribute // which of the subjects that either version names the pairs have
	Pairs         int
}

// Try decides about a sample of the register by two versions of a policy, the first of which may be nil, and
// tells where they differ. The sample is up to a number of pairs of somebody who may act for
// an organisation, spread over the register, and the same for the same register. Only what the policies
// say is compared: grants of single rights and access lists come after them.
func Try(s *index.Snapshot, before, after *Policy, at time.Time, most int) *Trial {
	t := &Trial{Actions: after.Actions(), Unknown: after.unknown(s)}
	if before != nil {
		t.Actions = append(t.Actions, before.Actions()...)
		slices.Sort(t.Actions)
		t.Actions = slices.Compact(t.Actions)
	}
	t.Actions = t.Actions[:min(len(t.Actions), mostTrialActions)]
	seen := map[string]int{}
	var held pdp.Holdings
	decideBefore, decideAfter := before.decider(s, at), after.decider(s, at)
	for subject, party := range samplePairs(s, at.Unix(), most) {
		t.Pairs++
		pdp.Hold(s, subject, party, at.Unix(), &held)
		for _, action := range t.Actions {
			was, is := decideBefore(&held, action), decideAfter(&held, action)
			if was == is {
				continue
			}
			change := TrialChange{Action: action, Before: was, After: is, Subjects: namedAndHeld(s, &held, before, after)}
			key := change.key()
			i, known := seen[key]
			if !known {
				i = len(t.Changes)
				seen[key] = i
				t.Changes = append(t.Changes, change)
			}
			t.Changes[i].Pairs++
		}
	}
	slices.SortFunc(t.Changes, func(a, b TrialChange) int {
		return cmp.Or(cmp.Compare(b.Pairs, a.Pairs), strings.Compare(a.key(), b.key()))
	})
	return t
}

// mostTrialActions bounds the work of a trial.
const mostTrialActions = 50

func (c *TrialChange) key() string {
	parts := []string{c.Action, c.Before.String(), c.After.String()}
	for _, a := range c.Subjects {
		parts = append(parts, a.URN())
	}
	return strings.Join(parts, "\x00")
}

// decider returns how a policy decides; no policy is not applicable.
func (p *Policy) decider(s *index.Snapshot, at time.Time) func(*pdp.Holdings, string) xacml.Decision {
	if p == nil {
		return func(*pdp.Holdings, string) xacml.Decision { return xacml.NotApplicable }
	}
	if r, ok := p.Reduce(s.Catalogue()); ok {
		return func(held *pdp.Holdings, action string) xacml.Decision { return r.Decide(action, held) }
	}
	return func(held *pdp.Holdings, action string) xacml.Decision {
		return p.engine.Evaluate(p.Request(s, held, action), at).Results[0].Decision
	}
}

// samplePairs yields pairs of somebody who may act for an organisation: a few for
// each, of organisations at even distances.
func samplePairs(s *index.Snapshot, at int64, most int) func(yield func(subject, party fullmakt.PartyNo) bool) {
	const perParty = 4
	return func(yield func(subject, party fullmakt.PartyNo) bool) {
		step := max(1, s.Last()/fullmakt.PartyNo(max(1, most)))
		n := 0
		for p := fullmakt.PartyNo(1); p <= s.Last() && n < most; p += step {
			if s.Kind(p) != fullmakt.KindOrganisation {
				continue
			}
			pairs, _ := pdp.WhoActsFor(s, p, at, pdp.All, 0, perParty)
			for _, pair := range pairs {
				if n == most || !yield(pair.Subject, p) {
					return
				}
				n++
			}
		}
	}
}

// namedAndHeld returns the roles and packages of a pair that either policy names.
func namedAndHeld(s *index.Snapshot, held *pdp.Holdings, policies ...*Policy) (subjects []Attribute) {
	for _, p := range policies {
		if p == nil {
			continue
		}
		for _, a := range p.outline.named {
			if holds(s, held, a) {
				subjects = append(subjects, a.folded())
			}
		}
	}
	slices.SortFunc(subjects, func(a, b Attribute) int { return strings.Compare(a.URN(), b.URN()) })
	return slices.Compact(subjects)
}

// unknown returns the roles and packages that a policy names and the catalogue
// does not know.
func (p *Policy) unknown(s *index.Snapshot) (unknown []Attribute) {
	for _, a := range p.outline.named {
		_, role := s.Catalogue().FindRole(a.Value)
		_, pkg := s.Catalogue().PackageID(a.Value)
		if a.ID == AttributeRole && !role || a.ID == AttributePackage && !pkg {
			unknown = append(unknown, a)
		}
	}
	return unknown
}
