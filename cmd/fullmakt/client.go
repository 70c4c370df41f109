package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/maskinporten"
)

type clientCmd struct {
	New  clientNewCmd  `cmd:"" help:"Make a test client of an organisation, with its key."`
	List clientListCmd `cmd:"" help:"List the test clients."`
}

// Help is shown by client --help.
func (clientCmd) Help() string {
	return `Test clients of the mock Maskinporten that "fullmakt serve --demo" runs. A client is two files: what is registered (NAME.client.json), and the private key (NAME.private.jwk), which only its owner can read. Get a token with: fullmakt token NAME

Examples:
  fullmakt client new payroll --org 310000027 --scope fullmakt:evaluate --scope fullmakt:audit
  fullmakt client list`
}

// clientsArg names the directory of the test clients.
type clientsArg struct {
	Clients string `default:"clients" placeholder:"DIR" env:"FULLMAKT_CLIENTS" help:"The directory of the test clients. Default: ${default}."`
}

type clientNewCmd struct {
	clientsArg
	Name  string   `arg:"" help:"What to call it, as a file name."`
	Org   string   `required:"" placeholder:"NUMBER" help:"Whose client it is: a synthetic organisation number, which begins with 2 or 3."`
	Scope []string `required:"" placeholder:"SCOPE" help:"A scope it may ask for. Repeat for more."`

	Prefix []string `placeholder:"PREFIX" help:"The prefix of scopes that belong to the organisation, as demo of demo:kontroll.read: with altinn:maskinporten/delegations it may ask who has been given them. Repeat for more."`
}

// wireClient is the JSON of a test client.
type wireClient struct {
	Name   string   `json:"name"`
	ID     string   `json:"client_id"`
	Org    string   `json:"organisation"`
	Scopes []string `json:"scopes"`
	Key    string   `json:"key"`
}

// Run makes the client.
func (c *clientNewCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	org, err := fullmakt.ParseOrgNumber(c.Org)
	if err != nil {
		return err
	}
	client, key, err := maskinporten.NewClient(org, c.Scope, c.Prefix...)
	if err != nil {
		return err
	}
	if err := maskinporten.WriteClient(c.Clients, c.Name, client, key); err != nil {
		return err
	}
	w, err := wireClientOf(c.Clients, c.Name, client)
	if err != nil {
		return err
	}
	if a.globals.wantsJSON() {
		return a.printJSON(w)
	}
	a.printf("Made the client %s of %s, with id %s.\nIts private key is in %s. Get a token with:\n  fullmakt token %s\n", c.Name, org, client.ID, w.Key, c.Name)
	return nil
}

func wireClientOf(dir, name string, c maskinporten.Client) (wireClient, error) {
	_, key, err := maskinporten.ClientFiles(dir, name)
	return wireClient{Name: name, ID: c.ID, Org: c.Organisation.String(), Scopes: c.Scopes, Key: key}, err
}

type clientListCmd struct{ clientsArg }

// Run lists the clients.
func (c *clientListCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	clients := []wireClient{}
	files, err := filepath.Glob(filepath.Join(c.Clients, "*.client.json"))
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--clients %s: %w", c.Clients, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".client.json")
		client, _, err := maskinporten.ReadClient(c.Clients, name)
		if err != nil {
			return err
		}
		w, err := wireClientOf(c.Clients, name, client)
		if err != nil {
			return err
		}
		clients = append(clients, w)
	}
	if a.globals.wantsJSON() {
		return a.printJSON(map[string]any{"items": clients})
	}
	if len(clients) == 0 {
		if _, err := os.Stat(c.Clients); err != nil {
			a.say("There is no directory %s.", c.Clients)
		}
		a.say("There are no clients. Make one with: fullmakt client new NAME --org 310000027 --scope fullmakt:evaluate")
		return nil
	}
	t := &table{head: []string{"NAME", "ORGANISATION", "CLIENT ID", "SCOPES"}}
	for _, w := range clients {
		t.add(w.Name, w.Org, w.ID, strings.Join(w.Scopes, " "))
	}
	t.print(a)
	return nil
}
