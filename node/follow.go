package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// DefaultPollEvery is the pause between two readings of the update feeds.
const DefaultPollEvery = time.Minute

// FollowOptions say how Follow reads the update feeds.
type FollowOptions struct {
	// Feeds is the client; its BaseURL names the register's API. A Follower
	// with FromStart set reads a feed without a cursor from its first entry.
	Feeds *enhetsregisteret.Follower

	// Since is where to begin when the store has no cursor yet. Zero begins a
	// day before the oldest of the bulk files that were imported, so that
	// nothing falls between them and the feeds; reading an entry again does no
	// harm.
	Since time.Time

	Once  bool          // return when the feeds' tips are reached
	Every time.Duration // pause between readings; 0 for DefaultPollEvery

	Meaning   *catalogue.Catalogue         // as in ImportOptions
	KnownRole func(fullmakt.RoleCode) bool // as in ImportOptions
	RejectsTo io.Writer                    // takes a line of JSON for each rejected record; nil for nowhere
	OnBatch   func(FollowReport)           // told of each stored batch; may be nil
	OnPoll    func(error)                  // told when the feeds were read to their tips, or could not be; may be nil

	// Now and Sleep stand in for the clock; nil for the real one.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
}

// FollowReport tells what one batch of a feed did.
type FollowReport struct {
	Report
	Feed     string    `json:"feed"`
	Cursor   int64     `json:"cursor"`  // where the feed now stands
	Entries  int       `json:"entries"` // entries of the feed in the batch
	Rejected int       `json:"rejected"`
	At       time.Time `json:"at"` // when the last entry was published; zero when not told
}

