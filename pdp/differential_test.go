package pdp_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
)

// TestEngineIsReference asks engine and reference the same questions about random
// worlds. FULLMAKT_DIFF_QUESTIONS says how many questions to ask at least, and
// FULLMAKT_DIFF_SEED where to begin; both are fixed without, so that a test run
// does not depend on luck.
func TestEngineIsReference(t *testing.T) {
	want, seed := 60_000, 0
	if testing.Short() {
		want = 15_000
	}
	number(t, "FULLMAKT_DIFF_QUESTIONS", &want)
	number(t, "FULLMAKT_DIFF_SEED", &seed)
	gen, cats := worlds(), catalogues()
	asked, listed, seen := 0, 0, 0
	for round := 1; asked < want; round++ {
		setRapid(t, "rapid.seed", strconv.Itoa(seed+round*1000))
		setRapid(t, "rapid.checks", "20")
		setRapid(t, "rapid.nofailfile", "true")
		rapid.Check(t, func(rt *rapid.T) {
			w := gen.Draw(rt, "world")
			d := &differ{fail: func(format string, args ...any) {
				rt.Fatalf("%s\nin the world (dated catalogue: %t)\n%s", fmt.Sprintf(format, args...), w.dated, w)
			}}
			d.world(cats, w)
			asked, listed, seen = asked+d.asked, listed+d.listed, seen+1
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%d questions about %d worlds, and lists of %d lines: no difference", asked, seen, listed)
}

// number reads a number from the environment.
func number(t *testing.T, name string, n *int) {
	if s := os.Getenv(name); s != "" {
		var err error
		if *n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
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

// differ compares engine and reference over one world.
type differ struct {
	fail   func(format string, args ...any) // ends the comparison
	wrong  wrongRule
	asked  int // questions
	listed int // lines of lists
}

// world compares everything that can be asked about a world.
func (d *differ) world(cats worldCatalogues, w world) {
	c := cats.of(w)
	rng := rand.New(rand.NewPCG(uint64(len(w.log)), 7))
	s := build(c, w.log)
	applied := d.replays(c, w, s, rng)
	f := replay(w.log)
	for _, at := range w.times {
		r := newReference(c, f, at)
		r.wrong = d.wrong
		d.instant([]*index.Snapshot{s, applied}[rng.IntN(2)], r, everybody(w), rng)
	}
}

// everybody lists all parties there ever were, and one that never was.
func everybody(w world) (list []fullmakt.PartyNo) {
	for _, change := range w.log {
		if p, ok := change.(fullmakt.Party); ok && !slices.Contains(list, p.No) {
			list = append(list, p.No)
		}
	}
	slices.Sort(list)
	return append(list, list[len(list)-1]+1)
}

func build(c *catalogue.Catalogue, log []fullmakt.Change) *index.Snapshot {
	b := index.NewBuilder(c)
	for _, change := range log {
		b.Add(change)
	}
	return b.Build(9, time.Unix(noon, 0))
}

// replays checks that a snapshot does not depend on how the log came: it is the
// same when the log is applied in random batches. It returns that one.
func (d *differ) replays(c *catalogue.Catalogue, w world, built *index.Snapshot, rng *rand.Rand) *index.Snapshot {
	s := build(c, nil)
	for log := w.log; len(log) > 0; {
		n := 1 + rng.IntN(len(log))
		s = s.Apply(built.Seq(), built.At(), log[:n])
		log = log[n:]
	}
	if s.Digest() != built.Digest() {
		d.fail("the digest after Apply in batches differs from the Builder's")
	}
	for _, p := range everybody(w) {
		if diff := cmp.Diff(inside(built, p), inside(s, p)); diff != "" {
			d.fail("party %d after Apply in batches (-Builder +Apply)\n%s", p, diff)
		}
	}
	return s
}

// inside writes what a snapshot holds of a party, both ends of every relation
// included. Role ids of codes that the catalogue lacks may differ, so it writes
// codes, and in the order of the text.
func inside(s *index.Snapshot, p fullmakt.PartyNo) []string {
	n, holders, held := s.Look(p)
	list := []string{fmt.Sprint(n.Kind, n.State, n.Flags, n.Parent, s.Form(p), s.DeletedOn(p), s.Source(p), s.Name(p), s.ID(p), s.Lookup(s.ID(p)))}
	for side, edges := range map[string][]index.Edge{"held by": holders, "holds at": held} {
		for _, e := range edges {
			list = append(list, fmt.Sprintln(side, e.Party, s.RoleCode(e.Role()), e.Ended(), e.Derived(), e.HolderIsOrganisation(), e.Grant(), e.SubUnit(), e.Client(), e.Agent(), e.Since()))
			switch {
			case side != "held by":
			case e.Grant():
				for _, g := range s.Grants(p, e.Party) {
					resource, right := s.RightName(g.Right)
					g.Right = 0 // numbered in the order of the log
					list = append(list, fmt.Sprint(g, resource, right))
				}
			case e.Client():
				for _, d := range s.Delegations(p, e.Party) {
					code := s.RoleCode(d.Role)
					d.Role = 0 // as above
					list = append(list, fmt.Sprint(d, code))
				}
			case e.Agent():
				list = append(list, fmt.Sprint(s.Agent(p, e.Party)))
			}
		}
	}
	slices.Sort(list)
	return list
}

// instant compares every pair at one time, and the lists that the pairs make up.
func (d *differ) instant(s *index.Snapshot, r *reference, parties []fullmakt.PartyNo, rng *rand.Rand) {
	c := s.Catalogue()
	pairs := map[[2]fullmakt.PartyNo]pair{}
	for _, subject := range parties {
		for _, object := range parties {
			p := r.pair(subject, object)
			pairs[[2]fullmakt.PartyNo{subject, object}] = p
			for _, q := range questions(c, p, rng) {
				d.question(s, r, p, q)
			}
		}
	}
	if d.wrong == (wrongRule{}) || d.wrong.enkOneWay { // all but that one show in the answers
		d.lists(s, r, pairs, parties, rng)
	}
}

// questions picks what to ask about a pair: always for anything, and some
// packages and roles that its candidates have to do with, and some others.
func questions(c *catalogue.Catalogue, p pair, rng *rand.Rand) []question {
	list := []question{{pkg: catalogue.NoPackage}}
	packages := []catalogue.PackageID{catalogue.PackageID(rng.IntN(len(c.Packages()))), packageID(c, worldPackages[rng.IntN(len(worldPackages)-1)])}
	roles := []fullmakt.RoleCode{worldRoles[rng.IntN(len(worldRoles))]}
	if len(p.candidates) > 0 {
		one := p.candidates[rng.IntN(len(p.candidates))]
		start := rng.IntN(len(c.Packages()))
		for i := range c.Packages() {
			if k := (start + i) % len(c.Packages()); one.use[k] || one.otherForm[k] {
				packages = append(packages, catalogue.PackageID(k))
				break
			}
		}
		if role := one.steps[0].role; role != "" {
			roles = append(roles, role)
			if id := c.RoleID(role); id != 0 {
				m := c.RoleMaps()[rng.IntN(len(c.RoleMaps()))]
				for _, other := range c.RoleMaps() {
					if other.Has == id && (m.Has != id || rng.IntN(4) == 0) {
						m = other
					}
				}
				roles = append(roles, c.Role(m.Gets).Code)
				for _, other := range c.RoleMaps() { // two steps from the role
					if other.Has == m.Gets && rng.IntN(8) == 0 {
						roles = append(roles, c.Role(other.Gets).Code)
						break
					}
				}
			}
		}
	}
	for _, k := range packages {
		list = append(list, question{pkg: k})
	}
	right := worldRights[rng.IntN(len(worldRights))]
	for _, one := range p.candidates {
		for _, x := range worldRights {
			if one.right == x.resource+"/"+x.right && rng.IntN(2) == 0 {
				right = x
			}
		}
	}
	list = append(list, question{pkg: catalogue.NoPackage, right: right.resource + "/" + right.right})
	for _, code := range roles {
		list = append(list, question{pkg: catalogue.NoPackage, role: code})
	}
	return list
}

// rightID is the number of a right, written resource/right; 0 when nobody knows it.
func rightID(s *index.Snapshot, name string) index.RightID {
	resource, right, _ := strings.Cut(name, "/")
	return s.Right(resource, right)
}

func packageID(c *catalogue.Catalogue, code string) catalogue.PackageID {
	p, ok := c.FindPackage(code)
	if !ok {
		panic("no package " + code)
	}
	return p.ID
}

// question compares one answer: the decision, and all of its explanation.
func (d *differ) question(s *index.Snapshot, r *reference, p pair, q question) {
	query := pdp.Query{Subject: p.subject, For: p.onBehalfOf, Package: q.pkg, At: r.at}
	if q.role != "" {
		if query.Role = s.RoleID(q.role); query.Role == 0 {
			return // a code that no fact and no catalogue knows cannot be asked about
		}
	}
	if q.right != "" {
		if query.Right = rightID(s, q.right); query.Right == 0 {
			return // nobody was ever given it
		}
	}
	d.asked++
	want, got := r.ask(q, p).comparable(), engineAnswer(s, query).comparable()
	if diff := cmp.Diff(want, got); diff != "" {
		name := "anything"
		if q.pkg != catalogue.NoPackage {
			name = s.Catalogue().Package(q.pkg).Code
		}
		d.fail("may %d use %s%s%s for %d at %s? (-reference +engine)\n%s", p.subject, name, q.role, q.right, p.onBehalfOf, time.Unix(r.at, 0).In(oslo), diff)
	}
}

// comparableAnswer is an answer for cmp.Diff, with paths in one order.
type comparableAnswer struct {
	Allowed, MayGive, Uncertain bool
	Reason                      fullmakt.Reason
	GiveRule                    fullmakt.Rule
	State                       fullmakt.OrgState
	Paths, Misses               []string
	Inconsistent                string // what the engine's own answers disagree on
}

func (a answer) comparable() comparableAnswer {
	return comparableAnswer{a.allowed, a.mayGive, a.uncertain, a.reason, a.giveRule, a.state, lines(a.paths), lines(a.misses), a.inconsistent}
}

// engineAnswer asks the engine, check and explanation both.
func engineAnswer(s *index.Snapshot, q pdp.Query) answer {
	d, e := pdp.Decide(s, q), pdp.Explain(s, q)
	a := answer{allowed: d.Allowed, mayGive: d.MayGive, uncertain: d.Uncertain, reason: d.Reason, state: d.State, giveRule: e.GiveRule}
	switch {
	case d != e.Decision:
		a.inconsistent = fmt.Sprintf("Decide says %+v, Explain %+v", d, e.Decision)
	case d.Revision != s.Seq() || d.At != q.At:
		a.inconsistent = fmt.Sprintf("revision %d and time %d, asked at %d and %d", d.Revision, d.At, s.Seq(), q.At)
	case (q.Package != catalogue.NoPackage || q.Right != 0) && ((e.GiveRule == "") == d.MayGive || (e.GiveReason == "") != d.MayGive):
		a.inconsistent = fmt.Sprintf("may give: %t, by rule %q, not for %q", d.MayGive, e.GiveRule, e.GiveReason)
	case q.Package == catalogue.NoPackage && q.Right == 0 && (e.GiveRule != "" || e.GiveReason != ""):
		a.inconsistent = "a rule or reason of giving, though neither a package nor a right is named"
	}
	if s.Kind(q.For) != fullmakt.KindOrganisation {
		a.state = 0 // of organisations only
	}
	for _, p := range e.Paths {
		a.paths = append(a.paths, trail{base: p.Rule, extension: p.Extension, via: p.Via, give: p.Give, steps: steps(s, p.Steps)})
	}
	for _, m := range e.NearMisses {
		if m.Rule != fullmakt.StoppedBy(m.Reason) {
			a.inconsistent = fmt.Sprintf("near miss %s stopped by rule %s", m.Reason, m.Rule)
		}
		a.misses = append(a.misses, trail{base: m.Base, extension: m.Extension, via: m.Via, reason: m.Reason, steps: steps(s, m.Steps)})
	}
	return a
}

func steps(s *index.Snapshot, from []pdp.Step) (list []step) {
	for _, x := range from {
		y := step{kind: string(x.Kind), at: x.At, holder: x.Holder, role: s.RoleCode(x.Role), derived: x.Derived, since: x.Since, source: x.Source, valid: x.Valid}
		switch {
		case x.Package != catalogue.NoPackage:
			y.pkg = s.Catalogue().Package(x.Package).Code
		case x.Right != 0:
			resource, right := s.RightName(x.Right)
			y.right = resource + "/" + right
		case x.Kind == pdp.StepGrant || x.Kind == pdp.StepClient:
			y.pkg = unknownPackage
		}
		list = append(list, y)
	}
	return list
}
