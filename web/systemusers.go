package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
	"github.com/google/uuid"
)

// System users (systembrukere): those that an organisation has, and vendors' requests
// for new ones and for changes, which lead here from their confirmUrl.

const partSystemUsers = "/system-users"

func systemUserPageRoutes() []route {
	users, ask := "/org/{number}"+partSystemUsers, "/system-user-request/{id}"
	return []route{
		{method: "GET", pattern: users, handle: systemUsersPageOf, signedIn: true},
		{method: "GET", pattern: users + "/{uuid}/end", handle: endSystemUser, signedIn: true},
		{method: "POST", pattern: users + "/{uuid}/end", handle: endSystemUser, signedIn: true},
		{method: "GET", pattern: ask, handle: systemAskPageOf, signedIn: true},
		{method: "POST", pattern: ask + "/{answer}", handle: answerSystemAsk, signedIn: true},
		// Where Altinn's clients have been told to send people.
		{method: "GET", pattern: "/accessmanagement/ui/systemuser/request", handle: confirmURL, free: true},
		{method: "GET", pattern: "/accessmanagement/ui/systemuser/changerequest", handle: confirmURL, free: true},
	}
}

// confirmURL sends a person on from the address that a vendor was given.
func confirmURL(v *view) error {
	id, err := uuid.Parse(v.r.URL.Query().Get("id"))
	if err != nil {
		return problem(http.StatusNotFound, "no-system-ask")
	}
	return v.redirect("/system-user-request/" + id.String())
}

// seesSystemUsers reports whether the visitor may see an organisation's system
// users: those who administer it, as in Altinn.
func (v *view) seesSystemUsers(no fullmakt.PartyNo) bool {
	who := v.person()
	return who != 0 && pdp.Administers(v.snap, who, no, v.at())
}

// systemUsersPage lists an organisation's system users, and what waits.
type systemUsersPage struct {
	Head  *orgHead
	Asks  []systemAskLine
	Users []systemUserLine
}

type systemAskLine struct {
	Path, Title, System string
	Vendor              text.Party
	Created             fullmakt.Date
	Change              bool
}

type systemUserLine struct {
	Party         text.Party
	Title, System string
	Vendor        text.Party
	Agent         bool
	Since         fullmakt.Date
	Given         []string
	End           button
}

func systemUsersPageOf(v *view) error {
	no, head, err := v.aboutOrganisation(partSystemUsers)
	if err != nil {
		return err
	}
	if !v.seesSystemUsers(no) {
		return problem(http.StatusForbidden, "not-administrator")
	}
	p := &systemUsersPage{Head: head}
	for k := range delegation.SystemAsksOf(v.snap, no, v.at()) {
		if k.State != delegation.SystemAskNew {
			continue
		}
		system, vendor := v.system(k.System)
		p.Asks = append(p.Asks, systemAskLine{Path: "/system-user-request/" + k.ID, Title: k.Title, System: system, Vendor: vendor, Created: v.date(k.Created), Change: k.User != ""})
	}
	for u := range delegation.SystemUsersOf(v.snap, no) {
		line := systemUserLine{Party: v.party(u.Party), Title: u.Title, Agent: u.Agent, Since: v.date(u.Since), Given: v.systemUserGiven(&u)}
		line.System, line.Vendor = v.system(u.System)
		line.End = button{URL: v.url(partyPath(head.Party) + partSystemUsers + "/" + u.UUID + "/end"), Label: v.say("web.system-users.end"), Of: u.Title, ID: "end-" + u.UUID, Danger: true}
		p.Users = append(p.Users, line)
	}
	slices.SortFunc(p.Asks, func(a, b systemAskLine) int { return int(a.Created) - int(b.Created) })
	slices.SortStableFunc(p.Users, func(a, b systemUserLine) int { return strings.Compare(a.Title, b.Title) })
	v.lookup.Count = len(p.Users)
	return v.show("systemusers", &page{Title: v.say("web.system-users.title") + " – " + label(v.texts, head.Party), Crumbs: head.crumbs(v), Body: p})
}

