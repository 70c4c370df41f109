package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

const (
	scopeEvents = "fullmakt:events"
	// scopeEventsAll opens everybody's events: the operator's own.
	scopeEventsAll = "fullmakt:events.all"
)

const (
	eventsPath   = "/v1/events"
	usualEvents  = 100
	mostEvents   = 1000
	typeBatch    = "application/cloudevents-batch+json"
	typeStream   = "text/event-stream"
	headerAt     = "Fullmakt-Position" // where the next request goes on
	headerMore   = "Fullmakt-More"     // whether there is more now
	latestEvents = "latest"            // in place of a position: after all there is now
)

// eventsRoutes lists the routes of the feed of events.
func eventsRoutes() []route {
	return []route{
		{method: "GET", pattern: eventsPath, scopes: []string{scopeEvents, scopeEventsAll}, handle: (*Server).events, streams: true},
	}
}

// CloudEvent is an event as CloudEvents 1.0 writes it in JSON.
type CloudEvent struct {
	SpecVersion     string         `json:"specversion"`
	ID              string         `json:"id"` // its position in the feed
	Source          string         `json:"source"`
	Type            string         `json:"type"`
	Subject         string         `json:"subject,omitempty"` // the URN of an organisation
	Time            string         `json:"time"`
	DataContentType string         `json:"datacontenttype"`
	Data            node.EventData `json:"data"`
}

// NewCloudEvent writes an event of the feed at a source, which is a URI.
func NewCloudEvent(e *node.Event, source string) CloudEvent {
	c := CloudEvent{
		SpecVersion: "1.0", ID: e.Position.String(), Source: source, Type: e.Type, Time: e.At.UTC().Format(time.RFC3339Nano),
		DataContentType: "application/json", Data: e.Data,
	}
	if e.Subject != 0 {
		c.Subject = kindURNs[orgNumberKind] + ":" + e.Subject.String()
	}
	return c
}

func (s *Server) eventSource() string { return s.cfg.PublicURL + eventsPath }

// feed is what a caller may read of the events.
type feed struct {
	organisation fullmakt.PartyNo // 0 for everybody's
	number       fullmakt.OrgNumber
	types        []string // only these, or those with one as prefix up to a dot; nil for all
	own          bool     // the caller is the organisation, or the operator
	reader       fullmakt.PartyNo
}

// query writes the query of the next batch.
func (f *feed) query(after string, limit int) string {
	q := url.Values{"after": {after}, "limit": {strconv.Itoa(limit)}}
	if f.number != 0 {
		q.Set("organisation", f.number.String())
	}
	if f.types != nil {
		q.Set("types", strings.Join(f.types, ","))
	}
	return q.Encode()
}

// wants reports whether a feed is of a type of event.
func (f *feed) wants(kind string) bool {
	return f.types == nil || slices.ContainsFunc(f.types, func(t string) bool { return kind == t || strings.HasPrefix(kind, t+".") })
}

// events answers with a batch of events, or with a stream of them.
func (s *Server) events(c *call) error {
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return statusf(http.StatusBadRequest, "the query cannot be read")
	}
	f, err := s.feedOf(c, query)
	if err != nil {
		return err
	}
	after, err := s.eventsAfter(c, query)
	if err != nil {
		return err
	}
	if accepts(c.r, typeStream) {
		return s.streamEvents(c, f, after)
	}
	limit := usualEvents
	if text := query.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > mostEvents {
			return statusf(http.StatusBadRequest, "limit is a number from 1 to %d", mostEvents)
		}
	}
	page, err := s.node.Events(c.r.Context(), node.EventsQuery{Organisation: f.organisation, Reader: f.reader, After: after, Limit: limit})
	if err != nil {
		return err
	}
	batch := make([]CloudEvent, 0, len(page.Events))
	for i := range page.Events {
		if f.wants(page.Events[i].Type) {
			batch = append(batch, NewCloudEvent(&page.Events[i], s.eventSource()))
		}
	}
	c.accountFeed(f, len(batch))
	next := page.Next.String()
	h := c.w.Header()
	h.Set(headerAt, next)
	h.Set(headerMore, strconv.FormatBool(page.More))
	h.Set("Link", "<"+s.eventSource()+"?"+f.query(next, limit)+`>; rel="next"`)
	body, err := json.Marshal(batch)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "write the events: %w", err)
	}
	c.write(http.StatusOK, typeBatch, body)
	return nil
}

