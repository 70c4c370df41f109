package node_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/enhetsregisteret"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/xacml"
)

// The benchmarks run over a synthetic Norway of the scale FULLMAKT_BENCH_SCALE
// (default 0.01). With FULLMAKT_BENCH_DIR the generated files and the store are
// kept there and used again, which a large scale needs.
//
//	FULLMAKT_BENCH_SCALE=1 FULLMAKT_BENCH_DIR=/var/tmp/norway go test -run '^$' -bench . ./node
type norway struct {
	dir   string
	node  *node.Node
	s     *index.Snapshot
	pairs []pair // public identifiers of subjects and objects, half of them yes
}

type pair struct{ subject, object fullmakt.PartyID }

// BenchmarkNorway makes the register once and measures over it.
func BenchmarkNorway(b *testing.B) {
	w, err := makeNorway(b)
	if err != nil {
		b.Fatal(err)
	}
	defer w.node.Close()
	for _, bench := range []struct {
		name string
		run  func(*testing.B, *norway)
	}{
		{"RandomRead", benchRandomRead},
		{"Decide", benchDecide},
		{"Explain", benchExplain},
		{"DecideService", benchDecideService},
		{"ActsForAccountant", benchActsForAccountant},
		{"Apply", benchApply},
		{"Restart", benchRestart},
		{"DecideWhileChanging", benchDecideWhileChanging},
		{"Size", benchSize},
	} {
		b.Run(bench.name, func(b *testing.B) { bench.run(b, w) })
	}
}

func makeNorway(b *testing.B) (*norway, error) {
	ctx := context.Background()
	scale := 0.01
	if s := os.Getenv("FULLMAKT_BENCH_SCALE"); s != "" {
		var err error
		if scale, err = strconv.ParseFloat(s, 64); err != nil {
			return nil, err
		}
	}
	dir := os.Getenv("FULLMAKT_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	store := filepath.Join(dir, "store")
	if err := os.MkdirAll(store, 0o700); err != nil {
		return nil, err
	}
	c, err := catalogue.Embedded()
	if err != nil {
		return nil, err
	}
	_, missing := os.Stat(store + ".key")
	n, err := node.Open(ctx, node.Options{Data: store, KeyFile: store + ".key", CreateKey: missing != nil, Catalogue: c})
	if err != nil {
		return nil, err
	}
	if head, err := n.Store().Head(ctx); err != nil {
		return nil, err
	} else if head.Seq == 0 {
		if err := fillNorway(ctx, n, filepath.Join(dir, "files"), scale); err != nil {
			return nil, err
		}
	}
	// A register made before may have a snapshot file of an older form.
	if err := n.KeepSnapshot(ctx); err != nil {
		return nil, err
	}
	s, err := n.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	w := &norway{dir: dir, node: n, s: s}
	w.drawPairs(1 << 16)
	return w, nil
}

// fillNorway generates a register in which every person has an identity number, and
// imports it.
func fillNorway(ctx context.Context, n *node.Node, files string, scale float64) error {
	if err := os.MkdirAll(files, 0o700); err != nil {
		return err
	}
	options := enhetsregisteret.GenerateOptions{Seed: 1, Scale: scale, Date: fullmakt.NewDate(2026, 11, 20), CCRAll: true}
	if _, err := enhetsregisteret.Generate(ctx, files, options); err != nil {
		return err
	}
	all, err := filepath.Glob(filepath.Join(files, "*"))
	if err != nil {
		return err
	}
	_, err = node.Import(ctx, n.Store(), node.ImportOptions{Files: all, Now: time.Now(), StagingDir: filepath.Join(files, "staging")})
	return err
}

// drawPairs draws questions between parties with public numbers: half between a
// subject and something it, or an organisation it is key holder of, has a role
// at, or a sub-unit of that; half between strangers.
func (w *norway) drawPairs(n int) {
	rng := rand.New(rand.NewPCG(1, 2))
	party := func() fullmakt.PartyNo { return fullmakt.PartyNo(1 + rng.IntN(int(w.s.Last()))) }
	organisation := func() fullmakt.PartyNo {
		for {
			if p := party(); w.s.Kind(p) == fullmakt.KindOrganisation {
				return p
			}
		}
	}
	public := func(p fullmakt.PartyNo) bool { return p != 0 && w.s.Lookup(w.s.ID(p)) == p }
	for len(w.pairs) < n {
		object := organisation()
		subject := party()
		if len(w.pairs)%2 == 0 {
			unit := object
			if parent := w.s.Node(object).Parent; parent != 0 {
				unit = parent
			}
			_, holders, _ := w.s.Look(unit)
			if len(holders) == 0 {
				continue
			}
			h := holders[rng.IntN(len(holders))]
			subject = h.Party
			if h.HolderIsOrganisation() {
				if _, next, _ := w.s.Look(h.Party); len(next) > 0 {
					subject = next[rng.IntN(len(next))].Party
				}
			}
		}
		if public(subject) && public(object) {
			w.pairs = append(w.pairs, pair{w.s.ID(subject), w.s.ID(object)})
		}
	}
}

// benchRandomRead is the unit that absolute figures are given beside: one
// dependent random read in an array the size of the index.
func benchRandomRead(b *testing.B, w *norway) {
	words := int(w.s.Stats().TotalBytes / 8)
	next := make([]uint64, words)
	// A single cycle through all words (Sattolo), so that every read depends on
	// the one before and none is foreseen.
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range next {
		next[i] = uint64(i)
	}
	for i := words - 1; i > 0; i-- {
		j := rng.IntN(i)
		next[i], next[j] = next[j], next[i]
	}
	at := uint64(0)
	for b.Loop() {
		at = next[at]
	}
	if at == uint64(words) {
		b.Log(at)
	}
}

func packageID(b *testing.B, w *norway, code string) catalogue.PackageID {
	b.Helper()
	p, ok := w.s.Catalogue().FindPackage(code)
	if !ok {
		b.Fatalf("no package %s", code)
	}
	return p.ID
}

// benchDecide asks for one package between public identifiers, as a served
// check does: half yes and half no.
func benchDecide(b *testing.B, w *norway) {
	pkg := packageID(b, w, "skatt-naering")
	now := w.s.At().Unix()
	yes := 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := &w.pairs[i&(len(w.pairs)-1)]
		subject, object := w.s.LookupPair(p.subject, p.object)
		q := pdp.Ask(subject, object, now)
		q.Package = pkg
		if pdp.Decide(w.s, q).Allowed {
			yes++
		}
	}
	b.ReportMetric(float64(yes)/float64(b.N), "yes/op")
}

