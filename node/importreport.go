package node

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// maxListedDrift and maxListedReplaced bound how many differences and how many
// replaced units a report lists; all are counted.
const (
	maxListedDrift    = 1000
	maxListedReplaced = 1000
)

// Replacement is a unit that CCR deleted as a duplicate of another unit, or
// because it was merged into one. It is shown and never stored, and no authority
// goes from the one to the other. Parties are named by number only.
type Replacement struct {
	Unit     fullmakt.PartyNo `json:"unit"`
	Survivor fullmakt.PartyNo `json:"survivor,omitempty"` // 0 when the store does not know it
}

// Report tells what an import did. It marshals to JSON as it is.
type Report struct {
	Revision fullmakt.Seq `json:"revision"` // the last revision the import made; 0 when it made none
	DryRun   bool         `json:"dry_run,omitempty"`
	Files    []FileReport `json:"files"`

	New       int `json:"new"`       // units not delivered before
	Changed   int `json:"changed"`   // units of which a fact or the name changed
	Deleted   int `json:"deleted"`   // units marked deleted
	Purged    int `json:"purged"`    // units removed for legal reasons
	Unchanged int `json:"unchanged"` // units stated as they were

	Stubs   int `json:"stubs"`   // organisations named as holder or parent that no feed has delivered
	Persons int `json:"persons"` // persons seen for the first time

	UnknownRoles map[fullmakt.RoleCode]int `json:"unknown_roles,omitempty"` // role codes no catalogue knows, and how often
	DriftCount   int                       `json:"drift_count"`             // differences under rule SRC-1
	Drift        []Drift                   `json:"drift,omitempty"`         // the first 1000 of them

	ReplacedCount int           `json:"replaced_count"`     // units deleted as duplicates of another, or merged into it
	Replaced      []Replacement `json:"replaced,omitempty"` // the first 1000 of them

	RejectsFile string `json:"rejects_file,omitempty"` // where the rejected records are listed

	rejects     []Reject
	showRejects bool // they go to no file
}

// maxShownRejects bounds the rejects that Lines shows when no file lists them.
const maxShownRejects = 20

// FileReport tells what became of one file. Read = Stored + Compared + Rejected.
type FileReport struct {
	File     string   `json:"file"`
	Kind     string   `json:"kind"`
	Date     string   `json:"date,omitempty"`     // the day the file speaks of
	Run      int      `json:"run,omitempty"`      // run number of a CCR file
	Read     int      `json:"read"`               // records in the file
	Stored   int      `json:"stored"`             // records that the register now agrees with
	Compared int      `json:"compared"`           // records compared only, since a better feed's roles stand (rule SRC-1)
	Rejected int      `json:"rejected"`           // records not stored, listed in the rejects file
	Roles    int      `json:"roles"`              // roles in the records
	Warnings []string `json:"warnings,omitempty"` // findings that stopped nothing
	Resumed  int      `json:"resumed,omitempty"`  // of Read, records an interrupted import had read already
	Already  bool     `json:"already,omitempty"`  // the file was imported before, and nothing was done
}

// String is the equation of the file: nothing is dropped silently.
func (f FileReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s", f.File, f.Kind)
	if f.Run != 0 {
		fmt.Fprintf(&b, ", run %05d", f.Run)
	}
	if f.Date != "" {
		fmt.Fprintf(&b, ", %s", f.Date)
	}
	b.WriteString("): ")
	if f.Already {
		b.WriteString("imported before, nothing done")
		return b.String()
	}
	fmt.Fprintf(&b, "read %d = stored %d", f.Read, f.Stored)
	if f.Compared > 0 {
		fmt.Fprintf(&b, " + compared %d", f.Compared)
	}
	fmt.Fprintf(&b, " + rejected %d", f.Rejected)
	if f.Resumed > 0 {
		fmt.Fprintf(&b, " (%d of them read before the interruption)", f.Resumed)
	}
	return b.String()
}

// Rejected counts the records of all files that were not stored.
func (r *Report) Rejected() int {
	n := 0
	for i := range r.Files {
		n += r.Files[i].Rejected
	}
	return n
}

