package xacml

import "time"

// Trace tells how a response came about: for each individual request the roots
// that were evaluated, with all that was evaluated inside them.
type Trace struct {
	Requests [][]*Step
}

// Step is the evaluation of a rule, or of a policy or policy set. One of Rule and
// Policy is nil.
type Step struct {
	Rule     *Rule
	Policy   *Policy
	Decision Decision
	// Target is how the target fared, and AnyOf how each of its AnyOf did. It is
	// left at NotEvaluated when the evaluation was given up before.
	Target Finding
	AnyOf  []Finding
	// Condition is how the condition of a rule fared whose target matched.
	Condition Finding
	// Error says why the decision is Indeterminate.
	Error *Error
	// Steps are the parts of a policy that were evaluated, in order. A combining
	// algorithm does not evaluate those that can change nothing.
	Steps []*Step
}

// Finding is how a target or condition fared.
type Finding uint8

// The findings.
const (
	NotEvaluated Finding = iota
	Holds
	HoldsNot
	Failed
)

// Explain is Evaluate with an account of how the response came about. It takes
// longer.
func (e *Engine) Explain(req *Request, now time.Time) (*Response, *Trace) {
	trace := &Trace{}
	return e.respond(req, now, trace), trace
}

// Nearest returns the rule that came nearest to being applicable for an individual
// request, counted from 0: of those that were evaluated and did not apply, the
// first with the fewest AnyOf that do not hold, where a condition that does not
// hold is nearer than any target. It returns nil when no such rule was evaluated.
func (t *Trace) Nearest(request int) *Step {
	var nearest *Step
	least := 0
	var look func(steps []*Step)
	look = func(steps []*Step) {
		for _, s := range steps {
			look(s.Steps)
			if s.Rule == nil || s.Decision != NotApplicable {
				continue
			}
			if missing := s.missing(); nearest == nil || missing < least {
				nearest, least = s, missing
			}
		}
	}
	if request < len(t.Requests) {
		look(t.Requests[request])
	}
	return nearest
}

// missing counts the AnyOf of a step that do not hold.
func (s *Step) missing() int {
	n := 0
	for _, f := range s.AnyOf {
		if f != Holds {
			n++
		}
	}
	return n
}

// begin adds a step for a rule or a policy to the trace and makes it the one that
// later steps are part of. It returns the step around it, for finish.
func (ev *evaluation) begin(r *Rule, p *Policy) *Step {
	if ev.trace == nil {
		return nil
	}
	around := ev.trace
	step := &Step{Rule: r, Policy: p}
	around.Steps = append(around.Steps, step)
	ev.trace = step
	return around
}

func (ev *evaluation) finish(around *Step, o outcome) {
	if around == nil {
		return
	}
	ev.trace.Decision, ev.trace.Error = o.decision(), o.err
	ev.trace = around
}

func finding(m matching) Finding {
	switch m {
	case matched:
		return Holds
	case noMatch:
		return HoldsNot
	default:
		return Failed
	}
}

// target notes how a target fared. Evaluation stops at the first AnyOf that does
// not hold; here all are told, at the expense of an allowance of its own.
func (s *Step) target(ev *evaluation, t *Target, m matching) {
	s.Target = finding(m)
	ev.steps, ev.traceSteps = ev.traceSteps, ev.steps
	for i := range t.AnyOf {
		m, _ := t.AnyOf[i].match(ev)
		s.AnyOf = append(s.AnyOf, finding(m))
	}
	ev.steps, ev.traceSteps = ev.traceSteps, ev.steps
}

func (s *Step) condition(got result, err error) {
	switch {
	case err != nil:
		s.Condition = Failed
	case isTrue(got.value):
		s.Condition = Holds
	default:
		s.Condition = HoldsNot
	}
}
