package main

import (
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/text"
)

type requestsCmd struct {
	List     requestsListCmd     `cmd:"" help:"List requests for access, from or to a party."`
	Ask      requestsAskCmd      `cmd:"" help:"Ask a party for packages or rights."`
	Confirm  requestsConfirmCmd  `cmd:"" help:"Confirm a draft that another has written."`
	Approve  requestsApproveCmd  `cmd:"" help:"Give what was asked for."`
	Reject   requestsRejectCmd   `cmd:"" help:"Say no to a request."`
	Withdraw requestsWithdrawCmd `cmd:"" help:"Withdraw a request."`
}

// Help is shown by requests --help.
func (requestsCmd) Help() string {
	return `Examples:
  fullmakt --data register requests ask skatt-naering --from 310000019 --to 310000078 --message "For the year's tax return"
  fullmakt --data register requests list --of 310000019
  fullmakt --data register requests approve ID --until 2027-12-31`
}

type requestsListCmd struct {
	Of string `required:"" placeholder:"PARTY" help:"Who is asked, or for whom it is asked."`
	As string `placeholder:"PARTY" help:"Only what this party may see. Default: as the operator."`
}

// wireRequest is a request for access.
type wireRequest struct {
	ID      string                  `json:"id"`
	From    wireParty               `json:"from"`
	To      wireParty               `json:"to"`
	Items   []wireRequestItem       `json:"items"`
	Message string                  `json:"message,omitempty"`
	State   delegation.RequestState `json:"state"`
}

type wireRequestItem struct {
	Package  string `json:"package,omitempty"`
	Resource string `json:"resource,omitempty"`
	Right    string `json:"right,omitempty"`
}

// Run lists requests.
func (l *requestsListCmd) Run(a *app) error {
	return a.change(&changeFlags{DryRun: true, As: l.As}, func(c *changing) error {
		party, err := c.party(l.Of)
		if err != nil {
			return err
		}
		s, err := c.n.Snapshot(c.ctx)
		if err != nil {
			return err
		}
		t := c.teller(s, node.RegisterStatus{})
		items := []wireRequest{}
		table := table{head: c.heads("id", "from", "to", "state", "what"), long: 4}
		for r, err := range c.acting(s).Requests(party, true, true) {
			if err != nil {
				return err
			}
			one := wireRequest{ID: r.ID, From: c.wireParty(t.Party(r.From)), To: c.wireParty(t.Party(r.To)), Message: text.Printable(r.Message), State: r.State}
			var what []string
			for _, item := range r.Items() {
				one.Items = append(one.Items, wireRequestItem{urnOf(s, item.Package), item.Resource, item.Right})
				what = append(what, strings.TrimSpace(item.Package+item.Resource+" "+item.Right))
			}
			items = append(items, one)
			table.add(one.ID, one.From.Name, one.To.Name, c.requestState(one.State), strings.Join(what, ", "))
		}
		if c.globals.wantsJSON() {
			return c.printJSON(map[string][]wireRequest{"items": items})
		}
		table.print(c.app)
		return nil
	})
}

// requestState returns the state of a request as a word or two.
func (a *app) requestState(s delegation.RequestState) string {
	return a.texts.Say("request." + strings.ToLower(string(s)))
}

type requestsAskCmd struct {
	itemFlags
	From    string `required:"" placeholder:"PARTY" help:"Who is asked to give."`
	To      string `required:"" placeholder:"PARTY" help:"Who would receive."`
	Message string `help:"A message, at most 500 characters."`
	changeFlags
}

// Run asks for access.
func (r *requestsAskCmd) Run(a *app) error {
	items, err := r.items()
	if err != nil {
		return err
	}
	return a.change(&r.changeFlags, func(c *changing) error {
		from, to, err := c.ends(r.From, r.To)
		if err != nil {
			return err
		}
		id := newUUID()
		return c.run("ask for access", func(by *delegation.Acting) (*delegation.Outcome, error) {
			return by.Ask(delegation.Ask{ID: id, From: from, To: to, Items: items, Message: r.Message})
		})
	})
}

// requestFlags name a request.
type requestFlags struct {
	ID string `arg:"" help:"The request's id."`
	changeFlags
}

func (f *requestFlags) run(a *app, note string, command func(*delegation.Acting) (*delegation.Outcome, error)) error {
	if _, err := fullmakt.ParseUUID(f.ID); err != nil {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "the id of a request is a UUID").WithHint("fullmakt requests list --of PARTY shows them")
	}
	return a.change(&f.changeFlags, func(c *changing) error { return c.run(note, command) })
}

type requestsConfirmCmd struct{ requestFlags }

// Run confirms a draft.
func (r *requestsConfirmCmd) Run(a *app) error {
	return r.run(a, "confirm a request", func(by *delegation.Acting) (*delegation.Outcome, error) { return by.ConfirmRequest(r.ID) })
}

type requestsApproveCmd struct {
	requestFlags
	validFlags
}

// Run approves a request.
func (r *requestsApproveCmd) Run(a *app) error {
	valid, err := r.interval(a.oslo)
	if err != nil {
		return err
	}
	return r.run(a, "approve a request", func(by *delegation.Acting) (*delegation.Outcome, error) {
		return by.ApproveRequest(delegation.Approve{ID: r.ID, Valid: valid})
	})
}

type requestsRejectCmd struct{ requestFlags }

// Run rejects a request.
func (r *requestsRejectCmd) Run(a *app) error {
	return r.run(a, "reject a request", func(by *delegation.Acting) (*delegation.Outcome, error) { return by.RejectRequest(r.ID) })
}

type requestsWithdrawCmd struct{ requestFlags }

// Run withdraws a request.
func (r *requestsWithdrawCmd) Run(a *app) error {
	return r.run(a, "withdraw a request", func(by *delegation.Acting) (*delegation.Outcome, error) { return by.WithdrawRequest(r.ID) })
}
