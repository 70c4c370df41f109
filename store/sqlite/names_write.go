package sqlite

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// Update changes the index in one transaction: f gets the position, moves it on,
// and returns what the index is to hold of parties from now on (put), and which
// parties are to be no part of it (drop). What it holds of them already is
// replaced; what is as it was is not written. When parties below the position
// were dropped or changed, their old words are erased from the file, not only
// unlinked (rule LIFE-2). An error of f ends the update with nothing written.
func (n *Names) Update(ctx context.Context, f func(*NamesPosition) (put []NameDoc, drop []fullmakt.PartyNo, err error)) error {
	erased := false
	err := n.write(ctx, func(s *session) (bool, error) {
		pos, err := namesPosition(ctx, s)
		if err != nil {
			return false, err
		}
		was := pos
		put, drop, err := f(&pos)
		if err != nil {
			return false, err
		}
		w := &nameWriter{n: n, s: s, ctx: context.WithoutCancel(ctx), next: was.Next, words: map[string]int{}}
		if err := w.write(put, drop); err != nil {
			return false, err
		}
		erased = w.erased
		if pos == was {
			return w.wrote, nil
		}
		var at int64
		if !pos.At.IsZero() {
			at = pos.At.UnixNano()
		}
		return true, s.exec(w.ctx, "UPDATE position SET next_party = ?, seq = ?, within = ?, at = ?, merged = ?",
			int64(pos.Next), int64(pos.Seq), int64(pos.Within), at, int64(bit(pos.Merged)))
	})
	if err == nil && erased {
		n.checkpoint(ctx) // else the old words would stay in the write-ahead log
	}
	return err
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nameWriter is one Update at work.
type nameWriter struct {
	n             *Names
	s             *session
	ctx           context.Context // does not end
	next          fullmakt.PartyNo
	words         map[string]int // by how much the use of each changed
	wrote, erased bool
}

// row is the row number in the full-text tables.
func (d *NameDoc) row() int64 { return int64(d.Rank)<<32 | int64(d.No) }

// indexed is the text that the full-text table gets.
func (d *NameDoc) indexed() string { return firstMark + d.Words + " " + d.Words }

// write brings the index to hold put and not drop. Full-text tables gather what
// comes in the order of row numbers, so each kind of change is brought to it.
func (w *nameWriter) write(put []NameDoc, drop []fullmakt.PartyNo) error {
	var out []NameDoc // what is to go
	in := put[:0:0]
	for _, no := range drop {
		old, ok, err := w.held(no)
		if err != nil {
			return err
		}
		if ok {
			out = append(out, old)
		}
	}
	for _, d := range put {
		old, ok, err := w.held(d.No)
		if err != nil {
			return err
		}
		if ok && old == d {
			continue
		}
		if ok {
			out = append(out, old)
		}
		in = append(in, d)
	}
	w.wrote, w.erased = len(in)+len(out) > 0, len(out) > 0
	byRow := func(a, b NameDoc) int { return cmp.Or(cmp.Compare(a.Area, b.Area), cmp.Compare(a.row(), b.row())) }
	slices.SortFunc(out, byRow)
	slices.SortFunc(in, byRow)
	for i := range out {
		if err := w.remove(&out[i]); err != nil {
			return err
		}
	}
	for i := range in {
		if err := w.add(&in[i]); err != nil {
			return err
		}
	}
	for _, word := range slices.Sorted(maps.Keys(w.words)) {
		if err := w.count(word, w.words[word]); err != nil {
			return err
		}
	}
	return nil
}

// held is what the index holds of a party.
func (w *nameWriter) held(no fullmakt.PartyNo) (d NameDoc, ok bool, err error) {
	if no >= w.next {
		return d, false, nil
	}
	row, err := w.s.one(w.ctx, "SELECT area, rank, whole, words FROM doc WHERE no = ?", int64(no))
	if err != nil || row == nil {
		return d, false, err
	}
	return NameDoc{No: no, Area: NameArea(asInt(row[0])), Rank: uint8(asInt(row[1])), Whole: uint32(asInt(row[2])), Words: asString(row[3])}, true, nil
}

func (w *nameWriter) remove(d *NameDoc) error {
	table := areaTable[d.Area]
	err := w.s.exec(w.ctx, "INSERT INTO "+table+" ("+table+", rowid, words) VALUES ('delete', ?, ?)", d.row(), d.indexed())
	if err != nil {
		return err
	}
	for word := range strings.FieldsSeq(d.Words) {
		w.words[word]--
	}
	return w.s.exec(w.ctx, "DELETE FROM doc WHERE no = ?", int64(d.No))
}

func (w *nameWriter) add(d *NameDoc) error {
	err := w.s.exec(w.ctx, "INSERT INTO "+areaTable[d.Area]+" (rowid, words) VALUES (?, ?)", d.row(), d.indexed())
	if err != nil {
		return err
	}
	for word := range strings.FieldsSeq(d.Words) {
		w.words[word]++
	}
	return w.s.exec(w.ctx, "INSERT INTO doc VALUES (?, ?, ?, ?, ?)", int64(d.No), int64(d.Area), int64(d.Rank), int64(d.Whole), d.Words)
}

// count moves the count of a word's uses, and takes the word in or out when it is
// the first or the last.
func (w *nameWriter) count(word string, by int) error {
	if by == 0 {
		return nil
	}
	row, err := w.s.one(w.ctx, "SELECT id, uses FROM word WHERE text = ?", word)
	if err != nil {
		return err
	}
	if row != nil {
		id, uses := asInt(row[0]), asInt(row[1])+int64(by)
		if uses > 0 {
			return w.s.exec(w.ctx, "UPDATE word SET uses = ? WHERE id = ?", uses, id)
		}
		for _, hash := range w.n.spell(word).Near {
			if err := w.s.exec(w.ctx, "DELETE FROM near WHERE hash = ? AND word = ?", int64(hash), id); err != nil {
				return err
			}
		}
		return w.s.exec(w.ctx, "DELETE FROM word WHERE id = ?", id)
	}
	spelling := w.n.spell(word)
	if err := w.s.exec(w.ctx, "INSERT INTO word (text, sound, uses) VALUES (?, ?, ?)", word, spelling.Sound, int64(by)); err != nil {
		return err
	}
	id, err := w.s.integer(w.ctx, "SELECT last_insert_rowid()")
	if err != nil {
		return err
	}
	for _, hash := range spelling.Near {
		if err := w.s.exec(w.ctx, "INSERT OR IGNORE INTO near VALUES (?, ?)", int64(hash), id); err != nil {
			return err
		}
	}
	return nil
}

// mergePages is about how many pages of the index one step of Merge goes through.
const mergePages = "256"

// Merge makes one step in merging each full-text table, which is written in many
// pieces, to a single one, which reads faster. It reports whether there is more to
// merge.
func (n *Names) Merge(ctx context.Context) (more bool, err error) {
	err = n.write(ctx, func(s *session) (bool, error) {
		for _, table := range areaTable {
			before, err := s.integer(ctx, "SELECT total_changes()")
			if err != nil {
				return false, err
			}
			if err := s.exec(ctx, "INSERT INTO "+table+" ("+table+", rank) VALUES ('merge', -"+mergePages+")"); err != nil {
				return false, err
			}
			after, err := s.integer(ctx, "SELECT total_changes()")
			if err != nil {
				return false, err
			}
			// The command itself counts as one change.
			if after-before >= 2 {
				more = true
				return true, nil
			}
		}
		return true, s.exec(ctx, "UPDATE position SET merged = 1")
	})
	return more, err
}
