package web

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

func partyRoutes() []route {
	return []route{{method: "GET", pattern: "/party/{no}", handle: partyPage}}
}

// partyShown is a person, an enterprise user or a system user, and for whom it may
// act.
type partyShown struct {
	Party text.Party
	Kind  string
	Dead  bool
	Ended bool // a user that has ended
	Self  bool // it is the visitor

	Owner  text.Party // of a user
	Keys   []keyShown // of an enterprise user: ECKEY
	Reach  []reachShown
	Beyond int // reached parties that are not shown

	System string // of a system user
	Vendor text.Party
	Agent  bool     // it acts for its owner's clients alone
	Given  []string // by its owner

	BusinessOnly bool // organisations that do no business are left out (rule PRIV-1)
	Rule         text.Rule
	Filter       listFilter
	Choices      listChoices
	Search       string
	All          int
	Lines        []listLine
	Pages        pages
	Refused      []listLine
	TooMany      int
	Anyway       string
}

// keyShown is a grant of ECKEY.
type keyShown struct {
	Valid bool // now
	Words string
}

// reachShown is whom an enterprise user reaches, and what a system user in its place
// would have to be given.
type reachShown struct {
	For        text.Party
	Why        string
	Need, Lost []string
}

// mostReach is how many parties the report on an enterprise user shows.
const mostReach = 50

// partyPage shows a person, an enterprise user or a system user.
func partyPage(v *view) error {
	no := v.byNumber(v.r.PathValue("no"))
	if no == 0 {
		return problem(http.StatusNotFound, "no-party")
	}
	p := v.party(no)
	if p.Kind == fullmakt.KindOrganisation {
		return v.redirect(partyPath(p))
	}
	if err := v.look(no); err != nil {
		return err
	}
	// What a person holds is looked up under rule PRIV-1, and recorded at any level.
	v.lookup.Subject, v.lookup.Object, v.lookup.Must = no, 0, p.Kind == fullmakt.KindPerson && no != v.person()
	body := &partyShown{
		Party: p, Kind: v.texts.Kind(p.Kind), Dead: v.snap.Node(no).Flags&index.Dead != 0, Self: no == v.person(),
		BusinessOnly: v.businessOnly(no), Search: v.asked(),
	}
	body.Rule, _ = v.texts.Rule("PRIV-1")
	switch p.Kind {
	case fullmakt.KindEnterpriseUser:
		v.enterpriseUser(body, no)
	case fullmakt.KindSystemUser:
		v.systemUser(body, no)
	}
	if err := v.actsFor(body, no); err != nil {
		return err
	}
	return v.show("party", &page{
		Title: v.say("web.party.title", "name", label(v.texts, p)), Body: body,
		Crumbs: []crumb{{"/", v.say("web.menu.search")}}, Status: v.say("web.list.found", "n", body.Pages.All),
	})
}

// actsFor lists for whom a party may act, as the page about an organisation does.
func (v *view) actsFor(body *partyShown, no fullmakt.PartyNo) (err error) {
	if body.Filter, err = v.listFilter(); err != nil {
		return err
	}
	f := &body.Filter
	f.BusinessOnly = body.BusinessOnly
	pairs, _ := pdp.ActsFor(v.snap, no, v.at(), f.Filter, 0, math.MaxInt)
	body.All, v.lookup.Count = len(pairs), len(pairs)
	pairs = v.searched(pairs, body.Search)
	v.alphabetical(pairs)
	body.Pages = v.pagesOf(len(pairs), linesPerPage)
	list := v.actings(f, pairs[body.Pages.From:body.Pages.To])
	slices.SortStableFunc(list, func(a, b acting) int { return cmp.Compare(indexOf(pairs, a.For), indexOf(pairs, b.For)) })
	for i := range list {
		body.Lines = append(body.Lines, v.line(f, &list[i], true))
	}
	if !f.Hidden && body.Search == "" && body.Pages.Number == 1 {
		body.Refused, body.TooMany = v.nearMisses(f, no, true)
		if body.BusinessOnly {
			body.Refused = slices.DeleteFunc(body.Refused, func(l listLine) bool { return !v.business(l.Party) })
		}
		body.Anyway = v.anyway(f, partyPath(body.Party))
	}
	body.Choices = v.heldChoices(f, no)
	return nil
}

