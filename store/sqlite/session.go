package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/fullmakt/fullmakt"
	driversqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const doctorHint = "run 'fullmakt doctor' on the store; restore a backup if it reports damage"

// session is one connection with its prepared statements. It speaks to the
// driver without database/sql between, which costs as much again per row. The
// sql.Conn is kept until the session closes, so that the driver's connection is
// the session's alone; it is not used within Conn.Raw, since that closes the
// connection when a consumer of rows panics.
type session struct {
	conn  *sql.Conn
	raw   driver.Conn
	stmts map[string]*statement
}

type statement struct {
	stmt driver.Stmt
	args []driver.NamedValue
	row  []driver.Value
	busy bool // its rows are being read
}

func newSession(ctx context.Context, pool *sql.DB) (*session, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, storeError("open", err)
	}
	s := &session{conn: conn, stmts: map[string]*statement{}}
	err = conn.Raw(func(raw any) error {
		s.raw = raw.(driver.Conn)
		return nil
	})
	if err != nil {
		return nil, storeError("open", errors.Join(err, conn.Close()))
	}
	return s, nil
}

func (s *session) close() error {
	for _, st := range s.stmts {
		_ = st.stmt.Close()
	}
	return s.conn.Close()
}

func (s *session) prepare(query string) (*statement, error) {
	st := s.stmts[query]
	if st != nil && !st.busy {
		return st, nil
	}
	stmt, err := s.raw.Prepare(query)
	if err != nil {
		return nil, storeError("prepare", err)
	}
	fresh := &statement{stmt: stmt}
	if st == nil {
		s.stmts[query] = fresh
	}
	return fresh, nil
}

// release closes a statement that prepare made beside a busy one of the same text.
func (s *session) release(query string, st *statement) {
	if s.stmts[query] != st {
		_ = st.stmt.Close()
	}
}

func (st *statement) bind(args []driver.Value) []driver.NamedValue {
	st.args = st.args[:0]
	for i, a := range args {
		st.args = append(st.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return st.args
}

// exec runs a statement that returns no rows.
func (s *session) exec(ctx context.Context, query string, args ...driver.Value) error {
	st, err := s.prepare(query)
	if err != nil {
		return err
	}
	defer s.release(query, st)
	if _, err := st.stmt.(driver.StmtExecContext).ExecContext(ctx, st.bind(args)); err != nil {
		return storeError("write", err)
	}
	return nil
}

// errStop, returned by the function that each calls, ends the reading without error.
var errStop = errors.New("stop")

// each calls f with every row of a query. The row is only valid during the call.
func (s *session) each(ctx context.Context, query string, args []driver.Value, f func(row []driver.Value) error) error {
	st, err := s.prepare(query)
	if err != nil {
		return err
	}
	defer s.release(query, st)
	// A context that can end costs a goroutine for each statement and a wrapper
	// for each row; looking at it now and then is enough.
	rows, err := st.stmt.(driver.StmtQueryContext).QueryContext(context.WithoutCancel(ctx), st.bind(args))
	if err != nil {
		return storeError("read", err)
	}
	st.busy = true
	defer func() { st.busy = false; _ = rows.Close() }()
	if st.row == nil {
		st.row = make([]driver.Value, len(rows.Columns()))
	}
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return storeError("read", ctx.Err())
		}
		switch err := rows.Next(st.row); {
		case err == io.EOF:
			return nil
		case err != nil:
			return storeError("read", err)
		}
		if err := f(st.row); err == errStop {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// one reads the single row of a query into a copy, or returns nil when there is none.
func (s *session) one(ctx context.Context, query string, args ...driver.Value) (row []driver.Value, err error) {
	err = s.each(ctx, query, args, func(r []driver.Value) error {
		row = append([]driver.Value(nil), r...)
		return errStop
	})
	return row, err
}

// integer returns the first column of a query's single row, or 0 when it has none.
func (s *session) integer(ctx context.Context, query string, args ...driver.Value) (int64, error) {
	row, err := s.one(ctx, query, args...)
	if err != nil || row == nil {
		return 0, err
	}
	return asInt(row[0]), nil
}

func asInt(v driver.Value) int64 { n, _ := v.(int64); return n }

func asString(v driver.Value) string { s, _ := v.(string); return s }

func asBytes(v driver.Value) []byte { b, _ := v.([]byte); return b }

// begin opens a transaction and returns the function that ends it: with commit,
// or, when that was not done or failed, rolled back.
func (s *session) begin(ctx context.Context, how string) (end func(commit bool) error, err error) {
	if err := s.exec(ctx, "BEGIN "+how); err != nil {
		return nil, err
	}
	return func(commit bool) error {
		whole := context.WithoutCancel(ctx)
		var err error
		if commit {
			if err = s.exec(whole, "COMMIT"); err == nil {
				return nil
			}
		}
		if rollback := s.exec(whole, "ROLLBACK"); err == nil && !strings.Contains(errorText(rollback), "no transaction") {
			err = rollback
		}
		return err
	}, nil
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// storeError gives a driver's error its code and hint. What it wraps holds no
// values of the store.
func storeError(doing string, err error) error {
	if err == nil {
		return nil
	}
	var known *fullmakt.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "store: %s: %w", doing, err)
	}
	var e *driversqlite.Error
	if !errors.As(err, &e) {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "store: %s: %w", doing, err)
	}
	fail := func(code fullmakt.Code, hint string) error {
		return fullmakt.Errorf(code, "store: %s: %w", doing, err).WithHint("%s", hint)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fail(fullmakt.CodeUnavailable, "another process is writing to the store, such as an import; try again when it is done")
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fail(fullmakt.CodeUnavailable, doctorHint)
	case sqlite3.SQLITE_FULL:
		return fail(fullmakt.CodeUnavailable, "the disk is full; the store is as it was before")
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR:
		return fail(fullmakt.CodeUnavailable, "the store's folder must exist and be writable for this user, and be on a local disk")
	case sqlite3.SQLITE_INTERRUPT:
		return fail(fullmakt.CodeUnavailable, "the work was interrupted; the store is as it was before")
	}
	return fullmakt.Errorf(fullmakt.CodeInternal, "store: %s: %w", doing, err)
}

// isConstraint reports whether a uniqueness or other constraint stopped a write.
func isConstraint(err error) bool {
	var e *driversqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
}

// isDamage reports whether SQLite found that the file is not as it should be.
func isDamage(err error) bool {
	var e *driversqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB)
}

// readers is a pool of reading sessions. It grows on demand, so that a reading
// inside a reading never waits for itself, and keeps a few.
type readers struct {
	mu   sync.Mutex
	idle []*session
}

const idleReaders = 8

func (r *readers) take(ctx context.Context, pool *sql.DB) (*session, error) {
	r.mu.Lock()
	if n := len(r.idle); n > 0 {
		s := r.idle[n-1]
		r.idle = r.idle[:n-1]
		r.mu.Unlock()
		return s, nil
	}
	r.mu.Unlock()
	return newSession(ctx, pool)
}

func (r *readers) put(s *session, healthy bool) {
	r.mu.Lock()
	if healthy && len(r.idle) < idleReaders {
		r.idle = append(r.idle, s)
		s = nil
	}
	r.mu.Unlock()
	if s != nil {
		_ = s.close()
	}
}

func (r *readers) close() error {
	r.mu.Lock()
	idle := r.idle
	r.idle = nil
	r.mu.Unlock()
	var errs []error
	for _, s := range idle {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}
