package node

import (
	"context"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/store/sqlite"
)

// authority is what everybody may do on behalf of one organisation at one
// revision, at its own time: exactly the list of who acts for it.
type authority struct {
	by map[fullmakt.PartyNo]mayDo
	// around are the parties whose facts it rests on: until one of those changes,
	// or until it ends by itself, it stands.
	around []fullmakt.PartyNo
	until  int64 // Unix seconds; 0 for ever
}

// mayDo is what one party may do.
type mayDo struct {
	use, give  catalogue.PackageSet
	rights     []EventRight // sorted
	giveRights bool
	uncertain  bool
}

// authorityOver rebuilds, from the store, what everybody may do on behalf of an
// organisation at a revision. It reads the organisation and its main unit, those
// that hold something there, and the key holders of the organisations among them:
// one hop, as the rules go no further. The parties are numbered anew, so that it
// costs what is read and not what the register holds.
func (n *Node) authorityOver(ctx context.Context, rev sqlite.Revision, org fullmakt.PartyNo) (*authority, error) {
	a := &authority{by: map[fullmakt.PartyNo]mayDo{}, around: []fullmakt.PartyNo{org}, until: n.nextView(rev.At.Unix())}
	if rev.Seq == 0 {
		return a, nil
	}
	r := &rebuilding{n: n, rev: rev, local: map[fullmakt.PartyNo]fullmakt.PartyNo{}, read: map[fullmakt.PartyNo]bool{}, builder: index.NewBuilder(n.catalogue)}
	units, err := r.units(ctx, org)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context, []fullmakt.PartyNo) ([]fullmakt.PartyNo, error){r.holders, r.keyHolders, r.rim} {
		if units, err = step(ctx, units); err != nil {
			return nil, err
		}
	}
	a.around = slices.Sorted(slices.Values(r.parties))
	if r.until != 0 && (a.until == 0 || r.until < a.until) {
		a.until = r.until
	}
	parties, err := n.store.Parties(ctx, a.around)
	if err != nil {
		return nil, err
	}
	for _, p := range parties {
		p.No, p.Name = r.local[p.No], ""
		r.builder.Add(p)
	}
	r.ask(r.builder.Build(rev.Seq, rev.At), r.local[org], a.by)
	return a, nil
}

// nextView returns when the catalogue next changes by its own dates; 0 for never.
func (n *Node) nextView(at int64) int64 { return n.catalogue.At(at).To }

// rebuilding is the making of a small snapshot.
type rebuilding struct {
	n       *Node
	rev     sqlite.Revision
	builder *index.Builder
	parties []fullmakt.PartyNo                    // by local number, from 1
	local   map[fullmakt.PartyNo]fullmakt.PartyNo // the local numbers
	read    map[fullmakt.PartyNo]bool             // whose facts are in it
	rights  []EventRight
	until   int64 // the earliest day after this revision on which something given begins or ends
}

// number returns a party's local number. Nobody has none.
func (r *rebuilding) number(p fullmakt.PartyNo) fullmakt.PartyNo {
	if p == 0 {
		return 0
	}
	no, ok := r.local[p]
	if !ok {
		r.parties = append(r.parties, p)
		no = fullmakt.PartyNo(len(r.parties))
		r.local[p] = no
	}
	return no
}

// units returns an organisation and its main unit.
func (r *rebuilding) units(ctx context.Context, org fullmakt.PartyNo) ([]fullmakt.PartyNo, error) {
	r.number(org)
	units := []fullmakt.PartyNo{org}
	found, err := r.n.store.OrganisationsAt(ctx, r.rev.Seq, units)
	if err != nil || len(found) == 0 || found[0].Parent == 0 || found[0].Parent == org {
		return units, err
	}
	return append(units, found[0].Parent), nil
}

// holders adds what is known of the units and what they give, and returns who
// holds something there.
func (r *rebuilding) holders(ctx context.Context, units []fullmakt.PartyNo) (holders []fullmakt.PartyNo, err error) {
	facts, err := r.n.store.GivenAt(ctx, r.rev.Seq, units)
	for _, fact := range facts {
		switch f := fact.(type) {
		case fullmakt.Organisation:
			for _, role := range f.Roles {
				holders = append(holders, role.Holder)
			}
		case fullmakt.Grant:
			holders = append(holders, f.To)
			if f.Right != "" && !f.Ended {
				r.rights = append(r.rights, EventRight{f.Resource, f.Right})
			}
		case fullmakt.ClientDelegation:
			holders = append(holders, f.Provider, f.Agent)
		case fullmakt.Agent:
			holders = append(holders, f.Agent)
		case fullmakt.ScopeGrant:
			continue // it confers no authority (rule SCOPE-1)
		}
		r.add(fact)
	}
	return r.fresh(units, holders), err
}

