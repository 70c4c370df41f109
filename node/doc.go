// Package node is one running fullmakt: it opens the store, holds the snapshot
// that answers come from, follows the log, and is the only road by which a
// command changes anything.
//
//	Import, Follow    register feeds → merge → one revision each (import*.go, merge*.go, follow*.go)
//	Node.Do           a command, run against the head snapshot, in order
//	Node.Snapshot     the whole register in memory, kept at the head
//	Node.Around       just the organisations around one question, now or at an earlier time
//	Node.Events       what happened, in order, with the authority gained and lost
//	Node.Find         a party by number, UUID, URN or name
//	Node.Search       parties by what is typed of their names, from an index of its own (names.go)
//	Assert            a world's questions against its expected answers
package node
