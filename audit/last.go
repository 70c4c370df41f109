package audit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fullmakt/fullmakt"
)

// Recent is the end of a log, as Last read it.
type Recent struct {
	Entries []Entry // the newest first
	// Oldest is the number of the oldest entry that was looked at; 0 when the log has
	// none.
	Oldest uint64
	// More tells that there are older entries that were not looked at.
	More bool
}

// Last returns up to n of the newest look-ups for which keep holds, newest first.
// It reads the files from their ends, most bytes at the utmost, so that a long log
// costs no more than a short one. It may run while the log is written; Log.Sync
// before it makes sure that everything is there. Errors are those of Query.
func Last(ctx context.Context, dir string, n int, most int64, keep func(*Entry) bool) (Recent, error) {
	numbers, err := segments(dir)
	if err != nil {
		return Recent{}, err
	}
	r := Recent{}
	for i := len(numbers) - 1; i >= 0; i-- {
		if len(r.Entries) == n || most <= 0 {
			r.More = true
			break
		}
		read, whole, err := r.backwards(ctx, dir, numbers[i], n, most, keep)
		most -= read
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // dropped by age since it was listed
		case err != nil:
			return Recent{}, err
		case !whole:
			r.More = true
			return r, nil
		}
	}
	return r, nil
}

// backBlock is how much of a file is read at a time.
const backBlock = 256 << 10

// backwards adds the entries of one segment from its end. It returns how much it
// read, and whether it came to the segment's beginning.
func (r *Recent) backwards(ctx context.Context, dir string, number uint64, n int, most int64, keep func(*Entry) bool) (read int64, whole bool, err error) {
	file, err := os.Open(filepath.Join(dir, segmentName(number)))
	if err != nil {
		return 0, false, unreadable(err)
	}
	defer file.Close()
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, false, unreadable(err)
	}
	var rest []byte // of lines whose beginnings are not read yet
	torn := true    // what stands behind the last line end is being written, or was cut short
	for end > 0 {
		if err := ctx.Err(); err != nil {
			return read, false, err
		}
		size := min(end, backBlock)
		block := make([]byte, size, int(size)+len(rest))
		if _, err := file.ReadAt(block, end-size); err != nil && !errors.Is(err, io.EOF) {
			return read, false, unreadable(err)
		}
		end, read = end-size, read+size
		rest = append(block, rest...)
		if torn {
			rest = rest[:bytes.LastIndexByte(rest, '\n')+1]
			torn = len(rest) == 0
		}
		for {
			// A line begins behind the line end before it, or at the file's beginning.
			from := bytes.LastIndexByte(rest[:max(0, len(rest)-1)], '\n') + 1
			if len(rest) == 0 || from == 0 && end > 0 {
				break
			}
			var l line
			if l.parse(rest[from:]); l.why != "" {
				return read, false, damaged(number, 0, l.why)
			}
			rest = rest[:from]
			r.Oldest = l.entry.N
			if l.entry.Kind == KindLookup && keep(&l.entry) {
				if r.Entries = append(r.Entries, l.entry); len(r.Entries) == n {
					return read, end == 0 && len(rest) == 0, nil
				}
			}
		}
		if len(rest) > maxLine {
			return read, false, damaged(number, 0, "a line is too long")
		}
		if end > 0 && read >= most {
			return read, false, nil
		}
	}
	return read, true, nil
}

// Find returns the entry with a number; CodeNotFound where the log has none such,
// or no longer. Other errors are those of Query.
func Find(ctx context.Context, dir string, n uint64) (Entry, error) {
	if n > 0 {
		page, err := Query(ctx, dir, Filter{After: n - 1, Notes: true, Limit: 1})
		if err != nil {
			return Entry{}, err
		}
		if len(page.Entries) == 1 && page.Entries[0].N == n {
			return page.Entries[0], nil
		}
	}
	return Entry{}, fullmakt.Errorf(fullmakt.CodeNotFound, "the look-up log has no entry %d", n)
}
