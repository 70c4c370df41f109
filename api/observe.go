package api

import (
	"time"

	"github.com/fullmakt/fullmakt/audit"
)

// Observation is one answered request, with nothing that tells who asked or about
// whom.
type Observation struct {
	// Family is the API that was asked: authzen, altinn_parties, altinn_meta,
	// altinn_connections, altinn_policy_information, altinn_unanswered, support,
	// audit, events, operations, or other for paths that do not exist and methods that a path does not have.
	Family string
	Status int           // of HTTP; 0 when nothing was answered
	Took   time.Duration // from the request's headers to the end of its answer
}

// WithObserver tells a function of every request when it is answered, in the
// goroutine that answered it.
func WithObserver(observe func(Observation)) Option {
	return func(s *Server) { s.observe = observe }
}

// family is the routes of one API, with its name.
type family struct {
	name   string
	routes []route
}

// named returns the routes of families, in their order.
func named(families ...family) (all []route) {
	for _, f := range families {
		for _, rt := range f.routes {
			rt.family = f.name
			all = append(all, rt)
		}
	}
	return all
}

// observed tells the observer of a call that is answered.
func (s *Server) observed(c *call) {
	if s.observe == nil {
		return
	}
	name := c.route.family
	if name == "" {
		name = "other"
	}
	s.observe(Observation{Family: name, Status: c.status, Took: s.now().Sub(c.now)})
}

// LookupStats tells how the log of look-ups is doing; ok is false when none is
// kept.
func (s *Server) LookupStats() (stats audit.Stats, ok bool) {
	if s.lookups == nil {
		return stats, false
	}
	return s.lookups.Stats(), true
}
