package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/node"
)

// operationsRoutes lists the pages about the server itself. They are shown while the
// register is loading too, and only to operators.
func operationsRoutes() []route {
	return []route{
		{method: "GET", pattern: "/operations", handle: operations, free: true},
		{method: "GET", pattern: "/operations/live", handle: operationsLive, free: true},
		{method: "POST", pattern: "/operations/verify", handle: verifyLookups, free: true},
	}
}

// menuOperations is the path of the menu's item that these pages belong to.
const menuOperations = "/operations"

// operate wants a visitor that may see operations.
func (v *view) operate() error {
	switch {
	case v.operator():
		return nil
	case v.session == nil && v.r.Method == http.MethodGet:
		return v.toSignIn()
	}
	return problem(http.StatusForbidden, "operators")
}

// Traffic is what was asked of the APIs in some time.
type Traffic struct {
	Span time.Duration
	Rows []TrafficRow // the busiest first; APIs that nobody asked are left out
}

// TrafficRow is the requests to one API. Nothing in it tells who asked or about
// whom.
type TrafficRow struct {
	Family    string // as api.Observation names it
	Requests  int
	Refused   int // not let in, or not understood
	Failed    int // by a fault of the server
	PerSecond float64
	// Median and P99 are times that half and 99 in 100 of the requests stayed within.
	Median, P99 time.Duration
}

// operationsPage is how the server is.
type operationsPage struct {
	Live     liveState
	Memory   bool // the register is in memory: nothing is imported into it or kept of it
	Demo     bool
	Register node.RegisterStatus
	Age      string // of the register, in words; "" where nothing was imported
	Loaded   bool
	Serving  fullmakt.Seq // the revision that questions are answered from
	Behind   fullmakt.Seq // revisions of the store that it lacks
	Imports  []importRow
	Follow   *followRow // nil when the register was never followed
	Snapshot *snapshotRow
	Names    *namesRow
	Unknown  []unknownRole
	Traffic  *Traffic // nil where nobody counts
	Lookups  *lookupsRow
}

// importRow is an import that has ended.
type importRow struct {
	node.ImportRecord
	Took    string
	Rejects []node.Reject
	More    int // rejected records that are not shown
}

// followRow is how following the register goes.
type followRow struct {
	node.FollowState
	Running bool
	Ago     string // since the feeds were last read to their tips; "" if never
	Feeds   []followedFeed
}

// followedFeed is one update feed.
type followedFeed struct {
	Name      string
	Published time.Time // of the last entry that was read
}

// snapshotRow is the snapshot file.
type snapshotRow struct {
	node.SnapshotState
	Size string
}

// namesRow is the index that names are searched in.
type namesRow struct {
	node.NamesProgress
	Failed bool // it cannot be read
}

// unknownRole is a role code that the catalogue lacks, with how often the last import
// met it; 0 when that did not tell.
type unknownRole struct {
	Code  fullmakt.RoleCode
	Count int
}

// lookupsRow is the log of look-ups.
type lookupsRow struct {
	audit.Stats
	Failing string
}

const (
	importsShown = 10
	rejectsShown = 50
)

func operations(v *view) error {
	if err := v.operate(); err != nil {
		return err
	}
	register, err := v.node.Register(v.r.Context())
	if err != nil {
		return err
	}
	body := operationsPage{Live: v.live(), Memory: v.Invented, Demo: v.Demo, Register: register}
	if !register.ImportedAt.IsZero() {
		body.Age = v.ago(register.ImportedAt)
	}
	for _, record := range v.node.Imports(importsShown) {
		row := importRow{ImportRecord: record, Took: v.lasting(record.Ended.Sub(record.Began))}
		row.Rejects = record.Rejects(rejectsShown)
		row.More = record.Report.Rejected() - len(row.Rejects)
		body.Imports = append(body.Imports, row)
	}
	if v.snap != nil {
		body.Loaded, body.Serving = true, v.snap.Seq()
		body.Behind = max(register.Revision, body.Serving) - body.Serving
		for _, code := range v.snap.UnknownRoles() {
			role := unknownRole{Code: code}
			if len(body.Imports) > 0 {
				role.Count = body.Imports[0].Report.UnknownRoles[code]
			}
			body.Unknown = append(body.Unknown, role)
		}
		body.Names = v.names()
	}
	if state, ok := v.node.Following(); ok {
		body.Follow = v.followRow(state)
	}
	if state, ok := v.node.SnapshotState(); ok {
		body.Snapshot = &snapshotRow{state, v.size(state.Bytes)}
	}
	if v.Traffic != nil {
		traffic := v.Traffic(v.now)
		body.Traffic = &traffic
	}
	if v.Lookups != nil {
		body.Lookups = &lookupsRow{Stats: v.Lookups.Stats()}
		if err := body.Lookups.Err; err != nil {
			body.Lookups.Failing = string(fullmakt.ErrorCode(err))
		}
	}
	return v.show("operations", &page{Title: v.say("web.operations.title"), Menu: menuOperations, Body: body})
}

