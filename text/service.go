package text

import (
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/xacml"
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

// Service resolves an explained decision about an action on a resource, whose
// resource must be known, in a language. With it come the questions about authority
// that the decision rests on, or that would have to be answered with yes: one for
// each thing that is held, or for a no the policy's rules say is missing.
func (t *Teller) Service(texts *Texts, q registry.Question, x *registry.Explanation) (*Service, []pdp.Query) {
	told := &Service{
		Subject: t.Party(q.Subject), For: t.Party(q.For), Action: q.Action, Resource: x.Resource.Identifier, Title: x.Resource.Title.In(string(texts.Lang)),
		Allowed: x.Decision == xacml.Permit, Reason: x.Reason, Actions: x.Actions, Revision: x.Revision,
	}
	if x.Policy != nil {
		told.Policy, told.Version = x.Policy.Compiled.ID(), strconv.FormatUint(uint64(x.Policy.Revision), 10)
	}
	if x.Rule != nil {
		told.Rule, told.Description = x.Rule.ID, x.Rule.Description
	}
	asked := x.Held
	if x.By.Right != 0 {
		asked = []registry.Held{x.By}
	}
	if x.Decision == xacml.NotApplicable {
		asked = x.Missing
	} else {
		told.Held = t.heldNames(texts, asked)
	}
	told.Missing = t.heldNames(texts, x.Missing)
	queries := make([]pdp.Query, 0, len(asked))
	for _, h := range asked {
		queries = append(queries, h.Query(q.Subject, q.For, q.At.Unix()))
	}
	return told, queries
}

// heldNames names packages, roles and rights.
func (t *Teller) heldNames(texts *Texts, list []registry.Held) (names []string) {
	for _, h := range list {
		switch {
		case h.Right != 0:
			names = append(names, t.Right(h.Right).Resource)
		case h.Role != 0:
			name := string(t.Snapshot.RoleCode(h.Role))
			if r := t.Snapshot.Catalogue().Role(h.Role); r != nil {
				name = r.Names.In(string(texts.Lang))
			}
			names = append(names, name)
		default:
			p := t.Package(h.Package)
			names = append(names, texts.PackageName(p)+" ("+p.Code+")")
		}
	}
	return names
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
