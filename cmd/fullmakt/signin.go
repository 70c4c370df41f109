package main

import (
	"cmp"
	"context"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/api"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/maskinporten"
	"github.com/fullmakt/fullmakt/web"
	"github.com/go-jose/go-jose/v4"
)

// signIn says who signs visitors of the pages in: the issuer that the configuration
// names, or for a register that is made up the mock ID-porten, by the same protocol.
// nil for nobody.
func (c *serveFlags) signIn(a *app, s *server, addr net.Addr, cfg *api.Config) (*web.SignInConfig, error) {
	configured, err := web.ReadSignInConfig(cfg.SignIn, filepath.Dir(c.Config))
	if configured != nil || err != nil || s.mock == nil {
		return configured, err
	}
	if cfg.PublicURL == "" {
		cfg.PublicURL = "http://" + addr.String()
	}
	key, err := maskinporten.NewKey()
	if err != nil {
		return nil, err
	}
	const client, group, caseWorkers, operators = "fullmakt", "groups", "saksbehandler", "drift"
	logins := func(context.Context) ([]maskinporten.Login, error) { return demoLogins(s.n.Current()), nil }
	if c.RequireToken { // otherwise everybody may look at everything
		persons := logins
		logins = func(ctx context.Context) ([]maskinporten.Login, error) {
			list, err := persons(ctx)
			return append(list,
				maskinporten.Login{Ref: caseWorkers, Name: "Saksbehandler", Groups: []string{caseWorkers}},
				maskinporten.Login{Ref: operators, Name: "Driftsansvarlig", Groups: []string{operators}},
			), err
		}
	}
	s.login, err = maskinporten.NewIDPorten(maskinporten.IDPortenOptions{
		Issuer: "http://" + addr.String() + loginPath, Logins: logins,
		Clients: []maskinporten.RelyingParty{{
			ID: client, Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}},
			Redirects: []string{cfg.PublicURL + "/sign-in/callback"}, LogoutRedirects: []string{cfg.PublicURL + "/signed-out"},
		}},
	})
	if err != nil {
		return nil, err
	}
	return &web.SignInConfig{
		Issuer: s.login.Issuer(), ClientID: client, Key: key,
		CaseWorkers: web.ClaimValue{Claim: group, Value: caseWorkers}, Operators: web.ClaimValue{Claim: group, Value: operators},
	}, nil
}

// demoLogins lists the persons of a register that is made up, by name, told apart
// by party number.
func demoLogins(snap *index.Snapshot) (list []maskinporten.Login) {
	if snap == nil {
		return nil
	}
	for p := fullmakt.PartyNo(1); p <= snap.Last(); p++ {
		n := snap.Node(p)
		if id := snap.ID(p).Person; n.Kind == fullmakt.KindPerson && id != 0 && n.Flags&index.Dead == 0 {
			list = append(list, maskinporten.Login{Ref: strconv.Itoa(int(p)), Name: cmp.Or(snap.Name(p), id.BirthDate()), Detail: id.BirthDate(), Person: id})
		}
	}
	slices.SortStableFunc(list, func(a, b maskinporten.Login) int { return strings.Compare(a.Name, b.Name) })
	return list
}
