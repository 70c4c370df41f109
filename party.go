package fullmakt

import (
	"unicode"
	"unicode/utf8"
)

// PartyNo is the permanent number the store gives a party (part) at first sight:
// dense, starting at 1, never reused. It is also the Altinn party id. The zero
// value means "nobody".
type PartyNo uint32

// PartyKind tells what a party is.
type PartyKind uint8

// The kinds of party. KindUnknown is a number that was never given out, or whose
// party was purged (rule LIFE-2).
const (
	KindUnknown PartyKind = iota
	KindOrganisation
	KindPerson
	KindEnterpriseUser // virksomhetsbruker
	KindSystemUser     // systembruker
)

var kindNames = [...]string{"unknown", "organisation", "person", "enterprise_user", "system_user"}

// String returns the kind as the JSON answers write it.
func (k PartyKind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[0]
}

// MarshalText writes the kind as String does.
func (k PartyKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// PartyID names a party as the outside world does. It is comparable, so it can
// key a map. Exactly the fields of its kind are set:
//
//   - an organisation: Org
//   - a person known by identity number: Person
//   - a person known only from open data: Born and Name, both from the register
//     (rule OPEN-1: never the same party as one with an identity number)
//   - an enterprise user: Org is the organisation that owns it, Name its user name
//   - a system user: Org is its owner, Name its system's id and its external
//     reference with a slash between
//
// Name is folded by FoldName.
type PartyID struct {
	Kind   PartyKind
	Org    OrgNumber
	Person NationalID
	Born   Date
	Name   string
}

// OrganisationID names an organisation.
func OrganisationID(n OrgNumber) PartyID { return PartyID{Kind: KindOrganisation, Org: n} }

// PersonID names a person by identity number.
func PersonID(id NationalID) PartyID { return PartyID{Kind: KindPerson, Person: id} }

// OpenPersonID names a person as the open data does, by birth date and name.
func OpenPersonID(born Date, name string) PartyID {
	return PartyID{Kind: KindPerson, Born: born, Name: FoldName(name)}
}

// EnterpriseUserID names an enterprise user by its owner and user name.
func EnterpriseUserID(owner OrgNumber, username string) PartyID {
	return PartyID{Kind: KindEnterpriseUser, Org: owner, Name: FoldName(username)}
}

// SystemUserID names a system user by its owner, its system and its external
// reference there.
func SystemUserID(owner OrgNumber, system, reference string) PartyID {
	return PartyID{Kind: KindSystemUser, Org: owner, Name: FoldName(system + "/" + reference)}
}

// Uncertain reports whether id is a person known only by birth date and name,
// which does not tell two people apart for sure (rule OPEN-1).
func (id PartyID) Uncertain() bool { return id.Kind == KindPerson && id.Person == 0 }

// BirthDate returns a person's birth date: the register's own where it is all that
// is known, else what the identity number tells, with the century as the series of
// numbers have been given out so far, up to persons born in 2039. It is zero for
// other parties.
func (id PartyID) BirthDate() Date {
	if id.Kind != KindPerson {
		return 0
	}
	if id.Person == 0 {
		return id.Born
	}
	day, month := id.Person.dateParts()
	year := int(uint64(id.Person) / 100_000 % 100)
	switch series := int(uint64(id.Person) / 100 % 1000); {
	case series < 500, series >= 900 && year >= 40:
		year += 1900
	case year < 40:
		year += 2000
	default:
		year += 1800
	}
	return NewDate(year, month, day)
}

// FoldName brings a name to the form in which names are compared: lower case,
// runs of blanks made one, no blanks at the ends.
func FoldName(name string) string {
	// A bulk import folds millions of names, so the usual one costs a single
	// allocation and no table look-ups for ASCII.
	var space [64]byte
	folded := space[:0]
	blank := false
	for _, r := range name {
		switch {
		case unicode.IsSpace(r):
			blank = len(folded) > 0
			continue
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r >= utf8.RuneSelf:
			r = unicode.ToLower(r)
		}
		if blank {
			folded = append(folded, ' ')
			blank = false
		}
		folded = utf8.AppendRune(folded, r)
	}
	return string(folded)
}

// Party is what is known of a party besides authority: its names and numbers.
// This is the erasable part; facts refer to it by No alone.
type Party struct {
	No   PartyNo
	ID   PartyID
	UUID UUID
	Name string // as written by its source; for an enterprise user its user name
}
