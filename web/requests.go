package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/text"
)

// Requests for access: who asks a party to give, and whom a party asks.

func requestRoutes() []route {
	var routes []route
	for _, base := range []string{"/org/{number}" + partRequests, "/me" + partRequests} {
		me := base == "/me"+partRequests
		routes = append(routes,
			route{method: "GET", pattern: base, handle: requests, signedIn: me},
			route{method: "GET", pattern: base + "/{id}", handle: oneRequest, signedIn: true},
			route{method: "GET", pattern: base + "/{id}/{step}", handle: answerRequest, signedIn: true},
			route{method: "POST", pattern: base + "/{id}/{step}", handle: answerRequest, signedIn: true})
	}
	return append(routes,
		route{method: "GET", pattern: "/me" + partRequests + "/new", handle: whomToAsk, signedIn: true},
		route{method: "GET", pattern: "/org/{number}" + partRequests + "/new", handle: newRequest, signedIn: true},
		route{method: "POST", pattern: "/org/{number}" + partRequests + "/new", handle: newRequest, signedIn: true})
}

const partRequests = "/requests"

// requestsPage lists the requests that a party has received or sent.
type requestsPage struct {
	*place
	Tabs  []menuItem
	Sent  bool
	Ask   button
	List  []requestShown
	Pages []menuItem
}

// requestShown is a request for access.
type requestShown struct {
	ID, Path string
	From, To text.Party
	Sender   text.Party // the zero value for a service
	Items    []string
	Message  string
	State    string // in words
	Kind     string // of the tag that shows the state
	Since    fullmakt.Date
	History  []stepShown
	Buttons  []button
}

// stepShown is one step of a request's history.
type stepShown struct {
	State string
	By    text.Party // the zero value for a service
	On    fullmakt.Date
	Given []string // of an approval of less than was asked for
}

// requests lists the requests of a party, the newest first.
func requests(v *view) error {
	p, err := v.place(partRequests)
	if err != nil {
		return err
	}
	body := &requestsPage{place: p, Sent: v.value("tab") == "sent"}
	body.Tabs = []menuItem{
		{v.url(p.Path + partRequests), v.say("web.requests.received"), !body.Sent}, {v.url(p.Path+partRequests, "tab", "sent"), v.say("web.requests.sent"), body.Sent},
	}
	to := ""
	if p.Head != nil {
		to = partyRef(p.Head.Party)
	}
	body.Ask = button{URL: v.url("/me"+partRequests+"/new", "to", to), Label: v.say("web.requests.ask"), Why: p.Why, ID: "why-ask", Main: true}
	a := v.acting(v.snap)
	var list []*delegation.Request
	if a != nil {
		for r, err := range a.Requests(p.No, body.Sent, !body.Sent) {
			if err != nil {
				return err
			}
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(x, y *delegation.Request) int {
		return cmp.Or(cmp.Compare(y.History[len(y.History)-1].At, x.History[len(x.History)-1].At), cmp.Compare(x.ID, y.ID))
	})
	v.lookup.Count = len(list)
	list, body.Pages = leaf(v, list, mostUsers)
	for _, r := range list {
		body.List = append(body.List, v.requestShown(p, r))
	}
	return v.show("requests", &page{Title: v.say("web.requests.title") + " – " + p.Name, Crumbs: p.Crumbs, Body: body})
}

func (v *view) requestShown(p *place, r *delegation.Request) requestShown {
	s := requestShown{ID: r.ID, Path: p.Path + partRequests + "/" + r.ID, From: v.party(r.From), To: v.party(r.To), Sender: v.party(r.Sender()), Message: r.Message, Items: v.itemNames(r)}
	s.State, s.Kind = v.requestState(r.State)
	for _, step := range r.History {
		one := stepShown{By: v.party(step.By), On: v.date(step.At)}
		one.State, _ = v.requestState(step.State)
		for _, i := range step.Given {
			if i >= 0 && i < len(s.Items) {
				one.Given = append(one.Given, s.Items[i])
			}
		}
		s.History, s.Since = append(s.History, one), one.On
	}
	whom := label(v.texts, s.To)
	add := func(step string, main, danger bool) {
		s.Buttons = append(s.Buttons, button{URL: v.url(s.Path + "/" + step), Label: v.say("web.requests." + step), Of: whom, Main: main, Danger: danger})
	}
	switch {
	case r.State == delegation.RequestPending && r.From == p.No:
		add("approve", true, false)
		add("reject", false, true)
	case r.State == delegation.RequestDraft && r.To == p.No:
		add("confirm", true, false)
		add("withdraw", false, true)
	case r.State == delegation.RequestPending && r.To == p.No:
		add("withdraw", false, true)
	}
	return s
}

// requestState names a state, and the colour of its tag.
func (v *view) requestState(state delegation.RequestState) (name, kind string) {
	switch state {
	case delegation.RequestApproved:
		return v.say("web.requests.state.approved"), "success"
	case delegation.RequestRejected:
		return v.say("web.requests.state.rejected"), "danger"
	case delegation.RequestWithdrawn:
		return v.say("web.requests.state.withdrawn"), "neutral"
	case delegation.RequestDraft:
		return v.say("web.requests.state.draft"), "neutral"
	}
	return v.say("web.requests.state.pending"), "info"
}

// itemNames names what a request asks for, in the order of its items.
func (v *view) itemNames(r *delegation.Request) (names []string) {
	for _, item := range r.Items() {
		names = append(names, v.given(fullmakt.Grant{Package: item.Package, Resource: item.Resource, Right: item.Right}))
	}
	return names
}

// requestPage shows one request.
type requestPage struct {
	*place
	Request requestShown
}

// findRequest reads the request of the address: one of the place's that the
// visitor may see.
func (v *view) findRequest() (*place, *delegation.Request, error) {
	p, err := v.place(partRequests)
	if err != nil {
		return nil, nil, err
	}
	r, err := v.acting(v.snap).FindRequest(v.r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	if r.From != p.No && r.To != p.No {
		return nil, nil, problem(http.StatusNotFound, "not-found")
	}
	v.lookup.Subject, v.lookup.Object = r.To, r.From
	return p, r, nil
}

// oneRequest shows a request with its history.
func oneRequest(v *view) error {
	p, r, err := v.findRequest()
	if err != nil {
		return err
	}
	title := v.say("web.requests.one", "to", v.label(r.To), "from", v.label(r.From))
	return v.show("request", &page{Title: title, Crumbs: v.requestCrumbs(p), Body: &requestPage{place: p, Request: v.requestShown(p, r)}})
}

func (v *view) requestCrumbs(p *place) []crumb {
	return append(p.Crumbs, crumb{p.Path + partRequests, v.say("web.requests.title")})
}
