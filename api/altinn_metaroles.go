package api

import (
	"net/http"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/registry"
)

// metaRoleJSON is a role.
type metaRoleJSON struct {
	ID                        string            `json:"id"`
	Name                      string            `json:"name"`
	Code                      string            `json:"code"`
	Description               string            `json:"description"`
	IsKeyRole                 bool              `json:"isKeyRole"`
	URN                       string            `json:"urn"`
	LegacyRoleCode            *string           `json:"legacyRoleCode"`
	LegacyURN                 *string           `json:"legacyUrn"`
	IsResourcePolicyAvailable bool              `json:"isResourcePolicyAvailable"`
	Provider                  *metaProviderJSON `json:"provider"`
}

// roleTexts describe a role by where it comes from; % is its name. The catalogue
// has no text of its own for roles.
var roleTexts = map[string]catalogue.Names{
	"sys-ccr":     {NB: "% i Enhetsregisteret", NN: "% i Einingsregisteret", EN: "% in the Central Coordinating Register for Legal Entities"},
	"sys-cra":     {NB: "% etter vedtak om vergemål", NN: "% etter vedtak om verjemål", EN: "% by a decision on guardianship"},
	"sys-altinn2": {NB: "%, en rolle fra Altinn 2", NN: "%, ei rolle frå Altinn 2", EN: "%, a role from Altinn 2"},
	"sys-altinn3": {NB: "%, en rolle i Altinn", NN: "%, ei rolle i Altinn", EN: "%, a role in Altinn"},
}

func (m meta) role(r *catalogue.Role) *metaRoleJSON {
	out := &metaRoleJSON{ID: r.UUID, Name: r.Names.In(m.lang), Code: roleCode(r), IsKeyRole: r.Key, URN: r.URN,
		LegacyURN: orNull(r.LegacyURN), IsResourcePolicyAvailable: r.ServiceOwner, Provider: m.provider(r.Provider)}
	if r.LegacyURN != "" {
		out.LegacyRoleCode = orNull(legacyCode(r))
	}
	before, after := cutPercent(roleTexts[r.Provider].In(m.lang))
	out.Description = before + out.Name + after
	return out
}

func cutPercent(s string) (before, after string) {
	for i := range len(s) {
		if s[i] == '%' {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// roleCode is a role's code in Altinn: daglig-leder.
func roleCode(r *catalogue.Role) string {
	if r.AltinnCode != "" {
		return r.AltinnCode
	}
	return string(r.Code)
}

// roles lists the roles that Altinn lists: all but ECKEY, which it lacks though
// its rules need it (rule NEST-2).
func (m meta) roles() (list []*catalogue.Role) {
	for i := range m.c.Roles() {
		id := catalogue.RoleID(i + 1)
		if r := m.v.Role(id); r != nil && r.Code != fullmakt.ECKEY {
			list = append(list, r)
		}
	}
	return list
}

func (s *Server) metaRoles(c *call) error {
	m, _, err := c.meta()
	if err != nil {
		return err
	}
	out := []*metaRoleJSON{}
	for _, r := range m.roles() {
		out = append(out, m.role(r))
	}
	return c.writeJSON(http.StatusOK, out)
}

func (s *Server) metaRole(c *call) error {
	m, _, err := c.meta()
	if err != nil {
		return err
	}
	r, err := c.roleOfPath(m)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, m.role(r))
}

// roleOfPath returns the role that the path names by its UUID.
func (c *call) roleOfPath(m meta) (*catalogue.Role, error) {
	id, err := c.pathUUID("role")
	if err != nil {
		return nil, err
	}
	for _, r := range m.roles() {
		if r.UUID == id {
			return r, nil
		}
	}
	return nil, noRole(c.r.PathValue("id"))
}

func noRole(name string) error {
	return statusf(http.StatusNotFound, "Role '%s' not found", unlessNationalID(name))
}

// metaRolePackages lists the packages that a role gives, at organisations of one
// form or at any. The role stands in the path, or as a parameter.
func (s *Server) metaRolePackages(c *call) error {
	m, q, err := c.meta()
	if err != nil {
		return err
	}
	with, err := q.flag("includeResources", false)
	if err != nil {
		return err
	}
	_, gives, err := c.roleAndPackages(m, q)
	if err != nil {
		return err
	}
	var of *policyResources
	if with {
		if of, err = c.policyResources(m); err != nil {
			return err
		}
	}
	list := []*metaPackageJSON{}
	for id := range gives.All() {
		p := m.pkgWithArea(m.v.Package(id))
		if with {
			resources := of.list(registry.PackageSubjects(m.v.Package(id)))
			p.Resources = &resources
		}
		list = append(list, p)
	}
	return writeOrNone(c, list)
}

// roleAndPackages returns the role that a request names, in the path or as a
// parameter, and the packages that it gives at organisations of one form or at any.
func (c *call) roleAndPackages(m meta, q altinnQuery) (r *catalogue.Role, gives catalogue.PackageSet, err error) {
	if c.r.PathValue("id") != "" {
		if r, err = c.roleOfPath(m); err != nil {
			return nil, gives, err
		}
	} else {
		name := q.one("role")
		if name == "" {
			return nil, gives, invalidField("role", "name a role")
		}
		if r = m.v.Role(m.c.RoleID(fullmakt.RoleCode(name))); r == nil {
			return nil, gives, noRole(name)
		}
	}
	variant := q.one("variant")
	form := m.c.FormID(fullmakt.OrgForm(variant))
	if variant != "" && form == 0 {
		return nil, gives, statusf(http.StatusNotFound, "Variant '%s' not found", unlessNationalID(variant))
	}
	conferral := m.v.Conferral(r.ID, form)
	if form != 0 {
		return r, conferral.Use, nil
	}
	return r, conferral.Use.Union(conferral.OtherForm), nil
}

// metaSubtypeJSON is an organisation form.
type metaSubtypeJSON struct {
	ID          string        `json:"id"`
	TypeID      string        `json:"typeId"`
	Name        string        `json:"name"`
	Description string        `json:"description"`
	Type        *metaTypeJSON `json:"type"`
}

func (s *Server) metaSubtypes(c *call) error {
	m, _, err := c.meta()
	if err != nil {
		return err
	}
	typ := m.entityType(fullmakt.KindOrganisation)
	list := []metaSubtypeJSON{}
	for i := range m.c.Forms() {
		f := m.v.Form(catalogue.FormID(i + 1))
		if f != nil && f.Entity == fullmakt.KindOrganisation.String() {
			list = append(list, metaSubtypeJSON{ID: f.UUID, TypeID: typ.ID, Name: string(f.Code), Description: f.Names.In(m.lang), Type: typ})
		}
	}
	return c.writeJSON(http.StatusOK, list)
}
