package delegation_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/registry"
)

// model is the naive other opinion: plain facts replayed from the changes, and the
// rules GIVE-1 to GIVE-6 and CLIENT-1 written down over them without the index, the
// evaluator or any cleverness.
type model struct {
	*town
	at       int64
	parts    []string // names, in the order of their numbers
	kind     map[fullmakt.PartyNo]fullmakt.PartyKind
	owner    map[fullmakt.PartyNo]fullmakt.PartyNo // of users
	dead     map[fullmakt.PartyNo]bool
	grants   map[string]fullmakt.Grant // by grantKey
	agents   map[[2]fullmakt.PartyNo]bool
	given    map[fullmakt.ClientDelegation]bool // identities only
	scopes   map[[2]fullmakt.PartyNo]fullmakt.Interval
	requests map[string]*modelRequest
	rights   map[string]string // keys of the rights to modelResource, by action
	library  *registry.Library
	history  []revision
}

func grantKey(g fullmakt.Grant) string {
	return fmt.Sprint(g.From, g.To, g.Package, g.Role, g.Resource, g.Right)
}

var (
	modelPackages = []string{"skatt-naering", "tilgangsstyrer", "hovedadministrator", "klientadministrator", "jordbruk",
		"delegerbare-maskinporten-scopes", "delegerbare-maskinporten-scopes-NUF", "maskinporten-administrator", "regnskapsforer-lonn", "innbygger-kjoretoy",
		"virksomhetens-representant-skjemaoppgaver", "post-til-virksomheten-med-taushetsbelagt-innhold"}
	modelRoles = []fullmakt.RoleCode{"DAGL", "LEDE", "REGN", "REVI", "MEDL", "DAGL", "REGN"}
)

func newModel(t testing.TB) *model {
	w := newTown(t)
	w.org("AS", "A AS", "B AS", "F AS")
	w.org("NUF", "N NUF")
	w.org("BEDR", "Avdeling")
	w.person("Kari K", "Ola O", "Nina N")
	w.user("A AS", "bruker")
	w.system("F AS", "agent", true)
	w.system("A AS", "system", false)
	sub := w.orgs[w.no("Avdeling")]
	sub.Parent = w.no("A AS")
	w.store(sub)
	w.role("Kari K DAGL A AS", "F AS REGN A AS", "F AS REGN N NUF", "Ola O DAGL F AS", "A AS DAGL B AS", "Nina N DAGL N NUF")
	m := &model{town: w, at: noon, dead: map[fullmakt.PartyNo]bool{}, grants: map[string]fullmakt.Grant{},
		agents: map[[2]fullmakt.PartyNo]bool{}, given: map[fullmakt.ClientDelegation]bool{},
		scopes: map[[2]fullmakt.PartyNo]fullmakt.Interval{}, requests: map[string]*modelRequest{}, library: new(registry.Library),
		kind: map[fullmakt.PartyNo]fullmakt.PartyKind{}, owner: map[fullmakt.PartyNo]fullmakt.PartyNo{}}
	m.parts = slices.SortedFunc(maps.Keys(w.names), func(a, b string) int { return int(w.names[a]) - int(w.names[b]) })
	for _, no := range w.names {
		m.kind[no] = w.s.Kind(no)
	}
	w.scheme(modelScheme, []string{"demo:les"}, modelSchemePackages...)
	w.resource(modelResource, registry.TypeGeneric, nil, modelRights...)
	m.rights = w.rightKeys(modelResource)
	w.vendor("B AS", "system", modelResource)
	m.owner[w.no("bruker")], m.owner[w.no("agent")], m.owner[w.no("system")] = w.no("A AS"), w.no("F AS"), w.no("A AS")
	return m
}

