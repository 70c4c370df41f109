package enhetsregisteret

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// The names of the update feeds, as fullmakt.Feed has them.
const (
	FeedUnits    = "updates/enheter"
	FeedSubUnits = "updates/underenheter"
	FeedRoles    = "updates/roller"
)

// UpdateEvent is one entry of an update feed: something changed at a unit. What
// changed is not read from it; the unit is fetched.
type UpdateEvent struct {
	ID   int64 // increasing, with holes; a series of its own per feed
	Org  fullmakt.OrgNumber
	At   time.Time // when it was published; zero when the feed does not say
	Type string    // Ukjent, Ny, Endring, Sletting, Fjernet; "" in the feed of roles
}

// UpdatePage is one page of an update feed.
type UpdatePage struct {
	Events  []UpdateEvent
	Rejects []*Reject // entries without a usable organisation number
	Entries int       // all entries, rejected ones included
	Last    int64     // the highest id of all entries; 0 when there is none
}

// updateEntry is an entry of either shape. Ids come as numbers in the feeds of
// units and as texts in the feed of roles.
type updateEntry struct {
	Number flexible `json:"oppdateringsid"`
	ID     flexible `json:"id"`
	Dato   flexible `json:"dato"`
	Time   flexible `json:"time"`
	Org    flexible `json:"organisasjonsnummer"`
	Type   flexible `json:"endringstype"`
	Data   struct {
		Org flexible `json:"organisasjonsnummer"`
	} `json:"data"`
}

// flexible is a text, or anything else as its JSON.
type flexible string

func (t *flexible) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case string(b) == "null":
	case json.Unmarshal(b, &s) == nil:
		*t = flexible(s)
	default:
		*t = flexible(b)
	}
	return nil
}

// DecodeUpdates reads a page of an update feed: a HAL page of oppdaterteEnheter
// or oppdaterteUnderenheter, whose _embedded is missing when it is empty, or the
// list of CloudEvents of the feed of roles. The error (CodeInvalid) tells that
// the page is neither.
func DecodeUpdates(body []byte) (UpdatePage, error) {
	var page UpdatePage
	entries, err := updateEntries(body)
	if err != nil {
		return page, err
	}
	page.Entries = len(entries)
	for i, e := range entries {
		number, org, at := e.Number, e.Org, e.Dato
		if number == "" {
			number = e.ID
		}
		if org == "" {
			org = e.Data.Org
		}
		if at == "" {
			at = e.Time
		}
		id, err := strconv.ParseInt(string(number), 10, 64)
		if err != nil || id <= 0 {
			// Without its id nobody can say where to go on.
			return page, fullmakt.Errorf(fullmakt.CodeInvalid, "entry %d of the update page has no usable id", i+1)
		}
		page.Last = max(page.Last, id)
		number9, err := fullmakt.ParseOrgNumber(string(org))
		if err != nil {
			page.Rejects = append(page.Rejects, &Reject{Record: i + 1, Line: 1, Path: "organisasjonsnummer",
				Reason: "update " + strconv.FormatInt(id, 10) + ": " + err.Error()})
			continue
		}
		page.Events = append(page.Events, UpdateEvent{ID: id, Org: number9, At: updateTime(string(at)), Type: string(e.Type)})
	}
	return page, nil
}

func updateEntries(body []byte) ([]updateEntry, error) {
	body = body[len(utf8Mark(body)):]
	var list []updateEntry
	if err := json.Unmarshal(body, &list); err == nil {
		return list, nil
	}
	var hal struct {
		Embedded *struct {
			Units    []updateEntry `json:"oppdaterteEnheter"`
			SubUnits []updateEntry `json:"oppdaterteUnderenheter"`
		} `json:"_embedded"`
		Links json.RawMessage `json:"_links"`
		Page  json.RawMessage `json:"page"`
	}
	if err := json.Unmarshal(body, &hal); err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "not an update page: %w", err)
	}
	switch {
	case hal.Embedded != nil:
		return append(hal.Embedded.Units, hal.Embedded.SubUnits...), nil
	case hal.Links == nil && hal.Page == nil:
		// An object of another kind must not pass for an empty page.
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "not an update page: neither _embedded, _links nor page is there")
	}
	return nil, nil
}

// updateTime reads the instant of an entry; some are written without a zone and
// are taken as UTC.
func updateTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05.999999999-0700"} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
