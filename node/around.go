package node

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// BeforeHistoryError says that a question is about a time before the first
// revision, of which nothing is known (rule TIME-1).
type BeforeHistoryError struct {
	Asked   time.Time
	Started time.Time // when history begins; zero in an empty store
}

// Error tells when history begins.
func (e *BeforeHistoryError) Error() string {
	if e.Started.IsZero() {
		return "the store holds no register yet"
	}
	return "history begins " + e.Started.Format(time.RFC3339) + "; nothing is known of earlier times"
}

// Around returns a snapshot of just the parties that a check or explanation
// between nos needs, and of who could give them what they lack, as of an instant;
// the zero time is now. It reads those few organisations from the store by
// number, without loading the whole index. An instant before the first revision
// gives a *BeforeHistoryError.
func (n *Node) Around(ctx context.Context, at time.Time, nos ...fullmakt.PartyNo) (*index.Snapshot, error) {
	rev, err := n.revisionAt(ctx, at)
	if err != nil {
		return nil, err
	}
	// The parties asked about, the sole proprietorships of a person, the main
	// unit, the organisations that hold something there, and for the further hop
	// those that hold something at these: four steps from the start.
	return n.surroundings(ctx, rev, nos, 4)
}

// Reach returns a snapshot of the parties that the list of whom subject may act
// for needs, as of an instant, as Around does. It gathers by what the store knows
// was ever held, and decides by what held then.
func (n *Node) Reach(ctx context.Context, at time.Time, subject fullmakt.PartyNo) (*index.Snapshot, error) {
	rev, err := n.revisionAt(ctx, at)
	if err != nil {
		return nil, err
	}
	nos := []fullmakt.PartyNo{subject}
	all := map[fullmakt.PartyNo]bool{subject: true}
	for range 3 { // where it holds something, where those do, and their sub-units
		related, err := n.store.EverRelated(ctx, nos)
		if err != nil {
			return nil, err
		}
		nos = nos[:0]
		for _, p := range related {
			if !all[p] {
				all[p] = true
				nos = append(nos, p)
			}
		}
	}
	return n.surroundings(ctx, rev, slices.Sorted(maps.Keys(all)), 2)
}

func (n *Node) revisionAt(ctx context.Context, at time.Time) (sqlite.Revision, error) {
	if at.IsZero() {
		rev, err := n.store.Head(ctx)
		if err == nil && rev.Seq == 0 {
			err = fullmakt.Errorf(fullmakt.CodeUnavailable, "the store holds no register yet").WithHint("import one first: fullmakt --data DIR import FILE…")
		}
		return rev, err
	}
	rev, ok, err := n.store.RevisionAt(ctx, at)
	if err != nil || ok {
		return rev, err
	}
	before := &BeforeHistoryError{Asked: at}
	if before.Started, err = n.store.Began(ctx); err != nil {
		return rev, err
	}
	return rev, before
}

// surroundings reads the facts about nos and, step by step, about the parties
// that those facts lead to from the one acted for, and the documents by which
// decisions are made.
func (n *Node) surroundings(ctx context.Context, rev sqlite.Revision, nos []fullmakt.PartyNo, steps int) (*index.Snapshot, error) {
	known := map[fullmakt.PartyNo]bool{}
	for _, p := range nos {
		known[p] = true
	}
	frontier, err := n.withProprietorships(ctx, rev.Seq, nos)
	if err != nil {
		return nil, err
	}
	b := index.NewBuilder(n.catalogue)
	for range steps {
		facts, err := n.store.FactsAt(ctx, rev.Seq, frontier)
		if err != nil {
			return nil, err
		}
		for _, p := range frontier {
			known[p] = true
		}
		next := map[fullmakt.PartyNo]bool{}
		for _, fact := range facts {
			b.Add(fact)
			from, names := leadsTo(fact)
			if !known[from] {
				continue
			}
			for _, p := range names {
				if p != 0 && !known[p] {
					next[p] = true
				}
			}
		}
		frontier = slices.Sorted(maps.Keys(next))
	}
	// At the rim, what is known of the parties themselves, not what lies beyond.
	rim, err := n.store.FactsAt(ctx, rev.Seq, frontier)
	if err != nil {
		return nil, err
	}
	for _, fact := range rim {
		b.Add(fact)
	}
	for _, p := range frontier {
		known[p] = true
	}
	parties, err := n.store.Parties(ctx, slices.Sorted(maps.Keys(known)))
	if err != nil {
		return nil, err
	}
	for _, p := range parties {
		b.Add(p)
	}
	for entry, err := range n.store.Documents(ctx, rev.Seq, fullmakt.DocumentResource, fullmakt.DocumentPolicy, fullmakt.DocumentAccessList) {
		if err != nil {
			return nil, err
		}
		b.Add(dated(entry))
	}
	return b.Build(rev.Seq, rev.At), nil
}

// withProprietorships adds to nos the organisations of which a person among them
// is INNH at a revision, where rule ENK may go.
func (n *Node) withProprietorships(ctx context.Context, seq fullmakt.Seq, nos []fullmakt.PartyNo) ([]fullmakt.PartyNo, error) {
	parties, err := n.store.Parties(ctx, nos)
	if err != nil {
		return nil, err
	}
	var persons []fullmakt.PartyNo
	for _, p := range parties {
		if p.ID.Kind == fullmakt.KindPerson {
			persons = append(persons, p.No)
		}
	}
	related, err := n.store.EverRelated(ctx, persons)
	if err != nil {
		return nil, err
	}
	// An agent or accountant may be related to thousands; only a few are theirs.
	organisations, err := n.store.OrganisationsAt(ctx, seq, related)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(nos)
	for _, o := range organisations {
		if slices.ContainsFunc(o.Roles, func(r fullmakt.Role) bool { return r.Code == fullmakt.INNH && slices.Contains(persons, r.Holder) }) {
			all = append(all, o.Party)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// leadsTo returns the party on whose behalf something may be done by a fact, and
// the parties that a question on its behalf leads to from there. The other way,
// from an accountant to all of its clients, no question leads.
func leadsTo(ch fullmakt.Change) (from fullmakt.PartyNo, names []fullmakt.PartyNo) {
	switch ch := ch.(type) {
	case fullmakt.Organisation:
		names = append(names, ch.Parent)
		for _, r := range ch.Roles {
			names = append(names, r.Holder)
		}
		return ch.Party, names
	case fullmakt.EnterpriseUser:
		return ch.Party, []fullmakt.PartyNo{ch.Owner}
	case fullmakt.SystemUser:
		return ch.Party, []fullmakt.PartyNo{ch.Owner}
	case fullmakt.Grant:
		return ch.From, []fullmakt.PartyNo{ch.To, ch.GivenBy}
	case fullmakt.Agent:
		return ch.Provider, []fullmakt.PartyNo{ch.Agent, ch.GivenBy}
	case fullmakt.ClientDelegation:
		return ch.Client, []fullmakt.PartyNo{ch.Provider, ch.Agent, ch.GivenBy}
	case fullmakt.ScopeGrant:
		return ch.From, []fullmakt.PartyNo{ch.To, ch.GivenBy}
	}
	return 0, nil
}