// benchExplain asks the same with all paths and near misses.
func benchExplain(b *testing.B, w *norway) {
	pkg := packageID(b, w, "skatt-naering")
	now := w.s.At().Unix()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := &w.pairs[i&(len(w.pairs)-1)]
		q := pdp.Ask(w.s.Lookup(p.subject), w.s.Lookup(p.object), now)
		q.Package = pkg
		pdp.Explain(w.s, q)
	}
}

// benchDecideService asks whether a party may do something on a service whose
// policy, as service owners write them, has ten rules that name roles and packages.
// Half of the pairs are related.
func benchDecideService(b *testing.B, w *norway) {
	s := w.s.Apply(w.s.Seq()+1, w.s.At(), []fullmakt.Change{
		fullmakt.Document{Kind: fullmakt.DocumentResource, ID: "skattemelding", Body: []byte(`{"identifier":"skattemelding","title":{"nb":"Skattemelding"},"hasCompetentAuthority":{"orgcode":"skd","organization":"310000019"}}`)},
		fullmakt.Document{Kind: fullmakt.DocumentPolicy, ID: "skattemelding", Body: []byte(tenRules())},
	})
	d := registry.Decider{Snapshot: s, View: w.node.Registry(s)}
	q := registry.Question{Resource: "skattemelding", Action: "read", At: s.At()}
	decide := func(i int) xacml.Decision {
		p := &w.pairs[i&(len(w.pairs)-1)]
		q.Subject, q.For = s.LookupPair(p.subject, p.object)
		return d.Decide(&q).Decision
	}
	for i := 0; decide(i) != xacml.Permit; i++ {
		if i == len(w.pairs) {
			b.Fatal("the policy lets nobody in")
		}
	}
	yes := 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if decide(i) == xacml.Permit {
			yes++
		}
	}
	b.ReportMetric(float64(yes)/float64(b.N), "yes/op")
}

// tenRules is a policy: nine rules of one action each for roles and packages that
// few hold, and one that lets whoever may use skatt-naering read.
func tenRules() string {
	match := func(category, id, value string) string {
		return fmt.Sprintf(`<AnyOf><AllOf><Match MatchId="urn:oasis:names:tc:xacml:1.0:function:string-equal"><AttributeValue DataType="%s">%s</AttributeValue><AttributeDesignator Category="%s" AttributeId="%s" DataType="%s" MustBePresent="false"/></Match></AllOf></AnyOf>`,
			xacml.TypeString, value, category, id, xacml.TypeString)
	}
	rule := func(id int, subject, value, action string) string {
		return fmt.Sprintf(`<Rule RuleId="r%d" Effect="Permit"><Target>%s%s%s</Target></Rule>`, id,
			match(xacml.CategoryAccessSubject, subject, value), match(xacml.CategoryResource, registry.AttributeResource, "skattemelding"), match(xacml.CategoryAction, registry.AttributeAction, action))
	}
	var rules string
	for i := range 9 {
		rules += rule(i, registry.AttributeRole, "komk", fmt.Sprint("action", i))
	}
	rules += rule(9, registry.AttributePackage, "skatt-naering", "read")
	return `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides"><Target/>` + rules + `</Policy>`
}

// keyHolder returns a person who is key holder of the biggest accountant.
func (w *norway) keyHolder(b *testing.B) fullmakt.PartyNo {
	b.Helper()
	regn := w.s.Terms().REGN
	var accountant fullmakt.PartyNo
	most := 0
	for p := fullmakt.PartyNo(1); p <= w.s.Last(); p++ {
		if _, _, held := w.s.Look(p); len(held) > most && held[len(held)/2].Role() == regn {
			accountant, most = p, len(held)
		}
	}
	v := w.s.Catalogue().At(w.s.At().Unix())
	_, holders, _ := w.s.Look(accountant)
	for _, e := range holders {
		if v.Key(e.Role()) && !e.Ended() && !e.HolderIsOrganisation() && w.s.Node(e.Party).Flags&index.Dead == 0 {
			return e.Party
		}
	}
	b.Fatal("the biggest accountant has no living key holder")
	return 0
}

