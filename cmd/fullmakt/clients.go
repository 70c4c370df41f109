package main

import (
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
)

type clientsCmd struct {
	List     clientsListCmd     `cmd:"" help:"List a provider's clients, with what it may delegate, or has delegated, for each."`
	Delegate clientsDelegateCmd `cmd:"" help:"Let agents use packages for clients."`
	TakeBack clientsTakeBackCmd `cmd:"" help:"Take back what agents may use for clients."`
}

// Help is shown by clients --help.
func (clientsCmd) Help() string {
	return `A provider is whoever holds packages of others that are open to client delegation, such as an accountant, an auditor or a business manager (rules CLIENT and CLIENT-1).

Examples:
  fullmakt --data register clients list --of 310000078
  fullmakt --data register clients delegate regnskapsforer-lonn --of 310000078 --client 310000019 --agent 03918510094
  fullmakt --data register clients take-back --of 310000078 --all-clients --agent 03918510094`
}

// listFlags are those of a list by party number.
type listFlags struct {
	Limit int  `default:"100" help:"At most so many."`
	After uint `help:"After this party number, that of the last one of the page before."`
}

type clientsListCmd struct {
	Of    string `required:"" placeholder:"PARTY" help:"The provider."`
	Agent string `placeholder:"PARTY" help:"Only what this agent may use."`
	listFlags
}

// wireProviderClient is a client, or an agent's client, with packages by basis.
type wireProviderClient struct {
	Client wireParty          `json:"client"`
	Access []wireClientAccess `json:"access"`
}

type wireClientAccess struct {
	Role     string   `json:"role"` // "" over grants
	Packages []string `json:"packages"`
}

// wireClients is the JSON of clients list.
type wireClients struct {
	Items    []wireProviderClient `json:"items"`
	Next     fullmakt.PartyNo     `json:"next,omitempty"` // for --after
	Revision fullmakt.Seq         `json:"revision"`
}

// Run lists clients.
func (l *clientsListCmd) Run(a *app) error {
	return a.change(&changeFlags{DryRun: true}, func(c *changing) error {
		provider, err := c.party(l.Of)
		if err != nil {
			return err
		}
		s, err := c.n.Snapshot(c.ctx)
		if err != nil {
			return err
		}
		t := c.teller(s, node.RegisterStatus{})
		out := wireClients{Items: []wireProviderClient{}, Revision: s.Seq()}
		if l.Agent != "" {
			agent, err := c.party(l.Agent)
			if err != nil {
				return err
			}
			for d := range delegation.DelegatedTo(s, provider, agent, fullmakt.PartyNo(l.After)) {
				if n := len(out.Items); n == 0 || out.Items[n-1].Client.Party != d.Client {
					if n >= max(l.Limit, 1) {
						out.Next = out.Items[n-1].Client.Party
						break
					}
					out.Items = append(out.Items, wireProviderClient{Client: c.wireParty(t.Party(d.Client))})
				}
				last := &out.Items[len(out.Items)-1]
				last.Access = append(last.Access, accessOf(s, d.Role, d.Packages))
			}
		} else {
			page, more := delegation.Page(delegation.Clients(s, provider, c.now.Unix(), fullmakt.PartyNo(l.After)), l.Limit)
			for _, client := range page {
				one := wireProviderClient{Client: c.wireParty(t.Party(client.Party))}
				for _, access := range client.Access {
					one.Access = append(one.Access, accessOf(s, access.Role, access.Packages))
				}
				out.Items = append(out.Items, one)
			}
			if more {
				out.Next = page[len(page)-1].Party
			}
		}
		if c.globals.wantsJSON() {
			return c.printJSON(out)
		}
		table := table{head: c.heads("client", "number", "over", "packages"), long: 3}
		for _, one := range out.Items {
			for _, access := range one.Access {
				over := access.Role
				if over == "" {
					over = c.texts.Say("over.grant")
				}
				table.add(one.Client.Name, one.Client.ID, over, strings.Join(shortNames(access.Packages), " "))
			}
		}
		table.print(c.app)
		if out.Next != 0 {
			c.tell("page.after", "party", out.Next)
		}
		return nil
	})
}

func accessOf(s *index.Snapshot, role catalogue.RoleID, set catalogue.PackageSet) wireClientAccess {
	w := wireClientAccess{Role: string(s.RoleCode(role)), Packages: []string{}}
	if role == 0 {
		w.Role = ""
	}
	for p := range set.All() {
		w.Packages = append(w.Packages, s.Catalogue().Package(p).URN)
	}
	return w
}

// shortNames returns the codes of packages.
func shortNames(urns []string) []string {
	out := make([]string, len(urns))
	for i, u := range urns {
		out[i] = u[strings.LastIndexByte(u, ':')+1:]
	}
	return out
}

// clientFlags name packages, clients and agents.
type clientFlags struct {
	Packages   []string `arg:"" optional:"" name:"package" help:"Access packages, by code or URN."`
	Of         string   `required:"" placeholder:"PARTY" help:"The provider."`
	Client     []string `placeholder:"PARTY" help:"A client; repeat for several."`
	AllClients bool     `help:"Every client."`
	Agent      []string `required:"" placeholder:"PARTY" help:"An agent; repeat for several."`
	Role       string   `placeholder:"CODE" help:"The provider's role at the client that it rests on, or rettighetshaver for a grant. Default: whichever gives the package."`
	changeFlags
}

