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

// Digest returns a fingerprint of the facts: kinds, forms, states, parents, roles,
// grants, agents, delegations and documents by party number and code. Names and
// public numbers, which can be erased, are not part of it, nor is the order or
// batching in which changes came, nor the revisions of documents: two snapshots
// with the same digest give the same answers.
func (s *Snapshot) Digest() string {
	d := digester{hash: sha256.New(), s: s}
	for p := fullmakt.PartyNo(1); p <= s.last; p++ {
		d.party(p)
	}
	d.tables()
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
	d.buf = b
	d.hash.Write(b)
	d.given(p)
}

// given takes the grants from a party and the client delegations for it. They
// are sorted as they are written, since the order in memory depends on the order
// in which their codes were first seen.
func (d *digester) given(p fullmakt.PartyNo) {
	var lines []string
	pg := d.s.page(p)
	for _, g := range pg.grants {
		if g.From != p {
			continue
		}
		resource, right := d.s.RightName(g.Right)
		b := binary.AppendUvarint([]byte{'G'}, uint64(g.To))
		b = appendText(b, d.packageCode(g.Package, g.Unknown))
		b = appendText(appendText(b, resource), right)
		b = binary.AppendVarint(b, g.Valid.From)
		b = binary.AppendVarint(b, g.Valid.To)
		b = binary.AppendUvarint(b, uint64(g.GivenBy))
		if g.Recorded {
			b = append(b, 'x')
		}
		lines = append(lines, string(appendText(b, g.Basis)))
	}
	for _, c := range pg.delegations {
		if c.Client != p {
			continue
		}
		b := binary.AppendUvarint([]byte{'C'}, uint64(c.Provider))
		b = binary.AppendUvarint(b, uint64(c.Agent))
		b = appendText(b, d.packageCode(c.Package, c.Unknown))
		b = appendText(b, string(d.s.RoleCode(c.Role)))
		lines = append(lines, string(binary.AppendUvarint(b, uint64(c.GivenBy))))
	}
	slices.Sort(lines)
	for _, l := range lines {
		d.hash.Write(appendText(nil, l))
	}
}

// packageCode returns the code of a package, "" for none.
func (d *digester) packageCode(id catalogue.PackageID, unknown string) string {
	if id == catalogue.NoPackage {
		return unknown
	}
	return d.s.catalogue.Package(id).Code
}

// tables takes the facts beside the pages, in their own order.
func (d *digester) tables() {
	t := d.s.tables
	t.agents.tree.Scan(func(a fullmakt.Agent) bool {
		d.hash.Write(appendAgent([]byte{'A'}, a))
		return true
	})
	t.scopes.tree.Scan(func(g fullmakt.ScopeGrant) bool {
		d.hash.Write(appendScopeGrant([]byte{'S'}, g))
		return true
	})
	t.documents.tree.Scan(func(doc *Document) bool {
		d.hash.Write(appendDocument([]byte{'D'}, doc.Document))
		return true
	})
}
