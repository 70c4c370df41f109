package enhetsregisteret

import (
	"context"
	"errors"
	"io"
	"iter"
	"strconv"

	"github.com/fullmakt/fullmakt"
)

// BulkOptions tune ReadBulk. The zero value reads everything.
type BulkOptions struct {
	// SkipElements is the number of elements at the start that were read before,
	// so that an interrupted import can go on. They are passed over unread.
	SkipElements int
	// Stats, when not nil, is kept current while the sequence runs: at each
	// yield it tells of everything up to and including what is yielded. It
	// belongs to the goroutine that ranges over the sequence.
	Stats *BulkStats
}

// BulkStats counts what ReadBulk saw.
type BulkStats struct {
	Elements int // elements passed, those skipped and rejected included
	Skipped  int // of them, skipped at the caller's wish
	Rejected int // of them, rejected
	Orphans  int // sub-units without overordnetEnhet, which keep their last known main unit
}

// Elements go from the decoding goroutine to the range loop in batches.
const (
	batchSize = 256
	batches   = 4
)

// ReadBulk reads an open-data file of the given kind (KindUnits, KindSubUnits or
// KindRoles) from r, which is decompressed already, and yields a change per
// element, in file order. The three download files are JSON lists; a single
// object, or a page of search results, is read as the elements it holds.
//
// An element that cannot be used is yielded as a *Reject, and reading goes on.
// Any other error ends the sequence: a stream that breaks off or is not JSON
// (CodeInvalid), a read error, or the context's end.
//
// Reading and decoding run in a goroutine of their own, a bounded number of
// elements ahead. It has ended when the range loop has.
func ReadBulk(ctx context.Context, r io.Reader, kind Kind, opts BulkOptions) iter.Seq2[fullmakt.RegisterChange, error] {
	return func(yield func(fullmakt.RegisterChange, error) bool) {
		if kind != KindUnits && kind != KindSubUnits && kind != KindRoles {
			yield(fullmakt.RegisterChange{}, fullmakt.Errorf(fullmakt.CodeInvalid, "%s is not an open-data file of units, sub-units or roles", kind))
			return
		}
		stats := opts.Stats
		if stats == nil {
			stats = new(BulkStats)
		}
		full := make(chan []record, batches)
		empty := make(chan []record, batches)
		for range batches {
			empty <- make([]record, 0, batchSize)
		}
		ctx, cancel := context.WithCancel(ctx)
		b := &bulk{decoder: newDecoder(), kind: kind, skipping: opts.SkipElements, done: ctx.Done(), batch: <-empty}
		b.win.r = r
		b.take = func(batch []record) []record {
			select {
			case full <- batch:
			case <-ctx.Done():
				return nil
			}
			select {
			case batch = <-empty:
				return batch
			case <-ctx.Done():
				return nil
			}
		}
		go func() {
			defer close(full)
			if err := b.run(); err != nil {
				b.emit(record{err: err})
			}
			b.flush()
		}()
		defer func() {
			cancel()
			for range full { // until the goroutine has ended
			}
		}()
		for batch := range full {
			for i := range batch {
				rec := &batch[i]
				if err := ctx.Err(); err != nil {
					yield(fullmakt.RegisterChange{}, context.Cause(ctx))
					return
				}
				stats.Elements += rec.elements
				stats.Skipped += rec.skipped
				if rec.orphan {
					stats.Orphans++
				}
				if rec.err == nil && rec.elements == rec.skipped {
					continue // only counts
				}
				reject, isReject := rec.err.(*Reject)
				if isReject {
					stats.Rejected++
					if !yield(fullmakt.RegisterChange{Source: fullmakt.SourceOpenData, Org: reject.Org}, reject) {
						return
					}
					continue
				}
				if !yield(rec.change, rec.err) || rec.err != nil {
					return
				}
			}
			empty <- batch[:0]
		}
		if err := ctx.Err(); err != nil {
			yield(fullmakt.RegisterChange{}, context.Cause(ctx))
		}
	}
}

// record is what the decoding goroutine hands over: a change or an error, and
// how many elements it stands for.
type record struct {
	change            fullmakt.RegisterChange
	err               error
	elements, skipped int
	orphan            bool
}

// bulk is the decoding side of ReadBulk.
type bulk struct {
	*decoder
	win      window
	kind     Kind
	skipping int
	n        int // elements passed
	batch    []record
	take     func([]record) []record // hands a batch over and returns an empty one; nil when nobody wants more
	done     <-chan struct{}
}

var errStopped = errors.New("the reader of the sequence has gone")

// emit adds rec to the batch, and hands the batch over when it is full.
func (b *bulk) emit(rec record) {
	if b.batch == nil {
		return
	}
	if b.batch = append(b.batch, rec); len(b.batch) >= batchSize {
		b.batch = b.take(b.batch)
	}
}

func (b *bulk) flush() {
	if len(b.batch) > 0 {
		b.batch = b.take(b.batch)
	}
}

// run reads the whole stream. Its error is the one that ends the sequence.
func (b *bulk) run() error {
	if err := b.load(); err != nil {
		return err
	}
	b.at = len(utf8Mark(b.text))
	c, err := b.peekMore()
	switch {
	case err != nil:
		return err
	case c == '[':
		b.at++
		if err := b.list(); err != nil {
			return err
		}
		return b.tail()
	case c == '{':
		return b.object()
	}
	return b.broken("want a JSON list")
}

