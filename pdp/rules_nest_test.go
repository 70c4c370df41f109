package pdp_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// chain is the seeds' world: each company is daglig leder of the next.
func chain(t *testing.T) *story {
	t.Helper()
	s := tell(t)
	s.org("Bergen AS", "AS", "DAGL", "Trondheim AS")
	s.org("Trondheim AS", "AS", "DAGL", "Kari")
	return s
}

// NEST
func TestNEST(t *testing.T) {
	s := tell(t)
	s.org("Bergen AS", "AS", "REGN", "Regnskap AS")
	s.org("Regnskap AS", "AS", "DAGL", "Rita")
	t.Run("a key holder has what the organisation holds", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonNesting, "Rita", "Bergen AS", payroll)
		s.sameAs("Rita", "Regnskap AS", "Bergen AS")
	})
	t.Run("not what its own key role would give there", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonPackageNotHeld, "Rita", "Bergen AS", tax)
	})
	t.Run("the path tells both steps, from the one acted for to the subject", func(t *testing.T) {
		x := s.explain("Rita", "Bergen AS", payroll)
		if len(x.Paths) != 1 || len(x.Paths[0].Steps) != 2 || x.Paths[0].Rule != fullmakt.RuleNest {
			t.Fatalf("paths %+v", x.Paths)
		}
		first, second := x.Paths[0].Steps[0], x.Paths[0].Steps[1]
		if first.At != s.no("Bergen AS") || first.Holder != s.no("Regnskap AS") || second.At != s.no("Regnskap AS") || second.Holder != s.no("Rita") {
			t.Errorf("steps %+v", x.Paths[0].Steps)
		}
	})
	t.Run("it does not go over a person in the middle", func(t *testing.T) {
		s.t = t
		s.grant("Rita", "Ola", vehicles)
		s.deny(fullmakt.ReasonNoRelation, "Ola", "Regnskap AS", tax)
	})
}

// NEST-1
func TestNEST1(t *testing.T) {
	s := chain(t)
	s.org("Molde AS", "AS", "DAGL", "Mari")
	t.Run("Kari may act for Bergen AS exactly as a daglig leder may", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonNesting, "Kari", "Bergen AS", scopes)
		s.gives(fullmakt.RuleGive1, "Kari", "Bergen AS", scopes)
		s.sameAs("Kari", "Trondheim AS", "Bergen AS")
		nested, nestedGive := s.uses("Kari", "Bergen AS")
		own, ownGive := s.uses("Mari", "Molde AS")
		if nested != own || nestedGive != ownGive {
			t.Errorf("uses %d and gives %d, a daglig leder %d and %d", nested.Len(), nestedGive.Len(), own.Len(), ownGive.Len())
		}
		if !s.role("Kari", "Bergen AS", fullmakt.DAGL) {
			t.Error("Kari does not have DAGL for Bergen AS")
		}
	})
}

