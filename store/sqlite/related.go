package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"slices"

	"github.com/fullmakt/fullmakt"
)

// The related table answers "at which organisations did these parties ever hold
// something?" by index, without reading every organisation. One row holds the
// pairs (holder, organisation) that one Append brought for 64 holders with
// neighbouring numbers: a bulk load of four million pairs is some fifty thousand
// rows, and a small change adds one. Pairs are never taken back.

// pairsHeld is how many pairs are gathered in memory (8 bytes each).
const pairsHeld = 4 << 20

// pairWriter gathers the pairs of one Append, as holder * 2^32 + organisation.
type pairWriter struct {
	pairs []uint64
}

func (w *pairWriter) add(a *appender, holder, org fullmakt.PartyNo) error {
	w.pairs = append(w.pairs, uint64(holder)<<32|uint64(org))
	if len(w.pairs) >= pairsHeld {
		return w.flush(a)
	}
	return nil
}

// addNew adds what body now relates to org and body was did not.
func (w *pairWriter) addNew(a *appender, org fullmakt.PartyNo, was, now []byte) error {
	var old []fullmakt.PartyNo
	if was != nil {
		relations(was, func(no fullmakt.PartyNo) { old = append(old, no) })
	}
	var err error
	relations(now, func(no fullmakt.PartyNo) {
		if err == nil && !slices.Contains(old, no) {
			err = w.add(a, no, org)
		}
	})
	return err
}

// flush writes the gathered pairs, a row for each bucket.
func (w *pairWriter) flush(a *appender) error {
	slices.Sort(w.pairs)
	pairs := slices.Compact(w.pairs)
	values := make([]driver.Value, 0, 2*batchRows)
	for len(pairs) > 0 {
		bucket := pairs[0] >> 38
		n := 1
		for n < len(pairs) && pairs[n]>>38 == bucket {
			n++
		}
		// The next free place in the bucket.
		last, err := a.s.integer(a.calm, "SELECT max(id) FROM related WHERE id >= ? AND id < ?", int64(bucket<<32), int64((bucket+1)<<32))
		if err != nil {
			return err
		}
		id := max(last+1, int64(bucket<<32))
		values = append(values, id, packPairs(pairs[:n]))
		if len(values) == cap(values) {
			if err := a.insertRows("INSERT INTO related VALUES ", 2, values); err != nil {
				return err
			}
			values = values[:0]
		}
		pairs = pairs[n:]
	}
	w.pairs = w.pairs[:0]
	return a.insertRows("INSERT INTO related VALUES ", 2, values)
}

// packPairs packs sorted pairs of one bucket: for each holder its place in the
// bucket, the number of organisations, and these as differences.
func packPairs(pairs []uint64) []byte {
	var b []byte
	for len(pairs) > 0 {
		holder := pairs[0] >> 32
		n := 1
		for n < len(pairs) && pairs[n]>>32 == holder {
			n++
		}
		b = binary.AppendUvarint(b, uint64(n)<<6|holder&63)
		var last uint32
		for _, p := range pairs[:n] {
			b = binary.AppendUvarint(b, uint64(uint32(p)-last))
			last = uint32(p)
		}
		pairs = pairs[n:]
	}
	return b
}

// eachPair calls f with the pairs of a row; it reports false when the row is damaged.
func eachPair(bucket uint64, blob []byte, f func(holder, org fullmakt.PartyNo)) bool {
	d := body{b: blob}
	for len(d.b) > 0 && !d.bad {
		head := d.uvarint()
		holder := fullmakt.PartyNo(bucket<<6 | head&63)
		var org uint64
		for n := head >> 6; n > 0 && !d.bad; n-- {
			org += d.uvarint()
			if !d.bad {
				f(holder, fullmakt.PartyNo(org))
			}
		}
	}
	return !d.bad
}

// EverRelated returns, sorted, the parties at which one of nos ever held a role
// or was the parent, or that ever granted something to one of nos: now or in
// any earlier revision. It is the set of candidates for a question about the
// past; it may name a few more, such as one whose role was replaced within the
// revision that brought it. Purged parties are left out.
func (db *DB) EverRelated(ctx context.Context, nos []fullmakt.PartyNo) (found []fullmakt.PartyNo, err error) {
	err = db.read(ctx, func(s *session) error {
		sorted := slices.Clone(nos)
		slices.Sort(sorted)
		sorted = slices.Compact(sorted)
		for len(sorted) > 0 {
			bucket := uint64(sorted[0]) >> 6
			n := 1
			for n < len(sorted) && uint64(sorted[n])>>6 == bucket {
				n++
			}
			var asked uint64
			for _, no := range sorted[:n] {
				asked |= 1 << (no & 63)
			}
			err := s.each(ctx, "SELECT pairs FROM related WHERE id >= ? AND id < ?", []driver.Value{int64(bucket << 32), int64((bucket + 1) << 32)},
				func(row []driver.Value) error {
					ok := eachPair(bucket, asBytes(row[0]), func(holder, org fullmakt.PartyNo) {
						if asked&(1<<(holder&63)) != 0 {
							found = append(found, org)
						}
					})
					if !ok {
						return fullmakt.Errorf(fullmakt.CodeUnavailable, "relations of parties %d to %d cannot be read", bucket<<6, bucket<<6+63).WithHint("%s", doctorHint)
					}
					return nil
				})
			if err != nil {
				return err
			}
			sorted = sorted[n:]
		}
		slices.Sort(found)
		found = slices.Compact(found)
		return s.each(ctx, "SELECT no FROM party WHERE kind = 0", nil, func(row []driver.Value) error {
			if i, ok := slices.BinarySearch(found, fullmakt.PartyNo(asInt(row[0]))); ok {
				found = slices.Delete(found, i, i+1)
			}
			return nil
		})
	})
	return found, err
}
