package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far a long task has come, on standard error: a bar on a
// terminal, else a line every five seconds. Both begin within the first second.
type progress struct {
	a     *app
	bar   *progressbar.ProgressBar // nil where there is no terminal
	task  string
	total int64
	last  time.Time // of the last line
	now   func() time.Time
}

// lineEvery is how often a line is written where there is no terminal.
const lineEvery = 5 * time.Second

func (a *app) progress() *progress { return &progress{a: a, now: time.Now} }

// show tells that of a task, so much of a total (0 when not known) is done, and
// at which rate a second.
func (p *progress) show(task string, done, total int64, rate float64) {
	if p.a.globals.Quiet || task == "" {
		return
	}
	if total > 0 {
		done = min(done, total)
	}
	if terminal(p.a.errs) {
		p.showBar(task, done, total, rate)
		return
	}
	now := p.now()
	if task == p.task && now.Sub(p.last) < lineEvery {
		return
	}
	p.task, p.last = task, now
	var line strings.Builder
	line.WriteString(task)
	if total > 0 {
		fmt.Fprintf(&line, ": %d %%", done*100/total)
	} else if done > 0 {
		fmt.Fprintf(&line, ": %d", done)
	}
	if rate >= 1 {
		fmt.Fprintf(&line, ", %.0f/s", rate)
	}
	fmt.Fprintln(p.a.errs, line.String())
}

func (p *progress) showBar(task string, done, total int64, rate float64) {
	if p.bar == nil || task != p.task || total != p.total {
		p.end()
		p.task, p.total = task, total
		most := total
		if most <= 0 {
			most = -1 // a spinner
		}
		p.bar = progressbar.NewOptions64(most,
			progressbar.OptionSetWriter(p.a.errs), progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetElapsedTime(true), progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetRenderBlankState(true))
	}
	description := task
	if rate >= 1 {
		description = fmt.Sprintf("%s %.0f/s", task, rate)
	}
	p.bar.Describe(description)
	_ = p.bar.Set64(done) // a bar that cannot be drawn is no reason to stop
}

// end clears the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
