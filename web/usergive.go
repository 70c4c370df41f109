package web

import (
	"net/http"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/registry"
)

// giftsPage lets one choose what to give.
type giftsPage struct {
	*place
	User      userShown
	Action    string
	Asked     string
	Found     int
	Areas     []areaShown
	Resources []gift
	More      bool // there are more resources than are shown
}

// mostServices is how many resources a page shows.
const mostServices = 40

// between reads the place of an address and the user that it is about.
func (v *view) between(part string) (p *place, to fullmakt.PartyNo, path string, err error) {
	if p, err = v.place(part); err != nil {
		return nil, 0, "", err
	}
	if to, err = v.other(p); err != nil {
		return nil, 0, "", err
	}
	return p, to, p.Path + part + "/" + partyRef(v.party(to)), nil
}

// userCrumbs lead to the page of a user.
func (v *view) userCrumbs(p *place, to fullmakt.PartyNo, path string) []crumb {
	return append(p.Crumbs, crumb{p.Path + partUsers, v.say("web.users.title")}, crumb{path, v.label(to)})
}

// chooseGift lists what may be given to a user, and why the rest may not.
func chooseGift(v *view) error {
	p, to, path, err := v.between(partUsers)
	if err != nil {
		return err
	}
	body := &giftsPage{place: p, User: v.userShown(p, to), Action: v.url(path + "/give"), Asked: v.asked()}
	have := v.gifts(p.No, to)
	a := v.acting(v.snap)
	var packages []gift
	for _, c := range a.CheckPackages(p.No, to) {
		pkg := v.snap.Catalogue().Package(c.Package)
		if !v.snap.Catalogue().At(v.at()).Valid().Has(c.Package) {
			continue
		}
		g := gift{ID: pkg.Code, Title: pkg.Names.In(string(v.lang)), About: pkg.Texts.In(string(v.lang))}
		g.Given = slices.ContainsFunc(have, func(g fullmakt.Grant) bool { return g.Package == pkg.Code })
		g.Give = v.giveButton(g, path+"/give/package/"+pkg.Code)
		if !c.Give {
			g.Give.Why = v.whyNot(c.Reason, c.Rule)
		} else if len(c.Paths) > 0 {
			g.Basis = v.texts.Basis(v.teller().Path(c.Paths[0]))
		}
		packages = append(packages, g)
	}
	body.Areas = v.byArea(body.Asked, packages, func(g gift) *catalogue.Package {
		id, _ := v.snap.Catalogue().PackageID(g.ID)
		return v.snap.Catalogue().Package(id)
	})
	for _, area := range body.Areas {
		body.Found += len(area.Packages)
	}
	view := v.node.Registry(v.snap)
	for r := range view.Resources() {
		if !r.Visible || r.ResourceType == registry.TypeMaskinportenSchema ||
			!matches(body.Asked, r.Identifier, v.title(r, r.Identifier), r.Description.In(string(v.lang)), r.HasCompetentAuthority.Name.In(string(v.lang))) {
			continue
		}
		if len(body.Resources) == mostServices {
			body.More = true
			break
		}
		g := gift{ID: r.Identifier, Title: v.title(r, r.Identifier), About: r.Description.In(string(v.lang))}
		g.Given = slices.ContainsFunc(have, func(g fullmakt.Grant) bool { return g.Resource == r.Identifier })
		g.Give = v.giveButton(g, path+"/give/resource/"+r.Identifier)
		g.Give.Why = v.whyNoRight(a, view, p.No, r.Identifier)
		body.Resources = append(body.Resources, g)
	}
	body.Found += len(body.Resources)
	return v.show("gifts", &page{Title: v.say("web.users.give.title", "name", v.label(to)), Crumbs: v.userCrumbs(p, to, path), Body: body, Status: v.say("web.users.found-gifts", "n", body.Found)})
}

func (v *view) giveButton(g gift, path string) button {
	b := button{URL: v.url(path), Label: v.say("web.users.give"), Of: g.Title, ID: "why-" + g.ID}
	if g.Given {
		b.Label = v.say("web.users.change-gift")
	}
	return b
}

// whyNoRight tells why no right to a resource can be given; "" when one can.
func (v *view) whyNoRight(a *delegation.Acting, view *registry.View, from fullmakt.PartyNo, resource string) string {
	rights, err := a.CheckRights(view, from, resource)
	if err != nil || len(rights) == 0 {
		return v.say("web.users.no-policy")
	}
	for _, r := range rights {
		if r.Give {
			return ""
		}
	}
	return v.whyNot(rights[0].Reason, rights[0].Rule)
}

// givePackage asks until when, and gives a user a package. What is given already
// gets the new last day.
func givePackage(v *view) error {
	p, to, path, err := v.between(partUsers)
	if err != nil {
		return err
	}
	pkg, ok := v.snap.Catalogue().FindPackage(v.r.PathValue("package"))
	if !ok {
		return problem(http.StatusNotFound, "no-such-package")
	}
	v.lookup.What = pkg.Code
	title, name := pkg.Names.In(string(v.lang)), v.label(to)
	until, valid := v.until()
	for _, g := range v.gifts(p.No, to) {
		if g.Package == pkg.Code && v.r.Method == http.MethodGet && g.Valid.To != 0 {
			until.Value, valid = v.date(g.Valid.To-1).String(), g.Valid
		}
	}
	q := &question{
		Title: v.say("web.users.give.confirm", "name", name, "what", title), Lead: pkg.Texts.In(string(v.lang)),
		Button: v.say("web.users.give"), Done: v.say("web.users.give.done", "name", name, "what", title), Back: path, Crumbs: v.userCrumbs(p, to, path),
		Until: until, Items: []string{title}, note: "give " + pkg.Code,
		command: func(a *delegation.Acting) (*delegation.Outcome, error) {
			return a.Give(delegation.Give{From: p.No, To: to, Identified: v.named(to), Items: []delegation.Item{{Package: pkg.Code}}, Valid: valid})
		},
	}
	if v.snap.Kind(to) == fullmakt.KindOrganisation {
		q.Extra = v.say("web.users.nests", "name", name)
	}
	return v.ask(q)
}

