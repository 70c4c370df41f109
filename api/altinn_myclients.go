package api

import (
	"net/http"
	"slices"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// What an agent sees of itself, and gives up (rule GIVE-5).

// myClientsJSON is one provider with the clients for whom the agent may use
// something.
type myClientsJSON struct {
	Provider *entityJSON  `json:"provider"`
	Clients  []clientJSON `json:"clients"`
}

// myQuery reads a request by an agent about itself. With authentication off nobody
// is anybody, and such a request is refused.
func (s *Server) myQuery(c *call, names clientNames) (*clientQuery, error) {
	q, err := s.readClientQuery(c, names)
	if err != nil {
		return nil, err
	}
	if q.actor == delegation.Operator {
		return nil, errNobodysOwn
	}
	q.agent = q.actor
	c.lookup.Subject = q.agent
	return q, nil
}

// providers returns whose agent the caller is: all of them, or those that the
// parameter provider names.
func (q *clientQuery) providers() ([]fullmakt.PartyNo, error) {
	var wanted []fullmakt.PartyNo
	names := q.params.all("provider")
	for i := range names {
		p, err := (&clientQuery{c: q.c, snap: q.snap, params: altinnQuery{"provider": names[i : i+1]}}).party("provider")
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, p)
	}
	return slices.DeleteFunc(providersOf(q.snap, q.agent), func(p fullmakt.PartyNo) bool {
		return wanted != nil && !slices.Contains(wanted, p)
	}), nil
}

// providersOf returns whose agent a party is.
func providersOf(s *index.Snapshot, agent fullmakt.PartyNo) (list []fullmakt.PartyNo) {
	_, _, held := s.Look(agent)
	for _, e := range held {
		if e.Agent() {
			list = append(list, e.Party)
		}
	}
	return list
}

// myClients answers for whom the caller may use what, by provider.
func (s *Server) myClients(c *call, names clientNames) error {
	q, err := s.myQuery(c, names)
	if err != nil {
		return err
	}
	providers, err := q.providers()
	if err != nil {
		return err
	}
	rows := make([][]clientRow, len(providers))
	parties := slices.Clone(providers)
	for i, p := range providers {
		list := delegation.DelegatedTo(q.snap, p, q.agent, 0)
		rows[i] = slices.Collect(byParty(list, func(d delegation.Delegated) fullmakt.PartyNo { return d.Client }))
		for _, row := range rows[i] {
			parties = append(parties, row.party)
		}
	}
	w, err := s.clientWriter(c, q, parties)
	if err != nil {
		return err
	}
	out := c.streamPage()
	for i, p := range providers {
		one := myClientsJSON{Provider: w.names.of(p), Clients: []clientJSON{}}
		for _, row := range rows[i] {
			one.Clients = append(one.Clients, writeClient(w, row).(clientJSON))
		}
		out.item(one)
	}
	out.close()
	return nil
}

// myProviders answers whose agent the caller is.
func (s *Server) myProviders(c *call, names clientNames) error {
	q, err := s.myQuery(c, names)
	if err != nil {
		return err
	}
	providers := providersOf(q.snap, q.agent)
	w, err := s.clientWriter(c, q, providers)
	if err != nil {
		return err
	}
	out := make([]*entityJSON, len(providers))
	for i, p := range providers {
		out[i] = w.names.of(p)
	}
	return c.writeJSON(http.StatusOK, pageOf(out))
}

// leaveProvider ends that the caller is an agent of a provider's, with all that it
// was delegated.
func (s *Server) leaveProvider(c *call, names clientNames) error {
	q, err := s.myQuery(c, names)
	if err != nil {
		return err
	}
	if err := q.needs("provider", &q.provider); err != nil {
		return err
	}
	c.lookup.Object = q.provider
	if err := q.endAgent(true); err != nil {
		return err
	}
	c.noContent()
	return nil
}

// leaveClient gives up packages of a client's: those that the body names, or with
// none and cascade=true all of them.
func (s *Server) leaveClient(c *call, names clientNames) error {
	q, err := s.myQuery(c, names)
	if err != nil {
		return err
	}
	if err := q.needs("provider", &q.provider); err != nil {
		return err
	}
	if err := q.needs(names.client, &q.client); err != nil {
		return err
	}
	c.lookup.Object = q.client
	b, err := q.batch(false)
	if err != nil {
		return err
	}
	all := len(b.values) == 0
	if all {
		b = nil
	}
	out, err := q.undelegate(b, all)
	if err != nil {
		return err
	}
	if all {
		b = &clientBatch{}
	}
	return q.writeBatch(b, out)
}
