package enhetsregisteret

import (
	"slices"

	"github.com/fullmakt/fullmakt"
)

// holderKind tells what a holder's who counts.
type holderKind uint8

const (
	bySeat   holderKind = iota // the unit's seat: its place among the unit's persons
	byPerson                   // a person
	byUnit                     // a main unit
	byGhost                    // a deleted unit
)

// holder is who holds a role.
type holder struct {
	kind holderKind
	who  uint32
}

// genRole is one role of the synthetic world.
type genRole struct {
	code    fullmakt.RoleCode
	group   string
	by      holder
	share   string        // ansvarsandel
	elected string        // valgtAv
	ended   bool          // avregistrert
	since   fullmakt.Date // the day its group changed, when that is after day 0
}

// unknownRole is a role code that no table knows, as the register may bring one.
const unknownRole = "NYRO"

// roles returns the roles of unit i as they stand on day, appended to buf.
func (w *genWorld) roles(i uint32, day int, buf []genRole) []genRole {
	start := len(buf)
	buf, _ = w.plan(i, buf)
	seats := w.slots[w.slotOff[i]:w.slotOff[i+1]]
	own := buf[start:]
	for k := range own {
		r := &own[k]
		if r.by.kind == bySeat {
			r.by = holder{byPerson, seats[r.by.who]}
		}
		// No one holds the same role twice. Where units are few, a person steps in.
		for extra := uint64(0); slices.ContainsFunc(own[:k], func(o genRole) bool { return o.code == r.code && o.by == r.by }); extra++ {
			d := roll(w.seed, "another", uint64(i)<<24|uint64(k)<<12|extra)
			if r.by.kind != byPerson && extra < 20 {
				r.by.who = w.another(r, &d)
			} else {
				r.by = holder{byPerson, uint32(d.below(int(w.lawyers[0])))}
			}
		}
	}
	for turn, on := range w.turns[i] {
		if on <= day {
			own = w.turn(i, turn, on, own)
		}
	}
	if day >= 1 {
		for k := range own { // the merger moves the clients
			if own[k].by == (holder{byUnit, w.merged}) {
				own[k].by.who, own[k].since = w.accounts.units[0], w.base+1
			}
		}
	}
	return append(buf[:start], own...)
}

// another draws a unit of the kind that r's holder is.
func (w *genWorld) another(r *genRole, d *dice) uint32 {
	switch {
	case r.by.kind == byGhost:
		return uint32(d.below(len(w.ghosts)))
	case int(w.form[r.by.who]) == shapeKOMM:
		return pick(d, w.byForm[shapeKOMM])
	}
	return pick(d, w.partners)
}

// turn changes one group of a unit's roles, as happens on a day.
func (w *genWorld) turn(i uint32, turn, day int, roles []genRole) []genRole {
	d := roll(w.seed, "turn", uint64(i)<<16|uint64(turn))
	person := holder{byPerson, uint32(d.below(int(w.lawyers[0])))}
	var able []int
	for k := range roles {
		if roles[k].code != fullmakt.INNH && roles[k].by.kind == byPerson || roles[k].code == fullmakt.REGN || roles[k].code == fullmakt.REVI {
			able = append(able, k)
		}
	}
	if len(able) == 0 || d.chance(.1) && !slices.ContainsFunc(roles, func(r genRole) bool { return r.code == fullmakt.REGN }) {
		if slices.ContainsFunc(roles, func(r genRole) bool { return r.code == fullmakt.REGN }) {
			return roles
		}
		return append(roles, genRole{code: fullmakt.REGN, group: "REGN", by: holder{byUnit, w.accounts.draw(&d)}, since: w.base + fullmakt.Date(day)})
	}
	k := pick(&d, able)
	group := roles[k].group
	switch r := &roles[k]; {
	case r.code == fullmakt.REGN && d.chance(.75):
		r.by = holder{byUnit, w.accounts.draw(&d)}
	case r.code == fullmakt.REVI && d.chance(.75):
		r.by = holder{byUnit, w.audits.draw(&d)}
	case r.code == fullmakt.REGN || r.code == fullmakt.REVI || (r.code == "MEDL" || r.code == "VARA") && d.chance(.3):
		roles = slices.Delete(roles, k, k+1)
	case group == "STYR" && d.chance(.3):
		if !slices.ContainsFunc(roles, func(o genRole) bool { return o.code == "MEDL" && o.by == person }) {
			roles = slices.Insert(roles, k+1, genRole{code: "MEDL", group: group, by: person})
		}
	case !slices.ContainsFunc(roles, func(o genRole) bool { return o.code == r.code && o.by == person }):
		r.by, r.ended = person, false
	}
	for k := range roles {
		if roles[k].group == group {
			roles[k].since = w.base + fullmakt.Date(day)
		}
	}
	return roles
}

