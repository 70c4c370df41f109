package api

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// addAgent makes a person or an agent system user an agent of a provider. A person
// who is new to it is named by identity number and last name.
func (s *Server) addAgent(c *call, names clientNames) error {
	q, err := s.clientQuery(c, names)
	if err != nil {
		return err
	}
	input, err := c.personInput()
	if err != nil {
		return err
	}
	if input == nil {
		if err := q.needs(names.agent, &q.agent); err != nil {
			return err
		}
	} else {
		if q.agent, err = c.namedPerson(q.snap, q.actor, input); err != nil {
			return err
		}
		named, err := q.party(names.agent)
		if err != nil {
			return err
		}
		if named != 0 && named != q.agent {
			return invalidQuery(vldInvalidQuery, names.agent+" is another party than the person of the body", names.agent)
		}
	}
	c.lookup.Subject = q.agent
	_, err = q.run("add an agent", func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.AddAgent(delegation.AddAgent{Provider: q.provider, Agent: q.agent, Identified: input != nil})
	})
	if err != nil {
		return err
	}
	ids, err := s.uuidsOf(c.r.Context(), q.provider, q.agent)
	if err != nil {
		return err
	}
	role, _ := q.snap.Catalogue().FindRole(string(agentRole))
	return c.writeJSON(http.StatusOK, assignmentJSON{agentID(q.provider, q.agent), role.UUID, ids[0], ids[1]})
}

// removeAgent ends an agent relation, with cascade=true also what the agent was
// delegated. Where there is none, nothing ends.
func (s *Server) removeAgent(c *call, names clientNames) error {
	q, err := s.clientQuery(c, names)
	if err != nil {
		return err
	}
	if err := q.needs(names.agent, &q.agent); err != nil {
		return err
	}
	cascade, err := q.params.flag("cascade", false)
	if err != nil {
		return err
	}
	c.lookup.Subject = q.agent
	if err := q.endAgent(cascade); err != nil {
		return err
	}
	c.noContent()
	return nil
}

func (q *clientQuery) endAgent(cascade bool) error {
	_, err := q.run("remove an agent", func(a *delegation.Acting) (*delegation.Outcome, error) {
		return a.RemoveAgent(delegation.RemoveAgent{Provider: q.provider, Agent: q.agent, Cascade: cascade})
	})
	return err
}

// removeAgentClient ends all that an agent may use for a client. Without
// cascade=true it ends nothing.
func (s *Server) removeAgentClient(c *call, names clientNames) error {
	q, err := s.clientQuery(c, names)
	if err != nil {
		return err
	}
	if err := q.needsBoth(); err != nil {
		return err
	}
	if _, err := q.undelegate(nil, true); err != nil {
		return err
	}
	c.noContent()
	return nil
}

// rolePackagesJSON names packages over a role of the provider's at the client.
type rolePackagesJSON struct {
	Role     string
	Packages []string
}

// clientBatch is the body of a change, whole and resolved.
type clientBatch struct {
	rows   []clientBatchRow // without repetitions, in the order of the body
	values []delegation.Delegable
}

type clientBatchRow struct {
	role catalogue.RoleID // 0: over grants
	pkg  catalogue.PackageID
}

// batch reads the body of a change; where it need not name anything, it may be
// missing. Every name that is nothing is told of, with a pointer to where it stands.
func (q *clientQuery) batch(needed bool) (*clientBatch, error) {
	var body struct{ Values []rolePackagesJSON }
	if needed || q.c.r.ContentLength != 0 {
		if err := q.c.readJSON(&body); err != nil {
			return nil, err
		}
	}
	cat := q.snap.Catalogue()
	b := &clientBatch{}
	e := &altinnError{status: http.StatusBadRequest, code: amValidation, detail: "One or more validation errors occurred."}
	wrong := func(code, text, format string, args ...any) {
		e.fields = append(e.fields, altinnField{code: code, paths: []string{fmt.Sprintf(format, args...)}, text: text})
	}
	if needed && len(body.Values) == 0 {
		wrong(vldInvalidQuery, "name at least one role with packages", "/values")
	}
	for i, v := range body.Values {
		role, ok := basisRole(cat, v.Role)
		if !ok {
			wrong(vldUnknownRole, "there is no such role", "/values/%d/role", i)
		}
		if len(v.Packages) == 0 {
			wrong(vldInvalidQuery, "name at least one package", "/values/%d/packages", i)
		}
		d := delegation.Delegable{Role: delegation.OverGrant, Packages: v.Packages, Path: fmt.Sprintf("/values/%d", i)}
		if role != 0 {
			d.Role = string(q.snap.RoleCode(role))
		}
		for j, name := range v.Packages {
			pkg, ok := cat.PackageID(name)
			if !ok {
				wrong(vldPackageUnknown, "there is no such access package", "/values/%d/packages/%d", i, j)
			}
			if row := (clientBatchRow{role, pkg}); !slices.Contains(b.rows, row) {
				b.rows = append(b.rows, row)
			}
		}
		b.values = append(b.values, d)
	}
	if len(e.fields) > 0 {
		return nil, e
	}
	return b, nil
}

