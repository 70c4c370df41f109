package web

import (
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/text"
)

// historyPage shows what happened to an organisation, as a timeline.
type historyPage struct {
	Head    *orgHead
	Began   time.Time // when history begins; zero for none yet
	Moments []moment
	Later   string // the address of what comes after; "" for nothing
}

// moment is what one revision brought.
type moment struct {
	At     time.Time
	First  bool // the revision with which history begins
	Events []happening
}

// happening is one event in words.
type happening struct {
	Kind string // register, given or authority
	Text string
}

// mostHappenings bounds the events of one page of a timeline.
const mostHappenings = 200

func orgHistory(v *view) error {
	no, head, err := v.aboutOrganisation("/history")
	if err != nil {
		return err
	}
	body := &historyPage{Head: head}
	if body.Began, err = v.node.Store().Began(v.r.Context()); err != nil {
		return err
	}
	after, err := node.ParsePosition(v.r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	h := &historian{v: v, began: body.Began, names: map[fullmakt.UUID]string{}}
	events := 0
	for {
		found, err := v.node.Events(v.r.Context(), node.EventsQuery{Organisation: no, After: after, Limit: mostHappenings})
		if err != nil {
			return err
		}
		for i := range found.Events {
			if err := h.tell(&found.Events[i]); err != nil {
				return err
			}
		}
		events += len(found.Events)
		after = found.Next
		if !found.More {
			break
		}
		if events >= mostHappenings {
			body.Later = v.url(partyPath(head.Party)+"/history", "after", after.String())
			break
		}
	}
	v.lookup.Count = events
	body.Moments = h.moments
	return v.show("history", &page{Title: v.say("web.history.title", "name", label(v.texts, head.Party)), Crumbs: head.crumbs(v), Body: body})
}

// historian tells events in words.
type historian struct {
	v       *view
	names   map[fullmakt.UUID]string
	began   time.Time
	moments []moment
}

// tell adds an event to the timeline, unless it is about the register as a whole or
// a request, which nothing has come of yet.
func (h *historian) tell(e *node.Event) error {
	d := &e.Data
	pairs := []any{}
	for _, one := range []struct {
		name  string
		party *node.EventParty
	}{{"org", d.Organisation}, {"party", d.Party}, {"from", d.From}, {"to", d.To}, {"provider", d.Provider}, {"client", d.Client}, {"agent", d.Agent}, {"main", d.MainUnit}} {
		name, err := h.name(one.party)
		if err != nil {
			return err
		}
		pairs = append(pairs, one.name, name)
	}
	first := e.At.Equal(h.began) // tells what stood when history began, not what came
	key, kind := "", "given"
	switch e.Type {
	case node.EventOrganisationChanged:
		key, kind = "organisation", "register"
		if d.MainUnit != nil {
			key = "organisation.under"
		}
		pairs = append(pairs, "form", h.form(d.Form), "state", h.v.say("state."+d.State))
	case node.EventRoleChanged:
		if key, kind = "role."+d.Change, "register"; first && d.Change == "added" {
			key = "role.stood"
		}
		pairs = append(pairs, "role", h.role(d.Role))
	case node.EventUserCreated, node.EventUserEnded, node.EventSystemUserCreated, node.EventSystemUserChanged, node.EventSystemUserEnded:
		if d.Party == nil {
			return nil
		}
		key = e.Type
	case node.EventGrantGiven, node.EventGrantRevoked, node.EventGrantExpired:
		key = e.Type
		pairs = append(pairs, "what", h.what(d))
	case node.EventAgentAdded, node.EventAgentEnded:
		key = e.Type
	case node.EventDelegationGiven, node.EventDelegationEnded:
		key = e.Type
		pairs = append(pairs, "what", h.packageName(d.Package))
	case node.EventAuthorityGained, node.EventAuthorityLost:
		if key, kind = e.Type, "authority"; first {
			key = "authority.had"
		}
		pairs = append(pairs, "use", h.count(d.Use, len(d.Rights) > 0), "give", h.count(d.Give, d.GiveRights))
	default:
		return nil
	}
	if last := len(h.moments) - 1; last < 0 || !h.moments[last].At.Equal(e.At) {
		h.moments = append(h.moments, moment{At: e.At, First: first})
	}
	now := &h.moments[len(h.moments)-1]
	now.Events = append(now.Events, happening{Kind: kind, Text: h.v.say("web.history."+key, pairs...)})
	return nil
}

// name is how a party of an event is called today.
func (h *historian) name(p *node.EventParty) (string, error) {
	switch {
	case p == nil:
		return "", nil
	case p.Organisation != 0:
		if no := h.v.snap.Organisation(p.Organisation); no != 0 {
			return label(h.v.texts, h.v.party(no)), nil
		}
		return p.Organisation.Grouped(), nil
	}
	name, known := h.names[p.UUID]
	if !known {
		found, ok, err := h.v.node.Store().PartyByUUID(h.v.r.Context(), p.UUID)
		if err != nil {
			return "", err
		}
		if name = h.v.say("web.history.somebody"); ok {
			name = label(h.v.texts, h.v.teller().Named(found))
		}
		h.names[p.UUID] = name
	}
	return name, nil
}

func (h *historian) form(code string) string {
	cat := h.v.snap.Catalogue()
	if f := cat.Form(cat.FormID(fullmakt.OrgForm(code))); f != nil {
		return f.Names.In(string(h.v.lang))
	}
	return code
}

func (h *historian) role(code string) string {
	role := &text.Role{Code: fullmakt.RoleCode(code)}
	if r, ok := h.v.snap.Catalogue().FindRole(code); ok {
		role.Names = r.Names
	}
	return h.v.texts.RoleName(role)
}

func (h *historian) packageName(urn string) string {
	if p, ok := h.v.snap.Catalogue().FindPackage(urn); ok {
		return p.Names.In(string(h.v.lang))
	}
	return urn
}

// what is given, in words.
func (h *historian) what(d *node.EventData) string {
	switch {
	case d.Role != "":
		return h.v.say("step.eckey")
	case d.Scheme != "":
		return h.v.say("web.history.scheme", "scheme", d.Scheme)
	case d.Right != "":
		return h.v.say("web.history.right", "right", d.Right, "resource", d.Resource)
	}
	return h.packageName(d.Package)
}

// count tells how many packages, by name where they are few.
func (h *historian) count(urns []string, rights bool) string {
	const few = 3
	words := ""
	switch {
	case len(urns) > few:
		words = h.v.say("web.list.packages", "n", len(urns))
	case len(urns) > 0:
		names := slices.Clone(urns)
		for i := range names {
			names[i] = h.packageName(names[i])
		}
		words = h.v.texts.List(names)
	case rights:
		return h.v.say("web.list.rights")
	default:
		return h.v.say("web.history.none")
	}
	if rights {
		words = h.v.say("web.list.and-rights", "packages", words)
	}
	return strings.TrimSpace(words)
}
