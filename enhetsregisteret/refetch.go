package enhetsregisteret

import (
	"context"
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/fullmakt/fullmakt"
)

// outcome is what fetching one organisation led to.
type outcome struct {
	change  fullmakt.RegisterChange // Has is 0 when there is nothing to say
	reject  *Reject
	missing bool
}

// batch fetches every organisation that a page names, each once: several entries
// lead to one state, and that state is the present one.
func (f *Follower) batch(ctx context.Context, feed string, page UpdatePage) (Batch, error) {
	b := Batch{Feed: feed, Entries: page.Entries, Rejects: page.Rejects}
	place := map[fullmakt.OrgNumber]int{}
	var last []UpdateEvent // per organisation its last entry, in the order of the first
	for _, e := range page.Events {
		if e.At.After(b.At) {
			b.At = e.At
		}
		if i, ok := place[e.Org]; ok {
			last[i] = e
			continue
		}
		place[e.Org] = len(last)
		last = append(last, e)
	}
	outcomes := make([]outcome, len(last))
	group, ctx := errgroup.WithContext(ctx)
	limit := f.Concurrency
	if limit <= 0 {
		limit = 4
	}
	group.SetLimit(limit)
	for i, e := range last {
		group.Go(func() (err error) {
			if feed == FeedRoles {
				outcomes[i], err = f.roles(ctx, e)
			} else {
				outcomes[i], err = f.unit(ctx, feed, e)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return b, err
	}
	for i := range outcomes {
		o := &outcomes[i]
		if o.reject != nil {
			b.Rejects = append(b.Rejects, o.reject)
			continue
		}
		if o.missing {
			b.Missing++
		}
		if o.change.Has == 0 {
			continue
		}
		ch := &o.change
		ch.Source = fullmakt.SourceOpenData
		ch.Where = fmt.Sprintf("%s %d", feed, last[i].ID)
		switch {
		case ch.Has&fullmakt.HasGone != 0:
			b.Gone++
		case (ch.State|ch.StateSet)&fullmakt.Deleted != 0:
			b.Deleted++
		}
		b.Changes = append(b.Changes, *ch)
	}
	return b, nil
}

// unit fetches an enhet or underenhet.
func (f *Follower) unit(ctx context.Context, feed string, e UpdateEvent) (outcome, error) {
	kind, path := KindUnits, "/enheter/"
	if feed == FeedSubUnits {
		kind, path = KindSubUnits, "/underenheter/"
	}
	a, err := f.fetch(ctx, path+e.Org.String(), nil)
	if err != nil {
		return outcome{}, err
	}
	switch {
	case a.status == http.StatusGone, a.status == http.StatusNotFound && e.Type == "Fjernet":
		return outcome{change: gone(e.Org)}, nil
	case a.status == http.StatusNotFound && e.Type == "Sletting":
		// The feed is sure that the unit is deleted, even if it is not shown.
		ch := fullmakt.RegisterChange{Org: e.Org, Has: fullmakt.HasStateBits, StateSet: fullmakt.Deleted}
		if !e.At.IsZero() {
			ch.DeletedOn = fullmakt.DateOf(e.At)
		}
		return outcome{change: ch, missing: true}, nil
	case a.status == http.StatusNotFound:
		return outcome{missing: true}, nil
	}
	ch, err := DecodeUnit(kind, a.body)
	return judged(ch, err, e)
}

// roles fetches the roles of a unit. None at all is told apart from a unit that
// is not there any more, since a deleted unit keeps its last known roles (rule
// LIFE-2).
func (f *Follower) roles(ctx context.Context, e UpdateEvent) (outcome, error) {
	a, err := f.fetch(ctx, "/enheter/"+e.Org.String()+"/roller", nil)
	if err != nil {
		return outcome{}, err
	}
	none := fullmakt.RegisterChange{Org: e.Org, Has: fullmakt.HasRoles}
	switch a.status {
	case http.StatusGone:
		return outcome{change: gone(e.Org)}, nil
	case http.StatusOK:
		ch, err := DecodeRoles(e.Org, a.body)
		if err != nil || len(ch.Roles) > 0 {
			return judged(ch, err, e)
		}
	}
	unit, err := f.unit(ctx, FeedUnits, e)
	switch {
	case err != nil:
		return outcome{}, err
	case unit.missing:
		// Nobody shows the unit: whatever roles are known of it have ended.
		return outcome{change: none, missing: true}, nil
	case unit.reject != nil:
		return outcome{change: none}, nil
	case unit.change.Has&fullmakt.HasGone != 0, unit.change.State&fullmakt.Deleted != 0:
		return unit, nil
	}
	return outcome{change: none}, nil
}

func gone(org fullmakt.OrgNumber) fullmakt.RegisterChange {
	return fullmakt.RegisterChange{Org: org, Has: fullmakt.HasGone}
}

// judged makes an outcome of an answer that was decoded.
func judged(ch fullmakt.RegisterChange, err error, e UpdateEvent) (outcome, error) {
	if err == nil && ch.Org != e.Org {
		err = &Reject{Record: 1, Line: 1, Path: "organisasjonsnummer", Reason: "the answer is about unit " + ch.Org.String()}
	}
	if err != nil {
		r, ok := asReject(err)
		if !ok {
			// Not JSON at all: this answer is spoiled, not the feed.
			r = &Reject{Record: 1, Line: 1, Reason: err.Error()}
		}
		r.Org = e.Org
		return outcome{reject: r}, nil
	}
	return outcome{change: ch}, nil
}
