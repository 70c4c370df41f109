package delegation

import (
	"fmt"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// packageClientAdministrator is one of the two that rule CLIENT-1 asks for.
const packageClientAdministrator = "klientadministrator"

// client1 is rule CLIENT-1: who may use klientadministrator or hovedadministrator
// for the provider by DIRECT, NEST or SUB adds and removes its agents, and
// delegates its client packages, held or not.
func (a *Acting) client1(provider fullmakt.PartyNo) bool {
	if a.Actor == Operator {
		return true
	}
	own := pdp.Stand(a.Snapshot, a.Actor, provider, a.At).Own
	p, ok := a.Snapshot.Catalogue().PackageID(packageClientAdministrator)
	return ok && own.Has(p) || own.Has(a.Snapshot.Terms().MainAdministrator)
}

// AdministersClients reports whether the actor may act for a provider by rule
// CLIENT-1. The operator may for everybody.
func (a *Acting) AdministersClients(provider fullmakt.PartyNo) bool { return a.client1(provider) }

// AddAgent makes a party an agent of a provider; nothing changes when it is one.
type AddAgent struct {
	Provider, Agent fullmakt.PartyNo
	Identified      bool // as Give.Identified
}

// AddAgent returns the changes of the command.
func (a *Acting) AddAgent(c AddAgent) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) {
		a.administersClients(&rs, c.Provider)
	}
	if a.mayBeAgent(&rs, "/agent", c.Provider, c.Agent) && a.Actor != Operator && !c.Identified &&
		a.Snapshot.Kind(c.Agent) == fullmakt.KindPerson && !a.knows(c.Provider, c.Agent) {
		rs.add(Refusal{Path: "/agent", Reason: fullmakt.ReasonIdentity, Rule: fullmakt.RuleGive3, Party: c.Agent},
			"a person who is new to the provider must be named by identity number and last name")
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	out := &Outcome{}
	if _, there := a.Snapshot.Agent(c.Provider, c.Agent); !there {
		out.Changes = []fullmakt.Change{fullmakt.Agent{Provider: c.Provider, Agent: c.Agent, GivenBy: a.Actor, Since: a.At}}
	}
	return out, nil
}

// administersClients checks that a party is a provider for whom the actor may act
// by rule CLIENT-1.
func (a *Acting) administersClients(rs *refusals, provider fullmakt.PartyNo) {
	if !a.sound(rs, "/provider", provider) {
		return
	}
	r := Refusal{Path: "/provider", Rule: fullmakt.RuleClient1, Party: provider}
	switch {
	case a.Snapshot.Kind(provider) != fullmakt.KindOrganisation:
		r.Reason = fullmakt.ReasonWrongPartyType
		rs.add(r, "only an organisation has clients and agents")
	case !a.client1(provider):
		r.Reason = fullmakt.ReasonNotAdmin
		rs.add(r, "the actor is neither client administrator (klientadministrator) nor main administrator (hovedadministrator) there")
	}
}

// mayBeAgent checks that a party is one who may be an agent: a living person known
// by identity number, or an agent system user of the provider's.
func (a *Acting) mayBeAgent(rs *refusals, path string, provider, agent fullmakt.PartyNo) bool {
	if !a.sound(rs, path, agent) {
		return false
	}
	n := a.Snapshot.Node(agent)
	r := Refusal{Path: path, Rule: fullmakt.RuleClient, Party: agent, Reason: fullmakt.ReasonNotAgent}
	switch {
	case n.Flags&index.Uncertain != 0:
		r.Reason, r.Rule = fullmakt.ReasonUncertain, "OPEN-1"
		rs.add(r, "the person is known only by birth date and name, which may fit another")
	case n.Kind == fullmakt.KindPerson:
		return true
	case n.Kind != fullmakt.KindSystemUser || n.Flags&index.AgentSystem == 0:
		rs.add(r, "only a person or an agent system user can be an agent")
	case n.Parent != provider:
		rs.add(r, "the system user belongs to another organisation")
	default:
		return true
	}
	return false
}

// RemoveAgent ends an agent relation, and with the cascade all that the agent was
// delegated.
type RemoveAgent struct {
	Provider, Agent fullmakt.PartyNo
	Cascade         bool
}

