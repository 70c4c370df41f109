package node

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
)

// followStateFile is where following the update feeds, which is often another
// process than the server, leaves word of itself.
const followStateFile = "follow-state.json"

// FollowState is how following the register's update feeds is going, as other
// processes see it.
type FollowState struct {
	Began time.Time     `json:"began"`
	At    time.Time     `json:"at"`    // when the feeds were last read, or tried to be
	Every time.Duration `json:"every"` // the pause between two readings
	// ReadAt is when the feeds were last read to their tips; the zero time if never.
	ReadAt time.Time `json:"read_at,omitzero"`
	// Failures are the readings that failed since then, and Error the code of what
	// went wrong the last time.
	Failures int           `json:"failures,omitempty"`
	Error    fullmakt.Code `json:"error,omitempty"`
	// Published is when the last entry that was read of each feed was published, as far
	// as the feed tells.
	Published map[string]time.Time `json:"published,omitempty"`
	// What was read since it began.
	Batches  int       `json:"batches"`
	Entries  int       `json:"entries"`
	Rejected int       `json:"rejected"`
	Ended    time.Time `json:"ended,omitzero"` // in good order; the zero time while it goes on
}

// Running reports whether following goes on at a time: it has not ended, and the
// next reading is not overdue by more than a minute, as it is when the process has
// died or hangs.
func (s *FollowState) Running(now time.Time) bool {
	return s.Ended.IsZero() && now.Sub(s.At) <= s.Every+time.Minute
}

// FollowTeller leaves word of following in the directory of a store. That it cannot
// is no reason to stop following, so it has no errors to tell.
type FollowTeller struct {
	path string
	now  func() time.Time

	mu      sync.Mutex
	state   FollowState
	written time.Time
}

// TellFollow begins to tell of following into the store in dir, with a pause between
// readings. Its End should be called. now is the clock.
func TellFollow(dir string, every time.Duration, now func() time.Time) *FollowTeller {
	at := now()
	t := &FollowTeller{path: filepath.Join(dir, followStateFile), now: now, state: FollowState{Began: at, At: at, Every: every, Published: map[string]time.Time{}}}
	t.write(at)
	return t
}

// Batch takes what FollowOptions.OnBatch is told.
func (t *FollowTeller) Batch(r FollowReport) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.now()
	t.state.At = at
	t.state.Batches++
	t.state.Entries += r.Entries
	t.state.Rejected += r.Rejected
	if !r.At.IsZero() {
		t.state.Published[r.Feed] = r.At
	}
	if at.Sub(t.written) >= tellEvery {
		t.write(at)
	}
}

// Polled takes what FollowOptions.OnPoll is told.
func (t *FollowTeller) Polled(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.now()
	t.state.At = at
	if err != nil {
		t.state.Failures++
		t.state.Error = fullmakt.ErrorCode(err)
	} else {
		t.state.ReadAt, t.state.Failures, t.state.Error = at, 0, ""
	}
	t.write(at)
}

// End tells that following has ended in good order.
func (t *FollowTeller) End() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.Ended = t.now()
	t.write(t.state.Ended)
}

func (t *FollowTeller) write(at time.Time) {
	if text, err := json.Marshal(&t.state); err == nil && replaceFile(t.path, text) == nil {
		t.written = at
	}
}

// Following returns how following the register into this node's store is going, or
// went last; ok is false when it never was followed, and for a store in memory.
func (n *Node) Following() (state FollowState, ok bool) {
	if n.dir == "" {
		return state, false
	}
	text, err := os.ReadFile(filepath.Join(n.dir, followStateFile))
	if err != nil || json.Unmarshal(text, &state) != nil {
		return FollowState{}, false
	}
	return state, true
}
