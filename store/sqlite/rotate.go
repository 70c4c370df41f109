package sqlite

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/fullmakt/fullmakt"
)

// NewKeySuffix ends the name of the key file that a change of key under way, or
// interrupted, has made beside the old one.
const NewKeySuffix = ".new"

// KeyChange tells what ChangeKey did.
type KeyChange struct {
	// OldKeyFile holds the key of before, which backups of before need.
	OldKeyFile string
	// Resumed is set when an earlier change had been interrupted after the store
	// was encrypted anew, and this call only put the key file in its place.
	Resumed bool
}

// ChangeKey gives a store a new key: a new key file is made beside the old one,
// with NewKeySuffix; every identity is encrypted and hashed anew under it in one
// transaction; the old key file is kept under another name, and the new one takes
// its place. It may be interrupted at any moment: the store then opens with
// keyFile or with keyFile+NewKeySuffix, and ChangeKey called again finishes.
//
// Processes that have the store open go on answering from what they have read,
// but look-ups of identities and writing fail with CodeForbidden until they open
// it anew; see DB.KeyStands. at names the old key's file. progress, which may be
// nil, is called now and then with how many of how many identities are done.
func ChangeKey(ctx context.Context, path, keyFile string, at time.Time, progress func(done, of int)) (KeyChange, error) {
	c := &keyChange{path: path, keyFile: keyFile, at: at, progress: progress}
	for _, step := range c.steps() {
		if err := step(ctx); err != nil {
			return KeyChange{}, err
		}
	}
	return c.result, nil
}

// keyChange is a change of key under way. After each of its steps, and within
// them, the store opens with the key file or with the new one.
type keyChange struct {
	path, keyFile string
	at            time.Time
	progress      func(done, of int)

	old, fresh Key
	result     KeyChange
}

func (c *keyChange) steps() []func(context.Context) error {
	return []func(context.Context) error{c.begin, c.encrypt, c.keepOld, c.swap}
}

func (c *keyChange) newFile() string { return c.keyFile + NewKeySuffix }

// begin finds out where things stand, and makes the new key where there is none.
func (c *keyChange) begin(ctx context.Context) (err error) {
	if c.old, err = LoadKey(c.keyFile); err != nil {
		return err
	}
	err = opens(ctx, c.path, c.old)
	switch fullmakt.ErrorCode(err) {
	case "":
		if err := makeKeyWhole(c.newFile()); err != nil {
			return err
		}
		// Another change of key may have made it: then both use that one.
		c.fresh, err = LoadKey(c.newFile())
		return err
	case fullmakt.CodeForbidden:
		fresh, loadErr := LoadKey(c.newFile())
		if loadErr != nil || opens(ctx, c.path, fresh) != nil {
			return err
		}
		c.fresh, c.result.Resumed = fresh, true
		return nil
	}
	return err
}

// opens returns an error when a key does not open a store that exists.
func opens(ctx context.Context, path string, key Key) error {
	if _, err := os.Stat(path); err != nil {
		return fileError("open store", err)
	}
	db, err := Open(ctx, path, key)
	if err != nil {
		return err
	}
	return db.Close()
}

// makeKeyWhole makes a key file that exists either whole or not at all. One that
// is there already stays.
func makeKeyWhole(file string) error {
	if _, err := os.Lstat(file); err == nil {
		return nil
	}
	key := newKey()
	part := file + "." + strconv.Itoa(os.Getpid()) + ".part"
	if err := newFile(part, bytes.NewReader(keyText(key))); err != nil {
		return err
	}
	// A link does not replace what another process has put there meanwhile.
	err := os.Link(part, file)
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	if err = errors.Join(err, os.Remove(part)); err != nil {
		return fileError("key file", err)
	}
	return syncFile(filepath.Dir(file))
}

func keyText(key Key) []byte { return []byte(hex.EncodeToString(key[:]) + "\n") }

// encrypt brings the store under the new key.
func (c *keyChange) encrypt(ctx context.Context) (err error) {
	if c.result.Resumed {
		return nil
	}
	db, err := Open(ctx, c.path, c.old)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	fresh, err := newSecrets(c.fresh)
	if err != nil {
		return err
	}
	// The key file is not swapped before the store is on disk under the new key.
	select {
	case s := <-db.writing:
		err = s.exec(ctx, "PRAGMA synchronous = FULL")
		db.writing <- s
	case <-ctx.Done():
		err = storeError("wait to write", ctx.Err())
	}
	if err != nil {
		return err
	}
	err = db.write(ctx, func(s *session) (bool, error) {
		if err := db.keyStands(ctx, s); err != nil {
			return false, err
		}
		return true, c.encryptAll(ctx, s, db.secrets, fresh)
	})
	if err != nil {
		return err
	}
	db.checkpoint(ctx) // what was encrypted under the old key leaves the log too
	return nil
}

