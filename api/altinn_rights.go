package api

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// altinnRightsRoutes lists the routes by which an end user sees, gives and takes
// back single rights to resources.
func altinnRightsRoutes() []route {
	const base = accessManagement + "/enduser/connections/resources"
	return []route{
		altinn("GET", base, connectionsRead, (*Server).connectionResources),
		altinn("GET", base+"/rights", connectionsRead, (*Server).connectionRights),
		altinn("GET", base+"/delegationcheck", connectionsGive, (*Server).rightDelegationCheck),
		altinn("POST", base+"/rights", connectionsGive, (*Server).addRights),
		altinn("PUT", base+"/rights", connectionsGive, (*Server).replaceRights),
		altinn("DELETE", base, connectionsWrite, (*Server).removeResource),
	}
}

// rightDelegationCheck answers which rights to a resource the caller may give on
// behalf of a party.
func (s *Server) rightDelegationCheck(c *call) error {
	g, err := s.changing(c)
	if err != nil {
		return err
	}
	if err := s.mayChange(c, g, scopeToOthersWrite); err != nil {
		return err
	}
	c.lookup.Subject, c.lookup.Object = g.actor, g.party
	r, err := g.resource()
	if err != nil {
		return err
	}
	rights, err := s.checkedRights(c, g, r)
	if err != nil {
		return err
	}
	out := resourceCheckJSON{Resource: resourceRef(r, c.altinnLang(g.params)), Rights: []rightCheckJSON{}}
	for _, right := range rights {
		one := rightCheckJSON{Right: rightOut(right.Right), Result: right.Give, ReasonCodes: []string{}}
		for _, cause := range right.Causes {
			one.ReasonCodes = append(one.ReasonCodes, string(cause))
		}
		out.Rights = append(out.Rights, one)
	}
	return c.writeJSON(http.StatusOK, out)
}

func (s *Server) checkedRights(c *call, g *connectionChange, r *registry.Resource) ([]delegation.CheckedRight, error) {
	rights, err := s.node.Acting(g.snap, g.actor, c.now.Unix()).CheckRights(s.node.Registry(g.snap), g.party, r.Identifier)
	if err != nil && fullmakt.ErrorCode(err) == fullmakt.CodeNotFound {
		return nil, badRequest(amUnknownResource, "the resource has no policy")
	}
	return rights, err
}

// resource finds the resource that a request is about.
func (g *connectionChange) resource() (*registry.Resource, error) {
	g.parameter = "resource"
	r, ok := g.c.server.node.Registry(g.snap).Resource(g.params.one("resource"))
	if !ok {
		return nil, badRequest(amUnknownResource, "there is no such resource")
	}
	return r, nil
}

// rightsWanted reads and admits a request to give rights to a resource: who to, and
// which keys.
func (s *Server) rightsWanted(c *call) (*connectionChange, *registry.Resource, []string, error) {
	g, err := s.giving(c)
	if err != nil {
		return nil, nil, nil, err
	}
	var body struct{ DirectRightKeys []string }
	if err := c.readJSON(&body); err != nil {
		return nil, nil, nil, err
	}
	r, err := g.resource()
	if err != nil {
		return nil, nil, nil, err
	}
	if len(body.DirectRightKeys) == 0 {
		return nil, nil, nil, badRequest(amNoRightKeys, "name the rights by directRightKeys")
	}
	rights, err := s.checkedRights(c, g, r)
	if err != nil {
		return nil, nil, nil, err
	}
	var keys []string
	for _, key := range body.DirectRightKeys {
		key = strings.ToLower(strings.TrimSpace(key))
		if !slices.ContainsFunc(rights, func(r delegation.CheckedRight) bool { return r.Key == key }) {
			return nil, nil, nil, badRequest(amUnknownRight, "the resource has no right with one of the keys")
		}
		keys = append(keys, key)
	}
	return g, r, keys, g.connection(false)
}

// addRights gives rights to a resource besides those given already.
func (s *Server) addRights(c *call) error {
	g, r, keys, err := s.rightsWanted(c)
	if err != nil {
		return err
	}
	_, err = g.run("rights to "+r.Identifier, func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.Give(delegation.Give{From: g.from, To: g.to, Items: rightItems(r.Identifier, keys)})
	})
	if err != nil {
		return err
	}
	c.status = http.StatusCreated
	c.w.WriteHeader(http.StatusCreated)
	return nil
}

// replaceRights makes the rights to a resource that one party has directly of
// another just those of the request.
func (s *Server) replaceRights(c *call) error {
	g, r, keys, err := s.rightsWanted(c)
	if err != nil {
		return err
	}
	_, err = g.run("rights to "+r.Identifier, func(a *delegation.Acting) (*delegation.Outcome, error) {
		have := givenRights(a.Snapshot, g.from, g.to, r.Identifier)
		add := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return slices.Contains(have, k) })
		end := slices.DeleteFunc(have, func(k string) bool { return slices.Contains(keys, k) })
		out := &delegation.Outcome{}
		if len(end) > 0 {
			ended, err := a.Revoke(delegation.Revoke{From: g.from, To: g.to, Items: rightItems(r.Identifier, end), Cascade: true})
			if err != nil {
				return nil, err
			}
			out.Changes = append(out.Changes, ended.Changes...)
		}
		if len(add) > 0 {
			given, err := a.Give(delegation.Give{From: g.from, To: g.to, Items: rightItems(r.Identifier, add)})
			if err != nil {
				return nil, err
			}
			out.Changes = append(out.Changes, given.Changes...)
		}
		return out, nil
	})
	if err != nil {
		return err
	}
	c.status = http.StatusOK
	c.w.WriteHeader(http.StatusOK)
	return nil
}