// system names a vendor's system, and the vendor; by its id when it has left the
// register of systems.
func (v *view) system(id string) (string, text.Party) {
	sys, ok := delegation.FindSystem(v.snap, id)
	if !ok {
		return id, text.Party{}
	}
	for _, lang := range []string{string(v.lang), "nb", "nn", "en"} {
		if name := sys.Name[lang]; name != "" {
			return name, v.party(sys.Vendor)
		}
	}
	return id, v.party(sys.Vendor)
}

// systemUserGiven names what a system user has: by grants, or for an agent what it
// may be delegated for clients.
func (v *view) systemUserGiven(u *delegation.SystemUser) (names []string) {
	if u.Agent {
		for _, code := range u.Packages {
			names = append(names, v.packageName(code))
		}
		return names
	}
	for _, g := range v.snap.Grants(u.Owner, u.Party) {
		if !g.Valid.Contains(v.at()) {
			continue
		}
		switch resource, right := v.snap.RightName(g.Right); {
		case resource != "":
			names = append(names, v.rightName(resource, right))
		default:
			if p := v.teller().Package(g.Package); p != nil {
				names = append(names, p.Names.In(string(v.lang)))
			}
		}
	}
	slices.Sort(names)
	return names
}

// endSystemUser asks, and ends a system user with all that it was given.
func endSystemUser(v *view) error {
	no, head, err := v.aboutOrganisation(partSystemUsers)
	if err != nil {
		return err
	}
	u, ok := delegation.FindSystemUser(v.snap, v.r.PathValue("uuid"))
	if !ok || u.Owner != no {
		return problem(http.StatusNotFound, "no-system-user")
	}
	path := partyPath(head.Party) + partSystemUsers
	v.lookup.Subject = u.Party
	return v.ask(&question{
		Title: v.say("web.system-users.end.title", "title", u.Title), Lead: v.say("web.system-users.end.lead"),
		Button: v.say("web.system-users.end.button"), Danger: true, Done: v.say("web.system-users.ended", "title", u.Title),
		Back: path, Crumbs: append(head.crumbs(v), crumb{path, v.say("web.system-users.title")}), note: "end a system user",
		command: func(a *delegation.Acting) (*delegation.Outcome, error) { return a.EndSystemUser(u.UUID, no) },
	})
}

// systemAskPage shows a vendor's request, and what the visitor may answer.
type systemAskPage struct {
	ask           delegation.SystemAsk
	Owner, Vendor text.Party
	System, Title string
	Change, Agent bool
	State         string // in words
	Waits         bool
	Created       time.Time
	By            text.Party
	Items         []systemAskItem
	Stops         []refusalShown // what stands in the way of any answer
	Approve       button         // Why tells what must be another's to approve
	MayReject     bool
	MayEscalate   bool
	Escalated     bool
	Redirect      string // where the vendor wants the person afterwards
	Action        string
	Seen          string
	Moved         bool
}

type systemAskItem struct {
	Name              string
	Unwanted, Already bool
	Why               []string // why the visitor cannot approve of it
}

func systemAskPageOf(v *view) error { return v.showSystemAsk(http.StatusOK, nil, false) }

// readSystemAsk finds the request of the address. To those who do not act for the
// organisation it is not there.
func (v *view) readSystemAsk() (*delegation.Acting, delegation.SystemAsk, error) {
	a := v.acting(v.snap)
	k, err := a.SystemAsk(v.r.PathValue("id"))
	if err != nil {
		p := problem(http.StatusNotFound, "no-system-ask")
		p.cause = err
		return nil, k, p
	}
	v.lookup.Object = k.Owner
	return a, k, nil
}

