package enhetsregisteret

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Follower reads the update feeds of the open API and fetches what they name.
// Only BaseURL is needed. It keeps no state: the caller stores the cursors with
// what was read, and so goes on where it stopped.
type Follower struct {
	BaseURL   string       // the API's root, ending in /enhetsregisteret/api
	HTTP      *http.Client // nil for one with a timeout of a minute
	UserAgent string       // "" for the project's own

	PageSize    int // entries per batch, 1 to 10 000; 0 for 1000
	Concurrency int // requests at a time while fetching units; 0 for 4
	Attempts    int // per request; 0 for 6

	// FromStart allows a cursor of 0, which replays a feed whole: tens of
	// millions of entries, each followed by a request.
	FromStart bool

	// Sleep, Now and Random stand in for waiting, for the clock (only to read
	// Retry-After and to find the tip of the feed of roles) and for chance in
	// [0, 1). nil for the real ones.
	Sleep  func(context.Context, time.Duration) error
	Now    func() time.Time
	Random func() float64
}

// Cursors tell how far each feed was read: the id of the last entry, 0 for none.
type Cursors struct {
	Units, SubUnits, Roles int64
}

// Of returns the cursor of the feed with this name.
func (c Cursors) Of(feed string) int64 { return *c.of(feed) }

// With returns the cursors with that of one feed replaced.
func (c Cursors) With(feed string, id int64) Cursors {
	*c.of(feed) = id
	return c
}

func (c *Cursors) of(feed string) *int64 {
	switch feed {
	case FeedUnits:
		return &c.Units
	case FeedSubUnits:
		return &c.SubUnits
	case FeedRoles:
		return &c.Roles
	}
	return new(int64)
}

// Feeds returns the names of the update feeds in the order in which they are
// read: units first, so that roles find their organisations there.
func Feeds() []string { return []string{FeedUnits, FeedSubUnits, FeedRoles} }

// Batch is what one page of one feed led to.
type Batch struct {
	Feed    string
	Changes []fullmakt.RegisterChange // one per organisation, in the order of its first entry
	Rejects []*Reject                 // entries and answers that cannot be used; the cursor passes them all the same
	Cursors Cursors                   // of all feeds after this batch; stored with the changes
	At      time.Time                 // when the last entry was published; zero when not told

	Entries int // entries of the page
	Deleted int // of the organisations: deleted, still shown
	Gone    int // removed for legal reasons (410), to be purged
	Missing int // not there (404): known to the feed and to nothing else
}

// Tip returns the cursors of the feeds' newest entries. Read them before a bulk
// file is fetched: what happens in between is then read twice, not missed.
func (f *Follower) Tip(ctx context.Context) (Cursors, error) {
	var c Cursors
	for _, feed := range []string{FeedUnits, FeedSubUnits} {
		page, err := f.page(ctx, feed, url.Values{"sort": {"id,DESC"}, "size": {"1"}})
		if err != nil {
			return c, err
		}
		if page.Last == 0 {
			return c, emptyFeed(feed)
		}
		c = c.With(feed, page.Last)
	}
	// The feed of roles cannot be read backwards, so its last hours are.
	for _, back := range []time.Duration{24 * time.Hour, 30 * 24 * time.Hour, 366 * 24 * time.Hour} {
		last, err := f.lastRole(ctx, f.now().Add(-back))
		if err != nil {
			return c, err
		}
		if last > 0 {
			c.Roles = last
			return c, nil
		}
	}
	return c, emptyFeed(FeedRoles)
}

func emptyFeed(feed string) error {
	return fullmakt.Errorf(fullmakt.CodeNotFound, "%s has no entries, so there is no place to go on from", feed).
		WithHint("allow reading the feed from its start (--from-start)")
}

// lastRole returns the highest id of the feed of roles, reading from a time on.
func (f *Follower) lastRole(ctx context.Context, from time.Time) (last int64, err error) {
	query := url.Values{"afterTime": {apiTime(from)}}
	for {
		query.Set("size", strconv.Itoa(maxPage))
		page, err := f.page(ctx, FeedRoles, query)
		if err != nil {
			return 0, err
		}
		if page.Entries > 0 && page.Last <= last {
			return 0, standstill(FeedRoles, last)
		}
		last = max(last, page.Last)
		if page.Entries < maxPage {
			return last, nil
		}
		query = url.Values{"afterId": {strconv.FormatInt(last, 10)}}
	}
}

