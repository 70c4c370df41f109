package audit

import (
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Record is one look-up. A batch is one record with its parts in Items.
type Record struct {
	// Time is when the question was answered. It also tells which day's segment
	// the record belongs to.
	Time time.Time `json:"t"`
	// Request is the id of the request, as the answer carried it.
	Request string `json:"request,omitempty"`

	// Client is the id of the OAuth client that asked, Organisation the
	// organisation it asked for, Supplier the one that asked on its behalf (0 for
	// none), and User the person or system user that was logged in (0 for none).
	Client       string             `json:"client,omitempty"`
	Organisation fullmakt.OrgNumber `json:"organisation,omitempty"`
	Supplier     fullmakt.OrgNumber `json:"supplier,omitempty"`
	User         fullmakt.PartyNo   `json:"user,omitempty"`

	// API and Operation tell what was called, such as "authzen" and "evaluation".
	API       string `json:"api,omitempty"`
	Operation string `json:"operation,omitempty"`

	// Subject is who would act and Object on whose behalf; 0 when unknown here, or
	// for the side that a list enumerates.
	Subject fullmakt.PartyNo `json:"subject,omitempty"`
	Object  fullmakt.PartyNo `json:"object,omitempty"`
	// What is the code of the package or role asked about; "" for any package.
	What string `json:"what,omitempty"`
	// AskedAt is the time asked about in Unix seconds; 0 for the time of asking.
	AskedAt int64 `json:"asked_at,omitempty"`
	// Purpose is why the caller asked, in its own words.
	Purpose string `json:"purpose,omitempty"`

	Outcome  Outcome         `json:"outcome,omitempty"`
	Reason   fullmakt.Reason `json:"reason,omitempty"`
	Revision fullmakt.Seq    `json:"revision,omitempty"`
	// Count is how many a list answered, or how many parts a batch had.
	Count int `json:"count,omitempty"`
	// Items are the parts of a batch. They belong to the log once the record is
	// added.
	Items []Item `json:"items,omitempty"`

	// Must keeps the record whatever the level is, as the law wants for look-ups
	// of persons (rule PRIV-1). It is not written.
	Must bool `json:"-"`
}

// Item is one part of a batch.
type Item struct {
	Subject fullmakt.PartyNo `json:"subject,omitempty"`
	Object  fullmakt.PartyNo `json:"object,omitempty"`
	What    string           `json:"what,omitempty"`
	Outcome Outcome          `json:"outcome,omitempty"`
	Reason  fullmakt.Reason  `json:"reason,omitempty"`
}

// Outcome is what came of a look-up.
type Outcome string

// The outcomes.
const (
	Permit Outcome = "permit"
	Deny   Outcome = "deny"
	Mixed  Outcome = "mixed"  // a batch with both, or with failures
	Listed Outcome = "listed" // a list or search; Count tells how many
	Failed Outcome = "failed" // the question could not be answered
)

// OutcomeOf returns the outcome of a decision.
func OutcomeOf(allowed bool) Outcome {
	if allowed {
		return Permit
	}
	return Deny
}

// OutcomeOfItems returns the outcome of a batch: that of its parts when they
// agree, and Mixed when they do not.
func OutcomeOfItems(items []Item) Outcome {
	if len(items) == 0 {
		return Failed
	}
	for _, i := range items[1:] {
		if i.Outcome != items[0].Outcome {
			return Mixed
		}
	}
	return items[0].Outcome
}

// Level tells which look-ups are recorded. Those that must be are at every level.
type Level string

// The levels.
const (
	LevelOff     Level = "off"
	LevelDenials Level = "denials" // what was denied or failed, also in part
	LevelAll     Level = "all"
	LevelSampled Level = "sampled" // one in Options.Sample
)

// ParseLevel reads "off", "denials", "all" or, for one look-up in n, "1/n". It
// returns an error with code CodeInvalid for anything else.
func ParseLevel(s string) (level Level, sample int, err error) {
	switch Level(s) {
	case LevelOff, LevelDenials, LevelAll:
		return Level(s), 0, nil
	}
	if n, ok := strings.CutPrefix(s, "1/"); ok {
		if sample, err := strconv.Atoi(n); err == nil && sample >= 1 && sample <= 1_000_000_000 {
			return LevelSampled, sample, nil
		}
	}
	return "", 0, fullmakt.Errorf(fullmakt.CodeInvalid, "look-up log level %q is not one", s).
		WithHint("the levels are off, denials, all, and 1/100 for one look-up in a hundred")
}

// maxText bounds each free text of a record, in bytes.
const maxText = 256

// cleaned returns free text as it may stand in the log: bounded, and without
// identity numbers.
func cleaned(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	digits := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			digits++
		}
	}
	if digits < 11 {
		return s
	}
	return masked(s)
}

// masked replaces every run of eleven digits that is an identity number, spaces
// between its digits included. Longer runs are searched at every place.
func masked(s string) string {
	var at [maxText]int // where the digits of the present run stand
	n := 0
	out := []byte(s)
	for i := 0; i <= len(s); i++ {
		switch {
		case i < len(s) && s[i] >= '0' && s[i] <= '9':
			at[n] = i
			n++
			continue
		case i < len(s) && n > 0 && (s[i] == ' ' || s[i] == '-' || s[i] == '.'):
			continue
		}
		for from := 0; from+11 <= n; from++ {
			var number [11]byte
			for k := range number {
				number[k] = s[at[from+k]]
			}
			if _, err := fullmakt.ParseNationalID(string(number[:])); err != nil {
				continue
			}
			for k := range number {
				out[at[from+k]] = '*'
			}
		}
		n = 0
	}
	return string(out)
}
