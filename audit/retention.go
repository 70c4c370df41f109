package audit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// prune drops the segments that are too old at a time. The checkpoint that names
// the last entry of theirs is on disk before the first of them goes, so that a
// crash between leaves a chain that still holds.
func (w *writer) prune(now time.Time) error {
	if w.o.Retain == 0 {
		return nil
	}
	if err := w.checkpoint(now); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.insist(w.save); err != nil {
		return err
	}
	return w.removeDropped()
}

// checkpoint puts a checkpoint on the chain when there are segments to drop: those
// followed by one that began before now less the time to keep.
func (w *writer) checkpoint(now time.Time) error {
	numbers, err := segments(w.dir)
	if err != nil {
		return err
	}
	limit := now.Add(-w.o.Retain)
	var note Note
	for i := 0; i+1 < len(numbers); i++ {
		next, ok, err := firstEntry(w.dir, numbers[i+1])
		if err != nil {
			return err
		}
		// One that begins unlike a segment, or has nothing on file yet, is left for
		// Verify to judge and for a later time.
		if !ok || next.Kind != KindSegment || next.Note == nil || next.Note.Previous == nil || next.Time.After(limit) {
			break
		}
		note = Note{From: numbers[0], To: numbers[i], Last: next.Note.Previous}
	}
	if note.To == 0 {
		return nil
	}
	w.buf = w.chain.note(w.buf, w.now, KindCheckpoint, note)
	w.dropTo = note.To
	return nil
}

// removeDropped removes the segments that the last checkpoint names.
func (w *writer) removeDropped() error {
	if w.dropTo == 0 {
		return nil
	}
	numbers, err := segments(w.dir)
	if err != nil {
		return err
	}
	for _, number := range numbers {
		if number > w.dropTo {
			break
		}
		if err := os.Remove(filepath.Join(w.dir, segmentName(number))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unwritable(err)
		}
	}
	w.dropTo = 0
	return syncDir(w.dir)
}
