package web

import (
	"net/http"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/pdp"
)

// place is the party whose authority a page is about: the organisation of the
// address, or below /me the visitor.
type place struct {
	No      fullmakt.PartyNo
	Head    *orgHead // nil for the visitor's own
	Path    string   // of the party's pages
	Name    string
	Crumbs  []crumb // to the party's page
	Manages bool    // the visitor administers authority there
	Why     string  // why it cannot change anything; "" when it can
}

// place reads the party of the address and admits who administers authority there,
// or where authentication is off anybody to look.
func (v *view) place(part string) (*place, error) {
	p := &place{Path: "/me", No: v.person()}
	if strings.HasPrefix(v.route.pattern, "/org/") {
		no, head, err := v.aboutOrganisation(part)
		if err != nil {
			return nil, err
		}
		p.No, p.Head, p.Path, p.Crumbs = no, head, partyPath(head.Party), head.crumbs(v)
	} else {
		v.lookup.Object = p.No
		p.Crumbs = []crumb{{"/me", v.say("web.menu.me")}}
	}
	p.Name = v.label(p.No)
	p.Manages = v.manages(p.No)
	switch {
	case p.Manages:
	case v.person() == 0:
		p.Why = v.say("web.not.signed-in")
	default:
		p.Why = v.whyNot(fullmakt.ReasonNotAdmin, "")
	}
	if !p.Manages && !v.Open {
		return nil, problem(http.StatusForbidden, "not-manager")
	}
	return p, nil
}

// manages reports whether the visitor administers a party, or is it.
func (v *view) manages(p fullmakt.PartyNo) bool {
	who := v.person()
	return who != 0 && (who == p || pdp.Administers(v.snap, who, p, v.at()))
}

// seesUsers reports whether the visitor may see what an organisation has given.
func (v *view) seesUsers(p fullmakt.PartyNo) bool { return v.Open || v.manages(p) }

// other reads the party on the other side of a page: an organisation by number,
// any by its party number. Whom the place has nothing to do with is not shown,
// unless it is an organisation, which everybody may know of.
func (v *view) other(p *place) (fullmakt.PartyNo, error) {
	no := v.byRef(v.r.PathValue("other"))
	if no == 0 || v.snap.Kind(no) != fullmakt.KindOrganisation && !v.knows(p.No, no) {
		return 0, problem(http.StatusNotFound, "not-found")
	}
	v.lookup.Subject = no
	return no, nil
}

// knows reports whether two parties have to do with each other, or the visitor has
// named the other rightly.
func (v *view) knows(p, other fullmakt.PartyNo) bool {
	if other == v.person() || v.named(other) || v.snap.Node(other).Parent == p {
		return true
	}
	_, holders, held := v.snap.Look(p)
	for _, edges := range [][]edge{holders, held} {
		for _, e := range edges {
			if e.Party == other {
				return true
			}
		}
	}
	return v.isRightHolder(p, other)
}
