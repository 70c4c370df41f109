// Package catalogue knows what authority can be made of: the areas
// (fullmaktsområder), the access packages (tilgangspakker), the roles, which role
// gives which package, the organisation forms, and the roles derived from them.
//
// The facts lie in data/*.json, embedded and meant to be read by people. An
// operator may lay a directory of files of the same shape over them, which add,
// replace or end entries (see Load). Everything is checked when it is loaded, so
// that a Catalogue in hand has no dangling reference, no name that means two
// things, and no moment at which an entry has two versions.
//
// A Catalogue is immutable. At gives the View that holds at an instant, with
// what a decision needs worked out beforehand: looking something up there costs
// an index or two and allocates nothing.
package catalogue
