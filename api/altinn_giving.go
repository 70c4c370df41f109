package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// The codes by which Altinn refuses to give and to take back.
const (
	amUnknownParties  = "AM-00021"
	amUnknownResource = "AM-00027"
	amRightNotGiven   = "AM-00028"
	amNoRequest       = "AM-00031"
	amNoRightKeys     = "AM-00033"
	amNotAllowed      = "AM-00034"
	amUnknownPackage  = "AM-00035"
	amUnknownRight    = "AM-00036"
	amWrongEntity     = "AM-00037"
	amFromRegister    = "AM-00038"
	amUnknownRole     = "AM-00039"
	amRoleStays       = "AM-00040"
	amMayNotGive      = "AM-00041"
	amNotDelegable    = "AM-00042"

	vldUnknownParty    = "AM.VLD-00006"
	vldWrongEntity     = "AM.VLD-00008"
	vldRestsOnIt       = "AM.VLD-00010"
	vldWrongReceiver   = "AM.VLD-00028"
	vldNoConnection    = "AM.VLD-00032"
	vldOwnRequest      = "AM.VLD-00045"
	vldNotAssignable   = "AM.VLD-00048"
	vldResourceBlocked = "AM.VLD-00049"
)

// connectionChange is a request by an end user to change what a party gives or has received.
type connectionChange struct {
	c               *call
	params          altinnQuery
	snap            *index.Snapshot
	actor           fullmakt.PartyNo // delegation.Operator while authentication is off
	party, from, to fullmakt.PartyNo // to is 0 where the request names nobody
	renounce        bool             // on the receiver's side
	parameter       string           // by which the request names what is given
}

// giving reads and admits a request to give: the party is who gives.
func (s *Server) giving(c *call) (*connectionChange, error) {
	g, err := s.changing(c)
	if err != nil {
		return nil, err
	}
	g.from = g.party
	if g.to, err = g.other("to"); err != nil {
		return nil, err
	}
	c.lookup.Subject, c.lookup.Object = g.to, g.from
	return g, s.mayChange(c, g, scopeToOthersWrite)
}

// taking reads and admits a request to take back or give up: the party is who gave
// or who received.
func (s *Server) taking(c *call) (*connectionChange, error) {
	g, err := s.changing(c)
	if err != nil {
		return nil, err
	}
	for name, end := range map[string]*fullmakt.PartyNo{"from": &g.from, "to": &g.to} {
		if *end, err = g.other(name); err != nil {
			return nil, err
		}
	}
	party, scope := g.params.one("party"), scopeToOthersWrite
	switch {
	case g.params.one("from") == "" || g.params.one("to") == "":
		return nil, invalidQuery(vldInvalidQuery, "from and to are required", "from", "to")
	case strings.EqualFold(g.params.one("from"), party):
	case strings.EqualFold(g.params.one("to"), party):
		g.renounce, scope = true, scopeFromOthersWrite
	default:
		return nil, invalidQuery(vldInvalidQuery, "party must be equal to from or to", "from", "to")
	}
	c.lookup.Subject, c.lookup.Object = g.to, g.from
	return g, s.mayChange(c, g, scope)
}

// changing reads the party that a request is made for.
func (s *Server) changing(c *call) (*connectionChange, error) {
	params, err := c.altinnQuery()
	if err != nil {
		return nil, err
	}
	g := &connectionChange{c: c, params: params}
	if g.snap, err = c.snapshot(); err != nil {
		return nil, err
	}
	if g.params.one("party") == "" {
		return nil, invalidQuery(vldInvalidQuery, "party is required", "party")
	}
	g.party, err = g.other("party")
	return g, err
}

// other finds the party that a parameter names; 0 is one that nobody knows.
func (g *connectionChange) other(name string) (fullmakt.PartyNo, error) {
	u, err := queryUUID(g.params, name)
	if err != nil || u == (fullmakt.UUID{}) {
		return 0, err
	}
	return g.c.server.findParty(g.c.r.Context(), g.snap, partyUUIDKind, []byte(u.String()))
}

// mayChange admits a request: the scope for its direction, and that the caller
// manages access for the party. What a person has received it gives up itself.
func (s *Server) mayChange(c *call, g *connectionChange, scope string) error {
	if err := c.require(scope, scopePortal); err != nil {
		return err
	}
	if ok, err := s.manages(c, g.snap, g.party); err != nil || !ok {
		return cmpError(err, errNotManager)
	}
	if g.party == 0 {
		return badRequest(amPartyNotFound, "party is not known")
	}
	if g.renounce && g.snap.Kind(g.party) == fullmakt.KindPerson && !c.isOwn(g.snap, g.party) && !c.caller.open {
		return errNotManager
	}
	var err error
	g.actor, err = s.actor(c, g.snap)
	return err
}

// run runs a command for good, and answers the rest of the call from what it made.
func (g *connectionChange) run(note string, command func(*delegation.Acting) (*delegation.Outcome, error)) (*delegation.Outcome, error) {
	out, err := g.c.change(g.actor, note, command)
	if g.c.snap = nil; err != nil {
		return nil, g.refused(err)
	}
	return out, nil
}

