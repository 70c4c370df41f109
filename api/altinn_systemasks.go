package api

import (
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// Vendors' requests for system users, and their change requests
// (endringsforespørsler) about standing ones. Both wait for the organisation, and
// are listed, withdrawn and answered alike.

// systemAsks answers one of the two kinds of request.
type systemAsks struct {
	path   string // of the kind, after that of system users
	change bool
}

func systemAskRoutes() (routes []route) {
	read, write := "altinn:authentication/systemuser.request.read", "altinn:authentication/systemuser.request.write"
	owners := []string{"altinn:authentication/systemuser.write", scopePortal}
	for _, kind := range []systemAsks{{"/request", false}, {"/changerequest", true}} {
		base := systemUserPath + kind.path
		with := func(h func(systemAsks, *Server, *call) error) func(*Server, *call) error {
			return func(s *Server, c *call) error { return h(kind, s, c) }
		}
		routes = append(routes,
			altinn("GET", base+"/vendor/{id}", []string{read, write}, with(systemAsks.vendors)),
			altinn("DELETE", base+"/vendor/{id}", []string{write}, with(systemAsks.withdraw)),
			altinn("GET", base+"/vendor/byexternalref/{system}/{owner}/{reference}", []string{read, write}, with(systemAsks.byReference)),
			altinn("GET", base+"/vendor/bysystem/{system}", []string{read, write}, with(systemAsks.bySystem)),
			altinn("GET", base+"/{party}", owners, with(systemAsks.list)),
			altinn("GET", base+"/{party}/{id}", owners, with(systemAsks.owners)),
			altinn("GET", base+"/check/{party}/{id}", owners, with(systemAsks.check)),
			altinn("POST", base+"/{party}/{id}/{answer}", owners, with(systemAsks.answer)),
		)
	}
	return append(routes,
		altinn("POST", systemUserPath+"/request/vendor", []string{write}, askForSystemUser(false)),
		altinn("POST", systemUserPath+"/request/vendor/agent", []string{write}, askForSystemUser(true)),
		altinn("POST", systemUserPath+"/changerequest/vendor", []string{write}, (*Server).askForChange),
		altinn("POST", systemUserPath+"/changerequest/vendor/verify", []string{read, write}, (*Server).verifyChange),
	)
}

// systemAskJSON is a vendor's request for a system user.
type systemAskJSON struct {
	systemAskHead
	Title     string            `json:"integrationTitle"`
	UserType  string            `json:"userType"`
	Packages  []packageURNJSON  `json:"accessPackages"`
	Rights    []systemRightJSON `json:"rights"`
	Escalated bool              `json:"escalated"`
}

// systemAskHead is what requests of both kinds have. One that was not sent, since
// nothing needs to change, has no id and nowhere to confirm it.
type systemAskHead struct {
	ID        *string `json:"id"`
	Reference string  `json:"externalRef"`
	System    string  `json:"systemId"`
	Owner     string  `json:"partyOrgNo"`
	State     string  `json:"status"`
	Redirect  *string `json:"redirectUrl"`
	Confirm   *string `json:"confirmUrl"`
	Created   *string `json:"created"`
}

// systemChangeJSON is a vendor's change request.
type systemChangeJSON struct {
	systemAskHead
	User             string            `json:"systemUserId"`
	Packages         []packageURNJSON  `json:"requiredAccessPackages"`
	Rights           []systemRightJSON `json:"requiredRights"`
	UnwantedPackages []packageURNJSON  `json:"unwantedAccessPackages"`
	UnwantedRights   []systemRightJSON `json:"unwantedRights"`
}

func userType(agent bool) string {
	if agent {
		return "agent"
	}
	return "standard"
}

// askOut returns what writes a request, of either kind.
func (s *Server) askOut(snap *index.Snapshot, k *delegation.SystemAsk) any {
	head := systemAskHead{ID: orNull(k.ID), Reference: k.Reference, System: k.System, Owner: snap.ID(k.Owner).Org.String(), State: string(k.State), Redirect: orNull(k.Redirect)}
	page := "request"
	if k.User != "" {
		page = "changerequest"
	}
	if k.ID != "" {
		head.Created = orNull(instant(time.Unix(k.Created, 0)))
		head.Confirm = orNull(strings.TrimSuffix(s.cfg.PublicURL, "/") + "/accessmanagement/ui/systemuser/" + page + "?id=" + k.ID)
	}
	if k.User != "" {
		return systemChangeJSON{head, k.User, packageURNs(k.Packages), systemRightsOut(k.Rights), packageURNs(k.UnwantedPackages), systemRightsOut(k.UnwantedRights)}
	}
	return systemAskJSON{head, k.Title, userType(k.Agent), packageURNs(k.Packages), systemRightsOut(k.Rights), k.Escalated}
}

// writeAsk answers with a request as it stands after a change.
func (c *call) writeAsk(status int, id string) error {
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	k, ok := delegation.FindSystemAsk(snap, id, c.now.Unix())
	if !ok {
		return errNoAsk
	}
	c.lookup.Object = k.Owner
	return c.writeJSON(status, c.server.askOut(snap, &k))
}

var errNoAsk = statusf(http.StatusNotFound, "there is no such request")

// askForSystemUser returns the handler of a vendor's request for a system user. The
// same request that waits already is answered as it stands.
func askForSystemUser(agent bool) func(*Server, *call) error {
	return func(s *Server, c *call) error {
		k, err := c.newSystemUser(agent)
		if err != nil {
			return err
		}
		k.ID = newUUID().String()
		status := http.StatusOK
		var sent delegation.SystemAsk
		_, err = s.runSystems(c, "request for a system user", func(by *delegation.Acting) (out *delegation.Outcome, err error) {
			ask := k.of(by.Snapshot)
			made, err := s.node.NewSystemUser(c.r.Context(), by.Snapshot, ask, fullmakt.UUID{})
			if err != nil {
				return nil, err
			}
			if sent, out, err = by.AskForSystemUser(ask, made); err == nil && len(out.Changes) > 0 {
				status = http.StatusCreated
			}
			return out, err
		})
		if err != nil {
			return err
		}
		return c.writeAsk(status, sent.ID)
	}
}

// wantedSystemUser is a system user as a vendor or an organisation wants it.
type wantedSystemUser struct {
	delegation.SystemAsk
	owner fullmakt.OrgNumber
}

// of returns it in the numbers of a snapshot, as a copy of its own.
func (w *wantedSystemUser) of(s *index.Snapshot) delegation.SystemAsk {
	k := w.SystemAsk
	if w.owner != 0 {
		k.Owner = s.Organisation(w.owner)
	}
	k.Packages, k.UnwantedPackages = clone(k.Packages), clone(k.UnwantedPackages)
	k.Rights, k.UnwantedRights = clone(k.Rights), clone(k.UnwantedRights)
	return k
}

func clone[T any](list []T) []T { return append([]T{}, list...) }

// newSystemUser reads what is wanted of a new system user.
func (c *call) newSystemUser(agent bool) (*wantedSystemUser, error) {
	var body struct {
		ExternalRef, SystemID, PartyOrgNo, IntegrationTitle, RedirectURL string
		AccessPackages                                                   []packageURNJSON
		Rights                                                           []systemRightJSON
	}
	if err := c.readJSON(&body); err != nil {
		return nil, err
	}
	rights, err := systemRights("$.rights", body.Rights)
	if err != nil {
		return nil, err
	}
	w := &wantedSystemUser{SystemAsk: delegation.SystemAsk{System: body.SystemID, Reference: body.ExternalRef, Title: body.IntegrationTitle,
		Agent: agent, Packages: packageNames(body.AccessPackages), Rights: rights, Redirect: body.RedirectURL}}
	if body.PartyOrgNo != "" {
		if w.owner, err = fullmakt.ParseOrgNumber(body.PartyOrgNo); err != nil {
			return nil, invalidField("$.partyOrgNo", "want an organisation number")
		}
	}
	return w, nil
}

// wantedChange reads a change request. The system user is named by the parameter or
// the member system user id, or by system, organisation and external reference.
func (c *call) wantedChange() (*wantedSystemUser, error) {
	params, err := c.altinnQuery()
	if err != nil {
		return nil, err
	}
	var body struct {
		ExternalRef, SystemID, PartyOrgNo, SystemUserID, RedirectURL string
		RequiredAccessPackages, UnwantedAccessPackages               []packageURNJSON
		RequiredRights, UnwantedRights                               []systemRightJSON
	}
	if err := c.readJSON(&body); err != nil {
		return nil, err
	}
	w := &wantedSystemUser{SystemAsk: delegation.SystemAsk{System: body.SystemID, Reference: body.ExternalRef, Redirect: body.RedirectURL,
		Packages: packageNames(body.RequiredAccessPackages), UnwantedPackages: packageNames(body.UnwantedAccessPackages)}}
	if w.User = params.one("system-user-id"); w.User == "" {
		w.User = body.SystemUserID
	}
	w.User = strings.ToLower(w.User)
	if w.Rights, err = systemRights("$.requiredRights", body.RequiredRights); err != nil {
		return nil, err
	}
	if w.UnwantedRights, err = systemRights("$.unwantedRights", body.UnwantedRights); err != nil {
		return nil, err
	}
	if w.User == "" {
		if w.owner, err = fullmakt.ParseOrgNumber(body.PartyOrgNo); err != nil {
			return nil, invalidField("$.partyOrgNo", "want an organisation number, or name the system user by system-user-id")
		}
	}
	return w, nil
}

// noChangeNeeded is the state of a change request that was not sent, since the
// system user is as it asks already; changeNeeded of one that was only asked about.
const (
	noChangeNeeded = "NoChangeNeeded"
	changeNeeded   = "ChangeNeeded"
)

// askForChange sends a change request. When nothing needs to change, none is sent,
// and the answer says so.
func (s *Server) askForChange(c *call) error {
	w, err := c.wantedChange()
	if err != nil {
		return err
	}
	w.ID = newUUID().String()
	var sent delegation.SystemAsk
	var created bool
	snap, err := s.runSystems(c, "change request about a system user", func(by *delegation.Acting) (out *delegation.Outcome, err error) {
		sent, out, err = by.AskForChange(w.of(by.Snapshot))
		created = err == nil && len(out.Changes) > 0
		return out, err
	})
	if err != nil {
		return err
	}
	switch _, there := delegation.FindSystemAsk(snap, sent.ID, c.now.Unix()); {
	case created:
		return c.writeAsk(http.StatusCreated, sent.ID)
	case there:
		return c.writeAsk(http.StatusOK, sent.ID)
	}
	return s.writeNeeded(c, snap, delegation.SystemAsk{System: sent.System, Owner: sent.Owner, Reference: sent.Reference, User: sent.User})
}

// verifyChange answers which part of a change request would change anything, and
// sends none.
func (s *Server) verifyChange(c *call) error {
	w, err := c.wantedChange()
	if err != nil {
		return err
	}
	by, err := s.actingUser(c)
	if err != nil {
		return err
	}
	needed, err := by.ChangeNeeded(w.of(by.Snapshot))
	if err != nil {
		return systemsRefused(err)
	}
	return s.writeNeeded(c, by.Snapshot, needed)
}

func (s *Server) writeNeeded(c *call, snap *index.Snapshot, k delegation.SystemAsk) error {
	k.ID, k.State = "", noChangeNeeded
	if len(k.Items()) > 0 {
		k.State = changeNeeded
	}
	c.lookup.Object = k.Owner
	return c.writeJSON(http.StatusOK, s.askOut(snap, &k))
}

// found returns a request of this kind that the caller may see.
func (kind systemAsks) found(s *Server, c *call) (*delegation.Acting, delegation.SystemAsk, error) {
	by, err := s.actingUser(c)
	if err != nil {
		return nil, delegation.SystemAsk{}, err
	}
	k, err := by.SystemAsk(strings.ToLower(c.r.PathValue("id")))
	if err == nil && (k.User != "") != kind.change {
		err = errNoAsk
	}
	c.lookup.Object = k.Owner
	return by, k, err
}

// vendors answers a request to its vendor.
func (kind systemAsks) vendors(s *Server, c *call) error {
	by, k, err := kind.found(s, c)
	if err != nil {
		return err
	}
	if sys, _ := delegation.FindSystem(by.Snapshot, k.System); by.Actor != delegation.Operator && by.Actor != sys.Vendor {
		return errNoAsk
	}
	return c.writeJSON(http.StatusOK, s.askOut(by.Snapshot, &k))
}

// withdraw takes a request back that waits.
func (kind systemAsks) withdraw(s *Server, c *call) error {
	_, k, err := kind.found(s, c)
	if err != nil {
		return err
	}
	_, err = s.runSystems(c, "request withdrawn", func(by *delegation.Acting) (*delegation.Outcome, error) { return by.WithdrawSystemAsk(k.ID) })
	if err == nil {
		c.noContent()
	}
	return err
}

// ownSystem returns a system that is the caller's own.
func (s *Server) ownSystem(c *call, id string) (*delegation.Acting, delegation.System, error) {
	by, err := s.actingUser(c)
	if err != nil {
		return nil, delegation.System{}, err
	}
	sys, ok := delegation.FindSystem(by.Snapshot, id)
	switch {
	case !ok:
		return nil, sys, statusf(http.StatusNotFound, "there is no such system")
	case by.Actor != delegation.Operator && by.Actor != sys.Vendor:
		return nil, sys, statusf(http.StatusForbidden, "the system is another vendor's")
	}
	return by, sys, nil
}

// byReference answers the latest request under an external reference.
func (kind systemAsks) byReference(s *Server, c *call) error {
	by, sys, err := s.ownSystem(c, c.r.PathValue("system"))
	if err != nil {
		return err
	}
	number, err := fullmakt.ParseOrgNumber(c.r.PathValue("owner"))
	if err != nil {
		return invalidField("owner", "want an organisation number")
	}
	owner := by.Snapshot.Organisation(number)
	c.lookup.Object = owner
	k, ok := delegation.LatestSystemAsk(by.Snapshot, sys.ID, owner, c.r.PathValue("reference"), kind.change, by.At)
	if !ok {
		return errNoAsk
	}
	return c.writeJSON(http.StatusOK, s.askOut(by.Snapshot, &k))
}

// bySystem answers the requests of a system, page by page.
func (kind systemAsks) bySystem(s *Server, c *call) error {
	by, sys, err := s.ownSystem(c, c.r.PathValue("system"))
	if err != nil {
		return err
	}
	return writeByID(c, by.Snapshot, func(snap *index.Snapshot, after string) iter.Seq[delegation.SystemAsk] {
		return kind.only(delegation.SystemAsks(snap, sys.ID, after, by.At))
	}, func(k delegation.SystemAsk) string { return k.ID }, func(snap *index.Snapshot, k delegation.SystemAsk) any { return s.askOut(snap, &k) })
}

func (kind systemAsks) only(list iter.Seq[delegation.SystemAsk]) iter.Seq[delegation.SystemAsk] {
	return func(yield func(delegation.SystemAsk) bool) {
		for k := range list {
			if (k.User != "") == kind.change && !yield(k) {
				return
			}
		}
	}
}

// writeByID answers with a page of a list in the order of ids, of a hundred unless
// the request names another size.
func writeByID[T any](c *call, snap *index.Snapshot, list func(*index.Snapshot, string) iter.Seq[T], id func(T) string, write func(*index.Snapshot, T) any) error {
	params, err := c.altinnQuery()
	if err != nil {
		return err
	}
	p, snap, err := c.listPage(params, snap)
	if err != nil {
		return err
	}
	if p.size == 0 {
		p.size = 100
	}
	items, more := delegation.Page(list(snap, p.last), p.size)
	out := pageOf[any](nil)
	for _, item := range items {
		out.Data = append(out.Data, write(snap, item))
	}
	if more {
		out.Links.Next = orNull(c.nextPage(p, snap, id(items[len(items)-1])))
	}
	c.lookup.Count = len(items)
	return c.writeJSON(http.StatusOK, out)
}

// list answers the requests to an organisation, to who administers it.
func (kind systemAsks) list(s *Server, c *call) error {
	snap, owner, err := s.pathOwner(c)
	if err == nil {
		snap, err = s.seenBy(c, owner)
	}
	if err != nil {
		return err
	}
	out := []any{}
	for k := range kind.only(delegation.SystemAsksOf(snap, owner, c.now.Unix())) {
		out = append(out, s.askOut(snap, &k))
	}
	c.lookup.Count = len(out)
	return c.writeJSON(http.StatusOK, out)
}

// owners answers a request to whoever may act for the organisation.
func (kind systemAsks) owners(s *Server, c *call) error {
	by, k, err := kind.asked(s, c)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, s.askOut(by.Snapshot, &k))
}