// showSystemAsk shows the request, after an answer that could not be given with
// why.
func (v *view) showSystemAsk(status int, refused error, moved bool) error {
	a, k, err := v.readSystemAsk()
	if err != nil {
		return err
	}
	p := &systemAskPage{
		ask: k, Owner: v.party(k.Owner), Title: k.Title, Change: k.User != "", Agent: k.Agent, Waits: k.State == delegation.SystemAskNew,
		State: v.say("web.system-ask.state." + strings.ToLower(string(k.State))), Created: time.Unix(k.Created, 0), By: v.party(k.By),
		Escalated: k.Escalated, Redirect: webAddress(k.Redirect), Action: v.url("/system-user-request/" + k.ID), Moved: moved,
	}
	p.System, p.Vendor = v.system(k.System)
	items := k.Items()
	if p.Waits {
		made, err := v.node.NewSystemUser(v.r.Context(), v.snap, k, fullmakt.UUID(uuid.New()))
		if err != nil {
			return err
		}
		if items, err = a.CheckSystemAsk(k.ID, made); err != nil {
			if p.Stops = v.refusals(err, "", nil); p.Stops == nil {
				return err
			}
			items = k.Items()
		}
		if out, err := a.ApproveSystemAsk(k.ID, made); err == nil {
			p.Seen = endsDigest(out)
		}
		p.MayReject = v.seesSystemUsers(k.Owner)
		p.MayEscalate = !p.Escalated
	}
	for _, item := range items {
		one := systemAskItem{Name: v.packageName(item.Package), Unwanted: item.Unwanted, Already: item.Already}
		if item.Package == "" {
			one.Name = v.systemRight(item.Right)
		}
		for _, r := range item.Refusals {
			one.Why = append(one.Why, v.whyNot(r.Reason, r.Rule))
		}
		if len(one.Why) > 0 {
			p.Approve.Why = v.say("web.system-ask.not-all")
		}
		p.Items = append(p.Items, one)
	}
	if len(p.Stops) > 0 {
		p.Approve.Why = p.Stops[0].Text
	}
	if refused != nil && len(p.Stops) == 0 {
		p.Stops = v.refusals(refused, "", nil)
	}
	title := v.say("web.system-ask.title", "vendor", label(v.texts, p.Vendor))
	if p.Change {
		title = v.say("web.system-ask.change.title", "vendor", label(v.texts, p.Vendor))
	}
	return v.write(status, "systemask", &page{Title: title, Crumbs: []crumb{{"/", v.say("web.menu.search")}, {partyPath(p.Owner), label(v.texts, p.Owner)}}, Body: p})
}

// systemRight names what a request asks for in a service: one action, or all.
func (v *view) systemRight(r delegation.SystemRight) string {
	resource, _ := v.node.Registry(v.snap).Resource(r.Resource)
	title := v.title(resource, r.Resource)
	if r.Action == "" {
		return title
	}
	return v.say("web.right.of", "right", v.actionName(r.Action), "title", title)
}

// webAddress returns an address if a link may lead there: one of the web, as a
// vendor registered it; else "".
func webAddress(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://localhost") || strings.HasPrefix(address, "http://127.0.0.1") {
		return address
	}
	return ""
}

// answerSystemAsk approves, rejects or passes on a request.
func answerSystemAsk(v *view) error {
	_, k, err := v.readSystemAsk()
	if err != nil {
		return err
	}
	made := fullmakt.UUID(uuid.New())
	answers := map[string]command{
		"approve": func(a *delegation.Acting) (*delegation.Outcome, error) {
			next, err := v.node.NewSystemUser(v.r.Context(), a.Snapshot, k, made)
			if err != nil {
				return nil, err
			}
			return a.ApproveSystemAsk(k.ID, next)
		},
		"reject":   func(a *delegation.Acting) (*delegation.Outcome, error) { return a.RejectSystemAsk(k.ID) },
		"escalate": func(a *delegation.Acting) (*delegation.Outcome, error) { return a.EscalateSystemAsk(k.ID) },
	}
	answer := v.r.PathValue("answer")
	run := answers[answer]
	if run == nil {
		return problem(http.StatusNotFound, "no-page")
	}
	seen := v.r.PostForm.Get("seen")
	if answer != "approve" {
		seen = endsDigest(&delegation.Outcome{}) // nothing ends by it
	}
	_, _, err = v.carryOut("answer a request about a system user", seen, run)
	switch {
	case errors.Is(err, errMoved):
		return v.showSystemAsk(http.StatusConflict, nil, true)
	case len(delegation.Refusals(err)) > 0:
		return v.showSystemAsk(statusOf(err), err, false)
	case err != nil:
		return err
	}
	v.session.notify(notice{Kind: "success", Text: v.say("web.system-ask.done." + answer)})
	return v.redirect("/system-user-request/" + k.ID)
}
