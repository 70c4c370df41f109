package api

import (
	"net/http"
	"slices"
	"strings"
)

// route is one endpoint.
type route struct {
	family  string // the API it belongs to, as Observation names it
	method  string
	pattern string // of net/http's ServeMux, without the method
	// scopes opens the route to a caller that has any one of them. A route
	// without scopes is open to any caller that is known, or with anonymous to all.
	scopes    []string
	anonymous bool
	handle    func(s *Server, c *call) error
	// fail writes an error as the family does; nil writes problem details.
	fail func(c *call, err error)
	// streams marks a route that can answer with a stream of events, which lasts
	// longer than a request may.
	streams bool
	// alias marks another spelling of a path that is served already.
	alias bool
	// stands lists the paths that the pattern stands for, where a mux needs a
	// wider one to tell them from others.
	stands []string
}

// paths returns the paths of a route as openapi.yaml has them.
func (rt *route) paths() []string {
	switch {
	case rt.alias:
		return nil
	case rt.stands != nil:
		return rt.stands
	}
	return []string{rt.pattern}
}

// allMethods are those that a path may be asked with; HEAD goes with GET.
var allMethods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// mount puts every route on a mux, and behind them answers in our own form for
// paths that do not exist and methods that a path does not have.
func (s *Server) mount(routes []route) *http.ServeMux {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, rt := range routes {
		mux.Handle(rt.method+" "+rt.pattern, s.serve(rt))
		methods[rt.pattern] = append(methods[rt.pattern], rt.method)
	}
	for pattern, allowed := range methods {
		slices.Sort(allowed)
		allow := strings.Join(allowed, ", ")
		wrong := s.serve(route{pattern: pattern, anonymous: true, handle: func(_ *Server, c *call) error {
			c.w.Header().Set("Allow", allow)
			return statusf(http.StatusMethodNotAllowed, "this path answers %s", allow)
		}})
		// Method by method: a pattern for all of them would clash with that of
		// another path with a wildcard, such as {party}/authorizedparties.
		for _, method := range allMethods {
			if !slices.Contains(allowed, method) {
				mux.Handle(method+" "+pattern, wrong)
			}
		}
	}
	if methods["/"] == nil {
		mux.Handle("/", s.serve(route{pattern: "/", anonymous: true, handle: func(*Server, *call) error {
			return statusf(http.StatusNotFound, "there is nothing at this path")
		}}))
	}
	return mux
}
