package enhetsregisteret

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
)

// rehearsedWindow is how far page numbers reach: page × size may not pass it.
const rehearsedWindow = 10_000

// Rehearsal is a stand-in for the register's open API, to rehearse following it
// without the network: update feeds and single look-ups, with the habits of the
// real one that clients stumble over. It serves what it is given; feeds are named
// FeedUnits, FeedSubUnits and FeedRoles. It is an http.Handler, and Follower.BaseURL
// is the URL of a server with it. What it does as the real one:
// ids rise with holes, a series per feed, and are texts in the feed of roles;
// an empty page has no _embedded; pages do not reach beyond 10 000 entries; a
// deleted unit is answered with 200 and slettedato, a removed one with 410, one
// without roles with 404; a media type it does not know gets 406.
type Rehearsal struct {
	mu       sync.Mutex
	now      time.Time
	bodies   map[string]map[fullmakt.OrgNumber]string // by feed
	removed  map[fullmakt.OrgNumber]bool
	events   map[string][]rehearsedEvent // by feed
	failures []rehearsedFailure
	requests []string
}

type rehearsedEvent struct {
	id   int64
	at   time.Time
	org  string
	kind string
}

type rehearsedFailure struct {
	status     int
	retryAfter string
}

// NewRehearsal returns an empty register whose first event is published at start.
// Later ones follow a second apart.
func NewRehearsal(start time.Time) *Rehearsal {
	s := &Rehearsal{now: start.UTC(), bodies: map[string]map[fullmakt.OrgNumber]string{}, removed: map[fullmakt.OrgNumber]bool{}, events: map[string][]rehearsedEvent{}}
	for _, feed := range Feeds() {
		s.bodies[feed] = map[fullmakt.OrgNumber]string{}
	}
	return s
}

// Put stores the JSON answer for a unit, a sub-unit or a unit's roles and
// announces it: Ny at first, then Endring. Empty roles are no roles: 404.
func (s *Rehearsal) Put(feed string, org fullmakt.OrgNumber, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kind := "Endring"
	if _, known := s.bodies[feed][org]; !known {
		kind = "Ny"
	}
	delete(s.removed, org)
	s.bodies[feed][org] = body
	s.announce(feed, org.String(), kind)
}

// Delete deletes a unit or sub-unit on a date: it is answered with slettedato
// from then on, and its roles are not shown.
func (s *Rehearsal) Delete(feed string, org fullmakt.OrgNumber, on fullmakt.Date) {
	s.mu.Lock()
	defer s.mu.Unlock()
	form := "AS"
	if feed == FeedSubUnits {
		form = "BEDR"
	}
	s.bodies[feed][org] = fmt.Sprintf(`{"organisasjonsnummer":%q,"navn":"SLETTET ENHET","organisasjonsform":{"kode":%q},"slettedato":%q,"respons_klasse":"SlettetEnhet"}`,
		org, form, on)
	delete(s.bodies[FeedRoles], org)
	s.announce(feed, org.String(), "Sletting")
}

// Remove removes a unit or sub-unit for legal reasons: 410 from then on.
func (s *Rehearsal) Remove(feed string, org fullmakt.OrgNumber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removed[org] = true
	s.announce(feed, org.String(), "Fjernet")
}

// Announce adds an event alone, for any text as the organisation's number.
func (s *Rehearsal) Announce(feed string, org, kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.announce(feed, org, kind)
}

func (s *Rehearsal) announce(feed string, org, kind string) {
	last := map[string]int64{FeedUnits: 14_757_179, FeedSubUnits: 21_207_518, FeedRoles: 4_577_229}[feed]
	if list := s.events[feed]; len(list) > 0 {
		last = list[len(list)-1].id
	}
	s.events[feed] = append(s.events[feed], rehearsedEvent{id: last + 1 + last%4, at: s.now, org: org, kind: kind})
	s.now = s.now.Add(time.Second)
}

// Fail lets the next n requests fail with a status, and with a Retry-After
// header when that is not empty.
func (s *Rehearsal) Fail(n, status int, retryAfter string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.failures = append(s.failures, rehearsedFailure{status, retryAfter})
	}
}

// Last returns the id of a feed's newest event; 0 for none.
func (s *Rehearsal) Last(feed string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if list := s.events[feed]; len(list) > 0 {
		return list[len(list)-1].id
	}
	return 0
}

