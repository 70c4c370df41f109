package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/text"
)

func checkRoutes() []route {
	return []route{
		{method: "GET", pattern: "/check", handle: check},
		{method: "POST", pattern: "/check", handle: askCheck},
	}
}

// checkPage is the form in which a question is asked.
type checkPage struct {
	Subject, For partyField
	What         string // which part of the question is filled in: "any", "package", "role" or "service"
	Package      string
	Role         string
	Resource     string
	Action       string
	WhatWrong    string // why the question about a package, role or service cannot be asked
	Again        bool   // an identity number stood in the address, and is to be typed instead
	Areas        []packageGroup
	Roles        []choice
	Resources    []choice // none in a registry with too many to choose from
	Actions      []string
}

// partyField is a field that names a party.
type partyField struct {
	Name       string     // of the field
	Chosen     text.Party // the party that it names; the zero value for none yet
	Typed      string     // what was typed, without identity numbers
	Wrong      string     // why that names nobody
	Candidates []candidate
	More       bool // there are more than the candidates
	// Again leads to the same question with this field empty.
	Again string
}

// candidate is a party that a name fits, and the way on with it.
type candidate struct {
	Party text.Party
	URL   string
}

// check answers a question whose address names both parties, and else shows the
// form, with what the address does name filled in.
func check(v *view) error {
	query := v.r.URL.Query()
	for _, values := range query {
		if slices.ContainsFunc(values, func(s string) bool { return digits(s) >= 11 }) {
			return v.redirectTo(v.url("/check", "again", "number")) // and the address is gone from the browser's line
		}
	}
	if !v.Open && v.session == nil {
		return v.toSignIn()
	}
	ask := asking{
		pkg: query.Get("package"), role: query.Get("role"), resource: query.Get("resource"), action: query.Get("action"), right: query.Get("right"),
	}
	subject, wrongSubject := v.refField("subject")
	object, wrongFor := v.refField("for")
	if subject != 0 && object != 0 {
		ask.subject, ask.object = subject, object
		return v.explain(ask)
	}
	body := v.checkForm(ask)
	body.Subject = partyField{Name: "subject", Chosen: v.shownParty(subject), Wrong: wrongSubject, Again: v.checkURL(asking{object: object, pkg: ask.pkg, role: ask.role, resource: ask.resource, action: ask.action})}
	body.For = partyField{Name: "for", Chosen: v.shownParty(object), Wrong: wrongFor, Again: v.checkURL(asking{subject: subject, pkg: ask.pkg, role: ask.role, resource: ask.resource, action: ask.action})}
	body.Again = query.Get("again") == "number"
	return v.showForm(body)
}

// refField returns the party that the address names, or why it names none. What is
// in the address is not shown again: it may be anything.
func (v *view) refField(name string) (fullmakt.PartyNo, string) {
	ref := v.r.URL.Query().Get(name)
	if ref == "" {
		return 0, ""
	}
	no := v.byRef(ref)
	if no == 0 {
		return 0, v.say("web.check.wrong.address")
	}
	return no, ""
}

// shownParty is a party as a form may show it: a person by name only to those who
// may see it.
func (v *view) shownParty(no fullmakt.PartyNo) text.Party {
	p := v.party(no)
	if no != 0 && p.Kind == fullmakt.KindPerson && !v.mayLook(no) {
		return v.stranger(p)
	}
	return p
}

func (v *view) showForm(body *checkPage) error {
	status := http.StatusOK
	if body.Subject.Wrong != "" || body.For.Wrong != "" || body.WhatWrong != "" {
		status = http.StatusUnprocessableEntity
		if v.r.Method == http.MethodGet {
			status = http.StatusNotFound
		}
	}
	return v.write(status, "check", &page{Title: v.say("web.check.title"), Menu: "/check", Body: body})
}

