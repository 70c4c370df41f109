package main

import (
	"iter"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/text"
)

// wireSystemUser is a system user.
type wireSystemUser struct {
	ID        string    `json:"id"` // a UUID
	System    string    `json:"system"`
	Org       wireParty `json:"org"`
	Reference string    `json:"reference"`
	Title     string    `json:"title,omitempty"`
	Type      string    `json:"type"` // standard or agent
	Packages  []string  `json:"packages"`
	Rights    []string  `json:"rights"` // RESOURCE:ACTION
	Since     string    `json:"since"`
	User      wireParty `json:"user"`
}

// wireSystemAsk is a vendor's request.
type wireSystemAsk struct {
	ID               string                    `json:"id"`
	User             string                    `json:"user,omitempty"` // of a change request: the system user's UUID
	System           string                    `json:"system"`
	Org              wireParty                 `json:"org"`
	Reference        string                    `json:"reference"`
	Title            string                    `json:"title,omitempty"`
	Type             string                    `json:"type"`
	Packages         []string                  `json:"packages"`
	Rights           []string                  `json:"rights"`
	UnwantedPackages []string                  `json:"unwanted_packages,omitempty"`
	UnwantedRights   []string                  `json:"unwanted_rights,omitempty"`
	State            delegation.SystemAskState `json:"state"`
	Escalated        bool                      `json:"escalated"`
	Created          string                    `json:"created"`
}

// wireAskedItem is one thing that a request asks for, and whether it may be
// approved.
type wireAskedItem struct {
	Path     string        `json:"path"`
	Package  string        `json:"package,omitempty"`
	Right    string        `json:"right,omitempty"`
	Unwanted bool          `json:"unwanted"`
	Already  bool          `json:"already"`
	May      bool          `json:"may_approve"`
	Refusals []wireRefusal `json:"refusals,omitempty"`
}

// systemUsers tells of system users and requests on one snapshot.
type systemUsers struct {
	*changing
	s *index.Snapshot
	t *teller
}

// lookAtSystemUsers runs a command that changes nothing.
func (a *app) lookAtSystemUsers(as string, run func(*systemUsers) error) error {
	return a.change(&changeFlags{DryRun: true, As: as}, func(c *changing) error {
		s, err := c.n.Snapshot(c.ctx)
		if err != nil {
			return err
		}
		return run(&systemUsers{c, s, c.teller(s, node.RegisterStatus{})})
	})
}

func systemUserType(agent bool) string {
	if agent {
		return "agent"
	}
	return "standard"
}

func (c *systemUsers) wireUser(u *delegation.SystemUser) wireSystemUser {
	packages, rights := u.Has(c.s, c.now.Unix())
	w := wireSystemUser{
		ID: u.UUID, System: u.System, Org: c.wireParty(c.t.Party(u.Owner)), Reference: text.Printable(u.Reference), Title: text.Printable(u.Title),
		Type: systemUserType(u.Agent), Packages: c.urns(packages), Rights: []string{}, Since: wireTime(time.Unix(u.Since, 0).In(c.oslo)), User: c.wireParty(c.t.Party(u.Party)),
	}
	for _, r := range rights {
		w.Rights = append(w.Rights, c.rightName(r))
	}
	return w
}

// rightName names a right by resource and action; by its key one that the policy no
// longer has.
func (c *systemUsers) rightName(r delegation.RequestRight) string {
	if p, err := c.n.Registry(c.s).Policy(r.Resource); err == nil {
		if right, ok := p.Right(r.Right); ok {
			return r.Resource + ":" + right.Action.Value
		}
	}
	return r.Resource + ":" + r.Right
}

func (c *systemUsers) urns(codes []string) []string {
	out := []string{}
	for _, code := range codes {
		out = append(out, urnOf(c.s, code))
	}
	return out
}

func rightNames(rights []delegation.SystemRight) []string {
	out := []string{}
	for _, r := range rights {
		out = append(out, r.String())
	}
	return out
}