// giveRights lets one choose among the rights to a resource, and gives them.
func giveRights(v *view) error {
	p, to, path, err := v.between(partUsers)
	if err != nil {
		return err
	}
	view := v.node.Registry(v.snap)
	r, ok := view.Resource(v.r.PathValue("resource"))
	if !ok || r.ResourceType == registry.TypeMaskinportenSchema { // whose scopes are given to suppliers
		return problem(http.StatusNotFound, "no-such-resource")
	}
	v.lookup.What = r.Identifier
	rights, err := v.acting(v.snap).CheckRights(view, p.No, r.Identifier)
	if err != nil {
		return err
	}
	title, name := v.title(r, r.Identifier), v.label(to)
	chosen := v.values("right")
	until, valid := v.until()
	q := &question{
		Title: v.say("web.users.give.confirm", "name", name, "what", title), Lead: r.RightDescription.In(string(v.lang)),
		Button: v.say("web.users.give"), Done: v.say("web.users.give.done", "name", name, "what", title), Back: path, Crumbs: v.userCrumbs(p, to, path),
		Until: until, Legend: v.say("web.users.rights"), note: "give rights to " + r.Identifier,
	}
	for _, right := range rights {
		one := pick{Name: "right", Value: right.Key, Label: v.actionName(right.Action.Value), Chosen: right.Give}
		if v.r.Method == http.MethodPost {
			one.Chosen = slices.Contains(chosen, right.Key)
		} else if right.Give {
			chosen = append(chosen, right.Key)
		}
		if !right.Give {
			one.Why = v.whyNot(right.Reason, right.Rule)
		}
		q.Picks = append(q.Picks, one)
	}
	if len(chosen) == 0 && v.r.Method == http.MethodPost {
		q.Wrong = append(q.Wrong, fieldError{"pick-0", v.say("web.pick.none")})
	}
	if len(chosen) == 0 { // none may be given: each is told why
		for _, right := range rights {
			chosen = append(chosen, right.Key)
		}
	}
	var items []delegation.Item
	for _, key := range chosen {
		items = append(items, delegation.Item{Resource: r.Identifier, Right: key})
		q.Items = append(q.Items, v.rightName(r.Identifier, key))
	}
	q.command = func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.Give(delegation.Give{From: p.No, To: to, Identified: v.named(to), Items: items, Valid: valid})
	}
	return v.ask(q)
}

// takeBack ends one thing given or all of it: on the giver's side, or to renounce
// it on the receiver's. What rests on it ends with it, which the page says first.
func takeBack(renounce bool) func(*view) error {
	return func(v *view) error {
		part := partUsers
		if renounce {
			part = partReceived
		}
		p, other, path, err := v.between(part)
		if err != nil {
			return err
		}
		from, to, key := p.No, other, "web.users.end."
		q := &question{Danger: true, Back: path, Crumbs: v.userCrumbs(p, other, path), note: "revoke"}
		if renounce {
			from, to, key = other, p.No, "web.received.end."
			q.Back, q.note, q.Crumbs = p.Path+partReceived, "renounce", append(p.Crumbs, crumb{p.Path + partReceived, v.say("web.received.title")})
		}
		revoke := delegation.Revoke{From: from, To: to, Cascade: true}
		what := v.say("web.users.all")
		if v.value("all") != "" {
			q.Fields = []field{{"all", "1"}}
			if q.command = func(a *delegation.Acting) (*delegation.Outcome, error) { return a.RemoveRightHolder(revoke, renounce) }; !renounce {
				q.Back = p.Path + partUsers
			}
		} else {
			g := fullmakt.Grant{From: from, To: to, Package: v.value("package"), Resource: v.value("resource"), Right: v.value("right")}
			if v.value("eckey") != "" {
				g.Role = fullmakt.ECKEY
			}
			if g.Package == "" && g.Resource == "" && g.Role == "" {
				return problem(http.StatusBadRequest, "invalid")
			}
			what, v.lookup.What = v.given(g), g.Package
			pairs := giftQuery(g)
			for i := 0; i+1 < len(pairs); i += 2 {
				q.Fields = append(q.Fields, field{pairs[i], pairs[i+1]})
			}
			revoke.Items = []delegation.Item{{Package: g.Package, Resource: g.Resource, Right: g.Right, ECKEY: g.Role == fullmakt.ECKEY}}
			q.command = func(a *delegation.Acting) (*delegation.Outcome, error) {
				if renounce {
					return a.Renounce(revoke)
				}
				return a.Revoke(revoke)
			}
		}
		q.Items = []string{what}
		q.Title, q.Button, q.Done = v.say(key+"title", "name", v.label(other), "what", what), v.say(key+"button"), v.say(key+"done", "name", v.label(other), "what", what)
		return v.ask(q)
	}
}