// RemoveAgent returns the changes of the command: by rule CLIENT-1, or by the
// agent itself, who gives up its own.
func (a *Acting) RemoveAgent(c RemoveAgent) (*Outcome, error) {
	var rs refusals
	cause := a.agentsSide(&rs, c.Provider, c.Agent)
	if err := rs.err(); err != nil {
		return nil, err
	}
	out := &Outcome{}
	relation, there := a.Snapshot.Agent(c.Provider, c.Agent)
	if !there {
		return out, nil
	}
	relation.Ended, relation.Cause = true, cause
	out.Changes = []fullmakt.Change{relation}
	a.finish(out)
	if !c.Cascade {
		rs.rests("", out.Ended)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	return out, nil
}

// agentsSide checks that the actor may take from an agent what a provider gave it,
// and returns the cause: it is revoked by rule CLIENT-1, or renounced by the agent.
func (a *Acting) agentsSide(rs *refusals, provider, agent fullmakt.PartyNo) fullmakt.Cause {
	if !a.soundActor(rs) {
		return fullmakt.CauseNone
	}
	for i, p := range []fullmakt.PartyNo{provider, agent} {
		if a.Snapshot.Kind(p) == fullmakt.KindUnknown {
			rs.add(Refusal{Path: []string{"/provider", "/agent"}[i], Reason: fullmakt.ReasonUnknownParty, Party: p}, "party %d is not known", p)
		}
	}
	switch {
	case a.Actor != Operator && a.Actor == agent && a.Snapshot.Kind(agent) == fullmakt.KindPerson:
		return fullmakt.CauseRenounced
	case !a.client1(provider):
		rs.add(Refusal{Path: "/provider", Reason: fullmakt.ReasonNotAdmin, Rule: fullmakt.RuleClient1, Party: provider},
			"the actor is neither the agent nor client administrator nor main administrator of the provider")
	}
	return fullmakt.CauseRevoked
}

// OverGrant names, as a Delegable's Role, the packages that a client has granted,
// as Altinn calls the role of a receiver of grants.
const OverGrant = "rettighetshaver"

// Delegable names packages over one basis that a provider has at its clients.
type Delegable struct {
	// Role is any name of the provider's register role at the client, OverGrant,
	// or "" for whichever basis gives the package, roles first.
	Role     string
	Packages []string // by any name that the catalogue knows
	Path     string   // where it stands in the caller's request; "" means its place in the command
}

// DelegateClients lets agents use packages for clients: every package for every
// client by every agent.
type DelegateClients struct {
	Provider fullmakt.PartyNo
	Clients  []fullmakt.PartyNo
	// AllClients names, in place of Clients, every client that gives the provider
	// the package over the basis. Clients that do not give it are left out.
	AllClients bool
	Agents     []fullmakt.PartyNo
	Values     []Delegable
}

// DelegateClients returns the changes of the command, or of none of it. What is
// delegated already stays as it is. An agent system user of the provider's that is
// not an agent yet becomes one.
func (a *Acting) DelegateClients(c DelegateClients) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) {
		a.administersClients(&rs, c.Provider)
	}
	values := a.delegables(&rs, c.Values, true)
	out := &Outcome{}
	for i, agent := range c.Agents {
		path := where("", "agents", i)
		if !a.mayBeAgent(&rs, path, c.Provider, agent) {
			continue
		}
		if _, there := a.Snapshot.Agent(c.Provider, agent); there || slices.Contains(c.Agents[:i], agent) {
			continue
		}
		if a.Snapshot.Kind(agent) == fullmakt.KindSystemUser {
			out.Changes = append(out.Changes, fullmakt.Agent{Provider: c.Provider, Agent: agent, GivenBy: a.Actor, Since: a.At})
			continue
		}
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonNotAgent, Rule: fullmakt.RuleClient1, Party: agent}, "the person is not an agent of the provider; add it first")
	}
	if len(c.Agents) == 0 || len(c.Values) == 0 || (len(c.Clients) == 0) != c.AllClients {
		rs.add(Refusal{Reason: fullmakt.ReasonIncomplete}, "name agents, packages, and either clients or all of them")
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	a.delegate(&rs, &c, values, out)
	if err := rs.err(); err != nil {
		return nil, err
	}
	return out, nil
}

// delegable is one package of a Delegable, resolved.
type delegable struct {
	pkg  catalogue.PackageID
	role catalogue.RoleID
	any  bool // whichever basis gives it
	path string
}

// delegables resolves names. With open, packages must be open to client delegation;
// what was delegated can be taken back all the same.
func (a *Acting) delegables(rs *refusals, values []Delegable, open bool) []delegable {
	var list []delegable
	for i, v := range values {
		path := where(v.Path, "values", i)
		d := delegable{any: v.Role == ""}
		if v.Role != "" && v.Role != OverGrant {
			if role, ok := a.Snapshot.Catalogue().FindRole(v.Role); ok {
				d.role = role.ID
			} else {
				rs.add(Refusal{Path: path + "/role", Reason: fullmakt.ReasonIncomplete, Code: fullmakt.CodeNotFound}, "there is no role %q", clip(v.Role))
				continue
			}
		}
		for j, name := range v.Packages {
			d.path = fmt.Sprintf("%s/packages/%d", path, j)
			var ok bool
			if d.pkg, ok = a.findPackage(rs, name, d.path); !ok {
				continue
			}
			if open && !a.view().Delegable().Has(d.pkg) {
				rs.add(Refusal{Path: d.path, Reason: fullmakt.ReasonNotDelegable, Rule: fullmakt.RuleClient}, "%s is not open to client delegation", a.code(d.pkg))
				continue
			}
			list = append(list, d)
		}
		if len(v.Packages) == 0 {
			rs.add(Refusal{Path: path + "/packages", Reason: fullmakt.ReasonIncomplete}, "no package is named")
		}
	}
	return list
}

