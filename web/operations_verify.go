package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
)

// verification is a reading of the whole log of look-ups, to see whether its chain
// holds. It is done when an operator asks, one at a time, and goes on when the
// operator leaves the page.
type verification struct {
	mu  sync.Mutex
	now verificationState
}

// verificationState is how far a verification has come, and what it found.
type verificationState struct {
	Running   bool
	Read, All int // files of the log
	At        time.Time
	Done      bool
	Report    audit.Report
	Failed    fullmakt.Code // it could not be done
}

func (x *verification) state() verificationState {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.now
}

// verifyLookups begins a verification, unless one is going on.
func verifyLookups(v *view) error {
	if err := v.operate(); err != nil {
		return err
	}
	if v.Lookups == nil {
		return problem(http.StatusNotFound, "no-lookups")
	}
	x := &v.verified
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.now.Running {
		x.now = verificationState{Running: true, At: v.now}
		go v.Server.verify(v.Lookups.Dir())
	}
	return v.redirect("/operations#lookups")
}

// verify reads the log, until it is done or the server stops.
func (s *Server) verify(dir string) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.stopped:
			cancel()
		case <-ctx.Done():
		}
	}()
	x := &s.verified
	report, err := audit.VerifyTelling(ctx, dir, audit.Head{}, func(read, all int) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.now.Read, x.now.All = read, all
	})
	x.mu.Lock()
	defer x.mu.Unlock()
	x.now.Running, x.now.Done, x.now.Report, x.now.At = false, true, report, s.now()
	if err != nil {
		x.now.Failed = fullmakt.ErrorCode(err)
	}
}
