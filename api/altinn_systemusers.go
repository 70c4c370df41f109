package api

import (
	"errors"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// The system users (systembrukere) that organisations have in vendors' systems, on
// the paths of Altinn's authentication. What the reference leaves open has shapes of
// our own; docs/compatibility.md says so.

const (
	authentication = "/authentication/api/v1"
	systemUserPath = authentication + "/systemuser"
)

func systemUserRoutes() []route {
	vendors := []string{"altinn:authentication/systemuser.request.read", "altinn:authentication/systemuser.request.write"}
	owners := []string{"altinn:authentication/systemuser.write", scopePortal}
	return append(append(systemRoutes(), systemAskRoutes()...),
		altinn("GET", systemUserPath+"/byExternalId", []string{"altinn:maskinporten/systemuser.read"}, (*Server).systemUserByExternalID),
		altinn("GET", systemUserPath+"/vendor/byquery", vendors, (*Server).vendorsSystemUser),
		altinn("GET", systemUserPath+"/vendor/bysystem/{system}", vendors, (*Server).vendorsSystemUsers),
		altinn("GET", systemUserPath+"/{party}", owners, (*Server).listSystemUsers),
		altinn("POST", systemUserPath+"/{party}", owners, createSystemUser(false)),
		altinn("POST", systemUserPath+"/agent/{party}", owners, createSystemUser(true)),
		altinn("GET", systemUserPath+"/{party}/{id}", owners, (*Server).showSystemUser),
		altinn("DELETE", systemUserPath+"/{party}/{id}", owners, (*Server).deleteSystemUser),
	)
}

// runSystems runs a command for good. What the rest of the call answers is the
// register after it.
func (s *Server) runSystems(c *call, note string, command func(*delegation.Acting) (*delegation.Outcome, error)) (*index.Snapshot, error) {
	_, err := s.node.Do(c.r.Context(), c.now, note, func(snap *index.Snapshot) ([]fullmakt.Change, error) {
		actor, err := s.actor(c, snap)
		if err != nil {
			return nil, err
		}
		out, err := command(s.node.Acting(snap, actor, c.now.Unix()))
		if err != nil {
			return nil, err
		}
		return out.Changes, nil
	})
	if c.snap = nil; err != nil {
		return nil, systemsRefused(err)
	}
	return c.snapshot()
}

// systemsRefused writes why a command is refused: with the code and the place of
// everything that stands in the way. The codes are our own reasons.
func systemsRefused(err error) error {
	var refused *delegation.Refused
	if !errors.As(err, &refused) {
		return err
	}
	e := &altinnError{status: statusOf(err), code: amValidation, detail: refused.Error()}
	for _, r := range refused.Refusals {
		e.fields = append(e.fields, altinnField{code: string(r.Reason), paths: []string{r.Path}, text: r.Message})
	}
	return e
}

// pathOwner returns the organisation that the path names, by party id or UUID.
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
	c.lookup.Object = owner
	return snap, owner, nil
}

// systemUserJSON is a system user. Of a standard user packages and rights are what
// it has; of an agent they are what it is meant to be delegated for clients.
type systemUserJSON struct {
	ID        string            `json:"id"`
	Title     string            `json:"integrationTitle"`
	System    string            `json:"systemId"`
	PartyID   string            `json:"partyId"`
	Owner     string            `json:"reporteeOrgNo"`
	Vendor    string            `json:"supplierOrgno"`
	Reference string            `json:"externalRef"`
	UserType  string            `json:"userType"`
	Packages  []packageURNJSON  `json:"accessPackages"`
	Rights    []systemRightJSON `json:"rights"`
	Created   string            `json:"created"`
	Deleted   bool              `json:"isDeleted"`
}

func (s *Server) systemUserOut(c *call, snap *index.Snapshot, u *delegation.SystemUser) systemUserJSON {
	sys, _ := delegation.FindSystem(snap, u.System)
	packages, rights := u.Has(snap, c.now.Unix())
	return systemUserJSON{
		ID: u.UUID, Title: u.Title, System: u.System, PartyID: strconv.Itoa(int(u.Owner)), Owner: snap.ID(u.Owner).Org.String(),
		Vendor: snap.ID(sys.Vendor).Org.String(), Reference: u.Reference, UserType: userType(u.Agent), Packages: packageURNs(packages),
		Rights: systemRightsOut(rightsByAction(s.node.Registry(snap), rights)), Created: instant(time.Unix(u.Since, 0)),
	}
}