// plan draws the roles of unit i on day 0, persons as seats, and returns the
// number of seats.
func (w *genWorld) plan(i uint32, buf []genRole) ([]genRole, int) {
	shape := &formShapes[w.form[i]]
	p := planner{w: w, d: roll(w.seed, "roles", uint64(i)), roles: buf, from: len(buf)}
	switch shape.code {
	case "ENK":
		p.person(fullmakt.INNH, "INNH")
	case "KBO", "BO":
		// A lawyer has tens of estates.
		u := p.d.unit()
		k := uint32(float64(w.scaled(320, 3)) * skew(u))
		p.add(fullmakt.BOBE, "BOBE", holder{byPerson, w.lawyers[0] + k})
		return p.roles, p.seats
	}
	p.chief(i, shape)
	p.board(shape)
	p.participants(shape)
	p.services(i, shape)
	if p.d.chance(shape.kont) {
		p.person(fullmakt.KONT, "KONT")
	}
	if shape.code == "NUF" && p.d.chance(.15) {
		if p.d.chance(.4) {
			p.unit("REPR", "REPR", pick(&p.d, w.partners))
		} else {
			p.person("REPR", "REPR")
		}
	}
	p.owners(shape)
	if w.odd[i] {
		p.person(unknownRole, unknownRole)
	}
	for k := range p.roles[p.from:] {
		if p.d.chance(.004) && w.partOf[i] == "" {
			p.roles[p.from+k].ended = true
		}
	}
	return p.roles, p.seats
}

// skew bends a number from 0 to 1 towards 0, so that the first lawyers have
// most estates, about four times the last ones'.
func skew(u float64) float64 { return u * (.35 + u*(.95-.3*u)) }

// planner draws the roles of one unit.
type planner struct {
	w     *genWorld
	d     dice
	roles []genRole
	from  int
	seats int
}

func (p *planner) add(code fullmakt.RoleCode, group string, by holder) *genRole {
	p.roles = append(p.roles, genRole{code: code, group: group, by: by})
	return &p.roles[len(p.roles)-1]
}

// person gives the role to a new person of the unit.
func (p *planner) person(code fullmakt.RoleCode, group string) *genRole {
	p.seats++
	return p.add(code, group, holder{bySeat, uint32(p.seats - 1)})
}

// unit gives the role to an organisation, now and then to a deleted one.
func (p *planner) unit(code fullmakt.RoleCode, group string, unit uint32) *genRole {
	if p.d.chance(.002) {
		return p.add(code, group, holder{byGhost, uint32(p.d.below(p.w.ghostCount()))})
	}
	return p.add(code, group, holder{byUnit, unit})
}

func (p *planner) chief(i uint32, shape *formShape) {
	if by, ok := p.w.chiefs[i]; ok {
		p.add(fullmakt.DAGL, "DAGL", by)
	} else if p.d.chance(shape.dagl) || p.w.partOf[i] != "" {
		p.person(fullmakt.DAGL, "DAGL")
	}
}

// board draws the members of the board. In 55 of 100 limited companies chair
// and daglig leder are the same person.
func (p *planner) board(shape *formShape) {
	led := p.seats > 0 && shape.code != "ENK"
	if !p.d.chance(shape.lede) {
		return
	}
	if led && p.d.chance(.70) && shape.code == "AS" {
		p.add(fullmakt.LEDE, "STYR", holder{bySeat, 0})
	} else {
		p.person(fullmakt.LEDE, "STYR")
	}
	members, deputies := 0, 0
	if shape.code == "AS" {
		switch u := p.d.unit(); { // size 1, 2 to 3, 4 and more
		case u < .58:
			deputies = p.d.about(.42)
		case u < .91:
			members, deputies = 1+p.d.below(2), p.d.about(.45)
		default:
			members, deputies = 3+p.d.about(.4), p.d.about(.65)
		}
	} else {
		members, deputies = p.d.about(shape.medl), p.d.about(shape.vara)
	}
	if members > 0 {
		switch u := p.d.unit(); { // the large boards and assemblies
		case u < .006:
			members += 9 + p.d.below(24)
		case u < .00605:
			members += 60 + p.d.below(200)
		}
		members = min(members, 10+int(p.w.nBase)/10) // small worlds have few people
	}
	if members > 1 && p.d.chance(.003) { // kept only where a statute demands it
		p.person("NEST", "STYR")
	}
	workers := 0
	if shape.code == "ASA" {
		workers = 2 + p.d.below(2)
		members = max(members, workers+2)
	}
	for k := range members {
		r := p.person("MEDL", "STYR")
		switch {
		case k >= members-workers:
			r.elected = "AREP"
		case p.d.chance(.003):
			r.elected = pick(&p.d, []string{"A-AK", "A-AK", "A-AK", "A-AK", "B-AK", "C-AK"})
		}
	}
	for k := range deputies + workers {
		if r := p.person("VARA", "STYR"); k >= deputies {
			r.elected = "AREP"
		}
	}
	if members >= 4 && p.d.chance(.06) {
		p.person("OBS", "STYR")
	}
}

