package delegation_test

import (
	"flag"
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
		missing = slices.DeleteFunc(slices.Clone(modelCommands),
			func(what string) bool { return done[what] > 0 })
	}
	t.Logf("carried out: %v", done)
	if len(missing) > 0 {
		t.Errorf("never carried out: %q", missing)
	}
}

// modelCommands are what each run of the test must have carried out.
var modelCommands = []string{"give", "give right", "eckey", "revoke", "renounce", "agent", "no agent", "delegate", "undelegate",
	"give scopes", "revoke scopes", "renounce scopes", "ask", "draft", "confirm", "withdraw", "reject", "approve", "undo", "ask for change", "change"}

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
	m := &modelRun{newModel(t), done}
	actions := map[string]func(*rapid.T){"": m.soundStates}
	for _, more := range []map[string]func(*rapid.T){m.giving(), m.delegating(), m.scoping(), m.asking(), m.undoing(), m.changing(), m.outside()} {
		maps.Copy(actions, more)
	}
	rt.Repeat(actions)
}

// modelRun is a random run under way.
type modelRun struct {
	*model
	done map[string]int // what was carried out
}

var (
	modelPersons    = []string{"Kari K", "Ola O", "Nina N"}
	modelCaretakers = []string{"Ola O", "Nina N"}
	// modelAdministration lets somebody give one thing or another, as administrator
	// of access, of everything, or of scopes alone.
	modelAdministration = []string{"tilgangsstyrer", "skatt-naering", "hovedadministrator", "delegerbare-maskinporten-scopes", "maskinporten-administrator"}
	modelOrganisations  = []string{"A AS", "B AS", "F AS", "N NUF", "Avdeling"}
)

// one draws one of some parties.
func (m *modelRun) one(rt *rapid.T, label string, names ...string) fullmakt.PartyNo {
	return m.names[rapid.SampledFrom(names).Draw(rt, label)]
}

// party draws any party.
func (m *modelRun) party(rt *rapid.T, label string) fullmakt.PartyNo {
	return m.one(rt, label, m.parts...)
}

// actor draws who acts: the operator, often a person, or anybody.
func (m *modelRun) actor(rt *rapid.T) *delegation.Acting {
	switch rapid.IntRange(0, 4).Draw(rt, "actor is") {
	case 0:
		return m.by(delegation.Operator)
	case 1, 2:
		return m.by(m.one(rt, "who", modelPersons...))
	}
	return m.by(m.party(rt, "actor"))
}

// often draws who acts: the operator, often.
func (m *modelRun) often(rt *rapid.T) *delegation.Acting {
	if rapid.Bool().Draw(rt, "by the operator") {
		return m.by(delegation.Operator)
	}
	return m.actor(rt)
}

// by returns somebody who acts on the register as it is.
func (m *modelRun) by(actor fullmakt.PartyNo) *delegation.Acting {
	return &delegation.Acting{Snapshot: m.s, Actor: actor, At: m.at, Rights: delegation.Registry(m.library.At(m.s))}
}

func (m *modelRun) valid(rt *rapid.T) fullmakt.Interval {
	return rapid.SampledFrom([]fullmakt.Interval{{}, {To: m.at + 5}, {From: m.at + 3, To: m.at + 9}, {}}).Draw(rt, "valid")
}

// check compares whether a command was carried out with what the model says, and
// replays what it did.
func (m *modelRun) check(rt *rapid.T, what string, want bool, out *delegation.Outcome, err error) {
	if err != nil && len(delegation.Refusals(err)) == 0 && fullmakt.ErrorCode(err) != fullmakt.CodeNotFound {
		rt.Fatalf("%s: %v", what, err)
	}
	if (err == nil) != want {
		rt.Fatalf("%s: error %v, the model says %t\nin force:\n%s", what, err, want, strings.Join(m.inForce(), "\n"))
	}
	if err == nil && len(out.Changes) > 0 {
		m.done[what]++
		m.apply(out.Changes)
	}
}

// gives is what GIVE-1 to GIVE-3 say of one item, a package or RESOURCE#RIGHT.
func (m *model) gives(s, from, to fullmakt.PartyNo, item string) bool {
	if _, key, isRight := strings.Cut(item, "#"); isRight {
		return m.mayAct(s) && m.mayReceive(from, to, "") && m.mayGiveRight(s, from, key)
	}
	return m.mayAct(s) && m.mayReceive(from, to, item) && m.mayGive(s, from, item)
}

// restOn tells whether client delegations rest on a grant.
func (m *model) restOn(g fullmakt.Grant) bool {
	for d := range m.given {
		if d.Role == "" && d.Client == g.From && d.Provider == g.To && d.Package == g.Package {
			return true
		}
	}
	return false
}

// hasClients tells whether an agent is delegated anything by a provider.
func (m *model) hasClients(f, who fullmakt.PartyNo) bool {
	for d := range m.given {
		if d.Provider == f && d.Agent == who {
			return true
		}
	}
	return false
}

