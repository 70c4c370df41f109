package pdp_test

import (
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/pdp"
)

// LIFE-1
func TestLIFE1(t *testing.T) {
	t.Run("a deregistered role confers nothing", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS")
		s.ended("Bergen AS", "DAGL", "Kari")
		s.deny(fullmakt.ReasonRoleDeregistered, "Kari", "Bergen AS", tax)
	})
	t.Run("nor does a role of a dead person, as subject or in a link", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS", "DAGL", "Trondheim AS", "LEDE", "Kari")
		s.org("Trondheim AS", "AS", "DAGL", "Kari")
		s.dies("Kari")
		s.deny(fullmakt.ReasonHolderDeceased, "Kari", "Bergen AS", tax)
		s.yes(fullmakt.ReasonRole, "Trondheim AS", "Bergen AS", tax)
	})
	t.Run("nor of a deleted organisation, as subject or in the middle", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS", "DAGL", "Trondheim AS")
		s.org("Trondheim AS", "AS", "DAGL", "Kari").State = fullmakt.Deleted
		s.deny(fullmakt.ReasonPartyDeleted, "Trondheim AS", "Bergen AS", tax)
		s.deny(fullmakt.ReasonPartyDeleted, "Kari", "Bergen AS", tax)
	})
	t.Run("a deregistered link does not open the hop", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS", "DAGL", "Trondheim AS")
		s.org("Trondheim AS", "AS")
		s.ended("Trondheim AS", "DAGL", "Kari")
		s.deny(fullmakt.ReasonRoleDeregistered, "Kari", "Bergen AS", tax)
	})
	t.Run("two things amiss are farther than a near miss", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS")
		s.ended("Bergen AS", "DAGL", "Kari")
		s.dies("Kari")
		s.deny(fullmakt.ReasonNoRelation, "Kari", "Bergen AS", tax)
	})
	t.Run("grants from a person who died have ended", func(t *testing.T) {
		s := tell(t)
		s.grant("Kari", "Ola", vehicles)
		s.yes(fullmakt.ReasonGrant, "Ola", "Kari", vehicles)
		s.dies("Kari")
		s.deny(fullmakt.ReasonNoRelation, "Ola", "Kari", vehicles)
	})
	t.Run("grants to an enterprise user that has ended confer nothing", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS")
		s.user("kasse1", "Bergen AS")
		s.grant("Bergen AS", "kasse1", tax)
		s.yes(fullmakt.ReasonGrant, "kasse1", "Bergen AS", tax)
		s.others = append(s.others, fullmakt.EnterpriseUser{Party: s.no("kasse1"), Owner: s.no("Bergen AS"), Ended: true})
		s.deny(fullmakt.ReasonPartyDeleted, "kasse1", "Bergen AS", tax)
	})
}

// LIFE-2
func TestLIFE2(t *testing.T) {
	s := tell(t)
	s.org("Bergen AS", "AS", "DAGL", "Kari")
	for _, state := range []fullmakt.OrgState{fullmakt.Deleted, fullmakt.Bankrupt, fullmakt.WindingUp, fullmakt.ForcedWindingUp, fullmakt.Stub} {
		t.Run("an organisation that is "+state.String()+" keeps its roles and is answered with its state", func(t *testing.T) {
			s.t = t
			s.org("Bergen AS", "").State = state
			s.yes(fullmakt.ReasonRole, "Kari", "Bergen AS", tax)
			if x := s.explain("Kari", "Bergen AS", tax); x.State != state {
				t.Errorf("state %v, want %v", x.State, state)
			}
		})
	}
	t.Run("one that is purged is unknown, and nothing rests on it", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS", "DAGL", "Trondheim AS")
		s.org("Trondheim AS", "AS", "DAGL", "Kari")
		s.yes(fullmakt.ReasonNesting, "Kari", "Bergen AS", tax)
		s.others = append(s.others, fullmakt.Purge{Party: s.no("Trondheim AS")})
		s.deny(fullmakt.ReasonUnknownParty, "Kari", "Trondheim AS", tax)
		s.deny(fullmakt.ReasonUnknownParty, "Trondheim AS", "Bergen AS", tax)
		s.deny(fullmakt.ReasonNoRelation, "Kari", "Bergen AS", tax)
	})
}

