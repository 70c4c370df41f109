package web

import (
	"net/http"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/pdp"
)

// mayLook reports whether the visitor may see what a party has, and who may act for
// it: everybody where authentication is off, else the party itself and who may act
// on its behalf.
func (v *view) mayLook(p fullmakt.PartyNo) bool {
	who := v.person()
	return v.Open || who != 0 && (who == p || pdp.Decide(v.snap, pdp.Ask(who, p, v.at())).Allowed)
}

// look wants a visitor that may see a party, and notes the look-up.
func (v *view) look(p fullmakt.PartyNo) error {
	v.lookup.Object = p
	switch {
	case v.mayLook(p):
		return nil
	case v.person() == 0 && v.r.Method == http.MethodGet:
		return v.toSignIn()
	}
	return problem(http.StatusForbidden, "forbidden")
}
