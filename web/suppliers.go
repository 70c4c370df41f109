package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/text"
)

// The Maskinporten administration: which scopes an organisation lets its suppliers
// use, and whose supplier it is itself (rule SCOPE-1).

func supplierRoutes() []route {
	const suppliers, consumers = "/org/{number}" + partSuppliers, "/org/{number}" + partConsumers
	return []route{
		{method: "GET", pattern: suppliers, handle: scopePage(giver)},
		{method: "GET", pattern: suppliers + "/add", handle: addSupplier, signedIn: true},
		{method: "POST", pattern: suppliers + "/add", handle: addSupplier, signedIn: true},
		{method: "GET", pattern: suppliers + "/{other}", handle: scopePage(giver)},
		{method: "GET", pattern: suppliers + "/{other}/give", handle: chooseScheme, signedIn: true},
		{method: "GET", pattern: suppliers + "/{other}/give/{scheme}", handle: giveScheme, signedIn: true},
		{method: "POST", pattern: suppliers + "/{other}/give/{scheme}", handle: giveScheme, signedIn: true},
		{method: "GET", pattern: suppliers + "/{other}/end", handle: endScopes(giver), signedIn: true},
		{method: "POST", pattern: suppliers + "/{other}/end", handle: endScopes(giver), signedIn: true},
		{method: "GET", pattern: suppliers + "/{other}/try", handle: tryScopes, signedIn: true},
		{method: "GET", pattern: consumers, handle: scopePage(supplier)},
		{method: "GET", pattern: consumers + "/{other}", handle: scopePage(supplier)},
		{method: "GET", pattern: consumers + "/{other}/end", handle: endScopes(supplier), signedIn: true},
		{method: "POST", pattern: consumers + "/{other}/end", handle: endScopes(supplier), signedIn: true},
	}
}

const (
	partSuppliers = "/suppliers"
	partConsumers = "/consumers"
)

// scopeSide is the side of scope grants that the organisation of a page stands on.
type scopeSide bool

const (
	giver    scopeSide = false // the page is about its suppliers
	supplier scopeSide = true  // it is about those that it supplies
)

// part is the path of the side's pages after /org/{number}.
func (side scopeSide) part() string {
	if side == giver {
		return partSuppliers
	}
	return partConsumers
}

// ends returns who gives and who receives, between the page's organisation and
// another.
func (side scopeSide) ends(party, other fullmakt.PartyNo) (from, to fullmakt.PartyNo) {
	if side == giver {
		return party, other
	}
	return other, party
}

// others lists the organisations on the other side.
func (side scopeSide) others(v *view, party fullmakt.PartyNo) []fullmakt.PartyNo {
	if side == giver {
		return delegation.Suppliers(v.snap, party)
	}
	return delegation.Consumers(v.snap, party)
}

// button is something that a visitor may do, or is told why not.
type button struct {
	URL, Label string
	Of         string // what it is done to, for those who hear one button at a time
	Why        string // not "": it cannot be done, for this reason
	ID         string // unique on the page; needed with Why
	Danger     bool
	Main       bool
}

// scopesPage shows the organisations on the other side, all or one.
type scopesPage struct {
	Head      *orgHead
	Title     string
	Suppliers bool
	Tabs      []menuItem
	Lead      string
	Add       button
	List      []otherShown
	None      string
	Whole     bool // List is one organisation, which has a page of its own
	Pages     []menuItem
}

// otherShown is one organisation on the other side, with the schemes between them.
type otherShown struct {
	Party   text.Party
	Path    string
	Alone   bool // on a page of its own
	Schemes []schemeShown
	Buttons []button
}

// schemeShown is one scheme that has been given.
type schemeShown struct {
	ID, Title, Owner string
	Scopes           []string
	Since            fullmakt.Date
	GivenBy          text.Party // the zero value for the operator
	Basis            string     // what the giver has it by today; "" for nothing any more
	Until            fullmakt.Date
	Over, Ahead      bool // its last day has passed; its first day is to come
	Begins           fullmakt.Date
	Buttons          []button
}

// mostOthers is how many organisations a page shows.
const mostOthers = 50

