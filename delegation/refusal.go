package delegation

import (
	"errors"
	"fmt"

	"github.com/fullmakt/fullmakt"
)

// Refusal is one thing that stands in the way of a command.
type Refusal struct {
	// Path is a JSON pointer to the offending item: what the command carries as
	// its Path, else the place in the command, such as "/items/2". "" is the
	// command as a whole.
	Path   string
	With   string // of two items that do not fit each other, a pointer to the other
	Reason fullmakt.Reason
	Rule   fullmakt.Rule // that says so; "" where none does
	Code   fullmakt.Code
	Party  fullmakt.PartyNo // whom it is about; 0 for none in particular
	// Rests lists, for ReasonRestsOnIt, what would end with it: with the cascade
	// the command would add exactly these.
	Rests []fullmakt.Change
	// Source is, for ReasonFromRegister, the feed that the role came with.
	Source  fullmakt.Source
	Message string
}

// Refused is the error of a command that changes nothing: every refusal, in the
// order of the command's items.
type Refused struct{ Refusals []Refusal }

// Error tells the first refusal and how many more there are.
func (r *Refused) Error() string {
	first := r.Refusals[0].Message
	if n := len(r.Refusals) - 1; n > 0 {
		return fmt.Sprintf("%s (and %d more)", first, n)
	}
	return first
}

// Unwrap returns the first refusal as an error with its code, so that boundaries
// map it like any other.
func (r *Refused) Unwrap() error {
	first := &r.Refusals[0]
	err := fullmakt.Errorf(first.Code, "%s", first.Message)
	switch first.Reason {
	case fullmakt.ReasonRestsOnIt:
		err = err.WithHint("repeat it with the cascade to end these as well")
	case fullmakt.ReasonFromRegister:
		err = err.WithHint("the role must be changed in Enhetsregisteret")
	case fullmakt.ReasonNotAdmin:
		err = err.WithHint("ask somebody who is access manager (tilgangsstyrer) or main administrator (hovedadministrator)")
	}
	return err
}

// Refusals returns the refusals of a command's error; none for any other error.
func Refusals(err error) []Refusal {
	var r *Refused
	if errors.As(err, &r) {
		return r.Refusals
	}
	return nil
}

// refusals gathers what stands in the way while a command is checked.
type refusals []Refusal

func (rs *refusals) add(r Refusal, format string, args ...any) {
	r.Message = fmt.Sprintf(format, args...)
	if r.Code == "" {
		r.Code = codeOf(r.Reason)
	}
	*rs = append(*rs, r)
}

// err returns the refusals as an error, nil when there are none.
func (rs refusals) err() error {
	if len(rs) == 0 {
		return nil
	}
	return &Refused{rs}
}

// codeOf returns the code of an error with a reason: what the actor lacks is
// forbidden, what the state forbids is a conflict, what is not there is not
// found, and the rest the command must say otherwise.
func codeOf(r fullmakt.Reason) fullmakt.Code {
	switch r {
	case fullmakt.ReasonUnknownParty, fullmakt.ReasonUnknownPackage, fullmakt.ReasonNoResource:
		return fullmakt.CodeNotFound
	case fullmakt.ReasonNotAdmin, fullmakt.ReasonPackageNotHeld, fullmakt.ReasonNoRelation, fullmakt.ReasonOwnRequest,
		fullmakt.ReasonNotKeyRole, fullmakt.ReasonNestingLimit, fullmakt.ReasonIKSParticipant,
		fullmakt.ReasonNotYetValid, fullmakt.ReasonExpired, fullmakt.ReasonRoleDeregistered:
		return fullmakt.CodeForbidden
	case fullmakt.ReasonRestsOnIt, fullmakt.ReasonFromRegister, fullmakt.ReasonRequestState, fullmakt.ReasonChanged,
		fullmakt.ReasonEnded, fullmakt.ReasonPartyDeleted, fullmakt.ReasonHolderDeceased:
		return fullmakt.CodeConflict
	}
	return fullmakt.CodeInvalid
}
