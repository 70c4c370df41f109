package pdp_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
)

// TestHistoriesThroughANode lets random worlds go on in a node: grants, single
// rights, client delegations, scopes, revocations, undoing, what expires, register
// changes and imports follow each other in random order. Between them the node's
// snapshot is held against the reference over the log as the store tells it:
// checks, explanations, both lists, and the delegation check. And of each revision
// it checks that what lost its basis there has ended there (GIVE-6, LIFE-1).
//
// FULLMAKT_HISTORY_QUESTIONS says how many questions to ask at least, and
// FULLMAKT_HISTORY_SEED where to begin; both are fixed without. It goes on until
// each kind of step has changed something.
func TestHistoriesThroughANode(t *testing.T) {
	want, seed := 20_000, 0
	if testing.Short() {
		want = 2_000
	}
	number(t, "FULLMAKT_HISTORY_QUESTIONS", &want)
	number(t, "FULLMAKT_HISTORY_SEED", &seed)
	gen, cats := worlds(), catalogues()
	done, asked, listed, checked, histories := map[string]int{}, 0, 0, 0, 0
	missing := historySteps
	for most := 20 * want; asked < want || len(missing) > 0 && asked < most; seed++ {
		w := gen.Example(seed)
		if everybody(w)[0] != 1 {
			continue // its numbers have a gap before them, which a store does not
		}
		h := newHistory(t, cats.of(w), padded(w), seed)
		for range 24 {
			h.step(done)
		}
		h.compare()
		h.close()
		missing = slices.DeleteFunc(slices.Clone(historySteps), func(what string) bool { return done[what] > 0 })
		asked, listed, checked, histories = asked+h.d.asked, listed+h.d.listed, checked+h.checked, histories+1
	}
	t.Logf("%d questions in %d histories, lists of %d lines, %d delegation checks: no difference; done: %v", asked, histories, listed, checked, done)
	if len(missing) > 0 {
		t.Errorf("%q never changed anything", missing)
	}
}

var historySteps = []string{"give", "revoke", "renounce", "agent", "no agent", "delegate", "undelegate", "scopes", "no scopes", "undo", "expire", "register", "import", "life"}

// history is a random world on its way in a node.
type history struct {
	t       *testing.T
	n       *node.Node
	c       *catalogue.Catalogue
	rng     *rand.Rand
	seed    int
	log     []fullmakt.Change // as the store tells it
	read    fullmakt.Seq      // up to here
	last    []fullmakt.Change // of the latest revision
	at      int64
	times   []int64
	run     int // of the latest batch file
	d       *differ
	checked int // packages in delegation checks
	what    string
}

