package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

const (
	scopePartiesOwner = "altinn:accessmanagement/authorizedparties.resourceowner"
	scopePartiesAdmin = "altinn:accessmanagement/authorizedparties.admin"
	scopeParties      = "altinn:accessmanagement/authorizedparties"
	scopePortal       = "altinn:portal/enduser"
)

const accessManagement = "/accessmanagement/api/v1"

// altinnPartiesRoutes lists the routes that answer whom somebody may represent.
func altinnPartiesRoutes() []route {
	owner := []string{scopePartiesOwner, scopePartiesAdmin}
	user := []string{scopePortal, scopeParties}
	ofParty := altinn("GET", accessManagement+"/{party}/{what}", nil, (*Server).partiesOfParty)
	ofParty.stands = []string{accessManagement + "/{party}/authorizedparties"}
	return []route{
		altinn("POST", accessManagement+"/resourceowner/authorizedparties", owner, (*Server).partiesForOwner),
		altinn("POST", accessManagement+"/serviceowner/authorizedparties", owner, (*Server).partiesForOwner),
		altinn("GET", accessManagement+"/enduser/authorizedparties", user, (*Server).partiesForUser),
		altinn("GET", accessManagement+"/authorizedparties", nil, (*Server).partiesOlder),
		altinn("GET", accessManagement+"/authorizedparty/{partyId}", nil, (*Server).partyOlder),
		ofParty,
	}
}

// altinnParty names a party as Altinn's requests do.
type altinnParty struct {
	Type  *string `json:"type"`
	Value *string `json:"value"`
}

// partiesForOwner answers a service owner that asks about a party.
func (s *Server) partiesForOwner(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	o, err := q.partyOptions(partyDefaults{roles: true, resources: true})
	if err != nil {
		return err
	}
	if code := q.one("orgCode"); code != "" {
		if !strings.EqualFold(code, c.caller.ownerCode) && !c.caller.may(scopePartiesAdmin) {
			return statusf(http.StatusForbidden, "orgCode is not the caller's own")
		}
		o.ownerCode = code
	}
	var body struct {
		altinnParty
		PartyFilter []altinnParty `json:"partyFilter"`
	}
	if err := c.readJSON(&body); err != nil {
		return err
	}
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	subject, err := s.altinnSubject(c.r.Context(), snap, body.altinnParty, "")
	if err != nil {
		return err
	}
	if most := s.cfg.Limits.Batch; len(body.PartyFilter) > most {
		return invalidField("PartyFilter", "more than "+strconv.Itoa(most)+" parties in one request")
	}
	if body.PartyFilter != nil {
		o.filter = map[fullmakt.PartyNo]bool{}
		for i, f := range body.PartyFilter {
			p, err := s.altinnSubject(c.r.Context(), snap, f, "PartyFilter["+strconv.Itoa(i)+"].")
			if err != nil {
				return err
			}
			o.filter[p] = p != 0
		}
	}
	l, err := s.authorizedParties(c, snap, subject, o)
	if err != nil {
		return err
	}
	c.writeParties(l)
	return nil
}

// partiesForUser answers an end user about itself.
func (s *Server) partiesForUser(c *call) error {
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	o, err := q.partyOptions(partyDefaults{})
	if err != nil {
		return err
	}
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	wanted, err := q.uuids("partyFilter")
	if err != nil {
		return err
	}
	if most := s.cfg.Limits.Batch; len(wanted) > most {
		return invalidField("partyFilter", "more than "+strconv.Itoa(most)+" parties in one request")
	}
	if wanted != nil {
		o.filter = map[fullmakt.PartyNo]bool{}
		for _, u := range wanted {
			p, err := s.findParty(c.r.Context(), snap, partyUUIDKind, []byte(u.String()))
			if err != nil {
				return err
			}
			o.filter[p] = p != 0
		}
	}
	l, err := s.ownParties(c, snap, o)
	if err != nil {
		return err
	}
	c.writePartyPage(l)
	return nil
}

// partiesOlder answers an end user about itself, as a bare array.
func (s *Server) partiesOlder(c *call) error {
	l, err := s.olderList(c, nil)
	if err != nil {
		return err
	}
	c.writeParties(l)
	return nil
}

// partyOlder answers with one of the parties that an end user may represent.
func (s *Server) partyOlder(c *call) error {
	no, err := partyID(c.r.PathValue("partyId"))
	if err != nil {
		return err
	}
	l, err := s.olderList(c, map[fullmakt.PartyNo]bool{no: true})
	if err != nil {
		return err
	}
	for i := range l.rows {
		row := &l.rows[i]
		for j := range row.subunits {
			if row.subunits[j].no == no {
				c.write(http.StatusOK, "application/json", l.appendParty(nil, &row.subunits[j], row.no))
				return nil
			}
		}
		if row.no == no && !row.noAccess {
			c.write(http.StatusOK, "application/json", l.appendParty(nil, row, 0))
			return nil
		}
	}
	return statusf(http.StatusNotFound, "the caller may not represent this party")
}

