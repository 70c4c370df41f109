package main

import (
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

type systemUserCmd struct {
	List     systemUserListCmd     `cmd:"" help:"List system users, or the requests for them, of an organisation or of a vendor's system."`
	Show     systemUserShowCmd     `cmd:"" help:"Show a system user or a request, and what of the request a party may approve."`
	Request  systemUserRequestCmd  `cmd:"" help:"Ask an organisation for a system user, as the vendor."`
	Change   systemUserChangeCmd   `cmd:"" help:"Ask an organisation to change a system user, as the vendor."`
	Approve  systemUserApproveCmd  `cmd:"" help:"Make or change the system user as a request asks, as the organisation."`
	Reject   systemUserRejectCmd   `cmd:"" help:"Say no to a request, as the organisation."`
	Withdraw systemUserWithdrawCmd `cmd:"" help:"Take a request back that waits, as the vendor."`
	Create   systemUserCreateCmd   `cmd:"" help:"Make a system user without a request, as the organisation."`
	Delete   systemUserDeleteCmd   `cmd:"" help:"End a system user and what it was given."`
	Register systemUserRegisterCmd `cmd:"" help:"Register a vendor's system, or change it."`
	Systems  systemUserSystemsCmd  `cmd:"" help:"List vendors' systems."`
}

// Help is shown by system-user --help.
func (systemUserCmd) Help() string {
	return `A system user (systembruker) acts for the organisation that owns it, in a vendor's system. A standard one is given packages and rights; an agent is delegated clients instead.

Examples:
  fullmakt --data register system-user register 310000043_payroll --vendor 310000043 --package skatt-naering --right demo-skattemelding
  fullmakt --data register system-user request skatt-naering --system 310000043_payroll --org 310000027
  fullmakt --data register system-user list --org 310000027 --requests
  fullmakt --data register system-user show ID --as 310000035
  fullmakt --data register system-user approve ID --as 310000035
  fullmakt --data register system-user change UUID --right demo-skattemelding:read --unwanted skatt-naering
  fullmakt --data register system-user delete UUID`
}

// systemRights reads rights: RESOURCE or RESOURCE:ACTION each.
func systemRights(texts []string) (rights []delegation.SystemRight, err error) {
	for _, text := range texts {
		r, err := delegation.ParseSystemRight(text)
		if err != nil {
			return nil, err
		}
		rights = append(rights, r)
	}
	return rights, nil
}

// newUserFlags tell what a new system user is to be.
type newUserFlags struct {
	Packages []string `arg:"" optional:"" name:"package" help:"Access packages, by code or URN."`
	System   string   `required:"" placeholder:"ID" help:"The vendor's system."`
	Org      string   `required:"" placeholder:"PARTY" help:"The organisation that is to own the user."`
	Right    []string `placeholder:"RESOURCE" help:"A right: RESOURCE, or RESOURCE:ACTION; repeat for several."`
	Ref      string   `placeholder:"TEXT" help:"The vendor's own reference. Default: the organisation's number."`
	Title    string   `placeholder:"TEXT" help:"What the organisation sees it called."`
	Agent    bool     `help:"An agent, who is delegated clients and given nothing itself."`
	changeFlags
}

// run runs a command on what is wanted of a new system user.
func (f *newUserFlags) run(a *app, note string, command func(*delegation.Acting, delegation.SystemAsk, delegation.NewSystemUser) (*delegation.Outcome, error)) error {
	rights, err := systemRights(f.Right)
	if err != nil {
		return err
	}
	return a.change(&f.changeFlags, func(c *changing) error {
		org, err := c.party(f.Org)
		if err != nil {
			return err
		}
		id, user := newUUID(), newUUID()
		return c.run(note, func(by *delegation.Acting) (*delegation.Outcome, error) {
			k := delegation.SystemAsk{ID: id, System: f.System, Owner: org, Reference: f.Ref, Title: f.Title, Agent: f.Agent, Packages: f.Packages, Rights: rights}
			made, err := c.newSystemUser(by, k, user)
			if err != nil {
				return nil, err
			}
			return command(by, k, made)
		})
	})
}

// newSystemUser finds what a new system user gets from the store.
func (c *changing) newSystemUser(by *delegation.Acting, k delegation.SystemAsk, uuid string) (delegation.NewSystemUser, error) {
	id, err := fullmakt.ParseUUID(uuid)
	if err != nil {
		return delegation.NewSystemUser{}, err
	}
	return c.n.NewSystemUser(c.ctx, by.Snapshot, k, id)
}

type systemUserRequestCmd struct{ newUserFlags }

// Run asks for a system user.
func (r *systemUserRequestCmd) Run(a *app) error {
	return r.run(a, "request for a system user", func(by *delegation.Acting, k delegation.SystemAsk, made delegation.NewSystemUser) (*delegation.Outcome, error) {
		_, out, err := by.AskForSystemUser(k, made)
		return out, err
	})
}

type systemUserCreateCmd struct{ newUserFlags }

// Run makes a system user.
func (r *systemUserCreateCmd) Run(a *app) error {
	return r.run(a, "system user made", (*delegation.Acting).CreateSystemUser)
}

type systemUserChangeCmd struct {
	ID            string   `arg:"" help:"The system user's UUID."`
	Packages      []string `arg:"" optional:"" name:"package" help:"Access packages that it is to have, by code or URN."`
	Right         []string `placeholder:"RESOURCE" help:"A right that it is to have: RESOURCE, or RESOURCE:ACTION; repeat for several."`
	Unwanted      []string `placeholder:"PACKAGE" help:"A package that it is to have no longer; repeat for several."`
	UnwantedRight []string `placeholder:"RESOURCE" help:"A right that it is to have no longer; repeat for several."`
	changeFlags
}

// Run asks for a change. What is so already is not asked for.
func (r *systemUserChangeCmd) Run(a *app) error {
	rights, err := systemRights(r.Right)
	if err != nil {
		return err
	}
	unwanted, err := systemRights(r.UnwantedRight)
	if err != nil {
		return err
	}
	return a.change(&r.changeFlags, func(c *changing) error {
		id := newUUID()
		return c.run("change request about a system user", func(by *delegation.Acting) (*delegation.Outcome, error) {
			_, out, err := by.AskForChange(delegation.SystemAsk{ID: id, User: strings.ToLower(r.ID), Packages: r.Packages, Rights: rights, UnwantedPackages: r.Unwanted, UnwantedRights: unwanted})
			return out, err
		})
	})
}

// systemUserFlags name a system user or a request.
type systemUserFlags struct {
	ID string `arg:"" help:"The UUID."`
	changeFlags
}

// uuid returns the id as it is stored.
func (f *systemUserFlags) uuid() (string, error) {
	u, err := fullmakt.ParseUUID(f.ID)
	if err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "the id is a UUID").WithHint("fullmakt system-user list shows them, with --requests those of requests")
	}
	return u.String(), nil
}

