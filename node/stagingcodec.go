package node

import (
	"encoding/binary"

	"github.com/fullmakt/fullmakt"
)

// The flags of a staged role.
const (
	stagedEnded     = 1 << iota
	stagedDead      // the holder is deceased, or a deleted unit
	stagedOrg       // the holder is an organisation
	stagedSameSince // the date is that of the role before
	stagedFolded    // the identifying name follows, since folding the written one does not give it
)

// appendChange appends a record of open data. Open data carries no identity
// numbers, so none can reach a staging file, which is not encrypted.
func appendChange(b []byte, c *fullmakt.RegisterChange) []byte {
	b = binary.AppendUvarint(b, uint64(c.Org))
	b = binary.AppendUvarint(b, uint64(len(c.Roles)))
	b = binary.AppendUvarint(b, uint64(c.Has))
	b = append(b, byte(c.State))
	b = binary.AppendVarint(b, int64(c.DeletedOn))
	b = binary.AppendUvarint(b, uint64(c.Parent))
	b = appendText(b, string(c.Form))
	b = appendText(b, c.Name)
	var since fullmakt.Date
	for i := range c.Roles {
		r := &c.Roles[i]
		var flags byte
		if r.Ended {
			flags |= stagedEnded
		}
		if r.HolderDead || r.HolderDeleted {
			flags |= stagedDead
		}
		if r.Holder.Kind == fullmakt.KindOrganisation {
			flags |= stagedOrg
		}
		if r.Since == since {
			flags |= stagedSameSince
		}
		folded := flags&stagedOrg == 0 && fullmakt.FoldName(r.HolderName) != r.Holder.Name
		if folded {
			flags |= stagedFolded
		}
		b = append(b, flags)
		b = appendText(b, string(r.Code))
		if flags&stagedSameSince == 0 {
			b = binary.AppendVarint(b, int64(r.Since))
			since = r.Since
		}
		if flags&stagedOrg != 0 {
			b = binary.AppendUvarint(b, uint64(r.Holder.Org))
		} else {
			b = binary.AppendVarint(b, int64(r.Holder.Born))
		}
		b = appendText(b, r.HolderName)
		if folded {
			b = appendText(b, r.Holder.Name)
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// decoder reads what appendChange and reject.append wrote. After the first
// damage it is bad and gives zero values.
type decoder struct {
	rest  []byte
	codes map[string]string
	roles []fullmakt.RegisterRole
	bad   bool
}

func (d *decoder) change() fullmakt.RegisterChange {
	c := fullmakt.RegisterChange{Source: fullmakt.SourceOpenData}
	c.Org = fullmakt.OrgNumber(d.uint())
	n := d.uint()
	c.Has = fullmakt.RegisterFields(d.uint())
	c.State = fullmakt.OrgState(d.byte())
	c.DeletedOn = fullmakt.Date(d.int())
	c.Parent = fullmakt.OrgNumber(d.uint())
	c.Form = fullmakt.OrgForm(d.code())
	c.Name = d.text()
	var since fullmakt.Date
	for ; n > 0 && !d.bad; n-- {
		var r fullmakt.RegisterRole
		flags := d.byte()
		r.Ended = flags&stagedEnded != 0
		r.Code = fullmakt.RoleCode(d.code())
		if flags&stagedSameSince == 0 {
			since = fullmakt.Date(d.int())
		}
		r.Since = since
		if flags&stagedOrg != 0 {
			r.Holder = fullmakt.OrganisationID(fullmakt.OrgNumber(d.uint()))
			r.HolderDeleted = flags&stagedDead != 0
			r.HolderName = d.text()
		} else {
			born := fullmakt.Date(d.int())
			r.HolderDead = flags&stagedDead != 0
			r.HolderName = d.text()
			r.Holder = fullmakt.PartyID{Kind: fullmakt.KindPerson, Born: born}
			if flags&stagedFolded != 0 {
				r.Holder.Name = d.text()
			} else {
				r.Holder.Name = fullmakt.FoldName(r.HolderName)
			}
		}
		d.roles = append(d.roles, r)
	}
	if c.Has&fullmakt.HasRoles != 0 {
		c.Roles = d.roles
	}
	return c
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.rest)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.fail()
		return 0
	}
	v := d.rest[0]
	d.rest = d.rest[1:]
	return v
}

func (d *decoder) raw() []byte {
	n := d.uint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return nil
	}
	v := d.rest[:n]
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) text() string { return string(d.raw()) }

// code reads a short text of which there are few different ones.
func (d *decoder) code() string {
	raw := d.raw()
	if kept, ok := d.codes[string(raw)]; ok {
		return kept
	}
	code := string(raw)
	if d.codes != nil {
		d.codes[code] = code
	}
	return code
}

func (d *decoder) fail() { d.bad, d.rest = true, nil }
