package node_test

import (
	"cmp"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/world"
)

// corpusTime is when questions that name no time are asked.
var corpusTime = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// snapshotOf builds the snapshot of a world: by itself, without a store, unless
// the world has open data to merge.
func snapshotOf(t *testing.T, c *catalogue.Catalogue, w *world.World) *index.Snapshot {
	t.Helper()
	if len(w.OpenData) > 0 {
		n, err := node.Open(t.Context(), node.Options{Catalogue: c, World: w})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		s, err := n.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	b := index.NewBuilder(c)
	for _, change := range w.Facts() {
		b.Add(change)
	}
	return b.Build(1, corpusTime.AddDate(-5, 0, 0))
}

func mustCatalogue(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCorpus asks every question of the decision corpus and of the demo world.
// Each check is put to both lists as well: they hold the pair when something may
// be used or given, and only then.
func TestCorpus(t *testing.T) {
	c := mustCatalogue(t)
	files, err := filepath.Glob("../testdata/worlds/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d corpus files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w, err := world.Parse(filepath.Base(file), data, c)
			if err != nil {
				t.Fatal(err)
			}
			runWorld(t, c, w)
		})
	}
	t.Run("documented example", func(t *testing.T) {
		page, err := os.ReadFile("../docs/world-files.md")
		if err != nil {
			t.Fatal(err)
		}
		_, example, _ := strings.Cut(string(page), "```txtar\n")
		example, _, _ = strings.Cut(example, "```")
		w, err := world.Parse("world-files.md", []byte(example), c)
		if err != nil {
			t.Fatal(err)
		}
		runWorld(t, c, w)
	})
	t.Run("demo", func(t *testing.T) {
		w, err := world.Demo(c)
		if err != nil {
			t.Fatal(err)
		}
		runWorld(t, c, w)
	})
}

func runWorld(t *testing.T, c *catalogue.Catalogue, w *world.World) {
	t.Helper()
	s := snapshotOf(t, c, w)
	results := node.Assert(s, w, corpusTime)
	if len(results) != len(w.Questions) || len(results) == 0 {
		t.Fatalf("%d results of %d questions", len(results), len(w.Questions))
	}
	for _, r := range results {
		if !r.Pass() {
			t.Errorf("%s: %s\n\t%s", r.Question.Where, r.Question.Text, strings.Join(r.Failures, "\n\t"))
		}
		if r.Question.Kind == world.Check {
			checkLists(t, s, r)
		}
	}
}

// checkLists puts the pair of a check to the lists from both ends.
func checkLists(t *testing.T, s *index.Snapshot, r node.Result) {
	t.Helper()
	q, x := r.Explain[0], r.Explanation
	if d := pdp.Decide(s, q); d != x.Decision {
		t.Errorf("%s: Decide answers %+v, Explain %+v", r.Question.Where, d, x.Decision)
	}
	f := pdp.Filter{Package: q.Package, Right: q.Right, Role: q.Role}
	want := x.Allowed || x.MayGive
	if q.Role != 0 {
		// A role is a filter on who may use or give something at all.
		plain := pdp.Decide(s, pdp.Ask(q.Subject, q.For, q.At))
		want = want && (plain.Allowed || plain.MayGive)
	}
	by, next := pdp.ActsFor(s, q.Subject, q.At, f, 0, 1000)
	listed := slices.ContainsFunc(by, func(p pdp.Pair) bool { return p.For == q.For })
	if listed != want || next != 0 {
		t.Errorf("%s: whom the subject may act for: listed %v, want %v", r.Question.Where, listed, want)
	}
	of, next := pdp.WhoActsFor(s, q.For, q.At, f, 0, 1000)
	listed = slices.ContainsFunc(of, func(p pdp.Pair) bool { return p.Subject == q.Subject })
	if listed != want || next != 0 {
		t.Errorf("%s: who may act for the party: listed %v, want %v", r.Question.Where, listed, want)
	}
}

