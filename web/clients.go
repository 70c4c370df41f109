package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/text"
)

// Client administration (klientadministrasjon): the clients of a provider, such as
// an accountant, and which of its agents may use what for each of them (rules CLIENT
// and CLIENT-1).

const (
	partClients = "/clients"
	partAgents  = "/agents"
)

func clientRoutes() []route {
	const clients, agents = "/org/{number}" + partClients, "/org/{number}" + partAgents
	return []route{
		{method: "GET", pattern: clients, handle: clientsPageOf, signedIn: true},
		{method: "GET", pattern: clients + "/{other}", handle: clientPageOf, signedIn: true},
		{method: "GET", pattern: clients + "/{other}/{agent}/give", handle: giveClient, signedIn: true},
		{method: "POST", pattern: clients + "/{other}/{agent}/give", handle: giveClient, signedIn: true},
		{method: "GET", pattern: clients + "/{other}/{agent}/end", handle: endClient, signedIn: true},
		{method: "POST", pattern: clients + "/{other}/{agent}/end", handle: endClient, signedIn: true},
		{method: "GET", pattern: agents, handle: agentsPageOf, signedIn: true},
		{method: "GET", pattern: agents + "/add", handle: addAgent, signedIn: true},
		{method: "POST", pattern: agents + "/add", handle: addAgent, signedIn: true},
		{method: "GET", pattern: agents + "/{other}", handle: agentPageOf, signedIn: true},
		{method: "GET", pattern: agents + "/{other}/end", handle: endAgent, signedIn: true},
		{method: "POST", pattern: agents + "/{other}/end", handle: endAgent, signedIn: true},
	}
}

// seesClients reports whether the visitor administers an organisation's clients, and
// it has any, or agents.
func (v *view) seesClients(no fullmakt.PartyNo) bool {
	if a := v.acting(v.snap); a == nil || !a.AdministersClients(no) {
		return false
	}
	for range delegation.Clients(v.snap, no, v.at(), 0) {
		return true
	}
	for range delegation.Agents(v.snap, no, 0) {
		return true
	}
	return false
}

// provider reads the organisation of the address, and admits who administers its
// clients.
func (v *view) provider(part string) (fullmakt.PartyNo, *orgHead, error) {
	no, head, err := v.aboutOrganisation(part)
	if err != nil {
		return 0, nil, err
	}
	if a := v.acting(v.snap); a == nil || !a.AdministersClients(no) {
		return 0, nil, problem(http.StatusForbidden, "not-client-administrator")
	}
	return no, head, nil
}

// clientTabs are the two sides of the administration.
func (v *view) clientTabs(head *orgHead, current string) []menuItem {
	base := partyPath(head.Party)
	return []menuItem{
		{v.url(base + partClients), v.say("web.clients.title"), current == partClients},
		{v.url(base + partAgents), v.say("web.agents.title"), current == partAgents},
	}
}

// mostClients is how many clients, or agents, a page shows.
const mostClients = 50

// clientsPage lists a provider's clients, or an agent's.
type clientsPage struct {
	Head   *orgHead
	Tabs   []menuItem
	Agent  text.Party // whose clients they are; the zero value for all
	Asked  string
	Action string
	Rows   []clientRow
	Next   string // the address of the next page; "" for none
	End    button // of an agent
}

type clientRow struct {
	Client text.Party
	URL    string
	Bases  []clientBasis
	Agents int // who have something for it
}

// clientBasis is what is held, or was delegated, over one basis.
type clientBasis struct {
	Role     *text.Role // nil: over grants
	Packages []string
}

