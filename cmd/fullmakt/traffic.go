package main

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt/api"
	"github.com/fullmakt/fullmakt/web"
	"github.com/prometheus/client_golang/prometheus"
)

// trafficBounds are the upper bounds of the times that requests are sorted by, in
// seconds: from a plain check in memory to the longest that a request may last.
var trafficBounds = []float64{50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1, 2.5, 5, 10}

const (
	// trafficStep is how often the counts are noted, trafficSpan over how long the
	// page about operations tells rates.
	trafficStep = 10 * time.Second
	trafficSpan = 5 * time.Minute
)

// traffic counts the requests that the APIs answered, once, for /metrics and for the
// page about operations alike.
type traffic struct {
	mu     sync.Mutex
	counts map[trafficKey]*trafficCount
	notes  []trafficNote // of the last trafficSpan, the oldest first
}

// trafficKey sorts requests: nothing in it tells who asked or about whom.
type trafficKey struct{ family, outcome string }

// trafficCount is how many requests there were, by how long they took.
type trafficCount struct {
	buckets [18]uint64 // by trafficBounds; the last is for longer ones
	seconds float64    // in all
}

// trafficNote is the counts as they were at a time.
type trafficNote struct {
	at     time.Time
	counts map[trafficKey]trafficCount
}

func newTraffic(now time.Time) *traffic {
	t := &traffic{counts: map[trafficKey]*trafficCount{}}
	t.note(now)
	return t
}

// observe counts a request.
func (t *traffic) observe(o api.Observation) {
	key := trafficKey{o.Family, outcome(o.Status)}
	seconds := o.Took.Seconds()
	bucket, _ := slices.BinarySearch(trafficBounds, seconds)
	t.mu.Lock()
	defer t.mu.Unlock()
	count := t.counts[key]
	if count == nil {
		count = &trafficCount{}
		t.counts[key] = count
	}
	count.buckets[bucket]++
	count.seconds += seconds
}

// keep notes the counts from time to time until ctx ends.
func (t *traffic) keep(ctx context.Context) {
	tick := time.NewTicker(trafficStep)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			t.note(now)
		}
	}
}

// note notes the counts, and forgets notes that are older than trafficSpan but one.
func (t *traffic) note(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	note := trafficNote{at: now, counts: make(map[trafficKey]trafficCount, len(t.counts))}
	for key, count := range t.counts {
		note.counts[key] = *count
	}
	for len(t.notes) > 1 && now.Sub(t.notes[1].at) >= trafficSpan {
		t.notes = t.notes[1:]
	}
	t.notes = append(slices.Clone(t.notes), note)
}

// lately tells what was asked since the oldest note, by API.
func (t *traffic) lately(now time.Time) web.Traffic {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := t.notes[0]
	span := now.Sub(first.at)
	times := map[string]*trafficCount{}
	rows := map[string]*web.TrafficRow{}
	for key, count := range t.counts {
		before := first.counts[key]
		row, all := rows[key.family], times[key.family]
		if row == nil {
			row, all = &web.TrafficRow{Family: key.family}, &trafficCount{}
			rows[key.family], times[key.family] = row, all
		}
		requests := 0
		for i, n := range count.buckets {
			all.buckets[i] += n - before.buckets[i]
			requests += int(n - before.buckets[i])
		}
		row.Requests += requests
		switch key.outcome {
		case "answered":
		case "failed", "unavailable":
			row.Failed += requests
		default:
			row.Refused += requests
		}
	}
	out := web.Traffic{Span: span}
	for family, row := range rows {
		if row.Requests == 0 {
			continue
		}
		if span > 0 {
			row.PerSecond = float64(row.Requests) / span.Seconds()
		}
		row.Median, row.P99 = times[family].quantile(0.5), times[family].quantile(0.99)
		out.Rows = append(out.Rows, *row)
	}
	slices.SortFunc(out.Rows, func(a, b web.TrafficRow) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Family, b.Family))
	})
	return out
}

// quantile returns the bound that a share of the requests stayed within; for those
// that took longer than all bounds the last of them.
func (c *trafficCount) quantile(share float64) time.Duration {
	all := uint64(0)
	for _, n := range c.buckets {
		all += n
	}
	seen := uint64(0)
	for i, n := range c.buckets {
		if seen += n; float64(seen) >= share*float64(all) {
			return time.Duration(trafficBounds[min(i, len(trafficBounds)-1)] * float64(time.Second))
		}
	}
	return 0
}

var requestsMetric = prometheus.NewDesc("fullmakt_request_duration_seconds", "Time to answer a request, by API and outcome.", []string{"api", "outcome"}, nil)

// Describe is a part of prometheus.Collector.
func (t *traffic) Describe(descs chan<- *prometheus.Desc) { descs <- requestsMetric }

// Collect is a part of prometheus.Collector.
func (t *traffic) Collect(out chan<- prometheus.Metric) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, count := range t.counts {
		within := make(map[float64]uint64, len(trafficBounds))
		all := uint64(0)
		for i, n := range count.buckets {
			all += n
			if i < len(trafficBounds) {
				within[trafficBounds[i]] = all
			}
		}
		out <- prometheus.MustNewConstHistogram(requestsMetric, all, count.seconds, within, key.family, key.outcome)
	}
}
