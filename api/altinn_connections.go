package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

const (
	connectionScope      = "altinn:accessmanagement/enduser:connections:"
	scopeToOthersRead    = connectionScope + "toothers.read"
	scopeToOthersWrite   = connectionScope + "toothers.write"
	scopeFromOthersRead  = connectionScope + "fromothers.read"
	scopeFromOthersWrite = connectionScope + "fromothers.write"
)

// altinnConnectionsRoutes lists the routes by which an end user sees who may act
// for a party, and for whom the party may act.
func altinnConnectionsRoutes() []route {
	const base = accessManagement + "/enduser/connections"
	either := []string{scopeToOthersRead, scopeFromOthersRead, scopePortal}
	give := []string{scopeToOthersWrite, scopePortal}
	end := []string{scopeToOthersWrite, scopeFromOthersWrite, scopePortal}
	return []route{
		altinn("GET", base, either, (*Server).connections),
		altinn("GET", base+"/accesspackages", either, (*Server).connectionPackages),
		altinn("GET", base+"/roles", either, (*Server).connectionRoles),
		altinn("GET", base+"/accesspackages/delegationcheck", give, (*Server).packageDelegationCheck),
		altinn("POST", base, give, (*Server).addConnection),
		altinn("DELETE", base, end, (*Server).removeConnection),
		altinn("POST", base+"/accesspackages", give, (*Server).addPackage),
		altinn("DELETE", base+"/accesspackages", end, (*Server).removePackage),
	}
}

// connectionQuery is what is asked about the connections of a party: those to
// others, which act for it, or those from others, for which it acts.
type connectionQuery struct {
	snap      *index.Snapshot
	at        int64
	party     fullmakt.PartyNo
	other     fullmakt.PartyNo // the only other party wanted
	only      bool             // other is given, known or not
	toOthers  bool
	noClients bool // client delegations are left out
	agents    bool // agent relations are listed
	params    altinnQuery
	limit     *consumerLimit
}

// connectionQuery reads and admits a request: the scope for the direction, and
// that the caller manages access for the party.
func (s *Server) connectionQuery(c *call) (q connectionQuery, err error) {
	if q.params, err = c.altinnQuery(); err != nil {
		return q, err
	}
	if q.snap, err = c.snapshot(); err != nil {
		return q, err
	}
	q.at, q.limit = c.now.Unix(), c.caller.limit
	party, err := queryUUID(q.params, "party")
	if err != nil {
		return q, err
	}
	var none fullmakt.UUID
	if party == none {
		return q, invalidQuery(vldInvalidQuery, "party is required", "party")
	}
	from, err := queryUUID(q.params, "from")
	if err != nil {
		return q, err
	}
	to, err := queryUUID(q.params, "to")
	if err != nil {
		return q, err
	}
	switch {
	case from == party:
		q.toOthers, q.only = true, to != none
	case to == party:
		q.only = from != none
	default:
		return q, invalidQuery(vldInvalidQuery, "party must be equal to from or to", "from", "to")
	}
	scope := scopeFromOthersRead
	if q.toOthers {
		scope = scopeToOthersRead
	}
	if err := c.require(scope, scopePortal); err != nil {
		return q, err
	}
	if q.party, err = s.findParty(c.r.Context(), q.snap, partyUUIDKind, []byte(party.String())); err != nil {
		return q, err
	}
	if ok, err := s.manages(c, q.snap, q.party); err != nil || !ok {
		return q, cmpError(err, errNotManager)
	}
	if q.party == 0 {
		return q, &altinnError{status: http.StatusBadRequest, code: amPartyNotFound, detail: "party is not known"}
	}
	if !q.toOthers && q.snap.Kind(q.party) == fullmakt.KindPerson && !c.isOwn(q.snap, q.party) && !c.caller.open {
		// Who manages a person's access sees whom that person lets in, not where
		// the person itself has come in.
		return q, errNotManager
	}
	if q.only {
		other := to
		if !q.toOthers {
			other = from
		}
		if q.other, err = s.findParty(c.r.Context(), q.snap, partyUUIDKind, []byte(other.String())); err != nil {
			return q, err
		}
	}
	c.lookup.Subject, c.lookup.Object = q.ends(q.other)
	return q, nil
}

var errNotManager = statusf(http.StatusForbidden, "the caller does not manage access for this party")

