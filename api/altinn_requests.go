package api

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

const vldRequestState = "AM.VLD-00035"

// altinnRequestsRoutes lists the routes by which end users and service owners ask
// for access, and end users answer.
func altinnRequestsRoutes() []route {
	const user = accessManagement + "/enduser/request"
	const owner = accessManagement + "/serviceowner/delegationrequests"
	return []route{
		altinn("GET", user, requestsRead, (*Server).readRequest),
		altinn("GET", user+"/draft", requestsRead, (*Server).readDraft),
		altinn("GET", user+"/sent", requestsRead, requestList(true, false)),
		altinn("GET", user+"/sent/count", requestsRead, requestList(true, true)),
		altinn("GET", user+"/received", requestsRead, requestList(false, false)),
		altinn("GET", user+"/received/count", requestsRead, requestList(false, true)),
		altinn("POST", user+"/resource", requestsWrite, (*Server).askResource),
		altinn("POST", user+"/package", requestsWrite, (*Server).askPackage),
		altinn("PUT", user+"/draft/confirm", requestsWrite, requestStep((*delegation.Acting).ConfirmRequest)),
		altinn("PUT", user+"/sent/withdraw", requestsWrite, requestStep((*delegation.Acting).WithdrawRequest)),
		altinn("PUT", user+"/received/reject", requestsWrite, requestStep((*delegation.Acting).RejectRequest)),
		altinn("PUT", user+"/received/approve", requestsWrite, (*Server).approveRequest),
		altinn("POST", owner, ownerRequests, (*Server).ownerAsks),
		altinn("POST", owner+"/resource", ownerRequests, (*Server).ownerAsks),
		altinn("POST", owner+"/package", ownerRequests, (*Server).ownerAsks),
		altinn("GET", owner+"/{id}/status", ownerRequestsRead, (*Server).ownerRequestStatus),
		altinn("PUT", owner+"/{id}/withdraw", ownerRequests, (*Server).ownerWithdraws),
		altinn("POST", accessManagement+"/serviceowner/connections/accesspackages", ownerGrants, (*Server).ownerGives),
		altinn("POST", accessManagement+"/serviceowner/connections/accesspackages/revoke", ownerGrants, (*Server).ownerRevokes),
	}
}

// requestJSON is a request for access (Request). From is who would give, to who
// would receive.
type requestJSON struct {
	ID            string           `json:"id"`
	Status        string           `json:"status"`
	Type          string           `json:"type"`
	LastUpdated   string           `json:"lastUpdated"`
	LastUpdatedBy *entityJSON      `json:"lastUpdatedBy"`
	Resource      *requestItemJSON `json:"resource"`
	Package       *requestItemJSON `json:"package"`
	RightKeys     []string         `json:"rightKeys"`
	Links         requestLinksJSON `json:"links"`
	From          *entityJSON      `json:"from"`
	To            *entityJSON      `json:"to"`
	By            *entityJSON      `json:"by"`
}

type requestItemJSON struct {
	ID          string `json:"id"`
	ReferenceID string `json:"referenceId"`
}

type requestLinksJSON struct {
	DetailsLink string `json:"detailsLink"`
	StatusLink  string `json:"statusLink"`
}

// requestsOut returns what writes requests, with the parties that they name.
func (s *Server) requestsOut(c *call, snap *index.Snapshot, list []*delegation.Request) ([]requestJSON, error) {
	var parties []relation
	for _, r := range list {
		parties = append(parties, relation{other: r.From}, relation{other: r.To}, relation{other: r.Sender()}, relation{other: r.History[len(r.History)-1].By})
	}
	names, err := s.altinnEntities(c, &connectionQuery{snap: snap}, parties)
	if err != nil {
		return nil, err
	}
	c.lookup.Count = len(list)
	out := []requestJSON{}
	for _, r := range list {
		last := r.History[len(r.History)-1]
		one := requestJSON{
			ID: r.ID, Status: string(r.State), LastUpdated: instant(time.Unix(last.At, 0)), LastUpdatedBy: names.of(last.By), RightKeys: []string{},
			Links: requestLinksJSON{
				DetailsLink: s.cfg.PublicURL + accessManagement + "/enduser/request?id=" + r.ID,
				StatusLink:  s.cfg.PublicURL + accessManagement + "/serviceowner/delegationrequests/" + r.ID + "/status",
			},
			From: names.of(r.From), To: names.of(r.To), By: names.of(r.Sender()),
		}
		if len(r.Packages) > 0 {
			if p, ok := snap.Catalogue().FindPackage(r.Packages[0]); ok {
				one.Type, one.Package = "package", &requestItemJSON{p.UUID, p.AltinnURN}
			}
		}
		for _, right := range r.Rights {
			one.Type, one.Resource = "resource", &requestItemJSON{derivedUUID("resource", right.Resource), right.Resource}
			one.RightKeys = append(one.RightKeys, right.Right)
		}
		out = append(out, one)
	}
	return out, nil
}

