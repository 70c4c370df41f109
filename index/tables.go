package index

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/fullmakt/fullmakt"
)

// tables are the facts that lie beside the pages, found by what they are about:
// users by owner, agent relations, scope grants and documents. A plain check reads
// none of them.
type tables struct {
	users        ordered[owned]               // by owner and user
	agents       ordered[fullmakt.Agent]      // by provider and agent
	scopes       ordered[fullmakt.ScopeGrant] // by giver, receiver and scheme
	scopesTo     ordered[fullmakt.ScopeGrant] // by receiver, giver and scheme
	documents    ordered[*Document]           // by kind and id
	documentsOf  ordered[documentOf]          // by party, kind and id
	documentSeqs map[fullmakt.DocumentKind]fullmakt.Seq
}

// Document is a document with the revision that this version of it is from. It
// is a log change as well: a Builder and Apply take it for a fullmakt.Document
// whose revision is known.
type Document struct {
	fullmakt.Document
	Since fullmakt.Seq
}

type documentOf struct {
	party fullmakt.PartyNo
	*Document
}

func compareAgents(a, b fullmakt.Agent) int {
	return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Agent, b.Agent))
}

func compareScopes(a, b fullmakt.ScopeGrant) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Scheme, b.Scheme))
}

func compareScopesTo(a, b fullmakt.ScopeGrant) int {
	return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.From, b.From), cmp.Compare(a.Scheme, b.Scheme))
}

func compareDocuments(a, b *Document) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}

func compareDocumentsOf(a, b documentOf) int {
	return cmp.Or(cmp.Compare(a.party, b.party), compareDocuments(a.Document, b.Document))
}

func newTables() *tables {
	return &tables{
		users:        newOrdered(compareOwned),
		agents:       newOrdered(compareAgents),
		scopes:       newOrdered(compareScopes),
		scopesTo:     newOrdered(compareScopesTo),
		documents:    newOrdered(compareDocuments),
		documentsOf:  newOrdered(compareDocumentsOf),
		documentSeqs: map[fullmakt.DocumentKind]fullmakt.Seq{},
	}
}

// edit returns a copy that may be changed.
func (t *tables) edit() *tables {
	return &tables{
		users:        t.users.edit(),
		agents:       t.agents.edit(),
		scopes:       t.scopes.edit(),
		scopesTo:     t.scopesTo.edit(),
		documents:    t.documents.edit(),
		documentsOf:  t.documentsOf.edit(),
		documentSeqs: maps.Clone(t.documentSeqs),
	}
}

func (t *tables) putAgent(a fullmakt.Agent) {
	if a.Ended {
		t.agents.tree.Delete(a)
	} else {
		t.agents.tree.Set(a)
	}
}

func (t *tables) putScopeGrant(g fullmakt.ScopeGrant) {
	if g.Ended {
		t.scopes.tree.Delete(g)
		t.scopesTo.tree.Delete(g)
	} else {
		t.scopes.tree.Set(g)
		t.scopesTo.tree.Set(g)
	}
}

func (t *tables) putDocument(d *Document) {
	t.dropDocument(d)
	t.documentSeqs[d.Kind] = max(t.documentSeqs[d.Kind], d.Since)
	if d.Ended {
		return
	}
	t.documents.tree.Set(d)
	for _, p := range d.Parties {
		t.documentsOf.tree.Set(documentOf{p, d})
	}
}

// dropDocument takes out the document with d's kind and id.
func (t *tables) dropDocument(d *Document) {
	old, found := t.documents.tree.Delete(d)
	if !found {
		return
	}
	for _, p := range old.Parties {
		t.documentsOf.tree.Delete(documentOf{p, old})
	}
}

// removeUnless takes out the users, agent relations and scope grants of parties
// for which known does not hold.
func (t *tables) removeUnless(known func(fullmakt.PartyNo) bool) {
	t.users.removeIf(func(u owned) bool { return !known(u.owner) || !known(u.user) })
	t.agents.removeIf(func(a fullmakt.Agent) bool { return !known(a.Provider) || !known(a.Agent) })
	strange := func(g fullmakt.ScopeGrant) bool { return !known(g.From) || !known(g.To) }
	t.scopes.removeIf(strange)
	t.scopesTo.removeIf(strange)
}

