package xacml

import "time"

// evaluation is one evaluation of one individual request.
type evaluation struct {
	request *Request
	now     time.Time // supplies current-time, current-date and current-dateTime where the request lacks them (section 10.2.5)
	steps   int       // that it may still take
}

// spend takes n steps of the evaluation's allowance, and fails when it is used up.
func (ev *evaluation) spend(n int) error {
	if ev.steps -= n; ev.steps < 0 {
		return processingError("the evaluation takes more steps than it may")
	}
	return nil
}
