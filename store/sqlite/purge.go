package sqlite

import (
	"github.com/fullmakt/fullmakt"
)

// purge erases a party with all that rests on it (rule LIFE-2): its identity and
// names, every version about it, what it gave and was given, the documents about
// it, and the users that it owns. Its number stays taken. Roles that it held at other organisations
// stay in their versions as a bare number, which nothing connects to anyone.
func (a *appender) purge(no fullmakt.PartyNo) error {
	// What was gathered comes before it.
	if err := a.parties.flush(); err != nil {
		return err
	}
	if err := a.orgs.flush(); err != nil {
		return err
	}
	state, err := a.seen.at(no)
	if err != nil {
		return err
	}
	if state != nil && *state&seenGiven == 0 { // a log read back may begin with the tombstone
		*state = *state&wantAny | seenGiven
		a.next = max(a.next, no+1)
		a.written++
		return a.s.exec(a.calm, "INSERT INTO party (no, kind) VALUES (?, 0)", int64(no))
	}
	row, err := a.s.one(a.ctx, "SELECT kind, org FROM party WHERE no = ?", int64(no))
	if err != nil || row == nil || asInt(row[0]) == int64(fullmakt.KindUnknown) {
		return err
	}
	if state != nil {
		*state = seenGiven | *state&wantAny
	}
	a.purged = true
	if asInt(row[0]) == int64(fullmakt.KindOrganisation) {
		users, err := a.owned(no, asInt(row[1]))
		if err != nil {
			return err
		}
		for _, user := range users {
			if err := a.purge(user); err != nil {
				return err
			}
		}
	}
	n := int64(no)
	for _, erase := range []struct {
		query string
		args  []value
	}{
		{"UPDATE party SET kind = 0, org = NULL, uuid = NULL, ident = NULL, cipher = NULL, name = NULL, name_hash = NULL WHERE no = ?", []value{n}},
		{"DELETE FROM party_uuid WHERE no = ?", []value{n}},
		{"DELETE FROM org_now WHERE party = ?", []value{n}},
		{"DELETE FROM org_past WHERE party = ?", []value{n}},
		{"DELETE FROM person_version WHERE party = ?", []value{n}},
		{"DELETE FROM user_version WHERE party = ?", []value{n}},
		{"DELETE FROM system_user_version WHERE party = ?", []value{n}},
		{"DELETE FROM grant_version WHERE giver = ?", []value{n}},
		{"DELETE FROM grant_version WHERE receiver = ?", []value{n}},
		{"DELETE FROM agent_version WHERE provider = ?", []value{n}},
		{"DELETE FROM agent_version WHERE agent = ?", []value{n}},
		{"DELETE FROM delegation_version WHERE client = ?", []value{n}},
		{"DELETE FROM delegation_version WHERE agent = ?", []value{n}},
		{"DELETE FROM delegation_version WHERE provider = ?", []value{n}},
		{"DELETE FROM scope_version WHERE giver = ?", []value{n}},
		{"DELETE FROM scope_version WHERE receiver = ?", []value{n}},
	} {
		if err := a.s.exec(a.calm, erase.query, erase.args...); err != nil {
			return err
		}
	}
	if err := a.purgeDocuments(no); err != nil {
		return err
	}
	a.wrote |= wroteParty
	return a.noteParty(no)
}

// owned returns the enterprise and system users of an organisation: those that
// ever were its own, and those named after it.
func (a *appender) owned(no fullmakt.PartyNo, org int64) (users []fullmakt.PartyNo, err error) {
	err = a.s.each(a.ctx, "SELECT party FROM user_version WHERE owner = ? UNION SELECT party FROM system_user_version WHERE owner = ? UNION SELECT no FROM party WHERE org = ? AND kind > 2",
		[]value{int64(no), int64(no), org}, func(row []value) error {
			users = append(users, partyNo(row[0]))
			return nil
		})
	return users, err
}