// itemsOf names what a grant gives.
func itemsOf(g fullmakt.Grant) []delegation.Item {
	return []delegation.Item{{Package: g.Package, Resource: g.Resource, Right: g.Right, ECKEY: g.Role == fullmakt.ECKEY}}
}

func (m *modelRun) giving() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"give": func(rt *rapid.T) {
			a, from, to := m.actor(rt), m.party(rt, "from"), m.party(rt, "to")
			pkg := rapid.SampledFrom(modelPackages).Draw(rt, "package")
			switch rapid.IntRange(0, 5).Draw(rt, "usual") {
			case 0:
				from, to = m.names["A AS"], m.names["F AS"]
			case 1: // a person gives its own
				from = m.one(rt, "giver", modelPersons...)
				a, pkg = m.by(from), "innbygger-kjoretoy"
			case 2, 3: // somebody who has no role comes to look after things
				a, from, to = m.by(0), m.names["A AS"], m.one(rt, "who", modelCaretakers...)
				pkg = rapid.SampledFrom(modelAdministration).Draw(rt, "administration")
			case 4: // the same again, for another time perhaps
				if g, ok := m.oneGrant(rt); ok && g.Package != "" {
					a, from, to, pkg = m.by(0), g.From, g.To, g.Package
				}
			}
			out, err := a.Give(delegation.Give{From: from, To: to, Identified: true, Items: items(pkg), Valid: m.valid(rt)})
			m.check(rt, "give", m.gives(a.Actor, from, to, pkg), out, err)
		},
		"give right": func(rt *rapid.T) {
			a, from, to := m.actor(rt), m.party(rt, "from"), m.party(rt, "to")
			if rapid.Bool().Draw(rt, "usual") {
				from = m.one(rt, "usual from", "A AS", "B AS", "Avdeling")
			} else if who, ok := m.caretaker(rt); ok {
				a, from = m.by(who), m.names["A AS"]
			}
			right := modelResource + "#" + m.rights[rapid.SampledFrom([]string{"read", "write", "sign"}).Draw(rt, "right")]
			out, err := a.Give(delegation.Give{From: from, To: to, Identified: true, Items: items(right), Valid: m.valid(rt)})
			m.check(rt, "give right", m.gives(a.Actor, from, to, right), out, err)
		},
		"eckey": func(rt *rapid.T) {
			a, from, user := m.actor(rt), m.party(rt, "from"), m.names["bruker"]
			out, err := a.Give(delegation.Give{From: from, To: user, Items: items("ECKEY")})
			m.check(rt, "eckey", m.givesECKEY(a.Actor, from, user), out, err)
		},
		"revoke": func(rt *rapid.T) {
			g, ok := m.oneGrant(rt)
			if !ok {
				return
			}
			cascade := rapid.Bool().Draw(rt, "cascade")
			a := m.actor(rt)
			sound := m.mayAct(a.Actor) && (cascade || !m.restOn(g))
			c := delegation.Revoke{From: g.From, To: g.To, Items: itemsOf(g), Cascade: cascade}
			if rapid.Bool().Draw(rt, "renounce") {
				side := m.administers(a.Actor, g.To)
				if m.kind[g.To] == fullmakt.KindPerson {
					side = a.Actor == 0 || a.Actor == g.To
				} else if owner := m.owner[g.To]; owner != 0 {
					side = m.administers(a.Actor, owner)
				}
				out, err := a.Renounce(c)
				m.check(rt, "renounce", sound && side, out, err)
				return
			}
			out, err := a.Revoke(c)
			m.check(rt, "revoke", sound && m.administers(a.Actor, g.From), out, err)
		},
	}
}

// caretaker draws one of those who look after things for A AS without a role there.
func (m *modelRun) caretaker(rt *rapid.T) (fullmakt.PartyNo, bool) {
	var list []fullmakt.PartyNo
	for _, name := range modelCaretakers {
		if slices.ContainsFunc(slices.Collect(maps.Values(m.grants)), func(g fullmakt.Grant) bool { return g.From == m.names["A AS"] && g.To == m.names[name] }) {
			list = append(list, m.names[name])
		}
	}
	if len(list) == 0 {
		return 0, false
	}
	return rapid.SampledFrom(list).Draw(rt, "caretaker"), true
}

// oneGrant draws a grant, often one that something rests on.
func (m *modelRun) oneGrant(rt *rapid.T) (g fullmakt.Grant, ok bool) {
	if len(m.grants) == 0 {
		return g, false
	}
	keys := slices.Sorted(maps.Keys(m.grants))
	if rested := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !m.restOn(m.grants[key]) }); len(rested) > 0 && rapid.Bool().Draw(rt, "rested on") {
		keys = rested
	}
	return m.grants[rapid.SampledFrom(keys).Draw(rt, "grant")], true
}

// byNumbers orders pairs of parties.
func byNumbers(a, b [2]fullmakt.PartyNo) int { return slices.Compare(a[:], b[:]) }

// givesECKEY is the second half of NEST-2.
func (m *model) givesECKEY(s, from, user fullmakt.PartyNo) bool {
	return m.mayAct(s) && m.mayReceive(from, user, "") && m.kind[user] == fullmakt.KindEnterpriseUser && m.administers(s, from)
}