func (f *clientFlags) run(a *app, note string, command func(by *delegation.Acting, provider fullmakt.PartyNo, clients, agents []fullmakt.PartyNo, values []delegation.Delegable) (*delegation.Outcome, error)) error {
	return a.change(&f.changeFlags, func(c *changing) error {
		provider, err := c.party(f.Of)
		if err != nil {
			return err
		}
		clients, err := c.parties(f.Client...)
		if err != nil {
			return err
		}
		agents, err := c.parties(f.Agent...)
		if err != nil {
			return err
		}
		var values []delegation.Delegable
		if len(f.Packages) > 0 {
			values = []delegation.Delegable{{Role: f.Role, Packages: f.Packages}}
		}
		return c.run(note, func(by *delegation.Acting) (*delegation.Outcome, error) {
			return command(by, provider, clients, agents, values)
		})
	})
}

type clientsDelegateCmd struct{ clientFlags }

// Run delegates.
func (d *clientsDelegateCmd) Run(a *app) error {
	return d.run(a, "delegate clients", func(by *delegation.Acting, provider fullmakt.PartyNo, clients, agents []fullmakt.PartyNo, values []delegation.Delegable) (*delegation.Outcome, error) {
		return by.DelegateClients(delegation.DelegateClients{Provider: provider, Clients: clients, AllClients: d.AllClients, Agents: agents, Values: values})
	})
}

type clientsTakeBackCmd struct{ clientFlags }

// Run takes back; without packages, everything.
func (d *clientsTakeBackCmd) Run(a *app) error {
	return d.run(a, "take clients back", func(by *delegation.Acting, provider fullmakt.PartyNo, clients, agents []fullmakt.PartyNo, values []delegation.Delegable) (*delegation.Outcome, error) {
		return by.UndelegateClients(delegation.UndelegateClients{Provider: provider, Clients: clients, AllClients: d.AllClients, Agents: agents, Values: values})
	})
}

type agentsCmd struct {
	List   agentsListCmd   `cmd:"" help:"List a provider's agents."`
	Add    agentsAddCmd    `cmd:"" help:"Make a person or an agent system user an agent."`
	Remove agentsRemoveCmd `cmd:"" help:"End that a party is an agent."`
}

// Help is shown by agents --help.
func (agentsCmd) Help() string {
	return `Agents are those whom a provider may let use its clients' packages (rule CLIENT-1).

Examples:
  fullmakt --data register agents add 03918510094 --of 310000078
  fullmakt --data register agents list --of 310000078
  fullmakt --data register agents remove 03918510094 --of 310000078 --cascade`
}

type agentsListCmd struct {
	Of string `required:"" placeholder:"PARTY" help:"The provider."`
}

// wireAgent is an agent.
type wireAgent struct {
	Agent   wireParty `json:"agent"`
	Since   string    `json:"since,omitempty"`
	Clients int       `json:"clients"`
}

// Run lists agents.
func (l *agentsListCmd) Run(a *app) error {
	return a.change(&changeFlags{DryRun: true}, func(c *changing) error {
		provider, err := c.party(l.Of)
		if err != nil {
			return err
		}
		s, err := c.n.Snapshot(c.ctx)
		if err != nil {
			return err
		}
		t := c.teller(s, node.RegisterStatus{})
		items := []wireAgent{}
		for agent := range delegation.Agents(s, provider, 0) {
			one := wireAgent{Agent: c.wireParty(t.Party(agent.Agent.Agent)), Clients: agent.Clients}
			if agent.Since != 0 {
				one.Since = wireTime(time.Unix(agent.Since, 0).In(c.oslo))
			}
			items = append(items, one)
		}
		if c.globals.wantsJSON() {
			return c.printJSON(map[string][]wireAgent{"items": items})
		}
		table := table{head: c.heads("agent", "number", "clients", "since")}
		for _, one := range items {
			table.add(one.Agent.Name, one.Agent.ID, itoa(one.Clients), one.Since)
		}
		table.print(c.app)
		return nil
	})
}

type agentFlags struct {
	Agent string `arg:"" help:"The agent."`
	Of    string `required:"" placeholder:"PARTY" help:"The provider."`
	changeFlags
}

type agentsAddCmd struct{ agentFlags }

// Run adds an agent.
func (d *agentsAddCmd) Run(a *app) error {
	return a.change(&d.changeFlags, func(c *changing) error {
		provider, agent, err := c.ends(d.Of, d.Agent)
		if err != nil {
			return err
		}
		return c.run("add an agent", func(by *delegation.Acting) (*delegation.Outcome, error) {
			return by.AddAgent(delegation.AddAgent{Provider: provider, Agent: agent, Identified: true})
		})
	})
}

type agentsRemoveCmd struct {
	agentFlags
	Cascade bool `help:"End what the agent may use for clients as well."`
}

// Run removes an agent.
func (d *agentsRemoveCmd) Run(a *app) error {
	return a.change(&d.changeFlags, func(c *changing) error {
		provider, agent, err := c.ends(d.Of, d.Agent)
		if err != nil {
			return err
		}
		return c.run("remove an agent", func(by *delegation.Acting) (*delegation.Outcome, error) {
			return by.RemoveAgent(delegation.RemoveAgent{Provider: provider, Agent: agent, Cascade: d.Cascade})
		})
	})
}
