package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

type backupCmd struct {
	File string `arg:"" help:"The file to write; it must not exist."`
}

// Help is shown by backup --help.
func (backupCmd) Help() string {
	return `Copies the store, at one revision, to one file, while others read and write it. The key is not in the copy: without it the copy cannot be restored, so keep the key too, but elsewhere.

Example:
  fullmakt --data register backup register-2026-03-03.db`
}

// wireCopy is the JSON of backup and restore.
type wireCopy struct {
	Revision fullmakt.Seq `json:"revision"`
	At       string       `json:"at"`
	File     string       `json:"file,omitempty"`
	Bytes    int64        `json:"bytes,omitempty"`
	Data     string       `json:"data,omitempty"`
}

// Run copies the store.
func (c *backupCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	dir, err := a.storeDir()
	if err != nil {
		return err
	}
	n, err := a.openStore(dir, false)
	if err != nil {
		return err
	}
	defer n.Close()
	bar := a.progress()
	bar.show("copy", 0, 0, 0)
	rev, err := n.Store().Backup(a.ctx, c.File)
	bar.end()
	if err != nil {
		return err
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "backup: %w", err)
	}
	if a.globals.wantsJSON() {
		return a.printJSON(wireCopy{Revision: rev.Seq, At: rev.At.Format(time.RFC3339), File: c.File, Bytes: info.Size()})
	}
	a.printf("%s  revision %d in %s, %d bytes\n", a.paint(green, "✔ COPIED"), rev.Seq, c.File, info.Size())
	a.say("The key is not in it. Keep %s too, apart from the copy.", a.keyFile(dir))
	return nil
}

type restoreCmd struct {
	File string `arg:"" help:"The file that backup wrote."`
}

// Help is shown by restore --help.
func (restoreCmd) Help() string {
	return `Makes a store from a backup, in a directory that is new or empty. The copy is opened with the key and checked whole before it becomes the store. Nothing that exists is replaced or removed.

Example:
  fullmakt --data restored --key-file register.key restore register-2026-03-03.db`
}

// Run makes the store.
func (c *restoreCmd) Run(a *app) (err error) {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	dir, err := a.storeDir()
	if err != nil {
		return err
	}
	keyFile := a.keyFile(dir)
	key, err := sqlite.LoadKey(keyFile)
	if err != nil {
		return fullmakt.Errorf(fullmakt.ErrorCode(err), "%w", err).WithHint("name the key that the store had when the backup was made, with --key-file")
	}
	there, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fullmakt.Errorf(fullmakt.CodeUnavailable, "make the store's directory: %w", err)
		}
		defer func() {
			if err != nil {
				_ = os.Remove(dir) // made here, and empty
			}
		}()
	case err != nil:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "restore: %w", err)
	case len(there) > 0:
		return fullmakt.Errorf(fullmakt.CodeConflict, "restore: %s is not empty", dir).WithHint("name a directory that is new or empty")
	}
	bar := a.progress()
	bar.show("copy", 0, 0, 0)
	rev, err := sqlite.Restore(a.ctx, c.File, filepath.Join(dir, node.StoreFile), key,
		func(step string, done, of int) { bar.show(step, int64(done), int64(of), 0) })
	bar.end()
	if err != nil {
		return err
	}
	if a.globals.wantsJSON() {
		return a.printJSON(wireCopy{Revision: rev.Seq, At: rev.At.Format(time.RFC3339), Data: dir})
	}
	a.printf("%s  revision %d in %s, checked and sound\n", a.paint(green, "✔ RESTORED"), rev.Seq, dir)
	return nil
}

// storeDir returns the directory of the store that a command works on as files.
func (a *app) storeDir() (string, error) {
	if a.globals.Demo || a.globals.World != "" {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "the demo register and world files have no store").WithHint("name a store with --data DIR")
	}
	dir := a.dataDir()
	if dir == "" {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "this command needs a store").WithHint("name its directory with --data DIR")
	}
	return filepath.Clean(dir), nil
}
