package node

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// maxUserName bounds a user name, in characters.
const maxUserName = 64

// AddEnterpriseUser returns the changes that give an organisation an enterprise
// user (virksomhetsbruker); none when it has that user already.
//
// Errors: CodeInvalid for a user name that is none, CodeNotFound for an unknown
// owner, CodeConflict for a deleted owner and for the name of a user that has
// ended, which is not given again.
func AddEnterpriseUser(ctx context.Context, db *sqlite.DB, owner fullmakt.OrgNumber, userName string) ([]fullmakt.Change, error) {
	userName = strings.TrimSpace(userName)
	if err := checkUserName(userName); err != nil {
		return nil, err
	}
	f, err := readFacts(ctx, db, fullmakt.OrganisationID(owner), fullmakt.EnterpriseUserID(owner, userName))
	if err != nil {
		return nil, err
	}
	org, err := f.giver(fullmakt.OrganisationID(owner))
	if err != nil {
		return nil, err
	}
	id := fullmakt.EnterpriseUserID(owner, userName)
	if no := f.numbers[id]; no != 0 {
		if f.users[no].Ended {
			return nil, fullmakt.Errorf(fullmakt.CodeConflict, "the enterprise user %q of %s has ended", userName, owner).
				WithHint("what it did stays in the log under this name; choose another")
		}
		return nil, nil
	}
	no := f.head.NextParty
	return []fullmakt.Change{
		fullmakt.Party{No: no, ID: id, Name: userName},
		fullmakt.EnterpriseUser{Party: no, Owner: org},
	}, nil
}

func checkUserName(name string) error {
	if name == "" || utf8.RuneCountInString(name) > maxUserName || strings.ContainsFunc(name, unicode.IsControl) {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "a user name has 1 to %d characters, none of them a control character", maxUserName)
	}
	return nil
}

// EndEnterpriseUser returns the changes that end an enterprise user and what it
// was granted; none when it has ended already. CodeNotFound when there is no
// such user.
func EndEnterpriseUser(ctx context.Context, db *sqlite.DB, owner fullmakt.OrgNumber, userName string) ([]fullmakt.Change, error) {
	f, user, err := readUser(ctx, db, owner, userName)
	if err != nil {
		return nil, err
	}
	var changes []fullmakt.Change
	if !user.Ended {
		user.Ended = true
		changes = append(changes, user)
	}
	for _, g := range f.grants {
		if g.To == user.Party && !g.Ended {
			g.Ended = true
			changes = append(changes, g)
		}
	}
	return changes, nil
}

// GrantECKey returns the changes that give an enterprise user the key role ECKEY
// at the organisation that owns it; none when it has it for that interval
// already. CodeNotFound when there is no such user, CodeConflict when it has
// ended or its owner is deleted.
func GrantECKey(ctx context.Context, db *sqlite.DB, owner fullmakt.OrgNumber, userName string, valid fullmakt.Interval) ([]fullmakt.Change, error) {
	f, user, err := readUser(ctx, db, owner, userName)
	if err != nil {
		return nil, err
	}
	if user.Ended {
		return nil, userEnded(owner, userName)
	}
	if _, err := f.giver(fullmakt.OrganisationID(owner)); err != nil {
		return nil, err
	}
	return f.give(fullmakt.Grant{From: user.Owner, To: user.Party, Role: fullmakt.ECKEY, Valid: valid})
}

// RevokeECKey returns the changes that take ECKEY from an enterprise user; none
// when it does not have it.
func RevokeECKey(ctx context.Context, db *sqlite.DB, owner fullmakt.OrgNumber, userName string) ([]fullmakt.Change, error) {
	f, user, err := readUser(ctx, db, owner, userName)
	if err != nil {
		return nil, err
	}
	return f.revoke(fullmakt.Grant{From: user.Owner, To: user.Party, Role: fullmakt.ECKEY}), nil
}

// GrantPackage returns the changes by which from gives to a package, named by
// the catalogue's own code, as the operator's act; none when it is so already.
// What may be granted at all is for who calls it to know; here the parties are
// checked (rule GIVE-3): both are known, they are two, from is an organisation
// or a person, and an enterprise user gets packages of its owner alone.
func GrantPackage(ctx context.Context, db *sqlite.DB, from, to fullmakt.PartyID, code string, valid fullmakt.Interval) ([]fullmakt.Change, error) {
	f, err := readFacts(ctx, db, from, to)
	if err != nil {
		return nil, err
	}
	giver, err := f.giver(from)
	if err != nil {
		return nil, err
	}
	receiver, err := f.number(to)
	if err != nil {
		return nil, err
	}
	switch {
	case code == "":
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "no package is named")
	case giver == receiver:
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "nobody gives a package to itself")
	case to.Kind == fullmakt.KindEnterpriseUser && f.users[receiver].Owner != giver:
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "an enterprise user can be given packages of the organisation that owns it, %s, alone", to.Org)
	case f.users[receiver].Ended:
		return nil, userEnded(to.Org, to.Name)
	}
	return f.give(fullmakt.Grant{From: giver, To: receiver, Package: code, Valid: valid})
}

// RevokePackage returns the changes that end a grant of a package; none when
// there is no such grant in force.
func RevokePackage(ctx context.Context, db *sqlite.DB, from, to fullmakt.PartyID, code string) ([]fullmakt.Change, error) {
	f, err := readFacts(ctx, db, from, to)
	if err != nil {
		return nil, err
	}
	giver, err := f.number(from)
	if err != nil {
		return nil, err
	}
	receiver, err := f.number(to)
	if err != nil {
		return nil, err
	}
	return f.revoke(fullmakt.Grant{From: giver, To: receiver, Package: code}), nil
}

