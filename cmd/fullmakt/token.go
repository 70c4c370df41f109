package main

import (
	"net/http"
	"net/url"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/maskinporten"
)

type tokenCmd struct {
	clientsArg
	Name        string   `arg:"" help:"The test client, as made by fullmakt client new."`
	Issuer      string   `default:"http://127.0.0.1:8080/maskinporten/" placeholder:"URL" env:"FULLMAKT_ISSUER" help:"The mock Maskinporten. Default: that of fullmakt serve --demo."`
	Scope       []string `placeholder:"SCOPE" help:"A scope to ask for. Repeat for more. Default: all that the client has."`
	Resource    string   `placeholder:"URL" help:"Whom the token is for (its audience). Default: the server that the issuer runs in."`
	Consumer    string   `placeholder:"NUMBER" help:"On behalf of this organisation, which has delegated the scopes."`
	SystemUser  string   `placeholder:"NUMBER" help:"As the system user that this organisation has for the client."`
	ExternalRef string   `placeholder:"TEXT" help:"Which of several system users."`
}

// Help is shown by token --help.
func (tokenCmd) Help() string {
	return `Prints an access token, good for two minutes.

Examples:
  fullmakt token payroll
  curl -H "Authorization: Bearer $(fullmakt token payroll)" http://127.0.0.1:8080/fullmakt/v1/lookups
  fullmakt token payroll --consumer 310000019 -o json`
}

// exchangeTime is how long the issuer may take to answer.
const exchangeTime = 10 * time.Second

// Run prints a token.
func (c *tokenCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	client, key, err := maskinporten.ReadClient(c.Clients, c.Name)
	if err != nil {
		return err
	}
	g := maskinporten.Grant{Client: client.ID, Issuer: c.Issuer, Scopes: c.Scope, Resource: c.Resource, ExternalRef: c.ExternalRef}
	if len(g.Scopes) == 0 {
		g.Scopes = client.Scopes
	}
	if g.Resource == "" {
		if g.Resource, err = origin(c.Issuer); err != nil {
			return err
		}
	}
	if g.Consumer, err = optionalOrg(c.Consumer); err != nil {
		return err
	}
	if g.SystemUserOf, err = optionalOrg(c.SystemUser); err != nil {
		return err
	}
	// A redirect is no answer of Maskinporten's, and would carry the grant away.
	web := &http.Client{Timeout: exchangeTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer web.CloseIdleConnections()
	endpoint, err := maskinporten.Discover(a.ctx, web, c.Issuer)
	if err != nil {
		return err
	}
	assertion, err := g.Sign(key, a.now)
	if err != nil {
		return err
	}
	token, err := maskinporten.Exchange(a.ctx, web, endpoint, assertion)
	if err != nil {
		return err
	}
	if a.globals.wantsJSON() {
		return a.printJSON(token)
	}
	a.printf("%s\n", token.AccessToken)
	return nil
}

// origin returns the scheme and host of an address.
func origin(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "--issuer %q is not an address", address).WithHint("write it as http://127.0.0.1:8080/maskinporten/")
	}
	return u.Scheme + "://" + u.Host, nil
}

// optionalOrg reads an organisation number; "" is none.
func optionalOrg(s string) (fullmakt.OrgNumber, error) {
	if s == "" {
		return 0, nil
	}
	return fullmakt.ParseOrgNumber(s)
}