// partiesOfParty answers who manages the access of a party which parties that one
// may represent: {party}/authorizedparties, written with two wildcards since a mux
// cannot tell it from authorizedparty/{partyId} else.
func (s *Server) partiesOfParty(c *call) error {
	if c.r.PathValue("what") != "authorizedparties" {
		return statusf(http.StatusNotFound, "there is nothing at this path")
	}
	no, err := partyID(c.r.PathValue("party"))
	if err != nil {
		return err
	}
	q, err := c.altinnQuery()
	if err != nil {
		return err
	}
	o, err := q.partyOptions(partyDefaults{roles: true, resources: true})
	if err != nil {
		return err
	}
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	if ok, err := s.manages(c, snap, no); err != nil || !ok {
		return cmpError(err, statusf(http.StatusForbidden, "the caller does not manage access for this party"))
	}
	l, err := s.authorizedParties(c, snap, no, o)
	if err != nil {
		return err
	}
	c.writeParties(l)
	return nil
}

func cmpError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func (s *Server) olderList(c *call, filter map[fullmakt.PartyNo]bool) (*partyList, error) {
	q, err := c.altinnQuery()
	if err != nil {
		return nil, err
	}
	o, err := q.partyOptions(partyDefaults{roles: true, resources: true})
	if err != nil {
		return nil, err
	}
	o.filter = filter
	snap, err := c.snapshot()
	if err != nil {
		return nil, err
	}
	return s.ownParties(c, snap, o)
}

// ownParties lists whom the caller itself may represent.
func (s *Server) ownParties(c *call, snap *index.Snapshot, o partyOptions) (*partyList, error) {
	own, err := s.actor(c, snap)
	switch {
	case errors.Is(err, errStranger):
		own = 0
	case err != nil:
		return nil, err
	case own == delegation.Operator:
		return nil, errNobodysOwn
	}
	return s.authorizedParties(c, snap, own, o)
}

// authorizedParties lists whom a subject may represent. A subject that no register
// names has nobody: an empty list is the true answer.
func (s *Server) authorizedParties(c *call, snap *index.Snapshot, subject fullmakt.PartyNo, o partyOptions) (*partyList, error) {
	var err error
	if o.businessOnly, err = s.privacy(c, snap, subject); err != nil {
		return nil, err
	}
	if snap.Node(subject).Flags&index.Uncertain != 0 && !s.cfg.AllowUncertain {
		return nil, statusf(http.StatusForbidden, "the party is known only by birth date and name, which does not tell two people apart")
	}
	o.limit = c.caller.limit
	if o.resourceIDs != nil || o.ownerCode != "" {
		o.named = nameResources(snap, s.node.Registry(snap), o.resourceIDs, o.ownerCode)
	}
	l := listParties(snap, subject, c.now.Unix(), o)
	c.lookup.Subject, c.lookup.Count = subject, l.size()
	return l, l.name(c.r.Context(), s.node.Store())
}

// privacy applies rule PRIV-1: a list of what a real person holds, for anyone but
// that person, needs a purpose, and only purposes on the operator's list cover
// organisations that do no business.
func (s *Server) privacy(c *call, snap *index.Snapshot, subject fullmakt.PartyNo) (businessOnly bool, err error) {
	id := snap.ID(subject)
	if id.Kind != fullmakt.KindPerson || id.Person != 0 && id.Person.Synthetic() || c.isOwn(snap, subject) {
		return false, nil
	}
	purpose := strings.TrimSpace(c.caller.purpose)
	if purpose == "" {
		return false, statusf(http.StatusForbidden, "rule PRIV-1: what a real person holds is listed for a purpose only").
			hinted("the operator sets the purpose of this consumer in the configuration")
	}
	c.lookup.Must = true // whatever the level of the log
	listed := slices.ContainsFunc(s.cfg.Purposes, func(p string) bool { return strings.EqualFold(strings.TrimSpace(p), purpose) })
	return !listed, nil
}

// isOwn reports whether a party is the caller itself.
func (c *call) isOwn(snap *index.Snapshot, p fullmakt.PartyNo) bool {
	own, err := c.server.actor(c, snap)
	return err == nil && own != delegation.Operator && own == p
}

// manages reports whether the caller manages access for a party: Altinn's resource
// altinn_access_management, which access managers and main administrators have.
func (s *Server) manages(c *call, snap *index.Snapshot, party fullmakt.PartyNo) (bool, error) {
	own, err := s.actor(c, snap)
	switch {
	case err != nil:
		return false, err
	case own == delegation.Operator:
		return true, nil
	case snap.Kind(party) == fullmakt.KindUnknown:
		return false, nil
	}
	if own == party {
		return snap.Kind(own) == fullmakt.KindPerson, nil
	}
	terms := snap.Terms()
	for _, pkg := range []catalogue.PackageID{terms.AccessManager, terms.MainAdministrator} {
		q := pdp.Ask(own, party, c.now.Unix())
		q.Package = pkg
		if d := pdp.Decide(snap, q); pkg != catalogue.NoPackage && d.Allowed && (!d.Uncertain || s.cfg.AllowUncertain) {
			return true, nil
		}
	}
	return false, nil
}

