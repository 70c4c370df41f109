package api

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
)

const scopeAudit = "fullmakt:audit"

const lookupsPath = "/fullmakt/v1/lookups"

// auditRoutes lists the routes by which an auditor reads the log of look-ups.
func auditRoutes() []route {
	return []route{
		{method: "GET", pattern: lookupsPath, scopes: []string{scopeAudit}, handle: (*Server).listLookups},
		{method: "GET", pattern: lookupsPath + "/verification", scopes: []string{scopeAudit}, handle: (*Server).verifyLookups},
	}
}

// wireLookup is one look-up. Parties stand in it by number, as in the log.
type wireLookup struct {
	N            uint64           `json:"n"`
	Time         string           `json:"time"`
	Request      string           `json:"request"`
	Client       string           `json:"client"`
	Organisation string           `json:"organisation,omitempty"`
	Supplier     string           `json:"supplier,omitempty"`
	User         fullmakt.PartyNo `json:"user,omitempty"`
	API          string           `json:"api"`
	Operation    string           `json:"operation"`
	Subject      fullmakt.PartyNo `json:"subject,omitempty"`
	For          fullmakt.PartyNo `json:"for,omitempty"`
	What         string           `json:"what,omitempty"`
	AskedAt      string           `json:"asked_at,omitempty"`
	Purpose      string           `json:"purpose,omitempty"`
	Outcome      audit.Outcome    `json:"outcome"`
	Reason       fullmakt.Reason  `json:"reason,omitempty"`
	Revision     string           `json:"revision,omitempty"`
	Count        int              `json:"count,omitempty"`
	Items        []wireLookupItem `json:"items,omitempty"`
}

// wireLookupItem is one part of a batch.
type wireLookupItem struct {
	Subject fullmakt.PartyNo `json:"subject,omitempty"`
	For     fullmakt.PartyNo `json:"for,omitempty"`
	What    string           `json:"what,omitempty"`
	Outcome audit.Outcome    `json:"outcome"`
	Reason  fullmakt.Reason  `json:"reason,omitempty"`
}

// wireLookupPage is some look-ups, oldest first.
type wireLookupPage struct {
	Items []wireLookup `json:"items"`
	Next  uint64       `json:"next,omitempty"` // the value of after for the next page
}

// listLookups answers with the look-ups that the query chooses.
func (s *Server) listLookups(c *call) error {
	c.lookup.Must = true
	f, err := s.lookupFilter(c)
	if err != nil {
		return err
	}
	c.lookup.Subject, c.lookup.Object = f.Party, 0
	if err := s.settleLookups(c); err != nil {
		return err
	}
	page, err := audit.Query(c.r.Context(), s.lookups.Dir(), f)
	if err != nil {
		return err
	}
	w := wireLookupPage{Items: []wireLookup{}, Next: page.Next}
	for i := range page.Entries {
		w.Items = append(w.Items, wireLookupOf(&page.Entries[i]))
	}
	c.lookup.Count = len(w.Items)
	return c.writeJSON(http.StatusOK, w)
}

// settleLookups waits until what was asked before is in the log.
func (s *Server) settleLookups(c *call) error {
	if s.lookups == nil {
		return statusf(http.StatusNotFound, "this server keeps no log of look-ups").hinted("the operator names its directory in the configuration, under lookups.dir")
	}
	return s.lookups.Sync(c.r.Context())
}

func wireLookupOf(e *audit.Entry) wireLookup {
	w := wireLookup{
		N: e.N, Time: e.Time.UTC().Format(time.RFC3339Nano), Request: e.Request, Client: e.Client, User: e.User,
		API: e.API, Operation: e.Operation, Subject: e.Subject, For: e.Object, What: e.What, Purpose: e.Purpose,
		Outcome: e.Outcome, Reason: e.Reason, Count: e.Count,
	}
	if e.Organisation != 0 {
		w.Organisation = e.Organisation.String()
	}
	if e.Supplier != 0 {
		w.Supplier = e.Supplier.String()
	}
	if e.AskedAt != 0 {
		w.AskedAt = time.Unix(e.AskedAt, 0).UTC().Format(time.RFC3339)
	}
	if e.Revision != 0 {
		w.Revision = revisionToken(e.Revision)
	}
	for _, i := range e.Items {
		w.Items = append(w.Items, wireLookupItem{Subject: i.Subject, For: i.Object, What: i.What, Outcome: i.Outcome, Reason: i.Reason})
	}
	return w
}

