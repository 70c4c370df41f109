package catalogue

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

//go:embed data/*.json
var data embed.FS

// dataFiles are the embedded files, in the order that gives packages, roles and
// forms their numbers.
var dataFiles = [...]string{"sources", "areas", "packages", "roles", "orgforms", "mappings", "rolemap", "derivations"}

// MaxFile is the largest overlay file that Load reads, in bytes.
const MaxFile = 4 << 20

// Embedded returns the catalogue of the embedded data, read and checked anew.
func Embedded() (*Catalogue, error) { return Load(nil) }

// Load returns the embedded catalogue with an operator's overlay laid over it: the
// files *.json in the root of overlay, in the order of their names. A nil overlay
// is none.
//
// An overlay file is one JSON object:
//
//	{
//	  "sources": [{"id": "ours", "title": "…", "publisher": "…", "date": "2026-06"}],
//	  "source":  "ours",
//	  "add":     {"packages": [ … ], "mappings": [ … ]},
//	  "replace": {"roles": [ … ]},
//	  "end":     {"roles": [{"code": "ECKEYROLE", "to": "2026-06-19"}]}
//	}
//
// Each of add, replace and end has the sections of the embedded files: groups,
// areas, packages, roles, mappings, rolemap, forms, derivations. Any entry may
// carry "from" and "to", its first and last day.
//
//   - add puts entries in. A version of the same entry may exist only for other days.
//   - replace takes an existing entry's place: wholly, or with "from" as of that day,
//     the older version ending the day before. A mapping is replaced by itself
//     (role, package and form), the others of its package stay.
//   - end makes "to" the last day of an existing entry, named by its code. A mapping
//     is named by its package and "roles" (["DAGL", "FFØR@NUF"]; without it all of
//     the package's), a step of the role map by "has" and "gets", a derivation by "role" and "form".
//
// The operations of one file are done in the order end, replace, add. What does
// not hold together is a *fullmakt.Error of CodeInvalid, whose cause is the
// Problems, each naming the file and the entry.
func Load(overlay fs.FS) (*Catalogue, error) {
	b, err := readEmbedded()
	if err != nil {
		return nil, err
	}
	if overlay != nil {
		if err := b.layAll(overlay); err != nil {
			return nil, err
		}
	}
	return finish(b)
}

// finish makes the catalogue of a book that has been read.
func finish(b *book) (*Catalogue, error) {
	c := build(b)
	if err := b.problems.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// readEmbedded gathers the embedded files.
func readEmbedded() (*book, error) {
	b := new(book)
	for _, name := range dataFiles {
		file := path.Join("data", name+".json")
		text, err := data.ReadFile(file)
		if err != nil {
			return nil, fullmakt.Errorf(fullmakt.CodeInternal, "catalogue: %w", err)
		}
		var c content
		if err := decode(file, text, &c); err != nil {
			return nil, err
		}
		b.add(&c, file)
	}
	return b, nil
}

// layAll reads the files of an overlay and carries them out in order.
func (b *book) layAll(overlay fs.FS) error {
	entries, err := fs.ReadDir(overlay, ".")
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "catalogue overlay: %w", err).
			WithHint("give a directory with files *.json")
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".json" {
			continue
		}
		if info, err := e.Info(); err == nil && info.Size() > MaxFile {
			return fullmakt.Errorf(fullmakt.CodeInvalid, "%s: larger than %d bytes", e.Name(), MaxFile)
		}
		text, err := fs.ReadFile(overlay, e.Name())
		if err != nil {
			return fullmakt.Errorf(fullmakt.CodeUnavailable, "catalogue overlay: %w", err)
		}
		var o overlayFile
		if err := decode(e.Name(), text, &o); err != nil {
			return err
		}
		b.lay(&o, e.Name())
	}
	return nil
}
