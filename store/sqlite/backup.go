package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/fullmakt/fullmakt"
)

// Backup writes a whole copy of the store, at one revision, to a file that does
// not exist yet, while others read and write the store, and returns the copy's
// revision. Only its owner may read the file. Identities in it are as encrypted
// as in the store, and the key is not in it. A copy that could not be finished
// is removed again.
//
// The error has code CodeConflict when the file exists, and CodeInvalid for a
// store in memory.
func (db *DB) Backup(ctx context.Context, file string) (rev Revision, err error) {
	if db.inMemory() {
		return rev, fullmakt.Errorf(fullmakt.CodeInvalid, "a store in memory has no backup")
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return rev, fullmakt.Errorf(fullmakt.CodeConflict, "backup %s: %w", file, fs.ErrExist).WithHint("name a file that does not exist yet")
	}
	part := file + ".part"
	// Made here first, so that the rights are right from the first byte on.
	if err := newFile(part, nil); err != nil {
		return rev, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	if err := db.copyInto(ctx, part); err != nil {
		return rev, err
	}
	if rev, err = revisionInFile(ctx, part); err != nil {
		return rev, err
	}
	if err := syncFile(part); err != nil {
		return rev, err
	}
	if err := os.Rename(part, file); err != nil {
		return rev, fileError("backup", err)
	}
	return rev, syncFile(filepath.Dir(file))
}

// copyInto has SQLite write what the store holds, without gaps, to an empty file.
func (db *DB) copyInto(ctx context.Context, file string) error {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(db.path), RawQuery: url.Values{"_pragma": {waitForLock}}.Encode()}
	pool, err := sql.Open("sqlite", u.String())
	if err != nil {
		return storeError("back up", err)
	}
	_, err = pool.ExecContext(ctx, "VACUUM INTO ?", file)
	return storeError("back up", errors.Join(err, pool.Close()))
}

// revisionInFile reads the head of a store's file that nobody writes to. The
// error has code CodeInvalid when the file is not a store's.
func revisionInFile(ctx context.Context, file string) (rev Revision, err error) {
	file, err = filepath.Abs(file)
	if err != nil {
		return rev, fileError("read", err)
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(file), RawQuery: "mode=ro&immutable=1"}
	pool, err := sql.Open("sqlite", u.String())
	if err != nil {
		return rev, storeError("read", err)
	}
	defer pool.Close()
	s, err := newSession(ctx, pool)
	if err != nil {
		return rev, err
	}
	defer s.close()
	keyed, err := s.integer(ctx, "SELECT count(*) FROM sqlite_schema WHERE name IN ('meta', 'revision', 'party')")
	if err == nil && keyed == 3 {
		keyed, err = s.integer(ctx, "SELECT count(*) FROM meta WHERE name = 'key check'")
	} else {
		keyed = 0
	}
	if err != nil {
		return rev, err
	}
	if keyed == 0 {
		return rev, fullmakt.Errorf(fullmakt.CodeInvalid, "%s is not a store's file", file)
	}
	return s.head(ctx)
}

// sqliteMagic begins every file of SQLite's.
const sqliteMagic = "SQLite format 3\x00"

// Restore makes a store at path, where there is nothing yet, from a file that
// Backup wrote, and returns its revision. The copy is opened with the key and
// checked whole, as Check does, before it gets its name; a copy that does not
// hold is removed again. The backup itself is only read. progress may be nil.
//
// The error has code CodeConflict when there is something at path, CodeInvalid
// when the file is no backup, CodeForbidden for a key that is not the store's,
// and CodeUnavailable when the check found something.
func Restore(ctx context.Context, file, path string, key Key, progress func(step string, done, of int)) (rev Revision, err error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return rev, fullmakt.Errorf(fullmakt.CodeConflict, "restore to %s: %w", path, fs.ErrExist).WithHint("restore to a directory that is new or empty")
	}
	part := path + ".part"
	if err := copyBackup(ctx, file, part); err != nil {
		return rev, err
	}
	defer func() {
		if err != nil {
			for _, end := range []string{"", "-wal", "-shm"} {
				_ = os.Remove(part + end)
			}
		}
	}()
	// Opening a file that is not a store would make it one.
	if _, err := revisionInFile(ctx, part); err != nil {
		return rev, notBackup(file, err)
	}
	if rev, err = checkCopy(ctx, part, key, progress); err != nil {
		return rev, err
	}
	if info, err := os.Stat(part + "-wal"); err == nil && info.Size() > 0 {
		return rev, fullmakt.Errorf(fullmakt.CodeUnavailable, "restore: something else has opened the copy")
	}
	if err := syncFile(part); err != nil {
		return rev, err
	}
	if err := os.Rename(part, path); err != nil {
		return rev, fileError("restore", err)
	}
	return rev, syncFile(filepath.Dir(path))
}

// copyBackup copies a backup to a new file.
func copyBackup(ctx context.Context, file, to string) error {
	// A file with a log beside it is a store's own, not a whole copy.
	if info, err := os.Stat(file + "-wal"); err == nil && info.Size() > 0 {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s is the file of a store in use, and holds only a part of it", file).
			WithHint("copy a store with: fullmakt --data DIR backup FILE")
	}
	from, err := os.Open(file)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "backup: %w", err)
	}
	defer from.Close()
	head := make([]byte, len(sqliteMagic))
	if _, err := io.ReadFull(from, head); err != nil || !bytes.Equal(head, []byte(sqliteMagic)) {
		return notBackup(file, err)
	}
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return fileError("backup", err)
	}
	return newFile(to, &untilDone{ctx, from})
}

func notBackup(file string, err error) error {
	if fullmakt.ErrorCode(err) == fullmakt.CodeUnavailable && !isDamage(err) {
		return err
	}
	return fullmakt.Errorf(fullmakt.CodeInvalid, "%s is not a backup of a store", file).WithHint("fullmakt backup writes one")
}

// checkCopy opens a copy, brings its tables up to date, and checks all of it.
func checkCopy(ctx context.Context, path string, key Key, progress func(step string, done, of int)) (rev Revision, err error) {
	db, err := Open(ctx, path, key)
	if err != nil {
		return rev, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	findings, err := db.Check(ctx, progress)
	if err != nil {
		return rev, err
	}
	if len(findings) > 0 {
		return rev, fullmakt.Errorf(fullmakt.CodeUnavailable, "the backup is not sound: %s", findings[0].What).WithHint("restore an earlier backup")
	}
	return db.Head(ctx)
}

// untilDone reads until its context ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u *untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// newFile makes a file that only its owner may read, with what from gives (nil
// for nothing), and forces it to disk. A file that cannot be finished is removed.
func newFile(path string, from io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fullmakt.Errorf(fullmakt.CodeConflict, "%s: %w", path, fs.ErrExist).
			WithHint("something else is writing it now, or was interrupted and left it behind: then remove it")
	}
	if err != nil {
		return fileError("write", err)
	}
	if from != nil {
		_, err = io.Copy(f, from)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(path)
		return fileError("write", err)
	}
	return nil
}

// syncFile forces a file, or the names in a directory, to disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fileError("sync", err)
	}
	return fileError("sync", errors.Join(f.Sync(), f.Close()))
}

func fileError(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fullmakt.Errorf(fullmakt.CodeUnavailable, "%s: %w", doing, err).WithHint("the folder must exist and be writable for this user, with room on the disk")
}
