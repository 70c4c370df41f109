package node

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
)

// An import is often another process than the server. It leaves word of itself in
// files of the store's directory: how far it has come, written at most once a
// second and removed at the end, and what came of it.
const (
	importStateFile = "import-state.json"
	importsFile     = "imports.jsonl"
)

// Phases of an import command after the import itself.
const (
	PhaseNames    Phase = "names"    // names are indexed; Done and Total are not known
	PhaseSnapshot Phase = "snapshot" // the snapshot file is written; Done and Total are not known
)

const (
	// tellEvery is how often an import tells of itself.
	tellEvery = time.Second
	// toldLately is how old the word of an import may be: an older one comes from a
	// process that has died, since it is written every second.
	toldLately = 5 * time.Second
	// keptImports is how many imports are remembered.
	keptImports = 100
)

// ImportState is an import under way, as other processes see it.
type ImportState struct {
	Files     []string  `json:"files"` // their names, without directories
	Began     time.Time `json:"began"`
	At        time.Time `json:"at"` // when this was written
	Phase     Phase     `json:"phase"`
	Of        string    `json:"of,omitempty"` // as in Progress
	Done      int64     `json:"done"`
	Total     int64     `json:"total"` // 0 when not known
	PerSecond float64   `json:"per_second"`
}

// Percent is how much of the phase is done, rounded down; -1 when not known.
func (s *ImportState) Percent() int {
	if s.Total <= 0 {
		return -1
	}
	return int(min(s.Done, s.Total) * 100 / s.Total)
}

// ImportRecord is an import that has ended.
type ImportRecord struct {
	Began  time.Time `json:"began"`
	Ended  time.Time `json:"ended"`
	Report Report    `json:"report"` // without the lists of differences and replaced units
	// Error is the code of what stopped it, or left records out; "" when all went well.
	Error fullmakt.Code `json:"error,omitempty"`
}

// ImportTeller leaves word of an import in the directory of its store. That it
// cannot is no reason for an import to stop, so it has no errors to tell.
type ImportTeller struct {
	dir string
	now func() time.Time

	mu    sync.Mutex
	state ImportState

	stop, ended chan struct{}
}

// TellImport begins to tell of an import of files into the store in dir. Its End
// must be called. now is the clock.
func TellImport(dir string, files []string, now func() time.Time) *ImportTeller {
	t := &ImportTeller{dir: dir, now: now, stop: make(chan struct{}), ended: make(chan struct{})}
	t.state.Began, t.state.Phase = now(), PhaseReading
	for _, f := range files {
		t.state.Files = append(t.state.Files, filepath.Base(f))
	}
	go t.run()
	return t
}

func (t *ImportTeller) run() {
	defer close(t.ended)
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		t.mu.Lock()
		t.state.At = t.now()
		text, err := json.Marshal(&t.state)
		t.mu.Unlock()
		if err == nil {
			_ = replaceFile(filepath.Join(t.dir, importStateFile), text)
		}
		select {
		case <-tick.C:
		case <-t.stop:
			return
		}
	}
}

// Progress takes what ImportOptions.Progress is told.
func (t *ImportTeller) Progress(p Progress) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.Phase, t.state.Of, t.state.Done, t.state.Total, t.state.PerSecond = p.Phase, p.Of, p.Done, p.Total, p.Rate()
}

// End removes the word of the import, and remembers what came of it: report and err
// are what Import returned. An import that was not begun, as of a file that is none,
// is not remembered.
func (t *ImportTeller) End(report Report, err error) {
	close(t.stop)
	<-t.ended
	_ = os.Remove(filepath.Join(t.dir, importStateFile))
	if len(report.Files) == 0 {
		return
	}
	report.Drift, report.Replaced = nil, nil
	record := ImportRecord{Began: t.state.Began, Ended: t.now(), Report: report}
	if err != nil {
		record.Error = fullmakt.ErrorCode(err)
	}
	line, failed := json.Marshal(&record)
	if failed != nil {
		return
	}
	lines := append(lastLines(filepath.Join(t.dir, importsFile), keptImports-1), line)
	_ = replaceFile(filepath.Join(t.dir, importsFile), append(bytes.Join(lines, []byte("\n")), '\n'))
}

// Importing returns the import into this node's store that is under way at a time;
// ok is false when none is.
func (n *Node) Importing(now time.Time) (state ImportState, ok bool) {
	if n.dir == "" {
		return state, false
	}
	text, err := os.ReadFile(filepath.Join(n.dir, importStateFile))
	if err != nil || json.Unmarshal(text, &state) != nil {
		return ImportState{}, false
	}
	return state, now.Sub(state.At) <= toldLately
}

// Imports returns up to most of the last imports into this node's store, the newest
// first; none for a store in memory, and before the first.
func (n *Node) Imports(most int) (records []ImportRecord) {
	if n.dir == "" {
		return nil
	}
	lines := lastLines(filepath.Join(n.dir, importsFile), most)
	for i := len(lines) - 1; i >= 0; i-- {
		var r ImportRecord
		if json.Unmarshal(lines[i], &r) == nil {
			records = append(records, r)
		}
	}
	return records
}

// Rejects returns up to most of the records that an import left out; none where
// they went to no file, or the file is gone.
func (r *ImportRecord) Rejects(most int) (list []Reject) {
	if r.Report.RejectsFile == "" {
		return nil
	}
	f, err := os.Open(r.Report.RejectsFile)
	if err != nil {
		return nil
	}
	defer f.Close()
	for in := json.NewDecoder(f); len(list) < most; {
		var one Reject
		if in.Decode(&one) != nil {
			break
		}
		list = append(list, one)
	}
	return list
}

// lastLines returns the last lines of a file, without their ends; none of one that
// cannot be read.
func lastLines(path string, most int) (lines [][]byte) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	in := bufio.NewScanner(bytes.NewReader(text))
	in.Buffer(nil, len(text)+1)
	for in.Scan() {
		if len(in.Bytes()) > 0 {
			lines = append(lines, bytes.Clone(in.Bytes()))
		}
	}
	return lines[max(0, len(lines)-most):]
}

// replaceFile puts text in the place of a file at once, so that nobody reads a half.
func replaceFile(path string, text []byte) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, text, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
