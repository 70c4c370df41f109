package main

import (
	"io/fs"
	"os"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"golang.org/x/term"
)

type catalogueCmd struct {
	List   catalogueListCmd   `cmd:"" help:"List areas, packages, roles or organisation forms."`
	Show   catalogueShowCmd   `cmd:"" help:"Show an area, a package or a role."`
	Export catalogueExportCmd `cmd:"" help:"Write the whole catalogue as JSON, overlay included."`
	Check  catalogueCheckCmd  `cmd:"" help:"Check the catalogue and an overlay."`
	Diff   catalogueDiffCmd   `cmd:"" help:"Show what an overlay changes, or what changed since a day."`
}

// printPage prints a page of the catalogue in the output form asked for.
func (a *app) printPage(page catalogue.Page) error {
	document := page.Document(string(a.texts.Lang))
	switch a.globals.Output {
	case outputJSON:
		return catalogue.WriteJSON(a.out, page)
	case outputMarkdown:
		return document.WriteMarkdown(a.out)
	}
	return document.WriteText(a.out, a.width())
}

// width returns the width of the terminal, 0 where there is none.
func (a *app) width() int {
	if a.columns > 0 {
		return a.columns
	}
	f, ok := a.out.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// when returns the time asked about in Unix seconds, now by default.
func (a *app) when() (int64, error) {
	at, err := a.at()
	if at.IsZero() {
		at = a.now
	}
	return at.Unix(), err
}

type catalogueShowCmd struct {
	Name string `arg:"" help:"A code, URN or other name: integrasjoner, delegerbare-maskinporten-scopes, DAGL."`
}

// Help is shown by catalogue show --help.
func (catalogueShowCmd) Help() string {
	return `Examples:
  fullmakt catalogue show integrasjoner --lang nb
  fullmakt catalogue show delegerbare-maskinporten-scopes -o markdown
  fullmakt catalogue show DAGL -o json`
}

// Run shows one entry.
func (c *catalogueShowCmd) Run(a *app) error {
	at, err := a.when()
	if err != nil {
		return err
	}
	cat, err := a.catalogue()
	if err != nil {
		return err
	}
	page, err := cat.Show(c.Name, at)
	if err != nil {
		return a.suggestEntry(cat, c.Name, err)
	}
	return a.printPage(page)
}

// suggestEntry adds names that look like the one that was not found.
func (a *app) suggestEntry(cat *catalogue.Catalogue, name string, err error) error {
	if fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		return err
	}
	var names []string
	for _, area := range cat.Areas() {
		names = append(names, area.Code)
	}
	for _, p := range cat.Packages() {
		names = append(names, p.Code)
	}
	for _, r := range cat.Roles() {
		names = append(names, string(r.Code))
	}
	likely := nearest(name, names)
	if len(likely) == 0 {
		return err
	}
	return &reasoned{
		err:    fullmakt.Errorf(fullmakt.CodeNotFound, "%w", err).WithHint("fullmakt catalogue list shows them all"),
		reason: fullmakt.ReasonUnknownPackage, likely: likely,
	}
}

type catalogueExportCmd struct{}

// Run writes the catalogue.
func (c *catalogueExportCmd) Run(a *app) error {
	cat, err := a.catalogue()
	if err != nil {
		return err
	}
	return cat.Export(a.out)
}

type catalogueCheckCmd struct {
	Dir string `arg:"" optional:"" placeholder:"DIR" help:"The overlay to check; --catalogue by default."`
}

// Run checks the data and prints the report.
func (c *catalogueCheckCmd) Run(a *app) error {
	overlay, err := a.overlay(c.Dir)
	if err != nil {
		return err
	}
	report := catalogue.Check(overlay)
	if err := a.printPage(report); err != nil {
		return err
	}
	if report.Err() != nil {
		return status(exitNo)
	}
	return nil
}

// overlay opens an overlay directory: the argument, else --catalogue; nil when
// neither is given.
func (a *app) overlay(dir string) (fs.FS, error) {
	if dir == "" {
		dir = a.globals.CatalogueDir
	}
	if dir == "" {
		return nil, nil
	}
	if err := isDir(dir); err != nil {
		return nil, err
	}
	return os.DirFS(dir), nil
}

type catalogueDiffCmd struct {
	Dir   string `arg:"" optional:"" placeholder:"DIR" help:"The overlay to compare with the built-in catalogue; --catalogue by default."`
	Since string `placeholder:"TIME" help:"Compare the catalogue as of this time with that of --at instead."`
}

// Help is shown by catalogue diff --help.
func (catalogueDiffCmd) Help() string {
	return `Exit status 1 when there are differences.

Examples:
  fullmakt catalogue diff overlay/
  fullmakt catalogue diff --since 2026-01-01 --at 2026-11-01`
}

// Run prints the differences.
func (c *catalogueDiffCmd) Run(a *app) error {
	overlay, err := a.overlay(c.Dir)
	if err != nil {
		return err
	}
	if overlay == nil && c.Since == "" {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "nothing to compare").WithHint("name an overlay directory, or a time with --since")
	}
	cat, err := catalogue.Load(overlay)
	if err != nil {
		return err
	}
	var changes *catalogue.Changes
	if c.Since != "" {
		since, err := parseTime(c.Since, a.oslo)
		if err != nil {
			return err
		}
		at, err := a.when()
		if err != nil {
			return err
		}
		changes = catalogue.DiffTimes(cat, since.Unix(), at)
	} else {
		base, err := catalogue.Embedded()
		if err != nil {
			return err
		}
		changes = catalogue.Diff(base, cat)
	}
	if err := a.printPage(changes); err != nil {
		return err
	}
	if len(changes.Changes) > 0 {
		return status(exitNo)
	}
	return nil
}
