package delegation_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
)

// model is the naive other opinion: plain facts replayed from the changes, and the
// rules GIVE-1 to GIVE-6 and CLIENT-1 written down over them without the index, the
// evaluator or any cleverness.
type model struct {
	*town
	at     int64
	parts  []string // names, in the order of their numbers
	kind   map[fullmakt.PartyNo]fullmakt.PartyKind
	owner  map[fullmakt.PartyNo]fullmakt.PartyNo // of users
	dead   map[fullmakt.PartyNo]bool
	grants map[string]fullmakt.Grant
	agents map[[2]fullmakt.PartyNo]bool
	given  map[fullmakt.ClientDelegation]bool // identities only
}

var (
	modelPackages = []string{"skatt-naering", "tilgangsstyrer", "hovedadministrator", "klientadministrator", "jordbruk",
		"delegerbare-maskinporten-scopes", "delegerbare-maskinporten-scopes-NUF", "regnskapsforer-lonn", "innbygger-kjoretoy",
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
		kind: map[fullmakt.PartyNo]fullmakt.PartyKind{}, owner: map[fullmakt.PartyNo]fullmakt.PartyNo{}}
	m.parts = slices.SortedFunc(maps.Keys(w.names), func(a, b string) int { return int(w.names[a]) - int(w.names[b]) })
	for _, no := range w.names {
		m.kind[no] = w.s.Kind(no)
	}
	m.owner[w.no("bruker")], m.owner[w.no("agent")], m.owner[w.no("system")] = w.no("A AS"), w.no("F AS"), w.no("A AS")
	return m
}

