package sqlite

import (
	"context"
	"database/sql/driver"
	"sync/atomic"
)

// codes is the code table in memory: the texts by number (0 is the empty text).
// The table only grows, and the list is replaced whole, never changed.
type codes struct {
	texts atomic.Pointer[[]string]
}

// current returns the texts, read again when s sees more of them.
func (c *codes) current(ctx context.Context, s *session) ([]string, error) {
	last, err := s.integer(ctx, "SELECT max(id) FROM code")
	if err != nil {
		return nil, err
	}
	if known := c.texts.Load(); known != nil && int64(len(*known)) > last {
		return *known, nil
	}
	texts := make([]string, last+1)
	err = s.each(ctx, "SELECT id, text FROM code", nil, func(row []driver.Value) error {
		texts[asInt(row[0])] = asString(row[1])
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.texts.Store(&texts)
	return texts, nil
}

// coder numbers codes during one Append. New numbers become known to the DB
// only when a later reading finds them committed.
type coder struct {
	ids   map[string]uint64
	texts []string
	fresh []string // to be inserted, in order of their numbers
}

func newCoder(texts []string) *coder {
	c := &coder{ids: make(map[string]uint64, len(texts)), texts: append([]string(nil), texts...)}
	for id, text := range texts {
		c.ids[text] = uint64(id)
	}
	return c
}

func (c *coder) id(text string) uint64 {
	id, ok := c.ids[text]
	if !ok {
		id = uint64(len(c.texts))
		c.ids[text] = id
		c.texts = append(c.texts, text)
		c.fresh = append(c.fresh, text)
	}
	return id
}

// store inserts the codes that are new.
func (c *coder) store(ctx context.Context, s *session) error {
	for i, text := range c.fresh {
		id := len(c.texts) - len(c.fresh) + i
		if err := s.exec(ctx, "INSERT INTO code VALUES (?, ?)", int64(id), text); err != nil {
			return err
		}
	}
	c.fresh = nil
	return nil
}
