package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fullmakt/fullmakt"
)

// writer owns the files of a log. It alone touches them.
type writer struct {
	log    *Log
	o      Options
	dir    string
	unlock func()

	chain   chain
	segment uint64   // the number of the one that is open
	file    *os.File // it
	size    int64    // its bytes on file
	began   time.Time
	heads   *os.File // the file "head"
	buf     []byte   // lines on the chain that are not on file yet
	unsaved bool     // written but not yet forced to disk

	now     time.Time // the latest time any record carried
	dropped uint64    // how many of Log.dropped are in the chain
	lookups uint64
	waiting int    // look-ups in buf
	dropTo  uint64 // segments up to this one go once their checkpoint is on disk; 0 for none
}

// flushAt is how many bytes of lines are gathered before they are written.
const flushAt = 256 << 10

// retryAfter is how long the writer rests when the disk does not take a write.
const retryAfter = 100 * time.Millisecond

// run writes until the log is closed and everything is on file. Errors on the way
// stand in the statistics; what could not be written stays in buf and in the queue
// for the next attempt, and only the last one, at the end, gives up.
func (w *writer) run() error {
	defer w.unlock()
	sync := time.NewTimer(w.o.Sync)
	defer sync.Stop()
	for {
		var due <-chan time.Time
		if w.unsaved {
			due = sync.C
		}
		saved := !w.unsaved
		select {
		case r := <-w.log.queue:
			w.take(r)
		case c := <-w.log.calls:
			c.done <- w.answer(c)
		case <-due:
			_ = w.insist(w.save)
		case <-w.log.closing:
			return w.finish()
		}
		if w.unsaved && saved {
			sync.Reset(w.o.Sync)
		}
	}
}

// take writes a look-up and those that wait behind it, in one go.
func (w *writer) take(r Record) {
	waiting := len(w.log.queue) // no more than these: the timer and the callers want their turn
	w.add(&r)
	for range waiting {
		select {
		case r = <-w.log.queue:
			w.add(&r)
		default:
		}
	}
	_ = w.flush()
}

// drain writes what waits in the queue.
func (w *writer) drain() error {
	select {
	case r := <-w.log.queue:
		w.take(r)
	default:
	}
	return w.flush()
}

// add puts a look-up on the chain, in a new segment when it is time for one.
func (w *writer) add(r *Record) {
	if r.Time.After(w.now) {
		w.now = r.Time
	}
	if w.full() {
		w.rotate()
	}
	w.buf = w.chain.lookup(w.buf, r)
	w.lookups++
	w.waiting++
	if len(w.buf) >= flushAt {
		_ = w.flush()
	}
}

// full reports whether the next entry belongs in a new segment.
func (w *writer) full() bool {
	return w.size+int64(len(w.buf)) >= w.o.Segment || fullmakt.DateOf(w.now.UTC()) > fullmakt.DateOf(w.began)
}

// flush writes the lines of buf, the count of dropped look-ups behind them.
func (w *writer) flush() error {
	if all := w.log.dropped.Load(); all > w.dropped {
		w.buf = w.chain.note(w.buf, w.now, KindDropped, Note{Count: all - w.dropped})
		w.dropped = all
	}
	if len(w.buf) == 0 {
		return nil
	}
	return w.insist(w.write)
}

// insist does what must be done before the writer can go on, again and again
// until it works. Meanwhile the queue fills, and the overflow policy decides.
// Only when the log is closing is the second failure the last.
func (w *writer) insist(do func() error) error {
	last := false
	for {
		err := do()
		w.log.publish(w, err)
		if err == nil || last {
			return err
		}
		select {
		case <-time.After(retryAfter):
		case <-w.log.closing:
			last = true
		}
	}
}

// write puts buf on file, at the same place however often it is called.
func (w *writer) write() error {
	if _, err := w.file.WriteAt(w.buf, w.size); err != nil {
		return unwritable(err)
	}
	w.size += int64(len(w.buf))
	w.buf = w.buf[:0]
	w.waiting = 0
	w.unsaved = true
	return w.writeHead()
}

// headFile is the file that names the last entry written, so that a log whose end
// was cut off is not taken for a shorter one.
const headFile = "head"

func headText(h Head) string { return fmt.Sprintf("%020d %s\n", h.N, h.Hash) }

func (w *writer) writeHead() error {
	if _, err := w.heads.WriteAt([]byte(headText(w.chain.head())), 0); err != nil {
		return unwritable(err)
	}
	return nil
}

// save forces what is written to disk.
func (w *writer) save() error {
	if !w.unsaved {
		return nil
	}
	if err := w.file.Sync(); err != nil {
		return unwritable(err)
	}
	if err := w.heads.Sync(); err != nil {
		return unwritable(err)
	}
	w.unsaved = false
	return nil
}

// rotate ends the segment and begins the next, then drops those that are too old.
// When the log is closing and the disk does not take it, the segment just goes on.
func (w *writer) rotate() {
	if w.flush() != nil || w.insist(w.save) != nil {
		return
	}
	if w.insist(func() error { return w.begin(w.segment + 1) }) != nil {
		return
	}
	if err := w.prune(w.now); err != nil {
		w.log.publish(w, err) // old segments stay until the next time
	}
}

// begin opens a segment that does not exist, or is empty, and puts its first line
// on the chain. Called again after a failure, it goes on where that left off.
func (w *writer) begin(number uint64) error {
	file, err := os.OpenFile(filepath.Join(w.dir, segmentName(number)), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return unwritable(err)
	}
	if err := syncDir(w.dir); err != nil {
		file.Close()
		return err
	}
	if w.file != nil {
		w.file.Close()
	}
	w.file, w.segment, w.size, w.began = file, number, 0, w.now.UTC()
	previous := w.chain.head()
	w.buf = w.chain.note(w.buf, w.now, KindSegment, Note{Segment: number, Previous: &previous})
	return nil
}

// answer does what a caller wishes, after what was added before.
func (w *writer) answer(c call) error {
	if err := w.drain(); err != nil {
		return err
	}
	if !c.prune.IsZero() {
		if err := w.prune(c.prune); err != nil {
			return err
		}
	}
	return w.insist(w.save)
}

// finish writes what is left when the log closes.
func (w *writer) finish() error {
	defer w.close()
	err := w.drain()
	for err == nil && (w.log.adding.Load() > 0 || len(w.log.queue) > 0) {
		select {
		case r := <-w.log.queue:
			w.take(r)
		case <-time.After(time.Millisecond): // an Add that found the log open may not have got to the queue
		}
		err = w.flush()
	}
	if err == nil {
		w.buf = w.chain.note(w.buf, w.now, KindStop, Note{})
		err = w.flush()
	}
	if err == nil {
		err = w.insist(w.save)
	}
	if lost := w.waiting + len(w.log.queue); err != nil && lost > 0 {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "%d look-ups were not recorded: %w", lost, err)
	}
	return err
}

func (w *writer) close() {
	if w.file != nil {
		w.file.Close()
	}
	if w.heads != nil {
		w.heads.Close()
	}
}

func unwritable(err error) error {
	return fullmakt.Errorf(fullmakt.CodeUnavailable, "write the look-up log: %w", err).WithHint("is its disk full?")
}

// syncDir forces the names of files to disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return unwritable(err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return unwritable(err)
	}
	return nil
}
