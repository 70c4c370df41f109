package delegation_test

import (
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

// revision is what undoing one wants to know of it: its changes, and what had been
// given before it.
type revision struct{ did, was []fullmakt.Change }

// standing lists what is given, with its intervals.
func (m *model) standing() (list []fullmakt.Change) {
	for _, g := range m.grants {
		list = append(list, g)
	}
	for ends, valid := range m.scopes {
		list = append(list, fullmakt.ScopeGrant{From: ends[0], To: ends[1], Scheme: modelScheme, Valid: valid})
	}
	return list
}

// undoing is the command that puts a revision back.
func (m *modelRun) undoing() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){"undo": func(rt *rapid.T) {
		if len(m.history) == 0 {
			return
		}
		back := min(rapid.SampledFrom([]int{1, 1, 2, 3, 4, 6}).Draw(rt, "revisions back"), len(m.history))
		rev := m.history[len(m.history)-back]
		switch rapid.IntRange(0, 3).Draw(rt, "which") {
		case 0:
			rev = m.other(rt, rev, m.asItWas)
		case 1:
			rev = m.other(rt, rev, byCommand)
		}
		a := m.by(0)
		if rapid.IntRange(0, 2).Draw(rt, "by somebody") == 0 {
			a = m.actor(rt)
		}
		after, want := m.undone(a.Actor, rev)
		out, err := a.Undo(delegation.Undo{Did: rev.did, Was: rev.was, Schemes: func(id string) (delegation.Scheme, bool) { return m.schemeOf(id), true }})
		m.check(rt, "undo", want, out, err)
		if err != nil {
			return
		}
		if got, want := strings.Join(m.lines(), "\n"), strings.Join(after.lines(), "\n"); got != want {
			rt.Fatalf("undone, there is\n%s\nwant\n%s", got, want)
		}
		for key, g := range m.grants {
			if after.grants[key].Valid != g.Valid {
				rt.Fatalf("undone, %+v is not of %v", g, after.grants[key].Valid)
			}
		}
	}}
}

// other draws one of the revisions that are not like the usual ones, or the one that
// was drawn before where there is none.
func (m *modelRun) other(rt *rapid.T, rev revision, usual func(revision) bool) revision {
	if list := slices.DeleteFunc(slices.Clone(m.history), usual); len(list) > 0 {
		return rapid.SampledFrom(list).Draw(rt, "revision")
	}
	return rev
}

// byCommand tells that the register ended nothing in a revision.
func byCommand(rev revision) bool {
	return !slices.ContainsFunc(rev.did, func(ch fullmakt.Change) bool {
		_, ended, cause := kindOf(ch)
		return ended && cause == fullmakt.CauseRegister
	})
}

// asItWas tells that nothing that a revision gave is given for another time since.
func (m *model) asItWas(rev revision) bool {
	return !slices.ContainsFunc(rev.did, func(ch fullmakt.Change) bool {
		g, ok := ch.(fullmakt.Grant)
		now, there := m.grants[grantKey(g)]
		return ok && !g.Ended && there && now.Valid != g.Valid
	})
}

// undone returns the facts after everything that somebody did in a revision is put
// back one by one, or false where that cannot be: it was changed since, the actor
// may not, or there was nothing to put back.
func (m *model) undone(s fullmakt.PartyNo, rev revision) (*model, bool) {
	after := *m
	after.grants, after.agents, after.given, after.scopes = maps.Clone(m.grants), maps.Clone(m.agents), maps.Clone(m.given), maps.Clone(m.scopes)
	n := 0
	// What was given is taken back from the top, and what ended is given from the
	// ground: a delegation rests on an agent and on a grant.
	top := []string{"delegation", "agent", "grant", "scopes"}
	for _, ended := range []bool{false, true} {
		for _, kind := range top {
			for _, ch := range rev.did {
				is, end, cause := kindOf(ch)
				if is != kind || end != ended || end && (cause == fullmakt.CauseRegister || cause == fullmakt.CauseExpired) {
					continue
				}
				if n++; !after.putBack(s, ch, rev.was) {
					return nil, false
				}
			}
		}
		slices.Reverse(top)
	}
	return &after, n > 0
}

