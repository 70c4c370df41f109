package pdp

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// self is rule SELF: a living person may use the citizen packages for itself.
func (w *walk) self() {
	c := candidate{unit: unit{no: w.q.For}, base: rankSelf, basis: basis{edge: index.RoleEdge(w.q.Subject, w.terms.Private)}}
	var fs faults
	fs.add(w.subjectFault)
	w.selfAdmin = fs.none()
	w.judge(&c, fs)
}

// direct is rule DIRECT: the subject itself holds the basis.
func (w *walk) direct(u unit, b basis) {
	fs := b.faults
	fs.add(w.subjectFault)
	c := candidate{unit: u, base: rankRole, basis: b}
	if b.grant != nil {
		c.base = rankGrant
	}
	if !fs.hopeless() {
		w.judge(&c, fs)
	}
}

// nest is rule NEST: an organisation T holds the basis, and the subject holds a
// key role at T. One hop, never more. What passes on is what T holds.
func (w *walk) nest(u unit, b basis) {
	t := b.edge.Party
	if len(w.held) > fewEdges {
		// The subject holds a lot, such as an accountant its clients: T's own
		// holders are fewer.
		_, holders, _ := w.s.Look(t)
		if len(holders) < len(w.held) {
			for _, e := range holders {
				if e.Party == w.q.Subject {
					w.nestOver(u, b, t, e)
				}
			}
			return
		}
	}
	for _, e := range w.held {
		if e.Party == t {
			w.nestOver(u, b, t, e)
		}
	}
}

// fewEdges is the number of edges that are scanned rather than looking up the
// other end first.
const fewEdges = 32

// nestOver judges the hop over each thing the subject holds at T by edge e, which
// may be either end of it.
func (w *walk) nestOver(u unit, b basis, t fullmakt.PartyNo, e index.Edge) {
	if e.SubUnit() || e.Derived() || e.Client() {
		return // not held by the subject as such
	}
	between := w.s.Node(t)
	fs := b.faults
	fs.add(w.subjectFault)
	fs.add(w.alive(between))
	if w.iksBasis(u, b) {
		fs.add(iksParticipant)
	}
	if fs.hopeless() {
		return
	}
	e.Party = w.q.Subject
	if !e.Grant() {
		link := w.roleBasis(e)
		if !w.v.Key(e.Role()) { // an agent relation neither (NEST-4)
			link.faults.add(notKeyRole)
		} else if w.iksLink(between, e) {
			link.faults.add(iksParticipant)
		}
		w.judgeNest(u, b, link, t, fs)
		return
	}
	grants := w.s.Grants(t, w.q.Subject)
	for i := range grants {
		link := basis{edge: e, grant: &grants[i]}
		link.faults.add(inTime(grants[i].Valid, w.q.At))
		switch {
		case !grants[i].ECKEY:
			link.faults.add(notKeyRole)
		case w.v.Role(w.terms.ECKEY) == nil: // the catalogue has ended it (rule TIME-1)
			link.faults.add(expired)
		case !w.v.Key(w.terms.ECKEY):
			link.faults.add(notKeyRole)
		}
		w.judgeNest(u, b, link, t, fs)
	}
}

func (w *walk) judgeNest(u unit, b, link basis, t fullmakt.PartyNo, fs faults) {
	fs = fs.and(link.faults)
	if fs.hopeless() {
		return
	}
	c := candidate{unit: u, base: rankNest, basis: b, link: link, hop: true}
	w.judge(&c, fs)
}

// iksBasis is the first half of rule NEST-6: DTPR at an inter-municipal company
// does not pass on to the participant's key holders.
func (w *walk) iksBasis(u unit, b basis) bool {
	return u.iks && b.grant == nil && b.edge.Role() == w.terms.DTPR
}

// iksLink is the other half of rule NEST-6: DTPR at an inter-municipal company is
// not a key role over what that company holds elsewhere.
func (w *walk) iksLink(between *index.Node, e index.Edge) bool {
	return w.isIKS(between) && e.Role() == w.terms.DTPR
}

