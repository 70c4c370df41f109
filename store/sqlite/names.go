package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Names is the index by which parties are found by their names: a SQLite file of
// its own beside the store's, with SQLite's full-text index FTS5. All in it is
// derived from the store, so that it may be removed at any time and is made anew
// when it is damaged or of another version. It knows nothing of any language: what
// a word is, and how words are misspelt, its caller says.
//
// Several processes may open one file. Its methods may be called from several
// goroutines.
type Names struct {
	*connections
	spell func(word string) Spelling
}

// Spelling is what a word is found by when it is not written as it is.
type Spelling struct {
	// Sound is equal for words that are misspelt for one another most easily.
	Sound string
	// Near are hashes, one of which two words share when they differ little.
	Near []uint32
}

// NameArea parts the index: each area is searched by itself.
type NameArea uint8

// The areas.
const (
	OrganisationNames NameArea = iota
	PersonNames
	UserNames // of enterprise and system users
	nameAreas
)

// areaTable names the full-text table of each area.
var areaTable = [nameAreas]string{"organisation_words", "person_words", "user_words"}

// NameDoc is what the index holds of a party.
type NameDoc struct {
	No   fullmakt.PartyNo
	Area NameArea
	// Rank orders the parties that fit equally well, the lowest first; it is at most 255.
	Rank uint8
	// Whole is a hash of the whole name.
	Whole uint32
	// Words are the words of the name in the form in which they are compared, with
	// one blank between; the first word of the name comes first. They hold no
	// ASCII character but letters and digits.
	Words string
}

// NamesPosition tells what of the store is in the index.
type NamesPosition struct {
	Next   fullmakt.PartyNo // the parties below this number are in
	Seq    fullmakt.Seq     // with what the revisions up to this one changed about them,
	Within fullmakt.PartyNo // and the next revision about parties up to this number
	At     time.Time        // when revision Seq was made; the zero time for revision 0
	Merged bool             // the full-text tables were merged since they were filled
}

// namesVersion is the version of the tables and of what is written in them. Raise
// it whenever either changes: an index of another version is made anew.
const namesVersion = 1

// NamePrefix is how many characters a NameTerm with Prefix may have at most to be
// found as fast as a whole word.
const NamePrefix = 4

// The full-text tables hold, besides the words of a name, its first word once more
// behind a mark, so that what begins a name is found in order of rank. Only row
// numbers are kept of each word (detail none): rank in the upper half and party in
// the lower, so that the first rows of any match are those of the lowest rank.
// Beginnings of words are indexed like words, up to a length; firstMark counts.
const (
	firstMark   = "_"
	namesPrefix = "1 2 3 4 5"
	namesTables = `
CREATE TABLE position (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    next_party INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    within     INTEGER NOT NULL,
    at         INTEGER NOT NULL, -- Unix nanoseconds, 0 before the first revision
    merged     INTEGER NOT NULL
) STRICT;
INSERT INTO position VALUES (1, 1, 0, 0, 0, 0);
CREATE TABLE doc (
    no    INTEGER PRIMARY KEY,
    area  INTEGER NOT NULL,
    rank  INTEGER NOT NULL,
    whole INTEGER NOT NULL,
    words TEXT    NOT NULL
) STRICT;
CREATE INDEX doc_whole ON doc (whole, area, rank);
CREATE TABLE word (
    id    INTEGER PRIMARY KEY,
    text  TEXT    NOT NULL UNIQUE,
    sound TEXT    NOT NULL,
    uses  INTEGER NOT NULL
) STRICT;
CREATE INDEX word_sound ON word (sound);
CREATE TABLE near (
    hash INTEGER NOT NULL,
    word INTEGER NOT NULL,
    PRIMARY KEY (hash, word)
) STRICT, WITHOUT ROWID;
`
	areaTables = `
CREATE VIRTUAL TABLE $ USING fts5(words, content='', columnsize=0, detail=none, prefix='` + namesPrefix + `', tokenize="ascii tokenchars '` + firstMark + `'");
INSERT INTO $ ($, rank) VALUES ('secure-delete', 1);
`
)

// OpenNames opens the index in the file at path. Where there is none, or one that
// is damaged or of another version, it makes an empty one. spell must be the same
// function for as long as namesVersion is the same.
func OpenNames(ctx context.Context, path string, spell func(word string) Spelling) (*Names, error) {
	c, err := connect(path)
	if err != nil {
		return nil, err
	}
	n, err := startNames(ctx, c, spell)
	if err == nil || !errors.Is(err, errOtherNames) && !isDamage(err) {
		return n, err
	}
	if err := RemoveNames(path); err != nil {
		return nil, err
	}
	if c, err = connect(path); err != nil {
		return nil, err
	}
	return startNames(ctx, c, spell)
}

// OpenNamesMemory makes an empty index in memory.
func OpenNamesMemory(ctx context.Context, spell func(word string) Spelling) (*Names, error) {
	c, err := connectMemory()
	if err != nil {
		return nil, err
	}
	return startNames(ctx, c, spell)
}

// RemoveNames removes the index's files at path, if they are there.
func RemoveNames(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fileError("remove the name index", err)
		}
	}
	return nil
}

var errOtherNames = errors.New("the name index is of another version")

func startNames(ctx context.Context, c *connections, spell func(string) Spelling) (*Names, error) {
	n := &Names{connections: c, spell: spell}
	err := n.startWriting(ctx)
	if err == nil {
		err = n.write(ctx, n.makeTables)
	}
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// makeTables makes the tables in an empty file.
func (n *Names) makeTables(s *session) (made bool, err error) {
	ctx := context.Background()
	version, err := s.integer(ctx, "PRAGMA user_version")
	if err != nil || version == namesVersion {
		return false, err
	}
	tables, err := s.integer(ctx, "SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return false, err
	}
	if version != 0 || tables != 0 {
		return false, errOtherNames
	}
	if err := s.exec(ctx, namesTables); err != nil {
		return false, err
	}
	for _, table := range areaTable {
		if err := s.exec(ctx, strings.ReplaceAll(areaTables, "$", table)); err != nil {
			return false, err
		}
	}
	return true, s.exec(ctx, fmt.Sprintf("PRAGMA user_version = %d", namesVersion))
}

// Close closes the index. Readings and writings must have ended.
func (n *Names) Close() error { return n.close() }

// Position tells what of the store is in the index.
func (n *Names) Position(ctx context.Context) (pos NamesPosition, err error) {
	err = n.read(ctx, func(s *session) error {
		pos, err = namesPosition(ctx, s)
		return err
	})
	return pos, err
}

func namesPosition(ctx context.Context, s *session) (pos NamesPosition, err error) {
	row, err := s.one(ctx, "SELECT next_party, seq, within, at, merged FROM position")
	if err != nil || row == nil {
		return pos, err
	}
	pos = NamesPosition{Next: partyNo(row[0]), Seq: fullmakt.Seq(asInt(row[1])), Within: partyNo(row[2]), Merged: asInt(row[4]) != 0}
	if at := asInt(row[3]); at != 0 {
		pos.At = time.Unix(0, at).UTC()
	}
	return pos, nil
}

// IsDamage reports whether an error of the index says that its file is not as it
// should be, so that it must be removed and made anew.
func IsDamage(err error) bool { return isDamage(err) }
