package sqlite

import "context"

// Finding is one thing that Check found wrong.
type Finding struct {
	What string // a sentence that names the table and the numbers
	Hint string // what to do about it
}

// Check reads the whole store; progress (may be nil) is called as each step begins.
func (db *DB) Check(ctx context.Context, progress func(step string, done, of int)) ([]Finding, error) {
	return nil, nil
}