func clientsPageOf(v *view) error {
	no, head, err := v.provider(partClients)
	if err != nil {
		return err
	}
	p := &clientsPage{Head: head, Tabs: v.clientTabs(head, partClients), Asked: v.asked(), Action: v.url(partyPath(head.Party) + partClients)}
	wanted := strings.ToLower(p.Asked)
	for c := range delegation.Clients(v.snap, no, v.at(), v.after()) {
		party := v.party(c.Party)
		if wanted != "" && !strings.Contains(strings.ToLower(party.Name), wanted) && !strings.HasPrefix(party.ID, strings.ReplaceAll(wanted, " ", "")) {
			continue
		}
		if len(p.Rows) == mostClients {
			p.Next = v.url(partyPath(head.Party)+partClients, "q", p.Asked, "after", strconv.FormatUint(uint64(p.Rows[mostClients-1].Client.No), 10))
			break
		}
		row := clientRow{Client: party, URL: v.url(partyPath(head.Party) + partClients + "/" + partyRef(party)), Bases: v.clientBases(c.Access)}
		row.Agents = v.agentsFor(no, c.Party)
		p.Rows = append(p.Rows, row)
	}
	v.lookup.Count = len(p.Rows)
	return v.show("clients", &page{Title: v.say("web.clients.title") + " – " + label(v.texts, head.Party), Crumbs: head.crumbs(v), Body: p})
}

// after is the party number that a page of a list goes on after.
func (v *view) after() fullmakt.PartyNo {
	n, err := strconv.ParseUint(v.value("after"), 10, 32)
	if err != nil {
		return 0
	}
	return fullmakt.PartyNo(n)
}

func (v *view) clientBases(access []delegation.Access) (list []clientBasis) {
	for _, a := range access {
		list = append(list, v.clientBasis(a.Role, a.Packages))
	}
	return list
}

func (v *view) clientBasis(role catalogue.RoleID, packages catalogue.PackageSet) clientBasis {
	b := clientBasis{}
	if role != 0 {
		b.Role = v.teller().Role(role)
	}
	for id := range packages.All() {
		b.Packages = append(b.Packages, v.teller().Package(id).Names.In(string(v.lang)))
	}
	slices.Sort(b.Packages)
	return b
}

// agentsFor counts the agents who have something for a client.
func (v *view) agentsFor(provider, client fullmakt.PartyNo) (n int) {
	last := fullmakt.PartyNo(0)
	for d := range delegation.DelegatedFor(v.snap, provider, client, 0) {
		if d.Agent != last {
			n, last = n+1, d.Agent
		}
	}
	return n
}

// clientPage shows one client, and who has what for it.
type clientPage struct {
	Head   *orgHead
	Client text.Party
	Bases  []clientBasis
	Agents []agentRow
	Add    button
}

// agentRow is one agent of a provider.
type agentRow struct {
	Agent   text.Party
	URL     string
	Clients int
	Bases   []clientBasis // for the client of the page
	Buttons []button
}

// client reads the client of the address.
func (v *view) client(provider fullmakt.PartyNo) (delegation.Client, error) {
	no := v.byRef(v.r.PathValue("other"))
	if no != 0 {
		for c := range delegation.Clients(v.snap, provider, v.at(), no-1) {
			if c.Party == no {
				v.lookup.Subject = no
				return c, nil
			}
			break
		}
	}
	return delegation.Client{}, problem(http.StatusNotFound, "no-client")
}

func clientPageOf(v *view) error {
	no, head, err := v.provider(partClients)
	if err != nil {
		return err
	}
	c, err := v.client(no)
	if err != nil {
		return err
	}
	p := &clientPage{Head: head, Client: v.party(c.Party), Bases: v.clientBases(c.Access)}
	base := partyPath(head.Party)
	has := map[fullmakt.PartyNo][]clientBasis{}
	for d := range delegation.DelegatedFor(v.snap, no, c.Party, 0) {
		has[d.Agent] = append(has[d.Agent], v.clientBasis(d.Role, d.Packages))
	}
	for a := range delegation.Agents(v.snap, no, 0) {
		agent := v.party(a.Agent.Agent)
		row := agentRow{Agent: agent, URL: v.url(base + partAgents + "/" + partyRef(agent)), Clients: a.Clients, Bases: has[agent.No]}
		of := label(v.texts, agent)
		path := base + partClients + "/" + partyRef(p.Client) + "/" + partyRef(agent)
		row.Buttons = append(row.Buttons, button{URL: v.url(path + "/give"), Label: v.say("web.clients.give"), Of: of, Main: len(row.Bases) == 0})
		if len(row.Bases) > 0 {
			row.Buttons = append(row.Buttons, button{URL: v.url(path + "/end"), Label: v.say("web.clients.end"), Of: of, Danger: true})
		}
		p.Agents = append(p.Agents, row)
	}
	p.Add = button{URL: v.url(base + partAgents + "/add"), Label: v.say("web.agents.add")}
	return v.show("client", &page{
		Title: label(v.texts, p.Client) + " – " + v.say("web.clients.title"), Crumbs: append(head.crumbs(v), crumb{base + partClients, v.say("web.clients.title")}), Body: p,
	})
}

