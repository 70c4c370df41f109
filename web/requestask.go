package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/google/uuid"
)

// whomPage asks which organisation is to give.
type whomPage struct {
	Action, Number, Error, To string
}

// whomToAsk finds the organisation that is to be asked, by its number.
func whomToAsk(v *view) error {
	body := &whomPage{Action: v.url("/me" + partRequests + "/new"), Number: strings.TrimSpace(v.value("from")), To: clipped(v.value("to"))}
	pg := &page{Title: v.say("web.requests.whom"), Crumbs: []crumb{{"/me", v.say("web.menu.me")}, {"/me" + partRequests, v.say("web.requests.title")}}, Body: body}
	if !v.has("from") {
		return v.show("requestwhom", pg)
	}
	from := v.byRef(body.Number)
	if from == 0 || v.snap.Kind(from) != fullmakt.KindOrganisation {
		body.Error = v.numberError(body.Number)
		return v.write(http.StatusUnprocessableEntity, "requestwhom", pg)
	}
	return v.redirectTo(v.url(partyPath(v.party(from))+partRequests+"/new", "to", body.To))
}

// askPage lets one choose what to ask for.
type askPage struct {
	Lead      string
	Action    string
	To        string
	Asked     string
	Found     int
	Areas     []areaShown
	Resources []gift
}

// mostMessage bounds the letters of a message.
const mostMessage = 500

// newRequest asks an organisation for a package or for the rights to a resource, on
// the visitor's own behalf or on that of a party that it administers.
func newRequest(v *view) error {
	from, err := v.organisation()
	if err != nil {
		return err
	}
	to := v.person()
	if v.value("to") != "" {
		if to = v.byRef(v.value("to")); to == 0 || !v.manages(to) {
			return problem(http.StatusForbidden, "not-manager")
		}
	}
	v.lookup.Subject, v.lookup.Object = to, from
	path, back := partyPath(v.party(from))+partRequests+"/new", "/me"
	if to != v.person() {
		back = partyPath(v.party(to))
	}
	crumbs := []crumb{{back, v.label(to)}, {back + partRequests, v.say("web.requests.title")}}
	what, title, items, names, err := v.askedFor(from)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		body := &askPage{Lead: v.say("web.requests.choose", "from", v.label(from), "to", v.label(to)), Action: v.url(path), To: v.value("to"), Asked: v.asked()}
		v.offer(body, from, to, path)
		return v.show("requestask", &page{Title: v.say("web.requests.new", "from", v.label(from)), Crumbs: crumbs, Body: body, Status: v.say("web.users.found-gifts", "n", body.Found)})
	}
	id := v.value("id")
	if v.r.Method == http.MethodGet {
		id = uuid.NewString()
	} else if _, sent := v.snap.Document(fullmakt.DocumentRequest, id); sent {
		v.session.notify(notice{Kind: "info", Text: v.say("web.requests.sent-already")})
		return v.redirectTo(v.url(back+partRequests, "tab", "sent"))
	}
	q := &question{
		Title: v.say("web.requests.confirm", "from", v.label(from), "what", title), Lead: v.say("web.requests.for", "to", v.label(to)),
		Button: v.say("web.requests.send"), Done: v.say("web.requests.done", "from", v.label(from)), Back: back + partRequests + "?tab=sent", Crumbs: crumbs, Path: path,
		Fields: []field{{"id", id}, {"to", v.value("to")}, what}, Items: names, Message: &messageField{Value: v.value("message")}, note: "request for access",
	}
	if utf8.RuneCountInString(q.Message.Value) > mostMessage {
		q.Message.Error = v.say("web.message.long", "most", mostMessage)
		q.Wrong = []fieldError{{"message", q.Message.Error}}
	}
	message := strings.ReplaceAll(q.Message.Value, "\r\n", "\n")
	if len(q.Wrong) > 0 {
		message = ""
	}
	q.command = func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.Ask(delegation.Ask{ID: id, From: from, To: to, Items: items, Message: message})
	}
	return v.ask(q)
}

// askedFor reads what is asked for: a package, or every right to a resource that
// can be given at all.
func (v *view) askedFor(from fullmakt.PartyNo) (f field, title string, items []delegation.Item, names []string, err error) {
	if name := v.value("package"); name != "" {
		p, ok := v.snap.Catalogue().FindPackage(name)
		if !ok {
			return f, "", nil, nil, problem(http.StatusNotFound, "no-such-package")
		}
		v.lookup.What = p.Code
		title = p.Names.In(string(v.lang))
		return field{"package", p.Code}, title, []delegation.Item{{Package: p.Code}}, []string{title}, nil
	}
	id := v.value("resource")
	if id == "" {
		return f, "", nil, nil, nil
	}
	view := v.node.Registry(v.snap)
	r, ok := view.Resource(id)
	if !ok || r.ResourceType == registry.TypeMaskinportenSchema {
		return f, "", nil, nil, problem(http.StatusNotFound, "no-such-resource")
	}
	rights, err := v.anybody().CheckRights(view, from, r.Identifier)
	if err != nil {
		return f, "", nil, nil, err
	}
	v.lookup.What = r.Identifier
	can := slices.DeleteFunc(slices.Clone(rights), func(r delegation.CheckedRight) bool { return !r.Give })
	if len(can) == 0 {
		can = rights // each is told why it cannot
	}
	for _, right := range can {
		items, names = append(items, delegation.Item{Resource: r.Identifier, Right: right.Key}), append(names, v.rightName(r.Identifier, right.Key))
	}
	return field{"resource", r.Identifier}, v.title(r, id), items, names, nil
}

