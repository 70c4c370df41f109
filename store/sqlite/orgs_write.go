package sqlite

import (
	"bytes"
	"database/sql/driver"
	"slices"

	"github.com/fullmakt/fullmakt"
)

// orgWriter gathers packed organisation versions and writes them batch by batch.
type orgWriter struct {
	a       *appender
	empty   bool // there was no organisation at the start
	dropped bool
	rows    int
	batch   []orgRow
	arena   []byte
	in      map[fullmakt.PartyNo]bool
	done    bits // organisations written in this Append
	values  []driver.Value
}

// orgRow is a packed version; its body is arena[from:to].
type orgRow struct {
	party    fullmakt.PartyNo
	from, to int
	skip     bool // it says what is in force
}

func (w *orgWriter) init(a *appender) error {
	w.a, w.in = a, map[fullmakt.PartyNo]bool{}
	n, err := a.s.integer(a.ctx, "SELECT EXISTS (SELECT 1 FROM org_now)")
	w.empty = n == 0
	return err
}

func (w *orgWriter) put(o fullmakt.Organisation) error {
	a := w.a
	if o.Party == o.Parent {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "organisation %d: it is its own parent", o.Party)
	}
	if err := a.seen.want(o.Party, wantAny|wantOrg); err != nil {
		return err
	}
	if o.Parent >= a.head.NextParty {
		if err := a.seen.want(o.Parent, wantAny); err != nil {
			return err
		}
	}
	sorted := true
	for i := range o.Roles {
		r := &o.Roles[i]
		if r.Holder == 0 || r.Code == "" {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "organisation %d: a role without a holder or code", o.Party)
		}
		if r.Holder >= a.head.NextParty {
			if err := a.seen.want(r.Holder, wantAny); err != nil {
				return err
			}
		}
		if i > 0 && (r.Holder < o.Roles[i-1].Holder || r.Holder == o.Roles[i-1].Holder && r.Code <= o.Roles[i-1].Code) {
			sorted = false
		}
	}
	if !sorted {
		o.Roles = fullmakt.SortRoles(slices.Clone(o.Roles))
	}
	if w.in[o.Party] || len(w.batch) == batchRows {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.in[o.Party] = true
	from := len(w.arena)
	w.arena = appendBody(w.arena, &o, a.codes.id)
	w.batch = append(w.batch, orgRow{party: o.Party, from: from, to: len(w.arena)})
	return nil
}

func (w *orgWriter) flush() error {
	if len(w.batch) == 0 {
		return nil
	}
	a := w.a
	if err := w.replace(); err != nil {
		return err
	}
	w.values = w.values[:0]
	for i := range w.batch {
		r := &w.batch[i]
		if r.skip {
			continue
		}
		w.done.set(r.party)
		w.values = append(w.values, int64(r.party), int64(a.seq), w.arena[r.from:r.to])
		w.rows++
		a.written++
		a.wrote |= wroteOrg
	}
	err := a.insertRows("INSERT INTO org_now VALUES ", 3, w.values,
		" ON CONFLICT (party) DO UPDATE SET from_seq = excluded.from_seq, body = excluded.body")
	if err != nil {
		return err
	}
	w.batch, w.arena = w.batch[:0], w.arena[:0]
	clear(w.in)
	if w.empty && !w.dropped && w.rows > bulkRows {
		w.dropped = true
		return a.postpone(orgIndexes)
	}
	return nil
}

// replace looks up the versions in force of the batch's organisations: it marks
// those that stay, closes those that end, and notes the relations that are new.
func (w *orgWriter) replace() error {
	a := w.a
	var ask []fullmakt.PartyNo
	for i := range w.batch {
		party := w.batch[i].party
		if !w.empty && party < a.head.NextParty || w.done.has(party) {
			ask = append(ask, party)
		}
	}
	type version struct {
		from int64
		body []byte
	}
	var olds map[fullmakt.PartyNo]version
	if len(ask) > 0 {
		olds = make(map[fullmakt.PartyNo]version, len(ask))
		err := a.s.each(a.ctx, "SELECT party, from_seq, body FROM org_now WHERE party IN (SELECT value FROM json_each(?))",
			[]driver.Value{numberList(ask)}, func(row []driver.Value) error {
				olds[fullmakt.PartyNo(asInt(row[0]))] = version{asInt(row[1]), asBytes(row[2])}
				return nil
			})
		if err != nil {
			return err
		}
	}
	var first []fullmakt.PartyNo // known parties with no version yet
	for i := range w.batch {
		r := &w.batch[i]
		now := w.arena[r.from:r.to]
		was, ok := olds[r.party]
		switch {
		case !ok && r.party < a.head.NextParty:
			first = append(first, r.party)
		case ok && bytes.Equal(was.body, now):
			r.skip = true
			continue
		case ok && was.from < int64(a.seq):
			err := a.s.exec(a.calm, "INSERT INTO org_past VALUES (?, ?, ?, ?)", int64(r.party), was.from, int64(a.seq), was.body)
			if err != nil {
				return err
			}
		}
		if err := a.pairs.addNew(a, r.party, was.body, now); err != nil {
			return err
		}
	}
	return a.checkKinds(first, fullmakt.KindOrganisation)
}

// checkKinds checks that parties given out before this Append are of a kind.
func (a *appender) checkKinds(nos []fullmakt.PartyNo, kind fullmakt.PartyKind) error {
	if len(nos) == 0 {
		return nil
	}
	return a.s.each(a.ctx, "SELECT no, kind FROM party WHERE no IN (SELECT value FROM json_each(?)) AND kind <> ?",
		[]driver.Value{numberList(nos), int64(kind)}, func(row []driver.Value) error {
			if asInt(row[1]) == 0 {
				return fullmakt.Errorf(fullmakt.CodeInvalid, "party %d was purged: nothing can rest on it", asInt(row[0]))
			}
			return fullmakt.Errorf(fullmakt.CodeInvalid, "party %d is of kind %s, not %s", asInt(row[0]), fullmakt.PartyKind(asInt(row[1])), kind)
		})
}

// bits is a growing set of party numbers.
type bits []uint64

func (b *bits) set(no fullmakt.PartyNo) {
	for int(no>>6) >= len(*b) {
		*b = append(*b, make([]uint64, max(64, len(*b)/2))...)
	}
	(*b)[no>>6] |= 1 << (no & 63)
}

func (b bits) has(no fullmakt.PartyNo) bool {
	return int(no>>6) < len(b) && b[no>>6]&(1<<(no&63)) != 0
}
