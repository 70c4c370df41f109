package delegation

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
)

// Reach is what an enterprise user may do for one party, and what a system user in
// its place would have to be given by that party.
type Reach struct {
	For    fullmakt.PartyNo
	Reason fullmakt.Reason // how: held_via_nesting is what only ECKEY opens
	// Need are the packages that it may use and that a system user can be given;
	// Lost those that none can.
	Need, Lost catalogue.PackageSet
}

// ReachOf tells for whom an enterprise user may act at an instant, by party. A
// system user reaches nobody by nesting (rule NEST-2 opens it for ECKEY alone), so
// that each party must give it the packages itself.
func (a *Acting) ReachOf(user fullmakt.PartyNo) []Reach {
	list := []Reach{}
	const page = 1000
	for after, more := fullmakt.PartyNo(0), true; more; {
		var pairs []pdp.Pair
		pairs, after = pdp.ActsFor(a.Snapshot, user, a.At, pdp.Filter{}, after, page)
		for i := range pairs {
			list = append(list, a.reach(&pairs[i], user))
		}
		more = after != 0
	}
	return list
}

func (a *Acting) reach(p *pdp.Pair, user fullmakt.PartyNo) Reach {
	r := Reach{For: p.For}
	r.Reason = pdp.Decide(a.Snapshot, pdp.Ask(user, p.For, a.At)).Reason
	assignable := a.view().Assignable()
	for pkg := range p.Use.All() {
		if code := a.code(pkg); assignable.Has(pkg) && code != packageRepresentative {
			r.Need.Add(pkg)
		} else {
			r.Lost.Add(pkg)
		}
	}
	return r
}
