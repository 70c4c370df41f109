package audit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// maxLine bounds a line, in bytes; a batch of a thousand is about 100 kB.
const maxLine = 16 << 20

// segmentName returns the file name of a segment.
func segmentName(number uint64) string { return fmt.Sprintf("lookups-%08d.jsonl", number) }

// segmentNumber returns the number of a segment from its file name.
func segmentNumber(name string) (uint64, bool) {
	digits, ok := strings.CutPrefix(name, "lookups-")
	if digits, ok = cutSuffix(digits, ".jsonl", ok); !ok || len(digits) < 8 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil && n > 0 && segmentName(n) == name
}

func cutSuffix(s, suffix string, ok bool) (string, bool) {
	rest, found := strings.CutSuffix(s, suffix)
	return rest, ok && found
}

// segments lists the segments of a log in order.
func segments(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fullmakt.Errorf(fullmakt.CodeNotFound, "there is no look-up log in %s", dir).WithHint("name the directory that the server writes its log to")
	}
	if err != nil {
		return nil, unreadable(err)
	}
	var numbers []uint64
	for _, e := range entries {
		if n, ok := segmentNumber(e.Name()); ok {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func unreadable(err error) error {
	return fullmakt.Errorf(fullmakt.CodeUnavailable, "read the look-up log: %w", err)
}

// line is one line of a segment. Why tells what is wrong with one that is not a
// line of the log.
type line struct {
	number int   // the first is 1
	start  int64 // where it begins, in bytes
	size   int64 // with its end
	hash   [sha256.Size]byte
	raw    []byte // the bytes of the entry; valid until the next line
	entry  Entry
	why    string
}

// errTorn ends a segment whose last line has no end.
type errTorn struct{ start, size int64 }

func (e *errTorn) Error() string { return fmt.Sprintf("%d bytes of a line without its end", e.size) }

// readSegment reads the lines of a segment. A line that is not one of the log is
// yielded with its reason; a last line without end yields *errTorn.
func readSegment(r io.Reader) iter.Seq2[*line, error] {
	return func(yield func(*line, error) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		l := &line{}
		var long []byte
		for {
			text, err := in.ReadSlice('\n')
			long = long[:0]
			for errors.Is(err, bufio.ErrBufferFull) {
				if long = append(long, text...); len(long) > maxLine {
					yield(nil, fullmakt.Errorf(fullmakt.CodeInvalid, "line %d is longer than %d bytes", l.number+1, maxLine))
					return
				}
				text, err = in.ReadSlice('\n')
			}
			if len(long) > 0 {
				long = append(long, text...)
				text = long
			}
			switch {
			case errors.Is(err, io.EOF) && len(text) == 0:
				return
			case errors.Is(err, io.EOF):
				yield(nil, &errTorn{start: l.start + l.size, size: int64(len(text))})
				return
			case err != nil:
				yield(nil, unreadable(err))
				return
			}
			*l = line{number: l.number + 1, start: l.start + l.size, size: int64(len(text))}
			l.parse(text)
			if !yield(l, nil) {
				return
			}
		}
	}
}

// parse reads the text of a line, its end included.
func (l *line) parse(text []byte) {
	if len(text) < entryStart+len("{}")+len(lineEnd) || string(text[:hashStart]) != lineStart ||
		string(text[hashEnd:entryStart]) != lineMiddle || !bytes.HasSuffix(text, []byte(lineEnd)) {
		l.why = "it is not a line of a look-up log"
		return
	}
	digits := text[hashStart:hashEnd]
	if _, err := hex.Decode(l.hash[:], digits); err != nil || !bytes.Equal(bytes.ToLower(digits), digits) {
		l.why = "its hash is not one"
		return
	}
	l.raw = text[entryStart : len(text)-len(lineEnd)]
	if err := json.Unmarshal(l.raw, &l.entry); err != nil || l.entry.N == 0 || l.entry.Kind == "" {
		l.why = "its entry is not one"
		l.entry = Entry{}
	}
}

// eachEntry reads the entries of the segments from one on, in order, with the
// name of the segment. A damaged line ends it with an error that names the place.
func eachEntry(ctx context.Context, dir string, numbers []uint64) iter.Seq2[*line, error] {
	return func(yield func(*line, error) bool) {
		for i, number := range numbers {
			more := true
			err := readFile(filepath.Join(dir, segmentName(number)), func(l *line, err error) error {
				var torn *errTorn
				switch {
				case ctx.Err() != nil:
					return ctx.Err()
				case errors.As(err, &torn) && i == len(numbers)-1:
					return nil // being written, or cut by a crash: the next start says so in the chain
				case err != nil:
					return damaged(number, 0, err.Error())
				case l.why != "":
					return damaged(number, l.number, l.why)
				}
				if more = yield(l, nil); !more {
					return errStop
				}
				return nil
			})
			if !more {
				return
			}
			if errors.Is(err, fs.ErrNotExist) {
				continue // dropped by age since it was listed
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

func damaged(segment uint64, number int, why string) error {
	where := segmentName(segment)
	if number > 0 {
		where += fmt.Sprintf(" line %d", number)
	}
	return fullmakt.Errorf(fullmakt.CodeUnavailable, "the look-up log is damaged at %s: %s", where, why).
		WithHint("fullmakt audit verify tells more")
}

var errStop = errors.New("stop")

// readFile reads a segment file, line by line. When f returns an error, it
// returns that; errStop ends the reading without one.
func readFile(path string, f func(*line, error) error) error {
	file, err := os.Open(path)
	if err != nil {
		return unreadable(err)
	}
	defer file.Close()
	return readLines(file, f)
}

// readLines is readFile for what is open already.
func readLines(r io.Reader, f func(*line, error) error) error {
	for l, err := range readSegment(r) {
		if err := f(l, err); errors.Is(err, errStop) {
			return nil
		} else if err != nil {
			return err
		}
		if err != nil {
			return nil // f has accepted the end
		}
	}
	return nil
}

// firstEntry returns the first entry of a segment, or false when it has none.
func firstEntry(dir string, number uint64) (first Entry, ok bool, err error) {
	err = readFile(filepath.Join(dir, segmentName(number)), func(l *line, err error) error {
		if err == nil && l.why == "" {
			first, ok = l.entry, true
		}
		return errStop
	})
	return first, ok, err
}
