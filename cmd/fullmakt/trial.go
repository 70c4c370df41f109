package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/maskinporten"
	"github.com/fullmakt/fullmakt/web"
)

// trial lets the pages fetch tokens from the mock Maskinporten as a supplier does:
// with a client of the supplier's, by a signed grant, over HTTP. Nil without a mock.
func trial(mock *maskinporten.Server) web.Trial {
	if mock == nil {
		return nil
	}
	key := sync.OnceValues(maskinporten.NewKey)
	return func(ctx context.Context, supplier, consumer fullmakt.OrgNumber, scopes []string) (string, error) {
		key, err := key()
		if err != nil {
			return "", err
		}
		client := maskinporten.Client{ID: "page-" + supplier.String(), Organisation: supplier, Scopes: scopes}
		client.Keys.Keys = append(client.Keys.Keys, key)
		if err := mock.RegisterClient(client); err != nil {
			return "", err
		}
		grant := maskinporten.Grant{Client: client.ID, Issuer: mock.Issuer(), Scopes: scopes, Consumer: consumer}
		assertion, err := grant.Sign(key, time.Now())
		if err != nil {
			return "", err
		}
		caller := &http.Client{Timeout: exchangeTime, Transport: &http.Transport{DisableKeepAlives: true}}
		endpoint, err := maskinporten.Discover(ctx, caller, mock.Issuer())
		if err != nil {
			return "", err
		}
		token, err := maskinporten.Exchange(ctx, caller, endpoint, assertion)
		return token.AccessToken, err
	}
}
