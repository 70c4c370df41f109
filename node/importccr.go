package node

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// wholeRegister is the size of a CCR file, in bytes, from which the identities of
// all parties are read once instead of asked for one by one.
const wholeRegister = 4 << 20

// importCCR imports CCR files in the order of their run numbers, each as one
// revision. The runs of a subscription have no holes: a missing one stops the
// import, and the feed is marked stale, so that answers can say so, until the
// next run in order arrives.
func (im *importer) importCCR(ctx context.Context, sources []source) error {
	files, err := im.orderRuns(sources)
	if err != nil {
		return err
	}
	feeds, err := feedStates(ctx, im.db)
	if err != nil {
		return err
	}
	feed := feeds[FeedCCR]
	for _, f := range files {
		done, err := im.placeRun(ctx, feed, f)
		if err != nil {
			return err
		}
		if done {
			im.report.Files = append(im.report.Files, f.report(FileReport{Already: true}))
			continue
		}
		if err := im.importRun(ctx, f); err != nil {
			return inFile(f.path, err)
		}
		feed = fullmakt.Feed{Name: FeedCCR, Cursor: strconv.Itoa(f.header.Run)}
	}
	return nil
}

// run is a CCR file with what its head record says.
type run struct {
	source
	header enhetsregisteret.CCRHeader
}

func (r run) report(f FileReport) FileReport {
	f.File, f.Kind, f.Run, f.Date = r.path, FeedCCR, r.header.Run, r.header.Date.String()
	return f
}

// orderRuns reads the head records and sorts the files by run number.
func (im *importer) orderRuns(sources []source) ([]run, error) {
	var runs []run
	for _, src := range sources {
		f, err := enhetsregisteret.Open(src.path)
		if err != nil {
			return nil, inFile(src.path, err)
		}
		ccr, err := enhetsregisteret.OpenCCR(f, enhetsregisteret.CCROptions{})
		f.Close()
		if err != nil {
			return nil, inFile(src.path, err)
		}
		if i := slices.IndexFunc(runs, func(r run) bool { return r.header.Run == ccr.Header.Run }); i >= 0 {
			return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "%s and %s are both run %05d", runs[i].path, src.path, ccr.Header.Run)
		}
		runs = append(runs, run{src, ccr.Header})
	}
	slices.SortFunc(runs, func(a, b run) int { return a.header.Run - b.header.Run })
	return runs, nil
}

// placeRun tells whether a run was imported before. For a run that is not the
// next one it marks the feed stale and fails, unless gaps are allowed.
func (im *importer) placeRun(ctx context.Context, feed fullmakt.Feed, r run) (done bool, err error) {
	if feed.Cursor == "" {
		return false, nil // the first run of all
	}
	last, err := strconv.Atoi(feed.Cursor)
	if err != nil {
		return false, fullmakt.Errorf(fullmakt.CodeInternal, "the CCR feed stands at %q, which is no run number", feed.Cursor)
	}
	switch {
	case r.header.Run <= last:
		return true, nil
	case r.header.Run == last+1 || im.opts.AllowGap:
		return false, nil
	}
	missing := fmt.Sprintf("run %05d is missing", last+1)
	if r.header.Run > last+2 {
		missing = fmt.Sprintf("runs %05d to %05d are missing", last+1, r.header.Run-1)
	}
	head, err := im.db.Head(ctx)
	if err != nil {
		return false, err
	}
	feed.Stale = missing
	seq, err := im.db.Append(ctx, head.Seq, im.opts.Now, "CCR: "+missing, one(feed))
	if err != nil {
		return false, err
	}
	if seq != head.Seq {
		im.report.Revision = seq
	}
	return false, fullmakt.Errorf(fullmakt.CodeConflict, "%s; run %05d was not imported, and the register is marked stale", missing, r.header.Run).
		WithHint("fetch what is missing and import it together with this file; only if it is lost for good, allow the gap by name (--allow-gap)")
}