func newHistory(t *testing.T, c *catalogue.Catalogue, w world, seed int) *history {
	t.Helper()
	n, err := node.Open(t.Context(), node.Options{Catalogue: c})
	if err != nil {
		t.Fatal(err)
	}
	h := &history{t: t, n: n, c: c, rng: rand.New(rand.NewPCG(uint64(seed), 11)), seed: seed, at: noon - 2000, times: w.times, run: 7, what: "the world"}
	h.d = &differ{fail: func(format string, args ...any) {
		t.Helper()
		t.Fatalf("history %d, at %d, after %q: %s\nin the world\n%s", seed, h.at-noon, h.what, fmt.Sprintf(format, args...), world{log: h.log})
	}}
	w.log = slices.DeleteFunc(w.log, func(ch fullmakt.Change) bool { _, feed := ch.(fullmakt.Feed); return feed })
	changes := append(w.log, fullmakt.Feed{Name: "ccr", Cursor: "7"})
	if _, err := n.Store().Append(t.Context(), 0, time.Unix(h.at, 0), "world", func(yield func(fullmakt.Change, error) bool) {
		for _, ch := range changes {
			if !yield(ch, nil) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	h.advance()
	return h
}

func (h *history) close() {
	if err := h.n.Close(); err != nil {
		h.t.Fatal(err)
	}
}

// advance reads what the store has come to know, and reports whether that is
// anything.
func (h *history) advance() bool {
	h.last = nil
	for entry, err := range h.n.Store().Changes(h.t.Context(), h.read) {
		if err != nil {
			h.t.Fatal(err)
		}
		if h.read, h.last = entry.Seq, append(h.last, entry.Change); entry.Seq > 0 {
			h.log = append(h.log, entry.Change)
		}
	}
	return len(h.last) > 0
}

// step goes on by one revision, and now and then compares.
func (h *history) step(done map[string]int) {
	h.at += h.rng.Int64N(400)
	h.what = oneOf(h.rng, historySteps...)
	before := replay(h.log)
	earlier := len(h.log)
	was, did := before, h.last
	if earlier > len(did) { // what undo takes back is the latest revision
		was = replay(h.log[:earlier-len(did)])
	}
	if h.what == "import" {
		h.imports(&before)
	} else {
		refused := false
		_, err := h.n.Do(h.t.Context(), time.Unix(h.at, 0), h.what, func(s *index.Snapshot) ([]fullmakt.Change, error) {
			var changes []fullmakt.Change
			var err error
			for range 12 { // most that is drawn is refused
				changes, err = h.command(s, &before, &was, did)
				if refused = len(delegation.Refusals(err)) > 0; len(changes) > 0 || err != nil && !refused {
					break
				}
			}
			return changes, err
		})
		if err != nil && !refused {
			h.d.fail("%v", err)
		}
	}
	if h.advance() {
		done[h.what]++
		h.ended(&before)
	}
	if h.rng.IntN(12) == 0 {
		h.compare()
	}
}

func oneOf[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

// command draws a command of the kind that is on, and gives what comes of it.
func (h *history) command(s *index.Snapshot, f, was *facts, did []fullmakt.Change) ([]fullmakt.Change, error) {
	rng := h.rng
	parties := everybody(world{log: h.log})
	party := func() fullmakt.PartyNo { return oneOf(rng, parties...) }
	a := &delegation.Acting{Snapshot: s, At: h.at, Rights: anyRight}
	if rng.IntN(3) == 0 {
		a.Actor = party()
	}
	valid := oneOf(rng, fullmakt.Interval{}, fullmakt.Interval{}, fullmakt.Interval{To: h.at + 700}, fullmakt.Interval{From: h.at + 300}, fullmakt.Interval{From: h.at + 200, To: h.at + 900})
	changes := func(out *delegation.Outcome, err error) ([]fullmakt.Change, error) {
		if err != nil {
			return nil, err
		}
		return out.Changes, nil
	}
	var provided []fullmakt.PartyNo // organisations that hold something at others
	for _, o := range f.orgs {
		for _, r := range o.Roles {
			if f.party(r.Holder).ID.Kind == fullmakt.KindOrganisation {
				provided = append(provided, r.Holder)
			}
		}
	}
	provider := party()
	if len(provided) > 0 && rng.IntN(5) > 0 {
		provider = oneOf(rng, provided...)
	}
	switch h.what {
	case "give":
		item := delegation.Item{Package: oneOf(rng, worldPackages...)}
		switch rng.IntN(5) {
		case 0:
			right := oneOf(rng, worldRights...)
			item = delegation.Item{Resource: right.resource, Right: right.right}
		case 1:
			item = delegation.Item{ECKEY: true}
		}
		return changes(a.Give(delegation.Give{From: party(), To: party(), Identified: true, Items: []delegation.Item{item}, Valid: valid}))
	case "revoke", "renounce":
		if len(f.grants) == 0 {
			return nil, nil
		}
		g := oneOf(rng, f.grants...)
		c := delegation.Revoke{From: g.From, To: g.To, All: rng.IntN(3) == 0, Cascade: rng.IntN(3) > 0}
		if !c.All {
			c.Items = []delegation.Item{{Package: g.Package, Resource: g.Resource, Right: g.Right, ECKEY: g.Role == fullmakt.ECKEY}}
		}
		if h.what == "revoke" {
			return changes(a.Revoke(c))
		}
		return changes(a.Renounce(c))
	case "agent":
		return changes(a.AddAgent(delegation.AddAgent{Provider: provider, Agent: party(), Identified: true}))
	case "no agent":
		c := delegation.RemoveAgent{Provider: provider, Agent: party(), Cascade: rng.IntN(3) > 0}
		if len(f.agents) > 0 && rng.IntN(5) > 0 {
			one := oneOf(rng, f.agents...)
			c.Provider, c.Agent = one.Provider, one.Agent
		}
		return changes(a.RemoveAgent(c))
	case "delegate":
		c := delegation.DelegateClients{Provider: provider, Clients: []fullmakt.PartyNo{party()}, Agents: []fullmakt.PartyNo{party()},
			Values: []delegation.Delegable{{Role: delegation.OverGrant, Packages: []string{oneOf(rng, clientPackages...)}}}}
		if len(f.agents) > 0 && rng.IntN(8) > 0 { // as it is where things work
			one := oneOf(rng, f.agents...)
			c.Provider, c.Agents[0] = one.Provider, one.Agent
			for client := range delegation.Clients(s, one.Provider, h.at, 0) {
				access := oneOf(rng, client.Access...)
				role := string(s.RoleCode(access.Role))
				if access.Role == 0 {
					role = delegation.OverGrant
				}
				for p := range access.Packages.All() {
					c.Clients[0], c.Values[0] = client.Party, delegation.Delegable{Role: role, Packages: []string{h.c.Package(p).Code}}
					if rng.IntN(4) == 0 {
						return changes(a.DelegateClients(c))
					}
				}
			}
		}
		return changes(a.DelegateClients(c))
	case "undelegate":
		c := delegation.UndelegateClients{Provider: provider, AllClients: true, Agents: []fullmakt.PartyNo{party()}}
		if len(f.delegations) > 0 {
			one := oneOf(rng, f.delegations...)
			c.Provider, c.Agents[0] = one.Provider, one.Agent
		}
		return changes(a.UndelegateClients(c))
	case "scopes":
		var opens catalogue.PackageSet
		opens.Add(packageID(h.c, "delegerbare-maskinporten-scopes"))
		scheme := delegation.Scheme{ID: "ordningen", Delegable: true, Packages: opens}
		return changes(a.GiveScopes(delegation.GiveScopes{From: party(), To: party(), Schemes: []delegation.Scheme{scheme}, Valid: valid}))
	case "no scopes":
		if len(f.scopes) == 0 {
			return nil, nil
		}
		one := oneOf(rng, f.scopes...)
		return changes(a.RevokeScopes(delegation.RevokeScopes{From: one.From, To: one.To, All: true, Cascade: true}))
	case "undo":
		a.Actor = delegation.Operator
		return changes(a.Undo(delegation.Undo{Did: did, Was: given(was)}))
	case "expire":
		return delegation.Expire(s, h.at), nil
	case "register":
		if o, ok := h.update(f); ok {
			return []fullmakt.Change{o}, nil
		}
	case "life":
		for _, p := range f.parties {
			if p.ID.Kind == fullmakt.KindPerson && rng.IntN(3) == 0 {
				return []fullmakt.Change{fullmakt.Person{Party: p.No, Dead: rng.IntN(3) > 0}}, nil
			}
		}
		for _, u := range f.systemUsers {
			if rng.IntN(3) == 0 {
				u.Ended = !u.Ended
				return []fullmakt.Change{u}, nil
			}
		}
	}
	return nil, nil
}

// anyRight lets everybody give the rights of the worlds.
func anyRight(*index.Snapshot, delegation.RightQuestion) delegation.RightAnswer {
	return delegation.RightAnswer{Give: true, Rule: fullmakt.RuleGive1}
}

// given are the facts in force that commands made.
func given(f *facts) (list []fullmakt.Change) {
	for _, g := range f.grants {
		list = append(list, g)
	}
	for _, a := range f.agents {
		list = append(list, a)
	}
	for _, d := range f.delegations {
		list = append(list, d)
	}
	for _, g := range f.scopes {
		list = append(list, g)
	}
	return list
}

// update changes the roles or the state of an organisation that is known.
func (h *history) update(f *facts) (o fullmakt.Organisation, ok bool) {
	if len(f.orgs) == 0 {
		return o, false
	}
	rng := h.rng
	o = oneOf(rng, f.orgs...)
	o.Roles = slices.Clone(o.Roles)
	if i := rng.IntN(len(o.Roles) + 1); i < len(o.Roles) {
		if rng.IntN(3) == 0 {
			o.Roles[i].Ended = !o.Roles[i].Ended
		} else {
			o.Roles = slices.Delete(o.Roles, i, i+1)
		}
	}
	for range rng.IntN(3) {
		o.Roles = append(o.Roles, fullmakt.Role{Code: oneOf(rng, worldRoles...), Holder: oneOf(rng, f.parties...).No})
	}
	o.Roles = slices.DeleteFunc(o.Roles, func(r fullmakt.Role) bool { return r.Holder == o.Party })
	o.Roles = fullmakt.SortRoles(o.Roles)
	switch rng.IntN(6) {
	case 0:
		o.State ^= fullmakt.Deleted
		if o.DeletedOn = 0; o.State&fullmakt.Deleted != 0 {
			o.DeletedOn = fullmakt.DateOf(time.Unix(h.at, 0))
		}
	case 1:
		o.Form = oneOf(rng, worldForms[:8]...)
	}
	return o, true
}

// imports brings a batch file of the register: some organisations lose their
// holders of some roles, or get one.
func (h *history) imports(f *facts) {
	h.run++
	text, units, lines := "", 0, 0
	line := func(columns ...any) { text, lines = text+batchLine(columns...), lines+1 }
	for range 1 + h.rng.IntN(2) {
		if len(f.orgs) == 0 {
			return
		}
		o := oneOf(h.rng, f.orgs...)
		kind := oneOf(h.rng, "E", "E", "E", "E", "S")
		units++
		line(1, "ENH", 5, f.party(o.Party).ID.Org.String(), 14, string(o.Form), 18, kind, 23, "20200101", 31, "20261120", 39, "N")
		if kind == "S" {
			continue
		}
		for _, r := range o.Roles {
			if len(r.Code) == 4 && h.rng.IntN(2) == 0 {
				line(1, "SAMU"+string(r.Code))
			}
		}
		for range h.rng.IntN(3) {
			code := oneOf(h.rng, "DAGL", "REGN", "REVI", "LEDE", "INNH")
			switch p := oneOf(h.rng, f.parties...); {
			case p.No == o.Party:
			case p.ID.Kind == fullmakt.KindOrganisation:
				line(1, code, 5, "N", 6, "ER", 9, "KD", 41, "N", 42, p.ID.Org.String())
			case p.ID.Kind == fullmakt.KindPerson && p.ID.Person != 0:
				line(1, code, 5, "N", 6, "ER", 9, "RD", 41, "N", 49, p.ID.Person.Reveal(), 60, "KARI", 160, "NORDMANN", 327, "L")
			}
		}
	}
	path := filepath.Join(h.t.TempDir(), fmt.Sprintf("baj%05d.txt", h.run))
	text = fmt.Sprintf("HEADER 20261120%05dALTA\n%sTRAIER %07d%09d\n", h.run, text, units, lines)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	_, err := node.Import(context.Background(), h.n.Store(), node.ImportOptions{Files: []string{path}, Now: time.Unix(h.at, 0), Meaning: h.c})
	if code := fullmakt.ErrorCode(err); err != nil && code != fullmakt.CodePartial {
		h.d.fail("import: %v\n%s", err, text)
	}
}

// batchLine writes values at the columns (from 1) of a batch record.
func batchLine(fields ...any) string {
	var line []rune
	for i := 0; i < len(fields); i += 2 {
		at := fields[i].(int) - 1
		for len(line) < at {
			line = append(line, ' ')
		}
		line = append(line[:at], []rune(fields[i+1].(string))...)
	}
	return string(line) + "\n"
}

// ended checks of a revision that whatever lost in it what it rests on has ended
// in it: a delegation its basis or its agent (GIVE-6), a grant its giver (LIFE-1).
func (h *history) ended(before *facts) {
	after := replay(h.log)
	was, is := newReference(h.c, *before, h.at), newReference(h.c, after, h.at)
	for _, d := range after.delegations {
		switch same := func(g fullmakt.Agent) bool { return g.Provider == d.Provider && g.Agent == d.Agent && !g.Ended }; {
		case d.Ended:
		case was.basisHeld(d) && !is.basisHeld(d):
			h.d.fail("%+v goes on without its basis", d)
		case slices.ContainsFunc(before.agents, same) && !slices.ContainsFunc(after.agents, same):
			h.d.fail("%+v goes on without the agent relation", d)
		}
	}
	for _, g := range after.grants {
		if !g.Ended && after.dead(g.From) && !before.dead(g.From) {
			h.d.fail("%+v outlives its giver", g)
		}
	}
}

// basisHeld tells whether the provider of a delegation holds the role, or has been
// granted the package, that it rests on. Dates do not end a basis by themselves.
func (r *reference) basisHeld(d fullmakt.ClientDelegation) bool {
	return slices.ContainsFunc(r.held(d.Client), func(x step) bool {
		if d.Role == "" {
			return x.holder == d.Provider && x.kind == "grant" && x.right == "" && x.pkg == d.Package
		}
		return x.holder == d.Provider && x.kind == "role" && x.role == d.Role && !x.ended
	})
}

// compare holds the node's snapshot against the reference over the log.
func (h *history) compare() {
	s, err := h.n.Snapshot(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	f := replay(h.log)
	parties := everybody(world{log: h.log})
	at := h.at
	if h.rng.IntN(4) == 0 {
		at = oneOf(h.rng, h.times...)
	}
	r := newReference(h.c, f, at)
	h.d.instant(s, r, parties, h.rng)
	for range 4 {
		h.delegationCheck(s, r, oneOf(h.rng, parties...), oneOf(h.rng, parties...))
	}
}

// delegationCheck compares the delegation check over every package.
func (h *history) delegationCheck(s *index.Snapshot, r *reference, actor, from fullmakt.PartyNo) {
	a := &delegation.Acting{Snapshot: s, Actor: actor, At: r.at}
	giver := r.party(from)
	gives := giver.No != 0 && (giver.ID.Kind == fullmakt.KindOrganisation || giver.ID.Kind == fullmakt.KindPerson && !giver.ID.Uncertain()) && len(r.standing(from)) == 0
	want := r.pair(actor, from).gives
	var packages []catalogue.PackageID
	for p := range h.c.Packages() {
		packages = append(packages, catalogue.PackageID(p))
	}
	for _, c := range a.CheckPackages(from, 0, packages...) {
		h.checked++
		rule := want[c.Package]
		if !gives || r.party(actor).No == 0 || actor == from && giver.ID.Kind == fullmakt.KindOrganisation {
			rule = ""
		}
		if c.Give != (rule != "") || c.Give && c.Rule != rule || c.Give && len(c.Paths) == 0 || !c.Give && c.Reason == "" {
			h.d.fail("the delegation check of %d for %d, %s: %+v; the reference says %q (may give at all: %t)", actor, from, h.c.Package(c.Package).Code, c, rule, gives)
		}
	}
}
