package node

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// EventsPackage is the package that lets its holder read an organisation's events.
const EventsPackage = "maskinlesbare-hendelser"

// EventsQuery asks for a part of the feed.
type EventsQuery struct {
	// Organisation is whose events are asked for; 0 for those of everybody, which
	// tell what was written but not what authority came of it.
	Organisation fullmakt.PartyNo
	// Reader is told of an event only if it could use EventsPackage for the
	// organisation when the event's revision had been made. 0 is told of all: the
	// organisation itself, and the operator.
	Reader fullmakt.PartyNo
	After  Position
	Limit  int // events at most; at least 1
}

// EventsPage is a part of the feed.
type EventsPage struct {
	Events []Event
	// Next is where to go on: after the last event, or after everything that was
	// gone through.
	Next Position
	// More tells that there may be more right now. It can be so without any event,
	// since the work of one page is bounded.
	More bool
}

// The bounds of a page.
const (
	pageSteps   = 2_000  // revisions that are gone through
	pageParties = 50_000 // parties that are read to derive authority
	pageOrgs    = 10_000 // organisations that one revision of everybody's feed lists
)

// Events reads the feed of events: complete, in the order of the log, and the same
// from whatever position it is resumed. Authority gained and lost is derived while
// reading, by comparing who may do what before a revision and after it; nothing
// derived is stored. An error with code CodeInvalid says that a position is ahead
// of the store.
func (n *Node) Events(ctx context.Context, q EventsQuery) (EventsPage, error) {
	head, err := n.store.Head(ctx)
	if err != nil {
		return EventsPage{}, err
	}
	if q.After.Seq > head.Seq {
		return EventsPage{}, fullmakt.Errorf(fullmakt.CodeInvalid, "the position is ahead of the register, which is at revision %d", head.Seq).
			WithHint("was the store restored from a backup? read the list of who may act, and go on from its revision")
	}
	w := &eventWalk{n: n, q: q, head: head, page: EventsPage{Next: q.After}}
	w.q.Limit = max(w.q.Limit, 1)
	if err := w.begin(ctx); err != nil {
		return EventsPage{}, err
	}
	for step := 0; ; step++ {
		rev, derive, err := w.next(ctx)
		if err != nil {
			return EventsPage{}, err
		}
		if rev.Seq == 0 || rev.Seq > head.Seq {
			w.page.Next = Position{Seq: head.Seq}
			return w.page, nil
		}
		if step >= pageSteps || w.read >= pageParties {
			w.page.More = true
			return w.page, nil
		}
		full, err := w.tell(ctx, rev, derive)
		if err != nil || full {
			return w.page, err
		}
	}
}

// eventWalk is a reading of the feed under way.
type eventWalk struct {
	n    *Node
	q    EventsQuery
	head sqlite.Revision
	page EventsPage

	at   sqlite.Revision // gone through
	now  *authority      // after it; nil in everybody's feed
	read int             // parties read so far
}

// begin rebuilds what held at the position.
func (w *eventWalk) begin(ctx context.Context) (err error) {
	seq := w.q.After.Seq
	if w.q.After.rank != 0 {
		seq-- // the rest of its revision is still to come
	}
	if seq > 0 {
		if w.at, err = w.n.store.Revision(ctx, seq); err != nil {
			return err
		}
	}
	return w.derive(ctx, w.at)
}

// derive brings the authority to a revision.
func (w *eventWalk) derive(ctx context.Context, rev sqlite.Revision) (err error) {
	if w.q.Organisation == 0 {
		return nil
	}
	w.now, err = w.n.authorityOver(ctx, rev, w.q.Organisation)
	if err == nil {
		w.read += len(w.now.around)
	}
	return err
}

