package world

import (
	"github.com/fullmakt/fullmakt"
)

// World is a world file, read and checked whole. Every party that a field names
// is declared in the file; every package and role is the catalogue's own code.
type World struct {
	Name    string // the file's name, as the caller gave it
	Comment string // the text before the first section

	// Register has one change per organisation, in the file's order, with
	// source SourceWorld and the whole unit: name, form, parent, state, roles.
	Register []fullmakt.RegisterChange
	// OpenData is what open data states about some of those units: one change
	// for each, in the file's order, with source SourceOpenData and the whole
	// role set, which is never empty. It is brought over Register by the merge
	// that imports use (rule SRC-1), so Changes and Facts leave it out.
	OpenData        []fullmakt.RegisterChange
	Persons         []Person
	EnterpriseUsers []EnterpriseUser
	SystemUsers     []SystemUser
	Grants          []Grant // packages, single rights and ECKEY
	Agents          []Agent
	Delegations     []ClientDelegation
	ScopeGrants     []ScopeGrant

	// Files are the resources, policies and access lists, in the file's order.
	Files []File

	Questions []Question
}

// File is a file of the registry of resources that a world carries: a section
// resource/ID.json, policy/ID.xml or access-list/OWNER/ID.json. Package registry
// reads it.
type File struct {
	Path string
	Line int // of the world's file, where the section's first line stands
	Data []byte
}

// Person is a person of a world.
type Person struct {
	ID    fullmakt.PartyID
	Name  string
	Dead  bool
	Where string // file:line
}

// EnterpriseUser is an enterprise user (virksomhetsbruker) of a world. Its name
// is its user name; ID.Org is its owner.
type EnterpriseUser struct {
	ID    fullmakt.PartyID
	Name  string
	Ended bool
	Where string // file:line
}

// SystemUser is a system user (systembruker) of a world. Its name is its system
// and its reference there with a slash between; ID.Org is its owner.
type SystemUser struct {
	ID    fullmakt.PartyID
	Name  string
	Agent bool // an agent system user, which may be an agent of its owner
	Ended bool
	Where string // file:line
}

// Agent is the relation by which an agent may get packages for a provider's
// clients.
type Agent struct {
	Provider, Agent fullmakt.PartyID
	GivenBy         fullmakt.PartyID // zero when the file does not say
	Ended           bool
	Where           string // file:line
}

// ClientDelegation is a package that a provider lets an agent use for a client.
type ClientDelegation struct {
	Provider, Client, Agent fullmakt.PartyID
	Package                 string            // catalogue code
	Role                    fullmakt.RoleCode // of the provider's at the client; "" over a grant of the package
	GivenBy                 fullmakt.PartyID  // zero when the file does not say
	Ended                   bool
	Where                   string // file:line
}

// ScopeGrant is the Maskinporten scopes of a scheme that an organisation lets
// another use.
type ScopeGrant struct {
	From, To fullmakt.PartyID
	Scheme   string // the scheme's resource id
	Valid    fullmakt.Interval
	GivenBy  fullmakt.PartyID // zero when the file does not say
	Revoked  bool
	Where    string // file:line
}

// Grant is a package, a single right, or the key role ECKEY, that From gives to To.
type Grant struct {
	From, To fullmakt.PartyID
	Package  string            // catalogue code, or ""
	Role     fullmakt.RoleCode // ECKEY, or ""
	Resource string            // id of the resource of a single right, or ""
	Right    string            // the right to it, or ""
	Valid    fullmakt.Interval
	GivenBy  fullmakt.PartyID // zero when the file does not say
	Revoked  bool
	Where    string // file:line
}

// QuestionKind tells what a question asks.
type QuestionKind uint8

// The kinds of question.
const (
	Check   QuestionKind = iota // may Subject act on behalf of For
	ListBy                      // whom Subject may act for
	ListFor                     // who may act for For
)

// Question is one question of a world and the answer that its file expects.
type Question struct {
	Kind    QuestionKind
	Subject fullmakt.PartyID // Check, ListBy
	For     fullmakt.PartyID // Check, ListFor

	Package      string            // catalogue code; "" names none
	Role         fullmakt.RoleCode // "" names none
	Resource     string            // of a single right; "" names none
	Right        string            // likewise
	Rule         fullmakt.Rule     // lists only; "" filters nothing
	BusinessOnly bool              // lists only
	At           int64             // Unix seconds; 0 is the time of the run

	Want        Answer             // Check
	WantParties []fullmakt.PartyID // ListBy, ListFor: exactly these, in no order

	Text  string // the line as it was written, without comment
	Where string // file:line
}

// Expectation is what an answer says about something that is true or false.
type Expectation uint8

// The expectations. The zero value compares nothing.
const (
	Unstated Expectation = iota
	Yes
	No
)

// Answer is what a check is expected to answer. Only what the file states is
// compared.
type Answer struct {
	Allowed bool
	Reason  fullmakt.Reason // "" is not compared

	Give       Expectation
	GiveRule   fullmakt.Rule   // why it may be given; "" is not compared
	GiveReason fullmakt.Reason // why it may not; "" is not compared

	HasPaths  bool // Paths are all permitting paths, each as often as it stands there
	Paths     []PathKind
	HasMisses bool // Misses are the reasons of all near misses, each once
	Misses    []fullmakt.Reason

	State     string // of For, as OrgState writes it; "" is not compared
	Uncertain Expectation
}

// PathKind is a path's base and extension, written "NEST" or "NEST+SUB".
type PathKind struct {
	Base, Extension fullmakt.Rule
}

// String writes the kind as world files do.
func (k PathKind) String() string {
	if k.Extension == "" {
		return string(k.Base)
	}
	return string(k.Base) + "+" + string(k.Extension)
}
