package api

import (
	"net/http"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// Client delegations as Altinn's clients know them: what a provider lets its agents
// use for its clients (rules CLIENT and CLIENT-1).

const clientDelegations = accessManagement + "/enduser/clientdelegations"

// Scopes of client delegations, for those who administer a provider's clients and
// for agents.
var (
	clientsRead    = []string{"altinn:clientdelegations.read", scopePortal}
	clientsWrite   = []string{"altinn:clientdelegations.write", scopePortal}
	myClientsRead  = []string{"altinn:clientdelegations/myclients.read", scopePortal}
	myClientsWrite = []string{"altinn:clientdelegations/myclients.write", scopePortal}
)

// clientNames are what a version of the endpoints calls its parameters.
type clientNames struct{ provider, client, agent string }

var (
	clientNamesV1 = clientNames{"party", "from", "to"}
	clientNamesV2 = clientNames{"provider", "client", "agent"}
)

// altinnClientRoutes lists the routes of client delegations in both versions. The
// second has other names of parameters, and no DELETE with a body.
func altinnClientRoutes() []route {
	var routes []route
	with := func(names clientNames, h func(*Server, *call, clientNames) error) func(*Server, *call) error {
		return func(s *Server, c *call) error { return h(s, c, names) }
	}
	for base, names := range map[string]clientNames{clientDelegations: clientNamesV1, clientDelegationsV2: clientNamesV2} {
		take, path := "DELETE", ""
		if names == clientNamesV2 {
			take, path = "POST", "/delete"
		}
		routes = append(routes,
			altinn("GET", base+"/clients", clientsRead, with(names, (*Server).clients)),
			altinn("GET", base+"/agents", clientsRead, with(names, (*Server).agents)),
			altinn("POST", base+"/agents", clientsWrite, with(names, (*Server).addAgent)),
			altinn("DELETE", base+"/agents", clientsWrite, with(names, (*Server).removeAgent)),
			altinn("DELETE", base+"/agents/clients", clientsWrite, with(names, (*Server).removeAgentClient)),
			altinn("GET", base+"/agents/accesspackages", clientsRead, with(names, (*Server).agentPackages)),
			altinn("GET", base+"/clients/accesspackages", clientsRead, with(names, (*Server).clientPackages)),
			altinn("POST", base+"/agents/accesspackages", clientsWrite, with(names, (*Server).delegatePackages)),
			altinn(take, base+"/agents/accesspackages"+path, clientsWrite, with(names, (*Server).undelegatePackages)),

			altinn("GET", base+"/my/clients", myClientsRead, with(names, (*Server).myClients)),
			altinn("GET", base+"/my/clientproviders", myClientsRead, with(names, (*Server).myProviders)),
			altinn("DELETE", base+"/my/clientproviders", myClientsWrite, with(names, (*Server).leaveProvider)),
			altinn(take, base+"/my/clients"+path, myClientsWrite, with(names, (*Server).leaveClient)),
		)
	}
	return append(routes, altinn("DELETE", clientDelegations+"/my/clients/accesspackages", myClientsWrite, with(clientNamesV1, (*Server).leaveClient)))
}

// clientQuery is a request about a provider's clients and agents, admitted.
type clientQuery struct {
	c        *call
	names    clientNames
	params   altinnQuery
	snap     *index.Snapshot
	actor    fullmakt.PartyNo // delegation.Operator while authentication is off
	provider fullmakt.PartyNo
	client   fullmakt.PartyNo // where the request names one; 0 is one that nobody knows
	agent    fullmakt.PartyNo // likewise
}

// clientQuery reads and admits a request by somebody who administers a provider's
// clients: Altinn's resource altinn_client_administration, by rule CLIENT-1.
func (s *Server) clientQuery(c *call, names clientNames) (*clientQuery, error) {
	q, err := s.readClientQuery(c, names)
	if err != nil {
		return nil, err
	}
	if q.params.one(names.provider) == "" {
		return nil, invalidQuery(vldInvalidQuery, names.provider+" is required", names.provider)
	}
	if q.provider, err = q.party(names.provider); err != nil {
		return nil, err
	}
	c.lookup.Object = q.provider
	if q.actor != delegation.Operator && !q.acting(q.snap).AdministersClients(q.provider) {
		return nil, errNoClientAdministrator
	}
	if q.provider == 0 {
		return nil, &altinnError{status: http.StatusBadRequest, code: amPartyNotFound, detail: names.provider + " is not known"}
	}
	return q, nil
}

var errNoClientAdministrator = statusf(http.StatusForbidden, "the caller does not administer clients for this party").
	hinted("it takes klientadministrator or hovedadministrator (rule CLIENT-1)")

// readClientQuery reads what both those who administer clients and agents send.
func (s *Server) readClientQuery(c *call, names clientNames) (*clientQuery, error) {
	q := &clientQuery{c: c, names: names}
	var err error
	if q.params, err = c.altinnQuery(); err != nil {
		return nil, err
	}
	if q.snap, err = c.snapshot(); err != nil {
		return nil, err
	}
	q.actor, err = s.actor(c, q.snap)
	return q, err
}

// party finds the party that a parameter names; 0 is none, or one that nobody knows.
func (q *clientQuery) party(name string) (fullmakt.PartyNo, error) {
	u, err := queryUUID(q.params, name)
	if err != nil || u == (fullmakt.UUID{}) {
		return 0, err
	}
	return q.c.server.findParty(q.c.r.Context(), q.snap, partyUUIDKind, []byte(u.String()))
}

// needs finds the party that a parameter must name, and into is where it goes.
func (q *clientQuery) needs(name string, into *fullmakt.PartyNo) (err error) {
	if q.params.one(name) == "" {
		return invalidQuery(vldInvalidQuery, name+" is required", name)
	}
	if *into, err = q.party(name); err == nil && *into == 0 {
		err = invalidQuery(vldNoEntity, name+" is not known", name)
	}
	return err
}

// needsBoth finds the client and the agent that a request must name.
func (q *clientQuery) needsBoth() error {
	if err := q.needs(q.names.client, &q.client); err != nil {
		return err
	}
	if err := q.needs(q.names.agent, &q.agent); err != nil {
		return err
	}
	q.c.lookup.Subject, q.c.lookup.Object = q.agent, q.client
	return nil
}

func (q *clientQuery) acting(s *index.Snapshot) *delegation.Acting {
	return &delegation.Acting{Snapshot: s, Actor: q.actor, At: q.c.now.Unix()}
}

// run runs a command for good, on the head, and answers the rest of the call from
// what it made.
func (q *clientQuery) run(note string, command func(*delegation.Acting) (*delegation.Outcome, error)) (out *delegation.Outcome, err error) {
	_, err = q.c.server.node.Do(q.c.r.Context(), q.c.now, note, func(s *index.Snapshot) ([]fullmakt.Change, error) {
		if out, err = command(q.acting(s)); err != nil {
			return nil, err
		}
		return out.Changes, nil
	})
	if err != nil {
		return nil, q.refused(err)
	}
	q.c.snap = nil
	q.snap, err = q.c.snapshot()
	return out, err
}

// refused writes why a command is refused by Altinn's codes: everything that is
// wrong at once, each with the parameter, or the place in the body, that it is about.
func (q *clientQuery) refused(err error) error {
	e := &altinnError{status: http.StatusBadRequest, code: amValidation, detail: "One or more validation errors occurred."}
	for _, r := range delegation.Refusals(err) {
		switch r.Reason {
		case fullmakt.ReasonNotAdmin:
			return errNoClientAdministrator
		case fullmakt.ReasonIdentity:
			return &altinnError{status: http.StatusBadRequest, code: amNamePerson, detail: r.Message}
		}
		code, path := q.codeOf(&r)
		if r.Reason == fullmakt.ReasonRestsOnIt {
			e.code = amAgentHasDelegations
		}
		e.fields = append(e.fields, altinnField{code: code, paths: []string{path}, text: r.Message})
	}
	if len(e.fields) == 0 {
		return err
	}
	return e
}

// codeOf returns Altinn's code of a refusal, and what it is about: QUERY/ and a
// parameter, or a JSON pointer into the body.
func (q *clientQuery) codeOf(r *delegation.Refusal) (code, path string) {
	switch r.Path {
	case "/provider":
		path = "QUERY/" + q.names.provider
	case "/agent", "/agents/0":
		path = "QUERY/" + q.names.agent
	case "/clients/0":
		if path = r.With; path == "" {
			path = "QUERY/" + q.names.client
		}
	case "":
		path = "QUERY/cascade"
	default:
		path = r.Path
	}
	switch r.Reason {
	case fullmakt.ReasonUnknownParty, fullmakt.ReasonHolderDeceased, fullmakt.ReasonPartyDeleted, fullmakt.ReasonEnded:
		return vldNoEntity, path
	case fullmakt.ReasonNotAgent:
		if r.Rule == fullmakt.RuleClient1 {
			return vldMissingAssignment, path // it may be one, and is not
		}
		return vldEntityType, path
	case fullmakt.ReasonUncertain, fullmakt.ReasonWrongPartyType:
		return vldEntityType, path
	case fullmakt.ReasonUnknownPackage:
		return vldPackageUnknown, path
	case fullmakt.ReasonNotDelegable:
		return vldPackageNotDelegable, path
	case fullmakt.ReasonRestsOnIt:
		return vldDelegationActive, path
	case fullmakt.ReasonPackageNotHeld:
		return vldNotAuthorized, path
	}
	return vldInvalidQuery, path
}

// Altinn's codes that only client delegations use.
const (
	amAgentHasDelegations  = "AM-00025"
	vldUnknownRole         = "AM.VLD-00007"
	vldNotAuthorized       = "AM.VLD-00026"
	vldDelegationActive    = "AM.VLD-00031"
	vldMissingAssignment   = "AM.VLD-00032"
	vldPackageNotDelegable = "AM.VLD-00033"
)
