package node

import (
	"sync"
	"sync/atomic"
	"time"
)

// Phase is a stage of an import, for progress reports.
type Phase string

// The phases, in order.
const (
	PhaseReading   Phase = "reading"   // Done and Total are bytes of the files as they lie on disk
	PhaseComparing Phase = "comparing" // Done are parties of the store read; Total is how many there are
	PhaseStoring   Phase = "storing"   // Done and Total are units
)

// Progress tells how far an import has come.
type Progress struct {
	Phase   Phase
	Of      string // what is being read: "enheter, roller"; "" in other phases
	Done    int64
	Total   int64         // 0 when not known
	Records int64         // records handled in this phase
	Elapsed time.Duration // since this phase began
}

// Rate returns records per second in this phase.
func (p Progress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Records) / p.Elapsed.Seconds()
}

// progressInterval is how often a report comes; a bar moves smoothly with it.
const progressInterval = 200 * time.Millisecond

// meter collects what the parts of an import have done and reports it, from one
// goroutine, so that the receiver needs no lock.
type meter struct {
	done, total, records atomic.Int64

	mu    sync.Mutex
	phase Phase
	of    string
	since time.Time

	report func(Progress)
	stop   chan struct{}
	ended  chan struct{}
}

// newMeter starts reporting; a nil report makes a meter that only counts. Its
// close must be called.
func newMeter(report func(Progress)) *meter {
	m := &meter{report: report, stop: make(chan struct{}), ended: make(chan struct{})}
	if report == nil {
		close(m.ended)
		return m
	}
	go m.run()
	return m
}

func (m *meter) run() {
	defer close(m.ended)
	tick := time.NewTicker(progressInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			m.tell()
		case <-m.stop:
			m.tell()
			return
		}
	}
}

func (m *meter) tell() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.phase == "" {
		return
	}
	m.report(Progress{
		Phase: m.phase, Of: m.of, Elapsed: time.Since(m.since),
		Done: m.done.Load(), Total: m.total.Load(), Records: m.records.Load(),
	})
}

// begin starts a phase, after a last report of the one before.
func (m *meter) begin(phase Phase, of string, total int64) {
	if m.report != nil {
		m.tell()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.phase, m.of, m.since = phase, of, time.Now()
	m.done.Store(0)
	m.records.Store(0)
	m.total.Store(total)
}

func (m *meter) close() {
	close(m.stop)
	<-m.ended
}
