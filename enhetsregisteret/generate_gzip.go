package enhetsregisteret

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"runtime"

	"github.com/klauspost/compress/flate"
	"golang.org/x/sync/errgroup"

	"github.com/fullmakt/fullmakt"
)

// chunk is one piece of a file on its way from a worker to the writer.
type chunk struct {
	raw    []byte
	packed bytes.Buffer // raw deflated, ending on a byte boundary; unused for plain files
	ready  chan struct{}
}

// writeChunks writes a file of n chunks to path: workers produce and deflate
// chunks side by side, one writer puts them down in order. The result is one
// gzip member (level above 0) or plain text (level 0), the same bytes whatever
// the number of workers. The file appears under its name only when complete.
// It returns the length of the text and of the file.
//
// The producer appends chunk i to the buffer it is given; it is called from
// several goroutines. The tail, of a plain file only, is asked for when every
// chunk is done.
func writeChunks(ctx context.Context, path string, level, n int, produce func(i int, buf []byte) []byte, tail func() []byte, wrote func(i int)) (text, size int64, err error) {
	part := path + ".part"
	f, err := os.Create(part)
	if err != nil {
		return 0, 0, fullmakt.Errorf(fullmakt.CodeUnavailable, "cannot create a file: %w", err).
			WithHint("check that the directory exists and can be written to")
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = cerr
		}
		if err == nil {
			err = os.Rename(part, path)
		}
		if err != nil {
			os.Remove(part)
		}
		if err != nil && fullmakt.ErrorCode(err) == fullmakt.CodeInternal {
			err = fullmakt.Errorf(fullmakt.CodeUnavailable, "cannot finish %s: %w", path, err).WithHint("is the disk full?")
		}
	}()

	workers := runtime.GOMAXPROCS(0)
	window := 2*workers + 1 // bounds the chunks in memory
	todo := make(chan *chunkJob)
	order := make(chan *chunk, window)
	free := make(chan *chunk, window)
	for range window {
		free <- &chunk{}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { // hands out chunks, no more than the window at once
		defer close(todo)
		defer close(order)
		for i := range n {
			select {
			case c := <-free:
				c.raw, c.ready = c.raw[:0], make(chan struct{})
				c.packed.Reset()
				order <- c
				select {
				case todo <- &chunkJob{i, c}:
				case <-ctx.Done():
					return ctx.Err()
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range workers {
		group.Go(func() error {
			var deflater *flate.Writer
			for job := range todo {
				c := job.chunk
				c.raw = produce(job.index, c.raw)
				if level > 0 {
					var err error
					if deflater == nil {
						deflater, err = flate.NewWriter(&c.packed, level)
					} else {
						deflater.Reset(&c.packed)
					}
					if err == nil {
						_, err = deflater.Write(c.raw)
					}
					if err == nil {
						err = deflater.Flush()
					}
					if err != nil {
						return err
					}
				}
				close(c.ready)
			}
			return nil
		})
	}
	group.Go(func() error {
		out := &countingWriter{w: f}
		err := putChunks(ctx, out, level, order, free, &text, wrote)
		if err == nil && tail != nil {
			_, err = out.Write(tail())
		}
		size = out.n
		return err
	})
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil && fullmakt.ErrorCode(err) == fullmakt.CodeInternal {
			return 0, 0, fullmakt.Errorf(fullmakt.CodeUnavailable, "writing %s stopped: %w", path, err)
		}
		return 0, 0, err
	}
	return text, size, nil
}

type chunkJob struct {
	index int
	chunk *chunk
}

// putChunks writes the chunks in order, with gzip's head and tail around them.
func putChunks(ctx context.Context, out io.Writer, level int, order <-chan *chunk, free chan<- *chunk, text *int64, wrote func(int)) error {
	if level > 0 {
		// Magic, deflate, no flags, no time, no extra flags, unknown system: nothing
		// that could differ between two runs.
		if _, err := out.Write([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}); err != nil {
			return err
		}
	}
	var sum uint32
	i := 0
	for c := range order {
		select {
		case <-c.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		data := c.raw
		if level > 0 {
			sum = crc32.Update(sum, crc32.IEEETable, c.raw)
			data = c.packed.Bytes()
		}
		*text += int64(len(c.raw))
		if _, err := out.Write(data); err != nil {
			return fullmakt.Errorf(fullmakt.CodeUnavailable, "cannot write: %w", err).WithHint("is the disk full?")
		}
		if wrote != nil {
			wrote(i)
		}
		i++
		free <- c
	}
	if err := ctx.Err(); err != nil || level == 0 {
		return err
	}
	tail := []byte{0x03, 0x00} // an empty last block
	tail = binary.LittleEndian.AppendUint32(tail, sum)
	tail = binary.LittleEndian.AppendUint32(tail, uint32(*text))
	_, err := out.Write(tail)
	return err
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