// NEST-2
func TestNEST2(t *testing.T) {
	s := chain(t)
	s.user("leverandør", "Trondheim AS")
	s.eckey("Trondheim AS", "leverandør")
	s.user("kasse1", "Trondheim AS")
	s.grant("Trondheim AS", "kasse1", scopes)
	t.Run("an enterprise user with ECKEY may do the same, giving included", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonNesting, "leverandør", "Bergen AS", scopes)
		s.gives(fullmakt.RuleGive1, "leverandør", "Bergen AS", scopes)
		s.sameAs("leverandør", "Kari", "Bergen AS")
	})
	t.Run("ECKEY alone confers nothing over Trondheim AS itself", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonPackageNotHeld, "leverandør", "Trondheim AS", scopes)
		s.deny(fullmakt.ReasonPackageNotHeld, "leverandør", "Trondheim AS", anyPackage)
	})
	t.Run("ordinary packages of Trondheim AS give nothing at Bergen AS", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonGrant, "kasse1", "Trondheim AS", scopes)
		s.deny(fullmakt.ReasonNotKeyRole, "kasse1", "Bergen AS", scopes)
	})
	t.Run("ECKEY has its time", func(t *testing.T) {
		s := chain(t)
		s.user("leverandør", "Trondheim AS")
		s.eckey("Trondheim AS", "leverandør", fullmakt.Interval{From: noon, To: noon + 60})
		s.at = noon - 1
		s.deny(fullmakt.ReasonNotYetValid, "leverandør", "Bergen AS", scopes)
		s.at = noon
		s.yes(fullmakt.ReasonNesting, "leverandør", "Bergen AS", scopes)
		s.at = noon + 60
		s.deny(fullmakt.ReasonExpired, "leverandør", "Bergen AS", scopes)
	})
	t.Run("an ECKEY that the operator's overlay has ended has expired", func(t *testing.T) {
		s := chain(t)
		s.user("leverandør", "Trondheim AS")
		s.eckey("Trondheim AS", "leverandør")
		day := fullmakt.DateOf(time.Unix(noon, 0).In(oslo))
		s.c = must(catalogue.Load(fstest.MapFS{"end.json": {Data: fmt.Appendf(nil, `{"sources": [{"id": "ours", "title": "ours", "publisher": "ours", "date": "2026-06"}],
			"source": "ours", "end": {"roles": [{"code": "ECKEYROLE", "to": %q}]}}`, day)}}))
		s.yes(fullmakt.ReasonNesting, "leverandør", "Bergen AS", scopes)
		s.at = noon + 24*60*60
		s.deny(fullmakt.ReasonExpired, "leverandør", "Bergen AS", scopes)
	})
}

// NEST-3
func TestNEST3(t *testing.T) {
	s := tell(t)
	s.org("Bergen AS", "AS", "DAGL", "Trondheim AS")
	s.org("Trondheim AS", "AS", "DAGL", "Oslo AS")
	s.org("Oslo AS", "AS", "DAGL", "Ola")
	t.Run("Ola may not act for Bergen AS, two hops away", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonNestingLimit, "Ola", "Bergen AS", scopes)
		s.gives("", "Ola", "Bergen AS", scopes)
		x := s.explain("Ola", "Bergen AS", scopes)
		if len(x.NearMisses) != 1 || x.NearMisses[0].Rule != fullmakt.RuleNestLimit || len(x.NearMisses[0].Steps) != 3 {
			t.Errorf("near misses %+v, want one of NEST-3 with three steps", x.NearMisses)
		}
	})
	t.Run("Ola may act for Trondheim AS", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonNesting, "Ola", "Trondheim AS", scopes)
	})
	t.Run("Oslo AS, one hop away, may act for Bergen AS", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonNesting, "Oslo AS", "Bergen AS", scopes)
	})
	t.Run("Trondheim AS may act for Bergen AS", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonRole, "Trondheim AS", "Bergen AS", scopes)
	})
	t.Run("the lists stop there too", func(t *testing.T) {
		s.t = t
		if got, want := s.actsFor("Ola"), []string{"Trondheim AS", "Oslo AS", "Ola"}; !slices.Equal(got, want) {
			t.Errorf("ActsFor(Ola) = %q, want %q", got, want)
		}
		if got, want := s.whoActsFor("Bergen AS"), []string{"Trondheim AS", "Oslo AS"}; !slices.Equal(got, want) {
			t.Errorf("WhoActsFor(Bergen AS) = %q, want %q", got, want)
		}
	})
}

