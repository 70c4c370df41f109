package enhetsregisteret

import (
	"context"

	"github.com/fullmakt/fullmakt"
)

// Summary tells what Generate wrote, and where in it the notable cases stand, so
// that a tester can ask about them. The numbers are of the day generated.
type Summary struct {
	Units, SubUnits int
	WithRoles       int // units that have roles
	Roles           int // of all kinds, deregistered ones too
	HeldByUnits     int // of Roles, those held by organisations
	Persons         int // distinct persons with a role
	RolesOf         map[fullmakt.RoleCode]int
	SameChiefChair  int // limited companies whose chair is their daglig leder

	BiggestAccountant fullmakt.OrgNumber // takes another name on day 1
	Clients           int                // of the biggest accountant
	KeyHolder         KeyHolder          // a living person with a key role at the biggest accountant
	Merging           fullmakt.OrgNumber // the accountant that merges into it on day 1

	Chain          [3]fullmakt.OrgNumber // the first is led by the second, it by the third, it by a person
	Cycle          [2]fullmakt.OrgNumber // each is led by the other
	DeletedHolder  fullmakt.OrgNumber    // led by a deleted organisation
	BankruptHolder fullmakt.OrgNumber    // led by a bankrupt one
	ENKHolder      fullmakt.OrgNumber    // led by a sole proprietorship
	IKS, KS, NUF   fullmakt.OrgNumber    // the NUF has a contact person
	KBO            fullmakt.OrgNumber    // a bankrupt estate
	ManyRoles      fullmakt.OrgNumber    // the unit with most roles
	OverFifteen    int                   // units with more than 15 roles
	MostRoles      int                   // their number
	DeadHolder     fullmakt.OrgNumber    // a unit with a key role held by someone dead
	EndedRole      fullmakt.OrgNumber    // a unit with a deregistered role
	Municipality   fullmakt.OrgNumber    // a KOMM with many sub-units
	BusiestLawyer  KeyHolder             // who has most estates
	Estates        int                   // their number

	CCRUnits, CCRRecords int // as the CCR file's trailer says
	Files                []GeneratedFile
}

// KeyHolder is a person as both kinds of feed know him or her. The identity
// number is synthetic; it prints masked, so use Reveal.
type KeyHolder struct {
	Born fullmakt.Date
	Name string
	ID   fullmakt.NationalID
	Role fullmakt.RoleCode
}

// GeneratedFile is one file written.
type GeneratedFile struct {
	Path string
	Text int64 // length before compression
	Size int64 // length on disk
}

// keyRoles are the register's key roles (nøkkelroller).
var keyRoles = map[fullmakt.RoleCode]bool{
	fullmakt.DAGL: true, fullmakt.LEDE: true, fullmakt.INNH: true, fullmakt.DTSO: true,
	fullmakt.DTPR: true, fullmakt.KOMP: true, fullmakt.BEST: true, fullmakt.BOBE: true,
}

func (w *genWorld) keyHolder(person uint32, code fullmakt.RoleCode) KeyHolder {
	return KeyHolder{Born: w.people.born(person), Name: w.people.name(person).whole(), ID: w.people.ids[person], Role: code}
}

// summarise goes through the whole world once and counts.
func (w *genWorld) summarise(ctx context.Context, report func(string, int, int)) (Summary, error) {
	s := Summary{RolesOf: map[fullmakt.RoleCode]int{}}
	biggest := w.accounts.units[0]
	s.BiggestAccountant, s.Merging = w.number[biggest], w.number[w.merged]
	for k, unit := range w.chain {
		s.Chain[k] = w.number[unit]
	}
	for k, unit := range w.cycle {
		s.Cycle[k] = w.number[unit]
	}
	seen := make([]bool, len(w.people.ids))
	estates := map[uint32]int{}
	var buf []genRole
	for i := range uint32(len(w.form)) {
		if i%65536 == 0 {
			if err := ctx.Err(); err != nil {
				return Summary{}, fullmakt.Errorf(fullmakt.CodeUnavailable, "generating stopped: %w", err)
			}
			if report != nil {
				report("counting", int(i), len(w.form))
			}
		}
		if !w.alive(i) {
			continue
		}
		s.Units++
		s.SubUnits += int(w.subOff[i+1] - w.subOff[i])
		buf = w.roles(i, w.day, buf[:0])
		if len(buf) > 0 {
			s.WithRoles++
		}
		s.Roles += len(buf)
		if len(buf) > 15 {
			s.OverFifteen++
		}
		if len(buf) > s.MostRoles {
			s.MostRoles, s.ManyRoles = len(buf), w.number[i]
		}
		w.note(&s, i, buf)
		var chief, chair holder
		for k := range buf {
			r := &buf[k]
			s.RolesOf[r.code]++
			if r.by.kind != byPerson {
				s.HeldByUnits++
				if r.code == fullmakt.REGN && r.by.who == biggest && r.by.kind == byUnit {
					s.Clients++
				}
				continue
			}
			if !seen[r.by.who] {
				seen[r.by.who] = true
				s.Persons++
			}
			switch r.code {
			case fullmakt.DAGL:
				chief = r.by
			case fullmakt.LEDE:
				chair = r.by
			case fullmakt.BOBE:
				estates[r.by.who]++
			}
			if i == biggest && s.KeyHolder.ID == 0 && keyRoles[r.code] && !r.ended && !w.people.dead(r.by.who) {
				s.KeyHolder = w.keyHolder(r.by.who, r.code)
			}
		}
		if w.form[i] == shapeAS && chief.kind == byPerson && chief == chair {
			s.SameChiefChair++
		}
	}
	var lawyer uint32
	for person, n := range estates {
		if n > s.Estates || n == s.Estates && person < lawyer {
			lawyer, s.Estates = person, n
		}
	}
	if s.Estates > 0 {
		s.BusiestLawyer = w.keyHolder(lawyer, fullmakt.BOBE)
	}
	return s, nil
}

// note keeps unit i when it is the first of a notable kind.
func (w *genWorld) note(s *Summary, i uint32, roles []genRole) {
	first := func(at *fullmakt.OrgNumber, is bool) {
		if *at == 0 && is {
			*at = w.number[i]
		}
	}
	code := formShapes[w.form[i]].code
	first(&s.IKS, code == "IKS")
	first(&s.Municipality, code == "KOMM")
	for k := range roles {
		r := &roles[k]
		first(&s.KS, code == "KS" && r.code == fullmakt.KOMP && r.by.kind == byUnit)
		first(&s.NUF, code == "NUF" && r.code == fullmakt.KONT)
		first(&s.KBO, code == "KBO" && r.code == fullmakt.BOBE)
		first(&s.EndedRole, r.ended)
		first(&s.DeadHolder, keyRoles[r.code] && r.by.kind == byPerson && w.people.dead(r.by.who))
		if r.code == fullmakt.DAGL {
			first(&s.DeletedHolder, r.by.kind == byGhost)
			first(&s.BankruptHolder, r.by.kind == byUnit && w.broke[r.by.who])
			first(&s.ENKHolder, r.by.kind == byUnit && w.form[r.by.who] == shapeENK)
		}
	}
}
