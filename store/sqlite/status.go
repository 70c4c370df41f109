package sqlite

import (
	"context"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Feeds returns where each register feed stands at the head, ordered by name.
func (db *DB) Feeds(ctx context.Context) (feeds []fullmakt.Feed, err error) {
	err = db.read(ctx, func(s *session) error {
		return s.each(ctx, feedFact.selected()+" WHERE to_seq IS NULL ORDER BY name", nil, func(row []value) error {
			feeds = append(feeds, feedFact.change(row).(fullmakt.Feed))
			return nil
		})
	})
	return feeds, err
}

// Fed returns the revision that last moved a register feed; ok is false when none
// ever did.
func (db *DB) Fed(ctx context.Context) (rev Revision, ok bool, err error) {
	err = db.read(ctx, func(s *session) error {
		row, err := s.one(ctx, "SELECT "+revisionColumns+" WHERE seq = (SELECT max(from_seq) FROM feed_version WHERE to_seq IS NULL)")
		rev, ok = revisionOf(row), row != nil
		return err
	})
	return rev, ok, err
}

// Began returns when the first revision was made, the zero time in an empty
// store. Nothing is known of earlier times (rule TIME-1).
func (db *DB) Began(ctx context.Context) (at time.Time, err error) {
	err = db.read(ctx, func(s *session) error {
		row, err := s.one(ctx, "SELECT "+revisionColumns+" ORDER BY seq LIMIT 1")
		if row != nil {
			at = revisionOf(row).At
		}
		return err
	})
	return at, err
}
