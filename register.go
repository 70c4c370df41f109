package fullmakt

// RegisterChange is what one record of a register feed says about one unit. It
// names parties as the feed does; the node turns it into log changes. A field
// speaks only when its Has bit is set: what a feed leaves out stays as it was.
type RegisterChange struct {
	Source Source
	Org    OrgNumber
	Has    RegisterFields

	Name      string    // HasName
	Form      OrgForm   // HasForm
	Parent    OrgNumber // HasParent; 0 says "no parent"
	State     OrgState  // HasState; never Stub
	DeletedOn Date      // HasState, or HasStateBits with Deleted in StateSet
	// StateSet and StateClear say what a feed knows of single states
	// (HasStateBits): the first are entered, the second left, all others stay.
	// See NextState.
	StateSet, StateClear OrgState
	// ReplacedBy is the surviving unit when this one was deleted as a
	// duplicate or merged (CCR: S with DUBL or SMSL); 0 otherwise. The report
	// of the import lists it; it is not stored and carries no authority over.
	ReplacedBy OrgNumber

	// Roles is the unit's whole role set (HasRoles), replacing every role.
	Roles []RegisterRole
	// Families replace the role set family by family (HasFamilies), as CCR does.
	Families []RegisterFamily

	// Where tells where in the feed the record stood, for messages.
	Where string
}

// RegisterFields tells which fields of a RegisterChange speak.
type RegisterFields uint16

// The fields. HasGone says that the unit was removed for legal reasons and must
// be purged; no other field speaks then.
const (
	HasName RegisterFields = 1 << iota
	HasForm
	HasParent
	HasState
	HasRoles
	HasFamilies
	HasGone
	HasStateBits
)

// NextState returns the state and the deletion date of the unit after c, when
// it was in state before and deleted on the date deletedOn. A unit that the feed
// speaks of is no Stub any more, and one that is not deleted has no date.
func (c *RegisterChange) NextState(before OrgState, deletedOn Date) (OrgState, Date) {
	after := before &^ Stub
	if c.Has&HasState != 0 {
		after, deletedOn = c.State, c.DeletedOn
	}
	if c.Has&HasStateBits != 0 {
		after = (after | c.StateSet) &^ c.StateClear
		if c.StateSet&Deleted != 0 {
			deletedOn = c.DeletedOn
		}
	}
	if after&Deleted == 0 {
		deletedOn = 0
	}
	return after, deletedOn
}

// RegisterRole is one role as a feed states it.
type RegisterRole struct {
	Code       RoleCode
	Holder     PartyID
	HolderName string
	Ended      bool // avregistrert or fratraadt
	HolderDead bool // erDoed, or person status D
	// HolderDeleted tells that the holding organisation is deleted (erSlettet).
	// Deleted units are in no bulk file, so it may be all that is known of it.
	HolderDeleted bool
	Since         Date // the date of the role's group
}

// RegisterFamily changes the roles of one family (samendring), such as STYR with
// LEDE, NEST, MEDL, VARA and OBS. With Replace set, Roles become the family's
// whole set; otherwise only the roles in Removed (by code and holder) end.
type RegisterFamily struct {
	Code    string     // the family's code: STYR, DAGL, REGN
	Members []RoleCode // every role code of the family
	Replace bool
	Roles   []RegisterRole
	Removed []RegisterRole
}
