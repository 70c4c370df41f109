package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/text"
)

// callRoutes lists the pages about what was asked through the APIs.
func callRoutes() []route {
	return []route{
		{method: "GET", pattern: "/operations/calls", handle: calls, free: true},
		{method: "GET", pattern: "/operations/call/{n}", handle: oneCall, free: true},
	}
}

const (
	callsShown = 200
	// callsRead bounds how much of the log is read for a page, so that a filter that
	// nothing passes is answered soon.
	callsRead = 32 << 20
	callSync  = 2 * time.Second // for what was asked just now to be in the log
)

// callsPage is the last look-ups through the APIs, the newest first.
type callsPage struct {
	Rows    []callRow
	Outcome audit.Outcome
	Client  string
	// Outcomes can be filtered by, Clients are those among the rows.
	Outcomes []audit.Outcome
	Clients  []string
	Most     int
	Bounded  bool // older ones were not looked at
}

// callRow is one look-up.
type callRow struct {
	audit.Entry
	Subject, Object, User, Organisation, Supplier text.Party
	callWhat
	Explain string // the address of the explanation; "" where there is none
}

// callWhat is what was asked about: a package, a role, an action on a service, or as
// the log has it.
type callWhat struct {
	Package *catalogue.Package
	Role    *catalogue.Role
	Service string
	Action  string
	Other   string
}

// lookupLog wants an operator and a log of look-ups, and waits a little until what
// was asked just now is in it. That somebody read it is itself recorded.
func (v *view) lookupLog() (dir string, err error) {
	if err := v.operate(); err != nil {
		return "", err
	}
	if v.Lookups == nil {
		return "", problem(http.StatusNotFound, "no-lookups")
	}
	if v.snap == nil {
		return "", problem(http.StatusServiceUnavailable, "loading")
	}
	v.lookup.Must = true
	ctx, cancel := context.WithTimeout(v.r.Context(), callSync)
	defer cancel()
	// A log that is slow, or cannot be written, is shown as far as it goes; the page
	// about operations tells that it is.
	_ = v.Lookups.Sync(ctx)
	return v.Lookups.Dir(), nil
}

func calls(v *view) error {
	dir, err := v.lookupLog()
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	body := callsPage{Outcome: audit.Outcome(q.Get("outcome")), Client: q.Get("client"), Most: callsShown, Outcomes: []audit.Outcome{audit.Permit, audit.Deny, audit.Mixed, audit.Listed, audit.Failed}}
	if body.Outcome != "" && !slices.Contains(body.Outcomes, body.Outcome) {
		return problem(http.StatusBadRequest, "invalid")
	}
	filter := audit.Filter{Outcome: body.Outcome, Client: body.Client}
	recent, err := audit.Last(v.r.Context(), dir, callsShown, callsRead, func(e *audit.Entry) bool {
		return e.API != "page" && filter.Matches(e)
	})
	if err != nil {
		return err
	}
	body.Bounded = recent.More
	for i := range recent.Entries {
		row := v.callRow(&recent.Entries[i])
		if row.Client != "" && !slices.Contains(body.Clients, row.Client) {
			body.Clients = append(body.Clients, row.Client)
		}
		body.Rows = append(body.Rows, row)
	}
	slices.Sort(body.Clients)
	v.lookup.Count = len(body.Rows)
	return v.show("operations-calls", &page{
		Title: v.say("web.calls.title"), Menu: menuOperations, Crumbs: []crumb{{"/operations", v.say("web.menu.operations")}}, Body: body,
	})
}

// callRow names what a look-up has in numbers.
func (v *view) callRow(e *audit.Entry) callRow {
	row := callRow{Entry: *e, Subject: v.maybe(e.Record.Subject), Object: v.maybe(e.Record.Object), User: v.maybe(e.Record.User)}
	if e.Record.Organisation != 0 {
		row.Organisation = v.byOrg(e.Record.Organisation)
	}
	if e.Record.Supplier != 0 {
		row.Supplier = v.byOrg(e.Record.Supplier)
	}
	row.callWhat = v.callWhat(e.What)
	row.Explain = v.explanation(row.Subject, row.Object, row.callWhat)
	return row
}

