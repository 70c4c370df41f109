package api

import (
	"net/http"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// Enterprise users (virksomhetsbrukere): made, ended, given passwords and ECKEY by
// who administers the organisation that owns them. Altinn has no API for it.

const (
	scopeEnterpriseUsers = "fullmakt:enterprise-users"
	enterpriseUsersPath  = "/fullmakt/v1/enterprise-users"
)

func enterpriseUserRoutes() []route {
	own := func(method, path string, handle func(*Server, *call) error) route {
		return route{method: method, pattern: enterpriseUsersPath + path, scopes: []string{scopeEnterpriseUsers}, handle: handle}
	}
	const one = "/{organisation}/{user}"
	return []route{
		own("POST", "", (*Server).addEnterpriseUser),
		own("GET", "/{organisation}", (*Server).listEnterpriseUsers),
		own("GET", one, (*Server).showEnterpriseUser),
		own("DELETE", one, (*Server).endEnterpriseUser),
		own("POST", one+"/password", (*Server).newPassword),
		own("PUT", one+"/eckey", (*Server).grantECKEY),
		own("DELETE", one+"/eckey", (*Server).revokeECKEY),
		own("GET", one+"/report", (*Server).reportEnterpriseUser),
	}
}

// enterpriseUserJSON is an enterprise user. The password stands in it once: when it
// was made.
type enterpriseUserJSON struct {
	User         string           `json:"user"` // its name
	UUID         string           `json:"uuid"`
	Organisation string           `json:"organisation"`
	Ended        bool             `json:"ended"`
	ECKEY        *intervalJSON    `json:"eckey"` // null without
	Password     string           `json:"password,omitempty"`
	PasswordFrom string           `json:"password_since,omitempty"`
	LockedUntil  string           `json:"locked_until,omitempty"`
	No           fullmakt.PartyNo `json:"party_id"`
	Revision     string           `json:"revision"`
}

type intervalJSON struct {
	From string `json:"valid_from,omitempty"`
	To   string `json:"valid_to,omitempty"` // the first instant after it
}

// changeUser runs a command on an enterprise user for good, and answers the user as
// it has become.
func (s *Server) changeUser(c *call, status int, organisation, name, password, note string, change func(*delegation.Acting, *delegation.User) (*delegation.Outcome, error)) error {
	fresh := newUUID()
	var user delegation.User
	_, err := s.node.Do(c.r.Context(), c.now, note, func(snap *index.Snapshot) ([]fullmakt.Change, error) {
		actor, err := s.actor(c, snap)
		if err != nil {
			return nil, err
		}
		if user, err = s.namedUser(c, snap, organisation, name); err != nil {
			return nil, err
		}
		if user.No == 0 {
			user.UUID = fresh
		}
		out, err := change(&delegation.Acting{Snapshot: snap, Actor: actor, At: c.now.Unix()}, &user)
		if err != nil {
			return nil, err
		}
		return out.Changes, nil
	})
	if err != nil {
		return err
	}
	c.snap = nil
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	if user.No == 0 {
		user.No = user.Next
	}
	if password != "" {
		s.tries.forget(triesOf(snap, user))
	}
	c.lookup.Subject, c.lookup.Object = user.No, user.Owner
	w := enterpriseUserOut(snap, user)
	w.Password = password
	return c.writeJSON(status, w)
}

// namedUser finds an enterprise user by the organisation number of its owner and
// its name. The owner is known; a user that is not has No 0.
func (s *Server) namedUser(c *call, snap *index.Snapshot, organisation, name string) (delegation.User, error) {
	// What is written in the wrong place may be an identity number, so that neither
	// is repeated.
	owner, err := fullmakt.ParseOrgNumber(organisation)
	if err != nil {
		return delegation.User{}, statusf(http.StatusBadRequest, "the path names no organisation: an organisation number has nine digits, the last a check digit")
	}
	if holdsNationalID(name) {
		return delegation.User{}, statusf(http.StatusBadRequest, "a user name holds no identity number")
	}
	if snap.Organisation(owner) == 0 {
		return delegation.User{}, statusf(http.StatusNotFound, "organisation %s is not in the register", owner)
	}
	return s.node.EnterpriseUser(c.r.Context(), snap, owner, name)
}

// triesOf names a user as wrongTries counts it.
func triesOf(snap *index.Snapshot, u delegation.User) string {
	return snap.ID(u.Owner).Org.String() + "\x00" + fullmakt.FoldName(u.Name)
}

func enterpriseUserOut(snap *index.Snapshot, u delegation.User) enterpriseUserJSON {
	w := enterpriseUserJSON{
		User: u.Name, UUID: u.UUID.String(), Organisation: snap.ID(u.Owner).Org.String(), No: u.No,
		Ended: snap.State(u.No)&fullmakt.Deleted != 0, Revision: revisionToken(snap.Seq()),
	}
	if name := snap.Name(u.No); name != "" {
		w.User = name
	}
	for _, g := range snap.Grants(u.Owner, u.No) {
		if g.ECKEY {
			w.ECKEY = &intervalJSON{instantOr(g.Valid.From), instantOr(g.Valid.To)}
		}
	}
	acting := delegation.Acting{Snapshot: snap}
	if _, credential, ok := acting.FindCredential(u.No); ok {
		w.PasswordFrom, w.LockedUntil = instantOr(credential.Since), instantOr(credential.LockedUntil)
	}
	return w
}

// instantOr writes an instant in Unix seconds; "" for none.
func instantOr(at int64) string {
	if at == 0 {
		return ""
	}
	return instant(time.Unix(at, 0))
}

// addEnterpriseUser makes an enterprise user with a password, which is told once.
func (s *Server) addEnterpriseUser(c *call) error {
	var body struct{ Organisation, User string }
	if err := c.readJSON(&body); err != nil {
		return err
	}
	password, credential := delegation.NewPassword(c.now.Unix())
	return s.changeUser(c, http.StatusCreated, body.Organisation, body.User, password, "enterprise user added", func(by *delegation.Acting, u *delegation.User) (*delegation.Outcome, error) {
		if u.No != 0 && by.Snapshot.State(u.No)&fullmakt.Deleted == 0 {
			return nil, fullmakt.Errorf(fullmakt.CodeConflict, "the organisation has an enterprise user of this name already").WithHint("give it a new password, or choose another name")
		}
		out, err := by.AddEnterpriseUser(*u)
		if err != nil {
			return nil, err
		}
		made := *u
		made.No = u.Next
		out.Changes = append(out.Changes, made.WithCredential(credential))
		return out, nil
	})
}

func (c *call) pathUser() (organisation, user string) {
	return c.r.PathValue("organisation"), c.r.PathValue("user")
}

func (s *Server) endEnterpriseUser(c *call) error {
	org, name := c.pathUser()
	return s.changeUser(c, http.StatusOK, org, name, "", "enterprise user ended", func(by *delegation.Acting, u *delegation.User) (*delegation.Outcome, error) {
		return by.EndEnterpriseUser(*u)
	})
}

// newPassword gives an enterprise user another password; the one before is not
// taken any more.
func (s *Server) newPassword(c *call) error {
	password, credential := delegation.NewPassword(c.now.Unix())
	org, name := c.pathUser()
	return s.changeUser(c, http.StatusOK, org, name, password, "enterprise user: new password", func(by *delegation.Acting, u *delegation.User) (*delegation.Outcome, error) {
		return by.SetPassword(*u, credential)
	})
}

var eckeyItem = []delegation.Item{{ECKEY: true}}

// grantECKEY gives an enterprise user ECKEY, for an interval where the body has one.
func (s *Server) grantECKEY(c *call) error {
	var body struct {
		From time.Time `json:"valid_from"`
		To   time.Time `json:"valid_to"`
	}
	if c.r.ContentLength != 0 {
		if err := c.readJSON(&body); err != nil {
			return err
		}
	}
	var valid fullmakt.Interval
	if !body.From.IsZero() {
		valid.From = body.From.Unix()
	}
	if !body.To.IsZero() {
		valid.To = body.To.Unix()
	}
	org, name := c.pathUser()
	return s.changeUser(c, http.StatusOK, org, name, "", "ECKEY given", func(by *delegation.Acting, u *delegation.User) (*delegation.Outcome, error) {
		return by.Give(delegation.Give{From: u.Owner, To: u.No, Items: eckeyItem, Valid: valid})
	})
}

func (s *Server) revokeECKEY(c *call) error {
	org, name := c.pathUser()
	return s.changeUser(c, http.StatusOK, org, name, "", "ECKEY revoked", func(by *delegation.Acting, u *delegation.User) (*delegation.Outcome, error) {
		return by.Revoke(delegation.Revoke{From: u.Owner, To: u.No, Items: eckeyItem, Cascade: true})
	})
}

// seenBy lets only who administers an organisation see its enterprise users.
func (s *Server) seenBy(c *call, owner fullmakt.PartyNo) (*index.Snapshot, error) {
	snap, err := c.snapshot()
	if err != nil {
		return nil, err
	}
	actor, err := s.actor(c, snap)
	if err != nil {
		return nil, err
	}
	c.lookup.Object = owner
	acting := delegation.Acting{Snapshot: snap, Actor: actor, At: c.now.Unix()}
	return snap, acting.OwnsUsers(owner)
}

func (s *Server) listEnterpriseUsers(c *call) error {
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	u, err := s.namedUser(c, snap, c.r.PathValue("organisation"), "")
	if err != nil {
		return err
	}
	if snap, err = s.seenBy(c, u.Owner); err != nil {
		return err
	}
	nos := delegation.UsersOf(snap, u.Owner)
	uuids, err := s.node.Store().UUIDs(c.r.Context(), nos)
	if err != nil {
		return err
	}
	out := struct {
		Items []enterpriseUserJSON `json:"items"`
	}{[]enterpriseUserJSON{}}
	for _, no := range nos {
		out.Items = append(out.Items, enterpriseUserOut(snap, delegation.User{Owner: u.Owner, No: no, UUID: uuids[no]}))
	}
	c.lookup.Count = len(nos)
	return c.writeJSON(http.StatusOK, out)
}

// seenUser returns the enterprise user of the path, as the caller may see it.
func (s *Server) seenUser(c *call) (*index.Snapshot, delegation.User, error) {
	snap, err := c.snapshot()
	if err != nil {
		return nil, delegation.User{}, err
	}
	org, name := c.pathUser()
	u, err := s.namedUser(c, snap, org, name)
	if err != nil {
		return nil, u, err
	}
	if snap, err = s.seenBy(c, u.Owner); err == nil && u.No == 0 {
		err = statusf(http.StatusNotFound, "the organisation has no such enterprise user")
	}
	c.lookup.Subject = u.No
	return snap, u, err
}

func (s *Server) showEnterpriseUser(c *call) error {
	snap, u, err := s.seenUser(c)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, enterpriseUserOut(snap, u))
}

