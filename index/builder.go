package index

import (
	"cmp"
	"iter"
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
	pages  []*page           // &nowhere where nobody is known
	spans  []*[pageSize]span // of each organisation's roles in roles, page by page; nil where there is none
	roles  []Edge
	grants map[grantKey]Grant
	// delegations are those in force, without GivenBy, and who gave them.
	delegations map[fullmakt.ClientDelegation]fullmakt.PartyNo
	tables      *tables
	purged      []fullmakt.PartyNo
	ids         *identifiers
}

type span struct{ at, n uint32 }

type grantKey struct {
	from, to fullmakt.PartyNo
	what     string
}

func keyOf(g fullmakt.Grant) grantKey {
	return grantKey{g.From, g.To, g.Package + "\x00" + string(g.Role) + "\x00" + g.Resource + "\x00" + g.Right}
}

// NewBuilder returns an empty builder whose roles mean what c says.
func NewBuilder(c *catalogue.Catalogue) *Builder {
	return &Builder{
		vocabulary:  newVocabulary(c, nil, nil, newRights()),
		grants:      map[grantKey]Grant{},
		delegations: map[fullmakt.ClientDelegation]fullmakt.PartyNo{},
		tables:      newTables(),
		ids:         newIdentifiers(),
	}
}

func (b *Builder) page(p fullmakt.PartyNo) *page {
	i := int(p >> pageBits)
	if grow := i + 1 - len(b.pages); grow > 0 {
		b.pages = append(b.pages, slices.Repeat([]*page{&nowhere}, grow)...)
		b.spans = append(b.spans, make([]*[pageSize]span, grow)...)
	}
	if b.pages[i] == &nowhere {
		b.pages[i] = new(page)
	}
	b.last = max(b.last, p)
	return b.pages[i]
}

// knownPages yields the pages on which somebody is known, by number: of the parties that
// one question needs, few among many.
func (b *Builder) knownPages() iter.Seq2[int, *page] {
	return func(yield func(int, *page) bool) {
		for i, pg := range b.pages {
			if pg != &nowhere && !yield(i, pg) {
				return
			}
		}
	}
}

// span returns where an organisation's roles stand; its page is there.
func (b *Builder) span(p fullmakt.PartyNo) *span {
	spans := &b.spans[p>>pageBits]
	if *spans == nil {
		*spans = new([pageSize]span)
	}
	return &(*spans)[p&pageMask]
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
		setEnterpriseUser(b.tables, &b.page(ch.Party).nodes[ch.Party&pageMask], ch)
	case fullmakt.SystemUser:
		setSystemUser(b.tables, &b.page(ch.Party).nodes[ch.Party&pageMask], ch)
	case fullmakt.Grant:
		if takenBack(ch) {
			delete(b.grants, keyOf(ch))
		} else {
			b.grants[keyOf(ch)] = b.grant(ch)
		}
	case fullmakt.Agent:
		b.tables.putAgent(ch)
	case fullmakt.ClientDelegation:
		key := ch
		key.GivenBy, key.Ended, key.Cause = 0, false, fullmakt.CauseNone
		if ch.Ended {
			delete(b.delegations, key)
		} else {
			b.delegations[key] = ch.GivenBy
		}
	case fullmakt.ScopeGrant:
		b.tables.putScopeGrant(ch)
	case fullmakt.Document:
		b.tables.putDocument(&Document{Document: ch})
	case Document:
		b.tables.putDocument(&ch)
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
	*b.span(o.Party) = span{uint32(len(b.roles)), uint32(len(o.Roles))}
	for _, r := range o.Roles {
		b.roles = append(b.roles, b.edge(r))
	}
}

func (b *Builder) purge(p fullmakt.PartyNo) {
	b.purged = append(b.purged, p)
	pg := b.page(p)
	if key, ok := nodeKey(pg, p); ok {
		b.ids.remove(key, nil)
	}
	pg.nodes[p&pageMask], pg.details[p&pageMask] = Node{}, detail{}
	*b.span(p) = span{}
}

func (b *Builder) kind(p fullmakt.PartyNo) fullmakt.PartyKind { return kindOf(b.pages, p) }

func (b *Builder) known(p fullmakt.PartyNo) bool { return b.kind(p) != fullmakt.KindUnknown }

// Build lays out the snapshot. Facts that name parties that are not known,
// because they were purged or are not of interest, are left out, and documents
// about parties that were purged. A document that was added without its revision
// is taken to be as old as the snapshot.
func (b *Builder) Build(seq fullmakt.Seq, at time.Time) *Snapshot {
	b.sealTables(seq)
	b.layHolders(b.relations())
	b.layHeld()
	for _, pg := range b.knownPages() {
		pg.names = slices.Clip(pg.names)
	}
	return &Snapshot{
		seq: seq, at: at, catalogue: b.catalogue, terms: newTerms(b.catalogue), last: b.last, pages: b.pages, hot: hotPages(b.pages), ids: b.ids.seal(),
		extraRoles: b.extraRoles, extraForms: b.extraForms, rights: b.rights, tables: b.tables,
	}
}