// keyHolders adds what is known of the holders, and returns who holds a role at
// the organisations among them, or the key that an enterprise user is given.
func (r *rebuilding) keyHolders(ctx context.Context, between []fullmakt.PartyNo) (holders []fullmakt.PartyNo, err error) {
	facts, err := r.n.store.GivenAt(ctx, r.rev.Seq, between)
	for _, fact := range facts {
		switch f := fact.(type) {
		case fullmakt.Organisation:
			for _, role := range f.Roles {
				holders = append(holders, role.Holder)
			}
		case fullmakt.EnterpriseUser:
			holders = append(holders, f.Owner)
		case fullmakt.SystemUser:
			holders = append(holders, f.Owner)
		case fullmakt.Grant:
			if f.Role != fullmakt.ECKEY {
				continue
			}
			holders = append(holders, f.To)
		case fullmakt.Agent:
			holders = append(holders, f.Agent)
		case fullmakt.ClientDelegation, fullmakt.ScopeGrant:
			continue
		}
		r.add(fact)
	}
	return r.fresh(between, holders), err
}

// rim adds what is known of the last parties themselves.
func (r *rebuilding) rim(ctx context.Context, last []fullmakt.PartyNo) ([]fullmakt.PartyNo, error) {
	facts, err := r.n.store.GivenAt(ctx, r.rev.Seq, last)
	for _, fact := range facts {
		switch f := fact.(type) {
		case fullmakt.Organisation:
			f.Roles, f.Parent = nil, 0
			r.add(f)
		case fullmakt.Person, fullmakt.EnterpriseUser, fullmakt.SystemUser:
			r.add(f)
		}
	}
	return nil, err
}

// fresh notes what a step has read, and returns those of found that no step has
// read yet, each once.
func (r *rebuilding) fresh(read, found []fullmakt.PartyNo) (fresh []fullmakt.PartyNo) {
	for _, p := range read {
		r.read[p] = true
	}
	slices.Sort(found)
	for _, p := range slices.Compact(found) {
		if p != 0 && !r.read[p] {
			fresh = append(fresh, p)
		}
	}
	return fresh
}

// add puts a fact into the snapshot under local numbers.
func (r *rebuilding) add(fact fullmakt.Change) {
	switch f := fact.(type) {
	case fullmakt.Organisation:
		f.Party, f.Parent = r.number(f.Party), r.number(f.Parent)
		f.Roles = slices.Clone(f.Roles)
		for i := range f.Roles {
			f.Roles[i].Holder = r.number(f.Roles[i].Holder)
		}
		f.Roles = fullmakt.SortRoles(f.Roles)
		r.builder.Add(f)
	case fullmakt.Person:
		f.Party = r.number(f.Party)
		r.builder.Add(f)
	case fullmakt.EnterpriseUser:
		f.Party, f.Owner = r.number(f.Party), r.number(f.Owner)
		r.builder.Add(f)
	case fullmakt.SystemUser:
		f.Party, f.Owner = r.number(f.Party), r.number(f.Owner)
		r.builder.Add(f)
	case fullmakt.Grant:
		if !f.Ended {
			r.ends(f.Valid)
		}
		f.From, f.To, f.GivenBy = r.number(f.From), r.number(f.To), 0
		r.builder.Add(f)
	case fullmakt.Agent:
		f.Provider, f.Agent, f.GivenBy = r.number(f.Provider), r.number(f.Agent), 0
		r.builder.Add(f)
	case fullmakt.ClientDelegation:
		f.Provider, f.Client, f.Agent, f.GivenBy = r.number(f.Provider), r.number(f.Client), r.number(f.Agent), 0
		r.builder.Add(f)
	}
}

// ends notes when something given begins or ends by itself.
func (r *rebuilding) ends(v fullmakt.Interval) {
	now := r.rev.At.Unix()
	for _, t := range []int64{v.From, v.To} {
		if t > now && (r.until == 0 || t < r.until) {
			r.until = t
		}
	}
}

// ask makes the list, in the store's numbers.
func (r *rebuilding) ask(s *index.Snapshot, org fullmakt.PartyNo, by map[fullmakt.PartyNo]mayDo) {
	at := r.rev.At.Unix()
	slices.SortFunc(r.rights, compareRights)
	r.rights = slices.Compact(r.rights)
	for after, more := fullmakt.PartyNo(0), true; more; more = after != 0 {
		var pairs []pdp.Pair
		pairs, after = pdp.WhoActsFor(s, org, at, pdp.All, after, 10_000)
		for _, p := range pairs {
			h := mayDo{use: p.Use, give: p.Give, giveRights: p.GiveRights, uncertain: p.Uncertain}
			if p.Rights {
				h.rights = r.usable(s, p)
			}
			by[r.parties[p.Subject-1]] = h
		}
	}
}

// usable returns the single rights that a pair may use.
func (r *rebuilding) usable(s *index.Snapshot, p pdp.Pair) (rights []EventRight) {
	for _, right := range r.rights {
		q := pdp.Ask(p.Subject, p.For, r.rev.At.Unix())
		if q.Right = s.Right(right.Resource, right.Right); q.Right != 0 && pdp.Decide(s, q).Allowed {
			rights = append(rights, right)
		}
	}
	return rights
}