// eventsAfter reads where the caller wants to go on: the header that a browser
// sends when it connects again, else the query.
func (s *Server) eventsAfter(c *call, query url.Values) (node.Position, error) {
	text := query.Get("after")
	if last := c.r.Header.Get("Last-Event-ID"); last != "" {
		text = last
	}
	if text == latestEvents {
		snap, err := c.snapshot()
		if err != nil {
			return node.Position{}, err
		}
		return node.Position{Seq: snap.Seq()}, nil
	}
	return node.ParsePosition(text)
}

// feedOf finds whose events are asked for, and lets only those have them who may:
// the organisation itself, whoever holds the package for it, and the operator.
func (s *Server) feedOf(c *call, query url.Values) (*feed, error) {
	snap, err := c.snapshot()
	if err != nil {
		return nil, err
	}
	f := &feed{}
	if types := query.Get("types"); types != "" {
		if strings.Trim(types, "abcdefghijklmnopqrstuvwxyz.,") != "" {
			return nil, statusf(http.StatusBadRequest, "types is a list of types of events, such as authority,grant.given")
		}
		f.types = strings.Split(types, ",")
	}
	f.number = c.caller.organisation
	if c.caller.may(scopeEventsAll) {
		f.number = 0
	}
	if text := query.Get("organisation"); text != "" {
		if f.number, err = fullmakt.ParseOrgNumber(text); err != nil {
			return nil, statusf(http.StatusBadRequest, "organisation is no organisation number, which has nine digits")
		}
	}
	if f.number != 0 {
		f.organisation = snap.Organisation(f.number)
	}
	return f, s.mayRead(c, snap, f)
}

// mayRead checks a feed against what the caller may read now. Of an organisation
// that is not known it says no more than of one that the caller has nothing to do
// with.
func (s *Server) mayRead(c *call, snap *index.Snapshot, f *feed) error {
	refused := statusf(http.StatusForbidden, "the caller does not hold the package %s for the organisation", node.EventsPackage).
		hinted("the organisation can give it; a token of the organisation itself needs nothing")
	switch {
	case c.caller.may(scopeEventsAll):
		if f.number != 0 && f.organisation == 0 {
			return statusf(http.StatusNotFound, "there is no organisation with this number")
		}
		f.own = true
		return nil
	case f.number == 0:
		return statusf(http.StatusBadRequest, "name the organisation whose events are asked for").hinted("organisation=, nine digits")
	case f.organisation == 0:
		return refused
	}
	who, err := s.readerOf(c, snap)
	if err != nil {
		return err
	}
	if who == f.organisation {
		f.own = true
		return nil
	}
	if who == 0 {
		return refused
	}
	f.reader = who
	q := pdp.Ask(who, f.organisation, c.server.now().Unix())
	var known bool
	if q.Package, known = snap.Catalogue().PackageID(node.EventsPackage); !known {
		return refused
	}
	if d := pdp.Decide(snap, q); !d.Allowed || d.Uncertain {
		return refused
	}
	return nil
}

// readerOf returns the party that a token speaks for: its system user, its person,
// or else its organisation; 0 for none that is known.
func (s *Server) readerOf(c *call, snap *index.Snapshot) (fullmakt.PartyNo, error) {
	who := c.caller
	switch {
	case who.systemUser != fullmakt.UUID{}:
		return s.findParty(c.r.Context(), snap, systemUserKind, []byte(who.systemUser.String()))
	case who.person != 0:
		return snap.Person(who.person), nil
	case who.partyUUID != fullmakt.UUID{}:
		return s.findParty(c.r.Context(), snap, partyUUIDKind, []byte(who.partyUUID.String()))
	case who.organisation != 0:
		return snap.Organisation(who.organisation), nil
	}
	return 0, nil
}

// accountFeed puts a reading into the call's look-up.
func (c *call) accountFeed(f *feed, count int) {
	c.lookup.Object, c.lookup.Count, c.lookup.What = f.organisation, count, "events"
}

// accepts reports whether a request names a media type that it wants.
func accepts(r *http.Request, media string) bool {
	for _, header := range r.Header["Accept"] {
		for part := range strings.SplitSeq(header, ",") {
			name, _, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(name), media) {
				return true
			}
		}
	}
	return false
}
