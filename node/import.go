package node

import (
	"context"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// DefaultMaxVanish is the share of the register that may vanish from one bulk
// import to the next. On a usual day it is a ten-thousandth.
const DefaultMaxVanish = 0.05

// ImportOptions say what Import reads and how.
type ImportOptions struct {
	Files  []string // recognised by content: open-data bulk files, CCR batch files
	DryRun bool     // read and report, store nothing; no store is needed
	Now    time.Time

	// FileDate is the day that the open-data files speak of. Zero takes each
	// file's modification time.
	FileDate time.Time

	// StagingDir is where bulk files are staged, so that an interrupted import
	// can go on. It is made when it is not there, and used by one import at a
	// time. "" stages in a temporary directory, with nothing to go on from.
	StagingDir string

	// RejectsTo takes a line of JSON for each rejected record. When it is nil
	// they go to RejectsFile, which is made only when there are any.
	RejectsTo   io.Writer
	RejectsFile string

	MaxVanish            float64 // share of units, or of roles, that may vanish; 0 means DefaultMaxVanish
	AllowVanish          bool    // import whatever vanishes
	AllowGap             bool    // import a CCR file although runs before it are missing
	AllowTrailerMismatch bool    // import a CCR file although its trailer counts otherwise

	// Catalogue is the digest of the catalogue that decisions use from this import
	// on; it enters the log with the import. "" records none.
	Catalogue string

	// Meaning gives roles their meaning, where a change of roles ends what rested on
	// one (rule GIVE-6); nil is the embedded catalogue.
	Meaning *catalogue.Catalogue

	// KnownRole tells which role codes the catalogue has; nil takes the
	// register's own list. Other codes are counted, and kept all the same.
	KnownRole func(fullmakt.RoleCode) bool

	// Progress is called about five times a second, from one goroutine.
	Progress func(Progress)
}

func (o *ImportOptions) maxVanish() float64 {
	if o.MaxVanish == 0 {
		return DefaultMaxVanish
	}
	return o.MaxVanish
}

// Import reads register files into the store. All open-data files of one call
// become visible in one revision; each CCR file in one of its own, in run order,
// after the open data. The store is untouched until a revision is complete: an
// error, or the end of ctx, leaves what stood before, and the next Import of the
// same files goes on where this one stopped.
//
// Errors: CodeInvalid for a file that is no register file or is damaged;
// CodeConflict when too much would vanish, a CCR run is missing, or someone else
// wrote to the store meanwhile; CodePartial, after everything else was stored,
// when records were rejected. The report is valid also beside CodePartial.
func Import(ctx context.Context, db *sqlite.DB, opts ImportOptions) (Report, error) {
	if opts.KnownRole == nil {
		opts.KnownRole = registerRoles()
	}
	im := &importer{db: db, opts: &opts, report: Report{DryRun: opts.DryRun}}
	im.meter = newMeter(opts.Progress)
	defer im.meter.close()

	sources, err := recognise(opts.Files)
	if err != nil {
		return im.report, err
	}
	if opts.StagingDir == "" && !opts.DryRun {
		if opts.StagingDir, err = os.MkdirTemp("", "fullmakt-staging-"); err != nil {
			return im.report, stagingError(err)
		}
		defer os.RemoveAll(opts.StagingDir)
	}
	bulk, ccr := split(sources)
	switch {
	case opts.DryRun:
		err = im.dryRun(ctx, sources)
	default:
		if len(bulk) > 0 {
			err = im.importBulk(ctx, bulk)
		}
		if err == nil && len(ccr) > 0 {
			err = im.importCCR(ctx, ccr)
		}
	}
	if rejectErr := im.writeRejects(); err == nil {
		err = rejectErr
	}
	if n := im.report.Rejected(); err == nil && n > 0 {
		partial := fullmakt.Errorf(fullmakt.CodePartial, "records rejected: %d; the others were %s", n, im.verb())
		if im.report.RejectsFile != "" {
			partial.Hint = "they are listed in " + im.report.RejectsFile
		}
		err = partial
	}
	return im.report, err
}

// registerRoles tells which role codes the register's own list has.
func registerRoles() func(fullmakt.RoleCode) bool {
	known := map[fullmakt.RoleCode]bool{}
	for _, t := range enhetsregisteret.RoleTypes() {
		known[t.Code] = true
	}
	return func(code fullmakt.RoleCode) bool { return known[code] }
}

// importer is one Import under way.
type importer struct {
	db     *sqlite.DB
	opts   *ImportOptions
	meter  *meter
	report Report
}

func (im *importer) verb() string {
	if im.opts.DryRun {
		return "read"
	}
	return "stored"
}

func (im *importer) writeRejects() error {
	if len(im.report.rejects) == 0 {
		return nil
	}
	if im.opts.RejectsTo != nil {
		return writeRejects(im.opts.RejectsTo, im.report.rejects)
	}
	if im.opts.RejectsFile == "" {
		im.report.showRejects = true
		return nil
	}
	f, err := os.OpenFile(im.opts.RejectsFile, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "writing the rejects: %w", err)
	}
	im.report.RejectsFile = im.opts.RejectsFile
	if err := writeRejects(f, im.report.rejects); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// source is one file given to an import.
type source struct {
	path string
	kind enhetsregisteret.Kind
	date time.Time // modification time
	size int64
	// partial: the file does not hold the whole register of its kind.
	partial bool
}

// recognise tells what the files are, and refuses two bulk files of one kind.
func recognise(paths []string) ([]source, error) {
	if len(paths) == 0 {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "no file to import")
	}
	var sources []source
	for _, path := range paths {
		file, err := enhetsregisteret.Open(path)
		if err != nil {
			return nil, inFile(path, err)
		}
		kind, partial := file.Kind, file.Partial
		if err := file.Close(); err != nil {
			return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "%w", err)
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "%w", err)
		}
		if feedFile(kind) != "" {
			if i := slices.IndexFunc(sources, func(s source) bool { return s.kind == kind }); i >= 0 {
				return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "%s and %s are both %s", sources[i].path, path, kind).
					WithHint("a bulk file is the whole register of its day: import one after the other")
			}
		}
		sources = append(sources, source{path: path, kind: kind, date: info.ModTime(), size: info.Size(), partial: partial})
	}
	return sources, nil
}

