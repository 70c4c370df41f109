package pdp_test

import (
	"slices"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
)

// One test per rule id, over worlds made by hand. The rules of the hop stand in
// rules_nest_test.go, those of life and time in rules_life_test.go.

const (
	tax       = "skatt-naering"
	scopes    = "delegerbare-maskinporten-scopes"
	scopesNUF = "delegerbare-maskinporten-scopes-NUF"
	payroll   = "regnskapsforer-lonn"
	vehicles  = "innbygger-kjoretoy" // on behalf of a person
)

// SELF
func TestSELF(t *testing.T) {
	s := tell(t)
	s.org("Bergen AS", "AS", "DAGL", "Bergen AS")
	s.org("Filialen", "BEDR").Parent = s.no("Bergen AS")
	s.dies("Salig Per")
	t.Run("a living person has the citizen packages", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonSelf, "Kari", "Kari", vehicles)
		s.yes(fullmakt.ReasonSelf, "Kari", "Kari", anyPackage)
		s.gives(fullmakt.RuleGive1, "Kari", "Kari", vehicles)
		if !s.role("Kari", "Kari", fullmakt.PrivatePerson) || !s.role("Kari", "Kari", "a0212") {
			t.Error("SELF does not give privatperson and its mapped roles")
		}
	})
	t.Run("a person has no package for organisations, and none that nobody has by itself", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonWrongPartyType, "Kari", "Kari", tax)
		s.deny(fullmakt.ReasonPackageNotHeld, "Kari", "Kari", "vergemal-nav-pensjon")
	})
	t.Run("one person has nothing over another", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonNoRelation, "Kari", "Ola", vehicles)
	})
	t.Run("a dead person has nothing", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonHolderDeceased, "Salig Per", "Salig Per", vehicles)
		s.gives("", "Salig Per", "Salig Per", vehicles)
	})
	t.Run("an organisation has nothing over itself, its own role notwithstanding, and stands in no list", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonNoRelation, "Bergen AS", "Bergen AS", tax)
		s.gives("", "Bergen AS", "Bergen AS", tax)
		if got := s.actsFor("Bergen AS"); slices.Contains(got, "Bergen AS") {
			t.Errorf("ActsFor = %q", got)
		}
	})
	t.Run("a path from an organisation to itself still counts for its sub-units", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonMainUnit, "Bergen AS", "Filialen", tax)
	})
}

// DIRECT
func TestDIRECT(t *testing.T) {
	s := tell(t)
	s.org("Bergen AS", "AS", "DAGL", "Kari", "MEDL", "Mona", "REGN", "Regnskap AS")
	s.org("Regnskap AS", "AS")
	s.grant("Bergen AS", "Gry", tax)
	t.Run("a role confers the packages it is mapped to", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonRole, "Kari", "Bergen AS", tax)
		s.yes(fullmakt.ReasonRole, "Regnskap AS", "Bergen AS", payroll)
		s.deny(fullmakt.ReasonPackageNotHeld, "Regnskap AS", "Bergen AS", tax)
	})
	t.Run("a role without packages is a relation and confers none", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonPackageNotHeld, "Mona", "Bergen AS", tax)
		s.deny(fullmakt.ReasonPackageNotHeld, "Mona", "Bergen AS", anyPackage)
	})
	t.Run("a grant confers what it names", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonGrant, "Gry", "Bergen AS", tax)
		s.deny(fullmakt.ReasonPackageNotHeld, "Gry", "Bergen AS", scopes)
	})
	t.Run("the reason is the first in order: role, grant, nesting, each with SUB before the next", func(t *testing.T) {
		s := tell(t)
		s.org("Filialen", "BEDR").Parent = s.no("Bergen AS")
		s.org("Bergen AS", "AS", "DAGL", "Kari")
		s.yes(fullmakt.ReasonMainUnit, "Kari", "Filialen", tax)
		s.org("Trondheim AS", "AS", "LEDE", "Kari")
		s.org("Filialen", "", "DAGL", "Trondheim AS")
		s.yes(fullmakt.ReasonMainUnit, "Kari", "Filialen", tax) // DIRECT with SUB before NEST
		s.org("Bergen AS", "").Roles = nil
		s.yes(fullmakt.ReasonNesting, "Kari", "Filialen", tax)
		s.grant("Filialen", "Kari", tax)
		s.yes(fullmakt.ReasonGrant, "Kari", "Filialen", tax)
		s.org("Filialen", "", "LEDE", "Kari")
		s.yes(fullmakt.ReasonRole, "Kari", "Filialen", tax)
		if x := s.explain("Kari", "Filialen", tax); len(x.Paths) != 3 {
			t.Errorf("%d paths, want the other two as well", len(x.Paths))
		}
	})
	t.Run("a stranger has nothing", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonNoRelation, "Stine", "Bergen AS", tax)
		s.deny(fullmakt.ReasonWrongPartyType, "Kari", "Bergen AS", vehicles)
	})
	t.Run("a role of a catalogue of the future is kept and confers nothing", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS", "NYTT", "Kari")
		s.deny(fullmakt.ReasonPackageNotHeld, "Kari", "Bergen AS", anyPackage)
		if !s.role("Kari", "Bergen AS", "NYTT") {
			t.Error("Kari does not have the role NYTT")
		}
	})
}

