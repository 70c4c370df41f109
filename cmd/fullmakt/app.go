package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/text"
	"github.com/fullmakt/fullmakt/world"
	"golang.org/x/term"
)

// app is one run of the program: what every command needs around it.
type app struct {
	ctx     context.Context
	globals *globals
	out     io.Writer
	errs    io.Writer
	now     time.Time
	oslo    *time.Location
	texts   *text.Texts
	log     *slog.Logger
	colour  bool
	columns int // the terminal's width; 0 asks the terminal
}

func newApp(ctx context.Context, now time.Time, g *globals, out, errs io.Writer) *app {
	return &app{
		ctx: ctx, globals: g, out: out, errs: errs, now: now,
		log: slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelInfo})),
	}
}

// prepare checks the global flags and readies language, colour and time zone.
func (a *app) prepare() error {
	a.oslo = fullmakt.Oslo()
	lang := text.FromEnvironment(os.Getenv)
	if a.globals.Lang != "" {
		var ok bool
		if lang, ok = text.ParseLang(a.globals.Lang); !ok {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "--lang %q: there are no texts in it", a.globals.Lang).WithHint("the languages are nb, nn and en")
		}
	}
	var err error
	if a.texts, err = text.New(lang); err != nil {
		return err
	}
	switch a.globals.Color {
	case "always":
		a.colour = true
	case "auto":
		a.colour = terminal(a.out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return nil
}

// terminal reports whether w is one.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// at returns the time asked about; the zero time means now.
func (a *app) at() (time.Time, error) {
	if a.globals.At == "" {
		return time.Time{}, nil
	}
	return parseTime(a.globals.At, a.oslo)
}

// parseTime reads a day, which means its start, a day with the time of day, both
// in Europe/Oslo, or an RFC 3339 time.
func parseTime(s string, oslo *time.Location) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", "2006-01-02T15:04", time.DateTime} {
		if t, err := time.ParseInLocation(layout, s, oslo); err == nil {
			return t, nil
		}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fullmakt.Errorf(fullmakt.CodeInvalid, "time %q is not one", s).
			WithHint("write it as 2026-03-03, '2026-03-03 14:00' or 2026-03-03T14:00:00+01:00")
	}
	return t.In(oslo), nil
}

// catalogue loads the catalogue, with the operator's overlay if one is named.
func (a *app) catalogue() (*catalogue.Catalogue, error) {
	dir := a.globals.CatalogueDir
	if dir == "" {
		return catalogue.Embedded()
	}
	if err := isDir(dir); err != nil {
		return nil, err
	}
	return catalogue.Load(os.DirFS(dir))
}

// isDir returns an error when an overlay is no directory.
func isDir(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("is not a directory")
	}
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "catalogue overlay %s: %w", dir, err).WithHint("an overlay is a directory of JSON files")
	}
	return nil
}

// dataDir returns the store's directory: --data, or FULLMAKT_DATA when no flag
// names a register.
func (a *app) dataDir() string {
	if a.globals.Data == "" && !a.globals.Demo && a.globals.World == "" {
		return os.Getenv("FULLMAKT_DATA")
	}
	return a.globals.Data
}

const whichRegister = "name one with --demo (invented, nothing to set up), --world FILE or --data DIR"

// open opens the register that the flags name, for questions.
func (a *app) open() (*node.Node, error) {
	g, dir := a.globals, a.dataDir()
	named := 0
	for _, is := range []bool{g.Demo, g.World != "", dir != ""} {
		if is {
			named++
		}
	}
	switch named {
	case 0:
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "no register is named").WithHint("%s", whichRegister)
	case 1:
	default:
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "--demo, --world and --data name different registers; give one of them")
	}
	if dir != "" {
		return a.openStore(dir, false)
	}
	cat, err := a.catalogue()
	if err != nil {
		return nil, err
	}
	var w *world.World
	if g.Demo {
		w, err = world.Demo(cat)
	} else {
		w, err = readWorld(g.World, cat)
	}
	if err != nil {
		return nil, err
	}
	return node.Open(a.ctx, node.Options{Catalogue: cat, World: w, Log: a.log})
}

// readWorld reads and parses a world file.
func readWorld(path string, cat *catalogue.Catalogue) (*world.World, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "world file: %w", err)
	}
	return world.Parse(path, data, cat)
}

// openForWriting opens the store that --data names, making it when it is new.
func (a *app) openForWriting() (*node.Node, error) {
	dir := a.dataDir()
	if dir == "" {
		err := fullmakt.Errorf(fullmakt.CodeInvalid, "this command needs a store").WithHint("name its directory with --data DIR; it is made when it does not exist")
		if a.globals.Demo || a.globals.World != "" {
			err = fullmakt.Errorf(fullmakt.CodeForbidden, "the demo register and world files cannot be changed").WithHint("name a store of your own with --data DIR")
		}
		return nil, err
	}
	return a.openStore(dir, true)
}

// openStore opens the store in dir. A missing one is made only when create is
// set, with a key file of its own beside it.
func (a *app) openStore(dir string, create bool) (*node.Node, error) {
	cat, err := a.catalogue()
	if err != nil {
		return nil, err
	}
	dir = filepath.Clean(dir)
	isNew := !hasStore(dir)
	if isNew && !create {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "there is no store in %s", dir).
			WithHint("fill one with: fullmakt --data %s import FILE…", dir)
	}
	key := a.keyFile(dir)
	_, err = os.Stat(key)
	keyMissing := errors.Is(err, fs.ErrNotExist)
	if keyMissing && !isNew {
		return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "the key of the store in %s is missing: there is no file %s", dir, key).
			WithHint("name the key file that the store was made with, with --key-file; without it nobody can read the store")
	}
	if create {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fullmakt.Errorf(fullmakt.CodeUnavailable, "make the store's directory: %w", err)
		}
	}
	n, err := node.Open(a.ctx, node.Options{Data: dir, KeyFile: key, CreateKey: keyMissing, Catalogue: cat, Log: a.log})
	if err == nil && keyMissing {
		a.say("Made the key file %s. The store does not open without it: keep a copy apart from the store's backups.", key)
	}
	return n, keyChangeHint(key, err)
}

// keyFile returns the store's key file: --key-file, or the one beside the store's
// directory, so that a copy of the directory does not hold it.
func (a *app) keyFile(dir string) string {
	if a.globals.KeyFile != "" {
		return a.globals.KeyFile
	}
	dir = filepath.Clean(dir)
	if base := filepath.Base(dir); base == "." || base == ".." {
		if whole, err := filepath.Abs(dir); err == nil {
			dir = whole
		}
	}
	return dir + ".key"
}

// hasStore reports whether a directory holds a store.
func hasStore(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, node.StoreFile))
	return err == nil
}

// logReveal logs that a command prints the identity numbers of real persons in
// full.
func (a *app) logReveal(what string) {
	if a.globals.Reveal {
		a.log.Info("identity numbers revealed", "command", what)
	}
}
