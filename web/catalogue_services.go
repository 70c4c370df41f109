package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/text"
)

// said is a text that a service owner wrote, with its language where that is not
// the page's.
type said struct {
	Text string
	Lang string
}

// said chooses the text in the page's language, else in the first that there is.
func (v *view) said(t registry.Texts) said {
	if s := t[string(v.lang)]; s != "" {
		return said{Text: s}
	}
	for _, lang := range text.Langs() {
		if s := t[string(lang)]; s != "" {
			return said{s, string(lang)}
		}
	}
	return said{}
}

// serviceRow is a service in a list.
type serviceRow struct {
	ID, Type, Status string
	Title, Owner     said
	Opens            []opener
}

// opener is a package or role that a service's policy names: one of the two.
type opener struct {
	Package *catalogue.PackageRef
	Role    *catalogue.RoleRef
}

// serviceRow tells of a service and who opens it.
func (v *view) serviceRow(reg *registry.View, r *registry.Resource) serviceRow {
	row := serviceRow{ID: r.Identifier, Type: r.ResourceType, Status: r.Status, Title: v.said(r.Title), Owner: v.said(r.HasCompetentAuthority.Name)}
	if row.Title.Text == "" {
		row.Title.Text = r.Identifier
	}
	if p, err := reg.Policy(r.Identifier); err == nil {
		for _, s := range p.Subjects() {
			if o, ok := v.opener(s); ok && !slices.ContainsFunc(row.Opens, o.same) {
				row.Opens = append(row.Opens, o)
			}
		}
	}
	return row
}

// opener returns what an attribute of a policy's subject stands for.
func (v *view) opener(a registry.Attribute) (o opener, ok bool) {
	cat := v.node.Catalogue()
	held, ok := registry.Meaning(cat, a)
	if !ok {
		return o, false
	}
	if r := cat.Role(held.Role); r != nil {
		o.Role = &catalogue.RoleRef{Code: r.Code, URN: r.URN, Names: r.Names}
	} else if p := cat.Package(held.Package); p != nil {
		o.Package = &catalogue.PackageRef{Code: p.Code, URN: p.URN, Names: p.Names}
	}
	return o, true
}

// same reports whether two are the same package or role.
func (o opener) same(other opener) bool {
	if o.Role != nil || other.Role != nil {
		return o.Role != nil && other.Role != nil && o.Role.Code == other.Role.Code
	}
	return o.Package != nil && other.Package != nil && o.Package.Code == other.Package.Code
}

// servicesOpenedBy lists the services whose policies name one of some subjects, by
// identifier; none while the register is loading.
func (v *view) servicesOpenedBy(subjects []registry.Attribute) (rows []serviceRow) {
	reg := v.registry()
	if reg == nil {
		return nil
	}
	var ids []string
	for _, s := range subjects {
		ids = append(ids, reg.BySubject(s)...)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if r, ok := reg.Resource(id); ok {
			rows = append(rows, v.serviceRow(reg, r))
		}
	}
	return rows
}

// servicesPage is the list of services.
type servicesPage struct {
	Query, Type string
	Types       []string // that there are
	Rows        []serviceRow
	All, Found  int
	Pages       pages
}

// servicesOnPage is how many services a page lists.
const servicesOnPage = 50

func services(v *view) error {
	reg := v.registry()
	if reg == nil {
		return problem(http.StatusServiceUnavailable, "loading")
	}
	q := v.r.URL.Query()
	body := servicesPage{Query: strings.TrimSpace(q.Get("q")), Type: q.Get("type")}
	words := strings.Fields(strings.ToLower(body.Query))
	var found []*registry.Resource
	for r := range reg.Resources() {
		body.All++
		if !slices.Contains(body.Types, r.ResourceType) {
			body.Types = append(body.Types, r.ResourceType)
		}
		if (body.Type == "" || r.ResourceType == body.Type) && holdsWords(r, words) {
			found = append(found, r)
		}
	}
	slices.Sort(body.Types)
	body.Found = len(found)
	body.Pages = v.pagesOf(len(found), servicesOnPage)
	for _, r := range found[body.Pages.From:body.Pages.To] {
		body.Rows = append(body.Rows, v.serviceRow(reg, r))
	}
	return v.show("catalogue-services", &page{
		Title: v.say("web.services.title"), Menu: menuCatalogue, Crumbs: []crumb{v.crumbCatalogue()}, Body: body,
	})
}