// one is a sequence of some changes.
func one(changes ...fullmakt.Change) iter.Seq2[fullmakt.Change, error] {
	return func(yield func(fullmakt.Change, error) bool) {
		for _, c := range changes {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// importRun imports one file.
func (im *importer) importRun(ctx context.Context, r run) error {
	head, err := im.db.Head(ctx)
	if err != nil {
		return err
	}
	var ids *sqlite.Identities
	if r.size > wholeRegister {
		if ids, err = im.db.Identities(ctx); err != nil {
			return err
		}
	}
	b := newBatchMerge(im.db, head, newNumberer(ctx, im.db, head, ids), &im.report, im.opts.KnownRole)
	report := r.report(FileReport{})
	var rejects []Reject
	err = im.readCCR(ctx, r.source, &report, &rejects, func(units iter.Seq2[fullmakt.RegisterChange, error], turnedDown func(error) bool) error {
		feeds := func() []fullmakt.Feed {
			return []fullmakt.Feed{{Name: FeedCCR, Cursor: strconv.Itoa(r.header.Run)}}
		}
		changes := withEnds(ctx, im.db, im.opts.Meaning, head, b.changes(ctx, units, turnedDown, feeds))
		seq, err := im.db.Append(ctx, head.Seq, im.opts.Now, fmt.Sprintf("import CCR run %05d", r.header.Run), im.opts.using(changes))
		if err == nil {
			im.report.Revision = seq
		}
		return err
	})
	if err != nil {
		return err
	}
	report.Compared = b.compared
	report.Stored -= b.compared
	im.report.Files = append(im.report.Files, report)
	im.report.rejects = append(im.report.rejects, rejects...)
	return nil
}

// readCCR opens a CCR file, lets use range over its units, and counts them. A
// unit that was turned down counts as rejected.
func (im *importer) readCCR(ctx context.Context, src source, report *FileReport, rejects *[]Reject, use func(iter.Seq2[fullmakt.RegisterChange, error], func(error) bool) error) error {
	f, err := enhetsregisteret.Open(src.path)
	if err != nil {
		return err
	}
	defer f.Close()
	ccr, err := enhetsregisteret.OpenCCR(f, enhetsregisteret.CCROptions{AllowTrailerMismatch: im.opts.AllowTrailerMismatch})
	if err != nil {
		return err
	}
	im.meter.begin(PhaseReading, fmt.Sprintf("CCR run %05d", ccr.Header.Run), src.size)
	units := func(yield func(fullmakt.RegisterChange, error) bool) {
		for change, err := range ccr.Units() {
			if ctx.Err() != nil {
				yield(change, context.Cause(ctx))
				return
			}
			im.meter.records.Add(1)
			done, _ := f.Progress()
			im.meter.done.Store(done)
			if err == nil {
				report.Read++
				report.Stored++
				for range statedRoles(&change) {
					report.Roles++
				}
			}
			if !yield(change, err) {
				return
			}
		}
	}
	turnedDown := func(err error) bool {
		r, ok := rejected(err)
		if ok {
			r.File = src.path
			report.Read++
			report.Rejected++
			*rejects = append(*rejects, r)
		}
		return ok
	}
	if err := use(units, turnedDown); err != nil {
		return err
	}
	report.Warnings = ccr.Stats().Warnings
	return nil
}

// dryCCR reads one CCR file and counts.
func (im *importer) dryCCR(ctx context.Context, src source) error {
	runs, err := im.orderRuns([]source{src})
	if err != nil {
		return err
	}
	report := runs[0].report(FileReport{})
	err = im.readCCR(ctx, src, &report, &im.report.rejects, func(units iter.Seq2[fullmakt.RegisterChange, error], turnedDown func(error) bool) error {
		for change, err := range units {
			if err != nil && !turnedDown(err) {
				return err
			}
			im.report.countRoles(&change, im.opts.KnownRole)
			if change.ReplacedBy != 0 {
				im.report.ReplacedCount++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	im.report.Files = append(im.report.Files, report)
	return nil
}

// feedStates reads where every feed stands.
func feedStates(ctx context.Context, db *sqlite.DB) (map[string]fullmakt.Feed, error) {
	all, err := db.Feeds(ctx)
	if err != nil {
		return nil, err
	}
	feeds := make(map[string]fullmakt.Feed, len(all))
	for _, feed := range all {
		feeds[feed.Name] = feed
	}
	return feeds, nil
}
