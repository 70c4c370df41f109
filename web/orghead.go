package web

import (
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/text"
)

// orgPart is one of the pages about an organisation.
type orgPart struct {
	path string // after /org/{number}
	key  string // of its name
	// shown tells whether the visitor gets a link to it; nil is always.
	shown func(*view, fullmakt.PartyNo) bool
}

// orgParts lists the pages about an organisation in the order of their links.
func orgParts() []orgPart {
	return []orgPart{
		{path: "", key: "web.org.part.who"},
		{path: "/holds", key: "web.org.part.holds"},
		{path: "/units", key: "web.org.part.units", shown: hasUnits},
		{path: "/history", key: "web.org.part.history"},
		{path: partUsers, key: "web.users.part", shown: (*view).seesUsers},
		{path: partRequests, key: "web.requests.part", shown: (*view).seesUsers},
		{path: partSuppliers, key: "web.suppliers.part", shown: (*view).seesScopes},
		{path: partClients, key: "web.clients.title", shown: (*view).seesClients},
		{path: partSystemUsers, key: "web.system-users.title", shown: (*view).seesSystemUsers},
	}
}

// orgHead is what stands at the top of every page about an organisation: the
// template org-head takes it.
type orgHead struct {
	Party    text.Party
	FormName catalogue.Names
	States   []string // in words; none for an organisation that is plainly active
	Notice   string   // what the gravest state means for authority; "" for nothing
	Parent   text.Party
	SubUnit  bool // Parent is its main unit, whose authority it takes (rule SUB)
	Parts    []menuItem
}

// aboutOrganisation reads the organisation of the address, makes sure that the
// visitor may see it, and makes the heading of the part of its pages with this
// path, as in orgParts.
func (v *view) aboutOrganisation(part string) (fullmakt.PartyNo, *orgHead, error) {
	no, err := v.organisation()
	if err != nil {
		return 0, nil, err
	}
	if err := v.look(no); err != nil {
		return 0, nil, err
	}
	return no, v.orgHead(no, part), nil
}

// orgHead makes the heading of one of an organisation's pages.
func (v *view) orgHead(no fullmakt.PartyNo, part string) *orgHead {
	n := v.snap.Node(no)
	h := &orgHead{Party: v.party(no), Parent: v.party(n.Parent)}
	if form := v.snap.Catalogue().Form(n.Form); form != nil {
		h.FormName, h.SubUnit = form.Names, form.SubUnit
	}
	h.States, h.Notice = v.orgStates(no, n.State)
	for _, p := range orgParts() {
		if p.shown == nil || p.shown(v, no) {
			h.Parts = append(h.Parts, menuItem{URL: v.url(partyPath(h.Party) + p.path), Name: v.say(p.key), Current: p.path == part})
		}
	}
	return h
}

// orgStates tells every state that an organisation is in, gravest first, and what
// the gravest means for who may act.
func (v *view) orgStates(no fullmakt.PartyNo, states fullmakt.OrgState) (words []string, notice string) {
	for _, s := range []fullmakt.OrgState{fullmakt.Deleted, fullmakt.Bankrupt, fullmakt.ForcedWindingUp, fullmakt.WindingUp, fullmakt.Stub} {
		if states&s == 0 {
			continue
		}
		words = append(words, v.texts.State(s))
		if notice != "" {
			continue
		}
		key := "web.org.state." + strings.ReplaceAll(s.String(), "_", "-")
		if day := v.snap.DeletedOn(no); s == fullmakt.Deleted && day != 0 {
			notice = v.say(key+".on", "day", v.texts.Day(day))
		} else {
			notice = v.say(key)
		}
	}
	return words, notice
}

// crumbs lead to a part of an organisation's pages from the front page.
func (h *orgHead) crumbs(v *view) []crumb {
	return []crumb{{"/", v.say("web.menu.search")}, {partyPath(h.Party), label(v.texts, h.Party)}}
}