// apply replays a revision into the plain facts.
func (m *model) apply(changes []fullmakt.Change) {
	before := m.standing()
	m.store(changes...)
	m.history = append(m.history, revision{did: m.last, was: before})
	for _, ch := range m.last {
		switch c := ch.(type) {
		case fullmakt.Person:
			m.dead[c.Party] = c.Dead
		case fullmakt.Grant:
			key := grantKey(c)
			if old, there := m.grants[key]; there && (c.Ended || old.Valid.Over(m.at)) {
				m.basisGone(c) // GIVE-6: also when it is given anew after its end
			}
			if delete(m.grants, key); !c.Ended {
				m.grants[key] = c
			}
		case fullmakt.Agent:
			key := [2]fullmakt.PartyNo{c.Provider, c.Agent}
			if delete(m.agents, key); !c.Ended {
				m.agents[key] = true
			}
		case fullmakt.ClientDelegation:
			id := fullmakt.ClientDelegation{Provider: c.Provider, Client: c.Client, Agent: c.Agent, Package: c.Package, Role: c.Role}
			if delete(m.given, id); !c.Ended {
				m.given[id] = true
			}
		case fullmakt.ScopeGrant:
			key := [2]fullmakt.PartyNo{c.From, c.To}
			if delete(m.scopes, key); !c.Ended {
				m.scopes[key] = c.Valid
			}
		}
	}
}

// basisGone ends what rested on a grant.
func (m *model) basisGone(g fullmakt.Grant) {
	maps.DeleteFunc(m.given, func(d fullmakt.ClientDelegation, _ bool) bool {
		return d.Role == "" && d.Client == g.From && d.Provider == g.To && d.Package == g.Package
	})
}

func (m *model) alive(p fullmakt.PartyNo) bool {
	return !m.dead[p] && m.orgs[p].State&fullmakt.Deleted == 0
}

// mayAct tells whether somebody may act at all; 0 is the operator.
func (m *model) mayAct(s fullmakt.PartyNo) bool { return s == 0 || m.alive(s) }

// hold is what somebody holds at a unit: a role, or a package or a right by a
// grant.
type hold struct {
	holder fullmakt.PartyNo
	role   fullmakt.RoleCode
	pkg    string
	right  string
	unit   fullmakt.PartyNo
}

func (m *model) holds(unit fullmakt.PartyNo) (list []hold) {
	for _, r := range m.orgs[unit].Roles {
		if !r.Ended {
			list = append(list, hold{holder: r.Holder, role: r.Code, unit: unit})
		}
	}
	for _, g := range m.grants {
		if g.From == unit && !m.dead[unit] && (g.Valid.To == 0 || m.at < g.Valid.To) && (g.Valid.From == 0 || m.at >= g.Valid.From) {
			list = append(list, hold{holder: g.To, role: g.Role, pkg: g.Package, right: g.Right, unit: unit})
		}
	}
	return list
}

// confers tells whether a hold gives a package at a unit, and whether to give on.
func (m *model) confers(h hold, pkg string) (use, give bool) {
	if h.pkg != "" {
		return h.pkg == pkg, h.pkg == pkg && pkg != "hovedadministrator"
	}
	c := m.s.Catalogue()
	for _, row := range c.Mappings() {
		if c.Role(row.Role).Code == h.role && c.Package(row.Package).Code == pkg && (row.Form == 0 || c.Form(row.Form).Code == m.orgs[h.unit].Form) && row.Access {
			use, give = true, give || row.Delegate
		}
	}
	return use, give
}

func isKey(r fullmakt.RoleCode) bool {
	return slices.Contains([]fullmakt.RoleCode{"DAGL", "LEDE", "INNH", "ECKEYROLE"}, r)
}

// reached lists what S has for O by SELF, DIRECT, NEST or SUB.
func (m *model) reached(s, o fullmakt.PartyNo) (list []hold) {
	if !m.alive(s) || s == o && m.kind[o] == fullmakt.KindOrganisation {
		return nil
	}
	if s == o {
		list = append(list, hold{holder: s, role: fullmakt.PrivatePerson, unit: o})
	}
	units := []fullmakt.PartyNo{o}
	if main := m.orgs[o].Parent; main != 0 && m.alive(main) {
		units = append(units, main)
	}
	for _, unit := range units {
		for _, h := range m.holds(unit) {
			reaches := h.holder == s
			if m.kind[h.holder] == fullmakt.KindOrganisation && m.alive(h.holder) {
				for _, link := range m.holds(h.holder) {
					reaches = reaches || link.holder == s && isKey(link.role)
				}
			}
			if reaches {
				list = append(list, h)
			}
		}
	}
	return list
}