// agent reads the agent of the address.
func (v *view) agent(provider fullmakt.PartyNo, name string) (fullmakt.PartyNo, error) {
	no := v.byRef(v.r.PathValue(name))
	if _, ok := v.snap.Agent(provider, no); !ok {
		return 0, problem(http.StatusNotFound, "no-agent")
	}
	v.lookup.Subject = no
	return no, nil
}

// giveClient asks which packages an agent is to use for a client, among those that
// it has not.
func giveClient(v *view) error {
	no, head, err := v.provider(partClients)
	if err != nil {
		return err
	}
	c, err := v.client(no)
	if err != nil {
		return err
	}
	agent, err := v.agent(no, "agent")
	if err != nil {
		return err
	}
	client, back := v.party(c.Party), partyPath(head.Party)+partClients+"/"+v.r.PathValue("other")
	q := &question{
		Title: v.say("web.clients.give.title", "agent", v.label(agent), "client", label(v.texts, client)), Lead: v.say("web.clients.give.lead"),
		Button: v.say("web.clients.give.button"), Done: v.say("web.clients.given", "agent", v.label(agent), "client", label(v.texts, client)),
		Back: back, Crumbs: append(head.crumbs(v), crumb{partyPath(head.Party) + partClients, v.say("web.clients.title")}, crumb{back, label(v.texts, client)}),
		Legend: v.say("web.clients.packages"), note: "delegate a client", rule: fullmakt.RuleClient,
	}
	has := map[catalogue.RoleID]catalogue.PackageSet{}
	for d := range delegation.DelegatedTo(v.snap, no, agent, c.Party-1) {
		if d.Client != c.Party {
			break
		}
		has[d.Role] = d.Packages
	}
	chosen := v.values("package")
	var values []delegation.Delegable
	for _, access := range c.Access {
		role, over := delegation.OverGrant, v.say("web.clients.over-grant")
		if access.Role != 0 {
			role = string(v.snap.RoleCode(access.Role))
			over = v.texts.RoleName(v.teller().Role(access.Role))
		}
		one := delegation.Delegable{Role: role}
		missing := access.Packages.Minus(has[access.Role])
		for id := range missing.All() {
			p := v.teller().Package(id)
			value := role + " " + p.Code
			picked := slices.Contains(chosen, value)
			q.Picks = append(q.Picks, pick{Name: "package", Value: value, Label: p.Names.In(string(v.lang)), Note: over, Chosen: picked})
			if picked {
				one.Packages = append(one.Packages, p.Code)
				q.Items = append(q.Items, p.Names.In(string(v.lang)))
			}
		}
		if len(one.Packages) > 0 {
			values = append(values, one)
		}
	}
	switch {
	case len(q.Picks) == 0:
		q.Lead = v.say("web.clients.give.all", "agent", v.label(agent))
	case v.r.Method == http.MethodPost && len(values) == 0:
		q.Wrong = []fieldError{{"pick-0", v.say("web.clients.give.none")}}
	}
	q.command = func(a *delegation.Acting) (*delegation.Outcome, error) {
		if len(values) == 0 {
			return &delegation.Outcome{}, nil
		}
		return a.DelegateClients(delegation.DelegateClients{Provider: no, Clients: []fullmakt.PartyNo{c.Party}, Agents: []fullmakt.PartyNo{agent}, Values: values})
	}
	return v.ask(q)
}