// Lines is the report for a terminal, in English.
func (r *Report) Lines() []string {
	var lines []string
	for i := range r.Files {
		lines = append(lines, r.Files[i].String())
		for _, warning := range r.Files[i].Warnings {
			lines = append(lines, "  "+warning)
		}
	}
	if r.DryRun {
		lines = append(lines, "dry run: nothing was stored")
	} else {
		line := fmt.Sprintf("units: %d new, %d changed, %d deleted, %d unchanged", r.New, r.Changed, r.Deleted, r.Unchanged)
		if r.Purged > 0 {
			line += fmt.Sprintf(", %d removed for legal reasons", r.Purged)
		}
		lines = append(lines, line)
	}
	if r.Stubs > 0 {
		lines = append(lines, fmt.Sprintf("%d organisations are named as holder or parent but were not delivered", r.Stubs))
	}
	for _, code := range slices.Sorted(maps.Keys(r.UnknownRoles)) {
		lines = append(lines, fmt.Sprintf("unknown role code %s (%d): kept, confers nothing", code, r.UnknownRoles[code]))
	}
	if r.DriftCount > 0 {
		lines = append(lines, fmt.Sprintf("%d differences between open data and the roles that stand", r.DriftCount))
	}
	if r.ReplacedCount > 0 {
		lines = append(lines, fmt.Sprintf("%d units were deleted as duplicates or merged into another", r.ReplacedCount))
	}
	if n := r.Rejected(); n > 0 && r.RejectsFile != "" {
		lines = append(lines, fmt.Sprintf("rejected records are listed in %s", r.RejectsFile))
	}
	if r.showRejects {
		for i, reject := range r.rejects {
			if i == maxShownRejects {
				lines = append(lines, fmt.Sprintf("… and %d more", len(r.rejects)-i))
				break
			}
			lines = append(lines, reject.String())
		}
	}
	switch {
	case r.DryRun:
	case r.Revision == 0:
		lines = append(lines, "nothing has changed: no new revision")
	default:
		lines = append(lines, fmt.Sprintf("revision %d", r.Revision))
	}
	return lines
}

// String joins Lines.
func (r *Report) String() string { return strings.Join(r.Lines(), "\n") }

func (r *Report) addDrift(drift []Drift) {
	r.DriftCount += len(drift)
	r.Drift = append(r.Drift, drift[:min(len(drift), maxListedDrift-len(r.Drift))]...)
}

// addReplaced adds the units that one file replaced, in the order of their
// numbers. survivor gives the number of the unit that lives on.
func (r *Report) addReplaced(replaced map[fullmakt.PartyNo]fullmakt.OrgNumber, survivor func(fullmakt.PartyID) fullmakt.PartyNo) {
	r.ReplacedCount += len(replaced)
	for _, unit := range slices.Sorted(maps.Keys(replaced)) {
		if len(r.Replaced) == maxListedReplaced {
			break
		}
		r.Replaced = append(r.Replaced, Replacement{Unit: unit, Survivor: survivor(fullmakt.OrganisationID(replaced[unit]))})
	}
}

// countUnit counts what a merge made of a unit.
func (r *Report) countUnit(before fullmakt.OrgState, known bool, got merged, renamed bool) {
	delivered := got.Org.State&fullmakt.Stub == 0
	switch {
	case !delivered && !known:
		r.Stubs++
	case delivered && (!known || before&fullmakt.Stub != 0):
		r.New++
	case got.Org.State&^before&fullmakt.Deleted != 0:
		r.Deleted++
	case got.Changed || renamed:
		r.Changed++
	default:
		r.Unchanged++
	}
}

// countRoles counts the role codes of a record that are not known.
func (r *Report) countRoles(change *fullmakt.RegisterChange, known func(fullmakt.RoleCode) bool) {
	for i := range change.Roles {
		r.countRole(change.Roles[i].Code, known)
	}
	for i := range change.Families {
		for _, role := range change.Families[i].Roles {
			r.countRole(role.Code, known)
		}
	}
}

func (r *Report) countRole(code fullmakt.RoleCode, known func(fullmakt.RoleCode) bool) {
	if known(code) {
		return
	}
	if r.UnknownRoles == nil {
		r.UnknownRoles = map[fullmakt.RoleCode]int{}
	}
	r.UnknownRoles[code]++
}
