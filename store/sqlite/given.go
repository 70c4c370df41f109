package sqlite

import (
	"database/sql/driver"
	"fmt"

	"github.com/fullmakt/fullmakt"
)

// The facts about what parties give each other.
var (
	systemUserFact = fact{
		table: "system_user_version", key: []string{"party"}, says: []string{"owner", "agent", "ended"},
		change: func(r []driver.Value) fullmakt.Change {
			return fullmakt.SystemUser{Party: partyNo(r[0]), Owner: partyNo(r[1]), Agent: asInt(r[2]) != 0, Ended: asInt(r[3]) != 0}
		},
	}
	grantFact = fact{
		table: "grant_version", key: []string{"giver", "receiver", "package", "role", "resource", "right_key"},
		says: []string{"valid_from", "valid_to", "given_by", "basis", "ended", "cause"},
		change: func(r []driver.Value) fullmakt.Change {
			return fullmakt.Grant{
				From: partyNo(r[0]), To: partyNo(r[1]), Package: asString(r[2]), Role: fullmakt.RoleCode(asString(r[3])),
				Resource: asString(r[4]), Right: asString(r[5]), Valid: fullmakt.Interval{From: asInt(r[6]), To: asInt(r[7])},
				GivenBy: partyNo(r[8]), Basis: asString(r[9]), Ended: asInt(r[10]) != 0, Cause: fullmakt.Cause(asInt(r[11])),
			}
		},
	}
	agentFact = fact{
		table: "agent_version", key: []string{"provider", "agent"}, says: []string{"since", "given_by", "ended", "cause"},
		change: func(r []driver.Value) fullmakt.Change {
			return fullmakt.Agent{
				Provider: partyNo(r[0]), Agent: partyNo(r[1]), Since: asInt(r[2]),
				GivenBy: partyNo(r[3]), Ended: asInt(r[4]) != 0, Cause: fullmakt.Cause(asInt(r[5])),
			}
		},
	}
	delegationFact = fact{
		table: "delegation_version", key: []string{"client", "agent", "provider", "package", "role"}, says: []string{"given_by", "ended", "cause"},
		change: func(r []driver.Value) fullmakt.Change {
			return fullmakt.ClientDelegation{
				Client: partyNo(r[0]), Agent: partyNo(r[1]), Provider: partyNo(r[2]), Package: asString(r[3]), Role: fullmakt.RoleCode(asString(r[4])),
				GivenBy: partyNo(r[5]), Ended: asInt(r[6]) != 0, Cause: fullmakt.Cause(asInt(r[7])),
			}
		},
	}
	scopeFact = fact{
		table: "scope_version", key: []string{"giver", "receiver", "scheme"},
		says: []string{"since", "valid_from", "valid_to", "given_by", "basis", "ended", "cause"},
		change: func(r []driver.Value) fullmakt.Change {
			return fullmakt.ScopeGrant{
				From: partyNo(r[0]), To: partyNo(r[1]), Scheme: asString(r[2]), Since: asInt(r[3]), Valid: fullmakt.Interval{From: asInt(r[4]), To: asInt(r[5])},
				GivenBy: partyNo(r[6]), Basis: asString(r[7]), Ended: asInt(r[8]) != 0, Cause: fullmakt.Cause(asInt(r[9])),
			}
		},
	}
)

// given is what all that is given has in common.
type given struct {
	what    string // "a grant from party 1 to party 2", for messages
	valid   fullmakt.Interval
	givenBy fullmakt.PartyNo
	ended   bool
	cause   fullmakt.Cause
}

func (a *appender) checkGiven(g given) error {
	switch {
	case g.valid.From != 0 && g.valid.To != 0 && g.valid.To <= g.valid.From:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s ends before it begins", g.what)
	case g.cause > fullmakt.CauseRegister:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s has a cause %d that is not known", g.what, g.cause)
	case g.cause != fullmakt.CauseNone && !g.ended:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s has not ended, and so has no cause why", g.what)
	case g.givenBy != 0:
		return a.seen.want(g.givenBy, wantAny)
	}
	return nil
}

func (a *appender) putSystemUser(u fullmakt.SystemUser) error {
	if err := a.subject(u.Party, wantSystem); err != nil {
		return err
	}
	if err := a.subject(u.Owner, wantOrg); err != nil {
		return err
	}
	return a.putFact(&systemUserFact, wroteSystemUser, []value{number(u.Party)}, []value{number(u.Owner), flag(u.Agent), flag(u.Ended)})
}

