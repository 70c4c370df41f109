package node

import (
	"errors"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/world"
)

// Registry returns the resources, policies and access lists of a snapshot of this
// node, which must be one of the whole register: from Snapshot or Current.
func (n *Node) Registry(s *index.Snapshot) *registry.View { return n.library.At(s) }

// worldRegistry returns the changes that bring a world's resources, policies and
// access lists into its registry. Since a world is one revision, they are checked
// against an index of the world's own changes. Errors are CodeInvalid, and tell of
// everything that is wrong.
func (n *Node) worldRegistry(w *world.World, changes []fullmakt.Change, at time.Time) ([]fullmakt.Change, error) {
	if len(w.Files) == 0 {
		return nil, nil
	}
	b := index.NewBuilder(n.catalogue)
	for _, ch := range changes {
		b.Add(ch)
	}
	sources := make([]registry.Source, len(w.Files))
	for i, f := range w.Files {
		sources[i] = registry.Source{Path: f.Path, Where: w.Name, Line: f.Line, Data: f.Data}
	}
	found, problems := registry.Load(b.Build(1, at), sources, at)
	if len(problems) > 0 {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "%w", errors.Join(problems...)).
			WithHint("docs/world-files.md describes the files of the registry")
	}
	return found, nil
}
