package registry

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// ownerForm is what the short name of a service owner looks like.
var ownerForm = regexp.MustCompile(`^[a-zæøå0-9-]{2,40}$`)

// listForm is what the identifier of an access list looks like.
var listForm = regexp.MustCompile(`^[a-z0-9_æøå-]{2,128}$`)

// AccessList is a service owner's list of organisations that may use some of its
// resources. The list is one document with id OWNER/IDENTIFIER, and each member
// one more with the party's number after it: so a purged party leaves the list
// and the list stays, and a change of one member is a small one.
type AccessList struct {
	Owner       string // the service owner's code
	Identifier  string
	Name        string
	Description string
	Created     time.Time
	Updated     time.Time
	Connections []Connection // by resource
	Members     []Member     // by party
	// Revision is that of the latest change of the list itself. A change of a
	// member is one.
	Revision fullmakt.Seq
}

// Connection makes a list count for a resource: for these actions alone, or with
// none for every action.
type Connection struct {
	Resource string    `json:"resource"`
	Actions  []string  `json:"actions,omitempty"`
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
}

// Member is an organisation on a list.
type Member struct {
	Party fullmakt.PartyNo
	Since time.Time
}

// URN returns the list's name as Altinn writes it.
func (l *AccessList) URN() string { return "urn:altinn:access-list:" + l.Owner + ":" + l.Identifier }

// Covers reports whether the connection counts for an action. The empty action
// stands for any, which a connection with a filter does not allow.
func (c Connection) Covers(action string) bool {
	return len(c.Actions) == 0 || slices.ContainsFunc(c.Actions, func(a string) bool { return strings.EqualFold(a, action) })
}

// Connection returns the list's connection with a resource.
func (l *AccessList) Connection(resource string) (Connection, bool) {
	i, ok := slices.BinarySearchFunc(l.Connections, resource, func(c Connection, r string) int { return strings.Compare(c.Resource, r) })
	if !ok {
		return Connection{}, false
	}
	return l.Connections[i], true
}

// Member returns the membership of a party.
func (l *AccessList) Member(p fullmakt.PartyNo) (Member, bool) {
	i, ok := slices.BinarySearchFunc(l.Members, p, func(m Member, p fullmakt.PartyNo) int { return cmp.Compare(m.Party, p) })
	if !ok {
		return Member{}, false
	}
	return l.Members[i], true
}

// listBody is the body of the document of a list.
type listBody struct {
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Created     time.Time    `json:"created"`
	Updated     time.Time    `json:"updated"`
	Connections []Connection `json:"connections,omitempty"`
}

// memberBody is the body of the document of a member.
type memberBody struct {
	Since time.Time `json:"since"`
}

func listID(owner, identifier string) string { return owner + "/" + identifier }

func (l *AccessList) memberID(p fullmakt.PartyNo) string {
	return listID(l.Owner, l.Identifier) + "/" + strconv.FormatUint(uint64(p), 10)
}

// document returns the list, without its members, as a change of the log.
func (l *AccessList) document() (fullmakt.Document, error) {
	body, err := json.Marshal(listBody{l.Name, l.Description, l.Created, l.Updated, l.Connections})
	if err != nil {
		return fullmakt.Document{}, fullmakt.Errorf(fullmakt.CodeInternal, "write the access list %s: %w", l.URN(), err)
	}
	return fullmakt.Document{Kind: fullmakt.DocumentAccessList, ID: listID(l.Owner, l.Identifier), Body: body}, nil
}

// memberDocument returns a membership as a change of the log.
func (l *AccessList) memberDocument(m Member, ended bool) (fullmakt.Document, error) {
	body, err := json.Marshal(memberBody{m.Since})
	if err != nil {
		return fullmakt.Document{}, fullmakt.Errorf(fullmakt.CodeInternal, "write a member of %s: %w", l.URN(), err)
	}
	return fullmakt.Document{Kind: fullmakt.DocumentAccessList, ID: l.memberID(m.Party), Parties: []fullmakt.PartyNo{m.Party}, Body: body, Ended: ended}, nil
}

// readList reads the document of a list.
func readList(d *fullmakt.Document, owner, identifier string) (*AccessList, error) {
	var b listBody
	if err := json.Unmarshal(d.Body, &b); err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "access list %s: %w", d.ID, err)
	}
	return &AccessList{Owner: owner, Identifier: identifier, Name: b.Name, Description: b.Description, Created: b.Created, Updated: b.Updated,
		Connections: b.Connections}, nil
}

// readMember reads the document of a member.
func readMember(d *fullmakt.Document) (Member, error) {
	var b memberBody
	if err := json.Unmarshal(d.Body, &b); err != nil || len(d.Parties) != 1 {
		return Member{}, fullmakt.Errorf(fullmakt.CodeInternal, "access list member %s cannot be read", d.ID)
	}
	return Member{Party: d.Parties[0], Since: b.Since}, nil
}
