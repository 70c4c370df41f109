package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Report is what Verify found.
type Report struct {
	Dir      string
	Segments int
	Entries  uint64    // entries read
	Lookups  uint64    // look-ups among them
	Dropped  uint64    // look-ups that the entries say were dropped
	Since    time.Time // the time of the first entry
	Until    time.Time // the time of the last
	First    Head      // the first entry that is here
	Last     Head      // the last
	// Losses are the notes of what was torn, lost or dropped, in order.
	Losses []Entry
	// Checkpoint is the note of the segments that were dropped by age, or nil.
	Checkpoint *Entry
	// Unfinished is how many bytes stand behind the last line: one that is being
	// written, or was cut short by a crash and not yet removed.
	Unfinished int64
	// Broken is the first place where the chain does not hold, or nil.
	Broken *Break
}

// Break is a place where the chain does not hold.
type Break struct {
	Segment string // the file; "" when the log as a whole lacks something
	Line    int    // its line; 0 for the file as a whole
	N       uint64 // the number of the entry that stands there, or should
	Why     string
}

// String tells the place and what is wrong.
func (b *Break) String() string {
	switch {
	case b.Segment == "":
		return b.Why
	case b.Line == 0:
		return b.Segment + ": " + b.Why
	}
	return fmt.Sprintf("%s line %d (entry %d): %s", b.Segment, b.Line, b.N, b.Why)
}

// Verify reads a log from its first entry to its last and checks that each
// follows from the one before, that no segment is missing but those that a
// checkpoint names, and that the end is there. known, unless it is zero, is a
// head noted before: the entry with its number must have its hash.
//
// Verify may run while the log is written. It returns a report whenever the log
// can be read, broken or not; an error has code CodeNotFound when there is no log
// and CodeUnavailable when it cannot be read.
func Verify(ctx context.Context, dir string, known Head) (Report, error) {
	return VerifyTelling(ctx, dir, known, func(int, int) {})
}

// VerifyTelling is Verify, and tells after each segment how many of them all are
// read.
func VerifyTelling(ctx context.Context, dir string, known Head, tell func(read, all int)) (Report, error) {
	// A segment that goes while the log is read was dropped by age; what is there
	// then says so.
	r, err := verify(ctx, dir, known, tell)
	for range 2 {
		if errors.Is(err, fs.ErrNotExist) {
			r, err = verify(ctx, dir, known, tell)
		}
	}
	return r, err
}

func verify(ctx context.Context, dir string, known Head, tell func(read, all int)) (Report, error) {
	// The head first: what it names was written before it.
	head, _, err := readHead(dir)
	if err != nil {
		return Report{}, err
	}
	numbers, err := segments(dir)
	if err != nil {
		return Report{}, err
	}
	if len(numbers) == 0 && head.N == 0 {
		return Report{}, fullmakt.Errorf(fullmakt.CodeNotFound, "there is no look-up log in %s", dir).
			WithHint("name the directory that the server writes its log to")
	}
	v := verifier{Report: Report{Dir: dir, Segments: len(numbers)}, wanted: []Head{head, known}}
	for i, number := range numbers {
		if err := v.segment(ctx, dir, number, i == len(numbers)-1); err != nil {
			return Report{}, err
		}
		if v.Broken != nil {
			return v.Report, nil
		}
		tell(i+1, len(numbers))
	}
	v.ending(head, known)
	return v.Report, nil
}

// verifier walks along a chain.
type verifier struct {
	Report
	chain    chain
	number   uint64 // of the segment before
	wanted   []Head // entries that must be found with these hashes
	missing  *Head  // the last entry of segments that are not there, until a checkpoint names it
	firstGap *Break // what to say if none does
	inFile   string // the segment that is read
	began    bool   // the chain has
}

// segment checks the lines of one segment.
func (v *verifier) segment(ctx context.Context, dir string, number uint64, isLast bool) error {
	file, err := os.Open(filepath.Join(dir, segmentName(number)))
	if err != nil {
		return unreadable(err)
	}
	defer file.Close()
	return v.lines(ctx, file, number, isLast)
}

func (v *verifier) lines(ctx context.Context, r io.Reader, number uint64, isLast bool) error {
	v.inFile = segmentName(number)
	if v.began && number != v.number+1 {
		v.Broken = &Break{Segment: segmentName(v.number + 1), N: v.chain.n + 1, Why: "the segment is missing"}
		return nil
	}
	v.number = number
	lines := 0
	broken := func(format string, args ...any) error {
		v.Broken = &Break{Segment: v.inFile, Line: lines + 1, N: v.chain.n + 1, Why: fmt.Sprintf(format, args...)}
		return errStop
	}
	err := readLines(r, func(l *line, err error) error {
		var torn *errTorn
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &torn) && isLast:
			v.Unfinished = torn.size
			return errStop
		case errors.As(err, &torn):
			return broken("the line has no end, and it is not the last of the log")
		case err != nil && fullmakt.ErrorCode(err) == fullmakt.CodeInvalid:
			return broken("%v", err)
		case err != nil:
			return err
		}
		if why := v.follow(l); why != "" {
			return broken("%s", why)
		}
		lines = l.number
		return nil
	})
	if err == nil && v.Broken == nil && lines == 0 && !isLast {
		v.Broken = &Break{Segment: v.inFile, N: v.chain.n + 1, Why: "the segment has no entries"}
	}
	return err
}