// holdsWords reports whether every word, in lower case, stands in a service's
// identifier, titles, descriptions, keywords, scopes or owner.
func holdsWords(r *registry.Resource, words []string) bool {
	if len(words) == 0 {
		return true
	}
	texts := []string{r.Identifier, r.HasCompetentAuthority.Orgcode, r.HasCompetentAuthority.Organization}
	for _, t := range []registry.Texts{r.Title, r.Description, r.HasCompetentAuthority.Name} {
		for _, s := range t {
			texts = append(texts, s)
		}
	}
	for _, k := range r.Keywords {
		texts = append(texts, k.Word)
	}
	all := strings.ToLower(strings.Join(append(texts, r.Scopes()...), "\n"))
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, w) })
}

// servicePage is one service and what its policy says.
type servicePage struct {
	*registry.Resource
	ShownTitle, ShownText, Gives, ShownOwner said
	OwnerNumber                              string // grouped
	Actions                                  []serviceAction
	Scheme                                   *registry.Scheme // nil where it is no scheme of scopes
	NoPolicy                                 bool
	Broken                                   bool // what is stored as its policy cannot be read
	More                                     bool // the policy says more than who may do what
	Listed                                   bool // an access list is wanted besides
	Revision                                 fullmakt.Seq
}

// serviceAction is an action with who may do it: any one of the alternatives, all of
// whose parts are needed together.
type serviceAction struct {
	Action    string   // "" for every action
	Part      []string // the part of the service that it is about; none for the whole
	Everybody bool
	Who       [][]serviceSubject
}

// serviceSubject is a package, a role, or another attribute as the policy writes
// it.
type serviceSubject struct {
	opener
	Other string
}

func service(v *view) error {
	reg := v.registry()
	if reg == nil {
		return problem(http.StatusServiceUnavailable, "loading")
	}
	id := v.r.PathValue("id")
	r, ok := reg.Resource(id)
	if !ok {
		return problem(http.StatusNotFound, "no-service", "id", id)
	}
	body := servicePage{
		Resource: r, ShownTitle: v.said(r.Title), ShownText: v.said(r.Description), Gives: v.said(r.RightDescription), ShownOwner: v.said(r.HasCompetentAuthority.Name),
		Listed: r.AccessListMode == registry.AccessListsOn,
	}
	if body.ShownTitle.Text == "" {
		body.ShownTitle.Text = r.Identifier
	}
	if n, err := fullmakt.ParseOrgNumber(r.HasCompetentAuthority.Organization); err == nil {
		body.OwnerNumber = n.Grouped()
	}
	body.Scheme, _ = reg.Scheme(id)
	p, err := reg.Policy(r.Identifier)
	switch fullmakt.ErrorCode(err) {
	case "":
		body.Actions, body.Revision = v.serviceActions(p), p.Revision
		_, plain := p.Reduce(v.node.Catalogue())
		body.More = !plain
	case fullmakt.CodeNotFound:
		body.NoPolicy = true
	default:
		body.Broken = true
	}
	return v.show("catalogue-service", &page{
		Title: body.ShownTitle.Text, Menu: menuCatalogue,
		Crumbs: []crumb{v.crumbCatalogue(), {"/catalogue/services", v.say("web.services.title")}}, Body: body,
	})
}

// serviceActions tells who may do what by a policy.
func (v *view) serviceActions(p *registry.Policy) (actions []serviceAction) {
	own := (&registry.Resource{Identifier: p.Resource}).Attributes()
	part := func(resource []registry.Attribute) (parts []string) {
		for _, a := range resource {
			if !slices.ContainsFunc(own, func(o registry.Attribute) bool { return strings.EqualFold(o.ID, a.ID) }) {
				parts = append(parts, a.URN())
			}
		}
		return parts
	}
	for _, right := range p.Rights() {
		action := serviceAction{Action: right.Action.Value, Part: part(right.Resource)}
		for _, together := range right.Subjects {
			action.Who = append(action.Who, v.serviceSubjects(together))
		}
		actions = append(actions, action)
	}
	for _, r := range p.Unbound() {
		action := serviceAction{Action: r.Action.Value, Part: part(r.Resource), Everybody: len(r.Subject) == 0}
		if !action.Everybody {
			action.Who = [][]serviceSubject{v.serviceSubjects(r.Subject)}
		}
		actions = append(actions, action)
	}
	return actions
}

func (v *view) serviceSubjects(together []registry.Attribute) (list []serviceSubject) {
	for _, a := range together {
		if o, ok := v.opener(a); ok {
			list = append(list, serviceSubject{opener: o})
		} else {
			list = append(list, serviceSubject{Other: a.URN()})
		}
	}
	return list
}