// anybody tells what may be given at all, whoever gives it. It carries nothing out.
func (v *view) anybody() *delegation.Acting {
	return v.node.Acting(v.snap, delegation.Operator, v.at())
}

// offer lists what can be asked for.
func (v *view) offer(body *askPage, from, to fullmakt.PartyNo, path string) {
	var packages []gift
	for _, c := range v.anybody().CheckPackages(from, to) {
		pkg := v.snap.Catalogue().Package(c.Package)
		if !v.snap.Catalogue().At(v.at()).Valid().Has(c.Package) {
			continue
		}
		g := gift{ID: pkg.Code, Title: pkg.Names.In(string(v.lang)), About: pkg.Texts.In(string(v.lang))}
		g.Give = button{URL: v.url(path, "package", pkg.Code, "to", body.To), Label: v.say("web.requests.ask"), Of: g.Title, ID: "why-" + pkg.Code}
		if !c.Give {
			g.Give.Why = v.whyNot(c.Reason, c.Rule)
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
		if len(body.Resources) < mostServices && r.Visible && r.ResourceType != registry.TypeMaskinportenSchema && matches(body.Asked, r.Identifier, v.title(r, r.Identifier), r.Description.In(string(v.lang))) {
			g := gift{ID: r.Identifier, Title: v.title(r, r.Identifier), About: r.Description.In(string(v.lang))}
			g.Give = button{URL: v.url(path, "resource", r.Identifier, "to", body.To), Label: v.say("web.requests.ask"), Of: g.Title, ID: "why-" + r.Identifier, Why: v.whyNoRight(v.anybody(), view, from, r.Identifier)}
			body.Resources = append(body.Resources, g)
			body.Found++
		}
	}
}

// answerRequest approves, rejects, withdraws or confirms a request.
func answerRequest(v *view) error {
	p, r, err := v.findRequest()
	if err != nil {
		return err
	}
	step := v.r.PathValue("step")
	pairs := []any{"to", v.label(r.To), "from", v.label(r.From)}
	q := &question{Lead: r.Message, Back: p.Path + partRequests + "/" + r.ID, Crumbs: append(v.requestCrumbs(p), crumb{p.Path + partRequests + "/" + r.ID, v.label(r.To)}), Items: v.itemNames(r), note: step + " request", Danger: step == "reject" || step == "withdraw"}
	switch step {
	case "approve":
		v.approval(q, r)
	case "reject":
		q.command = func(a *delegation.Acting) (*delegation.Outcome, error) { return a.RejectRequest(r.ID) }
	case "withdraw":
		q.command = func(a *delegation.Acting) (*delegation.Outcome, error) { return a.WithdrawRequest(r.ID) }
	case "confirm":
		q.command = func(a *delegation.Acting) (*delegation.Outcome, error) { return a.ConfirmRequest(r.ID) }
	default:
		return problem(http.StatusNotFound, "no-page")
	}
	q.Title, q.Button, q.Done = v.say("web.requests."+step+".title", pairs...), v.say("web.requests."+step+".button"), v.say("web.requests."+step+".done", pairs...)
	return v.ask(q)
}

// approval lets one choose among the items of a request, and until when.
func (v *view) approval(q *question, r *delegation.Request) {
	until, valid := v.until()
	q.Until, q.Legend = until, v.say("web.requests.items")
	only := []int{}
	for i, name := range q.Items {
		one := pick{Name: "only", Value: strconv.Itoa(i), Label: name, Chosen: v.r.Method == http.MethodGet || slices.Contains(v.values("only"), strconv.Itoa(i))}
		if one.Chosen {
			only = append(only, i)
		}
		q.Picks = append(q.Picks, one)
	}
	if len(only) == 0 {
		q.Wrong = append(q.Wrong, fieldError{"pick-0", v.say("web.pick.none")})
	}
	if len(only) == len(q.Items) {
		only = nil // all of it
	}
	q.command = func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.ApproveRequest(delegation.Approve{ID: r.ID, Only: only, Valid: valid})
	}
}
