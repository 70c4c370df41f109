package pdp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// facts is what stands after a log: the last entry of each identity.
type facts struct {
	parties     []fullmakt.Party
	orgs        []fullmakt.Organisation
	persons     []fullmakt.Person
	users       []fullmakt.EnterpriseUser
	grants      []fullmakt.Grant
	systemUsers []fullmakt.SystemUser
	agents      []fullmakt.Agent
	delegations []fullmakt.ClientDelegation
	scopes      []fullmakt.ScopeGrant
}

func replay(log []fullmakt.Change) (f facts) {
	var purged []fullmakt.PartyNo // a purge is for good, whoever names the party later
	for _, change := range log {
		switch c := change.(type) {
		case fullmakt.Party:
			f.parties = put(f.parties, c, func(g fullmakt.Party) bool { return g.No == c.No })
		case fullmakt.Organisation:
			f.orgs = put(f.orgs, c, func(g fullmakt.Organisation) bool { return g.Party == c.Party })
		case fullmakt.Person:
			f.persons = put(f.persons, c, func(g fullmakt.Person) bool { return g.Party == c.Party })
		case fullmakt.EnterpriseUser:
			f.users = put(f.users, c, func(g fullmakt.EnterpriseUser) bool { return g.Party == c.Party })
		case fullmakt.Grant:
			f.grants = put(f.grants, c, func(g fullmakt.Grant) bool {
				return g.From == c.From && g.To == c.To && g.Package == c.Package && g.Role == c.Role && rightOf(g) == rightOf(c)
			})
		case fullmakt.SystemUser:
			f.systemUsers = put(f.systemUsers, c, func(g fullmakt.SystemUser) bool { return g.Party == c.Party })
		case fullmakt.Agent:
			f.agents = put(f.agents, c, func(g fullmakt.Agent) bool { return g.Provider == c.Provider && g.Agent == c.Agent })
		case fullmakt.ClientDelegation:
			f.delegations = put(f.delegations, c, func(g fullmakt.ClientDelegation) bool {
				return g.Provider == c.Provider && g.Client == c.Client && g.Agent == c.Agent && g.Package == c.Package && g.Role == c.Role
			})
		case fullmakt.ScopeGrant:
			f.scopes = put(f.scopes, c, func(g fullmakt.ScopeGrant) bool {
				return g.From == c.From && g.To == c.To && g.Scheme == c.Scheme
			})
		case fullmakt.Purge:
			purged = append(purged, c.Party)
		}
	}
	for _, no := range purged {
		f.purge(no)
	}
	return f
}

func put[F any](list []F, f F, same func(F) bool) []F {
	return append(slices.DeleteFunc(list, same), f)
}

// purge makes a party unknown: whatever names it is gone (LIFE-2).
func (f *facts) purge(no fullmakt.PartyNo) {
	f.parties = slices.DeleteFunc(f.parties, func(p fullmakt.Party) bool { return p.No == no })
	f.orgs = slices.DeleteFunc(f.orgs, func(o fullmakt.Organisation) bool { return o.Party == no })
	f.grants = slices.DeleteFunc(f.grants, func(g fullmakt.Grant) bool { return g.From == no || g.To == no })
	f.agents = slices.DeleteFunc(f.agents, func(a fullmakt.Agent) bool { return a.Provider == no || a.Agent == no })
	f.delegations = slices.DeleteFunc(f.delegations, func(d fullmakt.ClientDelegation) bool {
		return d.Provider == no || d.Client == no || d.Agent == no
	})
	f.scopes = slices.DeleteFunc(f.scopes, func(g fullmakt.ScopeGrant) bool { return g.From == no || g.To == no })
	f.systemUsers = slices.DeleteFunc(f.systemUsers, func(u fullmakt.SystemUser) bool { return u.Party == no })
	for i, o := range f.orgs {
		f.orgs[i].Roles = slices.DeleteFunc(slices.Clone(o.Roles), func(r fullmakt.Role) bool { return r.Holder == no })
		if o.Parent == no {
			f.orgs[i].Parent = 0
		}
	}
}

// party returns a party, the zero Party for one that is not known.
func (f *facts) party(no fullmakt.PartyNo) (found fullmakt.Party) {
	for _, p := range f.parties {
		if p.No == no {
			found = p
		}
	}
	return found
}

