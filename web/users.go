package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/text"
)

// The users of a party: who has authority of its, which of it comes from the
// register and which was given, and what the party was given by others.

func userRoutes() []route {
	routes := []route{
		{method: "GET", pattern: usersPattern, handle: users},
		{method: "GET", pattern: usersPattern + "/new", handle: newUser, signedIn: true},
		{method: "POST", pattern: usersPattern + "/new", handle: newUser, signedIn: true},
		{method: "GET", pattern: usersPattern + "/{other}", handle: user},
		{method: "GET", pattern: usersPattern + "/{other}/give", handle: chooseGift, signedIn: true},
		{method: "GET", pattern: "/org/{number}/received", handle: received},
		{method: "GET", pattern: "/me/received", handle: received, signedIn: true},
	}
	for pattern, handle := range map[string]func(*view) error{
		usersPattern + "/{other}/give/package/{package}":   givePackage,
		usersPattern + "/{other}/give/resource/{resource}": giveRights,
		usersPattern + "/{other}/end":                      takeBack(false),
		"/org/{number}/received/{other}/end":               takeBack(true),
		"/me/received/{other}/end":                         takeBack(true),
	} {
		routes = append(routes, route{method: "GET", pattern: pattern, handle: handle, signedIn: true}, route{method: "POST", pattern: pattern, handle: handle, signedIn: true})
	}
	return routes
}

const (
	partUsers    = "/users"
	partReceived = "/received"
)

// edge is one that an index snapshot has.
type edge = index.Edge

func (v *view) isRightHolder(p, other fullmakt.PartyNo) bool {
	return delegation.IsRightHolder(v.snap, p, other)
}

// usersPage lists who has authority on behalf of a party, or with Received what a
// party was given.
type usersPage struct {
	*place
	Tabs   []menuItem
	Action string
	Asked  string
	Found  int
	List   []userShown
	Pages  []menuItem
	Add    button
}

// userShown is a party that has authority of another's.
type userShown struct {
	Party  text.Party
	Path   string
	Roles  []string // in the register
	Gifts  []giftShown
	Bare   bool // it is a user with nothing
	Fixed  button
	Give   button
	All    button
	Agent  bool // of the party's clients
	Packed int  // how many packages
	Righty int  // how many single rights
}

// giftShown is one thing given.
type giftShown struct {
	Title, About string
	Package      string // its code, for a link; "" for what is no package
	Until, From  fullmakt.Date
	Over, Ahead  bool
	GivenBy      text.Party // the zero value for the operator
	Basis        string
	Buttons      []button
}

// mostUsers is how many users a page shows.
const mostUsers = 50

// users lists who has authority on behalf of an organisation.
func users(v *view) error {
	p, err := v.place(partUsers)
	if err != nil {
		return err
	}
	body := &usersPage{place: p, Action: v.url(p.Path + partUsers), Asked: v.asked()}
	body.Add = button{URL: v.url(p.Path + partUsers + "/new"), Label: v.say("web.users.new"), Why: p.Why, ID: "why-new", Main: true}
	body.Tabs = v.userTabs(p, partUsers)
	list := slices.DeleteFunc(v.usersOf(p.No), func(no fullmakt.PartyNo) bool {
		party := v.party(no)
		return !matches(body.Asked, party.Name, party.ID, grouped(party))
	})
	slices.SortFunc(list, v.byName)
	body.Found, v.lookup.Count = len(list), len(list)
	list, body.Pages = leaf(v, list, mostUsers)
	for _, no := range list {
		body.List = append(body.List, v.userShown(p, no))
	}
	return v.show("users", &page{Title: v.say("web.users.title") + " – " + p.Name, Crumbs: p.Crumbs, Body: body, Status: v.say("web.users.found", "n", body.Found)})
}

func (v *view) userTabs(p *place, current string) []menuItem {
	return []menuItem{
		{v.url(p.Path + partUsers), v.say("web.users.tab"), current == partUsers},
		{v.url(p.Path + partReceived), v.say("web.received.tab"), current == partReceived},
	}
}