// maybe returns a party as it is shown; the zero value for one that this snapshot
// does not have.
func (v *view) maybe(p fullmakt.PartyNo) text.Party {
	if p == 0 || p > v.snap.Last() || v.snap.Kind(p) == fullmakt.KindUnknown {
		return text.Party{}
	}
	return v.party(p)
}

// byOrg returns an organisation that called, which need not be in the register.
func (v *view) byOrg(n fullmakt.OrgNumber) text.Party {
	if no := v.snap.Organisation(n); no != 0 {
		return v.party(no)
	}
	return text.Party{Kind: fullmakt.KindOrganisation, ID: n.String()}
}

// callWhat reads what the log says was asked about.
func (v *view) callWhat(what string) (w callWhat) {
	cat, reg := v.node.Catalogue(), v.registry()
	id, action, _ := strings.Cut(what, ":")
	if p, ok := cat.FindPackage(what); ok {
		w.Package = &p
	} else if r, ok := cat.FindRole(what); ok {
		w.Role = &r
	} else if _, ok := reg.Resource(id); ok && what != "" {
		w.Service, w.Action = id, action
	} else {
		w.Other = what
	}
	return w
}

// explanation returns the address that explains a decision, as it is now; "" where a
// side of it is missing.
func (v *view) explanation(subject, object text.Party, w callWhat) string {
	if subject.No == 0 || object.No == 0 || w.Other != "" || w.Service != "" && w.Action == "" {
		return ""
	}
	pairs := []string{"subject", partyRef(subject), "for", partyRef(object)}
	switch {
	case w.Package != nil:
		pairs = append(pairs, "package", w.Package.Code)
	case w.Role != nil:
		pairs = append(pairs, "role", string(w.Role.Code))
	case w.Service != "":
		pairs = append(pairs, "resource", w.Service, "action", w.Action)
	}
	return v.url("/check", pairs...)
}

// callPage is one look-up with its parts.
type callPage struct {
	callRow
	Items   []callItem
	AskedAt time.Time // the zero time for the time of asking
	Now     fullmakt.Seq
}

// callItem is one part of a batch.
type callItem struct {
	Subject, Object text.Party
	callWhat
	Outcome audit.Outcome
	Reason  fullmakt.Reason
	Explain string
}

func oneCall(v *view) error {
	dir, err := v.lookupLog()
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(v.r.PathValue("n"), 10, 64)
	if err != nil {
		return problem(http.StatusNotFound, "no-call", "n", v.r.PathValue("n"))
	}
	entry, err := audit.Find(v.r.Context(), dir, n)
	if fullmakt.ErrorCode(err) == fullmakt.CodeNotFound || err == nil && entry.Kind != audit.KindLookup {
		return problem(http.StatusNotFound, "no-call", "n", n)
	}
	if err != nil {
		return err
	}
	body := callPage{callRow: v.callRow(&entry), Now: v.snap.Seq()}
	if at := entry.Record.AskedAt; at != 0 {
		body.AskedAt = time.Unix(at, 0)
	}
	for _, i := range entry.Record.Items {
		item := callItem{Subject: v.maybe(i.Subject), Object: v.maybe(i.Object), callWhat: v.callWhat(i.What), Outcome: i.Outcome, Reason: i.Reason}
		item.Explain = v.explanation(item.Subject, item.Object, item.callWhat)
		body.Items = append(body.Items, item)
	}
	return v.show("operations-call", &page{
		Title: v.say("web.call.title", "n", n), Menu: menuOperations,
		Crumbs: []crumb{{"/operations", v.say("web.menu.operations")}, {"/operations/calls", v.say("web.calls.title")}}, Body: body,
	})
}
