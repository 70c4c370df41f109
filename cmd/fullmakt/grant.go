package main

import (
	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

// itemFlags name what is given or taken back.
type itemFlags struct {
	Packages []string `arg:"" optional:"" name:"package" help:"Access packages, by code or URN."`
	Resource string   `placeholder:"ID" help:"A resource, with --right."`
	Right    []string `placeholder:"KEY" help:"Rights to the resource, by key (registry show)."`
}

func (f *itemFlags) items() ([]delegation.Item, error) {
	var items []delegation.Item
	for _, p := range f.Packages {
		items = append(items, delegation.Item{Package: p})
	}
	for _, r := range f.Right {
		items = append(items, delegation.Item{Resource: f.Resource, Right: r})
	}
	if (f.Resource == "") != (len(f.Right) == 0) {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "--resource and --right belong together").WithHint("fullmakt registry show RESOURCE lists its rights")
	}
	return items, nil
}

// betweenFlags name who gives and who receives.
type betweenFlags struct {
	From string `required:"" placeholder:"PARTY" help:"Who gives."`
	To   string `required:"" placeholder:"PARTY" help:"Who receives."`
}

type grantCmd struct {
	itemFlags
	betweenFlags
	validFlags
	changeFlags
}

// Help is shown by grant --help.
func (grantCmd) Help() string {
	return `Every item is given, or none. What is given already stays as it is; another interval replaces it (rules GIVE-1 to GIVE-4).

Examples:
  fullmakt --data register grant skatt-naering --from 310000019 --to 310000078 --until 2027-12-31
  fullmakt --demo grant skatt-naering --from "Bergen AS" --to ola --as kari --dry-run`
}

// Run gives.
func (g *grantCmd) Run(a *app) error {
	items, err := g.items()
	if err != nil {
		return err
	}
	valid, err := g.interval(a.oslo)
	if err != nil {
		return err
	}
	return a.change(&g.changeFlags, func(c *changing) error {
		from, to, err := c.ends(g.From, g.To)
		if err != nil {
			return err
		}
		return c.run("grant", func(by *delegation.Acting) (*delegation.Outcome, error) {
			// Who is at this terminal has named the person by a number, or by a name
			// that fits nobody else.
			return by.Give(delegation.Give{From: from, To: to, Identified: true, Items: items, Valid: valid})
		})
	})
}

// takeBackFlags are those of revoke and renounce.
type takeBackFlags struct {
	itemFlags
	betweenFlags
	All     bool `help:"Everything that the one has given the other."`
	Cascade bool `help:"End what rests on it as well."`
	changeFlags
}

func (f *takeBackFlags) run(a *app, note string, end func(*delegation.Acting, delegation.Revoke) (*delegation.Outcome, error)) error {
	items, err := f.items()
	if err != nil {
		return err
	}
	return a.change(&f.changeFlags, func(c *changing) error {
		from, to, err := c.ends(f.From, f.To)
		if err != nil {
			return err
		}
		return c.run(note, func(by *delegation.Acting) (*delegation.Outcome, error) {
			return end(by, delegation.Revoke{From: from, To: to, Items: items, All: f.All, Cascade: f.Cascade})
		})
	})
}

type revokeCmd struct{ takeBackFlags }

// Help is shown by revoke --help.
func (revokeCmd) Help() string {
	return `Where something rests on what is taken back, it is refused with a list; --cascade ends that too (rule GIVE-4). What follows from a role in Enhetsregisteret is changed there (rule GIVE-5).

Examples:
  fullmakt --data register revoke skatt-naering --from 310000019 --to 310000078 --dry-run
  fullmakt --data register revoke --all --from 310000019 --to 310000078 --cascade`
}

// Run takes back on the giver's side.
func (r *revokeCmd) Run(a *app) error {
	return r.run(a, "revoke", (*delegation.Acting).Revoke)
}

type renounceCmd struct{ takeBackFlags }

// Help is shown by renounce --help.
func (renounceCmd) Help() string {
	return `As revoke, on the receiver's side: the person itself, or who administers the receiving organisation (rule GIVE-5).

Example:
  fullmakt --data register renounce skatt-naering --from 310000019 --to 310000078 --as 310000078`
}

// Run gives up on the receiver's side.
func (r *renounceCmd) Run(a *app) error {
	return r.run(a, "renounce", (*delegation.Acting).Renounce)
}

type undoCmd struct {
	Revision uint64 `arg:"" help:"The revision to put back."`
	changeFlags
}

// Help is shown by undo --help.
func (undoCmd) Help() string {
	return `What the revision gave is revoked, and what it took back is given anew, all of it or nothing, as a new revision. What has been changed since is refused; what the register ended, and what ended by its date, stays ended.

Example:
  fullmakt --data register undo 42 --dry-run`
}

// Run undoes a revision.
func (u *undoCmd) Run(a *app) error {
	return a.change(&u.changeFlags, func(c *changing) error {
		undo, err := c.n.Undo(c.ctx, fullmakt.Seq(u.Revision))
		if err != nil {
			return err
		}
		return c.run("undo", func(by *delegation.Acting) (*delegation.Outcome, error) {
			undo.Schemes = c.schemes(by.Snapshot)
			return by.Undo(undo)
		})
	})
}