// organisation returns a unit's facts; one that was never delivered has none.
func (f *facts) organisation(no fullmakt.PartyNo) (found fullmakt.Organisation) {
	for _, o := range f.orgs {
		if o.Party == no {
			found = o
		}
	}
	return found
}

func (f *facts) dead(no fullmakt.PartyNo) bool {
	return slices.ContainsFunc(f.persons, func(p fullmakt.Person) bool { return p.Party == no && p.Dead })
}

func (f *facts) endedUser(no fullmakt.PartyNo) bool {
	return slices.ContainsFunc(f.users, func(u fullmakt.EnterpriseUser) bool { return u.Party == no && u.Ended }) ||
		slices.ContainsFunc(f.systemUsers, func(u fullmakt.SystemUser) bool { return u.Party == no && u.Ended })
}

// A world is a small register with a past: the log that made it, and instants at
// which something in it begins or ends. Worlds are small and dense, so that
// coincidences which decide something are common: chains, cycles, several paths
// to the same party, and each of them spoilt in one place.
type world struct {
	log   []fullmakt.Change
	times []int64
	dated bool // under the catalogue with dated entries
}

func (w world) String() string {
	var b strings.Builder
	for _, change := range w.log {
		if p, ok := change.(fullmakt.Party); ok {
			fmt.Fprintf(&b, "  party %d: %s (uncertain %t)\n", p.No, p.ID.Kind, p.ID.Uncertain())
			continue
		}
		fmt.Fprintf(&b, "  %T%+v\n", change, change)
	}
	return b.String()
}

// unknownPackage is granted in some worlds though no catalogue has it.
const unknownPackage = "en-ukjent-pakke"

// noon is "now" in the worlds: 2026-06-15 at noon in Norway.
var noon = time.Date(2026, time.June, 15, 12, 0, 0, 0, oslo).Unix()

// The lists are ordered by how often rapid, which favours small numbers, is to
// draw an element.
var (
	worldForms = []fullmakt.OrgForm{"AS", "ENK", "BEDR", "IKS", "NUF", "AS", "ENK", "AAFY", "NUF", "KS", "BRL", "ESEK", "DA", "KOMM",
		"IKS", "KBO", "ORGL", "ADOS", "BEDR", "FYLK", "REV", "ANS", "FLI", "XYZ", ""}
	worldRoles = []fullmakt.RoleCode{"DAGL", "REGN", "DTPR", "LEDE", "INNH", "KONT", "FFØR", "REVI", "DAGL", "MEDL", "KOMP", "DTPR", "DTSO",
		"hovedadministrator", "REPR", "BOBE", "BEST", "KNUF", "REGN", "INNH", "RFAD", "NEST", "ORGL", "EIKM", "SREVA", "XFRØ", "KONT", "privatperson", "DAGL"}
	worldPackages = []string{"skatt-naering", "tilgangsstyrer", "hovedadministrator", "delegerbare-maskinporten-scopes", "klientadministrator",
		"delegerbare-maskinporten-scopes-NUF", "forretningsforer-eiendom", "eksplisitt", "innbygger-kjoretoy", "regnskapsforer-lonn", "jordbruk", unknownPackage}
	worldRights = []struct{ resource, right string }{{"skattemelding", "read"}, {"skattemelding", "write"}, {"sykmelding", "read"}}
	worldDeaths = []fullmakt.Date{fullmakt.NewDate(2024, 6, 15), 0, fullmakt.NewDate(2024, 6, 16), fullmakt.NewDate(2024, 2, 29),
		fullmakt.NewDate(2024, 3, 1), fullmakt.NewDate(2026, 1, 2), fullmakt.NewDate(2019, 10, 27), fullmakt.NewDate(2024, 10, 27)}
	worldIntervals = []fullmakt.Interval{{}, {From: noon - 1000}, {To: noon + 1000}, {From: noon + 1000}, {To: noon}, {From: noon},
		{From: noon - 1000, To: noon + 1000}, {To: noon - 1000}, {From: noon, To: noon + 1}}
	worldStates = []fullmakt.OrgState{0, 0, fullmakt.Deleted, 0, fullmakt.Bankrupt, fullmakt.Deleted | fullmakt.Bankrupt, fullmakt.WindingUp, fullmakt.Stub}
)