// business reports whether a party may stand in a list of what a person holds for
// others to see.
func (v *view) business(p text.Party) bool {
	if p.Kind != fullmakt.KindOrganisation {
		return true
	}
	form := v.snap.Catalogue().Form(v.snap.Node(p.No).Form)
	return form != nil && form.Business
}

// heldChoices returns what the list of whom a party acts for can be narrowed by: all
// packages, the roles that it has somewhere, and the rules.
func (v *view) heldChoices(f *listFilter, no fullmakt.PartyNo) (c listChoices) {
	chosen := ""
	if f.Package != nil {
		chosen = f.Package.Code
	}
	c.Packages = v.packageGroups(chosen)
	roles := map[catalogue.RoleID]bool{}
	_, _, held := v.snap.Look(no)
	for _, e := range held {
		if registered(e) {
			roles[e.Role()] = true
		}
	}
	if f.Filter.Role != 0 {
		roles[f.Filter.Role] = true
	}
	for id := range roles {
		role := v.teller().Role(id)
		c.Roles = append(c.Roles, choice{string(role.Code), v.texts.RoleName(role), id == f.Filter.Role})
	}
	byName(c.Roles)
	for _, rule := range rulesOfPaths {
		c.Rules = append(c.Rules, choice{string(rule), v.say("web.list.rule." + string(rule)), rule == f.Rule})
	}
	return c
}

// enterpriseUser tells what there is to know of an enterprise user: whose it is, its
// key ECKEY, and what a system user in its place would need.
func (v *view) enterpriseUser(body *partyShown, no fullmakt.PartyNo) {
	owner := v.snap.Node(no).Parent
	body.Owner, body.Ended = v.party(owner), v.snap.State(no)&fullmakt.Deleted != 0
	for _, g := range v.snap.Grants(owner, no) {
		if g.ECKEY {
			body.Keys = append(body.Keys, keyShown{g.Valid.Contains(v.at()), v.validity(g.Valid)})
		}
	}
	reach := (&delegation.Acting{Snapshot: v.snap, At: v.at()}).ReachOf(no)
	for i, r := range reach {
		if i == mostReach {
			body.Beyond = len(reach) - i
			break
		}
		body.Reach = append(body.Reach, reachShown{For: v.party(r.For), Why: v.texts.Why(r.Reason), Need: v.packageNames(&r.Need), Lost: v.packageNames(&r.Lost)})
	}
}

// validity tells in words from when till when something holds.
func (v *view) validity(i fullmakt.Interval) string {
	var words []string
	if i.From != 0 {
		words = append(words, v.say("web.check.from", "time", v.moment(i.From)))
	}
	if i.To != 0 {
		words = append(words, v.say("web.check.until", "time", v.moment(i.To-1)))
	}
	if i.To == 0 {
		words = append(words, v.say("web.party.no-end"))
	}
	return strings.Join(words, ", ")
}

// systemUser tells what there is to know of a system user: of which system, whose,
// and what its owner has given it.
func (v *view) systemUser(body *partyShown, no fullmakt.PartyNo) {
	n := v.snap.Node(no)
	body.Owner, body.Ended, body.Agent = v.party(n.Parent), n.State&fullmakt.Deleted != 0, n.Flags&index.AgentSystem != 0
	id, _, _ := strings.Cut(v.snap.ID(no).Name, "/")
	body.System = text.Printable(id)
	for sys := range delegation.Systems(v.snap) {
		if fullmakt.FoldName(sys.ID) == id {
			body.System, body.Vendor = text.Printable(cmp.Or(sys.Name[string(v.lang)], sys.Name["nb"], sys.ID)), v.party(sys.Vendor)
			break
		}
	}
	_, body.Given = v.heldAt(no, n.Parent)
}

// packageNames returns the names of packages, by name.
func (v *view) packageNames(set *catalogue.PackageSet) (names []string) {
	for p := range set.All() {
		names = append(names, v.texts.PackageName(v.snap.Catalogue().Package(p)))
	}
	slices.Sort(names)
	return names
}

// moment writes an instant as its day.
func (v *view) moment(unix int64) string {
	return v.texts.Day(fullmakt.DateOf(time.Unix(unix, 0).In(v.oslo)))
}
