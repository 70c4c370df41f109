package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// Vendors' systems (fagsystemer), whose users are system users, on the paths of
// Altinn's register of systems.

func systemRoutes() []route {
	const register = authentication + "/systemregister"
	write := []string{"altinn:authentication/systemregister.write"}
	return []route{
		altinn("POST", register+"/vendor", write, (*Server).createSystem),
		altinn("PUT", register+"/vendor/{system}", write, (*Server).updateSystem),
		altinn("DELETE", register+"/vendor/{system}", write, (*Server).deleteSystem),
		altinn("GET", register, nil, (*Server).listSystems),
		altinn("GET", register+"/{system}", nil, (*Server).showSystem),
	}
}

type packageURNJSON struct {
	URN string `json:"urn"`
}

const packageURN = "urn:altinn:accesspackage:"

func packageURNs(codes []string) []packageURNJSON {
	out := []packageURNJSON{}
	for _, code := range codes {
		out = append(out, packageURNJSON{packageURN + code})
	}
	return out
}

func packageNames(urns []packageURNJSON) (names []string) {
	for _, u := range urns {
		names = append(names, u.URN)
	}
	return names
}

// systemRightJSON is a right that a system asks for: to a resource, and with an
// action to that alone.
type systemRightJSON struct {
	Action   *string           `json:"action"`
	Resource []attributeIDJSON `json:"resource"`
}

func systemRightsOut(rights []delegation.SystemRight) []systemRightJSON {
	out := []systemRightJSON{}
	for _, r := range rights {
		out = append(out, systemRightJSON{orNull(r.Action), []attributeIDJSON{{registry.AttributeResource, r.Resource}}})
	}
	return out
}

// systemRights reads rights: each names one resource, or an app by its owner and
// its name.
func systemRights(field string, rights []systemRightJSON) (list []delegation.SystemRight, err error) {
	for _, r := range rights {
		value := func(id string) string {
			if i := slices.IndexFunc(r.Resource, func(a attributeIDJSON) bool { return strings.EqualFold(a.ID, id) }); i >= 0 {
				return r.Resource[i].Value
			}
			return ""
		}
		resource := value(registry.AttributeResource)
		if org, app := value(registry.AttributeOrg), value(registry.AttributeApp); resource == "" && org != "" && app != "" {
			resource = registry.AppResource(org, app)
		}
		if resource == "" {
			return nil, invalidField(field, `want {"resource": [{"id": "urn:altinn:resource", "value": "RESOURCE"}]}`)
		}
		one := delegation.SystemRight{Resource: resource}
		if r.Action != nil {
			one.Action = *r.Action
		}
		list = append(list, one)
	}
	return list, nil
}

// systemJSON is a vendor's system.
type systemJSON struct {
	ID       string            `json:"id"`
	Vendor   map[string]string `json:"vendor"`
	Name     map[string]string `json:"name"`
	About    map[string]string `json:"description"`
	Packages []packageURNJSON  `json:"accessPackages"`
	Rights   []systemRightJSON `json:"rights"`
	Clients  []string          `json:"clientId"`
	Redirect []string          `json:"allowedRedirectUrls"`
	Visible  bool              `json:"isVisible"`
}

func systemOut(snap *index.Snapshot, sys delegation.System) systemJSON {
	return systemJSON{
		ID: sys.ID, Vendor: orgClaim(snap.ID(sys.Vendor).Org), Name: sys.Name, About: sys.Description, Packages: packageURNs(sys.Packages), Rights: systemRightsOut(sys.Rights),
		Clients: append([]string{}, sys.Clients...), Redirect: append([]string{}, sys.Redirects...), Visible: !sys.Hidden,
	}
}

func (s *Server) createSystem(c *call) error { return s.putSystem(c, "") }

func (s *Server) updateSystem(c *call) error { return s.putSystem(c, c.r.PathValue("system")) }

func (s *Server) putSystem(c *call, id string) error {
	body := systemJSON{Visible: true}
	if err := c.readJSON(&body); err != nil {
		return err
	}
	if id != "" && body.ID != "" && body.ID != id {
		return invalidField("$.id", "is not the system of the path")
	}
	number, ok := strings.CutPrefix(body.Vendor["ID"], "0192:")
	vendor, err := fullmakt.ParseOrgNumber(number)
	if err != nil || !ok {
		return invalidField("$.vendor", "want {\"authority\": \"iso6523-actorid-upis\", \"ID\": \"0192:NUMBER\"}")
	}
	if id == "" {
		id = body.ID
	}
	rights, err := systemRights("$.rights", body.Rights)
	if err != nil {
		return err
	}
	snap, err := s.runSystems(c, "system "+id, func(by *delegation.Acting) (*delegation.Outcome, error) {
		_, exists := delegation.FindSystem(by.Snapshot, id)
		if c.r.Method == http.MethodPost && exists {
			return nil, fullmakt.Errorf(fullmakt.CodeConflict, "there is a system of this id already")
		}
		if c.r.Method == http.MethodPut && !exists {
			return nil, statusf(http.StatusNotFound, "there is no such system")
		}
		return by.PutSystem(delegation.System{ID: id, Vendor: by.Snapshot.Organisation(vendor), Name: body.Name, Description: body.About,
			Packages: packageNames(body.Packages), Rights: slices.Clone(rights), Clients: body.Clients, Redirects: body.Redirect, Hidden: !body.Visible})
	})
	if err != nil {
		return err
	}
	sys, _ := delegation.FindSystem(snap, id)
	return c.writeJSON(http.StatusOK, systemOut(snap, sys))
}

func (s *Server) deleteSystem(c *call) error {
	_, err := s.runSystems(c, "end of system", func(by *delegation.Acting) (*delegation.Outcome, error) { return by.EndSystem(c.r.PathValue("system")) })
	if err == nil {
		c.noContent()
	}
	return err
}

func (s *Server) listSystems(c *call) error {
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	out := []systemJSON{}
	for sys := range delegation.Systems(snap) {
		if !sys.Hidden {
			out = append(out, systemOut(snap, sys))
		}
	}
	return c.writeJSON(http.StatusOK, out)
}

func (s *Server) showSystem(c *call) error {
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	sys, ok := delegation.FindSystem(snap, c.r.PathValue("system"))
	if !ok {
		return statusf(http.StatusNotFound, "there is no such system")
	}
	return c.writeJSON(http.StatusOK, systemOut(snap, sys))
}