// change runs a command of package delegation on the head.
func (c *call) change(actor fullmakt.PartyNo, note string, command func(*delegation.Acting) (*delegation.Outcome, error)) (out *delegation.Outcome, err error) {
	n := c.server.node
	_, err = n.Do(c.r.Context(), c.now, note, func(s *index.Snapshot) ([]fullmakt.Change, error) {
		if out, err = command(n.Acting(s, actor, c.now.Unix())); err != nil {
			return nil, err
		}
		return out.Changes, nil
	})
	return out, err
}

// refused writes why a command is refused by Altinn's codes: what is wrong with
// the request all at once, and anything else by the first of it.
func (g *connectionChange) refused(err error) error {
	var fields []altinnField
	for _, r := range delegation.Refusals(err) {
		if r.Reason == fullmakt.ReasonNotAdmin && r.Path == "" {
			return errNotManager
		}
		code, parameter := g.codeOf(&r)
		if !strings.HasPrefix(code, "AM.VLD-") {
			return badRequest(code, "%s", r.Message)
		}
		fields = append(fields, altinnField{code: code, paths: []string{"QUERY/" + parameter}, text: r.Message})
	}
	if len(fields) == 0 {
		return err
	}
	return validationErrors(fields...)
}

// validationErrors says what is wrong with a request, in Altinn's own shape.
func validationErrors(fields ...altinnField) error {
	return &altinnError{status: http.StatusBadRequest, code: amValidation, detail: "One or more validation errors occurred.", fields: fields}
}

// codeOf returns Altinn's code of a refusal, and the parameter that it is about.
func (g *connectionChange) codeOf(r *delegation.Refusal) (code, parameter string) {
	end := strings.TrimPrefix(r.Path, "/")
	if end != "from" && end != "to" {
		end = ""
	}
	switch r.Reason {
	case fullmakt.ReasonRestsOnIt:
		return vldRestsOnIt, "cascade"
	case fullmakt.ReasonFromRegister:
		return amFromRegister, ""
	case fullmakt.ReasonToItself:
		return vldInvalidQuery, "to"
	case fullmakt.ReasonIdentity:
		return amNamePerson, ""
	}
	switch {
	case end != "" && (r.Reason == fullmakt.ReasonReceiver || r.Reason == fullmakt.ReasonUncertain || r.Reason == fullmakt.ReasonWrongPartyType):
		return vldWrongEntity, end
	case end != "":
		return vldUnknownParty, end
	case g.parameter == "resource" && r.Reason == fullmakt.ReasonNotDelegable:
		return amNotDelegable, ""
	case g.parameter == "resource" && r.Reason == fullmakt.ReasonNoResource:
		return amUnknownRight, ""
	case g.parameter == "resource":
		return amRightNotGiven, ""
	case r.Reason == fullmakt.ReasonUnknownPackage:
		return vldPackageUnknown, g.parameter
	case r.Reason == fullmakt.ReasonReceiver, r.Reason == fullmakt.ReasonWrongPartyType:
		return vldWrongReceiver, g.parameter
	case r.Reason == fullmakt.ReasonNotAssignable:
		return vldNotAssignable, g.parameter
	}
	return amMayNotGive, ""
}

// connected reports whether a party has anything of another, or is its right
// holder or agent: Altinn adds to a connection that is there.
func connected(s *index.Snapshot, from, to fullmakt.PartyNo, at int64) bool {
	_, agent := s.Agent(from, to)
	return agent || delegation.IsRightHolder(s, from, to) || len(pdp.Grounds(s, to, from, at)) > 0
}

// assignmentPackageJSON is a package in a connection.
type assignmentPackageJSON struct {
	ID           string `json:"id"`
	AssignmentID string `json:"assignmentId"`
	PackageID    string `json:"packageId"`
}

func assignmentID(from, to fullmakt.PartyNo) string {
	return derivedUUID("assignment", fmt.Sprint(from), fmt.Sprint(to))
}

// addConnection makes a party the right holder of another.
func (s *Server) addConnection(c *call) error {
	g, err := s.giving(c)
	if err != nil {
		return err
	}
	identified, err := g.identify()
	if err != nil {
		return err
	}
	_, err = g.run("right holder", func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.AddRightHolder(delegation.Give{From: g.from, To: g.to, Identified: identified})
	})
	if err != nil {
		return err
	}
	uuids, err := s.node.Store().UUIDs(c.r.Context(), []fullmakt.PartyNo{g.from, g.to})
	if err != nil {
		return err
	}
	role, _ := s.node.Catalogue().FindRole(string(rightholder))
	return c.writeJSON(http.StatusOK, assignmentJSON{assignmentID(g.from, g.to), role.UUID, uuids[g.from].String(), uuids[g.to].String()})
}

