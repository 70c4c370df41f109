package sqlite

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// DB is an open store. Its methods may be called from several goroutines.
type DB struct {
	path     string // "" in memory
	secrets  *secrets
	uuidSeed [8]byte

	pool     *sql.DB       // one connection, which writes; in memory the only one
	readPool *sql.DB       // nil in memory
	writing  chan *session // holds the writing session while nobody uses it
	readers  readers
	codes    codes
}

const (
	waitForLock = "busy_timeout(10000)"
	// Erased identities are overwritten, not only unlinked (rule LIFE-2).
	secureDelete = "secure_delete(1)"
)

// Open opens the store in the file at path, making it when it does not exist,
// and brings its tables up to date. A store opens only with the key that it was
// made with: with another, the error has code CodeForbidden.
func Open(ctx context.Context, path string, key Key) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "store path: %w", err)
	}
	// SQLite gives the log files the rights of the main file, so making that one
	// first keeps all of them to their owner.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "open store: %w", err).
			WithHint("the store's folder must exist and be writable for this user")
	}
	if err := f.Close(); err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "open store: %w", err)
	}
	name := func(lock string, pragmas ...string) string {
		u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{
			"_pragma": append(pragmas, waitForLock), "_txlock": {lock},
		}.Encode()}
		return u.String()
	}
	db := &DB{path: path}
	db.pool, err = sql.Open("sqlite", name("immediate",
		"journal_mode(wal)", "synchronous(normal)", "cache_size(-65536)", "temp_store(memory)",
		"journal_size_limit(67108864)", secureDelete))
	if err != nil {
		return nil, storeError("open", err)
	}
	db.readPool, err = sql.Open("sqlite", name("deferred", "query_only(1)", "cache_size(-16384)"))
	if err != nil {
		return nil, errors.Join(storeError("open", err), db.pool.Close())
	}
	db.readPool.SetMaxIdleConns(idleReaders)
	return db.start(ctx, key)
}

// OpenMemory makes an empty store in memory, with a key of its own. It is gone
// when closed. Readings of it are collected whole before they are handed out.
func OpenMemory(ctx context.Context) (*DB, error) {
	pool, err := sql.Open("sqlite", "file::memory:?_pragma=temp_store(memory)&_txlock=immediate")
	if err != nil {
		return nil, storeError("open", err)
	}
	return (&DB{pool: pool}).start(ctx, newKey())
}

func (db *DB) inMemory() bool { return db.readPool == nil }

func (db *DB) start(ctx context.Context, key Key) (*DB, error) {
	db.pool.SetMaxOpenConns(1)
	db.pool.SetMaxIdleConns(1)
	db.writing = make(chan *session, 1)
	fail := func(err error) (*DB, error) { return nil, errors.Join(err, db.Close()) }
	var err error
	if db.secrets, err = newSecrets(key); err != nil {
		return fail(err)
	}
	if err := db.migrate(ctx); err != nil {
		return fail(err)
	}
	s, err := newSession(ctx, db.pool)
	if err != nil {
		return fail(err)
	}
	db.writing <- s
	if err := db.checkKey(ctx); err != nil {
		return fail(err)
	}
	return db, nil
}

// Close closes the store. Readings and writings must have ended.
func (db *DB) Close() error {
	errs := []error{db.readers.close()}
	if db.readPool != nil {
		errs = append(errs, db.readPool.Close())
	}
	select {
	case s := <-db.writing:
		errs = append(errs, s.close())
	default:
	}
	return storeError("close", errors.Join(append(errs, db.pool.Close())...))
}

