package pdp

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// Remedy is one thing that would turn a no into a yes, and who may do it.
type Remedy struct {
	Kind RemedyKind
	// From and To are the two ends: From gives To the package, the right or the key
	// ECKEY, lets it use the package for Client, makes it its agent, or registers
	// it in a role.
	From, To fullmakt.PartyNo
	Client   fullmakt.PartyNo // of a RemedyClient and a RemedyAgent: From's client that the question comes to
	// Roles, of a RemedyRegister, are the register's roles that would do.
	Roles []catalogue.RoleID
	// By are the parties who may do it, at most MostNamed of them, in party
	// order. Empty for RemedyRegister: the organisation itself reports to
	// Enhetsregisteret.
	By []fullmakt.PartyNo
}

// RemedyKind tells what is to be done.
type RemedyKind string

// The kinds of remedy.
const (
	RemedyGrant    RemedyKind = "grant"    // From gives To the package or the right; any where the question names none
	RemedyECKEY    RemedyKind = "eckey"    // From gives its enterprise user To the key ECKEY
	RemedyClient   RemedyKind = "client"   // From lets its agent To use the package for Client
	RemedyAgent    RemedyKind = "agent"    // From makes To its agent (again), to whom Client is delegated already
	RemedyRegister RemedyKind = "register" // From registers To in one of Roles in Enhetsregisteret
)

// MostNamed bounds the parties named in a remedy.
const MostNamed = 20

// Remedies returns what would turn the denial x of q into a yes, the simplest
// first; nothing for a yes.
func Remedies(s *index.Snapshot, q Query, x Explanation) []Remedy {
	object := s.Node(q.For)
	if x.Allowed || object.Kind != fullmakt.KindOrganisation || q.Subject == q.For || s.Kind(q.Subject) == fullmakt.KindUnknown {
		return nil
	}
	var out []Remedy
	for _, miss := range x.NearMisses {
		if r, ok := eckeyRemedy(s, q, miss); ok && !slices.ContainsFunc(out, func(o Remedy) bool { return o.Kind == r.Kind && o.From == r.From }) {
			out = append(out, r)
		}
	}
	out = append(out, agentRemedies(s, q, x)...)
	if q.Package != catalogue.NoPackage {
		out = append(out, clientRemedies(s, q)...)
	}
	if q.Role == 0 { // a role is not given
		if r, ok := grantRemedy(s, q); ok {
			out = append(out, r)
		}
	}
	if q.Role == 0 && q.Package == catalogue.NoPackage {
		return out
	}
	if r, ok := registerRemedy(s, q, object); ok {
		out = append(out, r)
	}
	return out
}

// eckeyRemedy: an enterprise user that stands before a closed hop needs ECKEY at
// its owner (rule NEST-2).
func eckeyRemedy(s *index.Snapshot, q Query, miss NearMiss) (Remedy, bool) {
	user := s.Node(q.Subject)
	if user.Kind != fullmakt.KindEnterpriseUser || len(miss.Steps) != 2 || miss.Steps[1].At != user.Parent {
		return Remedy{}, false
	}
	link := miss.Steps[1]
	overECKEY := miss.Reason == fullmakt.ReasonExpired && link.Kind == StepECKEY && link.Valid.Over(q.At)
	if miss.Reason != fullmakt.ReasonNotKeyRole && !overECKEY {
		return Remedy{}, false
	}
	f := All
	f.Package = s.Terms().AccessManager
	return Remedy{Kind: RemedyECKEY, From: user.Parent, To: q.Subject, By: who(s, user.Parent, q.At, f, usesIt)}, true
}

