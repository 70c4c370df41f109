package node

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/google/go-cmp/cmp"
)

// TestImportTeller: an import tells of itself while it goes on, and what came of it
// afterwards; what a process that has died left behind counts for nothing.
func TestImportTeller(t *testing.T) {
	n := &Node{dir: t.TempDir()}
	now := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	if _, ok := n.Importing(now); ok || len(n.Imports(5)) != 0 {
		t.Error("a store into which nothing was imported tells of imports")
	}
	teller := TellImport(n.dir, []string{"/home/x/enheter.json"}, clock)
	teller.Progress(Progress{Phase: PhaseStoring, Done: 3, Total: 12, Records: 8, Elapsed: 2 * time.Second})
	var state ImportState
	for ok := false; !ok || state.Phase != PhaseStoring; time.Sleep(time.Millisecond) {
		state, ok = n.Importing(now)
	}
	want := ImportState{Files: []string{"enheter.json"}, Began: now, At: now, Phase: PhaseStoring, Done: 3, Total: 12, PerSecond: 4}
	if diff := cmp.Diff(want, state); diff != "" || state.Percent() != 25 {
		t.Errorf("the state differs (-want +got):\n%s", diff)
	}
	if _, ok := n.Importing(now.Add(toldLately + time.Second)); ok {
		t.Error("an import whose process is silent is shown")
	}
	teller.End(Report{Revision: 7, Files: []FileReport{{File: "enheter.json", Read: 5, Stored: 5}}, Drift: make([]Drift, 3), DriftCount: 3}, nil)
	if _, ok := n.Importing(now); ok {
		t.Error("an import that has ended goes on")
	}
	got := n.Imports(5)
	if len(got) != 1 || got[0].Error != "" || got[0].Report.Revision != 7 || got[0].Report.Drift != nil || got[0].Report.DriftCount != 3 || !got[0].Ended.Equal(now) {
		t.Errorf("the imports are %+v", got)
	}
	for i := range keptImports + 5 {
		TellImport(n.dir, nil, clock).End(Report{Revision: fullmakt.Seq(100 + i), Files: []FileReport{{}}}, fullmakt.Errorf(fullmakt.CodeInvalid, "no"))
	}
	TellImport(n.dir, nil, clock).End(Report{}, fullmakt.Errorf(fullmakt.CodeInvalid, "not a register file"))
	got = n.Imports(1000)
	if len(got) != keptImports || got[0].Report.Revision != fullmakt.Seq(100+keptImports+4) || got[0].Error != fullmakt.CodeInvalid {
		t.Errorf("%d imports are remembered, the last %+v", len(got), got[0])
	}
	left, err := os.ReadDir(n.dir)
	if err != nil || len(left) != 1 {
		t.Errorf("files %v, %v: want the memory of imports alone", left, err)
	}
	if err := os.WriteFile(filepath.Join(n.dir, importStateFile), []byte(strings.Repeat("x", 9)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := n.Importing(now); ok {
		t.Error("a damaged state is shown")
	}
}

func TestFollowTeller(t *testing.T) {
	n := &Node{dir: t.TempDir()}
	now := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	if _, ok := n.Following(); ok {
		t.Error("a store that was never followed tells of it")
	}
	teller := TellFollow(n.dir, time.Minute, func() time.Time { return now })
	now = now.Add(10 * time.Second)
	teller.Batch(FollowReport{Feed: FeedUnitUpdates, Entries: 20, Rejected: 1, At: now.Add(-time.Hour)})
	teller.Polled(nil)
	read := now
	now = now.Add(time.Minute)
	teller.Polled(fullmakt.Errorf(fullmakt.CodeUnavailable, "down"))
	teller.Polled(fullmakt.Errorf(fullmakt.CodeUnavailable, "down"))
	state, ok := n.Following()
	if !ok || state.Failures != 2 || state.Error != fullmakt.CodeUnavailable || !state.ReadAt.Equal(read) || state.Entries != 20 || state.Batches != 1 || state.Rejected != 1 {
		t.Errorf("the state is %+v", state)
	}
	if !state.Running(now.Add(2*time.Minute)) || state.Running(now.Add(3*time.Minute)) {
		t.Error("a follower that is silent is alive, or one that is not is dead")
	}
	teller.Polled(nil)
	teller.End()
	if state, _ = n.Following(); state.Failures != 0 || state.Error != "" || state.Running(now) {
		t.Errorf("after its end the state is %+v", state)
	}
}