// SUB
func TestSUB(t *testing.T) {
	s := tell(t)
	s.org("Bergen AS", "AS", "DAGL", "Kari")
	s.org("Filialen", "BEDR", "REGN", "Regnskap AS").Parent = s.no("Bergen AS")
	s.org("Regnskap AS", "AS")
	s.org("Kiosken", "BEDR").Parent = s.no("Filialen")
	s.org("Etaten", "ORGL").Parent = s.no("Bergen AS")
	t.Run("authority over the main unit reaches the sub-unit", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonMainUnit, "Kari", "Filialen", tax)
		s.gives(fullmakt.RuleGive1, "Kari", "Filialen", tax)
	})
	t.Run("it stands in both lists", func(t *testing.T) {
		s.t = t
		if got, want := s.actsFor("Kari"), []string{"Bergen AS", "Kari", "Filialen"}; !slices.Equal(got, want) {
			t.Errorf("ActsFor(Kari) = %q, want %q", got, want)
		}
		if got, want := s.whoActsFor("Filialen"), []string{"Kari", "Regnskap AS"}; !slices.Equal(got, want) {
			t.Errorf("WhoActsFor(Filialen) = %q, want %q", got, want)
		}
	})
	t.Run("one level down, not two", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonNoRelation, "Kari", "Kiosken", tax)
	})
	t.Run("never up: the sub-unit's accountant has nothing over the main unit", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonRole, "Regnskap AS", "Filialen", payroll)
		s.deny(fullmakt.ReasonNoRelation, "Regnskap AS", "Bergen AS", payroll)
	})
	t.Run("only units of the forms BEDR and AAFY are sub-units", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonNoRelation, "Kari", "Etaten", tax)
		s.org("Etaten", "").Form = "AAFY"
		s.yes(fullmakt.ReasonMainUnit, "Kari", "Etaten", tax)
	})
	t.Run("forms are read on the main unit", func(t *testing.T) {
		s := tell(t)
		s.org("Fjord NUF", "NUF", "KONT", "Nils")
		s.org("Fjordbutikken", "BEDR").Parent = s.no("Fjord NUF")
		s.yes(fullmakt.ReasonMainUnit, "Nils", "Fjordbutikken", scopesNUF)
	})
	t.Run("nothing comes from a deleted main unit", func(t *testing.T) {
		s.t = t
		s.org("Bergen AS", "").State = fullmakt.Deleted
		s.deny(fullmakt.ReasonPartyDeleted, "Kari", "Filialen", tax)
	})
}

