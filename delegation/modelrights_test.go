package delegation_test

import "github.com/fullmakt/fullmakt"

const modelResource = "skjema"

// modelRights is the policy of modelResource.
var modelRights = []opens{
	{"read", []string{"skatt-naering"}},
	{"write", []string{"urn:altinn:rolecode=utinn"}},
	{"sign", []string{"skatt-naering and jordbruk"}},
}

// rightKeys returns the keys of the rights to a resource, by action.
func (w *town) rightKeys(id string) map[string]string {
	w.t.Helper()
	p, err := w.registry().Policy(id)
	if err != nil {
		w.t.Fatal(err)
	}
	keys := map[string]string{}
	for _, right := range p.Rights() {
		keys[right.Action.Value] = right.Key
	}
	return keys
}

// mayGiveRight is GIVE-1 as it is read for single rights: somebody who administers
// O gives a right that it was granted, or that the policy gives to a package that it
// may give, or to a role that it has. What takes two packages together is given by
// a grant of it alone.
func (m *model) mayGiveRight(s, o fullmakt.PartyNo, key string) bool {
	if s == 0 {
		return true
	}
	if !m.administers(s, o) {
		return false
	}
	for _, h := range m.reached(s, o) {
		if h.right == key {
			return true
		}
	}
	switch key {
	case m.rights["read"]:
		return m.mayGive(s, o, "skatt-naering")
	case m.rights["write"]:
		return m.hasRole(s, o, "utinn") || m.uses(s, o, "hovedadministrator") && m.maps("hovedadministrator", "utinn")
	}
	return false
}

// hasRole tells whether S has a role for O, registered or one step of the role map
// away.
func (m *model) hasRole(s, o fullmakt.PartyNo, role fullmakt.RoleCode) bool {
	for _, h := range m.reached(s, o) {
		if h.role == role || m.maps(h.role, role) {
			return true
		}
	}
	return false
}

// maps tells whether who has one role gets another.
func (m *model) maps(has, gets fullmakt.RoleCode) bool {
	c := m.s.Catalogue()
	for _, row := range c.RoleMaps() {
		if c.Role(row.Has).Code == has && c.Role(row.Gets).Code == gets {
			return true
		}
	}
	return false
}
