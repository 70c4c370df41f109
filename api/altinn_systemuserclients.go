package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// The older endpoints by which Altinn's authentication delegates clients to agent
// system users. What is wrong they tell in plain text.

const systemUserClients = accessManagement + "/internal/systemuserclientdelegation"

// systemUserClientRoutes lists the routes of these endpoints.
func systemUserClientRoutes() []route {
	routes := []route{
		altinn("GET", systemUserClients+"/clients", clientsRead, (*Server).systemClients),
		altinn("GET", systemUserClients, clientsRead, (*Server).systemDelegations),
		altinn("POST", systemUserClients, clientsWrite, (*Server).delegateToSystem),
		altinn("DELETE", systemUserClients+"/deletedelegation", clientsWrite, (*Server).deleteDelegation),
		altinn("DELETE", systemUserClients+"/deleteassignment", clientsWrite, (*Server).deleteAssignment),
		altinn("DELETE", systemUserClients+"/deleteagentassignment", clientsWrite, (*Server).deleteAgentAssignment),
	}
	for i := range routes {
		routes[i].fail = failInPlainText
	}
	return routes
}

// failInPlainText writes a 400 as plain text, as these endpoints do, and any other
// error as the rest of Altinn's.
func failInPlainText(c *call, err error) {
	if statusOf(err) != http.StatusBadRequest {
		failAltinn(c, err)
		return
	}
	text := messageOf(err)
	if e, ok := err.(*altinnError); ok && len(e.fields) > 0 {
		text = ""
		for _, f := range e.fields {
			text += f.paths[0] + ": " + f.text + "\n"
		}
	}
	c.write(http.StatusBadRequest, "text/plain; charset=utf-8", []byte(text))
}

// systemClientJSON is a client as these endpoints write it, with roles and packages
// by name.
type systemClientJSON struct {
	Party  systemPartyJSON    `json:"party"`
	Access []systemAccessJSON `json:"access"`
}

type systemPartyJSON struct {
	ID                 string  `json:"id"`
	Name               string  `json:"name"`
	OrganizationNumber *string `json:"organizationNumber"`
	UnitType           *string `json:"unitType"`
}

type systemAccessJSON struct {
	Role     string   `json:"role"`
	Packages []string `json:"packages"`
}

// systemClients answers a provider's clients.
func (s *Server) systemClients(c *call) error {
	q, err := s.clientQuery(c, clientNamesV1)
	if err != nil {
		return err
	}
	f, err := q.filter()
	if err != nil {
		return err
	}
	rows := slices.Collect(q.clientRows(f, 0))
	parties := make([]fullmakt.PartyNo, len(rows))
	for i := range rows {
		parties[i] = rows[i].party
	}
	w, err := s.clientWriter(c, q, parties)
	if err != nil {
		return err
	}
	out := make([]systemClientJSON, len(rows))
	for i, row := range rows {
		e := w.names.alone(row.party)
		if e == nil {
			continue
		}
		out[i] = systemClientJSON{Party: systemPartyJSON{e.ID, e.Name, e.OrganizationIdentifier, orNull(string(q.snap.Form(row.party)))}}
		for _, a := range row.access {
			one := systemAccessJSON{Packages: []string{}}
			if role := w.role(a.Role); role != nil {
				one.Role = role.Code
			}
			for p := range a.Packages.All() {
				one.Packages = append(one.Packages, q.snap.Catalogue().Package(p).Code)
			}
			out[i].Access = append(out[i].Access, one)
		}
	}
	return c.writeJSON(http.StatusOK, out)
}

// systemDelegationJSON is what a system user may use for a client over one role.
type systemDelegationJSON struct {
	ID              string               `json:"id"`
	Delegation      systemDelegationEnds `json:"delegation"`
	From            *entityJSON          `json:"from"`
	Role            *roleRefJSON         `json:"role"`
	To              *entityJSON          `json:"to"`
	Facilitator     *entityJSON          `json:"facilitator"`
	FacilitatorRole *roleRefJSON         `json:"facilitatorRole"`
}