// asked returns the request that a path names, which is to the path's organisation.
func (kind systemAsks) asked(s *Server, c *call) (*delegation.Acting, delegation.SystemAsk, error) {
	_, owner, err := s.pathOwner(c)
	if err != nil {
		return nil, delegation.SystemAsk{}, err
	}
	by, k, err := kind.found(s, c)
	if err == nil && k.Owner != owner {
		err = errNoAsk
	}
	return by, k, err
}

// answer approves, rejects or escalates a request.
func (kind systemAsks) answer(s *Server, c *call) error {
	_, k, err := kind.asked(s, c)
	if err != nil {
		return err
	}
	uuid := newUUID()
	var command func(*delegation.Acting) (*delegation.Outcome, error)
	switch c.r.PathValue("answer") {
	case "approve":
		command = func(by *delegation.Acting) (*delegation.Outcome, error) {
			made, err := s.node.NewSystemUser(c.r.Context(), by.Snapshot, k, uuid)
			if err != nil {
				return nil, err
			}
			return by.ApproveSystemAsk(k.ID, made)
		}
	case "reject":
		command = func(by *delegation.Acting) (*delegation.Outcome, error) { return by.RejectSystemAsk(k.ID) }
	case "escalate":
		command = func(by *delegation.Acting) (*delegation.Outcome, error) { return by.EscalateSystemAsk(k.ID) }
	default:
		return statusf(http.StatusNotFound, "a request is approved, rejected or escalated")
	}
	if _, err := s.runSystems(c, "answer to a request about a system user", command); err != nil {
		return err
	}
	return c.writeAsk(http.StatusOK, k.ID)
}
