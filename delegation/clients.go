package delegation

import (
	"cmp"
	"iter"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// Client is a party of which a provider holds packages that it may let agents use.
type Client struct {
	Party  fullmakt.PartyNo
	Access []Access // by role, a grant last
}

// Access is what a provider may delegate for a client over one basis.
type Access struct {
	Role     catalogue.RoleID // the provider's register role at the client; 0: grants of the packages
	Packages catalogue.PackageSet
}

// Agent is a party that may be delegated a provider's clients.
type Agent struct {
	fullmakt.Agent
	Clients int // for how many it has some delegation of the provider's
}

// Delegated is what an agent may use for a client of a provider's over one basis.
type Delegated struct {
	Client, Agent fullmakt.PartyNo
	Role          catalogue.RoleID // 0: over grants
	Packages      catalogue.PackageSet
}

// Clients yields the clients of a provider after a party number (0 for all), in
// the order of party numbers: who has given it, by a register role or by grants,
// some package that is open to client delegation. Only what the provider holds
// itself counts, at the client itself (rule CLIENT). Whoever keeps its own books is
// not its own client.
func Clients(s *index.Snapshot, provider fullmakt.PartyNo, at int64, after fullmakt.PartyNo) iter.Seq[Client] {
	return func(yield func(Client) bool) {
		b := bases{s: s, v: s.Catalogue().At(at), at: at}
		if !b.provides(provider) {
			return
		}
		_, _, held := s.Look(provider)
		edges := slices.DeleteFunc(slices.Clone(held), func(e index.Edge) bool {
			return e.Party <= after || e.Party == provider || e.Role() == 0 && !e.Grant() || e.Ended()
		})
		slices.SortStableFunc(edges, func(a, b index.Edge) int { return cmp.Compare(a.Party, b.Party) })
		for len(edges) > 0 {
			n := 1
			for n < len(edges) && edges[n].Party == edges[0].Party {
				n++
			}
			if c := b.client(provider, edges[:n]); len(c.Access) > 0 && !yield(c) {
				return
			}
			edges = edges[n:]
		}
	}
}

// bases tells what a provider may delegate over what it holds.
type bases struct {
	s  *index.Snapshot
	v  *catalogue.View
	at int64
}

// provides reports whether a party can be a provider: a living organisation (rules
// CLIENT and LIFE-1).
func (b *bases) provides(p fullmakt.PartyNo) bool {
	n := b.s.Node(p)
	return n.Kind == fullmakt.KindOrganisation && n.State&fullmakt.Deleted == 0
}

// client sums up what the edges from one client give.
func (b *bases) client(provider fullmakt.PartyNo, edges []index.Edge) Client {
	c := Client{Party: edges[0].Party}
	for _, e := range edges {
		var set catalogue.PackageSet
		if e.Grant() {
			set = b.granted(c.Party, provider)
		} else {
			set = b.byRole(c.Party, e.Role())
		}
		if !set.IsEmpty() {
			c.Access = append(c.Access, Access{Role: e.Role(), Packages: set})
		}
	}
	return c
}

// byRole returns what a role at a client gives that may be delegated, with forms
// read on the client (rule FORM-2).
func (b *bases) byRole(client fullmakt.PartyNo, role catalogue.RoleID) catalogue.PackageSet {
	return b.v.Conferral(role, b.s.Node(client).Form).Use.Intersect(*b.v.Delegable())
}

// granted returns the packages that a client has granted a provider, in force now,
// that may be delegated.
func (b *bases) granted(client, provider fullmakt.PartyNo) (set catalogue.PackageSet) {
	if b.s.Node(client).Flags&index.Dead != 0 {
		return set
	}
	for _, g := range b.s.Grants(client, provider) {
		if g.Package != catalogue.NoPackage && g.Valid.Contains(b.at) {
			set.Add(g.Package)
		}
	}
	return set.Intersect(*b.v.Delegable())
}

// over returns what a provider may delegate for a client over one basis: the role,
// or with 0 grants.
func (b *bases) over(provider, client fullmakt.PartyNo, role catalogue.RoleID) (set catalogue.PackageSet) {
	if role == 0 {
		return b.granted(client, provider)
	}
	if holds(b.s, client, provider, role) {
		set = b.byRole(client, role)
	}
	return set
}

// holds reports whether a party holds a role at another, not deregistered. It
// looks at the end with fewer relations.
func holds(s *index.Snapshot, at, holder fullmakt.PartyNo, role catalogue.RoleID) bool {
	_, edges, _ := s.Look(at)
	_, _, held := s.Look(holder)
	other := holder
	if len(held) < len(edges) {
		edges, other = held, at
	}
	return slices.ContainsFunc(edges, func(e index.Edge) bool { return e.Party == other && e.Role() == role && !e.Ended() })
}

// Agents yields the agents of a provider after a party number, in the order of
// party numbers, and counts the clients of each.
func Agents(s *index.Snapshot, provider, after fullmakt.PartyNo) iter.Seq[Agent] {
	return func(yield func(Agent) bool) {
		for relation := range AgentRelations(s, provider, after) {
			if !yield(Agent{Agent: relation, Clients: clientsOf(s, provider, relation.Agent)}) {
				return
			}
		}
	}
}

// AgentRelations yields what Agents does, without going through anybody's clients.
func AgentRelations(s *index.Snapshot, provider, after fullmakt.PartyNo) iter.Seq[fullmakt.Agent] {
	return func(yield func(fullmakt.Agent) bool) {
		_, holders, _ := s.Look(provider)
		for _, e := range holders { // agents stand together, by party
			if !e.Agent() || e.Party <= after {
				continue
			}
			if relation, ok := s.Agent(provider, e.Party); ok && !yield(relation) {
				return
			}
		}
	}
}

// clientsOf counts the clients for whom an agent has a delegation of a provider's.
func clientsOf(s *index.Snapshot, provider, agent fullmakt.PartyNo) (n int) {
	_, _, held := s.Look(agent)
	for _, e := range held {
		if !e.Client() {
			continue
		}
		delegations := s.Delegations(e.Party, agent)
		for i := range delegations {
			if delegations[i].Provider == provider {
				n++
				break
			}
		}
	}
	return n
}

// DelegatedTo yields what an agent was delegated by a provider, in the order of
// clients after a party number, and of bases.
func DelegatedTo(s *index.Snapshot, provider, agent, after fullmakt.PartyNo) iter.Seq[Delegated] {
	return func(yield func(Delegated) bool) {
		_, _, held := s.Look(agent)
		for _, e := range held { // clients stand together, by party
			if e.Client() && e.Party > after && !eachBasis(s, provider, e.Party, agent, yield) {
				return
			}
		}
	}
}

// DelegatedFor yields what a provider's agents were delegated for a client, in the
// order of agents after a party number, and of bases.
func DelegatedFor(s *index.Snapshot, provider, client, after fullmakt.PartyNo) iter.Seq[Delegated] {
	return func(yield func(Delegated) bool) {
		_, holders, _ := s.Look(client)
		for _, e := range holders {
			if e.Client() && e.Party > after && !eachBasis(s, provider, client, e.Party, yield) {
				return
			}
		}
	}
}

// eachBasis yields the delegations of one provider, client and agent by basis; it
// reports false when yield does.
func eachBasis(s *index.Snapshot, provider, client, agent fullmakt.PartyNo, yield func(Delegated) bool) bool {
	var found []Delegated
	for _, d := range s.Delegations(client, agent) {
		if d.Provider != provider || d.Package == catalogue.NoPackage {
			continue
		}
		i := slices.IndexFunc(found, func(f Delegated) bool { return f.Role == d.Role })
		if i < 0 {
			i = len(found)
			found = append(found, Delegated{Client: client, Agent: agent, Role: d.Role})
		}
		found[i].Packages.Add(d.Package)
	}
	slices.SortFunc(found, func(a, b Delegated) int { return cmp.Compare(a.Role, b.Role) })
	for _, f := range found {
		if !yield(f) {
			return false
		}
	}
	return true
}

// Page takes from a list that yields by party number one page of at most limit
// (at least one), and tells whether there is more.
func Page[T any](list iter.Seq[T], limit int) (page []T, more bool) {
	limit = max(limit, 1)
	for v := range list {
		if len(page) == limit {
			return page, true
		}
		page = append(page, v)
	}
	return page, false
}
