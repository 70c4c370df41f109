package enhetsregisteret

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	kflate "github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"github.com/fullmakt/fullmakt"
)

// File is a register file, open for reading as the text inside it. Decompressing
// runs in a goroutine of its own, a few megabytes ahead of Read.
type File struct {
	Kind Kind
	// Partial tells that the file is one object or a page of a search, not a
	// whole list: what it does not mention is not gone.
	Partial  bool
	Size     int64     // of the file on disk, in bytes
	Modified time.Time // of the file on disk

	file    *os.File
	done    atomic.Int64
	ahead   *readAhead
	closing sync.Once
}

// Open recognises the file at path and opens it. Errors are those of Sniff, and
// CodeNotFound or CodeUnavailable for a file that cannot be read. When the kind
// is known but not Readable, the error says so and no file is returned.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, openError(err)
	}
	f, err := open(file)
	if err != nil {
		file.Close()
		return nil, err
	}
	return f, nil
}

// SniffFile tells what the file at path is, as Sniff does.
func SniffFile(path string) (Kind, error) {
	file, err := os.Open(path)
	if err != nil {
		return KindUnknown, openError(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return KindUnknown, openError(err)
	}
	return Sniff(file, info.Size())
}

func open(file *os.File) (*File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, openError(err)
	}
	head, err := start(file, info.Size())
	if err != nil && len(head) == 0 {
		return nil, openError(err)
	}
	kind, err := sniffText(head)
	if err != nil {
		return nil, err
	}
	partial := bytes.HasPrefix(bytes.TrimLeft(head[len(utf8Mark(head)):], " \t\r\n"), []byte{'{'})
	f := &File{Kind: kind, Partial: partial, Size: info.Size(), Modified: info.ModTime(), file: file}
	at := counted{file, &f.done}
	r, err := decompress(at, f.Size, func() { f.done.Store(0) })
	if err != nil {
		return nil, openError(err)
	}
	f.ahead = newReadAhead(r)
	return f, nil
}

// Read reads the text inside the file.
func (f *File) Read(p []byte) (int, error) { return f.ahead.Read(p) }

// Progress returns how many bytes of the file on disk have been read, and its
// size. It may be called from any goroutine.
func (f *File) Progress() (done, size int64) { return min(f.done.Load(), f.Size), f.Size }

// Close ends the reading. It must not be called while a Read is under way.
func (f *File) Close() error {
	var err error
	f.closing.Do(func() {
		f.ahead.stop()
		err = f.file.Close()
	})
	return err
}

// counted keeps the highest offset that was read.
type counted struct {
	r    io.ReaderAt
	most *atomic.Int64
}

func (c counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	if end := off + int64(n); end > c.most.Load() {
		c.most.Store(end)
	}
	return n, err
}

// readAhead reads a stream in a goroutine, some blocks ahead.
type readAhead struct {
	full, empty chan block
	quit        chan struct{}
	now         block
	at          int
	err         error
}

type block struct {
	data []byte
	err  error
}

const (
	aheadBlocks = 4
	aheadSize   = 512 << 10
)

func newReadAhead(r io.Reader) *readAhead {
	a := &readAhead{full: make(chan block, aheadBlocks), empty: make(chan block, aheadBlocks), quit: make(chan struct{})}
	for range aheadBlocks {
		a.empty <- block{data: make([]byte, aheadSize)}
	}
	go func() {
		defer close(a.full)
		for {
			var b block
			select {
			case b = <-a.empty:
			case <-a.quit:
				return
			}
			n, err := 0, error(nil)
			for n < aheadSize && err == nil {
				var m int
				m, err = r.Read(b.data[n:aheadSize])
				n += m
			}
			b.data, b.err = b.data[:n], err
			select {
			case a.full <- b:
			case <-a.quit:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return a
}

func (a *readAhead) Read(p []byte) (int, error) {
	for a.at == len(a.now.data) {
		if a.err != nil {
			return 0, a.err
		}
		if a.now.data != nil {
			a.empty <- block{data: a.now.data[:aheadSize]}
		}
		b, ok := <-a.full
		if !ok {
			a.now, a.at, a.err = block{}, 0, io.ErrClosedPipe
			continue
		}
		a.now, a.at, a.err = b, 0, b.err
	}
	n := copy(p, a.now.data[a.at:])
	a.at += n
	return n, nil
}

// stop ends the goroutine and waits for it.
func (a *readAhead) stop() {
	close(a.quit)
	for range a.full {
	}
}

// damaged reports whether err is a compressed file's way to say that it is
// broken or cut off.
func damaged(err error) bool {
	var corrupt flate.CorruptInputError
	var kcorrupt kflate.CorruptInputError
	return errors.As(err, &corrupt) || errors.As(err, &kcorrupt) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.Is(err, zip.ErrFormat) || errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrAlgorithm)
}

func openError(err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fullmakt.Errorf(fullmakt.CodeNotFound, "%w", err)
	case damaged(err):
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the compressed file is damaged: %w", err).
			WithHint("fetch it again")
	}
	return fullmakt.Errorf(fullmakt.CodeUnavailable, "cannot read the file: %w", err)
}