// actingUser returns who acts, on the snapshot of the call.
func (s *Server) actingUser(c *call) (*delegation.Acting, error) {
	snap, err := c.snapshot()
	if err != nil {
		return nil, err
	}
	actor, err := s.actor(c, snap)
	if err != nil {
		return nil, err
	}
	return s.node.Acting(snap, actor, c.now.Unix()), nil
}

var errNoRequest = &altinnError{status: http.StatusNotFound, code: amNoRequest, detail: "there is no such request"}

// findRequest finds the request that the parameter id names, among those that the
// caller may see.
func (s *Server) findRequest(c *call) (*delegation.Acting, *delegation.Request, error) {
	params, err := c.altinnQuery()
	if err != nil {
		return nil, nil, err
	}
	a, err := s.actingUser(c)
	if err != nil {
		return nil, nil, err
	}
	id, err := queryUUID(params, "id")
	if err != nil {
		return nil, nil, err
	}
	r, err := a.FindRequest(id.String())
	if fullmakt.ErrorCode(err) == fullmakt.CodeNotFound {
		err = errNoRequest
	}
	if err == nil {
		c.lookup.Subject, c.lookup.Object = r.To, r.From
	}
	return a, r, err
}

func (s *Server) readRequest(c *call) error {
	a, r, err := s.findRequest(c)
	if err != nil {
		return err
	}
	return s.writeRequest(c, http.StatusOK, a.Snapshot, r)
}

func (s *Server) readDraft(c *call) error {
	a, r, err := s.findRequest(c)
	if err != nil {
		return err
	}
	if r.State != delegation.RequestDraft {
		return errNoRequest
	}
	return s.writeRequest(c, http.StatusOK, a.Snapshot, r)
}

func (s *Server) writeRequest(c *call, status int, snap *index.Snapshot, r *delegation.Request) error {
	list, err := s.requestsOut(c, snap, []*delegation.Request{r})
	if err != nil {
		return err
	}
	return c.writeJSON(status, list[0])
}

// requestList returns the handler that lists, or counts, the requests that a party
// has sent or received. The parameter status chooses among them, other names the
// party on the other side.
func requestList(sent, count bool) func(*Server, *call) error {
	return func(s *Server, c *call) error {
		g, err := s.changing(c)
		if err != nil {
			return err
		}
		if ok, err := s.manages(c, g.snap, g.party); err != nil || !ok {
			return cmpError(err, errNotManager)
		}
		a, err := s.actingUser(c)
		if err != nil {
			return err
		}
		if c.lookup.Object = g.party; sent {
			c.lookup.Subject, c.lookup.Object = g.party, 0
		}
		states := g.params.all("status")
		var list []*delegation.Request
		for r, err := range a.Requests(g.party, sent, !sent) {
			if err != nil {
				return err
			}
			if len(states) == 0 || slices.ContainsFunc(states, func(s string) bool { return strings.EqualFold(s, string(r.State)) }) {
				list = append(list, r)
			}
		}
		if count {
			return c.writeJSON(http.StatusOK, len(list))
		}
		out, err := s.requestsOut(c, g.snap, list)
		if err != nil {
			return err
		}
		return c.writeJSON(http.StatusOK, pageOf(out))
	}
}

// newRequest reads a request for access by an end user: the party asks to receive,
// to is asked to give.
func (s *Server) newRequest(c *call) (*connectionChange, error) {
	g, err := s.changing(c)
	if err != nil {
		return nil, err
	}
	if err := s.mayChange(c, g, requestsWrite[0]); err != nil {
		return nil, err
	}
	g.to = g.party
	if g.from, err = g.other("to"); err != nil {
		return nil, err
	}
	if g.from == 0 {
		return nil, invalidQuery(vldUnknownParty, "to is not known", "to")
	}
	c.lookup.Subject, c.lookup.Object = g.to, g.from
	return g, nil
}

func (s *Server) askPackage(c *call) error {
	g, err := s.newRequest(c)
	if err != nil {
		return err
	}
	p, err := g.packageOf()
	if err != nil {
		return err
	}
	return g.send(delegation.Ask{From: g.from, To: g.to, Items: []delegation.Item{{Package: p.Code}}}, g.refused)
}

