package audit

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestTornTail cuts the last line at every byte; the log goes on after what is
// left, says what it removed, and holds.
func TestTornTail(t *testing.T) {
	whole := write(t, 3, Options{})
	text, err := os.ReadFile(filepath.Join(whole, segmentName(1)))
	if err != nil {
		t.Fatal(err)
	}
	l := lines(t, whole, 1)
	last := len(text) - len(l[len(l)-1])
	for cut := last; cut < len(text); cut += 7 {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, segmentName(1)), text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		before, err := Verify(t.Context(), dir, Head{})
		if err != nil || before.Broken != nil || before.Unfinished != int64(cut-last) {
			t.Fatalf("cut at %d: %+v, %v", cut, before, err)
		}
		log := open(t, dir, Options{})
		add(t, log, sample(9))
		closeLog(t, log)
		r := verified(t, dir)
		if r.Lookups != 4 || r.Unfinished != 0 {
			t.Fatalf("cut at %d: %+v", cut, r)
		}
		if cut > last && (len(r.Losses) != 1 || r.Losses[0].Kind != KindTorn || r.Losses[0].Note.Bytes != int64(cut-last)) {
			t.Errorf("cut at %d: losses %+v", cut, r.Losses)
		}
	}
}

// TestEndLostToPowerCut: blocks that never reached the disk are noted as lost.
func TestEndLostToPowerCut(t *testing.T) {
	dir := write(t, 20, Options{})
	l := lines(t, dir, 1)
	writeLines(t, dir, 1, append(l[:10:10], make([]byte, 500)))
	log := open(t, dir, Options{})
	add(t, log, sample(30))
	closeLog(t, log)
	r := verified(t, dir)
	if len(r.Losses) != 2 || r.Losses[0].Kind != KindTorn || r.Losses[0].Note.Bytes != 500 ||
		r.Losses[1].Kind != KindLost || r.Losses[1].Note.Last.N != uint64(len(l)) {
		t.Errorf("losses %+v", r.Losses)
	}
}

// TestCrashWhileASegmentBegins: a segment without a whole line is begun anew.
func TestCrashWhileASegmentBegins(t *testing.T) {
	for _, text := range []string{"", `{"hash":"0`} {
		dir := write(t, 20, Options{Segment: 2000})
		numbers, err := segments(dir)
		if err != nil {
			t.Fatal(err)
		}
		next := numbers[len(numbers)-1] + 1
		if err := os.WriteFile(filepath.Join(dir, segmentName(next)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		log := open(t, dir, Options{Segment: 2000})
		for i := range 20 {
			add(t, log, sample(i))
		}
		closeLog(t, log)
		if r := verified(t, dir); r.Lookups != 40 || len(r.Losses) != min(len(text), 1) {
			t.Errorf("%+v", r)
		}
	}
}

const asWriter = "AUDIT_TEST_AS_WRITER"

// writeUntilKilled is another process: it adds look-ups, tells how many are on
// disk for sure, and ends only by being killed.
func writeUntilKilled(dir string) {
	l, err := Open(dir, Options{Segment: 30_000, Queue: 64}, noon)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for i := 1; ; i++ {
		if err := l.Add(context.Background(), sample(i)); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		if i%50 == 0 {
			if err := l.Sync(context.Background()); err != nil {
				fmt.Println("error", err)
				os.Exit(1)
			}
			fmt.Println(i)
		}
	}
}

// TestKilledWriter kills a writing process over and over. What it had synced is
// there, nothing is there twice, and the chain goes on.
func TestKilledWriter(t *testing.T) {
	dir := t.TempDir()
	rounds, synced := 4, 0
	if testing.Short() {
		rounds = 2
	}
	for round := range rounds {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), asWriter+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		told := 0
		for in := bufio.NewScanner(out); in.Scan(); {
			n, err := strconv.Atoi(in.Text())
			if err != nil {
				t.Fatalf("the writer says %q", in.Text())
			}
			if told = n; told >= 100*(round+1) {
				break
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		synced += told
		r, err := Verify(t.Context(), dir, Head{})
		if err != nil || r.Broken != nil {
			t.Fatalf("round %d: %v, %v", round, r.Broken, err)
		}
		if told == 0 || r.Lookups < uint64(synced) {
			t.Fatalf("round %d: %d look-ups, and %d were on disk", round, r.Lookups, synced)
		}
		synced = int(r.Lookups)
	}
	l := open(t, dir, Options{})
	add(t, l, sample(0))
	closeLog(t, l)
	r := verified(t, dir)
	if r.Lookups != uint64(synced)+1 {
		t.Errorf("%d look-ups, want %d", r.Lookups, synced+1)
	}
	for _, e := range r.Losses {
		if e.Kind != KindTorn {
			t.Errorf("killed, not without power, but: %+v", e)
		}
	}
	before := ""
	for _, e := range all(t, dir, Filter{}) {
		if e.Request == before {
			t.Errorf("%s is there twice", e.Request)
		}
		before = e.Request
	}
	if !strings.HasPrefix(before, "r") {
		t.Errorf("the last is %q", before)
	}
}
