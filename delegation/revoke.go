package delegation

import (
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
)

// Revoke ends items that one party has given another. The side that acts is told
// by the command's name: Revoke is the giver's, Renounce the receiver's.
type Revoke struct {
	From, To fullmakt.PartyNo
	// Items are what ends; with All it is everything that From gave To.
	Items []Item
	All   bool
	// Cascade ends what rests on it as well; without it that is a refusal.
	Cascade bool
}

// Revoke takes back on the giver's side: by whoever administers From. What was
// not given changes nothing; what the receiver has from Enhetsregisteret is
// refused (rule GIVE-5).
func (a *Acting) Revoke(c Revoke) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) && !a.administers(c.From) {
		rs.add(Refusal{Reason: fullmakt.ReasonNotAdmin, Rule: fullmakt.RuleGive4, Party: c.From}, "the actor does not administer the party that gave this")
	}
	return a.takeBack(rs, &c, fullmakt.CauseRevoked)
}

// Renounce gives up on the receiver's side.
func (a *Acting) Renounce(c Revoke) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) && !a.give5(c.To) {
		rs.add(Refusal{Reason: fullmakt.ReasonNotAdmin, Rule: fullmakt.RuleGive5, Party: c.To}, "the actor is neither the receiver nor administers it")
	}
	return a.takeBack(rs, &c, fullmakt.CauseRenounced)
}

// give5 is rule GIVE-5: what a party received is renounced by the person itself,
// or by who administers the receiving organisation, which for an enterprise or
// system user is the one that owns it.
func (a *Acting) give5(to fullmakt.PartyNo) bool {
	n := a.Snapshot.Node(to)
	switch n.Kind {
	case fullmakt.KindPerson:
		return a.Actor == Operator || a.Actor == to
	case fullmakt.KindEnterpriseUser, fullmakt.KindSystemUser:
		return a.administers(n.Parent)
	}
	return a.administers(to)
}

func (a *Acting) takeBack(rs refusals, c *Revoke, cause fullmakt.Cause) (*Outcome, error) {
	s := a.Snapshot
	for i, p := range []fullmakt.PartyNo{c.From, c.To} {
		if s.Kind(p) == fullmakt.KindUnknown {
			rs.add(Refusal{Path: []string{"/from", "/to"}[i], Reason: fullmakt.ReasonUnknownParty, Party: p}, "party %d is not known", p)
		}
	}
	if len(rs) == 0 && (len(c.Items) == 0) != c.All {
		rs.add(Refusal{Path: "/items", Reason: fullmakt.ReasonIncomplete}, "name what is to end, or all of it, and not both")
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	have := grantsBetween(s, c.From, c.To)
	items := c.Items
	if c.All {
		items = itemsOf(have)
		a.give5Relation(&rs, c, have)
	}
	out := &Outcome{}
	var named []fullmakt.Change
	for i, item := range items {
		path := where(item.Path, "items", i)
		g, ok := a.named(&rs, c, item, path)
		if !ok {
			continue
		}
		old, there := find(have, g)
		if !there {
			a.give5Register(&rs, c, g, path)
			out.Items = append(out.Items, ItemOutcome{Item: item})
			continue
		}
		old.Ended, old.Cause = true, cause
		if !slices.Contains(named, fullmakt.Change(old)) {
			named = append(named, old)
		}
		out.Items = append(out.Items, ItemOutcome{Item: item, Change: old, Changed: true, StillHeld: a.stillHeld(c, old)})
		if !c.All && !c.Cascade {
			rs.rests(path, Ends(s, []fullmakt.Change{old}))
		}
	}
	if c.All && !c.Cascade {
		a.give4Relation(&rs, named)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	out.Changes = named
	return a.finish(out), nil
}

// give4Relation is the end of rule GIVE-4: a relation on which things rest goes
// only with the cascade. What rests on it is what was given, and what rests on
// that in turn.
func (a *Acting) give4Relation(rs *refusals, named []fullmakt.Change) {
	if len(named) > 0 {
		rs.rests("", append(slices.Clone(named), Ends(a.Snapshot, named)...))
	}
}

// rests refuses, for want of the cascade, an item on which something rests.
func (rs *refusals) rests(path string, ends []fullmakt.Change) {
	if len(ends) > 0 {
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonRestsOnIt, Rule: fullmakt.RuleGive4, Rests: ends}, "%d things rest on it and would end with it", len(ends))
	}
}