func (c *systemUsers) wireAsk(k *delegation.SystemAsk) wireSystemAsk {
	w := wireSystemAsk{
		ID: k.ID, User: k.User, System: k.System, Org: c.wireParty(c.t.Party(k.Owner)), Reference: text.Printable(k.Reference), Title: text.Printable(k.Title),
		Type: systemUserType(k.Agent), Packages: c.urns(k.Packages), Rights: rightNames(k.Rights), State: k.State, Escalated: k.Escalated,
		Created: wireTime(time.Unix(k.Created, 0).In(c.oslo)),
	}
	if k.User != "" {
		w.UnwantedPackages, w.UnwantedRights = c.urns(k.UnwantedPackages), rightNames(k.UnwantedRights)
	}
	return w
}

// has tells what somebody has, or is to have, in a few words: "+" and "-" before
// what changes.
func has(sign string, packages, rights []string) (words []string) {
	for _, p := range append(shortNames(packages), rights...) {
		words = append(words, sign+p)
	}
	return words
}

func (w *wireSystemAsk) what() string {
	if w.User == "" {
		return strings.Join(has("", w.Packages, w.Rights), " ")
	}
	return strings.Join(append(has("+", w.Packages, w.Rights), has("-", w.UnwantedPackages, w.UnwantedRights)...), " ")
}

// systemAskState returns the state of a request as a word or two.
func (a *app) systemAskState(s delegation.SystemAskState) string {
	return a.texts.Say("systemask." + strings.ToLower(string(s)))
}

type systemUserListCmd struct {
	Org      string `placeholder:"PARTY" help:"The organisation that owns them." xor:"of" required:""`
	System   string `placeholder:"ID" help:"The vendor's system." xor:"of" required:""`
	Requests bool   `help:"List requests in place of users."`
	Limit    int    `default:"100" help:"At most so many."`
	After    string `placeholder:"ID" help:"After this id, that of the last one of the page before."`
}

// wireSystemPage is the JSON of system-user list.
type wireSystemPage[T any] struct {
	Items    []T          `json:"items"`
	Next     string       `json:"next,omitempty"` // for --after
	Revision fullmakt.Seq `json:"revision"`
}

// Run lists system users or requests.
func (l *systemUserListCmd) Run(a *app) error {
	return a.lookAtSystemUsers("", func(c *systemUsers) error {
		var org fullmakt.PartyNo
		if l.Org != "" {
			party, err := c.findOrg(c.n, l.Org)
			if err != nil {
				return err
			}
			org = party.No
		} else if _, ok := delegation.FindSystem(c.s, l.System); !ok {
			return fullmakt.Errorf(fullmakt.CodeNotFound, "there is no system %q", l.System).WithHint("fullmakt system-user systems lists them")
		}
		if l.Requests {
			return l.requests(c, org)
		}
		return l.users(c, org)
	})
}

func (l *systemUserListCmd) users(c *systemUsers, org fullmakt.PartyNo) error {
	list := delegation.SystemUsersIn(c.s, l.System, l.After)
	if org != 0 {
		list = after(delegation.SystemUsersOf(c.s, org), l.After, func(u delegation.SystemUser) string { return u.UUID })
	}
	page, more := delegation.Page(list, l.Limit)
	out := wireSystemPage[wireSystemUser]{Items: []wireSystemUser{}, Revision: c.s.Seq()}
	table := table{head: c.heads("id", "owner", "system", "reference", "type", "what"), long: 5}
	for _, u := range page {
		w := c.wireUser(&u)
		out.Items, out.Next = append(out.Items, w), w.ID
		table.add(w.ID, w.Org.Name, w.System, w.Reference, c.texts.Say("systemuser."+w.Type), strings.Join(has("", w.Packages, w.Rights), " "))
	}
	return printSystemPage(c, &out, more, &table)
}