// answer runs a command on a request.
func (f *systemUserFlags) answer(a *app, note string, command func(c *changing, by *delegation.Acting, k delegation.SystemAsk) (*delegation.Outcome, error)) error {
	id, err := f.uuid()
	if err != nil {
		return err
	}
	return a.change(&f.changeFlags, func(c *changing) error {
		return c.run(note, func(by *delegation.Acting) (*delegation.Outcome, error) {
			k, err := by.SystemAsk(id)
			if err != nil {
				return nil, err
			}
			return command(c, by, k)
		})
	})
}

type systemUserApproveCmd struct{ systemUserFlags }

// Run approves a request.
func (r *systemUserApproveCmd) Run(a *app) error {
	user := newUUID()
	return r.answer(a, "answer to a request about a system user", func(c *changing, by *delegation.Acting, k delegation.SystemAsk) (*delegation.Outcome, error) {
		made, err := c.newSystemUser(by, k, user)
		if err != nil {
			return nil, err
		}
		return by.ApproveSystemAsk(k.ID, made)
	})
}

type systemUserRejectCmd struct{ systemUserFlags }

// Run rejects a request.
func (r *systemUserRejectCmd) Run(a *app) error {
	return r.answer(a, "answer to a request about a system user", func(_ *changing, by *delegation.Acting, k delegation.SystemAsk) (*delegation.Outcome, error) {
		return by.RejectSystemAsk(k.ID)
	})
}

type systemUserWithdrawCmd struct{ systemUserFlags }

// Run withdraws a request.
func (r *systemUserWithdrawCmd) Run(a *app) error {
	return r.answer(a, "request withdrawn", func(_ *changing, by *delegation.Acting, k delegation.SystemAsk) (*delegation.Outcome, error) {
		return by.WithdrawSystemAsk(k.ID)
	})
}

type systemUserDeleteCmd struct{ systemUserFlags }

// Run ends a system user.
func (r *systemUserDeleteCmd) Run(a *app) error {
	id, err := r.uuid()
	if err != nil {
		return err
	}
	return a.change(&r.changeFlags, func(c *changing) error {
		return c.run("system user ended", func(by *delegation.Acting) (*delegation.Outcome, error) {
			u, ok := delegation.FindSystemUser(by.Snapshot, id)
			if !ok {
				return nil, errNoSystemUser()
			}
			return by.EndSystemUser(id, u.Owner)
		})
	})
}

func errNoSystemUser() error {
	return fullmakt.Errorf(fullmakt.CodeNotFound, "there is no such system user").WithHint("fullmakt system-user list --org PARTY shows those that an organisation has")
}

type systemUserRegisterCmd struct {
	ID       string   `arg:"" help:"The system's id: the vendor's number, an underscore and a name."`
	Vendor   string   `required:"" placeholder:"PARTY" help:"The vendor."`
	Name     string   `placeholder:"TEXT" help:"What the system is called."`
	Package  []string `placeholder:"PACKAGE" help:"A package that it may ask for; repeat for several."`
	Right    []string `placeholder:"RESOURCE" help:"A right that it may ask for: RESOURCE, or RESOURCE:ACTION; repeat for several."`
	Client   []string `placeholder:"ID" help:"A client of Maskinporten that it uses; repeat for several."`
	Redirect []string `placeholder:"URL" help:"An address that its users may be sent back to; repeat for several."`
	changeFlags
}

// Run registers the system.
func (r *systemUserRegisterCmd) Run(a *app) error {
	rights, err := systemRights(r.Right)
	if err != nil {
		return err
	}
	return a.change(&r.changeFlags, func(c *changing) error {
		vendor, err := c.party(r.Vendor)
		if err != nil {
			return err
		}
		return c.run("system "+r.ID, func(by *delegation.Acting) (*delegation.Outcome, error) {
			name := map[string]string{"nb": r.Name, "nn": r.Name, "en": r.Name}
			return by.PutSystem(delegation.System{ID: r.ID, Vendor: vendor, Name: name, Packages: r.Package, Rights: rights, Clients: r.Client, Redirects: r.Redirect})
		})
	})
}
