package index

import (
	"math"
	"slices"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// Builder fills a Snapshot from the current state of a register. It keeps one
// flat copy of the roles while it collects, and lays out the pages once in
// Build; a Builder is used for one Build.
type Builder struct {
	*vocabulary
	last   fullmakt.PartyNo
	pages  []*page
	spans  []span // of each organisation's roles in roles, by party number
	roles  []Edge
	grants map[grantKey]Grant
	ids    *identifiers
}

type span struct{ at, n uint32 }

type grantKey struct {
	from, to fullmakt.PartyNo
	what     string
}

func keyOf(g fullmakt.Grant) grantKey {
	return grantKey{g.From, g.To, g.Package + "\x00" + string(g.Role)}
}

// NewBuilder returns an empty builder whose roles mean what c says.
func NewBuilder(c *catalogue.Catalogue) *Builder {
	return &Builder{
		vocabulary: newVocabulary(c, nil, nil),
		grants:     map[grantKey]Grant{},
		ids:        newIdentifiers(),
	}
}

func (b *Builder) page(p fullmakt.PartyNo) *page {
	i := int(p >> pageBits)
	for i >= len(b.pages) {
		b.pages = append(b.pages, new(page))
	}
	b.last = max(b.last, p)
	return b.pages[i]
}

// Add takes one change of the state. Changes may come in any order, except that
// a later one with the same identity replaces the earlier, and a Purge stands
// after what it removes.
func (b *Builder) Add(ch fullmakt.Change) {
	switch ch := ch.(type) {
	case fullmakt.Party:
		b.addParty(ch)
	case fullmakt.Organisation:
		b.addOrganisation(ch)
	case fullmakt.Person:
		setDead(&b.page(ch.Party).nodes[ch.Party&pageMask], ch.Dead)
	case fullmakt.EnterpriseUser:
		setEnterpriseUser(&b.page(ch.Party).nodes[ch.Party&pageMask], ch)
	case fullmakt.Grant:
		if ch.Ended {
			delete(b.grants, keyOf(ch))
		} else {
			b.grants[keyOf(ch)] = b.grant(ch)
		}
	case fullmakt.Purge:
		b.purge(ch.Party)
	case fullmakt.Feed, fullmakt.CatalogueUse:
		// Of interest to the node, not to a decision.
	}
}

func (b *Builder) addParty(p fullmakt.Party) {
	pg := b.page(p.No)
	setParty(pg, p)
	d := &pg.details[p.No&pageMask]
	d.nameAt, d.nameLen = uint32(len(pg.names)), nameLen(p.Name)
	pg.names = append(pg.names, p.Name[:d.nameLen]...)
	if key, ok := identKey(p.ID); ok {
		b.ids.set(key, p.No, nil)
	}
}

func (b *Builder) addOrganisation(o fullmakt.Organisation) {
	pg := b.page(o.Party)
	setOrganisation(b.vocabulary, pg, o)
	for int(o.Party) >= len(b.spans) {
		b.spans = append(b.spans, span{})
	}
	b.spans[o.Party] = span{uint32(len(b.roles)), uint32(len(o.Roles))}
	for _, r := range o.Roles {
		b.roles = append(b.roles, b.edge(r))
	}
}

func (b *Builder) purge(p fullmakt.PartyNo) {
	pg := b.page(p)
	if key, ok := nodeKey(pg, p); ok {
		b.ids.remove(key, nil)
	}
	pg.nodes[p&pageMask], pg.details[p&pageMask] = Node{}, detail{}
	if int(p) < len(b.spans) {
		b.spans[p] = span{}
	}
}

func (b *Builder) kind(p fullmakt.PartyNo) fullmakt.PartyKind { return kindOf(b.pages, p) }

// Build lays out the snapshot. Edges to parties that are not known, because they
// were purged, are left out.
func (b *Builder) Build(seq fullmakt.Seq, at time.Time) *Snapshot {
	b.layHolders(b.sortedGrants())
	b.layHeld()
	for _, pg := range b.pages {
		pg.names = slices.Clip(pg.names)
	}
	return &Snapshot{
		seq: seq, at: at, catalogue: b.catalogue, terms: newTerms(b.catalogue), last: b.last, pages: b.pages, hot: hotPages(b.pages), ids: b.ids.seal(),
		extraRoles: b.extraRoles, extraForms: b.extraForms,
	}
}

// sortedGrants returns the grants between known parties, sorted, and puts each
// on its page.
func (b *Builder) sortedGrants() []Grant {
	grants := make([]Grant, 0, len(b.grants))
	for _, g := range b.grants {
		if b.kind(g.From) != fullmakt.KindUnknown && b.kind(g.To) != fullmakt.KindUnknown {
			grants = append(grants, g)
		}
	}
	slices.SortFunc(grants, compareGrants)
	for _, g := range grants {
		pg := b.page(g.From)
		pg.grants = append(pg.grants, g)
	}
	return grants
}

// layHolders writes the holders of every party, page by page, and counts what
// each party holds.
func (b *Builder) layHolders(grants []Grant) {
	var scratch []Edge
	for i, pg := range b.pages {
		for j := range pg.nodes {
			p := fullmakt.PartyNo(i<<pageBits + j)
			n := &pg.nodes[j]
			if n.Kind == fullmakt.KindUnknown {
				*n, pg.details[j] = Node{}, detail{}
				continue
			}
			if n.Parent != 0 && b.kind(n.Parent) == fullmakt.KindUnknown {
				n.Parent = 0
			}
			scratch = scratch[:0]
			if int(p) < len(b.spans) {
				s := b.spans[p]
				scratch = b.known(scratch, b.roles[s.at:s.at+s.n])
				scratch = b.derive(scratch, n.Form)
			}
			for len(grants) > 0 && grants[0].From == p {
				e := b.grantEdge(grants[0])
				if k := len(scratch); k == 0 || scratch[k-1] != e {
					scratch = append(scratch, e)
				}
				grants = grants[1:]
			}
			slices.SortFunc(scratch, compareEdges)
			n.holdersAt, n.holders = uint32(len(pg.holders)), uint32(len(scratch))
			pg.holders = append(pg.holders, scratch...)
			for _, e := range scratch {
				b.page(e.Party).nodes[e.Party&pageMask].held++
			}
			if b.subUnit(n.Form) && n.Parent != 0 {
				b.page(n.Parent).nodes[n.Parent&pageMask].held++
			}
		}
		pg.holders = slices.Clip(pg.holders)
	}
}

// known appends the edges whose holder is known to dst, marked when the holder
// is an organisation.
func (b *Builder) known(dst, edges []Edge) []Edge {
	for _, e := range edges {
		switch b.kind(e.Party) {
		case fullmakt.KindUnknown:
			continue
		case fullmakt.KindOrganisation:
			e.bits |= edgeOrg
		}
		dst = append(dst, e)
	}
	return dst
}

func (b *Builder) grantEdge(g Grant) Edge {
	e := Edge{Party: g.To, bits: roleGrant}
	if b.kind(g.To) == fullmakt.KindOrganisation {
		e.bits |= edgeOrg
	}
	return e
}

// layHeld writes the other end of every edge, into room counted by layHolders.
func (b *Builder) layHeld() {
	for _, pg := range b.pages {
		total := uint32(0)
		for j := range pg.nodes {
			n := &pg.nodes[j]
			n.heldAt = total
			total += n.held
			n.held = 0
		}
		pg.held = make([]Edge, total)
	}
	put := func(p fullmakt.PartyNo, e Edge) {
		pg := b.pages[p>>pageBits]
		n := &pg.nodes[p&pageMask]
		pg.held[n.heldAt+n.held] = e
		n.held++
	}
	for i, pg := range b.pages {
		for j := range pg.nodes {
			p := fullmakt.PartyNo(i<<pageBits + j)
			n := &pg.nodes[j]
			for _, e := range pg.holdersOf(n) {
				put(e.Party, Edge{Party: p, bits: e.bits, since: e.since})
			}
			if b.subUnit(n.Form) && n.Parent != 0 {
				put(n.Parent, childEdge(p))
			}
		}
	}
	for _, pg := range b.pages {
		for j := range pg.nodes {
			if held := pg.heldBy(&pg.nodes[j]); len(held) > 1 {
				slices.SortFunc(held, compareEdges)
			}
		}
	}
}

func childEdge(p fullmakt.PartyNo) Edge { return Edge{Party: p, bits: roleChild | edgeOrg} }

// setParty writes all of a party but its name.
func setParty(pg *page, p fullmakt.Party) {
	n, d := &pg.nodes[p.No&pageMask], &pg.details[p.No&pageMask]
	n.Kind = p.ID.Kind
	switch {
	case p.ID.Uncertain():
		n.Flags |= Uncertain
		d.ident = uint64(uint32(p.ID.Born))
	case p.ID.Kind == fullmakt.KindPerson:
		n.Flags &^= Uncertain
		d.ident = uint64(p.ID.Person)
	default:
		d.ident = uint64(p.ID.Org)
	}
}

// nodeKey returns the identifier key of a party on its page.
func nodeKey(pg *page, p fullmakt.PartyNo) (uint64, bool) {
	n, d := &pg.nodes[p&pageMask], &pg.details[p&pageMask]
	switch {
	case n.Kind == fullmakt.KindOrganisation:
		return organisationTag + d.ident, true
	case n.Kind == fullmakt.KindPerson && n.Flags&Uncertain == 0:
		return d.ident, true
	}
	return 0, false
}

func setOrganisation(v *vocabulary, pg *page, o fullmakt.Organisation) {
	n, d := &pg.nodes[o.Party&pageMask], &pg.details[o.Party&pageMask]
	n.Form, d.extraForm = v.form(o.Form)
	n.Parent, n.State = o.Parent, o.State
	d.deletedOn, d.source = o.DeletedOn, o.Source
}

func setDead(n *Node, dead bool) {
	n.Flags &^= Dead
	if dead {
		n.Flags |= Dead
	}
}

func setEnterpriseUser(n *Node, u fullmakt.EnterpriseUser) {
	n.Parent, n.State = u.Owner, 0
	if u.Ended {
		n.State = fullmakt.Deleted
	}
}

func (v *vocabulary) grant(g fullmakt.Grant) Grant {
	out := Grant{From: g.From, To: g.To, Package: catalogue.NoPackage, ECKEY: g.Role == fullmakt.ECKEY, Valid: g.Valid, GivenBy: g.GivenBy}
	if g.Package != "" {
		if p, ok := v.catalogue.FindPackage(g.Package); ok {
			out.Package = p.ID
		} else {
			out.Unknown = g.Package
		}
	}
	return out
}

func nameLen(s string) uint16 { return uint16(min(len(s), math.MaxUint16)) }
