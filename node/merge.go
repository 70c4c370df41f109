package node

import (
	"cmp"
	"slices"

	"github.com/fullmakt/fullmakt"
)

// Drift is a difference between the roles that open data states for a unit and
// the roles that stand there because a feed with identity numbers delivered
// them (rule SRC-1). It is shown and never stored. It names parties by number
// only.
//
// Organisations are compared one by one. Persons cannot be, since open data
// names them by birth date and name and the other feed by identity number, so
// for persons Holder is 0 and only their count is compared.
type Drift struct {
	Unit   fullmakt.PartyNo  `json:"unit"`
	Code   fullmakt.RoleCode `json:"code"`
	Holder fullmakt.PartyNo  `json:"holder,omitempty"`
	Stored int               `json:"stored"` // how many hold the role as it stands
	Stated int               `json:"stated"` // how many hold it according to open data
}

// holderClass is what the merge must know of the holder of a stored role.
type holderClass uint8

const (
	identifiedHolder holderClass = iota // a person with an identity number
	uncertainHolder                     // a person known by birth date and name (rule OPEN-1)
	organisationHolder
)

func classOf(id fullmakt.PartyID) holderClass {
	switch {
	case id.Kind != fullmakt.KindPerson:
		return organisationHolder
	case id.Uncertain():
		return uncertainHolder
	}
	return identifiedHolder
}

// directory is how the merge turns the names a feed uses into party numbers.
type directory struct {
	// assign gives the party's number, registering the party when it is new;
	// deleted tells that the feed calls it a deleted unit.
	assign func(id fullmakt.PartyID, name string, deleted bool) fullmakt.PartyNo
	// lookup gives the party's number, or 0 when it is not known.
	lookup func(id fullmakt.PartyID) fullmakt.PartyNo
	// class tells what the holder of a stored role is.
	class func(no fullmakt.PartyNo) holderClass
}

// merged is what one record of a feed makes of a unit.
type merged struct {
	Org      fullmakt.Organisation
	Changed  bool               // Org differs from the version before
	Gone     bool               // the unit must be purged; Org says nothing
	Compared bool               // the role set was compared and not stored (SRC-1)
	Drift    []Drift            // what the comparison found
	Dead     []fullmakt.PartyNo // holders the record states as deceased
	Alive    []fullmakt.PartyNo // holders the record states as living
}

// mergeBuffers are reused from one mergeUnit to the next.
type mergeBuffers struct {
	roles       []fullmakt.Role
	dead, alive []fullmakt.PartyNo
}

// mergeUnit brings one record of a register feed over the version that stands,
// which is the zero Organisation with its Party set when there is none. It is
// pure but for the numbers that the directory gives out.
//
// What the record leaves out stays. A feed with identity numbers sets roles
// always; open data sets them only where no such feed has (rule SRC-1). A unit
// whose roles came from open data becomes the identifying feed's with the first
// role family which that feed delivers: the family is replaced, the other
// families stay as open data last stated them until the feed, which is gap-free
// from there on, touches them. Otherwise the next night's open data would
// overwrite what the better feed said.
//
// The slices of the result lie in buf, or in previous, until the next call.
func mergeUnit(previous fullmakt.Organisation, change *fullmakt.RegisterChange, dir directory, buf *mergeBuffers) merged {
	if change.Has&fullmakt.HasGone != 0 {
		return merged{Gone: true, Org: fullmakt.Organisation{Party: previous.Party}}
	}
	m := merged{Org: previous, Dead: buf.dead[:0], Alive: buf.alive[:0]}
	org := &m.Org
	const itself = fullmakt.HasName | fullmakt.HasForm | fullmakt.HasState | fullmakt.HasStateBits
	if change.Has&itself != 0 { // the register delivers the unit, not only its roles
		org.State, org.DeletedOn = change.NextState(org.State, org.DeletedOn)
	} else if previous.Source == fullmakt.SourceNone && previous.Form == "" {
		org.State |= fullmakt.Stub // roles of a unit that nothing else is known of
	}
	if change.Has&fullmakt.HasForm != 0 {
		org.Form = change.Form
	}
	if change.Has&fullmakt.HasParent != 0 {
		switch {
		case change.Parent != 0 && change.Parent == change.Org:
			// No unit is above itself; what was known before stays.
		case change.Parent != 0:
			org.Parent = dir.assign(fullmakt.OrganisationID(change.Parent), "", false)
		case !org.Form.SubUnit():
			org.Parent = 0
		}
		// A sub-unit stated without a main unit is a quirk of units on their
		// way out: the last known parent stays.
	}
	m.mergeRoles(change, dir, buf)
	buf.dead, buf.alive = m.Dead, m.Alive
	m.Changed = !org.Same(previous)
	return m
}

