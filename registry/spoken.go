package registry

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/xacml"
)

// spoken is what of the names of roles and packages a policy can tell apart, under
// one catalogue. A subject that leads an organisation has some hundred roles and
// packages with several names each, and a policy compares them with a few: what it
// compares them with decides, and that the attribute is there at all.
type spoken struct {
	catalogue *catalogue.Catalogue
	// examined tells that the policy looks at these attributes otherwise than by
	// comparing them with constants, and so must have all of their values.
	examined bool
	// looksAt are the attributes of roles and packages that it names.
	looksAt  []string
	roles    [][]spokenName // by role
	packages [][]spokenName // by package
	named    []spokenName   // what the policy names, in its own spelling
}

// spokenName is a name of a role or a package, as the value of an attribute of
// subjects.
type spokenName struct {
	attribute int // its place among looksAt
	value     xacml.Value
	tells     bool // whether the policy compares with it
	means     Held // of the policy's own names
}

// spokenIn returns what the policy can tell apart under a catalogue, which is kept
// with it.
func (p *Policy) spokenIn(c *catalogue.Catalogue) *spoken {
	known := p.spoken.Load()
	if known == nil || known.catalogue != c {
		known = p.makeSpoken(c)
		p.spoken.Store(known)
	}
	return known
}

func (p *Policy) makeSpoken(c *catalogue.Catalogue) *spoken {
	s := &spoken{catalogue: c, roles: make([][]spokenName, len(c.Roles())+1), packages: make([][]spokenName, len(c.Packages()))}
	s.look(p, AttributeRole)
	s.look(p, AttributePackage)
	for _, r := range c.Roles() {
		if id, value, ok := attributeOf(r.URN); ok {
			s.look(p, id)
			s.roles[r.ID] = s.names(p, id, value)
		}
		s.roles[r.ID] = append(s.roles[r.ID], s.names(p, AttributeRole, namesOfRole(c, string(r.Code))...)...)
	}
	for i := range c.Packages() {
		s.packages[i] = s.names(p, AttributePackage, packageNames(c, catalogue.PackageID(i))...)
	}
	for _, a := range p.outline.named {
		if means, ok := Meaning(c, a); ok {
			for _, name := range s.names(p, a.ID, a.Value) {
				name.means = means
				s.named = append(s.named, name)
			}
		}
	}
	return s
}

// look notes how the policy looks at an attribute.
func (s *spoken) look(p *Policy, id string) {
	use := p.Compiled.Uses(xacml.CategoryAccessSubject, id)
	s.examined = s.examined || use == xacml.Examined
	if use != xacml.Unused && !slices.Contains(s.looksAt, id) {
		s.looksAt = append(s.looksAt, id)
	}
}

// names returns values of an attribute; none of one that the policy does not look
// at.
func (s *spoken) names(p *Policy, id string, values ...string) (names []spokenName) {
	at := slices.Index(s.looksAt, id)
	if at < 0 {
		return nil
	}
	for _, v := range values {
		names = append(names, spokenName{attribute: at, value: xacml.String(v), tells: p.Compiled.Distinguishes(xacml.CategoryAccessSubject, id, v)})
	}
	return names
}

// attributeOf cuts the URN of a role into the attribute that it is of and its
// value; false for one that is of AttributeRole itself.
func attributeOf(urn string) (id, value string, ok bool) {
	i := strings.LastIndexByte(urn, ':')
	if i <= 0 || urn[:i] == AttributeRole {
		return "", "", false
	}
	return urn[:i], urn[i+1:], true
}

// attributes appends what the policy can tell apart of what a subject holds.
func (s *spoken) attributes(list []xacml.Attribute, snap *index.Snapshot, held *pdp.Holdings, p *Policy) []xacml.Attribute {
	bags := make([]xacml.Attribute, len(s.looksAt))
	other := make([]xacml.Value, len(s.looksAt)) // one value of each that nothing is compared with
	take := func(names []spokenName) {
		for _, n := range names {
			if n.tells {
				bags[n.attribute].Values = append(bags[n.attribute].Values, n.value)
			} else {
				other[n.attribute] = n.value
			}
		}
	}
	for id := range held.Roles.All() {
		if int(id) < len(s.roles) {
			take(s.roles[id])
			continue
		}
		take(s.names(p, AttributeRole, roleNames(snap, id)...)) // of a code that the catalogue lacks
	}
	for id := range held.Packages.All() {
		take(s.packages[id])
	}
	for i := range s.named {
		if s.named[i].means.in(held) {
			take(s.named[i : i+1])
		}
	}
	for i, id := range s.looksAt {
		bags[i].ID = id
		if len(bags[i].Values) == 0 && other[i] != nil {
			bags[i].Values = []xacml.Value{other[i]}
		}
	}
	return append(list, bags...)
}
