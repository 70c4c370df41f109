package delegation

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
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
	UUID  fullmakt.UUID    // its own; for a new user the one that it gets, zero leaves that to the store
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
		fullmakt.Party{No: u.Next, ID: fullmakt.EnterpriseUserID(org, name), Name: name, UUID: u.UUID},
		fullmakt.EnterpriseUser{Party: u.Next, Owner: u.Owner},
	}}, nil
}

// EndEnterpriseUser ends an enterprise user, its password and what it was granted;
// nothing changes when it has ended already.
func (a *Acting) EndEnterpriseUser(u User) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) {
		a.owns(&rs, u.Owner)
	}
	a.hasUser(&rs, u)
	if err := rs.err(); err != nil {
		return nil, err
	}
	out := &Outcome{}
	if a.Snapshot.State(u.No)&fullmakt.Deleted == 0 {
		out.Changes = append(out.Changes, fullmakt.EnterpriseUser{Party: u.No, Owner: u.Owner, Ended: true})
		if id, _, ok := a.FindCredential(u.No); ok {
			out.Changes = append(out.Changes, fullmakt.Document{Kind: fullmakt.DocumentCredential, ID: id, Parties: []fullmakt.PartyNo{u.No}, Ended: true})
		}
	}
	return a.finish(out), nil
}

// hasUser checks that an enterprise user is its owner's.
func (a *Acting) hasUser(rs *refusals, u User) {
	if n := a.Snapshot.Node(u.No); n.Kind != fullmakt.KindEnterpriseUser || n.Parent != u.Owner {
		rs.add(Refusal{Path: "/name", Reason: fullmakt.ReasonUnknownParty}, "the organisation has no enterprise user %q", clip(u.Name))
	}
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

// OwnsUsers reports, as a *Refused, that the actor does not administer an
// organisation, and so neither sees nor changes its enterprise users.
func (a *Acting) OwnsUsers(owner fullmakt.PartyNo) error {
	var rs refusals
	if a.soundActor(&rs) {
		a.owns(&rs, owner)
	}
	return rs.err()
}

// UsersOf returns the enterprise users of an organisation, ended ones too, by
// number.
func UsersOf(s *index.Snapshot, owner fullmakt.PartyNo) (list []fullmakt.PartyNo) {
	for no := range s.UsersOf(owner) {
		if s.Kind(no) == fullmakt.KindEnterpriseUser {
			list = append(list, no)
		}
	}
	return list
}