// mergeRoles decides whose role set stands and replaces it, whole or family by
// family.
func (m *merged) mergeRoles(change *fullmakt.RegisterChange, dir directory, buf *mergeBuffers) {
	org := &m.Org
	speaks := change.Has & (fullmakt.HasRoles | fullmakt.HasFamilies)
	switch {
	case speaks == 0:
		if org.Source == fullmakt.SourceNone {
			org.Source = change.Source // delivered without roles: its empty set is this feed's
		}
		return
	case org.Source.Identifies() && !change.Source.Identifies():
		m.Compared = true
		if speaks&fullmakt.HasRoles != 0 {
			m.Drift = compareRoles(org, change.Roles, dir)
		}
		return
	}
	// A deleted unit keeps its last known roles (rule LIFE-2): what a feed says
	// about it may bring roles, but roles that merely went with it stay.
	roles := buf.roles[:0]
	deleted := org.State&fullmakt.Deleted != 0
	if speaks&fullmakt.HasRoles != 0 && !(deleted && len(change.Roles) == 0) {
		roles = m.appendRoles(roles, change.Roles, dir)
	} else {
		roles = append(roles, org.Roles...)
	}
	for i := range change.Families {
		if family := &change.Families[i]; !deleted || len(family.Roles) > 0 {
			roles = m.mergeFamily(roles, family, dir)
		}
	}
	buf.roles = roles
	org.Source = change.Source
	org.Roles = fullmakt.SortRoles(roles)
	if len(org.Roles) == 0 {
		org.Roles = nil
	}
}

// appendRoles appends the roles a feed states, with their holders as parties.
func (m *merged) appendRoles(roles []fullmakt.Role, stated []fullmakt.RegisterRole, dir directory) []fullmakt.Role {
	for i := range stated {
		r := &stated[i]
		holder := dir.assign(r.Holder, r.HolderName, r.HolderDeleted)
		if r.Holder.Kind == fullmakt.KindPerson {
			if r.HolderDead {
				m.Dead = append(m.Dead, holder)
			} else {
				m.Alive = append(m.Alive, holder)
			}
		}
		roles = append(roles, fullmakt.Role{Code: r.Code, Holder: holder, Ended: r.Ended, Since: r.Since})
	}
	return roles
}

// mergeFamily applies the change of one role family.
func (m *merged) mergeFamily(roles []fullmakt.Role, family *fullmakt.RegisterFamily, dir directory) []fullmakt.Role {
	if family.Replace {
		roles = slices.DeleteFunc(roles, func(r fullmakt.Role) bool { return slices.Contains(family.Members, r.Code) })
	}
	for i := range family.Removed {
		removed := &family.Removed[i]
		roles = slices.DeleteFunc(roles, func(r fullmakt.Role) bool {
			if r.Code != removed.Code {
				return false
			}
			if r.Holder == dir.lookup(removed.Holder) {
				return true
			}
			// A person whom open data brought cannot be told to be or not to
			// be the one removed. Authority that may have ended must not stay.
			return removed.Holder.Kind == fullmakt.KindPerson && dir.class(r.Holder) == uncertainHolder
		})
	}
	return m.appendRoles(roles, family.Roles, dir)
}

// compareRoles lists how the roles that open data states differ from those that
// stand. Roles that have ended count on neither side.
func compareRoles(org *fullmakt.Organisation, stated []fullmakt.RegisterRole, dir directory) []Drift {
	type key struct {
		code   fullmakt.RoleCode
		holder fullmakt.PartyNo
		// An organisation the store does not know has no number; its
		// organisation number keeps it apart from persons.
		unknown fullmakt.OrgNumber
	}
	counts := map[key][2]int{}
	count := func(k key, side int) {
		c := counts[k]
		c[side]++
		counts[k] = c
	}
	for _, r := range org.Roles {
		switch {
		case r.Ended:
		case dir.class(r.Holder) == organisationHolder:
			count(key{code: r.Code, holder: r.Holder}, 0)
		default:
			count(key{code: r.Code}, 0)
		}
	}
	for i := range stated {
		r := &stated[i]
		if r.Ended {
			continue
		}
		k := key{code: r.Code}
		if r.Holder.Kind == fullmakt.KindOrganisation {
			if k.holder = dir.lookup(r.Holder); k.holder == 0 {
				k.unknown = r.Holder.Org
			}
		}
		count(k, 1)
	}
	var drift []Drift
	for k, c := range counts {
		if c[0] != c[1] {
			drift = append(drift, Drift{Unit: org.Party, Code: k.code, Holder: k.holder, Stored: c[0], Stated: c[1]})
		}
	}
	slices.SortFunc(drift, func(a, b Drift) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Holder, b.Holder), cmp.Compare(a.Stated, b.Stated))
	})
	return drift
}

// vanish is the version of a unit that is no longer in the file which lists all
// units of its kind: deleted at the file's date, with its last known roles (rule
// LIFE-2).
func vanish(previous fullmakt.Organisation, fileDate fullmakt.Date) fullmakt.Organisation {
	previous.State |= fullmakt.Deleted
	previous.DeletedOn = fileDate
	return previous
}
