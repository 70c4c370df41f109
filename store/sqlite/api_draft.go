package sqlite

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/fullmakt/fullmakt"
)

var errDraft = errors.New("being written")

type Key [32]byte

func LoadKey(file string) (Key, error)   { return Key{}, errDraft }
func CreateKey(file string) (Key, error) { return Key{}, errDraft }

type DB struct{}

func Open(ctx context.Context, path string, key Key) (*DB, error) { return nil, errDraft }
func OpenMemory(ctx context.Context) (*DB, error)                 { return nil, errDraft }
func (db *DB) Close() error                                       { return errDraft }

type Revision struct {
	Seq       fullmakt.Seq
	At        time.Time
	Note      string
	NextParty fullmakt.PartyNo
}

type Entry struct {
	Seq    fullmakt.Seq
	At     time.Time
	Change fullmakt.Change
}

func (db *DB) Head(ctx context.Context) (Revision, error) { return Revision{}, errDraft }
func (db *DB) RevisionAt(ctx context.Context, t time.Time) (Revision, bool, error) {
	return Revision{}, false, errDraft
}
func (db *DB) Append(ctx context.Context, after fullmakt.Seq, at time.Time, note string, changes iter.Seq2[fullmakt.Change, error]) (fullmakt.Seq, error) {
	return 0, errDraft
}
func (db *DB) Changes(ctx context.Context, after fullmakt.Seq) iter.Seq2[Entry, error] { return nil }

// State yields Purge instead of Party for the number of a purged party.
func (db *DB) State(ctx context.Context) iter.Seq2[fullmakt.Change, error] { return nil }

// Parties leaves out unknown and purged numbers; order of nos.
func (db *DB) Parties(ctx context.Context, nos []fullmakt.PartyNo) ([]fullmakt.Party, error) {
	return nil, errDraft
}
func (db *DB) PartyByUUID(ctx context.Context, u fullmakt.UUID) (fullmakt.Party, bool, error) {
	return fullmakt.Party{}, false, errDraft
}
func (db *DB) PartiesNamed(ctx context.Context, name string, limit int) ([]fullmakt.Party, error) {
	return nil, errDraft
}
func (db *DB) IndexNames(ctx context.Context) error { return errDraft }
func (db *DB) Identify(ctx context.Context, id fullmakt.PartyID) (fullmakt.PartyNo, bool, error) {
	return 0, false, errDraft
}

type Identities struct{}

func (db *DB) Identities(ctx context.Context) (*Identities, error)            { return nil, errDraft }
func (i *Identities) Lookup(id fullmakt.PartyID) fullmakt.PartyNo              { return 0 } // 0: unknown
func (i *Identities) Assign(id fullmakt.PartyID) (no fullmakt.PartyNo, isNew bool) { return 0, false }
func (i *Identities) Next() fullmakt.PartyNo                                  { return 0 }

func (db *DB) FactsAt(ctx context.Context, seq fullmakt.Seq, nos []fullmakt.PartyNo) ([]fullmakt.Change, error) {
	return nil, errDraft
}
func (db *DB) EverRelated(ctx context.Context, nos []fullmakt.PartyNo) ([]fullmakt.PartyNo, error) {
	return nil, errDraft
}

// Finding is one thing that Check found wrong.
type Finding struct {
	What string // a sentence that names the table and the numbers
	Hint string // what to do about it
}

// Check reads the whole store; progress (may be nil) is called as each step begins.
func (db *DB) Check(ctx context.Context, progress func(step string, done, of int)) ([]Finding, error) {
	return nil, errDraft
}