// own tells whether S has a package for O.
func (m *model) own(s, o fullmakt.PartyNo, pkg string) (use, give bool) {
	for _, h := range m.reached(s, o) {
		u, g := m.confers(h, pkg)
		use, give = use || u, give || g
	}
	return use, give
}

func (m *model) uses(s, o fullmakt.PartyNo, pkg string) bool { use, _ := m.own(s, o, pkg); return use }

func (m *model) administers(s, o fullmakt.PartyNo) bool {
	return s == 0 || s == o && m.kind[o] == fullmakt.KindPerson && m.alive(o) || m.uses(s, o, "tilgangsstyrer") || m.uses(s, o, "hovedadministrator")
}

// opens tells of a package whether O's form lets it be given (FORM-2), and whether
// it is in the set of O's main administrator (GIVE-2).
func (m *model) opens(o fullmakt.PartyNo, pkg string) (fits, inSet bool) {
	c := m.s.Catalogue()
	p, _ := c.FindPackage(pkg)
	bound := true
	for _, row := range c.Mappings() {
		if row.Package != p.ID {
			continue
		}
		here := row.Form == 0 || c.Form(row.Form).Code == m.orgs[o].Form
		bound, fits = bound && row.Form != 0, fits || here
		inSet = inSet || here && row.Delegate && c.Role(row.Role).Code == "hovedadministrator"
	}
	return fits || !bound, inSet
}

// mayGive is GIVE-1 and GIVE-2.
func (m *model) mayGive(s, o fullmakt.PartyNo, pkg string) bool {
	return m.mayGiveAs(s, o, pkg, m.administers(s, o))
}

// mayGiveAs is mayGive for who is an administrator, or is not, as GIVE-1 wants one.
func (m *model) mayGiveAs(s, o fullmakt.PartyNo, pkg string, administrator bool) bool {
	p, _ := m.s.Catalogue().FindPackage(pkg)
	if !p.Assignable || p.EntityType != m.kind[o] {
		return false
	}
	fits, inSet := m.opens(o, pkg)
	if s == 0 {
		return fits
	}
	_, give := m.own(s, o, pkg)
	return give && administrator && fits || inSet && m.uses(s, o, "hovedadministrator")
}

// mayReceive is GIVE-3.
func (m *model) mayReceive(o, to fullmakt.PartyNo, pkg string) bool {
	switch {
	case o == to || !m.alive(o) || !m.alive(to) || m.kind[o] > fullmakt.KindPerson:
		return false
	case m.kind[to] == fullmakt.KindEnterpriseUser && m.owner[to] != o, to == m.names["agent"]:
		return false
	case pkg == "hovedadministrator":
		return m.kind[to] != fullmakt.KindOrganisation
	case pkg == "virksomhetens-representant-skjemaoppgaver":
		return m.kind[to] == fullmakt.KindPerson || m.kind[to] == fullmakt.KindEnterpriseUser
	}
	return true
}

// soundStates are the states that the rules allow.
func (m *model) soundStates(t *rapid.T) {
	for _, g := range m.grants {
		if !m.mayReceive(g.From, g.To, g.Package) && m.alive(g.From) && m.alive(g.To) || m.dead[g.From] {
			t.Fatalf("a grant that may not be: %+v", g)
		}
	}
	for d := range m.given {
		p, _ := m.s.Catalogue().FindPackage(d.Package)
		held := m.grants[grantKey(fullmakt.Grant{From: d.Client, To: d.Provider, Package: d.Package})] != (fullmakt.Grant{})
		if d.Role != "" {
			held = slices.ContainsFunc(m.orgs[d.Client].Roles, func(r fullmakt.Role) bool { return r.Holder == d.Provider && r.Code == d.Role && !r.Ended })
		}
		if !p.Delegable || !held || !m.agents[[2]fullmakt.PartyNo{d.Provider, d.Agent}] || m.dead[d.Agent] || m.kind[d.Provider] != fullmakt.KindOrganisation {
			t.Fatalf("a delegation that may not be: %+v (basis held %t)", d, held)
		}
	}
	for ends := range m.scopes {
		if ends[0] == ends[1] || m.kind[ends[0]] != fullmakt.KindOrganisation || m.kind[ends[1]] != fullmakt.KindOrganisation {
			t.Fatalf("scopes that may not be given: from %d to %d", ends[0], ends[1])
		}
	}
	m.soundRequests(t)
	if got, want := strings.Join(m.inForce(), "\n"), strings.Join(m.lines(), "\n"); got != want {
		t.Fatalf("the index has\n%s\nthe log says\n%s", got, want)
	}
}