// endClient asks, and takes back all that an agent may use for a client.
func endClient(v *view) error {
	no, head, err := v.provider(partClients)
	if err != nil {
		return err
	}
	c, err := v.client(no)
	if err != nil {
		return err
	}
	agent, err := v.agent(no, "agent")
	if err != nil {
		return err
	}
	client, back := v.party(c.Party), partyPath(head.Party)+partClients+"/"+v.r.PathValue("other")
	return v.ask(&question{
		Title:  v.say("web.clients.end.title", "agent", v.label(agent), "client", label(v.texts, client)),
		Button: v.say("web.clients.end.button"), Danger: true, Done: v.say("web.clients.ended", "agent", v.label(agent), "client", label(v.texts, client)),
		Back: back, Crumbs: append(head.crumbs(v), crumb{partyPath(head.Party) + partClients, v.say("web.clients.title")}, crumb{back, label(v.texts, client)}),
		note: "take a client back", rule: fullmakt.RuleClient,
		command: func(a *delegation.Acting) (*delegation.Outcome, error) {
			return a.UndelegateClients(delegation.UndelegateClients{Provider: no, Clients: []fullmakt.PartyNo{c.Party}, Agents: []fullmakt.PartyNo{agent}})
		},
	})
}

// agentsPage lists a provider's agents.
type agentsPage struct {
	Head *orgHead
	Tabs []menuItem
	Add  button
	Rows []agentRow
	Next string
}

func agentsPageOf(v *view) error {
	no, head, err := v.provider(partClients)
	if err != nil {
		return err
	}
	base := partyPath(head.Party)
	p := &agentsPage{Head: head, Tabs: v.clientTabs(head, partAgents), Add: button{URL: v.url(base + partAgents + "/add"), Label: v.say("web.agents.add"), Main: true}}
	for a := range delegation.Agents(v.snap, no, v.after()) {
		if len(p.Rows) == mostClients {
			p.Next = v.url(base+partAgents, "after", strconv.FormatUint(uint64(p.Rows[mostClients-1].Agent.No), 10))
			break
		}
		agent := v.party(a.Agent.Agent)
		p.Rows = append(p.Rows, agentRow{Agent: agent, URL: v.url(base + partAgents + "/" + partyRef(agent)), Clients: a.Clients})
	}
	v.lookup.Count = len(p.Rows)
	return v.show("agents", &page{Title: v.say("web.agents.title") + " – " + label(v.texts, head.Party), Crumbs: head.crumbs(v), Body: p})
}

// agentPageOf lists the clients that an agent has something for.
func agentPageOf(v *view) error {
	no, head, err := v.provider(partClients)
	if err != nil {
		return err
	}
	agent, err := v.agent(no, "other")
	if err != nil {
		return err
	}
	base := partyPath(head.Party)
	p := &clientsPage{Head: head, Agent: v.party(agent)}
	path := base + partAgents + "/" + partyRef(p.Agent)
	p.End = button{URL: v.url(path + "/end"), Label: v.say("web.agents.end"), Of: label(v.texts, p.Agent), Danger: true}
	for d := range delegation.DelegatedTo(v.snap, no, agent, v.after()) {
		if n := len(p.Rows); n > 0 && p.Rows[n-1].Client.No == d.Client {
			p.Rows[n-1].Bases = append(p.Rows[n-1].Bases, v.clientBasis(d.Role, d.Packages))
			continue
		}
		if len(p.Rows) == mostClients {
			p.Next = v.url(path, "after", strconv.FormatUint(uint64(p.Rows[mostClients-1].Client.No), 10))
			break
		}
		client := v.party(d.Client)
		p.Rows = append(p.Rows, clientRow{Client: client, URL: v.url(base + partClients + "/" + partyRef(client)), Bases: []clientBasis{v.clientBasis(d.Role, d.Packages)}})
	}
	v.lookup.Count = len(p.Rows)
	return v.show("agent", &page{Title: label(v.texts, p.Agent) + " – " + v.say("web.agents.title"), Crumbs: append(head.crumbs(v), crumb{base + partAgents, v.say("web.agents.title")}), Body: p})
}

// mostCandidates is how many parties a page lets one choose among.
const mostCandidates = 200

