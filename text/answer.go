package text

import (
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// Answer is a decision with its explanation, all party numbers resolved to
// names and all catalogue numbers to entries: what the engine found, ready to be
// told. The caller masks identity numbers before they come here.
type Answer struct {
	Subject, For Party
	Package      *catalogue.Package // nil when the question names none
	Role         *Role              // nil when the question names none
	Right        Right              // zero when the question names none

	Allowed, MayGive, Uncertain bool
	Reason                      fullmakt.Reason
	GiveRule                    fullmakt.Rule   // the rule that lets S give; "" for none
	GiveReason                  fullmakt.Reason // why S may not give; "" when it may or no package is named

	Paths      []Path
	NearMisses []Path // those with Reason set
	Remedies   []Remedy

	At          time.Time // the time asked about
	Revision    fullmakt.Seq
	ImportedAt  time.Time // zero when no register was imported
	Catalogue   string    // digest of the catalogue that was used
	Stale       string    // why the register is behind; "" when it is not
	HistoryFrom time.Time // when history begins, with ReasonBeforeHistory
}

// Party is a party as it is shown.
type Party struct {
	No        fullmakt.PartyNo
	Kind      fullmakt.PartyKind
	ID        string // organisation number, identity number (masked unless it may be shown), birth date, USER@NUMBER
	Name      string
	Form      fullmakt.OrgForm
	State     fullmakt.OrgState
	Uncertain bool // known from open data only (rule OPEN-1)
}

// StateKnown reports whether an organisation was looked at, and not only its name
// found: one that was has a form, or a state that says why not.
func (p Party) StateKnown() bool { return p.Form != "" || p.State != 0 }

// Role is a role as it is shown. A code that the catalogue does not know has its
// code for a name.
type Role struct {
	Code  fullmakt.RoleCode
	Names catalogue.Names
}

// Right is a single right to a resource, by the resource's id and the right's key.
type Right struct{ Resource, Right string }

// The kinds of a step.
const (
	StepRole   = "role"
	StepECKEY  = "eckey"
	StepGrant  = "grant"
	StepClient = "client" // at a provider, of its agent
	StepAgent  = "agent"  // likewise
)

// Step is one link of a path: Holder holds something at At.
type Step struct {
	Kind       string // one of the Step constants
	At, Holder Party
	Role       *Role              // a role step
	Derived    bool               // the role follows from another by rule FORM-1
	Package    *catalogue.Package // a grant of a package, or a client delegation
	Right      Right              // a grant of a single right
	Since      fullmakt.Date
	Source     fullmakt.Source
	Valid      fullmakt.Interval
}

// Path is a permitting path, or with Reason set a near miss and the rule that
// stopped it.
type Path struct {
	Rule      fullmakt.Rule   // of a near miss: the rule that stopped it
	Base      fullmakt.Rule   // SELF, DIRECT, NEST or CLIENT
	Extension fullmakt.Rule   // SUB, ENK or ""
	Via       Party           // the main unit or the sole proprietorship of the extension
	Steps     []Step          // from the party acted for towards the subject
	Give      bool            // what the path gives may be given on, by an administrator
	Reason    fullmakt.Reason // of a near miss
}

// The kinds of a remedy.
const (
	RemedyGrant    = "grant"
	RemedyECKEY    = "eckey"
	RemedyClient   = "client"
	RemedyAgent    = "agent"
	RemedyRegister = "register"
)

// Remedy is something that would turn a no into a yes.
type Remedy struct {
	Kind     string // one of the Remedy constants
	From, To Party
	Client   Party   // of the remedies client and agent: whose authority it is about
	Roles    []*Role // of a register remedy: the roles that would do
	By       []Party // who may do it
	Command  string  // the command that does it, or "" when there is none
}