func userEnded(owner fullmakt.OrgNumber, userName string) error {
	return fullmakt.Errorf(fullmakt.CodeConflict, "the enterprise user %q of %s has ended", userName, owner).
		WithHint("add another user")
}

// commandFacts are the facts that one of these commands rests on.
type commandFacts struct {
	head    sqlite.Revision
	numbers map[fullmakt.PartyID]fullmakt.PartyNo // 0: not known
	orgs    map[fullmakt.PartyNo]fullmakt.Organisation
	users   map[fullmakt.PartyNo]fullmakt.EnterpriseUser
	dead    map[fullmakt.PartyNo]bool
	grants  []fullmakt.Grant
}

func readFacts(ctx context.Context, db *sqlite.DB, ids ...fullmakt.PartyID) (*commandFacts, error) {
	f := &commandFacts{
		numbers: map[fullmakt.PartyID]fullmakt.PartyNo{},
		orgs:    map[fullmakt.PartyNo]fullmakt.Organisation{},
		users:   map[fullmakt.PartyNo]fullmakt.EnterpriseUser{},
		dead:    map[fullmakt.PartyNo]bool{},
	}
	var err error
	if f.head, err = db.Head(ctx); err != nil {
		return nil, err
	}
	var nos []fullmakt.PartyNo
	for _, id := range ids {
		no, known, err := db.Identify(ctx, id)
		if err != nil {
			return nil, err
		}
		if f.numbers[id] = no; known {
			nos = append(nos, no)
		}
	}
	facts, err := db.FactsAt(ctx, f.head.Seq, nos)
	if err != nil {
		return nil, err
	}
	for _, fact := range facts {
		switch c := fact.(type) {
		case fullmakt.Organisation:
			f.orgs[c.Party] = c
		case fullmakt.EnterpriseUser:
			f.users[c.Party] = c
		case fullmakt.Person:
			f.dead[c.Party] = c.Dead
		case fullmakt.Grant:
			f.grants = append(f.grants, c)
		}
	}
	return f, nil
}

// readUser reads an enterprise user with what rests on it.
func readUser(ctx context.Context, db *sqlite.DB, owner fullmakt.OrgNumber, userName string) (*commandFacts, fullmakt.EnterpriseUser, error) {
	id := fullmakt.EnterpriseUserID(owner, userName)
	f, err := readFacts(ctx, db, id, fullmakt.OrganisationID(owner))
	if err != nil {
		return nil, fullmakt.EnterpriseUser{}, err
	}
	user, ok := f.users[f.numbers[id]]
	if !ok {
		return nil, user, fullmakt.Errorf(fullmakt.CodeNotFound, "%s has no enterprise user %q", owner, userName)
	}
	return f, user, nil
}

// number is the number of a party that must be known.
func (f *commandFacts) number(id fullmakt.PartyID) (fullmakt.PartyNo, error) {
	if no := f.numbers[id]; no != 0 {
		return no, nil
	}
	switch id.Kind {
	case fullmakt.KindOrganisation:
		return 0, fullmakt.Errorf(fullmakt.CodeNotFound, "organisation %s is not known", id.Org)
	case fullmakt.KindEnterpriseUser:
		return 0, fullmakt.Errorf(fullmakt.CodeNotFound, "%s has no enterprise user %q", id.Org, id.Name)
	}
	return 0, fullmakt.Errorf(fullmakt.CodeNotFound, "the person is not known")
}

// giver is the number of a party on whose behalf something is given: an
// organisation that is not deleted, or a living person.
func (f *commandFacts) giver(id fullmakt.PartyID) (fullmakt.PartyNo, error) {
	no, err := f.number(id)
	switch {
	case err != nil:
		return 0, err
	case id.Kind == fullmakt.KindOrganisation && f.orgs[no].State&fullmakt.Deleted != 0:
		return 0, fullmakt.Errorf(fullmakt.CodeConflict, "organisation %s is deleted", id.Org)
	case id.Kind == fullmakt.KindPerson && f.dead[no]:
		return 0, fullmakt.Errorf(fullmakt.CodeConflict, "the person is deceased")
	case id.Kind != fullmakt.KindOrganisation && id.Kind != fullmakt.KindPerson:
		return 0, fullmakt.Errorf(fullmakt.CodeInvalid, "only an organisation or a person gives")
	}
	return no, nil
}

// give returns the grant as a change, unless it is in force as it is.
func (f *commandFacts) give(g fullmakt.Grant) ([]fullmakt.Change, error) {
	if g.Valid.From != 0 && g.Valid.To != 0 && g.Valid.To <= g.Valid.From {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "the grant would end before it begins")
	}
	for _, have := range f.grants {
		if have == g {
			return nil, nil
		}
	}
	return []fullmakt.Change{g}, nil
}

// revoke returns the end of the grant of the same identity that is in force.
func (f *commandFacts) revoke(g fullmakt.Grant) []fullmakt.Change {
	for _, have := range f.grants {
		if have.From == g.From && have.To == g.To && have.Package == g.Package && have.Role == g.Role && !have.Ended {
			have.Ended = true
			return []fullmakt.Change{have}
		}
	}
	return nil
}
