package registry

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// mostMembers bounds an access list.
const mostMembers = 100_000

// PutAccessList returns the changes that make an access list or give it another
// name and description; none when it has these already. Errors: *Invalid,
// CodeForbidden.
func PutAccessList(v *View, by Author, owner, identifier, name, description string, at time.Time) ([]fullmakt.Change, error) {
	if err := v.OwnsLists(by, owner); err != nil {
		return nil, err
	}
	name, description = strings.TrimSpace(name), strings.TrimSpace(description)
	e := &Invalid{What: "access list " + strconv.Quote(clip(identifier))}
	if !ownerForm.MatchString(owner) {
		e.add("owner", "want the service owner's short name, such as skd")
	}
	if !listForm.MatchString(identifier) {
		e.add("identifier", "want 2 to 128 characters among a-z, æøå, 0-9, - and _")
	}
	if name == "" || len(name) > longestText {
		e.add("name", "is missing or too long")
	}
	if len(description) > longestText {
		e.add("description", "is too long")
	}
	if err := e.err(); err != nil {
		return nil, err
	}
	l := &AccessList{Owner: owner, Identifier: identifier, Created: at}
	if have, there := v.AccessList(owner, identifier); there {
		if have.Name == name && have.Description == description {
			return nil, nil
		}
		copied := *have
		l = &copied
	}
	l.Name, l.Description, l.Updated = name, description, at
	return one(l.document())
}

// DeleteAccessList returns the changes that end an access list with its members.
// Errors: CodeNotFound, CodeForbidden.
func DeleteAccessList(v *View, by Author, owner, identifier string) ([]fullmakt.Change, error) {
	l, err := v.listOf(by, owner, identifier)
	if err != nil {
		return nil, err
	}
	d, err := l.document()
	if err != nil {
		return nil, err
	}
	d.Ended = true
	changes := []fullmakt.Change{d}
	for _, m := range l.Members {
		d, err := l.memberDocument(m, true)
		if err != nil {
			return nil, err
		}
		changes = append(changes, d)
	}
	return changes, nil
}

// MemberChange says what is to happen to the members of a list.
type MemberChange uint8

// The changes.
const (
	ReplaceMembers MemberChange = iota // these and no others
	AddMembers
	RemoveMembers
)

// ChangeMembers returns the changes that replace, add or remove members; none
// when nothing changes. Members are organisations that are not deleted; one that
// is may be removed. Errors: CodeNotFound for the list, CodeForbidden, CodeInvalid
// for a party that is no organisation.
func ChangeMembers(s *index.Snapshot, v *View, by Author, owner, identifier string, how MemberChange, parties []fullmakt.PartyNo, at time.Time) ([]fullmakt.Change, error) {
	have, err := v.listOf(by, owner, identifier)
	if err != nil {
		return nil, err
	}
	wanted := map[fullmakt.PartyNo]bool{}
	for i, p := range parties {
		if how != RemoveMembers && (s.Kind(p) != fullmakt.KindOrganisation || s.State(p)&fullmakt.Deleted != 0) {
			return nil, &Invalid{What: have.URN(), Fields: []Field{{"data[" + strconv.Itoa(i) + "]", "is no organisation that is alive; only those are on access lists"}}}
		}
		wanted[p] = true
	}
	var changes []fullmakt.Change
	change := func(m Member, ended bool) error {
		d, err := have.memberDocument(m, ended)
		changes = append(changes, d)
		return err
	}
	for _, m := range have.Members {
		if how == RemoveMembers && wanted[m.Party] || how == ReplaceMembers && !wanted[m.Party] {
			if err := change(m, true); err != nil {
				return nil, err
			}
		}
	}
	if how != RemoveMembers {
		for _, p := range slices.Compact(slices.Sorted(slices.Values(parties))) {
			if _, on := have.Member(p); !on {
				if err := change(Member{p, at}, false); err != nil {
					return nil, err
				}
			}
		}
	}
	if len(changes) == 0 {
		return nil, nil
	}
	if len(have.Members)+len(changes) > mostMembers {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "an access list holds at most %d members", mostMembers)
	}
	return have.touched(at, changes)
}

// ConnectResource returns the changes that make a list count for a resource, for
// these actions alone or with none for every one; none when it does already.
// Errors: CodeNotFound for the list and the resource, CodeForbidden for either
// one of another owner.
func ConnectResource(v *View, by Author, owner, identifier, resource string, actions []string, at time.Time) ([]fullmakt.Change, error) {
	have, err := v.listOf(by, owner, identifier)
	if err != nil {
		return nil, err
	}
	r, err := v.resourceOf(by, resource)
	if err != nil {
		return nil, err
	}
	if r.HasCompetentAuthority.Orgcode != owner {
		return nil, notOwner("the resource is " + r.HasCompetentAuthority.Orgcode + "'s, and the list is " + owner + "'s")
	}
	actions, err = actionFilters(have, actions)
	if err != nil {
		return nil, err
	}
	c := Connection{Resource: r.Identifier, Actions: actions, Created: at, Updated: at}
	if old, there := have.Connection(r.Identifier); there {
		if slices.Equal(old.Actions, actions) {
			return nil, nil
		}
		c.Created = old.Created
	}
	l := *have
	l.Connections = append(without(have.Connections, r.Identifier), c)
	slices.SortFunc(l.Connections, func(a, b Connection) int { return strings.Compare(a.Resource, b.Resource) })
	return l.touched(at, nil)
}

// DisconnectResource returns the changes that end the connection of a list with a
// resource; none when there is none. Errors: CodeNotFound for the list,
// CodeForbidden.
func DisconnectResource(v *View, by Author, owner, identifier, resource string, at time.Time) ([]fullmakt.Change, error) {
	have, err := v.listOf(by, owner, identifier)
	if err != nil {
		return nil, err
	}
	if _, there := have.Connection(resource); !there {
		return nil, nil
	}
	l := *have
	l.Connections = without(have.Connections, resource)
	return l.touched(at, nil)
}

func without(list []Connection, resource string) []Connection {
	return slices.DeleteFunc(slices.Clone(list), func(c Connection) bool { return c.Resource == resource })
}

// actionFilters brings action filters to their one form: sorted, each once.
func actionFilters(l *AccessList, actions []string) ([]string, error) {
	if len(actions) > longestList {
		return nil, &Invalid{What: l.URN(), Fields: []Field{{"actionFilters", "too many entries"}}}
	}
	out := make([]string, 0, len(actions))
	for _, a := range actions {
		a = strings.ToLower(strings.TrimSpace(a))
		if a == "" {
			return nil, &Invalid{What: l.URN(), Fields: []Field{{"actionFilters", "an action has no name"}}}
		}
		out = append(out, a)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// listOf finds an access list that the author owns.
func (v *View) listOf(by Author, owner, identifier string) (*AccessList, error) {
	if err := v.OwnsLists(by, owner); err != nil {
		return nil, err
	}
	l, there := v.AccessList(owner, identifier)
	if !there {
		return nil, fullmakt.Errorf(fullmakt.CodeNotFound, "%q has no access list %q", clip(owner), clip(identifier))
	}
	return l, nil
}

// touched returns a list's changes behind the new version of the list itself, so
// that whatever changes it gives it a new revision.
func (l *AccessList) touched(at time.Time, changes []fullmakt.Change) ([]fullmakt.Change, error) {
	copied := *l
	copied.Updated = at
	d, err := copied.document()
	if err != nil {
		return nil, err
	}
	return append([]fullmakt.Change{d}, changes...), nil
}