func queryUUID(q altinnQuery, name string) (u fullmakt.UUID, err error) {
	if text := q.one(name); text != "" {
		if u, err = fullmakt.ParseUUID(text); err != nil {
			return u, invalidQuery(vldInvalidQuery, "want a UUID", name)
		}
	}
	return u, nil
}

// relation is one other party with the grounds between it and the party.
type relation struct {
	other   fullmakt.PartyNo
	grounds []pdp.Ground
	// named tells that who acts is a right holder of the other, agent that it is its
	// agent. Neither confers anything.
	named, agent bool
}

// related returns the relation to a party; false when there is none.
func (q *connectionQuery) related(other fullmakt.PartyNo, grounds []pdp.Ground) (relation, bool) {
	subject, object := q.ends(other)
	r := relation{other: other, grounds: q.counting(grounds), named: delegation.IsRightHolder(q.snap, object, subject)}
	if q.agents {
		_, r.agent = q.snap.Agent(object, subject)
	}
	return r, other != 0 && other != q.party && (len(r.grounds) > 0 || r.named || r.agent)
}

// bare yields the other parties that may be related without any ground.
func (q *connectionQuery) bare() map[fullmakt.PartyNo]bool {
	found := map[fullmakt.PartyNo]bool{}
	for from, to := range delegation.RightHolders(q.snap, q.party) {
		if q.toOthers && from == q.party {
			found[to] = true
		} else if !q.toOthers && to == q.party {
			found[from] = true
		}
	}
	_, holders, held := q.snap.Look(q.party)
	if q.toOthers {
		held = holders
	}
	for _, e := range held {
		if q.agents && e.Agent() {
			found[e.Party] = true
		}
	}
	return found
}

// relations lists the other parties, all of them or the one that is wanted. The
// party itself is none, though a person has authority for itself.
func (q *connectionQuery) relations() (list []relation) {
	if q.only {
		subject, object := q.ends(q.other)
		if r, ok := q.related(q.other, pdp.Grounds(q.snap, subject, object, q.at)); ok {
			list = append(list, r)
		}
		return list
	}
	all := pdp.GroundsOf
	if q.toOthers {
		all = pdp.GroundsFor
	}
	bare := q.bare()
	for other, grounds := range all(q.snap, q.party, q.at) {
		delete(bare, other)
		if r, ok := q.related(other, slices.Clone(grounds)); ok {
			list = append(list, r)
		}
	}
	for other := range bare {
		if r, ok := q.related(other, nil); ok {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b relation) int { return cmp.Compare(a.other, b.other) })
	return list
}

// counting leaves out client delegations where they are not wanted.
func (q *connectionQuery) counting(grounds []pdp.Ground) []pdp.Ground {
	return slices.DeleteFunc(grounds, func(g pdp.Ground) bool { return q.noClients && g.Rule == fullmakt.RuleClient })
}

// ends returns who acts and for whom, given the other party.
func (q *connectionQuery) ends(other fullmakt.PartyNo) (subject, object fullmakt.PartyNo) {
	if q.toOthers {
		return other, q.party
	}
	return q.party, other
}

// connectionJSON is a connection to another party (Connection).
type connectionJSON struct {
	Party       *entityJSON       `json:"party"`
	Roles       []roleRefJSON     `json:"roles"`
	Packages    []packageRefJSON  `json:"packages"`
	Resources   []resourceRefJSON `json:"resources"`
	Instances   []struct{}        `json:"instances"`
	Connections []connectionJSON  `json:"connections"`
}

// roleRefJSON names a role. The blank at the end of a key is Altinn's.
type roleRefJSON struct {
	ID        string  `json:"id"`
	Code      string  `json:"code"`
	URN       string  `json:"urn"`
	LegacyURN *string `json:"legacyurn "`
	Children  *string `json:"children"`
}

// packageRefJSON names a package.
type packageRefJSON struct {
	ID     string `json:"id"`
	URN    string `json:"urn"`
	AreaID string `json:"areaId"`
}

