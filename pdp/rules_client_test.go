package pdp_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
)

// office is an accountant with a client, an agent and one package delegated.
func office(t *testing.T) *story {
	t.Helper()
	s := tell(t)
	s.org("Bergen AS", "AS", "REGN", "Regnskap AS")
	s.org("Regnskap AS", "AS", "DAGL", "Rita")
	s.agent("Regnskap AS", "Anne")
	s.delegate("Regnskap AS", "Bergen AS", "Anne", payroll, fullmakt.REGN)
	return s
}

// CLIENT
func TestCLIENT(t *testing.T) {
	t.Run("an agent may use what is delegated, and nothing else", func(t *testing.T) {
		s := office(t)
		s.yes(fullmakt.ReasonClient, "Anne", "Bergen AS", payroll)
		s.yes(fullmakt.ReasonClient, "Anne", "Bergen AS", anyPackage)
		s.gives("", "Anne", "Bergen AS", payroll) // GIVE-1: never over CLIENT
		if s.role("Anne", "Bergen AS", fullmakt.REGN) {
			t.Error("the agent has the provider's role")
		}
	})
	t.Run("the path tells the basis and the delegation", func(t *testing.T) {
		s := office(t)
		x := s.explain("Anne", "Bergen AS", payroll)
		want := []pdp.Step{
			{Kind: pdp.StepRole, At: s.no("Bergen AS"), Holder: s.no("Regnskap AS"), Role: s.c.RoleID(fullmakt.REGN), Package: catalogue.NoPackage, Source: fullmakt.SourceCCR},
			{Kind: pdp.StepClient, At: s.no("Regnskap AS"), Holder: s.no("Anne"), Package: packageID(s.c, payroll)},
		}
		if len(x.Paths) != 1 || x.Paths[0].Rule != fullmakt.RuleClient {
			t.Fatalf("paths %+v", x.Paths)
		}
		if diff := cmp.Diff(want, x.Paths[0].Steps); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
	t.Run("it stands in both lists, with SUB and ENK on top", func(t *testing.T) {
		s := office(t)
		s.org("Torget", "BEDR").Parent = s.no("Bergen AS")
		s.org("Ninas ENK", "ENK", "INNH", "Nina", "REGN", "Regnskap AS")
		s.delegate("Regnskap AS", "Ninas ENK", "Anne", payroll, fullmakt.REGN)
		if got, want := s.actsFor("Anne"), []string{"Bergen AS", "Anne", "Torget", "Ninas ENK", "Nina"}; !slices.Equal(got, want) {
			t.Errorf("ActsFor(Anne) = %q, want %q", got, want)
		}
		for object, reason := range map[string]fullmakt.Reason{
			"Torget": fullmakt.ReasonMainUnit, "Nina": fullmakt.ReasonSoleProprietor, "Ninas ENK": fullmakt.ReasonClient,
		} {
			s.yes(reason, "Anne", object, payroll)
			if !slices.Contains(s.whoActsFor(object), "Anne") {
				t.Errorf("WhoActsFor(%s) lacks Anne", object)
			}
		}
	})
	t.Run("the reason of any other path comes first", func(t *testing.T) {
		s := office(t)
		s.org("Regnskap AS", "", "DAGL", "Anne")
		s.yes(fullmakt.ReasonNesting, "Anne", "Bergen AS", payroll)
		if x := s.explain("Anne", "Bergen AS", payroll); len(x.Paths) != 2 {
			t.Errorf("%d paths, want both", len(x.Paths))
		}
	})
	t.Run("the provider holds the basis itself: no hop comes before", func(t *testing.T) {
		s := office(t)
		s.org("Kjeden AS", "AS", "DAGL", "Kai")
		s.org("Regnskap AS", "", "DAGL", "Kjeden AS")
		s.agent("Kjeden AS", "Lars")
		s.delegate("Kjeden AS", "Bergen AS", "Lars", payroll, fullmakt.REGN)
		s.deny(fullmakt.ReasonNoRelation, "Lars", "Bergen AS", payroll)
	})
	t.Run("and none follows", func(t *testing.T) {
		s := office(t)
		s.org("Datter AS", "AS", "DAGL", "Bergen AS", "REGN", "Bergen AS")
		s.deny(fullmakt.ReasonNoRelation, "Anne", "Datter AS", payroll)
	})
	t.Run("without the role it rests on there is nothing, whatever else the provider holds", func(t *testing.T) {
		s := office(t)
		s.org("Bergen AS", "").Roles = nil
		s.org("Bergen AS", "", "DAGL", "Regnskap AS")
		s.delegate("Regnskap AS", "Bergen AS", "Anne", tax, fullmakt.REGN)
		s.deny(fullmakt.ReasonNotKeyRole, "Anne", "Bergen AS", tax) // for DAGL, an agent would be a key holder away
		if x := s.explain("Anne", "Bergen AS", tax); len(x.NearMisses) != 1 || x.NearMisses[0].Base != fullmakt.RuleNest {
			t.Errorf("near misses %+v", x.NearMisses)
		}
	})
	t.Run("what is delegated over a grant ends with the grant", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS")
		s.org("Råd AS", "AS")
		s.agent("Råd AS", "Anne")
		s.grant("Bergen AS", "Råd AS", tax, fullmakt.Interval{To: noon + 10})
		s.delegate("Råd AS", "Bergen AS", "Anne", tax, "")
		s.yes(fullmakt.ReasonClient, "Anne", "Bergen AS", tax)
		s.at = noon + 10
		s.deny(fullmakt.ReasonExpired, "Anne", "Bergen AS", tax)
	})
	for name, spoil := range map[string]struct {
		do     func(s *story)
		reason fullmakt.Reason
		rule   fullmakt.Rule
	}{
		"the agent is one no more":           {func(s *story) { s.agentEnds("Regnskap AS", "Anne") }, fullmakt.ReasonNoRelation, fullmakt.RuleClient},
		"the agent has died":                 {func(s *story) { s.dies("Anne") }, fullmakt.ReasonHolderDeceased, fullmakt.RuleLife},
		"the provider is deleted":            {func(s *story) { s.org("Regnskap AS", "").State = fullmakt.Deleted }, fullmakt.ReasonPartyDeleted, fullmakt.RuleLife},
		"the basis is deregistered":          {func(s *story) { s.org("Bergen AS", "").Roles[0].Ended = true }, fullmakt.ReasonRoleDeregistered, fullmakt.RuleLife},
		"another form confers":               {nil, fullmakt.ReasonOrgForm, fullmakt.RuleForm},
		"the package is not for clients":     {nil, fullmakt.ReasonNotDelegable, fullmakt.RuleClient},
		"a standard system user is no agent": {nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, subject, pkg := office(t), "Anne", payroll
			switch name {
			case "another form confers":
				s.org("Bergen AS", "", "FFØR", "Regnskap AS")
				s.delegate("Regnskap AS", "Bergen AS", "Anne", tax, "FFØR") // FFØR confers it at a NUF
				pkg = tax
			case "the package is not for clients":
				s.org("Bergen AS", "", "DAGL", "Regnskap AS")
				s.delegate("Regnskap AS", "Bergen AS", "Anne", scopes, fullmakt.DAGL)
				pkg = scopes
			case "a standard system user is no agent":
				s.systemUser("program", "Regnskap AS", false)
				s.agent("Regnskap AS", "program")
				s.delegate("Regnskap AS", "Bergen AS", "program", payroll, fullmakt.REGN)
				s.deny(fullmakt.ReasonNotKeyRole, "program", "Bergen AS", payroll)
				return
			default:
				spoil.do(s)
			}
			x := s.explain(subject, "Bergen AS", pkg)
			if x.Allowed {
				t.Fatalf("allowed for %s", x.Reason)
			}
			if !slices.ContainsFunc(x.NearMisses, func(m pdp.NearMiss) bool {
				return m.Base == fullmakt.RuleClient && m.Reason == spoil.reason && m.Rule == spoil.rule
			}) {
				t.Errorf("near misses %+v, want CLIENT but %s", x.NearMisses, spoil.reason)
			}
		})
	}
	t.Run("an agent system user until it ends", func(t *testing.T) {
		s := office(t)
		s.systemUser("program", "Regnskap AS", true)
		s.agent("Regnskap AS", "program")
		s.delegate("Regnskap AS", "Bergen AS", "program", payroll, fullmakt.REGN)
		s.yes(fullmakt.ReasonClient, "program", "Bergen AS", payroll)
		s.others = append(s.others, fullmakt.SystemUser{Party: s.no("program"), Owner: s.no("Regnskap AS"), Agent: true, Ended: true})
		s.deny(fullmakt.ReasonPartyDeleted, "program", "Bergen AS", payroll)
	})
}

