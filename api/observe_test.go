package api

import (
	"net/http"
	"slices"
	"testing"
)

// TestObserver asks a route of each family and wants each observed once, by its
// name and status.
func TestObserver(t *testing.T) {
	observed := make(chan Observation, 10)
	a := serveAPI(t, demoNode(t), openConfig(), WithObserver(func(o Observation) { o.Took = 0; observed <- o }))
	for _, test := range []struct {
		method, path string
		body         any
		want         Observation
	}{
		{"POST", evaluationPath, "{", Observation{Family: "authzen", Status: http.StatusBadRequest}},
		{"GET", accessManagement + "/authorizedparty/99", nil, Observation{Family: "altinn_parties", Status: http.StatusForbidden}},
		{"GET", accessManagement + "/meta/info/roles", nil, Observation{Family: "altinn_meta", Status: http.StatusOK}},
		{"GET", "/openapi.yaml", nil, Observation{Family: "operations", Status: http.StatusOK}},
		{"GET", "/nowhere", nil, Observation{Family: "other", Status: http.StatusNotFound}},
		{"DELETE", evaluationPath, nil, Observation{Family: "other", Status: http.StatusMethodNotAllowed}},
	} {
		a.do(test.method, test.path, test.body)
		if got := <-observed; got != test.want {
			t.Errorf("%s %s: observed %+v, want %+v", test.method, test.path, got, test.want)
		}
	}
}

// TestEveryRouteHasAFamily keeps requests from being counted among others.
func TestEveryRouteHasAFamily(t *testing.T) {
	a := serveAPI(t, demoNode(t), openConfig())
	var names []string
	for _, rt := range a.server.routes {
		if rt.family == "" {
			t.Errorf("%s %s has no family", rt.method, rt.pattern)
		}
		names = append(names, rt.family)
	}
	slices.Sort(names)
	if n := len(slices.Compact(names)); n > 20 {
		t.Errorf("%d families are too many for a label", n)
	}
}
