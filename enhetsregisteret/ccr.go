package enhetsregisteret

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/fullmakt/fullmakt"
)

// CCROptions tune OpenCCR.
type CCROptions struct {
	// AllowTrailerMismatch accepts a file whose trailer is missing or counts
	// another number of units than the file holds: an excerpt that keeps its
	// original's trailer. Without it such a file ends in an error, since records
	// may have been lost.
	AllowTrailerMismatch bool
}

// CCRHeader is the head record of a batch file.
type CCRHeader struct {
	Sender    string // "ER"
	Date      fullmakt.Date
	Run       int    // the run number; the runs of a subscription have no holes
	Recipient string // "ALT"
	Type      string // A ordinary, S sent on demand, K links
}

// CCRStats counts what was read so far.
type CCRStats struct {
	Units    int // units begun, rejected ones included
	Rejected int // of them, rejected
	Records  int // records of any type, head and trailer included
	// TrailerUnits and TrailerRecords are the trailer's own counts; -1 before a
	// trailer was seen.
	TrailerUnits, TrailerRecords int
	// Unknown counts the records whose type is neither a role, a link, a status
	// nor one of the information types known to carry no authority.
	Unknown map[string]int
	// Warnings are findings that do not stop the reading, in file order.
	Warnings []string
}

// CCRFile is a CCR batch file (baj%05d.txt) under way: fixed columns, a record a
// line, in ISO-8859-15. A file that was re-encoded to UTF-8 is understood too.
type CCRFile struct {
	Header CCRHeader

	opts  CCROptions
	lines *bufio.Reader
	line  int // number of the line in record
	rec   ccrRecord
	stats CCRStats

	data       int // records that are neither head, unit, nor trailer
	beforeTrai int // units before the trailer
	unit       *ccrUnit
}

// maxCCRLine bounds a line in bytes. The format's own bound is 4 kB.
const maxCCRLine = 64 << 10

// OpenCCR reads the head record of a batch file from r, which is decompressed
// already. The error has CodeInvalid when there is none.
func OpenCCR(r io.Reader, opts CCROptions) (*CCRFile, error) {
	f := &CCRFile{opts: opts, lines: bufio.NewReaderSize(r, maxCCRLine)}
	f.stats.TrailerUnits, f.stats.TrailerRecords = -1, -1
	for {
		err := f.next()
		switch {
		case err == io.EOF:
			return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "the batch file is empty")
		case err != nil:
			return nil, err
		case f.rec.blank():
			continue
		}
		break
	}
	header, err := f.head()
	if err != nil {
		return nil, err
	}
	f.Header = header
	return f, nil
}

// Stats returns the counts so far, whole after Units has ended.
func (f *CCRFile) Stats() CCRStats {
	s := f.stats
	s.Unknown = maps.Clone(s.Unknown)
	s.Warnings = slices.Clone(s.Warnings)
	return s
}

// Units yields a change per unit, in file order. It can be ranged over once.
//
// A unit with a record that cannot be used is yielded as a *Reject, whole, and
// reading goes on. Any other error ends the sequence; after the last unit that
// is one with CodeInvalid when the trailer does not fit, in which case nothing of
// the file should be kept.
func (f *CCRFile) Units() iter.Seq2[fullmakt.RegisterChange, error] {
	return func(yield func(fullmakt.RegisterChange, error) bool) {
		for {
			err := f.next()
			if err == io.EOF {
				if f.finish(yield) {
					if err := f.checkTrailer(); err != nil {
						yield(fullmakt.RegisterChange{}, err)
					}
				}
				return
			}
			if err != nil {
				yield(fullmakt.RegisterChange{}, err)
				return
			}
			if f.rec.blank() {
				continue
			}
			more := true
			switch f.rec.field(1, 4) {
			case "HEAD":
				more = f.finish(yield)
				if header, err := f.head(); err != nil || header.Run != f.Header.Run {
					if more {
						yield(fullmakt.RegisterChange{}, fullmakt.Errorf(fullmakt.CodeInvalid,
							"line %d: another head record, which is not that of run %05d: two batches in one file", f.line, f.Header.Run).
							WithHint("import each batch file by itself, in the order of their run numbers"))
					}
					return
				}
				f.warn("the head record is repeated")
			case "TRAI":
				more = f.finish(yield)
				f.trailer()
			case "ENH":
				if more = f.finish(yield); more {
					f.begin()
				}
			default:
				f.data++
				if f.unit == nil {
					f.stats.Rejected++
					more = yield(fullmakt.RegisterChange{Source: fullmakt.SourceCCR}, f.reject("", "the record stands outside every unit"))
					break
				}
				f.unit.add(f)
			}
			if !more {
				return
			}
		}
	}
}