// removeDocuments takes out the documents about a party, at revision seq.
func (t *tables) removeDocuments(p fullmakt.PartyNo, seq fullmakt.Seq) {
	var gone []*Document
	t.documentsOf.tree.Ascend(documentOf{p, &Document{}}, func(d documentOf) bool {
		if d.party == p {
			gone = append(gone, d.Document)
		}
		return d.party == p
	})
	for _, d := range gone {
		t.dropDocument(d)
		t.documentSeqs[d.Kind] = max(t.documentSeqs[d.Kind], seq)
	}
}

// Agent returns the relation by which a provider has an agent, while it is in
// force (rule CLIENT-1).
func (s *Snapshot) Agent(provider, agent fullmakt.PartyNo) (fullmakt.Agent, bool) {
	return s.tables.agents.tree.Get(fullmakt.Agent{Provider: provider, Agent: agent})
}

// ScopeGrants returns the scope grants that an organisation gave and that have
// not ended, by receiver and scheme; their last day may have passed.
func (s *Snapshot) ScopeGrants(from fullmakt.PartyNo) iter.Seq[fullmakt.ScopeGrant] {
	return s.tables.scopes.from(fullmakt.ScopeGrant{From: from}, func(g fullmakt.ScopeGrant) bool { return g.From == from })
}

// ScopeGrantsTo returns the scope grants that an organisation received and that
// have not ended, by giver and scheme; their last day may have passed.
func (s *Snapshot) ScopeGrantsTo(to fullmakt.PartyNo) iter.Seq[fullmakt.ScopeGrant] {
	return s.tables.scopesTo.from(fullmakt.ScopeGrant{To: to}, func(g fullmakt.ScopeGrant) bool { return g.To == to })
}

// AllScopeGrants returns every scope grant that has not ended, by giver, receiver
// and scheme; their last day may have passed.
func (s *Snapshot) AllScopeGrants() iter.Seq[fullmakt.ScopeGrant] { return s.tables.scopes.tree.Scan }

// ScopeGrant returns the scope grant of a scheme from one organisation to
// another, unless it has ended; its last day may have passed.
func (s *Snapshot) ScopeGrant(from, to fullmakt.PartyNo, scheme string) (fullmakt.ScopeGrant, bool) {
	return s.tables.scopes.tree.Get(fullmakt.ScopeGrant{From: from, To: to, Scheme: scheme})
}

// Document returns a document, unless it has ended. It is part of the snapshot
// and must not be changed; its Body and Parties neither.
func (s *Snapshot) Document(kind fullmakt.DocumentKind, id string) (*Document, bool) {
	return s.tables.documents.tree.Get(&Document{Document: fullmakt.Document{Kind: kind, ID: id}})
}

// Documents returns the documents of a kind that have not ended, by id.
func (s *Snapshot) Documents(kind fullmakt.DocumentKind) iter.Seq[*Document] {
	return s.DocumentsFrom(kind, "")
}

// DocumentsFrom returns those of them whose id is not before one, which need not
// be there: for lists in pages.
func (s *Snapshot) DocumentsFrom(kind fullmakt.DocumentKind, id string) iter.Seq[*Document] {
	first := &Document{Document: fullmakt.Document{Kind: kind, ID: id}}
	return s.tables.documents.from(first, func(d *Document) bool { return d.Kind == kind })
}

// DocumentsOf returns the documents of a kind that are about a party and have not
// ended, by id.
func (s *Snapshot) DocumentsOf(kind fullmakt.DocumentKind, p fullmakt.PartyNo) iter.Seq[*Document] {
	first := documentOf{p, &Document{Document: fullmakt.Document{Kind: kind}}}
	return func(yield func(*Document) bool) {
		s.tables.documentsOf.tree.Ascend(first, func(d documentOf) bool {
			return d.party == p && d.Kind == kind && yield(d.Document)
		})
	}
}

// DocumentsSeq returns the revision of the latest change of any document of a
// kind, 0 when there was none. It serves a cache that follows the snapshots of
// one node, each made by Apply from the one before: what was read from the
// documents of the kind is good as long as it stays the same. Across snapshots of
// other origins, the key of one version of a document is its kind, id and Since.
func (s *Snapshot) DocumentsSeq(kind fullmakt.DocumentKind) fullmakt.Seq {
	return s.tables.documentSeqs[kind]
}

// documentKinds returns the kinds of which there were documents, sorted.
func (t *tables) documentKinds() []fullmakt.DocumentKind {
	return slices.Sorted(maps.Keys(t.documentSeqs))
}