// worlds generates worlds.
func worlds() *rapid.Generator[world] {
	return rapid.Custom(func(t *rapid.T) world {
		g := &maker{t: t, base: fullmakt.PartyNo(pick(t, "first number", 1, 1, 505, 1018)), owner: map[fullmakt.PartyNo]fullmakt.PartyNo{}}
		g.parties(rapid.IntRange(3, 11).Draw(t, "parties"))
		g.facts()
		if oneIn(t, 3, "newcomers") {
			g.parties(rapid.IntRange(1, 3).Draw(t, "more parties"))
			g.facts()
		}
		for range rapid.IntRange(0, 5).Draw(t, "updates") {
			g.update()
		}
		if oneIn(t, 8, "busy") {
			g.busy()
		}
		if oneIn(t, 6, "purge") {
			g.purge()
			g.update()
			g.update()
		}
		return world{g.log, g.times(), rapid.Bool().Draw(t, "dated")}
	})
}

// maker makes one world.
type maker struct {
	t       *rapid.T
	base    fullmakt.PartyNo
	n       int                                   // parties made so far
	orgs    []fullmakt.PartyNo                    // organisations that may be named
	folk    []fullmakt.PartyNo                    // persons likewise
	users   []fullmakt.PartyNo                    // enterprise users
	systems []fullmakt.PartyNo                    // system users
	owner   map[fullmakt.PartyNo]fullmakt.PartyNo // of enterprise and system users
	log     []fullmakt.Change
}

func pick[T any](t *rapid.T, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(t, label)
}

func oneIn(t *rapid.T, n int, label string) bool {
	return rapid.IntRange(1, n).Draw(t, label) == n
}

// parties makes n parties of all kinds, in any order of kinds.
func (g *maker) parties(n int) {
	for range n {
		no := g.base + fullmakt.PartyNo(g.n)
		party := fullmakt.Party{No: no, Name: fmt.Sprint("Party ", no)}
		kind := pick(g.t, "kind", "organisation", "organisation", "person", "organisation", "person", "enterprise user", "open person", "organisation", "system user")
		if len(g.orgs) == 0 {
			kind = "organisation"
		}
		number := fullmakt.NextOrgNumber(31_000_000 + uint32(no)*10)
		switch kind {
		case "organisation":
			party.ID = fullmakt.OrganisationID(number)
			g.orgs = append(g.orgs, no)
		case "person":
			party.ID = fullmakt.PersonID(syntheticPerson(int(no)))
			g.folk = append(g.folk, no)
		case "open person":
			party.ID = fullmakt.OpenPersonID(fullmakt.NewDate(1970, 1, 1+int(no%28)), party.Name)
			g.folk = append(g.folk, no)
		case "enterprise user":
			owner := pick(g.t, "owner", g.orgs...)
			party.ID = fullmakt.EnterpriseUserID(g.number(owner), party.Name)
			g.users, g.owner[no] = append(g.users, no), owner
		case "system user":
			owner := g.orgs[len(g.orgs)-1]
			party.ID = fullmakt.SystemUserID(g.number(owner), "system", party.Name)
			g.systems, g.owner[no] = append(g.systems, no), owner
		}
		g.n++
		g.log = append(g.log, party)
	}
}

func (g *maker) number(no fullmakt.PartyNo) fullmakt.OrgNumber {
	f := replay(g.log)
	return f.party(no).ID.Org
}

func syntheticPerson(n int) fullmakt.NationalID {
	for individual := n; ; individual += 97 {
		if id, ok := fullmakt.SyntheticNationalID(1+n%28, 1+n%12, 70+n%30, individual%1000); ok {
			return id
		}
	}
}

