package web

import (
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
)

// told tells one change in a sentence; "" for one that means nothing to people.
func (v *view) told(ch fullmakt.Change) string {
	switch c := ch.(type) {
	case fullmakt.Grant:
		return v.toldEnds("grant", c.Ended, "from", v.label(c.From), "to", v.label(c.To), "what", v.given(c)) + v.toldInterval(c.Valid, c.Ended)
	case fullmakt.ScopeGrant:
		var scopes []string
		scheme, ok := v.node.Registry(v.snap).Scheme(c.Scheme)
		title := c.Scheme
		if ok {
			scopes, title = scheme.Scopes, v.title(scheme.Resource, c.Scheme)
		}
		key := "scopes"
		if len(scopes) == 1 {
			key = "scope"
		}
		return v.toldEnds(key, c.Ended, "from", v.label(c.From), "to", v.label(c.To), "title", title, "n", len(scopes), "scopes", strings.Join(scopes, ", ")) +
			v.toldInterval(c.Valid, c.Ended)
	case fullmakt.Agent:
		return v.toldEnds("agent", c.Ended, "provider", v.label(c.Provider), "agent", v.label(c.Agent))
	case fullmakt.ClientDelegation:
		return v.toldEnds("client", c.Ended, "provider", v.label(c.Provider), "agent", v.label(c.Agent), "client", v.label(c.Client), "package", v.packageName(c.Package))
	case fullmakt.SystemUser:
		return v.toldEnds("system-user", c.Ended, "user", v.label(c.Party), "owner", v.label(c.Owner))
	case fullmakt.Document:
		return v.toldDocument(&c)
	}
	return ""
}

func (v *view) toldDocument(d *fullmakt.Document) string {
	switch d.Kind {
	case fullmakt.DocumentSupplier:
		return v.toldEnds("supplier", d.Ended, "from", v.label(d.Parties[0]), "to", v.label(d.Parties[1]))
	case fullmakt.DocumentRequest:
		r, err := delegation.ReadRequest(d)
		if err != nil {
			return ""
		}
		return v.say("web.told.request."+strings.ToLower(string(r.State)), "from", v.label(r.From), "to", v.label(r.To))
	}
	return ""
}

func (v *view) toldEnds(key string, ended bool, pairs ...any) string {
	if ended {
		key += ".ends"
	}
	return v.say("web.told."+key, pairs...)
}

// toldInterval tells when something given holds; an end needs no telling of when
// it would have ended.
func (v *view) toldInterval(valid fullmakt.Interval, ended bool) string {
	if ended {
		return ""
	}
	told := ""
	if valid.From > v.at() {
		told += " " + v.say("web.told.from", "date", v.day(valid.From))
	}
	if valid.To != 0 {
		told += " " + v.say("web.told.until", "date", v.day(valid.To-1))
	}
	return told
}

// day writes the day of an instant in Norway.
func (v *view) day(unix int64) string {
	return v.texts.Day(v.date(unix))
}

// date is the day of an instant in Norway.
func (v *view) date(unix int64) fullmakt.Date { return fullmakt.DateOf(time.Unix(unix, 0).In(v.oslo)) }

// given names what a grant gives.
func (v *view) given(g fullmakt.Grant) string {
	switch {
	case g.Role == fullmakt.ECKEY:
		return v.say("step.eckey")
	case g.Resource != "":
		return v.rightName(g.Resource, g.Right)
	}
	return v.packageName(g.Package)
}

// packageName names a package by its code, or a code that the catalogue lacks.
func (v *view) packageName(code string) string {
	c := v.snap.Catalogue()
	if p, ok := c.PackageID(code); ok && code != "" && p != catalogue.NoPackage {
		return c.Package(p).Names.In(string(v.lang))
	}
	return code
}

// rightName names a right to a resource: the action, and what it is done in.
func (v *view) rightName(resource, key string) string {
	view := v.node.Registry(v.snap)
	r, ok := view.Resource(resource)
	if !ok {
		return v.say("web.right.of", "right", key, "title", resource)
	}
	if p, err := view.Policy(r.Identifier); err == nil {
		for _, right := range p.Rights() {
			if right.Key == key {
				return v.say("web.right.of", "right", v.actionName(right.Action.Value), "title", v.title(r, resource))
			}
		}
	}
	return v.say("web.right.of", "right", key, "title", v.title(r, resource))
}

// actionName names an action of a policy, where there is a word for it.
func (v *view) actionName(action string) string {
	if key := "web.action." + strings.ToLower(action); v.texts.Knows(key) {
		return v.say(key)
	}
	return action
}
