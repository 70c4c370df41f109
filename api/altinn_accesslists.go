package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// Scopes of access lists. Besides the scope it takes the owner of the lists.
var (
	accessListsWrite = []string{"altinn:resourceregistry/accesslist.write", scopeRegistryAdmin}
	accessListsRead  = append([]string{"altinn:resourceregistry/accesslist.read"}, accessListsWrite...)
)

// accessListRoutes lists the routes of access lists as their owners see them.
func accessListRoutes() []route {
	const lists = resourceRegistry + "/access-lists"
	const list = lists + "/{owner}/{id}"
	return []route{
		altinn("GET", lists+"/memberships", pipScopes, (*Server).memberships),
		altinn("GET", lists+"/get-by-member", pipScopes, (*Server).listsByMember),
		altinn("POST", "/authorization/api/v1/accesslist/accessmanagement/authorization", pipScopes, (*Server).authorizeByList),
		altinn("GET", lists+"/{owner}", accessListsRead, (*Server).accessLists),
		altinn("GET", list, accessListsRead, (*Server).accessList),
		altinn("GET", list+"/members", accessListsRead, (*Server).listMembers),
		altinn("GET", list+"/resource-connections", accessListsRead, (*Server).listConnections),
		altinn("PUT", list, accessListsWrite, (*Server).putAccessList),
		altinn("PATCH", list, accessListsWrite, (*Server).putAccessList),
		altinn("DELETE", list, accessListsWrite, (*Server).deleteAccessList),
		altinn("PUT", list+"/members", accessListsWrite, changeMembers(registry.ReplaceMembers)),
		altinn("POST", list+"/members", accessListsWrite, changeMembers(registry.AddMembers)),
		altinn("DELETE", list+"/members", accessListsWrite, changeMembers(registry.RemoveMembers)),
		altinn("PUT", list+"/resource-connections/{resource}", accessListsWrite, (*Server).connectResource),
		altinn("DELETE", list+"/resource-connections/{resource}", accessListsWrite, (*Server).disconnectResource),
	}
}

// accessListJSON is an access list as Altinn writes it.
type accessListJSON struct {
	URN                 string                `json:"urn"`
	Identifier          string                `json:"identifier"`
	Name                string                `json:"name"`
	Description         string                `json:"description"`
	CreatedAt           string                `json:"createdAt"`
	UpdatedAt           string                `json:"updatedAt"`
	ResourceConnections *[]listConnectionJSON `json:"resourceConnections,omitempty"` // when they are asked for
}

type listConnectionJSON struct {
	ResourceIdentifier string   `json:"resourceIdentifier"`
	ActionFilters      []string `json:"actionFilters"` // null: every action
	CreatedAt          string   `json:"createdAt"`
	UpdatedAt          string   `json:"updatedAt"`
}