// give5Register is the second half of rule GIVE-5: what a party has from
// Enhetsregisteret is not revoked here.
func (a *Acting) give5Register(rs *refusals, c *Revoke, g fullmakt.Grant, path string) {
	p, ok := a.Snapshot.Catalogue().PackageID(g.Package)
	if g.Package == "" || !ok {
		return
	}
	q := pdp.Ask(c.To, c.From, a.At)
	q.Package = p
	for _, x := range pdp.Explain(a.Snapshot, q).Paths {
		if x.Rule == fullmakt.RuleDirect && x.Extension == "" && x.Steps[0].Kind == pdp.StepRole {
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonFromRegister, Rule: fullmakt.RuleGive5, Party: c.To, Source: x.Steps[0].Source},
				"%s follows from the role %s in Enhetsregisteret", g.Package, a.Snapshot.RoleCode(x.Steps[0].Role))
			return
		}
	}
}

// give5Relation answers likewise for a relation that the register alone made.
func (a *Acting) give5Relation(rs *refusals, c *Revoke, have []fullmakt.Grant) {
	if len(have) > 0 {
		return
	}
	_, holders, _ := a.Snapshot.Look(c.From)
	for _, e := range holders {
		if e.Party == c.To && e.Role() != 0 && !e.Ended() {
			rs.add(Refusal{Reason: fullmakt.ReasonFromRegister, Rule: fullmakt.RuleGive5, Party: c.To, Source: a.Snapshot.Source(c.From)},
				"the relation is the role %s in Enhetsregisteret", a.Snapshot.RoleCode(e.Role()))
			return
		}
	}
}

// named returns the identity of the grant that an item names.
func (a *Acting) named(rs *refusals, c *Revoke, item Item, path string) (fullmakt.Grant, bool) {
	g := fullmakt.Grant{From: c.From, To: c.To}
	switch {
	case !item.one():
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonIncomplete}, "an item names just one of a package, a right to a resource, and ECKEY")
		return g, false
	case item.ECKEY:
		g.Role = fullmakt.ECKEY
	case item.Resource != "":
		g.Resource, g.Right = item.Resource, item.Right
	default:
		// A package that is no longer in the catalogue can still be taken back.
		g.Package = item.Package
		if p, ok := a.Snapshot.Catalogue().FindPackage(item.Package); ok {
			g.Package = p.Code
		} else if _, there := find(grantsBetween(a.Snapshot, c.From, c.To), g); !there {
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonUnknownPackage}, "there is no package %q", clip(item.Package))
			return g, false
		}
	}
	return g, true
}

func itemsOf(grants []fullmakt.Grant) []Item {
	var items []Item
	for _, g := range grants {
		items = append(items, Item{Package: g.Package, Resource: g.Resource, Right: g.Right, ECKEY: g.Role == fullmakt.ECKEY})
	}
	return items
}

// stillHeld reports whether the receiver of a package may use it without the grant.
func (a *Acting) stillHeld(c *Revoke, g fullmakt.Grant) bool {
	p, ok := a.Snapshot.Catalogue().PackageID(g.Package)
	if g.Package == "" || !ok || p == catalogue.NoPackage {
		return false
	}
	q := pdp.Ask(c.To, c.From, a.At)
	q.Package = p
	for _, x := range pdp.Explain(a.Snapshot, q).Paths {
		if x.Rule != fullmakt.RuleDirect || x.Extension != "" || x.Steps[0].Kind != pdp.StepGrant {
			return true
		}
	}
	return false
}

// finish adds to an outcome what ends with its changes.
func (a *Acting) finish(out *Outcome) *Outcome {
	ends := Ends(a.Snapshot, out.Changes)
	out.Ended = append(out.Ended, ends...)
	out.Changes = append(out.Changes, ends...)
	return out
}
