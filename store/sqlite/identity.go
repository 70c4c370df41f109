package sqlite

import (
	"encoding/binary"
	"hash/fnv"

	"github.com/fullmakt/fullmakt"
)

// The first byte of an encoded identity.
const (
	tagPerson     = 1 // uvarint identity number
	tagOpenPerson = 2 // varint birth date, then the folded name
	tagUser       = 3 // uvarint owner's organisation number, then the folded user name
	tagSystem     = 4 // the same for a system user
)

// appendIdentity encodes the identity of a party that is not an organisation.
// Equal identities have equal encodings: the look-up hash is made of it.
func appendIdentity(b []byte, id fullmakt.PartyID) []byte {
	switch {
	case id.Kind == fullmakt.KindEnterpriseUser:
		return append(binary.AppendUvarint(append(b, tagUser), uint64(id.Org)), id.Name...)
	case id.Kind == fullmakt.KindSystemUser:
		return append(binary.AppendUvarint(append(b, tagSystem), uint64(id.Org)), id.Name...)
	case id.Person != 0:
		return binary.AppendUvarint(append(b, tagPerson), uint64(id.Person))
	}
	return append(binary.AppendVarint(append(b, tagOpenPerson), int64(id.Born)), id.Name...)
}

// parseIdentity reads what appendIdentity wrote.
func parseIdentity(b []byte) (id fullmakt.PartyID, ok bool) {
	if len(b) < 2 {
		return id, false
	}
	tag, b := b[0], b[1:]
	if tag == tagOpenPerson {
		born, n := binary.Varint(b)
		if n <= 0 {
			return id, false
		}
		return fullmakt.PartyID{Kind: fullmakt.KindPerson, Born: fullmakt.Date(born), Name: string(b[n:])}, true
	}
	number, n := binary.Uvarint(b)
	if n <= 0 {
		return id, false
	}
	switch tag {
	case tagPerson:
		return fullmakt.PersonID(fullmakt.NationalID(number)), n == len(b)
	case tagUser:
		return fullmakt.PartyID{Kind: fullmakt.KindEnterpriseUser, Org: fullmakt.OrgNumber(number), Name: string(b[n:])}, true
	case tagSystem:
		return fullmakt.PartyID{Kind: fullmakt.KindSystemUser, Org: fullmakt.OrgNumber(number), Name: string(b[n:])}, true
	}
	return id, false
}

// checkIdentity tells what is wrong with a party's identity, or "". It never
// repeats the identity.
func checkIdentity(id fullmakt.PartyID) string {
	switch id.Kind {
	case fullmakt.KindOrganisation:
		if id.Org == 0 {
			return "an organisation needs an organisation number"
		}
		if id.Person != 0 || id.Born != 0 || id.Name != "" {
			return "an organisation is identified by its organisation number alone"
		}
	case fullmakt.KindPerson:
		if id.Org != 0 {
			return "a person has no organisation number"
		}
		if id.Person != 0 && (id.Born != 0 || id.Name != "") {
			return "a person with an identity number is identified by that alone"
		}
		if id.Person == 0 && id.Name == "" {
			return "a person needs an identity number, or a birth date and a name"
		}
	case fullmakt.KindEnterpriseUser, fullmakt.KindSystemUser:
		if id.Org == 0 || id.Name == "" {
			return "a user needs its owner's organisation number and a name"
		}
		if id.Person != 0 || id.Born != 0 {
			return "a user is identified by its owner and name alone"
		}
	default:
		return "the kind is not known"
	}
	return ""
}

// bound is what an encrypted identity is bound to, so that it cannot be moved to
// another party's row.
func bound(no fullmakt.PartyNo) []byte {
	return binary.BigEndian.AppendUint32([]byte("party"), uint32(no))
}

func (s *secrets) seal(no fullmakt.PartyNo, encoded []byte) []byte {
	return s.aead.Seal(nil, nil, encoded, bound(no))
}

func (s *secrets) open(no fullmakt.PartyNo, sealed []byte) (fullmakt.PartyID, error) {
	encoded, err := s.aead.Open(nil, nil, sealed, bound(no))
	if err != nil {
		return fullmakt.PartyID{}, fullmakt.Errorf(fullmakt.CodeUnavailable, "party %d: the stored identity does not decrypt", no).
			WithHint("%s", doctorHint)
	}
	id, ok := parseIdentity(encoded)
	if !ok {
		return fullmakt.PartyID{}, fullmakt.Errorf(fullmakt.CodeUnavailable, "party %d: the stored identity cannot be read", no).
			WithHint("%s", doctorHint)
	}
	return id, nil
}

// nameHash is the 32-bit hash under which a folded name is found.
func nameHash(folded string) int64 {
	h := fnv.New32a()
	h.Write([]byte(folded))
	return int64(h.Sum32())
}
