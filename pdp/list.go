package pdp

import (
	"iter"
	"math"
	"math/bits"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// Filter narrows a list. All lists every pair where anything may be used or given.
type Filter struct {
	Package      catalogue.PackageID // may use or give this; NoPackage for any
	Right        index.RightID       // may use or give this single right; 0 for any
	Role         catalogue.RoleID    // holds this role for the object; 0 for any
	Rule         fullmakt.Rule       // some path has this base or extension; "" for any
	BusinessOnly bool                // leave out non-business organisations (rule PRIV-1)
	// BareRoles also lists a pair for Role where nothing may be used or given, so
	// that the list is exactly where a question about the role is answered yes.
	BareRoles bool
}

// All is the filter that lets every pair through.
var All = Filter{Package: catalogue.NoPackage}

// Pair is one line of a list: what the subject may use and give on behalf of For.
type Pair struct {
	Subject, For fullmakt.PartyNo
	Use, Give    catalogue.PackageSet
	Rights       bool // some single right may be used
	GiveRights   bool // the single rights may be given on (rule GIVE-1)
	Uncertain    bool
}

// ActsFor lists whom the subject may act for, in the order of party numbers,
// after a number (0 for the first page) and at most limit of them (at least one).
// Next is the number to go on after, 0 on the last page. A list is complete over
// its pages as long as they are asked of the same snapshot.
func ActsFor(s *index.Snapshot, subject fullmakt.PartyNo, at int64, f Filter, after fullmakt.PartyNo, limit int) (pairs []Pair, next fullmakt.PartyNo) {
	r := newReach(s, at, f)
	r.from(subject)
	return r.page(after, limit, func(p fullmakt.PartyNo) (subj, obj fullmakt.PartyNo) { return subject, p })
}

// WhoActsFor lists who may act on behalf of a party, as ActsFor does.
func WhoActsFor(s *index.Snapshot, onBehalfOf fullmakt.PartyNo, at int64, f Filter, after fullmakt.PartyNo, limit int) (pairs []Pair, next fullmakt.PartyNo) {
	r := newReach(s, at, f)
	r.to(onBehalfOf)
	return r.page(after, limit, func(p fullmakt.PartyNo) (subj, obj fullmakt.PartyNo) { return p, onBehalfOf })
}

// CountActsFor returns for how many parties the subject may act: the length of
// ActsFor over all pages.
func CountActsFor(s *index.Snapshot, subject fullmakt.PartyNo, at int64, f Filter) int {
	r := newReach(s, at, f)
	r.from(subject)
	n := 0
	for p := range r.found.after(0) {
		if r.found.sure(p) || r.listed(Query{Subject: subject, For: p, Package: catalogue.NoPackage, At: at}) {
			n++
		}
	}
	return n
}

// reach is the walk from the other end: it gathers every party that could stand
// in the list. Those whose relation is plain to see are sure; the others are
// decided one by one by the walk itself.
type reach struct {
	s     *index.Snapshot
	v     *catalogue.View
	terms *index.Terms
	at    int64
	f     Filter
	found candidates

	role   catalogue.RoleID // the role and form that confers last answered for
	form   catalogue.FormID
	gives  bool
	warmth fullmakt.PartyNo // means nothing; see all
}

// candidates is a set of party numbers that comes out sorted, with a mark on those
// that are sure: for every 64 parties a word of members and a word of marks, side
// by side, so that adding one touches one line of memory.
type candidates []uint64

func (c candidates) add(p fullmakt.PartyNo, sure bool) {
	i, bit := p>>6<<1, uint64(1)<<(p&63)
	c[i] |= bit
	if sure {
		c[i+1] |= bit
	}
}

func (c candidates) remove(p fullmakt.PartyNo) {
	i, bit := p>>6<<1, uint64(1)<<(p&63)
	c[i] &^= bit
	c[i+1] &^= bit
}

func (c candidates) sure(p fullmakt.PartyNo) bool { return c[p>>6<<1+1]&(1<<(p&63)) != 0 }

// after yields the members above p, in order.
func (c candidates) after(p fullmakt.PartyNo) iter.Seq[fullmakt.PartyNo] {
	return func(yield func(fullmakt.PartyNo) bool) {
		if p == math.MaxUint32 {
			return
		}
		first := p + 1
		for i := int(first >> 6); i < len(c)/2; i++ {
			word := c[2*i]
			if i == int(first>>6) {
				word &= ^uint64(0) << (first & 63)
			}
			for ; word != 0; word &= word - 1 {
				if !yield(fullmakt.PartyNo(i<<6 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

func newReach(s *index.Snapshot, at int64, f Filter) *reach {
	return &reach{
		s: s, v: s.Catalogue().At(at), terms: s.Terms(), at: at, f: f,
		found: make(candidates, 2*(int(s.Last())>>6+1)),
	}
}

// plainFilter reports whether the filter asks no more than what an edge shows.
func (r *reach) plainFilter() bool {
	return r.f.Right == 0 && r.f.Role == 0 && r.f.Rule == "" && !r.f.BusinessOnly
}

// from gathers whom a subject may act for: where it holds something, where the
// organisations at which it holds a key role do, the clients delegated to it, and
// from each of these the sub-units and, of a sole proprietorship, the owner.
func (r *reach) from(subject fullmakt.PartyNo) {
	n, _, held := r.s.Look(subject)
	if n.Kind == fullmakt.KindUnknown {
		return
	}
	sound := n.Flags&index.Dead == 0 && n.State&fullmakt.Deleted == 0
	if n.Kind == fullmakt.KindPerson {
		r.found.add(subject, false)
	}
	r.all(held, sound, false)
	var last fullmakt.PartyNo
	for _, e := range held {
		if e.Party == last || e.SubUnit() || !e.Grant() && !r.v.Key(e.Role()) {
			continue // held is in the order of roles, so this drops most repetitions
		}
		last = e.Party
		between, _, clients := r.s.Look(e.Party)
		passes := sound && !e.Grant() && !e.Ended() && between.State&fullmakt.Deleted == 0 &&
			!(between.Form == r.terms.IKS && e.Role() == r.terms.DTPR)
		r.all(clients, passes, true)
	}
	if n.Kind == fullmakt.KindOrganisation {
		r.found.remove(subject)
	}
}

// all adds the objects of many edges. They lie all over the memory, so that a
// chunk of them is touched before it is gone through: its fetches overlap.
func (r *reach) all(edges []index.Edge, sound, nested bool) {
	const chunk = 32
	for len(edges) > 0 {
		now := edges[:min(chunk, len(edges))]
		edges = edges[len(now):]
		for _, e := range now {
			r.warmth += r.s.Node(e.Party).Parent
		}
		for _, e := range now {
			n, holders, below := r.s.Look(e.Party)
			if len(below) > 0 {
				r.warmth += below[len(below)-1].Party
			}
			if n.Form == r.terms.ENK && len(holders) > 0 {
				r.warmth += holders[0].Party
			}
		}
		for _, e := range now {
			r.over(e, sound, nested)
		}
	}
}

// over adds the object of one held edge and what hangs on it. Sound tells that
// nothing before the edge stands in the way.
func (r *reach) over(e index.Edge, sound, nested bool) {
	if e.SubUnit() || e.Agent() {
		return // neither is authority: over the parent of a sub-unit, or over the provider
	}
	u, _, below := r.s.Look(e.Party)
	if sound = sound && !e.Ended() && e.Role() != 0 && r.plainFilter(); sound {
		if nested && u.Form == r.terms.IKS && e.Role() == r.terms.DTPR {
			sound = false
		} else {
			sound = r.confers(e, u)
		}
	}
	r.found.add(e.Party, sound)
	sound = sound && u.State&fullmakt.Deleted == 0
	for i := len(below) - 1; i >= 0 && below[i].SubUnit(); i-- {
		r.found.add(below[i].Party, sound)
	}
	if u.Form == r.terms.ENK && u.Form != 0 {
		r.owners(e.Party, sound && (e.Role() == r.terms.REGN || e.Role() == r.terms.REVI))
	}
}

// owners adds the persons who own a sole proprietorship (rule ENK).
func (r *reach) owners(enk fullmakt.PartyNo, sound bool) {
	_, holders, _ := r.s.Look(enk)
	for _, h := range holders {
		if h.Role() != r.terms.INNH {
			continue
		}
		if n := r.s.Node(h.Party); n.Kind == fullmakt.KindPerson {
			r.found.add(h.Party, sound && !h.Ended() && n.Flags&index.Dead == 0)
		}
	}
}

// confers reports whether an edge's role gives what the filter wants at a unit. A
// list is mostly one role at a few forms, so the last answer is kept.
func (r *reach) confers(e index.Edge, u *index.Node) bool {
	if role := e.Role(); role != r.role || u.Form != r.form {
		r.role, r.form = role, u.Form
		use := &r.v.Conferral(role, u.Form).Use
		r.gives = !use.IsEmpty() && (r.f.Package == catalogue.NoPackage || use.Has(r.f.Package))
	}
	return r.gives
}

// to gathers who may act for an object: the holders at each unit, and the holders
// at each organisation among them.
func (r *reach) to(object fullmakt.PartyNo) {
	n, _, held := r.s.Look(object)
	switch n.Kind {
	case fullmakt.KindOrganisation:
		r.holders(object)
		if n.Parent != 0 {
			r.holders(n.Parent)
		}
		r.found.remove(object)
	case fullmakt.KindPerson:
		r.found.add(object, false)
		r.holders(object)
		for _, e := range held {
			if e.Role() == r.terms.INNH {
				r.holders(e.Party)
			}
		}
	}
}

func (r *reach) holders(u fullmakt.PartyNo) {
	_, holders, _ := r.s.Look(u)
	for _, e := range holders {
		if e.Agent() {
			continue // of the provider's clients, whose own holders it stands among
		}
		r.found.add(e.Party, false)
		if e.HolderIsOrganisation() {
			_, next, _ := r.s.Look(e.Party)
			for _, k := range next {
				if !k.Agent() && !k.Client() { // they open no hop
					r.found.add(k.Party, false)
				}
			}
		}
	}
}

// listed decides whether a pair stands in the list.
func (r *reach) listed(q Query) bool {
	_, ok := r.pair(q)
	return ok
}

// pair runs the walk for one pair and tells whether the filter lets it through.
func (r *reach) pair(q Query) (Pair, bool) {
	if r.f.BusinessOnly && !r.business(q.For) {
		return Pair{}, false
	}
	var w walk
	w.start(r.s, q, nil)
	w.run()
	p := Pair{Subject: q.Subject, For: q.For, Use: w.use, Rights: w.right, Uncertain: (w.subject.Flags|w.object.Flags)&index.Uncertain != 0}
	if w.refused != "" {
		return p, false
	}
	p.Give = w.givable()
	p.GiveRights = w.right && w.administers()
	switch {
	case r.f.Package != catalogue.NoPackage && !p.Use.Has(r.f.Package) && !p.Give.Has(r.f.Package):
		return p, false
	case p.Use.IsEmpty() && p.Give.IsEmpty() && !p.Rights && !(r.f.BareRoles && r.f.Role != 0):
		return p, false
	}
	if r.f.Right != 0 {
		right := q
		right.Right = r.f.Right
		if !Decide(r.s, right).Allowed { // who may give a right may use it
			return p, false
		}
	}
	if r.f.Role != 0 {
		role := q
		role.Role = r.f.Role
		if !Decide(r.s, role).Allowed {
			return p, false
		}
	}
	return p, r.f.Rule == "" || r.ruled(q)
}

// ruled reports whether some path of the pair has the base or extension that the
// filter names.
func (r *reach) ruled(q Query) bool {
	q.Package, q.Right, q.Role = r.f.Package, r.f.Right, r.f.Role
	if q.Role != 0 || q.Right != 0 {
		q.Package = catalogue.NoPackage
	}
	if q.Role != 0 {
		q.Right = 0
	}
	for _, path := range Explain(r.s, q).Paths {
		if path.Rule == r.f.Rule || path.Extension == r.f.Rule {
			return true
		}
	}
	return false
}

// business reports whether a party's register entry may be listed by person for
// others: enhetsregisterloven § 22 allows it for business activity (rule PRIV-1).
// A sub-unit is read by its own form.
func (r *reach) business(p fullmakt.PartyNo) bool {
	n := r.s.Node(p)
	return n.Kind != fullmakt.KindOrganisation || n.Form != 0 && r.s.Catalogue().Form(n.Form).Business
}

// page returns one page of the list.
func (r *reach) page(after fullmakt.PartyNo, limit int, ends func(fullmakt.PartyNo) (subj, obj fullmakt.PartyNo)) (pairs []Pair, next fullmakt.PartyNo) {
	limit = max(limit, 1)
	for p := range r.found.after(after) {
		q := Query{Package: catalogue.NoPackage, At: r.at}
		q.Subject, q.For = ends(p)
		if len(pairs) == limit {
			if r.found.sure(p) || r.listed(q) {
				return pairs, after
			}
			continue
		}
		if pair, ok := r.pair(q); ok {
			pairs = append(pairs, pair)
			after = p
		}
	}
	return pairs, 0
}