// addAgent asks who is to be an agent: among the persons who may act for the
// provider already, whoever the visitor has named rightly, and its agent system
// users.
func addAgent(v *view) error {
	no, head, err := v.provider(partClients)
	if err != nil {
		return err
	}
	path := partyPath(head.Party) + partAgents
	q := &question{
		Title: v.say("web.agents.add.title", "name", label(v.texts, head.Party)), Lead: v.say("web.agents.add.lead"), Button: v.say("web.agents.add.button"),
		Done: v.say("web.agents.added"), Back: path, Crumbs: append(head.crumbs(v), crumb{path, v.say("web.agents.title")}),
		Legend: v.say("web.agents.add.who"), note: "add an agent", rule: fullmakt.RuleClient1,
	}
	chosen := v.values("agent")
	var agents []fullmakt.PartyNo
	for _, candidate := range v.candidates(no) {
		party := v.party(candidate)
		ref := partyRef(party)
		p := pick{Name: "agent", Value: ref, Label: label(v.texts, party), Note: v.texts.Kind(party.Kind), Chosen: slices.Contains(chosen, ref)}
		if party.Kind == fullmakt.KindPerson {
			p.Note = v.say("web.party.born", "date", party.ID)
		}
		if q.Picks = append(q.Picks, p); p.Chosen {
			agents = append(agents, candidate)
			q.Items = append(q.Items, p.Label)
		}
	}
	switch {
	case len(q.Picks) == 0:
		q.Lead = v.say("web.agents.add.nobody")
	case v.r.Method == http.MethodPost && len(agents) == 0:
		q.Wrong = []fieldError{{"pick-0", v.say("web.agents.add.none")}}
	}
	q.command = func(a *delegation.Acting) (*delegation.Outcome, error) {
		whole := &delegation.Outcome{}
		for _, agent := range agents {
			out, err := a.AddAgent(delegation.AddAgent{Provider: no, Agent: agent, Identified: v.named(agent)})
			if err != nil {
				return nil, err
			}
			whole.Changes = append(whole.Changes, out.Changes...)
			whole.Items = append(whole.Items, out.Items...)
		}
		return whole, nil
	}
	return v.ask(q)
}

// candidates lists who could become an agent of a provider.
func (v *view) candidates(provider fullmakt.PartyNo) (list []fullmakt.PartyNo) {
	add := func(p fullmakt.PartyNo) {
		if _, ok := v.snap.Agent(provider, p); !ok && len(list) < mostCandidates && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	pairs, _ := pdp.WhoActsFor(v.snap, provider, v.at(), pdp.All, 0, 5*mostCandidates)
	for _, pair := range pairs {
		if v.snap.Kind(pair.Subject) == fullmakt.KindPerson && !pair.Uncertain {
			add(pair.Subject)
		}
	}
	for u := range delegation.SystemUsersOf(v.snap, provider) {
		if u.Agent {
			add(u.Party)
		}
	}
	for _, p := range v.namedPersons() {
		add(p)
	}
	return list
}

// endAgent asks, and ends an agent relation with all that the agent was delegated.
func endAgent(v *view) error {
	no, head, err := v.provider(partClients)
	if err != nil {
		return err
	}
	agent, err := v.agent(no, "other")
	if err != nil {
		return err
	}
	path := partyPath(head.Party) + partAgents
	return v.ask(&question{
		Title: v.say("web.agents.end.title", "agent", v.label(agent)), Lead: v.say("web.agents.end.lead"), Button: v.say("web.agents.end.button"), Danger: true,
		Done: v.say("web.agents.ended", "agent", v.label(agent)), Back: path, Crumbs: append(head.crumbs(v), crumb{path, v.say("web.agents.title")}),
		note: "remove an agent", rule: fullmakt.RuleClient1,
		command: func(a *delegation.Acting) (*delegation.Outcome, error) {
			return a.RemoveAgent(delegation.RemoveAgent{Provider: no, Agent: agent, Cascade: true})
		},
	})
}

// namedPersons are the persons whom the visitor has named rightly in this session.
func (v *view) namedPersons() []fullmakt.PartyNo {
	v.session.mu.Lock()
	defer v.session.mu.Unlock()
	return slices.Sorted(maps.Keys(v.session.persons))
}
