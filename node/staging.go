package node

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
)

// A staging file holds what one open-data file says, some tens of bytes for
// each unit instead of some thousand, in the order of the source. It outlives a
// killed import: the next one goes on behind the last whole frame.
//
//	file   = magic, fingerprint of the source (32 bytes), frame …
//	frame  = body length (u32), elements of the source used up (u64), flags (u8), CRC-32C (u32), body
//	body   = record …
//	record = kind (u8), length (uvarint), payload
//
// A frame is written whole by one write, and the checksum covers its header and
// body, so a torn or damaged tail is recognised and cut off. Integers are
// little-endian. Nothing of it is read by another version: the magic changes
// with the format, and an unknown file is started over.
const stagingMagic = "fullmakt-staging-1\n"

const (
	frameHeader  = 4 + 8 + 1 + 4
	frameTarget  = 64 << 10 // bytes after which a frame is written
	frameMax     = 64 << 20 // a length beyond this is damage
	frameLast    = 1        // flag: the source has been read to its end
	recordUnit   = 'u'
	recordReject = 'x'
	orgShift     = 34 // an entry of the table: organisation number, then the offset in the file
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// stage is one staging file with its table in memory: 8 bytes a unit.
type stage struct {
	file     *os.File
	kind     enhetsregisteret.Kind
	elements int      // elements of the source that whole frames account for
	complete bool     // the source was read to its end
	table    []uint64 // organisation number << orgShift | offset of the record, sorted by finish
	rejects  []Reject
	roles    int // roles in all records
	units    int // records of units in whole frames, repeated ones included

	size    int64 // where the next frame goes
	body    []byte
	read    int // elements used up including the open frame
	resumed int // elements that an interrupted import had staged
	encode  []byte
}

// fingerprint identifies a source file by size, modification time and its first
// and last bytes, so that an import resumes only over the same content.
func fingerprint(f *os.File, kind enhetsregisteret.Kind) ([sha256.Size]byte, error) {
	var sum [sha256.Size]byte
	info, err := f.Stat()
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	var meta [24]byte
	binary.LittleEndian.PutUint64(meta[0:], uint64(info.Size()))
	binary.LittleEndian.PutUint64(meta[8:], uint64(info.ModTime().UnixNano()))
	binary.LittleEndian.PutUint64(meta[16:], uint64(kind))
	h.Write(meta[:])
	const span = 64 << 10
	for _, at := range []int64{0, max(0, info.Size()-span)} {
		if _, err := io.Copy(h, io.NewSectionReader(f, at, span)); err != nil {
			return sum, err
		}
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// openStage opens the staging file of a kind of source in dir, keeping what an
// interrupted import of the same source left there.
func openStage(dir string, kind enhetsregisteret.Kind, source [sha256.Size]byte) (*stage, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, feedFile(kind)+".stage"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	s := &stage{file: f, kind: kind}
	if err := s.recover(source); err != nil {
		f.Close()
		return nil, err
	}
	return s, nil
}

// recover reads the whole frames of an earlier import of the same source and
// cuts off what follows them.
func (s *stage) recover(source [sha256.Size]byte) error {
	head := append([]byte(stagingMagic), source[:]...)
	got := make([]byte, len(head))
	if _, err := io.ReadFull(s.file, got); err != nil || !bytes.Equal(got, head) {
		if err := s.file.Truncate(0); err != nil {
			return err
		}
		if _, err := s.file.WriteAt(head, 0); err != nil {
			return err
		}
		s.size = int64(len(head))
		return nil
	}
	s.size = int64(len(head))
	in := bufio.NewReaderSize(s.file, 128<<10)
	var body []byte
	for !s.complete {
		var h [frameHeader]byte
		if _, err := io.ReadFull(in, h[:]); err != nil {
			break
		}
		length := binary.LittleEndian.Uint32(h[:])
		if length > frameMax {
			break
		}
		body = slices.Grow(body[:0], int(length))[:length]
		if _, err := io.ReadFull(in, body); err != nil {
			break
		}
		if frameSum(h[:frameHeader-4], body) != binary.LittleEndian.Uint32(h[frameHeader-4:]) {
			break
		}
		if err := s.index(body, s.size+frameHeader); err != nil {
			break
		}
		s.elements = int(binary.LittleEndian.Uint64(h[4:]))
		s.complete = h[12]&frameLast != 0
		s.size += frameHeader + int64(length)
	}
	s.read = s.elements
	return s.file.Truncate(s.size)
}

func frameSum(header, body []byte) uint32 {
	return crc32.Update(crc32.Checksum(header, castagnoli), castagnoli, body)
}

var errStaging = errors.New("staging file is damaged")

// index enters the records of a whole frame into the table.
func (s *stage) index(body []byte, at int64) error {
	for rest := body; len(rest) > 0; {
		length, n := binary.Uvarint(rest[1:])
		if n <= 0 || uint64(len(rest)-1-n) < length {
			return errStaging
		}
		payload := rest[1+n : 1+n+int(length)]
		offset := at + int64(len(body)-len(rest))
		switch rest[0] {
		case recordUnit:
			d := decoder{rest: payload}
			s.note(fullmakt.OrgNumber(d.uint()), int(d.uint()), offset)
			if d.bad {
				return errStaging
			}
		case recordReject:
			r, ok := decodeReject(payload)
			if !ok {
				return errStaging
			}
			s.rejects = append(s.rejects, r)
		default:
			return errStaging
		}
		rest = rest[1+n+int(length):]
	}
	return nil
}

func (s *stage) note(org fullmakt.OrgNumber, roles int, offset int64) {
	s.table = append(s.table, uint64(org)<<orgShift|uint64(offset))
	s.roles += roles
	s.units++
}

// add stages one record of the source.
func (s *stage) add(change *fullmakt.RegisterChange) error {
	s.encode = appendChange(s.encode[:0], change)
	s.note(change.Org, len(change.Roles), s.size+frameHeader+int64(len(s.body)))
	s.record(recordUnit)
	s.read++
	return s.flushFull()
}

// addReject stages one record that the reader turned down.
func (s *stage) addReject(r Reject) error {
	s.encode = r.append(s.encode[:0])
	s.rejects = append(s.rejects, r)
	s.record(recordReject)
	s.read++
	return s.flushFull()
}

func (s *stage) record(kind byte) {
	s.body = append(s.body, kind)
	s.body = binary.AppendUvarint(s.body, uint64(len(s.encode)))
	s.body = append(s.body, s.encode...)
}

func (s *stage) flushFull() error {
	if len(s.body) < frameTarget {
		return nil
	}
	return s.flush(false)
}

// flush writes the open frame. last says that the source has been read to its
// end.
func (s *stage) flush(last bool) error {
	if len(s.body) == 0 && !last {
		return nil
	}
	frame := make([]byte, frameHeader, frameHeader+len(s.body))
	binary.LittleEndian.PutUint32(frame, uint32(len(s.body)))
	binary.LittleEndian.PutUint64(frame[4:], uint64(s.read))
	if last {
		frame[12] = frameLast
	}
	binary.LittleEndian.PutUint32(frame[frameHeader-4:], frameSum(frame[:frameHeader-4], s.body))
	frame = append(frame, s.body...)
	if _, err := s.file.WriteAt(frame, s.size); err != nil {
		return err
	}
	s.size += int64(len(frame))
	s.elements, s.complete = s.read, last
	s.body = s.body[:0]
	return nil
}

// finish sorts the table by organisation number and takes out units that the
// source names again, of which the first record counts.
func (s *stage) finish() {
	if !slices.IsSorted(s.table) {
		slices.Sort(s.table)
	}
	kept := s.table[:0]
	for i, entry := range s.table {
		if i > 0 && len(kept) > 0 && entry>>orgShift == kept[len(kept)-1]>>orgShift {
			s.rejects = append(s.rejects, Reject{
				Path:   fullmakt.OrgNumber(entry >> orgShift).String(),
				Reason: "the file names this unit again; its first record was used",
			})
			continue
		}
		kept = append(kept, entry)
	}
	s.table = kept
}

func (s *stage) close() error { return s.file.Close() }

// remove closes and deletes the staging file, when its content is in the store.
func (s *stage) remove() error {
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

// stageReader reads records back in any order, and fast where that is nearly
// the order of the file.
type stageReader struct {
	stage  *stage
	window []byte
	start  int64
	codes  map[string]string // role codes and forms, each kept once
	roles  []fullmakt.RegisterRole
}

func (s *stage) reader() *stageReader {
	return &stageReader{stage: s, codes: map[string]string{}}
}

// at decodes the record of a table entry. The change's Roles are valid until the
// next call.
func (r *stageReader) at(entry uint64) (fullmakt.RegisterChange, error) {
	offset := int64(entry & (1<<orgShift - 1))
	head, err := r.bytes(offset, 1+binary.MaxVarintLen64)
	if err != nil {
		return fullmakt.RegisterChange{}, err
	}
	if len(head) < 2 || head[0] != recordUnit {
		return fullmakt.RegisterChange{}, errStaging
	}
	length, n := binary.Uvarint(head[1:])
	if n <= 0 || length > frameMax {
		return fullmakt.RegisterChange{}, errStaging
	}
	record, err := r.bytes(offset, 1+n+int(length))
	if err != nil || len(record) < 1+n+int(length) {
		return fullmakt.RegisterChange{}, errors.Join(errStaging, err)
	}
	d := decoder{rest: record[1+n : 1+n+int(length)], codes: r.codes, roles: r.roles[:0]}
	change := d.change()
	r.roles = d.roles
	if d.bad || change.Org != fullmakt.OrgNumber(entry>>orgShift) {
		return fullmakt.RegisterChange{}, errStaging
	}
	return change, nil
}

// bytes returns up to n bytes of the file at offset, fewer at its end.
func (r *stageReader) bytes(offset int64, n int) ([]byte, error) {
	const near, far = 256 << 10, 4 << 10
	if offset < r.start || offset+int64(n) > r.start+int64(len(r.window)) {
		size := far
		if end := r.start + int64(len(r.window)); offset >= r.start && offset <= end+near {
			size = near
		}
		size = max(size, n)
		r.window = slices.Grow(r.window[:0], size)[:size]
		got, err := r.stage.file.ReadAt(r.window, offset)
		if err != nil && err != io.EOF {
			return nil, err
		}
		r.window, r.start = r.window[:got], offset
	}
	from := int(offset - r.start)
	return r.window[from:min(from+n, len(r.window))], nil
}
