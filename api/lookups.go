package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
)

// LookupsConfig says which look-ups are recorded, and where. As a file it is JSON
// with the names given here.
type LookupsConfig struct {
	Dir         string  `json:"dir"`          // "" records nothing
	Level       string  `json:"level"`        // off, denials, all (the default), or 1/n for one in n
	Overflow    string  `json:"overflow"`     // block (the default) or drop
	Queue       int     `json:"queue"`        // look-ups that may wait to be written: 8192
	SegmentMB   int     `json:"segment_mb"`   // megabytes of a file: 64
	RetainDays  int     `json:"retain_days"`  // 0 keeps them for ever
	SyncSeconds float64 `json:"sync_seconds"` // how long until written ones are forced to disk: 0.2
}

// Open opens the log that the configuration describes; nil when it describes none.
// Errors are those of audit.Open.
func (c LookupsConfig) Open(now time.Time) (*audit.Log, error) {
	if c.Dir == "" {
		return nil, nil
	}
	o := audit.Options{
		Level: audit.LevelAll, Overflow: audit.Overflow(c.Overflow), Queue: c.Queue, Segment: int64(c.SegmentMB) << 20,
		Retain: time.Duration(c.RetainDays) * 24 * time.Hour, Sync: time.Duration(c.SyncSeconds * float64(time.Second)),
	}
	if c.Level != "" {
		var err error
		if o.Level, o.Sample, err = audit.ParseLevel(c.Level); err != nil {
			return nil, err
		}
	}
	return audit.Open(c.Dir, o, now)
}

// WithLookups has every look-up recorded in a log, which the caller closes after
// the server's last request.
func WithLookups(log *audit.Log) Option { return func(s *Server) { s.lookups = log } }

// recorder is a ResponseWriter that records the call's look-up before anything of
// the answer goes out, however a handler writes it. What could not be recorded is
// not answered.
type recorder struct {
	http.ResponseWriter
	c       *call
	began   bool
	refused bool // the answer was replaced, and what a handler still writes of it goes nowhere
}

// WriteHeader records the look-up and begins the answer.
func (r *recorder) WriteHeader(status int) {
	if r.refused {
		return
	}
	if err := r.c.account(status); err != nil {
		r.c.fail(err) // comes by here again, with nothing left to record
		r.refused = true
		return
	}
	r.began = true
	r.ResponseWriter.WriteHeader(status)
}

// Write writes a part of the answer, unless that was replaced.
func (r *recorder) Write(b []byte) (int, error) {
	if !r.began && !r.refused {
		r.WriteHeader(http.StatusOK)
	}
	if r.refused {
		return len(b), nil
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what it needs.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// account records a call's look-up, once. Handlers have put into c.lookup what they
// know; the rest is what the call itself tells. Calls without a known caller are no
// look-ups.
func (c *call) account(status int) error {
	log := c.server.lookups
	if c.accounted || log == nil || c.caller == nobody || status == http.StatusTooManyRequests {
		return nil
	}
	c.accounted = true
	r := &c.lookup
	r.Time, r.Request = c.now, c.requestID
	r.Client, r.Organisation, r.Supplier, r.User = c.caller.client, c.caller.organisation, c.caller.supplier, c.user()
	r.API, r.Operation = callName(c.route.pattern)
	if r.Purpose == "" {
		r.Purpose = c.caller.purpose
	}
	if r.Revision == 0 && c.snap != nil {
		r.Revision = c.snap.Seq()
	}
	switch {
	case status >= http.StatusBadRequest:
		r.Outcome = audit.Failed
	case r.Outcome == "":
		r.Outcome = audit.Listed
	}
	return log.Add(c.r.Context(), *r)
}

// user returns the party of the person or system user that is logged in, as far as
// it can be told without asking the store.
func (c *call) user() fullmakt.PartyNo {
	switch {
	case c.caller.partyID != 0:
		return c.caller.partyID
	case c.caller.person != 0 && c.snap != nil:
		return c.snap.Person(c.caller.person)
	}
	return 0
}

// callName returns the names by which the log calls a route: the family, and the
// rest of its path.
func callName(pattern string) (api, operation string) {
	for _, family := range []struct{ prefix, name string }{
		{"/access/v1/", "authzen"},
		{tenantsPath + "{tenant}/access/v1/", "authzen"},
		{accessManagement + "/", "altinn"},
		{authorization + "/", "altinn"},
		{"/fullmakt/v1/", "fullmakt"},
		{"/v1/", "fullmakt"},
	} {
		if rest, ok := strings.CutPrefix(pattern, family.prefix); ok {
			return family.name, rest
		}
	}
	return "other", strings.TrimPrefix(pattern, "/")
}

// accountVerdict puts a single evaluation into the call's look-up.
func (c *call) accountVerdict(q *question, v *verdict) {
	if c.server.lookups == nil {
		return
	}
	r := &c.lookup
	r.Subject, r.Object, r.What = v.subject, v.object, v.what
	r.Outcome, r.Reason, r.Revision = v.outcome(), v.reason, v.revision
	r.Purpose = string(q.context.purpose)
	if v.dated {
		r.AskedAt = v.at
	}
}

// accountItem puts one evaluation of a batch into the call's look-up.
func (c *call) accountItem(q *question, v *verdict) {
	if c.server.lookups == nil {
		return
	}
	r := &c.lookup
	r.Items = append(r.Items, audit.Item{Subject: v.subject, Object: v.object, What: v.what, Outcome: v.outcome(), Reason: v.reason})
	r.Count, r.Outcome, r.Revision = len(r.Items), audit.OutcomeOfItems(r.Items), v.revision
	if r.Purpose == "" {
		r.Purpose = string(q.context.purpose)
	}
}

func (v *verdict) outcome() audit.Outcome {
	if v.failed != nil {
		return audit.Failed
	}
	return audit.OutcomeOf(v.allowed)
}

// account puts a search into the call's look-up.
func (x *search) account(count int) {
	r := &x.c.lookup
	r.Subject, r.Object, r.Count, r.Revision = x.whole, x.other, count, x.snap.Seq()
	if x.sought == "subject" {
		r.Subject, r.Object = 0, x.whole
	}
	switch {
	case string(x.q.resource.typ) == serviceType:
		r.What = serviceType
		if res, ok := x.s.node.Registry(x.snap).Resource(string(x.q.resource.id)); ok && x.sought != "resource" {
			r.What = res.Identifier
		}
	case x.sought != "action" && x.whole != 0:
		r.What = x.act.code(x.snap)
	}
	r.Purpose = string(x.q.context.purpose)
	if x.q.context.dated {
		r.AskedAt = x.at
	}
}