// lookupFilter reads a query. A parameter that is not known is an error: it may be
// a misspelt condition, without which too much would be shown.
func (s *Server) lookupFilter(c *call) (f audit.Filter, err error) {
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return f, statusf(http.StatusBadRequest, "the query cannot be read")
	}
	for name, values := range query {
		if len(values) != 1 || values[0] == "" {
			return f, statusf(http.StatusBadRequest, "parameter %s: want one value", shown(name))
		}
		value, ok := values[0], true
		switch name {
		case "from":
			f.From, err = time.Parse(time.RFC3339, value)
		case "to":
			f.To, err = time.Parse(time.RFC3339, value)
		case "party":
			f.Party, err = s.lookupParty(c, value)
		case "subject":
			f.Subject, err = s.lookupParty(c, value)
		case "for":
			f.Object, err = s.lookupParty(c, value)
		case "client":
			f.Client = value
		case "organisation":
			f.Organisation, err = fullmakt.ParseOrgNumber(value)
		case "api":
			f.API = value
		case "operation":
			f.Operation = value
		case "request":
			f.Request = value
		case "outcome":
			f.Outcome = audit.Outcome(value)
			switch f.Outcome {
			case audit.Permit, audit.Deny, audit.Mixed, audit.Listed, audit.Failed:
			default:
				ok = false
			}
		case "after":
			f.After, err = strconv.ParseUint(value, 10, 64)
		case "limit":
			f.Limit, err = strconv.Atoi(value)
			ok = f.Limit >= 1 && f.Limit <= audit.MaxPage
		default:
			return f, statusf(http.StatusBadRequest, "parameter %s is not known", shown(name))
		}
		if status, isStatus := err.(*statusError); isStatus {
			return f, status
		}
		if err != nil || !ok {
			return f, statusf(http.StatusBadRequest, "parameter %s: the value is not one", name).hinted("openapi.yaml says what each takes")
		}
	}
	return f, nil
}

// shown is a parameter's name as it may be repeated.
func shown(name string) string {
	if len(name) > 32 || strings.ContainsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' }) {
		return "(withheld)"
	}
	return name
}

// lookupParty reads the party of a condition: a party number, or a URN with a value
// such as urn:altinn:organization:identifier-no:310000019. Identity numbers of
// persons are refused, since addresses end up in logs.
func (s *Server) lookupParty(c *call, text string) (fullmakt.PartyNo, error) {
	if n, err := strconv.ParseUint(text, 10, 32); err == nil && n > 0 {
		return fullmakt.PartyNo(n), nil
	}
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return 0, statusf(http.StatusBadRequest, "a party is a party number, or a URN with its value")
	}
	kind := idKindOf([]byte(text[:i]))
	if kind == otherKind || kind == personNumberKind {
		return 0, statusf(http.StatusBadRequest, "a party is named by party number, organisation number or UUID here").hinted("an identity number never stands in an address")
	}
	snap, err := c.snapshot()
	if err != nil {
		return 0, err
	}
	party, err := s.findParty(c.r.Context(), snap, kind, []byte(text[i+1:]))
	if err != nil {
		return 0, err
	}
	if party == 0 {
		return 0, statusf(http.StatusNotFound, "the party is not known")
	}
	return party, nil
}

// wireVerification is what a verification found.
type wireVerification struct {
	Sound    bool         `json:"sound"`
	Broken   *wireBroken  `json:"broken"`
	Segments int          `json:"segments"`
	Entries  uint64       `json:"entries"`
	Lookups  uint64       `json:"lookups"`
	Dropped  uint64       `json:"dropped"`
	Since    string       `json:"since,omitempty"`
	Until    string       `json:"until,omitempty"`
	Head     string       `json:"head,omitempty"` // of the last entry, to be noted and given as head later
	Losses   []wireLosses `json:"losses"`
	// DroppedByAge is the last entry of the segments that were dropped by age.
	DroppedByAge uint64 `json:"dropped_by_age,omitempty"`
}

// wireBroken is the first place where the log does not hold.
type wireBroken struct {
	Segment string `json:"segment,omitempty"`
	Line    int    `json:"line,omitempty"`
	Entry   uint64 `json:"entry"`
	Why     string `json:"why"`
}

// wireLosses is a note of what is not in the log.
type wireLosses struct {
	Entry uint64     `json:"entry"`
	Time  string     `json:"time"`
	Kind  audit.Kind `json:"kind"`
	Count uint64     `json:"count,omitempty"`
	Bytes int64      `json:"bytes,omitempty"`
}

// verifyLookups verifies the whole log. A log too long for the time of a request is
// verified with fullmakt audit verify.
func (s *Server) verifyLookups(c *call) error {
	c.lookup.Must = true
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return statusf(http.StatusBadRequest, "the query cannot be read")
	}
	var known audit.Head
	if head := query.Get("head"); head != "" {
		if known, err = audit.ParseHead(head); err != nil {
			return err
		}
	}
	if err := s.settleLookups(c); err != nil {
		return err
	}
	report, err := audit.Verify(c.r.Context(), s.lookups.Dir(), known)
	if c.r.Context().Err() != nil {
		return statusf(http.StatusServiceUnavailable, "the log is too long to be verified within a request").hinted("use fullmakt audit verify")
	}
	if err != nil {
		return err
	}
	w := wireVerification{
		Sound: report.Broken == nil, Segments: report.Segments, Entries: report.Entries, Lookups: report.Lookups, Dropped: report.Dropped,
		Losses: []wireLosses{},
	}
	if report.Entries > 0 {
		w.Since, w.Until, w.Head = report.Since.UTC().Format(time.RFC3339), report.Until.UTC().Format(time.RFC3339), report.Last.String()
	}
	if b := report.Broken; b != nil {
		w.Broken = &wireBroken{Segment: b.Segment, Line: b.Line, Entry: b.N, Why: b.Why}
	}
	for _, e := range report.Losses {
		w.Losses = append(w.Losses, wireLosses{Entry: e.N, Time: e.Time.UTC().Format(time.RFC3339), Kind: e.Kind, Count: e.Note.Count, Bytes: e.Note.Bytes})
	}
	if report.Checkpoint != nil && report.Checkpoint.Note.Last != nil {
		w.DroppedByAge = report.Checkpoint.Note.Last.N
	}
	return c.writeJSON(http.StatusOK, w)
}
