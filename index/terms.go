package index

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// Terms are the ids, in one catalogue, of the codes that rules name.
type Terms struct {
	ENK, IKS                                catalogue.FormID
	DTPR, INNH, REGN, REVI, Private         catalogue.RoleID
	AccessManager, MainAdministrator        catalogue.PackageID // tilgangsstyrer, hovedadministrator
	ClientAdministrator, ScopeAdministrator catalogue.PackageID // klientadministrator, maskinporten-administrator
	ECKEY                                   catalogue.RoleID
}

// Packages that rules name.
const (
	packageAccessManager       = "tilgangsstyrer"
	packageMainAdministrator   = "hovedadministrator"
	packageClientAdministrator = "klientadministrator"
	packageScopeAdministrator  = "maskinporten-administrator"
)

func newTerms(c *catalogue.Catalogue) *Terms {
	pkg := func(code string) catalogue.PackageID {
		if p, ok := c.FindPackage(code); ok {
			return p.ID
		}
		return catalogue.NoPackage
	}
	return &Terms{
		ENK: c.FormID(fullmakt.FormENK), IKS: c.FormID(fullmakt.FormIKS),
		DTPR: c.RoleID(fullmakt.DTPR), INNH: c.RoleID(fullmakt.INNH),
		REGN: c.RoleID(fullmakt.REGN), REVI: c.RoleID(fullmakt.REVI),
		Private: c.RoleID(fullmakt.PrivatePerson), ECKEY: c.RoleID(fullmakt.ECKEY),
		AccessManager: pkg(packageAccessManager), MainAdministrator: pkg(packageMainAdministrator),
		ClientAdministrator: pkg(packageClientAdministrator), ScopeAdministrator: pkg(packageScopeAdministrator),
	}
}

// Terms returns the ids of the codes that rules name.
func (s *Snapshot) Terms() *Terms { return s.terms }

// RoleEdge returns an edge that no register delivered: the one by which a person
// holds the role privatperson for itself (rule SELF).
func RoleEdge(p fullmakt.PartyNo, r catalogue.RoleID) Edge {
	return Edge{Party: p, bits: uint16(r)}
}