// participants draws partners, general partners, co-owners and shipowners.
func (p *planner) participants(shape *formShape) {
	w := p.w
	shared := func(code fullmakt.RoleCode, group string, n int, corporate float64, share bool) {
		part := ""
		if share {
			part = shareOf(&p.d, n)
		}
		for range n {
			if p.d.chance(corporate) {
				p.unit(code, group, pick(&p.d, w.partners)).share = part
			} else {
				p.person(code, group).share = part
			}
		}
	}
	switch shape.code {
	case "DA":
		shared(fullmakt.DTPR, "DELT", p.many(.6), .12, true)
	case "ANS":
		shared(fullmakt.DTSO, "DELT", p.many(.7), .10, p.d.chance(.3))
	case "KS":
		shared(fullmakt.KOMP, "KOMP", 1, .97, false)
	case "PRE":
		shared(fullmakt.BEST, "BEST", 1, .3, false)
		shared(fullmakt.DTPR, "DELT", 2, .2, true)
	case "IKS":
		n := min(3+p.d.below(8), len(w.byForm[shapeKOMM]))
		part := shareOf(&p.d, n)
		first := p.d.below(len(w.byForm[shapeKOMM]))
		for _, code := range []fullmakt.RoleCode{fullmakt.DTPR, "EIKM"} {
			group := "DELT"
			if code == "EIKM" {
				group = "EIKM"
			}
			for k := range n {
				r := p.add(code, group, holder{byUnit, w.byForm[shapeKOMM][(first+k)%len(w.byForm[shapeKOMM])]})
				if code == fullmakt.DTPR {
					r.share = part
				}
			}
		}
	}
}

// many draws the number of partners: two, and some more.
func (p *planner) many(more float64) int {
	n := 2 + p.d.about(more)
	if p.d.chance(.003) {
		n += 10 + p.d.below(120)
	}
	return min(n, 10+int(p.w.nBase)/10)
}

// owners draws the co-owners of a joint ownership, and the health enterprises.
func (p *planner) owners(shape *formShape) {
	switch shape.code {
	case "SAM":
		for range p.many(.5) {
			p.person("SAM", "SAM")
		}
	case "SÆR":
		if p.d.chance(.2) {
			p.unit("HLSE", "HLSE", pick(&p.d, p.w.byForm[shapeNumber("SÆR")]))
		}
	}
}

// services draws accountant, auditor and business manager.
func (p *planner) services(i uint32, shape *formShape) {
	w := p.w
	for _, s := range [...]struct {
		code  fullmakt.RoleCode
		share float64
		pool  *pool
	}{{fullmakt.REGN, shape.regn, &w.accounts}, {fullmakt.REVI, shape.revi, &w.audits}, {"FFØR", shape.ffor, &w.managers}} {
		if !p.d.chance(s.share) {
			continue
		}
		if s.code == "FFØR" && p.d.chance(.1) {
			p.person(s.code, string(s.code))
		} else {
			by := s.pool.draw(&p.d)
			if by == i { // nobody audits himself
				by = s.pool.units[(slices.Index(s.pool.units, i)+1)%len(s.pool.units)]
			}
			p.unit(s.code, string(s.code), by)
		}
	}
}

// shareOf writes a share of 1/n in one of the ways people do.
func shareOf(d *dice, n int) string {
	switch {
	case 100%n == 0 && d.chance(.7):
		return itoa(100/n) + "%"
	case d.chance(.8):
		return "1/" + itoa(n)
	case d.chance(.5):
		return itoa(100/n) + "," + itoa(1000/n%10) + " %"
	}
	return "Lik andel"
}