func (l *systemUserListCmd) requests(c *systemUsers, org fullmakt.PartyNo) error {
	at := c.now.Unix()
	list := delegation.SystemAsks(c.s, l.System, l.After, at)
	if org != 0 {
		list = after(delegation.SystemAsksOf(c.s, org, at), l.After, func(k delegation.SystemAsk) string { return k.ID })
	}
	page, more := delegation.Page(list, l.Limit)
	out := wireSystemPage[wireSystemAsk]{Items: []wireSystemAsk{}, Revision: c.s.Seq()}
	table := table{head: c.heads("id", "owner", "system", "reference", "state", "what"), long: 5}
	for _, k := range page {
		w := c.wireAsk(&k)
		out.Items, out.Next = append(out.Items, w), w.ID
		table.add(w.ID, w.Org.Name, w.System, w.Reference, c.systemAskState(w.State), w.what())
	}
	return printSystemPage(c, &out, more, &table)
}

func printSystemPage[T any](c *systemUsers, out *wireSystemPage[T], more bool, t *table) error {
	if !more {
		out.Next = ""
	}
	if c.globals.wantsJSON() {
		return c.printJSON(out)
	}
	t.print(c.app)
	if more {
		c.tell("page.after", "party", out.Next)
	}
	return nil
}

// after yields of a list by id what comes after one.
func after[T any](list iter.Seq[T], id string, of func(T) string) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range list {
			if of(v) > id && !yield(v) {
				return
			}
		}
	}
}

type systemUserShowCmd struct {
	ID string `arg:"" help:"The UUID of a system user or of a request."`
	As string `placeholder:"PARTY" help:"Tell what this party may approve of. Default: the operator."`
}

// wireSystemShown is the JSON of system-user show: one of the two.
type wireSystemShown struct {
	User    *wireSystemUser `json:"system_user,omitempty"`
	Request *wireSystemAsk  `json:"request,omitempty"`
	Items   []wireAskedItem `json:"items,omitempty"` // of a request
	// Refusals are what keeps the party from any answer.
	Refusals []wireRefusal `json:"refusals,omitempty"`
	Revision fullmakt.Seq  `json:"revision"`
}

// Run shows a system user or a request.
func (l *systemUserShowCmd) Run(a *app) error {
	id, err := (&systemUserFlags{ID: l.ID}).uuid()
	if err != nil {
		return err
	}
	return a.lookAtSystemUsers(l.As, func(c *systemUsers) error {
		out := wireSystemShown{Revision: c.s.Seq()}
		if u, ok := delegation.FindSystemUser(c.s, id); ok {
			w := c.wireUser(&u)
			out.User = &w
		} else if err := c.request(id, &out); err != nil {
			return err
		}
		if c.globals.wantsJSON() {
			return c.printJSON(out)
		}
		c.printShown(&out)
		return nil
	})
}

// request finds a request, and what the party may approve of in it.
func (c *systemUsers) request(id string, out *wireSystemShown) error {
	by := c.acting(c.s)
	k, err := by.SystemAsk(id)
	if err != nil {
		return err
	}
	w := c.wireAsk(&k)
	out.Request = &w
	made, err := c.newSystemUser(by, k, newUUID())
	if err != nil {
		return err
	}
	items, err := by.CheckSystemAsk(k.ID, made)
	if err != nil && len(delegation.Refusals(err)) == 0 {
		return err
	}
	out.Refusals = c.wireRefusals(c.s, delegation.Refusals(err))
	for _, item := range items {
		one := wireAskedItem{Path: item.Path, Unwanted: item.Unwanted, Already: item.Already, May: err == nil && len(item.Refusals) == 0, Refusals: c.wireRefusals(c.s, item.Refusals)}
		if item.Package != "" {
			one.Package = urnOf(c.s, item.Package)
		} else {
			one.Right = item.Right.String()
		}
		out.Items = append(out.Items, one)
	}
	return nil
}