// inFile puts a file's name before an error about it.
func inFile(path string, err error) error {
	out := fullmakt.Errorf(fullmakt.ErrorCode(err), "%s: %w", filepath.Base(path), err)
	out.Hint = fullmakt.ErrorHint(err)
	return out
}

func split(sources []source) (bulk, ccr []source) {
	for _, s := range sources {
		if s.kind == enhetsregisteret.KindCCR {
			ccr = append(ccr, s)
		} else {
			bulk = append(bulk, s)
		}
	}
	return bulk, ccr
}

// feedFile is the register's own word for an open-data file; "" for other files.
func feedFile(kind enhetsregisteret.Kind) string {
	switch kind {
	case enhetsregisteret.KindUnits:
		return "enheter"
	case enhetsregisteret.KindSubUnits:
		return "underenheter"
	case enhetsregisteret.KindRoles:
		return "roller"
	}
	return ""
}

// bulkCursor is the cursor of the feed "bulk": the instant each open-data file
// speaks of, as "enheter=2026-11-20T03:30:00Z underenheter=…".
type bulkCursor map[string]time.Time

func parseBulkCursor(s string) bulkCursor {
	c := bulkCursor{}
	for part := range strings.FieldsSeq(s) {
		name, at, _ := strings.Cut(part, "=")
		if t, err := time.Parse(time.RFC3339, at); err == nil {
			c[name] = t
		}
	}
	return c
}

func (c bulkCursor) String() string {
	var parts []string
	for _, name := range [...]string{"enheter", "underenheter", "roller"} {
		if at, ok := c[name]; ok {
			parts = append(parts, name+"="+at.UTC().Format(time.RFC3339))
		}
	}
	return strings.Join(parts, " ")
}

// dryRun reads every file and counts.
func (im *importer) dryRun(ctx context.Context, sources []source) error {
	for _, s := range sources {
		var err error
		if s.kind == enhetsregisteret.KindCCR {
			err = im.dryCCR(ctx, s)
		} else {
			err = im.dryBulk(ctx, s)
		}
		if err != nil {
			return inFile(s.path, err)
		}
	}
	return nil
}

// using puts the catalogue in use before changes.
func (o *ImportOptions) using(changes iter.Seq2[fullmakt.Change, error]) iter.Seq2[fullmakt.Change, error] {
	if o.Catalogue == "" {
		return changes
	}
	return func(yield func(fullmakt.Change, error) bool) {
		if yield(fullmakt.CatalogueUse{Digest: o.Catalogue}, nil) {
			changes(yield)
		}
	}
}
