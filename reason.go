package fullmakt

// Reason is the code of why an answer is what it is. The texts in nb, nn and en
// are package text's.
type Reason string

// The reasons of a yes.
const (
	ReasonSelf           Reason = "self"
	ReasonRole           Reason = "held_via_role"
	ReasonGrant          Reason = "held_via_grant"
	ReasonNesting        Reason = "held_via_nesting"
	ReasonClient         Reason = "held_via_client"
	ReasonMainUnit       Reason = "held_via_main_unit"
	ReasonSoleProprietor Reason = "held_via_sole_proprietor"
	ReasonPolicy         Reason = "permitted_by_policy" // without any role, package or right
)

// The reasons of a no, in the order in which the first that applies is given.
const (
	ReasonHolderDeceased   Reason = "holder_deceased"
	ReasonPartyDeleted     Reason = "party_deleted"
	ReasonRoleDeregistered Reason = "role_deregistered"
	ReasonNotYetValid      Reason = "not_yet_valid"
	ReasonExpired          Reason = "expired"
	ReasonOrgForm          Reason = "org_form"
	ReasonIKSParticipant   Reason = "iks_participant"
	ReasonNotKeyRole       Reason = "not_key_role"
	ReasonNestingLimit     Reason = "nesting_limit"
	ReasonNotDelegable     Reason = "not_delegable"
	ReasonPackageNotHeld   Reason = "package_not_held"
	ReasonNoRelation       Reason = "no_relation"
)

// Reasons that stand outside that order.
const (
	ReasonBeforeHistory  Reason = "before_history"
	ReasonUnknownParty   Reason = "unknown_party"
	ReasonUnknownPackage Reason = "unknown_package"
	ReasonNoResource     Reason = "unknown_resource"
	ReasonWrongPartyType Reason = "wrong_party_type"
	ReasonUncertain      Reason = "uncertain_identity"
	ReasonNotAdmin       Reason = "not_administrator"
	ReasonNotAssignable  Reason = "not_assignable"
	ReasonStale          Reason = "stale"
	ReasonIndeterminate  Reason = "indeterminate"
)

// Reasons of a no about an action on a resource, beside those above.
const (
	ReasonNoRule    Reason = "no_rule"            // the policy has no rule that could permit it
	ReasonDenied    Reason = "denied_by_policy"   // the policy denies it
	ReasonNotListed Reason = "not_on_access_list" // the party is on no access list that the resource asks for
)

// Reasons why a command that gives or takes back is refused, beside those above.
const (
	ReasonToItself     Reason = "to_itself"
	ReasonReceiver     Reason = "receiver_not_allowed"
	ReasonIdentity     Reason = "identity_required"
	ReasonInterval     Reason = "invalid_interval"
	ReasonRestsOnIt    Reason = "things_rest_on_it"
	ReasonFromRegister Reason = "from_register"
	ReasonNotAgent     Reason = "not_agent"
	ReasonRequestState Reason = "request_state"
	ReasonOwnRequest   Reason = "own_request"
	ReasonChanged      Reason = "changed_since"
	ReasonEnded        Reason = "has_ended"
	ReasonIncomplete   Reason = "incomplete_command"
)

// Rule is the id of a rule of the project's rule set (docs/RULES.md). Every path
// names the rule that let it through, every near miss the one that stopped it.
type Rule string

// The rules that a path or a near miss names.
const (
	RuleSelf   Rule = "SELF"
	RuleDirect Rule = "DIRECT"
	RuleNest   Rule = "NEST"
	RuleClient Rule = "CLIENT"
	RuleSub    Rule = "SUB" // an extension
	RuleENK    Rule = "ENK" // an extension

	RuleNestLimit   Rule = "NEST-3"
	RuleNestKeyRole Rule = "NEST-4"
	RuleNestIKS     Rule = "NEST-6"
	RuleForm        Rule = "FORM-2"
	RuleLife        Rule = "LIFE-1"
	RuleTime        Rule = "TIME-1"

	RuleGive1 Rule = "GIVE-1"
	RuleGive2 Rule = "GIVE-2"
	RuleGive3 Rule = "GIVE-3"
	RuleGive4 Rule = "GIVE-4"
	RuleGive5 Rule = "GIVE-5"
	RuleGive6 Rule = "GIVE-6"

	RuleClient1 Rule = "CLIENT-1"
	RuleScope1  Rule = "SCOPE-1"
)

// denialOrder lists the reasons of a no in the order of which the first that
// applies is given (RULES, "Answers").
var denialOrder = [...]Reason{
	ReasonHolderDeceased, ReasonPartyDeleted, ReasonRoleDeregistered, ReasonNotYetValid, ReasonExpired,
	ReasonOrgForm, ReasonIKSParticipant, ReasonNotKeyRole, ReasonNestingLimit, ReasonNotDelegable,
	ReasonPackageNotHeld, ReasonNoRelation,
}

// DenialRank returns the place of r in the order of which the first reason that
// applies is given, starting at 0. Reasons outside the order come last.
func DenialRank(r Reason) int {
	for i, d := range denialOrder {
		if d == r {
			return i
		}
	}
	return len(denialOrder)
}

// StoppedBy returns the rule that a near miss with reason r ran into.
func StoppedBy(r Reason) Rule {
	switch r {
	case ReasonHolderDeceased, ReasonPartyDeleted, ReasonRoleDeregistered:
		return RuleLife
	case ReasonNotYetValid, ReasonExpired:
		return RuleTime
	case ReasonOrgForm:
		return RuleForm
	case ReasonIKSParticipant:
		return RuleNestIKS
	case ReasonNotKeyRole:
		return RuleNestKeyRole
	case ReasonNestingLimit:
		return RuleNestLimit
	case ReasonNotDelegable, ReasonNoRelation: // of a near miss, the latter is an agent relation that is gone
		return RuleClient
	}
	return ""
}