// usersOf lists who has a role at a party or something given by it, or is named as
// its right holder. What is over counts until it is taken back.
func (v *view) usersOf(p fullmakt.PartyNo) (list []fullmakt.PartyNo) {
	_, holders, _ := v.snap.Look(p)
	for _, e := range holders {
		if e.Role() != 0 && !e.Ended() || e.Grant() && len(v.gifts(p, e.Party)) > 0 || e.Agent() {
			list = append(list, e.Party)
		}
	}
	for from, to := range delegation.RightHolders(v.snap, p) {
		if from == p {
			list = append(list, to)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// gifts returns what one party has given another and nobody has ended.
func (v *view) gifts(from, to fullmakt.PartyNo) (list []fullmakt.Grant) {
	for _, g := range v.snap.Grants(from, to) {
		if !g.Recorded {
			list = append(list, v.grantOf(&g))
		}
	}
	slices.SortStableFunc(list, func(a, b fullmakt.Grant) int { return strings.Compare(v.given(a), v.given(b)) })
	return list
}

// grantOf returns an index grant as the log writes it.
func (v *view) grantOf(g *index.Grant) fullmakt.Grant {
	out := fullmakt.Grant{From: g.From, To: g.To, Package: g.Unknown, Valid: g.Valid, GivenBy: g.GivenBy, Basis: g.Basis}
	switch {
	case g.Right != 0:
		out.Resource, out.Right = v.snap.RightName(g.Right)
	case g.ECKEY:
		out.Role = fullmakt.ECKEY
	case g.Package != catalogue.NoPackage:
		out.Package = v.snap.Catalogue().Package(g.Package).Code
	}
	return out
}

// userShown gathers what a party has of another's.
func (v *view) userShown(p *place, no fullmakt.PartyNo) userShown {
	u := userShown{Party: v.party(no)}
	u.Path = p.Path + partUsers + "/" + partyRef(u.Party)
	_, holders, _ := v.snap.Look(p.No)
	for _, e := range holders {
		switch {
		case e.Party != no:
		case e.Role() != 0 && !e.Ended():
			u.Roles = append(u.Roles, v.texts.RoleName(v.teller().Role(e.Role())))
		case e.Agent():
			u.Agent = true
		}
	}
	for i, g := range v.gifts(p.No, no) {
		if g.Package != "" {
			u.Packed++
		} else {
			u.Righty++
		}
		u.Gifts = append(u.Gifts, v.giftShown(g, u.Path, p.Why, false, i))
	}
	u.Bare = len(u.Roles)+len(u.Gifts) == 0 && !u.Agent
	name := label(v.texts, u.Party)
	u.Fixed = button{Label: v.say("web.users.end"), Of: name, Why: v.say("web.users.fixed"), ID: "why-fixed"}
	u.Give = button{URL: v.url(u.Path + "/give"), Label: v.say("web.users.give"), Of: name, Why: p.Why, ID: "why-give", Main: true}
	u.All = button{URL: v.url(u.Path+"/end", "all", "1"), Label: v.say("web.users.end-all"), Of: name, Why: p.Why, ID: "why-all", Danger: true}
	if u.All.Why == "" && len(u.Gifts) == 0 {
		u.All.Why = v.say("web.users.nothing-given")
	}
	return u
}

// giftShown tells of one thing given. Renounce is for the receiver's side.
func (v *view) giftShown(g fullmakt.Grant, path, why string, renounce bool, i int) giftShown {
	s := giftShown{Title: v.given(g), Package: g.Package, GivenBy: v.party(g.GivenBy)}
	if id, ok := v.snap.Catalogue().PackageID(g.Package); ok && g.Package != "" && id != catalogue.NoPackage {
		s.About = v.snap.Catalogue().Package(id).Texts.In(string(v.lang))
	}
	if g.Valid.To != 0 {
		s.Until, s.Over = v.date(g.Valid.To-1), g.Valid.Over(v.at())
	}
	if !g.Valid.Started(v.at()) {
		s.From, s.Ahead = v.date(g.Valid.From), true
	}
	if _, reason, ok := strings.Cut(g.Basis, " "); ok && g.GivenBy != 0 {
		s.Basis = v.texts.Why(fullmakt.Reason(reason))
	}
	id := "why-" + partyRef(v.party(g.From)) + "-" + string(rune('a'+i%26)) + string(rune('a'+i/26%26))
	end := button{URL: v.url(path+"/end", giftQuery(g)...), Label: v.say("web.users.end"), Of: s.Title, Why: why, ID: id, Danger: true}
	if renounce {
		end.Label = v.say("web.received.end")
		s.Buttons = []button{end}
		return s
	}
	s.Buttons = []button{end}
	if g.Package != "" {
		s.Buttons = append(s.Buttons, button{URL: v.url(path + "/give/package/" + g.Package), Label: v.say("web.users.change"), Of: s.Title, Why: why, ID: id + "c"})
	}
	return s
}

// giftQuery names what a grant gives, as a query.
func giftQuery(g fullmakt.Grant) []string {
	switch {
	case g.Role == fullmakt.ECKEY:
		return []string{"eckey", "1"}
	case g.Resource != "":
		return []string{"resource", g.Resource, "right", g.Right}
	}
	return []string{"package", g.Package}
}

// userPage shows one user.
type userPage struct {
	*place
	User userShown
}

// user shows what one party has of another's.
func user(v *view) error {
	p, err := v.place(partUsers)
	if err != nil {
		return err
	}
	no, err := v.other(p)
	if err != nil {
		return err
	}
	crumbs := append(p.Crumbs, crumb{p.Path + partUsers, v.say("web.users.title")})
	return v.show("user", &page{Title: v.label(no) + " – " + p.Name, Crumbs: crumbs, Body: &userPage{place: p, User: v.userShown(p, no)}})
}

// giverShown is a party that has given something, with what it gave.
type giverShown struct {
	Party text.Party
	Gifts []giftShown
}

// receivedPage lists what a party was given.
type receivedPage struct {
	*place
	Tabs  []menuItem
	List  []giverShown
	Pages []menuItem
}

// received lists what a party was given by others, which it may renounce.
func received(v *view) error {
	p, err := v.place(partReceived)
	if err != nil {
		return err
	}
	body := &receivedPage{place: p}
	if p.Head != nil {
		body.Tabs = v.userTabs(p, partReceived)
	}
	_, _, held := v.snap.Look(p.No)
	var givers []fullmakt.PartyNo
	for _, e := range held {
		if e.Grant() && len(v.gifts(e.Party, p.No)) > 0 {
			givers = append(givers, e.Party)
		}
	}
	slices.Sort(givers)
	givers = slices.Compact(givers)
	slices.SortFunc(givers, v.byName)
	v.lookup.Count = len(givers)
	givers, body.Pages = leaf(v, givers, mostUsers)
	for _, from := range givers {
		one := giverShown{Party: v.party(from)}
		for i, g := range v.gifts(from, p.No) {
			one.Gifts = append(one.Gifts, v.giftShown(g, p.Path+partReceived+"/"+partyRef(one.Party), p.Why, true, i))
		}
		body.List = append(body.List, one)
	}
	return v.show("received", &page{Title: v.say("web.received.title") + " – " + p.Name, Crumbs: p.Crumbs, Body: body})
}

// areaShown is an area with its packages, and whether the visitor may give them.
type areaShown struct {
	ID, Name, Text string
	Open           bool
	Can            int // how many of them may be given
	Packages       []gift
}

// gift is something that may be given, or the reason why not.
type gift struct {
	ID, Title, About, Basis string
	Given                   bool
	Give                    button
}

// byArea lays out packages by the areas that they belong to. Those that do not
// match a search are left out.
func (v *view) byArea(asked string, packages []gift, of func(gift) *catalogue.Package) (areas []areaShown) {
	view := v.snap.Catalogue().At(v.at())
	for _, a := range view.Areas() {
		one := areaShown{ID: a.Code, Name: a.Names.In(string(v.lang)), Text: a.Texts.In(string(v.lang)), Open: asked != ""}
		for _, g := range packages {
			p := of(g)
			if p.Area != a.Code || !matches(asked, g.Title, g.About, p.Code, strings.Join(p.Aliases, " "), one.Name) {
				continue
			}
			if g.Give.Why == "" {
				one.Can++
			}
			one.Packages = append(one.Packages, g)
		}
		if len(one.Packages) > 0 {
			areas = append(areas, one)
		}
	}
	slices.SortStableFunc(areas, func(a, b areaShown) int { return cmp.Compare(min(1, b.Can), min(1, a.Can)) })
	return areas
}
