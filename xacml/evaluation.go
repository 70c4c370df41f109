package xacml

import (
	"errors"
	"time"
)

// evaluation is one evaluation of one individual request. It is used by one
// goroutine.
type evaluation struct {
	request *Request
	now     time.Time // supplies current-time, current-date and current-dateTime where the request lacks them (section 10.2.5)
	steps   int       // that it may still take
	depth   int       // of policies inside each other that it may still enter

	inquiries int // of access-permitted, so far

	engine *Engine
	frame  *frame    // of the document whose policies are being evaluated
	frames []*frame  // of every document that took part
	open   []*Policy // that are being evaluated, outermost first
	room   struct {  // for frames and open, as long as there are few
		frames [2]*frame
		open   [4]*Policy
	}
	args       []result // of the functions that are being called
	applicable []PolicyRef
	trace      *Step // the step whose parts are being evaluated; nil when nobody wants a trace
	traceSteps int   // that the trace may take for what evaluation passes over
}

// spend takes n steps of the evaluation's allowance, and fails when it is used up.
func (ev *evaluation) spend(n int) error {
	if ev.steps -= n; ev.steps < 0 {
		return errTooManySteps
	}
	return nil
}

var errTooManySteps = processingError("the evaluation takes more steps than it may")

// asError returns an error as the status of a result tells it.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: StatusProcessingError, Message: err.Error(), Err: err}
}

// frame holds what the evaluation found out about the attributes and variables of
// one policy document.
type frame struct {
	program   *program
	bags      []bag    // by source
	hits      []uint64 // a bit for each equality group that holds
	variables []memo   // by variable
}

// bag is what a source gave.
type bag struct {
	known  bool
	values []Value
	err    error
}

// memo is what a variable gave.
type memo struct {
	known bool
	got   result
	err   error
}

// enter makes the frame of a document the one that expressions use, and returns
// the one before for leave.
func (ev *evaluation) enter(p *program) *frame {
	before := ev.frame
	for _, f := range ev.frames {
		if f.program == p {
			ev.frame = f
			return before
		}
	}
	ev.frame = p.newFrame()
	ev.frames = append(ev.frames, ev.frame)
	return before
}

func (ev *evaluation) leave(before *frame) { ev.frame = before }

// program is what the policies of one document share: the sources of their
// attributes, with the constants that those are compared with, and the number of
// their variables.
type program struct {
	sources   []*source
	slots     map[string]int // of sources by their keys
	variables int
	groups    int
	frames    framePool
}