// LIFE-3
func TestLIFE3(t *testing.T) {
	t.Run("nested authority ends with the role it rests on, in the same revision", func(t *testing.T) {
		s := tell(t)
		bergen := s.org("Bergen AS", "AS", "DAGL", "Trondheim AS")
		s.org("Trondheim AS", "AS", "DAGL", "Kari")
		before := s.snapshot()
		version := *bergen
		version.Roles = nil
		after := before.Apply(before.Seq()+1, time.Unix(noon, 0), []fullmakt.Change{version})
		q := pdp.Ask(s.no("Kari"), s.no("Bergen AS"), s.at)
		if d := pdp.Decide(before, q); !d.Allowed {
			t.Errorf("before: %+v", d)
		}
		if d := pdp.Decide(after, q); d.Allowed || d.Revision != before.Seq()+1 {
			t.Errorf("after: %+v", d)
		}
		if d := pdp.Decide(before, q); !d.Allowed {
			t.Errorf("the earlier snapshot has changed: %+v", d)
		}
	})
	t.Run("a grant outlives the authority of whoever gave it", func(t *testing.T) {
		s := tell(t)
		s.org("Bergen AS", "AS")
		s.ended("Bergen AS", "DAGL", "Kari")
		s.others = append(s.others, fullmakt.Grant{From: s.no("Bergen AS"), To: s.no("Gry"), Package: tax, GivenBy: s.no("Kari")})
		s.yes(fullmakt.ReasonGrant, "Gry", "Bergen AS", tax)
	})
}

// TIME-1
func TestTIME1(t *testing.T) {
	s := tell(t)
	s.org("Bergen AS", "AS", "DAGL", "Kari").Roles[0].Since = fullmakt.NewDate(2030, 1, 1)
	until := fullmakt.Through(fullmakt.NewDate(2026, 3, 29), oslo) // the night the clock goes forward
	s.grant("Bergen AS", "Gry", tax, fullmakt.Interval{From: day(t, "2026-03-03 00:00:00"), To: until})
	t.Run("the register's own date of a role is shown and decides nothing", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonRole, "Kari", "Bergen AS", tax)
		if x := s.explain("Kari", "Bergen AS", tax); x.Paths[0].Steps[0].Since != fullmakt.NewDate(2030, 1, 1) {
			t.Errorf("since %v", x.Paths[0].Steps[0].Since)
		}
	})
	for _, c := range []struct {
		at     string
		reason fullmakt.Reason
	}{
		{"2026-03-02 23:59:59", fullmakt.ReasonNotYetValid},
		{"2026-03-03 00:00:00", ""},
		{"2026-03-29 23:59:59", ""},
		{"2026-03-30 00:00:00", fullmakt.ReasonExpired},
	} {
		t.Run("a grant from 3 March til og med 29 March, asked at "+c.at, func(t *testing.T) {
			s.t, s.at = t, day(t, c.at)
			if c.reason == "" {
				s.yes(fullmakt.ReasonGrant, "Gry", "Bergen AS", tax)
			} else {
				s.deny(c.reason, "Gry", "Bergen AS", tax)
			}
		})
	}
}

// OPEN-1
func TestOPEN1(t *testing.T) {
	s := tell(t)
	s.party("Per Hansen", fullmakt.OpenPersonID(fullmakt.NewDate(1970, 5, 17), "Per Hansen"))
	s.org("Bergen AS", "AS", "DAGL", "Per Hansen", "LEDE", "Kari")
	snapshot := s.snapshot()
	t.Run("a person known only from open data is answered as uncertain", func(t *testing.T) {
		s.t = t
		s.yes(fullmakt.ReasonRole, "Per Hansen", "Bergen AS", tax)
		if x := s.explain("Per Hansen", "Bergen AS", tax); !x.Uncertain {
			t.Error("not uncertain")
		}
		if x := s.explain("Kari", "Per Hansen", vehicles); !x.Uncertain {
			t.Error("not uncertain on behalf of such a person")
		}
		if x := s.explain("Kari", "Bergen AS", tax); x.Uncertain {
			t.Error("uncertain, though known by identity number")
		}
	})
	t.Run("lists mark it", func(t *testing.T) {
		pairs, _ := pdp.WhoActsFor(snapshot, s.no("Bergen AS"), s.at, pdp.All, 0, 9)
		for _, p := range pairs {
			if p.Uncertain != (p.Subject == s.no("Per Hansen")) {
				t.Errorf("%+v", p)
			}
		}
		if len(pairs) != 2 {
			t.Errorf("%d pairs, want 2", len(pairs))
		}
	})
	t.Run("no public number leads to it", func(t *testing.T) {
		if no := snapshot.Lookup(fullmakt.OpenPersonID(fullmakt.NewDate(1970, 5, 17), "Per Hansen")); no != 0 {
			t.Errorf("found as %d", no)
		}
	})
}
