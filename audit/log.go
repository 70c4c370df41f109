package audit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Overflow tells what becomes of a look-up that finds the queue full.
type Overflow string

// The overflow policies.
const (
	// Block waits until there is room: no look-up is lost, and when the disk stands
	// still, so do the answers.
	Block Overflow = "block"
	// Drop counts the look-up and goes on; the count is written into the chain. One
	// that must be recorded waits even so.
	Drop Overflow = "drop"
)

// Options are the settings of a log. The zero value records all, blocks, and
// keeps everything.
type Options struct {
	Level    Level         // default LevelAll
	Sample   int           // for LevelSampled: one look-up in so many
	Overflow Overflow      // default Block
	Queue    int           // look-ups that may wait; default 8192
	Segment  int64         // bytes after which a new segment begins; default 64 MiB. One begins each day (UTC) too
	Retain   time.Duration // how long a segment is kept after its last entry; 0 for ever
	Sync     time.Duration // how long written entries may wait to be forced to disk; default 200 ms
}

func (o Options) withDefaults() (Options, error) {
	if o.Level == "" {
		o.Level = LevelAll
	}
	if o.Overflow == "" {
		o.Overflow = Block
	}
	if o.Queue == 0 {
		o.Queue = 8192
	}
	if o.Segment == 0 {
		o.Segment = 64 << 20
	}
	if o.Sync == 0 {
		o.Sync = 200 * time.Millisecond
	}
	switch {
	case o.Level != LevelOff && o.Level != LevelDenials && o.Level != LevelAll && o.Level != LevelSampled:
		return o, fullmakt.Errorf(fullmakt.CodeInvalid, "look-up log level %q is not one", o.Level)
	case o.Level == LevelSampled && o.Sample < 1:
		return o, fullmakt.Errorf(fullmakt.CodeInvalid, "look-up log: level sampled needs to know one in how many")
	case o.Overflow != Block && o.Overflow != Drop:
		return o, fullmakt.Errorf(fullmakt.CodeInvalid, "look-up log: overflow %q is neither block nor drop", o.Overflow)
	case o.Queue < 0 || o.Segment < 0 || o.Retain < 0 || o.Sync < 0:
		return o, fullmakt.Errorf(fullmakt.CodeInvalid, "look-up log: sizes and durations are not negative")
	}
	return o, nil
}

// Log is a look-up log open for writing. Only one process has it open at a time.
// Its methods may be called from many goroutines.
type Log struct {
	dir   string
	o     Options
	queue chan Record
	calls chan call

	adding  atomic.Int64 // Adds under way
	closed  atomic.Bool
	closing chan struct{}
	ended   chan struct{} // the writer has returned
	end     error         // with what; read after ended
	once    sync.Once

	sampled atomic.Uint64
	dropped atomic.Uint64
	stats   atomic.Pointer[written]
}

// written is what the writer tells about itself.
type written struct {
	head    Head
	lookups uint64
	err     error
}

// Stats tells how a log is doing.
type Stats struct {
	Queued  int    // look-ups that wait to be written
	Queue   int    // how many may
	Written uint64 // look-ups written since Open
	Dropped uint64 // look-ups dropped since Open
	Head    Head   // the last entry written
	Err     error  // why writing fails at present, or nil
}

// Open opens the log in dir, making the directory when it does not exist, and
// begins to write at the end of what is there. What a crash cut short is removed
// and noted in the chain. now is the time of opening. Close must be called.
//
// It returns an error with code CodeConflict when another process has the log
// open, CodeUnavailable when the directory cannot be used, CodeInvalid for wrong
// options.
func Open(dir string, o Options, now time.Time) (*Log, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	w, err := openWriter(dir, o, now)
	if err != nil {
		return nil, err
	}
	l := &Log{
		dir: dir, o: o,
		queue: make(chan Record, o.Queue), calls: make(chan call),
		closing: make(chan struct{}), ended: make(chan struct{}),
	}
	w.log = l
	l.publish(w, nil)
	go func() {
		defer close(l.ended)
		l.end = w.run()
	}()
	return l, nil
}

func (l *Log) publish(w *writer, err error) {
	l.stats.Store(&written{head: w.chain.head(), lookups: w.lookups, err: err})
}

// Dir returns the directory of the log.
func (l *Log) Dir() string { return l.dir }

// Add puts a look-up into the queue if the level wants it. It does not wait for
// the disk. When the queue is full it waits for room under Block, or when the look-up
// must be recorded, until ctx ends, and counts the look-up under Drop.
//
// It returns an error with code CodeUnavailable when the look-up will not be
// recorded though it should be: the log is closed, or ctx ended first. Whether
// the answer may then be given is the caller's to decide.
func (l *Log) Add(ctx context.Context, r Record) error {
	if !l.wants(&r) {
		return nil
	}
	l.adding.Add(1)
	defer l.adding.Add(-1)
	if l.closed.Load() {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "the look-up log is closed")
	}
	select {
	case l.queue <- r:
		return nil
	default:
	}
	if l.o.Overflow == Drop && !r.Must {
		l.dropped.Add(1)
		return nil
	}
	return l.wait(ctx, r)
}

// wait is Add's way when the queue is full, apart from it so that the usual way
// does not allocate.
func (l *Log) wait(ctx context.Context, r Record) error {
	select {
	case l.queue <- r:
		return nil
	case <-ctx.Done():
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "the look-up log has no room: %w", ctx.Err()).
			WithHint("the disk of the log may be full or slow; the server's metrics tell")
	case <-l.ended:
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "the look-up log has ended")
	}
}

// wants reports whether the level keeps a record.
func (l *Log) wants(r *Record) bool {
	switch {
	case r.Must || l.o.Level == LevelAll:
		return true
	case l.o.Level == LevelDenials:
		return r.Outcome == Deny || r.Outcome == Mixed || r.Outcome == Failed
	case l.o.Level == LevelSampled:
		return l.sampled.Add(1)%uint64(l.o.Sample) == 0
	}
	return false
}

// Stats tells how the log is doing.
func (l *Log) Stats() Stats {
	w := l.stats.Load()
	return Stats{
		Queued: len(l.queue), Queue: cap(l.queue),
		Written: w.lookups, Dropped: l.dropped.Load(), Head: w.head, Err: w.err,
	}
}

// Sync waits until every look-up added before it is written and on disk.
func (l *Log) Sync(ctx context.Context) error { return l.call(ctx, call{}) }

// Prune drops the segments that are older than Options.Retain at now, leaving a
// checkpoint in the chain. A log does this by itself whenever a segment begins.
func (l *Log) Prune(ctx context.Context, now time.Time) error {
	return l.call(ctx, call{prune: now})
}

// call is a wish to the writer.
type call struct {
	prune time.Time // prune as of this time; zero for none
	done  chan error
}

func (l *Log) call(ctx context.Context, c call) error {
	c.done = make(chan error, 1)
	select {
	case l.calls <- c:
	case <-ctx.Done():
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "the look-up log is not at rest: %w", ctx.Err())
	case <-l.ended:
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "the look-up log is closed")
	}
	select {
	case err := <-c.done:
		return err
	case <-ctx.Done():
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "the look-up log is not at rest: %w", ctx.Err())
	}
}

// Close writes what is in the queue, notes the end in the chain, and closes the
// log. Look-ups added while it closes are either written or refused. It returns
// an error when some could not be written.
func (l *Log) Close() error {
	l.once.Do(func() {
		l.closed.Store(true)
		close(l.closing)
	})
	<-l.ended
	return l.end
}
