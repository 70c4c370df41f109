package delegation

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
)

// Give gives items from one party to another.
type Give struct {
	From, To fullmakt.PartyNo
	// Identified tells that the caller was given the identity number of a person
	// who is to receive, and a last name that fits (see LastNameFits). A person
	// who is new to From must be named so (rule GIVE-3).
	Identified bool
	Items      []Item
	Valid      fullmakt.Interval
}

// Give returns the changes that give every item, or none of them. What is given
// already for the same interval changes nothing; another interval replaces it
// (rule GIVE-4).
func (a *Acting) Give(c Give) (*Outcome, error) {
	var rs refusals
	if a.soundActor(&rs) && a.give3(&rs, &c) {
		if len(c.Items) == 0 {
			rs.add(Refusal{Path: "/items", Reason: fullmakt.ReasonIncomplete}, "nothing is named to give")
		}
		a.interval(&rs, c.Valid)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	have := grantsBetween(a.Snapshot, c.From, c.To)
	out := &Outcome{}
	for i, item := range c.Items {
		g, ok := a.giveItem(&rs, &c, item, where(item.Path, "items", i))
		if !ok {
			continue
		}
		out.put(a, &have, item, g)
	}
	if err := rs.err(); err != nil {
		return nil, err
	}
	return a.finish(out), nil
}

// put adds a grant unless it is in force as it is. A grant whose end has passed
// is not revived: what rested on it ends first (rule GIVE-6).
func (out *Outcome) put(a *Acting, have *[]fullmakt.Grant, item Item, g fullmakt.Grant) {
	old, there := find(*have, g)
	if there && old.Valid == g.Valid {
		out.Items = append(out.Items, ItemOutcome{Item: item, Change: old})
		return
	}
	if there && old.Valid.Over(a.At) {
		old.Ended, old.Cause = true, fullmakt.CauseExpired
		for _, end := range Ends(a.Snapshot, []fullmakt.Change{old}) {
			out.Changes = append(out.Changes, end)
			out.Ended = append(out.Ended, end)
		}
	}
	if !there {
		*have = append(*have, g)
	}
	out.Changes = append(out.Changes, g)
	out.Items = append(out.Items, ItemOutcome{Item: item, Change: g, Changed: true})
}

// giveItem checks one item and returns the grant that gives it.
func (a *Acting) giveItem(rs *refusals, c *Give, item Item, path string) (fullmakt.Grant, bool) {
	g := fullmakt.Grant{From: c.From, To: c.To, Valid: c.Valid, GivenBy: a.Actor}
	switch {
	case !item.one():
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonIncomplete}, "an item names just one of a package, a right to a resource, and ECKEY")
	case item.ECKEY:
		g.Role = fullmakt.ECKEY
		g.Basis = a.basis(fullmakt.RuleGive1, "")
		return g, a.giveECKEY(rs, c, path)
	case item.Resource != "":
		g.Resource, g.Right = item.Resource, item.Right
		answer := a.right(RightQuestion{Actor: a.Actor, From: c.From, To: c.To, Resource: item.Resource, Right: item.Right, At: a.At})
		if g.Basis = a.basis(answer.Rule, answer.Reason); answer.Give {
			return g, true
		}
		rs.add(Refusal{Path: path, Reason: answer.Reason, Rule: answer.Rule, Party: c.From}, "the right %q to %q cannot be given", a.actionOf(item), item.Resource)
	default:
		return a.givePackage(rs, c, item, path, g)
	}
	return g, false
}

// actionOf names the right of an item: by its action, or by its key where the
// registry does not tell.
func (a *Acting) actionOf(item Item) string {
	_, rights := a.rightsTo(item.Resource)
	for _, r := range rights {
		if r.Key == item.Right {
			return r.Action.Value
		}
	}
	return item.Right
}

// one reports whether the item names just one thing.
func (i *Item) one() bool {
	n := 0
	for _, named := range []bool{i.Package != "", i.Resource != "" || i.Right != "", i.ECKEY} {
		if named {
			n++
		}
	}
	return n == 1 && (i.Resource == "") == (i.Right == "")
}

func (a *Acting) right(q RightQuestion) RightAnswer {
	if a.Rights == nil {
		return RightAnswer{Reason: fullmakt.ReasonNoResource}
	}
	return a.Rights(a.Snapshot, q)
}

