//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package node

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/fullmakt/fullmakt"
)

// lockStaging takes a staging directory for one import. Where a file that is
// open cannot be removed, as on Windows, that it can be removed shows that
// whoever made it has ended.
func lockStaging(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, stagingError(err)
	}
	path := filepath.Join(dir, "lock")
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fullmakt.Errorf(fullmakt.CodeConflict, "another import is under way in %s", dir).
			WithHint("wait until it has ended; this one would only repeat its work")
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, stagingError(err)
	}
	return func() { f.Close() }, nil
}
