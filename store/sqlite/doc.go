// Package sqlite is the embedded store: one SQLite file that holds the log of
// changes, the current state that it leads to, and the table of parties.
//
// The versions are the log. What the register says of an organisation is one row
// of org_now, with the roles packed into a blob; when a change replaces it, the
// old row moves to org_past with the revision that ended it. Reading the log
// back (Changes), the current state (State) and the state at an earlier
// revision (FactsAt) are three readings of the same rows, and nothing of the
// register is kept twice. Rarer facts (persons, users, what is given, documents,
// feeds) have a table each, with from_seq and to_seq.
//
// Personal data lives in the party table alone: identity numbers encrypted,
// with a keyed hash to look them up by, and names. Facts refer to parties by
// number. Purge empties a party's row and leaves it as a tombstone, so that its
// number is never given again.
//
// There are no foreign keys: party numbers are dense, so that "the party exists"
// is one comparison in Append instead of a look-up per reference. Check verifies
// the same invariants over the whole file.
//
// Several processes may open one store. SQLite's write-ahead log gives each
// reader a consistent snapshot; a writer holds the write lock for one Append.
package sqlite