// inForce tells what the index has, town.in and the scopes.
func (m *model) inForce() []string {
	lines := m.in()
	for g := range m.s.AllScopeGrants() {
		lines = append(lines, fmt.Sprintf("%s gives %s scopes %v", m.parts[g.From-1], m.parts[g.To-1], g.Valid))
	}
	slices.Sort(lines)
	return lines
}

// lines tells the plain facts as inForce tells the index.
func (m *model) lines() (lines []string) {
	name := func(p fullmakt.PartyNo) string { return m.parts[p-1] }
	for _, g := range m.grants {
		what := g.Package
		if g.Role != "" {
			what = "ECKEY"
		}
		if g.Right != "" {
			what = g.Resource + " " + g.Right
		}
		lines = append(lines, fmt.Sprintf("%s gives %s %s", name(g.From), name(g.To), what))
	}
	for ends, valid := range m.scopes {
		lines = append(lines, fmt.Sprintf("%s gives %s scopes %v", name(ends[0]), name(ends[1]), valid))
	}
	for a := range m.agents {
		lines = append(lines, fmt.Sprintf("%s has agent %s", name(a[0]), name(a[1])))
	}
	for d := range m.given {
		over := string(d.Role)
		if over == "" {
			over = "a grant"
		}
		lines = append(lines, fmt.Sprintf("%s lets %s use %s for %s over %s", name(d.Provider), name(d.Agent), d.Package, name(d.Client), over))
	}
	slices.Sort(lines)
	return lines
}

// client1Any is CLIENT-1.
func (m *model) client1Any(s, f fullmakt.PartyNo) bool {
	return s == 0 || m.uses(s, f, "klientadministrator") || m.uses(s, f, "hovedadministrator")
}

func (m *model) client1(s, f fullmakt.PartyNo) bool {
	return m.kind[f] == fullmakt.KindOrganisation && m.alive(f) && m.client1Any(s, f)
}

func (m *model) mayBeAgent(f, who fullmakt.PartyNo) bool {
	return m.alive(who) && (m.kind[who] == fullmakt.KindPerson || who == m.names["agent"] && m.owner[who] == f)
}

// client1Agent is who may take from an agent what a provider gave it: who may act
// by CLIENT-1, and the person itself.
func (m *model) client1Agent(s, f, who fullmakt.PartyNo) bool {
	return m.mayAct(s) && (s == who && m.kind[who] == fullmakt.KindPerson || m.client1Any(s, f))
}

// mayDelegate is CLIENT with CLIENT-1.
func (m *model) mayDelegate(s, f, client, who fullmakt.PartyNo, role, pkg string) bool {
	return m.mayAct(s) && m.client1(s, f) && m.mayBeAgent(f, who) && m.alive(client) && client != f && client != who &&
		(m.agents[[2]fullmakt.PartyNo{f, who}] || who == m.names["agent"]) && m.delegable(f, client, role, pkg)
}

// delegable is what rule CLIENT asks of the basis and the package.
func (m *model) delegable(f, client fullmakt.PartyNo, role, pkg string) bool {
	p, _ := m.s.Catalogue().FindPackage(pkg)
	if !p.Delegable {
		return false
	}
	for _, h := range m.holds(client) {
		if h.holder != f || role == delegation.OverGrant != (h.role == "") || h.role != "" && string(h.role) != role {
			continue
		}
		if use, _ := m.confers(h, pkg); use {
			return true
		}
	}
	return false
}
