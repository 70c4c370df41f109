package fullmakt

// Grant is one version of authority that From gives to To: a package, one right
// to a resource, or to an enterprise user of From the key role ECKEY. Who gives,
// who receives and what is given, of which just one is set, are the grant's
// identity; a later version replaces the earlier.
type Grant struct {
	From, To PartyNo
	Package  string   // the package's catalogue code
	Role     RoleCode // ECKEY
	Resource string   // id of a resource, with Right
	Right    string   // the key of the right to it
	Valid    Interval
	GivenBy  PartyNo // who gave it; 0 for the operator
	Basis    string  // why GivenBy could give it: a rule and a reason, such as "GIVE-1 held_via_nesting" (rule GIVE-4)
	Ended    bool
	Cause    Cause // why it ended
}

// Agent is one version of the relation by which an agent, a person or an agent
// system user, may get packages that Provider holds for its clients (rule
// CLIENT-1). The two parties are its identity.
type Agent struct {
	Provider, Agent PartyNo
	GivenBy         PartyNo
	Since           int64 // when it was added, Unix seconds
	Ended           bool
	Cause           Cause
}

// ClientDelegation is one version of the authority that Provider lets Agent use
// for Client: one package over one basis, which is a register role of the
// provider's at the client, or with no Role a grant of the package (rule CLIENT).
// All but GivenBy, Ended and Cause is its identity.
type ClientDelegation struct {
	Provider, Client, Agent PartyNo
	Package                 string
	Role                    RoleCode
	GivenBy                 PartyNo
	Ended                   bool
	Cause                   Cause
}

// ScopeGrant is one version of the scopes that organisation From lets
// organisation To use: those of a scheme, which is a resource in the registry
// (rule SCOPE-1). The two parties and the scheme are its identity.
type ScopeGrant struct {
	From, To PartyNo
	Scheme   string // the scheme's resource id
	Since    int64  // when it was given, Unix seconds
	Valid    Interval
	GivenBy  PartyNo
	Basis    string // as Grant.Basis
	Ended    bool
	Cause    Cause
}

// SystemUser is one version of a system user (systembruker). An agent system user
// may be an agent of its owner, and is given no packages itself; a standard one
// is the other way round.
type SystemUser struct {
	Party PartyNo
	Owner PartyNo // the organisation that it belongs to
	Agent bool
	Ended bool
}

// Cause is why a grant, an agent relation or a delegation ended.
type Cause uint8

// The causes.
const (
	CauseNone      Cause = iota
	CauseRevoked         // somebody on the giver's side took it back
	CauseRenounced       // somebody on the receiver's side gave it up
	CauseCascade         // it rested on something that was taken back
	CauseExpired         // its last day passed
	CauseRegister        // a register change took away what it rested on (rules GIVE-6 and LIFE-1)
)

var causeNames = [...]string{"", "revoked", "renounced", "cascade", "expired", "register"}

// String returns the cause as the JSON answers write it; "" for none.
func (c Cause) String() string {
	if int(c) < len(causeNames) {
		return causeNames[c]
	}
	return causeNames[0]
}
