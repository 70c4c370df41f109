// Package fullmakt is the language of the domain: who may act on behalf of
// whom in Norway, and why.
//
// It holds the identifiers (organisation numbers, national identity numbers,
// party numbers), the facts that authority rests on (organisations with their
// registered roles, persons, enterprise users, grants), the changes that carry
// those facts through the log, and the ids of the rules and reasons that every
// answer names. It imports the standard library only; every other package of
// the project speaks in these terms:
//
//	enhetsregisteret → RegisterChange → node → Change → store → index → pdp → Decision
//
// A RegisterChange names parties as the outside world does (organisation
// number, identity number, birth date and name). A Change names them by
// PartyNo, the permanent number the store gave each party at first sight, so
// that neither the log nor the index carries a name or an identity number.
package fullmakt
