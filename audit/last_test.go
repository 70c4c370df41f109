package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
)

// TestLastReadsBackwards compares Last with a reading of everything, over segments
// small enough that there are many, with a batch longer than a block between, and
// with a line that is being written at the end.
func TestLastReadsBackwards(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{Segment: 40 << 10})
	for i := range 400 {
		r := sample(i)
		if i == 250 {
			for range 6000 {
				r.Items = append(r.Items, Item{Subject: 1, Object: 2, What: strings.Repeat("a", 50), Outcome: Deny})
			}
		}
		add(t, l, r)
	}
	closeLog(t, l)
	var all []Entry
	for e, err := range Entries(t.Context(), dir, Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	slices.Reverse(all)
	names, err := filepath.Glob(filepath.Join(dir, "lookups-*.jsonl"))
	if err != nil || len(names) < 3 {
		t.Fatalf("segments %v, %v: want some", names, err)
	}
	last, err := os.OpenFile(slices.Max(names), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := last.WriteString(`{"hash":"being wri`); err != nil {
		t.Fatal(err)
	}
	if err := last.Close(); err != nil {
		t.Fatal(err)
	}
	denied := func(e *Entry) bool { return e.Outcome == Deny }
	every := func(*Entry) bool { return true }
	for _, x := range []struct {
		n    int
		keep func(*Entry) bool
	}{{1, every}, {7, every}, {200, every}, {399, every}, {400, every}, {500, every}, {50, denied}, {500, denied}} {
		got, err := Last(t.Context(), dir, x.n, 1<<40, x.keep)
		if err != nil {
			t.Fatal(err)
		}
		var want []uint64
		for i := range all {
			if x.keep(&all[i]) && len(want) < x.n {
				want = append(want, all[i].N)
			}
		}
		var numbers []uint64
		for i := range got.Entries {
			numbers = append(numbers, got.Entries[i].N)
		}
		if !slices.Equal(numbers, want) {
			t.Errorf("the last %d are %v, want %v", x.n, numbers, want)
		}
		if whole := len(want) < x.n; whole == got.More || whole && got.Oldest != 1 {
			t.Errorf("the last %d of the log: oldest %d, more %v", x.n, got.Oldest, got.More)
		}
	}
	bounded, err := Last(t.Context(), dir, 1000, 1, every)
	if err != nil || !bounded.More || len(bounded.Entries) == 0 || len(bounded.Entries) == 400 {
		t.Errorf("bounded: %d entries, more %v, %v", len(bounded.Entries), bounded.More, err)
	}
}

func TestLastOfNothing(t *testing.T) {
	_, err := Last(t.Context(), filepath.Join(t.TempDir(), "none"), 5, 1<<20, func(*Entry) bool { return true })
	if fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		t.Errorf("no log: %v", err)
	}
	dir := t.TempDir()
	l := open(t, dir, Options{})
	got, err := Last(t.Context(), dir, 5, 1<<20, func(*Entry) bool { return true })
	if err != nil || len(got.Entries) != 0 || got.More {
		t.Errorf("a log without look-ups: %+v, %v", got, err)
	}
	closeLog(t, l)
}

func TestLastOfADamagedLog(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	add(t, l, sample(0), sample(1))
	closeLog(t, l)
	file := filepath.Join(dir, segmentName(1))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append([]byte("no line\n"), data...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Last(t.Context(), dir, 5, 1<<20, func(*Entry) bool { return true }); fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable {
		t.Errorf("a damaged log: %v", err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{Segment: 2 << 10})
	for i := range 30 {
		add(t, l, sample(i))
	}
	closeLog(t, l)
	var last uint64
	for e, err := range Entries(t.Context(), dir, Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		got, err := Find(t.Context(), dir, e.N)
		if err != nil || got.Request != e.Request || got.N != e.N {
			t.Errorf("entry %d: %+v, %v", e.N, got, err)
		}
		last = e.N
	}
	for _, n := range []uint64{0, last + 100} {
		if _, err := Find(t.Context(), dir, n); fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
			t.Errorf("entry %d: %v, want not found", n, err)
		}
	}
}

func TestVerifyTells(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{Segment: 2 << 10})
	for i := range 30 {
		add(t, l, sample(i))
	}
	closeLog(t, l)
	var told []string
	report, err := VerifyTelling(t.Context(), dir, Head{}, func(read, all int) { told = append(told, fmt.Sprint(read, "/", all)) })
	if err != nil || report.Broken != nil {
		t.Fatal(report.Broken, err)
	}
	if len(told) != report.Segments || told[len(told)-1] != fmt.Sprint(report.Segments, "/", report.Segments) {
		t.Errorf("told %v of %d segments", told, report.Segments)
	}
}
