package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"

	"github.com/fullmakt/fullmakt"
)

// connections are those to one SQLite file: one that writes, and as many that
// read as there are readings. A database in memory has a single one for both.
type connections struct {
	path     string        // "" in memory
	pool     *sql.DB       // one connection, which writes; in memory the only one
	readPool *sql.DB       // nil in memory
	writing  chan *session // holds the writing session while nobody uses it
	readers  readers
}

const (
	waitForLock = "busy_timeout(10000)"
	// Erased identities are overwritten, not only unlinked (rule LIFE-2).
	secureDelete = "secure_delete(1)"
)

// connect makes the file at path when it does not exist, and the pools for it.
func connect(path string) (*connections, error) {
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
	c := &connections{path: path}
	c.pool, err = sql.Open("sqlite", name("immediate",
		"journal_mode(wal)", "synchronous(normal)", "cache_size(-65536)", "temp_store(memory)",
		"journal_size_limit(67108864)", secureDelete))
	if err != nil {
		return nil, storeError("open", err)
	}
	c.readPool, err = sql.Open("sqlite", name("deferred", "query_only(1)", "cache_size(-16384)"))
	if err != nil {
		return nil, errors.Join(storeError("open", err), c.pool.Close())
	}
	c.readPool.SetMaxIdleConns(idleReaders)
	c.alone()
	return c, nil
}

// connectMemory makes an empty database in memory.
func connectMemory() (*connections, error) {
	pool, err := sql.Open("sqlite", "file::memory:?_pragma=temp_store(memory)&_txlock=immediate")
	if err != nil {
		return nil, storeError("open", err)
	}
	c := &connections{pool: pool}
	c.alone()
	return c, nil
}

// alone keeps writing to one connection.
func (c *connections) alone() {
	c.pool.SetMaxOpenConns(1)
	c.pool.SetMaxIdleConns(1)
	c.writing = make(chan *session, 1)
}

// startWriting opens the writing session; before it, nothing is read or written
// through write and read.
func (c *connections) startWriting(ctx context.Context) error {
	s, err := newSession(ctx, c.pool)
	if err == nil {
		c.writing <- s
	}
	return err
}

func (c *connections) inMemory() bool { return c.readPool == nil }

func (c *connections) close() error {
	errs := []error{c.readers.close()}
	if c.readPool != nil {
		errs = append(errs, c.readPool.Close())
	}
	select {
	case s := <-c.writing:
		errs = append(errs, s.close())
	default:
	}
	return storeError("close", errors.Join(append(errs, c.pool.Close())...))
}

// write runs f in a writing transaction, which is kept when f returns true.
func (c *connections) write(ctx context.Context, f func(*session) (keep bool, err error)) (err error) {
	var s *session
	select {
	case s = <-c.writing:
	case <-ctx.Done():
		return storeError("wait to write", ctx.Err())
	}
	defer func() { c.writing <- s }()
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
func (c *connections) read(ctx context.Context, f func(*session) error) (err error) {
	var s *session
	if c.inMemory() {
		select {
		case s = <-c.writing:
		case <-ctx.Done():
			return storeError("wait to read", ctx.Err())
		}
		defer func() { c.writing <- s }()
	} else {
		if s, err = c.readers.take(ctx, c.readPool); err != nil {
			return err
		}
		healthy := false
		defer func() { c.readers.put(s, healthy) }()
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
func (c *connections) checkpoint(ctx context.Context) {
	if c.inMemory() {
		return
	}
	var s *session
	select {
	case s = <-c.writing:
	case <-ctx.Done():
		return
	}
	defer func() { c.writing <- s }()
	// Not waiting for readers: they may last.
	_ = s.exec(ctx, "PRAGMA busy_timeout = 0")
	_ = s.exec(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	_ = s.exec(ctx, "PRAGMA busy_timeout = 10000")
}