type listMemberJSON struct {
	ID          string            `json:"id"`
	Since       string            `json:"since"`
	Identifiers map[string]string `json:"identifiers"`
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func accessListOut(l *registry.AccessList, withConnections bool) accessListJSON {
	out := accessListJSON{URN: l.URN(), Identifier: l.Identifier, Name: l.Name, Description: l.Description, CreatedAt: instant(l.Created), UpdatedAt: instant(l.Updated)}
	if withConnections {
		connections := connectionsOut(l)
		out.ResourceConnections = &connections
	}
	return out
}

func connectionsOut(l *registry.AccessList) []listConnectionJSON {
	out := []listConnectionJSON{}
	for _, c := range l.Connections {
		out = append(out, listConnectionJSON{c.Resource, c.Actions, instant(c.Created), instant(c.Updated)})
	}
	return out
}

// listTag returns the entity tag of a list with its members. A purged member leaves
// without a change of the list, so that they are counted.
func listTag(l *registry.AccessList) string {
	return fmt.Sprintf(`"%d-%d"`, l.Revision, len(l.Members))
}

// accessLists answers the lists of an owner.
func (s *Server) accessLists(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	owner := c.r.PathValue("owner")
	_, v, err := c.registry()
	if err != nil {
		return err
	}
	if err := v.OwnsLists(c.author(), owner); err != nil {
		return err
	}
	out := []accessListJSON{}
	tag := fullmakt.Seq(0)
	for l := range v.AccessListsOf(owner) {
		out = append(out, accessListOut(l, slices.Contains(q.all("include"), "resource-connections")))
		tag = max(tag, l.Revision)
	}
	if c.unchanged(fmt.Sprintf(`"%d-%d"`, tag, len(out))) {
		return nil
	}
	return c.writeJSON(http.StatusOK, pageOf(out))
}

// pathList returns the list that the path names, as the caller may see it.
func (c *call) pathList() (*index.Snapshot, *registry.AccessList, error) {
	s, v, err := c.registry()
	if err != nil {
		return nil, nil, err
	}
	owner := c.r.PathValue("owner")
	if err := v.OwnsLists(c.author(), owner); err != nil {
		return nil, nil, err
	}
	l, ok := v.AccessList(owner, c.r.PathValue("id"))
	if !ok {
		return nil, nil, statusf(http.StatusNotFound, "there is no such access list")
	}
	return s, l, nil
}

func (s *Server) accessList(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	_, l, err := c.pathList()
	if err != nil {
		return err
	}
	if c.sameList(l) {
		return nil
	}
	return c.writeJSON(http.StatusOK, accessListOut(l, slices.Contains(q.all("include"), "resource-connections")))
}

// sameList answers 304 when the client has this version of a list.
func (c *call) sameList(l *registry.AccessList) bool {
	c.w.Header().Set("Last-Modified", l.Updated.UTC().Format(http.TimeFormat))
	return c.unchanged(listTag(l))
}

func (s *Server) listConnections(c *call) error {
	_, l, err := c.pathList()
	if err != nil || c.sameList(l) {
		return err
	}
	return c.writeJSON(http.StatusOK, pageOf(connectionsOut(l)))
}

func (s *Server) listMembers(c *call) error {
	snap, l, err := c.pathList()
	if err != nil || c.sameList(l) {
		return err
	}
	return c.writeMembers(snap, l)
}

// writeMembers answers the members of a list under all their names.
func (c *call) writeMembers(snap *index.Snapshot, l *registry.AccessList) error {
	nos := make([]fullmakt.PartyNo, len(l.Members))
	for i, m := range l.Members {
		nos[i] = m.Party
	}
	uuids, err := c.server.node.Store().UUIDs(c.r.Context(), nos)
	if err != nil {
		return err
	}
	out := []listMemberJSON{}
	for _, m := range l.Members {
		uuid := "urn:altinn:party:uuid:" + uuids[m.Party].String()
		out = append(out, listMemberJSON{ID: uuid, Since: instant(m.Since), Identifiers: map[string]string{
			"urn:altinn:party:uuid": uuids[m.Party].String(), "urn:altinn:party:id": fmt.Sprint(m.Party),
			"urn:altinn:organization:identifier-no": snap.ID(m.Party).Org.String(),
		}})
	}
	return c.writeJSON(http.StatusOK, pageOf(out))
}

// changeList runs a command on the list of the path, on the version that the caller has seen
// where it says which, and answers what it has become.
func (c *call) changeList(what string, command func(*index.Snapshot, *registry.View) ([]fullmakt.Change, error), answer func(*index.Snapshot, *registry.AccessList) error) error {
	owner, id := c.r.PathValue("owner"), c.r.PathValue("id")
	err := c.changeRegistry("access list: "+what, func(s *index.Snapshot, v *registry.View) ([]fullmakt.Change, error) {
		if err := v.OwnsLists(c.author(), owner); err != nil {
			return nil, err
		}
		l, exists := v.AccessList(owner, id)
		if !exists {
			l = &registry.AccessList{}
		}
		if err := c.ifMatch(listTag(l), exists); err != nil {
			return nil, err
		}
		if since, err := http.ParseTime(c.r.Header.Get("If-Unmodified-Since")); err == nil && exists && l.Updated.Truncate(time.Second).After(since) {
			return nil, statusf(http.StatusPreconditionFailed, "it has changed since")
		}
		return command(s, v)
	})
	if err != nil {
		return err
	}
	s, v, err := c.registry()
	if err != nil {
		return err
	}
	l, ok := v.AccessList(owner, id)
	if !ok {
		c.noContent()
		return nil
	}
	c.w.Header().Set("ETag", listTag(l))
	c.w.Header().Set("Last-Modified", l.Updated.UTC().Format(http.TimeFormat))
	return answer(s, l)
}

// putAccessList makes a list, or changes its name and description: with PUT both, with PATCH those
// that the body has.
func (s *Server) putAccessList(c *call) error {
	var body struct{ Name, Description *string }
	if err := c.readJSON(&body); err != nil {
		return err
	}
	owner, id := c.r.PathValue("owner"), c.r.PathValue("id")
	return c.changeList("name", func(_ *index.Snapshot, v *registry.View) ([]fullmakt.Change, error) {
		empty := ""
		name, description := cmp.Or(body.Name, &empty), cmp.Or(body.Description, &empty)
		if c.r.Method == http.MethodPatch {
			l, ok := v.AccessList(owner, id)
			if !ok {
				return nil, statusf(http.StatusNotFound, "there is no such access list")
			}
			name, description = cmp.Or(body.Name, &l.Name), cmp.Or(body.Description, &l.Description)
		}
		return registry.PutAccessList(v, c.author(), owner, id, *name, *description, c.now)
	}, func(_ *index.Snapshot, l *registry.AccessList) error {
		return c.writeJSON(http.StatusOK, accessListOut(l, false))
	})
}

func (s *Server) deleteAccessList(c *call) error {
	return c.changeList("end", func(_ *index.Snapshot, v *registry.View) ([]fullmakt.Change, error) {
		return registry.DeleteAccessList(v, c.author(), c.r.PathValue("owner"), c.r.PathValue("id"))
	}, func(*index.Snapshot, *registry.AccessList) error {
		c.noContent() // somebody has made it again meanwhile
		return nil
	})
}

// changeMembers returns the handler that replaces, adds or removes members.
func changeMembers(how registry.MemberChange) func(*Server, *call) error {
	return func(s *Server, c *call) error {
		var body struct{ Data []string }
		if err := c.readJSON(&body); err != nil {
			return err
		}
		return c.changeList("members", func(snap *index.Snapshot, v *registry.View) ([]fullmakt.Change, error) {
			parties := make([]fullmakt.PartyNo, len(body.Data))
			for i, urn := range body.Data {
				var err error
				if parties[i], err = c.partyByURN(snap, urn, fmt.Sprintf("data[%d]", i)); err != nil {
					return nil, err
				}
			}
			return registry.ChangeMembers(snap, v, c.author(), c.r.PathValue("owner"), c.r.PathValue("id"), how, parties, c.now)
		}, c.writeMembers)
	}
}

func (s *Server) connectResource(c *call) error {
	var body struct{ ActionFilters []string }
	if err := c.readJSON(&body); err != nil {
		return err
	}
	resource := c.r.PathValue("resource")
	return c.changeList("connection", func(_ *index.Snapshot, v *registry.View) ([]fullmakt.Change, error) {
		return registry.ConnectResource(v, c.author(), c.r.PathValue("owner"), c.r.PathValue("id"), resource, body.ActionFilters, c.now)
	}, func(_ *index.Snapshot, l *registry.AccessList) error {
		for _, connection := range connectionsOut(l) {
			if connection.ResourceIdentifier == resource {
				return c.writeJSON(http.StatusOK, connection)
			}
		}
		c.noContent()
		return nil
	})
}

func (s *Server) disconnectResource(c *call) error {
	return c.changeList("connection", func(_ *index.Snapshot, v *registry.View) ([]fullmakt.Change, error) {
		return registry.DisconnectResource(v, c.author(), c.r.PathValue("owner"), c.r.PathValue("id"), c.r.PathValue("resource"), c.now)
	}, func(*index.Snapshot, *registry.AccessList) error {
		c.noContent()
		return nil
	})
}
