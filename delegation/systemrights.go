package delegation

import (
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/registry"
)

// SystemRight is what a vendor asks for of a resource: one action on it, or with no
// action every right to it that a role or an access package opens by itself. What
// takes more than that, such as being the service's owner, is nobody's to give.
type SystemRight struct {
	Resource string `json:"resource"` // its id
	Action   string `json:"action,omitempty"`
}

// String returns the right as commands write it: "RESOURCE" or "RESOURCE:ACTION".
func (r SystemRight) String() string {
	if r.Action == "" {
		return r.Resource
	}
	return r.Resource + ":" + r.Action
}

// ParseSystemRight reads what String writes. A resource's id has no colon.
func ParseSystemRight(text string) (SystemRight, error) {
	resource, action, cut := strings.Cut(text, ":")
	if resource == "" || cut && action == "" {
		return SystemRight{}, fullmakt.Errorf(fullmakt.CodeInvalid, "a right is written RESOURCE or RESOURCE:ACTION, and not %q", clip(text))
	}
	return SystemRight{resource, action}, nil
}

// covers reports whether whoever may ask for r may ask for another as well.
func (r SystemRight) covers(other SystemRight) bool {
	return r.Resource == other.Resource && (r.Action == "" || strings.EqualFold(r.Action, other.Action))
}

// keysOf returns the keys of the rights that r stands for, and writes its resource
// as the registry does. What is nothing that can be given is a refusal.
func (a *Acting) keysOf(rs *refusals, r *SystemRight, path string) (keys []string) {
	id, rights := a.rightsTo(r.Resource)
	if id == "" {
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonNoResource}, "there is no such resource with a policy")
		return nil
	}
	r.Resource = id
	for _, right := range rights {
		if (r.Action == "" || strings.EqualFold(r.Action, right.Action.Value)) && a.openable(&right) {
			keys = append(keys, right.Key)
		}
	}
	if len(keys) == 0 {
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonNotDelegable, Rule: fullmakt.RuleGive1}, "no role or access package opens such a right to %s by itself", r.Resource)
	}
	return keys
}

func (a *Acting) rightsTo(resource string) (id string, rights []registry.Right) {
	if a.RightsTo == nil {
		return "", nil
	}
	return a.RightsTo(resource)
}

// openable reports whether a role or an access package opens a right by itself.
func (a *Acting) openable(right *registry.Right) bool {
	return slices.ContainsFunc(right.Subjects, func(subject []registry.Attribute) bool {
		if len(subject) != 1 {
			return false
		}
		p, role := a.subject(subject[0])
		return p != catalogue.NoPackage || role != 0
	})
}

// matches reports whether a grant is of a right that r stands for.
func (a *Acting) matches(r SystemRight, g fullmakt.Grant) bool {
	if g.Resource == "" || !strings.EqualFold(g.Resource, r.Resource) {
		return false
	}
	_, rights := a.rightsTo(r.Resource)
	return r.Action == "" || slices.ContainsFunc(rights, func(right registry.Right) bool {
		return right.Key == g.Right && strings.EqualFold(right.Action.Value, r.Action)
	})
}

// givableToSystems checks that a right of an organisation's may be given to a
// system user by anybody at all.
func (a *Acting) givableToSystems(rs *refusals, owner fullmakt.PartyNo, r *SystemRight, path string) {
	for _, key := range a.keysOf(rs, r, path) {
		answer := a.right(RightQuestion{Actor: Operator, From: owner, Resource: r.Resource, Right: key, At: a.At})
		if !answer.Give {
			rs.add(Refusal{Path: path, Reason: answer.Reason, Rule: answer.Rule, Party: owner}, "%s cannot be given: %s", r, answer.Reason)
			return
		}
	}
}