// follow checks that a line follows from the one before, and says why not.
func (v *verifier) follow(l *line) string {
	if l.why != "" {
		return l.why
	}
	e := &l.entry
	if !v.began {
		if why := v.begin(l); why != "" {
			return why
		}
	}
	switch {
	case e.N != v.chain.n+1:
		return fmt.Sprintf("entry %d stands where entry %d belongs", e.N, v.chain.n+1)
	case v.chain.sum(l.raw) != l.hash:
		return "the hash is not that of this entry after the one before"
	case (l.number == 1) != (e.Kind == KindSegment):
		return "a segment begins with an entry that says so, and with no other"
	}
	if e.Kind == KindSegment {
		if e.Note == nil || e.Note.Segment != v.number || e.Note.Previous == nil || *e.Note.Previous != v.chain.head() {
			return "the segment's first entry names another segment, or another entry before it"
		}
	}
	for _, w := range v.wanted {
		if w.N == e.N && w.Hash != hex.EncodeToString(l.hash[:]) {
			return "the hash is another than was noted for this entry"
		}
	}
	v.chain.resume(e.N, l.hash)
	v.count(e)
	return ""
}

// begin finds where the chain that is here starts: at the very first entry, or
// behind segments that were dropped.
func (v *verifier) begin(l *line) string {
	e := &l.entry
	if e.Kind != KindSegment || e.Note == nil || e.Note.Previous == nil {
		return "the first entry here does not say what came before it"
	}
	v.began = true
	if previous := *e.Note.Previous; previous != (Head{}) {
		hash, err := hex.DecodeString(previous.Hash)
		if err != nil || len(hash) != sha256.Size {
			return "the first entry here does not say what came before it"
		}
		v.chain.resume(previous.N, [sha256.Size]byte(hash))
		v.missing = &previous
		v.firstGap = &Break{Segment: v.inFile, Line: l.number, N: e.N, Why: "the segments before it are missing, and no checkpoint names them"}
	} else if v.number != 1 {
		return "the log begins here, but this is not its first segment"
	}
	v.First = Head{N: e.N, Hash: hex.EncodeToString(l.hash[:])}
	v.Since = e.Time
	return ""
}

// count takes account of an entry that holds.
func (v *verifier) count(e *Entry) {
	v.Entries++
	v.Until, v.Last = e.Time, v.chain.head()
	switch e.Kind {
	case KindLookup:
		v.Lookups++
	case KindDropped:
		if e.Note != nil {
			v.Dropped += e.Note.Count
		}
		v.Losses = append(v.Losses, *e)
	case KindTorn, KindLost:
		v.Losses = append(v.Losses, *e)
	case KindCheckpoint:
		if e.Note != nil && e.Note.Last != nil && v.missing != nil && *e.Note.Last == *v.missing {
			v.missing = nil
		}
		copied := *e
		v.Checkpoint = &copied
	}
}

// ending checks what can only be told at the end.
func (v *verifier) ending(head, known Head) {
	switch {
	case v.missing != nil:
		v.Broken = v.firstGap
	case head.N > v.Last.N:
		v.Broken = &Break{N: v.Last.N + 1, Why: fmt.Sprintf("the end is missing: entry %d had been written, and the last one here is entry %d", head.N, v.Last.N)}
	case known.N > v.Last.N:
		v.Broken = &Break{N: v.Last.N + 1, Why: fmt.Sprintf("the end is missing: entry %d was noted, and the last one here is entry %d", known.N, v.Last.N)}
	case known.N != 0 && known.N < v.First.N && (v.Checkpoint == nil || v.Checkpoint.Note.Last == nil || known.N > v.Checkpoint.Note.Last.N):
		v.Broken = &Break{N: known.N, Why: fmt.Sprintf("entry %d, which was noted, is not here, and no checkpoint names it", known.N)}
	case known.N != 0 && v.Checkpoint != nil && v.Checkpoint.Note.Last != nil && known.N == v.Checkpoint.Note.Last.N && known != *v.Checkpoint.Note.Last:
		v.Broken = &Break{N: known.N, Why: "the checkpoint gives another hash than was noted for its last entry"}
	}
}
