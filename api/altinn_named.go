package api

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// namedResources are some resources, by what opens any of them: a package or a role
// that a policy lets in by itself, or a grant of a right.
type namedResources struct {
	ids      []string
	packages catalogue.PackageSet
	roles    []catalogue.RoleID
}

// nameResources gathers what opens the resources with some identifiers, among those
// of one owner where a code is given; without identifiers it is all of that owner's.
func nameResources(s *index.Snapshot, v *registry.View, ids []string, owner string) *namedResources {
	n := &namedResources{}
	for r := range v.Resources() {
		if ids != nil && !slices.ContainsFunc(ids, func(id string) bool { return strings.EqualFold(id, r.Identifier) }) ||
			owner != "" && !strings.EqualFold(owner, r.HasCompetentAuthority.Orgcode) {
			continue
		}
		n.ids = append(n.ids, r.Identifier)
		p, err := v.Policy(r.Identifier)
		if err != nil {
			continue // without a policy nothing but a grant opens it
		}
		for _, right := range p.Rights() {
			for _, subject := range right.Subjects {
				if len(subject) == 1 {
					n.add(s, subject[0])
				}
			}
		}
	}
	return n
}

func (n *namedResources) add(s *index.Snapshot, a registry.Attribute) {
	if strings.EqualFold(a.ID, registry.AttributePackage) {
		if p, ok := s.Catalogue().PackageID(a.Value); ok {
			n.packages.Add(p)
		}
		return
	}
	if role, ok := s.Catalogue().FindRole(a.URN()); ok && !slices.Contains(n.roles, role.ID) {
		n.roles = append(n.roles, role.ID)
	}
}

// among reports whether what somebody holds opens any of the resources.
func (n *namedResources) among(s *index.Snapshot, use catalogue.PackageSet, roles []catalogue.RoleID, rights []index.RightID) bool {
	if !n.packages.Intersect(use).IsEmpty() {
		return true
	}
	if slices.ContainsFunc(roles, func(r catalogue.RoleID) bool { return slices.Contains(n.roles, r) }) {
		return true
	}
	return slices.ContainsFunc(rights, func(r index.RightID) bool {
		id, _ := s.RightName(r)
		return slices.Contains(n.ids, id)
	})
}