// ENK
func TestENK(t *testing.T) {
	s := tell(t)
	s.org("Karis ENK", "ENK", "INNH", "Kari", "REGN", "Regnskap AS", "FFØR", "Fredrik")
	s.org("Regnskap AS", "AS", "DAGL", "Rita")
	s.grant("Karis ENK", "Gry", payroll)
	t.Run("the accountant of a sole proprietorship acts for the person who owns it", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonSoleProprietor, "Regnskap AS", "Kari", payroll)
		s.yes(fullmakt.ReasonSoleProprietor, "Rita", "Kari", payroll)
		if !s.role("Rita", "Kari", fullmakt.REGN) || !s.role("Rita", "Kari", "a0241") {
			t.Error("ENK does not give the role and those mapped to it")
		}
	})
	t.Run("it stands in both lists", func(t *testing.T) {
		s.t = t
		if got, want := s.actsFor("Regnskap AS"), []string{"Karis ENK", "Kari"}; !slices.Equal(got, want) {
			t.Errorf("ActsFor(Regnskap AS) = %q, want %q", got, want)
		}
		if got, want := s.whoActsFor("Kari"), []string{"Kari", "Regnskap AS", "Rita"}; !slices.Equal(got, want) {
			t.Errorf("WhoActsFor(Kari) = %q, want %q", got, want)
		}
	})
	t.Run("it is never given on, and goes over no other role or grant", func(t *testing.T) {
		s.t = t
		s.gives("", "Regnskap AS", "Kari", payroll)
		s.deny(fullmakt.ReasonNoRelation, "Fredrik", "Kari", anyPackage)
		s.deny(fullmakt.ReasonNoRelation, "Gry", "Kari", anyPackage)
	})
	t.Run("the auditor likewise, but nobody once the owner is deregistered as such", func(t *testing.T) {
		s := tell(t)
		s.org("Olas ENK", "ENK", "REVI", "Revisjon AS")
		s.ended("Olas ENK", "INNH", "Ola")
		s.org("Revisjon AS", "AS")
		s.deny(fullmakt.ReasonRoleDeregistered, "Revisjon AS", "Ola", "revisormedarbeider")
		s.org("Olas ENK", "").Roles[1].Ended = false
		s.yes(fullmakt.ReasonSoleProprietor, "Revisjon AS", "Ola", "revisormedarbeider")
	})
	t.Run("not over companies of another form", func(t *testing.T) {
		s := tell(t)
		s.org("Karis AS", "AS", "INNH", "Kari", "REGN", "Regnskap AS")
		s.org("Regnskap AS", "AS")
		s.deny(fullmakt.ReasonWrongPartyType, "Regnskap AS", "Kari", payroll)
	})
	t.Run("for two years after the deletion, and not at all when its date is not known", func(t *testing.T) {
		s.t = t
		enk := s.org("Karis ENK", "")
		enk.State, enk.DeletedOn = fullmakt.Deleted, fullmakt.NewDate(2024, 6, 15)
		s.at = day(t, "2026-06-14 23:59:59")
		s.yes(fullmakt.ReasonSoleProprietor, "Regnskap AS", "Kari", payroll)
		s.at = day(t, "2026-06-15 00:00:00")
		s.deny(fullmakt.ReasonPartyDeleted, "Regnskap AS", "Kari", payroll)
		enk.DeletedOn = 0
		s.deny(fullmakt.ReasonPartyDeleted, "Regnskap AS", "Kari", payroll)
		enk.State, s.at = 0, noon
	})
	t.Run("not for a person who has died", func(t *testing.T) {
		s.t = t
		s.dies("Kari")
		s.deny(fullmakt.ReasonHolderDeceased, "Regnskap AS", "Kari", payroll)
	})
}

// FORM-1
func TestFORM1(t *testing.T) {
	s := tell(t)
	s.org("Fjord NUF", "NUF", "KONT", "Nils")
	s.org("Bergen AS", "AS", "KONT", "Nils")
	s.org("Bergen kommune", "KOMM", "KONT", "Nils")
	t.Run("the contact person of a NUF is KNUF", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonRole, "Nils", "Fjord NUF", scopesNUF)
		if !s.role("Nils", "Fjord NUF", fullmakt.KNUF) || !s.role("Nils", "Fjord NUF", fullmakt.KONT) {
			t.Error("Nils is not both KONT and KNUF")
		}
		if x := s.explain("Nils", "Fjord NUF", scopesNUF); len(x.Paths) != 1 || !x.Paths[0].Steps[0].Derived {
			t.Errorf("paths %+v, want one over a derived role", x.Paths)
		}
	})
	t.Run("the contact person of an AS is nothing", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonPackageNotHeld, "Nils", "Bergen AS", anyPackage)
		if s.role("Nils", "Bergen AS", fullmakt.KNUF) {
			t.Error("Nils is KNUF of an AS")
		}
	})
	t.Run("the other forms derive likewise", func(t *testing.T) {
		s.t = t
		for form, code := range map[fullmakt.OrgForm]fullmakt.RoleCode{"KOMM": "KOMK", "FYLK": "KOMK", "ADOS": "KEMN", "REV": "SREVA"} {
			s.org("Bergen kommune", "").Form = form
			if !s.role("Nils", "Bergen kommune", code) {
				t.Errorf("the contact person of a %s is not %s", form, code)
			}
		}
	})
	t.Run("a derived role ends with the one it follows from", func(t *testing.T) {
		s := tell(t)
		s.org("Fjord NUF", "NUF")
		s.ended("Fjord NUF", "KONT", "Nils")
		s.deny(fullmakt.ReasonRoleDeregistered, "Nils", "Fjord NUF", scopesNUF)
	})
}