// removeConnection ends that a party is the right holder of another, with the
// cascade also all that it was given. Roles in the register stay.
func (s *Server) removeConnection(c *call) error {
	g, err := s.taking(c)
	if err != nil {
		return err
	}
	cascade, err := g.params.flag("cascade", false)
	if err != nil {
		return err
	}
	if g.from != 0 && g.to != 0 { // else there is nothing between them
		_, err = g.run("end of right holder", func(a *delegation.Acting) (*delegation.Outcome, error) {
			out, err := a.RemoveRightHolder(delegation.Revoke{From: g.from, To: g.to, Cascade: cascade}, g.renounce)
			return unlessFromRegister(out, err)
		})
		if err != nil {
			return err
		}
	}
	c.noContent()
	return nil
}

// unlessFromRegister takes a refusal to end what the register alone says for
// nothing to be done, as Altinn answers it.
func unlessFromRegister(out *delegation.Outcome, err error) (*delegation.Outcome, error) {
	if rs := delegation.Refusals(err); len(rs) > 0 && !slices.ContainsFunc(rs, func(r delegation.Refusal) bool { return r.Reason != fullmakt.ReasonFromRegister }) {
		return &delegation.Outcome{}, nil
	}
	return out, err
}

// packageOf reads which package a request is about: packageId or package.
func (g *connectionChange) packageOf() (*catalogue.Package, error) {
	id, name := g.params.one("packageId"), g.params.one("package")
	if (id == "") == (name == "") {
		return nil, invalidQuery(vldInvalidQuery, "name a package by just one of packageId and package", "packageId", "package")
	}
	if g.parameter = "package"; id != "" {
		if name, g.parameter = id, "packageId"; len(name) != 36 {
			return nil, invalidQuery(vldInvalidQuery, "want a UUID", "packageId")
		}
	}
	p, ok := g.snap.Catalogue().FindPackage(name)
	if !ok {
		return nil, invalidQuery(vldPackageUnknown, "there is no such access package", g.parameter)
	}
	return &p, nil
}

// addPackage gives a package to a party that is connected already.
func (s *Server) addPackage(c *call) error {
	g, err := s.giving(c)
	if err != nil {
		return err
	}
	p, err := g.packageOf()
	if err != nil {
		return err
	}
	identified, err := g.identify()
	if err != nil {
		return err
	}
	if err := g.connection(identified); err != nil {
		return err
	}
	_, err = g.run("package "+p.Code, func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.Give(delegation.Give{From: g.from, To: g.to, Identified: identified, Items: []delegation.Item{{Package: p.Code}}})
	})
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, assignmentPackage(g.from, g.to, p))
}

func assignmentPackage(from, to fullmakt.PartyNo, p *catalogue.Package) assignmentPackageJSON {
	assignment := assignmentID(from, to)
	return assignmentPackageJSON{derivedUUID("package", assignment, p.UUID), assignment, p.UUID}
}

// connection refuses to give to who is not connected with the giver. A system user
// need not be.
func (g *connectionChange) connection(identified bool) error {
	if g.to == 0 {
		return invalidQuery(vldUnknownParty, "to is not known", "to")
	}
	if !identified && g.from != g.to && g.snap.Kind(g.to) != fullmakt.KindSystemUser && !connected(g.snap, g.from, g.to, g.c.now.Unix()) {
		return invalidQuery(vldNoConnection, "there is no connection between them; add one first", "to")
	}
	return nil
}

// removePackage takes a package back, with the client delegations that rest on it.
func (s *Server) removePackage(c *call) error {
	g, err := s.taking(c)
	if err != nil {
		return err
	}
	p, err := g.packageOf()
	if err != nil {
		return err
	}
	return g.takeBack("end of package "+p.Code, []delegation.Item{{Package: p.Code}})
}

// takeBack takes items back or gives them up, and answers 204.
func (g *connectionChange) takeBack(note string, items []delegation.Item) error {
	if g.from != 0 && g.to != 0 && len(items) > 0 { // else nothing was given
		_, err := g.run(note, func(a *delegation.Acting) (*delegation.Outcome, error) {
			command := delegation.Revoke{From: g.from, To: g.to, Items: items, Cascade: true}
			if g.renounce {
				return a.Renounce(command)
			}
			return a.Revoke(command)
		})
		if err != nil {
			return err
		}
	}
	g.c.noContent()
	return nil
}

// identify reads the body of a request to give, where one may name a person by
// identity number and last name, and so to. It reports whether one was named
// rightly.
func (g *connectionChange) identify() (bool, error) {
	input, err := g.c.personInput()
	if err != nil {
		return false, err
	}
	if input == nil {
		if g.params.one("to") == "" {
			return false, invalidQuery(vldInvalidQuery, "name who receives", "to")
		}
		if g.to == 0 {
			return false, invalidQuery(vldUnknownParty, "to is not known", "to")
		}
		return false, nil
	}
	person, err := g.c.namedPerson(g.snap, g.actor, input)
	if err != nil {
		return false, err
	}
	if g.params.one("to") != "" && g.to != person {
		return false, invalidQuery(vldInvalidQuery, "to is another party than the person of the body", "to")
	}
	g.to, g.c.lookup.Subject = person, person
	return true, nil
}