func rightItems(resource string, keys []string) (items []delegation.Item) {
	for _, key := range keys {
		items = append(items, delegation.Item{Resource: resource, Right: key})
	}
	return items
}

// givenRights returns the keys of the rights to a resource that one party has
// given another and not taken back.
func givenRights(s *index.Snapshot, from, to fullmakt.PartyNo, resource string) (keys []string) {
	for _, g := range s.Grants(from, to) {
		if id, key := s.RightName(g.Right); g.Right != 0 && !g.Recorded && id == resource {
			keys = append(keys, key)
		}
	}
	return keys
}

// removeResource takes back every right to a resource, or gives them up. Rights to
// a resource that has ended are taken back too.
func (s *Server) removeResource(c *call) error {
	g, err := s.taking(c)
	if err != nil {
		return err
	}
	name := g.params.one("resource")
	if name == "" {
		return invalidQuery(vldInvalidQuery, "resource is required", "resource")
	}
	if r, ok := s.node.Registry(g.snap).Resource(name); ok {
		name = r.Identifier
	} else if len(givenRights(g.snap, g.from, g.to, name)) == 0 {
		return badRequest(amUnknownResource, "there is no such resource")
	}
	g.parameter = "resource"
	return g.takeBack("end of rights to a resource", rightItems(name, givenRights(g.snap, g.from, g.to, name)))
}

// connectionResources answers with the resources of which one party has single
// rights on behalf of another.
func (s *Server) connectionResources(c *call) error {
	q, err := s.connectionQuery(c)
	if err != nil {
		return err
	}
	list := q.relations()
	names, err := s.altinnEntities(c, &q, list)
	if err != nil {
		return err
	}
	found := map[string][]held{}
	for _, r := range list {
		for _, g := range r.grounds {
			id, _ := q.snap.RightName(g.Right)
			// Several rights to one resource come by one ground.
			if g.Right = 0; id != "" && q.limit == nil && !slices.Contains(found[id], held{r.other, g, false}) {
				found[id] = append(found[id], held{r.other, g, false})
			}
		}
	}
	lang := c.altinnLang(q.params)
	resources := q.resources(true, s.node.Registry(q.snap), lang)
	out := c.streamPage()
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if only := q.params.one("resource"); only != "" && !strings.EqualFold(only, id) {
			continue
		}
		out.begin("resource", resources.one(id), "permissions")
		for _, h := range found[id] {
			out.item(q.permission(h, names, lang))
		}
		out.end()
	}
	out.close()
	return nil
}

// heldRightJSON is a right that one party has on behalf of another.
type heldRightJSON struct {
	Right       rightJSON        `json:"right"`
	Reason      reasonJSON       `json:"reason"`
	Permissions []permissionJSON `json:"permissions"`
}

// connectionRights answers with the single rights to a resource that one party has
// on behalf of another: those given to itself, and those that reach it otherwise.
func (s *Server) connectionRights(c *call) error {
	q, err := s.connectionQuery(c)
	if err != nil {
		return err
	}
	if !q.only {
		return invalidQuery(vldInvalidQuery, "from and to are required", "from", "to")
	}
	v := s.node.Registry(q.snap)
	r, ok := v.Resource(q.params.one("resource"))
	if !ok {
		return badRequest(amUnknownResource, "there is no such resource")
	}
	list := q.relations()
	names, err := s.altinnEntities(c, &q, list)
	if err != nil {
		return err
	}
	lang := c.altinnLang(q.params)
	out := struct {
		Resource       resourceRefJSON  `json:"resource"`
		DirectRights   []*heldRightJSON `json:"directRights"`
		IndirectRights []*heldRightJSON `json:"indirectRights"`
	}{resourceRef(r, lang), []*heldRightJSON{}, []*heldRightJSON{}}
	policy, _ := v.Policy(r.Identifier) // rights outlive their policy
	for _, relation := range list {
		for _, g := range relation.grounds {
			id, key := q.snap.RightName(g.Right)
			if g.Right == 0 || id != r.Identifier || q.limit != nil {
				continue
			}
			to := &out.IndirectRights
			if g.Rule == fullmakt.RuleDirect && g.Extension == "" {
				to = &out.DirectRights
			}
			p := q.permission(held{relation.other, g, false}, names, lang)
			at := slices.IndexFunc(*to, func(h *heldRightJSON) bool { return h.Right.Key == key })
			if at < 0 {
				right := registry.Right{Key: key}
				if policy != nil {
					if known, ok := policy.Right(key); ok {
						right = known
					}
				}
				*to = append(*to, &heldRightJSON{Right: rightOut(right), Reason: p.Reason})
				at = len(*to) - 1
			}
			(*to)[at].Permissions = append((*to)[at].Permissions, p)
		}
	}
	return c.writeJSON(http.StatusOK, out)
}