// reachJSON is what an enterprise user may do for one party.
type reachJSON struct {
	Organisation string          `json:"organisation"`
	Name         string          `json:"name"`
	Reason       fullmakt.Reason `json:"reason"`
	Packages     []string        `json:"system_user_needs"`
	Lost         []string        `json:"no_system_user_gets"`
}

// reportEnterpriseUser tells for whom an enterprise user may act, and what a system
// user would have to be given instead.
func (s *Server) reportEnterpriseUser(c *call) error {
	snap, u, err := s.seenUser(c)
	if err != nil {
		return err
	}
	out := struct {
		User  enterpriseUserJSON `json:"user"`
		Reach []reachJSON        `json:"reach"`
	}{enterpriseUserOut(snap, u), []reachJSON{}}
	acting := delegation.Acting{Snapshot: snap, At: c.now.Unix()}
	for _, r := range acting.ReachOf(u.No) {
		out.Reach = append(out.Reach, reachJSON{
			Organisation: snap.ID(r.For).Org.String(), Name: snap.Name(r.For), Reason: r.Reason,
			Packages: snap.Catalogue().Codes(r.Need), Lost: snap.Catalogue().Codes(r.Lost),
		})
	}
	c.lookup.Count = len(out.Reach)
	return c.writeJSON(http.StatusOK, out)
}
