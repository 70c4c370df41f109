package index

import (
	"encoding/binary"

	"github.com/fullmakt/fullmakt"
)

// appendFacts writes the content of section FACT: the names of the rights, the
// users by owner, the agent relations, the scope grants, the documents, and the revision of the
// latest change of each kind of document, each list with its length before it.
func (s *Snapshot) appendFacts(b []byte) []byte {
	t := s.tables
	b = binary.AppendUvarint(b, uint64(len(s.rights.names)))
	for _, r := range s.rights.names {
		b = appendText(appendText(b, r.resource), r.right)
	}
	b = binary.AppendUvarint(b, uint64(t.users.tree.Len()))
	t.users.tree.Scan(func(u owned) bool {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(u.owner)), uint64(u.user))
		return true
	})
	b = binary.AppendUvarint(b, uint64(t.agents.tree.Len()))
	t.agents.tree.Scan(func(a fullmakt.Agent) bool {
		b = appendAgent(b, a)
		return true
	})
	b = binary.AppendUvarint(b, uint64(t.scopes.tree.Len()))
	t.scopes.tree.Scan(func(g fullmakt.ScopeGrant) bool {
		b = appendScopeGrant(b, g)
		return true
	})
	b = binary.AppendUvarint(b, uint64(t.documents.tree.Len()))
	t.documents.tree.Scan(func(d *Document) bool {
		b = appendDocument(binary.AppendUvarint(b, uint64(d.Since)), d.Document)
		return true
	})
	kinds := t.documentKinds()
	b = binary.AppendUvarint(b, uint64(len(kinds)))
	for _, k := range kinds {
		b = binary.AppendUvarint(appendText(b, string(k)), uint64(t.documentSeqs[k]))
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendAgent(b []byte, a fullmakt.Agent) []byte {
	b = binary.AppendUvarint(b, uint64(a.Provider))
	b = binary.AppendUvarint(b, uint64(a.Agent))
	b = binary.AppendUvarint(b, uint64(a.GivenBy))
	return binary.AppendVarint(b, a.Since)
}

func appendScopeGrant(b []byte, g fullmakt.ScopeGrant) []byte {
	b = binary.AppendUvarint(b, uint64(g.From))
	b = binary.AppendUvarint(b, uint64(g.To))
	b = appendText(b, g.Scheme)
	b = binary.AppendVarint(b, g.Since)
	b = binary.AppendVarint(b, g.Valid.From)
	b = binary.AppendVarint(b, g.Valid.To)
	b = binary.AppendUvarint(b, uint64(g.GivenBy))
	return appendText(b, g.Basis)
}

func appendDocument(b []byte, d fullmakt.Document) []byte {
	b = appendText(appendText(b, string(d.Kind)), d.ID)
	b = binary.AppendUvarint(b, uint64(len(d.Parties)))
	for _, p := range d.Parties {
		b = binary.AppendUvarint(b, uint64(p))
	}
	return append(binary.AppendUvarint(b, uint64(len(d.Body))), d.Body...)
}

// factReader reads what appendFacts wrote. After the first thing that cannot be
// read it yields zeros.
type factReader struct {
	rest []byte
	bad  bool
}

func (r *factReader) number() uint64 {
	v, n := binary.Uvarint(r.rest)
	return v * r.took(n)
}

func (r *factReader) signed() int64 {
	v, n := binary.Varint(r.rest)
	return v * int64(r.took(n))
}

// took drops n bytes and returns 1, or 0 when there was nothing to read.
func (r *factReader) took(n int) uint64 {
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return 1
}

func (r *factReader) party() fullmakt.PartyNo { return fullmakt.PartyNo(r.number()) }

// count reads the length of a list of things that take at least a byte each.
func (r *factReader) count() int {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return 0
	}
	return int(n)
}

// bytes reads a text; what it returns is part of what is read from.
func (r *factReader) bytes() []byte {
	n := r.count()
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *factReader) text() string { return string(r.bytes()) }

// decodeFacts reads section FACT into the snapshot.
func (s *Snapshot) decodeFacts(content []byte) error {
	r := &factReader{rest: content}
	s.rights, s.tables = newRights(), newTables()
	for range r.count() {
		s.rights.add(r.text(), r.text())
	}
	for range r.count() {
		s.tables.users.tree.Set(owned{owner: r.party(), user: r.party()})
	}
	for range r.count() {
		s.tables.putAgent(fullmakt.Agent{Provider: r.party(), Agent: r.party(), GivenBy: r.party(), Since: r.signed()})
	}
	for range r.count() {
		s.tables.putScopeGrant(fullmakt.ScopeGrant{
			From: r.party(), To: r.party(), Scheme: r.text(), Since: r.signed(),
			Valid: fullmakt.Interval{From: r.signed(), To: r.signed()}, GivenBy: r.party(), Basis: r.text(),
		})
	}
	for range r.count() {
		d := &Document{Since: fullmakt.Seq(r.number())}
		d.Kind, d.ID = fullmakt.DocumentKind(r.text()), r.text()
		for range r.count() {
			d.Parties = append(d.Parties, r.party())
		}
		d.Body = r.bytes()
		s.tables.putDocument(d)
	}
	for range r.count() {
		kind := fullmakt.DocumentKind(r.text())
		s.tables.documentSeqs[kind] = fullmakt.Seq(r.number())
	}
	if r.bad || len(r.rest) != 0 {
		return damaged("section FACT cannot be read")
	}
	return nil
}