// askCheck reads the form and leads to the address of the answer, which names
// parties by number. It is a POST since an identity number may be typed into it,
// which an address must never hold.
func askCheck(v *view) error {
	switch { // before anything is looked up
	case !v.Open && v.session == nil:
		return v.toSignIn()
	case v.caseWorker() && v.purpose() == "":
		return v.redirectTo(v.url("/purpose", "to", v.url("/check")))
	}
	form := v.r.PostForm
	body := v.checkForm(asking{pkg: form.Get("package"), role: form.Get("role"), resource: form.Get("resource"), action: form.Get("action")})
	if what := form.Get("what"); what != "" {
		body.What = what
	}
	ask := v.readWhat(body)
	var err error
	// Whose authority is asked about comes first: it decides which persons the
	// visitor may name.
	if ask.object, err = v.readParty(&body.For, "for", 0); err != nil {
		return err
	}
	if ask.subject, err = v.readParty(&body.Subject, "subject", ask.object); err != nil {
		return err
	}
	for _, field := range []*partyField{&body.Subject, &body.For} {
		rest := ask
		for i := range field.Candidates {
			c := &field.Candidates[i]
			if field == &body.Subject {
				rest.subject = c.Party.No
			} else {
				rest.object = c.Party.No
			}
			c.URL = v.checkURL(rest)
		}
	}
	if ask.subject != 0 && ask.object != 0 && body.WhatWrong == "" {
		return v.redirectTo(v.checkURL(ask))
	}
	body.Subject.Again = v.checkURL(asking{object: ask.object, pkg: ask.pkg, role: ask.role, resource: ask.resource, action: ask.action})
	body.For.Again = v.checkURL(asking{subject: ask.subject, pkg: ask.pkg, role: ask.role, resource: ask.resource, action: ask.action})
	return v.showForm(body)
}

// readParty reads a field that names a party: by number, by a reference of an
// earlier page, or by a name that fits one party alone.
func (v *view) readParty(f *partyField, name string, object fullmakt.PartyNo) (fullmakt.PartyNo, error) {
	f.Name = name
	typed := strings.TrimSpace(v.r.PostForm.Get(name))
	if digits(typed) < 11 { // else it may be an identity number, which no page shows
		f.Typed = typed
	}
	if typed == "" {
		f.Wrong = v.say("web.check.wrong.empty")
		return 0, nil
	}
	if strings.HasPrefix(typed, "p") {
		if no := v.byRef(typed); no != 0 {
			f.Chosen, f.Typed = v.shownParty(no), ""
			return no, nil
		}
	}
	found, err := v.node.Find(v.r.Context(), typed)
	var several *node.AmbiguousError
	switch code := fullmakt.ErrorCode(err); {
	case errors.As(err, &several):
		for _, p := range several.Candidates {
			if v.mayName(p, false, object) {
				f.Candidates = append(f.Candidates, candidate{Party: v.party(p.No)})
			}
		}
		f.More = several.More
		f.Wrong = v.say("web.check.wrong.several", "name", typed)
		if len(f.Candidates) > 0 {
			return 0, nil
		}
	case err == nil && v.mayName(found, digits(typed) == 11, object):
		f.Chosen, f.Typed = v.shownParty(found.No), ""
		return found.No, nil
	case code == fullmakt.CodeInvalid:
		f.Wrong = v.say("web.check.wrong.number")
		return 0, nil
	case err != nil && code != fullmakt.CodeNotFound:
		return 0, err
	}
	f.Wrong = v.say("web.check.wrong.nobody")
	return 0, v.suggest(f, typed)
}

// suggest adds to a field whose name is nobody's those whose names are like it.
func (v *view) suggest(f *partyField, typed string) error {
	query := node.SearchQuery{Text: typed, Limit: 5}
	if !v.Open {
		query.Kinds = []fullmakt.PartyKind{fullmakt.KindOrganisation}
	}
	found, err := v.node.Search(v.r.Context(), query)
	if err != nil && fullmakt.ErrorCode(err) != fullmakt.CodeInvalid { // of a text that is too long to be a name
		return err
	}
	for _, hit := range found.Hits {
		f.Candidates = append(f.Candidates, candidate{Party: v.party(hit.Party)})
	}
	if len(f.Candidates) > 0 {
		f.Wrong = v.say("web.check.wrong.like")
	}
	return nil
}

// mayName reports whether the visitor may name a party in a question. Anybody may
// name an organisation. With authentication on, a person is named by who may look
// at it, or by identity number by who may look at the one it would act for; by name
// nobody finds persons.
func (v *view) mayName(p fullmakt.Party, byNumber bool, object fullmakt.PartyNo) bool {
	return v.Open || p.ID.Kind == fullmakt.KindOrganisation || v.mayLook(p.No) || byNumber && object != 0 && v.mayLook(object)
}

