package web

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strconv"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/pdp"
)

func orgRoutes() []route {
	return []route{
		{method: "GET", pattern: "/org/{number}", handle: orgWho},
		{method: "GET", pattern: "/org/{number}/holds", handle: orgHolds},
		{method: "GET", pattern: "/org/{number}/units", handle: orgUnits},
		{method: "GET", pattern: "/org/{number}/history", handle: orgHistory},
		{method: "GET", pattern: "/org/{number}/graph.svg", handle: orgGraph},
		{method: "GET", pattern: "/org/{number}/graph.mmd", handle: orgGraph},
		{method: "GET", pattern: "/org/{number}/graph.dot", handle: orgGraph},
	}
}

// orgPage shows who may act for an organisation.
type orgPage struct {
	Head    *orgHead
	Filter  listFilter
	Choices listChoices
	Drawn   bool // that there is anything to draw
	Graph   template.HTML
	Tree    *treeNode  // the same for narrow screens
	Formats []menuItem // addresses of the drawing in formats of its own
	Lines   []listLine
	Pages   pages
	Refused []listLine
	TooMany int    // so many near misses are more than are looked for; 0 when they are
	Anyway  string // the address that looks for more of them
}

// linesPerPage bounds the lines of one page of a list.
const linesPerPage = 50

// The most parties that are looked at for near misses: without being asked, and
// when asked.
const (
	nearUnasked = 300
	nearAsked   = 5_000
)

func orgWho(v *view) error {
	if f := v.wantedFormat(); f != nil {
		return v.sendGraph(f)
	}
	no, head, err := v.aboutOrganisation("")
	if err != nil {
		return err
	}
	body := &orgPage{Head: head}
	if body.Filter, err = v.listFilter(); err != nil {
		return err
	}
	list := v.whoActs(&body.Filter, no)
	body.Pages = v.pagesOf(len(list), linesPerPage)
	for i := body.Pages.From; i < body.Pages.To; i++ {
		body.Lines = append(body.Lines, v.line(&body.Filter, &list[i], false))
	}
	if !body.Filter.Hidden {
		body.Refused, body.TooMany = v.nearMisses(&body.Filter, no, false)
		body.Anyway = v.anyway(&body.Filter, partyPath(head.Party))
	}
	drawn := v.draw(&body.Filter, no, list, body.Refused)
	body.Drawn = len(list)+len(body.Refused) > 0
	for _, f := range graphFormats {
		body.Formats = append(body.Formats, menuItem{URL: v.url(partyPath(head.Party)+"/graph."+f.suffix, body.Filter.address()...), Name: f.name})
	}
	body.Graph = template.HTML(drawn.svg(false)) // which escapes what it is given
	body.Tree = drawn.tree()
	body.Choices = v.choices(&body.Filter, no)
	return v.show("org", &page{
		Title: drawn.Title, Crumbs: head.crumbs(v)[:1], Body: body, Status: v.say("web.list.found", "n", len(list)),
	})
}

// whoActs lists who may act for a party, and notes how many for the log of look-ups.
func (v *view) whoActs(f *listFilter, no fullmakt.PartyNo) []acting {
	pairs, _ := pdp.WhoActsFor(v.snap, no, v.at(), f.Filter, 0, math.MaxInt)
	list := v.actings(f, pairs)
	if f.Via.No != 0 {
		list = slices.DeleteFunc(list, func(a acting) bool { return !a.goesThrough(f.Via.No) })
	}
	v.lookup.Count = len(list)
	return list
}

// nearMisses returns the parties that almost stand in a list, with what stopped
// them, in the order of reasons; tooMany is how many were too many to look at.
func (v *view) nearMisses(f *listFilter, no fullmakt.PartyNo, forward bool) (lines []listLine, tooMany int) {
	most := nearUnasked
	if f.Near {
		most = nearAsked
	}
	near, whole := pdp.Near(v.snap, no, forward, most)
	if !whole {
		return nil, most
	}
	for _, p := range near {
		q := f.query(p, no, v.at())
		if forward {
			q = f.query(no, p, v.at())
		}
		l, ok := v.stoppedLine(f, q, forward)
		if ok && (f.Via.No == 0 || len(l.Hops) > 1 && l.Hops[0].To.No == f.Via.No) {
			lines = append(lines, l)
		}
	}
	slices.SortStableFunc(lines, func(a, b listLine) int {
		return cmp.Compare(fullmakt.DenialRank(a.Reason), fullmakt.DenialRank(b.Reason))
	})
	return lines, 0
}

