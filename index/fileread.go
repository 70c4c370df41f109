package index

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"io"
	"os"
	"runtime"
	"unsafe"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"golang.org/x/sync/errgroup"
)

// ReadFile reads a snapshot file back. It returns an error with CodeConflict when
// the file was made with another catalogue or another key, and CodeUnavailable
// when it is missing or damaged; in every case the caller builds from the store.
//
// The pages are read straight to where they stay, by as many readers as there are
// processors, so that reading takes no more memory than the snapshot itself.
func ReadFile(path string, key [32]byte, c *catalogue.Catalogue) (*Snapshot, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "read snapshot file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "read snapshot file: %w", err)
	}
	s, err := decode(f, info.Size(), key, c)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.ErrorCode(err), "snapshot file %s: %w", path, err).
			WithHint("it is rebuilt from the store by itself; nothing is lost")
	}
	return s, nil
}

func damaged(format string, args ...any) error {
	return fullmakt.Errorf(fullmakt.CodeUnavailable, "damaged: "+format, args...)
}

// sectionHeader is the length of a section's tag, length and checksum.
const sectionHeader = 16

func decode(r io.ReaderAt, size int64, key [32]byte, c *catalogue.Catalogue) (*Snapshot, error) {
	magic := make([]byte, len(fileMagic))
	if _, err := r.ReadAt(magic, 0); err != nil || string(magic) != fileMagic {
		return nil, damaged("not a snapshot file of this version")
	}
	text, at, err := readSection(r, int64(len(magic)), size, "HEAD")
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
	idents, at, err := readSealed(r, at, size, "IDEN", key)
	if err != nil {
		return nil, err
	}
	facts, at, err := readSealed(r, at, size, "FACT", key)
	if err != nil {
		return nil, err
	}
	own := len(head.Pages) * pageSize * 8
	if len(idents) < own {
		return nil, damaged("identifiers: %d bytes", len(idents))
	}
	s := &Snapshot{
		seq: head.Seq, at: head.At, catalogue: c, terms: newTerms(c), last: head.Last,
		pages: make([]*page, len(head.Pages)), extraRoles: head.Roles, extraForms: head.Forms,
	}
	if s.ids, err = decodeIdentifiers(head.IDs, idents[own:]); err != nil {
		return nil, err
	}
	if err := s.decodeFacts(facts); err != nil {
		return nil, err
	}
	end, err := readPages(r, at, size, s.pages, head.Pages, idents)
	if err != nil {
		return nil, err
	}
	s.hot = hotPages(s.pages)
	_, _, err = readSection(r, end, size, "DONE")
	return s, err
}

// readSection reads and checks one section, and returns where the next begins.
func readSection(r io.ReaderAt, at, size int64, tag string) (content []byte, next int64, err error) {
	var header [sectionHeader]byte
	if _, err := r.ReadAt(header[:], at); err != nil || string(header[:4]) != tag {
		return nil, 0, damaged("section %s is missing", tag)
	}
	length := binary.LittleEndian.Uint64(header[4:])
	if length > uint64(size-at) {
		return nil, 0, damaged("section %s is cut short", tag)
	}
	content = make([]byte, length)
	if _, err := r.ReadAt(content, at+sectionHeader); err != nil && length > 0 {
		return nil, 0, damaged("section %s is cut short", tag)
	}
	if crc32.Checksum(content, castagnoli) != binary.LittleEndian.Uint32(header[12:]) {
		return nil, 0, damaged("section %s has a wrong checksum", tag)
	}
	return content, at + sectionHeader + int64(length), nil
}

// decodeIdentifiers puts the identifier table together from its slots.
func decodeIdentifiers(heads []idHead, slots []byte) (*identifiers, error) {
	t := &identifiers{depth: minDepth}
	for _, h := range heads {
		if h.Depth < minDepth || h.Depth > 24 || h.Slots < 0 || h.Slots > maxIDSlots {
			return nil, damaged("an impossible page of identifiers")
		}
		t.depth = max(t.depth, uint(h.Depth))
	}
	for _, h := range heads {
		if len(slots) < 8*h.Slots {
			return nil, damaged("identifiers are cut short")
		}
		p := &idPage{depth: uint(h.Depth), slots: make([]idSlot, h.Slots)}
		for i := range p.slots {
			v := binary.NativeEndian.Uint64(slots[8*i:])
			p.slots[i] = idSlot{uint32(v >> 32), fullmakt.PartyNo(v)}
			if p.slots[i].no != 0 {
				p.used++
			}
		}
		slots = slots[8*h.Slots:]
		t.count += p.used
		for range 1 << (t.depth - p.depth) {
			t.pages = append(t.pages, p)
		}
	}
	if len(t.pages) != 1<<t.depth || len(slots) != 0 {
		return nil, damaged("the identifier table has holes")
	}
	return t.seal(), nil
}