// FORM-2
func TestFORM2(t *testing.T) {
	s := tell(t)
	s.org("Borettslaget", "BRL", "FFØR", "Fredrik")
	s.org("Bergen AS", "AS", "FFØR", "Fredrik", "DAGL", "Kari")
	s.grant("Bergen AS", "Kari", scopesNUF)
	s.org("Fjord NUF", "NUF", "FFØR", "Fredrik", "DAGL", "Kari")
	s.grant("Fjord NUF", "Kari", scopesNUF)
	t.Run("a mapping with a form confers at units of that form", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonRole, "Fredrik", "Borettslaget", "forretningsforer-eiendom")
		s.yes(fullmakt.ReasonRole, "Fredrik", "Fjord NUF", tax)
	})
	t.Run("and not at others, where the answer is org_form", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonOrgForm, "Fredrik", "Bergen AS", "forretningsforer-eiendom")
		s.deny(fullmakt.ReasonOrgForm, "Fredrik", "Fjord NUF", "forretningsforer-eiendom")
		s.deny(fullmakt.ReasonOrgForm, "Fredrik", "Borettslaget", tax)
		s.deny(fullmakt.ReasonOrgForm, "Fredrik", "Bergen AS", anyPackage)
	})
	t.Run("lists hold to it", func(t *testing.T) {
		s.t = t
		if got, want := s.actsFor("Fredrik"), []string{"Borettslaget", "Fredrik", "Fjord NUF"}; !slices.Equal(got, want) {
			t.Errorf("ActsFor(Fredrik) = %q, want %q", got, want)
		}
	})
	t.Run("a package all of whose mappings carry forms is given only on behalf of those", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonGrant, "Kari", "Bergen AS", scopesNUF)
		s.gives("", "Kari", "Bergen AS", scopesNUF)
		s.gives(fullmakt.RuleGive1, "Kari", "Fjord NUF", scopesNUF)
	})
}

// ROLE
func TestROLE(t *testing.T) {
	s := tell(t)
	s.org("Bergen AS", "AS", "DAGL", "Trondheim AS", "REGN", "Regnskap AS")
	s.org("Filialen", "BEDR").Parent = s.no("Bergen AS")
	s.org("Trondheim AS", "AS", "LEDE", "Kari")
	s.org("Regnskap AS", "AS")
	s.grant("Bergen AS", "Gry", tax)
	for _, c := range []struct {
		name            string
		subject, object string
		code            fullmakt.RoleCode
		want            bool
	}{
		{"the register role of a DIRECT path is had", "Trondheim AS", "Bergen AS", "DAGL", true},
		{"and those one step of the role map from it", "Trondheim AS", "Bergen AS", "a0212", true},
		{"a hop passes on the role at the far end", "Kari", "Bergen AS", "DAGL", true},
		{"not the key role in the middle", "Kari", "Bergen AS", "LEDE", false},
		{"SUB carries roles", "Kari", "Filialen", "DAGL", true},
		{"mapped roles come over other roles too", "Regnskap AS", "Bergen AS", "a0239", true},
		{"the role map is not read backwards", "Regnskap AS", "Bergen AS", "DAGL", false},
		{"grants give packages, never roles", "Gry", "Bergen AS", "DAGL", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			if got := s.role(c.subject, c.object, c.code); got != c.want {
				t.Errorf("%s has %s for %s: %t", c.subject, c.code, c.object, got)
			}
		})
	}
	t.Run("one step of the role map, not two", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS", "hovedadministrator", "Kari")
		if !s.role("Kari", "Bergen AS", "DAGL") {
			t.Error("hovedadministrator is not mapped to DAGL")
		}
		near := s.c.At(s.at).Mapped(s.c.RoleID("hovedadministrator"))
		far := slices.DeleteFunc(slices.Clone(s.c.At(s.at).Mapped(s.c.RoleID("DAGL"))), func(r catalogue.RoleID) bool { return slices.Contains(near, r) })
		if len(far) == 0 {
			t.Fatal("no role is two steps from hovedadministrator")
		}
		for _, r := range far {
			if code := s.c.Role(r).Code; s.role("Kari", "Bergen AS", code) {
				t.Errorf("Kari has %s by two steps", code)
			}
		}
	})
	t.Run("a role is never given on", func(t *testing.T) {
		q := pdp.Ask(s.no("Trondheim AS"), s.no("Bergen AS"), s.at)
		q.Role = s.c.RoleID("DAGL")
		if d := pdp.Decide(s.snapshot(), q); !d.Allowed || d.MayGive {
			t.Errorf("%+v", d)
		}
	})
}

