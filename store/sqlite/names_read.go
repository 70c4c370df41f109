package sqlite

import (
	"context"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// NameTerm is a word to look for in names.
type NameTerm struct {
	Word   string // as in NameDoc.Words
	Prefix bool   // the word may go on
	First  bool   // it must be the first word of the name
}

// NameMatch is what names are to hold: of each group of terms at least one.
type NameMatch [][]NameTerm

// NameWord is a word of the index.
type NameWord struct {
	Text string
	Uses int // how often it stands in names
}

// NamesReader reads the index; all that one reader reads is of one state of it.
type NamesReader struct {
	ctx context.Context
	s   *session
}

// Read calls f with a reader, which is good during the call. A reading is short, so
// that one which nobody waits for any more still ends by itself: broken off, it
// would leave a connection that has to be closed, with all that it has cached.
func (n *Names) Read(ctx context.Context, f func(*NamesReader) error) error {
	ctx = context.WithoutCancel(ctx)
	return n.read(ctx, func(s *session) error { return f(&NamesReader{ctx: ctx, s: s}) })
}

// Position tells what of the store is in the index.
func (r *NamesReader) Position() (NamesPosition, error) { return namesPosition(r.ctx, r.s) }

// Whole returns the first parties by rank, at most limit, whose whole name has a hash.
func (r *NamesReader) Whole(area NameArea, whole uint32, limit int) ([]fullmakt.PartyNo, error) {
	return r.parties("SELECT no FROM doc WHERE whole = ? AND area = ? ORDER BY rank, no LIMIT ?",
		int64(whole), int64(area), int64(limit))
}

// Matching returns the first parties by rank, at most limit, whose names match.
func (r *NamesReader) Matching(area NameArea, match NameMatch, limit int) ([]fullmakt.PartyNo, error) {
	table := areaTable[area]
	return r.parties("SELECT rowid & 0xffffffff FROM "+table+" WHERE "+table+" MATCH ? ORDER BY rowid LIMIT ?",
		match.expression(), int64(limit))
}

func (r *NamesReader) parties(query string, args ...value) (nos []fullmakt.PartyNo, err error) {
	err = r.s.each(r.ctx, query, args, func(row []value) error {
		nos = append(nos, partyNo(row[0]))
		return nil
	})
	return nos, err
}

// expression writes the match in FTS5's language. Words are quoted, so that none
// is taken for a part of it.
func (m NameMatch) expression() string {
	var b strings.Builder
	for i, group := range m {
		if i > 0 {
			b.WriteString(" AND ")
		}
		b.WriteByte('(')
		for j, t := range group {
			if j > 0 {
				b.WriteString(" OR ")
			}
			b.WriteByte('"')
			if t.First {
				b.WriteString(firstMark)
			}
			b.WriteString(strings.ReplaceAll(t.Word, `"`, ""))
			b.WriteByte('"')
			if t.Prefix {
				b.WriteByte('*')
			}
		}
		b.WriteByte(')')
	}
	return b.String()
}

// Beginning returns the most used words, at most limit, that begin with a prefix.
func (r *NamesReader) Beginning(prefix string, limit int) ([]NameWord, error) {
	return r.words("SELECT text, uses FROM word WHERE text BETWEEN ? AND ? ORDER BY uses DESC, text LIMIT ?", prefix, prefix+lastCharacter, int64(limit))
}

// lastCharacter is the greatest of all, so that it ends the range of what begins
// with a prefix.
const lastCharacter = "\U0010ffff"

// Sounding returns the most used words, at most limit, of a sound; with prefix,
// also those whose sound goes on after it.
func (r *NamesReader) Sounding(sound string, prefix bool, limit int) ([]NameWord, error) {
	end := sound
	if prefix {
		end += lastCharacter
	}
	return r.words("SELECT text, uses FROM word WHERE sound BETWEEN ? AND ? ORDER BY uses DESC, text LIMIT ?", sound, end, int64(limit))
}

// Near returns the most used words, at most limit, that share one of the hashes.
func (r *NamesReader) Near(hashes []uint32, limit int) ([]NameWord, error) {
	nos := make([]fullmakt.PartyNo, len(hashes)) // numbers like any other
	for i, h := range hashes {
		nos[i] = fullmakt.PartyNo(h)
	}
	return r.words("SELECT text, uses FROM word WHERE id IN (SELECT word FROM near WHERE hash"+among+") ORDER BY uses DESC, text LIMIT ?",
		numberList(nos), int64(limit))
}

func (r *NamesReader) words(query string, args ...value) (words []NameWord, err error) {
	err = r.s.each(r.ctx, query, args, func(row []value) error {
		words = append(words, NameWord{Text: asString(row[0]), Uses: int(asInt(row[1]))})
		return nil
	})
	return words, err
}