// sealTables leaves out what names parties that are not known, or for documents
// that were purged, and fills in the revisions of documents that came without.
func (b *Builder) sealTables(seq fullmakt.Seq) {
	b.tables.removeUnless(b.known)
	for _, p := range b.purged {
		b.tables.removeDocuments(p, seq)
	}
	b.tables.documents.tree.Scan(func(d *Document) bool {
		if d.Since == 0 {
			d.Since = seq
			b.tables.documentSeqs[d.Kind] = seq
		}
		return true
	})
	for kind, since := range b.tables.documentSeqs {
		if len(b.purged) > 0 || since == 0 { // when a document went is not known
			b.tables.documentSeqs[kind] = seq
		}
	}
}

// relation is an edge among the holders of a party that is not a role.
type relation struct {
	at   fullmakt.PartyNo
	edge Edge
}

// relations puts the grants and client delegations between known parties on
// their pages, and returns the edges that stand for them and for the agent
// relations: sorted by party, each once.
func (b *Builder) relations() []relation {
	var out []relation
	add := func(at, holder fullmakt.PartyNo, role uint16) {
		e := Edge{Party: holder, bits: role}
		if b.kind(holder) == fullmakt.KindOrganisation {
			e.bits |= edgeOrg
		}
		if r := (relation{at, e}); len(out) == 0 || out[len(out)-1] != r {
			out = append(out, r)
		}
	}
	grants := make([]Grant, 0, len(b.grants))
	for _, g := range b.grants {
		if b.known(g.From) && b.known(g.To) {
			grants = append(grants, g)
		}
	}
	slices.SortFunc(grants, compareGrants)
	for _, g := range grants {
		pg := b.page(g.From)
		pg.grants = append(pg.grants, g)
		add(g.From, g.To, roleGrant)
	}
	delegations := make([]ClientDelegation, 0, len(b.delegations))
	for d, givenBy := range b.delegations {
		if b.known(d.Provider) && b.known(d.Client) && b.known(d.Agent) {
			d.GivenBy = givenBy
			delegations = append(delegations, b.delegation(d))
		}
	}
	slices.SortFunc(delegations, compareDelegations)
	for _, d := range delegations {
		pg := b.page(d.Client)
		pg.delegations = append(pg.delegations, d)
		add(d.Client, d.Agent, roleClient)
	}
	b.tables.agents.tree.Scan(func(a fullmakt.Agent) bool {
		add(a.Provider, a.Agent, roleAgent)
		return true
	})
	slices.SortStableFunc(out, func(a, b relation) int { return cmp.Compare(a.at, b.at) })
	return out
}

// layHolders writes the holders of every party, page by page, and counts what
// each party holds.
func (b *Builder) layHolders(relations []relation) {
	var scratch []Edge
	for i, pg := range b.knownPages() {
		spans := b.spans[i]
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
			if spans != nil {
				s := spans[j]
				scratch = b.held(scratch, b.roles[s.at:s.at+s.n])
				scratch = b.derive(scratch, n.Form)
			}
			for len(relations) > 0 && relations[0].at == p {
				scratch = append(scratch, relations[0].edge)
				relations = relations[1:]
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

// held appends the edges whose holder is known to dst, marked when the holder is
// an organisation.
func (b *Builder) held(dst, edges []Edge) []Edge {
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

// layHeld writes the other end of every edge, into room counted by layHolders.
func (b *Builder) layHeld() {
	for _, pg := range b.knownPages() {
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
	for i, pg := range b.knownPages() {
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
	for _, pg := range b.knownPages() {
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

func setEnterpriseUser(t *tables, n *Node, u fullmakt.EnterpriseUser) {
	t.moveUser(u.Party, n.Parent, u.Owner)
	n.Parent, n.State = u.Owner, 0
	if u.Ended {
		n.State = fullmakt.Deleted
	}
}

func setSystemUser(t *tables, n *Node, u fullmakt.SystemUser) {
	t.moveUser(u.Party, n.Parent, u.Owner)
	n.Parent, n.State = u.Owner, 0
	if u.Ended {
		n.State = fullmakt.Deleted
	}
	n.Flags &^= AgentSystem
	if u.Agent {
		n.Flags |= AgentSystem
	}
}

// takenBack reports whether a grant ended otherwise than by its own date. One that
// ended by its date is kept: its interval says all that a decision needs.
func takenBack(g fullmakt.Grant) bool { return g.Ended && g.Cause != fullmakt.CauseExpired }

func (v *vocabulary) grant(g fullmakt.Grant) Grant {
	out := Grant{From: g.From, To: g.To, ECKEY: g.Role == fullmakt.ECKEY, Recorded: g.Ended, Valid: g.Valid, GivenBy: g.GivenBy, Basis: g.Basis}
	out.Package, out.Unknown = v.pkg(g.Package)
	if g.Right != "" {
		out.Right = v.rights.add(g.Resource, g.Right)
	}
	return out
}

// pkg returns the id of a package, or NoPackage and the code of one that the
// catalogue lacks.
func (v *vocabulary) pkg(code string) (catalogue.PackageID, string) {
	if code == "" {
		return catalogue.NoPackage, ""
	}
	if p, ok := v.catalogue.FindPackage(code); ok {
		return p.ID, ""
	}
	return catalogue.NoPackage, code
}

func nameLen(s string) uint16 { return uint16(min(len(s), math.MaxUint16)) }
