package pdp

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// walk is one evaluation of a query. It lives on the stack of its caller.
type walk struct {
	s       *index.Snapshot
	v       *catalogue.View
	q       Query
	subject *index.Node
	object  *index.Node
	held    []index.Edge // what the subject holds
	rec     *recorder    // nil for a plain decision
	grounds *[]Ground    // every sound candidate, where wanted
	hold    *Holdings    // all that sound candidates give, where wanted

	subjectFault fault // what is wrong with the subject itself (LIFE-1)
	terms        *index.Terms

	refused fullmakt.Reason // an answer given before any path is looked for
	best    rank            // the first path in the order of reasons
	nearest fault           // the first near miss in the order of reasons
	related bool            // the subject holds something here, though not what was asked

	use       catalogue.PackageSet // conferred by any path
	own       catalogue.PackageSet // conferred by the paths that count for giving
	give      catalogue.PackageSet // of own, what may be given on
	right     bool                 // some single right is held
	selfAdmin bool                 // a living person giving for itself

	warmth fullmakt.PartyNo // means nothing; see warm
}

// unit is a place where authority over the object may lie.
type unit struct {
	no        fullmakt.PartyNo
	form      catalogue.FormID
	iks       bool
	extension extension
	faults    faults // of the extension
}

type extension uint8

const (
	plain extension = iota
	sub
	enk
)

// basis is what somebody holds at a unit: a role, or one grant.
type basis struct {
	edge   index.Edge
	grant  *index.Grant // nil for a role
	faults faults
}

func (b basis) role() catalogue.RoleID {
	if b.grant != nil {
		return 0
	}
	return b.edge.Role()
}

// start prepares a walk of q over s.
func (w *walk) start(s *index.Snapshot, q Query, rec *recorder) {
	w.s, w.q, w.rec = s, q, rec
	w.v = s.Catalogue().At(q.At)
	w.terms = s.Terms()
	w.best, w.nearest = noPath, noFault
	var holders []index.Edge
	w.object, holders, _ = s.Look(q.For)
	w.subject, _, w.held = s.Look(q.Subject)
	w.warm(holders)
	w.subjectFault = w.alive(w.subject)
}

// warm touches the first edges of both ends, so that the memory of one is fetched
// while the other's is: nearly all of a decision's time is waiting for these.
func (w *walk) warm(holders []index.Edge) {
	if len(holders) > 0 {
		w.warmth += holders[0].Party
	}
	if len(w.held) > 0 {
		w.warmth += w.held[0].Party
	}
}

// alive returns what is wrong with a party as a holder (rule LIFE-1). An ended
// enterprise user counts as deleted.
func (w *walk) alive(n *index.Node) fault {
	switch {
	case n.Flags&index.Dead != 0:
		return holderDeceased
	case n.State&fullmakt.Deleted != 0:
		return partyDeleted
	}
	return noFault
}

// run visits every unit, and looks one hop further only where nothing permits.
func (w *walk) run() {
	if w.refused = w.refusal(); w.refused != "" {
		return
	}
	if w.q.Subject == w.q.For {
		w.self()
	}
	w.units(false)
	if w.best == noPath && len(w.held) > 0 && w.grounds == nil && w.hold == nil {
		w.units(true)
	}
}

// refusal answers questions that no path can: unknown parties, kinds of party
// that nobody acts for, and an organisation asking about itself.
func (w *walk) refusal() fullmakt.Reason {
	switch {
	case w.subject.Kind == fullmakt.KindUnknown || w.object.Kind == fullmakt.KindUnknown:
		return fullmakt.ReasonUnknownParty
	case w.object.Kind == fullmakt.KindOrganisation:
		if w.q.Subject == w.q.For {
			return fullmakt.ReasonNoRelation
		}
	case w.object.Kind != fullmakt.KindPerson:
		return fullmakt.ReasonWrongPartyType
	}
	return ""
}

// units visits the places where authority over the object may lie.
func (w *walk) units(further bool) {
	w.visit(unit{no: w.q.For}, further)
	switch w.object.Kind {
	case fullmakt.KindOrganisation:
		if u, ok := w.sub(); ok {
			w.visit(u, further)
		}
	case fullmakt.KindPerson:
		w.enk(further)
	}
}

// visit tries every basis at a unit: held by the subject itself, or by an
// organisation; in the further round only what lies one hop too far.
func (w *walk) visit(u unit, further bool) {
	n, holders, _ := w.s.Look(u.no)
	u.form = n.Form
	u.iks = w.isIKS(n)
	for _, e := range holders {
		if e.Party != w.q.Subject && !e.HolderIsOrganisation() {
			continue
		}
		if !e.Grant() {
			switch role := e.Role(); {
			case role != 0:
				if u.extension != enk || w.accountancy(role) {
					w.try(u, w.roleBasis(e), further)
				}
			case e.Client() && !further:
				w.client(u, holders)
			}
			continue
		}
		if u.extension == enk || n.Flags&index.Dead != 0 {
			continue // ENK goes over roles only; grants end with the person who gave them (LIFE-1)
		}
		grants := w.s.Grants(u.no, e.Party)
		for i := range grants {
			b := basis{edge: e, grant: &grants[i]}
			b.faults.add(inTime(grants[i].Valid, w.q.At))
			w.try(u, b, further)
		}
	}
}

func (w *walk) roleBasis(e index.Edge) basis {
	b := basis{edge: e}
	if e.Ended() {
		b.faults.add(roleDeregistered)
	}
	return b
}