// facts gives everything that may be named its facts. A few organisations stay
// without, as a feed's stubs do.
func (g *maker) facts() {
	for _, no := range g.orgs {
		if !oneIn(g.t, 12, "stub") {
			g.log = append(g.log, g.organisation(no))
		}
	}
	for _, no := range g.folk {
		if oneIn(g.t, 5, "dead") {
			g.log = append(g.log, fullmakt.Person{Party: no, Dead: true})
		}
	}
	for _, no := range g.users {
		owner := g.owner[no]
		if owner == 0 {
			continue
		}
		g.log = append(g.log, fullmakt.EnterpriseUser{Party: no, Owner: owner, Ended: oneIn(g.t, 7, "user ended")})
		if !oneIn(g.t, 3, "no eckey") {
			g.log = append(g.log, fullmakt.Grant{From: owner, To: no, Role: fullmakt.ECKEY, Valid: pick(g.t, "valid", worldIntervals...)})
		} else if rapid.Bool().Draw(g.t, "packages instead") {
			g.log = append(g.log, fullmakt.Grant{From: owner, To: no, Package: pick(g.t, "package", worldPackages...)})
		}
	}
	for _, no := range g.systems {
		if !oneIn(g.t, 8, "system user without facts") {
			g.log = append(g.log, g.systemUser(no))
		}
	}
	for range rapid.IntRange(0, 5).Draw(g.t, "grants") {
		g.log = append(g.log, g.grant())
	}
	for range rapid.IntRange(0, 4).Draw(g.t, "delegations") {
		g.delegate()
	}
	if len(g.orgs) > 1 && oneIn(g.t, 3, "scope grant") {
		g.log = append(g.log, g.scopeGrant())
	}
}

func (g *maker) organisation(no fullmakt.PartyNo) fullmakt.Organisation {
	t := g.t
	o := fullmakt.Organisation{Party: no, Form: pick(t, "form", worldForms...), State: pick(t, "state", worldStates...),
		Source: pick(t, "source", fullmakt.SourceCCR, fullmakt.SourceOpenData, fullmakt.SourceWorld)}
	if o.State&fullmakt.Deleted != 0 {
		o.DeletedOn = pick(t, "deleted on", worldDeaths...)
	}
	others := slices.DeleteFunc(slices.Clone(g.orgs), func(other fullmakt.PartyNo) bool { return other == no })
	if len(others) > 0 && (o.Form.SubUnit() && !oneIn(t, 8, "orphan") || oneIn(t, 6, "parent")) {
		o.Parent = pick(t, "parent", others...)
	}
	if o.Form == fullmakt.FormENK && len(g.folk) > 0 && !oneIn(t, 6, "no innh") {
		o.Roles = append(o.Roles, fullmakt.Role{Code: fullmakt.INNH, Holder: pick(t, "innehaver", g.folk...), Ended: oneIn(t, 8, "ended")})
	}
	if o.Form == fullmakt.FormENK && !oneIn(t, 3, "no accountant") {
		o.Roles = append(o.Roles, fullmakt.Role{Code: pick(t, "accounts", fullmakt.REGN, fullmakt.REVI), Holder: pick(t, "accountant", slices.Concat(g.orgs, g.folk)...)})
	}
	if o.Form == fullmakt.FormIKS && !oneIn(t, 3, "no participant") {
		o.Roles = append(o.Roles, fullmakt.Role{Code: fullmakt.DTPR, Holder: pick(t, "participant", slices.Concat(g.orgs, g.folk)...)})
	}
	for range rapid.IntRange(0, 5).Draw(t, "roles") {
		holders := g.orgs
		if len(g.folk) > 0 && rapid.Bool().Draw(t, "person holds") {
			holders = g.folk
		}
		o.Roles = append(o.Roles, fullmakt.Role{
			Code: pick(t, "role", worldRoles...), Holder: pick(t, "holder", holders...), Ended: oneIn(t, 7, "ended"),
			Since: pick(t, "since", 0, fullmakt.NewDate(2020, 5, 17), fullmakt.NewDate(1999, 12, 31)),
		})
	}
	o.Roles = fullmakt.SortRoles(o.Roles)
	return o
}