// list reads the elements of the list that was opened.
func (b *bulk) list() error {
	first := true
	for {
		mark, wasFirst := b.at, first
		more := b.item(&first)
		start := 0
		if more && b.state == sound {
			b.peek()
			start = b.at
			if b.n < b.skipping {
				b.skip()
			} else {
				b.decode(b.kind)
			}
		}
		switch b.state {
		case bad:
			return b.broken(b.why)
		case short:
			// The window ends inside the element. More is read, and the
			// element begun anew: elements are small beside the window.
			first = wasFirst
			b.at = mark
			if err := b.load(); err != nil {
				return err
			}
			continue
		}
		if !more {
			if b.n > 0 && b.n < b.skipping {
				b.emit(record{elements: b.n, skipped: b.n})
			}
			return nil
		}
		b.n++
		if b.n <= b.skipping {
			if b.n == b.skipping {
				b.emit(record{elements: b.n, skipped: b.n})
			}
			continue
		}
		b.deliver(start)
		if b.batch == nil {
			return errStopped
		}
	}
}

// deliver hands over the element that was decoded.
func (b *bulk) deliver(start int) {
	if b.trouble {
		b.emit(record{elements: 1, err: &Reject{
			Record: b.n, Offset: b.win.base + int64(b.troubleAt), Line: b.win.line(b.troubleAt),
			Org: b.change.Org, Path: b.path, Reason: b.reason,
		}})
		return
	}
	var where [24]byte
	b.change.Where = string(strconv.AppendInt(append(where[:0], "element "...), int64(b.n), 10))
	b.emit(record{elements: 1, change: b.change, orphan: b.orphan})
}

// object reads a file that is one object: a unit, an overview of roles, or a
// page of search results.
func (b *bulk) object() error {
	from := b.at
	for b.win.err == nil {
		if err := b.grow(); err != nil {
			return err
		}
	}
	b.at = from
	if err := b.readError(); err != nil {
		return err
	}
	probe := cursor{text: b.text, at: from}
	probe.skip()
	if probe.state != sound {
		b.state, b.why, b.at = probe.state, probe.why, probe.at
		if probe.state == short {
			b.at = len(b.text)
			return b.broken("the file ends inside the object")
		}
		return b.broken(probe.why)
	}
	shape := examine(b.text[from:])
	if !shape.page {
		b.decode(b.kind)
		if b.state != sound {
			return b.broken(b.why)
		}
		if b.kind == KindRoles && b.change.Org == 0 && shape.linked != 0 && b.path == "organisasjonsnummer" {
			// The answer for one unit names the unit in its links alone.
			b.change.Org, b.trouble = shape.linked, false
		}
		b.n++
		if b.n <= b.skipping {
			b.emit(record{elements: 1, skipped: 1})
		} else {
			b.deliver(from)
		}
		return b.tail()
	}
	end := probe.at
	if shape.list >= 0 {
		b.at = from + shape.list + 1
		if err := b.list(); err != nil {
			return err
		}
	}
	b.at = end
	return b.tail()
}

// tail checks that nothing but blanks follows.
func (b *bulk) tail() error {
	c, err := b.peekMore()
	if err == nil && c != 0 {
		err = b.broken("something stands after the end")
	}
	return err
}

// peekMore is peek, with more text loaded as needed; 0 at the proper end of the
// stream.
func (b *bulk) peekMore() (byte, error) {
	for {
		if c := b.peek(); c != 0 {
			return c, nil
		}
		if b.win.err != nil {
			b.state = sound
			return 0, b.readError()
		}
		if err := b.load(); err != nil {
			return 0, err
		}
	}
}

// load drops the text before the cursor and reads on, until the window is full
// or the stream ends. At the end of the stream it returns the reason.
func (b *bulk) load() error {
	select {
	case <-b.done:
		return errStopped
	default:
	}
	if b.win.err != nil {
		if err := b.readError(); err != nil {
			return err
		}
		b.at = len(b.text)
		return b.broken("the file ends in the middle")
	}
	b.win.drop(b.at)
	b.at = 0
	return b.grow()
}

// grow reads on without dropping anything.
func (b *bulk) grow() error {
	err := b.win.fill()
	b.text, b.state = b.win.text, sound
	if err != nil {
		return b.broken(err.Error())
	}
	return nil
}

// readError tells why the stream ended; nil for its proper end.
func (b *bulk) readError() error {
	if b.win.err == nil || b.win.err == io.EOF {
		return nil
	}
	code := fullmakt.CodeUnavailable
	if damaged(b.win.err) {
		code = fullmakt.CodeInvalid
	}
	return fullmakt.Errorf(code, "reading stopped after %d elements: %w", b.n, b.win.err).
		WithHint("the file is damaged or was not downloaded whole; fetch it again")
}

// broken is the error that ends the sequence when the stream is not JSON.
func (b *bulk) broken(why string) error {
	return fullmakt.Errorf(fullmakt.CodeInvalid, "not readable after %d elements, line %d, byte %d: %s",
		b.n, b.win.line(b.at), b.win.base+int64(b.at), why).
		WithHint("the file is damaged or was not downloaded whole; fetch it again")
}
