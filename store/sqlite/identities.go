package sqlite

import (
	"context"
	"encoding/binary"

	"github.com/fullmakt/fullmakt"
)

// Identities resolves identities to party numbers in memory, for an import that
// asks for millions: 12 to 24 bytes for an organisation, 26 to 36 for another
// party. Persons are held by keyed hash, not by number. It is not for use by
// several goroutines at once.
type Identities struct {
	secrets *secrets
	next    fullmakt.PartyNo
	scratch []byte

	orgs     []orgSlot // open addressing by organisation number
	orgCount int

	others []other  // persons and users
	slots  []uint32 // open addressing by ident: place in others, plus 1
}

type orgSlot struct {
	org fullmakt.OrgNumber // 0: free
	no  fullmakt.PartyNo
}

type other struct {
	id ident
	no fullmakt.PartyNo
}

// Identities reads the identities of all parties. What it assigns is only
// stored when the caller appends the parties; if another writer comes first,
// Append fails with CodeConflict and the Identities are of no more use.
func (db *DB) Identities(ctx context.Context) (*Identities, error) {
	i := &Identities{secrets: db.secrets}
	err := db.read(ctx, func(s *session) error {
		head, err := s.head(ctx)
		if err != nil {
			return err
		}
		if err := db.keyStands(ctx, s); err != nil {
			return err
		}
		i.next = head.NextParty
		// Both readings are of an index alone.
		err = s.each(ctx, "SELECT org, no FROM party WHERE kind = 1 ORDER BY org", nil, func(row []value) error {
			i.addOrg(fullmakt.OrgNumber(asInt(row[0])), partyNo(row[1]))
			return nil
		})
		if err != nil {
			return err
		}
		return s.each(ctx, "SELECT ident, no FROM party WHERE ident IS NOT NULL ORDER BY ident", nil, func(row []value) error {
			var id ident
			copy(id[:], asBytes(row[0]))
			i.addOther(id, partyNo(row[1]))
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return i, nil
}

// Next is the number that Assign gives the next new party.
func (i *Identities) Next() fullmakt.PartyNo { return i.next }

// Lookup returns the number of a party, or 0 when it is not known.
func (i *Identities) Lookup(id fullmakt.PartyID) fullmakt.PartyNo {
	if id.Kind == fullmakt.KindOrganisation {
		return i.lookupOrg(id.Org)
	}
	return i.lookupOther(i.identOf(id))
}

// Assign returns the number of a party, giving it the next one when it is new.
func (i *Identities) Assign(id fullmakt.PartyID) (no fullmakt.PartyNo, isNew bool) {
	if id.Kind == fullmakt.KindOrganisation {
		if no = i.lookupOrg(id.Org); no == 0 {
			no, isNew = i.next, true
			i.addOrg(id.Org, no)
		}
	} else {
		hashed := i.identOf(id)
		if no = i.lookupOther(hashed); no == 0 {
			no, isNew = i.next, true
			i.addOther(hashed, no)
		}
	}
	if isNew {
		i.next++
	}
	return no, isNew
}

func (i *Identities) identOf(id fullmakt.PartyID) ident {
	i.scratch = appendIdentity(i.scratch[:0], id)
	return i.secrets.identOf(i.scratch)
}

// orgPlace is where the search for an organisation begins (Fibonacci hashing,
// since neighbouring numbers are common).
func (i *Identities) orgPlace(org fullmakt.OrgNumber) uint32 {
	return uint32(uint64(uint32(org)*2654435769) * uint64(len(i.orgs)) >> 32)
}

func (i *Identities) lookupOrg(org fullmakt.OrgNumber) fullmakt.PartyNo {
	if len(i.orgs) == 0 || org == 0 {
		return 0
	}
	for p := i.orgPlace(org); ; p++ {
		if int(p) == len(i.orgs) {
			p = 0
		}
		if s := i.orgs[p]; s.org == org || s.org == 0 {
			return s.no
		}
	}
}

func (i *Identities) addOrg(org fullmakt.OrgNumber, no fullmakt.PartyNo) {
	if i.orgCount*4 >= len(i.orgs)*3 {
		old := i.orgs
		i.orgs = make([]orgSlot, max(64, len(old)*2))
		for _, s := range old {
			if s.org != 0 {
				i.placeOrg(s)
			}
		}
	}
	i.orgCount++
	i.placeOrg(orgSlot{org, no})
}

func (i *Identities) placeOrg(s orgSlot) {
	for p := i.orgPlace(s.org); ; p++ {
		if int(p) == len(i.orgs) {
			p = 0
		}
		if i.orgs[p].org == 0 {
			i.orgs[p] = s
			return
		}
	}
}

// otherPlace needs no mixing: an ident is a hash already.
func (i *Identities) otherPlace(id ident) uint32 {
	return binary.LittleEndian.Uint32(id[:]) & uint32(len(i.slots)-1)
}

func (i *Identities) lookupOther(id ident) fullmakt.PartyNo {
	if len(i.slots) == 0 {
		return 0
	}
	for p := i.otherPlace(id); ; p = (p + 1) & uint32(len(i.slots)-1) {
		at := i.slots[p]
		if at == 0 {
			return 0
		}
		if o := &i.others[at-1]; o.id == id {
			return o.no
		}
	}
}

func (i *Identities) addOther(id ident, no fullmakt.PartyNo) {
	i.others = append(i.others, other{id, no})
	if len(i.others)*4 >= len(i.slots)*3 {
		i.slots = make([]uint32, max(64, len(i.slots)*2))
		for at := range i.others {
			i.placeOther(uint32(at))
		}
		return
	}
	i.placeOther(uint32(len(i.others) - 1))
}

func (i *Identities) placeOther(at uint32) {
	p := i.otherPlace(i.others[at].id)
	for i.slots[p] != 0 {
		p = (p + 1) & uint32(len(i.slots)-1)
	}
	i.slots[p] = at + 1
}