// benchActsForAccountant walks the whole list of a key holder of the biggest
// accountant, and lays out its first page.
func benchActsForAccountant(b *testing.B, w *norway) {
	holder := w.keyHolder(b)
	now := w.s.At().Unix()
	b.Run("walk", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n = pdp.CountActsFor(w.s, holder, now, pdp.All)
		}
		b.ReportMetric(float64(n), "parties")
	})
	b.Run("first-page-of-100", func(b *testing.B) {
		for b.Loop() {
			pdp.ActsFor(w.s, holder, now, pdp.All, 0, 100)
		}
	})
	b.Run("all-with-packages", func(b *testing.B) {
		for b.Loop() {
			pdp.ActsFor(w.s, holder, now, pdp.All, 0, 1<<30)
		}
	})
}

// benchApply changes one organisation's roles: its managing director leaves
// and comes back.
func benchApply(b *testing.B, w *norway) {
	ctx := context.Background()
	var unit fullmakt.Organisation
	for p := fullmakt.PartyNo(1); p <= w.s.Last(); p++ {
		if _, holders, _ := w.s.Look(p); len(holders) == 5 {
			facts, err := w.node.Store().FactsAt(ctx, w.s.Seq(), []fullmakt.PartyNo{p})
			if err != nil {
				b.Fatal(err)
			}
			for _, f := range facts {
				if o, ok := f.(fullmakt.Organisation); ok {
					unit = o
				}
			}
			break
		}
	}
	if len(unit.Roles) == 0 {
		b.Fatal("no unit with five holders")
	}
	less := unit
	less.Roles = unit.Roles[1:]
	s := w.s
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		change := fullmakt.Change(less)
		if i%2 == 1 {
			change = unit
		}
		s = s.Apply(s.Seq()+1, s.At(), []fullmakt.Change{change})
	}
}

// benchRestart opens the node and gives its first answer, from the snapshot
// file and without it.
func benchRestart(b *testing.B, w *norway) {
	ctx := context.Background()
	store := filepath.Join(w.dir, "store")
	answer := func(b *testing.B) {
		n, err := node.Open(ctx, node.Options{Data: store, KeyFile: store + ".key", Catalogue: w.s.Catalogue()})
		if err != nil {
			b.Fatal(err)
		}
		defer n.Close()
		s, err := n.Snapshot(ctx)
		if err != nil {
			b.Fatal(err)
		}
		p := w.pairs[0]
		pdp.Decide(s, pdp.Ask(s.Lookup(p.subject), s.Lookup(p.object), s.At().Unix()))
	}
	b.Run("snapshot-file", func(b *testing.B) {
		for b.Loop() {
			answer(b)
		}
	})
	b.Run("store-alone", func(b *testing.B) {
		file := filepath.Join(store, node.SnapshotFile)
		if err := os.Rename(file, file+".aside"); err != nil {
			b.Fatal(err)
		}
		defer os.Rename(file+".aside", file)
		for b.Loop() {
			answer(b)
		}
	})
}

// benchDecideWhileChanging measures single checks while ten changes a second
// are applied, and reports the median and the 99th percentile.
func benchDecideWhileChanging(b *testing.B, w *norway) {
	pkg := packageID(b, w, "skatt-naering")
	now := w.s.At().Unix()
	for _, rate := range []int{0, 10} {
		b.Run(fmt.Sprintf("%d-changes-a-second", rate), func(b *testing.B) {
			s := w.s
			published := time.Now()
			took := make([]time.Duration, 0, 1<<20)
			for i := 0; b.Loop(); i++ {
				if rate > 0 && time.Since(published) > time.Second/time.Duration(rate) {
					published = time.Now()
					s = s.Apply(s.Seq()+1, s.At(), []fullmakt.Change{fullmakt.Person{Party: w.s.Lookup(w.pairs[i&(len(w.pairs)-1)].subject)}})
				}
				p := &w.pairs[i&(len(w.pairs)-1)]
				start := time.Now()
				q := pdp.Ask(s.Lookup(p.subject), s.Lookup(p.object), now)
				q.Package = pkg
				pdp.Decide(s, q)
				if len(took) < cap(took) {
					took = append(took, time.Since(start))
				}
			}
			sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
			b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
			b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns")
		})
	}
}

// benchSize reports what the whole register takes in memory.
func benchSize(b *testing.B, w *norway) {
	var t index.Stats
	for b.Loop() {
		t = w.s.Stats()
	}
	b.ReportMetric(float64(t.Relationships()), "relationships")
	b.ReportMetric(float64(t.EdgeBytes)/float64(t.Relationships()), "B/relationship")
	b.ReportMetric(float64(t.TotalBytes)/(1<<20), "MB")
}
