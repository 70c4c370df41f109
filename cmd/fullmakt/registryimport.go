package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/world"
)

type registryImportCmd struct {
	Dir     string `arg:"" name:"dir" help:"The directory."`
	ToWorld string `placeholder:"FILE" help:"Write a world file in place of changing the store, with the people and roles of a local Altinn test set-up where the directory is one."`
}

// Help is shown by registry import --help.
func (registryImportCmd) Help() string {
	return `In the directory and those below it, a JSON file with an identifier and a title is a resource, and an XML file is the policy of the resource that its rules name, else of the one that the file is named after. Files access-list/OWNER/ID.json are access lists. A policy without a resource gets one. Files of more than 8 MiB are passed over.

With --to-world, the layout of local Altinn test set-ups is read too: register/Party/ID.json, profile/User/ID.json and authorization/roles/User_ID/party_ID/roles.json. A world holds made-up numbers alone, so that others are replaced by synthetic ones; the file lists which.

Exit status 3 when some files were refused: they are listed, with line and reason, and the others are in.

Examples:
  fullmakt --data register registry import my-services
  fullmakt registry import testdata --to-world my-tests.txtar`
}

// wireRegistryImport is the JSON of registry import.
type wireRegistryImport struct {
	Changed  int          `json:"changed"`
	Revision fullmakt.Seq `json:"revision"`
	Refused  []string     `json:"refused"`
}

// Run imports a directory.
func (c *registryImportCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	files, err := readTree(c.Dir)
	if err != nil {
		return err
	}
	sources, refused := registrySources(files)
	if c.ToWorld != "" {
		return a.writeWorld(c.ToWorld, files, sources, refused)
	}
	if len(sources) == 0 && len(refused) == 0 {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "there is no resource, policy or access list in %s", c.Dir).
			WithHint("fullmakt registry import --help tells what is looked for")
	}
	n, err := a.openForWriting()
	if err != nil {
		return err
	}
	defer n.Close()
	out := wireRegistryImport{Refused: []string{}}
	var problems []error
	out.Revision, err = n.Do(a.ctx, a.now, "registry import", func(s *index.Snapshot) ([]fullmakt.Change, error) {
		var changes []fullmakt.Change
		changes, problems = registry.Load(s, sources, a.now)
		out.Changed = len(changes)
		return changes, nil
	})
	if err != nil {
		return err
	}
	for _, p := range append(refused, problems...) {
		out.Refused = append(out.Refused, withHint(p))
	}
	if a.globals.wantsJSON() {
		if err := a.printJSON(out); err != nil {
			return err
		}
	} else {
		for _, r := range out.Refused {
			a.printf("%s\n", r)
		}
		a.tell("registry.imported", "changed", out.Changed, "refused", len(out.Refused), "revision", out.Revision)
	}
	if len(out.Refused) > 0 {
		return status(exitPartial)
	}
	return nil
}

func withHint(err error) string {
	if hint := fullmakt.ErrorHint(err); hint != "" {
		return err.Error() + " (" + hint + ")"
	}
	return err.Error()
}

// treeFile is a file of a directory tree; its path has slashes.
type treeFile struct {
	path string // below the tree
	name string // as it is opened
	data []byte
}

// largestSource bounds a file of a registry.
const largestSource = 8 << 20

// readTree reads the JSON and XML files of a tree, by path.
func readTree(dir string) (files []treeFile, err error) {
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != dir && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		ext := strings.ToLower(filepath.Ext(name))
		if !d.Type().IsRegular() || ext != ".json" && ext != ".xml" {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Size() > largestSource {
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		path, err := filepath.Rel(dir, name)
		files = append(files, treeFile{filepath.ToSlash(path), name, data})
		return err
	})
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "read the directory: %w", err)
	}
	return files, nil
}

// registrySources finds what of a tree belongs to a registry. JSON files that are
// neither resources nor access lists are somebody else's.
func registrySources(files []treeFile) (sources []registry.Source, refused []error) {
	known := map[string]bool{}
	add := func(path, where string, data []byte) {
		sources = append(sources, registry.Source{Path: path, Where: where, Data: data})
	}
	var policies []treeFile
	for _, f := range files {
		if strings.EqualFold(filepath.Ext(f.path), ".xml") {
			policies = append(policies, f)
			continue
		}
		if parts := strings.Split(f.path, "/"); len(parts) >= 3 && parts[len(parts)-3] == "access-list" {
			add(strings.Join(parts[len(parts)-3:], "/"), f.name, f.data)
			continue
		}
		if r, err := registry.ParseResource(f.data); err == nil && r.Identifier != "" && len(r.Title) > 0 {
			known[r.Identifier] = true
			add("resource/"+r.Identifier+".json", f.name, f.data)
		}
	}
	for _, f := range policies {
		p, err := registry.ParsePolicy("", f.name, f.data)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		id := p.NamedResource()
		if id == "" {
			id = strings.ToLower(strings.TrimSuffix(filepath.Base(f.path), filepath.Ext(f.path)))
		}
		if !known[id] {
			known[id] = true
			stub, err := stubResource(id)
			if err != nil {
				refused = append(refused, err)
				continue
			}
			add("resource/"+id+".json", f.name, stub)
		}
		add("policy/"+id+".xml", f.name, f.data)
	}
	return sources, refused
}

// writeWorld writes a tree as a world file, after making sure that it is one.
func (a *app) writeWorld(path string, files []treeFile, sources []registry.Source, refused []error) error {
	cat, err := a.catalogue()
	if err != nil {
		return err
	}
	written, notes, err := localWorld(files, cat, a.texts)
	if err != nil {
		return err
	}
	for _, src := range sources {
		written += "\n-- " + src.Path + " --\n" + strings.TrimPrefix(string(src.Data), "\ufeff")
		written = strings.TrimRight(written, "\n") + "\n"
	}
	if err := a.checkWorld(path, written, cat); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(written), 0o644); err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "write the world: %w", err)
	}
	out := wireRegistryImport{Changed: len(sources), Refused: []string{}}
	for _, p := range refused {
		out.Refused = append(out.Refused, withHint(p))
	}
	if a.globals.wantsJSON() {
		err = a.printJSON(out)
	} else {
		for _, line := range slices.Concat(out.Refused, notes) {
			a.printf("%s\n", line)
		}
		a.tell("registry.world", "path", path, "files", len(sources))
	}
	if err == nil && len(refused) > 0 {
		err = status(exitPartial)
	}
	return err
}

// checkWorld opens a world, so that nothing is written that cannot be used.
func (a *app) checkWorld(path, text string, cat *catalogue.Catalogue) error {
	w, err := world.Parse(path, []byte(text), cat)
	if err != nil {
		return err
	}
	n, err := node.Open(a.ctx, node.Options{Catalogue: cat, World: w, Log: a.log})
	if err != nil {
		return err
	}
	return errors.Join(n.Close())
}
