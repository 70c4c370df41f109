package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/pdp"
)

// Who may look, when authentication is on: anybody at the free pages; who has
// signed in at itself and at those it may act for; a case worker at others too,
// once it has said why; an operator at operations. With authentication off, which
// is only where nobody but this machine gets in, everybody may look at everything.

// mayLook reports whether the visitor may see what a party has, and who may act for
// it.
func (v *view) mayLook(p fullmakt.PartyNo) bool {
	return v.Open || v.concerned(p) || v.caseWorker() && v.purpose() != ""
}

// concerned reports whether the visitor is a party or may act on its behalf. What
// an enterprise user or system user may do is its owner's affair.
func (v *view) concerned(p fullmakt.PartyNo) bool {
	who := v.person()
	if who == 0 || p == 0 {
		return false
	}
	if kind := v.snap.Kind(p); kind == fullmakt.KindEnterpriseUser || kind == fullmakt.KindSystemUser {
		p = v.snap.Organisation(v.snap.ID(p).Org)
	}
	return who == p || p != 0 && pdp.Decide(v.snap, pdp.Ask(who, p, v.at())).Allowed
}

// look wants a visitor that may see a party, and notes the look-up. A case worker
// that has not said why is asked first.
func (v *view) look(p fullmakt.PartyNo) error {
	v.lookup.Object = p
	switch {
	case v.mayLook(p):
		return nil
	case v.session == nil:
		return v.toSignIn()
	case v.caseWorker() && v.r.Method == http.MethodGet:
		return v.goTo(v.url("/purpose", "to", v.here()))
	}
	return problem(http.StatusForbidden, "forbidden")
}

// operator reports whether the visitor may see operations: how the server is and
// what was asked of it.
func (v *view) operator() bool { return v.Open && !v.Public || v.session != nil && v.session.operator }

// caseWorker reports whether the visitor may look at others for a purpose.
func (v *view) caseWorker() bool { return v.session != nil && v.session.caseWorker }

// purpose is why a case worker looks at others.
type purpose struct {
	text  string
	until time.Time
}

// purposeLife is how long a purpose is good once it was given.
const purposeLife = time.Hour

// purpose returns why the visitor, a case worker, looks at others; "" when it has
// not said, or not within the hour.
func (v *view) purpose() string {
	if !v.caseWorker() {
		return ""
	}
	v.session.mu.Lock()
	defer v.session.mu.Unlock()
	if v.now.After(v.session.purpose.until) {
		return ""
	}
	return v.session.purpose.text
}

// purposeUntil returns when the purpose must be given anew.
func (v *view) purposeUntil() time.Time {
	v.session.mu.Lock()
	defer v.session.mu.Unlock()
	return v.session.purpose.until
}

// businessOnly reports whether the list of whom a party may act for leaves out
// organisations that do no business (rule PRIV-1): it does for a real person, unless
// that is who looks, or the purpose is on the operator's list.
func (v *view) businessOnly(p fullmakt.PartyNo) bool {
	id := v.snap.ID(p)
	if id.Kind != fullmakt.KindPerson || id.Person != 0 && id.Person.Synthetic() || p == v.person() {
		return false
	}
	why := v.purpose()
	return why == "" || !slices.ContainsFunc(v.Purposes, func(listed string) bool { return strings.EqualFold(strings.TrimSpace(listed), why) })
}
