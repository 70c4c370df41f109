package index

import (
	"cmp"
	"iter"

	"github.com/fullmakt/fullmakt"
)

// owned is an enterprise or system user with the organisation that owns it. It
// repeats the user's Node.Parent, so that users are found by their owner.
type owned struct{ owner, user fullmakt.PartyNo }

func compareOwned(a, b owned) int {
	return cmp.Or(cmp.Compare(a.owner, b.owner), cmp.Compare(a.user, b.user))
}

// moveUser records that a user has another owner than before; 0 is none.
func (t *tables) moveUser(user, before, owner fullmakt.PartyNo) {
	t.users.tree.Delete(owned{before, user})
	if owner != 0 {
		t.users.tree.Set(owned{owner, user})
	}
}

// UsersOf yields the enterprise and system users of an organisation, ended ones
// too, by number.
func (s *Snapshot) UsersOf(owner fullmakt.PartyNo) iter.Seq[fullmakt.PartyNo] {
	return func(yield func(fullmakt.PartyNo) bool) {
		s.tables.users.tree.Ascend(owned{owner: owner}, func(u owned) bool { return u.owner == owner && yield(u.user) })
	}
}

// Users yields all enterprise and system users, ended ones too, by the numbers of
// owner and user.
func (s *Snapshot) Users() iter.Seq[fullmakt.PartyNo] {
	return func(yield func(fullmakt.PartyNo) bool) {
		s.tables.users.tree.Scan(func(u owned) bool { return yield(u.user) })
	}
}