// pageBytes is what a section of a page takes, with its header.
func pageBytes(sizes pageHead) int64 {
	var p page
	fixed := len(rawBytes(p.nodes[:])) + len(rawBytes(p.details[:]))
	const edge, grant, delegation = int(unsafe.Sizeof(Edge{})), int(unsafe.Sizeof(flatGrant{})), int(unsafe.Sizeof(flatDelegation{}))
	return int64(sectionHeader + fixed + (sizes.Holders+sizes.Held)*edge + sizes.Names + sizes.Grants*grant + sizes.Delegations*delegation)
}

// readPages reads all pages from a place on, and returns where they end.
func readPages(r io.ReaderAt, at, size int64, pages []*page, sizes []pageHead, idents []byte) (end int64, err error) {
	starts := make([]int64, len(pages)+1)
	starts[0] = at
	for i, s := range sizes {
		least, most := min(s.Holders, s.Held, s.Names, s.Grants, s.Delegations), max(s.Holders, s.Held, s.Names, s.Grants, s.Delegations)
		if least < 0 || int64(most) > size {
			return 0, damaged("a page has an impossible size")
		}
		starts[i+1] = starts[i] + pageBytes(s)
	}
	if end = starts[len(pages)]; end > size {
		return 0, damaged("pages are missing")
	}
	var group errgroup.Group
	readers := runtime.GOMAXPROCS(0)
	for k := range readers {
		from, to := k*len(pages)/readers, (k+1)*len(pages)/readers
		group.Go(func() error {
			in := bufio.NewReaderSize(io.NewSectionReader(r, starts[from], starts[to]-starts[from]), 1<<18)
			for i := from; i < to; i++ {
				pg, err := readPage(in, sizes[i])
				if err != nil {
					return err
				}
				for j := range pg.details {
					pg.details[j].ident = binary.NativeEndian.Uint64(idents[(i*pageSize+j)*8:])
				}
				pages[i] = pg
			}
			return nil
		})
	}
	return end, group.Wait()
}

func readPage(in io.Reader, sizes pageHead) (*page, error) {
	var header [sectionHeader]byte
	if _, err := io.ReadFull(in, header[:]); err != nil || string(header[:4]) != "PAGE" {
		return nil, damaged("section PAGE is missing")
	}
	pg := &page{
		holders:     make([]Edge, sizes.Holders),
		held:        make([]Edge, sizes.Held),
		names:       make([]byte, sizes.Names),
		grants:      make([]Grant, sizes.Grants),
		delegations: make([]ClientDelegation, sizes.Delegations),
	}
	grants, delegations := make([]flatGrant, sizes.Grants), make([]flatDelegation, sizes.Delegations)
	var sum uint32
	for _, part := range [][]byte{rawBytes(pg.nodes[:]), rawBytes(pg.details[:]), rawBytes(pg.holders), rawBytes(pg.held), pg.names, rawBytes(grants), rawBytes(delegations)} {
		if _, err := io.ReadFull(in, part); err != nil {
			return nil, damaged("a page is cut short")
		}
		sum = crc32.Update(sum, castagnoli, part)
	}
	if sum != binary.LittleEndian.Uint32(header[12:]) {
		return nil, damaged("section PAGE has a wrong checksum")
	}
	whole := true
	text := func(at, n uint32) string {
		if uint64(at)+uint64(n) > uint64(len(pg.names)) {
			whole = false
			return ""
		}
		return string(pg.names[at : at+n])
	}
	for i, g := range grants {
		pg.grants[i] = Grant{From: g.From, To: g.To, Package: g.Package, ECKEY: g.ECKEY, Recorded: g.Recorded, Right: g.Right, Valid: g.Valid, GivenBy: g.GivenBy,
			Unknown: text(g.TextAt, g.UnknownN), Basis: text(g.TextAt+g.UnknownN, g.BasisN)}
	}
	for i, d := range delegations {
		pg.delegations[i] = ClientDelegation{Provider: d.Provider, Client: d.Client, Agent: d.Agent, GivenBy: d.GivenBy, Package: d.Package, Role: d.Role,
			Unknown: text(d.TextAt, d.UnknownN)}
	}
	if !whole {
		return nil, damaged("a grant or delegation names nothing")
	}
	return pg, nil
}

// readSealed reads a section that writeSealed wrote, and returns where the next
// begins.
func readSealed(r io.ReaderAt, at, size int64, tag string, key [32]byte) (plain []byte, next int64, err error) {
	sealed, next, err := readSection(r, at, size, tag)
	if err != nil {
		return nil, 0, err
	}
	aead, err := newAEAD(key)
	if err != nil {
		return nil, 0, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, 0, damaged("section %s is cut short", tag)
	}
	nonce, box := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
	plain, err = aead.Open(nil, nonce, box, []byte(fileMagic+tag))
	if err != nil {
		return nil, 0, fullmakt.Errorf(fullmakt.CodeConflict, "made with another key")
	}
	return plain, next, nil
}
