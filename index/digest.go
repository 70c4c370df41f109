package index

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// Digest returns a fingerprint of the facts: kinds, forms, states, parents,
// roles and grants by party number and code. Names and public numbers, which can
// be erased, are not part of it, nor is the order or batching in which changes
// came: two snapshots with the same digest give the same answers.
func (s *Snapshot) Digest() string {
	d := digester{hash: sha256.New(), s: s}
	for p := fullmakt.PartyNo(1); p <= s.last; p++ {
		d.party(p)
	}
	return hex.EncodeToString(d.hash.Sum(nil))
}

type digester struct {
	hash  hash.Hash
	s     *Snapshot
	buf   []byte
	edges []digestEdge
}

type digestEdge struct {
	holder fullmakt.PartyNo
	code   fullmakt.RoleCode
	bits   uint16
	since  uint16
}

func (d *digester) party(p fullmakt.PartyNo) {
	n, holders, _ := d.s.Look(p)
	if n.Kind == fullmakt.KindUnknown {
		return
	}
	b := binary.AppendUvarint(d.buf[:0], uint64(p))
	b = append(b, byte(n.Kind), byte(n.State), byte(n.Flags))
	b = binary.AppendUvarint(b, uint64(n.Parent))
	b = binary.AppendVarint(b, int64(d.s.DeletedOn(p)))
	b = append(b, byte(d.s.Source(p)))
	b = appendText(b, string(d.s.Form(p)))
	d.edges = d.edges[:0]
	for _, e := range holders {
		if e.Role() != 0 && !e.Derived() {
			d.edges = append(d.edges, digestEdge{e.Party, d.s.RoleCode(e.Role()), e.bits &^ edgeRole, e.since})
		}
	}
	slices.SortFunc(d.edges, func(a, b digestEdge) int {
		return cmp.Or(cmp.Compare(a.holder, b.holder), cmp.Compare(a.code, b.code), cmp.Compare(a.bits, b.bits), cmp.Compare(a.since, b.since))
	})
	b = binary.AppendUvarint(b, uint64(len(d.edges)))
	for _, e := range d.edges {
		b = binary.AppendUvarint(b, uint64(e.holder))
		b = appendText(b, string(e.code))
		b = binary.LittleEndian.AppendUint16(b, e.bits)
		b = binary.LittleEndian.AppendUint16(b, e.since)
	}
	for _, g := range d.s.page(p).grants {
		if g.From != p {
			continue
		}
		what := g.Unknown
		if g.Package != catalogue.NoPackage {
			what = d.s.catalogue.Package(g.Package).Code
		}
		b = binary.AppendUvarint(b, uint64(g.To))
		b = appendText(b, what)
		b = binary.AppendVarint(b, g.Valid.From)
		b = binary.AppendVarint(b, g.Valid.To)
		b = binary.AppendUvarint(b, uint64(g.GivenBy))
	}
	d.buf = b
	d.hash.Write(b)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
