package index

import (
	"iter"
	"sync"

	"github.com/tidwall/btree"
)

// ordered is a set of values kept in an order, which a snapshot shares with the
// one before it: edit returns a copy that costs nothing until it is changed, and
// then copies the nodes on the way to the change.
//
// The tree itself takes no locks, since nobody changes a snapshot's. Only making
// a copy marks the original, and so copies are made one at a time.
type ordered[T any] struct {
	tree    *btree.BTreeG[T]
	copying *sync.Mutex
}

func newOrdered[T any](compare func(a, b T) int) ordered[T] {
	less := func(a, b T) bool { return compare(a, b) < 0 }
	return ordered[T]{btree.NewBTreeGOptions(less, btree.Options{NoLocks: true}), new(sync.Mutex)}
}

func (o ordered[T]) edit() ordered[T] {
	o.copying.Lock()
	defer o.copying.Unlock()
	return ordered[T]{o.tree.IsoCopy(), new(sync.Mutex)}
}

// from yields the values from a first one on, as long as they are wanted.
func (o ordered[T]) from(first T, wanted func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		o.tree.Ascend(first, func(v T) bool { return wanted(v) && yield(v) })
	}
}

// removeIf takes out every value for which gone holds.
func (o ordered[T]) removeIf(gone func(T) bool) {
	var list []T
	o.tree.Scan(func(v T) bool {
		if gone(v) {
			list = append(list, v)
		}
		return true
	})
	for _, v := range list {
		o.tree.Delete(v)
	}
}