// anyway is the address of a list that looks for more near misses.
func (v *view) anyway(f *listFilter, path string) string {
	more := *f
	more.Near = true
	return v.url(path, more.address()...)
}

// listChoices are what a list can be narrowed by.
type listChoices struct {
	Packages []packageGroup
	Roles    []choice
	Rules    []choice
}

// packageGroup is an area with its packages.
type packageGroup struct {
	Area     catalogue.Names
	Packages []choice
}

// choice is one of several to choose from.
type choice struct {
	Value, Name string
	Chosen      bool
}

// choices returns what the list of who acts for a party can be narrowed by: the
// packages for its kind, the roles that are held there, and the rules.
func (v *view) choices(f *listFilter, no fullmakt.PartyNo) (c listChoices) {
	cat, kind := v.snap.Catalogue(), v.snap.Kind(no)
	packages := cat.At(v.at()).ForOrganisations()
	if kind == fullmakt.KindPerson {
		packages = cat.At(v.at()).ForPersons()
	}
	for _, area := range cat.Areas() {
		if area.EntityType != kind {
			continue
		}
		g := packageGroup{Area: area.Names}
		for _, p := range cat.Packages() {
			if p.Area == area.Code && packages.Has(p.ID) {
				g.Packages = append(g.Packages, choice{p.Code, p.Names.In(string(v.lang)), f.Package != nil && f.Package.ID == p.ID})
			}
		}
		if len(g.Packages) > 0 {
			c.Packages = append(c.Packages, g)
		}
	}
	for _, id := range v.rolesHeld(no, f.Filter.Role) {
		role := v.teller().Role(id)
		c.Roles = append(c.Roles, choice{string(role.Code), v.texts.RoleName(role), id == f.Filter.Role})
	}
	slices.SortFunc(c.Roles, func(a, b choice) int { return cmp.Compare(a.Name, b.Name) })
	for _, rule := range rulesOfPaths {
		if rule != fullmakt.RuleENK || kind == fullmakt.KindPerson {
			c.Rules = append(c.Rules, choice{string(rule), v.say("web.list.rule." + string(rule)), rule == f.Rule})
		}
	}
	return c
}

// rolesHeld returns the roles that somebody holds at a party or at its main unit,
// and the one that is asked for besides.
func (v *view) rolesHeld(no fullmakt.PartyNo, asked catalogue.RoleID) []catalogue.RoleID {
	var roles []catalogue.RoleID
	for _, unit := range []fullmakt.PartyNo{no, v.snap.Node(no).Parent} {
		_, holders, _ := v.snap.Look(unit)
		for _, e := range holders {
			if r := e.Role(); r != 0 && (len(roles) == 0 || roles[len(roles)-1] != r) {
				roles = append(roles, r)
			}
		}
	}
	if asked != 0 {
		roles = append(roles, asked)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// pages are the pages of a list.
type pages struct {
	All      int // lines
	From, To int // of the page that is shown
	Number   int // of the page, from 1
	Of       int // pages
	Previous string
	Next     string
	// Moved tells that the register has changed since the page before was made, so
	// that the list is another.
	Moved bool
}

// Last reports whether no page follows.
func (p *pages) Last() bool { return p.Next == "" }

// pagesOf divides a list of so many lines into pages, and finds the one that the
// address asks for. Addresses of further pages name the revision, so that a reader
// is told when the list has changed between them.
func (v *view) pagesOf(all, size int) pages {
	query := v.r.URL.Query()
	p := pages{All: all, Of: max(1, (all+size-1)/size), Number: 1}
	if n, err := strconv.Atoi(query.Get("page")); err == nil {
		p.Number = min(max(n, 1), p.Of)
	}
	p.From = (p.Number - 1) * size
	p.To = min(p.From+size, all)
	revision := strconv.FormatUint(uint64(v.snap.Seq()), 10)
	p.Moved = p.Number > 1 && query.Get("revision") != "" && query.Get("revision") != revision
	to := func(n int) string {
		query.Set("page", strconv.Itoa(n))
		query.Set("revision", revision)
		if n == 1 {
			query.Del("page")
			query.Del("revision")
		}
		address := v.r.URL.Path
		if len(query) > 0 {
			address += "?" + query.Encode()
		}
		return address
	}
	if p.Number > 1 {
		p.Previous = to(p.Number - 1)
	}
	if p.Number < p.Of {
		p.Next = to(p.Number + 1)
	}
	return p
}
