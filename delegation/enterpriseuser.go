package delegation

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
)

// maxUserName bounds a user name, in characters.
const maxUserName = 64

// User names an enterprise user (virksomhetsbruker) as the store knows it: a
// snapshot finds no user by name.
type User struct {
	Owner fullmakt.PartyNo
	Name  string
	No    fullmakt.PartyNo // 0 when the owner has no such user
	Next  fullmakt.PartyNo // the number that a new party gets
}

// AddEnterpriseUser gives an organisation an enterprise user; nothing changes when
// it has it already. By who administers the organisation. The name of a user that
// has ended is not given again.
func (a *Acting) AddEnterpriseUser(u User) (*Outcome, error) {
	var rs refusals
	name := strings.TrimSpace(u.Name)
	if name == "" || utf8.RuneCountInString(name) > maxUserName || strings.ContainsFunc(name, unicode.IsControl) {
		rs.add(Refusal{Path: "/name", Reason: fullmakt.ReasonIncomplete}, "a user name has 1 to %d characters, none of them a control character", maxUserName)
	}
	if a.soundActor(&rs) && a.sound(&rs, "/owner", u.Owner) {
		a.owns(&rs, u.Owner)
	}
	if u.No != 0 && a.Snapshot.State(u.No)&fullmakt.Deleted != 0 {
		rs.add(Refusal{Path: "/name", Reason: fullmakt.ReasonEnded, Party: u.No},
			"the enterprise user %q has ended: what it did stays in the log under this name, so another must be chosen", name)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	if u.No != 0 {
		return &Outcome{}, nil
	}
	org := a.Snapshot.ID(u.Owner).Org
	return &Outcome{Changes: []fullmakt.Change{
		fullmakt.Party{No: u.Next, ID: fullmakt.EnterpriseUserID(org, name), Name: name},
		fullmakt.EnterpriseUser{Party: u.Next, Owner: u.Owner},
	}}, nil
}

// EndEnterpriseUser ends an enterprise user and what it was granted; nothing
// changes when it has ended already.
func (a *Acting) EndEnterpriseUser(u User) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) {
		a.owns(&rs, u.Owner)
	}
	if n := a.Snapshot.Node(u.No); n.Kind != fullmakt.KindEnterpriseUser || n.Parent != u.Owner {
		rs.add(Refusal{Path: "/name", Reason: fullmakt.ReasonUnknownParty}, "the organisation has no enterprise user %q", clip(u.Name))
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	out := &Outcome{}
	if a.Snapshot.State(u.No)&fullmakt.Deleted == 0 {
		out.Changes = append(out.Changes, fullmakt.EnterpriseUser{Party: u.No, Owner: u.Owner, Ended: true})
	}
	return a.finish(out), nil
}

// owns checks that a party is an organisation that the actor administers.
func (a *Acting) owns(rs *refusals, owner fullmakt.PartyNo) {
	switch {
	case a.Snapshot.Kind(owner) != fullmakt.KindOrganisation:
		rs.add(Refusal{Path: "/owner", Reason: fullmakt.ReasonWrongPartyType, Party: owner}, "only an organisation has enterprise users")
	case !a.administers(owner):
		rs.add(Refusal{Path: "/owner", Reason: fullmakt.ReasonNotAdmin, Rule: fullmakt.RuleGive1, Party: owner}, "the actor does not administer the organisation")
	}
}
