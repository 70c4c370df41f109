package catalogue

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/fullmakt/fullmakt"
)

// content puts the book together again in the shape of a data file, every entry
// with its own source.
func (b *book) content() *content {
	c := &content{
		Sources: b.sources, Groups: b.groups, Areas: b.areas, Packages: b.packages,
		Roles: b.roles, Forms: b.forms, Derivations: b.derivations,
	}
	type group struct{ name, from, to, source string }
	mappings := map[group]int{}
	for _, m := range b.mappings {
		g := group{m.pkg, m.From, m.To, m.Source}
		at, ok := mappings[g]
		if !ok {
			at = len(c.Mappings)
			mappings[g] = at
			c.Mappings = append(c.Mappings, rawMapping{Package: m.pkg, stamp: m.stamp})
		}
		to := &c.Mappings[at]
		switch {
		case m.access && m.delegate:
			to.UseAndGive = append(to.UseAndGive, m.roleForm())
		case m.access:
			to.UseOnly = append(to.UseOnly, m.roleForm())
		default:
			to.GiveOnly = append(to.GiveOnly, m.roleForm())
		}
		if m.assign {
			to.Assign = append(to.Assign, m.roleForm())
		}
	}
	maps := map[group]int{}
	for _, m := range b.roleMap {
		g := group{m.has, m.From, m.To, m.Source}
		at, ok := maps[g]
		if !ok {
			at = len(c.RoleMap)
			maps[g] = at
			c.RoleMap = append(c.RoleMap, rawRoleMap{Has: m.has, stamp: m.stamp})
		}
		c.RoleMap[at].Gets = append(c.RoleMap[at].Gets, m.gets)
	}
	return c
}

// Export writes the whole catalogue, overlay included, as one JSON object in the
// shape of the embedded data files.
func (c *Catalogue) Export(out io.Writer) error {
	text, err := json.MarshalIndent(c.book.content(), "", "  ")
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "export of the catalogue: %w", err)
	}
	if _, err := fmt.Fprintf(out, "%s\n", text); err != nil {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "export of the catalogue: %w", err)
	}
	return nil
}
