package pdp

import (
	"cmp"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// Explanation is a decision with everything it rests on.
type Explanation struct {
	Decision
	// Paths are all paths that permit, in the order in which the first names
	// the reason.
	Paths []Path
	// NearMisses, for a denial only, are the candidates that fail exactly one
	// condition, in the order of reasons.
	NearMisses []NearMiss
	// GiveRule is the rule by which the package or right may be given on, or "".
	GiveRule fullmakt.Rule
	// GiveReason is why it may not be given on; "" when it may, or
	// when the question names neither a package nor a right.
	GiveReason fullmakt.Reason
}

// Path is one way by which authority reaches the subject.
type Path struct {
	Rule      fullmakt.Rule    // SELF, DIRECT, NEST or CLIENT
	Extension fullmakt.Rule    // SUB, ENK or ""
	Via       fullmakt.PartyNo // with an extension: the main unit or the sole proprietorship
	Steps     []Step           // from the object's end to the subject
	Give      bool             // the path would let what was asked for be given on, were the subject an administrator
	rank      rank
}

// Step is one thing that one party holds at another.
type Step struct {
	Kind    StepKind
	At      fullmakt.PartyNo    // where it is held
	Holder  fullmakt.PartyNo    // who holds it
	Role    catalogue.RoleID    // of a role; also of an ECKEY
	Derived bool                // the role follows from another by form (rule FORM-1)
	Package catalogue.PackageID // of a grant or a client delegation
	Right   index.RightID       // of a grant of a single right
	Since   fullmakt.Date       // the register's own date
	Source  fullmakt.Source
	Valid   fullmakt.Interval // of a grant or an ECKEY
}

// StepKind tells what is held.
type StepKind string

// The kinds of step.
const (
	StepSelf   StepKind = "self"
	StepRole   StepKind = "role"
	StepECKEY  StepKind = "eckey"
	StepGrant  StepKind = "grant"
	StepClient StepKind = "client" // at a provider: the agent may use Package for the provider's client
	StepAgent  StepKind = "agent"  // at a provider: its agent
)

// NearMiss is a candidate that fails exactly one condition.
type NearMiss struct {
	Rule      fullmakt.Rule   // that stopped it
	Reason    fullmakt.Reason // the condition it fails
	Base      fullmakt.Rule   // what it would have been: SELF, DIRECT, NEST or CLIENT
	Extension fullmakt.Rule
	Via       fullmakt.PartyNo
	Steps     []Step
	rank      rank
}

// Explain answers the query as Decide does, with all paths, or for a denial the
// near misses.
func Explain(s *index.Snapshot, q Query) Explanation {
	var rec recorder
	var w walk
	w.start(s, q, &rec)
	w.run()
	x := Explanation{Decision: w.decision(), Paths: rec.paths}
	slices.SortFunc(x.Paths, func(a, b Path) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.Via, b.Via), compareSteps(a.Steps, b.Steps))
	})
	if !x.Allowed {
		x.NearMisses = rec.misses
		slices.SortFunc(x.NearMisses, func(a, b NearMiss) int {
			return cmp.Or(cmp.Compare(fullmakt.DenialRank(a.Reason), fullmakt.DenialRank(b.Reason)),
				cmp.Compare(a.rank, b.rank), cmp.Compare(a.Via, b.Via), compareSteps(a.Steps, b.Steps))
		})
	}
	switch {
	case q.Right != 0 && x.MayGive:
		x.GiveRule = fullmakt.RuleGive1
	case q.Right != 0:
		x.GiveReason = w.giveReasonOfRight(x.Decision)
	case q.Package != catalogue.NoPackage && x.MayGive:
		x.GiveRule = w.giveRule(q.Package)
	case q.Package != catalogue.NoPackage:
		x.GiveReason = w.giveReason(q.Package, x.Decision)
	}
	return x
}

func compareSteps(a, b []Step) int {
	return slices.CompareFunc(a, b, func(a, b Step) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Role, b.Role),
			cmp.Compare(a.Package, b.Package), cmp.Compare(a.Right, b.Right), cmp.Compare(a.Holder, b.Holder))
	})
}

// recorder collects what a walk comes by.
type recorder struct {
	paths  []Path
	misses []NearMiss
}

func (r *recorder) path(w *walk, c *candidate) {
	r.paths = append(r.paths, Path{
		Rule: c.base.base(), Extension: c.unit.extension.rule(), Via: c.via(),
		Steps: w.steps(c, basis{}), Give: w.gives(c), rank: c.base + rank(c.unit.extension),
	})
}

func (r *recorder) miss(w *walk, c *candidate, f fault, last basis) {
	r.misses = append(r.misses, NearMiss{
		Rule: fullmakt.StoppedBy(f.reason()), Reason: f.reason(), Base: c.base.base(),
		Extension: c.unit.extension.rule(), Via: c.via(), Steps: w.steps(c, last),
		rank: c.base + rank(c.unit.extension),
	})
}

// via returns the unit that an extension goes over, or 0.
func (c *candidate) via() fullmakt.PartyNo {
	if c.unit.extension == plain {
		return 0
	}
	return c.unit.no
}

// gives reports whether the basis is one that may be given on (GIVE-1, a).
func (w *walk) gives(c *candidate) bool {
	switch {
	case !c.counts() || w.q.Role != 0:
		return false
	case c.basis.grant != nil:
		return c.basis.grant.Package != w.terms.MainAdministrator
	}
	give := &w.v.Conferral(c.basis.edge.Role(), c.unit.form).Give
	if w.q.Package == catalogue.NoPackage {
		return !give.IsEmpty()
	}
	return give.Has(w.q.Package)
}

// steps draws a candidate: the basis, the hop if there is one, and for a near
// miss of the nesting limit the further hop.
func (w *walk) steps(c *candidate, last basis) []Step {
	steps := []Step{w.step(c.unit.no, c.basis)}
	if c.base == rankSelf {
		steps[0].Kind = StepSelf
	}
	if d := c.delegation; d != nil {
		steps = append(steps, Step{Kind: StepClient, At: d.Provider, Holder: d.Agent, Package: d.Package})
	}
	if c.hop {
		steps = append(steps, w.step(c.basis.edge.Party, c.link))
	}
	if last.edge != (index.Edge{}) {
		steps = append(steps, w.step(c.link.edge.Party, last))
	}
	return steps
}

func (w *walk) step(at fullmakt.PartyNo, b basis) Step {
	s := Step{Kind: StepRole, At: at, Holder: b.edge.Party, Package: catalogue.NoPackage, Source: w.s.Source(at)}
	switch {
	case b.edge.Agent():
		s.Kind, s.Source = StepAgent, fullmakt.SourceNone
	case b.grant == nil:
		s.Role, s.Derived, s.Since = b.edge.Role(), b.edge.Derived(), b.edge.Since()
	case b.grant.ECKEY:
		s.Kind, s.Role, s.Valid, s.Source = StepECKEY, w.terms.ECKEY, b.grant.Valid, fullmakt.SourceNone
	default:
		s.Kind, s.Package, s.Right, s.Valid, s.Source = StepGrant, b.grant.Package, b.grant.Right, b.grant.Valid, fullmakt.SourceNone
	}
	return s
}
