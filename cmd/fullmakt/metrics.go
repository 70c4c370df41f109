package main

import (
	"context"
	"net/http"
	"time"

	"github.com/fullmakt/fullmakt/node"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what Prometheus reads of a server. No label holds anything that
// tells who asked or about whom.
type metrics struct{ registry *prometheus.Registry }

func newMetrics(s *server) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "fullmakt_build_info", Help: "Always 1; the label tells what runs.", ConstLabels: prometheus.Labels{"version": release},
	})
	build.Set(1)
	m.registry.MustRegister(s.traffic, build, &registerMetrics{s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// outcome names what became of a request.
func outcome(status int) string {
	switch {
	case status >= 200 && status < 400:
		return "answered"
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return "refused"
	case status == http.StatusTooManyRequests:
		return "limited"
	case status >= 400 && status < 500:
		return "invalid"
	case status == http.StatusNotImplemented:
		return "not_implemented"
	case status == http.StatusServiceUnavailable:
		return "unavailable"
	}
	return "failed"
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Timeout: 10 * time.Second})
}

var (
	readyMetric    = prometheus.NewDesc("fullmakt_ready", "1 when /readyz says that the server is ready, else 0.", nil, nil)
	revisionMetric = prometheus.NewDesc("fullmakt_revision", "The revision that questions are answered from.", nil, nil)
	headMetric     = prometheus.NewDesc("fullmakt_store_revision", "The latest revision in the store.", nil, nil)
	ageMetric      = prometheus.NewDesc("fullmakt_register_age_seconds", "Time since a register feed last brought something.", nil, nil)
	staleMetric    = prometheus.NewDesc("fullmakt_feed_stale", "1 when a register feed is known to be behind, else 0.", []string{"feed"}, nil)

	queuedMetric  = prometheus.NewDesc("fullmakt_lookups_queued", "Look-ups that wait to be written to their log.", nil, nil)
	queueMetric   = prometheus.NewDesc("fullmakt_lookups_queue_size", "Look-ups that may wait.", nil, nil)
	writtenMetric = prometheus.NewDesc("fullmakt_lookups_written_total", "Look-ups written to their log.", nil, nil)
	droppedMetric = prometheus.NewDesc("fullmakt_lookups_dropped_total", "Look-ups not recorded because the queue was full.", nil, nil)
	failingMetric = prometheus.NewDesc("fullmakt_lookups_failing", "1 while the log of look-ups cannot be written, else 0.", nil, nil)
)

// registerMetrics reads how fresh the register is, and how the log of look-ups is
// doing, when Prometheus asks.
type registerMetrics struct{ s *server }

func (*registerMetrics) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		readyMetric, revisionMetric, headMetric, ageMetric, staleMetric,
		queuedMetric, queueMetric, writtenMetric, droppedMetric, failingMetric,
	} {
		descs <- d
	}
}

func (r *registerMetrics) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	is := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	if r.s.ready.Load() { // before that the server of the APIs may not be there
		if stats, ok := r.s.calls.LookupStats(); ok {
			gauge(queuedMetric, float64(stats.Queued))
			gauge(queueMetric, float64(stats.Queue))
			gauge(failingMetric, is(stats.Err != nil))
			out <- prometheus.MustNewConstMetric(writtenMetric, prometheus.CounterValue, float64(stats.Written))
			out <- prometheus.MustNewConstMetric(droppedMetric, prometheus.CounterValue, float64(stats.Dropped))
		}
	}
	state := r.s.readiness(ctx)
	gauge(readyMetric, is(state.Ready))
	if s := r.s.n.Current(); s != nil {
		gauge(revisionMetric, float64(s.Seq()))
	}
	register, err := r.s.n.Register(ctx)
	if err != nil {
		r.s.a.log.Error("metrics", "error", err)
		return
	}
	gauge(headMetric, float64(register.Revision))
	if age, ok := r.s.age(register); ok {
		gauge(ageMetric, age.Seconds())
	}
	for _, feed := range register.Feeds {
		gauge(staleMetric, is(feed.Stale != ""), feed.Name)
	}
}

// age returns how long ago a feed last brought something; ok is false when none
// ever did.
func (s *server) age(register node.RegisterStatus) (age time.Duration, ok bool) {
	if register.ImportedAt.IsZero() {
		return 0, false
	}
	return max(0, s.now().Sub(register.ImportedAt)), true
}
