package api

import (
	"net/http"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

const metaInfo = accessManagement + "/meta/info"

// altinnMetaRoutes lists the routes that tell what there is: areas, packages,
// roles, forms. They need no token.
func altinnMetaRoutes() []route {
	const packages = metaInfo + "/accesspackages"
	routes := []route{
		altinnOpen("GET", packages+"/export", (*Server).metaExport),
		altinnOpen("GET", packages+"/search", (*Server).metaSearch),
		altinnOpen("GET", packages+"/group", (*Server).metaGroups),
		altinnOpen("GET", packages+"/group/{id}", (*Server).metaGroup),
		altinnOpen("GET", packages+"/group/{id}/areas", (*Server).metaGroupAreas),
		altinnOpen("GET", packages+"/area/{id}", (*Server).metaArea),
		altinnOpen("GET", packages+"/area/{id}/packages", (*Server).metaAreaPackages),
		altinnOpen("GET", packages+"/package/{id}", (*Server).metaPackage),
		altinnOpen("GET", metaInfo+"/roles", (*Server).metaRoles),
		altinnOpen("GET", metaInfo+"/roles/{id}", (*Server).metaRole),
		altinnOpen("GET", metaInfo+"/roles/packages", (*Server).metaRolePackages),
		altinnOpen("GET", metaInfo+"/roles/{id}/packages", (*Server).metaRolePackages),
		altinnOpen("GET", metaInfo+"/roles/resources", (*Server).metaRoleResources),
		altinnOpen("GET", metaInfo+"/roles/{id}/resources", (*Server).metaRoleResources),
		altinnOpen("GET", accessManagement+"/meta/types/organization/subtypes", (*Server).metaSubtypes),
	}
	under := altinnOpen("GET", packages+"/package/{id}/{what}", (*Server).metaPackageUnder)
	under.stands = []string{packages + "/package/urn/{urn}", packages + "/package/{id}/resources"}
	routes = append(routes, under)
	// A slash at the end means the same.
	for _, rt := range routes {
		rt.pattern += "/{$}"
		rt.alias = true
		routes = append(routes, rt)
	}
	return routes
}

// meta answers questions about the catalogue at one time in one language. Parents
// are written in their children, and children in their parents, but not round
// again: there the key is null.
type meta struct {
	v    *catalogue.View
	c    *catalogue.Catalogue
	lang string
}

// meta reads what a metadata request has in common with the others.
func (c *call) meta() (meta, altinnQuery, error) {
	q, err := c.altinnQuery()
	if err != nil {
		return meta{}, nil, err
	}
	cat := c.server.node.Catalogue()
	m := meta{v: cat.At(c.now.Unix()), c: cat, lang: c.altinnLang(q)}
	c.w.Header().Set("Content-Language", m.lang)
	c.w.Header().Set("Vary", "Accept-Language")
	return m, q, nil
}

// metaGroupJSON is a group of areas (AreaGroup).
type metaGroupJSON struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	URN         *string         `json:"urn"`
	Description string          `json:"description"`
	Type        string          `json:"type"`
	Areas       []*metaAreaJSON `json:"areas"`
}

// metaAreaJSON is an area of authority.
type metaAreaJSON struct {
	ID          string             `json:"id"`
	Name        string             `json:"name"`
	URN         string             `json:"urn"`
	Description string             `json:"description"`
	IconURL     *string            `json:"iconUrl"`
	Packages    []*metaPackageJSON `json:"packages"`
	Group       *metaGroupJSON     `json:"group"`
}

// metaPackageJSON is an access package.
type metaPackageJSON struct {
	ID                        string             `json:"id"`
	Name                      string             `json:"name"`
	URN                       string             `json:"urn"`
	Description               string             `json:"description"`
	IsDelegable               bool               `json:"isDelegable"`
	IsAssignable              bool               `json:"isAssignable"`
	IsResourcePolicyAvailable bool               `json:"isResourcePolicyAvailable"`
	Area                      *metaAreaJSON      `json:"area"`
	Type                      *metaTypeJSON      `json:"type"`
	Resources                 *[]resourceRefJSON `json:"resources"` // null where they are not asked for
}

