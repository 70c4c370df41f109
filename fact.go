package fullmakt

import "time"

// OrgState is the set of states an organisation may be in, beyond active.
type OrgState uint8

// The states. They are shown with every answer; only Deleted decides anything
// (rules LIFE-1, LIFE-2 and ENK).
const (
	Deleted         OrgState = 1 << iota // slettet
	Bankrupt                             // konkurs
	WindingUp                            // under avvikling
	ForcedWindingUp                      // under tvangsavvikling eller tvangsoppløsning
	Stub                                 // named as a holder or parent by a feed, not (yet) delivered itself
)

// String returns the state that matters most as the JSON answers write it:
// "deleted", "bankrupt", "forced_winding_up", "winding_up", "unconfirmed" (a
// stub) or "active".
func (s OrgState) String() string {
	switch {
	case s&Deleted != 0:
		return "deleted"
	case s&Bankrupt != 0:
		return "bankrupt"
	case s&ForcedWindingUp != 0:
		return "forced_winding_up"
	case s&WindingUp != 0:
		return "winding_up"
	case s&Stub != 0:
		return "unconfirmed"
	}
	return "active"
}

// Source is the feed a fact came from.
type Source uint8

// The sources, in rising order of precedence: a feed with identity numbers
// stands over the open data (rule SRC-1).
const (
	SourceNone     Source = iota
	SourceOpenData        // the open bulk files and update feeds: persons by birth date and name
	SourceCCR             // CCR batch files: persons by identity number
	SourceWorld           // a world file or the demo world: persons by identity number
)

var sourceNames = [...]string{"none", "open-data", "ccr", "world"}

// String returns the source as the JSON answers write it.
func (s Source) String() string {
	if int(s) < len(sourceNames) {
		return sourceNames[s]
	}
	return sourceNames[0]
}

// Identifies reports whether the source names persons by identity number.
func (s Source) Identifies() bool { return s > SourceOpenData }

// Role is one registered role: Holder holds Code at the organisation whose
// version carries it.
type Role struct {
	Code   RoleCode
	Holder PartyNo
	// Ended marks a role the register still lists but has deregistered
	// (avregistrert, in older data fratraadt). It confers nothing (rule LIFE-1).
	Ended bool
	// Since is the register's own date for the role or its group. It is shown
	// and decides nothing (rule TIME-1).
	Since Date
}

// Organisation is one version of what the register says about a unit: complete,
// replacing the version before it. Roles are sorted by SortRoles and hold no
// exact duplicate (code, holder).
type Organisation struct {
	Party     PartyNo
	Form      OrgForm
	Parent    PartyNo // overordnet enhet: for a sub-unit its main unit; 0 for none
	State     OrgState
	DeletedOn Date   // zero when not deleted, or deleted without a date
	Source    Source // the feed whose role set this is
	Roles     []Role
}

// Person is one version of what the register says about a person's life.
type Person struct {
	Party PartyNo
	Dead  bool
}

// EnterpriseUser is one version of an enterprise user (virksomhetsbruker).
type EnterpriseUser struct {
	Party PartyNo
	Owner PartyNo // the organisation that created it
	Ended bool
}

// Interval is a half-open interval of time [From, To) in Unix seconds. Zero
// bounds are open.
type Interval struct {
	From, To int64
}

// Contains reports whether the instant t (Unix seconds) lies in the interval.
func (v Interval) Contains(t int64) bool { return v.Started(t) && !v.Over(t) }

// Started reports whether the interval has begun at t.
func (v Interval) Started(t int64) bool { return v.From == 0 || t >= v.From }

// Over reports whether the interval has ended at t.
func (v Interval) Over(t int64) bool { return v.To != 0 && t >= v.To }

// Through returns the end of an interval that lasts "til og med" day d: midnight
// in Europe/Oslo at the end of that day (rule TIME-1).
func Through(d Date, oslo *time.Location) int64 { return (d + 1).Time(oslo).Unix() }
