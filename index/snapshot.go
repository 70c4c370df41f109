package index

import (
	"slices"
	"time"
	"unsafe"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// Snapshot is the register at one revision. It never changes.
type Snapshot struct {
	seq        fullmakt.Seq
	at         time.Time
	catalogue  *catalogue.Catalogue
	terms      *Terms
	last       fullmakt.PartyNo // the greatest party number seen
	pages      []*page
	hot        []hotPage // of each page
	ids        *identifiers
	extraRoles []fullmakt.RoleCode // codes the catalogue lacks, numbered after its own
	extraForms []fullmakt.OrgForm
	rights     rights
	tables     *tables
}

// Seq returns the revision.
func (s *Snapshot) Seq() fullmakt.Seq { return s.seq }

// At returns when the revision was made.
func (s *Snapshot) At() time.Time { return s.at }

// Catalogue returns the catalogue that gives roles their meaning.
func (s *Snapshot) Catalogue() *catalogue.Catalogue { return s.catalogue }

// Last returns the greatest party number; numbers from 1 to Last may be known.
func (s *Snapshot) Last() fullmakt.PartyNo { return s.last }

// Lookup returns the party with a public number: an organisation, or a person
// known by identity number. It returns 0 for any other identity.
func (s *Snapshot) Lookup(id fullmakt.PartyID) fullmakt.PartyNo {
	key, ok := identKey(id)
	if !ok {
		return 0
	}
	return s.ids.lookup(key)
}

// LookupPair looks up the two ends of a question, in little more time than one.
func (s *Snapshot) LookupPair(subject, object fullmakt.PartyID) (fullmakt.PartyNo, fullmakt.PartyNo) {
	a, okA := identKey(subject)
	b, okB := identKey(object)
	x, y := s.ids.lookupPair(a, b)
	if !okA {
		x = 0
	}
	if !okB {
		y = 0
	}
	return x, y
}

// Organisation returns the party with an organisation number, or 0.
func (s *Snapshot) Organisation(n fullmakt.OrgNumber) fullmakt.PartyNo {
	return s.ids.lookup(organisationTag + uint64(n))
}

// Person returns the party with an identity number, or 0.
func (s *Snapshot) Person(id fullmakt.NationalID) fullmakt.PartyNo { return s.ids.lookup(uint64(id)) }

// nowhere is the page of parties that are not known, wherever a snapshot of a few
// parties has nobody. It is never written to.
var nowhere page

// hotPages returns the table of what decisions read of the pages.
func hotPages(pages []*page) []hotPage {
	hot := make([]hotPage, len(pages))
	for i, pg := range pages {
		hot[i] = pg.hot()
	}
	return hot
}

func (s *Snapshot) page(p fullmakt.PartyNo) *page {
	if i := int(p >> pageBits); i < len(s.pages) {
		return s.pages[i]
	}
	return &nowhere
}

// Look returns a party's node, who holds what there, and what it holds itself.
// The slices are part of the snapshot and must not be changed. Holders are
// ordered by role and party; held likewise, with the sub-units of a main unit
// last. An unknown party has a zero node and no edges.
func (s *Snapshot) Look(p fullmakt.PartyNo) (n *Node, holders, held []Edge) {
	i := int(p >> pageBits)
	if i >= len(s.hot) {
		return &nowhere.nodes[0], nil, nil
	}
	h := &s.hot[i]
	n = &h.nodes[p&pageMask]
	return n, h.holders[n.holdersAt : n.holdersAt+n.holders], h.held[n.heldAt : n.heldAt+n.held]
}

// Node returns a party's node.
func (s *Snapshot) Node(p fullmakt.PartyNo) *Node {
	i := int(p >> pageBits)
	if i >= len(s.hot) {
		return &nowhere.nodes[0]
	}
	return &s.hot[i].nodes[p&pageMask]
}

// Grants returns the grants from one party to another, in force or not.
func (s *Snapshot) Grants(from, to fullmakt.PartyNo) []Grant { return s.page(from).grantsOf(from, to) }

// Kind returns what the party is, KindUnknown when it is not known.
func (s *Snapshot) Kind(p fullmakt.PartyNo) fullmakt.PartyKind { return s.Node(p).Kind }

// State returns the state of an organisation.
func (s *Snapshot) State(p fullmakt.PartyNo) fullmakt.OrgState { return s.Node(p).State }

// Name returns the party's name as its source wrote it.
func (s *Snapshot) Name(p fullmakt.PartyNo) string {
	pg := s.page(p)
	d := &pg.details[p&pageMask]
	return string(pg.names[d.nameAt : d.nameAt+uint32(d.nameLen)])
}

// ID returns the party's public identity, the zero PartyID when it is not known.
func (s *Snapshot) ID(p fullmakt.PartyNo) fullmakt.PartyID {
	pg := s.page(p)
	n, d := &pg.nodes[p&pageMask], &pg.details[p&pageMask]
	switch {
	case n.Kind == fullmakt.KindOrganisation:
		return fullmakt.OrganisationID(fullmakt.OrgNumber(d.ident))
	case n.Kind == fullmakt.KindPerson && n.Flags&Uncertain != 0:
		return fullmakt.OpenPersonID(fullmakt.Date(int32(d.ident)), s.Name(p))
	case n.Kind == fullmakt.KindPerson:
		return fullmakt.PersonID(fullmakt.NationalID(d.ident))
	case n.Kind == fullmakt.KindEnterpriseUser:
		return fullmakt.EnterpriseUserID(fullmakt.OrgNumber(d.ident), s.Name(p))
	case n.Kind == fullmakt.KindSystemUser:
		return fullmakt.PartyID{Kind: n.Kind, Org: fullmakt.OrgNumber(d.ident), Name: fullmakt.FoldName(s.Name(p))}
	}
	return fullmakt.PartyID{}
}

// Form returns the organisation form as the register writes it.
func (s *Snapshot) Form(p fullmakt.PartyNo) fullmakt.OrgForm {
	pg := s.page(p)
	if x := pg.details[p&pageMask].extraForm; x != 0 {
		return s.extraForms[x-1]
	}
	if f := pg.nodes[p&pageMask].Form; f != 0 {
		return s.catalogue.Form(f).Code
	}
	return ""
}

// DeletedOn returns the day an organisation was deleted, if it was and the day
// is known.
func (s *Snapshot) DeletedOn(p fullmakt.PartyNo) fullmakt.Date {
	return s.page(p).details[p&pageMask].deletedOn
}

// Source returns the feed whose role set an organisation carries.
func (s *Snapshot) Source(p fullmakt.PartyNo) fullmakt.Source {
	return s.page(p).details[p&pageMask].source
}

// RoleID returns the id of a role code in this snapshot: the catalogue's, or for
// a code that the catalogue lacks one of the snapshot's own. It returns 0 for a
// code never seen.
func (s *Snapshot) RoleID(code fullmakt.RoleCode) catalogue.RoleID {
	if id := s.catalogue.RoleID(code); id != 0 {
		return id
	}
	if i := slices.Index(s.extraRoles, code); i >= 0 {
		return catalogue.RoleID(len(s.catalogue.Roles()) + 1 + i)
	}
	return 0
}

// RoleCode returns the code of a role id, "" for one that is not known.
func (s *Snapshot) RoleCode(id catalogue.RoleID) fullmakt.RoleCode {
	known := len(s.catalogue.Roles())
	switch i := int(id) - 1 - known; {
	case id == 0 || i >= len(s.extraRoles):
		return ""
	case i >= 0:
		return s.extraRoles[i]
	}
	return s.catalogue.Role(id).Code
}

// UnknownRoles returns the role codes of the register that the catalogue lacks, in
// the order in which they were met. They are kept and confer nothing.
func (s *Snapshot) UnknownRoles() []fullmakt.RoleCode { return slices.Clone(s.extraRoles) }

// Stats counts what a snapshot holds and what it takes.
type Stats struct {
	Parties, Organisations, Persons, Users int
	Roles                                  int   // registered roles, derived ones not counted
	SubUnits                               int   // relations from main unit to sub-unit
	Grants                                 int   //
	Delegations                            int   // client delegations
	Agents                                 int   // agent relations
	ScopeGrants                            int   //
	Documents                              int   // not part of EdgeBytes or TotalBytes
	EdgeBytes                              int64 // both directions, their place in the nodes, and the identifiers
	TotalBytes                             int64 // everything, names included
}

// Relationships is the number of relations: roles, sub-units, grants, client
// delegations, agent relations.
func (t Stats) Relationships() int { return t.Roles + t.SubUnits + t.Grants + t.Delegations + t.Agents }

// Stats walks the snapshot and counts.
func (s *Snapshot) Stats() Stats {
	t := Stats{
		Agents:      s.tables.agents.tree.Len(),
		ScopeGrants: s.tables.scopes.tree.Len(),
		Documents:   s.tables.documents.tree.Len(),
	}
	const nodeSize, detailSize, edgeSize, slotSize = 32, 24, 8, 8
	const grantSize, delegationSize = int64(unsafe.Sizeof(Grant{})), int64(unsafe.Sizeof(ClientDelegation{}))
	const placeSize = 16 // offsets and counts of a node
	for _, pg := range s.pages {
		if pg == &nowhere {
			continue
		}
		edges := int64(cap(pg.holders)+cap(pg.held))*edgeSize + int64(cap(pg.grants))*grantSize + int64(cap(pg.delegations))*delegationSize
		t.TotalBytes += pageSize*(nodeSize+detailSize) + int64(cap(pg.names)) + edges
		t.EdgeBytes += edges
		t.Grants += len(pg.grants)
		t.Delegations += len(pg.delegations)
		for i := range pg.nodes {
			n := &pg.nodes[i]
			switch n.Kind {
			case fullmakt.KindUnknown:
				continue
			case fullmakt.KindOrganisation:
				t.Organisations++
			case fullmakt.KindPerson:
				t.Persons++
			default:
				t.Users++
			}
			t.Parties++
			t.EdgeBytes += placeSize
			for _, e := range pg.holdersOf(n) {
				if e.Role() != 0 && !e.Derived() {
					t.Roles++
				}
			}
			for _, e := range pg.heldBy(n) {
				if e.SubUnit() {
					t.SubUnits++
				}
			}
		}
	}
	seen := map[*idPage]bool{}
	for _, p := range s.ids.pages {
		if !seen[p] {
			seen[p] = true
			t.EdgeBytes += int64(cap(p.slots)) * slotSize
			t.TotalBytes += int64(cap(p.slots)) * slotSize
		}
	}
	return t
}
