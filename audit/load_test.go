package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fullmakt/fullmakt"
)

// crowd has many goroutines add look-ups at once and returns how many were taken.
func crowd(t *testing.T, l *Log, writers, each int) (added int64) {
	t.Helper()
	var wait sync.WaitGroup
	var n atomic.Int64
	for w := range writers {
		wait.Go(func() {
			for i := range each {
				r := sample(i)
				r.Request = fmt.Sprintf("%d/%d", w, i)
				if err := l.Add(context.Background(), r); err != nil {
					t.Error(err)
					return
				}
				n.Add(1)
			}
		})
	}
	wait.Wait()
	return n.Load()
}

// TestBlockingLosesNothing: 32 writers, a queue of four, and every look-up is
// there once, each writer's in its order.
func TestBlockingLosesNothing(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{Queue: 4, Segment: 200_000})
	const writers, each = 32, 200
	crowd(t, l, writers, each)
	if s := l.Stats(); s.Dropped != 0 {
		t.Errorf("dropped %d", s.Dropped)
	}
	closeLog(t, l)
	if r := verified(t, dir); r.Lookups != writers*each {
		t.Errorf("%d look-ups, want %d", r.Lookups, writers*each)
	}
	next := map[int]int{}
	for _, e := range all(t, dir, Filter{}) {
		var w, i int
		if _, err := fmt.Sscanf(e.Request, "%d/%d", &w, &i); err != nil || next[w] != i {
			t.Fatalf("%s: writer %d's next is %d", e.Request, w, next[w])
		}
		next[w]++
	}
}

// TestDroppingCounts: what is not there is counted in the chain.
func TestDroppingCounts(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{Queue: 1, Overflow: Drop})
	const writers, each = 32, 200
	added := crowd(t, l, writers, each)
	dropped := l.Stats().Dropped
	closeLog(t, l)
	r := verified(t, dir)
	if added != writers*each || r.Lookups+r.Dropped != writers*each || r.Dropped != dropped {
		t.Errorf("%d added, %d written, %d dropped by the chain, %d by the statistics", added, r.Lookups, r.Dropped, dropped)
	}
	if dropped == 0 {
		t.Error("nothing was dropped by a queue of one")
	}
}

// TestWhatMustBeIsNotDropped: the law's look-ups wait where others are dropped.
func TestWhatMustBeIsNotDropped(t *testing.T) {
	l, w := standing(t, Options{Queue: 1, Overflow: Drop})
	must := sample(2)
	must.Must = true
	add(t, l, sample(0), sample(1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Add(ctx, must); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if s := l.Stats(); s.Dropped != 1 || s.Queued != 1 {
		t.Errorf("%+v", s)
	}
	go func() {
		defer close(l.ended)
		l.end = w.run()
	}()
	add(t, l, must)
	closeLog(t, l)
	if r := verified(t, l.Dir()); r.Lookups != 2 || r.Dropped != 1 {
		t.Errorf("%+v", r)
	}
}

// TestClosingUnderLoad: a look-up that Add took is there, one that it refused is
// not.
func TestClosingUnderLoad(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{Queue: 8})
	var wait sync.WaitGroup
	var taken atomic.Int64
	begun := make(chan struct{}, 32)
	for range 32 {
		wait.Go(func() {
			for i := 0; ; i++ {
				if err := l.Add(context.Background(), sample(i)); err != nil {
					if fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
						t.Error(err)
					}
					return
				}
				if taken.Add(1); i == 10 {
					begun <- struct{}{}
				}
			}
		})
	}
	<-begun
	closeLog(t, l)
	wait.Wait()
	if r := verified(t, dir); r.Lookups != uint64(taken.Load()) {
		t.Errorf("%d look-ups, %d were taken", r.Lookups, taken.Load())
	}
}

// standing is a log whose writer does not run: the disk takes nothing at present.
func standing(t *testing.T, o Options) (*Log, *writer) {
	t.Helper()
	o, err := o.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w, err := openWriter(dir, o, noon)
	if err != nil {
		t.Fatal(err)
	}
	l := &Log{
		dir: dir, o: o, queue: make(chan Record, o.Queue), calls: make(chan call),
		closing: make(chan struct{}), ended: make(chan struct{}),
	}
	w.log = l
	l.publish(w, nil)
	return l, w
}

// TestDiskTrouble: while the disk takes nothing, blocking callers wait as long as
// they like and no longer; when it works again, everything is written, once.
func TestDiskTrouble(t *testing.T) {
	l, w := standing(t, Options{Queue: 2})
	add(t, l, sample(0), sample(1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Add(ctx, sample(2)); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that went away: %v", err)
	}
	good := w.file
	bad, err := os.Open(os.DevNull) // for reading: it takes no writes
	if err != nil {
		t.Fatal(err)
	}
	defer bad.Close()
	w.file = bad
	w.buf = w.chain.lookup(w.buf, &Record{Time: noon})
	attempts := 0
	if err := w.insist(func() error {
		if attempts++; attempts == 3 {
			w.file = good
		} else if attempts == 2 && l.Stats().Err == nil {
			t.Error("the statistics do not tell of the trouble")
		}
		return w.write()
	}); err != nil || attempts != 3 || l.Stats().Err != nil {
		t.Errorf("%d attempts, %v, %v", attempts, err, l.Stats().Err)
	}
	go func() {
		defer close(l.ended)
		l.end = w.run()
	}()
	closeLog(t, l)
	if r := verified(t, l.Dir()); r.Lookups != 3 {
		t.Errorf("%d look-ups, want 3", r.Lookups)
	}
}

// TestClosingOnABadDisk ends, and tells how many look-ups it could not record.
func TestClosingOnABadDisk(t *testing.T) {
	l, w := standing(t, Options{Queue: 8})
	add(t, l, sample(0), sample(1), sample(2))
	bad, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	w.file.Close()
	w.file = bad
	go func() {
		defer close(l.ended)
		l.end = w.run()
	}()
	if err := l.Close(); err == nil || !strings.Contains(err.Error(), "3 look-ups were not recorded") {
		t.Errorf("%v", err)
	}
	if err := l.Add(t.Context(), sample(3)); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
		t.Errorf("%v", err)
	}
}

// TestAddAllocates nothing on the usual way.
func TestAddAllocates(t *testing.T) {
	l, w := standing(t, Options{Queue: 1100})
	r := sample(0)
	ctx := t.Context()
	if n := testing.AllocsPerRun(1000, func() {
		if err := l.Add(ctx, r); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	go func() {
		defer close(l.ended)
		l.end = w.run()
	}()
	closeLog(t, l)
}

// BenchmarkAdd measures what a look-up costs the caller: a burst into an empty
// queue, and a stream that the writer must keep up with, which is then the bound.
func BenchmarkAdd(b *testing.B) {
	for _, bb := range []struct {
		name  string
		queue int
	}{{"burst", 1 << 15}, {"stream", 8192}} {
		b.Run(bb.name, func(b *testing.B) {
			l, err := Open(b.TempDir(), Options{Queue: bb.queue}, noon)
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			ctx := context.Background()
			r := sample(0)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if bb.name == "burst" && i%(1<<14) == 0 {
					b.StopTimer()
					if err := l.Sync(ctx); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
				if err := l.Add(ctx, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncode measures what a look-up costs the writer before the disk.
func BenchmarkEncode(b *testing.B) {
	var c chain
	r := sample(0)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = c.lookup(buf[:0], &r)
	}
	b.SetBytes(int64(len(buf)))
}