// CLIENT-1, as far as it is a question
func TestCLIENT1(t *testing.T) {
	s := office(t)
	s.grant("Regnskap AS", "Klara", "klientadministrator")
	s.grant("Regnskap AS", "Tom", "tilgangsstyrer")
	s.org("Eieren AS", "AS", "DAGL", "Eva")
	s.org("Regnskap AS", "", "LEDE", "Eieren AS")
	snapshot := s.snapshot()
	for name, want := range map[string]bool{"Rita": true, "Klara": true, "Eieren AS": true, "Eva": true, "Tom": false, "Anne": false, "Stine": false} {
		if got := pdp.ClientAdministrator(snapshot, s.no(name), s.no("Regnskap AS"), s.at); got != want {
			t.Errorf("%s administers clients: %t, want %t", name, got, want)
		}
	}
	if !pdp.Administers(snapshot, s.no("Tom"), s.no("Regnskap AS"), s.at) || pdp.Administers(snapshot, s.no("Klara"), s.no("Regnskap AS"), s.at) {
		t.Error("tilgangsstyrer administers, and klientadministrator does not")
	}
	if !pdp.Administers(snapshot, s.no("Klara"), s.no("Klara"), s.at) {
		t.Error("a person does not administer itself")
	}
}

// SCOPE-1, as far as it is a question
func TestSCOPE1(t *testing.T) {
	s := office(t)
	s.others = append(s.others, fullmakt.ScopeGrant{From: s.no("Bergen AS"), To: s.no("Eva"), Scheme: "ordningen"})
	s.deny(fullmakt.ReasonNoRelation, "Eva", "Bergen AS", anyPackage)
	if got := s.whoActsFor("Bergen AS"); slices.Contains(got, "Eva") {
		t.Errorf("a scope grant brings Eva into the list %q", got)
	}
}

