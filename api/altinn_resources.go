package api

import (
	"slices"

	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
)

// missingResource writes a resource that has ended, of which grants still speak.
func missingResource(id string) resourceRefJSON {
	return resourceRef(&registry.Resource{Identifier: id, ResourceType: registry.TypeGeneric}, "")
}

// connectionResources writes the resources of which connections hold single
// rights.
type connectionResources struct {
	wanted bool
	s      *index.Snapshot
	v      *registry.View
	lang   string
}

// resources returns what writes the resources of connections. A consumer that is
// limited to some packages and roles sees none.
func (q *connectionQuery) resources(wanted bool, v *registry.View, lang string) *connectionResources {
	return &connectionResources{wanted && q.limit == nil, q.snap, v, lang}
}

// of returns the resources that some of the grounds give a right to.
func (c *connectionResources) of(grounds []pdp.Ground) []resourceRefJSON {
	out := []resourceRefJSON{}
	if !c.wanted {
		return out
	}
	var rights []index.RightID
	for _, g := range grounds {
		if g.Right != 0 {
			rights = append(rights, g.Right)
		}
	}
	for _, id := range grantedResources(c.s, rights) {
		out = append(out, c.one(id))
	}
	return out
}

func (c *connectionResources) one(id string) resourceRefJSON {
	if r, ok := c.v.Resource(id); ok {
		return resourceRef(r, c.lang)
	}
	return missingResource(id)
}

// grantedResources returns the identifiers of the resources of rights, sorted.
func grantedResources(s *index.Snapshot, rights []index.RightID) (ids []string) {
	for _, r := range rights {
		id, _ := s.RightName(r)
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