func kindOf(ch fullmakt.Change) (kind string, ended bool, cause fullmakt.Cause) {
	switch c := ch.(type) {
	case fullmakt.ClientDelegation:
		return "delegation", c.Ended, c.Cause
	case fullmakt.Agent:
		return "agent", c.Ended, c.Cause
	case fullmakt.Grant:
		return "grant", c.Ended, c.Cause
	case fullmakt.ScopeGrant:
		return "scopes", c.Ended, c.Cause
	}
	return "", false, fullmakt.CauseNone
}

// putBack puts one change back into the plain facts.
func (m *model) putBack(s fullmakt.PartyNo, ch fullmakt.Change, was []fullmakt.Change) bool {
	switch c := ch.(type) {
	case fullmakt.Grant:
		return m.putBackGrant(s, c, was)
	case fullmakt.ScopeGrant:
		return m.putBackScopes(s, c, was)
	case fullmakt.Agent:
		key := [2]fullmakt.PartyNo{c.Provider, c.Agent}
		switch {
		case m.agents[key] == c.Ended:
			return false
		case c.Ended:
			m.agents[key] = true
			return m.mayAct(s) && m.client1(s, c.Provider) && m.mayBeAgent(c.Provider, c.Agent)
		}
		delete(m.agents, key)
		return m.client1Agent(s, c.Provider, c.Agent) && !m.hasClients(c.Provider, c.Agent)
	case fullmakt.ClientDelegation:
		id := fullmakt.ClientDelegation{Provider: c.Provider, Client: c.Client, Agent: c.Agent, Package: c.Package, Role: c.Role}
		role := string(c.Role)
		if role == "" {
			role = delegation.OverGrant
		}
		switch {
		case m.given[id] == c.Ended:
			return false
		case c.Ended:
			may := m.mayDelegate(s, c.Provider, c.Client, c.Agent, role, c.Package)
			m.given[id], m.agents[[2]fullmakt.PartyNo{c.Provider, c.Agent}] = true, true
			return may
		}
		delete(m.given, id)
		return m.client1Agent(s, c.Provider, c.Agent)
	}
	return false
}

func (m *model) putBackGrant(s fullmakt.PartyNo, c fullmakt.Grant, was []fullmakt.Change) bool {
	key := grantKey(c)
	have, there := m.grants[key]
	if there == c.Ended || there && have.Valid != c.Valid {
		return false
	}
	for _, fact := range was {
		old, ok := fact.(fullmakt.Grant)
		if !ok || grantKey(old) != key {
			continue
		}
		item := old.Package
		if old.Right != "" {
			item = old.Resource + "#" + old.Right
		}
		may := !old.Valid.Over(m.at) && (old.Role == "" && m.gives(s, old.From, old.To, item) || old.Role != "" && m.givesECKEY(s, old.From, old.To))
		if there && have.Valid.Over(m.at) {
			m.basisGone(old)
		}
		m.grants[key] = old
		return may
	}
	may := m.mayAct(s) && m.administers(s, c.From) && !m.restOn(c)
	delete(m.grants, key)
	return may
}

func (m *model) putBackScopes(s fullmakt.PartyNo, c fullmakt.ScopeGrant, was []fullmakt.Change) bool {
	key := [2]fullmakt.PartyNo{c.From, c.To}
	valid, there := m.scopes[key]
	if there == c.Ended || there && valid != c.Valid {
		return false
	}
	for _, fact := range was {
		if old, ok := fact.(fullmakt.ScopeGrant); ok && old.From == c.From && old.To == c.To {
			m.scopes[key] = old.Valid
			return !old.Valid.Over(m.at) && m.givesScopes(s, c.From, c.To)
		}
	}
	delete(m.scopes, key)
	return m.mayAct(s) && m.looksAfterScopes(s, c.From)
}
