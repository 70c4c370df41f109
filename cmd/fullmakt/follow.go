package main

import (
	"os"
	"path/filepath"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
	"github.com/fullmakt/fullmakt/node"
)

type followCmd struct {
	BaseURL   string        `name:"base-url" default:"https://data.brreg.no/enhetsregisteret/api" placeholder:"URL" env:"FULLMAKT_BASE_URL" help:"Where the feeds are: the root of the open API. Default: ${default}."`
	Every     time.Duration `default:"1m" help:"The pause between two readings."`
	Once      bool          `help:"Read up to the tips of the feeds, then end."`
	FromStart bool          `help:"Allow a feed to be read from its first entry: tens of millions of them at the real register."`
	Since     string        `placeholder:"TIME" help:"Where to begin the first time. Default: a day before the files that were imported."`
	Rejects   string        `placeholder:"FILE" help:"Where rejected records are listed. Default: rejects-follow.jsonl in the store's directory."`
}

// Help is shown by follow --help.
func (followCmd) Help() string {
	return `Import the files of a day first; following begins before them, so that no change falls in between. It goes on where it stopped, and every batch is one revision.

Examples:
  fullmakt --data register follow
  fullmakt --data register follow --once
  fullmakt --data register follow --base-url http://127.0.0.1:9000`
}

// Run follows until interrupted.
func (c *followCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	if c.Every < time.Second {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--every %s: want at least one second", c.Every)
	}
	var since time.Time
	if c.Since != "" {
		var err error
		if since, err = parseTime(c.Since, a.oslo); err != nil {
			return err
		}
	}
	if dir := a.dataDir(); dir != "" && !hasStore(dir) {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "there is no store in %s", dir).WithHint("import the register's files first: fullmakt --data %s import FILE…", dir)
	}
	n, err := a.openForWriting()
	if err != nil {
		return err
	}
	defer n.Close()
	path := c.Rejects
	if path == "" {
		path = filepath.Join(a.dataDir(), "rejects-follow.jsonl")
	}
	rejects := &lateFile{path: path}
	defer rejects.Close()
	cat := n.Catalogue()
	teller := node.TellFollow(a.dataDir(), c.Every, time.Now) // tells servers of this store
	defer teller.End()
	a.say("following %s", c.BaseURL)
	err = node.Follow(a.ctx, n.Store(), node.FollowOptions{
		Feeds: &enhetsregisteret.Follower{BaseURL: c.BaseURL, FromStart: c.FromStart}, Since: since, Once: c.Once, Every: c.Every,
		Meaning:   cat,
		KnownRole: func(code fullmakt.RoleCode) bool { return cat.RoleID(code) != 0 },
		RejectsTo: rejects, OnPoll: teller.Polled,
		OnBatch: func(r node.FollowReport) {
			teller.Batch(r)
			a.printBatch(r)
		},
	})
	if a.ctx.Err() != nil && !c.Once {
		return nil // ended by Ctrl+C, as a follower is
	}
	return err
}

// printBatch tells of one batch that was stored.
func (a *app) printBatch(r node.FollowReport) {
	if a.globals.wantsJSON() {
		_ = a.printJSON(r) // the next batch tells, if standard output is gone
		return
	}
	a.printf("%s: %d entries, cursor %d; %d new, %d changed, %d deleted, %d purged, %d rejected; revision %d\n",
		r.Feed, r.Entries, r.Cursor, r.New, r.Changed, r.Deleted, r.Purged, r.Rejected, r.Revision)
}

// lateFile is a file that is made when something is first written to it.
type lateFile struct {
	path string
	file *os.File
}

// Write appends to the file.
func (f *lateFile) Write(b []byte) (int, error) {
	if f.file == nil {
		file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return 0, fullmakt.Errorf(fullmakt.CodeUnavailable, "rejects file: %w", err)
		}
		f.file = file
	}
	return f.file.Write(b)
}

// Close closes the file if it was made.
func (f *lateFile) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}