// rightsByAction names rights by resource and action; by its key one that the
// resource's policy no longer has.
func rightsByAction(v *registry.View, rights []delegation.RequestRight) (out []delegation.SystemRight) {
	for _, r := range rights {
		one := delegation.SystemRight{Resource: r.Resource, Action: r.Right}
		if p, err := v.Policy(r.Resource); err == nil {
			if right, ok := p.Right(r.Right); ok {
				one.Action = right.Action.Value
			}
		}
		out = append(out, one)
	}
	return out
}

// createSystemUser returns the handler by which an organisation makes a system user
// itself, without a request.
func createSystemUser(agent bool) func(*Server, *call) error {
	return func(s *Server, c *call) error {
		_, owner, err := s.pathOwner(c)
		if err != nil {
			return err
		}
		w, err := c.newSystemUser(agent)
		if err != nil {
			return err
		}
		w.owner, w.Owner = 0, owner
		uuid := newUUID()
		snap, err := s.runSystems(c, "system user made", func(by *delegation.Acting) (*delegation.Outcome, error) {
			k := w.of(by.Snapshot)
			made, err := s.node.NewSystemUser(c.r.Context(), by.Snapshot, k, uuid)
			if err != nil {
				return nil, err
			}
			return by.CreateSystemUser(k, made)
		})
		if err != nil {
			return err
		}
		u, _ := delegation.FindSystemUser(snap, uuid.String())
		c.lookup.Subject = u.Party
		return c.writeJSON(http.StatusCreated, s.systemUserOut(c, snap, &u))
	}
}

// ownersUser finds the system user that the path names, for who administers the
// organisation.
func (s *Server) ownersUser(c *call) (*index.Snapshot, delegation.SystemUser, error) {
	_, owner, err := s.pathOwner(c)
	if err != nil {
		return nil, delegation.SystemUser{}, err
	}
	snap, err := s.seenBy(c, owner)
	if err != nil {
		return nil, delegation.SystemUser{}, err
	}
	u, ok := delegation.FindSystemUser(snap, strings.ToLower(c.r.PathValue("id")))
	if !ok || u.Owner != owner {
		return nil, u, errNoSystemUser
	}
	c.lookup.Subject = u.Party
	return snap, u, nil
}

var errNoSystemUser = statusf(http.StatusNotFound, "there is no such system user")

func (s *Server) showSystemUser(c *call) error {
	snap, u, err := s.ownersUser(c)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, s.systemUserOut(c, snap, &u))
}

func (s *Server) listSystemUsers(c *call) error {
	_, owner, err := s.pathOwner(c)
	if err != nil {
		return err
	}
	snap, err := s.seenBy(c, owner)
	if err != nil {
		return err
	}
	out := []systemUserJSON{}
	for u := range delegation.SystemUsersOf(snap, owner) {
		out = append(out, s.systemUserOut(c, snap, &u))
	}
	c.lookup.Count = len(out)
	return c.writeJSON(http.StatusOK, out)
}

func (s *Server) deleteSystemUser(c *call) error {
	_, u, err := s.ownersUser(c)
	if err != nil {
		return err
	}
	if _, err = s.runSystems(c, "system user ended", func(by *delegation.Acting) (*delegation.Outcome, error) {
		return by.EndSystemUser(u.UUID, u.Owner)
	}); err == nil {
		c.noContent()
	}
	return err
}

// vendorsSystemUser answers a vendor's system user by system, organisation and
// external reference.
func (s *Server) vendorsSystemUser(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	by, sys, err := s.ownSystem(c, q.one("system-id"))
	if err != nil {
		return err
	}
	number, err := fullmakt.ParseOrgNumber(q.one("orgno"))
	if err != nil {
		return invalidField("orgno", "want an organisation number")
	}
	owner := by.Snapshot.Organisation(number)
	u, ok := delegation.SystemUserByReference(by.Snapshot, sys.ID, owner, q.one("external-ref"))
	c.lookup.Subject, c.lookup.Object = u.Party, owner
	if !ok {
		return errNoSystemUser
	}
	return c.writeJSON(http.StatusOK, s.systemUserOut(c, by.Snapshot, &u))
}

// vendorsSystemUsers answers the users of a vendor's system, page by page.
func (s *Server) vendorsSystemUsers(c *call) error {
	by, sys, err := s.ownSystem(c, c.r.PathValue("system"))
	if err != nil {
		return err
	}
	return writeByID(c, by.Snapshot, func(snap *index.Snapshot, after string) iter.Seq[delegation.SystemUser] {
		return delegation.SystemUsersIn(snap, sys.ID, after)
	}, func(u delegation.SystemUser) string { return u.UUID }, func(snap *index.Snapshot, u delegation.SystemUser) any { return s.systemUserOut(c, snap, &u) })
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
		return errNoSystemUser
	}
	return c.writeJSON(http.StatusOK, s.systemUserOut(c, snap, &u))
}
