package index

import (
	"bufio"
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
// every page), IDEN (the identifiers of all parties and the table that leads back
// from them, sealed with AES-256-GCM, since they hold identity numbers), FACT (the
// names of rights and the facts beside the pages, sealed too, since documents may
// hold secrets), one PAGE a page (nodes, details without identifiers, edges,
// names, grants and client delegations as they lie in memory) and DONE. Numbers
// are in the machine's byte order, recorded in HEAD; a file from another kind of
// machine is treated as missing.
const fileMagic = "fullmakt index 5\n"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type fileHead struct {
	Seq       fullmakt.Seq
	At        time.Time
	Order     uint32 // byteOrder as this machine lays it in memory
	Catalogue string
	Last      fullmakt.PartyNo
	Roles     []fullmakt.RoleCode
	Forms     []fullmakt.OrgForm
	Pages     []pageHead
	IDs       []idHead // the pages of the identifier table
}

// pageHead is how many of each a page has; Names in bytes.
type pageHead struct{ Holders, Held, Names, Grants, Delegations int }

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

// flatGrant is a Grant without pointers. Its texts lie behind the names of its
// page: the code of a package that the catalogue lacks, and right after it the
// basis.
type flatGrant struct {
	From, To fullmakt.PartyNo
	Package  catalogue.PackageID
	ECKEY    bool
	Recorded bool
	Right    RightID
	Valid    fullmakt.Interval
	GivenBy  fullmakt.PartyNo
	TextAt   uint32 // into the page's names
	UnknownN uint32
	BasisN   uint32
}

// flatDelegation is a ClientDelegation without pointers; the code of a package
// that the catalogue lacks lies behind the names of its page.
type flatDelegation struct {
	Provider, Client, Agent, GivenBy fullmakt.PartyNo
	Package                          catalogue.PackageID
	Role                             catalogue.RoleID
	TextAt, UnknownN                 uint32
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
		Roles: s.extraRoles, Forms: s.extraForms, Pages: make([]pageHead, len(s.pages)),
	}
	idents := make([]uint64, 0, len(s.pages)*pageSize+s.ids.count*2)
	for i, pg := range s.pages {
		names, grants, delegations := pg.flatten()
		head.Pages[i] = pageHead{len(pg.holders), len(pg.held), len(names), len(grants), len(delegations)}
		for j := range pg.details {
			idents = append(idents, pg.details[j].ident)
		}
	}
	head.IDs, idents = s.ids.flatten(idents)
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	if err := writeSection(w, "HEAD", text); err != nil {
		return err
	}
	if err := writeSealed(w, "IDEN", key, rawBytes(idents)); err != nil {
		return err
	}
	if err := writeSealed(w, "FACT", key, s.appendFacts(nil)); err != nil {
		return err
	}
	var details [pageSize]detail
	for _, pg := range s.pages {
		details = pg.details
		for j := range details {
			details[j].ident = 0
		}
		names, grants, delegations := pg.flatten()
		err := writeSection(w, "PAGE", rawBytes(pg.nodes[:]), rawBytes(details[:]), rawBytes(pg.holders), rawBytes(pg.held), names, rawBytes(grants), rawBytes(delegations))
		if err != nil {
			return err
		}
	}
	return writeSection(w, "DONE")
}

// flatten returns the page's names, followed by the texts of its grants and
// delegations, and these without pointers.
func (p *page) flatten() ([]byte, []flatGrant, []flatDelegation) {
	if len(p.grants)+len(p.delegations) == 0 {
		return p.names, nil, nil
	}
	names := p.names[:len(p.names):len(p.names)]
	grants := make([]flatGrant, len(p.grants))
	for i, g := range p.grants {
		grants[i] = flatGrant{From: g.From, To: g.To, Package: g.Package, ECKEY: g.ECKEY, Recorded: g.Recorded, Right: g.Right, Valid: g.Valid, GivenBy: g.GivenBy,
			TextAt: uint32(len(names)), UnknownN: uint32(len(g.Unknown)), BasisN: uint32(len(g.Basis))}
		names = append(append(names, g.Unknown...), g.Basis...)
	}
	delegations := make([]flatDelegation, len(p.delegations))
	for i, d := range p.delegations {
		delegations[i] = flatDelegation{Provider: d.Provider, Client: d.Client, Agent: d.Agent, GivenBy: d.GivenBy, Package: d.Package, Role: d.Role,
			TextAt: uint32(len(names)), UnknownN: uint32(len(d.Unknown))}
		names = append(names, d.Unknown...)
	}
	return names, grants, delegations
}

// idHead tells of one page of the identifier table how many slots follow and how
// many bits of the directory it takes.
type idHead struct{ Depth, Slots int }

// flatten appends the slots of the table's pages to dst, in the order of the
// directory.
func (t *identifiers) flatten(dst []uint64) ([]idHead, []uint64) {
	var heads []idHead
	for i := 0; i < len(t.pages); {
		p := t.pages[i]
		heads = append(heads, idHead{int(p.depth), len(p.slots)})
		for _, s := range p.slots {
			dst = append(dst, uint64(s.key)<<32|uint64(s.no))
		}
		i += 1 << (t.depth - p.depth)
	}
	return heads, dst
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

// writeSealed writes a section that is encrypted, for this place in the file.
func writeSealed(w io.Writer, tag string, key [32]byte, plain []byte) error {
	aead, err := newAEAD(key)
	if err != nil {
		return err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return err
	}
	return writeSection(w, tag, aead.Seal(nonce, nonce, plain, []byte(fileMagic+tag)))
}

func newAEAD(key [32]byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
