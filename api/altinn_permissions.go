package api

import (
	"net/http"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
)

// packagePermissionsJSON is a package with everybody who has it, and how.
type packagePermissionsJSON struct {
	Package     packageRefJSON   `json:"package"`
	Permissions []permissionJSON `json:"permissions"`
}

// rolePermissionsJSON is a role with everybody who has it, and how.
type rolePermissionsJSON struct {
	Role        *metaRoleJSON    `json:"role"`
	Permissions []permissionJSON `json:"permissions"`
}

// permissionJSON is one way by which one party has something for another.
type permissionJSON struct {
	From    *entityJSON  `json:"from"`
	To      *entityJSON  `json:"to"`
	Via     *entityJSON  `json:"via"`
	Role    *roleRefJSON `json:"role"`
	ViaRole *roleRefJSON `json:"viaRole"`
	Reason  reasonJSON   `json:"reason"`
}

// reasonJSON tells why by flags, whose names are known and whose numbers are ours.
type reasonJSON struct {
	Flag  int              `json:"flag"`
	Items []reasonItemJSON `json:"items"`
}

type reasonItemJSON struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// The reasons of a permission.
var permissionReasons = [...]struct {
	name  string
	texts catalogue.Names
}{
	{"direct", catalogue.Names{NB: "Direkte", NN: "Direkte", EN: "Directly"}},
	{"client-delegation", catalogue.Names{NB: "Ved klientdelegering", NN: "Ved klientdelegering", EN: "By client delegation"}},
	{"keyrole", catalogue.Names{NB: "Ved nøkkelrolle", NN: "Ved nøkkelrolle", EN: "By a key role"}},
	{"rolemap", catalogue.Names{NB: "Følger av en annen rolle", NN: "Følgjer av ei anna rolle", EN: "Follows from another role"}},
	{"parent", catalogue.Names{NB: "Ved hovedenheten", NN: "Ved hovudeininga", EN: "By the main unit"}},
}

const (
	reasonDirect = iota
	_            // client delegation
	reasonKeyRole
	reasonRoleMap
	reasonParent
)

// permission tells of one ground; mapped says that the role follows from the
// ground's by the role map.
func (q *connectionQuery) permission(other fullmakt.PartyNo, g pdp.Ground, mapped bool, names *altinnEntities, lang string) permissionJSON {
	v := q.snap.Catalogue().At(q.at)
	subject, object := q.ends(other)
	role := func(id catalogue.RoleID) *roleRefJSON {
		if r := v.Role(id); r != nil {
			ref := roleRef(r)
			return &ref
		}
		return nil
	}
	p := permissionJSON{From: names.of(object), To: names.of(subject), Reason: reasonJSON{Items: []reasonItemJSON{}}}
	because := func(i int) {
		p.Reason.Flag |= 1 << i
		p.Reason.Items = append(p.Reason.Items, reasonItemJSON{permissionReasons[i].name, permissionReasons[i].texts.In(lang)})
	}
	if g.Role != 0 {
		p.Role = role(g.Role)
	} else {
		p.Role = role(q.snap.Catalogue().RoleID(rightholder))
	}
	if g.Rule == fullmakt.RuleNest {
		p.Via, p.ViaRole = names.of(g.Between), role(g.Key)
		because(reasonKeyRole)
	}
	switch g.Extension {
	case fullmakt.RuleSub:
		p.Via = names.of(g.Unit)
		because(reasonParent)
	case fullmakt.RuleENK:
		p.Via, p.ViaRole = names.of(g.Unit), role(q.snap.Terms().INNH)
		because(reasonParent)
	}
	if mapped {
		because(reasonRoleMap)
	}
	if p.Reason.Flag == 0 {
		because(reasonDirect)
	}
	return p
}

// connectionPackages answers with the packages between the parties.
func (s *Server) connectionPackages(c *call) error {
	q, err := s.connectionQuery(c)
	if err != nil {
		return err
	}
	list := q.relations()
	names, err := s.altinnEntities(c, &q, list)
	if err != nil {
		return err
	}
	lang := c.altinnLang(q.params)
	found := map[catalogue.PackageID][]permissionJSON{}
	for _, r := range list {
		for _, g := range r.grounds {
			p := q.permission(r.other, g, false, names, lang)
			for id := range q.limit.packagesOf(g.Use(q.snap, q.at)).All() {
				found[id] = append(found[id], p)
			}
		}
	}
	v := q.snap.Catalogue().At(q.at)
	var out []packagePermissionsJSON
	for id := range v.Valid().All() {
		if permissions := found[id]; permissions != nil {
			out = append(out, packagePermissionsJSON{packageRef(q.snap.Catalogue(), v.Package(id)), permissions})
		}
	}
	return c.writeJSON(http.StatusOK, pageOf(out))
}

// connectionRoles answers with the roles between the parties.
func (s *Server) connectionRoles(c *call) error {
	q, err := s.connectionQuery(c)
	if err != nil {
		return err
	}
	list := q.relations()
	names, err := s.altinnEntities(c, &q, list)
	if err != nil {
		return err
	}
	v := q.snap.Catalogue().At(q.at)
	m := meta{v: v, c: q.snap.Catalogue(), lang: c.altinnLang(q.params)}
	found := map[catalogue.RoleID][]permissionJSON{}
	for _, r := range list {
		for _, g := range r.grounds {
			if g.Role == 0 {
				continue // a grant gives packages, never roles (rule ROLE)
			}
			found[g.Role] = append(found[g.Role], q.permission(r.other, g, false, names, m.lang))
			for _, id := range v.Mapped(g.Role) {
				found[id] = append(found[id], q.permission(r.other, g, true, names, m.lang))
			}
		}
	}
	var ids []catalogue.RoleID
	for id := range found {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var out []rolePermissionsJSON
	for _, id := range q.limit.rolesOf(ids) {
		if role := v.Role(id); role != nil {
			out = append(out, rolePermissionsJSON{m.role(role), found[id]})
		}
	}
	return c.writeJSON(http.StatusOK, pageOf(out))
}
