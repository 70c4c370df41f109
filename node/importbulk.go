package node

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
)

// readers is how many files are read at a time: each takes about a core.
const readers = 2

// importBulk reads the open-data files into staging files, and merges those into
// the store in one pass, as one revision.
func (im *importer) importBulk(ctx context.Context, sources []source) (err error) {
	unlock, err := lockStaging(im.opts.StagingDir)
	if err != nil {
		return err
	}
	defer unlock()
	stages, err := im.stage(ctx, sources)
	defer func() {
		for _, s := range stages {
			if s == nil {
				continue
			}
			if err == nil {
				err = s.remove()
			} else {
				s.close() // kept: the next import goes on with it
			}
		}
	}()
	if err != nil {
		return err
	}
	m, err := im.prepareMerge(ctx, sources, stages)
	if err != nil {
		return err
	}
	if err := m.checkVanish(); err != nil {
		return err
	}
	im.meter.begin(PhaseStoring, "", int64(m.total()))
	changes, stop := ahead(withEnds(ctx, im.db, im.opts.Meaning, m.head, m.changes(ctx)))
	defer stop()
	counted := im.report
	seq, err := im.db.Append(ctx, m.head.Seq, im.opts.Now, "import "+fileNames(sources), im.opts.using(changes))
	if err != nil {
		im.report = counted // what was counted on the way was not stored
		return err
	}
	if seq != m.head.Seq {
		im.report.Revision = seq
	}
	im.report.Files = append(im.report.Files, m.fileReports()...)
	for i := range stages {
		for _, r := range stages[i].rejects {
			r.File = sources[i].path
			im.report.rejects = append(im.report.rejects, r)
		}
	}
	return nil
}

func fileNames(sources []source) string {
	var names []string
	for _, s := range sources {
		names = append(names, feedFile(s.kind))
	}
	return strings.Join(names, ", ")
}

// stage brings every source into its staging file, two at a time, the biggest
// first. The stages are returned with an error too, in the order of sources,
// with nil for one that was never opened.
func (im *importer) stage(ctx context.Context, sources []source) ([]*stage, error) {
	stages := make([]*stage, len(sources))
	var total int64
	order := make([]int, len(sources))
	for i, s := range sources {
		total += s.size
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(1, max(-1, sources[b].size-sources[a].size))) })
	im.meter.begin(PhaseReading, fileNames(sources), total)

	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for _, i := range order {
		group.Go(func() error {
			s, err := im.openStage(sources[i])
			if err != nil {
				return inFile(sources[i].path, err)
			}
			stages[i] = s
			if err := im.readInto(ctx, sources[i], s); err != nil {
				return inFile(sources[i].path, err)
			}
			return nil
		})
	}
	return stages, group.Wait()
}

func (im *importer) openStage(src source) (*stage, error) {
	f, err := os.Open(src.path)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "%w", err)
	}
	defer f.Close()
	print, err := fingerprint(f, src.kind)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "%w", err)
	}
	s, err := openStage(im.opts.StagingDir, src.kind, print)
	if err != nil {
		return nil, stagingError(err)
	}
	return s, nil
}

// readInto reads what the staging file does not have yet. When the context ends,
// whole records read so far are kept.
func (im *importer) readInto(ctx context.Context, src source, s *stage) error {
	s.resumed = s.elements
	if !s.complete {
		if err := im.readRest(ctx, src, s); err != nil {
			return errors.Join(err, s.flush(false))
		}
	} else {
		im.meter.done.Add(src.size)
	}
	s.finish()
	return nil
}

func (im *importer) readRest(ctx context.Context, src source, s *stage) error {
	f, err := enhetsregisteret.Open(src.path)
	if err != nil {
		return err
	}
	defer f.Close()
	var told int64
	tell := func() {
		done, _ := f.Progress()
		im.meter.done.Add(done - told)
		told = done
	}
	n := 0
	for change, err := range enhetsregisteret.ReadBulk(ctx, f, src.kind, enhetsregisteret.BulkOptions{SkipElements: s.elements}) {
		if r, ok := rejected(err); ok {
			if err := s.addReject(r); err != nil {
				return stagingError(err)
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := s.add(&change); err != nil {
			return stagingError(err)
		}
		if n++; n%256 == 0 {
			im.meter.records.Add(256)
			tell()
		}
	}
	tell()
	if err := s.flush(true); err != nil {
		return stagingError(err)
	}
	return nil
}

func stagingError(err error) error {
	return fullmakt.Errorf(fullmakt.CodeUnavailable, "staging: %w", err).
		WithHint("the import needs room beside the store, about a fiftieth of the unpacked files")
}

// dryBulk reads one open-data file and counts.
func (im *importer) dryBulk(ctx context.Context, src source) error {
	f, err := enhetsregisteret.Open(src.path)
	if err != nil {
		return err
	}
	defer f.Close()
	im.meter.begin(PhaseReading, feedFile(src.kind), src.size)
	report := FileReport{File: src.path, Kind: feedFile(src.kind), Date: im.fileDay(src).String()}
	for change, err := range enhetsregisteret.ReadBulk(ctx, f, src.kind, enhetsregisteret.BulkOptions{}) {
		if r, ok := rejected(err); ok {
			r.File = src.path
			im.report.rejects = append(im.report.rejects, r)
			report.Rejected++
		} else if err != nil {
			return err
		} else {
			report.Stored++
			report.Roles += len(change.Roles)
			im.report.countRoles(&change, im.opts.KnownRole)
		}
		report.Read++
		im.meter.records.Add(1)
		done, _ := f.Progress()
		im.meter.done.Store(done)
	}
	im.report.Files = append(im.report.Files, report)
	return nil
}

// fileDate is the instant an open-data file speaks of.
func (im *importer) fileDate(src source) time.Time {
	if !im.opts.FileDate.IsZero() {
		return im.opts.FileDate
	}
	return src.date
}

// fileDay is the calendar day of fileDate in Norway.
func (im *importer) fileDay(src source) fullmakt.Date {
	return fullmakt.DateOf(im.fileDate(src).In(fullmakt.Oslo()))
}
