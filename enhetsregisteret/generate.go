package enhetsregisteret

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fullmakt/fullmakt"
)

// GenerateOptions say which synthetic Norway to write.
type GenerateOptions struct {
	Seed  uint64        // which of the many
	Scale float64       // size: above 0, up to 2; 1 is the real register's size
	Date  fullmakt.Date // the date of day 0; none means 20 November 2026
	Day   int           // days that have passed since: 0 to 365
	// CCRAll sends every unit as a first transfer in the CCR file, so that every
	// person's identity number is there; without it the file is a day's batch.
	CCRAll bool
	// Progress is told what is being done ("world" and "counting", then the name
	// of each file) and how far it has come, from one goroutine at a time. It may
	// be nil.
	Progress func(file string, done, total int)
}

// defaultDate is the date of day 0 when none is given.
var defaultDate = fullmakt.NewDate(2026, 11, 20)

// firstRun is the CCR run number of day 0; each day has the next.
const firstRun = 5800

// packing is the level of compression, chosen so that the files have the size of
// the real ones; chunkUnits is the size of the pieces compressed side by side.
const (
	packing    = 8
	chunkUnits = 1500
)

// Generate writes a synthetic register to dir, which must exist: the three bulk
// files of the open data (enheter.json.gz, underenheter.json.gz and
// roller.json.gz) and a CCR batch file (baj05800.txt on day 0), all four telling
// of the same world. Volumes and skews follow estimates of the real register's;
// every organisation number starts with 2 or 3 and every identity number has its
// month raised by 80, so that nothing in it is anybody's.
//
// The same options give the same bytes. Day n is the same world n days later:
// some role sets changed, some units new, some gone. Memory grows with the number
// of units, to about 170 MB at scale 1. Errors have code CodeInvalid for options and
// CodeUnavailable for the file system or a cancelled ctx.
func Generate(ctx context.Context, dir string, opts GenerateOptions) (Summary, error) {
	if !(opts.Scale > 0 && opts.Scale <= 2) {
		return Summary{}, fullmakt.Errorf(fullmakt.CodeInvalid, "scale %g: want a number above 0, at most 2", opts.Scale).
			WithHint("1 is the size of the real register, 0.01 is enough to look around in")
	}
	if opts.Day < 0 || opts.Day > 365 {
		return Summary{}, fullmakt.Errorf(fullmakt.CodeInvalid, "day %d: want 0 to 365", opts.Day)
	}
	if opts.Date == 0 {
		opts.Date = defaultDate
	}
	if opts.Date < fullmakt.NewDate(2000, 1, 1) || opts.Date > fullmakt.NewDate(2049, 1, 1) {
		return Summary{}, fullmakt.Errorf(fullmakt.CodeInvalid, "date %s: want a day from 2000 to 2048", opts.Date)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return Summary{}, fullmakt.Errorf(fullmakt.CodeInvalid, "%s is not a directory", dir).WithHint("make it first")
	}
	w := newWorld(opts)
	sum, err := w.summarise(ctx, opts.Progress)
	if err != nil {
		return Summary{}, err
	}
	units, subs := len(w.form), len(w.parent)
	roles := newOverview(w)
	write := func(name string, n int, element func(b []byte, scratch []genRole, k uint32) ([]byte, []genRole)) error {
		chunks := (n + chunkUnits - 1) / chunkUnits
		path := filepath.Join(dir, name)
		text, size, err := writeChunks(ctx, path, packing, chunks, func(c int, b []byte) []byte {
			var scratch []genRole
			if c == 0 {
				b = append(b, "[ "...)
			}
			for k := c * chunkUnits; k < min(n, (c+1)*chunkUnits); k++ {
				before := len(b)
				if before > 2 || c > 0 {
					b = append(b, ", "...)
				}
				start := len(b)
				b, scratch = element(b, scratch, uint32(k))
				if len(b) == start {
					b = b[:before]
				}
			}
			if c == chunks-1 {
				b = append(b, " ]"...)
			}
			return b
		}, nil, progress(opts.Progress, name, n))
		sum.Files = append(sum.Files, GeneratedFile{Path: path, Text: text, Size: size})
		return err
	}
	err = write("enheter.json.gz", units, func(b []byte, s []genRole, k uint32) ([]byte, []genRole) {
		if !w.alive(k) {
			return b, s
		}
		return w.appendUnit(b, k), s
	})
	if err == nil {
		err = write("underenheter.json.gz", subs, func(b []byte, s []genRole, k uint32) ([]byte, []genRole) {
			if !w.alive(w.parent[k]) {
				return b, s
			}
			return w.appendSubUnit(b, k), s
		})
	}
	if err == nil {
		err = write("roller.json.gz", units, func(b []byte, s []genRole, k uint32) ([]byte, []genRole) {
			if !w.alive(k) {
				return b, s
			}
			if s = w.roles(k, w.day, s[:0]); len(s) == 0 {
				return b, s
			}
			return roles.appendElement(b, k, s), s
		})
	}
	if err == nil {
		name := fmt.Sprintf("baj%05d.txt", firstRun+opts.Day)
		var file GeneratedFile
		file, sum.CCRUnits, sum.CCRRecords, err = w.writeBatch(ctx, filepath.Join(dir, name), opts)
		sum.Files = append(sum.Files, file)
	}
	return sum, err
}

// progress tells report of every chunk of a file of n elements.
func progress(report func(string, int, int), name string, n int) func(int) {
	if report == nil {
		return nil
	}
	return func(c int) { report(name, min(n, (c+1)*chunkUnits), n) }
}