// TestSRC1World: what open data states in a world passes the merge of the feeds,
// which counts the differences and stores nothing. Without it the questions of
// SRC-1.txtar would show nothing.
func TestSRC1World(t *testing.T) {
	c := mustCatalogue(t)
	w, err := world.Parse("open", []byte(`-- register --
organisation 310000019 AS "Bergen AS"
organisation 310000027 AS "Trondheim AS"
person 12817010065 "Kari Nordmann"
person born 1970-01-12 "Kari Nordmann"
role DAGL at "Bergen AS" holder 12817010065
role REGN at "Bergen AS" holder "Trondheim AS"
open-data role DAGL at "Bergen AS" holder "Kari Nordmann born 1970-01-12"
open-data role LEDE at "Bergen AS" holder "Trondheim AS"
open-data role REVI at "Trondheim AS" holder "Bergen AS"
`), c)
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	n, err := node.Open(t.Context(), node.Options{Catalogue: c, World: w, Log: slog.New(slog.NewTextHandler(&logged, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	// REGN is left out, LEDE and REVI are new; one managing director is as many
	// as one.
	if !strings.Contains(logged.String(), "world=open units=2 differences=3") {
		t.Errorf("logged %q, want three differences at two units", logged.String())
	}
	if head, err := n.Store().Head(t.Context()); err != nil || head.Seq != 1 {
		t.Errorf("head = %d, %v, want only the world's own revision", head.Seq, err)
	}
}

// TestAssertTellsWhatDiffers makes wrong expectations fail, each with what it was.
func TestAssertTellsWhatDiffers(t *testing.T) {
	c := mustCatalogue(t)
	const facts = `-- register --
organisation 310000019 AS "Bergen AS"
organisation 310000027 AS "Trondheim AS"
person 12817010065 "Kari Nordmann"
person 03918510094 "Ola Hansen"
role DAGL at "Bergen AS" holder "Trondheim AS"
role DAGL at "Trondheim AS" holder kari
-- questions --
`
	for _, tt := range []struct{ question, want string }{
		{`check kari for "Bergen AS" package skatt-naering: no`, "answered yes (held_via_nesting), expected no"},
		{`check ola for "Bergen AS" package skatt-naering: yes`, "answered no (no_relation), expected yes"},
		{`check kari for "Bergen AS": yes held_via_role`, "the reason is held_via_nesting, expected held_via_role"},
		{`check kari for "Bergen AS": yes, may not give`, "may give, expected may not give"},
		{`check ola for "Bergen AS": no, may give`, "may not give, expected may give"},
		{`check kari for "Bergen AS": yes, uncertain`, "certain, expected uncertain"},
		{`check kari for "Bergen AS" package skatt-naering: yes, may give by GIVE-2`, "may give by GIVE-1, expected by GIVE-2"},
		{`check kari for "Bergen AS" package regnskapsforer-lonn: no, may not give not_administrator`, "may not give for not_assignable, expected for not_administrator"},
		{`check kari for "Bergen AS": yes, state deleted`, "the state is active, expected deleted"},
		{`check kari for "Bergen AS": yes, paths DIRECT NEST`, "the paths are NEST, expected DIRECT NEST"},
		{`check ola for "Bergen AS": no, misses nesting_limit`, "the near misses are none, expected nesting_limit"},
		{`list by kari: kari, "Bergen AS"`, "the list holds Trondheim AS, which is not expected"},
		{`list for "Bergen AS": "Trondheim AS", kari, ola`, "the list lacks Ola Hansen, which is expected"},
	} {
		t.Run(tt.question, func(t *testing.T) {
			w, err := world.Parse("wrong", []byte(facts+tt.question+"\n"), c)
			if err != nil {
				t.Fatal(err)
			}
			results := node.Assert(snapshotOf(t, c, w), w, corpusTime)
			if len(results) != 1 || len(results[0].Failures) != 1 || results[0].Failures[0] != tt.want {
				t.Fatalf("failures %q, want %q", results[0].Failures, tt.want)
			}
			if len(results[0].Explain) != 1 {
				t.Errorf("%d questions to explain, want 1", len(results[0].Explain))
			}
		})
	}
}

// TestAssertAsksAtTheGivenTime shows which time a question without one means.
func TestAssertAsksAtTheGivenTime(t *testing.T) {
	c := mustCatalogue(t)
	w, err := world.Parse("time", []byte(`-- register --
organisation 310000019 AS "Bergen AS"
person 12817010065 "Kari Nordmann"
grant skatt-naering from "Bergen AS" to kari until 2026-03-03
-- questions --
check kari for "Bergen AS": yes held_via_grant
at 2026-03-04
check kari for "Bergen AS": no expired
`), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range node.Assert(snapshotOf(t, c, w), w, corpusTime) {
		if !r.Pass() {
			t.Errorf("%s: %q", r.Question.Where, r.Failures)
		}
	}
}

// TestAroundSeesClients: the few facts that a check reads from the store answer the
// worlds of client delegations and rights as the whole register does.
func TestAroundSeesClients(t *testing.T) {
	c := mustCatalogue(t)
	for _, name := range []string{"CLIENT", "SCOPE-1", "rettigheter"} {
		data, err := os.ReadFile("../testdata/worlds/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		w, err := world.Parse(name, data, c)
		if err != nil {
			t.Fatal(err)
		}
		n, err := node.Open(t.Context(), node.Options{Catalogue: c, World: w})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		whole, err := n.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range node.Assert(whole, w, corpusTime) {
			if r.Question.Kind != world.Check {
				continue
			}
			q := r.Explain[0]
			s, err := n.Around(t.Context(), time.Time{}, q.Subject, q.For)
			if err != nil {
				t.Fatal(err)
			}
			if q.Right != 0 { // numbered anew
				q.Right = cmp.Or(s.Right(r.Question.Resource, r.Question.Right), pdp.UnknownRight)
			}
			got, want := pdp.Explain(s, q), r.Explanation
			if got.Decision != want.Decision || len(got.Paths) != len(want.Paths) || len(got.NearMisses) != len(want.NearMisses) {
				t.Errorf("%s: %s\n\taround: %+v\n\twhole:  %+v", name, r.Question.Text, got, want)
			}
		}
	}
}