type systemDelegationEnds struct {
	ID            string `json:"id"`
	FromID        string `json:"fromId"`
	ToID          string `json:"toId"`
	FacilitatorID string `json:"facilitatorId"`
}

// systemDelegations answers for which clients a system user may use what.
func (s *Server) systemDelegations(c *call) error {
	q, err := s.clientQuery(c, clientNamesV1)
	if err != nil {
		return err
	}
	if err := q.needs("systemUser", &q.agent); err != nil {
		return err
	}
	if q.client, err = q.party("client"); err != nil {
		return err
	}
	list := slices.Collect(delegation.DelegatedTo(q.snap, q.provider, q.agent, 0))
	if q.params.one("client") != "" {
		list = slices.DeleteFunc(list, func(d delegation.Delegated) bool { return d.Client != q.client })
	}
	parties := []fullmakt.PartyNo{q.agent}
	for _, d := range list {
		parties = append(parties, d.Client)
	}
	c.lookup.Subject, c.lookup.Object = q.agent, q.client
	w, err := s.clientWriter(c, q, parties)
	if err != nil {
		return err
	}
	agent := w.role(q.snap.Catalogue().RoleID(agentRole))
	out := []systemDelegationJSON{}
	for _, d := range list {
		id := delegationID(q.provider, d.Client, d.Agent, q.snap.RoleCode(d.Role))
		one := systemDelegationJSON{ID: id, From: w.names.of(d.Client), Role: w.role(d.Role), To: w.names.of(d.Agent), Facilitator: w.names.of(q.provider), FacilitatorRole: agent}
		if one.From != nil && one.To != nil && one.Facilitator != nil {
			one.Delegation = systemDelegationEnds{id, one.From.ID, one.To.ID, one.Facilitator.ID}
		}
		out = append(out, one)
	}
	return c.writeJSON(http.StatusOK, out)
}

