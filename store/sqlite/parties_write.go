package sqlite

import (
	"bytes"
	"database/sql/driver"
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// batchRows is how many rows one INSERT carries.
const batchRows = 128

// partyWriter gathers parties and writes them batch by batch.
type partyWriter struct {
	a       *appender
	empty   bool // the table was empty at the start
	dropped bool
	batch   []fullmakt.Party
	in      map[fullmakt.PartyNo]bool // numbers in the batch
	values  []driver.Value
	scratch []byte
}

func (w *partyWriter) init(a *appender) {
	w.a, w.empty, w.in = a, a.head.NextParty == 1, map[fullmakt.PartyNo]bool{}
}

func (w *partyWriter) put(p fullmakt.Party) error {
	if why := checkIdentity(p.ID); why != "" {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "party %d: %s", p.No, why)
	}
	if _, err := w.a.seen.at(p.No); err != nil {
		return err
	}
	if w.in[p.No] || len(w.batch) == batchRows {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.in[p.No] = true
	w.batch = append(w.batch, p)
	return nil
}

func (w *partyWriter) flush() error {
	if len(w.batch) == 0 {
		return nil
	}
	a := w.a
	var known []fullmakt.PartyNo
	for i := range w.batch {
		no := w.batch[i].No
		state, err := a.seen.at(no)
		if err != nil {
			return err
		}
		if state == nil || *state&seenGiven != 0 {
			known = append(known, no)
		}
	}
	if len(known) > 0 {
		if err := w.update(known); err != nil {
			return err
		}
	}
	w.values = w.values[:0]
	rows := 0
	for i := range w.batch {
		p := &w.batch[i]
		state, _ := a.seen.at(p.No)
		if state == nil || *state&seenGiven != 0 {
			continue
		}
		*state |= seenGiven | uint16(p.ID.Kind)
		a.next = max(a.next, p.No+1)
		if err := w.uuid(p, nil); err != nil {
			return err
		}
		w.row(p)
		rows++
	}
	err := a.insertRows("INSERT INTO party VALUES ", 8, w.values)
	if isConstraint(err) {
		return w.duplicate(err)
	}
	if err != nil {
		return err
	}
	a.written += rows
	w.batch = w.batch[:0]
	clear(w.in)
	if w.empty && !w.dropped && a.written > bulkRows {
		w.dropped = true
		return a.postpone(partyIndexes)
	}
	return nil
}

// row adds the eight columns of p.
func (w *partyWriter) row(p *fullmakt.Party) {
	var org, hash, name, ident, sealed driver.Value
	if p.ID.Org != 0 {
		org = int64(p.ID.Org)
	}
	if p.ID.Kind != fullmakt.KindOrganisation {
		w.scratch = appendIdentity(w.scratch[:0], p.ID)
		id := w.a.db.secrets.identOf(w.scratch)
		ident, sealed = id[:], w.a.db.secrets.seal(p.No, w.scratch)
	}
	if p.Name != "" {
		name, hash = p.Name, nameHash(fullmakt.FoldName(p.Name))
	}
	w.values = append(w.values, int64(p.No), int64(p.ID.Kind), org, p.UUID[:], ident, sealed, name, hash)
}

// uuid gives p its UUID where it has none: the one it had, or a new one that
// ends in its number, so that it is found without an index. Others are indexed.
func (w *partyWriter) uuid(p *fullmakt.Party, had []byte) error {
	var zero fullmakt.UUID
	if p.UUID == zero && had != nil {
		copy(p.UUID[:], had)
		return nil
	}
	if p.UUID == zero {
		p.UUID = w.a.newUUID(p.No)
		return nil
	}
	if bytes.Equal(p.UUID[:], had) {
		return nil
	}
	if had != nil {
		if err := w.a.s.exec(w.a.calm, "DELETE FROM party_uuid WHERE no = ?", int64(p.No)); err != nil {
			return err
		}
	}
	if uuidParty(p.UUID) == p.No {
		return nil
	}
	err := w.a.s.exec(w.a.calm, "INSERT INTO party_uuid VALUES (?, ?)", p.UUID[:], int64(p.No))
	if isConstraint(err) {
		return fullmakt.Errorf(fullmakt.CodeConflict, "party %d: another party has the UUID %s", p.No, p.UUID)
	}
	return err
}

// newUUID makes a version 7 UUID from the revision's time, the store's random
// bits and the party's number.
func (a *appender) newUUID(no fullmakt.PartyNo) (u fullmakt.UUID) {
	binary.BigEndian.PutUint64(u[:8], uint64(a.at.UnixMilli())<<16)
	seed := a.db.uuidSeed
	u[6], u[7] = 0x70|seed[0]&0x0f, seed[1]
	u[8], u[9], u[10], u[11] = 0x80|seed[2]&0x3f, seed[3], seed[4], seed[5]
	binary.BigEndian.PutUint32(u[12:], uint32(no))
	return u
}

// uuidParty is the party whose UUID u is if the store made it.
func uuidParty(u fullmakt.UUID) fullmakt.PartyNo {
	return fullmakt.PartyNo(binary.BigEndian.Uint32(u[12:]))
}

// update writes those of the batch that are stored already and say something new.
func (w *partyWriter) update(known []fullmakt.PartyNo) error {
	a := w.a
	type old struct {
		kind, org         int64
		uuid, ident, name driver.Value
	}
	olds := make(map[fullmakt.PartyNo]old, len(known))
	err := a.s.each(a.ctx, "SELECT no, kind, org, uuid, ident, name FROM party WHERE no IN (SELECT value FROM json_each(?))",
		[]driver.Value{numberList(known)}, func(row []driver.Value) error {
			olds[fullmakt.PartyNo(asInt(row[0]))] = old{asInt(row[1]), asInt(row[2]), row[3], row[4], row[5]}
			return nil
		})
	if err != nil {
		return err
	}
	for i := range w.batch {
		p := &w.batch[i]
		was, ok := olds[p.No]
		if !ok {
			continue
		}
		if was.kind == int64(fullmakt.KindUnknown) {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "party %d was purged: its number is never given again", p.No)
		}
		w.values = w.values[:0]
		uuid := p.UUID
		if err := w.uuid(p, asBytes(was.uuid)); err != nil {
			return err
		}
		w.row(p)
		if was.kind != int64(p.ID.Kind) || was.org != int64(p.ID.Org) || !bytes.Equal(asBytes(was.ident), asBytes(w.values[4])) {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "party %d: the identity of a number never changes", p.No)
		}
		if asString(was.name) == p.Name && (uuid == fullmakt.UUID{} || bytes.Equal(asBytes(was.uuid), uuid[:])) {
			continue
		}
		err := a.s.exec(a.calm, "UPDATE party SET uuid = ?, name = ?, name_hash = ? WHERE no = ?", w.values[3], w.values[6], w.values[7], int64(p.No))
		if err != nil {
			return err
		}
		if err := a.noteParty(p.No); err != nil {
			return err
		}
	}
	return nil
}