func (a *Acting) givePackage(rs *refusals, c *Give, item Item, path string, g fullmakt.Grant) (fullmakt.Grant, bool) {
	p, ok := a.findPackage(rs, item.Package, path)
	if !ok {
		return g, false
	}
	if !a.receives(a.Snapshot.Kind(c.To), p) {
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonReceiver, Rule: fullmakt.RuleGive3, Party: c.To},
			"%s cannot be given to this kind of party", a.code(p))
		return g, false
	}
	check := a.mayGive(c.From, p)
	if !check.Give {
		rs.add(Refusal{Path: path, Reason: check.Reason, Rule: check.Rule, Party: c.From}, "%s may not be given: %s", a.code(p), check.Reason)
		return g, false
	}
	g.Package, g.Basis = a.code(p), a.basis(check.Rule, check.Reason)
	return g, true
}

func (a *Acting) findPackage(rs *refusals, name, path string) (catalogue.PackageID, bool) {
	p, ok := a.Snapshot.Catalogue().FindPackage(name)
	if !ok || !a.view().Valid().Has(p.ID) {
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonUnknownPackage}, "there is no package %q", clip(name))
		return catalogue.NoPackage, false
	}
	return p.ID, true
}

// giveECKEY is the second half of rule NEST-2: whoever administers an organisation
// gives its enterprise users ECKEY.
func (a *Acting) giveECKEY(rs *refusals, c *Give, path string) bool {
	switch {
	case a.Snapshot.Kind(c.To) != fullmakt.KindEnterpriseUser:
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonReceiver, Rule: "NEST-2", Party: c.To}, "only an enterprise user can be given ECKEY")
	case !a.administers(c.From):
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonNotAdmin, Rule: fullmakt.RuleGive1, Party: c.From}, "the actor does not administer the organisation")
	case a.view().Role(a.Snapshot.Terms().ECKEY) == nil:
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonExpired, Rule: fullmakt.RuleTime, Code: fullmakt.CodeConflict}, "ECKEY is not in use any more")
	default:
		return true
	}
	return false
}

// give3 is rule GIVE-3: who gives to whom. It adds what is wrong with the two
// parties and reports whether nothing is.
func (a *Acting) give3(rs *refusals, c *Give) bool {
	before := len(*rs)
	r := Refusal{Path: "/from", Rule: fullmakt.RuleGive3, Party: c.From}
	if r.Reason = a.giver(c.From); r.Reason == fullmakt.ReasonHolderDeceased || r.Reason == fullmakt.ReasonPartyDeleted || r.Reason == fullmakt.ReasonUnknownParty {
		a.sound(rs, "/from", c.From)
	} else if r.Reason != "" {
		rs.add(r, "only an organisation, or a person known by identity number, gives")
	}
	if !a.sound(rs, "/to", c.To) {
		return false
	}
	to := a.Snapshot.Node(c.To)
	r = Refusal{Path: "/to", Rule: fullmakt.RuleGive3, Party: c.To}
	switch {
	case c.From == c.To:
		r.Reason = fullmakt.ReasonToItself
		rs.add(r, "nobody gives to itself")
	case to.Kind == fullmakt.KindEnterpriseUser && to.Parent != c.From:
		r.Reason = fullmakt.ReasonReceiver
		rs.add(r, "an enterprise user receives from the organisation that owns it alone")
	case to.Flags&index.Uncertain != 0:
		r.Reason, r.Rule = fullmakt.ReasonUncertain, "OPEN-1"
		rs.add(r, "the person is known only by birth date and name, which may fit another")
	case to.Flags&index.AgentSystem != 0:
		r.Reason = fullmakt.ReasonReceiver
		rs.add(r, "an agent system user is given nothing itself; it is delegated clients")
	case a.Actor != Operator && to.Kind == fullmakt.KindPerson && !c.Identified && !a.knows(c.From, c.To):
		r.Reason = fullmakt.ReasonIdentity
		rs.add(r, "a person who is new to the giver must be named by identity number and last name")
	}
	return len(*rs) == before
}

// knows reports whether a person has a role at a party or something given by it, or
// is its right holder, and so is not new to it.
func (a *Acting) knows(from, person fullmakt.PartyNo) bool {
	if IsRightHolder(a.Snapshot, from, person) {
		return true
	}
	_, holders, _ := a.Snapshot.Look(from)
	for _, e := range holders {
		if e.Party == person {
			return true
		}
	}
	return false
}

// packageRepresentative may be received by persons and enterprise users only.
const packageRepresentative = "virksomhetens-representant-skjemaoppgaver"

// receives is what rule GIVE-3 says of packages: an organisation cannot receive
// hovedadministrator, and neither an organisation nor a system user
// virksomhetens-representant-skjemaoppgaver.
func (a *Acting) receives(kind fullmakt.PartyKind, p catalogue.PackageID) bool {
	switch {
	case p == a.Snapshot.Terms().MainAdministrator:
		return kind != fullmakt.KindOrganisation
	case a.code(p) == packageRepresentative:
		return kind != fullmakt.KindOrganisation && kind != fullmakt.KindSystemUser
	}
	return true
}