// GIVE-1
func TestGIVE1(t *testing.T) {
	s := tell(t)
	s.org("Bergen AS", "AS", "DAGL", "Kari", "REGN", "Regnskap AS", "REGN", "Tom")
	s.org("Regnskap AS", "AS")
	s.grant("Bergen AS", "Gry", tax)
	s.grant("Bergen AS", "Tom", "tilgangsstyrer")
	s.grant("Bergen AS", "Tom", scopes)
	t.Run("an administrator gives what it holds over a mapping that may be given, or over a grant", func(t *testing.T) {
		s.t = t
		s.gives(fullmakt.RuleGive1, "Kari", "Bergen AS", tax)
		s.gives(fullmakt.RuleGive1, "Tom", "Bergen AS", scopes)
	})
	t.Run("not what it does not hold, and not what its role may only use", func(t *testing.T) {
		s.t = t
		s.gives("", "Tom", "Bergen AS", tax)
		s.yes(fullmakt.ReasonRole, "Tom", "Bergen AS", payroll)
		s.gives("", "Tom", "Bergen AS", payroll)
	})
	t.Run("who administers nothing gives nothing", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonGrant, "Gry", "Bergen AS", tax)
		s.gives("", "Gry", "Bergen AS", tax)
	})
	t.Run("not a package for the other kind of party, nor one that is not assignable", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS", "DAGL", "Kari")
		s.grant("Bergen AS", "Kari", vehicles)
		s.grant("Bergen AS", "Kari", "eksplisitt")
		s.gives("", "Kari", "Bergen AS", vehicles)
		s.gives("", "Kari", "Bergen AS", "eksplisitt")
	})
	t.Run("the FFØR administrator of a NUF is none", func(t *testing.T) {
		s := tell(t)
		s.org("Fjord NUF", "NUF", "FFØR", "Fredrik")
		s.yes(fullmakt.ReasonRole, "Fredrik", "Fjord NUF", "ffor-tilgangsstyrer-nuf")
		s.gives("", "Fredrik", "Fjord NUF", tax)
	})
}

// GIVE-2
func TestGIVE2(t *testing.T) {
	s := tell(t)
	s.org("Fjord NUF", "NUF", "DAGL", "Kari")
	s.org("Bergen AS", "AS", "DAGL", "Kari")
	s.grant("Bergen AS", "Hanne", "hovedadministrator")
	t.Run("a main administrator gives what it may not use", func(t *testing.T) {
		s.t = t
		s.deny(fullmakt.ReasonPackageNotHeld, "Kari", "Fjord NUF", scopesNUF)
		s.gives(fullmakt.RuleGive2, "Kari", "Fjord NUF", scopesNUF)
		s.gives(fullmakt.RuleGive2, "Hanne", "Bergen AS", tax)
	})
	t.Run("forms are read on the organisation", func(t *testing.T) {
		s.t = t
		s.gives("", "Kari", "Bergen AS", scopesNUF)
	})
	t.Run("hovedadministrator itself is given on over a register role only", func(t *testing.T) {
		s.t = t
		s.gives(fullmakt.RuleGive1, "Kari", "Bergen AS", "hovedadministrator")
		s.gives("", "Hanne", "Bergen AS", "hovedadministrator")
	})
	t.Run("nothing outside the set", func(t *testing.T) {
		s.t = t
		s.gives("", "Hanne", "Bergen AS", payroll)
	})
}