// furtherHop is rule NEST-3: the subject is key holder of T2, T2 of T, and T holds
// the basis. That is one hop too many, and the nearest thing to a yes.
func (w *walk) furtherHop(u unit, b basis) {
	if w.subjectFault != noFault || w.alive(w.s.Node(b.edge.Party)) != noFault {
		return
	}
	t := b.edge.Party
	between, holders, _ := w.s.Look(t)
	for _, middle := range holders {
		if !middle.HolderIsOrganisation() || !w.soundKey(between, middle) {
			continue
		}
		t2 := middle.Party
		n2 := w.s.Node(t2)
		if w.alive(n2) != noFault {
			continue
		}
		for _, e := range w.held {
			if e.Party == t2 {
				w.furtherHopOver(u, b, middle, t2, n2, e)
			}
		}
	}
}

func (w *walk) furtherHopOver(u unit, b basis, middle index.Edge, t2 fullmakt.PartyNo, n2 *index.Node, e index.Edge) {
	e.Party = w.q.Subject
	miss := func(last basis) {
		w.nearest = min(w.nearest, nestingLimit)
		if w.rec != nil {
			c := candidate{unit: u, base: rankNest, basis: b, link: basis{edge: middle}, hop: true}
			w.rec.miss(w, &c, nestingLimit, last)
		}
	}
	if !e.Grant() {
		if w.soundKey(n2, e) {
			miss(basis{edge: e})
		}
		return
	}
	grants := w.s.Grants(t2, w.q.Subject)
	for i := range grants {
		if grants[i].ECKEY && w.v.Key(w.terms.ECKEY) && inTime(grants[i].Valid, w.q.At) == noFault {
			miss(basis{edge: e, grant: &grants[i]})
		}
	}
}

// soundKey reports whether an edge at an organisation is a key role (rule KEY-1)
// that opens the hop: registered, not ended, and not NEST-6's exception.
func (w *walk) soundKey(at *index.Node, e index.Edge) bool {
	return !e.Grant() && !e.SubUnit() && !e.Derived() && !e.Ended() && w.v.Key(e.Role()) && !w.iksLink(at, e)
}

// sub is rule SUB: what somebody has on behalf of the main unit counts for its
// sub-unit. One level down, never up.
func (w *walk) sub() (unit, bool) {
	f := w.object.Form
	if f == 0 || w.object.Parent == 0 || !w.s.Catalogue().Form(f).SubUnit {
		return unit{}, false
	}
	u := unit{no: w.object.Parent, extension: sub}
	if w.s.Node(u.no).State&fullmakt.Deleted != 0 {
		u.faults.add(partyDeleted)
	}
	return u, true
}

// enk is rule ENK: what an accountant or auditor has on behalf of a sole
// proprietorship counts for the person who owns it.
func (w *walk) enk(further bool) {
	_, _, held := w.s.Look(w.q.For)
	for _, e := range held {
		if e.Role() != w.terms.INNH {
			continue
		}
		n := w.s.Node(e.Party)
		if n.Form == 0 || n.Form != w.terms.ENK {
			continue
		}
		u := unit{no: e.Party, extension: enk}
		if e.Ended() {
			u.faults.add(roleDeregistered)
		}
		if w.object.Flags&index.Dead != 0 {
			u.faults.add(holderDeceased)
		}
		if n.State&fullmakt.Deleted != 0 && w.longGone(e.Party) {
			u.faults.add(partyDeleted)
		}
		if !u.faults.hopeless() {
			w.visit(u, further)
		}
	}
}

// longGone reports whether a deleted sole proprietorship was deleted two years ago
// or more; a deletion without a date counts as older (rule ENK).
func (w *walk) longGone(e fullmakt.PartyNo) bool {
	d := w.s.DeletedOn(e)
	return d == 0 || w.q.At >= d.Time(fullmakt.Oslo()).AddDate(2, 0, 0).Unix()
}

// accountancy reports whether a role belongs to the REGN/REVI family, the only
// ones over which rule ENK goes.
func (w *walk) accountancy(r catalogue.RoleID) bool {
	return r != 0 && (r == w.terms.REGN || r == w.terms.REVI)
}