// encryptAll encrypts every identity anew, and sets the key check.
func (c *keyChange) encryptAll(ctx context.Context, s *session, old, fresh *secrets) error {
	calm := context.WithoutCancel(ctx)
	of, err := s.integer(ctx, "SELECT count(*) FROM party WHERE cipher IS NOT NULL")
	if err != nil {
		return err
	}
	// Every hash changes to another place: the index is made anew at the end.
	identIndex := partyIndexes[1]
	if err := s.exec(calm, "DROP INDEX "+identIndex.name); err != nil {
		return err
	}
	type row struct {
		no     fullmakt.PartyNo
		ident  ident
		sealed []byte
	}
	var rows []row
	var scratch []byte
	last, done := int64(0), 0
	for {
		rows = rows[:0]
		err := s.each(ctx, "SELECT no, cipher FROM party WHERE cipher IS NOT NULL AND no > ? ORDER BY no LIMIT 1024", []driver.Value{last}, func(r []driver.Value) error {
			no := partyNo(r[0])
			id, err := old.open(no, asBytes(r[1]))
			if err != nil {
				return err
			}
			scratch = appendIdentity(scratch[:0], id)
			rows = append(rows, row{no, fresh.identOf(scratch), fresh.seal(no, scratch)})
			last = int64(no)
			return nil
		})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			if err := s.exec(calm, "UPDATE party SET ident = ?, cipher = ? WHERE no = ?", r.ident[:], r.sealed, int64(r.no)); err != nil {
				return err
			}
		}
		done += len(rows)
		if c.progress != nil {
			c.progress(done, int(of))
		}
		if err := ctx.Err(); err != nil {
			return storeError("encrypt", err)
		}
	}
	if err := s.exec(calm, identIndex.make); err != nil {
		return err
	}
	return s.exec(calm, "UPDATE meta SET value = ? WHERE name = 'key check'", fresh.check[:])
}

// keepOld keeps the old key under a name of its own: backups need it.
func (c *keyChange) keepOld(context.Context) error {
	stem := c.keyFile + ".until-"
	kept, err := filepath.Glob(stem + "*")
	if err != nil {
		return fileError("key file", err)
	}
	for _, name := range kept { // of a change that was interrupted after this
		if had, err := LoadKey(name); err == nil && had == c.old {
			c.result.OldKeyFile = name
			return nil
		}
	}
	stem += c.at.UTC().Format("20060102T150405Z")
	for try := 1; ; try++ {
		name := stem
		if try > 1 {
			name += "-" + strconv.Itoa(try)
		}
		err := newFile(name, bytes.NewReader(keyText(c.old)))
		if fullmakt.ErrorCode(err) == fullmakt.CodeConflict && try < 100 {
			continue
		}
		c.result.OldKeyFile = name
		return err
	}
}

// swap puts the new key file in the place of the old one.
func (c *keyChange) swap(context.Context) error {
	err := os.Rename(c.newFile(), c.keyFile)
	if errors.Is(err, fs.ErrNotExist) { // another change of key swapped them
		if now, loadErr := LoadKey(c.keyFile); loadErr == nil && now == c.fresh {
			return nil
		}
	}
	if err != nil {
		return fileError("key file", err)
	}
	return syncFile(filepath.Dir(c.keyFile))
}

// KeyStands returns an error with code CodeForbidden when the store has another
// key by now than this DB was opened with.
func (db *DB) KeyStands(ctx context.Context) error {
	return db.read(ctx, func(s *session) error { return db.keyStands(ctx, s) })
}

func (db *DB) keyStands(ctx context.Context, s *session) error {
	check, err := s.one(ctx, "SELECT value FROM meta WHERE name = 'key check'")
	if err == nil && (check == nil || !bytes.Equal(asBytes(check[0]), db.secrets.check[:])) {
		err = fullmakt.Errorf(fullmakt.CodeForbidden, "the store's key was changed while this process had it open").WithHint("start this process again, with the new key")
	}
	return err
}
