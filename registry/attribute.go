package registry

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Attribute is an attribute that a policy or a request names, with its value.
type Attribute struct {
	ID, Value string
}

// URN returns id and value in one, in lower case.
func (a Attribute) URN() string { return strings.ToLower(a.ID + ":" + a.Value) }

// folded returns the attribute as two are compared: in lower case.
func (a Attribute) folded() Attribute {
	return Attribute{strings.ToLower(a.ID), strings.ToLower(a.Value)}
}

// ParseSubject reads the URN of a subject of policies: of a role, a package or
// another attribute whose value has no colon in it.
func ParseSubject(urn string) (Attribute, bool) {
	i := strings.LastIndexByte(urn, ':')
	if i <= 0 || i == len(urn)-1 {
		return Attribute{}, false
	}
	return Attribute{urn[:i], urn[i+1:]}.folded(), true
}

// canonical returns attributes that name a resource in one form: an app that is
// named by owner and name becomes a resource of its own.
func canonical(list []Attribute) []Attribute {
	var org, app string
	out := make([]Attribute, 0, len(list))
	for _, a := range list {
		switch a := a.folded(); a.ID {
		case AttributeOrg:
			org = a.Value
		case AttributeApp:
			app = a.Value
		default:
			out = append(out, a)
		}
	}
	switch {
	case org != "" && app != "":
		out = append(out, Attribute{AttributeResource, AppResource(org, app)})
	case org != "":
		out = append(out, Attribute{AttributeOrg, org})
	case app != "":
		out = append(out, Attribute{AttributeApp, app})
	}
	slices.SortFunc(out, func(a, b Attribute) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(a.Value, b.Value))
	})
	return slices.Compact(out)
}

// RightKey returns the key of the right to do an action on a resource, as Altinn
// computes it: "01" and the SHA-256 of the attributes, which are written id:value
// in lower case, sorted, and joined with colons.
func RightKey(resource []Attribute, action Attribute) string {
	var b strings.Builder
	for _, a := range canonical(resource) {
		b.WriteString(a.URN())
		b.WriteByte(':')
	}
	b.WriteString(action.URN())
	sum := sha256.Sum256([]byte(b.String()))
	return "01" + hex.EncodeToString(sum[:])
}
