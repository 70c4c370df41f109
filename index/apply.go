package index

import (
	"slices"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Apply returns the snapshot after changes, in the order they are given. It
// copies the pages that a change touches and shares all others with s, which
// stays as it is.
func (s *Snapshot) Apply(seq fullmakt.Seq, at time.Time, changes []fullmakt.Change) *Snapshot {
	e := &editor{
		vocabulary: newVocabulary(s.catalogue, s.extraRoles, s.extraForms, s.rights.edit()),
		seq:        seq,
		tables:     s.tables,
		last:       s.last,
		pages:      slices.Clone(s.pages),
		owned:      map[int]bool{},
		ids:        s.ids.clone(),
		ownedIDs:   map[*idPage]bool{},
		holders:    map[fullmakt.PartyNo][]Edge{},
		held:       map[fullmakt.PartyNo][]Edge{},
		names:      map[fullmakt.PartyNo]string{},
	}
	for _, ch := range changes {
		e.change(ch)
	}
	e.relay()
	hot := append(make([]hotPage, 0, len(e.pages)), s.hot...)[:len(e.pages)]
	for i := range e.owned {
		hot[i] = e.pages[i].hot()
	}
	return &Snapshot{
		seq: seq, at: at, catalogue: s.catalogue, terms: s.terms, last: e.last, pages: e.pages, hot: hot, ids: e.ids.seal(),
		extraRoles: e.extraRoles, extraForms: e.extraForms, rights: e.rights, tables: e.tables,
	}
}

// editor is one Apply at work. The edges of touched parties are taken out of
// their pages into the maps, changed there, and laid back once at the end.
type editor struct {
	*vocabulary
	seq      fullmakt.Seq
	tables   *tables // those of the snapshot, until editTables
	edited   bool
	last     fullmakt.PartyNo
	pages    []*page
	owned    map[int]bool // pages copied already
	ids      *identifiers
	ownedIDs map[*idPage]bool
	holders  map[fullmakt.PartyNo][]Edge
	held     map[fullmakt.PartyNo][]Edge
	names    map[fullmakt.PartyNo]string
}

// page returns a page that may be changed.
func (e *editor) page(p fullmakt.PartyNo) *page {
	i := int(p >> pageBits)
	for i >= len(e.pages) {
		e.owned[len(e.pages)] = true
		e.pages = append(e.pages, new(page))
	}
	if !e.owned[i] {
		e.owned[i] = true
		fresh := *e.pages[i]
		fresh.grants = slices.Clone(fresh.grants)
		fresh.delegations = slices.Clone(fresh.delegations)
		e.pages[i] = &fresh
	}
	e.last = max(e.last, p)
	return e.pages[i]
}

func (e *editor) node(p fullmakt.PartyNo) *Node { return &e.page(p).nodes[p&pageMask] }

// editTables returns tables that may be changed.
func (e *editor) editTables() *tables {
	if !e.edited {
		e.tables, e.edited = e.tables.edit(), true
	}
	return e.tables
}

func (e *editor) kind(p fullmakt.PartyNo) fullmakt.PartyKind { return kindOf(e.pages, p) }

func (e *editor) known(p fullmakt.PartyNo) bool { return e.kind(p) != fullmakt.KindUnknown }

func (e *editor) holdersOf(p fullmakt.PartyNo) []Edge {
	list, ok := e.holders[p]
	if !ok {
		pg := e.page(p)
		list = slices.Clone(pg.holdersOf(&pg.nodes[p&pageMask]))
		e.holders[p] = list
	}
	return list
}

func (e *editor) heldBy(p fullmakt.PartyNo) []Edge {
	list, ok := e.held[p]
	if !ok {
		pg := e.page(p)
		list = slices.Clone(pg.heldBy(&pg.nodes[p&pageMask]))
		e.held[p] = list
	}
	return list
}

// link and unlink put in or take out the held end of an edge.
func (e *editor) link(p fullmakt.PartyNo, edge Edge) {
	list := e.heldBy(p)
	if i, found := slices.BinarySearchFunc(list, edge, compareEdges); !found {
		e.held[p] = slices.Insert(list, i, edge)
	}
}

func (e *editor) unlink(p fullmakt.PartyNo, edge Edge) {
	list := e.heldBy(p)
	if i, found := slices.BinarySearchFunc(list, edge, compareEdges); found {
		e.held[p] = slices.Delete(list, i, i+1)
	}
}

func (e *editor) change(ch fullmakt.Change) {
	switch ch := ch.(type) {
	case fullmakt.Party:
		e.party(ch)
	case fullmakt.Organisation:
		e.organisation(ch)
	case fullmakt.Person:
		if e.known(ch.Party) {
			setDead(e.node(ch.Party), ch.Dead)
		}
	case fullmakt.EnterpriseUser:
		if !e.known(ch.Party) {
			return
		}
		if !e.known(ch.Owner) {
			ch.Owner = 0
		}
		setEnterpriseUser(e.editTables(), e.node(ch.Party), ch)
	case fullmakt.SystemUser:
		if !e.known(ch.Party) {
			return
		}
		if !e.known(ch.Owner) {
			ch.Owner = 0
		}
		setSystemUser(e.editTables(), e.node(ch.Party), ch)
	case fullmakt.Grant:
		e.changeGrant(ch)
	case fullmakt.Agent:
		e.changeAgent(ch)
	case fullmakt.ClientDelegation:
		e.changeDelegation(ch)
	case fullmakt.ScopeGrant:
		if e.known(ch.From) && e.known(ch.To) {
			e.editTables().putScopeGrant(ch)
		}
	case fullmakt.Document:
		e.changeDocument(Document{ch, e.seq})
	case Document:
		e.changeDocument(ch)
	case fullmakt.Purge:
		e.purge(ch.Party)
	case fullmakt.Feed, fullmakt.CatalogueUse:
	}
}

func (e *editor) party(p fullmakt.Party) {
	pg := e.page(p.No)
	if old, ok := nodeKey(pg, p.No); ok {
		if key, same := identKey(p.ID); !same || key != old {
			e.ids.remove(old, e.ownedIDs)
		}
	}
	setParty(pg, p)
	e.names[p.No] = p.Name
	if key, ok := identKey(p.ID); ok {
		e.ids.set(key, p.No, e.ownedIDs)
	}
}

func (e *editor) organisation(o fullmakt.Organisation) {
	if !e.known(o.Party) {
		return // purged; a Builder leaves it out as well
	}
	n := e.node(o.Party)
	if e.subUnit(n.Form) && n.Parent != 0 {
		e.unlink(n.Parent, childEdge(o.Party))
	}
	if !e.known(o.Parent) {
		o.Parent = 0
	}
	setOrganisation(e.vocabulary, e.page(o.Party), o)
	if e.subUnit(n.Form) && n.Parent != 0 {
		e.link(n.Parent, childEdge(o.Party))
	}
	e.setRoles(o.Party, o.Roles)
}

// setRoles replaces an organisation's role edges, all others staying, and moves
// only the other ends that differ.
func (e *editor) setRoles(p fullmakt.PartyNo, roles []fullmakt.Role) {
	old := e.holdersOf(p)
	var next []Edge
	for _, r := range roles {
		edge := e.edge(r)
		switch e.kind(r.Holder) {
		case fullmakt.KindUnknown:
			continue
		case fullmakt.KindOrganisation:
			edge.bits |= edgeOrg
		}
		next = append(next, edge)
	}
	next = e.derive(next, e.node(p).Form)
	for _, edge := range old {
		if edge.Role() == 0 {
			next = append(next, edge)
		}
	}
	slices.SortFunc(next, compareEdges)
	e.holders[p] = next
	diff(old, next,
		func(gone Edge) { e.unlink(gone.Party, Edge{Party: p, bits: gone.bits, since: gone.since}) },
		func(come Edge) { e.link(come.Party, Edge{Party: p, bits: come.bits, since: come.since}) })
}

// diff calls gone and come for what differs between two sorted lists.
func diff(old, next []Edge, gone, come func(Edge)) {
	for len(old) > 0 || len(next) > 0 {
		switch {
		case len(next) == 0:
			gone(old[0])
			old = old[1:]
		case len(old) == 0:
			come(next[0])
			next = next[1:]
		default:
			switch c := compareEdges(old[0], next[0]); {
			case c < 0:
				gone(old[0])
				old = old[1:]
			case c > 0:
				come(next[0])
				next = next[1:]
			default:
				old, next = old[1:], next[1:]
			}
		}
	}
}

func (e *editor) changeGrant(g fullmakt.Grant) {
	if !e.known(g.From) || !e.known(g.To) {
		return
	}
	pg := e.page(g.From)
	pg.grants = put(pg.grants, e.grant(g), compareGrants, takenBack(g))
	e.setEdge(g.From, g.To, roleGrant, len(pg.grantsOf(g.From, g.To)) > 0)
}

// changeDocument takes a version of a document; one that is about a party that
// was purged says as little as one that has ended.
func (e *editor) changeDocument(d Document) {
	for _, p := range d.Parties {
		d.Ended = d.Ended || !e.known(p)
	}
	e.editTables().putDocument(&d)
}

// setEdge makes an edge that is not a role be there or not, at both ends: role is
// roleGrant, roleClient or roleAgent.
func (e *editor) setEdge(at, holder fullmakt.PartyNo, role uint16, want bool) {
	edge := Edge{Party: holder, bits: role}
	if e.kind(holder) == fullmakt.KindOrganisation {
		edge.bits |= edgeOrg
	}
	list := e.holdersOf(at)
	i, found := slices.BinarySearchFunc(list, edge, compareEdges)
	other := Edge{Party: at, bits: edge.bits}
	switch {
	case want && !found:
		e.holders[at] = slices.Insert(list, i, edge)
		e.link(holder, other)
	case !want && found:
		e.holders[at] = slices.Delete(list, i, i+1)
		e.unlink(holder, other)
	}
}

// purge takes a party out with every edge to and from it (rule LIFE-2).
func (e *editor) purge(p fullmakt.PartyNo) {
	pg := e.page(p)
	n := &pg.nodes[p&pageMask]
	if n.Kind == fullmakt.KindUnknown {
		return
	}
	if key, ok := nodeKey(pg, p); ok {
		e.ids.remove(key, e.ownedIDs)
	}
	for _, edge := range slices.Clone(e.holdersOf(p)) {
		e.unlink(edge.Party, Edge{Party: p, bits: edge.bits, since: edge.since})
	}
	if e.subUnit(n.Form) && n.Parent != 0 {
		e.unlink(n.Parent, childEdge(p))
	}
	for _, edge := range slices.Clone(e.heldBy(p)) {
		if edge.SubUnit() {
			e.node(edge.Party).Parent = 0
			continue
		}
		e.holders[edge.Party] = slices.DeleteFunc(e.holdersOf(edge.Party), func(x Edge) bool { return x.Party == p })
		switch at := e.page(edge.Party); {
		case edge.Grant():
			at.grants = slices.DeleteFunc(at.grants, func(g Grant) bool { return g.From == edge.Party && g.To == p })
		case edge.Client():
			at.delegations = slices.DeleteFunc(at.delegations, func(d ClientDelegation) bool { return d.Client == edge.Party && d.Agent == p })
		}
	}
	pg.grants = slices.DeleteFunc(pg.grants, func(g Grant) bool { return g.From == p || g.To == p })
	pg.delegations = slices.DeleteFunc(pg.delegations, func(d ClientDelegation) bool { return d.Client == p || d.Agent == p })
	e.purgeProvider(p)
	e.editTables().removeUnless(func(q fullmakt.PartyNo) bool { return q != p })
	e.tables.removeDocuments(p, e.seq)
	e.dropParents(p)
	e.holders[p], e.held[p], e.names[p] = nil, nil, ""
	pg.nodes[p&pageMask] = Node{holdersAt: n.holdersAt, heldAt: n.heldAt}
	pg.details[p&pageMask] = detail{}
}

// dropParents clears the parent of units that are not sub-units and so have no
// edge from p, such as a municipality's departments. Purges are rare, so a walk
// over the nodes is fine.
func (e *editor) dropParents(p fullmakt.PartyNo) {
	for i := range e.pages {
		for j := range e.pages[i].nodes {
			if e.pages[i].nodes[j].Parent == p {
				no := fullmakt.PartyNo(i<<pageBits + j)
				e.node(no).Parent = 0
			}
		}
	}
}

// relay lays the edges and names of touched parties back into their pages.
func (e *editor) relay() {
	byPage := map[int]bool{}
	for p := range e.holders {
		byPage[int(p>>pageBits)] = true
	}
	for p := range e.held {
		byPage[int(p>>pageBits)] = true
	}
	for p := range e.names {
		byPage[int(p>>pageBits)] = true
	}
	for i := range byPage {
		e.relayPage(i, e.page(fullmakt.PartyNo(i<<pageBits)))
	}
}

func (e *editor) relayPage(i int, pg *page) {
	old := *pg
	pg.holders = make([]Edge, 0, len(old.holders)+4)
	pg.held = make([]Edge, 0, len(old.held)+4)
	pg.names = make([]byte, 0, len(old.names)+16)
	for j := range pg.nodes {
		p := fullmakt.PartyNo(i<<pageBits + j)
		n, d := &pg.nodes[j], &pg.details[j]
		holders, ok := e.holders[p]
		if !ok {
			holders = old.holdersOf(&old.nodes[j])
		}
		held, ok := e.held[p]
		if !ok {
			held = old.heldBy(&old.nodes[j])
		}
		name, ok := e.names[p]
		if !ok {
			name = string(old.names[d.nameAt : d.nameAt+uint32(d.nameLen)])
		}
		n.holdersAt, n.holders = uint32(len(pg.holders)), uint32(len(holders))
		n.heldAt, n.held = uint32(len(pg.held)), uint32(len(held))
		d.nameAt, d.nameLen = uint32(len(pg.names)), nameLen(name)
		pg.holders = append(pg.holders, holders...)
		pg.held = append(pg.held, held...)
		pg.names = append(pg.names, name[:d.nameLen]...)
	}
}