func (a *appender) putGrant(g fullmakt.Grant) error {
	what := named("a grant", g.From, g.To)
	things := 0
	for _, thing := range []string{g.Package, string(g.Role), g.Right} {
		if thing != "" {
			things++
		}
	}
	if things != 1 {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s is of one thing: a package, a role or a right; this one is of %d", what, things)
	}
	if (g.Resource == "") != (g.Right == "") {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s of a right needs both the resource and the right to it", what)
	}
	for _, no := range []fullmakt.PartyNo{g.From, g.To} {
		if err := a.subject(no, wantAny); err != nil {
			return err
		}
	}
	if err := a.checkGiven(given{what, g.Valid, g.GivenBy, g.Ended, g.Cause}); err != nil {
		return err
	}
	return a.putRelation(&grantFact, wroteGrant, g.To, g.From,
		[]value{number(g.From), number(g.To), text(g.Package), text(g.Role), text(g.Resource), text(g.Right)},
		[]value{number(g.Valid.From), number(g.Valid.To), number(g.GivenBy), text(g.Basis), flag(g.Ended), int64(g.Cause)})
}

func (a *appender) putAgent(g fullmakt.Agent) error {
	if err := a.subject(g.Provider, wantOrg); err != nil {
		return err
	}
	if err := a.subject(g.Agent, wantActor); err != nil {
		return err
	}
	what := named("an agent relation", g.Provider, g.Agent)
	if err := a.checkGiven(given{what: what, givenBy: g.GivenBy, ended: g.Ended, cause: g.Cause}); err != nil {
		return err
	}
	return a.putRelation(&agentFact, wroteAgent, g.Agent, g.Provider,
		[]value{number(g.Provider), number(g.Agent)},
		[]value{number(g.Since), number(g.GivenBy), flag(g.Ended), int64(g.Cause)})
}

func (a *appender) putDelegation(d fullmakt.ClientDelegation) error {
	what := named("a client delegation", d.Provider, d.Agent)
	switch {
	case d.Package == "":
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s needs a package", what)
	case d.Provider == d.Client:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s names the provider as its own client", what)
	}
	if err := a.subject(d.Provider, wantOrg); err != nil {
		return err
	}
	if err := a.subject(d.Client, wantClient); err != nil {
		return err
	}
	if err := a.subject(d.Agent, wantActor); err != nil {
		return err
	}
	if err := a.checkGiven(given{what: what, givenBy: d.GivenBy, ended: d.Ended, cause: d.Cause}); err != nil {
		return err
	}
	return a.putRelation(&delegationFact, wroteDelegation, d.Agent, d.Client,
		[]value{number(d.Client), number(d.Agent), number(d.Provider), text(d.Package), text(d.Role)},
		[]value{number(d.GivenBy), flag(d.Ended), int64(d.Cause)})
}

func (a *appender) putScopeGrant(g fullmakt.ScopeGrant) error {
	what := named("a scope grant", g.From, g.To)
	switch {
	case g.Scheme == "":
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s needs a scheme", what)
	case g.From == g.To:
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s: nobody gives to itself", what)
	}
	for _, no := range []fullmakt.PartyNo{g.From, g.To} {
		if err := a.subject(no, wantOrg); err != nil {
			return err
		}
	}
	if err := a.checkGiven(given{what, g.Valid, g.GivenBy, g.Ended, g.Cause}); err != nil {
		return err
	}
	// It gives no authority on behalf of anybody, and so is no relation.
	return a.putFact(&scopeFact, wroteScope,
		[]value{number(g.From), number(g.To), text(g.Scheme)},
		[]value{number(g.Since), number(g.Valid.From), number(g.Valid.To), number(g.GivenBy), text(g.Basis), flag(g.Ended), int64(g.Cause)})
}

// putRelation is putFact for a fact by which holder may do something at org,
// which EverRelated then knows.
func (a *appender) putRelation(f *fact, wrote int, holder, org fullmakt.PartyNo, key, says []value) error {
	_, was, err := a.current(f, key)
	if err != nil {
		return err
	}
	if was == nil {
		if err := a.pairs.add(a, holder, org); err != nil {
			return err
		}
	}
	return a.putFact(f, wrote, key, says)
}

// named names what is given in a message.
func named(what string, from, to fullmakt.PartyNo) string {
	return fmt.Sprintf("%s from party %d to party %d", what, from, to)
}
