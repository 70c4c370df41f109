package sqlite

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"io/fs"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// DB is an open store. Its methods may be called from several goroutines.
type DB struct {
	*connections
	secrets  *secrets
	uuidSeed [8]byte
	codes    codes
}

// Open opens the store in the file at path, making it when it does not exist,
// and brings its tables up to date. A store opens only with the key that it was
// made with: with another, the error has code CodeForbidden.
func Open(ctx context.Context, path string, key Key) (*DB, error) {
	c, err := connect(path)
	if err != nil {
		return nil, err
	}
	return (&DB{connections: c}).start(ctx, key)
}

// OpenMemory makes an empty store in memory, with a key of its own. It is gone
// when closed. Readings of it are collected whole before they are handed out.
func OpenMemory(ctx context.Context) (*DB, error) {
	c, err := connectMemory()
	if err != nil {
		return nil, err
	}
	return (&DB{connections: c}).start(ctx, newKey())
}

func (db *DB) start(ctx context.Context, key Key) (*DB, error) {
	fail := func(err error) (*DB, error) { return nil, errors.Join(err, db.Close()) }
	var err error
	if db.secrets, err = newSecrets(key); err != nil {
		return fail(err)
	}
	if err := db.migrate(ctx); err != nil {
		return fail(err)
	}
	if err := db.startWriting(ctx); err != nil {
		return fail(err)
	}
	if err := db.checkKey(ctx); err != nil {
		return fail(err)
	}
	return db, nil
}

// Close closes the store. Readings and writings must have ended.
func (db *DB) Close() error { return db.connections.close() }

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