// GIVE-1 for single rights
func TestGIVE1OfRights(t *testing.T) {
	s := tell(t)
	s.org("Bergen AS", "AS", "DAGL", "Kari", "MEDL", "Mona")
	for _, to := range []string{"Kari", "Mona"} {
		s.others = append(s.others, fullmakt.Grant{From: s.no("Bergen AS"), To: s.no(to), Resource: "skattemelding", Right: "read"})
	}
	snapshot := s.snapshot()
	for name, want := range map[string]fullmakt.Rule{"Kari": fullmakt.RuleGive1, "Mona": ""} {
		q := pdp.Ask(s.no(name), s.no("Bergen AS"), s.at)
		q.Right = snapshot.Right("skattemelding", "read")
		if x := pdp.Explain(snapshot, q); !x.Allowed || x.GiveRule != want || want == "" && x.GiveReason != fullmakt.ReasonNotAdmin {
			t.Errorf("%s: %t, gives by %q, else %q", name, x.Allowed, x.GiveRule, x.GiveReason)
		}
		q.Right = pdp.UnknownRight
		if d := pdp.Decide(snapshot, q); d.Allowed || d.MayGive || d.Reason != fullmakt.ReasonPackageNotHeld {
			t.Errorf("%s, an unknown right: %+v", name, d)
		}
	}
}
