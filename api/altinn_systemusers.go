package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// Vendors' systems and the system users (systembrukere) that organisations make for
// them, on the paths of Altinn's authentication. What the reference leaves open has
// shapes of our own; docs/compatibility.md says so.

const authentication = "/authentication/api/v1"

func systemUserRoutes() []route {
	const register, user, ask = authentication + "/systemregister", authentication + "/systemuser", authentication + "/systemuser/request"
	write, read := []string{"altinn:authentication/systemregister.write"}, []string{"altinn:authentication/systemuser.request.read"}
	asks := []string{"altinn:authentication/systemuser.request.write"}
	owners := []string{"altinn:authentication/systemuser.write", scopePortal}
	return []route{
		altinn("POST", register+"/vendor", write, (*Server).createSystem),
		altinn("PUT", register+"/vendor/{system}", write, (*Server).updateSystem),
		altinn("DELETE", register+"/vendor/{system}", write, (*Server).deleteSystem),
		altinn("GET", register, nil, (*Server).listSystems),
		altinn("GET", register+"/{system}", nil, (*Server).showSystem),
		altinn("POST", ask+"/vendor", asks, askForSystemUser(false)),
		altinn("POST", ask+"/vendor/agent", asks, askForSystemUser(true)),
		altinn("GET", ask+"/vendor/{id}", append(read, asks...), (*Server).vendorsRequest),
		altinn("GET", ask+"/{party}/{id}", owners, (*Server).ownersRequest),
		altinn("POST", ask+"/{party}/{id}/{answer}", owners, (*Server).answerSystemRequest),
		altinn("GET", user+"/byExternalId", []string{"altinn:maskinporten/systemuser.read"}, (*Server).systemUserByExternalID),
		altinn("GET", user+"/{party}", owners, (*Server).listSystemUsers),
		altinn("DELETE", user+"/{party}/{id}", owners, (*Server).deleteSystemUser),
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

// systemJSON is a vendor's system.
type systemJSON struct {
	ID       string            `json:"id"`
	Vendor   map[string]string `json:"vendor"`
	Name     map[string]string `json:"name"`
	About    map[string]string `json:"description"`
	Packages []packageURNJSON  `json:"accessPackages"`
	Clients  []string          `json:"clientId"`
	Redirect []string          `json:"allowedRedirectUrls"`
	Visible  bool              `json:"isVisible"`
}

func systemOut(snap *index.Snapshot, sys delegation.System) systemJSON {
	return systemJSON{
		ID: sys.ID, Vendor: orgClaim(snap.ID(sys.Vendor).Org), Name: sys.Name, About: sys.Description, Packages: packageURNs(sys.Packages),
		Clients: append([]string{}, sys.Clients...), Redirect: append([]string{}, sys.Redirects...), Visible: !sys.Hidden,
	}
}

// runSystems runs a command for good. What the rest of the call answers is the
// register after it.
func (s *Server) runSystems(c *call, note string, command func(*delegation.Acting) (*delegation.Outcome, error)) (*index.Snapshot, error) {
	_, err := s.node.Do(c.r.Context(), c.now, note, func(snap *index.Snapshot) ([]fullmakt.Change, error) {
		actor, err := s.actor(c, snap)
		if err != nil {
			return nil, err
		}
		out, err := command(&delegation.Acting{Snapshot: snap, Actor: actor, At: c.now.Unix()})
		if err != nil {
			return nil, err
		}
		return out.Changes, nil
	})
	if c.snap = nil; err != nil {
		return nil, err
	}
	return c.snapshot()
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
	if !strings.HasPrefix(id, vendor.String()+"_") || len(id) > 100 || strings.ContainsAny(id, "/ ") {
		return invalidField("$.id", "want the vendor's number, an underscore and a name")
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
			Packages: packageNames(body.Packages), Clients: body.Clients, Redirects: body.Redirect, Hidden: !body.Visible})
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

// systemAskJSON is a vendor's request.
type systemAskJSON struct {
	ID        string           `json:"id"`
	Reference string           `json:"externalRef"`
	System    string           `json:"systemId"`
	Owner     string           `json:"partyOrgNo"`
	Title     string           `json:"integrationTitle"`
	UserType  string           `json:"userType"`
	Packages  []packageURNJSON `json:"accessPackages"`
	State     string           `json:"status"`
	Redirect  *string          `json:"redirectUrl"`
	Confirm   string           `json:"confirmUrl"`
	Created   string           `json:"created"`
	Escalated bool             `json:"escalated"`
}

func userType(agent bool) string {
	if agent {
		return "agent"
	}
	return "standard"
}

func (s *Server) askOut(snap *index.Snapshot, k delegation.SystemAsk) systemAskJSON {
	return systemAskJSON{
		ID: k.ID, Reference: k.Reference, System: k.System, Owner: snap.ID(k.Owner).Org.String(), Title: k.Title, UserType: userType(k.Agent),
		Packages: packageURNs(k.Packages), State: string(k.State), Redirect: orNull(k.Redirect), Created: instant(time.Unix(k.Created, 0)),
		Confirm: strings.TrimSuffix(s.cfg.PublicURL, "/") + "/accessmanagement/ui/systemuser/request?id=" + k.ID, Escalated: k.Escalated,
	}
}

// askForSystemUser returns the handler of a vendor's request for a system user.
func askForSystemUser(agent bool) func(*Server, *call) error {
	return func(s *Server, c *call) error {
		var body struct {
			ExternalRef, SystemID, PartyOrgNo, IntegrationTitle, RedirectURL string
			AccessPackages                                                   []packageURNJSON
			Rights                                                           []any
		}
		if err := c.readJSON(&body); err != nil {
			return err
		}
		if len(body.Rights) > 0 {
			return unanswered("system users with single rights")
		}
		owner, err := fullmakt.ParseOrgNumber(body.PartyOrgNo)
		if err != nil {
			return invalidField("$.partyOrgNo", "want an organisation number")
		}
		id := newUUID().String()
		snap, err := s.runSystems(c, "request for a system user", func(by *delegation.Acting) (*delegation.Outcome, error) {
			k := delegation.SystemAsk{ID: id, System: body.SystemID, Owner: by.Snapshot.Organisation(owner), Reference: body.ExternalRef,
				Title: body.IntegrationTitle, Agent: agent, Packages: packageNames(body.AccessPackages), Redirect: body.RedirectURL}
			sys, ok := delegation.FindSystem(by.Snapshot, k.System)
			if ok && k.Redirect != "" && !slices.Contains(sys.Redirects, k.Redirect) {
				return nil, invalidField("$.redirectUrl", "is not one of the system's")
			}
			return by.AskForSystemUser(k)
		})
		if err != nil {
			return err
		}
		k, _ := delegation.FindSystemAsk(snap, id, c.now.Unix())
		c.lookup.Object = k.Owner
		return c.writeJSON(http.StatusCreated, s.askOut(snap, k))
	}
}

var errNoAsk = statusf(http.StatusNotFound, "there is no such request")

func (s *Server) vendorsRequest(c *call) error {
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	actor, err := s.actor(c, snap)
	if err != nil {
		return err
	}
	k, ok := delegation.FindSystemAsk(snap, c.r.PathValue("id"), c.now.Unix())
	sys, has := delegation.FindSystem(snap, k.System)
	if !ok || !has || actor != delegation.Operator && sys.Vendor != actor {
		return errNoAsk
	}
	c.lookup.Object = k.Owner
	return c.writeJSON(http.StatusOK, s.askOut(snap, k))
}

// pathOwner returns the organisation that the path names, by party id or UUID, for
// a caller who administers it.
func (s *Server) pathOwner(c *call) (*index.Snapshot, fullmakt.PartyNo, error) {
	snap, err := c.snapshot()
	if err != nil {
		return nil, 0, err
	}
	text := c.r.PathValue("party")
	no, err := strconv.ParseUint(text, 10, 31)
	owner := fullmakt.PartyNo(no)
	if err != nil {
		if owner, err = s.findParty(c.r.Context(), snap, partyUUIDKind, []byte(strings.ToLower(text))); err != nil {
			return nil, 0, err
		}
	}
	if snap.Kind(owner) != fullmakt.KindOrganisation {
		return nil, 0, statusf(http.StatusNotFound, "there is no such organisation")
	}
	snap, err = s.seenBy(c, owner)
	return snap, owner, err
}

func (s *Server) ownersRequest(c *call) error {
	snap, owner, err := s.pathOwner(c)
	if err != nil {
		return err
	}
	k, ok := delegation.FindSystemAsk(snap, c.r.PathValue("id"), c.now.Unix())
	if !ok || k.Owner != owner {
		return errNoAsk
	}
	return c.writeJSON(http.StatusOK, s.askOut(snap, k))
}

// answerSystemRequest approves, rejects or escalates a vendor's request.
func (s *Server) answerSystemRequest(c *call) error {
	_, owner, err := s.pathOwner(c)
	if err != nil {
		return err
	}
	id, uuid := c.r.PathValue("id"), newUUID()
	var command func(*delegation.Acting) (*delegation.Outcome, error)
	switch c.r.PathValue("answer") {
	case "approve":
		command = func(by *delegation.Acting) (*delegation.Outcome, error) {
			if k, ok := delegation.FindSystemAsk(by.Snapshot, id, c.now.Unix()); ok {
				used, err := s.usedSystemUser(c, by.Snapshot, k)
				if err != nil {
					return nil, err
				}
				if used {
					return nil, fullmakt.Errorf(fullmakt.CodeConflict, "a system user of this reference has been ended; ask with another externalRef")
				}
			}
			return by.ApproveSystemUser(id, owner, by.Snapshot.Last()+1, uuid)
		}
	case "reject":
		command = func(by *delegation.Acting) (*delegation.Outcome, error) { return by.RejectSystemUser(id, owner) }
	case "escalate":
		command = func(by *delegation.Acting) (*delegation.Outcome, error) { return by.EscalateSystemUser(id, owner) }
	default:
		return statusf(http.StatusNotFound, "a request is approved, rejected or escalated")
	}
	snap, err := s.runSystems(c, "answer to a request for a system user", command)
	if err != nil {
		return err
	}
	k, _ := delegation.FindSystemAsk(snap, id, c.now.Unix())
	return c.writeJSON(http.StatusOK, s.askOut(snap, k))
}

// usedSystemUser reports whether there has been a system user of a request's name.
func (s *Server) usedSystemUser(c *call, snap *index.Snapshot, k delegation.SystemAsk) (bool, error) {
	_, ok, err := s.node.Store().Identify(c.r.Context(), fullmakt.SystemUserID(snap.ID(k.Owner).Org, k.System, k.Reference))
	return ok, err
}

// systemUserJSON is a system user.
type systemUserJSON struct {
	ID        string           `json:"id"`
	Title     string           `json:"integrationTitle"`
	System    string           `json:"systemId"`
	PartyID   string           `json:"partyId"`
	Owner     string           `json:"reporteeOrgNo"`
	Vendor    string           `json:"supplierOrgno"`
	Reference string           `json:"externalRef"`
	UserType  string           `json:"userType"`
	Packages  []packageURNJSON `json:"accessPackages"`
	Created   string           `json:"created"`
	Deleted   bool             `json:"isDeleted"`
}

func systemUserOut(snap *index.Snapshot, u delegation.SystemUser) systemUserJSON {
	sys, _ := delegation.FindSystem(snap, u.System)
	return systemUserJSON{
		ID: u.UUID, Title: u.Title, System: u.System, PartyID: strconv.Itoa(int(u.Owner)), Owner: snap.ID(u.Owner).Org.String(),
		Vendor: snap.ID(sys.Vendor).Org.String(), Reference: u.Reference, UserType: userType(u.Agent), Packages: packageURNs(u.Packages), Created: instant(time.Unix(u.Since, 0)),
	}
}

func (s *Server) listSystemUsers(c *call) error {
	snap, owner, err := s.pathOwner(c)
	if err != nil {
		return err
	}
	out := []systemUserJSON{}
	for u := range delegation.SystemUsersOf(snap, owner) {
		out = append(out, systemUserOut(snap, u))
	}
	c.lookup.Count = len(out)
	return c.writeJSON(http.StatusOK, out)
}

func (s *Server) deleteSystemUser(c *call) error {
	_, owner, err := s.pathOwner(c)
	if err != nil {
		return err
	}
	if _, err = s.runSystems(c, "system user ended", func(by *delegation.Acting) (*delegation.Outcome, error) {
		return by.EndSystemUser(c.r.PathValue("id"), owner)
	}); err == nil {
		c.noContent()
	}
	return err
}

// systemUserByExternalID answers Maskinporten: which system user has an owner for a
// client? Its next token is refused once there is none.
func (s *Server) systemUserByExternalID(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	var parties [2]fullmakt.PartyNo
	for i, name := range []string{"systemProviderOrgNo", "systemUserOwnerOrgNo"} {
		n, err := fullmakt.ParseOrgNumber(q.one(name))
		if err != nil {
			return invalidField(name, "want an organisation number")
		}
		parties[i] = snap.Organisation(n)
	}
	u, ok := delegation.SystemUserFor(snap, q.one("clientId"), parties[0], parties[1], q.one("externalRef"))
	c.lookup.Subject, c.lookup.Object = u.Party, parties[1]
	if !ok {
		return statusf(http.StatusNotFound, "there is no such system user")
	}
	return c.writeJSON(http.StatusOK, systemUserOut(snap, u))
}
