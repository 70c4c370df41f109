// Package storetest is the suite that a store must pass. It drives the store
// through its exported methods, over real files, beside a model of a store that
// keeps every state in memory and is too simple to be wrong: each random history
// must read the same from both, now, at every earlier revision, and after the
// log was replayed into an empty store in any batching.
//
// A test binary that runs the suite must call Main from its TestMain, since the
// crash tests run the binary again as a process to kill.
package storetest
