package client_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/fullmakt/fullmakt/api"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/client"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/world"
)

// demo serves the demo world on this machine, as "fullmakt serve --demo" does.
func demo(ctx context.Context, cfg api.Config) (*httptest.Server, func(), error) {
	cat, err := catalogue.Embedded()
	if err != nil {
		return nil, nil, err
	}
	w, err := world.Demo(cat)
	if err != nil {
		return nil, nil, err
	}
	n, err := node.Open(ctx, node.Options{Catalogue: cat, World: w})
	if err != nil {
		return nil, nil, err
	}
	web := httptest.NewUnstartedServer(nil)
	stop := func() { web.Close(); n.Close() }
	if _, err := n.Snapshot(ctx); err != nil {
		stop()
		return nil, nil, err
	}
	cfg.Listen = web.Listener.Addr().String()
	s, err := api.New(n, cfg)
	if err != nil {
		stop()
		return nil, nil, err
	}
	web.Config.Handler = s.Handler()
	web.Start()
	return web, stop, nil
}

// Kari leads Trondheim AS, which leads Bergen AS. May she act for Bergen AS? And
// for whom else?
func Example() {
	ctx := context.Background()
	server, stop, err := demo(ctx, api.Config{Authentication: api.Authentication{Off: true}})
	if err != nil {
		log.Fatal(err)
	}
	defer stop()

	c := &client.Client{
		URL:  server.URL,
		HTTP: http.DefaultClient,
		// Token: where to get bearer tokens from. This server asks for none.
	}
	kari := client.Entity{Type: client.Person, ID: "12817010065"}
	bergen := client.Entity{Type: client.Organisation, ID: "310000019"}
	const pkg = "delegerbare-maskinporten-scopes"

	answer, err := c.Evaluate(ctx, client.Question{Subject: kari, Action: pkg, For: bergen, Context: client.Context{Explain: true}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Allowed, answer.Context.Reason)
	for _, path := range answer.Context.Authority {
		for _, step := range path.Steps {
			fmt.Println(" ", step.From.ID, step.By)
		}
	}

	fmt.Println("for whom:")
	for party, err := range c.SearchResources(ctx, client.Search{
		Question: client.Question{Subject: kari, Action: pkg, For: client.Entity{Type: client.Organisation}},
		PageSize: 2,
	}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(" ", party.ID)
	}

	fmt.Println("as Altinn's clients ask:")
	parties, err := c.AuthorizedParties(ctx, kari, client.PartyOptions{Roles: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range parties {
		fmt.Println(" ", p.Name, p.Type, p.UnitType, len(p.Subunits), "sub-units")
	}

	// Output:
	// true held_via_nesting
	//   310000019 role:daglig-leder
	//   310000027 role:daglig-leder
	// for whom:
	//   310000019
	//   310000027
	//   310000086
	// as Altinn's clients ask:
	//   Bergen AS Organization AS 1 sub-units
	//   Trondheim AS Organization AS 0 sub-units
	//   Kari Nordmann Person  0 sub-units
}
