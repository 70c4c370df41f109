package xacml

import "time"

// Outcome is what became of a case.
type Outcome struct {
	Case *Case
	// Request is the notation of the request that was answered otherwise than it
	// must be.
	Request string
	// Differences are the lines that the response lacks ("want …") or has too many
	// ("got …"); none when it is as it must be.
	Differences []string
	Response    *Response
	// Trace tells what was evaluated; nil when the request or a policy could not be
	// read.
	Trace *Trace
}

// Run answers every case of the suite as of a time.
func (s *Suite) Run(now time.Time) []Outcome {
	library := &Library{}
	for _, ref := range s.Refs {
		library.Add(ref)
	}
	engine, refused := newEngineOf(s.Roots, library)
	outcomes := make([]Outcome, len(s.Cases))
	for i := range s.Cases {
		c := &s.Cases[i]
		outcomes[i].Case = c
		for _, request := range c.Requests {
			got := answer(engine, refused, request.Text, now)
			outcomes[i].Response, outcomes[i].Trace = got.Response, got.Trace
			if diff := c.Check(got.Response.JSON(got.Dialect)); len(diff) > 0 {
				outcomes[i].Request, outcomes[i].Differences = request.Name, diff
				break
			}
		}
	}
	return outcomes
}