// noteParty notes that this revision changed a party first seen in an earlier one.
func (a *appender) noteParty(no fullmakt.PartyNo) error {
	if no >= a.head.NextParty {
		return nil
	}
	a.wrote |= wroteParty
	return a.s.exec(a.calm, "INSERT OR IGNORE INTO party_change VALUES (?, ?)", int64(a.seq), int64(no))
}

// duplicate names two parties with one identity, after a constraint failed.
func (w *partyWriter) duplicate(failed error) error {
	a := w.a
	for _, q := range []struct{ what, query string }{
		{"organisation number", "SELECT min(no), max(no) FROM party WHERE kind = 1 GROUP BY org HAVING count(*) > 1 LIMIT 1"},
		{"identity", "SELECT min(no), max(no) FROM party WHERE ident IS NOT NULL GROUP BY ident HAVING count(*) > 1 LIMIT 1"},
	} {
		if row, err := a.s.one(a.calm, q.query); err == nil && row != nil {
			return fullmakt.Errorf(fullmakt.CodeConflict, "parties %d and %d have the same %s: %w", asInt(row[0]), asInt(row[1]), q.what, failed)
		}
	}
	// The failed batch is not in the table: look for its identities there and in itself.
	in := map[string]fullmakt.PartyNo{}
	for i := range w.batch {
		p := &w.batch[i]
		query, arg, what := "SELECT no FROM party WHERE org = ? AND kind = 1 AND no <> ?", driver.Value(int64(p.ID.Org)), "organisation number"
		key := p.ID.Org.String()
		if p.ID.Kind != fullmakt.KindOrganisation {
			id := a.db.secrets.identOf(appendIdentity(nil, p.ID))
			query, arg, what, key = "SELECT no FROM party WHERE ident = ? AND no <> ?", id[:], "identity", string(id[:])
		}
		other, err := a.s.integer(a.calm, query, arg, int64(p.No))
		if err == nil && other == 0 {
			other = int64(in[key])
		}
		if other != 0 {
			return fullmakt.Errorf(fullmakt.CodeConflict, "party %d has the same %s as party %d", p.No, what, other)
		}
		in[key] = p.No
	}
	return failed
}

// insertRows inserts rows of so many columns, many with one statement. Statements
// come in few sizes, so that each is prepared once.
func (a *appender) insertRows(insert string, columns int, values []driver.Value, tail ...string) error {
	for len(values) > 0 {
		rows := batchRows
		for rows*columns > len(values) {
			rows /= 2
		}
		query := rowsQuery(insert, columns, rows) + strings.Join(tail, "")
		if err := a.s.exec(a.calm, query, values[:rows*columns]...); err != nil {
			return err
		}
		values = values[rows*columns:]
	}
	return nil
}

func rowsQuery(insert string, columns, rows int) string {
	one := "(" + strings.Repeat("?,", columns-1) + "?)"
	return insert + strings.Repeat(one+",", rows-1) + one
}

// numberList writes numbers as a JSON array, for json_each.
func numberList(nos []fullmakt.PartyNo) string {
	b := []byte{'['}
	for i, no := range nos {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(no), 10)
	}
	return string(append(b, ']'))
}
