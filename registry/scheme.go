package registry

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt/catalogue"
)

// Scheme is a scheme of Maskinporten scopes (delegeringsordning), which is a
// resource of the type MaskinportenSchema: what an organisation may let a supplier
// use (rule SCOPE-1).
type Scheme struct {
	ID        string // the resource's identifier
	Scopes    []string
	Packages  []string // those whose holders may give it, as its policy names them
	Owner     CompetentAuthority
	Delegable bool
	Resource  *Resource
}

// Scheme returns a scheme by its identifier; false for a resource that is none.
func (v *View) Scheme(id string) (*Scheme, bool) {
	r, ok := v.Resource(id)
	if !ok || r.ResourceType != TypeMaskinportenSchema {
		return nil, false
	}
	s := &Scheme{ID: r.Identifier, Scopes: r.Scopes(), Owner: r.HasCompetentAuthority, Delegable: r.Delegable, Resource: r}
	if p, err := v.Policy(r.Identifier); err == nil {
		for _, right := range p.Rights() {
			for _, subject := range right.Subjects {
				if len(subject) == 1 && strings.EqualFold(subject[0].ID, AttributePackage) {
					s.Packages = append(s.Packages, strings.ToLower(subject[0].Value))
				}
			}
		}
		slices.Sort(s.Packages)
		s.Packages = slices.Compact(s.Packages)
	}
	return s, true
}

// Schemes returns every scheme, by identifier.
func (v *View) Schemes() (list []*Scheme) {
	for r := range v.Resources() {
		if s, ok := v.Scheme(r.Identifier); ok {
			list = append(list, s)
		}
	}
	return list
}

// SchemesFor returns the schemes that cover a scope.
func (v *View) SchemesFor(scope string) (list []*Scheme) {
	for _, s := range v.Schemes() {
		if s.Covers(scope) {
			list = append(list, s)
		}
	}
	return list
}

// Covers reports whether a scope is one of the scheme's.
func (s *Scheme) Covers(scope string) bool { return slices.Contains(s.Scopes, scope) }

// PackageSet returns the scheme's packages as a catalogue numbers them; a package
// that the catalogue does not know opens nothing.
func (s *Scheme) PackageSet(c *catalogue.Catalogue) (set catalogue.PackageSet) {
	for _, name := range s.Packages {
		if id, ok := c.PackageID(name); ok {
			set.Add(id)
		}
	}
	return set
}
