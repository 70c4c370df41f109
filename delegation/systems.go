package delegation

import (
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"unicode"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
)

// System is a vendor's system (fagsystem), whose users are system users.
type System struct {
	ID          string            `json:"-"` // the document's
	Vendor      fullmakt.PartyNo  `json:"vendor"`
	Name        map[string]string `json:"name"`
	Description map[string]string `json:"description"`
	Packages    []string          `json:"packages"`         // catalogue codes that it may ask for
	Rights      []SystemRight     `json:"rights,omitempty"` // likewise
	Clients     []string          `json:"clients"`          // ids at Maskinporten
	Redirects   []string          `json:"redirects"`
	Hidden      bool              `json:"hidden,omitempty"`
}

// FindSystem returns a vendor's system.
func FindSystem(s *index.Snapshot, id string) (System, bool) {
	d, ok := s.Document(fullmakt.DocumentSystem, id)
	if !ok {
		return System{}, false
	}
	return readSystem(d)
}

func readSystem(d *index.Document) (System, bool) {
	sys := System{ID: d.ID}
	return sys, json.Unmarshal(d.Body, &sys) == nil
}

// Systems yields the systems by id.
func Systems(s *index.Snapshot) iter.Seq[System] {
	return func(yield func(System) bool) {
		for d := range s.Documents(fullmakt.DocumentSystem) {
			if sys, ok := readSystem(d); ok && !yield(sys) {
				return
			}
		}
	}
}

// maxSystemID bounds a system's id, in characters.
const maxSystemID = 100

func notInSystemID(r rune) bool {
	return !strings.ContainsRune("._-", r) && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
}

// PutSystem registers a system or changes it, by its vendor. A client at
// Maskinporten has one system.
func (a *Acting) PutSystem(sys System) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) && a.Snapshot.Kind(sys.Vendor) != fullmakt.KindOrganisation {
		rs.add(Refusal{Path: "/vendor", Reason: fullmakt.ReasonWrongPartyType}, "only an organisation is a vendor")
	}
	if !strings.HasPrefix(sys.ID, a.Snapshot.ID(sys.Vendor).Org.String()+"_") || len(sys.ID) > maxSystemID || strings.ContainsFunc(sys.ID, notInSystemID) {
		rs.add(Refusal{Path: "/id", Reason: fullmakt.ReasonIncomplete}, "a system's id is its vendor's number, an underscore and a name of letters, digits, dots, dashes and underscores, at most %d characters in all", maxSystemID)
	}
	a.isVendor(&rs, sys.Vendor)
	if old, ok := FindSystem(a.Snapshot, sys.ID); ok {
		a.isVendor(&rs, old.Vendor)
	}
	for i, name := range sys.Packages {
		if p, ok := a.findPackage(&rs, name, where("", "accessPackages", i)); ok {
			sys.Packages[i] = a.code(p)
		}
	}
	for i := range sys.Rights {
		a.keysOf(&rs, &sys.Rights[i], where("", "rights", i))
	}
	for other := range Systems(a.Snapshot) {
		for i, c := range sys.Clients {
			if other.ID != sys.ID && slices.Contains(other.Clients, c) {
				rs.add(Refusal{Path: where("", "clientId", i), Reason: fullmakt.ReasonChanged}, "another system has this client")
			}
		}
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	return &Outcome{Changes: []fullmakt.Change{document(fullmakt.DocumentSystem, sys.ID, sys, sys.Vendor)}}, nil
}

// EndSystem takes a system out of the register, by its vendor. While it has system
// users it stays.
func (a *Acting) EndSystem(id string) (*Outcome, error) {
	var rs refusals
	sys, ok := FindSystem(a.Snapshot, id)
	if !ok {
		rs.add(Refusal{Path: "/id", Reason: fullmakt.ReasonIncomplete, Code: fullmakt.CodeNotFound}, "there is no such system")
		return nil, rs.err()
	}
	a.isVendor(&rs, sys.Vendor)
	for range SystemUsersIn(a.Snapshot, id, "") {
		rs.add(Refusal{Path: "/id", Reason: fullmakt.ReasonRestsOnIt}, "the system has system users")
		break
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	d := document(fullmakt.DocumentSystem, id, sys, sys.Vendor)
	d.Ended = true
	return &Outcome{Changes: []fullmakt.Change{d}}, nil
}

func (a *Acting) isVendor(rs *refusals, vendor fullmakt.PartyNo) {
	if a.Actor != Operator && a.Actor != vendor {
		rs.add(Refusal{Path: "/vendor", Reason: fullmakt.ReasonNotAdmin, Party: vendor, Code: fullmakt.CodeForbidden}, "only the vendor itself does this with its systems")
	}
}