// clientDelegationJSON is one package between an agent and a client (Delegation).
type clientDelegationJSON struct {
	RoleID    string `json:"roleId"`
	PackageID string `json:"packageId"`
	ViaID     string `json:"viaId"`
	FromID    string `json:"fromId"`
	ToID      string `json:"toId"`
	Changed   bool   `json:"changed"`
}

// delegatePackages lets an agent use packages for a client: all that the body
// names, or none of it.
func (s *Server) delegatePackages(c *call, names clientNames) error {
	q, err := s.clientQuery(c, names)
	if err != nil {
		return err
	}
	if err := q.needsBoth(); err != nil {
		return err
	}
	b, err := q.batch(true)
	if err != nil {
		return err
	}
	out, err := q.run("delegate a client", func(a *delegation.Acting) (*delegation.Outcome, error) {
		if err := q.connected(a.Snapshot, b); err != nil {
			return nil, err
		}
		return a.DelegateClients(delegation.DelegateClients{
			Provider: q.provider, Clients: []fullmakt.PartyNo{q.client}, Agents: []fullmakt.PartyNo{q.agent}, Values: b.values,
		})
	})
	if err != nil {
		return err
	}
	return q.writeBatch(b, out)
}

// connected refuses roles that the provider does not have at the client, which
// Altinn tells from packages that a role does not give.
func (q *clientQuery) connected(s *index.Snapshot, b *clientBatch) error {
	e := &altinnError{status: http.StatusBadRequest, code: amValidation, detail: "One or more validation errors occurred."}
	_, holders, _ := s.Look(q.client)
	for i := range b.values {
		role, _ := basisRole(s.Catalogue(), b.values[i].Role)
		if !slices.ContainsFunc(holders, func(edge index.Edge) bool {
			return edge.Party == q.provider && !edge.Ended() && (role == 0 && edge.Grant() || role != 0 && edge.Role() == role)
		}) {
			e.fields = append(e.fields, altinnField{code: vldMissingAssignment, paths: []string{fmt.Sprintf("/values/%d/role", i)}, text: "the provider does not have this role at the client"})
		}
	}
	if len(e.fields) > 0 {
		return e
	}
	return nil
}

// undelegatePackages takes packages back from an agent for a client.
func (s *Server) undelegatePackages(c *call, names clientNames) error {
	q, err := s.clientQuery(c, names)
	if err != nil {
		return err
	}
	if err := q.needsBoth(); err != nil {
		return err
	}
	b, err := q.batch(true)
	if err != nil {
		return err
	}
	out, err := q.undelegate(b, false)
	if err != nil {
		return err
	}
	return q.writeBatch(b, out)
}

// undelegate takes back what a batch names, or with nil everything between the
// agent and the client. With careful, that takes the parameter cascade.
func (q *clientQuery) undelegate(b *clientBatch, careful bool) (*delegation.Outcome, error) {
	cascade, err := q.params.flag("cascade", false)
	if err != nil {
		return nil, err
	}
	return q.run("take a client back", func(a *delegation.Acting) (*delegation.Outcome, error) {
		command := delegation.UndelegateClients{Provider: q.provider, Clients: []fullmakt.PartyNo{q.client}, Agents: []fullmakt.PartyNo{q.agent}}
		if b != nil {
			command.Values = b.values
		}
		out, err := a.UndelegateClients(command)
		if err == nil && careful && !cascade && len(out.Changes) > 0 {
			return nil, invalidQuery(vldDelegationActive, "the agent may use packages for the client; repeat it with cascade=true to end these as well", "cascade")
		}
		return out, err
	})
}