// NEST-4
func TestNEST4(t *testing.T) {
	for _, code := range []string{"MEDL", "REGN", "REVI", "REPR", "KNUF", "FFØR", "KONT", "NEST"} {
		t.Run(code+" of Trondheim AS gets nothing at Bergen AS", func(t *testing.T) {
			s := tell(t)
			s.org("Bergen AS", "AS", "DAGL", "Trondheim AS")
			s.org("Trondheim AS", "NUF", code, "Kari")
			s.deny(fullmakt.ReasonNotKeyRole, "Kari", "Bergen AS", scopes)
		})
	}
	t.Run("nor does somebody to whom Trondheim AS has granted a package", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS", "DAGL", "Trondheim AS")
		s.org("Trondheim AS", "AS")
		s.grant("Trondheim AS", "Gry", "hovedadministrator")
		s.deny(fullmakt.ReasonNotKeyRole, "Gry", "Bergen AS", scopes)
	})
}

// NEST-5
func TestNEST5(t *testing.T) {
	s := chain(t)
	s.org("Molde AS", "AS")
	s.grant("Molde AS", "Trondheim AS", tax)
	s.grant("Molde AS", "Trondheim AS", "tilgangsstyrer")
	t.Run("a grant to Trondheim AS passes on to its key holders", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonNesting, "Kari", "Molde AS", tax)
		s.gives(fullmakt.RuleGive1, "Kari", "Molde AS", tax)
		s.deny(fullmakt.ReasonPackageNotHeld, "Kari", "Molde AS", scopes)
	})
}

// NEST-6
func TestNEST6(t *testing.T) {
	s := tell(t)
	s.org("Renovasjon IKS", "IKS", "DTPR", "Askøy kommune", "REGN", "Regnskap AS", "DTSO", "Øygarden kommune")
	s.org("Askøy kommune", "KOMM", "LEDE", "Ordfører")
	s.org("Øygarden kommune", "KOMM", "LEDE", "Varaordfører")
	s.org("Regnskap AS", "AS", "DAGL", "Rita")
	s.org("Bossbil AS", "AS", "DAGL", "Renovasjon IKS")
	s.org("Advokater DA", "DA", "DTPR", "Holding AS")
	s.org("Holding AS", "AS", "DAGL", "Hilde")
	t.Run("the participant itself keeps what DIRECT gives", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonRole, "Askøy kommune", "Renovasjon IKS", tax)
	})
	t.Run("its key holders get nothing over it", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonIKSParticipant, "Ordfører", "Renovasjon IKS", tax)
	})
	t.Run("the participant is no key holder of what the IKS holds elsewhere", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonIKSParticipant, "Askøy kommune", "Bossbil AS", tax)
	})
	t.Run("both ends at once are farther than a near miss", func(t *testing.T) {
		s := tell(t)
		s.org("Ett IKS", "IKS", "DTPR", "To IKS")
		s.org("To IKS", "IKS", "DTPR", "Askøy kommune")
		s.org("Askøy kommune", "KOMM")
		s.deny(fullmakt.ReasonNoRelation, "Askøy kommune", "Ett IKS", tax)
	})
	t.Run("other roles at an IKS, and DTPR elsewhere, nest", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonNesting, "Rita", "Renovasjon IKS", payroll)
		s.yes(fullmakt.ReasonNesting, "Varaordfører", "Renovasjon IKS", tax)
		s.yes(fullmakt.ReasonNesting, "Hilde", "Advokater DA", tax)
	})
}

// NEST-7
func TestNEST7(t *testing.T) {
	t.Run("two companies that lead each other", func(t *testing.T) {
		s := tell(t)
		s.org("Ask AS", "AS", "DAGL", "Bjørk AS")
		s.org("Bjørk AS", "AS", "DAGL", "Ask AS", "LEDE", "Kari")
		s.yes(fullmakt.ReasonRole, "Ask AS", "Bjørk AS", tax)
		s.yes(fullmakt.ReasonNesting, "Kari", "Ask AS", tax)
		s.deny(fullmakt.ReasonNoRelation, "Ask AS", "Ask AS", tax)
		if x := s.explain("Kari", "Ask AS", tax); len(x.Paths) != 1 {
			t.Errorf("paths %+v, want one", x.Paths)
		}
	})
	t.Run("a company that is its own styreleder gives each path once", func(t *testing.T) {
		s := tell(t)
		s.org("Ask AS", "AS", "LEDE", "Ask AS", "DAGL", "Kari")
		x := s.explain("Kari", "Ask AS", tax)
		if len(x.Paths) != 2 || x.Paths[0].Rule != fullmakt.RuleDirect || x.Paths[1].Rule != fullmakt.RuleNest {
			t.Errorf("paths %+v, want one DIRECT and one NEST", x.Paths)
		}
		if got, want := s.whoActsFor("Ask AS"), []string{"Kari"}; !slices.Equal(got, want) {
			t.Errorf("WhoActsFor = %q, want %q", got, want)
		}
	})
}

