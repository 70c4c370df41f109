package catalogue

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// Show returns the page of the one area, package or role that name means, as it
// holds at an instant in Unix seconds. A name of two of them is CodeAmbiguous, of
// none CodeNotFound; the hint names what could be meant.
func (c *Catalogue) Show(name string, at int64) (Page, error) {
	v := c.At(at)
	area, isArea := c.FindArea(name)
	pkg, isPackage := c.PackageID(name)
	role := c.RoleID(fullmakt.RoleCode(name))
	var urns []string
	if isArea {
		urns = append(urns, area.URN)
	}
	if isPackage {
		urns = append(urns, c.packages[pkg].URN)
	}
	if role != 0 {
		urns = append(urns, c.roles[role-1].URN)
	}
	switch {
	case len(urns) == 0:
		return nil, c.unknown(name)
	case len(urns) > 1:
		return nil, fullmakt.Errorf(fullmakt.CodeAmbiguous, "%q is the name of %d things in the catalogue", name, len(urns)).
			WithHint("give one of the URNs: %s", strings.Join(urns, ", "))
	case isArea:
		if page := c.areaPage(v, area.Code); page != nil {
			return page, nil
		}
	case isPackage:
		if p := v.Package(pkg); p != nil {
			return c.packagePage(v, p), nil
		}
	default:
		if r := v.Role(role); r != nil {
			return c.rolePage(v, r), nil
		}
	}
	return nil, fullmakt.Errorf(fullmakt.CodeNotFound, "%s does not hold at that time", urns[0]).
		WithHint("\"fullmakt catalogue export\" shows from when to when it holds")
}

// unknown returns the error for a name that means nothing, with names like it.
func (c *Catalogue) unknown(name string) error {
	err := fullmakt.Errorf(fullmakt.CodeNotFound, "no area, package or role is called %q", name)
	if near := c.near(name); len(near) > 0 {
		return err.WithHint("did you mean %s?", strings.Join(near, ", "))
	}
	return err.WithHint("\"fullmakt catalogue list\" shows them all")
}

// near returns up to five codes that name is part of, or a word of whose names
// begins like it.
func (c *Catalogue) near(name string) []string {
	const most = 5
	want := fold(name)
	if len(want) < 3 {
		return nil
	}
	var near []string
	try := func(code string, names Names) {
		like := strings.Contains(fold(code), want)
		for _, text := range []string{names.NB, names.NN, names.EN} {
			like = like || strings.Contains(fold(text), want)
		}
		if like && len(near) < most && !slices.Contains(near, code) {
			near = append(near, code)
		}
	}
	for i := range c.areas {
		try(c.areas[i].Code, c.areas[i].Names)
	}
	for i := range c.packages {
		try(c.packages[i].Code, c.packages[i].Names)
	}
	for i := range c.roles {
		try(string(c.roles[i].Code), c.roles[i].Names)
	}
	return near
}
