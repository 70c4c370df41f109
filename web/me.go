package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

func meRoutes() []route {
	return []route{
		{method: "GET", pattern: "/me", handle: me},
		{method: "POST", pattern: "/me/sign-out-elsewhere", handle: signOutElsewhere, free: true},
	}
}

// mePage is what somebody who has signed in sees of itself.
type mePage struct {
	Self      text.Party // none for somebody who is no person of the register
	Name      string
	Query     string // narrows the list by name or number
	Count     int    // of all, before that
	Found     int
	Rows      []meRow
	Previous  string // addresses of pages; "" for none
	Next      string
	From, To  int // the places of the first and last row in what was found
	Since     time.Time
	Until     time.Time
	Elsewhere int // other sessions of the same person

	CaseWorker, Operator bool
	Requests             bool // there is a page of requests
	Manages              bool // there are pages where authority is given
}

// meRow is a party that the visitor may act for.
type meRow struct {
	Party     text.Party
	Use, Give int // packages
	Rights    bool
	Uncertain bool
	Manage    string // the address where authority is given; "" where the visitor may not
}

// mePageSize is how many parties stand on a page.
const mePageSize = 50

// me shows who has signed in, for whom they may act, and where they may decide who
// else does.
func me(v *view) error {
	if v.session == nil {
		return v.toSignIn()
	}
	body := &mePage{Name: v.session.name, Since: v.session.began, Until: v.session.began.Add(sessionMost), CaseWorker: v.session.caseWorker, Operator: v.session.operator, Requests: serves("/me/requests"), Manages: serves(usersPattern)}
	if who := v.person(); who != 0 {
		body.Self = v.party(who)
		body.Name = label(v.texts, body.Self)
		v.mine(body, who)
		v.lookup.Subject, v.lookup.Count = who, body.Found
		body.Elsewhere = v.sessions.count(who, v.now) - 1
	}
	return v.show("me", &page{Title: v.say("web.me.title"), Menu: "/me", Body: body})
}

// mine lists for whom a person may act, by name.
func (v *view) mine(body *mePage, who fullmakt.PartyNo) {
	query := v.r.URL.Query()
	pairs, _ := pdp.ActsFor(v.snap, who, v.at(), pdp.All, 0, int(v.snap.Last()))
	pairs = slices.DeleteFunc(pairs, func(p pdp.Pair) bool { return p.For == who })
	body.Count = len(pairs)
	body.Query = v.asked()
	rows := make([]meRow, 0, len(pairs))
	for _, p := range pairs {
		row := meRow{Party: v.party(p.For), Use: p.Use.Len(), Give: p.Give.Len(), Rights: p.Rights, Uncertain: p.Uncertain}
		if row.fits(body.Query) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b meRow) int { return strings.Compare(alphabetical(a.Party.Name), alphabetical(b.Party.Name)) })
	body.Found = len(rows)
	page, err := strconv.Atoi(query.Get("page"))
	if last := max(1, (len(rows)+mePageSize-1)/mePageSize); err != nil || page < 1 || page > last {
		page = 1
	}
	first := (page - 1) * mePageSize
	body.Rows = rows[first:min(first+mePageSize, len(rows))]
	body.From, body.To = first+1, first+len(body.Rows)
	if page > 1 {
		body.Previous = v.url("/me", "q", body.Query, "page", strconv.Itoa(page-1))
	}
	if body.To < len(rows) {
		body.Next = v.url("/me", "q", body.Query, "page", strconv.Itoa(page+1))
	}
	for i := range body.Rows {
		if p := body.Rows[i].Party; body.Manages && p.Kind == fullmakt.KindOrganisation && pdp.Administers(v.snap, who, p.No, v.at()) {
			body.Rows[i].Manage = v.url(partyPath(p) + "/users")
		}
	}
}

// usersPattern is the page where authority on behalf of an organisation is given.
const usersPattern = "/org/{number}/users"

// serves reports whether there is a page of a pattern.
func serves(pattern string) bool {
	return slices.ContainsFunc(routes(), func(r route) bool { return r.method == "GET" && r.pattern == pattern })
}

// alphabetical brings a name to a form that sorts as Norwegians do, with æ, ø and å
// after z.
func alphabetical(name string) string {
	return norwegianOrder.Replace(fullmakt.FoldName(name))
}

var norwegianOrder = strings.NewReplacer("æ", "{", "ø", "|", "å", "}")

// signOutElsewhere ends the other sessions of the person that has signed in.
func signOutElsewhere(v *view) error {
	who := v.person()
	if who == 0 {
		return v.toSignIn()
	}
	v.sessions.drop(func(s *session) bool { return s.person == who && s != v.session })
	v.session.notify(notice{Kind: "success", Text: v.say("web.me.ended")})
	return v.redirect("/me")
}

// fits reports whether a row is among those looked for by name or number.
func (r meRow) fits(query string) bool {
	if query == "" || strings.Contains(fullmakt.FoldName(r.Party.Name), fullmakt.FoldName(query)) {
		return true
	}
	digits := strings.ReplaceAll(query, " ", "")
	return r.Party.Kind == fullmakt.KindOrganisation && strings.HasPrefix(r.Party.ID, digits)
}
