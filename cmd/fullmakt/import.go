package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

type importCmd struct {
	Files                []string `arg:"" name:"file" help:"Register files, gzip, zip or plain: enheter, underenheter, roller, or CCR batch files."`
	DryRun               bool     `help:"Read and report, store nothing. No store is needed."`
	AllowVanish          bool     `help:"Import although more of the register would vanish than --max-vanish."`
	MaxVanish            float64  `placeholder:"SHARE" help:"The share of units, or of roles, that may vanish. Default: ${max_vanish}."`
	AllowGap             bool     `help:"Import a CCR file although runs before it are missing."`
	AllowTrailerMismatch bool     `help:"Import a CCR file although its trailer counts otherwise."`
	FileDate             string   `placeholder:"DATE" help:"The day that the open-data files speak of. Default: their modification time."`
	Rejects              string   `placeholder:"FILE" help:"Where rejected records are listed. Default: rejects-TIME.jsonl in the store's directory."`
}

// Help is shown by import --help.
func (importCmd) Help() string {
	return `What a file is, is recognised by its content. All open-data files of one command become visible in one revision, so give the three of a day together. An interrupted import goes on where it stopped when the same command is given again.

Exit status 3 when some records were rejected: they are listed, with line or path and reason, and everything else is stored.

Examples:
  fullmakt --data register import enheter.json.gz underenheter.json.gz roller.json.gz
  fullmakt --data register import baj05800.txt baj05801.txt
  fullmakt import --dry-run baj05800.txt --allow-trailer-mismatch`
}

// Run imports the files and prints the report.
func (c *importCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	var fileDate time.Time
	if c.FileDate != "" {
		day, err := fullmakt.ParseDate(c.FileDate)
		if err != nil {
			return err
		}
		fileDate = day.Time(a.oslo)
	}
	if c.MaxVanish < 0 || c.MaxVanish > 1 {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--max-vanish %g: want a share from 0 to 1, such as 0.05", c.MaxVanish)
	}
	opts := node.ImportOptions{
		Files: c.Files, DryRun: c.DryRun, Now: a.now, FileDate: fileDate,
		AllowVanish: c.AllowVanish, MaxVanish: c.MaxVanish, AllowGap: c.AllowGap, AllowTrailerMismatch: c.AllowTrailerMismatch,
		RejectsFile: c.Rejects,
	}
	if err := c.exist(); err != nil {
		return err
	}
	bar := a.progress()
	var teller *node.ImportTeller // tells servers of this store
	opts.Progress = func(p node.Progress) {
		task := string(p.Phase)
		if p.Of != "" {
			task += " " + p.Of
		}
		bar.show(task, p.Done, p.Total, p.Rate())
		if teller != nil {
			teller.Progress(p)
		}
	}
	var n *node.Node
	var db *sqlite.DB
	if c.DryRun {
		if opts.RejectsFile == "" {
			opts.RejectsTo = a.errs
		}
	} else {
		if err := c.recognise(a); err != nil {
			return err
		}
		var err error
		if n, err = a.openForWriting(); err != nil {
			return err
		}
		defer n.Close()
		db = n.Store()
		dir := a.dataDir()
		opts.StagingDir = filepath.Join(dir, "staging")
		if opts.RejectsFile == "" {
			opts.RejectsFile = filepath.Join(dir, "rejects-"+a.now.UTC().Format("20060102T150405Z")+".jsonl")
		}
		cat := n.Catalogue()
		opts.Catalogue, opts.Meaning = cat.Digest(), cat
		opts.KnownRole = func(code fullmakt.RoleCode) bool { return cat.RoleID(code) != 0 }
		teller = node.TellImport(dir, c.Files, time.Now)
	}
	a.say("reading %s", strings.Join(c.Files, ", "))
	report, err := node.Import(a.ctx, db, opts)
	bar.end()
	if teller != nil {
		defer teller.End(report, err)
	}
	if err != nil && fullmakt.ErrorCode(err) != fullmakt.CodePartial {
		if a.ctx.Err() != nil && !c.DryRun {
			a.say("Give the same command again: it goes on where this one stopped.")
		}
		return err
	}
	if n != nil && report.Revision != 0 {
		if err := a.afterImport(n, bar, teller); err != nil {
			return err
		}
	}
	if a.globals.wantsJSON() {
		if e := a.printJSON(report); e != nil {
			return e
		}
		if err != nil {
			return status(exitPartial)
		}
		return nil
	}
	for _, line := range report.Lines() {
		a.printf("%s\n", line)
	}
	return err
}

// afterImport makes what later commands are fast by: the index of names, and the
// snapshot file. The register is stored and complete without them.
func (a *app) afterImport(n *node.Node, bar *progress, teller *node.ImportTeller) error {
	defer bar.end()
	bar.show("indexing names", 0, 0, 0)
	teller.Progress(node.Progress{Phase: node.PhaseNames})
	if err := n.Store().IndexNames(a.ctx); err != nil {
		return err
	}
	bar.show("writing the snapshot file", 0, 0, 0)
	teller.Progress(node.Progress{Phase: node.PhaseSnapshot})
	// The index takes the place of what the import left, as lean as in serve.
	debug.FreeOSMemory()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	return n.SaveSnapshot(a.ctx)
}

// exist refuses names of files that are not there, which is a slip of the pen.
func (c *importCmd) exist() error {
	for _, file := range c.Files {
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			if err == nil {
				err = errors.New("is a directory")
			}
			return fullmakt.Errorf(fullmakt.CodeInvalid, "%s cannot be read: %w", file, err).WithHint("name the register's files")
		}
	}
	return nil
}

// recognise refuses files that are no register files before a store is made for
// them.
func (c *importCmd) recognise(a *app) error {
	for _, file := range c.Files {
		if kind, err := enhetsregisteret.SniffFile(file); err == nil && kind.Readable() {
			continue
		}
		// A dry run of this file alone ends before its first record, with the
		// words for what is wrong.
		_, err := node.Import(a.ctx, nil, node.ImportOptions{Files: []string{file}, DryRun: true, Now: a.now, RejectsTo: io.Discard})
		if err != nil {
			return err
		}
	}
	return nil
}
