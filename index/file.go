package index

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// The snapshot file is a copy of the pages for a fast restart. It is only ever a
// shortcut: a missing, damaged or outdated one is made anew from the store.
//
//	magic "fullmakt index\n"
//	section*: tag (4 bytes), length (8), CRC-32C of the content (4), content
//
// The sections are HEAD (JSON: revision, catalogue digest, extra codes, sizes of
// every page), IDEN (the identifiers of all parties, sealed with AES-256-GCM,
// since they hold identity numbers) and one PAGE a page (nodes, details without
// identifiers, edges, names, grants as they lie in memory). Numbers are in the
// machine's byte order, recorded in HEAD; a file from another kind of machine is
// treated as missing.
const fileMagic = "fullmakt index 1\n"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type fileHead struct {
	Seq       fullmakt.Seq
	At        time.Time
	Order     uint32 // byteOrder as this machine lays it in memory
	Catalogue string
	Last      fullmakt.PartyNo
	Roles     []fullmakt.RoleCode
	Forms     []fullmakt.OrgForm
	Pages     [][4]int // holders, held, names, grants of each page
}

const byteOrder = 0x01020304

// orderMark is byteOrder as memory has it, read back in a fixed order.
func orderMark() uint32 {
	mark := uint32(byteOrder)
	return binary.LittleEndian.Uint32(rawBytes([]uint32{mark}))
}

// rawBytes views a slice of pointer-free values as bytes.
func rawBytes[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// flatGrant is a Grant without pointers. The code of a package that the catalogue
// lacks lies behind the names of its page.
type flatGrant struct {
	From, To  fullmakt.PartyNo
	Package   catalogue.PackageID
	ECKEY     bool
	_         [5]byte
	Valid     fullmakt.Interval
	GivenBy   fullmakt.PartyNo
	UnknownAt uint32 // into the page's names, after the parties' names
	UnknownN  uint32
	_         [4]byte
}

// WriteFile writes the snapshot to path, whole or not at all: into a temporary
// file beside it, synced, then renamed.
func (s *Snapshot) WriteFile(path string, key [32]byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".snapshot-*")
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "write snapshot file: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fullmakt.Errorf(fullmakt.CodeUnavailable, "write snapshot file %s: %w", path, err)
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := s.write(w, key); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (s *Snapshot) write(w io.Writer, key [32]byte) error {
	if _, err := io.WriteString(w, fileMagic); err != nil {
		return err
	}
	head := fileHead{
		Seq: s.seq, At: s.at, Order: orderMark(), Catalogue: s.catalogue.Digest(), Last: s.last,
		Roles: s.extraRoles, Forms: s.extraForms, Pages: make([][4]int, len(s.pages)),
	}
	idents := make([]uint64, 0, len(s.pages)*pageSize)
	for i, pg := range s.pages {
		names, grants := pg.flatten()
		head.Pages[i] = [4]int{len(pg.holders), len(pg.held), len(names), len(grants)}
		for j := range pg.details {
			idents = append(idents, pg.details[j].ident)
		}
	}
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	if err := writeSection(w, "HEAD", text); err != nil {
		return err
	}
	sealed, err := seal(key, rawBytes(idents))
	if err != nil {
		return err
	}
	if err := writeSection(w, "IDEN", sealed); err != nil {
		return err
	}
	var details [pageSize]detail
	for _, pg := range s.pages {
		details = pg.details
		for j := range details {
			details[j].ident = 0
		}
		names, grants := pg.flatten()
		err := writeSection(w, "PAGE", rawBytes(pg.nodes[:]), rawBytes(details[:]), rawBytes(pg.holders), rawBytes(pg.held), names, rawBytes(grants))
		if err != nil {
			return err
		}
	}
	return writeSection(w, "DONE")
}

// flatten returns the page's names, followed by the codes of packages that the
// catalogue lacks, and its grants without pointers.
func (p *page) flatten() ([]byte, []flatGrant) {
	if len(p.grants) == 0 {
		return p.names, nil
	}
	names := p.names[:len(p.names):len(p.names)]
	flat := make([]flatGrant, len(p.grants))
	for i, g := range p.grants {
		flat[i] = flatGrant{From: g.From, To: g.To, Package: g.Package, ECKEY: g.ECKEY, Valid: g.Valid, GivenBy: g.GivenBy,
			UnknownAt: uint32(len(names)), UnknownN: uint32(len(g.Unknown))}
		names = append(names, g.Unknown...)
	}
	return names, flat
}

func writeSection(w io.Writer, tag string, parts ...[]byte) error {
	var length uint64
	var sum uint32
	for _, p := range parts {
		length += uint64(len(p))
		sum = crc32.Update(sum, castagnoli, p)
	}
	header := append([]byte(tag), binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(nil, length), sum)...)
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, p := range parts {
		if _, err := w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// ReadFile reads a snapshot file back. It returns an error with CodeConflict when
// the file was made with another catalogue or another key, and CodeUnavailable
// when it is missing or damaged; in every case the caller builds from the store.
func ReadFile(path string, key [32]byte, c *catalogue.Catalogue) (*Snapshot, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "read snapshot file: %w", err)
	}
	s, err := decode(data, key, c)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.ErrorCode(err), "snapshot file %s: %w", path, err).
			WithHint("it is rebuilt from the store by itself; nothing is lost")
	}
	return s, nil
}