// NEST-8
func TestNEST8(t *testing.T) {
	s := chain(t)
	s.org("Filialen", "BEDR").Parent = s.no("Bergen AS")
	s.org("Olas ENK", "ENK", "INNH", "Ola", "REGN", "Trondheim AS")
	s.org("Olas avdeling", "BEDR", "INNH", "Per", "REGN", "Trondheim AS").Parent = s.no("Olas ENK")
	t.Run("the hop and SUB combine", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonMainUnit, "Kari", "Filialen", scopes)
		s.gives(fullmakt.RuleGive1, "Kari", "Filialen", scopes)
	})
	t.Run("the hop and ENK combine", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonSoleProprietor, "Kari", "Ola", payroll)
	})
	t.Run("SUB and ENK do not", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonMainUnit, "Ola", "Olas avdeling", tax)
		s.deny(fullmakt.ReasonWrongPartyType, "Trondheim AS", "Per", payroll)
	})
	t.Run("two hops never combine, with SUB or without", func(t *testing.T) {
		s := chain(t)
		s.org("Trondheim AS", "").Roles = nil
		s.org("Trondheim AS", "", "DAGL", "Oslo AS")
		s.org("Oslo AS", "AS", "DAGL", "Ola")
		s.org("Filialen", "BEDR").Parent = s.no("Bergen AS")
		s.deny(fullmakt.ReasonNestingLimit, "Ola", "Filialen", scopes)
	})
	t.Run("a hop over what the middle has only at a main unit does not combine", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS", "DAGL", "Filialen") // a sub-unit as daglig leder
		s.org("Filialen", "BEDR").Parent = s.no("Trondheim AS")
		s.org("Trondheim AS", "AS", "DAGL", "Kari")
		s.yes(fullmakt.ReasonMainUnit, "Kari", "Filialen", scopes)
		s.deny(fullmakt.ReasonNoRelation, "Kari", "Bergen AS", scopes)
	})
}

// KEY-1
func TestKEY1(t *testing.T) {
	for _, code := range []string{"DAGL", "LEDE", "INNH", "DTSO", "DTPR", "KOMP", "BEST", "BOBE"} {
		t.Run(code+" opens the hop for a person and for an organisation, in every form", func(t *testing.T) {
			for _, form := range []fullmakt.OrgForm{"AS", "DA", "ENK", "NUF", "FLI", "KOMM", "KBO"} {
				s := tell(t)
				s.org("Bergen AS", "AS", "DAGL", "Trondheim AS")
				s.org("Trondheim AS", form, code, "Kari", code, "Oslo AS")
				s.org("Oslo AS", "AS")
				s.yes(fullmakt.ReasonNesting, "Kari", "Bergen AS", scopes)
				s.yes(fullmakt.ReasonNesting, "Oslo AS", "Bergen AS", scopes)
			}
		})
	}
	t.Run("the near miss of another role names KEY-1's rule", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS", "DAGL", "Trondheim AS")
		s.org("Trondheim AS", "NUF", "REPR", "Kari")
		x := s.explain("Kari", "Bergen AS", scopes)
		if len(x.NearMisses) != 1 || x.NearMisses[0].Rule != fullmakt.RuleNestKeyRole {
			t.Errorf("near misses %+v, want one of NEST-4", x.NearMisses)
		}
	})
}
