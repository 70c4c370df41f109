package api

import (
	"net/http"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
)

// Scopes of the endpoints about Maskinporten scopes.
const (
	scopeAdmin      = "altinn:accessmanagement/enduser:maskinporten"
	supplierRead    = scopeAdmin + "suppliers.read"
	supplierWrite   = scopeAdmin + "suppliers.write"
	consumerRead    = scopeAdmin + "consumers.read"
	consumerWrite   = scopeAdmin + "consumers.write"
	scopeSources    = "altinn:maskinporten/delegations"
	scopeSourcesAll = "altinn:maskinporten/delegations.admin"
)

// altinnScopesRoutes lists the routes by which an organisation gives Maskinporten
// scopes to its suppliers, both sides see what was given and end it, and
// Maskinporten asks (rule SCOPE-1).
func altinnScopesRoutes() []route {
	const (
		suppliers = accessManagement + "/enduser/maskinportensuppliers"
		consumers = accessManagement + "/enduser/maskinportenconsumers"
	)
	of := func(side scopeSide, handle func(*Server, *call, scopeSide) error) func(*Server, *call) error {
		return func(s *Server, c *call) error { return handle(s, c, side) }
	}
	return []route{
		altinn("GET", suppliers, []string{supplierRead, scopePortal}, of(giving, (*Server).scopeConnections)),
		altinn("POST", suppliers, []string{supplierWrite, scopePortal}, (*Server).addSupplier),
		altinn("DELETE", suppliers, []string{supplierWrite, scopePortal}, of(giving, (*Server).removeSupplier)),
		altinn("GET", suppliers+"/resources", []string{supplierRead, scopePortal}, of(giving, (*Server).scopePermissions)),
		altinn("GET", suppliers+"/resources/delegationcheck", []string{supplierRead, scopePortal}, (*Server).schemeCheck),
		altinn("POST", suppliers+"/resources", []string{supplierWrite, scopePortal}, (*Server).giveScheme),
		altinn("DELETE", suppliers+"/resources", []string{supplierWrite, scopePortal}, of(giving, (*Server).endScheme)),
		altinn("GET", consumers, []string{consumerRead, scopePortal}, of(receiving, (*Server).scopeConnections)),
		altinn("DELETE", consumers, []string{consumerWrite, scopePortal}, of(receiving, (*Server).removeSupplier)),
		altinn("GET", consumers+"/resources", []string{consumerRead, scopePortal}, of(receiving, (*Server).scopePermissions)),
		altinn("DELETE", consumers+"/resources", []string{consumerWrite, scopePortal}, of(receiving, (*Server).endScheme)),
		altinn("GET", accessManagement+"/maskinporten/delegations", []string{scopeSources, scopeSourcesAll}, (*Server).scopeDelegations),
	}
}

// scopeSide tells on which side of a scope grant the party of a request stands.
type scopeSide bool

const (
	giving    scopeSide = false // its suppliers are asked about
	receiving scopeSide = true  // it is the supplier itself
)

// other is the parameter that names the organisation on the other side.
func (side scopeSide) other() string {
	if side == giving {
		return "supplier"
	}
	return "consumer"
}

// scopeQuery is a request about the scopes between a party and others.
type scopeQuery struct {
	side   scopeSide
	params altinnQuery
	snap   *index.Snapshot
	view   *registry.View
	actor  fullmakt.PartyNo
	party  fullmakt.PartyNo
	other  fullmakt.PartyNo // 0 when none is named, or one that nobody knows
	named  bool             // other was named
}

// scopeQuery reads and admits a request. Altinn's resource
// altinn_maskinporten_scope_delegation is for who looks after the scopes of the
// party: its Maskinporten administrators and main administrators.
func (s *Server) scopeQuery(c *call, side scopeSide) (q scopeQuery, err error) {
	q.side = side
	if q.params, err = c.altinnQuery(); err != nil {
		return q, err
	}
	if q.snap, q.view, err = c.registry(); err != nil {
		return q, err
	}
	party := q.params.one("party")
	if party == "" {
		return q, invalidQuery(vldInvalidQuery, "party is required", "party")
	}
	if q.party, err = s.findReference(c, q.snap, party); err != nil {
		return q, err
	}
	if q.actor, err = s.actor(c, q.snap); err != nil {
		return q, err
	}
	if acting := q.acting(c, q.snap); q.actor != delegation.Operator && (q.party == 0 || !acting.AdministersScopes(q.party)) {
		return q, errNotScopeManager
	}
	if q.snap.Kind(q.party) != fullmakt.KindOrganisation {
		return q, &altinnError{status: http.StatusBadRequest, code: amPartyNotFound, detail: "party is no organisation that is known"}
	}
	if other := q.params.one(side.other()); other != "" {
		q.named = true
		if q.other, err = s.findReference(c, q.snap, other); err != nil {
			return q, err
		}
	}
	c.lookup.Subject, c.lookup.Object = q.other, q.party
	if side == receiving {
		c.lookup.Subject, c.lookup.Object = q.party, q.other
	}
	if scheme, ok := q.view.Scheme(q.params.one("resource")); ok {
		c.lookup.What = scheme.ID
	}
	return q, nil
}

