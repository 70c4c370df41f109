package node

import (
	"context"
	"encoding/binary"
	"hash/maphash"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// prior is the register as the store has it, in the form that a bulk merge
// compares with: about twenty bytes a party and ten a role, so that the merge can
// visit units in any order without a query for each.
type prior struct {
	seed     maphash.Seed
	names    []uint64      // hash of the name by party number; 0 for none
	classes  []holderClass // by party number
	versions []uint32      // by party number: place in blob + 1; 0 for no version
	blob     []byte        // packed versions
	codes    []string      // texts that versions refer to by index
	codeIDs  map[string]uint64
	dead     bitset
	feeds    map[string]fullmakt.Feed

	mains, subs int // active units delivered by open data
	roles       int // of them, their roles
}

// loadPrior reads the current state of the store.
func loadPrior(ctx context.Context, db *sqlite.DB, m *meter) (*prior, error) {
	p := &prior{seed: maphash.MakeSeed(), codeIDs: map[string]uint64{}, feeds: map[string]fullmakt.Feed{}}
	n := 0
	for change, err := range db.State(ctx) {
		if err != nil {
			return nil, err
		}
		switch c := change.(type) {
		case fullmakt.Party:
			p.setName(c.No, c.Name)
			p.grow(c.No)
			p.classes[c.No] = classOf(c.ID)
		case fullmakt.Organisation:
			p.keep(&c)
		case fullmakt.Person:
			if c.Dead {
				p.dead.set(c.Party)
			}
		case fullmakt.Feed:
			p.feeds[c.Name] = c
		}
		if n++; n%1024 == 0 {
			m.done.Add(1024)
			m.records.Add(1024)
		}
	}
	return p, nil
}

func (p *prior) grow(no fullmakt.PartyNo) {
	for int(no) >= len(p.classes) {
		p.classes = append(p.classes, organisationHolder)
	}
}

func (p *prior) setName(no fullmakt.PartyNo, name string) {
	for int(no) >= len(p.names) {
		p.names = append(p.names, 0)
	}
	p.names[no] = maphash.String(p.seed, name) | 1
}

// sameName reports whether name is what the party was last called.
func (p *prior) sameName(no fullmakt.PartyNo, name string) bool {
	return int(no) < len(p.names) && p.names[no] == maphash.String(p.seed, name)|1
}

func (p *prior) class(no fullmakt.PartyNo) holderClass {
	if int(no) < len(p.classes) {
		return p.classes[no]
	}
	return organisationHolder
}

// vanishable reports whether open data says that a version ends when its file
// no longer has the unit. Units that a better feed delivered end when that feed
// says so: it may be a day ahead of the file.
func vanishable(o *fullmakt.Organisation) bool {
	return o.State&(fullmakt.Deleted|fullmakt.Stub) == 0 && !o.Source.Identifies()
}

func (p *prior) code(s string) uint64 {
	id, ok := p.codeIDs[s]
	if !ok {
		id = uint64(len(p.codes))
		p.codeIDs[s] = id
		p.codes = append(p.codes, s)
	}
	return id
}

// keep packs a version.
func (p *prior) keep(o *fullmakt.Organisation) {
	if vanishable(o) {
		if o.Form.SubUnit() {
			p.subs++
		} else {
			p.mains++
			p.roles += len(o.Roles)
		}
	}
	for int(o.Party) >= len(p.versions) {
		p.versions = append(p.versions, 0)
	}
	p.versions[o.Party] = uint32(len(p.blob)) + 1
	b := binary.AppendUvarint(p.blob, p.code(string(o.Form)))
	b = binary.AppendUvarint(b, uint64(o.Parent))
	b = append(b, byte(o.State), byte(o.Source))
	b = binary.AppendVarint(b, int64(o.DeletedOn))
	b = binary.AppendUvarint(b, uint64(len(o.Roles)))
	for _, r := range o.Roles {
		b = binary.AppendUvarint(b, p.code(string(r.Code)))
		ended := uint64(0)
		if r.Ended {
			ended = 1
		}
		b = binary.AppendUvarint(b, uint64(r.Holder)<<1|ended)
		b = binary.AppendVarint(b, int64(r.Since))
	}
	p.blob = b
}

// version unpacks the version of a party, appending its roles to roles; known is
// false when there is none.
func (p *prior) version(no fullmakt.PartyNo, roles []fullmakt.Role) (o fullmakt.Organisation, known bool) {
	o.Party = no
	if int(no) >= len(p.versions) || p.versions[no] == 0 {
		return o, false
	}
	d := decoder{rest: p.blob[p.versions[no]-1:]}
	o.Form = fullmakt.OrgForm(p.codes[d.uint()])
	o.Parent = fullmakt.PartyNo(d.uint())
	o.State = fullmakt.OrgState(d.byte())
	o.Source = fullmakt.Source(d.byte())
	o.DeletedOn = fullmakt.Date(d.int())
	from := len(roles)
	for n := d.uint(); n > 0; n-- {
		r := fullmakt.Role{Code: fullmakt.RoleCode(p.codes[d.uint()])}
		holder := d.uint()
		r.Holder, r.Ended = fullmakt.PartyNo(holder>>1), holder&1 != 0
		r.Since = fullmakt.Date(d.int())
		roles = append(roles, r)
	}
	if len(roles) > from {
		o.Roles = roles[from:]
	}
	return o, true
}

// bitset is a set of party numbers.
type bitset []uint64

func (s *bitset) set(no fullmakt.PartyNo) {
	for int(no>>6) >= len(*s) {
		*s = append(*s, 0)
	}
	(*s)[no>>6] |= 1 << (no & 63)
}

func (s bitset) has(no fullmakt.PartyNo) bool {
	return int(no>>6) < len(s) && s[no>>6]&(1<<(no&63)) != 0
}

// all yields the numbers in the set, ascending.
func (s bitset) all(yield func(fullmakt.PartyNo) bool) {
	for w, word := range s {
		for b := 0; word != 0; b++ {
			if word&1 != 0 && !yield(fullmakt.PartyNo(w<<6|b)) {
				return
			}
			word >>= 1
		}
	}
}