// next reads one line into f.rec; io.EOF at the end.
func (f *CCRFile) next() error {
	line, err := f.lines.ReadSlice('\n')
	f.line++
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return fullmakt.Errorf(fullmakt.CodeInvalid, "line %d is longer than %d bytes: not a batch file", f.line, maxCCRLine)
	case err == io.EOF && len(line) == 0:
		return io.EOF
	case err != nil && err != io.EOF:
		code := fullmakt.CodeUnavailable
		if damaged(err) {
			code = fullmakt.CodeInvalid
		}
		return fullmakt.Errorf(code, "reading stopped at line %d: %w", f.line, err)
	}
	f.rec = f.rec.decode(line)
	if !f.rec.blank() {
		f.stats.Records++
	}
	return nil
}

// head reads the head record in f.rec.
func (f *CCRFile) head() (CCRHeader, error) {
	r := f.rec
	run, err := strconv.Atoi(r.field(16, 20))
	if r.field(1, 4) != "HEAD" || err != nil || run < 0 {
		return CCRHeader{}, fullmakt.Errorf(fullmakt.CodeInvalid, "line %d: want a head record with a run number", f.line).
			WithHint("a CCR batch file starts with HEADER and the date and run number, as in HEADER 2026042805780ALTA")
	}
	date, err := fullmakt.ParseCompactDate(r.field(8, 15))
	if err != nil {
		return CCRHeader{}, fullmakt.Errorf(fullmakt.CodeInvalid, "line %d, head record: %w", f.line, err)
	}
	return CCRHeader{Sender: r.field(5, 7), Date: date, Run: run, Recipient: r.field(21, 23), Type: r.field(24, 24)}, nil
}

// trailer reads the trailer in f.rec.
func (f *CCRFile) trailer() {
	units, err1 := strconv.Atoi(f.rec.field(8, 14))
	records, err2 := strconv.Atoi(f.rec.field(15, 23))
	if err1 != nil {
		f.warn("the trailer has no count of units")
		return
	}
	if err2 != nil {
		records = -1
	}
	if f.stats.TrailerUnits >= 0 {
		f.warn("the trailer is repeated")
	}
	f.stats.TrailerUnits, f.stats.TrailerRecords = units, records
	f.beforeTrai = f.stats.Units
}

// checkTrailer compares the trailer's counts with what was read. Units that
// stand behind the trailer may be counted in it or not. The format does not say
// which records its second number counts, so only a number that fits no reading
// is worth a warning.
func (f *CCRFile) checkTrailer() error {
	s := &f.stats
	var problem string
	switch {
	case s.TrailerUnits < 0:
		problem = fmt.Sprintf("the file ends without a trailer after %d units", s.Units)
	case s.TrailerUnits != s.Units && s.TrailerUnits != f.beforeTrai:
		problem = fmt.Sprintf("the trailer counts %d units, the file holds %d", s.TrailerUnits, s.Units)
	case s.TrailerRecords >= 0 && !slices.Contains([]int{f.data, f.data + s.Units, s.Records - 1, s.Records}, s.TrailerRecords):
		f.warn(fmt.Sprintf("the trailer counts %d records, the file holds %d (%d without head, units and trailer)", s.TrailerRecords, s.Records, f.data))
	}
	if s.Units > f.beforeTrai && s.TrailerUnits >= 0 {
		f.warn(fmt.Sprintf("%d units stand behind the trailer", s.Units-f.beforeTrai))
	}
	if problem == "" {
		return nil
	}
	if f.opts.AllowTrailerMismatch {
		f.warn(problem)
		return nil
	}
	return fullmakt.Errorf(fullmakt.CodeInvalid, "run %05d: %s", f.Header.Run, problem).
		WithHint("fetch the file again; for an excerpt that keeps its original's trailer, allow a trailer mismatch (--allow-trailer-mismatch)")
}

// maxWarnings bounds the list of warnings.
const maxWarnings = 100

func (f *CCRFile) warn(text string) {
	if len(f.stats.Warnings) < maxWarnings {
		f.stats.Warnings = append(f.stats.Warnings, fmt.Sprintf("line %d: %s", f.line, text))
	}
}

// unknown counts a record of a type that nobody told of.
func (f *CCRFile) unknown(kind string) {
	if f.stats.Unknown == nil {
		f.stats.Unknown = map[string]int{}
	}
	if f.stats.Unknown[kind] == 0 {
		if len(f.stats.Unknown) == maxWarnings {
			return
		}
		f.warn(fmt.Sprintf("record type %q is not known and was passed over", kind))
	}
	f.stats.Unknown[kind]++
}

func (f *CCRFile) reject(path, reason string) *Reject {
	return &Reject{Record: f.stats.Units, Line: f.line, Path: path, Reason: reason}
}

// begin starts the unit whose record is in f.rec.
func (f *CCRFile) begin() {
	f.stats.Units++
	f.unit = newCCRUnit(f)
}

// finish yields the unit under way, if there is one.
func (f *CCRFile) finish(yield func(fullmakt.RegisterChange, error) bool) bool {
	u := f.unit
	f.unit = nil
	switch {
	case u == nil:
		return true
	case u.trouble != nil:
		f.stats.Rejected++
		u.trouble.Org = u.change.Org
		return yield(fullmakt.RegisterChange{Source: fullmakt.SourceCCR, Org: u.change.Org}, u.trouble)
	}
	return yield(u.finish(), nil)
}