// Since returns cursors that stand before everything published at or after t;
// before a bulk file's Last-Modified less a day, nothing is missed. A feed
// without newer entries is given its tip.
func (f *Follower) Since(ctx context.Context, t time.Time) (Cursors, error) {
	var c Cursors
	var tip *Cursors
	for _, feed := range Feeds() {
		query := url.Values{"dato": {apiTime(t)}, "size": {"1"}}
		if feed == FeedRoles {
			query = url.Values{"afterTime": {apiTime(t)}, "size": {"1"}}
		}
		page, err := f.page(ctx, feed, query)
		if err != nil {
			return c, err
		}
		if page.Last > 0 {
			c = c.With(feed, page.Last-1)
			continue
		}
		if tip == nil {
			now, err := f.Tip(ctx)
			if err != nil {
				return c, err
			}
			tip = &now
		}
		c = c.With(feed, tip.Of(feed))
	}
	return c, nil
}

// apiTime writes an instant as the API's parameters want it.
func apiTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// maxPage is the biggest page the API gives, and the end of what page numbers
// can reach. Following never counts pages: it starts each at the next id.
const maxPage = 10_000

// Poll reads the feeds from their cursors to their tips and yields a batch per
// page that has entries: feed after feed, ids rising. Every batch can be stored
// by itself, with its cursors. An error ends the sequence: the context's end, a
// server that cannot be reached, or CodeInvalid for a cursor of 0 without
// FromStart.
func (f *Follower) Poll(ctx context.Context, from Cursors) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		for _, feed := range Feeds() {
			if from.Of(feed) <= 0 && !f.FromStart {
				yield(Batch{Feed: feed}, fullmakt.Errorf(fullmakt.CodeInvalid, "%s: a cursor of 0 would replay the whole feed", feed).
					WithHint("start from the feeds' tip, read before the bulk files were fetched, or from a date"))
				return
			}
		}
		at := from
		size := f.PageSize
		if size <= 0 {
			size = 1000
		}
		size = min(size, maxPage)
		for _, feed := range Feeds() {
			for {
				page, err := f.page(ctx, feed, f.next(feed, at.Of(feed), size))
				if err == nil && page.Entries > 0 && page.Last <= at.Of(feed) {
					err = standstill(feed, page.Last)
				}
				if err != nil {
					yield(Batch{Feed: feed, Cursors: at}, err)
					return
				}
				if page.Entries == 0 {
					break
				}
				batch, err := f.batch(ctx, feed, page)
				if err != nil {
					yield(Batch{Feed: feed, Cursors: at}, err)
					return
				}
				at = at.With(feed, page.Last)
				batch.Cursors = at
				if !yield(batch, nil) {
					return
				}
				if page.Entries < size {
					break
				}
			}
		}
	}
}

func standstill(feed string, id int64) error {
	return fullmakt.Errorf(fullmakt.CodeUnavailable, "%s does not move on from id %d", feed, id)
}

// next returns the parameters that ask for what follows an id: the feeds of
// units want the first id to be given, the feed of roles the last one known.
func (f *Follower) next(feed string, id int64, size int) url.Values {
	if feed == FeedRoles {
		query := url.Values{"size": {strconv.Itoa(size)}}
		if id > 0 {
			query.Set("afterId", strconv.FormatInt(id, 10))
		} else {
			query.Set("afterTime", apiTime(time.Unix(0, 0))) // an id must be at least 1
		}
		return query
	}
	return url.Values{"oppdateringsid": {strconv.FormatInt(id+1, 10)}, "size": {strconv.Itoa(size)}, "sort": {"id,ASC"}}
}

// page fetches one page of a feed.
func (f *Follower) page(ctx context.Context, feed string, query url.Values) (UpdatePage, error) {
	path := "/oppdateringer/" + feed[len("updates/"):]
	a, err := f.fetch(ctx, path, query)
	if err != nil {
		return UpdatePage{}, err
	}
	if a.status != http.StatusOK {
		return UpdatePage{}, fullmakt.Errorf(fullmakt.CodeUnavailable, "%s: status %d", path, a.status).
			WithHint("check the register's address: %s", f.BaseURL)
	}
	page, err := DecodeUpdates(a.body)
	if err != nil {
		return page, fullmakt.Errorf(fullmakt.CodeInvalid, "%s: %w", path, err)
	}
	return page, nil
}
