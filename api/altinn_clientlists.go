package api

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// clientJSON is a client with what may be, or was, delegated for it (Client).
type clientJSON struct {
	Client *entityJSON        `json:"client"`
	Access []clientAccessJSON `json:"access"`
}

// agentJSON is an agent with what it may use (Agent).
type agentJSON struct {
	Agent   *entityJSON        `json:"agent"`
	AddedAt *string            `json:"agentAddedAt"`
	Access  []clientAccessJSON `json:"access"`
}

// clientAccessJSON is the packages over one role of the provider's at a client.
type clientAccessJSON struct {
	Role     *roleRefJSON     `json:"role"`
	Packages []packageRefJSON `json:"packages"`
}

// clientFilter says which roles and packages are wanted; nil is all.
type clientFilter struct {
	roles    []catalogue.RoleID // with 0 for grants
	packages *catalogue.PackageSet
}

// filter reads the parameters roles and packages.
func (q *clientQuery) filter() (f clientFilter, err error) {
	cat := q.snap.Catalogue()
	for _, name := range q.params.all("roles") {
		id, ok := basisRole(cat, name)
		if !ok {
			return f, invalidQuery(vldUnknownRole, "there is no such role", "roles")
		}
		f.roles = append(f.roles, id)
	}
	f.packages, err = wantedPackages(cat, altinnQuery{"packages": q.params["packages"]})
	return f, err
}

// basisRole finds a role of a provider's at a client by any name; 0 is that of a
// receiver of grants, which Altinn calls rettighetshaver.
func basisRole(cat *catalogue.Catalogue, name string) (catalogue.RoleID, bool) {
	role, ok := cat.FindRole(name)
	switch {
	case !ok:
		return 0, false
	case role.ID == cat.RoleID(rightholder):
		return 0, true
	}
	return role.ID, true
}

// of returns what of a basis is wanted.
func (f *clientFilter) of(role catalogue.RoleID, packages catalogue.PackageSet) catalogue.PackageSet {
	if f.roles != nil && !slices.Contains(f.roles, role) {
		return catalogue.PackageSet{}
	}
	if f.packages != nil {
		packages = packages.Intersect(*f.packages)
	}
	return packages
}

// clientWriter writes clients and agents. Roles and packages are few and named
// thousands of times, so each is looked up once.
type clientWriter struct {
	s        *index.Snapshot
	v        *catalogue.View
	names    *altinnEntities
	limit    *consumerLimit
	roles    map[catalogue.RoleID]*roleRefJSON
	packages map[catalogue.PackageID]packageRefJSON
}

// clientWriter makes the writer of an answer that names parties.
func (s *Server) clientWriter(c *call, q *clientQuery, parties []fullmakt.PartyNo) (*clientWriter, error) {
	list := make([]relation, len(parties))
	for i, p := range parties {
		list[i].other = p
	}
	names, err := s.altinnEntities(c, &connectionQuery{snap: q.snap, party: q.provider}, list)
	if err != nil {
		return nil, err
	}
	return &clientWriter{
		s: q.snap, v: q.snap.Catalogue().At(c.now.Unix()), names: names, limit: c.caller.limit,
		roles: map[catalogue.RoleID]*roleRefJSON{}, packages: map[catalogue.PackageID]packageRefJSON{},
	}, nil
}

// role writes a basis; 0 is a grant.
func (w *clientWriter) role(id catalogue.RoleID) *roleRefJSON {
	if ref, done := w.roles[id]; done {
		return ref
	}
	shown := id
	if id == 0 {
		shown = w.s.Catalogue().RoleID(rightholder)
	}
	if role := w.v.Role(shown); role != nil {
		ref := roleRef(role)
		w.roles[id] = &ref
	}
	return w.roles[id]
}

// access adds what is held over one basis to a list, unless it is nothing.
func (w *clientWriter) access(list []clientAccessJSON, role catalogue.RoleID, set catalogue.PackageSet) []clientAccessJSON {
	set = w.limit.packagesOf(set)
	if set.IsEmpty() {
		return list
	}
	out := clientAccessJSON{Role: w.role(role), Packages: make([]packageRefJSON, 0, set.Len())}
	for id := range set.All() {
		ref, done := w.packages[id]
		if !done {
			ref = packageRef(w.s.Catalogue(), w.v.Package(id))
			w.packages[id] = ref
		}
		out.Packages = append(out.Packages, ref)
	}
	return append(list, out)
}

// clientPage is the part of a list by party that is wanted.
type clientPage struct {
	listPage
	after fullmakt.PartyNo
}

// page reads which part of a list is wanted, and takes the snapshot of the page
// before. A list without a size is answered whole.
func (q *clientQuery) page() (p clientPage, err error) {
	if p.listPage, q.snap, err = q.c.listPage(q.params, q.snap); err != nil || p.last == "" {
		return p, err
	}
	no, err := strconv.ParseUint(p.last, 10, 32)
	if err != nil {
		return p, errPageLink
	}
	p.after = fullmakt.PartyNo(no)
	return p, nil
}

// next is the link to the page after one whose last party is given.
func (q *clientQuery) next(p clientPage, last fullmakt.PartyNo) string {
	return q.c.nextPage(p.listPage, q.snap, strconv.FormatUint(uint64(last), 10))
}

// clientRow is a party of a list, with what is held by basis.
type clientRow struct {
	party  fullmakt.PartyNo
	since  int64 // of an agent
	access []delegation.Access
}