func (m *modelRun) delegating() map[string]func(*rapid.T) {
	provider := func(rt *rapid.T) fullmakt.PartyNo {
		if rapid.IntRange(0, 3).Draw(rt, "usual provider") < 3 {
			return m.names["F AS"]
		}
		return m.party(rt, "provider")
	}
	agent := func(rt *rapid.T) fullmakt.PartyNo {
		return m.one(rt, "agent", "Kari K", "Ola O", "Nina N", "agent", "system", "B AS")
	}
	return map[string]func(*rapid.T){
		"agent": func(rt *rapid.T) {
			a, f, who := m.actor(rt), provider(rt), agent(rt)
			out, err := a.AddAgent(delegation.AddAgent{Provider: f, Agent: who, Identified: true})
			m.check(rt, "agent", m.mayAct(a.Actor) && m.client1(a.Actor, f) && m.mayBeAgent(f, who), out, err)
		},
		"no agent": func(rt *rapid.T) {
			a, f, who := m.often(rt), provider(rt), agent(rt)
			if list := slices.SortedFunc(maps.Keys(m.agents), byNumbers); len(list) > 0 && rapid.Bool().Draw(rt, "one there is") {
				one := rapid.SampledFrom(list).Draw(rt, "which")
				f, who = one[0], one[1]
			}
			cascade := rapid.Bool().Draw(rt, "cascade")
			out, err := a.RemoveAgent(delegation.RemoveAgent{Provider: f, Agent: who, Cascade: cascade})
			m.check(rt, "no agent", m.client1Agent(a.Actor, f, who) && (cascade || !m.hasClients(f, who)), out, err)
		},
		"delegate": func(rt *rapid.T) {
			a, f, who, client := m.actor(rt), provider(rt), agent(rt), m.party(rt, "client")
			role := rapid.SampledFrom([]string{"REGN", delegation.OverGrant, "REVI", "DAGL"}).Draw(rt, "role")
			pkg := rapid.SampledFrom(append([]string{"regnskapsforer-lonn", "skatt-naering", "regnskapsforer-lonn"}, modelPackages...)).Draw(rt, "package")
			if rapid.IntRange(0, 3).Draw(rt, "prepared") < 3 { // as it is where things work
				f, client, who = m.names["F AS"], m.names["A AS"], m.one(rt, "prepared agent", "agent", "Ola O", "Nina N")
				if who != m.names["agent"] || rapid.Bool().Draw(rt, "agent first") { // else it becomes one along with it
					out, err := m.by(0).AddAgent(delegation.AddAgent{Provider: f, Agent: who})
					m.check(rt, "agent", m.alive(f) && m.alive(who), out, err)
				}
				if role != delegation.OverGrant {
					role, pkg = "REGN", "regnskapsforer-lonn"
				} else if pkg = "skatt-naering"; rapid.Bool().Draw(rt, "given first") {
					valid := fullmakt.Interval{To: m.at + rapid.Int64Range(1, 8).Draw(rt, "for")}
					out, err := m.by(0).Give(delegation.Give{From: client, To: f, Items: items(pkg), Valid: valid})
					m.check(rt, "give", m.gives(0, client, f, pkg), out, err)
				}
				a = m.by(0)
			}
			out, err := a.DelegateClients(delegation.DelegateClients{Provider: f, Clients: []fullmakt.PartyNo{client}, Agents: []fullmakt.PartyNo{who},
				Values: []delegation.Delegable{{Role: role, Packages: []string{pkg}}}})
			m.check(rt, "delegate", m.mayDelegate(a.Actor, f, client, who, role, pkg), out, err)
		},
		"undelegate": func(rt *rapid.T) {
			a, f, who := m.often(rt), provider(rt), agent(rt)
			if list := slices.SortedFunc(maps.Keys(m.agents), byNumbers); len(list) > 0 {
				one := rapid.SampledFrom(list).Draw(rt, "which")
				if m.hasClients(one[0], one[1]) {
					f, who = one[0], one[1]
				}
			}
			out, err := a.UndelegateClients(delegation.UndelegateClients{Provider: f, AllClients: true, Agents: []fullmakt.PartyNo{who}})
			m.check(rt, "undelegate", m.client1Agent(a.Actor, f, who), out, err)
		},
	}
}

// outside is what happens without a command: time passes, the register changes.
func (m *modelRun) outside() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"time": func(rt *rapid.T) {
			m.at += rapid.Int64Range(1, 6).Draw(rt, "seconds")
			if rapid.Bool().Draw(rt, "recorded") {
				m.apply(delegation.Expire(m.s, m.at))
			}
		},
		"register": func(rt *rapid.T) {
			o := m.orgs[m.one(rt, "unit", modelOrganisations...)]
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
				holder := m.one(rt, "holder", "Kari K", "F AS", "Ola O", "A AS", "F AS", "Nina N", "B AS")
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
			m.apply([]fullmakt.Change{fullmakt.Person{Party: m.one(rt, "who", modelPersons...), Dead: rapid.Bool().Draw(rt, "dead")}})
		},
	}
}