// metaTypeJSON is a type of entity.
type metaTypeJSON struct {
	ID         string            `json:"id"`
	ProviderID string            `json:"providerId"`
	Name       string            `json:"name"`
	Provider   *metaProviderJSON `json:"provider"`
}

// metaProviderJSON is who provides roles or packages.
type metaProviderJSON struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	RefID   *string `json:"refId"`
	LogoURL *string `json:"logoUrl"`
	Code    string  `json:"code"`
	TypeID  string  `json:"typeId"`
	Type    *string `json:"type"`
}

// noUUID is how a UUID that we do not know is written where null may not stand.
const noUUID = "00000000-0000-0000-0000-000000000000"

func (m meta) provider(code string) *metaProviderJSON {
	p := providers[code]
	return &metaProviderJSON{ID: p.id, Name: p.name, Code: code, TypeID: noUUID}
}

func entityName(k fullmakt.PartyKind) string { return entityTypes[k.String()].name }

func (m meta) entityType(k fullmakt.PartyKind) *metaTypeJSON {
	p := m.provider("sys-altinn3")
	t := entityTypes[k.String()]
	return &metaTypeJSON{ID: t.id, Name: t.name, ProviderID: p.ID, Provider: p}
}

func (m meta) pkg(p *catalogue.Package) *metaPackageJSON {
	return &metaPackageJSON{ID: p.UUID, Name: p.Names.In(m.lang), URN: p.AltinnURN, Description: p.Texts.In(m.lang),
		IsDelegable: p.Delegable, IsAssignable: p.Assignable, IsResourcePolicyAvailable: p.ServiceOwner, Type: m.entityType(p.EntityType)}
}

// pkgWithArea is the package with its area and group.
func (m meta) pkgWithArea(p *catalogue.Package) *metaPackageJSON {
	out := m.pkg(p)
	if a, ok := m.c.FindArea(p.Area); ok {
		out.Area = m.areaWithGroup(&a)
	}
	return out
}

func (m meta) area(a *catalogue.Area) *metaAreaJSON {
	return &metaAreaJSON{ID: a.UUID, Name: a.Names.In(m.lang), URN: a.URN, Description: a.Texts.In(m.lang)}
}

func (m meta) areaWithGroup(a *catalogue.Area) *metaAreaJSON {
	out := m.area(a)
	for _, g := range m.c.Groups() {
		if g.Code == a.Group {
			out.Group = m.group(&g)
		}
	}
	return out
}

// areaWithPackages is the area with its packages; an area without any has an
// empty list.
func (m meta) areaWithPackages(a *catalogue.Area) *metaAreaJSON {
	out := m.area(a)
	out.Packages = []*metaPackageJSON{}
	for _, p := range m.packagesOf(a) {
		out.Packages = append(out.Packages, m.pkg(p))
	}
	return out
}

func (m meta) packagesOf(a *catalogue.Area) (list []*catalogue.Package) {
	for id := range m.v.Valid().All() {
		if p := m.v.Package(id); p.Area == a.Code {
			list = append(list, p)
		}
	}
	return list
}

// groupText describes a group; the catalogue has no text of its own for it.
var groupText = catalogue.Names{NB: "Fullmaktsområder: %", NN: "Fullmaktsområde: %", EN: "Areas of authority: %"}

func (m meta) group(g *catalogue.Group) *metaGroupJSON {
	name := g.Names.In(m.lang)
	return &metaGroupJSON{ID: g.UUID, Name: name, Type: entityName(g.EntityType),
		Description: strings.Replace(groupText.In(m.lang), "%", name, 1)}
}

func (m meta) groupWithAreas(g *catalogue.Group) *metaGroupJSON {
	out := m.group(g)
	out.Areas = []*metaAreaJSON{}
	for _, a := range m.v.Areas() {
		if a.Group == g.Code {
			out.Areas = append(out.Areas, m.areaWithPackages(a))
		}
	}
	return out
}

func (s *Server) metaExport(c *call) error {
	m, _, err := c.meta()
	if err != nil {
		return err
	}
	out := []*metaGroupJSON{}
	for _, g := range m.c.Groups() {
		out = append(out, m.groupWithAreas(&g))
	}
	return c.writeJSON(http.StatusOK, out)
}