// connections answers with the other parties. Sub-units stand under their main
// unit, and those who act through an organisation under that organisation.
func (s *Server) connections(c *call) error {
	q, err := s.connectionQuery(c)
	if err != nil {
		return err
	}
	withPackages, err := q.params.flag("includeAccessPackages", false)
	if err != nil {
		return err
	}
	withClients, err := q.params.flag("includeClientDelegations", true)
	if err != nil {
		return err
	}
	q.noClients = !withClients
	if q.agents, err = q.params.flag("includeAgentConnections", true); err != nil {
		return err
	}
	withResources, err := q.params.flag("includeResources", false)
	if err != nil {
		return err
	}
	if _, err := q.params.flag("includeInstances", false); err != nil {
		return err
	}
	list := q.relations()
	names, err := s.altinnEntities(c, &q, list)
	if err != nil {
		return err
	}
	resources := q.resources(withResources, s.node.Registry(q.snap), c.altinnLang(q.params))
	out := c.streamPage()
	for _, b := range q.tree(list) {
		one := q.connection(b.relation, names, withPackages, resources)
		for _, r := range b.under {
			one.Connections = append(one.Connections, q.connection(r, names, withPackages, resources))
		}
		out.item(one)
	}
	out.close()
	return nil
}

// branch is a relation that stands by itself, with those under it.
type branch struct {
	relation
	under []relation
}

// tree sorts relations into those that stand by themselves and those under one of
// them. One that has grounds of both kinds stands in both places.
func (q *connectionQuery) tree(list []relation) (out []branch) {
	there := map[fullmakt.PartyNo]bool{}
	for _, r := range list {
		there[r.other] = true
	}
	// head is the other party under which a ground shows a relation, or 0.
	head := func(r relation, g pdp.Ground) fullmakt.PartyNo {
		h := g.Between
		if !q.toOthers {
			if h = 0; g.Extension == fullmakt.RuleSub {
				h = g.Unit
			}
		}
		if h == r.other || !there[h] {
			return 0
		}
		return h
	}
	under := map[fullmakt.PartyNo][]relation{}
	for _, r := range list {
		parts := map[fullmakt.PartyNo][]pdp.Ground{}
		for _, g := range r.grounds {
			h := head(r, g)
			parts[h] = append(parts[h], g)
		}
		if parts[0] != nil || r.named || r.agent {
			out = append(out, branch{relation: r})
		}
		delete(parts, 0)
		for h, grounds := range parts {
			under[h] = append(under[h], relation{other: r.other, grounds: grounds})
		}
	}
	for i := range out {
		out[i].under = under[out[i].other]
	}
	return out
}

func (q *connectionQuery) connection(r relation, names *altinnEntities, withPackages bool, resources *connectionResources) connectionJSON {
	v := q.snap.Catalogue().At(q.at)
	out := connectionJSON{Party: names.of(r.other), Roles: []roleRefJSON{}, Packages: []packageRefJSON{},
		Resources: resources.of(r.grounds), Instances: []struct{}{}, Connections: []connectionJSON{}}
	use, roles := sumGrounds(q.snap, r.grounds, q.at)
	// By the reading of ADR 0014, a grant is shown as the role rightholder and a
	// client delegation as the role agent.
	shownAs := func(code fullmakt.RoleCode, itself bool, is func(pdp.Ground) bool) {
		if itself || slices.ContainsFunc(r.grounds, is) {
			roles = append(roles, q.snap.Catalogue().RoleID(code))
		}
	}
	shownAs(rightholder, r.named, func(g pdp.Ground) bool { return g.Role == 0 && g.Rule != fullmakt.RuleClient })
	shownAs(agentRole, r.agent, func(g pdp.Ground) bool { return g.Rule == fullmakt.RuleClient })
	for _, id := range q.limit.rolesOf(roles) {
		if role := v.Role(id); role != nil {
			out.Roles = append(out.Roles, roleRef(role))
		}
	}
	if withPackages {
		for p := range q.limit.packagesOf(use).All() {
			out.Packages = append(out.Packages, packageRef(q.snap.Catalogue(), v.Package(p)))
		}
	}
	return out
}

// The roles by which Altinn's connections show a grant and a client delegation.
const (
	rightholder fullmakt.RoleCode = "rettighetshaver"
	agentRole   fullmakt.RoleCode = "agent"
)

func roleRef(r *catalogue.Role) roleRefJSON {
	return roleRefJSON{ID: r.UUID, Code: roleCode(r), URN: r.URN, LegacyURN: orNull(r.LegacyURN)}
}

func packageRef(c *catalogue.Catalogue, p *catalogue.Package) packageRefJSON {
	ref := packageRefJSON{ID: p.UUID, URN: p.AltinnURN, AreaID: noUUID}
	if a, ok := c.FindArea(p.Area); ok {
		ref.AreaID = a.UUID
	}
	return ref
}