// Requests returns the requests so far, as path and query, failed ones too.
func (s *Rehearsal) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// ServeHTTP answers one request.
func (s *Rehearsal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.URL.RequestURI())
	if len(s.failures) > 0 {
		f := s.failures[0]
		s.failures = s.failures[1:]
		if f.retryAfter != "" {
			w.Header().Set("Retry-After", f.retryAfter)
		}
		w.WriteHeader(f.status)
		return
	}
	if accept := r.Header.Get("Accept"); accept != "" && !strings.Contains(accept, "*/*") && !strings.Contains(accept, "json") {
		refuse(w, http.StatusNotAcceptable, "no such media type")
		return
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(parts) == 2 && parts[0] == "oppdateringer" && parts[1] == "roller":
		s.roleEvents(w, r)
	case len(parts) == 2 && parts[0] == "oppdateringer":
		s.unitEvents(w, r, "updates/"+parts[1])
	case len(parts) == 3 && parts[0] == "enheter" && parts[2] == "roller":
		s.lookUp(w, FeedRoles, parts[1])
	case len(parts) == 2 && parts[0] == "enheter":
		s.lookUp(w, FeedUnits, parts[1])
	case len(parts) == 2 && parts[0] == "underenheter":
		s.lookUp(w, FeedSubUnits, parts[1])
	default:
		refuse(w, http.StatusNotFound, "no such path")
	}
}

func (s *Rehearsal) lookUp(w http.ResponseWriter, feed string, number string) {
	org, err := fullmakt.ParseOrgNumber(number)
	switch body := s.bodies[feed][org]; {
	case err != nil:
		refuse(w, http.StatusBadRequest, "not an organisation number")
	case s.removed[org]:
		refuse(w, http.StatusGone, "removed")
	case body == "":
		refuse(w, http.StatusNotFound, "no such unit")
	default:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	}
}

// unitEvents answers a page of a HAL feed: from a date, from an id on and
// including it, or from the start.
func (s *Rehearsal) unitEvents(w http.ResponseWriter, r *http.Request, feed string) {
	query := r.URL.Query()
	from, ok1 := rehearsedNumber(query.Get("oppdateringsid"), 0)
	size, ok2 := rehearsedNumber(query.Get("size"), 20)
	page, ok3 := rehearsedNumber(query.Get("page"), 0)
	since, ok4 := rehearsedTime(query.Get("dato"))
	if !ok1 || !ok2 || !ok3 || !ok4 || size < 1 || size > rehearsedWindow || page*size > rehearsedWindow {
		refuse(w, http.StatusBadRequest, "page × size must not pass 10000")
		return
	}
	var list []rehearsedEvent
	for _, e := range s.events[feed] {
		if e.id >= from && !e.at.Before(since) {
			list = append(list, e)
		}
	}
	if strings.EqualFold(query.Get("sort"), "id,DESC") {
		for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
			list[i], list[j] = list[j], list[i]
		}
	}
	total := int64(len(list))
	answer := map[string]any{
		"_links": map[string]any{"self": map[string]string{"href": "http://register.example" + r.URL.RequestURI()}},
		"page":   map[string]int64{"size": size, "totalElements": total, "totalPages": (total + size - 1) / size, "number": page},
	}
	if start := page * size; start < total {
		var entries []map[string]any
		for _, e := range list[start:min(start+size, total)] {
			entries = append(entries, map[string]any{
				"oppdateringsid": e.id, "dato": rehearsedStamp(e.at), "organisasjonsnummer": e.org, "endringstype": e.kind,
				"_links": map[string]any{"enhet": map[string]string{"href": "http://register.example/" + strings.TrimPrefix(feed, "updates/") + "/" + e.org}},
			})
		}
		name := map[string]string{FeedUnits: "oppdaterteEnheter", FeedSubUnits: "oppdaterteUnderenheter"}[feed]
		answer["_embedded"] = map[string]any{name: entries}
	}
	answerJSON(w, answer)
}

// roleEvents answers a list of CloudEvents after an id, or from a time on.
func (s *Rehearsal) roleEvents(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	after, ok1 := rehearsedNumber(query.Get("afterId"), 0)
	size, ok2 := rehearsedNumber(query.Get("size"), 100)
	since, ok3 := rehearsedTime(query.Get("afterTime"))
	if !ok1 || !ok2 || !ok3 || size < 1 || size > rehearsedWindow || query.Has("afterId") && after < 1 {
		refuse(w, http.StatusBadRequest, "afterId must be at least 1, size 1 to 10000")
		return
	}
	entries := []map[string]any{}
	for _, e := range s.events[FeedRoles] {
		if e.id > after && !e.at.Before(since) && int64(len(entries)) < size {
			entries = append(entries, map[string]any{
				"specversion": "1.0", "id": strconv.FormatInt(e.id, 10), "source": "/enhetsregisteret/oppdateringer/roller",
				"type": "no.example.roller.oppdatert", "time": rehearsedStamp(e.at), "data": map[string]string{"organisasjonsnummer": e.org},
			})
		}
	}
	answerJSON(w, entries)
}

func rehearsedStamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z") }

func rehearsedNumber(s string, otherwise int64) (int64, bool) {
	if s == "" {
		return otherwise, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0
}

func rehearsedTime(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	t, err := time.Parse("2006-01-02T15:04:05.000Z", s)
	return t, err == nil
}

func answerJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// A test server has nobody to tell of a client that went away.
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"status":%d,"feilmelding":%q}`, status, text)
}
