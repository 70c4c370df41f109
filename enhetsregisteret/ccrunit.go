package enhetsregisteret

import (
	"fmt"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// ccrInformation are the record types of a unit that carry no authority: contact
// details, dates, registrations, annotations. They are passed over, as are the
// industry codes SN07, SN25 and their like. (NAVN and the statuses are read;
// roles and links have tables.)
var ccrInformation = tableOf(
	"FADR", "PADR", "IADR", "EPOS", "TFON", "TFAX", "MTLF", "KTO", "MÅL", "FORM", "NACE", "ISEK", "ARBG",
	"STID", "BDAT", "NDAT", "EDAT", "GRDT", "EVDT", "VEDT", "AKKO", "KAPI", "GRUN", "MPVT", "FMVA",
	"R-FR", "R-MV", "R-SR", "R-FV", "KJRP", "UVNO", "UENO", "RVFG", "RSKP", "BFOR", "PLFR", "SLFR", "NYFR",
	"FVRP", "FVRR", "ULOV", "UREG", "PAAT",
)

// ccrStatuses are the status records that say a state of ours, and those that
// say none (restructuring, insolvency abroad, mergers under way), which are
// passed over. Records that start with TV are forced winding-up of some kind.
var ccrStatuses = map[string]fullmakt.OrgState{
	"KONK": fullmakt.Bankrupt,
	"OPPL": fullmakt.WindingUp,
	"INSO": 0, "REFO": 0, "DELE": 0, "SAMM": 0, "OPHE": 0,
}

// isIndustry reports whether a record type is an edition of the industry codes.
func isIndustry(kind string) bool {
	return len(kind) == 4 && kind[:2] == "SN" && kind[2] >= '0' && kind[2] <= '9' && kind[3] >= '0' && kind[3] <= '9'
}

func tableOf(codes ...string) map[string]bool {
	t := make(map[string]bool, len(codes))
	for _, c := range codes {
		t[c] = true
	}
	return t
}

// ccrUnit is the unit under way: what its records said so far.
type ccrUnit struct {
	change  fullmakt.RegisterChange
	trouble *Reject // the first record that cannot be used
	first   bool    // a first transfer: the unit is sent whole
	deleted bool
	changed fullmakt.Date // when the register changed the unit last

	families    []fullmakt.RegisterFamily // in the order in which they came up
	wasParent   bool                      // a link to a main unit ended
	enter, quit fullmakt.OrgState         // states that records set and end
}

// newCCRUnit reads the unit record in f.rec.
func newCCRUnit(f *CCRFile) *ccrUnit {
	r, u := f.rec, new(ccrUnit)
	u.change.Source = fullmakt.SourceCCR
	u.change.Where = fmt.Sprintf("run %05d, line %d", f.Header.Run, f.line)
	fail := func(format string, args ...any) { u.fail(f, "ENH", format, args...) }

	org, err := fullmakt.ParseOrgNumber(r.field(5, 13))
	if err != nil {
		fail("%v", err)
		return u
	}
	u.change.Org = org
	if form := r.field(14, 17); form != "" {
		u.change.Form = fullmakt.OrgForm(form)
		u.change.Has |= fullmakt.HasForm
	}
	if u.changed, err = fullmakt.ParseCompactDate(r.field(31, 38)); err != nil {
		fail("date of the last change: %v", err)
	}
	switch c := r.column(39); c {
	case 'J':
		u.first = true
	case 'N', 'L', ' ':
	default:
		fail("column 39 is %q: want J for a first transfer, or N or L", c)
	}
	switch c := r.column(18); c {
	case 'E':
	case 'N', 'L': // new, or brought back to life
		u.quit |= fullmakt.Deleted
	case 'S':
		u.deleted = true
		u.enter |= fullmakt.Deleted
		u.change.DeletedOn = u.changed
		if sub := r.field(19, 22); sub == "DUBL" || sub == "SMSL" {
			u.survivor(f, r.field(40, 48))
		}
	default:
		fail("column 18 is %q: want N, E, S or L", c)
	}
	return u
}

// survivor reads the unit that lives on after a duplicate or a merger.
func (u *ccrUnit) survivor(f *CCRFile, number string) {
	if number == "" || number == "000000000" {
		return
	}
	org, err := fullmakt.ParseOrgNumber(number)
	if err != nil {
		u.fail(f, "ENH", "the surviving unit: %v", err)
		return
	}
	u.change.ReplacedBy = org
}

// fail marks the unit as unusable; the first reason stands.
func (u *ccrUnit) fail(f *CCRFile, path, format string, args ...any) {
	if u.trouble == nil {
		u.trouble = f.reject(path, fmt.Sprintf(format, args...))
	}
}

// add reads the record in f.rec, which is one of the unit's.
func (u *ccrUnit) add(f *CCRFile) {
	r := f.rec
	kind := r.field(1, 4)
	status, isStatus := ccrStatuses[kind]
	if !isStatus && strings.HasPrefix(kind, "TV") {
		status, isStatus = fullmakt.ForcedWindingUp, true
	}
	_, isRole := roleType(kind)
	switch {
	case kind == "SAMU":
		// The family ends; members that are sent besides make it up anew.
		code := r.field(5, 8)
		if code == "" {
			u.fail(f, kind, "no family is named")
			return
		}
		u.family(code).Replace = true
	case kind == "NAVN":
		u.name(r)
	case isRole:
		u.role(f, kind)
	case isStatus:
		switch r.column(5) {
		case 'N', 'K':
			u.enter |= status
		case 'U':
			u.quit |= status
		default:
			u.fail(f, kind, "change type %q: want N, K or U", r.column(5))
		}
	case ccrInformation[kind] || strings.HasPrefix(kind, "OS") || isIndustry(kind):
	case u.looksLikeRole(r):
		f.unknown(kind)
		u.role(f, kind)
	default:
		f.unknown(kind)
	}
}

// looksLikeRole reports whether a record of an unknown type has the shape of a
// role or link, holder included. Its code is kept; nothing rests on it.
func (u *ccrUnit) looksLikeRole(r ccrRecord) bool {
	if r.column(10) != 'D' {
		return false
	}
	var err error
	switch r.column(9) {
	case 'R':
		_, err = fullmakt.ParseNationalID(r.field(49, 59))
	case 'K':
		_, err = fullmakt.ParseOrgNumber(r.field(42, 50))
	default:
		return false
	}
	return err == nil
}

// name reads a name record. Its five lines are the whole name; the shortened
// name that follows them is used when they are blank. A name that is only
// removed leaves the last one standing.
func (u *ccrUnit) name(r ccrRecord) {
	if r.column(5) == 'U' {
		return
	}
	name := r.joined(9, 35, 5)
	if name == "" {
		name = r.field(184, 219)
	}
	if name != "" {
		u.change.Name = name
		u.change.Has |= fullmakt.HasName
	}
}

// role reads a role of a person, a link to an organisation, or a free text about
// either, which says nothing here.
func (u *ccrUnit) role(f *CCRFile, kind string) {
	r := f.rec
	var ends bool
	switch c := r.column(5); c {
	case 'N', 'K': // a copy repeats what is unchanged
	case 'U':
		ends = true
	default:
		u.fail(f, kind, "change type %q: want N, K or U", c)
		return
	}
	if r.column(10) == 'T' {
		return
	}
	role := fullmakt.RegisterRole{Code: fullmakt.RoleCode(kind)}
	var err error
	switch {
	case r.column(10) != 'D':
		// What stands there may be an identity number, so it is not shown.
		u.fail(f, kind, "want R or K in column 9 and D in column 10: the record has another layout")
		return
	case r.column(9) == 'R':
		var id fullmakt.NationalID
		id, err = fullmakt.ParseNationalID(r.field(49, 59))
		role.Holder = fullmakt.PersonID(id)
		role.HolderName = r.joined(60, 50, 3)
		role.HolderDead = r.column(327) == 'D'
	case r.column(9) == 'K':
		var org fullmakt.OrgNumber
		org, err = fullmakt.ParseOrgNumber(r.field(42, 50))
		role.Holder = fullmakt.OrganisationID(org)
	default:
		u.fail(f, kind, "want R (a person) or K (an organisation) in column 9")
		return
	}
	if err != nil {
		u.fail(f, kind, "%v", err)
		return
	}
	if r.column(41) == 'F' {
		ends = true
	}
	if isParentLink(kind) && u.change.Form.SubUnit() && role.Holder.Org != 0 {
		if ends {
			u.wasParent = true
		} else {
			u.change.Parent = role.Holder.Org
			u.change.Has |= fullmakt.HasParent
		}
		return
	}
	family := u.family(Family(role.Code).Code)
	if ends {
		family.Removed = append(family.Removed, fullmakt.RegisterRole{Code: role.Code, Holder: role.Holder})
		return
	}
	if !u.first {
		role.Since = u.changed
	}
	family.Replace = true
	family.Roles = append(family.Roles, role)
}

// family returns the unit's entry for a family.
func (u *ccrUnit) family(code string) *fullmakt.RegisterFamily {
	for i := range u.families {
		if u.families[i].Code == code {
			return &u.families[i]
		}
	}
	u.families = append(u.families, fullmakt.RegisterFamily{Code: code, Members: family(code).Members})
	return &u.families[len(u.families)-1]
}

// isParentLink reports whether a link leads from a sub-unit to its main unit.
func isParentLink(kind string) bool { return kind == "BEDR" || kind == "AAFY" }

// finish turns what the records said into a change.
func (u *ccrUnit) finish() fullmakt.RegisterChange {
	ch := &u.change
	families := u.families[:0]
	for _, fam := range u.families {
		if isParentLink(fam.Code) && ch.Form.SubUnit() {
			u.wasParent = true // only a SAMU brings it here
			continue
		}
		if fam.Replace {
			fam.Removed = nil // the new set says it all
		}
		families = append(families, fam)
	}
	if u.wasParent && ch.Has&fullmakt.HasParent == 0 && !u.deleted {
		ch.Has |= fullmakt.HasParent // the link ended and no other is there
		ch.Parent = 0
	}
	if u.first {
		ch.Has |= fullmakt.HasRoles | fullmakt.HasState
		ch.State = u.enter
		for _, fam := range families {
			ch.Roles = append(ch.Roles, fam.Roles...)
		}
		return *ch
	}
	if u.enter|u.quit != 0 {
		ch.Has |= fullmakt.HasStateBits
		ch.StateSet, ch.StateClear = u.enter, u.quit&^u.enter
	}
	for _, fam := range families {
		if u.deleted && len(fam.Roles) == 0 {
			continue // a deleted unit keeps its last known roles (rule LIFE-2)
		}
		ch.Has |= fullmakt.HasFamilies
		ch.Families = append(ch.Families, fam)
	}
	return *ch
}