// grant makes a grant that rule GIVE-3 would allow.
func (g *maker) grant() fullmakt.Grant {
	from := pick(g.t, "from", slices.Concat(g.orgs, g.orgs, g.folk)...)
	to := slices.DeleteFunc(slices.Concat(g.orgs, g.folk, g.users, g.systems), func(no fullmakt.PartyNo) bool {
		return no == from || slices.Contains(g.users, no) && g.owner[no] != from
	})
	if len(to) == 0 {
		to = g.orgs
	}
	grant := fullmakt.Grant{From: from, To: pick(g.t, "to", to...), Package: pick(g.t, "package", worldPackages...),
		Valid: pick(g.t, "valid", worldIntervals...), GivenBy: from}
	if oneIn(g.t, 3, "a single right") {
		right := pick(g.t, "right", worldRights...)
		grant.Package, grant.Resource, grant.Right = "", right.resource, right.right
	}
	return grant
}

// update changes one thing that is there already.
func (g *maker) update() {
	f := replay(g.log)
	switch pick(g.t, "update", "organisation", "person", "grant", "revoke", "user", "delegation", "agent", "party", "new grant", "delegate", "system user", "scopes", "feed") {
	case "organisation":
		g.log = append(g.log, g.organisation(pick(g.t, "which", g.orgs...)))
	case "person":
		if len(g.folk) > 0 {
			no := pick(g.t, "who", g.folk...)
			g.log = append(g.log, fullmakt.Person{Party: no, Dead: !f.dead(no)})
		}
	case "grant", "revoke":
		if len(f.grants) > 0 {
			grant := pick(g.t, "which", f.grants...)
			grant.Ended = !grant.Ended
			grant.Valid = pick(g.t, "valid", worldIntervals...)
			g.log = append(g.log, grant)
		}
	case "user":
		if len(f.users) > 0 {
			user := pick(g.t, "which", f.users...)
			user.Ended = !user.Ended
			g.log = append(g.log, user)
		}
	case "party":
		party := pick(g.t, "which", f.parties...)
		party.Name += " med nytt navn"
		if party.ID.Kind == fullmakt.KindOrganisation || party.ID.Person != 0 {
			g.log = append(g.log, party)
		}
	case "delegation":
		if len(f.delegations) > 0 {
			d := pick(g.t, "which", f.delegations...)
			d.Ended = !d.Ended
			g.log = append(g.log, d)
		}
	case "agent":
		if len(f.agents) > 0 {
			a := pick(g.t, "which", f.agents...)
			a.Ended = !a.Ended
			g.log = append(g.log, a)
		}
	case "delegate":
		g.delegate()
	case "system user":
		if len(f.systemUsers) > 0 {
			g.log = append(g.log, g.systemUser(pick(g.t, "which", f.systemUsers...).Party))
		}
	case "scopes":
		if len(g.orgs) > 1 {
			g.log = append(g.log, g.scopeGrant())
		}
	case "new grant":
		g.log = append(g.log, g.grant())
	case "feed":
		g.log = append(g.log, fullmakt.Feed{Name: "ccr", Cursor: "7"}, fullmakt.CatalogueUse{Digest: "abc"})
	}
}

// purge removes a party, with the enterprise and system users it owns.
func (g *maker) purge() {
	all := slices.Concat(g.orgs, g.folk, g.users, g.systems)
	if len(g.orgs) < 2 {
		return
	}
	gone := []fullmakt.PartyNo{pick(g.t, "purged", all...)}
	for _, user := range slices.Concat(g.users, g.systems) {
		if g.owner[user] == gone[0] {
			gone = append(gone, user)
		}
	}
	for _, no := range gone {
		g.log = append(g.log, fullmakt.Purge{Party: no})
	}
	if oneIn(g.t, 3, "named again") {
		return // facts that come later may still name the purged party
	}
	isGone := func(no fullmakt.PartyNo) bool { return slices.Contains(gone, no) }
	g.orgs, g.folk, g.users = slices.DeleteFunc(g.orgs, isGone), slices.DeleteFunc(g.folk, isGone), slices.DeleteFunc(g.users, isGone)
	g.systems = slices.DeleteFunc(g.systems, isGone)
}

// busy lets one party hold very many roles at one organisation, and some at
// another, as an accountant does.
func (g *maker) busy() {
	holder := pick(g.t, "busy party", slices.Concat(g.orgs, g.folk)...)
	for range rapid.IntRange(1, 2).Draw(g.t, "at") {
		o := g.organisation(pick(g.t, "which", g.orgs...))
		for i := range rapid.IntRange(20, 40).Draw(g.t, "many") {
			o.Roles = append(o.Roles, fullmakt.Role{Code: fullmakt.RoleCode(fmt.Sprint("X", i)), Holder: holder})
		}
		o.Roles = fullmakt.SortRoles(o.Roles)
		g.log = append(g.log, o)
	}
}

