package registry

import (
	"strings"

	"github.com/fullmakt/fullmakt"
)

// Author is who changes the registry: a service owner, by its code, its
// organisation number or both, or the operator, who may change everything.
type Author struct {
	Code         string
	Organisation fullmakt.OrgNumber
	Operator     bool
}

// Operator is the author who may change everything.
var Operator = Author{Operator: true}

// owns tells why the author may not change a resource of this owner; nil when it
// may. A code names an owner for sure. Somebody who is known by organisation number alone
// owns what carries its number, unless the code beside it is another's already.
func (v *View) owns(by Author, owner CompetentAuthority) error {
	if by.Operator {
		return nil
	}
	if by.Code != "" {
		if strings.EqualFold(by.Code, owner.Orgcode) {
			return nil
		}
		return notOwner("hasCompetentAuthority.orgcode is " + owner.Orgcode + ", and the token is " + strings.ToLower(by.Code) + "'s")
	}
	if by.Organisation == 0 {
		return notOwner("the token names no organisation")
	}
	if by.Organisation.String() != owner.Organization {
		return notOwner("hasCompetentAuthority.organization is " + owner.Organization + ", and the token is another's")
	}
	if known := v.OwnerNumber(owner.Orgcode); known != "" && known != owner.Organization {
		return notOwner("the code " + owner.Orgcode + " belongs to " + known)
	}
	return nil
}

// OwnsLists tells why the author may not see and change the access lists of a
// service owner; nil when it may.
func (v *View) OwnsLists(by Author, owner string) error {
	return v.owns(by, CompetentAuthority{Orgcode: owner, Organization: v.OwnerNumber(owner)})
}

func notOwner(why string) error {
	return fullmakt.Errorf(fullmakt.CodeForbidden, "only who owns it may do this: %s", why)
}
