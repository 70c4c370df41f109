package index

import (
	"slices"

	"github.com/fullmakt/fullmakt"
)

// identifiers leads from public numbers to party numbers: an extendible hash
// table in pages behind a directory, so that a change copies one page.
//
// A number becomes a 40-bit key (an organisation number or an identity number
// with a tag apart), and mixing is a bijection on 40 bits. The directory consumes
// at least the upper eight bits of the mixed key, so the lower 32 alone identify
// the number within its page and a slot takes eight bytes.
type identifiers struct {
	depth uint // of the directory, at least minDepth
	pages []*idPage
	count int

	// slots are those of each page, in a table of their own that stays in the
	// processor's cache; nil while the table is being changed.
	slots [][]idSlot
}

const (
	keyBits         = 40
	minDepth        = 8
	maxIDSlots      = 5120    // 40 kB a page
	organisationTag = 1 << 37 // above the greatest identity number
)

type idPage struct {
	depth uint
	used  int
	slots []idSlot
}

type idSlot struct {
	key uint32
	no  fullmakt.PartyNo // 0: free
}

// identKey returns the key of an identity with a public number, or false.
func identKey(id fullmakt.PartyID) (uint64, bool) {
	switch {
	case id.Kind == fullmakt.KindOrganisation:
		return organisationTag + uint64(id.Org), true
	case id.Kind == fullmakt.KindPerson && id.Person != 0:
		return uint64(id.Person), true
	}
	return 0, false
}

// mix is a bijection on 40 bits that spreads nearby numbers over all pages.
func mix(key uint64) uint64 {
	const mask = 1<<keyBits - 1
	key = key * 0x9E3779B97F & mask
	key ^= key >> 21
	key = key * 0xD1B54A32D1 & mask
	key ^= key >> 19
	return key
}

func newIdentifiers() *identifiers {
	t := &identifiers{depth: minDepth, pages: make([]*idPage, 1<<minDepth)}
	for i := range t.pages {
		t.pages[i] = &idPage{depth: minDepth}
	}
	return t
}

// place returns where in n slots the search for a key starts. The key is stirred
// first, since all keys of a page share their upper bits.
func place(key uint32, n int) int { return int(uint64(key*0x9E3779B1) * uint64(n) >> 32) }

// probe is where the search for a key begins.
type probe struct {
	slots []idSlot
	at    int
	key   uint32
}

var free = [1]idSlot{} // stands for the slots of an empty page

func (t *identifiers) probe(key uint64) probe {
	h := mix(key)
	p := probe{key: uint32(h)}
	if i := h >> (keyBits - t.depth); t.slots != nil {
		p.slots = t.slots[i]
	} else {
		p.slots = t.pages[i].slots
	}
	if len(p.slots) == 0 {
		p.slots = free[:]
	}
	p.at = place(p.key, len(p.slots))
	return p
}

// find goes on from the first slot until the key or a free slot.
func (p probe) find(s idSlot) fullmakt.PartyNo {
	for s.no != 0 && s.key != p.key {
		if p.at++; p.at == len(p.slots) {
			p.at = 0
		}
		s = p.slots[p.at]
	}
	return s.no
}

// lookup returns the party with the key, or 0.
func (t *identifiers) lookup(key uint64) fullmakt.PartyNo {
	p := t.probe(key)
	return p.find(p.slots[p.at])
}

// lookupPair looks two keys up at once: the memory of both is fetched before
// either is searched.
func (t *identifiers) lookupPair(a, b uint64) (fullmakt.PartyNo, fullmakt.PartyNo) {
	pa, pb := t.probe(a), t.probe(b)
	sa, sb := pa.slots[pa.at], pb.slots[pb.at]
	return pa.find(sa), pb.find(sb)
}

// seal makes the table ready for a snapshot, after which it is not changed.
func (t *identifiers) seal() *identifiers {
	t.slots = make([][]idSlot, len(t.pages))
	for i, p := range t.pages {
		t.slots[i] = p.slots
	}
	return t
}

