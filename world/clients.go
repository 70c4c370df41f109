package world

import (
	"strings"

	"github.com/fullmakt/fullmakt"
)

// systemUser reads a system user, whose name is its system and its reference
// there.
func (p *parser) systemUser(l *line) error {
	name, err := l.name()
	if err != nil {
		return err
	}
	system, reference, ok := strings.Cut(name, "/")
	if !ok || system == "" || reference == "" || strings.ContainsAny(name, "@ \t") {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the system user %s does not name its system and its reference there", show(name)).
			WithHint("write the two with a slash between and without blanks, as regnskapsprogram/bergen")
	}
	text, err := l.after("of", "the organisation that owns the system user")
	if err != nil {
		return err
	}
	owner, err := p.party(text, fullmakt.KindOrganisation)
	if err != nil {
		return err
	}
	user := SystemUser{ID: fullmakt.SystemUserID(owner.Org, system, reference), Name: name, Where: p.where(l.no)}
	err = l.clauses("agent or ended", map[string]func() error{
		"agent": func() error { user.Agent = true; return nil },
		"ended": func() error { user.Ended = true; return nil },
	})
	if err != nil {
		return err
	}
	p.world.SystemUsers = append(p.world.SystemUsers, user)
	return p.parties.declare(l.no, user.ID, name)
}

// agents are the kinds of party that may be agents (rule CLIENT).
var agents = []fullmakt.PartyKind{fullmakt.KindPerson, fullmakt.KindSystemUser}

// agent reads the relation between an agent and its provider.
func (p *parser) agent(l *line) error {
	a := Agent{Where: p.where(l.no)}
	text, err := l.value("who is the agent")
	if err != nil {
		return err
	}
	if a.Agent, err = p.party(text, agents...); err != nil {
		return err
	}
	if a.Provider, err = p.partyAfter(l, "of", "whose agent it is", fullmakt.KindOrganisation); err != nil {
		return err
	}
	if err := p.delegatedBy(l, &a.GivenBy, &a.Ended); err != nil {
		return err
	}
	type key struct{ provider, agent fullmakt.PartyID }
	if err := p.once(l, key{a.Provider, a.Agent}, "this agent"); err != nil {
		return err
	}
	p.world.Agents = append(p.world.Agents, a)
	return nil
}

// delegate reads a client delegation.
func (p *parser) delegate(l *line) (err error) {
	d := ClientDelegation{Where: p.where(l.no)}
	if d.Package, err = p.packageOf(l); err != nil {
		return err
	}
	if d.Client, err = p.partyAfter(l, "for", "the client", fullmakt.KindOrganisation, fullmakt.KindPerson); err != nil {
		return err
	}
	if d.Provider, err = p.partyAfter(l, "from", "whose client it is", fullmakt.KindOrganisation); err != nil {
		return err
	}
	if d.Agent, err = p.partyAfter(l, "to", "the agent", agents...); err != nil {
		return err
	}
	basis, err := l.after("over", "the role of the provider at the client, or grant")
	if err != nil {
		return err
	}
	if basis != "grant" {
		if d.Role, err = p.roleCode(basis); err != nil {
			return err
		}
	}
	if d.Client == d.Provider {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s is named as its own client", show(p.parties.name[d.Client])).WithHint("name the provider after from, and its client after for")
	}
	if err := p.delegatedBy(l, &d.GivenBy, &d.Ended); err != nil {
		return err
	}
	key := d
	key.GivenBy, key.Ended, key.Where = fullmakt.PartyID{}, false, ""
	if err := p.once(l, key, "this client delegation"); err != nil {
		return err
	}
	p.world.Delegations = append(p.world.Delegations, d)
	return nil
}

// delegatedBy reads the clauses of an agent or a client delegation.
func (p *parser) delegatedBy(l *line, by *fullmakt.PartyID, ended *bool) error {
	return l.clauses("by PARTY or ended", map[string]func() error{
		"by":    func() error { return p.by(l, by) },
		"ended": func() error { *ended = true; return nil },
	})
}

// delegations makes the changes for agents, client delegations and scope grants.
func (w *World) delegations(number map[fullmakt.PartyID]fullmakt.PartyNo) (changes []fullmakt.Change) {
	for _, a := range w.Agents {
		changes = append(changes, fullmakt.Agent{
			Provider: number[a.Provider], Agent: number[a.Agent], GivenBy: number[a.GivenBy], Ended: a.Ended,
		})
	}
	for _, d := range w.Delegations {
		changes = append(changes, fullmakt.ClientDelegation{
			Provider: number[d.Provider], Client: number[d.Client], Agent: number[d.Agent],
			Package: d.Package, Role: d.Role, GivenBy: number[d.GivenBy], Ended: d.Ended,
		})
	}
	for _, g := range w.ScopeGrants {
		changes = append(changes, fullmakt.ScopeGrant{
			From: number[g.From], To: number[g.To], Scheme: g.Scheme, Valid: g.Valid, GivenBy: number[g.GivenBy], Ended: g.Revoked,
		})
	}
	return changes
}
