package index

import (
	"cmp"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// ClientDelegation is one package that Provider lets Agent use for Client, on
// whose page it lies (rule CLIENT).
type ClientDelegation struct {
	Provider, Client, Agent fullmakt.PartyNo
	Package                 catalogue.PackageID // NoPackage for one that the catalogue lacks
	Unknown                 string              // the package's code when the catalogue lacks it
	Role                    catalogue.RoleID    // the provider's register role at the client that it rests on; 0: a grant of the package
	GivenBy                 fullmakt.PartyNo
}

func compareDelegations(a, b ClientDelegation) int {
	return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Agent, b.Agent), cmp.Compare(a.Provider, b.Provider),
		cmp.Compare(a.Package, b.Package), cmp.Compare(a.Unknown, b.Unknown), cmp.Compare(a.Role, b.Role))
}

// delegation turns a log entry into what the page holds.
func (v *vocabulary) delegation(d fullmakt.ClientDelegation) ClientDelegation {
	out := ClientDelegation{Provider: d.Provider, Client: d.Client, Agent: d.Agent, GivenBy: d.GivenBy}
	out.Package, out.Unknown = v.pkg(d.Package)
	if d.Role != "" {
		out.Role = v.role(d.Role)
	}
	return out
}

// Delegations returns the client delegations in force by which an agent may act
// for a client, by provider and package. The slice is part of the snapshot and
// must not be changed.
func (s *Snapshot) Delegations(client, agent fullmakt.PartyNo) []ClientDelegation {
	return s.page(client).delegationsOf(client, agent)
}

// delegationsOf returns the page's delegations between a client and an agent.
func (p *page) delegationsOf(client, agent fullmakt.PartyNo) []ClientDelegation {
	lo, _ := slices.BinarySearchFunc(p.delegations, client, func(d ClientDelegation, client fullmakt.PartyNo) int {
		return cmp.Or(cmp.Compare(d.Client, client), cmp.Compare(d.Agent, agent), 1)
	})
	hi := lo
	for hi < len(p.delegations) && p.delegations[hi].Client == client && p.delegations[hi].Agent == agent {
		hi++
	}
	return p.delegations[lo:hi]
}

func (e *editor) changeDelegation(d fullmakt.ClientDelegation) {
	if !e.known(d.Provider) || !e.known(d.Client) || !e.known(d.Agent) {
		return
	}
	pg := e.page(d.Client)
	pg.delegations = put(pg.delegations, e.delegation(d), compareDelegations, d.Ended)
	e.setEdge(d.Client, d.Agent, roleClient, len(pg.delegationsOf(d.Client, d.Agent)) > 0)
}

// put makes v be in a sorted list, in the place of what compares equal to it, or
// with gone set not be there.
func put[T any](list []T, v T, compare func(a, b T) int, gone bool) []T {
	i, found := slices.BinarySearchFunc(list, v, compare)
	switch {
	case gone && found:
		return slices.Delete(list, i, i+1)
	case gone:
	case found:
		list[i] = v
	default:
		return slices.Insert(list, i, v)
	}
	return list
}

func (e *editor) changeAgent(a fullmakt.Agent) {
	if !e.known(a.Provider) || !e.known(a.Agent) {
		return
	}
	e.editTables().putAgent(a)
	e.setEdge(a.Provider, a.Agent, roleAgent, !a.Ended)
}

// purgeProvider takes out the delegations that a provider made, which lie on the
// pages of its clients. Purges are rare, so a walk over the pages is fine.
func (e *editor) purgeProvider(p fullmakt.PartyNo) {
	type pair struct{ client, agent fullmakt.PartyNo }
	for i := range e.pages {
		var left []pair
		for _, d := range e.pages[i].delegations {
			if d.Provider == p {
				left = append(left, pair{d.Client, d.Agent})
			}
		}
		if left == nil {
			continue
		}
		pg := e.page(fullmakt.PartyNo(i << pageBits))
		pg.delegations = slices.DeleteFunc(pg.delegations, func(d ClientDelegation) bool { return d.Provider == p })
		for _, l := range slices.Compact(left) {
			e.setEdge(l.client, l.agent, roleClient, len(pg.delegationsOf(l.client, l.agent)) > 0)
		}
	}
}