var errNotScopeManager = statusf(http.StatusForbidden, "the caller does not look after the Maskinporten scopes of this party").
	hinted("it takes the package maskinporten-administrator or hovedadministrator there")

func (q *scopeQuery) acting(c *call, snap *index.Snapshot) *delegation.Acting {
	return &delegation.Acting{Snapshot: snap, Actor: q.actor, At: c.now.Unix()}
}

// ends returns who gives and who receives.
func (q *scopeQuery) ends(other fullmakt.PartyNo) (from, to fullmakt.PartyNo) {
	if q.side == giving {
		return q.party, other
	}
	return other, q.party
}

// needOther refuses a request that must name an organisation on the other side.
func (q *scopeQuery) needOther() error {
	name := q.side.other()
	switch {
	case !q.named:
		return invalidQuery(vldInvalidQuery, name+" is required", name)
	case q.other == 0:
		return invalidQuery(vldNoEntity, "there is no such party", name)
	}
	return nil
}

// scheme returns the scheme that the parameter resource names.
func (q *scopeQuery) scheme() (*registry.Scheme, error) {
	id := q.params.one("resource")
	if id == "" {
		return nil, invalidQuery(vldInvalidQuery, "resource is required", "resource")
	}
	if scheme, ok := q.view.Scheme(id); ok {
		return scheme, nil
	}
	if _, ok := q.view.Resource(id); ok {
		return nil, invalidQuery(vldInvalidResource, "the resource is no "+registry.TypeMaskinportenSchema, "resource")
	}
	return nil, invalidQuery(vldNoResource, "there is no such resource", "resource")
}

// others returns the organisations on the other side, the one that is named or
// all.
func (q *scopeQuery) others() []fullmakt.PartyNo {
	all := delegation.Suppliers
	if q.side == receiving {
		all = delegation.Consumers
	}
	list := all(q.snap, q.party)
	return slices.DeleteFunc(list, func(p fullmakt.PartyNo) bool { return q.named && p != q.other })
}

// given returns the schemes that are in force between the party and another. A
// resource that is gone opens nothing.
func (q *scopeQuery) given(c *call, other fullmakt.PartyNo) (list []*registry.Scheme) {
	from, to := q.ends(other)
	for g := range delegation.ScopesInForce(q.snap, from, to, c.now.Unix()) {
		if scheme, ok := q.view.Scheme(g.Scheme); ok {
			list = append(list, scheme)
		}
	}
	return list
}

// changeScopes runs a command on the head. Note tells what it is for the log.
func (c *call) changeScopes(q *scopeQuery, note string, command func(*delegation.Acting, *registry.View) (*delegation.Outcome, error)) error {
	n := c.server.node
	_, err := n.Do(c.r.Context(), c.now, note, func(s *index.Snapshot) ([]fullmakt.Change, error) {
		out, err := command(q.acting(c, s), n.Registry(s))
		if err != nil {
			return nil, err
		}
		return out.Changes, nil
	})
	c.snap = nil
	return q.refusal(err)
}

// refusal writes why a command was refused as Altinn does.
func (q *scopeQuery) refusal(err error) error {
	all := delegation.Refusals(err)
	if len(all) == 0 {
		return err
	}
	other := q.side.other()
	switch r := all[0]; {
	case r.Reason == fullmakt.ReasonRestsOnIt:
		return invalidQuery(vldActiveConnections, "scopes have been given: end them first, or say cascade=true", "cascade")
	case r.Reason == fullmakt.ReasonToItself:
		return invalidQuery(vldInvalidQuery, r.Message, other)
	case r.Reason == fullmakt.ReasonReceiver:
		return invalidQuery(vldEntityType, r.Message, other)
	case r.Reason == fullmakt.ReasonInterval:
		return invalidQuery(vldInvalidQuery, r.Message, "validTo")
	case r.Reason == fullmakt.ReasonNotDelegable:
		return invalidQuery(vldResourceNotDelegable, r.Message, "resource")
	case r.Path == "/from" || r.Path == "/to":
		return invalidQuery(vldNoEntity, r.Message, map[string]string{"/from": "party", "/to": "supplier"}[r.Path])
	case r.Path == "":
		return errNotScopeManager
	default:
		return &altinnError{status: http.StatusBadRequest, code: amMayNotDelegate, detail: r.Message}
	}
}
