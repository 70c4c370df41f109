package audit

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// lines reads a segment's lines, their ends included.
func lines(t *testing.T, dir string, segment uint64) [][]byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, segmentName(segment)))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(bytes.SplitAfter(text, []byte("\n")), func(l []byte) bool { return len(l) == 0 })
}

func writeLines(t *testing.T, dir string, segment uint64, lines [][]byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, segmentName(segment)), bytes.Join(lines, nil), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTampering changes a sound log of several segments in every way one can
// think of; Verify names the first place that does not hold.
func TestTampering(t *testing.T) {
	const middle = 3 // a segment that is neither the first nor the last
	tests := []struct {
		name string
		do   func(t *testing.T, dir string)
		line int    // of the segment in the middle; 0 elsewhere
		why  string // part of what is said
	}{
		{"edit a record", func(t *testing.T, dir string) {
			l := lines(t, dir, middle)
			l[2] = bytes.Replace(l[2], []byte(`"outcome":"permit"`), []byte(`"outcome":"deny"`), 1)
			l[2] = bytes.Replace(l[2], []byte(`"subject":`), []byte(`"subject":1`), 1)
			writeLines(t, dir, middle, l)
		}, 3, "hash"},
		{"edit a hash", func(t *testing.T, dir string) {
			l := lines(t, dir, middle)
			l[2][hashStart] ^= 1
			writeLines(t, dir, middle, l)
		}, 3, "hash"},
		{"edit a record and its hash", func(t *testing.T, dir string) {
			l := lines(t, dir, middle)
			l[2] = bytes.Replace(l[2], []byte(`"subject":`), []byte(`"subject":1`), 1)
			var before, here line
			before.parse(l[1])
			here.parse(l[2])
			var c chain
			c.resume(before.entry.N, before.hash)
			l[2] = c.seal(append(bytes.Clone(l[2][:entryStart]), here.raw...), 0)
			writeLines(t, dir, middle, l)
		}, 4, "hash"},
		{"delete a line", func(t *testing.T, dir string) {
			writeLines(t, dir, middle, slices.Delete(lines(t, dir, middle), 2, 3))
		}, 3, "belongs"},
		{"delete a segment's first line", func(t *testing.T, dir string) {
			writeLines(t, dir, middle, lines(t, dir, middle)[1:])
		}, 1, "belongs"},
		{"swap two lines", func(t *testing.T, dir string) {
			l := lines(t, dir, middle)
			l[2], l[3] = l[3], l[2]
			writeLines(t, dir, middle, l)
		}, 3, "belongs"},
		{"repeat a line", func(t *testing.T, dir string) {
			l := lines(t, dir, middle)
			writeLines(t, dir, middle, slices.Insert(l, 2, l[2]))
		}, 4, "belongs"},
		{"insert an invented line", func(t *testing.T, dir string) {
			l := lines(t, dir, middle)
			writeLines(t, dir, middle, slices.Insert(l, 2, []byte("{}\n")))
		}, 3, "not a line"},
		{"add a field to the line", func(t *testing.T, dir string) {
			l := lines(t, dir, middle)
			l[2] = append(bytes.TrimSuffix(l[2], []byte("}\n")), `,"x":1}`+"\n"...)
			writeLines(t, dir, middle, l)
		}, 3, "entry is not one"},
		{"truncate a segment", func(t *testing.T, dir string) {
			l := lines(t, dir, middle)
			writeLines(t, dir, middle, l[:len(l)-1])
		}, 0, "belongs"},
		{"cut a segment's last line", func(t *testing.T, dir string) {
			l := lines(t, dir, middle)
			last := len(l) - 1
			l[last] = l[last][:20]
			writeLines(t, dir, middle, l)
		}, -1, "no end"},
		{"remove a segment", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, segmentName(middle))); err != nil {
				t.Fatal(err)
			}
		}, 0, "missing"},
		{"empty a segment", func(t *testing.T, dir string) { writeLines(t, dir, middle, nil) }, 0, "no entries"},
		{"swap two segments", func(t *testing.T, dir string) {
			a, b := lines(t, dir, middle), lines(t, dir, middle+1)
			writeLines(t, dir, middle, b)
			writeLines(t, dir, middle+1, a)
		}, 1, "belongs"},
		{"remove the last segment", func(t *testing.T, dir string) {
			numbers, err := segments(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(dir, segmentName(numbers[len(numbers)-1]))); err != nil {
				t.Fatal(err)
			}
		}, 0, "the end is missing"},
		{"remove the last line of all", func(t *testing.T, dir string) {
			numbers, err := segments(dir)
			if err != nil {
				t.Fatal(err)
			}
			last := numbers[len(numbers)-1]
			l := lines(t, dir, last)
			writeLines(t, dir, last, l[:len(l)-1])
		}, 0, "the end is missing"},
		{"remove every segment", func(t *testing.T, dir string) {
			numbers, err := segments(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range numbers {
				if err := os.Remove(filepath.Join(dir, segmentName(n))); err != nil {
					t.Fatal(err)
				}
			}
		}, 0, "the end is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, 50, Options{Segment: 2000})
			verified(t, dir)
			want := tt.line
			if want < 0 {
				want = len(lines(t, dir, middle))
			}
			tt.do(t, dir)
			r, err := Verify(t.Context(), dir, Head{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Broken == nil || !strings.Contains(r.Broken.String(), tt.why) {
				t.Fatalf("broken: %v, want %q", r.Broken, tt.why)
			}
			if want > 0 && (r.Broken.Segment != segmentName(middle) || r.Broken.Line != want) {
				t.Errorf("named %s, want line %d of %s", r.Broken, want, segmentName(middle))
			}
		})
	}
}

// TestNotedHead: a whole new chain, sound in itself, is told from the old one by
// a head noted before.
func TestNotedHead(t *testing.T) {
	dir := write(t, 20, Options{})
	noted := verified(t, dir).Last
	l := open(t, dir, Options{})
	add(t, l, sample(21))
	closeLog(t, l)
	if r, err := Verify(t.Context(), dir, noted); err != nil || r.Broken != nil {
		t.Fatalf("%v, %v", r.Broken, err)
	}
	for _, n := range []int{10, 30} {
		forged := write(t, n, Options{Segment: 64 << 10})
		r, err := Verify(t.Context(), forged, Head{N: noted.N, Hash: noted.Hash})
		if err != nil {
			t.Fatal(err)
		}
		if n == 10 && (r.Broken == nil || !strings.Contains(r.Broken.Why, "noted")) {
			t.Errorf("a shorter chain: %v", r.Broken)
		}
		other := sample(1)
		other.Purpose = "something else"
		dir := t.TempDir()
		l := open(t, dir, Options{})
		for i := range 30 {
			other.Count = i
			add(t, l, other)
		}
		closeLog(t, l)
		if r, err = Verify(t.Context(), dir, noted); err != nil || r.Broken == nil || !strings.Contains(r.Broken.Why, "noted") {
			t.Errorf("a forged chain: %v, %v", r.Broken, err)
		}
	}
}

// TestQueryOfADamagedLog: an answer that would lack something is an error.
func TestQueryOfADamagedLog(t *testing.T) {
	dir := write(t, 20, Options{})
	l := lines(t, dir, 1)
	l[5] = []byte("x\n")
	writeLines(t, dir, 1, l)
	_, err := Query(t.Context(), dir, Filter{})
	if err == nil || !strings.Contains(err.Error(), "lookups-00000001.jsonl line 6") {
		t.Errorf("%v", err)
	}
}