func (s *Server) askResource(c *call) error {
	g, err := s.newRequest(c)
	if err != nil {
		return err
	}
	r, err := g.resource()
	if err != nil {
		return err
	}
	items, err := s.askedRights(c, g.snap, r, g.from, nil)
	if err != nil {
		return err
	}
	return g.send(delegation.Ask{From: g.from, To: g.to, Items: items}, g.refused)
}

// askedRights are the rights to a resource that are asked for: those with the keys,
// without keys all that can be given.
func (s *Server) askedRights(c *call, snap *index.Snapshot, r *registry.Resource, from fullmakt.PartyNo, keys []string) ([]delegation.Item, error) {
	if len(keys) == 0 {
		rights, err := s.node.Acting(snap, delegation.Operator, c.now.Unix()).CheckRights(s.node.Registry(snap), from, r.Identifier)
		if err != nil {
			return nil, badRequest(amUnknownResource, "the resource has no policy")
		}
		for _, right := range rights {
			if right.Give {
				keys = append(keys, right.Key)
			}
		}
	}
	if len(keys) == 0 {
		return nil, invalidQuery(vldResourceBlocked, "no right to the resource can be given", "resource")
	}
	return rightItems(r.Identifier, keys), nil
}

// send stores a request and answers with it.
func (g *connectionChange) send(ask delegation.Ask, refused func(error) error) error {
	var id fullmakt.UUID
	rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4
	ask.ID = id.String()
	c := g.c
	_, err := c.change(g.actor, "request for access", func(a *delegation.Acting) (*delegation.Outcome, error) { return a.Ask(ask) })
	if err != nil {
		return refused(err)
	}
	return c.writeStored(http.StatusAccepted, ask.ID)
}

// writeStored answers with a request as a change has left it.
func (c *call) writeStored(status int, id string) error {
	c.snap = nil
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	r, err := c.server.node.Acting(snap, delegation.Operator, c.now.Unix()).FindRequest(id)
	if err != nil {
		return err
	}
	return c.server.writeRequest(c, status, snap, r)
}

// requestRefused writes why a request cannot be moved on.
func requestRefused(err error) error {
	if refusals := delegation.Refusals(err); len(refusals) > 0 {
		switch r := refusals[0]; r.Reason {
		case fullmakt.ReasonRequestState:
			return invalidQuery(vldRequestState, r.Message, "id")
		case fullmakt.ReasonOwnRequest:
			return invalidQuery(vldOwnRequest, r.Message, "id")
		case fullmakt.ReasonNotAdmin:
			return errNotManager
		default:
			return badRequest(amMayNotGive, "%s", r.Message)
		}
	}
	if fullmakt.ErrorCode(err) == fullmakt.CodeNotFound {
		return errNoRequest
	}
	return err
}

// requestStep returns the handler of a step that needs nothing but the request.
func requestStep(step func(*delegation.Acting, string) (*delegation.Outcome, error)) func(*Server, *call) error {
	return func(s *Server, c *call) error {
		a, r, err := s.findRequest(c)
		if err != nil {
			return err
		}
		_, err = c.change(a.Actor, "request for access", func(a *delegation.Acting) (*delegation.Outcome, error) { return step(a, r.ID) })
		if err != nil {
			return requestRefused(err)
		}
		return c.writeStored(http.StatusOK, r.ID)
	}
}

// approveRequest gives what was asked for. Keys in the body choose among the rights
// of a resource.
func (s *Server) approveRequest(c *call) error {
	a, r, err := s.findRequest(c)
	if err != nil {
		return err
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	command := delegation.Approve{ID: r.ID}
	var keys []string
	if text := strings.TrimSpace(string(body)); text != "" {
		if err := json.Unmarshal(body, &keys); err != nil {
			return invalidField("$", "want a list of right keys")
		}
	}
	for _, key := range keys {
		at := slices.IndexFunc(r.Rights, func(have delegation.RequestRight) bool { return strings.EqualFold(have.Right, key) })
		if at < 0 {
			return badRequest(amUnknownRight, "the request does not ask for one of the rights")
		}
		command.Only = append(command.Only, len(r.Packages)+at)
	}
	_, err = c.change(a.Actor, "request for access", func(a *delegation.Acting) (*delegation.Outcome, error) { return a.ApproveRequest(command) })
	if err != nil {
		return requestRefused(err)
	}
	return c.writeStored(http.StatusOK, r.ID)
}
