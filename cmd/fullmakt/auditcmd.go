package main

import (
	"os"
	"strconv"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that no entry of a look-up log was changed, removed or added."`
	Query  auditQueryCmd  `cmd:"" help:"Find look-ups: who asked about whom, why, and what the answer was."`
	Export auditExportCmd `cmd:"" help:"Write look-ups as JSON lines or CSV."`
}

// Help is shown by audit --help.
func (auditCmd) Help() string {
	return `A look-up log is a directory that a server writes. Parties stand in it by their number alone. These commands may run while the server does.

Examples:
  fullmakt audit verify lookups
  fullmakt audit query lookups --party 7 --from 2026-03-03 --to 2026-03-04
  fullmakt audit export lookups --format csv --out march.csv --from 2026-03-01 --to 2026-04-01`
}

type auditVerifyCmd struct {
	Dir  string `arg:"" help:"The directory of the log."`
	Head string `placeholder:"N:HASH" help:"An entry's number and hash noted before, as this command prints them; it must still be there."`
}

// Help is shown by audit verify --help.
func (auditVerifyCmd) Help() string {
	return `Exit status 1 when the log is broken; the first place that does not hold is named.

Who may write to the directory could compute a whole new log. Note the head that this command prints somewhere else, and give it with --head later.

Examples:
  fullmakt audit verify lookups
  fullmakt audit verify lookups -o json`
}

// wireAuditReport is the JSON of audit verify.
type wireAuditReport struct {
	Sound      bool          `json:"sound"`
	Broken     *wireBreak    `json:"broken"`
	Segments   int           `json:"segments"`
	Entries    uint64        `json:"entries"`
	Lookups    uint64        `json:"lookups"`
	Dropped    uint64        `json:"dropped"`
	Since      string        `json:"since,omitempty"`
	Until      string        `json:"until,omitempty"`
	First      *audit.Head   `json:"first,omitempty"`
	Last       *audit.Head   `json:"last,omitempty"`
	Checkpoint *audit.Entry  `json:"checkpoint"`
	Losses     []audit.Entry `json:"losses"`
	Unfinished int64         `json:"unfinished_bytes"`
}

// wireBreak is the place where a log is broken.
type wireBreak struct {
	Segment string `json:"segment,omitempty"`
	Line    int    `json:"line,omitempty"`
	Entry   uint64 `json:"entry"`
	Why     string `json:"why"`
}

// Run verifies the log.
func (c *auditVerifyCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	var known audit.Head
	if c.Head != "" {
		var err error
		if known, err = audit.ParseHead(c.Head); err != nil {
			return err
		}
	}
	r, err := audit.Verify(a.ctx, c.Dir, known)
	if err != nil {
		return err
	}
	switch {
	case a.globals.Quiet:
	case a.globals.wantsJSON():
		if err := a.printJSON(wireAuditReportOf(r)); err != nil {
			return err
		}
	default:
		a.printAuditReport(r)
	}
	if r.Broken != nil {
		return status(exitNo)
	}
	return nil
}

func wireAuditReportOf(r audit.Report) wireAuditReport {
	w := wireAuditReport{
		Sound: r.Broken == nil, Segments: r.Segments, Entries: r.Entries, Lookups: r.Lookups, Dropped: r.Dropped,
		Checkpoint: r.Checkpoint, Losses: append([]audit.Entry{}, r.Losses...), Unfinished: r.Unfinished,
	}
	if r.Entries > 0 {
		w.Since, w.Until = r.Since.Format(time.RFC3339), r.Until.Format(time.RFC3339)
		w.First, w.Last = &r.First, &r.Last
	}
	if b := r.Broken; b != nil {
		w.Broken = &wireBreak{Segment: b.Segment, Line: b.Line, Entry: b.N, Why: b.Why}
	}
	return w
}

func (a *app) printAuditReport(r audit.Report) {
	if r.Broken != nil {
		a.printf("%s  %s\n", a.paint(bold+red, "BROKEN"), r.Broken)
		a.printf("  up to there: %d entries, %d look-ups\n", r.Entries, r.Lookups)
	} else {
		a.printf("%s  %d entries in %d segments, %d look-ups\n", a.paint(bold+green, "SOUND"), r.Entries, r.Segments, r.Lookups)
	}
	if r.Entries > 0 {
		a.printf("  from %s to %s\n", a.stamped(r.Since), a.stamped(r.Until))
	}
	if r.Checkpoint != nil {
		note := r.Checkpoint.Note
		a.printf("  what came before was dropped by age at %s, entries up to %d\n", a.stamped(r.Checkpoint.Time), note.Last.N)
	}
	for _, e := range r.Losses {
		switch e.Kind {
		case audit.KindDropped:
			a.printf("  %s  %d look-ups found the queue full and were not recorded\n", a.stamped(e.Time), e.Note.Count)
		case audit.KindTorn:
			a.printf("  %s  a crash had cut off the last line: %d bytes were removed\n", a.stamped(e.Time), e.Note.Bytes)
		case audit.KindLost:
			a.printf("  %s  entries up to %d had been written and were gone after a crash\n", a.stamped(e.Time), e.Note.Last.N)
		}
	}
	if r.Unfinished > 0 {
		a.printf("  %d bytes behind the last line: it is being written, or a crash cut it off\n", r.Unfinished)
	}
	if r.Broken == nil {
		a.printf("  head %s\n", r.Last)
	}
}

