package main

import (
	"testing"
	"time"

	"github.com/fullmakt/fullmakt/api"
	"github.com/fullmakt/fullmakt/web"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

// TestTraffic: requests are counted once, and told for the last minutes to the page
// and in all to Prometheus.
func TestTraffic(t *testing.T) {
	now := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	c := newTraffic(now)
	ask := func(family string, status int, took time.Duration, times int) {
		for range times {
			c.observe(api.Observation{Family: family, Status: status, Took: took})
		}
	}
	ask("authzen", 200, 100*time.Microsecond, 90)
	ask("authzen", 401, time.Millisecond, 8)
	ask("authzen", 500, time.Minute, 2)
	ask("altinn_meta", 200, 3*time.Millisecond, 1)
	got := c.lately(now.Add(10 * time.Second))
	want := web.Traffic{Span: 10 * time.Second, Rows: []web.TrafficRow{
		{Family: "authzen", Requests: 100, Refused: 8, Failed: 2, PerSecond: 10, Median: 100 * time.Microsecond, P99: 10 * time.Second},
		{Family: "altinn_meta", Requests: 1, PerSecond: 0.1, Median: 5 * time.Millisecond, P99: 5 * time.Millisecond},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("traffic differs (-want +got):\n%s", diff)
	}
	for range 100 {
		now = now.Add(trafficStep)
		c.note(now)
	}
	ask("altinn_meta", 200, time.Microsecond, 3)
	got = c.lately(now)
	if len(got.Rows) != 1 || got.Rows[0].Requests != 3 || got.Span < trafficSpan || got.Span > trafficSpan+trafficStep {
		t.Errorf("later, traffic is %+v", got)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	found, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := uint64(0)
	for _, m := range found[0].GetMetric() {
		all += m.GetHistogram().GetSampleCount()
	}
	if all != 104 {
		t.Errorf("Prometheus is told of %d requests, want 104", all)
	}
}