// migrate brings the tables up to date. Two processes that open a new store at
// the same time may get in each other's way; the one that comes second finds
// the work done when it looks again.
func (db *DB) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db.pool, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "migrations: %w", err)
	}
	for try := 0; ; try++ {
		if err = db.migrateOnce(ctx, provider); err == nil || try == 20 || ctx.Err() != nil {
			return storeError("bring the tables up to date", err)
		}
		var known *fullmakt.Error
		if errors.As(err, &known) {
			return err
		}
		timer := time.NewTimer(time.Duration(try+1) * 5 * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

func (db *DB) migrateOnce(ctx context.Context, provider *goose.Provider) error {
	latest := provider.ListSources()[len(provider.ListSources())-1].Version
	var tables, version int64
	err := db.pool.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'").Scan(&tables)
	if err == nil && tables > 0 {
		err = db.pool.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&version)
	}
	switch {
	case err != nil:
		return storeError("open", err)
	case version > latest:
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "the store was written by a newer fullmakt (tables version %d, known %d)", version, latest).
			WithHint("use the newer program, or a store of its own")
	case version == latest:
		return nil
	}
	_, err = provider.Up(ctx)
	return err
}

// checkKey compares the key with the one the store was made with, or sets it in
// a new store.
func (db *DB) checkKey(ctx context.Context) error {
	return db.write(ctx, func(s *session) (bool, error) {
		check, err := s.one(ctx, "SELECT value FROM meta WHERE name = 'key check'")
		if err != nil {
			return false, err
		}
		made := check == nil
		if made {
			rand.Read(db.uuidSeed[:]) // never fails
			if err := s.exec(ctx, "INSERT INTO meta VALUES ('key check', ?), ('uuid seed', ?)", db.secrets.check[:], db.uuidSeed[:]); err != nil {
				return false, err
			}
			return true, nil
		}
		if !bytes.Equal(asBytes(check[0]), db.secrets.check[:]) {
			return false, fullmakt.Errorf(fullmakt.CodeForbidden, "this key does not open the store").
				WithHint("name the key file that the store was made with, with --key-file")
		}
		seed, err := s.one(ctx, "SELECT value FROM meta WHERE name = 'uuid seed'")
		if err == nil && seed != nil {
			copy(db.uuidSeed[:], asBytes(seed[0]))
		}
		return false, err
	})
}

// write runs f in a writing transaction, which is kept when f returns true.
func (db *DB) write(ctx context.Context, f func(*session) (keep bool, err error)) (err error) {
	var s *session
	select {
	case s = <-db.writing:
	case <-ctx.Done():
		return storeError("wait to write", ctx.Err())
	}
	defer func() { db.writing <- s }()
	end, err := s.begin(ctx, "IMMEDIATE")
	if err != nil {
		return err
	}
	ended := false
	defer func() { // f may panic, or leave by runtime.Goexit as t.Fatal does
		if !ended {
			_ = end(false)
		}
	}()
	keep, err := f(s)
	ended = true
	if err != nil {
		_ = end(false)
		return err
	}
	return end(keep)
}

// read runs f in a reading transaction: all of it sees one revision. In memory
// it waits for the one connection there is, so that f must not call back into
// the store.
func (db *DB) read(ctx context.Context, f func(*session) error) (err error) {
	var s *session
	if db.inMemory() {
		select {
		case s = <-db.writing:
		case <-ctx.Done():
			return storeError("wait to read", ctx.Err())
		}
		defer func() { db.writing <- s }()
	} else {
		if s, err = db.readers.take(ctx, db.readPool); err != nil {
			return err
		}
		healthy := false
		defer func() { db.readers.put(s, healthy) }()
		defer func() { healthy = err == nil || fullmakt.ErrorCode(err) != fullmakt.CodeUnavailable }()
	}
	end, err := s.begin(ctx, "DEFERRED")
	if err != nil {
		return err
	}
	ended := false
	defer func() {
		if !ended {
			_ = end(false)
		}
	}()
	err = f(s)
	ended = true
	if endErr := end(false); err == nil {
		err = endErr
	}
	return err
}

// checkpoint moves the write-ahead log into the main file and empties it, as far
// as readers allow. Its failure costs disk space only.
func (db *DB) checkpoint(ctx context.Context) {
	if db.inMemory() {
		return
	}
	var s *session
	select {
	case s = <-db.writing:
	case <-ctx.Done():
		return
	}
	defer func() { db.writing <- s }()
	// Not waiting for readers: they may last.
	_ = s.exec(ctx, "PRAGMA busy_timeout = 0")
	_ = s.exec(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	_ = s.exec(ctx, "PRAGMA busy_timeout = 10000")
}