// writeBatch answers what has become of every package that a batch names.
func (q *clientQuery) writeBatch(b *clientBatch, out *delegation.Outcome) error {
	changed := map[clientBatchRow]bool{}
	cat := q.snap.Catalogue()
	for _, ch := range out.Changes {
		if d, ok := ch.(fullmakt.ClientDelegation); ok {
			row := q.rowOf(d)
			if changed[row] = true; !slices.Contains(b.rows, row) { // an empty batch is everything
				b.rows = append(b.rows, row)
			}
		}
	}
	ids, err := q.c.server.uuidsOf(q.c.r.Context(), q.provider, q.client, q.agent)
	if err != nil {
		return err
	}
	list := []clientDelegationJSON{}
	for _, row := range b.rows {
		shown := row.role
		if shown == 0 {
			shown = cat.RoleID(rightholder)
		}
		one := clientDelegationJSON{RoleID: noUUID, PackageID: noUUID, ViaID: ids[0], FromID: ids[1], ToID: ids[2], Changed: changed[row]}
		if role := cat.Role(shown); role != nil {
			one.RoleID = role.UUID
		}
		if row.pkg != catalogue.NoPackage {
			one.PackageID = cat.Package(row.pkg).UUID
		}
		list = append(list, one)
	}
	return q.c.writeJSON(http.StatusOK, list)
}

// rowOf returns the row that a delegation is about; NoPackage is a package that the
// catalogue no longer has.
func (q *clientQuery) rowOf(d fullmakt.ClientDelegation) clientBatchRow {
	row := clientBatchRow{pkg: catalogue.NoPackage}
	if pkg, ok := q.snap.Catalogue().PackageID(d.Package); ok {
		row.pkg = pkg
	}
	if role, ok := q.snap.Catalogue().FindRole(string(d.Role)); ok && d.Role != "" {
		row.role = role.ID
	}
	return row
}

// Ids of an agent relation, and of what an agent was delegated over one basis: UUIDs
// of version 8 that carry the numbers of the parties and sixteen bits of the role's
// code, so that nothing is kept to find them again. They are nobody's secret: every
// list of ours shows a party's number beside its UUID.

const (
	idOfAgent      = 0x80
	idOfDelegation = 0x81
)

func clientUUID(kind byte, provider, client, agent fullmakt.PartyNo, role fullmakt.RoleCode) string {
	var u fullmakt.UUID
	binary.BigEndian.PutUint32(u[0:], uint32(client))
	if kind == idOfDelegation {
		binary.BigEndian.PutUint16(u[4:], roleBits(role))
	}
	u[6], u[8] = kind, 0x80
	binary.BigEndian.PutUint32(u[9:], uint32(agent))
	p := uint32(provider)
	u[7], u[13], u[14], u[15] = byte(p>>24), byte(p>>16), byte(p>>8), byte(p)
	return u.String()
}

func roleBits(role fullmakt.RoleCode) uint16 {
	h := fnv.New32a()
	h.Write([]byte(role))
	return uint16(h.Sum32())
}

func agentID(provider, agent fullmakt.PartyNo) string {
	return clientUUID(idOfAgent, provider, 0, agent, "")
}

func delegationID(provider, client, agent fullmakt.PartyNo, role fullmakt.RoleCode) string {
	return clientUUID(idOfDelegation, provider, client, agent, role)
}

// readClientUUID takes such an id apart again; false for any other UUID.
func readClientUUID(text string) (kind byte, provider, client, agent fullmakt.PartyNo, ok bool) {
	u, err := fullmakt.ParseUUID(strings.TrimSpace(text))
	if err != nil || u[8] != 0x80 || u[6] != idOfAgent && u[6] != idOfDelegation {
		return 0, 0, 0, 0, false
	}
	provider = fullmakt.PartyNo(uint32(u[7])<<24 | uint32(u[13])<<16 | uint32(u[14])<<8 | uint32(u[15]))
	return u[6], provider, fullmakt.PartyNo(binary.BigEndian.Uint32(u[0:])), fullmakt.PartyNo(binary.BigEndian.Uint32(u[9:])), true
}