func (c *systemUsers) printShown(out *wireSystemShown) {
	if u := out.User; u != nil {
		c.tell("systemuser.is", "type", c.texts.Say("systemuser."+u.Type), "org", u.Org.Name, "system", u.System, "reference", u.Reference)
		for _, word := range has("", u.Packages, u.Rights) {
			c.printf("  %s\n", word)
		}
		return
	}
	k := out.Request
	key := "systemask.asks"
	if k.User != "" {
		key = "systemask.changes"
	}
	c.tell(key, "type", c.texts.Say("systemuser."+k.Type), "org", k.Org.Name, "system", k.System, "reference", k.Reference, "state", c.systemAskState(k.State))
	for _, item := range out.Items {
		what := strings.Join(append(shortNames([]string{item.Package}), item.Right), "")
		sign := "+"
		if item.Unwanted {
			sign = "-"
		}
		note := ""
		switch {
		case item.Already:
			note = ": " + c.texts.Say("systemask.already")
		case len(item.Refusals) > 0:
			note = ": " + c.texts.Why(item.Refusals[0].Reason)
		}
		c.printf("  %s %s%s\n", sign, what, note)
	}
	for _, r := range out.Refusals {
		c.tell("systemask.cannot", "why", c.texts.Why(r.Reason))
	}
}

type systemUserSystemsCmd struct{}

// wireSystem is a vendor's system.
type wireSystem struct {
	ID       string    `json:"id"`
	Vendor   wireParty `json:"vendor"`
	Name     string    `json:"name"`
	Packages []string  `json:"packages"`
	Rights   []string  `json:"rights"`
	Clients  []string  `json:"clients"`
}

// Run lists systems.
func (l *systemUserSystemsCmd) Run(a *app) error {
	return a.lookAtSystemUsers("", func(c *systemUsers) error {
		items := []wireSystem{}
		table := table{head: c.heads("id", "owner", "name", "what"), long: 3}
		for sys := range delegation.Systems(c.s) {
			w := wireSystem{ID: sys.ID, Vendor: c.wireParty(c.t.Party(sys.Vendor)), Name: text.Printable(sys.Name[string(c.texts.Lang)]),
				Packages: c.urns(sys.Packages), Rights: rightNames(sys.Rights), Clients: append([]string{}, sys.Clients...)}
			items = append(items, w)
			table.add(w.ID, w.Vendor.Name, w.Name, strings.Join(has("", w.Packages, w.Rights), " "))
		}
		if c.globals.wantsJSON() {
			return c.printJSON(map[string][]wireSystem{"items": items})
		}
		table.print(c.app)
		return nil
	})
}

// systemDocument tells of a document about system users: a vendor's system, a
// request, or what is known of a user beside its authority.
func (c *changing) systemDocument(s *index.Snapshot, d *fullmakt.Document, w *wireChange) {
	from := func(p fullmakt.PartyNo) string {
		party := c.teller(s, node.RegisterStatus{}).Party(p)
		one := c.wireParty(party)
		w.From = &one
		return party.Label()
	}
	switch d.Kind {
	case fullmakt.DocumentSystem:
		w.what = c.texts.Say("change.system", "id", d.ID)
	case fullmakt.DocumentSystemUser:
		u, err := delegation.ReadSystemUser(d)
		if err != nil {
			return
		}
		w.User = u.UUID
		w.what = c.texts.Say("change.systemuser.about", "id", u.UUID, "system", u.System, "reference", text.Printable(u.Reference), "from", from(u.Owner))
	case fullmakt.DocumentSystemAsk:
		k, err := delegation.ReadSystemAsk(d, c.now.Unix())
		if err != nil {
			return
		}
		w.Request, w.State, w.User = k.ID, string(k.State), k.User
		w.what = c.texts.Say("change.systemask", "id", k.ID, "system", k.System, "reference", text.Printable(k.Reference), "from", from(k.Owner), "state", c.systemAskState(k.State))
	}
}
