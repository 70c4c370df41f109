package catalogue

import "github.com/fullmakt/fullmakt"

// Group is a set of areas (områdegruppe) for one kind of party.
type Group struct {
	Code       string
	UUID       string
	EntityType fullmakt.PartyKind
	Names      Names
	Source     string // an id among Sources
}

// Source tells where facts of the catalogue come from.
type Source struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Publisher string `json:"publisher"`
	Date      string `json:"date"` // year, month or day of the state it describes
	file      string
}

// Area is an area of authority (fullmaktsområde).
type Area struct {
	Code       string // the last part of the URN: integrasjoner
	URN        string // accesspackage:area:integrasjoner
	UUID       string
	Group      string // a Group's Code
	EntityType fullmakt.PartyKind
	Names      Names
	Texts      Names // one sentence
	Valid      Validity
	Source     string
}

// Package is an access package (tilgangspakke).
type Package struct {
	ID           PackageID
	Code         string   // our name for it: delegerbare-maskinporten-scopes
	URN          string   // with our name
	AltinnURN    string   // as Altinn writes it today; equals URN unless the seeds' name is another
	Aliases      []string // other bare names it answers to
	UUID         string
	Area         string // an Area's Code
	EntityType   fullmakt.PartyKind
	Provider     string
	Assignable   bool // may be given to another party (GIVE-1)
	Delegable    bool // may be passed to an agent (rule CLIENT)
	ServiceOwner bool // service owners may build on it
	Names        Names
	Texts        Names // one sentence
	Valid        Validity
	Source       string
}

// RoleID numbers the roles of one catalogue from 1. 0 is no role, or one that
// the catalogue does not know.
type RoleID uint16

// Role is a role that a party may have at another, or have mapped to it.
type Role struct {
	ID           RoleID
	Code         fullmakt.RoleCode // the register's code in upper case, else Altinn's code
	AltinnCode   string            // daglig-leder
	URN          string            // urn:altinn:external-role:ccr:daglig-leder
	LegacyURN    string            // urn:altinn:rolecode:dagl, or ""
	Aliases      []string
	UUID         string
	Provider     string             // sys-ccr is Enhetsregisteret
	EntityType   fullmakt.PartyKind // the kind of party that the role is had at
	Key          bool               // a key role (nøkkelrolle): it opens the hop of rule NEST
	Assignable   bool
	ServiceOwner bool
	Names        Names
	Valid        Validity
	Source       string
}

// Mapping is one row of the catalogue: Role gives Package. Role, package and form
// are its identity; at one time there is at most one.
type Mapping struct {
	Role     RoleID
	Package  PackageID
	Form     FormID // the only organisation form it holds for; 0 = any (rule FORM-2)
	Access   bool   // hasAccess: may use
	Delegate bool   // canDelegate: may give (GIVE-1, GIVE-2)
	Assign   bool   // canAssign; shown, decides nothing
	Valid    Validity
	Source   string
}

// RoleMap says that who has role Has also has role Gets (rule ROLE: one step).
type RoleMap struct {
	Has, Gets RoleID
	Valid     Validity
	Source    string
}

// FormID numbers the organisation forms of one catalogue from 1. 0 is a form the
// catalogue does not know; in a Mapping it is any form.
type FormID uint8

// Form is an organisation form, or a variant of another kind of party.
type Form struct {
	ID   FormID
	Code fullmakt.OrgForm
	UUID string
	// Entity is the kind of party: organisation, person, system_user,
	// enterprise_user, self_identified or internal.
	Entity  string
	SubUnit bool // a sub-unit (underenhet), which takes its main unit's authority (rule SUB)
	// Business marks forms whose units do business (næringsdrivende) by their
	// nature. The others are left out of lists of what a person holds unless the
	// purpose allows them (rule PRIV-1); forms that do not settle it by themselves,
	// such as foundations and housing co-operatives, count among the others.
	Business bool
	// Roles are the codes of the roles that occur at units of this form, as
	// Altinn publishes them; empty where nothing is published. They decide
	// nothing.
	Roles  []fullmakt.RoleCode
	Names  Names
	Valid  Validity
	Source string
}

// Derivation is a role that follows from another when the organisation has a form
// (rule FORM-1): From KONT and Form NUF give To KNUF.
type Derivation struct {
	From   RoleID
	Form   FormID
	To     RoleID
	Valid  Validity
	Source string
}
