package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

const resourceRegistry = "/resourceregistry/api/v1"

// Scopes of the resource registry. The admin scope is for who runs the registry,
// and changes what every service owner has.
var (
	scopeRegistryAdmin = "altinn:resourceregistry/resource.admin"
	resourcesWrite     = []string{"altinn:resourceregistry/resource.write", scopeRegistryAdmin}
)

// registryRoutes lists the routes of resources and their policies. To read them
// needs no token.
func registryRoutes() []route {
	const resource = resourceRegistry + "/resource"
	routes := []route{
		altinnOpen("GET", resource+"/resourcelist", (*Server).resourceList),
		altinnOpen("GET", resource+"/search", (*Server).resourceSearch),
		altinnOpen("GET", resource+"/{id}", (*Server).resource),
		altinnOpen("GET", resource+"/{id}/policy", (*Server).resourcePolicy),
		altinnOpen("GET", resource+"/{id}/policy/subjects", (*Server).policySubjects),
		altinnOpen("GET", resource+"/{id}/policy/rules", (*Server).policyRules),
		altinnOpen("GET", resource+"/{id}/policy/rights", (*Server).policyRights),
		altinnOpen("POST", resource+"/bysubjects", (*Server).resourcesBySubjects),
		altinn("POST", resource, resourcesWrite, (*Server).createResource),
		altinn("PUT", resource+"/{id}", resourcesWrite, (*Server).updateResource),
		altinn("DELETE", resource+"/{id}", resourcesWrite, (*Server).deleteResource),
		altinn("POST", resource+"/{id}/policy", resourcesWrite, (*Server).putPolicy),
		altinn("PUT", resource+"/{id}/policy", resourcesWrite, (*Server).putPolicy),
	}
	for _, rt := range routes { // a slash at the end means the same
		rt.pattern += "/{$}"
		rt.alias = true
		routes = append(routes, rt)
	}
	return routes
}

// registry returns the register and the registry that this call is answered from.
func (c *call) registry() (*index.Snapshot, *registry.View, error) {
	s, err := c.snapshot()
	if err != nil {
		return nil, nil, err
	}
	return s, c.server.node.Registry(s), nil
}

// author returns who the caller changes the registry as.
func (c *call) author() registry.Author {
	return registry.Author{
		Code: c.caller.ownerCode, Organisation: c.caller.organisation, Operator: c.caller.open || c.caller.may(scopeRegistryAdmin),
	}
}

// changeRegistry runs a command on the head, and answers the rest of the call from what
// it made.
func (c *call) changeRegistry(note string, command func(*index.Snapshot, *registry.View) ([]fullmakt.Change, error)) error {
	n := c.server.node
	_, err := n.Do(c.r.Context(), c.now, note, func(s *index.Snapshot) ([]fullmakt.Change, error) {
		return command(s, n.Registry(s))
	})
	c.snap = nil
	return registryError(err)
}

// registryError writes what is wrong with fields as ASP.NET does.
func registryError(err error) error {
	var invalid *registry.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	fields := fieldErrors{}
	for _, f := range invalid.Fields {
		fields[f.Path] = append(fields[f.Path], f.Why)
	}
	return fields
}

// resourceJSON is a resource as Altinn writes it.
type resourceJSON struct {
	*registry.Resource
	AuthorizationReference []attributeIDJSON `json:"authorizationReference"`
}

type attributeIDJSON struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

func resourceOut(r *registry.Resource) resourceJSON {
	out := resourceJSON{Resource: r}
	for _, a := range r.Attributes() {
		out.AuthorizationReference = append(out.AuthorizationReference, attributeIDJSON{a.ID, a.Value})
	}
	return out
}

// resource answers one resource; the version that it is of stands in ETag.
func (s *Server) resource(c *call) error {
	_, v, err := c.registry()
	if err != nil {
		return err
	}
	r, err := c.pathResource(v)
	if err != nil {
		return err
	}
	if c.unchanged(revisionTag(v.ResourceRevision(r.Identifier))) {
		return nil
	}
	return c.writeJSON(http.StatusOK, resourceOut(r))
}

// pathResource returns the resource that the path names.
func (c *call) pathResource(v *registry.View) (*registry.Resource, error) {
	id := c.r.PathValue("id")
	r, ok := v.Resource(id)
	if !ok {
		return nil, statusf(http.StatusNotFound, "there is no such resource")
	}
	return r, nil
}

// revisionTag returns the entity tag of a version: the revision that made it.
func revisionTag(seq fullmakt.Seq) string { return `"` + strconv.FormatUint(uint64(seq), 10) + `"` }

// unchanged writes an entity tag, and answers 304 when the client has that version.
func (c *call) unchanged(tag string) bool {
	c.w.Header().Set("ETag", tag)
	if !matchesTag(c.r.Header.Values("If-None-Match"), tag) {
		return false
	}
	c.status = http.StatusNotModified
	c.w.WriteHeader(http.StatusNotModified)
	return true
}

