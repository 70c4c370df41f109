package index

import "cmp"

// RightID is a right to a resource, numbered by the snapshot when the first grant
// of it comes. The number holds in that snapshot and in those that Apply makes
// from it; in the log and in documents a right goes by name. 0 is none.
type RightID uint32

// rights numbers the rights that were ever granted.
type rights struct {
	names  []right // the right with id i is names[i-1]
	byName ordered[right]
}

type right struct {
	resource, right string
	id              RightID
}

func compareRights(a, b right) int {
	return cmp.Or(cmp.Compare(a.resource, b.resource), cmp.Compare(a.right, b.right))
}

func newRights() rights { return rights{byName: newOrdered(compareRights)} }

// edit returns a copy that may be added to.
func (r rights) edit() rights {
	return rights{names: r.names[:len(r.names):len(r.names)], byName: r.byName.edit()}
}

// find returns the id of a right, 0 when it was never granted.
func (r rights) find(resource, name string) RightID {
	found, _ := r.byName.tree.Get(right{resource: resource, right: name})
	return found.id
}

// add returns the id of a right, a new one when it has none yet.
func (r *rights) add(resource, name string) RightID {
	if id := r.find(resource, name); id != 0 {
		return id
	}
	fresh := right{resource, name, RightID(len(r.names) + 1)}
	r.names = append(r.names, fresh)
	r.byName.tree.Set(fresh)
	return fresh.id
}

// name returns what an id stands for.
func (r rights) name(id RightID) (resource, name string) {
	if id == 0 || int(id) > len(r.names) {
		return "", ""
	}
	n := r.names[id-1]
	return n.resource, n.right
}

// Right returns the id of a right to a resource, 0 when nobody was ever granted
// it, so that nobody holds it.
func (s *Snapshot) Right(resource, right string) RightID { return s.rights.find(resource, right) }

// RightName returns the resource and the key of the right that an id stands for,
// empty for an id that the snapshot does not know.
func (s *Snapshot) RightName(id RightID) (resource, right string) { return s.rights.name(id) }