func (s *Server) metaGroups(c *call) error {
	m, _, err := c.meta()
	if err != nil {
		return err
	}
	out := []*metaGroupJSON{}
	for _, g := range m.c.Groups() {
		out = append(out, m.group(&g))
	}
	return c.writeJSON(http.StatusOK, out)
}

// findGroup returns the group that the path names by its UUID.
func (c *call) findGroup(m meta) (*catalogue.Group, error) {
	id, err := c.pathUUID("group")
	if err != nil {
		return nil, err
	}
	for i := range m.c.Groups() {
		if g := &m.c.Groups()[i]; g.UUID == id {
			return g, nil
		}
	}
	return nil, statusf(http.StatusNotFound, "there is no group with this id")
}

// metaOfArea returns the metadata as the call asks for them, and the area that its
// path names.
func (c *call) metaOfArea() (meta, *catalogue.Area, error) {
	m, _, err := c.meta()
	if err != nil {
		return m, nil, err
	}
	id, err := c.pathUUID("area")
	if err != nil {
		return m, nil, err
	}
	for _, a := range m.v.Areas() {
		if a.UUID == id {
			return m, a, nil
		}
	}
	return m, nil, statusf(http.StatusNotFound, "there is no area with this id")
}

// pathUUID reads the path's {id}; anything but a UUID is at no path of Altinn's.
func (c *call) pathUUID(what string) (string, error) {
	u, err := fullmakt.ParseUUID(c.r.PathValue("id"))
	if err != nil {
		return "", statusf(http.StatusNotFound, "a %s is named by its UUID here", what)
	}
	return u.String(), nil
}

func (s *Server) metaGroup(c *call) error {
	m, _, err := c.meta()
	if err != nil {
		return err
	}
	g, err := c.findGroup(m)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, m.group(g))
}

func (s *Server) metaGroupAreas(c *call) error {
	m, _, err := c.meta()
	if err != nil {
		return err
	}
	g, err := c.findGroup(m)
	if err != nil {
		return err
	}
	return writeOrNone(c, m.groupWithAreas(g).Areas)
}

// writeOrNone answers with a list, or 204 for one that is empty though its parent
// exists.
func writeOrNone[T any](c *call, list []T) error {
	if len(list) == 0 {
		c.status = http.StatusNoContent
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return c.writeJSON(http.StatusOK, list)
}

func (s *Server) metaArea(c *call) error {
	m, a, err := c.metaOfArea()
	if err != nil {
		return err
	}
	out := m.areaWithPackages(a)
	out.Group = m.areaWithGroup(a).Group
	return c.writeJSON(http.StatusOK, out)
}

func (s *Server) metaAreaPackages(c *call) error {
	m, a, err := c.metaOfArea()
	if err != nil {
		return err
	}
	return writeOrNone(c, m.areaWithPackages(a).Packages)
}

func (s *Server) metaPackage(c *call) error {
	m, _, err := c.meta()
	if err != nil {
		return err
	}
	id, err := c.pathUUID("package")
	if err != nil {
		return err
	}
	return c.writePackage(m, id)
}

// metaPackageUnder answers package/urn/NAME, where the name is the whole URN or
// the bare code, and package/ID/resources. One pattern takes both, since a mux
// cannot tell which of two to prefer for package/urn/resources.
func (s *Server) metaPackageUnder(c *call) error {
	m, _, err := c.meta()
	if err != nil {
		return err
	}
	switch {
	case c.r.PathValue("id") == "urn":
		return c.writePackage(m, c.r.PathValue("what"))
	case c.r.PathValue("what") == "resources":
		return c.writePackageResources(m, c.r.PathValue("id"))
	}
	return statusf(http.StatusNotFound, "there is nothing at this path")
}

func (c *call) writePackage(m meta, name string) error {
	id, ok := m.c.PackageID(name)
	if p := m.v.Package(id); ok && p != nil {
		return c.writeJSON(http.StatusOK, m.pkgWithArea(p))
	}
	return statusf(http.StatusNotFound, "there is no such access package")
}
