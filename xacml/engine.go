package xacml

import (
	"sync"
	"time"
)

// Options are what an engine decides with.
type Options struct {
	// Roots are the policies that requests are evaluated against. Several of them are
	// combined by only-one-applicable.
	Roots []*Policy
	// Find returns the policy that a reference means, or nil when there is none;
	// Reference.Choose helps it. It is called when an evaluation first needs the
	// policy, possibly by several goroutines at once, and what it returns is kept.
	// When it is nil or finds nothing, references may still mean one of Roots.
	Find func(Reference) (*Policy, error)
	// Attributes returns the values of an attribute that a request lacks: the
	// attribute finder of a context handler (section 7.3.5). An error makes the
	// expression Indeterminate. It may be called by several goroutines at once, and
	// may be nil.
	Attributes func(AttributeQuery) ([]Value, error)
	Limits     Limits
}

// Limits bound one evaluation, so that no policy and no request can make it last.
// A zero stands for the default.
type Limits struct {
	// Steps are the values, expressions, rules and policies it may touch: by default
	// a million, some tenths of a second. An evaluation that needs more is
	// Indeterminate whatever it has found. A request for many decisions may take ten
	// times as many for all of them together.
	Steps int
	// Depth is how many policies it may enter one inside the other: by default 100.
	Depth int
}

// Engine evaluates requests against a set of policies that does not change: a
// policy decision point. It may be used by several goroutines at once.
type Engine struct {
	options Options
	found   sync.Map // of Reference, *Policy
}

// NewEngine returns an engine for a set of policies.
func NewEngine(o Options) *Engine {
	if o.Limits.Steps == 0 {
		o.Limits.Steps = 1_000_000
	}
	if o.Limits.Depth == 0 {
		o.Limits.Depth = 100
	}
	return &Engine{options: o}
}

// Evaluate answers a request as of a time. It gives one result for each individual
// request that the Multiple Decision Profile makes of it, and one where it asks for
// a combined decision. A request that is wrong has the result Indeterminate.
func (e *Engine) Evaluate(req *Request, now time.Time) *Response {
	return e.respond(req, now, nil)
}

// respond evaluates each individual request; with a trace it adds a step to the
// trace for each.
func (e *Engine) respond(req *Request, now time.Time, trace *Trace) *Response {
	if req.alone() {
		steps := e.options.Limits.Steps
		return &Response{Results: []Result{e.decide(req, now, trace, &steps)}}
	}
	requests, err := req.individual()
	if err != nil {
		return &Response{Results: []Result{{Decision: Indeterminate, Status: statusOf(asError(err))}}}
	}
	results := make([]Result, len(requests))
	steps := 10 * e.options.Limits.Steps
	for i, r := range requests {
		results[i] = e.decide(r, now, trace, &steps)
	}
	if req.CombinedDecision {
		results = []Result{combineResults(results)}
	}
	return &Response{Results: results}
}

// decide evaluates one individual request, and takes the steps of it from those that
// are left.
func (e *Engine) decide(req *Request, now time.Time, trace *Trace, left *int) Result {
	if req.fault != nil {
		if trace != nil {
			trace.Requests = append(trace.Requests, nil)
		}
		return Result{Decision: Indeterminate, Status: statusOf(req.fault), Categories: includeInResult(req)}
	}
	ev := &evaluation{request: req, now: now, steps: min(e.options.Limits.Steps, *left), depth: e.options.Limits.Depth, engine: e}
	ev.frames, ev.open = ev.room.frames[:0], ev.room.open[:0]
	if trace != nil {
		ev.trace, ev.traceSteps = &Step{}, ev.steps
	}
	*left -= ev.steps
	o := e.evaluate(ev)
	*left += max(ev.steps, 0)
	if trace != nil {
		trace.Requests = append(trace.Requests, ev.trace.Steps)
	}
	for _, f := range ev.frames {
		f.release()
	}
	if ev.steps < 0 {
		o = indeterminate(errTooManySteps)
	}
	result := Result{Decision: o.decision(), Categories: includeInResult(req), Policies: ev.applicable}
	if o.duties != nil {
		result.Obligations, result.Advice = o.duties.obligations, o.duties.advice
	}
	if o.err != nil {
		result.Status = statusOf(o.err)
	}
	return result
}

// evaluate evaluates the roots: the only one, or the only one that is applicable.
func (e *Engine) evaluate(ev *evaluation) outcome {
	if len(e.options.Roots) == 1 {
		return root{e.options.Roots[0]}.decide(ev)
	}
	roots := make([]decider, len(e.options.Roots))
	for i, p := range e.options.Roots {
		roots[i] = root{p}
	}
	return onlyOneApplicable(ev, roots)
}

// root is a policy that no other refers to, evaluated with the frame of its own
// document.
type root struct{ policy *Policy }

func (r root) decide(ev *evaluation) outcome {
	defer ev.leave(ev.enter(r.policy.program))
	return r.policy.decide(ev)
}

func (r root) applies(ev *evaluation) (matching, *Error) {
	defer ev.leave(ev.enter(r.policy.program))
	return r.policy.applies(ev)
}

// statusOf returns the status of a result that is Indeterminate for an error.
func statusOf(err *Error) Status {
	return Status{Code: err.Code, Message: err.Message, Missing: err.Missing}
}
