package index

import (
	"cmp"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

const (
	pageBits = 9
	pageSize = 1 << pageBits
	pageMask = pageSize - 1
)

// Edge is one end of a relation: among the holders of an organisation it names
// who holds the role there, among what a party holds it names where.
type Edge struct {
	Party fullmakt.PartyNo
	bits  uint16 // role id and flags
	since uint16 // days since 31 December 1899, 0 for no date
}

// The flags above the role id in Edge.bits, and the role ids that are not roles.
const (
	edgeEnded   = 1 << 15
	edgeOrg     = 1 << 14 // the holder is an organisation (on both ends of the edge)
	edgeDerived = 1 << 13
	edgeRole    = edgeDerived - 1

	roleChild  = edgeRole     // a sub-unit, among what its main unit holds
	roleGrant  = edgeRole - 1 // one or more grants; see Snapshot.Grants
	roleClient = edgeRole - 2 // one or more client delegations; see Snapshot.Delegations
	roleAgent  = edgeRole - 3 // an agent relation; see Snapshot.Agent
	maxRole    = edgeRole - 4
)

// Role returns the role, or 0 when the edge is a grant, a client delegation, an
// agent relation or a sub-unit.
func (e Edge) Role() catalogue.RoleID {
	if r := e.bits & edgeRole; r <= maxRole {
		return catalogue.RoleID(r)
	}
	return 0
}

// Ended reports whether the role is deregistered (rule LIFE-1).
func (e Edge) Ended() bool { return e.bits&edgeEnded != 0 }

// HolderIsOrganisation reports whether an organisation holds the role.
func (e Edge) HolderIsOrganisation() bool { return e.bits&edgeOrg != 0 }

// Derived reports whether the role was derived from another by form (rule FORM-1).
func (e Edge) Derived() bool { return e.bits&edgeDerived != 0 }

// Grant reports whether the edge stands for the grants between the two parties.
func (e Edge) Grant() bool { return e.bits&edgeRole == roleGrant }

// Client reports whether the edge stands for the client delegations between a
// client, among whose holders it names the agent, and the agent, among what it
// holds the client.
func (e Edge) Client() bool { return e.bits&edgeRole == roleClient }

// Agent reports whether the edge stands for an agent relation: among the holders
// of a provider it names the agent, among what the agent holds the provider.
func (e Edge) Agent() bool { return e.bits&edgeRole == roleAgent }

// SubUnit reports whether the edge leads from a main unit to its sub-unit.
func (e Edge) SubUnit() bool { return e.bits&edgeRole == roleChild }

// Since returns the register's own date of the role, for show (rule TIME-1).
func (e Edge) Since() fullmakt.Date { return fullmakt.Date(e.since) }

func compareEdges(a, b Edge) int {
	return cmp.Or(cmp.Compare(a.bits&edgeRole, b.bits&edgeRole), cmp.Compare(a.Party, b.Party),
		cmp.Compare(a.bits, b.bits), cmp.Compare(a.since, b.since))
}

// Node is what the walk needs of a party. The zero Node is a party that is not
// known.
type Node struct {
	holdersAt, holders uint32 // where its edges lie in the page, and how many
	heldAt, held       uint32

	Parent fullmakt.PartyNo   // overordnet enhet; of an enterprise or system user its owner
	Form   catalogue.FormID   // 0 when the form is not in the catalogue
	Kind   fullmakt.PartyKind //
	State  fullmakt.OrgState  // of an enterprise or system user that has ended: Deleted
	Flags  NodeFlags

	_ [8]byte // so that none lies across two lines of the cache
}

// NodeFlags are facts about a party that are neither form nor state.
type NodeFlags uint8

// The flags.
const (
	Dead        NodeFlags = 1 << iota // a person who has died
	Uncertain                         // a person known only by birth date and name (rule OPEN-1)
	AgentSystem                       // an agent system user, which may be an agent and is given no packages itself
)

// detail is what is shown of a party.
type detail struct {
	ident     uint64 // organisation number, identity number, or for an uncertain person the birth date
	nameAt    uint32
	nameLen   uint16
	source    fullmakt.Source
	extraForm uint8 // 1 + index into Snapshot.extraForms, when the catalogue lacks the form
	deletedOn fullmakt.Date
}

// Grant is one grant in force, to come, or out of date, from the party on whose
// page it lies.
type Grant struct {
	From, To fullmakt.PartyNo
	Package  catalogue.PackageID // NoPackage for the key role ECKEY, a right, or a package not in the catalogue
	Unknown  string              // the package's code when the catalogue lacks it
	ECKEY    bool
	Recorded bool    // that its last day has passed is in the log; kept, so that a no can say so
	Right    RightID // a right to a resource, or 0
	Valid    fullmakt.Interval
	GivenBy  fullmakt.PartyNo
	Basis    string // why GivenBy could give it (rule GIVE-4)
}

func compareGrants(a, b Grant) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Package, b.Package), cmp.Compare(a.Unknown, b.Unknown),
		compareBool(a.ECKEY, b.ECKEY), cmp.Compare(a.Right, b.Right))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// page is 512 parties. What the garbage collector must follow stands first, so
// that it reads no further.
type page struct {
	holders     []Edge
	held        []Edge
	names       []byte
	grants      []Grant            // by giver, receiver and what is given
	delegations []ClientDelegation // by client, agent, provider and package
	nodes       [pageSize]Node
	details     [pageSize]detail
}

// hotPage is what a decision reads of a page, kept in a table of its own: so small
// that it stays in the processor's cache, where a page's own header would be one
// more miss for every party looked at.
type hotPage struct {
	nodes         *[pageSize]Node
	holders, held []Edge
}

func (p *page) hot() hotPage { return hotPage{&p.nodes, p.holders, p.held} }

// kindOf returns what a party is by its page among pages.
func kindOf(pages []*page, p fullmakt.PartyNo) fullmakt.PartyKind {
	if i := int(p >> pageBits); i < len(pages) {
		return pages[i].nodes[p&pageMask].Kind
	}
	return fullmakt.KindUnknown
}

func (p *page) holdersOf(n *Node) []Edge { return p.holders[n.holdersAt : n.holdersAt+n.holders] }
func (p *page) heldBy(n *Node) []Edge    { return p.held[n.heldAt : n.heldAt+n.held] }

// grantsOf returns the page's grants between two parties.
func (p *page) grantsOf(from, to fullmakt.PartyNo) []Grant {
	lo, _ := slices.BinarySearchFunc(p.grants, from, func(g Grant, from fullmakt.PartyNo) int {
		return cmp.Or(cmp.Compare(g.From, from), cmp.Compare(g.To, to), 1)
	})
	hi := lo
	for hi < len(p.grants) && p.grants[hi].From == from && p.grants[hi].To == to {
		hi++
	}
	return p.grants[lo:hi]
}