// try takes a basis as the subject's own, or as that of an organisation between.
func (w *walk) try(u unit, b basis, further bool) {
	b.faults = b.faults.and(u.faults)
	if further {
		if b.edge.HolderIsOrganisation() && b.faults.none() && !w.iksBasis(u, b) && w.confers(u, b) == confersNow {
			w.furtherHop(u, b)
		}
		return
	}
	if b.edge.Party == w.q.Subject {
		w.direct(u, b)
	}
	if b.edge.HolderIsOrganisation() {
		w.nest(u, b)
	}
}

// isIKS reports whether an organisation is an inter-municipal company.
func (w *walk) isIKS(n *index.Node) bool { return n.Form != 0 && n.Form == w.terms.IKS }

// conferring tells whether a basis gives what is asked for.
type conferring uint8

const (
	confersNot       conferring = iota
	confersOtherForm            // it would, had the unit another form (FORM-2)
	confersNow
)

// confers tells whether a basis confers what the question names: the package, by
// a mapping with access for the unit's form or a grant of it; the role, itself or
// by one step of the role map (rule ROLE); or any package.
func (w *walk) confers(u unit, b basis) conferring {
	switch {
	case w.q.Role != 0:
		return w.confersRole(b)
	case b.grant != nil:
		return w.confersGrant(b.grant)
	case w.q.Right != 0:
		return confersNot
	}
	c := w.v.Conferral(b.edge.Role(), u.form)
	if w.q.Package == catalogue.NoPackage {
		switch {
		case !c.Use.IsEmpty():
			return confersNow
		case !c.OtherForm.IsEmpty():
			return confersOtherForm
		}
		return confersNot
	}
	switch {
	case c.Use.Has(w.q.Package):
		return confersNow
	case c.OtherForm.Has(w.q.Package):
		return confersOtherForm
	}
	return confersNot
}

// conferredBy tells whether a candidate gives what is asked for.
func (w *walk) conferredBy(c *candidate) conferring {
	if c.delegation != nil {
		return w.confersClient(c)
	}
	return w.confers(c.unit, c.basis)
}

// confersGrant: a grant confers the package or the single right that it names.
func (w *walk) confersGrant(g *index.Grant) conferring {
	yes := false
	switch {
	case w.q.Right != 0:
		yes = g.Right == w.q.Right
	case w.q.Package != catalogue.NoPackage:
		yes = g.Package == w.q.Package
	default:
		yes = g.Package != catalogue.NoPackage || g.Right != 0
	}
	if yes {
		return confersNow
	}
	return confersNot
}

func (w *walk) confersRole(b basis) conferring {
	if b.grant != nil {
		return confersNot
	}
	if b.edge.Role() == w.q.Role {
		return confersNow
	}
	for _, r := range w.v.Mapped(b.edge.Role()) {
		if r == w.q.Role {
			return confersNow
		}
	}
	return confersNot
}

// candidate is a basis at a unit with the way from it to the subject.
type candidate struct {
	unit  unit
	base  rank // of the base, without extension
	basis basis
	link  basis // of a NEST: what the subject holds at the organisation between
	hop   bool

	delegation *index.ClientDelegation // of a CLIENT: by what the provider lets the subject use it
}

// judge counts what a candidate fails and makes it a path, a near miss, or
// nothing.
func (w *walk) judge(c *candidate, fs faults) {
	if fs.none() {
		w.gather(c)
	}
	switch w.conferredBy(c) {
	case confersNot:
		w.related = w.related || fs.none()
		return
	case confersOtherForm:
		fs.add(orgForm)
	}
	switch {
	case fs.none():
		w.best = min(w.best, c.base+rank(c.unit.extension))
		if w.rec != nil {
			w.rec.path(w, c)
		}
	case !fs.hopeless():
		w.nearest = min(w.nearest, fs.first)
		if w.rec != nil {
			w.rec.miss(w, c, fs.first, basis{})
		}
	}
}

// gather adds what a sound candidate confers, whatever was asked, to the sets that
// lists show and giving rests on.
func (w *walk) gather(c *candidate) {
	if c.delegation != nil {
		if w.delegated(c) == confersNow {
			w.note(c)
			w.use.Add(c.delegation.Package)
		}
		return
	}
	if g := c.basis.grant; g != nil {
		if g.Right != 0 {
			w.right = true
			w.note(c)
			return
		}
		if g.Package == catalogue.NoPackage {
			return
		}
		w.note(c)
		w.use.Add(g.Package)
		if c.counts() {
			w.own.Add(g.Package)
			if g.Package != w.terms.MainAdministrator {
				w.give.Add(g.Package)
			}
		}
		return
	}
	w.note(c)
	conf := w.v.Conferral(c.basis.edge.Role(), c.unit.form)
	for i := range w.use {
		w.use[i] |= conf.Use[i]
	}
	if c.counts() {
		for i := range w.own {
			w.own[i] |= conf.Use[i]
			w.give[i] |= conf.Give[i]
		}
	}
}

// note notes a sound candidate for who asked for grounds or holdings.
func (w *walk) note(c *candidate) {
	if w.grounds != nil {
		w.ground(c)
	}
	if w.hold != nil {
		w.holding(c)
	}
}

// counts reports whether a candidate counts for giving: not over ENK and not over
// CLIENT (GIVE-1).
func (c *candidate) counts() bool { return c.unit.extension != enk && c.delegation == nil }