// apply replays a revision into the plain facts.
func (m *model) apply(changes []fullmakt.Change) {
	m.store(changes...)
	for _, ch := range m.last {
		switch c := ch.(type) {
		case fullmakt.Person:
			m.dead[c.Party] = c.Dead
		case fullmakt.Grant:
			key := fmt.Sprint(c.From, c.To, c.Package, c.Role)
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

// hold is what somebody holds at a unit: a role, or a package by a grant.
type hold struct {
	holder fullmakt.PartyNo
	role   fullmakt.RoleCode
	pkg    string
}

func (m *model) holds(unit fullmakt.PartyNo) (list []hold) {
	for _, r := range m.orgs[unit].Roles {
		if !r.Ended {
			list = append(list, hold{holder: r.Holder, role: r.Code})
		}
	}
	for _, g := range m.grants {
		if g.From == unit && !m.dead[unit] && (g.Valid.To == 0 || m.at < g.Valid.To) && (g.Valid.From == 0 || m.at >= g.Valid.From) {
			list = append(list, hold{holder: g.To, role: g.Role, pkg: g.Package})
		}
	}
	return list
}

// confers tells whether a hold gives a package at a unit, and whether to give on.
func (m *model) confers(h hold, unit fullmakt.PartyNo, pkg string) (use, give bool) {
	if h.pkg != "" {
		return h.pkg == pkg, h.pkg == pkg && pkg != "hovedadministrator"
	}
	c := m.s.Catalogue()
	for _, row := range c.Mappings() {
		if c.Role(row.Role).Code == h.role && c.Package(row.Package).Code == pkg && (row.Form == 0 || c.Form(row.Form).Code == m.orgs[unit].Form) && row.Access {
			use, give = true, give || row.Delegate
		}
	}
	return use, give
}

func isKey(r fullmakt.RoleCode) bool {
	return slices.Contains([]fullmakt.RoleCode{"DAGL", "LEDE", "INNH", "ECKEYROLE"}, r)
}

// own tells whether S has a package for O by DIRECT, NEST or SUB.
func (m *model) own(s, o fullmakt.PartyNo, pkg string) (use, give bool) {
	if !m.alive(s) || s == o && m.kind[o] == fullmakt.KindOrganisation {
		return false, false
	}
	if s == o && pkg == "innbygger-kjoretoy" {
		return true, true
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
			if u, g := m.confers(h, unit, pkg); reaches {
				use, give = use || u, give || g
			}
		}
	}
	return use, give
}

func (m *model) uses(s, o fullmakt.PartyNo, pkg string) bool { use, _ := m.own(s, o, pkg); return use }

func (m *model) administers(s, o fullmakt.PartyNo) bool {
	return s == 0 || s == o && m.kind[o] == fullmakt.KindPerson && m.alive(o) || m.uses(s, o, "tilgangsstyrer") || m.uses(s, o, "hovedadministrator")
}

// mayGive is GIVE-1 and GIVE-2.
func (m *model) mayGive(s, o fullmakt.PartyNo, pkg string) bool {
	c := m.s.Catalogue()
	p, _ := c.FindPackage(pkg)
	if !p.Assignable || p.EntityType != m.kind[o] {
		return false
	}
	bound, fits, inSet := true, false, false
	for _, row := range c.Mappings() {
		if row.Package != p.ID {
			continue
		}
		here := row.Form == 0 || c.Form(row.Form).Code == m.orgs[o].Form
		bound, fits = bound && row.Form != 0, fits || here
		inSet = inSet || here && row.Delegate && c.Role(row.Role).Code == "hovedadministrator"
	}
	if s == 0 {
		return fits || !bound
	}
	_, give := m.own(s, o, pkg)
	return give && m.administers(s, o) && (fits || !bound) || inSet && m.uses(s, o, "hovedadministrator")
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
		if g.Package != "" && !m.mayReceive(g.From, g.To, g.Package) && m.alive(g.From) && m.alive(g.To) || m.dead[g.From] {
			t.Fatalf("a grant that may not be: %+v", g)
		}
	}
	for d := range m.given {
		p, _ := m.s.Catalogue().FindPackage(d.Package)
		held := m.grants[fmt.Sprint(d.Client, d.Provider, d.Package, "")] != (fullmakt.Grant{})
		if d.Role != "" {
			held = slices.ContainsFunc(m.orgs[d.Client].Roles, func(r fullmakt.Role) bool { return r.Holder == d.Provider && r.Code == d.Role && !r.Ended })
		}
		if !p.Delegable || !held || !m.agents[[2]fullmakt.PartyNo{d.Provider, d.Agent}] || m.dead[d.Agent] || m.kind[d.Provider] != fullmakt.KindOrganisation {
			t.Fatalf("a delegation that may not be: %+v (basis held %t)", d, held)
		}
	}
	if got, want := strings.Join(m.in(), "\n"), strings.Join(m.lines(), "\n"); got != want {
		t.Fatalf("the index has\n%s\nthe log says\n%s", got, want)
	}
}

// lines tells the plain facts as town.in tells the index.
func (m *model) lines() (lines []string) {
	name := func(p fullmakt.PartyNo) string { return m.parts[p-1] }
	for _, g := range m.grants {
		what := g.Package
		if g.Role != "" {
			what = "ECKEY"
		}
		lines = append(lines, fmt.Sprintf("%s gives %s %s", name(g.From), name(g.To), what))
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

// TestCommandsAgainstModel runs random commands of random actors, with register
// updates and the passing of time between them. Each command must do what the
// model says, and no state may come about that the rules forbid.
//
// The runs are the same each time, so that the test does not depend on luck:
// FULLMAKT_MODEL_SEED begins elsewhere and FULLMAKT_MODEL_RUNS makes more of them.
// It goes on until each kind of command was carried out, and fails when a tenfold
// of the runs was not enough for that.
func TestCommandsAgainstModel(t *testing.T) {
	if _, err := embedded(); err != nil {
		t.Fatal(err)
	}
	const each = 25 // runs of one seed
	runs, seed := number(t, "FULLMAKT_MODEL_RUNS", 100), number(t, "FULLMAKT_MODEL_SEED", 0)
	done := map[string]int{}
	var missing []string
	for round := 1; round*each <= runs || len(missing) > 0 && round*each <= 10*runs; round++ {
		setRapid(t, "rapid.seed", strconv.Itoa(seed+1000*round))
		setRapid(t, "rapid.checks", strconv.Itoa(each))
		setRapid(t, "rapid.nofailfile", "true")
		rapid.Check(t, func(rt *rapid.T) { commandsAgainstModel(t, rt, done) })
		if t.Failed() {
			return
		}
		missing = slices.DeleteFunc([]string{"give", "eckey", "revoke", "renounce", "agent", "no agent", "delegate", "undelegate"},
			func(what string) bool { return done[what] > 0 })
	}
	t.Logf("carried out: %v", done)
	if len(missing) > 0 {
		t.Errorf("never carried out: %q", missing)
	}
}

// number reads a number from the environment.
func number(t *testing.T, name string, n int) int {
	if s := os.Getenv(name); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return n
}

// setRapid sets a flag of rapid's until the test ends.
func setRapid(t *testing.T, name, value string) {
	f := flag.Lookup(name)
	old := f.Value.String()
	t.Cleanup(func() { f.Value.Set(old) })
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
}

// commandsAgainstModel is one random run; done counts what was carried out.
func commandsAgainstModel(t *testing.T, rt *rapid.T, done map[string]int) {
	m := newModel(t)
	party := func(label string) fullmakt.PartyNo { return m.names[rapid.SampledFrom(m.parts).Draw(rt, label)] }
	actor := func() *delegation.Acting {
		a := &delegation.Acting{Snapshot: m.s, At: m.at}
		switch rapid.IntRange(0, 4).Draw(rt, "actor is") {
		case 0:
		case 1, 2:
			a.Actor = m.names[rapid.SampledFrom([]string{"Kari K", "Ola O", "Nina N"}).Draw(rt, "who")]
		default:
			a.Actor = party("actor")
		}
		return a
	}
	provider := func() fullmakt.PartyNo {
		if rapid.IntRange(0, 3).Draw(rt, "usual provider") < 3 {
			return m.names["F AS"]
		}
		return party("provider")
	}
	agent := func() fullmakt.PartyNo {
		return m.names[rapid.SampledFrom([]string{"Kari K", "Ola O", "Nina N", "agent", "system", "B AS"}).Draw(rt, "agent")]
	}
	// run compares whether a command was carried out with what the model says.
	run := func(what string, want bool, out *delegation.Outcome, err error) {
		if err != nil && len(delegation.Refusals(err)) == 0 {
			rt.Fatalf("%s: %v", what, err)
		}
		if (err == nil) != want {
			rt.Fatalf("%s: error %v, the model says %t\nin force:\n%s", what, err, want, strings.Join(m.in(), "\n"))
		}
		if err == nil {
			done[what]++
			m.apply(out.Changes)
		}
	}
	rt.Repeat(map[string]func(*rapid.T){
		"give": func(rt *rapid.T) {
			a, from, to := actor(), party("from"), party("to")
			pkg := rapid.SampledFrom(modelPackages).Draw(rt, "package")
			switch rapid.IntRange(0, 3).Draw(rt, "usual") {
			case 0:
				from, to = m.names["A AS"], m.names["F AS"]
			case 1: // a person gives its own
				from = m.names[rapid.SampledFrom([]string{"Kari K", "Ola O", "Nina N"}).Draw(rt, "giver")]
				a.Actor, pkg = from, "innbygger-kjoretoy"
			}
			valid := rapid.SampledFrom([]fullmakt.Interval{{}, {To: m.at + 5}, {From: m.at + 3, To: m.at + 9}, {}}).Draw(rt, "valid")
			want := (a.Actor == 0 || m.alive(a.Actor)) && m.mayReceive(from, to, pkg) && m.mayGive(a.Actor, from, pkg)
			out, err := a.Give(delegation.Give{From: from, To: to, Identified: true, Items: items(pkg), Valid: valid})
			run("give", want, out, err)
		},
		"eckey": func(rt *rapid.T) {
			a, from := actor(), party("from")
			user := m.names["bruker"]
			want := (a.Actor == 0 || m.alive(a.Actor)) && m.mayReceive(from, user, "") && m.administers(a.Actor, from)
			out, err := a.Give(delegation.Give{From: from, To: user, Items: items("ECKEY")})
			run("eckey", want, out, err)
		},
		"revoke": func(rt *rapid.T) {
			var keys []string
			for key := range m.grants {
				keys = append(keys, key)
			}
			if len(keys) == 0 {
				return
			}
			slices.Sort(keys)
			g := m.grants[rapid.SampledFrom(keys).Draw(rt, "grant")]
			cascade := rapid.Bool().Draw(rt, "cascade")
			rests := slices.ContainsFunc(slices.Collect(maps.Keys(m.given)), func(d fullmakt.ClientDelegation) bool {
				return d.Role == "" && d.Client == g.From && d.Provider == g.To && d.Package == g.Package
			})
			a := actor()
			sound := (a.Actor == 0 || m.alive(a.Actor)) && (cascade || !rests)
			what := items(g.Package)
			if g.Role != "" {
				what = items("ECKEY")
			}
			c := delegation.Revoke{From: g.From, To: g.To, Items: what, Cascade: cascade}
			if rapid.Bool().Draw(rt, "renounce") {
				side := m.administers(a.Actor, g.To)
				if m.kind[g.To] == fullmakt.KindPerson {
					side = a.Actor == 0 || a.Actor == g.To
				} else if owner := m.owner[g.To]; owner != 0 {
					side = m.administers(a.Actor, owner)
				}
				out, err := a.Renounce(c)
				run("renounce", sound && side, out, err)
				return
			}
			out, err := a.Revoke(c)
			run("revoke", sound && m.administers(a.Actor, g.From), out, err)
		},
		"agent": func(rt *rapid.T) {
			a, f, who := actor(), provider(), agent()
			want := (a.Actor == 0 || m.alive(a.Actor)) && m.client1(a.Actor, f) && m.mayBeAgent(f, who)
			out, err := a.AddAgent(delegation.AddAgent{Provider: f, Agent: who, Identified: true})
			run("agent", want, out, err)
		},
		"no agent": func(rt *rapid.T) {
			a, f, who := actor(), provider(), agent()
			cascade := rapid.Bool().Draw(rt, "cascade")
			rests := slices.ContainsFunc(slices.Collect(maps.Keys(m.given)), func(d fullmakt.ClientDelegation) bool { return d.Provider == f && d.Agent == who })
			side := a.Actor == who && m.kind[who] == fullmakt.KindPerson || m.client1Any(a.Actor, f)
			out, err := a.RemoveAgent(delegation.RemoveAgent{Provider: f, Agent: who, Cascade: cascade})
			run("no agent", (a.Actor == 0 || m.alive(a.Actor)) && side && (cascade || !rests), out, err)
		},
		"delegate": func(rt *rapid.T) {
			a, f, who, client := actor(), provider(), agent(), party("client")
			role := rapid.SampledFrom([]string{"REGN", delegation.OverGrant, "REVI", "DAGL"}).Draw(rt, "role")
			pkg := rapid.SampledFrom(append([]string{"regnskapsforer-lonn", "skatt-naering", "regnskapsforer-lonn"}, modelPackages...)).Draw(rt, "package")
			if rapid.IntRange(0, 3).Draw(rt, "prepared") < 3 { // as it is where things work
				a.Actor, f, client = 0, m.names["F AS"], m.names["A AS"]
				who = m.names[rapid.SampledFrom([]string{"agent", "Ola O", "Nina N"}).Draw(rt, "prepared agent")]
				out, err := a.AddAgent(delegation.AddAgent{Provider: f, Agent: who})
				run("agent", m.alive(f) && m.alive(who), out, err)
				a.Snapshot = m.s
				if role != delegation.OverGrant {
					role, pkg = "REGN", "regnskapsforer-lonn"
				} else if pkg = "skatt-naering"; rapid.Bool().Draw(rt, "given first") {
					pkg = "skatt-naering"
					want := m.mayReceive(client, f, pkg) && m.mayGive(0, client, pkg)
					out, err := a.Give(delegation.Give{From: client, To: f, Items: items(pkg), Valid: fullmakt.Interval{To: m.at + rapid.Int64Range(1, 8).Draw(rt, "for")}})
					run("give", want, out, err)
				}
				a.Snapshot = m.s
			}
			want := (a.Actor == 0 || m.alive(a.Actor)) && m.client1(a.Actor, f) && m.mayBeAgent(f, who) && m.alive(client) &&
				(m.agents[[2]fullmakt.PartyNo{f, who}] || who == m.names["agent"]) && m.delegable(f, client, role, pkg)
			out, err := a.DelegateClients(delegation.DelegateClients{Provider: f, Clients: []fullmakt.PartyNo{client}, Agents: []fullmakt.PartyNo{who},
				Values: []delegation.Delegable{{Role: role, Packages: []string{pkg}}}})
			run("delegate", want, out, err)
		},
		"undelegate": func(rt *rapid.T) {
			a, f, who := actor(), provider(), agent()
			side := a.Actor == who && m.kind[who] == fullmakt.KindPerson || m.client1Any(a.Actor, f)
			out, err := a.UndelegateClients(delegation.UndelegateClients{Provider: f, AllClients: true, Agents: []fullmakt.PartyNo{who}})
			run("undelegate", (a.Actor == 0 || m.alive(a.Actor)) && side, out, err)
		},
		"time": func(rt *rapid.T) {
			m.at += rapid.Int64Range(1, 6).Draw(rt, "seconds")
			if rapid.Bool().Draw(rt, "recorded") {
				m.apply(delegation.Expire(m.s, m.at))
			}
		},
		"register": func(rt *rapid.T) {
			o := m.orgs[m.names[rapid.SampledFrom([]string{"A AS", "B AS", "F AS", "N NUF", "Avdeling"}).Draw(rt, "unit")]]
			if rapid.Bool().Draw(rt, "the accountant") { // leaves, or is deregistered, or comes
				o = m.orgs[m.names["A AS"]]
				o.Roles = slices.DeleteFunc(slices.Clone(o.Roles), func(r fullmakt.Role) bool { return r.Code == "REGN" })
				if how := rapid.IntRange(0, 3).Draw(rt, "how"); how > 0 {
					o.Roles = append(o.Roles, fullmakt.Role{Code: "REGN", Holder: m.names["F AS"], Ended: how == 2})
				}
				o.Roles = fullmakt.SortRoles(o.Roles)
				m.apply([]fullmakt.Change{o})
				return
			}
			o.Roles = nil
			for range rapid.IntRange(0, 4).Draw(rt, "roles") {
				holder := m.names[rapid.SampledFrom([]string{"Kari K", "F AS", "Ola O", "A AS", "F AS", "Nina N", "B AS"}).Draw(rt, "holder")]
				o.Roles = append(o.Roles, fullmakt.Role{Code: rapid.SampledFrom(modelRoles).Draw(rt, "code"), Holder: holder, Ended: rapid.IntRange(0, 7).Draw(rt, "ended") == 7})
			}
			o.Roles = fullmakt.SortRoles(o.Roles)
			o.State = 0
			if rapid.IntRange(0, 7).Draw(rt, "deleted") == 7 {
				o.State = fullmakt.Deleted
			}
			m.apply([]fullmakt.Change{o})
		},
		"life": func(rt *rapid.T) {
			who := m.names[rapid.SampledFrom([]string{"Kari K", "Ola O", "Nina N"}).Draw(rt, "who")]
			m.apply([]fullmakt.Change{fullmakt.Person{Party: who, Dead: rapid.Bool().Draw(rt, "dead")}})
		},
		"": m.soundStates,
	})
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
		if use, _ := m.confers(h, client, pkg); use {
			return true
		}
	}
	return false
}
