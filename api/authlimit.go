package api

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// consumerLimit is all that a consumer may ask about.
type consumerLimit struct {
	packages  catalogue.PackageSet
	roles     map[catalogue.RoleID]bool
	resources []string
}

// newConsumerLimit reads a limit from the configuration; nil when it names
// neither packages nor roles nor resources.
func newConsumerLimit(cfg ConsumerConfig, cat *catalogue.Catalogue) (*consumerLimit, error) {
	if len(cfg.Packages) == 0 && len(cfg.Roles) == 0 && len(cfg.Resources) == 0 {
		return nil, nil
	}
	l := &consumerLimit{roles: map[catalogue.RoleID]bool{}, resources: cfg.Resources}
	for _, name := range cfg.Packages {
		id, ok := cat.PackageID(name)
		if !ok {
			return nil, configError("consumers: there is no access package %q", name)
		}
		l.packages.Add(id)
	}
	for _, name := range cfg.Roles {
		id := cat.RoleID(fullmakt.RoleCode(name))
		if id == 0 {
			return nil, configError("consumers: there is no role %q", name)
		}
		l.roles[id] = true
	}
	return l, nil
}

// allows reports whether the consumer may ask about an action.
func (l *consumerLimit) allows(a act) bool {
	if l == nil {
		return true
	}
	if a.role != 0 {
		return l.roles[a.role]
	}
	return l.packages.Has(a.pkg)
}

// allowsResource reports whether the consumer may ask about a resource.
func (l *consumerLimit) allowsResource(id string) bool {
	return l == nil || slices.ContainsFunc(l.resources, func(r string) bool { return strings.EqualFold(r, id) })
}
