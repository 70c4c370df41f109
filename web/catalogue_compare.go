package web

import (
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// comparePage compares the catalogue of two days.
type comparePage struct {
	From, To           string // as asked, for the form
	FromDay, ToDay     fullmakt.Date
	Wrong              string // the message of what is wrong with the days; "" for nothing
	Compared           bool
	Groups             []changeGroup
	Added, Gone, Other int             // how many came, went and changed
	Days               []fullmakt.Date // on which the catalogue changes
}

// changeGroup is the changes of entries of one kind. Its name is the message
// web.catalogue.entry.KIND.
type changeGroup struct {
	Kind    string
	Changes []catalogueChange
}

// catalogueChange is one entry that came, went or changed: named by what it links to,
// or by its key.
type catalogueChange struct {
	catalogue.Change
	Package *catalogue.Package
	Role    *catalogue.Role
	Area    *catalogue.Area
	Form    string
	// Of a mapping that came or went, what it gives or gave.
	Use, Give bool
}

func catalogueCompare(v *view) error {
	q := v.r.URL.Query()
	body := comparePage{From: q.Get("from"), To: q.Get("to")}
	cat := v.node.Catalogue()
	for _, view := range cat.Views()[1:] {
		body.Days = append(body.Days, fullmakt.DateOf(time.Unix(view.From, 0).In(v.oslo)))
	}
	body.Compared = body.From != "" || body.To != ""
	if !body.Compared {
		body.From, body.To = fullmakt.DateOf(v.now.In(v.oslo).AddDate(-1, 0, 0)).String(), v.today().String()
	}
	var wrongFrom, wrongTo error
	body.FromDay, wrongFrom = fullmakt.ParseDate(body.From)
	body.ToDay, wrongTo = fullmakt.ParseDate(body.To)
	switch {
	case wrongFrom != nil || wrongTo != nil || body.FromDay == 0 || body.ToDay == 0:
		body.Wrong, body.Compared = v.say("web.compare.wrong.date"), false
	case body.FromDay > body.ToDay:
		body.Wrong, body.Compared = v.say("web.compare.wrong.order"), false
	}
	if body.Compared {
		v.compareDays(cat, &body)
	}
	return v.show("catalogue-compare", &page{
		Title: v.say("web.compare.title"), Menu: menuCatalogue, Crumbs: []crumb{v.crumbCatalogue()}, Body: body,
	})
}

// entryKinds are the kinds of entries, in the order in which changes are told.
var entryKinds = []string{"area", "package", "role", "mapping", "derivation", "rolemap", "form", "group"}

// compareDays finds what differs between two days, at the start of each.
func (v *view) compareDays(cat *catalogue.Catalogue, body *comparePage) {
	before, after := body.FromDay.Time(v.oslo).Unix(), body.ToDay.Time(v.oslo).Unix()
	for _, change := range catalogue.DiffTimes(cat, before, after).Changes {
		shown := catalogueChange{Change: change}
		day := body.ToDay
		switch change.What {
		case "added":
			body.Added++
		case "removed":
			body.Gone++
			day = body.FromDay
		default:
			body.Other++
		}
		shown.resolve(cat, day)
		i := slices.IndexFunc(body.Groups, func(g changeGroup) bool { return g.Kind == change.Entry })
		if i < 0 {
			body.Groups = append(body.Groups, changeGroup{Kind: change.Entry})
			i = len(body.Groups) - 1
		}
		body.Groups[i].Changes = append(body.Groups[i].Changes, shown)
	}
	slices.SortStableFunc(body.Groups, func(a, b changeGroup) int {
		return slices.Index(entryKinds, a.Kind) - slices.Index(entryKinds, b.Kind)
	})
}

// resolve finds what the key of a change names, on a day on which it held.
func (c *catalogueChange) resolve(cat *catalogue.Catalogue, day fullmakt.Date) {
	switch c.Entry {
	case "area":
		if a, ok := cat.FindArea(c.Key); ok {
			c.Area = &a
		}
	case "package":
		if p, ok := cat.FindPackage(c.Key); ok {
			c.Package = &p
		}
	case "role":
		if r, ok := cat.FindRole(c.Key); ok {
			c.Role = &r
		}
	case "mapping":
		pkg, rest, _ := strings.Cut(c.Key, " ")
		role, form, _ := strings.Cut(rest, "@")
		p, isPackage := cat.FindPackage(pkg)
		r, isRole := cat.FindRole(role)
		if !isPackage || !isRole {
			return
		}
		c.Package, c.Role, c.Form = &p, &r, form
		for _, m := range cat.Mappings() {
			f := cat.Form(m.Form)
			if m.Package == p.ID && m.Role == r.ID && m.Valid.Contains(day) && (f == nil && form == "" || f != nil && string(f.Code) == form) {
				c.Use, c.Give = m.Access, m.Delegate && p.Assignable
			}
		}
	}
}
