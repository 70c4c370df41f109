package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// idKind is a way to name a party: an AuthZEN type, which is an attribute URN of
// Altinn's with the bare value as id.
type idKind uint8

const (
	otherKind idKind = iota // names no party that we know of
	orgNumberKind
	personNumberKind
	personUUIDKind
	orgUUIDKind
	partyUUIDKind
	partyIDKind
	enterpriseUserKind
	systemUserKind
)

// kindURNs are the types as answers write them.
var kindURNs = [...]string{
	orgNumberKind:      "urn:altinn:organization:identifier-no",
	personNumberKind:   "urn:altinn:person:identifier-no",
	personUUIDKind:     "urn:altinn:person:uuid",
	orgUUIDKind:        "urn:altinn:organization:uuid",
	partyUUIDKind:      "urn:altinn:party:uuid",
	partyIDKind:        "urn:altinn:partyid",
	enterpriseUserKind: "urn:altinn:enterpriseuser:uuid",
	systemUserKind:     "urn:altinn:systemuser:uuid",
}

// idKindOf reads a type: to the letter, as AuthZEN compares them. The user ids of
// Altinn's (urn:altinn:userid) are nothing the registers know, so they name nobody.
func idKindOf(typ []byte) idKind {
	switch string(typ) {
	case "urn:altinn:organization:identifier-no", "urn:altinn:organizationnumber", "org", "organization", "organisation":
		return orgNumberKind
	case "urn:altinn:person:identifier-no", "urn:altinn:ssn", "person":
		return personNumberKind
	case "urn:altinn:person:uuid":
		return personUUIDKind
	case "urn:altinn:organization:uuid":
		return orgUUIDKind
	case "urn:altinn:party:uuid":
		return partyUUIDKind
	case "urn:altinn:partyid", "urn:altinn:party:id":
		return partyIDKind
	case "urn:altinn:enterpriseuser:uuid", "enterpriseuser":
		return enterpriseUserKind
	case "urn:altinn:systemuser:uuid", "systemuser":
		return systemUserKind
	}
	return otherKind
}

// names reports whether parties of a kind can be named this way.
func (k idKind) names(kind fullmakt.PartyKind) bool {
	switch k {
	case orgNumberKind, orgUUIDKind:
		return kind == fullmakt.KindOrganisation
	case personNumberKind, personUUIDKind:
		return kind == fullmakt.KindPerson
	case enterpriseUserKind:
		return kind == fullmakt.KindEnterpriseUser
	case systemUserKind:
		return kind == fullmakt.KindSystemUser
	case partyUUIDKind, partyIDKind:
		return kind != fullmakt.KindUnknown
	}
	return false
}

// byUUID reports whether ids of this kind are UUIDs.
func (k idKind) byUUID() bool {
	switch k {
	case personUUIDKind, orgUUIDKind, partyUUIDKind, enterpriseUserKind, systemUserKind:
		return true
	}
	return false
}

// findParty returns the party that an id names, or 0 when nobody is known by it.
// Ids are read strictly, so that one party has one spelling: no blanks, no
// separators, ASCII digits only.
func (s *Server) findParty(ctx context.Context, snap *index.Snapshot, kind idKind, id []byte) (fullmakt.PartyNo, error) {
	var p fullmakt.PartyNo
	switch {
	case kind == orgNumberKind && len(id) == 9 && allDigits(id):
		n, err := strconv.ParseUint(string(id), 10, 32)
		if number := fullmakt.OrgNumber(n); err == nil && number.Valid() {
			p = snap.Organisation(number)
		}
	case kind == personNumberKind && len(id) == 11 && allDigits(id):
		n, err := strconv.ParseUint(string(id), 10, 64)
		if number := fullmakt.NationalID(n); err == nil && number.Valid() {
			p = snap.Person(number)
		}
	case kind == partyIDKind && len(id) > 0 && len(id) <= 10 && id[0] != '0' && allDigits(id):
		if n, err := strconv.ParseUint(string(id), 10, 32); err == nil {
			p = fullmakt.PartyNo(n)
		}
	case kind.byUUID() && len(id) == 36:
		u, err := fullmakt.ParseUUID(string(id))
		if err != nil {
			return 0, nil
		}
		party, ok, err := s.node.Store().PartyByUUID(ctx, u)
		if err != nil {
			return 0, err
		}
		if ok {
			p = party.No
		}
	}
	if p == 0 || !kind.names(snap.Kind(p)) {
		return 0, nil
	}
	return p, nil
}

func allDigits(id []byte) bool {
	for _, b := range id {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}

// act is what an action name means: a package or a role.
type act struct {
	pkg  catalogue.PackageID
	role catalogue.RoleID
}

// findAct returns what an action name means: a package by any of its names, or
// else a role by its URN, its code in the register (DAGL) or at Altinn
// (daglig-leder). A bare role code must be written to the letter: READ and SIGN are
// roles, read and sign what people do. The register's own codes that the catalogue
// lacks are roles too. It reports false for a name of neither.
func findAct(snap *index.Snapshot, name []byte) (act, bool) {
	cat := snap.Catalogue()
	text := string(name)
	if pkg, ok := cat.PackageID(text); ok {
		return act{pkg: pkg}, true
	}
	role := snap.RoleID(fullmakt.RoleCode(text))
	if role == 0 {
		return act{}, false
	}
	if r := cat.Role(role); r != nil && text != string(r.Code) && text != r.AltinnCode && !strings.HasPrefix(strings.ToLower(text), "urn:") {
		return act{}, false
	}
	return act{pkg: catalogue.NoPackage, role: role}, true
}

// code is the action as the log of look-ups writes it.
func (a act) code(snap *index.Snapshot) string {
	if a.role != 0 {
		return string(snap.RoleCode(a.role))
	}
	return snap.Catalogue().Package(a.pkg).Code
}

// name is the action as answers write it.
func (a act) name(snap *index.Snapshot) string {
	if a.role == 0 {
		return snap.Catalogue().Package(a.pkg).URN
	}
	if r := snap.Catalogue().Role(a.role); r != nil && r.URN != "" {
		return r.URN
	}
	return string(snap.RoleCode(a.role))
}