// matchesTag reports whether a list of entity tags, as If-Match and If-None-Match
// have them, holds one. Weak ones count, as RFC 9110 has it for If-None-Match.
func matchesTag(headers []string, tag string) bool {
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
			if part == "*" || part == tag {
				return true
			}
		}
	}
	return false
}

// resourceList answers every resource, apps only when they are wanted.
func (s *Server) resourceList(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	apps, err := q.flag("includeApps", true)
	if err != nil {
		return err
	}
	return c.writeResources(func(r *registry.Resource) bool { return apps || r.ResourceType != registry.TypeApp })
}

// writeResources answers the resources that a filter lets through.
func (c *call) writeResources(wanted func(*registry.Resource) bool) error {
	_, v, err := c.registry()
	if err != nil {
		return err
	}
	out := []resourceJSON{}
	for r := range v.Resources() {
		if wanted(r) {
			out = append(out, resourceOut(r))
		}
	}
	return c.writeJSON(http.StatusOK, out)
}

// resourceSearch answers the resources that fit every parameter given.
func (s *Server) resourceSearch(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	within := func(name string, texts ...string) bool {
		want := strings.ToLower(q.one(name))
		for _, t := range texts {
			if want == "" || strings.Contains(strings.ToLower(t), want) {
				return true
			}
		}
		return want == ""
	}
	return c.writeResources(func(r *registry.Resource) bool {
		var keywords, references []string
		for _, k := range r.Keywords {
			keywords = append(keywords, k.Word)
		}
		for _, ref := range r.ResourceReferences {
			references = append(references, ref.Reference)
		}
		kind := q.one("resourceType")
		return within("id", r.Identifier) && within("title", values(r.Title)...) && within("description", values(r.Description)...) &&
			within("keyword", keywords...) && within("reference", references...) && (kind == "" || strings.EqualFold(kind, r.ResourceType))
	})
}

func values(t registry.Texts) (list []string) {
	for _, s := range t {
		list = append(list, s)
	}
	return list
}

// readResource reads the resource in the body.
func (c *call) readResource() (*registry.Resource, error) {
	if !c.isJSON() {
		return nil, statusf(http.StatusUnsupportedMediaType, "the body must be application/json")
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	return registry.ParseResource(body)
}

func (s *Server) createResource(c *call) error {
	r, err := c.readResource()
	if err != nil {
		return err
	}
	err = c.changeRegistry("resource "+r.Identifier, func(_ *index.Snapshot, v *registry.View) ([]fullmakt.Change, error) {
		return registry.CreateResource(v, c.author(), r)
	})
	if err != nil {
		return err
	}
	c.w.Header().Set("Location", resourceRegistry+"/resource/"+r.Identifier)
	return c.writeVersion(http.StatusCreated, r.Identifier)
}

func (s *Server) updateResource(c *call) error {
	r, err := c.readResource()
	if err != nil {
		return err
	}
	id := c.r.PathValue("id")
	if r.Identifier == "" { // the path says it
		r.Identifier = id
	}
	err = c.changeRegistry("resource "+id, func(_ *index.Snapshot, v *registry.View) ([]fullmakt.Change, error) {
		if err := c.ifMatch(revisionTag(v.ResourceRevision(id)), v.ResourceRevision(id) != 0); err != nil {
			return nil, err
		}
		return registry.UpdateResource(v, c.author(), id, r)
	})
	if err != nil {
		return err
	}
	return c.writeVersion(http.StatusOK, id)
}

// ifMatch refuses a change of another version than the caller has seen.
func (c *call) ifMatch(tag string, exists bool) error {
	if wanted := c.r.Header.Values("If-Match"); len(wanted) > 0 && !(exists && matchesTag(wanted, tag)) {
		return statusf(http.StatusPreconditionFailed, "it has changed since; the version now is %s", tag)
	}
	if not := c.r.Header.Values("If-None-Match"); len(not) > 0 && exists && matchesTag(not, tag) {
		return statusf(http.StatusPreconditionFailed, "it is there already; the version now is %s", tag)
	}
	return nil
}

// writeVersion answers a resource as a change has left it.
func (c *call) writeVersion(status int, id string) error {
	_, v, err := c.registry()
	if err != nil {
		return err
	}
	r, ok := v.Resource(id)
	if !ok {
		return statusf(http.StatusNotFound, "the resource has been deleted meanwhile")
	}
	c.w.Header().Set("ETag", revisionTag(v.ResourceRevision(r.Identifier)))
	return c.writeJSON(status, resourceOut(r))
}

func (s *Server) deleteResource(c *call) error {
	id := c.r.PathValue("id")
	err := c.changeRegistry("end of resource "+id, func(_ *index.Snapshot, v *registry.View) ([]fullmakt.Change, error) {
		if err := c.ifMatch(revisionTag(v.ResourceRevision(id)), v.ResourceRevision(id) != 0); err != nil {
			return nil, err
		}
		return registry.DeleteResource(v, c.author(), id)
	})
	if err != nil {
		return err
	}
	c.noContent()
	return nil
}

// noContent answers that it is done, and no more.
func (c *call) noContent() {
	c.status = http.StatusNoContent
	c.w.WriteHeader(http.StatusNoContent)
}
