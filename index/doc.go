// Package index holds the register in memory, ready to be asked.
//
// A Snapshot is immutable: readers use it without locks for as long as they
// like, and Apply returns a new one that shares every untouched page with the
// old. Parties are numbered densely by the store (fullmakt.PartyNo); a page
// holds 512 of them with everything that hangs on them:
//
//	nodes       32 bytes a party: form, state, parent, and where its edges lie
//	holders     who holds what at a party        (edges, 8 bytes each)
//	held        where a party holds what         (the same edges from the other end)
//	details     identifier, name, dates, source  (needed to show, not to decide)
//	grants      what was granted, with validity  (few)
//	delegations what agents may do for a client  (40 bytes each)
//
// One page is about 40 kB, so a change to one organisation copies a handful of
// pages and nothing else. An identifier table, paged in the same way, leads from
// organisation numbers and identity numbers to party numbers.
//
// A sub-unit hangs on its main unit as an edge among "held" of the main unit,
// and grants, client delegations and agent relations are edges too, so that the
// walk in package pdp sees one kind of thing. What no walk passes, such as scope
// grants and documents, lies beside the pages in copy-on-write trees. Rule FORM-1
// is applied here: where the form derives a role (KONT of a NUF gives KNUF), the
// derived edge stands beside the registered one, marked.
package index
