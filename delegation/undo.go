package delegation

import (
	"slices"

	"github.com/fullmakt/fullmakt"
)

// Undo names a revision to put back.
type Undo struct {
	// Did are the revision's changes; Was, the facts that were in force before it
	// about the parties that they name, as the store tells both.
	Did, Was []fullmakt.Change
	// Schemes finds the schemes of scope grants; nil finds none.
	Schemes func(id string) (Scheme, bool)
}

// Undo returns the changes that put back what one revision changed about grants,
// scope grants, agents and client delegations: new changes, by the same commands
// as any, and so only if the actor may make them. What was given is revoked, what
// was taken back is given anew as it was.
//
// All of it is put back or nothing: what somebody has changed since is refused.
// What the register ended, and what ended by its date, stays ended.
func (a *Acting) Undo(c Undo) (*Outcome, error) {
	var rs refusals
	u := undo{Acting: *a, command: &c}
	// What rests on something is taken back before it and given after it.
	order := []byte("dags")
	for _, ended := range []bool{false, true} {
		for _, kind := range order {
			for i, ch := range c.Did {
				is, over, cause := standing(ch)
				if is != kind || over != ended || over && (cause == fullmakt.CauseRegister || cause == fullmakt.CauseExpired) {
					continue
				}
				u.back(&rs, ch, where("", "changes", i))
			}
		}
		slices.Reverse(order)
	}
	if len(rs) == 0 && len(u.out.Changes) == 0 {
		rs.add(Refusal{Reason: fullmakt.ReasonIncomplete}, "the revision gave and took back nothing that can be undone")
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	return &u.out, nil
}

// standing tells of a change what kind it is ('g', 's', 'a' or 'd'; 0 for another),
// whether it is an end, and why.
func standing(ch fullmakt.Change) (kind byte, ended bool, cause fullmakt.Cause) {
	switch c := ch.(type) {
	case fullmakt.Grant:
		return 'g', c.Ended, c.Cause
	case fullmakt.ScopeGrant:
		return 's', c.Ended, c.Cause
	case fullmakt.Agent:
		return 'a', c.Ended, c.Cause
	case fullmakt.ClientDelegation:
		return 'd', c.Ended, c.Cause
	}
	return 0, false, 0
}

// undo is an Undo under way: its snapshot has what it has put back already, since
// one thing may rest on another.
type undo struct {
	Acting
	command *Undo
	out     Outcome
}

// back puts one change back.
func (u *undo) back(rs *refusals, ch fullmakt.Change, path string) {
	if !u.unchanged(ch) {
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonChanged}, "this has been changed since")
		return
	}
	out, err := u.reverse(ch)
	for _, r := range Refusals(err) {
		r.Path = path
		*rs = append(*rs, r)
	}
	if out == nil {
		return
	}
	u.out.Changes = append(u.out.Changes, out.Changes...)
	u.out.Items = append(u.out.Items, out.Items...)
	u.out.Ended = append(u.out.Ended, out.Ended...)
	u.Snapshot = u.Snapshot.Apply(u.Snapshot.Seq(), u.Snapshot.At(), out.Changes)
}

// unchanged reports whether what a change says still holds.
func (u *undo) unchanged(ch fullmakt.Change) bool {
	s := u.Snapshot
	switch c := ch.(type) {
	case fullmakt.Grant:
		have, there := find(grantsBetween(s, c.From, c.To), c)
		return there != c.Ended && (c.Ended || have.Valid == c.Valid)
	case fullmakt.ScopeGrant:
		have, there := s.ScopeGrant(c.From, c.To, c.Scheme)
		return there != c.Ended && (c.Ended || have.Valid == c.Valid)
	case fullmakt.Agent:
		_, there := s.Agent(c.Provider, c.Agent)
		return there != c.Ended
	case fullmakt.ClientDelegation:
		for _, d := range s.Delegations(c.Client, c.Agent) {
			if sameDelegation(delegationOf(s, &d), c) {
				return !c.Ended
			}
		}
		return c.Ended
	}
	return true
}

// reverse runs the command that puts a change back.
func (u *undo) reverse(ch fullmakt.Change) (*Outcome, error) {
	switch c := ch.(type) {
	case fullmakt.Grant:
		items := itemsOf([]fullmakt.Grant{c})
		if old, was := find(grantsIn(u.command.Was), c); was {
			return u.Give(Give{From: c.From, To: c.To, Identified: true, Items: items, Valid: old.Valid})
		}
		return u.Revoke(Revoke{From: c.From, To: c.To, Items: items})
	case fullmakt.ScopeGrant:
		if old, was := scopesIn(u.command.Was, c); was {
			scheme, _ := u.scheme(c.Scheme)
			return u.GiveScopes(GiveScopes{From: c.From, To: c.To, Schemes: []Scheme{scheme}, Valid: old.Valid})
		}
		return u.RevokeScopes(RevokeScopes{From: c.From, To: c.To, Schemes: []string{c.Scheme}})
	case fullmakt.Agent:
		if c.Ended {
			return u.AddAgent(AddAgent{Provider: c.Provider, Agent: c.Agent, Identified: true})
		}
		return u.RemoveAgent(RemoveAgent{Provider: c.Provider, Agent: c.Agent})
	case fullmakt.ClientDelegation:
		clients, agents := []fullmakt.PartyNo{c.Client}, []fullmakt.PartyNo{c.Agent}
		values := []Delegable{{Role: string(c.Role), Packages: []string{c.Package}}}
		if c.Role == "" {
			values[0].Role = OverGrant
		}
		if c.Ended {
			return u.DelegateClients(DelegateClients{Provider: c.Provider, Clients: clients, Agents: agents, Values: values})
		}
		return u.UndelegateClients(UndelegateClients{Provider: c.Provider, Clients: clients, Agents: agents, Values: values})
	}
	return nil, nil
}

// scheme finds a scheme; one that is gone is not delegable.
func (u *undo) scheme(id string) (Scheme, bool) {
	if u.command.Schemes != nil {
		if s, ok := u.command.Schemes(id); ok {
			return s, true
		}
	}
	return Scheme{ID: id}, false
}

// grantsIn returns the grants among facts that were in force.
func grantsIn(facts []fullmakt.Change) (grants []fullmakt.Grant) {
	for _, fact := range facts {
		if g, ok := fact.(fullmakt.Grant); ok && !g.Ended {
			grants = append(grants, g)
		}
	}
	return grants
}

func scopesIn(facts []fullmakt.Change, c fullmakt.ScopeGrant) (fullmakt.ScopeGrant, bool) {
	for _, fact := range facts {
		if g, ok := fact.(fullmakt.ScopeGrant); ok && !g.Ended && g.From == c.From && g.To == c.To && g.Scheme == c.Scheme {
			return g, true
		}
	}
	return fullmakt.ScopeGrant{}, false
}

// sameDelegation reports whether two delegations have one identity.
func sameDelegation(a, b fullmakt.ClientDelegation) bool {
	return a.Provider == b.Provider && a.Client == b.Client && a.Agent == b.Agent && a.Package == b.Package && a.Role == b.Role
}