// next finds the next revision that has something to tell, and whether it may
// have changed authority: by a fact, or because a date had passed when it was made.
func (w *eventWalk) next(ctx context.Context) (rev sqlite.Revision, derive bool, err error) {
	if w.q.Organisation == 0 {
		rev, err = w.n.store.Revision(ctx, w.at.Seq+1)
		return rev, false, err
	}
	rev, derive, err = w.n.store.NextAbout(ctx, w.at.Seq, w.q.Organisation, w.now.around)
	if err != nil || w.now.until == 0 {
		return rev, derive, err
	}
	dated, err := w.n.store.FirstSince(ctx, time.Unix(w.now.until, 0))
	if err == nil && dated.Seq > w.at.Seq && (rev.Seq == 0 || dated.Seq <= rev.Seq) {
		return dated, true, nil
	}
	return rev, derive, err
}

// tell adds the events of a revision, and reports whether the page is full.
func (w *eventWalk) tell(ctx context.Context, rev sqlite.Revision, derive bool) (full bool, err error) {
	turns, wholly, err := w.n.store.Turns(ctx, rev.Seq, w.q.Organisation, pageOrgs)
	if err != nil {
		return false, err
	}
	t := &telling{catalogue: w.n.catalogue, rev: rev}
	for _, turn := range turns {
		if err := t.turn(turn, w.q.Organisation); err != nil {
			return false, err
		}
	}
	if !wholly {
		for i := range t.events {
			t.events[i].Data.RolesOmitted = t.events[i].Type == EventImportCompleted
		}
	}
	if derive {
		before := w.now.by
		if err := w.derive(ctx, rev); err != nil {
			return false, err
		}
		t.compare(w.q.Organisation, before, w.now.by)
	}
	w.at = rev
	events, err := t.finish(ctx, w.n.store)
	if err != nil {
		return false, err
	}
	if w.q.Reader != 0 && !w.reads() {
		events = nil
	}
	for i := range events {
		if events[i].Position.Compare(w.q.After) <= 0 {
			continue
		}
		if len(w.page.Events) == w.q.Limit {
			w.page.More = true
			return true, nil
		}
		w.page.Events = append(w.page.Events, events[i])
		w.page.Next = events[i].Position
	}
	w.page.Next = Position{Seq: rev.Seq}
	return false, nil
}

// reads reports whether the reader may read the events of the revision.
func (w *eventWalk) reads() bool {
	p, ok := w.n.catalogue.FindPackage(EventsPackage)
	if !ok {
		return false
	}
	h := w.now.by[w.q.Reader]
	return h.use.Has(p.ID) && !h.uncertain
}

// compare tells what authority was gained and lost between two revisions.
func (t *telling) compare(org fullmakt.PartyNo, before, after map[fullmakt.PartyNo]mayDo) {
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, p := range slices.Sorted(maps.Keys(all)) {
		t.difference(rankLost, EventAuthorityLost, org, p, before[p], after[p])
		t.difference(rankGained, EventAuthorityGained, org, p, after[p], before[p])
	}
}

// difference tells what one party has that it has not in another state of things.
func (t *telling) difference(rank uint8, kind string, org, party fullmakt.PartyNo, has, hasNot mayDo) {
	data := EventData{
		Use: t.urns(has.use.Minus(hasNot.use)), Give: t.urns(has.give.Minus(hasNot.give)),
		GiveRights: has.giveRights && !hasNot.giveRights, Uncertain: has.uncertain,
	}
	for _, right := range has.rights {
		if _, found := slices.BinarySearchFunc(hasNot.rights, right, compareRights); !found {
			data.Rights = append(data.Rights, right)
		}
	}
	if data.Use == nil && data.Give == nil && data.Rights == nil && !data.GiveRights {
		return
	}
	data.Organisation, data.Party = t.party(org), t.party(party)
	t.add(rank, kind, data, org, party)
}

func compareRights(a, b EventRight) int {
	return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Right, b.Right))
}

func (t *telling) urns(set catalogue.PackageSet) (urns []string) {
	for p := range set.All() {
		urns = append(urns, t.catalogue.Package(p).URN)
	}
	return urns
}