// partyDefaults are what a family of endpoints shows when it is not told.
type partyDefaults struct{ roles, resources bool }

func (q altinnQuery) partyOptions(d partyDefaults) (o partyOptions, err error) {
	o.resourceIDs = q.all("anyOfResourceIds")
	for _, f := range []struct {
		name  string
		value *bool
		def   bool
	}{
		{"includeRoles", &o.roles, d.roles},
		{"includeAccessPackages", &o.packages, false},
		{"includeResources", &o.resources, d.resources},
		{"includeInstances", new(bool), false},
	} {
		if *f.value, err = q.flag(f.name, f.def); err != nil {
			return o, err
		}
	}
	for _, f := range []struct {
		name  string
		value *bool
	}{
		{"includePartiesViaKeyRoles", &o.viaKeyRoles},
		{"includeSubParties", &o.subParties},
		{"includeInactiveParties", &o.inactive},
	} {
		if *f.value, err = q.choice(f.name); err != nil {
			return o, err
		}
	}
	return o, nil
}

// altinnSubject finds the party that a request names. 0 is a well-formed name of
// nobody.
func (s *Server) altinnSubject(ctx context.Context, snap *index.Snapshot, p altinnParty, in string) (fullmakt.PartyNo, error) {
	missing := fieldErrors{}
	if p.Type == nil || *p.Type == "" {
		missing[in+"Type"] = []string{"The Type field is required."}
	}
	if p.Value == nil || *p.Value == "" {
		missing[in+"Value"] = []string{"The Value field is required."}
	}
	if len(missing) > 0 {
		return 0, missing
	}
	typ, value := strings.ToLower(strings.TrimSpace(*p.Type)), strings.TrimSpace(*p.Value)
	switch typ {
	case "urn:altinn:userid", "urn:altinn:person:idporten-email":
		return 0, unanswered("parties named by " + typ)
	case "urn:altinn:enterpriseuser:username":
		return s.enterpriseUser(ctx, value, in)
	}
	kind := otherKind
	if strings.HasPrefix(typ, "urn:") {
		kind = idKindOf([]byte(typ))
	}
	switch {
	case kind == otherKind:
		return 0, invalidField(in+"Type", "names no kind of party")
	case !wellFormed(kind, value):
		return 0, invalidField(in+"Value", "is not of the kind that Type says")
	}
	return s.findParty(ctx, snap, kind, []byte(value))
}

// wellFormed reports whether a value could name a party of its kind.
func wellFormed(kind idKind, value string) bool {
	switch kind {
	case orgNumberKind:
		n, err := fullmakt.ParseOrgNumber(value)
		return err == nil && value == n.String()
	case personNumberKind:
		id, err := fullmakt.ParseNationalID(value)
		return err == nil && value == id.Reveal()
	case partyIDKind:
		_, err := partyID(value)
		return err == nil
	}
	_, err := fullmakt.ParseUUID(value)
	return err == nil
}

// enterpriseUser finds an enterprise user by its user name, which must be the only
// one of that name.
func (s *Server) enterpriseUser(ctx context.Context, name, in string) (no fullmakt.PartyNo, err error) {
	const most = 100
	found, err := s.node.Store().PartiesNamed(ctx, name, most)
	if err != nil {
		return 0, err
	}
	for _, p := range found {
		if p.ID.Kind != fullmakt.KindEnterpriseUser {
			continue
		}
		if no != 0 {
			return 0, invalidField(in+"Value", "several organisations have an enterprise user of that name; use its UUID")
		}
		no = p.No
	}
	if no == 0 && len(found) == most {
		return 0, invalidField(in+"Value", "the name is too common; use the UUID")
	}
	return no, nil
}

// partyID reads a party id as Altinn writes it.
func partyID(text string) (fullmakt.PartyNo, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || text != strconv.FormatUint(n, 10) {
		return 0, invalidField("partyId", "want a number")
	}
	return fullmakt.PartyNo(n), nil
}

// packagesOf leaves of a set what the consumer may see.
func (l *consumerLimit) packagesOf(set catalogue.PackageSet) catalogue.PackageSet {
	if l == nil {
		return set
	}
	return set.Intersect(l.packages)
}

// rolesOf leaves of a list of roles what the consumer may see.
func (l *consumerLimit) rolesOf(list []catalogue.RoleID) []catalogue.RoleID {
	if l == nil {
		return list
	}
	return slices.DeleteFunc(list, func(r catalogue.RoleID) bool { return !l.roles[r] })
}
