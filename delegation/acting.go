package delegation

import (
	"fmt"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
)

// Operator is the actor of commands that the operator of the server gives. It
// need hold nothing; what may be given to whom at all holds for it as well.
const Operator fullmakt.PartyNo = 0

// Acting is a party that acts, at an instant, on a snapshot. Its methods are the
// commands; none of them changes anything.
type Acting struct {
	Snapshot *index.Snapshot
	Actor    fullmakt.PartyNo // Operator for the operator
	At       int64            // Unix seconds
	// Rights answers which single rights to resources may be given; nil answers
	// that no resource is known.
	Rights RightCheck
	// RightsTo returns the rights to a resource by its policy, and the resource's id
	// as the registry writes it; "" for no such resource. nil knows none.
	RightsTo func(resource string) (id string, rights []registry.Right)
}

// RightCheck tells whether a right may be given. The registry, which knows the
// resources and their policies, supplies it.
type RightCheck func(s *index.Snapshot, q RightQuestion) RightAnswer

// RightQuestion asks whether Actor (or the operator, 0) may give the right to a
// resource on behalf of From, to To where that is known, else 0.
type RightQuestion struct {
	Actor, From, To fullmakt.PartyNo
	Resource, Right string // the resource's id and the right's key
	At              int64
}

// RightAnswer tells whether a right may be given, and why.
type RightAnswer struct {
	Give   bool
	Rule   fullmakt.Rule   // by which it may, or that says no
	Reason fullmakt.Reason // how the actor holds it, or why it may not be given
}

// Item is one thing that may be given: a package, a right to a resource, or to an
// enterprise user the key role ECKEY.
type Item struct {
	Package         string // by any name that the catalogue knows
	Resource, Right string
	ECKEY           bool
	// Path is where the item stands in the caller's request, for refusals;
	// "" means its place among the command's items.
	Path string
}

// Outcome is what a command does.
type Outcome struct {
	// Changes carry the command out; none when everything is so already.
	Changes []fullmakt.Change
	// Items tells what became of each item, in the order of the command.
	Items []ItemOutcome
	// Ended are those of Changes that end what the command did not name, because
	// it rested on something that it ends.
	Ended []fullmakt.Change
}

// ItemOutcome is what became of one item of a command.
type ItemOutcome struct {
	Item    Item
	Change  fullmakt.Change // the version now in force or ended; nil for a revocation of what was not there
	Changed bool
	// StillHeld tells, of a revoked package, that the receiver may use it all the
	// same by another path.
	StillHeld bool
}

// view is the catalogue at the time of the command.
func (a *Acting) view() *catalogue.View { return a.Snapshot.Catalogue().At(a.At) }

// code returns a package's code as grants carry it.
func (a *Acting) code(p catalogue.PackageID) string { return a.Snapshot.Catalogue().Package(p).Code }

// administers reports whether the actor administers a party (rule GIVE-1, c). The
// operator administers everybody.
func (a *Acting) administers(p fullmakt.PartyNo) bool {
	return a.Actor == Operator || pdp.Stand(a.Snapshot, a.Actor, p, a.At).Administers
}

// sound checks that a party is known and lives (rule LIFE-1).
func (a *Acting) sound(rs *refusals, path string, p fullmakt.PartyNo) bool {
	n := a.Snapshot.Node(p)
	r := Refusal{Path: path, Rule: fullmakt.RuleLife, Party: p}
	switch {
	case n.Kind == fullmakt.KindUnknown:
		r.Reason, r.Rule = fullmakt.ReasonUnknownParty, ""
		rs.add(r, "party %d is not known", p)
	case n.Flags&index.Dead != 0:
		r.Reason = fullmakt.ReasonHolderDeceased
		rs.add(r, "the person has died")
	case n.State&fullmakt.Deleted != 0 && n.Kind != fullmakt.KindOrganisation:
		r.Reason = fullmakt.ReasonEnded
		rs.add(r, "the user has ended")
	case n.State&fullmakt.Deleted != 0:
		r.Reason = fullmakt.ReasonPartyDeleted
		rs.add(r, "the organisation is deleted")
	default:
		return true
	}
	return false
}

// soundActor checks that the actor is one who may act at all.
func (a *Acting) soundActor(rs *refusals) bool {
	if a.Actor == Operator {
		return true
	}
	if a.Snapshot.Node(a.Actor).Flags&index.Uncertain != 0 {
		rs.add(Refusal{Reason: fullmakt.ReasonUncertain, Rule: "OPEN-1", Party: a.Actor, Code: fullmakt.CodeForbidden},
			"a person known only by birth date and name gives and takes back nothing")
		return false
	}
	return a.sound(rs, "", a.Actor)
}

// interval checks the interval of something given now (rule TIME-1).
func (a *Acting) interval(rs *refusals, v fullmakt.Interval) {
	r := Refusal{Path: "/valid", Reason: fullmakt.ReasonInterval, Rule: fullmakt.RuleTime}
	switch {
	case v.From != 0 && v.To != 0 && v.To <= v.From:
		rs.add(r, "the grant would end before it begins")
	case v.Over(a.At):
		rs.add(r, "the grant would be over already")
	}
}

// where returns the path of the i-th element of a list of the command.
func where(given, list string, i int) string {
	if given != "" {
		return given
	}
	return fmt.Sprintf("/%s/%d", list, i)
}

// basis tells why somebody could give something, as grants record it (rule
// GIVE-4).
func (a *Acting) basis(rule fullmakt.Rule, reason fullmakt.Reason) string {
	switch {
	case a.Actor == Operator:
		return "operator"
	case reason == "":
		return string(rule)
	}
	return string(rule) + " " + string(reason)
}

// grantOf returns an index grant as the log writes it.
func grantOf(s *index.Snapshot, g *index.Grant) fullmakt.Grant {
	out := fullmakt.Grant{From: g.From, To: g.To, Package: g.Unknown, Valid: g.Valid, GivenBy: g.GivenBy, Basis: g.Basis}
	switch {
	case g.Right != 0:
		out.Resource, out.Right = s.RightName(g.Right)
	case g.ECKEY:
		out.Role = fullmakt.ECKEY
	case g.Package != catalogue.NoPackage:
		out.Package = s.Catalogue().Package(g.Package).Code
	}
	return out
}

// grantsBetween returns the grants from one party to another that have not been
// ended.
func grantsBetween(s *index.Snapshot, from, to fullmakt.PartyNo) []fullmakt.Grant {
	var out []fullmakt.Grant
	grants := s.Grants(from, to)
	for i := range grants {
		if !grants[i].Recorded {
			out = append(out, grantOf(s, &grants[i]))
		}
	}
	return out
}

// sameGrant reports whether two grants have one identity.
func sameGrant(a, b fullmakt.Grant) bool {
	return a.From == b.From && a.To == b.To && a.Package == b.Package && a.Role == b.Role && a.Resource == b.Resource && a.Right == b.Right
}

// find returns the grant of g's identity among grants.
func find(grants []fullmakt.Grant, g fullmakt.Grant) (fullmakt.Grant, bool) {
	i := slices.IndexFunc(grants, func(have fullmakt.Grant) bool { return sameGrant(have, g) })
	if i < 0 {
		return fullmakt.Grant{}, false
	}
	return grants[i], true
}
