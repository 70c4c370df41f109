//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package audit

import (
	"errors"
	"os"
	"path/filepath"
)

// lock takes a log for this process. Where a file that is open cannot be removed,
// as on Windows, that it can be removed shows that whoever made it has ended.
func lock(dir string) (unlock func(), err error) {
	path := filepath.Join(dir, "lock")
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errLocked(dir)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, unwritable(err)
	}
	return func() { f.Close() }, nil
}