// times draws the instants to ask about: noon, and one or two of those at which
// something may begin or end.
func (g *maker) times() []int64 {
	var edges []int64
	f := replay(g.log)
	for _, o := range f.orgs {
		if o.Form == fullmakt.FormENK && o.DeletedOn != 0 {
			edges = append(edges, o.DeletedOn.Time(oslo).AddDate(2, 0, 0).Unix())
		}
	}
	if len(edges) > 0 && rapid.Bool().Draw(g.t, "two years after a deletion") {
		return []int64{noon, pick(g.t, "edge", edges...) - pick(g.t, "before", int64(0), 1)}
	}
	edges = slices.Concat(edges, []int64{noon - 1000, noon + 1000, noon, noon + 1}, datedOverlay.instants)
	edge := pick(g.t, "edge", edges...)
	return slices.Compact([]int64{noon, edge - pick(g.t, "before", int64(0), 1)})
}

// datedOverlay dates entries of the catalogue, as an operator may.
var datedOverlay = struct {
	files    fstest.MapFS
	instants []int64 // first seconds of the days on which something begins or has ended
}{
	fstest.MapFS{"overlay.json": {Data: []byte(`{
		"sources": [{"id": "test", "title": "Dated entries", "publisher": "The test", "date": "2026"}],
		"source": "test",
		"end": {
			"roles": [{"code": "ECKEYROLE", "to": "2026-06-15"}, {"code": "BEST", "to": "2026-06-16"}],
			"mappings": [{"package": "skatt-naering", "roles": ["DAGL", "FFØR@NUF"], "to": "2026-06-16"},
				{"package": "jordbruk", "roles": ["DAGL", "LEDE", "INNH", "DTSO", "DTPR", "KOMP", "BEST", "BOBE"], "to": "2026-06-14"}, {"package": "tilgangsstyrer", "roles": ["LEDE"], "to": "2026-06-14"}],
			"rolemap": [{"has": "DAGL", "gets": ["a0212"], "to": "2026-06-16"}],
			"packages": [{"code": "forretningsforer-eiendom", "to": "2026-06-16"}]
		},
		"replace": {"roles": [{"code": "KOMP", "altinn_code": "komplementar", "urn": "urn:altinn:external-role:ccr:komplementar", "legacy_urn": "urn:altinn:rolecode:komp",
			"provider": "sys-ccr", "entity": "organisation", "key": false, "names": {"nb": "Komplementar", "nn": "Komplementar", "en": "General partner"}}]},
		"add": {"mappings": [{"package": "innbygger-kjoretoy", "use_and_give": ["REGN", "REVI"], "from": "2026-06-15"}, {"package": "tilgangsstyrer", "use_and_give": ["REGN"], "from": "2026-06-15"},
			{"package": "jordbruk", "use_and_give": ["REGN@NUF", "REVI@NUF"], "from": "2026-06-15"}, {"package": "regnskapsforer-lonn", "use_and_give": ["DTSO@ANS"], "from": "2026-06-17"}, {"package": "skatt-naering", "use_only": ["MEDL@NUF", "MEDL@BRL"], "from": "2026-06-16"}]}
	}`)}},
	[]int64{
		time.Date(2026, time.June, 15, 0, 0, 0, 0, oslo).Unix(), time.Date(2026, time.June, 16, 0, 0, 0, 0, oslo).Unix(),
		time.Date(2026, time.June, 17, 0, 0, 0, 0, oslo).Unix(),
	},
}

// worldCatalogues are those that worlds are asked under: the real one, and one
// with dated entries.
type worldCatalogues struct{ plain, dated *catalogue.Catalogue }

func catalogues() worldCatalogues {
	return worldCatalogues{must(embedded()), must(catalogue.Load(datedOverlay.files))}
}

func (c worldCatalogues) of(w world) *catalogue.Catalogue {
	if w.dated {
		return c.dated
	}
	return c.plain
}
