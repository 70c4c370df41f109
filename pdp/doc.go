// Package pdp decides who may act on behalf of whom, and explains it.
//
// There is one evaluator, the walk. Decide runs it without a recorder, Explain
// runs the same walk with one, and the lists run it once for each candidate, so
// that check, explanation and lists cannot disagree. It is pure: a snapshot and
// a query in, a value out; no clock, no input or output, and no allocation on a
// plain check.
//
// The walk reads as the rules do. From the organisation O that is acted for, the
// units are visited where authority over O may lie: O itself, its main unit
// (SUB), the sole proprietorships of a person (ENK). At each unit every basis, a
// role or a grant, is either held by the subject (DIRECT) or by an organisation
// at which the subject holds a key role (NEST). Each such combination is a
// candidate with a number of faults: without any it is a path; with exactly one
// it is a near miss; with more it is nothing. docs/adr tells how the rules were
// read where their text leaves a choice.
package pdp