// delegate adds the delegations of a checked command.
func (a *Acting) delegate(rs *refusals, c *DelegateClients, values []delegable, out *Outcome) {
	s := a.Snapshot
	b := bases{s: s, v: a.view(), at: a.At}
	clients, all := c.Clients, c.AllClients
	if all {
		for client := range Clients(s, c.Provider, a.At, 0) {
			clients = append(clients, client.Party)
		}
	}
	made := map[index.ClientDelegation]bool{}
	for i, client := range clients {
		if !all && (!a.sound(rs, where("", "clients", i), client) || !soundClient(rs, where("", "clients", i), c, client)) {
			continue
		}
		for _, v := range values {
			role, held := b.choose(c.Provider, client, v)
			if !held {
				if !all {
					rs.add(Refusal{Path: where("", "clients", i), With: v.path, Reason: fullmakt.ReasonPackageNotHeld, Rule: fullmakt.RuleClient, Party: client},
						"the provider does not hold %s for the client over that basis (%s)", a.code(v.pkg), v.path)
				}
				continue
			}
			for _, agent := range c.Agents {
				d := index.ClientDelegation{Provider: c.Provider, Client: client, Agent: agent, Package: v.pkg, Role: role}
				if agent == client || made[d] || isDelegated(s, d) {
					continue
				}
				made[d] = true
				d.GivenBy = a.Actor
				out.Changes = append(out.Changes, delegationOf(s, &d))
			}
		}
	}
}

// soundClient checks that a client is neither the provider nor one of the agents:
// nobody is delegated itself.
func soundClient(rs *refusals, path string, c *DelegateClients, client fullmakt.PartyNo) bool {
	if client != c.Provider && !slices.Contains(c.Agents, client) {
		return true
	}
	rs.add(Refusal{Path: path, Reason: fullmakt.ReasonToItself, Rule: fullmakt.RuleClient, Party: client}, "nobody is its own client or agent")
	return false
}

// choose returns the basis over which a package may be delegated for a client.
func (b *bases) choose(provider, client fullmakt.PartyNo, v delegable) (catalogue.RoleID, bool) {
	if !v.any {
		set := b.over(provider, client, v.role)
		return v.role, set.Has(v.pkg)
	}
	_, holders, _ := b.s.Look(client)
	for _, e := range holders {
		if e.Party == provider && e.Role() != 0 && !e.Ended() {
			if set := b.byRole(client, e.Role()); set.Has(v.pkg) {
				return e.Role(), true
			}
		}
	}
	set := b.granted(client, provider)
	return 0, set.Has(v.pkg)
}

func isDelegated(s *index.Snapshot, d index.ClientDelegation) bool {
	return slices.ContainsFunc(s.Delegations(d.Client, d.Agent), func(have index.ClientDelegation) bool {
		return have.Provider == d.Provider && have.Package == d.Package && have.Role == d.Role
	})
}

// UndelegateClients takes back what DelegateClients gave. Without Values it is
// everything that the agents may use for the clients.
type UndelegateClients struct {
	Provider   fullmakt.PartyNo
	Clients    []fullmakt.PartyNo
	AllClients bool
	Agents     []fullmakt.PartyNo
	Values     []Delegable
}

// UndelegateClients returns the changes of the command; what was not delegated
// changes nothing. By rule CLIENT-1, or by an agent who gives up its own.
func (a *Acting) UndelegateClients(c UndelegateClients) (*Outcome, error) {
	var rs refusals
	causes := make([]fullmakt.Cause, len(c.Agents))
	for i, agent := range c.Agents {
		if causes[i] = a.agentsSide(&rs, c.Provider, agent); len(rs) > 0 {
			break
		}
	}
	if len(c.Agents) == 0 || (len(c.Clients) == 0) != c.AllClients {
		rs.add(Refusal{Reason: fullmakt.ReasonIncomplete}, "name agents, and either clients or all of them")
	}
	values := a.delegables(&rs, c.Values, false)
	if err := rs.err(); err != nil {
		return nil, err
	}
	out := &Outcome{}
	s := a.Snapshot
	for i, agent := range c.Agents {
		if slices.Contains(c.Agents[:i], agent) {
			continue
		}
		clients := c.Clients
		if c.AllClients {
			clients = nil
			_, _, held := s.Look(agent)
			for _, e := range held {
				if e.Client() {
					clients = append(clients, e.Party)
				}
			}
		}
		for j, client := range clients {
			if slices.Contains(clients[:j], client) && !c.AllClients {
				continue
			}
			for _, d := range s.Delegations(client, agent) {
				if d.Provider != c.Provider || len(c.Values) > 0 && !slices.ContainsFunc(values, func(v delegable) bool {
					return v.pkg == d.Package && (v.any || v.role == d.Role)
				}) {
					continue
				}
				end := delegationOf(s, &d)
				end.Ended, end.Cause = true, causes[i]
				out.Changes = append(out.Changes, end)
			}
		}
	}
	return out, nil
}