func digits(s string) (n int) {
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// readWhat reads which package, role or action on a service is asked about. What
// it returns is written as the catalogue and the registry do, so that nothing else
// comes into an address.
func (v *view) readWhat(body *checkPage) (ask asking) {
	switch body.What {
	case "package":
		p, ok := v.snap.Catalogue().FindPackage(body.Package)
		if !ok {
			body.WhatWrong = v.say("web.check.wrong.package")
		}
		ask.pkg = p.Code
	case "role":
		role := v.roleID(body.Role)
		if role == 0 {
			body.WhatWrong = v.say("web.check.wrong.role")
			return ask
		}
		ask.role = string(v.snap.RoleCode(role))
	case "service":
		r, ok := v.node.Registry(v.snap).Resource(body.Resource)
		if !ok || body.Action == "" || digits(body.Action) >= 11 {
			body.WhatWrong = v.say("web.check.wrong.service")
			return ask
		}
		ask.resource, ask.action = r.Identifier, body.Action
	}
	return ask
}

// mostResources is how many services a form lists; a registry with more is typed
// into.
const mostResources = 200

// checkForm makes the form with a question's package, role or service filled in.
func (v *view) checkForm(ask asking) *checkPage {
	body := &checkPage{What: "any", Package: ask.pkg, Role: ask.role, Resource: ask.resource, Action: ask.action}
	switch {
	case ask.pkg != "":
		body.What = "package"
	case ask.role != "":
		body.What = "role"
	case ask.resource != "" || ask.action != "":
		body.What = "service"
	}
	c := v.snap.Catalogue()
	now := c.At(v.at())
	lang := string(v.lang)
	body.Areas = v.packageGroups(ask.pkg)
	for _, r := range c.Roles() {
		if now.Role(r.ID) != nil {
			body.Roles = append(body.Roles, choice{string(r.Code), r.Names.In(lang), string(r.Code) == ask.role})
		}
	}
	byName(body.Roles)
	body.Resources, body.Actions = v.resourceChoices(ask.resource)
	return body
}

// packageGroups lists the packages that there are now by area, each by name.
func (v *view) packageGroups(chosen string) (groups []packageGroup) {
	c := v.snap.Catalogue()
	now := c.At(v.at())
	for _, area := range now.Areas() {
		group := packageGroup{Area: area.Names}
		for _, p := range c.Packages() {
			if p.Area == area.Code && now.Package(p.ID) != nil {
				group.Packages = append(group.Packages, choice{p.Code, p.Names.In(string(v.lang)), p.Code == chosen})
			}
		}
		if byName(group.Packages); len(group.Packages) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// resourceChoices lists the services that the registry has, and the actions that
// their policies name.
func (v *view) resourceChoices(chosen string) (resources []choice, actions []string) {
	registry := v.node.Registry(v.snap)
	seen := map[string]bool{}
	for r := range registry.Resources() {
		if len(resources) == mostResources {
			return nil, []string{"read", "write", "sign", "subscribe"}
		}
		p, err := registry.Policy(r.Identifier)
		if err != nil {
			continue
		}
		resources = append(resources, choice{r.Identifier, cmp.Or(r.Title.In(string(v.lang)), r.Identifier), strings.EqualFold(r.Identifier, chosen)})
		for _, a := range p.Actions() {
			if !seen[a] {
				seen[a] = true
				actions = append(actions, a)
			}
		}
	}
	byName(resources)
	slices.Sort(actions)
	return resources, actions
}

func byName(list []choice) {
	slices.SortFunc(list, func(a, b choice) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
	})
}

// asking is what an address of /check asks. What it asks about is still as it
// is written there.
type asking struct {
	subject, object                    fullmakt.PartyNo
	pkg, role, resource, action, right string
}

// checkURL returns the address that asks a question.
func (v *view) checkURL(q asking) string {
	ref := func(no fullmakt.PartyNo) string {
		if no == 0 {
			return ""
		}
		return partyRef(v.party(no))
	}
	return v.url("/check", "subject", ref(q.subject), "for", ref(q.object), "package", q.pkg, "role", q.role, "resource", q.resource, "action", q.action, "right", q.right)
}