func (a *app) stamped(t time.Time) string { return t.In(a.oslo).Format(time.DateTime) }

// auditFilter are the flags that choose look-ups.
type auditFilter struct {
	From      string `placeholder:"TIME" help:"From this time: a day, '2026-03-03 14:00' or RFC 3339."`
	To        string `placeholder:"TIME" help:"Before this time."`
	Party     uint32 `placeholder:"NO" help:"With this party, by its number, as subject, object or user."`
	Client    string `placeholder:"ID" help:"By this client."`
	Org       string `placeholder:"NUMBER" help:"By this organisation, or on its behalf."`
	API       string `name:"api" placeholder:"NAME" help:"Of this API, such as authzen."`
	Operation string `placeholder:"NAME" help:"Of this operation, such as evaluation."`
	Outcome   string `placeholder:"WORD" help:"With this outcome: permit, deny, mixed, listed or failed."`
	Request   string `placeholder:"ID" help:"Of the request with this id."`
	Notes     bool   `help:"Also the log's notes about itself."`
}

func (f *auditFilter) filter(a *app) (audit.Filter, error) {
	w := audit.Filter{
		Party: fullmakt.PartyNo(f.Party), Client: f.Client, API: f.API, Operation: f.Operation,
		Outcome: audit.Outcome(f.Outcome), Request: f.Request, Notes: f.Notes,
	}
	var err error
	if w.Organisation, err = optionalOrg(f.Org); err != nil {
		return w, err
	}
	if f.From != "" {
		if w.From, err = parseTime(f.From, a.oslo); err != nil {
			return w, err
		}
	}
	if f.To != "" {
		if w.To, err = parseTime(f.To, a.oslo); err != nil {
			return w, err
		}
	}
	return w, nil
}

type auditQueryCmd struct {
	auditFilter
	Dir   string `arg:"" help:"The directory of the log."`
	After uint64 `placeholder:"N" help:"Only entries after this number, as the end of a page says."`
	Limit int    `default:"100" placeholder:"N" help:"How many, 1 to 1000. Default: ${default}."`
}

// Run prints look-ups, oldest first.
func (c *auditQueryCmd) Run(a *app) error {
	f, err := c.filter(a)
	if err != nil {
		return err
	}
	if f.After, f.Limit = c.After, c.Limit; f.Limit == 0 {
		f.Limit = -1 // refused, not the default
	}
	page, err := audit.Query(a.ctx, c.Dir, f)
	if err != nil {
		return err
	}
	if a.globals.wantsJSON() {
		return a.printJSON(map[string]any{"items": append([]audit.Entry{}, page.Entries...), "next": page.Next})
	}
	t := &table{head: []string{"N", "TIME", "CLIENT", "ORGANISATION", "CALL", "SUBJECT", "FOR", "WHAT", "OUTCOME", "REASON", "REVISION", "PURPOSE"}}
	for i := range page.Entries {
		t.add(auditRow(a, &page.Entries[i])...)
	}
	t.print(a)
	if page.Next != 0 {
		a.say("There are more: --after %d", page.Next)
	}
	return nil
}

func auditRow(a *app, e *audit.Entry) []string {
	number := func(n uint64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatUint(n, 10)
	}
	call := e.API
	if e.Operation != "" {
		call += " " + e.Operation
	}
	outcome := string(e.Outcome)
	switch {
	case e.Kind != audit.KindLookup:
		call = string(e.Kind)
	case e.Count > 0:
		outcome += " " + strconv.Itoa(e.Count)
	}
	return []string{
		number(e.N), a.stamped(e.Time), e.Client, number(uint64(e.Organisation)), call, number(uint64(e.Subject)), number(uint64(e.Object)),
		e.What, outcome, string(e.Reason), number(uint64(e.Revision)), e.Purpose,
	}
}

type auditExportCmd struct {
	auditFilter
	Dir    string `arg:"" help:"The directory of the log."`
	Format string `default:"jsonl" enum:"jsonl,csv" help:"jsonl or csv. Default: ${default}."`
	Out    string `placeholder:"FILE" help:"Write to this file, which must not exist, instead of standard output."`
}

// Run writes the look-ups.
func (c *auditExportCmd) Run(a *app) (err error) {
	f, err := c.filter(a)
	if err != nil {
		return err
	}
	out := a.out
	if c.Out != "" {
		file, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fullmakt.Errorf(fullmakt.CodeUnavailable, "make the export: %w", err)
		}
		defer func() {
			if closed := file.Close(); closed != nil && err == nil {
				err = fullmakt.Errorf(fullmakt.CodeUnavailable, "write the export: %w", closed)
			}
		}()
		out = file
	}
	n, err := audit.Export(a.ctx, c.Dir, f, audit.Format(c.Format), out)
	if err != nil {
		return err
	}
	if c.Out != "" {
		a.say("%d entries in %s", n, c.Out)
	}
	return nil
}
