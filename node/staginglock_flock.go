//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package node

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/fullmakt/fullmakt"
)

// lockStaging takes a staging directory for one import. The lock goes with the
// process, however that ends.
func lockStaging(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, stagingError(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, stagingError(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fullmakt.Errorf(fullmakt.CodeConflict, "another import is under way in %s", dir).
			WithHint("wait until it has ended; this one would only repeat its work")
	}
	return func() { f.Close() }, nil
}
