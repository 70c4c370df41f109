// Package world reads world files: small registers of made-up parties, written
// by hand, with questions and the answers one expects. The project's own
// decision corpus (testdata/worlds) is made of them, the built-in demo world is
// one, and a team may write its own and run it in its CI with
//
//	fullmakt assert FILE
//
// # Form
//
// A world file is a txtar archive: a comment, then a section "register" and
// optionally a section "questions", each begun by a line "-- NAME --". Resources,
// their policies and access lists follow as sections of their own, named
// resource/ID.json, policy/ID.xml and access-list/OWNER/ID.json. In the other
// sections every line is one statement. Blank lines are skipped, and "#" at the
// start of a word begins a comment that lasts to the end of the line. Words are
// separated by blanks; a word that contains blanks stands in double quotes,
// inside which \" and \\ stand for a quote and a backslash. In questions a colon
// ends what is asked, and commas between the words of an answer are ignored.
//
// # Register
//
// Square brackets mark what may be left out; such clauses follow in any order.
//
//	organisation NUMBER FORM NAME [parent ORG] [deleted [DATE]] [bankrupt] [winding-up] [forced-winding-up]
//	person IDENTITY-NUMBER NAME [dead]
//	person born DATE NAME [dead]
//	enterprise-user USERNAME of ORG [ended]
//	system-user SYSTEM/REFERENCE of ORG [agent] [ended]
//	role CODE at ORG holder PARTY [since DATE] [deregistered] [unlisted]
//	open-data role CODE at ORG holder PARTY [since DATE] [deregistered] [unlisted]
//	eckey from ORG to USER [from DATE] [until DATE] [by PARTY] [revoked]
//	grant PACKAGE from PARTY to PARTY [from DATE] [until DATE] [by PARTY] [revoked]
//	grant-right RIGHT of RESOURCE from PARTY to PARTY [from DATE] [until DATE] [by PARTY] [revoked]
//	agent PARTY of ORG [by PARTY] [ended]
//	delegate PACKAGE for CLIENT from ORG to AGENT over ROLE|grant [by PARTY] [ended]
//	scopes SCHEME from ORG to ORG [from DATE] [until DATE] [by PARTY] [revoked]
//
// Statements may refer to parties that later lines declare. A DATE is written
// 2026-03-03 and is a day in Europe/Oslo; "until" means til og med, the whole
// day. "unlisted" marks a role code that the catalogue does not know, which
// would otherwise be taken for a slip of the pen. A person "born" is one known
// only from open data, by birth date and name (rule OPEN-1). The lines "open-data
// role" are all that open data states about a unit. The register of a world has
// identity numbers, so its own roles stand and these are compared with them (rule
// SRC-1); a unit without such a line is not compared. "delegate" is a client
// delegation (rule CLIENT), over the role that the organisation holds at its
// client or a grant of the package; "scopes" is a scope grant (rule SCOPE-1).
//
// # Questions
//
//	at TIME
//	check PARTY for PARTY [package PACKAGE] [role ROLE] [right RIGHT of RESOURCE] [at TIME]: ANSWER
//	list by PARTY [package PACKAGE] [role ROLE] [right RIGHT of RESOURCE] [rule RULE] [business-only] [at TIME]: PARTIES
//	list for PARTY [...the same]: PARTIES
//
// A line "at" says when the questions after it are asked, unless they say so
// themselves; without it they are asked at the time of the run. A TIME is a DATE,
// meaning the start of that day in Europe/Oslo, or an RFC 3339 time. A check
// that names no package, role or right asks whether the first party may do
// anything on behalf of the second. PARTIES are all that the list holds, in any
// order, or "nobody".
//
//	ANSWER := "yes" [REASON] [WORD...]  |  "no" [REASON] [WORD...]
//	WORD   := "may give" ["by" RULE]  |  "may not give" [REASON]
//	        | "paths" PATH...         which paths permit it, every one of them: NEST DIRECT+SUB
//	        | "misses" REASON...      which near misses there are, or "misses none"
//	        | "state" STATE           of the party it is on behalf of: deleted, bankrupt ...
//	        | "uncertain" | "certain" whether a party is known only from open data
//
// What an answer does not mention is not compared.
//
// # Parties
//
// A party is named by organisation number, by identity number, by its name, by
// the first word of its name when no party has that whole name, by user name or
// SYSTEM/REFERENCE, by either with @ and the number of the organisation that owns
// it, or as "NAME born DATE".
// Letter case does not matter. A name that fits several parties is an error that
// lists them.
//
// Only synthetic numbers are accepted: organisation numbers that start with 2 or
// 3, identity numbers whose month is raised by 80 or 40.
package world
