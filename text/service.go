package text

import (
	"strings"

	"github.com/fullmakt/fullmakt"
)

// Service is a decision about an action on a resource, ready to be told.
type Service struct {
	Subject, For     Party
	Action, Resource string
	Title            string // of the resource, "" when it has none
	Allowed          bool
	Reason           fullmakt.Reason
	Policy, Version  string // the id of the policy that decided, and the revision that made it
	Rule             string // id of the rule that decided, or came nearest
	Description      string // of the rule
	// Held are the names of what the rule asks for and the subject has, Missing those of
	// which one more would have been enough, Actions those that the policy names where
	// no rule is for the one asked about.
	Held, Missing, Actions []string
	Revision               fullmakt.Seq
}

// Service tells a decision about an action on a resource: the half of the policy.
// The half of the authority is an Answer about what is held or missing.
func (t *Texts) Service(s *Service) []Line {
	title := s.Title
	if title == "" {
		title = s.Resource
	}
	part, key := PartNo, "service.no"
	if s.Allowed {
		part, key = PartYes, "service.yes"
	}
	lines := []Line{
		{part, t.Say(key, "subject", s.Subject.Name, "for", s.For.Name, "action", s.Action, "title", title)},
		{PartFact, t.Say("line.why", "text", t.Reason(s.Reason), "code", s.Reason)},
	}
	if s.Rule != "" {
		key := "service.nearest"
		if len(s.Missing)+len(s.Actions) == 0 {
			key = "service.rule"
		}
		about := s.Rule
		if s.Description != "" {
			about += " (" + s.Description + ")"
		}
		lines = append(lines, Line{PartFact, t.Say(key, "rule", about)})
	}
	if len(s.Held) > 0 {
		lines = append(lines, Line{PartFact, t.Say("service.held", "what", t.List(s.Held))})
	}
	if len(s.Missing) > 0 {
		lines = append(lines, Line{PartFact, t.Say("service.missing", "what", t.Choice(s.Missing))})
	}
	if len(s.Actions) > 0 {
		lines = append(lines, Line{PartFact, t.Say("service.actions", "what", strings.Join(s.Actions, ", "))})
	}
	if s.Policy != "" {
		lines = append(lines, Line{PartFact, t.Say("service.policy", "policy", s.Policy, "version", s.Version, "revision", s.Revision)})
	}
	return lines
}
