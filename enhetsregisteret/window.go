package enhetsregisteret

import (
	"bytes"
	"fmt"
	"io"
)

// Sizes of the window. An element is about 4 kB; the biggest known are a few
// hundred.
const (
	windowSize = 1 << 20
	maxElement = 64 << 20
)

// window is the part of a stream that is in memory. Its buffer grows only when
// one element does not fit.
type window struct {
	r    io.Reader
	buf  []byte
	text []byte // the filled part of buf
	err  error  // why no more can be read; io.EOF at the proper end
	base int64  // offset of text[0] in the stream

	// The line ends before text[counted], so that they are counted once.
	lines, counted int
}

// drop forgets the first n bytes.
func (w *window) drop(n int) {
	w.count(n)
	w.counted -= n
	w.base += int64(n)
	w.text = w.buf[:copy(w.buf, w.text[n:])]
}

// fill reads until the buffer is full, which it makes twice as big when it is
// full already. Only an element that is too big is an error here; why the stream
// ended is in w.err.
func (w *window) fill() error {
	if len(w.text) == len(w.buf) {
		size := 2 * len(w.buf)
		if size == 0 {
			size = windowSize
		}
		if size > maxElement {
			return fmt.Errorf("one element is bigger than %d MB", maxElement>>20)
		}
		bigger := make([]byte, size)
		w.text = bigger[:copy(bigger, w.text)]
		w.buf = bigger
	}
	n, idle := len(w.text), 0
	for n < len(w.buf) && w.err == nil {
		var m int
		m, w.err = w.r.Read(w.buf[n:])
		n += m
		if m > 0 {
			idle = 0
		} else if idle++; idle == 100 && w.err == nil {
			w.err = io.ErrNoProgress
		}
	}
	w.text = w.buf[:n]
	return nil
}

// count brings lines up to text[at].
func (w *window) count(at int) {
	if at = min(at, len(w.text)); at > w.counted {
		w.lines += bytes.Count(w.text[w.counted:at], []byte{'\n'})
		w.counted = at
	}
}

// line returns the number of the line that text[at] is on.
func (w *window) line(at int) int {
	if at < w.counted {
		return w.lines + 1 - bytes.Count(w.text[min(at, len(w.text)):w.counted], []byte{'\n'})
	}
	w.count(at)
	return w.lines + 1
}

// utf8Mark returns the byte order mark that text starts with, if it does.
func utf8Mark(text []byte) []byte {
	const mark = "\uFEFF"
	if len(text) >= len(mark) && string(text[:len(mark)]) == mark {
		return text[:len(mark)]
	}
	return nil
}
