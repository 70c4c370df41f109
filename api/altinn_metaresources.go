package api

import (
	"net/http"
	"slices"

	"github.com/fullmakt/fullmakt/registry"
)

// policyResources finds resources by the subjects that their policies name.
type policyResources struct {
	v    *registry.View
	lang string
}

// policyResources reads the registry for metadata.
func (c *call) policyResources(m meta) (*policyResources, error) {
	_, v, err := c.registry()
	if err != nil {
		return nil, err
	}
	return &policyResources{v, m.lang}, nil
}

// find returns the resources whose policies name any of some subjects, by
// identifier.
func (p *policyResources) find(subjects []registry.Attribute) (found []*registry.Resource) {
	var ids []string
	for _, s := range subjects {
		ids = append(ids, p.v.BySubject(s)...)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if r, ok := p.v.Resource(id); ok {
			found = append(found, r)
		}
	}
	return found
}

// list writes what find finds.
func (p *policyResources) list(subjects []registry.Attribute) []resourceRefJSON {
	out := []resourceRefJSON{}
	for _, r := range p.find(subjects) {
		out = append(out, resourceRef(r, p.lang))
	}
	return out
}

// writePackageResources answers with the resources that a package opens.
func (c *call) writePackageResources(m meta, id string) error {
	if _, err := c.pathUUID("package"); err != nil {
		return err
	}
	pkg, ok := m.c.PackageID(id)
	p := m.v.Package(pkg)
	if !ok || p == nil {
		return statusf(http.StatusNotFound, "there is no such access package")
	}
	of, err := c.policyResources(m)
	if err != nil {
		return err
	}
	return writeOrNone(c, of.list(registry.PackageSubjects(p)))
}

// metaRoleResources answers with the resources that a role opens, and where they
// are wanted those that its packages do.
func (s *Server) metaRoleResources(c *call) error {
	m, q, err := c.meta()
	if err != nil {
		return err
	}
	through, err := q.flag("includePackageResources", false)
	if err != nil {
		return err
	}
	r, gives, err := c.roleAndPackages(m, q)
	if err != nil {
		return err
	}
	of, err := c.policyResources(m)
	if err != nil {
		return err
	}
	subjects := registry.RoleSubjects(r)
	if through {
		for id := range gives.All() {
			subjects = append(subjects, registry.PackageSubjects(m.v.Package(id))...)
		}
	}
	return writeOrNone(c, of.list(subjects))
}