// Follow keeps the store up to date from the update feeds until ctx ends. Each
// batch is one revision, which holds the feed's new cursor as well: after any
// interruption the next Follow goes on behind the last whole batch, and what it
// reads twice changes nothing.
//
// A feed that cannot be read is marked stale in the store and tried again at the
// next reading; with Once the error is returned. CodeConflict means that the
// store holds no register to follow.
func Follow(ctx context.Context, db *sqlite.DB, opts FollowOptions) error {
	if opts.KnownRole == nil {
		opts.KnownRole = registerRoles()
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Sleep == nil {
		opts.Sleep = sleep
	}
	if opts.Every == 0 {
		opts.Every = DefaultPollEvery
	}
	f := &follow{db: db, opts: &opts}
	if err := f.begin(ctx); err != nil {
		return err
	}
	for {
		err := f.poll(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, errMoved):
			if err := f.begin(ctx); err != nil {
				return err
			}
			continue
		}
		if opts.OnPoll != nil {
			opts.OnPoll(err)
		}
		switch {
		case opts.Once:
			return err
		case err != nil:
			if err := f.markStale(ctx, err); err != nil && !errors.Is(err, errMoved) {
				return err
			}
		}
		if err := opts.Sleep(ctx, opts.Every); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// follow is one Follow under way.
type follow struct {
	db      *sqlite.DB
	opts    *FollowOptions
	cursors enhetsregisteret.Cursors
	feeds   map[string]fullmakt.Feed // as the store has them
	failing string                   // the feed that could not be read last
}

// errMoved tells that someone else has set a feed's cursor: another Follow, or a
// bulk import, which takes the register back to the day of its files so that the
// feeds must be read again from there.
var errMoved = errors.New("a feed's cursor was set by someone else")

// begin finds the cursors: in the store, or for a feed without one from a date.
func (f *follow) begin(ctx context.Context) error {
	var err error
	if f.feeds, err = feedStates(ctx, f.db); err != nil {
		return err
	}
	var missing []string
	for _, name := range enhetsregisteret.Feeds() {
		feed := f.feeds[name]
		if feed.Cursor == "" {
			missing = append(missing, name)
			continue
		}
		id, err := strconv.ParseInt(feed.Cursor, 10, 64)
		if err != nil {
			return fullmakt.Errorf(fullmakt.CodeInternal, "the feed %s stands at %q, which is no id", name, feed.Cursor)
		}
		f.cursors = f.cursors.With(name, id)
	}
	if len(missing) == 0 || f.opts.Feeds.FromStart {
		return nil
	}
	since, err := f.since()
	if err != nil {
		return err
	}
	start, err := f.opts.Feeds.Since(ctx, since)
	if err != nil {
		return err
	}
	var changes []fullmakt.Change
	for _, name := range missing {
		f.cursors = f.cursors.With(name, start.Of(name))
		changes = append(changes, f.feed(name, ""))
	}
	head, err := f.db.Head(ctx)
	if err != nil {
		return err
	}
	if _, err = f.db.Append(ctx, head.Seq, f.opts.Now(), "follow from "+since.UTC().Format(time.RFC3339), one(changes...)); err != nil {
		return err
	}
	for _, name := range missing {
		f.feeds[name] = f.feed(name, "")
	}
	return nil
}

// since is the instant from which the feeds are read first.
func (f *follow) since() (time.Time, error) {
	if !f.opts.Since.IsZero() {
		return f.opts.Since, nil
	}
	var oldest time.Time
	for _, at := range parseBulkCursor(f.feeds[FeedBulk].Cursor) {
		if oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
	}
	if oldest.IsZero() {
		return oldest, fullmakt.Errorf(fullmakt.CodeConflict, "the store holds no open data to follow on from").
			WithHint("import the bulk files enheter, underenheter and roller first; the feeds tell only what changes")
	}
	return oldest.AddDate(0, 0, -1), nil
}

// feed is the state of a feed at its cursor.
func (f *follow) feed(name, stale string) fullmakt.Feed {
	return fullmakt.Feed{Name: name, Cursor: strconv.FormatInt(f.cursors.Of(name), 10), Stale: stale}
}

// checkFeeds fails with errMoved when the store has other cursors than those
// that this follow has read to.
func (f *follow) checkFeeds(ctx context.Context) error {
	feeds, err := feedStates(ctx, f.db)
	if err != nil {
		return err
	}
	for _, name := range enhetsregisteret.Feeds() {
		if feeds[name].Cursor != f.feeds[name].Cursor {
			return errMoved
		}
	}
	return nil
}

// poll reads the feeds to their tips and stores batch after batch.
func (f *follow) poll(ctx context.Context) error {
	if err := f.checkFeeds(ctx); err != nil {
		return err
	}
	for batch, err := range f.opts.Feeds.Poll(ctx, f.cursors) {
		if err != nil {
			f.failing = batch.Feed
			return err
		}
		if err := f.store(ctx, &batch); err != nil {
			f.failing = batch.Feed
			return err
		}
	}
	return f.clearStale(ctx)
}

// attempts bounds how often a batch is merged anew because someone else wrote
// to the store meanwhile.
const attempts = 10

// store merges one batch and appends it with the feed's cursor.
func (f *follow) store(ctx context.Context, batch *enhetsregisteret.Batch) error {
	before := f.cursors
	f.cursors = batch.Cursors
	var err error
	for range attempts {
		if err = f.storeOnce(ctx, batch); fullmakt.ErrorCode(err) != fullmakt.CodeConflict {
			break
		}
	}
	if err != nil {
		f.cursors = before
	}
	return err
}

func (f *follow) storeOnce(ctx context.Context, batch *enhetsregisteret.Batch) error {
	head, err := f.db.Head(ctx)
	if err != nil {
		return err
	}
	if err := f.checkFeeds(ctx); err != nil {
		return err
	}
	feed := f.feed(batch.Feed, "")
	report := FollowReport{Feed: batch.Feed, Cursor: batch.Cursors.Of(batch.Feed), Entries: batch.Entries, Rejected: len(batch.Rejects), At: batch.At}
	b := newBatchMerge(f.db, head, newNumberer(ctx, f.db, head, nil), &report.Report, f.opts.KnownRole)
	feeds := func() []fullmakt.Feed { return []fullmakt.Feed{feed} }
	changes := b.changes(ctx, records(batch.Changes), func(error) bool { return false }, feeds)
	changes = withEnds(ctx, f.db, f.opts.Meaning, head, changes)
	seq, err := f.db.Append(ctx, head.Seq, f.opts.Now(), fmt.Sprintf("%s to %d", batch.Feed, report.Cursor), changes)
	if err != nil {
		return err
	}
	f.feeds[batch.Feed] = feed
	report.Revision = seq
	if f.opts.RejectsTo != nil {
		var rejects []Reject
		for _, r := range batch.Rejects {
			out, _ := rejected(r)
			out.File = batch.Feed
			rejects = append(rejects, out)
		}
		if err := writeRejects(f.opts.RejectsTo, rejects); err != nil {
			return err
		}
	}
	if f.opts.OnBatch != nil {
		f.opts.OnBatch(report)
	}
	return nil
}

func records(changes []fullmakt.RegisterChange) iter.Seq2[fullmakt.RegisterChange, error] {
	return func(yield func(fullmakt.RegisterChange, error) bool) {
		for _, c := range changes {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// markStale notes in the store that a feed cannot be read. The reason kept is
// the kind of error: its text may differ from try to try.
func (f *follow) markStale(ctx context.Context, cause error) error {
	why := "the feed cannot be read: " + string(fullmakt.ErrorCode(cause))
	if f.failing == "" || f.feeds[f.failing].Stale == why {
		return nil
	}
	return f.append(ctx, f.failing+" cannot be read", f.feed(f.failing, why))
}

// clearStale notes that all feeds were read to their tips.
func (f *follow) clearStale(ctx context.Context) error {
	f.failing = ""
	for _, name := range enhetsregisteret.Feeds() {
		if f.feeds[name].Stale == "" {
			continue
		}
		if err := f.append(ctx, name+" is read again", f.feed(name, "")); err != nil {
			return err
		}
	}
	return nil
}

// append stores where a feed stands, whatever the head is.
func (f *follow) append(ctx context.Context, note string, feed fullmakt.Feed) error {
	var err error
	for range attempts {
		if err := f.checkFeeds(ctx); err != nil {
			return err
		}
		head, headErr := f.db.Head(ctx)
		if headErr != nil {
			return headErr
		}
		if _, err = f.db.Append(ctx, head.Seq, f.opts.Now(), note, one(feed)); fullmakt.ErrorCode(err) != fullmakt.CodeConflict {
			break
		}
	}
	if err == nil {
		f.feeds[feed.Name] = feed
	}
	return err
}
