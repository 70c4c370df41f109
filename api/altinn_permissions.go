package api

import (
	"maps"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
)

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
	reasonClient
	reasonKeyRole
	reasonRoleMap
	reasonParent
)

// permission tells of one ground.
func (q *connectionQuery) permission(h held, names *altinnEntities, lang string) permissionJSON {
	v := q.snap.Catalogue().At(q.at)
	g := h.ground
	subject, object := q.ends(h.other)
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
	switch g.Rule {
	case fullmakt.RuleNest:
		p.Via, p.ViaRole = names.of(g.Between), role(g.Key)
		because(reasonKeyRole)
	case fullmakt.RuleClient:
		// The role is the provider's at the client; the agent stands behind it.
		if g.ClientRole != 0 {
			p.Role = role(g.ClientRole)
		}
		p.Via, p.ViaRole = names.of(g.Between), role(q.snap.Catalogue().RoleID(agentRole))
		because(reasonClient)
	}
	switch g.Extension {
	case fullmakt.RuleSub:
		p.Via = names.of(g.Unit)
		because(reasonParent)
	case fullmakt.RuleENK:
		p.Via, p.ViaRole = names.of(g.Unit), role(q.snap.Terms().INNH)
		because(reasonParent)
	}
	if h.mapped {
		because(reasonRoleMap)
	}
	if p.Reason.Flag == 0 {
		because(reasonDirect)
	}
	return p
}

// held is one ground by which something is held, towards one other party; mapped
// says that a role follows from the ground's by the role map.
type held struct {
	other  fullmakt.PartyNo
	ground pdp.Ground
	mapped bool
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
	found := map[catalogue.PackageID][]held{}
	for _, r := range list {
		for _, g := range r.grounds {
			for id := range q.limit.packagesOf(g.Use(q.snap, q.at)).All() {
				found[id] = append(found[id], held{r.other, g, false})
			}
		}
	}
	v := q.snap.Catalogue().At(q.at)
	lang := c.altinnLang(q.params)
	out := c.streamPage()
	for id := range v.Valid().All() {
		if found[id] != nil {
			out.begin("package", packageRef(q.snap.Catalogue(), v.Package(id)), "permissions")
			for _, h := range found[id] {
				out.item(q.permission(h, names, lang))
			}
			out.end()
		}
	}
	out.close()
	return nil
}

// connectionRoles answers with the roles between the parties. A grant gives
// packages, never roles (rule ROLE).
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
	found := map[catalogue.RoleID][]held{}
	for _, r := range list {
		for _, g := range r.grounds {
			if g.Role == 0 {
				continue
			}
			found[g.Role] = append(found[g.Role], held{r.other, g, false})
			for _, id := range v.Mapped(g.Role) {
				found[id] = append(found[id], held{r.other, g, true})
			}
		}
	}
	m := meta{v: v, c: q.snap.Catalogue(), lang: c.altinnLang(q.params)}
	out := c.streamPage()
	for _, id := range q.limit.rolesOf(slices.Sorted(maps.Keys(found))) {
		if role := v.Role(id); role != nil {
			out.begin("role", m.role(role), "permissions")
			for _, h := range found[id] {
				out.item(q.permission(h, names, m.lang))
			}
			out.end()
		}
	}
	out.close()
	return nil
}
