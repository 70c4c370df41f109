package main

import (
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
)

type enterpriseUserCmd struct {
	Add    userAddCmd    `cmd:"" help:"Give an organisation an enterprise user."`
	List   userListCmd   `cmd:"" help:"List the enterprise users, of one organisation or all."`
	End    userEndCmd    `cmd:"" help:"End an enterprise user and what it was given."`
	Report userReportCmd `cmd:"" help:"Tell whom an enterprise user reaches, and which packages a system user would need instead."`
	ECKey  eckeyCmd      `cmd:"" name:"eckey" help:"Give or take the authority for suppliers (ECKEY)."`
}

// Help is shown by enterprise-user --help.
func (enterpriseUserCmd) Help() string {
	return `An enterprise user (virksomhetsbruker) acts for the organisation that owns it. With ECKEY it may, one hop on, also act where that organisation has a role.

Examples:
  fullmakt --data register enterprise-user add integration --org 310000027
  fullmakt --data register enterprise-user eckey grant integration --org 310000027 --until 2026-12-31
  fullmakt --data register enterprise-user list --org 310000027
  fullmakt --data register enterprise-user report integration --org 310000027
  fullmakt --data register enterprise-user end integration --org 310000027`
}

// userArgs name an enterprise user.
type userArgs struct {
	User string `arg:"" help:"The user name."`
	Org  string `required:"" placeholder:"PARTY" help:"The organisation that owns it."`
}

type eckeyCmd struct {
	Grant  eckeyGrantCmd  `cmd:"" help:"Give an enterprise user ECKEY."`
	Revoke eckeyRevokeCmd `cmd:"" help:"Take ECKEY from an enterprise user."`
}

type userAddCmd struct{ userArgs }

// Run adds the user.
func (c *userAddCmd) Run(a *app) error {
	return a.changeUser(&c.userArgs, "added", (*delegation.Acting).AddEnterpriseUser)
}

type userEndCmd struct{ userArgs }

// Run ends the user.
func (c *userEndCmd) Run(a *app) error {
	return a.changeUser(&c.userArgs, "ended", (*delegation.Acting).EndEnterpriseUser)
}

type eckeyGrantCmd struct {
	userArgs
	From  string `placeholder:"TIME" help:"From when. Default: at once."`
	Until string `placeholder:"DATE" help:"Through this day (til og med). Default: without end."`
}

// Run gives ECKEY.
func (c *eckeyGrantCmd) Run(a *app) error {
	var valid fullmakt.Interval
	if c.From != "" {
		from, err := parseTime(c.From, a.oslo)
		if err != nil {
			return err
		}
		valid.From = from.Unix()
	}
	if c.Until != "" {
		day, err := fullmakt.ParseDate(c.Until)
		if err != nil {
			return err
		}
		valid.To = fullmakt.Through(day, a.oslo)
	}
	return a.changeUser(&c.userArgs, "eckey_granted", func(by *delegation.Acting, u delegation.User) (*delegation.Outcome, error) {
		return by.Give(delegation.Give{From: u.Owner, To: u.No, Items: eckey, Valid: valid})
	})
}

type eckeyRevokeCmd struct{ userArgs }

// Run takes ECKEY.
func (c *eckeyRevokeCmd) Run(a *app) error {
	return a.changeUser(&c.userArgs, "eckey_revoked", func(by *delegation.Acting, u delegation.User) (*delegation.Outcome, error) {
		return by.Revoke(delegation.Revoke{From: u.Owner, To: u.No, Items: eckey})
	})
}

// eckey is the one item that the eckey commands give and take.
var eckey = []delegation.Item{{ECKEY: true}}

// userChange works out what one of these commands does.
type userChange func(*delegation.Acting, delegation.User) (*delegation.Outcome, error)

// wireUserChange is the JSON of a command that changes an enterprise user.
type wireUserChange struct {
	Changed  bool         `json:"changed"`
	User     string       `json:"user"`
	Org      string       `json:"org"`
	Revision fullmakt.Seq `json:"revision"`
}

