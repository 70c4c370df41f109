package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// openWriter takes the log in dir for this process, brings its end in order, and
// notes the start in the chain.
func openWriter(dir string, o Options, now time.Time) (w *writer, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unwritable(err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	w = &writer{o: o, dir: dir, unlock: unlock, now: now}
	defer func() {
		if err != nil {
			w.close()
			unlock()
		}
	}()
	if w.heads, err = os.OpenFile(filepath.Join(dir, headFile), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, unwritable(err)
	}
	expected, _, err := readHead(dir)
	if err != nil {
		return nil, err
	}
	if err := w.resume(); err != nil {
		return nil, err
	}
	lost := expected.N > w.chain.n || expected.N == w.chain.n && expected != w.chain.head()
	if w.file == nil {
		if err := w.begin(w.segment + 1); err != nil {
			return nil, err
		}
	}
	if lost {
		w.buf = w.chain.note(w.buf, w.now, KindLost, Note{Last: &expected})
	}
	if o.Retain > 0 {
		if err := w.checkpoint(now); err != nil {
			return nil, err
		}
	}
	w.buf = w.chain.note(w.buf, w.now, KindStart, Note{Level: o.Level, Sample: o.Sample, Overflow: string(o.Overflow)})
	if err := w.write(); err != nil {
		return nil, err
	}
	if err := w.save(); err != nil {
		return nil, err
	}
	return w, w.removeDropped()
}

// resume finds the end of the chain and opens the segment it is in. A log without
// entries has none to open.
func (w *writer) resume() error {
	numbers, err := segments(w.dir)
	if err != nil {
		return err
	}
	var torn []Note
	for i := len(numbers) - 1; i >= 0; i-- {
		found, err := w.resumeIn(numbers[i], &torn)
		if err != nil {
			return err
		}
		if found {
			break
		}
		// A crash left a segment without a whole line: its number is used again.
		if err := os.Remove(filepath.Join(w.dir, segmentName(numbers[i]))); err != nil {
			return unwritable(err)
		}
		w.segment = numbers[i] - 1
	}
	if len(torn) > 0 && w.file == nil {
		if err := w.begin(w.segment + 1); err != nil {
			return err
		}
	}
	for _, note := range torn {
		w.buf = w.chain.note(w.buf, w.now, KindTorn, note)
	}
	return nil
}

// resumeIn goes on in a segment after the last line that is one, and removes what
// stands behind that: a line cut short, or blocks that never reached the disk.
// Whether the lines before are as they were written is for Verify to tell.
func (w *writer) resumeIn(number uint64, torn *[]Note) (found bool, err error) {
	path := filepath.Join(w.dir, segmentName(number))
	var end int64
	err = readFile(path, func(l *line, err error) error {
		var tail *errTorn
		switch {
		case errors.As(err, &tail):
			return errStop
		case err != nil:
			return err
		case l.why == "":
			if !found {
				w.began = l.entry.Time.UTC()
			}
			found, end = true, l.start+l.size
			w.chain.resume(l.entry.N, l.hash)
			if l.entry.Time.After(w.now) {
				w.now = l.entry.Time
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0o600)
	if err != nil {
		return false, unwritable(err)
	}
	if found {
		w.file, w.segment, w.size = file, number, end
	} else {
		defer file.Close()
	}
	note, err := digestFrom(file, end)
	if err != nil {
		return false, err
	}
	if note.Bytes > 0 {
		*torn = append(*torn, note)
	}
	if err := file.Truncate(end); err != nil {
		return false, unwritable(err)
	}
	return found, nil
}

// digestFrom tells what stands in a file from a place on.
func digestFrom(file *os.File, from int64) (Note, error) {
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return Note{}, unreadable(err)
	}
	h := sha256.New()
	n, err := io.Copy(h, file)
	if err != nil {
		return Note{}, unreadable(err)
	}
	return Note{Bytes: n, Digest: hex.EncodeToString(h.Sum(nil))}, nil
}

// readHead reads the file that names the last entry written. It reports false
// when there is none that can be read.
func readHead(dir string) (Head, bool, error) {
	text, err := os.ReadFile(filepath.Join(dir, headFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Head{}, false, nil
	}
	if err != nil {
		return Head{}, false, unreadable(err)
	}
	digits, hash, ok := strings.Cut(strings.TrimSuffix(string(text), "\n"), " ")
	n, err := strconv.ParseUint(digits, 10, 64)
	if !ok || err != nil || n == 0 || !isHash(hash) {
		return Head{}, false, nil
	}
	return Head{N: n, Hash: hash}, true, nil
}

func isHash(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 2*sha256.Size && strings.ToLower(s) == s
}

// ParseHead reads a head as String writes it: the number, a colon and the hash.
// It returns an error with code CodeInvalid for anything else.
func ParseHead(s string) (Head, error) {
	digits, hash, ok := strings.Cut(s, ":")
	n, err := strconv.ParseUint(digits, 10, 64)
	if !ok || err != nil || n == 0 || !isHash(hash) {
		return Head{}, fullmakt.Errorf(fullmakt.CodeInvalid, "head %q is not one", cleaned(s)).
			WithHint("it is an entry's number, a colon and its hash, as fullmakt audit verify prints them")
	}
	return Head{N: n, Hash: hash}, nil
}

// String writes the head as a number, a colon and a hash.
func (h Head) String() string { return strconv.FormatUint(h.N, 10) + ":" + h.Hash }

func errLocked(dir string) error {
	return fullmakt.Errorf(fullmakt.CodeConflict, "another server writes to the look-up log in %s", dir).
		WithHint("give each server a log of its own")
}