// clone returns a table that may be changed without touching t, as long as owned
// pages are tracked by the caller through the owned set.
func (t *identifiers) clone() *identifiers {
	return &identifiers{depth: t.depth, pages: slices.Clone(t.pages), count: t.count}
}

// set inserts or replaces a key. Pages not in owned are copied first; owned may
// be nil when every page belongs to the caller.
func (t *identifiers) set(key uint64, no fullmakt.PartyNo, owned map[*idPage]bool) {
	h := mix(key)
	for {
		i := h >> (keyBits - t.depth)
		p := t.pages[i]
		if owned != nil && !owned[p] {
			p = &idPage{depth: p.depth, used: p.used, slots: slices.Clone(p.slots)}
			t.replace(i, p)
			owned[p] = true
		}
		if 5*(p.used+1) <= 4*len(p.slots) {
			if p.insert(idSlot{uint32(h), no}) {
				t.count++
			}
			return
		}
		if len(p.slots) < maxIDSlots {
			p.resize(min(maxIDSlots, len(p.slots)*5/4+8))
			continue
		}
		t.split(i, owned)
	}
}

// remove takes a key out by filling its page anew without it.
func (t *identifiers) remove(key uint64, owned map[*idPage]bool) {
	if t.lookup(key) == 0 {
		return
	}
	h := mix(key)
	i := h >> (keyBits - t.depth)
	old := t.pages[i]
	p := &idPage{depth: old.depth, slots: make([]idSlot, len(old.slots))}
	for _, s := range old.slots {
		if s.no != 0 && s.key != uint32(h) {
			p.insert(s)
		}
	}
	t.replace(i, p)
	if owned != nil {
		owned[p] = true
	}
	t.count--
}

// replace puts p wherever the directory points at the page that entry i names.
func (t *identifiers) replace(i uint64, p *idPage) {
	span := uint64(1) << (t.depth - t.pages[i].depth)
	first := i &^ (span - 1)
	for j := range span {
		t.pages[first+j] = p
	}
}

// split divides the page of directory entry i by its next bit, doubling the
// directory when the page already uses all of its depth.
func (t *identifiers) split(i uint64, owned map[*idPage]bool) {
	p := t.pages[i]
	if p.depth == t.depth {
		doubled := make([]*idPage, 2*len(t.pages))
		for j, q := range t.pages {
			doubled[2*j], doubled[2*j+1] = q, q
		}
		t.pages, t.depth, i = doubled, t.depth+1, 2*i
	}
	lo := &idPage{depth: p.depth + 1, slots: make([]idSlot, len(p.slots)*3/4)}
	hi := &idPage{depth: p.depth + 1, slots: make([]idSlot, len(p.slots)*3/4)}
	bit := uint32(1) << (keyBits - 1 - p.depth)
	for _, s := range p.slots {
		switch {
		case s.no == 0:
		case s.key&bit == 0:
			lo.add(s)
		default:
			hi.add(s)
		}
	}
	span := uint64(1) << (t.depth - p.depth)
	first := i &^ (span - 1)
	for j := range span {
		if j < span/2 {
			t.pages[first+j] = lo
		} else {
			t.pages[first+j] = hi
		}
	}
	if owned != nil {
		owned[lo], owned[hi] = true, true
	}
}

// add inserts, growing when the page is full.
func (p *idPage) add(s idSlot) {
	if 5*(p.used+1) > 4*len(p.slots) {
		p.resize(len(p.slots)*5/4 + 8)
	}
	p.insert(s)
}

// insert puts a slot in; there must be room. It reports whether the key is new.
func (p *idPage) insert(s idSlot) bool {
	for i := place(s.key, len(p.slots)); ; {
		switch {
		case p.slots[i].no == 0:
			p.slots[i] = s
			p.used++
			return true
		case p.slots[i].key == s.key:
			p.slots[i] = s
			return false
		}
		if i++; i == len(p.slots) {
			i = 0
		}
	}
}

func (p *idPage) resize(n int) {
	old := p.slots
	p.slots, p.used = make([]idSlot, n), 0
	for _, s := range old {
		if s.no != 0 {
			p.insert(s)
		}
	}
}