// names tells how far the name index is; nil in memory, where a search reads the
// names themselves.
func (v *view) names() *namesRow {
	if v.Invented {
		return nil
	}
	progress, err := v.node.NamesProgress(v.r.Context())
	if err != nil {
		v.log.Error("name index", "error", err)
		return &namesRow{Failed: true}
	}
	return &namesRow{NamesProgress: progress}
}

func (v *view) followRow(state node.FollowState) *followRow {
	row := &followRow{FollowState: state, Running: state.Running(v.now)}
	if !state.ReadAt.IsZero() {
		row.Ago = v.ago(state.ReadAt)
	}
	for _, name := range []string{node.FeedUnitUpdates, node.FeedSubUnitUpdates, node.FeedRoleUpdates} {
		if at, ok := state.Published[name]; ok {
			row.Feeds = append(row.Feeds, followedFeed{name, at})
		}
	}
	return row
}

// ago says how long ago something was, in its largest unit.
func (v *view) ago(at time.Time) string {
	return v.say("web.ago", "time", v.lasting(v.now.Sub(at)))
}

// lasting writes a duration in its largest unit, rounded down: 3 days.
func (v *view) lasting(d time.Duration) string {
	for _, unit := range []struct {
		name string
		of   time.Duration
	}{{"days", 24 * time.Hour}, {"hours", time.Hour}, {"minutes", time.Minute}} {
		switch n := int(d / unit.of); {
		case n == 1:
			return v.say("web.lasting." + unit.name + ".one")
		case n > 1:
			return v.say("web.lasting."+unit.name, "n", n)
		}
	}
	return v.say("web.lasting.seconds", "n", max(0, int(d/time.Second)))
}

// size writes a number of bytes in megabytes.
func (v *view) size(bytes int64) string {
	return strings.Replace(fmt.Sprintf("%.1f MB", float64(bytes)/1e6), ".", v.say("web.decimal"), 1)
}

// liveState is what changes while one looks: an import, and a verification of the
// log of look-ups.
type liveState struct {
	Import *importLive
	Verify verificationState
}

// importLive is an import under way.
type importLive struct {
	node.ImportState
	Phase string // in words
	Left  string // how long it lasts yet, in words; "" when not known
}

// live reads it.
func (v *view) live() liveState {
	s := liveState{Verify: v.verified.state()}
	state, ok := v.node.Importing(v.now)
	if !ok {
		return s
	}
	s.Import = &importLive{ImportState: state, Phase: v.say("web.operations.phase."+string(state.Phase), "of", state.Of)}
	// Bytes of the files are read at about one pace, so what is left follows from what
	// was done in this phase since the import began; other phases are counted.
	if elapsed := v.now.Sub(state.Began); state.Phase == node.PhaseReading && state.Done > 0 && state.Total > state.Done && elapsed > 3*time.Second {
		s.Import.Left = v.lasting(time.Duration(float64(elapsed) * float64(state.Total-state.Done) / float64(state.Done)))
	}
	return s
}

const (
	livePause = time.Second      // between two looks
	liveMost  = 10 * time.Minute // of a stream; the browser then connects again
	liveWrite = 20 * time.Second // for one part of it to be taken
)

// operationsLive answers with server-sent events: the part of the page that changes,
// each time it does. Who does not ask for a stream gets the first of them alone.
func operationsLive(v *view) error {
	if !v.operator() { // no page for a script to be led to
		return problem(http.StatusForbidden, "operators")
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy that gathers would hold events back
	control := http.NewResponseController(v.w)
	before := ""
	end := time.NewTimer(liveMost)
	defer end.Stop()
	pause := time.NewTicker(livePause)
	defer pause.Stop()
	for {
		v.now = v.Server.now()
		part, err := v.livePart()
		if err != nil {
			v.log.Error("page", "page", v.route.pattern, "error", err)
			return nil
		}
		text := ": still here\n\n"
		if part != before {
			text = "data: " + strings.ReplaceAll(strings.TrimSpace(part), "\n", "\ndata: ") + "\n\n"
			before = part
		}
		if err := control.SetWriteDeadline(time.Now().Add(liveWrite)); err != nil {
			return nil
		}
		if _, err := v.w.Write([]byte(text)); err != nil || control.Flush() != nil {
			return nil // the browser has gone
		}
		if !strings.Contains(v.r.Header.Get("Accept"), "text/event-stream") {
			return nil
		}
		select {
		case <-pause.C:
		case <-v.r.Context().Done():
			return nil
		case <-v.stopped:
			return nil
		case <-end.C:
			return nil
		}
	}
}

// livePart is the part of the page that changes.
func (v *view) livePart() (string, error) {
	var part bytes.Buffer
	err := v.pages[v.lang]["operations"].ExecuteTemplate(&part, "fragment-live", &page{View: v, Body: operationsPage{Live: v.live()}})
	return part.String(), err
}

// errorKind tells which message an import that ended with an error gets: one whose
// other records were stored, or one that stopped.
func errorKind(code fullmakt.Code) string {
	if code == fullmakt.CodePartial {
		return "partial"
	}
	return "stopped"
}