// writeRows answers with a page of rows, each written by write.
func (q *clientQuery) writeRows(rows iter.Seq[clientRow], p clientPage, write func(*clientWriter, clientRow) any) error {
	size := p.size
	if size == 0 {
		size = int(q.snap.Last()) + 1
	}
	list, more := delegation.Page(rows, size)
	parties := make([]fullmakt.PartyNo, len(list))
	for i := range list {
		parties[i] = list[i].party
	}
	w, err := q.c.server.clientWriter(q.c, q, parties)
	if err != nil {
		return err
	}
	var next string
	if more {
		next = q.next(p, parties[len(parties)-1])
	}
	out := q.c.streamPageTo(next)
	for _, row := range list {
		out.item(write(w, row))
	}
	out.close()
	return nil
}

func writeClient(w *clientWriter, row clientRow) any {
	out := clientJSON{Client: w.names.of(row.party), Access: []clientAccessJSON{}}
	for _, a := range row.access {
		out.Access = w.access(out.Access, a.Role, a.Packages)
	}
	return out
}

func writeAgent(w *clientWriter, row clientRow) any {
	out := agentJSON{Agent: w.names.of(row.party), Access: []clientAccessJSON{}}
	if row.since != 0 {
		out.AddedAt = orNull(instant(time.Unix(row.since, 0)))
	}
	for _, a := range row.access {
		out.Access = w.access(out.Access, a.Role, a.Packages)
	}
	return out
}

// clients answers a provider's clients, with what it may delegate for each.
func (s *Server) clients(c *call, names clientNames) error {
	q, err := s.clientQuery(c, names)
	if err != nil {
		return err
	}
	f, err := q.filter()
	if err != nil {
		return err
	}
	p, err := q.page()
	if err != nil {
		return err
	}
	return q.writeRows(q.clientRows(f, p.after), p, writeClient)
}

// clientRows yields the clients for whom something that is wanted may be delegated.
func (q *clientQuery) clientRows(f clientFilter, after fullmakt.PartyNo) iter.Seq[clientRow] {
	return func(yield func(clientRow) bool) {
		for client := range delegation.Clients(q.snap, q.provider, q.c.now.Unix(), after) {
			row := clientRow{party: client.Party}
			for _, a := range client.Access {
				if set := q.c.caller.limit.packagesOf(f.of(a.Role, a.Packages)); !set.IsEmpty() {
					row.access = append(row.access, delegation.Access{Role: a.Role, Packages: set})
				}
			}
			if row.access != nil && !yield(row) {
				return
			}
		}
	}
}

// agents answers a provider's agents. What each may use stands in the answer about
// that agent or about a client.
func (s *Server) agents(c *call, names clientNames) error {
	q, err := s.clientQuery(c, names)
	if err != nil {
		return err
	}
	p, err := q.page()
	if err != nil {
		return err
	}
	return q.writeRows(func(yield func(clientRow) bool) {
		for agent := range delegation.AgentRelations(q.snap, q.provider, p.after) {
			if !yield(clientRow{party: agent.Agent, since: agent.Since}) {
				return
			}
		}
	}, p, writeAgent)
}

// byParty gathers delegations that stand together by party into rows.
func byParty(list iter.Seq[delegation.Delegated], party func(delegation.Delegated) fullmakt.PartyNo) iter.Seq[clientRow] {
	return func(yield func(clientRow) bool) {
		var row clientRow
		for d := range list {
			if p := party(d); p != row.party {
				if row.party != 0 && !yield(row) {
					return
				}
				row = clientRow{party: p}
			}
			row.access = append(row.access, delegation.Access{Role: d.Role, Packages: d.Packages})
		}
		if row.party != 0 {
			yield(row)
		}
	}
}

// agentPackages answers for which clients an agent may use what.
func (s *Server) agentPackages(c *call, names clientNames) error {
	q, err := s.clientQuery(c, names)
	if err != nil {
		return err
	}
	if err := q.needs(names.agent, &q.agent); err != nil {
		return err
	}
	p, err := q.page()
	if err != nil {
		return err
	}
	c.lookup.Subject, c.lookup.Object = q.agent, 0
	rows := byParty(delegation.DelegatedTo(q.snap, q.provider, q.agent, p.after), func(d delegation.Delegated) fullmakt.PartyNo { return d.Client })
	return q.writeRows(rows, p, writeClient)
}

// clientPackages answers which agents may use what for a client.
func (s *Server) clientPackages(c *call, names clientNames) error {
	q, err := s.clientQuery(c, names)
	if err != nil {
		return err
	}
	if err := q.needs(names.client, &q.client); err != nil {
		return err
	}
	p, err := q.page()
	if err != nil {
		return err
	}
	c.lookup.Object = q.client
	rows := byParty(delegation.DelegatedFor(q.snap, q.provider, q.client, p.after), func(d delegation.Delegated) fullmakt.PartyNo { return d.Agent })
	return q.writeRows(rows, p, func(w *clientWriter, row clientRow) any {
		if relation, ok := q.snap.Agent(q.provider, row.party); ok {
			row.since = relation.Since
		}
		return writeAgent(w, row)
	})
}

// uuidsOf returns the UUIDs of parties.
func (s *Server) uuidsOf(ctx context.Context, parties ...fullmakt.PartyNo) ([]string, error) {
	found, err := s.node.Store().UUIDs(ctx, parties)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(parties))
	for i, p := range parties {
		out[i] = found[p].String()
	}
	return out, nil
}
