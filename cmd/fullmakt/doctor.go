package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/fullmakt/fullmakt"
)

type doctorCmd struct{}

// Help is shown by doctor --help.
func (doctorCmd) Help() string {
	return `Reads the whole store, the snapshot file and the key file, changes nothing, and says for everything it finds what to do. Exit status 0 when all is well, else 1.

Example:
  fullmakt --data register doctor`
}

// wireFinding is one thing that is not as it should be, and what to do about it.
type wireFinding struct {
	What string `json:"what"`
	Hint string `json:"hint,omitempty"`
}

type wireDoctor struct {
	OK       bool          `json:"ok"`
	Revision fullmakt.Seq  `json:"revision"`
	Findings []wireFinding `json:"findings"`
}

// Run checks everything.
func (doctorCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	n, err := a.open()
	if err != nil {
		return err
	}
	defer n.Close()
	register, err := n.Register(a.ctx)
	if err != nil {
		return err
	}
	bar := a.progress()
	found, err := n.Store().Check(a.ctx, func(step string, done, of int) { bar.show(step, int64(done), int64(of), 0) })
	bar.end()
	if err != nil {
		return err
	}
	result := wireDoctor{Revision: register.Revision, Findings: []wireFinding{}}
	for _, f := range found {
		result.Findings = append(result.Findings, wireFinding(f))
	}
	bar.show("snapshot file", 0, 0, 0)
	err = n.CheckSnapshotFile(a.ctx)
	bar.end()
	switch {
	case errors.Is(err, a.ctx.Err()) && err != nil:
		return err
	case err != nil:
		hint := fullmakt.ErrorHint(err)
		if hint == "" {
			hint = "remove the file; it is made anew from the store"
		}
		result.Findings = append(result.Findings, wireFinding{"snapshot file: " + err.Error(), hint})
	}
	if register.Stale != "" {
		result.Findings = append(result.Findings, wireFinding{"the register is out of date: " + register.Stale, "import what is missing"})
	}
	if dir := a.dataDir(); dir != "" {
		result.Findings = append(result.Findings, a.checkFiles(dir)...)
	}
	result.OK = len(result.Findings) == 0
	if err := a.printDoctor(result); err != nil {
		return err
	}
	if !result.OK {
		return status(exitNo)
	}
	return nil
}

// checkFiles looks at what lies around the store.
func (a *app) checkFiles(dir string) (found []wireFinding) {
	key := a.keyFile(dir)
	if info, err := os.Stat(key); err == nil && info.Mode().Perm()&0o077 != 0 {
		found = append(found, wireFinding{
			"others may read the key file " + key, "chmod 600 " + quoted(key),
		})
	}
	if inside(dir, key) {
		found = append(found, wireFinding{
			"the key file lies in the store's directory, so backups of the store hold it too", "move " + key + " elsewhere and name it with --key-file",
		})
	}
	staging := filepath.Join(dir, "staging")
	entries, err := os.ReadDir(staging)
	// The lock file stays when an import is done.
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "lock" })
	if len(entries) > 0 {
		found = append(found, wireFinding{
			"an import was interrupted or refused: what it read lies in " + staging, "give the same import command again, or remove the directory",
		})
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		found = append(found, wireFinding{"staging directory: " + err.Error(), "see that this user may read it"})
	}
	return found
}

// inside reports whether file lies in dir.
func inside(dir, file string) bool {
	relative, err := filepath.Rel(dir, file)
	return err == nil && filepath.IsLocal(relative)
}

func (a *app) printDoctor(result wireDoctor) error {
	if a.globals.wantsJSON() {
		return a.printJSON(result)
	}
	if result.OK {
		a.printf("%s  all is well at revision %d\n", a.paint(green, "✔ OK"), result.Revision)
		return nil
	}
	for _, f := range result.Findings {
		a.printf("%s  %s\n", a.paint(red, "✖ FOUND"), f.What)
		if f.Hint != "" {
			a.printf("   do: %s\n", f.Hint)
		}
	}
	return nil
}
