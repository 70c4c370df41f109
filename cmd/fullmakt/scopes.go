package main

import (
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
)

func itoa(n int) string { return strconv.Itoa(n) }

type scopesCmd struct {
	List     scopesListCmd     `cmd:"" help:"List the schemes that an organisation has given, or has been given."`
	Give     scopesGiveCmd     `cmd:"" help:"Give a supplier the scopes of schemes."`
	Revoke   scopesRevokeCmd   `cmd:"" help:"Take the scopes of schemes back."`
	Renounce scopesRenounceCmd `cmd:"" help:"Give the scopes of schemes up, as the supplier."`
}

// Help is shown by scopes --help.
func (scopesCmd) Help() string {
	return `A scheme is a resource that names Maskinporten scopes (fullmakt registry list). Its scopes go from an organisation to its supplier, and no further (rule SCOPE-1).

Examples:
  fullmakt --data register scopes give SCHEME --from 310000019 --to 310000078 --until 2027-12-31
  fullmakt --data register scopes list --of 310000019`
}

// schemes finds schemes in the registry of a snapshot.
func (c *changing) schemes(s *index.Snapshot) func(string) (delegation.Scheme, bool) {
	view := c.n.Registry(s)
	return func(id string) (delegation.Scheme, bool) {
		scheme, ok := view.Scheme(id)
		if !ok {
			return delegation.Scheme{}, false
		}
		return delegation.SchemeOf(s, scheme), true
	}
}

type scopesListCmd struct {
	Of string `required:"" placeholder:"PARTY" help:"The organisation."`
}

// wireScopes is one scheme between two organisations.
type wireScopes struct {
	From   wireParty  `json:"from"`
	To     wireParty  `json:"to"`
	Scheme string     `json:"scheme"`
	Scopes []string   `json:"scopes"`
	Valid  *wireValid `json:"valid,omitempty"`
}

// Run lists scope grants.
func (l *scopesListCmd) Run(a *app) error {
	return a.change(&changeFlags{DryRun: true}, func(c *changing) error {
		party, err := c.party(l.Of)
		if err != nil {
			return err
		}
		s, err := c.n.Snapshot(c.ctx)
		if err != nil {
			return err
		}
		t, schemes := c.teller(s, node.RegisterStatus{}), c.schemes(s)
		items := []wireScopes{}
		add := func(g fullmakt.ScopeGrant) {
			one := wireScopes{From: c.wireParty(t.Party(g.From)), To: c.wireParty(t.Party(g.To)), Scheme: g.Scheme, Scopes: []string{}}
			if scheme, ok := schemes(g.Scheme); ok {
				one.Scopes = scheme.Scopes
			}
			if g.Valid != (fullmakt.Interval{}) {
				one.Valid = c.wireValid(g.Valid)
			}
			items = append(items, one)
		}
		for g := range s.ScopeGrants(party) {
			add(g)
		}
		for g := range s.ScopeGrantsTo(party) {
			add(g)
		}
		if c.globals.wantsJSON() {
			return c.printJSON(map[string][]wireScopes{"items": items})
		}
		table := table{head: c.heads("from", "to", "scheme", "scopes"), long: 3}
		for _, one := range items {
			table.add(one.From.Name, one.To.Name, one.Scheme, strings.Join(one.Scopes, " "))
		}
		table.print(c.app)
		return nil
	})
}

// schemeFlags name schemes between two organisations.
type schemeFlags struct {
	Schemes []string `arg:"" optional:"" name:"scheme" help:"Schemes, by resource id."`
	betweenFlags
	changeFlags
}

type scopesGiveCmd struct {
	schemeFlags
	validFlags
}

// Run gives scopes.
func (g *scopesGiveCmd) Run(a *app) error {
	valid, err := g.interval(a.oslo)
	if err != nil {
		return err
	}
	return a.change(&g.changeFlags, func(c *changing) error {
		from, to, err := c.ends(g.From, g.To)
		if err != nil {
			return err
		}
		return c.run("give scopes", func(by *delegation.Acting) (*delegation.Outcome, error) {
			find := c.schemes(by.Snapshot)
			var list []delegation.Scheme
			for _, id := range g.Schemes {
				scheme, ok := find(id)
				if !ok {
					return nil, fullmakt.Errorf(fullmakt.CodeNotFound, "there is no scheme %q", id).WithHint("fullmakt registry list shows the resources; a scheme is one of type MaskinportenSchema")
				}
				list = append(list, scheme)
			}
			return by.GiveScopes(delegation.GiveScopes{From: from, To: to, Schemes: list, Valid: valid})
		})
	})
}

// schemeEndFlags are those of scopes revoke and renounce.
type schemeEndFlags struct {
	schemeFlags
	All     bool `help:"Every scheme that the one has given the other."`
	Cascade bool `help:"With --all: also when there is more than nothing to end."`
}

func (f *schemeEndFlags) run(a *app, note string, end func(*delegation.Acting, delegation.RevokeScopes) (*delegation.Outcome, error)) error {
	return a.change(&f.changeFlags, func(c *changing) error {
		from, to, err := c.ends(f.From, f.To)
		if err != nil {
			return err
		}
		return c.run(note, func(by *delegation.Acting) (*delegation.Outcome, error) {
			return end(by, delegation.RevokeScopes{From: from, To: to, Schemes: f.Schemes, All: f.All, Cascade: f.Cascade})
		})
	})
}

type scopesRevokeCmd struct{ schemeEndFlags }

// Run takes scopes back.
func (r *scopesRevokeCmd) Run(a *app) error {
	return r.run(a, "revoke scopes", (*delegation.Acting).RevokeScopes)
}

type scopesRenounceCmd struct{ schemeEndFlags }

// Run gives scopes up.
func (r *scopesRenounceCmd) Run(a *app) error {
	return r.run(a, "renounce scopes", (*delegation.Acting).RenounceScopes)
}
