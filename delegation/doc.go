// Package delegation is where authority is given and taken back: the rules GIVE-1
// to GIVE-6, CLIENT-1 and SCOPE-1 (docs/RULES.md), each one function named after
// it.
//
// A command is a method of Acting, which says who acts, when, and on which
// snapshot. It touches no store and no clock: it returns an Outcome, the changes
// that would carry it out, or a *Refused that lists every item that stands in the
// way. A dry run is the same call with the changes thrown away. Whoever runs a
// command for good does so through node.Do, which stores the changes of one
// Outcome as one revision.
//
//	snapshot + Acting + command → Outcome{Changes, Items, Ended} | *Refused
//
// Who may give what is the evaluator's answer (package pdp), so that a check, a
// command and a decision never disagree about forms or the inter-municipal
// exception.
//
// What a change of the register takes with it (rules GIVE-6 and LIFE-1) is worked
// out by Ends, which every road into the log passes.
package delegation