// changeUser runs a command on an enterprise user; done names the message that says
// what it did. What is so already is no
// error and no revision.
func (a *app) changeUser(args *userArgs, done string, change userChange) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	n, err := a.openForWriting()
	if err != nil {
		return err
	}
	defer n.Close()
	org, err := a.findOrg(n, args.Org)
	if err != nil {
		return err
	}
	changed := false
	revision, err := n.Do(a.ctx, a.now, "enterprise user "+done, func(s *index.Snapshot) ([]fullmakt.Change, error) {
		user, err := n.EnterpriseUser(a.ctx, s, org.ID.Org, args.User)
		if err != nil {
			return nil, err
		}
		if user.No == 0 && done != "added" {
			return nil, fullmakt.Errorf(fullmakt.CodeNotFound, "%s has no enterprise user %q", org.ID.Org, args.User)
		}
		out, err := change(&delegation.Acting{Snapshot: s, Actor: delegation.Operator, At: a.now.Unix()}, user)
		if err != nil {
			return nil, err
		}
		changed = len(out.Changes) > 0
		return out.Changes, nil
	})
	if err != nil {
		return err
	}
	if a.globals.wantsJSON() {
		return a.printJSON(wireUserChange{Changed: changed, User: args.User, Org: org.ID.Org.String(), Revision: revision})
	}
	if !changed {
		a.tell("user.none", "user", args.User, "org", org.Name)
		return nil
	}
	a.tell("user.done", "user", args.User, "org", org.Name, "what", a.texts.Say("user."+done), "revision", revision)
	return nil
}

func (a *app) findOrg(n *node.Node, ref string) (fullmakt.Party, error) {
	org, err := a.find(n, ref)
	if err == nil && org.ID.Kind != fullmakt.KindOrganisation {
		err = fullmakt.Errorf(fullmakt.CodeInvalid, "--org %q is not an organisation", ref)
	}
	return org, err
}

type userListCmd struct {
	Org string `placeholder:"PARTY" help:"Only those of this organisation."`
}

// wireUser is one enterprise user.
type wireUser struct {
	User  wireParty  `json:"user"`
	Org   wireParty  `json:"org"`
	Ended bool       `json:"ended"`
	ECKey *wireValid `json:"eckey"`
}

type wireValid struct {
	From  string `json:"valid_from,omitempty"`
	To    string `json:"valid_to,omitempty"`
	valid fullmakt.Interval
}

// Run lists enterprise users.
func (c *userListCmd) Run(a *app) error {
	if err := a.onlyTextAndJSON(); err != nil {
		return err
	}
	n, err := a.open()
	if err != nil {
		return err
	}
	defer n.Close()
	var owner fullmakt.PartyNo
	if c.Org != "" {
		org, err := a.findOrg(n, c.Org)
		if err != nil {
			return err
		}
		owner = org.No
	}
	s, err := n.Snapshot(a.ctx)
	if err != nil {
		return err
	}
	t := a.teller(s, node.RegisterStatus{})
	users := []wireUser{}
	all := s.Users()
	if owner != 0 {
		all = s.UsersOf(owner)
	}
	for no := range all {
		entry := s.Node(no)
		if entry.Kind != fullmakt.KindEnterpriseUser {
			continue
		}
		user := wireUser{User: a.wireParty(t.Party(no)), Org: a.wireParty(t.Party(entry.Parent)), Ended: entry.State&fullmakt.Deleted != 0}
		for _, g := range s.Grants(entry.Parent, no) {
			if g.ECKEY {
				user.ECKey = a.wireValid(g.Valid)
			}
		}
		users = append(users, user)
	}
	if a.globals.wantsJSON() {
		return a.printJSON(map[string][]wireUser{"items": users})
	}
	a.printUsers(users)
	return nil
}

func (a *app) wireValid(v fullmakt.Interval) *wireValid {
	w := &wireValid{valid: v}
	if v.From != 0 {
		w.From = wireTime(time.Unix(v.From, 0).In(a.oslo))
	}
	if v.To != 0 {
		w.To = wireTime(time.Unix(v.To, 0).In(a.oslo))
	}
	return w
}

// interval tells the bounds of an interval as people read them: ", since
// 2025-02-01, through 2026-12-31".
func (a *app) interval(v fullmakt.Interval) (s string) {
	if v.From != 0 {
		s += ", " + a.texts.Say("line.since", "date", time.Unix(v.From, 0).In(a.oslo).Format(time.DateOnly))
	}
	if v.To != 0 {
		s += ", " + a.texts.Say("line.until", "date", time.Unix(v.To-1, 0).In(a.oslo).Format(time.DateOnly))
	}
	return s
}

func (a *app) printUsers(users []wireUser) {
	t := table{head: []string{a.texts.Say("col.name"), a.texts.Say("col.owner"), a.texts.Say("col.number"), a.texts.Say("col.eckey"), a.texts.Say("col.state")}}
	for _, u := range users {
		eckey, state := a.texts.YesNo(u.ECKey != nil), a.texts.State(0)
		if u.ECKey != nil {
			eckey += a.interval(u.ECKey.valid)
		}
		if u.Ended {
			state = a.texts.Say("state.ended")
		}
		t.add(u.User.Name, u.Org.Name, u.Org.ID, eckey, state)
	}
	t.print(a)
}