// delegateToSystem lets an agent system user use packages for a client.
func (s *Server) delegateToSystem(c *call) error {
	q, err := s.clientQuery(c, clientNamesV1)
	if err != nil {
		return err
	}
	var body struct {
		ClientID, AgentID, AgentName, AgentRole string
		RolePackages                            []struct{ RoleIdentifier, PackageURN string }
	}
	if err := c.readJSON(&body); err != nil {
		return err
	}
	cat := q.snap.Catalogue()
	if role, ok := cat.FindRole(body.AgentRole); body.AgentRole != "" && (!ok || role.ID != cat.RoleID(agentRole)) {
		return statusf(http.StatusBadRequest, "agentRole must be agent")
	}
	named := &clientQuery{c: c, snap: q.snap, params: altinnQuery{"clientid": {body.ClientID}, "agentid": {body.AgentID}}}
	if err := named.needs("clientId", &q.client); err != nil {
		return err
	}
	if err := named.needs("agentId", &q.agent); err != nil {
		return err
	}
	if q.snap.Kind(q.agent) != fullmakt.KindSystemUser {
		return statusf(http.StatusBadRequest, "agentId is no system user")
	}
	c.lookup.Subject, c.lookup.Object = q.agent, q.client
	if len(body.RolePackages) == 0 {
		return statusf(http.StatusBadRequest, "rolePackages names no package")
	}
	b := &clientBatch{}
	var roles []catalogue.RoleID
	for i, rp := range body.RolePackages {
		role, ok := basisRole(cat, rp.RoleIdentifier)
		if !ok {
			return statusf(http.StatusBadRequest, "rolePackages[%d]: there is no such role", i)
		}
		d := delegation.Delegable{Role: delegation.OverGrant, Packages: []string{rp.PackageURN}}
		if role != 0 {
			d.Role = string(q.snap.RoleCode(role))
		}
		b.values = append(b.values, d)
		if !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	_, err = q.run("delegate a client to a system user", func(a *delegation.Acting) (*delegation.Outcome, error) {
		if err := q.connected(a.Snapshot, b); err != nil {
			return nil, err
		}
		return a.DelegateClients(delegation.DelegateClients{Provider: q.provider, Clients: []fullmakt.PartyNo{q.client}, Agents: []fullmakt.PartyNo{q.agent}, Values: b.values})
	})
	if err != nil {
		return err
	}
	ids, err := s.uuidsOf(c.r.Context(), q.client)
	if err != nil {
		return err
	}
	type made struct {
		DelegationID string `json:"delegationId"`
		FromEntityID string `json:"fromEntityId"`
	}
	var out []made
	for _, role := range roles {
		out = append(out, made{delegationID(q.provider, q.client, q.agent, q.snap.RoleCode(role)), ids[0]})
	}
	return c.writeJSON(http.StatusOK, out)
}

// identified reads the id of an agent relation or of a delegation, which must be
// the party's.
func (q *clientQuery) identified(name string, kind byte) error {
	have, provider, client, agent, ok := readClientUUID(q.params.one(name))
	switch {
	case !ok || have != kind:
		return statusf(http.StatusBadRequest, "%s names nothing that is there", name)
	case provider != q.provider:
		return statusf(http.StatusBadRequest, "%s names something of another party's", name)
	}
	q.client, q.agent = client, agent
	q.c.lookup.Subject, q.c.lookup.Object = agent, cmp.Or(client, provider)
	return nil
}

// deleteDelegation ends what an agent may use for a client over one role.
func (s *Server) deleteDelegation(c *call) error {
	q, err := s.clientQuery(c, clientNamesV1)
	if err != nil {
		return err
	}
	if err := q.identified("delegationId", idOfDelegation); err != nil {
		return err
	}
	id := q.params.one("delegationId")
	_, err = q.run("take a client back", func(a *delegation.Acting) (*delegation.Outcome, error) {
		var ends []index.ClientDelegation
		for _, d := range a.Snapshot.Delegations(q.client, q.agent) {
			if d.Provider == q.provider && delegationID(d.Provider, d.Client, d.Agent, a.Snapshot.RoleCode(d.Role)) == id {
				ends = append(ends, d)
			}
		}
		if len(ends) == 0 {
			return nil, statusf(http.StatusBadRequest, "delegationId names nothing that is there")
		}
		value := delegation.Delegable{Role: delegation.OverGrant}
		if ends[0].Role != 0 {
			value.Role = string(a.Snapshot.RoleCode(ends[0].Role))
		}
		for _, d := range ends {
			if d.Package != catalogue.NoPackage {
				value.Packages = append(value.Packages, a.Snapshot.Catalogue().Package(d.Package).Code)
			}
		}
		return a.UndelegateClients(delegation.UndelegateClients{
			Provider: q.provider, Clients: []fullmakt.PartyNo{q.client}, Agents: []fullmakt.PartyNo{q.agent}, Values: []delegation.Delegable{value},
		})
	})
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, true)
}

// deleteAssignment ends an agent relation by its id.
func (s *Server) deleteAssignment(c *call) error {
	q, err := s.clientQuery(c, clientNamesV1)
	if err != nil {
		return err
	}
	if err := q.identified("assignmentId", idOfAgent); err != nil {
		return err
	}
	return q.endSystemAgent()
}

// deleteAgentAssignment ends an agent relation by the agent.
func (s *Server) deleteAgentAssignment(c *call) error {
	q, err := s.clientQuery(c, clientNamesV1)
	if err != nil {
		return err
	}
	if err := q.needs("agentId", &q.agent); err != nil {
		return err
	}
	q.c.lookup.Subject = q.agent
	return q.endSystemAgent()
}

func (q *clientQuery) endSystemAgent() error {
	cascade, err := q.params.flag("cascade", false)
	if err != nil {
		return err
	}
	if _, there := q.snap.Agent(q.provider, q.agent); !there {
		return statusf(http.StatusBadRequest, "the party is no agent of the provider's")
	}
	if err := q.endAgent(cascade); err != nil {
		return err
	}
	return q.c.writeJSON(http.StatusOK, true)
}