// scopePage shows one side of the Maskinporten administration, or with another
// organisation in the address what is between the two.
func scopePage(side scopeSide) func(*view) error {
	return func(v *view) error {
		no, head, err := v.scopeOrganisation()
		if err != nil {
			return err
		}
		p := &scopesPage{Head: head, Title: v.say(side.key("title")), Suppliers: side == giver}
		others := side.others(v, no)
		pg := &page{Title: p.Title + " – " + label(v.texts, head.Party), Crumbs: head.crumbs(v), Body: p}
		if v.r.PathValue("other") != "" {
			other, err := v.otherOrganisation()
			if err != nil {
				return err
			}
			others, p.Whole = []fullmakt.PartyNo{other}, true
			v.lookup.Subject = other
			pg.Title = v.label(other) + " – " + p.Title
			pg.Crumbs = append(pg.Crumbs, crumb{partyPath(head.Party) + side.part(), p.Title})
		} else {
			slices.SortFunc(others, v.byName)
			others, p.Pages = leaf(v, others, mostOthers)
		}
		p.Tabs = v.scopeTabs(head.Party, side)
		p.Lead, p.None = v.say(side.key("lead"), "name", label(v.texts, head.Party)), v.say(side.key("none"), "name", label(v.texts, head.Party))
		p.Add = button{URL: v.url(partyPath(head.Party) + partSuppliers + "/add"), Label: v.say("web.suppliers.add"), Why: v.whyNotScopes(no), ID: "why-add", Main: true}
		for _, other := range others {
			shown := v.otherShown(side, no, other)
			shown.Alone = p.Whole
			p.List = append(p.List, shown)
		}
		v.lookup.Count = len(others)
		return v.show("suppliers", pg)
	}
}

// key is the key of a message about the side.
func (side scopeSide) key(what string) string { return "web.scopes." + side.part()[1:] + "." + what }

// scopeOrganisation reads the organisation of the address. Who supplies whom is for
// those who look after its scopes, as it is in Altinn's API.
func (v *view) scopeOrganisation() (fullmakt.PartyNo, *orgHead, error) {
	no, head, err := v.aboutOrganisation(partSuppliers)
	if err != nil {
		return 0, nil, err
	}
	if !v.seesScopes(no) {
		return 0, nil, problem(http.StatusForbidden, "not-scope-manager")
	}
	return no, head, nil
}

// seesScopes reports whether the visitor may see whom an organisation has given
// scopes.
func (v *view) seesScopes(no fullmakt.PartyNo) bool {
	a := v.acting(v.snap)
	return v.Open || a != nil && a.AdministersScopes(no)
}

// otherOrganisation reads the organisation on the other side.
func (v *view) otherOrganisation() (fullmakt.PartyNo, error) {
	number := v.r.PathValue("other")
	if no := v.byRef(number); no != 0 && v.snap.Kind(no) == fullmakt.KindOrganisation {
		return no, nil
	}
	if n, err := fullmakt.ParseOrgNumber(number); err == nil {
		return 0, problem(http.StatusNotFound, "no-organisation", "number", n.Grouped())
	}
	return 0, problem(http.StatusNotFound, "no-number", "number", number)
}

func (v *view) scopeTabs(party text.Party, current scopeSide) (tabs []menuItem) {
	for _, side := range []scopeSide{giver, supplier} {
		tabs = append(tabs, menuItem{v.url(partyPath(party) + side.part()), v.say(side.key("tab")), side == current})
	}
	return tabs
}

// whyNotScopes tells why the visitor cannot change the scopes of an organisation;
// "" when it can.
func (v *view) whyNotScopes(p fullmakt.PartyNo) string {
	switch a := v.acting(v.snap); {
	case a == nil:
		return v.say("web.not.signed-in")
	case !a.AdministersScopes(p):
		return v.say("web.not.not_administrator.SCOPE-1")
	}
	return ""
}

// byName orders parties by name, then number.
func (v *view) byName(a, b fullmakt.PartyNo) int {
	return cmp.Or(strings.Compare(fullmakt.FoldName(v.snap.Name(a)), fullmakt.FoldName(v.snap.Name(b))), cmp.Compare(a, b))
}