func damaged(format string, args ...any) error {
	return fullmakt.Errorf(fullmakt.CodeUnavailable, "damaged: "+format, args...)
}

func decode(data []byte, key [32]byte, c *catalogue.Catalogue) (*Snapshot, error) {
	rest, ok := bytes.CutPrefix(data, []byte(fileMagic))
	if !ok {
		return nil, damaged("not a snapshot file of this version")
	}
	text, rest, err := section(rest, "HEAD")
	if err != nil {
		return nil, err
	}
	var head fileHead
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, damaged("head: %v", err)
	}
	if head.Order != orderMark() {
		return nil, damaged("written on a machine with another byte order")
	}
	if head.Catalogue != c.Digest() {
		return nil, fullmakt.Errorf(fullmakt.CodeConflict, "made with another catalogue")
	}
	if uint64(head.Last) >= uint64(len(head.Pages))<<pageBits && head.Last != 0 {
		return nil, damaged("fewer pages than parties")
	}
	sealed, rest, err := section(rest, "IDEN")
	if err != nil {
		return nil, err
	}
	idents, err := unseal(key, sealed)
	if err != nil {
		return nil, err
	}
	if len(idents) != len(head.Pages)*pageSize*8 {
		return nil, damaged("identifiers: %d bytes", len(idents))
	}
	s := &Snapshot{
		seq: head.Seq, at: head.At, catalogue: c, terms: newTerms(c), last: head.Last,
		pages: make([]*page, len(head.Pages)), ids: newIdentifiers(),
		extraRoles: head.Roles, extraForms: head.Forms,
	}
	for i, sizes := range head.Pages {
		if min(sizes[0], sizes[1], sizes[2], sizes[3]) < 0 || max(sizes[0], sizes[1], sizes[2], sizes[3]) > len(rest) {
			return nil, damaged("a page has an impossible size")
		}
		var content []byte
		if content, rest, err = section(rest, "PAGE"); err != nil {
			return nil, err
		}
		pg, err := decodePage(content, sizes)
		if err != nil {
			return nil, err
		}
		for j := range pg.details {
			pg.details[j].ident = binary.NativeEndian.Uint64(idents[(i*pageSize+j)*8:])
			p := fullmakt.PartyNo(i<<pageBits + j)
			if key, ok := nodeKey(pg, p); ok {
				s.ids.set(key, p, nil)
			}
		}
		s.pages[i] = pg
	}
	if _, _, err := section(rest, "DONE"); err != nil {
		return nil, err
	}
	return s, nil
}

func section(data []byte, tag string) (content, rest []byte, err error) {
	if len(data) < 16 || string(data[:4]) != tag {
		return nil, nil, damaged("section %s is missing", tag)
	}
	length, sum := binary.LittleEndian.Uint64(data[4:]), binary.LittleEndian.Uint32(data[12:])
	data = data[16:]
	if length > uint64(len(data)) {
		return nil, nil, damaged("section %s is cut short", tag)
	}
	content, rest = data[:length], data[length:]
	if crc32.Checksum(content, castagnoli) != sum {
		return nil, nil, damaged("section %s has a wrong checksum", tag)
	}
	return content, rest, nil
}

func decodePage(content []byte, sizes [4]int) (*page, error) {
	pg := &page{
		holders: make([]Edge, sizes[0]),
		held:    make([]Edge, sizes[1]),
		names:   make([]byte, sizes[2]),
		grants:  make([]Grant, sizes[3]),
	}
	flat := make([]flatGrant, sizes[3])
	for _, part := range [][]byte{rawBytes(pg.nodes[:]), rawBytes(pg.details[:]), rawBytes(pg.holders), rawBytes(pg.held), pg.names, rawBytes(flat)} {
		if len(content) < len(part) {
			return nil, damaged("a page is cut short")
		}
		copy(part, content)
		content = content[len(part):]
	}
	if len(content) != 0 {
		return nil, damaged("a page is too long")
	}
	for i, g := range flat {
		pg.grants[i] = Grant{From: g.From, To: g.To, Package: g.Package, ECKEY: g.ECKEY, Valid: g.Valid, GivenBy: g.GivenBy,
			Unknown: string(pg.names[g.UnknownAt : g.UnknownAt+g.UnknownN])}
	}
	return pg, nil
}

func seal(key [32]byte, plain []byte) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, plain, []byte(fileMagic)), nil
}

func unseal(key [32]byte, sealed []byte) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, damaged("identifiers are cut short")
	}
	nonce, box := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
	plain, err := aead.Open(nil, nonce, box, []byte(fileMagic))
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeConflict, "made with another key")
	}
	return plain, nil
}

func newAEAD(key [32]byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
