package catalogue

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// RoleRef names a role in a page.
type RoleRef struct {
	Code  fullmakt.RoleCode `json:"code"`
	URN   string            `json:"urn"`
	Names Names             `json:"names"`
}

// PackageRef names a package in a page.
type PackageRef struct {
	Code  string `json:"code"`
	URN   string `json:"urn"`
	Names Names  `json:"names"`
}

// Giver is one role that gives a package: a mapping seen from the package.
type Giver struct {
	Role     RoleRef          `json:"role"`
	Register bool             `json:"register"`       // a role in Enhetsregisteret
	Form     fullmakt.OrgForm `json:"form,omitempty"` // the only form it holds for
	Use      bool             `json:"may_use"`
	Give     bool             `json:"may_give"` // the mapping has it, and the package is assignable
	// Derived says that the role itself exists for Form alone (FORM-1), so that
	// naming the form adds nothing.
	Derived bool     `json:"derived,omitempty"`
	Valid   Validity `json:"valid,omitzero"`
	Source  string   `json:"source"`
}

func (r *Role) ref() RoleRef       { return RoleRef{r.Code, r.URN, r.Names} }
func (p *Package) ref() PackageRef { return PackageRef{p.Code, p.URN, p.Names} }

// providerRegister is the provider of the roles in Enhetsregisteret.
const providerRegister = "sys-ccr"

// givers returns the roles that give a package in a view: those of the seeds'
// tables first and in their order, which is the order of RoleID.
func (c *Catalogue) givers(v *View, p *Package) []Giver {
	type row struct {
		m Mapping
		r *Role
	}
	var rows []row
	for _, m := range c.mappings {
		if m.Package == p.ID && v.holds(m.Valid) && v.roles[m.Role] != nil {
			rows = append(rows, row{m, v.roles[m.Role]})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.m.Role, b.m.Role), cmp.Compare(a.m.Form, b.m.Form))
	})
	givers := make([]Giver, len(rows))
	for i, row := range rows {
		givers[i] = Giver{
			Role: row.r.ref(), Register: row.r.Provider == providerRegister,
			Use: row.m.Access, Give: row.m.Delegate && p.Assignable,
			Valid: row.m.Valid, Source: row.m.Source,
		}
		if f := c.Form(row.m.Form); f != nil {
			givers[i].Form = f.Code
			givers[i].Derived = c.onlyAt(v, row.m.Role, f.ID)
		}
	}
	return givers
}

// onlyAt reports whether role r is derived, and at no form but f.
func (c *Catalogue) onlyAt(v *View, r RoleID, f FormID) bool {
	derived := false
	for _, d := range c.derivations {
		if d.To == r && v.holds(d.Valid) {
			if d.Form != f {
				return false
			}
			derived = true
		}
	}
	return derived
}

// name returns the role's name, with the form it is limited to unless it is
// derived for that form.
func (g *Giver) name(lang string) string {
	name := g.Role.Names.In(lang)
	if g.Form == "" || g.Derived {
		return name
	}
	return name + " (" + wordOnly.In(lang) + " " + string(g.Form) + ")"
}

// list joins the names of the givers that which selects, or returns a dash.
func list(givers []Giver, lang string, which func(*Giver) bool) string {
	var names []string
	for i := range givers {
		if which(&givers[i]) {
			names = append(names, givers[i].name(lang))
		}
	}
	if len(names) == 0 {
		return "–"
	}
	return strings.Join(names, ", ")
}

func mayUse(g *Giver) bool  { return g.Use }
func mayGive(g *Giver) bool { return g.Give }

// codes returns the codes of forms.
func (c *Catalogue) codes(forms []FormID) []string {
	codes := make([]string, len(forms))
	for i, f := range forms {
		codes[i] = string(c.forms[f-1].Code)
	}
	return codes
}

// codesOf joins the role codes of the givers that which selects, with their
// forms: "DAGL, FFØR@NUF".
func codesOf(givers []Giver, which func(*Giver) bool) string {
	var codes []string
	for i := range givers {
		g := &givers[i]
		if !which(g) {
			continue
		}
		code := string(g.Role.Code)
		if g.Form != "" {
			code += "@" + string(g.Form)
		}
		codes = append(codes, code)
	}
	return strings.Join(codes, ", ")
}

func number(n int) string { return strconv.Itoa(n) }
