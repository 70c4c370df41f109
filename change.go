package fullmakt

import (
	"cmp"
	"slices"
)

// Seq is a revision: the number of one atomic change to the store. The first is
// 1; a later one is greater.
type Seq uint64

// Change is one entry of the log. It is one of Party, Organisation, Person,
// EnterpriseUser, SystemUser, Grant, Agent, ClientDelegation, ScopeGrant,
// Document, Purge, Feed or CatalogueUse. Each replaces the earlier entry with the
// same identity, so that changes are idempotent and a log may be replayed in any
// batching.
type Change interface{ change() }

func (Party) change()            {}
func (Organisation) change()     {}
func (Person) change()           {}
func (EnterpriseUser) change()   {}
func (SystemUser) change()       {}
func (Grant) change()            {}
func (Agent) change()            {}
func (ClientDelegation) change() {}
func (ScopeGrant) change()       {}
func (Document) change()         {}
func (Purge) change()            {}
func (Feed) change()             {}
func (CatalogueUse) change()     {}

// Purge removes a party and all that rests on it, for legal reasons (rule
// LIFE-2): afterwards the party is unknown.
type Purge struct {
	Party PartyNo
}

// Feed is where a register feed stands after the revision that carries it.
type Feed struct {
	Name   string // "bulk", "ccr", "updates/enheter", "updates/underenheter", "updates/roller"
	Cursor string // the feed's own position: a run number, an id, a file date
	Stale  string // why the feed is behind, such as a missing run; "" when it is not
}

// CatalogueUse records that decisions from this revision on use the catalogue
// with this digest.
type CatalogueUse struct {
	Digest string
}

// SortRoles brings roles to the one order in which versions carry them (holder,
// code, ended) and drops exact repetitions of a code and holder, keeping the one
// that has not ended and has the earliest date.
func SortRoles(roles []Role) []Role {
	slices.SortFunc(roles, func(a, b Role) int {
		return cmp.Or(
			cmp.Compare(a.Holder, b.Holder),
			cmp.Compare(a.Code, b.Code),
			compareBool(a.Ended, b.Ended),
			cmp.Compare(a.Since, b.Since),
		)
	})
	return slices.CompactFunc(roles, func(a, b Role) bool { return a.Holder == b.Holder && a.Code == b.Code })
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Same reports whether two versions of an organisation say the same.
func (o Organisation) Same(p Organisation) bool {
	return o.Party == p.Party && o.Form == p.Form && o.Parent == p.Parent && o.State == p.State &&
		o.DeletedOn == p.DeletedOn && o.Source == p.Source && slices.Equal(o.Roles, p.Roles)
}