// grantRemedy: somebody who may give the package, or for a question that names none
// any, gives it to the subject, where
// rule GIVE-3 lets the subject have it.
func grantRemedy(s *index.Snapshot, q Query) (Remedy, bool) {
	kind := s.Kind(q.Subject)
	switch {
	case kind == fullmakt.KindOrganisation && q.Package == s.Terms().MainAdministrator:
		return Remedy{}, false
	case kind == fullmakt.KindEnterpriseUser && s.Node(q.Subject).Parent != q.For:
		return Remedy{}, false // an enterprise user receives from its owner only
	case kind == fullmakt.KindSystemUser && s.Node(q.Subject).Flags&index.AgentSystem != 0:
		return Remedy{}, false // an agent system user receives by client delegation only
	case gone(s, q.Subject):
		return Remedy{}, false
	}
	f := All
	f.Package, f.Right = q.Package, q.Right
	test := givesIt
	switch {
	case q.Right != 0:
		test = givesRights
	case q.Package == catalogue.NoPackage:
		test = givesAny
	}
	by := who(s, q.For, q.At, f, test)
	return Remedy{Kind: RemedyGrant, From: q.For, To: q.Subject, By: by}, len(by) > 0
}

// registerRemedy: the organisation registers a person or organisation in the role
// that is asked about, or in one that confers the package at its form.
func registerRemedy(s *index.Snapshot, q Query, object *index.Node) (Remedy, bool) {
	if k := s.Kind(q.Subject); k != fullmakt.KindPerson && k != fullmakt.KindOrganisation || object.State&fullmakt.Deleted != 0 || gone(s, q.Subject) {
		return Remedy{}, false
	}
	v := s.Catalogue().At(q.At)
	r := Remedy{Kind: RemedyRegister, From: q.For, To: q.Subject}
	derived := func(role catalogue.RoleID) bool { // follows from another, and is never registered itself (FORM-1)
		return slices.ContainsFunc(s.Catalogue().Derivations(), func(d catalogue.Derivation) bool { return d.To == role })
	}
	var occur []fullmakt.RoleCode // at the object's form; empty when nobody says
	if object.Form != 0 {
		occur = s.Catalogue().Form(object.Form).Roles
	}
	for _, role := range s.Catalogue().Roles() {
		if role.Provider != "sys-ccr" || derived(role.ID) || len(occur) > 0 && !slices.Contains(occur, role.Code) {
			continue
		}
		follows := v.Derived(role.ID, object.Form)
		if q.Role != 0 && (role.ID == q.Role || follows == q.Role) ||
			q.Package != catalogue.NoPackage && (v.Conferral(role.ID, object.Form).Use.Has(q.Package) || v.Conferral(follows, object.Form).Use.Has(q.Package)) {
			r.Roles = append(r.Roles, role.ID)
		}
	}
	return r, len(r.Roles) > 0
}

// gone reports whether a party can hold nothing any more (rule LIFE-1).
func gone(s *index.Snapshot, p fullmakt.PartyNo) bool {
	return s.Node(p).Flags&index.Dead != 0 || s.State(p)&fullmakt.Deleted != 0
}

func givesIt(p Pair, pkg catalogue.PackageID) bool { return p.Give.Has(pkg) }

func givesAny(p Pair, _ catalogue.PackageID) bool { return !p.Give.IsEmpty() }

// givesRights is asked of those who hold the right.
func givesRights(p Pair, _ catalogue.PackageID) bool { return p.GiveRights }

func usesIt(p Pair, pkg catalogue.PackageID) bool { return p.Use.Has(pkg) }

// who returns those who may act for a party and pass test, at most MostNamed.
func who(s *index.Snapshot, onBehalfOf fullmakt.PartyNo, at int64, f Filter, test func(Pair, catalogue.PackageID) bool) []fullmakt.PartyNo {
	var out []fullmakt.PartyNo
	for after := fullmakt.PartyNo(0); ; {
		pairs, next := WhoActsFor(s, onBehalfOf, at, f, after, 100)
		for _, p := range pairs {
			if test(p, f.Package) {
				if out = append(out, p.Subject); len(out) == MostNamed {
					return out
				}
			}
		}
		if next == 0 {
			return out
		}
		after = next
	}
}
