package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

type keyCmd struct {
	Rotate keyRotateCmd `cmd:"" help:"Give the store a new key, and encrypt all identities anew under it."`
}

type keyRotateCmd struct{}

// Help is shown by key rotate --help.
func (keyRotateCmd) Help() string {
	return `Makes a new key, encrypts every identity in the store anew under it in one transaction, and puts the new key file in the place of the old. The old key stays beside it under the name KEY.until-TIME: backups made before need it, so keep it as long as them, and elsewhere.

It may be interrupted at any moment: the same command again finishes. Servers that have the store open must be started again; until then /readyz says that they are not ready, and they do not look up persons.

Example:
  fullmakt --data register key rotate`
}

// wireKeyChange is the JSON of key rotate.
type wireKeyChange struct {
	KeyFile    string `json:"key_file"`
	OldKeyFile string `json:"old_key_file"`
	Resumed    bool   `json:"resumed"`
}

// Run changes the key.
func (keyRotateCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	dir, err := a.storeDir()
	if err != nil {
		return err
	}
	if !hasStore(dir) {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "there is no store in %s", dir)
	}
	keyFile := a.keyFile(dir)
	bar := a.progress()
	change, err := sqlite.ChangeKey(a.ctx, filepath.Join(dir, node.StoreFile), keyFile, a.now,
		func(done, of int) { bar.show("identities", int64(done), int64(of), 0) })
	bar.end()
	if err != nil {
		return err
	}
	// What the snapshot file holds is sealed under the old key. It is made anew.
	if err := os.Remove(filepath.Join(dir, node.SnapshotFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "the snapshot file under the old key: %w", err)
	}
	if a.globals.wantsJSON() {
		return a.printJSON(wireKeyChange{keyFile, change.OldKeyFile, change.Resumed})
	}
	if change.Resumed {
		a.say("An earlier change of key was interrupted; this finished it.")
	}
	a.printf("%s  the store opens with the new key in %s\n", a.paint(green, "✔ CHANGED"), keyFile)
	a.say("Backups made before need the old key, which is now %s. Start servers of this store again.", change.OldKeyFile)
	return nil
}

// keyChangeHint explains why a store may refuse its key file: a change of key
// was interrupted between the store and the file.
func keyChangeHint(keyFile string, err error) error {
	if fullmakt.ErrorCode(err) != fullmakt.CodeForbidden {
		return err
	}
	if _, statErr := os.Stat(keyFile + sqlite.NewKeySuffix); statErr != nil {
		return err
	}
	return fullmakt.Errorf(fullmakt.CodeForbidden, "%w", err).WithHint("a change of key was interrupted: finish it with: fullmakt --data DIR key rotate")
}