func (v *view) otherShown(side scopeSide, no, other fullmakt.PartyNo) otherShown {
	party := v.party(no)
	from, to := side.ends(no, other)
	shown := otherShown{Party: v.party(other)}
	shown.Path = partyPath(party) + side.part() + "/" + shown.Party.ID
	view, why := v.node.Registry(v.snap), v.whyNotScopes(no)
	for g := range v.snap.ScopeGrants(from) {
		if g.To != to {
			continue
		}
		one := v.schemeShown(view, g)
		one.Buttons = append(one.Buttons, button{
			URL: v.url(shown.Path+"/end", "scheme", g.Scheme), Label: v.say(side.key("end")), Of: one.Title + ", " + label(v.texts, shown.Party), Why: why, ID: "why-" + shown.Party.ID + "-" + g.Scheme, Danger: true,
		})
		if side == giver {
			one.Buttons = append(one.Buttons, button{URL: v.url(shown.Path+"/try", "scheme", g.Scheme), Label: v.say("web.suppliers.try"), Of: one.Title + ", " + label(v.texts, shown.Party), Why: why, ID: "why-" + shown.Party.ID + "-" + g.Scheme + "-try"})
		}
		shown.Schemes = append(shown.Schemes, one)
	}
	id := "why-" + shown.Party.ID
	if side == giver {
		shown.Buttons = append(shown.Buttons, button{URL: v.url(shown.Path + "/give"), Label: v.say("web.suppliers.give"), Of: label(v.texts, shown.Party), Why: why, ID: id + "-give", Main: true})
	}
	shown.Buttons = append(shown.Buttons, button{URL: v.url(shown.Path + "/end"), Label: v.say(side.key("end-all")), Of: label(v.texts, shown.Party), Why: why, ID: id + "-end", Danger: true})
	return shown
}

func (v *view) schemeShown(view *registry.View, g fullmakt.ScopeGrant) schemeShown {
	one := schemeShown{ID: g.Scheme, Title: g.Scheme, GivenBy: v.party(g.GivenBy)}
	if g.Since != 0 {
		one.Since = v.date(g.Since)
	}
	if g.Valid.To != 0 {
		one.Until, one.Over = v.date(g.Valid.To-1), g.Valid.Over(v.at())
	}
	if !g.Valid.Started(v.at()) {
		one.Ahead, one.Begins = true, v.date(g.Valid.From)
	}
	scheme, ok := view.Scheme(g.Scheme)
	if !ok {
		return one
	}
	one.Title, one.Scopes, one.Owner = v.title(scheme.Resource, g.Scheme), scheme.Scopes, scheme.Owner.Name.In(string(v.lang))
	if g.GivenBy != 0 {
		one.Basis = v.schemeBasis(g.GivenBy, g.From, delegation.SchemeOf(v.snap, scheme))
	}
	return one
}

// schemeBasis tells in a few words what lets somebody give the scopes of a scheme
// on behalf of an organisation; "" when nothing does.
func (v *view) schemeBasis(actor, from fullmakt.PartyNo, scheme delegation.Scheme) string {
	rule, reason := v.node.Acting(v.snap, actor, v.at()).CheckScheme(from, scheme)
	if reason != "" {
		return ""
	}
	if rule == fullmakt.RuleGive2 { // as main administrator
		q := pdp.Ask(actor, from, v.at())
		q.Package = v.snap.Terms().MainAdministrator
		return v.basis(q)
	}
	for p := range scheme.Packages.All() {
		q := pdp.Ask(actor, from, v.at())
		q.Package = p
		if told := v.basis(q); told != "" {
			return told
		}
	}
	return ""
}

// basis tells the first path of an answer that counts for giving.
func (v *view) basis(q pdp.Query) string {
	for _, p := range v.teller().Answer(q, pdp.Explain(v.snap, q)).Paths {
		if p.Base != fullmakt.RuleClient && p.Extension != fullmakt.RuleENK {
			return v.texts.Basis(p)
		}
	}
	return ""
}
