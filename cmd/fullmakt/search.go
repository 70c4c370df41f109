package main

import (
	"fmt"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/text"
)

type searchCmd struct {
	Text  []string `arg:"" placeholder:"TEXT" help:"A name, half typed or misspelt, or an organisation number or its beginning."`
	Kind  string   `enum:"all,organisation,person,enterprise_user,system_user" default:"all" help:"Only one kind of party: organisation, person, enterprise_user or system_user."`
	Limit int      `default:"20" help:"How many of each kind, 1 to 100."`
	Index bool     `help:"First bring the index of names up to date, however long that takes."`
}

// Help is shown by search --help.
func (searchCmd) Help() string {
	return `The best comes first: what is called so, what begins so, what has the words, what is nearly called so. Persons are shown by birth date; an identity number is not searched for, give it to check or list.

The names of a store are in an index that a server fills, and this command when little is missing. Until all are in, the command says how much of the register it can find.

Examples:
  fullmakt --demo search berg
  fullmakt --demo search "trondhiem as" --kind organisation
  fullmakt --demo search 310000019 -o json`
}

// soonIndexed is how many parties may be missing from the index for a search to take
// them in first: a second or two.
const soonIndexed = 50_000

// Run prints the parties that were found. None is exit status 4.
func (c *searchCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	if c.Limit < 1 { // to the node, 0 is its own choice
		return fullmakt.Errorf(fullmakt.CodeInvalid, "--limit %d: want 1 to 100", c.Limit)
	}
	n, err := a.open()
	if err != nil {
		return err
	}
	defer n.Close()
	if err := c.index(a, n); err != nil {
		return err
	}
	query := node.SearchQuery{Text: strings.Join(c.Text, " "), Limit: c.Limit}
	for k := fullmakt.KindOrganisation; k <= fullmakt.KindSystemUser; k++ {
		if k.String() == c.Kind {
			query.Kinds = []fullmakt.PartyKind{k}
		}
	}
	result, err := n.Search(a.ctx, query)
	if err != nil {
		return err
	}
	if result.IdentityNumber {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "an identity number is not searched for").
			WithHint("search for the name, or give the number to check, explain or list")
	}
	if !result.Names.Complete() {
		a.say("%s", a.texts.Say("search.incomplete", "percent", result.Names.Percent()))
	}
	if err := c.print(a, n, result); err != nil {
		return err
	}
	if len(result.Hits) == 0 {
		return status(exitUnknown)
	}
	return nil
}

// index takes in what is missing from the index of a store, if that is little or
// was asked for.
func (c *searchCmd) index(a *app, n *node.Node) error {
	progress, err := n.NamesProgress(a.ctx)
	if err != nil || !c.Index && progress.Parties-progress.Indexed > soonIndexed {
		return err
	}
	bar := a.progress()
	defer bar.end()
	return n.FillNames(a.ctx, func(p node.NamesProgress) {
		if !p.Complete() {
			bar.show(a.texts.Say("search.indexing"), int64(p.Indexed), int64(p.Parties), 0)
		}
	})
}

// wireHit is one hit of search.
type wireHit struct {
	wireParty
	UUID      string     `json:"uuid"`
	Match     string     `json:"match"`
	Of        *wireParty `json:"of,omitempty"`
	Born      string     `json:"born,omitempty"`
	Uncertain bool       `json:"uncertain,omitempty"`
	Dead      bool       `json:"dead,omitempty"`
	Ended     bool       `json:"ended,omitempty"`
}

func (c *searchCmd) print(a *app, n *node.Node, result node.SearchResult) error {
	s, err := n.Snapshot(a.ctx)
	if err != nil {
		return err
	}
	t := a.teller(s, node.RegisterStatus{})
	if a.globals.wantsJSON() {
		hits := make([]wireHit, 0, len(result.Hits))
		for _, h := range result.Hits {
			w := wireHit{wireParty: a.wireParty(hitParty(t.Party(h.Party))), UUID: h.UUID.String(), Match: h.Match.String(), Uncertain: h.Uncertain, Dead: h.Dead}
			if h.Kind == fullmakt.KindPerson {
				w.Born = h.Born.String()
			}
			w.Ended = (h.Kind == fullmakt.KindEnterpriseUser || h.Kind == fullmakt.KindSystemUser) && h.State&fullmakt.Deleted != 0
			if h.Parent != 0 {
				of := a.wireParty(t.Party(h.Parent))
				w.Of = &of
			}
			hits = append(hits, w)
		}
		return a.printJSON(struct {
			Hits     []wireHit    `json:"hits"`
			Percent  int          `json:"indexed_percent"`
			Revision fullmakt.Seq `json:"revision"`
		}{hits, result.Names.Percent(), s.Seq()})
	}
	if len(result.Hits) == 0 {
		a.say("%s", a.texts.Say("search.none"))
		return nil
	}
	list := table{head: a.heads("name", "id", "kind", "state"), long: 1}
	for _, h := range result.Hits {
		list.add(h.Name, c.id(a, h, t.Party(h.Party)), a.texts.Kind(h.Kind), c.state(a, h))
	}
	list.print(a)
	return nil
}

// hitParty leaves out a person's identity number: its party number names it.
func hitParty(p text.Party) text.Party {
	if p.Kind == fullmakt.KindPerson {
		p.ID = fmt.Sprintf("urn:altinn:partyid:%d", p.No)
	}
	return p
}

// id tells which one of its name a hit is.
func (c *searchCmd) id(a *app, h node.Hit, p text.Party) string {
	switch {
	case h.Kind == fullmakt.KindPerson:
		return a.texts.Say("search.born", "date", h.Born.String(), "party", uint32(h.Party))
	case h.Kind != fullmakt.KindOrganisation:
		return p.ID
	}
	id := strings.TrimSpace(h.Number.Grouped() + " " + string(h.Form))
	if h.Parent != 0 {
		id = a.texts.Say("search.unit-of", "id", id, "name", h.ParentName)
	}
	return id
}

// state tells what a hit is, if it is not as parties usually are.
func (c *searchCmd) state(a *app, h node.Hit) string {
	switch {
	case h.Dead:
		return a.texts.Say("search.dead")
	case h.Kind == fullmakt.KindOrganisation && h.State != 0:
		return a.texts.State(h.State)
	case h.State&fullmakt.Deleted != 0:
		return a.texts.Say("search.ended")
	}
	return ""
}
