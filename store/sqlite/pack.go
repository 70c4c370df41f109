package sqlite

import (
	"encoding/binary"
	"math"

	"github.com/fullmakt/fullmakt"
)

// An organisation version is packed into one blob, since the cost of reading and
// writing SQLite rows goes by the row and column:
//
//	uvarint form code · uvarint parent · byte state · varint deletion date · byte source
//	for each role: uvarint (holder - previous holder) * 4 + 2 if ended + 1 if its
//	date is that of the role before · uvarint role code · varint date unless the same
//
// Codes are numbers of the code table. Equal versions have equal blobs.

// appendBody packs o, whose roles must be in the order of fullmakt.SortRoles.
func appendBody(b []byte, o *fullmakt.Organisation, code func(string) uint64) []byte {
	b = binary.AppendUvarint(b, code(string(o.Form)))
	b = binary.AppendUvarint(b, uint64(o.Parent))
	b = append(b, byte(o.State))
	b = binary.AppendVarint(b, int64(o.DeletedOn))
	b = append(b, byte(o.Source))
	var holder fullmakt.PartyNo
	var since fullmakt.Date
	for i := range o.Roles {
		r := &o.Roles[i]
		head := uint64(r.Holder-holder) << 2
		if r.Ended {
			head |= 2
		}
		if r.Since == since {
			head |= 1
		}
		b = binary.AppendUvarint(b, head)
		b = binary.AppendUvarint(b, code(string(r.Code)))
		if r.Since != since {
			b = binary.AppendVarint(b, int64(r.Since))
		}
		holder, since = r.Holder, r.Since
	}
	return b
}

// body reads a packed version step by step. After any step, bad tells whether
// the blob was not what appendBody writes.
type body struct {
	b   []byte
	bad bool
}

func (d *body) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *body) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *body) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

// parseBody unpacks a version of party. It reports false when the blob is
// damaged or names a code that codes does not know.
func parseBody(party fullmakt.PartyNo, blob []byte, codes []string) (fullmakt.Organisation, bool) {
	d := body{b: blob}
	code := func() string {
		id := d.uvarint()
		if id >= uint64(len(codes)) {
			d.bad = true
			return ""
		}
		return codes[id]
	}
	number := func() fullmakt.PartyNo {
		no := d.uvarint()
		d.bad = d.bad || no > math.MaxUint32
		return fullmakt.PartyNo(no)
	}
	o := fullmakt.Organisation{
		Party:     party,
		Form:      fullmakt.OrgForm(code()),
		Parent:    number(),
		State:     fullmakt.OrgState(d.byte()),
		DeletedOn: fullmakt.Date(d.varint()),
		Source:    fullmakt.Source(d.byte()),
	}
	if len(d.b) > 0 {
		o.Roles = make([]fullmakt.Role, 0, len(d.b)/5+1)
	}
	var holder uint64
	var since fullmakt.Date
	for len(d.b) > 0 && !d.bad {
		head := d.uvarint()
		if holder += head >> 2; holder > math.MaxUint32 {
			d.bad = true
		}
		r := fullmakt.Role{Holder: fullmakt.PartyNo(holder), Ended: head&2 != 0, Code: fullmakt.RoleCode(code())}
		if head&1 == 0 {
			since = fullmakt.Date(d.varint())
		}
		r.Since = since
		o.Roles = append(o.Roles, r)
	}
	return o, !d.bad
}

// relations calls f with each party that a packed version relates to its
// organisation: the parent first, then each holder of a role, once.
func relations(blob []byte, f func(fullmakt.PartyNo)) {
	d := body{b: blob}
	d.uvarint()
	parent := d.uvarint()
	d.byte()
	d.varint()
	d.byte()
	if parent != 0 {
		f(fullmakt.PartyNo(parent))
	}
	var holder uint64
	for len(d.b) > 0 && !d.bad {
		head := d.uvarint()
		d.uvarint()
		if head&1 == 0 {
			d.varint()
		}
		if head>>2 != 0 {
			holder += head >> 2
			f(fullmakt.PartyNo(holder))
		}
	}
}
